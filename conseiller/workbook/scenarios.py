"""The sheet *Scénarios*: the switch, the scenarios as they are stated, and every cell that they change.

The active part of *Hypothèses* reads a changed cell here rather than in the form: the
dossier's own value, or that of the scenario in force. So the whole model follows one cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from conseiller.dossier import schema
from conseiller.law import to_serial
from conseiller.scenario_display import variant_name
from conseiller.workbook import form
from conseiller.workbook.book import Book, Live, Sheet, block, ref
from conseiller.workbook.cells import FORMAT, write_input
from conseiller.workbook.form import FIRST, NAME, Room
from conseiller.workbook.input_rows import Row
from conseiller.workbook.parameters import VALUE_COLUMN, legal_row
from conseiller.workbook.places import Places
from conseiller.workbook.variants import LEGAL, SAME, Variant, Varying
from conseiller.workbook.yearly import YearSheet

#: What stands in a scenario's column where it empties a cell.
EMPTY = "∅"
#: Fields of a scenario printed on one page.
_ONE_PAGE = 13
_SPARE = 10
_SWITCH_ROW, _TABLE_ROW = 3, 6
#: Columns of the table of changed cells: table, row, field, value in force, value of the dossier, scenarios.
_WHERE, _RANK, _FIELD, _ACTIVE, _BASE, _FIRST_VARIANT = range(FIRST, FIRST + 6)


def scenario_rows(dossier: schema.Dossier) -> list[Row]:
    """Return the changes of all scenarios as rows of the form."""
    rows: list[Row] = []
    for scenario in dossier.scenarios:
        for change in scenario.changes:
            row = change.model_dump(by_alias=True, exclude_defaults=True) | {"nom": scenario.name}
            row["source"] = change.source
            if change.parts:
                row["parts"] = " ; ".join(f"{name} = {_number(w)}" for name, w in change.parts.items())
            rows.append(row)
    return rows


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


class ScenarioSheet:
    """Writes *Scénarios*.

    Parameters
    ----------
    book : Book
    rows : sequence of Row
        Changes of the scenarios stated (`scenario_rows`).
    posts : str
        Range of the codes of posts, in *Hypothèses*.
    variants : sequence of Variant
        The dossier under each scenario, those that it does not allow included.
    varying : sequence of Varying
        The cells that differ.
    """

    def __init__(
        self,
        book: Book,
        rows: Sequence[Row],
        posts: str,
        variants: Sequence[Variant] = (),
        varying: Sequence[Varying] = (),
    ) -> None:
        self.book = book
        self.sheet: Sheet = book.sheet("scenarios")
        self.rows = rows
        self.posts = posts
        self.refused = [v for v in variants if v.plan is None]
        self.variants = [v for v in variants if v.plan is not None]
        self.varying = list(varying)
        #: Rows of the names: the dossier, then the scenarios that it allows.
        self.first_name = _TABLE_ROW + 1
        self.form_row = self.first_name + len(self.variants) + 5 + len(self.refused) if variants else 5
        self.changed_row = self.form_row + len(rows) + _SPARE + 5

    # --- the switch --------------------------------------------------------------------------------

    @property
    def names(self) -> str:
        """Range of the names that the switch takes."""
        last = self.first_name + len(self.variants)
        return block(self.first_name, last, FIRST, self.sheet.name)

    def switch(self, places: Places) -> None:
        """Have the active part of *Hypothèses*, and *Paramètres*, read the cells that scenarios change from here."""
        for k, cell in enumerate(self.varying):
            row = self.changed_row + k
            here = ref(row, _ACTIVE, self.sheet.name)
            if cell.table == LEGAL:
                places.switched_law[legal_row(cell.rank)] = here
            else:
                at = places.rows[cell.table][0] + cell.rank, places.forms[cell.table].column(cell.key)
                places.switched[at] = here

    def write(
        self, places: Places | None = None, years: YearSheet | None = None, room: Room | None = None
    ) -> None:
        """Write the sheet; without a model, the scenarios as they are stated only."""
        sheet, tr = self.sheet, self.book.tr
        sheet.text(0, FIRST, tr("workbook.sheet.scenarios"), "title")
        note = tr("workbook.scenarios.note" if self.variants else "workbook.scenarios.form_note")
        sheet.raw.merge_range(1, FIRST, 1, FIRST + 12, note, self.book.format("remark"))
        sheet.raw.set_row(1, 42)
        if places is not None and years is not None and self.variants:
            self._switch()
            self._comparison(years)
        self._refused()
        self._form()
        if places is not None and room is not None and self.variants:
            self._changed(places, room)
        raw = sheet.raw
        raw.set_column(0, 0, 2)
        raw.set_column(FIRST, FIRST, 34)
        raw.set_column(FIRST + 1, FIRST + 1, 18)
        raw.set_column(FIRST + 2, FIRST + 2, 34)
        raw.set_column(FIRST + 3, FIRST + len(form.SCENARIOS.fields) - 1, 14)
        for key, width in (("parts", 40), ("source", 80)):
            col = form.SCENARIOS.column(key)
            raw.set_column(col, col, width)
        raw.freeze_panes(_SWITCH_ROW + 1 if self.variants else 2, FIRST + 1)
        last = self.changed_row + len(self.varying) if self.variants else self.changed_row
        # What few scenarios say is printed beside, on pages of its own, where some scenario says it.
        beside = [item.key for item in form.SCENARIOS.fields[_ONE_PAGE:]]
        if any(row.get(key) is not None for row in self.rows for key in beside):
            last_col, second = FIRST + len(form.SCENARIOS.fields) - 1, FIRST + _ONE_PAGE
        else:
            last_col, second = FIRST + _ONE_PAGE - 1, 0
        self.book.page(sheet, repeat=None, last_col=last_col, last_row=last, second=second)

    def _switch(self) -> None:
        sheet, tr = self.sheet, self.book.tr
        base = variant_name("", self.book.lang)
        sheet.text(_SWITCH_ROW, FIRST, tr("workbook.scenarios.switch"), "subtitle")
        sheet.entry(_SWITCH_ROW, FIRST + 1, base, "general")
        sheet.raw.data_validation(
            _SWITCH_ROW,
            FIRST + 1,
            _SWITCH_ROW,
            FIRST + 1,
            {
                "validate": "list",
                "source": f"={self.names}",
                "input_title": tr("workbook.scenarios.switch")[:32],
                "input_message": tr("workbook.scenarios.prompt")[:255],
                "error_title": tr("form.stop.title"),
                "error_message": tr("workbook.scenarios.stop")[:255],
            },
        )
        cell = ref(_SWITCH_ROW, FIRST + 1, sheet.name)
        self.book.name("scenario_actif", cell)
        # Not MATCH: it would take a name with a question mark for a pattern.
        formula = f'SUMPRODUCT(({self.names}=scenario_actif&"")*(ROW({self.names})-{self.first_name + 1}))'
        sheet.live(
            _SWITCH_ROW, FIRST + 2, Live(formula, 0.0), "calc", ";;;"
        )  # read by formulas, not by people
        self.book.name("h_scenario", ref(_SWITCH_ROW, FIRST + 2, sheet.name))

    def _comparison(self, years: YearSheet) -> None:
        """Write the reste à charge of each scenario when the file was made, and the one in force, live."""
        sheet, tr = self.sheet, self.book.tr
        row = _TABLE_ROW
        sheet.raw.set_row(row, 30)
        sheet.text(row, FIRST, tr("workbook.scenarios.net"), "head")
        sheet.text(row, FIRST + 1, tr("workbook.total"), "headnum")
        for k, year in enumerate(years.years):
            sheet.number(row, FIRST + 2 + k, year, "headnum", "0")
        nets = [years.values["net_cost"][:-1]]
        nets += [_nets(v) for v in self.variants]
        names = [variant_name("", self.book.lang), *(v.name for v in self.variants)]
        for name, net in zip(names, nets, strict=True):
            row += 1
            sheet.text(row, FIRST, name, "text")
            for col, amount in enumerate((round(sum(net), 2), *net), start=FIRST + 1):
                sheet.number(row, col, amount, "calc", "euros")
        row += 1
        text = tr("workbook.scenarios.in_force")
        shown = Live(f'"{text} "&scenario_actif', f"{text} {names[0]}")
        sheet.live(row, FIRST, shown, "total", "general")
        total = years.at["net_cost"]
        for k, col in enumerate((years.total_col, *range(5, 5 + len(years.years)))):
            value = years.values["net_cost"][-1 if k == 0 else k - 1]
            sheet.live(row, FIRST + 1 + k, Live(ref(total, col, years.sheet.name), value), "total", "euros")

    def _refused(self) -> None:
        """Say which scenarios the dossier does not allow, and why."""
        row = self.first_name + len(self.variants) + 2
        for v in self.refused:
            assert v.faults is not None
            reason = " ".join(f.message for f in v.faults.faults)
            text = self.book.tr("scenarios.compare.refused", name=v.name, reason=reason)
            self.sheet.text(row, FIRST, text, "note")
            row += 1

    # --- the scenarios as stated ---------------------------------------------------------------------

    def _form(self) -> None:
        sheet, tr, row = self.sheet, self.book.tr, self.form_row
        sheet.text(row - 2, FIRST, tr("form.scenarios.title"), "subtitle")
        sheet.raw.set_row(row - 1, 42)
        heads = [tr(f"form.scenarios.{item.key}") for item in form.SCENARIOS.fields]
        for col, head in enumerate(heads, start=FIRST):
            sheet.text(row - 1, col, head, "head")
        last = row + len(self.rows) + _SPARE - 1
        for rank in range(last - row + 1):
            held = self.rows[rank] if rank < len(self.rows) else {}
            for col, (item, head) in enumerate(zip(form.SCENARIOS.fields, heads, strict=True), start=FIRST):
                write_input(sheet, row + rank, col, item, held.get(item.key), head, self.posts)
        end = FIRST + len(form.SCENARIOS.fields) - 1
        self.book.name(f"{NAME}scenarios", block(row, last, FIRST, sheet.name, end))

    # --- the cells that differ --------------------------------------------------------------------------

    def _changed(self, places: Places, room: Room) -> None:
        sheet, tr, row = self.sheet, self.book.tr, self.changed_row
        sheet.text(row - 3, FIRST, tr("workbook.scenarios.changed"), "subtitle")
        sheet.text(row - 2, FIRST, tr("workbook.scenarios.changed_note", empty=EMPTY), "note")
        sheet.raw.set_row(row - 1, 42)
        heads = [tr(f"workbook.scenarios.{k}") for k in ("table", "row", "field", "active", "base")]
        for col, head in enumerate([*heads, *(v.name for v in self.variants)], start=FIRST):
            sheet.text(row - 1, col, head, "head")
        for k, cell in enumerate(self.varying):
            self._cell(row + k, cell, places, room)

    def _cell(self, row: int, cell: Varying, places: Places, room: Room) -> None:
        sheet, tr = self.sheet, self.book.tr
        if cell.table == LEGAL:
            where, label, rank = tr("workbook.sheet.parametres"), cell.key, str(cell.rank + 1)
            source = ref(legal_row(cell.rank), VALUE_COLUMN, self.book.sheet("parametres").name)
            fmt = "General"
        else:
            declared = places.forms[cell.table]
            where, rank = tr(f"form.{cell.table}.title").partition(" (")[0], self._rank(cell, room)
            stem, _, number = cell.key.partition("_")
            label = tr("form.part", post=number) if stem == "part" else tr(f"form.{cell.table}.{cell.key}")
            source = ref(places.rows[cell.table][0] + cell.rank, declared.column(cell.key), places.sheet)
            fmt = FORMAT[next(f.kind for f in declared.fields if f.key == cell.key)]
        for col, text in ((_WHERE, where), (_RANK, rank), (_FIELD, label)):
            sheet.text(row, col, text, "text")
        base = f'IF({source}="","",{source})'
        value = self._plain(cell.base)
        sheet.live(row, _BASE, Live(base, "" if value is None else value), "calc", fmt)
        for k, held in enumerate(cell.values):
            self._held(row, _FIRST_VARIANT + k, held, fmt)
        own, last = ref(row, _BASE), _FIRST_VARIANT + len(cell.values) - 1
        chosen = f"INDEX({block(row, row, _FIRST_VARIANT, None, last)},1,h_scenario)"
        formula = f'IF(h_scenario=0,{own},IF({chosen}="",{own},IF({chosen}="{EMPTY}","",{chosen})))'
        sheet.live(row, _ACTIVE, Live(formula, "" if value is None else value), "calc", fmt)

    def _rank(self, cell: Varying, room: Room) -> str:
        size = {"contrats": room.contracts, "remuneration": room.terms}.get(cell.table)
        if size is None:
            return str(cell.rank + 1)
        post, slot = divmod(cell.rank, size)
        return self.book.tr("workbook.scenarios.slot", post=self._codes[post], number=slot + 1)

    @property
    def _codes(self) -> Sequence[str]:
        plan = self.variants[0].plan
        assert plan is not None
        return plan.posts

    def _held(self, row: int, col: int, value: Any, fmt: str) -> None:
        sheet = self.sheet
        if value is SAME:
            return
        plain = self._plain(value)
        if plain is None:
            sheet.text(row, col, EMPTY, "cell")
        elif isinstance(plain, str):
            sheet.text(row, col, plain, "calc", fmt)
        else:
            sheet.number(row, col, plain, "calc", fmt)

    def _plain(self, value: Any) -> float | str | None:
        """Return a value as a cell holds it: yes and no in words, dates as serial numbers."""
        if value is None or value == "":
            return None
        if isinstance(value, bool):
            return self.book.tr("workbook.yes" if value else "workbook.no")
        if isinstance(value, date):
            return to_serial(value)
        return float(value) if isinstance(value, int | float) else str(value)


def _nets(variant: Variant) -> list[float]:
    """Return the reste à charge of a variant by exercice, section de fonctionnement [euros]."""
    plan = variant.plan
    assert plan is not None
    return [
        sum(plan.cents(["reste_fonctionnement"], date(y, 1, 1), date(y, 12, 31))) / 100
        for y in plan.exercices
    ]
