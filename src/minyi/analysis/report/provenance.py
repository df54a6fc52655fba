"""The appendix: how the report was made, and the rows behind each number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from minyi import review
from minyi.analysis.issues.heat import DEFAULT
from minyi.analysis.report.issues import FEWEST
from minyi.analysis.report.ledger import Ledger
from minyi.analysis.report.opening import Counted
from minyi.analysis.report.parts import Block, Paragraph, Table, in_words
from minyi.analysis.report.published import LEVELS
from minyi.analysis.tables import WORKDAYS
from minyi.domain.profile import HEAT
from minyi.version import __version__

if TYPE_CHECKING:
    from minyi.analysis.privacy.anonymise import PlaceLevel
    from minyi.pipeline import Minyi

_LONGEST = 420  # characters of rows that the report itself prints
_ELSEWHERE = "较长，见《底数》工作簿“数字出处”表"


def method(
    counted: Counted,
    minyi: Minyi | None,
    notes: tuple[str, ...],
    anonymise: PlaceLevel | None = None,
) -> tuple[Block, ...]:
    """Tell data, model, thresholds, what was hidden and what must be minded."""
    rows = [*_data(counted), *_model(minyi), *_rules(counted, minyi)]
    rows += [("公开处理", _hidden(anonymise, counted.k))] if anonymise else []
    rows += [("提示", f"{note.rstrip('。')}。") for note in notes]
    return (Table("", ("项目", "说明"), tuple(rows), (1.6, 8.4)),)


def _data(counted: Counted) -> Iterator[tuple[str, str]]:
    sources = [name for name in dict.fromkeys(counted.submissions["source"]) if name]
    if sources:
        more = f"等{len(sources)}处" if len(sources) > 10 else ""
        yield "数据", "；".join(sources[:10]) + more
    yield "统计日期", f"{in_words(counted.day)}；期限是否超过按这一天判断"


def _hidden(level: PlaceLevel, k: int) -> str:
    return (
        f"地点概括{LEVELS[level]}；不足{k}条的数字和能推算出它们的数字不列；"
        f"不足{k}人反映的事项不写、不引；没有逐条清单"
    )


def _model(minyi: Minyi | None) -> Iterator[tuple[str, str]]:
    yield "程序", f"minyi {__version__}"
    if minyi is None:
        return
    model, office = minyi.model, minyi.office
    size = model.manifest.get("n_submissions", "")
    yield "模型", f"{model.name}（{model.manifest.get('date', '')}，训练条数{size}）"
    targets = (("类别", "category"), ("类型", "kind"), ("部门", "department"))
    values = [f"{name}{review.threshold(model, office, t):.2f}" for name, t in targets]
    yield (
        "复核阈值",
        f"{'，'.join(values)}；得分低于此值的列入需复核，要求正确率约{office.precision:.0%}",
    )


def _rules(counted: Counted, minyi: Minyi | None) -> Iterator[tuple[str, str]]:
    if counted.submissions.empty:
        return
    weights = (minyi.office.heat if minyi else None) or DEFAULT
    heat = "、".join(f"{HEAT[name]}{weight:g}" for name, weight in weights.items() if weight)
    urgent = "" if counted.is_public else "；另加待答复的紧急事项"
    yield (
        "重点问题",
        f"同一地方同一件事不少于{FEWEST}条的，按热度指数排列（权重：{heat}）{urgent}",
    )
    yield (
        "待答复",
        f"没有答复或办结、且有诉求的意见；即将到期指{WORKDAYS}个工作日内到期，法定假日已扣除",
    )
    yield "人数", "按姓名和地点合计，没有署名的不计；同村同名的算一人"
    yield "引文", "照录原话，只作节略；姓名、电话、证件号、门牌已隐去，转发前请再看一遍"


def traced(ledger: Ledger) -> tuple[Block, ...]:
    """Return the rows behind each number."""
    rows = [
        (trace.name, trace.n, trace.rows if len(trace.rows) <= _LONGEST else _ELSEWHERE)
        for trace in ledger.traces
        if trace.n
    ]
    text = (
        "行号是数据文件里的行号（表头也算）。表格各栏的数字，在随附的《底数》工作簿“明细”表里"
        "按属地、类别、诉求类型、状态等栏筛选即得。"
    )
    return Paragraph(text, "small"), Table(
        "", ("数字", "条数", "行号"), tuple(rows), (2.6, 0.8, 6.6)
    )
