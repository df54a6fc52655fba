"""Submissions without what tells who wrote them, of whom and from where, for research.

Persons, numbers of telephones and the like, doors and rooms are hidden in every text, the sender
gets a pseudonym, places become as coarse as asked. What is left is not anonymous in the sense of
the law: what somebody tells of himself (the only teacher of a village) no rule finds, and of names
about one in ten stays, see `persons`. Read samples before texts leave the office; publish tables
only through `suppress` and `publication`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Literal, get_args

import pandas as pd

from minyi.analysis.frame import require
from minyi.analysis.privacy.doors import mask_doors
from minyi.analysis.privacy.localities import Coarse, Localities
from minyi.analysis.privacy.persons import (
    NameList,
    Person,
    find_persons,
    given_name,
    is_name,
    simplified,
    without,
)
from minyi.analysis.privacy.suppression import suppress
from minyi.domain.office import Office
from minyi.errors import InputError
from minyi.text.privacy import mask

__all__ = ["PlaceLevel", "anonymise", "suppress"]

#: How precisely a place may be told.
PlaceLevel = Literal["village", "town", "county", "none"]
# Neither names nor texts: what the program itself says, times and numbers. All else is a text.
_STAYS = frozenset(
    {*("row", "kind", "category_code", "category", "level1", "level2", "level3")}
    | {"status", "adopted", "row_status"}
)
_OF_PLACES = ("department", "co_departments")  # 石桥镇人民政府
_ACCOUNT = re.compile(r"(?=.*\d)[A-Za-z0-9_.@-]{5,}$")


def anonymise(
    submissions: pd.DataFrame,
    *,
    place_level: PlaceLevel = "village",
    names: Iterable[str] = (),
    office: Office | None = None,
) -> pd.DataFrame:
    """Return the submissions without persons, numbers and doors, their places made coarse.

    Parameters
    ----------
    submissions : DataFrame
        Of `prepare`, `read` or `classified`; further columns are taken for texts.
    place_level : {"village", "town", "county", "none"}
        The finest level that is told. Below "village" are groups (三组), doors and rooms; below
        "town" also villages, estates, roads and schools; below "county" also towns; "none" tells
        no place at all.
    names : iterable of str
        Names that must not be seen wherever they stand: those of a village's register, say.
    office : Office, optional
        Its towns and villages are known by name; without it, places are found by their form.

    Returns
    -------
    DataFrame
        The same rows, index and columns. Who is named in full in one row, or has sent one, is
        hidden in all. ``sender`` is S0001, S0002 … in order of appearance,
        ``id`` the number of the row, ``source`` empty. Times stay: publish coarser ones where
        the day tells too much.

    Raises
    ------
    InputError
        The frame was not prepared, or there is no such level.

    Examples
    --------
    >>> from minyi.analysis.frame import prepare
    >>> table = pd.DataFrame({"内容": ["我叫周文彬，住大塘村三组58号，电话13812345678"]})
    >>> anonymise(prepare(table))["text"][0]
    '我叫某某，住大塘村某组某号，电话138****5678'
    """
    if place_level not in get_args(PlaceLevel):
        found = repr(place_level)
        raise InputError(f"place_level 应为 village、town、county 或 none，实际是 {found}。")
    require(submissions)
    result = submissions.copy()
    senders = result["sender"] if "sender" in result else pd.Series("", index=result.index)
    pseudonyms = _pseudonyms(senders)
    localities = Localities(office.towns if office else (), office.name if office else "")
    coarse = localities.coarse(place_level)
    hider = _Hider(coarse, {*names, *filter(is_name, pseudonyms)})
    columns = [c for c in result if c not in _STAYS and result[c].dtype.kind in "OSUT"]
    for column in columns:
        if column not in _OF_PLACES:
            for value in result[column]:
                hider.read(value)
    for column in columns:
        hide = coarse.text if column in _OF_PLACES else hider
        hidden = [
            _hidden(value, hide, sender, pseudonyms)
            for value, sender in zip(result[column], senders, strict=True)
        ]
        result[column] = pd.Series(hidden, index=result.index, dtype=result[column].dtype)
    return _with_keys(result, submissions, senders.map(pseudonyms), coarse)


def _with_keys(
    result: pd.DataFrame, original: pd.DataFrame, pseudonyms: pd.Series, coarse: Coarse
) -> pd.DataFrame:
    """Put pseudonyms, numbers and coarse places in place of what identifies a row."""
    keys: dict[str, pd.Series] = {
        "sender": pseudonyms,
        "id": pd.Series([str(n) for n in range(1, len(result) + 1)], index=result.index),
        "source": pd.Series("", index=result.index),
    }
    for column, values in keys.items():
        if column in result:
            result[column] = values
            result[column] = result[column].astype(original[column].dtype)
    if "place" in result:
        places = [coarse.place(str(place)) for place in original["place"]]
        result["place"] = pd.Series(places, index=result.index, dtype=original["place"].dtype)
    return result


def _pseudonyms(senders: pd.Series) -> dict[str, str]:
    """Return a pseudonym for each sender, numbered as they appear; who is unknown stays so."""
    known = [sender for sender in dict.fromkeys(senders) if sender]
    return {"": "", **{sender: f"S{number:04d}" for number, sender in enumerate(known, 1)}}


class _Hider:
    """Hides what is personal in a text, and whoever is named in full in any text that was read."""

    def __init__(self, coarse: Coarse, names: Iterable[str]) -> None:
        self._coarse = coarse
        self._names = set(names)
        self._plain: dict[str, str] = {}
        self._found: dict[str, list[Person]] = {}

    def read(self, value: object) -> None:
        """Learn who is named in a text, or in a tuple of texts."""
        for text in value if isinstance(value, tuple | list) else (value,):
            if isinstance(text, str) and text:
                self._persons(text)

    def __call__(self, text: str) -> str:
        persons = self._persons(text)
        plain = self._plain[text]
        return without(plain, [*self._list.find(simplified(plain)), *persons])

    @cached_property
    def _list(self) -> NameList:
        return NameList(self._names)

    def _persons(self, text: str) -> list[Person]:
        if text not in self._found:
            plain = self._plain[text] = self._coarse.text(mask_doors(mask(text)))
            found = self._found[text] = find_persons(plain)
            full = (simplified(plain)[one.start : one.end] for one in found if one.whole)
            self._names.update(name for name in full if len(name) > 2 and is_name(name))
        return self._found[text]


def _hidden(
    value: object, hide: Callable[[str], str], sender: str, pseudonyms: dict[str, str]
) -> object:
    if isinstance(value, tuple | list):
        return type(value)(_hidden(one, hide, sender, pseudonyms) for one in value)
    if not isinstance(value, str) or not value:
        return value
    # An office addresses the sender by name or account: the pseudonym says as much.
    if is_name(sender) or _ACCOUNT.match(sender):
        value = value.replace(sender, pseudonyms[sender])
    if is_name(sender) and (given := given_name(sender)):
        value = value.replace(given, "某某")
    return hide(value)
