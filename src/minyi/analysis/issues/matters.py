"""Groups of submissions that concern one concrete matter at one place or of one group of people.

Two submissions are alike as far as they share both a name and an object (`vectors`): their likeness
is the harmonic mean of the two cosines, a little more when they are close in time, of one sender
or at one place. Groups merge while the mean likeness of their members holds (`linkage`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from minyi.analysis.frame import require
from minyi.analysis.issues.linking import Linking, Texts, absorb, anchor, group, only
from minyi.analysis.issues.mentions import MentionFinder, shared_names, strange_pairs
from minyi.analysis.issues.vectors import Vectors, vectors
from minyi.domain.office import Office

if TYPE_CHECKING:
    import pandas as pd

_CLAUSE = re.compile(r"[，。！？；,!?;\n]")
_DAY = 86_400.0
_TAIL = 3  # characters by which a place is looked for in a text: 大塘村 of 石桥镇大塘村


def find_matters(
    submissions: pd.DataFrame, office: Office | None = None, linking: Linking | None = None
) -> pd.DataFrame:
    """Find which submissions concern one matter.

    Parameters
    ----------
    submissions : DataFrame
        As `minyi.analysis.frame.prepare` returns it. Without time, sender or place the texts alone
        decide.
    office : Office, optional
        Its places and aliases.
    linking : Linking, optional

    Returns
    -------
    DataFrame
        On the index of `submissions`: ``matter`` int (-1 alone; 0 the largest), ``mention`` str
        (the place or people of the matter, in the members' words) and ``reason`` str.

    Raises
    ------
    InputError
        The frame was not prepared.

    Examples
    --------
    >>> import pandas as pd
    >>> from minyi.analysis.frame import prepare
    >>> slips = ["金桂豪庭旁边工地半夜打桩", "金桂豪庭边上的工地半夜还在打桩", "村里想办养蜂培训"]
    >>> find_matters(prepare(pd.DataFrame({"text": slips})))["matter"].tolist()
    [0, 0, -1]
    """
    import pandas as pd

    require(submissions)
    linking = linking or Linking()
    if submissions.empty:
        columns = {"matter": np.zeros(0, np.int64), "mention": [], "reason": []}
        return pd.DataFrame(columns, index=submissions.index)
    texts = _different(submissions, MentionFinder(office))
    found = vectors(texts.titles, texts.texts)
    labels = group(found, texts, linking)
    labels = _named(found, texts, absorb(found, labels, linking), linking)
    labels = anchor(texts, labels, linking)
    of_rows = labels[texts.text_of]
    of_rows[_is_bare(texts)[texts.text_of]] = -1
    matter = _by_size(of_rows)
    mentions, reasons = _described(found, texts, matter)
    columns = {"matter": matter, "mention": mentions, "reason": reasons}
    return pd.DataFrame(columns, index=submissions.index)


def _different(submissions: pd.DataFrame, finder: MentionFinder) -> Texts:
    import pandas as pd

    titles = finder.joined(submissions["title"].tolist())
    texts = finder.joined(submissions["text"].tolist())
    wholes = [f"{title}\n{text}" for title, text in zip(titles, texts, strict=True)]
    text_of, _ = pd.factorize(np.asarray(wholes, dtype=object))
    _, first = np.unique(text_of, return_index=True)
    kept = first.tolist()
    heads = [titles[i] or _CLAUSE.split(texts[i], maxsplit=1)[0] for i in kept]
    time = submissions["time"].to_numpy("datetime64[s]")[first]
    days = np.where(np.isnat(time), np.nan, time.astype(np.int64) / _DAY)
    senders, places = (_codes(submissions[name])[first] for name in ("sender", "place"))
    places = _of_column(places, submissions, first)
    bodies = [texts[i] for i in kept]
    return Texts(heads, bodies, text_of, np.bincount(text_of), days, senders, places)


def _of_column(
    places: NDArray[np.int64], submissions: pd.DataFrame, rows: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the places that stand in a column; those found in the texts tell nothing new."""
    names = submissions["place"].to_numpy(dtype=object)[rows].tolist()
    titles, texts = (submissions[name].to_numpy(dtype=object)[rows] for name in ("title", "text"))
    said = np.array(
        [
            bool(name) and (name[-_TAIL:] in title or name[-_TAIL:] in text)
            for name, title, text in zip(names, titles, texts, strict=True)
        ]
    )
    known = places >= 0
    total = np.bincount(places[known], minlength=1)
    repeated = np.bincount(places[known], weights=said[known], minlength=1)
    is_new = repeated <= total / 2
    return np.where(known & is_new[places], places, -1)


def _codes(column: pd.Series) -> NDArray[np.int64]:
    """Return numbers for the known values, -1 for an unknown one."""
    import pandas as pd

    codes, _ = pd.factorize(column.where(column != "").to_numpy(dtype=object))
    return np.asarray(codes, np.int64)


_FEWEST_LETTERS = 5


def _is_bare(texts: Texts) -> NDArray[np.bool_]:
    """Tell texts that say nothing of a matter: 无, 没意见."""
    pairs = zip(texts.titles, texts.texts, strict=True)
    bare = [
        len(text) < 4 * _FEWEST_LETTERS
        and sum(map(str.isalnum, title if len(title) > len(text) else text)) < _FEWEST_LETTERS
        for title, text in pairs
    ]
    return np.array(bare, bool)


def _named(
    found: Vectors, texts: Texts, labels: NDArray[np.int64], linking: Linking
) -> NDArray[np.int64]:
    """Split groups that name neither place nor people in common, unless their texts agree."""
    groups = [rows for rows in members(labels) if len(rows) > 1]
    shared = shared_names(groups, texts.titles, texts.texts, found.occurrences)
    labels = _apart_by_name(found, texts, labels, groups, [name.name for name in shared])
    one_place = only(texts.places, labels, int(labels.max(initial=-1)) + 1)
    loose = [
        row
        for rows, name in zip(groups, shared, strict=True)
        if not name.is_name and one_place[labels[rows[0]]] < 0
        for row in rows
    ]
    if not loose:
        return labels
    rows = np.array(loose)
    part = Vectors(found.names[rows], found.objects[rows], found.occurrences)
    strict = replace(linking, least=linking.nameless)
    split = labels.copy()
    split[rows] = labels.max() + 1 + group(part, texts.take(rows), strict)
    return np.unique(split, return_inverse=True)[1]


def _apart_by_name(
    found: Vectors,
    texts: Texts,
    labels: NDArray[np.int64],
    groups: list[list[int]],
    names: list[str],
) -> NDArray[np.int64]:
    """Split off the members that have another name in common: the same words of another place."""
    rests = [
        [row for row in rows if not _mentions(texts, row, pairs)] if pairs else []
        for rows, pairs in zip(groups, map(strange_pairs, names), strict=True)
    ]
    several = [i for i, rest in enumerate(rests) if len(rest) > 1]
    others = shared_names([rests[i] for i in several], texts.titles, texts.texts, found.occurrences)
    told = {i: other.name for i, other in zip(several, others, strict=True) if other.is_name}
    split = labels.copy()
    for i, (rows, rest) in enumerate(zip(groups, rests, strict=True)):
        if not rest or len(rest) == len(rows):
            continue
        left = set(rest)
        first = [row for row in rows if row not in left]
        parts = [(rest, (told[i],))] if i in told else [([r], _names_of(texts, r)) for r in rest]
        for part, own in parts:
            pairs = [pair for name in own for pair in strange_pairs(name)]
            if pairs and not any(_mentions(texts, row, pairs) for row in first):
                split[part] = split.max() + 1
    return split


def _names_of(texts: Texts, row: int) -> tuple[str, ...]:
    return MentionFinder().find(texts.titles[row])


def _mentions(texts: Texts, row: int, pairs: list[str]) -> bool:
    title, text = texts.titles[row], texts.texts[row]
    return any(pair in title or pair in text for pair in pairs)


def _by_size(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return numbers for groups of two and more, by size, then by first row; -1 for the rest."""
    known = labels >= 0
    counts = np.bincount(labels[known], minlength=1)
    first = np.full(len(counts), len(labels))
    np.minimum.at(first, labels[known], np.flatnonzero(known))
    order = np.lexsort((first, -counts))
    order = order[counts[order] > 1]
    number = np.full(len(counts), -1)
    number[order] = np.arange(len(order))
    return np.where(known, number[labels], -1)


def _described(
    found: Vectors, texts: Texts, matter: NDArray[np.int64]
) -> tuple[list[str], list[str]]:
    groups = members(matter)
    of_texts = [texts.text_of[rows].tolist() for rows in groups]
    shared = shared_names(of_texts, texts.titles, texts.texts, found.occurrences)
    mentions, reasons = [""] * len(matter), [""] * len(matter)
    for rows, name in zip(groups, shared, strict=True):
        reason = f"都提到“{name.name}”，说的事相近" if name.is_name else "文字相近"
        for row in rows:
            mentions[row], reasons[row] = name.name if name.is_name else "", reason
    return mentions, reasons


def members(matter: NDArray[np.int64]) -> list[list[int]]:
    """Return the positions of each matter's members, in order."""
    order = np.argsort(matter, kind="stable")
    order = order[np.searchsorted(matter[order], 0) :]
    bounds = np.flatnonzero(np.diff(matter[order])) + 1
    return [part.tolist() for part in np.split(order, bounds)] if len(order) else []
