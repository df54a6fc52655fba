"""Continuing a base model: what labels tell is learnt, what they do not tell stays as it was."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from minyi.corpus import Example, training_set
from minyi.errors import InputError
from minyi.learning.continuation import BALANCES, continue_head, prior_for
from minyi.learning.extension import extend
from minyi.learning.features import TextFeatures
from minyi.learning.hierarchy import softmax
from minyi.learning.persistence import Model, load_model, save_model
from minyi.learning.scoring import Linear, Scorer, SentenceHead
from minyi.learning.sentences import DIMENSIONS
from minyi.learning.training import TrainingSet, train
from minyi.schema import Submission
from small_corpus import corpus, label_model

STEMS = ("0101", "0103", "0802", "0806")  # two of each level 1
WORD = "犇犇驿站"


class Slices(NamedTuple):
    """Parts of the corpus that share no text."""

    base: TrainingSet
    office: TrainingSet
    held_out: TrainingSet


def only(data: TrainingSet, **labels: Any) -> TrainingSet:
    return TrainingSet(data.submissions, labels, data.is_taxonomy)


def own(data: TrainingSet, **labels: Any) -> TrainingSet:
    return TrainingSet(data.submissions, labels, False)


def cut(data: TrainingSet, digits: int) -> list[str]:
    return [code[:digits] for code in data.labels["category"]]


def features(scorer: Scorer, submissions: Any) -> csr_matrix:
    transformer = TextFeatures("words+chars" if scorer.segments else "chars")
    transformer.columns_, transformer.idf_ = scorer.columns, scorer.idf
    return transformer.transform(submissions)


def guesses(scorer: Scorer, data: TrainingSet, head: str) -> list[str]:
    logits = scorer.logits(features(scorer, data.submissions).tocsc())
    return [scorer.heads[head][i] for i in scorer.probabilities(logits, head).argmax(axis=1)]


def accuracy(scorer: Scorer, data: TrainingSet, head: str, truth: list[str]) -> float:
    return float(np.mean(np.array(guesses(scorer, data, head)) == np.array(truth)))


def near(base: Model, data: TrainingSet, **options: Any) -> Model:
    return train(data, name="本单位", base=base, **options)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """On busy cores, threads that wait for each other make such small models ten times slower."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def slices() -> Slices:
    by_stem: dict[str, list[Example]] = defaultdict(list)
    for example in corpus():
        by_stem[example.category[:4]].append(example)
    bounds = ((0, 24), (24, 44), (44, 70))
    parts = [[e for s in STEMS for e in by_stem[s][start:end]] for start, end in bounds]
    return Slices(*(training_set(part, names=False) for part in parts))


@pytest.fixture(scope="module")
def base(slices: Slices) -> Model:
    return train(slices.base, name="底本", user_words=["路灯杆"])


@pytest.fixture(scope="module")
def of_level_1(base: Model, slices: Slices) -> Model:
    return near(base, only(slices.office, category=cut(slices.office, 2)))


@pytest.fixture(scope="module")
def of_level_3(base: Model, slices: Slices) -> Model:
    return near(base, only(slices.office, category=slices.office.labels["category"]))


@pytest.fixture(scope="module")
def of_own_scheme(base: Model, slices: Slices) -> Model:
    names = {"01": "城建口", "08": "社保口"}
    labels = [names[code] for code in cut(slices.office, 2)]
    return near(base, own(slices.office, category=labels))


@pytest.fixture(scope="module")
def of_own_departments(base: Model, slices: Slices) -> Model:
    labels = [f"第{STEMS.index(stem) % 2 + 1}科" for stem in cut(slices.office, 4)]
    return near(base, own(slices.office, department=labels))


# --- categories of the taxonomy ---


def test_labels_of_level_1_leave_level_2_coherent(
    base: Model, of_level_1: Model, slices: Slices
) -> None:
    held_out = slices.held_out
    found = {}
    for model in (base, of_level_1):
        stems = np.array(guesses(model.scorer, held_out, "stem"))
        top_is_right = np.array([stem[:2] for stem in stems]) == np.array(cut(held_out, 2))
        stem_is_right = stems == np.array(cut(held_out, 4))
        found[model.name] = top_is_right.mean(), stem_is_right[top_is_right].mean()
    assert found["本单位"][0] > found["底本"][0] - 0.02
    assert found["本单位"][1] > found["底本"][1] - 0.08
    assert set(guesses(of_level_1.scorer, held_out, "stem")) == set(STEMS)


def test_labels_of_level_1_change_no_code_and_no_leaf(base: Model, of_level_1: Model) -> None:
    old, new = base.scorer, of_level_1.scorer
    assert (new.heads, new.codes) == (old.heads, old.codes)
    for before, after in zip(old.leaves, new.leaves, strict=True):
        assert (new.columns[after.features] == old.columns[before.features]).all()
        assert (after.weights == before.weights).all()
        assert (after.intercept == before.intercept).all()


def test_labels_of_level_2_and_level_1_can_stand_side_by_side(base: Model, slices: Slices) -> None:
    mixed = [
        code[: 2 if row % 2 else 4] for row, code in enumerate(slices.office.labels["category"])
    ]
    model = near(base, only(slices.office, category=mixed))
    truth = cut(slices.held_out, 4)
    assert accuracy(model.scorer, slices.held_out, "stem", truth) >= accuracy(
        base.scorer, slices.held_out, "stem", truth
    )


def test_labels_of_level_3_move_the_leaves_of_their_stem_only(base: Model, slices: Slices) -> None:
    known = [code for code in base.scorer.codes if code.startswith("0802")]
    rows = [row for row, code in enumerate(slices.office.labels["category"]) if code in known]
    codes = [slices.office.labels["category"][row] for row in rows]
    other = [known[(known.index(code) + 1) % len(known)] for code in codes]  # an office's own habit
    submissions = [slices.office.submissions[row] for row in rows]
    labels = [*other, *cut(slices.office, 4)]
    data = TrainingSet([*submissions, *slices.office.submissions], {"category": labels})
    model = near(base, data)

    def taught(scorer: Scorer) -> NDArray[np.float32]:
        X = features(scorer, submissions).tocsc()
        stem = scorer.heads["stem"].index("0802")
        found = scorer.leaf_probabilities(X, np.arange(len(rows)), np.full(len(rows), stem))
        return found[np.arange(len(rows)), [known.index(code) for code in other]]

    assert taught(model.scorer).mean() > taught(base.scorer).mean() + 0.3
    for stem, before, after in zip(STEMS, base.scorer.leaves, model.scorer.leaves, strict=True):
        same = before.weights.shape == after.weights.shape and bool(
            (before.weights == after.weights).all()
        )
        assert same == (stem != "0802")


def test_level_3_is_better_with_labels_of_level_3(
    base: Model, of_level_3: Model, slices: Slices
) -> None:
    """Among the leaves of the true stem, on the texts that were taught."""

    def leaf_accuracy(scorer: Scorer) -> float:
        found = scorer.all_leaf_probabilities(features(scorer, slices.office.submissions).tocsc())
        right = []
        for row, code in zip(found, slices.office.labels["category"], strict=True):
            siblings = [i for i, c in enumerate(scorer.codes) if c[:4] == code[:4]]
            if code in scorer.codes:
                right.append(scorer.codes[max(siblings, key=lambda i: row[i])] == code)
        return float(np.mean(right))

    assert leaf_accuracy(of_level_3.scorer) > leaf_accuracy(base.scorer) + 0.1


def test_leaves_sum_to_one_in_each_stem(of_level_3: Model, slices: Slices) -> None:
    scorer = of_level_3.scorer
    found = scorer.all_leaf_probabilities(features(scorer, slices.held_out.submissions).tocsc())
    for stem in STEMS:
        inside = [code.startswith(stem) for code in scorer.codes]
        assert found[:, inside].sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_with_few_labels_the_base_helps(base: Model, slices: Slices) -> None:
    rows = [row for start in range(0, 80, 20) for row in range(start, start + 4)]
    few = TrainingSet(
        [slices.office.submissions[row] for row in rows],
        {"category": [slices.office.labels["category"][row] for row in rows]},
    )
    truth = cut(slices.held_out, 4)
    alone = accuracy(train(few, name="x").scorer, slices.held_out, "stem", truth)
    assert accuracy(near(base, few).scorer, slices.held_out, "stem", truth) > alone + 0.1


def test_labels_help_the_base(base: Model, of_level_3: Model, slices: Slices) -> None:
    truth = cut(slices.held_out, 4)
    before, after = (
        accuracy(model.scorer, slices.held_out, "stem", truth) for model in (base, of_level_3)
    )
    assert after > before


def test_a_category_that_the_base_does_not_know_is_refused(base: Model, slices: Slices) -> None:
    labels = ["1305", *cut(slices.office, 4)[1:]]
    with pytest.raises(InputError, match="1305"):
        near(base, only(slices.office, category=labels))


@pytest.mark.parametrize("target", ["category", "kind"])
def test_a_base_of_an_own_scheme_is_refused_for_what_it_does_not_have(
    slices: Slices, target: str
) -> None:
    labels = {target: slices.office.labels[target]}
    with pytest.raises(InputError, match="自定"):
        near(label_model(), TrainingSet(slices.office.submissions, labels))


# --- a scheme of an office's own ---


def test_an_own_scheme_gets_a_flat_head_in_place_of_the_tree(of_own_scheme: Model) -> None:
    scorer = of_own_scheme.scorer
    assert scorer.heads["category"] == ("城建口", "社保口")
    assert "stem" not in scorer.heads
    assert (scorer.top, scorer.codes, list(scorer.leaves)) == ("category", (), [])
    assert not of_own_scheme.uses_taxonomy
    assert scorer.weights.shape == (len(scorer.columns), len(scorer.intercept))


def test_an_own_scheme_is_learnt(of_own_scheme: Model, slices: Slices) -> None:
    truth = ["城建口" if code == "01" else "社保口" for code in cut(slices.held_out, 2)]
    assert accuracy(of_own_scheme.scorer, slices.held_out, "category", truth) > 0.85


def test_names_that_begin_alike_are_different_classes(base: Model, slices: Slices) -> None:
    names = {"01": "城建", "08": "城建以外"}
    labels = [names[code] for code in cut(slices.office, 2)]
    model = near(base, own(slices.office, category=labels))
    truth = [names[code] for code in cut(slices.held_out, 2)]
    assert accuracy(model.scorer, slices.held_out, "category", truth) > 0.85


def test_an_own_scheme_can_be_continued_with_more_of_its_names(
    of_own_scheme: Model, slices: Slices
) -> None:
    names = dict(zip(STEMS, ("供水口", "城建口", "社保口", "民政口"), strict=True))
    labels = [names[stem] for stem in cut(slices.office, 4)]
    again = near(of_own_scheme, own(slices.office, category=labels))
    assert again.scorer.heads["category"] == tuple(sorted(names.values()))
    truth = [names[stem] for stem in cut(slices.held_out, 4)]
    assert accuracy(again.scorer, slices.held_out, "category", truth) > 0.5


# --- the other heads ---


@pytest.mark.parametrize("name", ["of_level_1", "of_level_3", "of_own_scheme"])
def test_heads_without_labels_stay(
    name: str, base: Model, slices: Slices, request: pytest.FixtureRequest
) -> None:
    old, new = base.scorer, request.getfixturevalue(name).scorer
    places = np.searchsorted(new.columns, old.columns)
    added = np.setdiff1d(np.arange(len(new.columns)), places)
    for head in ("kind", "department", "urgent"):
        assert new.heads[head] == old.heads[head]
        weights = new.weights[:, new.outputs(head)]
        assert (weights[places] == old.weights[:, old.outputs(head)]).all()
        assert not weights[added].any()
        assert (new.intercept[new.outputs(head)] == old.intercept[old.outputs(head)]).all()
        before, after = (guesses(scorer, slices.held_out, head) for scorer in (old, new))
        assert np.mean(np.array(before) == np.array(after)) > 0.9


def test_departments_that_the_base_does_not_know_become_its_classes(
    base: Model, of_own_departments: Model, slices: Slices
) -> None:
    scorer = of_own_departments.scorer
    assert scorer.heads["department"] == ("第1科", "第2科")
    assert list(scorer.heads) == list(base.scorer.heads)
    assert scorer.codes == base.scorer.codes
    truth = [f"第{STEMS.index(stem) % 2 + 1}科" for stem in cut(slices.held_out, 4)]
    assert accuracy(scorer, slices.held_out, "department", truth) > 0.65


def test_departments_that_the_base_knows_keep_all_its_classes(base: Model, slices: Slices) -> None:
    known = base.scorer.heads["department"]
    labels = [known[int(code[:2]) % 2] for code in cut(slices.office, 2)]
    model = near(base, own(slices.office, department=labels))
    assert model.scorer.heads["department"] == known


def test_several_targets_are_continued_at_once(base: Model, slices: Slices) -> None:
    gaps = [kind if row % 2 else "" for row, kind in enumerate(slices.office.labels["kind"])]
    model = near(base, only(slices.office, category=cut(slices.office, 4), kind=gaps))
    assert set(model.manifest["trust"]) == {"category", "kind"}
    assert model.scorer.heads == base.scorer.heads
    assert np.isfinite(model.scorer.weights).all()


# --- features ---


def test_words_of_the_office_get_features(base: Model, slices: Slices) -> None:
    stems = cut(slices.office, 4)
    told = [
        Submission(f"{WORD}{s.text}" if stem == "0806" else s.text, s.title)
        for s, stem in zip(slices.office.submissions, stems, strict=True)
    ]
    model = near(base, TrainingSet(told, {"category": stems}))
    assert np.isin(base.scorer.columns, model.scorer.columns).all()
    assert (np.diff(model.scorer.columns) > 0).all()
    strange = TrainingSet([Submission(f"{WORD}{WORD}")], {"category": ["0806"]})
    assert features(base.scorer, strange.submissions).nnz < 3
    assert guesses(model.scorer, strange, "stem") == ["0806"]


def test_extending_keeps_what_the_base_says_of_its_own_features(
    base: Model, slices: Slices
) -> None:
    extended = extend(base.scorer, slices.office.submissions)
    places = extended.positions
    assert (extended.transformer.columns_[places] == base.scorer.columns).all()
    assert (extended.transformer.idf_[places] == base.scorer.idf).all()
    assert len(extended.transformer.columns_) > len(places)
    together = np.hstack([extended.heads[name].coef for name in base.scorer.heads])
    assert (together[places] == base.scorer.weights).all()
    assert together.any(axis=1).sum() <= len(places)


def test_a_model_that_would_grow_too_large_takes_the_most_frequent_new_features(
    base: Model, slices: Slices, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = extend(base.scorer, slices.office.submissions).transformer
    most = (len(base.scorer.columns) + 100) * len(base.scorer.intercept)
    monkeypatch.setattr("minyi.learning.extension._MOST_WEIGHTS", most)
    tight = extend(base.scorer, slices.office.submissions).transformer
    assert len(tight.columns_) == len(base.scorer.columns) + 100
    new = np.isin(free.columns_, base.scorer.columns, invert=True)
    taken = new & np.isin(free.columns_, tight.columns_)
    assert free.idf_[taken].max() <= free.idf_[new & ~taken].min()


def test_a_full_base_takes_no_new_feature(
    base: Model, slices: Slices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minyi.learning.extension._MOST_WEIGHTS", 1)
    extended = extend(base.scorer, slices.office.submissions)
    assert (extended.transformer.columns_ == base.scorer.columns).all()


def test_a_base_without_words_is_continued_without_words(slices: Slices) -> None:
    labels = [("城建口", "社保口")[code == "08"] for code in cut(slices.office, 2)]
    model = near(label_model(), own(slices.office, category=labels))
    assert not model.scorer.segments


# --- the manifest ---


def test_the_manifest_tells_the_base_the_trust_and_the_threshold(
    base: Model, of_level_1: Model, slices: Slices
) -> None:
    manifest = of_level_1.manifest
    assert (manifest["name"], manifest["base"], manifest["scheme"]) == (
        "本单位",
        "底本",
        "taxonomy",
    )
    assert manifest["trust"]["category"] in {trust for _, trust in BALANCES}
    assert manifest["n_submissions"] == len(slices.office.submissions)
    assert 0 < manifest["metrics"]["category"]["n_held_out"] <= len(slices.office.submissions)
    assert 0 < manifest["thresholds"]["level1"]["0.95"] <= 1
    for kept in ("kind", "department", "urgent"):
        assert manifest["thresholds"][kept] == base.manifest["thresholds"][kept]


def test_words_of_the_base_and_of_the_office_are_kept(base: Model, slices: Slices) -> None:
    model = near(base, only(slices.office, category=cut(slices.office, 2)), user_words=[WORD])
    assert model.manifest["user_words"] == ["路灯杆", WORD]


def test_the_threshold_of_urgent_counts_false_alarms_as_without_a_base(
    base: Model, slices: Slices
) -> None:
    labels = list(slices.office.labels["urgent"])
    assert 0 < labels.count("1") < len(labels)
    found = near(base, own(slices.office, urgent=labels)).manifest["metrics"]["urgent"]
    assert set(found) == {"n_held_out", "recall", "false_alarms"}
    assert found["false_alarms"] < 0.1  # two rows of forty, were it one too many


@pytest.mark.parametrize(
    "name", ["of_level_1", "of_level_3", "of_own_scheme", "of_own_departments"]
)
def test_a_continued_model_survives_saving(
    name: str, slices: Slices, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    saved: Model = request.getfixturevalue(name)
    save_model(saved, tmp_path)
    loaded = load_model(tmp_path)
    assert loaded.scorer.heads == saved.scorer.heads
    assert loaded.scorer.codes == saved.scorer.codes
    assert json.loads((tmp_path / "manifest.json").read_text("utf-8"))["base"] == "底本"
    for head in saved.scorer.heads:
        same = np.array(guesses(saved.scorer, slices.held_out, head)) == np.array(
            guesses(loaded.scorer, slices.held_out, head)
        )
        assert same.mean() > 0.95


# --- a base that knows sentence vectors ---


def with_sentences(model: Model) -> Model:
    rng = np.random.default_rng(4)
    sentences = {
        head: SentenceHead(
            Linear(
                rng.normal(size=(DIMENSIONS, len(model.scorer.heads[head]))).astype(np.float32),
                np.zeros(len(model.scorer.heads[head]), np.float32),
            ),
            words=0.5,
        )
        for head in ("stem", "department")
    }
    return replace(model, scorer=replace(model.scorer, sentences=sentences))


@pytest.mark.parametrize(
    ("labels", "kept"),
    [
        ("level 2", {"stem", "department"}),
        ("own scheme", {"department"}),
        ("own departments", {"stem"}),
    ],
)
def test_sentence_vectors_speak_only_for_heads_that_kept_their_classes(
    base: Model, slices: Slices, tmp_path: Path, labels: str, kept: set[str]
) -> None:
    stems = cut(slices.office, 4)
    names = [("甲", "乙")[STEMS.index(stem) % 2] for stem in stems]
    data = {
        "level 2": only(slices.office, category=stems),
        "own scheme": own(slices.office, category=names),
        "own departments": own(slices.office, department=names),
    }[labels]
    model = near(with_sentences(base), data)
    assert set(model.scorer.sentences) == kept
    save_model(model, tmp_path)
    assert set(load_model(tmp_path).scorer.sentences) == kept
    logits = model.scorer.logits(features(model.scorer, slices.held_out.submissions).tocsc())
    vectors = np.eye(2, DIMENSIONS, dtype=np.float32)
    model.scorer.add_sentences(logits, np.array([0, 1]), vectors)


# --- one head ---


def toy(n: int = 60) -> tuple[csr_matrix, NDArray[np.str_], list[str]]:
    classes = ["0101", "0102", "0801"]
    truth = np.arange(n) % 3
    X = np.random.default_rng(0).random((n, 12)).astype(np.float32)
    X[np.arange(n), truth] += 2
    return csr_matrix(X), np.array(classes)[truth], classes


def nothing() -> Linear:
    return Linear(np.zeros((12, 3), np.float32), np.zeros(3, np.float32))


def test_held_out_rows_are_rows_of_the_labels_and_their_probabilities_sum_to_one() -> None:
    X, labels, classes = toy()
    found = continue_head(X, classes, labels, nothing())
    assert len(set(found.held_out_rows.tolist())) == len(found.held_out_rows) > 0
    assert found.held_out.shape == (len(found.held_out_rows), 3)
    assert found.held_out.sum(axis=1) == pytest.approx(1, abs=1e-5)
    best = np.array(classes)[found.held_out.argmax(axis=1)]
    assert (best == labels[found.held_out_rows]).mean() > 0.9


def test_mistaken_labels_are_trusted_least() -> None:
    X, labels, classes = toy()
    truth = np.searchsorted(classes, labels)
    base = Linear(np.eye(12, 3, dtype=np.float32) * 3, np.full(3, -3, np.float32))
    mistaken = np.array(classes)[np.random.default_rng(1).permutation(truth)]
    continued = continue_head(X, classes, mistaken, base)
    assert continued.trust == min(trust for _, trust in BALANCES)


def test_a_head_learns_level_1_without_forgetting_level_2() -> None:
    X, labels, classes = toy()
    base = Linear(np.eye(12, 3, dtype=np.float32) * 3, np.full(3, -3, np.float32))
    tops = np.array([label[:2] for label in labels])
    found = continue_head(X, classes, tops, base).linear
    best = np.array(classes)[found.logits(X).argmax(axis=1)]
    assert (best == labels).mean() > 0.95


def test_a_new_class_begins_as_the_mix_of_base_classes_that_its_texts_look_like() -> None:
    X, labels, classes = toy()
    base = Linear(np.eye(12, 3, dtype=np.float32) * 3, np.full(3, -3, np.float32))
    names = np.array(["水电", "水电", "民生"])[np.searchsorted(classes, labels)]
    prior = prior_for(base, base.logits(X), ["民生", "水电"], names)
    assert prior.coef.shape == (12, 2)
    best = np.array(["民生", "水电"])[softmax(prior.logits(X)).argmax(axis=1)]
    assert (best == names).mean() > 0.9
    welfare, water = prior.coef[:3].T
    assert welfare[2] > max(welfare[:2])
    assert min(water[:2]) > water[2]
