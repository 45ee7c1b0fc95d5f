"""The changes of a scenario, made in Python: one function per kind, English names for the words of the form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from conseiller.dossier.schema import HYPOTHESIS, Change, ChangeKind, SharingKey, Vehicle
from conseiller.scenario._contracts import FULL_TIME_HOURS, HALF_TIME_HOURS

#: How a change made by this package is signed.
SOURCE = f"{HYPOTHESIS} : scénario"


def _change(kind: ChangeKind, **fields: Any) -> Change:
    """Return a change; what the schema refuses in it is told, with all else, when it is applied."""
    try:
        return Change(kind=kind, source=SOURCE, **fields)
    except ValidationError:
        return Change.model_construct(kind=kind, source=SOURCE, **fields)


def stop(
    post: str | None = None,
    last_day: date | None = None,
    leave_days: float | None = None,
    are_days: int | None = None,
    indemnity: float | None = None,
) -> Change:
    """Stop a post after a day: by default the last day of its financing.

    Parameters
    ----------
    post : str, optional
        Code of the post; by default all those that can be stopped.
    last_day : date, optional
    leave_days : float, optional
        Leave not taken by the last agent [days]; by default as the dossier states it.
    are_days : int, optional
        Days of unemployment allowance that a self-insured employer pays; by default the longest right.
    indemnity : float, optional
        Indemnity of a contract broken before its term [euros]; by default that of a contrat de projet, and
        nothing for another contract.
    """
    return _change(
        "arret", post=post, start=last_day, leave_days=leave_days, are_days=are_days, amount=indemnity
    )


def not_renewed(
    post: str | None = None, leave_days: float | None = None, are_days: int | None = None
) -> Change:
    """Let the contract in course run to its end, and employ nobody afterwards; parameters as for `stop`."""
    return _change("non_renouvellement", post=post, leave_days=leave_days, are_days=are_days)


def keep(post: str | None = None) -> Change:
    """Keep a post at the same pay after its last contract, whatever the grant becomes."""
    return _change("maintien", post=post)


def hours(weekly: float, post: str | None = None, since: date | None = None) -> Change:
    """Employ at other weekly hours: by default from the contracts that start after the report on."""
    return _change("temps_de_travail", hours=weekly, post=post, start=since)


def half_time(post: str | None = None, since: date | None = None) -> Change:
    """Employ at 17,5 hours a week (temps non complet); see `hours`."""
    return hours(HALF_TIME_HOURS, post, since)


def full_time(post: str | None = None, since: date | None = None) -> Change:
    """Employ full time; see `hours`."""
    return hours(FULL_TIME_HOURS, post, since)


def replace(months: int, post: str | None = None, last_day: date | None = None) -> Change:
    """Leave a post empty for some months: the agent goes after a day, by default at the end of the contract."""
    return _change("remplacement", months=months, post=post, start=last_day)


def hire(
    start: date,
    post: str | None = None,
    months: int | None = None,
    index: int | None = None,
    grade: str | None = None,
    step: int | None = None,
    weekly: float | None = None,
) -> Change:
    """Fill a post from a day on: its next contract is moved there, or a new one made at the last pay.

    Parameters
    ----------
    start : date
    post : str, optional
    months : int, optional
        Length of the contract.
    index, grade, step : optional
        Pay, where it is not that of the post.
    weekly : float, optional
        Hours a week.
    """
    return _change(
        "recrutement",
        start=start,
        post=post,
        months=months,
        index=index,
        grade=grade,
        step=step,
        hours=weekly,
    )


def titularise(
    post: str | None = None,
    since: date | None = None,
    step: int | None = None,
    grade: str | None = None,
    weekly: float | None = None,
) -> Change:
    """Make an agent stagiaire, then titulaire, by default in grade C1 (no concours) at the end of the contract.

    Parameters
    ----------
    post : str, optional
    since : date, optional
        First day of the stage.
    step : int, optional
        Échelon after the reprise d'ancienneté; 1 by default.
    grade : str, optional
    weekly : float, optional
        Hours a week; below 28 the agent stays in the general scheme.
    """
    return _change("titularisation", post=post, start=since, step=step, grade=grade, hours=weekly)


def points(added: int, post: str | None = None, since: date | None = None) -> Change:
    """Add points of indice majoré from the first of a month on, by default the month after the report."""
    return _change("indice", points=added, post=post, start=since)


def psc(monthly: float, post: str | None = None, since: date | None = None) -> Change:
    """Add euros a month to what the employer pays for the agent's complementary protection."""
    return _change("psc", amount=monthly, post=post, start=since)


def bonus_grant(post: str | None = None) -> Change:
    """Take the grant at its bonified amounts (priority district, rural revitalisation zone)."""
    return _change("bonification", post=post)


def cut_grant(since: date, post: str | None = None) -> Change:
    """Earn no State grant from a day on."""
    return _change("fin_subvention", start=since, post=post)


def share(
    parts: Mapping[str, float],
    key: SharingKey = "habitants",
    *,
    rate: float | None = None,
    amount: float | None = None,
    unit_price: float | None = None,
    post: str | None = None,
    since: date | None = None,
    vehicle: Vehicle | None = None,
) -> Change:
    """Have communes pay part of a post, split exactly between them.

    Parameters
    ----------
    parts : dict
        Inhabitants, or hours a year, of each commune.
    key : {"habitants", "heures", "egal"}
    rate : float, optional
        Share of the reste à charge of each exercice.
    amount : float, optional
        Euros a year, all communes together.
    unit_price : float, optional
        Euros a year per inhabitant or per hour.
    post : str, optional
    since : date, optional
        First of a month; by default the next 1 January.
    vehicle : str, optional
        How they pay; by default mise à disposition.
    """
    return _change(
        "partage",
        parts=dict(parts),
        key=key,
        rate=rate,
        amount=amount,
        unit_price=unit_price,
        post=post,
        start=since,
        vehicle=vehicle,
    )


def smic(rate: float, since: date | None = None, yearly: bool = False) -> Change:
    """Raise the minimum wage by a share, once or each year, by default from the next 1 January on."""
    return _change("smic", rate=rate, start=since, yearly=yearly)


def point(rate: float, since: date | None = None, yearly: bool = False) -> Change:
    """Raise the value of the point by a share, once or each year, by default from the next 1 January on."""
    return _change("point", rate=rate, start=since, yearly=yearly)


def legal_value(parameter: str, since: date, value: float) -> Change:
    """Suppose a legal value from a day to its next change."""
    return _change("valeur_legale", parameter=parameter, start=since, value=value)


def freeze(parameter: str, since: date) -> Change:
    """Hold a legal value at what it is on a day, whatever is planned after."""
    return _change("gel", parameter=parameter, start=since)


def cnracl(path: Mapping[date, float]) -> tuple[Change, ...]:
    """Suppose the employer's CNRACL rates, each from its day on."""
    return tuple(legal_value("cnracl", day, rate) for day, rate in sorted(path.items()))
