"""The pack read as a board reads it: one post, funded to 31 August 2028, in a community insuring itself.

Figures worked by hand from the plan of the case: 2028 is eight months of pay, 21 602,56 €, and of the
telephone, 20 € a month, whose cost the case carries on to December; grant V2 from September 2025.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import conseiller
from conseiller.brief._act import act_of
from conseiller.brief._rounding import balanced
from conseiller.brief.deliberation import write_deliberation
from conseiller.brief.facts import PackFacts, facts, whole
from conseiller.dossier import schema
from conseiller.messages import Lang
from conseiller.projection import Projection

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


def test_the_allowance_stands_apart_so_that_the_act_ties_with_the_note(stopping: list[str]) -> None:
    """13 509,23 € in the case = 13 429,23 € + 4 months of telephone at 20 €; 21 602,56 € is the pay."""
    text = " ".join(stopping)
    found = act_of(juste(), "stop").financing_plan("fonctionnement", "fr")
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
