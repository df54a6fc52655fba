"""Worker processes that may be killed at any moment without anything being lost or hanging.

Each worker has a pipe of its own, so that its death is the end of that pipe: with a queue that all
share, as pools have, a worker killed in the midst of an answer leaves the rest waiting for ever.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from minyi.errors import MinyiError

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# Ctrl-C reaches only this process, which then ends its workers.
_APART = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(
    subprocess, "CREATE_NO_WINDOW", 0
)


class WorkerLostError(MinyiError):
    """A worker ended before it answered; the work is still to be done."""


class Workers:
    """Processes that answer JSON messages, each message by whichever is free.

    Parameters
    ----------
    statement : str
        What a worker runs: Python that ends in a call of `serve`.
    n_workers : int

    Examples
    --------
    >>> with Workers("from minyi.workers import serve; serve(sorted)", 2) as workers:
    ...     workers.submit(["乙", "丙", "丁"]).result()
    ['丁', '丙', '乙']
    """

    def __init__(self, statement: str, n_workers: int) -> None:
        self._command = [sys.executable, "-P", "-c", statement]
        self._environment = {
            **os.environ,
            **dict.fromkeys(_ONE_THREAD, "1"),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        self._threads = ThreadPoolExecutor(n_workers)
        self._started: list[subprocess.Popen[str]] = []
        self._free: SimpleQueue[subprocess.Popen[str] | None] = SimpleQueue()
        for _ in range(n_workers):
            self._free.put(None)

    def submit(self, message: Any) -> Future[Any]:
        """Send a message; the future holds the answer or raises `WorkerLostError`."""
        return self._threads.submit(self._ask, message)

    def close(self) -> None:
        """End the workers, whatever they are doing."""
        self._kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._kill()  # one that a thread was just starting
        for worker in self._started:
            _forget(worker)

    def __enter__(self) -> Workers:
        """Return the workers; they end with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the workers."""
        self.close()

    def _ask(self, message: Any) -> Any:
        worker = self._free.get()
        try:
            worker = worker or self._start()
            answer = _exchange(worker, json.dumps(message))
        except OSError:
            answer = ""
        if not answer.endswith("\n"):
            self._free.put(None)
            raise WorkerLostError("后台进程意外结束")
        self._free.put(worker)
        return json.loads(answer)

    def _start(self) -> subprocess.Popen[str]:
        worker = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback may show citizens' words
            encoding="ascii",
            env=self._environment,
            start_new_session=True,
            creationflags=_APART,
        )
        self._started.append(worker)
        return worker

    def _kill(self) -> None:
        for worker in self._started:
            worker.kill()


def _exchange(worker: subprocess.Popen[str], line: str) -> str:
    assert worker.stdin
    assert worker.stdout
    worker.stdin.write(line + "\n")
    worker.stdin.flush()
    return worker.stdout.readline()


def _forget(worker: subprocess.Popen[str]) -> None:
    worker.wait()
    for stream in (worker.stdin, worker.stdout):
        with suppress(OSError):  # what was not yet sent can be no more
            stream.close()  # type: ignore[union-attr]


def serve(answer: Callable[[Any], Any]) -> None:
    """Answer the messages that come in, one a line, until there are no more."""
    out = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # what a library prints is no answer
    for line in sys.stdin:
        out.write(json.dumps(answer(json.loads(line))) + "\n")
        out.flush()
