"""Are the matters found that a reader finds, and how fast, against the usual way in the same run?

The usual way is jieba, TfidfVectorizer, pairwise cosine and DBSCAN or agglomerative clustering,
with the threshold that suits it best on the very groups it is measured on. Needs messages that a
reader grouped: a CSV (id, user, time, title, text, likes, dislikes) and a JSON list of groups
(ids, maybe, sure). They are no part of the project.

    python benchmarks/hot.py --data ../shared/benchmark --truth truth.json [--sizes 4000 40000]
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import resource
import time
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd

from minyi.analysis.frame import prepare
from minyi.analysis.issues.hot import hot_issues
from minyi.analysis.issues.matters import find_matters
from minyi.analysis.issues.vectors import background

_SINGLE = 1_000_000
_SEED = 7


class Truth:
    """What a reader grouped; arguable members and groups that are no one matter do not count."""

    def __init__(self, ids: list[str], groups: list[dict]) -> None:  # type: ignore[type-arg]
        place = {name: i for i, name in enumerate(ids)}
        self.group = np.arange(len(ids)) + _SINGLE
        self.counts = np.ones(len(ids), bool)
        for number, group in enumerate(groups):
            rows = [place[str(name)] for name in group["ids"]]
            if group["sure"]:
                self.group[rows] = number
            else:
                self.counts[rows] = False
        for group in groups:
            maybe = np.array([place[str(name)] for name in group["maybe"]], int)
            self.counts[maybe[self.group[maybe] >= _SINGLE]] = False
        first = [ids[list(self.group).index(g)] for g in self.group]
        self.half = np.array([sha256(name.encode()).digest()[0] % 2 for name in first])

    def score(self, labels: np.ndarray, half: int | None = None) -> dict[str, float]:  # type: ignore[type-arg]
        """B-cubed over the grouped messages, pairwise F1, purity of the found groups of four."""
        labels = np.where(labels < 0, _SINGLE + np.arange(len(labels)), labels)
        frame = pd.DataFrame({"truth": self.group, "found": labels, "half": self.half})[self.counts]
        both = frame.groupby(["truth", "found"])["half"].transform("size")
        in_truth = frame.groupby("truth")["half"].transform("size")
        in_found = frame.groupby("found")["half"].transform("size")
        chosen = np.ones(len(frame), bool) if half is None else (frame["half"] == half).to_numpy()
        grouped = chosen & (frame["truth"] < _SINGLE).to_numpy()
        precision, recall = (both / in_found)[grouped].mean(), (both / in_truth)[grouped].mean()
        right = (both - 1)[chosen].sum()
        pair_precision = right / max((in_found - 1)[chosen].sum(), 1)
        pair_recall = right / max((in_truth - 1)[chosen].sum(), 1)
        four = frame[(in_found >= 4) & chosen]
        modes = four.groupby("found")["truth"].agg(lambda t: t.value_counts().iloc[0])
        big = {
            f"largest {i + 1}": frame["found"][frame["truth"] == g].value_counts().iloc[0]
            / (frame["truth"] == g).sum()
            for i, g in enumerate((0, 1))
        }
        return {
            "B3 precision": precision,
            "B3 recall": recall,
            "B3 F1": 2 * precision * recall / (precision + recall),
            "pair precision": pair_precision,
            "pair recall": pair_recall,
            "pair F1": 2
            * right
            / max((in_found - 1)[chosen].sum() + (in_truth - 1)[chosen].sum(), 1),
            "purity of >= 4": modes.sum() / max(len(four), 1),
            **big,
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="*", default=[])
    args = parser.parse_args()
    path = args.data / "messages_2019.csv"
    if not path.exists():
        raise SystemExit(f"{path} is missing: these messages are no part of the project")
    table = pd.read_csv(path, dtype={"id": str}).fillna("")
    frame = prepare(table, sender="user")
    truth = Truth(frame["id"].tolist(), json.loads(args.truth.read_text("utf-8")))
    background()
    find_matters(frame.head(100))
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    seconds, found = min((timed(frame) for _ in range(5)), key=lambda pair: pair[0])
    show(f"minyi, {seconds:.2f} s", truth.score(found))
    for half in (0, 1):
        show(f"  half {half}", truth.score(found, half))
    usual(frame, truth, seconds)
    for row in hot_issues(frame, top=5).issues.itertuples(index=False):
        print(row.热度排名, row.热度指数, row.时间范围, row._4)
    growth(frame, args.sizes)


def timed(frame: pd.DataFrame) -> tuple[float, np.ndarray]:  # type: ignore[type-arg]
    start = time.perf_counter()
    found = find_matters(frame)["matter"].to_numpy()
    return time.perf_counter() - start, found


def show(name: str, figures: dict[str, float]) -> None:
    print(f"{name:34}" + "  ".join(f"{k} {v:.3f}" for k, v in figures.items()), flush=True)


def usual(frame: pd.DataFrame, truth: Truth, ours: float) -> None:
    import jieba
    from sklearn.cluster import DBSCAN, AgglomerativeClustering
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics.pairwise import cosine_distances

    jieba.setLogLevel(logging.ERROR)
    jieba.initialize()
    start = time.perf_counter()
    texts = [f"{title} {text}" for title, text in zip(frame["title"], frame["text"], strict=True)]
    words = [" ".join(jieba.lcut(text)) for text in texts]
    matrix = TfidfVectorizer().fit_transform(words)
    distances = np.maximum(cosine_distances(matrix), 0)
    before = time.perf_counter() - start
    ways = [
        (f"DBSCAN eps {eps}", DBSCAN(eps=eps, min_samples=2, metric="precomputed"))
        for eps in np.arange(0.3, 0.71, 0.05).round(2)
    ] + [
        (
            f"average linkage {least}",
            AgglomerativeClustering(
                None, distance_threshold=least, metric="precomputed", linkage="average"
            ),
        )
        for least in np.arange(0.6, 0.86, 0.05).round(2)
    ]
    for name, way in ways:
        start = time.perf_counter()
        labels = way.fit_predict(distances)
        seconds = before + time.perf_counter() - start
        show(f"{name}, {seconds:.2f} s, x{seconds / ours:.0f}", truth.score(labels))


def growth(frame: pd.DataFrame, sizes: list[int]) -> None:
    """Time copies with noise: a tenth of the characters replaced by others of the same text."""
    times = []
    for size in sizes:
        copies = noisy(frame, size)
        start = time.perf_counter()
        found = find_matters(copies)["matter"]
        times.append(time.perf_counter() - start)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        largest = int((found == 0).sum())
        print(
            f"{size} rows: {times[-1]:.1f} s, peak {memory:.1f} GB, largest {largest}", flush=True
        )
    if len(sizes) > 1:
        exponent = np.polyfit(np.log(sizes), np.log(times), 1)[0]
        print(f"time grows as n^{exponent:.2f}")


def noisy(frame: pd.DataFrame, size: int) -> pd.DataFrame:
    draw = np.random.default_rng(_SEED)
    rows = np.arange(size) % len(frame)
    copies = frame.iloc[rows].reset_index(drop=True)
    for column in ("title", "text"):
        copies[column] = [
            text if i < len(frame) else _disturbed(text, draw)
            for i, text in enumerate(copies[column].tolist())
        ]
    return copies.assign(id=[str(i) for i in range(size)])


def _disturbed(text: str, draw: np.random.Generator) -> str:
    if not text:
        return text
    letters = np.array(list(text))
    hit = draw.random(len(letters)) < 0.1
    letters[hit] = draw.choice(letters, int(hit.sum()))
    return "".join(letters.tolist())


if __name__ == "__main__":
    main()
