"""Reads a budget as open data (SCDL budget 0.8): credits and yearly totals per account, like an acte budgétaire.

Published files stray from the schema in known ways: capital letters, accents lost, blanks where a value is required,
decimal commas, semicolons, a part of the columns, a compte financier unique. All of these are read. Amounts in cents
look like amounts in euros, so they are read as cents only where the caller says so.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from conseiller.ledger.cells import amounts, plain, text_of
from conseiller.ledger.credits import Stage, chapter_of, credit_of, realised_of, scope_of, section_of, turned
from conseiller.ledger.faults import refusal, unreadable
from conseiller.ledger.plaintext import Text, look_over, separator
from conseiller.ledger.reading import ASIDE, COLUMNS, CREDITS, Reading, Remark, Side, frame
from conseiller.ledger.sheets import Book, row_in_words, written
from conseiller.ledger.xml import Faults, year_of
from conseiller.messages import Lang

#: Without these a row says nothing; the rest may lack.
REQUIRED = ("BGT_ANNEE", "BGT_NATURE", "BGT_CODRD")
_AMOUNTS = ("BGT_MTREAL", "BGT_CREDOUV", "BGT_MTRARPREC", "BGT_MTPREV", "BGT_MTPROPNOUV")
_STAGES: Mapping[str, Stage] = {
    "budget primitif": "BP",
    "budget supplementaire": "BS",
    "decision modificative": "DM",
    "compte administratif": "CA",
    "compte financier unique": "CFU",
}
_SIDES: Mapping[str, Side] = {"depense": "cost", "recette": "funding", "d": "cost", "r": "funding"}
_SECTIONS = {"investissement": "I", "fonctionnement": "F", "exploitation": "F"}


#: Lines among which the header is looked for.
_HEAD = 20


class _Table(NamedTuple):
    rows: list[list[str]]
    columns: dict[str, list[str]]
    lines: list[int]
    zeros_back: int


def read(path: Path, lang: Lang = "fr", in_cents: bool = False, book: Book | None = None) -> Reading:
    """Read a budget published in the SCDL schema.

    Parameters
    ----------
    path : Path
        The file, a CSV or one saved again as a workbook.
    lang : {"fr", "en"}
        Language of the faults.
    in_cents : bool
        Whether the amounts are whole cents. Never guessed.
    book : Book, optional
        The file opened, when it is a workbook.

    Returns
    -------
    Reading
        Without lines of books; `credits` holds one row per row of the file, except blank ones. The voted credit
        follows the rule of `conseiller.ledger.credits`.

    Raises
    ------
    InputFaults
        When a column needed is absent, or a year, side, stage or amount cannot be read.
    """
    if book is None:
        try:
            text = look_over(path, lang)
        except OSError as refused:
            raise unreadable(path, lang, refused) from None
        sha256, table = text.sha256, _of_text(path, text, lang)
    else:
        sha256, table = book.sha256, _of_workbook(book, lang)
    faults = Faults(path, lang)
    blank = [not any(cell.strip() for cell in row) for row in table.rows]
    money = {name: _amounts(name, table, in_cents, faults) for name in _AMOUNTS}
    kept: list[tuple[object, ...]] = []
    aside: list[tuple[object, ...]] = []
    for i, line in enumerate(table.lines):
        if blank[i]:
            aside.append(("blank", 0, "", "", path.name, "", str(line)))
        elif (row := _row(i, table, {k: v[i] for k, v in money.items()}, path, faults)) is not None:
            kept.append(row)
    faults.check()
    holders = sorted({text_of(s) for s in table.columns.get("BGT_SIRET", []) if s.strip()})
    return Reading(
        path=path,
        format="scdl",
        sha256=sha256,
        lines=frame(COLUMNS),
        aside=frame(ASIDE, dict(zip(ASIDE, turned(aside, len(ASIDE)), strict=True))),
        credits=frame(CREDITS, dict(zip(CREDITS, turned(kept, len(CREDITS)), strict=True))),
        remarks=_remarks(table, in_cents),
        scope=scope_of("+".join(holders)),
        rows=len(table.rows),
    )


def _of_text(path: Path, text: Text, lang: Lang) -> _Table:
    try:
        with path.open(encoding=text.encoding, newline="") as file:
            # Blank lines, a title or "sep=;" may stand above the header.
            above, first = next(
                ((n, line) for n, line in enumerate(islice(file, _HEAD)) if _is_header(line)), (0, "")
            )
            reader = csv.reader(chain([first], file), delimiter=separator([first]))
            head = next(reader, [])
            rows = [(above + reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise refusal("scdl_csv", path, lang, reason=str(error)) from None
    return _table(path, head, rows, str(above + 1), lang)


def _of_workbook(book: Book, lang: Lang) -> _Table:
    for sheet in book.sheets:
        for number, row in enumerate(sheet.head[:_HEAD], start=1):
            head = [text_of(cell) for cell in row]
            if any(map(_is_header, head)):
                rows = [(n, [written(cell) for cell in cells]) for n, cells in sheet.rows_after(number)]
                return _table(book.path, head, rows, row_in_words(sheet.name, number, lang), lang)
    raise refusal("scdl_columns", book.path, lang, "", columns=", ".join(REQUIRED))


def _table(
    path: Path, head: Sequence[str], numbered: Sequence[tuple[int, list[str]]], where: str, lang: Lang
) -> _Table:
    """Return the rows under their column names, in capitals."""
    names = [name.strip().upper() for name in head]
    missing = [name for name in REQUIRED if name not in names]
    if missing or not any(name in names for name in _AMOUNTS):
        raise refusal("scdl_columns", path, lang, where, columns=", ".join(missing or _AMOUNTS))
    rows = [row for _, row in numbered]
    padded = [row + [""] * (len(names) - len(row)) for row in rows]
    columns = {name: [row[i] for row in padded] for i, name in enumerate(names)}
    chapters, back = _chapters(columns)
    return _Table(rows, columns | chapters, [number for number, _ in numbered], back)


def _chapters(columns: Mapping[str, list[str]]) -> tuple[dict[str, list[str]], int]:
    """Give back to chapters the zero a spreadsheet took, where the account's chapter has it; and count them."""
    from conseiller.law import load_law

    found = list(map(str.strip, columns.get("BGT_CONTNAT", [])))
    if not any(len(chapter) == 2 for chapter in found):
        return {}, 0
    law = load_law()
    made = [
        f"0{chapter}" if len(chapter) == 2 and law.chapter(account.strip()) == f"0{chapter}" else chapter
        for chapter, account in zip(found, columns["BGT_NATURE"], strict=True)
    ]
    return {"BGT_CONTNAT": made}, sum(a != b for a, b in zip(made, found, strict=True))


def _is_header(line: str) -> bool:
    return "BGT_" in line.upper()


def _amounts(name: str, table: _Table, in_cents: bool, faults: Faults) -> Sequence[int | None]:
    cells = table.columns.get(name)
    if cells is None:
        return [None] * len(table.rows)
    found = amounts(cells, unit=1 if in_cents else 100)
    for index, code in found.faults:
        where = str(table.lines[index])
        faults.add("bad_amount" if code != "ambiguous_amount" else code, where, text=cells[index], field=name)
    return [int(c) if known else None for c, known in zip(found.cents, found.known, strict=True)]


def _row(
    i: int, table: _Table, money: Mapping[str, int | None], path: Path, faults: Faults
) -> tuple[object, ...] | None:
    """Return one row of credits, None when it holds a fault."""

    def cell(name: str) -> str:
        return text_of(table.columns[name][i]) if name in table.columns else ""

    place = str(table.lines[i])
    year, side = year_of(cell("BGT_ANNEE")), _SIDES.get(plain(cell("BGT_CODRD")))
    stated = plain(cell("BGT_NATDEC"))
    stage = _STAGES.get(stated, "BP" if not stated else None)
    account = cell("BGT_NATURE")
    chapter = chapter_of(account, cell("BGT_CONTNAT"))
    if year is None:
        faults.add("bad_year", place, text=cell("BGT_ANNEE"))
    if side is None:
        faults.add("totem_side", place, text=cell("BGT_CODRD"))
    if stage is None:
        faults.add("totem_stage", place, text=cell("BGT_NATDEC"))
    if not account and not chapter:
        faults.add("no_account", place)
    if year is None or side is None or stage is None:
        return None
    return (
        *(year, stage, account, chapter, cell("BGT_FONCTION"), cell("BGT_OPERATION"), ""),
        *(section_of(account, _SECTIONS.get(plain(cell("BGT_SECTION")), "")), side),
        *(
            plain(cell("BGT_OPBUDG")) == "ordre",
            credit_of(stage, *(money[name] for name in _AMOUNTS[1:])),
            realised_of(stage, money["BGT_MTREAL"]),
        ),
        *(cell("BGT_NATURE_LABEL"), path.name, place),
    )


def _remarks(table: _Table, in_cents: bool) -> tuple[Remark, ...]:
    remarks = []
    if in_cents:
        remarks.append(Remark("in_cents"))
    if not any(text_of(s) for s in table.columns.get("BGT_NATDEC", [])):
        remarks.append(Remark("stage_assumed"))
    if table.zeros_back:
        remarks.append(Remark("zeros_back", values={"count": table.zeros_back}))
    return tuple(remarks)
