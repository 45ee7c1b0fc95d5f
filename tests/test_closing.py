"""Year end, conventions, échéancier, weight in the budget, reconciliation: figures worked out by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from booklines import TODAY, case, ledger, line
from builders import contract, convention, post
from icalendar import Calendar

from conseiller.analysis.tracking import Tracking, track
from conseiller.analysis.tracking.agenda import PROOFS, hypotheses, to_ics
from conseiller.analysis.tracking.reconcile import Source, doubled, pay_twice, set_aside_reasons
from conseiller.dossier import schema
from conseiller.dossier.schedule import PATIENCE
from conseiller.ledger.reading import ASIDE, CREDITS, Control, Reading, frame
from conseiller.ledger.rules import Rules
from conseiller.projection import Projection

PAID = {
    "64131": 1836.20,
    "64138": 100.00,
    "6451": 590.74,
    "6338": 5.81,
    "6332": 1.94,
    "6453": 82.68,
    "6336": 40.67,
}


def grant_case(
    *instalments: schema.Instalment, start: date = date(2023, 11, 15), **fields: Any
) -> Projection:
    """One post since the start of a grant of 17 500, 12 500 and 12 500 €."""
    parts: dict[str, Any] = {
        "authority": schema.Authority(name="Cas", headcount=49),
        "period": schema.Period(first=2023, last=2027, report_date=TODAY),
        "posts": (post([contract(start)], [convention(start, instalments=instalments)], "CN1"),),
    }
    return Projection(schema.Dossier(**(parts | fields)), today=TODAY)


def titre(day: date, euros: float, **more: Any) -> dict[str, Any]:
    return line(day, "74718", euros, post="CN1", **more)


# --- year end: the grant --------------------------------------------------------------------------------

TITRES = (
    titre(date(2024, 3, 1), 17500),
    titre(date(2025, 2, 1), 12500),
    titre(date(2025, 12, 10), 12500),
)


@pytest.mark.parametrize(
    ("year", "piece", "amount"),
    [
        # from 15 November: 46/360 of the grant year are over on 31 December (16 + 30 days)
        (2023, "titre_rattachement", 2236.11),  # 17 500 × 46 / 360, nothing titled
        (2024, "titre_rattachement", 1597.22),  # 17 500 + 12 500 × 46 / 360 − 17 500
        (2025, "produit_avance", -10902.78),  # 17 500 + 12 500 + 1 597.22 − 42 500
        (2026, None, 0.0),  # all earned, all titled
    ],
)
def test_the_grant_at_each_31_december(year: int, piece: str | None, amount: float) -> None:
    # the books cover 2023, where they hold a telephone bill alone
    books = ledger(line(date(2023, 12, 1), "6262", 10, post="CN1"), *TITRES)

    found = track(grant_case(), books).year_end(year)

    grant = found[found["line"] == "subvention_etat"]
    if piece is None:
        assert grant.empty
        return
    row = grant.iloc[0]
    assert (row["piece"], row["account"], row["amount"]) == (piece, "74718", amount)
    assert (row["reversal"], row["reversal_amount"]) == (year + 1, -amount)


def test_an_accrual_already_booked_is_not_proposed_again() -> None:
    accrued = titre(date(2023, 12, 31), 2236.11, kind="accrual")
    back = titre(date(2024, 1, 1), -2236.11, kind="reversal")

    tracking = track(grant_case(), ledger(accrued, back, *TITRES))

    assert tracking.year_end(2023).query("line == 'subvention_etat'").empty
    assert tracking.year_end(2024).query("line == 'subvention_etat'")["amount"].to_list() == [1597.22]


def test_titres_before_the_books_are_those_of_the_dossier() -> None:
    plan = grant_case(schema.Instalment(amount=17500, titled=date(2023, 12, 1)))

    tracking = track(plan, ledger(*TITRES[1:]))  # books from 2025 on

    # 2025: 31 597.22 earned, 17 500 (dossier) + 25 000 (books) titled
    grant = tracking.year_end(2025).query("line == 'subvention_etat'")
    assert grant["amount"].to_list() == [-10902.78]


def test_a_convention_without_any_instalment_typed_is_taken_for_settled_before_the_books() -> None:
    # books from 2025 on; 19 097.22 earned before, of which nobody says whether it was titled
    tracking = track(grant_case(), ledger(titre(date(2025, 2, 1), 12500)))

    # 2025: 12 500 × 314 / 360 + 12 500 × 46 / 360 = 12 500 earned, 12 500 titled
    assert tracking.year_end(2025).query("line == 'subvention_etat'").empty
    found = tracking.balance(date(2025, 12, 31)).iloc[0]
    assert (found["titled"], found["titled_assumed"], found["to_title"]) == (31597.22, 19097.22, 0.0)


def test_what_is_titled_and_never_earned_is_to_be_given_back_not_deferred() -> None:
    end = schema.Convention(
        code="V2",
        generation="personnalisee",
        tranches=(schema.Tranche(months=12, amount=12000),),
        financing_start=date(2025, 1, 1),
    )
    plan = grant_case(start=date(2025, 1, 1))
    post = plan.dossier.posts[0].model_copy(update={"conventions": (end,)})
    plan = Projection(plan.dossier.model_copy(update={"posts": (post,)}), today=TODAY)

    found = track(plan, ledger(titre(date(2025, 2, 1), 12500))).year_end(2025)

    row = found[found["line"] == "subvention_etat"].iloc[0]
    assert (row["piece"], row["amount"], row["retained"], row["reversal_amount"]) == (
        "a_rendre",
        -500.0,
        False,
        0.0,
    )


# --- year end: spending ---------------------------------------------------------------------------------


def paid(*months: int, **changed: float) -> list[dict[str, Any]]:
    return [
        line(date(2026, m, 25), a, changed.get(a, x), post="CN1") for m in months for a, x in PAID.items()
    ]


def test_charges_of_december_mandated_in_january_are_to_be_accrued() -> None:
    rows = paid(*range(1, 6)) + [
        # June to December at the minimum wage of June 2026: see docs/tracking.md
        line(date(2026, m, 25), a, x, post="CN1")
        for m in range(6, 13)
        for a, x in zip(PAID, (1836.20, 130.82, 600.13, 5.90, 1.97, 83.99, 41.31), strict=True)
        if (m, a) != (12, "6451")
    ]
    late = line(date(2027, 1, 20), "6451", 600.13, post="CN1", period=date(2026, 12, 1))
    phone = [line(date(2026, m, 28), "6262", 25, post="CN1") for m in range(1, 13)]
    grant = line(date(2026, 2, 1), "74718", 12500, post="CN1")

    found = track(case(last=2027), ledger(*rows, late, *phone, grant)).year_end(2026, date(2026, 12, 31))

    assert found[["piece", "account", "amount", "reversal", "reversal_amount"]].to_numpy().tolist() == [
        ["mandat_rattachement", "6451", 600.13, 2027, -600.13]
    ]
    assert "décembre 2026" in found["justification"].iloc[0]


def test_months_without_an_agent_are_not_accrued_and_months_to_come_are_not_due() -> None:
    # nobody paid in March; September is the last month paid, the report is of 24 November
    rows = [r for m in (1, 2, 4, 5, 6, 7, 8, 9) for r in paid(m)]

    found = track(case(), ledger(*rows)).year_end(2026)

    pay = found[found["account"] == "64131"].iloc[0]
    assert pay["amount"] == 1836.20  # October alone


def test_the_materiality_threshold_keeps_small_entries_in_sight() -> None:
    found = track(case(), ledger(*paid(*range(1, 10)))).year_end(2026, threshold=100)

    kept = dict(zip(found["account"], found["retained"], strict=True))
    # telephone: 10 months of 25 €
    assert (kept["64131"], kept["6332"], kept["6262"]) == (True, False, True)


def test_a_lump_for_months_after_the_closing_is_a_deferred_charge() -> None:
    ahead = line(date(2026, 12, 15), "6262", 25, post="CN1", period=date(2027, 1, 1))
    every = [line(date(2026, m, 28), "6262", 25, post="CN1") for m in range(1, 13)]

    found = track(case(last=2027), ledger(ahead, *every)).year_end(2026)

    row = found[found["account"] == "6262"].iloc[0]
    assert (row["piece"], row["amount"], row["reversal_amount"]) == ("charge_avance", -25.0, 25.0)


# --- conventions ----------------------------------------------------------------------------------------

RECEIPT = {"side": "funding", "post": "CN1", "third_party_kind": "state"}
INSTALMENTS = (
    schema.Instalment(label="1", amount=17500, called=date(2024, 1, 15), received=date(2024, 3, 15)),
    schema.Instalment(label="2", amount=12500, called=date(2025, 1, 15)),
    schema.Instalment(label="3", amount=12500, called=date(2026, 1, 15), titled=date(2026, 2, 15)),
    schema.Instalment(label="solde", amount=1000, called=date(2027, 1, 15)),
)


def state(tracking: Tracking) -> list[tuple[Any, ...]]:
    columns = ["label", "state", "titled_on", "received_on", "late", "stated"]
    return list(tracking.instalments()[columns].itertuples(index=False, name=None))


def test_each_instalment_is_due_titled_received_or_late() -> None:
    books = ledger(
        titre(date(2024, 3, 1), 17500),
        titre(date(2025, 3, 1), 12500),
        titre(date(2025, 3, 2), 12500),  # titled twice,
        titre(date(2025, 3, 9), -12500, kind="reduction"),  # and cancelled
        line(date(2024, 4, 2), "", 17500, **RECEIPT),
    )

    assert state(track(grant_case(*INSTALMENTS), books)) == [
        ("1", "received", date(2024, 3, 1), date(2024, 4, 2), False, True),
        ("2", "titled", date(2025, 3, 1), None, True, True),  # called in January, three months left
        ("3", "called", None, None, True, False),  # the dossier says titled, the books do not
        ("solde", "due", None, None, False, True),
    ]


def test_the_balance_of_a_convention_by_the_books() -> None:
    books = ledger(
        *TITRES[:2],
        line(date(2024, 4, 2), "", 17500, **RECEIPT),
        line(date(2026, 10, 1), "6262", 1, post="CN1"),
    )

    found = track(grant_case(*INSTALMENTS), books).balance().iloc[0]

    # on 24 November 2026 months ended in October: 17 500 + 12 500 + 12 500 × 346 / 360 = 42 013.89
    assert found["earned"] == 42013.89
    assert (found["titled"], found["received"], found["titled_stated"]) == (30000.0, 17500.0, 12500.0)
    assert (found["to_title"], found["to_collect"]) == (12013.89, 12500.0)
    # called by the dossier: 17 500 + 12 500 + 12 500 of 42 500
    assert found["left_to_claim"] == 0.0


def test_a_grant_beyond_the_pay_booked_is_exposed() -> None:
    # 2026 alone: 12 500 granted, all received; pay booked 8 × 1 000 up to August, then planned
    rows = [line(date(2026, m, 25), "64131", 1000, post="CN1") for m in range(1, 9)]
    books = ledger(*rows, line(date(2026, 2, 1), "", 12500, side="funding", post="CN1"))

    found = track(case(), books).balance(date(2026, 8, 31)).iloc[0]

    # earned on 31 August: 12 500 × 8 / 12 = 8 333.33; pay 8 000; received 12 500
    assert (found["earned"], found["pay"], found["beyond_pay"]) == (8333.33, 8000.0, 333.33)
    assert found["exposed"] == 4500.0  # 12 500 − 8 333.33 + 333.33


def test_a_convention_lands_on_what_is_booked_and_planned() -> None:
    rows = paid(1, 2)

    found = track(case(), ledger(*rows)).convention_landing().iloc[0]

    # 5 × 2 658.04 + 7 × 2 700.32: booked as planned
    assert (found["pay_plan"], found["pay_landing"]) == (32192.44, 32192.44)
    assert (found["grant_landing"], found["left_to_title"], found["net_landing"]) == (
        12500.0,
        12500.0,
        19692.44,
    )


# --- échéancier -----------------------------------------------------------------------------------------


def test_the_agenda_holds_late_instalments_ends_and_proofs_in_order() -> None:
    books = ledger(*TITRES[:2], line(date(2024, 4, 2), "", 17500, **RECEIPT))

    found = track(grant_case(*INSTALMENTS), books).agenda()

    assert list(found["date"]) == sorted(found["date"])
    kinds = {(r["kind"], r["date"], r["status"]) for r in found.to_dict("records")}
    assert ("instalment_received", date(2024, 4, 2), "past") in kinds
    assert (
        "instalment_late",
        date(2025, 4, 15),
        "missed",
    ) in kinds  # called on 15 January, three months left
    assert ("instalment_late", date(2026, 2, 15), "missed") in kinds
    assert ("instalment_expected", date(2027, 4, 15), "coming") in kinds
    assert ("proofs", date(2026, 11, 14), "missed") in kinds  # the financing ended ten days ago
    assert not any(k in {"call", "title", "receive"} for k, _, _ in kinds)


def test_delays_that_no_text_sets_are_hypotheses_that_the_dossier_replaces() -> None:
    """Five months after the call of 15 January 2025; proofs two months after the financing of 14 November 2026."""
    plan, books = grant_case(*INSTALMENTS), ledger(*TITRES[:2], line(date(2024, 4, 2), "", 17500, **RECEIPT))
    own = tuple(
        schema.Assumption(parameter=p, start=date(2020, 1, 1), value=v, source="acte : convention, art. 4")
        for p, v in ((PATIENCE, 5), (PROOFS, 2))
    )
    changed = Projection(plan.dossier.model_copy(update={"assumptions": own}), today=TODAY)

    def seen(tracking: Tracking) -> dict[tuple[str, date], str]:
        rows = tracking.agenda().to_dict("records")
        return {(r["kind"], r["date"]): r["certainty"] for r in rows}

    default, stated = seen(track(plan, books)), seen(track(changed, books))

    assert default["instalment_late", date(2025, 4, 15)] == "assumed"
    assert default["proofs", date(2026, 11, 14)] == "assumed"
    assert stated["instalment_late", date(2025, 6, 15)] == "stated"
    assert stated["proofs", date(2027, 1, 14)] == "stated"
    said = " ".join(hypotheses(track(plan, books)))
    assert PATIENCE in said
    assert PROOFS in said


def test_the_calendar_file_is_read_back_by_another_program_and_never_changes() -> None:
    table = track(grant_case(*INSTALMENTS), ledger(*TITRES)).agenda()

    made = to_ics(table, "Cas", TODAY)

    assert made == to_ics(table, "Cas", TODAY)
    events = Calendar.from_ical(made).walk("VEVENT")
    open_rows = table[table["status"] != "past"]
    assert [e.decoded("dtstart") for e in events] == list(open_rows["date"])
    uids = [str(e["uid"]) for e in events]
    assert len(set(uids)) == len(uids)
    later = to_ics(table, "Cas", date(2027, 1, 1))
    assert [str(e["uid"]) for e in Calendar.from_ical(later).walk("VEVENT")] == uids


# --- the budget -----------------------------------------------------------------------------------------


def credits(*rows: tuple[int, str, str, str, str, int, int]) -> pd.DataFrame:
    names = ("exercice", "stage", "account", "chapter", "side", "voted_cents", "realised_cents")
    columns: dict[str, list[Any]] = {n: [r[k] for r in rows] for k, n in enumerate(names)}
    return frame(CREDITS, columns | {"section": ["fonctionnement"] * len(rows)})


def test_credits_voted_consumed_and_available() -> None:
    budget = credits(
        (2026, "BP", "64131", "012", "cost", 500_000_00, 0),
        (2026, "DM", "64131", "012", "cost", 10_000_00, 0),
        (2026, "BP", "60611", "011", "cost", 5_000_00, 0),
    )
    others = line(date(2026, 1, 25), "64131", 30000)  # other agents: no post

    found = track(case(), ledger(*paid(1), others), credits=budget).credits()

    # voted 510 000; booked 30 000 + 1 836.20; only the accounts of the posts
    assert found.drop(columns=["side", "chapter"]).to_numpy().tolist() == [
        [2026, "64131", 510000.0, 31836.20, 1836.20, 478163.80]
    ]


def test_the_weight_of_the_posts_in_the_budget() -> None:
    budget = credits(
        (2026, "BP", "64131", "012", "cost", 1_000_000_00, 0),
        (2026, "BP", "60611", "011", "cost", 500_000_00, 0),
        (2026, "BP", "73111", "731", "funding", 1_600_000_00, 0),
        (2026, "BP", "023", "023", "cost", 50_000_00, 0),
    )
    grant = line(date(2026, 2, 1), "74718", 12500, post="CN1")

    found = track(case(), ledger(*paid(1), grant), credits=budget).weight().iloc[0]

    # chapter 012: 32 192.44 of 1 000 000; saving 1 600 000 − 1 500 000; net 32 192.44 + 300 − 12 500
    assert (found["staff"], found["posts_staff"], found["share"]) == (
        1000000.0,
        32192.44,
        pytest.approx(0.03219244),
    )
    assert (found["saving"], found["net_cost"]) == (100000.0, 19992.44)
    assert found["effect"] == pytest.approx(19992.44 / 119992.44)
    assert (found["etp"], found["etpt"], found["etpt_paid"], found["basis"]) == (1.0, 1.0, 1.0, "voted")


def test_etpt_paid_follows_the_books() -> None:
    # January whole, February 15/30, March nobody, April whole; the rest planned: (1 + 0.5 + 0 + 1 + 8) / 12
    half = {"64131": 918.10, "64138": 50.0}
    rows = paid(1) + [line(date(2026, 2, 25), a, x, post="CN1") for a, x in half.items()] + paid(4)

    found = track(case(), ledger(*rows)).weight().iloc[0]

    assert (found["etpt"], found["etpt_paid"]) == (1.0, 0.875)


# --- reconciliation -------------------------------------------------------------------------------------


def test_nothing_disappears_between_file_and_report() -> None:
    books = ledger(
        *paid(1),
        line(date(2026, 1, 25), "64131", 500),
        line(date(2026, 2, 25), "6811", 10, post="CN1", kind="order"),
        line(date(2026, 2, 25), "74718", 100, post="CN1", file="titres.csv"),
    )
    mine = books[books["file"] == "livres.csv"]
    aside = frame(
        ASIDE, {"reason": ["subtotal"], "cents": [265804], "side": ["cost"], "file": ["livres.csv"]}
    )
    reading = Reading(
        path=Path("livres.csv"),
        format="table",
        sha256="",
        lines=mine,
        aside=aside,
        credits=frame(CREDITS),
        controls=(
            Control("grand_total", "12", 1, 1),
            Control("bordereau", "/*/PES_RecetteAller/Bordereau (3)", 60, 60),
            Control("piece_count", "/*/PES_RecetteAller/Bordereau[2]/BlocBordereau", 2, 1),
        ),
        rows=10,
    )

    tracking = track(case(), books, sources=[Source.of_reading(reading)])
    found = tracking.reconciliation().set_index("file")
    reasons = set_aside_reasons(tracking)

    one = found.loc["livres.csv"]
    assert (one["rows"], one["kept"], one["set_aside"]) == (10, 9, 1)
    assert (one["followed"], one["left_out"], one["unattached"], one["ruled_out"]) == (7, 1, 1, 0)
    assert (one["total"], one["followed_total"], one["unattached_total"]) == (3168.04, 2658.04, 500.0)
    assert (one["controls"], one["controls_hold"], one["ties"]) == (5, 4, True)
    assert found.loc["titres.csv", "total"] == -100.0
    assert reasons[["step", "reason", "lines"]].to_numpy().tolist() == [
        ["attach", "no_rule", 1],
        ["reader", "subtotal", 1],
        ["tracking", "order", 1],
    ]


def test_the_same_pay_in_two_files_is_seen() -> None:
    journal = line(None, "", 1936.20, side="cost", label="Brut", post="CN1", period=date(2026, 1, 1))
    other = line(date(2026, 1, 9), "6262", 25, post="CN1")
    pay = [line(date(2026, 1, 25), a, x, post="CN1") for a, x in (("64131", 1836.20), ("64138", 100.00))]

    found = track(case(), ledger(*pay, journal | {"file": "paie.csv"}, other))

    twice = doubled(found)
    assert twice["files"].to_list() == [("livres.csv", "paie.csv")]
    assert twice["amount"].to_list() == [1936.20]
    assert "compte deux fois" in str(found)
    assert doubled(track(case(), ledger(*pay, other))).empty


def test_pay_in_an_extract_and_in_mandats_is_said_whatever_the_amounts() -> None:
    """January in both (1 936.20 and 1 000.00), February in the extract alone, the telephone in the books alone."""
    extract = [
        line(
            None,
            "",
            euros,
            side="cost",
            label="Brut",
            post="CN1",
            period=date(2026, month, 1),
            file="paie.csv",
        )
        for month, euros in ((1, 1936.20), (2, 1936.20))
    ]
    mandat = line(date(2026, 1, 25), "64131", 1000, post="CN1")
    phone = line(date(2026, 2, 9), "6262", 25, post="CN1")

    found = track(case(), ledger(*extract, mandat, phone))

    twice = pay_twice(found)
    assert twice.to_dict("records") == [
        {
            "post": "CN1",
            "month": pd.Timestamp(2026, 1, 1),
            "extract_files": ("paie.csv",),
            "booked_files": ("livres.csv",),
            "extract": 1936.20,
            "booked": 1000.0,
        }
    ]
    assert "la paie de 1 mois compte deux fois" in str(found).replace("\xa0", " ")
    assert pay_twice(track(case(), ledger(*extract, phone))).empty
    assert pay_twice(track(case(), ledger(mandat, phone))).empty


def test_an_exercice_without_spending_in_the_books_is_said() -> None:
    mandat = line(date(2027, 1, 25), "64131", 1836.20, post="CN1")
    titre = line(date(2026, 5, 25), "74718", 12500, post="CN1")

    text = str(track(case(last=2027), ledger(mandat, titre), until=date(2027, 1, 1)))

    assert "Aucune dépense rattachée dans les livres pour 2026\xa0:" in text
    assert "Aucune recette rattachée" not in text


def test_books_of_which_no_line_is_tied_say_so_and_propose_no_entry() -> None:
    loose = ledger(line(date(2026, 1, 25), "64131", 1836.20), line(date(2026, 1, 25), "6262", -20))

    found = track(case(), loose)

    assert not found.begun
    # what the dossier types stands meanwhile
    instalment = schema.Instalment(label="1", amount=500, titled=date(2026, 2, 1), received=date(2026, 3, 1))
    dossier = case().dossier
    convention = dossier.posts[0].conventions[0].model_copy(update={"instalments": (instalment,)})
    posts = (dossier.posts[0].model_copy(update={"conventions": (convention,)}),)
    typed = track(Projection(dossier.model_copy(update={"posts": posts}), today=TODAY), loose)
    assert typed.balance()[["titled", "received"]].to_numpy().tolist() == [[500.0, 500.0]]
    assert found.year_end(2026).empty
    text = str(found).replace("\xa0", " ").replace("\u202f", " ")
    assert "Lignes à rattacher : 2 (1 856,20 € en valeur absolue)" in text
    assert "comme prévu" not in text
    tied = track(case(), ledger(line(date(2026, 1, 25), "64131", 1836.20, post="CN1")))
    assert tied.begun
    assert not tied.year_end(2026).empty


def test_a_line_lost_on_the_way_is_seen() -> None:
    books = ledger(*paid(1))
    reading = Reading(
        path=Path("livres.csv"),
        format="table",
        sha256="",
        lines=books,
        aside=frame(ASIDE),
        credits=frame(CREDITS),
    )

    found = track(case(), books.iloc[1:], sources=[Source.of_reading(reading)]).reconciliation()

    assert found["ties"].to_list() == [False]


# --- the State's list -----------------------------------------------------------------------------------


def test_the_states_list_stands_beside_the_dossier_and_the_books() -> None:
    listed = frame(
        CREDITS,
        {
            "stage": ["convention"] * 2,
            "side": ["funding"] * 2,
            "label": ["4711", "9999"],
            "voted_cents": [42_500_00, 50_000_00],
            "realised_cents": [30_000_00, 0],
        },
    )
    rules = Rules.model_validate({"postes_etat": {"4711": "CN1"}}, by_alias=True, by_name=False)
    books = ledger(*TITRES[:2], line(date(2024, 4, 2), "", 17500, **RECEIPT))

    found = track(grant_case(*INSTALMENTS), books, rules, credits=listed).state_list()

    # 42 500 agreed both here and there; 17 500 received in the books, 30 000 paid says the State
    assert found.to_numpy().tolist() == [
        ["4711", "CN1", 42500.0, 42500.0, 30000.0, 17500.0, 0.0, -12500.0],
        ["9999", "", 50000.0, 0.0, 0.0, 0.0, -50000.0, 0.0],
    ]


def test_a_total_without_a_side_is_shown_as_it_is_printed() -> None:
    aside = frame(ASIDE, {"reason": ["grand_total"], "cents": [283575], "file": ["livres.csv"]})
    source = Source("livres.csv", 1, 0, 0, 0, aside)
    tracking = track(case(), ledger(line(date(2026, 1, 25), "6262", 25, post="CN1")), sources=(source,))
    found = set_aside_reasons(tracking)
    assert found[["step", "lines", "total"]].to_numpy().tolist() == [["reader", 1, 2835.75]]
