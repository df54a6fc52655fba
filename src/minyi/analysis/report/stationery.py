"""The sheet on which a Word document is set: page, styles, page numbers, what it says of itself.

The measures are those of GB/T 9704 (党政机关公文格式): A4 with its margins, body 仿宋 三号 with
fixed lines of 28 points and an indent of two characters, headings 黑体 and 楷体, page numbers
between dashes. Fonts are named, not embedded: Word and WPS for China have them. East Asian fonts
are named in their own attribute, in styles and in runs; without it Word shows whatever it likes.

Word is strict about the order of elements (ECMA-376 part 1, chapter 17): what python-docx does not
know is put where the schema wants it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from minyi.analysis.report.parts import Report

if TYPE_CHECKING:
    from docx.document import Document

SONG, FANG_SONG, HEI, KAI, LATIN = "宋体", "仿宋", "黑体", "楷体", "Times New Roman"
# Style → font, size in points, line in points (0: single), indent in characters, bold.
STYLES: Mapping[str, tuple[str, float, float, int, bool]] = {
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
_WORD_2013 = "15"  # the newest compatibility mode there is


def prepare(document: Document, report: Report) -> None:
    """Lay out an empty document: page, styles, page numbers, properties.

    Parameters
    ----------
    document : docx.document.Document
        As python-docx makes it; is changed.
    report : Report
    """
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin = Mm(37), Mm(35)
    page.left_margin, page.right_margin = Mm(28), Mm(26)
    page.footer_distance = Mm(25)
    for name, how in STYLES.items():
        _style(document, name, *how)
    for name in ("Title", "Subtitle", "Caption", "Picture"):
        document.styles[name].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _number_pages(page.footer.paragraphs[0])
    _tell_language(document)
    about = document.core_properties
    about.title, about.author, about.language = report.title, report.office, "zh-CN"
    about.comments = ""
    about.created = about.modified = datetime.combine(report.day, time())
    # The preview of python-docx's own empty page.
    parts = document.part.package.rels
    for key in [key for key, part in parts.items() if part.reltype.endswith("/thumbnail")]:
        del parts[key]


def _tell_language(document: Document) -> None:
    """Say that the text is Chinese, and that a Word of today may open it as its own."""
    defaults = document.styles.element.find(".//" + name_of("w:rPrDefault"))
    defaults.find(".//" + name_of("w:lang")).set(name_of("w:eastAsia"), "zh-CN")
    settings = document.settings.element
    settings.find(name_of("w:themeFontLang")).set(name_of("w:eastAsia"), "zh-CN")
    settings.find(name_of("w:zoom")).set(name_of("w:percent"), "100")  # the schema asks for it
    for setting in settings.iter(name_of("w:compatSetting")):
        if setting.get(name_of("w:name")) == "compatibilityMode":
            setting.set(name_of("w:val"), _WORD_2013)


def _style(
    document: Document, name: str, font: str, size: float, line: float, indented: int, bold: bool
) -> None:
    """Define a style; python-docx knows no East Asian fonts, nor indents in characters."""
    from docx.enum.text import WD_LINE_SPACING
    from docx.shared import Pt, RGBColor

    style = _named(document, name)
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts(style.element.get_or_add_rPr(), font)
    form = style.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule = WD_LINE_SPACING.EXACTLY if line else WD_LINE_SPACING.SINGLE
    if line:
        form.line_spacing = Pt(line)
    form.widow_control = True
    form.keep_with_next = name.startswith("Heading") or name in ("Caption", "Title")
    indent(style.element.get_or_add_pPr(), indented, size)
    border = style.element.pPr.find(name_of("w:pBdr"))
    if border is not None:  # the blue line below python-docx's title
        style.element.pPr.remove(border)


def _named(document: Document, name: str) -> Any:
    """Return the style of that name, a new one where there is none."""
    from docx.enum.style import WD_STYLE_TYPE

    styles = document.styles
    if name in [style.name for style in styles]:
        return styles[name]
    style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = styles["Normal"]
    return style


def fonts(properties: Any, font: str) -> None:
    """Name the fonts of a style or run (its w:rPr): Latin ones, and the East Asian `font`."""
    own = properties.get_or_add_rFonts()
    for attribute in list(own.attrib):  # those of a theme would win
        del own.attrib[attribute]
    for kind, name in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", font)):
        own.set(name_of(f"w:{kind}"), name)
    own.set(name_of("w:hint"), "eastAsia")  # “quotes” and dashes are Chinese ones
    language = properties.find(name_of("w:lang"))
    if language is None:
        language = element("w:lang")
        properties.append(language)  # of what we set, nothing comes behind it
    language.set(name_of("w:val"), "en-US")
    language.set(name_of("w:eastAsia"), "zh-CN")


def indent(properties: Any, characters: int, size: float) -> None:
    """Indent the first line of a style or paragraph (its w:pPr), at a font size in points."""
    own = properties.get_or_add_ind()
    own.set(name_of("w:firstLineChars"), str(characters * 100))
    own.set(name_of("w:firstLine"), str(round(characters * size * 20)))


def _number_pages(paragraph: Any) -> None:
    """Set — 1 — in the middle, 四号 宋体."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    indent(paragraph._p.get_or_add_pPr(), 0, 14)
    code = element("w:instrText", {"xml:space": "preserve"})
    code.text = " PAGE "
    field = [element("w:fldChar", {"w:fldCharType": kind}) for kind in ("begin", "separate", "end")]
    for part in ("— ", field[0], code, field[1], "1", field[2], " —"):
        run = paragraph.add_run(part if isinstance(part, str) else "")
        run.font.size = Pt(14)
        fonts(run._r.get_or_add_rPr(), SONG)
        if not isinstance(part, str):
            run._r.append(part)


def name_of(tag: str) -> str:
    """Return a tag or attribute like ``w:lang`` with the address of its namespace."""
    from docx.oxml.ns import qn

    return str(qn(tag))


def element(tag: str, attributes: Mapping[str, str] | None = None) -> Any:
    """Make an element that python-docx has no words for."""
    from docx.oxml import OxmlElement

    made = OxmlElement(tag)
    for name, value in (attributes or {}).items():
        made.set(name_of(name), value)
    return made
