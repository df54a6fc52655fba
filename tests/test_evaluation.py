"""Evaluation figures: equal to hand-computed ones and to scikit-learn's."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

from minyi.errors import InputError
from minyi.learning.evaluation import calibration_error, coverage_at, evaluate, reliability

LABELS = st.sampled_from(["城建", "社保", "公安", "从未有过"])
ROWS = st.lists(st.tuples(LABELS, LABELS, st.floats(0, 1)), min_size=1, max_size=40)


def right(pattern: str) -> NDArray[np.bool_]:
    return np.array([mark == "+" for mark in pattern])


def test_figures_equal_those_computed_by_hand() -> None:
    truth = ["甲", "甲", "甲", "乙", "乙", "丙"]
    guess = ["甲", "甲", "乙", "乙", "甲", "甲"]
    report = evaluate(truth, guess, np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4]))
    assert report.n_submissions == 6
    assert report.accuracy == 0.5
    by_label = {one.label: one for one in report.classes}
    assert (by_label["甲"].precision, by_label["甲"].recall) == (0.5, 0.666667)
    assert (by_label["乙"].precision, by_label["乙"].recall, by_label["乙"].f1) == (0.5, 0.5, 0.5)
    assert (by_label["丙"].precision, by_label["丙"].recall, by_label["丙"].f1) == (0, 0, 0)
    assert by_label["甲"].f1 == pytest.approx(4 / 7, abs=1e-6)
    assert report.macro_f1 == pytest.approx((4 / 7 + 0.5 + 0) / 3, abs=1e-6)
    assert [one.support for one in report.classes] == [
        by_label[x].support for x in sorted(by_label)
    ]
    assert report.coverage == dict.fromkeys(["0.80", "0.90", "0.95", "0.97", "0.99"], 0.333333)
    assert report.confusion == [("丙", "甲", 1), ("乙", "甲", 1), ("甲", "乙", 1)]


@settings(max_examples=80, deadline=None)
@given(ROWS)
def test_figures_equal_those_of_scikit_learn(rows: list[tuple[str, str, float]]) -> None:
    truth, guess = [row[0] for row in rows], [row[1] for row in rows]
    report = evaluate(truth, guess, np.array([row[2] for row in rows]))
    labels = sorted(set(truth))
    assert report.accuracy == pytest.approx(accuracy_score(truth, guess), abs=1e-6)
    expected = f1_score(truth, guess, labels=labels, average="macro", zero_division=0)
    assert report.macro_f1 == pytest.approx(expected, abs=2e-6)
    table = precision_recall_fscore_support(truth, guess, labels=labels, zero_division=0)
    for one, *figures in zip(report.classes, *table, strict=True):
        assert [one.precision, one.recall, one.f1, one.support] == pytest.approx(figures, abs=1e-6)


@settings(max_examples=80, deadline=None)
@given(ROWS)
def test_the_order_of_the_rows_changes_nothing(rows: list[tuple[str, str, float]]) -> None:
    def report(part: list[tuple[str, str, float]]) -> dict[str, object]:
        scores = np.array([row[2] for row in part])
        return evaluate([row[0] for row in part], [row[1] for row in part], scores).as_dict()

    there, back = report(rows), report(rows[::-1])
    assert there.pop("calibration_error") == pytest.approx(back.pop("calibration_error"), abs=2e-6)
    assert there == back


def test_confusions_come_by_number_and_then_by_name() -> None:
    truth = ["甲"] * 3 + ["丙"] * 2 + ["乙"] * 2 + ["甲"] * 5
    guess = ["乙"] * 3 + ["甲"] * 2 + ["甲"] * 2 + ["甲"] * 5
    report = evaluate(truth, guess, np.ones(12))
    assert report.confusion == [("甲", "乙", 3), ("丙", "甲", 2), ("乙", "甲", 2)]


def test_without_an_error_there_is_no_confusion() -> None:
    report = evaluate(["甲", "乙"], ["甲", "乙"], np.array([1.0, 1.0]))
    assert (report.accuracy, report.macro_f1, report.confusion) == (1.0, 1.0, [])
    assert report.calibration_error == 0
    assert set(report.coverage.values()) == {1.0}
    assert not any("混淆" in line for line in report.lines())


def test_a_prediction_of_a_class_that_is_never_true_lowers_recall_only() -> None:
    report = evaluate(["甲", "甲"], ["甲", "新"], np.array([0.9, 0.8]))
    assert [one.label for one in report.classes] == ["甲"]
    assert (report.classes[0].precision, report.classes[0].recall) == (1.0, 0.5)


@pytest.mark.parametrize(
    ("pattern", "precision", "share"),
    [
        ("++++", 0.95, 1.0),
        ("----", 0.95, 0.0),
        ("+++-", 0.95, 0.75),
        ("-+++", 0.75, 1.0),
        ("-+++", 0.76, 0.0),
        ("+-++", 0.75, 1.0),
        ("+", 0.99, 1.0),
        ("-", 0.01, 0.0),
    ],
)
def test_coverage_is_the_largest_share_that_is_right_so_often(
    pattern: str, precision: float, share: float
) -> None:
    scores = np.linspace(0.9, 0.1, len(pattern))
    assert coverage_at(scores, right(pattern), precision) == share


@pytest.mark.parametrize("pattern", ["+" * 19 + "-" * 21, "-" * 21 + "+" * 19])
def test_coverage_does_not_part_rows_of_one_score(pattern: str) -> None:
    assert coverage_at(np.full(40, 0.9), right(pattern), 0.95) == 0.0


def test_coverage_of_nothing_is_nothing() -> None:
    assert coverage_at(np.zeros(0), right(""), 0.95) == 0.0


@pytest.mark.parametrize(
    ("scores", "pattern", "error"),
    [
        ([1.0, 1.0], "++", 0.0),
        ([1.0, 1.0], "--", 1.0),
        ([0.0, 0.0], "--", 0.0),
        ([0.0], "+", 1.0),
        ([0.7, 0.7, 0.7, 0.7], "+++-", 0.05),
        ([0.9, 0.1], "+-", 0.1),  # two bins, each 0.1 off
        ([0.61, 0.65], "+-", 0.13),  # one bin: mean score 0.63, half right
        ([], "", 0.0),
    ],
)
def test_calibration_error_equals_the_one_computed_by_hand(
    scores: list[float], pattern: str, error: float
) -> None:
    assert calibration_error(np.array(scores), right(pattern)) == pytest.approx(error, abs=1e-6)


def test_perfectly_calibrated_scores_have_a_small_error() -> None:
    rng = np.random.default_rng(5)
    scores = rng.random(40_000)
    assert calibration_error(scores, rng.random(40_000) < scores) < 0.01


@pytest.mark.parametrize(
    ("scores", "pattern", "bins"),
    [
        ([], "", []),
        ([1.0], "+", [(1.0, 1.0, 1)]),  # the last bin has both its ends
        ([0.0, 0.05], "-+", [(0.025, 0.5, 2)]),
        ([0.72, 0.31, 0.78, 0.7], "+-+-", [(0.31, 0.0, 1), (0.7333, 0.6667, 3)]),
    ],
)
def test_reliability_equals_the_one_computed_by_hand(
    scores: list[float], pattern: str, bins: list[tuple[float, float, int]]
) -> None:
    assert reliability(np.array(scores), right(pattern)) == bins


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60), st.integers(1, 20))
def test_the_bins_of_reliability_hold_every_row_once_and_rise(
    rows: list[tuple[float, bool]], n_bins: int
) -> None:
    scores, hits = np.array([row[0] for row in rows]), np.array([row[1] for row in rows], bool)
    bins = reliability(scores, hits, n_bins)
    assert sum(number for _, _, number in bins) == len(rows)
    assert len(bins) <= n_bins
    assert [mean for mean, _, _ in bins] == sorted(mean for mean, _, _ in bins)
    assert sum(share * number for _, share, number in bins) == pytest.approx(hits.sum(), abs=0.01)
    assert json.loads(json.dumps(bins)) == [list(one) for one in bins]


def test_honest_scores_lie_on_the_diagonal() -> None:
    rng = np.random.default_rng(5)
    scores = rng.random(40_000)
    bins = reliability(scores, rng.random(40_000) < scores)
    assert len(bins) == 10
    assert all(share == pytest.approx(mean, abs=0.04) for mean, share, _ in bins)


def test_the_report_is_plain_json_and_chinese_lines() -> None:
    report = evaluate(["甲", "乙"], ["甲", "甲"], np.array([0.9, 0.4], np.float32))
    assert json.loads(json.dumps(report.as_dict()))["accuracy"] == 0.5
    text = "\n".join(report.lines())
    for wanted in ("共 2 条", "准确率 0.5000", "要求准确率 95% 时可自动办理 50.0%", "乙 → 甲：1"):
        assert wanted in text


@pytest.mark.parametrize(
    ("truth", "guess", "n"), [([], [], 0), (["甲"], ["甲", "乙"], 2), (["甲"], ["甲"], 3)]
)
def test_columns_of_different_length_are_refused(
    truth: list[str], guess: list[str], n: int
) -> None:
    with pytest.raises(InputError, match="应一样多且至少一条"):
        evaluate(truth, guess, np.ones(n))
