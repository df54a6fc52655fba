"""The XML of a workbook around its rows (SpreadsheetML, ECMA-376 part 1, chapter 18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from minyi.tables.header import column_letters

# Deflate level 1 packs Chinese text 3.7 times as fast as the usual 6, into 22 % more bytes.
COMPRESSION = 1

# Indices into cellXfs below. PINNED is added: the text stays text even if typed over in Excel.
PLAIN, WRAPPED, PINNED, HEADER, FRACTION = 1, 2, 2, 5, 6
WHOLE, DAY, MOMENT = 7, 8, 9  # numbers of many digits; dates without and with a time

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_FONT = '<sz val="11"/><name val="宋体"/><family val="3"/><charset val="134"/>'
_BASE = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"'
_XF = f'{_BASE} xfId="0"'
_TOP = '<alignment vertical="top"/>'
_TOP_WRAP = '<alignment vertical="top" wrapText="1"/>'


def _number_style(number_format: int) -> str:
    return (
        f'<xf numFmtId="{number_format}" fontId="0" fillId="0" borderId="0" xfId="0"'
        f' applyNumberFormat="1" applyAlignment="1">{_TOP}</xf>'
    )


_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy-mm-dd hh:mm:ss"/></numFmts>'
    f'<fonts count="2"><font>{_FONT}</font><font><b/>{_FONT}</font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFDDEBF7"/>'
    '<bgColor indexed="64"/></patternFill></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    f'<cellStyleXfs count="1">{_BASE}/></cellStyleXfs>'
    f'<cellXfs count="10">{_XF}/>'
    f'{_XF} applyAlignment="1">{_TOP}</xf>'
    f'{_XF} applyAlignment="1">{_TOP_WRAP}</xf>'
    f'{_XF} quotePrefix="1" applyAlignment="1">{_TOP}</xf>'
    f'{_XF} quotePrefix="1" applyAlignment="1">{_TOP_WRAP}</xf>'
    '<xf numFmtId="0" fontId="1" fillId="2" borderId="0" xfId="0" quotePrefix="1"'
    ' applyFont="1" applyFill="1" applyAlignment="1">'
    '<alignment vertical="center" wrapText="1"/></xf>'
    '<xf numFmtId="2" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"'
    f' applyAlignment="1">{_TOP}</xf>'
    f"{''.join(map(_number_style, (1, 164, 165)))}</cellXfs>"
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
_ROOT_LINKS = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
    f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)

# Printed on A4 across with page numbers: one page wide, or as few as leave it legible.
_FIT = '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
_PRINTED_WIDTH = 260.0  # characters across a page, at half their size
_PAGE = (
    '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>'
    '<pageSetup paperSize="9" orientation="landscape" fitToWidth="{}" fitToHeight="0"/>'
    "<headerFooter><oddFooter>&amp;C第 &amp;P 页，共 &amp;N 页</oddFooter></headerFooter>"
)

# Widths in characters of the default font; a Chinese character takes two.
_NARROWEST, _WIDEST, _WRAP_WIDTH, _MOST_WIDTH = 8.0, 30.0, 50.0, 255.0


@dataclass(frozen=True)
class Look:
    """How a sheet is laid out: columns, their widths, which are wrapped, the frozen header."""

    header: tuple[str, ...]
    widths: Mapping[str, float]
    wrap: frozenset[str]
    freeze: bool

    def style(self, column: int) -> int:
        """Give the style of a column's cells."""
        return WRAPPED if self.header[column] in self.wrap else PLAIN

    def width(self, name: str) -> float:
        """Give a column's width: as asked, or after the length of its name."""
        if name in self.widths:
            return min(self.widths[name], _MOST_WIDTH)
        if name in self.wrap:
            return _WRAP_WIDTH
        return min(max(2.0 * len(name) + 4, _NARROWEST), _WIDEST)


def escaped(text: str) -> str:
    """Escape what XML would take for markup."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;")


def cell_range(look: Look, rows: int) -> str:
    """Name the range a sheet's header and rows fill, as in ``A1:C5``."""
    return f"A1:{column_letters(len(look.header) - 1)}{max(rows, 1)}"


def sheet_head(look: Look, rows: int, first: bool) -> str:
    """Write a sheet up to its first row."""
    selected = ' tabSelected="1"' if first else ""
    pane = (
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        '<selection pane="bottomLeft"/>'
    )
    columns = "".join(
        f'<col min="{index}" max="{index}" width="{look.width(name):g}" customWidth="1"/>'
        for index, name in enumerate(look.header, 1)
    )
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}">{_FIT}<dimension ref="{cell_range(look, rows)}"/>'
        f'<sheetViews><sheetView{selected} workbookViewId="0">{pane if look.freeze else ""}'
        f'</sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>'
        f"<cols>{columns}</cols><sheetData>"
    )


def sheet_tail(look: Look, rows: int) -> str:
    """Write a sheet from its last row on."""
    pages = ceil(sum(map(look.width, look.header)) / _PRINTED_WIDTH)
    page = _PAGE.format(pages)
    return f'</sheetData><autoFilter ref="{cell_range(look, rows)}"/>{page}</worksheet>'


def fixed_parts(
    names: Sequence[str], ranges: Sequence[str], repeated: Sequence[bool]
) -> list[tuple[str, str]]:
    """Write all parts but the sheets: (name in the archive, XML).

    Parameters
    ----------
    names, ranges : sequence of str
        Each sheet's name and the range of its filter.
    repeated : sequence of bool
        Whether the header stands on each of its printed pages.
    """
    return [
        ("[Content_Types].xml", _content_types(len(names))),
        ("_rels/.rels", _ROOT_LINKS),
        ("xl/workbook.xml", _workbook(names, ranges, repeated)),
        ("xl/_rels/workbook.xml.rels", _workbook_links(len(names))),
        ("xl/styles.xml", _STYLES),
    ]


def _content_types(sheets: int) -> str:
    parts = {"/xl/workbook.xml": "sheet.main", "/xl/styles.xml": "styles"}
    parts |= {f"/xl/worksheets/sheet{index + 1}.xml": "worksheet" for index in range(sheets)}
    overrides = "".join(
        f'<Override PartName="{part}" ContentType="{_MIME}.{kind}+xml"/>'
        for part, kind in parts.items()
    )
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _workbook(names: Sequence[str], ranges: Sequence[str], repeated: Sequence[bool]) -> str:
    sheets = "".join(
        f'<sheet name="{escaped(name)}" sheetId="{index}" r:id="rId{index}"/>'
        for index, name in enumerate(names, 1)
    )
    filters = "".join(
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{index}" hidden="1">'
        f"{escaped(_absolute(name, area))}</definedName>"
        for index, (name, area) in enumerate(zip(names, ranges, strict=True))
    )
    titles = "".join(
        f'<definedName name="_xlnm.Print_Titles" localSheetId="{index}">'
        f"{escaped(_quoted(name))}!$1:$1</definedName>"
        for index, (name, repeats) in enumerate(zip(names, repeated, strict=True))
        if repeats
    )
    return (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        "<bookViews><workbookView/></bookViews>"
        f"<sheets>{sheets}</sheets><definedNames>{filters}{titles}</definedNames></workbook>"
    )


def _absolute(name: str, area: str) -> str:
    start, end = area.split(":")
    letters = end.rstrip("0123456789")
    return f"{_quoted(name)}!$A${start[1:]}:${letters}${end[len(letters) :]}"


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def _workbook_links(sheets: int) -> str:
    targets = [(f"worksheets/sheet{index + 1}.xml", "worksheet") for index in range(sheets)]
    links = "".join(
        f'<Relationship Id="rId{index}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for index, (target, kind) in enumerate([*targets, ("styles.xml", "styles")], 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'
