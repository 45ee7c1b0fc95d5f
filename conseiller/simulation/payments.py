"""When the State is expected to pay: each instalment, whether or not the dossier says the day."""

from __future__ import annotations

from datetime import date, timedelta

from conseiller.dossier import schema
from conseiller.dossier.schedule import due
from conseiller.projection import Projection


def expected(instalment: schema.Instalment, plan: Projection) -> date | None:
    """Return the day an instalment is paid if nothing is late, None when nothing tells it.

    The day of payment of the dossier; without it the day it is due, as in the échéancier (titre, else call and the
    months left to it), and the day after the report where that day has passed: what has no day of payment is not paid.
    """
    if instalment.received is not None:
        return instalment.received
    day, _ = due(instalment, plan.law)
    return None if day is None else max(day, plan.report_date + timedelta(days=1))


def payments(plan: Projection) -> list[tuple[schema.Instalment, date]]:
    """Return the instalments whose day of payment is known or expected, with that day, in the order of the dossier."""
    found = [(i, expected(i, plan)) for p in plan.dossier.posts for c in p.conventions for i in c.instalments]
    return [(instalment, day) for instalment, day in found if day is not None]


def undated(plan: Projection) -> list[schema.Instalment]:
    """Return the instalments without a day of payment in the dossier."""
    found = (i for post in plan.dossier.posts for c in post.conventions for i in c.instalments)
    return [i for i in found if i.received is None]
