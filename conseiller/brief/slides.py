"""The slides for the board: the decision, its figures, and charts that stay editable in PowerPoint.

Three slides, or four where there are choices to compare. Each title is the
finding; each chart is native and has its text alternative; the notes say where the
figures come from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from conseiller import charts, style
from conseiller.brief import office
from conseiller.brief._deck import HIGH, KEY, SMALL, TOP, Deck, blank_deck
from conseiller.brief.act.choice import act_of
from conseiller.brief.act.financing import figure
from conseiller.brief.act.records import Act, Kind
from conseiller.brief.facts import PackFacts, facts
from conseiller.messages import Lang, tr
from conseiller.text import date_long, joined, listing, money0

if TYPE_CHECKING:
    from conseiller.analysis.tracking import Tracking
    from conseiller.projection import Projection

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
    presentation = office.open_template(template, "pptx", lang) if template else blank_deck()
    told = facts(plan, lang, anonymous, decision, tracking)
    stamp = told.stamp.text(lang)
    footer = tr(KEY + "footer", lang, authority=plan.dossier.authority.name, stamp=stamp)
    deck = Deck(presentation, lang, template is not None, footer, stamp)
    _Writer(deck, plan, act, told, lang, anonymous, tracking).write()
    office.set_properties(presentation, tr(KEY + "title", lang), plan.report_date, lang)
    return office.save(presentation, Path(path), plan.report_date)


@dataclass
class _Writer:
    """Writes the slides, one after another."""

    deck: Deck
    plan: Projection
    act: Act
    facts: PackFacts
    lang: Lang
    anonymous: bool
    tracking: Tracking | None

    def tr(self, key: str, **values: object) -> str:
        """Return a text of this room."""
        return tr(KEY + key, self.lang, **values)

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
        slide = self.deck.slide(title)
        below = self.deck.figures(slide, self.facts.two_years, self.facts.two_years.rows, TOP, SMALL)
        self.deck.bullets(slide, self.points(), below + 0.15)
        self.deck.notes(slide, [self.facts.answer, self.facts.two_years.note, *self.facts.hypotheses])

    def points(self) -> list[str]:
        """Return what must be said beside the figures, few words each."""
        asked = self.facts.decision
        found = [self.tr("decision.deadline", question=asked.question, day=asked.deadline.text(self.lang))]
        late = [d for d in asked.dates if d.status == "missed"]
        if late:
            days = [self.tr("decision.late_day", day=d.day.text(self.lang), what=d.words) for d in late]
            found.append(self.tr("decision.late", days=joined(days, self.lang)))
        last = max((p.funded_until for p in self.act.posts if p.funded_until), default=None)
        if last:
            found.append(self.tr("decision.funded", posts=self.posts, last=self.day(last)))
        return found

    def exercices(self) -> None:
        """Write spending and who pays it, by exercice: native stacked columns, and the same in figures."""
        from pptx.enum.chart import XL_CHART_TYPE

        words = charts.funding_by_exercice(self.plan, self.lang)
        slide = self.deck.slide(words.title)
        sums = self.plan.by("exercice")
        data = office.chart_data([str(y) for y in sums.index], self.deck.number_format)
        shown = [m for m in _STACK if m != "other_funding" or sums[m].any()]
        for measure in shown:
            data.add_series(self.tr(measure), [float(v) for v in sums[measure]])
        told = self.facts.grant_years
        rows = [row for row in told.rows if row.key.rpartition(".")[2] in _MEASURES]
        height = HIGH - 0.75 - TOP - _ROW * (len(rows) + 1) - 0.15
        self.deck.subtitle(slide, self.tr("chart_subtitle"))
        chart = self.deck.chart(slide, XL_CHART_TYPE.COLUMN_STACKED, data, TOP + 0.1, height - 0.1, words.alt)
        for series, measure in zip(chart.plots[0].series, shown, strict=True):
            self.deck.paint(series, measure)
        chart.plots[0].overlap, chart.plots[0].gap_width = 100, 60
        self.deck.figures(slide, told, rows, TOP + height + 0.05, SMALL)
        self.deck.notes(slide, [words.source, told.note, words.alt])

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
        slide = self.deck.slide(charts.landing_title(self.facts.years[0], ends, gap, over, self.lang))
        self.deck.subtitle(slide, self.tr("books_subtitle", year=self.facts.years[0]))
        net = self.tracking.landing().xs("net", level="measure").loc[: self.facts.years[0]]
        data = office.chart_data([str(y) for y in net.index], tr(KEY + "number_format", self.lang))
        for name in ("plan", "landing"):
            data.add_series(self.tr(f"books_{name}"), [float(v) for v in net[name]])
        height = HIGH - 0.75 - TOP - _ROW * (len(told.rows) + 1) - 0.15
        kind = XL_CHART_TYPE.COLUMN_CLUSTERED
        chart = self.deck.chart(slide, kind, data, TOP + 0.1, height - 0.1, words.alt)
        for series, fill in zip(chart.plots[0].series, (style.PLAN_FILL, "net_cost"), strict=True):
            self.deck.paint(series, fill)
        chart.plots[0].overlap, chart.plots[0].gap_width = 0, 60
        self.deck.figures(slide, told, told.rows, TOP + height + 0.05, SMALL)
        self.deck.notes(slide, [self.facts.booked, words.source, told.note, words.alt])

    def grant_years(self) -> None:
        """Write the reste à charge by grant year, then by exercice outside the grant: native bars."""
        from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION
        from pptx.util import Pt

        words = charts.grant_years(self.plan, self.lang)
        slide = self.deck.slide(words.title)
        self.deck.subtitle(slide, self.tr("grant_years_subtitle"))
        bars = net_by_grant_year(self.plan, self.lang)
        data = office.chart_data([name for name, _ in bars], self.deck.number_format)
        data.add_series(self.tr("net_cost"), [amount for _, amount in bars])
        chart = self.deck.chart(
            slide, XL_CHART_TYPE.BAR_CLUSTERED, data, TOP + 0.1, HIGH - 0.85 - TOP, words.alt
        )
        chart.has_legend = False
        chart.category_axis.reverse_order = True
        chart.value_axis.visible = False
        chart.value_axis.has_major_gridlines = False
        size = Pt(SMALL if len(bars) <= 12 else 12)
        chart.category_axis.tick_labels.font.size = size
        plot = chart.plots[0]
        plot.gap_width, plot.has_data_labels = 40, True
        labels = plot.data_labels
        labels.number_format, labels.number_format_is_linked = self.deck.number_format, False
        labels.position, labels.font.size, labels.show_value = XL_LABEL_POSITION.OUTSIDE_END, size, True
        self.deck.paint(plot.series[0], "net_cost")
        self.deck.notes(slide, [words.source, words.alt])

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
        slide = self.deck.slide(title)
        below = self.deck.figures(slide, told, told.rows, TOP, SMALL)
        if told.note:
            self.deck.bullets(slide, [told.note], below + 0.25, SMALL)
        self.deck.notes(slide, [told.note, *self.facts.risks, *self.facts.sources])


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
