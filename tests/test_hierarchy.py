"""The tree: levels agree, a decision stops where it is not sure, rivals are real rivals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from minyi.learning.hierarchy import (
    Decision,
    Hierarchy,
    conditional_softmax,
    softmax,
    stem_positions,
)

CODES = ["0101", "010201", "010202", "010203", "0103", "0201", "020201", "020202", "03"]
TREE = Hierarchy(CODES)
SHARES = st.lists(st.integers(1, 1000), min_size=len(CODES), max_size=len(CODES))


def decide(codes: dict[str, float], threshold: float, tree: Hierarchy | None = None) -> Decision:
    """Decide for one submission whose leaves have these probabilities."""
    tree = tree or TREE
    return decide_all(
        np.array([[codes.get(c, 0.0) for leaves in tree.leaves for c in leaves]]), threshold, tree
    )[0]


def decide_all(leaf: NDArray[Any], threshold: float, tree: Hierarchy) -> list[Decision]:
    names = [code for leaves in tree.leaves for code in leaves]
    stem_of = stem_positions(names, tree.stems)
    stems = np.zeros((len(leaf), len(tree.stems)))
    np.add.at(stems.T, stem_of, leaf.T)
    conditional = (leaf / np.maximum(stems, 1e-12)[:, stem_of]).astype(np.float32)
    return tree.decide(stems, lambda rows, best: tree.padded(conditional[rows], best), threshold)


def below(codes: dict[str, float], prefix: str) -> float:
    return sum(p for code, p in codes.items() if code.startswith(prefix))


def slow_decision(codes: dict[str, float], threshold: float) -> tuple[str, float]:
    chosen, score = "", 1.0
    for digits in (2, 4, 6):
        children = sorted({c[:digits] for c in codes if c.startswith(chosen) and len(c) >= digits})
        if not children:
            break
        best = max(children, key=lambda child: below(codes, child))
        if digits > 2 and below(codes, best) < threshold:
            break
        chosen, score = best, below(codes, best)
    return chosen, score


def test_codes_are_grouped_by_stem() -> None:
    assert TREE.stems == ["0101", "0102", "0103", "0201", "0202", "03"]
    assert TREE.leaves[1] == ["010201", "010202", "010203"]
    assert TREE.leaves[5] == ["03"]


@pytest.mark.parametrize(
    ("codes", "threshold", "code", "score"),
    [
        ({"010201": 0.9, "0201": 0.1}, 0.5, "010201", 0.9),
        ({"010201": 0.45, "010202": 0.35, "0201": 0.2}, 0.5, "0102", 0.8),
        ({"010201": 0.3, "0101": 0.3, "0201": 0.4}, 0.5, "01", 0.6),
        ({"010201": 0.3, "0101": 0.3, "0201": 0.4}, 0.3, "0101", 0.3),
        ({"03": 0.9, "0101": 0.1}, 0.0, "03", 0.9),
        ({"0201": 1.0}, 0.0, "0201", 1.0),
        ({"0101": 0.2, "0201": 0.2, "03": 0.6}, 1.0, "03", 0.6),
    ],
)
def test_it_goes_down_while_the_best_child_is_sure(
    codes: dict[str, float], threshold: float, code: str, score: float
) -> None:
    decision = decide(codes, threshold)
    assert decision.code == code
    assert decision.score == pytest.approx(score, abs=1e-6)


@settings(max_examples=200, deadline=None)
@given(SHARES, st.floats(0.01, 1))
def test_decisions_equal_a_slow_reference(shares: list[int], threshold: float) -> None:
    total = sum(shares) + 7 * len(shares)
    # Distinct shares: a tie may be broken either way.
    codes = {c: (s + i * 1e-4) / total for i, (c, s) in enumerate(zip(CODES, shares, strict=True))}
    codes["03"] += 1 - sum(codes.values())
    decision = decide(codes, threshold)
    code, score = slow_decision(codes, threshold)
    if abs(below(codes, code) - threshold) > 1e-5:
        assert decision.code == code
        assert decision.score == pytest.approx(score, abs=1e-5)


@settings(max_examples=200, deadline=None)
@given(SHARES, st.floats(0, 1))
def test_rivals_are_neither_ancestors_nor_the_decision(shares: list[int], threshold: float) -> None:
    codes = {c: s / sum(shares) for c, s in zip(CODES, shares, strict=True)}
    decision = decide(codes, threshold)
    scores = [score for _, score in decision.rivals]
    assert len(decision.rivals) <= 3
    assert scores == sorted(scores, reverse=True)
    assert len({code for code, _ in decision.rivals}) == len(decision.rivals)
    for code, score in decision.rivals:
        assert not decision.code.startswith(code)
        assert score == pytest.approx(below(codes, code), abs=1e-5)
        assert score >= 0.05


@settings(max_examples=100, deadline=None)
@given(st.lists(SHARES, min_size=1, max_size=6), st.floats(0, 1))
def test_a_row_is_decided_the_same_alone_and_in_a_batch(
    rows: list[list[int]], threshold: float
) -> None:
    leaf = np.array(rows, float)
    leaf /= leaf.sum(axis=1, keepdims=True)
    together = decide_all(leaf, threshold, TREE)
    assert together == [decide_all(leaf[i : i + 1], threshold, TREE)[0] for i in range(len(leaf))]


def test_a_higher_threshold_never_goes_deeper() -> None:
    codes = {"010201": 0.5, "010202": 0.2, "0103": 0.2, "03": 0.1}
    depths = [len(decide(codes, t).code) for t in (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 1.0)]
    assert depths == sorted(depths, reverse=True)
    assert (depths[0], depths[-1]) == (6, 2)


def test_the_best_other_stems_and_the_best_other_leaf_are_the_rivals() -> None:
    decision = decide({"010201": 0.5, "010202": 0.1, "0201": 0.25, "0101": 0.15}, 0.4)
    assert decision.rivals == (("0201", 0.25), ("0101", 0.15), ("010202", 0.1))


def test_weak_rivals_are_left_out() -> None:
    assert decide({"010201": 0.97, "0201": 0.03}, 0.5).rivals == ()


def test_the_explaining_stem_lies_under_the_decision() -> None:
    for codes in ({"010201": 0.9, "03": 0.1}, {"0101": 0.3, "0103": 0.25, "0201": 0.45}):
        decision = decide(codes, 0.5)
        assert TREE.stems[decision.stem].startswith(decision.code[:4])


def test_one_code_alone_is_decided() -> None:
    tree = Hierarchy(["010201"])
    assert decide({"010201": 1.0}, 0.5, tree).code == "010201"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.01, 1.0, 30.0, 300.0]))
def test_probabilities_of_leaves_sum_to_one_in_every_stem(seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    stem_of = stem_positions(CODES, TREE.stems)
    leaves = conditional_softmax(rng.normal(size=(4, len(CODES))) * spread, stem_of)
    for stem in range(len(TREE.stems)):
        assert leaves[:, stem_of == stem].sum(axis=1) == pytest.approx(1, abs=1e-5)
    stems = softmax(rng.normal(size=(4, len(TREE.stems))) * spread)
    joint = stems[:, stem_of] * leaves
    tops = np.array([code[:2] for code in CODES])
    level1 = [joint[:, tops == top].sum(axis=1) for top in ("01", "02", "03")]
    assert sum(level1) == pytest.approx(1, abs=1e-5)
    assert level1[0] == pytest.approx(stems[:, :3].sum(axis=1), abs=1e-5)


@pytest.mark.parametrize("logits", [[[1000.0, 0.0]], [[-1000.0, -1000.0]], [[0.0, -60.0]]])
def test_softmax_survives_extreme_logits(logits: list[list[float]]) -> None:
    probabilities = softmax(np.array(logits))
    assert np.isfinite(probabilities).all()
    assert probabilities.sum() == pytest.approx(1, abs=1e-6)
    assert probabilities.dtype == np.float32


def test_padded_takes_the_leaves_of_each_row_s_stem() -> None:
    leaf = np.arange(2 * len(CODES), dtype=np.float32).reshape(2, -1)
    padded = TREE.padded(leaf, np.array([1, 4]))
    assert padded.tolist() == [[1, 2, 3], [15, 16, 0]]
