"""The starter's measures: taken on rows that taught nothing, through the whole program."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from minyi.corpus import Example, read_corpus
from minyi.pipeline import load
from minyi.resources import bundled
from minyi.schema import PRECISIONS
from minyi.starter import decided, measured


@pytest.fixture(scope="module")
def some() -> list[Example]:
    """Return rows of one area, and of what belongs nowhere."""
    chosen = [e for e in read_corpus(bundled("corpus")) if e.category[:2] in ("", "08")]
    return chosen[::8]


@pytest.fixture(scope="module")
def found(some: list[Example]) -> dict[str, Any]:
    return measured(some, {})


def test_every_held_out_row_is_judged_and_none_that_taught(
    some: list[Example], found: dict[str, Any]
) -> None:
    held_out = [example for example in some if example.is_held_out]
    metrics = found["metrics"]
    assert metrics["category"]["n_held_out"] == metrics["urgent"]["n_held_out"] == len(held_out)
    assert 0 < metrics["kind"]["n_held_out"] <= sum(bool(e.kind) for e in held_out)


def test_there_is_a_threshold_for_each_precision_and_level(
    found: dict[str, Any],
) -> None:
    own = found["thresholds"]
    assert set(own) == {"level1", "level2", "level3", "kind", "department", "urgent", "level"}
    for target in ("level1", "level2", "level3", "kind", "department"):
        assert list(own[target]) == [f"{precision:.2f}" for precision in PRECISIONS]


def test_an_answer_that_a_reader_lets_stand_counts_as_right(some: list[Example]) -> None:
    minyi = load()
    kinds = ("咨询", "求助", "投诉", "举报", "建议", "表扬")
    wrong = [replace(e, kind=kinds[kinds.index(e.kind) - 1]) for e in some if e.kind]
    lenient = [replace(example, accepted=kinds) for example in wrong]
    assert decided(minyi, wrong)["kind"].right.mean() < 0.5
    assert decided(minyi, lenient)["kind"].right.all()
