"""scikit-learn classifiers with calibrated probabilities: flat, and over the tree of categories."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, issparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.utils.validation import check_is_fitted

from minyi.errors import InputError
from minyi.learning.hierarchy import (
    STEM_DIGITS,
    Floats,
    conditional_softmax,
    softmax,
    stem_positions,
)

_FOLDS = 4
_SEED = 20
_MANY = 4000
_UNSEEN = -30.0  # the logit of a class that a fold's training part lacks


class CalibratedLogistic(ClassifierMixin, BaseEstimator):
    """Multinomial logistic regression whose scores are made honest by one temperature.

    The temperature is the one that makes held-out scores most likely (Guo et al. 2017, "On
    Calibration of Modern Neural Networks"); it costs one multiplication when predicting.

    Parameters
    ----------
    C : float
        Inverse strength of the L2 penalty.

    Attributes
    ----------
    classes_ : ndarray of str, shape (n_classes,)
    coef_ : ndarray of float32, shape (n_features, n_classes)
    intercept_ : ndarray of float32, shape (n_classes,)
        Both multiplied by the temperature.
    temperature_ : float
    held_out_rows_ : ndarray of int, shape (n_held_out,)
    held_out_ : ndarray of float32, shape (n_held_out, n_classes)
        The probabilities of these training rows by models that had not seen them.
    """

    def __init__(self, C: float = 10.0) -> None:
        self.C = C

    def fit(self, X: Any, y: ArrayLike) -> Self:
        """Fit on a sparse matrix and the labels, at least two different ones."""
        X = check_matrix(X)
        labels = check_labels(y, X.shape[0])
        self.classes_ = np.unique(labels)
        splits = folds(labels)
        self.held_out_rows_ = np.concatenate([test for _, test in splits])
        parts = []
        for train, test in splits:
            coef, intercept = fit_linear(X[train], labels[train], self.classes_, self.C)
            parts.append(X[test] @ coef + intercept)
        held_out = np.vstack(parts)
        truth = np.searchsorted(self.classes_, labels[self.held_out_rows_])
        self.temperature_ = fit_temperature(held_out, truth)
        self.held_out_ = softmax(held_out * self.temperature_)
        coef, intercept = fit_linear(X, labels, self.classes_, self.C)
        self.coef_, self.intercept_ = coef * self.temperature_, intercept * self.temperature_
        return self

    def decision_function(self, X: Any) -> Floats:
        """Return the calibrated logits, shape (n_samples, n_classes)."""
        check_is_fitted(self)
        return np.asarray(X @ self.coef_ + self.intercept_)

    def predict_proba(self, X: Any) -> Floats:
        """Return probabilities, shape (n_samples, n_classes)."""
        return softmax(self.decision_function(X))

    def predict(self, X: Any) -> NDArray[np.str_]:
        """Return the most probable label of each row."""
        return np.asarray(self.classes_[self.decision_function(X).argmax(axis=1)])


class TreeClassifier(ClassifierMixin, BaseEstimator):
    """Probabilities over codes of which two more digits mean one level down.

    One model decides among the stems (codes cut to level 2), one small model a stem among its
    leaves; the probability of a leaf is the product, and that of an inner category the sum of
    what lies below it, so that all levels agree. Stems and leaves have a temperature each.

    Parameters
    ----------
    C, leaf_C : float
        Inverse strength of the penalty of the stem model and of the leaf models.

    Attributes
    ----------
    classes_, stems_ : ndarray of str
        The codes seen in training, at whatever level they were given, and their stems.
    stem_coef_, stem_intercept_, leaf_coef_, leaf_intercept_ : ndarray of float32
        One column a stem or a code, multiplied by the temperature.
    held_out_rows_ : ndarray of int, shape (n_held_out,)
    held_out_stems_, held_out_leaves_ : ndarray of float32
        P(stem) and P(leaf | stem) of these training rows by models that had not seen them.
    """

    def __init__(self, C: float = 10.0, leaf_C: float = 10.0) -> None:
        self.C = C
        self.leaf_C = leaf_C

    def fit(self, X: Any, y: ArrayLike) -> Self:
        """Fit on a sparse matrix and the codes."""
        X = check_matrix(X)
        codes = check_labels(y, X.shape[0])
        stems = np.array([code[:STEM_DIGITS] for code in codes])
        self.classes_, self.stems_ = np.unique(codes), np.unique(stems)
        self.stem_of_ = stem_positions(self.classes_.tolist(), self.stems_.tolist())
        splits = folds(stems)
        rows = self.held_out_rows_ = np.concatenate([test for _, test in splits])
        parts = []
        for train, test in splits:
            stem, leaf = self._fit_both(X[train], codes[train], stems[train])
            parts.append((X[test] @ stem[0] + stem[1], X[test] @ leaf[0] + leaf[1]))
        stem_out, leaf_out = (np.vstack(part) for part in zip(*parts, strict=True))
        stem_heat, leaf_heat = self._temperatures(stem_out, leaf_out, codes[rows], stems[rows])
        self.held_out_stems_ = softmax(stem_out * stem_heat)
        self.held_out_leaves_ = conditional_softmax(leaf_out * leaf_heat, self.stem_of_)
        stem, leaf = self._fit_both(X, codes, stems)
        self.stem_coef_, self.stem_intercept_ = stem[0] * stem_heat, stem[1] * stem_heat
        self.leaf_coef_, self.leaf_intercept_ = leaf[0] * leaf_heat, leaf[1] * leaf_heat
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Return the probability of every code in `classes_`."""
        check_is_fitted(self)
        stems = softmax(X @ self.stem_coef_ + self.stem_intercept_)
        leaves = conditional_softmax(X @ self.leaf_coef_ + self.leaf_intercept_, self.stem_of_)
        return np.asarray(stems[:, self.stem_of_] * leaves)

    def predict(self, X: Any) -> NDArray[np.str_]:
        """Return the most probable code of each row."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])

    def _fit_both(
        self, X: Any, codes: NDArray[np.str_], stems: NDArray[np.str_]
    ) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        leaf_coef = np.zeros((X.shape[1], len(self.classes_)), np.float32)
        leaf_intercept = np.zeros(len(self.classes_), np.float32)
        for position, stem in enumerate(self.stems_):
            columns = np.flatnonzero(self.stem_of_ == position)
            rows = np.flatnonzero(stems == stem)
            if len(columns) > 1 and len(rows):
                own = fit_linear(X[rows], codes[rows], self.classes_[columns], self.leaf_C)
                leaf_coef[:, columns], leaf_intercept[columns] = own
        return fit_linear(X, stems, self.stems_, self.C), (leaf_coef, leaf_intercept)

    def _temperatures(
        self, stem_out: Floats, leaf_out: Floats, codes: NDArray[np.str_], stems: NDArray[np.str_]
    ) -> tuple[np.float32, np.float32]:
        stem_truth = np.searchsorted(self.stems_, stems)
        # A leaf competes with the leaves of its own stem only.
        same_stem = self.stem_of_[None, :] == stem_truth[:, None]
        contested = same_stem.sum(axis=1) > 1
        rivals = np.where(same_stem, leaf_out, _UNSEEN * 2)[contested]
        leaf_truth = np.searchsorted(self.classes_, codes)[contested]
        return fit_temperature(stem_out, stem_truth), fit_temperature(rivals, leaf_truth)


def fit_temperature(logits: NDArray[Any], truth: NDArray[np.int64]) -> np.float32:
    """Return the factor on logits that makes `truth` most likely, between 1/50 and 50."""
    rows = np.arange(len(truth))
    if len(rows) == 0:
        return np.float32(1.0)

    def loss(log_temperature: float) -> float:
        probability = softmax(logits * np.exp(log_temperature))[rows, truth]
        return float(-np.log(np.maximum(probability, 1e-6)).mean())

    bound = np.log(50.0)
    return np.float32(np.exp(minimize_scalar(loss, bounds=(-bound, bound), method="bounded").x))


def folds(labels: NDArray[Any]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return train and test rows, stratified where every class is large enough.

    Every row is tested once; of many rows only a quarter is, for one number to calibrate and one
    threshold need no more.
    """
    smallest = np.unique(labels, return_counts=True)[1].min()
    n_folds = min(_FOLDS, len(labels))
    kind = StratifiedKFold if smallest >= n_folds else KFold
    splits = list(kind(n_folds, shuffle=True, random_state=_SEED).split(labels, labels))
    return splits[:1] if len(labels) > _MANY else splits


def check_matrix(X: Any) -> csr_matrix:
    """Return the features as a CSR matrix: the one gate for features."""
    if not issparse(X) and not (isinstance(X, np.ndarray) and X.ndim == 2):
        raise InputError(
            f"特征应为二维矩阵，实际是 {type(X).__name__}：请先用 TextFeatures 把文本变成特征。"
        )
    matrix = csr_matrix(X)
    if not np.isfinite(matrix.data).all():
        raise InputError("特征中有 NaN 或无穷大：请检查特征的来源。")
    return matrix


def check_labels(y: ArrayLike, n_rows: int) -> NDArray[np.str_]:
    """Return the labels as an array of str: the one gate for labels."""
    raw = np.asarray(y, dtype=object)
    if raw.shape != (n_rows,):
        raise InputError(f"标签应与文本一一对应：文本 {n_rows} 条，标签的形状是 {raw.shape}。")
    missing = [i for i, label in enumerate(raw) if not isinstance(label, str | int | np.integer)]
    if missing:
        raise InputError(
            f"标签应为文字或整数，实际有 {len(missing)} 个是空值或其他类型"
            f"（位置 {'、'.join(map(str, missing[:5]))}）：请先补上或删去这些行。"
        )
    labels = raw.astype(str)
    n_labels = len(np.unique(labels))
    if n_labels < 2:
        raise InputError(f"标签应至少有两种，实际有 {n_labels} 种：请检查标签列是否选对。")
    return labels


def fit_linear(
    X: Any, labels: NDArray[np.str_], classes: NDArray[np.str_], C: float
) -> tuple[Floats, Floats]:
    """Return coefficients and intercepts, a column for each of `classes`."""
    coef = np.zeros((X.shape[1], len(classes)), np.float32)
    intercept = np.full(len(classes), _UNSEEN, np.float32)
    present = np.unique(labels)
    columns = np.searchsorted(classes, present)
    used = np.unique(X.indices)
    if len(present) == 1 or len(used) == 0:
        intercept[columns] = 0.0
        return coef, intercept
    # A leaf model sees few rows: leaving out the features they lack makes it hundreds of times
    # smaller and changes nothing, for the penalty keeps their coefficients at zero.
    model = LogisticRegression(C=C, class_weight="balanced", max_iter=60, tol=1e-3)
    with warnings.catch_warnings():
        # Sixty steps are enough for ranking and calibration; full convergence gains nothing.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X[:, used], labels)
    if len(present) == 2:  # scikit-learn gives one row for two classes
        coef[np.ix_(used, columns)] = np.vstack([-model.coef_[0], model.coef_[0]]).T / 2
        intercept[columns] = np.array([-model.intercept_[0], model.intercept_[0]]) / 2
    else:
        coef[np.ix_(used, columns)], intercept[columns] = model.coef_.T, model.intercept_
    return coef, intercept
