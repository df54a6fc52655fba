"""Deadlines in workdays, by the Chinese calendar with its shifted weekends (调休)."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from functools import lru_cache

_SATURDAY = 5
_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:\s*[-/.年]\s*|(?=\d{4}(?!\d)))"
    r"(\d{1,2})(?:\s*[-/.月]\s*|(?<=\d\d))(\d{1,2})(?!\d)"
)
_DIGITS = {numeral: str(i) for i, numeral in enumerate("零一二三四五六七八九")} | dict.fromkeys(
    "〇○", "0"
)
_NUMERALS = "".join(_DIGITS)
_CHINESE_DAY = re.compile(
    rf"([{_NUMERALS}]{{4}})年\s*([一二三四五六七八九十]{{1,2}})月\s*([一二三四五六七八九十]{{1,3}})"
)


@lru_cache(maxsize=4096)
def add_workdays(start: date, workdays: int) -> tuple[date, bool]:
    """Return the date `workdays` workdays after `start`, the day of receipt not counted.

    Parameters
    ----------
    start : date
    workdays : int
        At least 0.

    Returns
    -------
    due : date
    known : bool
        False when the way passes a year whose public holidays were not yet announced when the
        calendar data were made: there, only weekends are free.

    Examples
    --------
    >>> add_workdays(date(2026, 9, 30), 1)  # the National Day holiday lies between
    (datetime.date(2026, 10, 8), True)
    """
    day, known = start, True
    while workdays > 0:
        day += timedelta(days=1)
        is_workday, announced = _is_workday(day)
        known &= announced
        workdays -= is_workday
    return day, known


@lru_cache(maxsize=4096)
def _is_workday(day: date) -> tuple[bool, bool]:
    import chinese_calendar

    try:
        return bool(chinese_calendar.is_workday(day)), True
    except NotImplementedError:  # a year outside the data
        return day.weekday() < _SATURDAY, False


def parse_date(text: str) -> date | None:
    """Return the date that a cell of a time column names, None when it names none.

    Understands 2019/2/28 11:25:05, 2019-02-28, 2019.2.28, 2019年2月28日, 20190228 and
    二〇一九年二月二十八日, in full-width digits as well.

    Examples
    --------
    >>> parse_date("2019年2月28日 上午")
    datetime.date(2019, 2, 28)
    """
    found = _DATE.search(arabic(text))
    if not found:
        return None
    year, month, day = (int(part) for part in found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def arabic(text: str) -> str:
    """Write full-width digits as plain ones, and days in Chinese numerals in digits.

    Examples
    --------
    >>> arabic("二〇二六年三月十五日")
    '2026年3月15日'
    """
    return _CHINESE_DAY.sub(_in_digits, unicodedata.normalize("NFKC", text))


def _in_digits(found: re.Match[str]) -> str:
    year, month, day = found.groups()
    return f"{''.join(_DIGITS[c] for c in year)}年{_small(month)}月{_small(day)}"


def _small(numeral: str) -> int:
    """Return a number below 100: 三, 十五, 二十一."""
    tens, ten, ones = numeral.rpartition("十")
    return (int(_DIGITS.get(tens, "1")) * 10 if ten else 0) + int(_DIGITS.get(ones, "0"))
