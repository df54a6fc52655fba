"""Probabilities over a tree of codes, and the level at which to stop.

A code of two digits more lies one level down. The stem of a code is its level 2; a model decides
among stems first, and then among the leaves of the stem.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from minyi.domain.taxonomy import DIGITS_PER_LEVEL

TOP_DIGITS = DIGITS_PER_LEVEL
STEM_DIGITS = 2 * DIGITS_PER_LEVEL
LEAF_DIGITS = 3 * DIGITS_PER_LEVEL
_MOST_RIVALS = 2
_LEAST_RIVAL = 0.05

Floats = NDArray[np.float32]
Conditional = Callable[[NDArray[np.int64], NDArray[np.int64]], Floats]


@dataclass(frozen=True, slots=True)
class Decision:
    """A code, its probability, and its rivals as (code, probability), the strongest first.

    Attributes
    ----------
    stem : int
        The position of the best stem at or below the code, whose words explain it.
    leaves : tuple of (str, float)
        The leaves of that stem and their probabilities, where the stem itself is sure enough.
    """

    code: str
    score: float
    rivals: tuple[tuple[str, float], ...]
    stem: int = 0
    leaves: tuple[tuple[str, float], ...] = field(default=(), compare=False)


class _Best(NamedTuple):
    """One row of probabilities: the best of level 1, its best stem, the leaves of that.

    `order` and `ordered` are the strongest stems of all and their probabilities.
    """

    top: int
    top_score: float
    stem: int
    stem_score: float
    conditional: list[float]
    order: list[int]
    ordered: list[float]


class Hierarchy:
    """Decide among codes of up to three levels.

    Parameters
    ----------
    codes : sequence of str
        The codes that a model knows, sorted; they may be of any level.

    Attributes
    ----------
    stems : list of str
    leaves : list of list of str
        The codes of each stem.

    Examples
    --------
    >>> hierarchy = Hierarchy(["010201", "010202", "0402"])
    >>> stems = np.array([[0.8, 0.2]])
    >>> leaf_given_stem = lambda rows, stems: np.array([[0.56, 0.44]])
    >>> hierarchy.decide(stems, leaf_given_stem, 0.5)[0].code
    '0102'
    """

    def __init__(self, codes: Sequence[str]) -> None:
        self.stems = sorted({code[:STEM_DIGITS] for code in codes})
        self.leaves = [[c for c in codes if c[:STEM_DIGITS] == stem] for stem in self.stems]
        self._tops = sorted({stem[:TOP_DIGITS] for stem in self.stems})
        top_of = [self._tops.index(stem[:TOP_DIGITS]) for stem in self.stems]
        self._starts = np.flatnonzero(np.diff(top_of, prepend=-1))
        self._ends = np.append(self._starts[1:], len(self.stems))
        self._top_of = top_of

    def decide(
        self, probabilities: NDArray[Any], conditional: Conditional, level_threshold: float
    ) -> list[Decision]:
        """Go down from the best level 1 while the best child reaches `level_threshold`.

        Parameters
        ----------
        probabilities : ndarray, shape (n, n_stems)
        conditional : callable
            Given rows and the stem (position) of each, returns P(leaf | stem), shape
            (n_rows, most leaves of a stem), in the order of `leaves`.
        level_threshold : float
            From 0 to 1. Level 1 is always given.
        """
        tops = np.add.reduceat(probabilities, self._starts, axis=1)
        best_tops = tops.argmax(axis=1)
        best_stems = np.empty(len(probabilities), dtype=np.int64)
        for top in np.unique(best_tops):
            start, end = self._starts[top], self._ends[top]
            rows = best_tops == top
            best_stems[rows] = start + probabilities[rows, start:end].argmax(axis=1)
        stem_scores = np.take_along_axis(probabilities, best_stems[:, None], axis=1)[:, 0]
        # Where the stem itself is doubtful, its leaves are not asked.
        asked = np.flatnonzero(stem_scores >= level_threshold)
        leaves = np.zeros((len(probabilities), max(map(len, self.leaves))), dtype=np.float32)
        if len(asked):
            leaves[asked] = conditional(asked, best_stems[asked])
        order = np.argsort(-probabilities, axis=1)[:, : _MOST_RIVALS + 1]
        table = zip(
            best_tops.tolist(),
            np.take_along_axis(tops, best_tops[:, None], axis=1)[:, 0].tolist(),
            best_stems.tolist(),
            stem_scores.tolist(),
            leaves.tolist(),
            order.tolist(),
            np.take_along_axis(probabilities, order, axis=1).tolist(),
            strict=True,
        )
        return [self._decision(_Best(*row), level_threshold) for row in table]

    def own_tops(self, probabilities: NDArray[Any], decisions: Sequence[Decision]) -> Floats:
        """Return, for each row, the probability of the level 1 that was decided."""
        tops = np.add.reduceat(probabilities, self._starts, axis=1)
        own = [self._top_of[decision.stem] for decision in decisions]
        return np.asarray(tops[np.arange(len(own)), own])

    def _decision(self, best: _Best, threshold: float) -> Decision:
        stem, stem_score = best.stem, best.stem_score
        leaves = [
            (code, stem_score * best.conditional[i])
            for i, code in enumerate(self.leaves[stem])
            if len(code) == LEAF_DIGITS
        ]
        leaves.sort(key=lambda leaf: -leaf[1])
        known = tuple(leaves) if stem_score >= threshold else ()
        code, score = self._tops[best.top], best.top_score
        if stem_score >= threshold and len(self.stems[stem]) == STEM_DIGITS:
            code, score = self.stems[stem], stem_score
            if leaves and leaves[0][1] >= threshold:
                code, score = leaves.pop(0)
        rivals = [
            (self.stems[i], p)
            for i, p in zip(best.order, best.ordered, strict=True)
            if self.stems[i] != code[:STEM_DIGITS]
        ][:_MOST_RIVALS]
        # A decision that stopped at level 1 shows what it wavered between, its own level 2 too.
        if len(code) > TOP_DIGITS:
            rivals += leaves[:1]
        strong = [(name, round(p, 6)) for name, p in rivals if p >= _LEAST_RIVAL]
        strong.sort(key=lambda rival: -rival[1])
        return Decision(code, round(min(score, 1.0), 6), tuple(strong), stem, known)

    def padded(self, leaf_probabilities: Floats, stems: NDArray[np.int64]) -> Floats:
        """Take P(leaf | stem) of each row's stem out of a row of all leaves."""
        starts = np.cumsum([0, *map(len, self.leaves)])
        result = np.zeros((len(stems), max(map(len, self.leaves))), np.float32)
        for row, stem in enumerate(stems):
            values = leaf_probabilities[row, starts[stem] : starts[stem + 1]]
            result[row, : len(values)] = values
        return result


def conditional_softmax(leaf_logits: NDArray[Any], stem_of: NDArray[np.int64]) -> Floats:
    """Return P(leaf | stem) for every leaf; leaves of one stem must be neighbours."""
    starts = np.flatnonzero(np.diff(stem_of, prepend=-1))
    leaf = np.exp(leaf_logits - np.maximum.reduceat(leaf_logits, starts, axis=1)[:, stem_of])
    return np.asarray(leaf / np.add.reduceat(leaf, starts, axis=1)[:, stem_of], dtype=np.float32)


def stem_positions(codes: Sequence[str], stems: Sequence[str]) -> NDArray[np.int64]:
    """Return for each code the position of its stem in the sorted `stems`."""
    return np.searchsorted(np.asarray(stems), np.array([code[:STEM_DIGITS] for code in codes]))


def softmax(logits: NDArray[Any]) -> Floats:
    """Return exp(logits) scaled to a row sum of 1."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True), dtype=np.float32)
