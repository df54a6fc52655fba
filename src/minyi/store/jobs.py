"""Jobs: files to be classified in the background, each done once."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from minyi.errors import ConflictError, InputError, MissingError
from minyi.store.database import Database, insert_once
from minyi.store.liveness import is_dead, worker_name
from minyi.store.location import full_path, short_path
from minyi.store.records import CANCELLED, DONE, FAILED, RUNNING, WAITING, Job, Page
from minyi.store.tables import jobs, now

MOST_ATTEMPTS = 3
SILENT = timedelta(seconds=120)  # after which a worker on another machine counts as dead
_GAVE_UP = "处理时程序中断了 {n} 次，不再重试：请检查文件是否过大或已损坏，再重新上传。"
_TOLD = {
    WAITING: "还在等待",
    RUNNING: "正在执行",
    DONE: "已完成",
    FAILED: "已失败",
    CANCELLED: "已取消",
}
_KEPT = [field.name for field in fields(Job) if field.name not in ("upload", "result")]


class Jobs:
    """The jobs of a store: waiting → running → done, failed or cancelled."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @staticmethod
    def worker_name() -> str:
        """Return a name for this process that `recover` can tell dead from alive by."""
        return worker_name()

    def add(
        self,
        kind: str,
        filename: str,
        upload: Path,
        options: Mapping[str, Any] | None = None,
        key_id: int | None = None,
        idempotency_key: str | None = None,
    ) -> Job:
        """Add a job that waits.

        With an idempotency key that was used before, nothing is added: the job of that time comes
        back, and its `upload` tells the caller that its own copy is not needed.

        Parameters
        ----------
        kind : str
        filename : str
            As the user calls it.
        upload : Path
            The file, complete.
        options : mapping, optional
            Ready for JSON.
        key_id : int, optional
            The API key; an idempotency key is known by it only.
        idempotency_key : str, optional

        Raises
        ------
        ConflictError
            The idempotency key was used for another file, kind or options.
        InputError
            The upload cannot be read.
        """
        request = _request(key_id, idempotency_key)
        digest = _digest(kind, upload, options or {})
        values: dict[str, Any] = {
            "id": secrets.token_hex(16),
            "kind": kind,
            "filename": filename,
            "upload": short_path(upload, self._database.folder),
            "digest": digest,
            "options": dict(options or {}),
            "key_id": key_id,
            "idempotency_key": idempotency_key,
            "request": request,
            "state": WAITING,
            "created": now(),
            "counts": {},
        }
        with self._database.writing() as connection:
            if insert_once(connection, jobs, values):
                return self._get(connection, values["id"])
            earlier = connection.execute(sa.select(jobs).where(jobs.c.request == request)).one()
        if earlier.digest != digest:
            raise ConflictError(
                "这个 Idempotency-Key 已用于另一个文件或选项：内容不同的请求请换一个新的值。"
            )
        return self._job(earlier)

    def claim(self, worker: str) -> Job | None:
        """Take the job that waits longest; no two workers ever get the same.

        Parameters
        ----------
        worker : str
            `worker_name()`.
        """
        oldest = (
            sa.select(jobs.c.id)
            .where(jobs.c.state == WAITING)
            .order_by(jobs.c.created, jobs.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        at = now()
        values = {"state": RUNNING, "worker": worker, "started": at, "beat": at, "done": 0}
        with self._database.writing() as connection:
            number = connection.scalar(oldest)
            if number is None:
                return None
            one = sa.update(jobs).where(jobs.c.id == number, jobs.c.state == WAITING)
            taken = one.values(attempts=jobs.c.attempts + 1, **values).returning(jobs)
            row = connection.execute(taken).first()
            return None if row is None else self._job(row)

    def progress(self, job_id: str, done: int, total: int, worker: str | None = None) -> bool:
        """Note how far a job is; False means: stop, it was cancelled or given to another."""
        return self._note(job_id, worker, done=done, total=total)

    def beat(self, job_id: str, worker: str | None = None) -> bool:
        """Give a sign of life without progress; False means: stop."""
        return self._note(job_id, worker)

    def finish(
        self,
        job_id: str,
        result: Path | None,
        counts: Mapping[str, Any] | None = None,
        worker: str | None = None,
    ) -> Job:
        """Note that a job is done.

        Within `Store.together`, what else is written becomes visible together with it.

        Raises
        ------
        ConflictError
            It is not running (any more), or by another worker: throw the result away.
        """
        kept = "" if result is None else short_path(result, self._database.folder)
        with self._database.writing() as connection:
            return self._end(
                connection, job_id, worker, state=DONE, result=kept, counts=dict(counts or {})
            )

    def fail(self, job_id: str, message: str, worker: str | None = None) -> Job:
        """Note that a job failed, and why, for people; a citizen's words do not belong there.

        Raises
        ------
        ConflictError
            As `finish`.
        """
        with self._database.writing() as connection:
            return self._end(connection, job_id, worker, state=FAILED, message=message)

    def cancel(self, job_id: str) -> Job:
        """Cancel a job that waits or runs; one that is over stays as it is.

        Raises
        ------
        MissingError
        """
        cancelling = _where(job_id, WAITING, RUNNING).values(state=CANCELLED, finished=now())
        with self._database.writing() as connection:
            connection.execute(cancelling)
            return self._get(connection, job_id)

    def is_cancelled(self, job_id: str) -> bool:
        """Tell whether a job was cancelled.

        Raises
        ------
        MissingError
        """
        return self.get(job_id).state == CANCELLED

    def get(self, job_id: str) -> Job:
        """Return a job.

        Raises
        ------
        MissingError
        """
        with self._database.reading() as connection:
            return self._get(connection, job_id)

    def list(self, limit: int = 50, offset: int = 0, key_id: int | None = None) -> Page[Job]:
        """Return jobs, of one API key if given, the newest first."""
        where = [] if key_id is None else [jobs.c.key_id == key_id]
        query = sa.select(jobs).where(*where).order_by(jobs.c.created.desc(), jobs.c.id)
        counting = sa.select(sa.func.count()).select_from(jobs).where(*where)
        with self._database.reading() as connection:
            found = connection.execute(query.limit(limit).offset(offset))
            return Page(tuple(map(self._job, found)), connection.scalar(counting) or 0)

    def count(self, *states: str) -> int:
        """Return how many jobs are in these states."""
        query = sa.select(sa.func.count()).select_from(jobs).where(jobs.c.state.in_(states))
        with self._database.reading() as connection:
            return connection.scalar(query) or 0

    def release(self, worker: str) -> int:
        """Hand the jobs of a worker that stops in good order back, as if never begun."""
        own = (jobs.c.state == RUNNING) & (jobs.c.worker == worker)
        back = {"state": WAITING, "worker": "", "done": 0, "attempts": jobs.c.attempts - 1}
        with self._database.writing() as connection:
            return connection.execute(sa.update(jobs).where(own).values(back)).rowcount

    def recover(self) -> int:
        """Put jobs whose worker died back into the queue; return how many were found.

        What was begun three times fails instead. A worker counts as dead when its process, on this
        machine, is gone, or after two minutes without a sign of life.
        """
        found = 0
        with self._database.writing() as connection:
            running = sa.select(jobs).where(jobs.c.state == RUNNING).with_for_update()
            for row in connection.execute(running).all():
                if not is_dead(row.worker, silent=now() - row.beat > SILENT):
                    continue
                found += 1
                if row.attempts < MOST_ATTEMPTS:
                    back = _where(row.id, RUNNING).values(state=WAITING, done=0)
                    connection.execute(back)
                else:
                    told = _GAVE_UP.format(n=row.attempts)
                    self._end(connection, row.id, None, state=FAILED, message=told)
        return found

    def _note(self, job_id: str, worker: str | None, **values: int) -> bool:
        noting = _where(job_id, RUNNING, worker=worker).values(beat=now(), **values)
        with self._database.writing() as connection:
            return connection.execute(noting).rowcount > 0

    def _end(
        self, connection: sa.Connection, job_id: str, worker: str | None, **values: Any
    ) -> Job:
        ending = _where(job_id, RUNNING, worker=worker).values(finished=now(), **values)
        row = connection.execute(ending.returning(jobs)).first()
        if row is None:
            state = self._get(connection, job_id).state
            raise ConflictError(
                f"任务应由同一个进程执行到底，实际{_TOLD[state]}，或已交给别的进程：这次的结果作废。"
            )
        return self._job(row)

    def _get(self, connection: sa.Connection, job_id: str) -> Job:
        row = connection.execute(sa.select(jobs).where(jobs.c.id == job_id)).first()
        if row is None:
            raise MissingError("没有这个编号的任务：请核对编号，或重新上传。")
        return self._job(row)

    def _job(self, row: sa.Row[Any]) -> Job:
        folder = self._database.folder
        return Job(
            upload=full_path(row.upload, folder),
            result=full_path(row.result, folder) if row.result else None,
            **{name: row._mapping[name] for name in _KEPT},
        )


def _where(job_id: str, *states: str, worker: str | None = None) -> sa.Update:
    one = sa.update(jobs).where(jobs.c.id == job_id, jobs.c.state.in_(states))
    return one if worker is None else one.where(jobs.c.worker == worker)


def _request(key_id: int | None, idempotency_key: str | None) -> str | None:
    if idempotency_key is None:
        return None
    return hashlib.sha256(f"{key_id or 0}:{idempotency_key}".encode("utf-8", "replace")).hexdigest()


def _digest(kind: str, upload: Path, options: Mapping[str, Any]) -> str:
    about = json.dumps([kind, dict(options)], sort_keys=True)
    try:
        with upload.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
    except OSError as error:
        raise InputError(f"无法读取上传的文件：{error.strerror}。请重新上传。") from None
    digest.update(about.encode())
    return digest.hexdigest()
