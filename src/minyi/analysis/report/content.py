"""The content of a report, computed once, as plain data; `docx` and `html` set it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import count
from typing import TYPE_CHECKING

from minyi.analysis.figures import category_by_place, share_bars, timeline
from minyi.analysis.figures.source import check
from minyi.analysis.frame import notes as notes_of
from minyi.analysis.frame import require
from minyi.analysis.issues.matters import find_matters
from minyi.analysis.privacy.anonymise import PlaceLevel
from minyi.analysis.report.issues import FEWEST, issue_blocks, key_issues, listed
from minyi.analysis.report.ledger import Ledger
from minyi.analysis.report.opening import Counted, numbers, opening, places_of
from minyi.analysis.report.parts import Block, Chart, Issue, Paragraph, Report, Section, Table
from minyi.analysis.report.provenance import method, traced
from minyi.analysis.report.published import coarsened, public_sections
from minyi.analysis.report.quotations import Hide, hiding
from minyi.analysis.report.selection import named_place, period_of, select, short, title_of
from minyi.analysis.report.setting import area_table, duty_tables, issue_table, place_table
from minyi.analysis.tablebook import FEWEST as SMALLEST
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
_NO_ISSUES = "没有三条以上意见集中反映的问题，也没有尚待答复的紧急事项。"


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
    anonymise: PlaceLevel | None = None,
    k: int = SMALLEST,
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
    anonymise : {"village", "town", "county", "none"}, optional
        Make a report that may be published: places no finer than this (see
        `minyi.analysis.privacy.anonymise`), one table with small counts hidden, no matter of
        few citizens, no list of single matters. Its ``details`` stay a row a submission: they
        are for the office.
    k : int
        With `anonymise`, the smallest count that is told.

    Returns
    -------
    Report
        Short where there are no submissions.

    Raises
    ------
    InputError
        The frame was not classified, `end` is before `start`, `issues` or `k` is out of range,
        or `place` is finer than `anonymise` allows.

    Examples
    --------
    >>> import pandas as pd
    >>> import minyi as m
    >>> from minyi.analysis.frame import classified, prepare
    >>> table = pd.DataFrame({"内容": ["桥栏断了没人修"], "时间": ["2026-03-02"], "村": ["石桥村"]})
    >>> found = report(classified(prepare(table, place="村"), m.load()), day=date(2026, 3, 9))
    >>> found.sections[0].blocks[0].text
    '石桥村本轮走访共收集意见1条。'
    """
    _check(submissions, issues, k)
    office = office or (minyi.office if minyi else None)
    found, told = select(submissions, place, start, end)
    # What is common in one place only shows beside the others: matters are sought in all.
    matters = find_matters(submissions, office).loc[found.index] if len(found) else None
    where = named_place(submissions, place, office)
    if anonymise:
        found = coarsened(found, place, anonymise, office)
        where = "" if anonymise == "none" else named_place(found, place, office)
    day = day or date.today()
    counted = Counted(found, cells(found), duties(found, day), Ledger(found), day, _k(anonymise, k))
    period = period_of(found, start, end)
    hide = hiding(submissions["sender"])
    chosen: tuple[Issue, ...] = ()
    if matters is None or len(found) < counted.k:
        sections = [_nothing(where, period, occasion, told, len(found))]
    else:
        texts = list(opening(counted, place or where, occasion))
        chosen = key_issues(found, matters, office, hide, counted.ledger, issues, counted.k)
        sections = list(_sections(counted, _first(texts, chosen, counted), chosen, hide))
    counting = notes_of(summary(found)) if len(found) else ()
    notes = tuple(map(_without_folder, dict.fromkeys([*notes_of(submissions), *told, *counting])))
    sections += _appendices(counted, minyi, notes, anonymise)
    return Report(
        title=title_of(where),
        subtitle=f"（{period}）" if period else "",
        office=office.name if office and anonymise != "none" else "",
        place=place,
        day=day,
        n=len(found),
        sections=tuple(_numbered(sections)),
        issues=chosen,
        traces=counted.ledger.traces,
        details=_details(counted, chosen),
        notes=notes,
    )


def _check(submissions: pd.DataFrame, issues: int, k: int) -> None:
    require(submissions)
    check(submissions, "kind", "department", "deadline", "urgent")
    if not 1 <= issues <= MOST_ISSUES:
        raise InputError(f"重点问题应为 1 到 {MOST_ISSUES} 个，实际是 {issues}。")
    if k < 2:
        raise InputError(f"公开的最小条数 k 应不小于 2（通常 {SMALLEST}），实际是 {k}。")


def _k(anonymise: PlaceLevel | None, k: int) -> int:
    return k if anonymise else 1


def _without_folder(note: str) -> str:
    """Name a file without its folders, which may tell whose computer it was."""
    return re.sub(r"“[^”]*[/\\]([^/\\”]+)”", r"“\1”", note)


def _nothing(place: str, period: str, occasion: str, told: tuple[str, ...], n: int) -> Section:
    when = f"{period}，" if period else ""
    text = f"{when}{place}{occasion}没有收集到意见，因此没有统计数字、重点问题和待答复事项。"
    if n:
        text = f"{when}{place}{occasion}收集到的意见太少，公开稿不列数字。"
    return Section("一、总体情况", (Paragraph(text), *(Paragraph(f"{note}。") for note in told)))


def _first(texts: Iterable[str], issues: tuple[Issue, ...], counted: Counted) -> Section:
    """Return what stands on page 1: for who reads no more."""
    blocks: list[Block] = [Paragraph(text) for text in texts]
    if issues:
        blocks.append(issue_table(issues, counted.day, counted.k))
    elif not counted.is_public:
        blocks.append(Paragraph(_NO_ISSUES))
    return Section("", tuple(blocks))


def _sections(
    counted: Counted, first: Section, issues: tuple[Issue, ...], hide: Hide
) -> Iterator[Section]:
    if counted.is_public:
        yield from public_sections(counted, issues, first)
        return
    yield first
    told: list[Block] = [Paragraph(text) for text in numbers(counted)]
    table = area_table(counted.submissions, counted.cells)
    yield Section("一、总体情况", (*told, table, *_charts(counted)))
    blocks = [block for issue in issues for block in issue_blocks(issue, counted.day)]
    lead = _leading(issues) if issues else _NO_ISSUES
    yield Section("二、重点问题", (Paragraph(lead), *blocks))
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
    yield Chart("各类意见的条数", share_bars(frame, column, most=_BARS))
    if len(places_of(counted)) > 1:
        yield place_table(counted)
        named = frame.assign(place=frame["place"].map(short))
        cross = category_by_place(named, columns=column, most_rows=20)
        yield Chart("各地反映的内容（条数，颜色越深占本地的比例越大）", cross)
    times = frame["time"].dropna()
    if len(times) and (times.max() - times.min()).days >= _ENOUGH_DAYS:
        yield Chart("意见的时间分布", timeline(frame))


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


def _appendices(
    counted: Counted, minyi: Minyi | None, notes: tuple[str, ...], anonymise: PlaceLevel | None
) -> Iterator[Section]:
    """Yield how it was made; for the office itself also the rows behind each number."""
    notes = () if anonymise else notes
    table = method(counted, minyi, notes, anonymise)
    yield Section("附录一　数据与方法" if not anonymise else "附录　数据与方法", table, True)
    if len(counted.submissions) and not anonymise:
        yield Section("附录二　数字的出处", traced(counted.ledger), is_appendix=True)


def _numbered(sections: Iterable[Section]) -> Iterator[Section]:
    """Give tables and pictures their numbers, in the order in which they stand."""
    tables, charts = count(1), count(1)

    def numbered(block: Block) -> Block:
        if isinstance(block, Table) and block.caption:
            return replace(block, caption=f"表{next(tables)}　{block.caption}")
        if isinstance(block, Chart):
            return replace(block, title=f"图{next(charts)}　{block.title}")
        return block

    for section in sections:
        yield replace(section, blocks=tuple(map(numbered, section.blocks)))


def _details(counted: Counted, issues: tuple[Issue, ...]) -> pd.DataFrame:
    """Return a row a submission: in which numbers it is."""
    frame = counted.submissions
    return details(frame, counted.duties).assign(
        是否紧急=frame["urgent"],
        需复核=frame["needs_review"],
        重点问题=frame["id"].map(listed(issues)).astype("Int64"),
    )
