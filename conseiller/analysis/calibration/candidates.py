"""What may lie behind a gap of pay: operands to try, each with its values; the model itself judges them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np

from conseiller.analysis.slip import Slip
from conseiller.analysis.tracking.facts import known_shares
from conseiller.engine import Array
from conseiller.law import LawError
from conseiller.projection import Projection
from conseiller.rules.registry import REGISTRY
from conseiller.rules.registry import Law as LawLookup

GapCause = Literal[
    "index",
    "quotite",
    "thirtieths",
    "point",
    "smic",
    "children",
    "zone",
    "headcount",
    "psc_base",
    "bonus",
    "psc",
    "account",
    "rate",
    "legal_rate",
    "rounding",
    "unexplained",
]
#: Employer's own rates: operand, field of the dossier, line.
OWN_RATES = (
    ("rate_at_mp", "at_mp", "at_mp"),
    ("rate_cdg", "cdg", "cdg"),
    ("rate_mobility", "versement_mobilite", "versement_mobilite"),
    ("rate_chomage", "chomage", "chomage"),
    ("rate_dialogue", "dialogue_social", "dialogue_social"),
)
#: Legal rates: operand, line.
LEGAL_RATES = (
    ("maladie_contractuel", "maladie"),
    ("maladie_titulaire", "maladie"),
    ("rate_plafonnee", "vieillesse_plafonnee"),
    ("rate_deplafonnee", "vieillesse_deplafonnee"),
    ("rate_famille", "allocations_familiales"),
    ("rate_csa", "csa"),
    ("fnal_small", "fnal"),
    ("fnal_large", "fnal"),
    ("ircantec_a", "ircantec"),
    ("rate_cnracl", "cnracl"),
    ("rate_atiacl", "atiacl"),
    ("rate_rafp", "rafp"),
    ("rate_cnfpt", "cnfpt"),
    ("rate_apprentissage", "apprentissage"),
)
_DECIMALS = range(7)


@dataclass(frozen=True)
class Observation:
    """An amount of the payslip, and the plan lines it stands for [cents]."""

    key: str
    codes: tuple[str, ...]
    cents: int


@dataclass(frozen=True)
class Candidate:
    """Operands to try together, as arrays of one length.

    Parameters
    ----------
    cause : GapCause
    name : str
        The operand, or the line of an account.
    tried : mapping
        Operand to values.
    moves : tuple of (int, int) or None
        For an account: observation that loses the line (-1 when it is not observed), the one that gains it.
    part : int or None
        Rank of the part of the month whose contract it changes; None: all of them.
    """

    cause: GapCause
    name: str
    tried: Mapping[str, Array]
    moves: tuple[int, int] | None = None
    part: int | None = None


def parameter_of(operand: str) -> str:
    """Return the parameter of the law behind an operand; "" when it is not one of the law."""
    how = REGISTRY.get("month", operand).lookup
    return how.parameter if isinstance(how, LawLookup) else ""


def candidates(
    plan: Projection, slip: Slip, seen: Sequence[Observation], left: Sequence[int], day: date
) -> Iterator[Candidate]:
    """Yield what may explain the gaps, in the order in which ties are settled.

    Parameters
    ----------
    plan : Projection
    slip : Slip
        The pay of the month, operands found so far held.
    seen : sequence of Observation
    left : sequence of int
        Gap of each observation [cents].
    day : date
        First day of the month.
    """
    yield from _by_contract(slip, "index", {"index_paid": np.arange(203.0, 1601.0)})
    paid, working = (np.array(v) for v in zip(*known_shares(plan), strict=True))
    yield from _by_contract(slip, "quotite", {"paid": paid, "working": working})
    thirtieths = np.arange(1.0, 31.0)
    yield from _by_contract(slip, "thirtieths", {"thirtieths": thirtieths, "calendar_share": thirtieths / 30})
    yield from _dated(plan)
    yield from _by_contract(slip, "children", {"children": np.arange(0.0, 9.0)})
    yield from _zones(plan, day)
    yield from _headcounts(slip)
    yield Candidate("psc_base", "psc_in_base", {"psc_in_base": np.array([0.0, 1.0])})
    for k, o in enumerate(seen):
        if left[k]:
            yield from _amounts(slip, o, left[k])
    yield from _accounts(slip, seen, left)
    for k, o in enumerate(seen):
        if left[k]:
            yield from _rates(plan, slip, o, left[k])


def _by_contract(slip: Slip, cause: GapCause, tried: Mapping[str, Array]) -> Iterator[Candidate]:
    """Yield operands that are each contract's own: for all at once where they are the same, then one by one.

    Months of a single contract have the first only; the days of two contracts never change together.
    """
    name = next(iter(tried))
    together = slip.alike(*tried) and cause != "thirtieths"
    if together or len(slip.parts) == 1:
        yield Candidate(cause, name, tried)
    if len(slip.parts) > 1:
        yield from (Candidate(cause, name, tried, part=k) for k in range(len(slip.parts)))


def _dated(plan: Projection) -> Iterator[Candidate]:
    """Yield the point and the minimum wage at their other dates."""
    names: tuple[tuple[GapCause, str], ...] = (("point", "point_indice_annuel"), ("smic", "smic_mensuel"))
    for cause, parameter in names:
        values = sorted({e.value for e in plan.base_law.table(parameter).entries})
        yield Candidate(cause, cause, {cause: np.array(values)})


def _zones(plan: Projection, day: date) -> Iterator[Candidate]:
    values = []
    for zone in (1, 2, 3):
        try:
            values.append(plan.law.value(f"indemnite_residence_zone{zone}", day))
        except LawError:
            return
    yield Candidate("zone", "ir_rate", {"ir_rate": np.array(values)})


def _headcounts(slip: Slip) -> Iterator[Candidate]:
    """Yield headcounts on the other side of each threshold."""
    own = slip.own("headcount")
    values = []
    for threshold in (slip.own("fnal_threshold"), slip.own("mobility_threshold")):
        values.append(threshold - 1 if own >= threshold else threshold)
    yield Candidate("headcount", "headcount", {"headcount": np.array(values)})


def _amounts(slip: Slip, o: Observation, gap: int) -> Iterator[Candidate]:
    """Yield the bonus and the complementary protection that would fill a gap, whole cents."""
    own: tuple[tuple[str, GapCause, str], ...] = (("primes", "bonus", "bonus"), ("psc", "psc", "psc_monthly"))
    for line, cause, operand in own:
        if line not in o.codes:
            continue
        months = [slip.own("thirtieths", k) / 30 for k in range(len(slip.parts))]
        scales = [m * slip.own("paid", k) for k, m in enumerate(months)] if line == "primes" else months
        meant: list[tuple[int | None, float]] = [(k, s) for k, s in enumerate(scales)]
        if slip.alike(operand):
            meant = [(None, sum(scales)), *(meant if len(meant) > 1 else ())]
        for part, scale in meant:
            value = round(slip.own(operand, part) + gap / 100 / scale, 2) if scale else -1.0
            if value >= 0:
                yield Candidate(cause, operand, {operand: np.array([value])}, part=part)


def _accounts(slip: Slip, seen: Sequence[Observation], left: Sequence[int]) -> Iterator[Candidate]:
    """Yield lines that the payslip's software may book on the account of another observation."""
    accounts = [k for k, o in enumerate(seen) if o.key.isdigit()]
    observed = {c: k for k, o in enumerate(seen) for c in o.codes}
    from conseiller.rules.totals import PAY_LINES

    for to in accounts:
        if left[to] <= 0:
            continue
        for line in PAY_LINES:
            home = observed.get(line, -1)
            amount = int(slip.total([line])[0])
            if home == to or not amount or amount != left[to]:
                continue
            if home == -1 or (home in accounts and left[home] == -amount):
                yield Candidate("account", line, {}, (home, to))


def _rates(plan: Projection, slip: Slip, o: Observation, gap: int) -> Iterator[Candidate]:
    """Yield the rates that would fill a gap: the roundest that gives the amount to the cent."""
    for operand, _, line in OWN_RATES:
        if line in o.codes and (value := _solved(slip, operand, line, gap)) is not None:
            yield Candidate("rate", operand, {operand: np.array([value])})
    for operand, line in LEGAL_RATES:
        if line not in o.codes:
            continue
        entries = plan.base_law.table(parameter_of(operand)).entries
        other = sorted({e.value for e in entries} - {slip.own(operand)})
        if other:
            yield Candidate("legal_rate", operand, {operand: np.array(other)})
        if len(o.codes) == 1 and (value := _solved(slip, operand, line, gap)) is not None:
            yield Candidate("legal_rate", operand, {operand: np.array([value])})


def _solved(slip: Slip, operand: str, line: str, gap: int) -> float | None:
    """Return the rate with the fewest decimals that moves a line by a gap; None when none does."""
    own = slip.own(operand)
    wanted = int(slip.total([line])[0]) + gap
    slope = (
        slip.total([line], None, **{operand: np.array([1.0])})[0]
        - slip.total([line], None, **{operand: np.array([0.0])})[0]
    )
    if slope <= 0 or wanted < 0:
        return None
    near = own + gap / slope
    tried = np.array([round(near, 2 + d) for d in _DECIMALS])
    hit = np.flatnonzero(slip.total([line], None, **{operand: tried}) == wanted)
    return float(tried[hit[0]]) if len(hit) and 0 <= tried[hit[0]] <= 1 else None


def combined(plan: Projection, slip: Slip) -> Iterator[tuple[Candidate, dict[str, Any]]]:
    """Yield the index with each share and each part of a month, for two operands of a contract that moved at once."""
    index = np.arange(203.0, 1601.0)
    for part in range(len(slip.parts)):
        moved = Candidate("index", "index_paid", {"index_paid": index}, part=part)
        for paid, working in known_shares(plan):
            yield moved, {"paid": paid, "working": working}
        for days in range(1, 30):
            yield moved, {"thirtieths": float(days), "calendar_share": days / 30}
