"""How hot a matter is: an index of 0 to 100 whose parts are shown.

Every part is a number from 0 to 1; the index is 100 times their mean, weighed by the profile's
section ``[heat]``. A part that the submissions cannot tell (no times, no senders, no likes) is left
out of the mean, so that its weight falls to the others.

=========  =====================================================================================
number     ln(1 + members) / ln(1 + members of the largest matter)
senders    ln(1 + senders) / ln(1 + senders of the matter with most)
span       days from first to last / 90, at most 1: what lasts a quarter is not going away
recency    2^(-d/30), d the days from the last member to the last submission: halves in a month
growth     the share g of members in the last quarter of the period, against the share b of all
           submissions in it: g / (g + b); 0.5 is neither growth nor decline
support    likes less dislikes, ln(1 + x) / ln(1 + x of the matter with most), at least 0
attention  likes and dislikes together, in the same way
urgency    the share of members that are urgent
=========  =====================================================================================

Logarithms, because the twentieth voice adds less than the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from minyi.analysis.frame import require
from minyi.domain.profile import HEAT
from minyi.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

#: The weights of the shipped profile.
DEFAULT: Mapping[str, float] = {
    "number": 30,
    "senders": 25,
    "span": 5,
    "recency": 10,
    "growth": 10,
    "support": 8,
    "attention": 7,
    "urgency": 5,
}
_LONG = 90.0  # days
_HALF_LIFE = 30.0  # days
_LAST_PART = 0.25

Floats = NDArray[np.float64]


def heat(
    submissions: pd.DataFrame,
    matters: pd.DataFrame | pd.Series,
    weights: Mapping[str, float] = DEFAULT,
) -> pd.DataFrame:
    """Measure the heat of each matter.

    Parameters
    ----------
    submissions : DataFrame
        As `minyi.analysis.frame.prepare` returns it; ``urgent`` is used where it is there.
    matters : DataFrame or Series
        What `find_matters` returned, or its column ``matter``; on the same index.
    weights : mapping of str to float
        See `minyi.domain.profile.HEAT`.

    Returns
    -------
    DataFrame
        A row a matter, on its number, hottest first: ``heat`` (0 to 100), the parts (0 to 1; NaN
        where they cannot be told), and what they were made of: ``n``, ``n_senders``, ``first``,
        ``last`` (NaT without times), ``likes``, ``dislikes``, ``n_urgent``.

    Raises
    ------
    InputError
        Another index, an unknown weight, or none above 0.

    Examples
    --------
    >>> import pandas as pd
    >>> from minyi.analysis.frame import prepare
    >>> slips = prepare(pd.DataFrame({"text": ["路灯坏了"] * 3, "sender": ["甲", "乙", "乙"]}))
    >>> table = heat(slips, pd.Series([0, 0, 0]))
    >>> table[["heat", "n", "n_senders"]].round(1).values.tolist()
    [[100.0, 3.0, 2.0]]
    """
    require(submissions)
    weights = _checked(weights)
    column = matters["matter"] if "matter" in getattr(matters, "columns", ()) else matters
    if not column.index.equals(submissions.index):
        raise InputError("留言表与分组结果的行索引不一致：请用同一张表先分组、再算热度。")
    made_of = _made_of(submissions, np.asarray(column))
    parts = _parts(submissions, made_of)
    shares = np.array([weights.get(name, 0.0) for name in HEAT])
    known = ~np.isnan(parts)
    total = (known * shares).sum(axis=1)
    index = 100 * (np.nan_to_num(parts) * shares).sum(axis=1) / np.where(total > 0, total, 1)
    table = made_of.assign(**dict(zip(HEAT, parts.T, strict=True)))
    table.insert(0, "heat", index)
    order = np.lexsort((table.index, -table["n"], -table["heat"].round(9)))
    return table.iloc[order]


def _checked(weights: Mapping[str, float]) -> Mapping[str, float]:
    for name, weight in weights.items():
        if name not in HEAT:
            choices = "、".join(HEAT)
            raise InputError(f"热度没有“{name}”这一项：应为其中之一：{choices}。")
        if not weight >= 0:
            raise InputError(f"热度权重 {name} 应为不小于 0 的数，实际是 {weight!r}。")
    if not any(weights.values()):
        raise InputError("热度权重应至少有一项大于 0：请检查单位配置的 [heat] 一节。")
    return weights


def _made_of(submissions: pd.DataFrame, matter: NDArray[np.int64]) -> pd.DataFrame:
    """Count what each matter is made of."""
    import pandas as pd

    inside = submissions[matter >= 0]
    groups = inside.groupby(matter[matter >= 0], sort=True)
    senders = inside["sender"].where(inside["sender"] != "").groupby(matter[matter >= 0])
    urgent = inside["urgent"] if "urgent" in inside else pd.Series(False, index=inside.index)
    table = pd.DataFrame(
        {
            "n": groups.size(),
            "n_senders": senders.nunique(),
            "first": groups["time"].min(),
            "last": groups["time"].max(),
            "likes": groups["likes"].sum(),
            "dislikes": groups["dislikes"].sum(),
            "n_urgent": urgent.groupby(matter[matter >= 0]).sum().astype(np.int64),
        }
    )
    table["late"] = _late(submissions, inside, matter[matter >= 0], table.index)
    table.index.name = "matter"
    return table


def _late(
    submissions: pd.DataFrame, inside: pd.DataFrame, matter: NDArray[np.int64], index: pd.Index
) -> Floats:
    """Return which share of the dated members falls in the last quarter of the period."""
    start = _last_quarter(submissions)
    dated = inside["time"].notna()
    late = (inside["time"] >= start).where(dated).astype(float)
    return np.asarray(late.groupby(matter).mean().reindex(index), np.float64)


def _last_quarter(submissions: pd.DataFrame) -> pd.Timestamp:
    first, last = submissions["time"].min(), submissions["time"].max()
    start: pd.Timestamp = last - (last - first) * _LAST_PART
    return start


def _parts(submissions: pd.DataFrame, made_of: pd.DataFrame) -> Floats:
    """Return the parts, a row a matter, in the order of `HEAT`; NaN where one is unknown."""
    n = len(made_of)
    unknown = np.full(n, np.nan)
    number = _against_most(made_of["n"])
    known = bool((submissions["sender"] != "").any())
    senders = _against_most(made_of["n_senders"]) if known else unknown
    timing = _timing(submissions, made_of)
    voted = bool((submissions["likes"] != 0).any() or (submissions["dislikes"] != 0).any())
    support = _against_most(made_of["likes"] - made_of["dislikes"]) if voted else unknown
    attention = _against_most(made_of["likes"] + made_of["dislikes"]) if voted else unknown
    told = "urgent" in submissions
    urgency = (made_of["n_urgent"] / made_of["n"]).to_numpy(float) if told else unknown
    columns = (number, senders, *timing, support, attention, urgency)
    return np.array(columns, np.float64).reshape(len(HEAT), n).T


def _timing(submissions: pd.DataFrame, made_of: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    end = submissions["time"].max()
    whole = (submissions["time"] >= _last_quarter(submissions)).sum()
    dated = submissions["time"].notna().sum()
    usual = whole / dated if dated else np.nan
    days = (made_of["last"] - made_of["first"]).dt.total_seconds().to_numpy(float) / 86_400
    ago = (end - made_of["last"]).dt.total_seconds().to_numpy(float) / 86_400
    late = made_of["late"].to_numpy(float)
    moving = submissions["time"].min() < end  # one moment tells neither growth nor decline
    growth = late / (late + usual) if moving else np.full(len(made_of), np.nan)
    return np.minimum(days / _LONG, 1), 2.0 ** (-ago / _HALF_LIFE), growth


def _against_most(values: pd.Series) -> Floats:
    logs = np.log1p(np.maximum(values.to_numpy(np.float64), 0.0))
    found: Floats = logs / max(float(logs.max(initial=0)), 1e-12)
    return found
