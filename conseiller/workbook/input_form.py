"""The form of *Hypothèses*: titles, headers, input cells with their checks, and the values given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conseiller.law import to_serial
from conseiller.rules.registry import REGISTRY
from conseiller.workbook import form
from conseiller.workbook.book import Book, Live, Sheet, block, lines_of, ref
from conseiller.workbook.cells import write_input
from conseiller.workbook.form import FIRST, NAME, SWITCHES, Field, Form, Room
from conseiller.workbook.input_rows import Facts, Row
from conseiller.workbook.places import Places

#: Widths of the first three columns, and of the others [characters].
_LABEL_WIDTH, _VALUE_WIDTH, _TEXT_WIDTH, _WIDTH = 46, 30, 34, 13.5
#: Column that begins the second page in width.
_SECOND = FIRST + 9
#: Columns between the form and what the model reads of it: room for the sources of the widest table.
_BESIDE = 5
#: Width over which a long source is spread [characters].
_SOURCE_WIDTH = 60

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
        self.places = Places(self.sheet.name, room, FIRST + widest + _BESIDE)
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
        sheet.raw.set_column(FIRST + 1, FIRST + 1, _VALUE_WIDTH)
        sheet.raw.set_column(FIRST + 2, FIRST + 2, _TEXT_WIDTH)
        sheet.raw.set_column(FIRST + 3, self._last, _WIDTH)
        sheet.raw.freeze_panes(3, FIRST + 1)
        self.book.page(sheet, repeat=None, last_col=self._last, last_row=self.last_row, second=_SECOND)

    @property
    def _last(self) -> int:
        """Last column printed."""
        return self.places.first_active - 2

    def _authority(self, values: Mapping[str, tuple[Any, str]]) -> None:
        sheet, tr = self.sheet, self.book.tr
        first, _ = self.places.rows["collectivite"]
        sheet.text(first - 2, FIRST, tr("form.collectivite.title"), "subtitle")
        for k, title in enumerate(("form.field", "form.value", "form.source")):
            sheet.text(first - 1, FIRST + k, tr(title), "head")
        to = self._reach(FIRST + 2, [source for _, source in values.values()])
        self._spread_head(first - 1, FIRST + 2, to)
        for rank, item in enumerate(form.AUTHORITY.fields):
            row = first + rank
            value, source = values.get(item.key, (None, ""))
            label = tr(f"form.collectivite.{item.key}")
            sheet.text(row, FIRST, label, "label")
            lines = -(-len(label) // _LABEL_WIDTH)
            self._input(row, FIRST + 1, form.AUTHORITY, item, value)
            sheet.entry(row, FIRST + 2, source, "general", "words")
            texts = [(str(value or ""), _VALUE_WIDTH), (source, self._spread(row, FIRST + 2, to, source))]
            sheet.raw.set_row(row, 15 * max(lines, *(lines_of(text, width) for text, width in texts)))
        area = block(first, first + len(form.AUTHORITY.fields) - 1, FIRST + 1, sheet.name, FIRST + 2)
        self.book.name(f"{NAME}collectivite", area)

    def _table(self, table: Form, rows: Sequence[Row]) -> None:
        sheet, tr = self.sheet, self.book.tr
        first, last = self.places.rows[table.key]
        title = tr(f"form.{table.key}.title")
        sheet.text(first - 2, FIRST, title, "tabletitle")
        sheet.raw.set_row(first - 2, 17 * lines_of(title, _LABEL_WIDTH * 10 / 12))
        sheet.raw.set_row(first - 1, 42)
        for item in table.fields:
            sheet.text(first - 1, table.column(item.key), self._header(table, item), "head")
        end = table.column(table.fields[-1].key)
        to = self._reach(end, [row["source"] for row in rows if isinstance(row.get("source"), str)])
        self._spread_head(first - 1, end, to)
        for rank in range(last - first + 1):
            values = rows[rank] if rank < len(rows) else {}
            for item in table.fields:
                if not self._fixed(table, rank, item):
                    self._input(first + rank, table.column(item.key), table, item, values.get(item.key))
            self._fit(first + rank, table, values, to)
        self.book.name(f"{NAME}{table.key}", block(first, last, FIRST, sheet.name, end))

    def _fit(self, row: int, table: Form, values: Row, to: int) -> None:
        """Give a row the height of its longest text."""
        texts = []
        for item in table.fields:
            text, col = values.get(item.key), table.column(item.key)
            if item.kind == "text" and isinstance(text, str):
                last = item is table.fields[-1]
                texts.append((text, self._spread(row, col, to, text) if last else self._width(col)))
        self.sheet.fit(row, *texts)

    def _reach(self, col: int, texts: Sequence[str]) -> int:
        """Return the last column that the sources of a table go on to, as far as the page at most."""
        end = _SECOND - 1 if col < _SECOND else self._last
        to, width = col, self._width(col)
        while to < end and width < _SOURCE_WIDTH and any(lines_of(text, width) > 1 for text in texts):
            to += 1
            width += self._width(to)
        return to

    def _spread(self, row: int, col: int, to: int, text: str) -> float:
        """Write a source over the cells at its right; return their width.

        Cells of spare rows stay single: rows copied from elsewhere may be pasted there.
        """
        if to > col and text:
            look = self.book.format("words", "general")
            self.sheet.raw.merge_range(row, col, row, to, "", look)
            self.sheet.raw.write_string(row, col, text, look)
        return sum(self._width(c) for c in range(col, to + 1))

    def _spread_head(self, row: int, col: int, to: int) -> None:
        for beside in range(col + 1, to + 1):
            self.sheet.text(row, beside, "", "head")

    @staticmethod
    def _width(col: int) -> float:
        """Return the width of a column of the form [characters]."""
        return {FIRST: _LABEL_WIDTH, FIRST + 1: _VALUE_WIDTH, FIRST + 2: _TEXT_WIDTH}.get(col, _WIDTH)

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
            sheet.live(row, col, Live(f'{same}&""', self.facts.accounts[rank].contractuel), "beside", "@")
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
