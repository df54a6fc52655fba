"""Bars on a terminal: how far the work is, and how long it will take."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any


class StageBars:
    """Bars with the remaining time, one a stage, on a terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TextColumn("剩余"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
        )
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> StageBars:
        self._bars.start()
        return self

    def update(self, stage: str, done: int, total: int) -> None:
        """Show how much of a stage is done."""
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=total)
        self._bars.update(self._tasks[stage], completed=done)

    def __exit__(self, *_: object) -> None:
        self._bars.stop()


class RowBar:
    """A bar with rate and remaining time, on a terminal and for long work only."""

    _SHORT = 2000  # rows

    def __init__(self, paths: list[Path], columns: dict[str, str], sheet: str | None) -> None:
        self._total = _estimate(paths, columns, sheet) if sys.stderr.isatty() else 0
        self._bar: Any = None

    def __enter__(self) -> RowBar:
        if self._total < self._SHORT:
            return self
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("分类"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f} 条"),
            TextColumn("{task.fields[rate]:.0f} 条/秒"),
            TextColumn("剩余"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._bar.start()
        self._task = self._bar.add_task("", total=self._total, rate=0.0)
        return self

    def update(self, done: int) -> None:
        """Show how many rows are done."""
        if self._bar is not None:
            speed = self._bar.tasks[0].speed or 0.0
            total = max(self._total, done)
            self._bar.update(self._task, completed=done, total=total, rate=speed)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()


def _estimate(paths: list[Path], columns: dict[str, str], sheet: str | None) -> int:
    from minyi.batch import estimate_rows
    from minyi.tables import open_tables

    return estimate_rows(open_tables(paths, columns, sheet=sheet))
