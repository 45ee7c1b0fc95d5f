"""The délibération and the slides, read back: structure, language, alternatives, and every figure found again."""

from __future__ import annotations

import io
import itertools
import re
import subprocess
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, get_args

import docx
import openpyxl
import pptx
import pytest
from builders import contract
from docx.oxml.ns import qn
from pptx.util import Emu, Pt

import conseiller
from conseiller.brief import office, pack
from conseiller.brief.act.choice import act_of
from conseiller.brief.act.draft import authority_kind
from conseiller.brief.act.financing import financing_plan
from conseiller.brief.act.records import KINDS, SECTIONS, Kind
from conseiller.brief.deliberation import write_deliberation
from conseiller.brief.facts import PackFacts, Row, facts
from conseiller.brief.slides import net_by_grant_year, write_slides
from conseiller.dossier import schema
from conseiller.errors import InputFaults
from conseiller.files import FileInUseError
from conseiller.messages import LANGUAGES, Lang, tr
from conseiller.projection import Projection
from conseiller.text import money, typeset

ROOT = Path(__file__).resolve().parents[1]
CASES = {
    "artois": "data/campagnes-artois/dossier.toml",
    "commune": "data/exemples/commune-fictive/dossier.toml",
    "departement": "data/exemples/departement-fictif/dossier.toml",
}
#: Acts that differ in English by words that the other acts hold too.
RARE_IN_ENGLISH = {
    ("artois", "recruit"),
    ("artois", "stop"),
    ("commune", "keep_without_state"),
    ("departement", "auto"),
    ("departement", "recruit"),
}
SOURCES = (ROOT / "docs" / "deliberation-sources.md").read_text("utf-8")
#: What each case can decide.
DECIDED = [
    *(("artois", k) for k in ("auto", "recruit", "keep_without_state", "stop")),
    *(("commune", k) for k in ("auto", "recruit", "keep_without_state")),
    *(("departement", k) for k in ("auto", "recruit", "stop")),
]


@cache
def plan(case: str) -> Projection:
    return conseiller.project(conseiller.load(ROOT / CASES[case]), today=date(2026, 11, 24))


@cache
def told(case: str, lang: Lang = "fr", anonymous: bool = True) -> PackFacts:
    return facts(plan(case), lang, anonymous)


def stamp_of(case: str, lang: Lang = "fr") -> str:
    return typeset(told(case, lang).stamp.text(lang))


@pytest.fixture(scope="module")
def act(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Return a délibération written and read back."""
    folder = tmp_path_factory.mktemp("acts")

    @cache
    def made(case: str, kind: str = "auto", lang: Lang = "fr", anonymous: bool = True) -> Any:
        path = folder / f"{case}-{kind}-{lang}-{anonymous}.docx"
        write_deliberation(plan(case), path, lang, kind, anonymous=anonymous)  # type: ignore[arg-type]
        return docx.Document(str(path))

    return made


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Return slides written and read back."""
    folder = tmp_path_factory.mktemp("decks")

    @cache
    def made(case: str, lang: Lang = "fr", anonymous: bool = True) -> Any:
        path = folder / f"{case}-{lang}-{anonymous}.pptx"
        write_slides(plan(case), path, lang, anonymous=anonymous)
        return pptx.Presentation(str(path))

    return made


def parsed(text: str) -> float:
    """Read a figure as printed in either language, euros or not."""
    bare = re.sub(r"[\s\u00a0\u202f€]", "", text).replace("\u2212", "-")
    if re.search(r",\d{3}(\D|$)", bare):
        return float(bare.replace(",", ""))
    return float(bare.replace(",", "."))


def rows_of(table: Any) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def financing_tables(document: Any, lang: Lang = "fr") -> list[list[list[str]]]:
    head = tr("brief.office.act.financing.label", lang)
    return [rows for table in document.tables if (rows := rows_of(table))[0][0] == head]


def words_of(document: Any) -> str:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


# --- the act ------------------------------------------------------------------------------------------


def test_the_calendar_of_the_artois_says_keep_without_the_state() -> None:
    found = act_of(plan("artois"))

    assert (found.kind, found.start, found.codes) == ("keep_without_state", date(2027, 1, 1), ["CN1", "CN2"])
    assert found.missed == [date(2026, 9, 30), date(2026, 10, 31)]


def small(*contracts: schema.Contract, financing: date | None = date(2024, 1, 1)) -> Projection:
    granted = (
        ()
        if financing is None
        else (schema.Convention(code="V2", generation="v2_collectivite", financing_start=financing),)
    )
    dossier = schema.Dossier(
        authority=schema.Authority(name="Commune d'Essai", headcount=20),
        period=schema.Period(first=2024, last=2029, report_date=date(2026, 11, 24)),
        posts=(schema.Post(code="A", contracts=contracts, conventions=granted),),
    )
    return conseiller.project(dossier)


@pytest.mark.parametrize(
    ("contracts", "financing", "kind"),
    [
        ([contract(date(2027, 3, 1), date(2029, 2, 28))], date(2027, 3, 1), "recruit"),
        (
            [contract(date(2025, 1, 1), date(2026, 12, 31)), contract(date(2027, 1, 1), date(2027, 12, 31))],
            date(2025, 1, 1),
            "renew",
        ),
        (
            [contract(date(2024, 1, 1), date(2026, 12, 31)), contract(date(2027, 1, 1), None)],
            date(2024, 1, 1),
            "keep_without_state",
        ),
        ([contract(date(2024, 1, 1), None)], date(2024, 1, 1), "keep_without_state"),
        ([contract(date(2024, 1, 1), date(2026, 12, 31))], date(2024, 1, 1), "stop"),
        ([contract(date(2024, 1, 1), date(2025, 12, 31))], None, "stop"),
    ],
)
def test_auto_says_what_the_calendar_implies(
    contracts: list[schema.Contract], financing: date | None, kind: str, tmp_path: Path
) -> None:
    case = small(*contracts, financing=financing)

    assert act_of(case).kind == kind
    write_deliberation(case, tmp_path / "a.docx")
    write_slides(case, tmp_path / "a.pptx")


def test_a_decision_that_the_case_does_not_price_is_refused_with_its_remedy() -> None:
    stopping = small(contract(date(2024, 1, 1), date(2026, 12, 31)))
    keeping = small(contract(date(2024, 1, 1), None))

    with pytest.raises(InputFaults) as kept:
        act_of(stopping, "keep_without_state")
    with pytest.raises(InputFaults) as stopped:
        act_of(keeping, "stop")
    with pytest.raises(ValueError, match="no decision 'other'"):
        act_of(keeping, "other")  # type: ignore[arg-type]

    assert [f.code for f in kept.value.faults] == ["nothing_keep_without_state"]
    assert [f.code for f in stopped.value.faults] == ["nothing_stop"]
    assert all(f.remedy for f in (*kept.value.faults, *stopped.value.faults))


def test_auto_speaks_of_the_contract_that_ends_rather_than_of_the_one_without_an_end() -> None:
    found = act_of(plan("departement"))

    assert (found.kind, found.codes) == ("stop", ["D5"])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Communauté de Communes des Campagnes de l'Artois", "epci"),
        ("Métropole d'Essai", "epci"),
        ("Ville d'Essai", "commune"),
        ("Département de l'Essai", "departement"),
        ("Association Essai", "other"),
    ],
)
def test_the_assembly_is_named_after_the_authority(name: str, kind: str) -> None:
    assert authority_kind(name) == kind


# --- plan de financement ------------------------------------------------------------------------------


@pytest.mark.parametrize(("case", "kind"), DECIDED)
def test_both_totals_of_the_plan_de_financement_are_equal_to_the_cent(case: str, kind: Kind) -> None:
    found = act_of(plan(case), kind)

    shown = [p for s in SECTIONS if (p := financing_plan(found, s, "fr")) is not None]
    assert shown
    for financing in shown:
        assert financing.total_uses.amounts == financing.total_resources.amounts
        assert all(a >= 0 for r in (*financing.uses, *financing.resources) for a in r.amounts)
        for rows, total in (
            (financing.uses, financing.total_uses),
            (financing.resources, financing.total_resources),
        ):
            assert [round(sum(c), 2) for c in zip(*(r.amounts for r in rows), strict=True)] == list(
                total.amounts
            )


@pytest.mark.parametrize(
    ("lang", "case", "kind"),
    [
        *(("fr", case, kind) for case, kind in DECIDED),
        *(("en", case, kind) for case, kind in DECIDED if (case, kind) not in RARE_IN_ENGLISH),
    ],
)
def test_every_figure_of_the_plan_de_financement_is_found_again(
    act: Callable[..., Any], case: str, kind: Kind, lang: Lang
) -> None:
    """Label and year lead back to `plan.by`, posts and sections apart."""
    decided = act_of(plan(case), kind)
    tables = financing_tables(act(case, kind, lang), lang)
    sections = [s for s in SECTIONS if financing_plan(decided, s, lang) is not None]
    assert len(tables) == len(sections)

    own, surplus = (typeset(tr(f"brief.office.{k}", lang)) for k in ("own.fonctionnement", "surplus"))
    for section, rows in zip(sections, tables, strict=True):
        wide = decided.plan.by("exercice", "chapter", "post", section=section)
        wide = wide[wide.index.get_level_values("post").isin(decided.codes)]
        years = [int(y) for y in rows[0][1:] if y.isdigit()]
        assert tuple(years) == decided.years
        are = decided.plan.table
        are = are[(are["line"] == "are") & are["post"].isin(decided.codes)]
        side, seen = "", {"uses": 0.0, "resources": 0.0}
        for label, *cells in rows[1:]:
            named = {typeset(tr(f"brief.office.act.financing.{k}", lang)): k for k in seen}
            if label in named:
                side = named[label]
                continue
            amounts = [parsed(c) for c in cells]
            if len(years) > 1:
                assert amounts[-1] == pytest.approx(sum(amounts[:-1]), abs=0.001)
            for year, amount in zip(years, amounts, strict=False):
                mine = wide[wide.index.get_level_values("exercice") == year]
                net = round(float(mine["net_cost"].sum()), 2)
                chapter = re.search(r"Chap\w+ (\w+)", label)
                if label == own:
                    expected = max(net, 0.0)
                elif label == surplus:
                    expected = max(-net, 0.0)
                elif label in {typeset(tr(f"brief.office.total.{s}", lang)) for s in seen}:
                    expected = round(float(mine["cost"].sum()) + max(-net, 0.0), 2)
                elif chapter:
                    measure = (
                        "cost"
                        if side == "uses"
                        else "grant"
                        if label.startswith(typeset(tr("brief.office.grant_alone", lang)))
                        else "other_funding"
                    )
                    here = mine[mine.index.get_level_values("chapter") == chapter[1]]
                    expected = round(float(here[measure].sum()), 2)
                    allowed = are.loc[are["exercice"] == year, "amount"].sum()
                    if label.endswith(typeset(tr("brief.office.allowance", lang, label="x"))[1:]):
                        expected = round(float(allowed), 2)
                    elif label.endswith(typeset(tr("brief.office.besides_allowance", lang, label="x"))[1:]):
                        expected = round(expected - float(allowed), 2)
                else:
                    assert label == typeset(tr("brief.office.grant_alone", lang))
                    expected = round(float(mine["grant"].sum()), 2)
                assert amount == pytest.approx(expected, abs=0.001), (label, year)


def test_stopping_the_artois_leaves_the_allowance_alone() -> None:
    """What remains in 2027 and 2028 is the unemployment allowance of account 64731."""
    found = act_of(plan("artois"), "stop")
    table = found.plan.table
    after = table[(table["exercice"] >= 2027) & (table["side"] == "cost")]

    assert set(after["account"]) == {"64731"}
    assert after["amount"].sum() == pytest.approx(float(found.sums("exercice").loc[2027:, "cost"].sum()))
    assert {c.end for p in found.plan.dossier.posts for c in p.contracts} == {date(2026, 12, 31)}


def test_amounts_in_the_words_of_the_act_come_from_the_plan(act: Callable[..., Any]) -> None:
    sums = plan("artois").by("exercice")
    text = words_of(act("artois"))

    for year, measure in ((2026, "net_cost"), (2027, "cost"), (2027, "net_cost"), (2028, "cost")):
        assert money(float(sums.loc[year, measure])) in text
    assert "25\u202f000,00\u00a0€ restent à titrer" in text


# --- the document -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("case", "kind"), DECIDED)
def test_headings_follow_each_other_without_a_gap(act: Callable[..., Any], case: str, kind: str) -> None:
    paragraphs = act(case, kind).paragraphs
    names = [p.style.name for p in paragraphs]
    levels = [int(n[-1]) for n in names if n.startswith("Heading")]

    assert names.count("Title") == 1
    assert names[0] == "Title"
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    heads = [p.text for p in paragraphs if p.style.name == "Heading 1"]
    wanted = ("session", "visas", "reasons", "financing", "decision", "vote", "annex")
    assert heads[1:] == [typeset(tr(f"brief.office.act.heading.{k}", "fr")) for k in wanted]


@pytest.mark.parametrize(("case", "kind"), DECIDED)
def test_visas_reasons_and_articles_open_as_they_must(act: Callable[..., Any], case: str, kind: str) -> None:
    paragraphs = act(case, kind).paragraphs
    listed = [p.text for p in paragraphs if p.style.name == "List"]
    articles = [p.text for p in paragraphs if p.text.startswith("Article ")]

    assert sum(t.startswith("Vu ") for t in listed) >= 4
    assert sum(t.startswith("Considérant que ") for t in listed) >= 3
    assert all(t.endswith(";") for t in listed)
    assert articles[0].startswith("Article 1er – ")
    assert [a.split(" ")[1] for a in articles[1:]] == [str(k) for k in range(2, len(articles) + 1)]


@pytest.mark.parametrize("kind", ["recruit", "keep_without_state", "stop"])
def test_every_article_of_law_has_its_source_and_the_unverified_are_marked(
    act: Callable[..., Any], kind: str
) -> None:
    for paragraph in act("artois", kind).paragraphs:
        text = paragraph.text.replace("\u2011", "-")
        for article in re.findall(r"[LRD]\.\d+-\d+(?:-\d+)?", text):
            row = next(
                (line for line in SOURCES.splitlines() if line.startswith("|") and article in line), ""
            )
            assert row, article
            if "**unverified**" in row and paragraph.style.name != "List Bullet":
                assert "[à vérifier" in paragraph.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_table_repeats_its_header_and_has_a_text_alternative(
    act: Callable[..., Any], lang: Lang
) -> None:
    for table in act("artois", "recruit", lang).tables:
        assert table.style.name == "Table Grid"
        assert table.rows[0]._tr.find(qn("w:trPr")).find(qn("w:tblHeader")) is not None
        assert all(cell.text.strip() for cell in table.rows[0].cells)
        for tag in ("w:tblCaption", "w:tblDescription"):
            assert table._tbl.tblPr.find(qn(tag)).get(qn("w:val"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_whole_document_is_in_the_proofing_language(act: Callable[..., Any], lang: Lang) -> None:
    document = act("artois", "auto", lang)
    locale = office.LOCALE[lang]
    marked = [
        r for p in document.element.body.iter(qn("w:p")) for r in p.iter(qn("w:r")) if r.findall(qn("w:t"))
    ]

    assert {n.get(qn("w:val")) for n in document.styles.element.iter(qn("w:lang"))} == {locale}
    assert marked
    assert {r.find(qn("w:rPr")).find(qn("w:lang")).get(qn("w:val")) for r in marked} == {locale}
    assert document.core_properties.language == locale


def test_core_properties_and_stamp(act: Callable[..., Any], deck: Callable[..., Any]) -> None:
    stamp = stamp_of("artois")
    for made in (act("artois"), deck("artois")):
        about = made.core_properties
        assert about.author == "conseiller"
        assert about.title
        assert about.created.date() == about.modified.date() == date(2026, 11, 24)
    assert stamp in act("artois").sections[0].footer.paragraphs[0].text
    assert all(stamp in " ".join(shape_texts(slide)) for slide in deck("artois").slides)


def test_blanks_are_left_for_the_vote(act: Callable[..., Any]) -> None:
    vote = rows_of(act("artois").tables[-1])

    assert vote[0] == ["Pour", "Contre", "Abstentions", "N\u2019ont pas pris part"]
    assert set(vote[1]) == {office.BLANK}


def test_anonymous_leaves_labels_and_bonus_out(act: Callable[..., Any]) -> None:
    closed, open_ = words_of(act("artois")), words_of(act("artois", anonymous=False))
    before_annex = closed.split("Annexe de travail")[0]

    assert "second poste" not in before_annex.replace("Subvention du second poste", "")
    assert "100,00" not in before_annex
    assert "CN2 (Conseiller numérique, second poste)" in open_
    assert "100,00\u00a0€ par mois" in open_


def test_the_same_plan_gives_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        word = write_deliberation(plan("artois"), tmp_path / f"{name}.docx")
        slides = write_slides(plan("artois"), tmp_path / f"{name}.pptx")
        made.append((word.read_bytes(), slides.read_bytes()))

    assert made[0] == made[1]


# --- templates ----------------------------------------------------------------------------------------


def test_the_authoritys_own_word_file_is_kept(tmp_path: Path) -> None:
    template = tmp_path / "modele.docx"
    own = docx.Document()
    own.sections[0].header.paragraphs[0].text = "En-tête de la collectivité"
    own.sections[0].footer.paragraphs[0].text = "Pied de la collectivité"
    own.styles["Heading 1"].font.size = docx.shared.Pt(33)
    for text in ("Avant", "{{ délibération }}", "Après"):
        own.add_paragraph(text)
    own.styles.element.remove(own.styles["List Bullet"].element)
    own.save(str(template))

    made = docx.Document(str(write_deliberation(plan("artois"), tmp_path / "d.docx", template=template)))
    texts = [p.text for p in made.paragraphs]

    assert (texts[0], texts[1], texts[-1]) == ("Avant", "Projet de délibération", "Après")
    assert not any("{{" in t for t in texts)
    assert made.styles["Heading 1"].font.size.pt == 33
    assert made.sections[0].header.paragraphs[0].text == "En-tête de la collectivité"
    footer = [p.text for p in made.sections[0].footer.paragraphs]
    assert footer[0] == "Pied de la collectivité"
    assert stamp_of("artois") in footer[1]


def test_the_authoritys_own_slides_are_kept(tmp_path: Path) -> None:
    template = tmp_path / "modele.pptx"
    own = pptx.Presentation()
    own.slides.add_slide(own.slide_layouts[0]).shapes.title.text = "La collectivité"
    own.save(str(template))

    made = pptx.Presentation(str(write_slides(plan("artois"), tmp_path / "d.pptx", template=template)))

    assert made.slides[0].shapes.title.text == "La collectivité"
    assert made.slide_width == own.slide_width
    assert len(made.slides) == 5
    for slide in list(made.slides)[1:]:
        for shape in slide.shapes:
            assert shape.left + shape.width <= made.slide_width
            assert shape.top + shape.height <= made.slide_height


@pytest.mark.parametrize("name", ["absent.docx", "texte.docx", "modele.dotx", "slides.docx"])
def test_a_template_that_is_not_a_word_file_is_refused(name: str, tmp_path: Path) -> None:
    template = tmp_path / name
    if name == "texte.docx":
        template.write_text("bonjour")
    elif name == "slides.docx":
        pptx.Presentation().save(str(template))
    elif name == "modele.dotx":
        docx.Document().save(str(template))

    with pytest.raises(InputFaults) as refused:
        write_deliberation(plan("artois"), tmp_path / "d.docx", template=template)

    assert refused.value.faults[0].code == (
        "template_missing" if name == "absent.docx" else "template_not_office"
    )
    assert not (tmp_path / "d.docx").exists()


def test_a_template_that_is_not_a_powerpoint_file_is_refused(tmp_path: Path) -> None:
    template = tmp_path / "modele.pptx"
    docx.Document().save(str(template))

    with pytest.raises(InputFaults):
        write_slides(plan("artois"), tmp_path / "d.pptx", template=template)


# --- slides -------------------------------------------------------------------------------------------


def shape_texts(slide: Any) -> Iterator[str]:
    for shape in slide.shapes:
        if shape.has_text_frame:
            yield shape.text_frame.text


def charts_of(presentation: Any) -> list[Any]:
    return [s.chart for slide in presentation.slides for s in slide.shapes if s.has_chart]


def table_of(slide: Any) -> list[list[str]]:
    table = next(s.table for s in slide.shapes if s.has_table)
    return [[cell.text for cell in row.cells] for row in table.rows]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_stacked_columns_hold_the_plan(deck: Callable[..., Any], case: str, lang: Lang) -> None:
    chart = charts_of(deck(case, lang))[0]
    sums = plan(case).by("exercice")
    names = {tr(f"brief.office.slides.{m}", lang): m for m in ("grant", "other_funding", "net_cost")}

    assert list(chart.plots[0].categories) == [str(y) for y in sums.index]
    found = {names[s.name]: list(s.values) for s in chart.plots[0].series}
    assert found == {m: list(sums[m]) for m in found}
    missing = set(names.values()) - set(found)
    assert missing <= {"other_funding"}
    assert all(not sums[m].any() for m in missing)
    stacked = [round(sum(v), 2) for v in zip(*found.values(), strict=True)]
    assert stacked == [round(c, 2) for c in sums["cost"]]


@pytest.mark.parametrize("case", CASES)
def test_the_bars_hold_the_reste_a_charge_by_grant_year(deck: Callable[..., Any], case: str) -> None:
    chart = charts_of(deck(case))[1]
    bars = dict(zip(chart.plots[0].categories, chart.plots[0].series[0].values, strict=True))

    assert bars == dict(net_by_grant_year(plan(case), "fr"))
    assert round(sum(bars.values()), 2) == round(float(plan(case).by("exercice")["net_cost"].sum()), 2)
    if case == "artois":
        by_year = plan(case).by("grant_year")["net_cost"]
        assert bars["V2,\u00a0année\u00a03"] == by_year["V2-3"]


@pytest.mark.parametrize("case", CASES)
def test_charts_are_native_and_editable(deck: Callable[..., Any], case: str) -> None:
    """The workbook behind each chart holds the values shown."""
    for chart in charts_of(deck(case)):
        book = openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
        rows = list(book.active.iter_rows(values_only=True))
        assert [r[0] for r in rows[1:]] == list(chart.plots[0].categories)
        for k, series in enumerate(chart.plots[0].series, start=1):
            assert [r[k] for r in rows[1:]] == list(series.values)


def printed(rows: Iterable[Row], lang: Lang) -> list[list[str]]:
    return [
        [typeset(text) for text in (row.label, *(f.text(lang) if f else "" for f in row.figures))]
        for row in rows
    ]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_tables_print_the_facts_of_the_pack(deck: Callable[..., Any], case: str, lang: Lang) -> None:
    slides, said = deck(case, lang).slides, told(case, lang)
    measures = {"cost", "grant", "other_funding", "net_cost"}
    by_exercice = [r for r in said.grant_years.rows if r.key.rpartition(".")[2] in measures]
    shown = {0: (said.two_years, said.two_years.rows), 1: (said.grant_years, by_exercice)}
    if said.choices.rows:
        shown[3] = (said.choices, said.choices.rows)

    assert len(slides) == (4 if said.choices.rows else 3)
    for k, (table, rows) in shown.items():
        assert table_of(slides[k]) == [[table.head, *table.columns], *printed(rows, lang)]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_amounts_by_exercice_lead_back_to_the_plan(deck: Callable[..., Any], case: str, lang: Lang) -> None:
    """Labels to measures, headings to exercices; a rounding moves an amount by less than a euro."""
    heads, *rows = table_of(deck(case, lang).slides[1])
    sums = plan(case).by("exercice")
    names = {typeset(r.label): r.key.rpartition(".")[2] for r in told(case, lang).grant_years.rows}

    assert {"cost", "grant", "net_cost"} <= {names[r[0]] for r in rows}
    for label, *cells in rows:
        for year, cell in zip(heads[1:], cells, strict=True):
            assert abs(parsed(cell) - float(sums.loc[int(year), names[label]])) < 1, (label, year)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_slides_can_be_read_from_afar_and_without_eyes(
    deck: Callable[..., Any], case: str, lang: Lang
) -> None:
    presentation = deck(case, lang)
    assert 3 <= len(presentation.slides) <= 4
    assert round(presentation.slide_width / presentation.slide_height, 3) == 1.778
    for slide in presentation.slides:
        assert slide.shapes.title.text.strip()
        assert stamp_of(case, lang) in slide.notes_slide.notes_text_frame.text
        for shape in slide.shapes:
            described = shape._element.xpath(".//p:cNvPr")[0].get("descr")
            assert described or not (shape.has_chart or shape.has_table)
            assert shape.left >= 0
            assert shape.left + shape.width <= presentation.slide_width
            assert shape.top + shape.height <= presentation.slide_height
            frames = [shape.text_frame] if shape.has_text_frame else []
            if shape.has_table:
                frames = [cell.text_frame for row in shape.table.rows for cell in row.cells]
            footer = shape.is_placeholder and shape.placeholder_format.type in {13, 15}
            for run in (r for f in frames for p in f.paragraphs for r in p.runs):
                assert run._r.find(qn_a("rPr")).get("lang") == office.LOCALE[lang]
                assert footer or run.font.size >= Pt(16)


def qn_a(tag: str) -> str:
    return f"{{http://schemas.openxmlformats.org/drawingml/2006/main}}{tag}"


@pytest.mark.parametrize("case", CASES)
def test_shapes_of_a_slide_do_not_cover_each_other(deck: Callable[..., Any], case: str) -> None:
    for slide in deck(case).slides:
        boxes = sorted((s.top, s.top + s.height) for s in slide.shapes if s.has_table or s.has_chart)
        assert all(above[1] <= below[0] + Emu(10) for above, below in itertools.pairwise(boxes))


# --- the pack -----------------------------------------------------------------------------------------


@pytest.fixture
def quick_note(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a plain file in place of the note, which has tests of its own."""
    import sys
    from types import ModuleType

    module = ModuleType("conseiller.brief.note")

    def write_note(plan: Projection, path: Path, **_: Any) -> Path:
        path.write_bytes(b"%PDF")
        return path

    module.write_note = write_note  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "conseiller.brief.note", module)


@pytest.mark.usefixtures("quick_note")
def test_a_pack_holds_four_files_and_leaves_nothing_beside(tmp_path: Path) -> None:
    target = tmp_path / "dossier-conseil"
    target.mkdir()
    (target / "autre.txt").write_text("à moi")

    found = pack.write_pack(plan("artois"), target)

    assert [p.name for p in found] == list(pack.FILES)
    assert {p.name for p in target.iterdir()} == {*pack.FILES, "autre.txt"}
    assert [p.name for p in tmp_path.iterdir()] == ["dossier-conseil"]
    stamp = stamp_of("artois")
    words = " ".join(p.text for p in docx.Document(str(found[1])).sections[0].footer.paragraphs)
    assert stamp in words
    assert openpyxl.load_workbook(found[3], read_only=True).sheetnames


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_note_act_and_slides_carry_the_same_stamp(tmp_path: Path, lang: Lang) -> None:
    from pypdf import PdfReader

    note, word, slides, _ = pack.write_pack(plan("artois"), tmp_path, lang)
    stamp = re.sub(r"\s", "", stamp_of("artois", lang))
    texts = [
        "".join(page.extract_text() for page in PdfReader(note).pages),
        "".join(p.text for p in docx.Document(str(word)).sections[0].footer.paragraphs),
        *("".join(shape_texts(slide)) for slide in pptx.Presentation(str(slides)).slides),
    ]

    assert all(stamp in re.sub(r"\s", "", text) for text in texts)


@pytest.mark.usefixtures("quick_note")
@pytest.mark.parametrize("failing", ["write_slides", "annex", "template", "swap"])
def test_a_pack_that_fails_leaves_the_previous_one_whole(
    failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "pack"
    target.mkdir()
    for name in pack.FILES:
        (target / name).write_text(f"ancien {name}")
    templates = None
    if failing == "template":
        templates = tmp_path / "modeles"
        templates.mkdir()
        (templates / pack.SLIDES).write_text("rien")
    elif failing == "swap":
        real = Path.replace

        def refuse(self: Path, to: Path) -> Path:
            if self.name == pack.ANNEX and self.parent.name == "new":
                raise PermissionError(to)
            return real(self, to)

        monkeypatch.setattr(Path, "replace", refuse)
    elif failing == "annex":
        monkeypatch.setattr("conseiller.brief.annex.write_annex", lambda *_: 1 / 0)
    else:
        monkeypatch.setattr("conseiller.brief.slides.write_slides", lambda *_: 1 / 0)

    with pytest.raises((ZeroDivisionError, InputFaults, FileInUseError)):
        pack.write_pack(plan("artois"), target, template_dir=templates)

    assert {p.name: p.read_text() for p in target.iterdir()} == {n: f"ancien {n}" for n in pack.FILES}
    assert {p.name for p in tmp_path.iterdir()} - {"modeles"} == {"pack"}


@pytest.mark.usefixtures("quick_note")
def test_a_pack_open_in_another_program_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / f".~lock.{pack.SLIDES}#").touch()

    with pytest.raises(FileInUseError):
        pack.write_pack(plan("artois"), tmp_path)

    assert not (tmp_path / pack.NOTE).exists()


def test_kinds_and_messages_agree() -> None:
    assert get_args(Kind) == KINDS
    for lang in LANGUAGES:
        for kind in KINDS:
            assert tr(f"brief.office.act.object.{kind}", lang, of_count="1", start="x", year=2027)
            assert tr(f"brief.office.fault.nothing_{kind}.message", lang)


# --- as a person opens them ---------------------------------------------------------------------------


def converted(soffice: str, files: list[Path], folder: Path) -> list[Path]:
    """Convert to PDF; skip where LibreOffice has no Writer or no Impress."""
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    command = [
        soffice,
        "--headless",
        profile,
        "--convert-to",
        "pdf",
        "--outdir",
        str(folder),
        *map(str, files),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    found = [folder / f"{f.stem}.pdf" for f in files]
    if "could not be loaded" in done.stdout + done.stderr and not all(f.exists() for f in found):
        import os

        reason = "LibreOffice has no Writer or no Impress (libreoffice-writer, libreoffice-impress)"
        if os.environ.get("CONSEILLER_REQUIRE_SYSTEM") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return found


@pytest.mark.slow
def test_libreoffice_opens_both_files_whole(require_system: Callable[[str], str], tmp_path: Path) -> None:
    from pypdf import PdfReader

    soffice = require_system("soffice")
    word = write_deliberation(plan("artois"), tmp_path / "acte.docx")
    slides = write_slides(plan("artois"), tmp_path / "vues.pptx")
    act_pdf, slides_pdf = (PdfReader(p) for p in converted(soffice, [word, slides], tmp_path))

    text = re.sub(r"\s", "", "".join(page.extract_text() for page in act_pdf.pages))
    assert 4 <= len(act_pdf.pages) <= 6
    assert "Article1er" in text
    assert f"Page1/{len(act_pdf.pages)}" in text
    assert len(slides_pdf.pages) == len(pptx.Presentation(str(slides)).slides) == 4
    for page, slide in zip(slides_pdf.pages, pptx.Presentation(str(slides)).slides, strict=True):
        shown = re.sub(r"\s", "", page.extract_text())
        assert re.sub(r"\s", "", slide.shapes.title.text) in shown


def test_the_files_are_whole_archives(tmp_path: Path) -> None:
    for path in (
        write_deliberation(plan("artois"), tmp_path / "a.docx"),
        write_slides(plan("artois"), tmp_path / "a.pptx"),
    ):
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            assert {i.date_time[:3] for i in archive.infolist()} == {(2026, 11, 24)}
