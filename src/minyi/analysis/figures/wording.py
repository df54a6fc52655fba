"""Words that are typical of one part of the submissions, or of two against each other."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from minyi.analysis.figures.source import Source
from minyi.frames import check_frame

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Keyness:
    """Words typical of one group (positive), and perhaps of another (negative).

    Attributes
    ----------
    table : DataFrame
        ``term`` str; ``value`` float, the logarithm to base 2 of how many times as many use it,
        falling; ``n_here``, ``n_there`` int, how many use it in its own group and elsewhere.
    here, there : str
        Names of the two groups; `there` is "" where there is one only.
    source : Source
    """

    table: pd.DataFrame
    here: str
    there: str
    source: Source


def keyness_bars(
    words: pd.DataFrame, source: Source, *, here: str, there: str = "", most: int = 12
) -> Keyness:
    """Choose the strongest words of one group or two.

    Parameters
    ----------
    words : DataFrame
        The ``words`` of `minyi.analysis.wording.words.keyness`: ``group``, ``term``, ``log_ratio``,
        ``n_senders`` and ``n_elsewhere``.
    source : Source
    here, there : str
        Groups among them; those of `there` are shown to the left.
    most : int
        Words a group.
    """
    import pandas as pd

    check_frame(words, ("group", "term", "log_ratio", "n_senders", "n_elsewhere"), "zh")
    endless = words["group"].isin([here, there]) & (words["log_ratio"].abs() == inf)
    parts = [_strongest(words, here, most)]
    if there:
        other = _strongest(words, there, most)
        parts.append(other.assign(value=-other["value"]).iloc[::-1])
    told = f"有 {int(endless.sum())} 个词只在一边出现，倍数无穷大，没有画" if endless.any() else ""
    return Keyness(pd.concat(parts, ignore_index=True), here, there, source.noting(told))


def _strongest(words: pd.DataFrame, group: str, most: int) -> pd.DataFrame:
    own = words[(words["group"] == group) & (words["log_ratio"] > 0) & (words["log_ratio"] < inf)]
    own = own.sort_values(["log_ratio", "term"], ascending=[False, True], kind="stable").head(most)
    names = {"log_ratio": "value", "n_senders": "n_here", "n_elsewhere": "n_there"}
    return own[["term", *names]].rename(columns=names)
