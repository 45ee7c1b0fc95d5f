"""Scenarios: a case changed and changed again, figures worked by hand, nonsense refused all at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from builders import contract, plan_of, post
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import dossiers

from conseiller import scenario as sc
from conseiller.analysis import outlook
from conseiller.dossier import load, save, schema
from conseiller.dossier.check import faults
from conseiller.dossier.scenario_rules import FIELDS
from conseiller.errors import InputFaults
from conseiller.law import LawError, load_law
from conseiller.messages import Lang
from conseiller.projection import Projection

ROOT = Path(__file__).resolve().parents[1]
TODAY = date(2026, 11, 24)
few = settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@cache
def artois() -> schema.Dossier:
    """Two full-time contractuels at IM 373, RIFSEEP 100, contracts and financings to 31 December 2026, then renewed."""
    return load(ROOT / "data" / "campagnes-artois")


def nets(dossier: schema.Dossier) -> dict[int, float]:
    return {int(y): float(n) for y, n in Projection(dossier, today=TODAY).by("exercice")["net_cost"].items()}


def lines(dossier: schema.Dossier, year: int) -> dict[str, float]:
    table = Projection(dossier, today=TODAY).table
    kept = table[(table["exercice"] == year) & table["clock"].isin(["engaged", "earned"])]
    return {str(k): round(float(v), 2) for k, v in kept.groupby("line")["amount"].sum().items()}


def refused(*changes: Any, case: schema.Dossier | None = None, lang: Lang = "fr") -> list[tuple[str, str]]:
    """Codes and places of the faults."""
    with pytest.raises(InputFaults) as refusal:
        (case or artois()).with_(*changes, today=TODAY, lang=lang)
    assert refusal.value.exit_status == 2
    return [(f.code, f.where) for f in refusal.value.faults]


# --- a case changed -----------------------------------------------------------------------------------


def test_a_scenario_gives_a_new_case_and_leaves_the_first_as_it_was() -> None:
    before = artois().model_dump()
    after = artois().with_(sc.keep(), sc.half_time())

    assert artois().model_dump() == before
    assert after != artois()
    assert faults(after) == ()
    assert [c.hours for c in after.posts[0].contracts] == [None, 17.5, 17.5]


def test_changes_chain_in_one_call_or_in_several() -> None:
    once = artois().with_(sc.keep(), sc.half_time(), sc.smic(0.02))
    thrice = artois().with_(sc.keep()).with_("mi-temps").with_(sc.smic(0.02))

    assert nets(once) == nets(thrice)


def test_every_kind_of_change_has_its_fields_and_its_maker() -> None:
    from conseiller.scenario._changes import _MAKERS

    assert set(FIELDS) == set(_MAKERS) == set(get_args(schema.ChangeKind))


def test_what_a_scenario_adds_is_signed_as_a_hypothesis() -> None:
    after = artois().with_(sc.titularise(), sc.point(0.02))

    assert after.posts[0].contracts[-1].source == "hypothèse : scénario"
    assert {a.source for a in after.assumptions} == {"hypothèse : scénario"}


@given(dossiers(max_posts=3), st.sampled_from(sorted(sc.READY)), st.data())
@few
def test_any_ready_scenario_on_any_case_gives_a_sound_case_or_says_why_not(
    dossier: schema.Dossier, name: str, data: st.DataObject
) -> None:
    kind = sc.READY[name].value
    value = {
        "none": st.just(""),
        "share": st.sampled_from(["=1%", "=0,5%"]),
        "part": st.sampled_from(["=30%", "=1"]),
        "whole": st.sampled_from(["=1", "=6"]),
        "hours": st.sampled_from(["=28", "=17,5"]),
        "date": st.dates(TODAY, date(2028, 12, 31)).map(lambda d: f"={d.isoformat()}"),
    }[kind]
    try:
        after = dossier.with_(name + data.draw(value), today=TODAY)
    except InputFaults as refusal:
        told = [f.message and f.remedy and f.where for f in refusal.faults]
        assert all(told)
    else:
        assert faults(after) == ()
        assert after.posts[0].code == dossier.posts[0].code


@given(dossiers(max_posts=3))
@few
def test_what_lies_before_the_report_never_moves(dossier: schema.Dossier) -> None:
    """Kept, half time, not renewed: the months up to that of the report stay as they were, to the cent."""
    period = dossier.period.model_copy(update={"report_date": None})
    dossier = dossier.model_copy(update={"period": period})
    for name in ("mi-temps", "non-renouvellement", "smic=2%", "remplacement=2"):
        try:
            after = dossier.with_(name, today=TODAY)
        except InputFaults:
            continue
        before_months, after_months = (
            Projection(d, today=TODAY).cents(["reste_fonctionnement"], date(2021, 1, 1), date(2026, 10, 31))
            for d in (dossier, after)
        )
        assert after_months == before_months, name


def test_a_post_not_filled_again_keeps_the_share_received_while_it_was_vacant() -> None:
    """100 € a month from January to November 2026, that of the report; the agent left in March and the next never comes."""
    left = contract(date(2026, 1, 1), date(2026, 3, 31))
    coming = contract(date(2026, 12, 1), date(2027, 11, 30))
    share = schema.Item(
        label="Part de la commune",
        amount=100.0,
        frequency="mensuel",
        start=date(2026, 1, 1),
        account="74741",
        shares={"P1": 1.0},
    )
    dossier = plan_of(post([left, coming]), first=2026, last=2027, funding=(share,)).dossier
    after = Projection(dossier.with_("non-renouvellement", today=TODAY), today=TODAY)
    received = after.by("exercice")["other_funding"]
    assert [float(received.loc[year]) for year in (2026, 2027)] == [1100.0, 0.0]


# --- figures by hand ------------------------------------------------------------------------------------


def test_half_time_halves_pay_and_leaves_other_costs() -> None:
    """2027: 64 996,56 of pay and 6 480 of other costs; half of the pay, to a few cents of rounding a month."""
    assert nets(artois().with_("mi-temps"))[2027] == pytest.approx(64996.56 / 2 + 6480, abs=1)


def test_the_cost_of_leaving_is_paid_in_the_years_of_the_allowance() -> None:
    """39,02 € a day (test_outlook), 548 days from 8 January 2027: 358 in 2027, 190 in 2028, for two agents."""
    after = nets(artois().with_(sc.not_renewed()))

    assert after[2027] == pytest.approx(2 * 358 * 39.02, abs=0.005)
    assert after[2028] == pytest.approx(2 * 190 * 39.02, abs=0.005)


def test_days_and_leave_that_a_scenario_states_replace_the_longest_right() -> None:
    """100 days of allowance for each; 5 days of leave at 12/250 of 1 967,02 € a month: 472,08 €."""
    found = artois().with_(sc.not_renewed(leave_days=5, are_days=100))

    assert lines(found, 2027)["are"] == pytest.approx(2 * 100 * 39.02, abs=0.005)
    assert lines(found, 2026)["conges_non_pris"] == pytest.approx(2 * 472.08, abs=0.005)


def test_an_employer_insured_elsewhere_pays_no_allowance() -> None:
    authority = artois().authority.model_copy(update={"self_insured": False})
    rates = tuple(r.model_copy(update={"chomage": 0.0405}) for r in artois().rates)
    insured = artois().model_copy(update={"authority": authority, "rates": rates})

    assert nets(insured.with_("non-renouvellement"))[2027] == 0


def test_stopping_one_post_leaves_what_is_shared_to_the_other() -> None:
    """CN1 stopped: its own phone, travel and training go; the shared vehicle (250 € a month) is split as before."""
    after = lines(artois().with_(sc.stop("CN1")), 2027)

    assert after["cout_11"] == 12 * 250
    assert sum(v for k, v in after.items() if k.startswith("cout_")) == 12 * 20 + 1200 + 300 + 12 * 250


def test_stopping_both_one_after_the_other_ends_the_shared_vehicle_too() -> None:
    apart = artois().with_(sc.stop("CN1")).with_(sc.stop("CN2"))

    assert nets(apart) == nets(artois().with_("arret"))
    assert not [k for k in lines(apart, 2027) if k.startswith("cout_")]


def test_a_departure_replaced_after_three_months_saves_three_months_of_pay() -> None:
    """The next contract starts on 1 April 2027: nine months of 2 708,19 € for each of the two."""
    base, after = lines(artois(), 2027), lines(artois().with_(sc.replace(3)), 2027)

    assert after["traitement"] == pytest.approx(base["traitement"] * 9 / 12, abs=0.005)
    assert nets(artois().with_(sc.replace(3)))[2028] == nets(artois())[2028]


def test_a_departure_on_a_day_leaves_the_post_empty_until_the_replacement() -> None:
    """Leaver on 31 March 2027, replaced two months later: April and May are empty, June to December are not."""
    after = artois().with_(sc.replace(2, "CN1", date(2027, 3, 31)))
    starts = [(c.start, c.end) for c in after.posts[0].contracts]

    assert starts[1:] == [
        (date(2027, 1, 1), date(2027, 3, 31)),
        (date(2027, 6, 1), date(2028, 12, 31)),
    ]


def test_a_hire_moves_the_next_contract_or_makes_one() -> None:
    moved = artois().with_(sc.hire(date(2027, 3, 15), "CN2"))
    assert [c.start for c in moved.posts[1].contracts] == [date(2024, 1, 1), date(2027, 3, 15)]

    empty = schema.Post(code="CN3")
    vacant = artois().model_copy(update={"posts": (*artois().posts, empty)})
    made = vacant.with_(sc.hire(date(2027, 2, 10), "CN3", months=12, index=373))
    (contract,) = made.posts[2].contracts
    assert (contract.start, contract.end) == (date(2027, 2, 10), date(2028, 2, 9))
    assert contract.terms[0].start == date(2027, 2, 1)


def test_titularisation_at_c1_bears_the_cnracl_on_index_pay_alone() -> None:
    """C1, step 1: IM 366, 366 × 59,0734 / 12 = 1 801,74; CNRACL 40,65 % in 2027: 732,41 €; ATIACL 0,4 %: 7,21 €.

    The SMIC still tops pay up to 1 967,02 € gross with the bonus: gross does not change, contributions do.
    """
    base, after = lines(artois(), 2027), lines(artois().with_("titularisation"), 2027)

    assert after["cnracl"] == pytest.approx(24 * 732.41, abs=0.005)
    assert after["atiacl"] == pytest.approx(24 * 7.21, abs=0.005)
    assert "ircantec" in base
    assert "ircantec" not in after
    assert after["traitement"] == pytest.approx(24 * 1801.74, abs=0.005)
    assert after["traitement"] + after["indemnite_differentielle"] == pytest.approx(24 * 1867.02, abs=0.005)


def test_the_bonified_grant_adds_2500_then_5000_then_nothing() -> None:
    for year, more in ((2024, 2500), (2025, 5000), (2026, 0)):
        gained = (
            lines(artois().with_("bonification"), year)["subvention_etat"]
            - lines(artois(), year)["subvention_etat"]
        )
        assert gained == 2 * more


def test_the_grant_cut_at_mid_year_loses_half_of_its_third_year() -> None:
    """12 500 € from January to December 2026: cut from 1 July, 6 250 € are lost for each post."""
    after = nets(artois().with_(sc.cut_grant(date(2026, 7, 1))))

    assert after[2026] == pytest.approx(nets(artois())[2026] + 2 * 6250, abs=0.005)


def test_one_per_cent_on_the_smic_and_nothing_for_the_point_at_index_373() -> None:
    """1 867,02 × 1,01 = 1 885,69: 18,67 € a month more gross, with 37,68 % of contributions."""
    base = nets(artois())

    assert nets(artois().with_("smic=1%"))[2027] - base[2027] == pytest.approx(2 * 12 * 18.67 * 1.3768, abs=2)
    assert nets(artois().with_("point=1%")) == base


def test_a_yearly_rise_compounds() -> None:
    after = artois().with_(sc.smic(0.02, yearly=True))
    found = {a.start: a.value for a in after.assumptions}

    assert found[date(2027, 1, 1)] == 1904.36  # 1 867,02 × 1,02
    assert found[date(2028, 1, 1)] == 1942.45  # 1 867,02 × 1,02²


def test_a_rise_bears_on_what_the_dossier_already_supposes() -> None:
    supposed = schema.Assumption(
        parameter="smic_mensuel", start=date(2027, 1, 1), value=1900, source="hypothèse"
    )
    after = artois().model_copy(update={"assumptions": (supposed,)}).with_("smic=1%")

    assert [(a.start, a.value) for a in after.assumptions] == [(date(2027, 1, 1), 1919.0)]


def test_the_cnracl_is_frozen_or_follows_a_path() -> None:
    frozen = artois().with_(sc.freeze("cnracl", date(2026, 12, 31)))
    law = load_law().with_assumptions(frozen.assumptions)
    assert law.value("cnracl", date(2029, 1, 1)) == load_law().value("cnracl", date(2026, 12, 31)) == 0.3765

    path = artois().with_(*sc.cnracl({date(2027, 1, 1): 0.38, date(2028, 1, 1): 0.39}))
    law = load_law().with_assumptions(path.assumptions)
    assert [law.value("cnracl", date(y, 6, 1)) for y in (2027, 2028)] == [0.38, 0.39]


# --- sharing ----------------------------------------------------------------------------------------------


def half_up(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


@given(
    st.integers(0, 10_000_000).map(lambda c: c / 100),
    st.lists(st.integers(0, 30_000), min_size=1, max_size=30).filter(any),
)
def test_a_split_adds_up_and_no_part_strays_by_more_than_a_cent(total: float, weights: list[int]) -> None:
    parts = sc.split(total, weights)

    assert sum(round(p * 100) for p in parts) == round(total * 100)
    for part, weight in zip(parts, weights, strict=True):
        exact = Decimal(repr(total)) * weight / sum(weights)
        assert abs(Decimal(repr(part)) - exact) <= Decimal("0.01")


PARTS = {"Avesnes": 2100.0, "Aubigny": 1600.0, "Tincques": 777.0}


def test_half_of_the_reste_a_charge_by_inhabitant_to_the_cent() -> None:
    """71 476,56 € in 2027, half is 35 738,28 €; cumulated by 2 100, 3 700 and 4 477 inhabitants out of 4 477."""
    change = sc.share(PARTS, rate=0.5)
    after = artois().with_(change)
    total = Decimal("35738.28")
    reached = [half_up(total * n / 4477) for n in (2100, 3700, 4477)]
    wanted = [reached[0], reached[1] - reached[0], reached[2] - reached[1]]

    plan = Projection(artois(), today=TODAY)
    first = sc.sharings(plan, change, date(2027, 1, 1))[0]
    assert [Decimal(str(v)) for v in first.by_part.values()] == wanted
    assert nets(after)[2027] == 35738.28
    assert after.funding[0].account == "70845"
    assert after.funding[0].funder == "Avesnes, Aubigny, Tincques"


def test_two_euros_an_inhabitant_and_equal_parts() -> None:
    """4 477 inhabitants × 2 € = 8 954 € a year; 10 000 € in three equal parts."""
    plan = Projection(artois(), today=TODAY)
    priced = sc.sharings(plan, sc.share(PARTS, unit_price=2), date(2027, 1, 1))
    assert [s.total for s in priced] == [8954, 8954]
    assert priced[0].by_part["Tincques"] == 1554

    equal = sc.sharings(plan, sc.share(PARTS, "egal", amount=10_000), date(2027, 1, 1))
    assert list(equal[0].by_part.values()) == [3333.33, 3333.34, 3333.33]


def test_a_sharing_that_starts_in_july_pays_half_a_year() -> None:
    after = artois().with_(sc.share(PARTS, "heures", amount=10_000, since=date(2027, 7, 1)))

    assert nets(artois())[2027] - nets(after)[2027] == 5000
    assert nets(artois())[2028] - nets(after)[2028] == 10_000


def test_communes_pay_part_of_what_is_left_once_all_else_is_changed() -> None:
    """The order of writing does not matter: half time first, then half of what it leaves."""
    share = sc.share(PARTS, rate=0.5)

    assert nets(artois().with_(share, "mi-temps")) == nets(artois().with_("mi-temps", share))


# --- nonsense, all at once -----------------------------------------------------------------------------------


def test_every_fault_of_a_scenario_is_told_at_once_each_with_its_place() -> None:
    found = refused(
        "trucmuche",
        sc.psc(-3),
        sc.smic(-0.01),
        sc.stop("CN9"),
        sc.keep("CN2"),
        sc.not_renewed("CN2"),
        sc.share({}, rate=0.5, amount=3),
        sc.legal_value("smic", date(2027, 1, 1), 1900),
    )
    codes = [code for code, _ in found]

    assert set(codes) >= {
        "unknown",
        "at_least",
        "change_post",
        "clash_fate",
        "change_needs",
        "share_base",
        "unknown_parameter",
    }
    assert all(where.startswith(("scénario", "nom de scénario")) for _, where in found)
    assert "changement n° 3" in dict(found)["change_post"]


CASES: list[tuple[str, Callable[[], list[Any]]]] = [
    ("change_post", lambda: [sc.keep("CN3")]),
    ("change_unused", lambda: [schema.Change(kind="maintien", months=3)]),
    ("change_needs", lambda: [schema.Change(kind="fin_subvention")]),
    ("change_index_and_grade", lambda: [sc.hire(date(2027, 1, 1), "CN1", index=373, grade="B1", step=1)]),
    ("share_base", lambda: [sc.share(PARTS)]),
    ("share_no_weight", lambda: [sc.share({"A": 0}, rate=0.5)]),
    ("share_unit_equal", lambda: [sc.share(PARTS, "egal", unit_price=2)]),
    ("share_vehicle", lambda: [sc.share(PARTS, rate=0.5, vehicle="fonds_de_concours")]),
    ("clash_fate", lambda: [sc.keep(), sc.stop("CN1")]),
    ("clash_after_end", lambda: [sc.not_renewed("CN1"), sc.half_time()]),
    ("clash_after_end", lambda: [sc.hire(date(2027, 3, 1)), sc.stop()]),
    ("clash_twice", lambda: [sc.half_time(), sc.hours(28, "CN1")]),
    ("clash_law", lambda: [sc.smic(0.01), sc.smic(0.02)]),
    ("clash_law", lambda: [sc.point(0.01), sc.freeze("point_indice_annuel", date(2026, 12, 1))]),
    ("past", lambda: [sc.stop("CN1", date(2026, 6, 30))]),
    ("past", lambda: [sc.hire(date(2020, 1, 1), "CN1")]),
    ("nobody_then", lambda: [sc.stop("CN1", date(2030, 1, 1))]),
    ("nobody_then", lambda: [sc.hours(28, "CN1", date(2030, 1, 1))]),
    ("not_first", lambda: [sc.points(10, since=date(2027, 1, 15))]),
    ("no_grant_then", lambda: [sc.cut_grant(date(2027, 1, 1))]),
    ("no_bonus", lambda: [sc.bonus_grant("CN1"), sc.bonus_grant("CN2")]),
    ("occupied", lambda: [sc.hire(date(2026, 12, 1), "CN1")]),
    ("nothing_to_share", lambda: [sc.share(PARTS, rate=0.5, since=date(2030, 1, 1))]),
    ("at_least", lambda: [sc.psc(-5)]),
    ("at_most", lambda: [sc.smic(2)]),
    ("unknown", lambda: ["mi-tant"]),
    ("no_value", lambda: ["maintien=3"]),
    ("no_post", lambda: ["smic=2%:CN1"]),
    ("value_share", lambda: ["smic=beaucoup"]),
    ("value_share", lambda: ["smic=-2%"]),
    ("value_whole", lambda: ["remplacement=2,5"]),
    ("value_hours", lambda: ["heures=50"]),
    ("value_date", lambda: ["fin-subvention"]),
]


@pytest.mark.parametrize(("code", "make"), CASES, ids=[f"{c}-{i}" for i, (c, _) in enumerate(CASES)])
def test_nonsense_is_refused_with_its_reason(code: str, make: Callable[[], list[Any]]) -> None:
    changes = make()
    case = artois()
    if code == "no_bonus":
        case = case.with_("bonification")
    for lang in ("fr", "en"):
        assert code in [c for c, _ in refused(*changes, case=case, lang=lang)]  # type: ignore[arg-type]


def test_what_the_case_does_not_allow_says_which_post() -> None:
    opened = tuple(
        p.model_copy(
            update={"contracts": (*p.contracts[:-1], p.contracts[-1].model_copy(update={"end": None}))}
        )
        for p in artois().posts
    )
    no_end = artois().model_copy(update={"posts": opened})
    later = date(2027, 2, 1)
    with pytest.raises(InputFaults, match="Poste CN1"):
        no_end.model_copy(update={"period": no_end.period.model_copy(update={"report_date": later})}).with_(
            "non-renouvellement:CN1"
        )

    unfunded = artois().model_copy(
        update={"posts": tuple(p.model_copy(update={"conventions": ()}) for p in artois().posts)}
    )
    assert refused(sc.stop("CN1"), case=unfunded)[0][0] == "no_financing"
    past = artois().model_copy(update={"period": artois().period.model_copy(update={"report_date": later})})
    assert refused(sc.stop("CN1"), case=past)[0][0] == "financing_over"
    empty = artois().model_copy(update={"posts": (*artois().posts, schema.Post(code="CN3"))})
    assert refused(sc.keep("CN3"), case=empty)[0][0] == "nobody_ahead"
    assert refused(sc.hire(later, "CN3"), case=empty)[0][0] == "no_pay_known"
    assert refused(sc.titularise("CN3"), case=empty)[0][0] == "nobody_then"
    titular = artois().with_("titularisation")
    ahead = titular.model_copy(
        update={"period": titular.period.model_copy(update={"report_date": date(2027, 3, 1)})}
    )
    assert refused(sc.titularise("CN1"), case=ahead)[0][0] == "already_titulaire"
    assert refused(sc.half_time("CN1"), case=past)[0][0] == "no_renewal"


def test_a_contract_without_an_end_changes_hours_from_the_next_month() -> None:
    """CN1 titularised on 1 January 2027; report on 1 March: half time from 1 April, on a contract of its own."""
    titular = artois().with_("titularisation")
    period = titular.period.model_copy(update={"report_date": date(2027, 3, 1)})
    after = titular.model_copy(update={"period": period}).with_(sc.half_time("CN1"))
    *_, before, halved = after.posts[0].contracts
    assert (before.end, halved.start, halved.end, halved.hours) == (
        date(2027, 3, 31),
        date(2027, 4, 1),
        None,
        17.5,
    )


def test_leave_not_taken_goes_on_with_the_agent_who_is_kept_and_is_owed_when_they_leave() -> None:
    """Five days owed at the end of June 2027; kept, then replaced three months later: owed at the end of June again."""
    agent = contract(date(2025, 7, 1), date(2027, 6, 30), leave_days=5.0)
    dossier = plan_of(post([agent]), first=2025, last=2028).dossier

    def owed(*names: str) -> list[tuple[date | None, float]]:
        return [(c.end, c.leave_days) for c in dossier.with_("+".join(names), today=TODAY).posts[0].contracts]

    assert owed("maintien") == [(date(2027, 6, 30), 0.0), (None, 5.0)]
    assert owed("maintien", "remplacement=3") == [(date(2027, 6, 30), 5.0), (None, 0.0)]
    # What a contract of the dossier owes at its own end stays there.
    following = contract(date(2027, 7, 1), date(2028, 6, 30), leave_days=2.0)
    two = plan_of(
        post([contract(date(2025, 7, 1), date(2027, 6, 30)), following]), first=2025, last=2028
    ).dossier
    moved = two.with_("remplacement=3", today=TODAY).posts[0].contracts
    assert [(c.start, c.leave_days) for c in moved] == [(date(2025, 7, 1), 0.0), (date(2027, 10, 1), 2.0)]


def test_a_stop_on_the_last_day_of_a_contract_is_that_of_not_renewing_it() -> None:
    """Contract and financing end together on 31 December 2026: nothing is broken, the agent's allowance counts."""
    only = artois().with_("non-renouvellement", today=TODAY)
    stopped = only.with_("arret=2026-12-31", today=TODAY)
    assert nets(stopped) == nets(only)
    assert not any(c.broken for p in stopped.posts for c in p.contracts)


def test_a_change_that_makes_the_case_unsound_is_refused_under_its_name() -> None:
    """A titularisation at a grade whose grid is unknown."""
    found = refused(sc.titularise(grade="Z9", step=1))

    assert found[0][0] == "unknown_grade"
    assert found[0][1].startswith("scénario «\u00a0titularisation\u00a0»")


# --- written with the dossier -------------------------------------------------------------------------------


def with_scenarios() -> schema.Dossier:
    scenarios = (
        schema.Scenario(
            name="Mi-temps partagé", changes=(sc.keep(), sc.half_time(), sc.share(PARTS, rate=0.3))
        ),
        schema.Scenario(
            name="Arrêt", changes=(sc.not_renewed("CN1", 5, 100), sc.stop("CN2", date(2027, 6, 30)))
        ),
        schema.Scenario(name="Hausses", changes=(sc.smic(0.02, yearly=True), *sc.cnracl({TODAY: 0.4}))),
    )
    return artois().model_copy(update={"scenarios": scenarios})


def test_scenarios_are_written_with_the_dossier_and_read_back(tmp_path: Path) -> None:
    assert faults(with_scenarios()) == ()
    assert load(save(with_scenarios(), tmp_path)) == with_scenarios()


def test_a_scenario_of_the_dossier_is_known_by_its_name() -> None:
    named = with_scenarios().with_("mi-temps partagé")

    assert named.scenarios == with_scenarios().scenarios
    assert nets(named) == nets(artois().with_(*with_scenarios().scenarios[0].changes))


def test_a_name_joined_to_others_is_made_one_after_the_other() -> None:
    assert nets(with_scenarios().with_("Hausses+mi-temps")) == nets(
        with_scenarios().with_("Hausses").with_("mi-temps")
    )


# --- one concept, one place ------------------------------------------------------------------------------------


def test_the_choices_of_the_note_are_these_scenarios() -> None:
    full, half, stop = outlook.choices(Projection(artois(), today=TODAY)).rows

    assert full.net_next == nets(artois().with_("temps-complet"))[2027]
    assert half.net_next == nets(artois().with_("mi-temps"))[2027]
    assert round(stop.net_next + stop.exposure_next, 2) == nets(artois().with_("non-renouvellement"))[2027]


def test_a_titularisation_is_at_the_grade_that_the_law_opens_without_concours() -> None:
    law = load_law()
    assert law.open_grade(date(2027, 1, 1)).grade == "C1"
    with pytest.raises(LawError):
        law.open_grade(date(2016, 12, 31))
    later = replace(
        law, open_grades=(*law.open_grades, replace(law.open_grades[0], grade="C2", start=date(2027, 1, 1)))
    )
    changed = sc.apply(
        artois(), schema.Scenario(name="t", changes=(sc.titularise("CN1"),)), today=TODAY, law=later
    )
    assert changed.posts[0].contracts[-1].terms[0].grade == "C2"
