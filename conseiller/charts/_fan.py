"""What draws of a plan may come to: a fan of intervals by exercice, named at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from conseiller import style
from conseiller.charts import _facts, _layout
from conseiller.charts._chart import Chart
from conseiller.messages import Lang, tr
from conseiller.text import listing, money0, number, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from conseiller.simulation import Simulation
    from conseiller.simulation.results import Measure

_PLOT = 3.2  # inches
_FOOT = 0.3
_WIDE, _HALF = "#F9E4D4", "#E89A60"


@dataclass(frozen=True)
class _Fan:
    """Euros by exercice: quantiles (`Simulation.quantiles`), the plan, and the ceiling where there is one."""

    exercices: list[int]
    quantiles: list[list[float]]
    plan: list[float]
    ceiling: dict[int, float]
    passed: dict[int, float]

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest value shown, nought among them."""
        values = [v for q in self.quantiles for v in q] + self.plan + list(self.ceiling.values()) + [0.0]
        return min(values), max(values)

    @property
    def level(self) -> bool:
        """Whether one ceiling holds for all exercices."""
        return len(self.ceiling) == len(self.exercices) and len(set(self.ceiling.values())) == 1


def fan(
    simulation: Simulation,
    measure: Measure = "net_cost",
    ceiling: float | Mapping[int, float] | None = None,
    lang: Lang = "fr",
) -> Chart:
    """Return the chart of what draws may come to by exercice.

    Parameters
    ----------
    simulation : Simulation
    measure : str
        As for `Simulation.quantiles`.
    ceiling : float or mapping, optional
        Euros, the same each exercice or by exercice.
    lang : {"fr", "en"}
    """
    plan = simulation.plan
    facts = _fan(simulation, measure, ceiling)
    words = _layout.Words(
        title=_title(facts, measure, lang),
        subtitle=_facts.sentences(
            tr(
                "simulation.fan.subtitle",
                lang,
                draws=number(simulation.draws, lang),
                seed=simulation.seed,
                section=tr(f"common.section.{simulation.section}", lang),
            ),
            _drawn(simulation, lang),
        ),
        source=_facts.source(plan, lang),
    )
    return Chart(
        key="fan",
        title=words.title,
        alt=_alt(simulation, facts, words.title, lang),
        source=words.source,
        lang=lang,
        _draw=lambda: _Drawing(words, facts, lang).figure(),
    )


def _fan(simulation: Simulation, measure: Measure, ceiling: float | Mapping[int, float] | None) -> _Fan:
    exercices = simulation.plan.exercices
    table = simulation.quantiles(measure)
    planned = [float(v) for v in simulation.planned(measure)]
    passed: dict[int, float] = {}
    limits: dict[int, float] = {}
    if ceiling is not None:
        shares = simulation.exceeds(ceiling, measure)
        passed = dict(zip((int(year) for year in shares.index), map(float, shares), strict=True))
        limits = {
            year: float(ceiling[year]) if isinstance(ceiling, Mapping) else float(ceiling) for year in passed
        }
    rows = table.to_numpy(dtype=float).tolist()
    return _Fan(exercices, rows, planned, limits, passed)


def _drawn(simulation: Simulation, lang: Lang) -> str:
    from conseiller.simulation.words import named

    plan = simulation.plan
    said = [named(u, plan, lang) for u in simulation.uncertainties if not u.idle(plan)]
    if not said:
        return ""
    lower = [text[0].lower() + text[1:] for text in dict.fromkeys(said)]
    return tr("simulation.fan.drawn", lang, what=listing(lower, lang))


def _title(facts: _Fan, measure: Measure, lang: Lang) -> str:
    year = facts.exercices[-1]
    low, _, median, _, high = facts.quantiles[-1]
    values = {
        "year": year,
        "measure": tr(f"simulation.measure.{measure}", lang),
        "low": money0(low, lang),
        "high": money0(high, lang),
        "median": money0(median, lang),
    }
    if facts.passed:
        moving = [y for y, q in zip(facts.exercices, facts.quantiles, strict=True) if q[0] < q[-1]]
        open_years = [y for y in facts.passed if y in moving] or list(facts.passed)
        year = max(open_years, key=lambda y: (facts.passed[y], y))
        values |= {
            "year": year,
            "ceiling": money0(facts.ceiling[year], lang),
            "share": percent(facts.passed[year], 0, lang),
        }
        return tr("simulation.fan.title.passed", lang, **values)
    if low < high:
        return tr("simulation.fan.title.spread", lang, **values)
    plan = money0(facts.plan[-1], lang)
    if values["median"] == plan:
        return tr("simulation.fan.title.certain", lang, **values)
    return tr("simulation.fan.title.same", lang, **values, plan=plan)


def _alt(simulation: Simulation, facts: _Fan, title: str, lang: Lang) -> str:
    years = []
    for year, (low, low_half, median, high_half, high), plan in zip(
        facts.exercices, facts.quantiles, facts.plan, strict=True
    ):
        amounts = {"low": low, "low_half": low_half, "median": median, "high_half": high_half, "high": high}
        said = {name: money0(value, lang) for name, value in {**amounts, "plan": plan}.items()}
        key = "same" if low == high else "year"
        years.append(tr(f"simulation.fan.{key}", lang, year=year, **said))
        if year in facts.passed:
            years.append(
                tr(
                    "simulation.fan.passed",
                    lang,
                    ceiling=money0(facts.ceiling[year], lang),
                    year=year,
                    share=percent(facts.passed[year], 0, lang),
                )
            )
    return _facts.sentences(
        f"{title}.",
        tr("simulation.fan.intro", lang, span=_facts.span(simulation.plan, lang)),
        *years,
        _drawn(simulation, lang),
    )


# --- drawing ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Drawing:
    words: _layout.Words
    fan: _Fan
    lang: Lang

    def figure(self) -> Figure:
        """Draw the fan, its names at the right."""
        fan = self.fan
        low, high = self.limits()
        scale = _PLOT / (high - low)
        names = self.names(scale)
        right = max(_layout.text_width(t, style.LABEL_SIZE, bold=True) for t, *_ in names) + 0.45
        ticks = self.ticks(low, high)
        left = max(_layout.text_width(t, style.SMALL_SIZE) for _, t in ticks) + 0.1
        heights = [_height(text) for text, *_ in names]
        page = _layout.Page(self.words, _FOOT + max(_PLOT, sum(heights)))
        start = style.MARGIN + left
        width = page.width - style.MARGIN - right - start
        axes = page.axes(start, _FOOT, width, _PLOT)
        axes.set_xlim(-0.5, len(fan.exercices) - 0.5)
        axes.set_ylim(low, high)
        axes.set_yticks([t for t, _ in ticks], [text for _, text in ticks])
        axes.set_xticks(range(len(fan.exercices)), [str(year) for year in fan.exercices])
        axes.tick_params(axis="y", labelsize=style.SMALL_SIZE, colors=style.GREY)
        axes.tick_params(axis="x", pad=3)
        axes.grid(axis="y", color=style.GRID, linewidth=0.7)
        axes.set_axisbelow(True)
        axes.axhline(0, color=style.INK, linewidth=0.8)
        self.draw(axes)
        wanted = [_FOOT + (value - low) * scale for _, _, value, _ in names]
        places = _layout.spread(wanted, heights, 0.0, page.body)
        edge = start + width
        for (text, colour, _, rank), y, place in zip(names, wanted, places, strict=True):
            x = start + width * (rank + 0.5) / len(fan.exercices)
            page.line([x, edge], [y, y], colour, 0.8, ":")
            page.line([edge, edge + 0.08, edge + 0.24], [y, y, place], style.RULE)
            page.text(edge + 0.3, place, text, bold=True, colour=colour)
        return page.figure

    def limits(self) -> tuple[float, float]:
        """Return the bounds of the axis: nought is on it, unless all values are near each other and far from it."""
        low, high = self.fan.bounds
        room = 0.05 * (high - low or 1.0)
        return low - (room if low < 0 else 0.0), high + room

    def ticks(self, low: float, high: float) -> list[tuple[float, str]]:
        """Return round amounts up the left side."""
        from matplotlib.ticker import MaxNLocator

        values = MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10], integer=True).tick_values(low, high)
        return [(float(v), money0(float(v), self.lang)) for v in values if low <= v <= high]

    def draw(self, axes: Axes) -> None:
        """Draw both intervals, the median, the plan and the ceiling; one exercice alone gets bars."""
        fan = self.fan
        ranks = list(range(len(fan.exercices)))
        columns = list(zip(*fan.quantiles, strict=True))
        if len(ranks) == 1:
            for low, high, face, width, name in (
                (columns[0][0], columns[4][0], _WIDE, 0.5, "wide"),
                (columns[1][0], columns[3][0], _HALF, 0.3, "half"),
            ):
                axes.bar(0, high - low, width, low, color=face, edgecolor=style.COST, linewidth=0.8, gid=name)
            ranks = [-0.25, 0.25]  # type: ignore[list-item]
            columns = [(c[0], c[0]) for c in columns]
            plan = [fan.plan[0]] * 2
        else:
            plan = fan.plan
            for low, high, face, name in (
                (columns[0], columns[4], _WIDE, "wide"),
                (columns[1], columns[3], _HALF, "half"),
            ):
                axes.fill_between(
                    ranks, low, high, facecolor=face, edgecolor=style.COST, linewidth=0.8, gid=name
                )
        axes.plot(ranks, columns[2], color=style.COST_TEXT, linewidth=2.2, gid="median")
        axes.plot(
            ranks,
            plan,
            color=style.REFERENCE,
            linewidth=1.4,
            linestyle=(0, (3.5, 1.5)),
            marker="s",
            markersize=4,
            gid="plan",
        )
        if fan.ceiling:
            half = 0.5 if fan.level else 0.4  # one line over all exercices, or one for each
            years = [fan.exercices.index(year) for year in fan.ceiling]
            axes.hlines(
                list(fan.ceiling.values()),
                [y - half for y in years],
                [y + half for y in years],
                color=style.INK,
                linewidth=1.6,
                gid="ceiling",
            )

    def names(self, scale: float) -> list[tuple[str, str, float, int]]:
        """Return for each mark its words, their colour, where it ends: euros and rank of the exercice.

        An interval is named at that of its ends which leaves the names nearest to their marks.

        Parameters
        ----------
        scale : float
            Inches a euro.
        """
        low, low_half, _, high_half, high = self.fan.quantiles[-1]
        if low == high:
            return self.names_at(None, None)

        def crowding(ends: tuple[float, float]) -> float:
            names = self.names_at(*ends)
            wanted = [value * scale for _, _, value, _ in names]
            places = _layout.spread(wanted, [_height(text) for text, *_ in names], 0.0, max(wanted))
            return sum(abs(place - y) for place, y in zip(places, wanted, strict=True))

        return self.names_at(*min(product((high, low), (high_half, low_half)), key=crowding))

    def names_at(self, wide: float | None, half: float | None) -> list[tuple[str, str, float, int]]:
        """Return the names, those of the intervals at the values given; None where they are but a line."""
        fan, lang = self.fan, self.lang
        low, low_half, median, high_half, high = fan.quantiles[-1]
        last = len(fan.exercices) - 1

        def between(a: float, b: float) -> str:
            return tr("simulation.fan.range", lang, low=money0(a, lang), high=money0(b, lang))

        def named(key: str, amounts: str) -> str:
            return f"{tr(f'simulation.fan.{key}', lang)}\n{amounts}"

        names = [
            (named("plan", money0(fan.plan[-1], lang)), style.REFERENCE, fan.plan[-1], last),
            (named("median", money0(median, lang)), style.COST_TEXT, median, last),
        ]
        if half is not None:
            names.append((named("half", between(low_half, high_half)), style.COST_TEXT, half, last))
        if wide is not None:
            names.append((named("wide", between(low, high)), style.COST_TEXT, wide, last))
        if fan.ceiling:
            year = max(fan.ceiling)
            amount = fan.ceiling[year]
            of_year = "" if fan.level else f" {year}"
            text = f"{tr('simulation.fan.ceiling', lang)}{of_year}\n{money0(amount, lang)}"
            names.append((text, style.INK, amount, fan.exercices.index(year)))
        return names


def _height(name: str) -> float:
    """Return the inches a name takes."""
    return _layout.text_height(name, style.LABEL_SIZE) + 0.06
