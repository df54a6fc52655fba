"""Which encoding a text file has: decided over the whole file, in constant memory."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLOCK = 1024**2
_BAD = "\ufffd"


@dataclass(frozen=True)
class Encoding:
    """A text file's encoding and how many places of it could not be decoded."""

    name: str
    broken: int = 0


@dataclass(frozen=True)
class _Fit:
    """How well an encoding fits: characters beyond ASCII decoded, and places that failed."""

    name: str
    good: int
    broken: int


def detect_encoding(path: Path) -> Encoding:
    """Decide a text file's encoding.

    The order is byte order mark, UTF-8, GB18030, then the guess of chardet; a file that is UTF-8 or
    GB18030 but for a few broken bytes is recognised as such. It never fails: what cannot be decoded
    is counted and will be replaced by U+FFFD.

    Parameters
    ----------
    path : Path
        The file; read once or a few times in blocks of 1 MiB.
    """
    with path.open("rb") as file:
        head = file.read(_BLOCK)
    known = next((name for mark, name in _BOMS if head.startswith(mark)), _bare_utf16(head))
    if known:
        return Encoding(known, 0 if _is_strictly(path, known) else _fit(path, known).broken)
    if _is_strictly(path, "utf-8"):
        return Encoding("utf-8")
    return _least_broken(path, head)


def open_text(path: Path, encoding: Encoding, newline: str | None = "") -> TextIO:
    """Open a text file; what cannot be decoded becomes U+FFFD."""
    return path.open(encoding=encoding.name, errors="replace", newline=newline)


def without_nul(lines: TextIO) -> Iterator[str]:
    """Drop the NUL characters some exports leave between fields."""
    return (line.replace("\0", "") for line in lines)


def _least_broken(path: Path, head: bytes) -> Encoding:
    utf8, gb = _fit(path, "utf-8"), _fit(path, "gb18030")
    # Chinese text in GBK forms about one valid UTF-8 sequence for ten invalid ones.
    if utf8.good >= 2 * utf8.broken:
        return Encoding(utf8.name, utf8.broken)
    if gb.broken * 20 > gb.good and (guess := _guess(path, head)):
        return Encoding(guess)
    return Encoding(gb.name, gb.broken)


def _guess(path: Path, head: bytes) -> str:
    import chardet

    guess = chardet.detect(head)["encoding"] or ""
    return guess if guess and _is_strictly(path, guess) else ""


def _is_strictly(path: Path, name: str) -> bool:
    try:
        for _ in _decoded(path, name, "strict"):
            pass
    except (UnicodeError, LookupError):
        return False
    return True


def _fit(path: Path, name: str) -> _Fit:
    good = broken = 0
    for text in _decoded(path, name, "replace"):
        bad = text.count(_BAD)
        broken += bad
        good += len(text) - len(text.encode("ascii", "ignore")) - bad
    return _Fit(name, good, broken)


def _decoded(path: Path, name: str, errors: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(name)(errors)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def _bare_utf16(head: bytes) -> str:
    """Recognise UTF-16 without a mark: the NUL bytes of its ASCII characters stand on one side."""
    nuls = head.count(0)
    if nuls < 4 or nuls * 100 < len(head):
        return ""
    even = head[::2].count(0)
    if min(even, nuls - even) * 20 > nuls:
        return ""
    return "utf-16-be" if even > nuls - even else "utf-16-le"
