"""Probabilities over a tree of codes, and the level at which to stop.

A code of two digits more lies one level down. The stem of a code is its level 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minyi.domain.taxonomy import DIGITS_PER_LEVEL

STEM_DIGITS = 2 * DIGITS_PER_LEVEL
_N_LEVELS = 3
_MOST_RIVALS = 2
_LEAST_RIVAL = 0.05

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Decision:
    """A code, its probability, and its rivals as (code, probability), the strongest first."""

    code: str
    score: float
    rivals: tuple[tuple[str, float], ...]


class Hierarchy:
    """Decide among codes of up to three levels.

    Parameters
    ----------
    codes : sequence of str
        The classes of the probabilities, sorted; they may be of any level.

    Examples
    --------
    >>> hierarchy = Hierarchy(["010201", "010202", "0402"])
    >>> hierarchy.decide(np.array([[0.45, 0.35, 0.2]]), level_threshold=0.5)[0]
    Decision(code='0102', score=0.8, rivals=(('010201', 0.45), ('0402', 0.2)))
    """

    def __init__(self, codes: Sequence[str]) -> None:
        self.codes = list(codes)
        self._levels = [_Level(self.codes, level) for level in range(1, _N_LEVELS + 1)]

    def decide(self, probabilities: NDArray[Any], level_threshold: float) -> list[Decision]:
        """Go down from the best level 1 while the best child reaches `level_threshold`.

        Parameters
        ----------
        probabilities : ndarray, shape (n, n_codes)
        level_threshold : float
            From 0 to 1. Level 1 is always given.
        """
        sums = [level.sum(probabilities) for level in self._levels]
        best = self._levels[0].nodes[sums[0].argmax(axis=1)]
        chosen, scores = best, sums[0].max(axis=1)
        open_rows = np.ones(len(chosen), dtype=bool)
        for level, values in zip(self._levels[1:], sums[1:], strict=True):
            child, score = level.best_child(values, chosen)
            open_rows &= score >= level_threshold
            chosen = np.where(open_rows, child, chosen)
            scores = np.where(open_rows, score, scores)
        rivals = self._rivals(sums, chosen)
        return [
            Decision(str(code), round(float(score), 6), tuple(rival))
            for code, score, rival in zip(chosen, scores, rivals, strict=True)
        ]

    def _rivals(
        self, sums: list[Floats], chosen: NDArray[np.str_]
    ) -> list[list[tuple[str, float]]]:
        """Return for each row its best other stems, and the best other code near the chosen one."""
        _, stem_level, leaf_level = self._levels
        rivals: list[list[tuple[str, float]]] = []
        order = np.argsort(-sums[1], axis=1)[:, : _MOST_RIVALS + 1]
        for row, code in enumerate(chosen):
            stem = code[:STEM_DIGITS]
            found = [
                (str(stem_level.nodes[i]), float(sums[1][row, i]))
                for i in order[row]
                if not stem_level.nodes[i].startswith(stem)
            ][:_MOST_RIVALS]
            found += leaf_level.near(sums[2][row], code)
            found = [(name, round(score, 6)) for name, score in found if score >= _LEAST_RIVAL]
            rivals.append(sorted(found, key=lambda rival: -rival[1]))
        return rivals


class _Level:
    """The nodes of one level, and the sums of what lies at and below them."""

    def __init__(self, codes: list[str], level: int) -> None:
        digits = level * DIGITS_PER_LEVEL
        below = [code[:digits] if len(code) >= digits else "" for code in codes]
        self.nodes = np.unique([node for node in below if node] or [""])
        self._columns = np.flatnonzero([bool(node) for node in below])
        positions = np.searchsorted(self.nodes, [node for node in below if node])
        self._starts = np.flatnonzero(np.diff(positions, prepend=-1))
        self._parents = np.array([node[:-DIGITS_PER_LEVEL] for node in self.nodes])

    def sum(self, probabilities: NDArray[Any]) -> Floats:
        if len(self._columns) == 0:
            return np.zeros((len(probabilities), 1), np.float32)
        return np.add.reduceat(probabilities[:, self._columns], self._starts, axis=1)

    def best_child(
        self, values: Floats, parents: NDArray[np.str_]
    ) -> tuple[NDArray[np.str_], Floats]:
        # Parents are few and repeat: one small argmax for each, not a mask as wide as the level.
        child = np.zeros(len(parents), dtype=self.nodes.dtype)
        score = np.zeros(len(parents), dtype=np.float32)
        for parent in np.unique(parents):
            columns = np.flatnonzero(self._parents == parent)
            if len(columns) == 0 or not parent:
                continue
            rows = np.flatnonzero(parents == parent)
            part = values[np.ix_(rows, columns)]
            child[rows] = self.nodes[columns[part.argmax(axis=1)]]
            score[rows] = part.max(axis=1)
        return child, score

    def near(self, values: Floats, code: str) -> list[tuple[str, float]]:
        """Return the best node under the stem of `code` other than `code`, if there is one."""
        stem = code[:STEM_DIGITS]
        start, end = np.searchsorted(self.nodes, [stem, stem + "~"])
        candidates = [i for i in range(start, end) if self.nodes[i] != code]
        if not candidates:
            return []
        best = max(candidates, key=lambda i: values[i])
        return [(str(self.nodes[best]), float(values[best]))]


def tree_probabilities(
    stem_logits: NDArray[Any], leaf_logits: NDArray[Any], stem_of: NDArray[np.int64]
) -> Floats:
    """Return P(stem) x P(leaf | stem) for every leaf; leaves of one stem must be neighbours."""
    starts = np.flatnonzero(np.diff(stem_of, prepend=-1))
    leaf = np.exp(leaf_logits - np.maximum.reduceat(leaf_logits, starts, axis=1)[:, stem_of])
    conditional = leaf / np.add.reduceat(leaf, starts, axis=1)[:, stem_of]
    return np.asarray(softmax(stem_logits)[:, stem_of] * conditional, dtype=np.float32)


def stem_positions(codes: Sequence[str], stems: Sequence[str]) -> NDArray[np.int64]:
    """Return for each code the position of its stem in the sorted `stems`."""
    return np.searchsorted(np.asarray(stems), np.array([code[:STEM_DIGITS] for code in codes]))


def softmax(logits: NDArray[Any]) -> Floats:
    """Return exp(logits) scaled to a row sum of 1."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True), dtype=np.float32)
