"""The heat index: every part, what is unknown, and the weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minyi.analysis.frame import prepare
from minyi.analysis.issues.heat import DEFAULT, heat
from minyi.domain.office import HEAT, load_office
from minyi.errors import InputError

DAYS = ["2026-03-01", "2026-03-02", "2026-05-30", "2026-05-31", "2026-03-10", "2026-05-31"]


def frame(**columns: object) -> pd.DataFrame:
    base = {
        "text": [f"第{i}件事要反映一下" for i in range(6)],
        "time": DAYS,
        "sender": ["甲", "乙", "丙", "丁", "戊", "己"],
        "likes": [0, 0, 5, 0, 0, 0],
        "dislikes": [0] * 6,
    }
    return prepare(pd.DataFrame({**base, **columns}))


MATTERS = pd.Series([0, 0, 1, 1, -1, -1])


def test_the_index_is_the_weighted_mean_of_the_known_parts() -> None:
    table = heat(frame(), MATTERS)
    parts = table[list(HEAT)].drop(columns="urgency")
    weights = np.array([DEFAULT[name] for name in parts])
    expected = 100 * (parts.to_numpy() * weights).sum(axis=1) / weights.sum()
    assert np.allclose(table["heat"], expected)
    assert table["urgency"].isna().all()


def test_the_later_growing_liked_matter_is_hotter() -> None:
    table = heat(frame(), MATTERS)
    assert table.index.tolist() == [1, 0]
    assert table.loc[1, "recency"] > 0.99 > table.loc[0, "recency"]
    assert table.loc[1, "growth"] > 0.5 > table.loc[0, "growth"]
    assert table.loc[1, "likes"] == 5
    assert table.loc[0, "support"] == 0


def test_one_sender_who_writes_often_counts_less_than_several() -> None:
    many = heat(frame(), pd.Series([0, 0, 0, 1, 1, 1]))
    one = heat(frame(sender=["甲", "甲", "甲", "丁", "戊", "己"]), pd.Series([0, 0, 0, 1, 1, 1]))
    assert one.loc[0, "heat"] < many.loc[0, "heat"]
    assert one.loc[0, "n_senders"] == 1


def test_without_times_senders_and_likes_the_number_alone_decides() -> None:
    table = heat(
        prepare(pd.DataFrame({"text": [f"第{i}件事" for i in range(5)]})), pd.Series([0] * 5)
    )
    assert table.loc[0, "heat"] == 100
    assert table[["senders", "recency", "growth", "support"]].isna().all(axis=None)


def test_one_moment_tells_no_growth() -> None:
    table = heat(frame(time=["2026-03-01"] * 6), MATTERS)
    assert table["growth"].isna().all()
    assert (table["recency"] == 1).all()


def test_urgent_members_raise_the_heat() -> None:
    calm = frame().assign(urgent=False)
    urgent = calm.assign(urgent=[True] * 6)
    assert heat(urgent, MATTERS).loc[0, "heat"] > heat(calm, MATTERS).loc[0, "heat"]


def test_no_matter_gives_an_empty_table() -> None:
    table = heat(frame(), pd.Series([-1] * 6))
    assert table.empty
    assert {"heat", *HEAT} <= set(table.columns)


def test_another_index_an_unknown_weight_and_no_weight_are_refused() -> None:
    with pytest.raises(InputError, match="行索引不一致"):
        heat(frame(), MATTERS.set_axis(range(10, 16)))
    with pytest.raises(InputError, match=r"热度没有“fame”.*number"):
        heat(frame(), MATTERS, {"fame": 1})
    with pytest.raises(InputError, match="大于 0"):
        heat(frame(), MATTERS, {"number": 0})
    with pytest.raises(InputError, match="不小于 0"):
        heat(frame(), MATTERS, {"number": -1})


def test_the_shipped_profile_holds_the_default_weights() -> None:
    assert load_office().heat == dict(DEFAULT)
    assert set(DEFAULT) == set(HEAT)


@settings(deadline=None)
@given(
    st.lists(st.integers(-1, 2), min_size=6, max_size=6),
    st.lists(st.sampled_from([*DAYS, ""]), min_size=6, max_size=6),
)
def test_the_index_and_its_parts_stay_in_bounds(matters: list[int], days: list[str]) -> None:
    table = heat(frame(time=days), pd.Series(matters))
    assert table["heat"].between(0, 100 + 1e-9).all()
    parts = table[list(HEAT)].to_numpy(float)
    assert ((parts >= 0) & (parts <= 1) | np.isnan(parts)).all()
    assert table["n"].sum() == sum(matter >= 0 for matter in matters)
