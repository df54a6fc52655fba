"""The words and phrases of submissions: who says which, counted by citizens and not by mentions.

A term is a word of at least two characters that says something of a matter, or a phrase: two to
four words that stand side by side more often than chance would put them there. Punctuation,
numbers and words that only join sentences end a phrase.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from minyi.analysis.wording.idlewords import IDLE, PART, PLACE_KINDS
from minyi.analysis.wording.phrases import BREAK, Integers, Terms, Tokens, next_words, phrases_of
from minyi.analysis.wording.properwords import place_names, properness
from minyi.domain.office import Office
from minyi.errors import InputError
from minyi.text.cleaning import clean
from minyi.text.segmentation import Segmenter, filler_words

if TYPE_CHECKING:
    import pandas as pd

FEWEST_ROWS = 30
_TERM = re.compile(r"[\u3400-\u9fff\U00020000-\U0002fa1f]{2,}|[A-Za-z]{3,}")
_NUMBER = re.compile(
    r"第?[一二三四五六七八九十百千万亿两几半零多余]+[年月日天次个户家块元岁里米亩人是条款项点组队栋楼期号区]*"
)
_CLAUSE = re.compile(r"([，。！？；：、\s]+)")
_CLAUSE_LENGTH = 10  # characters; who says the same in as many has copied it
_ABSORBED = 0.85  # a word that mostly stands in one phrase is no term of its own


@dataclass(frozen=True)
class Vocabulary:
    """Which submission has which terms.

    Attributes
    ----------
    terms : tuple of str
    n_words : tuple of int
        The number of words of each term; more than 1: a phrase.
    incidence : csr_matrix of bool, shape (n_submissions, n_terms)
    units : ndarray of int64, shape (n_submissions,)
        The citizen. Where none is known, equal texts are taken for one citizen's.
    texts : tuple of str
        Title and text, cleaned.
    """

    terms: tuple[str, ...]
    n_words: tuple[int, ...]
    incidence: sparse.csr_matrix
    units: Integers
    texts: tuple[str, ...]

    @cached_property
    def n_units(self) -> Integers:
        """How many citizens have each term."""
        return np.asarray(self.by_unit(self.units).getnnz(axis=0), np.int64)

    def by_unit(self, units: Integers) -> sparse.csr_matrix:
        """Return which unit has which term: shape (max(units) + 1, n_terms), 0 or 1.

        Parameters
        ----------
        units : ndarray of int64, shape (n_submissions,)
            -1 leaves a submission out.
        """
        rows = np.flatnonzero(units >= 0)
        shape = (int(units.max(initial=-1)) + 1, len(units))
        chosen = sparse.csr_matrix((np.ones(len(rows), np.int32), (units[rows], rows)), shape=shape)
        counts = (chosen @ self.incidence.astype(np.int32)).tocsr()
        counts.data = np.ones_like(counts.data)
        return counts

    def kept(self, is_kept: NDArray[np.bool_]) -> Vocabulary:
        """Return only some terms."""
        chosen = np.flatnonzero(is_kept)
        return replace(
            self,
            terms=tuple(self.terms[i] for i in chosen),
            n_words=tuple(self.n_words[i] for i in chosen),
            incidence=self.incidence[:, chosen].tocsr(),
        )


def vocabulary(
    submissions: pd.DataFrame,
    *,
    office: Office | None = None,
    names: bool = False,
    phrases: bool = True,
    fewest: int = 5,
    copies: bool = True,
) -> Vocabulary:
    """Return the terms that at least `fewest` citizens use.

    Parameters
    ----------
    submissions : DataFrame
        Of `prepare`.
    office : Office, optional
        Its words and places are words to the segmenter, its places are names.
    names : bool
        Keep names of places and people.
    phrases : bool
        Find phrases.
    fewest : int
    copies : bool
        False: what stands word for word in an earlier submission is not read again, so that laws
        that are quoted and letters that go round do not pass for what citizens say themselves.

    Raises
    ------
    InputError
        Fewer than 30 submissions.
    """
    check_size(len(submissions))
    pairs = zip(submissions["title"], submissions["text"], strict=True)
    texts = tuple(clean([f"{title}。{text}" if title else text for title, text in pairs]))
    units = units_of(submissions["sender"].tolist(), texts)
    tokens = _tokens(texts if copies else without_copies(texts), _own_words(office))
    found = [Terms(tokens.rows, tokens.codes, tokens.words, (1,) * len(tokens.words))]
    if phrases:
        found += phrases_of(tokens, units, fewest)
    if not any((terms.codes >= 0).any() for terms in found):
        empty = sparse.csr_matrix((len(texts), 0), dtype=bool)
        return Vocabulary((), (), empty, units, texts)
    whole = _without_parts(_incidence(found, len(texts), texts, units, fewest))
    if names:
        return whole
    listed = place_names(submissions["place"], office)
    is_name = properness(whole, listed, next_words(tokens))
    return whole.kept(~is_name)


def check_size(n: int, of: str = "") -> None:
    """Refuse fewer submissions than words can be compared in; `of` says which are meant."""
    if n < FEWEST_ROWS:
        raise InputError(
            f"词语分析至少需要 {FEWEST_ROWS} 条留言，实际只有 {n} 条{of}，结果会全凭偶然："
            "请放宽筛选条件、合并几个地点或延长时间段。"
        )


def units_of(senders: Sequence[str], texts: Sequence[str]) -> Integers:
    """Return the citizen of each submission; without a sender, equal texts count as one's."""
    seen: dict[tuple[bool, str], int] = {}
    keys = ((bool(s), s or text) for s, text in zip(senders, texts, strict=True))
    return np.array([seen.setdefault(key, len(seen)) for key in keys], np.int64)


def without_copies(texts: Sequence[str]) -> list[str]:
    """Return the texts without the longer clauses that an earlier text has word for word.

    Examples
    --------
    >>> without_copies(["应当安装专用的排放烟道，没装", "应当安装专用的排放烟道，楼下没有"])
    ['应当安装专用的排放烟道，没装', '，楼下没有']
    """
    first: dict[str, int] = {}
    kept = []
    for row, text in enumerate(texts):
        clauses = _CLAUSE.split(text)
        is_own = (len(c) < _CLAUSE_LENGTH or first.setdefault(c, row) == row for c in clauses)
        kept.append("".join(c for c, own in zip(clauses, is_own, strict=True) if own))
    return kept


def _own_words(office: Office | None) -> tuple[str, ...]:
    if office is None:
        return ()
    places = [n for town in office.towns for n in (town.name, *town.aliases, *town.villages)]
    return (*office.words, *places)


def _is_telling(word: str, idle: frozenset[str]) -> bool:
    return bool(_TERM.fullmatch(word)) and word not in idle and not _NUMBER.fullmatch(word)


def _tokens(texts: Sequence[str], own_words: tuple[str, ...]) -> Tokens:
    cut, idle = Segmenter(own_words).cut, filler_words() | IDLE
    parts = PART | {kind for kind in PLACE_KINDS if len(kind) == 1}
    known: dict[str, int] = {}
    words: list[str] = []
    codes: list[int] = []
    lengths: list[int] = []
    for text in texts:
        cut_words = cut(text)
        for word in cut_words:
            code = known.get(word)
            if code is None:
                tells = word in parts or _is_telling(word, idle)
                code = known[word] = len(words) if tells else BREAK
                if tells:
                    words.append(word)
            codes.append(code)
        codes.append(BREAK)
        lengths.append(len(cut_words) + 1)
    rows = np.repeat(np.arange(len(texts)), lengths)
    return Tokens(rows, np.array(codes, np.int64), words)


def _incidence(
    found: Sequence[Terms], n_rows: int, texts: tuple[str, ...], units: Integers, fewest: int
) -> Vocabulary:
    number: dict[str, int] = {}
    n_words: list[int] = []
    rows, columns = [], []
    for terms in found:
        for word, n in zip(terms.words, terms.n_words, strict=True):
            if number.setdefault(word, len(number)) == len(n_words):
                n_words.append(n)
        renamed = np.array([number[word] for word in terms.words], np.int64)
        said = terms.codes >= 0
        rows.append(terms.rows[said])
        columns.append(renamed[terms.codes[said]])
    at = np.concatenate(rows), np.concatenate(columns)
    matrix = sparse.csr_matrix((np.ones(len(at[0]), bool), at), shape=(n_rows, len(number)))
    matrix.sum_duplicates()
    matrix.data[:] = True
    every = Vocabulary(tuple(number), tuple(n_words), matrix, units, texts)
    long_enough = np.array([bool(_TERM.fullmatch(term)) for term in number], bool)
    return every.kept((every.n_units >= fewest) & long_enough)


def _without_parts(whole: Vocabulary) -> Vocabulary:
    """Leave out what is nearly always part of one phrase: 金桂 of 金桂新城."""
    number = {term: i for i, term in enumerate(whole.terms)}
    n = whole.n_units
    is_kept = np.ones(len(whole.terms), bool)
    for phrase in (i for i, parts in enumerate(whole.n_words) if parts > 1):
        term = whole.terms[phrase]
        for part in _parts(term):
            if (i := number.get(part)) is not None and n[phrase] >= _ABSORBED * n[i]:
                is_kept[i] = False
    return whole.kept(is_kept)


def _parts(term: str) -> Iterator[str]:
    for start in range(len(term)):
        for end in range(start + 2, len(term) + 1):
            if end - start < len(term):
                yield term[start:end]
