"""The plan's own rules run again with some operands of the month changed: what if, line by line.

Used to take a variance apart (one operand at a time) and to calibrate on a payslip. Rounding, caps and
year-to-date bases follow as in the plan, for it is the same registry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from conseiller.engine import Array, Frame
from conseiller.rules.registry import REGISTRY, YearToDate


class Replay:
    """Columns of the month rows, recomputed where an operand is changed.

    Parameters
    ----------
    frame : Frame
        Month rows of a model; whole exercices, as the engine makes them.
    changed : mapping
        Column name to values, broadcastable to (posts, months); NaN keeps the model's own.
    """

    def __init__(self, frame: Frame, changed: Mapping[str, Any]) -> None:
        self.frame = frame
        self.changed = changed
        self._kept: dict[str, Array] = {}
        self._moves: dict[str, bool] = {}

    def __getitem__(self, name: str) -> Array:
        """Return a column under the change, spread to (posts, months)."""
        if name not in self._kept:
            self._kept[name] = self._compute(name)
        return self._kept[name]

    def total(self, names: Iterable[str]) -> Array:
        """Return the sum of lines [cents, whole numbers]."""
        total = np.zeros(self.frame.full("thirtieths").shape)
        for name in names:
            total = total + np.rint(self[name] * 100)
        return total

    def _compute(self, name: str) -> Array:
        if name in self.changed:
            own = self._follow(name)
            value = np.broadcast_to(np.asarray(self.changed[name], dtype=float), own.shape)
            mixed: Array = np.where(np.isnan(value), own, value)
            return mixed
        return self._follow(name)

    def _follow(self, name: str) -> Array:
        column = REGISTRY.get("month", name)
        if not self._is_moved(name):
            return self.frame.full(name)
        if column.function is not None:
            found = np.asarray(column.function(*(self[read] for read in column.reads)), dtype=float)
            result: Array = np.broadcast_to(found, self.frame.full("thirtieths").shape)
            return result
        assert isinstance(column.lookup, YearToDate)
        more = self[column.lookup.field] - self.frame.full(column.lookup.field)
        posts, months = more.shape
        contract = self.frame.full("contract_no")
        to_date = np.zeros(more.shape)
        for number in np.unique(contract[contract > 0]):  # what moved under one contract is not another's
            mine = contract == number
            years = np.where(mine, more, 0.0).reshape(posts, months // 12, 12)
            to_date += np.where(mine, years.cumsum(axis=2).reshape(posts, months), 0.0)
        moved: Array = np.round(self.frame.full(name) + to_date, 2)
        return moved

    def _is_moved(self, name: str) -> bool:
        """Say whether a column follows from a changed one."""
        if name not in self._moves:
            column = REGISTRY.get("month", name)
            if column.function is not None:
                self._moves[name] = any(r in self.changed or self._is_moved(r) for r in column.reads)
            elif isinstance(column.lookup, YearToDate):
                field = column.lookup.field
                self._moves[name] = field in self.changed or self._is_moved(field)
            else:
                self._moves[name] = False
        return self._moves[name]


class Trial:
    """One post in one month, its lines computed for many values of an operand at once.

    Parameters
    ----------
    frame : Frame
    post, month : int
        Row and column of the frame.
    held : mapping
        Operands already changed, each to one value.
    """

    def __init__(self, frame: Frame, post: int, month: int, held: Mapping[str, float] | None = None) -> None:
        self.frame = frame
        self.post = post
        self.month = month
        self.held = dict(held or {})

    def own(self, name: str) -> float:
        """Return the model's own value of an operand."""
        value: float = self.frame.full(name)[self.post, self.month]
        return float(self.held.get(name, value))

    def total(self, names: Iterable[str], **tried: Any) -> Array:
        """Return the sum of lines [cents] for each of the values tried, given as arrays of one length."""
        only: Array = self.totals([names], **tried)[0]
        return only

    def totals(self, groups: Iterable[Iterable[str]], **tried: Any) -> Array:
        """Return the sums of several groups of lines, one row each [cents]."""
        values: dict[str, Any] = {**self.held, **tried}
        kept: dict[str, Any] = {}
        seen: dict[str, bool] = {}

        def find(name: str) -> Any:
            if name in values:
                return values[name]
            if name not in kept:
                column = REGISTRY.get("month", name)
                if column.function is not None and moved(name):
                    kept[name] = column.function(*(find(r) for r in column.reads))
                elif isinstance(column.lookup, YearToDate) and moved(name):
                    field = column.lookup.field
                    kept[name] = self._own(name) + find(field) - self._own(field)
                else:
                    kept[name] = self._own(name)
            return kept[name]

        def moved(name: str) -> bool:
            if name not in seen:
                column = REGISTRY.get("month", name)
                reads = column.reads
                if isinstance(column.lookup, YearToDate):
                    reads = (column.lookup.field,)
                seen[name] = any(r in values or moved(r) for r in reads)
            return seen[name]

        length = max((np.size(v) for v in tried.values()), default=1)
        out = []
        for names in groups:
            total = np.zeros(length)
            for name in names:
                total = total + np.rint(np.asarray(find(name), dtype=float) * 100)
            out.append(total)
        return np.array(out)

    def _own(self, name: str) -> float:
        value: float = self.frame.full(name)[self.post, self.month]
        return float(value)
