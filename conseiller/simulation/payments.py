"""When the State is expected to pay, whether or not the dossier says the day, and how late it may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from conseiller.dossier import schema
from conseiller.dossier.schedule import due
from conseiller.engine import Array
from conseiller.projection import Projection
from conseiller.simulation.distributions import Distribution
from conseiller.simulation.uncertainties import Uncertainty, whole_days


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


@dataclass(frozen=True)
class LatePayment(Uncertainty):
    """The State pays some days later than expected what it has not paid yet. Only the cash moves."""

    days: Distribution

    def numbers(self, rng: np.random.Generator, draws: int, plan: Projection) -> Mapping[str, Array]:
        """Draw the delay of each instalment."""
        return {"days": whole_days(self.days.draw(rng, (draws, len(payments(plan)))))}

    def idle(self, plan: Projection) -> bool:
        """Return whether no instalment is expected after the report."""
        return not any(day > plan.report_date for _, day in payments(plan))
