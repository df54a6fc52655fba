"""What holds of a submission: the newest result, as people corrected it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from minyi.store.records import NO, YES
from minyi.store.tables import corrections, results, submissions

CHUNK = 1000  # numbers in one statement
_DECIDED = ("category", "department", "kind", "urgent")
_TAKEN = ("department", "kind", "urgent", "deadline", "score", "needs_review")


def chunks(numbers: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Cut a long list into parts that one statement can take."""
    for start in range(0, len(numbers), CHUNK):
        yield numbers[start : start + CHUNK]


def yes_or_no(value: bool) -> str:
    """Return 是 or 否."""
    return YES if value else NO


def refresh(connection: sa.Connection, numbers: Sequence[int]) -> None:
    """Write down anew what holds of these submissions."""
    setting = sa.update(submissions).where(submissions.c.id == sa.bindparam("number"))
    for part in chunks(numbers):
        connection.execute(_from_newest_results(part))
        decided = [
            {"number": number, **_decided(trail)}
            for number, trail in _trails(connection, part).items()
        ]
        by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        for values in decided:
            by_columns[tuple(values)].append(values)
        for rows in by_columns.values():
            connection.execute(setting, rows)


def _from_newest_results(numbers: Sequence[int]) -> sa.Update:
    newest = (
        sa.select(sa.func.max(results.c.id))
        .where(results.c.submission_id.in_(numbers))
        .group_by(results.c.submission_id)
    )
    has_code = results.c.category_code != ""
    return (
        sa.update(submissions)
        .where(submissions.c.id == results.c.submission_id, results.c.id.in_(newest))
        .values(
            result_id=results.c.id,
            category=sa.case((has_code, results.c.category_code), else_=results.c.category),
            locality=results.c.place,
            **{name: results.c[name] for name in _TAKEN},
        )
    )


def _trails(connection: sa.Connection, numbers: Sequence[int]) -> dict[int, list[sa.Row[Any]]]:
    query = (
        sa.select(*corrections.c["submission_id", "target", "before", "value"])
        .where(corrections.c.submission_id.in_(numbers))
        .order_by(corrections.c.id)
    )
    trails: dict[int, list[sa.Row[Any]]] = defaultdict(list)
    for row in connection.execute(query):
        trails[row.submission_id].append(row)
    return trails


def _decided(trail: Sequence[sa.Row[Any]]) -> dict[str, Any]:
    decided, corrected, checked = decisions(trail)
    values: dict[str, Any] = {**decided, "corrected": corrected, "checked": checked}
    if "urgent" in decided:
        values["urgent"] = decided["urgent"] == YES
    return dict(sorted(values.items()))


def decisions(trail: Sequence[Any]) -> tuple[dict[str, str], bool, bool]:
    """Return what people decided last, and how that stands to what the model said.

    Parameters
    ----------
    trail : sequence
        Rows or records of corrections of one submission, the oldest first.

    Returns
    -------
    decided : dict of str to str
        Target to value. A category that was accepted is decided too, until that is taken back.
    corrected : bool
        A value differs from what held before people touched it.
    checked : bool
        Somebody looked at it, and did not take that back.
    """
    first: dict[str, str] = {}
    last: dict[str, str] = {}
    accepted: str | None = None
    checked = False
    for line in trail:
        if line.target in _DECIDED:
            first.setdefault(line.target, line.before)
            last[line.target] = line.value
            accepted = None if line.target == "category" else accepted
            checked = True
        else:
            checked = line.value == YES
            accepted = line.before if checked else None
    if not checked:  # what was undone is nobody's decision; a newer result may replace it
        last = {target: value for target, value in last.items() if value != first[target]}
    corrected = any(last[target] != first[target] for target in last)
    if accepted:
        last["category"] = accepted
    return last, corrected, checked
