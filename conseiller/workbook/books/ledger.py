"""The sheet *Grand livre*: every line of the books that stands, where it comes from, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from conseiller.errors import InputFaults, fault
from conseiller.ledger.accounts import translate
from conseiller.workbook.book import Book, Live, Sheet, block, ref
from conseiller.workbook.books.facts import SIDE, BookFacts, serial
from conseiller.workbook.looks import Style

if TYPE_CHECKING:
    import pandas as pd

_HEAD_ROW, FIRST_ROW = 3, 4
#: Rows that a worksheet can hold.
_MOST = 1_048_576 - FIRST_ROW - 1
#: Columns shown, then those that only formulas read, folded.
_SHOWN = (
    "number",
    "date",
    "month",
    "exercice",
    "account",
    "chapter",
    "side",
    "amount",
    "label",
    "post",
    "line",
    "fate",
    "piece",
    "file",
    "sheet",
    "place",
)
_FOLDED = ("period", "part", "file_no", "followed_in", "followed", "line_no", "post_line_no", "account_read")
COLUMN = {name: rank for rank, name in enumerate((*_SHOWN, *_FOLDED))}
_WIDTH = {
    "number": 6,
    "date": 10.5,
    "month": 10,
    "exercice": 9,
    "account": 10,
    "chapter": 8,
    "side": 5,
    "amount": 14,
    "label": 34,
    "post": 8,
    "line": 30,
    "fate": 14,
    "piece": 9,
    "file": 28,
    "sheet": 16,
    "place": 12,
}
_NARROW = 10
#: Columns that other sheets read, each under the name ``gl_…``.
_NAMED = (
    "month",
    "exercice",
    "side",
    "amount",
    "fate",
    "part",
    "file_no",
    "followed_in",
    "followed",
    "line_no",
    "post_line_no",
    "account_read",
)


def gl(column: str) -> str:
    """Return the workbook name of a column of *Grand livre*."""
    return f"gl_{column}"


class LedgerSheet:
    """Writes *Grand livre*.

    Raises
    ------
    InputFaults
        When the books have more lines than a worksheet can hold.
    """

    def __init__(self, book: Book, facts: BookFacts) -> None:
        self.book = book
        self.facts = facts
        self.sheet: Sheet = book.sheet("grand_livre")
        self.files = {f.file: n for n, f in enumerate(facts.files, start=1)}
        self.fates = {
            name: book.tr(f"workbook.fate.{name}")
            for name in ("followed", "order", "outside_period", "receipt", "unattached", "ruled_out")
        }
        #: Row of each line in the sheet, by its row in the ledger.
        self.row_of: dict[int, int] = {}
        self.chart = facts.plan.dossier.authority.chart
        self.widths = {name: _WIDTH.get(name, _NARROW) for name in COLUMN}

    def write(self) -> None:
        """Write one row a line (one a part, where it is shared between posts)."""
        sheet, tr_ = self.sheet, self.book.tr
        sheet.text(0, 0, tr_("workbook.sheet.grand_livre"), "title")
        sheet.text(1, 0, tr_("workbook.grand_livre.note"), "note")
        for name, col in COLUMN.items():
            right = name in ("amount", "followed")
            sheet.text(
                _HEAD_ROW, col, tr_(f"workbook.grand_livre.{name}"), "headnum" if right else "headcell"
            )
        lines = self._lines()
        if len(lines) > _MOST:
            raise self._too_long(len(lines))
        self.widths["place"] = place_width(line["place"] for line in lines)
        row = FIRST_ROW - 1
        for row, line in enumerate(lines, start=FIRST_ROW):
            self.row_of.setdefault(line["origin"], row)
            self._row(row, line)
        last = max(row, FIRST_ROW)
        for name in _NAMED:
            self.book.name(gl(name), block(FIRST_ROW, last, COLUMN[name], sheet.name))
        raw = sheet.raw
        raw.set_row(_HEAD_ROW, 30)
        for name, col in COLUMN.items():
            raw.set_column(col, col, self.widths[name], None, {} if name in _SHOWN else {"level": 1})
        raw.freeze_panes(FIRST_ROW, 2)
        raw.autofilter(_HEAD_ROW, 0, last, len(COLUMN) - 1)
        self.book.page(sheet, repeat=(_HEAD_ROW, _HEAD_ROW), last_col=len(_SHOWN) - 1, last_row=last)

    def _too_long(self, count: int) -> InputFaults:
        lang = self.book.lang
        found = fault("workbook.fault.ledger_rows", self.sheet.name, lang, count=count, most=_MOST)
        return InputFaults([found], lang)

    # --- lines ---

    def _lines(self) -> list[dict[str, Any]]:
        attached = self.facts.tracking.attached
        found = list(self._tied())
        for fate, table in (("unattached", attached.unattached), ("ruled_out", attached.aside)):
            found += [{**line, "part": 0, "fate": fate} for line in records(table)]
        return sorted(found, key=lambda r: (r["origin"], r["part"]))

    def _tied(self) -> Iterator[dict[str, Any]]:
        """Yield the lines tied to a post, those set against the plan with the tracked line they are in."""
        cells = self.facts.cells
        numbers = self.facts.numbers
        entries = iter(cells.entries())
        reasons = cells.reasons().tolist()
        for line, reason in zip(records(self.facts.tracking.attached.lines), reasons, strict=True):
            if reason:
                yield {**line, "fate": reason}
                continue
            post, text, side, _, entry = next(entries)
            yield {**line, "fate": "followed", "in": numbers[post, cells.lines[text], side], "entry": entry}

    def _row(self, row: int, line: dict[str, Any]) -> None:
        sheet = self.sheet

        def at(name: str) -> str:
            return ref(row, COLUMN[name]).replace("$", "")

        texts = []

        def text(name: str, value: str, look: Style = "cell") -> None:
            if value:
                sheet.text(row, COLUMN[name], value, look, "@")
                texts.append((value, self.widths[name]))

        def number(name: str, value: float | None, fmt: str = "0") -> None:
            if value is not None:
                look: Style = "calc" if fmt == "euros" else "state"
                sheet.number(row, COLUMN[name], value, look, fmt)

        followed = line.get("in")
        number("number", line["origin"] + 1)
        number("date", _serial(line["date"]), "date")
        number("exercice", line["exercice"])
        text("account", line["account"])
        text("chapter", line["chapter"])
        text("side", SIDE[line["side"]], "state")
        number("amount", line["cents"] / 100, "euros")
        text("label", line["label"], "cell")
        if line["fate"] not in ("unattached", "ruled_out"):
            text("post", line["post"])
            name = (
                followed.group.label if followed else self.facts.tracking.label(line["line"], self.book.lang)
            )
            text("line", name, "cell")
        text("fate", self.fates[line["fate"]])
        for name in ("piece", "file", "sheet", "place"):
            text(name, line[name])
        number("period", _serial(line["period"]), "date")
        number("part", line["part"])
        number("file_no", self.files[line["file"]])
        text("followed_in", followed.group.side if followed else "", "state")
        number("line_no", followed.group.number if followed else 0)
        number("post_line_no", followed.number if followed else 0)
        if line["kind"] != "order":  # credits and what they pay for are real operations
            text("account_read", translate(line["account"], line["chart"], self.chart) or "")
        if line["exercice"] is not None:
            sheet.live(row, COLUMN["month"], _month(at, line), "state", "month")
        formula = f'IF({at("followed_in")}="",0,IF({at("followed_in")}={at("side")},1,-1)*{at("amount")})'
        sheet.fit(row, *texts)
        cents = line["entry"].cents if followed else 0
        sheet.live(row, COLUMN["followed"], Live(formula, cents / 100), "calc", "euros")


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain values: dates or None, exercices or None."""
    import pandas as pd

    rows: list[dict[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
    for row in rows:
        for name in ("date", "period"):
            row[name] = None if pd.isna(row[name]) else row[name].date()
        row["exercice"] = None if pd.isna(row["exercice"]) else int(row["exercice"])
    return rows


def place_width(places: Iterable[str]) -> float:
    """Return the width of a column of places: rows of a sheet, or XPaths."""
    return 36 if any(len(p) > _WIDTH["place"] for p in places) else _WIDTH["place"]


def _serial(day: date | None) -> float | None:
    return None if day is None else serial(day)


def _month(at: Any, line: dict[str, Any]) -> Live:
    """Return the month of booking: that of the date, else of the period, else December, within the exercice."""
    day, period, year = at("date"), at("period"), at("exercice")
    known = f"IF({day}>0,{day},IF({period}>0,{period},DATE({year},12,1)))"
    inside = f"MIN(MAX({known},DATE({year},1,1)),DATE({year},12,31))"
    stated = line["date"] or line["period"] or date(line["exercice"], 12, 1)
    shown = min(max(stated, date(line["exercice"], 1, 1)), date(line["exercice"], 12, 31))
    return Live(f"EOMONTH({inside},-1)+1", serial(shown.replace(day=1)))
