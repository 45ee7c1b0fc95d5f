"""The pack read as a board reads it: one post, funded to 31 August 2028, in a community insuring itself.

Figures worked by hand from the plan of the case: 2028 is eight months of pay, 21 602,56 €, and of the
telephone, 20 € a month, whose cost the case carries on to December; grant V2 from September 2025.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import conseiller
from conseiller.brief import note
from conseiller.brief._rounding import balanced
from conseiller.brief.act.choice import act_of
from conseiller.brief.act.financing import financing_plan
from conseiller.brief.annex import write_annex
from conseiller.brief.deliberation import write_deliberation
from conseiller.brief.facts import PackFacts, facts, whole
from conseiller.brief.slides import write_slides
from conseiller.dossier import schema
from conseiller.errors import InputFaults
from conseiller.messages import Lang
from conseiller.projection import Projection
from conseiller.rules.totals import PAY_LINES
from conseiller.text import typeset

ROOT = Path(__file__).resolve().parents[1]
TODAY = date(2026, 11, 24)
SAID = "acte : délibération du 1er juillet 2025"


@cache
def juste() -> Projection:
    """One post on the minimum index, 2025-09 to 2028-08, with one instalment of 17 500 € typed."""
    contract = schema.Contract(
        start=date(2025, 9, 1),
        end=date(2028, 8, 31),
        nature="projet",
        source=SAID,
        terms=(schema.PayTerm(start=date(2025, 9, 1), index=373, bonus=100.0, source=SAID),),
    )
    paid = schema.Instalment(
        label="Année 1",
        amount=17500.0,
        called=date(2025, 9, 15),
        titled=date(2025, 10, 15),
        received=date(2025, 12, 1),
        source=SAID,
    )
    convention = schema.Convention(
        code="V2",
        generation="v2_collectivite",
        financing_start=date(2025, 9, 1),
        source=SAID,
        instalments=(paid,),
    )
    telephone = schema.Item(
        label="Forfait téléphone",
        amount=20,
        frequency="mensuel",
        start=date(2025, 9, 1),
        account="6262",
        section="fonctionnement",
        shares={"CN1": 1},
        source="hypothèse : prix supposé",
    )
    rates = schema.EmployerRates(start=date(2025, 1, 1), at_mp=0.016, cdg=0.011, source=SAID)
    return conseiller.project(
        schema.Dossier(
            authority=schema.Authority(
                name="Communauté de communes d'Essai", headcount=48, population=34000, self_insured=True
            ),
            period=schema.Period(first=2025, last=2028, report_date=TODAY),
            rates=(rates,),
            posts=(
                schema.Post(
                    code="CN1", label="Conseillère", contracts=(contract,), conventions=(convention,)
                ),
            ),
            costs=(telephone,),
        )
    )


@cache
def artois() -> Projection:
    return conseiller.project(conseiller.load(ROOT / "data" / "campagnes-artois"), today=TODAY)


@cache
def told(lang: Lang = "fr") -> PackFacts:
    return facts(juste(), lang)


@pytest.fixture
def stopping(tmp_path: Path) -> list[str]:
    """The paragraphs of the act that stops the post."""
    path = write_deliberation(juste(), tmp_path / "stop.docx", decision="stop")
    return [plain(p.text) for p in docx.Document(str(path)).paragraphs]


@pytest.fixture
def stopping_files(tmp_path: Path) -> tuple[Path, Path]:
    """Act and slides that stop the post."""
    word = write_deliberation(juste(), tmp_path / "stop.docx", decision="stop")
    return word, write_slides(juste(), tmp_path / "stop.pptx", decision="stop")


def plain(text: str) -> str:
    """Return a text with ordinary spaces, apostrophes and hyphens."""
    for typographic, typed in (
        ("\u00a0", " "),
        ("\u202f", " "),
        ("\u2019", "'"),
        ("\u2011", "-"),
        ("\u2212", "-"),
    ):
        text = text.replace(typographic, typed)
    return text


# --- the figures of an act that stops a post ------------------------------------------------------------


def test_stopping_is_compared_with_keeping_not_with_the_case(stopping: list[str]) -> None:
    """Keeping to December: 12 months as 2027, less the grant of 8 months, 8 333,33 €: 24 310,51 €."""
    full = facts(juste()).choices
    rows = {row.key: row.figures for row in full.rows}
    kept, next_year = (f.exact for f in (rows["choices.full"][1], rows["choices.full"][0]) if f)
    assert kept is not None
    assert next_year is not None

    assert round(kept - next_year, 2) == 24310.51
    text = " ".join(stopping)
    assert "garder à temps complet les emplois du poste CN1 laisserait 24 310,51 €" in text


def test_the_last_slide_compares_stopping_with_keeping(stopping_files: tuple[Path, Path]) -> None:
    """2027 and 2028: 44 454 € when keeping; 33 653 €, the case whose contract ends, is not keeping."""
    title = pptx.Presentation(str(stopping_files[1])).slides[3].shapes.title.text
    assert "44 454 € en gardant, 33 573 € en arrêtant" in plain(title)


def test_the_allowance_stands_apart_so_that_the_act_ties_with_the_note(stopping: list[str]) -> None:
    """13 509,23 € in the case = 13 429,23 € + 4 months of telephone at 20 €; 21 602,56 € is the pay."""
    text = " ".join(stopping)
    found = financing_plan(act_of(juste(), "stop"), "fonctionnement", "fr")
    assert found is not None
    uses = {row.key + row.chapter: row.amounts for row in found.uses}

    assert uses["chapter012"] == (21602.56,)
    assert uses["chapter011"] == (160.0,)
    assert found.total_uses.amounts[0] == round(21602.56 + 160 + uses["allowance012"][0], 2)
    for words in ("laisse 13 429,23 €", "hors allocation chômage", "laisse 13 509,23 €", "80,00 €"):
        assert words in text
    assert "21 602,56 € en dépenses au chapitre 012" in text


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_longest_allowance_is_that_of_an_agent_under_55(lang: Lang) -> None:
    assert {"fr": "avant 55 ans", "en": "under 55"}[lang] in told(lang).choices.note


# --- whole euros ----------------------------------------------------------------------------------------


def test_grant_years_print_the_tranches_of_the_convention() -> None:
    """17 500, 12 500 and 12 500 €, 42 500 € in all; every column still adds up."""
    rows = {row.key.partition(".")[2]: row.figures for row in told().grant_years.rows}

    def printed(name: str) -> list[int]:
        return [int(f.value) if f else 0 for f in rows[name]]  # type: ignore[arg-type]

    assert printed("V2-1") == [5833, 11667, 0, 0]
    assert printed("V2-2") == [0, 4167, 8333, 0]
    assert printed("V2-3") == [0, 0, 4167, 8333]
    assert printed("grant") == [5833, 15834, 12500, 8333]
    assert sum(printed("grant")) == 42500
    for cost, grant, net in zip(printed("cost"), printed("grant"), printed("net_cost"), strict=True):
        assert cost - grant == net
    assert printed("net_cost") == [4866, 16599, 20144, 13509]


@given(
    st.dictionaries(
        st.sampled_from("abcdef"),
        st.dictionaries(
            st.integers(2022, 2026), st.integers(1, 4_000_000).map(lambda c: c / 100), min_size=1
        ),
        min_size=1,
    )
)
def test_grant_years_in_whole_euros_add_up_whatever_they_are(rows: dict[str, dict[int, float]]) -> None:
    found = balanced(rows)
    for name, amounts in rows.items():
        assert sum(found[name].values()) == whole(sum(round(a * 100) for a in amounts.values()) / 100)
        assert all(abs(found[name][y] - a) < 1 for y, a in amounts.items())


# --- one decision ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (juste, "inscription d'un poste au budget 2027"),
        (artois, "maintien ou fin de 2 postes à compter du 1er janvier 2027"),
    ],
)
def test_note_act_and_slides_ask_the_same(case: Callable[[], Projection], words: str, tmp_path: Path) -> None:
    """One post with 20 months of contract left: the 2027 budget; two whose contracts end in 2026: a choice."""
    said = facts(case())
    act = docx.Document(str(write_deliberation(case(), tmp_path / "a.docx")))
    deck = pptx.Presentation(str(write_slides(case(), tmp_path / "a.pptx")))

    assert plain(said.decision.headline) == words
    assert f"Objet : conseillers numériques – {words}" in [plain(p.text) for p in act.paragraphs]
    assert plain(deck.slides[0].shapes.title.text) == f"Décision demandée : {words}"
    assert plain(note._data(said)["decision"]["title"]) == f"Décision demandée : {words}"


def test_the_act_of_an_open_choice_names_the_other_answers(tmp_path: Path) -> None:
    act = docx.Document(str(write_deliberation(artois(), tmp_path / "a.docx")))
    (variants,) = [p for p in act.paragraphs if "Article rédigé pour" in plain(p.text)]

    assert "rédigé pour le maintien" in plain(variants.text)
    assert "38 978 €" in plain(variants.text)
    assert "Arrêter à la fin du contrat : 0 € (reste à charge 2027), plus 42 766 € de chômage" in plain(
        variants.text
    )
    assert all(run.font.highlight_color for run in variants.runs)


def test_a_decision_chosen_by_the_caller_heads_the_note_too() -> None:
    assert facts(artois(), decision="stop").decision.headline.startswith("fin de 2 postes")
    with pytest.raises(InputFaults):
        facts(artois(), decision="renew")


# --- what the note warns of -----------------------------------------------------------------------------


def test_instalments_not_yet_typed_are_told_calmly() -> None:
    """One instalment of 17 500 € typed out of 42 500 €."""
    (line,) = [r for r in map(plain, told().risks) if "Convention V2" in r]

    assert "17 500 € de versements sont saisis sur 42 500 € accordés ; 25 000 € restent" in line
    assert not any("défaut" in r for r in told().risks)


def test_a_post_that_cannot_stay_under_project_contracts_is_a_risk() -> None:
    """CN1 has run since 1 January 2022: six years end on 31 December 2027, a year before the choices do."""
    for anonymous in (True, False):
        risks = [plain(r) for r in facts(artois(), anonymous=anonymous).risks]
        assert [r[:3] for r in risks if "emploi permanent" in r] == ["CN1"]
        assert any("31 décembre 2027" in r for r in risks)
    assert not any("emploi permanent" in r for r in told().risks)


def test_grant_counted_after_this_year_is_to_be_confirmed() -> None:
    (ahead,) = [u for u in told().unknown if u.key == "grant_ahead"]

    assert "12 500 € en 2027 et 8 333 € en 2028" in plain(ahead.words)
    assert "Sénat" in ahead.origin
    assert not [u for u in facts(artois()).unknown if u.key == "grant_ahead"]


def test_stopping_says_what_it_takes_away_beside_pay() -> None:
    """Four months of telephone."""
    assert "80 € d'autres coûts" in plain(told().choices.note)
    assert "autres coûts" not in plain(facts(artois()).choices.note)


def test_names_that_hold_a_comma_are_told_apart() -> None:
    (line,) = [h for h in map(plain, facts(artois()).hypotheses) if "Ordinateur portable" in h]
    assert "Ordinateur portable, CN1 ; Ordinateur portable, CN2 ; " in line


# --- typography -----------------------------------------------------------------------------------------


def test_dates_rates_and_articles_are_not_cut_even_in_the_words_of_the_officer() -> None:
    assert typeset("l'acte du 31 décembre 2026 ; AT/MP 1,60 %") == (
        "l\u2019acte du 31\u00a0décembre\u00a02026\u00a0; AT/MP 1,60\u00a0%"
    )
    assert typeset("article R.332-39") == "article R.332\u201139"
    assert typeset("2025-2026, a25-140-3") == "2025-2026, a25-140-3"


def test_word_and_slides_are_typeset_as_the_note_is(stopping_files: tuple[Path, Path]) -> None:
    word, slides = stopping_files
    texts = [p.text for p in docx.Document(str(word)).paragraphs]
    for slide in pptx.Presentation(str(slides)).slides:
        texts += [s.text_frame.text for s in slide.shapes if s.has_text_frame]
        texts.append(slide.notes_slide.notes_text_frame.text)
    for text in texts:
        assert "'" not in text
        assert not re.search(r"\d (août|septembre|novembre)| [;:%€]", text), text
    footer = docx.Document(str(word)).sections[0].footer.paragraphs[0].text
    assert plain(footer).startswith("À retirer avant signature : ")


# --- the annex ------------------------------------------------------------------------------------------


def test_the_annex_of_an_anonymous_pack_holds_no_individual_pay(tmp_path: Path) -> None:
    """Index 373, bonus of 100 €, monthly pay: in none of its cells; 42 500 € and 2028's 13 509,23 € are."""
    book = openpyxl.load_workbook(write_annex(told(), juste(), tmp_path / "annexe.xlsx"))
    cells = [c for sheet in book for row in sheet.iter_rows(values_only=True) for c in row if c is not None]
    texts = [plain(c) for c in cells if isinstance(c, str)]
    table = juste().table
    monthly = set(table.loc[table["line"].isin(PAY_LINES), "amount"]) - {0.0}

    assert monthly
    assert not {c for c in cells if isinstance(c, float)} & monthly
    assert not any("373" in t or t.startswith("=") for t in texts)
    assert "Conseillère" not in " ".join(texts)
    assert {42500, 13509.23} <= set(cells)
    assert any("un poste : un total y est le coût de ce poste" in t for t in texts)
    assert "32 000 à 32 500 €" in texts


def test_the_annex_by_chapter_adds_up_to_the_exercices(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_annex(facts(artois()), artois(), tmp_path / "annexe.xlsx"))
    sheet = book["Chapitres"]
    rows = [r for r in sheet.iter_rows(min_row=3, values_only=True) if r[1] == "Section de fonctionnement"]

    assert round(sum(r[3] for r in rows if r[2] == 2027), 2) == 71476.56
    assert round(sum(r[4] for r in rows), 2) == 25000 + 25000 + 35000 + 25000 + 25000
