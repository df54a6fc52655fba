"""Train the starter model from the project's corpus: ``python -m minyi.starter models/starter``."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from minyi.corpus import Example, read_corpus, training_set
from minyi.domain.office import load_office
from minyi.domain.taxonomy import NOWHERE
from minyi.learning.persistence import Model, save_model
from minyi.learning.training import train
from minyi.learning.trust import Decided, decided_codes, level_threshold, metrics, thresholds
from minyi.modelcard import write_card
from minyi.pipeline import Minyi
from minyi.resources import bundled
from minyi.schema import URGENT_YES, Submission

CORPUS_DATE = "2026-11-22"  # the state of the corpus; not the clock, so that a rebuild is identical


def train_starter(corpus: Path) -> Model:
    """Train the starter model on a corpus folder."""
    examples = read_corpus(corpus)
    digest = hashlib.sha256()
    for file in sorted(corpus.glob("*.jsonl")):
        digest.update(file.read_bytes())
    about = {
        "date": CORPUS_DATE,
        "command": "make model",
        "data": {
            "name": "data/corpus",
            "n_submissions": len(examples),
            "sha256": digest.hexdigest(),
        },
    }
    model = _train(examples, about)
    return replace(model, manifest={**model.manifest, **measured(examples, about)})


def measured(examples: Sequence[Example], about: dict[str, Any]) -> dict[str, Any]:
    """Return thresholds and metrics of a model that was taught all but the held-out quarter.

    They are of the whole way through the house, as users go it, and a decision is right when a
    careful reader lets it stand.
    """
    model = _train([example for example in examples if not example.is_held_out], about)
    tested = [example for example in examples if example.is_held_out]
    submissions = [Submission(example.text, example.title) for example in tested]
    office = load_office()
    codes, probabilities = Minyi(model, office).probabilities(submissions)
    accepted = [[e.category or NOWHERE, *e.also, *e.accepted] for e in tested]
    level = level_threshold(codes, probabilities, accepted)
    minyi = Minyi(model, replace(office, thresholds={**office.thresholds, "level": level}))
    found = decided(minyi, tested)
    return {"thresholds": {**thresholds(found), "level": level}, "metrics": metrics(found)}


def decided(minyi: Minyi, tested: Sequence[Example]) -> dict[str, Decided]:
    """Return by target with which score each example was decided, and whether rightly."""
    submissions = [Submission(example.text, example.title) for example in tested]
    results = minyi.classify(submissions)
    classes, urgent = minyi.probabilities(submissions, "urgent")
    # What belongs nowhere has neither kind nor department; nor has what was taken for such.
    both = [(e, r) for e, r in zip(tested, results, strict=True) if e.kind and r.kind]
    return {
        "category": decided_codes(
            [result.category_code or NOWHERE for result in results],
            [result.score or 0.0 for result in results],
            [[e.category or NOWHERE, *e.also, *e.accepted] for e in tested],
        ),
        "kind": Decided(
            np.array([result.kind_score for _, result in both]),
            np.array([example.accepts(result.kind) for example, result in both]),
        ),
        "department": Decided(
            np.array([result.department_score for _, result in both]),
            np.array([example.accepts(result.department) for example, result in both]),
        ),
        "urgent": Decided(
            urgent[:, classes.index(URGENT_YES)], np.array([e.urgent for e in tested])
        ),
    }


def _train(examples: list[Example], about: dict[str, Any]) -> Model:
    return train(training_set(examples), name="starter", clauses=True, semantic=True, about=about)


if __name__ == "__main__":
    corpus, folder = bundled("corpus"), Path(sys.argv[1])
    model = train_starter(corpus)
    save_model(model, folder)
    write_card(folder, model.manifest, read_corpus(corpus))
