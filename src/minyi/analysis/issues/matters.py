"""Groups of submissions that concern one concrete matter at one place or of one group of people.

Two submissions are alike as far as they share both a name and an object (`vectors`): their likeness
is the harmonic mean of the two cosines, a little more when they are close in time, of one sender
or at one place. Groups merge while the mean likeness of their members holds (`linkage`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from minyi.analysis.frame import require
from minyi.analysis.issues.linkage import members
from minyi.analysis.issues.linking import Linking, Texts, absorb, group
from minyi.analysis.issues.localities import local_matters
from minyi.analysis.issues.mentions import MentionFinder
from minyi.analysis.issues.naming import Naming
from minyi.analysis.issues.parting import part
from minyi.analysis.issues.vectors import vectors
from minyi.domain.office import Office
from minyi.domain.taxonomy import NOWHERE

if TYPE_CHECKING:
    import pandas as pd

#: The reason of matters that `localities` found.
LOCAL = "这里说得格外多、别处少见的同一件事"
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
    naming = Naming(found, texts)
    labels = naming.split(absorb(found, labels, linking), linking)
    labels, is_local = _with_local(texts, part(found, labels, linking))
    of_rows = labels[texts.text_of]
    of_rows[_is_bare(texts)[texts.text_of]] = -1
    matter = _by_size(of_rows)
    mentions, reasons = _described(naming, texts, matter, is_local)
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
    senders, _ = _codes(submissions["sender"])
    places, names = _codes(submissions["place"])
    return Texts(
        heads,
        [texts[i] for i in kept],
        text_of,
        np.bincount(text_of),
        days,
        senders[first],
        _of_column(places[first], submissions, first),
        _categories(submissions, kept),
        names,
    )


def _categories(submissions: pd.DataFrame, rows: list[int]) -> list[str]:
    if "category_code" not in submissions:
        return [""] * len(rows)
    codes = submissions["category_code"].to_numpy(dtype=object)[rows].tolist()
    return ["" if code == NOWHERE else str(code) for code in codes]


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


def _codes(column: pd.Series) -> tuple[NDArray[np.int64], list[str]]:
    """Return numbers for the known values, -1 for an unknown one, and the values."""
    import pandas as pd

    codes, values = pd.factorize(column.where(column != "").to_numpy(dtype=object))
    return np.asarray(codes, np.int64), list(map(str, values))


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


def _with_local(
    texts: Texts, labels: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Put what only one place speaks of together; a group goes where most of it belongs."""
    if not (texts.places >= 0).any():
        return labels, np.zeros(len(labels), bool)
    local = local_matters(
        texts.titles, texts.texts, texts.categories, texts.places, texts.place_names
    )
    for rows in members(labels):
        inside = local[rows][local[rows] >= 0]
        if 2 * len(inside) > len(rows):
            local[rows] = np.bincount(inside).argmax()
    joined = np.where(local >= 0, labels.max() + 1 + local, labels)
    return np.unique(joined, return_inverse=True)[1], local >= 0


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
    naming: Naming, texts: Texts, matter: NDArray[np.int64], is_local: NDArray[np.bool_]
) -> tuple[list[str], list[str]]:
    groups = members(matter)
    of_texts = [sorted(set(texts.text_of[rows].tolist())) for rows in groups]
    mentions, reasons = [""] * len(matter), [""] * len(matter)
    for rows, own, name in zip(groups, of_texts, naming.of(of_texts), strict=True):
        reason = "文字相近"
        if name.is_name:
            reason = f"都提到“{name.name}”，说的事相近"
        elif is_local[own[0]]:
            reason = LOCAL
        for row in rows:
            mentions[row], reasons[row] = name.name if name.is_name else "", reason
    return mentions, reasons
