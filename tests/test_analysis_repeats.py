"""Repeated submissions: who repeats whom and why, what is left apart, and merging with a trail."""

from __future__ import annotations

import random
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minyi.analysis.frame import prepare
from minyi.analysis.repeats import find_repeats, merge
from minyi.analysis.repeats.likeness import Likeness
from minyi.analysis.repeats.shingles import comparable, shingle
from minyi.errors import InputError

LETTER = (
    "大塘村三组通往镇上的桥去年被大水冲坏，到现在没有人来修，孩子上学要绕五里路，"
    "老人看病也不方便，村里报了几次都说没有钱，希望上级派人来看一看，早点把桥修好。"
)
OTHER = "自来水发黄有异味，烧开以后一层水垢，打了几次电话都没有人上门，请检查水厂的水质。"


def frame(texts: list[str], **columns: object) -> pd.DataFrame:
    return prepare(pd.DataFrame({"text": texts, **columns}), text="text")


def groups(texts: list[str], similarity: float = 0.8, **columns: object) -> list[int]:
    return find_repeats(frame(texts, **columns), similarity=similarity)["group"].tolist()


def test_exact_and_near_repeats_are_told_with_their_reason() -> None:
    longer = LETTER + "另外河边的护栏也倒了，很危险。"
    changed = LETTER.replace("去年", "前年").replace("几次", "多次")
    found = find_repeats(frame([LETTER, OTHER, longer, LETTER.replace("，", ","), longer, changed]))
    assert found["group"].tolist() == [0, -1, 0, 0, 0, 0]
    assert found["level"].tolist() == [
        "近乎相同",
        "",
        "完全相同",
        "近乎相同",
        "完全相同",
        "近乎相同",
    ]
    assert found["representative"].tolist() == [False, False, True, False, False, False]
    assert found["reason"][4] == "与 3 文字相同"
    assert found["reason"][0].startswith("与 3 相似 0.9")
    assert found["reason"][0].endswith("少一段（13 字）")
    assert found["reason"][2] == "本组代表：共 5 件，文字最全、时间最早"
    assert found["reason"][5].endswith("文字有改动")
    assert found["reason"][1] == ""


def test_the_representative_is_the_fullest_then_the_earliest_then_the_first() -> None:
    texts = [LETTER, LETTER, LETTER]
    for times, expected in [
        (["2026-03-02", "2026-03-01", "2026-03-01"], 1),
        ([None, "2026-03-05", None], 1),
        ([None, None, None], 0),
    ]:
        found = find_repeats(frame(texts, time=times))
        assert found["representative"].to_numpy().nonzero()[0].tolist() == [expected]


@pytest.mark.parametrize(
    ("before", "after"),
    [("大塘村", "柳湾村"), ("三组", "四组")],
)
def test_the_same_letter_for_another_place_or_number_is_not_a_repeat(
    before: str, after: str
) -> None:
    assert groups([LETTER, LETTER.replace(before, after)]) == [-1, -1]
    assert groups([LETTER, LETTER.replace(before, after), LETTER]) == [0, -1, 0]


def test_a_vague_letter_does_not_bring_different_places_together() -> None:
    # The vague one is the longest and so leads; it names no estate and is like both.
    text = "小区物业乱收停车费，业主多次反映没有结果，物业还把车位锁了，请住建局来查一查收费依据。"
    vague = "我们这个" + text + "谢谢谢谢谢谢"
    found = groups([vague, "金桂" + text, "银杉" + text, "金桂" + text])
    assert found[1] == found[3]
    assert found[1] != found[2]


def test_equal_texts_about_places_in_the_column_or_title_stay_apart() -> None:
    text = "路口没有红绿灯，上下学的时候很危险，请安装。"
    assert groups([text] * 3, place=["大塘村", "柳湾村", "大塘村"]) == [0, -1, 0]
    titles = ["石桥中心小学门口", "柳湾中心小学门口", "石桥中心小学门口很危险"]
    long = text + "早晚高峰车辆很多，已经发生两次事故。"
    assert groups([long] * 3, title=titles) == [0, -1, 0]


def test_greetings_to_two_towns_keep_equal_letters_apart() -> None:
    texts = [f"尊敬的{town}领导：您好！{OTHER}" for town in ("石桥镇", "柳湾镇", "石桥镇")]
    assert groups(texts) == [0, -1, 0]
    officials = [f"尊敬的{who}：您好！{OTHER}" for who in ("张书记", "李市长")]
    assert groups(officials) == [0, 0]


def test_a_greeting_and_a_signature_more_hide_nothing() -> None:
    short = "大塘村三组的桥塌了半年没有人修，老人孩子过河很危险"
    wrapped = "我是打工回来的村民，想问一问，" + short + "，拜托各位"
    assert groups([short, wrapped]) == [0, 0]
    assert groups([short, wrapped], similarity=0.9) == [-1, -1]
    assert groups([short, short + "。" + OTHER + OTHER]) == [-1, -1]


def test_a_group_is_no_chain() -> None:
    chance = random.Random(7)
    letters = list(LETTER.replace("，", "").replace("。", ""))
    texts = []
    for i in range(len(letters)):
        letters[i] = chr(0x5200 + chance.randrange(2000))
        texts.append("".join(letters))
    submissions = frame(texts)
    found = find_repeats(submissions)
    assert found["group"].max() > 0
    bare = comparable(texts)
    likeness = Likeness(shingle(bare), 0.8)
    for _, members in found[found["group"] >= 0].groupby("group"):
        best = members.index[members["representative"]].to_numpy()
        assert len(best) == 1
        dice = likeness.dice(np.repeat(best, len(members)), members.index.to_numpy())
        assert (dice >= 0.8).all()


@pytest.mark.parametrize("text", ["", " ", "！！", "无", "没有意见", "如题"])
def test_who_says_nothing_repeats_nobody(text: str) -> None:
    found = find_repeats(frame([text, LETTER, text, text]))
    assert found["group"].tolist() == [-1] * 4
    assert "不作比较" in found["reason"][0]


def test_a_table_without_any_words_gives_a_result() -> None:
    found = find_repeats(frame(["", "", ""]))
    assert found["group"].tolist() == [-1, -1, -1]
    assert not found["representative"].any()


def test_very_short_texts_are_repeats_only_when_equal_and_should_be_checked() -> None:
    found = find_repeats(frame(["停水了", "停水了！", "停电了", "路灯坏了", "停水"]))
    assert found["group"].tolist() == [0, 0, -1, -1, -1]
    assert found["reason"][1] == "与 1 文字相同（不足 8 字，请核对）"


def test_brief_texts_are_read_with_their_titles() -> None:
    texts = ["详见标题，请尽快处理，谢谢"] * 3
    titles = ["青松路井盖丢失三天", "柳湾小学食堂不卫生", "青松路井盖丢失三天"]
    assert groups(texts, title=titles) == [0, -1, 0]


def test_same_sender_needs_one_known_sender() -> None:
    texts = [LETTER, LETTER, OTHER, OTHER, "停水了", "停水了", "桥塌了"]
    found = find_repeats(frame(texts, sender=["甲", "甲", "", "", "乙", "丙", "甲"]))
    assert found["same_sender"].tolist() == [True, True, False, False, False, False, False]


def test_the_largest_group_comes_first_and_the_index_survives() -> None:
    submissions = frame([OTHER, OTHER, LETTER, LETTER, LETTER])
    submissions.index = pd.Index(["e", "d", "c", "b", "a"])
    before = submissions.copy(deep=True)
    found = find_repeats(submissions)
    assert found["group"].to_dict() == {"e": 1, "d": 1, "c": 0, "b": 0, "a": 0}
    pd.testing.assert_frame_equal(submissions, before)


def test_no_words_of_a_citizen_are_in_a_reason() -> None:
    texts = [LETTER, LETTER + "求求您快来看看", LETTER.replace("三", "叁"), OTHER, ""]
    text = "".join(find_repeats(frame(texts))["reason"])
    assert not any(word in text for word in ("大塘", "求求", "叁", "桥"))


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.sampled_from([LETTER, OTHER, LETTER + "谢谢", "停水", "", OTHER * 2]), max_size=9)
)
def test_the_order_of_rows_does_not_change_who_is_together(texts: list[str]) -> None:
    texts = [LETTER, *texts]
    forward, backward = groups(texts), groups(texts[::-1])[::-1]
    for i in range(len(texts)):
        for j in range(i):
            together = forward[i] == forward[j] >= 0
            assert together == (backward[i] == backward[j] >= 0)


@pytest.mark.parametrize("similarity", [0.0, 0.49, 1.01, float("nan")])
def test_a_similarity_out_of_range_is_refused(similarity: float) -> None:
    with pytest.raises(InputError, match=r"0\.5 到 1 之间"):
        find_repeats(frame([LETTER]), similarity=similarity)


def test_the_strictest_similarity_finds_equal_words_only() -> None:
    assert groups([LETTER, LETTER + "谢", LETTER.replace("。", "！")], similarity=1.0) == [0, -1, 0]


def test_a_hundred_thousand_equal_rows_are_one_group() -> None:
    # Pairs of all with all would be five thousand millions.
    found = find_repeats(frame([LETTER] * 100_000))
    assert (found["group"] == 0).all()
    assert (found["level"] == "完全相同").all()
    assert found["representative"].sum() == 1


def test_many_near_repeats_of_one_letter_grow_linearly() -> None:
    chance = random.Random(11)

    def noisy() -> str:
        at = chance.randrange(len(LETTER))
        return LETTER[:at] + chance.choice("的了呢") + LETTER[at:]

    def seconds(n: int) -> float:
        submissions = frame([noisy() + chance.choice("吧啊") for _ in range(n)])
        start = time.process_time()
        found = find_repeats(submissions)
        assert (found["group"] == 0).mean() > 0.95
        return time.process_time() - start

    seconds(200)
    assert seconds(6000) < 30 * seconds(600)  # quadratic would be a hundred times


def test_merging_keeps_every_original_with_a_trail() -> None:
    longer = LETTER + "谢谢各位领导"
    submissions = frame(
        [OTHER, LETTER, longer, LETTER, "停水"],
        id=["a", "b", "c", "d", "e"],
        sender=["甲", "乙", "丙", "乙", ""],
        time=["2026-03-09", "2026-03-04", "2026-03-08", None, None],
    )
    before = submissions.copy(deep=True)
    merged = merge(submissions, find_repeats(submissions)["group"])
    pd.testing.assert_frame_equal(submissions, before)
    assert merged.index.tolist() == [0, 2, 4]
    assert merged["members"].tolist() == [("a",), ("b", "c", "d"), ("e",)]
    assert merged["n"].tolist() == [1, 3, 1]
    assert merged["n_senders"].tolist() == [1, 2, 0]
    assert merged["text"].tolist() == [OTHER, longer, "停水"]
    assert merged["first"][2] == pd.Timestamp("2026-03-04")
    assert merged["last"][2] == pd.Timestamp("2026-03-08")
    assert merged["first"].isna().tolist() == [False, False, True]
    assert sorted(i for members in merged["members"] for i in members) == list("abcde")


def test_merging_takes_the_same_representative() -> None:
    submissions = frame(
        [LETTER, LETTER + "谢谢", OTHER, OTHER], time=[None, None, "2026-3-2", "2026-3-1"]
    )
    found = find_repeats(submissions)
    merged = merge(submissions, found["group"])
    assert merged.index.tolist() == found.index[found["representative"]].tolist()


def test_merging_takes_groups_corrected_by_hand() -> None:
    submissions = frame([LETTER, OTHER, "停水"])
    merged = merge(submissions, pd.Series([7, -1, 7]))
    assert merged["members"].tolist() == [("1", "3"), ("2",)]


def test_groups_of_another_table_are_refused() -> None:
    with pytest.raises(InputError, match="留言表 2 行，groups 1 行"):
        merge(frame([LETTER, OTHER]), pd.Series([0]))
    with pytest.raises(InputError, match="prepare"):
        find_repeats(pd.DataFrame({"内容": [LETTER]}))


def test_groups_that_are_no_numbers_are_refused() -> None:
    submissions = frame([LETTER, OTHER])
    with pytest.raises(InputError, match="groups 应全是整数"):
        merge(submissions, pd.Series([0.0, None]))
