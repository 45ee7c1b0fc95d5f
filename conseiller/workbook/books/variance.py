"""The sheet *Écarts*: plan, actual and variance by exercice and line, for the year and to date; then by post."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from conseiller.workbook.book import Book, Live, ref
from conseiller.workbook.books.actual import ActualSheet
from conseiller.workbook.books.compared import write_compared
from conseiller.workbook.books.exercices import LINE, PLAN, SIDE, YEAR, ExerciceTable
from conseiller.workbook.books.facts import BookFacts, Group, Row, Side, euros, share
from conseiller.workbook.books.ledger import gl
from conseiller.workbook.looks import Style

_UNTIL_ROW, _PLAN_ROW, _HEAD_ROW, _FIRST_ROW = 2, 3, 5, 6
_PLAN_TO = PLAN + 4
_LAST, _GROUP = PLAN + 7, PLAN + 8
UNTIL = "livres_jusqu_au"


class VarianceSheet(ExerciceTable):
    """Writes *Écarts*."""

    def __init__(self, book: Book, facts: BookFacts, actual: ActualSheet) -> None:
        super().__init__(book, facts, "ecarts", (PLAN, PLAN + 1, _PLAN_TO, _PLAN_TO + 1), _GROUP)
        self.actual = actual
        self.row = _FIRST_ROW
        #: Plan of spending of fonctionnement of each exercice shown.
        self.cost_cells: list[str] = []

    def write(self) -> None:
        """Write exercices one after the other, then the posts of each."""
        sheet, tr = self.sheet, self.book.tr
        sheet.text(0, 0, tr("workbook.sheet.ecarts"), "title")
        sheet.text(1, 0, tr("workbook.ecarts.note"), "note")
        self._until()
        write_compared(sheet, self.facts, _PLAN_ROW)
        self.head(
            _HEAD_ROW,
            ("plan", "actual", "gap", "share", "plan_to", "actual_to", "gap_to", "share"),
        )
        for year in self.facts.compared_years:
            self.exercice(year)
        sheet.text(self.row, 0, tr("workbook.ecarts.posts"), "subtitle")
        self.row += 1
        for year in self.facts.compared_years:
            self._posts(year)
        sheet.raw.freeze_panes(_FIRST_ROW, PLAN)
        self.book.page(sheet, repeat=(_HEAD_ROW, _HEAD_ROW), last_col=_LAST, last_row=self.row - 1)

    def _until(self) -> None:
        """Write the month compared, to be changed."""
        sheet, tr = self.sheet, self.book.tr
        sheet.text(_UNTIL_ROW, 0, tr("workbook.ecarts.until"))
        sheet.entry(_UNTIL_ROW, PLAN, self.facts.until, "month")
        self.book.name(UNTIL, ref(_UNTIL_ROW, PLAN, sheet.name))
        rule = {
            "validate": "date",
            "criteria": "between",
            "minimum": self.facts.plan.months[0],
            "maximum": self.facts.plan.months[-1],
            "input_title": tr("workbook.ecarts.until")[:32],
            "input_message": tr("workbook.ecarts.until_prompt"),
            "error_title": tr("form.stop.title"),
        }
        sheet.raw.data_validation(_UNTIL_ROW, PLAN, _UNTIL_ROW, PLAN, rule)

    # --- by line ---

    def formulas_of(self, group: Group, year: str, number: str) -> Sequence[str]:
        """Return plan and actual of a line, of the exercice then to date."""
        before = f'"<="&{UNTIL}'
        return (
            self.facts.planned(group, "exercice", year),
            self.actual.of(year, number),
            self.facts.planned(group, "exercice", year, "month", before),
            f"SUMIFS({gl('followed')},{gl('line_no')},{number},{gl('exercice')},{year},{gl('month')},{before})",
        )

    def values_of(self, row: Row, year: int) -> Sequence[int]:
        """Return plan and actual of a row, of the exercice then to date [cents]."""
        if (row.kind, row.section, row.side) == ("total", "F", "D"):
            self.cost_cells.append(ref(self.row, PLAN, self.sheet.name))
        whole = self.facts.amounts(row, self.facts.months(year))
        done = self.facts.amounts(row, self.facts.to_date(year))
        return whole.plan, whole.booked, done.plan, done.booked

    def write_figures(self, formulas: Sequence[str], values: Sequence[int], look: Style) -> None:
        """Write plan, actual, variance and share, of the exercice then to date."""
        sheet, row = self.sheet, self.row
        for col, formula, cents in zip(self.figures, formulas, values, strict=True):
            sheet.live(row, col, euros(formula, cents), look, "euros")
        for col, plan, actual in ((PLAN, *values[:2]), (_PLAN_TO, *values[2:])):
            a, b, gap = (ref(row, col + k) for k in range(3))
            sheet.live(row, col + 2, euros(f"{b}-{a}", actual - plan), look, "euros")
            sheet.live(row, col + 3, share(gap, a, actual - plan, plan), look, "percent")

    # --- by post ---

    def _posts(self, year: int) -> None:
        """Write spending, income and net of each post."""
        for post, code in enumerate(self.facts.plan.posts):
            first = self.row
            for side in ("D", "R"):
                self._post(year, post, code, side)
            formulas = [f"{ref(first, c)}-{ref(first + 1, c)}" for c in self.figures]
            label = self.book.tr("workbook.books.net_post", year=year, post=code)
            self.total(label, formulas, self._of_post(code, "", year))
        self.row += 1

    def _of_post(self, code: str, side: Side | Literal[""], year: int) -> Sequence[int]:
        months = (self.facts.months(year), self.facts.to_date(year))
        whole, done = (self.facts.amounts_of_post(code, side, m) for m in months)
        return whole.plan, whole.booked, done.plan, done.booked

    def _post(self, year: int, post: int, code: str, side: Side) -> None:
        sheet, row, facts = self.sheet, self.row, self.facts
        sheet.number(row, YEAR, year, "state", "0")
        words = self.book.tr(f"workbook.side.{side}")
        cell = facts.layout.post_cell(post)
        sheet.live(row, LINE, Live(f'{cell}&" – {words}"', f"{code} – {words}"), "cell", "general")
        sheet.text(row, SIDE, side, "state")
        month = facts.layout.month
        columns = ("cout_fonctionnement",) if side == "D" else ("subvention_etat", "autres_financements")
        exercice = ref(row, YEAR)
        before = f'"<="&{UNTIL}'

        def plan(*more: str) -> str:
            keys = ",".join((month.column("post"), cell, month.column("exercice"), exercice, *more))
            return "+".join(f"SUMIFS({month.column(c)},{keys})" for c in columns)

        mine = [
            f.number for f in facts.followed if (f.post, f.group.section, f.group.side) == (post, "F", side)
        ]
        number = gl("post_line_no")
        between = f'{number},">={min(mine, default=1)}",{number},"<={max(mine, default=0)}"'
        formulas = (
            plan(),
            self.actual.of_post(exercice, cell, side),
            plan(month.column("month"), before),
            f"SUMIFS({gl('followed')},{between},{gl('exercice')},{exercice},{gl('month')},{before})",
        )
        self.write_figures(formulas, self._of_post(code, side, year), "calc")
        self.row += 1
