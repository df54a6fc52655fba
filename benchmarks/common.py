"""What the benchmarks share: the data argument, one core, and rounds that take turns."""

from __future__ import annotations

import argparse
import csv
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

# One core, before NumPy is imported by anyone.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")


def data_folder(description: str | None) -> Path:
    """Return the folder with the real messages, or say what is missing and leave."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with messages_labelled.csv"
    )
    folder: Path = parser.parse_args().data
    if not (folder / "messages_labelled.csv").is_file():
        sys.exit(
            f"{folder} has no messages_labelled.csv: the real messages are not part of the project."
        )
    return folder


def read_messages(folder: Path, name: str = "messages_labelled.csv") -> list[dict[str, str]]:
    """Read one file of messages."""
    csv.field_size_limit(10**9)
    with (folder / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def one_core() -> None:
    """Pin the process to one core where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def take_turns(ways: dict[str, Callable[[], object]], rounds: int = 5) -> dict[str, float]:
    """Time each way in turn, so that a slow minute of the machine hits all; medians in seconds."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}
