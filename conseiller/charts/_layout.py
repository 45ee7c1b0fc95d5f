"""Pages laid out in inches: words are measured first, so that none is cut and none overlap."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from conseiller import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.figure import Figure
    from matplotlib.text import Text

_POINT = 1 / 72
_RESOLUTIONS = (72, 100, style.PNG_DPI)
#: A line is wider or narrower than its words and spaces together by less than this share of its room.
_DOUBT = 0.08
#: Settings of every chart, whatever the reader's own matplotlib says; `svg.hashsalt` makes bytes repeatable.
_SETTINGS: dict[str, Any] = {
    "axes.linewidth": 0.8,
    "font.family": [style.CHART_FONT],
    "hatch.linewidth": 0.7,
    "pdf.fonttype": 42,
    "savefig.dpi": style.PNG_DPI,
    "svg.fonttype": "path",
    "svg.hashsalt": "conseiller",
    "text.parse_math": False,
}


@contextmanager
def settings() -> Iterator[None]:
    """Draw or write with the settings of this package, then give the reader's own back."""
    from matplotlib import style as matplotlib_style

    with matplotlib_style.context(["default", _SETTINGS]):
        yield


# --- measuring ----------------------------------------------------------------------------------------


@cache
def _renderer(dpi: int) -> RendererAgg:
    from matplotlib.backends.backend_agg import RendererAgg

    return RendererAgg(1, 1, dpi)  # type: ignore[no-untyped-call]


@cache
def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of a text in inches, its longest line, the widest of several resolutions.

    Letters snap to whole pixels, so that a text is wider on a screen than on paper.
    """
    from matplotlib.font_manager import FontProperties

    font = FontProperties(family=[style.CHART_FONT], size=size, weight="bold" if bold else "normal")

    def width(line: str, dpi: int) -> float:
        renderer: Any = _renderer(dpi)
        return float(renderer.get_text_width_height_descent(line, font, ismath=False)[0]) / dpi

    return max(width(line, dpi) for line in text.split("\n") for dpi in _RESOLUTIONS)


def _fits(text: str, size: float, width: float, bold: bool) -> bool:
    """Return whether a line is at most so wide; it is measured whole only where its words leave a doubt."""
    words = text.split(" ")
    space = text_width("x x", size, bold) - 2 * text_width("x", size, bold)
    rough = sum(text_width(word, size, bold) for word in words if word) + space * (len(words) - 1)
    if abs(rough - width) > _DOUBT * width:
        return rough < width
    return text_width(text, size, bold) <= width


def text_height(text: str, size: float) -> float:
    """Return the height of a text in inches, line spacing included."""
    return (text.count("\n") + 1) * size * style.LINE_SPACING * _POINT


def wrap(text: str, size: float, width: float, bold: bool = False) -> str:
    """Break a text into lines of at most `width` inches.

    Lines break at plain spaces only, so that no amount is cut; a word longer than
    a line is cut where it must be.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        start = len(lines)
        for word in _words(paragraph, size, width, bold):
            longer = f"{lines[-1]} {word}" if len(lines) > start else word
            if len(lines) > start and _fits(longer, size, width, bold):
                lines[-1] = longer
            else:
                lines.append(word)
    return "\n".join(lines)


def wrap_evenly(text: str, size: float, width: float, bold: bool = False, least: int = 5) -> str:
    """Break a text into as few lines as `wrap` would, of nearly equal length.

    No word stays alone on the last line; lines keep `least` tenths of the width.
    """
    best = wrap(text, size, width, bold)
    for tenths in range(9, least - 1, -1):
        narrower = wrap(text, size, width * tenths / 10, bold)
        if narrower.count("\n") > best.count("\n"):
            break
        best = narrower
    return best


def _words(text: str, size: float, width: float, bold: bool) -> Iterator[str]:
    for word in text.split(" "):
        rest = word
        while len(rest) > 1 and text_width(rest, size, bold) > width:
            too_long = bisect_left(
                range(1, len(rest)), True, key=lambda n: text_width(rest[: n + 1], size, bold) > width
            )
            yield rest[: too_long + 1]
            rest = rest[too_long + 1 :]
        yield rest


def spread(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Return centres near the wanted ones, in the same order, that keep labels apart.

    Parameters
    ----------
    wanted : sequence of float
        Centres one would like, in any order.
    heights : sequence of float
        Room each label takes.
    low, high : float
        Bounds of the whole; when the labels need more, they start from `low`.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    centres = [0.0] * len(wanted)
    floor = low
    for i in order:
        centres[i] = max(wanted[i], floor + heights[i] / 2)
        floor = centres[i] + heights[i] / 2
    ceiling = max(high, low + sum(heights))
    for i in reversed(order):
        centres[i] = min(centres[i], ceiling - heights[i] / 2)
        ceiling = centres[i] - heights[i] / 2
    return centres


# --- the page -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Words:
    """What stands around a chart."""

    title: str
    subtitle: str
    source: str


class Page:
    """A figure with its title above and its source below; `body` inches are left for the chart between them.

    Positions are inches from the left and from the foot of the body.
    """

    def __init__(self, words: Words, body: float, width: float = style.CHART_WIDTH) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        inner = width - 2 * style.MARGIN
        title = wrap_evenly(words.title, style.TITLE_SIZE, inner, bold=True)
        subtitle = wrap_evenly(words.subtitle, style.SUBTITLE_SIZE, inner, least=8)
        source = wrap_evenly(words.source, style.SOURCE_SIZE, inner, least=8)
        head = text_height(title, style.TITLE_SIZE) + 0.06 + text_height(subtitle, style.SUBTITLE_SIZE) + 0.14
        foot = 0.1 + text_height(source, style.SOURCE_SIZE)
        self.width = width
        self.body = body
        self._foot = style.MARGIN + foot
        self.height = self._foot + body + head + style.MARGIN
        self.figure: Figure = Figure(figsize=(width, self.height), facecolor=style.WHITE)
        FigureCanvasAgg(self.figure)
        top = self.body + head
        self.text(style.MARGIN, top, title, style.TITLE_SIZE, bold=True, down="top").set_gid("title")
        top -= text_height(title, style.TITLE_SIZE) + 0.06
        self.text(style.MARGIN, top, subtitle, style.SUBTITLE_SIZE, colour=style.GREY, down="top").set_gid(
            "subtitle"
        )
        self.text(style.MARGIN, -0.1, source, style.SOURCE_SIZE, colour=style.GREY, down="top").set_gid(
            "source"
        )

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Return axes on a rectangle of the body, without frame or ticks."""
        y = self._foot + bottom
        axes = self.figure.add_axes(
            (left / self.width, y / self.height, width / self.width, height / self.height)
        )
        axes.set_facecolor("none")
        axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
        axes.tick_params(length=0, labelsize=style.LABEL_SIZE, colors=style.INK)
        axes.set_xticks([])
        axes.set_yticks([])
        return axes

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = style.LABEL_SIZE,
        *,
        bold: bool = False,
        colour: str = style.INK,
        across: Literal["left", "center", "right"] = "left",
        down: Literal["top", "center", "bottom"] = "center",
    ) -> Text:
        """Write a text."""
        return self.figure.text(
            x,
            y + self._foot,
            text,
            transform=self.figure.dpi_scale_trans,
            fontsize=size,
            fontweight="bold" if bold else "normal",
            color=colour,
            ha=across,
            va="center_baseline" if down == "center" and "\n" not in text else down,
            linespacing=style.LINE_SPACING - 0.1,
        )

    def line(
        self,
        x: Sequence[float],
        y: Sequence[float],
        colour: str,
        width: float = 0.8,
        dash: Literal["-", ":"] = "-",
    ) -> None:
        """Draw a line beside the axes."""
        from matplotlib.lines import Line2D

        heights = [v + self._foot for v in y]
        self.figure.add_artist(
            Line2D(
                list(x),
                heights,
                color=colour,
                linewidth=width,
                linestyle=dash,
                transform=self.figure.dpi_scale_trans,
                solid_capstyle="butt",
            )
        )

    def swatch(self, x: float, y: float, fill: str, size: float = 0.12) -> None:
        """Draw a small square in the fill of a series, centred on a height."""
        from matplotlib.patches import Rectangle

        look = style.FILLS[fill]
        self.figure.add_artist(
            Rectangle(
                (x, y - size / 2 + self._foot),
                size,
                size,
                facecolor=look["face"],
                edgecolor=look["edge"],
                linewidth=1.0,
                transform=self.figure.dpi_scale_trans,
            )
        )


# --- bars ---------------------------------------------------------------------------------------------


def bar(
    axes: Axes, fill: str, corner: tuple[float, float], size: tuple[float, float], ahead: float, upright: bool
) -> None:
    """Draw a bar in the fill of a series, its part after the date of the report hatched.

    Parameters
    ----------
    axes : Axes
    fill : str
        Name of a fill of `conseiller.style.FILLS`.
    corner, size : tuple of float
        Lower left corner, width and height, in the units of the axes.
    ahead : float
        Share of the bar that lies ahead, 0 to 1: its upper or outer end.
    upright : bool
        Whether the amount is read upwards.
    """
    from matplotlib.patches import Rectangle

    look = style.FILLS[fill]
    (x, y), (width, height) = corner, size
    axes.add_patch(Rectangle(corner, width, height, facecolor=look["face"], linewidth=0))
    if ahead > 0:
        start = (x, y + height * (1 - ahead)) if upright else (x + width * (1 - ahead), y)
        extent = (width, height * ahead) if upright else (width * ahead, height)
        axes.add_patch(
            Rectangle(
                start,
                *extent,
                facecolor=look["face"],
                edgecolor=look["hatch"],
                hatch=style.HATCH_AHEAD,
                linewidth=0,
            )
        )
    outline = Rectangle(corner, width, height, fill=False, edgecolor=look["edge"], linewidth=1.0)
    outline.set_gid(f"bar-{fill}")
    axes.add_patch(outline)
