"""The workbook of a portfolio: values by post and exercice, totals and checks live over them.

One long sheet of posts, sorted by département and employer, holds every value; all other sheets add them up, so that
a corrected cell is followed everywhere. Employers are added up over their own rows, which stand together: thousands
of SUMIFS over thousands of rows would take the program seconds at each change. At most some 150 000 formulas for
5 000 posts over eight exercices.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from conseiller.files import replacing
from conseiller.messages import Lang, tr
from conseiller.portfolios.book_posts import ABOUT, FIRST, HEAD, MEASURES, SHEETS, VALUES, Total, Totals
from conseiller.portfolios.book_sums import Sums
from conseiller.portfolios.shown import lead, notes
from conseiller.text import date_long, number
from conseiller.workbook.book import Book, Live, Sheet, block, ref

if TYPE_CHECKING:
    from conseiller.portfolios.results import Portfolio


def write_book(portfolio: Portfolio, path: Path, lang: Lang = "fr") -> Path:
    """Write the workbook; the previous file stays whole if anything fails."""
    with replacing(path) as temporary:
        book = Book(temporary, lang, portfolio.report_date, _title(portfolio, lang))
        _Writer(book, portfolio).write()
        book.close()
    return path


def _title(portfolio: Portfolio, lang: Lang) -> str:
    return tr("portfolio.book.title", lang, name=portfolio.name)


class _Writer(Sums):
    """Writes the sheets in order; totals of each are kept for the checks."""

    def write(self) -> None:
        """Write every sheet."""
        book = self.book
        self._about()
        self._posts()
        written = self.write_totals()
        departments = self.write_grouped("departments", "department")
        generations = self.write_grouped("generations", "generation")
        authorities = self.write_authorities()
        months = self.write_months()
        ends = self.write_ends()
        self._checks(written, departments, authorities, generations, months, ends)
        self._aside()
        for key in SHEETS:
            self._page(book.sheet(f"pf_{key}"))
        book.sheet("pf_totals").raw.activate()

    def _page(self, sheet: Sheet) -> None:
        """Set a sheet for the printer: one page wide, or three where every exercice has its columns."""
        last_row, last_col = max(sheet.raw.dim_rowmax or 0, FIRST), sheet.raw.dim_colmax or 0
        heads = None if sheet.key == "pf_about" else (HEAD, HEAD)
        self.book.page(sheet, repeat=heads, last_col=last_col, last_row=last_row)
        if last_col > 12:
            sheet.raw.fit_to_pages(3, 0)
            sheet.raw.repeat_columns(0, 3 if sheet is self.posts else 1)

    def _about(self) -> None:
        sheet, p, lang = self.book.sheet("pf_about"), self.portfolio, self.book.lang
        self.heading(sheet, "about")
        about = self.book.tr(
            "portfolio.book.about", day=date_long(p.report_date, lang), posts=number(len(p.posts), lang)
        )
        sheet.text(1, 0, p.name, "subtitle")
        for row, said in enumerate([about, *lead(p, lang), *notes(p, lang)], start=3):
            sheet.text(row, 0, said, "label")
            sheet.raw.set_row(row, 14 * (1 + len(said) // 115))  # a program that opens the file fits no row
        sheet.raw.set_column(0, 0, 120)

    def _posts(self) -> None:
        sheet, frame = self.posts, self.frame
        self.heading(sheet, "posts", self.book.tr("portfolio.note.section"))
        for col, (key, width) in enumerate(ABOUT):
            sheet.text(HEAD, col, self.book.tr(f"display.column.{key}"), "head")
            sheet.raw.set_column(col, col, width)
        self.year_heads(sheet, self.start)
        dates = {"financing_start", "financing_end", "contract_end"}
        amounts = {"expected", "paid", "to_pay", "grant_before", "cost_before", "cost_after"}
        for col, (key, _) in enumerate(ABOUT):
            for row, value in enumerate(frame[key].tolist(), start=FIRST):
                if pd.isna(value):
                    continue
                if key in dates:
                    sheet.raw.write_datetime(
                        row, col, value.to_pydatetime(), self.book.format("calc", "date")
                    )
                elif key == "outlives":
                    sheet.number(row, col, float(value), fmt="flag")
                elif key in amounts:
                    sheet.number(row, col, value, fmt="amount")
                else:
                    sheet.text(row, col, self.name(key, value))
        look = self.book.format("input", "amount")
        for year in self.years:
            values = [frame[f"{m}_{year}"].tolist() for m in VALUES]
            for row, (cost, grant, other) in enumerate(zip(*values, strict=True), start=FIRST):
                for m, value in enumerate((cost, grant, other)):
                    sheet.raw.write_number(row, self.column(VALUES[m], year), value, look)
                a, b, c = (ref(row, self.column(m, year)).replace("$", "") for m in VALUES)
                net = round(cost - grant - other, 2) + 0.0
                sheet.live(row, self.column("net", year), Live(f"ROUND({a}-{b}-{c},2)", net), fmt="amount")
        sheet.raw.freeze_panes(FIRST, 4)
        # Sorted by hand, the sums of the employers would be those of others: the sheet is protected, amounts are not.
        self.book.protect(sheet)
        sheet.raw.autofilter(HEAD, 0, self.last, self.start + 4 * len(self.years) - 1)

    def _checks(
        self,
        written: Totals,
        departments: Totals,
        authorities: Totals,
        generations: Totals,
        months: Totals,
        ends: tuple[Total, float],
    ) -> None:
        sheet, tr = self.book.sheet("pf_checks"), self.book.tr
        self.heading(sheet, "checks")
        for col, key in enumerate(("check", "result", "left", "right")):
            sheet.text(HEAD, col, tr(f"portfolio.book.{key}"), "head" if col < 2 else "headnum")
        row = FIRST
        names = {"cost": "cost", "grant": "grant", "other": "other_funding", "net": "net_cost"}
        pairs: Sequence[tuple[str, Totals]] = (
            ("check_departments", departments),
            ("check_authorities", authorities),
            ("check_generations", generations),
            ("check_months", months),
        )
        for year in self.years:
            for measure in MEASURES:
                said = {"measure": tr(f"display.column.{names[measure]}"), "year": year}
                right = written[measure, year]
                for key, totals in pairs:
                    self._check(
                        sheet,
                        row,
                        tr(f"portfolio.book.{key}", **said),
                        totals[measure, year].cell,
                        right.cell,
                        right.value,
                    )
                    row += 1
                self._check(
                    sheet, row, tr("portfolio.book.check_written", **said), right.cell, None, right.value
                )
                row += 1
        count = f"COUNTA({self.range(3)})"
        self._check(sheet, row, tr("portfolio.book.check_count"), count, None, float(len(self.frame)))
        day = self.range(self.about_col("financing_end"))
        self._check(sheet, row + 1, tr("portfolio.book.check_ends"), ends[0].cell, f"COUNT({day})", ends[1])
        last = row + 1
        where, at = self.checks_cell
        results = block(FIRST, last, 1, sheet.name)
        self.book.sheet("pf_totals").live(where, at, Live(f"COUNTIF({results},FALSE)", 0.0), fmt="0")
        self.book.name("controles_faux", ref(where, at, self.book.sheet("pf_totals").name))
        sheet.raw.set_column(0, 0, 74)
        sheet.raw.set_column(1, 1, 10)
        sheet.raw.set_column(2, 3, 20)
        sheet.raw.freeze_panes(FIRST, 0)

    def _check(self, sheet: Sheet, row: int, said: str, left: str, right: str | None, value: float) -> None:
        """Write one check; without a right side, against the figure computed when the workbook was written."""
        sheet.text(row, 0, said, "label")
        sheet.live(row, 2, Live(left, value), fmt="amount")
        if right is None:
            sheet.number(row, 3, value, fmt="amount")
        else:
            sheet.live(row, 3, Live(right, value), fmt="amount")
        a, b = ref(row, 2).replace("$", ""), ref(row, 3).replace("$", "")
        sheet.live(row, 1, Live(f"ABS({a}-{b})<0.005", True), "state", "truth")

    def _aside(self) -> None:
        sheet, frame = self.book.sheet("pf_aside"), self.portfolio.set_aside
        self.heading(sheet, "aside")
        for col, key in enumerate(("place", "authority", "post", "reason", "remedy")):
            sheet.text(HEAD, col, self.book.tr(f"display.column.{key}"), "head")
            for row, value in enumerate(frame[key], start=FIRST):
                sheet.text(row, col, value, "label")
        for col, width in enumerate((34, 34, 12, 70, 70)):
            sheet.raw.set_column(col, col, width)
        sheet.raw.freeze_panes(FIRST, 0)
