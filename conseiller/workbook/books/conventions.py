"""The sheet *Conventions et clôture*: the balance of each convention, its instalments, and the year-end entries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from conseiller.analysis.clocks import papers
from conseiller.text import date_long
from conseiller.workbook.book import Book, Live, Sheet, block, ref
from conseiller.workbook.books.facts import BookFacts, serial
from conseiller.workbook.looks import Style

_DAY_ROW, _FIRST_ROW = 2, 4
#: Name of the materiality threshold of the year-end entries.
THRESHOLD = "seuil_cloture"
_BALANCE = (
    *("post", "code", "end", "agreed", "projected", "earned", "called", "titled", "received"),
    *("left_to_claim", "to_title", "titled_ahead", "to_collect", "beyond_pay", "exposed", "papers"),
)
_INSTALMENTS = (
    *(
        "post",
        "label",
        "due",
        "amount",
        "called_on",
        "titled_on",
        "titled",
        "received_on",
        "received",
        "state",
    ),
)
_ENTRIES = ("post", "piece", "account", "amount", "retained", "reversal", "reversal_amount", "justification")
_AMOUNTS = frozenset({*_BALANCE[3:-1], "amount", "reversal_amount"})
_DAYS = frozenset({"end", "due", "called_on", "titled_on", "received_on"})
_WIDTHS = (9, 30, 12, *[16.5] * 12, 44)
_LAST = len(_WIDTHS) - 1
_AT = {name: col for col, name in enumerate(_BALANCE)}


class ConventionSheet:
    """Writes *Conventions et clôture*.

    What was earned, titled, received and is to accrue on a day is told by the program; the workbook works out what
    follows from it.
    """

    def __init__(self, book: Book, facts: BookFacts) -> None:
        self.book = book
        self.facts = facts
        self.tracking = facts.tracking
        self.sheet: Sheet = book.sheet("conventions")
        self.row = _FIRST_ROW

    def write(self) -> None:
        """Write the three tables."""
        sheet, tr, lang = self.sheet, self.book.tr, self.book.lang
        sheet.text(0, 0, tr("workbook.sheet.conventions"), "title")
        sheet.text(1, 0, tr("workbook.conventions.note"), "note")
        day = date_long(self.facts.plan.report_date, lang)
        sheet.text(_DAY_ROW, 0, tr("workbook.conventions.day", day=day))
        self._balance()
        self._instalments()
        self._entries()
        for col, width in enumerate(_WIDTHS):
            sheet.raw.set_column(col, col, width)
        sheet.raw.freeze_panes(_FIRST_ROW, 2)
        self.book.page(sheet, repeat=(0, 2), last_col=_LAST, last_row=self.row)

    # --- cells ---

    def _head(self, keys: Sequence[str]) -> None:
        self.sheet.raw.set_row(self.row, 30)
        for col, key in enumerate(keys):
            look: Style = "headnum" if key in _AMOUNTS else "headcell"
            self.sheet.text(self.row, col, self.book.tr(f"workbook.conventions.{key}"), look)
        self.row += 1

    def _title(self, text: str) -> None:
        self.sheet.text(self.row, 0, text, "subtitle")
        self.row += 1

    def _cells(self, keys: Sequence[str], values: dict[Any, Any]) -> None:
        """Write the cells of a row that are told, each by its kind; what is not given stays empty."""
        for col, key in enumerate(keys):
            value = values.get(key)
            if value is None:
                continue
            if key in _AMOUNTS:
                self.sheet.number(self.row, col, value, "calc", "euros")
            elif isinstance(value, date):
                self.sheet.number(self.row, col, serial(value), "state", "date")
            else:
                self.sheet.text(self.row, col, str(value), "cell", "@")

    def _total(self, first: int, columns: Sequence[int], sums: Sequence[float], last: int) -> None:
        """Write the sums of some columns of a table."""
        self.sheet.text(self.row, 0, self.book.tr("workbook.total"), "total")
        for col in range(1, last + 1):
            self.sheet.text(self.row, col, "", "total")
        for col, value in zip(columns, sums, strict=True):
            formula = f"SUM({block(first, self.row - 1, col)})"
            self.sheet.live(self.row, col, Live(formula, round(value, 2)), "total", "euros")
        self.row += 2

    # --- balance ---

    def _balance(self) -> None:
        found = self.tracking.balance()
        if not len(found):
            return
        self._title(self.book.tr("workbook.conventions.balance"))
        self._head(_BALANCE)
        first = self.row
        for state in found.to_dict("records"):
            said = ", ".join(papers(state["papers"], self.book.lang)) or "–"
            self._cells(_BALANCE, state | {"papers": said})
            self._follows(state)
            self.sheet.fit(self.row, (said, _WIDTHS[_AT["papers"]]))
            self.row += 1
        amounts = _BALANCE[3:-1]
        self._total(first, [_AT[a] for a in amounts], [float(found[a].sum()) for a in amounts], _LAST)

    def _follows(self, state: dict[Any, Any]) -> None:
        """Write what follows from what was earned, called, titled and received."""
        at = {name: ref(self.row, col) for name, col in _AT.items()}
        formulas = {
            "left_to_claim": f"MAX({at['projected']}-MAX({at['called']},{at['titled']}),0)",
            "to_title": f"MAX({at['earned']}-{at['titled']},0)",
            "titled_ahead": f"MAX({at['titled']}-{at['earned']},0)",
            "to_collect": f"MAX({at['titled']}-{at['received']},0)",
            "exposed": f"MAX({at['received']}-{at['earned']}+{at['beyond_pay']},0)",
        }
        for name, formula in formulas.items():
            self.sheet.live(self.row, _AT[name], Live(formula, state[name]), "calc", "euros")

    # --- instalments ---

    def _instalments(self) -> None:
        found = self.tracking.instalments()
        if not len(found):
            return
        self._title(self.book.tr("workbook.conventions.instalments"))
        self._head(_INSTALMENTS)
        first = self.row
        for i in found.to_dict("records"):
            state = self.book.tr(f"tracking.state.{'late' if i['late'] else i['state']}")
            name = i["label"] if i["label"].startswith(i["code"]) else f"{i['code']} {i['label']}".strip()
            days = {name: i[name] for name in ("due", "titled_on", "received_on")}
            self._cells(_INSTALMENTS, i | days | {"label": name, "called_on": i["called"], "state": state})
            self.sheet.fit(self.row, (name, _WIDTHS[1]))
            self.row += 1
        amounts = {name: _INSTALMENTS.index(name) for name in ("amount", "titled", "received")}
        sums = [float(found[name].sum()) for name in amounts]
        self._total(first, list(amounts.values()), sums, len(_INSTALMENTS) - 1)

    # --- year end ---

    def _entries(self) -> None:
        sheet, tr = self.sheet, self.book.tr
        found = self.tracking.year_end(lang=self.book.lang)
        year = found["exercice"].iloc[0] if len(found) else self.facts.plan.report_date.year
        self._title(tr("workbook.conventions.closing", year=year))
        sheet.text(self.row, 0, tr("workbook.conventions.threshold"))
        sheet.entry(self.row, 3, 0, "euros")
        self.book.name(THRESHOLD, ref(self.row, 3, sheet.name))
        rule = {"validate": "decimal", "criteria": ">=", "value": 0, "error_title": tr("form.stop.title")}
        sheet.raw.data_validation(self.row, 3, self.row, 3, rule)
        self.row += 1
        self._head(_ENTRIES)
        for col in range(len(_ENTRIES), _LAST + 1):
            sheet.text(self.row - 1, col, "", "head")
        first = self.row
        for entry in found.to_dict("records"):
            self._entry(entry)
        if not len(found):
            sheet.text(self.row, 0, tr("workbook.conventions.no_entry"), "note")
            self.row += 1
            return
        amounts, kept = (block(first, self.row - 1, c) for c in (3, 4))
        total = float(found.loc[found["retained"], "amount"].sum())
        sheet.text(self.row, 0, tr("workbook.conventions.total_retained"), "total")
        for col in range(1, _LAST + 1):
            sheet.text(self.row, col, "", "total")
        formula = f'SUMIFS({amounts},{kept},"{tr("workbook.yes")}")'
        sheet.live(self.row, 3, Live(formula, round(total, 2)), "total", "euros")

    def _entry(self, entry: dict[Any, Any]) -> None:
        sheet, tr = self.sheet, self.book.tr
        words = {"piece": tr(f"tracking.piece.{entry['piece']}")}
        told = {k: entry[k] for k in ("post", "account", "amount", "reversal_amount")}
        self._cells(_ENTRIES, told | words)
        yes, no = tr("workbook.yes"), tr("workbook.no")
        if entry["piece"] == "a_rendre":  # no entry of this year end
            sheet.text(self.row, 4, no, "state")
        else:
            formula = f'IF(ABS({ref(self.row, 3)})>={THRESHOLD},"{yes}","{no}")'
            sheet.live(self.row, 4, Live(formula, yes if entry["retained"] else no), "state", "general")
        sheet.number(self.row, 5, entry["reversal"], "state", "0")
        look = self.book.format("cell", "@")
        sheet.raw.merge_range(self.row, 7, self.row, _LAST, "", look)
        sheet.raw.write_string(self.row, 7, entry["justification"], look)
        sheet.fit(self.row, (words["piece"], _WIDTHS[1]), (entry["justification"], sum(_WIDTHS[7:])))
        self.row += 1
