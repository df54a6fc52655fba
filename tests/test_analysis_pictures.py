"""Pictures: drawn without warnings, the same each time, of whatever data; nothing global changes.

A character that the font lacks would be a warning, and so an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text

from minyi.analysis import figures
from minyi.analysis.figures import Source
from minyi.analysis.fonts import find_font
from minyi.analysis.frame import prepare
from minyi.analysis.pictures import (
    draw_bars,
    draw_calibration,
    draw_coverage,
    draw_flow,
    draw_heatmap,
    draw_issue_times,
    draw_keyness,
    draw_learning_curve,
    draw_timeline,
    draw_treemap,
    save,
)
from minyi.analysis.pictures.flow import nodes
from minyi.analysis.pictures.heatmap import _colours
from minyi.analysis.pictures.lettering import even, shorten, upright, width, wrap
from minyi.analysis.pictures.onscreen import Picture
from minyi.analysis.pictures.treemap import Tile, tiles
from minyi.errors import InputError, OutputError

FONT = find_font()
SIGNATURES = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}
LONG = "县道$X012$线“鹰嘴弯”至大岭村村部段及沿线桥涵、护栏（含😀\U0002ceb2坳支线）提质改造工程"


def submissions(n: int = 60, n_places: int = 6, day: str = "2026-03-02") -> pd.DataFrame:
    rng = np.random.default_rng(0)
    level1 = rng.choice(["农业农村", "交通运输", LONG, ""], n, p=[0.5, 0.3, 0.15, 0.05])
    table = pd.DataFrame(
        {
            "内容": ["路灯坏了没有人修"] * n,
            "时间": pd.Timestamp(day) + pd.to_timedelta(rng.integers(0, 60, n), unit="D"),
            "村": [f"{i}号村" for i in rng.integers(0, n_places, n)],
        }
    )
    ready = prepare(table, text="内容", time="时间", place="村")
    return ready.assign(
        level1=level1,
        level2=np.where(level1 == "交通运输", rng.choice(["道路建设", LONG, ""], n), ""),
        department=rng.choice(["交通运输局", LONG], n),
    )


def scores(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    found = rng.beta(5, 2, n)
    return found, rng.random(n) < found


def words(frame: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame(
        {"group": ["石桥村", "石桥村", "柳塘村"], "term": ["采石场", LONG, "低保"]}
    )
    table = table.assign(log_ratio=[4.0, 2.0, 1.0], n_senders=[40, 9, 20], n_elsewhere=[2, 0, 1])
    return table.head(len(frame))


DRAW: dict[str, Callable[[pd.DataFrame], Figure]] = {
    "bars": lambda f: draw_bars(figures.share_bars(f)),
    "bars2": lambda f: draw_bars(figures.share_bars(f, "level2")),
    "tree": lambda f: draw_treemap(figures.category_tree(f)),
    "heat": lambda f: draw_heatmap(figures.category_by_place(f)),
    "line": lambda f: draw_timeline(figures.timeline(f)),
    "lines": lambda f: draw_timeline(figures.timeline(f, "week", by="level1")),
    "flow": lambda f: draw_flow(figures.category_to_department(f)),
    "issues": lambda f: draw_issue_times(
        figures.issue_times(f, f["row"] % 3, {1: LONG, 2: "石场扬尘"} if len(f) else {})
    ),
    "calibration": lambda f: draw_calibration(figures.calibration(*scores(len(f)))),
    "coverage": lambda f: draw_coverage(figures.coverage(*scores(len(f)))),
    "keyness": lambda f: draw_keyness(
        figures.keyness_bars(words(f), Source(len(f)), here="石桥村", there="柳塘村")
    ),
    "learning": lambda f: draw_learning_curve(
        figures.learning_curve_of([("准确率", 50, 0.5), (LONG, 400, 0.7)][: len(f)], Source(len(f)))
    ),
}
EVERY = pytest.mark.parametrize("name", DRAW)
FRAME = submissions()


def texts(figure: Figure) -> list[str]:
    found = figure.findobj(Text)
    return [text.get_text() for text in found if text.get_text() and text.get_visible()]


def said(figure: Figure) -> str:
    return "".join(texts(figure)).replace("\n", "")


# --- every picture ---


@EVERY
@pytest.mark.parametrize("suffix", SIGNATURES)
def test_a_picture_is_written_the_same_each_time(name: str, suffix: str, tmp_path: Path) -> None:
    first, second = (
        save(DRAW[name](FRAME), tmp_path / "新建" / f"{n}{suffix}", dpi=60).read_bytes()
        for n in (1, 2)
    )
    assert first.startswith(SIGNATURES[suffix])
    assert first == second


@EVERY
@pytest.mark.parametrize("n", [0, 1])
def test_no_rows_and_one_row_give_a_picture(name: str, n: int, tmp_path: Path) -> None:
    figure = DRAW[name](FRAME.iloc[:n])
    save(figure, tmp_path / "图.png", dpi=60)
    assert f"数据：{n} 条" in said(figure)
    if n == 0:
        assert re.search("没有", said(figure))


@EVERY
def test_drawing_changes_nothing_global_and_needs_no_pyplot(name: str, tmp_path: Path) -> None:
    settings, fonts = dict(mpl.rcParams), len(font_manager.fontManager.ttflist)
    save(DRAW[name](FRAME), tmp_path / "图.svg")
    assert dict(mpl.rcParams) == settings
    assert len(font_manager.fontManager.ttflist) == fonts


@EVERY
def test_the_settings_of_the_user_do_not_change_the_picture(name: str, tmp_path: Path) -> None:
    plain = save(DRAW[name](FRAME), tmp_path / "一.svg").read_bytes()
    loud = {
        "axes.facecolor": "black",
        "figure.facecolor": "black",
        "text.color": "white",
        "axes.grid": True,
        "font.size": 30,
        "svg.fonttype": "none",
        "savefig.facecolor": "black",
        "figure.constrained_layout.use": True,
        "axes.titlecolor": "red",
        "xtick.major.size": 9,
        "ytick.color": "red",
        "lines.linewidth": 7,
        "legend.frameon": True,
        "lines.linestyle": "--",
        "savefig.bbox": "tight",
        "ytick.alignment": "top",
        "text.usetex": True,
    }
    with mpl.rc_context(loud):
        assert save(DRAW[name](FRAME), tmp_path / "二.svg").read_bytes() == plain


@EVERY
def test_all_words_are_in_the_chinese_font_and_none_is_a_formula(name: str) -> None:
    figure = DRAW[name](FRAME)
    figure.canvas.draw()
    for text in figure.findobj(Text):
        if text.get_text() and text.get_visible():
            assert text.get_fontproperties().get_file() == str(FONT.path), text.get_text()
            assert not text.get_parse_math() or "$" not in text.get_text()


@EVERY
def test_words_stay_on_the_sheet(name: str) -> None:
    figure = DRAW[name](FRAME)
    figure.canvas.draw()
    wide, high = figure.canvas.get_width_height()
    for text in figure.findobj(Text):
        if text.get_text() and text.get_visible():
            box = text.get_window_extent()
            assert -2 <= box.x0 <= box.x1 <= wide + 2, text.get_text()
            assert -2 <= box.y0 <= box.y1 <= high + 2, text.get_text()


@EVERY
def test_the_picture_has_the_width_of_a_report(name: str) -> None:
    assert DRAW[name](FRAME).get_figwidth() * 2.54 == pytest.approx(15.0)


def test_words_in_svg_are_outlines_and_the_title_is_there_as_text(tmp_path: Path) -> None:
    svg = save(DRAW["bars"](FRAME), tmp_path / "图.svg").read_text("utf-8")
    assert "<text" not in svg
    assert "<dc:title>各一级类别的意见数</dc:title>" in svg


def test_jupyter_shows_a_picture_as_it_is_saved(tmp_path: Path) -> None:
    shown, saved = DRAW["bars"](FRAME), DRAW["bars"](FRAME)
    assert isinstance(shown, Picture)
    assert shown._repr_png_() == save(saved, tmp_path / "图.png", dpi=120).read_bytes()


def test_the_title_can_be_chosen_and_is_wrapped() -> None:
    figure = draw_bars(figures.share_bars(FRAME), title="石桥村" * 14)
    assert figure.get_suptitle().count("\n") == 1


def test_the_font_can_be_chosen() -> None:
    assert draw_bars(figures.share_bars(FRAME), font=FONT.path)
    with pytest.raises(InputError, match="不是可用的中文字体"):
        draw_bars(figures.share_bars(FRAME), font="没有.ttf")


def test_without_matplotlib_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    bars = figures.share_bars(FRAME)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match="画图要先安装 matplotlib"):
        draw_bars(bars)


def test_pictures_can_be_drawn_at_once_in_several_threads(tmp_path: Path) -> None:
    settings = dict(mpl.rcParams)
    names = ["bars", "tree", "heat", "flow"] * 2
    with ThreadPoolExecutor(4) as pool:
        drawn = list(
            pool.map(
                lambda i: save(DRAW[names[i]](FRAME), tmp_path / f"{i}.svg").read_bytes(),
                range(len(names)),
            )
        )
    assert drawn[:4] == drawn[4:]
    assert dict(mpl.rcParams) == settings


# --- each ---


def test_two_hundred_places_fit(tmp_path: Path) -> None:
    frame = submissions(900, 200)
    figure = draw_heatmap(figures.category_by_place(frame, most_rows=200))
    save(figure, tmp_path / "图.png", dpi=60)
    assert "199号村*" in said(figure)
    figure = draw_bars(figures.share_bars(frame, "place", most=200))
    save(figure, tmp_path / "图.png", dpi=60)
    boxes = [tick.get_window_extent() for tick in figure.axes[0].get_yticklabels()]
    rows = sorted((box.y0, box.y1) for box in boxes)
    assert all(low[1] <= high[0] + 1 for low, high in pairwise(rows))


def test_the_rest_has_its_number_but_no_bar() -> None:
    rows = [("甲", 9), ("乙", 8), ("丙", 7), ("丁", 90)]
    bars = figures.bars_of([(f"{a}局", n) for a, n in rows], "部门", Source(114), most=1)
    figure = draw_bars(bars)
    assert "其余 3 项" in said(figure)
    assert [round(patch.get_width()) for patch in figure.axes[0].patches] == [90, 0]
    assert "24（21.1%）" in said(figure)


def test_cells_hold_the_numbers_and_places_of_few_are_not_shaded() -> None:
    one = submissions(60, 1)
    few = submissions(5, 1).assign(place="小村")
    both = pd.concat([one, few], ignore_index=True)
    figure = draw_heatmap(figures.category_by_place(both))
    assert "小村*5 条" in said(figure)
    assert "不足 20 条的属地，占比不稳，不着色" in said(figure)
    (mesh,) = [c for c in figure.axes[0].collections if c.get_array() is not None]
    depths = np.asarray(mesh.get_array()).reshape(-1, 2)
    assert depths[:, 0].sum() == pytest.approx(1.0)
    assert depths[:, 1].sum() == 0.0


def test_the_sum_of_the_other_categories_does_not_pale_the_rest() -> None:
    frame = submissions(60, 1).assign(level1=["政法"] * 20 + [f"{i % 20:02d}类" for i in range(40)])
    figure = draw_heatmap(figures.category_by_place(frame, most_columns=1))
    assert "“其余 20 类”不着色" in said(figure)
    (mesh,) = [c for c in figure.axes[0].collections if c.get_array() is not None]
    assert np.asarray(mesh.get_array()).ravel().tolist() == pytest.approx([1 / 3, 0.0])
    assert mesh.get_clim() == pytest.approx((0, 1 / 3))


def test_names_of_two_levels_break_between_them() -> None:
    names = ["民政 › 社会救助", "城乡建设 › 城市建设和市政管理", f"民政 › {LONG}"]
    counts = pd.DataFrame([[30, 20, 10]], index=["石桥村"], columns=names)
    figure = draw_heatmap(figures.cross_of(counts, "属地", "二级类别", Source(60)))
    ticks = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert ticks[:2] == ["民政 › 社会救助", "城乡建设 ›\n城市建设和市政管理"]
    assert [width(line) <= 12 for line in ticks[2].split("\n")] == [True, True]


def test_depth_grows_evenly_in_grey_too() -> None:
    rgb = _colours()(np.linspace(0, 1, 50))[:, :3]
    grey = rgb @ np.array([0.299, 0.587, 0.114])
    assert (np.diff(grey) < 0).all()


def test_the_band_and_alarms_are_drawn_and_explained() -> None:
    days = pd.date_range("2026-03-02", periods=6, freq="7D")
    table = pd.DataFrame({"start": days, "n": [5, 6, 4, 21, 7, 3]})
    table = table.assign(low=2.0, high=11.0, alarm=table["n"] > 11)
    figure = draw_timeline(figures.timeline_of(table, "week", Source(46)))
    legend = figure.axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["通常的范围", "预警"]
    triangles = [c for c in figure.axes[0].collections if c.get_label() == "预警"]
    assert np.asarray(triangles[0].get_offsets()).tolist() == [[3.0, 21.0]]


def test_a_line_from_which_there_is_an_alarm_is_enough() -> None:
    days = pd.date_range("2026-03-02", periods=3, freq="7D")
    table = pd.DataFrame({"start": days, "n": [5, 6, 4], "expected": 5.0, "high": [np.nan, 9, 9]})
    figure = draw_timeline(figures.timeline_of(table, "week", Source(15)))
    legend = figure.axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["预警线", "预计"]


def test_words_of_one_group_need_no_other_side() -> None:
    data = figures.keyness_bars(words(FRAME), Source(60), here="石桥村")
    figure = draw_keyness(data)
    assert "更常说" not in said(figure)
    assert "16.0 倍　40 比 2 人" in said(figure)


def test_no_ratio_is_told_of_a_word_that_nobody_says_elsewhere() -> None:
    table = words(FRAME).iloc[[0]]
    told = "算不出倍数"
    seen = draw_keyness(figures.keyness_bars(table, Source(60), here="石桥村"))
    assert told not in said(seen)
    never = figures.keyness_bars(table.assign(n_elsewhere=0), Source(60), here="石桥村")
    figure = draw_keyness(never)
    assert told in said(figure)
    assert "40 人，别处没有" in texts(figure)
    assert not re.search(r"\d 倍", said(figure))
    assert [patch.get_facecolor()[:3] for patch in figure.axes[0].patches] == [(1.0, 1.0, 1.0)]


def test_an_issue_is_told_by_its_place_and_below_by_its_words() -> None:
    labels = {0: "石桥村：石场扬尘", 1: "公路塌方", 2: f"{LONG}：塌方"}
    figure = draw_issue_times(figures.issue_times(FRAME, FRAME["row"] % 3, labels))
    ticks = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert ticks[:2] == ["1. 石桥村（20 条）\n石场扬尘", "2. 公路塌方\n20 条"]
    assert all(width(line) <= 17 for line in ticks[2].split("\n"))


def test_what_has_no_category_does_not_stand_out() -> None:
    frame = FRAME.assign(level1=[f"{i % 8}类" for i in range(48)] + [""] * 12, level2="")
    patches = draw_treemap(figures.category_tree(frame)).axes[0].patches
    colours = [patch.get_facecolor() for patch in patches if patch.get_facecolor()[3] > 0]
    assert [r == g == b for r, g, b, _ in colours] == [False] * 8 + [True]
    assert sum(colours[-1][:3]) > 2.5


def test_without_times_the_picture_says_what_to_give() -> None:
    frame = FRAME.assign(time=pd.NaT)
    for figure in (
        draw_timeline(figures.timeline(frame)),
        draw_issue_times(figures.issue_times(frame, frame["row"] % 3, {1: "石场扬尘"})),
    ):
        assert "没有时间，画不了时间图：请给出时间列" in said(figure)


def test_ten_years_of_days_fit(tmp_path: Path) -> None:
    times = pd.date_range("2016-01-01", "2026-01-01", periods=60)
    frame = FRAME.assign(time=times)
    for every in ("day", "week", "month"):
        figure = draw_timeline(figures.timeline(frame, every))
        figure.canvas.draw()
        ticks = [tick.get_window_extent() for tick in figure.axes[0].get_xticklabels()]
        assert len(ticks) > 3
        assert all(a.x1 < b.x0 for a, b in pairwise(ticks))


def test_a_share_nobody_reaches_is_told() -> None:
    figure = draw_coverage(figures.coverage(np.array([0.9, 0.8]), np.array([False, True])))
    assert "没有哪一段达到 95%" in said(figure)
    reached = draw_coverage(figures.coverage_of({"0.80": 0.9, "0.95": 0.3}, 40))
    assert "30% 可以免复核" in said(reached)


def test_the_learning_curve_names_the_last_of_sizes_that_are_close() -> None:
    points = [("准确率", n, 0.5) for n in (50, 100, 200, 400, 410)]
    figure = draw_learning_curve(figures.learning_curve_of(points, Source(82)))
    ticks = [tick.get_text() for tick in figure.axes[0].get_xticklabels()]
    assert ticks == ["50", "100", "200", "", "410"]


# --- laying out ---


@given(st.lists(st.integers(1, 500), min_size=1, max_size=40))
def test_tiles_fill_the_whole_in_proportion(numbers: list[int]) -> None:
    numbers.sort(reverse=True)
    found = tiles(numbers, Tile(0, 0, 14.5, 10.5))
    areas = np.array([tile.width * tile.height for tile in found])
    assert areas == pytest.approx(np.array(numbers) / sum(numbers) * 14.5 * 10.5)
    assert min(tile.x for tile in found) == pytest.approx(0, abs=1e-6)
    assert max(tile.x + tile.width for tile in found) == pytest.approx(14.5)
    assert min(tile.y for tile in found) == pytest.approx(0, abs=1e-6)
    for i, one in enumerate(found):
        for other in found[i + 1 :]:
            across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
            down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
            assert min(across, down) < 1e-6


@given(st.lists(st.integers(1, 500), min_size=1, max_size=30))
def test_nodes_leave_room_for_their_names(numbers: list[int]) -> None:
    found = nodes(pd.Series(numbers, index=[f"{i}局" for i in range(len(numbers))]))
    middles = [node.top - node.height / 2 for node in found]
    assert all(a - b >= 0.45 for a, b in pairwise(middles))
    assert [node.height for node in found] == pytest.approx(
        [8.0 * n / sum(numbers) for n in numbers]
    )


# --- lettering ---


@given(
    st.text(alphabet="石桥村，。（）ab12 \n", max_size=60), st.integers(2, 20), st.integers(1, 4)
)
def test_wrapped_lines_are_few_and_narrow_and_lose_nothing_unless_cut(
    text: str, em: int, lines: int
) -> None:
    found = wrap(text, em, lines)
    parts = found.split("\n")
    assert len(parts) <= lines
    assert all(width(part) <= em + 1e-6 for part in parts)
    if "…" not in found:
        assert re.sub(r"\s", "", found) == re.sub(r"\s", "", text)


def test_no_line_begins_with_a_closing_mark_or_within_a_number() -> None:
    assert wrap("占比不稳。“其余”不算", 6, 2) == "占比不稳。\n“其余”不算"
    assert wrap("石桥村五组，路灯", 5, 2) == "石桥村五\n组，路灯"
    assert wrap("县道线X0120号", 5, 2) == "县道线\nX0120号"


def test_names_are_broken_evenly_or_not_at_all() -> None:
    assert even("商贸文旅与市场监管", 5, 2) == "商贸文旅与\n市场监管"
    assert even("商贸文旅与市场监管", 4, 2) == ""
    assert shorten("商贸文旅与市场监管", 4) == "商贸文…"
    assert upright("其余 5 类") == "其\n余\n5\n类"


# --- saving ---


def test_a_picture_of_another_kind_or_place_is_refused(tmp_path: Path) -> None:
    figure = DRAW["bars"](FRAME)
    with pytest.raises(OutputError, match=r"图片应写成 \.svg、\.png、\.pdf，实际是“图\.bmp”"):
        save(figure, tmp_path / "图.bmp")
    (tmp_path / "文件").write_text("x")
    with pytest.raises(OutputError, match="无法写入"):
        save(figure, tmp_path / "文件" / "图.png")
