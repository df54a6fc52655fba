"""Which weights tell a name from other text? Fits those of `minyi.analysis.privacy.evidence`.

Positive are made-up names in the contexts of ``name_contexts.txt``; negative is all else there and
in the corpus, in which few persons are named. The corpus is read in three parts, each with tables
counted on the other two: with the shipped tables its words would look better known than the words
of an unseen text. Prints the weights and, on names and contexts kept aside, how many are found.

    python benchmarks/names.py
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from unittest import mock

import numpy as np
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import person_sentences as lists
from minyi.analysis.privacy import counting, evidence
from minyi.analysis.privacy import namewords as known
from minyi.analysis.privacy.odds import OF_GIVEN, OF_SURNAMES, Odds, odds
from minyi.corpus import read_corpus
from minyi.resources import bundled
from minyi.text.segmentation import Segmenter

CONTEXTS = (Path(__file__).parent / "name_contexts.txt").read_text("utf-8").splitlines()
PARTS, EVERY, ROUNDS = 3, 3, 6
WORDS_AS_NAMES = 0.2  # share of given names that are words
Case = tuple[dict[str, float], bool, int]


def main() -> None:
    random.seed(0)
    examples = read_corpus(bundled("corpus"))
    texts = [text for one in examples for text in (one.title, one.text) if text]
    cases = [*contexts(), *written(), *ordinary(texts)]
    names = sorted({name for values, _, _ in cases for name in values})
    x = np.array([[values.get(name, 0.0) for name in names] for values, _, _ in cases])
    y = np.array([is_name for _, is_name, _ in cases])
    kept = np.array([number % 4 == 0 for _, _, number in cases])
    for title, train in (("three in four", ~kept), ("all", np.ones_like(kept))):
        model = LogisticRegression(fit_intercept=False, max_iter=5000)
        weights = model.fit(x[train], y[train]).coef_[0]
        print(title, {n: round(float(w), 2) for n, w in zip(names, weights, strict=True)})
        scores = x[kept] @ weights
        report(scores, y[kept], len({n for _, _, n in cases if n % 4 == 0 and n >= len(CONTEXTS)}))


def report(scores: np.ndarray, is_name: np.ndarray, n_texts: int) -> None:
    for least in (1, 0, -1, -2, -3):
        found, false = (scores[is_name] > least).mean(), (scores[~is_name] > least).sum()
        print(f"least {least}: {found:.1%} of names, {false} false in {n_texts} texts and contexts")


def contexts() -> Iterator[Case]:
    for _ in range(ROUNDS):
        for number, context in enumerate(CONTEXTS):
            parts, spans = context.split("{N}"), set()
            text = parts[0]
            for part in parts[1:]:
                name = made_up()
                spans.add((len(text), len(text) + len(name)))
                text += name + part
            for values, span in read(text):
                yield values, span in spans, number


def written() -> Iterator[Case]:
    """Read the list of the tests: it was written to be hard, and counts for more."""
    for sentence in [*lists.FIRST, *lists.LATER, *lists.LAST, *lists.WITHOUT]:
        named = lists.spans(sentence)
        for values, span in read(lists.plain(sentence)):
            yield from [(values, span in named, 1)] * 3


def ordinary(texts: list[str]) -> Iterator[Case]:
    for part in range(PARTS):
        others = [text for number, text in enumerate(texts) if number % PARTS != part]
        lines = counting.tables(others, counting.dictionary())
        table = Odds(
            lines.pop(OF_SURNAMES),
            lines.pop(OF_GIVEN),
            {a + b: value for a, behind in lines.items() for b, value in behind.items()},
            odds().simplified,
        )
        with mock.patch.object(evidence, "odds", lambda table=table: table):
            for number in range(part, len(texts), PARTS * EVERY):
                for values, _ in read(texts[number]):
                    yield values, False, len(CONTEXTS) + number // PARTS // EVERY


def read(text: str) -> Iterator[tuple[dict[str, float], tuple[int, int]]]:
    ends = frozenset(accumulate(map(len, SEGMENTER.cut(text))))
    sentence = evidence.Sentence(text, ends)
    for start, given, end in evidence.pieces(text):
        yield evidence.features(sentence, start, given, end), (start, end)


def made_up() -> str:
    table = odds()
    ranks = [(rank + 8) ** -0.9 for rank in range(len(known.RANKED))]
    surname = random.choices(known.RANKED, ranks)[0]
    if random.random() < 0.02:
        surname = random.choice(known.COMPOUND_SURNAMES)
    given = sorted(known.GIVEN - {c for c in known.GIVEN if table.given(c) < -3})
    weights = [3.0 if character in known.FAVOURITE else 1.0 for character in given]
    if random.random() < WORDS_AS_NAMES:
        return surname + random.choice(words_of_names())
    return surname + "".join(random.choices(given, weights, k=1 if random.random() < 0.2 else 2))


@lru_cache(maxsize=1)
def words_of_names() -> list[str]:
    """Return words that make names: 大海, 长寿, 爱国."""
    fit = {c for c in known.GIVEN if odds().given(c) > 0}
    return [word for word, n, _ in counting.dictionary() if len(word) == 2 and set(word) <= fit]


SEGMENTER = Segmenter()

if __name__ == "__main__":
    main()
