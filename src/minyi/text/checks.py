"""What is an identifier and what only looks like one: words around a number, groups, check digits.

All functions take a text in one form (see ``identifiers``) and the span of a candidate.
"""

from __future__ import annotations

import re

# --- words around a number ------------------------------------------------------------------------

PUT = r"[是为: (\"“【\[]{0,3}"  # what stands between a label and its number
_CODES = (
    "编号|编码|代码|条码|条形码|追溯码|识别码|验证码|取件码|查询码|imei|订单|运单|发票|密码|许可证"
)
_STEMS = (
    "单|合同|发票|流水|受理|文|案|批|批次|序列|串|许可证|执照|证书|产权证|房产证|房权证|权证|备案|项目"
    "|档案|凭证|学籍|学|工|图|型|表|件|收据|宗地|地块|设备|机身|车架|发动机|考|准考证|注册|登记|交易"
    "|税|公告|专利|书|标准|包裹|参考|追踪|(?<![开用])户"
)
_OTHER_LABEL = re.compile(
    rf"(?:{_CODES}|(?:{_STEMS})号|(?:单|发票|证书|执照|许可证|合同|准考证)号码)"
    rf"{PUT}[a-z0-9./_-]{{0,24}}$",
)
_AMOUNT = re.compile(
    r" ?(?:元(?!旦)|吨|公里|千米|平方|平米|立方|㎡|千瓦|度电|公?斤|千克|[%‰]|块钱)|\.\d{1,3}(?!\d)"
)
# Degrees and zero before decimals; "12." may number the items of a list.
_DECIMAL = re.compile(r"(?:\d{3}|[2-9]\d|1[89]|(?<!\d)0)\.$")
_PHONE_LABEL = re.compile(rf"(?:电话|手机|座机|号码|联系|拨打|致电|tel|phone){PUT}$")
_CARD_LABEL = re.compile(rf"(?:[账帐][号户]|卡号?|存折)(?:号码?)?{PUT}$")
_CARD_WORD = re.compile(
    "银行|农行|工行|建行|中行|交行|招行|邮储|信用社|农商|一卡通|存折|[账帐][号户]|卡|visa|银联",
)
_LETTERS = re.compile(r"[a-z]+$")
_PHONE_LETTERS = {"tel", "phone", "mobile", "mob", "cell", "wx", "vx", "v", "q", "qq", "wechat"}

# --- parts of numbers -----------------------------------------------------------------------------

_SEPARATORS = re.compile(r"[ .()+-]+")
_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_YEARS = re.compile(r"(?:19|20)\d\d[ -](?:19|20)\d\d")
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
# GB/T 2260: the first two digits of an identity number.
_REGIONS = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_PHONE_GROUPS = {(11,), (3, 4, 4), (3, 8), (7, 4), (4, 4, 3), (1,) * 11}
_FIRST_OF_CARDS = "34569"
_DASHED_GROUPS = {(5, 6), (6, 5)}
_NOT_A_PLATE = re.compile(r"[元块吨线路]|[国省县]道|-\d")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _before(text: str, start: int) -> str:
    return text[max(0, start - 32) : start]


def _groups(written: str) -> list[str]:
    return [group for group in _SEPARATORS.split(written) if group]


def _is_other_number(text: str, start: int, end: int) -> bool:
    """Tell whether the words around say that this is an order, an amount, a coordinate."""
    before = _before(text, start)
    return bool(_OTHER_LABEL.search(before) or _DECIMAL.search(before) or _AMOUNT.match(text, end))


def is_phone(text: str, start: int, end: int) -> bool:
    """Tell whether eleven digits are a mobile number: their groups, what stands around."""
    before = _before(text, start)
    letters = _LETTERS.search(before)
    if letters and letters[0] not in _PHONE_LETTERS:
        return False
    if before.endswith("_") or _is_other_number(text, start, end):
        return False
    return _has_groups_of_a_phone(text[start:end], bool(_PHONE_LABEL.search(before)))


def _has_groups_of_a_phone(written: str, is_named: bool) -> bool:
    groups = _groups(written)
    if groups[0] in ("86", "0086"):
        del groups[0]
    groups[0] = re.sub(r"^(?:0086|86|0)(?=1)", "", groups[0])
    lengths = tuple(map(len, groups))
    if lengths in ((11,), (3, 4, 4)):
        return True
    if "." in written or _DAY.fullmatch(groups[-1]):
        return False
    # 1500000 2023, 1380 2000 500: round numbers in a row are amounts.
    is_round = any(group.endswith("00") for group in groups[:-1])
    known = lengths in _PHONE_GROUPS or ("-" in written and lengths in _DASHED_GROUPS)
    return known and (is_named or not is_round)


def is_landline(text: str, start: int, end: int) -> bool:
    """Tell whether the digits are a landline's and neither a day, two years nor an amount."""
    before = _before(text, start)
    if _LETTERS.search(before) and not _PHONE_LABEL.search(before):
        return False
    written = text[start:end]
    is_day = bool(_DAY.fullmatch(written[-8:])) and not written.startswith(("010", "02"))
    return not is_day and not _YEARS.fullmatch(written) and not _is_other_number(text, start, end)


def is_service_line(text: str, start: int, end: int) -> bool:
    """Tell whether ten digits are a 400 or 800 number."""
    written = text[start:end]
    is_unlikely = written[0] == "8" or written[3] in "2345" or written.endswith("00000")
    if written.isdigit() and is_unlikely and not _PHONE_LABEL.search(_before(text, start)):
        return False
    return is_landline(text, start, end)


def is_identity(text: str, start: int, end: int) -> bool:
    """Tell whether 15 or 18 digits have a region and a birthday; a wrong check digit may pass."""
    number = "".join(_groups(text[start:end]))
    day = number[6:14] if len(number) == 18 else "19" + number[6:12]
    if not _REGIONS.match(number) or not _DAY.fullmatch(day):
        return False
    letters = _LETTERS.search(_before(text, start))
    is_coded = letters and letters[0] != "id"
    doubtful = is_coded or _is_other_number(text, start, end)
    return not doubtful or _has_check_character(number)


def _has_check_character(number: str) -> bool:
    """GB 11643-1999: ISO 7064 MOD 11-2 over the first 17 digits."""
    if len(number) != 18:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return number[17] == "10x98765432"[total % 11]


def is_bank_card(text: str, start: int, end: int) -> bool:
    """Tell whether the digits are an account: by its label, a bank nearby or the Luhn digit."""
    before = _before(text, start)
    if _is_other_number(text, start, end) or _LETTERS.search(before):
        return False
    if _CARD_LABEL.search(before):
        return True
    number = "".join(_groups(text[start:end]))
    if not (16 <= len(number) <= 19 and number[0] in _FIRST_OF_CARDS):
        return False
    if _CARD_WORD.search(before[-16:]) or _CARD_WORD.search(text[end : end + 8]):
        return True
    union_pay = number.startswith(("62", "9558", "436742"))
    is_grouped = len(number) < end - start
    known = union_pay or (len(number) == 16 and number[0] in "345")
    return (union_pay and is_grouped) or (known and _has_luhn_digit(number))


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
    """Tell whether what follows QQ or 微信 is an account and no day or amount."""
    written = text[start:end]
    return (
        any(map(str.isdigit, written))
        and not _DAY.fullmatch(written)
        and not _AMOUNT.match(text, end)
    )
