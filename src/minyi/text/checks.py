"""What is an identifier and what only looks like one: its label, its groups, its check digit.

All functions take a text in one form (see ``identifiers``) and the span of a candidate.
"""

from __future__ import annotations

import re

from minyi.text.labels import before, label_of, letters_before

_CARD_WORD = re.compile(
    "银行|[农工建中交招]行|邮储|信用社|农商|一卡通|存折|[账帐][号户]|卡|visa|银联|户名|收款|[打转汇退][到入回给]"
)
_PHONE_LETTERS = {"tel", "phone", "mobile", "mob", "cell", "wx", "vx", "v", "q", "qq", "wechat"}
_SEPARATORS = re.compile(r"[ .()+/-]+")
_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_YEARS = re.compile(r"(?:19|20)\d\d[ -](?:19|20)\d\d")
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
# GB/T 2260: the first two digits of an identity number.
_REGIONS = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_FIRST_OF_CARDS = "34569"
_NOT_A_PLATE = re.compile(r"[元块吨线路]|[国省县]道|-\d")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _groups(written: str) -> list[str]:
    return [group for group in _SEPARATORS.split(written) if group]


def is_phone(text: str, start: int, end: int) -> bool:
    """Tell whether eleven digits are a mobile number: their groups, what stands around."""
    label = label_of(text, start, end)
    letters = letters_before(text, start)
    if label == "other" or (letters and letters not in _PHONE_LETTERS):
        return False
    return _has_groups_of_a_phone(text[start:end], label == "phone")


def _has_groups_of_a_phone(written: str, is_named: bool) -> bool:
    groups = _groups(re.sub(r"^\(?\+? ?(?:00)?86\)?[ .-]*(?:\(0\))?|^0", "", written))
    lengths = [len(group) for group in groups]
    if lengths in ([11], [3, 4, 4]):
        return True
    if "." in written or _DAY.fullmatch(groups[-1]):
        return False
    # 138 200 35000, 1380 2000 500: round numbers in a row are amounts.
    is_round = any(group.endswith("00") for group in groups)
    is_usual = min(lengths[1:]) > 2 or max(lengths) == 1
    return is_named or (is_usual and not is_round and "/" not in written)


def is_named_phone(text: str, start: int, end: int) -> bool:
    """Tell whether a label says that the digits are a telephone number."""
    return label_of(text, start, end) == "phone" and is_landline(text, start, end)


def is_landline(text: str, start: int, end: int) -> bool:
    """Tell whether the digits are a landline's and neither a day, two years nor a document."""
    label = label_of(text, start, end)
    if label == "other" or (letters_before(text, start) and label != "phone"):
        return False
    written = text[start:end]
    is_day = bool(_DAY.fullmatch(written[-8:])) and not written.startswith(("010", "02"))
    return not is_day and not _YEARS.fullmatch(written)


def is_identity(text: str, start: int, end: int) -> bool:
    """Tell whether 15 or 18 digits have a region and a birthday; a wrong check digit may pass."""
    number = "".join(_groups(text[start:end]))
    day = number[6:14] if len(number) > 15 else "19" + number[6:12]
    if not _REGIONS.match(number) or not _DAY.fullmatch(day):
        return False
    label = label_of(text, start, end)
    if label == "identity":
        return True
    # Documents have a day in the same place, that of their issue.
    if label == "other" and day >= "2000":
        return False
    letters = letters_before(text, start)
    doubtful = label == "other" or letters not in ("", "id") or day >= "2010"
    return not doubtful or _has_check_character(number)


def is_named_identity(text: str, start: int, end: int) -> bool:
    """Tell whether a label says that the digits, too many or too few, are an identity number."""
    return label_of(text, start, end) == "identity"


def _has_check_character(number: str) -> bool:
    """GB 11643-1999: ISO 7064 MOD 11-2 over the first 17 digits."""
    if len(number) != 18:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return number[17] == "10x98765432"[total % 11]


def is_bank_card(text: str, start: int, end: int) -> bool:
    """Tell whether the digits are an account: by its label, a bank nearby or its first digits."""
    label = label_of(text, start, end)
    if label in ("other", "member") or letters_before(text, start):
        return False
    if label == "card":
        return True
    groups = _groups(text[start:end])
    number = "".join(groups)
    if not (16 <= len(number) <= 19 and number[0] in _FIRST_OF_CARDS):
        return False
    if _CARD_WORD.search(before(text, start)[-16:]) or _CARD_WORD.search(text[end : end + 8]):
        return True
    # 6200 6300 6400 6500: round numbers in a row are amounts.
    if sum(group.endswith("00") for group in groups) > 1:
        return False
    is_known = number.startswith(("9558", "436742")) or (len(number) == 16 and number[0] in "345")
    return number.startswith("62") or (is_known and _has_luhn_digit(number))


def _has_luhn_digit(number: str) -> bool:
    """ISO/IEC 7812: every second digit from the right counts twice, the sum ends in 0."""
    total = sum(map(int, number[-1::-2]))
    return (total + sum(sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2])) % 10 == 0


def is_plate(text: str, start: int, end: int) -> bool:
    """Tell whether letters and digits are a vehicle's."""
    sign = "".join(_groups(text[start:end]))
    tail = sign[2:] if sign[0] in PROVINCES else sign[1:]
    if len(tail) == 6 and not re.fullmatch(r"[a-z][a-z0-9]\d{4}|\d{5}[a-z]", tail):
        return False
    # At least three of the five or six are digits (GA 36); 新Mate60 is a telephone.
    return sum(map(str.isdigit, tail)) >= 3 and not _NOT_A_PLATE.match(text, end)


def is_account(text: str, start: int, end: int) -> bool:
    """Tell whether what follows QQ or 微信 is an account and no day."""
    written = text[start:end]
    return any(map(str.isdigit, written)) and not _DAY.fullmatch(written)
