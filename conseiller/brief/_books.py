"""The facts about the books: the year in course against its plan, why, and each convention by what is booked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from conseiller.analysis.tracking import CAUSES
from conseiller.analysis.tracking.shown import titled_before
from conseiller.brief._reading import Reading
from conseiller.brief._rounding import shared_out
from conseiller.brief.facts import Figure, Row, RowKind, Table
from conseiller.text import date_long, money, month_long, whole

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.analysis.tracking import Tracking

_COLUMNS = ("plan", "actual", "left", "landing", "variance")
_BALANCE = ("agreed", "earned", "titled", "received", "to_title", "exposed")


@dataclass(frozen=True)
class Books(Reading):
    """The parts about the books; none where the dossier has none for the year in course.

    Parameters
    ----------
    tracking : Tracking, optional
        The same plan against its books.
    """

    tracking: Tracking | None = None

    def books(self) -> tuple[Table, ...]:
        """Return the tables of page 2, in reading order; none without books of the year in course."""
        if self.tracking is None or self._exact is None:
            return ()
        found = [self._tracked(self.tracking), self._why(self.tracking)]
        if self._titled is not None:
            found.append(self._conventions(self._titled))
        return tuple(table for table in found if table.rows)

    def booked(self) -> str:
        """Return what was mandated and titled of the year in course and where it lands, "" without its books."""
        if self.tracking is None or self.tracking.until is None or self._exact is None:
            return ""
        said = {f.key: f.text(self.lang) for f in self._tracked(self.tracking).figures}
        return self.tr(
            "brief.books.booked",
            year=self.years[0],
            until=month_long(self.tracking.until, self.lang),
            cost=said["tracked.cost.actual"],
            funding=said["tracked.funding.actual"],
            landing=said["tracked.net.landing"],
            plan=said["tracked.net.plan"],
        )

    @cached_property
    def conventions(self) -> pd.DataFrame:
        """Return where each convention stands, by the books where there are some."""
        titled = self._titled
        return super().conventions if titled is None else titled.balance()

    def to_accrue(self) -> float:
        """Return the grant that the closing would leave untitled, by the books where there are some [euros]."""
        if (titled := self._titled) is None:
            return super().to_accrue()
        found = titled.year_end(self.years[0])
        titles = found[found["piece"] == "titre_rattachement"]
        return round(float(titles["amount"].sum()), 2)

    @cached_property
    def _titled(self) -> Tracking | None:
        """Return the books where they reach the year in course and hold titres of the grant, else None.

        Mandats alone say nothing of what was titled: the dossier then does.
        """
        if self.tracking is None or self._exact is None:
            return None
        grants = [t for t in self.tracking.cells.tracks if t.is_grant and t.entries]
        return self.tracking if grants else None

    @cached_property
    def _exact(self) -> dict[str, dict[str, float]] | None:
        """Return the landing of the year in course by measure, None when its books are not begun."""
        if self.tracking is None or self.tracking.until is None or self.tracking.until.year < self.years[0]:
            return None
        table = self.tracking.landing().reset_index()
        mine = table[table["exercice"] == self.years[0]]
        return {str(r["measure"]): {c: float(r[c]) for c in _COLUMNS} for r in mine.to_dict("records")}

    def _tracked(self, tracking: Tracking) -> Table:
        exact = self._exact or {}
        plan = self.whole[0]
        wholes = {m: {"variance": whole(exact[m]["variance"])} for m in ("cost", "net")}
        wholes["cost"]["plan"], wholes["net"]["plan"] = plan.cost, plan.net_cost
        for sums, measure in ((wholes["cost"], "cost"), (wholes["net"], "net")):
            sums["landing"] = sums["plan"] + sums["variance"]
            sums["actual"] = whole(exact[measure]["actual"])
            sums["left"] = sums["landing"] - sums["actual"]
        wholes["funding"] = {c: wholes["cost"][c] - wholes["net"][c] for c in _COLUMNS}
        kinds: dict[str, RowKind] = {"cost": "line", "funding": "line", "net": "result"}
        rows = []
        for measure, kind in kinds.items():
            label = self.tr(f"brief.books.{measure}")
            figures = tuple(
                Figure(
                    f"tracked.{measure}.{column}",
                    label,
                    wholes[measure][column],
                    "EUR",
                    exact[measure][column],
                    signed=column == "variance",
                )
                for column in _COLUMNS
            )
            rows.append(Row(f"tracked.{measure}", label, figures, kind))
        assert tracking.until is not None
        until = month_long(tracking.until, self.lang)
        notes = [self.tr("brief.books.note", until=until)]
        if count := len(tracking.unattached):
            total = money(float(tracking.unattached["cents"].abs().sum()) / 100, self.lang)
            notes.append(self.tr("brief.books.unattached", count=count, total=total))
        return Table(
            "tracked",
            self.tr("brief.books.title", year=self.years[0]),
            "",
            tuple(self.tr(f"brief.books.column.{c}") for c in _COLUMNS),
            tuple(rows),
            " ".join(notes),
        )

    def _why(self, tracking: Tracking) -> Table:
        """Return the causes of the net variance of the landing: all but what is only not booked yet."""
        table = tracking.why("exercice").reset_index()
        net = table[(table["exercice"] == self.years[0]) & (table["measure"] == "net")]
        by_cause = net.to_dict("records")[0] if len(net) else {}
        names = [c for c in CAUSES if c != "not_yet_booked" and by_cause.get(c)]
        parts = [float(by_cause[c]) for c in names]
        rows = []
        for name, part, euros in zip(names, parts, shared_out(parts), strict=True):
            label = self.tr(f"tracking.cause.{name}")
            figure = Figure(f"tracked_why.{name}", label, euros, "EUR", part, signed=True)
            rows.append(Row(f"tracked_why.{name}", label, (figure,)))
        if rows:
            label = self.tr("brief.books.gap")
            total = sum(round(p * 100) for p in parts) / 100
            figure = Figure("tracked_why.total", label, whole(total), "EUR", total, signed=True)
            rows.append(Row("tracked_why.total", label, (figure,), "total"))
        return Table(
            "tracked_why",
            self.tr("brief.books.why"),
            self.tr("brief.books.cause"),
            (self.tr("brief.books.column.variance"),),
            tuple(rows),
        )

    def _conventions(self, tracking: Tracking) -> Table:
        """Return the conventions that are not settled, by what the books hold."""
        rows = []
        for state in tracking.balance().to_dict("records"):
            settled = state["received"] == state["agreed"] == state["earned"]
            if settled and not state["exposed"] and not state["to_title"]:
                continue
            key = f"books_balance.{state['post']}.{state['code']}"
            label = self.tr("brief.books.row", post=state["post"], code=state["code"])
            figures = tuple(
                Figure(f"{key}.{n}", label, whole(float(state[n])), "EUR", float(state[n])) for n in _BALANCE
            )
            rows.append(Row(key, label, figures))
        return Table(
            "books_balance",
            self.tr("brief.books.balance", day=date_long(self.plan.report_date, self.lang)),
            "",
            tuple(self.tr(f"tracking.head.{n}") for n in _BALANCE),
            tuple(rows),
            " ".join(filter(None, [self.tr("brief.books.balance_note"), titled_before(tracking, self.lang)]))
            if rows
            else "",
        )
