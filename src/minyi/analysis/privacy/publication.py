"""Results of an analysis as tables that may be published: no count below k, nor a way to it.

`suppress` makes one table safe, not two of the same submissions: what one hides another may give
away. So each workbook has one table of counts, and beside it only what does not count again. What
follows from counts (expected numbers, ratios) is left out where a hidden count would follow from
it; submissions are listed without time and place, that nobody counts them afresh.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from minyi.analysis.privacy.suppression import HIDDEN, TOTAL, check_k, suppress
from minyi.analysis.trends import as_table

if TYPE_CHECKING:
    import pandas as pd

    from minyi.analysis.issues.hot import HotIssues
    from minyi.analysis.wording.topics import Topics
    from minyi.analysis.wording.words import Keyness

_OTHERS = "（其他）"  # submissions of no topic
_OF_ELSEWHERE = [
    "对照组人数",
    "占对照组（%）",
    "倍数",
    "倍数下限",
    "倍数上限",
    "对数似然值G²",
    "q值",
]
_SMALL = ["点赞", "反对", "紧急条数"]
_OF_TOPICS = [
    "主题",
    "名称（关键词）",
    "代表词",
    "条数",
    "稳定度",
    "分类体系中已有",
    "最接近的类别",
    "变化",
]


def told(k: int) -> str:
    """Return what a reader of the tables must know, in Chinese."""
    return (
        f"可以公开的表：1 到 {k - 1} 的数和能推算出它们的数以 {HIDDEN} 代替，或整行不列；"
        "公布时不要再附同一批意见的其他表"
    )


def public_trends(
    counts: pd.DataFrame, change: pd.DataFrame, alarms: pd.DataFrame, k: int
) -> dict[str, pd.DataFrame]:
    """Return counts, verdicts and alarms by the names of their sheets.

    Parameters
    ----------
    counts, change, alarms : DataFrame
        Of `minyi.analysis.trends`.
    k : int
        The smallest count that is shown.

    Returns
    -------
    dict of str to DataFrame
        The counts with their totals; of changes only the verdict, where both counts are at least
        k; of alarms only those of a count that is shown.
    """
    shown = suppress(counts, k)
    fired = alarms[alarms["alarm"]]
    cells = zip(fired["start"], fired["value"], strict=True)
    is_shown = np.array([_cell(shown, *cell) != HIDDEN for cell in cells], bool)
    is_shown &= fired["width"].to_numpy() == 1
    many = (change["n"] >= k) & (change["n_before"] >= k)
    days = [day if day == TOTAL else day.date() for day in shown.index]
    return {
        "条数": shown.set_axis(days).rename_axis("起始日期"),
        "增减": as_table(change[many])[["事项", "结论"]],
        "预警": as_table(fired[is_shown])[["事项", "起始日期", "条数"]],
    }


def _cell(shown: pd.DataFrame, start: pd.Timestamp, value: str) -> object:
    return shown.loc[start, value if value in shown.columns else TOTAL]


def public_words(found: Keyness, k: int) -> dict[str, pd.DataFrame]:
    """Return the words that at least k citizens use, by the names of their sheets.

    Parameters
    ----------
    found : Keyness
        Of `keyness`.
    k : int
        The smallest count that is shown.

    Returns
    -------
    dict of str to DataFrame
        How common a word is elsewhere is told where k citizens use it there, or nobody, and the
        word is not in the table twice, which would tell of a third group.
    """
    check_k(k)
    is_known = (found.words["n_senders"] >= k).to_numpy()
    words = found.words[is_known]
    few = words["n_elsewhere"].between(1, k - 1) | words["term"].duplicated(keep=False)
    table = found.as_table()[is_known].drop(columns="例子（编号）")
    table[_OF_ELSEWHERE] = table[_OF_ELSEWHERE].astype(object).mask(few, HIDDEN)
    groups = suppress(found.groups[["n"]], k).iloc[:, :1].rename_axis(found.by)
    return {"特征词": table, "各组": groups}


def public_topics(found: Topics, submissions: pd.DataFrame, k: int) -> dict[str, pd.DataFrame]:
    """Return the topics of at least k citizens, by the names of their sheets.

    Parameters
    ----------
    found : Topics
        Of `find_topics`.
    submissions : DataFrame
        Anonymised; their texts are listed by topic, the times and places are not.
    k : int
        The smallest count that is shown.
    """
    check_k(k)
    large = found.topics[found.topics["n_senders"] >= k]
    table = found.as_table()[(found.topics["n_senders"] >= k).to_numpy()][_OF_TOPICS]
    members = found.members[found.members.isin(large.index)].sort_values(kind="stable")
    named = members.to_frame("主题").join(large["label"].rename("名称"), on="主题")
    sheets = {"主题": table, "留言": named.join(submissions[["text", "category"]])}
    if not found.months.empty:
        sheets["各月"] = _months(found.months, list(large.index), k)
        totals = sheets["各月"].loc[TOTAL, list(large.index)].to_numpy()
        table["条数"] = table["条数"].astype(object).mask(totals == HIDDEN, HIDDEN)
    return sheets


def public_issues(found: HotIssues, k: int, top: int) -> dict[str, pd.DataFrame]:
    """Return the hot issues that at least k citizens raise, by the names of their sheets.

    Parameters
    ----------
    found : HotIssues
        Of `hot_issues` for anonymised submissions, all of them.
    k : int
        The smallest number of citizens, or of submissions where nobody is known.
    top : int
        How many issues; 0 for all.

    Returns
    -------
    dict of str to DataFrame
        Members are listed without number, sender and time, that nobody counts them afresh.
    """
    check_k(k)
    raised = found.parts["用户数"] if found.parts["用户数"].any() else found.parts["条数"]
    large = found.parts.loc[raised >= k, "问题ID"].head(top or len(found.parts))
    rank = {number: i for i, number in enumerate(large, 1)}

    def kept(table: pd.DataFrame) -> pd.DataFrame:
        own = table[table["问题ID"].isin(large)]
        return own.assign(问题ID=own["问题ID"].map(rank)).reset_index(drop=True)

    issues, parts = kept(found.issues), kept(found.parts)
    for name in _SMALL:
        parts[name] = parts[name].astype(object).mask(parts[name].between(1, k - 1), HIDDEN)
    return {
        "热点问题表": issues.assign(热度排名=issues["问题ID"]),
        "热点问题留言明细表": kept(found.members)[["问题ID", "留言主题", "留言详情"]],
        "热度构成": parts,
    }


def large_groups(names: pd.Series, k: int) -> pd.Series:
    """Put groups of less than k submissions together, with the next larger one if need be.

    Parameters
    ----------
    names : Series of str
        The group of each submission.
    k : int
        The smallest group that stays by itself.

    Examples
    --------
    >>> import pandas as pd
    >>> large_groups(pd.Series(["水利局"] * 3 + ["民政局"] * 2 + ["公安局"]), 3).tolist()
    ['水利局', '水利局', '水利局', '（其他）', '（其他）', '（其他）']
    """
    check_k(k)
    sizes = names.value_counts().sort_values(kind="stable")
    before = sizes.cumsum() - sizes
    is_small = (sizes < k) | ((before > 0) & (before < k))
    return names.mask(names.map(is_small), _OTHERS)


def _months(months: pd.DataFrame, topics: list[int], k: int) -> pd.DataFrame:
    """Return topics by month; all that are in none are a column, so that rows add up."""
    counts = months[topics]
    counts = counts.assign(**{_OTHERS: months["全部"] - counts.sum(axis=1)})
    return suppress(counts, k).rename_axis("月份")
