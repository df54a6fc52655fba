"""Submissions that say the same in the same words: exact and nearly exact repeats, and merging.

How alike texts are is told in `likeness`; texts that differ in a place or number are apart all the
same, see `differences`. Every member of a group was compared with its representative: the fullest
text, of several the earliest, of these the first row. Who answers it answers the others too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from minyi.analysis.frame import require
from minyi.analysis.repeats.differences import Wording, common_ends
from minyi.analysis.repeats.likeness import (
    FEWEST,
    Floats,
    Rows,
    Units,
    find_leaders,
    join_equal,
    read,
)
from minyi.analysis.repeats.numerals import has_other_numbers
from minyi.analysis.repeats.shingles import Integers
from minyi.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

EXACT, NEAR = "完全相同", "近乎相同"
_LEAST = 0.5  # below it banding finds too much
_SENTENCE = 8  # characters; less is a word


def find_repeats(submissions: pd.DataFrame, *, similarity: float = 0.8) -> pd.DataFrame:
    """Find the submissions that repeat others word for word or nearly so.

    Parameters
    ----------
    submissions : DataFrame
        See `minyi.analysis.frame.prepare`; only the text is needed. A text under 20 characters is
        read together with its title; under 8 characters only equal ones are repeats.
    similarity : float
        From 0.5 to 1; 1 finds exact repeats only.

    Returns
    -------
    DataFrame
        On the index of `submissions`:

        - group (int): 0 the largest, -1 alone
        - level (str): 完全相同 or 近乎相同, measured against the representative; "" alone
        - representative (bool): one row of every group
        - same_sender (bool): all of the group come from one known sender
        - reason (str): in Chinese, without a citizen's words

    Raises
    ------
    InputError
        No prepared frame, or a similarity out of range.

    Examples
    --------
    >>> import pandas as pd
    >>> from minyi.analysis.frame import prepare
    >>> texts = ["大塘村三组的桥塌了半年没人修", "大塘村三组的桥，塌了半年没人修！", "自来水发黄"]
    >>> found = find_repeats(prepare(pd.DataFrame({"内容": texts})))
    >>> found["group"].tolist(), found["level"].tolist(), found["reason"][1]
    ([0, 0, -1], ['完全相同', '完全相同', ''], '与 1 文字相同')
    """
    import pandas as pd

    require(submissions)
    if not _LEAST <= similarity <= 1:
        raise InputError(f"similarity（相似度）应在 {_LEAST} 到 1 之间，实际是 {similarity}。")
    rows = read(submissions)
    units = join_equal(rows)
    leaders, dice = find_leaders(units, similarity)
    groups = _number(units.of_row, leaders)
    best = _representatives(groups, rows.rank)
    levels, reasons = _Telling(rows, units, dice, groups, best).columns()
    representative = np.zeros(len(groups), dtype=bool)
    representative[best] = True
    return pd.DataFrame(
        {
            "group": groups,
            "level": levels,
            "representative": representative,
            "same_sender": _same_sender(rows.senders, groups),
            "reason": reasons,
        },
        index=submissions.index,
    )


def merge(submissions: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Put each group on one row; what is merged stays named, and the originals stay as they are.

    Parameters
    ----------
    submissions : DataFrame
    groups : Series of int
        On the index of `submissions`, as from `find_repeats` or `find_matters`, or corrected by
        hand; below 0 alone.

    Returns
    -------
    DataFrame
        A row a group and a row a single submission: the columns and index label of the
        representative (the fullest, the earliest, the first), in the order of `submissions`, and

        - n (int): submissions
        - n_senders (int): different known senders
        - first, last (datetime64): the earliest and latest time, NaT when none is known
        - members (tuple of str): the ids of all, in the order of `submissions`

    Raises
    ------
    InputError
        No prepared frame, or groups that are no whole numbers or on another index.
    """
    require(submissions)
    _check_groups(submissions, groups)
    rows = read(submissions)
    numbers = groups.to_numpy(dtype=np.int64)
    alone = numbers < 0
    # Whoever is alone gets a number of its own, above all groups.
    numbers = np.where(alone, np.arange(len(numbers)) + numbers.max(initial=0) + 1, numbers)
    order = np.argsort(rows.rank, kind="stable")
    _, best = np.unique(numbers[order], return_index=True)
    kept = order[best]
    by_group = submissions.groupby(numbers, sort=True)
    merged = submissions.iloc[kept].copy()
    merged["n"] = by_group.size().to_numpy()
    known = submissions["sender"].where(submissions["sender"] != "")
    merged["n_senders"] = known.groupby(numbers, sort=True).nunique().to_numpy()
    merged["first"] = by_group["time"].min().to_numpy()
    merged["last"] = by_group["time"].max().to_numpy()
    merged["members"] = by_group["id"].agg(tuple).to_numpy()
    return merged.iloc[np.argsort(kept)]


def _check_groups(submissions: pd.DataFrame, groups: pd.Series) -> None:
    if not submissions.index.equals(groups.index):
        raise InputError(
            f"groups 应与留言表逐行对应：留言表 {len(submissions)} 行，groups {len(groups)} 行，"
            "索引应相同。请用 find_repeats 对同一张表得到的 group 列。"
        )
    if groups.dtype.kind not in "iu":
        raise InputError(
            f"groups 应全是整数（组号，单独的为 -1），实际是 {groups.dtype}："
            "改过的组号请先用 groups.fillna(-1).astype(int)。"
        )


def _number(of_row: Integers, leaders: Integers) -> Integers:
    """Give groups of rows a number: the largest first, of several the one that begins first."""
    lead = np.where(of_row >= 0, leaders[of_row] if len(leaders) else -1, -1)
    found, first, inverse, counts = np.unique(
        lead, return_index=True, return_inverse=True, return_counts=True
    )
    is_group = (found >= 0) & (counts > 1)
    order = np.lexsort((first, -counts, ~is_group))[: int(is_group.sum())]
    numbers = np.full(len(found), -1, dtype=np.int64)
    numbers[order] = np.arange(len(order))
    return numbers[inverse]


def _representatives(groups: Integers, rank: Integers) -> Integers:
    """Return the best row of each group, by ascending number of the group."""
    order = np.argsort(rank)
    order = order[groups[order] >= 0]
    _, first = np.unique(groups[order], return_index=True)
    return order[first]


def _same_sender(senders: list[str], groups: Integers) -> NDArray[np.bool_]:
    n_groups = int(groups.max(initial=-1)) + 1
    known = {sender: number for number, sender in enumerate(dict.fromkeys(senders))}
    numbers = np.array([known[sender] if sender else -1 for sender in senders])
    lowest, highest = np.full(n_groups + 1, len(known)), np.full(n_groups + 1, -1)
    np.minimum.at(lowest, groups, numbers)  # -1, alone, falls on the last
    np.maximum.at(highest, groups, numbers)
    same: NDArray[np.bool_] = ((lowest == highest) & (lowest >= 0))[groups] & (groups >= 0)
    return same


@dataclass(frozen=True, slots=True)
class _Telling:
    """Says of every row how it stands to the representative of its group."""

    rows: Rows
    units: Units
    dice: Floats
    groups: Integers
    best: Integers

    def columns(self) -> tuple[list[str], list[str]]:
        """Return the levels and the reasons of all rows."""
        levels, reasons = [""] * len(self.groups), [""] * len(self.groups)
        differences: dict[tuple[int, int], str] = {}
        sizes = np.bincount(self.groups[self.groups >= 0])
        exact = np.zeros(len(sizes), dtype=bool)
        for row, group in enumerate(self.groups.tolist()):
            if group < 0:
                reasons[row] = self._why_alone(row)
            elif (best := int(self.best[group])) != row:
                levels[row], reasons[row] = self._against(row, best, differences)
                exact[group] |= levels[row] == EXACT
        for row, size, is_exact in zip(self.best.tolist(), sizes, exact, strict=True):
            levels[row] = EXACT if is_exact else NEAR
            reasons[row] = f"本组代表：共 {size} 件，文字最全、时间最早"
        return levels, reasons

    def _why_alone(self, row: int) -> str:
        if self.units.of_row[row] >= 0:
            return ""
        return "没有实质内容，不作比较" if self.rows.texts[row] else "没有文字，不作比较"

    def _against(
        self, row: int, best: int, differences: dict[tuple[int, int], str]
    ) -> tuple[str, str]:
        text, other = self.rows.texts[row], self.rows.texts[best]
        if text == other:
            short = f"（不足 {FEWEST} 字，请核对）" if len(text) < FEWEST else ""
            return EXACT, f"与 {self.rows.ids[best]} 文字相同{short}"
        pair = int(self.units.of_row[row]), int(self.units.of_row[best])
        if pair not in differences:
            differences[pair] = difference(*(self.units.wordings[unit] for unit in pair))
        # Rounded down: what differs is never 1.00.
        similarity = int(self.dice[pair[0]] * 100) / 100
        return NEAR, f"与 {self.rows.ids[best]} 相似 {similarity:.2f}，{differences[pair]}"


def difference(one: Wording, other: Wording) -> str:
    """Say in Chinese what one text has more or less than the other, without its words.

    Examples
    --------
    >>> from minyi.analysis.repeats.differences import wording
    >>> whole = wording("村口的路灯坏了半年请尽快派人来修")
    >>> difference(wording("村口的路灯坏了半年"), whole)
    '少 7 字'
    """
    start, end = common_ends(one.text, other.text)
    more, less = len(one.text) - start - end, len(other.text) - start - end
    if more and less:
        return "数字或日期不同" if has_other_numbers(one.numbered, other.numbered) else "文字有改动"
    verb, n = ("多", more) if more else ("少", less)
    return f"{verb} {n} 字" if n < _SENTENCE else f"{verb}一段（{n} 字）"
