"""Writes the sheets of the books in order, and tells *Contrôles* what must tie."""

from __future__ import annotations

from conseiller.analysis.tracking.tracking import Tracking
from conseiller.workbook.book import Book, Live, block
from conseiller.workbook.books.actual import ActualSheet
from conseiller.workbook.books.facts import BookFacts, euros
from conseiller.workbook.books.landing import LandingSheet
from conseiller.workbook.books.ledger import LedgerSheet, gl
from conseiller.workbook.books.left import LeftSheet
from conseiller.workbook.books.reconciliation import ReconciliationSheet
from conseiller.workbook.books.unattached import UnattachedSheet
from conseiller.workbook.books.variance import VarianceSheet
from conseiller.workbook.monthly import ModelLayout
from conseiller.workbook.yearly import HEAD_ROW, YEAR, YearSheet

#: Sheets in the order of their tabs.
KEYS = ("grand_livre", "realise", "ecarts", "reste", "atterrissage", "a_rattacher", "rapprochement")


class BookSheets:
    """The sheets of the books of a workbook.

    Parameters
    ----------
    book : Book
        With the sheets `KEYS` added.
    tracking : Tracking
    layout : ModelLayout
        Where the workbook has the plan.
    """

    def __init__(self, book: Book, tracking: Tracking, layout: ModelLayout) -> None:
        facts = self.facts = BookFacts(tracking, layout, book.lang)
        self.ledger = LedgerSheet(book, facts)
        self.actual = ActualSheet(book, facts)
        self.variance = VarianceSheet(book, facts, self.actual)
        self.left = LeftSheet(book, facts)
        self.landing = LandingSheet(book, facts, self.actual, self.left)
        self.unattached = UnattachedSheet(book, facts, self.ledger)
        self.reconciliation = ReconciliationSheet(book, facts, self.ledger)

    def write(self) -> None:
        """Write every sheet."""
        for sheet in (
            self.ledger,
            self.actual,
            self.variance,
            self.left,
            self.landing,
            self.unattached,
            self.reconciliation,
        ):
            sheet.write()

    def equals(self, years: YearSheet) -> list[tuple[str, Live, Live]]:
        """Return what must be equal, to the cent: the key of the check and the two amounts."""
        found = []
        for key, side in (("books_cost", "D"), ("books_funding", "R")):
            formula = f'SUMIFS({gl("followed")},{gl("followed_in")},"{side}")'
            found.append((key, self.actual.whole(side), euros(formula, self.actual.cents[side])))
        found.append(("books_plan", *self._plan(years)))
        found.append(("books_left", self.landing.whole(), self.left.whole()))
        left = self.unattached
        cents = sum(left.cents.values())
        word = self.ledger.fates["unattached"]
        sheet = euros(f"{left.total('D').formula}+{left.total('R').formula}", cents)
        whole = euros(f'SUMIFS({gl("amount")},{gl("fate")},"{word}")', cents)
        found.append(("books_unattached", sheet, whole))
        return found

    def counts(self) -> list[tuple[str, str, int]]:
        """Return what must be zero: the key of the check, its formula, and how many there are."""
        files = self.reconciliation
        found = []
        for key, areas, count in (
            ("books_files", files.results, files.false),
            ("books_stated", [files.stated] if files.stated else [], files.stated_false),
        ):
            if areas:
                found.append((key, f"({'+'.join(f'COUNTIF({a},FALSE)' for a in areas)})", count))
        return found

    def _plan(self, years: YearSheet) -> tuple[Live, Live]:
        """Return the plan of spending of *Écarts*, and that of *Exercices* over the same exercices."""
        shown, sheet = self.variance, years.sheet.name
        first, last = (self.facts.compared_years[k] for k in (0, -1))
        row = years.at["cost"]
        costs = block(row, row, YEAR, sheet, years.total_col - 1)
        heads = block(HEAD_ROW, HEAD_ROW, YEAR, sheet, years.total_col - 1)
        formula = f'SUMIFS({costs},{heads},">={first}",{heads},"<={last}")'
        value = sum(
            round(v * 100)
            for y, v in zip(years.years, years.values["cost"], strict=False)
            if first <= y <= last
        )
        return euros("+".join(shown.cost_cells), shown.cost), euros(formula, value)
