"""Months of a post between two of its dates: nothing changes there but the month itself.

The months of all posts, laid end to end, are cut wherever a contract or a pay term
begins or ends. What is in force is looked up once a stretch; a month in which
a date falls is a stretch of its own. The second contract of a month is a row of its own,
after all stretches, as in the month table.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conseiller.engine import COMPARE, Array, Inputs, Model
from conseiller.rules.algebra import months_of, serial_of_month
from conseiller.rules.registry import FAR, REGISTRY, Column, Comparison, Grid, Pick, Select, TableName

Indices = NDArray[np.intp]

#: Dates that cut the months, by table: one that opens, one that closes (the first day after).
_OPENING: dict[TableName, str] = {"contract": "start", "term": "start"}
_CLOSING: dict[TableName, str] = {"contract": "until"}
#: How a date may be compared with the month for the comparison to change at the cuts alone.
STEADY = {(">", "month"), ("<=", "month"), ("<", "next_month"), (">=", "next_month")}


def trimmed(inputs: Inputs) -> Inputs:
    """Leave out the slots of contracts, pay terms and grant years that no post fills."""
    given = inputs.given
    empty = {
        "contract": (given["contract"]["start"], FAR),
        "term": (given["term"]["start"], FAR),
        "grant": (given["grant"]["months"], 0.0),
    }
    width = {t: _filled(field, none) for t, (field, none) in empty.items()}
    return replace(
        inputs, given={t: {k: _first(v, width[t]) for k, v in fields.items()} for t, fields in given.items()}
    )


def _filled(field: Array, none: float) -> int:
    """Return how many slots are filled in some post, at least 1."""
    width = int(field.shape[1])
    while width > 1 and (field[:, width - 1] == none).all():
        width -= 1
    return width


def _first(field: Array, width: int) -> Array:
    """Return the first slots of all posts: side by side, which is much quicker to compute with; or one for all."""
    first = field[:, :width]
    return first if first.strides[0] == 0 else np.ascontiguousarray(first)


#: Above any date; whole numbers up to it are exact in single precision.
_ABOVE = np.float32(2**22)


class Stretches:
    """The rows of all posts: `count` stretches in order, then the second contracts of a month.

    Attributes
    ----------
    post, first, length : post, first month and number of months of each row
    number : rows of the post's tables in force, from 1, 0 for none: ``contract_no`` and ``term_no``
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.months = len(model.inputs.months)
        self._cut = np.zeros((model.inputs.posts, self.months + 2), dtype=bool)
        self._cut[:, 0] = True
        self._cut_at("contract", "term")
        since = self._begins()
        post = np.arange(len(self._cut)).repeat(np.count_nonzero(self._cut[:, : self.months], axis=1))
        first = since - self.months * post
        second, number = np.nonzero(model.contract["shared_number"])
        at = np.searchsorted(model.inputs.months, model.contract["shared_month"][second, number])
        self.count = len(since)
        self.post: Indices = np.append(post, second)
        self.first: Indices = np.append(first, at)
        length = np.diff(since, append=model.inputs.posts * self.months)
        self.length: Indices = np.append(length, np.ones_like(second))
        self.number = self._in_force(("contract_no", "term_no"), number + 1)

    def _begins(self) -> Indices:
        """Return where stretches begin, the months of all posts laid end to end."""
        return np.flatnonzero(self._cut[:, : self.months])

    def _cut_at(self, *tables: TableName) -> None:
        """Cut at each date's month, and at the month after unless it is the month's first day."""
        model, width = self.model, self.months
        origin = int(months_of(model.inputs.months[:1])[0])
        rows = (np.arange(model.inputs.posts) * (width + 2))[:, None]
        flat = self._cut.ravel()
        for fields, closing in ((_OPENING, False), (_CLOSING, True)):
            for table in tables:
                if table not in fields:
                    continue
                day = np.maximum(model.frame(table)[fields[table]], model.inputs.months[0])
                month = months_of(day)
                within = day > serial_of_month(month)
                place = np.minimum(month - origin, width) + rows
                flat[place + within] = True
                # The month before a last day that is a month's last is cut off as well.
                flat[np.maximum(place - (~within if closing else 0), rows)] = True

    def _in_force(self, names: Sequence[str], own_number: Indices | None = None) -> dict[str, Indices]:
        """Look up what is in force in each row; `own_number` is that of second contracts."""
        look = _LookUps(self, own_number)
        return {name: look.column(name).astype(np.intp) for name in names}

    def month_by_month(self, chosen: Indices) -> tuple[Indices, Indices, Indices]:
        """Return the number of months of some rows; then month and cell (posts laid end to end) of each of these."""
        length = self.length.take(chosen)
        begins = np.cumsum(length) - length
        month = np.arange(int(length.sum())) + np.repeat(self.first.take(chosen) - begins, length)
        return length, month, month + np.repeat(self.post.take(chosen) * self.months, length)


class _LookUps:
    """Columns of the month rows behind what is in force, one value a row: `Select`, and rules on these."""

    def __init__(self, stretches: Stretches, own_number: Indices | None) -> None:
        self._stretches = stretches
        self._own_number = own_number
        # Serials and numbers are exact in single precision, and half as long to read.
        months = stretches.model.inputs.months.astype(np.float32)
        self._columns: dict[str, Any] = {"month": months.take(stretches.first)}
        self._slots: dict[tuple[TableName, str, int], Any] = {}
        self._holds: dict[tuple[TableName, tuple[str, Comparison, str], int], Any] = {}

    def column(self, name: str) -> Any:
        """Return a column."""
        if name not in self._columns:
            self._columns[name] = self._column(REGISTRY.get("month", name))
        return self._columns[name]

    def _column(self, column: Column) -> Any:
        s = self._stretches
        if column.reads == ("month",):
            return s.model.month[column.name].ravel().astype(np.float32).take(s.first)
        if column.function is not None:
            return column.function(*map(self.column, column.reads))
        how = column.lookup
        assert isinstance(how, Select), column.name
        found: Any = np.zeros(len(s.first), dtype=np.float32)
        for j in range(s.model.frame(how.table).width):
            met = reduce(operator.and_, (self._hold(how.table, criterion, j) for criterion in how.criteria))
            # Dates and numbers are above nought: a product with noughts and ones leaves out what does not count.
            slot = self._slot(how.table, how.field, j)
            match how.how:
                case "sum":
                    found += met * slot
                case "max":
                    np.maximum(found, met * slot, out=found)
                case "min":  # the smallest is the furthest below
                    np.maximum(found, met * (_ABOVE - slot), out=found)
        if how.how == "min":
            np.multiply(found > 0, _ABOVE - found, out=found)
        if column.on_extra == "shared_number" and self._own_number is not None:
            found[self._stretches.count :] = self._own_number
        return found

    def _slot(self, table: TableName, field: str, j: int) -> Any:
        """Return a field of the j-th row of the posts' blocks."""
        key = (table, field, j)
        if key not in self._slots:
            block = self._stretches.model.frame(table)[field]
            if block.strides[0] == 0:  # the same for all posts
                self._slots[key] = np.float32(block[0, j])
            else:
                self._slots[key] = block[:, j].astype(np.float32).take(self._stretches.post)
        return self._slots[key]

    def _hold(self, table: TableName, criterion: tuple[str, Comparison, str], j: int) -> Any:
        key = (table, criterion, j)
        if key not in self._holds:
            field, sign, own = criterion
            self._holds[key] = COMPARE[sign](self._slot(table, field, j), self.column(own))
        return self._holds[key]


class Rows:
    """Some rows of the stretches, and the operands that are in force in them.

    Parameters
    ----------
    stretches : Stretches
    chosen : array of int
        Rows of the stretches.
    month : array of int, optional
        Month of each; needed for ``month`` and ``grid_index`` alone.
    known : mapping, optional
        Rows of other tables in force, beside those of the stretches: numbers from 1.
    """

    def __init__(
        self,
        stretches: Stretches,
        chosen: Indices,
        month: Indices | None = None,
        known: Mapping[str, Indices] | None = None,
    ) -> None:
        self.stretches = stretches
        self.chosen = chosen
        self.month = month
        self._numbers = {**(known or {})}
        self._places: dict[str, tuple[Indices, Indices | None]] = {}

    def __call__(self, name: str) -> Array:
        """Return a field of the contract, term or grant year in force, 0 where there is none; or the month."""
        s = self.stretches
        if name in self._numbers or name in s.number:
            return self._number(name).astype(float)
        column = REGISTRY.get("month", name)
        if name == "month" or column.reads == ("month",):
            of_months: Array = s.model.month[name].take(self._months)
            return of_months
        how = column.lookup
        if isinstance(how, Grid):
            return self._grid_index()
        assert isinstance(how, Pick), name
        block = np.ravel(s.model.frame(how.table)[how.field])
        place, none = self._place(how.number, how.table)
        found: Array = block.take(place, mode="clip")
        if none is not None:
            found[none] = 0.0
        return found

    @property
    def _months(self) -> Indices:
        assert self.month is not None
        return self.month

    def _number(self, name: str) -> Indices:
        """Return the number of the row in force."""
        if name not in self._numbers:
            self._numbers[name] = self.stretches.number[name].take(self.chosen)
        return self._numbers[name]

    def _place(self, number: str, table: TableName) -> tuple[Indices, Indices | None]:
        """Return where the rows of these numbers stand in a table laid flat, and which have none."""
        if number not in self._places:
            s = self.stretches
            numbers = self._number(number)
            place = s.post.take(self.chosen)
            place *= s.model.frame(table).width
            place += numbers
            place -= 1
            self._places[number] = place, None if numbers.all() else np.flatnonzero(numbers == 0)
        return self._places[number]

    def _grid_index(self) -> Array:
        """Return the index of the grid for the terms in force."""
        inputs = self.stretches.model.inputs
        place, none = self._place("term_no", "term")
        code = np.ravel(inputs.given["term"]["grid"]).take(place, mode="clip").astype(np.intp)
        if none is not None:
            code[none] = 0
        out = np.zeros(len(self.chosen))
        for k in np.unique(code[code > 0]):
            mine = code == k
            out[mine] = inputs.law.over(inputs.grid_keys[k - 1], inputs.months[self._months[mine]])
        return out


def unsteady() -> list[Column]:
    """Return the look-ups that may change elsewhere than at the cuts: there must be none."""
    found = []
    for column in REGISTRY.columns("month"):
        if isinstance(column.lookup, Select) and column.lookup.table != "month":
            signs = {(sign, own) for _, sign, own in column.lookup.criteria if own in ("month", "next_month")}
            if not signs <= STEADY:
                found.append(column)
    return found
