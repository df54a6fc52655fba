"""Set a report as one HTML file that needs nothing else: on screen, and printed on A4."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from html import escape

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

_TOTAL = ' class="total"'
# Latin is for letters and digits only: “quotes” and dashes must be those of the Chinese font.
_STYLE = """
@font-face { font-family: Latin; src: local("Times New Roman"), local("Liberation Serif");
  unicode-range: U+20-7E; }
:root { color-scheme: light; }
* { box-sizing: border-box; }
html { background: #e9e9e9; }
body {
  background: #fff; color: #000; max-width: 210mm; margin: 0 auto; padding: 24mm 27mm;
  font: 16pt/1.75 Latin, FangSong, 仿宋, FangSong_GB2312, STFangsong,
    "Noto Serif CJK SC", "Source Han Serif SC", SimSun, 宋体, serif;
  overflow-wrap: anywhere; text-align: justify;
}
h1, .subtitle, caption, figure { text-align: center; }
h1 { font: bold 22pt/1.6 Latin, SimSun, 宋体, "Noto Serif CJK SC", serif; margin: 0; }
h2 { font: 16pt/1.75 SimHei, 黑体, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; }
h3 {
  font: bold 16pt/1.75 KaiTi, 楷体, KaiTi_GB2312, STKaiti, "Noto Serif CJK SC", serif;
}
h2, h3 { margin: 0.4em 0 0; text-indent: 2em; break-after: avoid; }
p { margin: 0; text-indent: 2em; orphans: 2; widows: 2; }
p.subtitle { text-indent: 0; margin-bottom: 0.6em; }
blockquote { margin: 0; font: 14pt/1.75 Latin, KaiTi, 楷体, STKaiti,
  "Noto Serif CJK SC", serif; }
.small { font: 10.5pt/1.6 SimSun, 宋体, "Noto Serif CJK SC", serif; margin-bottom: 0.8em; }
.signature { text-align: right; text-indent: 0; padding-right: 2em; break-inside: avoid; }
.signature + .signature { break-before: avoid; }
table {
  border-collapse: collapse; width: 100%; margin: 0.5em 0 0.3em; table-layout: fixed;
  font: 9pt/1.35 Latin, SimSun, 宋体, "Noto Serif CJK SC", serif; text-align: left;
}
caption {
  font: 12pt/1.8 SimHei, 黑体, "Noto Sans CJK SC", sans-serif; break-after: avoid;
}
thead { display: table-header-group; }
tr, table.whole { break-inside: avoid; }
th, td { border: 0.5pt solid #000; padding: 1.5pt 3pt; }
th { padding: 1.5pt 1pt; }
th { background: #ededed; text-align: center; font-weight: normal;
  font-family: SimHei, 黑体, "Noto Sans CJK SC", sans-serif; }
td.n { text-align: right; padding: 1.5pt 2.5pt; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
tr.total { break-before: avoid; }
tr.total td { font-weight: bold; }
figure { margin: 0.6em 0; break-inside: avoid; }
img { width: 150mm; max-width: 100%; height: auto; }
.appendix h2 { text-indent: 0; }
.first { break-before: page; margin-top: 2em; }
@page { size: A4; margin: 37mm 26mm 35mm 28mm;
  @bottom-center { content: "— " counter(page) " —";
    font: 14pt SimSun, "Noto Serif CJK SC", serif; } }
@media print { html { background: #fff; } body { padding: 0; max-width: none; margin: 0; }
  .first { margin-top: 0; } th { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""


def as_html(report: Report) -> str:
    """Return the report as a page; its pictures are inside, nothing is loaded from elsewhere.

    Parameters
    ----------
    report : Report
    """
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(report.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>"
    yield f"<h1>{escape(report.title)}</h1>"
    if report.subtitle:
        yield f'<p class="subtitle">{escape(report.subtitle)}</p>'
    first = next((section for section in report.sections if section.is_appendix), None)
    for section in report.sections:
        if section is first:
            yield from _signature(report)
        yield from _section(section, is_first=section is first)
    yield "</body>\n</html>"


def _signature(report: Report) -> Iterator[str]:
    for line in filter(None, (report.office, in_words(report.day))):
        yield f'<p class="signature">{escape(line)}</p>'


def _section(section: Section, *, is_first: bool) -> Iterator[str]:
    classes = "appendix" * section.is_appendix + " first" * is_first
    yield f'<section class="{classes}">' if classes else "<section>"
    if section.title:
        yield f"<h2>{escape(section.title)}</h2>"
    for block in section.blocks:
        yield _block(block)
    yield "</section>"


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h3>{escape(block.text)}</h3>"
    if isinstance(block, Paragraph):
        text = escape(block.text)
        if block.style == "quotation":
            return f"<blockquote><p>{text}</p></blockquote>"
        return f'<p class="small">{text}</p>' if block.style == "small" else f"<p>{text}</p>"
    return _table(block) if isinstance(block, Table) else _figure(block)


def _figure(chart: Chart) -> str:
    drawn = picture(chart)
    if isinstance(drawn, str):
        return f'<p class="small">{escape(drawn)}</p>'
    data, title = b64encode(drawn).decode(), escape(chart.title, quote=True)
    return f'<figure><img alt="{title}" src="data:image/png;base64,{data}"></figure>'


def _table(table: Table) -> str:
    total = sum(table.widths)
    columns = "".join(f'<col style="width:{width / total:.1%}">' for width in table.widths)
    caption = f"<caption>{escape(table.caption)}</caption>" if table.caption else ""
    header = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.header)
    last = len(table.rows) - table.n_totals
    rows = "\n".join(
        f"<tr{_TOTAL if number >= last else ''}>{''.join(map(_cell, row))}</tr>"
        for number, row in enumerate(table.rows)
    )
    whole = ' class="whole"' if table.stays_together else ""
    note = f'\n<p class="small">{escape(table.note)}</p>' if table.note else ""
    return (
        f"<table{whole}>{caption}<colgroup>{columns}</colgroup><thead><tr>{header}</tr></thead>"
        f"<tbody>\n{rows}\n</tbody></table>{note}"
    )


def _cell(value: str | int) -> str:
    if isinstance(value, int):
        return f'<td class="n">{value:,}</td>'
    return f"<td>{escape(value)}</td>"
