"""``minyi analyse summary`` and ``report``: tables for the office, and documents to hand on."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from minyi.cli.analyse.asking import (
    Asked,
    Columns,
    Inputs,
    Out,
    notes,
    print_end,
)
from minyi.cli.options import Force, Model, Office, Sheet
from minyi.errors import InputError

if TYPE_CHECKING:
    from minyi.analysis.privacy.anonymise import PlaceLevel

app = typer.Typer()

Hidden = Annotated[
    bool,
    typer.Option("--anonymise", help="做可以公开的：不写人，地点按 --level 概括，不足 --k 的隐去"),
]
Level = Annotated[
    str, typer.Option("--level", help="公开时地点概括到：village 村、town 镇、county 县、none 不写")
]
Fewest = Annotated[int, typer.Option("--k", help="公开时不足几条（几人）的隐去，不小于 2")]
Day = Annotated[str | None, typer.Option("--day", help="按哪一天判断期限，如 2026-06-01；默认今天")]


@app.command(epilog="例：minyi analyse summary 走访.xlsx -o 汇总.xlsx --day 2026-06-01")
def summary(
    inputs: Inputs,
    output: Out,
    day: Day = None,
    model: Model = "starter",
    office: Office = None,
    columns: Columns = None,
    sheet: Sheet = None,
    anonymise: Hidden = False,
    level: Level = "village",
    k: Fewest = 5,
    force: Force = False,
) -> None:
    """做社情民意汇总表，看各部门承办多少、哪些逾期、哪些快到期。公开时只有一张表。"""
    from minyi.analysis.tablebook import office_sheets, public_sheets
    from minyi.analysis.tables import OVERDUE, duties
    from minyi.analysis.workbook import fill

    places = _level(level, k)
    asked = Asked(inputs, columns, office, model, sheet=sheet)
    on = _day(day, "--day") or date.today()
    with asked.open(output, force) as out:
        frame = asked.read(classify=True)
        if anonymise:
            tables = public_sheets(frame, k, place_level=places, office=asked.profile())
        else:
            tables = office_sheets(frame, on)
        told = notes(frame, *tables.values())
        fill(out, tables, told)
    print(f"共 {len(frame)} 条，{frame.loc[frame['place'] != '', 'place'].nunique()} 个地方")
    if not anonymise:
        due = duties(frame, on)["due"]
        print(f"截至 {on}：待答复 {len(due)} 条，其中已逾期 {int((due == OVERDUE).sum())} 条")
    print_end(told, output)


@app.command(epilog="例：minyi analyse report 走访.xlsx -o 石桥村.docx --place 石桥村")
def report(
    inputs: Inputs,
    output: Annotated[Path, typer.Option("--output", "-o", help="报告（.docx 或 .html）")],
    place: Annotated[str, typer.Option("--place", help="只写这个村（社区）或镇；默认全部")] = "",
    start: Annotated[
        str | None, typer.Option("--start", help="起始日期，如 2026-03-01；默认不限")
    ] = None,
    end: Annotated[str | None, typer.Option("--end", help="截止日期；默认不限")] = None,
    day: Day = None,
    occasion: Annotated[
        str, typer.Option("--occasion", help="意见怎么来的，写进正文")
    ] = "本轮走访",
    issues: Annotated[int, typer.Option("--issues", help="最多写几个重点问题，1 到 8")] = 8,
    model: Model = "starter",
    office: Office = None,
    columns: Columns = None,
    sheet: Sheet = None,
    anonymise: Hidden = False,
    level: Level = "village",
    k: Fewest = 5,
    force: Force = False,
) -> None:
    """写村情报告、镇情报告：数字、图表、重点问题、待答复清单；另附一份底数工作簿。"""
    from minyi.analysis.report import check_paths, write_report
    from minyi.analysis.report import report as compose
    from minyi.analysis.report.charts import trouble
    from minyi.tables import find_inputs

    files = find_inputs(inputs)
    check_paths(output, force=force, inputs=files)
    places = _level(level, k)
    first, last, on = _day(start, "--start"), _day(end, "--end"), _day(day, "--day")
    asked = Asked(inputs, columns, office, model, sheet=sheet)
    minyi = asked.load()
    found = compose(
        asked.classify(asked.read(classify=False), minyi),
        place=place.strip(),
        start=first,
        end=last,
        day=on,
        minyi=minyi,
        occasion=occasion,
        issues=issues,
        anonymise=places if anonymise else None,
        k=k,
    )
    workbook = write_report(found, output, force=force, inputs=files)
    print(f"{found.title}：{found.n} 条意见，重点问题 {len(found.issues)} 个")
    print(f"每个数字的出处和逐条明细已写入 {workbook}")
    if anonymise:
        print("底数工作簿是逐条的，供本单位核对，不要随报告公开；报告里的引文公开前请再看一遍。")
    missing = "" if anonymise else trouble()  # what is published has no pictures
    print_end([*found.notes, *filter(None, [missing])], output)


def _level(level: str, k: int) -> PlaceLevel:
    """Check what `--level` and `--k` say, before long work."""
    if k < 2:
        raise InputError(f"--k 应不小于 2（通常 5），实际是 {k}。")
    if level not in ("village", "town", "county", "none"):
        raise InputError(f"--level 应为 village、town、county 或 none，实际是“{level}”。")
    return cast("PlaceLevel", level)


def _day(text: str | None, option: str) -> date | None:
    from minyi.domain.calendar import parse_date

    day = parse_date(text) if text else None
    if text and day is None:
        raise InputError(f"{option} 应是日期，如 2026-06-01，实际是“{text}”。")
    return day
