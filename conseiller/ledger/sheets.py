"""Opens a table, whatever program saved it, as sheets of raw rows that know their place.

XLSX, XLS and ODS go through python-calamine (values as last computed; formulas are never evaluated), CSV through the
reader of pandas, HTML saved as .xls through lxml. Rows come in blocks of columns, numbered as a spreadsheet shows them.

Limits: those of `archive` for workbooks (2.5 GiB of memory at the very most), 64 MiB for XLS and 32 MiB for HTML files,
512 MiB and 702 columns for CSV, read at once up to 128 MiB, 500 000 rows at a time beyond.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conseiller.errors import InputFaults
from conseiller.ledger import binary
from conseiller.ledger.archive import MOST_COLUMNS, look_into
from conseiller.ledger.cells import Epoch
from conseiller.ledger.faults import refusal
from conseiller.ledger.plaintext import Text, fingerprint, look_over, separator
from conseiller.messages import Lang, tr

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

#: Rows of a block: of a workbook, whose cells are in memory already, and of a text.
BLOCK, TEXT_BLOCK = 25_000, 500_000
#: Text files up to that many bytes are read at once: a little quicker than in blocks.
AT_ONCE = 128 * 1024**2
#: Rows looked at to find the header.
HEAD = 200
#: Largest XLS file [bytes].
MOST_XLS = 64 * 1024**2
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Block:
    """Some rows of a sheet, column by column.

    Parameters
    ----------
    first : int
        Number of the first row, from 1.
    columns : list of sequences
        Cells of each column; "" or None where empty.
    """

    first: int
    columns: list[Sequence[object]]

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, its first rows, and a way to read it all again.

    Parameters
    ----------
    name : str
        "" for a text file.
    head : list of lists
        The first rows, numbered from 1.
    blocks : callable
        Gives the rows after that many, in blocks.
    hidden : bool
    epoch : {1900, 1904}
        What serial numbers count from.
    merged : sequence of (int, int, int)
        Cells merged downwards: first and last rows, from 1, and column, from 0. The first alone holds the value.
    """

    name: str
    head: list[list[object]]
    blocks: Callable[[int], Iterator[Block]]
    hidden: bool = False
    epoch: Epoch = 1900
    merged: Sequence[tuple[int, int, int]] = ()


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
        raise refusal("unreadable", path, lang, "", reason=refused.strerror or str(refused)) from None
    if not beginning:
        raise refusal("empty_file", path, lang)
    if beginning.startswith(_ZIP):
        return _workbook(path, look_into(path, lang).epoch, lang)
    if beginning.startswith(_OLE):
        if size > MOST_XLS:
            raise refusal("text_too_large", path, lang, "", limit=MOST_XLS // 1024**2)
        binary.look_into(path, lang)
        return _workbook(path, 1900, lang)
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


def _workbook(path: Path, epoch: Epoch, lang: Lang) -> Book:
    import python_calamine

    try:
        workbook = python_calamine.CalamineWorkbook.from_path(path)
        sheets = [
            _sheet(path, workbook, meta, epoch, lang)
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


def _sheet(path: Path, workbook: CalamineWorkbook, meta: Any, epoch: Epoch, lang: Lang) -> Sheet:
    from python_calamine import SheetVisibleEnum

    sheet = workbook.get_sheet_by_name(meta.name)
    if sheet.total_width > MOST_COLUMNS:
        raise refusal("book_too_wide", path, lang, "", columns=MOST_COLUMNS)

    def blocks(after: int) -> Iterator[Block]:
        rows = islice(sheet.iter_rows(), after, None)
        first = after + 1
        while part := list(islice(rows, BLOCK)):
            yield Block(first, list(zip(*part, strict=True)))
            first += len(part)

    head: list[list[object]] = [list(row) for row in islice(sheet.iter_rows(), HEAD)]
    left = sheet.start[1] if sheet.start else 0
    merged = [
        (top + 1, bottom + 1, column - left)
        for (top, first), (bottom, last) in sheet.merged_cell_ranges or ()
        if bottom > top
        for column in range(max(first, left), min(last, first + MOST_COLUMNS) + 1)
    ]
    return Sheet(meta.name, head, blocks, meta.visible != SheetVisibleEnum.Visible, epoch, merged)


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

    def blocks(after: int) -> Iterator[Block]:
        return _csv_blocks(path, text, sign, width, after, lang)

    return Sheet("", head, blocks)


def _csv_blocks(path: Path, text: Text, sign: str, width: int, after: int, lang: Lang) -> Iterator[Block]:
    import pandas as pd

    first = after + 1
    try:
        parts = pd.read_csv(
            path,
            sep=sign,
            header=None,
            names=range(width),
            index_col=False,
            dtype=object,
            na_filter=False,
            skip_blank_lines=False,
            skiprows=after,
            encoding=text.encoding,
            quoting=csv.QUOTE_MINIMAL if text.quoted else csv.QUOTE_NONE,
            chunksize=TEXT_BLOCK if text.size > AT_ONCE else None,
        )
        for part in [parts] if isinstance(parts, pd.DataFrame) else parts:
            columns: list[Sequence[object]] = [part[name].tolist() for name in part]
            if text.quoted:
                _refuse_swallowed(columns, sign, path, first, lang)
            yield Block(first, columns)
            first += len(part)
    except pd.errors.EmptyDataError:
        return
    except (pd.errors.ParserError, UnicodeDecodeError):
        yield from _ragged(path, text, sign, width, first, lang)


def _refuse_swallowed(columns: list[Sequence[object]], sign: str, path: Path, first: int, lang: Lang) -> None:
    """Refuse a cell that holds whole rows: a quotation mark was opened and not closed."""
    for column in columns:
        joined: str = "".join(column)  # type: ignore[arg-type]  # the cells of a text file are texts
        if "\n" not in joined:
            continue
        for index, cell in enumerate(column):
            if str(cell).count("\n") and str(cell).count(sign) >= len(columns) - 1 > 0:
                raise refusal("text_quote", path, lang, "", row=first + index)


def _ragged(path: Path, text: Text, sign: str, width: int, first: int, lang: Lang) -> Iterator[Block]:
    """Read rows of unequal width; cells beyond the width of the first rows must be empty."""
    with path.open(encoding=text.encoding, newline="") as file:
        quoting: Any = csv.QUOTE_MINIMAL if text.quoted else csv.QUOTE_NONE
        reader = csv.reader(file, delimiter=sign, strict=True, quoting=quoting)
        rows: list[list[object]] = []
        number = 0
        try:
            for number, row in enumerate(reader, start=1):
                if number < first:
                    continue
                if any(cell.strip() for cell in row[width:]):
                    raise refusal("text_ragged", path, lang, "", row=number, cells=len(row), width=width)
                rows.append([*row[:width], *[""] * (width - len(row))])
                if len(rows) == TEXT_BLOCK:
                    yield _turned(rows, number, sign, text, path, lang)
                    rows = []
        except (csv.Error, UnicodeDecodeError):
            raise refusal("text_quote", path, lang, "", row=number + 1) from None
    if rows:
        yield _turned(rows, number, sign, text, path, lang)


def _turned(rows: list[list[object]], last: int, sign: str, text: Text, path: Path, lang: Lang) -> Block:
    first = last - len(rows) + 1
    columns: list[Sequence[object]] = list(zip(*rows, strict=True))
    if text.quoted:
        _refuse_swallowed(columns, sign, path, first, lang)
    return Block(first, columns)
