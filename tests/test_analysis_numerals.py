"""Numbers within texts: one character each, and which of them say which one is meant."""

from __future__ import annotations

import pytest

from minyi.analysis.repeats.numerals import has_other_numbers, identities, number_characters


@pytest.mark.parametrize(
    ("one", "other"),
    [("二十三栋", "23栋"), ("十栋", "10栋"), ("一百二十三号", "123号"), ("一二栋", "12栋")],
)
def test_numerals_before_a_unit_are_numbers(one: str, other: str) -> None:
    assert number_characters(one) == number_characters(other)


def test_numbers_of_any_length_are_one_character() -> None:
    for digits in ("0", "4095", "4096", "9999", "10000", "9" * 5000):
        written = number_characters(f"编号{digits}的")
        assert len(written) == 4
        assert written[2] in map(chr, range(0xE000, 0xF8FF))


@pytest.mark.parametrize("text", ["3栋", "三组", "12路", "13800000001的", "3000元"])
def test_addresses_long_numbers_and_amounts_say_which_one(text: str) -> None:
    assert len(identities(number_characters(text), len(text))) == 1


@pytest.mark.parametrize("text", ["3天", "三个月", "2026年", "5次", "20米", "3小时", "12人"])
def test_dates_durations_counts_and_measures_do_not(text: str) -> None:
    assert identities(number_characters(text), len(text)) == set()


def test_numbers_are_exchanged_only_when_each_text_has_its_own() -> None:
    one, other, none = map(number_characters, ("停水3天了", "停水5天了", "停水很久了"))
    assert has_other_numbers(one, other)
    assert not has_other_numbers(one, none)
    assert not has_other_numbers(one, one)
