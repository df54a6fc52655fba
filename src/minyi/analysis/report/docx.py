"""Set a report as a Word document, on the sheet of `stationery`."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from minyi.analysis.report.charts import picture
from minyi.analysis.report.parts import (
    Block,
    Chart,
    Heading,
    Paragraph,
    Report,
    Section,
    Table,
    in_words,
)
from minyi.analysis.report.stationery import (
    HEI,
    SONG,
    STYLES,
    element,
    fonts,
    indent,
    name_of,
    prepare,
)
from minyi.errors import InputError

if TYPE_CHECKING:
    from docx.document import Document

NO_DOCX = '写 Word 文件要先安装 python-docx：pip install "minyi[analysis]"；也可以改写成 .html。'
_WIDTH = 156.0  # mm: A4 less the margins of 28 and 26
_PICTURE = 150.0  # mm


def as_docx(report: Report) -> bytes:
    """Return the report as the content of a .docx file.

    Parameters
    ----------
    report : Report

    Raises
    ------
    InputError
        python-docx is not installed.
    """
    check_installed()
    from docx import Document

    first_appendix = next((s for s in report.sections if s.is_appendix), None)
    document = Document()
    prepare(document, report)
    _text(document, report.title, "Title")
    if report.subtitle:
        _text(document, report.subtitle, "Subtitle")
    for section in report.sections:
        if section is first_appendix:
            _signature(document, report)
        _section(document, section, new_page=section is first_appendix)
    content = BytesIO()
    document.save(content)
    return content.getvalue()


def check_installed() -> None:
    """Refuse to go on without python-docx.

    Raises
    ------
    InputError
        In Chinese, with what to install.
    """
    if importlib.util.find_spec("docx") is None:
        raise InputError(NO_DOCX)


def _section(document: Document, section: Section, *, new_page: bool) -> None:
    if section.title:
        heading = _text(document, section.title, "Heading 1")
        heading.paragraph_format.page_break_before = new_page
    for block in section.blocks:
        _block(document, block)


def _block(document: Document, block: Block) -> None:
    if isinstance(block, Heading):
        _text(document, block.text, "Heading 2")
    elif isinstance(block, Paragraph):
        names = {"body": "Normal", "small": "Small", "quotation": "Quote"}
        _text(document, block.text, names[block.style])
    elif isinstance(block, Table):
        _table(document, block)
    else:
        _chart(document, block)


def _text(document: Document, text: str, style: str) -> Any:
    paragraph = document.add_paragraph(style=style)
    _run(paragraph, text, STYLES[style][0])
    return paragraph


def _run(paragraph: Any, text: str, font: str) -> Any:
    run = paragraph.add_run(text)
    fonts(run._r.get_or_add_rPr(), font)
    return run


def _chart(document: Document, chart: Chart) -> None:
    from docx.shared import Mm

    drawn = picture(chart)
    if isinstance(drawn, str):
        _text(document, drawn, "Small")
        return
    paragraph = document.add_paragraph(style="Picture")
    shape = paragraph.add_run().add_picture(BytesIO(drawn), width=Mm(_PICTURE))
    shape._inline.docPr.set("descr", chart.title)  # what a screen reader says
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Mm(3)


def _table(document: Document, table: Table) -> None:
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Mm

    if table.caption:
        caption = _text(document, table.caption, "Caption")
        caption.paragraph_format.space_before = Mm(3)
    made = document.add_table(rows=0, cols=len(table.header), style="Table Grid")
    made.alignment, made.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    unit = _WIDTH / sum(table.widths)
    widths = [Mm(unit * width) for width in table.widths]
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width
    _measure(made)
    last = len(table.rows) - table.n_totals
    _row(made, table.header, widths, is_header=True)
    for number, cells in enumerate(table.rows):
        _row(made, cells, widths, is_total=number >= last)
    _keep(made, table)
    _text(document, table.note, "Small")


def _keep(made: Any, table: Table) -> None:
    """Split no short table, and no other so that its header or its sums stand alone."""
    rows = list(made.rows)
    kept = rows[:-1] if table.stays_together else [rows[0], *rows[-1 - table.n_totals : -1]]
    for row in kept:
        for paragraph in (cell.paragraphs[0] for cell in row.cells):
            paragraph.paragraph_format.keep_with_next = True


def _measure(made: Any) -> None:
    """Give the whole width, for WPS, and little room between text and rule: columns are narrow."""
    properties = made._tbl.tblPr
    whole = sum(column.width.twips for column in made.columns)
    properties.find(name_of("w:tblW")).set(name_of("w:type"), "dxa")
    properties.find(name_of("w:tblW")).set(name_of("w:w"), str(whole))
    margins = element("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(element(f"w:{side}", {"w:w": "40", "w:type": "dxa"}))
    properties.find(name_of("w:tblLook")).addprevious(margins)


def _row(
    made: Any,
    cells: Sequence[str | int],
    widths: Sequence[int],
    *,
    is_header: bool = False,
    is_total: bool = False,
) -> None:
    """Add a row that no page break splits; a header is repeated on each page."""
    row = made.add_row()
    properties = row._tr.get_or_add_trPr()
    properties.append(element("w:cantSplit"))
    if is_header:
        properties.append(element("w:tblHeader"))
    for cell, value, width in zip(row.cells, cells, widths, strict=True):
        cell.width = width
        run = _cell(cell, value, font=HEI if is_header else SONG)
        if is_total:
            run.font.bold = True
        if is_header:
            _head(cell)


def _cell(cell: Any, value: str | int, font: str) -> Any:
    from docx.enum.table import WD_ALIGN_VERTICAL
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
    paragraph = cell.paragraphs[0]
    paragraph.style = "Cell"
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    if isinstance(value, int):
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    return _run(paragraph, f"{value:,}" if isinstance(value, int) else value, font)


def _head(cell: Any) -> None:
    """Shade a cell of the header; the schema wants w:shd before w:vAlign."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    shade = element("w:shd", {"w:val": "clear", "w:color": "auto", "w:fill": "EDEDED"})
    cell._tc.tcPr.find(name_of("w:vAlign")).addprevious(shade)
    cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER


def _signature(document: Document, report: Report) -> None:
    """Set who reports, and the day, to the right."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    for number, line in enumerate(filter(None, (report.office, in_words(report.day)))):
        paragraph = _text(document, f"{line}　　", "Normal")
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.paragraph_format.keep_with_next = number == 0
        indent(paragraph._p.get_or_add_pPr(), 0, 16)
