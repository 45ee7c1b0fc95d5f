"""Whole euros that add up: what is printed ties, and stays within a euro or so of the exact cents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conseiller.analysis.outlook import Year


def shared_out(parts: Sequence[float], total: int | None = None) -> list[int]:
    """Return parts in whole euros that add up: each less than a euro away from its exact amount.

    Parameters
    ----------
    parts : sequence of float
        Exact amounts [euros].
    total : int, optional
        What they must add up to; their rounded sum by default. It is less than a euro per part away
        from it.

    Examples
    --------
    >>> shared_out([0.4, 0.4, 0.4])
    [1, 0, 0]
    """
    cents = [round(p * 100) for p in parts]
    target = whole(sum(cents) / 100) if total is None else total
    found = [c // 100 for c in cents]
    order = sorted(range(len(cents)), key=lambda i: (-(cents[i] % 100), i))
    missing = target - sum(found)
    for i in order[: max(missing, 0)]:
        found[i] += 1
    for i in order[len(order) + min(missing, 0) :] if missing < 0 else ():
        found[i] -= 1
    return found


def whole(euros: float) -> int:
    """Round to the euro, half away from zero, as amounts are written."""
    cents = round(euros * 100)
    return (abs(cents) + 50) // 100 * (1 if cents >= 0 else -1)


@dataclass(frozen=True)
class WholeYear:
    """An exercice in whole euros that add up."""

    pay: int
    other_costs: int
    cost: int
    grant: int
    other_funding: int
    net_cost: int


def whole_year(year: Year) -> WholeYear:
    cost, net = whole(year.cost), whole(year.net_cost)
    pay, other = shared_out([year.pay, year.other_costs], cost)
    grant, funding = _funding(year.grant, year.other_funding, cost - net)
    return WholeYear(pay, other, cost, grant, funding, net)


def _funding(grant: float, other: float, total: int) -> tuple[int, int]:
    """Share funding out; what is nothing stays nothing, the euro of rounding goes to the other."""
    if not other:
        return total, 0
    if not grant:
        return 0, total
    shared = shared_out([grant, other], total)
    return shared[0], shared[1]
