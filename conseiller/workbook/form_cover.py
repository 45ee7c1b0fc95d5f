"""*Lisez-moi* of the blank form: the steps, what each code means, an example of each row to fill."""

from __future__ import annotations

from conseiller.law import load_law
from conseiller.workbook import form
from conseiller.workbook.cover import ReadMe
from conseiller.workbook.form import Field, Form
from conseiller.workbook.input_rows import Facts

_STEPS = ("fill", "check", "report", "again")
#: Fields whose codes are explained, each with its table.
_EXPLAINED: tuple[tuple[Form, str], ...] = (
    (form.CONVENTIONS, "generation"),
    (form.CONTRACTS, "statut"),
    (form.CONTRACTS, "nature"),
    (form.CONTRACTS, "temps"),
    (form.CONVENTIONS, "temps_partiel"),
    (form.AUTHORITY, "plan_comptes"),
    (form.AUTHORITY, "zone_residence"),
    (form.item_form("autres_couts", 0), "periodicite"),
    (form.item_form("autres_financements", 0), "vecteur"),
)
_EXAMPLES = ("taux_employeur", "postes", "contrats", "remuneration", "conventions", "versements")
#: Characters of a line across the sheet, and of one beside its first column.
_LINE, _BESIDE = 165, 110


class FormReadMe(ReadMe):
    """Writes *Lisez-moi* of the form."""

    def write(self, facts: Facts, title: str, sheets: tuple[str, ...], stamp: str) -> None:
        """Write the sheet; the values of next January are inputs named ``commutateur_…``."""
        row = self._head(facts, title, stamp, self.book.tr("form.readme.purpose"))
        row = self._part(row, "steps", [("", self.book.tr(f"form.readme.step.{k}")) for k in _STEPS])
        row = self._part(row, "sheets", [self._link(key) for key in sheets])
        row = self._codes(row)
        row = self._part(
            row,
            "examples",
            [(self.book.tr(f"form.{k}.title"), self.book.tr(f"form.example.{k}")) for k in _EXAMPLES],
        )
        row = self._switches(row, facts)
        row = self._colours(row + 1)
        self._finish(row)

    def _link(self, key: str) -> tuple[str, str]:
        return self.book.tr(f"workbook.sheet.{key}"), self.book.tr(f"form.readme.sheet.{key}")

    def _codes(self, row: int) -> int:
        tr = self.book.tr
        self.sheet.text(row, 0, tr("form.readme.codes"), "subtitle")
        row += 1
        for table, key in _EXPLAINED:
            item = next(f for f in table.fields if f.key == key)
            words = [(code, self._meaning(item, code)) for code in item.choices]
            row = self._pairs(row, [(tr(f"form.{table.key}.{key}"), ""), *words], indent=True)
        return row + 1

    def _meaning(self, item: Field, code: str) -> str:
        generations = load_law().generations
        if item.key == "generation" and code in generations:
            return generations[code].label[self.book.lang]
        return self.book.tr(f"form.code.{item.key}.{code}")

    def _part(self, row: int, title: str, pairs: list[tuple[str, str]]) -> int:
        self.sheet.text(row, 0, self.book.tr(f"form.readme.{title}"), "subtitle")
        return self._pairs(row + 1, pairs) + 1

    def _pairs(self, row: int, pairs: list[tuple[str, str]], indent: bool = False) -> int:
        """Write a word and what it means on each row, or one text across."""
        raw, label = self.sheet.raw, self.book.format("label")
        for word, text in pairs:
            if not word:
                raw.merge_range(row, 0, row, 4, text, label)
                raw.set_row(row, 15 * -(-len(text) // _LINE))
            elif not text:
                self.sheet.text(row, 0, word, "head")
            else:
                self.sheet.text(row, 0, f"   {word}" if indent else word)
                raw.merge_range(row, 1, row, 4, text, label)
                raw.set_row(row, 15 * -(-len(text) // _BESIDE))
            row += 1
        return row
