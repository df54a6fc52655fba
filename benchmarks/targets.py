"""Is the judgement worth having? The figures of the model card on real messages.

The starter has seen none of these messages. `adapted` saw the texts of split=train but not their
labels; `few` trains on random draws of labels with and without the base; all are tested on
split=dev. A prediction outside the 7 official classes is wrong, except in "7 allowed".

    python benchmarks/targets.py --data ../shared/benchmark [--only starter,adapted,few,trained]
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import common
import numpy as np

from minyi import Submission, load
from minyi.archive import adapt_on
from minyi.labelled import Labelled, as_codes, train_on
from minyi.learning.evaluation import Report, evaluate
from minyi.text.cleaning import clean

PARTS = ("starter", "adapted", "few", "trained")
DRAWS = 10
SEVEN = '[categories]\nuse = ["01", "04", "05", "06", "07", "08", "10"]\n'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--draws", type=int, default=DRAWS)
    arguments = parser.parse_args()
    rows = common.read_messages(arguments.data)
    train = [row for row in rows if row["split"] == "train"]
    dev = [row for row in rows if row["split"] == "dev"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "office.toml").write_text(SEVEN, "utf-8")
        for part in arguments.only.split(","):
            {"starter": starter, "adapted": adapted, "few": few, "trained": trained}[part](
                folder, rows, train, dev, arguments.draws
            )


def starter(folder: Path, rows: list, train: list, dev: list, draws: int) -> None:  # type: ignore[type-arg]
    for office in (None, folder / "office.toml"):
        show(
            f"starter on all, {'all 17' if office is None else '7 allowed'}",
            "starter",
            rows,
            office,
        )
    titles = [{**row, "text": row["title"], "title": ""} for row in rows]
    show("starter on the titles alone (short texts)", "starter", titles, None)
    start = time.perf_counter()
    load("starter")
    print(f"load time {time.perf_counter() - start:.2f} s")


def adapted(folder: Path, rows: list, train: list, dev: list, draws: int) -> None:  # type: ignore[type-arg]
    submissions = cleaned(train)
    for office in (None, folder / "office.toml"):
        start = time.perf_counter()
        model = folder / f"adapted{office is not None}"
        _, check = adapt_on(submissions, model, office=office)
        print(check, f"{time.perf_counter() - start:.0f} s")
        show(f"adapted, {'all 17' if office is None else '7 allowed'}", str(model), dev, office)
        show("  the starter on the same", "starter", dev, office)


def few(folder: Path, rows: list, train: list, dev: list, draws: int) -> None:  # type: ignore[type-arg]
    base = folder / "adaptedFalse"
    if not base.exists():
        adapt_on(cleaned(train), base)
    for number in (300, 1000):
        for begin in (None, "starter", str(base)):
            found = []
            for draw in range(draws):
                chosen = random.Random(draw).sample(train, number)
                train_on(labelled(chosen), folder / "few", base=begin)
                found.append(judge(str(folder / "few"), dev, None)[0].macro_f1)
            begun = "no base" if begin is None else "starter" if begin == "starter" else "adapted"
            print(
                f"{number} labels, {begun}: macro-F1 {np.mean(found):.3f} "
                f"(from {min(found):.3f} to {max(found):.3f}, {draws} draws)",
                flush=True,
            )


def trained(folder: Path, rows: list, train: list, dev: list, draws: int) -> None:  # type: ignore[type-arg]
    for begin in (None, "starter"):
        train_on(labelled(train), folder / "own", base=begin)
        show(f"trained on train, base {begin}", str(folder / "own"), dev, None)
    order = np.random.default_rng(0).permutation(len(rows))
    scores = []
    for part in np.array_split(order, 5):
        rest = np.setdiff1d(order, part)
        train_on(labelled([rows[i] for i in rest]), folder / "fold")
        scores.append(judge(str(folder / "fold"), [rows[i] for i in part], None)[0].macro_f1)
    print(f"5-fold on train+dev: macro-F1 {np.mean(scores):.3f} (from {min(scores):.3f})")


def show(name: str, model: str, rows: list[dict[str, str]], office: Path | None) -> None:
    report, second = judge(model, rows, office)
    coverage = ", ".join(f"{share:.3f} at {p}" for p, share in report.coverage.items())
    print(
        f"{name}: macro-F1 {report.macro_f1:.3f}, accuracy {report.accuracy:.3f}, "
        f"top-2 {second:.3f}, ECE {report.calibration_error:.3f}, sent out {coverage}",
        flush=True,
    )


def judge(model: str, rows: list[dict[str, str]], office: Path | None) -> tuple[Report, float]:
    """Return the report at level 1, and how often the truth is among the best two."""
    minyi = load(model, office=office)
    classes, probabilities = minyi.probabilities(labelled(rows).submissions)
    truth = np.array(as_codes([row["level1"] for row in rows]))
    tops = np.array([code[:2] for code in classes])
    names = np.unique(tops)
    sums = np.stack([probabilities[:, tops == name].sum(axis=1) for name in names], axis=1)
    order = names[np.argsort(-sums, axis=1)]
    report = evaluate(truth.tolist(), order[:, 0].tolist(), sums.max(axis=1))
    return report, float((order[:, :2] == truth[:, None]).any(axis=1).mean())


def labelled(rows: Sequence[dict[str, str]]) -> Labelled:
    submissions = [Submission(row["text"], row["title"]) for row in rows]
    return Labelled(submissions, {"category": [row["level1"] for row in rows]})


def cleaned(rows: Sequence[dict[str, str]]) -> list[Submission]:
    texts, titles = clean([r["text"] for r in rows]), clean([r["title"] for r in rows])
    return [Submission(text, title) for text, title in zip(texts, titles, strict=True)]


if __name__ == "__main__":
    main()
