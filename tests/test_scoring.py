"""The compiled scorer says what the scikit-learn estimators say."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from minyi.learning import hashing
from minyi.learning.classifier import CalibratedLinear, TreeClassifier
from minyi.learning.hierarchy import stem_positions
from minyi.learning.scoring import Linear, Scorer, SentenceHead
from minyi.learning.sentences import DIMENSIONS
from minyi.text.segmentation import Segmenter
from small_corpus import label_model, matrix, model, small_set, submissions


def weighed(scorer: Scorer, n: int | None = None) -> Any:
    some = submissions()[:n]
    cut = Segmenter().cut if scorer.segments else None
    return scorer.weigh(hashing.extract([s.title for s in some], [s.text for s in some], cut))


def codes_probabilities(scorer: Scorer, X: Any) -> Any:
    stems = scorer.probabilities(scorer.logits(X), "stem")
    return stems[
        :, stem_positions(scorer.codes, scorer.heads["stem"])
    ] * scorer.all_leaf_probabilities(X)


def test_features_equal_those_of_the_transformer() -> None:
    assert abs(weighed(model().scorer) - matrix()).max() < 1e-6


@pytest.mark.parametrize("target", ["kind", "department", "urgent"])
def test_flat_heads_equal_the_estimator(target: str) -> None:
    estimator = CalibratedLinear().fit(matrix(), small_set().labels[target])
    scorer = model().scorer
    ours = scorer.probabilities(scorer.logits(weighed(scorer)), target)
    assert list(scorer.heads[target]) == estimator.classes_.tolist()
    assert np.abs(ours - estimator.predict_proba(matrix())).max() < 1e-4


def test_the_tree_equals_the_estimator() -> None:
    estimator = TreeClassifier().fit(matrix(), small_set().labels["category"])
    scorer = model().scorer
    ours = codes_probabilities(scorer, weighed(scorer))
    assert list(scorer.codes) == estimator.classes_.tolist()
    assert list(scorer.heads["stem"]) == estimator.stems_.tolist()
    assert np.abs(ours - estimator.predict_proba(matrix())).max() < 1e-4


@pytest.mark.parametrize("target", ["stem", "kind", "department", "urgent"])
def test_probabilities_sum_to_one(target: str) -> None:
    scorer = model().scorer
    probabilities = scorer.probabilities(scorer.logits(weighed(scorer, 20)), target)
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_all_levels_agree() -> None:
    scorer = model().scorer
    X = weighed(scorer)
    codes = codes_probabilities(scorer, X)
    stems = scorer.probabilities(scorer.logits(X), "stem")
    assert codes.sum(axis=1) == pytest.approx(1, abs=1e-5)
    for position, stem in enumerate(scorer.heads["stem"]):
        under = [code.startswith(stem) for code in scorer.codes]
        assert codes[:, under].sum(axis=1) == pytest.approx(stems[:, position], abs=1e-5)


def test_leaves_of_the_chosen_stem_equal_those_of_all_stems() -> None:
    scorer = model().scorer
    X = weighed(scorer)
    stems = np.random.default_rng(2).integers(0, len(scorer.heads["stem"]), X.shape[0])
    rows = np.arange(X.shape[0])[::-1]
    chosen, every = scorer.leaf_probabilities(X, rows, stems), scorer.all_leaf_probabilities(X)
    stem_of = stem_positions(scorer.codes, scorer.heads["stem"])
    for found, row, stem in zip(chosen, rows, stems, strict=True):
        expected = every[row, stem_of == stem]
        assert found[: len(expected)] == pytest.approx(expected, abs=1e-6)
        assert (found[len(expected) :] == 0).all()


def test_a_submission_scores_the_same_alone() -> None:
    scorer = model().scorer
    X = weighed(scorer, 12)
    together = codes_probabilities(scorer, X)
    for row in range(12):
        assert codes_probabilities(scorer, X[row]) == pytest.approx(
            together[row : row + 1], abs=1e-6
        )


def test_a_text_without_known_features_gets_the_prior() -> None:
    scorer = model().scorer
    X = scorer.weigh(hashing.extract(["", ""], ["", "犇"], Segmenter().cut))
    probabilities = codes_probabilities(scorer, X)
    assert X.nnz == 0
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (probabilities[0] == probabilities[1]).all()


def test_it_knows_what_it_decides() -> None:
    tree, flat = model().scorer, label_model().scorer
    assert all(tree.has(target) for target in ("category", "kind", "department", "urgent"))
    assert (tree.top, flat.top) == ("stem", "category")
    assert flat.has("category") and not flat.has("kind")
    with pytest.raises(KeyError):
        flat.probabilities(flat.logits(weighed(flat, 2)), "kind")


def of_sentences(n_classes: int, seed: int) -> Linear:
    rng = np.random.default_rng(seed)
    coef = rng.normal(size=(DIMENSIONS, n_classes)).astype(np.float32)
    return Linear(coef, rng.normal(size=n_classes).astype(np.float32))


@pytest.mark.parametrize("heads", [(), ("stem",), ("department",), ("stem", "urgent")])
@pytest.mark.parametrize("rows", [[], [3], [7, 2, 5]])
def test_sentences_change_only_the_rows_and_heads_they_know(
    heads: tuple[str, ...], rows: list[int]
) -> None:
    scorer = replace(
        model().scorer,
        sentences={
            head: SentenceHead(of_sentences(len(model().scorer.heads[head]), 1), words=0.7)
            for head in heads
        },
    )
    before = scorer.logits(weighed(scorer, 9))
    after = before.copy()
    vectors = np.random.default_rng(2).normal(size=(len(rows), DIMENSIONS)).astype(np.float32)
    scorer.add_sentences(after, np.array(rows, dtype=np.int64), vectors)
    expected = before.copy()
    for head in heads:
        linear = scorer.sentences[head].linear
        own = vectors @ linear.coef + linear.intercept
        for vector, row in enumerate(rows):
            part = expected[row, scorer.outputs(head)]
            part[:] = 0.7 * part + own[vector]
    assert after == pytest.approx(expected, abs=1e-4)
    others = np.setdiff1d(np.arange(9), rows)
    assert (after[others] == before[others]).all()
    for head in set(scorer.heads) - set(heads):
        assert (after[:, scorer.outputs(head)] == before[:, scorer.outputs(head)]).all()


def test_sentences_cannot_bring_back_a_category_that_is_left_out() -> None:
    sentences = {"stem": SentenceHead(of_sentences(3, 1), words=0.7)}
    kept = replace(model().scorer, sentences=sentences).among({"0102", "0802"})
    logits = kept.logits(weighed(kept, 4))
    rows = np.arange(4)
    kept.add_sentences(logits, rows, np.ones((4, DIMENSIONS), np.float32))
    probabilities = kept.probabilities(logits, "stem")
    assert (probabilities[:, kept.heads["stem"].index("1305")] == 0).all()
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_scaled_logits_are_the_logits_times_the_factor() -> None:
    linear, vectors = of_sentences(4, 3), np.eye(5, DIMENSIONS, dtype=np.float32)
    assert linear.scaled(0.5).logits(vectors) == pytest.approx(linear.logits(vectors) / 2)


def test_the_lookup_is_made_once() -> None:
    scorer = model().scorer
    assert scorer.lookup is scorer.lookup


def test_predicting_does_not_import_scikit_learn() -> None:
    code = (
        "import sys, minyi.learning.scoring, minyi.learning.evidence; "
        "sys.exit('sklearn' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
