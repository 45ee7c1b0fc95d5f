"""What a convention grants a post that is never vacant, as a formula of *Contrôles* and its value.

The working share of a grant year whose grant goes pro rata is the mean of the months shown; that of the
whole convention for a year that shows none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from conseiller.analysis.financing import grant_days
from conseiller.engine import YEARS
from conseiller.projection import Projection
from conseiller.rules.algebra import cents, month, year
from conseiller.rules.algebra import day as day_of
from conseiller.rules.registry import FAR
from conseiller.workbook.book import Live, ref

if TYPE_CHECKING:
    from conseiller.workbook.monthly import ModelLayout


class Agreed:
    """Reckons the amount agreed, convention by convention, in the order of *Années de subvention*."""

    def __init__(self, plan: Projection, layout: ModelLayout) -> None:
        self.plan = plan
        self.layout = layout
        self.held = [
            (p, f) for p, post in enumerate(plan.dossier.posts) for f in range(len(post.conventions))
        ]
        self._days = grant_days(plan)

    def of(self, rank: int) -> Live:
        """Return the formula and the value for the rank-th convention row [euros]."""
        value = 0.0
        if rank < len(self.held):
            p, f = self.held[rank]
            value = float(cents(sum(self._year(p, f * YEARS + k, f) for k in range(YEARS))))
        rows = range(self.layout.grants.first + rank * YEARS, self.layout.grants.first + (rank + 1) * YEARS)
        return Live(f"ROUND({'+'.join(self._formula(row, rows) for row in rows)},2)", value)

    def _year(self, post: int, k: int, convention: int) -> float:
        grant = self.plan.model.grant
        if k >= grant.full("amount").shape[1]:
            return 0.0

        def at(name: str) -> float:
            return float(grant.full(name)[post, k])

        whole, stop = at("whole"), min(at("stop"), FAR)
        reached = whole if stop >= at("ends") else 0.0
        if at("begins") < stop < at("ends"):
            last = np.array(stop)
            shown = 12 * year(last) + month(last)
            reached = float(30 * shown + np.minimum(30, day_of(last) - 1) - at("origin"))
        share = 1.0
        if at("part_time") == 1:
            stayed, worked = self._days
            years = slice(convention * YEARS, (convention + 1) * YEARS)
            for s, w in (
                (stayed[post, k], worked[post, k]),
                (stayed[post, years].sum(), worked[post, years].sum()),
            ):
                if s > 0:
                    share = float(w / s)
                    break
        return float(cents(cents(at("amount") * share) * reached / whole))

    def _formula(self, row: int, rows: Sequence[int]) -> str:
        places = self.layout.grants

        def cell(name: str, at: int = row) -> str:
            return ref(at, places.columns[name], places.sheet)

        own = {worked: self._sum([row], worked) for worked in (False, True)}
        all_ = {worked: self._sum(rows, worked) for worked in (False, True)}
        share = (
            f"IF({own[False]}>0,{own[True]}/{own[False]},IF({all_[False]}>0,{all_[True]}/{all_[False]},1))"
        )
        share = f"IF({cell('part_time')}=1,{share},1)"
        stop = cell("stop")
        reached = f"30*(12*YEAR({stop})+MONTH({stop}))+MIN(30,DAY({stop})-1)-{cell('origin')}"
        reached = f"IF({stop}>={cell('ends')},{cell('whole')},IF({stop}<={cell('begins')},0,{reached}))"
        return f"ROUND(ROUND({cell('amount')}*{share},2)*{reached}/{cell('whole')},2)"

    def _sum(self, rows: Sequence[int], worked: bool) -> str:
        """Return the thirtieths stayed in the grant years of some rows, or those worked."""
        months, places = self.layout.month, self.layout.grants
        post = ref(rows[0], places.columns["post"], places.sheet)
        numbers = [ref(row, places.columns["number"], places.sheet) for row in rows]
        terms = []
        for n in (1, 2):
            segment, after, before = (
                months.column(f"{name}_{n}") for name in ("segment", "time_after", "time_before")
            )
            inside = "+".join(f"({segment}={number})" for number in numbers)
            times = f"*{months.column('working')}" if worked else ""
            terms.append(f"SUMPRODUCT(({months.column('post')}={post})*({inside})*({after}-{before}){times})")
        return f"({'+'.join(terms)})"
