"""The sheet *Reste à comptabiliser*: the planned months that the books do not hold yet, month by month."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from conseiller.workbook.book import Book, Live, Sheet, block, ref
from conseiller.workbook.books.actual import month_name
from conseiller.workbook.books.facts import BookFacts, Followed, euros

_HEAD_ROW, _KEY_ROW, _FIRST_ROW = 3, 4, 5
_YEAR, _POST, _LINE, _WHAT, _MONTH = range(5)
_TOTAL = _MONTH + 12
_GROUP = _TOTAL + 1
_LINE_WIDTH, _WHAT_WIDTH = 38, 22


class LeftSheet:
    """Writes *Reste à comptabiliser*.

    Which months are left is told by the program (``docs/tracking.md``, part B, steps 2 and 3); their amount is the
    plan's, live. Where books and plan share a month, a second row takes off what the books already hold.
    """

    def __init__(self, book: Book, facts: BookFacts) -> None:
        self.book = book
        self.facts = facts
        self.sheet: Sheet = book.sheet("reste")
        self.row = _FIRST_ROW
        self.last = _FIRST_ROW
        self.cents = 0

    def write(self) -> None:
        """Write the exercices followed, one row a line of each post."""
        sheet, tr = self.sheet, self.book.tr
        sheet.text(0, 0, tr("workbook.sheet.reste"), "title")
        sheet.text(1, 0, tr("workbook.reste.note"), "note")
        for col, key in ((_YEAR, "exercice"), (_POST, "post"), (_LINE, "line"), (_WHAT, "what")):
            sheet.text(_HEAD_ROW, col, tr(f"workbook.books.{key}"), "head")
        for k in range(12):
            sheet.text(_HEAD_ROW, _MONTH + k, month_name(k + 1, self.book.lang), "headnum")
            sheet.number(_KEY_ROW, _MONTH + k, k + 1, "key", "0")
        sheet.text(_HEAD_ROW, _TOTAL, tr("workbook.total"), "headnum")
        sheet.text(_HEAD_ROW, _GROUP, tr("workbook.grand_livre.line_no"), "head")
        for year in self.facts.tracking.exercices:
            for followed in self.facts.followed:
                self._line(year, followed)
        self.last = max(self.row - 1, _FIRST_ROW)
        raw = sheet.raw
        raw.set_row(_HEAD_ROW, 30)
        raw.set_column(_YEAR, _YEAR, 8)
        raw.set_column(_POST, _POST, 9)
        raw.set_column(_LINE, _LINE, _LINE_WIDTH)
        raw.set_column(_WHAT, _WHAT, _WHAT_WIDTH)
        raw.set_column(_MONTH, _TOTAL - 1, 11)
        raw.set_column(_TOTAL, _TOTAL, 13)
        raw.set_column(_GROUP, _GROUP, 9, None, {"level": 1})
        raw.freeze_panes(_FIRST_ROW, _MONTH)
        self.book.page(sheet, repeat=(_HEAD_ROW, _KEY_ROW), last_col=_TOTAL, last_row=self.last)

    def of(self, year: str, group: str) -> str:
        """Return the formula of what is left of a line in an exercice (both are cells)."""
        totals, years, groups = (self._column(c) for c in (_TOTAL, _YEAR, _GROUP))
        return f"SUMIFS({totals},{years},{year},{groups},{group})"

    def whole(self) -> Live:
        """Return the sum of all that is left."""
        return euros(f"SUM({self._column(_TOTAL)})", self.cents)

    def _column(self, col: int) -> str:
        return block(_FIRST_ROW, self.last, col, self.sheet.name)

    def _line(self, year: int, followed: Followed) -> None:
        months = self.facts.months(year)
        left = self.facts.left[followed.number][months]
        if not left.any():
            return
        plan = np.where(left != 0, followed.track.plan[months], 0)
        formulas = {}
        for k in np.flatnonzero(left).tolist():
            day = f"DATE({ref(self.row, _YEAR)},{ref(_KEY_ROW, _MONTH + k)},1)"
            formulas[k] = self.facts.planned(followed.group, "month", day, post=followed.post)
        self._row(year, followed, "planned", plan, formulas)
        if (left != plan).any():
            self._row(year, followed, "held", left - plan, {})

    def _row(
        self, year: int, followed: Followed, what: str, cents: np.ndarray, formulas: Mapping[int, str]
    ) -> None:
        sheet, row = self.sheet, self.row
        sheet.number(row, _YEAR, year, "state", "0")
        code = self.facts.layout.post_cell(followed.post)
        sheet.live(row, _POST, Live(code, self.facts.plan.posts[followed.post]), "calc", "general")
        sheet.text(row, _LINE, followed.group.label, "cell")
        words = self.book.tr(f"workbook.reste.{what}")
        sheet.text(row, _WHAT, words, "cell")
        sheet.fit(row, (followed.group.label, _LINE_WIDTH), (words, _WHAT_WIDTH))
        sheet.number(row, _GROUP, followed.group.number, "calc", "0")
        for k in range(12):
            if k in formulas:
                sheet.live(row, _MONTH + k, euros(formulas[k], int(cents[k])), "calc", "amount")
            elif cents[k]:
                sheet.number(row, _MONTH + k, int(cents[k]) / 100, "calc", "amount")
        total = int(cents.sum())
        span = block(row, row, _MONTH, None, _TOTAL - 1)
        sheet.live(row, _TOTAL, euros(f"SUM({span})", total), "calc", "amount")
        self.cents += total
        self.row += 1
