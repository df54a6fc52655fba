"""One matter: same place or people and same object; the average decides, not a chain."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from minyi.analysis.frame import prepare
from minyi.analysis.issues.linkage import (
    Pairs,
    average_linkage,
    members,
    products,
    split_columns,
)
from minyi.analysis.issues.matters import find_matters
from minyi.errors import InputError

NOISE = [
    "金桂豪庭旁边的工地半夜还在打桩，老人睡不着",
    "金桂豪庭边上工地凌晨打桩，吵得孩子没法睡",
    "投诉金桂豪庭旁工地夜里打桩噪音大",
]
SCHOOL = ["金桂豪庭什么时候建幼儿园，孩子没地方上", "金桂豪庭配套幼儿园为何不开园"]
ELSEWHERE = [
    "柳湾码头的驳船夜里鸣笛，吵得人睡不好",
    "办养老认证要跑几趟",
    "村口的路灯不亮",
    "请问医保断缴一个月有影响吗",
    "公交车晚上收班太早，下了晚班回不来",
]


def frame(texts: list[str], **columns: object) -> pd.DataFrame:
    return prepare(pd.DataFrame({"text": texts, **columns}))


def found(texts: list[str], **columns: object) -> list[int]:
    return find_matters(frame(texts, **columns))["matter"].tolist()


def test_same_place_and_same_object_are_one_matter() -> None:
    assert found([*NOISE, *ELSEWHERE])[:3] == [0, 0, 0]


def test_same_place_alone_and_same_object_alone_are_not() -> None:
    labels = found([*NOISE, *SCHOOL, *ELSEWHERE])
    assert labels[3] != labels[0]
    assert set(labels[5:]) == {-1}


def test_rows_and_index_stay_and_the_input_is_not_changed() -> None:
    submissions = frame([*NOISE, *ELSEWHERE])
    submissions.index = pd.Index(range(100, 100 + len(submissions)))
    before = submissions.copy()
    table = find_matters(submissions)
    assert table.index.equals(submissions.index)
    pd.testing.assert_frame_equal(submissions, before)
    assert table["mention"].iloc[0] == "金桂豪庭"
    assert "金桂豪庭" in table["reason"].iloc[0]
    assert table["reason"].iloc[-1] == ""


def test_the_order_of_rows_does_not_change_the_groups() -> None:
    texts = [*NOISE, *ELSEWHERE]
    there, back = found(texts), found(texts[::-1])[::-1]
    same = [[a == b >= 0 for b in labels] for labels in (there, back) for a in labels]
    assert same[: len(texts)] == same[len(texts) :]


def test_one_row_and_rows_that_say_nothing_are_alone() -> None:
    assert found(["金桂豪庭夜里打桩太吵了"]) == [-1]
    assert found(["没意见", "没意见", "没意见", "无"]) == [-1] * 4


def test_rows_that_are_all_identical_are_one_matter() -> None:
    assert found(["金桂豪庭夜里打桩太吵了"] * 50) == [0] * 50


def test_many_rows_of_one_matter_are_found_as_one() -> None:
    draw = np.random.default_rng(5)
    words = ["太吵", "睡不着", "老人心脏受不了", "没人管", "打了电话没用", "墙都震裂了", "灰尘也大"]
    texts = [
        f"{NOISE[i % 3]}，" + "，".join(draw.choice(words, 3, replace=False)) + f"，第{i}次反映"
        for i in range(1500)
    ]
    labels = np.array(found(texts))
    assert (labels == 0).mean() > 0.9


def test_without_a_place_column_and_with_two_places_in_a_row() -> None:
    texts = ["石桥村和柳塘村交界的路塌了", "石桥村柳塘村交界处路塌了没人修", *ELSEWHERE]
    assert found(texts)[:2] == [0, 0]


def test_what_is_one_matter_by_name_is_not_torn_by_what_a_place_speaks_of() -> None:
    words = ["太吵", "睡不着", "没人管", "打了电话没用", "墙都震裂了", "灰尘也大", "孩子没精神"]
    texts = [f"{NOISE[i % 3]}，{words[i % 7]}，{words[i * 3 % 5]}，第{i}次反映" for i in range(300)]
    assert set(found(texts, place=["石桥村"] * 300)) == {0}


def test_a_frame_that_was_not_prepared_is_refused() -> None:
    with pytest.raises(InputError, match="prepare"):
        find_matters(pd.DataFrame({"内容": NOISE}))


def test_average_linkage_does_not_chain() -> None:
    # 0-1 and 2-3 are alike, 1-2 a little: a chain would join all four.
    left, right, value = [0, 2, 1], [1, 3, 2], [0.9, 0.9, 0.5]
    pairs = Pairs(
        np.array(left + right), np.array(right + left), np.array(value + value, dtype=float)
    )
    assert average_linkage(pairs, np.ones(4, int), least=0.3).tolist() == [0, 0, 1, 1]
    assert average_linkage(pairs, np.ones(4, int), least=0.1).tolist() == [0, 0, 0, 0]


def test_average_linkage_agrees_with_scipy() -> None:
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    draw = np.random.default_rng(3)
    points = draw.random((40, 3))
    likeness = 1 - np.linalg.norm(points[:, None] - points[None], axis=2) / 2
    left, right = np.nonzero(~np.eye(40, dtype=bool))
    pairs = Pairs(left, right, likeness[left, right])
    ours = average_linkage(pairs, np.ones(40, int), least=0.8)
    distances = squareform(1 - likeness, checks=False)
    theirs = fcluster(linkage(distances, "average"), 0.2, "distance")
    same = [labels[:, None] == labels[None] for labels in (ours, theirs)]
    assert (same[0] == same[1]).all()


def test_products_are_those_of_all_rows_unless_columns_are_cut() -> None:
    from scipy import sparse

    dense = np.random.default_rng(1).random((30, 8)) * (np.arange(240).reshape(30, 8) % 3 == 0)
    matrix = sparse.csr_matrix(dense.astype(np.float32))
    found = products(matrix, 0.2, longest=100)
    whole = np.triu(dense @ dense.T, 1)
    assert sorted(found.cells.tolist()) == np.flatnonzero(whole >= 0.2).tolist()
    cut = split_columns(matrix, 4)
    assert np.diff(cut.tocsc().indptr).max() <= 4
    assert cut.nnz == matrix.nnz


def test_members_are_listed_by_group_and_in_order() -> None:
    assert members(np.array([1, -1, 0, 1])) == [[2], [0, 3]]
    assert members(np.array([-1, -1])) == []
