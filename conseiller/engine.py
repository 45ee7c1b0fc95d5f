"""Runs the rules over posts × months: the numeric reading of the registry.

`compile_case` turns a dossier into arrays; a `Model` computes any column on
demand and keeps it. Rules see whole arrays. Month rows and the rows of a second
contract within a month are two frames of the same table.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

import conseiller.rules.totals  # noqa: F401  (importing the rooms fills the registry)
from conseiller.dossier import schema
from conseiller.dossier.schedule import tranches_of
from conseiller.law import Law, grid_parameter, to_serial
from conseiller.rules.algebra import months_of, serial_of_month
from conseiller.rules.registry import (
    FAR,
    REGISTRY,
    Column,
    Constant,
    FamilySum,
    Given,
    Grid,
    Lookup,
    Member,
    Pick,
    Rate,
    Select,
    TableName,
    YearToDate,
)
from conseiller.rules.registry import Law as LawLookup

Array = NDArray[np.float64]

#: Stands for all members of a family at once, which then come first: members × posts × rows.
ALL = "all"
#: Grant years a financing may have.
YEARS = 4
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
COMBINE: dict[str, tuple[np.ufunc, float]] = {
    "min": (np.minimum, np.inf),
    "max": (np.maximum, -np.inf),
    "sum": (np.add, 0.0),
}


@dataclass(frozen=True)
class GrantYear:
    """Which post, convention and rank a row of the grant table stands for (rank from 1)."""

    post: int
    financing: int
    code: str
    rank: int

    @property
    def label(self) -> str:
        """Name of the grant year in tables: convention code and rank."""
        return f"{self.code}-{self.rank}"


@dataclass(frozen=True)
class Inputs:
    """A case as arrays: what the rules take from the dossier and from the law.

    `given` maps a table to its fields, each of shape (posts, rows); `members` maps
    a family of items to fields of shape (items,) or (items, posts).
    """

    months: Array
    given: Mapping[str, Mapping[str, Array]]
    members: Mapping[str, Mapping[str, Array]]
    constants: Mapping[str, float]
    rates: Mapping[str, Array]
    rate_starts: Array
    zone: int
    grid_keys: tuple[str, ...]
    law: Law

    @property
    def posts(self) -> int:
        """Number of posts."""
        return int(self.given["contract"]["start"].shape[0])


def code_of(kind: Any, value: str) -> float:
    """Return the number by which the rules know one of a list of words, from 1."""
    return float(get_args(kind).index(value) + 1)


def _after(day: date | None) -> float:
    """Return the serial of the day after the last day, FAR when open."""
    return FAR if day is None else to_serial(day) + 1.0


def _grid(rows: Sequence[Sequence[float]], width: int, filler: float) -> Array:
    out = np.full((len(rows), width), filler)
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out


def contract_slots(dossier: schema.Dossier) -> int:
    """Return how many contracts a post has room for, spare ones included."""
    return max(4, 1 + max(len(p.contracts) for p in dossier.posts))


def term_slots(dossier: schema.Dossier) -> int:
    """Return how many pay terms a post has room for, spare ones included."""
    return max(8, 2 + max(sum(len(c.terms) for c in p.contracts) for p in dossier.posts))


def _contracts(dossier: schema.Dossier, least: int) -> dict[str, Array]:
    width = max(contract_slots(dossier), least)
    read: dict[str, tuple[Callable[[schema.Contract], float], float]] = {
        "start": (lambda c: to_serial(c.start), FAR),
        "until": (lambda c: _after(c.end), FAR),
        "status": (lambda c: code_of(schema.Status, c.status), 1.0),
        "nature": (lambda c: code_of(schema.Nature, c.nature), 1.0),
        "time": (lambda c: code_of(schema.WorkingTime, c.working_time), 1.0),
        "hours": (lambda c: c.hours or 0.0, 0.0),
        "share": (lambda c: c.share or 0.0, 0.0),
        "leave_days": (lambda c: c.leave_days, 0.0),
        "are_days": (lambda c: float(c.are_days), 0.0),
        "broken": (lambda c: float(c.broken), 0.0),
        "break_pay": (lambda c: c.break_pay, 0.0),
    }
    given = {
        key: _grid([[f(c) for c in p.contracts] for p in dossier.posts], width, filler)
        for key, (f, filler) in read.items()
    }
    given["number"] = np.broadcast_to(np.arange(1.0, width + 1), given["start"].shape)
    return given


def _terms(dossier: schema.Dossier, least: int) -> tuple[dict[str, Array], tuple[str, ...]]:
    width = max(term_slots(dossier), least)
    keys: list[str] = []

    def grid_code(term: schema.PayTerm) -> float:
        if term.index is not None or term.grade is None or term.step is None:
            return 0.0
        key = grid_parameter(term.grade, term.step)
        if key not in keys:
            keys.append(key)
        return float(keys.index(key) + 1)

    rows = [[(i, t) for i, c in enumerate(p.contracts, start=1) for t in c.terms] for p in dossier.posts]
    read: dict[str, tuple[Callable[[int, schema.PayTerm], float], float]] = {
        "contract": (lambda i, t: float(i), 0.0),
        "start": (lambda i, t: to_serial(t.start), FAR),
        "index": (lambda i, t: float(t.index or 0), 0.0),
        "grid": (lambda i, t: grid_code(t), 0.0),
        "bonus": (lambda i, t: t.bonus, 0.0),
        "cia": (lambda i, t: t.cia, 0.0),
        "children": (lambda i, t: float(t.children), 0.0),
        "psc": (lambda i, t: t.psc, 0.0),
    }
    given = {
        key: _grid([[f(i, t) for i, t in row] for row in rows], width, filler)
        for key, (f, filler) in read.items()
    }
    given["number"] = np.broadcast_to(np.arange(1.0, width + 1), given["start"].shape)
    return given, tuple(keys)


def _grants(dossier: schema.Dossier, law: Law) -> dict[str, Array]:
    width = YEARS * max(1, *(len(p.conventions) for p in dossier.posts))
    fields = ("financing_start", "stop", "part_time", "months", "offset", "amount")
    rows: dict[str, list[list[float]]] = {f: [] for f in fields}
    for post in dossier.posts:
        row: dict[str, list[float]] = {f: [] for f in fields}
        for convention in post.conventions:
            tranches = tranches_of(convention, law)
            offset = 0
            for rank in range(YEARS):
                months, amount = tranches[rank] if rank < len(tranches) else (0, 0.0)
                row["financing_start"].append(to_serial(convention.financing_start))
                row["stop"].append(_after(convention.end))
                row["part_time"].append(code_of(schema.PartTimeRule, convention.part_time))
                row["months"].append(float(months))
                row["offset"].append(float(offset))
                row["amount"].append(amount)
                offset += months
        for f in fields:
            rows[f].append(row[f])
    far = {"financing_start", "stop"}
    given = {f: _grid(rows[f], width, FAR if f in far else 0.0) for f in fields}
    given["number"] = np.broadcast_to(np.arange(1.0, width + 1), given["amount"].shape)
    return given


def grant_years(dossier: schema.Dossier) -> list[list[GrantYear]]:
    """Return, by post, what each row of the grant table stands for."""
    return [
        [
            GrantYear(p, f, convention.code, rank)
            for f, convention in enumerate(post.conventions)
            for rank in range(1, YEARS + 1)
        ]
        for p, post in enumerate(dossier.posts)
    ]


def _items(items: Sequence[schema.Item], posts: Sequence[schema.Post]) -> dict[str, Array]:
    weights = np.array([[i.shares.get(p.code, 0.0) for p in posts] for i in items]).reshape(
        len(items), len(posts)
    )
    cumulative = np.cumsum(weights, axis=1)
    total = cumulative[:, -1] if len(items) else np.zeros(0)
    read: dict[str, Callable[[schema.Item], float]] = {
        "amount": lambda i: i.amount,
        "frequency": lambda i: code_of(schema.Frequency, i.frequency),
        "since": lambda i: to_serial(i.start),
        "to": lambda i: _after(i.end),
        "only_occupied": lambda i: float(i.only_occupied),
        "fctva": lambda i: float(i.fctva),
        "section": lambda i: code_of(schema.Section, i.section),
    }
    fields = {key: np.array([f(i) for i in items]) for key, f in read.items()}
    fields["weight_to"] = cumulative
    fields["weight_before"] = cumulative - weights
    fields["weight_total"] = total
    return fields


def horizon(dossier: schema.Dossier) -> Array:
    """Return the first days of all months shown, whole exercices."""
    first = (dossier.period.first - 1970) * 12
    last = (dossier.period.last - 1970) * 12 + 12
    return serial_of_month(np.arange(first, last))


def compile_case(dossier: schema.Dossier, law: Law, least: tuple[int, int] = (0, 0)) -> Inputs:
    """Turn a dossier into arrays.

    Parameters
    ----------
    dossier : Dossier
        A checked case.
    law : Law
        The legal tables, the dossier's assumptions already laid over them.
    least : (int, int)
        Contracts and pay terms that each post has room for at least: scenarios may need more than the case.
    """
    months = horizon(dossier)
    terms, grid_keys = _terms(dossier, least[1])
    a = dossier.authority
    rates = sorted(dossier.rates, key=lambda r: r.start)
    names = ("at_mp", "cdg", "versement_mobilite", "chomage", "dialogue_social")
    return Inputs(
        months=months,
        given={
            "contract": _contracts(dossier, least[0]),
            "term": terms,
            "grant": _grants(dossier, law),
        },
        members={
            "cost": _items(dossier.costs, dossier.posts),
            "funding": _items(dossier.funding, dossier.posts),
        },
        constants={
            "headcount": float(a.headcount),
            "cia_month": float(a.cia_month),
            "psc_in_base": float(a.psc_in_base),
            "fctva_lag": -1.0 if a.fctva_lag is None else float(a.fctva_lag),
            "self_insured": float(a.self_insured),
            "horizon_first": float(months[0]),
            "horizon_end": float(serial_of_month(months_of(months[-1]) + 1)),
        },
        rates={n: np.array([getattr(r, n) for r in rates]) for n in names},
        rate_starts=np.array([to_serial(r.start) for r in rates]),
        zone=a.residence_zone,
        grid_keys=grid_keys,
        law=law,
    )


@cache
def _resolve(table: TableName, name: str) -> tuple[Column, tuple[str, ...]]:
    """Return the column behind a name and what its rule reads, members of its own family by number."""
    column = REGISTRY.get(table, name)
    if not column.family:
        return column, column.reads
    member = name.partition("#")[2]
    own = (REGISTRY.get(table, read).family == column.family for read in column.reads)
    return column, tuple(f"{r}#{member}" if o else r for r, o in zip(column.reads, own, strict=True))


class Frame:
    """One table of the model: computes a column when asked, once."""

    def __init__(self, model: Model, table: TableName, kind: Literal["rows", "extra"] = "rows") -> None:
        self.model = model
        self.table = table
        self.extra = kind == "extra"
        self._kept: dict[str, Any] = {}
        #: Where a criterion of a `Select` holds: several of them ask the same.
        self._holds: dict[tuple[Frame, tuple[str, str, str], int | None, int | None], Any] = {}

    def __getitem__(self, name: str) -> Any:
        """Return a column, broadcastable to (posts, rows); family members as ``name#k`` from 0."""
        value = self._kept.get(name)
        if value is None:
            value = self._kept[name] = self._compute(name)
        return value

    def keep(self, **columns: Any) -> None:
        """Take over columns computed elsewhere."""
        self._kept |= columns

    def full(self, name: str) -> Array:
        """Return a column spread to (posts, rows)."""
        spread: Array = np.broadcast_to(self[name], (self.model.inputs.posts, self.width)).astype(float)
        return spread

    @cached_property
    def width(self) -> int:
        """Number of rows of a post in this table."""
        inputs = self.model.inputs
        if self.table == "month" and not self.extra:
            return len(inputs.months)
        return int(inputs.given["contract" if self.table == "month" else self.table]["number"].shape[1])

    @cached_property
    def filled(self) -> list[int]:
        """Rows that some post fills: a slot of contracts or pay terms left empty by all is not among them."""
        if self.table not in ("contract", "term"):
            return list(range(self.width))
        start = self.model.inputs.given[self.table]["start"]
        return [j for j in range(self.width) if (start[:, j] < FAR).any()]

    def _compute(self, name: str) -> Any:
        if "@" in name:
            return self._places(*name.split("@"))
        column, reads = _resolve(self.table, name)
        label, _, member = name.partition("#")
        if member.isdigit() and column.family in self.model.inputs.members and not self.extra:
            return self[f"{label}#{ALL}"][int(member)]
        if self.extra and column.on_extra:
            return self.model.contract[column.on_extra]
        if self.extra and column.only_month:
            return np.zeros((1, 1))
        if column.function is not None:
            return column.function(*[self[read] for read in reads])
        assert column.lookup is not None
        return self._look_up(column, column.lookup, member)

    def _look_up(self, column: Column, how: Lookup, member: str) -> Any:
        inputs = self.model.inputs
        match how:
            case Pick(table, field, number):
                return self._pick(table, field, number)
            case LawLookup(parameter, at):
                return inputs.law.over(parameter.format(zone=inputs.zone), np.asarray(self[at]))
            case Given():
                if self.table == "month":
                    return inputs.months[None, :]
                return inputs.given[self.table][column.name]
            case Constant(field):
                return np.float64(inputs.constants[field])
            case Rate(field):
                rank = np.searchsorted(inputs.rate_starts, self["month"], side="right") - 1
                return np.where(rank < 0, 0.0, inputs.rates[field][np.maximum(rank, 0)])
            case Grid():
                return self._grid_index()
            case Select():
                return self._select(how)
            case YearToDate(field):
                return self.model.year_to_date(field)[int(self.extra)]
            case Member(field):
                return self._member(column, field, member)
            case FamilySum(family):
                total: Any = np.zeros((1, 1))
                group = REGISTRY.get(self.table, family).family
                if group == "contract":
                    for k in self.model.contract.filled:
                        total = total + self[f"{family}#{k}"]
                elif self.model.family_size(group):
                    total = total + self[f"{family}#{ALL}"].sum(axis=0)
                return np.round(total, 2) + 0.0

    def _member(self, column: Column, field: str, member: str) -> Any:
        if column.family == "contract":
            k = int(member)
            return self.model.contract[field][:, k : k + 1]
        assert column.family is not None
        value = self.model.inputs.members[column.family][field]
        return value[:, :, None] if value.ndim == 2 else value[:, None, None]

    def _pick(self, table: TableName, field: str, number: str) -> Array:
        block = self.model.frame(table)[field]
        padded = np.zeros((block.shape[0], block.shape[1] + 1))
        padded[:, 1:] = block
        picked: Array = padded.take(self[f"{number}@{table}"])
        return picked

    def _places(self, number: str, table: str) -> NDArray[np.intp]:
        """Return where the rows of these numbers stand in a table laid flat, with a row 0 of zeros."""
        width = int(self.model.inputs.given[table]["number"].shape[1]) + 1
        places: NDArray[np.intp] = np.asarray(self[number]).astype(np.intp)
        return places + (np.arange(self.model.inputs.posts) * width)[:, None]

    def _grid_index(self) -> Any:
        inputs = self.model.inputs
        if not inputs.grid_keys:
            return np.zeros((1, 1))
        code = self._pick("term", "grid", "term_no").astype(np.intp)
        month = np.broadcast_to(self["month"], code.shape)
        out = np.zeros(code.shape)
        for k, key in enumerate(inputs.grid_keys, start=1):
            mine = code == k
            if mine.any():
                out[mine] = inputs.law.over(key, month[mine])
        return out

    def _select(self, how: Select) -> Array:
        """Scan the block's rows for all rows of the post at once, or the other way round: the shorter one."""
        combine, empty = COMBINE[how.how]
        found = np.full((self.model.inputs.posts, self.width), empty)
        for block in self.model.frames if how.table == "month" else (self.model.frame(how.table),):
            values = np.atleast_2d(block[how.field])
            if block.width > self.width:
                for i in self.filled:
                    mask = self._meet(how, block, own_row=i)
                    if mask is not None:
                        best = combine.reduce(np.where(mask, values, empty), axis=1)
                        combine(found[:, i], best, out=found[:, i])
                continue
            # No month looks at a slot that no post fills.
            for j in block.filled if self.table == "month" else range(block.width):
                mask = self._meet(how, block, row=j)
                if mask is not None:
                    combine(found, np.where(mask, _row(values, j), empty), out=found)
        if how.how != "sum":
            found[np.isinf(found)] = 0.0
        elif REGISTRY.get(how.table, how.field).unit == "euros":
            found = np.round(found, 2) + 0.0
        return found

    def _meet(
        self, how: Select, block: Frame, row: int | None = None, own_row: int | None = None
    ) -> NDArray[np.bool_] | None:
        """Return where all criteria hold for one row of the block or one of this table, None if nowhere."""
        mask = None
        for criterion in how.criteria:
            key = (block, criterion, row, own_row)
            holds = self._holds.get(key)
            if holds is None:
                field, sign, own = criterion
                left, right = _row(block[field], row), _row(self[own], own_row)
                holds = self._holds[key] = COMPARE[sign](left, right)
            mask = holds if mask is None else mask & holds
            if not mask.any():
                return None
        return mask


def _row(column: Any, j: int | None) -> Array:
    """Return one row of every post, or all rows; two-dimensional either way."""
    column = np.atleast_2d(column)
    whole: Array = column if j is None or column.shape[1] == 1 else column[:, j : j + 1]
    return whole


class Model:
    """All tables of a compiled case, computed lazily."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.term: Frame = Frame(self, "term")
        self.contract: Frame = Frame(self, "contract")
        self.grant: Frame = Frame(self, "grant")
        self.month: Frame = Frame(self, "month")
        self.extra: Frame = Frame(self, "month", "extra")
        self._to_date: dict[str, tuple[Array, Array]] = {}

    def frame(self, table: TableName) -> Frame:
        """Return the frame of a table (month rows for "month")."""
        frame: Frame = getattr(self, table)
        return frame

    @cached_property
    def frames(self) -> tuple[Frame, ...]:
        """The frames amounts lie in: month rows, and second contracts within a month if there are any."""
        shared = self.contract["shares_month"].any()
        return (self.month, self.extra) if shared else (self.month,)

    def family_size(self, family: str | None) -> int:
        """Return how many members a family of columns has."""
        if family == "contract":
            return self.contract.width
        assert family is not None
        return len(self.inputs.members[family]["amount"])

    def year_to_date(self, field: str) -> tuple[Array, Array]:
        """Return a column summed over the year to date of each contract: month rows, extra rows."""
        if field not in self._to_date:
            self._to_date[field] = self._sum_to_date(field)
        return self._to_date[field]

    def _sum_to_date(self, field: str) -> tuple[Array, Array]:
        """Add up contract by contract, less what came before January; posts without an amount are left out."""
        posts, months = self.inputs.posts, self.inputs.months
        amounts = np.broadcast_to(self.month[field], (posts, self.month.width))
        out, extra_out = np.zeros(amounts.shape), np.zeros((posts, self.extra.width))
        shared = self.extra in self.frames
        extra = self.extra.full(field) if shared else extra_out
        some = np.flatnonzero(amounts.any(axis=1) | extra.any(axis=1))
        if not len(some):
            return out, extra_out
        contract = np.broadcast_to(self.month["contract_no"], amounts.shape)[some]
        number = self.extra.full("contract_no")[some] if shared else extra[some]
        rank = months_of(self.extra.full("month")[some] if shared else months[:1]) - months_of(months[0])
        january = np.maximum(np.arange(len(months)) - months_of(months) % 12, 0)
        amounts, extra = amounts[some], extra[some]
        summed, extra_summed = np.zeros(amounts.shape), np.zeros(extra.shape)
        running = np.zeros((len(some), len(months) + 1))
        for k in self.contract.filled:
            mine = contract == k + 1
            running[:, 1:] = np.where(mine, amounts, 0.0)
            second = np.flatnonzero(number[:, k])
            place = rank[second, k] if len(second) else second
            running[second, place + 1] += extra[second, k]
            np.cumsum(running, axis=1, out=running)
            to_date = running[:, 1:] - running[:, january]
            np.copyto(summed, to_date, where=mine)
            extra_summed[second, k] = to_date[second, place]
        out[some], extra_out[some] = np.round(summed, 2), np.round(extra_summed, 2)
        return out, extra_out
