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
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

import conseiller.rules.totals  # noqa: F401  (importing the rooms fills the registry)
from conseiller.dossier import schema
from conseiller.law import Law, generation_parameter, grid_parameter, to_serial
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

#: Grant years a financing may have.
YEARS = 4
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
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


def _contracts(dossier: schema.Dossier) -> dict[str, Array]:
    width = contract_slots(dossier)
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
    }
    given = {
        key: _grid([[f(c) for c in p.contracts] for p in dossier.posts], width, filler)
        for key, (f, filler) in read.items()
    }
    given["number"] = np.broadcast_to(np.arange(1.0, width + 1), given["start"].shape)
    return given


def _terms(dossier: schema.Dossier) -> tuple[dict[str, Array], tuple[str, ...]]:
    width = term_slots(dossier)
    keys: list[str] = []

    def grid_code(term: schema.PayTerm) -> float:
        if term.index is not None or term.grade is None or term.step is None:
            return 0.0
        key = grid_parameter(term.grade, term.step)
        if key not in keys:
            keys.append(key)
        return float(keys.index(key) + 1)

    rows = [
        [(i, t) for i, c in enumerate(p.contracts, start=1) for t in c.terms] for p in dossier.posts
    ]
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


def tranches_of(convention: schema.Convention, law: Law) -> list[tuple[int, float]]:
    """Return months and euros of each grant year: the convention's own, or its generation's."""
    if convention.generation == "personnalisee":
        return [(t.months, t.amount) for t in convention.tranches]
    day = convention.financing_start
    ranks = range(1, len(law.generations[convention.generation].tranches) + 1)
    return [
        (
            int(law.value(generation_parameter(convention.generation, r, "mois"), day)),
            law.value(generation_parameter(convention.generation, r, "montant"), day),
        )
        for r in ranks
    ]


def _grants(dossier: schema.Dossier, law: Law) -> dict[str, Array]:
    width = YEARS * max(1, max(len(p.conventions) for p in dossier.posts))
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


def compile_case(dossier: schema.Dossier, law: Law) -> Inputs:
    """Turn a dossier into arrays.

    Parameters
    ----------
    dossier : Dossier
        A checked case.
    law : Law
        The legal tables, the dossier's assumptions already laid over them.
    """
    months = horizon(dossier)
    terms, grid_keys = _terms(dossier)
    a = dossier.authority
    rates = sorted(dossier.rates, key=lambda r: r.start)
    names = ("at_mp", "cdg", "versement_mobilite", "chomage", "dialogue_social")
    return Inputs(
        months=months,
        given={
            "contract": _contracts(dossier),
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


class Frame:
    """One table of the model: computes a column when asked, once."""

    def __init__(self, model: Model, table: TableName, kind: Literal["rows", "extra"] = "rows") -> None:
        self.model = model
        self.table = table
        self.extra = kind == "extra"
        self._kept: dict[str, Any] = {}
        self._index: dict[str, NDArray[np.intp]] = {}

    def __getitem__(self, name: str) -> Any:
        """Return a column, broadcastable to (posts, rows); family members as ``name#k`` from 0."""
        if name not in self._kept:
            self._kept[name] = self._compute(name)
        return self._kept[name]

    def full(self, name: str) -> Array:
        """Return a column spread to (posts, rows)."""
        spread: Array = np.broadcast_to(self[name], (self.model.inputs.posts, self.width)).astype(float)
        return spread

    @property
    def width(self) -> int:
        """Number of rows of a post in this table."""
        inputs = self.model.inputs
        if self.table == "month" and not self.extra:
            return len(inputs.months)
        return int(inputs.given["contract" if self.table == "month" else self.table]["number"].shape[1])

    def _compute(self, name: str) -> Any:
        column = REGISTRY.get(self.table, name)
        member = name.partition("#")[2]
        if self.extra and column.on_extra:
            return self.model.contract[column.on_extra]
        if self.extra and column.only_month:
            return np.zeros((1, 1))
        if column.function is not None:
            return column.function(*(self[self._member_name(r, column, member)] for r in column.reads))
        assert column.lookup is not None
        return self._look_up(column, column.lookup, member)

    def _member_name(self, read: str, column: Column, member: str) -> str:
        if column.family and REGISTRY.get(self.table, read).family == column.family:
            return f"{read}#{member}"
        return read

    def _look_up(self, column: Column, how: Lookup, member: str) -> Any:  # noqa: PLR0911
        inputs = self.model.inputs
        match how:
            case Given():
                if self.table == "month":
                    return inputs.months[None, :]
                return inputs.given[self.table][column.name]
            case Constant(field):
                return np.float64(inputs.constants[field])
            case LawLookup(parameter, at):
                return inputs.law.over(parameter.format(zone=inputs.zone), np.asarray(self[at]))
            case Rate(field):
                rank = np.searchsorted(inputs.rate_starts, self["month"], side="right") - 1
                return np.where(rank < 0, 0.0, inputs.rates[field][np.maximum(rank, 0)])
            case Grid():
                return self._grid_index()
            case Pick(table, field, number):
                return self._pick(self.model.frame(table)[field], number)
            case Select():
                return self._select(how)
            case YearToDate(field):
                return self.model.year_to_date(field)[int(self.extra)]
            case Member(field):
                return self._member(column, field, int(member))
            case FamilySum(family):
                count = self.model.family_size(REGISTRY.get(self.table, family).family)
                total: Any = np.zeros((1, 1))
                for k in range(count):
                    total = total + self[f"{family}#{k}"]
                return np.round(total, 2) + 0.0

    def _member(self, column: Column, field: str, k: int) -> Any:
        if column.family == "contract":
            return self.model.contract[field][:, k : k + 1]
        assert column.family is not None
        value = self.model.inputs.members[column.family][field][k]
        return np.asarray(value)[:, None] if np.ndim(value) else np.float64(value)

    def _pick(self, block: Array, number: str) -> Array:
        padded = np.concatenate([np.zeros((block.shape[0], 1)), block], axis=1)
        posts, width = padded.shape
        if number not in self._index:
            index = np.asarray(self[number]).astype(np.intp)
            self._index[number] = index + (np.arange(posts) * width)[:, None]
        picked: Array = padded.take(self._index[number])
        return picked

    def _grid_index(self) -> Any:
        inputs = self.model.inputs
        if not inputs.grid_keys:
            return np.zeros((1, 1))
        code = self._pick(self.model.frame("term")["grid"], "term_no").astype(np.intp)
        month = np.broadcast_to(self["month"], code.shape)
        out = np.zeros(code.shape)
        for k, key in enumerate(inputs.grid_keys, start=1):
            mine = code == k
            if mine.any():
                out[mine] = inputs.law.over(key, month[mine])
        return out

    def _select(self, how: Select) -> Array:
        """Scan the post's block row by row; one mask for all posts and rows at a time."""
        inputs = self.model.inputs
        blocks = [self.model.frame(how.table)]
        if how.table == "month" and self.table != "month":
            blocks.append(self.model.extra)
        shape = (inputs.posts, self.width)
        empty = {"min": np.inf, "max": -np.inf, "sum": 0.0}[how.how]
        combine = {"min": np.minimum, "max": np.maximum, "sum": np.add}[how.how]
        found = np.full(shape, empty)
        for block in blocks:
            fields = [(np.atleast_2d(block[f]), sign, self[own]) for f, sign, own in how.criteria]
            values = np.atleast_2d(block[how.field])
            for j in range(block.width):
                if self.table == "month" and _absent(block, j):
                    continue
                mask: Any = True
                for field, sign, own in fields:
                    mask = mask & _COMPARE[sign](field[:, _at(j, field) : _at(j, field) + 1], own)
                if not np.any(mask):
                    continue
                value = values[:, _at(j, values) : _at(j, values) + 1]
                combine(found, np.where(mask, value, empty), out=found)
        found[np.isinf(found)] = 0.0
        return np.round(found, 2) + 0.0 if how.how == "sum" else found


def _absent(block: Frame, j: int) -> bool:
    """Say whether no post fills this slot of contracts or pay terms: no month looks there."""
    return block.table in ("contract", "term") and bool((block["start"][:, j] >= FAR).all())


def _at(j: int, block: Array) -> int:
    return j if block.shape[1] > 1 else 0


class Model:
    """All tables of a compiled case, computed lazily."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.term = Frame(self, "term")
        self.contract = Frame(self, "contract")
        self.grant = Frame(self, "grant")
        self.month = Frame(self, "month")
        self.extra = Frame(self, "month", "extra")
        self._to_date: dict[str, tuple[Array, Array]] = {}

    def frame(self, table: TableName) -> Frame:
        """Return the frame of a table (month rows for "month")."""
        frames = {"term": self.term, "contract": self.contract, "grant": self.grant, "month": self.month}
        return frames[table]

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
        """Add up month by month, one running sum per contract; posts without an amount are left out."""
        amounts, extra = self.month.full(field), self.extra.full(field)
        some = np.flatnonzero(amounts.any(axis=1) | extra.any(axis=1))
        out, extra_out = np.zeros_like(amounts), np.zeros_like(extra)
        if len(some):
            contract = np.broadcast_to(self.month["contract_no"], amounts.shape)[some].astype(np.intp)
            number, month = self.extra.full("contract_no")[some], self.extra.full("month")[some]
            running = np.zeros((len(some), self.contract.width + 1))
            rows = np.arange(len(some))
            shared = {float(m) for m in np.unique(month[number > 0])}
            january = months_of(self.inputs.months) % 12 == 0
            for m, first in enumerate(self.inputs.months):
                if january[m]:
                    running[:] = 0.0
                running[rows, contract[:, m]] += amounts[some, m]
                if float(first) in shared:
                    for k in range(extra.shape[1]):
                        mine = (month[:, k] == first) & (number[:, k] > 0)
                        running[mine, k + 1] += extra[some[mine], k]
                        extra_out[some[mine], k] = running[mine, k + 1]
                out[some, m] = running[rows, contract[:, m]]
        return np.round(out, 2), np.round(extra_out, 2)
