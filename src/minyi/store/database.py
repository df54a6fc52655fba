"""The database behind the store: connections and transactions."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from minyi.errors import StoreError
from minyi.store.failures import explained, locked
from minyi.store.location import FILE, create_file, make_private, user_folder
from minyi.store.migrating import migrate
from minyi.store.tables import metadata

BUSY_SECONDS = 5.0
_BEGIN = "minyi_begin"
_SET_UP = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is deleted is overwritten
    "PRAGMA synchronous = FULL",
)


class Database:
    """An engine that gives transactions, and errors that a person can mend.

    Parameters
    ----------
    url : str or Path or None
        A SQLite file, a URL, or None for the file in the user's data folder.

    Attributes
    ----------
    folder : Path
        Where files lie: beside the SQLite file, otherwise in the user's data folder.
    name : str
        What messages call it; never a password.

    Raises
    ------
    StoreError
    """

    def __init__(self, url: str | Path | None) -> None:
        address = _address(url)
        self.path = Path(str(address.database)) if address.drivername == "sqlite" else None
        self.folder = self.path.parent if self.path else user_folder()
        self.name = str(self.path or address.render_as_string(hide_password=True))
        self._local = threading.local()
        if self.path:
            create_file(self.path)
        else:
            make_private(self.folder)
        self._engine = _engine(address)
        try:
            with self.translated():
                if self.path:
                    _use_wal(self._engine)
                migrate(self._engine, self.name)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection in a transaction that sees one state of everything."""
        options = {_BEGIN: "DEFERRED"} if self.path else {"isolation_level": "REPEATABLE READ"}
        with self._transaction(options) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a connection whose changes come to stay together, or none does.

        Within another `writing` of the same thread it is the same transaction.
        """
        with self._transaction({_BEGIN: "IMMEDIATE"}) as connection:
            is_outermost = self._current() is None
            self._local.connection = connection
            try:
                yield connection
            finally:
                if is_outermost:
                    self._local.connection = None

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn the database's errors into `StoreError`, without the words it was given."""
        try:
            yield
        except sa.exc.SQLAlchemyError as error:
            raise explained(error, self.name) from None

    def vacuum(self) -> None:
        """Rewrite everything, so that free pages and the log keep nothing that was deleted."""
        if self.path:
            options, command = {_BEGIN: ""}, "VACUUM"
        else:
            options = {"isolation_level": "AUTOCOMMIT"}
            command = f"VACUUM FULL {', '.join(metadata.tables)}"
        with self.translated(), self._engine.connect() as plain:
            connection = plain.execution_options(**options)
            connection.exec_driver_sql(command)
            if self.path:
                emptying = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                is_busy = emptying.one()[0]
                if is_busy:
                    raise locked(self.name)

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def _current(self) -> sa.Connection | None:
        connection: sa.Connection | None = getattr(self._local, "connection", None)
        return connection

    @contextmanager
    def _transaction(self, options: dict[str, Any]) -> Iterator[sa.Connection]:
        current = self._current()
        with self.translated():
            if current is not None:
                with current.begin_nested():
                    yield current
                return
            with self._engine.connect() as plain:
                connection = plain.execution_options(**options)
                with connection.begin():
                    yield connection


def insert_once(connection: sa.Connection, table: sa.Table, values: dict[str, Any]) -> bool:
    """Insert a row unless a unique column forbids it; tell whether it was inserted."""
    try:
        with connection.begin_nested():
            connection.execute(sa.insert(table).values(values))
    except sa.exc.IntegrityError as error:
        if "foreign key" in str(error.orig).lower():
            raise
        return False
    return True


def _address(url: str | Path | None) -> sa.URL:
    if url is None:
        url = user_folder() / FILE
    if isinstance(url, str) and "://" in url:
        try:
            address = make_url(url)
        except sa.exc.ArgumentError:
            raise StoreError(_WRONG_URL) from None
        if address.drivername in ("postgresql", "postgres"):
            address = address.set(drivername="postgresql+psycopg")
        if address.drivername == "sqlite" and address.database not in (None, "", ":memory:"):
            return _address(Path(str(address.database)))
        if address.drivername == "postgresql+psycopg":
            return address
        raise StoreError(_WRONG_URL)
    return sa.URL.create("sqlite", database=str(Path(url).expanduser().absolute()))


_WRONG_URL = (
    "数据库地址应为一个文件（如 /data/minyi.db）或 postgresql://用户:口令@主机/库名，"
    "实际是别的写法；请改正地址。"
)


def _engine(address: sa.URL) -> sa.Engine:
    is_sqlite = address.drivername == "sqlite"
    seconds = BUSY_SECONDS
    options: dict[str, Any] = {"timeout": seconds} if is_sqlite else {"connect_timeout": 5}
    if not is_sqlite:
        options["options"] = f"-c lock_timeout={int(seconds * 1000)}"
    try:
        engine = sa.create_engine(
            address,
            connect_args=options,
            hide_parameters=True,  # no citizen's words in a traceback
            pool_pre_ping=not is_sqlite,
            max_overflow=40,  # a server's threads
        )
    except ModuleNotFoundError as error:
        raise StoreError(
            f'连接 PostgreSQL 需要 {error.name}，尚未安装：请运行 pip install "psycopg[binary]"。'
        ) from None
    if is_sqlite:
        sa.event.listen(engine, "connect", _set_up)
        sa.event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, not before the first DML
    for pragma in _SET_UP:
        connection.execute(pragma)


def _begin(connection: sa.Connection) -> None:
    # A writer takes its lock at once: one that reads first could be refused without waiting.
    how = connection.get_execution_options().get(_BEGIN, "DEFERRED")
    if how:
        connection.exec_driver_sql(f"BEGIN {how}")


def _use_wal(engine: sa.Engine) -> None:
    """Let readers and a writer work at a time; kept in the file.

    Changing the mode does not wait for another process that is changing it, so this asks again.
    """
    last = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            with engine.connect() as plain:
                plain.execution_options(**{_BEGIN: ""}).exec_driver_sql("PRAGMA journal_mode=WAL")
                return
        except sa.exc.OperationalError as error:
            if "locked" not in str(error.orig) or time.monotonic() > last:
                raise
            time.sleep(0.05)
