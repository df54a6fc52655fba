"""Numbers within texts: one character each, and those that say which one is meant.

3栋, 三组 and a telephone number say which one; a date, a duration, a count or a measure does not.
"""

from __future__ import annotations

import re
import zlib

_DIGITS = "一二三四五六七八九"
_NUMERAL = "[一二三四五六七八九十百]"
_UNIT = (
    r"栋|幢|座|号(?!码)|楼|单元|室|组|大?队|村|社区|区|路|街|巷|弄|期|线|站|厂|标段|层|[小中]学?(?!时)|附|[a-z]"
    r"|万?元|万|块"
)
_NUMBERS = re.compile(rf"(?P<arabic>\d+)|(?P<chinese>{_NUMERAL}+)(?={_UNIT})")
# Private characters, of which cleaned texts hold none: one stands for one number below 4,096, for
# a few numbers of four digits, or for a few longer ones.
_SMALL, _MIDDLE, _LARGE, _PRIVATE_END = 0xE000, 0xF000, 0xF400, 0xF8FF
_IS_NUMBER = re.compile("[\ue000-\uf8fe]")
# Numbers of five digits or more are telephone numbers, plates, contracts.
_IDENTITY = re.compile(rf"[\ue000-\uf8fe](?=(?P<unit>{_UNIT}))|[\uf400-\uf8fe](?![年月日])")


def number_characters(text: str) -> str:
    """Write every number as one private character, 二十三栋 like 23栋, so that 5 is no part of 15.

    Examples
    --------
    >>> number_characters("十五栋") == number_characters("15栋") != number_characters("5栋")
    True
    >>> number_characters("统一安排")
    '统一安排'
    """
    return _NUMBERS.sub(_as_character, text)


def _as_character(found: re.Match[str]) -> str:
    digits = found["arabic"]
    # More digits than a telephone number has are an identity as well, but int() has its limits.
    number = _from_chinese(found["chinese"]) if digits is None else int(digits[:18])
    if number < _MIDDLE - _SMALL:
        return chr(_SMALL + number)
    start, end = (_MIDDLE, _LARGE) if number < 10_000 else (_LARGE, _PRIVATE_END)
    return chr(start + zlib.crc32(str(number).encode()) % (end - start))


def _from_chinese(numeral: str) -> int:
    hundreds, _, rest = numeral.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    value = 100 * (_digit(hundreds) or 1) if "百" in numeral else 0
    value += 10 * (_digit(tens) or 1) if ten else 0
    return value + _digit(ones)


def _digit(character: str) -> int:
    # 一二 without a unit of ten is read digit by digit.
    digits = [_DIGITS.find(c) + 1 for c in character]
    return int("".join(map(str, digits))) if digits else 0


def identities(text: str, end: int) -> set[tuple[str, str]]:
    """Return the numbers that say which one, with their units, of those that begin before `end`.

    Parameters
    ----------
    text : str
        With `number_characters`.
    end : int
    """
    return {(hit[0], hit["unit"]) for hit in _IDENTITY.finditer(text) if hit.start() < end}


def has_other_numbers(one: str, other: str) -> bool:
    """Say whether each of two numbered texts has a number (a date, a count) of its own.

    Examples
    --------
    >>> has_other_numbers(number_characters("停水3天"), number_characters("停水5天"))
    True
    """
    here, there = (set(_IS_NUMBER.findall(text)) for text in (one, other))
    return bool(here - there) and bool(there - here)
