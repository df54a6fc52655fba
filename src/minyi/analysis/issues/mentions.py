"""Places, organisations and people named in submissions; other names of one place joined.

One text is read by the office's gazetteer and by form (a name before 小区, 村, 学校, 公司). What
several texts have in common is found without either: the words that most of them share and that
the project's corpus hardly knows are the name of the matter's place or people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minyi.analysis.issues.vectors import BITS, RARE, background, one_line, pairs_of
from minyi.domain.office import Office

#: What follows a name and is part of it, longest first.
SUFFIXES = (
    "安置小区|家属院|住宅区|工业园|产业园|物流园|科技园|开发区|幼儿园|幼稚园|搅拌站|采石场|养猪场|养殖场"
    "|水电站|污水处理厂|垃圾站|变电站|加油站|派出所|卫生院|卫生室|医院|广场|花园|花苑|公寓|小区|社区"
    "|小学|中学|学校|大学|学院|公司|集团|工地|楼盘|新村|新城|家园|山庄|别墅|公园|市场|商城|大厦|水库"
    "|水厂|码头|砖厂|石场|猪场|村|组|苑|府|城|园|厂|路|街|桥|站|线"
)
_NOT_IN_NAME = (
    "的在是住系于到来自为和与及我你您他她它们这那该各本每某把被从对有没不了几请让给向区县市镇乡"
)
_FORM = re.compile(rf"[^\W_{_NOT_IN_NAME}]{{2,8}}?(?:{SUFFIXES})(?![名民务])")
_PLAIN = re.compile(rf"[^\W_{_NOT_IN_NAME}]{{3,10}}")
_LEADING = re.compile(r"^(?:[A-Za-z]\d*|[省州])+")
_NEVER = frozenset(
    ["小区", "社区", "学校", "医院", "公司", "村", "路", "工地", "小学", "中学", "幼儿园"]
)
_LONGEST = 20  # characters of a shared name
_SHARED = 0.5  # so many of the members, at least
_IN_TITLES = 0.3
_SAMPLE = 40  # members that are read for the shared name
_TEXT = 80  # characters of a text that are read besides its title
# Where everybody lives does not tell matters apart: 甲市乙县 before a name.
_ABOVE = re.compile(r"^(?:.{1,5}?(?:省|(?<![超城])市|县|(?<![小社园])区))+")
_BEFORE = re.compile(
    r"^(?:[省市县区镇乡的在于与和是有对了们到向请]|关于|投诉|反映|咨询|建议|希望|请问|举报)+"
)
_BEHIND = re.compile(r"(?:[的在于与和是有对了们到向请被旁边里内]|边上|附近|周边)+$")


class MentionFinder:
    """Find the names in one text.

    Parameters
    ----------
    office : Office, optional
        Its towns and villages, and its aliases, come before any form.

    Examples
    --------
    >>> MentionFinder().find("投诉金桂花园旁边的宏发建材公司")
    ('金桂花园', '宏发建材公司')
    """

    def __init__(self, office: Office | None = None) -> None:
        towns = office.towns if office else ()
        listed = {name: name for town in towns for name in (town.name, *town.villages)}
        listed |= {alias: town.name for town in towns for alias in town.aliases}
        self.aliases = canonical(office)
        self._listed = listed | self.aliases
        names = sorted(self._listed, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, names))) if names else None

    def find(self, text: str) -> tuple[str, ...]:
        """Return the names in order of appearance, each once, by its first alias."""
        found = (
            [self._listed[name] for name in self._pattern.findall(text)] if self._pattern else []
        )
        for match in _FORM.findall(text):
            name = _BEFORE.sub("", _LEADING.sub("", match))
            if len(name) > 2 and name not in _NEVER:
                found.append(self._listed.get(name, name))
        return tuple(dict.fromkeys(found))

    def joined(self, texts: Iterable[str]) -> list[str]:
        """Return the texts with every alias replaced by the first name of its place."""
        if not self.aliases:
            return list(texts)
        names = sorted({*self.aliases, *self.aliases.values()}, key=len, reverse=True)
        pattern = re.compile("|".join(map(re.escape, names)))
        return [pattern.sub(lambda m: self.aliases.get(m[0], m[0]), text) for text in texts]


def may_be_name(text: str) -> bool:
    """Tell whether a text could be a name by its length and letters, whatever its form.

    Examples
    --------
    >>> may_be_name("金桂豪庭"), may_be_name("让野猪拱了")
    (True, False)
    """
    return _PLAIN.fullmatch(text) is not None


def canonical(office: Office | None) -> dict[str, str]:
    """Return for each other name of a place the first one, from the office's profile."""
    groups = office.aliases if office else ()
    return {alias: group[0] for group in groups for alias in group[1:]}


@dataclass(frozen=True, slots=True)
class SharedName:
    """What most members of a group name in common.

    Attributes
    ----------
    name : str
        In their own words; empty where they share nothing.
    is_name : bool
        Whether it names a place, a body or people, and does not only say what it is about.
    """

    name: str = ""
    is_name: bool = False


def shared_names(
    groups: Sequence[Sequence[int]],
    titles: Sequence[str],
    texts: Sequence[str],
    occurrences: NDArray[np.int64] | None = None,
) -> list[SharedName]:
    """Find what most members of each group name in common.

    A run of character pairs each of which most members share is a candidate; it is worth its
    pairs, each as much as the corpus hardly knows it and the other submissions do not have it.
    What stands in no title or first clause is no name: it is how somebody writes.

    Parameters
    ----------
    groups : sequence of sequences of int
        Positions of the members; of more than 40, every n-th is read.
    titles, texts : sequence of str
        Of all submissions. The title may be the first clause.
    occurrences : ndarray of int, shape (N_HASHED,), optional
        As `Vectors` has it.

    Examples
    --------
    >>> slips = ["金桂豪庭夜里施工", "投诉金桂豪庭工地半夜打桩"]
    >>> shared_names([[0, 1]], slips, slips)
    [SharedName(name='金桂豪庭', is_name=True)]
    """
    read = [list(rows[:: max(1, len(rows) // _SAMPLE)]) for rows in groups]
    flat = [row for rows in read for row in rows]
    if not flat:
        return []
    group_of = np.repeat(np.arange(len(read)), [len(rows) for rows in read])
    heads = [field for row in flat for field in (titles[row], texts[row][:_TEXT])]
    lines = "\n".join(one_line(heads)) + "\n"
    fields, hashes, positions = pairs_of(lines)
    pairs = _Pairs(group_of[fields >> 1], fields, hashes, positions)
    return _best_runs(pairs, lines, np.bincount(group_of), occurrences, len(texts))


@dataclass(frozen=True, slots=True)
class _Pairs:
    groups: NDArray[np.int64]
    fields: NDArray[np.int32]
    hashes: NDArray[np.int32]
    positions: NDArray[np.int64]


def _best_runs(
    pairs: _Pairs,
    lines: str,
    sizes: NDArray[np.int64],
    occurrences: NDArray[np.int64] | None,
    n: int,
) -> list[SharedName]:
    share, in_title = _shares(pairs, sizes)
    known, n_known = background()
    rare = known[pairs.hashes]
    worth = np.where(rare <= RARE, np.log(n_known / (rare + 1.0)), 0.5) * share * (0.3 + in_title)
    if occurrences is not None:
        worth *= np.log(np.maximum(n / np.maximum(occurrences[pairs.hashes], 1), 1))
    count = share * sizes[pairs.groups]
    is_shared = np.flatnonzero((share >= _SHARED) & (count > 1.5))
    names = [SharedName() for _ in sizes]
    if not len(is_shared):
        return names
    place, field = pairs.positions[is_shared], pairs.fields[is_shared]
    breaks = (np.diff(place, prepend=-9) != 1) | (np.diff(field, prepend=-1) != 0)
    run = np.cumsum(breaks) - 1
    worths = np.bincount(run, weights=worth[is_shared])
    strange = (rare <= RARE) & (in_title >= _IN_TITLES)
    is_name = np.bincount(run, weights=strange[is_shared]) > 0
    starts = place[breaks]
    ends = place[np.append(np.flatnonzero(breaks)[1:], len(place)) - 1] + 2
    groups = pairs.groups[is_shared][breaks]
    order = np.lexsort((starts, -worths, ~is_name, groups))
    _, first = np.unique(groups[order], return_index=True)
    for best in order[first]:
        name = _trimmed(lines[starts[best] : ends[best]])
        names[groups[best]] = SharedName(name, bool(is_name[best]))
    told = [name.name for name in names]
    fields, hashes, _ = pairs_of("\n".join(told) + "\n")
    strange_left = np.bincount(fields[known[hashes] <= RARE], minlength=len(told)) > 0
    return [
        SharedName(name.name, name.is_name and bool(left))
        for name, left in zip(names, strange_left, strict=True)
    ]


def strange_pairs(names: Sequence[str]) -> list[list[str]]:
    """Return the character pairs of each name that the corpus hardly knows.

    Examples
    --------
    >>> strange_pairs(["金桂豪庭"])
    [['桂豪', '豪庭']]
    """
    known, _ = background()
    lines = "\n".join(names) + "\n"
    fields, hashes, places = pairs_of(lines)
    found: list[list[str]] = [[] for _ in names]
    for i in np.flatnonzero(known[hashes] <= RARE):
        found[fields[i]].append(lines[places[i] : places[i] + 2])
    return found


def _shares(
    pairs: _Pairs, sizes: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return for each pair in how many members of its group, and in how many titles, it stands."""
    cells = (pairs.groups << BITS) | pairs.hashes
    fields = pairs.fields.astype(np.int64) - (pairs.fields[0] if len(pairs.fields) else 0)
    kinds = np.sort(cells)
    kinds = kinds[np.diff(kinds, prepend=-1) > 0]
    kind = np.searchsorted(kinds, cells)
    once = np.sort((kind << 32) | fields)
    once = once[np.diff(once, prepend=-1) > 0]
    of_titles = once[once & 1 == 0]
    of_members = once >> 1
    of_members = of_members[np.diff(of_members, prepend=-1) > 0]
    n = sizes[kinds >> BITS]
    share = np.bincount(of_members >> 31, minlength=len(kinds)) / n
    in_title = np.bincount(of_titles >> 32, minlength=len(kinds)) / n
    return share.take(kind), in_title.take(kind)


def _trimmed(name: str) -> str:
    """Cut what is no part of a name off its ends."""
    name = _BEFORE.sub("", _ABOVE.sub("", _BEFORE.sub("", name)))
    return _BEHIND.sub("", name)[:_LONGEST]
