"""The store as a whole: one database, one folder, and the parts that keep things in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from minyi.errors import StoreError
from minyi.store import counting, export, retention
from minyi.store.arrivals import Arrivals
from minyi.store.batches import Batches
from minyi.store.corrections import Corrections
from minyi.store.database import Database
from minyi.store.jobs import Jobs
from minyi.store.keys import Keys
from minyi.store.location import UPLOADS, make_private
from minyi.store.models import Models
from minyi.store.records import Purged
from minyi.store.responses import Responses
from minyi.store.results import Results
from minyi.store.submissions import Submissions
from minyi.store.tables import now, purging


class Store:
    """Everything that is kept; may be used from any thread, and by several processes at once.

    Attributes
    ----------
    batches, submissions, results, corrections, models, keys, jobs, responses, arrivals
        The parts.
    folder : Path
        Beside the SQLite file; for a server, the user's data folder.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from minyi.store.records import NewSubmission
    >>> with TemporaryDirectory() as folder, Store.open(Path(folder) / "民意.db") as store:
    ...     batch = store.batches.add("三月来信", created_by="小李")
    ...     ids = store.submissions.add(batch.id, [NewSubmission("路灯不亮")])
    ...     store.submissions.page(batch.id).total
    1
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.folder = database.folder
        self.batches = Batches(database)
        self.submissions = Submissions(database)
        self.results = Results(database)
        self.corrections = Corrections(database)
        self.models = Models(database)
        self.keys = Keys(database)
        self.jobs = Jobs(database)
        self.responses = Responses(database)
        self.arrivals = Arrivals(database)

    @classmethod
    def open(cls, url: str | Path | None = None) -> Store:
        """Open a store; create it, or bring it to the newest schema, where that is needed.

        Parameters
        ----------
        url : str or Path, optional
            A file for SQLite, ``postgresql://…``; without it, ``minyi.db`` in the user's data
            folder.

        Raises
        ------
        StoreError
            Locked, not a database, of a newer program, unreachable, a full disk.
        """
        return cls(Database(url))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back all connections; using the store again opens new ones."""
        self._database.close()

    @property
    def uploads(self) -> Path:
        """The folder for what was uploaded, readable by the user alone."""
        return make_private(self.folder / UPLOADS)

    @property
    def outputs(self) -> Path:
        """The folder for what jobs produce, readable by the user alone."""
        return make_private(self.folder / "results")

    @property
    def model_folders(self) -> Path:
        """The folder in which every model version has its own, readable by the user alone."""
        return make_private(self.folder / "models")

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make one transaction of everything this thread does inside: all is kept, or nothing."""
        with self._database.writing():
            yield

    def is_writable(self) -> bool:
        """Tell whether something could be written now; writes, and takes it back."""
        try:
            with self._database.writing() as connection, connection.begin_nested() as trial:
                connection.execute(sa.insert(purging).values(since=now()))
                trial.rollback()
        except StoreError:
            return False
        return True

    def counts(self, batch_id: int | None, by: str) -> list[tuple[str, int]]:
        """Count submissions by what holds of them, the most frequent first; weeks in their order.

        Parameters
        ----------
        batch_id : int or None
            None counts everything.
        by : {"category", "department", "place", "week", "kind"}
            Weeks are ISO weeks of the submission's own time, such as 2026-W09; empty means unknown.
        """
        with self._database.reading() as connection:
            return counting.counts(connection, batch_id, by)

    def crossed(self, batch_id: int | None, by: Sequence[str]) -> list[tuple[tuple[str, ...], int]]:
        """Count submissions by several things at once; see `counts`.

        Returns
        -------
        list of (tuple of str, int)
            What occurs together, in the order of `by`, and how often.
        """
        with self._database.reading() as connection:
            return counting.crossed(connection, batch_id, by)

    def uncertain_share(self, batch_id: int | None = None) -> float:
        """Return the share (0–1) of classified submissions that the model wants looked at."""
        with self._database.reading() as connection:
            return counting.uncertain_share(connection, batch_id)

    def corrections_by_category(self, batch_id: int | None = None) -> list[tuple[str, int]]:
        """Count corrections of the category by the category that was wrong, most frequent first."""
        with self._database.reading() as connection:
            return counting.corrections_by_category(connection, batch_id)

    def export(self, path: Path, *, masked: bool = True, force: bool = False) -> Path:
        """Write everything as one .zip of .csv files, all of one moment.

        Parameters
        ----------
        path : Path
        masked : bool
            Hide phone numbers and the like.
        force : bool
            Replace a file that is there.

        Raises
        ------
        OutputError
            The file is there already or cannot be written.
        """
        return export.export(self._database, path, masked=masked, force=force)

    def purge(self, before: date, *, keep_statistics: bool = True) -> Purged:
        """Remove what came into the store before a day (local time), for good.

        Texts, titles, reasons, evidence, uploads and results are gone, from the file's free pages
        too. Names of batches, as they may be those of files, stay with the statistics. Backups, and
        a server's write-ahead log, are not in its reach.

        Parameters
        ----------
        before : date
            Compared with the day a submission came in, not with the day it was written.
        keep_statistics : bool
            Keep the counted columns (category, department, week …) and who corrected what.
        """
        return retention.purge(self._database, before, keep_statistics=keep_statistics)
