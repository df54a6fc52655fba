"""Cleaning: what goes, what stays, and that nothing makes it fail."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from minyi.text.cleaning import clean, count_chinese

ANY = st.text(st.characters(codec=None, exclude_categories=()))
#: Without markup, addresses, greetings and signatures, which may come to light layer by layer.
PLAIN = st.text(
    st.sampled_from("路灯壞了沒人修裏麵鄉鎮0aＡ１，,?？ \n\u3000\u200b😀①💧㐀𠀀乾隆著後")
)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("石橋鎮的衛生院裏麵沒有醫生", "石桥镇的卫生院里面没有医生"),
        ("頭髮和發展，乾隆年間", "头发和发展，乾隆年间"),
        ("ＡＢＣ１２３％", "ABC123%"),
        ("路坏了,谁修?急!(三组);谢谢:", "路坏了，谁修？急！（三组）；谢谢："),
        ("水压0.3兆帕，2024.5.20停水", "水压0.3兆帕，2024.5.20停水"),
        ("<p>路<b>坏</b>了</p><!-- 注 -->", "路坏了"),
        ("路&nbsp;坏了&amp;没人修", "路坏了&没人修"),
        ("&lt;p&gt;路坏了&lt;/p&gt;", "路坏了"),
        ("气温<5度，人数>3", "气温<5度，人数>3"),
        ("见https://example.cn/a?b=1&c=%20，路坏了", "见，路坏了"),
        ("看www.example.cn或WWW.EXAMPLE.CN都说停水", "看或都说停水"),
        ("路灯坏了😀👨‍👩‍👧❤️🇨🇳☎", "路灯坏了"),
        ("1️⃣停水2️⃣停电", "1停水2停电"),
        ("①停水②停电", "①停水②停电"),
        ("\ufeff停\u200b水\u202e了\u00ad", "停水了"),
        ("停\0水\ud800了\ue000", "停水了"),
        ("路\r\n坏\u3000了\t吗", "路坏了吗"),
        ("坏了 5 盏 LED 灯", "坏了 5 盏 LED 灯"),
        ("𬒈村和㙟头村停水", "𬒈村和㙟头村停水"),
        ("", ""),
        (" \n😀", ""),
    ],
)
def test_normalises_what_machines_stumble_over(text: str, cleaned: str) -> None:
    assert clean([text]) == [cleaned]


@pytest.mark.parametrize(
    "text",
    [
        "尊敬的李县长：您好！村里停水",
        "尊敬的各位领导，村里停水",
        "李县长您好，村里停水",
        "您好！村里停水",
        "大家好，村里停水",
        "亲爱的书记你们好：村里停水",
        "村里停水。此致敬礼！",
        "村里停水，此致 敬礼！大塘村村民张某",
        "村里停水。反映人：张某 大塘村三组",
        "村里停水。2024年3月5日",
    ],
)
def test_drops_greetings_and_signatures(text: str) -> None:
    assert clean([text])[0].rstrip("。") == "村里停水"


@pytest.mark.parametrize(
    "text",
    [
        "大家好久没吃到放心水了",
        "你好歹给个说法",
        "您好几年前答应的路还没修",
        "好人好事要表扬",
        "此路2024年3月5日就坏了",
    ],
)
def test_keeps_what_only_looks_like_a_greeting_or_a_date(text: str) -> None:
    assert clean([text]) == [text]


@pytest.mark.parametrize("text", ["您好", "您好！", "尊敬的领导：您好！", "此致敬礼！", "大家好。"])
def test_a_text_that_is_only_a_greeting_survives(text: str) -> None:
    assert clean([text]) == [text]


def test_an_empty_list_stays_empty() -> None:
    assert clean([]) == []
    assert count_chinese([]).tolist() == []


def test_a_traditional_text_in_a_batch_leaves_its_neighbours_alone() -> None:
    assert clean(["", "壞", "", "好", "沒"]) == ["", "坏", "", "好", "没"]


@settings(deadline=None)
@given(st.lists(ANY, max_size=8))
@example(["\0", "\0\0", "\ud800", "\udfff\0", "<" * 50, "&#0;", "&#xD800;"])
def test_never_fails_and_keeps_the_length(texts: list[str]) -> None:
    cleaned = clean(texts)
    assert len(cleaned) == len(texts)
    for text in cleaned:
        text.encode()
        assert not set(text) & set("\0\r\n\t\u2028")
        assert text == text.strip()


@settings(deadline=None)
@given(st.lists(ANY, max_size=5))
def test_a_text_is_cleaned_the_same_alone_and_in_a_batch(texts: list[str]) -> None:
    assert clean(texts) == [clean([text])[0] for text in texts]


@settings(deadline=None)
@given(PLAIN)
def test_cleaning_plain_text_twice_changes_nothing_more(text: str) -> None:
    once = clean([text])
    assert clean(once) == once


@settings(deadline=None)
@given(st.lists(PLAIN, max_size=5))
def test_counts_the_chinese_characters_of_each(texts: list[str]) -> None:
    expected = [sum("\u3400" <= c <= "\u9fff" for c in text) for text in texts]
    assert count_chinese(texts).tolist() == expected


@pytest.mark.parametrize(
    "text", ["<a" * 50_000, "<!--" * 30_000, "书记好" * 50_000, "您好" * 90_000]
)
def test_a_hostile_text_takes_no_long_time(text: str) -> None:
    assert len(clean([text])) == 1
