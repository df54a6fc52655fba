"""Persons named in free text: where they stand, and how they are hidden.

There is no list of persons to look them up in. A name is told by its surname and by what stands
around it: a label (姓名：, 我叫), a role (村支书, 邻居), a title behind it (书记, 女士), or, where
there is nothing of that, by characters that parents choose together with the words of the
sentence. Surnames alone count with a title: 邓书记. Not found are names in Latin letters,
nicknames, given names without a surname, and names that are words as well, unless they are given.

On lists written for it (``tests/person_sentences.py``) it found 87 % of the names written before
the code, and 51, 68 and 61 % of three harder lists before it learnt from them; of 120 whole names
found in real messages 110 were names, of 50 surnames with a title all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from minyi.analysis.privacy import namewords as known
from minyi.text.segmentation import Segmenter

_HAN = "\u4e00-\u9fff"
_SURNAME = "".join(sorted(known.SURNAMES))
_COMPOUND = "|".join(known.COMPOUND_SURNAMES)
_ANY_SURNAME = re.compile(f"{_COMPOUND}|[{_SURNAME}]")
_LABEL = re.compile(rf"(?:{known.LABELS})(?:[是为]|[：: ，,“\"(（]){{0,3}}$")
_ROLE = re.compile(rf"(?:{known.ROLES})[：: “\"(（]{{0,2}}$")
# What may stand before a name that nothing announces.
_OPENING = re.compile(
    r"(?:^|[^\w]|[由被向对找请跟和与给为让告求谢赞了是叫有因年天月日的]"
    r"|举报|投诉|感谢|表扬|判决|打伤|起诉|转告|通知|联系|\n)$"
)
_JOINING = re.compile(r"(?:[、和与及]|，)$")
_TITLE = re.compile(rf"(?:{known.TITLES})(?![期年久远大短])")
_SEX = re.compile(r"[，,、（( ]{0,2}(?:男|女|已故|享年|现年|今年|身份证|生于|住)")
_SOME = re.compile(r"某")
_OF_PLACE = re.compile(r"[镇村区组乡县厂道司位家里面队]的$")
_PAUSE = re.compile(r"[，、（(。！；]|$")
_ADDRESSED = ("请", "找", "被", "由", "跟", "给", "经", "让")
_FAMILIAR = re.compile("[老小]$")  # 老陈, 小刘
# 于, 向, 任 and others are prepositions or verbs at least as often as surnames: a surname alone
# they are only where this does not stand before them, a name only behind a label.
_UNSURE = dict.fromkeys("向时全代单位管连查和", re.compile(r"$")) | {
    "于": re.compile(r"[属由对至处关基终等过大小多少低高优位源]$"),
    **dict.fromkeys("任应", re.compile(r"\w$")),
}
_NOBODYS_SURNAME = ("百姓", "同姓", "外姓", "大姓", "小姓")
_NEVER_BARE = frozenset("向和时全位连")  # not even behind a role
_MASK, _MASK_SURNAME = "某某", "某"


class Person(NamedTuple):
    """A name in a text.

    Attributes
    ----------
    start, end : int
        Where it stands, in characters; `end` is exclusive.
    whole : bool
        False where only the surname is given: 邓书记.
    """

    start: int
    end: int
    whole: bool


def find_persons(text: str, names: Iterable[str] = ()) -> list[Person]:
    """Return the persons named in `text`, in order and without overlap.

    Parameters
    ----------
    text : str
    names : iterable of str
        Names that are known; they are found wherever they stand.

    Returns
    -------
    list of Person

    Examples
    --------
    >>> find_persons("我叫周文彬，邓书记答应过。大家都很高兴。")
    [Person(start=2, end=5, whole=True), Person(start=6, end=7, whole=False)]
    """
    sentence = _Sentence(text, _word_ends(text))
    found = [*_listed(text, names), *_announced(sentence)]
    found += _joined(sentence, found)
    whole = {text[one.start : one.end] for one in found if one.whole and one.end - one.start > 2}
    found += _listed(text, whole)
    return _without_overlap(found)


def mask_persons(text: str, names: Iterable[str] = ()) -> str:
    """Return `text` with its persons hidden; twice is as once.

    Examples
    --------
    >>> mask_persons("村支书胡德胜和邓主任都来过张家村")
    '村支书某某和某主任都来过张家村'
    """
    pieces, end = [], 0
    for person in find_persons(text, names):
        pieces += [text[end : person.start], _MASK if person.whole else _MASK_SURNAME]
        end = person.end
    return "".join([*pieces, text[end:]])


@dataclass(frozen=True)
class _Sentence:
    text: str
    ends: frozenset[int]  # where a word of the segmenter ends

    def is_inside_word(self, place: int) -> bool:
        return place > 0 and place not in self.ends

    def before(self, place: int) -> str:
        return self.text[max(0, place - 12) : place]

    def closes(self, place: int) -> bool:
        return bool(known.CLOSING.match(self.text, place) or _TITLE.match(self.text, place))


@lru_cache(maxsize=1)
def _segmenter() -> Segmenter:
    return Segmenter()


def _word_ends(text: str) -> frozenset[int]:
    return frozenset(accumulate(map(len, _segmenter().cut(text))))


def _listed(text: str, names: Iterable[str]) -> list[Person]:
    wanted = sorted({name for name in names if len(name) > 1}, key=len, reverse=True)
    if not wanted:
        return []
    pattern = re.compile("|".join(map(re.escape, wanted)))
    return [Person(*match.span(), whole=True) for match in pattern.finditer(text)]


def _announced(sentence: _Sentence) -> Iterator[Person]:
    for match in _ANY_SURNAME.finditer(sentence.text):
        start, given = match.span()
        if only := _surname_only(sentence, start, given):
            yield only
        elif (end := _end_of_name(sentence, start, given)) is not None:
            yield Person(start, end, whole=True)


def _surname_only(sentence: _Sentence, start: int, given: int) -> Person | None:
    """邓书记, 董某, 姓袁, 老陈."""
    text, before = sentence.text, sentence.before(start)
    is_one = (
        (before.endswith("姓") and not before.endswith(_NOBODYS_SURNAME))
        or (_SOME.match(text, given) and not sentence.is_inside_word(start))
        or (_FAMILIAR.search(before) and _is_familiar(sentence, start, given))
        or _has_title(sentence, start, given)
    )
    return Person(start, given, whole=False) if is_one else None


def _has_title(sentence: _Sentence, start: int, given: int) -> bool:
    text, before = sentence.text, sentence.before(start)
    title, unsure = _TITLE.match(text, given), _UNSURE.get(text[start:given])
    if not title or (unsure and unsure.search(before)):
        return False
    inside = sentence.is_inside_word(start) and not before.endswith(_ADDRESSED)
    return not inside and text[start : given + 1] not in known.WORDS


def _is_familiar(sentence: _Sentence, start: int, given: int) -> bool:
    text, before = sentence.text, sentence.before(start - 1)
    opened = _OPENING.search(before) or _ROLE.search(before) or _LABEL.search(before)
    is_surname = text[start:given] in known.COMMON_SURNAMES and text[start:given] not in _UNSURE
    return bool(
        is_surname and opened and (sentence.closes(given) or text.startswith(("说", "其"), given))
    )


def _end_of_name(sentence: _Sentence, start: int, given: int) -> int | None:
    text, before = sentence.text, sentence.before(start)
    lengths = [length for length in (2, 1) if _is_given(text[given : given + length], length)]
    if text[start : start + 2] in known.WORDS:
        return None
    if _LABEL.search(before):
        return _longest(sentence, given, lengths)
    if _ROLE.search(before) and text[start:given] not in _NEVER_BARE:
        return _by_role(sentence, start, given, lengths)
    return None if text[start:given] in _UNSURE else _unannounced(sentence, start, given, lengths)


def _unannounced(sentence: _Sentence, start: int, given: int, lengths: list[int]) -> int | None:
    if 2 in lengths and _is_marked(sentence, start, given + 2):
        return given + 2
    is_short = 1 in lengths and _is_titled(sentence, start, given + 1)
    return given + 1 if is_short else None


def _is_given(characters: str, length: int) -> bool:
    return (
        len(characters) == length
        and all("\u4e00" <= character <= "\u9fff" for character in characters)
        and not set(characters) & known.NEVER_GIVEN
    )


def _longest(sentence: _Sentence, given: int, lengths: list[int]) -> int | None:
    closing = [given + length for length in lengths if sentence.closes(given + length)]
    if closing:
        return closing[0]
    ends = [given + length for length in lengths if given + length in sentence.ends]
    return next(iter(ends), given + lengths[0] if lengths else None)


def _by_role(sentence: _Sentence, start: int, given: int, lengths: list[int]) -> int | None:
    """村支书胡德胜; but 医生常年 or 村民强烈 are no names."""
    text = sentence.text
    if sentence.is_inside_word(start):
        return None
    if 2 in lengths and (
        sentence.closes(given + 2)
        or known.ACTS.match(text, given + 2)
        or (set(text[given : given + 2]) <= known.GIVEN and given + 2 in sentence.ends)
    ):
        return given + 2
    is_clear = 1 in lengths and text[given] in known.GIVEN and given + 1 in sentence.ends
    acts = sentence.closes(given + 1) or known.ACTS.match(text, given + 1)
    is_clear = is_clear and bool(acts or given not in sentence.ends)
    return given + 1 if is_clear else None


def _is_marked(sentence: _Sentence, start: int, end: int) -> bool:
    """Tell whether what nobody announces is a name: by its characters and its neighbours."""
    text = sentence.text
    before = sentence.before(start)
    announced = _SEX.match(text, end) or _TITLE.match(text, end)
    inside = sentence.is_inside_word(start) and not (announced and before.endswith(_ADDRESSED))
    likely = set(text[end - 2 : end]) <= known.GIVEN and end in sentence.ends and not inside
    if not likely or announced or _is_one_word(sentence, start, end):
        return likely
    if before.endswith("的") and not (_OF_PLACE.search(before) or _PAUSE.match(text, end)):
        return False
    is_common = end - start > 3 or text[start] in known.COMMON_SURNAMES
    is_common = is_common or bool(_PAUSE.match(text, end) or known.ACTS.match(text, end))
    is_common = is_common or before.endswith(("被", "找", "跟"))
    opened = bool(_OPENING.search(before))
    ends = sentence.closes(end) or bool(known.ACTS.match(text, end))
    return opened and is_common and ends


def _is_one_word(sentence: _Sentence, start: int, end: int) -> bool:
    """Tell whether the segmenter, too, takes it for one word that is unknown, and no place."""
    text, whole = sentence.text, not sentence.ends & set(range(start + 1, end))
    is_place = text[end - 1] in known.PLACE_ENDS or known.PLACE_BEHIND.match(text, end)
    return whole and text[start] in known.COMMON_SURNAMES and not is_place


def _is_titled(sentence: _Sentence, start: int, end: int) -> bool:
    """韩冰老师: two characters, of which the second may be a given name, and a title."""
    text = sentence.text
    likely = text[end - 1] in known.GIVEN and not sentence.is_inside_word(start)
    acts = bool(_OPENING.search(sentence.before(start)) and known.ACTS.match(text, end))
    return likely and (acts or bool(_TITLE.match(text, end)))


def _joined(sentence: _Sentence, found: list[Person]) -> Iterator[Person]:
    """周文彬、李秀兰: what a comma joins to a name is another, if it looks like one."""
    ends = {one.end for one in found if one.whole}
    for match in _ANY_SURNAME.finditer(sentence.text):
        start, given = match.span()
        if start - 1 not in ends or not _JOINING.search(sentence.before(start)):
            continue
        if sentence.text[start : start + 2] in known.WORDS or _TITLE.match(sentence.text, given):
            continue
        for length in (2, 1):
            end = given + length
            if _is_another(sentence, given, end):
                ends.add(end)
                yield Person(start, end, whole=True)
                break


def _is_another(sentence: _Sentence, given: int, end: int) -> bool:
    characters = sentence.text[given:end]
    likely = set(characters) <= known.GIVEN
    return _is_given(characters, end - given) and (
        (likely and end in sentence.ends) or sentence.closes(end)
    )


def _without_overlap(found: Iterable[Person]) -> list[Person]:
    kept: list[Person] = []
    for one in sorted(set(found), key=lambda one: (one.start, -one.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept
