"""Excel workbooks (.xlsx, .xlsm, .xls), parsed by calamine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

from minyi.tables.archive import Errors, check_archive, damaged, sheet_parts
from minyi.tables.cells import EXACT_BELOW, cell_text, is_blank
from minyi.tables.compound import check_compound
from minyi.tables.inputs import locked
from minyi.tables.notes import Notes
from minyi.tables.sheets import Merged, NumberedRow, Sheet

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

BookKind: TypeAlias = Literal["xlsx", "xls"]
_Result = TypeVar("_Result")

_LONG_NUMBER = (
    "列“{column}”有超过 15 位的数字（{rows}），Excel 只保留前 15 位，后面的已经不准；"
    "如是证件号、单号，请在原系统中以文本导出"
)


class Shelf:
    """The workbook and sheet opened last, so that looking and reading parse a sheet once.

    Only one sheet is kept in memory, however many files are read.
    """

    def __init__(self) -> None:
        self._path: Path | None = None
        self._book: CalamineWorkbook | None = None
        self._sheet: tuple[str, CalamineSheet] | None = None
        self._errors: dict[str, Errors] = {}

    def book(self, path: Path, kind: BookKind) -> CalamineWorkbook:
        """Open a workbook, or hand over the one that lies open."""
        if self._book is None or self._path != path:
            self._book = self._sheet = None
            self._errors = _checked(path, kind)
            self._book = _guarded(path, partial(_open, path, kind))
            self._path = path
        return self._book

    def sheet(self, path: Path, kind: BookKind, name: str) -> tuple[CalamineSheet, Errors]:
        """Parse one sheet; its error cells (``#N/A``) come separately."""
        book = self.book(path, kind)
        if self._sheet is None or self._sheet[0] != name:
            self._sheet = None
            self._sheet = (name, _guarded(path, partial(book.get_sheet_by_name, name)))
        return self._sheet[1], self._errors.get(name, {})


def read_workbook(path: Path, kind: BookKind, shelf: Shelf) -> list[Sheet]:
    """List the worksheets of a workbook; charts and macro sheets are left out.

    Raises
    ------
    InputError
        The workbook is damaged, protected by a password or dangerously large.
    """
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    return [
        _sheet(path, kind, meta.name, meta.visible != SheetVisibleEnum.Visible, shelf)
        for meta in shelf.book(path, kind).sheets_metadata
        if meta.typ == SheetTypeEnum.WorkSheet
    ]


def _sheet(path: Path, kind: BookKind, name: str, hidden: bool, shelf: Shelf) -> Sheet:
    notes = Notes()

    def rows() -> Iterator[NumberedRow]:
        return _rows(*shelf.sheet(path, kind, name), notes)

    def bound() -> int:
        end = shelf.sheet(path, kind, name)[0].end
        return end[1] + 1 if end else 0

    def merged() -> list[Merged]:
        ranges = shelf.sheet(path, kind, name)[0].merged_cell_ranges or ()
        found = (Merged(top + 1, end + 1, left, right) for (top, left), (end, right) in ranges)
        return sorted(cell for cell in found if cell.bottom > cell.top)

    return Sheet(path, name, rows, bound=bound, hidden=hidden, notes=notes, merged=merged)


def _rows(sheet: CalamineSheet, errors: Errors, notes: Notes) -> Iterator[NumberedRow]:
    left = [""] * (sheet.start[1] if sheet.start else 0)
    for index, values in enumerate(sheet.iter_rows()):
        if index not in errors and not any(value != "" for value in values):
            continue
        cells = left + [value if type(value) is str else cell_text(value) for value in values]
        for column, text in errors.get(index, {}).items():
            cells += [""] * (column + 1 - len(cells))
            cells[column] = text
        if not is_blank(cells):
            _note_long_numbers(values, index + 1, len(left), notes)
            yield index + 1, cells


def _note_long_numbers(values: Sequence[object], row: int, left: int, notes: Notes) -> None:
    for column, value in enumerate(values, left):
        if isinstance(value, (float, int)) and abs(value) >= EXACT_BELOW:
            notes.mark(_LONG_NUMBER, row, column)


def _open(path: Path, kind: BookKind) -> CalamineWorkbook:
    from python_calamine import CalamineWorkbook

    if (path.suffix.lower() == ".xls") == (kind == "xls"):
        return CalamineWorkbook.from_path(path)
    with path.open("rb") as file:  # from_path would believe the extension
        return CalamineWorkbook.from_filelike(file)


def _checked(path: Path, kind: BookKind) -> dict[str, Errors]:
    """Make sure a workbook is safe to parse; give each sheet's error cells."""
    if kind == "xls":
        check_compound(path)
        return {}
    errors = check_archive(path)
    if not any(errors.values()):
        return {}
    return {name: errors.get(part, {}) for name, part in sheet_parts(path).items()}


def _guarded(path: Path, parse: Callable[[], _Result]) -> _Result:
    """Run the parser; whatever it stumbles over becomes one clear message."""
    from python_calamine import CalamineError, PasswordError

    try:
        return parse()
    except PasswordError as error:
        raise locked(path) from error
    except (CalamineError, OSError, ValueError, KeyError) as error:
        raise damaged(path) from error
    except BaseException as error:
        # A panic inside the Rust parser derives from BaseException and has no importable class.
        if type(error).__name__ != "PanicException":
            raise
        raise damaged(path) from error
