"""Hashed character pairs of submissions, apart into those of names and those of common language.

Two submissions concern one matter when they name the same place or people *and* speak of the same
thing. Character pairs that the project's corpus hardly knows come from names (of estates, firms,
roads); pairs that it knows come from what is said of them. Each block becomes a vector of length
one of its own, so that neither can stand in for the other.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from minyi.resources import bundled

BITS = 22
N_HASHED = 1 << BITS
RARE = 2  # a pair in at most so many submissions of the corpus comes from a name
_DOMINANT = 5  # so many common objects make a dominant matter
_DOMINANT_SHARE = 0.5
_OVERWHELMING = 50  # so many times as common as in the corpus
_MANY = 500  # fewer submissions do not tell what is common here
_HERE_ONLY = 100  # so many times as common here as in the corpus: a name of this office
_CHUNK = 8192  # rows at a time: bounds memory
_LINE = 10
_BASIC_PLANE = 0x10000
_TITLE = 1 << 14  # what an occurrence in a title adds to a count, beyond any count in a text
_ODD = np.uint32(0x9E3779B1), np.uint32(0x85EBCA77), np.uint32(0xC2B2AE3D)

Rows = NDArray[np.int32]
Hashes = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Vectors:
    """What submissions are compared by.

    Attributes
    ----------
    names, objects : csr_matrix of float32, shape (n_submissions, n_features)
        Rows of length one, or empty.
    occurrences : ndarray of int, shape (N_HASHED,)
        How often each pair occurs in all submissions.
    """

    names: sparse.csr_matrix
    objects: sparse.csr_matrix
    occurrences: NDArray[np.int64]


def hash_pairs(titles: Sequence[str], texts: Sequence[str]) -> tuple[Rows, Hashes]:
    """Hash the character pairs of titles and texts.

    Returns
    -------
    fields : ndarray of int32, ascending
        Twice the row for a title, one more for a text.
    hashes : ndarray of int32, below `N_HASHED`
    """
    lines = [field for pair in zip(titles, texts, strict=True) for field in pair]
    fields, hashes, _ = pairs_of("\n".join(one_line(lines)) + "\n")
    return fields, hashes


def one_line(texts: Sequence[str]) -> list[str]:
    """Return the texts without line breaks, none of them longer or shorter than before."""
    return [text.replace("\n", " ") if "\n" in text else text for text in texts]


def pairs_of(lines: str) -> tuple[Rows, Hashes, NDArray[np.int64]]:
    """Return line, hash and position of every character pair of a text of lines."""
    fields, codes = _codes(lines)
    is_letter = codes > 0
    positions = np.flatnonzero(is_letter[:-1] & is_letter[1:])
    hashed = codes.take(positions) * _ODD[0] ^ codes.take(positions + 1) * _ODD[1]
    hashed ^= hashed >> np.uint32(15)
    hashed *= _ODD[2]
    return fields.take(positions), (hashed >> np.uint32(32 - BITS)).astype(np.int32), positions


def letters_of(lines: str) -> tuple[Rows, NDArray[np.int64], NDArray[np.int64]]:
    """Return line, letter and hash of the pair with the next one (-1 for none) of every letter."""
    fields, codes = _codes(lines)
    _, hashes, positions = pairs_of(lines)
    pairs = np.full(len(codes), -1)
    pairs[positions] = hashes
    letters = np.flatnonzero(codes)
    return fields[letters], codes[letters].astype(np.int64), pairs[letters]


def _codes(lines: str) -> tuple[Rows, NDArray[np.uint32]]:
    raw = np.frombuffer(lines.encode("utf-32-le", "surrogatepass"), np.uint32)
    return np.cumsum(raw == _LINE, dtype=np.int32), _table()[np.minimum(raw, _BASIC_PLANE)]


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint32]:
    """Return one form of every character of the basic plane, 0 for what is no letter or digit."""
    import opencc

    plain = [unicodedata.normalize("NFKC", chr(code)).lower()[:1] for code in range(_BASIC_PLANE)]
    letters = [c if c.isalnum() else "\0" for c in plain]
    han = "".join(letters[0x3400:0xA000])
    simple = opencc.OpenCC("t2s").convert(han)
    if len(simple) == len(han):
        letters[0x3400:0xA000] = simple
    return np.array([*map(ord, letters), 0], np.uint32)


@lru_cache(maxsize=1)
def background() -> tuple[NDArray[np.int32], int]:
    """Return in how many submissions of the corpus each pair occurs, and their number."""
    with np.load(bundled("models/background.npz")) as table:
        counts = np.zeros(N_HASHED, np.int32)
        counts[table["pairs"]] = table["counts"]
        return counts, int(table["n"])


@dataclass(frozen=True)
class Weighting:
    """How pairs are weighed and how many are kept; the defaults were chosen by measuring.

    Attributes
    ----------
    most_common : float
        A pair in a larger share of the submissions says nothing and is dropped.
    lift : float
        An object that is so many times commoner here than in the corpus is kept all the same.
    title : float
        What occurring in the title adds to the logarithmic count.
    kept : int
        The weightiest pairs of each block of a submission that are kept.
    """

    most_common: float = 0.07
    lift: float = 10.0
    title: float = 0.7
    kept: int = 80


def vectors(
    titles: Sequence[str], texts: Sequence[str], weighting: Weighting | None = None
) -> Vectors:
    """Turn submissions into vectors of names and of objects.

    A pair weighs (1 + ln of its count + a bonus for the title) times the mean of its two inverse
    document frequencies, the one in the corpus and the one in these submissions.

    Parameters
    ----------
    titles, texts : sequence of str
        The same length.
    """
    weighting = weighting or Weighting()
    n = len(texts)
    chunks = [slice(start, start + _CHUNK) for start in range(0, n, _CHUNK)]
    occurrences = np.zeros(N_HASHED, np.int64)
    hashed = hash_pairs(titles[:_CHUNK], texts[:_CHUNK])  # most tables have no more
    for chunk in chunks:
        _, hashes = hashed if n <= _CHUNK else hash_pairs(titles[chunk], texts[chunk])
        occurrences += np.bincount(hashes, minlength=N_HASHED)
    known, n_known = background()
    kept = np.flatnonzero(occurrences > 1)
    kept = kept[_is_telling(occurrences[kept], known[kept], n, weighting)]
    lookup = np.full(N_HASHED, -1, np.int32)
    lookup[kept] = np.arange(len(kept), dtype=np.int32)
    here = np.log(np.maximum(n / occurrences[kept], 1))
    weights = ((here + np.log(n_known / (known[kept] + 1))) / 2).astype(np.float32)
    is_name = _is_name(occurrences[kept], known[kept], n)
    parts = []
    for chunk in chunks:
        pairs = hashed if n <= _CHUNK else hash_pairs(titles[chunk], texts[chunk])
        size = len(texts[chunk])
        parts.append(_chunk(pairs, size, lookup, weights, is_name, weighting))
    names, objects = (sparse.vstack(block, format="csr") for block in zip(*parts, strict=True))
    return Vectors(names, objects, occurrences)


def unit(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return the matrix with every row of length one; empty rows stay empty."""
    rows = row_numbers(matrix)
    squares = np.bincount(rows, weights=matrix.data * matrix.data, minlength=matrix.shape[0])
    lengths = np.sqrt(np.maximum(squares, 1e-12)).astype(np.float32)
    return _same_pattern(matrix, matrix.data / lengths[rows])


def heaviest(matrix: sparse.csr_matrix, kept: int) -> sparse.csr_matrix:
    """Keep about the `kept` largest values of every row: those that its mean value tells apart."""
    while (counts := np.diff(matrix.indptr)).max(initial=0) > kept:
        rows = row_numbers(matrix)
        sums = np.bincount(rows, weights=matrix.data, minlength=matrix.shape[0])
        means = np.where(counts > kept, sums / np.maximum(counts, 1), -1).astype(np.float32)
        stays = matrix.data > means[rows]
        if stays.all() or not stays.any():
            break
        starts = np.concatenate([[0], np.cumsum(np.bincount(rows[stays], minlength=len(counts)))])
        matrix = sparse.csr_matrix(
            (matrix.data[stays], matrix.indices[stays], starts), shape=matrix.shape
        )
    return matrix


def row_numbers(matrix: sparse.csr_matrix) -> NDArray[np.int64]:
    """Return the row of every stored value."""
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


def _same_pattern(matrix: sparse.csr_matrix, data: NDArray[np.float32]) -> sparse.csr_matrix:
    return sparse.csr_matrix((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def _is_telling(
    occurrences: NDArray[np.int64], known: NDArray[np.int32], n: int, weighting: Weighting
) -> NDArray[np.bool_]:
    """Tell which pairs are not too common.

    Where one matter fills a good part of the submissions, what it speaks of is common: such pairs
    are far commoner here than in the corpus, and they stay. Names are common for another reason
    as well, because all who write live there: they stay as far as such objects reach.
    """
    _, n_known = background()
    share = occurrences / max(n, 1)
    most = max(weighting.most_common, 8 / max(n, 1))
    lifted = (known > RARE) & (share > weighting.lift * (known + 1) / n_known)
    reach = np.inf if _is_dominated(occurrences, known, n) else most
    told: NDArray[np.bool_] = np.where(known <= RARE, share <= reach, (share <= most) | lifted)
    return told


def _is_dominated(occurrences: NDArray[np.int64], known: NDArray[np.int32], n: int) -> bool:
    """Tell whether one matter fills most of the submissions: they all speak of rare objects."""
    _, n_known = background()
    share = occurrences / max(n, 1)
    lifted = (known > RARE) & (share > _OVERWHELMING * (known + 1) / n_known)
    return int(np.count_nonzero(lifted & (share > _DOMINANT_SHARE))) >= _DOMINANT


def _is_name(occurrences: NDArray[np.int64], known: NDArray[np.int32], n: int) -> NDArray[np.bool_]:
    """Tell pairs of names: the corpus hardly knows them, or they are at home here only."""
    rare: NDArray[np.bool_] = known <= RARE
    if n < _MANY or _is_dominated(occurrences, known, n):
        return rare
    _, n_known = background()
    return rare | (occurrences / n > _HERE_ONLY * (known + 1) / n_known)


def _chunk(
    pairs: tuple[Rows, Hashes],
    n: int,
    lookup: NDArray[np.int32],
    weights: NDArray[np.float32],
    is_name: NDArray[np.bool_],
    weighting: Weighting,
) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    fields, hashes = pairs
    columns = lookup[hashes]
    seen = columns >= 0
    fields, columns = fields[seen], columns[seen]
    starts = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(fields >> 1, minlength=n), out=starts[1:])
    marks = np.where(fields & 1, 1, 1 + _TITLE).astype(np.int32)
    counts = sparse.csr_matrix((marks, columns, starts), shape=(n, len(weights))).tocsc()
    counts.sum_duplicates()
    in_title = counts.data >= _TITLE
    often = np.log(np.maximum(counts.data & (_TITLE - 1), 1)).astype(np.float32)
    values = 1 + often + np.float32(weighting.title) * in_title
    values *= np.repeat(weights, np.diff(counts.indptr))
    matrix = sparse.csc_matrix((values, counts.indices, counts.indptr), shape=counts.shape)
    names = unit(heaviest(matrix[:, is_name].tocsr(), weighting.kept))
    return names, unit(heaviest(matrix[:, ~is_name].tocsr(), weighting.kept))
