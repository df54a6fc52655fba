"""Persons in free text, measured on the written list; and what only looks like a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minyi.analysis.privacy.persons import find_persons, is_name, mask_persons
from person_sentences import FIRST, LAST, LATER, WITHOUT, plain, spans

texts = st.text(
    alphabet=st.sampled_from(
        "周文彬李秀兰王张村书记主任女士老师我叫姓名联系人：，。、和某高兴的住在8a "
    ),
    max_size=40,
)


def found(sentence: str) -> set[tuple[int, int]]:
    return {(person.start, person.end) for person in find_persons(plain(sentence))}


@pytest.mark.parametrize(("part", "least"), [(FIRST, 0.97), (LATER, 0.9), (LAST, 0.94)])
def test_most_names_of_the_written_list_are_found_just_as_they_stand(
    part: list[str], least: float
) -> None:
    hits = sum(len(found(sentence) & spans(sentence)) for sentence in part)
    named = sum(len(spans(sentence)) for sentence in part)
    assert hits / named >= least


def test_little_but_names_is_masked() -> None:
    """Of sentences that only look as if they named somebody, 2 in 100 may lose a word."""
    assert not [sentence for sentence in FIRST if not found(sentence) <= spans(sentence)]
    assert sum(map(bool, map(found, WITHOUT))) / len(WITHOUT) <= 0.02


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("李满娭毑的屋漏雨", "某某娭毑的屋漏雨"),
        ("隔壁老陈和阿芳都晓得", "隔壁老某和某某都晓得"),
        ("王麻子把沟填了", "某某把沟填了"),
        ("让王建军来看看", "让某某来看看"),
        ("秀英嫂帮的忙", "某某嫂帮的忙"),
        ("买买提·吐尔逊要求落实", "某某要求落实"),
        ("张三、李四都没有来", "某某、某某都没有来"),
        ("曾用名：解大勇", "曾用名：某某"),
        ("陳國強說沒有水", "某某說沒有水"),
        ("9路司机由奶奶照看", "9路司机由奶奶照看"),
    ],
)
def test_people_are_hidden_however_they_are_named(text: str, masked: str) -> None:
    assert mask_persons(text) == masked


def test_a_name_found_once_is_found_wherever_it_stands() -> None:
    text = "我叫周文彬。去年周文彬就去过镇里。"
    assert mask_persons(text) == "我叫某某。去年某某就去过镇里。"


def test_a_given_name_alone_is_found_where_the_full_name_stands_too() -> None:
    assert mask_persons("黄秀芝住三楼，秀芝腿脚不便") == "某某住三楼，某某腿脚不便"


def test_names_that_are_given_are_found_without_any_sign() -> None:
    assert mask_persons("方志天天堆纸箱") == "方志天天堆纸箱"
    assert mask_persons("方志天天堆纸箱", ["方志"]) == "某某天天堆纸箱"


def test_a_word_is_no_name_even_where_it_stands_alone() -> None:
    assert is_name("王芳")
    assert not any(map(is_name, ["高兴", "热心市民", "石桥村", "某某", ""]))


def test_a_surname_with_a_title_keeps_the_title() -> None:
    assert mask_persons("邓书记和彭女士都姓李吗") == "某书记和某女士都姓某吗"


@given(texts)
def test_masking_what_is_masked_changes_nothing(text: str) -> None:
    once = mask_persons(text)
    assert mask_persons(once) == once


@given(st.text(max_size=80))
def test_what_is_found_stands_in_order_without_overlap(text: str) -> None:
    places = find_persons(text)
    ends = [0, *(person.end for person in places)]
    assert all(end <= person.start < person.end for end, person in zip(ends, places, strict=False))
    assert all(person.end <= len(text) for person in places)
