"""What an explanation says in words: the grant year by its name, no plumbing, plain French."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from builders import MONTH_BY_HAND, contract, convention, just, plan_of, post

from conseiller.dossier import load, schema
from conseiller.explain._values import fraction
from conseiller.messages import LANGUAGES, Lang
from conseiller.projection import Projection

TODAY = date(2026, 11, 24)
DATA = Path(__file__).resolve().parents[1] / "data"


@pytest.fixture(scope="module")
def plan() -> Projection:
    return Projection(just(), today=TODAY)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_grant_year_is_called_by_its_name(plan: Projection, lang: Lang) -> None:
    # October 2026 is the second month of the second year: 60 thirtieths have elapsed after it, 30 before.
    said = "\n".join(plan.explain("CN1", "2026-10", "subvention_etat", lang).lines()).replace("\u00a0", " ")
    year = {"fr": "Année V2-2 : ", "en": "Year V2-2: "}[lang]
    assert f"{year}{'subvention acquise' if lang == 'fr' else 'grant earned'} = " in said
    after, before = (
        ("trentièmes écoulés après", "trentièmes écoulés avant")
        if lang == "fr"
        else ("thirtieths elapsed after", "thirtieths elapsed before")
    )
    assert f"{year}{after} = 60" in said
    assert f"{year}{before} = 30" in said
    assert "l'an 0" not in said
    assert "year 0" not in said


def test_a_case_set_aside_says_what_it_would_take(plan: Projection) -> None:
    explained = plan.explain("CN1", "2026-10", "ircantec")
    said = "\n".join(explained.lines()).replace("\u00a0", " ")
    assert "Cas écarté : 0 ; il supposerait : Affilié à la CNRACL (ici : non)." in said
    assert "faute de" not in said
    assert explained.evaluate() == explained.value


def test_an_index_not_typed_is_not_told_when_a_grade_is_given() -> None:
    term = schema.PayTerm(start=date(2025, 9, 1), grade="C1", step=3, source="hypothèse")
    contract = just().posts[0].contracts[0].model_copy(update={"terms": (term,)})
    post = just().posts[0].model_copy(update={"contracts": (contract,)})
    plan = Projection(just().model_copy(update={"posts": (post,)}), today=TODAY)
    explained = plan.explain("CN1", "2026-10", "traitement")
    assert "Indice majoré saisi" not in "\n".join(explained.lines())
    assert "C1" in "\n".join(explained.lines())
    assert "Indice majoré saisi" in "\n".join(explained.lines(complete=True))


@pytest.mark.parametrize(
    ("month", "said"),
    [
        ("2023-12", "Le financement ne commence que le 1er janvier 2024."),
        ("2025-03", "vacant à compter du 1er février 2025, au-delà des 3 mois tolérés"),
        ("2025-10", "le poste est rendu le 1er mai 2025"),
        ("2024-07", "Personne n'est en poste ce mois-là"),
    ],
)
def test_a_month_without_grant_says_why(month: str, said: str) -> None:
    """In post from January to June 2024, from August 2024 to January 2025, and from September 2025 on."""
    stays = [
        (date(2024, 1, 1), date(2024, 6, 30)),
        (date(2024, 8, 1), date(2025, 1, 31)),
        (date(2025, 9, 1), None),
    ]
    agents = [contract(*stay) for stay in stays]
    plan = plan_of(post(agents, [convention(date(2024, 1, 1))]), first=2023, last=2026)

    found = plan.explain("P1", month, "grant")

    assert found.value == 0
    assert said in str(found).replace("\xa0", " ")
    paid = plan.explain("P1", "2024-02", "grant")
    assert paid.value > 0
    assert "Personne" not in str(paid)


def test_a_bound_that_does_not_bind_is_left_out_of_the_calculation() -> None:
    """A grant year of 360 thirtieths, never below 1; tranche B of Ircantec, nothing at that pay, never below 0."""
    plan = plan_of(post([contract(date(2024, 1, 1))], [convention(date(2024, 1, 1))]), first=2024, last=2026)

    grant = str(plan.explain("P1", "2024-03", "grant"))
    ircantec = str(plan.explain("P1", "2024-03", "ircantec"))

    assert "÷ 360" in grant
    assert "max(360" not in grant
    assert "; 0)" in ircantec  # here the bound holds: the pay is below the ceiling


def spaced(explained: object) -> str:
    return str(explained).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_month_within_one_grant_year_says_nothing_of_a_second(plan: Projection, lang: Lang) -> None:
    explained = plan.explain("CN1", "2026-10", "subvention_etat", lang)
    said = spaced(explained)
    assert {"fr": "2e année", "en": "2nd year"}[lang] not in said
    assert "+ 0" not in said
    assert explained.evaluate() == explained.value


def test_a_month_over_two_grant_years_names_both() -> None:
    # The years begin on the 16th: 15 thirtieths of each in September 2025.
    of = plan_of(post([contract(date(2024, 9, 16))], [convention(date(2024, 9, 16))]), first=2024, last=2026)
    explained = of.explain("P1", "2025-09", "subvention_etat")
    said = spaced(explained)
    # 17 500 × 15 / 360 and 12 500 × 15 / 360.
    assert "= arrondi(729,17 + 520,83)" in said
    assert "Année V2-1 : subvention acquise = 729,17 €" in said
    assert "Année V2-2 : subvention acquise = 520,83 €" in said


def test_amounts_of_nought_are_left_out_of_a_sum() -> None:
    # January 2026: the lines of the month worked by hand, and no other.
    of = plan_of(post([contract(date(2026, 1, 1))]), first=2026, last=2026)
    explained = of.explain("P1", "2026-01", "pay")
    first = spaced(explained).splitlines()[1]
    assert first.count("+") == len(MONTH_BY_HAND) - 1
    assert "0,00" not in re.split(r"[ (+)]+", first)
    assert explained.evaluate() == explained.value
    # Nothing is left to compute of a bonus without CIA: its operand is the figure itself.
    bonus = spaced(of.explain("P1", "2026-01", "primes")).splitlines()
    assert bonus[0] == "Primes et indemnités (RIFSEEP) = 100,00 €"
    assert not bonus[1].strip().startswith("=")


def test_the_terms_of_a_sum_over_months_and_posts_are_told_one_a_line() -> None:
    posts = [post([contract(date(2026, 1, 1))], code=code) for code in ("P1", "P2")]
    of = plan_of(*posts, first=2026, last=2026)
    lines = spaced(of.explain(None, "2026", "traitement")).splitlines()
    assert lines[0] == "Traitement indiciaire – 2026 = 44 068,80 €"  # 24 months at 1 836.20
    assert lines[1] == "  = 1 836,20 (P1, janvier 2026)"
    assert lines[2] == "  + 1 836,20 (P1, février 2026)"
    assert lines[24] == "  + 1 836,20 (P2, décembre 2026)"
    assert len([line for line in lines if line.startswith(("  = ", "  + "))]) == 24
    html = of.explain(None, "2026", "traitement")._repr_html_().replace("\u00a0", " ").replace("\u202f", " ")
    assert "+ 1 836,20 (P2, décembre 2026)</div>" in html


def test_a_share_without_a_short_decimal_is_told_as_a_fraction() -> None:
    assert [fraction(v) for v in (16 / 30, 17 / 31, 6 / 7, 0.8, 1.0, 0.0, 373.0, 0.1234567)] == [
        "16/30",
        "17/31",
        "6/7",
        *[""] * 5,
    ]
    # Arrived on 15 January 2024: 17 of the 31 days count for the ceiling of 3 864 €.
    of = plan_of(post([contract(date(2024, 1, 15))]), first=2024, last=2024)
    explained = of.explain("P1", "2024-01", "plafond")
    said = spaced(explained)
    assert "= arrondi(3 864,00 × 1 × (17/31))" in said
    assert "Part des jours du mois = 17/31" in said
    assert explained.value == round(3864 * 17 / 31, 2)


def test_an_amount_that_is_not_rounded_says_so() -> None:
    # IM 373 in 2024: 1 836.20 a month, 0.8 of it is 1 468.96; the base of the family supplement is at least
    # IM 454 (454 × 59.0734 / 12 = 2 234.94 €), × 0.8 = 1 787.952.
    term = schema.PayTerm(start=date(2024, 1, 1), index=373, children=2)
    partial = contract(date(2024, 1, 1), working_time="temps_non_complet", hours=28.0, terms=(term,))
    of = plan_of(post([partial]), first=2024, last=2024)
    said = spaced(of.explain("P1", "2024-01", "sft"))
    assert "1 787,952 (euros, non arrondi)" in said
    assert "1 787,952 €" not in said
    # A legal value keeps the decimals and the sign that the text gives it.
    assert "59,0734 €" in said


@pytest.mark.parametrize("case", ["campagnes-artois", "exemples/departement-fictif"])
def test_every_line_of_every_month_can_be_told_whole(case: str) -> None:
    of = Projection(load(DATA / case), today=TODAY)
    for code in of.posts:
        for line in ("cost", "subvention_etat", "ircantec", "sft"):
            assert list(of.explain(code, "2024-03", line).lines(complete=True))
