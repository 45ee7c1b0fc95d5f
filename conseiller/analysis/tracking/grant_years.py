"""Plan and books by grant year: what is booked stands in the month it is about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from conseiller.analysis.tracking.views import FIGURES
from conseiller.projection import OUTSIDE

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.analysis.tracking.tracking import Tracking


def table(tracking: Tracking) -> pd.DataFrame:
    """The same by grant year, what is booked being put in the month it is about.

    Returns
    -------
    pandas.DataFrame
        post, grant_year, line, side, section; plan, actual, variance [euros]. Of the grant, titres that
        the dossier states before the books count for the months they pay.
    """
    import pandas as pd

    rows: dict[tuple[str, ...], list[int]] = {}
    for key, part in (*_plan(tracking), *_books(tracking)):
        figures = rows.setdefault(key[:-1], [0, 0])
        figures[key[-1] == "actual"] += part
    data = [(*key, p / 100, a / 100, (a - p) / 100) for key, (p, a) in rows.items() if p or a]
    return pd.DataFrame(data, columns=["post", "grant_year", "line", "side", "section", *FIGURES])


def _plan(tracking: Tracking) -> Iterator[tuple[tuple[str, ...], int]]:
    table = tracking.plan.table
    shown = table["clock"].isin(["engaged", "earned"]) & table["exercice"].isin(tracking.exercices)
    columns = ["post", "grant_year", "line", "side", "section", "amount"]
    for post, year, line, side, section, amount in table.loc[shown, columns].itertuples(
        index=False, name=None
    ):
        yield (post, year, tracking.cells.lines[line], side, section, "plan"), round(amount * 100)


def _books(tracking: Tracking) -> Iterator[tuple[tuple[str, ...], int]]:
    for track in tracking.cells.tracks:
        found = tracking.causes.timing(track)
        about = track.booked if found is None else found.about
        for month in np.flatnonzero(np.where(tracking.cells.window, about, 0)).tolist():
            for year, part in parts_of(tracking, track.post, month, int(about[month])):
                yield (track.post, year, track.line, track.side, track.section, "actual"), part


def parts_of(tracking: Tracking, code: str, month: int, amount: int) -> list[tuple[str, int]]:
    """Split a month cumulatively between its grant years and what falls in none."""
    frame, post = tracking.plan.model.month, tracking.plan.posts.index(code)
    names = [OUTSIDE, *(g.label for g in tracking.plan.grant_years[post])]
    whole = max(float(frame.full("thirtieths")[post, month]), 1.0)
    inside = [float(frame.full(f"occupied_{n}")[post, month]) for n in (1, 2)]
    if not sum(inside):
        whole, inside = 30.0, [float(frame.full(f"calendar_{n}")[post, month]) for n in (1, 2)]
    segments = [int(frame.full(f"segment_{n}")[post, month]) for n in (1, 2)]
    first = round(amount * min(inside[0] / whole, 1))
    both = round(amount * min(sum(inside) / whole, 1))
    parts = [(names[segments[0]], first), (names[segments[1]], both - first), (OUTSIDE, amount - both)]
    return [(name, part) for name, part in parts if part]
