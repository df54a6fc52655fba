"""What is hidden in a published table stays hidden; checked by linear programming, not our way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from minyi.analysis.privacy.suppression import HIDDEN, TOTAL, suppress
from minyi.errors import InputError

tables = st.integers(1, 4).flatmap(
    lambda columns: st.lists(
        st.lists(st.integers(0, 12), min_size=columns, max_size=columns), min_size=1, max_size=5
    )
)


def table(rows: list[list[int]]) -> pd.DataFrame:
    names = [f"村{number}" for number in range(len(rows))]
    return pd.DataFrame(rows, index=names, columns=[f"类{n}" for n in range(len(rows[0]))])


def ranges(published: pd.DataFrame) -> dict[tuple[int, int], tuple[float, float]]:
    """Return for each hidden cell how small and how large it can be, by what is published."""
    from scipy.optimize import linprog

    n_rows, n_columns = published.shape
    number = np.arange(n_rows * n_columns).reshape(published.shape)
    equations: list[NDArray[np.float64]] = []
    for line in [*number, *number.T]:
        row = np.zeros(number.size)
        row[line[:-1]] = 1
        row[line[-1]] = -1
        equations.append(row)
    flat = published.to_numpy().ravel()
    bounds = [(0, None) if value == HIDDEN else (value, value) for value in flat]
    found = {}
    for place in np.flatnonzero(flat == HIDDEN):
        ends = []
        for sign in (1, -1):
            cost = np.zeros(number.size)
            cost[place] = sign
            answer = linprog(cost, A_eq=equations, b_eq=np.zeros(len(equations)), bounds=bounds)
            ends.append(np.inf if answer.status == 3 else sign * answer.fun)
        low, high = ends
        found[divmod(int(place), n_columns)] = (low, high)
    return found


@settings(max_examples=150, deadline=None)
@given(tables, st.integers(1, 7))
def test_no_hidden_cell_can_be_computed_from_what_is_published(
    rows: list[list[int]], k: int
) -> None:
    for low, high in ranges(suppress(table(rows), k)).values():
        assert high - low > 0.5


@given(tables, st.integers(1, 7))
def test_no_small_count_is_shown_and_what_is_shown_is_true(rows: list[list[int]], k: int) -> None:
    counts = table(rows)
    shown = suppress(counts, k)
    whole = counts.assign(**{TOTAL: counts.sum(axis=1)})
    whole.loc[TOTAL] = whole.sum()
    is_hidden = (shown == HIDDEN).to_numpy()
    small = ((whole > 0) & (whole < k)).to_numpy()
    assert is_hidden[small].all()
    assert (shown.to_numpy()[~is_hidden] == whole.to_numpy()[~is_hidden]).all()


@given(tables)
def test_a_table_without_small_counts_is_shown_whole(rows: list[list[int]]) -> None:
    safe = table([[value + 5 for value in row] for row in rows])
    assert not (suppress(safe) == HIDDEN).to_numpy().any()


def test_a_single_small_count_takes_three_others_with_it() -> None:
    shown = suppress(table([[3, 20, 30], [9, 40, 50], [60, 70, 80]]))
    assert [HIDDEN in row for row in shown.to_numpy().tolist()] == [True, True, False, False]
    assert (shown == HIDDEN).to_numpy().sum() == 4


def test_totals_may_be_left_out_and_nothing_changes_in_the_table() -> None:
    counts = table([[3, 20], [9, 40]])
    before = counts.copy()
    assert suppress(counts, totals=False).equals(suppress(counts).iloc[:-1, :-1])
    pd.testing.assert_frame_equal(counts, before)


def test_totals_that_are_there_already_are_not_counted_twice() -> None:
    counts = table([[3, 20], [9, 40]])
    once = suppress(counts)
    whole = counts.assign(**{TOTAL: counts.sum(axis=1)})
    whole.loc[TOTAL] = whole.sum()
    assert suppress(whole).equals(once)
    assert suppress(whole.iloc[:-1]).equals(once)


def test_one_row_alone_hides_its_column_totals_too() -> None:
    shown = suppress(table([[2, 30]]))
    assert shown.loc[TOTAL, "类0"] == HIDDEN
    assert shown.loc["村0", "类0"] == HIDDEN


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (table([[-1, 2]]), "不小于 0 的整数"),
        (table([[1, 2]]) / 3, "不小于 0 的整数"),
        (pd.DataFrame({"类": [1.0, float("nan")]}), "不小于 0 的整数"),
        (pd.DataFrame({"村": ["大塘村"], "件": [3]}), "set_index"),
        (pd.DataFrame(), "空表"),
        (pd.DataFrame({"类": [3], TOTAL: [4]}), "不等"),
        (pd.DataFrame({TOTAL: [4]}), "实际"),
        (pd.DataFrame([[1], [2]], index=["村", "村"]), "重复"),
    ],
)
def test_what_is_no_table_of_counts_is_refused(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message):
        suppress(frame)


def test_k_must_be_a_positive_whole_number() -> None:
    for k in (0, True, 2.5):
        with pytest.raises(InputError, match="k 应为"):
            suppress(table([[1]]), k)  # type: ignore[arg-type]
