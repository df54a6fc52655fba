"""Sentences as examples: which count, and that each knows the row from which it comes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minyi.learning.clauses import split_clauses
from minyi.schema import Submission

LONG = "水" * 300  # a sentence too long to count, so that others are a small share of the text


def sentences(text: str) -> list[str]:
    return [clause.text for clause in split_clauses([Submission(text)])[0]]


@pytest.mark.parametrize("end", ["。", "！", "？", "!", "?", "；", ";", "\n", "。。", "？！"])
def test_every_end_of_a_sentence_parts(end: str) -> None:
    text = f"村口的路灯坏了很久{end}自来水也停了三天{end}"
    assert sentences(text) == ["村口的路灯坏了很久", "自来水也停了三天"]


@pytest.mark.parametrize("mark", ["，", "、", "：", ",", ".", "……", " "])
def test_nothing_else_parts(mark: str) -> None:
    inside = f"路灯坏了很久{mark}没有人来修"
    assert sentences(f"{inside}。{LONG}") == [inside]


@pytest.mark.parametrize(("length", "counts"), [(7, False), (8, True), (120, True), (121, False)])
def test_a_sentence_has_from_8_to_120_characters(length: int, counts: bool) -> None:
    assert (sentences("路" * length + "。" + LONG) == ["路" * length]) is counts


def test_a_sentence_that_is_nearly_the_whole_text_is_left_out() -> None:
    assert sentences("路" * 16 + "。" + "灯" * 7) == ["路" * 16]  # 16 of 24
    assert sentences("路" * 16 + "。" + "灯" * 6) == []  # 16 of 23
    assert sentences("水渠垮了半年没有人来修") == []


def test_each_sentence_knows_its_row() -> None:
    first = "路灯坏了很久没修。自来水也停了三天。"
    clauses, rows = split_clauses([Submission(t) for t in (first, "短。", LONG, "", first)])
    assert len(clauses) == 4
    assert rows.tolist() == [0, 0, 4, 4]


def test_titles_are_not_split_and_not_repeated() -> None:
    submission = Submission("路灯坏了很久没修。自来水也停了三天。", "路灯和自来水。都没有人管")
    clauses, _ = split_clauses([submission])
    assert [clause.title for clause in clauses] == ["", ""]
    assert len(clauses) == 2


@pytest.mark.parametrize("texts", [[], [""], ["路灯坏了"], ["。！？", "\n\n"]])
def test_texts_without_a_sentence_give_nothing(texts: list[str]) -> None:
    clauses, rows = split_clauses([Submission(text) for text in texts])
    assert clauses == []
    assert (rows.shape, rows.dtype) == ((0,), np.int64)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text("路灯水停电 ，。！？；\na1", max_size=200), max_size=5))
def test_every_sentence_stands_in_its_text_in_order(texts: list[str]) -> None:
    clauses, rows = split_clauses([Submission(text) for text in texts])
    assert len(clauses) == len(rows)
    assert (np.diff(rows) >= 0).all()
    position, last = 0, -1
    for clause, row in zip(clauses, rows.tolist(), strict=True):
        position = 0 if row != last else position
        position, last = texts[row].index(clause.text, position) + len(clause.text), row
        assert 8 <= len(clause.text) <= min(120, len(texts[row]) * 2 / 3)
        assert not set(clause.text) & set("。！？!?；;\n")
