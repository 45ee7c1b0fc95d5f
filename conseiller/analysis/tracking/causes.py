"""Why: each variance taken apart, exactly, in the fixed order of ``docs/tracking.md``, part B."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from conseiller.analysis.replay import Replay
from conseiller.analysis.tracking.cells import Cells, Cents, Track
from conseiller.analysis.tracking.facts import OPERANDS, Basis, Cause, Facts, Piece
from conseiller.analysis.tracking.pay import Pay
from conseiller.analysis.tracking.timing import Timing, timing
from conseiller.projection import Projection

if TYPE_CHECKING:
    import pandas as pd

#: Columns of the explained table.
EXPLAINED = (
    "post",
    "month",
    "exercice",
    "line",
    "side",
    "section",
    "cause",
    "basis",
    "operand",
    "value",
    "amount",
)


class Causes:
    """The causes of every variance of a plan and its books.

    Parameters
    ----------
    cells : Cells
    real : Projection, optional
        The dossier brought up to date with what really happened, projected.
    """

    def __init__(self, cells: Cells, real: Projection | None = None) -> None:
        self.cells = cells
        self.real = real
        #: Operands of the pay that were not the plan's; filled by `table`.
        self.facts = Facts.none(len(cells.plan.posts), cells.months)
        self.timings: dict[tuple[str, str, str], Timing] = {
            (t.post, t.line, t.side): timing(cells, t) for t in cells.tracks if t.plan.any()
        }

    def timing(self, track: Track) -> Timing | None:
        """Return a tracked line at its dates, None when it is not in the plan."""
        return self.timings.get((track.post, track.line, track.side))

    def table(self) -> pd.DataFrame:
        """Return the explained variances: columns `EXPLAINED`, amounts in euros; they add up to the variance."""
        import pandas as pd

        rows = []
        plan = self.cells.plan
        for track, parts in self._all():
            for month, cause, basis, operand, value, cents in parts:
                if cents and self.cells.window[month]:
                    first = plan.months[month]
                    head = (
                        track.post,
                        pd.Timestamp(first),
                        first.year,
                        track.line,
                        track.side,
                        track.section,
                    )
                    rows.append((*head, cause, basis, operand, value, cents / 100))
        found = pd.DataFrame(rows, columns=list(EXPLAINED))
        return found.astype({"month": "datetime64[s]", "value": "float64", "amount": "float64"})

    def _all(self) -> Iterator[tuple[Track, list[Piece]]]:
        tracks = self.cells.tracks
        for track in tracks:
            if (found := self.timing(track)) is None:
                yield track, _parts("unplanned", "books", track.booked)
                continue
            parts = _parts("calendar", "books", found.calendar)
            if not track.is_pay:
                # What a closed exercice has not spent never will be; a grant earned can still be titled.
                still = track.is_grant | ~self.cells.closed
                missing = np.where(still, found.missing, 0)
                parts += _parts("not_yet_booked", "books", -missing)
                rest = np.where(self.cells.window, found.about - track.plan + missing, 0)
                parts += _parts("rate", "default", rest)
            yield track, parts
        pays = []
        for post in self.cells.plan.posts:
            pay = [t for t in tracks if t.post == post and t.is_pay and self.timing(t) is not None]
            if pay:
                timings = [self.timings[t.post, t.line, t.side] for t in pay]
                pays.append(Pay(self.cells, post, pay, timings, self.real))
        facts = self.facts = Facts.none(len(self.cells.plan.posts), self.cells.months)
        for one in pays:
            one.tell(facts)
        steps = _steps(self.cells.plan, facts)
        for one in pays:
            yield from one.explain(facts, steps)


def _parts(cause: Cause, basis: Basis, cents: Cents) -> list[Piece]:
    return [(int(m), cause, basis, "", float("nan"), int(cents[m])) for m in np.flatnonzero(cents)]


def _steps(plan: Projection, facts: Facts) -> list[Replay]:
    """Return the plan run again with one more operand changed each time; the plan itself first."""
    frame = plan.model.month
    changed: dict[str, object] = {}
    steps = [Replay(frame, {})]
    for names in OPERANDS.values():
        changed |= {n: facts.changed[n] for n in names}
        steps.append(Replay(frame, dict(changed)))
    return steps
