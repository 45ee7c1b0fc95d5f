"""The sheet *Écarts*: plan, actual and variance by exercice and line, for the year and to date; then by post."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conseiller.workbook.book import Book, Live, Sheet, Style, block, ref
from conseiller.workbook.books.actual import ActualSheet
from conseiller.workbook.books.facts import BookFacts, Group, Row, euros, share
from conseiller.workbook.books.ledger import gl

_UNTIL_ROW, _HEAD_ROW, _FIRST_ROW = 2, 4, 5
_YEAR, _LINE, _SIDE, _PLAN, _ACTUAL, _GAP, _SHARE = range(7)
_PLAN_TO, _ACTUAL_TO, _GAP_TO, _SHARE_TO = range(7, 11)
_GROUP = 11
_LINE_WIDTH = 46
UNTIL = "livres_jusqu_au"
_FIGURES = (_PLAN, _ACTUAL, _PLAN_TO, _ACTUAL_TO)


@dataclass(frozen=True)
class _Figures:
    """Cents of a row: plan and actual of the exercice, plan and actual to date."""

    plan: int = 0
    actual: int = 0
    plan_to: int = 0
    actual_to: int = 0

    def plus(self, other: _Figures, sign: int = 1) -> _Figures:
        return _Figures(*(a + sign * b for a, b in zip(self.values(), other.values(), strict=True)))

    def values(self) -> tuple[int, int, int, int]:
        return self.plan, self.actual, self.plan_to, self.actual_to


class VarianceSheet:
    """Writes *Écarts*."""

    def __init__(self, book: Book, facts: BookFacts, actual: ActualSheet) -> None:
        self.book = book
        self.facts = facts
        self.actual = actual
        self.sheet: Sheet = book.sheet("ecarts")
        self.row = _FIRST_ROW
        #: Plan of spending of fonctionnement over the exercices shown: its cells, and their sum in cents.
        self.cost_cells: list[str] = []
        self.cost = 0

    def write(self) -> None:
        """Write exercices one after the other, then the posts of each."""
        sheet, tr = self.sheet, self.book.tr
        sheet.text(0, 0, tr("workbook.sheet.ecarts"), "title")
        sheet.text(1, 0, tr("workbook.ecarts.note"), "note")
        sheet.text(_UNTIL_ROW, 0, tr("workbook.ecarts.until"))
        sheet.entry(_UNTIL_ROW, _PLAN, self.facts.until, "month")
        self.book.name(UNTIL, ref(_UNTIL_ROW, _PLAN, sheet.name))
        rule = {
            "validate": "date",
            "criteria": "between",
            "minimum": self.facts.plan.months[0],
            "maximum": self.facts.plan.months[-1],
            "input_title": tr("workbook.ecarts.until")[:32],
            "input_message": tr("workbook.ecarts.until_prompt"),
            "error_title": tr("form.stop.title"),
        }
        sheet.raw.data_validation(_UNTIL_ROW, _PLAN, _UNTIL_ROW, _PLAN, rule)
        heads: tuple[str, ...] = ("exercice", "line", "side", "plan", "actual", "gap", "share")
        heads += ("plan_to", "actual_to", "gap_to", "share")
        for col, key in enumerate(heads):
            sheet.text(_HEAD_ROW, col, tr(f"workbook.books.{key}"), "head" if col < _PLAN else "headnum")
        sheet.text(_HEAD_ROW, _GROUP, tr("workbook.grand_livre.line_no"), "head")
        for year in self.facts.compared_years:
            self._exercice(year)
        sheet.text(self.row, 0, tr("workbook.ecarts.posts"), "subtitle")
        self.row += 1
        for year in self.facts.compared_years:
            self._posts(year)
        raw = sheet.raw
        raw.set_row(_HEAD_ROW, 30)
        raw.set_column(_YEAR, _YEAR, 9)
        raw.set_column(_LINE, _LINE, _LINE_WIDTH)
        raw.set_column(_SIDE, _SIDE, 6)
        raw.set_column(_PLAN, _SHARE_TO, 15)
        for col in (_SHARE, _SHARE_TO):
            raw.set_column(col, col, 9)
        raw.set_column(_GROUP, _GROUP, 9, None, {"level": 1})
        raw.freeze_panes(_FIRST_ROW, _PLAN)
        self.book.page(sheet, repeat=(_HEAD_ROW, _HEAD_ROW), last_col=_SHARE_TO, last_row=self.row - 1)

    # --- by line ---

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
                    f"SUM({block(first, self.row - 1, c)})" if self.row > first else "0" for c in _FIGURES
                ]
                if (row.section, row.side) == ("F", "D"):
                    self.cost_cells.append(ref(self.row, _PLAN, self.sheet.name))
                    self.cost += total.plan
                self._total(tr(f"workbook.books.total_{row.section}_{row.side}", year=year), formulas, total)
                sums[row.section, row.side] = (self.row - 1, total)
                first, total = self.row, _Figures()
            else:
                self._net(row, year, sums)
                first = self.row
        self.row += 1

    def _line(self, year: int, group: Group) -> _Figures:
        sheet, row = self.sheet, self.row
        sheet.number(row, _YEAR, year, "state", "0")
        sheet.text(row, _LINE, group.label, "cell")
        sheet.fit(row, (group.label, _LINE_WIDTH))
        sheet.text(row, _SIDE, group.side, "state")
        sheet.number(row, _GROUP, group.number, "calc", "0")
        exercice, number = (ref(row, c) for c in (_YEAR, _GROUP))
        whole = self.facts.months(year)
        to_date = slice(
            whole.start, min(whole.stop, max(whole.start, self.facts.cells.rank(*self._until) + 1))
        )
        found = _Figures(
            self.facts.plan_cents(group, whole),
            self.facts.booked_cents(group, whole),
            self.facts.plan_cents(group, to_date),
            self.facts.booked_cents(group, to_date),
        )
        before = f'"<="&{UNTIL}'
        formulas = (
            self.facts.planned(group, "exercice", exercice),
            self.actual.of(exercice, number),
            self.facts.planned(group, "exercice", exercice, "month", before),
            f"SUMIFS({gl('followed')},{gl('line_no')},{number},{gl('exercice')},{exercice},{gl('month')},{before})",
        )
        self._figures(formulas, found, "calc")
        self.row += 1
        return found

    @property
    def _until(self) -> tuple[int, int]:
        return self.facts.until.year, self.facts.until.month

    def _net(self, row: Row, year: int, sums: dict[tuple[str, str], tuple[int, _Figures]]) -> None:
        (cost, spent), (funding, received) = (sums[row.section, side] for side in ("D", "R"))
        formulas = [f"{ref(cost, c)}-{ref(funding, c)}" for c in _FIGURES]
        label = self.book.tr(f"workbook.books.net_{row.section}", year=year)
        self._total(label, formulas, spent.plus(received, -1))

    def _total(self, label: str, formulas: Sequence[str], found: _Figures) -> None:
        self.sheet.text(self.row, _YEAR, label, "total")
        for col in (_LINE, _SIDE):
            self.sheet.text(self.row, col, "", "total")
        self._figures(formulas, found, "total")
        self.row += 1

    def _figures(self, formulas: Sequence[str], found: _Figures, look: Style) -> None:
        """Write plan, actual, variance and share, of the exercice then to date."""
        sheet, row = self.sheet, self.row
        for col, formula, cents in zip(_FIGURES, formulas, found.values(), strict=True):
            sheet.live(row, col, euros(formula, cents), look, "euros")
        pairs = ((_PLAN, found.plan, found.actual), (_PLAN_TO, found.plan_to, found.actual_to))
        for col, plan, actual in pairs:
            a, b, gap = (ref(row, col + k) for k in range(3))
            sheet.live(row, col + 2, euros(f"{b}-{a}", actual - plan), look, "euros")
            sheet.live(row, col + 3, share(gap, a, actual - plan, plan), look, "percent")

    # --- by post ---

    def _posts(self, year: int) -> None:
        """Write spending, income and net of each post."""
        for post, code in enumerate(self.facts.plan.posts):
            first = self.row
            found = {side: self._post(year, post, code, side) for side in ("D", "R")}
            formulas = [f"{ref(first, c)}-{ref(first + 1, c)}" for c in _FIGURES]
            label = self.book.tr("workbook.books.net_post", year=year, post=code)
            self._total(label, formulas, found["D"].plus(found["R"], -1))
        self.row += 1

    def _post(self, year: int, post: int, code: str, side: str) -> _Figures:
        sheet, row, facts = self.sheet, self.row, self.facts
        sheet.number(row, _YEAR, year, "state", "0")
        words = self.book.tr(f"workbook.side.{side}")
        cell = facts.layout.post_cell(post)
        sheet.live(row, _LINE, Live(f'{cell}&" – {words}"', f"{code} – {words}"), "cell", "general")
        sheet.text(row, _SIDE, side, "state")
        mine = [f for f in facts.followed if (f.post, f.group.section, f.group.side) == (post, "F", side)]
        whole = facts.months(year)
        to_date = slice(whole.start, min(whole.stop, max(whole.start, facts.cells.rank(*self._until) + 1)))
        sums = [
            sum(int(cents[months].sum()) for cents in series)
            for months in (whole, to_date)
            for series in ([f.track.plan for f in mine], [f.track.booked for f in mine])
        ]
        month = facts.layout.month
        columns = ("cout_fonctionnement",) if side == "D" else ("subvention_etat", "autres_financements")
        exercice = ref(row, _YEAR)
        before = f'"<="&{UNTIL}'

        def plan(*more: str) -> str:
            keys = ",".join((month.column("post"), cell, month.column("exercice"), exercice, *more))
            return "+".join(f"SUMIFS({month.column(c)},{keys})" for c in columns)

        numbers = [f.number for f in mine]
        between = f'{gl("post_line_no")},">={min(numbers, default=1)}",{gl("post_line_no")},"<={max(numbers, default=0)}"'
        formulas = (
            plan(),
            self.actual.of_post(exercice, cell, side),
            plan(month.column("month"), before),
            f"SUMIFS({gl('followed')},{between},{gl('exercice')},{exercice},{gl('month')},{before})",
        )
        found = _Figures(sums[0], sums[1], sums[2], sums[3])
        self._figures(formulas, found, "calc")
        self.row += 1
        return found
