"""A post shared with communes: what each pays a year, split exactly, and the income it makes for the employer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from conseiller.dossier import schema
from conseiller.messages import tr
from conseiller.projection import Projection
from conseiller.rules.algebra import cents

DEFAULT_VEHICLE: schema.Vehicle = "mise_a_disposition"


@dataclass(frozen=True)
class Sharing:
    """What communes pay for one exercice.

    Parameters
    ----------
    exercice : int
    start, end : date
        First and last days it is for.
    by_part : dict
        Euros of each commune, adding up to the cent to what all pay.
    by_post : dict
        Weight of each post in the income: its reste à charge of the exercice where that is the base.
    """

    exercice: int
    start: date
    end: date
    by_part: Mapping[str, float]
    by_post: Mapping[str, float]

    @property
    def total(self) -> float:
        """Euros that all communes pay."""
        return round(sum(self.by_part.values()), 2)


def split(total: float, weights: Sequence[float]) -> list[float]:
    """Split an amount by weights: cumulative, so that the parts add up to it to the cent.

    Parameters
    ----------
    total : float
        Amount [euros].
    weights : sequence of float
        At least one above 0.

    Examples
    --------
    >>> split(100, [1, 1, 1])
    [33.33, 33.34, 33.33]
    """
    steps = np.concatenate([[0.0], np.cumsum(np.asarray(weights, dtype=float))])
    reached = cents(total * steps / steps[-1])
    return [float(part) for part in cents(np.diff(reached))]


def sharings(plan: Projection, change: schema.Change, start: date | None = None) -> list[Sharing]:
    """Return what communes pay each exercice from a day on to the end of the period shown.

    Parameters
    ----------
    plan : Projection
        The case before the communes pay.
    change : Change
        Of kind "partage".
    start : date, optional
        First of a month; by default the date of the change, or the next 1 January.
    """
    start = start or change.start or date(plan.report_date.year + 1, 1, 1)
    wanted = [change.post] if change.post else plan.posts
    found = []
    for year in range(max(start.year, plan.exercices[0]), plan.exercices[-1] + 1):
        first = max(start, date(year, 1, 1))
        months = 13 - first.month
        nets = plan.cents(["reste_fonctionnement"], first, date(year, 12, 31))
        by_post = {post: net / 100 for post, net in zip(plan.posts, nets, strict=True) if post in wanted}
        parts = _parts(change, sum(by_post.values()), months)
        if parts is None:
            continue
        weights = {p: max(n, 0.0) for p, n in by_post.items()}
        if change.rate is None or not sum(weights.values()):
            weights = dict.fromkeys(wanted, 1.0)
        found.append(Sharing(year, first, date(year, 12, 31), parts, weights))
    return found


def _parts(change: schema.Change, net: float, months: int) -> dict[str, float] | None:
    """Return what each commune pays for some months of a year, None when there is nothing to pay."""
    weights = [1.0 if change.key == "egal" else w for w in change.parts.values()]
    if change.unit_price is not None:
        each = [float(cents(change.unit_price * w * months / 12)) for w in weights]
        return dict(zip(change.parts, each, strict=True)) if any(each) else None
    due = max(net, 0.0) * (change.rate or 0.0) if change.amount is None else change.amount * months / 12
    total = float(cents(due))
    return dict(zip(change.parts, split(total, weights), strict=True)) if total else None


def items(plan: Projection, change: schema.Change, start: date) -> Iterator[schema.Item]:
    """Yield the income of each exercice as other funding of the case.

    A whole exercice is spread over its months; part of one falls due on its last day.
    """
    vehicle = change.vehicle or DEFAULT_VEHICLE
    account = plan.law.vehicles[vehicle].accounts[plan.dossier.authority.chart]
    for one in sharings(plan, change, start):
        whole = (one.start.month, one.start.day) == (1, 1)
        yield schema.Item(
            label=tr("scenarios.item.shared", year=one.exercice),
            amount=one.total,
            frequency="annuel_reparti" if whole else "unique",
            start=one.start if whole else one.end,
            end=one.end if whole else None,
            account=account,
            funder=_named(tuple(one.by_part)),
            vehicle=vehicle,
            shares={post: round(weight, 2) for post, weight in one.by_post.items()},
            source=change.source,
        )


def _named(parts: Sequence[str], most: int = 280) -> str:
    named = ", ".join(parts)
    return named if len(named) <= most else tr("scenarios.item.communes", count=len(parts))
