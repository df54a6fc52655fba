"""The forms of personal identifiers, as patterns.

The patterns are cheap and let too much through; ``checks`` then looks at the groups of digits, the
check digit, the label before (订单号, 卡号) and the unit behind (元, 吨).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from minyi.text import checks

Kind = Literal["phone", "landline", "identity", "bank_card", "plate", "email", "account"]
_Accept = Callable[[str, int, int], bool]

# Of a number at least five digits, of a plate and of an account a letter.
_HINT = re.compile(r"[0-9０-９](?:[^\u4e00-\u9fff]{0,3}[0-9０-９]){4}|[@＠A-Za-zＡ-Ｚａ-ｚ]")
_ONE_FORM = (
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    | {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
    | {code: code - 0xFEE0 + 32 for code in range(ord("Ａ"), ord("Ｚ") + 1)}
    | dict.fromkeys(map(ord, "\u3000\u00a0\t"), " ")
    | dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
    | dict.fromkeys(map(ord, "·•・‧∙"), ".")
)


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
    return text.translate(_ONE_FORM)


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
_DONE = r"(?![\d*])"
_OWN = r"(?![a-z0-9*])"
_LOCAL = r"[2-8]\d{2,3}[ -]?\d{4}"
_CODE = r"(?:10|2\d|[3-9]\d\d)"
_AREA = rf"(?:\(0{_CODE}\)|(?:\+ ?86[ -]{{0,2}})?0{_CODE}|\+ ?86[ -]{{0,2}}{_CODE})"
_EXTENSION = r"(?:(?:-|转|分机)\d{1,5}(?![ -]?\d))?"
# The first that fits wins: an address may hold a telephone number, an identity number a card's.
# \0 stands where something was found already.
_EMAIL = (
    _rule(
        "email",
        r"(?P<n>[a-z0-9._%+-]{1,64} ?@ ?"
        r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,6}(?:\.[a-z]{2,}|。(?:com|cn)))",
    ),
)
_NUMBERS = (
    _rule(
        "identity",
        rf"{_FREE}(?P<n>\d{{6}}[ -]?\d{{4}}[ -]?\d\d[ -]?\d\d[ -]?\d{{3}}[\dx]"
        r"|\d{4}(?:[ -]\d{4}){3}[ -]\d[\dx]|\d{3}[ -]\d{3}(?:[ -]\d{4}){2}[ -]\d{3}[\dx]"
        rf"|\d{{15}}){_OWN}",
        checks.is_identity,
    ),
    _rule(
        "identity",
        rf"(?:身[份分]证?|[一二]代证|证件|残疾人?证)[\u4e00-\u9fff]{{0,3}}{checks.PUT}"
        rf"(?P<n>\d(?:[ -]?\d){{14,19}}x?){_OWN}",
    ),
    _rule(
        "bank_card",
        rf"{_FREE}(?P<n>\d{{12,21}}|\d{{4}}(?:[ -]{{1,2}}\d{{4}}){{3}}(?:[ -]{{1,2}}\d{{1,3}})?"
        rf"|\d{{4}}[ -]\d{{12,15}}|\d{{6}}[ -]\d{{10,13}}){_DONE}",
        checks.is_bank_card,
    ),
    _rule(
        "phone",
        rf"{_FREE}(?P<n>(?:\(?(?:\+ ?86|0086|86)\)?[ -]{{0,2}}|0)?"
        rf"1[ .-]{{0,3}}[3-9](?:[ .-]{{0,3}}\d){{9}}){_DONE}",
        checks.is_phone,
    ),
    _rule(
        "landline",
        rf"{_FREE}(?P<n>{_AREA}[ -]{{0,2}}{_LOCAL}{_EXTENSION}){_DONE}",
        checks.is_landline,
    ),
    _rule("landline", rf"{_FREE}(?P<n>[48]00(?:[ -]?\d){{7}}){_DONE}", checks.is_service_line),
    _rule(
        "landline",
        r"(?:电话|座机|固话|传真|宅电|联系方式|拨打|致电|tel)(?:号码?)?"
        rf"{checks.PUT}(?P<n>{_LOCAL}){_DONE}",
        checks.is_landline,
    ),
    _rule("landline", rf"\0[/、](?P<n>{_LOCAL}){_DONE}", checks.is_landline),
    _rule(
        "account",
        rf"(?:qq|扣扣|企鹅号|q号)(?:号码?)?{checks.PUT}(?P<n>[1-9]\d{{4,10}}){_OWN}",
        checks.is_account,
    ),
)
_LETTERED = (
    _rule(
        "plate",
        rf"(?P<n>[{checks.PROVINCES}][ -]?[a-hj-z][ .-]?(?:[a-z0-9]{{5,6}}"
        rf"|[a-z0-9]{{4}}(?:[挂港澳试超]|学(?![校生院])|警(?![察方])|领(?![导取])))){_OWN}",
        checks.is_plate,
    ),
    _rule(
        "plate",
        rf"(?:车牌|牌照|号牌|车号)(?:号码?)?{checks.PUT}(?P<n>[a-hj-z][ .-]?[a-z0-9]{{5,6}}){_OWN}",
        checks.is_plate,
    ),
    _rule("account", r"(?<![\w-])(?P<n>wxid_[a-z0-9]{6,20})(?![\w*])"),
    _rule(
        "account",
        rf"(?:微信|薇信|威信|v信|(?<![a-z])(?:wx|vx|wechat))(?:号码?|id)?{checks.PUT}"
        r"(?P<n>(?!app|ip|android)[a-z][\w-]{5,19})(?![\w*-])",
        checks.is_account,
    ),
)
_RULES = (
    (re.compile("@"), _EMAIL),
    (re.compile(r"\d(?:[ .()-]{0,3}\d){4}", re.ASCII), _NUMBERS),
    (re.compile("[a-z]"), _LETTERED),
)
