"""A font with Chinese characters for pictures: the one that zhplot carries, or an installed one.

zhplot (MIT) carries Noto Sans SC Regular (SIL Open Font License 1.1, 10.5 MB, 30,890 characters).
It comes first: pictures look alike on every computer, and the forms of the characters are those
of the mainland. Nothing is ever downloaded, and matplotlib's settings and list of fonts stay as
they are; that list is not asked either, for it is a cache that misses fonts installed since.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minyi.errors import InputError

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties
    from matplotlib.ft2font import FT2Font

#: Beginnings of file names, lower case, the best first; sans-serif before serif.
FILES = (
    "notosanssc-regular",
    "notosanssc",
    "notosanscjksc-regular",
    "notosanscjk-regular",
    "notosanscjk",
    "sourcehansanssc-regular",
    "sourcehansanscn-regular",
    "sourcehansans",
    "msyh",  # Microsoft YaHei
    "pingfang",
    "hiragino sans gb",
    "harmonyos_sans_sc_regular",
    "misans-regular",
    "alibabapuhuiti",
    "wqy-microhei",
    "wqy-zenhei",
    "simhei",
    "deng",  # DengXian
    "stheiti",
    "droidsansfallback",
    "notoserifcjk-regular",
    "notoserifsc",
    "sourcehanserif",
    "songti",
    "simsun",
    "stsong",
    "uming",
    "fzsongs",
)
_PROBE = "热点难点问题类别属地部门乡镇街道统计图表"
_MAINLAND = (" SC", " CN", " GB", "YaHei", "SimSun", "Zen Hei", "Micro Hei")
_MISSING = "〓"  # the printers' sign for a character that is not in the case
_UNSEEN = "\ufe0e\ufe0f\u200d"  # choose or join emoji
_FEWEST = 3000  # characters: fewer is a font of icons or of a logo
_MOST_FACES = 64
NO_DRAWING = '画图要先安装 matplotlib 和 zhplot：pip install "minyi[analysis]"。'


@dataclass(frozen=True)
class Font:
    """A font file that has Chinese characters.

    Attributes
    ----------
    path : Path
    face : int
        Which of the faces of a collection (.ttc).
    family : str
    characters : frozenset of int
        Code points it can show.
    """

    path: Path
    face: int
    family: str
    characters: frozenset[int]

    def properties(self, size: float) -> FontProperties:
        """Return what matplotlib's texts take as ``fontproperties``; size in points."""
        from matplotlib.font_manager import FontProperties

        return FontProperties(fname=_with_face(self.path, self.face), size=size)

    def shows(self, text: str) -> str:
        """Return a text as it can be printed: rare characters the font lacks become 〓.

        Line breaks stay; other control characters, and the unseen signs that choose the form of
        an emoji, go.
        """
        plain = (c if c in "\n\u3000" or not c.isspace() else " " for c in text)
        kept = (c for c in plain if c in "\n\u3000" or (c.isprintable() and c not in _UNSEEN))
        return "".join(c if c == "\n" or ord(c) in self.characters else _MISSING for c in kept)


def find_font(path: str | Path | None = None) -> Font:
    """Return a font with Chinese characters.

    Parameters
    ----------
    path : str or Path, optional
        A font file to use (.ttf, .otf, .ttc). Unless given: the one of zhplot, then those
        installed, in the order of `FILES`.

    Raises
    ------
    InputError
        The file is no font or has no Chinese characters, or there is none on this computer; in
        Chinese, with what to install. Also when matplotlib is missing.
    """
    check_installed()
    if path is not None:
        font = _read(str(path))
        if font is None:
            raise InputError(
                f"{path} 不是可用的中文字体：应为含常用汉字的 .ttf、.otf 或 .ttc 文件；"
                "不指定字体时会自动寻找。"
            )
        return font
    for candidate in candidates():
        if font := _read(str(candidate)):
            return font
    raise InputError(_no_font())


def check_installed() -> None:
    """Refuse to draw without matplotlib.

    Raises
    ------
    InputError
        In Chinese, with what to install.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise InputError(NO_DRAWING)


def candidates() -> Iterator[Path]:
    """Yield the font files worth a try: zhplot's, then installed ones by the order of `FILES`."""
    yield from _bundled()
    yield from by_preference(_installed())


def by_preference(paths: Sequence[Path]) -> list[Path]:
    """Return the files whose names begin as one of `FILES`, the best first.

    Examples
    --------
    >>> names = ["simsun.ttc", "DejaVuSans.ttf", "msyhbd.ttc", "msyh.ttc"]
    >>> [path.name for path in by_preference([Path(name) for name in names])]
    ['msyh.ttc', 'msyhbd.ttc', 'simsun.ttc']
    """
    ranked = []
    for path in paths:
        name = path.name.lower()
        rank = next((i for i, begin in enumerate(FILES) if name.startswith(begin)), None)
        if rank is not None:
            # The shortest name of a family is the regular weight: msyh before msyhbd, msyhl.
            ranked.append((rank, len(name), str(path), path))
    return [path for *_, path in sorted(ranked)]


def _bundled() -> list[Path]:
    # Not imported: importing zhplot changes matplotlib's settings.
    spec = importlib.util.find_spec("zhplot")
    folders = (spec.submodule_search_locations if spec else None) or []
    return sorted(font for folder in folders for font in Path(folder).glob("fonts/*.[to]t[fc]"))


def _installed() -> list[Path]:
    from matplotlib.font_manager import findSystemFonts

    return [Path(name) for name in findSystemFonts()]


@lru_cache(maxsize=32)
def _read(path: str) -> Font | None:
    """Return the face for mainland readers of a file, the first that has Chinese; or None."""
    found = None
    for face in range(_MOST_FACES):
        try:
            opened = _open(path, face)
        except (OSError, RuntimeError, TypeError, ValueError):  # no such face, or no font
            break
        characters = frozenset(opened.get_charmap())
        if len(characters) >= _FEWEST and characters >= set(map(ord, _PROBE)):
            font = Font(Path(path), face, opened.family_name, characters)
            if any(mark in font.family for mark in _MAINLAND):
                return font
            # The first face of Noto Sans CJK is Japanese: readable, but 直 and 骨 look odd.
            found = found or font
        if opened.num_faces == 1:
            break
    return found


def _open(path: str, face: int) -> FT2Font:
    from matplotlib.ft2font import FT2Font

    if face == 0:
        return FT2Font(path)
    # matplotlib before 3.11 knows only the first face, and raises a TypeError.
    arguments: dict[str, Any] = {"face_index": face}
    return FT2Font(path, **arguments)


def _with_face(path: Path, face: int) -> str:
    if face == 0:
        return str(path)
    from matplotlib import font_manager

    named: str = vars(font_manager)["FontPath"](str(path), face)
    return named


def _no_font() -> str:
    system = {
        "linux": "或安装系统字体：apt-get install fonts-noto-cjk（Debian、Ubuntu），"
        "dnf install google-noto-sans-cjk-fonts（Fedora、openEuler）",
        "win32": "或恢复系统自带的微软雅黑（C:\\Windows\\Fonts\\msyh.ttc）",
        "darwin": "或在“字体册”里启用苹方（PingFang）",
    }.get(sys.platform, "或安装思源黑体（Noto Sans CJK SC）")
    return (
        "没有找到中文字体，图上的汉字会变成方框，所以没有画图。"
        f"请安装自带字体的 zhplot：pip install zhplot；{system}；"
        "不能联网的电脑可以拷入一个中文字体文件，装进系统（在 Python 里也可以用 font 指定）。"
    )
