"""Classifying what was imported, in a thread; nothing here draws."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from minyi.batch import classify_each
from minyi.desk.state import Desk, Progress
from minyi.errors import MinyiError
from minyi.pipeline import Minyi
from minyi.review import ASIDE
from minyi.schema import Result, Submission
from minyi.service import logs
from minyi.store import Store
from minyi.store.records import Filters

_CHUNK = 500


def unclassified(store: Store, batch_id: int) -> bool:
    """Tell whether a batch has submissions without a result."""
    page = store.submissions.page(batch_id, Filters(), sort="score", limit=1)
    return any(entry.result is None for entry in page.items)


def classify_batch(desk: Desk, batch_id: int, progress: Progress, *, anew: bool = False) -> None:
    """Classify what has no result yet, or all that nobody has looked at; to be run in a thread.

    Corrections stay in force. What goes wrong is told in `progress`.
    """
    try:
        store, minyi, model_id = desk.store, desk.minyi, desk.model_id
        entries = [
            entry
            for entry in store.submissions.page(batch_id, sort="row", limit=None).items
            if entry.result is None
            or (anew and not entry.checked and entry.result.row_error != ASIDE)
        ]
        progress.total = len(entries)
        for start in range(0, len(entries), _CHUNK):
            part = entries[start : start + _CHUNK]
            submissions = [
                Submission(s.text, s.title, s.time, s.place)
                for s in (entry.submission for entry in part)
            ]
            results = classify_all(minyi, submissions)
            numbers = [entry.submission.id for entry in part]
            store.results.save(batch_id, model_id, zip(numbers, results, strict=True))
            progress.done += len(part)
    except MinyiError as error:
        progress.error = str(error)
    except Exception as error:
        logs.failure("desk_batch", error, batch=batch_id)
        progress.error = f"程序内部错误（{type(error).__name__}）：请再试一次，并反馈给我们。"
    finally:
        if not progress.error:
            desk.running.pop(batch_id, None)


def classify_all(minyi: Minyi, submissions: Sequence[Submission]) -> list[Result]:
    """Classify; should one text bring the program down, mark it and keep the others."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # holidays that are not known yet
        return classify_each(minyi, submissions)
