"""What is left when a process is killed while it writes: all, or nothing."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from minyi.store import Store
from minyi.store.records import NewSubmission
from small_store import RESULT, start

N = 3000

PROGRAM = f"""
import sys
from pathlib import Path
from minyi.schema import Result
from minyi.store import Store
from minyi.store.records import NewSubmission

store = Store.open(sys.argv[1])
job = store.jobs.claim(store.jobs.worker_name())
result = Result(kind="求助", category_code="0203", evidence=("路灯",) * 10)
print("begun", flush=True)
with store.together():
    batch = store.batches.add("三月")
    numbers = store.submissions.add(batch.id, (NewSubmission("路灯" * 50) for _ in range({N})))
    store.results.save(batch.id, None, [(number, result) for number in numbers])
    store.jobs.finish(job.id, None, {{"rows": {N}}})
print("done", flush=True)
input()
"""


def kill_after(url: str | Path, seconds: float) -> bool:
    """Kill the program so long after it began to write; tell whether it was done."""
    process = start(PROGRAM, url)
    assert process.stdout
    assert process.stdout.readline().strip() == "begun"
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    return "done" in process.communicate(timeout=30)[0]


@pytest.mark.parametrize("attempt", range(3))
def test_a_batch_of_a_killed_process_is_there_as_a_whole_or_not_at_all(
    url: str | Path, attempt: int
) -> None:
    seconds = random.Random(attempt).uniform(0.02, 0.5)
    with Store.open(url) as store:
        upload = store.uploads / "a.xlsx"
        upload.touch()
        job = store.jobs.add("classify", "三月.xlsx", upload)
        was_done = kill_after(url, seconds)
        found = store.batches.list().items
        if store.jobs.recover():
            assert not was_done
            assert (found, store.submissions.page(None).total) == ((), 0)
            assert store.jobs.claim("next").id == job.id  # type: ignore[union-attr]
        else:
            assert [batch.n_submissions for batch in found] == [N]
            assert store.counts(None, "kind") == [("求助", N)]
            assert store.jobs.get(job.id).counts == {"rows": N}
        # Nothing of the dead process stands in the way.
        (number,) = store.submissions.add(store.batches.add("四月").id, [NewSubmission("路灯")])
        store.results.save(
            store.submissions.get(number).submission.batch_id, None, [(number, RESULT)]
        )


def test_a_killed_process_that_had_finished_leaves_everything(url: str | Path) -> None:
    with Store.open(url) as store:
        upload = store.uploads / "a.xlsx"
        upload.touch()
        store.jobs.add("classify", "三月.xlsx", upload)
        process = start(PROGRAM, url)
        assert process.stdout
        assert [process.stdout.readline().strip() for _ in range(2)] == ["begun", "done"]
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
        assert store.jobs.recover() == 0
        assert store.batches.list().items[0].n_submissions == N
