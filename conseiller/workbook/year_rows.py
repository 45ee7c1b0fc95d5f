"""How *Exercices* writes a row, and the sums over *Mensuel* that stand in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from conseiller.projection import Projection
from conseiller.rules.algebra import months_of
from conseiller.workbook.book import Book, Live, Sheet, block, ref
from conseiller.workbook.input_rows import AccountRow
from conseiller.workbook.looks import Style
from conseiller.workbook.monthly import ModelLayout

HEAD_ROW, FIRST_ROW = 3, 4
#: Columns left of the years: label, account, section, side, chapter missing from Maquette.
LABEL, ACCOUNT, SECTION, SIDE, LOOSE, YEAR = 0, 1, 2, 3, 4, 5


class Sums:
    """Sums of columns of the model by exercice, post and status, in whole cents."""

    def __init__(self, plan: Projection) -> None:
        self.plan = plan
        month, extra = plan.model.month, plan.model.extra
        self.frames = (month, extra)
        self.years = [months_of(f.full("month")) // 12 + 1970 for f in self.frames]

    def of(
        self,
        column: str,
        year: int | None = None,
        post: int | None = None,
        titulaire: bool | None = None,
        until: bool = False,
        segment: tuple[int, int, int] | None = None,
    ) -> float:
        """Return a sum in euros; `segment` is (which, from, to) of the month's grant years."""
        total = 0
        for frame, years in zip(self.frames, self.years, strict=True):
            keep = np.ones(years.shape, dtype=bool)
            if year is not None:
                keep &= years <= year if until else years == year
            if post is not None:
                keep &= (np.arange(len(years)) == post)[:, None]
            if titulaire is not None:
                keep &= (frame.full("is_titulaire") > 0) == titulaire
            if segment is not None:
                number = frame.full(f"segment_{segment[0]}")
                keep &= (number >= segment[1]) & (number <= segment[2])
            total += int(np.rint(frame.full(column)[keep] * 100).sum())
        return total / 100


@dataclass(frozen=True)
class Line:
    """A row of *Exercices* that the budget grid adds up."""

    row: int
    account: str
    section: Literal["F", "I"]
    side: Literal["D", "R"]
    values: tuple[float, ...]


class YearRows:
    """The rows of *Exercices*: one amount a year and their total."""

    def __init__(
        self, book: Book, plan: Projection, layout: ModelLayout, accounts: Sequence[AccountRow]
    ) -> None:
        self.book = book
        self.plan = plan
        self.layout = layout
        self.accounts = accounts
        self.sheet: Sheet = book.sheet("exercices")
        self.sums = Sums(plan)
        self.years = plan.exercices
        self.row = FIRST_ROW
        self.lines: list[Line] = []
        self.at: dict[str, int] = {}
        self.values: dict[str, list[float]] = {}
        self.total_col = YEAR + len(self.years)

    def year_cell(self, k: int) -> str:
        """Return the header cell of the k-th exercice."""
        return ref(HEAD_ROW, YEAR + k)

    def _title(self, key: str) -> None:
        self.row += 1
        self.sheet.text(self.row, 0, self.book.tr(f"workbook.exercices.{key}"), "subtitle")
        self.row += 1

    def _years(
        self,
        row: int,
        formulas: Sequence[str],
        values: Sequence[float],
        look: Style = "calc",
        fmt: str = "euros",
    ) -> None:
        for k, (formula, value) in enumerate(zip(formulas, values, strict=True)):
            self.sheet.live(row, YEAR + k, Live(formula, value), look, fmt)
        span = block(row, row, YEAR, None, self.total_col - 1)
        self.sheet.live(row, self.total_col, Live(f"SUM({span})", round(sum(values), 2)), look, fmt)

    def _named(
        self,
        key: str,
        formulas: Sequence[str],
        values: Sequence[float],
        look: Style = "calc",
        fmt: str = "euros",
    ) -> int:
        row = self.row
        self.sheet.text(
            row, LABEL, self.book.tr(f"workbook.exercices.{key}"), look if look == "total" else "text"
        )
        for col in range(1, YEAR):
            if look == "total":
                self.sheet.text(row, col, "", "total")
        self._years(row, formulas, values, look, fmt)
        self.at[key] = row
        self.values[key] = [*values, round(sum(values), 2)]
        self.row += 1
        return row
