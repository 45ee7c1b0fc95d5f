"""Recalculates a workbook under many edits in LibreOffice, which opens it once.

Opening a file takes LibreOffice longer than recalculating it. A macro, kept in the throw-away profile and so in need
of no other program, opens a workbook, sets cells, recalculates every formula, shows the rows that changed and puts
the cells back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import recalculate as lo
from openpyxl.utils import get_column_letter

Values = dict[tuple[str, str], Any]
_FIELD, _RECORD = "\x1f", "\x1e"
_NUMBER = re.compile(r"-?\d+(,\d+)?(E[+-]?\d+)?")


@dataclass
class Seen:
    """The values of a workbook by sheet and cell, and for each edit those of the rows that it changed."""

    before: Values
    after: list[Values]


def recalculated(
    jobs: Sequence[tuple[Path, Sequence[Mapping[tuple[str, str], Any]]]], folder: Path, sheets: Sequence[str]
) -> list[Seen]:
    """Recalculate workbooks as they are, then under each of their edits in turn; return the values of some sheets.

    Numbers come in fifteen digits, dates as serials, nothing as "".

    Raises
    ------
    AssertionError
        When the macro fails, a formula gives an error in any sheet, or the cells put back do not give the first
        values again.
    """
    orders = [("sheets", *sheets)]
    for book, edits in jobs:
        orders.append(("open", book.resolve().as_uri()))
        for edit in ({}, *edits, {}):
            orders += [("set", *cell, *_order(value)) for cell, value in edit.items()]
            orders.append(("read",))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "orders.txt").write_text("\n".join(_FIELD.join(order) for order in orders), "utf-8")
    macro = Path(__file__).with_suffix(".bas").read_text("utf-8")
    call = f'macro:///Standard.InPlace.Obey("{folder.resolve().as_uri()}")'
    lo.run_office([call], _library("InPlace", macro))
    reads = iter(_reads(folder / "seen.txt"))
    found = []
    for book, edits in jobs:
        before, *after, restored = (next(reads, None) for _ in range(len(edits) + 2))
        assert before, f"LibreOffice shows nothing of {book.name}"
        assert restored == {}, f"{book.name} is not as it was"
        assert None not in after
        found.append(Seen(before, [a for a in after if a is not None]))
    return found


def _order(value: Any) -> tuple[str, str]:
    if value is None:
        return "empty", ""
    return ("text", value) if isinstance(value, str) else ("number", repr(value))


def _reads(file: Path) -> list[Values]:
    reads: list[Values] = []
    values: Values = {}
    for record in file.read_text("utf-8").split(_RECORD):
        kind, *fields = record.split(_FIELD)
        assert kind != "failed", fields
        if kind == "row":
            sheet, row, *cells = fields
            for col, cell in enumerate(cells, start=1):
                values[sheet, f"{get_column_letter(col)}{row}"] = _plain(cell)
        elif kind == "read":
            assert fields == [""], f"errors in {fields}"
            reads.append(values)
            values = {}
    return reads


def _plain(cell: str) -> Any:
    return float(cell.replace(",", ".")) if _NUMBER.fullmatch(cell) else cell


def _library(name: str, macro: str) -> dict[str, str]:
    """Return the files of a profile that hold a module of LibreOffice Basic, by their path under *user*."""
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    library = 'xmlns:library="http://openoffice.org/2000/library" library:name="Standard"'
    script = (
        f'xmlns:script="http://openoffice.org/2000/script" script:name="{name}" script:language="StarBasic"'
    )
    return {
        "basic/script.xlc": f"{head}<library:libraries {library.rpartition(' ')[0]}>"
        '<library:library library:name="Standard" library:link="false"/></library:libraries>',
        "basic/Standard/script.xlb": f'{head}<library:library {library}><library:element library:name="{name}"/>'
        "</library:library>",
        f"basic/Standard/{name}.xba": f"{head}<script:module {script}>{escape(macro)}</script:module>",
    }
