"""村情报告, 镇情报告 and reports of a period: the content once, then set as .docx or .html.

`report` computes, `as_docx` and `as_html` set, `write_report` writes the
document and a workbook of what stands behind its numbers.
"""

from minyi.analysis.report.content import report
from minyi.analysis.report.docx import as_docx
from minyi.analysis.report.html import as_html
from minyi.analysis.report.parts import Report
from minyi.analysis.report.writing import check_paths, write_report

__all__ = ["Report", "as_docx", "as_html", "check_paths", "report", "write_report"]
