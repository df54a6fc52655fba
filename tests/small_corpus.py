"""A small slice of the project's corpus, and models trained on it once a test run."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import Any

from minyi.corpus import Example, read_corpus, training_set
from minyi.learning.features import TextFeatures
from minyi.learning.persistence import Model
from minyi.learning.training import TrainingSet, train
from minyi.resources import bundled
from minyi.schema import Submission

CODES = ("010204", "010205", "010215", "080202", "080204", "130503")
STEMS = ("0102", "0802", "1305")
PER_CODE = 24


@lru_cache(maxsize=1)
def corpus() -> tuple[Example, ...]:
    return tuple(read_corpus(bundled("corpus")))


@lru_cache(maxsize=1)
def examples() -> tuple[Example, ...]:
    by_code: dict[str, list[Example]] = defaultdict(list)
    for example in corpus():
        by_code[example.category].append(example)
    return tuple(e for code in CODES for e in by_code[code][:PER_CODE])


@lru_cache(maxsize=1)
def small_set() -> TrainingSet:
    return training_set(list(examples()), names=False)


@lru_cache(maxsize=1)
def submissions() -> tuple[Submission, ...]:
    return tuple(small_set().submissions)


@lru_cache(maxsize=1)
def matrix() -> Any:
    """The features of `small_set`."""
    return TextFeatures().fit_transform(submissions())


@lru_cache(maxsize=1)
def model() -> Model:
    return train(small_set(), name="小样")


@lru_cache(maxsize=1)
def label_model() -> Model:
    """A model without words, of two labels that are an office's own."""
    data = small_set()
    names = {"01": "城建口", "08": "社保口", "13": "公安口"}
    labels = {"category": [names[code[:2]] for code in data.labels["category"]]}
    return train(TrainingSet(data.submissions, labels, False), name="自定", features="chars")
