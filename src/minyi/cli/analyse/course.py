"""``minyi analyse trends``: how many, how many more or fewer, and what is rising."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from minyi.cli.analyse.asking import (
    SHOWN,
    Anonymise,
    Asked,
    Columns,
    Inputs,
    Least,
    Out,
    notes,
    print_end,
)
from minyi.cli.options import Force, Model, Office, Sheet

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer()


@app.command(epilog="例：minyi analyse trends 走访.xlsx -o 趋势.xlsx --by place --every W")
def trends(
    inputs: Inputs,
    output: Out,
    by: Annotated[
        str, typer.Option("--by", help="按什么分：level1、level2、kind、department、place 等")
    ] = "level1",
    every: Annotated[str, typer.Option("--every", help="D（日）、W（周）或 M（月）")] = "W",
    period: Annotated[
        str | None,
        typer.Option("--period", help="看哪一段，如 2026-05、2026Q2；默认最后一个月"),
    ] = None,
    last_year: Annotated[
        bool, typer.Option("--last-year", help="同去年同期比；默认同上一期比")
    ] = False,
    false_alarms: Annotated[
        float, typer.Option("--false-alarms", help="误报率上限：没有上升的时段里误报的占比")
    ] = 0.05,
    merged: Annotated[bool, typer.Option("--merge", help="先合并重复的意见，一组算一条")] = False,
    model: Model = "starter",
    office: Office = None,
    columns: Columns = None,
    sheet: Sheet = None,
    anonymise: Anonymise = False,
    k: Least = 5,
    force: Force = False,
) -> None:
    """看走势：各时段条数、增减（带区间）、上升预警（误报率已知）。"""
    from minyi.analysis.frame import CLASSIFIED
    from minyi.analysis.privacy import publication
    from minyi.analysis.trends import alarms, as_table, change, counts, seasonal
    from minyi.analysis.workbook import fill

    asked = Asked(inputs, columns, office, model, anonymise, sheet)
    with asked.open(output, force) as out:
        frame = asked.read(classify=by in CLASSIFIED or by == "place")
        if merged:
            frame = _merged(frame)
        against = "last year" if last_year else "previous"
        numbers = counts(frame, by, every)
        changed = change(frame, by, period, against)
        watched = alarms(frame, by, every, false_alarms)
        seasons = seasonal(frame, by)
        told = notes(
            frame, numbers, changed, watched, seasons, more=[publication.told(k)] * anonymise
        )
        if anonymise:
            tables = publication.public_trends(numbers, changed, watched, k)
        else:
            shown = {"条数": numbers, "增减": changed, "预警": watched, "季节": seasons}
            tables = {name: as_table(table) for name, table in shown.items()}
        fill(out, tables, told)
    print(f"共 {len(frame)} 条，{len(numbers)} 个时段，预警 {len(tables['预警'])} 个")
    if not anonymise:
        _print_changes(changed)
        _print_alarms(watched)
    print_end(told, output)


def _merged(frame: pd.DataFrame) -> pd.DataFrame:
    from minyi.analysis.intake.rows import with_notes
    from minyi.analysis.repeats import find_repeats, merge

    once = merge(frame, find_repeats(frame)["group"])
    told = f"重复的意见已合并：{len(frame)} 条合为 {len(once)} 条，时间取每组的代表"
    return with_notes(once, [*notes(frame), told])


def _print_changes(changed: pd.DataFrame) -> None:
    from minyi.analysis.trends.changes import FEWER, MORE

    for _, row in changed[changed["verdict"].isin([MORE, FEWER])].head(SHOWN).iterrows():
        print(
            f"{row['verdict']}：{row['value']} {row['n_before']} → {row['n']} 条，"
            f"按天计 {row['ratio']:.2f} 倍（{row['low']:.2f}–{row['high']:.2f}）"
        )


def _print_alarms(watched: pd.DataFrame) -> None:
    """Print the newest alarms."""
    fired = watched[watched["alarm"]].sort_values(["start", "p"], ascending=[False, True])
    for _, row in fired.head(SHOWN).iterrows():
        print(f"预警：{row['value']}（{row['start']:%Y-%m-%d} 起）：{row['reason']}")
