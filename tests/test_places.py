"""Places: by the office's list, by the place column, by form."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minyi.text.places import PlaceFinder

LISTED = PlaceFinder(
    [
        (("石桥镇", "石桥"), ("大塘村", "柳湾村", "柳湾村")),
        (("黄龙乡",), ("大塘村", "双井村")),
        (("白马街道",), ()),
    ]
)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("柳湾村三组的路烂了", "石桥镇柳湾村"),
        ("石桥那边停水", "石桥镇"),
        ("从石桥镇到双井村的路烂了", "黄龙乡双井村"),
        ("双井村和柳湾村之间，属石桥镇", "石桥镇柳湾村"),
        ("白马街道没有路灯", "白马街道"),
        ("路烂了", ""),
        ("", ""),
    ],
)
def test_finds_the_places_of_the_list(text: str, place: str) -> None:
    assert LISTED.find(text) == place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("大塘村停水", "大塘村"),
        ("石桥镇大塘村停水", "石桥镇大塘村"),
        ("黄龙乡大塘村停水", "黄龙乡大塘村"),
        ("黄龙乡的大塘村停水", "黄龙乡大塘村"),
        ("石桥这边，大塘村停水", "石桥镇大塘村"),
        ("白马街道的人说大塘村停水", "大塘村"),
    ],
)
def test_a_village_name_of_two_towns_needs_its_town(text: str, place: str) -> None:
    assert LISTED.find(text) == place


def test_a_village_name_of_three_towns_stays_open() -> None:
    finder = PlaceFinder([((town,), ("大塘村",)) for town in ("甲镇", "乙镇", "丙镇")])
    assert finder.find("大塘村停水") == "大塘村"
    assert finder.find("丙镇大塘村停水") == "丙镇大塘村"


def test_the_place_column_goes_before_the_text() -> None:
    assert LISTED.find("双井村停水", " 石桥 ") == "石桥镇"
    assert LISTED.find("双井村停水", "外县某地") == "外县某地"
    assert LISTED.find("双井村停水", " ") == "黄龙乡双井村"
    assert PlaceFinder().find("黄土岭镇双井村停水", "临江县") == "临江县"


def test_the_list_goes_before_the_form() -> None:
    assert LISTED.find("黄土岭镇的人说柳湾村停水") == "石桥镇柳湾村"
    assert LISTED.find("黄土岭镇停水") == "黄土岭镇"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("临江县黄土岭镇双井村没有路灯", "黄土岭镇双井村"),
        ("幸福街道阳光社区停电", "幸福街道阳光社区"),
        ("红旗村村民反映停水", "红旗村"),
        ("李家村的村民反映停水", "李家村"),
        ("龙泉镇停水", "龙泉镇"),
        ("我们村没有水", ""),
        ("新农村建设搞得好", ""),
        ("乡镇卫生院没有医生", ""),
        ("国家乡村振兴政策", ""),
        ("这个社区停水", ""),
        ("自然村都通了路", ""),
        ("干部下乡", ""),
    ],
)
def test_without_a_list_the_form_tells(text: str, place: str) -> None:
    assert PlaceFinder().find(text) == place


def test_names_with_signs_of_patterns_are_taken_literally() -> None:
    finder = PlaceFinder([(("A.区(东)",), ("+村",))])
    assert finder.find("A.区(东)停水") == "A.区(东)"
    assert finder.find("Ab区东停水") == ""


@settings(deadline=None)
@given(st.text(st.sampled_from("石桥镇黄龙乡大塘村双井白马街道社区的停水，")), st.text(max_size=3))
def test_never_fails_and_says_only_what_was_said(text: str, column: str) -> None:
    for finder in (LISTED, PlaceFinder()):
        place = finder.find(text, column)
        assert place == place.strip()
        if column.strip():
            assert place
    assert set(PlaceFinder().find(text)) <= set(text)
