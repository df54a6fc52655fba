"""What must not be kept for ever: removing texts, and what else tells of a citizen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path

import sqlalchemy as sa

from minyi.errors import InputError, StoreError
from minyi.store.database import Database
from minyi.store.location import UPLOADS, full_path
from minyi.store.records import RUNNING, WAITING, Purged
from minyi.store.tables import (
    batches,
    corrections,
    jobs,
    now,
    purging,
    responses,
    results,
    submissions,
)

_TEXTS = ("text", "title", "clean_text", "time", "place")
_FOLDERS = (UPLOADS, "results")


@contextmanager
def corrections_unlocked(connection: sa.Connection) -> Iterator[None]:
    """Let this transaction, and no other, delete or empty corrections."""
    connection.execute(sa.insert(purging).values(since=now()))
    yield
    connection.execute(sa.delete(purging))


def purge(database: Database, before: date, *, keep_statistics: bool) -> Purged:
    """Remove what came in before the beginning of a day, and rewrite the file."""
    moment = _beginning(before)
    with database.writing() as connection, corrections_unlocked(connection):
        old = (submissions.c.created < moment) & submissions.c.purged.is_(None)
        old_ids = sa.select(submissions.c.id).where(old)
        n_submissions = connection.scalar(sa.select(sa.func.count()).where(old)) or 0
        if keep_statistics:
            _empty(connection, old_ids)
        else:
            _delete(connection, moment)
        files = _purge_jobs(connection, database.folder, moment, keep=keep_statistics)
        connection.execute(sa.delete(responses).where(responses.c.created < moment))
        needed = _needed(connection, database.folder)
    files = {path.resolve() for path in files | _left_over(database.folder, moment)} - needed
    n_files = _remove(files, database.folder)
    _rewrite(database)
    return Purged(before, n_submissions, n_files)


def _beginning(day: date) -> datetime:
    """Return when a day begins, local time."""
    if day > date.today() + timedelta(days=1):
        raise InputError(f"清除的界限不能晚于明天，实际是 {day}：请核对年份。")
    try:
        return datetime.combine(day, time()).astimezone()
    except (OverflowError, ValueError):
        raise InputError(f"清除的界限应为近年的日期，实际是 {day}：请核对年份。") from None


def _empty(connection: sa.Connection, old_ids: sa.Select[tuple[int]]) -> None:
    of_old = results.c.submission_id.in_(old_ids)
    connection.execute(sa.update(results).where(of_old).values(whole=None))
    of_old = corrections.c.submission_id.in_(old_ids)
    connection.execute(sa.update(corrections).where(of_old).values(why=""))
    emptied = dict.fromkeys(_TEXTS, "")
    old = submissions.c.id.in_(old_ids)
    connection.execute(sa.update(submissions).where(old).values(**emptied, purged=now()))


def _delete(connection: sa.Connection, moment: datetime) -> None:
    # What an earlier purge emptied goes as well.
    old = submissions.c.created < moment
    old_ids = sa.select(submissions.c.id).where(old)
    for table in (corrections, results):
        connection.execute(sa.delete(table).where(table.c.submission_id.in_(old_ids)))
    connection.execute(sa.delete(submissions).where(old))
    filled = sa.exists().where(submissions.c.batch_id == batches.c.id)
    connection.execute(sa.delete(batches).where(batches.c.created < moment, ~filled))


def _purge_jobs(
    connection: sa.Connection, folder: Path, moment: datetime, *, keep: bool
) -> set[Path]:
    old = (jobs.c.created < moment) & jobs.c.state.not_in((WAITING, RUNNING))
    found = connection.execute(sa.select(jobs.c.upload, jobs.c.result).where(old))
    files = {full_path(name, folder) for row in found for name in row if name}
    if keep:
        emptied = {"upload": "", "result": "", "filename": "", "message": "", "options": {}}
        connection.execute(sa.update(jobs).where(old).values(**emptied))
    else:
        connection.execute(sa.delete(jobs).where(old))
    return files


def _needed(connection: sa.Connection, folder: Path) -> set[Path]:
    kept = connection.execute(sa.select(jobs.c.upload, jobs.c.result))
    return {full_path(name, folder).resolve() for row in kept for name in row if name}


def _left_over(folder: Path, moment: datetime) -> set[Path]:
    """Find old files that a crash left behind; what is of today may still be on its way in."""
    found = set()
    moment = min(moment, now() - timedelta(days=1))
    for name in _FOLDERS:
        for path in (folder / name).glob("**/*"):
            with suppress(OSError):
                if path.is_file() and path.stat().st_mtime < moment.timestamp():
                    found.add(path)
    return found


def _remove(files: set[Path], folder: Path) -> int:
    """Delete files; what is outside the store's folders belongs to somebody else."""
    inside = [(folder / name).resolve() for name in _FOLDERS]
    own = [path for path in files if any(path.is_relative_to(place) for place in inside)]
    there = [path for path in own if path.exists()]
    for path in there:
        with suppress(OSError):
            path.unlink()
    kept = [path.name for path in there if path.exists()]
    if kept:
        raise StoreError(
            f"数据库里的文字已清除，但文件夹 {folder} 里有 {len(kept)} 个文件删不掉："
            "请关闭正在使用它们的程序，再运行一次。",
            folder,
        )
    return len(there)


def _rewrite(database: Database) -> None:
    try:
        database.vacuum()
    except StoreError as error:
        raise StoreError(
            f"文字已清除，但数据文件还没有重写，其中可能留有残迹：请再运行一次。原因：{error}",
            database.name,
        ) from None
