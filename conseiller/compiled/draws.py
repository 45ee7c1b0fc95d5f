"""Pay under many laws: the payslips of a portfolio once for each draw of the law.

What does not depend on the law is laid out once; each draw then goes through the same
programs, every payslip rounded to the cent. Blocks of payslips stay in the processor's
cache while all draws of a block pass over them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import numpy as np

from conseiller.compiled.ground import AFTER, SLIP, TO_DATE, Ground, law_of
from conseiller.compiled.payroll import Payroll, ToDate
from conseiller.compiled.portfolio import PART, Portfolio
from conseiller.compiled.program import Array, Evaluator, Program
from conseiller.engine import Inputs
from conseiller.rules.totals import PAY_LINES

#: Draws that pass over the payslips together.
BLOCK = 250
#: Payslips computed at a time: all their columns stay in the cache.
_ROWS = 8192


def with_draws(law: Evaluator, values: Mapping[str, Array]) -> Evaluator:
    """Return a law that is that of the case but for some operands of the months: their values, draws × months."""

    def operand(name: str) -> Any:
        return values[name] if name in values else law.operand(name)

    return Evaluator(operand)


class Pay:
    """Pay lines of a portfolio by exercice, summed over the posts, for any draw of the law.

    Parameters
    ----------
    inputs : Inputs
        A compiled case.
    """

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.years = len(inputs.months) // 12
        self.lines = PAY_LINES

    def run(
        self,
        values: Mapping[str, Array],
        cores: int = 1,
        progress: Callable[[int, int], None] | None = None,
    ) -> Array:
        """Return the lines in whole cents, draws × lines × exercices.

        Parameters
        ----------
        values : mapping
            Operand of the months (``point``, ``smic``, ``rate_cnracl``…) to its values, draws × months.
        cores : int
            Processes at work; the figures are the same with any number. Worth it from some seconds on.
        progress : callable, optional
            Told how many draws are done, of how many.
        """
        draws = len(next(iter(values.values())))
        step = min(BLOCK, -(-draws // cores))
        blocks = [
            {name: table[since : since + step] for name, table in values.items()}
            for since in range(0, draws, step)
        ]
        found = []
        with ProcessPoolExecutor(cores) if cores > 1 else nullcontext() as pool:
            for piece in pool.map(self._block, blocks) if pool else map(self._block, blocks):
                found.append(piece)
                if progress:
                    progress(sum(map(len, found)), draws)
        return np.concatenate(found)

    def _block(self, values: Mapping[str, Array]) -> Array:
        out = np.zeros((len(next(iter(values.values()))), len(self.lines), self.years))
        ground = Ground(self.inputs, SLIP, with_draws(law_of(self.inputs), values), common=True)
        for first in range(0, self.inputs.posts, PART):
            rows = slice(first, first + PART)
            given = {t: {k: v[rows] for k, v in f.items()} for t, f in self.inputs.given.items()}
            self._add(Portfolio(replace(self.inputs, given=given), ground).payroll, out)
        return out

    def _add(self, payroll: Payroll, out: Array) -> None:
        """Add what some posts cost under each draw of a block."""
        ground, draws = payroll.ground, len(out)
        program, later = ground.other, ToDate(payroll)
        later_law = _by_draw(ground, ground.later, draws)
        order, parts = payroll.by_law(_ROWS)
        used = later.uses(order)
        kept = {name: np.empty((draws, len(used))) for name in TO_DATE.values()}
        lines = [self.lines.index(name) for name in program.names if name in self.lines]
        scratch = program.buffers(_ROWS)
        hot = np.empty((len(program.names), _ROWS))  # lines first: they are added up as one table
        places = sorted(range(len(program.names)), key=lambda k: program.names[k] not in self.lines)
        for part in parts:
            size = part.to - part.since
            rows = hot[:, :size]
            cents, columns = rows[: len(lines)], [rows[places.index(k)] for k in range(len(places))]
            buffers = [b[:size] for b in scratch]
            weight = payroll.weight[order[part.since : part.to]].astype(float)
            a, b = np.searchsorted(used, [part.since, part.to])
            mine = used[a:b] - part.since
            for draw, law in enumerate(_at(ground.over(program), part.month, draws)):
                program.run([*part.given, *law], columns, buffers)
                out[draw, lines, part.month // 12] += cents @ weight
                for name, column in zip(program.names, columns, strict=True):
                    if name in kept:
                        kept[name][draw, a:b] = column[mine]
        year = later.month // 12
        for draw in range(draws):
            amounts = later.run({name: k[draw] for name, k in kept.items()}, later_law[draw])
            out[draw, self.lines.index(AFTER)] += np.bincount(year, amounts, minlength=self.years)


def _at(law: list[Any], month: int, draws: int) -> list[list[float]]:
    """Return plain numbers of the law at a month, draw by draw."""
    table = np.empty((len(law), draws))
    for row, value in zip(table, law, strict=True):
        row[:] = value if np.ndim(value) == 0 else value[..., month]
    numbers: list[list[float]] = table.T.tolist()
    return numbers


def _by_draw(ground: Ground, program: Program, draws: int) -> list[list[Any]]:
    """Return the values over the months of what the months alone give, draw by draw."""
    tables = [value if np.ndim(value) == 2 else [value] * draws for value in ground.over(program)]
    return [list(values) for values in zip(*tables, strict=True)]
