"""The payslip of the model: the month of a post, contract by contract where several share it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from conseiller.analysis.replay import Trial
from conseiller.dossier.schema import Post
from conseiller.engine import Array, Frame
from conseiller.projection import Projection
from conseiller.rules.algebra import months_of


@dataclass(frozen=True)
class Part:
    """The part of a month that one contract takes: a row of the model.

    Parameters
    ----------
    contract : int
        Number of the contract among those of its post, from 1, in the order of the dossier.
    first, last : date
        First and last day of the contract within the month.
    frame : Frame
        Where the row stands: the months, or the rows of second contracts.
    post, row : int
        Row and column of the frame.
    """

    contract: int
    first: date
    last: date
    frame: Frame
    post: int
    row: int


def following(month: date) -> date:
    """Return the first day of the next month."""
    return (month.replace(day=1) + timedelta(days=31)).replace(day=1)


def contracts_in(post: Post, month: date) -> tuple[int, ...]:
    """Return the numbers of the contracts of a post that run in a month, by start."""
    first, after = month.replace(day=1), following(month)
    running = [
        (c.start, k)
        for k, c in enumerate(post.contracts, start=1)
        if c.start < after and (c.end is None or c.end >= first)
    ]
    return tuple(k for _, k in sorted(running))


def parts_of(plan: Projection, post: str, month: date) -> tuple[Part, ...]:
    """Return the paid parts of a month, by start; none where the plan has no agent.

    Parameters
    ----------
    plan : Projection
    post : str
    month : date
        First day of a month that the plan shows.
    """
    p = plan.posts.index(post)
    start = (plan.dossier.period.first - 1970) * 12
    rank = (month.year - 1970) * 12 + month.month - 1 - start
    model, contracts = plan.model, plan.dossier.posts[p].contracts
    first_there = model.month.full("contract_no")[p, rank]
    found = []
    for number in contracts_in(plan.dossier.posts[p], month):
        frame, row = (model.month, rank) if first_there == number else (model.extra, number - 1)
        if months_of(frame.full("month")[p, row]) - start != rank or not frame.full("thirtieths")[p, row]:
            continue
        contract = contracts[number - 1]
        last = following(month) - timedelta(days=1)
        end = last if contract.end is None else min(contract.end, last)
        found.append(Part(number, max(contract.start, month), end, frame, p, row))
    return tuple(found)


class Slip:
    """The pay of the parts of a month added up, with some operands changed.

    Parameters
    ----------
    parts : sequence of Part
        At least one.
    held : mapping
        Operands already changed, by rank of the part.
    """

    def __init__(self, parts: Sequence[Part], held: Mapping[int, Mapping[str, float]] | None = None) -> None:
        self.parts = tuple(parts)
        held = held or {}
        self.trials = [Trial(p.frame, p.post, p.row, held.get(k)) for k, p in enumerate(self.parts)]

    def own(self, name: str, part: int | None = None) -> float:
        """Return the value of an operand in a part; in the first one where it is the same in all."""
        return self.trials[part or 0].own(name)

    def alike(self, *names: str) -> bool:
        """Say whether operands have the same value in every part."""
        return all(len({t.own(n) for t in self.trials}) == 1 for n in names)

    def total(self, names: Iterable[str], part: int | None = None, **tried: Any) -> Array:
        """Return the sum of lines [cents] for each of the values tried in a part, or in all of them."""
        only: Array = self.totals([names], part, **tried)[0]
        return only

    def totals(self, groups: Iterable[Iterable[str]], part: int | None = None, **tried: Any) -> Array:
        """Return the sums of several groups of lines, one row each [cents]."""
        names = [tuple(g) for g in groups]
        length = max((np.size(v) for v in tried.values()), default=1)
        out = np.zeros((len(names), length))
        for k, trial in enumerate(self.trials):
            out = out + trial.totals(names, **(tried if part in (None, k) else {}))
        return out

    def ranks(self, part: int | None) -> Sequence[int]:
        """Return the ranks of the parts meant: one, or all."""
        return range(len(self.parts)) if part is None else (part,)
