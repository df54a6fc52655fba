"""One line for an issue: a title, or a whole statement out of a text, that a member wrote.

A statement is a sentence or a part of it that does not lean on what stands before (自从…, 如果…,
他们…), and no greeting. Of all that the members wrote, the one is taken that holds most of what
the others say and ordinary opinions do not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from minyi.analysis.issues.vectors import BITS, background, hash_pairs

if TYPE_CHECKING:
    import pandas as pd

_LONGEST = 60
_LONG = 36  # statements out of texts
_SHORTEST = 8
_READ = 200  # members that are compared
_TEXT = 400  # characters of a text in which a statement is looked for
_SENTENCE = re.compile(r"[。！？；!?;\n]+")
_CLAUSE = re.compile(r"[，,]+")
# What a reporter or a list puts before a statement.
_BEFORE = re.compile(
    r"^(?:尊敬的?[^：:，,]{0,15}[：:，,]|[您你]们?好[：:，,]?|.{0,16}(?:反映|如下|记录|情况|意见|说|称|建议)[：:]"
    r"|[（(]?[一二三四五六七八九十\d]{1,3}[)）、.．]|[一二三四五六七八九十]是|另外|还有|此外|\s)+"
)
# What cannot begin a statement: it leans on another clause, or speaks of who writes.
_LEANING = re.compile(
    r"自从|自打|因为?|由于|为了|如果|要是|假如|虽然|尽管|即使|哪怕|就算|无论|不管|除了|根据|按照|关于|对于|随着"
    r"|真要|真的要|当|等到|后来|结果|但|可是|可(?!以|能)|不过|而|所以|因此|于是|然后|接着|并|且|或|及|以及|又|也|还|就|才|都|却|再|更|连"
    r"|那|这|此|该|他|她|它|其|有人|有的|听说|听讲|据说|我是|本人|我叫|我姓|请问一下|谢谢|感谢|希望领导|望"
    r"|的|了|着|地|得|被|把|给|让|从而|以便|以免|导致|造成|使得"
)
_UNFINISHED = re.compile(r"[：:“「（(]$|(?:时候?|之后|以后|之前|以前|的话|当中|中|里|上|下)$")
_PRIVATE = re.compile(
    r"\d{7,}|我是|我叫|我姓|本人|我又|上[回次]|[您你]们?好"
)  # of who writes, not of what
_NAMED = 1.3  # what naming the place or people is worth
_TITLE = 1.5  # it was written to say what the text is about
_INSIDE = 0.8  # what a clause inside a sentence is worth: its subject may stand before
_AGREED = 1.5  # what many say counts for more than what few say at length
_ENDED = 1.15  # what it is worth that a statement ends with its sentence


def describe(submissions: pd.DataFrame, rows: NDArray[np.int64], mention: str = "") -> str:
    """Return the title or statement of a member that stands for the others best.

    Parameters
    ----------
    submissions : DataFrame
    rows : ndarray of int
        Positions of the members.
    mention : str
        The place or people of the issue, if known.

    Examples
    --------
    >>> import pandas as pd
    >>> from minyi.analysis.frame import prepare
    >>> slips = ["自从去年扩建，砖厂的烟呛人。", "砖厂夜里冒黑烟，没人管。", "砖厂冒黑烟"]
    >>> describe(prepare(pd.DataFrame({"text": slips})), np.arange(3))
    '砖厂夜里冒黑烟，没人管'
    """
    read = rows[:: max(1, len(rows) // _READ)]
    titles = submissions["title"].iloc[read].tolist()
    texts = submissions["text"].iloc[read].tolist()
    statements = [
        (line, worth * (_NAMED if mention and mention in line else 1.0))
        for title, text in zip(titles, texts, strict=True)
        for line, worth in _statements(title, text)
    ]
    if not statements:
        return str(min(texts, key=len)).strip()[:_LONGEST]
    lines = [line for line, _ in statements]
    worth = _presence(lines) @ _commonness(titles, texts)
    lengths = np.array([len(line) for line in lines])
    score = worth / np.sqrt(np.maximum(lengths, 16)) * np.array([w for _, w in statements])
    return lines[int(np.argmax(np.round(score, 9)))]


def _statements(title: str, text: str) -> list[tuple[str, float]]:
    """Return what could describe a member, and how well it is suited."""
    if _SHORTEST <= len(title.strip()) <= _LONGEST:
        return [(title.strip(), _TITLE)]
    found = []
    for sentence in _SENTENCE.split(text[:_TEXT].strip()):
        clauses = _CLAUSE.split(_BEFORE.sub("", sentence.strip()))
        for first in range(len(clauses)):
            for last in range(first + 1, min(first + 4, len(clauses) + 1)):
                line = "，".join(clause.strip() for clause in clauses[first:last])
                if _is_whole(line, clauses[last - 1].strip()):
                    worth = 1.0 if first == 0 else _INSIDE
                    found.append((line, worth * (_ENDED if last == len(clauses) else 1.0)))
    return found


def _is_whole(line: str, last: str) -> bool:
    """Tell whether a line can stand alone; its last clause must not leave anything open."""
    return (
        _SHORTEST <= len(line) <= _LONG
        and not _LEANING.match(line)
        and not (last != line and re.match(r"自从|因为|由于|如果|要是|虽然|即使|为了", last))
        and not _UNFINISHED.search(line)
        and not _PRIVATE.search(line)
        and line.count("“") == line.count("”")
    )


def _commonness(titles: list[str], texts: list[str]) -> NDArray[np.float64]:
    """Return for every pair how many members have it, weighed by how rare it is otherwise."""
    heads = [f"{title} {text[:300]}" for title, text in zip(titles, texts, strict=True)]
    share = np.asarray(_presence(heads).sum(axis=0)).ravel() / len(texts)
    share[share <= 1 / len(texts)] = 0  # what one member says stands for nobody else
    corpus, n_corpus = background()
    weighed: NDArray[np.float64] = share**_AGREED * np.log(n_corpus / (corpus + 1.0))
    return weighed


def _presence(lines: list[str]) -> sparse.csr_matrix:
    fields, hashes = hash_pairs([""] * len(lines), lines)
    cells = np.unique((fields.astype(np.int64) >> 1 << BITS) | hashes)
    ones = np.ones(len(cells), np.float32)
    place = (cells >> BITS, cells & ((1 << BITS) - 1))
    return sparse.csr_matrix((ones, place), shape=(len(lines), 1 << BITS))
