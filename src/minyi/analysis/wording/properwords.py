"""Which terms are names of places or people: found in the office's list, by form, by context."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from minyi.analysis.privacy import namewords
from minyi.analysis.privacy.persons import Person, find_persons
from minyi.analysis.wording.idlewords import (
    GENERAL,
    NOT_NAMED,
    NOT_PLACES,
    OF_ESTATES,
    PART,
    PLACE_KINDS,
)
from minyi.domain.office import Office

if TYPE_CHECKING:
    from minyi.analysis.wording.vocabulary import Vocabulary

_ADMINISTRATIVE = "街道|社区|[省市县区镇乡村]"
_PIECES = re.compile(rf"[^省市县区镇乡村]{{1,6}}?(?:{_ADMINISTRATIVE})")
_KIND = re.compile(rf"(?:{_ADMINISTRATIVE})$")
_NAMED = re.compile(r"(?P<name>[\u4e00-\u9fff]{2,4})(?P<kind>街道|社区|小区|大道|[镇乡村县市])")
_GENERAL_ENDS = tuple(
    {
        *NOT_NAMED,
        *PART,
        *GENERAL,
    }
)
_SURNAMES = (*namewords.COMPOUND_SURNAMES, *sorted(namewords.SURNAMES))
_TITLE = re.compile(namewords.TITLES)
_KINDS = sorted(PLACE_KINDS, key=len, reverse=True)
_SAMPLE = 3  # texts that are read to tell whether a term is a person
_MOSTLY = 0.6


def place_names(places: Iterable[str], office: Office | None = None) -> frozenset[str]:
    """Return the places of a column and of an office, whole, in pieces and without 村 or 镇.

    Examples
    --------
    >>> sorted(place_names(["清溪镇柳塘村"]))
    ['柳塘', '柳塘村', '清溪', '清溪镇', '清溪镇柳塘', '清溪镇柳塘村']
    """
    whole = {place for place in places if place}
    if office is not None:
        whole |= {n for t in office.towns for n in (t.name, *t.aliases, *t.villages)}
        whole |= {office.name} - {""}
    pieces = {piece for place in whole for piece in (place, *_PIECES.findall(place))}
    bare = {_KIND.sub("", piece) for piece in pieces}
    return frozenset(name for name in pieces | bare if len(name) > 1)


def properness(
    words: Vocabulary, listed: frozenset[str], next_words: Mapping[str, tuple[str, float]]
) -> NDArray[np.bool_]:
    """Say of each term whether it is a name of a place or a person.

    Parameters
    ----------
    words : Vocabulary
    listed : frozenset of str
        Names that are known.
    next_words : mapping of str to (str, float)
        The word that most often follows, and how often of all times.

    Returns
    -------
    ndarray of bool, shape (n_terms,)
    """
    is_place = _Places(listed, next_words)
    terms = zip(words.terms, words.n_words, strict=True)
    found = np.array([is_place(*term) for term in terms], bool)
    columns = words.incidence.tocsc()
    people = lru_cache(maxsize=None)(lambda row: find_persons(words.texts[row]))
    for i in np.flatnonzero(~found):
        if _may_be_person(words.terms[i]):
            rows = columns.indices[columns.indptr[i] : columns.indptr[i + 1]][:_SAMPLE].tolist()
            named = [_names(words.terms[i], words.texts[row], people(row)) for row in rows]
            found[i] = sum(named) > len(rows) / 2
    return found


@dataclass(frozen=True)
class _Places:
    listed: frozenset[str]
    next_words: Mapping[str, tuple[str, float]]

    def __call__(self, term: str, n_words: int = 1) -> bool:
        if term in self.listed or self._holds_listed(term) or _is_formed(term):
            return True
        following, share = self.next_words.get(term, ("", 0.0))
        if following in PLACE_KINDS and share >= _MOSTLY and term not in NOT_NAMED:
            return True
        if n_words == 1:
            return len(term) == 3 and term[-1] == "路" and not term[:2].endswith(_GENERAL_ENDS)
        return self._ends_named(term) or self._begins_named(term)

    def _holds_listed(self, term: str) -> bool:
        n = len(term)
        return any(term[i:j] in self.listed for i in range(n) for j in range(i + 3, n + 1))

    def _ends_named(self, term: str) -> bool:
        kind = next((kind for kind in _KINDS if term.endswith(kind)), "")
        name = term.removesuffix(kind)
        if not kind or len(name) < 2 or name.endswith(_GENERAL_ENDS):
            return False
        return kind in OF_ESTATES or self(name)

    def _begins_named(self, term: str) -> bool:
        kind = next((kind for kind in _KINDS if term.startswith(kind)), "")
        return bool(kind) and len(term) > len(kind) + 1 and self(term.removeprefix(kind))


def _is_formed(term: str) -> bool:
    if len(term) == 2:
        return term[1] in "镇乡村县市" and term not in NOT_PLACES
    named = _NAMED.fullmatch(term)
    return named is not None and not named["name"].endswith(_GENERAL_ENDS)


def _may_be_person(term: str) -> bool:
    surname = next((own for own in _SURNAMES if term.startswith(own)), "")
    given = term.removeprefix(surname)
    if not surname or not given or term in namewords.WORDS:
        return False
    return (len(given) <= 2 and set(given) <= namewords.GIVEN) or bool(_TITLE.fullmatch(given))


def _names(term: str, text: str, people: Sequence[Person]) -> bool:
    return any(text.startswith(term, one.start) for one in people)
