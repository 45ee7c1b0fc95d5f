"""The sums of a workbook of a portfolio: by exercice, département, generation, employer, month, end of grant."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from conseiller.portfolios.book_posts import FIRST, HEAD, MEASURES, Posts, Total, Totals
from conseiller.workbook.book import Live, Sheet, block, ref


class Sums(Posts):
    """Writes the sheets that add up the posts; each returns where its totals stand."""

    #: Cell of the number of false checks, on the sheet of totals.
    checks_cell = (0, 0)

    def write_totals(self) -> Totals:
        """Write the totals by exercice, and the facts under them."""
        sheet, tr = self.book.sheet("pf_totals"), self.book.tr
        self.heading(sheet, "totals", tr("portfolio.note.section"))
        sheet.text(HEAD, 0, tr("display.column.exercice"), "head")
        names = {"cost": "cost", "grant": "grant", "other": "other_funding", "net": "net_cost"}
        found: Totals = {}
        for m, measure in enumerate(MEASURES, start=1):
            sheet.text(HEAD, m, tr(f"display.column.{names[measure]}"), "headnum")
            for k, year in enumerate(self.years):
                row = FIRST + k
                sheet.number(row, 0, year, fmt="years")
                value = self.value(measure, year)
                sheet.live(
                    row,
                    m,
                    Live(f"ROUND(SUM({self.range(self.column(measure, year))}),2)", value),
                    fmt="euros",
                )
                found[measure, year] = Total(sheet.name, row, m, value)
            foot = FIRST + len(self.years)
            total = round(sum(found[measure, y].value for y in self.years), 2)
            sheet.live(foot, m, Live(f"SUM({block(FIRST, foot - 1, m)})", total), "total", "euros")
        sheet.text(FIRST + len(self.years), 0, tr("display.total"), "total")
        row = FIRST + len(self.years) + 2
        facts = (
            ("posts", f"COUNTA({self.range(3)})", float(len(self.frame)), "integer"),
            ("expected", f"SUM({self.range(self.about_col('expected'))})", self.sum_of("expected"), "euros"),
            ("paid", f"SUM({self.range(self.about_col('paid'))})", self.sum_of("paid"), "euros"),
            ("to_pay", f"SUM({self.range(self.about_col('to_pay'))})", self.sum_of("to_pay"), "euros"),
        )
        for k, (key, formula, value, fmt) in enumerate(facts):
            sheet.text(row + k, 0, tr(f"display.column.{key}"), "label")
            sheet.live(row + k, 1, Live(formula, value), fmt=fmt)
        self.checks_cell = (row + len(facts), 1)
        sheet.text(row + len(facts), 0, tr("portfolio.book.false_count"), "label")
        sheet.raw.set_column(0, 0, 34)
        sheet.raw.set_column(1, 4, 20)
        return found

    def write_grouped(self, sheet_key: str, key: str) -> Totals:
        """Write a sheet of SUMIFS over the posts, one row a value of a column."""
        sheet = self.book.sheet(f"pf_{sheet_key}")
        self.heading(sheet, sheet_key)
        col = self.about_col(key)
        names = [self.name(key, value) for value in self.frame[key]]
        members = {name: np.flatnonzero(np.array(names) == name) for name in sorted(set(names))}
        sheet.text(HEAD, 0, self.book.tr(f"display.column.{key}"), "head")
        sheet.text(HEAD, 1, self.book.tr("display.column.posts"), "headnum")
        self.year_heads(sheet, 2)
        for row, (name, rows) in enumerate(members.items(), start=FIRST):
            sheet.text(row, 0, name)
            own = ref(row, 0).replace("$", "")
            sheet.live(row, 1, Live(f"COUNTIF({self.range(col)},{own})", float(len(rows))), fmt="integer")
            for k, year in enumerate(self.years):
                for m, measure in enumerate(MEASURES):
                    amounts = self.range(self.column(measure, year))
                    formula = f"ROUND(SUMIFS({amounts},{self.range(col)},{own}),2)"
                    value = self.value(measure, year, rows)
                    sheet.live(row, 2 + 4 * k + m, Live(formula, value), fmt="amount")
        sheet.raw.set_column(0, 0, 44)
        sheet.raw.freeze_panes(FIRST, 1)
        return self._foot(sheet, FIRST + len(members), 2)

    def write_authorities(self) -> Totals:
        """Write a sheet of sums over the rows of each employer, which stand together."""
        sheet = self.book.sheet("pf_authorities")
        self.heading(sheet, "authorities")
        tr = self.book.tr
        for col, key in enumerate(("department", "authority", "posts", "to_pay")):
            sheet.text(HEAD, col, tr(f"display.column.{key}"), "head" if col < 2 else "headnum")
        self.year_heads(sheet, 4)
        owner = (self.frame["department"] + "\n" + self.frame["authority"]).to_numpy()
        bounds = [0, *(np.flatnonzero(owner[1:] != owner[:-1]) + 1), len(owner)]
        to_pay = self.about_col("to_pay")
        for row, (a, b) in enumerate(pairwise(bounds), start=FIRST):
            first, last = FIRST + int(a), FIRST + int(b) - 1
            rows = slice(int(a), int(b))
            department, authority = self.frame["department"].iloc[a], self.frame["authority"].iloc[a]
            sheet.text(row, 0, self.name("department", department))
            sheet.text(row, 1, authority)
            sheet.live(row, 2, Live(f"ROWS({self.range(3, first, last)})", float(b - a)), fmt="integer")
            due = float(np.rint(self.frame["to_pay"].to_numpy()[rows] * 100).sum()) / 100
            sheet.live(row, 3, Live(f"ROUND(SUM({self.range(to_pay, first, last)}),2)", due), fmt="amount")
            for k, year in enumerate(self.years):
                for m, measure in enumerate(MEASURES):
                    formula = f"ROUND(SUM({self.range(self.column(measure, year), first, last)}),2)"
                    value = self.value(measure, year, rows)
                    sheet.live(row, 4 + 4 * k + m, Live(formula, value), fmt="amount")
        sheet.raw.set_column(0, 0, 14)
        sheet.raw.set_column(1, 1, 40)
        sheet.raw.freeze_panes(FIRST, 2)
        return self._foot(sheet, FIRST + len(bounds) - 1, 4)

    def _foot(self, sheet: Sheet, row: int, col: int) -> Totals:
        """Write the totals under the amounts of each exercice."""
        found: Totals = {}
        sheet.text(row, 0, self.book.tr("display.total"), "total")
        for k, year in enumerate(self.years):
            for m, measure in enumerate(MEASURES):
                at = col + 4 * k + m
                value = self.value(measure, year)
                sheet.live(row, at, Live(f"SUM({block(FIRST, row - 1, at)})", value), "total", "amount")
                found[measure, year] = Total(sheet.name, row, at, value)
        return found

    def write_months(self) -> Totals:
        """Write values by month and generation, and their sums by exercice."""
        sheet, tr, p = self.book.sheet("pf_months"), self.book.tr, self.portfolio
        self.heading(sheet, "months", tr("portfolio.book.months_note"))
        table = p.by("exercice", "month", "generation")
        counts = p.occupancy("generation").reindex(table.reset_index("exercice").index, fill_value=0)
        heads = ("exercice", "month", "generation", "funded", "occupied", "vacant")
        names = ("cost", "grant", "other_funding", "net_cost")
        for col, key in enumerate((*heads, *names)):
            sheet.text(HEAD, col, tr(f"display.column.{key}"), "head" if col < 3 else "headnum")
        last = FIRST + len(table) - 1
        for row, (index, amounts, held) in enumerate(
            zip(table.index, table[list(names)].to_numpy(), counts.to_numpy(), strict=True), start=FIRST
        ):
            year, month, generation = index
            sheet.number(row, 0, year, fmt="years")
            sheet.raw.write_datetime(row, 1, month.to_pydatetime(), self.book.format("calc", "month"))
            sheet.text(row, 2, self.name("generation", generation))
            for col, value in enumerate(held, start=3):
                sheet.number(row, col, float(value), fmt="flag")
            for col, value in enumerate(amounts[:3], start=6):
                sheet.number(row, col, float(value), fmt="amount")
            cells = [ref(row, col).replace("$", "") for col in (6, 7, 8)]
            net = round(float(amounts[3]), 2) + 0.0
            sheet.live(row, 9, Live(f"ROUND({cells[0]}-{cells[1]}-{cells[2]},2)", net), fmt="amount")
        found: Totals = {}
        for k, year in enumerate(self.years):
            row = last + 2 + k
            sheet.number(row, 0, year, "total", "years")
            for m, measure in enumerate(MEASURES):
                value = self.value(measure, year)
                amounts_of = block(FIRST, last, 6 + m)
                formula = f"ROUND(SUMIFS({amounts_of},{block(FIRST, last, 0)},{ref(row, 0)}),2)"
                sheet.live(row, 6 + m, Live(formula, value), "total", "amount")
                found[measure, year] = Total(sheet.name, row, 6 + m, value)
        sheet.raw.set_column(0, 1, 11)
        sheet.raw.set_column(2, 2, 44)
        sheet.raw.set_column(3, 5, 10)
        sheet.raw.set_column(6, 9, 18)
        sheet.raw.freeze_panes(FIRST, 3)
        return found

    def write_ends(self) -> tuple[Total, float]:
        """Write the calendar of the ends of the grant, counted in the posts by their last day."""
        sheet, tr, p = self.book.sheet("pf_ends"), self.book.tr, self.portfolio
        self.heading(sheet, "ends", tr("portfolio.book.ends_note"))
        keys = ("posts", "outlives", "grant_before", "cost_before", "cost_after")
        sheet.text(HEAD, 0, tr("display.column.month"), "head")
        for col, key in enumerate(keys, start=1):
            sheet.text(HEAD, col, tr(f"display.column.{key}"), "headnum")
        day = self.range(self.about_col("financing_end"))
        table = p.ends()
        for row, (month, values) in enumerate(table.iterrows(), start=FIRST):
            sheet.raw.write_datetime(
                row, 0, pd.Timestamp(str(month)).to_pydatetime(), self.book.format("calc", "month")
            )
            own = ref(row, 0)
            within = f'{day},">="&{own},{day},"<"&EDATE({own},1)'
            sheet.live(row, 1, Live(f"COUNTIFS({within})", float(values["posts"])), fmt="integer")
            for col, key in enumerate(keys[1:], start=2):
                amounts = self.range(self.about_col(key))
                formula = f"ROUND(SUMIFS({amounts},{within}),2)"
                fmt = "integer" if key == "outlives" else "amount"
                sheet.live(row, col, Live(formula, float(values[key])), fmt=fmt)
        foot = FIRST + len(table)
        sheet.text(foot, 0, tr("display.total"), "total")
        for col, key in enumerate(keys, start=1):
            cents = float(np.rint(table[key].to_numpy() * 100).sum()) / 100
            formula = f"SUM({block(FIRST, max(foot - 1, FIRST), col)})" if len(table) else "0"
            sheet.live(foot, col, Live(formula, cents), "total", "integer" if col < 3 else "amount")
        sheet.raw.set_column(0, 0, 14)
        sheet.raw.set_column(1, 5, 20)
        sheet.raw.freeze_panes(FIRST, 1)
        return Total(sheet.name, foot, 1, float(table["posts"].sum())), float(table["posts"].sum())
