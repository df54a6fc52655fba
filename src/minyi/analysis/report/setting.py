"""The tables of a report, made of those of `minyi.analysis.tables`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from minyi.analysis.privacy.suppression import TOTAL
from minyi.analysis.report.opening import Counted, places_of
from minyi.analysis.report.parts import Block, Cell, Issue, Paragraph, Table, day_in_words
from minyi.analysis.report.quotations import Hide, gist
from minyi.analysis.report.selection import short
from minyi.analysis.tables import (
    NO_DEPARTMENT,
    OVERDUE,
    RAISED,
    SOON,
    STATES,
    WORKDAYS,
    summary,
)

if TYPE_CHECKING:
    import pandas as pd

_LISTED = 40  # matters to be answered that the report itself lists
_DEPARTMENTS = 15
_EXCERPT = 34


def issue_table(issues: Sequence[Issue], day: date, k: int) -> Table:
    """List the key issues for the first page, a row each; what to answer by when for the office."""
    said = ("序号", "问题", "群众的话（节略）", "条数")
    first = [(str(one.number), one.title, one.description, one.n) for one in issues]
    if k > 1:
        return Table("重点问题一览", said, tuple(first), (0.8, 4.3, 6.0, 1.0))
    rows = tuple(
        (*told, one.n_open, _earliest(one.deadline, day), _leads(one))
        for told, one in zip(first, issues, strict=True)
    )
    header = (*said, "待答复", "最早期限", "主办部门")
    widths = (0.8, 3.4, 4.2, 0.9, 1.2, 2.7, 2.2)
    # Rather begun on page 1 than whole on page 2.
    return Table("重点问题一览", header, rows, widths, is_whole=False)


def _earliest(deadline: date | None, day: date) -> str:
    if deadline is None:
        return "—"
    return day_in_words(deadline, day) + ("（逾期）" if deadline < day else "")


def _leads(issue: Issue) -> str:
    names = [name for name, _ in issue.departments if name != NO_DEPARTMENT]
    return f"{names[0]}{'等' if len(names) > 1 else ''}" if names else NO_DEPARTMENT


def area_table(submissions: pd.DataFrame, cells: pd.DataFrame) -> Table:
    """Set the last block of the summary, the sums over all places: a row a category."""
    table = summary(submissions)
    table = table[table["属地"] == TOTAL].drop(columns="属地")
    return Table(
        "社情民意汇总表（条）",
        tuple("类别" if name == "一级类别" else name for name in table.columns),
        _rows(table),
        (2.8, *[1.0] * (len(table.columns) - 1)),
        n_totals=1,
        note=_note(cells, "采纳" in table),
    )


def _note(cells: pd.DataFrame, is_adopted: bool) -> str:
    told = ["类型各栏相加"] + ["状态各栏相加"] * bool((cells["state"] != STATES[-1]).any())
    adopted = "采纳、未采纳按登记填写。" if is_adopted else ""
    return f"{'、'.join(told)}{'都' if len(told) > 1 else ''}等于“{RAISED}”。{adopted}"


def place_table(counted: Counted) -> Table:
    """Count each place: raised, states, what needs an answer."""
    cells, duties = counted.cells, counted.duties
    due = duties["due"].reindex(cells.index)
    states = [state for state in STATES if (cells["state"] == state).any()]
    rows: list[tuple[Cell, ...]] = []
    for place in [*places_of(counted), TOTAL]:
        own = (cells["place"] == place) | (place == TOTAL)
        numbers = [int(own.sum()), *(int((own & (cells["state"] == s)).sum()) for s in states)]
        numbers += [int((own & due.notna()).sum()), int((own & (due == OVERDUE)).sum())]
        rows.append((short(place), *numbers))
    header = ("属地", RAISED, *states, "待答复", "其中逾期")
    widths = (2.4, *[1.3] * (len(header) - 1))
    return Table("各地意见与办理情况（条）", header, tuple(rows), widths, n_totals=1)


def public_table(counted: Counted) -> Table:
    """Set the one table that may be published: areas × places, small counts hidden."""
    table = counted.crossed.T
    if table.shape[1] == 2:  # one place: its column is the sum
        table = table[[TOTAL]]
    rows = tuple(
        (str(area), *_cells(row))
        for area, row in zip(table.index, table.to_numpy().tolist(), strict=True)
    )
    header = ("类别", *(short(str(place)) for place in table.columns))
    note = f"* 表示不足{counted.k}条，或由它能推算出不足{counted.k}条的数字。"
    widths = (2.8, *[1.2] * (len(header) - 1))
    return Table("各地反映的内容（条）", header, rows, widths, 1, note)


def duty_tables(counted: Counted, work: pd.DataFrame, hide: Hide) -> Iterator[Block]:
    """Yield who has how much to answer, and what, by when."""
    yield _work_table(work)
    urgent = counted.submissions["urgent"].reindex(counted.duties.index)
    pressing = counted.duties[counted.duties["due"].isin([OVERDUE, SOON]) | urgent]
    shown = pressing if len(pressing) else counted.duties
    # What is urgent first, each by deadline.
    shown = shown.loc[urgent[shown.index].sort_values(ascending=False, kind="stable").index]
    what = f"紧急、已逾期或{WORKDAYS}个工作日内到期" if len(pressing) else "尚待答复"
    first = f"，这里列出前{_LISTED}条" if len(shown) > _LISTED else "，列在下表"
    yield Paragraph(
        f"{what}的共{len(shown)}条{first}，紧急的在前，其余按期限先后。"
        f"全部{len(counted.duties)}条待答复意见见随附的《底数》工作簿“明细”表“待答复”一栏。"
    )
    yield _list(counted, shown.head(_LISTED), hide)


def _work_table(work: pd.DataFrame) -> Table:
    named = work[work["部门"] != TOTAL]
    busy = named[named["待答复"] > 0].head(_DEPARTMENTS)
    rows = [*_rows(busy), *_rows(work[work["部门"] == TOTAL])]
    left = len(named) - len(busy)
    more = f"另有{left}个部门待答复较少或没有，未列出，数字计入合计。" if left else ""
    note = f"{SOON}指{WORKDAYS}个工作日内到期。{more}"
    widths = (3.4, *[1.2] * (len(work.columns) - 1))
    return Table("各部门承办与期限（条）", tuple(work.columns), tuple(rows), widths, 1, note)


def _list(counted: Counted, duties: pd.DataFrame, hide: Hide) -> Table:
    """List what needs an answer; in a report of one place without its name in each row."""
    frame = counted.submissions.loc[duties.index]
    is_one = counted.submissions["place"].nunique() == 1
    rows = [
        (
            str(row.id),
            *(() if is_one else (short(str(row.place)),)),
            gist(str(row.text), words, hide, _EXCERPT),
            due.department if due.department != NO_DEPARTMENT else "未定",
            *_when(due, counted.day, is_urgent=bool(row.urgent)),
        )
        for row, words, due in zip(
            frame.itertuples(), frame["evidence"], duties.itertuples(), strict=True
        )
    ]
    places, width = ((), ()) if is_one else (("属地",), (1.3,))
    header = ("编号", *places, "反映内容（节略）", "主办部门", "期限", "轻重")
    widths = (1.9, *width, 4.8, 2.1, 1.3, 1.9)
    return Table("待答复清单", header, tuple(rows), widths)


def _when(due: Any, day: date, *, is_urgent: bool) -> tuple[str, str]:
    """Return the deadline, and how much it presses."""
    import pandas as pd

    known = pd.notna(due.deadline)
    words = day_in_words(due.deadline.date(), day) if known else "—"
    return words, f"紧急，{due.due}" if is_urgent else due.due


def _rows(table: pd.DataFrame) -> tuple[tuple[Cell, ...], ...]:
    rows: Sequence[Sequence[object]] = table.to_numpy(dtype=object).tolist()
    return tuple(map(_cells, rows))


def _cells(row: Sequence[object]) -> tuple[Cell, ...]:
    return tuple(value if isinstance(value, int) else str(value) for value in row)
