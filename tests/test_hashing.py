"""Hashed features: the same columns everywhere, counted as a slow reference counts them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from minyi.learning import hashing
from minyi.learning.hashing import BLOCK_BITS, BLOCKS, N_COLUMNS
from minyi.text.segmentation import Segmenter

WRAP = 0xFFFFFFFF
TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=30)
CHINESE = st.text("停水了路灯坏村民低保a1. ，。𠮷😀", max_size=20)
FIELDS = st.one_of(TEXTS, CHINESE)
GOLDEN = {
    8689: 1,
    25309: 1,
    30306: 1,
    38307: 1,
    49261: 1,
    80026: 1,
    101491: 1,
    131747: 1,
    144471: 1,
    203401: 1,
    292450: 1,
    406615: 1,
    465545: 1,
    610572: 1,
    631730: 1,
    718985: 1,
    754659: 1,
    893874: 1,
}
PAIRS = st.lists(st.tuples(FIELDS, FIELDS), min_size=1, max_size=6)


def slow_mix(hashed: int) -> int:
    hashed &= WRAP
    hashed ^= hashed >> 15
    hashed = hashed * 0x85EBCA77 & WRAP
    hashed ^= hashed >> 13
    return hashed >> (32 - BLOCK_BITS)


def slow_field(field: str, *, words: bool) -> list[tuple[str, int]]:
    """Return (kind of block, column inside it) for every occurrence."""
    codes = [ord(c) for c in field if c != " "]
    found = [("characters", slow_mix(code * 0x9E3779B1)) for code in codes]
    found += [
        ("characters", slow_mix((a & WRAP) * 0x85EBCA77 + b * 0xC2B2AE3D))
        for a, b in pairwise(codes)
    ]
    for token in Segmenter().cut(field) if words else ():
        if ord(token[0]) < 0xFFFF and token[0].isalnum():
            powers = (pow(0x01000193, min(i, 63) + 1, 2**32) for i in range(len(token)))
            hashed = sum(ord(c) * p for c, p in zip(token, powers, strict=True)) & WRAP
            found.append(("words", slow_mix(hashed * 0x9E3779B1)))
    return found


def slow_counts(title: str, text: str, *, words: bool = True) -> dict[int, int]:
    counts: Counter[int] = Counter()
    for field, is_title in ((title, True), (text, False)):
        for kind, column in slow_field(field, words=words):
            counts[(BLOCKS.index(kind) << BLOCK_BITS) + column] += 1
            if is_title:
                counts[(BLOCKS.index(f"title {kind}") << BLOCK_BITS) + column] += 1
    return dict(counts)


def fast_counts(pairs: list[tuple[str, str]], *, words: bool = True) -> list[dict[int, int]]:
    cut = Segmenter().cut if words else None
    titles, texts = [title for title, _ in pairs], [text for _, text in pairs]
    counts = hashing.count(hashing.extract(titles, texts, cut)).tocsr()
    return [
        dict(zip(row.indices.tolist(), row.data.astype(int).tolist(), strict=True))
        for row in (counts[i] for i in range(counts.shape[0]))
    ]


@settings(max_examples=150, deadline=None)
@given(PAIRS, st.booleans())
@example([("", "")], True)
@example([("停水", "停 水停 水"), ("", "😀"), (" ", "a" * 90)], True)
def test_counts_equal_a_slow_reference(pairs: list[tuple[str, str]], words: bool) -> None:
    assert fast_counts(pairs, words=words) == [slow_counts(*p, words=words) for p in pairs]


@settings(max_examples=60, deadline=None)
@given(PAIRS)
def test_a_submission_has_the_same_counts_in_any_batch(pairs: list[tuple[str, str]]) -> None:
    assert fast_counts(pairs) == [fast_counts([pair])[0] for pair in pairs]


def test_the_columns_of_a_text_never_change() -> None:
    # Saved models stand on these numbers.
    (counts,) = fast_counts([("停水", "路灯坏了")])
    assert counts == GOLDEN


def test_another_process_with_another_hash_seed_gives_the_same_columns() -> None:
    code = (
        "import json; from minyi.learning import hashing; "
        "from minyi.text.segmentation import Segmenter; "
        "f = hashing.extract(['停水'], ['三组的路灯坏了'], Segmenter().cut); "
        "print(json.dumps(hashing.count(f).tocsr().indices.tolist()))"
    )
    here = sorted(fast_counts([("停水", "三组的路灯坏了")])[0])
    for seed in ("1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, check=True
        )
        assert sorted(json.loads(done.stdout)) == here


def test_without_a_segmenter_there_are_no_words() -> None:
    features = hashing.extract(["停水"], ["路灯坏了"], None)
    assert features.tokens == []
    assert len(features.words) == len(features.word_columns) == 0
    assert (features.columns >> BLOCK_BITS < BLOCKS.index("words")).all()


def test_words_point_at_their_tokens_and_rows() -> None:
    features = hashing.extract(["停水", ""], ["路灯坏了。", "低保怎么办"], Segmenter().cut)
    words = [features.tokens[i] for i in features.words]
    by_row = {row: [] for row in (0, 1)}  # type: dict[int, list[str]]
    for word, row in zip(words, features.word_rows.tolist(), strict=True):
        by_row[row].append(word)
    assert "".join(by_row[0]) == "停水路灯坏了"
    assert "".join(by_row[1]) == "低保怎么办"


def test_joined_rows_are_the_sum_of_their_parts_and_parts_of_several_follow() -> None:
    features = hashing.extract(["", "题", ""], ["停水了", "路灯坏了", "低保没有"], Segmenter().cut)
    apart = hashing.count(features).toarray()
    joined = hashing.count(features.joined(np.array([0, 1, 1]), 2)).toarray()
    assert (joined == np.array([apart[0], apart[1] + apart[2], apart[1], apart[2]])).all()


def test_joined_words_are_those_of_the_wholes() -> None:
    features = hashing.extract([""] * 3, ["停水", "路灯", "低保"], Segmenter().cut)
    joined = features.joined(np.array([0, 0, 1]), 2)
    assert [joined.tokens[i] for i in joined.words] == ["停水", "路灯", "低保"]
    assert joined.word_rows.tolist() == [0, 0, 1]


def test_a_batch_beyond_sixteen_bits_is_counted_right() -> None:
    n = hashing.MAX_BATCH + 5
    counts = hashing.count(hashing.extract([""] * n, ["水"] * n, None)).tocsr()
    assert counts.shape == (n, N_COLUMNS)
    assert (np.diff(counts.indptr) == 1).all()
    assert (counts.data == 1).all()


@pytest.mark.parametrize("columns", [[], [7], [0, 5, N_COLUMNS - 1]])
def test_lookup_finds_kept_columns_and_marks_all_others(columns: list[int]) -> None:
    lookup = hashing.make_lookup(np.array(columns, dtype=np.int64))
    assert lookup.shape == (N_COLUMNS,)
    assert [int(lookup[column]) for column in columns] == list(range(len(columns)))
    assert (lookup >= 0).sum() == len(columns)


def test_lookup_drops_unknown_columns_and_keeps_counts() -> None:
    features = hashing.extract([""], ["停水停水"], None)
    whole = hashing.count(features).tocsr()
    kept = whole.indices[::2].astype(np.int64)
    part = hashing.count(features, hashing.make_lookup(kept), len(kept))
    assert part.toarray().tolist() == [whole[0, kept].toarray()[0].tolist()]


def test_indices_are_sorted_and_without_duplicates() -> None:
    counts = hashing.count(hashing.extract([""] * 2, ["停水停水了", "路灯"], Segmenter().cut))
    for i in range(2):
        assert (np.diff(counts.tocsr()[i].indices) > 0).all()


def test_a_count_beyond_the_table_weighs_as_the_table_s_last() -> None:
    counts = hashing.count(
        hashing.extract(["", ""], ["水" * 5000 + "火", "水" * 1024 + "火"], None)
    )
    columns = np.unique(counts.tocsr().indices).astype(np.int64)
    ones = np.ones(len(columns), np.float32)
    weighed = hashing.weigh(counts[:, columns].tocsc(), columns, ones)
    assert np.isfinite(weighed.data).all()
    fire = np.flatnonzero(columns == slow_mix(ord("火") * 0x9E3779B1))[0]
    assert weighed[0, fire] == pytest.approx(weighed[1, fire], rel=0.01)
