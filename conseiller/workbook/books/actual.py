"""The sheet *Réalisé*: what is booked, by exercice, post, line and month, summed from *Grand livre*."""

from __future__ import annotations

from datetime import date

import numpy as np

from conseiller.workbook.book import Book, Live, Sheet, Style, block, letter, ref
from conseiller.workbook.books.facts import BookFacts, Followed, euros
from conseiller.workbook.books.ledger import gl

_HEAD_ROW, _KEY_ROW, FIRST_ROW = 3, 4, 5
#: Columns: exercice, post, line, side, twelve months, total, then keys read by formulas.
_YEAR, _POST, _LINE, _SIDE, _MONTH = 0, 1, 2, 3, 4
_TOTAL = _MONTH + 12
_NUMBER, _GROUP = _TOTAL + 1, _TOTAL + 2
_LINE_WIDTH = 38


class ActualSheet:
    """Writes *Réalisé*."""

    def __init__(self, book: Book, facts: BookFacts) -> None:
        self.book = book
        self.facts = facts
        self.sheet: Sheet = book.sheet("realise")
        self.row = FIRST_ROW
        self.last = FIRST_ROW
        self.cents = {"D": 0, "R": 0}

    def write(self) -> None:
        """Write one block an exercice: lines of each post, totals of each section, the net."""
        sheet, tr = self.sheet, self.book.tr
        sheet.text(0, 0, tr("workbook.sheet.realise"), "title")
        sheet.text(1, 0, tr("workbook.realise.note"), "note")
        for col, key in ((_YEAR, "exercice"), (_POST, "post"), (_LINE, "line"), (_SIDE, "side")):
            sheet.text(_HEAD_ROW, col, tr(f"workbook.books.{key}"), "head")
        for k in range(12):
            sheet.text(_HEAD_ROW, _MONTH + k, month_name(k + 1, self.book.lang), "headnum")
            sheet.number(_KEY_ROW, _MONTH + k, k + 1, "key", "0")
        sheet.text(_HEAD_ROW, _TOTAL, tr("workbook.total"), "headnum")
        sheet.text(_HEAD_ROW, _NUMBER, tr("workbook.grand_livre.post_line_no"), "head")
        sheet.text(_HEAD_ROW, _GROUP, tr("workbook.grand_livre.line_no"), "head")
        for year in self.facts.booked_years:
            self._year(year)
        self.last = max(self.row - 1, FIRST_ROW)
        raw = sheet.raw
        raw.set_row(_HEAD_ROW, 30)
        raw.set_column(_YEAR, _YEAR, 8)
        raw.set_column(_POST, _POST, 9)
        raw.set_column(_LINE, _LINE, _LINE_WIDTH)
        raw.set_column(_SIDE, _SIDE, 5)
        raw.set_column(_MONTH, _TOTAL - 1, 11.5)
        raw.set_column(_TOTAL, _TOTAL, 13)
        raw.set_column(_NUMBER, _GROUP, 9, None, {"level": 1})
        raw.freeze_panes(FIRST_ROW, _MONTH)
        self.book.page(sheet, repeat=(_HEAD_ROW, _KEY_ROW), last_col=_TOTAL, last_row=self.last)

    # --- what other sheets read ---

    def column(self, col: int) -> str:
        """Return the whole range of a column."""
        return block(FIRST_ROW, self.last, col, self.sheet.name)

    def of(self, year: str, group: str) -> str:
        """Return the formula of what is booked of a line in an exercice (both are cells)."""
        return f"SUMIFS({self.column(_TOTAL)},{self.column(_YEAR)},{year},{self.column(_GROUP)},{group})"

    def of_post(self, year: str, post: str, side: str) -> str:
        """Return the formula of what is booked for a post in an exercice, fonctionnement."""
        groups = [g.number for g in self.facts.groups if g.section == "F"]
        low, high = min(groups, default=1), max(groups, default=0)
        return (
            f"SUMIFS({self.column(_TOTAL)},{self.column(_YEAR)},{year},{self.column(_POST)},{post},"
            f'{self.column(_SIDE)},"{side}",{self.column(_GROUP)},">={low}",{self.column(_GROUP)},"<={high}")'
        )

    def whole(self, side: str) -> Live:
        """Return the sum of all lines of a side."""
        formula = f'SUMIFS({self.column(_TOTAL)},{self.column(_SIDE)},"{side}",{self.column(_GROUP)},">0")'
        return euros(formula, self.cents[side])

    # --- rows ---

    def _year(self, year: int) -> None:
        tr = self.book.tr
        for section in ("F", "I"):
            mine = [f for f in self.facts.followed if f.group.section == section and f.track.entries]
            if not mine and section == "I":
                continue
            totals: dict[str, tuple[int, np.ndarray]] = {}
            for side in ("D", "R"):
                first = self.row
                sums = np.zeros(12, dtype=np.int64)
                for followed in mine:
                    if followed.group.side == side:
                        sums += self._line(year, followed)
                key = tr(f"workbook.books.total_{section}_{side}", year=year)
                parts = [f"SUM({block(first, self.row - 1, c)})" for c in range(_MONTH, _TOTAL)]
                self._sums(key, parts if self.row > first else ["0"] * 12, sums)
                totals[side] = (self.row - 1, sums)
                self.cents[side] += int(sums.sum())
            (cost, spent), (funding, received) = totals["D"], totals["R"]
            parts = [f"{ref(cost, c)}-{ref(funding, c)}" for c in range(_MONTH, _TOTAL)]
            self._sums(tr(f"workbook.books.net_{section}", year=year), parts, spent - received)
        self.row += 1

    def _line(self, year: int, followed: Followed) -> np.ndarray:
        sheet, row = self.sheet, self.row
        sheet.number(row, _YEAR, year, "state", "0")
        code = self.facts.layout.post_cell(followed.post)
        sheet.live(row, _POST, Live(code, self.facts.plan.posts[followed.post]), "calc", "general")
        sheet.text(row, _LINE, followed.group.label, "cell")
        sheet.fit(row, (followed.group.label, _LINE_WIDTH))
        sheet.text(row, _SIDE, followed.group.side, "state")
        sheet.number(row, _NUMBER, followed.number, "calc", "0")
        sheet.number(row, _GROUP, followed.group.number, "calc", "0")
        cents: np.ndarray = followed.track.booked[self.facts.months(year)]
        number, exercice = (f"${letter(c)}{row + 1}" for c in (_NUMBER, _YEAR))
        for k in range(12):
            month = ref(_KEY_ROW, _MONTH + k).replace("$", "", 1)
            formula = f"SUMIFS({gl('followed')},{gl('post_line_no')},{number},{gl('month')},DATE({exercice},{month},1))"
            sheet.live(row, _MONTH + k, euros(formula, int(cents[k])), "calc", "amount")
        span = block(row, row, _MONTH, None, _TOTAL - 1)
        sheet.live(row, _TOTAL, euros(f"SUM({span})", int(cents.sum())), "calc", "amount")
        self.row += 1
        return cents

    def _sums(self, label: str, formulas: list[str], cents: np.ndarray) -> None:
        sheet, row = self.sheet, self.row
        look: Style = "total"
        sheet.text(row, _YEAR, label, look)
        for col in (_POST, _LINE, _SIDE):
            sheet.text(row, col, "", look)
        for k, formula in enumerate(formulas):
            sheet.live(row, _MONTH + k, euros(formula, int(cents[k])), look, "amount")
        span = block(row, row, _MONTH, None, _TOTAL - 1)
        sheet.live(row, _TOTAL, euros(f"SUM({span})", int(cents.sum())), look, "amount")
        self.row += 1


def month_name(month: int, lang: str) -> str:
    """Return the short name of a month."""
    from babel.dates import format_date

    return format_date(date(2026, month, 1), "LLL", locale=lang)
