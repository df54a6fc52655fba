"""Groups that share a name but not an object are parted."""

from __future__ import annotations

import numpy as np

from minyi.analysis.issues.linking import Linking
from minyi.analysis.issues.parting import part
from minyi.analysis.issues.vectors import Vectors, unit


def of(objects: list[list[float]]) -> Vectors:
    from scipy import sparse

    block = unit(sparse.csr_matrix(np.array(objects, np.float32)))
    return Vectors(block, block, np.zeros(1, np.int64))


NOISE, BUS = [1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]
MIXED = of([NOISE, NOISE, BUS, BUS, NOISE])


def test_two_complaints_about_one_place_become_two_groups() -> None:
    labels = part(MIXED, np.zeros(5, np.int64), Linking())
    assert labels.tolist() == [labels[0], labels[0], labels[2], labels[2], labels[0]]
    assert labels[0] != labels[2]


def test_a_group_that_agrees_stays_and_singles_and_pairs_are_not_looked_at() -> None:
    alike = of([NOISE, [1, 1, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0], BUS])
    assert part(alike, np.array([0, 0, 0, 1]), Linking()).tolist() == [0, 0, 0, 1]
    assert part(MIXED, np.array([0, 1, 1, 2, 3]), Linking()).tolist() == [0, 1, 1, 2, 3]


def test_a_large_group_is_left_whole() -> None:
    many = of([NOISE, BUS] * 15)
    assert set(part(many, np.zeros(30, np.int64), Linking())) == {0}
    assert len(set(part(many, np.zeros(30, np.int64), Linking(whole=31)))) == 2


def test_parts_are_parted_again() -> None:
    three = of([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]])
    labels = part(three, np.zeros(6, np.int64), Linking())
    assert len(set(labels)) == 3
    assert (labels[::2] == labels[1::2]).all()
