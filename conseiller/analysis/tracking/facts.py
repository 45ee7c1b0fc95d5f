"""What really happened to the pay of a post in a month: the operands that explain what was booked.

Either known (a dossier brought up to date) or found: the one operand that gives the amount booked to the
cent. Nothing found is a fact of its own kind, "default", and said so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from conseiller.engine import Array
from conseiller.law import LawError
from conseiller.projection import Projection

if TYPE_CHECKING:
    from conseiller.analysis.tracking.shared import SharedMonth

Basis = Literal["fact", "match", "default", "books"]
Cause = Literal[
    "calendar",
    "quotite",
    "index",
    "point_smic",
    "rate",
    "headcount",
    "unplanned",
    "not_yet_booked",
]
#: Causes, in the order in which they are shown; the order of computation is that of the document.
CAUSES: tuple[Cause, ...] = get_args(Cause)
#: A part of a variance: month rank, cause, basis, operand, value, cents.
Piece = tuple[int, Cause, Basis, str, float, int]
PayCause = Literal["headcount", "quotite", "index", "point_smic"]
#: Operands each cause changes, in the order of substitution.
OPERANDS: Mapping[PayCause, tuple[str, ...]] = {
    "headcount": ("thirtieths", "calendar_share"),
    "quotite": ("paid", "working"),
    "index": ("index_paid", "tib_plein", "indemnite_differentielle"),
    "point_smic": ("point", "smic"),
}
#: Operands that follow from index, point and SMIC.
FOLLOWING = ("tib_plein", "indemnite_differentielle")
_HALF_HOURS = np.arange(35.0, 70.0) / 2  # 17 h 30 to 34 h 30 a week


@dataclass
class Facts:
    """Operands of the pay that differ from the plan's, by post and month (NaN: as planned).

    Parameters
    ----------
    changed : dict
        Operand to an array (posts, months).
    basis : dict
        (post rank, month rank, cause) to how the operand is known.
    shared : dict
        (post rank, month rank) to what was paid in a month with more than one contract, in the plan or in fact;
        the operands of such a month stand there, not in `changed`.
    """

    changed: dict[str, Array]
    basis: dict[tuple[int, int, str], Basis] = field(default_factory=dict)
    shared: dict[tuple[int, int], SharedMonth] = field(default_factory=dict)

    @classmethod
    def none(cls, posts: int, months: int) -> Facts:
        """Return facts that change nothing."""
        names = [n for operands in OPERANDS.values() for n in operands]
        return cls({n: np.full((posts, months), np.nan) for n in names})

    def set(self, post: int, month: int, cause: PayCause, basis: Basis, **values: float) -> None:
        """Record what an operand was."""
        for name, value in values.items():
            self.changed[name][post, month] = value
        self.basis[post, month, cause] = basis

    def held(self, post: int, month: int) -> dict[str, float]:
        """Return the operands changed in a month, by name."""
        return {n: float(v[post, month]) for n, v in self.changed.items() if not np.isnan(v[post, month])}


def stated_facts(
    plan: Projection, real: Projection, post: int, facts: Facts, shared: Collection[int] = ()
) -> None:
    """Add the operands of a post of a dossier brought up to date, where they are not the plan's.

    Parameters
    ----------
    plan, real : Projection
        Posts are matched by code; months that `real` does not show are as planned.
    post : int
        Rank of the post in the plan.
    facts : Facts
        Changed in place.
    shared : collection of int
        Ranks of the months that several contracts share: they are told apart (see `shared`).
    """
    there = real.posts.index(plan.posts[post])
    shift = (plan.dossier.period.first - real.dossier.period.first) * 12
    months = np.arange(len(plan.months))
    shown = (months + shift >= 0) & (months + shift < len(real.months)) & ~np.isin(months, list(shared))
    for cause, names in OPERANDS.items():
        for name in names:
            if name in FOLLOWING:
                continue
            own = plan.model.month.full(name)[post]
            other = real.model.month.full(name)[there]
            for month in months[shown].tolist():
                if other[month + shift] != own[month]:
                    facts.set(post, month, cause, "fact", **{name: float(other[month + shift])})


def known_shares(plan: Projection) -> list[tuple[float, float]]:
    """Return shares of full pay with the share worked: part time as the law pays it, then h/35."""
    law, day = plan.law, date(plan.dossier.period.last, 12, 31)
    part = [(s, s) for s in (0.5, 0.6, 0.7)]
    for worked, parameter in ((0.8, "temps_partiel_80"), (0.9, "temps_partiel_90")):
        try:
            part.append((law.value(parameter, day), worked))
        except LawError:
            continue
    whole = law.value("temps_complet_heures", day)
    return [(1.0, 1.0), *part, *((h / whole, h / whole) for h in _HALF_HOURS.tolist())]
