"""The workbook being written: formats, sheets, protection, page set-up, and cells with their values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from textwrap import wrap
from typing import Any, Literal

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from conseiller import style
from conseiller.messages import Lang, tr
from conseiller.text import money

Style = Literal[
    "input",
    "calc",
    "head",
    "headnum",
    "headcell",
    "title",
    "subtitle",
    "text",
    "total",
    "note",
    "key",
    "label",
    "remark",
    "state",
    "cell",
    "aside",
    "headaside",
]

EURO = '#,##0.00\\ [$€-40C];\\-#,##0.00\\ [$€-40C];"–"'
NUMBER_FORMAT = {
    "euros": EURO,
    "amount": '#,##0.00;\\-#,##0.00;"–"',
    "rate": "0.00%",
    "share": "0.0000",
    "date": '[=0]"–";[=73050]"–";dd/mm/yyyy',
    "number": '0.##;\\-0.##;"–"',
    "index": '0;\\-0;"–"',
    "days": '0.##;\\-0.##;"–"',
    "flag": '0;\\-0;"–"',
    "years": "0",
    "integer": "0",
    "text": "@",
    "general": "General",
    "point": "0.0000",
    "percent": "0.0%",
}


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

    def text(self, row: int, col: int, value: Any, look: Style = "text", fmt: str = "general") -> None:
        """Write plain text, whatever it begins with."""
        self.raw.write_string(row, col, "" if value is None else str(value), self.book.format(look, fmt))

    def fit(self, row: int, *texts: tuple[str, float]) -> None:
        """Give a row the height of the longest of its texts, each with the width of its column [characters]."""
        lines = max((_lines(text, width) for text, width in texts), default=1)
        if lines > 1:
            self.raw.set_row(row, 13 * lines + 2)

    def number(self, row: int, col: int, value: float, look: Style = "calc", fmt: str = "general") -> None:
        """Write a number that is not computed (a key of the table, never an amount)."""
        self.raw.write_number(row, col, value, self.book.format(look, fmt))

    def live(self, row: int, col: int, cell: Live, look: Style = "calc", fmt: str = "general") -> None:
        """Write a formula with its value beside it."""
        self.raw.write_formula(row, col, f"={cell.formula}", self.book.format(look, fmt), cell.value)
        self.formulas.append((row, col))

    def entry(self, row: int, col: int, value: Any, fmt: str) -> None:
        """Write an input cell: blue, bordered, unlocked; empty when there is no value."""
        look = self.book.format("input", fmt)
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


#: Width printed of an A4 sheet in landscape between margins of 0.4 inch [pixels of 1/96 inch].
_PRINTED_WIDTH = (297 / 25.4 - 2 * 0.4) * 96


def _lines(text: str, width: float) -> int:
    """Return how many lines a text takes in a column; capitals take more room than small letters."""
    room = int(width * (0.95 if text.isupper() else 1.15)) - 1
    return 1 if len(text) <= room else len(wrap(text, max(room, 1)))


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
                **_LOOKS[look],
            }
            if look == "input":
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
        wide: int = 1,
        breaks: tuple[int, ...] = (),
        width: int = 0,
    ) -> None:
        """Set A4 landscape, so many pages wide, repeated header rows, and a footer.

        Parameters
        ----------
        sheet : Sheet
        repeat : (int, int) or None
            First and last header rows printed again on each page.
        last_col, last_row : int
            Last cell printed.
        wide : int
            Pages side by side; the first two columns are printed on each.
        breaks : tuple of int
            Rows that begin a page. A sheet fitted to pages ignores them: the scale is then set from `width`.
        width : int
            Width of what is printed [pixels], with `breaks`.
        """
        raw = sheet.raw
        raw.set_landscape()
        raw.set_paper(9)
        if breaks:
            raw.set_print_scale(max(10, min(100, int(92 * _PRINTED_WIDTH / width))))
            raw.set_h_pagebreaks(list(breaks))
        else:
            raw.fit_to_pages(wide, 0)
        if wide > 1:
            raw.repeat_columns(0, 1)
            raw.print_across()
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
        self.raw.close()


_HEAD: dict[str, Any] = {
    "bold": True,
    "text_wrap": True,
    "bg_color": style.HEAD_FILL,
    "font_color": style.INK,
    "bottom": 1,
    "bottom_color": style.GREY,
    "valign": "bottom",
}
_LOOKS: dict[str, dict[str, Any]] = {
    "input": {
        "font_color": style.INPUT,
        "bg_color": style.INPUT_FILL,
        "border": 1,
        "border_color": style.RULE,
    },
    "calc": {"font_color": style.INK},
    "head": _HEAD,
    "title": {"bold": True, "font_size": 16, "font_color": style.INK},
    "subtitle": {"bold": True, "font_size": 12, "font_color": style.INK},
    "text": {"font_color": style.INK, "valign": "top"},
    "label": {"font_color": style.INK, "text_wrap": True, "valign": "top"},
    "total": {"bold": True, "top": 1, "top_color": style.GREY, "font_color": style.INK},
    "note": {"italic": True, "font_color": style.GREY, "valign": "top"},
    "remark": {"italic": True, "font_color": style.GREY, "text_wrap": True, "valign": "top"},
    "aside": {"italic": True, "font_color": style.GREY, "text_wrap": True, "valign": "top", "indent": 3},
    "headaside": _HEAD | {"indent": 3},
    "headcell": _HEAD | {"align": "left", "indent": 1},
    "state": {"font_color": style.INK, "align": "center"},
    "cell": {"font_color": style.INK, "text_wrap": True, "indent": 1},
    "headnum": _HEAD | {"align": "right"},
    "key": {"font_size": 7, "font_color": style.GREY},
}
