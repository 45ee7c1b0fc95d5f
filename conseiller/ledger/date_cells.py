"""Dates of books: in every usual form, day first or year first, never month first."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

from conseiller.ledger.text_cells import NOTHING, SIGNS, CellError, plain
from conseiller.ledger.texts import Texts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Day 0 of spreadsheet serials: 1900 as in Excel and LibreOffice, 1904 as in older Excel for Macintosh.
Epoch = Literal[1900, 1904]

#: Years a date of books may bear.
FIRST_YEAR, LAST_YEAR = 1950, 2100

_DAY_FIRST = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})(?:[ T]\d{1,2}[:h]\d\d(?::\d\d)?)?")
_YEAR_FIRST = re.compile(r"(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_NUMBER = re.compile(r"(\d{4,8})(?:[.,]\d+)?")
_NO_DATE = frozenset({"00/00/0000", "0000-00-00", "00000000", "0"})
#: Serials of spreadsheets that fall within the years of books.
_SERIALS = range(18264, 73416)


def day(value: object, epoch: Epoch = 1900) -> date | None:
    """Return the day a cell names; None when it names none.

    Read forms: a date cell; dd/mm/yyyy, dd/mm/yy (2000 to 2079, else 1980 to 1999), yyyy-mm-dd, with / . or - and a
    time of day after them; yyyymmdd; the serial number of a spreadsheet. Never month first.

    Raises
    ------
    CellError
        "month_first" for a text such as 01/31/2024; "absurd_date" outside 1950–2100; "not_date" otherwise.

    Examples
    --------
    >>> day("31/01/2024"), day("20240131"), day(45322)
    (datetime.date(2024, 1, 31), datetime.date(2024, 1, 31), datetime.date(2024, 1, 31))
    """
    found = _day(value, epoch)
    if found is not None and not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise CellError("absurd_date")
    return found


def _day(value: object, epoch: Epoch) -> date | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, bool | time | timedelta):
        raise CellError("not_date")
    if isinstance(value, int | float):
        return _from_number(float(value), epoch)
    text = str(value).translate(SIGNS).strip()
    if text in NOTHING or text in _NO_DATE:
        return None
    if found := _DAY_FIRST.fullmatch(text):
        return _built(_four(found[3]), int(found[2]), int(found[1]))
    if found := _YEAR_FIRST.fullmatch(text):
        return _built(int(found[1]), int(found[2]), int(found[3]))
    if found := _NUMBER.fullmatch(text):
        return _from_number(float(found[1]), epoch)
    raise CellError("not_date")


def _four(year: str) -> int:
    if len(year) == 4:
        return int(year)
    return int(year) + (2000 if int(year) < 80 else 1900)


def _built(year: int, month: int, number: int) -> date:
    if month > 12 and number <= 12:
        raise CellError("month_first")
    try:
        return date(year, month, number)
    except ValueError:
        raise CellError("not_date") from None


def _from_number(number: float, epoch: Epoch) -> date | None:
    if number == 0:
        return None
    whole = int(number)
    if whole in _SERIALS:
        return (date(1899, 12, 30) if epoch == 1900 else date(1904, 1, 1)) + timedelta(days=whole)
    if found := _COMPACT.fullmatch(str(whole)):
        return _built(int(found[1]), int(found[2]), int(found[3]))
    raise CellError("absurd_date")


def days(
    values: Texts | Sequence[object], epoch: Epoch = 1900, read: Callable[[object, Epoch], date | None] = day
) -> tuple[NDArray[np.datetime64], list[tuple[int, str]]]:
    """Read a column of dates; NaT where there is none, and the index and reason of each cell that cannot be read.

    Parameters
    ----------
    values : Texts, or sequence
        Texts, numbers and dates of the cells.
    epoch : {1900, 1904}
    read : callable
        Reads one cell: `day`, or `month`.
    """
    import numpy as np

    if isinstance(values, Texts):
        column = values.encoded()
        assert column.codes is not None
        different, codes = column.values.to_pylist(), column.codes
    else:
        known: dict[object, int] = {}
        codes = np.array([known.setdefault(v, len(known)) for v in values], np.int32)
        different = list(known)
    found = np.full(len(different), "NaT", "datetime64[s]")
    wrong: dict[int, str] = {}
    for at, value in enumerate(different):
        try:
            if (one := read(value, epoch)) is not None:
                found[at] = np.datetime64(one, "s")
        except CellError as error:
            wrong[at] = error.code
    rows = np.flatnonzero(np.isin(codes, list(wrong))).tolist() if wrong else []
    return found[codes], [(row, wrong[int(codes[row])]) for row in rows]


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("janvier", "janv", "jan"),
            ("fevrier", "fevr", "fev"),
            ("mars", "mar"),
            ("avril", "avr"),
            ("mai",),
            ("juin",),
            ("juillet", "juil"),
            ("aout", "aou"),
            ("septembre", "sept", "sep"),
            ("octobre", "oct"),
            ("novembre", "nov"),
            ("decembre", "dec"),
        ),
        start=1,
    )
    for name in names
}


def month(value: object, epoch: Epoch = 1900) -> date | None:
    """Return the first day of the month a cell names: "01/2024", "2024-01", "202401", "janvier 2024", or any date.

    Raises
    ------
    CellError
        When it names none.

    Examples
    --------
    >>> month("janv. 2024"), month("03/2025")
    (datetime.date(2024, 1, 1), datetime.date(2025, 3, 1))
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and 195001 <= value <= 210012:
        value = str(int(value))
    if isinstance(value, str):
        words = plain(value).split()
        if len(words) == 2:
            named = next((w for w in words if w in _MONTHS), None)
            year = next((w for w in words if w.isdigit()), "")
            if named and len(year) in {2, 4}:
                return _built(_four(year), _MONTHS[named], 1)
            if all(w.isdigit() for w in words):
                first, second = sorted(words, key=len)
                if len(first) <= 2 and len(second) == 4:
                    return _built(int(second), int(first), 1)
        if len(words) == 1 and re.fullmatch(r"\d{6}", words[0]):
            year, number = words[0][:4], words[0][4:]
            return _built(int(year), int(number), 1)
    found = day(value, epoch)
    return None if found is None else found.replace(day=1)
