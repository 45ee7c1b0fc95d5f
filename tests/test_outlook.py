"""This year and the next: causes that add up, choices and sensitivities worked by hand."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from strategies import dossiers

import conseiller
from conseiller.analysis import outlook
from conseiller.dossier import schema
from conseiller.projection import Projection

ROOT = Path(__file__).resolve().parents[1]
TODAY = date(2026, 11, 24)
few = settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@cache
def plan(case: str) -> Projection:
    return conseiller.project(conseiller.load(ROOT / "data" / case), today=TODAY)


def artois(**changes: object) -> Projection:
    dossier = plan("campagnes-artois").dossier
    return conseiller.project(dossier.model_copy(update=changes), today=TODAY)


def causes(of: Projection) -> dict[str, float]:
    return {c.cause: c.amount for c in outlook.changes(of) if c.amount}


def explained(of: Projection) -> tuple[int, int]:
    """Cents explained, cents to explain."""
    before, after = outlook.two_years(of)
    cents = sum(round(c.amount * 100) for c in outlook.changes(of))
    return cents, round(after.net_cost * 100) - round(before.net_cost * 100)


# --- two years and why they differ --------------------------------------------------------------------


@given(dossiers(max_posts=3))
@few
def test_causes_add_up_to_the_change_of_any_case(dossier: schema.Dossier) -> None:
    found, wanted = explained(conseiller.project(dossier, today=TODAY))
    assert found == wanted


def test_the_years_are_those_of_the_report_even_where_the_dossier_stops_before() -> None:
    """The exercices shown stop at 2026: 2027 is projected all the same, at the same amounts."""
    period = plan("campagnes-artois").dossier.period
    short = artois(period=period.model_copy(update={"last": 2026}))
    assert outlook.outlook_years(short) == (2026, 2027)
    assert outlook.two_years(short) == outlook.two_years(plan("campagnes-artois"))
    assert outlook.changes(short) == outlook.changes(plan("campagnes-artois"))


def test_a_report_dated_outside_the_exercices_shown_looks_at_the_nearest() -> None:
    period = plan("campagnes-artois").dossier.period
    late = artois(period=period.model_copy(update={"report_date": date(2031, 3, 1)}))
    assert outlook.outlook_years(late) == (2028, 2029)


def test_the_artois_changes_by_the_grant_and_by_five_months_of_a_lower_minimum_wage() -> None:
    """From January to May 2026 an agent had 1 836,20 € against 1 867,02 € since: 30,82 € a month.

    Five months, two agents and 37,68 % of contributions make 424 €.
    """
    found = causes(plan("campagnes-artois"))
    assert found["grant"] == 25_000
    assert found["smic"] == pytest.approx(5 * 2 * 30.82 * 1.3768, abs=0.5)
    assert set(found) == {"grant", "smic"}


def test_each_cause_is_called_by_its_name() -> None:
    """One change at a time, from 1 January 2027."""
    case = plan("campagnes-artois").dossier
    start = date(2027, 1, 1)

    def supposed(parameter: str, value: float) -> Projection:
        assumption = schema.Assumption(parameter=parameter, start=start, value=value, source="hypothèse")
        return artois(assumptions=(assumption,))

    assert "point" in causes(supposed("point_indice_annuel", 65.0))
    assert "index" in causes(supposed("im_minimum", 390))
    assert causes(supposed("maladie_contractuel", 0.14))["rates"] > 0
    dearer = case.rates[0].model_copy(update={"start": start, "at_mp": 0.03})
    assert causes(artois(rates=(*case.rates, dearer)))["rates"] > 0
    posts = tuple(
        p.model_copy(
            update={
                "contracts": tuple(
                    c.model_copy(update={"working_time": "temps_non_complet", "hours": 17.5})
                    if c.start == start
                    else c
                    for c in p.contracts
                )
            }
        )
        for p in case.posts
    )
    assert causes(artois(posts=posts))["contracts"] < -20_000
    left = tuple(
        p.model_copy(
            update={
                "contracts": tuple(
                    c.model_copy(update={"leave_days": 10.0}) if c.end == date(2026, 12, 31) else c
                    for c in p.contracts
                )
            }
        )
        for p in case.posts
    )
    assert causes(artois(posts=left))["exits"] < 0


def test_a_law_effect_never_hides_in_the_contracts() -> None:
    """Same contracts, same pay agreed: whatever the law does, the contracts explain nothing."""
    assert "contracts" not in causes(plan("campagnes-artois"))
    assert "contracts" not in causes(plan("exemples/commune-fictive"))


# --- choices --------------------------------------------------------------------------------------------


def test_choices_of_the_artois() -> None:
    found = outlook.choices(plan("campagnes-artois"))
    full, half, stop = found.rows
    _, after = outlook.two_years(plan("campagnes-artois"))
    assert (full.code, half.code, stop.code) == ("full", "half", "stop")
    assert full.as_planned
    assert not half.as_planned
    assert not stop.as_planned
    assert full.net_next == after.net_cost
    assert full.net_total == 2 * full.net_next
    pay, other = after.pay, after.other_costs
    assert half.net_next == pytest.approx(pay / 2 + other, abs=1)
    assert stop.net_next == stop.net_total == 0


def test_unemployment_at_the_charge_of_the_employer_by_hand() -> None:
    """24 months of gross pay: 17 × 1 936,20 + 7 × 1 967,02 = 46 684,54, over 730 days: 63,95 € a day.

    40,4 % + 13,18 € = 39,02 €, better than 57 % (36,45 €) and below 75 %. 548 days for two agents; in
    2027, from 8 January: 358 days.
    """
    stop = outlook.choices(plan("campagnes-artois")).rows[-1]
    assert stop.exposure_days == 548
    assert stop.exposure_total == pytest.approx(2 * 548 * 39.02, abs=0.005)
    assert stop.exposure_next == pytest.approx(2 * 358 * 39.02, abs=0.005)


def test_an_insured_employer_pays_no_allowance() -> None:
    authority = plan("campagnes-artois").dossier.authority.model_copy(update={"self_insured": False})
    stop = outlook.choices(artois(authority=authority)).rows[-1]
    assert (stop.exposure_next, stop.exposure_total, stop.exposure_days) == (0, 0, 0)


def test_leave_not_taken_is_nothing_unless_stated() -> None:
    assert all(c.leave == 0 for c in outlook.choices(plan("campagnes-artois")).rows)


def test_no_choice_where_no_contract_ends() -> None:
    assert outlook.choices(plan("exemples/commune-fictive")).rows == ()


def test_a_dossier_that_mixes_choices_is_shown_beside_them() -> None:
    """The first post is kept, the second stops: a fourth line says what the dossier plans."""
    case = plan("campagnes-artois").dossier
    first, second = case.posts
    mixed = artois(posts=(first, second.model_copy(update={"contracts": second.contracts[:1]})))
    rows = outlook.choices(mixed).rows
    assert [c.code for c in rows] == ["planned", "full", "half", "stop"]
    assert [c.as_planned for c in rows] == [True, False, False, False]
    assert rows[0].net_next == outlook.two_years(mixed)[1].net_cost


@given(dossiers(max_posts=3))
@few
def test_choices_can_be_priced_for_any_case(dossier: schema.Dossier) -> None:
    found = outlook.choices(conseiller.project(dossier, today=TODAY))
    if found.rows:
        assert sum(c.as_planned for c in found.rows) >= 1
        assert all(c.exposure_total >= 0 for c in found.rows)


# --- sensitivities --------------------------------------------------------------------------------------


def test_sensitivities_of_the_artois_by_hand() -> None:
    """Pay is topped up to the SMIC: 18,67 € a month more cost 18,67 × 12 × 1,3768; the point costs nothing.

    Below 50 agents the FNAL falls from 0,50 to 0,10 % of 1 967,02 €; 15 € of PSC bear the contributions.
    """
    found = {e.code: e for e in outlook.sensitivities(plan("campagnes-artois"))}
    assert found["smic"].per_post == pytest.approx(18.67 * 12 * 1.3768, abs=1)
    assert found["point"].total == 0
    assert found["fnal"].per_post == pytest.approx(-12 * 1967.02 * 0.004, abs=0.5)
    assert found["psc"].per_post == pytest.approx(15 * 12 * 1.3768, abs=1)
    assert all(e.posts == 2 and e.total == pytest.approx(sum(e.by_post.values())) for e in found.values())


def test_below_the_threshold_the_fnal_would_rise() -> None:
    """The commune has 30 agents; crossing would cost more, and touches nothing else."""
    found = {e.code: e.total for e in outlook.sensitivities(plan("exemples/commune-fictive"))}
    assert found["fnal"] > 0
    assert not outlook.above_fnal(plan("exemples/commune-fictive"))
    assert outlook.above_fnal(plan("campagnes-artois"))


def test_a_step_of_a_grid_that_begins_in_the_first_year_is_held_at_its_first_value() -> None:
    """C1 step 11: 382 from July 2023, 387 from January 2024. 24,62 a month, ten months: 246,20, and charges."""
    term = schema.PayTerm(start=date(2024, 3, 1), grade="C1", step=11)
    contract = schema.Contract(start=date(2024, 3, 1), end=date(2025, 12, 31), terms=(term,))
    dossier = schema.Dossier(
        authority=schema.Authority(name="Essai", headcount=5),
        period=schema.Period(first=2023, last=2024, report_date=date(2023, 6, 1)),
        posts=(schema.Post(code="P", contracts=(contract,)),),
    )
    found = {c.cause: c.amount for c in outlook.changes(Projection(dossier, today=date(2023, 6, 1)))}
    assert 246.20 < found["index"] < 1.5 * 246.20
