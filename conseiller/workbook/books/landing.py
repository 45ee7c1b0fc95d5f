"""The sheet *Atterrissage*: booked to date, plus the plan of what is still to be booked, exercice by exercice."""

from __future__ import annotations

from collections.abc import Sequence

from conseiller import style
from conseiller.analysis.tracking.sums import Amounts
from conseiller.text import joined
from conseiller.workbook.book import Book, Live, block, ref
from conseiller.workbook.books.actual import ActualSheet
from conseiller.workbook.books.compared import write_compared
from conseiller.workbook.books.exercices import LINE, PLAN, YEAR, ExerciceTable
from conseiller.workbook.books.facts import BookFacts, Group, Row, euros, share
from conseiller.workbook.books.left import LeftSheet
from conseiller.workbook.looks import Style

_PLAN_ROW, _HEAD_ROW, _FIRST_ROW = 2, 4, 5
_ACTUAL, _LEFT, _LANDING, _GAP, _SHARE, _GROUP = range(PLAN + 1, PLAN + 7)
_CHART_ROWS = 17


class LandingSheet(ExerciceTable):
    """Writes *Atterrissage*."""

    def __init__(self, book: Book, facts: BookFacts, actual: ActualSheet, left: LeftSheet) -> None:
        super().__init__(book, facts, "atterrissage", (PLAN, _ACTUAL, _LEFT), _GROUP)
        self.actual = actual
        self.left = left
        self.years = facts.tracking.exercices
        #: First row of the lines, below the net of each exercice and the chart.
        self.lines_row = _FIRST_ROW + len(self.years) + 1 + _CHART_ROWS + 1
        self.last = self.lines_row
        #: Row of the net of fonctionnement of each exercice.
        self.nets: dict[int, int] = {}

    def write(self) -> None:
        """Write the answer first; it reads the lines below."""
        sheet, tr = self.sheet, self.book.tr
        sheet.text(0, 0, tr("workbook.sheet.atterrissage"), "title")
        sheet.text(1, 0, tr("workbook.atterrissage.note"), "note")
        write_compared(sheet, self.facts, _PLAN_ROW)
        self.head(_HEAD_ROW, ("plan", "actual", "left", "landing", "gap", "share"))
        self.row = self.lines_row
        for year in self.years:
            self.nets[year] = self.exercice(year)["F"]
        self.last = self.row - 2
        self.row = _FIRST_ROW
        self._net_table()
        self._chart()
        raw = sheet.raw
        raw.freeze_panes(_FIRST_ROW, PLAN)
        raw.set_h_pagebreaks([self.lines_row])
        self.book.page(sheet, repeat=(_HEAD_ROW, _HEAD_ROW), last_col=_SHARE, last_row=self.last)

    # --- lines by exercice ---

    def formulas_of(self, group: Group, year: str, number: str) -> Sequence[str]:
        """Return plan, actual and what is left of a line."""
        return (
            self.facts.planned(group, "exercice", year),
            self.actual.of(year, number),
            self.left.of(year, number),
        )

    def values_of(self, row: Row, year: int) -> Sequence[int]:
        """Return plan, actual and what is left of a row [cents]."""
        return _figures(self.facts.amounts(row, self.facts.months(year)))

    def write_figures(self, formulas: Sequence[str], values: Sequence[int], look: Style) -> None:
        """Write plan, actual, what is left, and where it lands."""
        sheet, row = self.sheet, self.row
        for col, formula, cents in zip(self.figures, formulas, values, strict=True):
            sheet.live(row, col, euros(formula, cents), look, "euros")
        found = Amounts(*values)
        plan, actual, left, landing, gap = (ref(row, c) for c in range(PLAN, _SHARE))
        over = found.landing - found.plan
        sheet.live(row, _LANDING, euros(f"{actual}+{left}", found.landing), look, "euros")
        sheet.live(row, _GAP, euros(f"{landing}-{plan}", over), look, "euros")
        sheet.live(row, _SHARE, share(gap, plan, over, found.plan), look, "percent")

    # --- the answer ---

    def _net_table(self) -> None:
        """Write the net of fonctionnement of each exercice, and their sum."""
        sheet = self.sheet
        label = self.book.tr("workbook.atterrissage.net")
        for year in self.years:
            sheet.number(self.row, YEAR, year, "state", "0")
            sheet.text(self.row, LINE, label, "cell")
            formulas = [ref(self.nets[year], c) for c in self.figures]
            self.write_figures(formulas, _figures(self._net(self.facts.months(year))), "calc")
            self.row += 1
        sums = [f"SUM({block(_FIRST_ROW, self.row - 1, c)})" for c in self.figures]
        every = slice(self.facts.first(self.years[0]), self.facts.months(self.years[-1]).stop)
        self.total(self.book.tr("workbook.total"), sums, _figures(self._net(every)))

    def _net(self, months: slice) -> Amounts:
        return self.facts.amounts(Row("net", "F"), months)

    def _chart(self) -> None:
        """Add a chart of the net planned and landing, with its text alternative."""
        tr, name = self.book.tr, self.sheet.name
        last = _FIRST_ROW + len(self.years) - 1
        chart = self.book.raw.add_chart({"type": "column"})
        for col, colour in ((PLAN, "#CFE6F5"), (_LANDING, style.BLUE)):
            chart.add_series(
                {
                    "name": [name, _HEAD_ROW, col],
                    "categories": [name, _FIRST_ROW, YEAR, last, YEAR],
                    "values": [name, _FIRST_ROW, col, last, col],
                    "fill": {"color": colour},
                    "border": {"color": style.GREY},
                    "gap": 60,
                }
            )
        chart.set_title(
            {"name": tr("workbook.atterrissage.chart"), "name_font": {"size": 11}, "overlay": False}
        )
        chart.set_legend({"position": "bottom"})
        chart.set_y_axis(
            {
                "num_format": '#,##0\\ "€"',
                "major_gridlines": {"visible": True, "line": {"color": style.GRID}},
            }
        )
        chart.set_size({"width": 720, "height": 320})
        nets = {year: self._net(self.facts.months(year)) for year in self.years}
        words = [
            tr(
                "workbook.atterrissage.chart_year",
                year=year,
                plan=self.book.money(net.plan / 100),
                landing=self.book.money(net.landing / 100),
            )
            for year, net in nets.items()
        ]
        alt = tr("workbook.atterrissage.chart_alt", years=joined(words, self.book.lang))
        self.sheet.raw.insert_chart(last + 2, 0, chart, {"description": alt, "x_offset": 5, "y_offset": 8})

    # --- what other sheets read ---

    def of(self, year: str, group: str) -> str:
        """Return the formula of the landing of a line in an exercice."""
        landings, years, groups = (
            block(self.lines_row, self.last, c, self.sheet.name) for c in (_LANDING, YEAR, _GROUP)
        )
        return f"SUMIFS({landings},{years},{year},{groups},{group})"

    def net_of(self, year: int) -> str:
        """Return the cell of the landing of the net of fonctionnement of an exercice."""
        return ref(self.nets[year], _LANDING, self.sheet.name)

    def whole(self) -> Live:
        """Return what is still to book in all lines."""
        groups = block(self.lines_row, self.last, _GROUP, self.sheet.name)
        formula = f'SUMIFS({block(self.lines_row, self.last, _LEFT, self.sheet.name)},{groups},">0")'
        return euros(formula, self.facts.of_side("").left)


def _figures(found: Amounts) -> Sequence[int]:
    return found.plan, found.booked, found.left
