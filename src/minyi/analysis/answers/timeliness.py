"""How long answers take, in workdays, and whether they come in time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np
import pandas as pd

from minyi.domain.calendar import add_workdays
from minyi.domain.office import URGENT, Office


def workdays_between(start: date, end: date) -> int:
    """Return the number of workdays after `start` up to and with `end`; 0 for the same day.

    Examples
    --------
    >>> workdays_between(date(2026, 9, 30), date(2026, 10, 9))  # National Day lies between
    2
    """
    count, (day, _) = 0, add_workdays(start, 1)
    while day <= end:
        count, (day, _) = count + 1, add_workdays(day, 1)
    return count


def workdays_taken(frame: pd.DataFrame) -> pd.Series:
    """Return the workdays from ``time`` to ``reply_time`` (Int64), NA where one is not known."""
    counted = [
        workdays_between(asked.date(), told.date())
        if pd.notna(asked) and pd.notna(told) and told.date() >= asked.date()
        else pd.NA
        for asked, told in zip(frame["time"], frame["reply_time"], strict=True)
    ]
    return pd.Series(counted, index=frame.index, dtype="Int64")


def due_dates(frame: pd.DataFrame, office: Office | None) -> pd.Series:
    """Return the days by which to answer: ``deadline``, else the office's by ``kind``, else NaT."""
    if "deadline" in frame.columns:
        due = frame["deadline"]
    elif office and "kind" in frame.columns:
        due = pd.Series(list(_due_by_kind(frame, office)), index=frame.index)
    else:
        due = pd.Series(pd.NaT, index=frame.index)
    return pd.to_datetime(due).astype("datetime64[ns]")


def _due_by_kind(frame: pd.DataFrame, office: Office) -> Iterable[date | None]:
    urgent = frame["urgent"] if "urgent" in frame.columns else [False] * len(frame)
    for asked, kind, is_urgent in zip(frame["time"], frame["kind"], urgent, strict=True):
        allowed = office.deadlines.get(URGENT if is_urgent else str(kind))
        is_known = pd.notna(asked) and allowed is not None
        yield add_workdays(asked.date(), allowed or 0)[0] if is_known else None


def in_time(frame: pd.DataFrame, due: pd.Series) -> pd.Series:
    """Return 是 or 否 for each reply, "" where its time or a deadline is missing or senseless."""
    told = frame["reply_time"]
    in_time = told < due + timedelta(days=1)  # the whole day counts
    known = told.notna() & due.notna() & ~(told.dt.normalize() < frame["time"].dt.normalize())
    said = np.where(in_time, "是", "否")
    return pd.Series(np.where(known, said, ""), index=frame.index, dtype="str")
