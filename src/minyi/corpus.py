"""The project's corpus: labelled submissions that were written for it (``data/README.md``)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from minyi.domain.taxonomy import NOWHERE, load_taxonomy
from minyi.learning.training import TrainingSet
from minyi.schema import Submission
from minyi.text.cleaning import clean


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled submission of the corpus; see ``data/README.md``.

    `accepted` holds further answers that a careful reader would let stand: codes, kinds and names
    of departments.
    """

    title: str
    text: str
    kind: str
    category: str
    also: tuple[str, ...]
    department: str
    urgent: bool
    source: str
    accepted: tuple[str, ...] = ()

    @property
    def is_held_out(self) -> bool:
        """Whether it is one of the quarter on which trust in the scores is measured.

        Told by the text alone, so that it stays in that quarter when the corpus grows.
        """
        digest = hashlib.sha256(f"{self.title}\n{self.text}".encode()).digest()
        return int.from_bytes(digest[:2]) % 4 == 0

    def accepts(self, answer: str) -> bool:
        """Whether `answer` is the label, or one that a careful reader would let stand.

        A code above the label is right as far as it goes.
        """
        own = (self.category or NOWHERE, self.kind, self.department, *self.also, *self.accepted)
        return answer in own or (answer.isdigit() and any(o.startswith(answer) for o in own))


def read_corpus(folder: Path) -> list[Example]:
    """Read the corpus, files in the order of their names."""
    examples = []
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            row["also"], row["accepted"] = tuple(row["also"]), tuple(row.get("accepted", ()))
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
