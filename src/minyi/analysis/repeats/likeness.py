"""What is compared of every submission, and which of them are nearly the same text.

Similarity is Dice's: of the three-character runs of two texts, the share that both have, 2 |A and
B| / (|A| + |B|); 0.8 is a Jaccard similarity of 0.67. A text that stands nearly whole in one at
most twice as long and 40 characters longer counts as at least `CONTAINED` similar: a greeting, a
signature or a sentence more makes no other submission of a short text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from minyi.analysis.repeats.differences import (
    Wording,
    names_in_title,
    tell_apart,
)
from minyi.analysis.repeats.numerals import number_characters
from minyi.analysis.repeats.shingles import Integers, Shingles, comparable, shingle
from minyi.analysis.repeats.signatures import candidates, sign
from minyi.analysis.repeats.stars import lead

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

FEWEST = 8  # characters; shorter texts are compared as a whole only
BRIEF = 20  # characters; shorter texts are read together with their titles
CONTAINED = 0.85  # what a text counts that stands nearly whole in a longer one
_ALMOST_WHOLE = 0.95
_LONGER = 2.0  # times; and what it has more is a greeting, a signature, a sentence:
_SURPLUS = 40  # characters
# The estimate of a signature is 4.5 standard errors off at most once in 100,000 times.
_MARGIN = 0.2
_NOT_WORDS = re.compile(r"[\W_]+")
_BEGINNING, _FIRST = 60, 6  # characters
_AT_ONCE = 1 << 16
_WITNESSES = 3
# What people write when they have nothing to say.
_NOTHING = re.compile(r"(?:暂?无|没有?)(?:意见|建议|了)?|如题|同上|不详|其他|测试|(?:详?见)?附件")


@dataclass(frozen=True, slots=True)
class Rows:
    """What of every row is compared; `rank` is its place in the order of preference."""

    ids: list[str]
    senders: list[str]
    texts: list[str]
    titles: list[str]
    places: list[str]
    rank: Integers


@dataclass(frozen=True, slots=True)
class Units:
    """Rows with the same words, title places and place column, in the order of preference.

    Attributes
    ----------
    of_row : ndarray of int, shape (n_rows,)
        -1 for a row without words.
    wordings : list of Wording, of length n_units
    """

    of_row: Integers
    wordings: list[Wording]


def read(submissions: pd.DataFrame) -> Rows:
    """Return what of each row of a prepared frame is compared."""
    texts, titles = (comparable(submissions[name].tolist()) for name in ("text", "title"))
    whole = [
        title + text if len(text) < BRIEF and text != title else text
        for text, title in zip(texts, titles, strict=True)
    ]
    greetings = map(_greeting, submissions["text"].tolist(), texts)
    lengths = np.fromiter(map(len, whole), np.int64, len(whole))
    times = submissions["time"].to_numpy(dtype="datetime64[ns]").astype(np.int64)
    # NaT is the smallest number; an unknown time comes last.
    times = np.where(times == np.iinfo(np.int64).min, np.iinfo(np.int64).max, times)
    rank = np.empty(len(whole), dtype=np.int64)
    rank[np.lexsort((times, -lengths))] = np.arange(len(whole))
    return Rows(
        submissions["id"].tolist(),
        submissions["sender"].tolist(),
        whole,
        ["\n".join(pair) for pair in zip(titles, greetings, strict=True)],
        comparable(submissions["place"].tolist()),
        rank,
    )


def _greeting(original: str, text: str) -> str:
    """Return the beginning that cleaning left out: it may name the place that the text does not."""
    beginning = _NOT_WORDS.sub("", original[:_BEGINNING]).lower()
    return beginning[: max(0, beginning.find(text[:_FIRST]))]


def join_equal(rows: Rows) -> Units:
    """Put rows with the same words together: 100,000 equal rows are compared as one."""
    of_row = np.full(len(rows.texts), -1, dtype=np.int64)
    numbers: dict[tuple[str, ...], int] = {}
    wordings: list[Wording] = []
    for row in np.argsort(rows.rank).tolist():
        text, place = rows.texts[row], rows.places[row]
        if not text or _NOTHING.fullmatch(text):
            continue
        key = (text, place, *sorted(names_in_title(rows.titles[row])))
        unit = numbers.setdefault(key, len(numbers))
        if unit == len(wordings):
            wordings.append(Wording(text, number_characters(text), rows.titles[row], place))
        of_row[row] = unit
    return Units(of_row, wordings)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike texts are, counted exactly.

    Attributes
    ----------
    shingles : Shingles
    similarity : float
        From which texts are alike.
    """

    shingles: Shingles
    similarity: float

    def dice(self, left: Integers, right: Integers) -> Floats:
        """Return the share of both texts' shingles that both have, shape (n_pairs,)."""
        sizes = self.shingles.sizes()
        return 2 * self.shingles.compare(left, right) / (sizes[left] + sizes[right])

    def alike(self, left: Integers, right: Integers) -> Floats:
        """Return a preference for each pair, 0 for those that are not alike; shape (n_pairs,)."""
        shared, sizes = self.shingles.compare(left, right), self.shingles.sizes()
        smaller = np.minimum(sizes[left], sizes[right])
        larger = np.maximum(sizes[left], sizes[right])
        scores = 2 * shared / (smaller + larger)
        is_within = (
            (shared >= _ALMOST_WHOLE * smaller)
            & (larger <= _LONGER * smaller)
            & (larger - smaller <= _SURPLUS)
        )
        scores[is_within] = np.maximum(scores[is_within], CONTAINED)
        # Of several that are alike, one that names the same places and numbers comes first.
        preferred = scores + (self.shingles.tells[left] == self.shingles.tells[right])
        return np.where(scores >= self.similarity, preferred, 0.0)

    def links(self) -> tuple[Integers, Floats]:
        """Return the pairs that banding finds and counting confirms, and how alike they are."""
        jaccard = self.similarity / (2 - self.similarity)
        signatures = sign(self.shingles)
        pairs = candidates(signatures, self.shingles.tells, jaccard)
        least = min(jaccard, 1 / _LONGER) if self.similarity <= CONTAINED else jaccard
        pairs = pairs[_estimates(signatures, pairs) >= least - _MARGIN]
        scores = self.alike(pairs[:, 0], pairs[:, 1])
        return pairs[scores > 0], scores[scores > 0]


def _estimates(signatures: NDArray[np.uint32], pairs: Integers) -> Floats:
    estimates = np.empty(len(pairs))
    for start in range(0, len(pairs), _AT_ONCE):
        left, right = pairs[start : start + _AT_ONCE].T
        estimates[start : start + _AT_ONCE] = (signatures[left] == signatures[right]).mean(axis=1)
    return estimates


class _Parting:
    """Says whether a unit must stay out of a leader's group, and remembers who came in.

    A leader that names no place has no quarrel with anyone: two who name different places must not
    both join it. So a unit is also compared with a few members that name other things than the
    leader.
    """

    def __init__(self, wordings: list[Wording], tells: NDArray[np.uint64]) -> None:
        self._wordings = wordings
        self._tells = tells
        self._witnesses: dict[int, list[int]] = {}

    def __call__(self, leader: int, unit: int) -> bool:
        if tell_apart(self._wordings[leader], self._wordings[unit]):
            return True
        witnesses = self._witnesses.setdefault(leader, [])
        if any(self._tells[unit] == self._tells[other] for other in (leader, *witnesses)):
            return False  # names nothing that the leader or a witness does not name
        mine = self._wordings[unit]
        if any(tell_apart(self._wordings[other], mine) for other in witnesses):
            return True
        if len(witnesses) < _WITNESSES:
            witnesses.append(unit)
        return False


def find_leaders(units: Units, similarity: float) -> tuple[Integers, Floats]:
    """Group the units.

    Parameters
    ----------
    units : Units
    similarity : float

    Returns
    -------
    leaders : ndarray of int64, shape (n_units,)
        The unit around which each one is grouped, itself where it is alone.
    dice : ndarray of float64, shape (n_units,)
        The similarity to the leader.
    """
    leaders = np.arange(len(units.wordings))
    dice = np.ones(len(leaders))
    # The units stand in order of length: texts too short to be alike are the last.
    wordings = [w for w in units.wordings if len(w.text) >= FEWEST]
    if len(wordings) > 1:
        long = slice(0, len(wordings))
        likeness = Likeness(shingle([w.text for w in wordings]), similarity)

        parting = _Parting(wordings, likeness.shingles.tells)
        leaders[long] = lead(len(wordings), *likeness.links(), parting, likeness.alike)
        dice[long] = likeness.dice(leaders[long], np.arange(len(wordings)))
    return leaders, dice
