"""From cells to the frame: every column of the right type, what could not be read told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from minyi.analysis.intake.cells import (
    adopted_of,
    counts_of,
    moments_of,
    senders_of,
    statuses_of,
    texts_of,
)
from minyi.analysis.intake.columns import COLUMNS, ROLES
from minyi.tables.notes import row_list

if TYPE_CHECKING:
    import pandas as pd


def with_notes(frame: pd.DataFrame, told: Sequence[str]) -> pd.DataFrame:
    """Set what a user should know of the frame, each note once."""
    frame.attrs["notes"] = tuple(dict.fromkeys(told))
    return frame


def frame_of(
    cells: Mapping[str, pd.Series],
    names: Mapping[str, str],
    index: pd.Index,
    told: Sequence[str],
    rows: pd.Series | None = None,
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
    rows : Series, optional
        Numbers of the rows in the source; from 1 by default.

    Returns
    -------
    DataFrame
        The columns `COLUMNS`, ``source`` empty.
    """
    import pandas as pd

    rows = pd.Series(range(1, len(index) + 1), index=index) if rows is None else rows
    told = list(told)
    empty = pd.Series([""] * len(index), index=index, dtype="str")
    made: dict[str, Any] = {"source": empty, "row": rows.astype("int64")}
    for role in ROLES:
        values = cells.get(role, empty)
        made[role], unread = _column(role, values, names.get(role, ""))
        if unread:
            places = row_list([int(rows.iloc[i]) for i in unread])
            told.append(
                f"{ROLES[role]}列（{names[role]}）有 {len(unread)} 格读不懂，按空白处理：{places}"
            )
    made["id"] = _unique_ids(made["id"], told)
    if blank := int((made["text"].str.strip() == "").sum()):
        told.append(f"有 {blank} 行正文空白")
    return with_notes(pd.DataFrame(made, index=index)[list(COLUMNS)], told)


def _column(role: str, values: pd.Series, name: str) -> tuple[pd.Series, list[int]]:
    """Return the column of a role, and the positions of cells that could not be read."""
    if role in ("time", "reply_time"):
        moments = moments_of(values)
        unread = moments.isna() & (texts_of(values).str.strip() != "")
        return moments, [int(i) for i in unread.to_numpy().nonzero()[0]]
    if role in ("likes", "dislikes"):
        return counts_of(values), []
    if role == "status":
        return statuses_of(values, name)
    if role == "adopted":
        return adopted_of(values)
    if role == "sender":
        return senders_of(values), []
    texts = texts_of(values)
    return (texts.str.strip() if role in ("id", "place") else texts), []


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
