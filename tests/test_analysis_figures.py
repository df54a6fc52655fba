"""The data of figures: what is counted, in which order, and what the line below says."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minyi.analysis.figures import (
    Source,
    bars_of,
    calibration,
    calibration_of,
    category_by_place,
    category_to_department,
    category_tree,
    coverage,
    coverage_of,
    cross_of,
    hot_issue_times,
    issue_times,
    keyness_bars,
    learning_curve_of,
    share_bars,
    source_of,
    timeline,
    timeline_of,
)
from minyi.analysis.frame import prepare
from minyi.analysis.issues.hot import ISSUES, HotIssues
from minyi.errors import InputError
from minyi.learning.evaluation import coverage_at

ROWS = [
    ("石桥村", "交通运输", "道路建设", "交通运输局", "2026-03-02"),
    ("石桥村", "交通运输", "道路建设", "交通运输局", "2026-03-08"),
    ("石桥村", "交通运输", "", "乡镇街道", "2026-03-17"),
    ("柳塘村", "民政", "社会救助", "民政局", "2026-03-18"),
    ("柳塘村", "交通运输", "客货运输", "交通运输局", ""),
    ("", "", "", "", "2026-03-19"),
]


def frame(rows: list[tuple[str, ...]] = ROWS) -> pd.DataFrame:
    columns = ["村", "level1", "level2", "department", "时间"]
    made = pd.DataFrame(rows, columns=columns, dtype="str").assign(内容="路灯坏了没有人修")
    ready = prepare(made, text="内容", time="时间", place="村")
    return ready.assign(**{name: made[name] for name in ("level1", "level2", "department")})


FRAME = frame()
EMPTY = FRAME.iloc[:0]


def timed(*days: str) -> pd.DataFrame:
    return frame([("石桥村", "民政", "社会救助", "民政局", day) for day in days])


# --- the line below ---


def test_the_source_tells_number_span_and_what_has_no_time() -> None:
    assert source_of(FRAME) == Source(6, date(2026, 3, 2), date(2026, 3, 19), 1)
    assert source_of(FRAME).line == ("数据：6 条意见，2026年3月2日至3月19日（其中 1 条没有时间）。")


def test_without_times_the_source_says_so() -> None:
    assert source_of(timed("", "")).line == "数据：2 条意见，时间不详。"
    assert source_of(FRAME.drop(columns="time")).line == "数据：6 条意见，时间不详。"


# --- bars, tree ---


def test_bars_are_by_number_and_what_is_empty_comes_last_with_a_name() -> None:
    bars = share_bars(FRAME, "place")
    assert bars.table[["name", "n"]].values.tolist() == [
        ["石桥村", 3],
        ["柳塘村", 2],
        ["（未识别）", 1],
    ]
    assert bars.table["share"].tolist() == pytest.approx([1 / 2, 1 / 3, 1 / 6])
    assert share_bars(FRAME).table["name"].tolist()[-1] == "（没有类别）"
    assert bars.what == "属地"


def test_lower_levels_are_named_with_the_one_above() -> None:
    names = share_bars(FRAME, "level2").table["name"].tolist()
    assert names[:3] == ["交通运输 › 道路建设", "交通运输 › 客货运输", "交通运输 › 未细分"]
    assert names[-1] == "（没有类别）"


def test_what_is_not_shown_is_summed() -> None:
    bars = bars_of([("甲", 5), ("乙", 4), ("丙", 3), ("丁", 2)], "部门", Source(14), most=2)
    assert bars.table[["name", "n", "is_rest"]].values.tolist() == [
        ["甲", 5, False],
        ["乙", 4, False],
        ["其余 2 项", 5, True],
    ]


def test_a_rest_of_one_is_shown_itself() -> None:
    bars = bars_of([("甲", 5), ("乙", 4), ("丙", 3)], "部门", Source(12), most=2)
    assert bars.table["name"].tolist() == ["甲", "乙", "丙"]


def test_ties_are_by_name_so_that_the_order_is_always_the_same() -> None:
    one, other = (bars_of(pairs, "部门", Source(2)) for pairs in ([("乙", 1), ("甲", 1)],) * 2)
    assert one.table["name"].tolist() == other.table["name"].tolist() == ["乙", "甲"]


def test_the_tree_has_level_2_within_level_1() -> None:
    assert category_tree(FRAME).table.values.tolist() == [
        ["交通运输", "道路建设", 2],
        ["交通运输", "", 1],
        ["交通运输", "客货运输", 1],
        ["民政", "社会救助", 1],
        ["（没有类别）", "", 1],
    ]


# --- two columns ---


def test_the_cross_has_places_and_categories_by_number() -> None:
    cross = category_by_place(FRAME)
    assert list(cross.counts.index) == ["石桥村", "柳塘村", "（未识别）"]
    assert list(cross.counts.columns) == ["交通运输", "民政", "（没有类别）"]
    assert cross.counts.to_numpy().tolist() == [[3, 0, 0], [1, 1, 0], [0, 0, 1]]
    assert cross.shares.loc["柳塘村"].tolist() == [0.5, 0.5, 0.0]
    assert cross.few == ("石桥村", "柳塘村", "（未识别）")


def test_two_hundred_places_are_summed_and_nothing_is_lost() -> None:
    rows = [(f"{i:03d}村", "民政", "", "民政局", "") for i in range(200) for _ in range(1 + i % 7)]
    cross = category_by_place(frame(rows), most_rows=30)
    assert len(cross.counts) == 31
    assert cross.counts.index[-1] == "其余 170 处"
    assert cross.totals.sum() == len(rows)
    assert cross.rest == ""


@pytest.mark.parametrize(
    ("columns", "rest"),
    [("level1", "其余 3 类"), ("department", "其余 3 个部门"), ("row", "其余 3 项")],
)
def test_the_sum_of_what_is_not_shown_is_named_by_what_it_is(columns: str, rest: str) -> None:
    made = frame([("甲村", f"{i}", "", f"{i}局", "") for i in range(5)])
    cross = category_by_place(made, columns=columns, most_columns=2)
    assert cross.rest == cross.counts.columns[-1] == rest


def test_numbers_of_others_can_be_crossed() -> None:
    counts = pd.DataFrame([[30, 2], [1, 5]], index=["民政", "政法"], columns=["民政", "政法"])
    cross = cross_of(counts, "标签", "判成", Source(38))
    assert cross.totals.tolist() == [32, 6]
    assert cross.few == ("政法",)
    assert (cross.rows, cross.columns, cross.rest) == ("标签", "判成", "")


def test_the_flow_keeps_every_row_on_both_sides() -> None:
    flow = category_to_department(FRAME)
    assert flow.table["n"].sum() == flow.categories.sum() == flow.departments.sum() == 6
    assert flow.categories.to_dict() == {"交通运输": 4, "民政": 1, "（没有类别）": 1}
    assert flow.departments["交通运输局"] == 3


def test_departments_stand_across_from_where_theirs_comes_from() -> None:
    rows = [
        *[("", "交通运输", "", "丙局", "")] * 3,
        *[("", "民政", "", "甲局", "")] * 2,
        *[("", "政法", "", "乙局", "")] * 1,
    ]
    assert list(category_to_department(frame(rows)).departments.index) == ["丙局", "甲局", "乙局"]


def test_the_rest_of_the_departments_stands_last() -> None:
    rows = [("", "交通运输", "", f"{i}局", "") for i in range(6)]
    flow = category_to_department(frame(rows), most_departments=3)
    assert list(flow.departments.items())[-1] == ("其余 3 个部门", 3)


# --- time ---


def test_weeks_begin_on_monday_and_empty_ones_are_zero() -> None:
    table = timeline(FRAME, "week").table
    assert table["start"].dt.strftime("%m-%d").tolist() == ["03-02", "03-09", "03-16"]
    assert table["n"].tolist() == [2, 0, 3]


def test_periods_the_data_do_not_cover_whole_are_marked() -> None:
    assert timeline(FRAME, "week").table["partial"].tolist() == [False, False, True]
    assert "空心点" in timeline(FRAME, "week").source.line
    assert not timeline(timed("2026-03-02", "2026-03-08"), "week").table["partial"].any()


@pytest.mark.parametrize(
    ("last", "every"),
    [
        ("2026-01-20", "day"),
        ("2026-06-20", "week"),
        ("2031-06-20", "month"),
        ("2090-01-01", "year"),
    ],
)
def test_the_period_follows_the_span(last: str, every: str) -> None:
    assert timeline(timed("2026-01-05", last)).every == every


def test_times_of_months_only_are_counted_by_month() -> None:
    found = timeline(timed("2026-03-01", "2026-04-01", "2026-04-01", "2026-05-06"))
    assert found.every == "month"
    assert found.table["n"].tolist() == [1, 2, 1]
    assert "多数时间只写到月份" in found.source.line


def test_a_slip_in_a_year_does_not_give_thousands_of_days() -> None:
    found = timeline(timed("1926-03-01", "2026-03-01"), "day")
    assert found.every == "year"
    assert "有没有写错的年份" in found.source.line


def test_series_share_their_periods() -> None:
    found = timeline(FRAME, "week", by="place", most=2)
    assert found.table.groupby("series")["n"].apply(list).to_dict() == {
        "石桥村": [2, 0, 1],
        "柳塘村": [0, 0, 1],
        "（未识别）": [0, 0, 1],
    }
    rows = [(f"{i}村", "民政", "", "民政局", "2026-03-02") for i in range(5)]
    assert "另有 3 项未画" in timeline(frame(rows), by="place", most=2).source.line


def test_without_times_there_are_no_periods() -> None:
    found = timeline(timed("", ""))
    assert found.table.empty
    assert found.source.n == 2


def test_bands_and_alarms_of_others_are_taken_over() -> None:
    days = pd.to_datetime(["2026-03-02", "2026-03-09"])
    told = pd.DataFrame({"start": days, "n": [4, 40], "low": [1.0, 1.5], "high": [9.0, np.nan]})
    found = timeline_of(told.assign(alarm=[np.nan, True]), "week", Source(44))
    assert found.table["alarm"].tolist() == [False, True]
    assert found.table["series"].tolist() == ["", ""]
    with pytest.raises(InputError, match="表中没有列 n"):
        timeline_of(told[["start"]], "week", Source(44))


def test_an_unknown_period_is_refused() -> None:
    with pytest.raises(InputError, match="every 应为 day、week、month、year 之一，实际是 W"):
        timeline(FRAME, "W")


def test_issues_are_counted_in_the_order_given_over_the_same_periods() -> None:
    matter = pd.Series([1, 1, 0, 0, 0, -1], index=FRAME.index)
    found = issue_times(FRAME, matter, {0: "公路塌方", 1: "石场扬尘"}, every="week")
    assert found.issues.values.tolist() == [[0, "公路塌方", 3], [1, "石场扬尘", 2]]
    assert found.table.groupby("issue")["n"].apply(list).to_dict() == {0: [0, 0, 2], 1: [2, 0, 0]}
    assert found.source.n == 5
    assert found.source.n_untimed == 1


def test_hot_issues_keep_their_order_and_say_where() -> None:
    issues = pd.DataFrame(
        [[1, 7, 90.0, "", "石桥村", "石场扬尘"], [2, 3, 50.0, "", "", "公路塌方"]], columns=ISSUES
    )
    rows = FRAME.index[[0, 1, 3]]
    members = pd.DataFrame({"问题ID": [7, 7, 3]}, index=rows)
    found = hot_issue_times(FRAME, HotIssues(issues, members, pd.DataFrame()), every="month")
    assert found.issues.values.tolist() == [[7, "石桥村：石场扬尘", 2], [3, "公路塌方", 1]]


def test_issues_of_another_table_are_refused() -> None:
    with pytest.raises(InputError, match="有的对不上：请用同一张表"):
        issue_times(FRAME, pd.Series([1, 1], index=[98, 99]), {1: "石场扬尘"})


# --- trust ---


@given(
    st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=60),
    st.sampled_from([0.5, 0.8, 0.95]),
)
def test_the_curve_agrees_with_what_evaluation_says(
    rows: list[tuple[int, bool]], precision: float
) -> None:
    scores = np.array([score / 20 for score, _ in rows])
    right = np.array([is_right for _, is_right in rows])
    table = coverage(scores, right).table
    reached = table.loc[table["precision"] >= precision, "share"]
    found = float(reached.max()) if len(reached) else 0.0
    assert found == pytest.approx(coverage_at(scores, right, precision), abs=1e-6)
    assert table["share"].iloc[-1] == 1.0


def test_many_thresholds_are_thinned_and_the_last_stays() -> None:
    scores = np.linspace(0, 1, 5000)
    table = coverage(scores, scores > 0.5).table
    assert len(table) <= 401
    assert table["share"].iloc[-1] == 1.0


def test_calibration_has_intervals_that_hold_the_share() -> None:
    table = calibration(np.array([0.92, 0.98, 0.31]), np.array([True, False, False])).table
    assert table[["score", "right", "n"]].values.tolist() == [[0.31, 0.0, 1], [0.95, 0.5, 2]]
    assert ((table["low"] <= table["right"]) & (table["right"] <= table["high"])).all()


def test_figures_of_a_manifest_can_be_drawn_too() -> None:
    assert calibration_of([(0.5, 0.4, 10), (0.9, 0.9, 30)]).source.n == 40
    found = coverage_of({"0.80": 0.9, "0.95": 0.3}, 40)
    assert found.table.values.tolist() == [[0.3, 0.95], [0.9, 0.8]]
    assert found.source.line == "数据：40 条有正确答案的判断。"


def test_a_learning_curve_keeps_its_lines_in_order_with_rising_sizes() -> None:
    points = [("乙", 100, 0.6), ("甲", 50, 0.4), ("乙", 50, 0.5)]
    table = learning_curve_of(points, Source(20)).table
    assert table.values.tolist() == [["乙", 50, 0.5], ["乙", 100, 0.6], ["甲", 50, 0.4]]


def test_scores_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match="实际是 2 个与 1 个"):
        coverage(np.array([0.5, 0.6]), np.array([True]))
    with pytest.raises(InputError, match="实际有 2 个不是"):
        calibration(np.array([0.5, 1.2, np.nan]), np.array([True, True, True]))


# --- words ---

WORDS = pd.DataFrame(
    [
        ("石桥村", "石场", 2.0, 9, 3),
        ("石桥村", "放炮", 5.0, 8, 0),
        ("柳塘村", "猪场", 3.0, 7, 1),
        ("柳塘村", "臭气", 1.0, 5, 4),
        ("高坪村", "水厂", 6.0, 9, 0),
    ],
    columns=["group", "term", "log_ratio", "n_senders", "n_elsewhere"],
)


def test_the_strongest_words_of_one_group_are_chosen() -> None:
    table = keyness_bars(WORDS, Source(9), here="石桥村", most=1).table
    assert table.values.tolist() == [["放炮", 5.0, 8, 0]]


def test_words_of_another_group_stand_on_the_other_side_the_strongest_last() -> None:
    table = keyness_bars(WORDS, Source(9), here="石桥村", there="柳塘村").table
    assert table["term"].tolist() == ["放炮", "石场", "臭气", "猪场"]
    assert table["value"].tolist() == [5.0, 2.0, -1.0, -3.0]
    assert table["n_here"].tolist() == [8, 9, 5, 7]


def test_words_that_are_nowhere_else_are_left_out_and_told() -> None:
    endless = WORDS.assign(log_ratio=[2.0, np.inf, np.inf, 1.0, np.inf])
    found = keyness_bars(endless, Source(9), here="石桥村")
    assert found.table["term"].tolist() == ["石场"]
    assert "有 1 个词只在一边出现" in found.source.line
    with pytest.raises(InputError, match="表中没有列 term"):
        keyness_bars(WORDS.drop(columns="term"), Source(9), here="石桥村")


# --- whatever comes ---


def test_nothing_is_counted_of_nothing() -> None:
    assert share_bars(EMPTY).table.empty
    assert category_tree(EMPTY).table.empty
    assert category_by_place(EMPTY).counts.empty
    assert category_to_department(EMPTY).table.empty
    assert timeline(EMPTY, by="place").table.empty
    assert coverage(np.array([]), np.array([], bool)).table.empty
    assert calibration(np.array([]), np.array([], bool)).table.empty


def test_the_frame_is_not_changed() -> None:
    before = FRAME.copy(deep=True)
    for count in (share_bars, category_tree, category_by_place, category_to_department, timeline):
        count(FRAME)
    pd.testing.assert_frame_equal(FRAME, before)


def test_what_was_not_classified_is_refused() -> None:
    with pytest.raises(InputError, match="请先用 classified"):
        share_bars(FRAME.drop(columns="level1"))
    with pytest.raises(InputError, match=r"请先用 minyi\.analysis 的 prepare"):
        timeline(pd.DataFrame({"time": []}))


def test_an_own_column_can_be_counted() -> None:
    bars = share_bars(FRAME.assign(年龄段=["老年"] * 4 + ["青年", ""]), "年龄段")
    assert bars.table["name"].tolist() == ["老年", "青年", "（未识别）"]
    assert bars.what == "年龄段"
