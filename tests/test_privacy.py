"""Personal data: what is found of the written list, what is left alone, and how it is hidden."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from minyi.text.privacy import find, mask
from privacy_sentences import (
    LATER_WITH,
    LATER_WITHOUT,
    UNSEEN_WITH,
    UNSEEN_WITHOUT,
    WITH,
    WITHOUT,
    marked,
    plain,
)

POSITIVES = marked(WITH) + marked(LATER_WITH) + marked(UNSEEN_WITH)
NEGATIVES = plain(WITHOUT) + plain(LATER_WITHOUT) + plain(UNSEEN_WITHOUT)

ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)
#: What numbers, their labels and their neighbours are made of.
PARTS = st.lists(
    st.sampled_from(
        [
            *"0123456789Xx０１３８ -.·—()（）@*元号湘A，。\n",
            "138",
            "13812345678",
            "0731",
            "82345678",
            "430121198603136665",
            "6228483518190937860",
            "湘A12345",
            "a1@qq.com",
            "@13812345678.com",
            "电话",
            "订单号",
            "卡号",
            "身份证",
            "车牌",
            "微信",
            "QQ",
        ]
    ),
    max_size=12,
).map("".join)
CLAUSES = st.text(
    st.sampled_from("我们村里路灯坏了没有人修打也不接请尽快处理的，。；！"), max_size=20
)
PHONES = st.builds(
    lambda gap, second, rest: gap.join((f"1{second}{rest[0]}", rest[1:5], rest[5:])),
    st.sampled_from(["", "-", " "]),
    st.integers(3, 9),
    st.text("0123456789", min_size=9, max_size=9),
)


def test_the_written_list_is_long_enough() -> None:
    assert len(marked(WITH)) >= 150
    assert len(plain(WITHOUT)) >= 150
    assert all(spans for _, spans in POSITIVES)


def test_finds_at_least_99_of_100_on_the_written_list() -> None:
    wanted = found = 0
    for text, spans in POSITIVES:
        hits = [tuple(hit) for hit in find(text)]
        wanted += len(spans)
        found += sum(span in hits for span in spans)
    assert found / wanted >= 0.99


@pytest.mark.parametrize(("text", "spans"), POSITIVES)
def test_finds_what_is_personal_and_nothing_else(
    text: str, spans: list[tuple[str, int, int]]
) -> None:
    assert [tuple(hit) for hit in find(text)] == spans


@pytest.mark.parametrize("text", NEGATIVES)
def test_leaves_amounts_dates_and_other_numbers_alone(text: str) -> None:
    assert find(text) == []
    assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("13812345678", "138****5678"),
        ("+86 138 1234 5678", "+86 138 **** 5678"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("0731-82345678", "0731-*****678"),
        ("(010)62345678转801", "(010)********转801"),
        ("400-820-1234", "400-820-1234"),
        ("0739（5110763）", "0739（****763）"),
        ("电话82345678", "电话8****678"),
        ("43010319760819009X", "430***********009X"),
        ("身份证430121510227548", "身份证430********7548"),
        ("卡号6228483518190937860", "卡号6228***********7860"),
        ("湘A12345", "湘A****5"),
        ("湘A·D12345", "湘A·*****5"),
        ("zhang.san@qq.com", "z***@qq.com"),
        ("ａ＠ｑｑ．ｃｏｍ", "ａ***＠ｑｑ．ｃｏｍ"),
        ("QQ12345678", "QQ1******8"),
        ("微信号li_8888", "微信号l*_***8"),
        ("张某，13812345678，湘A12345", "张某，138****5678，湘A****5"),
    ],
)
def test_hides_the_middle_and_keeps_the_shape(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_a_wrong_check_digit_does_not_show_an_identity_number() -> None:
    for last in "0123456789X":
        assert [hit.kind for hit in find(f"我是43012119860313666{last}")] == ["identity"]


def test_a_label_of_another_number_counts_more_than_a_wrong_check_digit() -> None:
    assert find("订单号430121198603136660") == []
    assert [hit.kind for hit in find("订单号430121198603136665")] == ["identity"]


def test_a_label_of_another_number_with_the_day_of_issue_counts_more_than_a_check_digit() -> None:
    assert find("购房合同编号430524201906102660") == []
    assert [hit.kind for hit in find("我是430524201906102660")] == ["identity"]


def test_sixteen_digits_are_a_card_by_their_check_digit_or_by_a_word() -> None:
    assert [hit.kind for hit in find("5201697777412155")] == ["bank_card"]
    assert find("5201697777412156") == []
    assert [hit.kind for hit in find("卡号5201697777412156")] == ["bank_card"]


def test_the_digits_of_a_union_pay_card_are_one_unless_a_label_denies_it() -> None:
    assert [hit.kind for hit in find("6226904026859958")] == ["bank_card"]
    assert find("单号6226904026859957") == []


@settings(deadline=None)
@given(ANY | PARTS)
@example("13812340731-82345678")
@example("x@13812345678.com")
def test_spans_lie_in_the_text_in_order_and_apart(text: str) -> None:
    end = 0
    for hit in find(text):
        assert end <= hit.start < hit.end <= len(text)
        end = hit.end


@settings(deadline=None)
@given(ANY | PARTS)
@example("13812340731-82345678")
@example("x@13812345678.com")
def test_masking_leaves_nothing_to_find_and_twice_is_once(text: str) -> None:
    masked = mask(text)
    assert find(masked) == []
    assert mask(masked) == masked
    assert len(masked) == len(text) or "@" in text or "＠" in text


@given(ANY)
def test_a_text_without_digits_and_addresses_stays(text: str) -> None:
    text = re.sub("[0-9０-９@＠]", "", text)
    assert mask(text) == text


@given(CLAUSES, PHONES, CLAUSES)
def test_a_phone_between_chinese_words_is_always_found(left: str, phone: str, right: str) -> None:
    spans = [(hit.kind, hit.start, hit.end) for hit in find(left + phone + right)]
    assert spans == [("phone", len(left), len(left + phone))]


@pytest.mark.parametrize(
    "text",
    [
        "1" * 100_000,
        "1 3" * 50_000,
        "a" * 100_000 + "@",
        "a@" * 50_000,
        "a@1" + ".1" * 50_000,
        "0731-" * 20_000,
        "湘A1234-5" * 10_000,
        "订单号" * 30_000 + "1",
        "身份证" * 30_000 + "1",
        "13812345678，" * 10_000,
    ],
    ids=lambda text: text[:12],
)
def test_a_hostile_text_takes_no_long_time(text: str) -> None:
    assert find(mask(text)) == []
