"""Funding against spending, exercice by exercice: stacked bars under a line for the spending.

Amounts stand on the bars and names beside them. When one of them has no room
there, all of them move to a table under the bars, aligned with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conseiller import style
from conseiller.charts import _facts, _layout
from conseiller.charts._chart import Chart
from conseiller.charts._facts import STACK, Amount
from conseiller.messages import Lang, tr
from conseiller.text import money0, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from conseiller.projection import Projection

Years = dict[int, dict[str, Amount]]

_PLOT = 3.1  # inches
_ROW = 0.22
_NAME = 1.05
_MIN_BAR, _MAX_BAR, _MAX_SLOT = 0.5, 1.3, 2.0
_BAR_SHARE = 0.8
_MARK = {
    "grant": style.FUNDING,
    "other_funding": style.FUNDING,
    "net_cost": style.COST_TEXT,
    "cost": style.COST_TEXT,
}


def funding_by_exercice(plan: Projection, lang: Lang = "fr") -> Chart:
    """Return the chart of what is spent and who funds it, by exercice.

    Parameters
    ----------
    plan : Projection
    lang : {"fr", "en"}
    """
    found = _facts.sums(plan, "exercice")
    years: Years = {year: found.get(year, _facts.nothing()) for year in plan.exercices}
    words = _layout.Words(
        title=_title(plan, years, lang),
        subtitle=_facts.sentences(
            tr("charts.subtitle.section", lang, span=_facts.span(plan, lang)),
            tr("charts.subtitle.earned", lang),
            _facts.ahead_note(plan, lang),
            _facts.investment(plan, lang),
        ),
        source=_facts.source(plan, lang),
    )
    return Chart(
        key="funding_by_exercice",
        title=words.title,
        alt=_alt(plan, years, words.title, lang),
        source=words.source,
        lang=lang,
        _draw=lambda: figure(words, years, _states(plan, lang), lang),
    )


def _title(plan: Projection, years: Years, lang: Lang) -> str:
    sums = _facts.total(years)
    where = _facts.span(plan, lang)
    said = "charts.funding.title."
    if sums["cost"] == 0:
        return tr(said + "nothing", lang, span=where)
    if sums["net_cost"] < 0:
        return tr(said + "surplus", lang, surplus=money0(-sums["net_cost"], lang), span=where)
    if sums["net_cost"] == 0:
        return tr(said + "covered", lang, span=where)
    if sums["grant"] == 0:
        return tr(said + "without", lang, net=money0(sums["net_cost"], lang), span=where)
    return _title_of_grant(years, sums, where, lang)


def _title_of_grant(years: Years, sums: Mapping[str, float], where: str, lang: Lang) -> str:
    """Return the finding when there is a grant and something left to pay."""
    said = "charts.funding.title."
    funded = max(year for year, row in years.items() if row["grant"].total)
    after = [year for year, row in years.items() if year > funded and row["cost"].total]
    if after:
        net = years[after[0]]["net_cost"].total
        key = "ends" if net > 0 else "ends_covered"
        return tr(said + key, lang, year=after[0], net=money0(net, lang))
    spent = [year for year, row in years.items() if row["cost"].total]
    if len(spent) == 1:
        share = percent(sums["grant"] / sums["cost"], 0, lang)
        return tr(said + "share", lang, share=share, span=where, net=money0(sums["net_cost"], lang))
    high = max(spent, key=lambda year: years[year]["net_cost"].total)
    before, last, most = (money0(years[y]["net_cost"].total, lang) for y in (spent[0], spent[-1], high))
    return tr(
        said + ("change" if most in (before, last) else "peak"),
        lang,
        before=before,
        first=spent[0],
        after=last,
        last=spent[-1],
        high=most,
        high_year=high,
    )


def _alt(plan: Projection, years: Years, title: str, lang: Lang) -> str:
    named = [(str(year), row["net_cost"].total) for year, row in years.items()]
    items = [tr("charts.alt.item", lang, amount=money0(v, lang), name=n) for n, v in named]
    return _facts.sentences(
        f"{title}.",
        tr("charts.funding.intro", lang, span=_facts.span(plan, lang)),
        _facts.totals(_facts.total(years), lang),
        tr("charts.alt.list", lang, items=", ".join(items)),
        _facts.extremes(named, lang),
        _facts.trend(named, lang),
        _facts.ahead_note(plan, lang, "charts.alt.ahead"),
    )


def _states(plan: Projection, lang: Lang) -> dict[int, str]:
    """Return what to say of each exercice: in progress, forecast, or nothing when it is past."""
    out = {}
    for year in plan.exercices:
        ahead = [m > plan.report_date for m in plan.months if m.year == year]
        key = "ahead" if all(ahead) else "current" if any(ahead) else ""
        out[year] = tr(f"charts.status.{key}", lang) if key else ""
    return out


# --- drawing ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Drawing:
    words: _layout.Words
    years: Years
    states: Mapping[int, str]
    lang: Lang

    def label(self, amount: float) -> str:
        """Return an amount as it is written on the chart."""
        return money0(amount, self.lang)

    def name(self, measure: str) -> str:
        """Return the name of a series."""
        return tr(f"charts.series.{measure}", self.lang)

    def height(self, row: Mapping[str, Amount]) -> float:
        """Return how high a bar goes, in euros: the spending, or the funding when it is more."""
        return max(row["cost"].total, row["grant"].total + row["other_funding"].total)

    @property
    def top(self) -> float:
        """Euros of the highest bar, never 0."""
        return max(self.height(row) for row in self.years.values()) or 1.0

    @property
    def series(self) -> list[str]:
        """Measures to show, from the foot of the bars up; other funding only when there is some."""
        return [m for m in STACK if m != "other_funding" or any(row[m].total for row in self.years.values())]

    def column(self) -> float:
        """Return the inches an amount or a state asks for."""
        amounts = [self.label(row[m].total) for row in self.years.values() for m in ("cost", *self.series)]
        wide = [_layout.text_width(a, style.LABEL_SIZE, bold=True) for a in amounts]
        return max(*wide, *(_layout.text_width(s, style.SMALL_SIZE) for s in self.states.values()))

    def names_at_left(self) -> list[str] | None:
        """Return the series named at the left of the first bar, None when one has no place."""
        rows = list(self.years.values())
        left = []
        for measure in self.series:
            if rows[-1][measure].total > 0 or not any(row[measure].total for row in rows):
                continue
            if rows[0][measure].total <= 0:
                return None
            left.append(measure)
        return left

    def fits(self) -> bool:
        """Return whether every amount has room on its bar."""
        inches = (_PLOT - 0.3) / self.top
        room = _layout.text_height("0", style.LABEL_SIZE) + 0.04
        for row in self.years.values():
            if row["net_cost"].total < 0:
                return False
            if any(0 < row[m].total * inches < room for m in self.series):
                return False
        return self.names_at_left() is not None


def figure(words: _layout.Words, years: Years, states: Mapping[int, str], lang: Lang) -> Figure:
    """Draw spending and funding by exercice, `states` written under the years."""
    return _draw(_Drawing(words, years, states, lang))


def _draw(chart: _Drawing) -> Figure:
    return _direct(chart) if chart.fits() else _tabled(chart)


def _stack(axes: Axes, chart: _Drawing, width: float) -> None:
    """Draw the bars and, over each, the line of the spending; one unit of x per exercice."""
    for i, row in enumerate(chart.years.values()):
        foot = 0.0
        for measure in chart.series:
            amount = row[measure]
            if amount.total > 0:
                corner, size = (i + 0.5 - width / 2, foot), (width, amount.total)
                _layout.bar(axes, measure, corner, size, amount.share_ahead, upright=True)
                foot += amount.total
        cost = row["cost"].total
        reach = width / 2 + 0.04
        axes.plot(
            [i + 0.5 - reach, i + 0.5 + reach],
            [cost, cost],
            color=style.COST,
            linewidth=3.2,
            solid_capstyle="butt",
            gid="cost",
            zorder=5,
            clip_on=False,
        )
    axes.axhline(0, color=style.INK, linewidth=0.8, zorder=4)


def _feet(page: _layout.Page, chart: _Drawing, left: float, slot: float, y: float) -> None:
    """Write the exercices under the bars."""
    for i, (year, state) in enumerate(chart.states.items()):
        x = left + (i + 0.5) * slot
        page.text(x, y - 0.13, str(year), style.SUBTITLE_SIZE, bold=True, across="center")
        if state:
            page.text(x, y - 0.29, state, style.SMALL_SIZE, colour=style.GREY, across="center")


def _direct(chart: _Drawing) -> Figure:
    """Draw with the amounts on the bars and the names beside the last bar, or else the first."""
    at_left = chart.names_at_left() or []
    at_right = [m for m in (*chart.series, "cost") if m not in at_left]
    needed = max(_MIN_BAR, chart.column() + 0.08)
    count = len(chart.years)
    left, right = _room(chart, at_left), _room(chart, at_right)
    width = max(style.CHART_WIDTH, 2 * style.MARGIN + left + count * needed / _BAR_SHARE + right)
    room = width - 2 * style.MARGIN - left - right
    bar = min(_MAX_BAR, _BAR_SHARE * room / count)
    slot = min(_MAX_SLOT, room / count)
    start = style.MARGIN + left + (room - slot * count) / 2
    foot = 0.4
    page = _layout.Page(chart.words, foot + _PLOT, width)
    axes = page.axes(start, foot, slot * count, _PLOT)
    axes.set_xlim(0, count)
    axes.set_ylim(0, chart.top * _PLOT / (_PLOT - 0.3))
    inches = (_PLOT - 0.3) / chart.top
    _stack(axes, chart, bar / slot)
    _feet(page, chart, start, slot, foot)

    centres: list[dict[str, float]] = []
    for i, row in enumerate(chart.years.values()):
        x, y = start + (i + 0.5) * slot, 0.0
        centres.append({})
        for measure in chart.series:
            amount = row[measure].total
            if amount:
                centres[-1][measure] = foot + (y + amount / 2) * inches
                text = page.text(x, centres[-1][measure], chart.label(amount), across="center")
                hatched = _on_hatching(row[measure], inches)
                text.set_color(style.INK if hatched else style.FILLS[measure]["text"])
                if hatched:
                    text.set_bbox({"boxstyle": "round,pad=0.3", "facecolor": style.WHITE, "linewidth": 0})
            y += amount
        cost = row["cost"].total
        centres[-1]["cost"] = foot + cost * inches
        page.text(x, centres[-1]["cost"] + 0.12, chart.label(cost), bold=True, across="center")

    edge = start + (count - 0.5) * slot + bar / 2
    _names(page, chart, [m for m in at_right if m in centres[-1]], centres[-1], edge, "left")
    _names(page, chart, at_left, centres[0], start + (slot - bar) / 2, "right")
    return page.figure


def _on_hatching(amount: Amount, inches: float) -> bool:
    """Return whether the amount written at mid-height meets the part that lies ahead, the upper one."""
    half = _layout.text_height("0", style.LABEL_SIZE) / 2
    return amount.share_ahead > 0 and amount.total * inches * (amount.share_ahead - 0.5) > -half


def _room(chart: _Drawing, measures: list[str]) -> float:
    """Return the inches that names beside a bar ask for."""
    names = [_layout.wrap(chart.name(m), style.LABEL_SIZE, _NAME, bold=True) for m in measures]
    wide = [_layout.text_width(n, style.LABEL_SIZE, bold=True) for n in names]
    return max(wide) + 0.25 if wide else 0.0


def _names(
    page: _layout.Page,
    chart: _Drawing,
    measures: list[str],
    centres: Mapping[str, float],
    edge: float,
    across: str,
) -> None:
    """Write names of series beside a bar, apart from each other, each led to its part of the bar."""
    texts = [_layout.wrap(chart.name(m), style.LABEL_SIZE, _NAME, bold=True) for m in measures]
    heights = [_layout.text_height(t, style.LABEL_SIZE) + 0.04 for t in texts]
    places = _layout.spread([centres[m] for m in measures], heights, 0.4, page.body + 0.05)
    out = 1 if across == "left" else -1
    for measure, text, y in zip(measures, texts, places, strict=True):
        page.line([edge + out * 0.05, edge + out * 0.14], [centres[measure], y], style.RULE)
        page.text(
            edge + out * 0.18,
            y,
            text,
            bold=True,
            colour=_MARK[measure],
            across="left" if across == "left" else "right",
        )


def _tabled(chart: _Drawing) -> Figure:
    """Draw with all amounts in a table under the bars."""
    rows = ["cost", *reversed(chart.series)]
    names = max(_layout.text_width(chart.name(m), style.LABEL_SIZE, bold=True) for m in rows) + 0.35
    count = len(chart.years)
    needed = chart.column() + 0.14
    width = max(style.CHART_WIDTH, 2 * style.MARGIN + names + count * needed)
    slot = min(_MAX_SLOT, (width - 2 * style.MARGIN - names) / count)
    bar = min(_MAX_BAR, _BAR_SHARE * slot)
    table = _ROW * len(rows) + 0.1
    foot = table + 0.4
    page = _layout.Page(chart.words, foot + _PLOT, width)
    start = style.MARGIN + names
    axes = page.axes(start, foot, slot * count, _PLOT)
    axes.set_xlim(0, count)
    axes.set_ylim(0, chart.top * 1.04)
    _scale(axes, chart)
    _stack(axes, chart, bar / slot)
    _feet(page, chart, start, slot, foot)
    end = start + slot * count
    for rank, measure in enumerate(rows):
        y = table - 0.06 - _ROW * (rank + 0.5)
        page.line([style.MARGIN, end], [y + _ROW / 2] * 2, style.GRID)
        if measure == "cost":
            page.line([style.MARGIN, style.MARGIN + 0.17], [y, y], style.COST, 3.2)
        else:
            page.swatch(style.MARGIN + 0.025, y, measure)
        bold = measure in ("cost", "net_cost")
        page.text(style.MARGIN + 0.25, y, chart.name(measure), bold=bold)
        for i, row in enumerate(chart.years.values()):
            amount = chart.label(row[measure].total)
            page.text(start + (i + 0.5) * slot, y, amount, bold=bold, across="center")
    return page.figure


def _scale(axes: Axes, chart: _Drawing) -> None:
    """Rule the axes at round amounts, in euros."""
    from matplotlib.ticker import MaxNLocator

    ticks = MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10], integer=True).tick_values(0, chart.top)
    ticks = [t for t in ticks if 0 <= t <= chart.top * 1.04]
    axes.set_yticks(ticks, [chart.label(float(t)) for t in ticks])
    axes.tick_params(axis="y", labelsize=style.SMALL_SIZE, colors=style.GREY)
    axes.grid(axis="y", color=style.GRID, linewidth=0.7)
    axes.set_axisbelow(True)
