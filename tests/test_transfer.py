"""Fitting near a base: scikit-learn's answer without one, and no step away without a reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse import random as random_sparse
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from minyi.learning.hierarchy import softmax
from minyi.learning.scoring import Linear
from minyi.learning.transfer import allowed_classes, fit_near, within

N, N_FEATURES, N_CLASSES = 90, 30, 3
CLASSES = np.arange(N) % N_CLASSES
MANY = 500  # steps


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """On busy cores, threads that wait for each other make such small models ten times slower."""
    with threadpool_limits(1):
        yield


def texts(seed: int = 3) -> csr_matrix:
    X = random_sparse(N, N_FEATURES, 0.2, format="csr", random_state=seed).toarray()
    X[np.arange(N), CLASSES] += 1
    X[:, -2:] = 0  # features that never occur
    return csr_matrix(X.astype(np.float32))


def sure(classes: NDArray[Any], n_classes: int = N_CLASSES) -> NDArray[np.float32]:
    return np.eye(n_classes, dtype=np.float32)[classes]


def zero() -> Linear:
    shape = (N_FEATURES, N_CLASSES)
    return Linear(np.zeros(shape, np.float32), np.zeros(N_CLASSES, np.float32))


def some_base(seed: int = 1) -> Linear:
    rng = np.random.default_rng(seed)
    coef = rng.normal(size=(N_FEATURES, N_CLASSES))
    return Linear(coef.astype(np.float32), rng.normal(size=N_CLASSES).astype(np.float32))


def probabilities(linear: Linear, X: csr_matrix | None = None) -> NDArray[np.float32]:
    return softmax(linear.logits(texts() if X is None else X))


def distance(one: Linear, other: Linear) -> float:
    return float(np.abs(one.coef - other.coef).max())


@pytest.mark.parametrize("C", [0.1, 1.0, 10.0])
def test_near_zero_it_equals_scikit_learn_s_own_logistic_regression(C: float) -> None:
    ours = fit_near(texts(), sure(CLASSES), zero(), C=C, steps=MANY)
    peer = LogisticRegression(C=C, tol=1e-8, max_iter=2000).fit(texts(), CLASSES)
    assert ours.coef == pytest.approx(peer.coef_.T, abs=0.02)
    assert np.abs(probabilities(ours) - peer.predict_proba(texts())).max() < 0.005


def test_the_few_usual_steps_come_close() -> None:
    few, many = (fit_near(texts(), sure(CLASSES), zero(), C=1.0, steps=s) for s in (15, MANY))
    assert np.abs(probabilities(few) - probabilities(many)).max() < 0.02


def test_the_base_is_where_the_penalty_pulls_to() -> None:
    """The optimum near a base is the base plus an optimum near zero with the base as offset."""
    base = some_base()
    near = fit_near(texts(), sure(CLASSES), base, C=1.0, steps=MANY)
    slope = texts().T @ (probabilities(near) - sure(CLASSES))
    assert np.abs((near.coef - base.coef) + slope).max() < 0.02
    assert np.abs((probabilities(near) - sure(CLASSES)).sum(axis=0)).max() < 0.02


def test_features_that_do_not_occur_stay_at_the_base() -> None:
    base = some_base()
    near = fit_near(texts(), sure(CLASSES), base, C=10.0)
    assert (near.coef[-2:] == base.coef[-2:]).all()
    assert (near.coef[:-2] != base.coef[:-2]).any(axis=1).all()


def test_the_caller_s_base_is_not_changed() -> None:
    base = some_base()
    fit_near(texts(), sure(CLASSES), base, C=10.0, start=base)
    assert (base.coef == some_base().coef).all()
    assert (base.intercept == some_base().intercept).all()


def test_a_small_C_stays_near_the_base_and_a_large_one_fits_the_texts() -> None:
    base = some_base()
    fits = [fit_near(texts(), sure(CLASSES), base, C=C, steps=MANY) for C in (1e-4, 0.1, 100.0)]
    away = [distance(fit, base) for fit in fits]
    assert away[0] < 0.02 < away[1] < away[2]
    right = [(probabilities(fit).argmax(axis=1) == CLASSES).mean() for fit in (base, *fits)]
    assert right[0] < 0.6
    assert right[-1] == 1.0


def test_a_base_that_is_already_right_hardly_moves() -> None:
    base = fit_near(texts(), sure(CLASSES), zero(), C=10.0, steps=MANY)
    again = fit_near(texts(), probabilities(base), base, C=10.0, steps=MANY)
    assert distance(again, base) < 0.02


def test_a_spread_target_equals_rows_that_share_it() -> None:
    spread = 0.7 * sure(CLASSES) + 0.3 * sure((CLASSES + 1) % N_CLASSES)
    soft = fit_near(texts(), spread, zero(), C=1.0, steps=MANY)
    twice = csr_matrix(np.vstack([texts().toarray()] * 2))
    hard = np.vstack([sure(CLASSES), sure((CLASSES + 1) % N_CLASSES)])
    shares = np.repeat(np.array([0.7, 0.3], np.float32), N)
    apart = fit_near(twice, hard, zero(), C=1.0, weights=shares, steps=MANY)
    assert distance(soft, apart) < 0.02


def test_texts_without_features_teach_only_how_frequent_the_classes_are() -> None:
    empty = csr_matrix((40, N_FEATURES), dtype=np.float32)
    shares = np.array([0.5, 0.3, 0.2], np.float32)
    near = fit_near(empty, np.tile(shares, (40, 1)), some_base(), C=1.0, steps=MANY)
    assert softmax(near.intercept[None])[0] == pytest.approx(shares, abs=0.005)
    assert (near.coef == some_base().coef).all()


def test_a_weight_of_two_equals_a_text_that_comes_twice() -> None:
    weights = np.where(np.arange(N) < 20, 2, 1).astype(np.float32)
    weighted = fit_near(texts(), sure(CLASSES), zero(), C=1.0, weights=weights, steps=MANY)
    rows = np.concatenate([np.arange(N), np.arange(20)])
    repeated = fit_near(texts()[rows], sure(CLASSES[rows]), zero(), C=1.0, steps=MANY)
    plain = fit_near(texts(), sure(CLASSES), zero(), C=1.0, steps=MANY)
    assert distance(weighted, repeated) < 0.01 < distance(weighted, plain)


def test_a_text_of_weight_zero_teaches_nothing() -> None:
    weights = (np.arange(N) < 60).astype(np.float32)
    weighted = fit_near(texts(), sure(CLASSES), zero(), C=1.0, weights=weights, steps=MANY)
    without = fit_near(texts()[:60], sure(CLASSES[:60]), zero(), C=1.0, steps=MANY)
    assert distance(weighted, without) < 0.01


@pytest.mark.parametrize("seed", [5, 6])
def test_where_it_starts_does_not_change_where_it_ends(seed: int) -> None:
    base = some_base()
    there = fit_near(texts(), sure(CLASSES), base, C=1.0, steps=MANY)
    start = some_base(seed)
    # What does not occur is not sought: it comes from the base, not from the start.
    other = fit_near(texts(), sure(CLASSES), base, C=1.0, steps=MANY, start=start)
    assert distance(there, other) < 0.02
    assert (other.coef[-2:] == base.coef[-2:]).all()


@pytest.mark.parametrize("n", [1, 2, 3])
def test_fewer_texts_than_cores_are_enough(n: int) -> None:
    near = fit_near(texts()[:n], sure(CLASSES[:n]), zero(), C=100.0)
    assert (probabilities(near, texts()[:n]).argmax(axis=1) == CLASSES[:n]).all()


def test_the_number_of_cores_does_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    fits = []
    for cores in (1, 3, 8):
        monkeypatch.setattr("minyi.learning.transfer._cores", lambda cores=cores: cores)
        fits.append(fit_near(texts(), sure(CLASSES), some_base(), C=1.0, steps=MANY))
    assert max(distance(fits[0], fit) for fit in fits) < 0.01


def test_the_fit_is_in_single_precision_and_of_the_shape_of_the_base() -> None:
    near = fit_near(texts(), sure(CLASSES), some_base(), C=1.0)
    assert near.coef.shape == (N_FEATURES, N_CLASSES)
    assert near.intercept.shape == (N_CLASSES,)
    assert (near.coef.dtype, near.intercept.dtype) == (np.float32, np.float32)


def test_within_keeps_the_proportions_of_what_is_allowed() -> None:
    logits = np.log(np.array([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2], [0.1, 0.1, 0.8]], np.float32))
    allowed = np.array([[True, True, False], [True, True, True], [False, True, False]])
    expected = np.array([[0.625, 0.375, 0], [0.5, 0.3, 0.2], [0, 1, 0]])
    assert within(logits, allowed) == pytest.approx(expected, abs=1e-6)


def test_within_spreads_evenly_where_all_that_is_allowed_is_out_of_the_question() -> None:
    logits = np.array([[300.0, 0.0, 0.0]], np.float32)
    found = within(logits, np.array([[False, True, True]]))
    assert found == pytest.approx(np.array([[0, 0.5, 0.5]]), abs=1e-6)


def test_a_label_allows_the_classes_at_and_below_it() -> None:
    classes = ["0101", "0102", "0801"]
    found = allowed_classes(classes, ["01", "0102", "08", "01"])
    assert found.tolist() == [
        [True, True, False],
        [False, True, False],
        [False, False, True],
        [True, True, False],
    ]


def test_a_label_that_is_a_class_means_this_class_only() -> None:
    """Names of an office's own may begin alike."""
    found = allowed_classes(["城建", "城建以外"], ["城建以外", "城建"])
    assert found.tolist() == [[False, True], [True, False]]


def test_a_label_that_is_no_class_and_above_none_allows_nothing() -> None:
    assert not allowed_classes(["0101", "0102"], ["0103", "010101"]).any()
