"""Continue training near a base model: what the new texts do not speak of stays as it was."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from minyi.learning.hierarchy import Floats, softmax
from minyi.learning.scoring import Linear

_STEPS = 15
_MEMORY = 4  # steps that L-BFGS looks back; each costs twice the size of the coefficients
_LEAST = 1e-9


def fit_near(
    X: csr_matrix,
    targets: Floats,
    base: Linear,
    *,
    C: float,
    weights: Floats | None = None,
    start: Linear | None = None,
    steps: int = _STEPS,
) -> Linear:
    """Fit a multinomial logistic regression whose penalty pulls towards `base`, not to zero.

    It minimises ``C * sum(weights * cross entropy) + |coef - base.coef|² / 2``: the most likely
    coefficients when those of `base` are what is believed beforehand (Chelba and Acero 2004,
    "Adaptation of Maximum Entropy Capitalizer").

    Parameters
    ----------
    X : csr_matrix, shape (n, n_features)
    targets : ndarray of float32, shape (n, n_classes)
        The probability of each class; a row may spread over several.
    base : Linear
    C : float
        Larger values trust the new texts more.
    weights : ndarray of float32, shape (n,), optional
    start : Linear, optional
        Where to begin; `base` by default.
    steps : int
        At most so many; the beginning is good, so few do.
    """
    # The coefficients of features that do not occur stay at the base.
    used = np.unique(X.indices)
    problem = _Problem(X[:, used], targets, weights, base.coef[used], C)
    begin = start or base
    first = np.vstack([begin.coef[used], begin.intercept])
    # The threads of a linear algebra library would fight with these.
    with threadpool_limits(1), ThreadPoolExecutor(max_workers=_cores()) as pool:
        found = minimize(
            lambda flat: problem.loss(flat, pool),
            first.ravel().astype(np.float64),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": steps, "maxcor": _MEMORY},
        ).x.reshape(first.shape)
    coef = base.coef.copy()
    coef[used] = found[:-1]
    return Linear(coef, found[-1].astype(np.float32))


class _Problem:
    def __init__(
        self,
        X: csr_matrix,
        targets: Floats,
        weights: Floats | None,
        prior: Floats,
        C: float,
    ) -> None:
        n = X.shape[0]
        share = np.ones(n, np.float32) if weights is None else weights.astype(np.float32)
        total = float(share.sum())
        self._share = (share / total)[:, None]
        self._penalty = np.float32(1.0 / (C * total))
        self._targets, self._prior = targets, prior
        self._rows = _split(X)
        self._columns = _split(X.T.tocsr())

    def loss(self, flat: NDArray[np.float64], pool: ThreadPoolExecutor) -> tuple[float, Any]:
        values = flat.astype(np.float32).reshape(len(self._prior) + 1, -1)
        coef, intercept = values[:-1], values[-1]
        logits = np.vstack(list(pool.map(lambda part: part @ coef, self._rows))) + intercept
        logits -= logits.max(axis=1, keepdims=True)
        normaliser = np.log(np.exp(logits).sum(axis=1, keepdims=True))
        logits -= normaliser
        away = coef - self._prior
        entropy = -float((self._share * self._targets * logits).sum())
        penalty = float(self._penalty) * float(np.vdot(away, away)) / 2
        slope = (np.exp(logits) - self._targets) * self._share
        parts = pool.map(lambda part: part @ slope, self._columns)
        gradient = np.vstack([*parts, slope.sum(axis=0)[None]])
        gradient[:-1] += self._penalty * away
        return entropy + penalty, gradient.ravel().astype(np.float64)


def _split(matrix: csr_matrix) -> list[csr_matrix]:
    bounds = np.linspace(0, matrix.shape[0], _cores() + 1).astype(int)
    return [matrix[start:end] for start, end in pairwise(bounds.tolist())]


def _cores() -> int:
    return min(os.cpu_count() or 1, 8)


def within(logits: Floats, allowed: NDArray[np.bool_]) -> Floats:
    """Return probabilities over the allowed classes of each row, shape (n, n_classes)."""
    masked = softmax(logits) * allowed + _LEAST * allowed
    return np.asarray(masked / masked.sum(axis=1, keepdims=True), dtype=np.float32)


def allowed_classes(classes: Sequence[str], labels: Sequence[str]) -> NDArray[np.bool_]:
    """Return which classes a label means, itself or those below, shape (n_labels, n_classes)."""
    kinds, position = np.unique(labels, return_inverse=True)
    table = np.array(
        [
            # Names of an office's own may begin alike and yet be different classes.
            [name == label if label in classes else name.startswith(label) for name in classes]
            for label in kinds.tolist()
        ]
    )
    return table[position]
