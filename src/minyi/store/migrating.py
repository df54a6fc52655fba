"""Bring a database to the newest schema."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from minyi.errors import StoreError
from minyi.store.location import not_a_database

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0001"  # the newest revision in migrations/versions
VERSION_TABLE = "minyi_version"  # on a server, other programs may use Alembic's usual name
_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x6D696E7969  # of PostgreSQL: one migrates at a time
_BEGIN = "minyi_begin"


def migrate(engine: sa.Engine, name: str) -> None:
    """Create or upgrade the tables; when they are up to date, this is one SELECT.

    Raises
    ------
    StoreError
        The database is another program's, or a newer Minyi's.
    """
    with engine.connect() as connection:
        if _version(connection, name) == HEAD:
            return
    with engine.connect() as plain:
        connection = plain.execution_options(**{_BEGIN: "IMMEDIATE"})
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            found = _version(connection, name)  # another may have been faster
            if found != HEAD:
                _upgrade(connection, found, name)


def alembic_config() -> Config:
    """Return what Alembic needs to find the migrations; there is no alembic.ini."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _version(connection: sa.Connection, name: str) -> str | None:
    tables = sa.inspect(connection).get_table_names()
    if VERSION_TABLE in tables:
        found = connection.scalar(sa.text(f"SELECT version_num FROM {VERSION_TABLE}"))
        return str(found) if found else None
    if tables and connection.dialect.name == "sqlite":
        raise not_a_database(name)
    return None


def _upgrade(connection: sa.Connection, found: str | None, name: str) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    config = alembic_config()
    script = ScriptDirectory.from_config(config)
    known = {revision.revision for revision in script.walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"{name} 由更新版本的民意建立（结构 {found}，本程序只认识到 {HEAD}）："
            "请升级程序，或换一个数据文件。",
            name,
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
