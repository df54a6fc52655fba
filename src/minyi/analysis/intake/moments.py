"""What cells say of moments: days as offices write them, what is doubtful among them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from minyi.analysis.intake.cells import texts_of
from minyi.domain.calendar import arabic

if TYPE_CHECKING:
    import pandas as pd

_DAY = (
    r"(?<!\d)((?:19|20)\d\d)(?:\s*[-/.年]\s*|(?=\d{4}(?!\d)))"
    r"(\d{1,2})(?:\s*[-/.月]\s*|(?<=\d\d))(\d{1,2})(?!\d)"
)
_CLOCK = (
    r"(?:\s*[日号]?[T\s]*(\D{0,4}?)\s*(\d{1,2})\s*[:：时点](?:\s*(\d{1,2}))?"
    r"(?:\s*[:：分]\s*(\d{1,2}))?)?"
)
_SERIAL = r"([3-7]\d{4}(?:\.\d+)?)"  # days since 30 December 1899, as spreadsheets count
_SECOND_DAY = re.compile(r"\d{1,2}\s*[-/月]\s*\d{1,2}(?!\d|\s*[:：时点])|\d{4}\.\d{1,2}\.\d{1,2}")
# Whoever collects submissions leaves no decade out: what few rows lie so far off is mistyped.
_FAR = 3653  # days
_FEW = 0.1  # of the rows with a time


def moments_of(values: pd.Series) -> pd.Series:
    """Return the moments that cells name, to the second, as datetime64[ns]; NaT where none.

    Understands what `minyi.domain.calendar.parse_date` does, also in full-width digits and Chinese
    numerals, with a time of day in 24 hours or with 下午, and day numbers of spreadsheets. A time
    zone is dropped: the clock counts as written. Of several days in a cell the first counts.

    Examples
    --------
    >>> import pandas as pd
    >>> moments_of(pd.Series(["2026/3/5 9:07", "2026年3月5日 下午3点", "上周"])).tolist()
    [Timestamp('2026-03-05 09:07:00'), Timestamp('2026-03-05 15:00:00'), NaT]
    """
    import pandas as pd

    if isinstance(values.dtype, pd.DatetimeTZDtype):
        values = values.dt.tz_localize(None)
    if pd.api.types.is_datetime64_dtype(values.dtype):
        in_reach = values.dt.year.between(pd.Timestamp.min.year + 1, pd.Timestamp.max.year - 1)
        return values.where(in_reach).astype("datetime64[ns]")
    texts = texts_of(values).str.strip()
    distinct = texts.unique()
    parsed = _parsed(pd.Series([arabic(text) for text in distinct], dtype="str"))
    found = pd.Series(parsed.to_numpy(), index=distinct)
    return found.reindex(texts.to_numpy()).set_axis(values.index)


def with_several_days(values: pd.Series) -> list[int]:
    """Return the positions of cells that name more than one day."""
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return []
    texts = texts_of(values)
    several = {text for text in texts.unique() if _has_second(arabic(text))}
    return [int(i) for i in texts.isin(several).to_numpy().nonzero()[0]]


def strays(moments: pd.Series) -> list[int]:
    """Return the positions of the few moments a decade or more away from all others: 1900, 2099.

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.date_range("2026-03-01", periods=20).to_list()
    >>> strays(pd.Series([*days, pd.Timestamp("2062-03-05")]))
    [20]
    """
    import pandas as pd

    known = moments.reset_index(drop=True).dropna().sort_values(kind="stable")
    era = (known.diff() >= pd.Timedelta(days=_FAR)).cumsum()
    is_few = era.map(era.value_counts()) < _FEW * len(known)
    return sorted(int(i) for i in known.index[is_few.to_numpy(bool)])


def _has_second(text: str) -> bool:
    first = re.search(_DAY, text)
    return bool(first and _SECOND_DAY.search(text, first.end()))


def _parsed(texts: pd.Series) -> pd.Series:
    import pandas as pd

    parts = texts.str.extract(_DAY + _CLOCK)
    numbers = parts.drop(columns=3).apply(pd.to_numeric).astype("float64")
    numbers.columns = pd.Index(["year", "month", "day", "hour", "minute", "second"])
    days = pd.to_datetime(numbers[["year", "month", "day"]], errors="coerce")
    days = days.astype("datetime64[ns]")
    clock = numbers[["hour", "minute", "second"]].fillna(0)
    late = parts[3].fillna("").str.contains("下午|晚|夜|pm", case=False) & (clock["hour"] < 12)
    hours = clock["hour"] + 12 * late
    is_time = (hours < 24) & (clock["minute"] < 60) & (clock["second"] < 60)
    seconds = (3600 * hours + 60 * clock["minute"] + clock["second"]).where(is_time, 0)
    serial = pd.to_numeric(texts.str.extract(f"^{_SERIAL}$")[0]).astype("float64")
    counted = pd.to_datetime(serial, unit="D", origin="1899-12-30").astype("datetime64[ns]")
    moments: pd.Series = days + pd.to_timedelta(seconds, unit="s")
    return moments.fillna(counted.dt.round("s")).astype("datetime64[ns]")
