"""Finds the operands behind the pay booked of one post: those that give the amount to the cent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from conseiller.analysis.slip import Part, Slip, parts_of
from conseiller.analysis.tracking.facts import OPERANDS, Basis, PayCause, known_shares
from conseiller.analysis.tracking.shared import SharedMonth, Stay, planned
from conseiller.projection import Projection

#: Pay indices worth trying.
_INDICES = np.arange(203.0, 1601.0)
#: Thirtieths worth trying: of one agent; of two who overlap.
_DAYS = np.arange(1.0, 31.0)
_OVERLAP = np.arange(31.0, 61.0)

Operands = Mapping[str, float]
#: Operands already changed, by rank of the part.
Held = Mapping[int, Operands]


@dataclass(frozen=True)
class Found:
    """An operand found, and what it changes: in one contract of the month, or in all (None)."""

    cause: PayCause
    basis: Basis
    values: Operands
    part: int | None = None


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
        #: Index and share found, by contract then month: {} where the plan's own gave the amount.
        self.known: dict[int, dict[int, Operands]] = {}
        self._shares = known_shares(plan)
        self._parts: dict[int, tuple[Part, ...]] = {}

    def parts(self, month: int) -> tuple[Part, ...]:
        """Return the contracts of the plan in a month."""
        if month not in self._parts:
            code = self.plan.posts[self.post]
            self._parts[month] = parts_of(self.plan, code, self.plan.months[month])
        return self._parts[month]

    def find(
        self, month: int, cents: int, neighbours: Sequence[tuple[int, int]], several: bool = False
    ) -> list[Found]:
        """Return the operands that give an amount of index pay in a month.

        Parameters
        ----------
        month : int
        cents : int
            Amount booked on `main`.
        neighbours : sequence of (month, cents)
            The months of one contract beside it, to tell a share from thirtieths.
        several : bool
            Whether the books hold several agents: an overlap is then tried before another index.

        Returns
        -------
        list of Found
            Empty when the plan gives the amount.
        """
        parts = self.parts(month)
        remembered = self._remembered(parts, month)
        for held in remembered:
            if Slip(parts, held).total(self.main)[0] == cents:
                self._remember(parts, month, held)
                return [*_kept(held)]
        for held in remembered:
            slip = Slip(parts, held)
            if found := self._one(slip, cents, neighbours, held, several):
                whom = range(len(parts)) if found.part is None else (found.part,)
                kept = [f for f in _kept(held) if f.cause != found.cause or f.part not in whom]
                self._remember(parts, month, held, found)
                return [*kept, found]
        return [*self._level(Slip(parts), cents)]

    def smic(self, slip: Slip, lines: Sequence[str], cents: int) -> Found | None:
        """Return the minimum wage that gives an amount of a track holding the differential allowance."""
        values = np.array([e.value for e in self.plan.base_law.table("smic_mensuel").entries])
        if slip.total(lines)[0] == cents:
            return None
        hit = np.flatnonzero(slip.total(lines, smic=values) == cents)
        if not len(hit):
            return None
        # Several give the same amount once under index pay: the one nearest to the plan's in value.
        own = slip.own("smic")
        best = min((float(values[h]) for h in hit), key=lambda v: abs(v - own))
        return Found("point_smic", "match", {"smic": best})

    # --- a month shared ---

    def shared(
        self, month: int, cents: int, neighbours: Sequence[tuple[int, int]], apart: Mapping[int, int]
    ) -> SharedMonth:
        """Return what was paid in a month that several contracts of the plan share.

        Parameters
        ----------
        month : int
        cents : int
            Amount booked on `main`.
        neighbours : sequence of (month, cents)
        apart : mapping
            What each contract was paid, by number, where the books tell agents apart; else empty.
        """
        parts = self.parts(month)
        if not apart:
            return stays_of(parts, self.find(month, cents, neighbours))
        found: list[Found] = []
        for k, part in enumerate(parts):
            own = apart.get(part.contract, 0)
            if not own:
                found.append(Found("headcount", "match", {"thirtieths": 0.0, "calendar_share": 0.0}, k))
                continue
            self._parts[month] = (part,)
            found += (Found(f.cause, f.basis, f.values, k) for f in self.find(month, own, neighbours))
        self._parts[month] = parts
        return stays_of(parts, found)

    def replaced(self, month: int, agents: Sequence[int]) -> SharedMonth | None:
        """Return a month of one contract in the plan that the books show paid to several agents.

        Parameters
        ----------
        month : int
        agents : sequence of int
            What each was paid on `main` [cents].

        Returns
        -------
        SharedMonth or None
            None when some amount is no number of thirtieths, at the terms of the plan or of a month beside.
        """
        (part,) = parts = self.parts(month)
        stays = []
        for cents in agents:
            for held in self._remembered(parts, month):
                if worked := self._thirtieths(Slip(parts, held), cents, _DAYS, None):
                    days = worked.values["thirtieths"]
                    stays.append(Stay(0, days, days / 30, {f.cause: f.values for f in _kept(held)}))
                    break
            else:
                return None
        causes: dict[PayCause, Basis] = dict.fromkeys(OPERANDS, "match")
        return SharedMonth((part,), tuple(stays), causes)

    # --- one operand ---

    def _one(
        self, slip: Slip, cents: int, neighbours: Sequence[tuple[int, int]], held: Held, several: bool
    ) -> Found | None:
        """Return the first operand that alone gives the amount, of all contracts of the month, else of one.

        Thirtieths or share, index, point or SMIC, then more thirtieths than the month has.
        """
        whom: list[int | None] = [None] if len(slip.parts) == 1 else [None, *range(len(slip.parts))]
        days = [k for k in whom if k is not None or len(whom) == 1]  # never together: the sum is one month
        for part in whom:
            worked = self._thirtieths(slip, cents, _DAYS, part) if part in days else None
            share = self._share(slip, cents, part)
            if worked and share and self._repeats(share, neighbours, held):
                worked = None
            if found := worked or share:
                return found
        over = [self._thirtieths(slip, cents, _OVERLAP, k) for k in days]
        overlap = next((f for f in over if f), None)
        if several and overlap:
            return overlap
        for part in whom:
            if found := self._index(slip, cents, part):
                return found
        return self._point(slip, cents) or overlap

    def _thirtieths(self, slip: Slip, cents: int, tried: np.ndarray, part: int | None) -> Found | None:
        hit = np.flatnonzero(slip.total(self.main, part, thirtieths=tried) == cents)
        if not len(hit):
            return None
        days = float(tried[hit[0]])
        return Found("headcount", "match", {"thirtieths": days, "calendar_share": days / 30}, part)

    def _share(self, slip: Slip, cents: int, part: int | None) -> Found | None:
        paid = np.array([p for p, _ in self._shares])
        hit = np.flatnonzero(slip.total(self.main, part, paid=paid) == cents)
        if not len(hit):
            return None
        values = dict(zip(("paid", "working"), self._shares[hit[0]], strict=True))
        return Found("quotite", "match", values, part)

    def _index(self, slip: Slip, cents: int, part: int | None) -> Found | None:
        hit = np.flatnonzero(slip.total(self.main, part, index_paid=_INDICES) == cents)
        if len(hit) != 1:
            return None
        return Found("index", "match", {"index_paid": float(_INDICES[hit[0]])}, part)

    def _point(self, slip: Slip, cents: int) -> Found | None:
        for name, parameter in (("point", "point_indice_annuel"), ("smic", "smic_mensuel")):
            if name == "smic" and "indemnite_differentielle" not in self.main:
                continue
            values = np.array([e.value for e in self.plan.base_law.table(parameter).entries])
            hit = np.flatnonzero(slip.total(self.main, None, **{name: values}) == cents)
            if len(hit):
                return Found("point_smic", "match", {name: float(values[hit[-1]])})
        return None

    def _level(self, slip: Slip, cents: int) -> Iterator[Found]:
        """Yield the full-time pay that gives an amount nothing explains: the same for all contracts."""
        ranks = slip.ranks(None)
        scale = sum(slip.own("paid", k) * slip.own("thirtieths", k) / 30 for k in ranks)
        rest = sum(slip.total([n])[0] for n in self.main if n != "traitement")
        level = max((cents - rest) / 100 / scale, 0.0)
        for k in ranks:
            # What nothing explains moves no allowance: a wage below the minimum would be made up by the rules.
            own = slip.own("indemnite_differentielle", k)
            yield Found("index", "default", {"tib_plein": level, "indemnite_differentielle": own}, k)

    # --- what is remembered of each contract ---

    def _remembered(self, parts: Sequence[Part], month: int) -> list[Held]:
        """Return what may hold in a month: the plan's terms, then those found under its contracts elsewhere."""
        beside = [self._beside(p.contract, month) for p in parts]
        found: list[Held] = []
        for choice in product(*(({}, *b) for b in beside)):
            held = {k: v for k, v in enumerate(choice) if v}
            if held not in found:
                found.append(held)
        return found

    def _beside(self, contract: int, month: int) -> list[Operands]:
        """Return what was found under a contract before a month, else under another before it, and after it."""
        mine = self.known.get(contract, {})
        others = {m: v for known in self.known.values() for m, v in known.items() if m < month}
        before = {m: v for m, v in mine.items() if m < month} or others
        after = {m: v for m, v in mine.items() if m > month}
        near = [before[max(before)]] if before else []
        near += [after[min(after)]] if after else []
        return [v for v in near if v]

    def _remember(self, parts: Sequence[Part], month: int, held: Held, found: Found | None = None) -> None:
        """Keep the index or the share of each contract for other months; thirtieths are of one month only."""
        if found and found.cause not in ("index", "quotite"):
            return
        for k, part in enumerate(parts):
            kept = dict(held.get(k, {}))
            if found and found.part in (None, k):
                kept = {n: v for n, v in kept.items() if n not in OPERANDS[found.cause]} | dict(found.values)
            self.known.setdefault(part.contract, {})[month] = kept

    def _repeats(self, share: Found, neighbours: Sequence[tuple[int, int]], held: Held) -> bool:
        """Say whether a neighbouring month shows the same share."""
        values = {**held.get(share.part or 0, {}), **share.values}
        return any(
            Slip(self.parts(m), {0: values}).total(self.main)[0] == cents
            for m, cents in neighbours
            if len(self.parts(m)) == 1
        )


def _kept(held: Held) -> Iterator[Found]:
    for part, operands in held.items():
        for cause, names in OPERANDS.items():
            if mine := {n: operands[n] for n in names if n in operands}:
                yield Found(cause, "match", mine, part)


def stays_of(parts: Sequence[Part], found: Sequence[Found]) -> SharedMonth:
    """Return a shared month with the operands found in it."""
    stays, basis = [], {f.cause: f.basis for f in found}
    for k, stay in enumerate(planned(parts)):
        mine = {f.cause: f.values for f in found if f.part in (None, k)}
        days = mine.pop("headcount", {})
        thirtieths = days.get("thirtieths", stay.thirtieths)
        share = days.get("calendar_share", stay.calendar_share)
        if thirtieths:
            stays.append(Stay(k, thirtieths, share, mine))
    return SharedMonth(tuple(parts), tuple(stays), basis)
