"""Counts for the dashboard."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from minyi.errors import InputError
from minyi.store.records import COUNTED
from minyi.store.tables import corrections, submissions

_COLUMNS = {
    "category": submissions.c.category,
    "department": submissions.c.department,
    "place": submissions.c.locality,
    "week": submissions.c.week,
    "kind": submissions.c.kind,
}


def counts(connection: sa.Connection, batch_id: int | None, by: str) -> list[tuple[str, int]]:
    """Count submissions by what holds of them."""
    if by not in COUNTED:
        raise InputError(f"统计应按 {'、'.join(COUNTED)} 之一，实际是别的名称。")
    name, n = _COLUMNS[by], sa.func.count().label("n")
    order = [name] if by == "week" else [n.desc(), name]
    query = sa.select(name, n).where(*_inside(batch_id)).group_by(name).order_by(*order)
    return [(str(row[0]), int(row[1])) for row in connection.execute(query)]


def crossed(
    connection: sa.Connection, batch_id: int | None, by: Sequence[str]
) -> list[tuple[tuple[str, ...], int]]:
    """Count submissions by several things that hold of them at once."""
    if unknown := set(by) - set(COUNTED):
        raise InputError(f"统计应按 {'、'.join(COUNTED)}，实际有 {len(unknown)} 个别的名称。")
    names = [_COLUMNS[name] for name in by]
    query = sa.select(*names, sa.func.count()).where(*_inside(batch_id))
    rows = connection.execute(query.group_by(*names).order_by(*names))
    return [(tuple(map(str, row[:-1])), int(row[-1])) for row in rows]


def uncertain_share(connection: sa.Connection, batch_id: int | None) -> float:
    """Return the share of classified submissions that need a look."""
    needs = sa.func.sum(sa.cast(submissions.c.needs_review, sa.Integer))
    query = sa.select(needs, sa.func.count()).where(
        submissions.c.result_id.is_not(None), *_inside(batch_id)
    )
    uncertain, total = connection.execute(query).one()
    return float(uncertain) / total if total else 0.0


def corrections_by_category(
    connection: sa.Connection, batch_id: int | None
) -> list[tuple[str, int]]:
    """Count corrections of the category by what held before."""
    n = sa.func.count().label("n")
    query = (
        sa.select(corrections.c.before, n)
        .join(submissions, submissions.c.id == corrections.c.submission_id)
        .where(corrections.c.target == "category", *_inside(batch_id))
        .group_by(corrections.c.before)
        .order_by(n.desc(), corrections.c.before)
    )
    return [(str(row[0]), int(row[1])) for row in connection.execute(query)]


def _inside(batch_id: int | None) -> list[sa.ColumnElement[bool]]:
    return [] if batch_id is None else [submissions.c.batch_id == batch_id]
