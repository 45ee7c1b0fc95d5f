"""The plan with posts stopped at the end of their contracts: what the figures of that act come from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from conseiller.brief.act.records import PostAct
from conseiller.dossier import schema
from conseiller.law import LawError
from conseiller.projection import Projection

_DAY = timedelta(days=1)
_ARE_FIELD_MAX = 1096


def stopped(plan: Projection, posts: Sequence[PostAct]) -> Projection:
    """Return the plan with the posts stopped at the end of their contracts.

    Later contracts are left out; costs and funding shared by stopped posts alone end with the last
    of them. Where the employer is its own insurer and no number of days is stated, the
    unemployment allowance is counted for its longest duration.
    """
    ends = {p.code: p.contract.end for p in posts if p.contract.end is not None}
    changed = []
    for post in plan.dossier.posts:
        end = ends.get(post.code)
        if end is None:
            changed.append(post)
            continue
        contracts = [c for c in post.contracts if c.start <= end]
        last = max(contracts, key=lambda c: c.start)
        if plan.dossier.authority.self_insured and not last.are_days and last.status == "contractuel":
            served = sum((min(c.end or end, end) - c.start).days + 1 for c in contracts)
            days = min(served, _are_longest(plan, end), _ARE_FIELD_MAX)
            contracts[contracts.index(last)] = last.model_copy(update={"are_days": days})
        changed.append(post.model_copy(update={"contracts": tuple(contracts)}))

    def cut(items: tuple[schema.Item, ...]) -> tuple[schema.Item, ...]:
        kept = []
        for item in items:
            if not all(code in ends for code, weight in item.shares.items() if weight):
                kept.append(item)
                continue
            last = max(ends[code] for code, weight in item.shares.items() if weight)
            if item.start <= last:
                kept.append(item.model_copy(update={"end": min(item.end or last, last)}))
        return tuple(kept)

    dossier = plan.dossier.model_copy(
        update={
            "posts": tuple(changed),
            "costs": cut(plan.dossier.costs),
            "funding": cut(plan.dossier.funding),
        }
    )
    return Projection(dossier, plan.base_law, plan.report_date)


def _are_longest(plan: Projection, day: date) -> int:
    try:
        return int(plan.law.table("are_duree_max_jours").at(day + _DAY).value)
    except LawError:
        return 0
