"""What a finance officer reads in a projection: figures worked out by hand, and what always ties."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from builders import TODAY, contract, convention, instalment, plan_of, post
from hypothesis import given, settings
from strategies import dossiers

from conseiller import analysis
from conseiller.analysis.financing import financings
from conseiller.dossier import schema
from conseiller.law import load_law
from conseiller.messages import LANGUAGES, catalogue
from conseiller.projection import Projection

CASES = tomllib.loads((Path(__file__).parent / "cases" / "worked_cases.toml").read_text("utf-8"))["case"]


def euros(x: Any) -> Decimal:
    return Decimal(f"{x:.2f}")


def worked(number: str, **period: int) -> Projection:
    """Return a worked case with its dates, financings and titres, every contract at full time."""
    case = next(c for c in CASES if c["number"] == number)
    titres = tuple(
        instalment(float(t["amount"]), called=t["date"], titled=t["date"]) for t in case.get("titled", ())
    )
    conventions = [
        convention(f["start"], [(m, float(a)) for m, a in f["tranches"]], f["code"], instalments=titres)
        for f in case["financings"]
    ]
    return plan_of(
        post([contract(c["start"], c.get("end")) for c in case["contracts"]], conventions), **period
    )


def kinds(plan: Projection, *kinds: str) -> list[tuple[str, date, str]]:
    return [(d.kind, d.date, d.status) for d in analysis.decision_calendar(plan) if d.kind in kinds]


def control(plan: Projection, code: str) -> analysis.Control:
    return next(c for c in analysis.controls(plan) if c.code == code)


# --- the budget grid -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def january() -> Projection:
    """One agent in January 2026 (worked by hand: 2 658,04 €), one computer."""
    return plan_of(
        post(
            [contract(date(2026, 1, 1), date(2026, 1, 31))], [convention(date(2026, 1, 1), [(12, 12500.0)])]
        ),
        first=2026,
        last=2027,
        costs=(
            schema.Item(
                label="Téléphone",
                amount=20,
                frequency="unique",
                start=date(2026, 1, 1),
                account="6262",
                shares={"P1": 1},
            ),
            schema.Item(
                label="Ordinateur",
                amount=1200,
                frequency="unique",
                start=date(2026, 1, 1),
                account="21838",
                section="investissement",
                fctva=True,
                shares={"P1": 1},
            ),
        ),
    )


def test_budget_grid_of_a_month_worked_by_hand(january: Projection) -> None:
    """URSSAF 6451: 251,71 + 165,55 + 40,85 + 101,65 + 30,98; CNFPT and CDG 6336: 17,43 + 1,94 + 21,30."""
    grid = analysis.budget_grid(january)

    accounts = grid[grid["level"] == "account"]
    assert [
        (a, c, euros(x))
        for a, c, x in zip(accounts["account"], accounts["chapter"], accounts[2026], strict=True)
    ] == [
        ("6262", "011", Decimal("20.00")),
        ("6332", "012", Decimal("1.94")),
        ("6336", "012", Decimal("40.67")),
        ("6338", "012", Decimal("5.81")),
        ("64131", "012", Decimal("1836.20")),
        ("64138", "012", Decimal("100.00")),
        ("6451", "012", Decimal("590.74")),
        ("6453", "012", Decimal("82.68")),
        ("74718", "74", Decimal("1041.67")),
        ("21838", "21", Decimal("1200.00")),
        ("10222", "10", Decimal("0.00")),
    ]
    chapters = grid[grid["level"] == "chapter"].set_index("chapter")
    assert euros(chapters.loc["012", 2026]) == Decimal("2658.04")
    assert chapters.loc["012", "label"] == "Charges de personnel et frais assimilés"
    balance = grid[grid["level"] == "balance"].set_index("section")
    assert euros(balance.loc["fonctionnement", 2026]) == Decimal("1636.37")  # 2 658,04 + 20 − 1 041,67
    assert euros(balance.loc["investissement", 2026]) == Decimal("1200.00")
    assert euros(balance.loc["investissement", 2027]) == Decimal("-196.85")  # FCTVA: 1 200 × 16,404 %


def test_budget_grid_names_the_accounts_of_the_chart(january: Projection) -> None:
    grid = analysis.budget_grid(january).set_index("account")

    assert grid.loc["74718", "label"] == "Participations – État – autres"
    assert "" not in set(grid.loc[grid["level"] == "account", "label"])


def test_subdivision_of_an_account_takes_its_label() -> None:
    own = {"traitement": schema.LineAccounts(contractuel="6413101", titulaire="64111")}
    plan = plan_of(post([contract(date(2026, 1, 1))]), first=2026, last=2026, accounts=own)

    assert analysis.budget_grid(plan).set_index("account").loc["6413101", "label"] == "Rémunérations"


def test_budget_proposal_is_ready_to_paste(january: Projection) -> None:
    text = analysis.to_clipboard_text(analysis.budget_proposal(january), current=2026)

    lines = [line.split("\t") for line in text.splitlines()]
    assert lines[0] == ["Section", "Sens", "Chapitre", "Article", "Libellé", "2026 projeté", "2027 proposé"]
    assert lines[1] == [
        "Fonctionnement",
        "Dépenses",
        "011",
        "6262",
        "Frais de télécommunications",
        "20,00",
        "0,00",
    ]
    assert lines[-1][4:] == ["Reste à charge en investissement", "1200,00", "-196,85"]
    assert {len(line) for line in lines} == {7}


def test_budget_proposal_keeps_to_the_exercices_shown() -> None:
    agent = post([contract(date(2024, 1, 1))])

    assert list(analysis.budget_proposal(plan_of(agent, first=2024, last=2026)).columns[6:]) == [2026]
    assert list(analysis.budget_proposal(plan_of(agent, first=2021, last=2024)).columns[6:]) == [2023, 2024]
    with pytest.raises(ValueError, match="2031"):
        analysis.budget_grid(plan_of(agent), [2031])


# --- the clocks ----------------------------------------------------------------------------------------

YEAR_END = [c for c in CASES if "year_end" in c]


@pytest.mark.parametrize("case", YEAR_END, ids=lambda c: c["name"])
@pytest.mark.parametrize("first", [2021, 2025])
def test_year_end_of_a_case_worked_by_hand(case: dict[str, Any], first: int) -> None:
    """The same balances when the first exercices of the convention are not shown."""
    bridge = analysis.bridge(worked(case["number"], first=first))

    for year, stated in case["year_end"].items():
        if int(year) < first:
            continue
        row = bridge.loc[int(year)]
        found = [euros(row[k]) for k in ("earned_to_date", "titled_to_date", "to_accrue", "deferred")]
        assert found == [Decimal(stated[k]) for k in ("earned", "titled", "accrued", "deferred")]
        assert row["to_give_back"] == 0


def test_bridge_shows_what_each_grant_year_earns() -> None:
    """Case 2: V2-1 earns 2 236,11 in 2023, then 17 500 − 2 236,11 in 2024, beside 1 597,22 of V2-2."""
    bridge = analysis.bridge(worked("16"))

    assert list(bridge.columns[:5]) == ["V2-1", "V2-2", "V2-3", "earned", "called"]
    assert [euros(x) for x in bridge.loc[2024, ["V2-1", "V2-2", "V2-3", "earned"]]] == [
        Decimal("15263.89"),
        Decimal("1597.22"),
        Decimal("0.00"),
        Decimal("16861.11"),
    ]
    assert euros(bridge.loc[2024, "titled"]) == Decimal("30000.00")
    assert list(bridge.index) == list(range(2021, 2031))


def test_earned_matrix_holds_the_life_of_the_conventions() -> None:
    matrix = analysis.earned_matrix(worked("16", first=2025, last=2025))

    assert [euros(x) for x in matrix["total"]] == [
        Decimal("17500.00"),
        Decimal("12500.00"),
        Decimal("12500.00"),
    ]
    assert euros(matrix.loc["V2-1", 2023]) == Decimal("2236.11")


def test_posts_do_not_net_against_one_another() -> None:
    """At the end of 2024 CN1 is titled 17 500 for 17 500 earned; CN2 nothing for 17 500, CN3 30 000."""
    start, stay = date(2024, 1, 1), [contract(date(2024, 1, 1), date(2026, 12, 31))]
    titled = {"CN1": (17500.0,), "CN2": (), "CN3": (30000.0,)}
    posts = [
        post(
            stay,
            [convention(start, instalments=tuple(instalment(a, titled=date(2024, 6, 1)) for a in amounts))],
            code,
        )
        for code, amounts in titled.items()
    ]
    plan = plan_of(*posts)

    row = analysis.bridge(plan).loc[2024]
    assert (row["to_accrue"], row["deferred"], row["to_collect"]) == (17500.0, 12500.0, 47500.0)
    detail = analysis.year_end(plan).set_index(["exercice", "post"])
    assert detail.loc[(2024, "CN3"), "deferred"] == 12500.0


def test_grant_titled_for_a_post_given_back_is_not_deferred_income() -> None:
    """Case 8: 5 104,17 earned, the post lost from 16 July 2024; 17 500 titled in February."""
    plan = plan_of(
        post(
            [contract(date(2024, 1, 1), date(2024, 4, 15)), contract(date(2024, 8, 1), date(2026, 12, 31))],
            [convention(date(2024, 1, 1), instalments=(instalment(17500, titled=date(2024, 2, 1)),))],
        )
    )

    row = analysis.bridge(plan).loc[2024]
    assert (euros(row["deferred"]), euros(row["to_give_back"])) == (Decimal("0.00"), Decimal("12395.83"))


def test_money_received_before_its_titre() -> None:
    early = instalment(17500, received=date(2023, 12, 20), titled=date(2024, 1, 10))
    plan = plan_of(post([contract(date(2024, 1, 1))], [convention(date(2024, 1, 1), instalments=(early,))]))

    bridge = analysis.bridge(plan)
    assert bridge.loc[2023, "received_untitled"] == 17500.0
    assert bridge.loc[2024, "received_untitled"] == 0.0
    assert bridge.loc[2024, "to_collect"] == 0.0


def test_plan_without_any_convention_has_an_empty_bridge() -> None:
    bridge = analysis.bridge(plan_of(post([contract(date(2024, 1, 1))])))

    assert (bridge == 0).all(axis=None)
    assert analysis.convention_balance(plan_of(post())).empty


@pytest.mark.parametrize(
    ("at", "earned", "titled"),
    [
        (date(2025, 12, 31), "31597.22", 30000.0),
        (date(2025, 12, 30), "30555.56", 30000.0),  # December, 1 041,66, has not ended
        (date(2024, 2, 11), "3694.44", 0.0),  # 16 + 30 + 30 thirtieths: 17 500 × 76 / 360
    ],
)
def test_balance_of_a_convention_at_a_day(at: date, earned: str, titled: float) -> None:
    row = analysis.convention_balance(worked("16"), at).iloc[0]

    assert (euros(row["agreed"]), euros(row["projected"])) == (Decimal("42500.00"), Decimal("42500.00"))
    assert (euros(row["earned"]), row["titled"]) == (Decimal(earned), titled)
    assert row["left_to_claim"] == 42500.0 - titled
    assert (row["start"], row["end"]) == (date(2023, 11, 15), date(2026, 11, 14))


@pytest.mark.parametrize(
    ("contracts", "fields", "agreed"),
    [
        ([contract(date(2024, 1, 1), working_time="temps_non_complet", hours=28)], {}, 34000.0),
        (
            [contract(date(2024, 1, 1), working_time="temps_partiel", share=0.8)],
            {"part_time": "entier"},
            42500.0,
        ),
        (
            [contract(date(2024, 1, 1))],
            {"end": date(2026, 6, 30)},
            36250.0,
        ),  # 12 500 × 180 / 360 the last year
        ([contract(date(2024, 1, 1), date(2024, 3, 31)), contract(date(2024, 5, 1))], {}, 42500.0),
        ([contract(date(2025, 3, 1), working_time="temps_non_complet", hours=28)], {}, 34000.0),
        ([], {}, 42500.0),
    ],
    ids=["28_hours", "whole_by_rule", "cut_in_june", "vacancy_changes_nothing", "hired_late", "nobody"],
)
def test_amount_agreed(contracts: list[schema.Contract], fields: dict[str, Any], agreed: float) -> None:
    plan = plan_of(post(contracts, [convention(date(2024, 1, 1), **fields)]))

    assert analysis.convention_balance(plan).iloc[0]["agreed"] == agreed


def test_amount_agreed_when_working_time_changes_in_a_year() -> None:
    """Case 19: full time to 14 August 2024, 28/35 afterwards, never vacant: all that is agreed is earned."""
    stay = [
        contract(date(2024, 1, 1), date(2024, 8, 14)),
        contract(date(2024, 8, 15), date(2026, 12, 31), working_time="temps_non_complet", hours=28),
    ]
    row = analysis.convention_balance(plan_of(post(stay, [convention(date(2024, 1, 1))]))).iloc[0]

    assert (euros(row["agreed"]), euros(row["projected"])) == (Decimal("36177.78"), Decimal("36177.78"))


def test_financing_cut_in_the_month_in_which_its_grant_year_ends() -> None:
    """From 21 January 2024, cut on 10 January 2025: 350 thirtieths of 360, 36 000 × 350 / 360."""
    cut = convention(date(2024, 1, 21), [(12, 36000.0)], end=date(2025, 1, 10))
    row = analysis.convention_balance(plan_of(post([contract(date(2024, 1, 1))], [cut]))).iloc[0]

    assert (row["agreed"], row["projected"]) == (35000.0, 35000.0)


def test_amount_exposed_to_repayment() -> None:
    """January 2026 costs 2 658,04 of pay for 3 000 of grant earned; 36 000 have been received."""
    received = instalment(36000, received=date(2026, 1, 2), titled=date(2026, 1, 2), called=date(2026, 1, 2))
    plan = plan_of(
        post(
            [contract(date(2026, 1, 1), date(2026, 1, 31))],
            [convention(date(2026, 1, 1), [(12, 36000.0)], instalments=(received,))],
        ),
        first=2026,
        last=2026,
    )

    row = analysis.convention_balance(plan, date(2026, 1, 31)).iloc[0]
    assert [euros(row[k]) for k in ("received_beyond_earned", "beyond_pay", "exposed")] == [
        Decimal("33000.00"),
        Decimal("341.96"),
        Decimal("33341.96"),
    ]
    failed = control(plan, "within_pay")
    assert not failed.ok
    assert "341,96" in failed.detail()


def test_unemployment_allowance_is_no_pay_that_the_grant_is_reserved_for() -> None:
    """The agent leaves on 31 January 2026 with 90 days of allowance, due within the same grant year."""
    leaver = contract(date(2026, 1, 1), date(2026, 1, 31), are_days=90)
    plan = plan_of(post([leaver], [convention(date(2026, 1, 1), [(12, 36000.0)])]), first=2026, last=2026)

    assert (plan.table["line"] == "are").any()
    row = analysis.convention_balance(plan, date(2026, 12, 31)).iloc[0]
    assert euros(row["beyond_pay"]) == Decimal("341.96")


@pytest.mark.parametrize(("amount", "ok"), [(2658.04, True), (2658.05, False)])
def test_grant_may_reach_the_pay_and_not_exceed_it(amount: float, ok: bool) -> None:
    month = [contract(date(2026, 1, 1), date(2026, 1, 31))]
    plan = plan_of(post(month, [convention(date(2026, 1, 1), [(1, amount)])]), first=2026, last=2026)

    assert control(plan, "within_pay").ok is ok


def test_papers_to_send() -> None:
    plan = plan_of(
        post(
            [contract(date(2024, 1, 1), date(2024, 4, 15)), contract(date(2024, 8, 1), date(2026, 12, 31))],
            [convention(date(2024, 1, 1), instalments=(instalment(17500, called=date(2024, 1, 5)),))],
        )
    )

    before = analysis.convention_balance(plan, date(2024, 4, 1)).iloc[0]["papers"]
    after = analysis.convention_balance(plan, date(2024, 8, 31)).iloc[0]["papers"]
    assert before == ("final",)
    assert after == ("departure", "recruit", "give_back", "final")
    assert all(analysis.papers(after, lang) for lang in LANGUAGES)


# --- the decision calendar -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "day"),
    [
        (date(2024, 1, 1), date(2026, 12, 31), date(2026, 10, 31)),  # three years to the day: two months
        (date(2023, 12, 31), date(2026, 12, 31), date(2026, 9, 30)),  # a day more: three months
        (date(2024, 5, 1), date(2026, 4, 30), date(2026, 2, 28)),  # February has no 30th
        (date(2026, 12, 10), date(2026, 12, 31), date(2026, 12, 10)),  # not before the contract begins
    ],
)
def test_notice_of_renewal(start: date, end: date, day: date) -> None:
    assert [d for _, d, _ in kinds(plan_of(post([contract(start, end)])), "notice")] == [day]


def test_notice_is_missed_until_an_act_settles_it() -> None:
    first = contract(date(2024, 1, 1), date(2026, 12, 31))
    planned, voted = (contract(date(2027, 1, 1), source=s) for s in ("hypothèse", "acte : délibération 12"))

    assert kinds(plan_of(post([first, planned])), "notice") == [("notice", date(2026, 10, 31), "missed")]
    assert kinds(plan_of(post([first, voted])), "notice") == [("notice", date(2026, 10, 31), "past")]
    early = plan_of(post([first]), today=date(2026, 10, 1))
    assert kinds(early, "notice") == [("notice", date(2026, 10, 31), "coming")]
    late = plan_of(post([first]), today=date(2027, 2, 1))
    assert kinds(late, "notice") == [("notice", date(2026, 10, 31), "past")]


def test_notice_of_a_titulaire_or_of_an_open_contract_does_not_exist() -> None:
    civil = contract(date(2024, 1, 1), date(2026, 12, 31), status="titulaire")

    assert kinds(plan_of(post([civil])), "notice", "notice_other") == []
    assert kinds(plan_of(post([contract(date(2024, 1, 1))])), "notice", "notice_other") == []


def test_notice_of_another_contract_is_marked_unverified() -> None:
    other = contract(date(2024, 1, 1), date(2026, 12, 31), nature="autre")
    found = [d for d in analysis.decision_calendar(plan_of(post([other]))) if d.kind == "notice_other"]

    assert [(d.date, d.certainty) for d in found] == [(date(2026, 10, 31), "unverified")]
    assert "à vérifier" in found[0].label()


def test_six_years_are_counted_over_contracts_that_abut() -> None:
    chain = [
        contract(date(2021, 3, 1), date(2023, 2, 28)),
        contract(date(2023, 3, 1), date(2027, 6, 30)),
        contract(date(2027, 9, 1), date(2028, 8, 31)),
    ]

    assert kinds(plan_of(post(chain)), "project_limit", "project_limit_exceeded") == [
        ("project_limit_exceeded", date(2027, 2, 28), "coming"),
        ("project_limit", date(2033, 8, 31), "coming"),
    ]
    late = plan_of(post(chain), today=date(2027, 4, 1))
    assert kinds(late, "project_limit_exceeded") == [("project_limit_exceeded", date(2027, 2, 28), "missed")]


def test_ends_of_contract_financing_and_convention() -> None:
    plan = plan_of(
        post(
            [contract(date(2024, 1, 1), date(2025, 5, 31)), contract(date(2025, 6, 1))],
            [
                convention(date(2022, 1, 1), [(12, 25000.0), (12, 25000.0)], "V1"),
                convention(date(2024, 1, 1), convention_start=date(2023, 12, 1), end=date(2026, 6, 30)),
            ],
        )
    )

    wanted = ("contract_end", "contract_relay", "financing_end", "financing_cut", "convention_end")
    assert kinds(plan, *wanted) == [
        ("financing_end", date(2023, 12, 31), "past"),
        ("contract_relay", date(2025, 5, 31), "past"),
        ("financing_cut", date(2026, 6, 30), "past"),
    ]
    longer = plan_of(post([], [convention(date(2024, 1, 1), convention_start=date(2023, 12, 1))]))
    assert kinds(longer, "financing_end", "convention_end") == [
        ("convention_end", date(2026, 11, 30), "coming"),
        ("financing_end", date(2026, 12, 31), "coming"),
    ]


@pytest.mark.parametrize("case", [c for c in CASES if "lost" in c], ids=lambda c: c["name"])
def test_day_on_which_a_post_is_given_back(case: dict[str, Any]) -> None:
    plan = worked(case["number"])

    assert {d for _, d, _ in kinds(plan, "post_lost")} == set(case["lost"].values())
    assert {f.code: f.lost_on for f in financings(plan) if f.lost_on} == case["lost"]


def test_vacancy_filled_within_its_tolerance_has_a_last_day_and_is_not_missed() -> None:
    """Case 7: vacant from 11 April 2024, filled on 1 July, three months tolerated."""
    assert kinds(worked("7"), "vacancy_limit", "post_lost") == [("vacancy_limit", date(2024, 7, 11), "past")]


def test_departure_at_the_end_of_the_financing_is_no_vacancy() -> None:
    assert kinds(worked("1"), "vacancy_limit", "post_lost") == []


@pytest.mark.parametrize(
    ("end", "found"),
    [(date(2026, 12, 10), [("post_lost", date(2026, 12, 10), "coming")]), (date(2026, 12, 9), [])],
)
def test_vacancy_that_outlasts_its_financing_loses_nothing(end: date, found: list[Any]) -> None:
    """Vacant from 10 June 2026, six months tolerated: until 10 December."""
    stay = [contract(date(2024, 1, 1), date(2026, 6, 9))]
    plan = plan_of(post(stay, [convention(date(2024, 1, 1), end=end)]))

    assert kinds(plan, "vacancy_limit", "post_lost") == found
    assert bool(financings(plan)[0].lost_on) is bool(found)


def test_steps_of_the_instalments() -> None:
    steps = (
        instalment(17500, "1er", called=date(2024, 1, 5), titled=date(2024, 2, 1), received=date(2024, 3, 4)),
        instalment(12500, "2e", received=date(2025, 3, 4)),
        instalment(12500, "3e", called=date(2026, 12, 5), source="acte : convention"),
    )
    plan = plan_of(post([contract(date(2024, 1, 1))], [convention(date(2024, 1, 1), instalments=steps)]))

    found = [
        d
        for d in analysis.decision_calendar(plan)
        if d.kind in {"call", "title", "receive", "untitled_receipt"}
    ]
    assert [(d.kind, d.date, d.status, d.certainty) for d in found] == [
        ("call", date(2024, 1, 5), "past", "assumed"),
        ("title", date(2024, 2, 1), "past", "assumed"),
        ("receive", date(2024, 3, 4), "past", "assumed"),
        ("receive", date(2025, 3, 4), "past", "assumed"),
        ("untitled_receipt", date(2025, 3, 4), "missed", "assumed"),
        ("call", date(2026, 12, 5), "coming", "stated"),
    ]
    assert found[-1].label() == "V2, 3e : appel de fonds de 12 500,00 €".replace(" 500", "\u202f500").replace(
        " :", "\u00a0:"
    ).replace(" €", "\u00a0€")


def test_closings_name_what_is_to_accrue_or_to_defer() -> None:
    found = [d for d in analysis.decision_calendar(worked("16")) if d.kind in {"last_title", "accrual_title"}]

    assert [(d.kind, d.date, d.values) for d in found if d.kind == "accrual_title"] == [
        ("accrual_title", date(2024, 1, 31), (("exercice", 2023), ("accrued", 2236.11), ("deferred", 0.0))),
        ("accrual_title", date(2025, 1, 31), (("exercice", 2024), ("accrued", 0.0), ("deferred", 10902.78))),
        ("accrual_title", date(2026, 1, 31), (("exercice", 2025), ("accrued", 1597.22), ("deferred", 0.0))),
    ]
    assert [d.date.year for d in found if d.kind == "last_title"] == [2023, 2024, 2025, 2026]


def test_votes_of_the_budgets_still_to_come() -> None:
    """30 April in the years when councils are renewed."""
    plan = plan_of(post(), first=2025, last=2032, today=date(2025, 6, 1))

    days = [d for _, d, _ in kinds(plan, "budget_vote")]
    assert days[:2] == [date(2026, 4, 30), date(2027, 4, 15)]
    assert days[-1] == date(2032, 4, 30)


# --- controls ------------------------------------------------------------------------------------------


def sound() -> Projection:
    pieces = (
        instalment(17500, called=date(2024, 1, 5)),
        instalment(12500, called=date(2025, 1, 5)),
        instalment(12500),
    )
    return plan_of(
        post(
            [contract(date(2024, 1, 1), date(2026, 12, 31))],
            [convention(date(2024, 1, 1), instalments=pieces)],
        ),
        first=2024,
        last=2026,
    )


def test_controls_of_a_sound_plan_all_hold() -> None:
    found = {c.code: c.status for c in analysis.controls(sound())}

    assert found.pop("law") == "notice"  # the last months of 2026 are beyond the tables
    assert set(found.values()) == {"ok"}


def test_whole_grant_years_are_counted() -> None:
    whole = control(sound(), "grant_years")
    assert (whole.expected, whole.found, dict(whole.values)["count"]) == (42500.0, 42500.0, 3)
    vacant = control(worked("7"), "grant_years")
    assert (vacant.expected, vacant.found, dict(vacant.values)["count"]) == (25000.0, 25000.0, 2)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"])
def test_controls_of_the_worked_cases_hold(case: dict[str, Any]) -> None:
    plan = worked(case["number"])
    found = {c.code: c for c in analysis.controls(plan)}

    for code in ("totals", "lines", "grant_years", "chapters", "sections", "terms", "rates"):
        assert found[code].ok, found[code]


def test_controls_that_fail_say_what_to_correct() -> None:
    late = schema.PayTerm(start=date(2024, 6, 1), index=373)
    plan = plan_of(
        post(
            [contract(date(2024, 1, 1), terms=(late,))],
            [convention(date(2024, 1, 1), instalments=(instalment(45000),))],
        ),
        first=2024,
        last=2024,
        rates=(schema.EmployerRates(start=date(2024, 3, 1)),),
        accounts={"primes": schema.LineAccounts(contractuel="471", titulaire="471")},
        costs=(
            schema.Item(
                label="Divers",
                amount=10,
                frequency="unique",
                start=date(2024, 1, 1),
                account="471",
                shares={"P1": 1},
            ),
        ),
    )

    found = {c.code: c for c in analysis.controls(plan)}
    for code in ("instalments", "chapters", "sections", "terms", "rates"):
        assert not found[code].ok, code
    assert (found["terms"].expected, found["terms"].found, found["terms"].unit) == (12, 7, "count")
    assert "471" in found["chapters"].detail()
    assert (found["instalments"].expected, found["instalments"].found) == (42500.0, 45000.0)
    assert found["shown"].status == "notice"


@pytest.mark.parametrize(
    ("today", "paid", "status"),
    [
        (date(2026, 12, 31), (17500.0,), "ahead"),  # the last day of the financing
        (date(2027, 1, 1), (17500.0,), "failed"),
        (date(2024, 6, 1), (17500.0, 12500.0, 12500.0), "ok"),
        (date(2024, 6, 1), (17500.0, 12500.0, 12500.0, 0.01), "failed"),
        (date(2024, 6, 1), (), "notice"),
    ],
)
def test_instalments_to_come_raise_no_alarm_until_the_financing_ends(
    today: date, paid: tuple[float, ...], status: str
) -> None:
    """17 500 € typed of the 42 500 € of V2, from 1 January 2024 to 31 December 2026."""
    instalments = tuple(map(instalment, paid))
    plan = plan_of(
        post([contract(date(2024, 1, 1))], [convention(date(2024, 1, 1), instalments=instalments)]),
        today=today,
    )
    found = control(plan, "instalments")

    assert (found.status, found.ok) == (status, status != "failed")
    if status == "ahead":
        said = plain([found.detail()])
        assert "17 500,00 € pour 42 500,00 € accordés" in said
        assert "jusqu'au 31 décembre 2026 : 25 000,00 € restent à saisir" in said


def test_post_without_convention_is_a_notice() -> None:
    found = control(plan_of(post([contract(date(2024, 1, 1))])), "unfunded")

    assert (found.ok, found.status) == (True, "notice")
    assert "P1" in found.detail()


# --- what the plan rests on ----------------------------------------------------------------------------


def test_plan_rests_on_the_legal_values_that_it_reads_and_no_other() -> None:
    used = {u.parameter: u for u in analysis.parameters_used(sound())}

    for read in (
        "point_indice_annuel",
        "smic_mensuel",
        "im_minimum",
        "pmss",
        "fnal_moins_50",
        "ircantec_tranche_a",
    ):
        assert read in used
    for idle in ("cnracl", "maladie_titulaire", "fnal_50_et_plus", "sft_fixe_1_enfant", "temps_partiel_80"):
        assert idle not in used
    for idle in ("are_taux_1", "conge_non_pris_fraction", "fctva_taux", "indemnite_residence_zone3"):
        assert idle not in used
    assert (used["smic_mensuel"].first, used["smic_mensuel"].last) == (date(2024, 1, 1), date(2026, 12, 1))


def test_each_agent_rests_on_the_values_of_its_own_months() -> None:
    grid = schema.PayTerm(start=date(2025, 1, 1), grade="B1", step=3)
    stay = [
        contract(date(2024, 1, 1), date(2024, 12, 31)),
        contract(date(2025, 1, 1), status="titulaire", terms=(grid,)),
    ]
    used = {u.parameter: u for u in analysis.parameters_used(plan_of(post(stay), first=2024, last=2026))}

    assert (used["ircantec_tranche_a"].first, used["ircantec_tranche_a"].last) == (
        date(2024, 1, 1),
        date(2024, 12, 1),
    )
    assert (used["cnracl"].first, used["cnracl"].last) == (date(2025, 1, 1), date(2026, 12, 1))
    assert (used["grille_B1_03"].first, used["grille_B1_03"].last) == (date(2025, 1, 1), date(2026, 12, 1))
    assert "grille_B1_01" not in used
    assert (used["maladie_contractuel"].last, used["maladie_titulaire"].first) == (
        date(2024, 12, 1),
        date(2025, 1, 1),
    )


def test_entries_in_force_are_those_of_the_dates_read() -> None:
    stay = [contract(date(2026, 7, 1), status="titulaire")]
    used = {u.parameter: u for u in analysis.parameters_used(plan_of(post(stay), first=2026, last=2027))}

    assert [e.value for e in used["cnracl"].entries] == [0.3765, 0.4065]


# --- notices -------------------------------------------------------------------------------------------


def plain(texts: list[str]) -> str:
    return "\n".join(texts).replace("\u00a0", " ").replace("\u202f", " ")


def test_notices_say_what_the_figures_rest_on() -> None:
    stay = [
        contract(date(2024, 1, 15), date(2026, 12, 31), working_time="temps_partiel", share=0.8),
        contract(date(2027, 1, 1), status="titulaire", source="hypothèse : poste gardé"),
    ]
    plan = plan_of(
        post(stay, [convention(date(2024, 1, 1))], "CN1"),
        post([contract(date(2024, 1, 1), date(2026, 12, 31), source="acte : délibération 163")], [], "CN2"),
        first=2024,
        last=2028,
        assumptions=(
            schema.Assumption(parameter="smic_mensuel", start=date(2027, 1, 1), value=1900.0),
            schema.Assumption(parameter="point_indice_annuel", start=date(2023, 7, 1), value=60.0),
        ),
    )

    fr, en = plain(analysis.notices(plan)), plain(analysis.notices(plan, "en"))
    for said in (
        "vérifiées jusqu'au 23 juillet 2026 seulement et prolongées jusqu'au 31 décembre 2028",
        "Valeurs prévues par un texte, pas encore en vigueur : CNRACL, contribution de l'employeur, 40,65 %",
        "Valeurs légales supposées par l'utilisateur : SMIC mensuel brut (35 heures), 1 900 € par mois",
        "modifiées par l'utilisateur : valeur annuelle du point d'indice, 60 € par point et par an",
        "Poste CN1 : sans subvention de l'État à compter du 1er janvier 2027.",
        "Poste CN2 : sans subvention de l'État à compter du 1er janvier 2024.",
        "Poste CN2 : aucun contrat, donc aucune rémunération, à compter du 1er janvier 2027.",
        "Poste CN2 : l'employeur est son propre assureur",
        "Temps de travail réduit (CN1) : subvention comptée au prorata",
        "compté en trentièmes",
        "Hypothèses à confirmer : effectif (49)",
        "Hypothèse, contrats (CN1) : poste gardé.",
        "taux de l'employeur (accidents du travail 1,60 %, centre de gestion 1,10 %)",
    ):
        assert said in fr
    assert "Post CN1: no State grant from 1 January 2027." in en
    assert "contrats (CN1, CN2)" not in fr  # the contract of CN2 rests on an act
    assert "rates to replace by those notified to the employer" in en
    assert len(analysis.notices(plan)) == len(analysis.notices(plan, "en"))


def test_notices_group_the_posts_that_lose_the_grant_on_the_same_day() -> None:
    stay, funded = [contract(date(2024, 1, 1))], [convention(date(2024, 1, 1))]
    plan = plan_of(post(stay, funded, "CN1"), post(stay, funded, "CN2"), first=2024, last=2027)

    assert "Postes CN1 et CN2 : sans subvention de l'État à compter du 1er janvier 2027." in plain(
        analysis.notices(plan)
    )


def test_a_post_lost_by_a_vacancy_says_since_when_and_what_it_earned() -> None:
    """Full time, V2 of 17 500, 12 500 and 12 500 from 1 January 2024; nobody from 1 February to 31 August 2025.

    Earned: 17 500 of the first year and one month of the second, 12 500 / 12 = 1 041.67. Three months are tolerated:
    the post is given back on 1 May 2025.
    """
    agents = [contract(date(2024, 1, 1), date(2025, 1, 31)), contract(date(2025, 9, 1))]
    plan = plan_of(post(agents, [convention(date(2024, 1, 1))], "CN1"), first=2024, last=2026)

    (financing,) = financings(plan)
    assert (financing.vacant_from, financing.earns_until) == (date(2025, 2, 1), date(2025, 1, 31))
    assert (
        "Poste CN1, convention V2 : vacant à compter du 1er février 2025, au-delà des 3 mois tolérés ; le poste est rendu "
        "le 1er mai 2025. Plus rien n'est acquis après le 31 janvier 2025 : 18 541,67 € en tout, sur 42 500,00 € convenus."
    ) in plain(analysis.notices(plan)).replace("\u202f", " ")
    assert "sans subvention de l'État" not in plain(analysis.notices(plan))  # said already, with its reason


def test_whole_months_and_full_time_call_for_no_rule_of_reckoning() -> None:
    said = plain(analysis.notices(sound()))

    assert "trentièmes" not in said
    assert "prorata" not in said
    assert "sans subvention" not in said


# --- the catalogue -------------------------------------------------------------------------------------


def test_both_languages_say_the_same_things_with_the_same_values() -> None:
    fr, en = ({k: v for k, v in catalogue(lang).items() if k.startswith("analysis.")} for lang in LANGUAGES)

    assert set(fr) == set(en)
    for key, text in fr.items():
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", en[key])), key


def in_words(plan: Projection) -> list[str]:
    """Everything the analysis can say of a plan, in both languages."""
    dated, checked = analysis.decision_calendar(plan), analysis.controls(plan)
    said = [text for lang in LANGUAGES for text in analysis.notices(plan, lang)]
    said += [d.label(lang) for d in dated for lang in LANGUAGES]
    return said + [text for c in checked for lang in LANGUAGES for text in (c.label(lang), c.detail(lang))]


def test_every_decision_control_and_notice_of_some_worked_cases_has_its_words() -> None:
    for number in ("1", "7", "8", "11", "16", "21"):
        assert all(in_words(worked(number)))


# --- whatever the case ---------------------------------------------------------------------------------


def projected(dossier: schema.Dossier) -> Projection:
    return Projection(dossier, today=TODAY)


def cents(frame: pd.DataFrame | pd.Series[Any]) -> Any:
    return (frame * 100).round().astype("int64")


@settings(max_examples=12)
@given(dossiers())
def test_budget_grid_ties_to_the_plan(dossier: schema.Dossier) -> None:
    plan = projected(dossier)
    grid = analysis.budget_grid(plan)
    years = plan.exercices

    accounts = grid[grid["level"] == "account"]
    assert (accounts["chapter"] != "").all()
    for section, balance in grid[grid["level"] == "balance"].set_index("section")[years].iterrows():
        stated = plan.by("exercice", section=str(section))  # type: ignore[arg-type]
        assert list(cents(balance)) == list(cents(stated["net_cost"]))
        for side, measures in (("cost", ["cost"]), ("funding", ["grant", "other_funding"])):
            mine = accounts[(accounts["section"] == section) & (accounts["side"] == side)]
            assert list(cents(mine[years].sum())) == list(cents(stated[measures].sum(axis=1)))
            for level in ("chapter", "side"):
                totals = grid[
                    (grid["level"] == level) & (grid["section"] == section) & (grid["side"] == side)
                ]
                assert list(cents(totals[years].sum())) == list(cents(mine[years].sum()))
    assert analysis.to_clipboard_text(grid).count("\n") == len(grid) + 1


@settings(max_examples=12)
@given(dossiers())
def test_bridge_ties_from_one_clock_to_the_next(dossier: schema.Dossier) -> None:
    plan = projected(dossier)
    bridge = cents(analysis.bridge(plan))
    grant_years = bridge.columns[: list(bridge.columns).index("earned")]

    earned = cents(plan.clocks("exercice")["earned"]).reindex(plan.exercices, fill_value=0)
    assert list(bridge["earned"]) == list(earned)
    assert (bridge[grant_years].sum(axis=1) == bridge["earned"]).all()
    ahead = bridge["earned_to_date"] - bridge["titled_to_date"]
    assert (ahead == bridge["to_accrue"] - bridge["deferred"] - bridge["to_give_back"]).all()
    due = bridge["titled_to_date"] - bridge["received_to_date"]
    assert (due == bridge["to_collect"] - bridge["received_untitled"]).all()
    for clock in ("earned", "called", "titled", "received"):
        assert (bridge[f"{clock}_to_date"].diff().dropna() == bridge[clock].iloc[1:]).all()
    assert (bridge >= 0).all(axis=None)


@settings(max_examples=12)
@given(dossiers(max_posts=2))
def test_balances_do_not_depend_on_the_exercices_shown(dossier: schema.Dossier) -> None:
    plan = projected(dossier)
    period = dossier.period.model_copy(update={"first": 2021, "last": 2034})
    wide = projected(dossier.model_copy(update={"period": period}))

    assert cents(analysis.bridge(plan)).equals(cents(analysis.bridge(wide)).loc[plan.exercices])
    columns = ["agreed", "projected", "earned", "titled", "received", "left_to_claim"]
    narrow, broad = (analysis.convention_balance(p, TODAY)[columns] for p in (plan, wide))
    assert narrow.equals(broad)


@settings(max_examples=12)
@given(dossiers())
def test_balance_of_each_convention_adds_up_when_all_is_over(dossier: schema.Dossier) -> None:
    plan = projected(dossier)
    balance = analysis.convention_balance(plan, date(2040, 12, 31))

    assert balance["earned"].equals(balance["projected"])
    assert (balance["projected"] <= balance["agreed"] + 0.05).all()
    amounts = balance[["left_to_claim", "received_beyond_earned", "beyond_pay", "exposed"]]
    assert (amounts >= 0).all(axis=None)
    assert (balance["exposed"] >= balance["received_beyond_earned"]).all()
    steps = [i for p in dossier.posts for c in p.conventions for i in c.instalments]
    assert euros(balance["called"].sum()) == euros(sum(i.amount for i in steps if i.called))


@settings(max_examples=12)
@given(dossiers())
def test_arithmetic_controls_hold_and_all_is_said_in_both_languages(dossier: schema.Dossier) -> None:
    plan = projected(dossier)

    for found in analysis.controls(plan):
        if found.code in {"totals", "lines", "grant_years", "chapters", "rates"}:
            assert found.ok, found
    days = [d.date for d in analysis.decision_calendar(plan)]
    assert days == sorted(days)
    for decision in analysis.decision_calendar(plan):
        assert decision.missed <= (decision.date < plan.report_date)
    assert all(in_words(plan))
    assert len(analysis.notices(plan, "fr")) == len(analysis.notices(plan, "en"))


@settings(max_examples=12)
@given(dossiers(max_posts=3))
def test_legal_values_that_a_plan_does_not_rest_on_do_not_change_it(dossier: schema.Dossier) -> None:
    plan = projected(dossier)
    law, used = load_law(), {u.parameter for u in analysis.parameters_used(plan)}
    tables = dict(law.tables)
    for name, table in law.tables.items():
        if name not in used:
            entries = tuple(replace(e, value=e.value * 1.25) for e in table.entries)
            tables[name] = replace(table, entries=entries)
    moved = Projection(dossier, replace(law, tables=tables), TODAY)

    pd.testing.assert_frame_equal(moved.table, plan.table)
