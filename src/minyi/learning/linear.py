"""Linear support vector machines of one class against the rest, as coefficients."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

from minyi.learning.hierarchy import Floats

UNSEEN = -30.0  # the logit of a class that the rows lack
_SEED = 20
_STEPS = 300
_ENOUGH = 120  # texts a class
_EMPHASIS = 0.3
_SMOOTHING = 0.1

_Linear = tuple[NDArray[Any], NDArray[Any]]


def balanced(labels: NDArray[np.str_]) -> NDArray[np.float64]:
    """Return weights that give every label the same sum, and the mean 1."""
    names, position, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return np.asarray(len(labels) / (len(names) * counts))[position]


def fit_linear(
    X: Any,
    labels: NDArray[np.str_],
    classes: NDArray[np.str_],
    C: float,
    weights: NDArray[Any] | None = None,
    n_texts: int | None = None,
) -> tuple[Floats, Floats]:
    """Return coefficients and intercepts, a column for each of `classes`.

    Without `weights`, those of the labels are balanced; `n_texts` of the rows are whole texts, the
    others parts of them.
    """
    coef = np.zeros((X.shape[1], len(classes)), np.float32)
    intercept = np.full(len(classes), UNSEEN, np.float32)
    present = np.unique(labels)
    columns = np.searchsorted(classes, present)
    used = np.unique(X.indices)
    if len(present) == 1 or len(used) == 0:
        intercept[columns] = 0.0
        return coef, intercept
    # A leaf model sees few rows: leaving out the features they lack makes it hundreds of times
    # smaller and changes nothing, for the penalty keeps their coefficients at zero.
    X, weights = X[:, used], balanced(labels) if weights is None else weights
    n_texts = len(labels) if n_texts is None else n_texts
    fit = _fit_emphasised if n_texts >= _ENOUGH * len(present) else _fit_plain
    with warnings.catch_warnings():
        # So many steps are enough for ranking and calibration; full convergence gains nothing.
        warnings.simplefilter("ignore", ConvergenceWarning)
        coef[np.ix_(used, columns)], intercept[columns] = fit(X, labels, present, C, weights)
    return coef, intercept


def _fit_plain(
    X: csr_matrix,
    labels: NDArray[np.str_],
    classes: NDArray[np.str_],
    C: float,
    weights: NDArray[Any],
) -> _Linear:
    # One class against the rest, squared hinge: on own labels a point better than logistic
    # regression and several times faster (benchmarks/targets.py).
    model = LinearSVC(C=C, max_iter=_STEPS, random_state=_SEED)
    model.fit(X, labels, sample_weight=weights)
    if len(classes) == 2:  # scikit-learn gives one row for two classes
        return _both_sides(model.coef_[0], model.intercept_[0])
    return model.coef_.T, model.intercept_


def _fit_emphasised(
    X: csr_matrix,
    labels: NDArray[np.str_],
    classes: NDArray[np.str_],
    C: float,
    weights: NDArray[Any],
) -> _Linear:
    """Fit each class on features scaled by how much they tell it from the rest.

    That is the ratio of their shares, in logarithms, between naive Bayes and plain features (Wang
    and Manning 2012, "Baselines and Bigrams"). With enough examples of each class it is half a
    point to two points better than plain features, with few it is worse.
    """
    total = np.asarray(X.sum(axis=0)).ravel()
    coefs, intercepts = [], []
    for label in classes[: 1 if len(classes) == 2 else None]:  # of two, one is the other's mirror
        own = labels == label
        mine = np.asarray(X[own].sum(axis=0)).ravel() + _SMOOTHING
        others = total - mine + 2 * _SMOOTHING
        ratio = np.abs(np.log((mine / mine.sum()) / (others / others.sum())))
        scale = (1 - _EMPHASIS + _EMPHASIS * ratio / ratio.mean()).astype(np.float32)
        model = LinearSVC(C=C, max_iter=_STEPS, random_state=_SEED)
        model.fit(csr_matrix(X @ diags(scale)), own, sample_weight=weights)
        coefs.append(model.coef_[0] * scale)
        intercepts.append(model.intercept_[0])
    if len(classes) == 2:
        return _both_sides(-coefs[0], -intercepts[0])
    return np.stack(coefs, axis=1), np.array(intercepts)


def _both_sides(coef: NDArray[Any], intercept: float) -> _Linear:
    """Return what speaks for the second of two classes as columns for both."""
    return np.stack([-coef, coef], axis=1) / 2, np.array([-intercept, intercept]) / 2
