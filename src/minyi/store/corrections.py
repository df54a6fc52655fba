"""Corrections: what people decided, kept for good, and what can be learnt from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from minyi.errors import InputError
from minyi.schema import KINDS
from minyi.store.database import Database
from minyi.store.records import NO, TARGETS, YES, Correction, Lesson
from minyi.store.standing import chunks, decisions, refresh, yes_or_no
from minyi.store.submissions import missing_submission
from minyi.store.tables import corrections, models, now, results, submissions

_LONGEST_VALUE, _LONGEST_WHY = 200, 2000
_Change = tuple[int, str, str]  # submission, target, value


class Corrections:
    """The corrections of a store: added, never changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, submission_id: int, target: str, value: str, who: str = "", why: str = ""
    ) -> Correction:
        """Add a correction; from then on its value holds.

        Parameters
        ----------
        submission_id : int
        target : {"category", "department", "kind", "urgent", "accepted"}
            ``accepted`` says that somebody looked at it and found it right.
        value : str
            A category code (or a label of the office's own), a department, a kind; 是 or 否 for
            ``urgent`` and ``accepted``, where 否 takes the acceptance back.
        who, why : str

        Raises
        ------
        InputError
            A target or value that there is not.
        MissingError
            There is no such submission.
        """
        with self._database.writing() as connection:
            (number,) = _add(connection, [(submission_id, target, value)], who, why)
            row = connection.execute(sa.select(corrections).where(corrections.c.id == number)).one()
        return _correction(row)

    def add_many(self, changes: Iterable[_Change], who: str = "", why: str = "") -> int:
        """Add corrections (submission, target, value), all or none; return how many.

        Raises
        ------
        InputError, MissingError
            As `add`.
        """
        with self._database.writing() as connection:
            return len(_add(connection, list(changes), who, why))

    def trail(self, submission_id: int) -> list[Correction]:
        """Return who changed what, the oldest first."""
        query = sa.select(corrections).where(corrections.c.submission_id == submission_id)
        with self._database.reading() as connection:
            found = connection.execute(query.order_by(corrections.c.id))
            return [_correction(row) for row in found]

    def trails(self, batch_id: int) -> dict[int, list[Correction]]:
        """Return who changed what in a batch, by submission, the oldest first."""
        query = (
            sa.select(corrections)
            .join(submissions, submissions.c.id == corrections.c.submission_id)
            .where(submissions.c.batch_id == batch_id)
            .order_by(corrections.c.submission_id, corrections.c.id)
        )
        with self._database.reading() as connection:
            found = map(_correction, connection.execute(query))
            by_number = groupby(found, key=lambda line: line.submission_id)
            return {number: list(lines) for number, lines in by_number}

    def waiting(self, since_model_id: int | None = None) -> list[Lesson]:
        """Return what there is to learn: by submission, what people decided last.

        What was purged, and acceptances that were taken back, teach nothing.

        Parameters
        ----------
        since_model_id : int, optional
            Only submissions with a correction that this model version was not trained on.
        """
        with self._database.reading() as connection:
            since = _trained_on(connection, since_model_id)
            return list(_lessons(connection, since))


def _add(connection: sa.Connection, changes: Sequence[_Change], who: str, why: str) -> list[int]:
    for _, target, value in changes:
        _check(target, value)
    if len(why) > _LONGEST_WHY or len(who) > _LONGEST_VALUE:
        raise InputError(
            f"改正人至多 {_LONGEST_VALUE} 字、理由至多 {_LONGEST_WHY} 字，"
            f"实际 {len(who)} 字和 {len(why)} 字：请写短一些。"
        )
    numbers = list(dict.fromkeys(number for number, _, _ in changes))
    standing = _standing(connection, numbers)
    at, rows = now(), []
    for number, target, value in changes:
        holds = standing[number]
        rows.append(
            {
                "submission_id": number,
                "model_id": holds["model_id"],
                "target": target,
                "before": holds["category" if target == "accepted" else target],
                "value": value,
                "who": who,
                "why": why,
                "at": at,
            }
        )
        if target != "accepted":
            holds[target] = value
    adding = sa.insert(corrections).returning(corrections.c.id, sort_by_parameter_order=True)
    added = [number for part in chunks(rows) for number in connection.scalars(adding, part)]
    refresh(connection, numbers)
    return added


def _check(target: str, value: str) -> None:
    if target not in TARGETS:
        raise InputError(f"改正的对象应为 {'、'.join(TARGETS)} 之一，实际是别的名称。")
    allowed = {"kind": KINDS, "urgent": (YES, NO), "accepted": (YES, NO)}.get(target)
    if allowed and value not in allowed:
        raise InputError(f"{target} 应为 {'、'.join(allowed)} 之一，实际是别的值。")
    if not value.strip() or len(value) > _LONGEST_VALUE:
        raise InputError(f"{target} 应为 1 到 {_LONGEST_VALUE} 个字，实际是 {len(value)} 个。")


def _standing(connection: sa.Connection, numbers: Sequence[int]) -> dict[int, dict[str, Any]]:
    newest = submissions.outerjoin(results, results.c.id == submissions.c.result_id)
    query = sa.select(
        *submissions.c["id", "category", "department", "kind", "urgent"], results.c.model_id
    ).select_from(newest)
    found: dict[int, dict[str, Any]] = {}
    for part in chunks(numbers):
        # The lock keeps two desks from both taking the same value for what held before.
        locked = query.where(submissions.c.id.in_(part)).with_for_update(of=submissions)
        for row in connection.execute(locked):
            found[row.id] = {**row._mapping, "urgent": yes_or_no(row.urgent)}
    for number in numbers:
        if number not in found:
            raise missing_submission(number)
    return found


def _trained_on(connection: sa.Connection, model_id: int | None) -> int:
    query = sa.select(models.c.trained_on).where(models.c.id == model_id)
    return connection.scalar(query) or 0


def _lessons(connection: sa.Connection, since: int) -> Iterator[Lesson]:
    new = sa.select(corrections.c.submission_id).where(corrections.c.id > since)
    query = (
        sa.select(corrections, submissions.c.text, submissions.c.title)
        .join(submissions, submissions.c.id == corrections.c.submission_id)
        .where(submissions.c.purged.is_(None), corrections.c.submission_id.in_(new))
        .order_by(corrections.c.submission_id, corrections.c.id)
    )
    for number, rows in groupby(connection.execute(query), lambda row: row.submission_id):
        trail = list(rows)
        labels, _, checked = decisions(trail)
        if labels and checked:
            yield Lesson(
                submission_id=number,
                text=trail[0].text,
                title=trail[0].title,
                labels=labels,
                is_confirmed="category" in labels
                and all(line.target != "category" for line in trail),
                last_correction=trail[-1].id,
            )


def _correction(row: sa.Row[Any]) -> Correction:
    return Correction(**row._mapping)
