"""The forms of personal identifiers, as patterns.

The patterns are cheap and let too much through, but no number before a unit (元, 吨). ``checks``
then looks at groups of digits and check digits, ``labels`` at the words around (订单号, 卡号).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from minyi.text import checks
from minyi.text.labels import PUT

Kind = Literal["phone", "landline", "identity", "bank_card", "plate", "email", "account"]
_Accept = Callable[[str, int, int], bool]

# Of a number at least five digits, of a plate and of an account a letter.
_HINT = re.compile(r"[0-9０-９](?:[^\u4e00-\u9fff]{0,3}[0-9０-９]){4}|[@＠A-Za-zＡ-Ｚａ-ｚ]")
_ONE_FORM = (
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    | {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
    | {code: code - 0xFEE0 + 32 for code in range(ord("Ａ"), ord("Ｚ") + 1)}
    | dict.fromkeys([*map(ord, "\u3000\u00a0\u202f\ufeff\t"), *range(0x2000, 0x200E)], " ")
    | dict.fromkeys(map(ord, "‐‑‒–—―−＿_"), "-")
    | dict.fromkeys(map(ord, "·•・‧∙"), ".")
)
_CHINESE_ONE = re.compile(r"(?<=\d)一(?=\d)", re.ASCII)  # 0739一5110763


@dataclass(frozen=True)
class Rule:
    """A form of identifier: the pattern's group ``n`` is it, if `accept` agrees."""

    kind: Kind
    pattern: re.Pattern[str]
    accept: _Accept

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where it stands in `text`, which is :func:`in_one_form`."""
        position = 0
        while match := self.pattern.search(text, position):
            start, end = match.span("n")
            accepted = self.accept(text, start, end)
            # What was refused may hold another number that begins later.
            position = end if accepted else match.start() + 1
            if accepted:
                yield start, end


def may_hold_any(text: str) -> bool:
    """Tell whether `text` may hold an identifier; a cheap look that spares most texts the rest."""
    return bool(_HINT.search(text))


def in_one_form(text: str) -> str:
    """Return `text`, of the same length, in small ASCII letters, digits, dashes and dots."""
    return _CHINESE_ONE.sub("-", text.translate(_ONE_FORM))


def rules_for(text: str) -> Iterator[Rule]:
    """Yield the rules worth trying on `text`, in their order."""
    for sign, rules in _RULES:
        if sign.search(text):
            yield from rules


def _always(_text: str, _start: int, _end: int) -> bool:
    return True


def _rule(kind: Kind, pattern: str, accept: _Accept = _always) -> Rule:
    return Rule(kind, re.compile(pattern, re.ASCII), accept)


# A star beside a number: it is the rest of one that was hidden before.
_FREE = r"(?<![\d*])"
_UNIT = (
    r" ?[余多]?(?:元(?!旦)|[万亿](?!女士|先生|师傅|某|总)|吨|公里|千米|平方|平米|立方|㎡|千瓦|度电"
    r"|公?斤|千克|[%‰]|块|次(?!日)|遍|股)|\.\d{1,3}(?!\d)"
)
_DONE = rf"(?![\d*]|{_UNIT})"
_OWN = r"(?![a-z0-9*])"
_GAP = "[ .-]{0,3}"
_CHINA = r"(?:\((?:\+ ?|00)?86\)|(?:\+ ?|00)86|(?<!\d)86)"
_MOBILE = r"1[3-9]\d"
_LOCAL = (
    r"(?![48]00(?:[ -]?\d){7}(?!\d))"  # hotlines of firms
    r"[2-8](?:\d{2,3}[ -]?\d{4}|\d{3}[ -]\d{3}|\d\d[ -]\d{5}|\d(?:[ -]\d\d){3})"
)
_CODE = r"(?:10|2\d|[3-9]\d\d)"
_AREA = (
    rf"(?:(?:{_CHINA}{_GAP})?(?:\(0{_CODE}\)|0{_CODE})|{_CHINA}(?:[ .-]{{1,3}}|(?<=\+86)){_CODE})"
)
_EXTENSION = r"(?: ?(?:-|转(?:分机)?|分机) ?\d{1,5}(?![ -]?\d))?"
# The first that fits wins: an address may hold a telephone number, an identity number a card's.
# \0 stands where something was found already.
_EMAIL = (
    _rule(
        "email",
        r"(?P<n>[a-z0-9._%+-]{1,64} ?@ ?[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,6}"
        r"(?:\.[a-z]{2,}| ?[.,。] ?(?:com|cn|net|org)(?![a-z])))",
    ),
)
_LONG = (
    # A telephone number may touch its end.
    _rule(
        "identity",
        rf"{_FREE}(?P<n>\d(?:{_GAP}\d){{16}}{_GAP}[\dx]x?"
        rf"|\d{{6}}{_GAP}\d{{6}}{_GAP}\d{{3}})"
        rf"(?:{_OWN}|(?={_MOBILE}{{9}}(?!\d)))",
        checks.is_identity,
    ),
    _rule(
        "identity",
        rf"{_FREE}(?P<n>\d(?:{_GAP}\d){{14,19}}x?){_OWN}",
        checks.is_named_identity,
    ),
    _rule(
        "bank_card",
        rf"{_FREE}(?P<n>\d{{4}}(?:[ .-]{{1,2}}\d{{4}}){{3}}(?:[ .-]{{1,2}}\d{{1,3}})?"
        rf"|\d(?:[ .-]{{0,2}}\d){{15,18}}(?<![ .-]\d)|\d{{12,21}}){_DONE}",
        checks.is_bank_card,
    ),
)
_NUMBERS = (
    _rule(
        "phone",
        # Not a number and a telephone after it: 1350 138 1234 5678.
        rf"(?=[01(+8]){_FREE}(?!1\d{{1,3}} {_MOBILE} ?\d{{4}} ?\d{{4}}(?!\d))"
        rf"(?P<n>(?:{_CHINA}[ .-]{{0,3}}(?:\(0\))?|0)?"
        rf"1[ ./()-]{{0,3}}[3-9](?:[ ./()-]{{0,3}}\d){{9}}){_DONE}",
        checks.is_phone,
    ),
    # One digit too few or too many.
    _rule("phone", rf"{_FREE}(?P<n>{_MOBILE}{{8}}(?:\d\d)?){_DONE}", checks.is_named_phone),
    _rule(
        "landline",
        rf"(?=[0(+8]){_FREE}(?P<n>{_AREA}[ ./-]{{0,3}}(?:{_LOCAL}|\({_LOCAL}\)){_EXTENSION})"
        rf"{_DONE}",
        checks.is_landline,
    ),
    _rule(
        "landline",
        rf"(?=[2-9]){_FREE}(?<!\d-)(?<![48]00[ )])(?P<n>(?:(?![48]00){_CODE}-)?{_LOCAL}){_DONE}",
        checks.is_named_phone,
    ),
)
_QQ = (
    _rule(
        "account",
        rf"(?:qq|扣扣|企鹅号|q号)(?:号码?)?{PUT}(?P<n>[1-9]\d{{4,10}}){_OWN}(?!{_UNIT})",
        checks.is_account,
    ),
)
_ABROAD = (_rule("phone", r"(?<![a-z0-9*])(?P<n>\+ ?[1-9](?:[ ()-]{0,2}\d){8,13})(?![\d*])"),)
_LETTERED = (
    _rule(
        "plate",
        rf"(?P<n>[{checks.PROVINCES}][ -]?[a-hj-z][ .-]?(?:[a-z0-9]{{5,6}}"
        r"|[a-z0-9](?: [a-z0-9]){4,5}|[a-z0-9]{2,3} [a-z0-9]{2,3}"
        rf"|[a-z0-9]{{4}}(?:[挂港澳试超]|学(?![校生院])|警(?![察方])|领(?![导取])))){_OWN}",
        checks.is_plate,
    ),
    _rule(
        "plate",
        rf"(?:车牌|牌照|号牌|车号)(?:号码?)?{PUT}(?P<n>[a-hj-z][ .-]?[a-z0-9]{{5,6}}){_OWN}",
        checks.is_plate,
    ),
    _rule("account", r"(?<![\w-])(?P<n>wxid-[a-z0-9]{6,20})(?![\w*])"),
    _rule(
        "account",
        rf"(?:微信|薇信|威信|v信|(?<![a-z])(?:wx|vx|wechat))(?:号码?|id)?{PUT}"
        r"(?P<n>(?!app|ip|android)[a-z][\w-]{5,19})(?![\w*-])",
        checks.is_account,
    ),
)
_RULES = (
    (re.compile("@"), _EMAIL),
    (re.compile(rf"\d(?:{_GAP}\d){{11}}", re.ASCII), _LONG),
    (re.compile(r"\d(?:[ ./()-]{0,3}\d){4}", re.ASCII), _NUMBERS),
    (re.compile("[q扣企]"), _QQ),
    (re.compile(r"\+"), _ABROAD),
    (re.compile("[a-z]"), _LETTERED),
)
