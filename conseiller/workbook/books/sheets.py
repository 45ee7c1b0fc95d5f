"""Writes the sheets of the books in order, and tells *Contrôles* what must tie."""

from __future__ import annotations

from collections.abc import Sequence

from conseiller.analysis.tracking.tracking import Tracking
from conseiller.projection import Projection
from conseiller.workbook.book import Book, Live, block
from conseiller.workbook.books.actual import ActualSheet
from conseiller.workbook.books.budget import BudgetSheet
from conseiller.workbook.books.conventions import ConventionSheet
from conseiller.workbook.books.facts import BookFacts, Row, Side, euros
from conseiller.workbook.books.landing import LandingSheet
from conseiller.workbook.books.ledger import LedgerSheet, gl
from conseiller.workbook.books.left import LeftSheet
from conseiller.workbook.books.reconciliation import ReconciliationSheet
from conseiller.workbook.books.unattached import UnattachedSheet
from conseiller.workbook.books.variance import VarianceSheet
from conseiller.workbook.monthly import ModelLayout
from conseiller.workbook.year_rows import HEAD_ROW, YEAR
from conseiller.workbook.yearly import YearSheet

#: Sheets in the order of their tabs.
KEYS = (
    "grand_livre",
    "realise",
    "ecarts",
    "reste",
    "atterrissage",
    "conventions",
    "credits",
    "a_rattacher",
    "rapprochement",
)


class BookSheets:
    """The sheets of the books of a workbook.

    Parameters
    ----------
    book : Book
        With the sheets `KEYS` added.
    tracking : Tracking
    layout : ModelLayout
        Where the workbook has the plan.
    scenarios : sequence of Projection
        The dossier under each scenario that the switch takes, in its order.
    """

    def __init__(
        self, book: Book, tracking: Tracking, layout: ModelLayout, scenarios: Sequence[Projection] = ()
    ) -> None:
        others = [tracking.against(plan) for plan in scenarios]
        facts = self.facts = BookFacts(tracking, layout, book.lang, others)
        self.ledger = LedgerSheet(book, facts)
        self.actual = ActualSheet(book, facts)
        self.variance = VarianceSheet(book, facts, self.actual)
        self.left = LeftSheet(book, facts)
        self.landing = LandingSheet(book, facts, self.actual, self.left)
        self.conventions = ConventionSheet(book, facts)
        self.budget = BudgetSheet(book, facts, self.ledger, self.landing)
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
            self.conventions,
            self.budget,
            self.unattached,
            self.reconciliation,
        ):
            sheet.write()

    def equals(self, years: YearSheet) -> list[tuple[str, Live, Live]]:
        """Return what must be equal, to the cent: the key of the check and the two amounts."""
        found = []
        checked: tuple[tuple[str, Side], ...] = (("books_cost", "D"), ("books_funding", "R"))
        for key, side in checked:
            formula = f'SUMIFS({gl("followed")},{gl("followed_in")},"{side}")'
            found.append((key, self.actual.whole(side), euros(formula, self.facts.of_side(side).booked)))
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
        sheet, years_shown = years.sheet.name, self.facts.compared_years
        row = years.at["cost"]
        costs = block(row, row, YEAR, sheet, years.total_col - 1)
        heads = block(HEAD_ROW, HEAD_ROW, YEAR, sheet, years.total_col - 1)
        formula = f'SUMIFS({costs},{heads},">={years_shown[0]}",{heads},"<={years_shown[-1]}")'
        value = sum(
            round(v * 100)
            for y, v in zip(years.years, years.values["cost"], strict=False)
            if y in years_shown
        )
        total = Row("total", "F", "D")
        plan = sum(self.facts.amounts(total, self.facts.months(y)).plan for y in years_shown)
        return euros("+".join(self.variance.cost_cells), plan), euros(formula, value)
