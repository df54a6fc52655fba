"""How people are named without a full name: 邓书记, 老陈, 李满娭毑, 阿芳, 秀英嫂, 买买提·吐尔逊."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from minyi.analysis.privacy import namewords as known
from minyi.analysis.privacy.evidence import Sentence, follows_sign
from minyi.analysis.privacy.odds import odds


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


_S = f"(?:{'|'.join(known.COMPOUND_SURNAMES)}|[{known.RANKED}])"
_TITLED = re.compile(rf"(?P<name>{_S})(?:{known.TITLES})(?![期年久远大短])")
_SOME = re.compile(rf"(?P<name>{_S})(?=某|[XxＸｘ×*＊○〇Ｏ]{{1,3}}(?![A-Za-z0-9]))")
_ASKED = re.compile(rf"(?<=姓)(?P<name>{_S})(?!氏|名)")
_CLAN = re.compile(rf"(?P<name>{_S})(?=氏(?:兄弟|父子|一家|家族|夫妇|姐妹|叔侄))")
_FAMILIAR = re.compile(rf"(?<=[老小])(?P<name>{_S})(?!家[村庄坡坪湾冲坝塘山岭沟桥屋院])")
_FAMILY = re.compile(rf"(?P<name>{_S})(?=家(?:[的那也跟说与，、。把两几老他]|$))")
_KIN = re.compile(
    rf"(?P<name>{_S}(?P<nick>[满幺么大二三四五六七八九老细小晚毛])?)(?P<kin>{known.KIN})(?![家]?[村湾冲庙桥山寨])"
)
_BYNAME = re.compile(rf"(?P<name>{_S}[大二三小老]?(?:{known.BYNAMES}))")
_TURNED = re.compile(rf"(?P<name>(?:{known.BYNAMES}){_S})")
_RANK = re.compile(rf"(?P<name>{_S}(?:老[大二三四五六七八九幺满]|[大二三四五六]毛|满哥|满姑))")
_DEAR = re.compile(r"(?P<name>[阿小](?P<given>[\u4e00-\u9fff]))")
_TWICE = re.compile(r"(?P<name>(?P<given>[\u4e00-\u9fff])(?P=given))")
_PET = re.compile(rf"(?P<name>{known.PETS})")
_OF_KIN = re.compile(f"(?:{known.KIN})")
_DEAR_ODDS = 2.0  # of the given name in 阿芳: 阿姨 and 小区 are words
_RARE = -1.0  # log-odds below which a character with a title is no surname: 某书记, 茶老板
_CALLED = re.compile(
    r"(?:外号|绰号|小名|乳名|诨名|花名(?!册)|人送外号|别名|曾用名)(?:叫做?|是|为|[：:])?[“\"']?"
    r"(?P<name>[\u4e00-\u9fff]{2,3})(?=[”\"'，。、；！）) 的]|$)"
)
_FIELD = re.compile(
    rf"(?:{known.LABELS})[：:][ \u3000]*"
    rf"(?P<name>{_S}[\u4e00-\u9fff]{{1,2}})(?=[\s，。；、,;（(\d]|$)"
)
_CHILD = re.compile(
    r"(?:儿子|女儿|孙子|孙女|外孙|外孙女|崽|妹子|儿媳|老伴|老婆|老公|丈夫|妻子|爱人|弟弟|妹妹|哥哥|姐姐|婆娘|堂客|屋里|我家)"
    r"(?P<name>[\u4e00-\u9fff]{2})"
)
_T = f"[{known.TRANSCRIBED}]"
_DOTTED = re.compile(
    rf"(?P<name>(?:{_T}{{2,7}}|[\u4e00-\u9fff]{{1,3}})(?:[·•．・‧](?:{_T}{{2,7}}|[\u4e00-\u9fff]{{1,4}})){{1,3}})"
)
_DOT = re.compile("[·•．・‧]")
_TRANSCRIBED = re.compile(f"{_T}+")
_FOREIGN = re.compile(rf"(?P<name>{_T}{{0,3}}(?:{known.SYLLABLES}){_T}{{0,4}})")
# 于, 向, 任 and others are prepositions, verbs or parts of a title at least as often as surnames:
# with a title they are surnames only where this does not stand before them.
_UNSURE = dict.fromkeys("向时全代单位管连查和由原", re.compile(r"$")) | {
    "于": re.compile(r"[属由对至处关基终等过大小多少低高优位源]$"),
    **dict.fromkeys("任应", re.compile(r"\w$")),
}
_NOBODYS = ("百姓", "同姓", "外姓", "大姓", "小姓", "异姓", "杂姓", "单姓", "贵姓", "改姓", "随姓")
_ADDRESSED = ("请", "找", "被", "由", "跟", "给", "经", "让")


def clear_forms(sentence: Sentence) -> Iterator[Person]:
    """Yield who is named by something else than surname and given name.

    Examples
    --------
    >>> text = "李满娭毑找了邓书记"
    >>> [text[one.start : one.end] for one in clear_forms(Sentence(text, frozenset()))]
    ['邓', '李满']
    """
    yield from _surnames(sentence)
    yield from _relatives(sentence)
    for pattern in (_FIELD, _CALLED):
        yield from map(_person, pattern.finditer(sentence.text))


def _surnames(sentence: Sentence) -> Iterator[Person]:
    """邓书记, 董某, 姓袁, 老陈, 李氏兄弟, 张家的."""
    text = sentence.text
    for match in _TITLED.finditer(text):
        if _has_title(sentence, match.start(), match.end("name")):
            yield _person(match)
    for match in _SOME.finditer(text):
        if sentence.is_edge(match.start()) or _likely(match["name"]) > 2:
            yield _person(match)
    for match in _ASKED.finditer(text):
        if not text.endswith(_NOBODYS, 0, match.start()):
            yield _person(match)
    yield from map(_person, _CLAN.finditer(text))
    for match in _FAMILIAR.finditer(text):
        start, end = match.span("name")
        free = sentence.is_edge(start - 1) and _is_free(text, start - 1, start, end, least=2.5)
        if _likely(match["name"]) > 2 and free:
            yield _person(match)
    for match in _FAMILY.finditer(text):
        if _likely(match["name"]) > 3 and _is_free(text, *match.span("name"), least=1.5):
            yield _person(match)


def _has_title(sentence: Sentence, start: int, end: int) -> bool:
    text, table = sentence.text, odds()
    likely = _likely(text[start:end])
    if likely < _RARE or (likely < 0 and not sentence.is_edge(start)):
        return False
    if _is_unsure(text, start) or follows_sign(text, start):
        return False
    addressed = text.endswith(_ADDRESSED, 0, start)
    return (addressed or table.bound(text, start) < 2.5) and table.bound(text, end) < 2


def _is_unsure(text: str, start: int) -> bool:
    unsure = _UNSURE.get(text[start])
    return bool(unsure and unsure.search(text[max(0, start - 2) : start]))


def _relatives(sentence: Sentence) -> Iterator[Person]:
    """李满娭毑, 王大爷, 王麻子, 罗老三."""
    text, table = sentence.text, odds()
    for match in _KIN.finditer(text):
        start, end = match.span("name")
        ends_well = table.bound(text, match.start("kin")) < 2 and table.bound(text, match.end()) < 3
        least = 1.5 if len(match["kin"]) == 1 or _is_unsure(text, start) else -1.5
        if _likely(match["name"]) > least and ends_well and _is_free(text, start, start + 1):
            yield Person(start, end, whole=end - start > 1)
    for pattern in (_BYNAME, _RANK, _TURNED):
        for match in pattern.finditer(text):
            start = match.start() if pattern is not _TURNED else match.end() - 1
            if _likely(text[start]) > 1.5 and _is_free(text, start, start + 1):
                yield _person(match)


def vague_forms(sentence: Sentence) -> Iterator[Person]:
    """Yield who is named without a surname: 阿芳, 秀英嫂, 女儿雨桐, 二丫; a full name goes before.

    Examples
    --------
    >>> text = "秀英嫂和阿芳"
    >>> [text[one.start : one.end] for one in vague_forms(Sentence(text, frozenset()))]
    ['阿芳', '秀英']
    """
    text, table = sentence.text, odds()
    for match in _DEAR.finditer(text):
        start, end = match.span()
        if table.given(match["given"]) > _DEAR_ODDS and _is_free(text, start, start + 1, end):
            yield _person(match)
    for match in _TWICE.finditer(text):
        word = sentence.is_edge(match.start()) and sentence.is_edge(match.end())
        if word and table.given(match["given"]) > 1 and _is_free(text, match.start() + 1, least=1):
            yield _person(match)
    for match in _PET.finditer(text):
        if _is_free(text, match.start(), match.end()):
            yield _person(match)
    yield from _given_alone(sentence)


def _given_alone(sentence: Sentence) -> Iterator[Person]:
    """秀英嫂, 女儿雨桐."""
    text = sentence.text
    for match in _OF_KIN.finditer(text):
        end = match.start()
        for start in (end - 2, end - 1):
            if start >= 0 and _is_given(text, start, end) and odds().bound(text, end) < 1.5:
                yield Person(start, end, whole=True)
                break
    for match in _CHILD.finditer(text):
        start, end = match.span("name")
        closes = end == len(text) or not text[end].isalnum() or known.ACTS.match(text, end)
        if closes and _is_given(text, start, end):
            yield _person(match)


def _is_given(text: str, start: int, end: int) -> bool:
    table = odds()
    values = [table.given(character) for character in text[start:end]]
    least = 2.0 if len(values) == 1 else 1.0
    inner = table.bound(text, start + 1) if len(values) == 2 else 0.0
    free = table.bound(text, start) < 1 and table.bound(text, end) < 2
    return free and min(values) > least and sum(values) - 2 * inner > 2


def transcribed(sentence: Sentence) -> Iterator[Person]:
    """Yield names of other languages: 买买提·吐尔逊, 卓玛."""
    text = sentence.text
    for match in _DOTTED.finditer(text):
        if any(len(part) > 1 and _TRANSCRIBED.fullmatch(part) for part in _DOT.split(match[0])):
            yield _person(match)
    for match in _FOREIGN.finditer(text):
        if len(match[0]) > 2 or _is_free(text, *match.span()):
            yield _person(match)


def _likely(surname: str) -> float:
    return odds().surnames.get(surname[0], 0.0) if surname[:2] not in known.COMPOUND_SURNAMES else 6


def _is_free(text: str, *places: int, least: float = 2.0) -> bool:
    """Tell whether at none of the places a word of ordinary text goes on."""
    return all(odds().bound(text, place) < least for place in places)


def _person(match: re.Match[str]) -> Person:
    start, end = match.span("name")
    is_surname = end - start == 1 or match["name"] in known.COMPOUND_SURNAMES
    return Person(start, end, whole=not is_surname)
