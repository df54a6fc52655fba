"""Count what `odds` reads: names against the corpus and a dictionary of ordinary words.

A character's odds are its share among names over its share in ordinary text. Surnames are ranked
by hand and follow a power law; given names are a mixture of three sources: the names in jieba's
dictionary, the characters that are in fashion, and all others that parents choose. Ordinary text
is the corpus, in which few are named, and, as they cover more words, the entries of jieba's
dictionary by their frequency::

    python -m minyi.analysis.privacy.counting data/domain/name_odds.txt
"""

from __future__ import annotations

import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from minyi.analysis.privacy import namewords as known
from minyi.analysis.privacy.odds import OF_GIVEN, OF_SPELLINGS, OF_SURNAMES

Words = list[tuple[str, int, str]]

_HAN = re.compile("[\u4e00-\u9fff]+")
_NAMES = ("nr", "nrt", "nrfg", "nz")  # jieba's tags of names
_FLAT, _STEEP = 8, 1.55  # share of the surname of rank r: (r + _FLAT) ** -_STEEP
_SHARES = (0.4, 0.4, 0.2)  # of the sources of given names
_FEWEST, _LEAST = 2.0, 0.5  # count and association of a pair that is kept
_HALF = 2  # values are kept in halves
_MOST = 6.0
_NAME_ONLY = 5.0


def dictionary() -> Words:
    """Return the words of jieba's dictionary, with frequency and tag."""
    lines = (files("jieba") / "dict.txt").read_text("utf-8").splitlines()
    entries = (line.split() for line in lines)
    return [(word, int(frequency), tag) for word, frequency, tag in entries]


def count(texts: Iterable[str], words: Words) -> tuple[Counter[str], dict[str, float]]:
    """Return how often characters and pairs of characters occur in ordinary text.

    Parameters
    ----------
    texts : iterable of str
        In which few persons are named.
    words : list of (str, int, str)
        Of `dictionary`; their pairs are weighed as if it were as large as the texts.
    """
    single, pairs = Counter[str](), Counter[str]()
    for text in texts:
        for run in _HAN.findall(text):
            single.update(run)
            pairs.update(map("".join, pairwise(run)))
    ordinary = [(w, n) for w, n, tag in words if tag not in _NAMES and _HAN.fullmatch(w)]
    scale = single.total() / max(1, sum(n * len(word) for word, n in ordinary))
    more: dict[str, float] = defaultdict(float, pairs)
    for word, n in ordinary:
        for pair in map("".join, pairwise(word)):
            more[pair] += n * scale
    for word, n in ordinary:
        for character in word:
            single[character] += 0.3 * n * scale  # type: ignore[assignment]
    return single, more


def given_shares(words: Words) -> dict[str, float]:
    """Return how often each character stands in given names."""
    named: Counter[str] = Counter()
    for word, _, tag in words:
        if tag == "nr" and len(word) == 3 and word[0] in known.SURNAMES:
            named.update(word[1:])
    sources = (named, Counter(set(known.FAVOURITE)), Counter(known.GIVEN))
    shares: dict[str, float] = defaultdict(float)
    for weight, source in zip(_SHARES, sources, strict=True):
        for character, n in source.items():
            shares[character] += weight * n / source.total()
    return shares


def surname_shares() -> dict[str, float]:
    """Return how often each surname of one character occurs among people."""
    ranked = dict.fromkeys(known.RANKED)
    shares = {name: (rank + _FLAT) ** -_STEEP for rank, name in enumerate(ranked)}
    return {name: share / sum(shares.values()) for name, share in shares.items()}


def tables(texts: Iterable[str], words: Words) -> dict[str, dict[str, float]]:
    """Return the lines of the file: first character or sign → character → value."""
    single, pairs = count(texts, words)
    total = single.total()
    ordinary = {c: (single[c] + 0.5) / (1.3 * total) for c in {*single, *known.RANKED}}
    rare = 0.5 / (1.3 * total)
    result: dict[str, dict[str, float]] = defaultdict(dict)
    sources = ((OF_SURNAMES, surname_shares()), (OF_GIVEN, given_shares(words)))
    for sign, shares in sources:
        for character, share in shares.items():
            value = math.log(share / ordinary.get(character, rare))
            result[sign][character] = _rounded(max(-_MOST, min(value, _MOST)))
    in_names = result[OF_SURNAMES].keys() | result[OF_GIVEN].keys()
    # 刘 and 陈 stand in few words but names: what the corpus has before them says 小 or 姓.
    hardly_word = {name for name, value in result[OF_SURNAMES].items() if value >= _NAME_ONLY}
    for pair, n in pairs.items():
        a, b = pair[0], pair[1]
        if b in hardly_word:
            continue
        expected = single[a] * ordinary.get(b, rare)
        value = math.log((n + 0.5) / (expected + 0.5))
        if n >= _FEWEST and value >= _LEAST and (a in in_names or b in result[OF_SURNAMES]):
            result[a][b] = _rounded(value)
    return result


def _rounded(value: float) -> float:
    return round(value * _HALF) / _HALF


def write(path: Path, lines: Mapping[str, Mapping[str, float]]) -> None:
    """Write the tables, a line a first character, characters of the same value together."""
    rows = ["# 见 src/minyi/analysis/privacy/counting.py，由程序生成，不要手改"]
    for first, behind in sorted(lines.items()):
        groups: dict[float, list[str]] = defaultdict(list)
        for character, value in sorted(behind.items()):
            groups[value].append(character)
        parts = [f"{value:g}:{''.join(chars)}" for value, chars in sorted(groups.items())]
        rows.append(" ".join([first, *parts]))
    rows.append(" ".join([OF_SPELLINGS, *_spellings()]))
    path.write_text("\n".join(rows) + "\n", "utf-8")


def _spellings() -> list[str]:
    """Return pairs of a traditional character and its simplified form."""
    from opencc import OpenCC

    characters = [chr(code) for code in range(0x4E00, 0xA000)]
    simplified = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return [a + b for a, b in zip(characters, simplified, strict=True) if a != b and len(b) == 1]


def main() -> None:
    """Write the tables of the shipped corpus."""
    from minyi.corpus import read_corpus
    from minyi.resources import bundled

    examples = read_corpus(bundled("corpus"))
    texts = [part for one in examples for part in (one.title, one.text)]
    write(Path(sys.argv[1]), tables(texts, dictionary()))


if __name__ == "__main__":
    main()
