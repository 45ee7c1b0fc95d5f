"""Looks for the causes of the gaps of a payslip: the one that accounts for the most amounts first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from conseiller.analysis.calibration.candidates import (
    Candidate,
    GapCause,
    Observation,
    candidates,
    combined,
)
from conseiller.analysis.slip import Part, Slip
from conseiller.ledger.accounts import JOIN
from conseiller.messages import Lang
from conseiller.projection import Projection

if TYPE_CHECKING:
    import pandas as pd

#: What payslips of other software may differ by, line by line [cents].
TOLERANCE = 2
_MOST_STEPS = 12


@dataclass(frozen=True)
class Gap:
    """Part of the difference between a payslip and the model, and what lies behind it.

    Parameters
    ----------
    cause : GapCause
    name : str
        Operand of the model, line of the plan, or key of the payslip.
    amount : float
        What it moves, all lines together [euros].
    was, found : float or None
        Value of the model and value that gives the payslip.
    certain : bool
        Whether no other value, and no other cause, gives as good an account.
    account : str
        For an account: the one the payslip uses.
    values : mapping
        Every operand changed.
    contract : int
        Number of the contract it is about, where several share the month and only one has it; else 0.
    """

    cause: GapCause
    name: str
    amount: float
    was: float | None = None
    found: float | None = None
    certain: bool = True
    account: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
    contract: int = 0

    @property
    def adoptable(self) -> bool:
        """Whether it can be written into the dossier."""
        return self.cause not in {"thirtieths", "rounding", "unexplained"}

    def label(self, lang: Lang = "fr") -> str:
        """Return the gap in words."""
        from conseiller.analysis.calibration.shown import gap_label

        return gap_label(self, lang)


class Search:
    """Tries causes one after the other, the one that accounts for the most amounts first."""

    def __init__(
        self, plan: Projection, parts: Sequence[Part], seen: Sequence[Observation], day: date
    ) -> None:
        self.plan = plan
        self.parts = tuple(parts)
        self.seen = list(seen)
        self.day = day
        self.held: dict[int, dict[str, float]] = {k: {} for k in range(len(parts))}
        self.gaps: list[Gap] = []
        #: Lines of each amount before accounts are moved.
        self.stated = [o.codes for o in seen]
        self.model = [int(self._slip().total(o.codes)[0]) for o in seen]

    def run(self) -> None:
        """Take causes until none accounts for an amount more; name what is left."""
        for _ in range(_MOST_STEPS):
            if not any(self._left()) or not self._step():
                break
        self._close()

    def table(self) -> pd.DataFrame:
        """Return the amounts side by side."""
        import pandas as pd

        left = self._left()
        rows = [
            (o.key, JOIN.join(codes), m / 100, o.cents / 100, (o.cents - m) / 100, x / 100)
            for o, codes, m, x in zip(self.seen, self.stated, self.model, left, strict=True)
        ]
        return pd.DataFrame(rows, columns=["key", "line", "model", "payslip", "gap", "left"])

    def _slip(self, part: int | None = None, **more: float) -> Slip:
        """Return the pay of the month with the operands found so far, and some more in a part."""
        return Slip(self.parts, {k: {**h, **(more if part == k else {})} for k, h in self.held.items()})

    def _left(self) -> list[int]:
        slip = self._slip()
        totals = slip.totals([o.codes for o in self.seen])[:, 0]
        return [o.cents - int(t) for o, t in zip(self.seen, totals, strict=True)]

    def _step(self) -> bool:
        """Adopt what accounts for the most amounts; say whether something did better than nothing."""
        base = _score(self._left())
        one, two = self._single(base), self._pair(base)
        if two is not None and (one is None or two.score[0] >= one.score[0] + 2):
            # Two operands must explain two amounts more than one.
            shared = "paid" in two.more
            cause: GapCause = "quotite" if shared else "thirtieths"
            name = "paid" if shared else "thirtieths"
            held = {n: np.array([v]) for n, v in two.more.items()}
            self._take(Candidate(cause, name, held, part=two.candidate.part), 0, two.alone)
            one = two
        if one is None:
            return False
        self._take(one.candidate, one.rank, one.alone)
        return True

    def _single(self, base: tuple[int, int]) -> _Best | None:
        """Return the best of the causes tried alone; None when none accounts for an amount more."""
        slip, left = self._slip(), self._left()
        best: _Best | None = None
        for candidate in candidates(self.plan, slip, self.seen, left, self.day):
            moved = None if candidate.moves is None else [_score(self._moved(left, candidate))]
            best = _better(best, base, candidate, moved or self._scores(slip, candidate), {})
        return best

    def _pair(self, base: tuple[int, int]) -> _Best | None:
        """Return the best index with a share or a part of the month, where index pay is not explained."""
        main = [x for o, x in zip(self.seen, self._left(), strict=True) if "traitement" in o.codes]
        best: _Best | None = None
        if not any(abs(x) > TOLERANCE for x in main):
            return None
        for candidate, more in combined(self.plan, self._slip()):
            scores = self._scores(self._slip(candidate.part, **more), candidate)
            best = _better(best, base, candidate, scores, more)
        return best

    def _scores(self, slip: Slip, candidate: Candidate) -> list[tuple[int, int]]:
        totals = slip.totals([o.codes for o in self.seen], candidate.part, **candidate.tried)
        left = np.abs(np.array([[o.cents] for o in self.seen]) - totals)
        matched, rest = (left <= TOLERANCE).sum(axis=0), left.sum(axis=0)
        return [(int(m), -int(r)) for m, r in zip(matched, rest, strict=True)]

    def _take(self, candidate: Candidate, k: int, certain: bool) -> None:
        before = self._left()
        if candidate.moves is not None:
            home, to = candidate.moves
            account = self.seen[to].key
            line = candidate.name
            amount = sum(before)
            self._move(line, home, to)
            amount -= sum(self._left())
            self.gaps.append(Gap("account", line, amount / 100, account=account, certain=certain))
            return
        part = candidate.part
        slip = self._slip()
        was = slip.own(candidate.name, part)
        values = {n: float(v[k]) for n, v in candidate.tried.items()}
        for rank in slip.ranks(part):
            self.held[rank] |= values
        amount = sum(before) - sum(self._left())
        found = values[candidate.name]
        contract = 0 if part is None or len(self.parts) == 1 else self.parts[part].contract
        self.gaps.append(
            Gap(
                candidate.cause,
                candidate.name,
                amount / 100,
                was,
                found,
                certain,
                values=values,
                contract=contract,
            )
        )

    def _moved(self, left: Sequence[int], candidate: Candidate) -> list[int]:
        assert candidate.moves is not None
        home, to = candidate.moves
        amount = int(self._slip().total([candidate.name])[0])
        after = list(left)
        after[to] -= amount
        if home >= 0:
            after[home] += amount
        return after

    def _move(self, line: str, home: int, to: int) -> None:
        if home >= 0:
            o = self.seen[home]
            self.seen[home] = replace(o, codes=tuple(c for c in o.codes if c != line))
        self.seen[to] = replace(self.seen[to], codes=(*self.seen[to].codes, line))

    def _close(self) -> None:
        """Name what is left: cents of rounding, or nothing known."""
        for o, left in zip(self.seen, self._left(), strict=True):
            if left:
                cause: GapCause = "rounding" if abs(left) <= TOLERANCE else "unexplained"
                self.gaps.append(Gap(cause, o.key, left / 100))


def _score(left: Sequence[int]) -> tuple[int, int]:
    """Return how good gaps are: amounts within tolerance, then how little is left."""
    return sum(abs(x) <= TOLERANCE for x in left), -sum(abs(x) for x in left)


@dataclass(frozen=True)
class _Best:
    """The best candidate so far: its score, the rank of its value, and whether no other does as well."""

    score: tuple[int, int]
    candidate: Candidate
    rank: int
    alone: bool
    more: Mapping[str, float]


def _better(
    best: _Best | None,
    base: tuple[int, int],
    candidate: Candidate,
    scores: Sequence[tuple[int, int]],
    more: Mapping[str, float],
) -> _Best | None:
    """Return the better of the best so far and a candidate; the first of two equals, no longer alone."""
    top = max(scores)
    if top[0] <= base[0]:  # perhaps nearer, but no amount more is explained
        return best
    if best is None or top > best.score:
        return _Best(top, candidate, scores.index(top), scores.count(top) == 1, more)
    return replace(best, alone=False) if top == best.score else best
