"""Whole euros that add up: what is printed ties, and stays within a euro or so of the exact cents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conseiller.analysis.outlook import Year
from conseiller.text import whole


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


@dataclass(frozen=True)
class WholeYear:
    """An exercice in whole euros that add up."""

    pay: int
    other_costs: int
    cost: int
    grant: int
    other_funding: int
    net_cost: int


def whole_year(year: Year, grant: int | None = None) -> WholeYear:
    """Return an exercice in whole euros: spending is what grant, other funding and reste à charge add up to.

    Parameters
    ----------
    year : Year
    grant : int, optional
        Grant as it is printed; rounded to the euro by default. The reste à charge keeps its own
        rounding and the spending takes the euro, unless this would carry it a euro away or more.
    """
    given = whole(year.grant) if grant is None else grant

    def errors(funding: int, net: int) -> tuple[float, float, float]:
        cost = net + given + funding
        return abs(cost - year.cost), abs(funding - year.other_funding), abs(net - year.net_cost)

    def rank(pair: tuple[int, int]) -> tuple[bool, bool, float]:
        worst = round(max(errors(*pair)), 2)
        return worst >= 1, pair[1] != whole(year.net_cost), worst

    pairs = [(f, n) for f in _beside(year.other_funding) for n in _beside(year.net_cost)]
    funding, net = min(pairs, key=rank)
    cost = net + given + funding
    pay, other = shared_out([year.pay, year.other_costs], cost)
    return WholeYear(pay, other, cost, given, funding, net)


def _beside(euros: float) -> list[int]:
    """Return the whole euros on each side of an amount; the amount alone where it is whole."""
    cents = round(euros * 100)
    return sorted({cents // 100, -(-cents // 100)})


def balanced(rows: Mapping[str, Mapping[int, float]]) -> dict[str, dict[int, int]]:
    """Return amounts by row and exercice in whole euros that add up to the rounded sum of each row.

    Each is less than a euro away from its exact amount. Of the exercices of a row, those that are
    furthest below their own sum so far are rounded up, so that sums by exercice stay close too.

    Examples
    --------
    >>> balanced({"1": {2025: 5833.33, 2026: 11666.67}, "2": {2026: 4166.67, 2027: 8333.33}})
    {'1': {2025: 5833, 2026: 11667}, '2': {2026: 4167, 2027: 8333}}
    """
    below: dict[int, int] = {}
    found: dict[str, dict[int, int]] = {}
    for name, amounts in rows.items():
        cents = {year: round(amount * 100) for year, amount in amounts.items()}
        euros = {year: c // 100 for year, c in cents.items()}
        for year, c in cents.items():
            below[year] = below.get(year, 0) + c % 100
        raised = whole(sum(cents.values()) / 100) - sum(euros.values())
        broken = [year for year, c in cents.items() if c % 100]
        for year in sorted(broken, key=lambda y: (-below[y], y))[:raised]:
            euros[year] += 1
            below[year] -= 100
        found[name] = euros
    return found
