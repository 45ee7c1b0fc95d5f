"""Simulation: against draws projected one by one, against closed forms, and without any spread."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import dossiers
from test_charts import faults_of

import conseiller as cn
from conseiller import charts, messages
from conseiller.dossier import schema
from conseiller.engine import Model, compile_case
from conseiller.errors import InputFaults
from conseiller.law import LawError
from conseiller.projection import Projection
from conseiller.simulation import (
    Discrete,
    Fixed,
    Growth,
    HireDelay,
    LatePayment,
    Normal,
    RateChange,
    Simulation,
    Triangular,
    Turnover,
    Uncertainty,
    Uniform,
    Vacancy,
    run,
    simulate,
)
from conseiller.simulation.drawn import Drawn
from conseiller.simulation.one_draw import dossier_of
from conseiller.text import money0, percent

DATA = Path(__file__).parent.parent / "data"
TODAY = date(2026, 11, 24)
MEASURES = ("pay", "other_costs", "cost", "grant", "other_funding", "net_cost")

EVERYTHING: tuple[Uncertainty, ...] = (
    Growth("point", Normal(0.01, 0.01)),
    Growth("smic", Triangular(0.0, 0.015, 0.04)),
    Growth("smic", Fixed(0.002), since=2028),
    RateChange("cnracl", date(2027, 1, 1), Uniform(0.0, 0.02)),
    RateChange("at_mp", date(2027, 7, 1), Normal(0.0, 0.002)),
    HireDelay(Uniform(-10, 90)),
    Vacancy(Discrete((0.0, 2.0, 7.0), (0.2, 0.5, 0.3))),
    Turnover(Uniform(0.1, 0.4), Triangular(0, 3, 8)),
    LatePayment(Triangular(0, 30, 200)),
)


def one_post(**changes: Any) -> cn.Dossier:
    """One agent, full time, on index 400 without bonus, under a V2 convention with two payments to come."""
    term = schema.PayTerm(start=date(2025, 1, 1), index=400)
    contract = schema.Contract(start=date(2025, 1, 1), end=date(2028, 12, 31), terms=(term,))
    payments = tuple(
        schema.Instalment(label=str(k), amount=10_000.0, called=day, titled=day, received=day)
        for k, day in enumerate([date(2026, 3, 1), date(2027, 10, 1)])
    )
    convention = schema.Convention(
        code="V2",
        generation="v2_collectivite",
        financing_start=date(2025, 1, 1),
        instalments=payments,
    )
    fields: dict[str, Any] = {
        "authority": schema.Authority(name="A", headcount=60, self_insured=False),
        "period": schema.Period(first=2025, last=2028, report_date=TODAY),
        "posts": (schema.Post(code="P", contracts=(contract,), conventions=(convention,)),),
    }
    return schema.Dossier(**(fields | changes))


# --- against the rules run one by one -------------------------------------------------------------------


def agrees(simulation: Simulation, draws: list[int]) -> None:
    for draw in draws:
        plan = Projection(
            simulation.dossier_of(draw), simulation.plan.base_law, today=simulation.plan.report_date
        )
        table = (plan.by("exercice") * 100).round().astype("int64")
        for measure in MEASURES:
            drawn = (simulation.by(measure).loc[draw] * 100).round().astype("int64")
            assert drawn.tolist() == table[measure].tolist(), (draw, measure)
        received = plan.clocks("exercice")["received"].reindex(plan.exercices, fill_value=0.0)
        assert simulation.by("received").loc[draw].tolist() == received.tolist()


@pytest.mark.parametrize("case", ["campagnes-artois", "exemples/departement-fictif"])
def test_a_draw_is_its_dossier_projected(case: str) -> None:
    simulation = simulate(cn.load(DATA / case), EVERYTHING, draws=110, seed=3, today=TODAY)
    agrees(simulation, [0, 1, 50, 99, 100, 109])
    assert (simulation.by("net_cost").nunique() > 50).any()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(dossiers(max_posts=3), st.integers(0, 1000))
def test_draws_of_generated_cases_are_their_dossiers_projected(dossier: cn.Dossier, seed: int) -> None:
    report = date(dossier.period.first, 5, 17)
    plan = Projection(
        dossier.model_copy(update={"period": dossier.period.model_copy(update={"report_date": report})})
    )
    drawn = Drawn(plan, EVERYTHING, seed)
    if any(has_no_figures(drawn, draw) for draw in range(3)):
        with pytest.raises(InputFaults, match="grille"):
            simulate(plan, EVERYTHING, draws=3, seed=seed)
    else:
        agrees(simulate(plan, EVERYTHING, draws=3, seed=seed), [0, 2])


def has_no_figures(drawn: Drawn, draw: int) -> bool:
    """Tell whether the plain model, too, wants the index of a grid before it is known."""
    dossier = dossier_of(drawn, draw)
    model = Model(compile_case(dossier, drawn.plan.base_law.with_assumptions(dossier.assumptions)))
    try:
        return [frame.full("grid_index") for frame in (model.month, model.extra)] == []
    except LawError:
        return True


def test_draws_of_a_law_that_changes_after_the_last_exercice() -> None:
    """All draws of the law are the plan's: they differ from 1 January 2026 on."""
    dossier = one_post(period=schema.Period(first=2025, last=2025, report_date=date(2025, 5, 17)))
    simulation = simulate(dossier, [Growth("smic", Normal(0.1, 0.05))], draws=3)
    agrees(simulation, [0, 1, 2])
    assert (simulation.by("pay")[2025] == Projection(dossier).by("exercice").loc[2025, "pay"]).all()


def two_agents(second: schema.Contract) -> cn.Dossier:
    """One post, held until 30 April 2023, then by a second agent."""
    term = schema.PayTerm(start=date(2023, 1, 1), index=400)
    first = schema.Contract(start=date(2023, 1, 1), end=date(2023, 4, 30), terms=(term,))
    period = schema.Period(first=2023, last=2024, report_date=date(2023, 1, 15))
    return one_post(period=period, posts=(schema.Post(code="P", contracts=(first, second)),))


def test_a_hire_moved_before_the_grid_of_its_grade_is_known_is_refused() -> None:
    """The agent of grade C1 planned in September comes in May 2023: the grid of C1 is known from 1 July 2023."""
    term = schema.PayTerm(start=date(2023, 2, 1), grade="C1", step=1)
    dossier = two_agents(schema.Contract(start=date(2023, 9, 1), end=date(2024, 6, 30), terms=(term,)))
    agrees(simulate(dossier, [Vacancy(Fixed(2.5))], draws=2), [0, 1])  # mid-July
    for lang, words in (("fr", ["1er mai 2023", "1er juillet 2023", "C1"]), ("en", ["1 May 2023", "C1"])):
        with pytest.raises(InputFaults) as refused:
            simulate(dossier, [Vacancy(Fixed(0.0))], draws=2, lang=cast(messages.Lang, lang))
        (fault,) = refused.value.faults
        assert fault.code == "grid"
        assert all(word in fault.message.replace("\u00a0", " ") for word in words)
    assert has_no_figures(Drawn(Projection(dossier), [Vacancy(Fixed(0.0))], 0), 0)


def test_a_grid_of_a_later_term_or_after_the_contract_is_not_wanted() -> None:
    """In May the agent is paid on an index stated, from July on the grid: such a draw has figures."""
    terms = (
        schema.PayTerm(start=date(2023, 2, 1), index=380),
        schema.PayTerm(start=date(2023, 7, 1), grade="C1", step=1),
    )
    dossier = two_agents(schema.Contract(start=date(2023, 9, 1), end=date(2024, 6, 30), terms=terms))
    agrees(simulate(dossier, [Vacancy(Fixed(0.0))], draws=2), [0, 1])


def test_pay_law_by_law_is_pay_draw_by_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = cn.load(DATA / "exemples/departement-fictif")
    authority = dossier.authority.model_copy(update={"self_insured": False})
    dossier = dossier.model_copy(update={"authority": authority})
    laws = [u for u in EVERYTHING if isinstance(u, Growth | RateChange)]
    apart = simulate(dossier, laws, draws=30, today=TODAY)
    monkeypatch.setattr(run, "_MANY", 0)
    together = simulate(dossier, laws, draws=30, today=TODAY)
    for measure in MEASURES:
        assert together.by(measure).equals(apart.by(measure))


# --- without any spread ---------------------------------------------------------------------------------


def test_without_spread_every_draw_is_the_plan() -> None:
    dossier = cn.load(DATA / "campagnes-artois")
    calm = [
        Growth("point", Normal(0.0, 0.0)),
        Growth("smic", Fixed(0.0)),
        RateChange("cnracl", date(2027, 1, 1), Uniform(0.0, 0.0)),
        HireDelay(Triangular(0, 0, 0)),
        Turnover(Fixed(0.0), Fixed(3.0)),
        LatePayment(Discrete((0.0,), (1.0,))),
    ]
    simulation = simulate(dossier, calm, draws=5, today=TODAY)
    plan = Projection(dossier, today=TODAY).by("exercice")
    for measure in MEASURES:
        assert all(simulation.by(measure).loc[draw].tolist() == plan[measure].tolist() for draw in range(5))
        assert all(simulation.quantiles(measure)[p].tolist() == plan[measure].tolist() for p in (0.05, 0.95))


# --- against closed forms -------------------------------------------------------------------------------

DRAWS = 4000


#: Four standard errors of a share: one run in sixteen thousand falls outside.
def margin(share: float) -> float:
    return 4 * math.sqrt(share * (1 - share) / DRAWS)


def test_quantiles_of_a_cost_that_a_uniform_rate_drives() -> None:
    """AT/MP rises by x, uniform from 0 to 2 points, in 2027: twelve times 1 969,11 × x, to the cent.

    400 × 59,0734 / 12 = 1 969,113. A share p of draws lies below p × 12 × 1 969,11 × 0,02 = p × 472,59.
    """
    simulation = simulate(
        one_post(), [RateChange("at_mp", date(2027, 1, 1), Uniform(0.0, 0.02))], draws=DRAWS
    )
    plan = Projection(one_post()).by("exercice")["cost"]
    for share in (0.05, 0.25, 0.5, 0.9):
        rise = float(simulation.quantiles("cost", [share]).loc[2027, share]) - float(plan[2027])
        assert rise == pytest.approx(share * 472.59, abs=margin(share) * 472.59 + 0.06)
    assert (simulation.by("cost")[2026] == plan[2026]).all()


def test_the_share_of_draws_that_pass_a_ceiling() -> None:
    simulation = simulate(
        one_post(), [RateChange("at_mp", date(2027, 1, 1), Uniform(0.0, 0.02))], draws=DRAWS
    )
    plan = float(Projection(one_post()).by("exercice").loc[2027, "net_cost"])
    passed = simulation.exceeds({2027: plan + 0.75 * 472.59})
    assert list(passed.index) == [2027]
    assert float(passed[2027]) == pytest.approx(0.25, abs=margin(0.25) + 0.001)
    assert float(simulation.exceeds(plan + 1000)[2027]) == 0.0
    assert float(simulation.exceeds(plan - 1.0)[2027]) == 1.0


def test_the_share_of_agents_who_stay_is_that_of_their_yearly_probability() -> None:
    """Each year one in four leaves: (3/4)^(401/365,25) are still there on 1 January 2028."""
    simulation = simulate(one_post(), [Turnover(Fixed(0.25), Fixed(3.0))], draws=DRAWS)
    plan = Projection(one_post()).by("exercice")["pay"]
    stay = (simulation.by("pay")[[2026, 2027]] == plan[[2026, 2027]]).all(axis=1).mean()
    expected = 0.75 ** (401 / 365.25)
    assert float(stay) == pytest.approx(expected, abs=margin(expected))


def test_the_share_of_payments_that_slip_into_the_next_exercice() -> None:
    """Planned on 1 October 2027 and 0 to 181 whole days late: 92 days lead to 1 January, 90 of 182 days do not."""
    simulation = simulate(one_post(), [LatePayment(Uniform(-0.5, 181.5))], draws=DRAWS)
    slipped = simulation.by("received")[2028] == 10_000
    assert float(slipped.mean()) == pytest.approx(90 / 182, abs=margin(0.5))
    assert (simulation.by("received")[2026] == 10_000).all()  # before the report: certain


def undated(**second: date | None) -> cn.Dossier:
    """`one_post`, the day of its second payment unknown."""
    dossier = one_post()
    post = dossier.posts[0]
    first, other = post.conventions[0].instalments
    none = dict.fromkeys(("called", "titled", "received"))
    changed = other.model_copy(update=none | second)
    convention = post.conventions[0].model_copy(update={"instalments": (first, changed)})
    return dossier.model_copy(update={"posts": (post.model_copy(update={"conventions": (convention,)}),)})


@pytest.mark.parametrize(
    ("dates", "last_in_time"),
    [
        (
            {"called": date(2027, 6, 30)},
            92,
        ),  # due on 30 September 2027, three months later: 93 days lead to 2028
        ({"called": date(2027, 1, 4), "titled": date(2027, 9, 30)}, 92),
        (
            {"called": date(2026, 3, 1)},
            36,
        ),  # due before the report: expected the day after it, 25 November 2026
    ],
)
def test_a_payment_without_a_day_is_late_from_the_day_it_is_due(
    dates: dict[str, date], last_in_time: int
) -> None:
    dossier = undated(**dates)
    year = 2027 if last_in_time == 92 else 2026
    for days, exercice in ((0, year), (last_in_time, year), (last_in_time + 1, year + 1)):
        simulation = simulate(dossier, [LatePayment(Fixed(float(days)))], draws=2)
        agrees(simulation, [0, 1])
        came = dict.fromkeys([2025, 2026, 2027, 2028], 0.0)
        came[2026] += 10_000  # the first payment
        planned = came | {year: came[year] + 10_000}
        came[exercice] += 10_000
        assert simulation.by("received").loc[0].to_dict() == came
        assert simulation.planned("received").to_dict() == planned
        assert simulation.by("net_cost").loc[0].tolist() == simulation.planned("net_cost").tolist()
    told = simulation.sheet().text().replace("\u00a0", " ").replace("\n", " ")
    assert "attendus ici à leur échéance" in told


def test_the_share_of_undated_payments_that_slip_into_the_next_exercice() -> None:
    """Due on 30 September 2027 and 0 to 181 whole days late: 93 days lead to 2028, 89 of 182 do."""
    simulation = simulate(undated(called=date(2027, 6, 30)), [LatePayment(Uniform(-0.5, 181.5))], draws=DRAWS)
    slipped = simulation.by("received")[2028] == 10_000
    assert float(slipped.mean()) == pytest.approx(89 / 182, abs=margin(0.5))


def test_a_payment_without_any_date_is_left_out_and_told() -> None:
    simulation = simulate(undated(), [LatePayment(Fixed(9.0))], draws=1)
    agrees(simulation, [0])
    assert simulation.by("received").loc[0].tolist() == [0.0, 10_000.0, 0.0, 0.0]
    assert "sans aucune date" in simulation.sheet().text()


def test_where_no_payment_is_late_what_is_received_is_the_plans() -> None:
    dossier = undated(called=date(2027, 6, 30))
    for uncertainties in ([], [Growth("smic", Fixed(0.01))]):
        simulation = simulate(dossier, uncertainties, draws=2)
        agrees(simulation, [0, 1])
        cashed = (
            Projection(dossier)
            .clocks("exercice")["received"]
            .reindex([2025, 2026, 2027, 2028], fill_value=0.0)
        )
        assert simulation.planned("received").tolist() == cashed.tolist() == [0.0, 10_000.0, 0.0, 0.0]


def test_growth_is_compounded_and_rounded_as_published() -> None:
    """SMIC + 10 % in 2027 and again in 2028; at index 400 it passes index pay, 1 969,11, in 2028 at the latest."""
    simulation = simulate(one_post(), [Growth("smic", Fixed(0.10))], draws=1)
    law = simulation.dossier_of(0).assumptions
    last = Projection(one_post()).law.value("smic_mensuel", date(2027, 1, 1))
    stated = {a.start.year: a.value for a in law}
    assert stated[2027] == round(last * 1.1, 2)
    assert stated[2028] == round(last * 1.1 * 1.1, 2)
    assert float(simulation.by("cost").loc[0, 2028]) > float(
        Projection(one_post()).by("exercice").loc[2028, "cost"]
    )


# --- streams --------------------------------------------------------------------------------------------


def test_a_seed_gives_its_figures_again_and_more_draws_keep_the_first() -> None:
    dossier = cn.load(DATA / "campagnes-artois")
    few, again, more, other = (
        simulate(dossier, EVERYTHING, draws=n, seed=seed, today=TODAY).by()
        for n, seed in ((40, 1), (40, 1), (130, 1), (40, 2))
    )
    assert few.equals(again)
    assert few.equals(more.loc[:39])
    assert not few.equals(other)


def test_small_pieces_give_the_same_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = cn.load(DATA / "campagnes-artois")
    whole = simulate(dossier, EVERYTHING, draws=25, today=TODAY).by()
    monkeypatch.setattr(run, "_CELLS", 500)
    told: list[tuple[int, int]] = []
    pieces = simulate(
        dossier, EVERYTHING, draws=25, today=TODAY, progress=lambda done, of: told.append((done, of))
    ).by()
    assert pieces.equals(whole)
    assert told[-1] == (25, 25)
    assert len(told) > 3


# --- nonsense -------------------------------------------------------------------------------------------


def test_every_nonsense_is_refused_at_once() -> None:
    nonsense = [
        Growth("point", Normal(0.01, -0.01)),
        Growth("smic", Triangular(0.02, 0.01, 0.03)),
        Growth("smog", Fixed(0.01)),
        RateChange("cnracl", date(2027, 1, 15), Uniform(0.02, 0.01)),
        HireDelay(Fixed(math.nan), post="P9"),
        Vacancy(Discrete((1.0, 2.0), (0.5, 0.6))),
        Turnover(Uniform(0.5, 1.5), Fixed(1.0, source="au doigt mouillé")),
    ]
    with pytest.raises(InputFaults) as refused:
        simulate(one_post(), nonsense, draws=0)
    assert [f.code for f in refused.value.faults] == [
        "spread",
        "order",
        "parameter",
        "order",
        "day",
        "number",
        "post",
        "probabilities",
        "source",
        "probability",
        "draws",
    ]
    assert all(f.message and f.remedy and f.where for f in refused.value.faults)
    assert refused.value.exit_status == 2


def test_a_hire_that_comes_after_its_planned_end_never_happens() -> None:
    dossier = one_post()
    post = dossier.posts[0]
    term = schema.PayTerm(start=date(2027, 1, 1), index=400)
    contract = schema.Contract(start=date(2027, 1, 1), end=date(2027, 3, 31), terms=(term,))
    dossier = dossier.model_copy(update={"posts": (post.model_copy(update={"contracts": (contract,)}),)})
    simulation = simulate(dossier, [HireDelay(Fixed(90.0))], draws=2)
    assert simulation.dossier_of(1).posts[0].contracts == ()
    assert (simulation.by("pay") == 0).all(axis=None)
    assert np.isfinite(simulation.quantiles().to_numpy()).all()


# --- words and chart ------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_hypotheses_say_each_distribution_and_its_source(lang: messages.Lang) -> None:
    table = simulate(one_post(), EVERYTHING, draws=1, lang=lang).hypotheses(lang)
    assert len(table) == len(EVERYTHING) + 1  # turnover draws departures and vacancies
    assert set(table.iloc[:, -1]) == {"hypothèse"}
    assert not table.isna().any(axis=None)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("last", [2025, 2026, 2028, 2032])
@pytest.mark.parametrize("ceiling", [None, 20_000.0])
def test_no_word_of_the_fan_is_cut_or_over_another(
    lang: messages.Lang, last: int, ceiling: float | None
) -> None:
    dossier = one_post(period=schema.Period(first=2025, last=last, report_date=date(2025, 3, 1)))
    chart = charts.fan(simulate(dossier, EVERYTHING[5:], draws=60), ceiling=ceiling, lang=lang)
    assert faults_of(chart.figure) == []
    assert chart.render("png") == charts.fan(
        simulate(dossier, EVERYTHING[5:], draws=60), ceiling=ceiling, lang=lang
    ).render("png")


def test_the_fan_says_the_quantiles_the_plan_and_the_share_above_the_ceiling() -> None:
    simulation = simulate(cn.load(DATA / "campagnes-artois"), EVERYTHING, draws=80, today=TODAY)
    chart = charts.fan(simulation, ceiling={2028: 60_000.0})
    for at in (0.05, 0.25, 0.5, 0.75, 0.95):
        assert money0(float(simulation.quantiles(at=[at]).loc[2028, at])) in chart.alt
    assert money0(float(simulation.plan.by("exercice").loc[2028, "net_cost"])) in chart.alt
    assert percent(float(simulation.exceeds(60_000.0)[2028])) in chart.title


def test_a_name_of_the_fan_stands_by_its_mark() -> None:
    simulation = simulate(cn.load(DATA / "campagnes-artois"), EVERYTHING, draws=80, today=TODAY)
    figure = charts.fan(simulation).figure
    inch = figure.dpi
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    axes = figure.axes[0]
    low, low_half, median, high_half, high = simulation.quantiles().loc[2028].tolist()
    planned = float(simulation.plan.by("exercice").loc[2028, "net_cost"])
    marks = {
        "9 chances": (low, high),
        "1 chance ": (low_half, high_half),
        "Médiane": (median,),
        "Prévision": (planned,),
    }
    for name, values in marks.items():
        box = next(t for t in figure.texts if t.get_text().startswith(name)).get_window_extent(renderer)
        heights = [axes.transData.transform((0, value))[1] for value in values]
        # Stacked from the upper end of the fan, the last of four names of 0.4 inch stood an inch off its mark.
        assert min(abs((box.y0 + box.y1) / 2 - y) for y in heights) <= 0.6 * inch


def test_a_fan_without_spread_says_so() -> None:
    chart = charts.fan(simulate(one_post(), [Growth("smic", Fixed(0.0))], draws=3))
    assert "rien de ce qui est tiré" in chart.title
    assert faults_of(chart.figure) == []
