"""A month that several contracts of a post share: each is explained by what happened to it.

An agent leaves on the 10th and another arrives on the 11th, a contract is renewed, two agents overlap: the month is then
as many payslips, and an operand of one is not that of the other. See ``docs/tracking.md``, part B.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from conseiller.analysis.slip import Part, Slip, parts_of
from conseiller.analysis.tracking.cells import Cents
from conseiller.analysis.tracking.facts import FOLLOWING, OPERANDS, Basis, PayCause
from conseiller.projection import Projection

Operands = Mapping[str, float]


@dataclass(frozen=True)
class Stay:
    """Days really paid of a month, under the contract of the plan that they replace.

    Parameters
    ----------
    part : int
        Rank of that contract among those of the plan in the month.
    thirtieths, calendar_share : float
        What was paid of the month.
    changed : mapping
        By cause, the other operands that were not the plan's.
    """

    part: int
    thirtieths: float
    calendar_share: float
    changed: Mapping[PayCause, Operands] = field(default_factory=dict)


@dataclass(frozen=True)
class SharedMonth:
    """A month with more than one contract, in the plan or in fact.

    Parameters
    ----------
    parts : tuple of Part
        The contracts of the plan.
    stays : tuple of Stay
        What was really paid.
    basis : mapping
        How each cause is known.
    """

    parts: tuple[Part, ...]
    stays: tuple[Stay, ...]
    basis: Mapping[PayCause, Basis] = field(default_factory=dict)

    def effects(self, groups: Sequence[Iterable[str]]) -> dict[PayCause, Cents]:
        """Return the effect of each cause on each group of lines, by sequential substitution [cents]."""
        names = [tuple(g) for g in groups]
        before = Slip(self.parts).totals(names)[:, 0]
        found: dict[PayCause, Cents] = {}
        for step, cause in enumerate(OPERANDS):
            after = self.slip(step).totals(names)[:, 0]
            found[cause] = np.rint(after - before).astype(np.int64)
            before = after
        return found

    def slip(self, step: int = len(OPERANDS) - 1) -> Slip:
        """Return the pay with the operands of the causes up to a step.

        Stays that differ in nothing but their days are one payslip, so that a contract cut in two like ones
        explains nothing.
        """
        causes = [c for c in OPERANDS if c != "headcount"][:step]
        merged: dict[tuple[int, tuple[tuple[str, float], ...]], list[Stay]] = {}
        for stay in self.stays:
            values = tuple((n, v) for c in causes for n, v in stay.changed.get(c, {}).items())
            merged.setdefault((stay.part, values), []).append(stay)
        held = []
        for (part, values), stays in merged.items():
            days = sum(s.thirtieths for s in stays)
            own = _own(self.parts[part], "thirtieths")
            time = {}
            if days != own:  # the plan's own share of the month is kept to the last digit
                time = {"thirtieths": days, "calendar_share": sum(s.calendar_share for s in stays)}
            held.append((self.parts[part], time | dict(values)))
        return Slip([p for p, _ in held], dict(enumerate(v for _, v in held)))

    def operand(self, cause: PayCause) -> tuple[str, float]:
        """Return the first operand that a cause changed, and its value; thirtieths are those of all stays."""
        if cause == "headcount":
            return "thirtieths", sum(s.thirtieths for s in self.stays)
        for stay in self.stays:
            for name, value in stay.changed.get(cause, {}).items():
                return name, value
        return "", float("nan")

    def as_one(self) -> dict[PayCause, dict[str, float]] | None:
        """Return the operands changed where the month is one payslip: one contract in the plan, one set of terms.

        None where it is not.
        """
        first = next(iter(self.stays), None)
        if first is None or len(self.parts) > 1 or any(s.changed != first.changed for s in self.stays):
            return None
        days, share = (sum(getattr(s, n) for s in self.stays) for n in ("thirtieths", "calendar_share"))
        found = {c: dict(v) for c, v in first.changed.items()}
        if days != _own(self.parts[0], "thirtieths"):
            found["headcount"] = {"thirtieths": days, "calendar_share": share}
        return found

    def with_cause(self, cause: PayCause, values: Operands) -> SharedMonth:
        """Return the month with operands found that hold for every contract."""
        stays = tuple(replace(s, changed={**s.changed, cause: values}) for s in self.stays)
        return replace(self, stays=stays, basis={**self.basis, cause: "match"})

    @property
    def etp(self) -> float:
        """Full-time equivalents really paid in the month."""
        found = 0.0
        for stay in self.stays:
            working = stay.changed.get("quotite", {}).get("working", _own(self.parts[stay.part], "working"))
            found += working * stay.thirtieths / 30
        return found


def _own(part: Part, name: str) -> float:
    return float(part.frame.full(name)[part.post, part.row])


def planned(parts: Sequence[Part]) -> list[Stay]:
    """Return the stays of the plan."""
    return [Stay(k, _own(p, "thirtieths"), _own(p, "calendar_share")) for k, p in enumerate(parts)]


# --- known from a dossier brought up to date -------------------------------------------------------------


def stated_month(plan: Projection, real: Projection, post: str, month: date) -> SharedMonth | None:
    """Return a month as a dossier brought up to date states it; None when one contract took it, here and there.

    Each day really paid stands against the contract that the plan had on that day; a day on which it had
    none, against the contract nearest to it.

    Parameters
    ----------
    plan, real : Projection
        Posts are matched by code.
    post : str
    month : date
        First day of a month that both show.
    """
    parts, there = parts_of(plan, post, month), parts_of(real, post, month)
    if not parts or (len(parts) < 2 and len(there) < 2):
        return None
    stays = []
    for mine in there:
        whole, share = _own(mine, "thirtieths"), _own(mine, "calendar_share")
        for k, days in enumerate(_days(parts, mine, whole)):
            if days:
                stays.append(Stay(k, days, share * days / whole, _differing(parts[k], mine)))
    causes: dict[PayCause, Basis] = dict.fromkeys(OPERANDS, "fact")
    return SharedMonth(parts, tuple(stays), causes)


def _days(parts: Sequence[Part], real: Part, whole: float) -> list[float]:
    """Return the thirtieths of a stay that fall to each contract of the plan."""
    start, end = _thirtieths(real)
    bounds = [_thirtieths(p) for p in parts]
    found = [max(min(end, b) - max(start, a), 0.0) for a, b in bounds]
    if left := whole - sum(found):
        near = [max(a - end, start - b, 0.0) for a, b in bounds]
        best = max(range(len(parts)), key=lambda k: (found[k], -near[k]))
        found[best] += left
    return found


def _thirtieths(part: Part) -> tuple[float, float]:
    """Return the thirtieths of the month elapsed when a part begins and ends (see `rules.calendar`)."""
    start = min(part.first.day - 1, 30)
    return float(start), float(start + _own(part, "thirtieths"))


def _differing(plan: Part, real: Part) -> dict[PayCause, Operands]:
    found: dict[PayCause, Operands] = {}
    for cause, names in OPERANDS.items():
        if cause == "headcount":
            continue
        pairs = {n: (_own(plan, n), _own(real, n)) for n in names if n not in FOLLOWING}
        if changed := {n: there for n, (here, there) in pairs.items() if there != here}:
            found[cause] = changed
    return found
