"""Who is in post and when, draw by draw: contracts moved, cut and replaced."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from conseiller.dossier import schema
from conseiller.engine import Array, Inputs
from conseiller.law import day_at
from conseiller.rules.registry import FAR

Flags = NDArray[np.bool_]
#: Days of an average month.
MONTH = 365.25 / 12
#: Departures from one contract that are followed at most.
DEPARTURES = 3


@dataclass(frozen=True)
class Course:
    """Contracts of each draw and post, in the order of their start; empty ones last.

    Attributes
    ----------
    start, until : date serials, draws × posts × contracts; FAR where empty
    source : rank of the dossier's contract whose terms it has, -1 where empty
    left : the agent left before its end
    """

    start: Array
    until: Array
    source: NDArray[np.intp]
    left: Flags

    def delayed(self, days: Array, report: float, chosen: Flags) -> Course:
        """Start each contract to come some days later; one that would start after its end never does."""
        later = (self.start > report) & (self.start < FAR) & chosen[:, None]
        return self._with_starts(np.where(later, self.start + days, self.start))

    def vacant(self, days: Array, report: float, chosen: Flags) -> Course:
        """Start each successor to come some days after the end of its predecessor, whatever was planned."""
        before = np.full(self.start.shape, FAR)
        before[..., 1:] = self.until[..., :-1]
        later = (self.start > report) & (self.start < FAR) & (before < FAR) & chosen[:, None]
        return self._with_starts(np.where(later, before + days, self.start))

    def left_by(self, waits: Array, vacancies: Array, report: float, chosen: Flags) -> Course:
        """Let agents leave after some days and be replaced, after a vacancy, until the planned end.

        `waits` and `vacancies` are days: draws × posts × contracts × departures.
        """
        pieces: list[Course] = []
        start, until, left = self.start, self.until, self.left
        replaced = chosen[:, None] & (start < FAR)  # nobody who stays is asked a second time
        for k in range(waits.shape[-1]):
            leaves = np.maximum(start, report + 1.0) + waits[..., k]
            replaced = gone = (leaves < until) & replaced
            pieces.append(
                Course(
                    np.where(gone, start, FAR),
                    np.where(gone, leaves, FAR),
                    np.where(gone, self.source, -1),
                    left | gone,
                )
            )
            start = np.where(gone, leaves + vacancies[..., k], start)
        pieces.append(Course(start, until, self.source, left))
        together = Course(
            *(
                np.concatenate([getattr(p, f) for p in pieces], axis=2)
                for f in ("start", "until", "source", "left")
            )
        )
        return together._with_starts(together.start)

    def _with_starts(self, start: Array) -> Course:
        none = start >= self.until
        start, until = np.where(none, FAR, start), np.where(none, FAR, self.until)
        source = np.where(none, -1, self.source)
        order = np.argsort(start, axis=2, kind="stable")
        return Course(*(np.take_along_axis(a, order, axis=2) for a in (start, until, source, self.left)))

    def contracts_of(self, draw: int, post: int, record: schema.Post) -> tuple[schema.Contract, ...]:
        """Return the contracts of a post in one draw, as records of a dossier."""
        found = []
        for k in np.flatnonzero(self.source[draw, post] >= 0):
            contract = record.contracts[int(self.source[draw, post, k])]
            until = float(self.until[draw, post, k])
            changes: dict[str, object] = {
                "start": day_at(self.start[draw, post, k]),
                "end": None if until >= FAR else day_at(until - 1),
            }
            if self.left[draw, post, k]:
                changes |= {"are_days": 0, "broken": False, "break_pay": 0.0}
            found.append(contract.model_copy(update=changes))
        return tuple(found)

    def laid_out(self, inputs: Inputs) -> Inputs:
        """Return the case with the draws' posts one after the other, each with its contracts of the draw."""
        draws, posts, slots = self.start.shape
        rows = draws * posts
        held = self.source >= 0
        place = np.arange(posts)[:, None], np.maximum(self.source, 0)
        contract = {k: v[place].reshape(rows, slots) for k, v in inputs.given["contract"].items()}
        contract["start"], contract["until"] = (
            self.start.reshape(rows, slots),
            self.until.reshape(rows, slots),
        )
        planned_end, kept_of = held & ~self.left, {"leave_days": held}
        kept_of |= dict.fromkeys(("are_days", "broken", "break_pay"), planned_end)
        for field, kept in kept_of.items():
            contract[field] = contract[field] * kept.reshape(rows, slots)
        contract["number"] = np.broadcast_to(np.arange(1.0, slots + 1), (rows, slots))
        term = inputs.given["term"]
        width = term["start"].shape[1]
        mine = held[..., None] & (term["contract"][:, None, :] == self.source[..., None] + 1)
        shape = (draws, posts, slots, width)
        laid = {k: np.broadcast_to(v[:, None, :], shape).reshape(rows, -1) for k, v in term.items()}
        mine = mine.reshape(rows, -1)
        slot = np.broadcast_to(np.arange(1.0, slots + 1)[:, None], shape).reshape(rows, -1)
        laid["contract"] = np.where(mine, slot, 0.0)
        laid["start"] = np.where(mine, laid["start"], FAR)
        laid["number"] = np.broadcast_to(np.arange(1.0, slots * width + 1), mine.shape)
        case = tiled(inputs, draws)
        return replace(case, given={**case.given, "contract": contract, "term": laid})


def planned(inputs: Inputs, draws: int) -> Course:
    """Return the contracts of the dossier, the same in each draw."""
    start, until = inputs.given["contract"]["start"], inputs.given["contract"]["until"]
    source = np.where(start < FAR, np.arange(start.shape[1]), -1)
    shape = (draws, *start.shape)
    course = Course(
        np.broadcast_to(start, shape),
        np.broadcast_to(until, shape),
        np.broadcast_to(source, shape),
        np.zeros(shape, dtype=bool),
    )
    return course._with_starts(course.start)


def tiled(inputs: Inputs, draws: int) -> Inputs:
    """Return the case with its posts as often as there are draws."""
    if draws == 1:
        return inputs
    given = {t: {k: np.tile(v, (draws, 1)) for k, v in f.items()} for t, f in inputs.given.items()}
    members = {
        family: {k: np.tile(v, (1, draws)) if np.ndim(v) == 2 else v for k, v in fields.items()}
        for family, fields in inputs.members.items()
    }
    return replace(inputs, given=given, members=members)
