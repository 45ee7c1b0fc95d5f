"""The small chart of the note: who funds what, by exercice, drawn as SVG at its printed size.

The charts of `conseiller.charts` stand alone on a screen or a slide; reduced to
a third of a page their words would be too small to read. This one is drawn for
the page, with its font, and carries the same data and the same text alternative.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from conseiller import style
from conseiller.messages import Lang
from conseiller.text import number

#: Points.
WIDTH, HEIGHT = 190.0, 138.0
_SIZE, _SMALL = 8.0, 7.2
_HEAD, _FOOT, _LEGEND = 11.0, 12.0, 11.0
#: Euros from which thousands are written without a decimal.
_WHOLE = 20_000
_LEAST = 9.0  # a bar's part lower than this has no room for its amount


@dataclass(frozen=True)
class Bar:
    """An exercice: amounts in euros, and whether it lies wholly ahead."""

    year: int
    grant: float
    other_funding: float
    net_cost: float
    cost: float
    ahead: bool


def small_chart(bars: Sequence[Bar], names: Mapping[str, str], lang: Lang = "fr") -> str:
    """Return the chart as SVG.

    Parameters
    ----------
    bars : sequence of Bar
    names : mapping
        How each part of a bar is called: grant, other_funding, net_cost.
    lang : {"fr", "en"}
    """
    shown = [m for m in ("grant", "other_funding", "net_cost") if any(getattr(b, m) for b in bars)]
    legend = len(shown) * _LEGEND
    top = max((max(b.cost, b.grant + b.other_funding) for b in bars), default=0) or 1.0
    scale = (HEIGHT - _HEAD - _FOOT - legend) / top
    foot = HEIGHT - _FOOT - legend
    slot = WIDTH / max(len(bars), 1)
    digits: Literal[0, 1] = 0 if top >= _WHOLE else 1
    parts = [_patterns()]
    for i, bar in enumerate(bars):
        parts += _bar(bar, i * slot, slot, foot, scale, digits, lang)
    parts.append(
        f'<line x1="0" y1="{foot:.2f}" x2="{WIDTH}" y2="{foot:.2f}" stroke="{style.INK}" stroke-width="0.6"/>'
    )
    for rank, measure in enumerate(shown):
        y = HEIGHT - legend + rank * _LEGEND + 2.5
        look = style.FILLS[measure]
        parts.append(
            f'<rect x="0.5" y="{y:.2f}" width="9" height="7" fill="{look["face"]}" stroke="{look["edge"]}" '
            'stroke-width="0.6"/>'
        )
        parts.append(_text(13, y + 6.3, names[measure], _SIZE, "start"))
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}pt" height="{HEIGHT}pt" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{style.PRINT_FONT}">\n{body}\n</svg>\n'
    )


def _patterns() -> str:
    """Return the hatchings of what lies ahead, one per fill."""
    found = []
    for measure, look in style.FILLS.items():
        found.append(
            f'<pattern id="{measure}" width="6" height="6" patternUnits="userSpaceOnUse">'
            f'<rect width="6" height="6" fill="{look["face"]}"/>'
            f'<path d="M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2" stroke="{look["hatch"]}" stroke-width="0.7"/>'
            "</pattern>"
        )
    return "<defs>" + "".join(found) + "</defs>"


def _bar(
    bar: Bar, left: float, slot: float, foot: float, scale: float, digits: Literal[0, 1], lang: Lang
) -> Iterator[str]:
    width = min(slot * 0.78, 34.0)
    x, centre = left + (slot - width) / 2, left + slot / 2
    y = foot
    for measure in ("grant", "other_funding", "net_cost"):
        amount = getattr(bar, measure)
        if amount <= 0:
            continue
        height = amount * scale
        y -= height
        look = style.FILLS[measure]
        fill = f"url(#{measure})" if bar.ahead else look["face"]
        yield (
            f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" fill="{fill}" '
            f'stroke="{look["edge"]}" stroke-width="0.7"/>'
        )
        if height >= _LEAST:
            yield from _label(centre, y + height / 2, number(amount / 1000, lang, digits), look, bar.ahead)
    if bar.cost:
        total = number(bar.cost / 1000, lang, digits)
        yield _text(centre, min(y, foot - bar.cost * scale) - 2.6, total, _SIZE, "middle", bold=True)
    yield _text(centre, foot + 8.6, str(bar.year), _SIZE, "middle")


def _label(x: float, y: float, words: str, look: dict[str, str], hatched: bool) -> Iterator[str]:
    """Write an amount on a bar; on hatching, in ink on a white plate."""
    if hatched:
        half = len(words) * 2.1 + 3.4
        yield (
            f'<rect x="{x - half:.2f}" y="{y - 5:.2f}" width="{2 * half:.2f}" height="10" '
            f'fill="{style.WHITE}"/>'
        )
    yield _text(x, y + 2.5, words, _SMALL, "middle", colour=style.INK if hatched else look["text"])


def _text(
    x: float, y: float, words: str, size: float, anchor: str, *, bold: bool = False, colour: str = style.INK
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"{weight}>'
        f"{escape(words, quote=False)}</text>"
    )
