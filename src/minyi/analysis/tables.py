"""The tables an office keeps: 社情民意汇总表, and each department's workload and deadlines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from minyi.analysis.answers.timeliness import in_time
from minyi.analysis.figures.source import check
from minyi.analysis.frame import notes as notes_of
from minyi.analysis.intake.rows import with_notes
from minyi.analysis.privacy.suppression import TOTAL
from minyi.domain.calendar import add_workdays
from minyi.schema import KINDS

if TYPE_CHECKING:
    import pandas as pd

#: How far an answer is; a row has one of them. The last: no status and no reply is filled in.
STATES = ("已办结", "已答复", "办理中", "未答复", "状态未填")
_ANSWERED = STATES[:2]
#: How a matter that needs an answer stands to its deadline, the worst first.
OVERDUE, SOON, LATER, UNDATED = "已逾期", "即将到期", "未到期", "没有期限"
WORKDAYS = 5
NO_PLACE, NO_AREA, NO_KIND, NO_DEPARTMENT = "（未识别）", "（没有类别）", "未分类", "（未定部门）"
SUBTOTAL = "小计"
RAISED = "提出"
_ADOPTED = {"是": "采纳", "否": "未采纳"}


def cells(submissions: pd.DataFrame) -> pd.DataFrame:
    """Say of each submission where the tables count it.

    Parameters
    ----------
    submissions : DataFrame
        Of `classified`.

    Returns
    -------
    DataFrame of str
        On the same index: ``place``, ``area`` (level 1; the label itself where a model has labels
        of its own), ``kind``, ``state`` (see `STATES`), ``adopted`` (采纳, 未采纳 or empty).
        What else is empty has a name.

    Raises
    ------
    InputError
        The frame was not classified.
    """
    import pandas as pd

    check(submissions, "kind", "level1", "category")
    own = not (submissions["level1"] != "").any()  # labels of an office's own have no levels
    areas = submissions["category" if own else "level1"]
    return pd.DataFrame(
        {
            "place": _named(submissions["place"], NO_PLACE),
            "area": _named(areas, NO_AREA),
            "kind": _named(submissions["kind"], NO_KIND),
            "state": _states(submissions),
            "adopted": submissions["adopted"].map(_ADOPTED).fillna("").astype("str"),
        },
        index=submissions.index,
    )


def summary(submissions: pd.DataFrame) -> pd.DataFrame:
    """Return the 社情民意汇总表: place × level 1 × kind, and what became of it.

    Parameters
    ----------
    submissions : DataFrame
        Of `classified`.

    Returns
    -------
    DataFrame
        A row a place and level 1, most first; 小计 closes a place, and the block 合计 sums the
        places. ``属地``, ``一级类别``, ``提出`` (all), a column a kind, then, where the submissions
        tell it, a column a state of `STATES` and ``采纳``, ``未采纳``. Kinds add up to 提出, states
        too. Notes in ``attrs["notes"]``.

    Raises
    ------
    InputError
        The frame was not classified.

    Examples
    --------
    >>> import pandas as pd
    >>> from minyi.analysis.frame import prepare
    >>> table = {"内容": ["桥栏断了", "水渠垮了", "桥窄"], "状态": ["办结", "未答复", "办结"]}
    >>> frame = prepare(pd.DataFrame(table | {"村": "石桥村"}), place="村").assign(
    ...     kind="投诉", level1=["交通运输", "农业农村", "交通运输"], category="")
    >>> summary(frame)[["属地", "一级类别", "提出", "投诉", "已办结"]].values.tolist()[:3]
    [['石桥村', '交通运输', 2, 2, 2], ['石桥村', '农业农村', 1, 1, 0], ['石桥村', '小计', 3, 3, 2]]
    """
    import pandas as pd

    counted = cells(submissions)
    columns = _columns(counted)
    blocks = [
        _block(counted[counted["place"] == place], place, columns, SUBTOTAL)
        for place in _order(counted["place"], NO_PLACE)
    ]
    blocks.append(_block(counted, TOTAL, columns, TOTAL))
    table = pd.concat(blocks, ignore_index=True)
    return with_notes(table, [*notes_of(submissions), *_told(submissions, counted)])


def place_by_area(submissions: pd.DataFrame) -> pd.DataFrame:
    """Count submissions by place (rows) and level 1 (columns), with 合计 beside and below.

    The table to publish, through `suppress`: the summary's further parts would tell what is hidden.
    """
    import pandas as pd

    counted = cells(submissions)
    table = pd.crosstab(counted["place"], counted["area"])
    table = table.reindex(
        index=_order(counted["place"], NO_PLACE), columns=_order(counted["area"], NO_AREA)
    )
    table.loc[TOTAL] = table.sum()
    table[TOTAL] = table.sum(axis=1)
    return table.rename_axis(index="属地", columns=None)


def duties(submissions: pd.DataFrame, day: date, *, workdays: int = WORKDAYS) -> pd.DataFrame:
    """List the submissions that still need an answer, what presses most first.

    What was neither answered nor closed needs one, and where nothing tells, everything; but not
    what no kind was found for: those rows need a reader first.

    Parameters
    ----------
    submissions : DataFrame
        Of `classified`.
    day : date
        The day on which one looks.
    workdays : int
        A deadline within so many workdays after `day` is near.

    Returns
    -------
    DataFrame
        On the index of the submissions, by deadline: ``department``, ``deadline``, ``state`` and
        ``due`` (已逾期: the deadline was before `day`; 即将到期, 未到期, 没有期限).
    """
    import pandas as pd

    check(submissions, "kind", "department", "deadline")
    found = submissions[needs_answer(submissions)]
    deadlines = found["deadline"]
    near = pd.Timestamp(add_workdays(day, workdays)[0])
    due = pd.Series(LATER, index=found.index, dtype="str")
    due = due.mask(deadlines <= near, SOON).mask(deadlines < pd.Timestamp(day), OVERDUE)
    table = pd.DataFrame(
        {
            "department": _named(found["department"], NO_DEPARTMENT),
            "deadline": deadlines,
            "state": _states(found),
            "due": due.mask(deadlines.isna(), UNDATED),
        }
    )
    return table.sort_values("deadline", kind="stable", na_position="last")


def needs_answer(submissions: pd.DataFrame) -> pd.Series:
    """Say of each submission whether somebody still has to answer it."""
    return ~_states(submissions).isin(_ANSWERED) & (submissions["kind"] != "")


def workload(submissions: pd.DataFrame, day: date, *, workdays: int = WORKDAYS) -> pd.DataFrame:
    """Count what each department has, what is open, overdue and due soon.

    Parameters
    ----------
    submissions : DataFrame
        Of `classified`.
    day : date
        The day on which one looks.
    workdays : int
        See `duties`.

    Returns
    -------
    DataFrame
        A row a lead department (主办部门), most overdue first, and 合计: ``主办``, ``协办``,
        ``待答复``, ``已逾期``, ``即将到期``; where times of answers are known also ``按期答复`` and
        ``逾期答复``.
    """
    import pandas as pd

    open_ = duties(submissions, day, workdays=workdays)
    lead = _named(submissions["department"], NO_DEPARTMENT)
    parts = {
        "主办": lead.value_counts(),
        "协办": _supported(submissions["co_departments"]),
        "待答复": open_["department"].value_counts(),
        OVERDUE: open_.loc[open_["due"] == OVERDUE, "department"].value_counts(),
        SOON: open_.loc[open_["due"] == SOON, "department"].value_counts(),
    }
    if submissions["reply_time"].notna().any():
        kept = in_time(submissions, submissions["deadline"])
        parts["按期答复"] = lead[kept == "是"].value_counts()
        parts["逾期答复"] = lead[kept == "否"].value_counts()
    table = pd.DataFrame(parts).fillna(0).astype("int64").rename_axis("部门")
    table = table.reset_index().sort_values(
        [OVERDUE, "待答复", "主办", "部门"], ascending=[False, False, False, True], kind="stable"
    )
    total = {"部门": TOTAL, **table.drop(columns="部门").sum().to_dict()}
    table = pd.concat([table, pd.DataFrame([total])], ignore_index=True)
    return with_notes(table, _told_of_states(submissions))


def _named(values: pd.Series, empty: str) -> pd.Series:
    texts = values.astype("str")
    return texts.where(texts != "", empty)


def _states(submissions: pd.DataFrame) -> pd.Series:
    """Return what the status says; without one, a reply is an answer."""
    status = submissions["status"].astype("str")
    replied = (submissions["reply"].astype("str") != "") | submissions["reply_time"].notna()
    said = status.where((status != "") | ~replied, "已答复")
    return said.where(said != "", STATES[-1])


def _columns(counted: pd.DataFrame) -> list[tuple[str, str]]:
    """Return (column of the cells, value) for each column of numbers that says something."""
    kinds = [("kind", kind) for kind in KINDS]
    kinds += [("kind", NO_KIND)] if (counted["kind"] == NO_KIND).any() else []
    blank = (counted["state"] == STATES[-1]).to_numpy()
    told = STATES if blank.any() else STATES[:-1]
    states = [("state", state) for state in told] if not blank.all() else []
    adopted = [("adopted", word) for word in _ADOPTED.values()]
    return kinds + states + (adopted if (counted["adopted"] != "").any() else [])


def _block(
    counted: pd.DataFrame, place: str, columns: Iterable[tuple[str, str]], total: str
) -> pd.DataFrame:
    """Return the rows of a place: its areas, and their sum."""
    import pandas as pd

    areas = _order(counted["area"], NO_AREA)
    numbers = {RAISED: counted["area"].value_counts()}
    for column, value in columns:
        numbers[value] = counted.loc[counted[column] == value, "area"].value_counts()
    table = pd.DataFrame(numbers, index=areas).fillna(0).astype("int64")
    table.loc[total] = table.sum()
    table.insert(0, "属地", place)
    return table.rename_axis("一级类别").reset_index()[["属地", "一级类别", *numbers]]


def _order(values: pd.Series, last: str) -> list[str]:
    """Return the values, most frequent first, ties by name; what has no name comes last."""
    counts = {str(name): int(n) for name, n in values.value_counts().items()}
    return sorted(counts, key=lambda name: (name == last, -counts[name], name))


def _supported(helpers: pd.Series) -> pd.Series:
    named = helpers.explode().dropna()
    return named[named != ""].value_counts()


def _told(submissions: pd.DataFrame, counted: pd.DataFrame) -> list[str]:
    told = _told_of_states(submissions)
    if (counted["place"] == NO_PLACE).all():
        told.append("没有地点：汇总表不分属地")
    odd = int(((counted["adopted"] != "") & (counted["kind"] != "建议")).sum())
    if odd:
        told.append(f"有 {odd} 条登记了是否采纳，但诉求类型不是建议，请核对")
    return told


def _told_of_states(submissions: pd.DataFrame) -> list[str]:
    blank = int((_states(submissions) == STATES[-1]).sum())
    if blank == len(submissions):
        return ["没有办理状态和答复：有诉求的都按待答复计"]
    return [f"有 {blank} 条没有填办理状态，也没有答复，按待答复计"] if blank else []
