"""A description is a whole statement that a member wrote."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minyi.analysis.frame import prepare
from minyi.analysis.issues.describing import describe


def described(texts: list[str], titles: list[str] | None = None, mention: str = "") -> str:
    frame = prepare(pd.DataFrame({"text": texts, "title": titles or [""] * len(texts)}))
    return describe(frame, np.arange(len(texts)), mention)


@pytest.mark.parametrize(
    "leaning",
    [
        "自从砖厂扩建，砖厂的黑烟熏得人睡不着",
        "如果砖厂再冒黑烟我们就去县里",
        "因为砖厂夜里冒黑烟，收不得衣服",
        "他们砖厂夜里天天冒黑烟",
        "我是砖厂边上的，夜里砖厂冒黑烟",
        "打电话13800001127，砖厂夜里冒黑烟",
    ],
)
def test_what_leans_on_other_words_or_speaks_of_the_writer_is_not_taken(leaning: str) -> None:
    line = described([leaning + "。", leaning + "，真的。", "砖厂夜里冒黑烟没人管。"])
    assert not line.startswith(leaning[:2])
    assert "砖厂" in line


def test_what_stands_before_a_statement_is_left_out() -> None:
    texts = ["该户反映：砖厂夜里冒黑烟，呛得睡不着。", "镇领导，你好。一、砖厂夜里冒黑烟。"]
    assert described(texts).startswith("砖厂夜里冒黑烟")


def test_a_statement_with_the_name_is_preferred() -> None:
    texts = ["夜里冒黑烟呛得人睡不着觉。", "金桂砖厂夜里冒黑烟睡不着。", "金桂砖厂冒黑烟。"]
    assert "金桂砖厂" in described(texts, mention="金桂砖厂")


def test_a_title_comes_before_the_text() -> None:
    texts = ["砖厂夜里冒黑烟，呛得睡不着。"] * 2
    titles = ["投诉砖厂夜间冒黑烟", "请管管砖厂夜间的事"]
    assert described(texts, titles) == titles[0]


@settings(deadline=None, max_examples=20)
@given(
    st.lists(st.text("砖厂夜里冒黑烟，。！自从因为他们12 \n", max_size=60), min_size=1, max_size=4)
)
def test_nothing_is_invented(texts: list[str]) -> None:
    line = described([text or "空" for text in texts])
    parts = line.split("，")
    assert any(all(part in (text or "空") for part in parts) for text in texts)
