"""The sheet *À rattacher*: lines of the books that no rule takes, each with what it may be."""

from __future__ import annotations

from conseiller.analysis.tracking.reconcile import unattached_cents
from conseiller.analysis.tracking.shown import place_in_words, proposals_in_words
from conseiller.workbook.book import Book, Live, Sheet, block, ref
from conseiller.workbook.books.facts import SIDE, BookFacts, euros, serial
from conseiller.workbook.books.ledger import COLUMN, LedgerSheet, records

_TOTAL_ROW, _HEAD_ROW, _FIRST_ROW = 2, 6, 7
_HEADS = (
    "number",
    "date",
    "exercice",
    "account",
    "side",
    "amount",
    "label",
    "proposal",
    "file",
    "place",
)
_AT = {name: col for col, name in enumerate(_HEADS)}
_WIDTHS = (6, 10.5, 9, 10, 6, 15, 38, 54, 22, 36)


class UnattachedSheet:
    """Writes *À rattacher*."""

    def __init__(self, book: Book, facts: BookFacts, ledger: LedgerSheet) -> None:
        self.book = book
        self.facts = facts
        self.ledger = ledger
        self.sheet: Sheet = book.sheet("a_rattacher")
        cents = unattached_cents(facts.tracking)
        self.cents: dict[str, int] = {SIDE[side]: amount for side, amount in cents.items()}

    def write(self) -> None:
        """Write totals, then the lines in the order of the ledger; amounts are read in *Grand livre*."""
        sheet, tr = self.sheet, self.book.tr
        sheet.text(0, 0, tr("workbook.sheet.a_rattacher"), "title")
        sheet.text(1, 0, tr("workbook.a_rattacher.note"), "note")
        own = {"proposal": tr("workbook.a_rattacher.proposal"), "place": tr("workbook.a_rattacher.place")}
        for col, key in enumerate(_HEADS):
            head = own.get(key) or tr(f"workbook.grand_livre.{key}")
            sheet.text(_HEAD_ROW, col, head, "headnum" if key == "amount" else "headcell")
        table = self.facts.tracking.unattached
        said = proposals_in_words(self.facts.tracking, self.book.lang)
        widths = dict(zip(_HEADS, _WIDTHS, strict=True))
        row = _FIRST_ROW - 1
        for row, line in enumerate(records(table), start=_FIRST_ROW):
            source = self.ledger.row_of[line["origin"]]
            sheet.number(row, 0, line["origin"] + 1, "state", "0")
            if line["date"] is not None:
                sheet.number(row, _AT["date"], serial(line["date"]), "state", "date")
            if line["exercice"] is not None:
                sheet.number(row, _AT["exercice"], line["exercice"], "state", "0")
            side = SIDE[line["side"]]
            sheet.text(row, _AT["side"], side, "state")
            amount = ref(source, COLUMN["amount"], self.ledger.sheet.name)
            sheet.live(row, _AT["amount"], euros(amount, int(line["cents"])), "calc", "euros")
            texts = {name: line[name] for name in ("account", "label", "file")}
            texts["place"] = place_in_words(line, self.book.lang)
            texts["proposal"] = said.get(line["origin"], "–")
            for name, words in texts.items():
                sheet.text(row, _AT[name], words, "cell", "@")
            sheet.fit(row, *((words, widths[name]) for name, words in texts.items()))
        self.last = max(row, _FIRST_ROW)
        if not len(table):
            sheet.text(_FIRST_ROW, 0, tr("workbook.a_rattacher.none"), "note")
        self._totals(len(table))
        raw = sheet.raw
        raw.set_row(_HEAD_ROW, 30)
        for name, col in _AT.items():
            raw.set_column(col, col, widths[name])
        raw.freeze_panes(_FIRST_ROW, 0)
        raw.autofilter(_HEAD_ROW, 0, self.last, len(_HEADS) - 1)
        self.book.page(sheet, repeat=(_HEAD_ROW, _HEAD_ROW), last_col=len(_HEADS) - 1, last_row=self.last)

    def total(self, side: str) -> Live:
        """Return the sum of a side."""
        amounts, sides = (block(_FIRST_ROW, self.last, _AT[c], self.sheet.name) for c in ("amount", "side"))
        return euros(f'SUMIFS({amounts},{sides},"{side}")', self.cents[side])

    def _totals(self, count: int) -> None:
        sheet, tr = self.sheet, self.book.tr
        sides = block(_FIRST_ROW, self.last, _AT["side"])
        sheet.text(_TOTAL_ROW, 0, tr("workbook.a_rattacher.count"), "total")
        counted = Live(f'COUNTIF({sides},"D")+COUNTIF({sides},"R")', count)
        sheet.live(_TOTAL_ROW, _AT["amount"], counted, "total", "0")
        for k, side in enumerate(("D", "R"), start=1):
            sheet.text(_TOTAL_ROW + k, 0, tr(f"workbook.side.{side}"), "total")
            sheet.live(_TOTAL_ROW + k, _AT["amount"], self.total(side), "total", "euros")
        for k in range(3):
            for col in range(1, _AT["amount"]):
                sheet.text(_TOTAL_ROW + k, col, "", "total")
