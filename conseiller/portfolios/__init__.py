"""Every post of a département, a hub or the national programme: read, computed, summed, shown.

`portfolio` reads a table of posts (one row a post), the State's own list, or a folder of dossiers. Broken rows are
set aside one by one with their reason; the rest is computed with the compiled rules, to the same cent as
`conseiller.project` of each dossier.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from conseiller.errors import InputFaults
from conseiller.messages import Lang

if TYPE_CHECKING:
    from conseiller.law import Law
    from conseiller.portfolios.results import Portfolio

__all__ = ["portfolio"]


def portfolio(
    path: str | os.PathLike[str],
    *,
    first: int | None = None,
    last: int | None = None,
    today: date | None = None,
    lang: Lang = "fr",
    law: Law | None = None,
) -> Portfolio:
    """Read many posts and compute them all.

    Parameters
    ----------
    path : path
        A table of posts (CSV, XLSX, ODS; columns: `conseiller/portfolios/columns.toml`), the State's own list of
        posts, or a folder of dossiers.
    first, last : int, optional
        Exercices shown. By default from the first amount to the year after the last financing; of dossiers, the
        exercices of them all, each computed over all of these.
    today : date, optional
        Date of the report: what is vacant, earned and paid by then.
    lang : {"fr", "en"}
        Language of the reasons for which rows are set aside.
    law : Law, optional
        Legal tables; those of the package by default.

    Returns
    -------
    Portfolio
        What was left out stands in its `set_aside`.

    Raises
    ------
    InputFaults
        When the file cannot be read as posts, or no row of it can be used.
    """
    from conseiller.law import load_law, to_serial
    from conseiller.portfolios import folders
    from conseiller.portfolios.cases import build_cases
    from conseiller.portfolios.compute import compute, years_of
    from conseiller.portfolios.rows import Rows, read_rows

    place, day, rules = Path(path), today or date.today(), law or load_law()
    rows = Rows()
    if place.is_dir():
        cases = folders.load_folder(place, day, lang)
        span = folders.years_of(cases)
    else:
        rows = read_rows(place, rules, lang)
        cases = build_cases(rows.rows, rules, lang)
        span = years_of(cases.batches, rules)
    shown = (first or span[0], last or span[1])
    span = (min(span[0], shown[0]), max(span[1], shown[1]))
    if place.is_dir():
        cases = folders.over(cases, *span, lang)
    if not cases.batches:
        raise InputFaults([a.fault for a in cases.aside], lang)
    from conseiller.portfolios.results import Portfolio

    computed = compute(cases.batches, span, to_serial(day), rules)
    return Portfolio(
        place.resolve().name,
        cases,
        computed,
        shown,
        day,
        rules,
        state=rows.state,
        guessed=rows.guessed,
        from_dossiers=place.is_dir(),
        unread=tuple(rows.unread),
    )
