"""One cell's value as the text a clerk sees on the screen."""

from __future__ import annotations

import datetime as dt
import json
import math

# Excel keeps 15 significant digits: a longer number typed as a number is already rounded.
EXACT_BELOW = 1e15
_FIRST_YEAR = 1901  # before it Excel counts a day that never was


class NumberText(str):
    """The text of a cell that held a number which a workbook can hold without loss."""

    __slots__ = ()


class MomentText(str):
    """The text of a cell that held a date, or a date with its time, as ISO 8601 writes it."""

    __slots__ = ()


def cell_text(value: object) -> str:
    """Turn any cell value into text.

    Parameters
    ----------
    value : object
        A value from a workbook, a parquet file or a JSON line.

    Returns
    -------
    str
        Whole numbers without ``.0``, midnight as a date, ``None`` and NaN as ``""``; a
        `NumberText` or `MomentText` where the value can be written again as what it was.

    Examples
    --------
    >>> cell_text(3.0), cell_text(0.1 + 0.2), cell_text(True), cell_text(None)
    ('3', '0.3', 'TRUE', '')
    >>> cell_text(dt.datetime(2019, 2, 28, 11, 25, 5)), cell_text(dt.datetime(2019, 2, 28))
    ('2019-02-28 11:25:05', '2019-02-28')
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (float, int)):
        text = _number_text(value)
        exact = text[-1:].isdigit() and abs(value) < EXACT_BELOW
        return NumberText(text) if exact else text
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        return _moment_text(value)
    return _other_text(value)


def is_blank(cells: list[str]) -> bool:
    """Tell whether a row holds nothing but white space."""
    return not any(cell and not cell.isspace() for cell in cells)


def _number_text(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    if math.isnan(value):
        return ""
    if value.is_integer():
        return str(int(value))
    text = f"{value:.15g}"
    return f"{value:.20f}".rstrip("0") if "e-" in text else text


def _moment_text(value: dt.date | dt.time | dt.timedelta) -> str:
    if isinstance(value, dt.datetime):
        value = _to_second(value)
        midnight = value.timetz() == dt.time()
        text = value.date().isoformat() if midnight else value.isoformat(sep=" ")
        return MomentText(text) if value.year >= _FIRST_YEAR and value.tzinfo is None else text
    if isinstance(value, dt.time):
        return value.isoformat(timespec="seconds")
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return MomentText(value) if value.year >= _FIRST_YEAR else value.isoformat()


def _to_second(value: dt.datetime) -> dt.datetime:
    """Round away the fractions that a date kept as a floating number brings with it."""
    if not value.microsecond:
        return value
    try:
        return (value + dt.timedelta(microseconds=500_000)).replace(microsecond=0)
    except OverflowError:
        return value.replace(microsecond=0)


def _other_text(value: object) -> str:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, default=cell_text)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)
