"""Plan against books: the year worked by hand in ``docs/tracking.md``, and what always ties."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from booklines import TODAY, case, ledger, line
from builders import raised
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import dossiers

from conseiller.analysis.tracking import CAUSES, Tracking, track
from conseiller.display import show
from conseiller.dossier import schema
from conseiller.projection import Projection

ACCOUNTS = ("64131", "64138", "6451", "6338", "6332", "6453", "6336")
PLANNED = (1836.20, 100.00, 590.74, 5.81, 1.94, 82.68, 40.67)
LINES = {
    "64131": "traitement",
    "64138": "indemnite_differentielle+primes",
    "6451": "maladie+vieillesse_plafonnee+vieillesse_deplafonnee+allocations_familiales+at_mp",
    "6338": "csa",
    "6332": "fnal",
    "6453": "ircantec",
    "6336": "cnfpt+apprentissage+cdg",
}
BOOKED = {
    1: PLANNED,
    2: (1870.66, 100.00, 601.25, 5.91, 1.97, 84.15, 41.39),
    4: (3672.40, 200.00, 1181.48, 11.62, 3.88, 165.36, 81.34),
    5: (1836.20, 100.00, 594.61, 5.81, 1.94, 82.68, 40.67),
    6: (1573.89, 112.13, 514.41, 5.06, 1.69, 71.99, 35.41),
    7: PLANNED,
    8: (918.10, 65.41, 300.07, 2.95, 0.98, 42.00, 20.65),
}


def pay(month: int, amounts: tuple[float, ...], post: str = "CN1", **more: Any) -> list[dict[str, Any]]:
    day = date(2026, month, 25)
    return [line(day, a, x, post=post, **more) for a, x in zip(ACCOUNTS, amounts, strict=True)]


def worked_books() -> pd.DataFrame:
    rows = [row for month, amounts in BOOKED.items() for row in pay(month, amounts)]
    rows += [
        line(date(2026, 3, 31), "6262", 75, post="CN1"),
        line(date(2026, 6, 30), "6262", 78, post="CN1"),
        line(date(2026, 4, 10), "6184", 450, post="CN1"),
        line(date(2026, 2, 15), "74718", 12500, post="CN1"),
    ]
    return ledger(*rows)


@pytest.fixture(scope="module")
def worked() -> Tracking:
    return track(case(), worked_books())


def causes(frame: pd.DataFrame) -> dict[str, float]:
    return {c: round(float(x), 2) for c, x in frame.groupby("cause")["amount"].sum().items() if round(x, 2)}


def in_month(tracking: Tracking, month: int, *lines: str) -> dict[str, float]:
    frame = tracking.explained
    frame = frame[(frame["month"] == pd.Timestamp(2026, month, 1)) & frame["line"].isin(lines)]
    return causes(frame)


# --- the year worked by hand ----------------------------------------------------------------------------


def test_lines_on_one_account_are_tracked_together(worked: Tracking) -> None:
    assert set(worked.table["line"]) == {*LINES.values(), "cout_1", "subvention_etat", "hors_plan_6184"}


@pytest.mark.parametrize(
    ("month", "plan", "actual", "cause"),
    [
        (1, 2658.04, 2658.04, {}),
        (2, 2658.04, 2705.33, {"index": 47.29}),
        (3, 2658.04, 0, {"calendar": -2658.04}),
        (4, 2658.04, 5316.08, {"calendar": 2658.04}),
        (5, 2658.04, 2661.91, {"rate": 3.87}),
        (6, 2700.32, 2314.58, {"quotite": -385.74}),
        (7, 2700.32, 2658.04, {"point_smic": -42.28}),
        (8, 2700.32, 1350.16, {"headcount": -1350.16}),
        (9, 2700.32, 0, {"not_yet_booked": -2700.32}),
        (12, 2700.32, 0, {"not_yet_booked": -2700.32}),
    ],
)
def test_pay_of_each_month_and_why_it_differs(
    worked: Tracking, month: int, plan: float, actual: float, cause: dict[str, float]
) -> None:
    table = worked.table
    table = table[(table["month"] == pd.Timestamp(2026, month, 1)) & table["line"].isin(LINES.values())]

    assert round(table["plan"].sum(), 2) == plan
    assert round(table["actual"].sum(), 2) == actual
    assert in_month(worked, month, *LINES.values()) == cause


@pytest.mark.parametrize(
    ("month", "cause", "by_account"),
    [
        (2, "index", (34.46, 0, 10.51, 0.10, 0.03, 1.47, 0.72)),
        (5, "rate", (0, 0, 3.87, 0, 0, 0, 0)),
        (6, "quotite", (-262.31, -18.69, -85.72, -0.84, -0.28, -12.00, -5.90)),
        (7, "point_smic", (0, -30.82, -9.39, -0.09, -0.03, -1.31, -0.64)),
        (8, "headcount", (-918.10, -65.41, -300.06, -2.95, -0.99, -41.99, -20.66)),
    ],
)
def test_charges_follow_their_base(
    worked: Tracking, month: int, cause: str, by_account: tuple[float, ...]
) -> None:
    for account, amount in zip(ACCOUNTS, by_account, strict=True):
        assert in_month(worked, month, LINES[account]) == ({cause: amount} if amount else {}), account


def test_what_was_found_is_told_with_its_basis(worked: Tracking) -> None:
    explained = worked.explained.set_index("cause")
    found = {
        c: tuple(explained.loc[[c], ["basis", "operand", "value"]].iloc[0])
        for c in ("index", "quotite", "headcount", "point_smic")
    }

    assert found["index"] == ("match", "index_paid", 380.0)
    assert found["quotite"] == ("match", "paid", pytest.approx(6 / 7))
    assert found["headcount"] == ("match", "thirtieths", 15.0)
    assert found["point_smic"] == ("match", "smic", 1823.03)


def test_telephone_paid_by_quarter(worked: Tracking) -> None:
    by_month = {m: in_month(worked, m, "cout_1") for m in range(1, 13)}

    expected: dict[int, dict[str, float]] = {m: {"calendar": -25.0} for m in (1, 2, 4, 5)}
    expected |= {3: {"calendar": 50.0}, 6: {"calendar": 50.0, "rate": 3.0}}
    expected |= {m: {"not_yet_booked": -25.0} for m in range(7, 13)}
    assert by_month == expected


def test_a_grant_titled_for_the_year_is_a_matter_of_dates(worked: Tracking) -> None:
    assert in_month(worked, 2, "subvention_etat") == {"calendar": 11458.34}
    assert in_month(worked, 3, "subvention_etat") == {"calendar": -1041.67}
    grant = worked.explained[worked.explained["line"] == "subvention_etat"]
    assert causes(grant) == {}  # the twelve months add up to nothing
    assert set(grant["cause"]) == {"calendar"}


def test_what_the_plan_does_not_hold_is_unplanned(worked: Tracking) -> None:
    assert in_month(worked, 4, "hors_plan_6184") == {"unplanned": 450.0}


def test_the_year_adds_up(worked: Tracking) -> None:
    why = worked.why("exercice").loc[(2026, "cost")]

    # pay, telephone, training
    assert round(why["not_yet_booked"], 2) == round(-10801.28 - 150.00, 2)
    assert round(why["rate"], 2) == round(3.87 + 3.00, 2)
    assert why["unplanned"] == 450.0
    assert why["calendar"] == 0.0
    assert round(why["variance"], 2) == round(-12528.30 - 147.00 + 450.00, 2)
    row = worked.by("exercice").loc[(2026, "net")]
    assert round(row["plan"], 2) == round(32192.44 + 300.00 - 12500.00, 2)
    assert round(row["actual"], 2) == round(19664.14 + 153.00 + 450.00 - 12500.00, 2)


def test_the_year_lands_on_what_is_booked_and_what_is_left(worked: Tracking) -> None:
    landing = worked.landing("line")["landing"].droplevel("measure")

    assert round(sum(landing[x] for x in LINES.values()), 2) == 30465.42
    assert landing["cout_1"] == 303.0
    assert landing["hors_plan_6184"] == 450.0
    assert landing["subvention_etat"] == 12500.0


def test_to_date_and_what_remains(worked: Tracking) -> None:
    assert worked.until == date(2026, 8, 1)
    row = worked.to_date(2026).loc[("cost", "cout_1")]

    # eight months of 25 €; 153 € booked; 300 € in the year
    assert (row["plan_year"], row["plan"], row["actual"], row["variance"], row["remaining"]) == (
        300.0,
        200.0,
        153.0,
        -47.0,
        147.0,
    )
    assert row["share"] == pytest.approx(-0.235)


def test_cumulative_stops_with_the_books(worked: Tracking) -> None:
    cumulative = worked.cumulative(2026).xs("cost", level="measure")

    # February: two months of pay and telephone planned, 2658.04 + 2705.33 booked
    row = cumulative.loc[pd.Timestamp(2026, 2, 1)]
    assert (round(row["plan"], 2), round(row["actual"], 2)) == (5366.08, 5363.37)
    assert pd.isna(cumulative.loc[pd.Timestamp(2026, 9, 1), "actual"])


def test_by_grant_year_amounts_stand_in_the_month_they_are_about(worked: Tracking) -> None:
    grant = worked.by("grant_year", "line").loc[("V2-1", "subvention_etat", "funding")]

    assert (grant["plan"], grant["actual"], grant["variance"]) == (12500.0, 12500.0, 0.0)


@pytest.mark.parametrize(("lang", "said"), [("fr", "Atterrissage"), ("en", "Landing")])
def test_a_tracking_is_shown_in_either_language_without_script(
    worked: Tracking, lang: Any, said: str
) -> None:
    shown = show(worked, lang)

    assert said in shown.text
    assert said in shown.html
    assert "<script" not in shown.html
    assert said in shown.markdown
    assert "août 2026" in repr(worked)


# --- other cases ----------------------------------------------------------------------------------------


def cause_of(tracking: Tracking, line_code: str) -> dict[str, float]:
    return causes(tracking.explained[tracking.explained["line"] == line_code])


def test_a_month_paid_twice_and_cancelled_is_a_matter_of_dates() -> None:
    twice = pay(1, PLANNED) + pay(2, PLANNED) + pay(2, PLANNED)
    back = pay(3, tuple(-x for x in PLANNED), kind="reduction") + pay(3, PLANNED) + pay(4, PLANNED)

    found = track(case(), ledger(*twice, *back))

    frame = found.explained[found.explained["line"] == "traitement"]
    by_month = {m: causes(g) for m, g in frame.groupby(frame["month"].dt.month)}
    assert by_month[2] == {"calendar": 1836.20}
    assert by_month[3] == {"calendar": -1836.20}
    assert set(by_month) == {2, 3, *range(5, 13)}


def test_a_rise_of_pay_is_not_arrears_of_a_vacant_month() -> None:
    # nobody in March (another post paid), then IM 380 from April
    raised = BOOKED[2]
    rows = [*pay(1, PLANNED), *pay(2, PLANNED)] + [r for m in (4, 5) for r in pay(m, raised)]
    rows += [r for m in (1, 2, 3, 4, 5) for r in pay(m, PLANNED, "CN2")]

    found = track(case(("CN1", "CN2")), ledger(*rows))

    frame = found.explained[(found.explained["post"] == "CN1") & (found.explained["line"] == "traitement")]
    by_month = {m: causes(g) for m, g in frame.groupby(frame["month"].dt.month) if m < 6}
    assert by_month == {3: {"headcount": -1836.20}, 4: {"index": 34.46}, 5: {"index": 34.46}}


def test_the_month_a_line_is_about_comes_from_its_period() -> None:
    # charges of March, booked in April with their month: dates, in both months
    late = line(date(2026, 4, 15), "6336", 40.67, post="CN1", period=date(2026, 3, 1))
    rows = [r for m in (1, 2, 3, 4) for r in pay(m, PLANNED) if (m, r["account"]) != (3, "6336")]

    found = track(case(), ledger(*rows, late))

    assert in_month(found, 3, LINES["6336"]) == {"calendar": -40.67}
    assert in_month(found, 4, LINES["6336"]) == {"calendar": 40.67}


def test_a_half_month_and_half_time_are_told_apart_by_the_neighbours() -> None:
    # 15/30 and 17,5/35 both give 918.10
    once = (918.10, 50.00, 295.37, 2.90, 0.97, 41.34, 20.34)

    def found(*months: int) -> set[str]:
        rows = [r for m in (1, 2, 3, 4) for r in pay(m, once if m in months else PLANNED)]
        frame = track(case(), ledger(*rows)).explained
        return set(frame.loc[(frame["line"] == "traitement") & (frame["month"].dt.month < 5), "cause"])

    assert found(2) == {"headcount"}
    assert found(2, 3) == {"quotite"}


def test_an_amount_nothing_explains_counts_as_level_of_pay_and_says_so() -> None:
    odd = (1850.03, *PLANNED[1:])

    frame = track(case(), ledger(*pay(1, odd), *pay(2, PLANNED))).explained

    mine = frame[(frame["line"] == "traitement") & (frame["month"].dt.month == 1)]
    assert mine[["cause", "basis", "amount"]].to_numpy().tolist() == [["index", "default", 13.83]]


def test_two_operands_are_found_one_month_after_the_other() -> None:
    # IM 380 from February; 80 % paid 6/7 from March: 1870.66 × 6 / 7 = 1603.422… → 1603.42
    # bonus 85.71; the plan stands at 1836.20 × 6 / 7 = 1573.89 once the share is set
    march = (1603.42, 85.71, 515.35, 5.07, 1.69, 72.13, 35.48)

    found = track(case(), ledger(*pay(1, PLANNED), *pay(2, BOOKED[2]), *pay(3, march)))

    assert in_month(found, 3, "traitement") == {"quotite": -262.31, "index": 29.53}


def test_facts_of_a_dossier_brought_up_to_date_come_before_what_the_books_suggest() -> None:
    plan = case()
    post = plan.dossier.posts[0]
    term = post.contracts[0].terms[0].model_copy(update={"start": date(2026, 2, 1), "index": 380})
    contract = post.contracts[0].model_copy(update={"terms": (*post.contracts[0].terms, term)})
    real = plan.dossier.model_copy(update={"posts": (post.model_copy(update={"contracts": (contract,)}),)})
    # March is paid at IM 376: 376 × 59.0734 / 12 = 1850.966… → 1850.97
    books = ledger(*pay(1, PLANNED), *pay(2, BOOKED[2]), *pay(3, (1850.97, *PLANNED[1:])))

    frame = track(plan, books, real=real).explained

    mine = frame[(frame["line"] == "traitement") & (frame["month"].dt.month <= 3)]
    assert mine[["cause", "basis", "amount"]].to_numpy().tolist() == [
        ["index", "fact", 34.46],
        # the dossier says IM 380 in March too: 34.46 + (1850.97 − 1870.66), which is not a fact
        ["index", "fact", 34.46],
        ["rate", "default", -19.69],
    ]


def test_causes_are_taken_in_the_order_of_the_page_each_on_what_those_before_it_left() -> None:
    """docs/tracking.md, B: 15/30, then 6/7, then IM 380: 918.10, 786.94, 801.71 of index pay; 50.00, 42.86 of bonus."""
    plan = case()
    post = plan.dossier.posts[0]
    first = post.contracts[0]
    term = first.terms[0].model_copy(update={"start": date(2026, 2, 1), "index": 380})
    part = {"working_time": "temps_partiel", "share": 0.8, "start": date(2026, 2, 16), "terms": (term,)}
    contracts = (first.model_copy(update={"end": date(2026, 1, 31)}), first.model_copy(update=part))
    real = plan.dossier.model_copy(update={"posts": (post.model_copy(update={"contracts": contracts}),)})
    february = [line(date(2026, 2, 25), a, x, post="CN1") for a, x in (("64131", 801.71), ("64138", 42.86))]

    found = track(plan, ledger(*pay(1, PLANNED), *february), real=real)

    pays = {"headcount": -918.10, "quotite": -131.16, "index": 14.77}
    assert in_month(found, 2, LINES["64131"]) == pays
    assert in_month(found, 2, LINES["64138"]) == {"headcount": -50.0, "quotite": -7.14}


def test_an_abridged_chart_has_one_line_of_pay_and_still_finds_the_index() -> None:
    # M57 abrégée: 6413 holds index pay and bonus; IM 380: 1870.66 + 100
    plan = case(authority=schema.Authority(name="Cas", headcount=49, chart="M57A"))
    rows = [
        line(date(2026, m, 25), a, x, post="CN1")
        for m, pays in ((1, (1936.20, 673.42, 48.42)), (2, (1970.66, 685.40, 49.27)))
        for a, x in zip(("6413", "6450", "633"), pays, strict=True)
    ]

    found = track(plan, ledger(*rows))

    assert "traitement+indemnite_differentielle+primes" in set(found.table["line"])
    february = causes(
        found.explained[
            (found.explained["month"] == pd.Timestamp(2026, 2, 1)) & (found.explained["side"] == "cost")
        ]
    )
    # 34.46 + 10.51 + 1.47 (6450) + 0.10 + 0.03 + 0.72 (633); the telephone is not booked
    assert february == {"index": 47.29, "not_yet_booked": -25.0}


def test_refunds_of_chapter_013_reduce_spending() -> None:
    found = track(
        case(), ledger(*pay(1, PLANNED), line(date(2026, 1, 30), "6419", 300, side="funding", post="CN1"))
    )

    row = found.by("month").loc[(pd.Timestamp(2026, 1, 1), "cost")]
    assert round(row["actual"], 2) == 2358.04
    assert cause_of(found, "remboursement_remunerations") == {"unplanned": -300.0}


def test_order_operations_payments_received_and_other_exercices_are_left_out_in_sight() -> None:
    found = track(
        case(),
        ledger(
            line(date(2026, 1, 5), "6811", 100, post="CN1", kind="order"),
            line(date(2026, 1, 5), "", 12500, side="funding", post="CN1", third_party_kind="state"),
            line(date(2025, 12, 5), "6262", 25, post="CN1"),
            *pay(1, PLANNED),
        ),
    )

    assert found.left_out[["reason", "account"]].to_numpy().tolist() == [
        ["order", "6811"],
        ["receipt", ""],
        ["outside_period", "6262"],
    ]
    assert found.by("exercice").loc[(2026, "funding"), "actual"] == 0


def test_a_titre_of_the_additional_days_belongs_to_the_exercice() -> None:
    found = track(case(last=2027), ledger(line(date(2027, 1, 20), "6262", 25, post="CN1", exercice=2026)))

    assert found.by("exercice").loc[(2026, "cost"), "actual"] == 25.0
    assert found.by("month").loc[(pd.Timestamp(2026, 12, 1), "cost"), "actual"] == 25.0


def test_a_bill_after_the_last_pay_does_not_make_the_agent_absent() -> None:
    bill = line(date(2026, 3, 31), "6262", 25, post="CN1")

    found = track(case(), ledger(*pay(1, PLANNED), *pay(2, PLANNED), bill))

    assert found.until == date(2026, 2, 1)
    assert in_month(found, 3, "traitement") == {"not_yet_booked": -1836.20}


def test_without_a_line_of_books_everything_is_still_to_book() -> None:
    found = track(case(), ledger())

    assert found.until is None
    why = found.why("exercice").loc[(2026, "cost")]
    assert round(why["not_yet_booked"], 2) == round(-32192.44 - 300, 2)
    assert "32" in str(found)


# --- what always ties -----------------------------------------------------------------------------------

TWO = case(("CN1", "CN2"), last=2027)
entries = st.builds(
    lambda y, m, account, euros, post, period, kind: line(
        date(y, m, 28), account, euros / 100, post=post, kind=kind, period=period
    ),
    st.sampled_from([2026, 2027]),
    st.integers(1, 12),
    st.sampled_from([*ACCOUNTS, "64131", "6262", "6184", "74718", "6419", "21838"]),
    st.one_of(
        st.integers(-400_000, 400_000), st.sampled_from([183620, 91810, 187066, 157389, 2500, 7500, 1250000])
    ),
    st.sampled_from(["CN1", "CN2"]),
    st.sampled_from([None, None, date(2026, 3, 1), date(2027, 5, 1), date(2025, 12, 1)]),
    st.sampled_from(["ordinary", "ordinary", "reduction", "accrual", "reversal", "deferral", "order"]),
)


def whole(frame: pd.DataFrame, column: str) -> pd.Series[Any]:
    return (frame[column] * 100).round().astype("int64")


@settings(max_examples=15)
@given(rows=st.lists(entries, max_size=16), data=st.data())
def test_plan_and_variance_make_the_actual_and_causes_make_the_variance(
    rows: list[Any], data: st.DataObject
) -> None:
    books = ledger(*rows)
    shuffled = books.iloc[data.draw(st.permutations(range(len(books))))]

    found, again = (track(TWO, b) for b in (books, shuffled))

    table, explained = found.table, found.explained
    assert (whole(table, "plan") + whole(table, "variance") == whole(table, "actual")).all()
    keys = ["post", "month", "line", "side"]
    variance = table.assign(c=whole(table, "variance")).groupby(keys)["c"].sum()
    parts = explained.assign(c=whole(explained, "amount")).groupby(keys)["c"].sum()
    assert parts.reindex(variance.index, fill_value=0).equals(variance)
    assert not parts[~parts.index.isin(variance.index)].any()
    assert set(explained["cause"]) <= set(CAUSES)
    followed = found.attached.lines[~found.attached.lines["origin"].isin(found.left_out["origin"])]
    signed = followed["cents"].where(followed["side"] == "cost", -followed["cents"])
    net = table.assign(c=whole(table, "actual"))
    assert net["c"].where(net["side"] == "cost", -net["c"]).sum() == signed.sum()
    pd.testing.assert_frame_equal(table, again.table)
    pd.testing.assert_frame_equal(explained, again.explained)
    by_year = found.by_grant_year
    assert (whole(by_year, "plan") + whole(by_year, "variance") == whole(by_year, "actual")).all()
    assert whole(by_year, "plan").sum() == whole(table, "plan").sum()
    landing = found.landing()
    for part in ("plan", "landing"):
        of = landing[part].unstack("measure")
        assert ((of["cost"] - of["funding"] - of["net"]).abs() < 0.005).all()


@settings(max_examples=8)
@given(rows=st.lists(entries, min_size=1, max_size=10))
def test_views_add_up_to_the_table(rows: list[Any]) -> None:
    found = track(TWO, ledger(*rows))

    table = found.table[found.table["section"] == "fonctionnement"]
    for keys in (("post",), ("exercice",), ("month", "post"), ("line",), ("exercice", "line")):
        view = found.by(*keys)
        for measure in ("cost", "funding"):
            mine = view[view.index.get_level_values("measure") == measure]
            for figure in ("plan", "actual", "variance"):
                assert whole(mine, figure).sum() == whole(table[table["side"] == measure], figure).sum()
    why = found.why("exercice")
    variance = found.by("exercice")["variance"].reindex(why.index)
    assert ((why["variance"] - variance).abs() < 0.005).all()


def books_of(plan: Projection) -> pd.DataFrame:
    """Return books that hold the plan itself, line by line."""
    table = plan.table[plan.table["clock"].isin(["engaged", "earned"])]
    sums = table.groupby(["post", "month", "line", "side", "account"])["amount"].sum()
    return ledger(
        *(
            line(m.date(), account, round(x, 2), post=post, line=code, side=side)
            for (post, m, code, side, account), x in sums.items()  # type: ignore[misc]
        )
    )


@settings(max_examples=5)
@given(case_=dossiers())
def test_books_that_hold_the_plan_leave_nothing_to_explain(case_: schema.Dossier) -> None:
    plan = Projection(case_, today=TODAY)

    found = track(plan, books_of(plan))

    assert found.explained.empty
    assert (found.table["variance"] == 0).all()
    assert (found.landing()["left"] == 0).all()


@settings(max_examples=4)
@given(case_=dossiers(), points=st.integers(1, 40))
def test_what_a_known_raise_changes_is_index_and_nothing_is_left_on_index_pay(
    case_: schema.Dossier, points: int
) -> None:
    plan = Projection(case_, today=TODAY)
    real = Projection(raised(case_, points), today=TODAY)

    found = track(plan, books_of(real), real=real)

    explained = found.explained
    on_pay = explained[explained["line"] == "traitement"]
    assert set(on_pay["cause"]) <= {"index"}
    assert whole(explained, "amount").sum() == whole(found.table, "variance").sum()
