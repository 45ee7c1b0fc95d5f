"""The workbook of a portfolio: values by post and exercice, totals and checks live over them.

One long sheet of posts, sorted by département and employer, holds every value; all other sheets add them up, so that
a corrected cell is followed everywhere. Employers are added up over their own rows, which stand together: thousands
of SUMIFS over thousands of rows would take the program seconds at each change. At most some 150 000 formulas for
5 000 posts over eight exercices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conseiller.files import replacing
from conseiller.messages import Lang
from conseiller.portfolios.shown import lead, notes
from conseiller.text import date_long, number
from conseiller.workbook.book import Book, Live, Sheet, block, ref

if TYPE_CHECKING:
    from conseiller.portfolios.results import Portfolio

_HEAD, _FIRST = 2, 3
#: Columns of the posts before the amounts: key and width.
_ABOUT = (
    ("department", 12),
    ("authority", 34),
    ("kind", 10),
    ("post", 12),
    ("generation", 16),
    ("state", 10),
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
_MEASURES = ("cost", "grant", "other", "net")
_VALUES = ("cost", "grant", "other")


@dataclass(frozen=True)
class _Total:
    """A live sum and what it is of: a cell of a sheet."""

    sheet: str
    row: int
    col: int
    value: float

    @property
    def cell(self) -> str:
        return ref(self.row, self.col, self.sheet)


Totals = dict[tuple[str, int], _Total]


def write_book(portfolio: Portfolio, path: Path, lang: Lang = "fr") -> Path:
    """Write the workbook; the previous file stays whole if anything fails."""
    with replacing(path) as temporary:
        book = Book(temporary, lang, portfolio.report_date, _title(portfolio, lang))
        _Writer(book, portfolio).write()
        book.close()
    return path


def _title(portfolio: Portfolio, lang: Lang) -> str:
    from conseiller.messages import tr

    return tr("portfolio.book.title", lang, name=portfolio.name)


class _Writer:
    """Writes the sheets in order; totals of each are kept for the checks."""

    def __init__(self, book: Book, portfolio: Portfolio) -> None:
        self.book = book
        self.portfolio = portfolio
        self.years = portfolio.exercices
        self.frame = self._sorted()
        self.last = _FIRST + len(self.frame) - 1
        self.start = len(_ABOUT)

    def _sorted(self) -> pd.DataFrame:
        """Return the posts with their amounts by exercice, département by département and employer by employer."""
        p = self.portfolio
        frame = p.posts.copy()
        amounts = p.by_post_and_exercice()
        for measure in _VALUES:
            for k, year in enumerate(self.years):
                frame[f"{measure}_{year}"] = amounts[measure][:, k] / 100
        # The employer that the same name has in two départements is two employers.
        frame = frame.join(p.end_amounts())
        return frame.sort_values(["department", "authority", "post"], kind="stable").reset_index(drop=True)

    def column(self, measure: str, year: int) -> int:
        """Return the column of an amount in the sheet of posts; the four measures of a year stand together."""
        return self.start + 4 * self.years.index(year) + _MEASURES.index(measure)

    def range(self, col: int, first: int | None = None, last: int | None = None) -> str:
        """Return rows of a column of the sheet of posts."""
        top, foot = _FIRST if first is None else first, self.last if last is None else last
        return block(top, foot, col, self.posts.name)

    def write(self) -> None:
        """Write every sheet."""
        book = self.book
        keys = ("about", "totals", "posts", "departments", "authorities", "generations", "months", "ends")
        for key in (*keys, "checks", "aside"):
            book.sheet(f"pf_{key}")
        self.posts: Sheet = book.sheet("pf_posts")
        self._about()
        self._posts()
        written = self._totals()
        departments = self._grouped("departments", "department")
        generations = self._grouped("generations", "generation")
        authorities = self._authorities()
        months = self._months()
        ends = self._ends()
        self._checks(written, departments, authorities, generations, months, ends)
        self._aside()
        book.sheet("pf_totals").raw.activate()

    # --- words -----------------------------------------------------------------------------------------

    def _heading(self, sheet: Sheet, key: str, note: str = "") -> None:
        sheet.text(0, 0, self.book.tr(f"workbook.sheet.pf_{key}"), "title")
        if note:
            sheet.text(1, 0, note, "note")

    def _about(self) -> None:
        sheet, p, lang = self.book.sheet("pf_about"), self.portfolio, self.book.lang
        self._heading(sheet, "about")
        about = self.book.tr(
            "portfolio.book.about", day=date_long(p.report_date, lang), posts=number(len(p.posts), lang)
        )
        sheet.text(1, 0, p.name, "subtitle")
        for row, said in enumerate([about, *lead(p, lang), *notes(p, lang)], start=3):
            sheet.text(row, 0, said, "label")
        sheet.raw.set_column(0, 0, 120)

    def _year_heads(self, sheet: Sheet, col: int) -> None:
        for k, year in enumerate(self.years):
            for m, measure in enumerate(_MEASURES):
                sheet.text(
                    _HEAD,
                    col + 4 * k + m,
                    self.book.tr(f"portfolio.book.year_{measure}", year=year),
                    "headnum",
                )
        sheet.raw.set_column(col, col + 4 * len(self.years) - 1, 15)

    def _name(self, key: str, value: Any) -> str:
        from conseiller.display import word

        return word(str(value), key, self.book.lang) or self.book.tr("portfolio.book.no_place")

    # --- values ----------------------------------------------------------------------------------------

    def _posts(self) -> None:
        sheet, frame = self.posts, self.frame
        self._heading(sheet, "posts", self.book.tr("portfolio.note.section"))
        for col, (key, width) in enumerate(_ABOUT):
            sheet.text(_HEAD, col, self.book.tr(f"display.column.{key}"), "head")
            sheet.raw.set_column(col, col, width)
        self._year_heads(sheet, self.start)
        dates = {"financing_start", "financing_end", "contract_end"}
        amounts = {"expected", "paid", "to_pay", "grant_before", "cost_before", "cost_after"}
        for col, (key, _) in enumerate(_ABOUT):
            for row, value in enumerate(frame[key].tolist(), start=_FIRST):
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
                    sheet.text(row, col, self._name(key, value))
        look = self.book.format("input", "amount")
        for year in self.years:
            values = [frame[f"{m}_{year}"].tolist() for m in _VALUES]
            for row, (cost, grant, other) in enumerate(zip(*values, strict=True), start=_FIRST):
                for m, value in enumerate((cost, grant, other)):
                    sheet.raw.write_number(row, self.column(_VALUES[m], year), value, look)
                a, b, c = (ref(row, self.column(m, year)).replace("$", "") for m in _VALUES)
                net = round(cost - grant - other, 2) + 0.0
                sheet.live(row, self.column("net", year), Live(f"ROUND({a}-{b}-{c},2)", net), fmt="amount")
        sheet.raw.freeze_panes(_FIRST, 4)
        # Sorted by hand, the sums of the employers would be those of others: the sheet is protected, amounts are not.
        self.book.protect(sheet)
        sheet.raw.autofilter(_HEAD, 0, self.last, self.start + 4 * len(self.years) - 1)

    def _value(self, measure: str, year: int, rows: Any = slice(None)) -> float:
        """Return the sum of an amount over some posts, to the cent."""
        if measure == "net":
            values = [self._value(m, year, rows) for m in _VALUES]
            return round(values[0] - values[1] - values[2], 2) + 0.0
        cents = np.rint(self.frame[f"{measure}_{year}"].to_numpy()[rows] * 100)
        return float(cents.sum()) / 100

    # --- totals ----------------------------------------------------------------------------------------

    def _totals(self) -> Totals:
        sheet, tr = self.book.sheet("pf_totals"), self.book.tr
        self._heading(sheet, "totals", tr("portfolio.note.section"))
        sheet.text(_HEAD, 0, tr("display.column.exercice"), "head")
        names = {"cost": "cost", "grant": "grant", "other": "other_funding", "net": "net_cost"}
        found: Totals = {}
        for m, measure in enumerate(_MEASURES, start=1):
            sheet.text(_HEAD, m, tr(f"display.column.{names[measure]}"), "headnum")
            for k, year in enumerate(self.years):
                row = _FIRST + k
                sheet.number(row, 0, year, fmt="years")
                value = self._value(measure, year)
                sheet.live(
                    row,
                    m,
                    Live(f"ROUND(SUM({self.range(self.column(measure, year))}),2)", value),
                    fmt="euros",
                )
                found[measure, year] = _Total(sheet.name, row, m, value)
            foot = _FIRST + len(self.years)
            total = round(sum(found[measure, y].value for y in self.years), 2)
            sheet.live(foot, m, Live(f"SUM({block(_FIRST, foot - 1, m)})", total), "total", "euros")
        sheet.text(_FIRST + len(self.years), 0, tr("display.total"), "total")
        row = _FIRST + len(self.years) + 2
        facts = (
            ("posts", f"COUNTA({self.range(3)})", float(len(self.frame)), "integer"),
            ("expected", f"SUM({self.range(self._about_col('expected'))})", self._sum("expected"), "euros"),
            ("paid", f"SUM({self.range(self._about_col('paid'))})", self._sum("paid"), "euros"),
            ("to_pay", f"SUM({self.range(self._about_col('to_pay'))})", self._sum("to_pay"), "euros"),
        )
        for k, (key, formula, value, fmt) in enumerate(facts):
            sheet.text(row + k, 0, tr(f"display.column.{key}"), "label")
            sheet.live(row + k, 1, Live(formula, value), fmt=fmt)
        self._checks_cell = (row + len(facts), 1)
        sheet.text(row + len(facts), 0, tr("portfolio.book.false_count"), "label")
        sheet.raw.set_column(0, 0, 34)
        sheet.raw.set_column(1, 4, 20)
        return found

    def _about_col(self, key: str) -> int:
        return [name for name, _ in _ABOUT].index(key)

    def _sum(self, key: str) -> float:
        return float(np.rint(self.frame[key].fillna(0.0).to_numpy() * 100).sum()) / 100

    def _grouped(self, sheet_key: str, key: str) -> Totals:
        """Write a sheet of SUMIFS over the posts, one row a value of a column."""
        sheet = self.book.sheet(f"pf_{sheet_key}")
        self._heading(sheet, sheet_key)
        col = self._about_col(key)
        names = [self._name(key, value) for value in self.frame[key]]
        members = {name: np.flatnonzero(np.array(names) == name) for name in sorted(set(names))}
        sheet.text(_HEAD, 0, self.book.tr(f"display.column.{key}"), "head")
        sheet.text(_HEAD, 1, self.book.tr("display.column.posts"), "headnum")
        self._year_heads(sheet, 2)
        for row, (name, rows) in enumerate(members.items(), start=_FIRST):
            sheet.text(row, 0, name)
            own = ref(row, 0).replace("$", "")
            sheet.live(row, 1, Live(f"COUNTIF({self.range(col)},{own})", float(len(rows))), fmt="integer")
            for k, year in enumerate(self.years):
                for m, measure in enumerate(_MEASURES):
                    amounts = self.range(self.column(measure, year))
                    formula = f"ROUND(SUMIFS({amounts},{self.range(col)},{own}),2)"
                    value = self._value(measure, year, rows)
                    sheet.live(row, 2 + 4 * k + m, Live(formula, value), fmt="amount")
        sheet.raw.set_column(0, 0, 44)
        sheet.raw.freeze_panes(_FIRST, 1)
        return self._foot(sheet, _FIRST + len(members), 2)

    def _authorities(self) -> Totals:
        """Write a sheet of sums over the rows of each employer, which stand together."""
        sheet = self.book.sheet("pf_authorities")
        self._heading(sheet, "authorities")
        tr = self.book.tr
        for col, key in enumerate(("department", "authority", "posts", "to_pay")):
            sheet.text(_HEAD, col, tr(f"display.column.{key}"), "head" if col < 2 else "headnum")
        self._year_heads(sheet, 4)
        owner = (self.frame["department"] + "\n" + self.frame["authority"]).to_numpy()
        bounds = [0, *(np.flatnonzero(owner[1:] != owner[:-1]) + 1), len(owner)]
        to_pay = self._about_col("to_pay")
        for row, (a, b) in enumerate(pairwise(bounds), start=_FIRST):
            first, last = _FIRST + int(a), _FIRST + int(b) - 1
            rows = slice(int(a), int(b))
            department, authority = self.frame["department"].iloc[a], self.frame["authority"].iloc[a]
            sheet.text(row, 0, self._name("department", department))
            sheet.text(row, 1, authority)
            sheet.live(row, 2, Live(f"ROWS({self.range(3, first, last)})", float(b - a)), fmt="integer")
            due = float(np.rint(self.frame["to_pay"].to_numpy()[rows] * 100).sum()) / 100
            sheet.live(row, 3, Live(f"ROUND(SUM({self.range(to_pay, first, last)}),2)", due), fmt="amount")
            for k, year in enumerate(self.years):
                for m, measure in enumerate(_MEASURES):
                    formula = f"ROUND(SUM({self.range(self.column(measure, year), first, last)}),2)"
                    value = self._value(measure, year, rows)
                    sheet.live(row, 4 + 4 * k + m, Live(formula, value), fmt="amount")
        sheet.raw.set_column(0, 0, 14)
        sheet.raw.set_column(1, 1, 40)
        sheet.raw.freeze_panes(_FIRST, 2)
        return self._foot(sheet, _FIRST + len(bounds) - 1, 4)

    def _foot(self, sheet: Sheet, row: int, col: int) -> Totals:
        """Write the totals under the amounts of each exercice."""
        found: Totals = {}
        sheet.text(row, 0, self.book.tr("display.total"), "total")
        for k, year in enumerate(self.years):
            for m, measure in enumerate(_MEASURES):
                at = col + 4 * k + m
                value = self._value(measure, year)
                sheet.live(row, at, Live(f"SUM({block(_FIRST, row - 1, at)})", value), "total", "amount")
                found[measure, year] = _Total(sheet.name, row, at, value)
        return found

    def _months(self) -> Totals:
        """Write values by month and generation, and their sums by exercice."""
        sheet, tr, p = self.book.sheet("pf_months"), self.book.tr, self.portfolio
        self._heading(sheet, "months", tr("portfolio.book.months_note"))
        table = p.by("exercice", "month", "generation")
        counts = p.occupancy("generation").reindex(table.reset_index("exercice").index, fill_value=0)
        heads = ("exercice", "month", "generation", "funded", "occupied", "vacant")
        names = ("cost", "grant", "other_funding", "net_cost")
        for col, key in enumerate((*heads, *names)):
            sheet.text(_HEAD, col, tr(f"display.column.{key}"), "head" if col < 3 else "headnum")
        last = _FIRST + len(table) - 1
        for row, (index, amounts, held) in enumerate(
            zip(table.index, table[list(names)].to_numpy(), counts.to_numpy(), strict=True), start=_FIRST
        ):
            year, month, generation = index
            sheet.number(row, 0, year, fmt="years")
            sheet.raw.write_datetime(row, 1, month.to_pydatetime(), self.book.format("calc", "month"))
            sheet.text(row, 2, self._name("generation", generation))
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
            for m, measure in enumerate(_MEASURES):
                value = self._value(measure, year)
                amounts_of = block(_FIRST, last, 6 + m)
                formula = f"ROUND(SUMIFS({amounts_of},{block(_FIRST, last, 0)},{ref(row, 0)}),2)"
                sheet.live(row, 6 + m, Live(formula, value), "total", "amount")
                found[measure, year] = _Total(sheet.name, row, 6 + m, value)
        sheet.raw.set_column(0, 1, 11)
        sheet.raw.set_column(2, 2, 44)
        sheet.raw.set_column(3, 5, 10)
        sheet.raw.set_column(6, 9, 18)
        sheet.raw.freeze_panes(_FIRST, 3)
        return found

    def _ends(self) -> tuple[_Total, float]:
        """Write the calendar of the ends of the grant, counted in the posts by their last day."""
        sheet, tr, p = self.book.sheet("pf_ends"), self.book.tr, self.portfolio
        self._heading(sheet, "ends", tr("portfolio.book.ends_note"))
        keys = ("posts", "outlives", "grant_before", "cost_before", "cost_after")
        sheet.text(_HEAD, 0, tr("display.column.month"), "head")
        for col, key in enumerate(keys, start=1):
            sheet.text(_HEAD, col, tr(f"display.column.{key}"), "headnum")
        day = self.range(self._about_col("financing_end"))
        table = p.ends()
        for row, (month, values) in enumerate(table.iterrows(), start=_FIRST):
            sheet.raw.write_datetime(
                row, 0, pd.Timestamp(str(month)).to_pydatetime(), self.book.format("calc", "month")
            )
            own = ref(row, 0)
            within = f'{day},">="&{own},{day},"<"&EDATE({own},1)'
            sheet.live(row, 1, Live(f"COUNTIFS({within})", float(values["posts"])), fmt="integer")
            for col, key in enumerate(keys[1:], start=2):
                amounts = self.range(self._about_col(key))
                formula = f"ROUND(SUMIFS({amounts},{within}),2)"
                fmt = "integer" if key == "outlives" else "amount"
                sheet.live(row, col, Live(formula, float(values[key])), fmt=fmt)
        foot = _FIRST + len(table)
        sheet.text(foot, 0, tr("display.total"), "total")
        for col, key in enumerate(keys, start=1):
            cents = float(np.rint(table[key].to_numpy() * 100).sum()) / 100
            formula = f"SUM({block(_FIRST, max(foot - 1, _FIRST), col)})" if len(table) else "0"
            sheet.live(foot, col, Live(formula, cents), "total", "integer" if col < 3 else "amount")
        sheet.raw.set_column(0, 0, 14)
        sheet.raw.set_column(1, 5, 20)
        sheet.raw.freeze_panes(_FIRST, 1)
        return _Total(sheet.name, foot, 1, float(table["posts"].sum())), float(table["posts"].sum())

    # --- checks ----------------------------------------------------------------------------------------

    def _checks(
        self,
        written: Totals,
        departments: Totals,
        authorities: Totals,
        generations: Totals,
        months: Totals,
        ends: tuple[_Total, float],
    ) -> None:
        sheet, tr = self.book.sheet("pf_checks"), self.book.tr
        self._heading(sheet, "checks")
        for col, key in enumerate(("check", "result", "left", "right")):
            sheet.text(_HEAD, col, tr(f"portfolio.book.{key}"), "head" if col < 2 else "headnum")
        row = _FIRST
        names = {"cost": "cost", "grant": "grant", "other": "other_funding", "net": "net_cost"}
        pairs: Sequence[tuple[str, Totals]] = (
            ("check_departments", departments),
            ("check_authorities", authorities),
            ("check_generations", generations),
            ("check_months", months),
        )
        for year in self.years:
            for measure in _MEASURES:
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
        day = self.range(self._about_col("financing_end"))
        self._check(sheet, row + 1, tr("portfolio.book.check_ends"), ends[0].cell, f"COUNT({day})", ends[1])
        last = row + 1
        where, at = self._checks_cell
        results = block(_FIRST, last, 1, sheet.name)
        self.book.sheet("pf_totals").live(where, at, Live(f"COUNTIF({results},FALSE)", 0.0), fmt="0")
        self.book.name("controles_faux", ref(where, at, self.book.sheet("pf_totals").name))
        sheet.raw.set_column(0, 0, 74)
        sheet.raw.set_column(1, 1, 10)
        sheet.raw.set_column(2, 3, 20)
        sheet.raw.freeze_panes(_FIRST, 0)

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
        self._heading(sheet, "aside")
        for col, key in enumerate(("place", "authority", "post", "reason", "remedy")):
            sheet.text(_HEAD, col, self.book.tr(f"display.column.{key}"), "head")
            for row, value in enumerate(frame[key], start=_FIRST):
                sheet.text(row, col, value, "label")
        for col, width in enumerate((34, 34, 12, 70, 70)):
            sheet.raw.set_column(col, col, width)
        sheet.raw.freeze_panes(_FIRST, 0)
