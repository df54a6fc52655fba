"""The migrations, the schema they must give, and the triggers no schema shows."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from minyi.errors import StoreError
from minyi.store import Store
from minyi.store.migrating import HEAD, VERSION_TABLE, alembic_config
from minyi.store.tables import metadata
from small_store import fill


def test_the_migrations_give_exactly_the_tables(store: Store) -> None:
    with store._database.reading() as connection:
        options = {
            "version_table": VERSION_TABLE,
            "compare_type": True,
            "compare_server_default": True,
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_sqlite_keeps_numbers_from_being_used_again(path: Path) -> None:
    with Store.open(path) as store:
        filled = fill(store)
        store.batches.delete(filled.batch)
        assert min(fill(store).ids) > max(filled.ids)


def test_the_newest_revision_is_the_one_the_program_looks_for() -> None:
    script = ScriptDirectory.from_config(alembic_config())
    assert script.get_current_head() == HEAD
    assert len(script.get_bases()) == 1


def test_a_store_can_go_back_to_nothing_and_forth_again(url: str | Path) -> None:
    with Store.open(url) as store:
        fill(store)
        config = alembic_config()
        with store._database.writing() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "base")
        with store._database.reading() as connection:
            assert set(sa.inspect(connection).get_table_names()) <= {
                VERSION_TABLE,
                "sqlite_sequence",
            }
    with Store.open(url) as store:
        assert store.batches.list().total == 0
        fill(store)


def test_a_newer_schema_is_told_and_left_as_it_is(url: str | Path) -> None:
    with Store.open(url) as store:
        fill(store)
        with store._database.writing() as connection:
            connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(
        StoreError, match=f"由更新版本的民意建立（结构 9999，.*{HEAD}）：请升级程序"
    ):
        Store.open(url)
    with pytest.raises(StoreError, match="由更新版本的民意建立"):
        Store.open(url)


def test_a_migration_that_fails_leaves_nothing(
    url: str | Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic.operations import Operations

    def full(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("", None, Exception("database or disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr(Operations, "create_index", full)
        with pytest.raises(StoreError):
            Store.open(url)
    engine = sa.create_engine(
        f"sqlite:///{url}" if isinstance(url, Path) else url.replace("://", "+psycopg://")
    )
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()
    with Store.open(url) as store:
        fill(store)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE corrections SET why = 'x'",
        "UPDATE corrections SET value = 'x' WHERE id = 1",
        "DELETE FROM corrections",
    ],
)
def test_corrections_can_be_neither_changed_nor_deleted(store: Store, statement: str) -> None:
    filled = fill(store)
    line = store.corrections.add(filled.lamp, "category", "0204", "小李", "是供水")
    with (
        pytest.raises(StoreError, match=r"改正记录只能追加，不能修改或删除.*minyi store purge"),
        store._database.writing() as connection,
    ):
        connection.exec_driver_sql(statement)
    assert store.corrections.trail(filled.lamp) == [line]


def test_corrections_cannot_be_replaced_on_sqlite(path: Path) -> None:
    with Store.open(path) as store:
        filled = fill(store)
        line = store.corrections.add(filled.lamp, "category", "0204", "小李", "是供水")
        replacing = (
            "INSERT OR REPLACE INTO corrections (id, submission_id, target, at) "
            f"VALUES ({line.id}, {filled.lamp}, 'kind', '')"
        )
        with (
            pytest.raises(StoreError, match="改正记录只能追加"),
            store._database.writing() as connection,
        ):
            connection.exec_driver_sql(replacing)
        assert store.corrections.trail(filled.lamp) == [line]


def test_corrections_cannot_be_truncated_on_postgresql(postgresql: Path) -> None:
    from conftest import new_database

    with Store.open(new_database(postgresql)) as store:
        filled = fill(store)
        store.corrections.add(filled.lamp, "category", "0204")
        with (
            pytest.raises(StoreError, match="改正记录只能追加"),
            store._database.writing() as connection,
        ):
            connection.exec_driver_sql("TRUNCATE corrections")
        assert len(store.corrections.trail(filled.lamp)) == 1
