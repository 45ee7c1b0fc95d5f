"""Time: the contract that runs in a month, its thirtieths and its calendar days.

Convention of the thirtieths, printed in every workbook: the elapsed thirtieths
of a date are 30 from the first of the next month on, else the days since the
first of the month, at most 30. Abutting contracts therefore always make 30.
"""

from __future__ import annotations

from conseiller.rules.algebra import Quantity, add_months, day, maximum, minimum, where, year
from conseiller.rules.algebra import month as month_of_year
from conseiller.rules.registry import FAR, Constant, Given, Law, Pick, Select, lookup, rule


def elapsed(date: Quantity, first: Quantity, following: Quantity) -> Quantity:
    """Return the thirtieths elapsed in a month before `date` begins.

    Parameters
    ----------
    date, first, following : date serials
        The date, the first of the month, the first of the next month.

    Returns
    -------
    number of thirtieths, 0 to 30
    """
    result: Quantity = where(date >= following, 30, maximum(0, minimum(30, date - first)))
    return result


# --- contracts: what their dates and working time amount to --------------------------------------

lookup("contract", "number", "contract", number=Given(), status=Given(), nature=Given(), time=Given())
lookup("contract", "date", "contract", start=Given(), until=Given())
lookup("contract", "number", "contract", hours=Given(), share=Given())
lookup("contract", "days", "contract", leave_days=Given(), are_days=Given())
lookup("contract", "flag", "contract", broken=Given())
lookup("contract", "euros", "contract", break_pay=Given())
lookup(
    "contract",
    "number",
    "law",
    full_hours=Law("temps_complet_heures", at="start"),
    cnracl_hours=Law("cnracl_seuil_heures", at="start"),
)
lookup(
    "contract",
    "share",
    "law",
    paid_80=Law("temps_partiel_80", at="start"),
    paid_90=Law("temps_partiel_90", at="start"),
)


@rule("contract", "flag", "contract")
def titulaire(status: Quantity) -> Quantity:
    """Return 1 for a titulaire, 0 for a contractuel."""
    result: Quantity = where(status == 2, 1, 0)
    return result


@rule("contract", "share", "contract")
def work_share(time: Quantity, hours: Quantity, full_hours: Quantity, share: Quantity) -> Quantity:
    """Return the share of a full-time post worked: 1, h/35 (temps non complet) or the quotité (temps partiel).

    References
    ----------
    CGFP L.613-1 (temps non complet), L.612-1 (temps partiel).
    """
    result: Quantity = where(time == 2, hours / full_hours, where(time == 3, share, 1))
    return result


@rule("contract", "share", "contract")
def pay_share(
    time: Quantity, work_share: Quantity, share: Quantity, paid_80: Quantity, paid_90: Quantity
) -> Quantity:
    """Return the share of full pay: as worked, but 6/7 at 80 % and 32/35 at 90 % of temps partiel.

    References
    ----------
    CGFP L.612-5 (ex loi 84-53, art. 60).
    """
    part_time = where(share == 0.8, paid_80, where(share == 0.9, paid_90, share))
    result: Quantity = where(time == 3, part_time, work_share)
    return result


@rule("contract", "flag", "contract")
def cnracl_member(titulaire: Quantity, time: Quantity, hours: Quantity, cnracl_hours: Quantity) -> Quantity:
    """Return 1 for a titulaire of the special scheme; below 28 h a week the general scheme applies.

    References
    ----------
    Décret n° 91-298 du 20 mars 1991, art. 107 ; seuil de 28 h hebdomadaires.
    """
    result: Quantity = where(time == 2, where(hours >= cnracl_hours, titulaire, 0), titulaire)
    return result


lookup(
    "contract",
    "number",
    "vacancy",
    tolerance=Law("vacance_tolerance_mois", at="until"),
)
lookup(
    "contract",
    "date",
    "vacancy",
    next_start=Select("min", "contract", "start", (("start", ">=", "until"),)),
)


@rule("contract", "date", "vacancy")
def vacancy_limit(until: Quantity, tolerance: Quantity) -> Quantity:
    """Return the day from which a vacancy opened by this contract's end outlasts the tolerance."""
    result: Quantity = where(until < FAR, add_months(until, where(until < FAR, tolerance, 0)), FAR)
    return result


@rule("contract", "date", "vacancy")
def lost_on(until: Quantity, next_start: Quantity, vacancy_limit: Quantity) -> Quantity:
    """Return the day the post is given back after this contract, FAR if it is not.

    References
    ----------
    Annonce du renouvellement (janvier 2023) : 3 mois ; règles de gestion de mai 2025 : 6 mois.
    """
    kept = (next_start > 0) & (next_start <= vacancy_limit)
    result: Quantity = where(until >= FAR, FAR, where(kept, FAR, vacancy_limit))
    return result


# --- a month shared by two contracts: the later one has a row of its own ---------------------------

lookup(
    "contract",
    "date",
    "constant",
    horizon_first=Constant("horizon_first"),
    horizon_end=Constant("horizon_end"),
)


@rule("contract", "date", "shared")
def first_of_month(start: Quantity) -> Quantity:
    """Return the first of the month in which the contract starts."""
    result: Quantity = start - day(start) + 1
    return result


@rule("contract", "date", "shared")
def following_month(first_of_month: Quantity) -> Quantity:
    """Return the first of the next month."""
    result: Quantity = add_months(first_of_month, 1)
    return result


lookup(
    "contract",
    "date",
    "shared",
    first_there=Select(
        "min",
        "contract",
        "start",
        (("until", ">", "first_of_month"), ("start", "<", "following_month")),
    ),
)


@rule("contract", "flag", "shared")
def shares_month(
    start: Quantity,
    first_there: Quantity,
    first_of_month: Quantity,
    horizon_first: Quantity,
    horizon_end: Quantity,
) -> Quantity:
    """Return 1 when an earlier contract of the post still runs in the month this one starts."""
    shown = (first_of_month >= horizon_first) & (first_of_month < horizon_end)
    result: Quantity = where((start < FAR) & (first_there < start) & shown, 1, 0)
    return result


@rule("contract", "number", "shared")
def shared_number(shares_month: Quantity, number: Quantity) -> Quantity:
    """Return the contract's number when it has a row of its own, else 0."""
    return shares_month * number


@rule("contract", "date", "shared")
def shared_month(shares_month: Quantity, first_of_month: Quantity, horizon_first: Quantity) -> Quantity:
    """Return the month of the contract's own row; the first month shown when it has none."""
    result: Quantity = where(shares_month > 0, first_of_month, horizon_first)
    return result


# --- months ----------------------------------------------------------------------------------------

lookup("month", "date", "key", on_extra="shared_month", month=Given())


@rule("month", "years", "key")
def exercice(month: Quantity) -> Quantity:
    """Return the exercice, the calendar year, of the month."""
    result: Quantity = year(month)
    return result


@rule("month", "date", "key")
def next_month(month: Quantity) -> Quantity:
    """Return the first of the next month."""
    result: Quantity = add_months(month, 1)
    return result


@rule("month", "number", "key")
def month_number(month: Quantity) -> Quantity:
    """Return the month counted from year 0, to measure distances in months."""
    result: Quantity = 12 * year(month) + month_of_year(month)
    return result


lookup(
    "month",
    "date",
    "stay",
    only_month=True,
    first_start=Select("min", "contract", "start", (("until", ">", "month"), ("start", "<", "next_month"))),
)
lookup(
    "month",
    "number",
    "stay",
    on_extra="shared_number",
    contract_no=Select("sum", "contract", "number", (("start", "=", "first_start"), ("until", ">", "month"))),
)
lookup(
    "month",
    "date",
    "stay",
    contract_start=Pick("contract", "start", "contract_no"),
    contract_until=Pick("contract", "until", "contract_no"),
)
lookup(
    "month",
    "flag",
    "stay",
    is_titulaire=Pick("contract", "titulaire", "contract_no"),
    is_cnracl=Pick("contract", "cnracl_member", "contract_no"),
)
lookup("month", "number", "stay", contract_time=Pick("contract", "time", "contract_no"))
lookup(
    "month",
    "share",
    "stay",
    working=Pick("contract", "work_share", "contract_no"),
    paid=Pick("contract", "pay_share", "contract_no"),
)


@rule("month", "date", "stay")
def stay_from(contract_no: Quantity, contract_start: Quantity, month: Quantity) -> Quantity:
    """Return the first day of the contract within the month."""
    result: Quantity = where(contract_no > 0, maximum(contract_start, month), month)
    return result


@rule("month", "date", "stay")
def stay_to(
    contract_no: Quantity, contract_until: Quantity, month: Quantity, next_month: Quantity
) -> Quantity:
    """Return the day after the last day of the contract within the month."""
    result: Quantity = where(contract_no > 0, minimum(contract_until, next_month), month)
    return result


@rule("month", "number", "stay")
def elapsed_from(stay_from: Quantity, month: Quantity, next_month: Quantity) -> Quantity:
    """Return the thirtieths elapsed when the stay begins."""
    return elapsed(stay_from, month, next_month)


@rule("month", "number", "stay")
def elapsed_to(stay_to: Quantity, month: Quantity, next_month: Quantity) -> Quantity:
    """Return the thirtieths elapsed when the stay ends."""
    return elapsed(stay_to, month, next_month)


@rule("month", "number", "stay")
def thirtieths(elapsed_from: Quantity, elapsed_to: Quantity) -> Quantity:
    """Return the thirtieths of the month the contract occupies, 0 to 30."""
    return elapsed_to - elapsed_from


@rule("month", "share", "stay")
def calendar_share(stay_from: Quantity, stay_to: Quantity, month: Quantity, next_month: Quantity) -> Quantity:
    """Return the share of the month's calendar days the contract occupies."""
    return (stay_to - stay_from) / (next_month - month)


@rule("month", "share", "stay")
def etp(working: Quantity, thirtieths: Quantity) -> Quantity:
    """Return the full-time equivalents paid this month (ETPT of the month)."""
    return working * thirtieths / 30
