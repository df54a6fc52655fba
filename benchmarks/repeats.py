"""How fast and how well are repeated submissions found?

Speed: the real messages against the usual way (scikit-learn TF-IDF of character three-grams, the
cosine of all pairs), in turns in one run. Growth: up to 100,000 submissions made of the real
messages (target: 60 s, 2 GB; half of them noisy repeats, half new ones cut together from
sentences of others), and 100,000 with one text. Quality on these: the share of pairs with one
source that are together, and of pairs together that have one source; only messages with no
cosine above 0.4 to another one are sources. With --known sets.json (lists of ids that were read
and judged) also recall and precision on the real messages.

    python benchmarks/repeats.py --data ../shared/benchmark [--rows 100000] [--known sets.json]
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import common

common.one_core()

from minyi.analysis.frame import prepare  # noqa: E402
from minyi.analysis.repeats import find_repeats  # noqa: E402

if TYPE_CHECKING:
    import pandas as pd

_SEED = 20260301
_COSINE, _UNLIKE = 0.8, 0.4
_SENTENCES = re.compile(r"[^。！？；]+[。！？；]?")
_GREETINGS = ["尊敬的领导：您好！", "领导好，", "各位领导，", "你好！", ""]
_ENDINGS = ["请尽快处理，谢谢！", "望回复。", "谢谢！", "盼复", ""]


def main() -> None:
    arguments = read_arguments()
    if arguments.child:
        measure(arguments)
        return
    messages = common.read_messages(arguments.data, "messages_2019.csv")
    real = frame(messages)
    if arguments.known:
        known(real, json.loads(arguments.known.read_text(encoding="utf-8")))
    ways = {"usual way": lambda: usual(real["text"].tolist()), "minyi": lambda: find_repeats(real)}
    ways["minyi"]()
    seconds = common.take_turns(ways, rounds=3)
    ratio = seconds["usual way"] / seconds["minyi"]
    for name, value in seconds.items():
        print(f"{name:12}{len(real):8} submissions {value:8.2f} s")
    print(f"ratio {ratio:.1f} x")
    alike = {row for pair in usual(real["text"].tolist(), _UNLIKE) for row in pair}
    sources = [text for row, text in enumerate(real["text"]) if row not in alike]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sources.json"
        path.write_text(json.dumps(sources), encoding="utf-8")
        growth(arguments.rows, path)


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with messages_2019.csv")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--known", type=Path)
    parser.add_argument("--child", choices=("mixed", "one"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.child and not (arguments.data / "messages_2019.csv").is_file():
        sys.exit(f"{arguments.data} has no messages_2019.csv: it is not part of the project.")
    return arguments


def frame(messages: list[dict[str, str]]) -> pd.DataFrame:
    import pandas as pd

    return prepare(pd.DataFrame(messages).rename(columns={"user": "sender"}))


def usual(texts: list[str], least: float = _COSINE) -> list[tuple[int, int]]:
    """Return the pairs of texts whose cosine is at least `least`."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(analyzer="char", ngram_range=(3, 3), sublinear_tf=True).fit_transform(
        texts
    )
    pairs = []
    for start in range(0, len(texts), 500):
        cosine = (vectors[start : start + 500] @ vectors.T).tocoo()
        near = (cosine.data >= least) & (cosine.row + start < cosine.col)
        pairs += list(zip(cosine.row[near] + start, cosine.col[near], strict=True))
    return pairs


def known(real: pd.DataFrame, sets: list[list[int]]) -> None:
    found = find_repeats(real)
    groups: dict[int, list[int]] = {}
    for number, group in zip(real["id"].astype(int), found["group"], strict=True):
        if group >= 0:
            groups.setdefault(group, []).append(number)
    mine, read = pairs_of(groups.values()), pairs_of(sets)
    both = len(mine & read)
    print(f"known sets {len(sets)}: recall {both / len(read):.3f} precision {both / len(mine):.3f}")


def pairs_of(sets) -> set[tuple[int, ...]]:  # type: ignore[no-untyped-def]
    return {tuple(sorted(p)) for ids in sets for p in itertools.combinations(ids, 2)}


def growth(most: int, sources: Path) -> None:
    """Run each size in a process of its own, for its peak memory."""
    print(f"{'':10}{'rows':>8}{'seconds':>9}{'MB':>7}{'recall':>8}{'precision':>10}")
    times = []
    for kind, rows in [("mixed", most // 16), ("mixed", most // 4), ("mixed", most), ("one", most)]:
        command = [sys.executable, __file__, "--data", str(sources), "--rows", str(rows)]
        done = subprocess.run(
            [*command, "--child", kind], check=True, capture_output=True, text=True
        )
        values = json.loads(done.stdout)
        print(
            f"{kind:10}{rows:8}{values['seconds']:9.1f}{values['mb']:7.0f}"
            f"{values['recall']:8.3f}{values['precision']:10.3f}",
            flush=True,
        )
        if kind == "mixed":
            times.append((rows, values["seconds"]))
    (small, fast), (large, slow) = times[0], times[-1]
    print(f"exponent {math.log(slow / fast) / math.log(large / small):.2f}")


def measure(arguments: argparse.Namespace) -> None:
    import pandas as pd

    originals = json.loads(arguments.data.read_text(encoding="utf-8"))
    texts, sources = made(originals, arguments.rows, arguments.child)
    submissions = prepare(pd.DataFrame({"text": texts}))
    # Of the processor: other programs on the machine do not count.
    start = time.process_time()
    found = find_repeats(submissions)
    seconds = time.process_time() - start
    recall, precision = quality(found["group"].tolist(), sources)
    mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "mb": mb, "recall": recall, "precision": precision}))


def made(originals: list[str], rows: int, kind: str) -> tuple[list[str], list[int]]:
    """Return texts and of which text each is a repeat."""
    chance = random.Random(_SEED)
    if kind == "one":
        return [originals[0]] * rows, [0] * rows
    sentences = [s for text in originals for s in _SENTENCES.findall(text) if len(s) > 8]
    texts, sources = [], []
    while len(texts) < rows:
        texts.append("".join(chance.sample(sentences, chance.randint(3, 9))))
        sources.append(len(sources))
        number = chance.randrange(len(originals))
        texts.append(noisy(originals[number], chance))
        sources.append(-1 - number)
    return texts[:rows], sources[:rows]


def noisy(text: str, chance: random.Random) -> str:
    """Write a text as somebody would who sends it again."""
    way = chance.randrange(4)
    if way == 0:
        return text
    if way == 1:
        return chance.choice(_GREETINGS) + text.replace("，", ",") + chance.choice(_ENDINGS)
    letters = list(text)
    for _ in range(max(1, len(letters) // 50)):
        letters[chance.randrange(len(letters))] = chance.choice(["", "的", "了", "，"])
    if way == 2:
        return "".join(letters)
    sentences = _SENTENCES.findall(text)
    if len(sentences) > 4:
        sentences.pop(chance.randrange(len(sentences)))
    return "".join(sentences)


def quality(groups: list[int], sources: list[int]) -> tuple[float, float]:
    """Return the recall and precision of pairs, counted without making the pairs."""

    def pairs(counts) -> int:  # type: ignore[no-untyped-def]
        return sum(n * (n - 1) // 2 for n in counts)

    together = Counter((g, s) for g, s in zip(groups, sources, strict=True) if g >= 0)
    both = pairs(together.values())
    mine = pairs(Counter(g for g in groups if g >= 0).values())
    return both / max(pairs(Counter(sources).values()), 1), both / max(mine, 1)


if __name__ == "__main__":
    main()
