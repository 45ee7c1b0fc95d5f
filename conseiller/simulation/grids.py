"""Hires that a draw moves to a month whose grid is not known: such a draw has no figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from conseiller.dossier import schema
from conseiller.law import Law, grid_parameter


def unknown_grids(dossier: schema.Dossier, law: Law) -> Iterator[tuple[str, str, date, date]]:
    """Yield post, grade, first day of its grid, and the earlier day from which a contract needs it.

    Parameters
    ----------
    dossier : Dossier
        The case of one draw.
    law : Law
    """
    last_day = date(dossier.period.last, 12, 31)
    for post in dossier.posts:
        for contract in post.contracts:
            month = contract.start.replace(day=1)
            stop = min(contract.end or last_day, last_day)
            terms = sorted(contract.terms, key=lambda term: term.start)
            ends = [min(after.start - timedelta(days=1), stop) for _, after in pairwise(terms)]
            for term, end in zip(terms, [*ends, stop], strict=True):
                if term.index is not None or term.grade is None or term.step is None:
                    continue
                known = law.table(grid_parameter(term.grade, term.step)).entries[0].start
                needed = max(term.start, month, date(dossier.period.first, 1, 1))
                if needed < known and needed <= end:
                    yield post.code, term.grade, known, needed
