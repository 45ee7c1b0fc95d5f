"""A table of exercices: the lines of each section and side, their totals, the net. *Écarts* and *Atterrissage* are two."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from conseiller.workbook.book import Book, Sheet, block, ref
from conseiller.workbook.books.facts import BookFacts, Group, Row
from conseiller.workbook.looks import Style

YEAR, LINE, SIDE, PLAN = range(4)
_LINE_WIDTH = 46


class ExerciceTable(ABC):
    """Writes one exercice after the other, from `row` on.

    Parameters
    ----------
    book : Book
    facts : BookFacts
    sheet : str
        Key of the sheet.
    figures : tuple of int
        Columns of the amounts that are read from elsewhere; the others follow from them.
    folded : int
        Column of the number of the line, read by formulas only.
    """

    def __init__(
        self, book: Book, facts: BookFacts, sheet: str, figures: tuple[int, ...], folded: int
    ) -> None:
        self.book = book
        self.facts = facts
        self.sheet: Sheet = book.sheet(sheet)
        self.figures = figures
        self.folded = folded
        self.row = 0

    # --- what each sheet says of its figures ---

    @abstractmethod
    def formulas_of(self, group: Group, year: str, number: str) -> Sequence[str]:
        """Return the formulas of the figures of a line (exercice and number of the line are cells)."""

    @abstractmethod
    def values_of(self, row: Row, year: int) -> Sequence[int]:
        """Return the values of the figures of a row [cents]."""

    @abstractmethod
    def write_figures(self, formulas: Sequence[str], values: Sequence[int], look: Style) -> None:
        """Write the figures of the row, and what follows from them."""

    # --- rows ---

    def head(self, row: int, keys: Sequence[str]) -> None:
        """Write the heads of the table, the columns `YEAR`, `LINE` and `SIDE` first, and their widths."""
        sheet, raw = self.sheet, self.sheet.raw
        for col, key in enumerate(("exercice", "line", "side", *keys)):
            text = self.book.tr(f"workbook.books.{key}")
            sheet.text(row, col, text, "head" if col < PLAN else "headnum")
        sheet.text(row, self.folded, self.book.tr("workbook.grand_livre.line_no"), "head")
        raw.set_row(row, 30)
        widths = (9, _LINE_WIDTH, 6, *(9 if key == "share" else 15 for key in keys))
        for col, width in enumerate(widths):
            raw.set_column(col, col, width)
        raw.set_column(self.folded, self.folded, 9, None, {"level": 1})

    def exercice(self, year: int) -> dict[str, int]:
        """Write an exercice and leave a row; return the row of the net of each section."""
        first = self.row
        totals: dict[tuple[str, str], int] = {}
        nets: dict[str, int] = {}
        for row in self.facts.rows(self.facts.groups):
            values = self.values_of(row, year)
            if row.kind == "line":
                assert row.group is not None
                self._line(year, row.group, values)
                continue
            if row.kind == "total":
                formulas = [
                    f"SUM({block(first, self.row - 1, c)})" if self.row > first else "0" for c in self.figures
                ]
                totals[row.section, row.side] = self.row
                label = f"total_{row.section}_{row.side}"
            else:
                cost, funding = (totals[row.section, side] for side in ("D", "R"))
                formulas = [f"{ref(cost, c)}-{ref(funding, c)}" for c in self.figures]
                nets[row.section] = self.row
                label = f"net_{row.section}"
            self.total(self.book.tr(f"workbook.books.{label}", year=year), formulas, values)
            first = self.row
        self.row += 1
        return nets

    def total(self, label: str, formulas: Sequence[str], values: Sequence[int]) -> None:
        """Write a row of sums."""
        self.sheet.text(self.row, YEAR, label, "total")
        for col in (LINE, SIDE):
            self.sheet.text(self.row, col, "", "total")
        self.write_figures(formulas, values, "total")
        self.row += 1

    def _line(self, year: int, group: Group, values: Sequence[int]) -> None:
        sheet, row = self.sheet, self.row
        sheet.number(row, YEAR, year, "state", "0")
        sheet.text(row, LINE, group.label, "cell")
        sheet.fit(row, (group.label, _LINE_WIDTH))
        sheet.text(row, SIDE, group.side, "state")
        sheet.number(row, self.folded, group.number, "calc", "0")
        formulas = self.formulas_of(group, ref(row, YEAR), ref(row, self.folded))
        self.write_figures(formulas, values, "calc")
        self.row += 1
