"""Heads for sentence vectors, and how much they count beside the heads for words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from minyi.learning.hierarchy import Floats, softmax
from minyi.learning.scoring import Linear, SentenceHead

_C = 10.0
_STEPS = 300
_EVEN = (0.5, 0.5)
_LEAST = 1e-3  # never 0, for 0 times a barred category is not a number


def fit_sentence_head(
    vectors: Floats,
    labels: NDArray[np.str_],
    held_out: NDArray[np.int64],
    own: Floats,
    short: NDArray[np.bool_],
) -> SentenceHead:
    """Fit a head for sentence vectors, and weigh both heads by what held-out short texts say.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, 512)
    labels : ndarray of str, shape (n,)
    held_out : ndarray of int, shape (n_held_out,)
        Rows of which `own` are the logits by a head for words that had not seen them.
    own : ndarray of float32, shape (n_held_out, n_classes)
    short : ndarray of bool, shape (n,)
        Which texts the heads will be mixed for.
    """
    classes = np.unique(labels)
    rest = np.setdiff1d(np.arange(len(labels)), held_out)
    if len(rest) == 0:  # every row was held out in its turn
        rest = np.arange(len(labels))
    tried = _fit(vectors[rest], labels[rest], classes)
    chosen = short[held_out]
    truth = np.searchsorted(classes, labels[held_out[chosen]])
    theirs, ours = tried.logits(vectors[held_out[chosen]]), own[chosen]

    def loss(weights: NDArray[np.float64]) -> float:
        probability = softmax(weights[0] * ours + weights[1] * theirs)
        right = probability[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(right, 1e-6)).mean())

    words, sentences = _EVEN
    if len(truth):
        words, sentences = np.maximum(
            minimize(loss, _EVEN, method="Nelder-Mead").x, _LEAST
        ).tolist()
    return SentenceHead(_fit(vectors, labels, classes).scaled(sentences), float(words))


def _fit(vectors: Floats, labels: NDArray[np.str_], classes: NDArray[np.str_]) -> Linear:
    model = LogisticRegression(C=_C, class_weight="balanced", max_iter=_STEPS)
    model.fit(vectors, labels)
    coef = np.zeros((vectors.shape[1], len(classes)), np.float32)
    intercept = np.full(len(classes), -30.0, np.float32)
    columns = np.searchsorted(classes, model.classes_)
    if len(columns) == 2:
        coef[:, columns] = np.vstack([-model.coef_[0], model.coef_[0]]).T / 2
        intercept[columns] = np.array([-model.intercept_[0], model.intercept_[0]]) / 2
    else:
        coef[:, columns], intercept[columns] = model.coef_.T, model.intercept_
    return Linear(coef, intercept)
