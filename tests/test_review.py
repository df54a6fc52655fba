"""When a person should look, and where a text passes to a second matter."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minyi.review import doubtful_text, joined, split_matters, unreadable
from minyi.text.cleaning import count_chinese

FIRST = "三组的水渠垮了半年没有人来修"
SECOND = "我家的低保去年也停了，原因不明"


@pytest.mark.parametrize("text", ["", " ", "\n\u3000"])
def test_a_blank_text_is_blank(text: str) -> None:
    assert unreadable(text, 0) == ("空白", "正文为空，或只有表情、空格、网址")


@pytest.mark.parametrize("text", ["12345", "。。。", "no water"])
def test_a_text_without_chinese_is_unreadable(text: str) -> None:
    assert unreadable(text, 0) == ("无法识别", "没有中文内容")


def test_one_chinese_character_can_be_read() -> None:
    assert unreadable("水", 1) is None


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("停水", "内容太短"),
        ("停水了", "内容太短"),
        ("我家停水", ""),
        ("我家停水 " + "water " * 5, "大部分不是中文"),
    ],
)
def test_short_and_foreign_texts_are_doubtful(text: str, doubt: str) -> None:
    assert doubtful_text(text, int(count_chinese([text])[0])) == doubt


@pytest.mark.parametrize(
    "marker",
    ["另外", "此外", "还有就是", "还有一件事，", "顺便问一下，", "第二、", "其二，", "二、", "②、"],
)
def test_splits_where_a_further_matter_begins(marker: str) -> None:
    assert split_matters(f"{FIRST}。{marker}{SECOND}") == [FIRST, marker + SECOND]


@pytest.mark.parametrize(
    "text",
    [
        FIRST,
        f"{FIRST}，{SECOND}",
        f"{FIRST}。另外谢谢",
        f"没有另外的办法，{SECOND}",
        f"另外{FIRST}",
        "",
    ],
)
def test_one_matter_stays_one(text: str) -> None:
    assert split_matters(text) == [text]


@settings(deadline=None)
@given(st.text(st.sampled_from("路灯坏了没人修。，；另外此外第二、②① ")))
def test_parts_come_from_the_text_in_order(text: str) -> None:
    parts = split_matters(text)
    assert parts
    position = 0
    for part in parts:
        position = text.index(part, position) + len(part)
    assert parts == [text] or all(len(part) >= 12 for part in parts)


def test_joins_the_reasons_that_are_not_empty() -> None:
    assert joined(["", "内容太短", "", "类别把握不足"]) == "内容太短；类别把握不足"
    assert joined([]) == ""
