"""Finding a Chinese font, and what is said when there is none."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import font_manager

from minyi.analysis import fonts
from minyi.analysis.fonts import by_preference, find_font
from minyi.errors import InputError

FONT = find_font()
COLLECTIONS = [path for path in by_preference(fonts._installed()) if path.suffix == ".ttc"]


def without(*missing: str) -> Any:
    real = importlib.util.find_spec
    return lambda name: None if name in missing else real(name)


def test_the_font_that_comes_with_the_extra_is_taken_first() -> None:
    assert FONT.path.name == "NotoSansSC-Regular.ttf"
    assert FONT.path.parent.parent.name == "zhplot"
    assert set(map(ord, "社情民意汇总表")) <= FONT.characters


def test_its_licence_comes_with_it() -> None:
    licence = (FONT.path.parent / "OFL.txt").read_text("utf-8")
    assert "SIL Open Font License, Version 1.1" in licence


def test_nothing_of_matplotlib_is_changed() -> None:
    settings, known = dict(mpl.rcParams), len(font_manager.fontManager.ttflist)
    fonts._read.cache_clear()
    find_font()
    assert dict(mpl.rcParams) == settings
    assert len(font_manager.fontManager.ttflist) == known


@pytest.mark.skipif(not COLLECTIONS, reason="no collection of Chinese fonts is installed")
def test_without_it_an_installed_font_is_found_in_its_mainland_face(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", without("zhplot"))
    found = find_font()
    assert "zhplot" not in str(found.path)
    assert set(map(ord, "社情民意汇总表")) <= found.characters
    if "CJK" in found.family:  # the first face of the collection is Japanese
        assert found.family.endswith("SC")


def test_the_order_is_by_name_and_then_the_regular_weight() -> None:
    names = [
        "simsun.ttc",
        "arial.ttf",
        "NotoSansCJK-Bold.ttc",
        "NotoSansCJK-Regular.ttc",
        "msyh.ttc",
    ]
    found = by_preference([Path("/字体") / name for name in names])
    assert [path.name for path in found] == [
        "NotoSansCJK-Regular.ttc",
        "NotoSansCJK-Bold.ttc",
        "msyh.ttc",
        "simsun.ttc",
    ]


@pytest.mark.parametrize(
    ("platform", "remedy"),
    [
        ("linux", "apt-get install fonts-noto-cjk"),
        ("win32", "微软雅黑"),
        ("darwin", "苹方"),
        ("aix", "思源黑体"),
    ],
)
def test_without_any_font_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch, platform: str, remedy: str
) -> None:
    monkeypatch.setattr(fonts, "candidates", lambda: iter(()))
    monkeypatch.setattr("sys.platform", platform)
    with pytest.raises(InputError, match=r"没有找到中文字体.*pip install zhplot") as caught:
        find_font()
    assert remedy in str(caught.value)


def test_without_matplotlib_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", without("matplotlib"))
    with pytest.raises(InputError, match=r'pip install "minyi\[analysis\]"'):
        find_font()


def test_a_font_can_be_chosen() -> None:
    assert find_font(FONT.path) == FONT


def test_what_is_no_chinese_font_is_refused(tmp_path: Path) -> None:
    latin = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    (tmp_path / "坏.ttf").write_bytes(b"no font")
    for path in (latin, tmp_path / "坏.ttf", tmp_path / "没有.ttf", tmp_path):
        with pytest.raises(InputError, match="不是可用的中文字体"):
            find_font(path)


def test_damaged_fonts_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "坏.ttf").write_bytes(b"\x00\x01\x00\x00" + b"x" * 40)
    monkeypatch.setattr(fonts, "candidates", lambda: iter([tmp_path / "坏.ttf", FONT.path]))
    assert find_font() == FONT


def test_characters_the_font_lacks_are_marked() -> None:
    assert FONT.shows("\U0002ceb2村😀\n五组\ta\u200d\ufe0f\u3000b\x07") == "〓村〓\n五组 a\u3000b"


@given(st.text())
def test_what_is_shown_is_always_in_the_font(text: str) -> None:
    assert {ord(c) for c in FONT.shows(text)} <= FONT.characters | {ord("\n")}
