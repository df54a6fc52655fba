"""Two columns at once: categories by place, and categories on their way to departments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from minyi.analysis.figures.source import NAMES, Source, check, cut, named, source_of

if TYPE_CHECKING:
    import pandas as pd

_UNITS = {"place": "处", "department": "个部门"}
_UNITS |= dict.fromkeys(("level1", "level2", "level3", "category"), "类")
_FEW = 20  # rows of a place: shares of fewer jump by 5 points with each


@dataclass(frozen=True)
class Cross:
    """Numbers of submissions by two columns.

    Attributes
    ----------
    counts : DataFrame of int
        A row a place, a column a category, both the largest first; the last of each may stand
        for all that is not shown.
    totals : Series of int
        Of each row; the sum of its counts.
    rows, columns : str
        What they are, in Chinese.
    few : tuple of str
        Rows of under 20 submissions, whose shares say little.
    source : Source
    rest : str
        The column that stands for all that is not shown; "" where there is none.
    """

    counts: pd.DataFrame
    totals: pd.Series[int]
    rows: str
    columns: str
    few: tuple[str, ...]
    source: Source
    rest: str = ""

    @property
    def shares(self) -> pd.DataFrame:
        """Numbers as shares of their row, 0–1."""
        return self.counts.div(self.totals.clip(lower=1), axis=0)


@dataclass(frozen=True)
class Flow:
    """Numbers of submissions of each category that go to each department.

    Attributes
    ----------
    table : DataFrame
        ``category``, ``department`` str, ``n`` int > 0.
    categories, departments : Series of int
        The sums, in the order to draw, what stands for the rest last.
    source : Source
    """

    table: pd.DataFrame
    categories: pd.Series[int]
    departments: pd.Series[int]
    source: Source


def category_by_place(
    frame: pd.DataFrame,
    *,
    rows: str = "place",
    columns: str = "level1",
    most_rows: int = 30,
    most_columns: int = 12,
) -> Cross:
    """Count rows by place and category.

    Parameters
    ----------
    frame : DataFrame
        Classified submissions.
    rows, columns : str
        Columns of the frame.
    most_rows, most_columns : int
        How many to show; the others are summed.

    Examples
    --------
    >>> import pandas as pd
    >>> from minyi.analysis.frame import prepare
    >>> said = {"内容": ["低保没评上", "养老金", "路坏了"], "村": ["石桥村", "柳塘村", "石桥村"]}
    >>> frame = prepare(pd.DataFrame(said), place="村")
    >>> frame = frame.assign(level1=["民政", "民政", "交通运输"])
    >>> category_by_place(frame).counts.loc["石桥村"].to_dict()
    {'民政': 1, '交通运输': 1}
    """
    import pandas as pd

    check(frame, rows, columns)
    across = _summed(named(frame, rows), most_rows, _UNITS.get(rows, "项"))
    down = _summed(named(frame, columns), most_columns, _UNITS.get(columns, "项"))
    counts = pd.crosstab(across.values, down.values, dropna=False)
    counts = counts.reindex(index=across.order, columns=down.order, fill_value=0).astype("int64")
    what = NAMES.get(rows, rows), NAMES.get(columns, columns)
    return replace(cross_of(counts, *what, source_of(frame)), rest=down.rest)


def cross_of(counts: pd.DataFrame, rows: str, columns: str, source: Source) -> Cross:
    """Return numbers that were counted elsewhere, as of labels and what was predicted.

    Parameters
    ----------
    counts : DataFrame of int
        In the order to draw.
    rows, columns : str
        What they are, in Chinese.
    source : Source
    """
    totals = counts.sum(axis=1)
    few = tuple(str(name) for name, n in totals.items() if n < _FEW)
    return Cross(counts.rename_axis(index=None, columns=None), totals, rows, columns, few, source)


def category_to_department(
    frame: pd.DataFrame,
    *,
    column: str = "level1",
    most_categories: int = 10,
    most_departments: int = 15,
) -> Flow:
    """Count which categories go to which departments (主办).

    Departments are ordered so that few bands cross: by the mean position of what comes in
    (the barycentre of Sugiyama et al. 1981).

    Parameters
    ----------
    frame : DataFrame
        Classified submissions.
    column : str
        The column of the categories.
    most_categories, most_departments : int
        How many to show; the others are summed.
    """
    import pandas as pd

    check(frame, column, "department")
    left = _summed(named(frame, column), most_categories, "类")
    right = _summed(named(frame, "department"), most_departments, "个部门")
    pairs = pd.DataFrame({"category": left.values, "department": right.values})
    table = pairs.value_counts(sort=False).rename("n").reset_index()
    position = {name: i for i, name in enumerate(left.order)}
    table = table.assign(moment=table["category"].map(position) * table["n"])
    sums = table.groupby("department")[["moment", "n"]].sum()
    centre = (sums["moment"] / sums["n"]).to_dict()
    order = sorted(right.order, key=lambda name: (name == right.rest, centre[name], name))
    return Flow(
        table[["category", "department", "n"]],
        table.groupby("category")["n"].sum().reindex(left.order),
        sums["n"].reindex(order),
        source_of(frame),
    )


@dataclass(frozen=True)
class _Summed:
    """A column where what is rare has one name: its values, and the names in order."""

    values: pd.Series[str]
    order: list[str]
    rest: str


def _summed(values: pd.Series[str], most: int, unit: str) -> _Summed:
    shown, n_rest = cut(values.value_counts(sort=False), most)
    if not n_rest:
        return _Summed(values, shown, "")
    rest = f"其余 {n_rest} {unit}"
    return _Summed(values.where(values.isin(shown), rest), [*shown, rest], rest)
