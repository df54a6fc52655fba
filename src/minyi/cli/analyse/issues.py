"""``minyi analyse repeats`` and ``hot``: what is said again, and what most people raise."""

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
    for_reading,
    notes,
    print_end,
)
from minyi.cli.options import Force, Model, Office, Sheet

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer()


@app.command(epilog="例：minyi analyse repeats 意见箱.xlsx -o 重复.xlsx")
def repeats(
    inputs: Inputs,
    output: Out,
    similarity: Annotated[
        float, typer.Option("--similarity", help="多像算重复，0.5 到 1；1 表示一字不差")
    ] = 0.8,
    office: Office = None,
    columns: Columns = None,
    sheet: Sheet = None,
    anonymise: Anonymise = False,
    force: Force = False,
) -> None:
    """找出重复提交的意见，每组一个代表，原文都保留。"""
    from minyi.analysis.repeats import find_repeats, merge
    from minyi.analysis.workbook import fill

    asked = Asked(inputs, columns, office, anonymise=anonymise, sheet=sheet)
    with asked.open(output, force) as out:
        frame = asked.read(classify=False)
        found = find_repeats(frame, similarity=similarity)
        tables = {
            "重复意见": _repeated(frame, found),
            "合并后": for_reading(merge(frame, found["group"])),
        }
        told = notes(frame)
        fill(out, tables, told)
    _print_repeats(found)
    print_end(told, output)


@app.command(epilog="例：minyi analyse hot 留言.xlsx -o 热点.xlsx --top 5")
def hot(
    inputs: Inputs,
    output: Out,
    top: Annotated[int, typer.Option("--top", help="要几个热点")] = 5,
    fewest: Annotated[int, typer.Option("--fewest", help="至少几条才算热点")] = 3,
    model: Model = "starter",
    office: Office = None,
    columns: Columns = None,
    sheet: Sheet = None,
    anonymise: Anonymise = False,
    k: Least = 5,
    force: Force = False,
) -> None:
    """找出热点问题：热点问题表和留言明细表。"""
    from minyi.analysis.issues.hot import hot_issues
    from minyi.analysis.privacy import publication
    from minyi.analysis.workbook import fill

    asked = Asked(inputs, columns, office, model, anonymise, sheet)
    with asked.open(output, force) as out:
        frame = asked.read(classify=True)
        found = hot_issues(frame, asked.profile(), top=0 if anonymise else top, fewest=fewest)
        told = notes(frame, more=[*found.notes, *[publication.told(k)] * anonymise])
        if anonymise:
            tables = publication.public_issues(found, k, top)
        else:
            tables = {
                "热点问题表": found.issues,
                "热点问题留言明细表": found.members,
                "热度构成": found.parts,
            }
        fill(out, tables, told)
    _print_issues(frame, tables["热点问题表"])
    print_end(told, output)


def _repeated(frame: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Return the members of all groups, the largest group and its representative first."""
    names = {
        "group": "组号",
        "level": "重复程度",
        "representative": "代表",
        "same_sender": "同一人提交",
        "reason": "依据",
    }
    members = found[found["group"] >= 0].assign(group=lambda rows: rows["group"] + 1)
    order = members.assign(other=~members["representative"]).sort_values(
        ["group", "other"], kind="stable"
    )
    return order[list(names)].rename(columns=names).join(for_reading(frame))


def _print_repeats(found: pd.DataFrame) -> None:
    grouped = found[found["group"] >= 0]
    sizes = grouped.groupby("group").size()
    if sizes.empty:
        print(f"共 {len(found)} 条，没有发现重复")
    else:
        one = int(grouped[grouped["representative"]]["same_sender"].sum())
        spare = int(sizes.sum() - len(sizes))
        print(f"共 {len(found)} 条，重复的有 {len(sizes)} 组，合并后减少 {spare} 条")
        print(f"最大的一组 {sizes.max()} 条；{one} 组是同一人多次提交")


def _print_issues(frame: pd.DataFrame, issues: pd.DataFrame) -> None:
    if issues.empty:
        print(f"共 {len(frame)} 条，没有发现热点")
    else:
        print(f"共 {len(frame)} 条，热点问题 {len(issues)} 个")
    for _, issue in issues.head(SHOWN).iterrows():
        period = f"，{issue['时间范围']}" if issue["时间范围"] else ""
        where = f"{issue['地点/人群']}（热度 {issue['热度指数']}{period}）"
        print(f"{issue['热度排名']}. {where}：{issue['问题描述']}")
