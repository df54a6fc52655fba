"""Texts as sets of runs of three characters, hashed in vectorised NumPy and counted exactly.

No random state: the constants are fixed, the same on every machine.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from minyi.text.cleaning import clean

Integers = NDArray[np.int64]
Hashes = NDArray[np.uint32]
_Key = TypeVar("_Key", np.int64, np.uint64)

WIDTH = 3  # characters of a shingle
_ODD = np.uint32(0x9E3779B1), np.uint32(0x85EBCA77), np.uint32(0xC2B2AE3D)
_SEPARATOR = 10  # "\n": comparable texts hold only letters, digits and characters
_BATCH = 4000  # texts that are shingled at once
_PAIRS = 1 << 14  # pairs that are compared at once

# 801、805 stay two numbers, 801.805; elsewhere nothing but letters, digits and characters is left.
_BETWEEN_NUMBERS = re.compile(r"(?<=\d)[\W_]+(?=\d)")
_NOT_TEXT = re.compile(r"[^\w.]+|_+|(?<!\d)\.+|\.+(?!\d)")
# 1、 and （二） at the start of a sentence: numbering changes when a sentence is added.
_NUMBERING = re.compile(
    r"(?:(?<=[。；，：！？ ])|^)[（(]?(?:\d{1,2}|[一二三四五六七八九十]{1,2})[)）、.．](?!\d)"
)
# Characters before which a place or an address is named; for `tells` only.
_NAME = 3  # characters before them
_NAMING = np.zeros(0x10000, dtype=bool)
_NAMING[[ord(c) for c in "区村镇乡县市路街巷组栋幢座号楼苑城园院校学司厂站桥0123456789"]] = True


@dataclass(frozen=True, slots=True)
class Shingles:
    """The shingle sets of texts, as the rows of a sparse matrix.

    Attributes
    ----------
    hashes : ndarray of uint32, shape (n_shingles,)
        30 bits each, ascending and different within a text.
    bounds : ndarray of int64, shape (n_texts + 1,)
        Text i owns ``hashes[bounds[i]:bounds[i + 1]]``.
    tells : ndarray of uint64, shape (n_texts,)
        A fingerprint of the numbers and of what stands before words such as 区, 村 or 路: the same
        letter sent for two places has two.
    """

    hashes: Hashes
    bounds: Integers
    tells: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def sizes(self) -> Integers:
        """Return how many different shingles each text has."""
        return np.diff(self.bounds)

    def compare(self, left: Integers, right: Integers) -> Integers:
        """Count exactly the shingles that two texts share, for many pairs.

        Parameters
        ----------
        left, right : ndarray of int, shape (n_pairs,)
            The numbers of the texts.

        Returns
        -------
        ndarray of int64, shape (n_pairs,)
        """
        from scipy.sparse import csr_matrix

        ones = np.ones(len(self.hashes), dtype=np.int8)
        # Views: 30 bits are the same number with and without a sign, and small enough for SciPy
        # not to copy them into wider ones.
        matrix = csr_matrix(
            (ones, self.hashes.view(np.int32), self.bounds.astype(np.int32)),
            shape=(len(self), 1 << 30),
            copy=False,
        )
        matrix.has_canonical_format = True
        shared = np.zeros(len(left), dtype=np.int64)
        for start in range(0, len(left), _PAIRS):
            part = slice(start, start + _PAIRS)
            both = matrix[left[part]].multiply(matrix[right[part]])
            shared[part] = np.diff(both.indptr)
        return shared


def comparable(texts: Sequence[str]) -> list[str]:
    """Return what of each text is compared: cleaned, lower case, no punctuation, no numbering.

    Parameters
    ----------
    texts : sequence of str

    Returns
    -------
    list of str
        The same length and order.

    Examples
    --------
    >>> comparable(["尊敬的李县长：您好！1、路灯坏了； 2、ＫＴＶ太吵。"])
    ['路灯坏了ktv太吵']
    """
    different = list(dict.fromkeys(texts))
    bare: dict[str, str] = {}
    for start in range(0, len(different), _BATCH):
        batch = different[start : start + _BATCH]
        cleaned = (_bare(_NUMBERING.sub("", text)) for text in clean(batch))
        bare.update(zip(batch, cleaned, strict=True))
    return [bare[text] for text in texts]


def _bare(text: str) -> str:
    return _NOT_TEXT.sub("", _BETWEEN_NUMBERS.sub(".", text)).lower()


def shingle(texts: Sequence[str]) -> Shingles:
    """Hash the shingles of comparable texts; a text under three characters has none.

    Parameters
    ----------
    texts : sequence of str
        Without line breaks, see `comparable`.

    Returns
    -------
    Shingles

    Examples
    --------
    >>> sets = shingle(["村口路灯坏了", "村口路灯坏了三天"])
    >>> sets.sizes(), sets.compare(np.array([0]), np.array([1]))
    (array([4, 6]), array([4]))
    """
    hashes, sizes, tells = [np.empty(0, np.uint32)], [np.zeros(1, np.int64)], []
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        joined = "\n".join(batch) + "\n"
        codes = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32)
        rows = np.cumsum(codes == _SEPARATOR) - (codes == _SEPARATOR)
        found_rows, found = _shingle_batch(codes, rows)
        hashes.append(found)
        sizes.append(np.bincount(found_rows, minlength=len(batch)))
        tells.append(_tell(codes, rows, len(batch)))
    bounds = np.cumsum(np.concatenate(sizes))
    return Shingles(
        np.concatenate(hashes), bounds, np.concatenate([np.empty(0, np.uint64), *tells])
    )


def _shingle_batch(codes: Hashes, rows: Integers) -> tuple[Integers, Hashes]:
    solid = codes != _SEPARATOR
    inside = solid[:-2] & solid[1:-1] & solid[2:]
    first, second, third = (codes[i : len(codes) - 2 + i][inside] for i in range(WIDTH))
    hashed = mix(first * _ODD[0] + second * _ODD[1] + third * _ODD[2]) >> np.uint32(2)
    # Row and hash in one number: one sort orders and dedupes every set.
    keys = distinct((rows[:-2][inside].astype(np.uint64) << np.uint64(32)) | hashed)
    return (keys >> np.uint64(32)).astype(np.int64), keys.astype(np.uint32)


def distinct(keys: NDArray[_Key]) -> NDArray[_Key]:
    """Return the different keys, ascending; sorting beats the hashing of `numpy.unique` here.

    Examples
    --------
    >>> distinct(np.array([3, 1, 3]))
    array([1, 3])
    """
    ordered = np.sort(keys)
    different: NDArray[_Key] = ordered[np.r_[True, ordered[1:] != ordered[:-1]][: len(ordered)]]
    return different


def mix(hashed: Hashes) -> Hashes:
    """Spread the bits of hashes."""
    hashed = (hashed ^ (hashed >> np.uint32(15))) * _ODD[1]
    hashed = (hashed ^ (hashed >> np.uint32(13))) * _ODD[2]
    return hashed ^ (hashed >> np.uint32(16))


def _tell(codes: Hashes, rows: Integers, n_texts: int) -> NDArray[np.uint64]:
    at = np.flatnonzero(_NAMING[np.minimum(codes, 0xFFFF)])
    hashed = codes[at] * _ODD[0]
    inside = np.ones(len(at), dtype=bool)
    for back in range(1, _NAME + 1):
        before = codes[np.maximum(at - back, 0)]
        inside &= (before != _SEPARATOR) & (at >= back)
        hashed = mix(hashed + before * inside.astype(np.uint32) * _ODD[1])
    # A sum does not mind the order in which places are named.
    return np.bincount(rows[at], weights=hashed, minlength=n_texts).astype(np.uint64)
