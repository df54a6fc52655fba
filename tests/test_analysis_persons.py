"""Persons in free text, measured on the written list; and what only looks like a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minyi.analysis.privacy.persons import find_persons, mask_persons
from person_sentences import FIRST, LAST, LATER, WITHOUT, plain, spans

texts = st.text(
    alphabet=st.sampled_from(
        "周文彬李秀兰王张村书记主任女士老师我叫姓名联系人：，。、和某高兴的住在8a "
    ),
    max_size=40,
)


def found(sentence: str) -> set[tuple[int, int]]:
    return {(person.start, person.end) for person in find_persons(plain(sentence))}


@pytest.mark.parametrize(("part", "least"), [(FIRST, 0.97), (LATER, 0.75), (LAST, 0.75)])
def test_most_names_of_the_written_list_are_found_just_as_they_stand(
    part: list[str], least: float
) -> None:
    hits = sum(len(found(sentence) & spans(sentence)) for sentence in part)
    named = sum(len(spans(sentence)) for sentence in part)
    assert hits / named >= least


@pytest.mark.parametrize("sentence", [*FIRST, *WITHOUT])
def test_nothing_but_names_is_masked(sentence: str) -> None:
    assert found(sentence) <= spans(sentence)


def test_a_name_found_once_is_found_wherever_it_stands() -> None:
    text = "我叫周文彬。去年周文彬就去过镇里。"
    assert mask_persons(text) == "我叫某某。去年某某就去过镇里。"


def test_names_that_are_given_are_found_without_any_sign() -> None:
    assert mask_persons("路遥远骨折了") == "路遥远骨折了"
    assert mask_persons("路遥远骨折了", ["路遥远"]) == "某某骨折了"


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
