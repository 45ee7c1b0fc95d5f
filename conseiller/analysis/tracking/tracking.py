"""A plan and its books side by side: the tables every report reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from conseiller.analysis.tracking import grant_years, views
from conseiller.analysis.tracking.causes import Causes
from conseiller.analysis.tracking.cells import Cells, line_label
from conseiller.analysis.tracking.views import FIGURES, Key, Section
from conseiller.dossier.schema import Dossier
from conseiller.ledger.attach import Attached, attach
from conseiller.ledger.rules import Rules
from conseiller.messages import Lang
from conseiller.projection import Projection
from conseiller.readable import Readable

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.analysis.tracking.reconcile import Source
    from conseiller.analysis.tracking.sums import Sums
    from conseiller.display import Sheet


class Tracking(Readable):
    """A plan and its books. Build one with `conseiller.track`.

    Parameters
    ----------
    attached : Attached
        The ledger, tied to the plan.
    credits : DataFrame, optional
        Budgets read as control totals: columns of `ledger.reading.CREDITS`, or `ledger.votes.voted`.
    real : Projection, optional
        The dossier brought up to date: operands of the pay are then facts, not found.
    until : date, optional
        Last month whose mandats are booked; the last one with pay by default.
    rules : Rules, optional
        Those that tied the ledger.
    state : DataFrame, optional
        The State's own list of posts, as its reader keeps it; looked for in `credits` by default.
    sources : sequence of Source
        The files of the books, for the reconciliation.
    """

    def __init__(
        self,
        attached: Attached,
        credits: pd.DataFrame | None = None,
        real: Projection | None = None,
        until: date | None = None,
        rules: Rules | None = None,
        state: pd.DataFrame | None = None,
        sources: Sequence[Source] = (),
    ) -> None:
        self.plan: Projection = attached.plan
        self.attached = attached
        self.credits_read = credits
        self.state_read = credits if state is None else state
        self.rules = rules or Rules()
        self.sources = tuple(sources)
        first = self.plan.dossier.period.first
        rank = None if until is None else (until.year - first) * 12 + until.month - 1
        self.cells = Cells(attached, rank)
        self.causes = Causes(self.cells, real)

    def __repr__(self) -> str:
        from conseiller.analysis.tracking.shown import tracking_line

        return tracking_line(self)

    def sheet(self, lang: Lang = "fr") -> Sheet:
        """Return what is shown of it: years, causes, landing, what is not tied."""
        from conseiller.analysis.tracking.shown import sheet

        return sheet(self, lang)

    # --- the books ---

    @property
    def until(self) -> date | None:
        """First day of the last month whose mandats are booked; None when there is none."""
        rank = self.cells.until
        return self.plan.months[rank] if 0 <= rank < self.cells.months else None

    @property
    def exercices(self) -> list[int]:
        """Exercices followed: those of the books and those after them."""
        return [y for y in self.plan.exercices if (y - self.plan.exercices[0]) * 12 >= self.cells.since]

    @property
    def unattached(self) -> pd.DataFrame:
        """Lines no rule takes (*à rattacher*)."""
        return self.attached.unattached

    @property
    def proposals(self) -> pd.DataFrame:
        """What they may be, ranked, each with its reason."""
        return self.attached.proposals

    @property
    def left_out(self) -> pd.DataFrame:
        """Lines tied to a post but not set against the plan, with their reason."""
        return self.cells.left_out

    def label(self, line: str, lang: Lang = "fr") -> str:
        """Return a tracked line in words."""
        return line_label(self.plan, line, lang)

    def against(self, plan: Projection) -> Tracking:
        """Return the same books, tied as they are, set against another plan of the same posts and exercices.

        A scenario of the dossier changes what is planned, not what a line of the books is about.
        """
        return Tracking(
            replace(self.attached, plan=plan),
            self.credits_read,
            self.causes.real,
            self.until,
            self.rules,
            self.state_read,
            self.sources,
        )

    # --- tables ---

    @cached_property
    def table(self) -> pd.DataFrame:
        """Plan, actual and variance by post, month of booking and tracked line.

        Returns
        -------
        pandas.DataFrame
            post, month, exercice, line, side, section; plan, actual, variance [euros, exact to the cent].
        """
        import pandas as pd

        frames = []
        for track in self.cells.tracks:
            booked = track.booked
            shown = np.flatnonzero(self.cells.window & ((track.plan != 0) | (booked != 0)))
            months = [self.plan.months[m] for m in shown]
            frames.append(
                pd.DataFrame(
                    {
                        "post": track.post,
                        "month": pd.to_datetime(months).astype("datetime64[s]"),
                        "exercice": [m.year for m in months],
                        "line": track.line,
                        "side": track.side,
                        "section": track.section,
                        "plan": track.plan[shown] / 100,
                        "actual": booked[shown] / 100,
                        "variance": (booked[shown] - track.plan[shown]) / 100,
                    }
                )
            )
        columns = ["post", "month", "exercice", "line", "side", "section", *FIGURES]
        kept = [f for f in frames if len(f)]
        return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=columns)

    @cached_property
    def by_grant_year(self) -> pd.DataFrame:
        """The same by grant year, what is booked standing in the month it is about (see `grant_years.table`)."""
        return grant_years.table(self)

    def by(self, *keys: Key, section: Section | None = "fonctionnement") -> pd.DataFrame:
        """Sum plan, actual and variance by one or more keys (see `views.by`)."""
        return views.by(self, *keys, section=section)

    def cumulative(self, exercice: int, section: Section | None = "fonctionnement") -> pd.DataFrame:
        """Return plan and actual summed since January, month by month (see `views.cumulative`)."""
        return views.cumulative(self, exercice, section)

    def to_date(
        self, exercice: int, at: date | None = None, section: Section | None = "fonctionnement"
    ) -> pd.DataFrame:
        """Return an exercice line by line: plan and actual to date, what remains (see `views.to_date`)."""
        return views.to_date(self, exercice, at, section)

    def years(self, section: Section | None = "fonctionnement") -> pd.DataFrame:
        """Return the exercices side by side, by measure and line (see `views.years`)."""
        return views.years(self, section)

    @cached_property
    def sums(self) -> Sums:
        """Plan, booked and still to book of every tracked line, by month, to be summed (see `sums.Sums`)."""
        from conseiller.analysis.tracking.sums import Sums

        return Sums(self)

    # --- why ---

    @cached_property
    def explained(self) -> pd.DataFrame:
        """Each variance taken apart (see `causes.EXPLAINED`); amounts add up to the variance of every cell."""
        return self.causes.table()

    def why(self, *keys: Key, section: Section | None = "fonctionnement") -> pd.DataFrame:
        """Return the variance by cause (see `views.why`)."""
        return views.why(self, *keys, section=section)

    # --- where it lands ---

    def landing(self, *keys: Key, section: Section | None = "fonctionnement") -> pd.DataFrame:
        """Return the landing: actual to date, and the plan for what is left (see `views.landing`)."""
        return views.landing(self, *keys, section=section)

    # --- rooms of their own ---

    @property
    def begun(self) -> bool:
        """Whether some line of the books is tied to a post, or none is left to tie: else nothing can be compared."""
        return bool(len(self.attached.lines)) or not len(self.unattached)

    def year_end(
        self,
        exercice: int | None = None,
        at: date | None = None,
        threshold: float = 0.0,
        lang: Lang = "fr",
    ) -> pd.DataFrame:
        """Return the year-end entries to propose (see `closing.year_end_entries`)."""
        from conseiller.analysis.tracking.closing import year_end_entries

        return year_end_entries(self, exercice, at, threshold, lang)

    def balance(self, at: date | None = None) -> pd.DataFrame:
        """Return where each convention stands (see `conventions.balance`)."""
        from conseiller.analysis.tracking.conventions import balance

        return balance(self, at)

    def convention_landing(self) -> pd.DataFrame:
        """Return the landing to the end of each convention (see `conventions.convention_landing`)."""
        from conseiller.analysis.tracking.conventions import convention_landing

        return convention_landing(self)

    def instalments(self, at: date | None = None) -> pd.DataFrame:
        """Return each instalment: due, titled, received, late (see `instalments.instalment_state`)."""
        from conseiller.analysis.tracking.instalments import instalment_state

        return instalment_state(self, at)

    def state_list(self) -> pd.DataFrame:
        """Return the State's own list of posts beside ours (see `state_list.state_list`)."""
        from conseiller.analysis.tracking.state_list import state_list

        return state_list(self)

    def agenda(self, at: date | None = None, lang: Lang = "fr") -> pd.DataFrame:
        """Return the échéancier (see `agenda.agenda`)."""
        from conseiller.analysis.tracking.agenda import agenda

        return agenda(self, at, lang)

    def credits(self) -> pd.DataFrame:
        """Return the credits voted, consumed and available (see `weight.credits`)."""
        from conseiller.analysis.tracking.weight import credits_consumed

        return credits_consumed(self)

    def weight(self) -> pd.DataFrame:
        """Return the weight of the posts in the budget (see `weight.weight`)."""
        from conseiller.analysis.tracking.weight import weight

        return weight(self)

    def reconciliation(self) -> pd.DataFrame:
        """Return, file by file, what was read, kept, tied, set aside (see `reconcile.reconciliation`)."""
        from conseiller.analysis.tracking.reconcile import reconciliation

        return reconciliation(self)


def track(
    case: Dossier | Projection,
    ledger: pd.DataFrame | Attached,
    rules: Rules | None = None,
    *,
    credits: pd.DataFrame | None = None,
    state: pd.DataFrame | None = None,
    sources: Sequence[Source] = (),
    real: Dossier | Projection | None = None,
    until: date | None = None,
    today: date | None = None,
) -> Tracking:
    """Set a plan against the books.

    Parameters
    ----------
    case : Dossier or Projection
    ledger : DataFrame or Attached
        Lines of the books (columns of `ledger.reading.COLUMNS`), or lines already tied.
    rules : Rules, optional
        Rules of attachment, as `ledger.rules.load_rules` reads them.
    credits : DataFrame, optional
        Budgets read as control totals.
    state : DataFrame, optional
        The State's own list of posts, where `credits` does not hold it.
    sources : sequence of Source
        The files of the books, as `reconcile.sources_of` or `Source.of_reading` give them.
    real : Dossier or Projection, optional
        The same dossier brought up to date with what really happened.
    until : date, optional
        Last month whose mandats are booked.
    today : date, optional
        Date of the report where the dossier states none.
    """
    plan = case if isinstance(case, Projection) else Projection(case, today=today)
    done = real if isinstance(real, Projection) or real is None else Projection(real, today=plan.report_date)
    tied = ledger if isinstance(ledger, Attached) else attach(ledger, plan, rules)
    return Tracking(tied, credits, done, until, rules, state, sources)
