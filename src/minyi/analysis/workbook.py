"""Tables of results as a workbook that a clerk opens: text stays text, the header in sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minyi.analysis.frame import CLASSIFIED
from minyi.analysis.intake.columns import COLUMNS
from minyi.errors import OutputError
from minyi.tables import Output, open_output
from minyi.tables.cells import cell_text

if TYPE_CHECKING:
    import pandas as pd

#: Chinese headers of the columns that analyses share; other names are written as they are.
HEADERS = {
    **COLUMNS,
    **CLASSIFIED,
    "n": "条数",
    "n_senders": "人数",
    "first": "最早时间",
    "last": "最晚时间",
    "members": "成员编号",
}
NOTES = "说明"
_NARROW, _WIDE, _WIDEST = 8.0, 40.0, 60.0  # characters of the default font
_NUMBERS = 12.0  # a long name over numbers is wrapped: a table of many columns stays printable
_SAMPLE_ROWS = 200
_DIGITS = 4


def write_tables(
    path: str | Path,
    tables: Mapping[str, pd.DataFrame],
    notes: Sequence[str] = (),
    *,
    force: bool = False,
    inputs: Sequence[Path] = (),
) -> None:
    """Write a workbook, a sheet a table; cells are text or numbers, never formulas.

    Parameters
    ----------
    path : str or Path
        Ends in .xlsx.
    tables : mapping of str to DataFrame
        Name of the sheet → its table. An index with a name becomes the first columns.
    notes : sequence of str
        A line each on a last sheet, 说明.
    force : bool
        Replace an existing file.
    inputs : sequence of Path
        Files that were read, which must not be replaced.

    Raises
    ------
    OutputError
        No .xlsx, no table, a file that exists or cannot be written.
    """
    with open_workbook(path, force=force, inputs=inputs) as out:
        fill(out, tables, notes)


def open_workbook(path: str | Path, *, force: bool = False, inputs: Sequence[Path] = ()) -> Output:
    """Open a workbook, to be filled by `fill`; what can be refused is refused before long work.

    Raises
    ------
    OutputError
        No .xlsx, or a file that exists or cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() != ".xlsx":
        raise OutputError(f"分析结果是几张表，要写成 .xlsx 文件，实际是“{path.name}”。")
    return open_output(path, force=force, inputs=inputs)


def fill(out: Output, tables: Mapping[str, pd.DataFrame], notes: Sequence[str] = ()) -> None:
    """Put tables and notes into an open workbook, see `write_tables`."""
    if not tables:
        raise OutputError("没有要写的表。")
    for name, table in tables.items():
        _write(out, name, table)
    if out.cut_cells:
        notes = [*notes, f"{out.cut_cells} 个单元格超过 Excel 的长度上限，已截断并注明"]
    if notes:
        sheet = out.sheet(NOTES, [NOTES], widths={NOTES: 90.0}, wrap=[NOTES])
        for note in notes:
            sheet.append([note])


def _write(out: Output, name: str, table: pd.DataFrame) -> None:
    flat = _with_index(table)
    header = [_header(column) for column in flat.columns]
    columns = [[_value(value) for value in flat.iloc[:, i]] for i in range(flat.shape[1])]
    widths = {n: _width(n, values) for n, values in zip(header, columns, strict=True)}
    wrap = [n for n, width in widths.items() if width > _WIDE]
    sheet = out.sheet(name, header or [""], widths=widths, wrap=wrap)
    for row in zip(*columns, strict=True):
        sheet.append(row)


def _with_index(table: pd.DataFrame) -> pd.DataFrame:
    return table.reset_index() if any(name is not None for name in table.index.names) else table


def _header(name: Any) -> str:
    parts = name if isinstance(name, tuple) else (name,)
    return " ".join(HEADERS.get(part, str(part)) for part in parts if part != "")


def _value(value: Any) -> str | float | None:
    """Bring a value of a frame to what a cell holds."""
    if isinstance(value, tuple | list | set | frozenset):
        return "、".join(str(_value(part)) for part in value)
    if not isinstance(value, str) and _is_missing(value):
        return None
    if isinstance(value, date):
        return _moment(value)
    return _number(value.item() if hasattr(value, "item") else value)


def _is_missing(value: Any) -> bool:
    import pandas as pd

    return bool(pd.isna(value))


def _number(value: Any) -> str | float:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return round(value, _DIGITS)
    return value if isinstance(value, int) else cell_text(value)


def _moment(value: date) -> str:
    """Return a day, with the time of day, to the minute, where there is one."""
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) != (0, 0, 0):
        return value.strftime("%Y-%m-%d %H:%M")
    return value.strftime("%Y-%m-%d")


def _width(name: str, values: Sequence[Any]) -> float:
    sample = [value for value in values[:_SAMPLE_ROWS] if value is not None]
    of_values = [_length(str(value)) + 2 for value in sample]
    of_name = float(_length(name) + 2)
    if sample and not any(isinstance(value, str) and len(value) > 1 for value in sample):
        of_name = min(of_name, _NUMBERS)
    return float(min(max([_NARROW, of_name, *of_values]), _WIDEST))


def _length(text: str) -> int:
    lines = text.splitlines() or [""]
    return max(sum(2 if character > "\u2e80" else 1 for character in line) for line in lines)
