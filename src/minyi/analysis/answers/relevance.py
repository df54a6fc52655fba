"""Whether a reply speaks of the matter: the words it shares with the submission, by their weight.

A shared word counts as much as it is rare in the batch: log((n + 1) / (n_texts_with_it + 1)) + 1
(idf, Spärck Jones 1972, smoothed), as a share of the most that a word can count, so that batches
of any size compare. The reply comes without courtesy and repeated title
(see ``answers``), so what it shares it says of its own. Words that all submissions hold weigh
little, places and objects much.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from minyi.text.cleaning import clean
from minyi.text.segmentation import Segmenter, filler_words

# Relevance is 1 − exp(−shared weight / this): a rare word alone makes 0.57, two make 0.81.
_SCALE = 1.2
_WORD = re.compile(r"[\u4e00-\u9fff]{2,}|[A-Za-z]*\d+[A-Za-z路号线]+|[A-Za-z]{3,}")
# What letters and replies to them are made of, whatever they are about.
_OF_LETTERS = frozenset(
    """
    问题 反映 情况 部门 领导 政府 相关 有关 进行 希望 请求 请问 咨询 投诉 建议 处理 解决 回复
    答复 留言 工作 感谢 根据 规定 要求 调查 核实 您好 你好 谢谢 通过 目前 已经 由于 因为 所以
    但是 以及 并且 对于 关于 如果 应该 应当 需要 属于 存在 网友 市民 群众 单位 工作人员 人员
    联系 电话 尊敬 书记 市长 县长 收悉 现将 如下 加强 落实 组织 安排 计划 管理 按照 及时 尽快
    造成 影响 严重 现场 实际 具体 一定 同时 我局 我们
    """.split()  # noqa: SIM905 -- a list of words reads as text
)


class Relevance:
    """The weights of words in a batch of submissions and their replies.

    Parameters
    ----------
    submissions, answers : sequence of str
        Of equal length; the answers without courtesy.
    own_words : sequence of str
        Words that the office knows: its villages, estates, projects.

    Examples
    --------
    >>> texts = ["大塘村的路灯坏了半年", "水费怎么算的"]
    >>> answers = ["大塘村的路灯已经换了灯泡", "按有关规定办理"]
    >>> relevance = Relevance(texts, answers)
    >>> [round(score, 2) for score in relevance.scores()]
    [0.81, 0.0]
    """

    def __init__(
        self, submissions: Sequence[str], answers: Sequence[str], own_words: Sequence[str] = ()
    ) -> None:
        self._asked = _words(submissions, own_words)
        self._said = _words(answers, own_words)
        pairs = [a | b for a, b in zip(self._asked, self._said, strict=True)]
        self._with_word = Counter(word for pair in pairs for word in pair)

    def weight(self, word: str) -> float:
        """Return how much a word counts: 1 for one that a single pair holds, less for others."""
        n = len(self._asked) + 1
        most = math.log(n / 2) + 1
        return (math.log(n / (self._with_word[word] + 1)) + 1) / most

    def shared(self, pair: int) -> list[str]:
        """Return the words that a pair shares, the heaviest first."""
        words = self._asked[pair] & self._said[pair]
        return sorted(words, key=lambda word: (-self.weight(word), word))

    def scores(self) -> list[float]:
        """Return the relevance of each pair, 0 to 1."""
        weights = (sum(map(self.weight, self.shared(i))) for i in range(len(self._asked)))
        return [1 - math.exp(-weight / _SCALE) for weight in weights]


def _words(texts: Sequence[str], own_words: Sequence[str]) -> list[set[str]]:
    cut, idle = Segmenter(own_words).cut, filler_words() | _OF_LETTERS
    return [
        {word for word in cut(text) if _WORD.fullmatch(word) and word not in idle}
        for text in clean(texts)
    ]
