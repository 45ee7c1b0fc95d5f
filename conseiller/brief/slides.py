"""The slides for the board: the decision, its figures, and charts that stay editable in PowerPoint.

Three slides, or four where there are choices to compare. Each title is the
finding; each chart is native and has its text alternative; the notes say where the
figures come from.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from conseiller import charts, style
from conseiller.brief import office
from conseiller.brief._act import Act, Kind, act_of, figure
from conseiller.brief.facts import PackFacts, Row, Table, facts
from conseiller.messages import Lang, tr
from conseiller.text import date_long, listing, money0

if TYPE_CHECKING:
    from conseiller.analysis.tracking import Tracking
    from conseiller.projection import Projection

_KEY = "brief.office.slides."
#: Smallest words of a slide, stamp and page number left out [points].
_BODY, _SMALL, _STAMP = 18, 16, 10
_WIDE, _HIGH = 13.333, 7.5  # inches
_MARGIN, _TOP = 0.6, 1.55
_MEASURES = ("cost", "grant", "other_funding", "net_cost")
_STACK = ("grant", "other_funding", "net_cost")
#: Height of a row of one line [inches].
_ROW = 0.37


def write_slides(
    plan: Projection,
    path: str | Path,
    lang: Lang = "fr",
    decision: Kind | Literal["auto"] = "auto",
    template: str | Path | None = None,
    anonymous: bool = True,
    tracking: Tracking | None = None,
) -> Path:
    """Write the slides; the previous file stays whole if anything fails.

    Parameters
    ----------
    plan : Projection
    path : str or Path
    lang : {"fr", "en"}
    decision : {"auto", "budget", "recruit", "renew", "keep_without_state", "stop"}
        As for `conseiller.brief.deliberation.write_deliberation`.
    template : str or Path, optional
        The authority's own .pptx: its master, its size and its slides are kept, these come after.
    anonymous : bool
        Name posts by their codes alone.
    tracking : Tracking, optional
        The same plan against its books: one more slide shows them.

    Returns
    -------
    Path

    Raises
    ------
    InputFaults
        When the template is not a .pptx, or the dossier holds nothing to decide so about.
    conseiller.files.FileInUseError
        When the target is open in another program.
    """
    act = act_of(plan, decision, lang)
    presentation = office.open_template(template, "pptx", lang) if template else _blank()
    told = facts(plan, lang, anonymous, decision, tracking)
    writer = _Writer(presentation, plan, act, told, lang, anonymous, template is not None, tracking)
    writer.write()
    office.set_properties(presentation, tr(_KEY + "title", lang), plan.report_date, lang)
    return office.save(presentation, Path(path), plan.report_date)


def _blank() -> Any:
    """Return an empty 16:9 presentation."""
    import pptx
    from pptx.util import Inches

    presentation = pptx.Presentation()
    office.widen(presentation, Inches(_WIDE), Inches(_HIGH))
    return presentation


@dataclass
class _Writer:
    """Writes the slides at the end of a presentation; lengths are shares of a 13.333 × 7.5 inch page."""

    presentation: Any
    plan: Projection
    act: Act
    facts: PackFacts
    lang: Lang
    anonymous: bool
    templated: bool
    tracking: Tracking | None

    def tr(self, key: str, **values: object) -> str:
        """Return a text of this room."""
        return tr(_KEY + key, self.lang, **values)

    def day(self, day: date) -> str:
        """Return a date in words."""
        return date_long(day, self.lang)

    def money(self, amount: float) -> str:
        """Return whole euros."""
        return money0(amount, self.lang)

    @property
    def posts(self) -> str:
        """The posts of the decision, named as the reader may see them."""
        return self.names(self.act.codes)

    def names(self, codes: Iterable[str]) -> str:
        """Return posts as a list, with their labels where the reader may see them."""
        labels = {p.code: p.label for p in self.plan.dossier.posts}
        key = "brief.office.act.posts_named"
        return listing(
            (
                code
                if self.anonymous or not labels[code]
                else tr(key, self.lang, code=code, label=labels[code])
                for code in codes
            ),
            self.lang,
        )

    def x(self, inches: float) -> int:
        """Return a width or a place across [EMU]."""
        across: int = self.presentation.slide_width
        return round(inches / _WIDE * across)

    def y(self, inches: float) -> int:
        """Return a height or a place down [EMU]."""
        down: int = self.presentation.slide_height
        return round(inches / _HIGH * down)

    def write(self) -> None:
        """Write every slide."""
        self.decision()
        self.exercices()
        self.books()
        self.grant_years()
        self.choices()

    # --- the slides -------------------------------------------------------------------------------

    def decision(self) -> None:
        """Write the decision: two exercices side by side, what falls due."""
        title = tr("brief.decision.asked", self.lang, headline=self.facts.decision.headline)
        slide = self.slide(title)
        below = self.figures(slide, self.facts.two_years, self.facts.two_years.rows, _TOP, _SMALL)
        self.bullets(slide, self.points(), below + 0.15)
        self.notes(slide, [self.facts.answer, self.facts.two_years.note, *self.facts.hypotheses])

    def points(self) -> list[str]:
        """Return what must be said beside the figures, few words each."""
        asked = self.facts.decision
        found = [self.tr("decision.deadline", question=asked.question, day=asked.deadline.text(self.lang))]
        late = [d for d in asked.dates if d.status == "missed"]
        if late:
            days = [self.tr("decision.late_day", day=d.day.text(self.lang), what=d.words) for d in late]
            found.append(self.tr("decision.late", days=" ; ".join(days)))
        last = max((p.funded_until for p in self.act.posts if p.funded_until), default=None)
        if last:
            found.append(self.tr("decision.funded", posts=self.posts, last=self.day(last)))
        return found

    def exercices(self) -> None:
        """Write spending and who pays it, by exercice: native stacked columns, and the same in figures."""
        from pptx.enum.chart import XL_CHART_TYPE

        words = charts.funding_by_exercice(self.plan, self.lang)
        slide = self.slide(words.title)
        sums = self.plan.by("exercice")
        data = office.chart_data([str(y) for y in sums.index], tr(_KEY + "number_format", self.lang))
        shown = [m for m in _STACK if m != "other_funding" or sums[m].any()]
        for measure in shown:
            data.add_series(self.tr(measure), [float(v) for v in sums[measure]])
        told = self.facts.grant_years
        rows = [row for row in told.rows if row.key.rpartition(".")[2] in _MEASURES]
        height = _HIGH - 0.75 - _TOP - _ROW * (len(rows) + 1) - 0.15
        self.subtitle(slide, self.tr("chart_subtitle"))
        chart = self.chart(slide, XL_CHART_TYPE.COLUMN_STACKED, data, _TOP + 0.1, height - 0.1, words.alt)
        for series, measure in zip(chart.plots[0].series, shown, strict=True):
            self.paint(series, measure)
        chart.plots[0].overlap, chart.plots[0].gap_width = 100, 60
        self.figures(slide, told, rows, _TOP + height + 0.05, _SMALL)
        self.notes(slide, [words.source, told.note, words.alt])

    def books(self) -> None:
        """Write plan against books, where there are books of the year in course: native columns, and the figures."""
        from pptx.enum.chart import XL_CHART_TYPE

        told = next((table for table in self.facts.books if table.key == "tracked"), None)
        words = charts.plan_and_books(self.tracking, self.lang) if self.tracking and told else None
        if self.tracking is None or told is None or words is None:
            return
        said = {f.key: float(str(f.value)) for f in told.figures}
        ends, gap = said["tracked.net.landing"], said["tracked.net.variance"]
        over = not any(said[f"tracked.{m}.left"] for m in ("cost", "funding"))
        slide = self.slide(charts.landing_title(self.facts.years[0], ends, gap, over, self.lang))
        self.subtitle(slide, self.tr("books_subtitle", year=self.facts.years[0]))
        net = self.tracking.landing().xs("net", level="measure").loc[: self.facts.years[0]]
        data = office.chart_data([str(y) for y in net.index], tr(_KEY + "number_format", self.lang))
        for name in ("plan", "landing"):
            data.add_series(self.tr(f"books_{name}"), [float(v) for v in net[name]])
        height = _HIGH - 0.75 - _TOP - _ROW * (len(told.rows) + 1) - 0.15
        kind = XL_CHART_TYPE.COLUMN_CLUSTERED
        chart = self.chart(slide, kind, data, _TOP + 0.1, height - 0.1, words.alt)
        for series, fill in zip(chart.plots[0].series, (style.PLAN_FILL, "net_cost"), strict=True):
            self.paint(series, fill)
        chart.plots[0].overlap, chart.plots[0].gap_width = 0, 60
        self.figures(slide, told, told.rows, _TOP + height + 0.05, _SMALL)
        self.notes(slide, [self.facts.booked, words.source, told.note, words.alt])

    def grant_years(self) -> None:
        """Write the reste à charge by grant year, then by exercice outside the grant: native bars."""
        from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION
        from pptx.util import Pt

        words = charts.grant_years(self.plan, self.lang)
        slide = self.slide(words.title)
        self.subtitle(slide, self.tr("grant_years_subtitle"))
        bars = net_by_grant_year(self.plan, self.lang)
        data = office.chart_data([name for name, _ in bars], tr(_KEY + "number_format", self.lang))
        data.add_series(self.tr("net_cost"), [amount for _, amount in bars])
        chart = self.chart(
            slide, XL_CHART_TYPE.BAR_CLUSTERED, data, _TOP + 0.1, _HIGH - 0.85 - _TOP, words.alt
        )
        chart.has_legend = False
        chart.category_axis.reverse_order = True
        chart.value_axis.visible = False
        chart.value_axis.has_major_gridlines = False
        size = Pt(_SMALL if len(bars) <= 12 else 12)
        chart.category_axis.tick_labels.font.size = size
        plot = chart.plots[0]
        plot.gap_width, plot.has_data_labels = 40, True
        labels = plot.data_labels
        labels.number_format, labels.number_format_is_linked = tr(_KEY + "number_format", self.lang), False
        labels.position, labels.font.size, labels.show_value = XL_LABEL_POSITION.OUTSIDE_END, size, True
        self.paint(plot.series[0], "net_cost")
        self.notes(slide, [words.source, words.alt])

    def choices(self) -> None:
        """Write the price of each way out, where the dossier leaves one."""
        told = self.facts.choices
        if not told.rows:
            return
        found = {f.key: f for f in told.figures}
        keeping = {"choices.full", "choices.half"}  # the case as it stands may keep nothing
        planned = [row.key for row in told.rows if row.kind == "total" and row.key in keeping]
        span = "total" if "choices.stop.total" in found else "next"
        exposed = found.get("choices.stop.exposure_total")
        key = "choices.title_exposed" if exposed and exposed.value else "choices.title"
        title = self.tr(
            key,
            span=told.columns[1 if span == "total" else 0],
            keep=found[f"{planned[0] if planned else 'choices.full'}.{span}"].text(self.lang),
            stop=found[f"choices.stop.{span}"].text(self.lang),
            are=exposed.text(self.lang) if exposed else "",
        )
        slide = self.slide(title)
        below = self.figures(slide, told, told.rows, _TOP, _SMALL)
        if told.note:
            self.bullets(slide, [told.note], below + 0.25, _SMALL)
        self.notes(slide, [told.note, *self.facts.risks, *self.facts.sources])

    # --- parts ------------------------------------------------------------------------------------

    def slide(self, title: str) -> Any:
        """Add a slide with its title, stamp and number."""
        from pptx.enum.text import MSO_ANCHOR

        slide = self.presentation.slides.add_slide(_layout(self.presentation))
        shape = slide.shapes.title
        if shape is None:
            shape = slide.shapes.add_textbox(
                self.x(_MARGIN), self.y(0.35), self.x(_WIDE - 2 * _MARGIN), self.y(1.1)
            )
        for other in list(slide.placeholders):
            if other.placeholder_format.idx and other.shape_id != shape.shape_id:
                other._element.getparent().remove(other._element)
        shape.text_frame.text = title
        if not self.templated:
            shape.left, shape.top = self.x(_MARGIN), self.y(0.3)
            shape.width, shape.height = self.x(_WIDE - 2 * _MARGIN), self.y(1.0)
            shape.text_frame.word_wrap, shape.text_frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
            self.dress(shape.text_frame, 28, bold=True)
        self.foot(slide)
        return slide

    def foot(self, slide: Any) -> None:
        """Write the stamp and the number of the slide, in the layout's own places where it has them."""
        from pptx.util import Pt

        words = self.tr(
            "footer", authority=self.plan.dossier.authority.name, stamp=self.facts.stamp.text(self.lang)
        )

        def fill(shape: Any, kind: str) -> None:
            if kind == "ftr":
                shape.text_frame.text = words
                if not self.templated:
                    shape.left, shape.top = self.x(_MARGIN), self.y(7.02)
                    shape.width, shape.height = self.x(11.2), self.y(0.36)
                    self.dress(shape.text_frame, _STAMP, colour=style.GREY, left=True)
            elif not self.templated:
                shape.left, shape.top, shape.width, shape.height = (
                    self.x(11.9),
                    self.y(7.02),
                    self.x(0.85),
                    self.y(0.36),
                )
            for run in (r for p in shape.text_frame.paragraphs for r in p.runs):
                run.font.size = Pt(_STAMP)

        found = office.copy_placeholders(slide, ("ftr", "sldNum"), fill)
        if "ftr" not in found:
            box = slide.shapes.add_textbox(self.x(_MARGIN), self.y(7.02), self.x(11.2), self.y(0.36))
            box.text_frame.text = words
            self.dress(box.text_frame, _STAMP, colour=style.GREY, left=True)

    def dress(
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

    def subtitle(self, slide: Any, words: str) -> None:
        """Write unit and section under the title."""
        box = slide.shapes.add_textbox(
            self.x(_MARGIN), self.y(1.22), self.x(_WIDE - 2 * _MARGIN), self.y(0.4)
        )
        box.text_frame.word_wrap = True
        box.text_frame.text = words
        self.dress(box.text_frame, _SMALL, colour=style.GREY)

    def bullets(self, slide: Any, lines: Sequence[str], top: float, size: int = _BODY) -> None:
        """Write a few points, one paragraph each."""
        from pptx.util import Pt

        box = slide.shapes.add_textbox(
            self.x(_MARGIN), self.y(top), self.x(_WIDE - 2 * _MARGIN), self.y(_HIGH - 0.6 - top)
        )
        frame = box.text_frame
        frame.word_wrap = True
        frame.text = lines[0]
        for line in lines[1:]:
            frame.add_paragraph().text = line
        for paragraph in frame.paragraphs:
            paragraph.space_after = Pt(8)
        self.dress(frame, size)

    def figures(self, slide: Any, told: Table, rows: Sequence[Row], top: float, size: int) -> float:
        """Write a table of the facts, with its header row and its text alternative; return where it ends."""
        from pptx.enum.text import MSO_ANCHOR
        from pptx.util import Pt

        heads = [told.head, *told.columns]
        texts = [[row.label, *(f.text(self.lang) if f else "" for f in row.figures)] for row in rows]
        width = _WIDE - 2 * _MARGIN
        amount = min(2.1, (width - 2.6) / (len(heads) - 1))
        widths = [width - amount * (len(heads) - 1)] + [amount] * (len(heads) - 1)
        heights = [_row_height(line, widths, size) for line in (heads, *texts)]
        shape = slide.shapes.add_table(
            len(texts) + 1, len(heads), self.x(_MARGIN), self.y(top), self.x(width), self.y(sum(heights))
        )
        table = shape.table
        table.first_row, table.horz_banding = True, False
        for column, wide in zip(table.columns, widths, strict=True):
            column.width = self.x(wide)
        for r, line in enumerate([heads, *texts]):
            table.rows[r].height = self.y(heights[r])
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
                self.dress(cell.text_frame, size, bold=strong, left=c == 0)
        described = "; ".join(
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
        office.describe_shape(shape, self.tr("table_alt", title=told.title, rows=described))
        return top + sum(heights)

    def chart(self, slide: Any, kind: Any, data: Any, top: float, height: float, words: str) -> Any:
        """Add a native chart with its text alternative."""
        from pptx.enum.chart import XL_LEGEND_POSITION
        from pptx.util import Pt

        frame = slide.shapes.add_chart(
            kind, self.x(_MARGIN), self.y(top), self.x(_WIDE - 2 * _MARGIN), self.y(height), data
        )
        office.describe_shape(frame, words)
        chart = frame.chart
        office.set_chart_language(chart, self.lang)
        chart.font.size = Pt(_SMALL)
        if not self.templated:
            chart.font.name = style.SHEET_FONT
        chart.has_title = False
        chart.has_legend = True
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
        axis = chart.value_axis
        axis.tick_labels.number_format = tr(_KEY + "number_format", self.lang)
        axis.tick_labels.number_format_is_linked = False
        self.line(axis.major_gridlines.format, style.GRID)
        self.line(axis.format, style.WHITE)
        self.line(chart.category_axis.format, style.RULE)
        return chart

    @staticmethod
    def line(shape: Any, colour: str) -> None:
        """Set the colour of a line."""
        shape.line.color.rgb = office.slide_colour(colour)

    def paint(self, series: Any, measure: str) -> None:
        """Fill a series as everywhere else, with its dark outline."""
        from pptx.util import Pt

        fill = style.FILLS[measure]
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = office.slide_colour(fill["face"])
        self.line(series.format, fill["edge"])
        series.format.line.width = Pt(1)
        series.invert_if_negative = False

    def notes(self, slide: Any, lines: Sequence[str]) -> None:
        """Write the sources in the notes, then set the language of the slide."""
        text = "\n".join([self.tr("sources"), *lines, self.facts.stamp.text(self.lang)])
        slide.notes_slide.notes_text_frame.text = text
        office.typeset_slide(slide)
        office.set_slide_language(slide, self.lang)


def _row_height(texts: Sequence[str], widths: Sequence[float], size: int) -> float:
    """Return the height of a row whose words may need several lines [inches]."""
    letters = [(w - 0.14) * 72 / (0.52 * size) for w in widths]
    lines = max(1, *(math.ceil(len(text) / room) for text, room in zip(texts, letters, strict=True)))
    return 0.1 + lines * size * 1.2 / 72


def net_by_grant_year(plan: Projection, lang: Lang) -> list[tuple[str, float]]:
    """Return the reste à charge by grant year in time order, then by exercice outside the grant [euros]."""
    inside = plan.by("grant_year")["net_cost"]
    ranks = {y.label: (y.code, y.rank) for years in plan.grant_years for y in years}
    monthly = plan.by("grant_year", "month")
    first = monthly.reset_index().groupby("grant_year")["month"].min()
    ordered = sorted((label for label in inside.index if label), key=lambda n: (first[n], n))
    bars = [
        (
            tr("charts.grant_years.label", lang, code=ranks[n][0], rank=ranks[n][1]),
            float(inside[n]),
        )
        for n in ordered
    ]
    both = plan.by("grant_year", "exercice")
    for label, year in both.index:
        cost, net = (figure(both, (label, year), m) for m in ("cost", "net_cost"))
        if not label and (cost or net):
            bars.append((tr("charts.grant_years.outside", lang, year=year), net))
    return bars


def _layout(presentation: Any) -> Any:
    """Return the layout with a title and the fewest other places to fill."""

    def others(layout: Any) -> tuple[bool, int]:
        kinds = [s._element.xpath(".//p:nvPr/p:ph/@type") for s in layout.placeholders]
        named = [k[0] if k else "obj" for k in kinds]
        return "title" not in named, sum(k not in {"title", "dt", "ftr", "sldNum"} for k in named)

    return min(presentation.slide_layouts, key=others)
