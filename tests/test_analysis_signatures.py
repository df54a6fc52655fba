"""Signatures: honest estimates, and candidates that stay linear."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minyi.analysis.repeats.shingles import Shingles, shingle
from minyi.analysis.repeats.signatures import N_HASHES, candidates, rows_per_band, sign

CHARACTERS = "村口路灯坏了水电桥塌修物业停车噪音油烟学校公交"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_equal_signature_values_estimate_the_jaccard_similarity(share: float) -> None:
    # Sets with a known overlap: J = common / (2 size - common).
    n_pairs, size = 300, 200
    common = round(2 * size * share / (1 + share))
    numbers = np.random.default_rng(5).permutation(1 << 22)[: n_pairs * 2 * size]
    pool = numbers.reshape(n_pairs, 2 * size).astype(np.uint32) * np.uint32(251)
    rows = []
    for own in pool:
        rows += [np.sort(own[:size]), np.sort(own[size - common : 2 * size - common])]
    sets = Shingles(
        np.concatenate(rows), np.arange(0, len(rows) + 1) * size, np.zeros(len(rows), np.uint64)
    )
    signatures = sign(sets)
    estimates = (signatures[0::2] == signatures[1::2]).mean(axis=1)
    error = (share * (1 - share) / N_HASHES) ** 0.5
    assert abs(estimates.mean() - share) < 5 * error / n_pairs**0.5
    assert 0.8 * error < estimates.std() < 1.25 * error


def test_signatures_do_not_depend_on_the_neighbours() -> None:
    chance = random.Random(3)
    texts = ["".join(chance.choices(CHARACTERS, k=900)) for _ in range(150)]
    together = sign(shingle(texts))
    assert np.array_equal(together[97:98], sign(shingle(texts[97:98])))
    assert np.array_equal(sign(shingle([])), np.empty((0, N_HASHES), np.uint32))


@given(st.floats(0.3, 1.0))
def test_banding_overlooks_next_to_nothing_as_similar_as_asked_for(jaccard: float) -> None:
    rows = rows_per_band(jaccard)
    overlooked = (1 - jaccard**rows) ** (N_HASHES // rows)
    assert overlooked <= 0.002
    wider = rows * 2
    assert wider > 16 or (1 - jaccard**wider) ** (N_HASHES // wider) > 0.002


def test_one_letter_sent_thousands_of_times_gives_a_linear_number_of_candidates() -> None:
    n = 3000
    signatures = np.zeros((n, N_HASHES), dtype=np.uint32)
    pairs = candidates(signatures, np.arange(n, dtype=np.uint64) % np.uint64(7), 0.67)
    assert len(pairs) < 3 * n
    assert set(pairs[:, 1].tolist()) == set(range(1, n))
    assert (pairs[:, 0] < pairs[:, 1]).all()


def test_texts_that_name_the_same_are_paired_within_a_large_bucket() -> None:
    signatures = np.zeros((600, N_HASHES), dtype=np.uint32)
    tells = np.arange(600, dtype=np.uint64) // np.uint64(2) % np.uint64(100)
    pairs = {tuple(pair) for pair in candidates(signatures, tells, 0.67).tolist()}
    firsts = {int(tell): row for row, tell in reversed(list(enumerate(tells)))}
    assert all((firsts[int(t)], i) in pairs for i, t in enumerate(tells) if firsts[int(t)] != i)


def test_nothing_in_common_gives_no_candidates() -> None:
    signatures = np.arange(4 * N_HASHES, dtype=np.uint32).reshape(4, N_HASHES)
    assert candidates(signatures, np.zeros(4, np.uint64), 0.67).shape == (0, 2)
    assert candidates(signatures[:0], np.zeros(0, np.uint64), 0.67).shape == (0, 2)
