"""What really happened to the pay of a post in a month: the operands that explain what was booked.

Either known (a dossier brought up to date) or found: the one operand that gives the amount booked to the
cent. Nothing found is a fact of its own kind, "default", and said so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np

from conseiller.analysis.replay import Trial
from conseiller.engine import Array
from conseiller.law import LawError
from conseiller.projection import Projection

Basis = Literal["fact", "match", "default", "books"]
PayCause = Literal["headcount", "quotite", "index", "point_smic"]
#: Operands each cause changes, in the order of substitution.
OPERANDS: Mapping[PayCause, tuple[str, ...]] = {
    "headcount": ("thirtieths", "calendar_share"),
    "quotite": ("paid", "working"),
    "index": ("index_paid", "tib_plein", "indemnite_differentielle"),
    "point_smic": ("point", "smic"),
}
#: Pay indices worth trying.
_INDICES = np.arange(203.0, 1601.0)
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
    """

    changed: dict[str, Array]
    basis: dict[tuple[int, int, str], Basis] = field(default_factory=dict)

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


def stated_facts(plan: Projection, real: Projection, post: int, facts: Facts) -> None:
    """Add the operands of a post of a dossier brought up to date, where they are not the plan's.

    Parameters
    ----------
    plan, real : Projection
        Posts are matched by code; months that `real` does not show are as planned.
    post : int
        Rank of the post in the plan.
    facts : Facts
        Changed in place.
    """
    there = real.posts.index(plan.posts[post])
    shift = (plan.dossier.period.first - real.dossier.period.first) * 12
    months = np.arange(len(plan.months))
    shown = (months + shift >= 0) & (months + shift < len(real.months))
    for cause, names in OPERANDS.items():
        for name in names:
            if name in ("tib_plein", "indemnite_differentielle"):  # follow from index, point and SMIC
                continue
            own = plan.model.month.full(name)[post]
            other = real.model.month.full(name)[there]
            for month in months[shown].tolist():
                if other[month + shift] != own[month]:
                    facts.set(post, month, cause, "fact", **{name: float(other[month + shift])})


class Finder:
    """Finds the operands behind the pay booked of one post.

    Parameters
    ----------
    plan : Projection
    post : int
        Rank of the post.
    main : sequence of str
        Plan lines of the track that holds index pay.
    """

    def __init__(self, plan: Projection, post: int, main: Sequence[str]) -> None:
        self.plan = plan
        self.post = post
        self.main = tuple(main)
        self.frame = plan.model.month
        self.last: dict[str, float] = {}
        self._shares = known_shares(plan)

    def find(self, month: int, cents: int, neighbours: Sequence[tuple[int, int]]) -> list[_Found]:
        """Return the operands that give an amount of index pay in a month.

        Parameters
        ----------
        month : int
        cents : int
            Amount booked on `main`.
        neighbours : sequence of (month, cents)
            The months beside it, to tell a share from thirtieths.

        Returns
        -------
        list of _Found
            Empty when the plan gives the amount.
        """
        for held in ({}, self.last) if self.last else ({},):
            trial = Trial(self.frame, self.post, month, held)
            if held and trial.total(self.main)[0] == cents:
                return [*self._kept(held)]
            if not held and trial.total(self.main)[0] == cents:
                self.last = {}
                return []
        for held in ({}, self.last) if self.last else ({},):
            trial = Trial(self.frame, self.post, month, held)
            if found := self._one(trial, month, cents, neighbours, held):
                kept = [f for f in self._kept(held) if f.cause != found.cause]
                self._remember(found, held)
                return [*kept, found]
        trial = Trial(self.frame, self.post, month)
        scale = trial.own("paid") * trial.own("thirtieths") / 30
        rest = sum(trial.total([n])[0] for n in self.main if n != "traitement")
        level = max((cents - rest) / 100 / scale, 0.0)
        # What nothing explains moves no allowance: a wage below the minimum would be made up by the rules.
        own = trial.own("indemnite_differentielle")
        return [_Found("index", "default", {"tib_plein": level, "indemnite_differentielle": own})]

    def _one(
        self,
        trial: Trial,
        month: int,
        cents: int,
        neighbours: Sequence[tuple[int, int]],
        held: Mapping[str, float],
    ) -> _Found | None:
        """Return the first operand that alone gives the amount: thirtieths or share, index, point, SMIC."""
        part = self._thirtieths(trial, cents)
        share = self._share(trial, cents)
        if part and share and self._repeats(share, neighbours, held):
            part = None
        return part or share or self._index(trial, cents) or self._point(trial, month, cents)

    def _thirtieths(self, trial: Trial, cents: int) -> _Found | None:
        tried = np.arange(1.0, 31.0)
        hit = np.flatnonzero(trial.total(self.main, thirtieths=tried) == cents)
        if not len(hit):
            return None
        days = float(tried[hit[0]])
        return _Found("headcount", "match", {"thirtieths": days, "calendar_share": days / 30})

    def _share(self, trial: Trial, cents: int) -> _Found | None:
        paid = np.array([p for p, _ in self._shares])
        hit = np.flatnonzero(trial.total(self.main, paid=paid) == cents)
        if not len(hit):
            return None
        return _Found("quotite", "match", dict(zip(("paid", "working"), self._shares[hit[0]], strict=True)))

    def _index(self, trial: Trial, cents: int) -> _Found | None:
        hit = np.flatnonzero(trial.total(self.main, index_paid=_INDICES) == cents)
        if len(hit) != 1:
            return None
        return _Found("index", "match", {"index_paid": float(_INDICES[hit[0]])})

    def _point(self, trial: Trial, month: int, cents: int) -> _Found | None:
        for name, parameter in (("point", "point_indice_annuel"), ("smic", "smic_mensuel")):
            if name == "smic" and "indemnite_differentielle" not in self.main:
                continue
            values = np.array([e.value for e in self.plan.base_law.table(parameter).entries])
            hit = np.flatnonzero(trial.total(self.main, **{name: values}) == cents)
            if len(hit):
                return _Found("point_smic", "match", {name: float(values[hit[-1]])})
        return None

    def smic(self, month: int, lines: Sequence[str], cents: int, held: Mapping[str, float]) -> _Found | None:
        """Return the minimum wage that gives an amount of a track holding the differential allowance."""
        trial = Trial(self.frame, self.post, month, held)
        values = np.array([e.value for e in self.plan.base_law.table("smic_mensuel").entries])
        totals = trial.total(lines, smic=values)
        if trial.total(lines)[0] == cents:
            return None
        hit = np.flatnonzero(totals == cents)
        if not len(hit):
            return None
        # Several give the same amount once under index pay: the one nearest to the plan's in value.
        own = trial.own("smic")
        best = min((float(values[h]) for h in hit), key=lambda v: abs(v - own))
        return _Found("point_smic", "match", {"smic": best})

    # --- what is remembered from month to month ---

    def _remember(self, found: _Found, held: Mapping[str, float]) -> None:
        """Keep an index or a share for the next months; thirtieths are of one month only."""
        if found.cause in ("index", "quotite") and found.basis == "match":
            kept = {n: v for n, v in held.items() if n not in OPERANDS[found.cause]}
            self.last = {**kept, **found.values}

    def _kept(self, held: Mapping[str, float]) -> Iterator[_Found]:
        for cause, names in OPERANDS.items():
            if mine := {n: held[n] for n in names if n in held}:
                yield _Found(cause, "match", mine)

    def _repeats(
        self, share: _Found, neighbours: Sequence[tuple[int, int]], held: Mapping[str, float]
    ) -> bool:
        """Say whether a neighbouring month shows the same share."""
        values = {**held, **share.values}
        return any(
            Trial(self.frame, self.post, m, values).total(self.main)[0] == cents for m, cents in neighbours
        )


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


@dataclass(frozen=True)
class _Found:
    """An operand found, and what it changes."""

    cause: PayCause
    basis: Basis
    values: dict[str, float]
