"""What does it cost to make the starter small?

Trains the starter with all features and with those that say most, and compares level 1 on the
real messages before and after the weights are stored as bytes; with the size of the file.

    python benchmarks/model_size.py --data ../shared/benchmark
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import common
import numpy as np

from minyi import Minyi, Submission
from minyi.domain.office import load_office
from minyi.domain.taxonomy import load_taxonomy
from minyi.learning import training
from minyi.learning.evaluation import evaluate
from minyi.learning.persistence import Model, load_model, save_model
from minyi.resources import bundled
from minyi.starter import train_starter


def main() -> None:
    rows = common.read_messages(common.data_folder(__doc__))
    usual = training._MOST_WEIGHTS
    for name, most in (("all features", 10**12), ("features that say most", usual)):
        training._MOST_WEIGHTS = most
        model = train_starter(bundled("corpus"))
        print(f"{name}: {len(model.scorer.columns)} features")
        show("  as trained", model, rows)
        with tempfile.TemporaryDirectory() as folder:
            save_model(model, Path(folder))
            size = sum(file.stat().st_size for file in Path(folder).iterdir())
            show(f"  as bytes, {size / 1e6:.1f} MB", load_model(Path(folder)), rows)


def show(name: str, model: Model, rows: list[dict[str, str]]) -> None:
    submissions = [Submission(row["text"], row["title"]) for row in rows]
    codes, probabilities = Minyi(model, load_office()).probabilities(submissions)
    tops, position = np.unique([code[:2] for code in codes], return_inverse=True)
    sums = np.zeros((len(rows), len(tops)))
    np.add.at(sums.T, position, probabilities.T)
    find = load_taxonomy().find
    truth = [find(row["level1"]) or "" for row in rows]
    report = evaluate(truth, tops[sums.argmax(axis=1)].tolist(), sums.max(axis=1))
    print(f"{name:28} macro-F1 {report.macro_f1:.4f}, accuracy {report.accuracy:.4f}", flush=True)


if __name__ == "__main__":
    main()
