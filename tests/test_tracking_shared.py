"""A month with two agents on one post: each variance has the cause of the contract it comes from.

The post of ``docs/tracking.md``, part C: 373 × 59.0734 / 12 = 1836.198… a month; at IM 380, 1870.657…
To 10 March 10/30, from the 11th 20/30: 612.07 and 1224.13; at IM 380 623.55 and 1247.11.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from booklines import TODAY, case, ledger, line
from builders import contract, raised
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import dossiers
from test_tracking import LINES, books_of, in_month, pay

from conseiller.analysis.tracking import Tracking, track
from conseiller.dossier import schema
from conseiller.projection import Projection

MAIN = LINES["64131"]
ELEVENTH = date(2026, 3, 11)


def plan_of(*contracts: schema.Contract) -> Projection:
    """Return the case of part C with other contracts."""
    dossier = case().dossier
    post = dossier.posts[0].model_copy(update={"contracts": contracts})
    return Projection(dossier.model_copy(update={"posts": (post,)}), today=TODAY)


def agent(start: date, end: date | None = None, index: int = 373) -> schema.Contract:
    """Return a contract on the terms of part C."""
    found = contract(start, end)
    first = start.replace(day=1)  # terms run from the first of a month
    terms = tuple(t.model_copy(update={"start": first, "index": index}) for t in found.terms)
    return found.model_copy(update={"terms": terms})


def one() -> Projection:
    """A single agent."""
    return plan_of(agent(date(2026, 1, 1)))


def two(start: date = ELEVENTH, index: int = 373) -> Projection:
    """One agent to 10 March, another from a day on."""
    return plan_of(agent(date(2026, 1, 1), date(2026, 3, 10)), agent(start, index=index))


def index_pay(*amounts: tuple[int, float, str]) -> pd.DataFrame:
    """Return books of index pay: month, amount, payroll number."""
    return ledger(
        *(line(date(2026, m, 25), "64131", x, post="CN1", payroll=number) for m, x, number in amounts)
    )


MARCH = (612.07 + 1247.11, 100.0, 594.61, 5.88, 1.95, 83.66, 41.16)


@pytest.mark.parametrize("plan", [one(), two()], ids=["plan of one agent", "plan of two agents"])
def test_the_arriver_is_paid_at_another_index(plan: Projection) -> None:
    """10/30 at IM 373 as planned, 20/30 at IM 380: 1247.11 − 1224.13; Ircantec 56.10 − 55.12; CSA 3.94 − 3.87."""
    books = ledger(*pay(1, (1836.20, 100, 590.74, 5.81, 1.94, 82.68, 40.67)), *pay(3, MARCH))

    found = track(plan, books, real=two(index=380))

    assert in_month(found, 3, MAIN) == {"index": 22.98}
    assert in_month(found, 3, LINES["6453"]) == {"index": 0.98}
    assert in_month(found, 3, LINES["6338"]) == {"index": 0.07}
    assert in_month(found, 3, LINES["64138"]) == {}


def test_the_index_of_one_contract_is_found_in_the_total_of_both() -> None:
    found = track(two(), index_pay((2, 1836.20, ""), (3, 1859.18, "")))

    assert in_month(found, 3, MAIN) == {"index": 22.98}
    told = found.explained[found.explained["month"] == pd.Timestamp(2026, 3, 1)]
    assert set(told.loc[told["line"] == MAIN, "operand"]) == {"index_paid"}
    assert set(told.loc[told["line"] == MAIN, "value"]) == {380.0}


def test_what_the_months_of_each_agent_tell_holds_for_the_month_they_share() -> None:
    """The leaver at IM 376 (1850.97, 10/30 616.99), the arriver at IM 380: two operands, one in each contract.

    376 × 59.0734 / 12 = 1850.966…, a third of it 616.988…; 616.99 + 1247.11 − 1836.20 = 27.90.
    """
    found = track(two(), index_pay((2, 1850.97, ""), (3, 1864.10, ""), (4, 1870.66, "")))

    assert in_month(found, 3, MAIN) == {"index": 27.90}


def test_a_leaver_gone_sooner_and_an_arriver_better_paid_are_told_apart_by_payroll_number() -> None:
    """Paid to the 8th: 8/30 of 1836.198 = 489.65, −122.42; the arriver +22.98."""
    found = track(
        two(),
        index_pay((2, 1836.20, "a"), (3, 489.65, "a"), (3, 1247.11, "b"), (4, 1870.66, "b")),
    )

    assert in_month(found, 3, MAIN) == {"headcount": -122.42, "index": 22.98}


def test_an_agent_replaced_by_another_where_the_plan_has_one() -> None:
    """The books tell two payroll numbers: 10/30 as planned, 20/30 at the IM 380 of April. Nobody is missing."""
    found = track(
        one(),
        index_pay((2, 1836.20, "a"), (3, 612.07, "a"), (3, 1247.11, "b"), (4, 1870.66, "b")),
    )

    assert in_month(found, 3, MAIN) == {"index": 22.98}


@pytest.mark.parametrize("numbers", [("a", "b"), ("", "")])
def test_two_agents_who_overlap_are_headcount(numbers: tuple[str, str]) -> None:
    """One paid the whole month, the other from the 11th: 50/30, +1224.13."""
    leaver, arriver = numbers
    whole = [(m, 1836.20, leaver) for m in (1, 2, 3)]
    found = track(one(), index_pay(*whole, (3, 1224.13, arriver)))

    assert in_month(found, 3, MAIN) == {"headcount": 1224.13}


def test_an_overlap_is_not_another_index_although_a_whole_one_gives_the_amount() -> None:
    """At IM 374, 1841.12; 45/30 of it is IM 561 to the cent: 561 × 59.0734 / 12 = 2761.681…"""
    plan = plan_of(agent(date(2026, 1, 1), index=374))

    told = track(plan, index_pay(*((m, 1841.12, "a") for m in (1, 2, 3)), (3, 920.56, "b")))
    untold = track(plan, index_pay(*((m, 1841.12, "") for m in (1, 2)), (3, 2761.68, "")))

    assert in_month(told, 3, MAIN) == {"headcount": 920.56}
    assert in_month(untold, 3, MAIN) == {"index": 920.56}


def test_an_arriver_who_comes_later_is_headcount_of_his_days_alone() -> None:
    """From the 16th: 15/30 = 918.10 instead of 1224.13; telephone and the leaver's 10/30 unchanged."""
    real = two(date(2026, 3, 16), index=380)
    # 15/30 of 1870.657 = 935.33; 612.07 + 935.33
    found = track(two(), index_pay((2, 1836.20, ""), (3, 1547.40, "")), real=real)

    assert in_month(found, 3, MAIN) == {"headcount": -306.03, "index": 17.23}


def test_a_leaver_who_stayed_is_nobody_missing() -> None:
    """Planned: IM 373, then IM 380 from the 11th. Paid: the first agent all month. 1836.20 − 1859.18."""
    found = track(two(index=380), index_pay((2, 1836.20, ""), (3, 1836.20, "")), real=one())

    march = in_month(found, 3, MAIN)
    assert march.pop("rate", 0.0) == pytest.approx(0, abs=0.011)  # two payslips rounded, against one
    assert march == {"index": pytest.approx(-22.98)}


def test_full_time_equivalents_of_a_shared_month_follow_what_was_paid() -> None:
    """March is 10/30 + 15/30 instead of 30/30: five thirtieths of a month out of twelve months are missing."""
    paid = [(m, 1836.20, "") for m in (1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12)]
    found = track(two(), index_pay(*paid, (3, 612.07 + 918.10, "")), real=two(date(2026, 3, 16)))

    (row,) = found.weight().to_dict("records")
    assert row["etpt"] == 1.0
    assert row["etpt_paid"] == round((11 + 25 / 30) / 12, 4)


# --- what always holds ----------------------------------------------------------------------------------


def cut(dossier: schema.Dossier, draw: Any) -> schema.Dossier:
    """Return a case with one contract cut in two that differ in nothing."""
    places = [
        (p, c)
        for p, post in enumerate(dossier.posts)
        for c, found in enumerate(post.contracts)
        if found.end is None or (found.end - found.start).days > 62
    ]
    if not places:
        return dossier
    p, c = draw(st.sampled_from(places))
    post, whole = dossier.posts[p], dossier.posts[p].contracts[c]
    length = (whole.end - whole.start).days if whole.end else 400
    day = whole.start + timedelta(days=draw(st.integers(1, length - 31)))
    no_exit = {"leave_days": 0.0, "are_days": 0, "broken": False, "break_pay": 0.0}
    # The same terms under both: one stated anew would lose the points added to all at a later date.
    first = whole.model_copy(update={"end": day - timedelta(days=1)} | no_exit)
    second = whole.model_copy(update={"start": day})
    contracts = (*post.contracts[:c], first, second, *post.contracts[c + 1 :])
    posts = list(dossier.posts)
    posts[p] = post.model_copy(update={"contracts": contracts})
    return dossier.model_copy(update={"posts": tuple(posts)})


def told(found: Tracking) -> pd.DataFrame:
    keys = ["post", "month", "line", "side", "cause"]
    return found.explained.groupby(keys)["amount"].sum().round(2).reset_index()


def adds_up(found: Tracking) -> None:
    """Causes make the variance of every cell, to the cent."""
    keys = ["post", "month", "line", "side"]
    why = (found.explained.groupby(keys)["amount"].sum() * 100).round()
    gaps = (found.table.groupby(keys)["variance"].sum() * 100).round()
    assert gaps.sub(why, fill_value=0).eq(0).all()


@settings(max_examples=6)
@given(case_=dossiers())
def test_a_plan_compared_with_itself_gives_no_cause(case_: schema.Dossier) -> None:
    plan = Projection(case_, today=TODAY)

    assert track(plan, books_of(plan), real=plan).explained.empty


@settings(max_examples=8)
@given(case_=dossiers(), points=st.integers(0, 40), data=st.data())
def test_a_contract_cut_in_two_like_ones_changes_no_cause(
    case_: schema.Dossier, points: int, data: st.DataObject
) -> None:
    plan = Projection(case_, today=TODAY)
    real = Projection(raised(case_, points), today=TODAY)
    again = Projection(cut(real.dossier, data.draw), today=TODAY)
    books = books_of(real)

    before, after = track(plan, books, real=real), track(plan, books, real=again)

    pd.testing.assert_frame_equal(told(before), told(after))
    adds_up(after)


@settings(max_examples=6)
@given(month=st.integers(2, 11), points=st.integers(1, 40))
def test_a_plan_cut_in_two_like_contracts_finds_the_same_causes(month: int, points: int) -> None:
    """Cut at the end of a month, no amount of the plan changes; what is found in the books must not either."""
    day = date(2026, month, 1)
    other = plan_of(agent(date(2026, 1, 1), day - timedelta(days=1)), agent(day))
    books = books_of(plan_of(agent(date(2026, 1, 1), index=373 + points)))

    before, after = track(one(), books), track(other, books)

    pd.testing.assert_frame_equal(told(before), told(after))
    assert set(told(after)["cause"]) == {"index"}
    adds_up(after)
