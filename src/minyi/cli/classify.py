"""``minyi classify``: files, or lines of the standard input."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minyi.cli.options import Force, Model, Office, Place, Sheet, Text, Time, Title
from minyi.cli.program import app
from minyi.cli.progress import RowBar
from minyi.errors import InputError

if TYPE_CHECKING:
    from minyi.batch import Job
    from minyi.summary import Summary


@app.command(
    epilog="例：minyi classify 意见箱.xlsx -o 分类结果.xlsx\n\n"
    "例：echo 村里的路灯坏了半年 | minyi classify -"
)
def classify(
    inputs: Annotated[list[str], typer.Argument(help="文件或文件夹；- 表示从标准输入读文字")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="结果文件")] = None,
    text: Text = None,
    title: Title = None,
    time: Time = None,
    place: Place = None,
    sheet: Sheet = None,
    model: Model = "starter",
    office: Office = None,
    header: Annotated[str, typer.Option("--header", help="结果列名用中文 zh 或英文 en")] = "zh",
    received: Annotated[
        str | None, typer.Option("--received", help="没有时间列时，期限从这天起算，如 2026-11-22")
    ] = None,
    workers: Annotated[int | None, typer.Option("--workers", help="进程数，默认用全部核")] = None,
    force: Force = False,
) -> None:
    """给表格里的意见分类、分办：读入工作簿，写出结果。"""
    from minyi.batch import Job

    if header not in ("zh", "en"):
        raise InputError(f"--header 应为 zh 或 en，实际是 {header}。")
    job = Job(model, str(office) if office else None, _day(received))
    if inputs == ["-"]:
        if output:
            raise InputError("- 的结果写到标准输出，不能再用 --output；请改用 > 存成文件。")
        _classify_input(job, header)
        return
    from minyi.batch import classify_files

    paths = [Path(name) for name in inputs]
    output = output or paths[0].with_name(f"{paths[0].stem}_分类.xlsx")
    roles = {"text": text, "title": title, "time": time, "place": place}
    chosen = {role: name for role, name in roles.items() if name}
    with RowBar(paths, chosen, sheet) as progress:
        summary = classify_files(
            paths,
            output,
            job=job,
            columns=chosen,
            sheet=sheet,
            header=header,
            force=force,
            workers=workers,
            progress=progress.update,
        )
    _print_summary(summary, output)


def _day(text: str | None) -> date:
    if text is None:
        return date.today()
    from minyi.domain.calendar import parse_date

    day = parse_date(text)
    if day is None:
        raise InputError(f"--received 应为日期，如 2026-11-22，实际是 {text}。")
    return day


def _classify_input(job: Job, header: str) -> None:
    """Classify each line of the standard input, and print a tab-separated line for each."""
    from minyi.schema import COLUMNS

    lines = [line.strip() for line in _standard_input().splitlines() if line.strip()]
    if not lines:
        raise InputError("标准输入里没有文字：请每行给一条意见。")
    names = list(COLUMNS) if header == "en" else list(COLUMNS.values())
    print("\t".join(names))
    for result in job.load().classify(lines):
        print("\t".join("" if value is None else str(value) for value in result.as_row()))


def _standard_input() -> str:
    """Read the standard input as UTF-8 or GB18030, whatever the console calls itself."""
    data = sys.stdin.buffer.read()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def _print_summary(summary: Summary, output: Path) -> None:
    print(f"共 {summary.n_rows} 条，需复核 {summary.n_review} 条，紧急 {summary.n_urgent} 条")
    departments: dict[str, int] = {}
    for (department, _), number in summary.by_department.items():
        departments[department] = departments.get(department, 0) + number
    most = sorted(departments.items(), key=lambda item: -item[1])[:8]
    if most:
        print("主办部门：" + "，".join(f"{name} {number}" for name, number in most))
    for line in summary.unclassified[:5]:
        print(f"未分类：{line}")
    for note in summary.notes:
        print(f"提示：{note}")
    print(f"结果已写入 {output}")
