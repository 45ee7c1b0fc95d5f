"""The grant of one post under one convention, over its whole life, whatever exercices are shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from conseiller.dossier import schema
from conseiller.dossier.schedule import later, tranches_of
from conseiller.engine import YEARS, Array
from conseiller.law import day_at
from conseiller.projection import Projection
from conseiller.rules.algebra import cents, month, months_of, year
from conseiller.rules.algebra import day as day_of
from conseiller.rules.registry import FAR

if TYPE_CHECKING:
    import pandas as pd

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Financing:
    """The grant of a post under a convention.

    Parameters
    ----------
    post : str
        Code of the post.
    convention : Convention
        As the dossier states it.
    tranches : tuple of (int, float)
        Months and euros of each grant year of a full-time post.
    agreed : float
        What the convention grants if the post is never vacant: the tranches, taken at the working
        share where the grant goes pro rata, up to the end stated in the dossier [euros].
    natural_end : date
        Day after the last grant year.
    stops : date
        Day after the last day that can earn: natural end, stated end, or loss of the post.
    lost_on : date or None
        Day from which a vacancy outlasts the tolerance, when it cuts the financing.
    vacant_from : date or None
        First day of that vacancy.
    """

    post: str
    convention: schema.Convention
    tranches: tuple[tuple[int, float], ...]
    agreed: float
    natural_end: date
    stops: date
    lost_on: date | None
    vacant_from: date | None = None

    @property
    def earns_until(self) -> date:
        """Last day that earns: nobody is in post in the vacancy that loses it."""
        return self.last_day if self.vacant_from is None else self.vacant_from - _DAY

    @property
    def code(self) -> str:
        """Code of the convention."""
        return self.convention.code

    @property
    def start(self) -> date:
        """First day of the financing."""
        return self.convention.financing_start

    @property
    def last_day(self) -> date:
        """Last day that can earn; the day before the start when none can."""
        return self.stops - _DAY

    @property
    def stated_end(self) -> date:
        """Last day of the financing, were the post never lost: natural end, or the end stated."""
        natural = self.natural_end - _DAY
        end = self.convention.end
        return natural if end is None else min(natural, end)

    @property
    def labels(self) -> list[str]:
        """Names of its grant years, as in the tidy table."""
        return [f"{self.code}-{rank}" for rank in range(1, len(self.tranches) + 1)]


def whole_life(plan: Projection) -> Projection:
    """Return the plan, its exercices widened where a financing begins before them or ends after."""
    period = plan.dossier.period
    first, last = period.first, period.last
    for post in plan.dossier.posts:
        for convention in post.conventions:
            months = sum(m for m, _ in tranches_of(convention, plan.law))
            first = min(first, convention.financing_start.year)
            last = max(last, later(convention.financing_start, months).year)
    if (first, last) == (period.first, period.last):
        return plan
    wider = period.model_copy(update={"first": first, "last": last})
    dossier = plan.dossier.model_copy(update={"period": wider})
    return Projection(dossier, plan.base_law, plan.report_date)


def financings(plan: Projection, life: Projection | None = None) -> list[Financing]:
    """Return the grant of each post under each of its conventions, in the order of the dossier.

    Parameters
    ----------
    plan : Projection
    life : Projection, optional
        `whole_life(plan)`, where the caller already has it.
    """
    life = life or whole_life(plan)
    agreed = _agreed(life)
    grant = life.model.grant
    ends, stop, stops = grant["ends"], grant["stop"], grant["stops"]
    found = []
    for p, post in enumerate(plan.dossier.posts):
        for f, convention in enumerate(post.conventions):
            tranches = tuple(tranches_of(convention, plan.law))
            rows = range(f * YEARS, f * YEARS + max(len(tranches), 1))
            natural = max(ends[p, r] for r in rows)
            cut = min(stops[p, r] for r in rows)
            lost = cut < stop[p, rows[0]] and cut < natural
            found.append(
                Financing(
                    post.code,
                    convention,
                    tranches,
                    float(cents(sum(agreed[p, r] for r in rows))),
                    day_at(natural),
                    day_at(min(natural, cut)),
                    day_at(cut) if lost else None,
                    _vacant_from(post, day_at(cut)) if lost else None,
                )
            )
    return found


def _vacant_from(post: schema.Post, lost_on: date) -> date:
    """Return the first day of the vacancy that loses a post on a day."""
    return max(c.end for c in post.contracts if c.end is not None and c.end < lost_on) + _DAY


def _agreed(life: Projection) -> Array:
    """Return what each grant year grants a post that is never vacant, up to the stated end."""
    grant = life.model.grant
    begins, ends, stop = grant["begins"], grant["ends"], np.minimum(grant["stop"], FAR)
    anchor, whole, amount = grant["origin"], grant["whole"], grant["amount"]
    reached = 30 * (12 * year(stop) + month(stop)) + np.minimum(30, day_of(stop) - 1) - anchor
    reached = np.where(stop >= ends, whole, np.where(stop <= begins, 0, reached))
    share = np.where(grant["part_time"] == 1, _working_share(life), 1.0)
    agreed: Array = np.asarray(cents(cents(amount * share) * reached / whole))
    return agreed


def grant_days(plan: Projection) -> tuple[Array, Array]:
    """Return the thirtieths stayed and worked in each grant year, over the months shown."""
    shape = plan.model.grant.full("amount").shape
    stayed, worked = np.zeros(shape), np.zeros(shape)
    for frame in (plan.model.month, plan.model.extra):
        working = frame.full("working")
        for n in (1, 2):
            days = frame.full(f"time_after_{n}") - frame.full(f"time_before_{n}")
            post, row = np.nonzero(days)
            segment = frame.full(f"segment_{n}")[post, row].astype(int) - 1
            np.add.at(stayed, (post, segment), days[post, row])
            np.add.at(worked, (post, segment), (days * working)[post, row])
    return stayed, worked


def _working_share(life: Projection) -> Array:
    """Return the mean share of working time of each grant year; its neighbour's where it has no agent."""
    stayed, worked = grant_days(life)
    share = np.where(stayed > 0, worked / np.maximum(stayed, 1), 0.0)
    years = share.reshape(len(share), -1, YEARS)
    for rank in range(1, YEARS):
        years[:, :, rank] = np.where(years[:, :, rank] > 0, years[:, :, rank], years[:, :, rank - 1])
    for rank in reversed(range(YEARS - 1)):
        years[:, :, rank] = np.where(years[:, :, rank] > 0, years[:, :, rank], years[:, :, rank + 1])
    return np.where(years > 0, years, 1.0).reshape(share.shape)


def earned(life: Projection) -> pd.DataFrame:
    """Return the grant earned, one row per post, month and grant year.

    Returns
    -------
    pandas.DataFrame
        post, code (of the convention), grant_year, month (its first day), exercice, cents.
    """
    import pandas as pd

    frames = []
    for frame in (life.model.month, life.model.extra):
        for n in (1, 2):
            amount = frame.full(f"earned_{n}")
            post, row = np.nonzero(amount)
            segment = frame.full(f"segment_{n}")[post, row].astype(int) - 1
            years = [life.grant_years[p][s] for p, s in zip(post, segment, strict=True)]
            first = months_of(frame.full("month")[post, row])
            found = {
                "post": [life.posts[p] for p in post],
                "code": [y.code for y in years],
                "grant_year": [y.label for y in years],
                "month": first.astype("datetime64[M]").astype("datetime64[s]"),
                "exercice": first // 12 + 1970,
                "cents": np.rint(amount[post, row] * 100).astype(np.int64),
            }
            frames.append(pd.DataFrame(found))
    return pd.concat([f for f in frames if len(f)] or frames[:1], ignore_index=True)


def instalments(plan: Projection) -> pd.DataFrame:
    """Return each dated step of each instalment.

    Returns
    -------
    pandas.DataFrame
        post, code (of the convention), clock ("called", "titled" or "received"), day, exercice, cents.
    """
    import pandas as pd

    rows = [
        (post.code, convention.code, clock, day, day.year, round(instalment.amount * 100))
        for post in plan.dossier.posts
        for convention in post.conventions
        for instalment in convention.instalments
        for clock in ("called", "titled", "received")
        if (day := getattr(instalment, clock)) is not None
    ]
    return pd.DataFrame(rows, columns=["post", "code", "clock", "day", "exercice", "cents"])
