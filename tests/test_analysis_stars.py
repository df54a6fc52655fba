"""Groups around leaders: no chains, no wrong company, and linear work."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from minyi.analysis.repeats.stars import lead

WIDTH = 10


def near(left: np.ndarray, right: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Alike when two values are within `WIDTH`."""
    return np.where(np.abs(values[left] - values[right]) < WIDTH, 1.0, 0.0)


def group(
    values: list[int], links: list[tuple[int, int]], apart: set[tuple[int, int]]
) -> list[int]:
    array = np.array(values)
    pairs = np.array(sorted(set(links)), dtype=np.int64).reshape(-1, 2)
    pairs = pairs[near(pairs[:, 0], pairs[:, 1], array) > 0]
    return lead(
        len(values),
        pairs,
        np.ones(len(pairs)),
        lambda a, b: (a, b) in apart,
        lambda a, b: near(a, b, array),
    ).tolist()


PAIRS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=40).map(
    lambda pairs: [(min(p), max(p)) for p in pairs if p[0] != p[1]]
)


@settings(max_examples=300)
@given(st.lists(st.integers(0, 60), min_size=12, max_size=12), PAIRS, PAIRS)
def test_every_member_is_like_its_leader_and_not_apart_from_it(
    values: list[int], links: list[tuple[int, int]], apart: list[tuple[int, int]]
) -> None:
    leaders = group(values, links, set(apart))
    for item, leader in enumerate(leaders):
        assert leader <= item
        assert leaders[leader] == leader
        if leader != item:
            assert abs(values[leader] - values[item]) < WIDTH
            assert (leader, item) not in apart


def test_a_chain_is_cut_where_it_leaves_its_leader() -> None:
    chain = [(i, i + 1) for i in range(39)]
    leaders = group(list(range(0, 160, 4)), chain, set())
    assert len(set(leaders)) > 10
    assert leaders[:4] == [0, 0, 0, 3]


def test_who_is_linked_to_a_member_only_still_finds_the_leader() -> None:
    assert group([5, 5, 5, 5], [(0, 1), (1, 2), (2, 3)], set()) == [0, 0, 0, 0]


def test_two_leaders_of_one_letter_become_one_group() -> None:
    assert group([5, 5, 5], [(0, 2), (1, 2)], set()) == [0, 0, 0]


def test_of_two_leaders_the_one_that_is_more_alike_is_joined() -> None:
    links = np.array([[0, 2], [1, 2]])
    scores = np.array([0.8, 0.9])
    leaders = lead(3, links, scores, lambda a, b: False, lambda a, b: np.zeros(len(a)))
    assert leaders.tolist() == [0, 1, 1]


def test_a_letter_for_many_places_finds_its_own_kin_among_strangers() -> None:
    # Twenty places, ten letters each; all are alike, only those of one place may be together.
    n, places = 200, 20
    links = np.array([(i, j) for j in range(n) for i in {0, j % places, j - 1} if 0 <= i < j])
    asked = []

    def is_apart(one: int, other: int) -> bool:
        asked.append((one, other))
        return one % places != other % places

    def alike(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return 0.9 + (left % places == right % places)

    leaders = lead(n, links, alike(links[:, 0], links[:, 1]), is_apart, alike)
    assert leaders.tolist() == [i % places for i in range(n)]
    assert len(asked) < 5 * n


def test_items_without_links_stay_alone() -> None:
    assert group([1, 50, 99], [], set()) == [0, 1, 2]
    assert group([], [], set()) == []
