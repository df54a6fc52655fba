"""Runs the jobs that wait in the store, one at a time, each in a process of its own."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from minyi.errors import ConflictError, MinyiError, StoreError
from minyi.service import logs
from minyi.service.work import RESULT
from minyi.store import Store
from minyi.store.records import CANCELLED, DONE, FAILED, Job

KIND = "classify"
_POLL = 0.25  # seconds between looks whether a running job was cancelled
_IDLE = 2.0  # seconds between looks for jobs that another process has added
_BEAT = 15  # seconds between signs of life
_RECOVER = 60  # seconds between looks for jobs of dead servers
_LOST = "处理这个文件的进程意外结束（可能是内存不足）：请把文件分成几份再试。"


@dataclass(frozen=True)
class Plan:
    """What jobs are done with.

    Attributes
    ----------
    model, office : str
        See `minyi.batch.Job`.
    encoder : bool
    workers : int
    """

    model: str
    office: str
    encoder: bool
    workers: int


class Runner:
    """A thread that claims jobs and does them.

    Parameters
    ----------
    store : Store
    plan : callable
        Returns the `Plan` of the moment.
    ended : callable
        Told the state in which a job ended.
    """

    def __init__(
        self,
        store: Store,
        plan: Callable[[], Plan],
        ended: Callable[[str], None] = lambda state: None,
    ) -> None:
        self._store = store
        self._plan = plan
        self._ended = ended
        self._worker = store.jobs.worker_name()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._folder = store.folder / "work"
        self._thread = threading.Thread(target=self._run, name="minyi-jobs", daemon=True)

    def start(self) -> None:
        """Start the thread; jobs of a server that died are taken up again."""
        self._thread.start()

    def wake(self) -> None:
        """Say that there is a new job."""
        self._wake.set()

    def stop(self) -> None:
        """End the thread and the process of the job under way, which is left to be recovered."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        idle = _RECOVER
        is_lost = False
        self._wake.set()
        while not self._stop.is_set():
            try:
                if is_lost:  # the job that was under way when the store could not be written
                    self._store.jobs.release(self._worker)
                    is_lost = False
                if idle * _IDLE >= _RECOVER:
                    self._recover()
                    idle = 0
                job = self._store.jobs.claim(self._worker)
                if job is None:
                    self._wake.wait(_IDLE)
                    self._wake.clear()
                    idle += 1
                else:
                    self._do(job)
            except Exception as error:  # the store is locked, full or away: it may come back
                logs.failure("jobs_paused", error)
                is_lost = is_lost or isinstance(error, StoreError)
                self._stop.wait(_IDLE)

    def _recover(self) -> None:
        n = self._store.jobs.recover()
        if n:
            logs.event("jobs_recovered", n=n)
        self._clean_up()

    def _clean_up(self) -> None:
        """Remove what processes left that were killed."""
        n = self._store.arrivals.clear()
        if n:
            logs.event("uploads_cleared", n=n)
        for folder in self._folder.glob("*"):
            try:
                is_over = self._store.jobs.get(folder.name.partition("~")[0]).is_over
            except MinyiError:
                is_over = True
            if is_over:
                shutil.rmtree(folder, ignore_errors=True)

    def _do(self, job: Job) -> None:
        for old in self._folder.glob(f"{job.id}~*"):
            shutil.rmtree(old, ignore_errors=True)
        folder = self._folder / f"{job.id}~{secrets.token_hex(4)}"
        folder.mkdir(parents=True, mode=0o700)
        logs.event("job_started", job=job.id, attempt=job.attempts)
        try:
            answer = self._answer(job, folder)
            if answer is not None:
                self._end(job, folder, answer)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _answer(self, job: Job, folder: Path) -> dict[str, Any] | None:
        """Do the job; None when it was cancelled or the service is being ended."""
        plan = self._plan()
        task = {
            "upload": str(job.upload),
            "filename": job.filename,
            "folder": str(folder),
            "model": plan.model,
            "office": plan.office,
            "encoder": plan.encoder,
            "workers": plan.workers,
            "options": dict(job.options),
            "received": date.today().isoformat(),
        }
        with _Process(task) as process:
            return self._watch(job, process)

    def _watch(self, job: Job, process: _Process) -> dict[str, Any] | None:
        looks = 0
        while not self._stop.is_set():
            message = process.message(_POLL)
            if message is None:
                looks += 1
                if looks * _POLL >= _BEAT:
                    self._store.jobs.beat(job.id)
                    looks = 0
                if self._store.jobs.is_cancelled(job.id):
                    break
            elif "done" not in message:
                return message
            elif not self._store.jobs.progress(job.id, message["done"], message["total"]):
                break
        else:
            logs.event("job_interrupted", job=job.id)
            return None
        logs.event("job_cancelled", job=job.id)
        self._forget(job)
        self._ended(CANCELLED)
        return None

    def _end(self, job: Job, folder: Path, answer: dict[str, Any]) -> None:
        if "error" in answer:
            self._store.jobs.fail(job.id, answer["error"])
            state = FAILED
        else:
            state = DONE if self._finish(job, folder, answer["counts"]) else CANCELLED
        self._forget(job)
        self._ended(state)
        logs.event("job_ended", job=job.id, state=state)

    def _finish(self, job: Job, folder: Path, counts: dict[str, Any]) -> bool:
        made = next(folder.glob(f"{RESULT}.*"))
        result = self._store.outputs / f"{job.id}{made.suffix}"
        made.replace(result)
        try:
            self._store.jobs.finish(job.id, result, counts, worker=self._worker)
        except ConflictError:  # cancelled at the last moment
            result.unlink(missing_ok=True)
            return False
        return True

    def _forget(self, job: Job) -> None:
        with suppress(OSError):
            job.upload.unlink(missing_ok=True)


class _Process:
    """The process of a job, and the lines it says."""

    def __init__(self, task: dict[str, Any]) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "minyi.service.work"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback may show citizens' words
            encoding="ascii",
            env=environment,
            start_new_session=True,  # Ctrl-C reaches the server, which then ends it
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        with suppress(OSError):
            assert self._process.stdin
            self._process.stdin.write(json.dumps(task) + "\n")
            self._process.stdin.flush()

    def __enter__(self) -> _Process:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                stream.close()  # type: ignore[union-attr]

    def message(self, seconds: float) -> dict[str, Any] | None:
        """Return what the process says next, None when it says nothing for so long."""
        try:
            line = self._lines.get(timeout=seconds)
        except Empty:
            return None
        if not line.endswith("\n"):
            return {"error": _LOST}
        message: dict[str, Any] = json.loads(line)
        return message

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")
