"""Costs and funding beside pay and grant, shared between posts; FCTVA on equipment.

Each item is a member of the family "cost" or "funding": it has its own copy of
the columns below in every month row.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from conseiller.rules.algebra import Quantity, add_months, cents, maximum, where
from conseiller.rules.algebra import month as month_of_year
from conseiller.rules.registry import (
    REGISTRY,
    Column,
    Constant,
    FamilySum,
    Law,
    Member,
    Select,
    lookup,
    rule,
)


def _due(
    amount: Quantity,
    frequency: Quantity,
    since: Quantity,
    to: Quantity,
    month: Quantity,
    next_month: Quantity,
) -> Quantity:
    """Return what an item costs or brings in the month, all posts together.

    Once in the month it starts; each month; a yearly amount spread over the twelve
    months by cumulative twelfths; or a yearly amount in the month of its start date.
    """
    running = (since < next_month) & (month < to)
    rank = month_of_year(month)
    spread = cents(amount * rank / 12) - cents(amount * (rank - 1) / 12)
    yearly = where(month_of_year(month) == month_of_year(since), amount, 0)
    regular = where(frequency == 2, amount, where(frequency == 3, spread, yearly))
    once = where((since >= month) & (since < next_month), amount, 0)
    result: Quantity = where(frequency == 1, once, where(running, cents(regular), 0))
    return result


def _part(
    due: Quantity,
    weight_before: Quantity,
    weight_to: Quantity,
    weight_total: Quantity,
    only_occupied: Quantity,
    thirtieths: Quantity,
) -> Quantity:
    """Return the post's part: a cumulative split in the order of posts, so that parts add up."""
    total = maximum(weight_total, 0.000001)
    share = cents(due * weight_to / total) - cents(due * weight_before / total)
    result: Quantity = where((only_occupied > 0) & (thirtieths == 0), 0, cents(share))
    return result


def _running(part: Quantity, section: Quantity) -> Quantity:
    """Return the post's part when it belongs to the section de fonctionnement."""
    result: Quantity = where(section == 1, part, 0)
    return result


def _equipment(part: Quantity, section: Quantity) -> Quantity:
    """Return the post's part when it belongs to the section d'investissement."""
    result: Quantity = where(section == 2, part, 0)
    return result


def _eligible(part: Quantity, fctva: Quantity) -> Quantity:
    """Return the amount, all taxes included, that bears FCTVA."""
    return part * fctva


_SHARED = {"month", "next_month", "thirtieths"}


def _register(family: str) -> None:
    """Register the columns that each item of a family has."""

    def add(label: str, function: Callable[..., Any]) -> None:
        reads = tuple(a if a in _SHARED else f"{family}_{a}" for a in inspect.signature(function).parameters)
        column = Column(
            f"{family}_{label}",
            "month",
            "euros",
            family,
            function=function,
            family=family,
            only_month=True,
            reads=reads,
        )
        REGISTRY.add(column)

    fields = ["amount", "frequency", "since", "to", "weight_before", "weight_to", "weight_total"]
    fields += ["only_occupied", "fctva", "section"]
    for field in fields:
        label = f"{family}_{field}"
        member = Member(field)
        column = Column(label, "month", "number", "item", lookup=member, family=family, only_month=True)
        REGISTRY.add(column)
    add("due", _due)
    add("part", _part)
    add("running", _running)
    add("equipment", _equipment)
    if family == "cost":
        add("eligible", _eligible)


for _family in ("cost", "funding"):
    _register(_family)

lookup(
    "month",
    "euros",
    "other",
    only_month=True,
    autres_couts=FamilySum("cost_running"),
    equipements=FamilySum("cost_equipment"),
    autres_financements=FamilySum("funding_running"),
    financements_equipement=FamilySum("funding_equipment"),
)
lookup("month", "euros", "fctva", only_month=True, fctva_base=FamilySum("cost_eligible"))
lookup("month", "rate", "law", only_month=True, fctva_rate=Law("fctva_taux"))
lookup("month", "years", "constant", only_month=True, fctva_stated_lag=Constant("fctva_lag"))
lookup("month", "years", "law", only_month=True, fctva_law_lag=Law("fctva_decalage_annees"))


@rule("month", "date", "fctva", only_month=True)
def fctva_due_on(month: Quantity, fctva_stated_lag: Quantity, fctva_law_lag: Quantity) -> Quantity:
    """Return the month in which the FCTVA of this month's spending is received: as stated, or as the law says."""
    years = where(fctva_stated_lag < 0, fctva_law_lag, fctva_stated_lag)
    result: Quantity = add_months(month, 12 * years)
    return result


@rule("month", "euros", "fctva", only_month=True)
def fctva_generated(fctva_base: Quantity, fctva_rate: Quantity) -> Quantity:
    """Return the FCTVA that this month's spending will bring.

    References
    ----------
    CGCT L.1615-6 (taux de 16,404 %).
    """
    result: Quantity = cents(fctva_base * fctva_rate)
    return result


lookup(
    "month",
    "euros",
    "other",
    only_month=True,
    fctva=Select("sum", "month", "fctva_generated", (("fctva_due_on", "=", "month"),)),
)


# --- what the month costs the authority --------------------------------------------------------------


@rule("month", "euros", "total")
def cout_fonctionnement(
    personnel: Quantity, indemnite_rupture: Quantity, are: Quantity, autres_couts: Quantity
) -> Quantity:
    """Return the cost of the month, section de fonctionnement."""
    result: Quantity = cents(personnel + indemnite_rupture + are + autres_couts)
    return result


@rule("month", "euros", "total")
def reste_fonctionnement(
    cout_fonctionnement: Quantity, subvention_etat: Quantity, autres_financements: Quantity
) -> Quantity:
    """Return the reste à charge of the section de fonctionnement, grant earned deducted."""
    result: Quantity = cents(cout_fonctionnement - subvention_etat - autres_financements)
    return result


@rule("month", "euros", "total", only_month=True)
def reste_investissement(
    equipements: Quantity, financements_equipement: Quantity, fctva: Quantity
) -> Quantity:
    """Return the reste à charge of the section d'investissement, FCTVA received deducted."""
    result: Quantity = cents(equipements - financements_equipement - fctva)
    return result
