"""What submissions say, letter by letter: the evidence for what is local to a place.

A letter bears the word it stands in: alone, with the letter before it and with the letter behind
it. That is what short slips can be compared by when everybody chooses other words (石场, 采石,
炸石头 share a letter). The category of a submission, where it was classified, counts like one
more letter, on each of its levels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from minyi.analysis.issues.vectors import N_HASHED, background, letters_of, one_line

_TEXT = 600  # characters of a text that are read
_PAIRS = 1 << 16  # features below are letters, from here on pairs, then categories
_CATEGORIES = _PAIRS + N_HASHED
_LEVELS = 3
_HAN = 0x3400, 0xA000

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters of submissions and the features they bear, numbered from 0.

    Attributes
    ----------
    rows, letters : ndarray of int, shape (n_letters,)
        The submission, ascending, and the letter; 0 for the category.
    features : ndarray of int32, shape (3, n_letters)
        What each bears; `n_features` for what only one submission says.
    told : csr_matrix of float32, shape (n_submissions, n_features)
        1 where a submission has a feature.
    usual : ndarray of float64, shape (n_features,)
        The share of submissions of the corpus that have it; 0 where the corpus does not tell.
    """

    rows: Integers
    letters: Integers
    features: NDArray[np.int32]
    told: sparse.csr_matrix
    usual: Floats


def read_letters(titles: Sequence[str], texts: Sequence[str], categories: Sequence[str]) -> Letters:
    """Read the letters of submissions.

    Parameters
    ----------
    titles, texts, categories : sequence of str
        The same length; a category is its code, two digits a level, or empty.
    """
    n = len(texts)
    lines = [f"{title} {text[:_TEXT]}" for title, text in zip(titles, texts, strict=True)]
    line, letter, pair = letters_of("\n".join(one_line(lines)) + "\n")
    behind = np.where(pair >= 0, pair + _PAIRS, -1)
    before = np.append(-1, behind)[:-1]
    alone = np.where((letter >= _HAN[0]) & (letter < _HAN[1]), letter, -1)
    of_row, levels = _levels(categories)
    rows = np.concatenate([line, of_row])
    features = np.concatenate([np.stack([alone, before, behind]), levels], axis=1)
    letters = np.concatenate([letter, np.zeros(len(of_row), np.int64)])
    order = np.argsort(rows, kind="stable")
    return _numbered(rows[order], letters[order], features[:, order], n)


def _levels(categories: Sequence[str]) -> tuple[Integers, Integers]:
    """Return which submissions have a category, and its levels as features."""
    rows = [row for row, code in enumerate(categories) if code]
    codes = [[categories[row][: 2 * level + 2] for row in rows] for level in range(_LEVELS)]
    _, numbers = np.unique(np.array(codes, dtype=str), return_inverse=True)
    shape = (_LEVELS, len(rows))
    return np.array(rows, np.int64), numbers.reshape(shape).astype(np.int64) + _CATEGORIES


def _numbered(rows: Integers, letters: Integers, features: Integers, n: int) -> Letters:
    """Give numbers to features that two submissions share, and tell which submission has which."""
    most = int(features.max(initial=0)) + 1
    known = features >= 0
    cells = np.unique(np.broadcast_to(rows, features.shape)[known] * most + features[known])
    counts = np.bincount(cells % most, minlength=most)
    shared = np.flatnonzero(counts > 1)
    number = np.full(most + 1, len(shared), np.int32)  # the last stands for -1
    number[shared] = np.arange(len(shared), dtype=np.int32)
    cells = cells[counts[cells % most] > 1]
    ones = np.ones(len(cells), np.float32)
    place = (cells // most, number[cells % most])
    told = sparse.csr_matrix((ones, place), shape=(n, len(shared)))
    corpus, n_corpus = background()
    is_pair = (shared >= _PAIRS) & (shared < _CATEGORIES)
    usual = np.zeros(len(shared))
    usual[is_pair] = (corpus[shared[is_pair] - _PAIRS] + 1) / n_corpus
    return Letters(rows, letters, number[features], told, usual)
