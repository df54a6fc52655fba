"""Training: every target that has labels, thresholds that keep their promise, the same bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from minyi.errors import InputError
from minyi.learning import hashing
from minyi.learning.persistence import load_model, save_model
from minyi.learning.training import PRECISION, TrainingSet, precision_threshold, train
from minyi.schema import Submission
from minyi.text.segmentation import Segmenter
from small_corpus import CODES, STEMS, label_model, model, small_set

TOY = [Submission(text) for text in ["路灯坏了没人修", "路灯不亮", "低保怎么申请", "申请低保"] * 3]
LABELS = ["灯", "灯", "低保", "低保"] * 3


def test_every_target_with_labels_gets_a_head_and_a_threshold() -> None:
    scorer, manifest = model().scorer, model().manifest
    assert set(scorer.heads) == {"stem", "kind", "department", "urgent"}
    assert scorer.heads["stem"] == STEMS
    assert scorer.codes == tuple(sorted(CODES))
    assert set(manifest["thresholds"]) == {"category", "kind", "department", "urgent"}
    assert all(0 < threshold <= 1 for threshold in manifest["thresholds"].values())


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


def marks(pattern: str) -> NDArray[np.bool_]:
    return np.array([mark == "+" for mark in pattern])


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("+" * 40, 0.01),
        ("-" * 40, 1.0),
        ("+" * 38 + "--", 0.01),  # 38 of 40 are 95 %
        ("+" * 37 + "---", 0.03),  # 37 of 38 are more than 95 %, 37 of 39 are not
        ("+" * 19 + "-" * 21, 0.21),  # 19 of 20
        ("+" * 10 + "-" * 30, 1.0),  # fewer than 20 rows prove nothing
    ],
)
def test_the_threshold_is_the_lowest_that_keeps_the_precision(
    pattern: str, expected: float
) -> None:
    scores = np.arange(40, 0, -1) / 100
    assert precision_threshold(scores, marks(pattern)) == expected


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=1, max_size=120))
def test_the_threshold_keeps_its_promise_even_where_scores_are_equal(
    rows: list[tuple[int, bool]],
) -> None:
    scores = np.array([score / 100 for score, _ in rows])
    right = np.array([is_right for _, is_right in rows])
    threshold = precision_threshold(scores, right)
    above = scores >= threshold
    assert threshold == 1.0 or right[above].mean() >= PRECISION
    lower = [
        t for t in np.unique(scores) if t < threshold and (scores >= t).sum() >= min(20, len(rows))
    ]
    assert all(right[scores >= t].mean() < PRECISION for t in lower)
