"""Workers answer, and their deaths neither hang nor lose anything."""

import os
import signal
import threading
import time
from concurrent.futures import Future
from typing import Any

import pytest

from minyi.workers import WorkerLostError, Workers

SERVE = "import os, time; from minyi.workers import serve; "


def answers(futures: list[Future[Any]]) -> list[Any]:
    return [future.result(timeout=20) for future in futures]


def test_every_message_gets_its_own_answer() -> None:
    with Workers(SERVE + "serve(lambda message: [message, '甲' * message])", 3) as workers:
        futures = [workers.submit(n) for n in range(50)]
        assert answers(futures) == [[n, "甲" * n] for n in range(50)]


def test_messages_and_answers_larger_than_a_pipe_pass() -> None:
    text = "大塘村\n停水\ud800" * 100_000
    with Workers(SERVE + "serve(lambda message: message[::-1])", 2) as workers:
        assert answers([workers.submit(text)] * 4) == [text[::-1]] * 4


def test_what_a_worker_prints_is_no_answer() -> None:
    with Workers(SERVE + "serve(lambda message: print('喂') or message)", 1) as workers:
        assert workers.submit(1).result(timeout=20) == 1


@pytest.mark.parametrize(
    "dying",
    [
        "serve(lambda message: os.kill(os.getpid(), 9))",
        "serve(lambda message: 1 / 0)",
        "input(); os.write(1, b'[1,' * 100_000); os.kill(os.getpid(), 9)",
        "import nothing_of_that_name",
    ],
    ids=["killed", "raises", "killed in the midst of its answer", "never starts"],
)
def test_a_lost_worker_is_told_at_once(dying: str) -> None:
    with Workers(SERVE + dying, 2) as workers:
        futures = [workers.submit("词" * 100_000) for _ in range(5)]
        for future in futures:
            with pytest.raises(WorkerLostError, match="后台进程意外结束"):
                future.result(timeout=20)


def test_another_takes_the_place_of_a_lost_worker() -> None:
    statement = SERVE + "serve(lambda m: os.kill(os.getpid(), 9) if m else os.getpid())"
    with Workers(statement, 1) as workers:
        first = workers.submit(0).result(timeout=20)
        with pytest.raises(WorkerLostError):
            workers.submit(1).result(timeout=20)
        assert workers.submit(0).result(timeout=20) != first


def test_closing_ends_workers_in_the_midst_of_work() -> None:
    workers = Workers(SERVE + "serve(lambda message: time.sleep(1000))", 2)
    futures = [workers.submit(n) for n in range(4)]
    while len(workers._started) < 2:
        time.sleep(0.01)
    before = time.monotonic()
    workers.close()
    assert time.monotonic() - before < 10
    assert all(future.cancelled() or future.exception() for future in futures)
    assert not [t for t in threading.enumerate() if "ThreadPoolExecutor" in t.name]
    for worker in workers._started:
        with pytest.raises(ProcessLookupError):
            os.kill(worker.pid, signal.SIGCONT)
