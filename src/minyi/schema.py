"""What goes through the house: submissions in, results out, and the names of result columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from minyi.errors import InputError

URGENT_YES = "1"  # the label of what is urgent
PRECISIONS = (0.80, 0.90, 0.95, 0.97, 0.99)  # at which decisions can be asked to be right
PRECISION = 0.95  # unless an office states its own
KINDS = ("咨询", "求助", "投诉", "举报", "建议", "表扬")

#: Result columns, English name to Chinese header, in order. A contract: change it only with a
#: CHANGELOG entry.
COLUMNS = {
    "kind": "诉求类型",
    "kind_score": "类型得分",
    "category_code": "类别代码",
    "category": "类别",
    "level1": "一级类别",
    "level2": "二级类别",
    "level3": "三级类别",
    "score": "类别得分",
    "alternatives": "备选类别",
    "department": "主办部门",
    "co_departments": "协办部门",
    "department_reason": "分办依据",
    "urgent": "是否紧急",
    "deadline": "办理期限",
    "place": "属地",
    "evidence": "关键词",
    "needs_review": "需复核",
    "review_reason": "复核原因",
    "row_status": "处理状态",
    "row_error": "状态说明",
}


@dataclass(frozen=True, slots=True)
class Submission:
    """One citizen's text and what is known about it; all as written in the source."""

    text: str
    title: str = ""
    time: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A rival category and its calibrated score (probability, 0–1)."""

    code: str
    category: str
    score: float


@dataclass(frozen=True, slots=True)
class Result:
    """What Minyi says of one submission.

    Attributes
    ----------
    kind : str
        One of `KINDS`; empty when the submission could not be read.
    kind_score, score, department_score : float or None
        Probabilities, 0–1; None when there is nothing to score. The last one is 1 where a rule
        decided; it is no column of the table.
    category_code, category, level1, level2, level3 : str
        The code and the path; levels below the one Minyi is sure of are empty. With a model of
        an office's own labels, `category` holds the label and the others are empty.
    alternatives : tuple of Alternative
        The strongest rivals of `category`, at most three.
    department, co_departments : str, tuple of str
        Names of the lead and the supporting bodies.
    department_reason : str
        Which rule, route or words decided the lead.
    urgent : bool
    deadline : date or None
    place : str
        Town and village.
    evidence : tuple of str
        The words that decided the category, the strongest first.
    needs_review, review_reason : bool, str
        Whether a person should look, and why.
    row_status, row_error : str
        正常, 空白, 无法识别 or 出错, and what was wrong.
    """

    kind: str = ""
    kind_score: float | None = None
    category_code: str = ""
    category: str = ""
    level1: str = ""
    level2: str = ""
    level3: str = ""
    score: float | None = None
    alternatives: tuple[Alternative, ...] = ()
    department: str = ""
    co_departments: tuple[str, ...] = ()
    department_reason: str = ""
    urgent: bool = False
    deadline: date | None = None
    place: str = ""
    evidence: tuple[str, ...] = ()
    needs_review: bool = False
    review_reason: str = ""
    row_status: str = "正常"
    row_error: str = ""
    department_score: float | None = None  # no column

    def as_row(self) -> list[Any]:
        """Return the values of `COLUMNS`, as text, numbers or None, ready for a table."""
        return [
            self.kind,
            _rounded(self.kind_score),
            self.category_code,
            self.category,
            self.level1,
            self.level2,
            self.level3,
            _rounded(self.score),
            "；".join([f"{rival.category} {rival.score:.2f}" for rival in self.alternatives]),
            self.department,
            "；".join(self.co_departments),
            self.department_reason,
            "是" if self.urgent else "否",
            self.deadline.isoformat() if self.deadline else "",
            self.place,
            "、".join(self.evidence),
            "是" if self.needs_review else "否",
            self.review_reason,
            self.row_status,
            self.row_error,
        ]


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 4)


def as_submissions(items: Any) -> list[Submission]:
    """Return `items` as submissions: the one gate for texts.

    Raises
    ------
    InputError
        For a bare str, a DataFrame, an empty list or an element that is no text.
    """
    if isinstance(items, str | bytes):
        raise InputError("应为文本的列表，实际是一个字符串：请写成 [文本]。")
    if hasattr(items, "columns"):
        raise InputError("应为文本的列表，实际是 DataFrame：请传入其中一列，如 df['内容']。")
    if isinstance(items, Mapping) or not isinstance(items, Iterable):
        raise InputError(f"应为文本的列表，实际是 {type(items).__name__}：请写成 [文本, …]。")
    submissions = [Submission(x) if isinstance(x, str) else x for x in items]
    wrong = [i for i, x in enumerate(submissions) if not isinstance(x, Submission)]
    if wrong:
        kinds = sorted({type(submissions[i]).__name__ for i in wrong})
        raise InputError(
            f"应全部为文本，实际有 {len(wrong)} 项是 {'、'.join(kinds)}"
            f"（位置 {'、'.join(map(str, wrong[:5]))}）：请先删除或改成文字。"
        )
    if not submissions:
        raise InputError("应至少有一条文本，实际是空列表。")
    return submissions
