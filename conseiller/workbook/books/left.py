"""The sheet *Reste à comptabiliser*: the planned months that the books do not hold yet, month by month."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from conseiller.analysis.tracking.cells import Cents
from conseiller.workbook.book import Book, Live
from conseiller.workbook.books.compared import chosen, write_compared
from conseiller.workbook.books.facts import BookFacts, Followed, euros
from conseiller.workbook.books.months import LINE_WIDTH, MONTH, OWN, TOTAL, YEAR, MonthTable

_WHAT, _WHAT_WIDTH = OWN, 22
_GROUP = TOTAL + 1


class LeftSheet(MonthTable):
    """Writes *Reste à comptabiliser*.

    Which months are left is told by the program (``docs/tracking.md``, part B, steps 2 and 3), for the dossier and for
    each of its scenarios; their amount is the plan's, live. Where books and plan share a month, a second row takes
    off what the books already hold.
    """

    def __init__(self, book: Book, facts: BookFacts) -> None:
        super().__init__(book, facts, "reste")

    def write(self) -> None:
        """Write the exercices followed, one row a line of each post."""
        self.head(self.book.tr("workbook.reste.note"), "what", _WHAT_WIDTH, ("line_no",))
        write_compared(self.sheet, self.facts, 2)
        for year in self.facts.tracking.exercices:
            for followed in self.facts.followed:
                self._line(year, followed)
        self.close()

    def of(self, year: str, group: str) -> str:
        """Return the formula of what is left of a line in an exercice (both are cells)."""
        return f"SUMIFS({self.column(TOTAL)},{self.column(YEAR)},{year},{self.column(_GROUP)},{group})"

    def whole(self) -> Live:
        """Return the sum of all that is left."""
        return euros(f"SUM({self.column(TOTAL)})", self.facts.of_side("").left)

    def _line(self, year: int, followed: Followed) -> None:
        months = self.facts.months(year)
        # One row by plan: that of the dossier, then those of the scenarios.
        left = np.array([t.sums.left(followed.key)[months] for t in self.facts.every])
        if not left.any():
            return
        plan = np.array([t.sums.plan(followed.key)[months] for t in self.facts.every])
        open_ = (left != 0) | (plan == 0)  # a month without plan may be read: it holds nothing
        planned = np.where(open_, plan, 0)
        shown = np.flatnonzero((left != 0).any(axis=0)).tolist()
        formulas = {}
        for k in shown:
            live = self.facts.planned(followed.group, "month", self.day(k), post=followed.post)
            formulas[k] = live if open_[:, k].all() else f"{chosen(open_[:, k].astype(int))}*({live})"
        self._row(year, followed, "planned", planned[0], formulas)
        held = left - planned
        if held.any():
            formulas = {k: chosen(held[:, k] / 100) for k in shown if (held[:, k] != held[0, k]).any()}
            self._row(year, followed, "held", held[0], formulas)

    def _row(
        self, year: int, followed: Followed, what: str, cents: Cents, formulas: Mapping[int, str]
    ) -> None:
        sheet, row = self.sheet, self.row
        self.begin(year, followed)
        words = self.book.tr(f"workbook.reste.{what}")
        sheet.text(row, _WHAT, words, "cell")
        sheet.fit(row, (followed.group.label, LINE_WIDTH), (words, _WHAT_WIDTH))
        sheet.number(row, _GROUP, followed.group.number, "calc", "0")
        for k in range(12):
            if k in formulas:
                sheet.live(row, MONTH + k, euros(formulas[k], int(cents[k])), "calc", "amount")
            elif cents[k]:
                sheet.number(row, MONTH + k, int(cents[k]) / 100, "calc", "amount")
        sheet.live(row, TOTAL, euros(f"SUM({self.span()})", int(cents.sum())), "calc", "amount")
        self.row += 1
