"""Submissions without what tells who wrote them, of whom and from where, for research.

Persons, numbers of telephones and the like, doors and rooms are hidden in every text, the sender
gets a pseudonym, places become as coarse as asked. What is left is not anonymous in the sense of
the law: what somebody tells of himself (the only teacher of a village) no rule finds. Read samples
before texts leave the office; publish tables only through `suppress`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Literal, get_args

import pandas as pd

from minyi.analysis.frame import require
from minyi.analysis.privacy import namewords
from minyi.analysis.privacy.doors import mask_doors
from minyi.analysis.privacy.localities import Coarse, Localities
from minyi.analysis.privacy.persons import mask_persons
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
_PERSON = re.compile(
    rf"(?:{'|'.join(namewords.COMPOUND_SURNAMES)}|[{''.join(sorted(namewords.SURNAMES))}])"
    r"[\u4e00-\u9fff]{1,2}$"
)
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
        The same rows, index and columns. ``sender`` is S0001, S0002 … in order of appearance,
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
    for column in result.columns:
        if column in _STAYS or result[column].dtype.kind not in "OSUT":
            continue
        hide = coarse.text if column in _OF_PLACES else _hider(coarse, names)
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


def _hider(coarse: Coarse, names: Iterable[str]) -> Callable[[str], str]:
    listed = tuple(names)
    return lambda text: mask_persons(coarse.text(mask_doors(mask(text))), listed)


def _hidden(
    value: object, hide: Callable[[str], str], sender: str, pseudonyms: dict[str, str]
) -> object:
    if isinstance(value, tuple | list):
        return type(value)(_hidden(one, hide, sender, pseudonyms) for one in value)
    if not isinstance(value, str) or not value:
        return value
    # An office addresses the sender by name or account: the pseudonym says as much.
    if sender and (_PERSON.match(sender) or _ACCOUNT.match(sender)):
        value = value.replace(sender, pseudonyms[sender])
    return hide(value)
