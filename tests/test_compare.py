"""Scenarios side by side: equal to projecting each case alone, differences that add up, answers that are true."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from builders import contract, just, plan_of, post
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import dossiers

import conseiller as cn
from conseiller import scenario as sc
from conseiller.analysis.compare import Comparison, compare
from conseiller.analysis.decision_table import SPANS, decide, least_share, most_hours
from conseiller.analysis.mandate import election_year, mandate_end
from conseiller.analysis.sensitivity import FACTORS, Factor, factor_label, sensitivity, two_way
from conseiller.analysis.shares import by_commune
from conseiller.display import as_text, show
from conseiller.dossier import load, save, schema
from conseiller.errors import InputFaults
from conseiller.law import load_law
from conseiller.projection import Projection
from conseiller.scenario_display import sheet, variant_name

ROOT = Path(__file__).resolve().parents[1]
TODAY = date(2026, 11, 24)
few = settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@cache
def artois() -> schema.Dossier:
    return load(ROOT / "data" / "campagnes-artois")


@cache
def at_index(index: int) -> schema.Dossier:
    """The case of the Artois, all pay at one index."""
    posts = tuple(
        p.model_copy(
            update={
                "contracts": tuple(
                    c.model_copy(
                        update={
                            "terms": tuple(
                                t.model_copy(update={"index": index, "grade": None, "step": None})
                                for t in c.terms
                            )
                        }
                    )
                    for c in p.contracts
                )
            }
        )
        for p in artois().posts
    )
    return artois().model_copy(update={"posts": posts})


def net(dossier: schema.Dossier, year: int) -> float:
    """Brute force: the case projected alone, its tidy table summed."""
    table = Projection(dossier, today=TODAY).table
    kept = table[
        (table["exercice"] == year)
        & table["clock"].isin(["engaged", "earned"])
        & (table["section"] == "fonctionnement")
    ]
    signs = kept["side"].map({"cost": 1, "funding": -1})
    return round(float((kept["amount"] * signs).sum()), 2)


# --- comparison ------------------------------------------------------------------------------------------


def test_each_column_is_the_case_projected_alone() -> None:
    names = ["mi-temps", "titularisation", "non-renouvellement", "smic=2%+maintien"]
    found = compare(artois(), *names, today=TODAY)

    assert found.years == (2026, 2027, 2028)
    for name in names:
        changed = artois().with_(name, today=TODAY)
        for year in found.years:
            assert found.net(found[name], [year]) == net(changed, year)
    assert found.net(found.base, [2027]) == net(artois(), 2027)


def explained(found: Comparison) -> list[tuple[str, int]]:
    """What the lines say and what the totals say, in cents, for each scenario and exercice."""
    wrong = []
    for v in found.variants:
        lines = found.differences(v)
        for year in found.years:
            said = sum(round(d.by_year[year] * 100) for d in lines)
            wanted = round(found.net(v, [year]) * 100) - round(found.net(found.base, [year]) * 100)
            if said != wanted:
                wrong.append((v.name, year))
    return wrong


def test_the_differences_of_the_artois_add_up_and_name_their_causes() -> None:
    found = compare(artois(), "non-renouvellement", sc.share({"A": 1, "B": 2}, rate=0.25), today=TODAY)
    assert explained(found) == []

    by_line = {d.line: d.total for d in found.differences("non-renouvellement")}
    assert by_line["are"] == pytest.approx(2 * 548 * 39.02, abs=0.005)
    assert by_line["traitement"] < 0
    shared = found.differences("partage")
    assert {d.group for d in shared} == {"autres_financements"}
    assert [d.by_year[2027] for d in shared] == [-17869.14, 0]  # a quarter of 71 476,56 €


ANY = (
    *("maintien", "mi-temps", "non-renouvellement", "titularisation", "remplacement=2"),
    *("smic=3%", "point=2%", "bonification", "fin-subvention=2025-06-15", "arret=2027-03-31"),
)


@given(dossiers(max_posts=3), st.data())
@few
def test_differences_add_up_for_any_case(dossier: schema.Dossier, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(ANY), min_size=1, max_size=2, unique=True))
    try:
        found = compare(
            dossier, *names, years=range(dossier.period.first, dossier.period.last + 1), today=TODAY
        )
    except InputFaults:
        return
    assert explained(found) == []


def test_the_cost_of_leaving_is_told_past_the_exercices_shown() -> None:
    """Shown to 2027 only: the 190 days of 2028 are told all the same."""
    short = artois().model_copy(update={"period": artois().period.model_copy(update={"last": 2027})})
    (variant,) = compare(short, "non-renouvellement", today=TODAY).variants

    assert [(one.exercice, one.are) for one in variant.leaving] == [
        (2027, pytest.approx(2 * 358 * 39.02, abs=0.005)),
        (2028, pytest.approx(2 * 190 * 39.02, abs=0.005)),
    ]


def test_without_a_name_the_scenarios_of_the_dossier_are_compared_else_the_usual_ones() -> None:
    own = (schema.Scenario(name="À deux", changes=(sc.share({"A": 1}, rate=0.5),)),)
    assert [v.name for v in compare(artois().model_copy(update={"scenarios": own})).variants] == ["À deux"]
    kept = ["Arrêt fin 2026", "Mi-temps, 30 % aux communes", "SMIC en hausse de 2 % par an"]
    assert [v.name for v in compare(artois(), today=TODAY).variants] == kept

    commune = compare(load(ROOT / "data/exemples/commune-fictive"), today=TODAY)
    assert {name for name, _ in commune.refused} == {"titularisation", "non-renouvellement"}


def test_costs_of_leaving_are_told_once_and_those_paid_later_apart() -> None:
    """Self-insured: an allowance of 548 days from July 2027 on goes past 2028; the agent who leaves before a vacancy
    is told as not priced."""
    found = plain(as_text(compare(artois(), "arret=2027-06-30", "remplacement=3", today=TODAY), "fr"))
    assert "de coûts de départ se paient après 2028, hors des écarts ci-dessus" in found
    assert "« Vacance de 3 mois », CN1 et CN2 : l'employeur est son propre assureur" in found
    assert found.count("Coût des départs, «") == 1


def test_the_decision_table_tells_the_dates_of_each_post() -> None:
    posts = [
        post([contract(date(2025, 1, 1), end, nature="projet")], code=code)
        for code, end in (("A", date(2027, 6, 30)), ("B", date(2028, 12, 31)))
    ]
    dossier = plan_of(*posts, first=2025, last=2028).dossier
    table = decide(dossier, today=TODAY)
    assert [end for _, end in table.deadlines.values()] == [date(2027, 6, 30), date(2028, 12, 31)]
    words = plain(as_text(table, "fr"))
    assert "A, à notifier avant : 30/04/2027, fin du contrat : 30/06/2027 ; B, " in words
    assert decide(dossier, post="B", today=TODAY).posts == ("B",)
    with pytest.raises(InputFaults, match="Écrire A ou B"):
        decide(dossier, post="C", today=TODAY)


@pytest.mark.parametrize(("agents", "told"), [(49, True), (99, True), (100, False), (2400, False)])
def test_the_threshold_of_the_fnal_is_a_matter_for_those_near_it(agents: int, told: bool) -> None:
    dossier = plan_of(post([contract(date(2025, 1, 1))]), first=2025, last=2028).dossier
    authority = dossier.authority.model_copy(update={"headcount": agents})
    found = sensitivity(dossier.model_copy(update={"authority": authority}), today=TODAY)
    assert ("fnal" in {s.factor.code for s in found.swings}) is told


def test_every_fault_of_every_scenario_named_is_told_at_once() -> None:
    with pytest.raises(InputFaults) as refusal:
        compare(artois(), "mi-tant", "smic=-1%", sc.keep("CN9"), today=TODAY)

    assert [f.code for f in refusal.value.faults] == ["unknown", "value_share", "change_post"]
    assert "mi-temps" in (refusal.value.faults[0].remedy or "")
    assert "smic=2" in (refusal.value.faults[1].remedy or "")  # how to write it, not another name


@pytest.mark.parametrize(
    ("typed", "example"),
    [
        ("fin-subvention", "fin-subvention=2026-12-31"),
        ("gel-cnracl=hier", "gel-cnracl=2026-12-31"),
        ("point=1000%", "point=2%"),
        ("heures=48", "heures=28 : plus de 0, 35 au plus"),
        ("remplacement=1,5", "remplacement=3"),
    ],
)
def test_the_example_of_a_value_is_of_the_scenario_typed(typed: str, example: str) -> None:
    with pytest.raises(InputFaults) as refusal:
        compare(artois(), typed, today=TODAY)
    assert example in plain(refusal.value.faults[0].remedy or "")


def test_a_contract_ended_before_its_term_is_told() -> None:
    """CN1 stopped on 30 June 2027; its contract was to last until the end of 2028."""
    (cut,) = compare(artois(), sc.stop("CN1", date(2027, 6, 30)), today=TODAY).cut_short

    assert (cut.post, cut.day, cut.end) == ("CN1", date(2027, 6, 30), date(2028, 12, 31))
    assert cut.owed == 0  # not a contrat de projet: of net pay, which the scenario may state
    assert compare(artois(), "arret", today=TODAY).cut_short == []


def test_a_contrat_de_projet_broken_costs_a_tenth_of_what_it_paid() -> None:
    """CN1 was hired on 1 January 2022: the indemnity, of the whole contract, is paid with November's salary."""
    found = compare(artois(), sc.stop("CN1", date(2026, 11, 30), are_days=0), today=TODAY)
    (variant,) = found.variants
    table = found.base.plan.table
    lines = ("traitement", "indemnite_differentielle", "indemnite_residence", "sft", "primes")
    paid = table[table["line"].isin(lines) & (table["post"] == "CN1") & (table["month"] < "2026-12")]

    (cut,) = found.cut_short
    assert cut.allowed_from == date(2023, 1, 1)
    assert cut.owed == pytest.approx(paid["amount"].sum() / 10, abs=0.005)
    assert [(one.exercice, one.broken) for one in variant.leaving] == [(2026, cut.owed)]
    assert {d.line: d.by_year[2026] for d in found.differences(variant)}["indemnite_rupture"] == cut.owed
    assert explained(found) == []
    assert "décret n° 88-145" in str(found).replace("\u00a0", " ")


def test_the_indemnity_of_a_break_can_be_stated() -> None:
    changes = [sc.stop(p, date(2026, 11, 30), are_days=0, indemnity=5000) for p in ("CN1", "CN2")]
    found = compare(artois(), changes, today=TODAY)

    assert [cut.owed for cut in found.cut_short] == [5000, 5000]
    assert [(one.exercice, one.broken) for one in found.variants[0].leaving] == [(2026, 10000)]


def test_a_comparison_is_shown_in_both_languages_and_as_a_table() -> None:
    found = compare(artois(), "mi-temps", "arret", today=TODAY)

    assert "Pourquoi « Mi-temps » s'écarte du dossier" in str(found).replace("\u00a0", " ")
    assert "Why 'Half time' departs from the case" in show(found, "en").text
    assert "Ircantec" in show(found, "fr", detail=True).text
    frame = found.to_frame()
    assert list(frame["scenario"].unique()) == ["", "mi-temps", "arret"]
    assert frame["net_cost"].sum() == pytest.approx(sum(found.net(v) for v in found.all))


# --- decision ---------------------------------------------------------------------------------------------


def test_the_mandate_ends_in_march_six_years_after_the_last_election() -> None:
    law = load_law()

    assert mandate_end(law, date(2026, 11, 24)) == date(2032, 3, 31)
    assert mandate_end(law, date(2026, 3, 14)) == date(2026, 3, 31)
    assert [y for y in range(2021, 2040) if election_year(law, y)] == [2026, 2032, 2038]


def test_each_choice_costs_over_each_span_what_the_case_projected_alone_costs() -> None:
    """One year, three, and five years and a quarter, on dossiers prolonged to 2032 one by one."""
    table = decide(artois(), today=TODAY)
    long = artois().model_copy(update={"period": artois().period.model_copy(update={"last": 2032})})

    for option in table.options:
        plan = Projection(long.with_(option.name, today=TODAY) if option.name else long, today=TODAY)
        frame = plan.by("month")["net_cost"]
        for span, last in zip(SPANS, ("2027-12-31", "2029-12-31", "2032-03-31"), strict=True):
            assert option.net[span] == pytest.approx(float(frame["2027-01-01":last].sum()), abs=0.005)
    assert table[""].net["one_year"] == net(artois(), 2027)
    assert table["maintien"].net["mandate"] == pytest.approx(5.25 * 71476.56, abs=0.02)


def test_the_days_of_no_return_are_the_notice_to_stop_and_the_end_of_contract_to_keep() -> None:
    """CN1's contract of five years asks three months' notice: 30 September 2026, missed at the report."""
    table = decide(artois(), today=TODAY)

    assert table["non-renouvellement"].no_return == date(2026, 9, 30)
    assert table["maintien"].no_return == date(2026, 12, 31)
    assert {o.notify_by for o in table.options} == {date(2026, 9, 30)}
    assert "30/09/2026 (passé)" in str(table)
    assert decide(artois(), post="CN2", today=TODAY).posts == ("CN2",)


def test_nothing_is_decided_where_no_contract_ends() -> None:
    table = decide(load(ROOT / "data/exemples/commune-fictive"), today=TODAY)

    assert table.posts == ()
    assert [o.name for o in table.options] == [""]
    assert "rien à décider" in str(table)


def test_the_share_to_cofund_is_the_least_that_will_do() -> None:
    table = decide(artois(), today=TODAY)
    kept = table["maintien"]
    assert kept.against_now is not None
    assert kept.against_now.reference == net(artois(), 2026)

    share, cost = kept.against_now.share, kept.net["one_year"]
    assert share is not None
    assert cost * (1 - share) <= kept.against_now.reference < cost * (1 - (share - 0.0001))
    shared = artois().with_("maintien", sc.share({"A": 1}, "egal", rate=share), today=TODAY)
    assert net(shared, 2027) <= kept.against_now.reference


def test_the_hours_are_the_most_that_will_do_by_brute_force() -> None:
    kept = decide(artois(), today=TODAY)["maintien"]
    assert kept.against_now is not None

    case = sc.Case(artois(), load_law(), TODAY)

    def at(hours: float) -> float:
        changed = sc.changed(case, schema.Scenario(name="x", changes=(sc.keep(), sc.hours(hours)))).dossier
        plan = Projection(changed, today=TODAY)
        return sum(plan.cents(["reste_fonctionnement"], date(2027, 1, 1), date(2027, 12, 31))) / 100

    reference = kept.against_now.reference
    assert kept.against_now.hours == max(h / 2 for h in range(1, 71) if at(h / 2) <= reference)
    assert at(21) == net(artois().with_(sc.keep(), sc.hours(21), today=TODAY), 2027)


@given(st.integers(-10_000, 100_000), st.integers(-10_000, 100_000))
def test_the_least_share_is_right_for_any_amounts(cents: int, reference: int) -> None:
    amount, limit = cents / 100, reference / 100
    share = least_share(amount, limit)

    if share is None:
        assert amount > limit
        assert amount <= 0 or limit < 0
    else:
        assert 0 <= share <= 1
        assert amount - amount * share <= limit + 1e-6
        assert share == 0 or amount - amount * (share - 0.0001) > limit


@given(st.integers(0, 70), st.integers(-5, 80))
def test_the_most_hours_are_found_whatever_the_reference(slope: int, limit: int) -> None:
    found = most_hours(lambda h: slope * h, limit)
    fits = [h / 2 for h in range(1, 71) if slope * h / 2 <= limit]

    assert found == (max(fits) if fits else None)


# --- sensitivity ------------------------------------------------------------------------------------------


def test_each_swing_is_the_difference_of_two_cases_projected_alone() -> None:
    found = sensitivity(artois(), today=TODAY)
    start = date(2027, 1, 1)
    alone = {
        "smic": artois().with_(sc.smic(0.02, start)),
        "point": artois().with_(sc.point(0.02, start)),
        "points": artois().with_(sc.points(10, since=start)),
        "vacancy": artois().with_(sc.replace(3)),
        "psc": artois().with_(sc.psc(15, since=start)),
    }
    swings = {s.factor.code: s for s in found.swings}

    assert found.net == net(artois(), 2027)
    for code, dossier in alone.items():
        assert swings[code].high == net(dossier, 2027), code  # type: ignore[index]
        assert swings[code].low == found.net  # type: ignore[index]
    part, whole = (net(artois().with_(sc.hours(h, since=start)), 2027) for h in (28, 35))
    assert (swings["hours"].low, swings["hours"].high) == (part, whole)
    below = net(artois().with_(sc.legal_value("fnal_seuil_effectif", start, 51)), 2027)
    assert (swings["fnal"].low, swings["fnal"].high) == (below, found.net)
    assert "grant" not in swings  # no grant is left in 2027
    assert [abs(s.swing) for s in found.swings] == sorted((abs(s.swing) for s in found.swings), reverse=True)


def test_one_agent_is_spoken_of_in_the_singular() -> None:
    """IM 373: 1 836,20 € a month, below the minimum wage of 1 867,02 €."""
    found = sensitivity(just(), today=TODAY)

    assert (found.floor.agents, found.floor.under) == (1, 1)
    assert "sous le SMIC pour l'agent en poste :" in found.words()[0].replace("\u00a0", " ")
    assert "for the agent in post:" in found.words("en")[0]
    assert [variant_name(f"remplacement={n}", "en").replace("\u00a0", " ") for n in (1, 3)] == [
        "Vacancy of 1 month",
        "Vacancy of 3 months",
    ]


@pytest.mark.parametrize("headcount", [49, 50])
def test_the_threshold_of_the_fnal_says_which_value_is_which_case(headcount: int) -> None:
    """IM 400 and 100 € of bonus: 2 069,11 € a month; 0,5 % − 0,1 %: 12 × (10,35 − 2,07) = 99,36 € an agent."""
    dossier = at_index(400)
    authority = dossier.authority.model_copy(update={"headcount": headcount})
    found = sensitivity(dossier.model_copy(update={"authority": authority}), today=TODAY)
    swing = next(s for s in found.swings if s.factor.code == "fnal")

    assert (swing.low, swing.high)[headcount == 50] == found.net
    assert (found.floor.agents, swing.swing) == (2, 198.72)
    assert factor_label(swing.factor, "fr").replace("\u00a0", " ") == (
        "Seuil du FNAL (de moins de 50 agents à 50 ou plus)"
    )
    assert factor_label(swing.factor, "en").replace("\u00a0", " ") == (
        "FNAL threshold (from under 50 agents to 50 or more)"
    )


def test_two_factors_together_are_each_pair_projected_alone() -> None:
    found = two_way(artois(), ("smic", (0.0, 0.02)), ("point", (0.0, 0.03)), today=TODAY)

    for b, row in zip((0.0, 0.03), found.nets, strict=True):
        for a, amount in zip((0.0, 0.02), row, strict=True):
            changes = [*([sc.smic(a)] if a else []), *([sc.point(b)] if b else [])]
            changed = artois().with_(*changes, today=TODAY) if changes else artois()
            assert amount == net(changed, 2027)
    assert found.to_frame().shape == (2, 2)


def test_at_a_low_index_the_minimum_wage_drives_the_cost_up_to_the_rise_that_is_told() -> None:
    """1 867,02 / 1 836,20 = 1,01678: up to 1,6 % the point costs nothing; at 1,7 % it does."""
    found = sensitivity(artois(), today=TODAY)

    assert (found.floor.agents, found.floor.under, found.floor.smic_free) == (2, 2, None)
    assert found.floor.point_free == pytest.approx(1867.02 / 1836.20 - 1, abs=1e-9)
    said = found.words()[0].replace("\u00a0", " ")
    assert "c'est le SMIC qui fait le coût" in said
    assert "+1 % de point : 0 €" in said
    assert "ne dépasse pas 1,6 %" in said
    assert net(artois().with_(sc.point(0.016)), 2027) == found.net
    assert net(artois().with_(sc.point(0.018)), 2027) > found.net


def test_at_a_high_index_the_point_drives_the_cost() -> None:
    """IM 400: 1 969,11 € a month, 5,4 % above the minimum wage."""
    found = sensitivity(at_index(400), today=TODAY)
    said = found.words()[0].replace("\u00a0", " ")

    assert found.floor.under == 0
    assert "c'est le point qui fait le coût" in said
    assert "+1 % de SMIC : 0 €" in said
    assert "ne dépasse pas 5,4 %" in said
    assert net(at_index(400).with_(sc.smic(0.054)), 2027) == found.net
    assert net(at_index(400).with_(sc.smic(0.056)), 2027) > found.net
    assert found.unit_rises["point"] > 0


def test_between_the_two_both_count() -> None:
    mixed = at_index(400).model_copy(update={"posts": (artois().posts[0], at_index(400).posts[1])})
    found = sensitivity(mixed, today=TODAY)

    assert (found.floor.agents, found.floor.under) == (2, 1)
    assert "SMIC et point comptent tous deux" in found.words()[0]
    assert min(found.unit_rises.values()) > 0


def test_without_an_agent_nothing_drives_the_cost() -> None:
    gone = artois().with_(sc.not_renewed(are_days=0))

    assert "Aucun agent en 2027" in sensitivity(gone, today=TODAY).words()[0]


@given(dossiers(max_posts=2))
@few
def test_the_answer_is_true_at_any_index(dossier: schema.Dossier) -> None:
    """Where the answer gives a free rise of the point or of the minimum wage, index pay and its top-up prove it."""
    found = sensitivity(dossier, FACTORS[:1], today=TODAY)
    free = found.floor.point_free
    if free is None or not found.floor.agents:
        return
    base, risen = (
        Projection(d, today=TODAY)
        for d in (
            dossier,
            dossier.with_(sc.point(min(free, 1.0) * 0.9, date(found.exercice, 1, 1)), today=TODAY),
        )
    )
    if found.exercice not in base.exercices:
        return
    days = date(found.exercice, 1, 1), date(found.exercice, 12, 31)
    before, after = (p.cents(["traitement", "indemnite_differentielle"], *days) for p in (base, risen))
    for a, b in zip(before, after, strict=True):
        assert abs(a - b) <= 24  # a cent of rounding a month on each of two lines


def test_the_tornado_is_drawn_with_its_words() -> None:
    found = sensitivity(
        artois(), (Factor("smic", None, 0.02, "share"), Factor("point", None, 0.01, "share")), today=TODAY
    )
    chart = found.chart()

    assert "SMIC (+2\u00a0%)" in chart.title
    assert "+1\u202f234\u00a0€" in chart.alt
    assert chart.render("png").startswith(b"\x89PNG")
    assert show(chart, "fr").text.startswith(chart.alt)
    assert "rise of the point" in show(found, "en").text


# --- command line -------------------------------------------------------------------------------------------


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conseiller", "compare", str(ROOT / "data/campagnes-artois"), *words],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_compares_decides_and_tells_what_moves() -> None:
    done = run("--scenario", "mi-temps", "--decision", "--sensibilite")
    said = done.stdout.replace("\u00a0", " ").replace("\u202f", " ")

    assert done.returncode == 0
    assert "38 978,40 €" in said
    assert "Tableau de décision" in said
    assert "c'est le SMIC qui fait le coût" in said


def test_the_command_refuses_an_unknown_scenario_with_status_2() -> None:
    done = run("--scenario", "mi-tant", "--lang", "en")

    assert done.returncode == 2
    assert "'mi-tant' names no scenario" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("words", ["'--list'", "'--scenario', 'mi-tant'"])
def test_names_and_faults_load_neither_pandas_nor_matplotlib(words: str) -> None:
    code = (
        f"import sys; sys.argv = ['conseiller', 'compare', sys.argv[1], {words}]\n"
        "from conseiller.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([m for m in ('pandas', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(ROOT / "data/campagnes-artois")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.rstrip().endswith("[]")


def test_the_check_of_a_dossier_says_which_scenarios_it_does_not_allow(tmp_path: Path) -> None:
    gone = schema.Scenario(name="Trop tard", changes=(sc.cut_grant(date(2029, 1, 1)),))
    save(artois().model_copy(update={"scenarios": (gone,)}), tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "conseiller", "check", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "Trop tard" in done.stdout
    assert "plus aucune subvention" in " ".join(done.stdout.split())


def test_the_public_face_offers_them() -> None:
    assert cn.compare is compare
    assert cn.decide is decide
    assert cn.sensitivity is sensitivity
    assert cn.two_way is two_way


def test_the_name_that_a_dossier_gives_is_shown_as_it_is() -> None:
    assert variant_name("SMIC +2 % par an", "fr") == "SMIC +2 % par an"
    assert variant_name("arret=demain", "fr") == "arret=demain"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("maintien+smic=2%", "Maintien + SMIC +2 %"),
        ("point=0,5%", "Point +0,5 %"),
        ("heures=17,5:CN1", "17,5 h par semaine (CN1)"),
        ("arret=2026-12-31", "Arrêt après le 31/12/2026"),
        ("remplacement=3:CN1", "Vacance de 3 mois (CN1)"),
        ("recrutement=2027-03-01", "Recrutement le 01/03/2027"),
        ("partage=30%", "30 % aux communes"),
        ("fin-subvention=2026-06-30", "Sans subvention dès le 30/06/2026"),
        ("gel-cnracl=2026-12-31", "CNRACL gelée au 31/12/2026"),
        ("mi-temps:CN2 (2)", "Mi-temps (CN2) (2)"),
        ("smic", "Hausse du SMIC"),
    ],
)
def test_a_ready_scenario_is_said_in_words(typed: str, said: str) -> None:
    assert " ".join(variant_name(typed, "fr").split()) == said  # narrow spaces told apart elsewhere


def test_a_share_typed_by_name_is_that_of_the_reste_a_charge() -> None:
    """The communes pay 30 % of what is left from 1 January 2027 on, and nothing before."""
    found = compare(artois(), "partage=30%", today=TODAY)
    (shared,) = found.variants
    before, after = (v.sums["net_cost"] for v in (found.base, shared))
    assert float(after[2026]) == float(before[2026])
    for year in (2027, 2028):
        assert float(after[year]) == pytest.approx(0.7 * float(before[year]), abs=0.01)
    for nonsense in ("partage", "partage=0", "partage=130%", "partage=beaucoup", "partage=-5%"):
        with pytest.raises(InputFaults) as refused:
            compare(artois(), nonsense, today=TODAY)
        assert [f.code for f in refused.value.faults] == ["value_part"]


def test_what_each_commune_pays_is_told_and_adds_up() -> None:
    """3,50 € by inhabitant: 2 100 and 1 600 inhabitants pay 7 350 and 5 600 € a year, from 2027 on."""
    priced = sc.share({"Avesnes": 2100, "Aubigny": 1600}, unit_price=3.5)
    equal = sc.share({"Avesnes": 1, "Aubigny": 1, "Habarcq": 1}, "egal", rate=0.3)
    found = compare(artois(), [sc.half_time(), priced, equal], today=TODAY)
    (variant,) = found.variants
    paid = by_commune(found, variant)
    assert list(paid) == [2027, 2028]
    for year, communes in paid.items():
        added = variant.sums["other_funding"][year] - found.base.sums["other_funding"][year]
        assert round(sum(communes.values()), 2) == round(float(added), 2)
        third = communes["Habarcq"]
        assert communes["Avesnes"] == pytest.approx(7350 + third, abs=0.01)
        assert communes["Aubigny"] == pytest.approx(5600 + third, abs=0.01)
    told = sheet(found, "fr").text()
    assert "Ce que paie chaque commune" in told
    assert "Habarcq" in told
    assert (
        "Ce que paie chaque commune" not in sheet(compare(artois(), "partage=30%", today=TODAY), "fr").text()
    )


def test_a_case_that_leaves_out_the_unemployment_allowance_is_told_beside_what_stopping_costs() -> None:
    """One post whose project contract ends in 2028, the employer its own insurer: stopping costs the allowance."""
    from builders import just

    own = just()
    agent = own.posts[0].contracts[0].model_copy(update={"are_days": 548})
    priced = own.model_copy(update={"posts": (own.posts[0].model_copy(update={"contracts": (agent,)}),)})

    said = [as_text(cn.compare(case, "non-renouvellement", today=TODAY), "fr") for case in (own, priced)]

    told = ["n'est pas chiffrée dans le dossier" in text for text in said]
    assert told == [True, False]
