"""Shingles: what is compared of a text, counted as sets, alike in every batch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minyi.analysis.repeats.shingles import comparable, shingle

CHARACTERS = "村口路灯坏了水电桥塌修物业停车噪音油烟学校公交"


def runs(text: str) -> set[str]:
    return {text[i : i + 3] for i in range(len(text) - 2)}


@settings(deadline=None)  # the first example imports SciPy
@given(st.lists(st.text(CHARACTERS, max_size=30), min_size=1, max_size=8))
def test_shingles_are_counted_as_sets_of_three_characters(texts: list[str]) -> None:
    sets = shingle(texts)
    assert sets.sizes().tolist() == [len(runs(text)) for text in texts]
    left, right = (a.ravel() for a in np.indices((len(texts), len(texts))))
    shared = [len(runs(texts[i]) & runs(texts[j])) for i, j in zip(left, right, strict=True)]
    assert sets.compare(left, right).tolist() == shared


def test_a_text_is_shingled_alike_in_every_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [CHARACTERS[i:] + CHARACTERS[:i] for i in range(10)] + ["", "路灯"]
    whole = shingle(texts)
    monkeypatch.setattr("minyi.analysis.repeats.shingles._BATCH", 3)
    parts = shingle(texts)
    for name in ("hashes", "bounds", "tells"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name))


def test_tells_are_those_of_places_and_numbers_only() -> None:
    one, place, number, words = shingle(
        [
            "金桂小区物业3栋收费乱",
            "银杉小区物业3栋收费乱",
            "金桂小区物业5栋收费乱",
            "金桂小区物业3栋收钱多",
        ]
    ).tells.tolist()
    assert one == words
    assert len({one, place, number}) == 3


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("路灯坏了，三个月没人修！", "路灯坏了三个月没人修"),
        ("ＫＴＶ太吵", "ktv太吵"),
        ("1、路灯坏了；2、水管漏了。", "一、路灯坏了；二、水管漏了。"),
        ("尊敬的书记：您好！路灯坏了三个月。", "路灯坏了三个月。"),
        ("路燈壞了三個月", "路灯坏了三个月"),
    ],
)
def test_what_makes_no_difference_is_not_compared(text: str, other: str) -> None:
    assert comparable([text]) == comparable([other])


def test_neighbouring_numbers_stay_two() -> None:
    assert comparable(["801、805路"]) != comparable(["801805路"])
    assert comparable(["第1.5米"]) == ["第1.5米"]


def test_comparable_texts_hold_no_separator() -> None:
    assert comparable(["路灯\n坏了\r\n_很久 \t了", ""]) == ["路灯坏了很久了", ""]
