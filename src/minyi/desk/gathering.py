"""The submissions of a batch as a frame: all that its workbook says, and what holds of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from minyi.desk.holding import as_holds
from minyi.desk.importing import ROLES
from minyi.desk.output import entries_of, source_of
from minyi.domain.office import Office
from minyi.errors import InputError
from minyi.review import ASIDE
from minyi.schema import Result
from minyi.store import Store

if TYPE_CHECKING:
    import pandas as pd


def gather(store: Store, batch_id: int, office: Office) -> pd.DataFrame:
    """Return what analyses take, see `minyi.analysis.frame`; totals and notes are left out.

    Senders, likes and the like come from the workbook, results from the store: as corrected.

    Parameters
    ----------
    store : Store
    batch_id : int
    office : Office
        Whose routes and deadlines hold for what was corrected.

    Raises
    ------
    MissingError
        There is no such batch.
    InputError
        Nothing in it can be read.
    """
    import pandas as pd

    from minyi.analysis import prepare

    batch = store.batches.get(batch_id)
    entries = entries_of(store, batch_id)
    source = source_of(store, batch, entries)
    trails = store.corrections.trails(batch_id)
    kept = [
        (row, entry.submission, as_holds(entry, office, trails.get(entry.submission.id, ())))
        for (_, row), entry in zip(source.rows, entries, strict=True)
        if entry.submission.text.strip() and not _is_aside(entry.result)
    ]
    if not kept:
        raise InputError("这一批没有可以分析的意见：正文都是空的，或者已经清除。")
    told, submissions, results = zip(*kept, strict=True)
    cells = pd.DataFrame(list(told), columns=list(source.columns.header), dtype="str")
    given = pd.DataFrame({role: [getattr(s, role) for s in submissions] for role in ROLES})
    others = cells.drop(columns=[name for name in ROLES if name in cells.columns])
    decided = {role: role for role in ROLES}  # by the clerk; the rest is recognised by name
    frame = prepare(given.join(others), **decided)
    rows = [submission.source_row or 0 for submission in submissions]
    return frame.assign(source=batch.name, row=rows, **_said(results))


def _is_aside(result: Result | None) -> bool:
    return result is not None and result.row_error == ASIDE


def _said(results: Sequence[Result]) -> dict[str, Any]:
    """Return the columns of results, and the place where it was found."""
    import pandas as pd

    from minyi.analysis.frame import CLASSIFIED

    said: dict[str, Any] = {
        name: [getattr(result, name) for result in results] for name in (*CLASSIFIED, "place")
    }
    said["deadline"] = pd.to_datetime(pd.Series(said["deadline"], dtype="object"))
    for name in ("score", "kind_score"):
        said[name] = pd.Series(said[name], dtype="float64")
    return said
