"""The pay of one post taken apart: what was paid in place of the plan, contract by contract where several share a month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from conseiller.analysis.replay import Replay
from conseiller.analysis.slip import Slip
from conseiller.analysis.tracking.booked import pay_lines, whose
from conseiller.analysis.tracking.cells import Cells, Cents, Track
from conseiller.analysis.tracking.facts import OPERANDS, Basis, Cause, Facts, PayCause, Piece, stated_facts
from conseiller.analysis.tracking.finder import Finder
from conseiller.analysis.tracking.shared import stated_month
from conseiller.analysis.tracking.timing import Timing
from conseiller.projection import Projection

if TYPE_CHECKING:
    import pandas as pd


class Pay:
    """The pay of one post, months at their dates.

    Parameters
    ----------
    cells : Cells
    post : str
    tracks : sequence of Track
        Its lines of pay that the plan has.
    timings : sequence of Timing
        Those lines at their dates.
    real : Projection, optional
        The dossier brought up to date with what really happened, projected.
    """

    def __init__(
        self,
        cells: Cells,
        post: str,
        tracks: Sequence[Track],
        timings: Sequence[Timing],
        real: Projection | None = None,
    ) -> None:
        self.cells = cells
        self.plan = cells.plan
        self.code = post
        self.post = cells.plan.posts.index(post)
        self.tracks = tracks
        self.real = real if real is not None and post in real.posts else None
        self.about = np.array([t.about for t in timings])
        self.planned = np.where(cells.window, np.array([t.plan for t in tracks]), 0)

    # --- variances taken apart ---

    def explain(self, facts: Facts, steps: Sequence[Replay]) -> Iterator[tuple[Track, list[Piece]]]:
        """Yield the pieces of each tracked line, `calendar` left out."""
        effects = self._effects(facts, steps)
        pieces: list[list[Piece]] = [[] for _ in self.tracks]
        for month in np.flatnonzero((self.about != self.planned).any(axis=0)).tolist():
            for k, found in enumerate(self._month(month, facts, effects)):
                pieces[k] += found
        yield from zip(self.tracks, pieces, strict=True)

    def _month(self, month: int, facts: Facts, effects: Mapping[str, Cents]) -> Iterator[list[Piece]]:
        about, planned = self.about[:, month], self.planned[:, month]
        late = month > self.cells.until
        whole: Cause | None = None
        if not planned.any() or (not about.any() and not late):
            whole = "headcount"
        elif not about.any():
            whole = "not_yet_booked"
        for k in range(len(self.tracks)):
            gap = int(about[k] - planned[k])
            if whole:
                yield [(month, whole, "books", "", float("nan"), gap)] if gap else []
                continue
            found: list[Piece] = []
            for cause in OPERANDS:
                if effect := int(effects[cause][k, month]):
                    found.append((month, cause, *self._operand(facts, month, cause), effect))
                    gap -= effect
            if gap:
                empty = not about[k] and planned[k] and not self.cells.closed[month]
                rest: Cause = "not_yet_booked" if empty else "rate"
                found.append((month, rest, "books" if empty else "default", "", float("nan"), gap))
            yield found

    def _operand(self, facts: Facts, month: int, cause: PayCause) -> tuple[Basis, str, float]:
        """Return how a cause is known, the first operand that it changed, and its value."""
        if shared := facts.shared.get((self.post, month)):
            return shared.basis.get(cause, "match"), *shared.operand(cause)
        basis = facts.basis.get((self.post, month, cause), "match")
        for name in OPERANDS[cause]:
            value = facts.changed[name][self.post, month]
            if not np.isnan(value):
                return basis, name, float(value)
        return basis, "", float("nan")

    def _effects(self, facts: Facts, steps: Sequence[Replay]) -> dict[str, Cents]:
        """Return the effect of each operand on each tracked line, by sequential substitution [cents]."""
        totals = [np.array([r.total(t.codes)[self.post] for t in self.tracks]) for r in steps]
        found: dict[str, Cents] = {
            cause: (after - before).astype(np.int64)
            for cause, before, after in zip(OPERANDS, totals[:-1], totals[1:], strict=True)
        }
        for (post, month), shared in facts.shared.items():
            if post == self.post:
                for cause, effect in shared.effects([t.codes for t in self.tracks]).items():
                    found[cause][:, month] = effect
        return found

    # --- operands ---

    def tell(self, facts: Facts) -> None:
        """Add to the facts what happened to this post: stated, or found in what was booked."""
        if self.real is not None:
            self._state(self.real, facts)
            return
        main = next((k for k, t in enumerate(self.tracks) if "traitement" in t.codes), None)
        if main is not None:
            self._find(main, facts)

    def _state(self, real: Projection, facts: Facts) -> None:
        shift = (self.plan.dossier.period.first - real.dossier.period.first) * 12
        shared = {}
        for month, day in enumerate(self.plan.months):
            if 0 <= month + shift < len(real.months) and (
                found := stated_month(self.plan, real, self.code, day)
            ):
                shared[month] = found
        stated_facts(self.plan, real, self.post, facts, shared)
        for month, found in shared.items():
            if alike := found.as_one():
                for cause, values in alike.items():
                    facts.set(self.post, month, cause, found.basis[cause], **values)
            elif alike is None:
                facts.shared[self.post, month] = found

    def _find(self, main: int, facts: Facts) -> None:
        """Look for operands: first in the months of one agent, then in those that several share."""
        finder = Finder(self.plan, self.post, self.tracks[main].codes)
        books = _Agents(self.cells, self.code, self.tracks[main])
        about = self.about[main]
        paid = np.flatnonzero((about > 0) & (self.planned[main] != 0)).tolist()
        paid = [m for m in paid if finder.parts(m)]
        agents = {m: books.of(m, int(about[m])) for m in paid}
        alone = [m for m in paid if len(finder.parts(m)) == 1 and len(agents[m]) < 2]
        for month in [*alone, *(m for m in paid if m not in alone)]:
            cents = int(about[month])
            beside = [(m, int(about[m])) for m in (month - 1, month + 1) if m in alone]
            parts, shared = finder.parts(month), None
            if len(parts) > 1:
                apart = books.by_contract(month, agents[month])
                shared = finder.shared(month, cents, beside, apart)
            elif len(agents[month]) > 1:
                shared = finder.replaced(month, [*agents[month].values()])
            if shared is None:
                for found in finder.find(month, cents, beside, len(agents[month]) > 1):
                    facts.set(self.post, month, found.cause, found.basis, **found.values)
            else:
                facts.shared[self.post, month] = shared
            self._find_smic(finder, month, facts, main)

    def _find_smic(self, finder: Finder, month: int, facts: Facts, main: int) -> None:
        for k, track in enumerate(self.tracks):
            if k == main or "indemnite_differentielle" not in track.codes or not self.about[k, month]:
                continue
            shared = facts.shared.get((self.post, month))
            held = facts.held(self.post, month)
            slip = shared.slip() if shared else Slip(finder.parts(month), {0: held})
            if found := finder.smic(slip, track.codes, int(self.about[k, month])):
                if shared:
                    facts.shared[self.post, month] = shared.with_cause("point_smic", found.values)
                else:
                    facts.set(self.post, month, found.cause, found.basis, **found.values)


class _Agents:
    """What the books hold of index pay by payroll number, where they tell agents apart."""

    def __init__(self, cells: Cells, post: str, main: Track) -> None:
        self.cells = cells
        self.post = next(p for p in cells.plan.dossier.posts if p.code == post)
        pay = pay_lines(cells.attached, post)
        pay = pay[pay["line"].map(cells.lines) == main.line]
        self.pay: pd.DataFrame = pay[pay["payroll"] != ""]

    def of(self, month: int, cents: int) -> dict[str, int]:
        """Return what each payroll number was paid in a month; {} unless they make up what is booked."""
        day = np.datetime64(self.cells.plan.months[month], "s")
        now = self.pay[self.pay["month"] == day]
        sums = {str(n): int(c) for n, c in now.groupby("payroll", sort=True)["cents"].sum().items() if c}
        return sums if sum(sums.values()) == cents else {}

    def by_contract(self, month: int, agents: Mapping[str, int]) -> dict[int, int]:
        """Return what each contract of a month was paid, by number; {} where the books do not tell."""
        of = whose(self.pay, self.post, self.cells.plan.months[month])
        found: dict[int, int] = {}
        for number, cents in agents.items():
            if len(mine := of[number]) != 1:
                return {}
            found[mine[0]] = found.get(mine[0], 0) + cents
        return found
