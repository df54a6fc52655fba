"""How much speaks for a piece of a text being somebody's name: characters, neighbours, context.

A logistic model: the log-odds of surname and given characters, what binds them to each other and
to their neighbours in ordinary text, the words before and behind, and where the segmenter cuts.
Its weights were fitted by ``benchmarks/names.py`` on contexts written for it, filled with made-up
names, and on the corpus as text without names. They stand as they were when the lists told of in
`persons` were measured; a new run differs by a tenth or two (``place_end`` by half).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from minyi.analysis.privacy import namewords as known
from minyi.analysis.privacy.odds import odds

_SURNAME = re.compile(f"{'|'.join(known.COMPOUND_SURNAMES)}|[{known.RANKED}]")
_HAN = re.compile("[\u4e00-\u9fff]")
_LABEL = re.compile(rf"(?:{known.LABELS})(?:[是为叫]|[：: ，,“\"(（\t]){{0,3}}$")
_NAMED = re.compile(
    r"(?:我叫|名叫|[人他她个]叫|名字[叫是]|姓名|名为|签名|户名|原名|真名)"
    r"(?:做|[是为]|[：: ，,“\"(（\t]){0,3}$"
)
_ROLE = re.compile(rf"(?:{known.ROLES})[：: “\"(（]{{0,2}}$")
_VERB = re.compile("[由被向对找请跟和与给为让告求谢赞是叫问替帮按照比除经据听连同欠骂见]$")
_PLACED = re.compile("[镇村区组乡县厂户里的个位名些]$")
_TITLE = re.compile(
    rf"(?:{known.TITLES}|{known.KIN}|夫妇|夫妻|父子|兄弟|母子|母女)(?![期年久远大短])"
)
_DATA = re.compile(r"[，,、（( ]{0,2}(?:男|女|已故|享年|现年|今年|身份证|生于|住|电话|\d)")
_PAUSE = re.compile(r"$|[^\w]")
_FUNCTION = re.compile(
    "[的是在和与及等将把被给让向对从到说要也又都有打就还没不已自因于讲来去拿收带做占叫这他她"
    "称系住养骂偷买卖请找想送开跑走死病伤摔修建盖砍挖填堵写签领交办户一两三四五六七八九十屋今昨前再你只能会可应曾先才]"
)
_NEVER = frozenset(
    "的了吗呢吧啊嘛哦是在不没们它这那哪么什怎谁您你我他她很些个啥某姓村镇乡县组院厂店"
    "病钱款费税尿药饭肉粉袋瓶桶盆碗锅床鞋裤伞票罐箱柜桌椅"
)
_LANDFORM = frozenset("路街岭冲坪坡湾沟坝庙亭桥湖渠井塬坳垅畈庄寨屯铺府城苑巷弄洞阁塔宫殿祠寺")
_BEGINS = ("named", "label", "role", "pause")
_BEST_CONTEXT = 4.5  # more than any context adds
# Where a person is to be expected, a leak weighs more than a word lost; not fitted.
_EXPECTED, _LENIENCY = {"named", "label", "role", "title", "acts"}, 1.0
_JOINING = ("和", "与", "及")  # 罗明和罗亮
_ANNOUNCED = {"named", "label", "role", "title"}
_COMPOUND = 5.0  # the log-odds of a surname of two characters
_FAMILY_PLACE = re.compile("家[村庄坡坪湾冲坝塘山岭沟桥屋院大老坳垅园店台寨河洞畈洲埠嘴咀墩岗巷]")

#: Feature → weight, see `features`.
WEIGHTS: dict[str, float] = {
    "acts": 1.0,
    "after_sign": -0.3,
    "alone": 0.6,
    "bound_1": -1.0,
    "bound_2": -0.9,
    "bound_3": -0.7,
    "bound_left": -0.6,
    "bound_right": -1.2,
    "data": -0.6,
    "edge_left": 0.0,
    "edge_right": 0.3,
    "function": -0.8,
    "given_1": 0.4,
    "given_2": 0.7,
    "goes_on": -2.9,
    "home": 0.3,
    "label": 0.1,
    "listed_word": -1.1,
    "named": -0.3,
    "one": -2.9,
    "pause": -0.7,
    "place": -0.1,
    "place_end": -1.5,
    "placed": -1.2,
    "role": 0.2,
    "stop": -1.6,
    "surname": 0.3,
    "text": -2.1,
    "title": 0.4,
    "two": -1.3,
    "verb": -0.1,
    "word": 1.7,
    "words": 2.2,
}


class Candidate(NamedTuple):
    """A piece of a text that may be a name, and how much speaks for it (log-odds)."""

    start: int
    given: int
    end: int
    score: float


@dataclass(frozen=True)
class Sentence:
    """A text and where its words end."""

    text: str
    ends: frozenset[int]

    def is_edge(self, place: int) -> bool:
        """Tell whether a word of the segmenter begins or ends there."""
        return place == 0 or place in self.ends

    def before(self, place: int) -> str:
        """Return the characters before `place`."""
        return self.text[max(0, place - 12) : place]


def candidates(sentence: Sentence, least: float) -> list[Candidate]:
    """Return what may be a name, by a surname and one or two further characters, best first.

    Parameters
    ----------
    sentence : Sentence
    least : float
        The score below which it is none.
    """
    found = []
    for start, given, end in pieces(sentence.text):
        values = _of_characters(sentence.text, start, given, end)
        score = _weighed(values)
        if score + _BEST_CONTEXT < least:
            continue
        values = _of_context(sentence, start, given, end)
        if "place_end" in values and not values.keys() & _ANNOUNCED:
            continue
        score += _weighed(values) + _leniency(values, end - given)
        if score >= least:
            found.append(Candidate(start, given, end, score))
    return sorted(found, key=lambda one: (-one.score, one.start))


def _leniency(values: dict[str, float], length: int) -> float:
    return _LENIENCY if length == 2 and values.keys() & _EXPECTED else 0.0


def _weighed(values: dict[str, float]) -> float:
    return sum(WEIGHTS[name] * value for name, value in values.items())


def pieces(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield start, start of the given name and end of what has the form of a name."""
    for match in _SURNAME.finditer(text):
        start, given = match.span()
        if _FAMILY_PLACE.match(text, given):
            continue
        for end in (given + 2, given + 1):
            name = text[given:end]
            is_han = end <= len(text) and all(map(_HAN.match, name))
            # 段长 and 林长 are offices.
            joins = name[-1:] in _JOINING and _SURNAME.match(text, end)
            if is_han and not joins and name != "长" and not set(name) & _NEVER:
                yield start, given, end


def features(sentence: Sentence, start: int, given: int, end: int) -> dict[str, float]:
    """Return what the model weighs, by name; values that are 0 are left out."""
    of_characters = _of_characters(sentence.text, start, given, end)
    return of_characters | _of_context(sentence, start, given, end)


def follows_sign(text: str, place: int) -> bool:
    """Tell whether a letter or digit stands before `place`: C区, 9路."""
    return place > 0 and text[place - 1].isascii() and text[place - 1].isalnum()


def _of_context(sentence: Sentence, start: int, given: int, end: int) -> dict[str, float]:
    text = sentence.text
    left, right = _left(sentence.before(start)), _right(text, end)
    values = {left: 1.0, right: 1.0}
    if left in _BEGINS and right == "stop":
        values["alone"] = 1.0
    if follows_sign(text, start):
        values["after_sign"] = 1.0
    if known.PLACE_BEHIND.match(text, end):
        values["place"] = 1.0
    if end - given == 2 and text[end - 1] in _LANDFORM:
        values["place_end"] = 1.0
    if text[start : start + 2] in known.WORDS:
        values["listed_word"] = 1.0
    begins, ends = sentence.is_edge(start), sentence.is_edge(end)
    whole = not any(place in sentence.ends for place in range(start + 1, end))
    values |= {"edge_left": float(begins), "edge_right": float(ends)}
    if begins and ends:
        values["word" if whole else "words"] = 1.0
    return values


def _of_characters(text: str, start: int, given: int, end: int) -> dict[str, float]:
    table = odds()
    name = text[given:end]
    of_surname = table.surnames[text[start]] if given - start == 1 else _COMPOUND
    likely = sum(max(-5.0, min(5.0, table.given(character))) for character in name)
    bound = table.bound(text, given)
    values = {
        "surname": max(-3.0, min(8.0, of_surname)),
        "bound_left": table.bound(text, start),
        "bound_right": table.bound(text, end),
    }
    if len(name) == 1:
        return values | {"one": 1.0, "given_1": likely, "bound_1": bound}
    inner = table.bound(text, given + 1)
    return values | {"two": 1.0, "given_2": likely, "bound_2": bound, "bound_3": inner}


def _left(before: str) -> str:
    for name, pattern in (("named", _NAMED), ("label", _LABEL), ("role", _ROLE)):
        if pattern.search(before):
            return name
    if not before or not _HAN.match(before[-1]):
        return "pause"
    return "verb" if _VERB.search(before) else "placed" if _PLACED.search(before) else "text"


def _right(text: str, end: int) -> str:
    for name, pattern in (
        ("title", _TITLE),
        ("data", _DATA),
        ("stop", _PAUSE),
        ("acts", known.ACTS),
        ("function", _FUNCTION),
    ):
        if pattern.match(text, end):
            return name
    return "home" if text[end] == "家" else "goes_on"
