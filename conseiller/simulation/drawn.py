"""What the draws of a seed are: random numbers, and the law, contracts and payments they give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from conseiller.compiled.draws import Pay
from conseiller.compiled.ground import law_of
from conseiller.compiled.program import Evaluator
from conseiller.engine import Array
from conseiller.law import to_serial
from conseiller.projection import Projection
from conseiller.simulation.course import Course, planned
from conseiller.simulation.uncertainties import (
    LatePayment,
    OfLaw,
    OfPosts,
    Uncertainty,
    operands,
    payments,
    year_of,
)

Numbers = Mapping[str, Array]
Chain = list[tuple[OfLaw, Numbers]]

#: Draws that share a stream of random numbers: the same whatever the number of draws or of cores.
BLOCK = 100


class Drawn:
    """What is drawn of a plan, block by block.

    Attributes
    ----------
    plan : Projection
        The plan itself.
    uncertainties : tuple of Uncertainty
        Contracts are moved in this order.
    seed : int
    """

    def __init__(self, plan: Projection, uncertainties: Sequence[Uncertainty], seed: int) -> None:
        self.plan = plan
        self.uncertainties = tuple(uncertainties)
        self.seed = seed

    def numbers(self, block: int) -> list[Numbers]:
        """Draw a block of numbers for each uncertainty, each from a stream of its own."""
        return [
            uncertainty.numbers(np.random.default_rng([self.seed, rank, block]), BLOCK, self.plan)
            for rank, uncertainty in enumerate(self.uncertainties)
        ]

    @property
    def moves(self) -> bool:
        """Whether draws move contracts."""
        return any(isinstance(u, OfPosts) for u in self.uncertainties)

    @cached_property
    def pay(self) -> Pay:
        """The pay of posts whose contracts do not move, under any law: made ready once for all blocks."""
        return Pay(self.plan.inputs)

    def chains(self, numbers: list[Numbers]) -> dict[str, Chain]:
        """Return what changes each legal value, in order."""
        chains: dict[str, Chain] = {}
        for uncertainty, drawn in zip(self.uncertainties, numbers, strict=True):
            if isinstance(uncertainty, OfLaw):
                chains.setdefault(uncertainty.parameter, []).append((uncertainty, drawn))
        return chains

    def law(self, numbers: list[Numbers]) -> dict[str, Array]:
        """Return the operands that change: their values, draws × months."""
        found, months = {}, self.plan.inputs.months
        for name, chain in self.chains(numbers).items():
            value: Array = np.broadcast_to(self._base.operand(operands()[name]), months.shape)
            for uncertainty, drawn in chain:
                value = uncertainty.values(value, months, drawn, self.plan)
            found[operands()[name]] = value
        return found

    @cached_property
    def _base(self) -> Evaluator:
        return law_of(self.plan.inputs)

    def course(self, numbers: list[Numbers], draws: slice) -> Course | None:
        """Return who is in post in some draws of a block; None when nothing moves."""
        course = None
        for uncertainty, drawn in zip(self.uncertainties, numbers, strict=True):
            if isinstance(uncertainty, OfPosts):
                mine = {name: values[draws] for name, values in drawn.items()}
                size = len(next(iter(mine.values())))
                course = planned(self.plan.inputs, size) if course is None else course
                course = uncertainty.moved(course, mine, self.plan)
        return course

    def received(self, numbers: list[Numbers], size: int) -> NDArray[np.int64]:
        """Return the grant cashed in by exercice, in cents, for the first draws of a block."""
        paid = payments(self.plan.dossier)
        days = np.array([to_serial(i.received) for i in paid if i.received is not None])
        table = np.broadcast_to(days, (size, len(days))).copy()
        late = days > to_serial(self.plan.report_date)
        for uncertainty, drawn in zip(self.uncertainties, numbers, strict=True):
            if isinstance(uncertainty, LatePayment):
                table += np.where(late, drawn["days"][:size], 0.0)
        amounts = np.array([round(100 * i.amount) for i in paid], dtype=np.int64)
        year = year_of(table) if len(days) else np.zeros((size, 0), dtype=np.int64)
        return np.stack(
            [np.where(year == exercice, amounts, 0).sum(axis=1) for exercice in self.plan.exercices], axis=1
        )
