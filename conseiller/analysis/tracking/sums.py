"""Tracked lines summed in whole cents: plan, booked and still to book, over any lines and any months."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from conseiller.analysis.tracking.cells import Cents

if TYPE_CHECKING:
    from conseiller.analysis.tracking.tracking import Tracking

#: What tells a tracked line of a post apart: post, line, side.
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Amounts:
    """What some tracked lines come to over some months [cents]."""

    plan: int = 0
    booked: int = 0
    left: int = 0

    @property
    def variance(self) -> int:
        """Booked less plan."""
        return self.booked - self.plan

    @property
    def landing(self) -> int:
        """Booked, and what is still to book."""
        return self.booked + self.left


class Sums:
    """Every tracked line by month, and their sums.

    Parameters
    ----------
    tracking : Tracking
    """

    def __init__(self, tracking: Tracking) -> None:
        tracks = tracking.cells.tracks
        self.rank: dict[Key, int] = {(t.post, t.line, t.side): k for k, t in enumerate(tracks)}
        self._sections = np.array([t.section for t in tracks], dtype=object)
        self._keys = np.array(list(self.rank), dtype=object).reshape(-1, 3)
        shape = (len(tracks), tracking.cells.months)
        self._none: Cents = np.zeros(shape[1], dtype=np.int64)
        self._plan: Cents = np.array([t.plan for t in tracks], dtype=np.int64).reshape(shape)
        self._booked: Cents = np.array([t.booked for t in tracks], dtype=np.int64).reshape(shape)
        self._left = self._not_booked(tracking)

    def plan(self, key: Key) -> Cents:
        """Return the plan of a tracked line by month; noughts where it has none."""
        return self._of(self._plan, key)

    def booked(self, key: Key) -> Cents:
        """Return what is booked of a tracked line by month."""
        return self._of(self._booked, key)

    def left(self, key: Key) -> Cents:
        """Return what is still to book of a tracked line by month (see `views.landing`)."""
        return self._of(self._left, key)

    def of(
        self, months: slice, *, section: str = "", side: str = "", line: str = "", post: str = ""
    ) -> Amounts:
        """Return what the lines of a section, side, line and post come to; "" stands for all of them."""
        mask = np.ones(len(self._keys), dtype=bool)
        for k, wanted in enumerate((post, line, side)):
            if wanted:
                mask &= self._keys[:, k] == wanted
        if section:
            mask &= self._sections == section
        series = (self._plan, self._booked, self._left)
        return Amounts(*(int(cents[mask, months].sum()) for cents in series))

    def net(self, months: slice, *, section: str, post: str = "") -> Amounts:
        """Return spending less income of a section."""
        cost, funding = (self.of(months, section=section, side=s, post=post) for s in ("cost", "funding"))
        return Amounts(cost.plan - funding.plan, cost.booked - funding.booked, cost.left - funding.left)

    def _of(self, series: Cents, key: Key) -> Cents:
        return self._none if (rank := self.rank.get(key)) is None else series[rank]

    def _not_booked(self, tracking: Tracking) -> Cents:
        found = np.zeros_like(self._plan)
        table = tracking.explained
        table = table[table["cause"] == "not_yet_booked"]
        for post, line, side, month, amount in table[["post", "line", "side", "month", "amount"]].itertuples(
            index=False
        ):
            rank = tracking.cells.rank(month.year, month.month)
            found[self.rank[post, line, side], rank] -= round(amount * 100)
        return found
