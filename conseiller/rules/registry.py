"""The one list of columns: every operand and every rule of the model, by table.

A *rule* is a function whose argument names are columns of its own table. A
*look-up* fetches an operand: a legal value at a date, a field of the row that
governs a month, or a sum over rows. Engine, workbook and explanations all read
this list; none of them knows a rule or a look-up of its own.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from conseiller.rules.algebra import Symbol, name

TableName = Literal["term", "contract", "grant", "month"]
Unit = Literal["euros", "rate", "share", "date", "month", "number", "index", "days", "flag", "years", "text"]
Comparison = Literal["=", "<", "<=", ">", ">="]

#: Stands for "no date" in every date column: 1 January 2100.
FAR = 73050.0


@dataclass(frozen=True, slots=True)
class Given:
    """An operand of the dossier itself, one value a row (contract, term or grant row)."""


@dataclass(frozen=True, slots=True)
class Constant:
    """An operand that is the same in every row: a field of the authority."""

    field: str


@dataclass(frozen=True, slots=True)
class Law:
    """A legal value in force on the date of column `at`; `{zone}` is the residence zone."""

    parameter: str
    at: str = "month"


@dataclass(frozen=True, slots=True)
class Grid:
    """The index of a grade and step on the 1st of the month; 0 when an index was typed."""


@dataclass(frozen=True, slots=True)
class Rate:
    """An employer's own rate in force on the 1st of the month."""

    field: str


@dataclass(frozen=True, slots=True)
class Pick:
    """Field of row number `number` (from 1) of the post's block of a table; 0 for row 0."""

    table: TableName
    field: str
    number: str


@dataclass(frozen=True, slots=True)
class Select:
    """Minimum, maximum or sum of a field over the rows of the post's block that meet all criteria.

    Criteria compare a field of the block with a column of this row. 0 when no row does.
    """

    how: Literal["min", "max", "sum"]
    table: TableName
    field: str
    criteria: tuple[tuple[str, Comparison, str], ...]


@dataclass(frozen=True, slots=True)
class YearToDate:
    """Sum of a column over this contract's rows of the same exercice, this month included."""

    field: str


@dataclass(frozen=True, slots=True)
class Member:
    """Field of the member of a family this column stands for: contract slot or item."""

    field: str


@dataclass(frozen=True, slots=True)
class FamilySum:
    """Sum over all members of a family of columns in this row."""

    family: str


Lookup = Given | Constant | Law | Grid | Rate | Pick | Select | YearToDate | Member | FamilySum


@dataclass(frozen=True)
class Column:
    """One column of a table: a rule (`function`) or a look-up, with what it measures.

    `family` says of which group each member has its own copy ("contract", "cost", "funding").
    `only_month` columns are zero on the rows of a second contract within a month.
    `on_extra` names the contract column that gives the value on such a row instead.
    `reads` names the columns a rule takes, in the order of its arguments.
    """

    name: str
    table: TableName
    unit: Unit
    group: str
    function: Callable[..., Any] | None = None
    lookup: Lookup | None = None
    family: str | None = None
    only_month: bool = False
    on_extra: str | None = None
    reads: tuple[str, ...] = ()

    @cached_property
    def tree(self) -> Symbol:
        """The rule as an expression tree of its argument names."""
        assert self.function is not None
        tree: Symbol = self.function(*(name(argument) for argument in self.reads))
        return tree

    @property
    def source(self) -> str:
        """Where the rule comes from: the References section of its docstring."""
        text = inspect.getdoc(self.function) or ""
        return " ".join(text.partition("References\n----------\n")[2].split())


class Registry:
    """Columns by table and name, in reading order."""

    def __init__(self) -> None:
        self._columns: dict[tuple[TableName, str], Column] = {}

    def add(self, column: Column) -> None:
        """Add a column; a second one of the same name in a table is a programming error."""
        key = (column.table, column.name)
        if key in self._columns:
            raise ValueError(f"column {column.name!r} of table {column.table!r} is defined twice")
        self._columns[key] = column

    def get(self, table: TableName, name: str) -> Column:
        """Return a column; members of a family are asked for as ``name#member``."""
        return self._columns[table, name.partition("#")[0]]

    def has(self, table: TableName, name: str) -> bool:
        """Say whether a table has such a column."""
        return (table, name) in self._columns

    def columns(self, table: TableName) -> list[Column]:
        """Return the columns of a table in reading order."""
        return [c for (t, _), c in self._columns.items() if t == table]


REGISTRY = Registry()


def lookup(
    table: TableName,
    unit: Unit,
    group: str,
    /,
    family: str | None = None,
    only_month: bool = False,
    on_extra: str | None = None,
    **columns: Lookup,
) -> None:
    """Register look-up columns of one unit and group."""
    for label, how in columns.items():
        REGISTRY.add(
            Column(
                label,
                table,
                unit,
                group,
                lookup=how,
                family=family,
                only_month=only_month,
                on_extra=on_extra,
            )
        )


def rule(
    table: TableName,
    unit: Unit,
    group: str,
    *,
    family: str | None = None,
    only_month: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function as the rule of the column of its name, reading the columns of its arguments."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        REGISTRY.add(
            Column(
                function.__name__,
                table,
                unit,
                group,
                function=function,
                family=family,
                only_month=only_month,
                reads=tuple(inspect.signature(function).parameters),
            )
        )
        return function

    return register
