"""One draw as a case of its own: what an officer can open, project and explain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np

from conseiller.dossier import schema
from conseiller.engine import Array
from conseiller.law import to_serial
from conseiller.projection import Projection
from conseiller.simulation.drawn import BLOCK, Chain, Drawn
from conseiller.simulation.payments import LatePayment, expected
from conseiller.simulation.uncertainties import EMPLOYER

Dated = list[tuple[date, float]]


def dossier_of(drawn: Drawn, draw: int) -> schema.Dossier:
    """Return the case of one draw: projected on its own, it gives the figures of that draw."""
    block, rank = divmod(draw, BLOCK)
    numbers = drawn.numbers(block)
    dossier = drawn.plan.dossier
    course = drawn.course(numbers, slice(rank, rank + 1))
    posts = [
        post if course is None else post.model_copy(update={"contracts": course.contracts_of(0, p, post)})
        for p, post in enumerate(dossier.posts)
    ]
    for uncertainty, values in zip(drawn.uncertainties, numbers, strict=True):
        if isinstance(uncertainty, LatePayment):
            delays = iter(values["days"][rank])
            posts = [_paid_late(post, delays, drawn.plan) for post in posts]
    changes: dict[str, Any] = {"posts": tuple(posts)}
    for name, chain in drawn.chains(numbers).items():
        dated = _dated(drawn, name, chain, rank)
        if name in EMPLOYER:
            changes["rates"] = _with_rates(changes.get("rates", dossier.rates), name, dated)
        else:
            kept = changes.get("assumptions", dossier.assumptions)
            changes["assumptions"] = _with_values(kept, name, dated)
    return dossier.model_copy(update=changes)


def _dated(drawn: Drawn, name: str, chain: Chain, rank: int) -> Dated:
    """Return a legal value of one draw by the dates from which it holds."""
    plan = drawn.plan
    own = {day for uncertainty, _ in chain for day in uncertainty.dates(plan)}
    if not own:
        return []
    if name in EMPLOYER:
        rates = sorted(plan.dossier.rates, key=lambda r: r.start)
        days = sorted(own | {r.start for r in rates if r.start >= min(own)})
        held = [[r for r in rates if r.start <= day] for day in days]
        base = np.array([getattr(h[-1], name) if h else 0.0 for h in held])
    else:
        table = plan.law.table(name)
        days = sorted(own | {e.start for e in table.entries if e.start >= min(own)})
        base = table.over(np.array([to_serial(day) for day in days]))
    value: Array = base
    for uncertainty, numbers in chain:
        value = uncertainty.values(value, np.array([to_serial(day) for day in days]), numbers, plan)
    values = np.broadcast_to(value, (BLOCK, len(days)))[rank]
    return [(day, float(v)) for day, v in zip(days, values, strict=True)]


def _paid_late(post: schema.Post, delays: Iterator[float], plan: Projection) -> schema.Post:
    conventions = []
    for convention in post.conventions:
        instalments = []
        for instalment in convention.instalments:
            paid = expected(instalment, plan)
            if paid is not None:
                delay = next(delays)
                if paid > plan.report_date:
                    paid += timedelta(days=int(delay))
            instalments.append(instalment.model_copy(update={"received": paid}))
        conventions.append(convention.model_copy(update={"instalments": tuple(instalments)}))
    return post.model_copy(update={"conventions": tuple(conventions)})


def _with_values(
    kept: tuple[schema.Assumption, ...], name: str, values: Dated
) -> tuple[schema.Assumption, ...]:
    days = {day for day, _ in values}
    others = [a for a in kept if not (a.parameter == name and a.start in days)]
    return (*others, *(schema.Assumption(parameter=name, start=day, value=value) for day, value in values))


def _with_rates(
    kept: tuple[schema.EmployerRates, ...], name: str, values: Dated
) -> tuple[schema.EmployerRates, ...]:
    found = {r.start: r for r in sorted(kept, key=lambda r: r.start)}
    for day, value in values:
        held = [found[start] for start in sorted(found) if start <= day]
        record = held[-1] if held else schema.EmployerRates(at_mp=0.0, cdg=0.0)
        found[day] = record.model_copy(update={"start": day, name: value})
    return tuple(found[start] for start in sorted(found))
