"""The State grant: grant years of a financing, and what a month earns of them.

A month touches at most two grant years (a grant year lasts a month at least,
and the checks of the dossier refuse a third one after a financing cut short);
every column of the second is that of the first with the suffix ``_2``.
Splits are cumulative, so that the months of a grant year add up to it exactly.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from conseiller.rules.algebra import Quantity, add_months, cents, day, maximum, minimum, where, year
from conseiller.rules.algebra import month as month_of_year
from conseiller.rules.calendar import elapsed
from conseiller.rules.registry import (
    REGISTRY,
    Column,
    Comparison,
    Given,
    Pick,
    Select,
    Unit,
    lookup,
    rule,
)

# --- grant years -------------------------------------------------------------------------------------

lookup("grant", "number", "grant", number=Given())
lookup("grant", "date", "grant", financing_start=Given(), stop=Given())
lookup("grant", "number", "grant", part_time=Given(), months=Given(), offset=Given())
lookup("grant", "euros", "grant", amount=Given())


@rule("grant", "date", "grant")
def begins(financing_start: Quantity, offset: Quantity) -> Quantity:
    """Return the first day of the grant year, counted in whole months from the start of financing."""
    result: Quantity = add_months(financing_start, offset)
    return result


@rule("grant", "date", "grant")
def ends(financing_start: Quantity, offset: Quantity, months: Quantity) -> Quantity:
    """Return the first day after the grant year."""
    result: Quantity = add_months(financing_start, offset + months)
    return result


lookup(
    "grant",
    "date",
    "grant",
    lost=Select(
        "min",
        "contract",
        "lost_on",
        (("until", ">", "financing_start"), ("start", "<", "stop"), ("lost_on", "<", "stop")),
    ),
)


@rule("grant", "date", "grant")
def stops(stop: Quantity, lost: Quantity) -> Quantity:
    """Return the day from which the financing earns nothing: its end, or the day the post is given back.

    References
    ----------
    Règles de gestion du dispositif (mai 2025) : au-delà de la tolérance, le poste est rendu.
    """
    result: Quantity = where(lost > 0, minimum(lost, stop), stop)
    return result


@rule("grant", "date", "grant")
def live_from(begins: Quantity, stops: Quantity, months: Quantity) -> Quantity:
    """Return the first day that can earn, 0 when the grant year is void."""
    result: Quantity = where((months > 0) & (stops > begins), begins, 0)
    return result


@rule("grant", "date", "grant")
def live_to(live_from: Quantity, ends: Quantity, stops: Quantity) -> Quantity:
    """Return the day after the last day that can earn, 0 when the grant year is void."""
    result: Quantity = where(live_from > 0, minimum(ends, stops), 0)
    return result


@rule("grant", "number", "grant")
def whole(months: Quantity) -> Quantity:
    """Return the thirtieths of the whole grant year, never 0."""
    result: Quantity = maximum(30 * months, 1)
    return result


@rule("grant", "number", "grant")
def origin(begins: Quantity) -> Quantity:
    """Return the thirtieths from year 0 to the anchor, in months of 30."""
    lead = minimum(30, day(begins) - 1)
    result: Quantity = 30 * (12 * year(begins) + month_of_year(begins)) + lead
    return result


# --- what a month earns ------------------------------------------------------------------------------


def _hit(
    segment: Quantity, stay_from: Quantity, stay_to: Quantity, since: Quantity, to: Quantity
) -> Quantity:
    """Return 1 when the contract runs during the grant year within the month."""
    runs = (segment > 0) & (minimum(stay_to, to) > maximum(stay_from, since))
    result: Quantity = where(runs, 1, 0)
    return result


def _first(stay_from: Quantity, since: Quantity, month: Quantity, next_month: Quantity) -> Quantity:
    """Return the thirtieths elapsed when the funded stay begins."""
    return elapsed(maximum(stay_from, since), month, next_month)


def _last(stay_to: Quantity, to: Quantity, month: Quantity, next_month: Quantity) -> Quantity:
    """Return the thirtieths elapsed when the funded stay ends."""
    return elapsed(minimum(stay_to, to), month, next_month)


def _occupied(hit: Quantity, first: Quantity, last: Quantity) -> Quantity:
    """Return the funded thirtieths of the contract within the month."""
    return hit * (last - first)


def _amount(granted: Quantity, rule_part_time: Quantity, working: Quantity) -> Quantity:
    """Return the grant year's amount for this contract: pro rata of working time, or whole."""
    result: Quantity = cents(granted * where(rule_part_time == 1, working, 1))
    return result


def _time_before(hit: Quantity, month_number: Quantity, anchor: Quantity, first: Quantity) -> Quantity:
    """Return the thirtieths of the grant year elapsed before the funded stay."""
    return hit * (30 * month_number - anchor + first)


def _time_after(
    hit: Quantity,
    stay_to: Quantity,
    to: Quantity,
    finish: Quantity,
    whole_year: Quantity,
    month_number: Quantity,
    anchor: Quantity,
    last: Quantity,
) -> Quantity:
    """Return the thirtieths of the grant year elapsed after the funded stay: all of them at its end."""
    result: Quantity = hit * where(
        minimum(stay_to, to) >= finish, whole_year, 30 * month_number - anchor + last
    )
    return result


def _earned(
    hit: Quantity, yearly: Quantity, time_before: Quantity, time_after: Quantity, whole_year: Quantity
) -> Quantity:
    """Return the grant earned: the difference of two cumulative shares, each to the cent.

    References
    ----------
    Convention État / Caisse des dépôts : montant annuel par poste ; proratisation des mois
    incomplets par trentièmes : hypothèse modifiable, aucun texte public.
    """
    before = cents(yearly * time_before / maximum(whole_year, 1))
    after = cents(yearly * time_after / maximum(whole_year, 1))
    result: Quantity = cents(hit * (after - before))
    return result


def _calendar(
    segment: Quantity, since: Quantity, to: Quantity, month: Quantity, next_month: Quantity
) -> Quantity:
    """Return the thirtieths of the month within the grant year, whoever is in post."""
    inside = elapsed(minimum(next_month, to), month, next_month) - elapsed(
        maximum(month, since), month, next_month
    )
    result: Quantity = where(segment > 0, maximum(inside, 0), 0)
    return result


_WITHIN: tuple[tuple[str, Comparison, str], ...] = (
    ("live_to", ">", "month"),
    ("live_from", "<", "next_month"),
)
lookup("month", "date", "grant", first_begins=Select("min", "grant", "live_from", _WITHIN))
lookup("month", "date", "grant", last_begins=Select("max", "grant", "live_from", _WITHIN))
lookup(
    "month",
    "number",
    "grant",
    segment_1=Select("sum", "grant", "number", (*_WITHIN, ("live_from", "=", "first_begins"))),
    last_segment=Select("sum", "grant", "number", (*_WITHIN, ("live_from", "=", "last_begins"))),
)


@rule("month", "number", "grant")
def segment_2(segment_1: Quantity, last_segment: Quantity) -> Quantity:
    """Return the second grant year of the month, 0 when there is none."""
    result: Quantity = where(last_segment == segment_1, 0, last_segment)
    return result


#: Columns that belong to the month itself; every other argument is one of the grant year's own.
_SHARED = {"month", "next_month", "month_number", "stay_from", "stay_to", "working"}


def _register(n: int) -> None:
    """Register the columns of the month's first (1) or second (2) grant year."""

    def look(unit: Unit, **fields: str) -> None:
        picks = {f"{k}_{n}": Pick("grant", field, f"segment_{n}") for k, field in fields.items()}
        for label, pick in picks.items():
            REGISTRY.add(Column(label, "month", unit, "grant", lookup=pick))

    def add(label: str, unit: Unit, function: Callable[..., Any], only_month: bool = False) -> None:
        reads = tuple(a if a in _SHARED else f"{a}_{n}" for a in inspect.signature(function).parameters)
        REGISTRY.add(
            Column(
                f"{label}_{n}",
                "month",
                unit,
                "grant",
                function=function,
                only_month=only_month,
                reads=reads,
            )
        )

    look("date", since="live_from", to="live_to", finish="ends")
    look("number", whole_year="whole", anchor="origin", rule_part_time="part_time")
    look("euros", granted="amount")
    add("hit", "flag", _hit)
    add("first", "number", _first)
    add("last", "number", _last)
    add("occupied", "number", _occupied)
    add("yearly", "euros", _amount)
    add("time_before", "number", _time_before)
    add("time_after", "number", _time_after)
    add("earned", "euros", _earned)
    add("calendar", "number", _calendar, only_month=True)


for _n in (1, 2):
    _register(_n)


@rule("month", "euros", "line")
def subvention_etat(earned_1: Quantity, earned_2: Quantity) -> Quantity:
    """Return the State grant earned in the month.

    References
    ----------
    Loi n° 2020-1721 du 29 décembre 2020, art. 248 ; convention de subvention.
    """
    result: Quantity = cents(earned_1 + earned_2)
    return result
