"""The frame of submissions on which every analysis works, and how to get one.

A row a submission, in the order of the source: ``id`` (text, never twice), ``source`` and ``row``
(where it stands), ``sender``, ``time`` (datetime64), ``title``, ``text``, ``place``, ``likes``
and ``dislikes`` (int64), ``status`` (未答复, 办理中, 已答复, 已办结), ``adopted`` (是, 否),
``reply`` and ``reply_time``. `classified` adds what the model says; then ``co_departments`` and
``evidence`` are tuples of str, ``urgent`` and ``needs_review`` bool, ``deadline`` datetime64.

Missing values are empty texts, 0 and NaT. What a user should know of the reading stands in
``frame.attrs["notes"]``; `notes` returns it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minyi.analysis.intake.cells import texts_of
from minyi.analysis.intake.columns import COLUMNS, ROLES, SAMPLE_ROWS, Found, find_columns
from minyi.analysis.intake.files import open_files, read_table
from minyi.analysis.intake.rows import frame_of, with_notes
from minyi.errors import InputError
from minyi.frames import check_frame
from minyi.schema import COLUMNS as RESULT_COLUMNS
from minyi.schema import Result, Submission
from minyi.tables.notes import name_list

if TYPE_CHECKING:
    import pandas as pd

    from minyi.pipeline import Minyi

#: The columns that `classified` adds, with their Chinese names.
CLASSIFIED = {
    name: RESULT_COLUMNS[name]
    for name in RESULT_COLUMNS
    if name not in ("alternatives", "department_reason", "place", "row_error")
}
_DTYPES: dict[str, Any] = {  # of columns that are no text
    **dict.fromkeys(("urgent", "needs_review"), "bool"),
    **dict.fromkeys(("kind_score", "score"), "float64"),
    **dict.fromkeys(("co_departments", "evidence"), "object"),
    "deadline": "datetime64[ns]",
}
_CHUNK = 1000

Progress = Callable[[int], None]


def prepare(
    frame: pd.DataFrame,
    *,
    text: str | None = None,
    title: str | None = None,
    time: str | None = None,
    place: str | None = None,
    id: str | None = None,
    sender: str | None = None,
    likes: str | None = None,
    dislikes: str | None = None,
    status: str | None = None,
    adopted: str | None = None,
    reply: str | None = None,
    reply_time: str | None = None,
) -> pd.DataFrame:
    """Return the submissions of a DataFrame, a row a row, on its index.

    Parameters
    ----------
    frame : DataFrame
        Is not changed. One that was prepared before stays as it is.
    text, title, time, place, id, sender, likes, dislikes, status, adopted, reply, reply_time : str
        Names of its columns. None: recognised by name, the text also by content; ``""``: there
        is none.

    Returns
    -------
    DataFrame
        The columns `COLUMNS`; their types are told above.

    Raises
    ------
    InputError
        No DataFrame, no rows, no text column, a column that is not there or there twice, or an
        index with repeats, to which results could not be joined.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"内容": ["路灯坏了半年"], "日期": ["2026年3月2日"], "状态": ["办结"]})
    >>> prepare(table)[["text", "time", "status"]].values.tolist()
    [['路灯坏了半年', Timestamp('2026-03-02 00:00:00'), '已办结']]
    """
    named = (id, sender, time, title, text, place, likes, dislikes, status, adopted, reply)
    chosen = dict(zip(ROLES, (*named, reply_time), strict=True))
    check_frame(frame, chosen.values(), "zh")
    _check_rows(frame)
    if set(COLUMNS) <= set(frame.columns) and not any(chosen.values()):
        return with_notes(frame.copy(), notes(frame))
    header = [str(name) for name in frame.columns]
    roles, how = _columns_of(frame, header, chosen)
    cells = {role: frame.iloc[:, column] for role, column in roles.items()}
    names = {role: header[column] for role, column in roles.items()}
    told = [f"按内容认作{ROLES[r]}的列：“{names[r]}”" for r, h in how.items() if h == "content"]
    return frame_of(cells, names, frame.index, told)


def read(
    paths: Any, *, columns: Mapping[str, str] | None = None, sheet: str | None = None
) -> pd.DataFrame:
    """Return the submissions of spreadsheets, sheet after sheet.

    Parameters
    ----------
    paths : path or sequence of paths
        Files and folders, see `minyi.tables.find_inputs`.
    columns : mapping of str to str, optional
        Role (see `prepare`) → name of its column, in every sheet; ``""`` for none.
    sheet : str, optional
        Read only the sheet of this name.

    Returns
    -------
    DataFrame
        As of `prepare`; ``source`` is ``file › sheet`` and ``row`` the row in it, from 1.

    Raises
    ------
    InputError
        A file cannot be read, no sheet can be used, or a role or column does not exist.
    """
    import pandas as pd

    columns = dict(columns or {})
    tables = open_files(_as_paths(paths), columns, sheet)
    parts = [read_table(table, columns) for table in tables]
    cells = pd.concat([part for part, _ in parts], ignore_index=True)
    _check_rows(cells)
    names = {role: name for _, named in reversed(parts) for role, name in named.items()}
    found = {role: cells[role].fillna("") for role in ROLES if role in cells}
    warned = [warning for table in tables for warning in table.warnings]
    told = [*tables.skipped, *warned]
    return frame_of(found, names, cells.index, told, cells[["source", "row"]])


def classified(
    frame: pd.DataFrame, minyi: Minyi, *, progress: Progress | None = None
) -> pd.DataFrame:
    """Return the submissions with the columns `CLASSIFIED` and the place found.

    A submission without a time has no deadline, unless `minyi` was told when all were received.

    Parameters
    ----------
    frame : DataFrame
        Of `prepare` or `read`.
    minyi : Minyi
        See `minyi.load`.
    progress : callable, optional
        Called with the number of rows done so far.
    """
    import pandas as pd

    from minyi.batch import classify_each

    require(frame)
    submissions = _submissions(frame)
    results: list[Result] = []
    for start in range(0, len(submissions), _CHUNK):
        results += classify_each(minyi, submissions[start : start + _CHUNK])
        if progress:
            progress(len(results))
    said = {name: _said(name, results, frame.index) for name in CLASSIFIED}
    places = _places(submissions, results, minyi)
    place = pd.Series(places, index=frame.index, dtype="str")
    # Without a time the deadline counts from today: whoever runs this tomorrow gets another one.
    invented = frame["time"].isna() & (minyi.received is None)
    said["deadline"] = said["deadline"].mask(invented)
    return with_notes(frame.assign(place=place, **said), notes(frame))


def require(frame: pd.DataFrame, *columns: str) -> None:
    """Refuse a frame that was not prepared, or that lacks what an analysis cannot do without.

    Parameters
    ----------
    frame : DataFrame
    *columns : str
        Of `COLUMNS` or `CLASSIFIED`; a column of which every cell is empty counts as missing.

    Raises
    ------
    InputError
        In Chinese: what is missing and how to give it.

    Examples
    --------
    >>> import pandas as pd
    >>> require(prepare(pd.DataFrame({"内容": ["路灯坏了"]})), "time")
    Traceback (most recent call last):
    ...
    minyi.errors.InputError: 这项分析需要时间，而表里没有：请指定 time=列名（命令行加 --columns）。
    """
    check_frame(frame, (), "zh")
    if not {"id", "text", "row"} <= set(frame.columns):
        raise InputError("应为整理好的留言表：请先用 minyi.analysis 的 prepare 或 read 读入。")
    if any(column in CLASSIFIED and column not in frame.columns for column in columns):
        raise InputError("这项分析需要分类结果：请先用 classified(frame, minyi.load()) 分类。")
    missing = [column for column in columns if _is_blank(frame, column)]
    if missing:
        names = "、".join(COLUMNS.get(c, CLASSIFIED.get(c, c)) for c in missing)
        given = " ".join(f"{column}=列名" for column in missing)
        raise InputError(f"这项分析需要{names}，而表里没有：请指定 {given}（命令行加 --columns）。")


def notes(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return what a user should know of how the frame was read, in Chinese."""
    return tuple(frame.attrs.get("notes", ()))


def _check_rows(frame: pd.DataFrame) -> None:
    if frame.empty:
        raise InputError("应至少有一行数据，实际一行也没有：请检查表格或筛选条件。")
    if not frame.index.is_unique:
        raise InputError("行索引有重复，结果无法对应到行：请先用 frame.reset_index(drop=True)。")


def _columns_of(frame: pd.DataFrame, header: list[str], chosen: Mapping[str, str | None]) -> Found:
    """Find the column of each role; one that bears the very name of a role has it."""
    own = {r: r for r, name in chosen.items() if name is None and header.count(r) == 1}
    named = {role: name for role, name in chosen.items() if name is not None} | own
    fixed = {role: header.index(name) if name else None for role, name in named.items()}
    head = frame.iloc[:SAMPLE_ROWS]
    sample = list(zip(*(texts_of(head.iloc[:, i]) for i in range(len(header))), strict=True))
    roles, how = find_columns(header, sample, fixed)
    if "text" not in roles:
        raise InputError(
            f"没有认出哪一列是正文；现有的列：{name_list(header)}。请用 text=列名 指定。"
        )
    return roles, how


def _as_paths(paths: Any) -> list[Path]:
    return [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]


def _submissions(frame: pd.DataFrame) -> list[Submission]:
    times = frame["time"].dt.strftime("%Y-%m-%d").fillna("")
    fields = (frame["text"], frame["title"], times, frame["place"])
    return [Submission(*row) for row in zip(*fields, strict=True)]


def _places(
    submissions: Sequence[Submission], results: Sequence[Result], minyi: Minyi
) -> list[str]:
    """Return all places in one spelling, also of rows that could not be classified."""
    from minyi.text.cleaning import clean
    from minyi.text.places import PlaceFinder

    finder = PlaceFinder([((t.name, *t.aliases), t.villages) for t in minyi.office.towns])
    return [
        result.place or finder.find(clean([submission.text])[0], submission.place)
        for submission, result in zip(submissions, results, strict=True)
    ]


def _said(name: str, results: Sequence[Result], index: pd.Index) -> pd.Series:
    """Return one thing that the results say, as a column."""
    import pandas as pd

    values = [getattr(result, name) for result in results]
    column: pd.Series = pd.Series(values, index=index, dtype=_DTYPES.get(name, "str"))
    return column


def _is_blank(frame: pd.DataFrame, column: str) -> bool:
    if column not in frame.columns:
        return True
    values = frame[column]
    if values.dtype == "str":
        values = values.str.strip()
    filled = values.notna() if values.dtype.kind in "biufM" else values.astype(bool)
    return len(values) > 0 and not bool(filled.any())
