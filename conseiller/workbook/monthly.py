"""The sheet *Mensuel*: every column of the registry, month by month and post by post, live."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from conseiller.engine import Model
from conseiller.projection import Projection
from conseiller.rules.registry import REGISTRY, Column, Constant, Member, TableName
from conseiller.rules.registry import Law as LawLookup
from conseiller.rules.totals import PAY_LINES
from conseiller.workbook.book import Book, Live, Sheet, block, ref
from conseiller.workbook.form import FIRST
from conseiller.workbook.formulas import Site
from conseiller.workbook.grants import GrantPlaces
from conseiller.workbook.places import Places

#: Rows above the data: title, note, blank, groups, labels, keys.
_GROUP_ROW, _HEAD_ROW, _KEY_ROW, _FIRST_ROW = 3, 4, 5, 6
_GROUPS = (
    "key",
    "total",
    "line",
    "other",
    "stay",
    "terms",
    "pay",
    "base",
    "exit",
    "grant",
    "cost",
    "funding",
    "fctva",
    "rates",
    "law",
)
#: Groups a reader sees at once; the others are folded under an outline.
_OPEN = {"key", "total", "line", "other"}
_FAMILY_TABLE = {"cost": "autres_couts", "funding": "autres_financements"}


@dataclass
class MonthPlaces:
    """Where *Mensuel* has its columns and its posts."""

    sheet: str
    posts: int
    months: int
    extra: int
    columns: dict[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows of a post: its months and the rows of second contracts."""
        return self.months + self.extra

    def first(self, post: int) -> int:
        """Return the first row of a post."""
        return _FIRST_ROW + post * self.rows

    @property
    def last(self) -> int:
        """Last row of the sheet."""
        return self.first(self.posts) - 1

    def column(self, name: str) -> str:
        """Return the whole range of a column, all posts."""
        return block(_FIRST_ROW, self.last, self.columns[name], self.sheet)

    def span(self, first: str, last: str) -> str:
        """Return the range of contiguous columns, all posts."""
        return block(_FIRST_ROW, self.last, self.columns[first], self.sheet, self.columns[last])

    def post(self, name: str, post: int, *, with_extra: bool = True) -> str:
        """Return the range of a column over a post's rows."""
        first = self.first(post)
        last = first + (self.rows if with_extra else self.months) - 1
        return block(first, last, self.columns[name], self.sheet)


@dataclass(frozen=True)
class ModelLayout:
    """Finds every column of the model in the workbook (see `conseiller.workbook.formulas.Layout`)."""

    inputs: Places
    grants: GrantPlaces
    month: MonthPlaces
    sizes: dict[str, int]

    def range(self, table: TableName, field: str, post: int | None, *, with_extra: bool) -> str:
        """Return the range of a column over a post's rows; over all rows for the grant table or no post."""
        if table == "grant":
            return self.grants.column(field)
        if table == "month":
            assert post is not None
            return self.month.post(field, post, with_extra=with_extra)
        key = "contrats" if table == "contract" else "remuneration"
        if post is None:
            if field == "post":
                first, last = self.inputs.rows[key]
                return block(first, last, FIRST, self.inputs.sheet)
            return self.inputs.column(key, field)
        return self.inputs.post_column(key, post, field)  # type: ignore[arg-type]

    def family(self, family: str, field: str, member: int, post: int) -> str:
        """Return the cell that holds a field of a member of a family, for a post."""
        if family == "contract":
            rank = post * self.inputs.room.contracts + member
            return self.inputs.cell("contrats", rank, field)
        table = _FAMILY_TABLE[family]
        if field == "weight_to":
            return self.inputs.cell(table, member, f"weight_to_{post}")
        if field == "weight_before":
            return self.inputs.cell(table, member, f"weight_to_{post - 1}") if post else "0"
        if field == "weight_total":
            return self.inputs.cell(table, member, f"weight_to_{self.inputs.room.posts - 1}")
        return self.inputs.cell(table, member, field)

    def span(self, family: str, row: int) -> str:
        """Return the range of a family of columns in a month row."""
        size = self.sizes[REGISTRY.get("month", family).family or ""]
        first = self.month.columns[f"{family}#0"]
        return f"{ref(row, first)}:{ref(row, first + size - 1)}".replace("$", "")

    def post_cell(self, post: int) -> str:
        """Return the cell that holds a post's code."""
        return ref(self.inputs.rows["postes"][0] + post, FIRST, self.inputs.sheet)


def shown_columns(sizes: dict[str, int]) -> Iterator[tuple[str, Column]]:
    """Yield the columns of *Mensuel* in order; members of a family each have their own."""
    columns = [c for c in REGISTRY.columns("month") if not isinstance(c.lookup, Constant | Member)]
    rank = {line: k for k, line in enumerate(PAY_LINES)}
    for group in _GROUPS:
        mine = [c for c in columns if _group(c) == group]
        if group == "line":
            mine.sort(key=lambda c: rank.get(c.name, len(rank)))
        for column in mine:
            if column.family is None:
                yield column.name, column
            else:
                for k in range(sizes[column.family]):
                    yield f"{column.name}#{k}", column


def _group(column: Column) -> str:
    if column.name.startswith("earned_"):
        return "grant"
    return column.group


def place_months(plan: Projection, sheet: str, sizes: dict[str, int]) -> MonthPlaces:
    """Lay out *Mensuel*: column A holds the post, then the columns in order."""
    model = plan.model
    places = MonthPlaces(sheet, len(plan.posts), len(plan.months), model.contract.width)
    places.columns = {"post": 0}
    for offset, (name, _) in enumerate(shown_columns(sizes), start=1):
        places.columns[name] = offset
    return places


class MonthSheet:
    """Writes *Mensuel*."""

    def __init__(self, book: Book, plan: Projection, layout: ModelLayout) -> None:
        self.book = book
        self.plan = plan
        self.model: Model = plan.model
        self.layout = layout
        self.places = layout.month
        self.sheet: Sheet = book.sheet("mensuel")

    def write(self) -> None:
        """Write headers, one block of rows per post, page breaks, folding of helper columns."""
        self._headers()
        for name, column in shown_columns(self.layout.sizes):
            self._column(name, column)
        sheet, places = self.sheet, self.places
        for post in range(places.posts):
            first = places.first(post)
            for row in range(first, first + places.rows):
                code = Live(self.layout.post_cell(post), self.plan.posts[post])
                sheet.live(row, 0, code, "calc", "general")
        raw = sheet.raw
        raw.freeze_panes(_FIRST_ROW, 2)
        raw.set_h_pagebreaks([places.first(p) for p in range(1, places.posts)])
        last_open = max(places.columns[n] for n, c in shown_columns(self.layout.sizes) if _group(c) in _OPEN)
        raw.autofilter(_KEY_ROW, 0, places.last, last_open)
        self.book.page(sheet, repeat=(_HEAD_ROW, _KEY_ROW), last_col=last_open, last_row=places.last)
        raw.set_column(0, 1, 9)

    def _headers(self) -> None:
        sheet, tr = self.sheet, self.book.tr
        sheet.text(0, 0, tr("workbook.sheet.mensuel"), "title")
        sheet.text(1, 0, tr("workbook.mensuel.note"), "note")
        sheet.text(_HEAD_ROW, 0, tr("column.post"), "head")
        sheet.text(_KEY_ROW, 0, "post", "key")
        sheet.raw.set_row(_HEAD_ROW, 54)
        previous = ""
        for name, column in shown_columns(self.layout.sizes):
            col = self.places.columns[name]
            group = _group(column)
            if group != previous:
                sheet.text(_GROUP_ROW, col, tr(f"workbook.group.{group}"), "subtitle")
                previous = group
            if column.family in _FAMILY_TABLE:
                self._item_header(name, column, col)
            else:
                sheet.text(_HEAD_ROW, col, self._label(name, column), "head")
            self._key(column, name, col)
            folded = {} if group in _OPEN else {"level": 1}
            sheet.raw.set_column(col, col, 9.5 if group in _OPEN else 11.5, None, folded)

    def _label(self, name: str, column: Column) -> str:
        lines = self.plan.law.lines
        if column.name in lines:
            return lines[column.name].label[self.book.lang]
        label = self.book.tr(f"column.month.{column.name}")
        return f"{label} {int(name.partition('#')[2]) + 1}" if "#" in name else label

    def _item_header(self, name: str, column: Column, col: int) -> None:
        """Name an item's column after its label in *Hypothèses*, live."""
        assert column.family is not None
        table = _FAMILY_TABLE[column.family]
        member = int(name.partition("#")[2])
        form = self.layout.inputs.forms[table]
        row = self.layout.inputs.rows[table][0] + member
        source = self.layout.inputs.source(row, form.column("libelle"), outside=True)
        items = self.plan.dossier.costs if column.family == "cost" else self.plan.dossier.funding
        label = self.book.tr(f"column.month.{column.name}")
        text = items[member].label if member < len(items) else "–"
        formula = f'"{label}"&CHAR(10)&IF({source}="","–",{source})'
        self.sheet.live(_HEAD_ROW, col, Live(formula, f"{label}\n{text}"), "head", "general")

    def _key(self, column: Column, name: str, col: int) -> None:
        if isinstance(column.lookup, LawLookup):
            parameter = column.lookup.parameter
            if "{zone}" in parameter:
                stem = parameter.replace("{zone}", "")
                value = f"{stem}{self.model.inputs.zone}"
                self.sheet.live(_KEY_ROW, col, Live(f'"{stem}"&h_zone', value), "key", "general")
            else:
                self.sheet.text(_KEY_ROW, col, parameter, "key")
        else:
            self.sheet.text(_KEY_ROW, col, name, "key")

    def _column(self, name: str, column: Column) -> None:
        places, sheet = self.places, self.sheet
        col = places.columns[name]
        fmt: str = column.unit
        if name == "month":
            fmt = "month"
        elif column.name == "point":
            fmt = "point"
        elif column.unit == "euros":
            fmt = "amount"
        values = self._values(name, column)
        for post in range(places.posts):
            formula = None if name == "month" else self._template(name, column, post)
            for k in range(places.rows):
                row = places.first(post) + k
                extra = k >= places.months
                if extra and column.only_month and not column.on_extra:
                    continue
                value = float(values[extra][post, k - places.months if extra else k])
                if extra and column.on_extra:
                    rank = post * places.extra + k - places.months
                    text = self.layout.inputs.cell("contrats", rank, column.on_extra)
                elif formula is None:
                    sheet.number(row, col, value, "calc", fmt)
                    continue
                else:
                    text = formula(row)
                sheet.live(row, col, Live(text, value), "calc", fmt)

    def _values(self, name: str, column: Column) -> tuple[np.ndarray, np.ndarray]:
        member = int(name.partition("#")[2] or 0)
        blank = column.family in _FAMILY_TABLE and member >= self.model.family_size(column.family)
        if blank:
            rows = self.places
            return np.zeros((rows.posts, rows.months)), np.zeros((rows.posts, rows.extra))
        return self.model.month.full(name), self.model.extra.full(name)

    def _template(self, name: str, column: Column, post: int) -> Callable[[int], str]:
        """Return the column's formula for any row of a post: written once, the row number filled in."""
        marker = 900_000
        columns = self.places.columns

        def cell(operand: str) -> str:
            return ref(marker - 1, columns[operand]).replace("$", "")

        def key(operand: str) -> str:
            return ref(_KEY_ROW, columns[operand])

        site = Site(self.layout, "month", post, marker - 1, cell, key)
        text = site.of(column, name.partition("#")[2])
        pieces = text.split(str(marker))
        return lambda row: str(row + 1).join(pieces)


def families(plan: Projection, costs: int, funding: int) -> dict[str, int]:
    """Return how many columns each family has in the workbook, spare ones included."""
    return {"contract": plan.model.contract.width, "cost": costs, "funding": funding}
