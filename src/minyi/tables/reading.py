"""The gate for input: from files to tables whose columns are understood."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from minyi.errors import InputError
from minyi.tables.header import Header, clean_name, find_header, unique_names
from minyi.tables.inputs import find_inputs, kind_of
from minyi.tables.notes import name_list, where
from minyi.tables.roles import ROLES, How, find_roles
from minyi.tables.sheets import NumberedRow, Sheet

if TYPE_CHECKING:
    from minyi.tables.workbook import Shelf

_SAMPLE_ROWS = 300
_TOO_WIDE = "{rows}比表头多出几格，多出的内容已并入最后一列，请核对分隔符"


@dataclass(frozen=True)
class Rows:
    """A chunk of a table.

    Attributes
    ----------
    numbers : list of int
        Row numbers in the file as the clerk sees them, from 1.
    cells : list of list of str
        The rows, each exactly as long as the table's header.
    """

    numbers: list[int]
    cells: list[list[str]]


@dataclass(frozen=True)
class Table:
    """A sheet whose header and roles are known; its rows are read when asked for.

    Attributes
    ----------
    path : Path
        The file.
    sheet : str
        The sheet's name, ``""`` in a file without sheets.
    header : tuple of str
        Unique names on one line each.
    roles : mapping of str to int
        Role (see `ROLES`) → column from 0, only those found.
    how : mapping of str to str
        Role → ``"name"``, ``"content"`` or ``"chosen"``: how its column was found.
    """

    path: Path
    sheet: str
    header: tuple[str, ...]
    roles: Mapping[str, int]
    how: Mapping[str, How]
    _source: Sheet = field(repr=False, compare=False)
    _header_row: int = field(repr=False, compare=False)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings for the clerk; complete once all chunks have been read."""
        return self._source.notes.texts(self._source.where, self.header)

    def column(self, name: str) -> int:
        """Give the column of a name, from 0.

        Raises
        ------
        InputError
            There is no such column; the message names the nearest one and all others.
        """
        return _column(self._source, self.header, name)

    def chunks(self, size: int = 2000) -> Iterator[Rows]:
        """Read the rows from the first, at most `size` at a time; may be called again."""
        rows = _data_rows(self._source, self._header_row)
        while part := list(islice(rows, size)):
            numbers = [number for number, _ in part]
            yield Rows(numbers, [self._fit(number, cells) for number, cells in part])

    def _fit(self, number: int, cells: list[str]) -> list[str]:
        width = len(self.header)
        if len(cells) <= width:
            return cells + [""] * (width - len(cells))
        if any(cell.strip() for cell in cells[width:]):
            self._source.notes.mark(_TOO_WIDE, number)
            return [*cells[: width - 1], self._source.glue.join(cells[width - 1 :])]
        return cells[:width]


class Tables(list[Table]):
    """The tables found, with the sheets that were left out.

    Attributes
    ----------
    skipped : tuple of str
        One message for each sheet left out, with the reason.
    """

    skipped: tuple[str, ...] = ()


class _UnusableError(InputError):
    """One sheet holds no table that can be used; other sheets may."""


def open_tables(
    paths: Sequence[Path],
    columns: Mapping[str, str] | None = None,
    *,
    sheet: str | None = None,
    extra: Sequence[str] = (),
) -> Tables:
    """Open every sheet that has a recognisable text column.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders, see `find_inputs`.
    columns : mapping of str to str, optional
        Role → name of the column the user has decided on.
    sheet : str, optional
        Read only the sheet of this name, even if it is hidden.
    extra : sequence of str
        Names of further columns that must exist.

    Returns
    -------
    Tables
        A list of `Table`; its attribute ``skipped`` words the reasons for the sheets left out:
        blank, without data rows, without text column, hidden, or understood by content only beside
        sheets of the same file whose header names the text.

    Raises
    ------
    InputError
        A file cannot be read, or no sheet can be used.
    """
    columns = dict(columns or {})
    if unknown := sorted(columns.keys() - set(ROLES)):
        raise InputError(f"没有“{unknown[0]}”这种列；可以指定的是 {'、'.join(ROLES)}。")
    tables, skipped = Tables(), list[str]()
    for source in _sheets(find_inputs(paths), sheet, skipped):
        try:
            tables.append(_table(source, columns, extra))
        except _UnusableError as reason:
            skipped.append(str(reason))
    _drop_guesses(tables, skipped)
    if not tables:
        raise InputError("\n".join(skipped))
    tables.skipped = tuple(skipped)
    return tables


def _sheets(paths: Sequence[Path], wanted: str | None, skipped: list[str]) -> Iterator[Sheet]:
    from minyi.tables.workbook import Shelf

    shelf = Shelf()
    for path in paths:
        sheets = _file_sheets(path, shelf)
        if wanted is None:
            yield from _visible(sheets, skipped)
            continue
        named = [sheet for sheet in sheets if sheet.name in ("", wanted)]
        if not named:
            found = "、".join(sheet.name for sheet in sheets)
            skipped.append(f"{where(path)}没有工作表“{wanted}”；有的是：{found}。")
        yield from named


def _visible(sheets: Sequence[Sheet], skipped: list[str]) -> Iterator[Sheet]:
    for sheet in sheets:
        if sheet.hidden:
            skipped.append(f"{sheet.where}是隐藏的，没有读取；需要时请用 --sheet 指定它。")
        else:
            yield sheet


def _file_sheets(path: Path, shelf: Shelf) -> list[Sheet]:
    """Read a file with the reader of its kind; readers load their libraries only when needed."""
    kind = kind_of(path)
    if kind in ("xlsx", "xls"):
        from minyi.tables.workbook import read_workbook

        return read_workbook(path, kind, shelf)
    if kind == "docx":
        from minyi.tables.word import read_docx

        return read_docx(path)
    from minyi.tables import documents

    if kind == "parquet":
        return [documents.read_parquet(path)]
    return [documents.read_any_text(path)]


def _table(source: Sheet, columns: Mapping[str, str], extra: Sequence[str]) -> Table:
    sample = list(islice(source.rows(), _SAMPLE_ROWS))
    if not sample:
        raise _UnusableError(f"{source.where}是空的，没有内容；请检查是否选错了文件。")
    header = _header(source, sample, [*columns.values(), *extra])
    chosen = {role: _column(source, header.names, name) for role, name in columns.items()}
    for name in extra:
        _column(source, header.names, name)
    width = len(header.names)
    data = [(cells + [""] * width)[:width] for number, cells in sample if number > header.last_row]
    if not data:
        raise _UnusableError(f"{source.where}只有表头，没有数据行；请补上数据后再试。")
    roles, how = find_roles(header.names, data, chosen)
    if "text" not in roles:
        raise _no_text(source, header.names)
    return Table(source.path, source.name, header.names, roles, how, source, header.last_row)


def _header(source: Sheet, sample: list[NumberedRow], wanted: Sequence[str]) -> Header:
    if source.names:
        return Header(unique_names(source.names))
    return find_header(sample, _width(source, sample), [clean_name(name) for name in wanted])


def _width(source: Sheet, sample: list[NumberedRow]) -> int:
    """Count the columns up to the last that holds anything."""
    width = max(_used(cells) for _, cells in sample)
    if source.bound and source.bound() > width:
        return max(_used(cells) for _, cells in source.rows())
    return width


def _used(cells: list[str]) -> int:
    return next((i for i in range(len(cells), 0, -1) if cells[i - 1].strip()), 0)


def _column(source: Sheet, header: Sequence[str], name: str) -> int:
    wanted = clean_name(name)
    if wanted in header:
        return header.index(wanted)
    from difflib import get_close_matches

    near = get_close_matches(wanted, header, n=1, cutoff=0.4)
    hint = f"是不是“{near[0]}”？" if near else ""
    raise _UnusableError(f"{source.where}没有列“{name}”；{hint}找到的列：{name_list(header)}。")


def _no_text(source: Sheet, header: Sequence[str]) -> _UnusableError:
    return _UnusableError(
        f"{source.where}没有认出哪一列是正文；找到的列：{name_list(header)}。"
        "请用 --text 列名 指定。"
    )


def _data_rows(source: Sheet, header_row: int) -> Iterator[NumberedRow]:
    return (row for row in source.rows() if row[0] > header_row)


def _drop_guesses(tables: Tables, skipped: list[str]) -> None:
    """Where a header names the text, leave out the file's sheets that only look like text.

    They tend to be instructions for filling in the form.
    """
    by_file = defaultdict(list)
    for table in tables:
        by_file[table.path].append(table)
    for siblings in by_file.values():
        if all(table.how["text"] == "content" for table in siblings):
            continue
        for table in siblings:
            if table.how["text"] == "content":
                tables.remove(table)
                skipped.append(
                    f"{where(table.path, table.sheet)}的表头没有写明正文列，没有读取；"
                    "需要时请用 --sheet 指定它。"
                )
