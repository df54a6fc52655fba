"""Word documents (.docx): their tables, or else their paragraphs as submissions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, fromstring
from zipfile import ZipFile

from minyi.tables.archive import check_archive, damaged
from minyi.tables.cells import is_blank
from minyi.tables.documents import TEXT_NAME
from minyi.tables.sheets import NumberedRow, Sheet

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def read_docx(path: Path) -> list[Sheet]:
    """Read a Word document.

    Parameters
    ----------
    path : Path
        The document. Inserted text under revision, text boxes and hyperlinks are read; deleted
        text is not.

    Returns
    -------
    list of Sheet
        One for every table of at least two rows and two columns (``表格1``…), with a warning about
        text outside; without such tables one of all paragraphs.

    Raises
    ------
    InputError
        The document is damaged or dangerously large.
    """
    blocks = list(_nearest(_body(path), "p", "tbl"))
    tables = [_table_rows(block) for block in blocks if block.tag == f"{_W}tbl"]
    tables = [rows for rows in tables if len(rows) > 1 and max(map(len, rows)) > 1]
    outside = [_text(block) for block in blocks if block.tag == f"{_W}p"]
    if not tables:
        return [_sheet(path, "", [[text] for text in outside], (TEXT_NAME,))]
    sheets = [_sheet(path, f"表格{index}", rows) for index, rows in enumerate(tables, 1)]
    if count := sum(1 for text in outside if text.strip()):
        sheets[0].notes.add(f"表格之外还有 {count} 段文字没有读入；需要时请另存为单独的文档")
    return sheets


def _body(path: Path) -> Element:
    check_archive(path)
    try:
        with ZipFile(path) as archive:
            xml = archive.read("word/document.xml").replace(
                _STRICT[1:-1].encode(), _W[1:-1].encode()
            )
        root = fromstring(xml)
    except (KeyError, ParseError) as error:
        raise damaged(path) from error
    body = root.find(f"{_W}body")
    return root if body is None else body


def _sheet(path: Path, name: str, rows: list[list[str]], names: tuple[str, ...] = ()) -> Sheet:
    filled = [(number, row) for number, row in enumerate(rows, 1) if not is_blank(row)]

    def again() -> Iterator[NumberedRow]:
        return iter(filled)

    width = max((len(row) for _, row in filled), default=0)
    return Sheet(path, name, again, names=names, bound=lambda: width)


def _nearest(parent: Element, *names: str) -> Iterator[Element]:
    """Yield the outermost descendants of these names, also those inside content controls."""
    for child in parent:
        if child.tag.removeprefix(_W) in names:
            yield child
        else:
            yield from _nearest(child, *names)


def _table_rows(table: Element) -> list[list[str]]:
    return [_row_cells(row) for row in _nearest(table, "tr")]


def _row_cells(row: Element) -> list[str]:
    """Read one row; as in a workbook, only the first field of a merged cell holds its text."""
    cells: list[str] = []
    for cell in _nearest(row, "tc"):
        cells.append("\n".join(_lines(cell)))
        span = cell.find(f"{_W}tcPr/{_W}gridSpan")
        cells += [""] * (int(span.get(f"{_W}val", "1")) - 1 if span is not None else 0)
    return cells


def _lines(cell: Element) -> Iterator[str]:
    for block in _nearest(cell, "p", "tbl"):
        if block.tag == f"{_W}p":
            yield _text(block)
        else:
            yield from ("\t".join(cells) for cells in _table_rows(block))


def _text(paragraph: Element) -> str:
    return "".join(_pieces(paragraph))


def _pieces(element: Element) -> Iterator[str]:
    for child in element:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag == f"{_W}tab":
            yield "\t"
        elif child.tag in (f"{_W}br", f"{_W}cr"):
            yield "\n"
        elif child.tag not in (f"{_W}pPr", f"{_W}moveFrom", _FALLBACK):
            yield from _pieces(child)
