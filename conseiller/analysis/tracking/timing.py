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
    months, plan, booked, window = cells.months, track.plan, track.booked, cells.window
    about = np.zeros(months, dtype=np.int64)
    free = np.zeros(months, dtype=np.int64)
    for entry in track.entries:
        if entry.about is None:
            about[entry.booked] += entry.cents
            free[entry.booked] += entry.cents
        elif 0 <= entry.about < months:
            about[entry.about] += entry.cents
    if track.is_grant:
        _fill_grant(cells, track, about, free)
        missing = np.where(plan > about, plan - about, 0)
    else:
        _fill(cells, track, about, free)
        missing = np.where((plan != 0) & (about == 0), plan, 0)
    calendar = np.where(window, booked - about, 0)
    return Timing(np.where(window, about, 0), calendar, np.where(window, missing, 0))


def _fill(cells: Cells, track: Track, about: Cents, free: Cents) -> None:
    """Move what some months hold above their plan to empty ones, oldest first, in place."""
    plan = track.plan
    years = np.arange(cells.months) // 12
    empty: list[int] = np.flatnonzero((plan > 0) & (about == 0)).tolist()
    needs = [m for m in empty if _may_fill(cells, track, m)]
    for same_year in (True, False):
        for month in needs:
            if about[month] or (not same_year and month > cells.until):
                continue
            for giver in np.flatnonzero(np.minimum(free, about - plan) >= HALF * plan[month]):
                if (years[giver] == years[month]) == same_year and free[giver] > 0:
                    moved = min(free[giver], about[giver] - plan[giver], plan[month])
                    about[month] += moved
                    about[giver] -= moved
                    free[giver] -= moved
                    break


def _fill_grant(cells: Cells, track: Track, about: Cents, free: Cents) -> None:
    """Move titres of the grant to the months they pay, in place.

    What was titled ahead before the books pays their first months; what was then earned and not titled
    is paid first by what exceeds the plan of its year.
    """
    first = cells.since
    opening = sum(o.ahead for (post, _), o in cells.openings.items() if post == track.post)
    # The time before the books stands as one more month, in a year of its own.
    plan = np.concatenate([[max(-opening, 0)], track.plan[first:]])
    held = np.concatenate([[max(opening, 0)], about[first:]])
    loose = np.concatenate([[max(opening, 0)], free[first:]])
    years = np.concatenate([[-1], np.arange(len(plan) - 1) // 12])
    for same_year in (True, False):
        for month in np.flatnonzero(plan > held).tolist():
            for giver in np.flatnonzero(np.minimum(loose, held - plan) > 0).tolist():
                if (years[giver] == years[month]) == same_year and plan[month] > held[month]:
                    moved = min(loose[giver], held[giver] - plan[giver], plan[month] - held[month])
                    held[month] += moved
                    held[giver] -= moved
                    loose[giver] -= moved
    about[first:] = held[1:]


def _may_fill(cells: Cells, track: Track, month: int) -> bool:
    """Say whether an empty month may be filled: pay only where it was due, the rest also ahead."""
    if month < cells.since:
        return False
    return month <= cells.until or not track.is_pay
