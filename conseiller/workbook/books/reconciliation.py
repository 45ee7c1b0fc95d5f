"""The sheet *Rapprochement*: from each file to the sheets, nothing disappears."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from conseiller import style
from conseiller.analysis.tracking.cells import LEFT_OUT
from conseiller.analysis.tracking.reconcile import reconciliation, set_aside_reasons, totals_read
from conseiller.ledger.describe import control_name, counts, reason
from conseiller.ledger.places import Numbers, bordereaux, control_in_words
from conseiller.ledger.reading import Control
from conseiller.messages import has
from conseiller.workbook.book import Book, Live, Sheet, block, ref
from conseiller.workbook.books.facts import BookFacts
from conseiller.workbook.books.ledger import LedgerSheet, gl

if TYPE_CHECKING:
    import pandas as pd

_FIRST_ROW = 3
#: Columns of the files, counted in lines.
_NAME, _FORMAT, _ROWS, _READ, _KEPT, _DOUBLES, _ASIDE, _TRUE = range(8)
_FATES = ("followed", "unattached", "ruled_out", "left_out")
_FATE, _FATES_TRUE = 8, 12
_LAST = _FATES_TRUE
_NAME_WIDTH, _FORMAT_WIDTH, _WIDTH = 34, 28, 14.5
#: Columns of the files read as totals: rows, kept, doubles, set aside, true, then what they come to.
_TOTALS = (2, 3, 4, 5, 6, 7)
_FIGURES = ("voted_cost", "voted_funding", "realised_cost", "realised_funding")
#: Columns of the reasons: the number of the file, for formulas, and what is told, over several columns.
_STEP, _TOLD, _TOLD_TO, _LINES, _AMOUNT, _FILE_NO = 1, 2, 4, 5, 6, _LAST + 1
_TOLD_WIDTH = (_TOLD_TO - _TOLD + 1) * _WIDTH

_Record = Mapping[Hashable, Any]


class ReconciliationSheet:
    """Writes *Rapprochement*."""

    def __init__(self, book: Book, facts: BookFacts, ledger: LedgerSheet) -> None:
        self.book = book
        self.facts = facts
        self.ledger = ledger
        self.sheet: Sheet = book.sheet("rapprochement")
        self.row = _FIRST_ROW
        #: Ranges of true and false, and how many are false: what the sheets hold, what the files state.
        self.results: list[str] = []
        self.false = 0
        self.stated = ""
        self.stated_false = 0

    def write(self) -> None:
        """Write files counted, files summed, files read as totals, why lines are set aside, totals stated."""
        sheet, tr = self.sheet, self.book.tr
        sheet.text(0, 0, tr("workbook.sheet.rapprochement"), "title")
        sheet.text(1, 0, tr("workbook.rapprochement.note"), "note")
        tracking = self.facts.tracking
        files, totals = (t.to_dict("records") for t in (reconciliation(tracking), totals_read(tracking)))
        reasons = set_aside_reasons(tracking)
        #: Numbers of the files: those of *Grand livre*, then those read as totals.
        self.numbers = self.ledger.files | {
            t["file"]: n for n, t in enumerate(totals, start=len(self.ledger.files) + 1)
        }
        # Title, heads and a blank row go with each table.
        self.reasons_first = _FIRST_ROW + 2 * (len(files) + 3) + (len(totals) + 3 if totals else 0) + 2
        self.reasons_last = self.reasons_first + max(len(reasons), 1) - 1
        self._counts(files, reasons)
        self._sums(files)
        if totals:
            self._totals(totals, reasons)
        self._reasons(reasons)
        self._controls()
        self._looks()
        raw = sheet.raw
        raw.set_column(_NAME, _NAME, _NAME_WIDTH)
        raw.set_column(_FORMAT, _FORMAT, _FORMAT_WIDTH)
        raw.set_column(_ROWS, _LAST, _WIDTH)
        raw.set_column(_FILE_NO, _FILE_NO, 9, None, {"level": 1})
        raw.freeze_panes(_FIRST_ROW, 1)
        self.book.page(sheet, repeat=(0, 1), last_col=_LAST, last_row=self.row)

    # --- cells ---

    def _title(self, key: str) -> None:
        self.sheet.text(self.row, 0, self.book.tr(f"workbook.rapprochement.{key}"), "subtitle")
        self.row += 1
        self.sheet.raw.set_row(self.row, 30)

    def _head(self, col: int, key: str, *, number: bool = True) -> None:
        text = self.book.tr(f"workbook.rapprochement.{key}")
        self.sheet.text(self.row, col, text, "headnum" if number else "head")

    def _truth(self, col: int, formula: str, ok: bool) -> None:
        self.sheet.live(self.row, col, Live(formula, ok), "state", "truth")

    def _count(self, col: int, count: int) -> None:
        self.sheet.number(self.row, col, count, "calc", "#,##0")

    def _file(self, name: str) -> None:
        self.sheet.text(self.row, _NAME, name, "cell", "@")
        self.sheet.fit(self.row, (name, _NAME_WIDTH))

    def _format(self, code: str) -> None:
        key = f"books.format.{code}"
        self.sheet.text(self.row, _FORMAT, self.book.tr(key) if has(key, self.book.lang) else "–", "cell")

    def _told(self, text: str) -> None:
        """Write a text over several columns."""
        look = self.book.format("cell", "@")
        self.sheet.raw.merge_range(self.row, _TOLD, self.row, _TOLD_TO, "", look)
        self.sheet.raw.write_string(self.row, _TOLD, text, look)

    def _told_head(self, key: str) -> None:
        self._head(_TOLD, key, number=False)
        for col in range(_TOLD + 1, _TOLD_TO + 1):
            self.sheet.text(self.row, col, "", "head")

    def _aside(self, col: int, file: str, reasons: pd.DataFrame) -> int:
        """Write how many lines of a file were set aside on reading, counted from the reasons below."""
        mine = (reasons["file"] == file) & (reasons["step"] == "reader")
        aside = int(reasons.loc[mine, "lines"].sum())
        lines, numbers, steps = (
            block(self.reasons_first, self.reasons_last, c) for c in (_LINES, _FILE_NO, _STEP)
        )
        word = self.book.tr("workbook.rapprochement.step.reader")
        formula = f'SUMIFS({lines},{numbers},{self.numbers[file]},{steps},"{word}")'
        self.sheet.live(self.row, col, Live(formula, aside), "calc", "#,##0")
        return aside

    # --- files of lines, counted ---

    def _counts(self, files: Sequence[_Record], reasons: pd.DataFrame) -> None:
        self._title("files")
        for col, key in enumerate(("file", "format", "rows", "read", "kept", "doubles", "aside", "true")):
            self._head(col, key, number=col > _FORMAT)
        for k, fate in enumerate(_FATES):
            self._head(_FATE + k, fate)
        self._head(_FATES_TRUE, "true")
        self.row += 1
        first = self.row
        formats = {f.file: f.format for f in self.facts.files}
        for file in files:
            self._counted(file, formats[file["file"]], reasons)
        if files:
            self.results += [block(first, self.row - 1, c, self.sheet.name) for c in (_TRUE, _FATES_TRUE)]
        self.row += 1

    def _counted(self, file: _Record, code: str, reasons: pd.DataFrame) -> None:
        sheet, row, name = self.sheet, self.row, file["file"]
        self._file(name)
        self._format(code)
        read = file["kept"] + file["superseded"] + file["set_aside"]
        for col, count in ((_ROWS, file["rows"]), (_READ, read), (_DOUBLES, file["superseded"])):
            self._count(col, count)
        kept = sum(file[fate] for fate in _FATES)
        mine = f"{gl('file_no')},{self.numbers[name]},{gl('part')},0"
        sheet.live(row, _KEPT, Live(f"COUNTIFS({mine})", kept), "calc", "#,##0")
        aside = self._aside(_ASIDE, name, reasons)
        stated, *parts = (ref(row, c) for c in (_READ, _KEPT, _DOUBLES, _ASIDE))
        ok = read == kept + file["superseded"] + aside
        self._truth(_TRUE, f"{stated}={'+'.join(parts)}", ok)
        self.false += not ok
        for k, fate in enumerate(_FATES):
            names = LEFT_OUT if fate == "left_out" else (fate,)
            formula = "+".join(f'COUNTIFS({mine},{gl("fate")},"{self.ledger.fates[n]}")' for n in names)
            sheet.live(row, _FATE + k, Live(formula, file[fate]), "calc", "#,##0")
        fates = block(row, row, _FATE, None, _FATES_TRUE - 1)
        self._truth(_FATES_TRUE, f"{ref(row, _KEPT)}=SUM({fates})", True)
        self.row += 1

    # --- files of lines, summed ---

    def _sums(self, files: Sequence[_Record]) -> None:
        """Write what the ledger holds of each file, and the same summed from the sheet."""
        self._title("sums")
        self._head(_NAME, "file", number=False)
        self.sheet.text(self.row, _FORMAT, "", "head")
        for col, key in enumerate(("ledger_net", "sheet_net", "true"), start=2):
            self._head(col, key)
        self.row += 1
        first = self.row
        for file in files:
            self._file(file["file"])
            found = sum(file[f"{fate}_total"] for fate in _FATES)
            self.sheet.number(self.row, 2, file["total"], "calc", "euros")
            mine = f"{gl('amount')},{gl('file_no')},{self.numbers[file['file']]},{gl('side')}"
            net = Live(f'SUMIFS({mine},"D")-SUMIFS({mine},"R")', round(found, 2))
            self.sheet.live(self.row, 3, net, "calc", "euros")
            ok = round(file["total"] - found, 2) == 0
            self._truth(4, f"ROUND({ref(self.row, 2)}-{ref(self.row, 3)},2)=0", ok)
            self.false += not ok
            self.row += 1
        if files:
            self.results.append(block(first, self.row - 1, 4, self.sheet.name))
        self.row += 1

    # --- files read as totals ---

    def _totals(self, files: Sequence[_Record], reasons: pd.DataFrame) -> None:
        """Write budgets, comptes and the State's list of posts: no line of theirs is in *Grand livre*."""
        self._title("totals")
        self._head(_NAME, "file", number=False)
        self._head(_FORMAT, "format", number=False)
        rows, kept, doubles, aside, true, figures = _TOTALS
        for col, key in ((rows, "rows"), (kept, "kept_totals"), (doubles, "doubles"), (aside, "aside")):
            self._head(col, key)
        self._head(true, "true")
        for k, key in enumerate(_FIGURES):
            self.sheet.text(self.row, figures + k, self.book.tr(f"tracking.head.{key}"), "headnum")
        self.row += 1
        first = self.row
        for file in files:
            self._file(file["file"])
            self._format(file["format"])
            for col, key in ((rows, "rows"), (kept, "kept"), (doubles, "superseded")):
                self._count(col, file[key])
            self._aside(aside, file["file"], reasons)
            parts = "+".join(ref(self.row, c) for c in (kept, doubles, aside))
            self._truth(true, f"{ref(self.row, rows)}={parts}", file["ties"])
            self.false += not file["ties"]
            for k, key in enumerate(_FIGURES):
                self.sheet.number(self.row, figures + k, file[key], "calc", "euros")
            self.row += 1
        self.results.append(block(first, self.row - 1, true, self.sheet.name))
        self.row += 1

    # --- why lines are set aside ---

    def _reasons(self, reasons: pd.DataFrame) -> None:
        self._title("reasons")
        self._head(_NAME, "file", number=False)
        self._head(_STEP, "step_head", number=False)
        self._told_head("reason")
        self._head(_LINES, "lines")
        self._head(_AMOUNT, "amount")
        self.row += 1
        assert self.row == self.reasons_first, (self.row, self.reasons_first)
        sheet, tr = self.sheet, self.book.tr
        for row in reasons.to_dict("records"):
            sheet.text(self.row, _NAME, row["file"], "cell", "@")
            sheet.text(self.row, _STEP, tr(f"workbook.rapprochement.step.{row['step']}"), "cell")
            why = self._why(row["step"], row["reason"])
            self._told(why)
            sheet.fit(self.row, (row["file"], _NAME_WIDTH), (why, _TOLD_WIDTH))
            self._count(_LINES, row["lines"])
            sheet.number(self.row, _AMOUNT, row["total"], "calc", "euros")
            sheet.number(self.row, _FILE_NO, self.numbers.get(row["file"], 0), "calc", "0")
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
        sources = {f.file: f for f in (*self.facts.files, *self.facts.tracking.sources)}
        controls = [(file, c) for file in sorted(sources) for c in sources[file].controls]
        if not controls:
            return
        attached = self.facts.tracking.attached
        numbers: dict[tuple[str, str], str] = {}
        for lines in (attached.lines, attached.unattached, attached.aside):
            numbers |= bordereaux(lines)
        self._title("stated")
        self._head(_NAME, "file", number=False)
        self._head(1, "total", number=False)
        self._told_head("where")
        for col, key in ((5, "stated_total"), (6, "found"), (7, "gap"), (8, "true")):
            self._head(col, key)
        self.row += 1
        first = self.row
        for file, control in controls:
            self._control(file, control, numbers)
        self.stated = block(first, self.row - 1, 8, self.sheet.name)

    def _control(self, file: str, control: Control, numbers: Numbers) -> None:
        sheet, lang = self.sheet, self.book.lang
        unit, fmt = (1, "#,##0") if counts(control) else (100, "euros")
        name, where = control_name(control, lang), control_in_words(control, file, numbers, lang)
        sheet.text(self.row, _NAME, file, "cell", "@")
        sheet.text(self.row, 1, name, "cell")
        self._told(where)
        sheet.fit(self.row, (file, _NAME_WIDTH), (name, _FORMAT_WIDTH), (where, _TOLD_WIDTH))
        sheet.number(self.row, 5, control.stated / unit, "calc", fmt)
        sheet.number(self.row, 6, control.found / unit, "calc", fmt)
        stated, found, gap = (ref(self.row, c) for c in (5, 6, 7))
        over = Live(f"{found}-{stated}", (control.found - control.stated) / unit)
        sheet.live(self.row, 7, over, "calc", fmt)
        self._truth(8, f"ROUND({gap},2)=0", control.holds)
        self.stated_false += not control.holds
        self.row += 1

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
