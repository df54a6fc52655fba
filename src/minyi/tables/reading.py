"""The gate for input: from files to tables whose columns are understood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from minyi.errors import InputError
from minyi.tables.header import Header, clean_name, find_header, unique_names
from minyi.tables.inputs import find_inputs, kind_of
from minyi.tables.notes import name_list, where
from minyi.tables.roles import ROLES, find_roles
from minyi.tables.sheets import NumberedRow, Sheet
from minyi.tables.table import Table, UnusableError, column_of

if TYPE_CHECKING:
    from minyi.tables.workbook import Shelf

_SAMPLE_ROWS = 300


class Tables(list[Table]):
    """The tables found, with the sheets that were left out.

    Attributes
    ----------
    skipped : tuple of str
        One message for each sheet left out, with the reason.
    """

    skipped: tuple[str, ...] = ()


def open_tables(
    paths: Sequence[Path],
    columns: Mapping[str, str] | None = None,
    *,
    sheet: str | None = None,
    extra: Sequence[str] = (),
    undecided: bool = False,
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
    undecided : bool, optional
        Give sheets without text column too, without the role ``text``: a person will decide.

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
            table = _table(source, columns, extra)
            if "text" not in table.roles and not undecided:
                raise _no_text(source, table.header)
            tables.append(table)
        except UnusableError as reason:
            skipped.append(str(reason))
    for guess in _guesses(tables):
        if undecided:
            tables[tables.index(guess)] = guess.decided({"text": ""})
        else:
            tables.remove(guess)
            skipped.append(
                f"{where(guess.path, guess.sheet)}的表头没有写明正文列，没有读取；"
                "需要时请用 --sheet 指定它。"
            )
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
        raise UnusableError(f"{source.where}是空的，没有内容；请检查是否选错了文件。")
    header = _header(source, sample, [*columns.values(), *extra])
    chosen = {role: column_of(source, header.names, name) for role, name in columns.items()}
    for name in extra:
        column_of(source, header.names, name)
    width = len(header.names)
    data = [(cells + [""] * width)[:width] for number, cells in sample if number > header.last_row]
    if not data:
        raise UnusableError(f"{source.where}只有表头，没有数据行；请补上数据后再试。")
    roles, how = find_roles(header.names, data, chosen)
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


def _no_text(source: Sheet, header: Sequence[str]) -> UnusableError:
    return UnusableError(
        f"{source.where}没有认出哪一列是正文；找到的列：{name_list(header)}。"
        "请用 --text 列名 指定（minyi analyse 用 --columns text=列名）。"
    )


def _guesses(tables: Tables) -> list[Table]:
    """List the sheets that only look like text beside others whose header names it.

    They tend to be instructions for filling in the form.
    """
    named = {t.path for t in tables if t.how.get("text") in ("name", "chosen")}
    return [t for t in tables if t.path in named and t.how.get("text") == "content"]
