"""Train the starter model from the project's corpus: ``python -m minyi.starter models/starter``."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from minyi.domain.taxonomy import NOWHERE, load_taxonomy
from minyi.learning.persistence import Model, save_model
from minyi.learning.training import TrainingSet, train
from minyi.modelcard import write_card
from minyi.resources import bundled
from minyi.schema import Submission
from minyi.text.cleaning import clean

CORPUS_DATE = "2026-11-22"  # the state of the corpus; not the clock, so that a rebuild is identical


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled submission of the corpus; see ``data/README.md``."""

    title: str
    text: str
    kind: str
    category: str
    also: tuple[str, ...]
    department: str
    urgent: bool
    source: str


def read_corpus(folder: Path) -> list[Example]:
    """Read the corpus, files in the order of their names."""
    examples = []
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            row["also"] = tuple(row["also"])
            examples.append(Example(**{**row, "urgent": bool(row["urgent"])}))
    return examples


def training_set(examples: list[Example], *, names: bool = True) -> TrainingSet:
    """Turn examples into a training set.

    Parameters
    ----------
    examples : list of Example
    names : bool
        Add a pseudo-submission for each category, made of its name, aliases, description and
        keywords.
    """
    titles, texts = [e.title for e in examples], [e.text for e in examples]
    labels = {
        "category": [e.category or NOWHERE for e in examples],
        "kind": [e.kind for e in examples],
        "department": [e.department for e in examples],
        "urgent": [str(int(e.urgent)) for e in examples],
    }
    if names:
        pseudo = _pseudo_submissions()
        titles += [""] * len(pseudo)
        texts += list(pseudo.values())
        labels["category"] += list(pseudo)
        for target in ("kind", "department", "urgent"):
            labels[target] += [""] * len(pseudo)
    submissions = [Submission(b, t) for t, b in zip(clean(titles), clean(texts), strict=True)]
    return TrainingSet(submissions, labels)


def _pseudo_submissions() -> dict[str, str]:
    taxonomy = load_taxonomy()
    return {
        code: "，".join([*taxonomy.path(code), *c.aliases, c.description, *c.keywords])
        for code, c in taxonomy.items()
        if c.level > 1 and c.name != "其他"
    }


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
    return train(training_set(examples), name="starter", clauses=True, semantic=True, about=about)


if __name__ == "__main__":
    corpus, folder = bundled("corpus"), Path(sys.argv[1])
    model = train_starter(corpus)
    save_model(model, folder)
    write_card(folder, model.manifest, read_corpus(corpus))
