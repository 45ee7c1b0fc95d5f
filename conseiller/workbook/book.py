"""The workbook being written: formats, sheets, protection, page set-up, and cells with their values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from textwrap import wrap
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from conseiller.messages import Lang, tr
from conseiller.text import money
from conseiller.workbook.looks import HEADS, INPUTS, LOOKS, NUMBER_FORMAT, Style

#: Names of months are those of the language of the workbook, whatever that of the program.
_MONTH_FORMAT: dict[Lang, str] = {"fr": "[$-40C]mmm\\ yyyy", "en": "[$-809]mmm\\ yyyy"}


@dataclass(frozen=True)
class Live:
    """A cell's formula (without ``=``) and the value it has."""

    formula: str
    value: Any


def ref(row: int, col: int, sheet: str | None = None) -> str:
    """Return an absolute cell reference, with its sheet when given."""
    cell: str = xl_rowcol_to_cell(row, col, row_abs=True, col_abs=True)
    return f"'{sheet}'!{cell}" if sheet else cell


def block(first: int, last: int, col: int, sheet: str | None = None, to_col: int | None = None) -> str:
    """Return an absolute range of rows in a column (or several), with its sheet when given."""
    text = f"{ref(first, col)}:{ref(last, col if to_col is None else to_col)}"
    return f"'{sheet}'!{text}" if sheet else text


def letter(col: int) -> str:
    """Return the letters of a column."""
    name: str = xl_col_to_name(col)
    return name


@dataclass
class Sheet:
    """A worksheet and its name; writes text that can never become a formula."""

    book: Book
    key: str
    name: str
    raw: Any
    formulas: list[tuple[int, int]] = field(default_factory=list)
    #: Texts of the heads, each with its column, by row.
    heads: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    #: Last column printed.
    last_col: int = 0

    def text(self, row: int, col: int, value: Any, look: Style = "text", fmt: str = "general") -> None:
        """Write plain text, whatever it begins with."""
        text = "" if value is None else str(value)
        self.raw.write_string(row, col, text, self.book.format(look, fmt))
        self._note_head(row, col, text, look)

    def _note_head(self, row: int, col: int, text: str, look: Style) -> None:
        if look in HEADS:
            self.heads.setdefault(row, []).append((col, text))

    def settle_heads(self) -> None:
        """Give each row of heads the height of its longest text, and the row under it a little air."""
        for row, heads in self.heads.items():
            lines = max(
                (lines_of(text, self._width(col)) for col, text in heads if self._printed(col)), default=1
            )
            self._heighten(row, _LINE * lines + 2)
        for row in self.heads:
            if row + 1 not in self.heads:
                self._heighten(row + 1, self._height(row + 1) + _AIR)

    def _printed(self, col: int) -> bool:
        """Return whether a column is printed: neither folded nor beside the page."""
        info = self.raw.col_info.get(col)
        return col <= self.last_col and not (info is not None and info.hidden)

    def _width(self, col: int) -> float:
        """Return the width of a column [characters]."""
        info = self.raw.col_info.get(col)
        return (info.width - 5) / 7 if info is not None and info.width else _DEFAULT_WIDTH

    def pixels(self, first: int, last: int) -> int:
        """Return the width on screen of columns side by side."""
        return sum(int(self._width(col) * 7 + 5) for col in range(first, last + 1))

    def _height(self, row: int) -> float:
        """Return the height of a row [points]."""
        info = self.raw.row_info.get(row)
        return info.height * 0.75 if info is not None else _DEFAULT_HEIGHT

    def _heighten(self, row: int, height: float) -> None:
        """Make a row at least so high [points], whatever else is set of it."""
        if height > self._height(row):
            held = self.raw.row_info.get(row)
            options = (
                {}
                if held is None
                else {"hidden": held.hidden, "level": held.level, "collapsed": held.collapsed}
            )
            self.raw.set_row(row, height, None if held is None else held.row_format, options)

    def fit(self, row: int, *texts: tuple[str, float]) -> None:
        """Give a row the height of the longest of its texts, each with the width of its column [characters]."""
        lines = max((lines_of(text, width) for text, width in texts), default=1)
        if lines > 1:
            self.raw.set_row(row, _LINE * lines + 2)

    def number(self, row: int, col: int, value: float, look: Style = "calc", fmt: str = "general") -> None:
        """Write a number that is not computed (a key of the table, never an amount)."""
        self.raw.write_number(row, col, value, self.book.format(look, fmt))
        self._note_head(row, col, "", look)

    def live(self, row: int, col: int, cell: Live, look: Style = "calc", fmt: str = "general") -> None:
        """Write a formula with its value beside it."""
        self.raw.write_formula(row, col, f"={cell.formula}", self.book.format(look, fmt), cell.value)
        self._note_head(row, col, str(cell.value), look)
        self.formulas.append((row, col))

    def entry(self, row: int, col: int, value: Any, fmt: str, kind: Style = "input") -> None:
        """Write an input cell: blue, bordered, unlocked; empty when there is no value."""
        look = self.book.format(kind, fmt)
        if value is None or value == "":
            self.raw.write_blank(row, col, None, look)
        elif isinstance(value, bool):
            self.raw.write_string(row, col, self.book.tr("workbook.yes" if value else "workbook.no"), look)
        elif isinstance(value, date):
            self.raw.write_datetime(row, col, datetime(value.year, value.month, value.day), look)
        elif isinstance(value, int | float):
            self.raw.write_number(row, col, value, look)
        else:
            self.raw.write_string(row, col, str(value), look)


#: Height of a line of text, of a row left as it is, and what stands between a head and its first row [points].
_LINE, _DEFAULT_HEIGHT, _AIR = 13, 15, 5
#: Width of a column left as it is [characters].
_DEFAULT_WIDTH = 8.43
#: Width printed of an A4 sheet in landscape between margins of 0.4 inch [pixels of 1/96 inch].
_PRINTED_WIDTH = (297 / 25.4 - 2 * 0.4) * 96


def lines_of(text: str, width: float) -> int:
    """Return how many lines a text takes in a column; capitals take more room than small letters."""
    room = int(width * (0.95 if text.isupper() else 1.15)) - 1
    return sum(1 if len(part) <= room else len(wrap(part, max(room, 1))) for part in text.split("\n"))


class _Worksheet(Worksheet):  # type: ignore[misc]  # published without types
    """A worksheet that takes a formula as it is: ours name future functions in full (`_xlfn.`).

    XlsxWriter looks for some forty of them in every formula, which took half the time of a report.
    """

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")


class Book:
    """An Excel workbook in one language with one look.

    Parameters
    ----------
    path : Path
    lang : {"fr", "en"}
    stamp : date
        Creation date written in the file's properties, so that equal cases give equal files.
    """

    def __init__(self, path: Path, lang: Lang, stamp: date, title: str) -> None:
        self.lang: Lang = lang
        self.raw = xlsxwriter.Workbook(
            str(path),
            {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
        )
        self.raw.set_properties(
            {"title": title, "author": "conseiller", "created": datetime(stamp.year, stamp.month, stamp.day)}
        )
        self.raw.set_calc_mode("auto")
        self.sheets: dict[str, Sheet] = {}
        self._formats: dict[tuple[str, str], Any] = {}

    def tr(self, key: str, /, **values: Any) -> str:
        """Return a message in the workbook's language."""
        return tr(key, self.lang, **values)

    def money(self, amount: float) -> str:
        """Return an amount in words of the workbook's language."""
        return money(amount, self.lang)

    def sheet(self, key: str) -> Sheet:
        """Return a sheet, adding it at the end when new."""
        if key not in self.sheets:
            name = self.tr(f"workbook.sheet.{key}")
            self.sheets[key] = Sheet(self, key, name, self.raw.add_worksheet(name, _Worksheet))
        return self.sheets[key]

    def name(self, label: str, target: str) -> None:
        """Define a workbook name."""
        self.raw.define_name(label, f"={target}")

    def format(self, look: Style, fmt: str = "general") -> Any:
        """Return a cell format, made once."""
        if (look, fmt) not in self._formats:
            options: dict[str, Any] = {
                "font_name": "Calibri",
                "font_size": 10,
                "valign": "vcenter",
                "num_format": self._number_format(fmt),
                **LOOKS[look],
            }
            if look in INPUTS:
                options["locked"] = False
            self._formats[look, fmt] = self.raw.add_format(options)
        return self._formats[look, fmt]

    def _number_format(self, fmt: str) -> str:
        """Return a number format by its name; of true and false, where the program shows 1 and 0, in words."""
        if fmt == "month":
            return _MONTH_FORMAT[self.lang]
        if fmt != "truth":
            return NUMBER_FORMAT.get(fmt, fmt)
        true, false = self.tr("workbook.true"), self.tr("workbook.false")
        return f'"{true}";"{true}";"{false}"'

    def page(
        self,
        sheet: Sheet,
        *,
        repeat: tuple[int, int] | None,
        last_col: int,
        last_row: int,
        second: int = 0,
        breaks: tuple[int, ...] = (),
        tall: int = 0,
    ) -> None:
        """Set A4 landscape, one page wide or two, repeated header rows, and a footer.

        Parameters
        ----------
        sheet : Sheet
        repeat : (int, int) or None
            First and last header rows printed again on each page.
        last_col, last_row : int
            Last cell printed.
        second : int
            Column that begins a second page beside the first, on which the first two are printed again.
        breaks : tuple of int
            Rows that begin a page. A sheet fitted to pages ignores breaks: the scale is then set from the widths.
        tall : int
            Pages that it may take in height; 0 for as many as there are rows.
        """
        raw = sheet.raw
        sheet.last_col = last_col
        raw.set_landscape()
        raw.set_paper(9)
        if breaks or second:
            width = sheet.pixels(0, second - 1 if second else last_col)
            if second:
                width = max(width, sheet.pixels(0, 1) + sheet.pixels(second, last_col))
                raw.set_v_pagebreaks([second])
                raw.repeat_columns(0, 1)
                raw.print_across()
            raw.set_print_scale(max(10, min(100, int(92 * _PRINTED_WIDTH / width))))
            raw.set_h_pagebreaks(list(breaks))
        else:
            raw.fit_to_pages(1, tall)
        raw.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        raw.print_area(0, 0, last_row, last_col)
        if repeat:
            raw.repeat_rows(*repeat)
        raw.set_footer(f"&L&8{self.tr('workbook.footer')}&C&8&A&R&8&P / &N")
        raw.hide_gridlines(2)

    def hide_spare(self, sheet: Sheet, first: int, last: int, last_col: int) -> None:
        """Show nothing on the rows whose first cell is empty: spare ones, kept for what is typed later."""
        blank = self.raw.add_format({"num_format": ";;;"})
        rule = {"type": "formula", "criteria": f'=$A{first + 1}=""', "format": blank}
        sheet.raw.conditional_format(first, 0, last, last_col, rule)

    def protect(self, sheet: Sheet) -> None:
        """Protect a sheet against slips, without a password; columns may still be unfolded and filtered."""
        sheet.raw.protect(
            "",
            {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True, "objects": True},
        )

    def close(self) -> None:
        """Write the file."""
        for sheet in self.sheets.values():
            sheet.settle_heads()
        self.raw.close()
