"""What an explanation says in words: the grant year by its name, no plumbing, plain French."""

from __future__ import annotations

from datetime import date

import pytest
from builders import contract, convention, just, plan_of, post

from conseiller.dossier import schema
from conseiller.messages import LANGUAGES, Lang
from conseiller.projection import Projection

TODAY = date(2026, 11, 24)


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
