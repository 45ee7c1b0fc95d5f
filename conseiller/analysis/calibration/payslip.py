"""Sets one month of real pay against the model, and names each gap by trying causes with the model itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from conseiller.analysis.calibration.candidates import GapCause, Observation
from conseiller.analysis.calibration.search import Gap, Search
from conseiller.analysis.slip import Part, parts_of
from conseiller.analysis.tracking.booked import BookedPay
from conseiller.dossier.schema import Dossier
from conseiller.errors import Fault, InputFaults, fault
from conseiller.ledger.accounts import JOIN, PlanAccounts
from conseiller.messages import Lang
from conseiller.projection import Projection
from conseiller.readable import Readable
from conseiller.rules.totals import PAY_LINES
from conseiller.text import joined

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.display import Sheet

#: Words that stand for several lines on a payslip.
TOTALS: Mapping[str, tuple[str, ...]] = {
    "brut": ("traitement", "indemnite_differentielle", "indemnite_residence", "sft", "primes"),
    "charges": tuple(
        line
        for line in PAY_LINES
        if line not in {"traitement", "indemnite_differentielle", "indemnite_residence", "sft", "primes"}
    ),
}


@dataclass(frozen=True)
class Calibration(Readable):
    """A payslip against the model.

    Parameters
    ----------
    plan : Projection
    post : str
    month : date
        First day of the month.
    lines : DataFrame
        One row per amount of the payslip: key, line (codes joined by +), model, payslip, gap, left (gap
        once the causes found are adopted) [euros].
    gaps : tuple of Gap
        They add up to the whole gap.
    parts : tuple of Part
        The part of the month of each contract compared; several are compared by their sum.
    shared : tuple of Part
        Every part of the month: more than one where an agent leaves and another arrives, or at a renewal.
    """

    plan: Projection
    post: str
    month: date
    lines: pd.DataFrame
    gaps: tuple[Gap, ...]
    parts: tuple[Part, ...]
    shared: tuple[Part, ...]

    def sheet(self, lang: Lang = "fr") -> Sheet:
        """Return what is shown of it: the payslip line by line, then each gap by its name."""
        from conseiller.analysis.calibration.shown import sheet

        return sheet(self, lang)

    def adopt(self, causes: Iterable[GapCause] | None = None, source: str | None = None) -> Dossier:
        """Return the dossier with the causes found written in it, from this month on.

        Parameters
        ----------
        causes : iterable of GapCause, optional
            Those to adopt; all that can be, by default.
        source : str, optional
            Where the values come from: "acte : …"; the payslip of the month by default.

        Raises
        ------
        InputFaults
            When the dossier would not be sound.
        """
        from conseiller.analysis.calibration.adopt import adopted

        return adopted(self, causes, source)


def calibrate(
    case: Dossier | Projection,
    post: str,
    month: date,
    payslip: Mapping[str, float] | BookedPay,
    lang: Lang = "fr",
    today: date | None = None,
    contracts: Sequence[int] = (),
) -> Calibration:
    """Set a payslip against the model, line by line, and name each gap.

    Parameters
    ----------
    case : Dossier or Projection
    post : str
    month : date
        Any day of the month.
    payslip : mapping or BookedPay
        Amounts [euros] under a line of the plan ("traitement", or several joined by +), an account
        ("6451") or "brut" and "charges". What is left out is not compared. Or what `pay_of` reads from the
        books, with its contracts.
    lang : {"fr", "en"}
        Language of the faults.
    today : date, optional
        Date of the report where the dossier states none.
    contracts : sequence of int
        Numbers of the contracts of the post whose pay it is, from 1, in a month that several share; all of
        them by default: the payslip is then compared with the sum of their parts.

    Raises
    ------
    InputFaults
        When the post or month is not the plan's, when nobody is there, when a contract does not run in the
        month, or when an amount cannot be placed.
    """
    plan = case if isinstance(case, Projection) else Projection(case, today=today)
    first = month.replace(day=1)
    if isinstance(payslip, BookedPay):
        contracts = contracts or payslip.contracts
        payslip = payslip.amounts
    faults = _place_faults(plan, post, first, lang)
    if faults:
        raise InputFaults(faults, lang)
    shared = parts_of(plan, post, first)
    faults = _contract_faults(shared, post, first, contracts, lang)
    if faults:
        raise InputFaults(faults, lang)
    parts = tuple(p for p in shared if not contracts or p.contract in contracts)
    search = Search(plan, parts, _observations(plan, post, payslip, lang), first)
    search.run()
    return Calibration(plan, post, first, search.table(), tuple(search.gaps), parts, shared)


# --- what was given -------------------------------------------------------------------------------------


def _place_faults(plan: Projection, post: str, first: date, lang: Lang) -> list[Fault]:
    if post not in plan.posts:
        return [fault("tracking.fault.calibrate_post", post, lang, post=post, posts=", ".join(plan.posts))]
    shown = plan.exercices
    when = f"{first.year}-{first.month:02}"
    if first.year not in shown:
        return [
            fault("tracking.fault.calibrate_month", when, lang, month=when, first=shown[0], last=shown[-1])
        ]
    return []


def _contract_faults(
    shared: Sequence[Part], post: str, first: date, contracts: Sequence[int], lang: Lang
) -> list[Fault]:
    when = f"{first.year}-{first.month:02}"
    if not shared:
        return [fault("tracking.fault.calibrate_nobody", when, lang, post=post, month=when)]
    there = [p.contract for p in shared]
    from conseiller.analysis.calibration.shown import part_label

    parts = joined([part_label(p, lang) for p in shared], lang)
    return [
        fault("tracking.fault.calibrate_contract", when, lang, number=n, post=post, month=when, parts=parts)
        for n in contracts
        if n not in there
    ]


def _observations(plan: Projection, post: str, payslip: Mapping[str, float], lang: Lang) -> list[Observation]:
    accounts = PlanAccounts(plan)
    pay = set(PAY_LINES)
    found: list[Observation] = []
    faults: list[Fault] = []
    taken: dict[str, str] = {}
    for key, amount in payslip.items():
        codes = TOTALS.get(key)
        if codes is None:
            codes = (
                accounts.lines_of(key, "", "cost", post).codes if key.isdigit() else tuple(key.split(JOIN))
            )
        if not set(codes) <= pay:
            faults.append(fault("tracking.fault.calibrate_key", key, lang, key=key))
            continue
        if twice := next((c for c in codes if c in taken), None):
            faults.append(fault("tracking.fault.calibrate_twice", key, lang, key=key, other=taken[twice]))
        taken |= dict.fromkeys(codes, key)
        found.append(Observation(key, codes, round(amount * 100)))
    if not payslip:
        faults.append(fault("tracking.fault.calibrate_empty", post, lang))
    if faults:
        raise InputFaults(faults, lang)
    return found
