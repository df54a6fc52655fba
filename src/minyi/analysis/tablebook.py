"""The tables of an office as sheets of one workbook; and the one table that may be published."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from minyi.analysis.intake.rows import with_notes
from minyi.analysis.privacy.anonymise import PlaceLevel
from minyi.analysis.privacy.localities import Localities
from minyi.analysis.privacy.suppression import suppress
from minyi.analysis.tables import cells, duties, place_by_area, summary, workload

if TYPE_CHECKING:
    import pandas as pd

    from minyi.domain.office import Office

FEWEST = 5  # the smallest count that is published


def office_sheets(submissions: pd.DataFrame, day: date) -> dict[str, pd.DataFrame]:
    """Return the tables for the office's own use, by the names of their sheets.

    The last one, 明细, says of each submission where the others count it.
    """
    due = duties(submissions, day)
    shown = {"id": "编号", "place": "属地", "text": "反映内容", "category": "类别"}
    listed = submissions.loc[due.index, list(shown)].rename(columns=shown)
    listed = listed.assign(
        主办部门=due["department"], 期限=due["deadline"], 状态=due["state"], 到期=due["due"]
    )
    return {
        "社情民意汇总表": summary(submissions),
        "属地×类别": place_by_area(submissions),
        "部门与期限": workload(submissions, day),
        "待答复": listed,
        "明细": details(submissions, due),
    }


def details(submissions: pd.DataFrame, due: pd.DataFrame) -> pd.DataFrame:
    """Return a row a submission, with what the tables count it as; no texts.

    Parameters
    ----------
    submissions : DataFrame
        Of `classified`.
    due : DataFrame
        Of `duties`.
    """
    names = {"place": "属地", "area": "一级类别", "kind": "诉求类型", "state": "状态"}
    counted = cells(submissions).rename(columns={**names, "adopted": "采纳情况"})
    return submissions[["id", "source", "row", "time"]].assign(
        **counted,
        主办部门=submissions["department"],
        办理期限=submissions["deadline"],
        待答复=due["due"].reindex(submissions.index).fillna(""),
    )


def public_sheets(
    submissions: pd.DataFrame,
    k: int = FEWEST,
    *,
    place_level: PlaceLevel = "village",
    office: Office | None = None,
) -> dict[str, pd.DataFrame]:
    """Return the one table that may be published: place × level 1, counts below `k` hidden.

    A second table of the same submissions might give away what the first one hides.

    Parameters
    ----------
    submissions : DataFrame
        Of `classified`.
    k : int
        The smallest count that is told.
    place_level : {"village", "town", "county", "none"}
        How precisely places are told, see `minyi.analysis.privacy.anonymise`.
    office : Office, optional
        Its towns and villages are known by name.
    """
    localities = Localities(office.towns if office else (), office.name if office else "")
    coarse = localities.coarse(place_level).place
    places = "全部" if place_level == "none" else submissions["place"].map(coarse)
    table = suppress(place_by_area(submissions.assign(place=places)), k).rename_axis(index="属地")
    told = f"1 到 {k - 1} 条的格和能推算出它们的格以 * 代替；公布时不要再附同一批意见的其他表"
    return {"属地×类别": with_notes(table, [told])}
