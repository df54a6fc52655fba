"""Topics: planted ones are found, chance has none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import sparse

from minyi.analysis.frame import prepare
from minyi.analysis.wording.stability import average_jaccard, fit, shuffled
from minyi.analysis.wording.topics import Topics, find_topics
from minyi.errors import InputError


def words(listed: str) -> list[str]:
    return listed.split()


MATTERS = {
    "水": words("""井水 发黄 浑浊 异味 检测 水质 桶装水 肠胃 水源 过滤"""),
    "灯": words("""路灯 摔跤 灯泡 线路 漆黑 手电 放学 摸黑 电工 照明"""),
    "猪": words("""猪场 臭味 粪水 苍蝇 鱼塘 排污 养殖 蚊子 恶臭 沼气"""),
}
COMMON = words(
    """合同 选举 医保 补贴 学费 门票 银行 快递 茶叶 柑橘 工钱 宅基地 桥梁 渠道 药店 邮局"""
)

# Some words of a matter are commoner than others, as in language.
SKEW = 1 / np.arange(1, 11) ** 0.7
SKEW /= SKEW.sum()


def texts_of(n: int, seed: int = 1) -> tuple[list[str], NDArray[np.str_]]:
    lot = np.random.default_rng(seed)
    matters = lot.choice(list(MATTERS), n, p=[0.5, 0.3, 0.2])
    said = [
        "，".join([*lot.choice(MATTERS[m], 5, replace=False, p=SKEW), *lot.choice(COMMON, 2)])
        for m in matters
    ]
    return said, matters


def submissions(texts: list[str]) -> pd.DataFrame:
    senders = [f"居民{number}" for number in range(len(texts))]
    return prepare(pd.DataFrame({"内容": texts, "姓名": senders}), text="内容", sender="姓名")


def classified(texts: list[str], leaves: list[str]) -> pd.DataFrame:
    levels = [leaf.split("/") for leaf in leaves]
    frame = submissions(texts).assign(category=leaves)
    for number in range(3):
        frame[f"level{number + 1}"] = [parts[number] for parts in levels]
    return frame


@pytest.fixture(scope="module")
def found() -> tuple[Topics, NDArray[np.str_]]:
    texts, matters = texts_of(300)
    frame = submissions(texts)
    days = np.where(matters == "猪", 250, np.arange(300) % 200)
    frame["time"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(days, "D")
    return find_topics(frame, numbers=range(2, 7)), matters


def test_planted_topics_are_found_with_their_members(
    found: tuple[Topics, NDArray[np.str_]],
) -> None:
    topics, matters = found
    assert len(topics.topics) == 3
    for topic, matter in enumerate("水灯猪", start=1):
        members = topics.members == topic
        assert (matters[members] == matter).mean() > 0.97
        assert members.sum() > 0.95 * (matters == matter).sum()
        assert set(topics.topics.loc[topic, "words"]) <= set(MATTERS[matter])


def test_the_number_of_topics_that_comes_back_is_chosen(
    found: tuple[Topics, NDArray[np.str_]],
) -> None:
    tried = found[0].stability
    assert tried.index[tried["chosen"]].tolist() == [3]
    assert tried.loc[4, "stability"] < tried.loc[3, "stability"] - 0.1


def test_counts_shares_and_months_agree_with_the_members(
    found: tuple[Topics, NDArray[np.str_]],
) -> None:
    topics = found[0]
    sizes = topics.members.value_counts()
    assert topics.topics["n"].to_dict() == sizes.drop(0, errors="ignore").to_dict()
    assert topics.topics["share"].to_numpy() == pytest.approx(topics.topics["n"] / 300)
    assert topics.months.sum().drop("全部").to_dict() == topics.topics["n"].to_dict()
    assert topics.months["全部"].sum() == 300


def test_a_topic_that_comes_late_is_told_to_rise(found: tuple[Topics, NDArray[np.str_]]) -> None:
    assert found[0].topics["trend"].tolist()[2] == "增多"


def test_examples_are_members(found: tuple[Topics, NDArray[np.str_]]) -> None:
    topics = found[0]
    for topic, ids in topics.topics["examples"].items():
        assert {int(topics.members.iloc[int(id) - 1]) for id in ids} == {topic}


def test_the_table_has_chinese_headers(found: tuple[Topics, NDArray[np.str_]]) -> None:
    table = found[0].as_table()
    assert all(not name.isascii() for name in table.columns)
    assert table["主题"].tolist() == [1, 2, 3]


def test_words_dealt_out_by_lot_hold_no_topics() -> None:
    words = [*COMMON, *(word for matter in MATTERS.values() for word in matter)]
    lot = np.random.default_rng(5)
    texts = ["，".join(lot.choice(words, 6, replace=False)) for _ in range(200)]
    topics = find_topics(submissions(texts), numbers=[2, 3, 4, 5])
    assert len(topics.topics) <= 1
    assert (topics.members == 0).mean() > 0.5


def test_the_same_submissions_give_the_same_topics() -> None:
    frame = submissions(texts_of(120)[0])
    one, other = (find_topics(frame, numbers=[2, 3]) for _ in range(2))
    pd.testing.assert_frame_equal(one.topics, other.topics)
    pd.testing.assert_series_equal(one.members, other.members)


def test_a_topic_that_the_taxonomy_names_is_told_apart() -> None:
    texts, matters = texts_of(300)
    leaf = {"水": "民生/供水/水质", "灯": "民生/市政/照明", "猪": "民生/市政/照明"}
    leaves = [leaf[m] for m in matters]
    topics = find_topics(classified(texts, leaves), "民生", numbers=[3]).topics
    assert topics["category"].tolist() == ["民生/供水/水质", "民生/市政/照明", "民生/市政/照明"]
    assert bool(topics["named"].iloc[0])
    assert not bool(topics["named"].iloc[2])


def test_within_one_leaf_no_topic_is_named() -> None:
    texts, _ = texts_of(150)
    leaves = ["民生/市政/照明"] * 150
    texts, leaves = [*texts, "无关"], [*leaves, "其他/其他/其他"]
    topics = find_topics(classified(texts, leaves), "照明", numbers=[3])
    assert len(topics.members) == 150
    assert not topics.topics["named"].any()


def test_without_times_there_is_no_trend() -> None:
    topics = find_topics(submissions(texts_of(120)[0]), numbers=[3])
    assert set(topics.topics["trend"]) == {""}
    assert topics.months.empty


@pytest.mark.parametrize(
    ("texts", "category", "message"),
    [
        (texts_of(20)[0], "", "至少需要 30 条留言，实际只有 20 条"),
        (texts_of(40)[0], "天文", "没有归入“天文”的留言"),
        ([f"谢谢{number}" for number in range(40)], "", "反复出现的词语太少"),
    ],
)
def test_what_holds_no_topics_is_told(texts: list[str], category: str, message: str) -> None:
    frame = classified(texts, ["民生/市政/照明"] * len(texts))
    with pytest.raises(InputError, match=message):
        find_topics(frame, category)


def test_shuffling_keeps_the_words_and_loses_the_topics() -> None:
    lot = np.random.default_rng(2)
    blocks = sparse.block_diag([lot.random((40, 12)) < 0.6 for _ in range(2)]).astype(float).tocsr()
    mixed = shuffled(blocks, seed=1)
    assert mixed.shape == blocks.shape
    model = fit(blocks, 2, runs=4, seed=1)
    assert model.holds(0.5).all()
    assert not fit(mixed, 2, runs=4, seed=1).holds(0.5).all()


def test_average_jaccard_weighs_the_first_words_most() -> None:
    assert average_jaccard([1, 2, 3], [1, 2, 4]) > average_jaccard([1, 2, 3], [4, 2, 3])
