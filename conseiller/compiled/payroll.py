"""Payslips that differ, each computed once.

A month wholly worked under one contract and one set of terms is the same payslip as
another under the same law: one row stands for both. Months in which something begins
or ends have rows of their own. Amounts are whole cents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from conseiller.compiled.ground import SIZE, TO_DATE, Ground
from conseiller.compiled.program import Array, Evaluator, Program
from conseiller.compiled.stretches import Indices, Rows, Stretches
from conseiller.rules.algebra import months_of

#: Payslips of one law from which they are computed apart from the others, the law being plain numbers.
_MANY = 1000


def wholly_held(s: Stretches) -> tuple[Indices, Indices]:
    """Return the rows wholly worked under one contract, and the others in which somebody is employed."""
    kept = np.flatnonzero(s.number["contract_no"])
    days = np.append(s.model.inputs.months, s.model.inputs.constants["horizon_end"])
    since = s.first.take(kept)
    field = Rows(s, kept)
    whole = field("contract_start") <= days[since]
    whole &= field("contract_until") > days[since + s.length.take(kept)]
    whole &= kept < s.count
    return kept[whole], kept[~whole]


def _steps(since: int, end: int, most: int) -> Iterator[tuple[int, int]]:
    for at in range(since, end, most):
        yield at, min(at + most, end)


@dataclass(frozen=True)
class Part:
    """Rows computed together: where they stand, and what is given of them.

    `month` is the one month whose law they share, or the month of each; `variant` the variant of
    the law of each, where they have their own.
    """

    program: Program
    since: int
    to: int
    given: Sequence[Any]
    month: Any
    variant: Indices | None = None

    def run(self, law: Iterable[Any], out: Iterable[Array], scratch: Iterable[Array]) -> None:
        """Compute the rows into `out` from the values over the months of `program.months`."""
        size = self.to - self.since
        states = self.program.states
        months = at(law, self.month, self.variant)
        self.program.run(
            [*self.given[: len(states)], *months, *self.given[len(states) :]],
            out,
            [b[:size] for b in scratch],
        )


def at(law: Iterable[Any], month: Any, variant: Indices | None) -> Iterator[Any]:
    """Yield values over the months, or over variants and months, at a month of each row."""
    for value in law:
        match np.ndim(value):
            case 0:
                yield value
            case 1:
                yield value[month] if np.ndim(month) == 0 else value.take(month)
            case _:
                yield value[variant, month]


class Payroll:
    """The payslips of some posts.

    Parameters
    ----------
    stretches : Stretches
    ground : Ground
        What the case holds in common.
    variant : array of int, optional
        Variant of the law of each post; the first by default.

    Attributes
    ----------
    row, month, weight : of each payslip: a row of the stretches, a month, how many months it stands for
    """

    def __init__(
        self,
        stretches: Stretches,
        ground: Ground,
        variant: Indices | None = None,
    ) -> None:
        self.stretches = stretches
        self.ground = ground
        self.names = ground.names
        self.variant = variant
        self._lay_out()

    # --- rows ------------------------------------------------------------------------------------------

    @cached_property
    def held(self) -> tuple[Indices, Indices]:
        """Rows of the stretches wholly worked under one contract, and the others in which somebody is employed."""
        return wholly_held(self.stretches)

    @property
    def _own_runs(self) -> Indices | None:
        """The variant whose runs are those of each post; None where all variants change in the same months."""
        return None if len(self.ground.run) == 1 else self.variant

    def _lay_out(self) -> None:
        s, months = self.stretches, self.stretches.months
        whole, others = self.held
        run, first_months, own = self.ground.run, self.ground.first, self._own_runs

        # Rows of one contract and one set of terms that follow one another are one episode.
        since = s.first.take(whole)
        end = since + s.length.take(whole)
        new = np.ones(len(whole), dtype=bool)
        new[1:] = since[1:] != end[:-1]
        for key in (s.post, s.number["contract_no"], s.number["term_no"]):
            mine = key.take(whole)
            new[1:] |= mine[1:] != mine[:-1]
        starts = np.flatnonzero(new)
        since, end = since[starts], end[np.append(starts[1:], len(whole))[: len(starts)] - 1]
        episodes = whole[starts]
        variant = np.zeros(len(starts), dtype=np.intp) if own is None else own[s.post[episodes]]

        runs = first_months.shape[1]
        passed = np.zeros((len(run), runs, months + 1), dtype=np.int16)
        of_variant, of_month = np.indices(run.shape)
        passed[of_variant, run, of_month + 1] = 1
        np.cumsum(passed, axis=2, out=passed)
        if len(run) == 1:
            count = passed[0].take(end, axis=1) - passed[0].take(since, axis=1)
        else:
            count = (passed[variant, :, end] - passed[variant, :, since]).T
        filled = np.flatnonzero(count > 0)  # flags are much quicker to go through than numbers
        of_run = np.arange(runs).repeat(np.count_nonzero(count, axis=1))
        of_episode = filled - of_run * len(starts)
        steady = len(filled)

        # The others, month by month.
        length, month, _ = s.month_by_month(others)
        row = np.repeat(others, length)
        self.size = steady + len(row)
        self.steady = steady
        self.row: Indices = np.append(episodes.take(of_episode), row)
        # The first month of the episode within the run: its law and its days stand for the others.
        begins = first_months[0 if own is None else variant.take(of_episode), of_run]
        begins = np.maximum(begins, since.take(of_episode))
        self.month: Indices = np.append(begins, month)
        self.weight = np.append(count.ravel().take(filled), np.ones(len(row), dtype=np.int16))
        self._of_run, self._of_episode, self._episodes = of_run, of_episode, episodes
        self._episode = np.full(s.count, len(starts))
        self._episode[whole] = np.cumsum(new) - 1

    @cached_property
    def index(self) -> Indices:
        """The payslip of each month, posts × months; `size` where there is none. Second contracts are left out."""
        s, months = self.stretches, self.stretches.months
        runs, episodes = int(self.ground.run.max()) + 1, int(self._episode.max(initial=0)) + 1
        place = np.full((runs, episodes), self.size, dtype=np.intp)
        place.ravel()[self._of_run * episodes + self._of_episode] = np.arange(self.steady)
        run = self.ground.run[0] if self._own_runs is None else self.ground.run[self._own_runs]
        cell = np.repeat(self._episode, s.length[: s.count]).reshape(-1, months)
        cell += run * episodes
        index: Indices = place.ravel().take(cell)
        inside = self.steady + np.flatnonzero(self.row[self.steady :] < s.count)
        index[s.post[self.row[inside]], self.month[inside]] = inside
        return index

    # --- computing -------------------------------------------------------------------------------------

    def parts(self, most: int = SIZE) -> Iterator[Part]:
        """Yield the payslips in parts of so many rows at most, all that does not depend on the law computed."""
        whole, other = self.ground.whole, self.ground.other
        by_law = self.variant is None and self.steady > _MANY * self.ground.run.max()
        cuts = (np.flatnonzero(np.diff(self._of_run)) + 1).tolist() if by_law else []
        state = self.ground.of_rows(Rows(self.stretches, self._episodes))
        states = [state(node) for node in whole.states]
        for since, end in pairwise([0, *cuts, self.steady]):
            for at, to in _steps(since, end, most):
                month, mine = self.month[at:to], self._of_episode[at:to]
                given = [s.take(mine) for s in states]
                if whole.cells:
                    cell = self.ground.of_rows(self._rows(slice(at, to)))
                    given += map(cell, whole.cells)
                one = int(month[0]) if by_law else month
                yield Part(whole, at, to, given, one, self._variants(slice(at, to)))
        for at, to in _steps(self.steady, self.size, most):
            state = self.ground.of_rows(self._rows(slice(at, to)))
            given = [*map(state, other.states)]
            yield Part(other, at, to, given, self.month[at:to], self._variants(slice(at, to)))

    def by_law(self, most: int) -> tuple[Indices, list[Part]]:
        """Return all payslips law by law: their order, and parts of them; what does not depend on the law is given."""
        other = self.ground.other
        run = self.ground.run[0].take(self.month)
        order = np.argsort(run, kind="stable")
        cuts = [0, *(np.flatnonzero(np.diff(run[order])) + 1), self.size]
        found = []
        for since, end in pairwise(cuts):
            for at, to in _steps(since, end, most):
                mine = order[at:to]
                state = self.ground.of_rows(self._rows(mine))
                given = [*map(state, other.states)]
                found.append(Part(other, at, to, given, int(self.month[mine[0]])))
        return order, found

    def _rows(self, mine: slice | Indices) -> Rows:
        return Rows(self.stretches, self.row[mine], self.month[mine])

    def _variants(self, mine: slice) -> Indices | None:
        return None if self.variant is None else self.variant[self.stretches.post[self.row[mine]]]

    @cached_property
    def values(self) -> Array:
        """Columns of `names` × payslips, in euros; the last payslip is empty."""
        out = np.empty((len(self.names), self.size + 1))
        out[:, -1] = 0.0
        places = {
            p: [self.names.index(name) for name in p.names] for p in (self.ground.whole, self.ground.other)
        }
        law = {p: self.ground.over(p) for p in places}
        scratch = {p: p.buffers(SIZE) for p in places}
        for part in self.parts():
            mine = out[:, part.since : part.to]
            if len(part.program.names) < len(out):
                mine[...] = 0.0
            part.run(law[part.program], [mine[k] for k in places[part.program]], scratch[part.program])
            mine /= 100.0
        return out

    def cents(self, name: str) -> Array:
        """Return a column of the payslips in whole cents, noughts where nobody has any."""
        if name not in self.names:
            return np.zeros(self.size + 1)
        cents: Array = np.rint(self.values[self.names.index(name)] * 100.0)
        return cents

    def total(self, columns: Sequence[str]) -> Array:
        """Return the sum of some columns of each payslip over the months it stands for, in whole cents."""
        rows = [k for k, name in enumerate(self.names) if name in columns]
        cents: Array = np.rint(self.values[rows, :-1] * 100.0).sum(axis=0) * self.weight
        return cents


class ToDate:
    """The line that looks at the year to date of a contract: the months of titulaires, one by one.

    Attributes
    ----------
    cell, post, month : where each month stands (posts laid end to end), its post and its month
    """

    def __init__(self, payroll: Payroll) -> None:
        s = payroll.stretches
        self.program = payroll.ground.later
        rows = np.flatnonzero(s.number["contract_no"])
        rows = rows[Rows(s, rows)("is_cnracl") > 0]
        length, self.month, self.cell = s.month_by_month(rows)
        row = np.repeat(rows, length)
        self.post = s.post.take(row)
        number = s.number["contract_no"].take(row)
        second = row >= s.count
        self._slip = payroll.index.ravel().take(self.cell)
        if second.any():
            others = payroll.row[payroll.steady :]
            place = np.full(len(s.post), payroll.size)
            place[others] = payroll.steady + np.arange(len(others))
            self._slip[second] = place[row[second]]
            order = np.lexsort((self.month, number, self.post))
            self.month, self.cell, self.post, number, self._slip = (
                a[order] for a in (self.month, self.cell, self.post, number, self._slip)
            )
        self.variant = None if payroll.variant is None else payroll.variant[self.post]
        exercice = (months_of(s.model.inputs.months) // 12).take(self.month)
        new = np.ones(len(self.cell), dtype=bool)
        new[1:] = np.logical_or.reduce([k[1:] != k[:-1] for k in (self.post, number, exercice)])
        self._starts = np.flatnonzero(new)
        self._lengths = np.diff(self._starts, append=len(new))

    def uses(self, order: Indices) -> Indices:
        """Return where the payslips it reads stand in another order; from then on it reads these alone."""
        place = np.empty(len(order), dtype=np.intp)
        place[order] = np.arange(len(order))
        used, self._slip = np.unique(place[self._slip], return_inverse=True)
        return used

    def run(self, slips: Mapping[str, Array], law: Sequence[Any]) -> Array:
        """Return the line, in cents, from columns of the payslips, in cents, and the law over the months."""
        known: dict[str, Array] = {}
        if not len(self.cell):
            return np.zeros(0)
        for cumulated, name in TO_DATE.items():
            known[name] = amounts = slips[name].take(self._slip)
            summed = np.cumsum(amounts)
            before = summed[self._starts] - amounts[self._starts]
            known[cumulated] = summed - np.repeat(before, self._lengths)
        states = Evaluator(known.__getitem__)
        result = np.empty(len(self.cell))
        months = at(law, self.month, self.variant)
        scratch = self.program.buffers(len(result))
        given = (*map(states, self.program.states), *months, *map(states, self.program.cells))
        self.program.run(given, [result], scratch)
        return result
