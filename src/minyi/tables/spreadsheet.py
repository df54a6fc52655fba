"""Writing .xlsx workbooks, row by row, at the speed of the disk.

The format needs seven small parts and one stream of rows a sheet. Writing them directly is eight
times as fast as a general library for the rows of this project, and leaves nothing to guess at:
every citizen's text is an inline string, never a formula, link, number or markup.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from minyi.errors import OutputError
from minyi.tables import sheetml
from minyi.tables.cells import EXACT_BELOW, MomentText, NumberText, cell_text
from minyi.tables.flat import RISKY_FIRST, legal_text, plain_value
from minyi.tables.header import column_letters

MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
LONGEST_CELL = 32_767

_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST_NAME = 31
# Above it a part needs the zip64 form, which not every old program reads.
_LARGE = 2_000_000_000
_NEEDS_CARE = re.compile("[\x00-\x08\x0b-\x1f]|_(?=x[0-9A-Fa-f]{4}_)")
# Typed over in Excel, such a text would turn into a formula or a rounded number.
_PINNED_FIRST = RISKY_FIRST | frozenset("0123456789")


class Workbook:
    """A workbook whose sheets wait as scratch files until all are complete."""

    many_sheets = True

    def __init__(self, folder: Path, suffix: str) -> None:
        self._folder = folder
        self._sheets: list[_Part] = []
        self.cut_cells = 0

    def sheet(
        self,
        name: str,
        header: Sequence[str],
        widths: Mapping[str, float],
        wrap: Collection[str],
        freeze: bool,
    ) -> WorkbookSheet:
        """Begin a sheet."""
        if len(header) > MOST_COLUMNS:
            raise OutputError(
                f"Excel 工作表最多 {MOST_COLUMNS} 列，现有 {len(header)} 列；请改用 .csv。"
            )
        look = sheetml.Look(tuple(header), dict(widths), frozenset(wrap), freeze)
        return WorkbookSheet(self, name, look)

    def add_part(self, name: str, look: sheetml.Look) -> _Part:
        """Add a scratch file for one sheet of at most 1,048,576 rows."""
        taken = {part.name.casefold() for part in self._sheets}
        path = self._folder / f"sheet{len(self._sheets) + 1}"
        part = _Part(_sheet_name(name, taken), look, path)
        self._sheets.append(part)
        return part

    def finish(self) -> Path:
        """Pack the sheets into a workbook and say where it is."""
        if not self._sheets:
            self.add_part("Sheet1", sheetml.Look(("",), {}, frozenset(), False))
        path = self._folder / "workbook"
        with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=sheetml.COMPRESSION) as archive:
            names = [part.name for part in self._sheets]
            ranges = [sheetml.cell_range(part.look, part.rows) for part in self._sheets]
            repeated = [part.look.freeze for part in self._sheets]
            for part_name, xml in sheetml.fixed_parts(names, ranges, repeated):
                with archive.open(part_name, "w") as stream:
                    stream.write(xml.encode())
            for index, part in enumerate(self._sheets, 1):
                part.pack(archive, f"xl/worksheets/sheet{index}.xml", first=index == 1)
        return path

    def abandon(self) -> None:
        """Let go of the scratch files."""
        for part in self._sheets:
            part.file.close()


_DAY_ZERO, _ONE_DAY = datetime(1899, 12, 30), timedelta(days=1)
_DAY_LENGTH = len("2026-01-01")
_GENERAL = 11  # digits; more of them Excel shows as 1.2E+11 unless told otherwise
_LINE, _MOST_LINES = 15.0, 10  # points, lines


class WorkbookSheet:
    """Writes rows to a sheet, and goes on in 名称(2) when Excel's last row is reached."""

    def __init__(self, book: Workbook, name: str, look: sheetml.Look) -> None:
        self._book = book
        self._name = name
        self._look = look
        self._pages = 1
        columns = range(len(look.header))
        self._letters = [column_letters(index) for index in columns]
        self._styles = [look.style(index) for index in columns]
        self._wrapped = [
            (index, max(int(look.width(name)), 1))
            for index, name in enumerate(look.header)
            if name in look.wrap
        ]
        self._part = book.add_part(name, look)
        self._write_header()

    def write(self, row: Sequence[object]) -> None:
        """Write one row."""
        if self._part.rows == MOST_ROWS:
            self._pages += 1
            self._part = self._book.add_part(f"{self._name}({self._pages})", self._look)
            self._write_header()
        self._write(row, self._styles)

    def _write_header(self) -> None:
        self._write(self._look.header, [sheetml.HEADER] * len(self._letters))

    def _write(self, row: Sequence[object], styles: Sequence[int]) -> None:
        number = self._part.rows + 1
        cells = [
            self._cell(f"{letters}{number}", style, value)
            for letters, style, value in zip(self._letters, styles, row, strict=True)
            if value is not None and value != ""
        ]
        height = self._height(row) if styles is self._styles else ""
        self._part.add(f'<row r="{number}"{height}>{"".join(cells)}</row>')

    def _height(self, row: Sequence[object]) -> str:
        """Give a row the height of its longest wrapped text, up to a limit."""
        lines = 1
        for column, width in self._wrapped:
            text = row[column]
            if isinstance(text, str):
                # A Chinese character is two wide; a line break begins a line of its own.
                lines = max(lines, -(-2 * len(text) // width) + text.count("\n"))
        return f' ht="{_LINE * min(lines, _MOST_LINES):g}" customHeight="1"' if lines > 1 else ""

    def _cell(self, place: str, style: int, value: object) -> str:
        if type(value) is not str and isinstance(value, (NumberText, MomentText)):
            style, number = _as_number(value)
            return f'<c r="{place}" s="{style}"><v>{number}</v></c>'
        if isinstance(value, str):
            return self._text_cell(place, style, value)
        plain = plain_value(value)
        if plain is None:
            return ""
        if isinstance(plain, bool):
            return f'<c r="{place}" s="{style}" t="b"><v>{plain:d}</v></c>'
        if isinstance(plain, str) or abs(plain) >= EXACT_BELOW:
            return self._text_cell(place, style, cell_text(plain))
        if isinstance(plain, float) and style == sheetml.PLAIN:
            style = sheetml.FRACTION
        return f'<c r="{place}" s="{style}"><v>{plain!r}</v></c>'

    def _text_cell(self, place: str, style: int, text: str) -> str:
        if _units(text) > LONGEST_CELL:
            text = _cut(text)
            self._book.cut_cells += 1
        if text[0] in _PINNED_FIRST and style != sheetml.HEADER:
            style += sheetml.PINNED
        keep = "" if text.isprintable() and text == text.strip() else ' xml:space="preserve"'
        return (
            f'<c r="{place}" s="{style}" t="inlineStr">'
            f"<is><t{keep}>{escaped_text(text)}</t></is></c>"
        )


def _as_number(text: str) -> tuple[int, str]:
    """Give style and value of a cell that was a number or a date before it was text."""
    if isinstance(text, MomentText):
        moment = datetime.fromisoformat(text)
        style = sheetml.DAY if len(text) == _DAY_LENGTH else sheetml.MOMENT
        return style, f"{(moment - _DAY_ZERO) / _ONE_DAY:.15g}"
    return (sheetml.WHOLE if len(text) > _GENERAL and "." not in text else sheetml.PLAIN), text


class _Part:
    """One sheet's rows in a scratch file."""

    def __init__(self, name: str, look: sheetml.Look, path: Path) -> None:
        self.name = name
        self.look = look
        self.rows = 0
        self.file = path.open("w+b", buffering=1024**2)

    def add(self, xml: str) -> None:
        self.file.write(xml.encode())
        self.rows += 1

    def pack(self, archive: ZipFile, name: str, *, first: bool) -> None:
        """Move the rows into the archive, between the sheet's head and tail."""
        head = sheetml.sheet_head(self.look, self.rows, first).encode()
        tail = sheetml.sheet_tail(self.look, self.rows).encode()
        large = self.file.tell() > _LARGE
        self.file.seek(0)
        with archive.open(name, "w", force_zip64=large) as stream:
            stream.write(head)
            shutil.copyfileobj(self.file, stream, 1024**2)
            stream.write(tail)
        self.file.close()


def escaped_text(text: str) -> str:
    r"""Escape a text for a workbook: control characters as ``_x0007_``, as Excel does.

    Examples
    --------
    >>> escaped_text("1<2"), escaped_text("\x07"), escaped_text("_x0041_")
    ('1&lt;2', '_x0007_', '_x005F_x0041_')
    """
    if not text.isprintable() or "_x" in text:
        text = _NEEDS_CARE.sub(lambda found: f"_x{ord(found[0]):04X}_", legal_text(text))
    return sheetml.escaped(text)


def _units(text: str) -> int:
    """Count characters the way Excel does, those beyond U+FFFF twice."""
    if len(text) <= LONGEST_CELL // 2:
        return len(text)
    return len(text) + sum(character > "\uffff" for character in text)


def _cut(text: str) -> str:
    note = f"……（全文共 {len(text)} 字，超过 Excel 单元格上限，此处截断）"
    room = 2 * (LONGEST_CELL - len(note))
    return legal_text(text).encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + note


def _sheet_name(name: str, taken: Collection[str]) -> str:
    """Bring a sheet's name to what Excel allows, different from the others."""
    base = _FORBIDDEN.sub("_", name).strip("'").strip() or "表"
    number = 1
    name = base[:_LONGEST_NAME]
    while name.casefold() in taken:
        number += 1
        ending = f"({number})"
        name = base[: _LONGEST_NAME - len(ending)] + ending
    return name
