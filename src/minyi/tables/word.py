"""Word documents (.docx): their tables, or else their paragraphs as submissions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, fromstring
from zipfile import ZipFile

from minyi.tables.archive import check_archive, damaged
from minyi.tables.cells import is_blank
from minyi.tables.documents import TEXT_NAME
from minyi.tables.sheets import Merged, NumberedRow, Sheet

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_HEADING = re.compile("title|subtitle|heading|标题|副标题", re.IGNORECASE)
_LONGEST_TITLE = 40
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
    found = [(block, _table_rows(block)) for block in blocks if block.tag == f"{_W}tbl"]
    tables = [(b, rows) for b, rows in found if len(rows) > 1 and max(map(len, rows)) > 1]
    outside = [_text(block) for block in blocks if block.tag == f"{_W}p"]
    if not tables:
        texts = [block for block in blocks if block.tag == f"{_W}p"]
        headings = _headings(texts, _heading_styles(path))
        return [_sheet(path, "", [[text] for text in outside], (TEXT_NAME,), headings=headings)]
    sheets = [
        _sheet(path, f"表格{index}", rows, merged=_merged(block))
        for index, (block, rows) in enumerate(tables, 1)
    ]
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


def _heading_styles(path: Path) -> set[str]:
    """Name the styles that make a heading; Word in Chinese calls them 1, 2 or a3."""
    try:
        with ZipFile(path) as archive:
            xml = archive.read("word/styles.xml").replace(_STRICT[1:-1].encode(), _W[1:-1].encode())
        styles = list(fromstring(xml).iter(f"{_W}style"))
    except (KeyError, ParseError):  # a document need not have any
        return set()
    names = {style.get(f"{_W}styleId", ""): style.find(f"{_W}name") for style in styles}
    return {
        number
        for number, name in names.items()
        if name is not None and _HEADING.match(name.get(f"{_W}val", ""))
    }


def _headings(paragraphs: list[Element], styles: set[str]) -> frozenset[int]:
    """Give the numbers, from 1, of paragraphs that are headings, by style, or first and centred."""
    filled = [i for i, block in enumerate(paragraphs, 1) if _text(block).strip()]
    found = {i for i in filled if _property(paragraphs[i - 1], "pStyle") in styles}
    if len(found) * 2 > len(filled):  # whoever writes opinions in this style means no headings
        found = set()
    if len(filled) > 1 and _is_centred_title(paragraphs[filled[0] - 1]):
        found.add(filled[0])
    return frozenset(found)


def _is_centred_title(paragraph: Element) -> bool:
    return _property(paragraph, "jc") == "center" and len(_text(paragraph)) <= _LONGEST_TITLE


def _property(paragraph: Element, name: str) -> str:
    found = paragraph.find(f"{_W}pPr/{_W}{name}")
    return "" if found is None else found.get(f"{_W}val", "")


def _sheet(
    path: Path,
    name: str,
    rows: list[list[str]],
    names: tuple[str, ...] = (),
    *,
    headings: frozenset[int] = frozenset(),
    merged: Sequence[Merged] = (),
) -> Sheet:
    filled = [(number, row) for number, row in enumerate(rows, 1) if not is_blank(row)]

    def again() -> Iterator[NumberedRow]:
        return iter(filled)

    width = max((len(row) for _, row in filled), default=0)
    return Sheet(
        path,
        name,
        again,
        names=names,
        bound=lambda: width,
        headings=headings,
        merged=lambda: merged,
    )


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
        cells += [""] * (_span(cell) - 1)
    return cells


def _span(cell: Element) -> int:
    span = cell.find(f"{_W}tcPr/{_W}gridSpan")
    return int(span.get(f"{_W}val", "1")) if span is not None else 1


def _merged(table: Element) -> list[Merged]:
    """List the cells that go over several rows."""
    found: dict[tuple[int, int], Merged] = {}
    begun: dict[int, int] = {}  # column → first row
    for number, row in enumerate(_nearest(table, "tr"), 1):
        column = 0
        for cell in _nearest(row, "tc"):
            mark = cell.find(f"{_W}tcPr/{_W}vMerge")
            if mark is None or mark.get(f"{_W}val") == "restart":
                begun[column] = number
            elif column in begun:
                top = begun[column]
                found[top, column] = Merged(top, number, column, column)
            column += _span(cell)
    return sorted(found.values())


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
