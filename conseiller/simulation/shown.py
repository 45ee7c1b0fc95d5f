"""A simulation as a reader sees it: the table by exercice, what else varies, what was drawn, what to know."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from conseiller.charts import fan
from conseiller.display import Cell, Grid, Sheet
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.simulation.payments import LatePayment, expected, undated
from conseiller.simulation.results import Simulation
from conseiller.simulation.spreads import unbroken
from conseiller.simulation.together import correlated
from conseiller.simulation.uncertainties import OfPosts
from conseiller.simulation.words import named
from conseiller.text import date_long, listing, money0, number, percent

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.compiled.measures import Section

#: Quantiles of the table on the screen, and the keys of their headers.
_SHOWN = ((0.05, "low"), (0.5, "median"), (0.95, "high"))


def sheet(simulation: Simulation, ceiling: float | Mapping[int, float] | None, lang: Lang) -> Sheet:
    """Return what is shown of the draws.

    Parameters
    ----------
    simulation : Simulation
    ceiling : float or mapping, optional
        Of the reste à charge [euros], the same each exercice or by exercice.
    lang : {"fr", "en"}
    """
    table = simulation.table(ceiling)
    ahead = table[table["exercice"] >= simulation.plan.report_date.year]
    net = ahead[ahead["measure"] == "net_cost"]
    moved = ahead[_SHOWN[0][0]] < ahead[_SHOWN[-1][0]]
    others = ahead[(ahead["measure"] != "net_cost") & moved]
    grids = [_net(net, ceiling is not None, lang)]
    if len(others):
        grids.append(_others(others, lang))
    return Sheet(
        title=tr("simulation.shown.title", lang, name=simulation.plan.dossier.authority.name),
        lead=[f"{fan(simulation, ceiling=ceiling, lang=lang).title}.", lead(simulation, lang)],
        grids=grids,
        bullets=hypotheses(simulation, lang),
        notes=notes(simulation, ceiling is not None, lang),
    )


def lead(simulation: Simulation, lang: Lang) -> str:
    """Say how many draws, of which seed, and what is certain."""
    return tr(
        "simulation.shown.lead",
        lang,
        draws=number(simulation.draws, lang),
        seed=simulation.seed,
        section=tr(f"common.section.{simulation.section}", lang),
        day=date_long(simulation.plan.report_date, lang),
    )


def hypotheses(simulation: Simulation, lang: Lang) -> list[str]:
    """Say each distribution, with its source."""
    return [
        tr("simulation.shown.drawn", lang, what=what, quantity=quantity, law=law, source=_capital(source))
        for what, quantity, law, source in simulation.hypotheses(lang).itertuples(index=False)
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def notes(simulation: Simulation, passed: bool, lang: Lang) -> list[str]:
    """Say what the figures do not tell by themselves.

    Parameters
    ----------
    simulation : Simulation
    passed : bool
        Whether probabilities of passing a ceiling are shown.
    lang : {"fr", "en"}
    """
    return [*_notes(simulation, passed, lang)]


def _notes(simulation: Simulation, passed: bool, lang: Lang) -> Iterator[str]:
    plan, given = simulation.plan, simulation.uncertainties
    at_work = [u for u in given if not u.idle(plan)]
    if passed:  # twice the largest standard error of a share
        margin = number(max(1, round(100 / math.sqrt(simulation.draws))), lang)
        yield tr("simulation.note.margin", lang, draws=number(simulation.draws, lang), margin=margin)
    idle = [named(u, plan, lang) for u in given if u.idle(plan)]
    if idle:
        yield tr("simulation.note.idle", lang, what=listing(idle, lang))
    yield from _other_section(simulation, lang)
    if simulation.section == "fonctionnement":
        if any(isinstance(u, LatePayment) for u in given):
            yield from _undated(plan, lang)
        if any(isinstance(u, LatePayment) for u in at_work):
            yield tr("simulation.note.cash", lang)
        if any(isinstance(u, OfPosts) for u in at_work):
            yield tr("simulation.note.paid", lang)
    for post, day in unbroken(list(given), plan):
        yield tr("simulation.note.unbroken", lang, post=post, day=date_long(day, lang))
    tied = correlated(given)
    if tied:
        yield tr("simulation.note.together", lang, value=number(tied[0].correlation, lang))
    else:
        yield tr("simulation.note.apart", lang)


def _other_section(simulation: Simulation, lang: Lang) -> Iterator[str]:
    """Say what the plan holds in the other section of the budget, which is not counted."""
    plan = simulation.plan
    other: Section = "investissement" if simulation.section == "fonctionnement" else "fonctionnement"
    years = plan.by("exercice", section=other)
    years = years[years.index >= plan.report_date.year]
    if years[["cost", "other_funding", "grant"]].any(axis=None):
        yield tr(
            "simulation.note.other_section",
            lang,
            section=tr(f"common.section.{other}", lang),
            cost=money0(float(years["cost"].sum()), lang),
            net=money0(float(years["net_cost"].sum()), lang),
            first=years.index[0],
            last=years.index[-1],
            option=f"--section {other}",
        )


def _undated(plan: Projection, lang: Lang) -> Iterator[str]:
    """Say what is taken for the payments without a day in the dossier, and which ones are left out."""
    missing = undated(plan)
    days = [day for i in missing if (day := expected(i, plan)) is not None]
    for code, chosen in (
        ("due", [i for i in missing if expected(i, plan) is not None]),
        ("undated", [i for i in missing if expected(i, plan) is None]),
    ):
        if chosen:
            values = {"count": len(chosen), "amount": money0(sum(i.amount for i in chosen), lang)}
            yield tr(f"simulation.note.{code}", lang, days=_days(days, lang), **values)


def _days(days: list[date], lang: Lang) -> str:
    """Return days in words: three at most, else the first and the last."""
    said = [date_long(day, lang) for day in sorted(set(days))]
    if len(said) <= 3:
        return listing(said, lang)
    return tr("simulation.note.span", lang, first=said[0], last=said[-1])


def _net(rows: pd.DataFrame, ceiling: bool, lang: Lang) -> Grid:
    limits = set(rows["ceiling"].dropna())
    heads = [Cell(tr("cli.column.year", lang)), Cell(tr("simulation.head.plan", lang), True)]
    heads += [Cell(tr(f"simulation.head.{key}", lang), True) for _, key in _SHOWN]
    if ceiling:
        one = len(limits) == 1
        amount = money0(min(limits), lang) if one else ""
        key = "passed" if one else "passed_own"
        heads.append(Cell(tr(f"simulation.head.{key}", lang, ceiling=amount), True))
    body = []
    for row in rows.to_dict("records"):
        cells = [Cell(str(row["exercice"])), Cell(money0(row["plan"], lang), True)]
        cells += [Cell(money0(row[at], lang), True) for at, _ in _SHOWN]
        if ceiling:
            cells.append(Cell(_passed(row["passed"], row["ceiling"], len(limits) > 1, lang), True))
        body.append(cells)
    return Grid(heads, body, title=tr("simulation.shown.net", lang))


def _passed(share: float, ceiling: float, told: bool, lang: Lang) -> str:
    if math.isnan(share):
        return "–"
    said = percent(share, 1, lang)
    return tr("simulation.shown.above", lang, share=said, ceiling=money0(ceiling, lang)) if told else said


def _others(rows: pd.DataFrame, lang: Lang) -> Grid:
    heads = [Cell(tr("simulation.head.measure", lang)), Cell(tr("cli.column.year", lang))]
    heads += [Cell(tr(f"simulation.head.{key}", lang), True) for key in ("plan", *(k for _, k in _SHOWN))]
    body = [
        [
            Cell(tr(f"simulation.name.{row['measure']}", lang)),
            Cell(str(row["exercice"])),
            Cell(money0(row["plan"], lang), True),
            *(Cell(money0(row[at], lang), True) for at, _ in _SHOWN),
        ]
        for row in rows.to_dict("records")
    ]
    return Grid(heads, body, stubs=2, title=tr("simulation.shown.others", lang))
