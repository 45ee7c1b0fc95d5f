"""The parts of a slide: title, points, table of figures, native chart, notes; each with its text alternative."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conseiller import style
from conseiller.brief import office
from conseiller.brief.facts import Row, Table
from conseiller.messages import Lang, tr
from conseiller.text import joined

KEY = "brief.office.slides."
#: Size of the page, and where its contents begin [inches].
WIDE, HIGH = 13.333, 7.5
TOP = 1.55
#: Smallest words of a slide, stamp and page number left out [points].
SMALL = 16
_BODY, _STAMP = 18, 10
_MARGIN = 0.6


def blank_deck() -> Any:
    """Return an empty 16:9 presentation."""
    import pptx
    from pptx.util import Inches

    presentation = pptx.Presentation()
    office.widen(presentation, Inches(WIDE), Inches(HIGH))
    return presentation


@dataclass(frozen=True)
class Deck:
    """Writes slides at the end of a presentation; lengths are shares of a 13.333 × 7.5 inch page.

    Parameters
    ----------
    presentation : pptx.presentation.Presentation
    lang : {"fr", "en"}
    templated : bool
        Whether the presentation is the authority's own: its places and its type are kept.
    footer : str
        At the foot of each slide.
    stamp : str
        At the end of the notes of each slide.
    """

    presentation: Any
    lang: Lang
    templated: bool
    footer: str
    stamp: str

    def tr(self, key: str, **values: object) -> str:
        """Return a text of the slides."""
        return tr(KEY + key, self.lang, **values)

    @property
    def number_format(self) -> str:
        """How the figures of a chart are written."""
        return self.tr("number_format")

    def slide(self, title: str) -> Any:
        """Add a slide with its title, stamp and number."""
        from pptx.enum.text import MSO_ANCHOR

        slide = self.presentation.slides.add_slide(_layout(self.presentation))
        shape = slide.shapes.title
        if shape is None:
            shape = slide.shapes.add_textbox(
                self._x(_MARGIN), self._y(0.35), self._x(WIDE - 2 * _MARGIN), self._y(1.1)
            )
        for other in list(slide.placeholders):
            if other.placeholder_format.idx and other.shape_id != shape.shape_id:
                other._element.getparent().remove(other._element)
        shape.text_frame.text = title
        if not self.templated:
            shape.left, shape.top = self._x(_MARGIN), self._y(0.3)
            shape.width, shape.height = self._x(WIDE - 2 * _MARGIN), self._y(1.0)
            shape.text_frame.word_wrap, shape.text_frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
            self._dress(shape.text_frame, 28, bold=True)
        self._foot(slide)
        return slide

    def _foot(self, slide: Any) -> None:
        """Write the stamp and the number of the slide, in the layout's own places where it has them."""
        from pptx.util import Pt

        def fill(shape: Any, kind: str) -> None:
            if kind == "ftr":
                shape.text_frame.text = self.footer
                if not self.templated:
                    shape.left, shape.top = self._x(_MARGIN), self._y(7.02)
                    shape.width, shape.height = self._x(11.2), self._y(0.36)
                    self._dress(shape.text_frame, _STAMP, colour=style.GREY, left=True)
            elif not self.templated:
                shape.left, shape.top, shape.width, shape.height = (
                    self._x(11.9),
                    self._y(7.02),
                    self._x(0.85),
                    self._y(0.36),
                )
            for run in (r for p in shape.text_frame.paragraphs for r in p.runs):
                run.font.size = Pt(_STAMP)

        found = office.copy_placeholders(slide, ("ftr", "sldNum"), fill)
        if "ftr" not in found:
            box = slide.shapes.add_textbox(self._x(_MARGIN), self._y(7.02), self._x(11.2), self._y(0.36))
            box.text_frame.text = self.footer
            self._dress(box.text_frame, _STAMP, colour=style.GREY, left=True)

    def subtitle(self, slide: Any, words: str) -> None:
        """Write unit and section under the title."""
        box = slide.shapes.add_textbox(
            self._x(_MARGIN), self._y(1.22), self._x(WIDE - 2 * _MARGIN), self._y(0.4)
        )
        box.text_frame.word_wrap = True
        box.text_frame.text = words
        self._dress(box.text_frame, SMALL, colour=style.GREY)

    def bullets(self, slide: Any, lines: Sequence[str], top: float, size: int = _BODY) -> None:
        """Write a few points, one paragraph each."""
        from pptx.util import Pt

        box = slide.shapes.add_textbox(
            self._x(_MARGIN), self._y(top), self._x(WIDE - 2 * _MARGIN), self._y(HIGH - 0.6 - top)
        )
        frame = box.text_frame
        frame.word_wrap = True
        frame.text = lines[0]
        for line in lines[1:]:
            frame.add_paragraph().text = line
        for paragraph in frame.paragraphs:
            paragraph.space_after = Pt(8)
        self._dress(frame, size)

    def figures(self, slide: Any, told: Table, rows: Sequence[Row], top: float, size: int) -> float:
        """Write a table of the facts, with its header row and its text alternative; return where it ends."""
        from pptx.enum.text import MSO_ANCHOR
        from pptx.util import Pt

        heads = [told.head, *told.columns]
        texts = [[row.label, *(f.text(self.lang) if f else "" for f in row.figures)] for row in rows]
        width = WIDE - 2 * _MARGIN
        amount = min(2.1, (width - 2.6) / (len(heads) - 1))
        widths = [width - amount * (len(heads) - 1)] + [amount] * (len(heads) - 1)
        heights = [_row_height(line, widths, size) for line in (heads, *texts)]
        shape = slide.shapes.add_table(
            len(texts) + 1, len(heads), self._x(_MARGIN), self._y(top), self._x(width), self._y(sum(heights))
        )
        table = shape.table
        table.first_row, table.horz_banding = True, False
        for column, wide in zip(table.columns, widths, strict=True):
            column.width = self._x(wide)
        for r, line in enumerate([heads, *texts]):
            table.rows[r].height = self._y(heights[r])
            strong = (
                r == 0
                or rows[r - 1].kind == "result"
                or (told.key == "choices" and rows[r - 1].kind == "total")
            )
            fill = style.HEAD_FILL if r == 0 else style.WASH if strong else style.WHITE
            for c, text in enumerate(line):
                cell = table.cell(r, c)
                cell.text, cell.vertical_anchor = text, MSO_ANCHOR.MIDDLE
                cell.margin_top = cell.margin_bottom = Pt(2)
                cell.margin_left = cell.margin_right = Pt(5)
                cell.fill.solid()
                cell.fill.fore_color.rgb = office.slide_colour(fill)
                self._dress(cell.text_frame, size, bold=strong, left=c == 0)
        office.describe_shape(shape, self.tr("table_alt", title=told.title, rows=self._described(told, rows)))
        return top + sum(heights)

    def _described(self, told: Table, rows: Sequence[Row]) -> str:
        """Return the rows of a table in words."""
        rows_told = (
            self.tr(
                "table_row",
                label=row.label,
                items=", ".join(
                    self.tr("table_item", value=f.text(self.lang), column=h)
                    for f, h in zip(row.figures, told.columns, strict=True)
                    if f
                ),
            )
            for row in rows
        )
        return joined(rows_told, self.lang)

    def chart(self, slide: Any, kind: Any, data: Any, top: float, height: float, words: str) -> Any:
        """Add a native chart with its text alternative."""
        from pptx.enum.chart import XL_LEGEND_POSITION
        from pptx.util import Pt

        frame = slide.shapes.add_chart(
            kind, self._x(_MARGIN), self._y(top), self._x(WIDE - 2 * _MARGIN), self._y(height), data
        )
        office.describe_shape(frame, words)
        chart = frame.chart
        office.set_chart_language(chart, self.lang)
        chart.font.size = Pt(SMALL)
        if not self.templated:
            chart.font.name = style.SHEET_FONT
        chart.has_title = False
        chart.has_legend = True
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
        axis = chart.value_axis
        axis.tick_labels.number_format = self.number_format
        axis.tick_labels.number_format_is_linked = False
        _line(axis.major_gridlines.format, style.GRID)
        _line(axis.format, style.WHITE)
        _line(chart.category_axis.format, style.RULE)
        return chart

    def paint(self, series: Any, measure: str) -> None:
        """Fill a series as everywhere else, with its dark outline."""
        from pptx.util import Pt

        fill = style.FILLS[measure]
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = office.slide_colour(fill["face"])
        _line(series.format, fill["edge"])
        series.format.line.width = Pt(1)
        series.invert_if_negative = False

    def notes(self, slide: Any, lines: Sequence[str]) -> None:
        """Write the sources in the notes, then set the language of the slide."""
        text = "\n".join([self.tr("sources"), *lines, self.stamp])
        slide.notes_slide.notes_text_frame.text = text
        office.typeset_slide(slide)
        office.set_slide_language(slide, self.lang)

    def _dress(
        self, frame: Any, size: float, bold: bool = False, colour: str = style.INK, left: bool = True
    ) -> None:
        """Set size, weight, colour and side of the words of a frame."""
        from pptx.enum.text import PP_ALIGN
        from pptx.util import Pt

        for paragraph in frame.paragraphs:
            paragraph.alignment = PP_ALIGN.LEFT if left else PP_ALIGN.RIGHT
            for run in paragraph.runs:
                run.font.size, run.font.bold = Pt(size), bold
                run.font.color.rgb = office.slide_colour(colour)
                if not self.templated:
                    run.font.name = style.SHEET_FONT

    def _x(self, inches: float) -> int:
        """Return a width or a place across [EMU]."""
        across: int = self.presentation.slide_width
        return round(inches / WIDE * across)

    def _y(self, inches: float) -> int:
        """Return a height or a place down [EMU]."""
        down: int = self.presentation.slide_height
        return round(inches / HIGH * down)


def _line(shape: Any, colour: str) -> None:
    """Set the colour of a line."""
    shape.line.color.rgb = office.slide_colour(colour)


def _row_height(texts: Sequence[str], widths: Sequence[float], size: int) -> float:
    """Return the height of a row whose words may need several lines [inches]."""
    letters = [(w - 0.14) * 72 / (0.52 * size) for w in widths]
    lines = max(1, *(math.ceil(len(text) / room) for text, room in zip(texts, letters, strict=True)))
    return 0.1 + lines * size * 1.2 / 72


def _layout(presentation: Any) -> Any:
    """Return the layout with a title and the fewest other places to fill."""

    def others(layout: Any) -> tuple[bool, int]:
        kinds = [s._element.xpath(".//p:nvPr/p:ph/@type") for s in layout.placeholders]
        named = [k[0] if k else "obj" for k in kinds]
        return "title" not in named, sum(k not in {"title", "dt", "ftr", "sldNum"} for k in named)

    return min(presentation.slide_layouts, key=others)
