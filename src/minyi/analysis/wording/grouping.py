"""Groups of submissions that are compared, by place, period or kind, and their citizens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from minyi.analysis.frame import CLASSIFIED, require
from minyi.analysis.intake.columns import COLUMNS
from minyi.analysis.wording.phrases import Integers
from minyi.analysis.wording.vocabulary import Vocabulary
from minyi.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

#: Periods by which the time of submissions can be grouped, with their Chinese names.
PERIODS = {"week": "周", "month": "月", "quarter": "季度", "year": "年"}
FEWEST_UNITS = 10  # citizens of a group, and of what it is compared with
_FORMATS = {"week": "%G年第%V周", "month": "%Y年%m月", "year": "%Y年"}


def labels_of(submissions: pd.DataFrame, by: str | pd.Series) -> tuple[pd.Series, str]:
    """Return the group of each submission, "" for none, and the Chinese name of the grouping."""
    if not isinstance(by, str):
        if not by.index.equals(submissions.index):
            raise InputError("自定的分组应与留言表的行索引一致：请用同一张表生成分组。")
        return by.fillna("").astype("str"), str(by.name or "分组")
    if by in PERIODS:
        require(submissions, "time")
        return period(submissions["time"], by), "时段"
    known = {**COLUMNS, **CLASSIFIED}
    if by not in known or by in ("text", "id", "row", "evidence", "co_departments"):
        allowed = "place、kind、department、level1、level2、level3、category、status、source"
        raise InputError(f"不能按“{by}”分组；可用的有 {allowed}、{'、'.join(PERIODS)}。")
    require(submissions, by)
    return submissions[by].fillna("").astype("str"), known[by]


def period(time: pd.Series, every: str) -> pd.Series:
    """Return the period of each moment as text that sorts by time; "" where there is none.

    Examples
    --------
    >>> import pandas as pd
    >>> period(pd.Series(pd.to_datetime(["2026-03-02", None])), "quarter").tolist()
    ['2026年第1季度', '']
    """
    if every == "quarter":
        year, quarter = time.dt.strftime("%Y年第"), time.dt.quarter.astype("Int64").astype("str")
        named: pd.Series = (year + quarter + "季度").where(time.notna(), "")
        return named.astype("str")
    formatted: pd.Series = time.dt.strftime(_FORMATS[every]).fillna("")
    return formatted.astype("str")


@dataclass(frozen=True)
class Groups:
    """Which groups are asked about, and which submissions count at all."""

    asked: list[str]
    compared: list[str]


def groups_of(
    labels: pd.Series, value: str | None, against: str | None
) -> tuple[Groups, list[str]]:
    """Return the groups that are compared, and what a reader must know of those left out."""
    every = sorted(set(labels) - {""})
    for wanted in (value, against):
        if wanted is not None and wanted not in every:
            shown = "、".join(every[:10]) + ("……" if len(every) > 10 else "")
            raise InputError(f"没有“{wanted}”这一组；现有的组：{shown or '（全部为空）'}。")
    if value is not None and value == against:
        raise InputError(f"“{value}”不能与自己比较：请另选对照组。")
    if len(every) < 2:
        raise InputError("比较至少需要两组，实际不足两组：请换一种分组或放宽筛选条件。")
    asked = [value] if value is not None else [group for group in every if group != against]
    compared = [*asked, against] if against is not None else every
    blank = int((labels == "").sum())
    return Groups(asked, compared), [f"有 {blank} 条没有分组信息，未计入"] if blank else []


@dataclass(frozen=True)
class Counts:
    """How many citizens of each group use each term."""

    names: list[str]
    of_row: Integers  # the group of each submission
    n_rows: Integers
    n_units: Integers
    n_with: NDArray[np.int64]  # (n_groups, n_terms)

    @staticmethod
    def of(words: Vocabulary, labels: NDArray[np.str_], names: list[str]) -> Counts:
        """Count the citizens of every group and term."""
        number = {name: i for i, name in enumerate(names)}
        of_row = np.array([number[label] for label in labels], np.int64)
        pairs, units = np.unique(of_row * len(words.units) + words.units, return_inverse=True)
        of_unit = pairs // len(words.units)
        joins = sparse.csr_matrix(
            (np.ones(len(pairs), np.int32), (of_unit, np.arange(len(pairs)))),
            shape=(len(names), len(pairs)),
        )
        n_with = (joins @ words.by_unit(units)).toarray().astype(np.int64)
        n_rows, n_units = (np.bincount(g, minlength=len(names)) for g in (of_row, of_unit))
        return Counts(names, of_row, n_rows, n_units, n_with)

    def elsewhere(self, group: str, against: str | None) -> tuple[NDArray[np.int64], int]:
        """Return how many citizens elsewhere use each term, and how many there are."""
        if against is not None:
            other = self.names.index(against)
            return self.n_with[other], int(self.n_units[other])
        here = self.names.index(group)
        rest = self.n_with.sum(axis=0) - self.n_with[here]
        return rest, int(self.n_units.sum() - self.n_units[here])

    def large(self, asked: Sequence[str], against: str | None) -> tuple[list[str], list[str]]:
        """Return which groups can be compared, and which cannot."""
        sizes = {
            g: min(int(self.n_units[self.names.index(g)]), self.elsewhere(g, against)[1])
            for g in asked
        }
        large = [group for group in asked if sizes[group] >= FEWEST_UNITS]
        return large, [group for group in asked if sizes[group] < FEWEST_UNITS]

    def tested(self, group: str, against: str | None, fewest: int) -> Counted:
        """Return the counts of the terms that enough citizens use."""
        here = self.names.index(group)
        a, n1 = self.n_with[here], int(self.n_units[here])
        b, n2 = self.elsewhere(group, against)
        terms = np.flatnonzero(a + b >= fewest)
        return Counted(group, here, terms, a[terms], n1, b[terms], n2)

    def groups(self, tested: Sequence[Counted]) -> pd.DataFrame:
        """Return the size of each group and how many terms were tested in it."""
        import pandas as pd

        n_tested = {one.group: len(one.terms) for one in tested}
        table = {"n": self.n_rows, "n_senders": self.n_units}
        frame = pd.DataFrame(table, index=pd.Index(self.names, name="group"))
        return frame.assign(tested=[n_tested.get(name, 0) for name in self.names])


@dataclass(frozen=True)
class Counted:
    """The terms that were tested in one group: with the term of all, here and elsewhere."""

    group: str
    number: int
    terms: Integers
    a: Integers
    n1: int
    b: Integers
    n2: int
