"""Hashed character and word features in vectorised NumPy; no scikit-learn in here.

A batch of submissions becomes one long string, viewed as an array of code points; characters,
character pairs and words are hashed by integer multiplication and counted by one sort. The
constants below are part of every saved model: the same text gives the same columns in every
process and on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

BLOCKS = ("characters", "title characters", "words", "title words")
# How long the vector of each block is: titles and words repeat what characters say, and count less.
BLOCK_LENGTHS = (1.0, 0.7, 1.0, 0.5)
BLOCK_BITS = 18
N_COLUMNS = len(BLOCKS) << BLOCK_BITS
MAX_BATCH = 0xFFFF

Cut = Callable[[str], list[str]]
Integers = NDArray[np.int64]
_Part = tuple[NDArray[np.int32], NDArray[np.uint32]]

_SEPARATOR = 10  # "\n": cleaned texts hold none
_SPACE = 32
_ODD = np.uint32(0x9E3779B1), np.uint32(0x85EBCA77), np.uint32(0xC2B2AE3D)
_LONGEST_WORD = 64
_POWERS = np.cumprod(np.full(_LONGEST_WORD, 0x01000193, dtype=np.uint32), dtype=np.uint32)
_WORD_START = np.array([chr(code).isalnum() for code in range(0x10000)])
_WORDS = BLOCKS.index("words")
_WORD_BLOCK = np.uint32(_WORDS << BLOCK_BITS)
_LOG_COUNT = 1.0 + np.log(np.arange(1, 1025, dtype=np.float32))


@dataclass(frozen=True, slots=True)
class Features:
    """The features of a batch before counting: one entry an occurrence.

    Attributes
    ----------
    n_submissions : int
    rows, columns : ndarray of int64, shape (n_occurrences,)
        Which submission, and which of the `N_COLUMNS` hashed columns.
    tokens : list of str
        All tokens of the batch, for evidence.
    words : ndarray of int64, shape (n_words,)
        Which of `tokens` are words.
    word_rows, word_columns : ndarray of int64, shape (n_words,)
    """

    n_submissions: int
    rows: Integers
    columns: Integers
    tokens: list[str]
    words: Integers
    word_rows: Integers
    word_columns: Integers

    def joined(self, wholes: Integers, n_wholes: int) -> Features:
        """Put the rows of parts together, and keep a row of its own for each part of several.

        Parameters
        ----------
        wholes : ndarray of int, ascending, shape (n_submissions,)
            To which whole each row belongs.
        n_wholes : int

        Returns
        -------
        Features
            First a row a whole, then a row for each part of a whole of several parts, in order.
            The words are those of the wholes.
        """
        is_several = (np.bincount(wholes, minlength=n_wholes) > 1)[wholes]
        part_rows = n_wholes - 1 + np.cumsum(is_several)
        repeated = is_several[self.rows]
        return replace(
            self,
            n_submissions=n_wholes + int(is_several.sum()),
            rows=np.concatenate([wholes[self.rows], part_rows[self.rows[repeated]]]),
            columns=np.concatenate([self.columns, self.columns[repeated]]),
            word_rows=wholes[self.word_rows],
        )


def extract(titles: Sequence[str], texts: Sequence[str], cut: Cut | None) -> Features:
    """Hash the features of cleaned titles and texts.

    Parameters
    ----------
    titles, texts : sequence of str
        The same length; without line breaks.
    cut : callable or None
        The segmenter; ``None`` leaves the words out.

    Returns
    -------
    Features
    """
    pairs = [field for pair in zip(titles, texts, strict=True) for field in pair]
    joined = "\n".join(pairs) + "\n"
    codes = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32)
    # Two fields a submission: even ones are titles.
    fields = np.cumsum(codes == _SEPARATOR, dtype=np.int32)
    parts = _character_parts(codes, fields)
    tokens = cut(joined) if cut is not None else []
    words, word_fields, word_columns = _hash_words(tokens, codes, fields)
    if tokens:
        parts += _with_title_block(word_fields, word_columns, block=_WORDS)
    rows, columns = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return Features(
        len(texts),
        rows,
        columns,
        tokens,
        words,
        word_fields >> 1,
        (word_columns + _WORD_BLOCK).astype(np.int64),
    )


def _character_parts(codes: NDArray[np.uint32], fields: NDArray[np.int32]) -> list[_Part]:
    solid = codes != _SPACE
    codes, fields = codes[solid], fields[solid]
    inside = codes != _SEPARATOR
    pair = inside[:-1] & inside[1:]
    single_columns = _mix(codes[inside] * _ODD[0])
    pair_columns = _mix(codes[:-1][pair] * _ODD[1] + codes[1:][pair] * _ODD[2])
    return [
        *_with_title_block(fields[inside], single_columns, block=0),
        *_with_title_block(fields[:-1][pair], pair_columns, block=0),
    ]


def _with_title_block(
    fields: NDArray[np.int32], columns: NDArray[np.uint32], block: int
) -> list[_Part]:
    """Count every feature in `block`, and those of titles in the block after it as well."""
    in_title = (fields & 1) == 0
    first, second = np.uint32(block << BLOCK_BITS), np.uint32((block + 1) << BLOCK_BITS)
    return [
        (fields >> 1, columns + first),
        (fields[in_title] >> 1, columns[in_title] + second),
    ]


def _hash_words(
    tokens: list[str], codes: NDArray[np.uint32], fields: NDArray[np.int32]
) -> tuple[Integers, NDArray[np.int32], NDArray[np.uint32]]:
    if not tokens:
        return np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.uint32)
    # The tokens of a text, joined, are the text: their lengths locate them in `codes`.
    lengths = np.fromiter(map(len, tokens), np.int64, len(tokens))
    ends = np.cumsum(lengths)
    starts = ends - lengths
    positions = np.arange(len(codes)) - np.repeat(starts, lengths)
    powers = _POWERS[np.minimum(positions, _LONGEST_WORD - 1)]
    hashed = np.add.reduceat(codes * powers, starts, dtype=np.uint32)
    first = codes[starts]
    wordlike = _WORD_START[np.minimum(first, 0xFFFF)]
    kept = np.flatnonzero(wordlike)
    return kept, fields[starts[kept]], _mix(hashed[kept] * _ODD[0])


def _mix(hashed: NDArray[np.uint32]) -> NDArray[np.uint32]:
    hashed ^= hashed >> np.uint32(15)
    hashed *= _ODD[1]
    hashed ^= hashed >> np.uint32(13)
    return hashed >> np.uint32(32 - BLOCK_BITS)


def count(
    features: Features, lookup: Integers | None = None, n_columns: int = N_COLUMNS
) -> csc_matrix:
    """Count the features of each submission.

    Parameters
    ----------
    features : Features
        Fastest for at most `MAX_BATCH` submissions.
    lookup : ndarray of int, shape (N_COLUMNS,), optional
        The new column of every hashed column, -1 to drop it.
    n_columns : int
        The number of columns after `lookup`.

    Returns
    -------
    csc_matrix of float32, shape (n_submissions, n_columns)
        Sorted indices, no duplicates.
    """
    from scipy.sparse import csr_matrix

    n, rows, columns = features.n_submissions, features.rows, features.columns
    if lookup is not None:
        columns = lookup.take(columns)
        known = columns >= 0
        rows, columns = rows[known], columns[known]
    # Sixteen bits are sorted by radix, which is linear.
    order = np.argsort(rows.astype(np.uint16) if n <= MAX_BATCH else rows, kind="stable")
    indptr = np.zeros(n + 1, dtype=np.int32)
    np.cumsum(np.bincount(rows, minlength=n), out=indptr[1:])
    ones = np.ones(len(order), dtype=np.float32)
    occurrences = csr_matrix((ones, columns.take(order), indptr), shape=(n, n_columns))
    # Turning rows into columns is a counting sort: linear, and alike on every processor, where
    # NumPy's own sort is five times slower on some.
    counts = occurrences.tocsc()
    counts.sum_duplicates()
    return counts


def weigh(counts: csc_matrix, columns: Integers, idf: NDArray[np.float32]) -> csc_matrix:
    """Turn counts into sublinear tf-idf, each block of a submission as long as `BLOCK_LENGTHS`.

    Parameters
    ----------
    counts : csc_matrix, shape (n_submissions, n_columns)
        Its data are replaced.
    columns : ndarray of int, shape (n_columns,)
        The ascending hashed column behind each column; tells the block.
    idf : ndarray of float32, shape (n_columns,)
    """
    values = np.repeat(idf, np.diff(counts.indptr))
    repeated = np.flatnonzero(counts.data > 1)
    often = np.minimum(counts.data[repeated], len(_LOG_COUNT)).astype(np.int32)
    values[repeated] *= _LOG_COUNT[often - 1]
    # Columns ascend, so each block is one stretch of the values.
    bounds = counts.indptr[np.searchsorted(columns, np.arange(len(BLOCKS) + 1) << BLOCK_BITS)]
    for length, (start, end) in zip(BLOCK_LENGTHS, pairwise(bounds.tolist()), strict=True):
        part, rows = values[start:end], counts.indices[start:end]
        squares = np.bincount(rows, weights=part * part, minlength=counts.shape[0])
        part *= (length / np.sqrt(np.maximum(squares, 1e-12))).astype(np.float32)[rows]
    counts.data = values
    return counts


def make_lookup(columns: Integers) -> Integers:
    """Return the position of every hashed column in the ascending `columns`, -1 if absent."""
    lookup: Integers = np.full(N_COLUMNS, -1, dtype=np.int32)
    lookup[columns] = np.arange(len(columns), dtype=np.int32)
    return lookup
