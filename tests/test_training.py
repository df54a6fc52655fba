"""Training: every target that has labels, thresholds that keep their promise, the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from minyi.errors import InputError
from minyi.learning import hashing
from minyi.learning.persistence import load_model, save_model
from minyi.learning.sentences import DIMENSIONS, as_sentence, encode
from minyi.learning.training import TrainingSet, train
from minyi.learning.trust import FALSE_ALARMS
from minyi.schema import PRECISIONS, Submission
from minyi.text.segmentation import Segmenter
from small_corpus import CODES, STEMS, label_model, model, small_set

TOY = [Submission(text) for text in ["路灯坏了没人修", "路灯不亮", "低保怎么申请", "申请低保"] * 3]
LABELS = ["灯", "灯", "低保", "低保"] * 3


def test_every_target_with_labels_gets_a_head_and_a_threshold() -> None:
    scorer, manifest = model().scorer, model().manifest
    assert set(scorer.heads) == {"stem", "kind", "department", "urgent"}
    assert scorer.heads["stem"] == STEMS
    assert scorer.codes == tuple(sorted(CODES))
    own = manifest["thresholds"]
    scored = {"level1", "level2", "level3", "kind", "department"}
    assert set(own) == {*scored, "urgent", "level"}
    assert 0 < own["urgent"] <= 1
    assert 0 <= own["level"] <= 1
    for target in scored:
        asked = [own[target][f"{precision:.2f}"] for precision in PRECISIONS]
        assert asked == sorted(asked)
        assert 0 < asked[0] <= asked[-1] <= 1


def test_labels_of_an_office_s_own_make_a_flat_head() -> None:
    own = label_model()
    assert own.scorer.heads == {"category": ("公安口", "城建口", "社保口")}
    assert (own.scorer.codes, own.uses_taxonomy, own.scorer.segments) == ((), False, False)


def test_the_manifest_says_where_the_model_comes_from() -> None:
    manifest = model().manifest
    assert manifest["name"] == "小样"
    assert manifest["scheme"] == "taxonomy"
    assert manifest["n_submissions"] == len(small_set().submissions)
    assert set(manifest["versions"]) == {"minyi", "python", "numpy", "scikit-learn"}


def test_the_manifest_keeps_the_words_that_training_cut_by() -> None:
    own = train(TrainingSet(TOY, {"category": LABELS}, False), name="x", user_words=["灯坏"])
    assert own.manifest["user_words"] == ["灯坏"]


def test_the_manifest_tells_what_held_out_rows_say() -> None:
    manifest = model().manifest
    n = len(small_set().submissions)
    assert set(manifest["metrics"]) == {"category", "kind", "department", "urgent"}
    for target in ("category", "kind", "department"):
        found = dict(manifest["metrics"][target])
        assert found.pop("n_held_out") == n
        assert 0 < found.pop("accuracy") < 1
        assert 0 <= found.pop("calibration_error") < 0.3
        assert sum(number for _, _, number in found.pop("reliability")) == n
        coverage = found.pop("coverage")
        shares = [coverage[f"{precision:.2f}"] for precision in PRECISIONS]
        assert 1 >= shares[0] >= shares[-1] >= 0
        assert shares == sorted(shares, reverse=True)
        confusion = found.pop("confusion", {}) if target == "category" else {}
        assert sum(sum(row.values()) for row in confusion.values()) in (0, n)
        assert found == {}
    assert json.loads(json.dumps(manifest["metrics"]))["kind"]["n_held_out"] == n


def test_of_urgent_the_manifest_tells_what_is_found_and_what_is_a_false_alarm() -> None:
    found = model().manifest["metrics"]["urgent"]
    assert set(found) == {"n_held_out", "recall", "false_alarms"}
    assert 0 < found["recall"] <= 1
    others = small_set().labels["urgent"].count("0")
    assert found["false_alarms"] <= max(2 / others, FALSE_ALARMS) + 1e-4


def test_about_goes_into_the_manifest() -> None:
    own = train(
        TrainingSet(TOY, {"category": LABELS}, False), name="x", about={"date": "2026-01-01"}
    )
    assert own.manifest["date"] == "2026-01-01"


def test_training_twice_gives_identical_bytes(tmp_path: Path) -> None:
    save_model(model(), tmp_path / "first")
    save_model(train(small_set(), name="另一个名字"), tmp_path / "second")
    first, second = ((tmp_path / name / "weights.npz").read_bytes() for name in ("first", "second"))
    assert first == second


def test_rows_without_a_label_do_not_count_for_its_target() -> None:
    gaps = [*["投诉", "咨询"] * 4, "", "", "", ""]
    gappy = train(TrainingSet(TOY, {"category": LABELS, "kind": gaps}, False), name="x")
    assert gappy.scorer.heads["kind"] == ("咨询", "投诉")


def test_a_model_learns_what_it_was_taught(tmp_path: Path) -> None:
    save_model(train(TrainingSet(TOY, {"category": LABELS}, False), name="x"), tmp_path)
    assert load_model(tmp_path).scorer.heads["category"] == ("低保", "灯")


@pytest.mark.parametrize("is_taxonomy", [True, False])
def test_a_model_that_would_grow_too_large_drops_features_and_still_knows(
    is_taxonomy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = small_set().labels["category"]
    data = TrainingSet(small_set().submissions, {"category": codes}, is_taxonomy)
    monkeypatch.setattr("minyi.learning.training._MOST_WEIGHTS", 600 * len(CODES))
    small = train(data, name="x").scorer
    assert small.weights.shape[0] == len(small.columns) == len(small.idf) == 600
    assert (np.diff(small.columns) > 0).all()
    assert len(model().scorer.columns) > 600
    titles, texts = [s.title for s in data.submissions], [s.text for s in data.submissions]
    X = small.weigh(hashing.extract(titles, texts, Segmenter().cut))
    head = small.top
    best = small.probabilities(small.logits(X), head).argmax(axis=1)
    right = [
        small.heads[head][i] == code[:4] or small.heads[head][i] == code
        for i, code in zip(best, codes, strict=True)
    ]
    assert np.mean(right) > 0.85


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({}, "没有可训练的标签"),
        ({"category": [""] * 12}, "category 的标签应至少有 2 条，实际是 0 条"),
        ({"category": ["灯"] * 12}, "至少有两种，实际有 1 种"),
        (
            {"category": LABELS, "kind": ["投诉"] + [""] * 11},
            "kind 的标签应至少有 2 条，实际是 1 条",
        ),
    ],
)
def test_unusable_labels_are_refused_in_chinese(labels: dict[str, list[str]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        train(TrainingSet(TOY, labels, False), name="x")


def test_an_unknown_feature_set_is_refused() -> None:
    with pytest.raises(InputError, match="features 应为"):
        train(TrainingSet(TOY, {"category": LABELS}, False), name="x", features="字")


def test_sentences_of_texts_help_to_decide_among_stems() -> None:
    data = TrainingSet(small_set().submissions, {"category": small_set().labels["category"]})
    plain, taught = (train(data, name="x", clauses=clauses).scorer for clauses in (False, True))
    assert (taught.heads, taught.codes) == (plain.heads, plain.codes)
    assert (taught.columns == plain.columns).all()
    assert np.abs(taught.weights - plain.weights).max() > 0.01


def test_texts_of_one_sentence_can_be_trained_with_clauses() -> None:
    codes = ["010204", "010204", "080202", "080202"] * 3
    plain, taught = (
        train(TrainingSet(TOY, {"category": codes}), name="x", clauses=clauses).scorer
        for clauses in (False, True)
    )
    assert (taught.weights == plain.weights).all()  # there is nothing more to learn from


def test_sentence_vectors_get_a_head_for_level_2() -> None:
    data = small_set()
    codes = ["", "", *data.labels["category"][2:]]
    taught = train(
        TrainingSet(data.submissions, {"category": codes}), name="x", semantic=True
    ).scorer
    assert set(taught.sentences) == {"stem"}
    one = taught.sentences["stem"]
    assert one.linear.coef.shape == (DIMENSIONS, len(STEMS))
    vectors = encode([as_sentence(s) for s in data.submissions[::6]])
    best = one.linear.logits(vectors).argmax(axis=1)
    truth = [code[:4] for code in data.labels["category"][::6]]
    assert np.mean([STEMS[i] == stem for i, stem in zip(best, truth, strict=True)]) > 0.85
