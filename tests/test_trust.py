"""Trust: thresholds that keep their promise, and how deep an answer goes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from minyi.learning.trust import (
    FALSE_ALARMS,
    Decided,
    alarm_threshold,
    decided_codes,
    level_threshold,
    metrics,
    precision_threshold,
    thresholds,
)
from minyi.schema import PRECISION, PRECISIONS


def marks(pattern: str) -> NDArray[np.bool_]:
    return np.array([mark == "+" for mark in pattern])


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("+" * 40, 0.01),
        ("-" * 40, 1.0),
        ("+" * 38 + "--", 0.01),  # 38 of 40 are 95 %
        ("+" * 37 + "---", 0.03),  # 37 of 38 are more than 95 %, 37 of 39 are not
        ("+" * 19 + "-" * 21, 0.21),  # 19 of 20
        ("+" * 10 + "-" * 30, 1.0),  # fewer than 20 rows prove nothing
    ],
)
def test_the_threshold_is_the_lowest_that_keeps_the_precision(
    pattern: str, expected: float
) -> None:
    scores = np.arange(40, 0, -1) / 100
    assert precision_threshold(scores, marks(pattern), 0.95) == expected


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=1, max_size=120))
def test_the_threshold_keeps_its_promise_even_where_scores_are_equal(
    rows: list[tuple[int, bool]],
) -> None:
    scores = np.array([score / 100 for score, _ in rows])
    right = np.array([is_right for _, is_right in rows])
    threshold = precision_threshold(scores, right, PRECISION)
    above = scores >= threshold
    assert threshold == 1.0 or right[above].mean() >= PRECISION
    lower = [
        t for t in np.unique(scores) if t < threshold and (scores >= t).sum() >= min(20, len(rows))
    ]
    assert all(right[scores >= t].mean() < PRECISION for t in lower)


@pytest.mark.parametrize("n", [101, 201, 1001])
def test_urgent_is_decided_where_one_of_a_hundred_others_is_called_urgent(n: int) -> None:
    others = np.linspace(0, 0.8, n)
    urgent = np.linspace(0.2, 1, 50)
    scores = np.concatenate([urgent, others])
    decided = Decided(scores, np.arange(len(scores)) < 50)
    line = thresholds({"urgent": decided})["urgent"]
    assert (others >= line).mean() == pytest.approx(FALSE_ALARMS, abs=1.5 / n)
    assert line == pytest.approx(0.8 * (1 - FALSE_ALARMS), abs=1e-4)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 9000), min_size=1, max_size=300, unique=True))
def test_false_alarms_are_as_rare_as_promised(whole: list[int]) -> None:
    others = np.array(whole) / 10_000
    called = (others >= alarm_threshold(others)).sum()
    assert called <= FALSE_ALARMS * len(others) + 1


def test_where_all_others_score_next_to_nothing_they_are_not_called_urgent() -> None:
    others = np.full(200, 1e-5)
    assert (others >= alarm_threshold(others)).mean() <= FALSE_ALARMS


def test_the_urgent_threshold_does_not_look_at_the_urgent() -> None:
    others = np.linspace(0, 0.5, 100)
    lines = []
    for urgent in (np.array([0.9]), np.array([0.1, 0.2, 0.99])):
        scores = np.append(others, urgent)
        decided = Decided(scores, np.arange(len(scores)) >= 100)
        lines.append(thresholds({"urgent": decided})["urgent"])
    assert lines[0] == lines[1]


def test_where_all_are_urgent_a_half_decides() -> None:
    decided = Decided(np.array([0.9, 0.8]), np.array([True, True]))
    assert thresholds({"urgent": decided}) == {"urgent": 0.5}


@pytest.mark.parametrize("target", ["label", "kind", "department"])
def test_other_targets_are_decided_by_precision(target: str) -> None:
    scores, right = np.arange(40, 0, -1) / 100, marks("+" * 37 + "---")
    found = thresholds({target: Decided(scores, right)})[target]
    assert found == {f"{p:.2f}": precision_threshold(scores, right, p) for p in PRECISIONS}
    assert found["0.95"] == 0.03


def test_codes_are_right_as_far_as_they_go_and_as_readers_accept() -> None:
    accepted = [["010204"], ["010204"], ["010204", "0402"], ["010204"], ["00"]]
    decided = decided_codes(["01", "010204", "0402", "0102040", "00"], [0.5] * 5, accepted)
    assert decided.right.tolist() == [True, True, True, False, True]
    assert decided.confusion == {"00": {"00": 1}, "01": {"01": 3, "04": 1}}


def test_confusion_counts_by_the_label_and_not_by_what_is_accepted_too() -> None:
    decided = decided_codes(["0402"], [0.9], [["010204", "0402"]])
    assert decided.confusion == {"01": {"04": 1}}
    assert decided.right.all()


CODES = ["0101", "010203", "010204"]


def test_an_answer_goes_down_from_where_it_is_more_often_right_than_wrong() -> None:
    # 0102 is best throughout, and right only when its score reaches 0.4.
    shares = np.linspace(0.2, 0.98, 400)
    leaf = shares * 0.999
    probabilities = np.stack([np.zeros(400), leaf, shares - leaf], axis=1)
    accepted = [["010203" if share >= 0.4 else "0201"] for share in shares]
    assert level_threshold(CODES, probabilities, accepted) == pytest.approx(0.4, abs=0.02)


def test_an_answer_stays_at_level_1_when_what_is_below_is_never_right() -> None:
    probabilities = np.full((50, 3), 0.3)
    assert level_threshold(CODES, probabilities, [["0201"]] * 50) == 1.0


def test_an_answer_always_goes_down_when_what_is_below_is_always_right() -> None:
    probabilities = np.tile([0.1, 0.5, 0.2], (50, 1))
    assert level_threshold(CODES, probabilities, [["010203"]] * 50) == 0.0


def test_codes_of_level_2_alone_are_enough_to_tell_how_deep_to_go() -> None:
    probabilities = np.tile([0.6, 0.4], (50, 1))
    assert level_threshold(["0101", "0102"], probabilities, [["0101"]] * 50) == 0.0


def test_metrics_of_what_has_no_urgent_row_say_that_nothing_could_be_found() -> None:
    decided = Decided(np.array([0.1, 0.2]), np.array([False, False]))
    assert metrics({"urgent": decided})["urgent"]["recall"] is None
