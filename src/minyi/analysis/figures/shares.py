"""How many submissions each category, place or department has: bars and a tree map."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from minyi.analysis.figures.source import (
    NAMES,
    Source,
    check,
    cut,
    named,
    ranked,
    source_of,
)

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Bars:
    """Numbers of submissions, the largest first.

    Attributes
    ----------
    table : DataFrame
        ``name`` str, ``n`` int, ``share`` float (0–1, of all), ``is_rest`` bool: the last row
        may stand for all that is not shown.
    what : str
        What is counted, in Chinese.
    source : Source
    """

    table: pd.DataFrame
    what: str
    source: Source


@dataclass(frozen=True)
class Tree:
    """Numbers of submissions by category of level 1 and, within it, level 2.

    Attributes
    ----------
    table : DataFrame
        ``level1``, ``level2`` str, ``n`` int; level 1 by its sum, level 2 within it, largest
        first. Where a submission stops at level 1, ``level2`` is empty.
    source : Source
    """

    table: pd.DataFrame
    source: Source


def share_bars(frame: pd.DataFrame, by: str = "level1", *, most: int = 20) -> Bars:
    """Count the rows of each category, place, department or kind.

    Parameters
    ----------
    frame : DataFrame
        Classified submissions.
    by : str
        A column. Levels 2 and 3 are named with the level above, for names recur.
    most : int
        How many to show; the rest is summed in a last row.

    Raises
    ------
    InputError
        The frame has no such column.

    Examples
    --------
    >>> import pandas as pd
    >>> from minyi.analysis.frame import prepare
    >>> frame = prepare(pd.DataFrame({"内容": ["路坏了", "种子不出苗", "桥裂了"]}))
    >>> frame = frame.assign(level1=["交通运输", "农业农村", "交通运输"])
    >>> share_bars(frame).table[["name", "n"]].values.tolist()
    [['交通运输', 2], ['农业农村', 1]]
    """
    check(frame, by)
    counts = named(frame, by).value_counts(sort=False)
    pairs = [(str(name), int(n)) for name, n in counts.items()]
    return bars_of(pairs, NAMES.get(by, by), source_of(frame), most=most)


def bars_of(
    counts: Iterable[tuple[str, int]], what: str, source: Source, *, most: int = 20
) -> Bars:
    """Return bars of numbers that were counted elsewhere, as in the desk's store.

    Parameters
    ----------
    counts : iterable of (name, number)
        Each name once.
    what : str
        What is counted, in Chinese.
    source : Source
    most : int
    """
    import pandas as pd

    numbers = pd.Series(dict(counts), dtype="int64")
    total = int(numbers.sum())
    shown, n_rest = cut(numbers, most)
    rows = [(name, int(numbers[name]), False) for name in shown]
    if n_rest:
        rows.append((f"其余 {n_rest} 项", total - sum(n for _, n, _ in rows), True))
    table = pd.DataFrame(rows, columns=["name", "n", "is_rest"])
    table = table.astype({"n": "int64", "is_rest": bool})
    table.insert(2, "share", table["n"] / total if total else table["n"].astype(float))
    return Bars(table, what, source)


def category_tree(frame: pd.DataFrame) -> Tree:
    """Count the rows of each category of levels 1 and 2.

    Parameters
    ----------
    frame : DataFrame
        Classified submissions.
    """
    import pandas as pd

    check(frame, "level1", "level2")
    below = frame["level2"].astype("string").fillna("")
    counts = pd.DataFrame({"level1": named(frame, "level1"), "level2": below})
    table = counts.value_counts(sort=False).rename("n").reset_index()
    sums = table.groupby("level1")["n"].sum()
    place = {name: i for i, name in enumerate(ranked(sums))}
    order = table.assign(place=table["level1"].map(place), minus=-table["n"])
    order = order.sort_values(["place", "minus", "level2"], kind="stable")
    return Tree(order[["level1", "level2", "n"]].reset_index(drop=True), source_of(frame))
