"""What the submissions of one place, or of a few, say more than all others: topics by seeds.

Every feature (`letters`) that is far commoner in a place than elsewhere is a seed: the submissions
that have it. The seed learns what else its members say, takes in who says as much of it, lets go
who does not, and learns again: naive Bayes with unlabelled texts (Nigam, McCallum, Thrun and
Mitchell 2000). A submission says as much as its few weightiest letters; a weight is the logarithm
of how much commoner a feature is among the members than elsewhere and in the rest of the place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from minyi.analysis.issues.letters import Floats, Integers

if TYPE_CHECKING:
    from minyi.analysis.issues.localities import Speech

FEWEST = 4  # submissions of the place that must share a feature
LIFT = 5.0  # how many times commoner a feature, and a whole matter, is here than elsewhere
_LEAST = 5.4  # what a member's weightiest letters add up to, if there were one submission
_TOP = 4  # so many letters count
_DAMPING = 3.0  # members of average speech by which a small group is watered down
_REST = 0.3  # how much the rest of the place counts: there are members yet to be found
_TELLING = 50  # fewer submissions elsewhere do not tell how others talk
_SEEDS = 40
_ROUNDS = 6
_READ = 2000  # submissions of a place from which is learnt
_SAME = 0.4  # topics that share so much of the smaller one are one
SMALLEST = 3
SPENT = 0.5  # of a seed: if more is explained already, it is spent
_CORE = 6.0  # what an average member says of the letters that members share most

Chosen = NDArray[np.bool_]


class Area:
    """The submissions of some places, against those of all others."""

    def __init__(self, speech: Speech, places: list[int]) -> None:
        self.places = places
        rows = np.flatnonzero(np.isin(speech.place, places))
        self.rows = rows[:: -(-len(rows) // _READ)]
        told = speech.letters.told[self.rows]
        counts = np.bincount(told.indices, minlength=told.shape[1])
        self.columns = np.flatnonzero(counts > 1)
        self.told = told[:, self.columns].tocsr()
        self.turned = self.told.T.tocsr()
        self.counts = counts[self.columns].astype(np.float64)
        self.usual = self._usual(speech)
        self.damped = speech.damped[self.rows]
        # The more submissions there are, the more of them say as much by chance.
        self.least = _LEAST + float(np.log(len(self.rows)))
        number = np.full(told.shape[1] + 1, len(self.columns), np.int32)
        number[self.columns] = np.arange(len(self.columns), dtype=np.int32)
        self.letter_rows, place = speech.letters_at(self.rows)
        self.features = number[speech.letters.features[:, place]]
        self.letters = speech.letters.letters[place]

    def _usual(self, speech: Speech) -> Floats:
        """Return how common each feature is elsewhere: in other places, and in the corpus."""
        n = speech.sizes.sum() - speech.sizes[self.places].sum()
        own = np.asarray(speech.spoken[self.places].sum(axis=0)).ravel()
        elsewhere = (speech.total - own)[self.columns]
        corpus = speech.letters.usual[self.columns]
        usual = (elsewhere + 0.5) / (n + 1)
        few = n < _TELLING
        found: Floats = np.where(corpus > 0, np.maximum(corpus, usual * (not few)), usual)
        return found

    def topics(self) -> list[Chosen]:
        """Return the members of what is said here more than elsewhere, found from every seed."""
        found: list[Chosen] = []
        taken = np.zeros(len(self.rows), bool)
        for seed in self._seeds():
            if taken[seed].mean() > SPENT:
                continue
            chosen = self.grow(np.isin(np.arange(len(self.rows)), seed))
            if chosen.sum() >= SMALLEST:
                self._add(found, chosen)
                taken = np.any(found, axis=0)
        return found

    def _add(self, found: list[Chosen], chosen: Chosen) -> None:
        """Add a topic, or put it together with the one that it shares most with."""
        shared = [int((other & chosen).sum()) for other in found]
        alike = [
            i
            for i, other in enumerate(found)
            if shared[i] >= _SAME * min(other.sum(), chosen.sum())
        ]
        if not alike:
            found.append(chosen)
            return
        nearest = max(alike, key=lambda i: shared[i])
        both = self.grow(found[nearest] | chosen)
        if both.sum() >= 0.9 * max(found[nearest].sum(), chosen.sum()):
            found[nearest] = both

    def _seeds(self) -> list[Integers]:
        lift = self.counts / len(self.rows) / self.usual
        is_seed = (self.counts >= FEWEST) & (lift >= LIFT)
        features = np.flatnonzero(is_seed)
        order = np.argsort(-(self.counts * np.log(lift))[features], kind="stable")
        return [self.turned[[f]].indices for f in features[order][:_SEEDS]]

    def grow(self, chosen: Chosen) -> Chosen:
        """Return who says as much of a matter as its members do, until nobody comes or goes."""
        for _ in range(_ROUNDS):
            before = chosen
            chosen = self.scores(before) >= self.least
            if chosen.sum() < SMALLEST or (chosen == before).all():
                break
        return chosen

    def scores(self, chosen: Chosen) -> Floats:
        """Return how much each submission says of a matter; a member does not vouch for itself."""
        said = self._said(chosen)
        m = int(chosen.sum())
        scores = self._score(self._weights(said, m))
        own = self._score(self._weights(np.maximum(said - 1, 0), max(m - 1, 1)))
        found: Floats = np.where(chosen, own, scores) - self.damped
        return found

    def weights_of(self, chosen: Chosen) -> Floats:
        """Return the weight of every feature of `columns` for a matter."""
        return self._weights(self._said(chosen), int(chosen.sum()))

    def has_core(self, chosen: Chosen) -> bool:
        """Tell whether the members speak of one thing, and not each of something else."""
        shares = self._said(chosen) / max(int(chosen.sum()), 1)
        return bool(np.sort(shares * self.weights_of(chosen))[-_TOP:].sum() >= _CORE)

    def _said(self, chosen: Chosen) -> Floats:
        said: Floats = np.asarray(chosen.astype(np.float32) @ self.told, np.float64)
        return said

    def _weights(self, said: Floats, m: int) -> Floats:
        rest = np.maximum(self.counts - said + 0.5, 0.5) / max(len(self.rows) - m + 1, 1)
        usual = np.maximum(self.usual, _REST * rest)
        weights = np.log((said + _DAMPING * usual) / (m + _DAMPING) / usual)
        found: Floats = np.where((said > 1) & (weights > 0.5), weights, 0.0)
        return found

    def _score(self, weights: Floats) -> Floats:
        values = np.append(weights, 0.0)[self.features].max(axis=0, initial=0)
        return weightiest(values, self.letter_rows, self.letters, len(self.rows))


def weightiest(values: Floats, rows: Integers, letters: Integers, n: int) -> Floats:
    """Add up the weightiest letters of each row, every letter once; 0 for a row that has none."""
    told = np.flatnonzero(values > 0)
    values, rows, letters = values[told], rows[told], letters[told]
    order = np.lexsort((-values, letters, rows))
    values, rows, letters = values[order], rows[order], letters[order]
    first = (np.diff(rows, prepend=-1) != 0) | (np.diff(letters, prepend=-1) != 0)
    values, rows = values[first], rows[first]
    order = np.lexsort((-values, rows))
    values = values[order]
    rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
    top = rank < _TOP
    sums: Floats = np.bincount(rows[top], weights=values[top], minlength=n).astype(np.float64)
    return sums
