"""How numbers of submissions develop: counts, changes, alarms, seasons.

>>> import pandas as pd
>>> from minyi.analysis.frame import prepare
>>> days = ["2026-05-04", "2026-05-06", "2026-05-20"]
>>> frame = prepare(pd.DataFrame({"内容": "停水", "时间": days, "地点": "石桥村"}))
>>> counts(frame, by="place")["石桥村"].tolist()
[2, 0, 1]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minyi.analysis.frame import notes as notes_of
from minyi.analysis.intake.rows import with_notes
from minyi.analysis.trends.alarms import alarms
from minyi.analysis.trends.changes import change
from minyi.analysis.trends.seasons import seasonal
from minyi.analysis.trends.series import series

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["alarms", "as_table", "change", "counts", "seasonal"]

#: Chinese headers of all results of this module.
HEADERS = {
    "value": "事项",
    "start": "起始日期",
    "n": "条数",
    "expected": "预期条数",
    "high": "预警线",
    "p": "偶然概率",
    "width": "合看期数",
    "alarm": "预警",
    "season": "季节性",
    "partial": "时段不满",
    "reason": "依据",
    "members": "成员编号",
    "n_before": "对比期条数",
    "days": "天数",
    "days_before": "对比期天数",
    "ratio": "倍数（按天）",
    "low": "区间下限",
    "p_adjusted": "校正后概率",
    "verdict": "结论",
    "month": "月份",
    "years": "年数",
}
_UPPER = "区间上限"  # of a change; the same column of alarms is the line


def counts(submissions: pd.DataFrame, by: str | None = "level1", every: str = "W") -> pd.DataFrame:
    """Count submissions by period and value.

    Parameters
    ----------
    submissions : DataFrame
        Of `prepare`, `read` or `classified`.
    by : str or None
        A column: level1, department, place, matter …; None counts all together.
    every : {"D", "W", "M"}
        Days, weeks from Monday, months.

    Returns
    -------
    DataFrame of int
        Index ``start`` (first day of each period, from the first to the last, those without any
        submission too), a column a value, the most frequent first. Submissions without a time are
        left out; ``attrs["notes"]`` says so, and when the last period is not complete.

    Raises
    ------
    InputError
        No time, no such column or period, or a span that must be a mistake.
    """
    found = series(submissions, by, every)
    told = [*notes_of(submissions), *found.notes]
    if found.partial.any():
        told.append("首尾的时段可能不满，条数会偏少")
    return with_notes(found.counts, told)


def as_table(result: pd.DataFrame) -> pd.DataFrame:
    """Return a result with Chinese headers; of alarms only those that fired, the newest first.

    Parameters
    ----------
    result : DataFrame
        Of `counts`, `change`, `alarms` or `seasonal`.
    """
    headers = dict(HEADERS)
    if "alarm" in result.columns:
        result = result[result["alarm"]].sort_values(
            ["start", "p"], ascending=[False, True], kind="stable"
        )
        result = result.drop(columns="alarm").reset_index(drop=True)
    elif "verdict" in result.columns:
        headers["high"] = _UPPER
    elif result.index.name == "start":
        return result.reset_index(names=HEADERS["start"])
    return result.rename(columns=headers)
