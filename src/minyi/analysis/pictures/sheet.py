"""The sheet a picture is drawn on: size, colours, font, title and source line, saving."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from io import BytesIO
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from minyi.analysis.figures.source import Source
from minyi.analysis.fonts import Font, check_installed, find_font
from minyi.analysis.pictures.lettering import even, wrap
from minyi.errors import OutputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.patheffects import AbstractPathEffect

CM = 1 / 2.54  # inches
POINT = 2.54 / 72  # cm
WIDTH = 15.0  # cm: the column of an A4 report
TITLE, BODY, SMALL = 12.0, 9.0, 7.5  # points
SUFFIXES = (".svg", ".png", ".pdf")

# Okabe and Ito (2008), told apart by people of all kinds of colour sight; as grey, the blue is
# dark, the orange light and the sky between.
BLUE, SKY, ORANGE, VERMILION = "#0072B2", "#56B4E9", "#E69F00", "#D55E00"
INK, MUTED, RULE, PALE = "#1a1a1a", "#595959", "#bfbfbf", "#d9d9d9"

_MARGIN = 0.3  # cm, at the left and right
_LIMITS = (300.0, 2.0)  # cm: the greatest height, and the least of the drawing
_TITLE, _SOURCE = 32.0, 54.0  # em of a line
_SETTINGS = RLock()  # matplotlib's settings are one for all threads
_P = ParamSpec("_P")
_R = TypeVar("_R")


def by_default(draw: Callable[_P, _R]) -> Callable[_P, _R]:
    """Let a function draw with matplotlib's own settings, then put back the user's.

    A report must not look otherwise because a notebook has chosen a dark style. Raises an
    `InputError` where matplotlib is not installed.
    """

    @wraps(draw)
    def drawn(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        check_installed()
        import matplotlib as mpl

        with _SETTINGS, mpl.rc_context():
            mpl.rcdefaults()
            # In SVG: ids that are the same each time, and words as outlines.
            mpl.rcParams.update({"svg.hashsalt": "minyi", "svg.fonttype": "path"})
            return draw(*args, **kwargs)

    return drawn


class Sheet:
    """A sheet of paper with a title, a source line and one or more axes between.

    Parameters
    ----------
    height : float
        cm.
    title : str
    source : Source
    font : Font or str or Path or None
        A font, the file of one, or whichever is found.

    Attributes
    ----------
    figure : Figure
    """

    def __init__(
        self, height: float, title: str, source: Source, font: Font | str | Path | None
    ) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        from minyi.analysis.pictures.onscreen import Picture

        self.font = font if isinstance(font, Font) else find_font(font)
        self.figure: Figure = Picture(figsize=(WIDTH * CM, height * CM), facecolor="white")
        FigureCanvasAgg(self.figure)
        self.figure.set_layout_engine("constrained", w_pad=_MARGIN * CM, h_pad=0.08, hspace=0.06)
        shown = self.font.shows(wrap(title, _TITLE, 3))
        self.figure.suptitle(
            shown,
            x=_MARGIN / WIDTH,
            ha="left",
            color=INK,
            **self.lettering(TITLE),
        )
        self.figure.supxlabel(
            self.font.shows(wrap(source.line, _SOURCE, 4)),
            x=_MARGIN / WIDTH,
            ha="left",
            linespacing=1.4,
            color=MUTED,
            **self.lettering(SMALL),
        )

    def lettering(self, size: float = BODY) -> dict[str, Any]:
        """Return what a text of matplotlib takes to be in our font; “$” is no formula."""
        return {"fontproperties": self.font.properties(size), "parse_math": False}

    def text(
        self, axes: Axes, x: float, y: float, words: str, size: float = BODY, **how: Any
    ) -> None:
        """Write words at a point of the axes."""
        set_so = {"color": INK, "linespacing": 1.3, **self.lettering(size), **how}
        axes.text(x, y, self.font.shows(words), **set_so)

    def axes(
        self, *, frame: Sequence[str] = ("bottom",), place: tuple[int, int, int] = (1, 1, 1)
    ) -> Axes:
        """Add axes of which only some sides have a line; place is (rows, columns, number)."""
        axes = self.figure.add_subplot(*place)
        self.dress(axes, frame)
        return axes

    def dress(self, axes: Axes, frame: Sequence[str] = ("bottom",)) -> None:
        """Give axes our look, whatever matplotlib's settings say."""
        axes.set_facecolor("white")
        axes.grid(visible=False)
        axes.set_axisbelow(True)
        for side, spine in axes.spines.items():
            spine.set_visible(side in frame)
            spine.set_color(RULE)
            spine.set_linewidth(0.8)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.tick_params(length=0, pad=4, colors=INK)

    def ticks(
        self, axis: Axis, at: Sequence[float], names: Sequence[str], size: float = BODY, **how: Any
    ) -> None:
        """Name places of an axis."""
        shown = [self.font.shows(name) for name in names]
        axis.set_ticks(list(at), shown, **{"color": INK, **self.lettering(size), **how})

    def label(self, axis: Axis, words: str, **how: Any) -> None:
        """Say what an axis is."""
        set_so = {"color": MUTED, "linespacing": 1.4, **self.lettering(SMALL), **how}
        axis.set_label_text(self.font.shows(words), **set_so)

    def legend(self, axes: Axes, **how: Any) -> None:
        """Explain what has a label."""
        legend = axes.legend(
            prop=self.font.properties(SMALL), frameon=False, labelcolor=INK, borderpad=0.2, **how
        )
        for text in legend.get_texts():
            text.set_parse_math(False)


def height_of(drawing: float, *, title: str = "", source: Source | None = None) -> float:
    """Return the height of a sheet in cm, for a drawing of so many cm, title and source line."""
    n_title = wrap(title, _TITLE, 3).count("\n") + 1 if title else 0
    n_source = wrap(source.line, _SOURCE, 4).count("\n") + 1 if source else 0
    words = n_title * TITLE * 1.6 + n_source * SMALL * 1.6
    return min(max(drawing, _LIMITS[1]) + words * POINT + 0.6, _LIMITS[0])


def empty_sheet(title: str, source: Source, font: Font | str | Path | None, why: str) -> Figure:
    """Return a sheet that says why there is nothing to see."""
    sheet = Sheet(height_of(3.0, title=title, source=source), title, source, font)
    axes = sheet.axes(frame=("bottom", "left", "top", "right"))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    words = even(why, 38, 4) or wrap(why, 38, 4)
    sheet.text(axes, 0.5, 0.5, words, ha="center", va="center", color=MUTED)
    return sheet.figure


def halo() -> list[AbstractPathEffect]:
    """Return what keeps a text readable over lines: a white rim."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=2.0, foreground="white")]


def steps(most: float, n: int = 5) -> list[float]:
    """Return round numbers from 0 to at least `most`, whole ones.

    Examples
    --------
    >>> steps(37, 4)
    [0.0, 10.0, 20.0, 30.0, 40.0]
    >>> steps(14)
    [0.0, 5.0, 10.0, 15.0]
    """
    from matplotlib.ticker import MaxNLocator

    at = MaxNLocator(n, integer=True, steps=[1, 2, 5, 10])
    return [float(x) for x in at.tick_values(0, max(most, 1.0))]


def save(figure: Figure, path: str | Path, *, dpi: int = 200) -> Path:
    """Write a picture; an existing file is replaced.

    In SVG all words are drawn as outlines, so that they show where no Chinese font is; the title
    stands in the file as text besides. The same picture gives the same file.

    Parameters
    ----------
    figure : Figure
    path : str or Path
        .svg, .png or .pdf. Missing folders are made.
    dpi : int
        Dots an inch, of .png.

    Returns
    -------
    Path

    Raises
    ------
    OutputError
        The extension is another, or the file cannot be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise OutputError(
            f"图片应写成 {'、'.join(SUFFIXES)}，实际是“{path.name}”：请换一个扩展名。"
        )
    picture = as_bytes(figure, suffix, dpi)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture)
    except OSError as error:
        raise OutputError(f"无法写入 {path}：{error.strerror}。") from None
    return path


@by_default
def as_bytes(figure: Figure, suffix: str, dpi: int) -> bytes:
    """Return a picture as a file of one of `SUFFIXES` holds it, the same each time."""
    undated = {".png": {}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}[suffix]
    title = figure.get_suptitle().replace("\n", "")
    picture = BytesIO()
    figure.savefig(picture, format=suffix[1:], dpi=dpi, metadata={"Title": title, **undated})
    return picture.getvalue()
