"""Results: what each model version said of a submission."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from minyi.errors import MissingError
from minyi.schema import Alternative, Result
from minyi.store.database import Database
from minyi.store.standing import chunks, refresh
from minyi.store.tables import models, now, results, submissions

_FIELDS = tuple(field.name for field in fields(Result))
_COLUMNS = (
    "kind",
    "category_code",
    "category",
    "department",
    "score",
    "needs_review",
    "urgent",
    "place",
    "deadline",
)


class Results:
    """The results of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(
        self, batch_id: int, model_id: int | None, pairs: Iterable[tuple[int, Result]]
    ) -> None:
        """Save what a model version said: all of it, or nothing.

        What the same version said before of the same submissions is replaced; corrections stay in
        force.

        Parameters
        ----------
        batch_id : int
        model_id : int or None
            None is the starter.
        pairs : iterable of (int, Result)
            Number of the submission and its result.

        Raises
        ------
        MissingError
            A submission is not of this batch, or there is no such model.
        """
        listed = dict(pairs)
        numbers, at = list(listed), now()
        with self._database.writing() as connection:
            _check_model(connection, model_id)
            for part in chunks(numbers):
                purged = _purged(connection, batch_id, part)
                same = results.c.model_id.is_not_distinct_from(model_id)
                old = results.c.submission_id.in_(part) & same
                connection.execute(sa.delete(results).where(old))
                rows = [
                    _row(number, model_id, at, listed[number], keep_whole=not purged[number])
                    for number in part
                ]
                connection.execute(sa.insert(results), rows)
            refresh(connection, numbers)

    def of(self, submission_id: int) -> list[tuple[int | None, Result]]:
        """Return what all model versions said of a submission, the newest first."""
        query = sa.select(results).where(results.c.submission_id == submission_id)
        with self._database.reading() as connection:
            found = connection.execute(query.order_by(results.c.id.desc()))
            return [(row.model_id, as_result(row._mapping)) for row in found]


def as_result(row: Mapping[Any, Any]) -> Result:
    """Make a result of a row; of a purged one, what is still counted."""
    whole = row["whole"]
    if whole is None:
        return Result(**{name: row[name] for name in _COLUMNS})
    known = {name: whole[name] for name in _FIELDS if name in whole}
    known["alternatives"] = tuple(Alternative(**rival) for rival in known["alternatives"])
    for name in ("co_departments", "evidence"):
        known[name] = tuple(known[name])
    if known["deadline"]:
        known["deadline"] = date.fromisoformat(known["deadline"])
    return Result(**known)


def _row(
    number: int, model_id: int | None, at: datetime, result: Result, *, keep_whole: bool
) -> dict[str, Any]:
    return {
        "submission_id": number,
        "model_id": model_id,
        "created": at,
        "whole": _whole(result) if keep_whole else None,
        **{name: getattr(result, name) for name in _COLUMNS},
    }


def _whole(result: Result) -> dict[str, Any]:
    whole = {name: getattr(result, name) for name in _FIELDS}
    whole["alternatives"] = [
        {"code": rival.code, "category": rival.category, "score": rival.score}
        for rival in result.alternatives
    ]
    whole["deadline"] = result.deadline.isoformat() if result.deadline else None
    return whole


def _check_model(connection: sa.Connection, model_id: int | None) -> None:
    known = sa.select(models.c.id).where(models.c.id == model_id)
    if model_id is not None and connection.scalar(known) is None:
        raise MissingError(f"没有编号为 {model_id} 的模型版本：请先登记模型，再存它的结果。")


def _purged(connection: sa.Connection, batch_id: int, numbers: Sequence[int]) -> dict[int, bool]:
    query = sa.select(submissions.c.id, submissions.c.purged).where(
        submissions.c.id.in_(numbers), submissions.c.batch_id == batch_id
    )
    found = {row.id: row.purged is not None for row in connection.execute(query)}
    unknown = [number for number in numbers if number not in found]
    if unknown:
        shown = "、".join(map(str, unknown[:5]))
        raise MissingError(
            f"批次 {batch_id} 里没有这些编号的意见：{shown}（共 {len(unknown)} 条）；"
            "结果没有保存。可能批次已被删除，请重新导入。"
        )
    return found
