import csv
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minyi.analysis.frame import notes, prepare, read
from minyi.analysis.trends import alarms, as_table, change, counts, seasonal
from minyi.analysis.trends.series import exposures
from minyi.analysis.trends.surveillance import Plan, corrected, dispersion, trend, watch
from minyi.errors import InputError

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
WEEKLY = Plan(8, 26, (1, 4), 3 / 52)


def frame(days, matter="停水", **columns):
    table = {"内容": "自来水一直没有来", "时间": list(days), "matter": matter, **columns}
    return prepare(pd.DataFrame(table)).assign(matter=matter)


def weekly(start, numbers, matter):
    """Submissions of a matter, so many each week from a Monday on, on the week's days in turn."""
    first = pd.Timestamp(start)
    days = [
        first + pd.Timedelta(days=7 * week + i % 7)
        for week, n in enumerate(numbers)
        for i in range(n)
    ]
    return pd.DataFrame({"内容": "大家反映的事", "时间": days, "matter": matter})


def joined(*parts):
    table = pd.concat(parts, ignore_index=True)
    return prepare(table.drop(columns="matter")).assign(matter=table["matter"])


def fired(found, value):
    rows = found[found["alarm"] & (found["value"] == value)]
    return [f"{day:%Y-%m-%d}" for day in rows["start"]]


STEADY = weekly("2026-01-05", [7, 8, 6, 7, 9, 7, 8, 7, 6, 8, 7, 9, 7, 8], "路灯")


# Counts


def test_periods_without_submissions_are_zero_in_every_column():
    found = counts(frame(["2026-05-04", "2026-05-25"], ["停水", "路灯"]), "matter")
    assert found.index.strftime("%m-%d").tolist() == ["05-04", "05-11", "05-18", "05-25"]
    assert found["停水"].tolist() == [1, 0, 0, 0]
    assert found["路灯"].tolist() == [0, 0, 0, 1]
    assert (found.dtypes == "int64").all()


def test_weeks_begin_on_monday_and_months_cross_the_year():
    days = frame(["2025-12-28 23:59", "2025-12-29 00:00", "2026-02-01"])
    assert counts(days, None).iloc[:2, 0].tolist() == [1, 1]
    assert counts(days, None, "M").iloc[:, 0].tolist() == [2, 0, 1]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.dates(date(2024, 1, 1), date(2026, 6, 30)),
            st.sampled_from("甲乙丙"),
        ),
        min_size=1,
        max_size=40,
    ),
    st.sampled_from("DWM"),
)
def test_counts_lose_and_invent_nothing(rows, every):
    days, values = zip(*rows, strict=True)
    found = counts(frame([f"{day}" for day in days], list(values)), "matter", every)
    assert found.to_numpy().sum() == len(rows)
    assert found.sum().to_dict() == pd.Series(values).value_counts().to_dict()
    assert found.index.is_monotonic_increasing
    assert found.iloc[0].sum() > 0 < found.iloc[-1].sum()


def test_rows_without_a_value_are_counted_last_and_groups_minus_one_are_none():
    days = ["2026-05-04"] * 3
    assert counts(frame(days, ["", "", "路灯"]), "matter").columns.tolist() == [
        "路灯",
        "（未识别）",
    ]
    assert counts(frame(days, [-1, -1, 4]), "matter").columns.tolist() == ["4", "（未识别）"]


def test_rows_without_a_time_are_left_out_and_told():
    found = counts(frame(["2026-05-04", "", "改天"]), None)
    assert found.to_numpy().sum() == 1
    assert "有 2 条没有时间，未计入" in notes(found)


def test_the_callers_frame_stays_as_it_was():
    table = joined(STEADY)
    before = table.copy()
    alarms(table, "matter")
    change(table, "matter")
    pd.testing.assert_frame_equal(table, before)


# What cannot be counted


@pytest.mark.parametrize("analyse", [counts, change, alarms, seasonal])
def test_without_any_time_the_message_says_what_to_do(analyse):
    with pytest.raises(InputError, match=r"2 行都空着或读不懂.*time=列名"):
        analyse(frame(["某天", ""]), "matter")


@pytest.mark.parametrize("analyse", [counts, change, alarms, seasonal])
def test_nothing_left_after_filtering_gives_an_empty_table_and_a_note(analyse):
    table = frame(["2026-05-04"])
    found = analyse(table[table["matter"] == "没有的事"], "matter")
    assert found.empty
    assert "没有意见，表是空的" in notes(found)


def test_unknown_columns_periods_and_rates_are_refused():
    table = frame(["2026-05-04"])
    with pytest.raises(InputError, match="请先用 classified"):
        counts(table)
    with pytest.raises(InputError, match="表中没有列 村组"):
        counts(table, "村组")
    with pytest.raises(InputError, match="every 应为 D（日）"):
        counts(table, "matter", "周")
    with pytest.raises(InputError, match="false_alarms 应在"):
        alarms(table, "matter", false_alarms=5)
    with pytest.raises(InputError, match="应为整理好的留言表"):
        counts(pd.DataFrame({"内容": ["停水"]}))


def test_a_year_that_was_mistyped_is_named_instead_of_counted():
    with pytest.raises(InputError, match="从 1926-05-04 到 2026-05-04，按日超过 5000"):
        counts(frame(["1926-05-04", "2026-05-04"]), None, "D")


def test_times_that_only_name_the_month_are_told():
    found = counts(frame(["2026-03-01", "2026-04-01", "2026-05-01"]), None)
    assert any("按月统计" in note for note in notes(found))


# Changes


def test_numbers_a_day_are_compared_not_numbers():
    days = [*pd.date_range("2026-01-01", "2026-01-31"), *pd.date_range("2026-02-01", "2026-02-28")]
    row = change(frame(days), None, "2026-02").iloc[0]
    assert (row["n"], row["n_before"], row["days"], row["days_before"]) == (28, 31, 28, 31)
    assert row["ratio"] == pytest.approx(1)
    assert row["low"] < 1 < row["high"]
    assert row["verdict"] == "看不出变化"


def test_the_interval_is_the_exact_one_for_short_periods():
    days = ["2026-05-04"] * 3 + ["2026-05-05"] * 12
    row = change(frame(days), None, "2026-05-05").iloc[0]
    # Clopper & Pearson for 12 of 15 (0.5191, 0.9567), as odds.
    assert row["low"] == pytest.approx(0.51911 / 0.48089, rel=1e-3)
    assert row["high"] == pytest.approx(0.95669 / 0.04331, rel=1e-3)
    assert row["verdict"] == "增加"


def test_quiet_weekends_and_holidays_are_no_fewer_submissions():
    days = pd.date_range("2026-03-02", "2026-05-31")
    busy = [day for day in days if day.day_of_week < 5 for _ in range(8)]
    row = change(frame(busy), None, "2026-05-22/2026-05-24").iloc[0]  # Friday to Sunday: 8
    assert (row["n"], row["n_before"]) == (8, 24)
    assert row["low"] < 1 < row["high"]
    assert row["ratio"] > 0.8


def test_weeks_that_differ_much_widen_the_interval_of_short_periods_too():
    even = [12] * 20
    uneven = [2, 22] * 10
    found = [
        change(joined(weekly("2026-01-05", numbers, "停水")), None, "2026-05-18/2026-05-24")
        for numbers in (even, uneven)
    ]
    widths = [row["high"] / row["low"] for row in (table.iloc[0] for table in found)]
    assert widths[1] > 3 * widths[0]
    assert not any("可能偏窄" in note for note in notes(found[1]))
    short = change(joined(weekly("2026-05-11", [12, 12], "停水")), None, "2026-05-18/2026-05-24")
    assert any("可能偏窄" in note for note in notes(short))


def test_a_period_cut_by_the_data_counts_the_days_that_are_there():
    found = change(frame(pd.date_range("2026-04-16", "2026-05-10")), None, "2026-05")
    assert found[["days", "days_before"]].values.tolist() == [[10, 15]]
    assert any("有时段不满" in note for note in notes(found))


def test_without_last_year_the_numbers_stay_and_the_comparison_is_missing():
    found = change(frame(["2026-05-04"]), "matter", "2026-05", "last year")
    assert found["n"].tolist() == [1, 1]
    assert found["ratio"].isna().all()
    assert set(found["verdict"]) == {"没有可比的数"}
    assert any("没有可比的时段" in note for note in notes(found))


def test_last_year_is_the_same_month():
    days = ["2025-05-31", "2025-06-01", *["2026-05-02"] * 20, "2026-05-31"]
    row = change(frame(days), None, "2026-05", "last year").iloc[0]
    assert (row["n"], row["n_before"]) == (21, 1)


def test_tiny_numbers_are_called_so():
    days = ["2026-05-04", "2026-05-05", "2026-05-05"]
    assert change(frame(days), None, "2026-05-05")["verdict"].tolist() == ["太少，无法判断"]


def test_one_of_many_values_needs_more_than_one_alone():
    days = ["2026-05-04"] * 2 + ["2026-05-05"] * 11
    others = [f"事{i}" for i in range(40)]
    many = frame(
        days + ["2026-05-04", "2026-05-05"] * 40,
        ["停水"] * 13 + [o for o in others for _ in (0, 1)],
    )
    alone = change(frame(days), "matter", "2026-05-05").set_index("value")
    among = change(many, "matter", "2026-05-05").set_index("value")
    assert alone.loc["停水", "verdict"] == "增加"
    assert among.loc["停水", "p"] == alone.loc["停水", "p"]
    assert among.loc["停水", "verdict"] == "看不出变化"


@pytest.mark.parametrize("period", ["五月", "2026-13", "2026-05-10/2026-05-04", (1, 2, 3)])
def test_periods_that_are_none_are_refused_with_examples(period):
    with pytest.raises(InputError, match="period 应写成 2026-05"):
        change(frame(["2026-05-04"]), None, period)


def test_a_period_outside_the_data_is_refused():
    with pytest.raises(InputError, match="不在其中"):
        change(frame(["2026-05-04"]), None, "2026-07")


# Alarms


def test_a_new_matter_gives_an_alarm_that_leads_to_its_submissions():
    rising = weekly("2026-01-05", [0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 6], "停水")
    table = joined(STEADY, rising)
    found = alarms(table, "matter")
    assert fired(found, "停水") == ["2026-04-06"]
    assert fired(found, "路灯") == []
    row = found[found["alarm"]].iloc[0]
    assert row["n"] == 6 > row["high"] > row["expected"]
    assert row["reason"] == "这一周 6 条，按前 13 周应有约 0.2 条"
    newest = table[(table["matter"] == "停水") & (table["time"] >= "2026-04-06")]
    assert row["members"] == tuple(newest["id"])
    assert row["season"] == "无法判断"
    assert any("资料不足一年，无法判断" in note for note in notes(found))


def test_a_slow_rise_is_found_by_several_weeks_together():
    slow = weekly("2026-01-05", [2, 1, 2, 2, 1, 2, 2, 1, 2, 2, 5, 5, 5, 5], "噪声")
    found = alarms(joined(STEADY, STEADY.assign(matter="道路"), slow), "matter")
    assert fired(found, "噪声")
    rows = found[found["alarm"] & (found["value"] == "噪声")]
    assert rows["width"].max() == 4
    assert rows["reason"].str.startswith("最近 4 周共").any()


def test_what_rises_with_everything_else_is_an_alarm_of_the_total():
    growing = [round(20 * 1.03**week) for week in range(26)]
    parts = [weekly("2026-01-05", growing, name) for name in ("路灯", "停水", "噪声")]
    found = alarms(joined(*parts), "matter")
    assert not found["alarm"].any()


def test_a_level_that_lasts_becomes_the_usual_one():
    lasting = weekly("2025-07-07", [5] * 12 + [15] * 30, "停水")
    other = weekly("2025-07-07", [40] * 42, "路灯")
    rung = fired(alarms(joined(lasting, other), "matter"), "停水")
    assert rung[0] == "2025-09-29"
    assert rung[-1] < "2026-03-01"


def test_a_last_week_that_is_not_over_is_judged_by_its_days():
    table = joined(weekly("2026-01-05", [21] * 12, "路灯"))
    half = table[table["time"] < "2026-03-26"]  # Monday to Wednesday: 9 of 21
    found = alarms(half, "matter")
    last = found[found["value"] == "路灯"].iloc[-1]
    assert last["partial"]
    assert last["n"] == 9
    assert last["expected"] == pytest.approx(9, abs=0.3)


def test_too_few_periods_give_no_rows_and_a_note():
    found = alarms(frame(["2026-05-04"]), "matter")
    assert found.empty
    assert any("只有 1 个时段（按周）" in note for note in notes(found))


def test_quiet_weekends_are_no_alarm_on_monday():
    days = [
        day
        for day in pd.date_range("2026-01-05", periods=70)
        for _ in range(12 if day.day_of_week < 5 else 1)
    ]
    assert not alarms(frame(days), "matter", "D")["alarm"].any()


def test_a_week_without_its_quiet_days_is_nearly_whole():
    days = [
        d for d in pd.date_range("2026-03-02", "2026-04-24") if d.day_of_week < 5 for _ in range(9)
    ]
    found = exposures(frame(days)["time"], "W")
    assert found[-1] / found[-3] > 0.97


def test_a_seasonal_rise_is_told_apart_from_one_that_is_new():
    year = [4] * 20 + [16] * 3 + [4] * 29
    each_year = weekly("2023-01-02", year * 3, "春灌")
    once = weekly("2023-01-02", [4] * 124 + [16] * 3 + [4] * 29, "停水")
    found = alarms(joined(each_year, once, weekly("2023-01-02", [40] * 156, "路灯")), "matter")
    late = found[found["alarm"] & (found["start"] > "2025-01-01")].groupby("value").first()
    assert late.loc["春灌", "season"] == "季节性"
    assert late.loc["春灌", "reason"].endswith("；往年同期也这样上升")
    assert late.loc["停水", "season"] == "非季节性"


def test_months_that_are_high_every_year_are_found():
    days = [
        day
        for day in pd.date_range("2023-01-01", "2025-12-31", freq="3D")
        for _ in range(5 if day.month == 4 else 1)
    ]
    found = seasonal(frame(days, "春灌"), "matter")
    assert found[["value", "month", "years"]].values.tolist() == [["春灌", 4, 3]]
    short = seasonal(frame(days[:100], "春灌"), "matter")
    assert short.empty
    assert any("不足两年" in note for note in notes(short))


def test_months_that_are_high_by_the_ups_and_downs_of_weeks_are_not_seasonal():
    chance = np.random.default_rng(20260506)
    uneven = chance.poisson(10 * chance.gamma(2, 0.5, (104, 4)))
    parts = [weekly("2024-01-01", numbers, f"事{i}") for i, numbers in enumerate(uneven.T)]
    assert seasonal(joined(*parts), "matter").empty


def test_the_planted_rise_of_the_sample_is_found_in_its_first_week():
    table = read(SAMPLES / "走访.xlsx")
    with (SAMPLES / "走访_标注.csv").open(encoding="utf-8-sig") as file:
        matter = {row["编号"]: row["matter"] for row in csv.DictReader(file)}
    table = table.assign(matter=table["id"].map(matter).fillna("").astype("str"))
    found = alarms(table, "matter")
    assert fired(found, "M5")[0] == "2026-05-04"  # the Monday; it was planted from 6 May
    assert set(found.loc[found["alarm"], "value"]) == {"M5"}


@pytest.mark.parametrize(
    ("weeks", "shape", "excess"),
    [
        (40, np.ones_like, 0.3),
        (40, lambda week: np.exp(0.02 * week), 0.1),
        (40, lambda week: 1 + 0.3 * np.sin(week * np.pi / 26), 0.0),
        (12, np.ones_like, 0.3),
    ],
    ids=["uneven", "growing", "wave of the year", "three months"],
)
def test_false_alarms_stay_below_the_rate_that_was_asked_for(weeks, shape, excess):
    chance = np.random.default_rng(20260506)
    rung = judged = 0
    while judged < 400:
        means = 6 * shape(np.arange(float(weeks)))[:, None] * np.ones(20)
        if excess:
            means *= chance.gamma(1 / excess, excess, means.shape)
        counts = chance.poisson(means)
        both = np.column_stack([counts.sum(axis=1), counts])
        found = watch(both, np.ones(weeks), WEEKLY, 0.05, 3)
        rung += int(found.alarm.any(axis=1).sum())
        judged += weeks - WEEKLY.shortest
    assert rung / judged <= 0.05


def test_a_common_rise_of_all_values_lifts_what_is_expected_of_each():
    counts = np.full((20, 11), 10)
    counts[-1] = 15
    counts[:, 0] = counts[:, 1:].sum(axis=1)
    found = watch(counts, np.ones(20), WEEKLY, 0.05, 3)
    assert (found.expected[-1, 1:] > 12).all()
    assert not found.alarm.any()


def test_a_rare_matter_that_ends_early_in_the_week_is_no_rise():
    often, rare = (frame(pd.date_range("2026-01-05", "2026-03-17", freq=f)) for f in ("3h", "6D"))
    assert exposures(often["time"], "W")[-1] == pytest.approx(2, abs=0.1)  # Monday and Tuesday
    assert exposures(rare["time"], "W")[-1] > 4


# The statistics


def test_values_too_small_for_an_alarm_do_not_raise_the_bar_for_others():
    possible = np.full(4, 1e-9)
    assert corrected(np.concatenate([possible, np.full(500, 0.3)]), 0.05) == pytest.approx(0.05 / 4)


def test_growth_of_the_total_is_found_and_short_series_say_little_of_it():
    steps = np.arange(26.0) - 26
    growth, variance = trend(100 * np.exp(0.03 * steps), np.ones(26), steps, 3 / 52)
    assert growth == pytest.approx(0.03, abs=0.003)
    few, uncertain = trend(np.array([1.0, 2.0, 4.0]), np.ones(3), np.arange(3.0), 3 / 52)
    assert abs(few) < 0.01
    assert uncertain > 10 * variance


def test_overdispersion_is_at_least_that_of_chance():
    even = np.tile([30.0, 10.0, 20.0], (20, 1))
    assert dispersion(even, even, 19).tolist() == [1.0, 1.0, 1.0]
    uneven = even + 10 * (-1.0) ** np.arange(20)[:, None]
    assert (dispersion(uneven, even, 19) > 2).all()


# For people


def test_tables_for_people_have_chinese_headers_and_only_alarms():
    rising = weekly("2026-01-05", [0] * 13 + [6], "停水")
    found = as_table(alarms(joined(STEADY, rising), "matter"))
    assert found["事项"].tolist() == ["停水"]
    assert "预警" not in found
    changed = as_table(change(frame(["2026-05-04"]), None, "2026-05-04"))
    assert {"区间下限", "区间上限", "结论"} <= set(changed)
    assert as_table(counts(frame(["2026-05-04"]), None)).columns[0] == "起始日期"
    for table in (found, changed):
        assert not [name for name in table.columns if str(name).isascii()]
