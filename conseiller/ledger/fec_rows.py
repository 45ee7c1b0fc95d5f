"""Takes the rows of an FEC from the file that holds it: text parted by one sign, or a workbook in which it was saved again.

A label may hold the sign that parts the columns, or the end of a line. Both are put right where only one reading of the
row gives dates and amounts, and refused with its number where none does: an amount is never taken from another column.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from conseiller.errors import Fault, InputFaults
from conseiller.ledger.cells import plain, text_of
from conseiller.ledger.faults import fault, refusal
from conseiller.ledger.headers import words
from conseiller.ledger.plaintext import look_over
from conseiller.ledger.sheets import Book, row_in_words, written
from conseiller.messages import Lang

if TYPE_CHECKING:
    from conseiller.ledger.sheets import Sheet

#: Rows among which the header is looked for.
HEAD = 20
#: Faults of one file told at most; the rest would say the same.
MOST_FAULTS = 20
_SEPARATORS = ("\t", "|", ";", ",")
_REQUIRED = ("journal", "number", "date", "account", "label")
#: What an empty row may hold: old programs end a file with the mark of its end.
_BLANK = " \t\r\n\x1a\ufeff"
#: Columns of free text, in which a separator may stand, most likely first.
_TEXTS = ("ecriturelib", "comptelib", "compauxlib", "pieceref", "journallib")
_DATES = ("ecrituredate", "piecedate", "datelet", "validdate")
#: What a date and an amount may be written with.
_DATE = re.compile(r"\s*(?:\d{8}|\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4})?\s*")
_FIGURE = re.compile(r"[\s\d.,'+-]*")
_SOME = re.compile(r"[1-9]")


@dataclass(frozen=True)
class Rows:
    """The rows of an FEC.

    Parameters
    ----------
    columns : mapping of str to list of str
        Texts of each column that is read, by its name in `headers.toml`.
    places : list of int
        Number of each row in its file, empty ones not counted.
    sheet : str
        Name of the sheet; "" for a text.
    sha256 : str
        Fingerprint of the bytes of the file.
    """

    columns: Mapping[str, list[str]]
    places: list[int]
    sheet: str
    sha256: str


def is_fec(headings: Iterable[str]) -> bool:
    """Tell whether headings are those of an FEC.

    Examples
    --------
    >>> is_fec(["JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib"])
    True
    """
    return {"journalcode", "comptenum", "ecrituredate"} <= set(map(_word, headings))


def headings_of(line: str) -> list[str]:
    """Return the headings of a line of text, parted by the sign that it has most of."""
    sign = max(_SEPARATORS, key=line.count)
    return [heading.strip(' "\r\n\ufeff') for heading in line.split(sign)]


def rows_of(path: Path, lang: Lang, book: Book | None = None) -> Rows:
    """Take the rows of an FEC.

    Parameters
    ----------
    path : Path
    lang : {"fr", "en"}
        Language of the faults.
    book : Book, optional
        The file opened, when it is a workbook.

    Raises
    ------
    InputFaults
        When a column is missing, the file has no entry, or rows have not the columns of the header; all of these.
    """
    return _of_text(path, lang) if book is None else _of_workbook(book, lang)


def _of_text(path: Path, lang: Lang) -> Rows:
    text = look_over(path, lang)
    with path.open(encoding=text.encoding) as file:
        lines = enumerate((line for line in file if line.strip(_BLANK)), start=1)
        before = [line for _, line in zip(range(HEAD), (line for _, line in lines), strict=False)]
        at = next((i for i, line in enumerate(before) if is_fec(headings_of(line))), 0)
        header = before[at] if before else ""
        sign = max(_SEPARATORS, key=header.count)
        rest = chain(enumerate(before[at + 1 :], start=at + 2), lines)
        if header.strip(_BLANK).startswith('"'):
            found = _quoted(rest, sign)
        else:
            # Labels hold single quotation marks, which protect nothing.
            found = ((number, line.rstrip(_BLANK[2:]).split(sign)) for number, line in rest)
        return _made(headings_of(header), found, sign, path, "", text.sha256, lang)


def _quoted(lines: Iterable[tuple[int, str]], sign: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of rows whose texts stand between quotation marks."""
    reached = 0

    def text() -> Iterator[str]:
        nonlocal reached
        for number, line in lines:
            reached = number
            yield line

    for cells in csv.reader(text(), delimiter=sign):
        yield reached, cells


def _of_workbook(book: Book, lang: Lang) -> Rows:
    for sheet in book.sheets:
        for number, row in enumerate(sheet.head[:HEAD], start=1):
            headings = [text_of(cell) for cell in row]
            if is_fec(headings):
                return _made(headings, _typed(sheet, number), " ", book.path, sheet.name, book.sha256, lang)
    raise refusal("fec_columns", book.path, lang, "", columns=", ".join(_missing({})))


def _typed(sheet: Sheet, header: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of a sheet as an FEC in text would write them."""
    for number, row in sheet.rows_after(header):
        cells = [written(cell) for cell in row]
        if any(cells):
            yield number, cells


# --- columns


def _word(heading: str) -> str:
    return plain(heading).replace(" ", "")


def _columns(said: Sequence[str]) -> dict[str, int]:
    """Return the place of each column wanted, by its name in `headers.toml`."""
    return {
        name: next(said.index(word) for word in listed if word in said)
        for name, listed in words()["fec"].items()
        if any(word in said for word in listed)
    }


def _missing(columns: Mapping[str, int]) -> list[str]:
    lacking = [words()["fec"][name][0] for name in _REQUIRED if name not in columns]
    if not lacking and not ({"debit", "credit"} <= set(columns) or {"amount", "sense"} <= set(columns)):
        return ["Debit, Credit"]
    return lacking


def _made(
    headings: Sequence[str],
    found: Iterable[tuple[int, list[str]]],
    sign: str,
    path: Path,
    sheet: str,
    sha256: str,
    lang: Lang,
) -> Rows:
    said = [_word(heading) for heading in headings]
    while said and not said[-1]:
        said.pop()
    columns = _columns(said)
    if lacking := _missing(columns):
        raise refusal("fec_columns", path, lang, "", columns=", ".join(lacking))
    shape = _Shape(said, columns, sign)
    taken: list[tuple[str, ...]] = []
    places: list[int] = []
    take = itemgetter(*columns.values())
    width, account = len(said), columns["account"]
    for number, cells in found:
        if len(cells) == width and cells[account] and not shape.begun:
            taken.append(take(cells))
            places.append(number)
            continue
        for at, row in shape.put_right(number, cells):
            taken.append(take(row))
            places.append(at)
    shape.end()
    if shape.odd:
        faults: list[Fault] = [
            fault("fec_ragged", path, lang, row_in_words(sheet, n, lang), cells=m, width=len(said))
            for n, m in shape.odd[:MOST_FAULTS]
        ]
        raise InputFaults(faults, lang)
    if not taken:
        raise refusal("fec_empty", path, lang)
    by_column = {
        name: [cell.strip() for cell in cells]
        for name, cells in zip(columns, zip(*taken, strict=True), strict=True)
    }
    return Rows(by_column, places, sheet, sha256)


# --- rows that are too long or too short


class _Shape:
    """Puts rows right that have not as many cells as the header; `odd` tells those it cannot."""

    def __init__(self, said: Sequence[str], columns: Mapping[str, int], sign: str) -> None:
        self.width, self.columns, self.sign = len(said), columns, sign
        last = max(columns.values()) + 1
        #: Empty cells at the end of a row may not be written.
        self._least = last - 1 if last == self.width else last
        self._texts = [said.index(name) for name in _TEXTS if name in said]
        self._figures = [columns[name] for name in ("debit", "credit", "amount") if name in columns]
        self._dates = [said.index(name) for name in _DATES if name in said]
        #: Number and cells of a row that goes on, in another line, where a label holds the end of one.
        self.begun: tuple[int, list[str]] | None = None
        #: Number and cells of the rows that cannot be put right.
        self.odd: list[tuple[int, int]] = []

    def put_right(self, number: int, cells: list[str]) -> Iterator[tuple[int, list[str]]]:
        """Yield a row with the cells that the header announces; nothing while it goes on, or for an empty one."""
        if self.begun and len(cells) < self._least:
            first, start = self.begun
            row = [*start[:-1], f"{start[-1]} {cells[0]}", *cells[1:]]
            if len(row) >= self.width and self._sound(row):
                self.begun = None
                yield first, row
            else:
                self.begun = first, row
            return
        self.end()
        if len(cells) < self._least:
            self.begun = (number, cells) if _full(cells) else None
        elif fitted := self._fitted(number, cells):
            yield number, fitted

    def end(self) -> None:
        """Give up a row that was begun."""
        if self.begun:
            self.odd.append((self.begun[0], len(self.begun[1])))
        self.begun = None

    def _fitted(self, number: int, cells: list[str]) -> list[str]:
        """Return a row that is long enough with the cells of the header; nothing for an empty one."""
        if len(cells) > self.width:
            beyond = _full(cells[self.width :])
            if beyond or not self._sound(cells):
                merged = self._merged(cells)
                if merged is not None:
                    return merged
            if beyond:
                self.odd.append((number, len(cells)))
                return []
        return [*cells, *[""] * (self.width - len(cells))] if _full(cells) else []

    def _merged(self, cells: Sequence[str]) -> list[str] | None:
        """Return a row in which a text held the sign that parts the columns."""
        most = len(cells)
        while not cells[most - 1].strip():
            most -= 1
        for length in sorted({max(most, self.width + 1), len(cells)}, reverse=True):
            over = length - self.width
            for at in self._texts:
                text = self.sign.join(cells[at : at + over + 1])
                row = [*cells[:at], text, *cells[at + over + 1 : length]]
                if self._sound(row):
                    return row
        return None

    def _sound(self, row: Sequence[str]) -> bool:
        """Tell whether a row has dates, an account and amounts, of debit or of credit, where the header announces them."""
        if len(row) < self.width or _full(row[self.width :]):
            return False
        figures = [row[at] for at in self._figures]
        return (
            all(_DATE.fullmatch(row[at]) for at in self._dates)
            and all(_FIGURE.fullmatch(figure) for figure in figures)
            and sum(bool(_SOME.search(figure)) for figure in figures) < 2
            and row[self.columns["account"]].strip(' "')[:1].isdigit()
        )


def _full(cells: Iterable[str]) -> bool:
    return any(map(str.strip, cells))
