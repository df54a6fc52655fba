"""Deadlines in workdays, and dates as clerks write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minyi.domain.calendar import add_workdays, parse_date

DAYS = st.dates(date(2000, 1, 1), date(2040, 1, 1))
COUNTS = st.integers(0, 60)


@pytest.mark.parametrize(
    ("start", "workdays", "due"),
    [
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # the National Day holiday
        (date(2025, 1, 24), 1, date(2025, 1, 26)),  # a Sunday worked for the Spring Festival
        (date(2025, 5, 9), 1, date(2025, 5, 12)),  # an ordinary weekend
        (date(2025, 5, 9), 0, date(2025, 5, 9)),
        (date(2025, 5, 10), 1, date(2025, 5, 12)),  # received on a Saturday
    ],
)
def test_skips_holidays_and_counts_worked_weekends(start: date, workdays: int, due: date) -> None:
    assert add_workdays(start, workdays) == (due, True)


@pytest.mark.parametrize("start", [date(2003, 1, 3), date(2035, 10, 1)])
def test_outside_its_data_only_weekends_are_free_and_it_says_so(start: date) -> None:
    due, known = add_workdays(start, 5)
    assert (due - start).days == 7
    assert not known


def test_a_way_that_leaves_the_data_is_not_known() -> None:
    assert add_workdays(date(2026, 12, 31), 5) == (date(2027, 1, 7), False)


@settings(deadline=None)
@given(DAYS, COUNTS, COUNTS)
def test_more_workdays_never_end_earlier(start: date, fewer: int, more: int) -> None:
    fewer, more = sorted((fewer, more))
    assert add_workdays(start, fewer)[0] <= add_workdays(start, more)[0]


@settings(deadline=None)
@given(DAYS, DAYS, COUNTS)
def test_a_later_start_never_ends_earlier(first: date, second: date, workdays: int) -> None:
    first, second = sorted((first, second))
    assert add_workdays(first, workdays)[0] <= add_workdays(second, workdays)[0]


@settings(deadline=None)
@given(DAYS, COUNTS, COUNTS)
def test_two_steps_are_as_long_as_one(start: date, first: int, second: int) -> None:
    middle, known = add_workdays(start, first)
    due, known_too = add_workdays(middle, second)
    assert add_workdays(start, first + second) == (due, known and known_too)


@pytest.mark.parametrize(
    "text",
    [
        "2019/2/28 11:25:05",
        "2019-02-28",
        "2019.2.28",
        "2019年2月28日",
        "2019年 2月 28日 上午",
        "20190228",
        "2019-02-28T11:25:05Z",
        "收到：2019-02-28（周四）",
    ],
)
def test_reads_the_forms_of_a_date(text: str) -> None:
    assert parse_date(text) == date(2019, 2, 28)


@pytest.mark.parametrize(
    "text", ["", "昨天", "2019-02-30", "2019-13-01", "2019年2月", "13820190228", "3019-01-01"]
)
def test_returns_none_where_no_date_is_named(text: str) -> None:
    assert parse_date(text) is None


@settings(deadline=None)
@given(st.text() | st.text("0123456789-/.年月日 ０９²٣"))
def test_never_raises(text: str) -> None:
    found = parse_date(text)
    assert found is None or 1900 <= found.year < 2100


@settings(deadline=None)
@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(["-", "/", "."]))
def test_reads_back_every_date(day: date, separator: str) -> None:
    assert parse_date(day.strftime("%Y%m%d")) == day
    assert parse_date(f"{day.year}{separator}{day.month}{separator}{day.day} 08:00") == day
    assert parse_date(f"{day.year}年{day.month}月{day.day}日") == day


@pytest.mark.parametrize(
    "text", ["二〇二六年三月十五日", "２０２６年３月１５日", "二零二六年三月十五日"]
)
def test_dates_in_chinese_numerals_and_full_width_digits_are_read(text: str) -> None:
    assert parse_date(text) == date(2026, 3, 15)
