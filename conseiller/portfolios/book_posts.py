"""The posts of a workbook of a portfolio: their order, their columns, and the sums the other sheets state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from conseiller.display import word
from conseiller.workbook.book import Book, Sheet, block, ref

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.portfolios.results import Portfolio

HEAD, FIRST = 2, 3
#: Sheets, in their order.
SHEETS = (
    "about",
    "totals",
    "posts",
    "departments",
    "authorities",
    "generations",
    "months",
    "ends",
    "checks",
    "aside",
)
#: Columns of the posts before the amounts: key and width.
ABOUT = (
    ("department", 12),
    ("authority", 34),
    ("kind", 10),
    ("post", 12),
    ("generation", 44),
    ("state", 12),
    ("financing_start", 12),
    ("financing_end", 12),
    ("contract_end", 12),
    ("outlives", 9),
    ("expected", 13),
    ("paid", 13),
    ("to_pay", 13),
    ("grant_before", 14),
    ("cost_before", 14),
    ("cost_after", 14),
)
MEASURES = ("cost", "grant", "other", "net")
VALUES = ("cost", "grant", "other")


@dataclass(frozen=True)
class Total:
    """A live sum and what it is of: a cell of a sheet."""

    sheet: str
    row: int
    col: int
    value: float

    @property
    def cell(self) -> str:
        """Reference of the cell, with its sheet."""
        return ref(self.row, self.col, self.sheet)


Totals = dict[tuple[str, int], Total]


class Posts:
    """The sheet of posts as the others see it: where each amount stands, and what it is."""

    def __init__(self, book: Book, portfolio: Portfolio) -> None:
        self.book = book
        self.portfolio = portfolio
        self.years = portfolio.exercices
        self.frame = self._sorted()
        self.last = FIRST + len(self.frame) - 1
        self.start = len(ABOUT)
        for key in SHEETS:
            book.sheet(f"pf_{key}")
        self.posts: Sheet = book.sheet("pf_posts")
        self._cents = {
            (m, year): np.rint(self.frame[f"{m}_{year}"].to_numpy() * 100).astype(np.int64)
            for m in VALUES
            for year in self.years
        }
        for year in self.years:
            cost, grant, other = (self._cents[m, year] for m in VALUES)
            self._cents["net", year] = cost - grant - other

    def _sorted(self) -> pd.DataFrame:
        """Return the posts with their amounts by exercice, département by département and employer by employer."""
        p = self.portfolio
        frame = p.posts.copy()
        amounts = p.by_post_and_exercice()
        for measure in VALUES:
            for k, year in enumerate(self.years):
                frame[f"{measure}_{year}"] = amounts[measure][:, k] / 100
        # The employer that the same name has in two départements is two employers.
        frame = frame.join(p.end_amounts())
        return frame.sort_values(["department", "authority", "post"], kind="stable").reset_index(drop=True)

    def column(self, measure: str, year: int) -> int:
        """Return the column of an amount in the sheet of posts; the four measures of a year stand together."""
        return self.start + 4 * self.years.index(year) + MEASURES.index(measure)

    def range(self, col: int, first: int | None = None, last: int | None = None) -> str:
        """Return rows of a column of the sheet of posts."""
        top, foot = FIRST if first is None else first, self.last if last is None else last
        return block(top, foot, col, self.posts.name)

    def about_col(self, key: str) -> int:
        """Return the column of what is known of a post beside its amounts."""
        return [name for name, _ in ABOUT].index(key)

    def value(self, measure: str, year: int, rows: Any = slice(None)) -> float:
        """Return the sum of an amount over some posts, to the cent."""
        return float(self._cents[measure, year][rows].sum()) / 100

    def sum_of(self, key: str) -> float:
        """Return the sum of one of these over all posts, to the cent."""
        return float(np.rint(self.frame[key].fillna(0.0).to_numpy() * 100).sum()) / 100

    def heading(self, sheet: Sheet, key: str, note: str = "") -> None:
        """Write the title of a sheet and a note under it."""
        sheet.text(0, 0, self.book.tr(f"workbook.sheet.pf_{key}"), "title")
        if note:
            sheet.text(1, 0, note, "note")

    def year_heads(self, sheet: Sheet, col: int) -> None:
        """Write the headings of the amounts, four an exercice, from a column on."""
        for k, year in enumerate(self.years):
            for m, measure in enumerate(MEASURES):
                sheet.text(
                    HEAD,
                    col + 4 * k + m,
                    self.book.tr(f"portfolio.book.year_{measure}", year=year),
                    "headnum",
                )
        sheet.raw.set_column(col, col + 4 * len(self.years) - 1, 15)

    def name(self, key: str, value: Any) -> str:
        """Return a value as the sheets show it."""
        return word(str(value), key, self.book.lang) or self.book.tr("portfolio.book.no_place")
