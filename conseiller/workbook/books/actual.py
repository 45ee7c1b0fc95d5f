"""The sheet *Réalisé*: what is booked, by exercice, post, line and month, summed from *Grand livre*."""

from __future__ import annotations

from conseiller.analysis.tracking.cells import Cents
from conseiller.workbook.book import Book, Live, block, ref
from conseiller.workbook.books.facts import BookFacts, Followed, Row, Side, euros
from conseiller.workbook.books.ledger import gl
from conseiller.workbook.books.months import LINE, LINE_WIDTH, MONTH, OWN, POST, TOTAL, YEAR, MonthTable

_SIDE = OWN
_NUMBER, _GROUP = TOTAL + 1, TOTAL + 2


class ActualSheet(MonthTable):
    """Writes *Réalisé*."""

    def __init__(self, book: Book, facts: BookFacts) -> None:
        super().__init__(book, facts, "realise")

    def write(self) -> None:
        """Write one block an exercice: lines of each post, totals of each section, the net."""
        self.head(self.book.tr("workbook.realise.note"), "side", 5, ("post_line_no", "line_no"))
        for year in self.facts.booked_years:
            self._year(year)
        self.row -= 1  # the row left after the last exercice
        self.close()

    # --- what other sheets read ---

    def of(self, year: str, group: str) -> str:
        """Return the formula of what is booked of a line in an exercice (both are cells)."""
        return f"SUMIFS({self.column(TOTAL)},{self.column(YEAR)},{year},{self.column(_GROUP)},{group})"

    def of_post(self, year: str, post: str, side: str) -> str:
        """Return the formula of what is booked for a post in an exercice, fonctionnement."""
        groups = [g.number for g in self.facts.groups if g.section == "F"]
        low, high = min(groups, default=1), max(groups, default=0)
        return (
            f"SUMIFS({self.column(TOTAL)},{self.column(YEAR)},{year},{self.column(POST)},{post},"
            f'{self.column(_SIDE)},"{side}",{self.column(_GROUP)},">={low}",{self.column(_GROUP)},"<={high}")'
        )

    def whole(self, side: Side) -> Live:
        """Return the sum of all lines of a side."""
        formula = f'SUMIFS({self.column(TOTAL)},{self.column(_SIDE)},"{side}",{self.column(_GROUP)},">0")'
        return euros(formula, self.facts.of_side(side).booked)

    # --- rows ---

    def _year(self, year: int) -> None:
        first = self.row
        totals: dict[str, int] = {}
        for row in self.facts.rows([f.group for f in self.facts.booked]):
            if row.kind == "line":  # written below, post by post
                continue
            if row.kind == "total":
                for followed in self.facts.booked:
                    if (followed.group.section, followed.group.side) == (row.section, row.side):
                        self._line(year, followed)
                formulas = [
                    f"SUM({block(first, self.row - 1, c)})" if self.row > first else "0"
                    for c in range(MONTH, TOTAL)
                ]
                totals[row.side] = self.row
                label = f"total_{row.section}_{row.side}"
            else:
                cost, funding = totals["D"], totals["R"]
                formulas = [f"{ref(cost, c)}-{ref(funding, c)}" for c in range(MONTH, TOTAL)]
                label = f"net_{row.section}"
            self._sums(self.book.tr(f"workbook.books.{label}", year=year), formulas, row, year)
            first = self.row
        self.row += 1

    def _line(self, year: int, followed: Followed) -> None:
        sheet, row = self.sheet, self.row
        self.begin(year, followed)
        sheet.fit(row, (followed.group.label, LINE_WIDTH))
        sheet.text(row, _SIDE, followed.group.side, "state")
        sheet.number(row, _NUMBER, followed.number, "calc", "0")
        sheet.number(row, _GROUP, followed.group.number, "calc", "0")
        cents: Cents = self.facts.tracking.sums.booked(followed.key)[self.facts.months(year)]
        for k in range(12):
            criteria = f"{gl('post_line_no')},{self.cell(_NUMBER)},{gl('month')},{self.day(k)}"
            sheet.live(
                row, MONTH + k, euros(f"SUMIFS({gl('followed')},{criteria})", int(cents[k])), "calc", "amount"
            )
        sheet.live(row, TOTAL, euros(f"SUM({self.span()})", int(cents.sum())), "calc", "amount")
        self.row += 1

    def _sums(self, label: str, formulas: list[str], row: Row, year: int) -> None:
        sheet, start = self.sheet, self.facts.first(year)
        sheet.text(self.row, YEAR, label, "total")
        for col in (POST, LINE, _SIDE):
            sheet.text(self.row, col, "", "total")
        for k, formula in enumerate(formulas):
            month = self.facts.amounts(row, slice(start + k, start + k + 1))
            sheet.live(self.row, MONTH + k, euros(formula, month.booked), "total", "amount")
        whole = self.facts.amounts(row, self.facts.months(year))
        sheet.live(self.row, TOTAL, euros(f"SUM({self.span()})", whole.booked), "total", "amount")
        self.row += 1
