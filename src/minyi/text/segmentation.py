"""Words of a text: jieba's tokens at rjieba's speed, with the project's dictionary loaded.

This is the only module that imports a segmenter. rjieba is jieba rewritten in Rust; it differs
from jieba in runs of ASCII (``2014.5.20``), which :func:`_split_ascii` puts right, and in
characters beyond jieba's range, which are cut out first. What stays: near-ties of the hidden Markov
model (常在 before a single character: the two paths differ by 1.5e-7) may fall the other way, and
three times the same character (轰轰轰) as 1 + 2 or 2 + 1: five texts of the corpus did.
Where rjieba has no wheel, jieba itself serves and a warning says so once.
"""

from __future__ import annotations

import logging
import re
import tempfile
import warnings
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from minyi.resources import bundled

_DICTIONARY = "domain/dictionary.txt"
_STOCK_DUPLICATES = 3  # the frequency of duplicate entries in jieba 0.42.1's own dictionary
# jieba splits what its hidden Markov model does not know by this pattern (finalseg.re_skip).
_ASCII_PARTS = re.compile(r"([a-zA-Z0-9]+(?:\.\d+)?%?)")
# jieba takes these for single characters, rjieba for parts of words; rjieba refuses surrogates.
_BEYOND_JIEBA = re.compile(
    "([\u3400-\u4dbf\u9fd6-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f\ud800-\udfff])"
)
_ASCII_JOINED = re.compile(r"[a-zA-Z0-9+#&._%-][+#&._%-]|[+#&._%-][a-zA-Z0-9]")

Cut = Callable[[str], list[str]]


class Segmenter:
    """Cut texts into words.

    Parameters
    ----------
    user_words : sequence of str
        An office's own words (villages, estates, nicknames of projects), on top of the
        project's dictionary. They stay inside this segmenter.
    engine : {"auto", "rjieba", "jieba"}
        ``auto`` takes rjieba where it is installed. Both give the same tokens.

    Examples
    --------
    >>> Segmenter().cut("新农合怎么报销")
    ['新农合', '怎么', '报销']
    """

    def __init__(self, user_words: Sequence[str] = (), *, engine: str = "auto") -> None:
        self.user_words = tuple(user_words)
        self.engine = engine

    def cut(self, text: str) -> list[str]:
        """Return the words of `text` in order; joined, they are `text` again."""
        return _cutter(self.user_words, self.engine)(text)


def dictionary() -> list[tuple[str, str]]:
    """Return the project's dictionary as (word, tag) pairs, in file order."""
    lines = bundled(_DICTIONARY).read_text("utf-8").splitlines()
    entries = (line.split() for line in lines if line.strip() and not line.startswith("#"))
    return [(entry[0], entry[1] if len(entry) > 1 else "n") for entry in entries]


@lru_cache(maxsize=1)
def filler_words() -> frozenset[str]:
    """Return the words that tell a reader nothing about a matter: they are never evidence."""
    return frozenset(bundled("domain/stopwords.txt").read_text("utf-8").split())


@lru_cache(maxsize=8)
def _cutter(user_words: tuple[str, ...], engine: str) -> Cut:
    # A module-level factory: a Segmenter pickles as its few words and never carries a stale
    # dictionary into another process or another office.
    if engine in ("auto", "rjieba"):
        try:
            return _rjieba_cutter(user_words)
        except ImportError:
            if engine == "rjieba":
                raise
            warnings.warn(
                "未安装 rjieba，改用 jieba 分词：结果相同，但慢约十倍。"
                "可运行 pip install rjieba 提速。",
                RuntimeWarning,
                stacklevel=3,
            )
    return _jieba_cutter(user_words)


def _rjieba_cutter(user_words: tuple[str, ...]) -> Cut:
    import rjieba

    engine = rjieba.Jieba()
    # jieba's total frequency counts the words that stand twice in its file twice, rjieba's does
    # not; a word that never occurs makes up for it, and with it ties fall the same way.
    engine.add_word("\ue000", _STOCK_DUPLICATES, None)
    for word, tag in [*dictionary(), *((word, "n") for word in user_words)]:
        engine.add_word(word, None, tag)

    def cut(text: str) -> list[str]:
        words: list[str] = []
        for line in text.splitlines(keepends=True):
            for part in _BEYOND_JIEBA.split(line):
                words += cut_part(part)
        return words

    def cut_part(part: str) -> list[str]:
        if len(part) < 2:
            return [part] if part else []
        found: list[str] = engine.cut(part, True)
        return _split_ascii(found, engine.has_word) if _ASCII_JOINED.search(part) else found

    return cut


def _split_ascii(words: list[str], is_known: Callable[[str], bool]) -> list[str]:
    """Cut runs of ASCII as jieba does: ``2014.5.20`` is ``2014.5``, ``.``, ``20``."""
    result: list[str] = []
    done = 0
    for i, word in enumerate(words):
        if word.isascii() and len(word) > 1 and _ASCII_JOINED.search(word) and not is_known(word):
            result += words[done:i]
            result += filter(None, _ASCII_PARTS.split(word))
            done = i + 1
    return result + words[done:]


def _jieba_cutter(user_words: tuple[str, ...]) -> Cut:
    engine = _jieba_tokenizer()
    for word, tag in [*dictionary(), *((word, "n") for word in user_words)]:
        known = engine.FREQ.get(word, 0)
        engine.add_word(word, None, tag)
        engine.total -= known  # jieba would count a word it knew already twice, rjieba does not
    return lambda text: list(engine.cut(text))


def _jieba_tokenizer() -> Any:
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as private:
        # jieba's own source warns at its first import (escape sequences, pkg_resources).
        warnings.simplefilter("ignore")
        import jieba

        jieba.setLogLevel(logging.WARNING)
        engine = jieba.Tokenizer()
        # jieba's cache has a fixed name in the shared temporary folder, where anyone can write.
        engine.tmp_dir = private
        engine.initialize()
    return engine
