"""Employer contributions of contractuels and titulaires, each rounded to the cent."""

from __future__ import annotations

from conseiller.rules.algebra import Quantity, cents, maximum, minimum, where
from conseiller.rules.registry import Constant, Law, Rate, YearToDate, lookup, rule

lookup(
    "month",
    "number",
    "constant",
    headcount=Constant("headcount"),
    psc_in_base=Constant("psc_in_base"),
)
lookup("month", "euros", "law", pmss=Law("pmss"))
lookup(
    "month",
    "rate",
    "law",
    maladie_contractuel=Law("maladie_contractuel"),
    maladie_titulaire=Law("maladie_titulaire"),
    rate_plafonnee=Law("vieillesse_plafonnee"),
    rate_deplafonnee=Law("vieillesse_deplafonnee"),
    rate_famille=Law("allocations_familiales"),
    rate_csa=Law("csa"),
    fnal_small=Law("fnal_moins_50"),
    fnal_large=Law("fnal_50_et_plus"),
    ircantec_a=Law("ircantec_tranche_a"),
    ircantec_b=Law("ircantec_tranche_b"),
    rate_cnracl=Law("cnracl"),
    rate_atiacl=Law("atiacl"),
    rate_rafp=Law("rafp"),
    rafp_cap=Law("rafp_plafond_assiette"),
    rate_cnfpt=Law("cnfpt"),
    rate_apprentissage=Law("cnfpt_apprentissage"),
)
lookup(
    "month",
    "number",
    "law",
    fnal_threshold=Law("fnal_seuil_effectif"),
    mobility_threshold=Law("versement_mobilite_seuil_effectif"),
    ircantec_b_cap=Law("ircantec_plafond_b"),
    chomage_cap=Law("chomage_plafond"),
)
lookup(
    "month",
    "rate",
    "rates",
    rate_at_mp=Rate("at_mp"),
    rate_cdg=Rate("cdg"),
    rate_mobility=Rate("versement_mobilite"),
    rate_chomage=Rate("chomage"),
    rate_dialogue=Rate("dialogue_social"),
)


@rule("month", "euros", "base")
def assiette(
    is_cnracl: Quantity,
    traitement: Quantity,
    brut: Quantity,
    conges_non_pris: Quantity,
    psc: Quantity,
    psc_in_base: Quantity,
) -> Quantity:
    """Return the contribution base: index pay for the special scheme, all pay for the general scheme.

    References
    ----------
    CSS L.242-1 et D.712-38 ; PSC d'un agent du régime général : hypothèse de l'employeur.
    """
    result: Quantity = where(is_cnracl > 0, traitement, cents(brut + conges_non_pris + psc * psc_in_base))
    return result


@rule("month", "euros", "base")
def plafond(pmss: Quantity, working: Quantity, calendar_share: Quantity) -> Quantity:
    """Return the ceiling of the month: PMSS × working share × share of its calendar days.

    References
    ----------
    CSS R.242-2 ; sans régularisation annuelle (hypothèse).
    """
    result: Quantity = cents(pmss * working * calendar_share)
    return result


@rule("month", "euros", "base")
def assiette_plafonnee(assiette: Quantity, plafond: Quantity) -> Quantity:
    """Return the contribution base up to the ceiling."""
    result: Quantity = minimum(assiette, plafond)
    return result


@rule("month", "euros", "line")
def maladie(
    assiette: Quantity, is_cnracl: Quantity, maladie_titulaire: Quantity, maladie_contractuel: Quantity
) -> Quantity:
    """Return sickness insurance at the rate of the agent's scheme.

    References
    ----------
    CSS D.242-3 (régime général) ; décret n° 67-850, art. 2 (régime spécial).
    """
    result: Quantity = cents(assiette * where(is_cnracl > 0, maladie_titulaire, maladie_contractuel))
    return result


@rule("month", "euros", "line")
def vieillesse_plafonnee(
    assiette_plafonnee: Quantity, rate_plafonnee: Quantity, is_cnracl: Quantity
) -> Quantity:
    """Return old-age insurance up to the ceiling (general scheme).

    References
    ----------
    CSS D.242-4.
    """
    result: Quantity = where(is_cnracl > 0, 0, cents(assiette_plafonnee * rate_plafonnee))
    return result


@rule("month", "euros", "line")
def vieillesse_deplafonnee(assiette: Quantity, rate_deplafonnee: Quantity, is_cnracl: Quantity) -> Quantity:
    """Return old-age insurance on all pay (general scheme).

    References
    ----------
    CSS D.242-4.
    """
    result: Quantity = where(is_cnracl > 0, 0, cents(assiette * rate_deplafonnee))
    return result


@rule("month", "euros", "line")
def allocations_familiales(assiette: Quantity, rate_famille: Quantity) -> Quantity:
    """Return family allowances at the full rate: public employers have no reduced rate.

    References
    ----------
    CSS D.241-3-1.
    """
    result: Quantity = cents(assiette * rate_famille)
    return result


@rule("month", "euros", "line")
def csa(assiette: Quantity, rate_csa: Quantity) -> Quantity:
    """Return the contribution solidarité autonomie.

    References
    ----------
    CASF L.14-10-4 ; CSS L.137-40.
    """
    result: Quantity = cents(assiette * rate_csa)
    return result


@rule("month", "euros", "line")
def fnal(
    headcount: Quantity,
    fnal_threshold: Quantity,
    assiette: Quantity,
    fnal_large: Quantity,
    assiette_plafonnee: Quantity,
    fnal_small: Quantity,
) -> Quantity:
    """Return the housing fund levy: on all pay from 50 agents, on capped pay below.

    References
    ----------
    CCH L.813-5.
    """
    result: Quantity = where(
        headcount >= fnal_threshold,
        cents(assiette * fnal_large),
        cents(assiette_plafonnee * fnal_small),
    )
    return result


@rule("month", "euros", "base")
def assiette_ircantec(assiette: Quantity, sft: Quantity) -> Quantity:
    """Return the Ircantec base: pay without the family supplement.

    References
    ----------
    Décret n° 70-1277 du 23 décembre 1970, art. 7.
    """
    result: Quantity = maximum(cents(assiette - sft), 0)
    return result


@rule("month", "euros", "line")
def ircantec(
    is_cnracl: Quantity,
    assiette_ircantec: Quantity,
    plafond: Quantity,
    ircantec_a: Quantity,
    ircantec_b_cap: Quantity,
    ircantec_b: Quantity,
) -> Quantity:
    """Return the complementary pension: tranche A up to the ceiling, tranche B up to 8 ceilings.

    References
    ----------
    Décret n° 70-1277 du 23 décembre 1970, art. 7 ; arrêté du 30 décembre 1970, art. 9 bis.
    """
    first = cents(minimum(assiette_ircantec, plafond) * ircantec_a)
    above = cents(minimum(assiette_ircantec, ircantec_b_cap * plafond) - plafond)
    second = cents(maximum(above, 0) * ircantec_b)
    result: Quantity = where(is_cnracl > 0, 0, first + second)
    return result


@rule("month", "euros", "line")
def at_mp(is_cnracl: Quantity, assiette: Quantity, rate_at_mp: Quantity) -> Quantity:
    """Return insurance against accidents at work, at the rate notified to the employer.

    References
    ----------
    CSS D.242-6-22.
    """
    result: Quantity = where(is_cnracl > 0, 0, cents(assiette * rate_at_mp))
    return result


@rule("month", "euros", "line")
def cnracl(is_cnracl: Quantity, traitement: Quantity, rate_cnracl: Quantity) -> Quantity:
    """Return the pension contribution of titulaires on index pay.

    References
    ----------
    Décret n° 2025-86 du 30 janvier 2025, art. 1.
    """
    result: Quantity = where(is_cnracl > 0, cents(traitement * rate_cnracl), 0)
    return result


@rule("month", "euros", "line")
def atiacl(is_cnracl: Quantity, traitement: Quantity, rate_atiacl: Quantity) -> Quantity:
    """Return the invalidity allowance contribution of titulaires.

    References
    ----------
    Décret n° 2012-1525 du 28 décembre 2012, art. 1.
    """
    result: Quantity = where(is_cnracl > 0, cents(traitement * rate_atiacl), 0)
    return result


@rule("month", "euros", "base")
def accessoires(
    is_cnracl: Quantity,
    indemnite_differentielle: Quantity,
    indemnite_residence: Quantity,
    sft: Quantity,
    primes: Quantity,
) -> Quantity:
    """Return the pay of a titulaire outside index pay."""
    result: Quantity = where(is_cnracl > 0, indemnite_differentielle + indemnite_residence + sft + primes, 0)
    return result


@rule("month", "euros", "base")
def traitement_cnracl(is_cnracl: Quantity, traitement: Quantity) -> Quantity:
    """Return the index pay that bears CNRACL."""
    result: Quantity = where(is_cnracl > 0, traitement, 0)
    return result


lookup(
    "month",
    "euros",
    "base",
    accessoires_cumul=YearToDate("accessoires"),
    traitement_cumul=YearToDate("traitement_cnracl"),
)


@rule("month", "euros", "base")
def assiette_rafp(
    accessoires: Quantity,
    accessoires_cumul: Quantity,
    traitement_cnracl: Quantity,
    traitement_cumul: Quantity,
    rafp_cap: Quantity,
) -> Quantity:
    """Return the RAFP base of the month: bonuses, within 20 % of index pay over the year to date.

    References
    ----------
    Décret n° 2004-569 du 18 juin 2004, art. 2.
    """
    to_date = minimum(accessoires_cumul, cents(rafp_cap * traitement_cumul))
    before = minimum(
        accessoires_cumul - accessoires, cents(rafp_cap * (traitement_cumul - traitement_cnracl))
    )
    result: Quantity = cents(to_date - before)
    return result


@rule("month", "euros", "line")
def rafp(assiette_rafp: Quantity, rate_rafp: Quantity) -> Quantity:
    """Return the additional pension of titulaires.

    References
    ----------
    Décret n° 2004-569 du 18 juin 2004.
    """
    result: Quantity = cents(assiette_rafp * rate_rafp)
    return result


@rule("month", "euros", "line")
def cnfpt(assiette: Quantity, rate_cnfpt: Quantity) -> Quantity:
    """Return the training contribution to the CNFPT.

    References
    ----------
    CGFP L.451-17.
    """
    result: Quantity = cents(assiette * rate_cnfpt)
    return result


@rule("month", "euros", "line")
def apprentissage(assiette: Quantity, rate_apprentissage: Quantity) -> Quantity:
    """Return the apprenticeship part of the CNFPT contribution.

    References
    ----------
    CGFP L.451-19-1.
    """
    result: Quantity = cents(assiette * rate_apprentissage)
    return result


@rule("month", "euros", "line")
def cdg(assiette: Quantity, rate_cdg: Quantity) -> Quantity:
    """Return the contribution to the management centre, all parts, at the employer's rate.

    References
    ----------
    CGFP L.452-26 s.
    """
    result: Quantity = cents(assiette * rate_cdg)
    return result


@rule("month", "euros", "line")
def versement_mobilite(
    headcount: Quantity, mobility_threshold: Quantity, assiette: Quantity, rate_mobility: Quantity
) -> Quantity:
    """Return the transport levy, due from 11 agents, at the local rate.

    References
    ----------
    CGCT L.2333-64.
    """
    result: Quantity = where(headcount >= mobility_threshold, cents(assiette * rate_mobility), 0)
    return result


@rule("month", "euros", "line")
def dialogue_social(assiette: Quantity, rate_dialogue: Quantity, is_cnracl: Quantity) -> Quantity:
    """Return the contribution au dialogue social, off unless the employer states a rate.

    References
    ----------
    Code du travail L.2135-10.
    """
    result: Quantity = where(is_cnracl > 0, 0, cents(assiette * rate_dialogue))
    return result


@rule("month", "euros", "line")
def chomage(
    is_titulaire: Quantity,
    assiette: Quantity,
    chomage_cap: Quantity,
    plafond: Quantity,
    rate_chomage: Quantity,
) -> Quantity:
    """Return unemployment insurance of contractuels when the employer joined it, up to 4 ceilings.

    References
    ----------
    Code du travail L.5424-1 et L.5424-2.
    """
    result: Quantity = where(
        is_titulaire > 0, 0, cents(minimum(assiette, chomage_cap * plafond) * rate_chomage)
    )
    return result
