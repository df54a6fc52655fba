"""scikit-learn classifiers with calibrated probabilities: flat, and over the tree of categories."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, issparse, vstack
from sklearn.base import BaseEstimator, ClassifierMixin
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
from minyi.learning.linear import UNSEEN, balanced, fit_linear

_FOLDS = 4
_SEED = 20
_MANY = 4000


class Parts(NamedTuple):
    """Parts of the texts, as examples of their own.

    Attributes
    ----------
    X : csr_matrix, shape (n_parts, n_features)
    rows : ndarray of int, shape (n_parts,)
        The text from which each comes.
    weight : float
        Of a part, where a text weighs about 1.
    """

    X: csr_matrix
    rows: NDArray[np.int64]
    weight: float


class CalibratedLinear(ClassifierMixin, BaseEstimator):
    """A linear support vector machine whose scores are made honest by one temperature.

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

    def __init__(self, C: float = 0.3) -> None:
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

    def __init__(self, C: float = 0.3, leaf_C: float = 0.3) -> None:
        self.C = C
        self.leaf_C = leaf_C

    def fit(self, X: Any, y: ArrayLike, parts: Parts | None = None) -> Self:
        """Fit on a sparse matrix and the codes; `parts` help to decide among the stems."""
        X = check_matrix(X)
        codes = check_labels(y, X.shape[0])
        stems = np.array([code[:STEM_DIGITS] for code in codes])
        self.classes_, self.stems_ = np.unique(codes), np.unique(stems)
        self.stem_of_ = stem_positions(self.classes_.tolist(), self.stems_.tolist())
        splits = folds(stems)
        rows = self.held_out_rows_ = np.concatenate([test for _, test in splits])
        outputs = []
        for train, test in splits:
            stem, leaf = self._fit_both(X, codes, stems, train, parts)
            outputs.append((X[test] @ stem[0] + stem[1], X[test] @ leaf[0] + leaf[1]))
        stem_out, leaf_out = (np.vstack(part) for part in zip(*outputs, strict=True))
        stem_heat, leaf_heat = self._temperatures(stem_out, leaf_out, codes[rows], stems[rows])
        self.held_out_stems_ = softmax(stem_out * stem_heat)
        self.held_out_leaves_ = conditional_softmax(leaf_out * leaf_heat, self.stem_of_)
        stem, leaf = self._fit_both(X, codes, stems, np.arange(len(codes)), parts)
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
        self,
        X: Any,
        codes: NDArray[np.str_],
        stems: NDArray[np.str_],
        chosen: NDArray[np.int64],
        parts: Parts | None,
    ) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        leaf_coef = np.zeros((X.shape[1], len(self.classes_)), np.float32)
        leaf_intercept = np.zeros(len(self.classes_), np.float32)
        for position, stem in enumerate(self.stems_):
            columns = np.flatnonzero(self.stem_of_ == position)
            rows = chosen[stems[chosen] == stem]
            if len(columns) > 1 and len(rows):
                own = fit_linear(X[rows], codes[rows], self.classes_[columns], self.leaf_C)
                leaf_coef[:, columns], leaf_intercept[columns] = own
        return self._fit_stems(X, stems, chosen, parts), (leaf_coef, leaf_intercept)

    def _fit_stems(
        self, X: Any, stems: NDArray[np.str_], chosen: NDArray[np.int64], parts: Parts | None
    ) -> tuple[Floats, Floats]:
        if parts is None:
            return fit_linear(X[chosen], stems[chosen], self.stems_, self.C)
        used = np.isin(parts.rows, chosen)
        labels = np.concatenate([stems[chosen], stems[parts.rows[used]]])
        # Fully balanced, the rarest stems would draw real letters to them.
        own = np.sqrt(balanced(stems[chosen]))
        weights = np.concatenate([own, np.full(used.sum(), parts.weight)])
        together = vstack([X[chosen], parts.X[used]], format="csr")
        return fit_linear(together, labels, self.stems_, self.C, weights, len(chosen))

    def _temperatures(
        self, stem_out: Floats, leaf_out: Floats, codes: NDArray[np.str_], stems: NDArray[np.str_]
    ) -> tuple[np.float32, np.float32]:
        stem_truth = np.searchsorted(self.stems_, stems)
        # A leaf competes with the leaves of its own stem only.
        same_stem = self.stem_of_[None, :] == stem_truth[:, None]
        contested = same_stem.sum(axis=1) > 1
        rivals = np.where(same_stem, leaf_out, UNSEEN * 2)[contested]
        leaf_truth = np.searchsorted(self.classes_, codes)[contested]
        return fit_temperature(stem_out, stem_truth), fit_temperature(rivals, leaf_truth)


def fit_temperature(logits: NDArray[Any], truth: NDArray[Any]) -> np.float32:
    """Return the factor on logits that makes `truth` most likely, between 1/50 and 50.

    Parameters
    ----------
    logits : ndarray, shape (n, n_classes)
    truth : ndarray of int, shape (n,), or of bool, shape (n, n_classes)
        The class of each row, or all the classes its label allows.
    """
    rows = np.arange(len(truth))
    if len(rows) == 0:
        return np.float32(1.0)

    def loss(log_temperature: float) -> float:
        probability = softmax(logits * np.exp(log_temperature))
        right = (probability * truth).sum(axis=1) if truth.ndim == 2 else probability[rows, truth]
        return float(-np.log(np.maximum(right, 1e-6)).mean())

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
