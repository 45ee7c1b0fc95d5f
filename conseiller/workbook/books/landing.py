"""The sheet *Atterrissage*: booked to date, plus the plan of what is still to be booked, exercice by exercice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conseiller import style
from conseiller.workbook.book import Book, Live, Sheet, Style, block, ref
from conseiller.workbook.books.actual import ActualSheet
from conseiller.workbook.books.facts import BookFacts, Group, euros, share
from conseiller.workbook.books.left import LeftSheet

_HEAD_ROW, _FIRST_ROW = 3, 4
_YEAR, _LINE, _SIDE, _PLAN, _ACTUAL, _LEFT, _LANDING, _GAP, _SHARE = range(9)
_GROUP = 9
_LINE_WIDTH = 46
_CHART_ROWS = 17


@dataclass(frozen=True)
class _Figures:
    plan: int = 0
    actual: int = 0
    left: int = 0

    def plus(self, other: _Figures, sign: int = 1) -> _Figures:
        return _Figures(
            self.plan + sign * other.plan, self.actual + sign * other.actual, self.left + sign * other.left
        )

    @property
    def landing(self) -> int:
        return self.actual + self.left


class LandingSheet:
    """Writes *Atterrissage*."""

    def __init__(self, book: Book, facts: BookFacts, actual: ActualSheet, left: LeftSheet) -> None:
        self.book = book
        self.facts = facts
        self.actual = actual
        self.left = left
        self.sheet: Sheet = book.sheet("atterrissage")
        self.years = facts.tracking.exercices
        #: First row of the lines, below the net of each exercice and the chart.
        self.lines_row = _FIRST_ROW + len(self.years) + 1 + _CHART_ROWS + 1
        self.last = self.lines_row
        self.row = self.lines_row
        #: Net row of fonctionnement of each exercice, and its figures.
        self.nets: list[tuple[int, _Figures]] = []

    def write(self) -> None:
        """Write the answer first; it reads the lines below."""
        sheet, tr = self.sheet, self.book.tr
        sheet.text(0, 0, tr("workbook.sheet.atterrissage"), "title")
        sheet.text(1, 0, tr("workbook.atterrissage.note"), "note")
        heads = ("exercice", "line", "side", "plan", "actual", "left", "landing", "gap", "share")
        for col, key in enumerate(heads):
            sheet.text(_HEAD_ROW, col, tr(f"workbook.books.{key}"), "head" if col < _PLAN else "headnum")
        sheet.text(_HEAD_ROW, _GROUP, tr("workbook.grand_livre.line_no"), "head")
        self.row = self.lines_row
        for year in self.years:
            self._exercice(year)
        self.last = self.row - 2
        self.row = _FIRST_ROW
        self._net_table()
        self._chart()
        raw = sheet.raw
        raw.set_row(_HEAD_ROW, 30)
        raw.set_column(_YEAR, _YEAR, 9)
        raw.set_column(_LINE, _LINE, _LINE_WIDTH)
        raw.set_column(_SIDE, _SIDE, 6)
        raw.set_column(_PLAN, _GAP, 15)
        raw.set_column(_SHARE, _SHARE, 9)
        raw.set_column(_GROUP, _GROUP, 9, None, {"level": 1})
        raw.freeze_panes(_FIRST_ROW, _PLAN)
        raw.set_h_pagebreaks([self.lines_row])
        self.book.page(sheet, repeat=(_HEAD_ROW, _HEAD_ROW), last_col=_SHARE, last_row=self.last)

    # --- lines by exercice ---

    def _exercice(self, year: int) -> None:
        tr = self.book.tr
        first = self.row
        sums: dict[tuple[str, str], tuple[int, _Figures]] = {}
        total = _Figures()
        for row in self.facts.rows():
            if row.kind == "line":
                assert row.group is not None
                total = total.plus(self._line(year, row.group))
            elif row.kind == "total":
                formulas = [
                    f"SUM({block(first, self.row - 1, c)})" if self.row > first else "0"
                    for c in (_PLAN, _ACTUAL, _LEFT)
                ]
                self._total(tr(f"workbook.books.total_{row.section}_{row.side}", year=year), formulas, total)
                sums[row.section, row.side] = (self.row - 1, total)
                first, total = self.row, _Figures()
            else:
                (cost, spent), (funding, received) = (sums[row.section, side] for side in ("D", "R"))
                formulas = [f"{ref(cost, c)}-{ref(funding, c)}" for c in (_PLAN, _ACTUAL, _LEFT)]
                net = spent.plus(received, -1)
                if row.section == "F":
                    self.nets.append((self.row, net))
                self._total(tr(f"workbook.books.net_{row.section}", year=year), formulas, net)
                first = self.row
        self.row += 1

    def _line(self, year: int, group: Group) -> _Figures:
        sheet, row, facts = self.sheet, self.row, self.facts
        sheet.number(row, _YEAR, year, "state", "0")
        sheet.text(row, _LINE, group.label, "cell")
        sheet.fit(row, (group.label, _LINE_WIDTH))
        sheet.text(row, _SIDE, group.side, "state")
        sheet.number(row, _GROUP, group.number, "calc", "0")
        exercice, number = (ref(row, c) for c in (_YEAR, _GROUP))
        months = facts.months(year)
        left = sum(int(facts.left[f.number][months].sum()) for f in facts.followed if f.group == group)
        found = _Figures(facts.plan_cents(group, months), facts.booked_cents(group, months), left)
        formulas = (
            facts.planned(group, "exercice", exercice),
            self.actual.of(exercice, number),
            self.left.of(exercice, number),
        )
        self._figures(formulas, found, "calc")
        self.row += 1
        return found

    def _total(self, label: str, formulas: Sequence[str], found: _Figures) -> None:
        self.sheet.text(self.row, _YEAR, label, "total")
        for col in (_LINE, _SIDE):
            self.sheet.text(self.row, col, "", "total")
        self._figures(formulas, found, "total")
        self.row += 1

    def _figures(self, formulas: Sequence[str], found: _Figures, look: Style) -> None:
        sheet, row = self.sheet, self.row
        values = (found.plan, found.actual, found.left)
        for col, formula, cents in zip((_PLAN, _ACTUAL, _LEFT), formulas, values, strict=True):
            sheet.live(row, col, euros(formula, cents), look, "euros")
        plan, actual, left, landing, gap = (ref(row, c) for c in range(_PLAN, _SHARE))
        over = found.landing - found.plan
        sheet.live(row, _LANDING, euros(f"{actual}+{left}", found.landing), look, "euros")
        sheet.live(row, _GAP, euros(f"{landing}-{plan}", over), look, "euros")
        sheet.live(row, _SHARE, share(gap, plan, over, found.plan), look, "percent")

    # --- the answer ---

    def _net_table(self) -> None:
        """Write the net of fonctionnement of each exercice, and their sum."""
        sheet = self.sheet
        label = self.book.tr("workbook.atterrissage.net")
        whole = _Figures()
        for year, (source, net) in zip(self.years, self.nets, strict=True):
            sheet.number(self.row, _YEAR, year, "state", "0")
            sheet.text(self.row, _LINE, label, "cell")
            self._figures([ref(source, c) for c in (_PLAN, _ACTUAL, _LEFT)], net, "calc")
            whole = whole.plus(net)
            self.row += 1
        sums = [f"SUM({block(_FIRST_ROW, self.row - 1, c)})" for c in (_PLAN, _ACTUAL, _LEFT)]
        self._total(self.book.tr("workbook.total"), sums, whole)

    def _chart(self) -> None:
        """Add a chart of the net planned and landing, with its text alternative."""
        tr, name = self.book.tr, self.sheet.name
        last = _FIRST_ROW + len(self.years) - 1
        chart = self.book.raw.add_chart({"type": "column"})
        for col, colour in ((_PLAN, "#CFE6F5"), (_LANDING, style.BLUE)):
            chart.add_series(
                {
                    "name": [name, _HEAD_ROW, col],
                    "categories": [name, _FIRST_ROW, _YEAR, last, _YEAR],
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
        words = [
            tr(
                "workbook.atterrissage.chart_year",
                year=year,
                plan=self.book.money(net.plan / 100),
                landing=self.book.money(net.landing / 100),
            )
            for year, (_, net) in zip(self.years, self.nets, strict=True)
        ]
        alt = tr("workbook.atterrissage.chart_alt", years=" ; ".join(words))
        self.sheet.raw.insert_chart(last + 2, 0, chart, {"description": alt, "x_offset": 5, "y_offset": 8})

    # --- checks ---

    def whole(self) -> Live:
        """Return what is still to book in all lines."""
        groups = block(self.lines_row, self.last, _GROUP, self.sheet.name)
        formula = f'SUMIFS({block(self.lines_row, self.last, _LEFT, self.sheet.name)},{groups},">0")'
        return euros(formula, self.left.cents)
