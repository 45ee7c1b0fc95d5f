"""Which legal values a projection rests on, over which dates, and how sure they are.

The registry says what each line reads; where a rule chooses between two branches,
only those that some month takes are followed. So a plan without a titulaire does
not rest on the CNRACL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from conseiller.dossier.schedule import tranches_of
from conseiller.engine import Array, Frame
from conseiller.law import Entry, Table, day_at, generation_parameter, to_serial
from conseiller.projection import Projection
from conseiller.rules.algebra import Symbol, evaluate, names_in
from conseiller.rules.registry import (
    FAR,
    REGISTRY,
    Column,
    FamilySum,
    Grid,
    Member,
    Pick,
    Select,
    TableName,
    YearToDate,
)
from conseiller.rules.registry import Law as LawLookup

Mask = NDArray[np.bool_]
#: A line that a legal floor may raise: what holds it at zero is relied on as well.
_FLOOR, _FLOORED = "indemnite_differentielle", "traitement"


@dataclass(frozen=True)
class Use:
    """A legal parameter that a plan reads.

    Parameters
    ----------
    parameter : str
    table : Table
        Its dated values, the officer's assumptions laid over them.
    first, last : date
        First and last dates at which the plan reads it.
    """

    parameter: str
    table: Table
    first: date
    last: date

    @property
    def unchecked(self) -> bool:
        """Whether it is read after the date until which it was checked."""
        return self.last > self.table.checked_until

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The values in force between the first and the last date."""
        dated = self.table.entries
        following = [e.start for e in dated[1:]] + [date.max]
        return tuple(
            e for e, end in zip(dated, following, strict=True) if e.start <= self.last and end > self.first
        )


@lru_cache(maxsize=8)
def parameters_used(plan: Projection) -> tuple[Use, ...]:
    """Return the legal parameters that the plan reads, in the order of the tables.

    The answer is kept for the last plans asked about: stamp, notices, note and checks all ask it.

    Parameters
    ----------
    plan : Projection
    """
    reader = _Reader(plan)
    reader.read_lines()
    reader.read_conventions()
    rank = {parameter: r for r, parameter in enumerate(plan.law.tables)}
    uses = [
        Use(parameter, plan.law.table(parameter), day_at(min(days)), day_at(max(days)))
        for parameter, days in reader.found.items()
    ]
    return tuple(sorted(uses, key=lambda u: rank[u.parameter]))


@dataclass
class _Reader:
    """Walks the registry from the lines of a plan and notes the legal parameters met.

    A mask (posts × rows of a table) goes along: the rows for which a column counts.
    """

    plan: Projection
    found: dict[str, list[float]] = field(default_factory=dict)
    seen: set[tuple[int, str, bytes]] = field(default_factory=set)

    @cached_property
    def lines(self) -> set[str]:
        """Lines of the catalogue that have an amount, and what a legal floor holds at zero."""
        table = self.plan.table
        met = set(table.loc[table["clock"].isin(["engaged", "earned"]), "line"])
        if _FLOORED in met:
            met.add(_FLOOR)
        return {line for line in met if line in self.plan.law.lines}

    def read_lines(self) -> None:
        """Follow every line over the rows in which it has an amount."""
        for line in self.lines:
            for frame in (self.plan.model.month, self.plan.model.extra):
                mask = frame.full(_FLOORED if line == _FLOOR else line) != 0
                if mask.any():
                    self._column(frame, line, mask)

    def read_conventions(self) -> None:
        """Note the schedules of the law that conventions name."""
        what: tuple[Literal["mois", "montant"], ...] = ("mois", "montant")
        for post in self.plan.dossier.posts:
            for convention in post.conventions:
                if convention.generation == "personnalisee":
                    continue
                day = np.array([to_serial(convention.financing_start)])
                for rank in range(1, len(tranches_of(convention, self.plan.law)) + 1):
                    for each in what:
                        self._note(generation_parameter(convention.generation, rank, each), day)

    def _note(self, parameter: str, days: Array) -> None:
        real = days[days < FAR]
        if real.size:
            self.found.setdefault(parameter, []).extend([float(real.min()), float(real.max())])

    def _column(self, frame: Frame, label: str, mask: Mask) -> None:
        column = REGISTRY.get(frame.table, label)
        idle = frame.table == "month" and label in self.plan.law.lines and label not in self.lines
        key = (id(frame), label, mask.tobytes())
        if idle or key in self.seen or not mask.any():
            return
        self.seen.add(key)
        if frame.extra and (column.on_extra or column.only_month):
            return
        member = label.partition("#")[2]
        if column.function is not None:
            self._tree(frame, column, column.tree, member, mask)
        else:
            self._lookup(frame, column, member, mask)

    def _lookup(self, frame: Frame, column: Column, member: str, mask: Mask) -> None:
        match column.lookup:
            case LawLookup(parameter, at):
                self._column(frame, at, mask)
                self._note(parameter.format(zone=self.plan.inputs.zone), frame.full(at)[mask])
            case Grid():
                self._grids(frame, mask)
            case Pick(table, read, number):
                self._column(frame, number, mask)
                other = self.plan.model.frame(table)
                self._column(other, read, self._picked(frame, other, number, mask))
            case Select(_, table, read, criteria):
                for _, _, own in criteria:
                    self._column(frame, own, mask)
                for other in self._blocks(table):
                    rows = self._standing(other, read)
                    for label in (read, *(theirs for theirs, _, _ in criteria)):
                        self._column(other, label, rows)
            case YearToDate(read):
                self._column(frame, read, mask)
            case Member(read) if column.family == "contract":
                other = self.plan.model.contract
                rows = np.zeros((len(mask), other.width), dtype=bool)
                rows[:, int(member)] = mask.any(axis=1)
                self._column(other, read, rows)
            case FamilySum(family):
                count = self.plan.model.family_size(REGISTRY.get(frame.table, family).family)
                for k in range(count):
                    self._column(frame, f"{family}#{k}", mask & (frame.full(f"{family}#{k}") != 0))

    def _grids(self, frame: Frame, mask: Mask) -> None:
        """Note the grades and steps that the rows read, each over its own months."""
        terms = self.plan.model.term.full("grid")
        number = frame.full("term_no").astype(int)
        codes = np.take_along_axis(terms, np.maximum(number - 1, 0), axis=1) * (number > 0)
        for k, key in enumerate(self.plan.inputs.grid_keys, start=1):
            self._note(key, frame.full("month")[mask & (codes == k)])

    def _blocks(self, table: TableName) -> Iterator[Frame]:
        yield self.plan.model.frame(table)
        if table == "month":
            yield self.plan.model.extra

    @staticmethod
    def _standing(frame: Frame, read: str) -> Mask:
        """Return the rows of a table that stand for something."""
        date_of = {"contract": "start", "term": "start", "grant": "financing_start"}
        standing: Mask = (
            frame.full(read) != 0 if frame.table == "month" else frame.full(date_of[frame.table]) < FAR
        )
        return standing

    @staticmethod
    def _picked(frame: Frame, other: Frame, number: str, mask: Mask) -> Mask:
        """Return the rows of another table that rows of this one name."""
        rows = np.zeros((len(mask), other.width), dtype=bool)
        named = frame.full(number).astype(int)
        post, row = np.nonzero(mask & (named > 0))
        rows[post, named[post, row] - 1] = True
        return rows

    def _tree(self, frame: Frame, column: Column, tree: Any, member: str, mask: Mask) -> None:
        """Follow an expression, and each branch of a choice over the rows that take it."""
        if not isinstance(tree, Symbol) or not mask.any():
            return
        if tree.op == "name":
            self._column(frame, self._name(column, tree.args[0], member), mask)
        elif tree.op == "where":
            condition, yes, no = tree.args
            self._tree(frame, column, condition, member, mask)
            values = {n: frame.full(self._name(column, n, member)) for n in names_in(condition)}
            outcome = np.broadcast_to(np.asarray(evaluate(condition, values), dtype=bool), mask.shape)
            self._tree(frame, column, yes, member, mask & outcome)
            self._tree(frame, column, no, member, mask & ~outcome)
        else:
            for arg in tree.args:
                self._tree(frame, column, arg, member, mask)

    @staticmethod
    def _name(column: Column, read: str, member: str) -> str:
        """Return the name of a column that another reads, its own copy within a family."""
        same = column.family and member and REGISTRY.get(column.table, read).family == column.family
        return f"{read}#{member}" if same else read
