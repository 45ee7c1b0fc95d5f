"""Opens a table, whatever program saved it, as sheets of columns whose rows keep their number.

XLSX, XLS and ODS go through fastexcel (values as last computed; formulas are never evaluated), CSV through the reader
of Arrow, HTML saved as .xls through lxml. Columns come as texts: a number reads one way only as a text, but for forms such
as "1.234", for which `Sheet.cells` asks python-calamine whether the cell was a number. That reader is also asked for
cells merged downwards, where there are any, and for tables read row by row, which are short.

Limits: those of `archive` for workbooks (2.5 GiB of memory at the very most), 64 MiB for XLS and 32 MiB for HTML files,
512 MiB, 702 columns and 100 million cells for CSV (2 GiB of memory at the very most).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conseiller.errors import InputFaults
from conseiller.ledger import binary, delimited
from conseiller.ledger.archive import MOST_COLUMNS, Archive, look_into
from conseiller.ledger.cells import Epoch, Texts, text_of
from conseiller.ledger.faults import refusal, unreadable
from conseiller.ledger.plaintext import Text, fingerprint, look_over, separator
from conseiller.ledger.progress import Progress
from conseiller.messages import Lang, tr

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

#: Rows looked at to find the header.
HEAD = 200
#: Largest XLS file [bytes].
MOST_XLS = 64 * 1024**2
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
#: Rows of an XLS sheet; which of them are merged is not known before it is read.
_ROWS_OF_XLS = 65_536
#: A day as a workbook's date cell is written, and the time of day that it does not have.
_MIDNIGHT = r"^(\d{4}-\d\d-\d\d) 00:00:00$"


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, its first rows, and ways to read it all.

    Parameters
    ----------
    name : str
        "" for a text file.
    head : list of lists
        The first rows, numbered from 1.
    columns : callable
        Gives the columns as texts, every row from the first, and says on a `Progress` how far it is.
    rows : callable
        Gives the rows one by one, cells with their types where the file has any.
    hidden : bool
    epoch : {1900, 1904}
        What serial numbers count from.
    merged : callable
        Cells merged downwards, of which a row after a given one is part: first and last rows, from 1, and column, from
        0. The first alone holds the value.
    typed : bool
        Whether cells have types, which their texts do not show.
    """

    name: str
    head: list[list[object]]
    columns: Callable[[Progress | None], list[Texts]]
    rows: Callable[[], Iterator[Sequence[object]]]
    hidden: bool = False
    epoch: Epoch = 1900
    merged: Callable[[int], Sequence[tuple[int, int, int]]] = lambda after: ()
    typed: bool = False

    def rows_after(self, row: int) -> Iterator[tuple[int, Sequence[object]]]:
        """Give the rows after one, each with its number."""
        return islice(enumerate(self.rows(), start=1), row, None)

    def cells(self, column: int, after: int) -> list[object]:
        """Return the cells of a column, with their types, on the rows after one."""
        return [cells[column] for _, cells in self.rows_after(after)]


@dataclass(frozen=True)
class Book:
    """A file of tables.

    Parameters
    ----------
    path : Path
    sheets : list of Sheet
    sha256 : str
        Fingerprint of its bytes.
    encoding : str
        Of a text file; "" otherwise.
    """

    path: Path
    sheets: list[Sheet] = field(default_factory=list)
    sha256: str = ""
    encoding: str = ""


def open_book(path: Path, lang: Lang = "fr") -> Book:
    """Open a table.

    Raises
    ------
    InputFaults
        When the file is missing, damaged, protected, no table, or beyond the limits of this module; one reason.
    """
    try:
        with path.open("rb") as file:
            beginning = file.read(4096)
        size = path.stat().st_size
    except OSError as refused:
        raise unreadable(path, lang, refused) from None
    if not beginning:
        raise refusal("empty_file", path, lang)
    if beginning.startswith(_ZIP):
        progress = Progress(path.name, lang)
        try:
            return _workbook(path, look_into(path, lang, progress), lang)
        finally:
            progress.done()
    if beginning.startswith(_OLE):
        if size > MOST_XLS:
            raise refusal("text_too_large", path, lang, "", limit=MOST_XLS // 1024**2)
        binary.look_into(path, lang)
        return _workbook(path, Archive("xls", 1900, _ROWS_OF_XLS), lang)
    text = look_over(path, lang)
    start = beginning.decode("utf-16" if text.encoding == "utf-16" else "latin-1", "replace")
    if start.lstrip("\ufeffï»¿ \t\r\n").startswith("<"):
        from conseiller.ledger.html import html_sheets

        return Book(path, html_sheets(path, text, lang), text.sha256, text.encoding)
    return Book(path, [_csv(path, text, lang)], text.sha256, text.encoding)


def row_in_words(sheet: str, row: int, lang: Lang) -> str:
    """Return a row of a sheet as a reader is told of it."""
    if sheet:
        return tr("books.row_of_sheet", lang, sheet=sheet, row=row)
    return tr("books.row", lang, row=row)


def written(cell: object) -> str:
    """Return a cell of a workbook as a text file of French books would write it.

    Examples
    --------
    >>> written(date(2024, 1, 31)), written(6413.0), written(1234.5), written(" a  b ")
    ('20240131', '6413', '1234,5', 'a b')
    """
    if isinstance(cell, date):
        return f"{cell:%Y%m%d}"
    if isinstance(cell, float) and not cell.is_integer():
        return f"{cell:.6f}".rstrip("0").replace(".", ",")
    return text_of(cell)


def _workbook(path: Path, archive: Archive, lang: Lang) -> Book:
    import fastexcel
    import python_calamine

    try:
        workbook = python_calamine.CalamineWorkbook.from_path(path)
        reader = fastexcel.read_excel(str(path))
        sheets = [
            _sheet(path, reader, meta, archive, lang)
            for meta in workbook.sheets_metadata
            if meta.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
    except python_calamine.PasswordError:
        raise refusal("book_password", path, lang) from None
    except InputFaults:
        raise
    except BaseException as error:
        raise _damaged(error, path, lang) from None
    return Book(path, sheets, fingerprint(path))


def _damaged(error: BaseException, path: Path, lang: Lang) -> BaseException:
    """Return the refusal of a damaged workbook; what is no fault of the file passes through."""
    # A panic of the Rust library is a BaseException of a class of its own.
    if isinstance(error, Exception) or type(error).__name__ == "PanicException":
        if "assword" in str(error):
            return refusal("book_password", path, lang)
        return refusal("book_damaged", path, lang)
    return error


def _sheet(path: Path, reader: Any, meta: Any, archive: Archive, lang: Lang) -> Sheet:
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    # Row 0 is asked for: rows left empty at the top count, as in a spreadsheet.
    table = reader.load_sheet(meta.name, header_row=None, skip_rows=0, dtypes="string", eager=True)
    if table.num_columns > MOST_COLUMNS:
        raise refusal("book_too_wide", path, lang, "", columns=MOST_COLUMNS)

    def again() -> CalamineSheet:
        return CalamineWorkbook.from_path(path).get_sheet_by_name(meta.name)

    def merged(after: int) -> list[tuple[int, int, int]]:
        if archive.merged_to <= after:
            return []
        sheet = again()
        left = sheet.start[1] if sheet.start else 0
        return [
            (top + 1, bottom + 1, column - left)
            for (top, first), (bottom, last) in sheet.merged_cell_ranges or ()
            if bottom > top
            for column in range(max(first, left), min(last, first + MOST_COLUMNS) + 1)
        ]

    return Sheet(
        name=meta.name,
        head=_rows(table.slice(0, HEAD).columns),
        columns=lambda progress: list(map(_texts, table.columns)),
        rows=lambda: again().iter_rows(),
        hidden=meta.visible != SheetVisibleEnum.Visible,
        epoch=archive.epoch,
        merged=merged,
        typed=True,
    )


def _texts(column: Any) -> Texts:
    """Return the cells of a workbook's column, days without their time of day."""
    import pyarrow.compute as pc

    texts = Texts.of(column)
    if not texts.matching(_MIDNIGHT).any():
        return texts
    return texts.with_values(pc.replace_substring_regex(texts.values, _MIDNIGHT, r"\1"))


def _rows(columns: Sequence[Any]) -> list[list[object]]:
    """Return the cells of a few rows."""
    return [list(row) for row in zip(*(_texts(column).tolist() for column in columns), strict=True)]


# --- text files


def _csv(path: Path, text: Text, lang: Lang) -> Sheet:
    lines: list[str] = []
    with path.open(encoding=text.encoding, newline="") as file:
        lines = [line for _, line in zip(range(HEAD), file, strict=False)]
    told = lines[0].strip("\ufeff \r\n").lower() if lines else ""
    sign = told[4:5] or "," if told.startswith("sep=") else separator(lines)
    try:
        head: list[list[object]] = [list(row) for row in csv.reader(lines, delimiter=sign)]
    except csv.Error:
        raise refusal("text_no_table", path, lang) from None
    width = max(map(len, head), default=0)
    if width > MOST_COLUMNS:
        raise refusal("book_too_wide", path, lang, "", columns=MOST_COLUMNS)

    def columns(progress: Progress | None) -> list[Texts]:
        return delimited.columns(path, text, sign, width, progress, lang)

    def rows() -> Iterator[Sequence[object]]:
        return zip(*(column.tolist() for column in columns(None)), strict=True)

    return Sheet("", head, columns, rows)
