"""One month of real pay against the model: each gap named, adopted, and gone. Payslips worked out by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from booklines import case, ledger, line
from builders import MONTH_BY_HAND
from hypothesis import given, settings
from hypothesis import strategies as st

from conseiller import dossier as dossiers
from conseiller.analysis.calibration import BookedPay, Calibration, calibrate, pay_of
from conseiller.dossier import schema
from conseiller.errors import InputFaults
from conseiller.ledger.attach import attach
from conseiller.projection import Projection

MARCH = date(2026, 3, 1)


def named(found: Calibration) -> list[tuple[Any, ...]]:
    return [(g.cause, g.name, g.was, g.found, g.amount) for g in found.gaps]


def test_a_payslip_like_the_plan_leaves_no_gap() -> None:
    found = calibrate(case(), "CN1", MARCH, MONTH_BY_HAND)

    assert found.gaps == ()
    assert found.lines["gap"].abs().sum() == 0
    assert "s'accordent" in str(found)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        # 380 × 59.0734 / 12 = 1870.66; charges on 1970.66: +47.29 in all (docs/tracking.md, February)
        (
            {
                "traitement": 1870.66,
                "maladie": 256.19,
                "vieillesse_plafonnee": 168.49,
                "vieillesse_deplafonnee": 41.58,
                "allocations_familiales": 103.46,
                "csa": 5.91,
                "fnal": 1.97,
                "ircantec": 84.15,
                "at_mp": 31.53,
                "cnfpt": 17.74,
                "apprentissage": 1.97,
                "cdg": 21.68,
            },
            [("index", "index_paid", 373.0, 380.0, 47.29)],
        ),
        # 1936.20 × 1.8 % = 34.85
        ({"at_mp": 34.85}, [("rate", "rate_at_mp", 0.016, 0.018, 3.87)]),
        # 1936.20 × 0.83 % = 16.07 and 1.45 % = 28.07: two rates, each by itself
        (
            {"cdg": 16.07, "at_mp": 28.07},
            [("rate", "rate_at_mp", 0.016, 0.0145, -2.91), ("rate", "rate_cdg", 0.011, 0.0083, -5.23)],
        ),
        # 50 agents: 0.50 % of all pay, 9.68 instead of 1.94
        ({"fnal": 9.68}, [("headcount", "headcount", 49.0, 50.0, 7.74)]),
        # employer's protection of 15 €, bearing contributions: base 1951.20
        (
            {
                "psc": 15.00,
                "maladie": 253.66,
                "vieillesse_plafonnee": 166.83,
                "vieillesse_deplafonnee": 41.17,
                "allocations_familiales": 102.44,
                "csa": 5.85,
                "fnal": 1.95,
                "ircantec": 83.32,
                "at_mp": 31.22,
                "cnfpt": 17.56,
                "apprentissage": 1.95,
                "cdg": 21.46,
            },
            [("psc", "psc_monthly", 0.0, 15.0, 20.57)],
        ),
        # a bonus of 150 €: base 1986.20
        (
            {
                "primes": 150.00,
                "maladie": 258.21,
                "vieillesse_plafonnee": 169.82,
                "vieillesse_deplafonnee": 41.91,
                "allocations_familiales": 104.28,
                "csa": 5.96,
                "fnal": 1.99,
                "ircantec": 84.81,
                "at_mp": 31.78,
                "cnfpt": 17.88,
                "apprentissage": 1.99,
                "cdg": 21.85,
            },
            [("bonus", "bonus", 100.0, 150.0, 68.64)],
        ),
        # sickness at 12 % of 1936.20: no other date of the table has it
        ({"maladie": 232.34}, [("legal_rate", "maladie_contractuel", 0.13, 0.12, -19.37)]),
    ],
)
def test_each_gap_is_named_adopted_and_gone(changed: dict[str, float], expected: list[Any]) -> None:
    found = calibrate(case(), "CN1", MARCH, MONTH_BY_HAND | changed)

    assert sorted(named(found)) == sorted(expected)
    assert round(sum(g.amount for g in found.gaps), 2) == round(found.lines["gap"].sum(), 2)
    assert found.lines["left"].abs().sum() == 0

    adopted = found.adopt()

    assert dossiers.faults(adopted) == ()
    assert calibrate(adopted, "CN1", MARCH, MONTH_BY_HAND | changed).gaps == ()


def test_what_is_adopted_holds_from_its_month_on_with_its_source() -> None:
    found = calibrate(case(), "CN1", MARCH, {"traitement": 1870.66, "at_mp": 35.47})  # 1970.66 × 1.8 %

    adopted = found.adopt()

    terms = adopted.posts[0].contracts[0].terms
    assert [(t.start, t.index) for t in terms] == [(date(2026, 1, 1), 373), (MARCH, 380)]
    assert terms[1].source == "acte : bulletin de paie de mars 2026"
    assert [(r.start, r.at_mp) for r in adopted.rates] == [(date(2020, 1, 1), 0.016), (MARCH, 0.018)]
    # February is as before
    assert calibrate(adopted, "CN1", date(2026, 2, 1), MONTH_BY_HAND).gaps == ()
    only = found.adopt(["rate"], source="acte : notification de la Carsat")
    assert [t.index for t in only.posts[0].contracts[0].terms] == [373]
    assert only.rates[1].source == "acte : notification de la Carsat"


def test_a_share_of_time_cuts_the_contract() -> None:
    # 80 % paid 6/7 in March: 1573.89 and 85.71, gross 1659.60
    part = {"traitement": 1573.89, "primes": 85.71, "maladie": 215.75, "csa": 4.98, "ircantec": 70.86}

    found = calibrate(case(), "CN1", MARCH, part)
    adopted = found.adopt()

    assert [g.cause for g in found.gaps] == ["quotite"]
    first, second = adopted.posts[0].contracts
    assert (first.end, first.working_time) == (date(2026, 2, 28), "temps_complet")
    assert (second.start, second.working_time, second.share) == (MARCH, "temps_partiel", 0.8)
    assert calibrate(adopted, "CN1", MARCH, part).gaps == ()


def test_amounts_by_account_tell_where_a_line_is_booked() -> None:
    # the CSA (5.81) on 6451 instead of 6338: 590.74 + 5.81
    slip = {
        "64131": 1836.20,
        "64138": 100.00,
        "6451": 596.55,
        "6338": 0.0,
        "6332": 1.94,
        "6453": 82.68,
        "6336": 40.67,
    }

    found = calibrate(case(), "CN1", MARCH, slip)

    assert [(g.cause, g.name, g.account, g.amount) for g in found.gaps] == [("account", "csa", "6451", 0.0)]
    adopted = found.adopt()
    assert adopted.accounts["csa"].contractuel == "6451"
    without = {k: v for k, v in slip.items() if k != "6338"}
    assert calibrate(adopted, "CN1", MARCH, without).gaps == ()


def test_index_and_share_that_changed_together_are_found_together() -> None:
    # IM 380 at 6/7: 1603.42; bonus 85.71; gross 1689.13
    slip = {"traitement": 1603.42, "primes": 85.71, "maladie": 219.59, "csa": 5.07, "ircantec": 72.13}

    found = calibrate(case(), "CN1", MARCH, slip)

    assert {(g.cause, round(g.found or 0, 4)) for g in found.gaps} == {("quotite", 0.8571), ("index", 380.0)}
    assert found.lines["left"].abs().sum() == 0


def test_a_half_month_is_named_and_not_adopted() -> None:
    slip = {"traitement": 1162.93, "primes": 63.33}  # 19/30

    found = calibrate(case(), "CN1", MARCH, slip)

    assert [(g.cause, g.found, g.adoptable) for g in found.gaps] == [("thirtieths", 19.0, False)]
    assert found.adopt() == case().dossier


def test_cents_are_rounding_and_what_nothing_gives_is_said_to_be_unexplained() -> None:
    found = calibrate(case(), "CN1", MARCH, MONTH_BY_HAND | {"csa": 5.82, "traitement": 1840.01})

    causes = {g.cause: (g.name, g.amount) for g in found.gaps}
    assert causes["unexplained"] == ("traitement", 3.81)
    assert causes["rounding"] == ("csa", 0.01)


def test_gross_and_charges_in_two_amounts() -> None:
    # IM 380: gross 1970.66; charges 721.84 + 12.83 = 734.67
    found = calibrate(case(), "CN1", MARCH, {"brut": 1970.66, "charges": 734.67})

    assert [(g.cause, g.found) for g in found.gaps] == [("index", 380.0)]
    assert not found.gaps[0].certain  # a bonus of 134.46 would do as well
    assert "à vérifier" in str(found)


def test_pay_is_read_from_the_books() -> None:
    books = ledger(
        line(date(2026, 3, 25), "64131", 1870.66, post="CN1"),
        line(date(2026, 4, 2), "6332", 1.97, post="CN1", period=MARCH),
        line(date(2026, 3, 25), "6262", 25, post="CN1"),
        line(date(2026, 4, 25), "64131", 9, post="CN1"),
    )
    plan = case()

    slip = pay_of(attach(books, plan), "CN1", MARCH).amounts

    assert slip == {"traitement": 1870.66, "fnal": 1.97}
    assert [g.found for g in calibrate(plan, "CN1", MARCH, slip).gaps] == [380.0]


def test_an_extract_of_pay_is_taken_rather_than_the_mandats_of_the_same_month() -> None:
    books = ledger(
        line(date(2026, 3, 25), "64131", 1900, post="CN1"),
        line(date(2026, 3, 25), "6451", 600, post="CN1"),
        line(None, "", 1870.66, side="cost", label="Brut", post="CN1", period=MARCH, payroll="7e88"),
    )

    assert sum(pay_of(attach(books, case()), "CN1", MARCH).amounts.values()) == 1870.66
    with pytest.raises(InputFaults) as refused:
        pay_of(attach(books, case()), "CN1", date(2026, 5, 1))
    assert [f.code for f in refused.value.faults] == ["calibrate_no_pay"]


# --- a month that two contracts share: one until 10 March (10/30), one from 11 March (20/30) ------------------


def two_agents() -> Projection:
    """The case with a second contract, on the same terms, from 11 March 2026."""
    plan = case()
    post = plan.dossier.posts[0]
    first = post.contracts[0]
    term = first.terms[0].model_copy(update={"start": MARCH})
    second = first.model_copy(update={"start": date(2026, 3, 11), "terms": (term,)})
    leaver = first.model_copy(update={"end": date(2026, 3, 10)})
    shared = post.model_copy(update={"contracts": (leaver, second)})
    return Projection(plan.dossier.model_copy(update={"posts": (shared,)}))


#: 10/30 of 1836.20 = 612.07 and of 100 = 33.33: base 645.40 × 13 %, 0.30 %, 4.27 %, 1.60 %.
LEAVER = {"traitement": 612.07, "primes": 33.33, "maladie": 83.90, "csa": 1.94, "ircantec": 27.56}
#: Paid at IM 380: 20/30 of 1870.66 = 1247.11 and of 100 = 66.67: base 1313.78. The plan has 1224.13, 167.80, 3.87, 55.12.
ARRIVED = {"traitement": 1247.11, "primes": 66.67, "maladie": 170.79, "csa": 3.94, "ircantec": 56.10}


def added(one: dict[str, float], other: dict[str, float]) -> dict[str, float]:
    return {k: round(v + other[k], 2) for k, v in one.items()}


def test_in_a_shared_month_the_payslip_is_of_one_agent() -> None:
    """22.98 + 2.99 + 0.07 + 0.98 = 27.02 of IM 380, on the second contract alone."""
    plan = two_agents()

    assert calibrate(plan, "CN1", MARCH, LEAVER, contracts=[1]).gaps == ()
    found = calibrate(plan, "CN1", MARCH, ARRIVED, contracts=[2])

    assert named(found) == [("index", "index_paid", 373.0, 380.0, 27.02)]
    assert "seul est comparé contrat 2, du 11 mars 2026 au 31 mars 2026" in str(found).replace("\u00a0", " ")
    terms = [[(t.start, t.index) for t in c.terms] for c in found.adopt().posts[0].contracts]
    assert terms == [[(date(2026, 1, 1), 373)], [(MARCH, 380)]]
    assert calibrate(found.adopt(), "CN1", MARCH, ARRIVED, contracts=[2]).gaps == ()


def test_one_total_for_the_post_is_compared_with_the_sum_and_said_so() -> None:
    found = calibrate(two_agents(), "CN1", MARCH, added(LEAVER, ARRIVED))

    assert named(found) == [("index", "index_paid", 373.0, 380.0, 27.02)]
    assert [g.contract for g in found.gaps] == [2]
    assert "le bulletin est comparé à leur somme" in str(found)
    assert "Indice majoré 380 au lieu de 373 (contrat 2)" in str(found).replace("\u00a0", " ")
    assert [c.terms[-1].index for c in found.adopt().posts[0].contracts] == [373, 380]


def test_a_renewal_within_a_month_moves_both_contracts() -> None:
    """IM 380 before and after the renewal: 623.55 + 1247.11; bases 656.88 and 1313.78."""
    slip = {"traitement": 1870.66, "primes": 100.00, "maladie": 85.39 + 170.79, "csa": 1.97 + 3.94}

    found = calibrate(two_agents(), "CN1", MARCH, slip)

    assert [(g.cause, g.found, g.contract) for g in found.gaps] == [("index", 380.0, 0)]
    assert [c.terms[-1].index for c in found.adopt().posts[0].contracts] == [380, 380]


def test_a_rate_is_the_employers_and_counts_on_both_payslips() -> None:
    """645.40 and 1290.80 at 1.80 % instead of 1.60 %: 11.62 + 23.23 − 10.33 − 20.65."""
    found = calibrate(two_agents(), "CN1", MARCH, {"at_mp": 11.62 + 23.23})

    assert named(found) == [("rate", "rate_at_mp", 0.016, 0.018, 3.87)]


def paid(day: date, euros: float, payroll: str) -> dict[str, Any]:
    return line(day, "64131", euros, post="CN1", payroll=payroll)


def test_the_books_tell_agents_apart_by_their_payroll_numbers() -> None:
    plan = two_agents()
    books = ledger(
        paid(date(2026, 2, 25), 1836.20, "old"),
        paid(date(2026, 3, 25), 612.07, "old"),
        paid(date(2026, 3, 25), 1247.11, "new"),
        paid(date(2026, 4, 25), 1870.66, "new"),
    )
    tied = attach(books, plan)

    assert pay_of(tied, "CN1", MARCH) == BookedPay({"traitement": 1859.18}, ())
    assert pay_of(tied, "CN1", MARCH, [2]) == BookedPay({"traitement": 1247.11}, (2,))
    assert pay_of(tied, "CN1", MARCH, payroll="old") == BookedPay({"traitement": 612.07}, (1,))
    found = calibrate(plan, "CN1", MARCH, pay_of(tied, "CN1", MARCH, payroll="new"))
    assert [(g.found, p.contract) for g, p in zip(found.gaps, found.parts, strict=True)] == [(380.0, 2)]


def test_a_payroll_number_paid_before_and_after_a_renewal_is_of_both_contracts() -> None:
    months = (date(2026, 2, 25), date(2026, 3, 25), date(2026, 4, 25))
    tied = attach(ledger(*(paid(day, 1836.20, "same") for day in months)), two_agents())

    assert pay_of(tied, "CN1", MARCH, payroll="same") == BookedPay({"traitement": 1836.20}, (1, 2))


@pytest.mark.parametrize(
    ("payrolls", "contracts", "payroll", "code"),
    [
        (("", ""), [2], "", "calibrate_apart"),  # mandats of the post, without payroll numbers
        (("same", "same"), [2], "", "calibrate_apart"),
        (("old", "new"), [], "other", "calibrate_payroll"),
        (("old", "new"), [], "new", "calibrate_whose"),  # paid in no other month
    ],
)
def test_pay_that_the_books_do_not_tell_apart_is_refused(
    payrolls: tuple[str, str], contracts: list[int], payroll: str, code: str
) -> None:
    old, new = payrolls
    books = ledger(
        paid(date(2026, 2, 25), 1836.20, old),
        paid(date(2026, 3, 25), 612.07, old),
        paid(date(2026, 3, 25), 1247.11, new),
    )

    with pytest.raises(InputFaults) as caught:
        pay_of(attach(books, two_agents()), "CN1", MARCH, contracts, payroll)

    assert [f.code for f in caught.value.faults] == [code]


def test_a_contract_that_does_not_run_in_the_month_is_refused_with_those_that_do() -> None:
    with pytest.raises(InputFaults) as caught:
        calibrate(two_agents(), "CN1", MARCH, LEAVER, contracts=[3])

    assert [f.code for f in caught.value.faults] == ["calibrate_contract"]
    assert "contrat 1, du 1er mars 2026" in str(caught.value).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("post", "month", "slip", "code"),
    [
        ("CN9", MARCH, MONTH_BY_HAND, "calibrate_post"),
        ("CN1", date(2031, 1, 1), MONTH_BY_HAND, "calibrate_month"),
        ("CN1", MARCH, {}, "calibrate_empty"),
        ("CN1", MARCH, {"mutuelle": 1.0}, "calibrate_key"),
        ("CN1", MARCH, {"6262": 1.0}, "calibrate_key"),
        ("CN1", MARCH, {"brut": 1.0, "primes": 1.0}, "calibrate_twice"),
    ],
)
def test_what_cannot_be_compared_is_refused(post: str, month: date, slip: Any, code: str) -> None:
    with pytest.raises(InputFaults) as caught:
        calibrate(case(), post, month, slip)

    assert [f.code for f in caught.value.faults] == [code]


def test_a_month_without_an_agent_is_refused() -> None:
    plan = case()
    post = plan.dossier.posts[0]
    gone = post.contracts[0].model_copy(update={"end": date(2026, 1, 31)})
    dossier = plan.dossier.model_copy(update={"posts": (post.model_copy(update={"contracts": (gone,)}),)})

    with pytest.raises(InputFaults) as caught:
        calibrate(dossier, "CN1", MARCH, MONTH_BY_HAND)

    assert [f.code for f in caught.value.faults] == ["calibrate_nobody"]


@settings(max_examples=4)
@given(
    index=st.integers(366, 700),
    rates=st.tuples(st.integers(50, 400), st.integers(50, 300)),
    headcount=st.sampled_from([49, 50]),
)
def test_a_payslip_made_by_the_model_is_found_again(
    index: int, rates: tuple[int, int], headcount: int
) -> None:
    plan = case()
    post = plan.dossier.posts[0]
    term = post.contracts[0].terms[0].model_copy(update={"index": index})
    contract = post.contracts[0].model_copy(update={"terms": (term,)})
    own = schema.EmployerRates(at_mp=rates[0] / 10000, cdg=rates[1] / 10000)
    true = plan.dossier.model_copy(
        update={
            "posts": (post.model_copy(update={"contracts": (contract,)}),),
            "rates": (own,),
            "authority": plan.dossier.authority.model_copy(update={"headcount": headcount}),
        }
    )
    table = Projection(true).table
    mine = table[
        (table["month"] == "2026-03-01") & (table["clock"] == "engaged") & (table["line"] != "cout_1")
    ]
    slip = {str(k): round(float(v), 2) for k, v in mine.groupby("line")["amount"].sum().items()}

    found = calibrate(plan, "CN1", MARCH, slip)

    assert round(sum(g.amount for g in found.gaps), 2) == round(found.lines["gap"].sum(), 2)
    again = calibrate(found.adopt(), "CN1", MARCH, slip)
    assert again.lines["gap"].abs().max() <= 0.02
