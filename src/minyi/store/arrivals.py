"""Uploads on their way in: whose they are, until a batch or a job needs them.

An upload comes before the row that names it. Until then a mark beside it names the process that
takes it in; what is marked by a process that died goes, unless the row was written after all.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa

from minyi.store.database import Database
from minyi.store.liveness import is_dead, worker_name
from minyi.store.location import UPLOADS, make_private, short_path
from minyi.store.tables import batches, jobs

SOURCE = "desk:"  # of a batch, and then the name of its upload
_MARK = ".arriving"
_SILENT = 24 * 3600  # seconds after which a process on another machine counts as dead


class Arrivals:
    """The uploads of a store that nothing in it names yet."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._folder = database.folder / UPLOADS

    def begin(self, name: str) -> Path:
        """Return where an upload, a file or a folder, may be written.

        Raises
        ------
        StoreError, OSError
            The folder cannot be made or written.
        """
        make_private(self._folder)
        mark = self._folder / (name + _MARK)
        try:
            mark.write_text(worker_name(), "utf-8")
        except OSError:
            mark.unlink(missing_ok=True)
            raise
        return self._folder / name

    def end(self, upload: Path) -> None:
        """Say that a batch or a job names the upload now."""
        with suppress(OSError):
            upload.with_name(upload.name + _MARK).unlink(missing_ok=True)

    def drop(self, upload: Path) -> None:
        """Remove an upload that nobody needs."""
        with suppress(OSError):
            if upload.is_dir():
                shutil.rmtree(upload)
            else:
                upload.unlink(missing_ok=True)
        self.end(upload)

    def clear(self) -> int:
        """Remove uploads whose process died before anything named them; return how many.

        To be called now and then: for other machines it is also the sign that this process lives.
        """
        n = 0
        for mark in self._folder.glob(f"*{_MARK}"):
            upload = mark.with_name(mark.name.removesuffix(_MARK))
            if not _is_lost(mark):
                continue
            if self._is_named(upload):
                self.end(upload)
            else:
                n += 1
                self.drop(upload)
        return n

    def _is_named(self, upload: Path) -> bool:
        # Asked after its process died: what that has not written will never be written.
        kept = short_path(upload, self._database.folder)
        of_batch = sa.select(batches.c.id).where(batches.c.source == SOURCE + upload.name)
        of_job = sa.select(jobs.c.id).where(jobs.c.upload == kept)
        with self._database.reading() as connection:
            return any(connection.execute(query).first() for query in (of_batch, of_job))


def _is_lost(mark: Path) -> bool:
    try:
        owner, age = mark.read_text("utf-8"), time.time() - mark.stat().st_mtime
        if owner == worker_name():
            os.utime(mark)
            return False
    except OSError:  # gone this moment
        return False
    return is_dead(owner, silent=age > _SILENT)
