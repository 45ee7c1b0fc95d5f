"""Why the reste à charge changes from one year to the next."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, get_args

from conseiller.analysis.outlook._years import Cents, cents_by_post, covering, replan, two_years
from conseiller.dossier import schema
from conseiller.law import Entry, LawError, Table
from conseiller.projection import Projection
from conseiller.rules.totals import LEAVER_LINES, PAY_LINES

Cause = Literal[
    "grant",
    "smic",
    "point",
    "index",
    "scales",
    "rates",
    "contracts",
    "exits",
    "other_costs",
    "other_funding",
]
#: Causes of a change of the reste à charge, in the order in which they are told.
CAUSES: tuple[Cause, ...] = get_args(Cause)
#: Lines of the end of a contract: a cause of their own, whatever moves them.
EXIT_LINES = ("conges_non_pris", *LEAVER_LINES)


@dataclass(frozen=True)
class Change:
    """Part of the change of the reste à charge between two exercices [euros]."""

    cause: Cause
    amount: float


def changes(plan: Projection) -> list[Change]:
    """Return why the reste à charge changes between the two years; the causes add up to it exactly.

    Parameters
    ----------
    plan : Projection

    Returns
    -------
    list of Change
        One per cause, in the order of `CAUSES`, those of no euro included; a rise of the reste à
        charge is positive.

    Notes
    -----
    Grant, other costs, other funding and the end of contracts are differences of their lines. The
    rest of the pay is taken apart by projecting the second year again. First under the law and the
    employer's rates of the first year, month for month: what still differs comes from the contracts
    (presence, working time, agreed pay). The law of the second year then returns, one group at a
    time: minimum wage, value of the point, indices (grids, minimum, points added), scales of
    allowances and of part time, contribution rates and ceilings. Each effect of the law is thus
    measured on the posts of the second year.
    """
    before, after = two_years(plan)
    years = (before.exercice, after.exercice)
    wide = covering(plan, years[1])
    exits = [sum(cents_by_post(wide, EXIT_LINES, [y])) for y in years]
    agreed = [_cents(y.pay) - e for y, e in zip((before, after), exits, strict=True)]
    amounts: dict[Cause, Cents] = {
        "grant": _cents(before.grant) - _cents(after.grant),
        "exits": exits[1] - exits[0],
        "other_costs": _cents(after.other_costs) - _cents(before.other_costs),
        "other_funding": _cents(before.other_funding) - _cents(after.other_funding),
    }
    amounts |= _pay_changes(wide, years, agreed[0], agreed[1])
    return [Change(cause, amounts[cause] / 100) for cause in CAUSES]


def _cents(euros: float) -> Cents:
    return round(euros * 100)


_INDICES = {
    "im_minimum",
    "points_supplementaires",
    "indemnite_residence_im_plancher",
    "sft_im_plancher",
    "sft_im_plafond",
}
#: Groups of legal values, in the order in which they return; what no group takes belongs to the rates.
_GROUPS: tuple[tuple[Cause, Callable[[str], bool]], ...] = (
    ("smic", lambda p: p == "smic_mensuel"),
    ("point", lambda p: p == "point_indice_annuel"),
    ("index", lambda p: p.startswith("grille_") or p in _INDICES),
    ("scales", lambda p: p.startswith(("sft_", "indemnite_residence_", "temps_"))),
)
#: Not a matter of pay: schedules and rules of the grant.
_NOT_PAY = ("generation_", "vacance_", "fctva_")


def _pay_changes(plan: Projection, years: tuple[int, int], before: Cents, after: Cents) -> dict[Cause, Cents]:
    """Take the change of pay apart, the end of contracts left out (see `changes`)."""
    lines = [line for line in PAY_LINES if line not in EXIT_LINES]
    held = {name for name in plan.law.tables if not name.startswith(_NOT_PAY)}
    rates = _held_rates(plan.dossier.rates, years)
    period = plan.dossier.period.model_copy(update={"first": years[0], "last": years[1]})
    dossier = plan.dossier.model_copy(update={"period": period, "rates": rates})

    def pay() -> Cents:
        tables = dict(plan.law.tables)
        tables |= {name: _held(tables[name], years) for name in held}
        return sum(cents_by_post(replan(plan, dossier, replace(plan.law, tables=tables)), lines, [years[1]]))

    reached = pay()
    found: dict[Cause, Cents] = {"contracts": reached - before}
    for cause, belongs in _GROUPS:
        held -= {name for name in held if belongs(name)}
        found[cause] = (step := pay()) - reached
        reached = step
    found["rates"] = after - reached
    return found


def _held(table: Table, years: tuple[int, int]) -> Table:
    """Return a legal table in which the second year takes, month for month, the values of the first."""
    first, second = date(years[0], 1, 1), date(years[1], 1, 1)
    then = date(years[1] + 1, 1, 1)
    kept = [e for e in table.entries if e.start < second or e.start >= then]
    known = [e for e in table.entries if e.start <= first]
    moved = [replace(e, start=_next_year(e.start)) for e in table.entries if first < e.start < second]
    # A value that did not exist when the first year began, as a new step of a grid, is its first one throughout.
    opening = [replace(known[-1] if known else table.entries[0], start=second)]
    if not any(e.start == then for e in kept):
        with contextlib.suppress(LawError):
            kept.append(replace(table.at(then), start=then))
    starts: dict[date, Entry] = {e.start: e for e in (*kept, *opening, *moved)}
    return replace(table, entries=tuple(starts[day] for day in sorted(starts)))


def _held_rates(rates: tuple[schema.EmployerRates, ...], years: tuple[int, int]) -> tuple[Any, ...]:
    """Return the employer's own rates in which the second year takes those of the first."""
    ordered = sorted(rates, key=lambda r: r.start)
    first, second = date(years[0], 1, 1), date(years[1], 1, 1)
    kept = {r.start: r for r in ordered if r.start < second}
    opening = [r for r in ordered if r.start <= first][-1:]
    none = schema.EmployerRates(start=second, at_mp=0, cdg=0)
    kept[second] = opening[0].model_copy(update={"start": second}) if opening else none
    for r in ordered:
        if first < r.start < second:
            kept[_next_year(r.start)] = r.model_copy(update={"start": _next_year(r.start)})
    return tuple(kept.values())


def _next_year(day: date) -> date:
    """Return the same day a year later; 29 February becomes 1 March, which holds for the same months."""
    leap = (day.month, day.day) == (2, 29)
    return date(day.year + 1, 3, 1) if leap else day.replace(year=day.year + 1)
