"""Places and numbers tell nearly equal texts apart; wording, dates and additions do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minyi.analysis.repeats.differences import changes, common_ends, tell_apart, wording
from minyi.analysis.repeats.shingles import comparable

TEXTS = st.text("村路灯坏了水3区栋修十", max_size=25)
TAIL = "的电梯坏了没有人来修，老人上下楼很困难，请有关部门尽快处理。"


def apart(one: str, other: str) -> bool:
    first, second = (wording(text) for text in comparable([one, other]))
    there, back = tell_apart(first, second), tell_apart(second, first)
    assert there == back
    return there


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("金桂小区", "银杉小区"),
        ("我们住在青松路", "我们住在白杨路"),
        ("我们住在南湖路", "我们住在北湖路"),
        ("我们是大塘村三组", "我们是大塘村四组"),
        ("金桂小区3栋", "金桂小区5栋"),
        ("金桂小区5栋", "金桂小区15栋"),
        ("金桂小区三栋", "金桂小区十三栋"),
        ("第三小学", "第四小学"),
        ("春江市商贸职业技术学院", "春江市理工学院"),
        ("我家电话是13800000001，这里", "我家电话是13800000002，这里"),
        ("公司欠我3000元，这里", "公司欠我5000元，这里"),
        ("A3区", "A5区"),
    ],
)
def test_another_place_or_number_is_another_matter(one: str, other: str) -> None:
    assert apart(one + TAIL, other + TAIL)
    assert apart("各位好，" + one + TAIL, "各位好，" + other + TAIL)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("金桂小区3栋", "金桂小区三栋"),
        ("金桂小区从2月5日起", "金桂小区从3月12日起"),
        ("金桂小区快三个月了", "金桂小区快四个月了"),
        ("金桂小区投诉了2次", "金桂小区投诉了3次"),
        ("金桂小区", "石桥镇金桂小区"),
        ("金桂小区", "金桂小区的业主恳请书记关心"),
        ("请书记看看金桂小区", "请市长看看金桂小区"),
        ("金桂小区", "金挂小区里面的金桂小区"),
        ("聚利公司", "利聚公司"),
        ("", "我是住在三栋的业主，上次说过，"),
        ("小区门口那条路", "小区门口那呢路"),
    ],
)
def test_another_wording_date_or_addition_is_the_same_matter(one: str, other: str) -> None:
    assert not apart(one + TAIL, other + TAIL)


def test_titles_tell_apart_what_the_texts_do_not_name() -> None:
    one, other = (
        wording("学生假期都被叫去外地打工", t) for t in ("春江商贸学院打工", "临河理工学院打工")
    )
    assert tell_apart(one, other)
    named = wording("春江商贸学院学生假期都被叫去外地打工", "临河理工学院打工")
    assert not tell_apart(one, named)


def test_place_columns_that_exclude_each_other_tell_apart() -> None:
    text = "村里没有路灯晚上出门不方便"
    assert tell_apart(wording(text, place="大塘村"), wording(text, place="柳湾村"))
    assert not tell_apart(wording(text, place="石桥镇大塘村"), wording(text, place="大塘村"))
    assert not tell_apart(wording(text, place="大塘村"), wording(text))


@given(TEXTS, TEXTS)
def test_common_ends_are_common_and_do_not_overlap(one: str, other: str) -> None:
    start, end = common_ends(one, other)
    assert start + end <= min(len(one), len(other))
    assert one[:start] == other[:start]
    assert end == 0 or one[-end:] == other[-end:]
    assert start == min(len(one), len(other)) or one[start] != other[start]


@given(TEXTS, TEXTS)
def test_changes_are_in_both_texts_and_different(one: str, other: str) -> None:
    for change in changes(one, other):
        assert change.one in one
        assert change.other in other
        assert change.one != change.other
    assert changes(one, one) == []


@given(TEXTS)
def test_a_text_is_never_apart_from_itself_nor_from_a_longer_one(text: str) -> None:
    assert not tell_apart(wording(text), wording(text))
    assert not tell_apart(wording(text), wording(text + "请尽快处理"))
