"""What the end of a contract costs: leave not taken, a break before its term, ARE of a self-insured employer."""

from __future__ import annotations

from conseiller.rules.algebra import Quantity, add_months, cents, day, maximum, minimum, where
from conseiller.rules.registry import (
    FAR,
    Constant,
    FamilySum,
    Law,
    Member,
    Pick,
    Select,
    lookup,
    rule,
)

lookup("month", "days", "exit", leave_days=Pick("contract", "leave_days", "contract_no"))
lookup("month", "rate", "law", leave_fraction=Law("conge_non_pris_fraction"))


@rule("month", "euros", "line")
def conges_non_pris(
    brut: Quantity,
    prime_annuelle: Quantity,
    thirtieths: Quantity,
    leave_days: Quantity,
    leave_fraction: Quantity,
    contract_until: Quantity,
    next_month: Quantity,
) -> Quantity:
    """Return the indemnity for leave not taken, in the contract's last month.

    A day is worth 12/250 of the gross pay of a whole month, CIA left out.

    References
    ----------
    Arrêté du 21 juin 2025 (12/250 de la rémunération mensuelle brute par jour).
    """
    whole_month = cents(cents(brut - prime_annuelle) * 30 / maximum(thirtieths, 1))
    leaves = (thirtieths > 0) & (contract_until <= next_month)
    result: Quantity = where(leaves, cents(whole_month * leave_fraction * leave_days), 0)
    return result


# --- ARE: computed once per contract, paid in the months that follow -------------------------------


@rule("contract", "date", "are")
def reference_from(until: Quantity) -> Quantity:
    """Return the first of the 24 months of pay that the daily reference wage looks at."""
    last_day = until - 1
    result: Quantity = add_months(last_day - day(last_day) + 1, -23)
    return result


lookup(
    "contract",
    "euros",
    "are",
    reference_pay=Select(
        "sum",
        "month",
        "brut",
        (("contract_no", "=", "number"), ("month", ">=", "reference_from")),
    ),
)
lookup(
    "contract",
    "date",
    "are",
    first_paid=Select("min", "month", "month", (("contract_no", "=", "number"),)),
)
lookup(
    "contract",
    "rate",
    "law",
    are_rate_1=Law("are_taux_1", at="until"),
    are_rate_2=Law("are_taux_2", at="until"),
    are_cap=Law("are_plafond", at="until"),
)
lookup("contract", "euros", "law", are_fixed=Law("are_part_fixe", at="until"))
lookup(
    "contract",
    "days",
    "law",
    are_wait=Law("are_differe_jours", at="until"),
    are_max=Law("are_duree_max_jours", at="until"),
)
lookup("contract", "flag", "constant", self_insured=Constant("self_insured"))


@rule("contract", "euros", "are")
def daily_wage(
    reference_pay: Quantity,
    until: Quantity,
    start: Quantity,
    reference_from: Quantity,
    first_paid: Quantity,
) -> Quantity:
    """Return the daily reference wage (SJR): pay of the last 24 months by calendar day of contract.

    Where the first exercice shown begins within those months, pay and days are those of the months shown. The pay of
    an earlier contract of the same agent is not in it: contracts do not name their agents.
    """
    days = maximum(until - maximum(maximum(start, reference_from), first_paid), 1)
    result: Quantity = reference_pay / days
    return result


@rule("contract", "euros", "are")
def are_daily(
    daily_wage: Quantity, are_rate_1: Quantity, are_fixed: Quantity, are_rate_2: Quantity, are_cap: Quantity
) -> Quantity:
    """Return the daily allowance: the better of two formulas, within a share of the reference wage.

    References
    ----------
    Règlement d'assurance chômage, art. 14 à 16.
    """
    better = maximum(daily_wage * are_rate_1 + are_fixed, daily_wage * are_rate_2)
    result: Quantity = cents(minimum(better, daily_wage * are_cap))
    return result


@rule("contract", "date", "are")
def are_from(until: Quantity, are_wait: Quantity) -> Quantity:
    """Return the first day of allowance, after the waiting days."""
    return until + are_wait


@rule("contract", "date", "are")
def are_until(
    are_from: Quantity, are_days: Quantity, are_max: Quantity, self_insured: Quantity, until: Quantity
) -> Quantity:
    """Return the day after the last day of allowance; no day when insured elsewhere."""
    days = where(until < FAR, minimum(are_days, are_max) * self_insured, 0)
    result: Quantity = are_from + days
    return result


lookup(
    "month",
    "date",
    "exit",
    family="contract",
    only_month=True,
    are_begins=Member("are_from"),
    are_ends=Member("are_until"),
)
lookup("month", "euros", "exit", family="contract", only_month=True, are_day=Member("are_daily"))


@rule("month", "euros", "exit", family="contract", only_month=True)
def are_paid(
    are_day: Quantity, are_begins: Quantity, are_ends: Quantity, month: Quantity, next_month: Quantity
) -> Quantity:
    """Return the allowance of one former agent for the days of the month."""
    days = maximum(minimum(are_ends, next_month) - maximum(are_begins, month), 0)
    result: Quantity = cents(are_day * days)
    return result


lookup("month", "euros", "other", only_month=True, are=FamilySum("are_paid"))

# --- a contract that the employer breaks before its term: computed once, paid in its last month -------

lookup(
    "contract",
    "euros",
    "break",
    paid_so_far=Select("sum", "month", "brut", (("contract_no", "=", "number"),)),
)
lookup("contract", "rate", "law", break_rate=Law("indemnite_rupture_projet", at="until"))


@rule("contract", "euros", "break")
def break_due(
    broken: Quantity,
    break_pay: Quantity,
    nature: Quantity,
    status: Quantity,
    break_rate: Quantity,
    paid_so_far: Quantity,
    until: Quantity,
    start: Quantity,
    first_paid: Quantity,
) -> Quantity:
    """Return what a contract broken before its term is owed: the amount stated, else that of a contrat de projet.

    A share of all gross pay received under the contract. Where the first exercice shown begins
    after the contract, the months before it count at the daily pay of those shown. For another
    contract the indemnity depends on net pay, which is not computed here: the dossier states it.

    References
    ----------
    Décret n° 88-145 du 15 février 1988, art. 38-2 et 46 (contrat de projet).
    """
    shown = maximum(until - maximum(start, first_paid), 1)
    whole = cents(paid_so_far * (until - start) / shown)
    project = (nature == 1) & (status == 1) & (broken > 0)
    result: Quantity = where(break_pay > 0, break_pay, where(project, cents(whole * break_rate), 0))
    return result


lookup("month", "euros", "exit", family="contract", only_month=True, break_amount=Member("break_due"))
lookup("month", "date", "exit", family="contract", only_month=True, break_until=Member("until"))


@rule("month", "euros", "exit", family="contract", only_month=True)
def break_paid(
    break_amount: Quantity, break_until: Quantity, month: Quantity, next_month: Quantity
) -> Quantity:
    """Return the indemnity of one broken contract, in its last month."""
    result: Quantity = where((month < break_until) & (break_until <= next_month), break_amount, 0)
    return result


lookup("month", "euros", "other", only_month=True, indemnite_rupture=FamilySum("break_paid"))
