"""The tables by which a name is told from ordinary text."""

from __future__ import annotations

from pathlib import Path

import pytest

from minyi.analysis.privacy.counting import given_shares, tables, write
from minyi.analysis.privacy.evidence import Sentence, candidates
from minyi.analysis.privacy.odds import OF_GIVEN, OF_SURNAMES, odds

WORDS = [("高兴", 50, "a"), ("马路", 40, "n"), ("王秀英", 3, "nr"), ("李秀兰", 3, "nr")]
TEXTS = ["大家都很高兴，马路上有人", "马路坏了，不高兴"] * 20


def test_characters_of_names_outweigh_those_of_words() -> None:
    made = tables(TEXTS, WORDS)
    assert made[OF_SURNAMES]["王"] > made[OF_SURNAMES]["高"]
    assert made[OF_GIVEN]["秀"] > made[OF_GIVEN]["兴"]


def test_pairs_of_words_are_kept_and_pairs_by_chance_are_not() -> None:
    made = tables(TEXTS, WORDS)
    assert made["高"]["兴"] > 1
    assert "上" not in made.get("兴", {})


def test_shares_of_given_names_are_shares() -> None:
    assert sum(given_shares(WORDS).values()) == pytest.approx(1)


def test_what_is_written_names_each_value_once_a_line(tmp_path: Path) -> None:
    write(tmp_path / "odds.txt", {"高": {"兴": 2.5, "度": 2.5, "山": 1.0}})
    assert "高 1:山 2.5:兴度" in (tmp_path / "odds.txt").read_text("utf-8").splitlines()


def test_the_shipped_tables_tell_a_name_from_a_word() -> None:
    assert odds().pairs["高兴"] > 3
    assert "王建" not in odds().pairs
    for text, is_name in (("找王建军", True), ("很高兴地", False)):
        assert bool(candidates(Sentence(text, frozenset({1, 4})), 0.0)) is is_name
