"""A chart: its words, its drawing made when asked for, and its bytes."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, Literal, get_args

from conseiller import style
from conseiller.charts import _layout
from conseiller.messages import Lang

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Format = Literal["png", "svg"]
FORMATS: tuple[Format, ...] = get_args(Format)


@dataclass(frozen=True, repr=False)
class Chart:
    """A chart of a plan.

    Parameters
    ----------
    key : str
        Short name, also that of its files.
    title : str
        The finding, computed from the plan.
    alt : str
        Text alternative: what the chart says, with its figures.
    source : str
        Where the figures come from.
    lang : {"fr", "en"}
        Language of all of these.
    """

    key: str
    title: str
    alt: str
    source: str
    lang: Lang
    _draw: Callable[[], Figure] = field(compare=False)

    @cached_property
    def figure(self) -> Figure:
        """The matplotlib figure, drawn when first asked for and kept."""
        with _layout.settings():
            return self._draw()

    def render(self, form: Format) -> bytes:
        """Return the chart as a PNG or SVG file: same plan, same bytes.

        The SVG names itself to screen readers by its ``<title>`` and ``<desc>``.
        """
        # A date, or matplotlib's version, would make two files of one chart differ.
        about: dict[str, Any] = {"Title": self.title, "Description": self.alt, "Language": self.lang}
        about |= {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
        out = io.BytesIO()
        with _layout.settings():
            self.figure.savefig(out, format=form, dpi=style.PNG_DPI, metadata=about)
        return _light(out) if form == "png" else self._accessible(out.getvalue())

    def _accessible(self, svg: bytes) -> bytes:
        text = svg.decode("utf-8")
        name, description = f"{self.key}-title", f"{self.key}-desc"
        text = text.replace(
            "<svg ", f'<svg role="img" xml:lang="{self.lang}" aria-labelledby="{name} {description}" ', 1
        )
        start, end = text.index("<title>"), text.index("</title>") + len("</title>")
        words = (
            f'<title id="{name}">{escape(self.title, quote=False)}</title>\n'
            f' <desc id="{description}">{escape(self.alt, quote=False)}</desc>'
        )
        return (text[:start] + words + text[end:]).encode("utf-8")

    def __repr__(self) -> str:
        """Say in a terminal what the chart shows."""
        return f"{self.alt}\n{self.source}"

    def _repr_html_(self) -> str:
        """Show the chart in a notebook with its text alternative."""
        data = b64encode(self.render("png")).decode("ascii")
        width = round(self.figure.get_figwidth() * 96)
        return (
            f'<img src="data:image/png;base64,{data}" width="{width}" style="max-width: 100%" '
            f'alt="{escape(self.alt)}">'
        )


def _light(png: io.BytesIO) -> bytes:
    """Return a PNG in 128 colours, a third of the weight: charts are flat. Its words are kept."""
    from PIL import Image, PngImagePlugin

    picture = Image.open(png)
    about = PngImagePlugin.PngInfo()
    for key, words in picture.info.items():
        if isinstance(key, str) and isinstance(words, str):
            about.add_itxt(key, words)
    out = io.BytesIO()
    flat = picture.convert("RGB").quantize(128, Image.Quantize.FASTOCTREE)
    flat.putpalette([255 if tone == 254 else tone for tone in flat.getpalette() or ()])  # white stays white
    flat.save(out, "PNG", dpi=picture.info["dpi"], pnginfo=about)
    return out.getvalue()
