"""Which process does a job, and whether it still lives."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

_START_FIELD = 19  # of /proc/PID/stat, counted from behind the command: ticks since boot


def worker_name() -> str:
    """Return machine, process and the time it began; the same in all threads of a process."""
    return f"{socket.gethostname()}:{os.getpid()}:{_began(os.getpid())}"


def is_dead(name: str, *, silent: bool) -> bool:
    """Tell whether the worker of this name is gone.

    Parameters
    ----------
    name : str
        Of `worker_name`, or any other.
    silent : bool
        No sign of life for long. It decides alone where the process cannot be looked for: on
        another machine, or on Windows.
    """
    host, process, began = (*name.rsplit(":", 2), "", "")[:3]
    if host != socket.gethostname() or not process.isdecimal() or sys.platform == "win32":
        return silent
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass  # it is another user's, and lives
    return silent or _began(int(process)) != began


def _began(process: int) -> str:
    """Tell when a process began, so that a number used again is told apart; empty if unknown."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    state, *rest = stat.rpartition(")")[2].split()
    return "" if state in ("Z", "X") else rest[_START_FIELD - 1]
