"""The sheet *Rapprochement*: from each file to the sheets, nothing disappears."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conseiller import style
from conseiller.analysis.tracking.reconcile import set_aside_reasons
from conseiller.ledger.describe import control_name, counts, reason
from conseiller.messages import has
from conseiller.workbook.book import Book, Live, Sheet, block, ref
from conseiller.workbook.books.facts import BookFacts, euros
from conseiller.workbook.books.ledger import LedgerSheet, gl

if TYPE_CHECKING:
    import pandas as pd

_FIRST_ROW = 3
#: Columns of the files, counted in lines.
_NAME, _FORMAT, _ROWS, _READ, _KEPT, _DOUBLES, _ASIDE, _TRUE = range(8)
_FATES = ("followed", "unattached", "ruled_out", "left_out")
_FATE, _FATES_TRUE = 8, 12
_LAST = _FATES_TRUE
_NAME_WIDTH, _FORMAT_WIDTH = 34, 26
_LEFT_OUT = ("order", "outside_period", "receipt")
#: Columns of the reasons: the number of the file, for formulas, and what is told.
_STEP, _REASON, _LINES, _AMOUNT, _FILE_NO = 1, 2, 5, 6, _LAST + 1


class ReconciliationSheet:
    """Writes *Rapprochement*."""

    def __init__(self, book: Book, facts: BookFacts, ledger: LedgerSheet) -> None:
        self.book = book
        self.facts = facts
        self.ledger = ledger
        self.files = facts.files
        self.sheet: Sheet = book.sheet("rapprochement")
        self.row = _FIRST_ROW
        #: Ranges of true and false, and how many are false: what the sheets hold, what the files state.
        self.results: list[str] = []
        self.false = 0
        self.stated = ""
        self.stated_false = 0

    def write(self) -> None:
        """Write files counted, files summed, why lines are set aside, and totals stated by the files."""
        sheet, tr = self.sheet, self.book.tr
        sheet.text(0, 0, tr("workbook.sheet.rapprochement"), "title")
        sheet.text(1, 0, tr("workbook.rapprochement.note"), "note")
        reasons = set_aside_reasons(self.facts.tracking)
        count = len(self.files)
        # Title, heads, files; then the same for their sums; then the reasons.
        self.reasons_first = _FIRST_ROW + 2 * (count + 3) + 2
        self.reasons_last = self.reasons_first + max(len(reasons), 1) - 1
        self._counts(reasons)
        self._sums()
        self._write_reasons(reasons)
        self._controls()
        self._looks()
        raw = sheet.raw
        raw.set_column(_NAME, _NAME, _NAME_WIDTH)
        raw.set_column(_FORMAT, _FORMAT, _FORMAT_WIDTH)
        raw.set_column(_ROWS, _LAST, 13.5)
        raw.set_column(_FILE_NO, _FILE_NO, 9, None, {"level": 1})
        raw.freeze_panes(_FIRST_ROW, 1)
        self.book.page(sheet, repeat=(0, 1), last_col=_LAST, last_row=self.row)

    def _title(self, key: str) -> None:
        self.sheet.text(self.row, 0, self.book.tr(f"workbook.rapprochement.{key}"), "subtitle")
        self.row += 1
        self.sheet.raw.set_row(self.row, 30)

    def _head(self, col: int, key: str, *, number: bool = True) -> None:
        text = self.book.tr(f"workbook.rapprochement.{key}")
        self.sheet.text(self.row, col, text, "headnum" if number else "head")

    def _truth(self, col: int, formula: str, ok: bool) -> None:
        self.sheet.live(self.row, col, Live(formula, ok), "state", "truth")

    # --- files, counted ---

    def _counts(self, reasons: pd.DataFrame) -> None:
        self._title("files")
        for col, key in enumerate(("file", "format", "rows", "read", "kept", "doubles", "aside", "true")):
            self._head(col, key, number=col > _FORMAT)
        for k, fate in enumerate(_FATES):
            self._head(_FATE + k, fate)
        self._head(_FATES_TRUE, "true")
        self.row += 1
        first = self.row
        for number, file in enumerate(self.files, start=1):
            self._file(number, file.file, reasons)
        if self.files:
            self.results += [block(first, self.row - 1, c, self.sheet.name) for c in (_TRUE, _FATES_TRUE)]
        self.row += 1

    def _file(self, number: int, name: str, reasons: pd.DataFrame) -> None:
        sheet, row, file = self.sheet, self.row, self.files[number - 1]
        sheet.text(row, _NAME, name, "cell", "@")
        sheet.fit(row, (name, _NAME_WIDTH))
        key = f"books.format.{file.format}"
        sheet.text(row, _FORMAT, self.book.tr(key) if has(key, self.book.lang) else "–", "cell")
        stated = file.kept + file.superseded + len(file.aside)
        for col, count in ((_ROWS, file.rows), (_READ, stated), (_DOUBLES, file.superseded)):
            sheet.number(row, col, count, "calc", "#,##0")
        fates = self._fates(name)
        kept = sum(fates.values())
        mine = f"{gl('file_no')},{number},{gl('part')},0"
        sheet.live(row, _KEPT, Live(f"COUNTIFS({mine})", kept), "calc", "#,##0")
        aside = int(reasons.loc[(reasons["file"] == name) & (reasons["step"] == "reader"), "lines"].sum())
        lines, numbers, steps = (
            block(self.reasons_first, self.reasons_last, c) for c in (_LINES, _FILE_NO, _STEP)
        )
        word = self.book.tr("workbook.rapprochement.step.reader")
        sheet.live(
            row, _ASIDE, Live(f'SUMIFS({lines},{numbers},{number},{steps},"{word}")', aside), "calc", "#,##0"
        )
        read, *parts = (ref(row, c) for c in (_READ, _KEPT, _DOUBLES, _ASIDE))
        ok = stated == kept + file.superseded + aside
        self._truth(_TRUE, f"{read}={'+'.join(parts)}", ok)
        for k, fate in enumerate(_FATES):
            names = _LEFT_OUT if fate == "left_out" else (fate,)
            formula = "+".join(f'COUNTIFS({mine},{gl("fate")},"{self.ledger.fates[n]}")' for n in names)
            sheet.live(row, _FATE + k, Live(formula, fates[fate]), "calc", "#,##0")
        self._truth(
            _FATES_TRUE, f"{ref(row, _KEPT)}=SUM({block(row, row, _FATE, None, _FATES_TRUE - 1)})", True
        )
        self.row += 1
        self.false += not ok

    def _fates(self, file: str) -> dict[str, int]:
        """Return how many lines of a file had each fate, a shared line counting once."""
        attached = self.facts.tracking.attached
        out = self.facts.cells.reasons() != ""
        first = (attached.lines["part"] == 0).to_numpy() & (attached.lines["file"] == file).to_numpy()
        return {
            "followed": int((first & ~out).sum()),
            "unattached": int((attached.unattached["file"] == file).sum()),
            "ruled_out": int((attached.aside["file"] == file).sum()),
            "left_out": int((first & out).sum()),
        }

    # --- files, summed ---

    def _sums(self) -> None:
        """Write what the ledger holds of each file, and the same summed from the sheet."""
        self._title("sums")
        for col, key in enumerate(("file", "", "ledger_net", "sheet_net", "true")):
            if key:
                self._head(col, key, number=col > 0)
            else:
                self.sheet.text(self.row, col, "", "head")
        self.row += 1
        first = self.row
        for number, file in enumerate(self.files, start=1):
            sheet, row = self.sheet, self.row
            sheet.text(row, _NAME, file.file, "cell", "@")
            sheet.fit(row, (file.file, _NAME_WIDTH))
            sheet.number(row, 2, file.cents / 100, "calc", "euros")
            mine = f"{gl('amount')},{gl('file_no')},{number},{gl('side')}"
            found = self._net(file.file)
            sheet.live(row, 3, euros(f'SUMIFS({mine},"D")-SUMIFS({mine},"R")', found), "calc", "euros")
            self._truth(4, f"ROUND({ref(row, 2)}-{ref(row, 3)},2)=0", file.cents == found)
            self.false += file.cents != found
            self.row += 1
        if self.files:
            self.results.append(block(first, self.row - 1, 4, self.sheet.name))
        self.row += 1

    def _net(self, file: str) -> int:
        """Return spending less income of the lines of a file, in cents."""
        attached = self.facts.tracking.attached
        tables = [t[t["file"] == file] for t in (attached.lines, attached.unattached, attached.aside)]
        return sum(int((t["cents"].where(t["side"] == "cost", -t["cents"])).sum()) for t in tables)

    # --- why lines are set aside ---

    def _write_reasons(self, reasons: pd.DataFrame) -> None:
        self._title("reasons")
        for col, key in ((_NAME, "file"), (_STEP, "step_head"), (_REASON, "reason")):
            self._head(col, key, number=False)
        for col in range(_REASON + 1, _LINES):
            self.sheet.text(self.row, col, "", "head")
        self._head(_LINES, "lines")
        self._head(_AMOUNT, "amount")
        self.row += 1
        assert self.row == self.reasons_first, (self.row, self.reasons_first)
        sheet, tr = self.sheet, self.book.tr
        for row in reasons.to_dict("records"):
            sheet.text(self.row, _NAME, row["file"], "cell", "@")
            sheet.fit(self.row, (row["file"], _NAME_WIDTH))
            sheet.text(self.row, _STEP, tr(f"workbook.rapprochement.step.{row['step']}"), "cell")
            sheet.text(self.row, _REASON, self._why(row["step"], row["reason"]), "calc", "@")
            sheet.number(self.row, _LINES, row["lines"], "calc", "#,##0")
            sheet.number(self.row, _AMOUNT, row["total"], "calc", "euros")
            sheet.number(self.row, _FILE_NO, self.ledger.files.get(row["file"], 0), "calc", "0")
            self.row += 1
        if not len(reasons):
            sheet.text(self.row, 0, tr("workbook.rapprochement.no_reason"), "note")
            self.row += 1
        self.row += 1

    def _why(self, step: str, code: str) -> str:
        if step == "reader":
            return reason(code, self.book.lang)
        return code if step == "rule" else self.book.tr(f"workbook.reason.{code}")

    # --- what the files state ---

    def _controls(self) -> None:
        controls = [(f.file, c) for f in self.files for c in f.controls]
        if not controls:
            return
        self._title("stated")
        for col, key in ((_NAME, "file"), (1, "total"), (2, "where")):
            self._head(col, key, number=False)
        for col in (3, 4):
            self.sheet.text(self.row, col, "", "head")
        for col, key in ((5, "stated_total"), (6, "found"), (7, "gap"), (8, "true")):
            self._head(col, key)
        self.row += 1
        first = self.row
        sheet = self.sheet
        for file, control in controls:
            unit, fmt = (1, "#,##0") if counts(control) else (100, "euros")
            sheet.text(self.row, _NAME, file, "cell", "@")
            name = control_name(control, self.book.lang)
            sheet.text(self.row, 1, name, "cell")
            sheet.fit(self.row, (file, _NAME_WIDTH), (name, _FORMAT_WIDTH))
            sheet.text(self.row, 2, control.where, "calc", "@")
            sheet.number(self.row, 5, control.stated / unit, "calc", fmt)
            sheet.number(self.row, 6, control.found / unit, "calc", fmt)
            stated, found, gap = (ref(self.row, c) for c in (5, 6, 7))
            over = Live(f"{found}-{stated}", (control.found - control.stated) / unit)
            sheet.live(self.row, 7, over, "calc", fmt)
            self._truth(8, f"ROUND({gap},2)=0", control.holds)
            self.stated_false += not control.holds
            self.row += 1
        self.stated = block(first, self.row - 1, 8, sheet.name)

    def _looks(self) -> None:
        """Colour true and false."""
        good = self.book.raw.add_format({"bg_color": style.GOOD_FILL})
        bad = self.book.raw.add_format({"bg_color": style.BAD_FILL, "bold": True})
        for area in (*self.results, self.stated):
            if area:
                cells = area.rpartition("!")[2].replace("$", "")
                for word, look in (("TRUE", good), ("FALSE", bad)):
                    rule = {"type": "cell", "criteria": "==", "value": word, "format": look}
                    self.sheet.raw.conditional_format(cells, rule)
