"""``minyi analyse words`` and ``topics``: how people say it, and what it is about."""

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

    from minyi.analysis.wording.topics import Topics

app = typer.Typer()

_FEWEST = 5  # citizens who use a word, at least


@app.command(epilog="例：minyi analyse words 走访.xlsx -o 用词.xlsx --by place --value 高坪村")
def words(
    inputs: Inputs,
    output: Out,
    by: Annotated[
        str, typer.Option("--by", help="按什么分组：place、kind、department、level1、month 等")
    ] = "place",
    value: Annotated[str | None, typer.Option("--value", help="只看这一组；默认各组")] = None,
    against: Annotated[str | None, typer.Option("--against", help="只同这一组比；默认其余")] = None,
    model: Model = "starter",
    office: Office = None,
    columns: Columns = None,
    sheet: Sheet = None,
    anonymise: Anonymise = False,
    k: Least = 5,
    force: Force = False,
) -> None:
    """找出一个地方、时段、类型或部门特有的用词。"""
    from minyi.analysis.frame import CLASSIFIED
    from minyi.analysis.privacy import publication
    from minyi.analysis.wording.words import keyness
    from minyi.analysis.workbook import fill

    asked = Asked(inputs, columns, office, model, anonymise, sheet)
    with asked.open(output, force) as out:
        frame = asked.read(classify=by in CLASSIFIED or by == "place")
        fewest = max(_FEWEST, k) if anonymise else _FEWEST
        found = keyness(frame, by, value, against=against, office=asked.profile(), fewest=fewest)
        told = notes(frame, more=[*found.notes, *[publication.told(k)] * anonymise])
        groups = found.groups.rename_axis(found.by).rename(columns={"tested": "检验的词"})
        tables = {"特征词": found.as_table(), "各组": groups}
        fill(out, publication.public_words(found, k) if anonymise else tables, told)
    print(f"共 {len(frame)} 条，比较了 {len(found.groups)} 组，特征词 {len(found.words)} 个")
    for group, of_group in list(found.words.groupby("group", sort=False))[:SHOWN]:
        print(f"{group}：{'、'.join(of_group['term'].head(SHOWN))}")
    print_end(told, output)


@app.command(epilog="例：minyi analyse topics 留言.xlsx -o 话题.xlsx --category 城乡建设/物业管理")
def topics(
    inputs: Inputs,
    output: Out,
    category: Annotated[
        str, typer.Option("--category", help="只看这一类：类别的全路径或某一级的名称；默认全部")
    ] = "",
    fewest: Annotated[int, typer.Option("--fewest", help="至少几个人才算一个话题")] = 5,
    model: Model = "starter",
    office: Office = None,
    columns: Columns = None,
    sheet: Sheet = None,
    anonymise: Anonymise = False,
    k: Least = 5,
    force: Force = False,
) -> None:
    """找出分类体系里没有的话题；换一批留言就不见的不列。"""
    from minyi.analysis.privacy import publication
    from minyi.analysis.wording.topics import find_topics
    from minyi.analysis.workbook import fill

    asked = Asked(inputs, columns, office, model, anonymise, sheet)
    with asked.open(output, force) as out:
        frame = asked.read(classify=True)
        fewest = max(fewest, k) if anonymise else fewest
        found = find_topics(frame, category, office=asked.profile(), fewest=fewest)
        told = notes(frame, more=[*found.notes, *[publication.told(k)] * anonymise])
        tables = (
            publication.public_topics(found, frame, k) if anonymise else _topic_tables(frame, found)
        )
        fill(out, tables, told)
    print(f"共 {len(found.members)} 条，可靠的话题 {len(found.topics)} 个")
    for number, topic in found.topics.head(SHOWN).iterrows():
        print(
            f"{number}. {topic['label']}（{topic['n']} 条，{topic['n_senders']} 人，"
            f"稳定度 {topic['stability']:.2f}）"
        )
    print_end(told, output)


def _topic_tables(frame: pd.DataFrame, found: Topics) -> dict[str, pd.DataFrame]:
    """Return the topics, the submissions of each, its months, and how many topics were tried."""
    shown = ["id", "source", "row", "time", "place", "text", "category"]
    members = found.members[found.members > 0].sort_values(kind="stable")
    named = members.to_frame("主题").join(found.topics["label"].rename("名称"), on="主题")
    tried = {"stability": "平均稳定度", "stable": "可靠的主题", "chosen": "采用"}
    return {
        "主题": found.as_table(),
        "留言明细": named.join(frame[shown]),
        "各月": found.months.rename_axis("月份"),
        "试分": found.stability.rename(columns=tried).rename_axis("主题个数"),
    }
