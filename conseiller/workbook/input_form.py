"""The form of *Hypothèses*: titles, headers, input cells with their checks, and the values given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conseiller.law import to_serial
from conseiller.rules.registry import REGISTRY
from conseiller.workbook import form
from conseiller.workbook.book import Book, Live, Sheet, block, ref
from conseiller.workbook.cells import write_input
from conseiller.workbook.form import FIRST, NAME, SWITCHES, Field, Form, Room
from conseiller.workbook.input_rows import Facts, Row
from conseiller.workbook.places import Places

#: Width of the column of labels [characters].
_LABEL_WIDTH = 46

#: Tables whose rows name a post of the form.
_NAME_A_POST = ("conventions", "versements")


class InputForm:
    """Lays *Hypothèses* out and writes what is typed there."""

    def __init__(self, book: Book, room: Room, facts: Facts) -> None:
        self.book = book
        self.facts = facts
        self.sheet: Sheet = book.sheet("hypotheses")
        self.room = room
        costs = form.item_form("autres_couts", room.posts)
        funding = form.item_form("autres_financements", room.posts)
        widest = max(len(costs.fields), len(funding.fields), len(form.CONVENTIONS.fields))
        self.places = Places(self.sheet.name, room, FIRST + widest + 3)
        self._plan: list[tuple[Form, int]] = [
            (form.RATES, room.rates),
            (form.POSTS, room.posts),
            (form.CONTRACTS, room.posts * room.contracts),
            (form.TERMS, room.posts * room.terms),
            (form.CONVENTIONS, room.conventions),
            (form.INSTALMENTS, room.instalments),
            (costs, room.costs),
            (funding, room.funding),
            (form.ASSUMPTIONS, room.assumptions),
            (form.ACCOUNTS, len(facts.accounts)),
        ]
        self._lay_out()

    def _lay_out(self) -> None:
        row = 5
        self.places.rows["collectivite"] = (row, row + len(form.AUTHORITY.fields) - 1)
        self.places.forms["collectivite"] = form.AUTHORITY
        row += len(form.AUTHORITY.fields) + 3
        for table, count in self._plan:
            self.places.rows[table.key] = (row, row + count - 1)
            self.places.forms[table.key] = table
            row += count + 3
        self.last_row = row
        for key, name in (("remuneration", "term"), ("contrats", "contract")):
            for offset, column in enumerate(REGISTRY.columns(name)):  # type: ignore[arg-type]
                self.places.active[key, column.name] = self.places.first_active + offset

    def write(self, authority: Mapping[str, tuple[Any, str]], tables: Mapping[str, Sequence[Row]]) -> None:
        """Write the form: titles, headers, input cells with their checks, and the values given."""
        sheet, tr = self.sheet, self.book.tr
        sheet.text(0, FIRST, tr("workbook.sheet.hypotheses"), "title")
        sheet.raw.merge_range(1, FIRST, 1, FIRST + 14, tr("form.intro"), self.book.format("remark"))
        sheet.raw.set_row(1, 42)
        self._authority(authority)
        for table, _ in self._plan:
            self._table(table, tables.get(table.key, ()))
        sheet.raw.set_column(0, 0, 2)
        sheet.raw.set_column(FIRST, FIRST, _LABEL_WIDTH)
        sheet.raw.set_column(FIRST + 1, FIRST + 1, 30)
        sheet.raw.set_column(FIRST + 2, FIRST + 2, 34)
        sheet.raw.set_column(FIRST + 3, self.places.first_active - 2, 13.5)
        sheet.raw.freeze_panes(3, FIRST + 1)
        self.book.page(
            sheet, repeat=None, last_col=self.places.first_active - 2, last_row=self.last_row, wide=2
        )

    def _authority(self, values: Mapping[str, tuple[Any, str]]) -> None:
        sheet, tr = self.sheet, self.book.tr
        first, _ = self.places.rows["collectivite"]
        sheet.text(first - 2, FIRST, tr("form.collectivite.title"), "subtitle")
        for k, title in enumerate(("form.field", "form.value", "form.source")):
            sheet.text(first - 1, FIRST + k, tr(title), "head")
        for rank, item in enumerate(form.AUTHORITY.fields):
            row = first + rank
            value, source = values.get(item.key, (None, ""))
            label = tr(f"form.collectivite.{item.key}")
            sheet.text(row, FIRST, label, "label")
            sheet.raw.set_row(row, 15 * -(-len(label) // _LABEL_WIDTH))
            self._input(row, FIRST + 1, form.AUTHORITY, item, value)
            sheet.entry(row, FIRST + 2, source, "general")
        area = block(first, first + len(form.AUTHORITY.fields) - 1, FIRST + 1, sheet.name, FIRST + 2)
        self.book.name(f"{NAME}collectivite", area)

    def _table(self, table: Form, rows: Sequence[Row]) -> None:
        sheet, tr = self.sheet, self.book.tr
        first, last = self.places.rows[table.key]
        sheet.text(first - 2, FIRST, tr(f"form.{table.key}.title"), "subtitle")
        sheet.raw.set_row(first - 1, 42)
        for item in table.fields:
            sheet.text(first - 1, table.column(item.key), self._header(table, item), "head")
        for rank in range(last - first + 1):
            values = rows[rank] if rank < len(rows) else {}
            for item in table.fields:
                if not self._fixed(table, rank, item):
                    self._input(first + rank, table.column(item.key), table, item, values.get(item.key))
        end = table.column(table.fields[-1].key)
        self.book.name(f"{NAME}{table.key}", block(first, last, FIRST, sheet.name, end))

    def _header(self, table: Form, item: Field) -> str:
        if item.key.startswith("part_"):
            return self.book.tr("form.part", post=item.key.removeprefix("part_"))
        return self.book.tr(f"form.{table.key}.{item.key}")

    def _fixed(self, table: Form, rank: int, item: Field) -> bool:
        """Write the cells of the form that are not inputs; say whether this one is."""
        sheet = self.sheet
        row, col = self.places.rows[table.key][0] + rank, table.column(item.key)
        size = {"contrats": self.room.contracts, "remuneration": self.room.terms}.get(table.key)
        if size and item.key == "poste":
            code = ref(self.places.rows["postes"][0] + rank // size, FIRST)
            sheet.live(row, col, Live(f'{code}&""', self._code(rank // size)), "calc", "@")
            return True
        if size and item.key == "numero":
            sheet.number(row, col, rank % size + 1, "calc", "0")
            return True
        if table.key == "comptes" and item.key == "ligne":
            sheet.text(row, col, self.facts.accounts[rank].label, "calc")
            return True
        if table.key == "comptes" and item.key == "titulaire" and not self.facts.accounts[rank].by_status:
            same = ref(row, table.column("contractuel"))
            sheet.live(row, col, Live(f'{same}&""', self.facts.accounts[rank].contractuel), "calc", "@")
            return True
        if table.key == "evolutions" and rank < len(SWITCHES):
            self._switch(row, col, SWITCHES[rank], item)
            return True
        return False

    def _code(self, post: int) -> str:
        codes = self.facts.codes
        return codes[post] if post < len(codes) else ""

    def _switch(self, row: int, col: int, parameter: str, item: Field) -> None:
        if item.key == "parametre":
            self.sheet.text(row, col, parameter, "calc")
        elif item.key == "depuis":
            self.sheet.live(
                row, col, Live("jour_commutateurs", to_serial(self.facts.switch_day)), "calc", "date"
            )
        elif item.key == "valeur":
            value = self.facts.switches.get(parameter, (None, ""))[0]
            name = f"commutateur_{parameter}"
            formula = f'IF(ISNUMBER({name}),{name},"")'
            self.sheet.live(row, col, Live(formula, "" if value is None else value), "calc", "General")
        else:
            source = self.facts.switches.get(parameter, (None, ""))[1]
            self.sheet.live(row, col, Live(f'source_{parameter}&""', source), "calc", "general")

    def _input(self, row: int, col: int, table: Form, item: Field, value: Any) -> None:
        posts = block(*self.places.rows["postes"], FIRST) if table.key in _NAME_A_POST else ""
        write_input(self.sheet, row, col, item, value, self._header(table, item), posts)
