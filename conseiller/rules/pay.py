"""Pay of an agent in a month, from indice majoré to gross, each line rounded to the cent."""

from __future__ import annotations

from conseiller.rules.algebra import Quantity, cents, maximum, minimum, where
from conseiller.rules.algebra import month as month_of_year
from conseiller.rules.registry import Constant, Given, Grid, Law, Pick, Select, lookup, rule

# --- terms -----------------------------------------------------------------------------------------

lookup("term", "number", "term", contract=Given(), number=Given())
lookup("term", "date", "term", start=Given())
lookup("term", "index", "term", index=Given())
lookup("term", "number", "term", grid=Given(), children=Given())
lookup("term", "euros", "term", bonus=Given(), cia=Given(), psc=Given())
lookup("term", "index", "law", points_at_start=Law("points_supplementaires", at="start"))

# --- the terms that govern the month ---------------------------------------------------------------

lookup(
    "month",
    "date",
    "terms",
    term_start=Select("max", "term", "start", (("contract", "=", "contract_no"), ("start", "<=", "month"))),
)
lookup(
    "month",
    "number",
    "terms",
    term_no=Select("sum", "term", "number", (("contract", "=", "contract_no"), ("start", "=", "term_start"))),
    children=Pick("term", "children", "term_no"),
)
lookup(
    "month",
    "index",
    "terms",
    stated_index=Pick("term", "index", "term_no"),
    points_when_stated=Pick("term", "points_at_start", "term_no"),
    grid_index=Grid(),
)
lookup(
    "month",
    "euros",
    "terms",
    bonus=Pick("term", "bonus", "term_no"),
    cia_yearly=Pick("term", "cia", "term_no"),
    psc_monthly=Pick("term", "psc", "term_no"),
)
lookup(
    "month",
    "index",
    "law",
    points=Law("points_supplementaires"),
    im_minimum=Law("im_minimum"),
    ir_index=Law("indemnite_residence_im_plancher"),
    sft_index_min=Law("sft_im_plancher"),
    sft_index_max=Law("sft_im_plafond"),
)
lookup("month", "euros", "law", point=Law("point_indice_annuel"), smic=Law("smic_mensuel"))
lookup(
    "month",
    "euros",
    "law",
    sft_fixed_1=Law("sft_fixe_1_enfant"),
    sft_fixed_2=Law("sft_fixe_2_enfants"),
    sft_fixed_3=Law("sft_fixe_3_enfants"),
    sft_fixed_more=Law("sft_fixe_enfant_supplementaire"),
)
lookup(
    "month",
    "rate",
    "law",
    ir_rate=Law("indemnite_residence_zone{zone}"),
    sft_rate_2=Law("sft_taux_2_enfants"),
    sft_rate_3=Law("sft_taux_3_enfants"),
    sft_rate_more=Law("sft_taux_enfant_supplementaire"),
)
lookup("month", "number", "constant", cia_month=Constant("cia_month"))


@rule("month", "index", "pay")
def index_paid(
    stated_index: Quantity,
    points: Quantity,
    points_when_stated: Quantity,
    grid_index: Quantity,
    im_minimum: Quantity,
) -> Quantity:
    """Return the indice majoré paid: as stated plus the points given since, or the grid's; at least the minimum.

    References
    ----------
    Décret n° 85-1148 du 24 octobre 1985, art. 8 (minimum de traitement) ; décret n° 2023-519 (5 points).
    """
    stated = where(stated_index > 0, stated_index + points - points_when_stated, grid_index)
    result: Quantity = maximum(stated, im_minimum)
    return result


@rule("month", "euros", "pay")
def tib_plein(index_paid: Quantity, point: Quantity) -> Quantity:
    """Return the full-time monthly index pay: index × annual value of the point / 12.

    References
    ----------
    Décret n° 85-1148 du 24 octobre 1985, art. 2 et 3.
    """
    result: Quantity = cents(index_paid * point / 12)
    return result


@rule("month", "euros", "line")
def traitement(tib_plein: Quantity, paid: Quantity, thirtieths: Quantity) -> Quantity:
    """Return the index pay of the month.

    References
    ----------
    CGFP L.712-1 et L.712-2 ; comptabilité par trentièmes : décret n° 85-1148, art. 1 s.
    """
    result: Quantity = cents(tib_plein * paid * thirtieths / 30)
    return result


@rule("month", "euros", "line")
def indemnite_differentielle(
    smic: Quantity, tib_plein: Quantity, paid: Quantity, thirtieths: Quantity
) -> Quantity:
    """Return what lifts index pay to the SMIC; bonuses, IR and SFT do not count in the comparison.

    References
    ----------
    Décret n° 91-769 du 2 août 1991.
    """
    missing = cents(maximum(smic - tib_plein, 0))
    result: Quantity = cents(missing * paid * thirtieths / 30)
    return result


@rule("month", "euros", "line")
def indemnite_residence(
    tib_plein: Quantity,
    ir_index: Quantity,
    point: Quantity,
    ir_rate: Quantity,
    paid: Quantity,
    thirtieths: Quantity,
) -> Quantity:
    """Return the residence allowance: zone rate × index pay, at least that of the floor index.

    References
    ----------
    Décret n° 85-1148 du 24 octobre 1985, art. 9.
    """
    floor = cents(ir_index * point / 12)
    result: Quantity = cents(ir_rate * maximum(tib_plein, floor) * paid * thirtieths / 30)
    return result


@rule("month", "euros", "pay")
def sft_fixe(
    children: Quantity,
    sft_fixed_1: Quantity,
    sft_fixed_2: Quantity,
    sft_fixed_3: Quantity,
    sft_fixed_more: Quantity,
) -> Quantity:
    """Return the fixed part of the family supplement for a full month."""
    many = sft_fixed_3 + (children - 3) * sft_fixed_more
    result: Quantity = where(
        children >= 3, many, where(children == 2, sft_fixed_2, where(children == 1, sft_fixed_1, 0))
    )
    return result


@rule("month", "rate", "pay")
def sft_taux(
    children: Quantity, sft_rate_2: Quantity, sft_rate_3: Quantity, sft_rate_more: Quantity
) -> Quantity:
    """Return the proportional rate of the family supplement."""
    many = sft_rate_3 + (children - 3) * sft_rate_more
    result: Quantity = where(children >= 3, many, where(children == 2, sft_rate_2, 0))
    return result


@rule("month", "euros", "pay")
def sft_assiette(
    tib_plein: Quantity,
    sft_index_min: Quantity,
    sft_index_max: Quantity,
    point: Quantity,
    paid: Quantity,
    contract_time: Quantity,
) -> Quantity:
    """Return the base of the proportional part: index pay within bounds.

    At temps partiel the share applies but never below the floor; at temps non
    complet the bounded pay is taken pro rata (hypothesis).

    References
    ----------
    Décret n° 85-1148 du 24 octobre 1985, art. 10 bis et 11.
    """
    floor = cents(sft_index_min * point / 12)
    ceiling = cents(sft_index_max * point / 12)
    part_time = maximum(minimum(tib_plein, ceiling) * paid, floor)
    pro_rata = maximum(minimum(tib_plein, ceiling), floor) * paid
    result: Quantity = where(contract_time == 3, part_time, pro_rata)
    return result


@rule("month", "euros", "line")
def sft(sft_fixe: Quantity, sft_taux: Quantity, sft_assiette: Quantity, thirtieths: Quantity) -> Quantity:
    """Return the supplément familial de traitement.

    References
    ----------
    Décret n° 85-1148 du 24 octobre 1985, art. 10 et 10 bis.
    """
    result: Quantity = cents((sft_fixe + sft_taux * sft_assiette) * thirtieths / 30)
    return result


@rule("month", "euros", "pay")
def prime_mensuelle(bonus: Quantity, paid: Quantity, thirtieths: Quantity) -> Quantity:
    """Return the monthly RIFSEEP, reduced like pay."""
    result: Quantity = cents(bonus * paid * thirtieths / 30)
    return result


@rule("month", "euros", "pay")
def prime_annuelle(
    cia_yearly: Quantity, cia_month: Quantity, month: Quantity, thirtieths: Quantity
) -> Quantity:
    """Return the yearly CIA, paid whole in its month to the agent then in post."""
    due = (month_of_year(month) == cia_month) & (thirtieths > 0)
    result: Quantity = where(due, cia_yearly, 0)
    return result


@rule("month", "euros", "line")
def primes(prime_mensuelle: Quantity, prime_annuelle: Quantity) -> Quantity:
    """Return the bonuses of the month: RIFSEEP and CIA.

    References
    ----------
    CGFP L.714-4 s. ; délibération de l'employeur.
    """
    return prime_mensuelle + prime_annuelle


@rule("month", "euros", "pay")
def brut(
    traitement: Quantity,
    indemnite_differentielle: Quantity,
    indemnite_residence: Quantity,
    sft: Quantity,
    primes: Quantity,
) -> Quantity:
    """Return gross pay of the month: the sum of the pay lines."""
    result: Quantity = cents(traitement + indemnite_differentielle + indemnite_residence + sft + primes)
    return result


@rule("month", "euros", "line")
def psc(psc_monthly: Quantity, thirtieths: Quantity) -> Quantity:
    """Return the employer's share of complementary protection, by thirtieths (hypothesis).

    References
    ----------
    Décret n° 2022-581 du 20 avril 2022.
    """
    result: Quantity = cents(psc_monthly * thirtieths / 30)
    return result
