"""Alembic runs this file, under the name ``env_py``, on the connection it is handed."""

from __future__ import annotations

from alembic import context

from minyi.store.migrating import VERSION_TABLE
from minyi.store.tables import metadata


def run() -> None:
    """Run the migrations in the transaction that the caller began."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, version_table=VERSION_TABLE)
    with context.begin_transaction():
        context.run_migrations()


if __name__ == "env_py":  # imported any other way, it does nothing
    run()
