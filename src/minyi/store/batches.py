"""Batches: submissions that came together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from minyi.errors import MissingError
from minyi.store.database import Database
from minyi.store.records import Batch, Page
from minyi.store.retention import corrections_unlocked
from minyi.store.tables import batches, corrections, now, results, submissions


class Batches:
    """The batches of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        name: str,
        source: str = "",
        columns: Mapping[str, str] | None = None,
        created_by: str = "",
    ) -> Batch:
        """Add an empty batch.

        Parameters
        ----------
        name, source : str
            As shown to people; the file or the program it came from.
        columns : mapping of str to str, optional
            Role to header.
        created_by : str
        """
        values = {
            "name": name,
            "source": source,
            "columns": dict(columns or {}),
            "created_by": created_by,
            "created": now(),
        }
        with self._database.writing() as connection:
            number = connection.scalar(sa.insert(batches).values(values).returning(batches.c.id))
            return _batch(connection.execute(_select().where(batches.c.id == number)).one())

    def list(self, limit: int = 50, offset: int = 0) -> Page[Batch]:
        """Return batches, the newest first."""
        query = _select().order_by(batches.c.id.desc()).limit(limit).offset(offset)
        with self._database.reading() as connection:
            total = connection.scalar(sa.select(sa.func.count()).select_from(batches)) or 0
            return Page(tuple(_batch(row) for row in connection.execute(query)), total)

    def get(self, batch_id: int) -> Batch:
        """Return a batch.

        Raises
        ------
        MissingError
        """
        with self._database.reading() as connection:
            row = connection.execute(_select().where(batches.c.id == batch_id)).first()
        if row is None:
            raise missing_batch(batch_id)
        return _batch(row)

    def delete(self, batch_id: int) -> None:
        """Delete a batch with its submissions, results and corrections.

        Raises
        ------
        MissingError
        """
        inside = sa.select(submissions.c.id).where(submissions.c.batch_id == batch_id)
        with self._database.writing() as connection, corrections_unlocked(connection):
            for table in (corrections, results):
                connection.execute(sa.delete(table).where(table.c.submission_id.in_(inside)))
            connection.execute(sa.delete(submissions).where(submissions.c.batch_id == batch_id))
            gone = connection.execute(sa.delete(batches).where(batches.c.id == batch_id))
            if gone.rowcount == 0:
                raise missing_batch(batch_id)


def missing_batch(batch_id: int) -> MissingError:
    """Say that there is no such batch."""
    return MissingError(f"没有编号为 {batch_id} 的批次：可能已被删除，请刷新后再选。")


def _select() -> sa.Select[Any]:
    inside = submissions.c.batch_id == batches.c.id
    is_open = inside & submissions.c.needs_review & ~submissions.c.checked
    counts = [
        sa.select(sa.func.count()).select_from(submissions).where(rows).scalar_subquery()
        for rows in (inside, is_open)
    ]
    return sa.select(batches, counts[0].label("n_submissions"), counts[1].label("n_open"))


def _batch(row: sa.Row[Any]) -> Batch:
    return Batch(**row._mapping)
