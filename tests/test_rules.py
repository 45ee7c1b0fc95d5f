"""The rules: rounding, contributions against an independent model, sums, explanations."""

from __future__ import annotations

import csv
import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import MONTH_BY_HAND, contract, plan_of, post
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import dossiers

import conseiller as cn
from conseiller.dossier import schema, warnings
from conseiller.explain import Explanation
from conseiller.law import load_law
from conseiller.projection import Projection
from conseiller.rules.algebra import cents, name
from conseiller.rules.registry import REGISTRY

TODAY = date(2026, 11, 24)
DATA = Path(__file__).parent.parent / "data"


def half_up(x: Decimal) -> Decimal:
    return x.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


# --- rounding ----------------------------------------------------------------------------------------


@settings(max_examples=3000, deadline=None)
@given(st.integers(-100_000_000, 100_000_000), st.integers(0, 100_000))
def test_cents_of_an_amount_times_a_rate_is_decimal_half_away_from_zero(amount: int, rate: int) -> None:
    exact = half_up(Decimal(amount) / 100 * Decimal(rate) / 100_000)
    assert Decimal(f"{cents(amount / 100 * (rate / 100_000)):.2f}") == exact


@pytest.mark.parametrize(
    ("amount", "rounded"), [(0.125, 0.13), (-0.125, -0.13), (1.005, 1.01), (2.675, 2.68), (1234.565, 1234.57)]
)
def test_half_cents_go_away_from_zero(amount: float, rounded: float) -> None:
    assert cents(amount) == rounded
    assert cents(np.array([amount]))[0] == rounded


def test_a_small_negative_amount_is_never_minus_zero() -> None:
    assert str(cents(-0.001)) == "0.0"
    assert str(cents(np.array([-0.001]))[0]) == "0.0"


def test_a_symbol_refuses_what_has_no_formula() -> None:
    symbol = name("pay")
    with pytest.raises(TypeError, match="where"):
        max(symbol, 0)
    with pytest.raises(TypeError, match="sqrt"):
        np.sqrt(symbol)
    with pytest.raises(TypeError):
        len(symbol)


# --- contributions -------------------------------------------------------------------------------------


def test_the_month_worked_by_hand_comes_out_line_by_line() -> None:
    cost = cn.employer_cost("2026-01", index=373, headcount=20, bonus=100.0)
    by_hand = MONTH_BY_HAND | {"indemnite_differentielle": 0.0}
    assert {line: float(cost[line]) for line in by_hand} == by_hand
    assert round(float(cost.sum()), 2) == 2658.04
    assert sum(float(v) for k, v in cost.items() if k not in by_hand) == 0


#: Line of ours, column of the independent model. Known differences are said in docs/sources.md.
_ORACLE = {
    "traitement": "tib",
    "maladie": "corr_maladie",
    "vieillesse_plafonnee": "of_vieillesse_plafonnee",
    "vieillesse_deplafonnee": "of_vieillesse_deplafonnee",
    "allocations_familiales": "of_famille",
    "csa": "of_csa",
    "fnal": "of_fnal",
    "ircantec": "of_ircantec",
    "cnracl": "corr_cnracl",
    "atiacl": "of_atiacl",
    "rafp": "of_rafp",
    "cnfpt": "ext_cnfpt_0_9pct",
    "apprentissage": "ext_cnfpt_apprentissage",
    "cdg": "ext_cdg_0_8pct",
}


def test_contributions_agree_with_an_independent_model(shared_sample: object) -> None:
    path = shared_sample("domain/oracle_cases.csv")  # type: ignore[operator]
    compared = 0
    for row in csv.DictReader(Path(path).read_text("utf-8").splitlines()):
        status = "contractuel" if "non_titulaire" in row["categorie"] else "titulaire"
        cost = cn.employer_cost(
            row["month"],
            index=int(row["im"]),
            quotite=float(row["quotite"]),
            status=status,  # type: ignore[arg-type]
            headcount=int(row["effectif"]),
            bonus=float(row["primes"]),
            rates=cn.EmployerRates(at_mp=0.0, cdg=0.008),
        )
        if float(cost["indemnite_differentielle"]) or float(row["sft"]):
            continue  # the model has no indemnité différentielle, and puts the SFT elsewhere
        for line, column in _ORACLE.items():
            assert float(cost[line]) == pytest.approx(float(row[column]), abs=0.02), (row["case"], line)
            compared += 1
    assert compared >= 9 * len(_ORACLE)


#: Worked by hand in docs/worked-cases.md style, kept apart: (month, index, share, status, headcount, bonus) and lines.
_ASIDE = [
    # SMIC 1 867,02 above 1 801,74: difference 65,28; gross 1 867,02; 13 % = 242,7126; 8,55 % = 159,63021
    (
        ("2026-07", 366, "contractuel", 10, 0.0),
        {"indemnite_differentielle": 65.28, "maladie": 242.71, "vieillesse_plafonnee": 159.63},
    ),
    # 420 × 59,0734 / 12 = 2 067,569; 34,65 % of 2 067,57 = 716,413; 9,88 % = 204,2759; RAFP 5 % of min(200 ; 413,514) = 10
    (
        ("2025-03", 420, "titulaire", 60, 200.0),
        {"traitement": 2067.57, "cnracl": 716.41, "maladie": 204.28, "rafp": 10.0, "ircantec": 0.0},
    ),
    # 600 × 59,0734 / 12 = 2 953,67; + 1 500 = 4 453,67 above 3 925: A 164,85 ; B 528,67 × 12,55 % = 66,348
    (
        ("2025-06", 600, "contractuel", 60, 1500.0),
        {"traitement": 2953.67, "ircantec": 231.20, "vieillesse_plafonnee": 335.59, "fnal": 22.27},
    ),
]


@pytest.mark.parametrize(("case", "lines"), _ASIDE, ids=lambda c: str(c[0]) if isinstance(c, tuple) else "")
def test_cases_kept_aside(case: tuple[str, int, str, int, float], lines: dict[str, float]) -> None:
    month, index, status, headcount, bonus = case
    cost = cn.employer_cost(month, index=index, status=status, headcount=headcount, bonus=bonus)  # type: ignore[arg-type]
    assert {k: float(cost[k]) for k in lines} == lines


def test_part_time_pay_is_six_sevenths_at_eighty_percent_and_pro_rata_for_part_hours() -> None:
    full = float(cn.employer_cost("2026-01", index=420, headcount=20)["traitement"])
    part_time = cn.employer_cost(
        "2026-01", index=420, headcount=20, quotite=0.8, working_time="temps_partiel"
    )
    part_hours = cn.employer_cost("2026-01", index=420, headcount=20, quotite=0.8)
    assert float(part_time["traitement"]) == float(half_up(Decimal(str(full)) * 6 / 7))
    assert float(part_hours["traitement"]) == float(half_up(Decimal(str(full)) * 28 / 35))


# --- sums ----------------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(dossiers())
def test_exercices_grant_years_posts_and_lines_add_up_to_the_same_total(dossier: cn.Dossier) -> None:
    plan = Projection(dossier, today=TODAY)
    views = [
        plan.by("exercice"),
        plan.by("grant_year"),
        plan.by("post"),
        plan.by("month"),
        plan.by("line"),
        plan.by("account"),
    ]
    totals = [(v.sum() * 100).round().astype(int).to_dict() for v in views]
    assert all(t == totals[0] for t in totals)
    total = totals[0]
    assert total["net_cost"] == total["cost"] - total["grant"] - total["other_funding"]
    assert not plan.table["amount"].isna().any()


@settings(max_examples=30, deadline=None)
@given(st.dates(date(2021, 1, 1), date(2024, 12, 31)))
def test_months_of_a_grant_year_add_up_whatever_the_anchor(anchor: date) -> None:
    from conseiller.dossier import schema

    granted = schema.Convention(code="V2", generation="v2_collectivite", financing_start=anchor)
    table = plan_of(post([contract(anchor)], [granted]), last=2028).table
    earned = table[(table["line"] == "subvention_etat") & (table["clock"] == "earned")]
    sums = (earned.groupby("grant_year")["amount"].sum()).round(2).to_dict()
    assert sums == {"V2-1": 17500.0, "V2-2": 12500.0, "V2-3": 12500.0}


# --- explanations --------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["campagnes-artois", "exemples/departement-fictif"])
def test_every_explanation_evaluates_again_to_its_amount(case: str) -> None:
    plan = Projection(cn.load(DATA / case), today=TODAY)
    lines = [line.code for line in plan.lines() if line.code in plan.law.lines]
    checked = 0
    for code in plan.posts:
        for month in ("2024-06", "2025-12", "2026-07"):
            for line in lines:
                explanation = plan.explain(code, month, line)
                assert explanation.evaluate() == pytest.approx(explanation.value, abs=1e-9), (
                    code,
                    month,
                    line,
                )
                checked += 1
    assert checked == len(plan.posts) * 3 * len(lines)


def printed_value(explanation: Explanation) -> float:
    """Evaluate the printed calculation as a reader would, from its text alone."""
    text = explanation.formula.removeprefix("= ").replace("\u202f", "").replace("\u00a0", " ")
    text = re.sub(r"(\d),(\d)", r"\1.\2", text)
    text = re.sub(r"([\d.]+) %", r"(\1/100)", text)
    for word, sign in (("×", "*"), ("÷", "/"), ("−", "-"), (" ;", ",")):
        text = text.replace(word, sign)
    return float(eval(text, {"min": min, "max": max, "arrondi": cents}))


def test_the_printed_steps_can_be_computed_again() -> None:
    plan = Projection(cn.load(DATA / "campagnes-artois"), today=TODAY)
    explanation = plan.explain("CN2", "2025-03", "ircantec")
    steps = [s for s in explanation.walk() if s.formula and s.unit == "euros" and "/" not in s.formula]
    assert len(steps) >= 8
    for step in steps:
        assert printed_value(step) == pytest.approx(step.value, abs=1e-6), step.formula


def test_an_explanation_reaches_the_law_and_the_dossier_and_names_the_branch_not_taken() -> None:
    plan = Projection(cn.load(DATA / "campagnes-artois"), today=TODAY)
    explanation = plan.explain("CN2", "2025-03", "ircantec")
    leaves = [s for s in explanation.walk() if not s.steps]
    assert any(s.kind == "law" and "Arrêté du 30 décembre 1970" in s.source and s.link for s in leaves)
    assert any(s.kind == "dossier" and "hypothèse" in s.source for s in leaves)
    assert any("Écarté" in note or "écarté" in note for s in explanation.walk() for note in s.notes)


def test_sums_over_a_year_or_a_grant_year_are_explained_by_their_months() -> None:
    plan = Projection(cn.load(DATA / "campagnes-artois"), today=TODAY)
    year = plan.explain("CN2", "V2-1", "subvention_etat")
    assert year.value == 17500.0 == year.evaluate()
    assert len(year.steps) == 12
    total = plan.explain(None, "2025", "net_cost")
    assert total.value == pytest.approx(float(plan.by("exercice").loc[2025, "net_cost"]))


# --- law -----------------------------------------------------------------------------------------------


def test_every_look_up_names_a_table_and_every_table_is_sourced() -> None:
    law = load_law()
    for table in law.tables.values():
        assert table.entries[0].start <= date(2021, 1, 1) or table.parameter.startswith("grille_")
        assert all(e.reference for e in table.entries)
        assert all(e.planned == (e.start > table.checked_until) for e in table.entries if e.origin == "law")
        assert {"fr", "en"} <= set(table.label)


def test_every_rule_says_where_it_comes_from_or_is_mere_arithmetic() -> None:
    lines = [c for c in REGISTRY.columns("month") if c.group == "line" and c.function]
    assert len(lines) >= 25
    assert [c.name for c in lines if not c.source] == []


def test_the_are_rests_on_the_months_shown_when_they_cut_the_24_months() -> None:
    """SMIC of 1 823,03 from January to May, 1 867,02 from June to August 2026: 14 716,21 over 243 days.

    By day 60,5605…; 40,4 % + 13,18 = 37,6465 is better than 57 % (34,5195) and below 75 % (45,42): 37,65.
    The seven waiting days leave 23 days of September: 865,95.
    """
    contract = schema.Contract(
        start=date(2022, 9, 1),
        end=date(2026, 8, 31),
        are_days=600,
        terms=(schema.PayTerm(start=date(2022, 9, 1), index=352),),
    )
    dossier = schema.Dossier(
        authority=schema.Authority(name="Essai", headcount=11),
        period=schema.Period(first=2026, last=2027, report_date=date(2026, 11, 24)),
        posts=(schema.Post(code="P1", contracts=(contract,)),),
    )
    plan = Projection(dossier, today=date(2026, 11, 24))
    table = plan.table
    are = table[table["line"] == "are"].set_index("month")["amount"]
    assert are.iloc[0] == 865.95
    assert are.iloc[1] == 1167.15  # 31 days
    (said,) = [w for w in warnings(dossier) if "24 derniers mois" in w]
    assert "depuis janvier 2026" in said
    assert "dès 2024" in said


def broken(first: int = 2026, **fields: Any) -> Projection:
    """An agent at index 500 (2 461,39) with 200 euros of bonus, who leaves on 30 June 2026: 2 661,39 a month."""
    values: dict[str, Any] = {"start": date(2026, 1, 1), "end": date(2026, 6, 30), "broken": True}
    values |= fields
    terms = (schema.PayTerm(start=values["start"], index=500, bonus=200),)
    contract = schema.Contract(terms=terms, **values)
    dossier = schema.Dossier(
        authority=schema.Authority(name="Essai", headcount=11),
        period=schema.Period(first=first, last=2026, report_date=date(2026, 11, 24)),
        posts=(schema.Post(code="P1", contracts=(contract,)),),
    )
    return Projection(dossier, today=date(2026, 11, 24))


def indemnity(plan: Projection) -> dict[str, float]:
    mine = plan.table[plan.table["line"] == "indemnite_rupture"]
    assert set(mine["account"]) <= {"64136"}
    return {f"{m:%Y-%m}": a for m, a in zip(mine["month"], mine["amount"], strict=True)}


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, {"2026-06": 1596.83}),  # a tenth of 6 × 2 661,39 = 15 968,34
        ({"end": date(2026, 6, 15)}, {"2026-06": 1463.77}),  # five months and fifteen thirtieths: 14 637,65
        ({"broken": False}, {}),
        ({"nature": "autre"}, {}),  # of net pay, which is not computed: to be stated
        ({"nature": "autre", "break_pay": 1800.0}, {"2026-06": 1800.0}),
        ({"break_pay": 900.0}, {"2026-06": 900.0}),  # what is stated comes before the law
        ({"status": "titulaire", "nature": "autre"}, {}),
        ({"end": None}, {}),
        # 365 days, of which the 181 shown pay 15 968,34: 32 201,35 in all, and a tenth of it.
        ({"start": date(2025, 7, 1)}, {"2026-06": 3220.14}),
    ],
)
def test_the_indemnity_of_a_contract_broken_before_its_term(
    fields: dict[str, Any], found: dict[str, float]
) -> None:
    plan = broken(**fields)

    assert indemnity(plan) == found
    spent = plan.by("exercice")["cost"].sum()
    without = broken(**(fields | {"broken": False, "break_pay": 0.0})).by("exercice")["cost"].sum()
    assert spent - without == pytest.approx(sum(found.values()), abs=0.001)


def test_the_whole_contract_shown_gives_the_indemnity_of_all_that_was_paid() -> None:
    """Twelve months at 2 661,39 are 31 936,68."""
    assert indemnity(broken(2025, start=date(2025, 7, 1))) == {"2026-06": 3193.67}
    assert [w for w in warnings(broken(start=date(2025, 7, 1)).dossier) if "indemnité de rupture" in w] != []
    assert [w for w in warnings(broken(nature="autre").dossier) if "indemnite_rupture" in w] != []


def test_the_indemnity_of_a_break_is_no_pay_and_leaves_the_contributions_alone() -> None:
    before, after = broken(broken=False).table, broken().table
    kept = after[after["line"] != "indemnite_rupture"]
    assert kept["amount"].tolist() == before["amount"].tolist()
