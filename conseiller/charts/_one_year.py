"""Where one exercice's spending goes, and who pays for it: two groups of bars on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from conseiller.charts import _facts, _hbars, _layout
from conseiller.charts._chart import Chart
from conseiller.charts._facts import STACK, Amount
from conseiller.messages import Lang, tr
from conseiller.text import money0, percent

if TYPE_CHECKING:
    from conseiller.projection import Projection

#: Kinds of spending by group of the catalogue of lines.
KINDS = {
    "remuneration": "pay",
    "cotisations": "contributions",
    "taxes": "taxes",
    "fin_de_contrat": "leaving",
    "autres_couts": "other_costs",
}
#: Shown even at zero.
_ALWAYS = ("pay", "contributions", "taxes", "other_costs", "grant", "net_cost")


def one_year(plan: Projection, exercice: int | None = None, lang: Lang = "fr") -> Chart:
    """Return the chart of one exercice: its spending by kind, and by payer.

    Parameters
    ----------
    plan : Projection
    exercice : int, optional
        By default that of the report, or the nearest one with some spending.
    lang : {"fr", "en"}

    Raises
    ------
    ValueError
        When the plan does not show that exercice.
    """
    year = _default(plan) if exercice is None else exercice
    if year not in plan.exercices:
        raise ValueError(f"exercice {year} is not among {plan.exercices[0]}-{plan.exercices[-1]}")
    kinds, payers = _kinds(plan, year), _payers(plan, year)
    ahead = _facts.has_months_ahead(plan, [year])
    words = _layout.Words(
        title=_title(payers, year, lang),
        subtitle=_facts.sentences(
            tr("charts.subtitle.section", lang, span=tr("charts.span.one", lang, year=year)),
            tr("charts.subtitle.earned", lang),
            _facts.ahead_note(plan, lang) if ahead else "",
            _facts.investment(plan, lang, year),
        ),
        source=_facts.source(plan, lang),
    )
    alt = _facts.sentences(
        _alt(kinds, payers, year, words.title, lang),
        _facts.ahead_note(plan, lang, "charts.alt.ahead") if ahead else "",
    )
    return Chart(
        key="one_year" if exercice is None else f"one_year_{year}",
        title=words.title,
        alt=alt,
        source=words.source,
        lang=lang,
        _draw=lambda: _hbars.draw(words, _rows(kinds, payers, lang)).figure,
    )


def _default(plan: Projection) -> int:
    cost = plan.by("exercice")["cost"]
    spent = [year for year in plan.exercices if cost[year]]
    return min(spent or plan.exercices, key=lambda year: abs(year - plan.report_date.year))


def _kinds(plan: Projection, year: int) -> dict[str, Amount]:
    """Return the spending of an exercice by kind."""
    group = {line.code: line.group for line in plan.lines()}
    out = dict.fromkeys(KINDS.values(), Amount())
    for (exercice, line), row in _facts.sums(plan, "exercice", "line").items():
        if exercice == year and group[line] in KINDS:
            out[KINDS[group[line]]] += row["cost"]
    return {kind: amount for kind, amount in out.items() if amount.total or kind in _ALWAYS}


def _payers(plan: Projection, year: int) -> dict[str, Amount]:
    """Return who pays the spending of an exercice."""
    row = _facts.sums(plan, "exercice").get(year, _facts.nothing())
    return {m: row[m] for m in STACK if row[m].total or m in _ALWAYS}


def _cost(payers: dict[str, Amount]) -> float:
    return round(sum(amount.total for amount in payers.values()), 2) + 0.0


def _share(amount: float, cost: float, lang: Lang, digits: Literal[0, 1] = 0) -> str:
    """Return a share of the spending, which reads as nothing or as all only if it is."""
    share = amount / cost
    step = 0.01 / 10**digits
    if 0 < share < step / 2:
        return tr("charts.one_year.under", lang, share=percent(step, digits, lang))
    if 1 - step / 2 <= share < 1:
        return tr("charts.one_year.over", lang, share=percent(1 - step, digits, lang))
    return percent(share, digits, lang)


def _value(amount: float, cost: float, lang: Lang) -> str:
    """Return an amount and its share of the spending, if any."""
    if cost == 0:
        return money0(amount, lang)
    return tr("charts.one_year.value", lang, amount=money0(amount, lang), share=_share(amount, cost, lang, 1))


def _title(payers: dict[str, Amount], year: int, lang: Lang) -> str:
    cost = _cost(payers)
    amounts = {m: payers.get(m, Amount()).total for m in STACK}
    key = "charts.one_year.title."
    if cost == 0:
        return tr(key + "nothing", lang, year=year)
    if amounts["net_cost"] < 0:
        return tr(key + "surplus", lang, year=year, surplus=money0(-amounts["net_cost"], lang))
    if amounts["net_cost"] == 0:
        return tr(key + "covered", lang, year=year, cost=money0(cost, lang))
    if amounts["grant"] > 0:
        key += "shared"
    else:
        key += "others" if amounts["other_funding"] > 0 else "alone"
    return tr(
        key,
        lang,
        year=year,
        cost=money0(cost, lang),
        grant_share=_share(amounts["grant"], cost, lang),
        other_share=_share(amounts["other_funding"], cost, lang),
        net_share=_share(amounts["net_cost"], cost, lang),
    )


def _name(measure: str, amount: float, lang: Lang) -> str:
    surplus = measure == "net_cost" and amount < 0
    return tr(f"charts.one_year.{'surplus' if surplus else measure}", lang)


def _rows(kinds: dict[str, Amount], payers: dict[str, Amount], lang: Lang) -> list[_hbars.Row]:
    cost = _cost(payers)
    rows = []
    for heading, amounts in (("spending", kinds), ("payers", payers)):
        rows.append(_hbars.Row(tr(f"charts.one_year.{heading}", lang)))
        rows += [
            _hbars.Row(
                _name(measure, amount.total, lang),
                amount=amount,
                label=_value(amount.total, cost, lang),
                fill=measure if measure in STACK else "cost",
            )
            for measure, amount in amounts.items()
        ]
    return rows


def _alt(kinds: dict[str, Amount], payers: dict[str, Amount], year: int, title: str, lang: Lang) -> str:
    cost = _cost(payers)
    said = []
    for amounts in (kinds, payers):
        items = [
            tr(
                "charts.one_year.item",
                lang,
                name=_name(m, a.total, lang),
                value=_value(a.total, cost, lang),
            )
            for m, a in amounts.items()
        ]
        said.append(tr("charts.alt.separator", lang).join(items))
    largest = [max(amounts, key=lambda m: amounts[m].total) for amounts in (kinds, payers)]
    return _facts.sentences(
        f"{title}.",
        tr("charts.one_year.intro", lang, year=year),
        tr("charts.one_year.costs", lang, total=money0(cost, lang), items=said[0]),
        tr("charts.one_year.paid", lang, items=said[1]),
        tr(
            "charts.one_year.largest",
            lang,
            name=_name(largest[0], 0.0, lang),
            payer=_name(largest[1], 0.0, lang),
        )
        if cost
        else "",
    )
