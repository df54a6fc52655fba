"""Model versions: every one is kept, at most one is active."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from minyi.errors import MissingError
from minyi.store.database import Database
from minyi.store.location import full_path, short_path
from minyi.store.records import ModelVersion
from minyi.store.tables import models, now


class Models:
    """The model versions of a store; the starter is none of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        name: str,
        folder: Path,
        metrics: Mapping[str, Any] | None = None,
        base: str = "starter",
        trained_on: int = 0,
    ) -> ModelVersion:
        """Add a version; it is not active yet.

        Parameters
        ----------
        name : str
        folder : Path
            Where the model lies.
        metrics : mapping, optional
            Whatever was measured, ready for JSON.
        base : str
            What it continues.
        trained_on : int
            The greatest `last_correction` of the lessons it was trained on.
        """
        values = {
            "name": name,
            "folder": short_path(folder, self._database.folder),
            "metrics": dict(metrics or {}),
            "base": base,
            "trained_on": trained_on,
            "created": now(),
        }
        with self._database.writing() as connection:
            row = connection.execute(sa.insert(models).values(values).returning(models)).one()
        return self._version(row)

    def activate(self, model_id: int | None) -> None:
        """Make a version the active one; None goes back to the starter.

        Raises
        ------
        MissingError
        """
        with self._database.writing() as connection:
            connection.execute(sa.update(models).where(models.c.is_active).values(is_active=False))
            if model_id is None:
                return
            one = sa.update(models).where(models.c.id == model_id).values(is_active=True)
            if connection.execute(one).rowcount == 0:
                raise _missing(model_id)

    def active(self) -> ModelVersion | None:
        """Return the active version; None means the starter."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(models).where(models.c.is_active)).first()
        return None if row is None else self._version(row)

    def get(self, model_id: int) -> ModelVersion:
        """Return a version.

        Raises
        ------
        MissingError
        """
        with self._database.reading() as connection:
            row = connection.execute(sa.select(models).where(models.c.id == model_id)).first()
        if row is None:
            raise _missing(model_id)
        return self._version(row)

    def list(self) -> Sequence[ModelVersion]:
        """Return all versions, the newest first."""
        with self._database.reading() as connection:
            found = connection.execute(sa.select(models).order_by(models.c.id.desc()))
            return [self._version(row) for row in found]

    def _version(self, row: sa.Row[Any]) -> ModelVersion:
        folder = full_path(row.folder, self._database.folder)
        return ModelVersion(**{**row._mapping, "folder": folder})


def _missing(model_id: int) -> MissingError:
    return MissingError(f"没有编号为 {model_id} 的模型版本：请从模型列表中选一个。")
