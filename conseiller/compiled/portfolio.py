"""Columns of a portfolio over posts × months, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conseiller.compiled.grants import LINE, earned
from conseiller.compiled.ground import AFTER, SLIP, TO_DATE, Ground
from conseiller.compiled.payroll import Payroll, ToDate
from conseiller.compiled.program import Evaluator
from conseiller.compiled.stretches import Indices, Stretches, trimmed
from conseiller.engine import Array, Inputs, Model
from conseiller.rules.totals import LEAVER_LINES

#: Posts whose payslips are sought together.
PART = 4096


class Portfolio:
    """Columns of the month rows of some posts; the second contract of a month is added to the month.

    Parameters
    ----------
    inputs : Inputs
        A compiled case.
    ground : Ground, optional
        What the case holds in common, when `inputs` are some of its posts.
    variant : array of int, optional
        Variant of the law of each post.
    """

    def __init__(self, inputs: Inputs, ground: Ground | None = None, variant: Indices | None = None) -> None:
        self.inputs = trimmed(inputs)
        self.model = Model(self.inputs)
        self.stretches = Stretches(self.model)
        self.payroll = Payroll(self.stretches, ground or common_ground(inputs), variant)

    def lay(self, posts: slice, out: Mapping[str, Array]) -> None:
        """Lay the columns named by `out` over the months of some posts, in euros, into its arrays."""
        index = self.payroll.index[posts]
        slips = self._rows
        for name, lines in out.items():
            if name in slips:
                slips[name].take(index, out=lines, mode="wrap")  # all within: the quickest mode
            else:
                self._lay_other(name, posts, lines)
        self._add_second(posts, out)

    def column(self, name: str) -> Array:
        """Return a column of all posts, posts × months, in euros."""
        out = np.empty((self.inputs.posts, self.stretches.months))
        self.lay(slice(0, self.inputs.posts), {name: out})
        return out

    def _lay_other(self, name: str, posts: slice, out: Array) -> None:
        """Lay a column that is not on the payslips."""
        if name in SLIP:
            out.fill(0.0)
        elif name == AFTER:
            self._to_date(posts, out)
        elif name == LINE:
            np.divide(self.grant[posts], 100.0, out=out)
        else:
            column = self._leavers[name] if name in LEAVER_LINES else self._others[name]
            out[...] = column[posts] if len(column) == self.inputs.posts else column

    # --- pay and grant -------------------------------------------------------------------------------

    @cached_property
    def _rows(self) -> dict[str, Array]:
        """Columns of the payslips, by name."""
        return dict(zip(self.payroll.names, self.payroll.values, strict=True))

    def _add_second(self, posts: slice, out: Mapping[str, Array]) -> None:
        """Add the payslips of second contracts to the months that hold them."""
        slips, cells = self._second
        since, to = (at * self.stretches.months for at in (posts.start, posts.stop))
        a, b = cells.searchsorted((since, to))
        if a == b:
            return
        for name, values in self._rows.items():
            if name in out:
                np.add.at(out[name].ravel(), cells[a:b] - since, values[slips[a:b]])

    @cached_property
    def _second(self) -> tuple[Indices, Indices]:
        """Payslips of second contracts within a month, in the order of the cells they belong to, and these."""
        s, p = self.stretches, self.payroll
        own = np.flatnonzero(p.row >= s.count)
        cell = s.post[p.row[own]] * s.months + p.month[own]
        order = np.argsort(cell, kind="stable")
        return own[order], cell[order]

    def _to_date(self, posts: slice, out: Array) -> None:
        cells, amounts = self._later
        since = posts.start * self.stretches.months
        a, b = cells.searchsorted((since, since + out.size))
        out.fill(0.0)
        np.add.at(out.ravel(), cells[a:b] - since, amounts[a:b])

    @cached_property
    def _later(self) -> tuple[Indices, Array]:
        later = ToDate(self.payroll)
        slips = {name: self.payroll.cents(name) for name in TO_DATE.values()}
        amounts = later.run(slips, self.payroll.ground.over(later.program)) / 100.0
        order = np.argsort(later.cell, kind="stable")  # contracts that share a month are apart
        return later.cell[order], amounts[order]

    @cached_property
    def grant(self) -> Array:
        """The State grant earned, posts × months, in cents."""
        return earned(self.payroll)

    # --- what few posts have: the rules one column after the other, on what is already known ----------

    @cached_property
    def _leavers(self) -> dict[str, Array]:
        """What former agents are owed beside their payslips, by line, posts × months; one nought where nobody is."""
        posts = np.flatnonzero(owed_to_leavers(self.inputs).any(axis=1))
        shape = (self.inputs.posts, self.stretches.months) if len(posts) else (1, 1)
        out = {line: np.zeros(shape) for line in LEAVER_LINES}
        if len(posts):
            given = {t: {k: v[posts] for k, v in fields.items()} for t, fields in self.inputs.given.items()}
            some = Model(replace(self.inputs, given=given))
            whole = np.zeros((len(posts), some.contract.width))
            some.contract.keep(
                reference_pay=self._pay_since(some.contract["reference_from"], posts),
                paid_so_far=self._pay_since(whole, posts),
            )
            for line in LEAVER_LINES:
                out[line][posts] = some.month[line]
        return out

    def _pay_since(self, since: Array, posts: Indices) -> Array:
        """Return the gross pay of each contract from a date on, posts × contracts."""
        p, s = self.payroll, self.stretches
        brut = p.values[p.names.index("brut")]
        out = np.zeros(since.shape)
        months = self.inputs.months
        held = np.repeat(s.number["contract_no"][: s.count], s.length[: s.count]).reshape(-1, s.months)[posts]
        paid = brut.take(p.index[posts])
        for k in range(since.shape[1]):
            counts = (held == k + 1) & (months >= since[:, k : k + 1])
            out[:, k] = np.where(counts, paid, 0.0).sum(axis=1)
        for slip in self._second[0]:
            row = p.row[slip]
            k = s.number["contract_no"][row] - 1
            at = np.flatnonzero(posts == s.post[row])
            if len(at) and months[p.month[slip]] >= since[at[0], k]:
                out[at[0], k] += brut[slip]
        return np.round(out, 2)

    @cached_property
    def _others(self) -> Any:
        """Costs and funding beside pay and grant: month rows that take the days worked from the payslips."""
        month = self.model.month
        if "thirtieths" in self.payroll.names:
            values = self.payroll.values[self.payroll.names.index("thirtieths")]
            month.keep(thirtieths=values.take(self.payroll.index))
        return month


def owed_to_leavers(inputs: Inputs) -> NDArray[np.bool_]:
    """Say of each contract, posts × contracts, whether its agent may be owed something after the last payslip."""
    contract = inputs.given["contract"]
    allowance = (contract["are_days"] > 0) & (inputs.constants["self_insured"] > 0)
    found: NDArray[np.bool_] = allowance | (contract["broken"] > 0) | (contract["break_pay"] > 0)
    return found


def common_ground(inputs: Inputs, law: Evaluator | None = None) -> Ground:
    """Return what a case holds in common, with the columns that its allowances, costs and funding look at."""
    owed = owed_to_leavers(inputs).any()
    items = any(len(fields["amount"]) for fields in inputs.members.values())
    return Ground(inputs, (*SLIP, *(["brut"] if owed else []), *(["thirtieths"] if items else [])), law)


def in_blocks(inputs: Inputs, columns: Sequence[str], posts: int) -> Iterator[dict[str, Array]]:
    """Yield columns of a portfolio, some posts at a time.

    Yields
    ------
    dict
        Columns by name, posts × months, in euros; each holds until the next block is asked for.
    """
    inputs = trimmed(inputs)
    ground = common_ground(inputs)
    buffers = {name: np.zeros((posts, len(inputs.months))) for name in columns}
    nobody = set(SLIP).difference(ground.names)
    if not owed_to_leavers(inputs).any():
        nobody.update(LEAVER_LINES)
    laid = [name for name in columns if name not in nobody]  # the others stay at nought
    for first in range(0, inputs.posts, PART):
        rows = slice(first, first + PART)
        given = {t: {k: v[rows] for k, v in fields.items()} for t, fields in inputs.given.items()}
        members = {f: _of_posts(fields, rows) for f, fields in inputs.members.items()}
        part = Portfolio(replace(inputs, given=given, members=members), ground)
        for at in range(0, part.inputs.posts, posts):
            block = slice(at, min(at + posts, part.inputs.posts))
            size = block.stop - at
            mine = {name: out[:size] for name, out in buffers.items()}
            part.lay(block, {name: mine[name] for name in laid})
            yield mine


def _of_posts(fields: dict[str, Array] | Any, rows: slice) -> dict[str, Array]:
    """Return the fields of a family of items for some posts: shares are by item and post."""
    return {name: value[:, rows] if np.ndim(value) == 2 else value for name, value in fields.items()}
