"""Opening a store, its transactions, and what happens when something is in the way."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minyi.errors import ConflictError, NoSpaceError, StoreError
from minyi.store import Store, database
from minyi.store.records import NewSubmission
from small_store import LAMP, RESULT, fill, start


def test_a_new_store_is_there_when_it_is_opened_again(url: str | Path) -> None:
    with Store.open(url) as store:
        filled = fill(store)
    with Store.open(url) as store:
        assert store.batches.get(filled.batch).n_submissions == 3


def test_opening_a_store_that_is_up_to_date_takes_less_than_a_tenth_of_a_second(
    url: str | Path,
) -> None:
    Store.open(url).close()
    took = []
    for _ in range(5):
        began = time.perf_counter()
        Store.open(url).close()
        took.append(time.perf_counter() - began)
    assert min(took) < 0.1


def test_opening_a_store_that_is_up_to_date_does_not_load_alembic(path: Path) -> None:
    Store.open(path).close()
    program = (
        "import sys; from minyi.store import Store; Store.open(sys.argv[1]).close(); "
        "print('alembic' in sys.modules, 'psycopg' in sys.modules, 'pandas' in sys.modules)"
    )
    shown, _ = start(program, path).communicate(timeout=30)
    assert shown.split() == ["False"] * 3


def test_without_an_address_the_store_lies_in_the_users_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with Store.open() as store:
        assert store.folder == tmp_path / "minyi"
        assert (store.folder / "minyi.db").is_file()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_user_may_read_the_files(path: Path) -> None:
    old = os.umask(0o000)
    try:
        with Store.open(path) as store:
            fill(store)
            files = {file.name: mode(file) for file in path.parent.iterdir() if file.is_file()}
            folders = [store.folder, store.uploads, store.outputs, store.model_folders]
            assert [mode(folder) for folder in folders] == [0o700] * 4
    finally:
        os.umask(old)
    assert files == {"民意.db": 0o600, "民意.db-wal": 0o600, "民意.db-shm": 0o600}


def test_a_file_that_others_could_read_is_closed_to_them(path: Path) -> None:
    Store.open(path).close()
    path.chmod(0o644)
    Store.open(path).close()
    assert mode(path) == 0o600


def test_the_pragmas_hold_on_every_connection(path: Path) -> None:
    with Store.open(path) as store, store._database.reading() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "secure_delete")
        }
    assert found == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "secure_delete": 1,
    }


@pytest.mark.parametrize("content", [b"PK\x03\x04 workbook", "正文\n路灯".encode("gb18030")])
def test_a_file_that_is_no_database_is_left_alone(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"民意\.db 不是民意的数据文件（应为 SQLite 数据库）"):
        Store.open(path)
    assert path.read_bytes() == content
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_the_database_of_another_program_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE cookies (name TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="不是民意的数据文件"):
        Store.open(path)
    with sqlite3.connect(path) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
    connection.close()
    assert tables == [("cookies",)]


def test_a_damaged_file_is_told_as_such(path: Path) -> None:
    with Store.open(path) as store:
        fill(store)
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="已损坏：请用备份替换它"), Store.open(path) as store:
        store.submissions.page(None)


@pytest.mark.parametrize("address", ["mysql://user:secret@host/db", "sqlite://", "http://[x"])
def test_an_address_of_another_kind_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(StoreError, match=r"数据库地址应为一个文件.*或 postgresql://") as raised:
        Store.open(address)
    assert "secret" not in str(raised.value)


def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"无法打开数据文件 .*请检查权限，或换一个位置") as raised:
        Store.open(tmp_path)
    assert raised.value.public.startswith("无法打开数据文件：")
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"无法(建立数据文件夹|打开数据文件)"):
        Store.open(tmp_path / "file" / "minyi.db")


def test_a_url_and_a_path_of_the_same_file_are_the_same_store(path: Path) -> None:
    with Store.open(path) as store:
        fill(store)
    with Store.open(f"sqlite:///{path}") as store:
        assert store.batches.list().total == 1


def test_an_unreachable_server_is_told_without_the_password() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError, match=r"连接不上数据库 .*@127.0.0.1:1/minyi") as raised:
        Store.open("postgresql://minyi:geheim@127.0.0.1:1/minyi")
    assert "geheim" not in str(raised.value)
    assert raised.value.__suppress_context__


def test_a_locked_database_is_told_and_nothing_is_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    with Store.open(path) as store:
        filled = fill(store)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match=r"正被另一个程序占用.*或稍后再试") as raised:
            store.corrections.add(filled.lamp, "category", "0204", "小李")
        assert str(path) in str(raised.value)  # for whoever runs the program
        assert raised.value.public.startswith("数据库 正被另一个程序占用")
        assert str(path.parent) not in raised.value.public
        assert not store.is_writable()
        assert store.submissions.get(filled.lamp).submission.text == LAMP  # reading goes on
        other.execute("ROLLBACK")
        other.close()
        assert store.is_writable()
        assert store.corrections.trail(filled.lamp) == []


def test_a_database_that_is_locked_for_readers_too_cannot_be_opened(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    Store.open(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="正被另一个程序占用"):
        Store.open(path)
    other.close()
    Store.open(path).close()


def test_on_a_full_disk_a_batch_is_not_written_at_all(path: Path) -> None:
    with Store.open(path) as store:
        filled = fill(store)
        with store._database.reading() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        store.close()

    def small(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages + 5}")

    with Store.open(path) as store:
        store.close()
        sa.event.listen(store._database._engine, "connect", small)
        rows = [NewSubmission("路灯" * 500) for _ in range(200)]
        with pytest.raises(NoSpaceError, match=r"磁盘已满，没有写入 .*请腾出空间后再试") as raised:
            store.submissions.add(filled.batch, rows)
        assert raised.value.public.startswith("磁盘已满，没有写入；已有的数据不受影响")
        assert store.submissions.page(filled.batch).total == 3
        assert store.is_writable()


@pytest.mark.skipif(os.geteuid() != 0, reason="只有 root 能挂载小磁盘：真的满盘没有试")
def test_on_a_disk_that_is_really_full_nothing_is_lost(tmp_path: Path) -> None:
    disk = tmp_path / "小盘"
    disk.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", str(disk)]
    if subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("这里不能挂载 tmpfs：真的满盘没有试")
    try:
        with Store.open(disk / "minyi.db") as store:
            filled = fill(store)
            filler = disk / "filler"
            with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="space"):
                while True:
                    file.write(bytes(4096))
            rows = [NewSubmission("路灯" * 500) for _ in range(500)]
            with pytest.raises(NoSpaceError, match="磁盘已满"):
                store.submissions.add(filled.batch, rows)
            filler.unlink()
            assert store.submissions.page(filled.batch).total == 3
            assert store.is_writable()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_two_stores_on_one_database_see_each_other(url: str | Path) -> None:
    with Store.open(url) as first, Store.open(url) as second:
        filled = fill(first)
        second.corrections.add(filled.lamp, "kind", "投诉", "小王")
        first.corrections.add(filled.lamp, "kind", "建议", "小李")
        assert [line.before for line in second.corrections.trail(filled.lamp)] == ["求助", "投诉"]


def test_many_threads_and_two_stores_lose_no_correction(url: str | Path) -> None:
    with Store.open(url) as first, Store.open(url) as second:
        filled = fill(first)

        def correct(store: Store, name: str) -> None:
            for i in range(10):
                store.corrections.add(filled.lamp, "department", f"{name}{i}", name)

        threads = [
            threading.Thread(target=correct, args=(store, f"部门{n}"))
            for n, store in enumerate([first, second] * 2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        trail = first.corrections.trail(filled.lamp)
    assert len(trail) == 40
    # Each was made knowing the one before it.
    assert [line.before for line in trail[1:]] == [line.value for line in trail[:-1]]


def test_processes_that_open_a_new_store_at_once_make_it_once(url: str | Path) -> None:
    program = (
        "import sys; from minyi.store import Store; input(); "
        "print(Store.open(sys.argv[1]).batches.add('一').name)"
    )
    processes = [start(program, url) for _ in range(3)]
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    assert [process.communicate(timeout=60)[0].strip() for process in processes] == ["一"] * 3
    with Store.open(url) as store:
        assert store.batches.list().total == 3


def test_what_is_done_together_is_undone_together(store: Store, tmp_path: Path) -> None:
    upload = tmp_path / "三月.xlsx"
    upload.touch()
    job = store.jobs.add("classify", "三月.xlsx", upload)
    with pytest.raises(ConflictError, match=r"实际还在等待.*这次的结果作废"), store.together():
        fill(store)
        assert store.batches.list().total == 1
        store.jobs.finish(job.id, None)  # was never claimed
    assert store.batches.list().total == 0
    with store.together():
        fill(store)
    assert store.batches.list().total == 1


def test_an_error_that_is_caught_inside_undoes_only_its_own_part(store: Store) -> None:
    with store.together():
        filled = fill(store)
        with pytest.raises(StoreError, match="没有这些编号"):
            store.results.save(filled.batch, None, [(filled.lamp, RESULT), (9999, RESULT)])
    assert store.submissions.get(filled.lamp).result is not None


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(st.characters() | st.sampled_from("\0\ud800\udfff=，"), max_size=50))
def test_any_text_is_stored_and_comes_back(store: Store, text: str) -> None:
    batch = store.batches.add("任意")
    (number,) = store.submissions.add(batch.id, [NewSubmission(text, title=text, time=text)])
    kept = "".join("\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in text)
    assert store.submissions.get(number).submission.text == kept


def test_no_word_of_a_citizen_enters_an_error(path: Path) -> None:
    with Store.open(path) as store:
        filled = fill(store)
        with store._database.writing() as connection:
            connection.exec_driver_sql("DROP TABLE results")
        with pytest.raises(StoreError, match="出错（OperationalError）") as raised:
            store.results.save(filled.batch, None, [(filled.lamp, RESULT)])
    shown = f"{raised.value}{raised.value.__cause__}"
    assert "路灯" not in shown
