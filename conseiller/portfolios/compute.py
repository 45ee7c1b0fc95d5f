"""Computes the posts of a portfolio with the compiled rules: amounts by post and month, financings, presence.

Amounts are whole cents of the section de fonctionnement; spending engaged, grant and funding earned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from conseiller.compiled.measures import COLUMNS
from conseiller.compiled.portfolio import in_blocks
from conseiller.dossier.schema import Period
from conseiller.engine import YEARS, Array, Inputs, Model, compile_case
from conseiller.rules.algebra import months_of
from conseiller.rules.registry import FAR

if TYPE_CHECKING:
    from conseiller.law import Law
    from conseiller.portfolios.cases import Batch

Cents = NDArray[np.int64]
#: Measures, as `Projection.by` names them.
MEASURES = ("pay", "other_costs", "grant", "other_funding")
#: Posts computed at a time.
_BLOCK = 512


@dataclass(frozen=True)
class Computed:
    """What the rules say of each post.

    Parameters
    ----------
    months : array
        First days of the months, as serials.
    amounts : dict
        Each measure, posts × months [cents].
    generation : array of int
        Which of `generations` each month belongs to: that of the last financing begun by its end (else the first).
    generations : tuple of str
    financed, occupied : array of bool
        Whether the post is funded, whether somebody is in it, on the first day of each month.
    begins, ends : array
        First day funded, and day after the last (serials; 0 when never): the post given back counts.
    due_end : array
        Day after the last as the schedule has it, were the post never given back.
    last_until : array
        Day after the end of the last contract, FAR when open-ended, 0 without a contract.
    agreed : array of int
        Grant of the whole schedule, posts occupied full time throughout, posts × generations [cents].
    now : Presence
        Funded and occupied on the date of the report, and since when.
    """

    months: Array
    amounts: dict[str, Cents]
    generation: NDArray[np.int16]
    generations: tuple[str, ...]
    financed: NDArray[np.bool_]
    occupied: NDArray[np.bool_]
    begins: Array
    ends: Array
    due_end: Array
    last_until: Array
    agreed: Cents
    now: Presence


@dataclass(frozen=True)
class Presence:
    """A post on one day: funded, occupied, vacant since (serial, 0 if not), and lost from (FAR if not)."""

    financed: NDArray[np.bool_]
    occupied: NDArray[np.bool_]
    since: Array
    lost_on: Array


def years_of(batches: Sequence[Batch], law: Law) -> tuple[int, int]:
    """Return the exercices in which any of the batches may have an amount: to the year after the last financing."""
    from conseiller.dossier.schedule import financing_stop

    first, last = 2060, 2021
    for batch in batches:
        for post in batch.dossier.posts:
            begun = [c.start for c in post.contracts] + [c.financing_start for c in post.conventions]
            ended = [financing_stop(c, law) for c in post.conventions]
            first = min([first, *(d.year for d in begun)])
            last = max([last, *((d - timedelta(days=1)).year + 1 for d in ended)])
    first = max(first, 2021)
    return first, min(max(first, last), 2060)


def compute(batches: Sequence[Batch], years: tuple[int, int], day: float, law: Law) -> Computed:
    """Compute every post over some exercices.

    Parameters
    ----------
    batches : sequence of Batch
        Dossiers of many posts: no rule is run post by post.
    years : tuple of int
        First and last exercice.
    day : float
        Date of the report, as a serial.
    law : Law
    """
    period = Period(first=years[0], last=years[1])
    names: dict[str, int] = {}
    codes = [
        [[names.setdefault(c.generation, len(names)) for c in p.conventions] for p in batch.dossier.posts]
        for batch in batches
    ]
    parts = []
    for batch, own_codes in zip(batches, codes, strict=True):
        dossier = batch.dossier.model_copy(update={"period": period})
        own = law.with_assumptions(dossier.assumptions)
        parts.append(_part(compile_case(dossier, own), own_codes, len(names), day))
    return _joined(parts, tuple(names))


def _part(inputs: Inputs, codes: list[list[int]], generations: int, day: float) -> Computed:
    model = Model(inputs)
    months = inputs.months
    start, until = inputs.given["contract"]["start"], inputs.given["contract"]["until"]
    live_from, live_to = model.grant.full("live_from"), model.grant.full("live_to")
    due = np.minimum(model.grant.full("ends"), model.grant.full("stop"))
    due[model.grant.full("months") == 0] = 0
    begun = np.where(live_from > 0, live_from, FAR).min(axis=1)
    last = np.where(start < FAR, until, 0.0).max(axis=1)
    return Computed(
        months=months,
        amounts=_amounts(inputs),
        generation=_generation(inputs, codes),
        generations=(),
        financed=_any_holds(live_from, live_to, months),
        occupied=_any_holds(start, until, months),
        begins=np.where(begun < FAR, begun, 0.0),
        ends=live_to.max(axis=1),
        due_end=due.max(axis=1),
        last_until=last,
        agreed=_agreed(inputs, codes, generations),
        now=_presence(model, live_from, live_to, day),
    )


def _amounts(inputs: Inputs) -> dict[str, Cents]:
    """Return each measure, posts × months."""
    wanted = COLUMNS["fonctionnement"]
    out = {m: np.zeros((inputs.posts, len(inputs.months)), dtype=np.int64) for m in MEASURES}
    columns = [name for names in wanted.values() for name in names]
    at = 0
    for block in in_blocks(inputs, columns, _BLOCK):
        size = len(next(iter(block.values())))
        for measure, names in wanted.items():
            cents = sum(np.rint(block[name] * 100.0) for name in names)
            out[measure][at : at + size] = cents
        at += size
    return out


def _any_holds(since: Array, to: Array, days: Array) -> NDArray[np.bool_]:
    """Return, for each post and day, whether one of its rows runs on that day."""
    out = np.zeros((len(since), len(days)), dtype=bool)
    for k in range(since.shape[1]):
        if ((since[:, k] > 0) & (since[:, k] < FAR)).any():
            out |= (since[:, k : k + 1] > 0) & (since[:, k : k + 1] <= days) & (days < to[:, k : k + 1])
    return out


def _agreed(inputs: Inputs, codes: list[list[int]], generations: int) -> Cents:
    """Return the grant of the whole schedule, posts × generations [cents]."""
    amounts = inputs.given["grant"]["amount"]
    cents = np.rint(amounts.reshape(len(amounts), -1, YEARS).sum(axis=2) * 100).astype(np.int64)
    out = np.zeros((len(codes), generations), dtype=np.int64)
    for post, own in enumerate(codes):
        for rank, code in enumerate(own):
            out[post, code] += cents[post, rank]
    return out


def _generation(inputs: Inputs, codes: list[list[int]]) -> NDArray[np.int16]:
    """Return which generation each month belongs to: the last financing begun by its end."""
    begun = inputs.given["grant"]["financing_start"][:, ::YEARS]
    width = begun.shape[1]
    code = np.array([[*own, *[-1] * (width - len(own))] for own in codes], dtype=np.int16)
    code = code.reshape(len(codes), width)
    order = np.argsort(begun, axis=1, kind="stable")
    begun, code = np.take_along_axis(begun, order, 1), np.take_along_axis(code, order, 1)
    out = np.repeat(code[:, :1], len(inputs.months), axis=1)
    after = np.append(inputs.months[1:], inputs.constants["horizon_end"])
    for k in range(1, width):
        later = (begun[:, k : k + 1] < after) & (code[:, k : k + 1] >= 0)
        out = np.where(later, code[:, k : k + 1], out)
    return out


def _presence(model: Model, live_from: Array, live_to: Array, day: float) -> Presence:
    given = model.inputs.given["contract"]
    start, until = given["start"], given["until"]
    today = np.array([day])
    funded = _any_holds(live_from, live_to, today)[:, 0]
    held = _any_holds(start, until, today)[:, 0]
    left = np.where(until <= day, until, 0.0)
    since = np.maximum(left.max(axis=1), np.where(live_from > 0, live_from, FAR).min(axis=1))
    lost = model.contract.full("lost_on")
    latest = np.where(
        left.max(axis=1) > 0, np.take_along_axis(lost, left.argmax(axis=1)[:, None], 1)[:, 0], FAR
    )
    vacant = funded & ~held
    return Presence(funded, held, np.where(vacant, since, 0.0), np.where(vacant, latest, FAR))


def _joined(parts: Sequence[Computed], generations: tuple[str, ...]) -> Computed:
    def join(name: str) -> NDArray[np.float64]:
        joined: NDArray[np.float64] = np.concatenate([getattr(part, name) for part in parts])
        return joined

    now = [part.now for part in parts]
    return Computed(
        months=parts[0].months,
        amounts={m: np.concatenate([part.amounts[m] for part in parts]) for m in MEASURES},
        generation=np.concatenate([part.generation for part in parts]),
        generations=generations,
        financed=np.concatenate([part.financed for part in parts]),
        occupied=np.concatenate([part.occupied for part in parts]),
        begins=join("begins"),
        ends=join("ends"),
        due_end=join("due_end"),
        last_until=join("last_until"),
        agreed=np.concatenate([part.agreed for part in parts]),
        now=Presence(
            np.concatenate([p.financed for p in now]),
            np.concatenate([p.occupied for p in now]),
            np.concatenate([p.since for p in now]),
            np.concatenate([p.lost_on for p in now]),
        ),
    )


def years_in(months: Array) -> NDArray[np.int64]:
    """Return the exercice of each month."""
    found: NDArray[np.int64] = (months_of(months) // 12 + 1970).astype(np.int64)
    return found
