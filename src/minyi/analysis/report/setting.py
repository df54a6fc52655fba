"""The tables of a report, made of those of `minyi.analysis.tables`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from minyi.analysis.privacy.suppression import TOTAL
from minyi.analysis.report.opening import Counted, places_of
from minyi.analysis.report.parts import Block, Cell, Paragraph, Table
from minyi.analysis.report.quotations import Hide, excerpt
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


def area_table(submissions: pd.DataFrame, cells: pd.DataFrame) -> Table:
    """Set the last block of the summary, the sums over all places: a row a category."""
    table = summary(submissions)
    table = table[table["属地"] == TOTAL].drop(columns="属地")
    return Table(
        "表1　社情民意汇总表（条）",
        tuple("类别" if name == "一级类别" else name for name in table.columns),
        _rows(table),
        (2.8, *[1.0] * (len(table.columns) - 1)),
        n_totals=1,
        note="类型各栏相加、状态各栏相加都等于“提出”。"
        + ("采纳、未采纳按登记填写。" if "采纳" in table else ""),
    )


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
    return Table("表2　各地意见与办理情况（条）", header, tuple(rows), widths, n_totals=1)


def duty_tables(counted: Counted, work: pd.DataFrame, hide: Hide) -> Iterator[Block]:
    """Yield who has how much to answer, and what, by when."""
    number = 3 if len(places_of(counted)) > 1 else 2
    yield _work_table(work, number)
    pressing = counted.duties[counted.duties["due"].isin([OVERDUE, SOON])]
    shown = pressing if len(pressing) else counted.duties
    what = f"已逾期或{WORKDAYS}个工作日内到期" if len(pressing) else "尚待答复"
    first = f"按期限先后列出前{_LISTED}条，" if len(shown) > _LISTED else ""
    yield Paragraph(
        f"{what}的{len(shown)}条，{first}见表{number + 1}；"
        f"全部{len(counted.duties)}条待答复意见见随附的《底数》工作簿“明细”表（“待答复”一栏）。"
    )
    yield _list(counted, shown.head(_LISTED), hide, f"表{number + 1}　待答复清单")


def _work_table(work: pd.DataFrame, number: int) -> Table:
    named = work[work["部门"] != TOTAL]
    busy = named[named["待答复"] > 0]
    rows = [*_rows(busy.head(_DEPARTMENTS)), *_rows(work[work["部门"] == TOTAL])]
    left = len(named) - min(len(busy), _DEPARTMENTS)
    note = f"另有{left}个部门没有列出（没有或较少待答复意见），数字计入合计。" if left else ""
    header = tuple(f"{WORKDAYS}日内到期" if name == SOON else name for name in work.columns)
    widths = (3.4, *[1.2] * (len(header) - 1))
    return Table(f"表{number}　各部门承办与期限（条）", header, tuple(rows), widths, 1, note)


def _list(counted: Counted, duties: pd.DataFrame, hide: Hide, caption: str) -> Table:
    import pandas as pd

    frame = counted.submissions.loc[duties.index]
    rows = [
        (
            str(row.id),
            short(str(row.place)),
            excerpt(str(row.text), hide, _EXCERPT),
            department if department != NO_DEPARTMENT else "",
            f"{deadline:%m-%d}" if pd.notna(deadline) else "",
            due,
        )
        for row, department, deadline, due in zip(
            frame.itertuples(),
            duties["department"],
            duties["deadline"],
            duties["due"],
            strict=True,
        )
    ]
    header = ("编号", "属地", "反映内容（节略）", "主办部门", "期限", "到期")
    return Table(caption, header, tuple(rows), (1.9, 1.3, 4.8, 2.1, 1.0, 1.3))


def _rows(table: pd.DataFrame) -> tuple[tuple[Cell, ...], ...]:
    rows: Sequence[Sequence[object]] = table.to_numpy(dtype=object).tolist()
    return tuple(tuple(v if isinstance(v, int) else str(v) for v in row) for row in rows)
