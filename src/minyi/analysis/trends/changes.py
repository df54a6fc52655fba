"""Numbers of a period against an earlier one, with an interval."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from minyi.analysis.figures.source import ranked, span
from minyi.analysis.frame import notes as notes_of
from minyi.analysis.intake.rows import with_notes
from minyi.analysis.trends.series import ALL, day_weights, timed
from minyi.analysis.trends.surveillance import dispersion
from minyi.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    Days = pd.Series[float]  # by day, what a steady series would bring
    Span = tuple[pd.Timestamp, pd.Timestamp]  # first and last day

MORE, FEWER, SAME, FEW, NOTHING = "增加", "减少", "看不出变化", "太少，无法判断", "没有可比的数"
_FORMS = {
    r"\d{4}": "Y",
    r"\d{4}-\d{1,2}": "M",
    r"\d{4}Q[1-4]": "Q",
    r"\d{4}-\d{1,2}-\d{1,2}": "D",
}
_FEW = 6  # of two equal periods: 6 against 0 is the least that chance at 5 % does not explain
_WEEK = 7
_LONG = 4 * _WEEK  # days of each period, from which their own weeks tell the spread
_PAST, _LEAST_PAST = 26 * _WEEK, 4 * _WEEK  # days before a shorter one, that tell it instead
_COLUMNS = ("value", "n", "n_before", "days", "days_before", "ratio", "low", "high")


def change(
    submissions: pd.DataFrame,
    by: str | None = "level1",
    period: str | tuple[Any, Any] | None = None,
    against: str = "previous",
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare the numbers a day of a period and an earlier one, value by value.

    The ratio of two rates with the exact conditional interval: given the sum, the number of the
    period is binomial (Clopper & Pearson 1934; Przyborowski & Wilenski 1940). A day counts as what
    its weekday or holiday usually brings. Numbers are divided by the overdispersion, at least 1, of
    the periods' own weeks, or of up to half a year before where the periods have not four weeks.
    ``verdict`` minds the number of values (Holm 1979), the intervals do not.

    ``benchmarks/alarms.py`` simulates how often the 95 % intervals hold the true ratio (whole and
    cut months, weeks, three days, the year before; 1–20 a week, chance alone or weeks that vary by
    up to 55 % more): of the values 0.95–1.00, of their total 0.84–1.00 (50 runs each). With under
    four weeks of other data the spread of weeks is unknown, a note says so, and intervals are too
    narrow where weeks vary: 0.65–0.94 of them hold, of the total fewer.

    Parameters
    ----------
    submissions : DataFrame
        Of `prepare`, `read` or `classified`.
    by : str or None
    period : str or pair of dates, optional
        ``"2026-05"``, ``"2026Q2"``, ``"2026"``, ``"2026-05-04/2026-05-10"`` or the first and last
        day; by default the last month of the data.
    against : {"previous", "last year"}
        The period of the same length just before, or the same days a year earlier.
    confidence : float

    Returns
    -------
    DataFrame
        The total, then a row a value: ``value``, ``n``, ``n_before``, ``days`` and ``days_before``
        (covered by the data), ``ratio`` of the numbers a day with ``low`` and ``high``, ``p``
        (two-sided, uncorrected), ``p_adjusted``, ``verdict``. Notes in ``attrs["notes"]``.

    Raises
    ------
    InputError
        No time, no such column, no such period, or nothing in the period.

    Examples
    --------
    >>> import pandas as pd
    >>> from minyi.analysis.frame import prepare
    >>> march, april = (pd.date_range(f"2026-{m}-01", periods=10, freq="3D") for m in ("03", "04"))
    >>> days = [*march, *april, *april, *april, *april, "2026-03-31", "2026-04-30"]
    >>> found = change(prepare(pd.DataFrame({"内容": "停水", "时间": days})), None, "2026-04")
    >>> found[["n", "n_before", "days", "days_before", "verdict"]].values.tolist()
    [[41, 11, 30, 31, '增加']]
    """
    _check(against, confidence)
    found, told = timed(submissions, by)
    told = [*notes_of(submissions), *told]
    if found.empty:
        return with_notes(_empty(), told)
    days = day_weights(found["time"])
    now = _span(period if period is not None else f"{days.index[-1]:%Y-%m}")
    spans = [now, _earlier(*now, against)]
    windows = [days.loc[first:last] for first, last in spans]
    _check_inside(now, windows[0], days)
    names = [ALL, *(ranked(found["value"].value_counts()) if by else [])]
    numbers = np.concatenate([_numbers(found, names, window, 1) for window in windows])
    past = _past(days, windows)
    told += _told(spans, windows, days, known=bool(past))
    spread = _spread(found, names, past, min(len(window) for window in windows))
    rates = _rates(numbers / spread, [float(window.sum()) for window in windows], confidence)
    covered = [len(window) for window in windows]
    return with_notes(_table(names, numbers, covered, rates, 1 - confidence), told)


def _check(against: str, confidence: float) -> None:
    if against not in ("previous", "last year"):
        raise InputError(
            f"against 应为 previous（上一期）或 last year（去年同期），实际是 {against!r}。"
        )
    if not 0 < confidence < 1:
        raise InputError(f"confidence 应在 0 与 1 之间（如 0.95），实际是 {confidence}。")


def _check_inside(now: Span, window: Days, days: Days) -> None:
    if window.empty:
        raise InputError(
            f"资料从 {days.index[0]:%Y-%m-%d} 到 {days.index[-1]:%Y-%m-%d}，时段 {_named(now)}"
            " 不在其中：请换一个时段。"
        )


def _span(period: str | tuple[Any, Any]) -> Span:
    """Return the first and last day of a period."""
    import pandas as pd

    parts = re.split(r"\s*[/至]\s*", period) if isinstance(period, str) else list(period)
    if len(parts) == 1 and (freq := _form(str(parts[0]).strip())):
        try:
            single = pd.Period(str(parts[0]).strip(), freq)
        except ValueError:
            raise _refused(period) from None
        return single.start_time, single.end_time.normalize()
    try:
        first, last = (pd.Timestamp(part).normalize() for part in parts)
    except (ValueError, TypeError):
        raise _refused(period) from None
    if not first <= last:
        raise _refused(period)
    return first, last


def _form(text: str) -> str:
    return next((freq for form, freq in _FORMS.items() if re.fullmatch(form, text)), "")


def _refused(period: object) -> InputError:
    return InputError(
        "period 应写成 2026-05、2026Q2、2026 或 2026-05-04/2026-05-10（先后两天），"
        f"实际是 {period!r}。"
    )


def _earlier(first: pd.Timestamp, last: pd.Timestamp, against: str) -> Span:
    """Return the period to compare with; whole months stay whole months."""
    import pandas as pd

    after = last + pd.Timedelta(days=1)
    if against == "last year":
        back = pd.DateOffset(years=1)
    elif first.day == 1 and after.day == 1:
        back = pd.DateOffset(months=(after.year - first.year) * 12 + after.month - first.month)
    else:
        back = pd.DateOffset(days=(after - first).days)
    return first - back, after - back - pd.Timedelta(days=1)


def _named(days: Span) -> str:
    return span(days[0].date(), days[1].date())


def _told(spans: list[Span], windows: list[Days], days: Days, *, known: bool) -> list[str]:
    covered = [len(window) for window in windows]
    now = f"{_named(spans[0])}（有资料的 {covered[0]} 天）"
    if covered[1] == 0:
        return [f"资料从 {days.index[0]:%Y-%m-%d} 起，{now}没有可比的时段"]
    told = [f"{now}与 {_named(spans[1])}（{covered[1]} 天）相比，按每天的条数"]
    if days.nunique() > 1:
        told.append("算倍数时，周末和节假日按它们平常的条数折算，所以与直接相除略有出入")
    if covered != [(last - first).days + 1 for first, last in spans]:
        told.append("有时段不满：只比有资料的那些天")
    if not known:
        told.append("资料太短，看不出各周的起伏：区间按偶然到达（泊松分布）算，可能偏窄")
    return told


def _numbers(found: pd.DataFrame, names: list[str], stretch: Days, parts: int) -> NDArray[np.int64]:
    """Count the values, the total first, in equal parts of a stretch of days."""
    import pandas as pd

    days = pd.DatetimeIndex(stretch.index)
    at = days.get_indexer(pd.DatetimeIndex(found["time"].to_numpy()).normalize())
    inside, values = at >= 0, names[1:] or names
    codes = pd.Index(values).get_indexer(pd.Index(found["value"][inside]))
    cells = at[inside] * parts // max(len(days), 1) * len(values) + codes
    each = np.bincount(cells, minlength=parts * len(values)).reshape(parts, len(values))
    return np.column_stack([each.sum(axis=1), each])[:, : len(names)].astype(np.int64)


def _past(days: Days, windows: list[Days]) -> list[Days]:
    """Return the stretches of days whose weeks show how numbers vary when nothing changes.

    The periods themselves, for a change between them is none within; if they are short, the half
    year before.
    """
    import pandas as pd

    if min(len(window) for window in windows) >= _LONG:
        return windows
    end = windows[0].index[0] - pd.Timedelta(days=1)
    past = days.loc[end - pd.Timedelta(days=_PAST - 1) : end]
    past = past.drop(windows[1].index, errors="ignore")
    return [past] if len(past) >= _LEAST_PAST else []


def _spread(
    found: pd.DataFrame, names: list[str], past: list[Days], shortest: int
) -> NDArray[np.float64]:
    """Return the overdispersion of each value, from weeks: their days go up and down together."""
    if not past:
        return np.ones(len(names))
    counts, usual = [], []
    for days in past:
        weeks = round(len(days) / _WEEK)
        exposure = np.bincount(np.arange(len(days)) * weeks // len(days), days)
        counts.append(_numbers(found, names, days, weeks))
        usual.append(np.outer(exposure / exposure.sum(), counts[-1].sum(axis=0)))
    free = sum(map(len, counts)) - len(past)
    weekly = dispersion(np.concatenate(counts), np.concatenate(usual), free)
    return 1 + (weekly - 1) * min(shortest / _WEEK, 1)


def _rates(
    numbers: NDArray[np.float64], exposure: list[float], confidence: float
) -> dict[str, NDArray[np.float64]]:
    """Return ratio, interval and p-value; counts may be divided by overdispersion."""
    empty = np.full(numbers.shape[1], np.nan)
    if exposure[1] == 0:
        return dict.fromkeys(("ratio", "low", "high", "p"), empty)
    now, before = numbers
    tail, scale = (1 - confidence) / 2, exposure[1] / exposure[0]
    share = exposure[0] / sum(exposure)
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(now > 0, stats.beta.ppf(tail, now, before + 1), 0.0)
        high = np.where(before > 0, stats.beta.ppf(1 - tail, now + 1, before), 1.0)
        above = np.where(now > 0, special.betainc(now, before + 1, share), 1.0)
        below = np.where(before > 0, special.betaincc(now + 1, before, share), 1.0)
        ratio = {"ratio": now / before, "low": low / (1 - low), "high": high / (1 - high)}
        found = {name: values * scale for name, values in ratio.items()}
    return {**found, "p": np.minimum(2 * np.minimum(above, below), 1.0)}


def _table(
    names: list[str],
    numbers: NDArray[np.int64],
    covered: list[int],
    rates: dict[str, NDArray[np.float64]],
    level: float,
) -> pd.DataFrame:
    import pandas as pd

    table = pd.DataFrame({"value": names, "n": numbers[0], "n_before": numbers[1]})
    table = table.assign(days=covered[0], days_before=covered[1], **rates)
    adjusted = np.concatenate([table["p"].to_numpy()[:1], _holm(table["p"].to_numpy()[1:])])
    table["p_adjusted"] = adjusted
    verdicts = np.where(table["ratio"] > 1, MORE, FEWER).astype(object)
    verdicts[(adjusted > level)] = SAME
    verdicts[(numbers.sum(axis=0) < _FEW) & (adjusted > level)] = FEW
    table["verdict"] = verdicts if covered[1] else NOTHING
    return table


def _holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return p-values corrected for their number (Holm 1979)."""
    order = np.argsort(p)
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    found = np.empty(len(p))
    found[order] = np.minimum(stepped, 1.0)
    return found


def _empty() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns=[*_COLUMNS, "p", "p_adjusted", "verdict"])
