"""How much each of two models counts: what makes held-out labels most likely."""

from __future__ import annotations

from collections.abc import Sequence

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
    words, sentences = _EVEN
    if chosen.any():
        truth = classes[None, :] == labels[held_out[chosen]][:, None]
        theirs = tried.logits(vectors[held_out[chosen]])
        words, sentences = best_shares([own[chosen], theirs], truth).tolist()
    return SentenceHead(_fit(vectors, labels, classes).scaled(sentences), float(words))


def best_shares(logits: Sequence[Floats], allowed: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return what the logits of each model are multiplied by before they are added.

    Parameters
    ----------
    logits : sequence of ndarray, shape (n, n_classes)
        Of held-out rows, by model.
    allowed : ndarray of bool, shape (n, n_classes)
        The classes that are right for each row.

    Returns
    -------
    ndarray, shape (n_models,)
        Positive; those that make what is right most likely.
    """
    stacked = np.stack(logits)

    def loss(shares: NDArray[np.float64]) -> float:
        probability = softmax(np.tensordot(shares, stacked, axes=1))
        right = (probability * allowed).sum(axis=1)
        return float(-np.log(np.maximum(right, 1e-6)).mean())

    even = np.full(len(stacked), 1 / len(stacked))
    found = minimize(loss, even, method="Nelder-Mead").x
    return np.asarray(np.maximum(found, _LEAST))


def added(parts: Sequence[Linear], shares: Sequence[float]) -> Linear:
    """Return one head whose logits are those of `parts`, multiplied by `shares` and added."""
    first, *others = [part.scaled(share) for part, share in zip(parts, shares, strict=True)]
    for other in others:
        first = Linear(first.coef + other.coef, first.intercept + other.intercept)
    return first


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
