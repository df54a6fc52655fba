"""Counts of a classified file, and the sheets and lines that show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from minyi import review
from minyi.domain.office import Office
from minyi.learning.persistence import Model
from minyi.learning.sentences import SHORT, is_installed
from minyi.review import NORMAL
from minyi.schema import COLUMNS, KINDS
from minyi.version import __version__

_INDEX = {name: i for i, name in enumerate(COLUMNS)}
_MOST_PLACES = 200
_MOST_ROWS_NAMED = 20
_NO_PLACE = "（未识别）"


@dataclass
class Summary:
    """What a run has counted.

    Attributes
    ----------
    n_rows, n_review, n_urgent : int
    by_category, by_department : Counter of (name, kind)
    by_place : Counter of (place, level 1)
    unclassified : list of str
        Where the first rows without a result stand, and why.
    statuses : Counter of str
    roles : dict of str to str
        Which columns were read as what.
    notes : list of str
        What the user should know: warnings, sheets left out.
    """

    n_rows: int = 0
    n_review: int = 0
    n_urgent: int = 0
    by_category: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_department: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_place: Counter[tuple[str, str]] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    unclassified: list[str] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def count(self, row: list[Any], source: str, number: int) -> None:
        """Add one result row."""
        self.n_rows += 1
        self.n_review += row[_INDEX["needs_review"]] == "是"
        self.n_urgent += row[_INDEX["urgent"]] == "是"
        status = row[_INDEX["row_status"]]
        self.statuses[status] += 1
        if status != NORMAL:
            if len(self.unclassified) < _MOST_ROWS_NAMED:
                self.unclassified.append(f"{source} 第 {number} 行：{row[_INDEX['row_error']]}")
            return
        kind, level1 = row[_INDEX["kind"]], row[_INDEX["level1"]]
        named = [row[_INDEX[name]] for name in ("level1", "level2") if row[_INDEX[name]]]
        self.by_category["/".join(named) or row[_INDEX["category"]], kind] += 1
        self.by_department[row[_INDEX["department"]], kind] += 1
        self.by_place[row[_INDEX["place"]] or _NO_PLACE, level1 or row[_INDEX["category"]]] += 1


def summary_blocks(summary: Summary) -> Iterator[list[Any]]:
    """Yield the lines of the sheet 汇总: the totals, then three cross tables."""
    yield ["总条数", summary.n_rows]
    yield ["其中：需复核", summary.n_review]
    yield ["其中：紧急", summary.n_urgent]
    yield ["其中：未分类（空白等）", summary.n_rows - summary.statuses[NORMAL]]
    yield []
    yield from _cross("一级类别 × 诉求类型", _first_part(summary.by_category), list(KINDS))
    yield []
    yield from _cross("二级类别 × 诉求类型", summary.by_category, list(KINDS))
    yield []
    yield from _cross("主办部门 × 诉求类型", summary.by_department, list(KINDS))
    yield []
    level1 = [name for name, _ in _totals(summary.by_place, 1).most_common(17)]
    yield from _cross("属地 × 一级类别", summary.by_place, level1, _MOST_PLACES)


def _first_part(counts: Counter[tuple[str, str]]) -> Counter[tuple[str, str]]:
    level1: Counter[tuple[str, str]] = Counter()
    for (category, kind), number in counts.items():
        level1[category.split("/")[0], kind] += number
    return level1


def about_rows(
    summary: Summary, model: Model, office: Office, received: date
) -> Iterator[tuple[str, Any]]:
    """Yield the pairs of the sheet 说明."""
    manifest = model.manifest
    yield "程序版本", f"minyi {__version__}"
    size = f"训练条数 {manifest.get('n_submissions', '')}"
    yield "模型", f"{model.name}（{manifest.get('date', '')}，{size}）"
    if model.scorer.sentences:
        used = f"已启用：不超过 {SHORT} 字、词语判断没有把握的意见同时参考它"
        yield "语义编码器", used if is_installed() else "没有安装（可选），短文本只凭词语判断"
    yield "单位配置", office.name
    yield "复核要求", f"不列入待复核的，类别、类型、部门各约 {office.precision:.0%} 正确"
    codes = {"类别": "", "一级类别": "01", "二级类别": "0101", "三级类别": "010101"}
    shown = {name: code for name, code in codes.items() if bool(code) == bool(model.scorer.codes)}
    lines = [(name, "category", code) for name, code in shown.items()]
    for name, target, code in [*lines, ("类型", "kind", ""), ("部门", "department", "")]:
        value = review.threshold(model, office, target, code)
        yield f"{name}复核阈值", f"{value:.2f}（得分低于此值即列入待复核）"
    for role, column in summary.roles.items():
        yield "识别的列", f"{role}：{column}"
    yield "期限起算", f"以时间列为准；没有时间的从 {received.isoformat()} 起算，按工作日"
    yield "总条数", summary.n_rows
    yield "待复核", summary.n_review
    yield "紧急", summary.n_urgent
    for status, number in summary.statuses.most_common():
        yield f"状态：{status}", number
    for line in summary.unclassified:
        yield "未分类的行", line
    more = sum(summary.statuses.values()) - summary.statuses[NORMAL] - len(summary.unclassified)
    if more > 0:
        yield "未分类的行", f"另有 {more} 行，见“处理状态”列"
    for note in summary.notes:
        yield "提示", note
    yield "得分的含义", "得分是估计的正确概率（0–1），高分也会错；“需复核”的行请人工看一眼再转办"


def _cross(
    title: str, counts: Counter[tuple[str, str]], columns: list[str], most: int | None = None
) -> Iterator[list[Any]]:
    columns = [column for column in columns if any(c == column for _, c in counts)]
    if not columns:
        return
    yield [title, *columns, "合计"]
    for name, total in _totals(counts, 0).most_common(most):
        yield [name, *(counts.get((name, column), "") for column in columns), total]
    yield [
        "合计",
        *(sum(n for (_, c), n in counts.items() if c == column) for column in columns),
        sum(counts.values()),
    ]


def _totals(counts: Counter[tuple[str, str]], axis: int) -> Counter[str]:
    totals: Counter[str] = Counter()
    for key, number in counts.items():
        totals[key[axis]] += number
    return totals
