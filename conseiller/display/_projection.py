"""A projection as a reader sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conseiller.messages import Lang, tr
from conseiller.text import date_long, money, month_long

if TYPE_CHECKING:
    from conseiller.projection import Projection
from conseiller.display._frame import grid
from conseiller.display._sheet import Sheet
from conseiller.display._spans import count_words, span_words


def projection_sheet(plan: Projection, lang: Lang) -> Sheet:
    period = plan.dossier.period
    lead = [tr("display.projection.section", lang, day=date_long(plan.report_date, lang))]
    notes = []
    capital = plan.by("exercice", section="investissement").sum()
    income = float(capital["grant"] + capital["other_funding"])
    if round(float(capital["cost"]), 2) or round(income, 2):
        spent = money(float(capital["cost"]), lang)
        notes.append(tr("display.projection.investment", lang, cost=spent, funding=money(income, lang)))
    if plan.dossier.assumptions:
        notes.append(count_words("assumptions", len(plan.dossier.assumptions), lang))
    from conseiller.analysis.stamp import checked_words

    checked = plan.law.checked_until
    words = checked_words(plan.law.tables.values(), lang)
    notes.append(tr("display.projection.law", lang, checked=words[0].upper() + words[1:]))
    if plan.months[-1] > checked:
        notes.append(tr("display.projection.beyond", lang, month=month_long(plan.months[-1], lang)))
    name = plan.dossier.authority.name
    title = tr("display.projection.title", lang, name=name, span=span_words(period.first, period.last, lang))
    return Sheet(title, lead, [grid(plan.by("exercice"), lang, total=True)], notes)


def projection_line(plan: Projection, lang: Lang = "fr") -> str:
    """Return a projection in one line, without computing it."""
    period = plan.dossier.period
    return tr(
        "display.projection.brief",
        lang,
        name=plan.dossier.authority.name,
        span=span_words(period.first, period.last, lang),
        posts=count_words("posts", len(plan.dossier.posts), lang),
    )
