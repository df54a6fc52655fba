"""How right is Minyi on real messages?

Trains on split=train and tests on split=dev of the labelled messages (7 official level-1 classes),
and tests the starter, which has seen none of them, on all; a prediction outside the 7 classes
counts as wrong. Prints the confusion, the coverage and the share a person should look at.

    python benchmarks/accuracy.py --data ../shared/benchmark
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import common

from minyi import Submission, load
from minyi.labelled import Labelled, evaluate_on, train_on


def main() -> None:
    rows = common.read_messages(common.data_folder(__doc__))
    for features in ("words+chars", "chars"):
        with tempfile.TemporaryDirectory() as folder:
            model = Path(folder) / "own"
            train_on(labelled(rows, "train"), model, features=features)
            report = evaluate_on(labelled(rows, "dev"), str(model))
        print(f"trained on split=train ({features}), tested on split=dev")
        show(report)
    everything = labelled(rows, None)
    print("the starter on all messages")
    show(evaluate_on(everything, "starter"))
    review(everything)


def labelled(rows: list[dict[str, str]], split: str | None) -> Labelled:
    chosen = [row for row in rows if split in (None, row["split"])]
    submissions = [Submission(row["text"], row["title"]) for row in chosen]
    return Labelled(submissions, {"category": [row["level1"] for row in chosen]})


def show(report) -> None:  # type: ignore[no-untyped-def]
    for line in report.lines():
        print("  " + line)


def review(data: Labelled) -> None:
    """Print how many rows the default profile sends to a person, and how right the others are."""
    minyi = load()
    results = minyi.classify(data.submissions)
    from minyi.labelled import as_codes

    truth = as_codes(data.labels["category"]) or []
    sent = [(r, t) for r, t in zip(results, truth, strict=True) if not r.needs_review]
    right = sum(r.category_code.startswith(t) for r, t in sent)
    print(f"default profile: {len(results) - len(sent)} of {len(results)} rows need review;")
    print(f"  of the {len(sent)} others {right / len(sent):.1%} have the official level 1")
    reasons = Counter(
        reason.split("（")[0] for r in results for reason in r.review_reason.split("；") if reason
    )
    print("  reasons:", dict(reasons))
    print("  level reached:", dict(Counter(len(r.category_code) // 2 for r in results)))


if __name__ == "__main__":
    main()
