"""How things are shown: texts with their deciding words, scores, days; all safe as HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from html import escape

from minyi.text.privacy import mask

_SHORT = 120
_WEEKDAYS = "一二三四五六日"


def shown(text: str, *, plain: bool) -> str:
    """Return a text as it may be shown: personal data masked unless `plain`."""
    return text if plain else mask(text)


def short(text: str, *, plain: bool) -> str:
    """Return the beginning of a text on one line."""
    line = " ".join(shown(text, plain=plain).split())
    return line if len(line) <= _SHORT else line[:_SHORT] + "…"


def highlighted(text: str, words: Sequence[str]) -> str:
    """Return a text as HTML in which the deciding words are marked.

    Examples
    --------
    >>> highlighted("路灯<坏>了", ["路灯"])
    '<mark>路灯</mark>&lt;坏&gt;了'
    """
    known = sorted({word for word in words if word}, key=len, reverse=True)
    if not known:
        return escape(text)
    pieces = re.split("(" + "|".join(map(re.escape, known)) + ")", text)
    return "".join(
        f"<mark>{escape(piece)}</mark>" if i % 2 else escape(piece)
        for i, piece in enumerate(pieces)
    )


def percent(score: float | None) -> str:
    """Return a probability for people; never 100 % where something could be wrong.

    Examples
    --------
    >>> percent(0.4567), percent(0.9999), percent(None)
    ('46%', '99%', '—')
    """
    if score is None:
        return "—"
    return f"{min(round(score * 100), 99) if score < 1 else 100}%"


def day(value: date | None) -> str:
    """Return a day with its weekday.

    Examples
    --------
    >>> day(date(2026, 7, 1))
    '2026-07-01（周三）'
    """
    return f"{value.isoformat()}（周{_WEEKDAYS[value.weekday()]}）" if value else "—"


def moment(value: datetime) -> str:
    """Return a point in time, local."""
    return value.astimezone().strftime("%Y-%m-%d %H:%M")


def lately(value: datetime, now: datetime) -> str:
    """Return a point in time, local, as people speak of it at `now`.

    Examples
    --------
    >>> now = datetime(2026, 3, 2, 17, 0).astimezone()
    >>> lately(datetime(2026, 3, 2, 16, 53).astimezone(), now)
    '今天 16:53'
    >>> lately(datetime(2026, 2, 28, 16, 53).astimezone(), now)
    '2026-02-28 16:53'
    """
    days = (now.astimezone().date() - value.astimezone().date()).days
    named = {0: "今天", 1: "昨天"}.get(days)
    return f"{named} {value.astimezone():%H:%M}" if named else moment(value)
