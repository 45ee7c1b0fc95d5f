"""When: what is booked in another month than the one it is about, and what is not booked yet."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from conseiller.analysis.tracking.cells import Cells, Cents, Track

#: A month gives to an empty one only if it holds too much by this share of what is missing, so that a
#: rise of price or of pay is not taken for arrears. The grant gives whatever it has: it comes in lumps.
HALF = 0.5


@dataclass(frozen=True)
class Timing:
    """A tracked line put at its dates.

    Parameters
    ----------
    about : array (months,)
        What the books hold, in the months it is about [cents].
    calendar : array (months,)
        Booked less `about`, by month of booking: the effect of dates; 0 outside the window.
    missing : array (months,)
        Plan not booked yet: planned months still empty (of the grant, also the part not covered).
    """

    about: Cents
    calendar: Cents
    missing: Cents


def timing(cells: Cells, track: Track, last: int | None = None) -> Timing:
    """Put a tracked line at its dates (see ``docs/tracking.md``, part B, steps 2 and 3).

    Parameters
    ----------
    cells : Cells
    track : Track
    last : int, optional
        Rank of the last month of booking looked at; all of them by default.
    """
    if last is not None:
        track = replace(track, entries=[e for e in track.entries if e.booked <= last])
    months, plan, booked = cells.months, track.plan, track.booked
    about = np.zeros(months, dtype=np.int64)
    free = np.zeros(months, dtype=np.int64)
    for entry in track.entries:
        if entry.about is None:
            about[entry.booked] += entry.cents
            free[entry.booked] += entry.cents
        elif 0 <= entry.about < months:
            about[entry.about] += entry.cents
    if track.is_grant:
        for month, cents in earlier_titles(cells, track.post):
            about[month] += cents
            free[month] += cents
    _fill(cells, track, about, free)
    window = cells.window
    calendar = np.where(window, booked - about, 0)
    empty = (plan != 0) & (about == 0)
    missing = np.where(plan > about, plan - about, 0) if track.is_grant else np.where(empty, plan, 0)
    return Timing(np.where(window, about, 0), calendar, np.where(window, missing, 0))


def earlier_titles(cells: Cells, post: str) -> list[tuple[int, int]]:
    """Return the titres of the grant before the exercices of the books, as the dossier states them."""
    found = []
    stated = next(p for p in cells.plan.dossier.posts if p.code == post)
    for convention in stated.conventions:
        for instalment in convention.instalments:
            if instalment.titled is None:
                continue
            month = cells.rank(instalment.titled.year, instalment.titled.month)
            if month < cells.since:
                found.append((max(month, 0), round(instalment.amount * 100)))
    return found


def _fill(cells: Cells, track: Track, about: Cents, free: Cents) -> None:
    """Move what some months hold above their plan to empty ones, oldest first, in place."""
    plan = track.plan
    years = np.arange(cells.months) // 12
    needs: list[int] = np.flatnonzero((plan > 0) & (about == 0)).tolist()
    needs = [m for m in needs if _may_fill(cells, track, m)]
    if track.is_grant:
        needs = np.flatnonzero(plan > about).tolist()
    for same_year in (True, False):
        for month in needs:
            for giver in np.flatnonzero(np.minimum(free, about - plan) > 0):
                need = plan[month] - about[month]
                if need <= 0:
                    break
                later = month > cells.until and not track.is_grant
                if (years[giver] != years[month]) if same_year else (years[giver] == years[month] or later):
                    continue
                spare = min(free[giver], about[giver] - plan[giver])
                if not track.is_grant and spare < HALF * plan[month]:
                    continue
                moved = min(spare, need)
                about[month] += moved
                about[giver] -= moved
                free[giver] -= moved
                if not track.is_grant:
                    break


def _may_fill(cells: Cells, track: Track, month: int) -> bool:
    """Say whether an empty month may be filled: pay only where it was due, the rest also ahead."""
    if month < cells.since:
        return False
    return month <= cells.until or not track.is_pay
