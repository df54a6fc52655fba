"""What citizens said, for others to read: which of them to quote, and what must not be seen.

A quotation is what somebody wrote, shortened at most; nothing is put in other words. Hidden are
numbers (`minyi.text.privacy`), persons (`privacy.persons`; all senders are known names) and
doors. What somebody tells of himself stays: whoever hands a report on reads it first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from minyi.analysis.privacy.doors import mask_doors
from minyi.analysis.privacy.persons import NameList, is_name, mask_persons
from minyi.text.privacy import mask

if TYPE_CHECKING:
    import pandas as pd

Hide = Callable[[str], str]
LONGEST = 110  # characters of a quotation
_FITTING = (18, 150)  # characters of a text that is good to quote
_ALIKE = 0.4  # Jaccard of character pairs: a second quotation must say something else
_READ = 400  # members that are compared
# A sign that is nothing in print, or not allowed in XML.
_UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff\ufffe\uffff\ud800-\udfff]+"
)
_HIDDEN = re.compile(r"某|\*{2,}")
_END = re.compile(r"[。！？!?；;]+")
_PAUSE = re.compile(r"[，,、：:]")
_LEAVE = re.compile(r"^[，,、：:。；;！!？?\s]+")


@dataclass(frozen=True)
class Quotation:
    """What one citizen said.

    Attributes
    ----------
    id : str
        The number of the submission.
    text : str
        Masked and perhaps shortened; “……” stands where something is left out at the end.
    day : str
        Like 3月6日; empty where unknown.
    """

    id: str
    text: str
    day: str


def hiding(senders: Iterable[str]) -> Hide:
    r"""Return what hides persons, numbers and doors in a text, and brings it on one line.

    Parameters
    ----------
    senders : iterable of str
        Who wrote; what looks like the name of a person is hidden wherever it stands.

    Examples
    --------
    >>> hide = hiding(["周文彬", "石桥村民"])
    >>> hide("村民周文彬家，石桥村三组58号，\n电话13812345678")
    '村民某某家，石桥村某组某号， 电话138****5678'
    """
    names = NameList(filter(is_name, set(senders)))
    return lambda text: mask_persons(mask_doors(mask(plain(text))), names)


def plain(text: str) -> str:
    """Return a text on one line, without signs that cannot be printed."""
    return " ".join(_UNPRINTABLE.sub(" ", text).split())


def shorten(text: str, longest: int = LONGEST) -> str:
    """Cut a text where a sentence ends, else at a pause; “……” tells that there was more.

    Examples
    --------
    >>> shorten("路灯坏了半年。晚上老人出门摔了跤，到现在没人管。", 12)
    '路灯坏了半年……'
    """
    if len(text) <= longest:
        return text
    head = text[:longest]
    ends = [match.start() for match in _END.finditer(head) if match.start() >= longest // 2.5]
    pauses = [match.start() for match in _PAUSE.finditer(head) if match.start() >= longest // 2]
    end = ends[-1] if ends else pauses[-1] if pauses else longest
    return head[:end] + "……"


def choose(members: pd.DataFrame, hide: Hide, most: int = 2) -> tuple[Quotation, ...]:
    """Choose what stands for the members of a matter, of different people who say different things.

    A text is worth the more, the more of its character pairs other members use too; too short and
    too long ones, and those of which much must be hidden, are worth less. Deterministic.

    Parameters
    ----------
    members : DataFrame
        Submissions.
    hide : callable
        See `hiding`.
    most : int
    """
    read = members.iloc[:_READ]
    texts = [plain(text) for text in read["text"]]
    pairs = [_pairs(text) for text in texts]
    order = sorted(range(len(texts)), key=lambda i: -_worth(i, texts[i], pairs))
    chosen: list[int] = []
    senders = read["sender"].tolist()
    for i in order:
        if len(chosen) == most:
            break
        is_new = all(
            _jaccard(pairs[i], pairs[j]) < _ALIKE and (senders[i] != senders[j] or not senders[i])
            for j in chosen
        )
        if texts[i] and is_new:
            chosen.append(i)
    return tuple(_quoted(read.iloc[i], hide) for i in chosen)


def _quoted(row: pd.Series, hide: Hide) -> Quotation:
    import pandas as pd

    time = row["time"]
    day = f"{time.month}月{time.day}日" if pd.notna(time) else ""
    return Quotation(str(row["id"]), excerpt(str(row["text"]), hide), day)


def excerpt(text: str, hide: Hide, longest: int = LONGEST) -> str:
    """Hide, then cut: what is cut first might no longer be known for a number or a name."""
    return shorten(_LEAVE.sub("", hide(text)), longest)


def gist(text: str, words: Iterable[str], hide: Hide, longest: int) -> str:
    """Hide, then begin with the sentence that holds most of the words that decided.

    Examples
    --------
    >>> gist("我在路边开了个铺子。桥栏断了半年。", ["桥栏"], hiding([]), 20)
    '……桥栏断了半年。'
    """
    hidden = _LEAVE.sub("", hide(text))
    starts = [0, *(m.end() for m in _END.finditer(hidden) if m.end() < len(hidden))]
    sentences = [hidden[a:b] for a, b in pairwise([*starts, len(hidden)])]
    listed = tuple(words)
    held = [sum(word in sentence for word in listed) for sentence in sentences]
    best = held.index(max(held))
    left = "……" if best else ""
    return left + shorten(_LEAVE.sub("", hidden[starts[best] :]), longest)


def _worth(i: int, text: str, pairs: Sequence[frozenset[str]]) -> float:
    own = pairs[i]
    others = sum(len(own & other) / (len(other) or 1) for j, other in enumerate(pairs) if j != i)
    low, high = _FITTING
    fit = min(1.0, len(text) / low) * min(1.0, high / max(len(text), 1))
    hidden = len(_HIDDEN.findall(mask(text)))
    return round((others + 0.01) * fit / (1 + 0.3 * hidden), 9)


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[k : k + 2] for k in range(len(text) - 1))


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / (len(a | b) or 1)
