"""Hide small counts in a table that is to be published, so that totals do not give them away.

A count from 1 to k − 1 is hidden (primary suppression), in the table as in its totals. A single
hidden cell of a row could be had by subtraction; so others are hidden with it (complementary
suppression). Which: a table with its totals is a network whose edges are the cells, each between
its row and its column; a hidden cell can change without any published number changing exactly
where it lies on a cycle of hidden cells that go up and down by turns, none of them below nought
(Gusfield 1988, "A graph theoretic approach to statistical data security", SIAM J. Comput. 17).
For each hidden cell that lies on none, the cheapest such cycle is hidden, a cell costing its count
+ 1. What this guarantees: from the published counts and totals nobody who knows that counts are
not negative can compute a hidden cell. What it does not: how wide the range of possible values is,
two tables of the same people that are published together, and who took part in a cell that stays.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from minyi.errors import InputError

#: The name of the row and the column of totals, and what stands in place of a hidden count.
TOTAL = "合计"
HIDDEN = "*"

Counts = NDArray[np.int64]
_Cell = tuple[int, int]


def suppress(
    table: pd.DataFrame, k: int = 5, *, totals: bool = True, hidden: str = HIDDEN
) -> pd.DataFrame:
    """Return a table of counts with its small counts hidden, safe against its own totals.

    Parameters
    ----------
    table : DataFrame of shape (n_rows, n_columns)
        Counts of submissions or persons. A last row and a last column named 合计 are taken for
        totals; they must be the sums.
    k : int
        The smallest count that may be shown; 0 may be shown too.
    totals : bool
        Whether the result has totals. Publish no others: a total that is hidden here is hidden
        for a reason.
    hidden : str
        What stands for a hidden count.

    Returns
    -------
    DataFrame
        On the same labels, with 合计 behind and below if `totals`; columns of type object.

    Raises
    ------
    InputError
        No counts (negative, fractional, missing, texts), totals that are not the sums, labels
        with repeats, or `k` below 1.

    Examples
    --------
    >>> counts = pd.DataFrame({"道路": [12, 9], "噪音": [2, 30]}, index=["大塘村", "柳湾村"])
    >>> print(suppress(counts))
         道路  噪音  合计
    大塘村   *   *  14
    柳湾村   *   *  39
    合计   21  32  53
    """
    check_k(k)
    counts = _counts(table)
    whole = _with_totals(counts)
    hide = _Network(whole, (whole > 0) & (whole < k)).hide()
    rows, columns = _labels(table, counts)
    shown = pd.DataFrame(whole, index=rows, columns=columns).astype(object).mask(hide, hidden)
    return shown if totals else shown.iloc[:-1, :-1]


def check_k(k: int) -> None:
    """Refuse what is no smallest count to be shown."""
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        raise InputError(f"k 应为不小于 1 的整数（通常 5），实际是 {k!r}。")


def _counts(table: pd.DataFrame) -> Counts:
    """Return the counts without totals, checked."""
    if not table.index.is_unique or not table.columns.is_unique:
        raise InputError("表的行名或列名有重复，隐去的格无法对应：请先合并同名的行或列。")
    try:
        values = table.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise InputError(
            "应为只有件数的表，实际有文字：请把文字的列设为行名（set_index）。"
        ) from None
    if values.size == 0:
        raise InputError("应至少有一行一列件数，实际是空表。")
    if not (np.isfinite(values) & (values >= 0) & (values == np.floor(values))).all():
        raise InputError("应为不小于 0 的整数（件数），实际有负数、小数或空格：比例请先换回件数。")
    counts = values.astype(np.int64)
    has_row, has_column = table.index[-1] == TOTAL, table.columns[-1] == TOTAL
    inner = counts[: len(counts) - has_row, : counts.shape[1] - has_column]
    whole = _with_totals(inner)
    if not (whole[: len(counts), : counts.shape[1]] == counts).all() and (has_row or has_column):
        raise InputError(f"“{TOTAL}”应等于各格之和，实际不等：请去掉{TOTAL}，由本程序计算。")
    if inner.size == 0:
        raise InputError(f"应至少有一行一列件数，实际只有“{TOTAL}”。")
    return inner


def _with_totals(counts: Counts) -> Counts:
    beside = np.hstack([counts, counts.sum(axis=1, keepdims=True)])
    return np.vstack([beside, beside.sum(axis=0, keepdims=True)])


def _labels(table: pd.DataFrame, counts: Counts) -> tuple[list[Hashable], list[Hashable]]:
    rows, columns = counts.shape
    return [*table.index[:rows], TOTAL], [*table.columns[:columns], TOTAL]


@dataclass
class _Network:
    """The cells of a table with totals, as edges between rows and columns.

    All that is published of a row or column says: the sum of its cells, the total taken as
    negative, is 0. So a total is a cell like others that may not rise above 0.
    """

    counts: Counts
    hidden: NDArray[np.bool_]
    falls: NDArray[np.bool_] = field(init=False)  # the (signed) cell may become smaller
    rises: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        is_total = np.zeros(self.counts.shape, bool)
        is_total[-1, :-1] = is_total[:-1, -1] = True
        some = self.counts > 0
        self.falls = np.where(is_total, True, some)
        self.rises = np.where(is_total, some, True)

    def hide(self) -> NDArray[np.bool_]:
        """Hide more until no hidden cell can be computed, and return what is hidden."""
        safe: set[_Cell] = set()
        # The largest first: its cycle may save the smaller ones theirs.
        cells = sorted(map(tuple, np.argwhere(self.hidden)), key=self._by_count, reverse=True)
        for cell in cells:
            if cell not in safe:
                cycle = self._cheapest_cycle((int(cell[0]), int(cell[1])))
                safe.update(cycle)
                for one in cycle:
                    self.hidden[one] = True
        return self.hidden

    def _by_count(self, cell: _Cell) -> tuple[int, _Cell]:
        return int(self.counts[cell]), cell

    def _cheapest_cycle(self, cell: _Cell) -> list[_Cell]:
        for rising, free in ((True, self.rises), (False, self.falls)):
            if free[cell] and (costless := self._hidden_path(cell, rising=rising)) is not None:
                return [cell, *costless]
        up = self._path(cell, rising=True) if self.rises[cell] else None
        down = self._path(cell, rising=False) if self.falls[cell] else None
        _, cycle = min(path for path in (up, down) if path is not None)
        return [cell, *cycle]

    def _hidden_path(self, cell: _Cell, *, rising: bool) -> list[_Cell] | None:
        """Return a way as of `_path` that hides nothing more; most cells of large tables have one.

        Breadth first, so a step reaches all other rows or columns at once.
        """
        n_rows = len(self.counts)
        free = {is_row: self.rises if is_row == rising else self.falls for is_row in (True, False)}
        start, goal = n_rows + cell[1], cell[0]
        came: dict[int, tuple[int, _Cell]] = {start: (start, cell)}
        queue = deque([start])
        while queue:
            node = queue.popleft()
            if node == goal:
                return _cells_back(came, goal, start)
            is_row = node < n_rows
            line = (node, slice(None)) if is_row else (slice(None), node - n_rows)
            for other in np.flatnonzero(self.hidden[line] & free[is_row][line]).tolist():
                step = (node, other) if is_row else (other, node - n_rows)
                reached = other + n_rows if is_row else other
                if step != cell and reached not in came:
                    came[reached] = node, step
                    queue.append(reached)
        return None

    def _path(self, cell: _Cell, *, rising: bool) -> tuple[int, list[_Cell]] | None:
        """Return cost and cells of the cheapest way that makes up for a change of `cell`.

        From its column back to its row (Dijkstra). A step from a column takes a cell that changes
        the other way, a step from a row one that changes as `cell` does.
        """
        n_rows = len(self.counts)
        start, goal = n_rows + cell[1], cell[0]
        best: dict[int, int] = {start: 0}
        came: dict[int, tuple[int, _Cell]] = {}
        queue = [(0, start)]
        while queue:
            cost, node = heapq.heappop(queue)
            if node == goal:
                return cost, _cells_back(came, goal, start)
            if cost > best[node]:
                continue
            for other, step, price in self._steps(node, cell, rising=rising):
                if cost + price < best.get(other, cost + price + 1):
                    best[other] = cost + price
                    came[other] = node, step
                    heapq.heappush(queue, (cost + price, other))
        return None

    def _steps(self, node: int, cell: _Cell, *, rising: bool) -> Iterator[tuple[int, _Cell, int]]:
        n_rows, n_columns = self.counts.shape
        is_row = node < n_rows
        free = self.rises if is_row == rising else self.falls
        for other in range(n_columns if is_row else n_rows):
            step = (node, other) if is_row else (other, node - n_rows)
            if step != cell and free[step]:
                price = 0 if self.hidden[step] else int(self.counts[step]) + 1
                yield other + n_rows if is_row else other, step, price


def _cells_back(came: dict[int, tuple[int, _Cell]], goal: int, start: int) -> list[_Cell]:
    cells, node = [], goal
    while node != start:
        node, cell = came[node]
        cells.append(cell)
    return cells
