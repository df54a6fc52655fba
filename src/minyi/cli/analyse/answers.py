"""``minyi analyse replies``: how good the answers are."""

from __future__ import annotations

from typing import Annotated

import typer

from minyi.cli.analyse.asking import (
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

app = typer.Typer()


@app.command(epilog="例：minyi analyse replies 留言与答复.xlsx -o 答复质量.xlsx")
def replies(
    inputs: Inputs,
    output: Out,
    by: Annotated[
        str, typer.Option("--by", help="按什么比较：department、kind、level1、place")
    ] = "department",
    model: Model = "starter",
    office: Office = None,
    columns: Columns = None,
    sheet: Sheet = None,
    anonymise: Anonymise = False,
    k: Least = 5,
    force: Force = False,
) -> None:
    """看答复的质量：多快、按时没有、切不切题、完不完整、有没有理由。"""
    from minyi.analysis.answers.replies import HEADERS, score_replies, summarise_replies
    from minyi.analysis.privacy import publication
    from minyi.analysis.workbook import fill

    asked = Asked(inputs, columns, office, model, anonymise, sheet)
    with asked.open(output, force) as out:
        frame = asked.read(classify=True)
        scored = score_replies(frame, asked.profile())
        parts = scored[list(HEADERS)].rename(columns=HEADERS)
        shown = ["id", "source", "row", "time", "text", "reply", "reply_time", "department"]
        told = notes(frame, scored, more=[publication.told(k)] * anonymise)
        if anonymise:
            shown = ["text", "reply", "department"]
            scored[by] = publication.large_groups(scored[by], k)
        summary = summarise_replies(scored, by=by)
        tables = {
            "汇总": summary.drop(columns="已答复") if anonymise else summary,
            "逐条": frame[shown].join(parts),
        }
        fill(out, tables, told)
    answered = scored["score"].dropna()
    print(f"共 {len(frame)} 条，有答复的 {len(answered)} 条，质量分中位数 {answered.median():.0f}")
    print_end(told, output)
