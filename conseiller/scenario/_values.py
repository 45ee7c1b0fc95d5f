"""Legal values moved by a scenario, as assumptions of the case: raised, set, or held where they stand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from conseiller.dossier import schema
from conseiller.law import Entry, Law, LawError, Table

Assumptions = tuple[schema.Assumption, ...]
#: Decimals of the legal values that can be raised by a share.
_DIGITS = {"smic_mensuel": 2, "point_indice_annuel": 4}


def raised(
    held: Assumptions,
    law: Law,
    parameter: str,
    rate: float,
    start: date,
    last: date,
    yearly: bool,
    source: str,
) -> Assumptions:
    """Return the assumptions with a legal value raised by a share from a day on.

    Parameters
    ----------
    held : tuple of Assumption
        Those of the case.
    law : Law
        The law with them.
    parameter : str
        SMIC or point.
    rate : float
        Share, 0.02 for 2 %.
    start : date
    last : date
        Last day looked at: yearly rises stop there.
    yearly : bool
        Raise again at each anniversary of the start; once otherwise.
    source : str
        How the new values are signed.
    """
    table = law.table(parameter)
    days = {start, *(e.start for e in table.entries if e.start > start)}
    if yearly:
        days |= {_same_day(start, year) for year in range(start.year + 1, last.year + 1)}
    added = []
    for day in sorted(days):
        times = 1 + (_years(start, day) if yearly else 0)
        value = round(table.at(day).value * (1 + rate) ** times, _DIGITS[parameter])
        added.append(schema.Assumption(parameter=parameter, start=day, value=value, source=source))
    return _laid(held, added)


def _same_day(day: date, year: int) -> date:
    leap = (day.month, day.day) == (2, 29)
    return date(year, 3, 1) if leap else day.replace(year=year)


def _years(start: date, day: date) -> int:
    return day.year - start.year - (day < _same_day(start, day.year))


def fixed(held: Assumptions, parameter: str, start: date, value: float, source: str) -> Assumptions:
    """Return the assumptions with a legal value set from a day to its next change."""
    return _laid(held, [schema.Assumption(parameter=parameter, start=start, value=value, source=source)])


def frozen(held: Assumptions, base: Law, parameter: str, start: date, source: str) -> Assumptions:
    """Return the assumptions under which a legal value keeps, after a day, what it is that day."""
    own = [a for a in held if not (a.parameter == parameter and a.start > start)]
    later_on = [e.start for e in base.table(parameter).entries if e.start > start]
    withdrawn = [schema.Assumption(parameter=parameter, start=day, source=source) for day in later_on]
    return _laid(own, withdrawn)


def _laid(held: Iterable[schema.Assumption], added: Iterable[schema.Assumption]) -> Assumptions:
    by_day = {(a.parameter, a.start): a for a in (*held, *added)}
    return tuple(sorted(by_day.values(), key=lambda a: (a.start, a.parameter)))


def in_force(table: Table, day: date) -> Entry | None:
    """Return the entry in force on a day, None before the first."""
    try:
        return table.at(day)
    except LawError:
        return None
