"""What is compared of a submission, and how alike texts are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minyi.analysis.frame import prepare
from minyi.analysis.repeats.likeness import FEWEST, Likeness, find_leaders, join_equal, read
from minyi.analysis.repeats.shingles import shingle

TEXTS = st.text("村口路灯坏了水电桥塌修", min_size=FEWEST, max_size=40)


def runs(text: str) -> set[str]:
    return {text[i : i + 3] for i in range(len(text) - 2)}


def frame(texts: list[str], **columns: object) -> pd.DataFrame:
    return prepare(pd.DataFrame({"text": texts, **columns}), text="text")


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_dice_is_the_share_of_runs_that_both_have(one: str, other: str) -> None:
    likeness = Likeness(shingle([one, other]), 0.8)
    expected = 2 * len(runs(one) & runs(other)) / (len(runs(one)) + len(runs(other)))
    assert likeness.dice(np.array([0]), np.array([1])).tolist() == pytest.approx([expected])


def test_a_text_within_a_slightly_longer_one_is_alike_and_in_a_far_longer_one_not() -> None:
    text = "桥塌了半年没有人来修老人过河危险孩子上学绕路"
    added = "村民们都很着急盼望早日解决"
    texts = [text, text + added, text + added * 2 + "自来水也停了路灯全都不亮"]
    left, right = np.array([0, 0]), np.array([1, 2])
    found = Likeness(shingle(texts), 0.8).alike(left, right)
    assert found[0] > 0
    assert found[1] == 0
    assert Likeness(shingle(texts), 0.9).alike(left, right).tolist() == [0, 0]


def test_links_are_the_pairs_that_counting_confirms() -> None:
    letter = "大塘村三组的桥塌了半年没有人来修老人孩子过河都很危险请派人看看"
    likeness = Likeness(shingle([letter, letter + "谢谢", letter[::-1]]), 0.8)
    pairs, scores = likeness.links()
    assert pairs.tolist() == [[0, 1]]
    assert scores[0] > 0.8


def test_rows_with_the_same_words_are_one_unit() -> None:
    texts = ["村口的路灯坏了三个月没人修！", "村口的路灯坏了，三个月没人修", "", "无", "桥塌了"]
    units = join_equal(read(frame(texts)))
    assert units.of_row.tolist() == [0, 0, -1, -1, 1]
    assert [len(w.text) for w in units.wordings] == [13, 3]


def test_an_unknown_time_comes_after_every_known_one() -> None:
    rows = read(frame(["桥塌了"] * 3, time=[None, "2030-01-01", "2026-01-01"]))
    assert rows.rank.tolist() == [2, 1, 0]


@pytest.mark.parametrize("texts", [[""], ["停水了", "停电了"], ["村口的路灯坏了三个月没人修"]])
def test_too_little_to_compare_leaves_every_unit_alone(texts: list[str]) -> None:
    units = join_equal(read(frame(texts)))
    leaders, dice = find_leaders(units, 0.8)
    assert leaders.tolist() == list(range(len(units.wordings)))
    assert (dice == 1).all()
