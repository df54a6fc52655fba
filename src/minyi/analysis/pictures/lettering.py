"""Setting Chinese: how wide words run, and where lines may break."""

from __future__ import annotations

import re
import unicodedata

_HALF = 0.56  # em: the mean width of a Latin letter or digit in Noto Sans SC
_NO_START = "，。、；：！？）》”’】〉·…—,.;:!?)]}%％›"  # what no line may begin with (GB/T 15834)
_NO_END = "（《“‘【〈([{"  # nor end with
_SPACES = re.compile(r"\s+")


def width(text: str) -> float:
    """Return about how wide a text runs, in em.

    Examples
    --------
    >>> width("小区物业")
    4.0
    """
    return sum(map(_width, text))


def _width(char: str) -> float:
    if unicodedata.combining(char):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(char) in "WFA" else _HALF


def wrap(text: str, em: float, lines: int = 2) -> str:
    r"""Break a text into at most so many lines of a width; what does not fit ends with “…”.

    Parameters
    ----------
    text : str
    em : float
        Width of a line.
    lines : int

    Examples
    --------
    >>> wrap("人力资源和社会保障局", 6)
    '人力资源和社\n会保障局'
    >>> wrap("鑫源采石场放炮震裂墙体，拉料车压坏村道", 6)
    '鑫源采石场放\n炮震裂墙体…'
    """
    rest = _SPACES.sub(" ", text).strip()
    found: list[str] = []
    while rest:
        if len(found) == lines - 1 and width(rest) > em:
            found.append(shorten(rest, em))
            break
        n = _fitting(rest, em)
        found.append(rest[:n].rstrip())
        rest = rest[n:].lstrip()
    return "\n".join(found)


def even(text: str, em: float, lines: int) -> str:
    r"""Break a text into as few lines of a width as it takes, about equally long.

    Returns "" if it does not fit whole.

    Examples
    --------
    >>> even("人力资源和社会保障", 8, 2)
    '人力资源和\n社会保障'
    >>> even("人力资源和社会保障", 4, 2)
    ''
    """
    for n in range(1, lines + 1):
        if "…" not in wrap(text, em, n):
            widths = (width(text) / n + step / 2 for step in range(int(2 * em) + 1))
            tries = (wrap(text, min(one, em), n) for one in widths)
            return next(one for one in tries if "…" not in one)
    return ""


def shorten(text: str, em: float) -> str:
    """Return a text that runs no wider, cut with “…” if need be.

    Examples
    --------
    >>> shorten("城市建设和市政管理", 5)
    '城市建设…'
    """
    if width(text) <= em:
        return text
    n = 0
    room = em - 1.0
    while n < len(text) and _width(text[n]) <= room:
        room -= _width(text[n])
        n += 1
    return text[:n].rstrip("，。、；：（ ") + "…"


def _fitting(text: str, em: float) -> int:
    """Return how many characters go on a line, at least one."""
    room, n = em + 1e-9, 0
    while n < len(text) and _width(text[n]) <= room:
        room -= _width(text[n])
        n += 1
    if n < len(text):
        n = _unbroken(text, n)
    return max(n, 1)


def _unbroken(text: str, n: int) -> int:
    """Move a break to before a Latin word or number; no mark stands where it may not."""
    start = n
    while (
        start > 0
        and text[start].isascii()
        and text[start].isalnum()
        and (text[start - 1].isascii() and text[start - 1].isalnum())
    ):
        start -= 1
    n = start or n
    while n > 1 and (text[n] in _NO_START or text[n - 1] in _NO_END):
        n -= 1
    return n


def upright(text: str) -> str:
    """Set a text from top to bottom, a character a line; brackets take their upright form.

    Examples
    --------
    >>> upright("民政（低保）").replace(chr(10), "")
    '民政︵低保︶'
    """
    turned = text.translate(str.maketrans("（）()《》—…", "︵︶︵︶︽︾︱︙"))
    return "\n".join(_SPACES.sub("", turned))
