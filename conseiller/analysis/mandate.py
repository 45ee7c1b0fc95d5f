"""The municipal mandate: until when those who decide today answer for it."""

from __future__ import annotations

from datetime import date, timedelta

from conseiller.dossier.schedule import later
from conseiller.law import Law

PARAMETER = "mandat_municipal_mois"


def election_year(law: Law, year: int) -> bool:
    """Return whether municipal councils are renewed in a year, which also renews those of intercommunal bodies."""
    entry = law.table(PARAMETER).at(date(year, 12, 31))
    return (year - entry.start.year) * 12 % int(entry.value) == 0


def mandate_end(law: Law, day: date) -> date:
    """Return the last day of the month in which the mandate in course on a day ends: the next general election.

    The exact date is set by decree a few months before.

    Parameters
    ----------
    law : Law
    day : date

    Raises
    ------
    conseiller.law.LawError
        When the day is before the first mandate of the tables.

    Examples
    --------
    >>> from conseiller.law import load_law
    >>> mandate_end(load_law(), date(2026, 11, 24))
    datetime.date(2032, 3, 31)
    """
    entry = law.table(PARAMETER).at(day)
    month = later(entry.start, int(entry.value)).replace(day=1)
    return later(month, 1) - timedelta(days=1)
