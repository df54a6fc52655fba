"""The content of a report, computed once, as plain data; `docx` and `html` set it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from minyi.analysis.figures import category_by_place, share_bars, timeline
from minyi.analysis.figures.source import check
from minyi.analysis.frame import notes as notes_of
from minyi.analysis.frame import require
from minyi.analysis.issues.matters import find_matters
from minyi.analysis.report.issues import FEWEST, issue_blocks, key_issues, listed
from minyi.analysis.report.ledger import Ledger
from minyi.analysis.report.opening import Counted, opening, places_of
from minyi.analysis.report.parts import Block, Chart, Issue, Paragraph, Report, Section
from minyi.analysis.report.provenance import method, traced
from minyi.analysis.report.quotations import Hide, hiding
from minyi.analysis.report.selection import named_place, period_of, select, short, title_of
from minyi.analysis.report.setting import area_table, duty_tables, place_table
from minyi.analysis.tablebook import details
from minyi.analysis.tables import NO_KIND, cells, duties, summary, workload
from minyi.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from minyi.domain.office import Office
    from minyi.pipeline import Minyi

MOST_ISSUES = 8
_BARS = 10  # the table has all
_ENOUGH_DAYS = 21  # of which a line by time says something


def report(
    submissions: pd.DataFrame,
    *,
    place: str = "",
    start: date | None = None,
    end: date | None = None,
    day: date | None = None,
    office: Office | None = None,
    minyi: Minyi | None = None,
    occasion: str = "本轮走访",
    issues: int = MOST_ISSUES,
) -> Report:
    """Return the content of a 村情报告, 镇情报告 or report of a period.

    Parameters
    ----------
    submissions : DataFrame
        Of `classified`. Is not changed.
    place : str
        A village or town; empty for all.
    start, end : date, optional
        First and last day.
    day : date, optional
        The day for which deadlines are judged; today.
    office : Office, optional
        The profile; that of `minyi` by default.
    minyi : Minyi, optional
        What classified the submissions: the appendix tells model and thresholds.
    occasion : str
        How the submissions came, as 本轮走访 or 本季度信访.
    issues : int
        How many key issues at most, 1 to 8.

    Returns
    -------
    Report
        Short where there are no submissions.

    Raises
    ------
    InputError
        The frame was not classified, `end` is before `start`, or `issues` is out of range.

    Examples
    --------
    >>> import pandas as pd
    >>> import minyi as m
    >>> from minyi.analysis.frame import classified, prepare
    >>> table = pd.DataFrame({"内容": ["桥栏断了没人修"], "时间": ["2026-03-02"], "村": ["石桥村"]})
    >>> found = report(classified(prepare(table, place="村"), m.load()), day=date(2026, 3, 9))
    >>> found.sections[0].blocks[0].text
    '2026年3月2日，石桥村本轮走访共收集意见1条。'
    """
    _check(submissions, issues)
    office = office or (minyi.office if minyi else None)
    day = day or date.today()
    found, told = select(submissions, place, start, end)
    where = named_place(submissions, place, office)
    period = period_of(found, start, end)
    ledger = Ledger(found)
    counted = Counted(found, cells(found), duties(found, day), ledger, day)
    hide = hiding(submissions["sender"])
    counting = notes_of(summary(found)) if len(found) else ()
    notes = tuple(dict.fromkeys([*notes_of(submissions), *told, *counting]))
    if found.empty:
        chosen: tuple[Issue, ...] = ()
        sections = [_nothing(where, period, occasion, told)]
    else:
        texts = list(opening(counted, place or where, period, occasion))
        # What is common in one place only shows beside the others: matters are sought in all.
        matters = find_matters(submissions, office).loc[found.index]
        chosen = key_issues(found, matters, office, hide, ledger, issues)
        sections = list(_sections(counted, texts, chosen, hide))
    sections.append(Section("附录一　数据与方法", method(counted, minyi, notes), is_appendix=True))
    if len(found):
        sections.append(Section("附录二　数字的出处", traced(ledger), is_appendix=True))
    return Report(
        title=title_of(where),
        subtitle=f"（{period}）" if period else "",
        office=office.name if office else "",
        place=place,
        day=day,
        n=len(found),
        sections=tuple(sections),
        issues=chosen,
        traces=ledger.traces,
        details=_details(counted, chosen),
        notes=notes,
    )


def _check(submissions: pd.DataFrame, issues: int) -> None:
    require(submissions)
    check(submissions, "kind", "department", "deadline", "urgent")
    if not 1 <= issues <= MOST_ISSUES:
        raise InputError(f"重点问题应为 1 到 {MOST_ISSUES} 个，实际是 {issues}。")


def _nothing(place: str, period: str, occasion: str, told: tuple[str, ...]) -> Section:
    when = f"{period}，" if period else ""
    text = f"{when}{place}{occasion}没有收集到意见，因此没有统计数字、重点问题和待答复事项。"
    return Section("一、总体情况", (Paragraph(text), *(Paragraph(f"{note}。") for note in told)))


def _sections(
    counted: Counted, texts: list[str], issues: tuple[Issue, ...], hide: Hide
) -> Iterator[Section]:
    frame = counted.submissions
    numbers: list[Block] = [Paragraph(text) for text in texts]
    numbers.append(area_table(frame, counted.cells))
    numbers += _charts(counted)
    yield Section("一、总体情况", tuple(numbers))
    blocks = [block for issue in issues for block in issue_blocks(issue, counted.day)]
    if not blocks:
        blocks = [Paragraph("没有三条以上意见集中反映的问题，也没有尚待答复的紧急事项。")]
    else:
        blocks.insert(0, Paragraph(_leading(issues)))
    yield Section("二、重点问题", tuple(blocks))
    yield Section("三、待答复事项", tuple(_duties(counted, hide)))


def _leading(issues: tuple[Issue, ...]) -> str:
    hot = sum(issue.n >= FEWEST for issue in issues)
    alone = len(issues) - hot
    parts = [f"反映集中的问题{hot}个（按热度排列）"] if hot else []
    parts += [f"个别群众反映、尚待答复的紧急事项{alone}件"] if alone else []
    return f"以下列出{'和'.join(parts)}。引文照录群众原话，姓名、号码、门牌已隐去，仅作节略。"


def _charts(counted: Counted) -> Iterator[Block]:
    frame = counted.submissions
    column = "level1" if (frame["level1"] != "").any() else "category"
    yield Chart("图1　各类意见的条数", share_bars(frame, column, most=_BARS))
    number = 2
    if len(places_of(counted)) > 1:
        yield place_table(counted)
        named = frame.assign(place=frame["place"].map(short))
        cross = category_by_place(named, columns=column, most_rows=20)
        yield Chart(f"图{number}　各地反映的内容（条数，颜色越深占本地的比例越大）", cross)
        number += 1
    times = frame["time"].dropna()
    if len(times) and (times.max() - times.min()).days >= _ENOUGH_DAYS:
        yield Chart(f"图{number}　意见的时间分布", timeline(frame))


def _duties(counted: Counted, hide: Hide) -> Iterator[Block]:
    if counted.duties.empty:
        yield Paragraph("没有尚待答复的意见。")
    else:
        table = workload(counted.submissions, counted.day)
        yield from duty_tables(counted, table, hide)
    unread = counted.submissions[counted.cells["kind"] == NO_KIND]
    if len(unread):
        ids = "、\u200b".join(unread["id"].head(30))
        more = f"等{len(unread)}条" if len(unread) > 30 else ""
        text = f"下列意见系统没有看出诉求或无法分类，未列入待答复，请人工看一遍：{ids}{more}。"
        yield Paragraph(text, "small")


def _details(counted: Counted, issues: tuple[Issue, ...]) -> pd.DataFrame:
    """Return a row a submission: in which numbers it is."""
    frame = counted.submissions
    return details(frame, counted.duties).assign(
        是否紧急=frame["urgent"],
        需复核=frame["needs_review"],
        重点问题=frame["id"].map(listed(issues)).astype("Int64"),
    )
