"""What differs between two nearly equal texts: wording, or the place and number that matter.

The letter that goes round, 某小区物业乱收费, is sent for many estates; word for word it is nearly
one text, and yet each estate is a matter of its own. Two texts are told apart when, between the
same words, each names a place, an institution or a number that the other does not. Something named
on one side only (a whole sentence more, a longer name) does not tell them apart, nor do dates,
durations, counts and measures: who writes a second time writes another date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from minyi.analysis.repeats.numerals import identities, number_characters

_WIDTH = 3  # common characters that separate two differences
_LOOK_AHEAD = 4  # common characters after a difference that may hold 小区 or 路
_LONGEST = 24  # characters; more than this is a sentence, not a name

_OWN_NAME = 3  # common characters that are a name by themselves

_SUFFIX = (
    r"小区|社区|学院|学校|[小中大]学|幼儿园|公司|花园|家园|公寓|大厦|广场|医院|酒店|超市|商场|街道|工地"
    r"|(?<![跑走修线问思出网])路(?!过)|组(?![织成合])|区(?![别分域县])|(?<![基网])站(?![在立出])|市(?!场)"
    r"|乡(?![村镇建基])|城(?![乡管市镇])|[街巷弄村队县镇栋幢座苑院校厂湾园岭塘桥]|(?<!政)府|号线"
)
# A name of its own has none of these characters.
_NOT_NAMED = (
    r"的了在是有和与及对向我你您他她它们这那此该各本全每某整同住系于到来自为从把被让给请由就都也还又再已"
    r"不没无等找求诉举个条种很太真呢啊吧呀嘛吗或而且但并以因所将能会可要上下里外内中"
)
_NAMED = re.compile(rf"(?P<name>[^\W{_NOT_NAMED}]{{1,10}}?)(?P<suffix>{_SUFFIX})")
_TITLE_SUFFIX = (
    r"小区|社区|学院|学校|[小中大]学|幼儿园|花园|家园|公寓|大厦|广场|医院|酒店|街道"
    r"|[路村镇苑栋]|乡(?![村镇建基])"
)
# 中心小学 is in every town: the name is what stands before.
_COMMON_NAME = "中心|实验|人民|国际|职业|技术|职业技术|附属"
_TITLE_NAMED = re.compile(rf"[^\W{_NOT_NAMED}]{{2}}(?:{_COMMON_NAME})?(?:{_TITLE_SUFFIX})")


class Change(NamedTuple):
    """Two stretches that stand in the same place, between the same words."""

    one: str
    other: str
    after: str


class Wording(NamedTuple):
    """What of a submission is compared.

    Attributes
    ----------
    text : str
        Comparable, see `minyi.analysis.repeats.shingles.comparable`.
    numbered : str
        The text with every number as one character, see `number_characters`.
    title : str
        Comparable; what else may name the place stands in further lines, as a greeting does.
    place : str
        What the place column says, if there is one.
    """

    text: str
    numbered: str
    title: str = ""
    place: str = ""


def wording(text: str, title: str = "", place: str = "") -> Wording:
    """Return what of a submission is compared, from its comparable texts."""
    return Wording(text, number_characters(text), title, place)


def tell_apart(one: Wording, other: Wording) -> bool:
    """Say whether two nearly equal submissions speak of different places or numbered things.

    Parameters
    ----------
    one, other : Wording

    Returns
    -------
    bool
        True when the place columns exclude each other, when one text has another name or number
        where the other has its own, or when the titles name different places and neither place is
        named elsewhere in the other submission.

    Examples
    --------
    >>> tell_apart(wording("金桂小区物业乱收停车费"), wording("银杉小区物业乱收停车费"))
    True
    >>> tell_apart(wording("我家三月停水到现在"), wording("我家四月停水到现在"))
    False
    """
    if one.place and other.place and not _is_within(one.place, other.place):
        return True
    if one.title != other.title and _titles_differ(one, other):
        return True
    return any(_is_telling(change, one, other) for change in changes(one.numbered, other.numbered))


def _is_within(one: str, other: str) -> bool:
    return one in other or other in one


def _titles_differ(one: Wording, other: Wording) -> bool:
    whole, other_whole = one.title + "\n" + one.text, other.title + "\n" + other.text
    here = [name for name in names_in_title(one.title) if name not in other_whole]
    there = [name for name in names_in_title(other.title) if name not in whole]
    return any(not _is_slip(a, b) for a in here for b in there)


def names_in_title(title: str) -> list[str]:
    """Return the places and institutions that a comparable title names, cut to their last part.

    Examples
    --------
    >>> names_in_title("石桥镇金桂小区物业乱收费")
    ['石桥镇', '金桂小区']
    """
    return _TITLE_NAMED.findall(title)


def changes(one: str, other: str) -> list[Change]:
    """Return where the texts have different words between the same words.

    Parameters
    ----------
    one, other : str

    Returns
    -------
    list of Change
        Empty when one text only has something more than the other.

    Examples
    --------
    >>> changes("村口的金桂路坏了三天", "村口的银杉路坏了三天")
    [Change(one='金桂', other='银杉', after='路坏了三')]
    """
    start, end = common_ends(one, other)
    if start + end >= min(len(one), len(other)):
        return []
    # Common words at both ends stay, as the surroundings of the first and last difference.
    first = max(0, start - _WIDTH)
    cut = partial(_middle, first=first, end=max(0, end - _LOOK_AHEAD))
    mine, theirs = cut(one), cut(other)
    known = _pieces(mine) & _pieces(theirs)
    by_surroundings: dict[tuple[bool, str], list[_Gap]] = {}
    for gap in _gaps(theirs, known):
        by_surroundings.setdefault((False, gap.before), []).append(gap)
        by_surroundings.setdefault((True, gap.after[:_WIDTH]), []).append(gap)
    found = {
        change: None
        for a in _gaps(mine, known)
        for key in ((False, a.before), (True, a.after[:_WIDTH]))
        for b in by_surroundings.get(key, ())
        if _is_same_place(a, b, mine, theirs) and (change := _trimmed(a, b)) is not None
    }
    return list(found)


def common_ends(one: str, other: str) -> tuple[int, int]:
    """Return how many characters the beginnings share, and how many of the rest the ends share.

    Examples
    --------
    >>> common_ends("路灯坏了", "路灯又坏了")
    (2, 2)
    """
    shorter = min(len(one), len(other))
    start = _common(shorter, lambda n: one[:n] == other[:n])
    end = _common(shorter - start, lambda n: n == 0 or one[-n:] == other[-n:])
    return start, end


def _common(most: int, holds) -> int:  # type: ignore[no-untyped-def]
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _middle(text: str, first: int, end: int) -> str:
    return text[first : len(text) - end]


def _pieces(text: str) -> set[str]:
    return {text[i : i + _WIDTH] for i in range(len(text) - _WIDTH + 1)}


class _Gap(NamedTuple):
    before: str
    words: str
    after: str


def _gaps(text: str, known: set[str]) -> Iterator[_Gap]:
    """Yield the stretches that no common piece covers."""
    covered_to = gap = 0
    for i in range(len(text) - _WIDTH + 1):
        if text[i : i + _WIDTH] not in known:
            continue
        if i > covered_to:
            yield _gap(text, covered_to, i)
        covered_to = gap = i + _WIDTH
    if gap < len(text):
        yield _gap(text, gap, len(text))


def _gap(text: str, start: int, end: int) -> _Gap:
    return _Gap(
        text[max(0, start - _WIDTH) : start], text[start:end], text[end : end + _LOOK_AHEAD]
    )


def _is_same_place(a: _Gap, b: _Gap, mine: str, theirs: str) -> bool:
    """Both neighbours are the same, or one that occurs only once."""
    before = a.before == b.before
    after = a.after[:_WIDTH] == b.after[:_WIDTH]
    if before and after:
        return True
    alike = a.before if before else a.after[:_WIDTH] if after else ""
    return len(alike) == _WIDTH and mine.count(alike) == theirs.count(alike) == 1


def _trimmed(a: _Gap, b: _Gap) -> Change | None:
    start, end = common_ends(a.words, b.words)
    one, other = (gap.words[start : len(gap.words) - end] for gap in (a, b))
    if not one or not other:
        return None
    return Change(one, other, (a.words[len(a.words) - end :] + a.after)[:_LOOK_AHEAD])


def _is_telling(change: Change, one: Wording, other: Wording) -> bool:
    if len(change.one) > _LONGEST or len(change.other) > _LONGEST:
        return False
    mine, theirs = (text + change.after for text in (change.one, change.other))
    return _other_numbers(mine, theirs, change) or _other_names(mine, theirs, change, one, other)


def _other_numbers(mine: str, theirs: str, change: Change) -> bool:
    here = identities(mine, len(change.one))
    there = identities(theirs, len(change.other))
    return bool(here) and bool(there) and not here & there


def _other_names(mine: str, theirs: str, change: Change, one: Wording, other: Wording) -> bool:
    here = _own_names(mine, len(change.one), other.numbered)
    there = _own_names(theirs, len(change.other), one.numbered)
    return any(not _is_slip(a, b) for a in here for b in there)


def _own_names(text: str, own: int, elsewhere: str) -> list[str]:
    """Return the names that lie at least partly in the first `own` characters, and only here."""
    return [
        hit[0]
        for hit in _NAMED.finditer(text)
        if hit.start() < own
        and hit.end("name") - own < _OWN_NAME  # else the name stands whole in what both say
        and hit[0] not in elsewhere
    ]


def _is_slip(a: str, b: str) -> bool:
    """One name is part of the other, or has the same characters in another order."""
    return a in b or b in a or sorted(a) == sorted(b)
