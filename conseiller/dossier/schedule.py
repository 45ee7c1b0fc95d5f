"""When a convention pays and how much in all: its grant years, and the day its financing ends."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta

from conseiller.dossier.schema import Convention

if TYPE_CHECKING:
    from conseiller.law import Law

#: Generation of a convention that states its own grant years.
CUSTOM = "personnalisee"


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
