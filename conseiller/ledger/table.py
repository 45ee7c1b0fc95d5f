"""Reads the tables of finance and payroll software: grand livre, état des mandats et titres, pay, payments received.

No editor documents its exports, so nothing is coded for one of them: a `ColumnMap` says what the columns are. What is
printed among the lines (totals, amounts carried forward) is set aside, and the lines are compared with it.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from conseiller.errors import Fault, InputFaults
from conseiller.ledger.cells import CellError, day, month, plain, text_of
from conseiller.ledger.columns import EVERY_SHEET, Ambiguity, ColumnMap, Guess, Question, fits, guess, missing
from conseiller.ledger.faults import cell_fault, refusal
from conseiller.ledger.headers import Layout, find_header, headers_of
from conseiller.ledger.lines import Lines, lines_of
from conseiller.ledger.parts import Part, read_part
from conseiller.ledger.progress import Progress
from conseiller.ledger.reading import CREDITS, Reading, Remark, frame
from conseiller.ledger.sheets import Book, Sheet, open_book, row_in_words
from conseiller.ledger.texts import system_memory
from conseiller.messages import Lang

if TYPE_CHECKING:
    import pandas as pd

#: Faults of one file told at most; the rest would say the same.
MOST_FAULTS = 20
_EXERCICE = re.compile(r"\bexercice\s*(?:comptable|budgetaire)?\s*((?:19|20)\d\d)\b")
_MONTH = re.compile(
    r"\b(?:periode|mois|paie|paye)s?\b(?:\s+(?:de|du|d|paie|la))*\s+(\d{1,2} \d{4}|\d{4} \d{1,2}|[a-z]+ \d{4})\b"
)
_BUDGET = re.compile(r"^\s*budget\s*:?\s*(.+)$", re.IGNORECASE)
_ISSUED = re.compile(
    r"(?:[ée]dit[ée]e?|extrait|export[ée]?|imprim[ée]e?)\s*(?:le)?\s*:?\s*(\d\d?[/.-]\d\d?[/.-]\d{4})",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Found:
    """A sheet with a header."""

    sheet: Sheet
    layout: Layout


def propose(path: Path, lang: Lang = "fr", book: Book | None = None) -> Guess:
    """Guess the map of a table from its header, without reading it whole; the doubts come with it.

    Raises
    ------
    InputFaults
        When the file cannot be opened, or no sheet has a header.
    """
    book = book or open_book(path, lang)
    found = [_Found(s, layout) for s in book.sheets if not s.hidden and (layout := find_header(s.head))]
    if not found:
        raise refusal("table_no_header", path, lang)
    best = max(found, key=lambda f: f.layout.score)
    guessed = guess(best.layout)
    return Guess(
        guessed.column_map, guessed.questions + _which_sheet(book, guessed.column_map), guessed.ignored
    )


def read(
    path: Path,
    lang: Lang = "fr",
    column_map: ColumnMap | None = None,
    salt: bytes = b"",
    book: Book | None = None,
) -> Reading:
    """Read a table.

    Parameters
    ----------
    path : Path
    lang : {"fr", "en"}
        Language of the faults.
    column_map : ColumnMap, optional
        What the columns are; guessed from the header without it.
    salt : bytes
        Secret of the dossier that payroll numbers are hashed with; without it they are not kept.
    book : Book, optional
        The file already opened.

    Returns
    -------
    Reading

    Raises
    ------
    Ambiguity
        When the columns can be understood in several ways; names them.
    InputFaults
        When the file cannot be opened, lacks a column of the map, has cells that cannot be read (all of them), or none
        of its amounts has an account, a number or a date.
    """
    book = book or open_book(path, lang)
    if column_map is None:
        guessed = propose(path, lang, book)
        if guessed.questions:
            raise Ambiguity(path, guessed.questions, guessed.column_map, lang)
        column_map = guessed.column_map
    found = _sheets(book, column_map, lang)
    if not found:
        raise _lacking(book, column_map, lang)
    if len(found) > 1 and not column_map.sheet:
        raise Ambiguity(path, _which_sheet(book, column_map), column_map, lang)
    with many_cells():
        parts = _parts(path, found, column_map, lang)
        _refuse(path, parts, column_map, lang)
        titles = [_titles(one) for one in found]
        made = [
            lines_of(part, column_map, path, _year(title), salt, lang, _month(title))
            for part, title in zip(parts, titles, strict=True)
        ]
        if not any(len(m.lines) for m in made) and any(
            (m.aside["reason"] == "unlabelled").any() for m in made
        ):
            raise refusal("table_no_line", path, lang)
        return _reading(book, column_map, parts, made, titles)


@contextmanager
def many_cells() -> Iterator[None]:
    """Make ready for millions of cells: no search for cycles, which they do not make."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        with system_memory():
            yield
    finally:
        if was_on:
            gc.enable()


def _parts(path: Path, found: Sequence[_Found], column_map: ColumnMap, lang: Lang) -> list[Part]:
    progress = Progress(path.name, lang)
    parts: list[Part] = []
    try:
        for one in found:
            parts.append(read_part(one.sheet, one.layout, column_map, progress, sum(map(len, parts))))
    finally:
        progress.done()
    return parts


def _sheets(book: Book, column_map: ColumnMap, lang: Lang) -> list[_Found]:
    """Return the sheets that have every column of a map."""
    named = column_map.sheet not in {"", EVERY_SHEET}
    found = []
    for sheet in book.sheets:
        if sheet.name != column_map.sheet if named else sheet.hidden:
            continue
        layout = headers_of(sheet.head, column_map.columns.values())
        if layout is not None and fits(column_map, layout):
            found.append(_Found(sheet, layout))
    return found


def _which_sheet(book: Book, column_map: ColumnMap) -> tuple[Question, ...]:
    names = [
        s.name
        for s in book.sheets
        if not s.hidden
        and (layout := headers_of(s.head, column_map.columns.values()))
        and fits(column_map, layout)
    ]
    return (Question("sheet", (*names, EVERY_SHEET)),) if len(names) > 1 else ()


def _lacking(book: Book, column_map: ColumnMap, lang: Lang) -> InputFaults:
    """Say which column of the map no sheet has, on the sheet that has most of them."""
    if column_map.sheet not in {"", EVERY_SHEET, *(s.name for s in book.sheets)}:
        names = ", ".join(s.name for s in book.sheets)
        return refusal("table_no_sheet", book.path, lang, "", sheet=column_map.sheet, names=names)
    layouts = [(s.name, layout) for s in book.sheets if (layout := find_header(s.head))]
    if not layouts:
        return refusal("table_no_header", book.path, lang)
    name, layout = min(layouts, key=lambda one: len(missing(column_map, one[1])))
    lacking = ", ".join(missing(column_map, layout))
    present = ", ".join(h.text for h in layout.headers if h.text)
    return refusal("table_columns", book.path, lang, name, columns=lacking, present=present)


def _refuse(path: Path, parts: Sequence[Part], column_map: ColumnMap, lang: Lang) -> None:
    """Raise for the cells that cannot be read, and for amounts that read two ways."""
    faults: list[Fault] = []
    for part in parts:
        for index, name, code, held in part.faults:
            if len(faults) == MOST_FAULTS:
                break
            where = row_in_words(part.sheet.name, int(part.rows[index]), lang)
            column = column_map.columns[name]
            faults.append(cell_fault(f"cell_{code}", path, lang, where, column=column, found=held))
    if faults:
        raise InputFaults(faults, lang)
    for part in parts:
        for index, name, value in part.doubts[:1]:
            where = row_in_words(part.sheet.name, int(part.rows[index]), lang)
            question = Question("decimal", (",", "."))
            raise Ambiguity(
                path, (question,), column_map, lang, f"{where}, {column_map.columns[name]} : {value}"
            )
    if not any(known.any() for part in parts for known in part.known.values()):
        raise refusal("table_no_amount", path, lang)


# --- what stands above the header


def _titles(found: _Found) -> list[str]:
    return [
        text_of(cell) for row in found.sheet.head[: found.layout.first - 1] for cell in row if text_of(cell)
    ]


def _year(titles: Sequence[str]) -> int | None:
    years = {int(m[1]) for title in titles for m in _EXERCICE.finditer(plain(title))}
    return years.pop() if len(years) == 1 else None


def _month(titles: Sequence[str]) -> date | None:
    """Return the one month that the titles name."""
    months = set()
    for title in titles:
        for found in _MONTH.finditer(plain(title)):
            with suppress(CellError):
                months.add(month(found[1].replace(" ", "/") if found[1][0].isdigit() else found[1]))
    months.discard(None)
    return months.pop() if len(months) == 1 else None


def _issued(titles: Sequence[str]) -> str:
    for title in titles:
        if found := _ISSUED.search(title):
            try:
                said = day(found[1])
            except CellError:
                continue
            return said.isoformat() if said else ""
    return ""


# --- the reading


def _reading(
    book: Book,
    column_map: ColumnMap,
    parts: Sequence[Part],
    made: Sequence[Lines],
    titles: Sequence[Sequence[str]],
) -> Reading:
    lines = _joined([m.lines for m in made])
    budgets = sorted(
        {b for m in made for b in m.budgets if b} | {t for title in titles for t in _budget(title)}
    )
    remarks = [r for m in made for r in m.remarks]
    hidden = [s.name for s in book.sheets if s.hidden]
    if hidden:
        remarks.append(Remark("hidden_sheets", "", {"sheets": ", ".join(hidden)}))
    read_names = {p.sheet.name for p in parts}
    other = [s.name for s in book.sheets if not s.hidden and s.name not in read_names]
    if other:
        remarks.append(Remark("other_sheets", "", {"sheets": ", ".join(other)}))
    kind = column_map.kind
    return Reading(
        path=book.path,
        format="payments" if kind == "payments" else "table",
        sha256=book.sha256,
        lines=lines,
        aside=_joined([m.aside for m in made]),
        credits=frame(CREDITS),
        controls=tuple(c for m in made for c in m.controls),
        remarks=tuple(remarks),
        scope="|".join(("table", kind, *budgets)),
        rows=sum(m.rows for m in made),
        issued=max(map(_issued, titles)),
    )


def _joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)


def _budget(titles: Sequence[str]) -> list[str]:
    return [text_of(found[1]) for title in titles if (found := _BUDGET.match(title))]
