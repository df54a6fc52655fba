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
from minyi.analysis.trends.series import ALL, timed
from minyi.analysis.trends.surveillance import dispersion
from minyi.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

MORE, FEWER, SAME, FEW, NOTHING = "增加", "减少", "看不出变化", "太少，无法判断", "没有可比的数"
_FORMS = {
    r"\d{4}": "Y",
    r"\d{4}-\d{1,2}": "M",
    r"\d{4}Q[1-4]": "Q",
    r"\d{4}-\d{1,2}-\d{1,2}": "D",
}
_YEAR = {"Y": 1, "Q": 4, "M": 12}  # periods
_FEW = 6  # of two equal periods: 6 against 0 is the least that chance at 5 % does not explain
_WEEKS = 4  # of each period, from which their spread says something
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
    period is binomial (Clopper & Pearson 1934; Przyborowski & Wilenski 1940). Where both periods
    have four weeks, counts are divided by the overdispersion that the weeks show, at least 1.
    ``verdict`` minds the number of values (Holm 1979), the intervals do not.

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
    if against not in ("previous", "last year"):
        raise InputError(
            f"against 应为 previous（上一期）或 last year（去年同期），实际是 {against!r}。"
        )
    if not 0 < confidence < 1:
        raise InputError(f"confidence 应在 0 与 1 之间（如 0.95），实际是 {confidence}。")
    found, told = timed(submissions, by)
    told = [*notes_of(submissions), *told]
    if found.empty:
        return with_notes(_empty(), told)
    days = found["time"].dt.normalize()
    now = _span(period if period is not None else f"{days.max():%Y-%m}")
    windows = [now, _earlier(*now, against)]
    inside = [days.between(*window) for window in windows]
    covered = [_days(window, days.min(), days.max()) for window in windows]
    if covered[0] == 0:
        raise InputError(
            f"资料从 {days.min():%Y-%m-%d} 到 {days.max():%Y-%m-%d}，时段 {_named(windows[0])}"
            " 不在其中：请换一个时段。"
        )
    told += _told(windows, covered, found)
    names = [ALL, *(ranked(found["value"].value_counts()) if by else [])]
    numbers = np.array([_numbers(found["value"][mask], names) for mask in inside])
    spread, known = _spread(found["value"], days, names, windows, covered)
    if not known:
        told.append("时段不足四周，看不出各周的起伏：区间按偶然到达（泊松分布）算，可能偏窄")
    rates = _rates(numbers.astype(float) / spread, covered, confidence)
    table = _table(names, numbers, covered, rates, 1 - confidence)
    return with_notes(table, told)


def _span(period: str | tuple[Any, Any]) -> tuple[pd.Timestamp, pd.Timestamp]:
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


def _earlier(
    first: pd.Timestamp, last: pd.Timestamp, against: str
) -> tuple[pd.Timestamp, pd.Timestamp]:
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


def _days(
    window: tuple[pd.Timestamp, pd.Timestamp], first: pd.Timestamp, last: pd.Timestamp
) -> int:
    return max((min(window[1], last) - max(window[0], first)).days + 1, 0)


def _named(window: tuple[pd.Timestamp, pd.Timestamp]) -> str:
    return span(window[0].date(), window[1].date())


def _told(
    windows: list[tuple[pd.Timestamp, pd.Timestamp]], covered: list[int], found: pd.DataFrame
) -> list[str]:
    told = [
        f"{_named(windows[0])}（有资料的 {covered[0]} 天）与 {_named(windows[1])}"
        f"（{covered[1]} 天）相比，按每天的条数"
    ]
    if covered[1] == 0:
        told.append(f"资料从 {found['time'].min():%Y-%m-%d} 起，没有可比的时段")
    lengths = [(window[1] - window[0]).days + 1 for window in windows]
    if covered[1] and covered != lengths:
        told.append("有时段不满：资料只到其中一部分，月初月末、周末的多少没有折算")
    return told


def _numbers(values: pd.Series[Any], names: list[str]) -> NDArray[np.int64]:
    counts = values.value_counts().reindex(names, fill_value=0).to_numpy().astype(np.int64)
    counts[0] = len(values)
    return counts


def _spread(
    values: pd.Series[Any],
    days: pd.Series[Any],
    names: list[str],
    windows: list[tuple[pd.Timestamp, pd.Timestamp]],
    covered: list[int],
) -> tuple[NDArray[np.float64], bool]:
    """Return the overdispersion of each value, from the weeks, and if it is known."""
    if min(covered) < _WEEKS * 7:
        return np.ones(len(names)), False
    found = []
    for window in windows:
        start = max(window[0], days.min())
        week = (days - start).dt.days // 7
        n_weeks = ((min(window[1], days.max()) - start).days + 1) // 7
        each = [_numbers(values[week == number], names) for number in range(n_weeks)]
        found.append(dispersion(np.array(each, dtype=float), np.ones(n_weeks)))
    return np.mean(found, axis=0), True


def _rates(
    numbers: NDArray[np.float64], covered: list[int], confidence: float
) -> dict[str, NDArray[np.float64]]:
    """Return ratio, interval and p-value; counts may be divided by overdispersion."""
    empty = np.full(numbers.shape[1], np.nan)
    if covered[1] == 0:
        return dict.fromkeys(("ratio", "low", "high", "p"), empty)
    now, before = numbers
    tail, scale, share = (1 - confidence) / 2, covered[1] / covered[0], covered[0] / sum(covered)
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
