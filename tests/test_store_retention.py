"""The purge: texts are gone, from the file too, and the numbers stay when asked."""

from __future__ import annotations

import os
import sqlite3
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from minyi.errors import InputError, StoreError
from minyi.store import Store, database
from minyi.store.records import COUNTED, Purged
from minyi.store.tables import batches, corrections, jobs, now, purging, responses, submissions
from small_store import LAMP, RESULT, Filled, fill

TOMORROW = date.today() + timedelta(days=1)
WORDS = ("路灯", "13812345678", "烧烤", "小王", "没人修", "已致电")


def filled_store(store: Store) -> Filled:
    filled = fill(store)
    store.corrections.add(filled.lamp, "category", "0204", "小李", "已致电 13812345678")
    store.corrections.add(filled.noise, "accepted", "是", "小李")
    store.responses.remember("1:一", "abc", 200, '{"evidence": ["路灯"]}')
    for name in ("a.xlsx", "b.xlsx"):
        upload = store.uploads / name
        upload.write_text(LAMP)
        store.jobs.add("classify", f"路灯{name}", upload, {"sheet": "路灯"})
    job = store.jobs.claim(store.jobs.worker_name())
    assert job
    result = store.outputs / "a.xlsx"
    result.write_text(LAMP)
    store.jobs.finish(job.id, result, {"rows": 3})
    return filled


def counted(store: Store) -> list[object]:
    by = [store.counts(None, name) for name in COUNTED]
    return [*by, store.uncertain_share(), store.corrections_by_category()]


def test_texts_go_and_numbers_stay(store: Store) -> None:
    filled = filled_store(store)
    before = counted(store)
    assert store.purge(TOMORROW) == Purged(TOMORROW, 3, 2)
    assert counted(store) == before
    entry = store.submissions.get(filled.lamp)
    given = entry.submission
    assert given.is_purged
    assert (given.text, given.title, given.clean_text, given.time, given.place) == ("",) * 5
    assert (entry.category, entry.corrected, entry.checked) == ("0204", True, True)
    assert entry.result
    assert (entry.result.category_code, entry.result.deadline) == ("0203", RESULT.deadline)
    assert (entry.result.evidence, entry.result.department_reason) == ((), "")
    (line,) = store.corrections.trail(filled.lamp)
    assert (line.before, line.value, line.who, line.why) == ("0203", "0204", "小李", "")
    assert store.responses.recall("1:一", "abc") is None
    assert store.corrections.waiting() == []


def test_without_statistics_nothing_stays(store: Store) -> None:
    filled_store(store)
    assert store.purge(TOMORROW, keep_statistics=False).submissions == 3
    assert store.batches.list().total == 0
    assert store.submissions.page(None).total == 0
    assert store.corrections_by_category() == []
    assert [job.state for job in store.jobs.list().items] == ["waiting"]


def test_what_was_emptied_before_is_removed_when_asked(store: Store) -> None:
    filled_store(store)
    store.purge(TOMORROW)
    assert store.purge(TOMORROW).submissions == 0
    store.purge(TOMORROW, keep_statistics=False)
    assert store.submissions.page(None).total == 0


@pytest.mark.parametrize("keep", [True, False])
def test_no_word_is_left_in_any_file(path: Path, keep: bool) -> None:
    with Store.open(path) as store:
        filled_store(store)
        store.jobs.cancel(store.jobs.list().items[0].id)
        assert words_in(path.parent) >= set(WORDS)
        store.purge(TOMORROW, keep_statistics=keep)
        assert words_in(path.parent) == set()
    assert words_in(path.parent) == set()


def words_in(folder: Path) -> set[str]:
    content = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return {word for word in WORDS if word.encode() in content}


def make_older(store: Store, filled: Filled, days: int) -> None:
    at = now() - timedelta(days=days)
    with store._database.writing() as connection:
        of_batch = submissions.c.batch_id == filled.batch
        connection.execute(sa.update(submissions).where(of_batch).values(created=at))
        of_batch = batches.c.id == filled.batch
        connection.execute(sa.update(batches).where(of_batch).values(created=at))


@pytest.mark.parametrize("keep", [True, False])
def test_what_came_in_later_is_left_alone(store: Store, keep: bool) -> None:
    old, new = fill(store), fill(store)
    make_older(store, old, 40)
    purged = store.purge(date.today() - timedelta(days=30), keep_statistics=keep)
    assert purged.submissions == 3
    assert store.submissions.get(new.lamp).submission.text == LAMP
    assert store.batches.get(new.batch).n_submissions == 3
    assert store.submissions.page(old.batch).total == (3 if keep else 0)


def test_a_job_that_is_not_over_keeps_its_upload(store: Store) -> None:
    filled_store(store)
    (waiting,) = [job for job in store.jobs.list().items if job.state == "waiting"]
    (done,) = [job for job in store.jobs.list().items if job.state == "done"]
    store.purge(TOMORROW)
    assert store.jobs.get(waiting.id).upload.read_text() == LAMP
    kept = store.jobs.get(done.id)
    assert (kept.filename, kept.options, kept.result, kept.counts) == ("", {}, None, {"rows": 3})
    assert [path.name for path in store.uploads.iterdir()] == [waiting.upload.name]
    assert list(store.outputs.iterdir()) == []


def test_what_a_crash_left_behind_goes_and_what_comes_in_now_stays(store: Store) -> None:
    left, fresh = store.uploads / "left.part", store.uploads / "fresh.part"
    for path in (left, fresh):
        path.write_text(LAMP)
    long_ago = time.time() - 3 * 86400
    os.utime(left, (long_ago, long_ago))
    assert store.purge(TOMORROW).files == 1
    assert [path.name for path in store.uploads.iterdir()] == ["fresh.part"]


def test_files_of_somebody_else_are_not_deleted(store: Store, tmp_path: Path) -> None:
    own = tmp_path / "意见.xlsx"
    own.write_text(LAMP)
    job = store.jobs.add("classify", "意见.xlsx", own)
    store.jobs.cancel(job.id)
    assert store.purge(TOMORROW).files == 0
    assert own.exists()


@pytest.mark.parametrize("day", [date(2226, 1, 1), TOMORROW + timedelta(days=1)])
def test_a_day_in_the_future_is_taken_for_a_mistake(store: Store, day: date) -> None:
    filled = fill(store)
    with pytest.raises(InputError, match=f"清除的界限不能晚于明天，实际是 {day}：请核对年份"):
        store.purge(day)
    assert store.submissions.get(filled.lamp).submission.text == LAMP


@pytest.mark.parametrize("day", [date(2, 1, 1), date(206, 1, 1), date(1900, 1, 1)])
def test_a_day_long_ago_removes_nothing(store: Store, day: date) -> None:
    filled = fill(store)
    assert store.purge(day).submissions == 0
    assert store.submissions.get(filled.lamp).submission.text == LAMP


def test_the_way_for_the_purge_is_closed_again(store: Store) -> None:
    filled = filled_store(store)
    store.purge(TOMORROW)
    with store._database.reading() as connection:
        assert connection.execute(sa.select(purging)).all() == []
    with (
        pytest.raises(StoreError, match="改正记录只能追加"),
        store._database.writing() as connection,
    ):
        connection.execute(sa.delete(corrections))
    assert len(store.corrections.trail(filled.lamp)) == 1


def test_while_one_purges_another_still_cannot_change_corrections(url: str | Path) -> None:
    with Store.open(url) as store, Store.open(url) as other:
        filled = filled_store(store)
        with store._database.writing() as connection:
            connection.execute(sa.insert(purging).values(since=now()))
            with other._database.reading() as reading:
                assert reading.execute(sa.select(purging)).all() == []
            connection.execute(sa.delete(purging))
        assert len(other.corrections.trail(filled.lamp)) == 1


def test_a_purge_that_fails_removes_nothing(path: Path) -> None:
    with Store.open(path) as store:
        filled = filled_store(store)
        with store._database.writing() as connection:
            connection.exec_driver_sql("ALTER TABLE responses RENAME TO answers")
        with pytest.raises(StoreError, match="出错"):
            store.purge(TOMORROW)
        assert store.submissions.get(filled.lamp).submission.text == LAMP
        assert len(list(store.uploads.iterdir())) == 2


def test_a_file_that_cannot_be_rewritten_is_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    with Store.open(path) as store:
        filled_store(store)
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT text FROM submissions").fetchone()
        with pytest.raises(StoreError, match=r"文字已清除，但数据文件还没有重写.*请再运行一次"):
            store.purge(TOMORROW)
        reader.close()
        store.jobs.cancel(store.jobs.list().items[0].id)
        store.purge(TOMORROW)
        assert words_in(path.parent) == set()


def test_old_answers_go_and_jobs_rows_stay_for_their_counts(store: Store) -> None:
    filled_store(store)
    store.purge(TOMORROW)
    with store._database.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(responses)) == 0
        assert connection.scalar(sa.select(sa.func.count()).select_from(jobs)) == 2
