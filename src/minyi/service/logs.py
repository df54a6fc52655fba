"""Structured logs: one JSON object a line, with the request's id and no citizen's words."""

from __future__ import annotations

import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import IO, Any

import orjson

log = logging.getLogger("minyi.service")
_FRAMES = 12


def set_up(stream: IO[str] | None = None) -> None:
    """Send everything that is logged to `stream` (standard error) as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "alembic"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    # What a record would otherwise look up for every request, and no line shows.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def event(name: str, /, level: int = logging.INFO, **fields: Any) -> None:
    """Log that something happened; `fields` must not hold what a citizen wrote."""
    if log.isEnabledFor(level):
        # Without the search for the caller's file and line that `log.log` makes.
        record = logging.LogRecord(log.name, level, "", 0, name, None, None)
        record.fields = fields
        log.handle(record)


def failure(name: str, error: BaseException, **fields: Any) -> None:
    """Log an error by its type and place; its message may quote what a citizen wrote."""
    event(name, logging.ERROR, error=type(error).__name__, where=places(error), **fields)


def places(error: BaseException) -> list[str]:
    """Return where an error passed, innermost last: file, line and function."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


class JsonLines(logging.Formatter):
    """Formats our events whole, and of what libraries log the message but no traceback's text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
        }
        fields = getattr(record, "fields", None)
        if fields is not None:
            line |= {"event": record.msg, **fields}
        elif record.exc_info and record.exc_info[1] is not None:
            # Neither the message nor the error's text: both may quote a request.
            error = record.exc_info[1]
            line |= {
                "event": "library",
                "logger": record.name,
                "error": type(error).__name__,
                "where": places(error),
            }
        else:
            line |= {"event": "library", "logger": record.name, "message": record.getMessage()}
        return orjson.dumps(line, default=str).decode()
