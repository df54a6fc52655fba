"""Words that stand side by side more often than chance: phrases, found pass after pass.

Tokens are one long row of numbers, so that pairs are counted by sorting, without a loop over words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minyi.analysis.wording.association import g2, npmi
from minyi.analysis.wording.idlewords import NEVER_FIRST

Integers = NDArray[np.int64]

BREAK = -1  # where a phrase ends
_PASSES = 2  # pairs, then pairs of pairs
_LONGEST = 10  # characters of a phrase
# How far from chance a pair must be; chosen by reading what each pair of values lets through.
_LEAST_NPMI, _LEAST_G2 = 0.3, 15.13


@dataclass(frozen=True)
class Tokens:
    """All words in a row; `BREAK` where a phrase ends."""

    rows: Integers
    codes: Integers
    words: list[str]


@dataclass(frozen=True)
class Terms:
    """Where terms stand: the submission and the number of each, and how many words they have."""

    rows: Integers
    codes: Integers
    words: list[str]
    n_words: tuple[int, ...]


def phrases_of(tokens: Tokens, units: Integers, fewest: int) -> Iterator[Terms]:
    """Find pairs, join them, and find pairs of what then stands side by side."""
    n_words = [1] * len(tokens.words)
    for _ in range(_PASSES):
        pairs = _pairs(tokens, units, fewest)
        if not len(pairs.keys):
            return
        size = len(tokens.words)
        joined = [tokens.words[k // size] + tokens.words[k % size] for k in pairs.keys.tolist()]
        lengths = tuple(n_words[k // size] + n_words[k % size] for k in pairs.keys.tolist())
        yield Terms(tokens.rows[pairs.places], pairs.codes, joined, lengths)
        n_words += lengths
        tokens = _joined(tokens, pairs, joined)


@dataclass(frozen=True)
class _Pairs:
    keys: Integers  # of each pair: left word × number of words + right word
    scores: NDArray[np.float64]
    places: Integers  # where one stands
    codes: Integers  # and which


def _pairs(tokens: Tokens, units: Integers, fewest: int) -> _Pairs:
    left, right = tokens.codes[:-1], tokens.codes[1:]
    places = np.flatnonzero((left >= 0) & (right >= 0))
    size = max(len(tokens.words), 1)
    keys, which, n = np.unique(
        left[places] * size + right[places], return_inverse=True, return_counts=True
    )
    if not len(keys):
        return _Pairs(keys, np.zeros(0), places, which)
    n_first = np.bincount(left[places], minlength=size)[keys // size]
    n_second = np.bincount(right[places], minlength=size)[keys % size]
    total = len(places)
    score = npmi(n, n_first, n_second, total)
    strong = g2(n, n_first, n_second - n, total - n_first) >= _LEAST_G2
    good = strong & (score >= _LEAST_NPMI) & (n >= fewest)
    lengths = np.array([len(word) for word in tokens.words])
    good &= lengths[keys // size] + lengths[keys % size] <= _LONGEST
    good &= np.array([word not in NEVER_FIRST for word in tokens.words])[keys // size]
    seen = good[which]
    many = int(units.max()) + 1
    by_citizen = np.unique(which[seen] * many + units[tokens.rows[places[seen]]])
    good &= np.bincount(by_citizen // many, minlength=len(keys)) >= fewest
    number = np.cumsum(good) - 1
    seen = good[which]
    return _Pairs(keys[good], score[good], places[seen], number[which[seen]])


def _joined(tokens: Tokens, pairs: _Pairs, joined: list[str]) -> Tokens:
    """Put phrases in the place of their words; of two that overlap, the stronger."""
    score = np.full(len(tokens.codes) + 1, -1.0)
    score[pairs.places] = pairs.scores[pairs.codes]
    here = score[pairs.places]
    before = np.where(pairs.places > 0, score[pairs.places - 1], -1.0)
    wins = (here > before) & (here >= score[pairs.places + 1])
    codes = tokens.codes.copy()
    codes[pairs.places[wins]] = len(tokens.words) + pairs.codes[wins]
    stays = np.ones(len(codes), bool)
    stays[pairs.places[wins] + 1] = False
    return Tokens(tokens.rows[stays], codes[stays], [*tokens.words, *joined])


def next_words(tokens: Tokens) -> dict[str, tuple[str, float]]:
    """Return for each word the one that follows most often, and in which share of its places."""
    left, right = tokens.codes[:-1], tokens.codes[1:]
    size = max(len(tokens.words), 1)
    places = np.flatnonzero((left >= 0) & (right >= 0))
    keys, n = np.unique(left[places] * size + right[places], return_counts=True)
    n_left = np.bincount(tokens.codes[tokens.codes >= 0], minlength=size)
    order = np.argsort(n, kind="stable")
    return {
        tokens.words[k // size]: (tokens.words[k % size], c / n_left[k // size])
        for k, c in zip(keys[order].tolist(), n[order].tolist(), strict=True)
    }
