"""Uploads that nothing in the store names yet."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from minyi.store import Store
from minyi.store.arrivals import SOURCE
from small_store import start

PROGRAM = """
import sys
from minyi.store import Store

with Store.open(sys.argv[1]) as store:
    for name in sys.argv[2:]:
        store.arrivals.begin(name).write_text("路灯", "utf-8")
"""


def left_behind(store: Store, url: str | Path, *names: str) -> list[Path]:
    """Let a process take uploads in and die."""
    process = start(PROGRAM, url, *names)
    process.communicate(timeout=30)
    assert process.returncode == 0
    return [store.uploads / name for name in names]


def listed(store: Store) -> list[str]:
    return sorted(path.name for path in store.uploads.iterdir())


def test_what_a_dead_process_took_in_goes(url: str | Path) -> None:
    with Store.open(url) as store:
        left_behind(store, url, "a.xlsx", "b.xlsx")
        folder = store.arrivals.begin("desk-1")
        folder.mkdir()
        (folder / "意见.xlsx").touch()
        assert store.arrivals.clear() == 2
        # This process lives, and so do its uploads.
        assert listed(store) == ["desk-1", "desk-1.arriving"]
        assert store.arrivals.clear() == 0
        store.arrivals.drop(folder)
        assert listed(store) == []


def test_what_a_batch_or_a_job_of_a_dead_process_names_stays(url: str | Path) -> None:
    with Store.open(url) as store:
        of_batch, of_job, _ = left_behind(store, url, "desk-1", "b.xlsx", "c.xlsx")
        store.batches.add("三月", SOURCE + of_batch.name)
        store.jobs.add("classify", "三月.xlsx", of_job)
        assert store.arrivals.clear() == 1
        assert listed(store) == ["b.xlsx", "desk-1"]


def test_what_is_not_marked_is_left_alone(url: str | Path) -> None:
    with Store.open(url) as store:
        (store.uploads / "a.xlsx").touch()
        store.arrivals.end(store.arrivals.begin("b.xlsx"))
        (store.uploads / "b.xlsx").touch()
        assert store.arrivals.clear() == 0
        assert listed(store) == ["a.xlsx", "b.xlsx"]


@pytest.mark.parametrize(("hours", "left"), [(1, 2), (25, 0)])
def test_a_process_on_another_machine_is_dead_after_a_silent_day(
    url: str | Path, hours: int, left: int
) -> None:
    with Store.open(url) as store:
        store.arrivals.begin("a.xlsx").touch()
        mark = store.uploads / "a.xlsx.arriving"
        mark.write_text("elsewhere:1:1", "utf-8")
        then = time.time() - hours * 3600
        os.utime(mark, (then, then))
        store.arrivals.clear()
        assert len(listed(store)) == left
