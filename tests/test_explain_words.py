"""What an explanation says in words: the grant year by its name, no plumbing, plain French."""

from __future__ import annotations

from datetime import date

import pytest
from builders import just

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
