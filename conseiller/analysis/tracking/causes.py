"""Why: each variance taken apart, exactly, in the fixed order of ``docs/tracking.md``, part B."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from conseiller.analysis.replay import Replay
from conseiller.analysis.tracking.cells import Cells, Cents, Track
from conseiller.analysis.tracking.facts import OPERANDS, Basis, Facts, Finder, stated_facts
from conseiller.analysis.tracking.timing import Timing, timing
from conseiller.projection import Projection

if TYPE_CHECKING:
    import pandas as pd

Cause = Literal[
    "calendar",
    "quotite",
    "index",
    "point_smic",
    "rate",
    "headcount",
    "unplanned",
    "not_yet_booked",
]
#: Causes, in the order in which they are shown; the order of computation is that of the document.
CAUSES: tuple[Cause, ...] = (
    "calendar",
    "quotite",
    "index",
    "point_smic",
    "rate",
    "headcount",
    "unplanned",
    "not_yet_booked",
)
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

#: (month rank, cause, basis, operand, value, cents)
_Part = tuple[int, Cause, Basis, str, float, int]


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

    def _all(self) -> Iterator[tuple[Track, list[_Part]]]:
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
                pays.append(_Pay(self, post, pay))
        facts = self.facts = Facts.none(len(self.cells.plan.posts), self.cells.months)
        for one in pays:
            one.tell(facts)
        steps = _steps(self.cells.plan, facts)
        for one in pays:
            yield from one.explain(facts, steps)


def _parts(cause: Cause, basis: Basis, cents: Cents) -> list[_Part]:
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


class _Pay:
    """The pay of one post, months at their dates."""

    def __init__(self, causes: Causes, post: str, tracks: Sequence[Track]) -> None:
        self.causes = causes
        self.cells = causes.cells
        self.plan = causes.cells.plan
        self.post = self.plan.posts.index(post)
        self.tracks = tracks
        self.about = np.array([self._timing(t).about for t in tracks])
        self.planned = np.where(self.cells.window, np.array([t.plan for t in tracks]), 0)

    def _timing(self, track: Track) -> Timing:
        found = self.causes.timing(track)
        assert found is not None
        return found

    def explain(self, facts: Facts, steps: Sequence[Replay]) -> Iterator[tuple[Track, list[_Part]]]:
        """Yield the parts of each tracked line, `calendar` left out."""
        effects = self._effects(steps)
        parts: list[list[_Part]] = [[] for _ in self.tracks]
        for month in np.flatnonzero((self.about != self.planned).any(axis=0)).tolist():
            for k, found in enumerate(self._month(month, facts, effects)):
                parts[k] += found
        yield from zip(self.tracks, parts, strict=True)

    def _month(self, month: int, facts: Facts, effects: Mapping[str, Cents]) -> Iterator[list[_Part]]:
        about, planned = self.about[:, month], self.planned[:, month]
        late = month > self.cells.until
        whole: Cause | None = None
        if not planned.any() or (not about.any() and not late) or self._two_agents(month):
            whole = "headcount"
        elif not about.any():
            whole = "not_yet_booked"
        for k in range(len(self.tracks)):
            gap = int(about[k] - planned[k])
            if whole:
                basis: Basis = (
                    "default" if whole == "headcount" and about.any() and planned.any() else "books"
                )
                yield [(month, whole, basis, "", float("nan"), gap)] if gap else []
                continue
            found: list[_Part] = []
            for cause in OPERANDS:
                if effect := int(effects[cause][k, month]):
                    operand, value = self._operand(facts, month, cause)
                    known = facts.basis.get((self.post, month, cause), "match")
                    found.append((month, cause, known, operand, value, effect))
                    gap -= effect
            if gap:
                empty = not about[k] and planned[k] and not self.cells.closed[month]
                rest: Cause = "not_yet_booked" if empty else "rate"
                found.append((month, rest, "books" if empty else "default", "", float("nan"), gap))
            yield found

    def _operand(self, facts: Facts, month: int, cause: str) -> tuple[str, float]:
        """Return the first operand that a cause changed, and its value."""
        for name in OPERANDS[cause]:  # type: ignore[index]
            value = facts.changed[name][self.post, month]
            if not np.isnan(value):
                return name, float(value)
        return "", float("nan")

    def _two_agents(self, month: int) -> bool:
        """Say whether a second contract of the month has a row of its own: no operand is single then."""
        extra = self.plan.model.extra
        if not extra.full("thirtieths")[self.post].any():
            return False
        from conseiller.rules.algebra import months_of

        first = self.plan.dossier.period.first
        ranks = months_of(extra.full("month")[self.post]) - (first - 1970) * 12
        return bool(((ranks == month) & (extra.full("thirtieths")[self.post] > 0)).any())

    # --- operands ---

    def tell(self, facts: Facts) -> None:
        """Add to the facts what happened to this post: stated, or found in what was booked."""
        if self.causes.real is not None and self.plan.posts[self.post] in self.causes.real.posts:
            stated_facts(self.plan, self.causes.real, self.post, facts)
            return
        main = next((k for k, t in enumerate(self.tracks) if "traitement" in t.codes), None)
        if main is None:
            return
        finder = Finder(self.plan, self.post, self.tracks[main].codes)
        paid = [
            m
            for m in range(self.cells.months)
            if self.about[main, m] > 0 and self.planned[main, m] and not self._two_agents(m)
        ]
        for month in paid:
            beside = [(m, int(self.about[main, m])) for m in (month - 1, month + 1) if m in paid]
            for found in finder.find(month, int(self.about[main, month]), beside):
                facts.set(self.post, month, found.cause, found.basis, **found.values)
            self._find_smic(finder, month, facts, main)

    def _find_smic(self, finder: Finder, month: int, facts: Facts, main: int) -> None:
        for k, track in enumerate(self.tracks):
            if k != main and "indemnite_differentielle" in track.codes and self.about[k, month]:
                held = facts.held(self.post, month)
                if found := finder.smic(month, track.codes, int(self.about[k, month]), held):
                    facts.set(self.post, month, found.cause, found.basis, **found.values)

    def _effects(self, steps: Sequence[Replay]) -> dict[str, Cents]:
        """Return the effect of each operand on each tracked line, by sequential substitution [cents]."""
        totals = [np.array([r.total(t.codes)[self.post] for t in self.tracks]) for r in steps]
        return {
            cause: (after - before).astype(np.int64)
            for cause, before, after in zip(OPERANDS, totals[:-1], totals[1:], strict=True)
        }
