"""What one place speaks of and others do not: matters that nobody names.

Slips from a village seldom name anything: whoever writes that the mill makes dust stands in front
of it, and everybody speaks of another side of it. What they have in common is that in this place
far more is said of it than elsewhere (`areas`). What is said of elsewhere as well (低保, 快递) is
no matter of this place; a matter between two villages belongs to both.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from minyi.analysis.issues.areas import (
    FEWEST,
    LIFT,
    SPENT,
    Area,
    Chosen,
    weightiest,
)
from minyi.analysis.issues.letters import Floats, Integers, Letters, read_letters

_ELSEWHERE = 1.0  # what is asked in addition of who lives elsewhere
_SHORT = 30  # letters; longer submissions hit more by chance
# 清溪 and 石桥 of 清溪镇石桥村: who lives there says it of everything.
_NAME = re.compile(r"[^\W省市县区镇乡村组街]{2,}")


def local_matters(
    titles: list[str],
    texts: list[str],
    categories: list[str],
    places: NDArray[np.int64],
    names: list[str],
) -> NDArray[np.int64]:
    """Group what only one place, or one neighbourhood, speaks of.

    Parameters
    ----------
    titles, texts : list of str
    categories : list of str
        Codes, empty where unknown.
    places : ndarray of int, shape (n,)
        The place of each; -1 unknown.
    names : list of str
        The names of the places, by number.

    Returns
    -------
    ndarray of int, shape (n,)
        The matter of each, -1 for none.
    """
    rows = np.flatnonzero(places >= 0)
    _, place = np.unique(places[rows], return_inverse=True)
    own = [re.compile("|".join(_NAME.findall(name)) or "$") for name in names]
    heads, bodies = (
        [own[places[row]].sub(" ", column[row]) for row in rows] for column in (titles, texts)
    )
    speech = Speech(read_letters(heads, bodies, [categories[row] for row in rows]), place)
    labels, best = np.full(len(places), -1), np.full(len(places), -np.inf)
    taken = np.zeros(len(rows), bool)
    for number, (members, scores) in enumerate(speech.topics()):
        if taken[members].mean() > SPENT:
            continue
        taken[members] = True
        better = members[scores > best[rows[members]]]
        labels[rows[better]], best[rows[better]] = number, scores[scores > best[rows[members]]]
    return labels


class Speech:
    """What is said in which place.

    Parameters
    ----------
    letters : Letters
    place : ndarray of int, shape (n,)
        From 0 on, none left out.
    """

    def __init__(self, letters: Letters, place: Integers) -> None:
        self.letters = letters
        self.place = place
        self.sizes = np.bincount(place)
        n = len(place)
        of_place = sparse.csr_matrix((np.ones(n, np.float32), (place, np.arange(n))))
        self.spoken = (of_place @ letters.told).tocsr()
        self.total = np.asarray(self.spoken.sum(axis=0)).ravel()
        self.turned = letters.told.T.tocsr()
        self.starts = np.searchsorted(letters.rows, np.arange(n + 1))
        different = np.unique(letters.rows << 16 | letters.letters) >> 16
        lengths = np.bincount(different, minlength=n)
        self.damped = 2 * np.log(np.maximum(lengths, _SHORT / 3) / _SHORT)

    def topics(self) -> list[tuple[Integers, Floats]]:
        """Return the members of all local matters and their scores, the largest matter first."""
        found = []
        for place in np.flatnonzero(self.sizes >= 2 * FEWEST):
            area = Area(self, [int(place)])
            for chosen in area.topics():
                topic = self._at_home(area, chosen)
                if topic is not None and len(topic[0]) >= FEWEST:
                    found.append(topic)
        return sorted(found, key=lambda topic: -len(topic[0]))

    def _at_home(self, area: Area, chosen: Chosen) -> tuple[Integers, Floats] | None:
        """Return a matter with the members that live where it is at home; None for no place."""
        scores = self.heard(area, chosen)
        homes = self._homes(scores >= area.least, area.places)
        if not homes:
            return None
        if len(homes) > len(area.places):
            wider = Area(self, homes)
            chosen = wider.grow(np.isin(wider.rows, np.flatnonzero(scores >= area.least)))
            scores, area = self.heard(wider, chosen), wider
        if not area.has_core(chosen):
            return None
        members = np.flatnonzero((scores >= area.least) & np.isin(self.place, homes))
        return members, scores[members]

    def _homes(self, heard: Chosen, homes: list[int]) -> list[int]:
        """Return the places where a matter is at home: all others together hardly speak of it."""
        hits = np.bincount(self.place[heard], minlength=len(self.sizes))
        order = np.argsort(-hits / self.sizes, kind="stable")
        others = order[~np.isin(order, homes)]
        while len(others) and hits[others[0]] >= FEWEST:
            if not self._is_lifted(hits, others[:1], others[1:]):
                break
            homes, others = [*homes, int(others[0])], others[1:]
        return homes if self._is_lifted(hits, np.array(homes), others) else []

    def _is_lifted(self, hits: Integers, here: Integers, rest: Integers) -> bool:
        inside = hits[here].sum() / self.sizes[here].sum()
        outside = (hits[rest].sum() + 0.5) / (self.sizes[rest].sum() + 1)
        return bool(not len(rest) or inside >= LIFT * outside)

    def heard(self, area: Area, chosen: Chosen) -> Floats:
        """Return how much every submission says of a matter, a member by what others say."""
        weights = np.zeros(self.letters.told.shape[1] + 1)
        weights[area.columns] = area.weights_of(chosen)
        told = np.flatnonzero(weights)
        sums = self.turned[told].T @ weights[told]
        rows = np.flatnonzero(sums >= area.least + self.damped)
        scores = np.full(len(self.place), -np.inf)
        scores[rows] = self.score(weights, rows) - _ELSEWHERE
        scores[area.rows] = area.scores(chosen)
        return scores

    def score(self, weights: Floats, rows: Integers) -> Floats:
        """Add up the weightiest letters of some submissions."""
        number, place = self.letters_at(rows)
        values = weights[self.letters.features[:, place]].max(axis=0, initial=0)
        scores = weightiest(values, number, self.letters.letters[place], len(rows))
        damped: Floats = scores - self.damped[rows]
        return damped

    def letters_at(self, rows: Integers) -> tuple[Integers, Integers]:
        """Return for the letters of some submissions which of these they are of, and where."""
        counts = np.diff(self.starts)[rows]
        before = self.starts[rows] - np.cumsum(counts) + counts
        number = np.repeat(np.arange(len(rows)), counts)
        return number, np.arange(len(number)) + np.repeat(before, counts)
