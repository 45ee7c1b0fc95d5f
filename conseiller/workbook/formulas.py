"""The Excel reading of the registry: one formula per column, references found by a layout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from conseiller.rules.algebra import to_excel
from conseiller.rules.registry import (
    REGISTRY,
    Column,
    Constant,
    FamilySum,
    Grid,
    Member,
    Pick,
    Rate,
    Select,
    TableName,
    YearToDate,
)
from conseiller.rules.registry import Law as LawLookup

_AGGREGATE = {"min": "_xlfn.MINIFS", "max": "_xlfn.MAXIFS", "sum": "SUMIFS"}


class Layout(Protocol):
    """Where the tables of the model stand."""

    def range(self, table: TableName, field: str, post: int | None, *, with_extra: bool) -> str:
        """Return the range of a column over a post's rows; over all rows for the grant table or no post."""
        ...

    def family(self, family: str, field: str, member: int, post: int) -> str:
        """Return the cell that holds a field of a member of a family, for a post."""
        ...

    def span(self, family: str, row: int) -> str:
        """Return the range of a family of columns in a month row."""
        ...

    def post_cell(self, post: int) -> str:
        """Return the cell that holds a post's code."""
        ...


def law_at(key: str, day: str) -> str:
    """Return the formula of the legal value `key` in force on a day (both cell references or text)."""
    return f'SUMIFS(p_valeur,p_cle,{key},p_date,_xlfn.MAXIFS(p_date,p_cle,{key},p_date,"<="&{day}))'


@dataclass(frozen=True)
class Site:
    """A row in which formulas are written.

    `cell` gives the reference of a column of this row; `key` that of the cell
    holding the legal parameter of a column; `member` is the rank within a family.
    """

    layout: Layout
    table: TableName
    post: int
    row: int
    cell: Callable[[str], str]
    key: Callable[[str], str]

    def of(self, column: Column, member: str = "") -> str:
        """Return the formula of a column in this row, without the leading ``=``."""
        if column.function is not None:
            return to_excel(column.tree, lambda name: self.operand(name, column, member))
        match column.lookup:
            case LawLookup(_, at):
                return law_at(self.key(column.name), self.operand(at, column, member))
            case Constant(field):
                return f"h_{field}"
            case Rate(field):
                day = self.cell("month")
                return f'SUMIFS(taux_{field},taux_depuis,_xlfn.MAXIFS(taux_depuis,taux_depuis,"<="&{day}))'
            case Grid():
                return self._grid()
            case Pick(table, field, number):
                return self._pick(table, field, self.cell(number))
            case Select():
                return self._select(column.lookup)
            case YearToDate(field):
                return self._to_date(field)
            case FamilySum(family):
                return f"SUM({self.layout.span(family, self.row)})"
            case _:
                raise TypeError(f"no formula for {column.name!r}")

    def operand(self, name: str, reader: Column, member: str) -> str:
        """Return the reference by which a column reads another."""
        column = REGISTRY.get(self.table, name)
        match column.lookup:
            case Constant(field) if self.table == "month":
                return f"h_{field}"
            case Member(field):
                family = column.family
                assert family is not None
                return self.layout.family(family, field, int(member), self.post)
        if column.family and column.family == reader.family:
            return self.cell(f"{name}#{member}")
        return self.cell(name)

    def _ranges(self, table: TableName, fields: tuple[str, ...]) -> list[str]:
        extra = table == "month" and self.table == "contract"
        post = None if self.table == "grant" else self.post
        return [self.layout.range(table, f, post, with_extra=extra) for f in fields]

    def _pick(self, table: TableName, field: str, number: str) -> str:
        if table == "grant":
            value, numbers, posts = self._ranges("grant", (field, "number", "post"))
            return f"SUMIFS({value},{posts},{self.layout.post_cell(self.post)},{numbers},{number})"
        (value,) = self._ranges(table, (field,))
        return f"IF({number}=0,0,INDEX({value},{number}))"

    def _grid(self) -> str:
        keys = self.layout.range("term", "grid", self.post, with_extra=False)
        number = self.cell("term_no")
        key = f"INDEX({keys},{number})"
        return f"IF({number}=0,0,{law_at(key, self.cell('month'))})"

    def _select(self, how: Select) -> str:
        value, *fields = self._ranges(how.table, (how.field, *(f for f, _, _ in how.criteria)))
        parts = [value]
        if "grant" in (how.table, self.table):
            (posts,) = self._ranges(how.table, ("post",))
            owner = self.cell("post") if self.table == "grant" else self.layout.post_cell(self.post)
            parts += [posts, owner]
        for field, (_, sign, own) in zip(fields, how.criteria, strict=True):
            cell = self.cell(own)
            parts += [field, cell if sign == "=" else f'"{sign}"&{cell}']
        return f"{_AGGREGATE[how.how]}({','.join(parts)})"

    def _to_date(self, field: str) -> str:
        columns = (field, "contract_no", "exercice", "month")
        value, number, exercice, month = (
            self.layout.range("month", f, self.post, with_extra=True) for f in columns
        )
        return (
            f"SUMIFS({value},{number},{self.cell('contract_no')},{exercice},{self.cell('exercice')},"
            f'{month},"<="&{self.cell("month")})'
        )
