"""Clean a submission for reading by machine; the original is kept by the caller."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

_END = 0  # separates the texts of a batch; NUL is dropped from texts
_DROP = 0xFFFFFFFF
_BASIC_PLANE = 0x10000
_TO_CHINESE = dict(zip(",?!;:()", "，？！；：（）", strict=True))

_TAG = re.compile(r"<(?:/?[a-zA-Z][^<>]{0,500}|!--.{0,500}?--)>", re.DOTALL)
_URL = re.compile(r"(?:https?://|www\.)[a-zA-Z0-9./?=&%#_:;~+@!$,*'()\-]+", re.IGNORECASE)
# What phones put in place of a picture.
_EMOTICON = re.compile(
    r"\[(?:表情|动画表情|图片|语音|视频|捂脸|微笑|大哭|流泪|玫瑰|强|赞|握手|抱拳|愤怒|发怒|呲牙|偷笑"
    r"|抓狂|合十|作揖|心|爱心|鼓掌|哭|笑哭|苦涩|叹气|再见|OK)\]"
)
_GAP = re.compile(r"(?<=[\u3400-\u9fff，。！？；：、]) +(?=[\u3400-\u9fff，。！？；：、])")
_OFFICIAL = "书记|市长|县长|区长|镇长|乡长|局长|主任|领导|同志|部门|工作人员|负责人"
_WELL = "好(?!好|久|不容易|歹|像|几|心|意)[！，。：.、]*"  # not 好久, 好歹, 好不容易
_GREETING = re.compile(
    rf"(?:(?:尊敬|敬爱|亲爱)的[^，。！？：；]{{1,18}}?(?:[您你]们?{_WELL}|[：，！。]+)"
    rf"|[^，。！？：；]{{0,12}}(?:{_OFFICIAL})们?[：，]*[您你]们?{_WELL}"
    rf"|(?:[您你]们?|大家){_WELL})+"
)
_TAIL = 60
_SIGNATURE = re.compile(
    r"(?:[，。！]*(?:此致)?[，。！ ]*敬礼[！。]*[^，。！？；]{0,30}"
    r"|(?:反映人|投诉人|来信人|联系人|留言人)：.{0,40}"
    r"|[，。！ ]*\d{4}年\d{1,2}月\d{1,2}日)$"
)


def clean(texts: Sequence[str]) -> list[str]:
    """Return the cleaned form of each text.

    Markup, web addresses, emoji and invisible characters go; traditional characters become
    simplified, full-width letters and digits ASCII, ASCII punctuation Chinese; line breaks become
    blanks; a greeting at the start and a signature at the end go, unless nothing else is there.

    Parameters
    ----------
    texts : sequence of str

    Returns
    -------
    list of str
        The same length and order, without line breaks.

    Examples
    --------
    >>> clean(["尊敬的李县长：您好！<p>石橋鎮的路　壞了?</p>"])
    ['石桥镇的路坏了？']
    """
    unmarked = [_without_markup(text) for text in texts]
    return [_trimmed(text) for text in _normalised(unmarked)]


def count_chinese(texts: Sequence[str]) -> NDArray[np.int64]:
    """Count the Chinese characters of each text."""
    codes = _codes(texts)
    chinese = (codes >= 0x3400) & (codes <= 0x9FFF)
    ends = np.flatnonzero(codes == _END)
    return np.diff(np.cumsum(chinese)[ends], prepend=0)


def _without_markup(text: str) -> str:
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "[" in text:
        text = _EMOTICON.sub(" ", text)
    if "&" in text:
        text = _TAG.sub(" ", html.unescape(text))  # exports hold tags escaped a second time
    if "://" in text or "www." in text or "WWW." in text:
        text = _URL.sub(" ", text)
    return text.replace("\0", "") if "\0" in text else text


def _normalised(texts: Sequence[str]) -> list[str]:
    """Map characters, one table look-up for the whole batch."""
    codes = _codes(texts)
    basic = np.minimum(codes, _BASIC_PLANE)
    mapped = _table()[basic]
    # Beyond the basic plane only rare Chinese characters are text; the rest is emoji.
    rare = (codes >= 0x20000) & (codes <= 0x3FFFF)
    mapped = np.where(rare, codes, mapped)
    kept = mapped[mapped != _DROP]
    lines: list[str] = kept.tobytes().decode("utf-32-le").split("\0")[:-1]
    traditional = np.flatnonzero(_is_traditional()[np.minimum(kept, _BASIC_PLANE)])
    ends = np.flatnonzero(kept == _END)
    for line in np.unique(np.searchsorted(ends, traditional)):
        lines[line] = _converter().convert(lines[line])
    return lines


def _codes(texts: Sequence[str]) -> NDArray[np.uint32]:
    joined = "\0".join(texts) + "\0" if texts else ""
    return np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _trimmed(text: str) -> str:
    if " " in text:
        text = _GAP.sub("", " ".join(text.split()))
    greeting = _GREETING.match(text)
    start = greeting.end() if greeting else 0
    signature = _SIGNATURE.search(text, max(start, len(text) - _TAIL))
    end = signature.start() if signature else len(text)
    return text[start:end].strip() or text


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint32]:
    """Return what becomes of each character of the basic plane, and of all beyond it."""
    table = [_mapped(chr(code)) for code in range(_BASIC_PLANE)]
    return np.array([*table, _DROP], dtype=np.uint32)


def _mapped(character: str) -> int:
    code = ord(character)
    if code == _END:
        return _END
    if character.isspace():
        return ord(" ")
    kind = unicodedata.category(character)
    is_symbol = 0x2300 <= code <= 0x2BFF and kind == "So"
    if is_symbol or kind in {"Cc", "Cf", "Co", "Cs", "Cn", "Mn", "Me"}:
        return _DROP
    if character in _TO_CHINESE:
        return ord(_TO_CHINESE[character])
    if 0xFF01 <= code <= 0xFF5E and character not in _TO_CHINESE.values():
        return code - 0xFEE0
    return code


@lru_cache(maxsize=1)
def _is_traditional() -> NDArray[np.bool_]:
    characters = [chr(code) for code in range(0x3400, 0xA000)]
    simplified = _converter().convert("\n".join(characters)).split("\n")
    changed = [old != new for old, new in zip(characters, simplified, strict=True)]
    return np.concatenate([np.zeros(0x3400, bool), changed, np.zeros(0x6001, bool)])


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")
