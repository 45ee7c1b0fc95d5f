"""Horizontal bars in rows: a name at the left, the amount at the end of the bar, a note at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conseiller import style
from conseiller.charts import _layout
from conseiller.charts._facts import Amount

_GAP = 0.08
_LEFT_MAX = 2.3
_NOTE_MAX = 2.1
_BAR = 0.24
_PAD = 0.13


@dataclass(frozen=True)
class Row:
    """One bar; without an amount, a heading.

    Parameters
    ----------
    name : str
    detail : str
        Second line under the name, in grey.
    amount : Amount or None
    label : str
        The amount in words, written at the end of the bar.
    fill : str
        Name of a fill of `conseiller.style.FILLS`.
    note : str
        What the column at the right says of it.
    strong : bool
        Whether the note marks a change.
    """

    name: str
    detail: str = ""
    amount: Amount | None = None
    label: str = ""
    fill: str = "net_cost"
    note: str = ""
    strong: bool = False


@dataclass(frozen=True)
class _Set:
    """A row with its words wrapped and its place."""

    row: Row
    name: str
    detail: str
    note: str
    height: float

    @classmethod
    def of(cls, row: Row, left: float, note: float) -> _Set:
        if row.amount is None:
            return cls(row, row.name, "", "", _BAR + _PAD)
        name = _layout.wrap(row.name, style.LABEL_SIZE, left, bold=True)
        detail = _layout.wrap(row.detail, style.SMALL_SIZE, left) if row.detail else ""
        words = _layout.wrap(row.note, style.LABEL_SIZE, note, bold=row.strong) if row.note else ""
        at_left = _layout.text_height(name, style.LABEL_SIZE)
        at_left += _layout.text_height(detail, style.SMALL_SIZE) if detail else 0.0
        tall = max(at_left, _layout.text_height(words, style.LABEL_SIZE) if words else 0.0, _BAR)
        return cls(row, name, detail, words, tall + _PAD)


def draw(words: _layout.Words, rows: Sequence[Row], column: str = "") -> _layout.Page:
    """Draw rows from the top down on one scale, zero at the same place for all.

    Parameters
    ----------
    words : Words
    rows : sequence of Row
    column : str
        Heading of the column of notes; it stands beside the first row, a heading too.
    """
    if not rows:
        return _layout.Page(words, 0.05)
    bars = [r for r in rows if r.amount is not None]
    noted = any(r.note for r in rows)
    named = [_layout.text_width(r.name, style.LABEL_SIZE, bold=True) for r in bars]
    named += [_layout.text_width(r.detail, style.SMALL_SIZE) for r in bars if r.detail]
    left = min(_LEFT_MAX, max(named, default=0.0) + 0.05)
    note = 0.0
    if noted:
        wide = [_layout.text_width(r.note, style.LABEL_SIZE, bold=r.strong) for r in rows if r.note]
        wide.append(_layout.text_width(column, style.SMALL_SIZE))
        note = min(_NOTE_MAX, max(wide) + 0.05)
    placed = [_Set.of(r, left, note) for r in rows]
    page = _layout.Page(words, sum(p.height for p in placed) + 0.05)
    start = style.MARGIN + left + 0.12
    width = page.width - style.MARGIN - start - (note + 0.2 if noted else 0.0)
    if noted and column:
        x = page.width - style.MARGIN - note
        y = page.body - placed[0].height / 2 + 0.02
        page.text(x, y, column, style.SMALL_SIZE, colour=style.GREY)
    _bars(page, placed, start, width, page.body, note)
    return page


def _bars(
    page: _layout.Page, placed: Sequence[_Set], start: float, width: float, top: float, note: float
) -> None:
    values = [p.row.amount.total if p.row.amount else 0.0 for p in placed]
    high, low = max(*values, 0.0), min(*values, 0.0)
    labels = max(_layout.text_width(p.row.label, style.LABEL_SIZE, bold=True) for p in placed)
    # The longest bar ends where its label still fits; 0 wherever all bars are 0.
    scale = (high - low or 1.0) / (width - labels - 2 * _GAP)
    axes = page.axes(start, 0.05, width, top - 0.05)
    axes.set_xlim(low, low + scale * width)
    axes.set_ylim(0, top - 0.05)
    y = top - 0.05
    spans: list[tuple[float, float]] = []
    for p in placed:
        centre = y - p.height / 2
        y -= p.height
        if p.row.amount is None:
            page.text(style.MARGIN, centre + 0.02, p.name, style.SUBTITLE_SIZE, bold=True)
            spans.append((y, y))
            continue
        spans[-1:] = [(spans[-1][0], y)] if spans else [(y + p.height, y)]
        value = p.row.amount.total
        if value:
            corner, size = (0.0, centre - _BAR / 2), (value, _BAR)
            _layout.bar(axes, p.row.fill, corner, size, p.row.amount.share_ahead, upright=False)
        at = start + (max(value, 0.0) - low) / scale + _GAP
        page.text(at, centre + 0.05, p.row.label, bold=True)
        _left(page, p, centre + 0.05, start)
        if p.note:
            x = page.width - style.MARGIN - note
            page.text(x, centre + 0.05, p.note, bold=p.row.strong)
    for high_end, low_end in spans:
        axes.plot([0, 0], [high_end, low_end], color=style.INK, linewidth=0.9, zorder=5, clip_on=False)


def _left(page: _layout.Page, p: _Set, centre: float, start: float) -> None:
    """Write the name, and the detail under it, centred together on the bar."""
    x = start - 0.1
    if not p.detail:
        page.text(x, centre, p.name, bold=True, across="right")
        return
    name = _layout.text_height(p.name, style.LABEL_SIZE)
    detail = _layout.text_height(p.detail, style.SMALL_SIZE)
    top = centre + (name + detail) / 2
    page.text(x, top - name / 2, p.name, bold=True, across="right")
    page.text(x, top - name - detail / 2, p.detail, style.SMALL_SIZE, colour=style.GREY, across="right")
