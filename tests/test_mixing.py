"""Two views of one text: the one that knows more counts more, and neither counts nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from minyi.learning import mixing
from minyi.learning.mixing import fit_sentence_head
from minyi.learning.scoring import SentenceHead
from minyi.learning.sentences import DIMENSIONS

Labels = NDArray[np.str_]
Floats = NDArray[Any]
LEAST = 1e-3
N = 240


def labels_of(n_classes: int, n: int = N) -> Labels:
    return np.array([f"{i // 2 % n_classes:04}" for i in range(n)])


def vectors_of(labels: Labels, noise: float, seed: int) -> Floats:
    classes, which = np.unique(labels, return_inverse=True)
    directions = np.random.default_rng(0).normal(size=(len(classes), DIMENSIONS))
    vectors = directions[which]
    vectors = vectors + noise * np.random.default_rng(seed).normal(size=vectors.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors, np.float32)


def logits_of(labels: Labels, strength: float, seed: int) -> Floats:
    """Return logits of words: the truth times `strength`, and noise."""
    classes, which = np.unique(labels, return_inverse=True)
    noise = np.random.default_rng(seed).normal(size=(len(labels), len(classes)))
    return np.asarray(strength * np.eye(len(classes))[which] + noise, np.float32)


def fitted(
    labels: Labels, *, noise: float, strength: float, short: NDArray[np.bool_] | None = None
) -> SentenceHead:
    held_out = np.arange(0, len(labels), 2)
    return fit_sentence_head(
        vectors_of(labels, noise, seed=1),
        labels,
        held_out,
        logits_of(labels, strength, seed=2)[held_out],
        np.ones(len(labels), bool) if short is None else short,
    )


def sentence_weight(head: SentenceHead, labels: Labels, noise: float) -> float:
    plain = mixing._fit(vectors_of(labels, noise, seed=1), labels, np.unique(labels))
    return float((head.linear.coef / plain.coef).mean())


def accuracy(logits: Floats, labels: Labels) -> float:
    return float((np.unique(labels)[logits.argmax(axis=1)] == labels).mean())


def test_the_better_view_counts_more() -> None:
    labels = labels_of(3)
    words_know = fitted(labels, noise=30.0, strength=3.0)
    sentences_know = fitted(labels, noise=2.0, strength=0.2)
    shares = [
        sentence_weight(head, labels, noise) / head.words
        for head, noise in ((sentences_know, 2.0), (words_know, 30.0))
    ]
    assert shares[0] > 3 * shares[1]


def test_of_new_texts_both_views_know_more_than_either() -> None:
    labels, fresh = labels_of(3), labels_of(3, 900)
    head = fitted(labels, noise=6.0, strength=1.5)
    own, vectors = logits_of(fresh, 1.5, seed=12), vectors_of(fresh, 6.0, seed=11)
    alone = accuracy(own, fresh), accuracy(head.linear.logits(vectors), fresh)
    assert accuracy(head.mixed(own, vectors), fresh) > max(alone)


def test_a_view_that_misleads_still_counts_something_and_a_barred_class_stays_barred() -> None:
    labels = labels_of(3)
    head = fitted(labels, noise=2.0, strength=-6.0)
    assert head.words == pytest.approx(LEAST)
    own = logits_of(labels, 1.0, seed=4)
    own[:, 1] = -np.inf
    mixed = head.mixed(own, vectors_of(labels, 2.0, seed=5))
    assert (mixed[:, 1] == -np.inf).all()
    assert np.isfinite(mixed[:, [0, 2]]).all()


def test_vectors_that_mislead_still_count_something() -> None:
    labels = labels_of(3)
    turned = np.roll(labels, 2)  # what is learnt from the rest is wrong of the held-out rows
    turned[::2] = labels[::2]
    held_out = np.arange(0, N, 2)
    vectors = vectors_of(labels, 0.5, seed=1)
    own = logits_of(labels, 3.0, seed=2)[held_out]
    head = fit_sentence_head(vectors, turned, held_out, own, np.ones(N, bool))
    plain = mixing._fit(vectors, turned, np.unique(turned))
    assert head.linear.coef == pytest.approx(LEAST * plain.coef, rel=1e-4)
    assert head.words > LEAST


def test_two_classes_have_a_column_each() -> None:
    labels, fresh = labels_of(2), labels_of(2, 100)
    head = fitted(labels, noise=2.0, strength=0.5)
    assert head.linear.coef.shape == (DIMENSIONS, 2)
    assert head.linear.intercept.shape == (2,)
    assert head.linear.coef[:, 0] == pytest.approx(-head.linear.coef[:, 1])
    assert accuracy(head.linear.logits(vectors_of(fresh, 2.0, seed=8)), fresh) > 0.95


def test_two_logits_differ_by_what_the_regression_says() -> None:
    labels = labels_of(2)
    vectors = vectors_of(labels, 4.0, seed=1)
    linear = mixing._fit(vectors, labels, np.unique(labels))
    regression = mixing.LogisticRegression(C=10.0, class_weight="balanced", max_iter=300)
    expected = regression.fit(vectors, labels).decision_function(vectors)
    assert np.diff(linear.logits(vectors), axis=1)[:, 0] == pytest.approx(expected, abs=1e-4)


def test_without_short_texts_held_out_both_count_even() -> None:
    labels = labels_of(3)
    head = fitted(labels, noise=2.0, strength=3.0, short=np.zeros(N, bool))
    assert head.words == 0.5
    assert sentence_weight(head, labels, 2.0) == pytest.approx(0.5, abs=1e-3)


def test_only_short_texts_are_weighed_by() -> None:
    labels = labels_of(3)
    short = np.arange(N) < N // 2
    held_out = np.arange(0, N, 2)
    vectors, own = vectors_of(labels, 3.0, seed=1), logits_of(labels, 3.0, seed=2)
    spoilt = np.where(short[:, None], own, -own).astype(np.float32)
    heads = [
        fit_sentence_head(vectors, labels, held_out, x[held_out], short) for x in (own, spoilt)
    ]
    assert heads[0].words == heads[1].words


def test_every_row_may_be_held_out() -> None:
    labels = labels_of(3)
    vectors = vectors_of(labels, 2.0, seed=1)
    own = logits_of(labels, 2.0, seed=2)
    head = fit_sentence_head(vectors, labels, np.arange(N), own, np.ones(N, bool))
    assert accuracy(head.mixed(own, vectors), labels) > 0.95


def test_a_class_that_was_only_held_out_is_known_in_the_end() -> None:
    labels = labels_of(3)
    labels[0] = labels[2] = "9999"
    head = fitted(labels, noise=0.5, strength=2.0)
    assert head.linear.coef.shape == (DIMENSIONS, 4)
    assert np.isfinite(head.linear.coef).all()
    vectors = vectors_of(labels, 0.5, seed=1)
    assert head.linear.logits(vectors)[[0, 2]].argmax(axis=1).tolist() == [3, 3]
