"""The table of common character pairs: it is of this corpus, and a search needs nothing else."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from minyi.analysis.issues.background import count_pairs, write_background
from minyi.analysis.issues.vectors import background, hash_pairs
from minyi.corpus import Example
from minyi.resources import bundled


def test_the_shipped_table_is_the_count_of_the_corpus() -> None:
    counts, n = count_pairs(bundled("corpus"))
    shipped, n_shipped = background()
    assert (n_shipped, shipped.dtype) == (n, np.int32)
    np.testing.assert_array_equal(shipped, counts)


def test_a_pair_counts_once_a_submission(tmp_path: Path) -> None:
    texts = ("路灯，路灯坏了", "路灯")
    blank = asdict(Example("", "", "", "", (), "", False, ""))
    rows = [json.dumps(blank | {"text": text}) for text in texts]
    (tmp_path / "00.jsonl").write_text("\n".join(rows), "utf-8")
    counts, n = count_pairs(tmp_path)
    _, (lamp,) = hash_pairs([""], ["路灯"])
    assert (n, counts[lamp]) == (2, 2)


def test_what_is_written_is_what_was_counted(tmp_path: Path) -> None:
    write_background(bundled("corpus"), tmp_path / "background.npz")
    with (
        np.load(tmp_path / "background.npz") as written,
        np.load(bundled("models/background.npz")) as shipped,
    ):
        for name in ("pairs", "counts", "n"):
            np.testing.assert_array_equal(written[name], shipped[name])
