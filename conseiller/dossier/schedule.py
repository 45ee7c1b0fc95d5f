"""When a convention pays and how much in all: its grant years, the day its financing ends, the day a payment is due."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from dateutil.relativedelta import relativedelta

from conseiller.dossier.schema import Convention, Instalment

if TYPE_CHECKING:
    from conseiller.law import Entry, Law

#: Generation of a convention that states its own grant years.
CUSTOM = "personnalisee"
#: Months left to a call without any other date, in the dated tables: a hypothesis that the dossier may replace.
PATIENCE = "versement_delai_mois"


def later(day: date, months: int) -> date:
    """Return the date a number of months later, the day clipped to the month's last."""
    return day + relativedelta(months=months)


def tranches_of(convention: Convention, law: Law) -> list[tuple[int, float]]:
    """Return months and euros of each grant year: the convention's own, or its generation's.

    Raises
    ------
    KeyError
        When the generation is unknown.
    """
    from conseiller.law import generation_parameter

    if convention.generation == CUSTOM:
        return [(t.months, t.amount) for t in convention.tranches]
    day = convention.financing_start
    ranks = range(1, len(law.generations[convention.generation].tranches) + 1)
    return [
        (
            int(law.value(generation_parameter(convention.generation, r, "mois"), day)),
            law.value(generation_parameter(convention.generation, r, "montant"), day),
        )
        for r in ranks
    ]


def financing_stop(convention: Convention, law: Law) -> date:
    """Return the first day after the financing: the end of its grant years, or sooner if it is cut short."""
    months = sum(m for m, _ in tranches_of(convention, law))
    full = convention.financing_start + relativedelta(months=months)
    return full if convention.end is None else min(full, convention.end + timedelta(days=1))


def grant_total(convention: Convention, law: Law) -> float:
    """Return the grant of a convention for one post occupied full time throughout [euros]."""
    return round(sum(amount for _, amount in tranches_of(convention, law)), 2)


def delay(law: Law, parameter: str, day: date) -> Entry | None:
    """Return the months left from a day on, None when the dossier withdraws the hypothesis."""
    from conseiller.law import LawError

    try:
        return law.table(parameter).at(day)
    except LawError:
        return None


def due(instalment: Instalment, law: Law) -> tuple[date | None, Literal["dossier", "delay", ""]]:
    """Return the day an instalment should come, and what tells it.

    Payment or titre of the dossier, else the call and the months of `PATIENCE`.
    """
    if stated := instalment.received or instalment.titled:
        return stated, "dossier"
    if instalment.called and (left := delay(law, PATIENCE, instalment.called)):
        return later(instalment.called, int(left.value)), "delay"
    return None, ""
