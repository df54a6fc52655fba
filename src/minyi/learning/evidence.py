"""The words that decided."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from minyi.learning.hashing import Features
from minyi.learning.scoring import Scorer

_LEAST_WEIGHT = 1.0  # of the logit before scaling to length: below, a word decides nothing
_MOST_CANDIDATES = 24
_SHORTEST = 2  # characters: one-character words say little to a reader


def strongest_words(
    scorer: Scorer,
    features: Features,
    classes: NDArray[np.int64],
    n_words: int = 5,
    fillers: Collection[str] = frozenset(),
) -> list[tuple[str, ...]]:
    """Return for each submission the words that speak most for its class.

    Parameters
    ----------
    scorer, features
        See `Scorer.word_weights`.
    classes : ndarray of int, shape (n_submissions,)
    n_words : int
    fillers : collection of str
        Words that say nothing to a reader, whatever their weight.

    Returns
    -------
    list of tuple of str
        The strongest first, each word once, only words that speak for the class.
    """
    weights = scorer.word_weights(features, classes)
    speaking = np.flatnonzero(weights > _LEAST_WEIGHT)
    order = speaking[np.lexsort((-weights[speaking], features.word_rows[speaking]))]
    # A word that stands again and again has one weight: its occurrences are neighbours here.
    rows, columns = features.word_rows[order], features.word_columns[order]
    first = np.flatnonzero((np.diff(rows, prepend=-1) != 0) | (np.diff(columns, prepend=-1) != 0))
    order, rows = order[first], rows[first]
    # No text needs more candidates than this to find its few different, long enough words.
    rank = np.arange(len(order)) - np.searchsorted(rows, rows)
    few = rank < _MOST_CANDIDATES
    found: list[list[str]] = [[] for _ in classes]
    for row, token in zip(rows[few].tolist(), features.words[order[few]].tolist(), strict=True):
        words, word = found[row], features.tokens[token]
        if len(words) < n_words and _tells(word, fillers) and word not in words:
            words.append(word)
    return [tuple(words) for words in found]


def _tells(word: str, fillers: Collection[str]) -> bool:
    return len(word) >= _SHORTEST and not word.isascii() and word not in fillers
