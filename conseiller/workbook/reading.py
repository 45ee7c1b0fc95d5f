"""A workbook read cell by cell: named areas, rows of the form, and the place of every value."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.datetime import from_excel
from openpyxl.utils.exceptions import InvalidFileException

from conseiller.errors import Fault, InputFaults, fault
from conseiller.messages import LANGUAGES, Lang, tr
from conseiller.workbook.form import NAME, Field, Form

#: What a file that is no workbook, or a damaged one, makes openpyxl raise; SyntaxError stands for broken XML.
DAMAGED = (
    BadZipFile,
    InvalidFileException,
    KeyError,
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    zlib.error,
)


class ReadSheet:
    """The values of one worksheet; only the sheets that hold inputs are ever read through."""

    def __init__(self, raw: Any) -> None:
        self.title: str = raw.title
        raw.reset_dimensions()  # as some programs state them wrongly
        self._rows: list[tuple[Any, ...]] = list(raw.iter_rows(values_only=True))

    def value(self, row: int, col: int) -> Any:
        """Return the value of a cell (1-based), None beyond what the sheet holds."""
        if row > len(self._rows) or col > len(self._rows[row - 1]):
            return None
        return self._rows[row - 1][col - 1]


@dataclass
class Area:
    """A named range: its worksheet and its bounds (1-based)."""

    sheet: ReadSheet
    left: int
    top: int
    right: int
    bottom: int

    def cell(self, row: int, col: int) -> Any:
        """Return the value of a cell, counted from the corner (from 0)."""
        return self.sheet.value(self.top + row, self.left + col)

    def name(self, row: int, col: int) -> tuple[str, str]:
        """Return sheet and address of a cell."""
        return self.sheet.title, f"{get_column_letter(self.left + col)}{self.top + row}"

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.bottom - self.top + 1


@dataclass
class CaseReading:
    """The case being read: plain values under French keys, and where each stands."""

    file: Path
    lang: Lang
    book: Any
    plain: dict[str, Any] = field(default_factory=dict)
    places: dict[tuple[Any, ...], tuple[str, str]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    sheets: dict[str, ReadSheet] = field(default_factory=dict)

    def sheet(self, title: str) -> ReadSheet:
        """Return a sheet, read through once."""
        if title not in self.sheets:
            try:
                self.sheets[title] = ReadSheet(self.book[title])
            except DAMAGED:
                raise refusal("unreadable", self.file, self.lang) from None
        return self.sheets[title]

    def area(self, key: str) -> Area | None:
        """Return the area of a defined name, None when the workbook has no such name."""
        name = self.book.defined_names.get(key)
        if name is None:
            return None
        for title, bounds in name.destinations:
            left, top, right, bottom = (n or 1 for n in range_boundaries(bounds.replace("$", "")))
            if title in self.book.sheetnames:
                return Area(self.sheet(title), left, top, right, bottom)
        return None

    def locate(self, path: tuple[Any, ...]) -> str:
        """Say where a value stands: file, sheet, cell; the nearest known place above it otherwise."""
        for length in range(len(path), -1, -1):
            found = self.places.get(tuple(path[:length]))
            if found:
                sheet, cell = found
                return tr("workbook.at_cell", self.lang, file=self.file.name, sheet=sheet, cell=cell)
        return tr("workbook.at_file", self.lang, file=self.file.name)

    def fault(self, code: str, place: tuple[str, str], **values: Any) -> None:
        """Record a fault that concerns a row of the form as such."""
        sheet, cell = place
        where = tr("workbook.at_cell", self.lang, file=self.file.name, sheet=sheet, cell=cell)
        self.faults.append(fault(f"workbook.fault.{code}", where, self.lang, **values))


def refusal(code: str, path: Path, lang: Lang) -> InputFaults:
    """Return the fault of a file that cannot be read as ours."""
    where = tr("workbook.at_file", lang, file=path.name)
    return InputFaults([fault(f"workbook.fault.{code}", where, lang)], lang)


def value_of(item: Field, raw: Any) -> Any:
    """Return what a cell says, in the type its field expects where that is certain."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    if item.kind == "date":
        if isinstance(raw, datetime):
            return raw.date()
        if isinstance(raw, int | float) and not isinstance(raw, bool) and 1 <= raw < 2_958_466:
            return from_excel(raw).date()
        return raw
    if item.kind == "yesno":
        return _yes_no().get(str(raw).strip().lower(), raw)
    if item.kind in ("text", "code", "account", "choice"):
        if isinstance(raw, float) and raw.is_integer():
            raw = int(raw)
        return str(raw).strip()
    if item.kind == "integer" and isinstance(raw, float) and raw.is_integer():
        return int(raw)
    return raw


@cache
def _yes_no() -> dict[str, bool]:
    """Return the words for yes and no of every language."""
    words = {"workbook.yes": True, "workbook.no": False}
    return {tr(key, lang): said for key, said in words.items() for lang in LANGUAGES}


def row_of(
    reading: CaseReading, area: Area, declared: Form, rank: int, skip: tuple[str, ...] = ()
) -> tuple[dict[str, Any], dict[str, tuple[str, str]]]:
    """Return the values of a row, empty cells left out, and the place of every field."""
    values, places = {}, {}
    for col, item in enumerate(declared.fields):
        places[item.key] = area.name(rank, col)
        value = value_of(item, area.cell(rank, col))
        if value is not None and item.key not in skip:
            values[item.key] = value
    return values, places


def keep(reading: CaseReading, path: tuple[Any, ...], places: dict[str, tuple[str, str]]) -> None:
    """Remember where a record and its fields stand."""
    reading.places[path] = next(iter(places.values()))
    for key, place in places.items():
        reading.places[(*path, key)] = place


def records(
    reading: CaseReading, declared: Form, path: tuple[Any, ...], skip: tuple[str, ...] = ()
) -> Iterator[dict[str, Any]]:
    """Yield the filled rows of a table, places remembered by their rank among filled rows."""
    area = reading.area(f"{NAME}{declared.key}")
    if area is None:
        return
    count = 0
    reading.places.setdefault(path, area.name(0, 0))
    for rank in range(area.rows):
        values, places = row_of(reading, area, declared, rank, skip)
        if values:
            keep(reading, (*path, count), places)
            count += 1
            yield values
