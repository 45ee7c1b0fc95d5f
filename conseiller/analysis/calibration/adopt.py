"""Writes the causes found on a payslip into the dossier, from its month on, with their source."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from conseiller.analysis import slip
from conseiller.analysis.calibration.candidates import OWN_RATES, GapCause, parameter_of
from conseiller.dossier import schema
from conseiller.errors import InputFaults
from conseiller.messages import tr
from conseiller.text import month_long

if TYPE_CHECKING:
    from conseiller.analysis.calibration.payslip import Calibration
    from conseiller.analysis.calibration.search import Gap

#: Causes that are terms of pay, and their field.
_TERMS = {"index": "index", "bonus": "bonus", "children": "children", "psc": "psc"}


def adopted(
    calibration: Calibration, causes: Iterable[GapCause] | None, source: str | None
) -> schema.Dossier:
    """Return the dossier with the causes found written in it (see `Calibration.adopt`)."""
    from conseiller.dossier import faults

    wanted = None if causes is None else set(causes)
    said = source or tr("tracking.calibrate.source", "fr", month=month_long(calibration.month))
    said = said.replace("\u00a0", " ")  # as sources are kept in a dossier
    dossier = calibration.plan.dossier
    for gap in calibration.gaps:
        if gap.adoptable and (wanted is None or gap.cause in wanted):
            dossier = _with(dossier, calibration, gap, said)
    if wrong := faults(dossier, calibration.plan.base_law):
        raise InputFaults(wrong)
    return dossier


def _with(dossier: schema.Dossier, calibration: Calibration, gap: Gap, source: str) -> schema.Dossier:
    month = calibration.month
    if gap.cause in _TERMS:
        changed: dict[str, Any] = {_TERMS[gap.cause]: gap.found}
        if gap.cause in ("index", "children"):
            changed = {_TERMS[gap.cause]: round(gap.found or 0)}
        if gap.cause == "index":
            changed |= {"grade": None, "step": None}
        return _with_contracts(
            dossier, calibration, gap, lambda c: (_with_term(c, month, changed | {"source": source}),)
        )
    if gap.cause == "quotite":
        return _with_contracts(dossier, calibration, gap, lambda c: _with_time(c, month, gap, source))
    if gap.cause == "account":
        accounts = schema.LineAccounts(contractuel=gap.account, titulaire=gap.account)
        return dossier.model_copy(update={"accounts": {**dossier.accounts, gap.name: accounts}})
    if gap.cause == "rate":
        return dossier.model_copy(update={"rates": _with_rate(dossier.rates, month, gap, source)})
    if gap.cause in ("point", "smic", "legal_rate"):
        assumption = schema.Assumption(
            parameter=parameter_of(gap.name), start=month, value=gap.found, source=source
        )
        kept = [a for a in dossier.assumptions if (a.parameter, a.start) != (assumption.parameter, month)]
        ordered = sorted((*kept, assumption), key=lambda a: (a.start, a.parameter))
        return dossier.model_copy(update={"assumptions": tuple(ordered)})
    return dossier.model_copy(
        update={"authority": _with_authority(dossier.authority, calibration, gap, source)}
    )


def _with_authority(
    authority: schema.Authority, calibration: Calibration, gap: Gap, source: str
) -> schema.Authority:
    match gap.cause:
        case "headcount":
            update: dict[str, Any] = {"headcount": round(gap.found or 0), "headcount_source": source}
        case "psc_base":
            update = {"psc_in_base": bool(gap.found)}
        case "zone":
            law = calibration.plan.law
            zones = (1, 2, 3)
            zone = next(
                z for z in zones if law.value(f"indemnite_residence_zone{z}", calibration.month) == gap.found
            )
            update = {"residence_zone": zone}
        case _:
            raise ValueError(f"{gap.cause} is not written into a dossier")
    return authority.model_copy(update=update)


def _with_contracts(
    dossier: schema.Dossier, calibration: Calibration, gap: Gap, change: Any
) -> schema.Dossier:
    """Return the dossier with the contracts of the month that a gap is about replaced by one or more.

    They are known by their last day: contracts of a post do not overlap, and a contract cut by an earlier
    gap keeps it.
    """
    month, following = calibration.month, slip.following(calibration.month)
    meant = {gap.contract} if gap.contract else {p.contract for p in calibration.parts}
    original = calibration.plan.dossier.posts[calibration.plan.posts.index(calibration.post)].contracts
    ends = {original[k - 1].end for k in meant}

    def runs(c: schema.Contract) -> bool:
        return c.start < following and (c.end is None or c.end >= month) and c.end in ends

    posts = []
    for post in dossier.posts:
        if post.code == calibration.post:
            contracts: list[schema.Contract] = []
            for contract in post.contracts:
                contracts += change(contract) if runs(contract) else (contract,)
            posts.append(post.model_copy(update={"contracts": tuple(contracts)}))
        else:
            posts.append(post)
    return dossier.model_copy(update={"posts": tuple(posts)})


def _governing(contract: schema.Contract, month: date) -> schema.PayTerm:
    terms = sorted(contract.terms, key=lambda t: t.start)
    due = [t for t in terms if t.start <= month]
    return due[-1] if due else terms[0]


def _with_term(contract: schema.Contract, month: date, changed: dict[str, Any]) -> schema.Contract:
    """Return a contract whose terms are changed from a month on."""
    term = _governing(contract, month)
    new = term.model_copy(update={"start": max(month, term.start), **changed})
    kept = [t for t in contract.terms if t.start != new.start]
    return contract.model_copy(update={"terms": tuple(sorted((*kept, new), key=lambda t: t.start))})


def _with_time(contract: schema.Contract, month: date, gap: Gap, source: str) -> tuple[schema.Contract, ...]:
    """Return a contract cut at the month, the second part at the working time found."""
    paid, working = gap.values["paid"], gap.values["working"]
    time: dict[str, Any] = {"working_time": "temps_complet", "hours": None, "share": None}
    if abs(paid - working) > 1e-9 or working in (0.5, 0.6, 0.7):
        time = {"working_time": "temps_partiel", "hours": None, "share": working}
    elif working < 1:
        time = {"working_time": "temps_non_complet", "hours": round(working * 35, 2), "share": None}
    time["source"] = source
    if contract.start >= month:
        return (contract.model_copy(update=time),)
    term = _governing(contract, month).model_copy(update={"start": month})
    later = tuple(t for t in contract.terms if t.start > month)
    before = contract.model_copy(
        update={
            "end": month - timedelta(days=1),
            "leave_days": 0.0,
            "are_days": 0,
            "broken": False,
            "break_pay": 0.0,
            "terms": tuple(t for t in contract.terms if t.start < month),
        }
    )
    return before, contract.model_copy(update={"start": month, "terms": (term, *later), **time})


def _with_rate(
    rates: tuple[schema.EmployerRates, ...], month: date, gap: Gap, source: str
) -> tuple[schema.EmployerRates, ...]:
    """Return the employer's rates with one changed from a month on."""
    name = next(f for operand, f, _ in OWN_RATES if operand == gap.name)
    ordered = sorted(rates, key=lambda r: r.start)
    due = [r for r in ordered if r.start <= month]
    base = due[-1] if due else schema.EmployerRates(at_mp=0, cdg=0)
    new = base.model_copy(update={"start": month, name: gap.found, "source": source})
    return tuple(sorted((*(r for r in ordered if r.start != month), new), key=lambda r: r.start))
