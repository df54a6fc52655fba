"""Put a report on disk: the document, and beside it the workbook of its numbers and rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from minyi.analysis.report.docx import as_docx, check_installed
from minyi.analysis.report.html import as_html
from minyi.analysis.report.parts import Report
from minyi.analysis.workbook import write_tables
from minyi.errors import OutputError

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".docx", ".html")


def workbook_of(path: str | Path) -> Path:
    """Return the name of the workbook beside a report: 石桥村.docx, 石桥村_底数.xlsx."""
    path = Path(path)
    return path.with_name(f"{path.stem}_底数.xlsx")


def check_paths(path: str | Path, *, force: bool = False, inputs: Sequence[Path] = ()) -> None:
    """Refuse what cannot be written, before long work.

    Raises
    ------
    OutputError
        Neither .docx nor .html, or a file that exists, of report or workbook.
    InputError
        .docx, and python-docx is not installed.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise OutputError(f"报告要写成 .docx 或 .html 文件，实际是“{path.name}”。")
    if path.suffix.lower() == ".docx":
        check_installed()
    for each in (path, workbook_of(path)):
        _check_free(each, force, inputs)


def write_report(
    report: Report, path: str | Path, *, force: bool = False, inputs: Sequence[Path] = ()
) -> Path:
    """Write a report and, beside it, its workbook.

    Parameters
    ----------
    report : Report
    path : str or Path
        .docx or .html. Missing folders are made.
    force : bool
        Replace existing files.
    inputs : sequence of Path
        Files that were read, which must not be replaced.

    Returns
    -------
    Path
        The workbook, ``…_底数.xlsx``: 数字出处, a row a number, and 明细, a row a submission with
        what the tables count it as. It holds no texts.

    Raises
    ------
    OutputError, InputError
        See `check_paths`; also when writing fails.
    """
    path = Path(path)
    check_paths(path, force=force, inputs=inputs)
    is_word = path.suffix.lower() == ".docx"
    content = as_docx(report) if is_word else as_html(report).encode("utf-8")
    workbook = workbook_of(path)
    write_tables(workbook, _tables(report), report.notes, force=force, inputs=inputs)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(
            f"写不了“{path}”：{error.strerror}；它若在 Word 里打开着，请先关闭。"
        ) from None
    return workbook


def _tables(report: Report) -> dict[str, pd.DataFrame]:
    import pandas as pd

    traces = [(trace.name, trace.n, trace.rows) for trace in report.traces]
    numbers = pd.DataFrame(traces, columns=["数字", "条数", "行号"])
    return {"数字出处": numbers, "明细": report.details}


def _check_free(path: Path, force: bool, inputs: Sequence[Path]) -> None:
    if path.is_dir():
        raise OutputError(f"“{path}”是文件夹，不是文件；请给出文件名，例如 报告.docx。")
    if not path.exists():
        return
    if any(path.samefile(source) for source in inputs if source.exists()):
        raise OutputError(f"输出文件“{path}”就是输入文件，不能覆盖；请换一个文件名。")
    if not force:
        raise OutputError(f"输出文件“{path}”已经存在；请换一个文件名，或用 --force 表示可以覆盖。")
