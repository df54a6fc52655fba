"""How many topics a set of texts holds: as many as come back when part of the texts is left out.

Non-negative matrix factorisation (Lee & Seung 1999) gives any number of topics one asks for.
Greene, O'Callaghan & Cunningham (2014, *How many topics? Stability analysis for topic models*)
ask which come back: the texts are factorised once as a whole and several times with a part left
out and another start; topics are paired by their leading words, and agreement is the average
Jaccard overlap of the rankings.

Coming back is not enough: where words are dealt out by lot, a common word with its chance company
comes back as well (stability up to 0.7). So each topic must also be more coherent (mean NPMI of its
leading words; Lau, Newman & Baldwin 2014) than any topic found in the same words shuffled.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from minyi.analysis.wording.association import npmi

Floats = NDArray[np.float64]

LEADING = 10  # words of a topic that are compared
_LEFT_OUT = 0.2
_ROUNDS = 200
_SHUFFLES = 2


@dataclass(frozen=True)
class Model:
    """Topics and how well they come back.

    Attributes
    ----------
    parts : ndarray of float64, shape (n_topics, n_terms)
    stability : ndarray of float64, shape (n_topics,)
        0 to 1: mean agreement over the runs.
    coherence : ndarray of float64, shape (n_topics,)
        -1 to 1: mean NPMI of the leading words.
    by_chance : float
        The greatest coherence of a topic in shuffled words.
    """

    parts: Floats
    stability: Floats
    coherence: Floats
    by_chance: float

    def holds(self, stable: float) -> NDArray[np.bool_]:
        """Say which topics are stable and more than chance."""
        return np.asarray((self.stability >= stable) & (self.coherence > self.by_chance), np.bool_)

    @property
    def mean(self) -> float:
        """The mean stability of its topics."""
        return float(self.stability.mean())


def fit(weights: sparse.csr_matrix, n_topics: int, runs: int, seed: int) -> Model:
    """Factorise the texts, and again `runs` times without a fifth of them.

    Parameters
    ----------
    weights : csr_matrix, shape (n_texts, n_terms)
        tf-idf.
    """
    parts = _factorised(weights, n_topics, None)
    leading = _leading(parts)
    agreement = [
        _agreement(
            leading, _leading(_factorised(_sample(weights, seed + run), n_topics, seed + run))
        )
        for run in range(runs)
    ]
    chance = [
        _coherence(mixed, _leading(_factorised(mixed, n_topics, None))).max()
        for mixed in (shuffled(weights, seed + number) for number in range(_SHUFFLES))
    ]
    coherence = _coherence(weights, leading)
    return Model(parts, np.mean(agreement, axis=0), coherence, float(max(chance)))


def chosen(models: Sequence[Model], least: float) -> Model:
    """Return the model whose topics that hold have the most stability above `least` in sum.

    So one more topic must pay: cutting a good one into two that hardly hold does not.
    """
    gains = [float((model.stability - least)[model.holds(least)].sum()) for model in models]
    return models[int(np.argmax(gains))]


def transformed(weights: sparse.csr_matrix, parts: Floats) -> Floats:
    """Return how much of each topic each text holds: shape (n_texts, n_topics)."""
    from sklearn.decomposition import non_negative_factorization

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the last digits still move
        held, _, _ = non_negative_factorization(
            weights,
            H=parts,
            n_components=len(parts),
            update_H=False,
            init="custom",
            max_iter=_ROUNDS,
        )
    return np.asarray(held, np.float64)


def _factorised(weights: sparse.csr_matrix, n_topics: int, seed: int | None) -> Floats:
    """Factorise from a start by singular vectors, or, with a seed, from a random one."""
    from sklearn.decomposition import NMF

    start, state = ("nndsvda", 0) if seed is None else ("random", seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the last digits still move
        model = NMF(n_topics, init=start, random_state=state, max_iter=_ROUNDS, tol=1e-3)
        model.fit(weights)
    return np.asarray(model.components_, np.float64)


def _sample(weights: sparse.csr_matrix, seed: int) -> sparse.csr_matrix:
    n = weights.shape[0]
    kept = np.random.default_rng(seed).permutation(n)[: max(int(n * (1 - _LEFT_OUT)), 1)]
    return weights[np.sort(kept)]


def shuffled(weights: sparse.csr_matrix, seed: int) -> sparse.csr_matrix:
    """Deal the words out to the texts by lot.

    A text keeps its number of words and a word, nearly, the number of its texts; what words are
    about is gone.
    """
    idf = np.asarray(weights.max(axis=0).todense()).ravel()
    columns = np.random.default_rng(seed).permutation(weights.indices)
    mixed = sparse.csr_matrix((idf[columns], columns, weights.indptr), shape=weights.shape)
    mixed.sum_duplicates()
    lengths = np.sqrt(np.asarray(mixed.multiply(mixed).sum(axis=1)).ravel())
    return (sparse.diags(1 / np.maximum(lengths, 1e-12)) @ mixed).tocsr()


def _coherence(weights: sparse.csr_matrix, leading: NDArray[np.int64]) -> Floats:
    """Return the mean NPMI of the leading words of each topic in the texts."""
    has = (weights > 0).astype(np.int64).tocsc()
    values = []
    for words in leading:
        both = (has[:, words].T @ has[:, words]).toarray()
        i, j = np.triu_indices(len(words), k=1)
        n = np.diag(both)
        values.append(float(npmi(both[i, j], n[i], n[j], has.shape[0]).mean()))
    return np.array(values)


def _leading(parts: Floats) -> NDArray[np.int64]:
    return np.argsort(-parts, axis=1, kind="stable")[:, :LEADING].astype(np.int64)


def _agreement(one: NDArray[np.int64], other: NDArray[np.int64]) -> Floats:
    """Return for each topic of `one` how alike its partner in `other` is, paired at best."""
    from scipy.optimize import linear_sum_assignment

    alike = np.array([[average_jaccard(a, b) for b in other.tolist()] for a in one.tolist()])
    rows, columns = linear_sum_assignment(-alike)
    return np.asarray(alike[rows, columns], np.float64)


def average_jaccard(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the mean overlap of the first 1, 2, 3 … words of two rankings.

    Examples
    --------
    >>> average_jaccard([1, 2, 3], [1, 2, 3]), average_jaccard([1, 2], [3, 4])
    (1.0, 0.0)
    >>> round(average_jaccard([1, 2], [2, 1]), 2)  # (0 + 1) / 2
    0.5
    """
    depths = range(1, min(len(one), len(other)) + 1)
    shares = [len({*one[:d]} & {*other[:d]}) / len({*one[:d]} | {*other[:d]}) for d in depths]
    return sum(shares) / max(len(shares), 1)
