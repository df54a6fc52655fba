"""DataFrames in and out: a table's columns as submissions, results as a table on its index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from minyi.errors import InputError
from minyi.schema import COLUMNS, Result, Submission

if TYPE_CHECKING:
    import pandas as pd

_FIELDS = ("text", "title", "time", "place")  # of a submission, in order


def check_frame(frame: Any, columns: Iterable[str | None], header: str) -> None:
    """Refuse what is no DataFrame with just these columns, and a header we do not write.

    Parameters
    ----------
    frame : DataFrame
    columns : iterable of str or None
        Names it must have once; None stands for no column.
    header : {"en", "zh"}
        The language of the result columns' names.

    Raises
    ------
    InputError
        In Chinese, with the columns that were found.
    """
    if not hasattr(frame, "columns"):
        raise InputError(f"应为 DataFrame，实际是 {type(frame).__name__}：列表请用 classify。")
    if header not in ("en", "zh"):
        raise InputError(f"header 应为 en 或 zh，实际是 {header}。")
    names = [name for name in columns if name]
    there = list(frame.columns)
    if missing := [name for name in names if name not in there]:
        found = "、".join(map(str, there[:20]))
        raise InputError(f"表中没有列 {'、'.join(missing)}。现有的列：{found}。")
    if twice := [name for name in names if there.count(name) > 1]:
        raise InputError(f"表中有几列都叫 {'、'.join(twice)}：请先改成不同的列名。")


def read_frame(frame: pd.DataFrame, columns: Mapping[str, str | None]) -> list[Submission]:
    """Return a submission for each row of a DataFrame, which is not changed.

    Parameters
    ----------
    frame : DataFrame
    columns : mapping of str to str or None
        For text, title, time and place the name of the column, if there is one.
    """
    fields = {
        role: frame[name].astype("string").fillna("").tolist() if name else [""] * len(frame)
        for role, name in columns.items()
    }
    return [Submission(*row) for row in zip(*(fields[role] for role in _FIELDS), strict=True)]


def result_frame(results: Sequence[Result], index: pd.Index, header: str) -> pd.DataFrame:
    """Return the result columns, a row a result.

    Parameters
    ----------
    results : sequence of Result
    index : Index
        Of the rows that were classified.
    header : {"en", "zh"}
        The language of the columns' names.
    """
    import pandas as pd

    names = list(COLUMNS) if header == "en" else list(COLUMNS.values())
    return pd.DataFrame([result.as_row() for result in results], index=index, columns=names)
