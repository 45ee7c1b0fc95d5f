"""Year end: what to accrue, what to defer, and how it is reversed. Class 6 and 7; class 4 is the accountant's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from conseiller.analysis.financing import earned, financings, whole_life
from conseiller.analysis.tracking.cells import Track
from conseiller.analysis.tracking.conventions import capacities, shared_out
from conseiller.analysis.tracking.timing import Timing, timing
from conseiller.messages import Lang, tr
from conseiller.text import date_long, money, month_long

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.analysis.tracking.tracking import Tracking

Piece = Literal["mandat_rattachement", "titre_rattachement", "charge_avance", "produit_avance", "a_rendre"]
Reason = Literal["missing", "ahead", "grant_earned", "grant_ahead", "grant_over"]
#: Columns of the proposed entries.
ENTRIES = (
    "exercice",
    "post",
    "code",
    "line",
    "piece",
    "side",
    "account",
    "amount",
    "retained",
    "reversal",
    "reversal_amount",
    "reason",
    "justification",
)
_DAY = timedelta(days=1)


def year_end_entries(
    tracking: Tracking,
    exercice: int | None = None,
    at: date | None = None,
    threshold: float = 0.0,
    lang: Lang = "fr",
) -> pd.DataFrame:
    """Return the entries to propose at the end of an exercice, on what is booked up to its closing.

    Parameters
    ----------
    tracking : Tracking
    exercice : int, optional
        That of the date of the report by default.
    at : date, optional
        Months ended by then are counted. By default spending and other funding are counted up to the date
        of the report, the grant, which a convention makes certain, up to 31 December.
    threshold : float
        Materiality threshold of the budget rules: smaller entries are shown, not retained [euros].
    lang : {"fr", "en"}
        Language of the justification.

    Returns
    -------
    pandas.DataFrame
        Columns `ENTRIES`; no row while no line of the books is tied to a post.
        ``piece``: "mandat_rattachement" and "titre_rattachement" (to accrue),
        "charge_avance" and "produit_avance" (to defer), "a_rendre" (titled and never earned, no entry of
        this year end: annul or provide for). ``amount`` is what the entry adds to its account in the
        exercice, ``reversal_amount`` what its reversal adds in exercice ``reversal`` [euros].
    """
    import pandas as pd

    year = exercice or min(max(tracking.plan.report_date.year, tracking.exercices[0]), tracking.exercices[-1])
    close = date(year, 12, 31)
    done, right = (min(at or d, close) for d in (tracking.plan.report_date, close))
    closing = _Closing(tracking, year, (done, right), lang)
    # Books of which no line is tied yet do not tell what is missing from them.
    rows = [*closing.spending_and_funding(), *closing.grant()] if tracking.begun else []
    found = pd.DataFrame(rows, columns=list(ENTRIES))
    found["retained"] = (found["amount"].abs() >= threshold) & (found["piece"] != "a_rendre")
    return found


class _Closing:
    def __init__(self, tracking: Tracking, year: int, at: tuple[date, date], lang: Lang) -> None:
        self.tracking = tracking
        self.cells = tracking.cells
        self.plan = tracking.plan
        self.year = year
        self.at = at[1]
        self.lang: Lang = lang
        self.first = self.cells.rank(year, 1)
        self.last = self.cells.rank(year, 12)
        ended = at[0] + _DAY
        #: Months of the exercice that have ended.
        self.ended = range(self.first, min(self.cells.rank(ended.year, ended.month), self.last + 1))

    # --- spending and other funding ---

    def spending_and_funding(self) -> Iterator[tuple[Any, ...]]:
        tracks = [
            t for t in self.cells.tracks if t.section == "fonctionnement" and t.plan.any() and not t.is_grant
        ]
        timings = [timing(self.cells, t, self.last) for t in tracks]
        absent = self._absent(tracks, timings)
        for track, found in zip(tracks, timings, strict=True):
            months = [
                m for m in self.ended if found.missing[m] and not (track.is_pay and (track.post, m) in absent)
            ]
            if months:
                cents = int(sum(found.missing[m] for m in months))
                piece: Piece = "mandat_rattachement" if track.side == "cost" else "titre_rattachement"
                yield self._row(track, piece, cents, "missing", self._span(months, cents))
            ahead = np.flatnonzero(found.about[self.last + 1 :]) + self.last + 1
            if len(ahead):
                cents = int(found.about[ahead].sum())
                piece = "charge_avance" if track.side == "cost" else "produit_avance"
                yield self._row(track, piece, -cents, "ahead", self._span(ahead.tolist(), cents))

    def _absent(self, tracks: list[Track], timings: list[Timing]) -> set[tuple[str, int]]:
        """Return the months, up to the last paid, in which a post has no pay at all: nobody was there."""
        found = set()
        for post in self.plan.posts:
            mine = [t.about for k, t in zip(tracks, timings, strict=True) if k.post == post and k.is_pay]
            if mine:
                none = np.asarray(np.array(mine).any(axis=0) == 0)
                found |= {(post, m) for m in self.ended if none[m] and m <= min(self.cells.until, self.last)}
        return found

    def _span(self, months: list[int], cents: int) -> Mapping[str, str]:
        names = [month_long(self.plan.months[m], self.lang) for m in (months[0], months[-1])]
        return {"first": names[0], "last": names[1], "amount": money(cents / 100, self.lang)}

    # --- grant ---

    def grant(self) -> Iterator[tuple[Any, ...]]:
        life = whole_life(self.plan)
        funded = financings(self.plan, life)
        room = capacities(self.tracking)
        ended = self.at + _DAY
        right = earned(life)
        right = right[right["month"].dt.date < date(ended.year, ended.month, 1)]
        sums = right.groupby(["post", "code"])["cents"].sum().to_dict()
        titled = {t.post: t for t in self.cells.tracks if t.is_grant}
        for post in self.plan.posts:
            mine = [f for f in funded if f.post == post]
            track = titled.get(post)
            already = {f.code: self._before(post, f.code) for f in mine}
            total = sum(e.cents for e in track.entries if e.booked <= self.last) if track else 0
            parts = shared_out(mine, room, total, already)
            for f in mine:
                due, done = int(sums.get((post, f.code), 0)), parts[f.code]
                values = {
                    "earned": money(due / 100, self.lang),
                    "titled": money(done / 100, self.lang),
                    "day": date_long(self.at, self.lang),
                    "code": f.code,
                }
                if due > done:
                    yield self._grant_row(
                        post, f.code, "titre_rattachement", due - done, "grant_earned", values
                    )
                elif due < done and f.stops > ended:
                    yield self._grant_row(post, f.code, "produit_avance", due - done, "grant_ahead", values)
                elif due < done:
                    yield self._grant_row(post, f.code, "a_rendre", due - done, "grant_over", values)

    def _before(self, post: str, code: str) -> int:
        opening = self.cells.openings[post, code]
        return opening.titled + opening.assumed

    def _grant_row(
        self, post: str, code: str, piece: Piece, cents: int, reason: Reason, values: Mapping[str, str]
    ) -> tuple[Any, ...]:
        account = self.plan.account_of(self.plan.law.lines["subvention_etat"], "contractuel")
        return self._entry(post, code, "subvention_etat", piece, "funding", account, cents, reason, values)

    # --- rows ---

    def _row(
        self, track: Track, piece: Piece, cents: int, reason: Reason, values: Mapping[str, str]
    ) -> tuple[Any, ...]:
        account = self._account(track)
        return self._entry(track.post, "", track.line, piece, track.side, account, cents, reason, values)

    def _entry(
        self,
        post: str,
        code: str,
        line: str,
        piece: Piece,
        side: str,
        account: str,
        cents: int,
        reason: Reason,
        values: Mapping[str, str],
    ) -> tuple[Any, ...]:
        said = tr(f"tracking.closing.{reason}", self.lang, **values)
        back = 0 if piece == "a_rendre" else -cents
        head = (self.year, post, code, line, piece, side, account, cents / 100)
        return (*head, True, self.year + 1, back / 100, reason, said)

    def _account(self, track: Track) -> str:
        """Return the account of a tracked line in the exercice, by the plan."""
        table = self.plan.table
        mine = table[
            (table["post"] == track.post) & table["line"].isin(track.codes) & (table["exercice"] <= self.year)
        ]
        return str(mine["account"].iloc[-1]) if len(mine) else ""
