"""From cells to the frame: every column of the right type, what could not be read told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from minyi.analysis.intake.cells import adopted_of, counts_of, senders_of, statuses_of, texts_of
from minyi.analysis.intake.columns import COLUMNS, ROLES
from minyi.analysis.intake.moments import moments_of, strays, with_several_days
from minyi.analysis.intake.places import first_places
from minyi.tables.notes import MOST_ROWS, row_list

if TYPE_CHECKING:
    import pandas as pd

# A column, and the positions of the cells about which something is to be told.
_Read: TypeAlias = "tuple[pd.Series, dict[str, list[int]]]"
_READERS: dict[str, Callable[[pd.Series], tuple[pd.Series, list[int]]]] = {
    "likes": counts_of,
    "dislikes": counts_of,
    "adopted": adopted_of,
    "place": first_places,
}
_COUNT = "不是一个数或为负数，按 0 计"
_UNREAD = "读不懂，按空白处理（应写成 {}）"
# What is told of the cells that a reader points out.
_DOUBTS = {
    "likes": _COUNT,
    "dislikes": _COUNT,
    "status": _UNREAD.format("未答复、办理中、已答复、已办结"),
    "adopted": _UNREAD.format("是、否"),
    "place": "写了不止一个地方，计入第一个",
}
_DAY = _UNREAD.format("2026-03-05 这样，年月日俱全")
_STRAY = "与其余的时间相差十年以上，疑为误填，按空白处理"
_TWO_DAYS = "写了不止一个日期，取第一个"


def with_notes(frame: pd.DataFrame, told: Sequence[str]) -> pd.DataFrame:
    """Set what a user should know of the frame, each note once."""
    frame.attrs["notes"] = tuple(dict.fromkeys(told))
    return frame


def frame_of(
    cells: Mapping[str, pd.Series],
    names: Mapping[str, str],
    index: pd.Index,
    told: Sequence[str],
    where: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Put the frame together.

    Parameters
    ----------
    cells : mapping of str to Series
        Role → its cells as they stand in the source, all on `index`.
    names : mapping of str to str
        Role → name of its column.
    index : Index
    told : sequence of str
        What the user should know already.
    where : DataFrame, optional
        ``source`` and ``row`` of each row; by default no source, and rows from 1.

    Returns
    -------
    DataFrame
        The columns `COLUMNS`.
    """
    import pandas as pd

    if where is None:
        where = pd.DataFrame({"source": "", "row": range(1, len(index) + 1)}, index=index)
    empty = pd.Series([""] * len(index), index=index, dtype="str")
    told = list(told)
    made: dict[str, Any] = {"source": where["source"].astype("str")}
    made["row"] = where["row"].astype("int64")
    for role in ROLES:
        made[role], doubtful = _column(role, cells.get(role, empty), names.get(role, ""))
        told += [
            f"{ROLES[role]}列（{names[role]}）有 {len(at)} 格{what}：{_rows(where, at)}"
            for what, at in doubtful.items()
            if at
        ]
    made["id"] = _unique_ids(made["id"], told)
    if blank := int((made["text"].str.strip() == "").sum()):
        told.append(f"有 {blank} 行正文空白")
    return with_notes(pd.DataFrame(made, index=index)[list(COLUMNS)], told)


def _rows(where: pd.DataFrame, positions: Sequence[int]) -> str:
    """Name up to five rows, with their sheets where there are several."""
    rows = [int(row) for row in where["row"].iloc[list(positions)]]
    if where["source"].nunique() <= 1:
        return row_list(rows)
    shown: dict[str, list[int]] = {}
    for i, row in list(zip(positions, rows, strict=True))[:MOST_ROWS]:
        shown.setdefault(str(where["source"].iloc[i]), []).append(row)
    named = "；".join(f"{source} {row_list(own)}" for source, own in shown.items())
    return named + ("等" if len(rows) > MOST_ROWS else "")


def _column(role: str, values: pd.Series, name: str) -> _Read:
    """Return the column of a role, and the positions of cells to tell of."""
    if role in ("time", "reply_time"):
        return _moments(values)
    if role == "sender":
        return senders_of(values), {}
    if role in _DOUBTS:
        read = partial(statuses_of, name=name) if role == "status" else _READERS[role]
        found, doubtful = read(values)
        return found, {_DOUBTS[role]: doubtful}
    texts = texts_of(values)
    return (texts.str.strip() if role == "id" else texts), {}


def _moments(values: pd.Series) -> _Read:
    import pandas as pd

    found = moments_of(values)
    unread = found.isna() & (texts_of(values).str.strip() != "")
    far = strays(found)
    kept = found.copy()
    kept.iloc[far] = pd.NaT
    positions = [int(i) for i in unread.to_numpy().nonzero()[0]]
    return kept, {_DAY: positions, _STRAY: far, _TWO_DAYS: with_several_days(values)}


def _unique_ids(ids: pd.Series, told: list[str]) -> pd.Series:
    """Give rows without id a running number, and tell rows of one id apart: groups list ids."""
    import pandas as pd

    running = pd.Series([str(n) for n in range(1, len(ids) + 1)], index=ids.index, dtype="str")
    blank = ids == ""
    ids = ids.where(~blank, running)
    if ids.is_unique:
        return ids
    told.append(f"有 {int(ids.duplicated().sum())} 行的编号与别的行相同，已加（2）（3）……区分")
    taken, seen, out = set(ids), dict[str, int](), list[str]()
    for name in ids:
        out.append(_free(name, seen, taken))
    return pd.Series(out, index=ids.index, dtype="str")


def _free(name: str, seen: dict[str, int], taken: set[str]) -> str:
    """Return `name` the first time, then `name` with the next number that is free."""
    n = seen[name] = seen.get(name, 0) + 1
    if n == 1:
        return name
    while (unique := f"{name}（{n}）") in taken:
        n += 1
    seen[name] = n
    taken.add(unique)
    return unique
