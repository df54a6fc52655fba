"""Set a report as a Word document, in the measures of GB/T 9704 (党政机关公文格式).

A4 with its margins, body 仿宋 三号 with fixed lines of 28 points and an indent of two characters,
headings 黑体 and 楷体, page numbers between dashes. Fonts are named, not embedded: Word and WPS for
China have them. East Asian fonts are named in their own attribute; without it Word shows whatever
it likes.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from io import BytesIO
from typing import TYPE_CHECKING, Any

from minyi.analysis.report.charts import picture
from minyi.analysis.report.parts import (
    TOGETHER,
    Block,
    Chart,
    Heading,
    Paragraph,
    Report,
    Section,
    Table,
)
from minyi.errors import InputError

if TYPE_CHECKING:
    from docx.document import Document

NO_DOCX = '写 Word 文件要先安装 python-docx：pip install "minyi[analysis]"；也可以改写成 .html。'
SONG, FANG_SONG, HEI, KAI, LATIN = "宋体", "仿宋", "黑体", "楷体", "Times New Roman"
# Style → font, size in points, line in points (0: single), indent in characters, bold.
_STYLES: Mapping[str, tuple[str, float, float, int, bool]] = {
    "Normal": (FANG_SONG, 16, 28, 2, False),
    "Title": (SONG, 22, 36, 0, True),
    "Subtitle": (KAI, 16, 28, 0, False),
    "Heading 1": (HEI, 16, 28, 2, False),
    "Heading 2": (KAI, 16, 28, 2, True),
    "Quote": (KAI, 14, 25, 2, False),
    "Caption": (HEI, 12, 20, 0, False),
    "Small": (SONG, 10.5, 18, 2, False),
    "Cell": (SONG, 9, 0, 0, False),
    "Picture": (SONG, 9, 0, 0, False),
}
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
    _prepare(document, report)
    document.add_paragraph(report.title, style="Title")
    if report.subtitle:
        document.add_paragraph(report.subtitle, style="Subtitle")
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


def _prepare(document: Document, report: Report) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin = Mm(37), Mm(35)
    page.left_margin, page.right_margin = Mm(28), Mm(26)
    page.footer_distance = Mm(25)
    for name, how in _STYLES.items():
        _style(document, name, *how)
    for name in ("Title", "Subtitle", "Caption", "Picture"):
        document.styles[name].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _number_pages(page.footer.paragraphs[0])
    about = document.core_properties
    about.title, about.author, about.language = report.title, report.office, "zh-CN"
    about.comments = ""
    about.created = about.modified = datetime.combine(report.day, time())


def _style(
    document: Document, name: str, font: str, size: float, line: float, indent: int, bold: bool
) -> None:
    """Define a style; python-docx knows no East Asian fonts, nor indents in characters."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_LINE_SPACING
    from docx.shared import Pt, RGBColor

    styles = document.styles
    is_new = name not in [style.name for style in styles]
    style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH) if is_new else styles[name]
    if is_new:
        style.base_style = styles["Normal"]
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    _fonts(style.element.get_or_add_rPr(), font)
    form = style.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule = WD_LINE_SPACING.EXACTLY if line else WD_LINE_SPACING.SINGLE
    if line:
        form.line_spacing = Pt(line)
    form.widow_control = True
    form.keep_with_next = name.startswith("Heading") or name in ("Caption", "Title")
    _indent(style.element.get_or_add_pPr(), indent, size)
    border = style.element.pPr.find(_name("w:pBdr"))
    if border is not None:  # the blue line below python-docx's title
        style.element.pPr.remove(border)


def _fonts(properties: Any, font: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for attribute in list(fonts.attrib):  # those of a theme would win
        del fonts.attrib[attribute]
    for kind, name in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", font)):
        fonts.set(_name(f"w:{kind}"), name)
    fonts.set(_name("w:hint"), "eastAsia")  # “quotes” and dashes are Chinese ones
    language = properties.find(_name("w:lang"))
    if language is None:
        language = _element("w:lang")
        properties.append(language)
    language.set(_name("w:val"), "en-US")
    language.set(_name("w:eastAsia"), "zh-CN")


def _indent(properties: Any, characters: int, size: float) -> None:
    indent = properties.get_or_add_ind()
    indent.set(_name("w:firstLineChars"), str(characters * 100))
    indent.set(_name("w:firstLine"), str(round(characters * size * 20)))


def _number_pages(paragraph: Any) -> None:
    """Set — 1 — in the middle, 四号 宋体."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _indent(paragraph._p.get_or_add_pPr(), 0, 14)
    for kind, text in (("", "— "), ("begin", ""), ("", "PAGE"), ("end", ""), ("", " —")):
        run = paragraph.add_run("" if text == "PAGE" else text)
        run.font.size = Pt(14)
        _fonts(run._r.get_or_add_rPr(), SONG)
        if kind:
            run._r.append(_element("w:fldChar", {"w:fldCharType": kind}))
        elif text == "PAGE":
            code = _element("w:instrText", {"xml:space": "preserve"})
            code.text = " PAGE "
            run._r.append(code)


def _section(document: Document, section: Section, *, new_page: bool) -> None:
    heading = document.add_paragraph(section.title, style="Heading 1")
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


def _text(document: Document, text: str, style: str) -> None:
    run = document.add_paragraph(style=style).add_run(text)
    run._r.get_or_add_rPr().get_or_add_rFonts().set(_name("w:hint"), "eastAsia")


def _chart(document: Document, chart: Chart) -> None:
    from docx.shared import Mm

    drawn = picture(chart)
    if isinstance(drawn, str):
        document.add_paragraph(drawn, style="Small")
        return
    paragraph = document.add_paragraph(style="Picture")
    shape = paragraph.add_run().add_picture(BytesIO(drawn), width=Mm(_PICTURE))
    shape._inline.docPr.set("descr", chart.title)  # what a screen reader says
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Mm(3)


def _table(document: Document, table: Table) -> None:
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Mm

    if table.caption:
        caption = document.add_paragraph(table.caption, style="Caption")
        caption.paragraph_format.space_before = Mm(3)
    made = document.add_table(rows=0, cols=len(table.header), style="Table Grid")
    made.alignment, made.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    unit = _WIDTH / sum(table.widths)
    widths = [Mm(unit * width) for width in table.widths]
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width
    _margins(made)
    last = len(table.rows) - table.n_totals
    _row(made, table.header, widths, is_header=True)
    for number, cells in enumerate(table.rows):
        _row(made, cells, widths, is_total=number >= last)
    if len(table.rows) <= TOGETHER:
        for row in made.rows[:-1]:
            for cell in row.cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = True
    document.add_paragraph(table.note, style="Small")


def _margins(made: Any) -> None:
    """Let little stand between text and rule: the columns are narrow."""
    margins = _element("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(_element(f"w:{side}", {"w:w": "40", "w:type": "dxa"}))
    properties = made._tbl.tblPr
    look = properties.find(_name("w:tblLook"))
    (look.addprevious if look is not None else properties.append)(margins)


def _row(
    made: Any,
    cells: Sequence[str | int],
    widths: Sequence[int],
    *,
    is_header: bool = False,
    is_total: bool = False,
) -> None:
    """Add a row that no page break splits; a header is repeated on each page."""
    from docx.enum.table import WD_ALIGN_VERTICAL
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    row = made.add_row()
    properties = row._tr.get_or_add_trPr()
    properties.append(_element("w:cantSplit"))
    if is_header:
        properties.append(_element("w:tblHeader"))
    for cell, value, width in zip(row.cells, cells, widths, strict=True):
        cell.width, cell.vertical_alignment = width, WD_ALIGN_VERTICAL.CENTER
        paragraph = cell.paragraphs[0]
        paragraph.style = "Cell"
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
        run = paragraph.add_run(f"{value:,}" if isinstance(value, int) else value)
        if is_header or is_total:
            run.font.bold = is_total
            _fonts(run._r.get_or_add_rPr(), HEI if is_header else SONG)
        if is_header:
            cell._tc.get_or_add_tcPr().append(
                _element("w:shd", {"w:val": "clear", "w:fill": "EDEDED"})
            )
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif isinstance(value, int):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _signature(document: Document, report: Report) -> None:
    """Set who reports, and the day, to the right."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    day = f"{report.day.year}年{report.day.month}月{report.day.day}日"
    for number, line in enumerate(filter(None, (report.office, day))):
        paragraph = document.add_paragraph(f"{line}　　")
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.paragraph_format.keep_with_next = number == 0
        _indent(paragraph._p.get_or_add_pPr(), 0, 16)


def _name(tag: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(tag))


def _element(tag: str, attributes: Mapping[str, str] | None = None) -> Any:
    from docx.oxml import OxmlElement

    element = OxmlElement(tag)
    for name, value in (attributes or {}).items():
        element.set(_name(name), value)
    return element
