"""What one place speaks of: slips that name nothing, and what is said everywhere."""

from __future__ import annotations

import numpy as np
import pytest

from minyi.analysis.issues.areas import weightiest
from minyi.analysis.issues.letters import read_letters
from minyi.analysis.issues.localities import local_matters

QUARRY = [
    "石场放炮窗子都在抖",
    "石场又放炮，碗柜都在抖",
    "山上石场的灰落满菜地",
    "石场的灰飘到学校操场，放炮更吵",
    "拉石头的车把路压烂了，石场不管",
    "石场拉石头的车不盖布，灰大",
    "晚上石场还在放炮，睡不着",
    "石场放炮把墙震裂了三条缝",
    "墙上的裂缝比上个月长，是放炮震的",
    "放炮震得裂缝越来越宽，石场不认",
    "被子晒出去全是石灰，石场也不洒水",
    "放炮前不通知，震得老人心慌",
    "采石场的车半夜拉石头按喇叭",
    "石场放炮飞石头到屋顶上",
]
ELSEWHERE = [
    *("村口路灯坏了没人修", "低保评议没有公示", "水渠堵了秧田没水", "厕所改造验收走过场"),
    *("医保断缴能不能补", "校车太挤", "野狗咬人", "快递要多收两块钱", "桥上栏杆断了"),
    *("卫生室经常关门", "班车停了老人出不了门", "宅基地审批拖了两年", "危房补助没到账"),
    *("祠堂修了三年账没公开", "广场舞音响太吵", "养老金认证要跑县里", "垃圾池满了没人清"),
    *("合作社欠茶叶钱", "变压器一到晚上跳闸", "河里有人电鱼", "招聘公益岗位不公开"),
    *("残疾证到期怎么换", "孩子上幼儿园太远", "田埂让野猪拱了", "自来水水压小"),
]
VILLAGES = ["青石村", "柳塘村", "高坪村", "杨湾村", "枫树村", "大岭村", "白沙村"]
OTHERS = range(2, len(VILLAGES))


def village(number: int, own: list[str]) -> list[str]:
    """Return what a village says: its own matter, and what is said in every village."""
    return own + [
        f"{text}，{VILLAGES[number][:2]}{i}组"
        for i, text in enumerate(ELSEWHERE)
        if i % 7 != number
    ]


def grouped(texts: list[list[str]], names: list[str] = VILLAGES) -> np.ndarray:  # type: ignore[type-arg]
    flat = [text for own in texts for text in own]
    places = np.repeat(np.arange(len(texts)), [len(own) for own in texts])
    return local_matters([""] * len(flat), flat, [""] * len(flat), places, names)


def test_slips_that_name_nothing_are_joined_by_what_only_their_village_speaks_of() -> None:
    found = grouped([village(0, QUARRY), village(1, []), *(village(i, []) for i in OTHERS)])
    assert (found[: len(QUARRY)] == found[0]).sum() >= 8
    assert found[0] >= 0
    assert (found[len(QUARRY) :] == -1).all()


def test_a_matter_between_two_villages_belongs_to_both() -> None:
    found = grouped([village(0, QUARRY), village(1, QUARRY[4:]), *(village(i, []) for i in OTHERS)])
    second = len(village(0, QUARRY))
    (one,) = {int(number) for number in found[[0, 1, second + 1, second + 2]]}
    assert one >= 0


def test_what_is_said_in_every_village_is_no_matter_of_one() -> None:
    season = ["春灌放水轮不到我们", "春灌的渠没清", "春灌放水要排个表", "渠里没水，春灌怎么办"]
    found = grouped([village(i, season) for i in range(len(VILLAGES))])
    assert (found == -1).all()


def test_the_name_of_the_village_is_no_evidence() -> None:
    said = [[f"{name[:2]}{what}" for what in ELSEWHERE[i::2]] for i, name in enumerate(VILLAGES)]
    assert (grouped(said) == -1).all()


def test_unknown_places_and_small_places_are_left_alone() -> None:
    texts = [*QUARRY, "石场的灰"]
    places = np.array([0] * 3 + [-1] * 8)
    found = local_matters([""] * 11, texts, [""] * 11, places, ["青石村"])
    assert (found == -1).all()


def test_a_letter_counts_once_and_only_the_weightiest_count() -> None:
    values = np.array([3.0, 5.0, 1.0, 2.0, 2.0, 2.0])
    rows, letters = np.array([0, 0, 0, 0, 0, 1]), np.array([7, 7, 8, 9, 10, 7])
    assert weightiest(values, rows, letters, 3) == pytest.approx([10, 2, 0])
    values = np.append(values, 1.5)
    rows, letters = np.append(rows, 0), np.append(letters, 11)
    assert weightiest(values, rows, letters, 3) == pytest.approx([10.5, 2, 0])


def test_letters_bear_their_pairs_and_the_category_its_levels() -> None:
    letters = read_letters(["", ""], ["石场灰", "石场"], ["0402", "0402"])
    assert letters.told.shape[0] == 2
    assert np.asarray(letters.told.sum(axis=1)).ravel().tolist() == [
        5,
        5,
    ]  # 石, 场, 石场; two levels
    assert letters.usual.max() < 1
    nothing = read_letters([""], [""], [""])
    assert nothing.told.shape == (1, 0)
