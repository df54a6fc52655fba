"""Submissions: the texts, and the grid they are shown in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from minyi.domain.calendar import parse_date
from minyi.errors import InputError, MissingError
from minyi.store.batches import missing_batch
from minyi.store.database import Database
from minyi.store.records import SORTS, Entry, Filters, NewSubmission, Page, StoredSubmission
from minyi.store.results import as_result
from minyi.store.standing import chunks
from minyi.store.tables import batches, now, results, submissions

_GIVEN = (
    "id",
    "batch_id",
    "source_row",
    "text",
    "title",
    "clean_text",
    "time",
    "place",
    "created",
)
_BROUGHT = tuple(field.name for field in fields(NewSubmission))
_STANDING = ("category", "department", "kind", "urgent", "corrected", "checked")
_SORTED_BY = {
    "row": submissions.c.source_row,
    "score": submissions.c.score,
    "category": submissions.c.category,
    "department": submissions.c.department,
    "kind": submissions.c.kind,
    "place": submissions.c.locality,
    "deadline": submissions.c.deadline,
}


class Submissions:
    """The submissions of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, batch_id: int, rows: Iterable[NewSubmission]) -> list[int]:
        """Add submissions to a batch, all or none, and return their numbers in order.

        Raises
        ------
        MissingError
            There is no such batch.
        """
        at = now()
        new = [_new_row(batch_id, row, at) for row in rows]
        adding = sa.insert(submissions).returning(submissions.c.id, sort_by_parameter_order=True)
        numbers: list[int] = []
        with self._database.writing() as connection:
            known = sa.select(batches.c.id).where(batches.c.id == batch_id)
            if connection.scalar(known) is None:
                raise missing_batch(batch_id)
            for part in chunks(new):
                numbers += connection.scalars(adding, part)
        return numbers

    def page(
        self,
        batch_id: int | None,
        filters: Filters | None = None,
        sort: str = "uncertain",
        limit: int | None = 50,
        offset: int = 0,
    ) -> Page[Entry]:
        """Return a part of a batch, filtered and sorted.

        Parameters
        ----------
        batch_id : int or None
            None means all batches.
        filters : Filters, optional
        sort : str
            One of `SORTS`, with a minus in front the other way round. ``uncertain`` puts what needs
            a look, and nobody has looked at, first, the lowest score on top.
        limit : int or None
            None means all.
        offset : int

        Raises
        ------
        InputError
            An order that there is not.
        """
        where = _conditions(batch_id, filters or Filters())
        query = _select().where(*where).order_by(*_order(sort)).limit(limit).offset(offset)
        counting = sa.select(sa.func.count()).select_from(submissions).where(*where)
        with self._database.reading() as connection:
            total = connection.scalar(counting) or 0
            return Page(tuple(_entry(row) for row in connection.execute(query)), total)

    def ids(self, batch_id: int | None, filters: Filters | None = None) -> list[int]:
        """Return the numbers of all that pass the filters, to act on them at once."""
        where = _conditions(batch_id, filters or Filters())
        query = sa.select(submissions.c.id).where(*where).order_by(submissions.c.id)
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def get(self, submission_id: int) -> Entry:
        """Return a submission and what holds of it.

        Raises
        ------
        MissingError
        """
        with self._database.reading() as connection:
            row = connection.execute(_select().where(submissions.c.id == submission_id)).first()
        if row is None:
            raise missing_submission(submission_id)
        return _entry(row)


def missing_submission(submission_id: int) -> MissingError:
    """Say that there is no such submission."""
    return MissingError(f"没有编号为 {submission_id} 的意见：可能已被删除，请刷新后再试。")


def _new_row(batch_id: int, row: NewSubmission, at: datetime) -> dict[str, Any]:
    # Not `asdict`, which copies deeply: others wait while a large batch is written.
    brought = {name: getattr(row, name) for name in _BROUGHT}
    return {"batch_id": batch_id, "created": at, "week": _week(row.time), **brought}


def _week(time: str) -> str:
    day = parse_date(time)
    if day is None:
        return ""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _select() -> sa.Select[Any]:
    newest = results.c.id == submissions.c.result_id
    of_result = [column.label(f"result_{column.name}") for column in results.c]
    return sa.select(*submissions.c["purged", *_GIVEN, *_STANDING], *of_result).select_from(
        submissions.outerjoin(results, newest)
    )


def _entry(row: sa.Row[Any]) -> Entry:
    values = row._mapping
    given = {name: values[name] for name in _GIVEN}
    result = {name: values[f"result_{name}"] for name in results.c.keys()}  # noqa: SIM118
    return Entry(
        submission=StoredSubmission(**given, is_purged=values["purged"] is not None),
        result=None if result["id"] is None else as_result(result),
        model_id=result["model_id"],
        **{name: values[name] for name in _STANDING},
    )


def _conditions(batch_id: int | None, filters: Filters) -> list[sa.ColumnElement[bool]]:
    columns = submissions.c
    where = [] if batch_id is None else [columns.batch_id == batch_id]
    if filters.search:
        where.append(
            columns.text.icontains(filters.search, autoescape=True)
            | columns.title.icontains(filters.search, autoescape=True)
        )
    if filters.category:
        where.append(columns.category.startswith(filters.category, autoescape=True))
    equal = {
        columns.department: filters.department,
        columns.kind: filters.kind,
        columns.locality: filters.place,
    }
    where += [column == value for column, value in equal.items() if value]
    flags = {
        columns.urgent: filters.urgent,
        columns.needs_review: filters.needs_review,
        columns.corrected: filters.corrected,
        columns.checked: filters.checked,
    }
    where += [column.is_(value) for column, value in flags.items() if value is not None]
    if filters.score_from is not None:
        where.append(columns.score >= filters.score_from)
    if filters.score_to is not None:
        where.append(columns.score < filters.score_to)
    return where


def _order(sort: str) -> list[sa.ColumnElement[Any]]:
    name, turned = sort.removeprefix("-"), sort.startswith("-")
    if name not in SORTS:
        raise InputError(f"排序应为 {'、'.join(SORTS)} 之一（前加 - 为倒序），实际是别的名称。")
    columns = submissions.c
    if name == "uncertain":
        is_open = columns.needs_review & ~columns.checked
        keys = [sa.case((is_open, 0), else_=1), columns.score]
    elif name == "score":  # no result yet is less than a result without a score
        keys = [sa.case((columns.result_id.is_(None), 0), else_=1), columns.score]
    else:
        keys = [_SORTED_BY[name]]
    ordered = [key.desc() if turned else key.asc() for key in (*keys, columns.id)]
    # Without nulls_first the two databases disagree; what has no score needs a look most.
    return [key.nulls_last() if turned else key.nulls_first() for key in ordered]
