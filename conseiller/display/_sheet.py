"""A title, sentences and grids ready to be shown: everything in them is words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from conseiller.messages import Lang

if TYPE_CHECKING:
    pass


_LINE = "1px solid rgba(128,128,128,.55)"
_FAINT = "1px solid rgba(128,128,128,.25)"
FONT = "font-family:system-ui,sans-serif;font-size:13px;line-height:1.4;color:inherit"


@dataclass(frozen=True)
class Cell:
    """One cell: its words, where they stand, and a link."""

    text: str
    right: bool = False
    link: str = ""
    bold: bool = False


@dataclass(frozen=True)
class Grid:
    """A table ready to be shown: everything in it is words.

    Parameters
    ----------
    heads : sequence of Cell
        Headers of the columns.
    rows : sequence of sequences of Cell
    stubs : int
        Leading cells of each row that name it.
    foot : sequence of Cell
        Row of totals, empty when there is none.
    title, notes : str and sequence of str
        Words above and below.
    folded : bool
        In HTML, shown only when opened.
    """

    heads: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]
    stubs: int = 1
    foot: Sequence[Cell] = ()
    title: str = ""
    notes: Sequence[str] = ()
    folded: bool = False

    def html(self) -> str:
        """Return the table as HTML with inline style."""
        parts = ['<table style="border-collapse:collapse;margin:.3em 0;color:inherit">']
        if self.title and not self.folded:
            parts.append(
                '<caption style="caption-side:top;text-align:left;color:inherit;font-weight:600">'
                f"{escape(self.title)}</caption>"
            )
        heads = "".join(
            _html_cell(c, "th", "col", f"border-bottom:{_LINE};font-weight:600") for c in self.heads
        )
        parts.append(f"<thead><tr>{heads}</tr></thead><tbody>")
        parts += [f"<tr>{self._html_row(row, f'border-bottom:{_FAINT}')}</tr>" for row in self.rows]
        parts.append("</tbody>")
        if self.foot:
            parts.append(
                f"<tfoot><tr>{self._html_row(self.foot, f'border-top:{_LINE};font-weight:600')}</tr></tfoot>"
            )
        parts.append("</table>")
        parts += [f'<div style="opacity:.85">{escape(note)}</div>' for note in self.notes]
        if self.folded:
            return f"<details><summary>{escape(self.title)}</summary>{''.join(parts)}</details>"
        return "".join(parts)

    def _html_row(self, row: Sequence[Cell], look: str) -> str:
        return "".join(
            _html_cell(c, "th" if i < self.stubs else "td", "row" if i < self.stubs else "", look)
            for i, c in enumerate(row)
        )

    def text(self) -> str:
        """Return the table as lines of a terminal."""
        table = [self.heads, *self.rows, *([self.foot] if self.foot else [])]
        widths = [max(len(row[i].text) for row in table) for i in range(len(self.heads))]

        def line(row: Sequence[Cell]) -> str:
            cells = (
                c.text.rjust(w) if c.right else c.text.ljust(w) for c, w in zip(row, widths, strict=True)
            )
            return "  ".join(cells).rstrip()

        rule = "  ".join("─" * w for w in widths)
        out = [self.title] if self.title else []
        out += [line(self.heads), rule, *(line(row) for row in self.rows)]
        out += [rule, line(self.foot)] if self.foot else []
        return "\n".join([*out, *self.notes])

    def markdown(self) -> str:
        """Return the table in Markdown."""

        def line(cells: Iterable[str]) -> str:
            return f"| {' | '.join(cells)} |"

        out = [f"**{md(self.title)}**", ""] if self.title else []
        out += [line(md(c.text) for c in self.heads), line("--:" if c.right else ":--" for c in self.heads)]
        for row in self.rows:
            out.append(line(_md_cell(c) for c in row))
        if self.foot:
            out.append(line(f"**{md(c.text)}**" if c.text else "" for c in self.foot))
        return "\n".join([*out, *(["", *(md(n) for n in self.notes)] if self.notes else [])])


def _html_cell(cell: Cell, tag: str, scope: str, look: str) -> str:
    side = "right" if cell.right else "left"
    wrap = "white-space:nowrap" if cell.right or len(cell.text) < 24 else "max-width:34em"
    if tag == "th" and scope == "col":
        wrap = "white-space:normal;vertical-align:bottom"
    style = f"text-align:{side};padding:.2em .7em;vertical-align:top;{wrap};color:inherit;{look}"
    if tag == "th" and scope == "row" and "font-weight" not in look:
        style += ";font-weight:400"
    if cell.bold:
        style += ";font-weight:600"
    text = escape(cell.text)
    if cell.link.startswith("https://"):
        text = f'<a href="{escape(cell.link)}">{text}</a>'
    return f'<{tag}{f" scope={chr(34)}{scope}{chr(34)}" if scope else ""} style="{style}">{text}</{tag}>'


def _md_cell(cell: Cell) -> str:
    if cell.link:
        return f"[{md(cell.text)}]({cell.link})"
    return f"**{md(cell.text)}**" if cell.bold and cell.text else md(cell.text)


def md(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*").replace("\n", " ")


@dataclass(frozen=True)
class Sheet:
    """A title, sentences and grids: what is shown of one object."""

    title: str = ""
    lead: Sequence[str] = ()
    grids: Sequence[Grid] = ()
    notes: Sequence[str] = ()
    bullets: Sequence[str] = ()

    def html(self, lang: Lang) -> str:
        """Return the sheet as one HTML block."""
        parts = [f'<div lang="{lang}" style="{FONT};overflow-x:auto">']
        if self.title:
            parts.append(f'<div style="font-size:115%;font-weight:600">{escape(self.title)}</div>')
        parts += [f"<div>{escape(said)}</div>" for said in self.lead]
        parts += [grid.html() for grid in self.grids]
        if self.bullets:
            parts.append(f"<ul>{''.join(f'<li>{escape(said)}</li>' for said in self.bullets)}</ul>")
        parts += [f'<div style="opacity:.85">{escape(note)}</div>' for note in self.notes]
        return "".join([*parts, "</div>"])

    def text(self) -> str:
        """Return the sheet as plain text."""
        parts = ["\n".join(filter(None, [self.title, *self.lead])), *(g.text() for g in self.grids)]
        parts.append("\n".join(f"- {said}" for said in self.bullets))
        return "\n\n".join(filter(None, [*parts, "\n".join(self.notes)]))

    def markdown(self) -> str:
        """Return the sheet in Markdown."""
        parts = [f"### {md(self.title)}" if self.title else "", *(md(s) for s in self.lead)]
        parts += [g.markdown() for g in self.grids]
        parts += ["\n".join(f"- {md(said)}" for said in self.bullets), *(md(n) for n in self.notes)]
        return "\n\n".join(filter(None, parts))


@dataclass(frozen=True)
class Shown:
    """What `show` returns: a notebook shows its HTML, a terminal its text."""

    html: str = field(repr=False)
    text: str = field(repr=False)
    markdown: str = field(repr=False)

    def __repr__(self) -> str:
        return self.text

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html

    def _repr_markdown_(self) -> str:
        return self.markdown
