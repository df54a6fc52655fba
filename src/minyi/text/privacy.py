"""Personal data in free text: where it stands, and how it is hidden from view.

What counts: mobile and landline numbers, identity numbers, bank cards, vehicle plates, e-mail
addresses, QQ and WeChat accounts named as such. The numbers of public services (110, 12345, 95598,
also behind an area code) and the hotlines of firms (400, 800) are nobody's data and stay. Numbers
are judged by their form, by check digits and by the words around them: 订单号 before eleven digits
says that they are no telephone. An identity number with a wrong check digit is one all the same:
people mistype.

Numbers written in Chinese characters (幺三八…), passports and names are not found.
"""

from __future__ import annotations

from typing import NamedTuple

from minyi.text.identifiers import Kind, in_one_form, may_hold_any, rules_for

# Characters that stay at the beginning and at the end.
_STAY: dict[Kind, tuple[int, int]] = {
    "identity": (3, 4),
    "bank_card": (4, 4),
    "plate": (2, 1),
    "account": (1, 1),
}
_AREA_LENGTH = {f"0{digit}": 3 if digit in "12" else 4 for digit in "123456789"} | {"+8": 4}


class Found(NamedTuple):
    """A piece of personal data in a text.

    Attributes
    ----------
    kind : str
        ``phone`` (mobile), ``landline``, ``identity``, ``bank_card``, ``plate``, ``email`` or
        ``account`` (QQ, WeChat).
    start, end : int
        Where it stands, in characters of the text that was given; `end` is exclusive.
    """

    kind: Kind
    start: int
    end: int


def find(text: str) -> list[Found]:
    """Return the personal data of `text`, in order and without overlap.

    Parameters
    ----------
    text : str
        As the citizen wrote it or cleaned; full-width characters are understood.

    Returns
    -------
    list of Found

    Examples
    --------
    >>> find("请打138 1234 5678，或发到zhang@qq.com")
    [Found(kind='phone', start=2, end=15), Found(kind='email', start=19, end=31)]
    >>> find("打了12345，订单号13812345678，〔2023〕15号文件")
    []
    """
    if not may_hold_any(text):
        return []
    rest = in_one_form(text)
    found: list[Found] = []
    for rule in rules_for(rest):
        hits = [Found(rule.kind, start, end) for start, end in rule.spans(rest)]
        if hits:
            rest = _replaced(rest, [(hit, "\0" * (hit.end - hit.start)) for hit in hits])
            found += hits
    return sorted(found, key=lambda hit: hit.start)


def mask(text: str) -> str:
    """Return `text` with its personal data hidden, recognisable by their first and last characters.

    Blanks and dashes stay, so that one sees what kind of number it was. Masking what is masked
    changes nothing.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        As long as `text`, except where there are e-mail addresses.

    Examples
    --------
    >>> mask("张某，身份证43010319760819009X，电话138-1234-5678")
    '张某，身份证430***********009X，电话138-****-5678'
    >>> mask("湘A12345的车主，邮箱zhang@qq.com，卡号6228 4835 1819 0937 860")
    '湘A****5的车主，邮箱z***@qq.com，卡号6228 **** **** ***7 860'
    >>> mask("拨打0731-82345678或12345")
    '拨打0731-*****678或12345'
    """
    # What stays of one number may, with its neighbour, look like another: until nothing is found.
    while found := find(text):
        text = _replaced(
            text, [(hit, _hidden(hit.kind, text[hit.start : hit.end])) for hit in found]
        )
    return text


def _replaced(text: str, parts: list[tuple[Found, str]]) -> str:
    pieces = []
    end = 0
    for hit, instead in parts:
        pieces += [text[end : hit.start], instead]
        end = hit.end
    return "".join([*pieces, text[end:]])


def _hidden(kind: Kind, written: str) -> str:
    if kind == "email":
        at = max(written.find("@"), written.find("＠"))
        return f"{written[0]}***{written[at:]}"
    places = [place for place, char in enumerate(written) if char.isalnum()]
    characters = list(written)
    for place in _to_hide(kind, written, places):
        characters[place] = "*"
    return "".join(characters)


def _to_hide(kind: Kind, written: str, places: list[int]) -> list[int]:
    if kind == "phone":
        return places[-8:-4]
    if kind == "landline":
        # The area code stays; of an extension the last three at most.
        digits = [place for place in places if written[place].isdigit()]
        return digits[_AREA_LENGTH.get(in_one_form(written).lstrip("(")[:2], 1) : -3]
    first, last = _STAY[kind]
    return places[first:-last]
