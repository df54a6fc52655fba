"""The table of how common character pairs are in ordinary opinions, counted over the corpus.

What is rare there is a name, and what is far commoner here than there belongs to a matter. The
table is built with the starter model, so that neither a search nor a wheel needs the corpus::

    python -m minyi.analysis.issues.background models/background.npz
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from minyi.analysis.issues.vectors import BITS, N_HASHED, hash_pairs
from minyi.corpus import read_corpus
from minyi.resources import bundled


def count_pairs(corpus: Path) -> tuple[NDArray[np.int32], int]:
    """Count in how many submissions of a corpus each pair occurs, and the submissions."""
    texts = [f"{example.title} {example.text}" for example in read_corpus(corpus)]
    fields, hashes = hash_pairs([""] * len(texts), texts)
    pairs = np.unique((fields.astype(np.int64) << BITS) | hashes)
    counts = np.bincount(pairs & (N_HASHED - 1), minlength=N_HASHED)
    return counts.astype(np.int32), len(texts)


def write_background(corpus: Path, path: Path) -> None:
    """Write the table that `vectors.background` reads."""
    counts, n = count_pairs(corpus)
    pairs = np.flatnonzero(counts).astype(np.int32)
    np.savez_compressed(path, pairs=pairs, counts=counts[pairs], n=n)


if __name__ == "__main__":
    write_background(bundled("corpus"), Path(sys.argv[1]))
