"""What the draws of a seed are: random numbers, and the law, contracts and payments they give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from conseiller.compiled.draws import Pay
from conseiller.compiled.ground import law_of
from conseiller.compiled.program import Evaluator
from conseiller.dossier import schema
from conseiller.engine import Array
from conseiller.law import to_serial
from conseiller.projection import Projection
from conseiller.simulation.course import Course, planned
from conseiller.simulation.payments import LatePayment, payments
from conseiller.simulation.together import pairs, together
from conseiller.simulation.uncertainties import (
    Growth,
    OfLaw,
    OfPosts,
    Uncertainty,
    operands,
    year_of,
)

Numbers = Mapping[str, Array]
Cents = NDArray[np.int64]
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
        found = [
            uncertainty.numbers(self._stream(rank, block), BLOCK, self.plan)
            for rank, uncertainty in enumerate(self.uncertainties)
        ]
        for rank, other in pairs(self.uncertainties):
            point, smic = self.uncertainties[rank], self.uncertainties[other or 0]
            if other is not None and isinstance(point, Growth) and isinstance(smic, Growth):
                streams = self._stream(rank, block), self._stream(other, block)
                found[rank], found[other] = together(point, smic, streams, BLOCK, self.plan)
        return found

    def _stream(self, rank: int, block: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, rank, block])

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

    @property
    def pays_late(self) -> bool:
        """Whether payments may be late: then those to come without a day are expected on the day they are due."""
        return any(isinstance(u, LatePayment) for u in self.uncertainties)

    def received(self, numbers: list[Numbers], size: int) -> Cents:
        """Return the grant cashed in by exercice, in cents, for the first draws of a block."""
        late = np.zeros((size, len(self._paid)))
        for uncertainty, drawn in zip(self.uncertainties, numbers, strict=True):
            if isinstance(uncertainty, LatePayment):
                late += drawn["days"][:size]
        return self._cashed(late)

    def on_time(self) -> Cents:
        """Return the grant cashed in by exercice when nothing is late, in cents."""
        cents: Cents = self._cashed(np.zeros((1, len(self._paid))))[0]
        return cents

    @cached_property
    def _paid(self) -> list[tuple[schema.Instalment, date]]:
        paid = payments(self.plan)
        return paid if self.pays_late else [(i, day) for i, day in paid if i.received is not None]

    def _cashed(self, late: Array) -> Cents:
        """Return the cents of each exercice, draws × exercices; what was paid before the report is never late."""
        days = np.array([to_serial(day) for _, day in self._paid])
        amounts = np.array([round(100 * i.amount) for i, _ in self._paid], dtype=np.int64)
        day = days + np.where(days > to_serial(self.plan.report_date), late, 0.0)
        year = year_of(day) if len(days) else np.zeros(late.shape, dtype=np.int64)
        return np.stack(
            [np.where(year == exercice, amounts, 0).sum(axis=1) for exercice in self.plan.exercices], axis=1
        )
