"""A table by month: a row for each line of a post in an exercice. *Réalisé* and *Reste à comptabiliser* are two."""

from __future__ import annotations

from datetime import date

from conseiller.workbook.book import Book, Live, Sheet, block, letter, ref
from conseiller.workbook.books.facts import BookFacts, Followed

HEAD_ROW, KEY_ROW, FIRST_ROW = 3, 4, 5
#: Columns: exercice, post, line, one that each sheet has of its own, twelve months, total, then keys read by formulas.
YEAR, POST, LINE, OWN, MONTH = range(5)
TOTAL = MONTH + 12
LINE_WIDTH = 38


class MonthTable:
    """The heads, the widths and the first cells of the rows of a table by month.

    Parameters
    ----------
    book : Book
    facts : BookFacts
    sheet : str
        Key of the sheet.
    """

    def __init__(self, book: Book, facts: BookFacts, sheet: str) -> None:
        self.book = book
        self.facts = facts
        self.sheet: Sheet = book.sheet(sheet)
        self.row = FIRST_ROW
        self.last = FIRST_ROW

    def head(self, note: str, own: str, width: float, folded: tuple[str, ...]) -> None:
        """Write title, note and heads: `own` is the key of the column of the sheet, `folded` those of the last columns."""
        sheet, tr, raw = self.sheet, self.book.tr, self.sheet.raw
        sheet.text(0, 0, tr(f"workbook.sheet.{sheet.key}"), "title")
        sheet.text(1, 0, note, "note")
        for col, key in enumerate(("exercice", "post", "line", own)):
            sheet.text(HEAD_ROW, col, tr(f"workbook.books.{key}"), "head")
        for k in range(12):
            sheet.text(HEAD_ROW, MONTH + k, _month_name(k + 1, self.book.lang), "headnum")
            sheet.number(KEY_ROW, MONTH + k, k + 1, "key", "0")
        sheet.text(HEAD_ROW, TOTAL, tr("workbook.total"), "headnum")
        for col, key in enumerate(folded, start=TOTAL + 1):
            sheet.text(HEAD_ROW, col, tr(f"workbook.grand_livre.{key}"), "head")
        raw.set_row(HEAD_ROW, 30)
        for col, size in enumerate((8, 9, LINE_WIDTH, width)):
            raw.set_column(col, col, size)
        raw.set_column(MONTH, TOTAL - 1, 11.5)
        raw.set_column(TOTAL, TOTAL, 13)
        raw.set_column(TOTAL + 1, TOTAL + len(folded), 9, None, {"level": 1})
        raw.freeze_panes(FIRST_ROW, MONTH)

    def close(self) -> None:
        """Set the page, once every row is written."""
        self.last = max(self.row - 1, FIRST_ROW)
        self.book.page(self.sheet, repeat=(HEAD_ROW, KEY_ROW), last_col=TOTAL, last_row=self.last)

    def begin(self, year: int, followed: Followed) -> None:
        """Write exercice, post and line of the row."""
        sheet, row = self.sheet, self.row
        sheet.number(row, YEAR, year, "state", "0")
        code = self.facts.layout.post_cell(followed.post)
        sheet.live(row, POST, Live(code, self.facts.plan.posts[followed.post]), "calc", "general")
        sheet.text(row, LINE, followed.group.label, "cell")

    def day(self, k: int) -> str:
        """Return the formula of the first day of a month of the row."""
        return f"DATE(${letter(YEAR)}{self.row + 1},{letter(MONTH + k)}${KEY_ROW + 1},1)"

    def span(self) -> str:
        """Return the twelve months of the row."""
        return block(self.row, self.row, MONTH, None, TOTAL - 1)

    def column(self, col: int) -> str:
        """Return the whole range of a column, once every row is written."""
        return block(FIRST_ROW, self.last, col, self.sheet.name)

    def cell(self, col: int) -> str:
        """Return a cell of the row."""
        return ref(self.row, col)


def _month_name(month: int, lang: str) -> str:
    """Return the short name of a month."""
    from babel.dates import format_date

    return format_date(date(2026, month, 1), "LLL", locale=lang)
