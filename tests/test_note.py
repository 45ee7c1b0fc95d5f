"""The note, read back from its PDF: standards, language, alternatives, bounds, and every figure by its label."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from builders import contract, convention, instalment, plan_of, post
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import dossiers

import conseiller
from conseiller import style
from conseiller.analysis.stamp import dossier_digest
from conseiller.brief import note
from conseiller.brief._bars import Bar, small_chart
from conseiller.brief.facts import Figure, PackFacts, Table, facts, shared_out, whole
from conseiller.brief.note import LayoutError, write_note
from conseiller.dossier import schema
from conseiller.files import FileInUseError
from conseiller.messages import LANGUAGES, Lang, catalogue, tr
from conseiller.projection import Projection
from conseiller.text import money, money0, typeset

pypdf = pytest.importorskip("pypdf")
typst = pytest.importorskip("typst")

ROOT = Path(__file__).resolve().parents[1]
TODAY = date(2026, 11, 24)
#: One, two and five posts.
CASES = ("exemples/commune-fictive", "campagnes-artois", "exemples/departement-fictif")
every = pytest.mark.parametrize(("case", "lang"), [(c, lang) for c in CASES for lang in LANGUAGES])
few = settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
_A4 = (595.276, 841.89)


@cache
def plan(case: str) -> Projection:
    return conseiller.project(conseiller.load(ROOT / "data" / case), today=TODAY)


@cache
def told(case: str, lang: Lang = "fr", anonymous: bool = True) -> PackFacts:
    return facts(plan(case), lang, anonymous)


@cache
def pdf(case: str, lang: Lang = "fr", anonymous: bool = True) -> bytes:
    return note.render(told(case, lang, anonymous))


@cache
def reader(case: str, lang: Lang = "fr", anonymous: bool = True) -> Any:
    return pypdf.PdfReader(io.BytesIO(pdf(case, lang, anonymous)))


def squeezed(text: str) -> str:
    """Drop the spaces at which lines may break; narrow and no-break ones, which may not, stay."""
    return re.sub(r"[ \n\r\t]+", "", text)


@cache
def pages(case: str, lang: Lang = "fr", anonymous: bool = True) -> tuple[str, ...]:
    return tuple(squeezed(p.extract_text()) for p in reader(case, lang, anonymous).pages)


def printed(*words: str) -> str:
    return squeezed("".join(map(typeset, words)))


def elements(node: Any) -> Iterator[Any]:
    """Every element of the structure tree."""
    node = node.get_object()
    if isinstance(node, list):
        for each in node:
            yield from elements(each)
    elif isinstance(node, dict):
        yield node
        if "/K" in node:
            yield from elements(node["/K"])


def tree(case: str, lang: Lang = "fr") -> list[Any]:
    return list(elements(reader(case, lang).trailer["/Root"]["/StructTreeRoot"]))


# --- an accessible document -----------------------------------------------------------------------------


@every
def test_the_document_is_tagged_named_and_in_its_language(case: str, lang: Lang) -> None:
    root = reader(case, lang).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]).startswith(lang)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader(case, lang).metadata.title == typeset(told(case, lang).title)
    assert reader(case, lang).metadata.author == typeset(told(case, lang).authority)
    assert reader(case, lang).metadata.creation_date.date() == TODAY


@every
def test_it_declares_the_standards_that_the_compiler_asserts(case: str, lang: Lang) -> None:
    xmp = reader(case, lang).trailer["/Root"]["/Metadata"].get_object().get_data().decode("utf-8")
    assert re.search(r"pdfuaid:part\D+1\D", xmp)
    assert re.search(r"pdfaid:part\D+2\D", xmp)
    assert re.search(r"pdfaid:conformance\W+A", xmp)


@every
def test_its_one_chart_has_the_text_alternative_of_the_facts(case: str, lang: Lang) -> None:
    figures = [e for e in tree(case, lang) if e.get("/S") == "/Figure"]
    assert [str(e["/Alt"]) for e in figures] == [typeset(told(case, lang).chart.alt)]


@every
def test_headings_and_tables_are_structure(case: str, lang: Lang) -> None:
    kinds = [str(e.get("/S")) for e in tree(case, lang)]
    assert kinds.count("/H1") == 1
    assert kinds.count("/H2") == 12  # seven on page 1, five on page 2
    assert kinds.count("/Table") == sum(bool(t.rows) for t in told(case, lang).tables)
    assert "/TH" in kinds


def test_an_image_without_alternative_is_refused(tmp_path: Path) -> None:
    template = tmp_path / "note.typ"
    source = Path(note.__file__).with_name("note.typ").read_text("utf-8")
    assert ", alt: data.chart.alt" in source
    template.write_text(source.replace(", alt: data.chart.alt", ""), "utf-8")
    compiler = note._compiler(template, note._data(told("campagnes-artois")))
    with pytest.raises(Exception, match="alt"):
        note._compiled(compiler, told("campagnes-artois"))


def test_a_warning_of_the_compiler_is_an_error(tmp_path: Path) -> None:
    """A font that typst does not have would only be replaced."""
    template = tmp_path / "note.typ"
    source = Path(note.__file__).with_name("note.typ").read_text("utf-8")
    template.write_text(source.replace("Libertinus Serif", "Marianne"), "utf-8")
    compiler = note._compiler(template, note._data(told("campagnes-artois")))
    with pytest.raises(LayoutError, match=r"(?i)marianne"):
        note._compiled(compiler, told("campagnes-artois"))


# --- what it prints -----------------------------------------------------------------------------------------


def rows(tables: tuple[Table, ...]) -> Iterator[tuple[str, str]]:
    for table in tables:
        for row in table.rows:
            yield row.key, row.label


@every
def test_every_figure_stands_after_its_label(case: str, lang: Lang) -> None:
    pack = told(case, lang)
    text = "".join(pages(case, lang))
    for table in pack.tables:
        for row in table.rows:
            cells = [f.text(lang) for f in row.figures if f is not None]
            assert printed(row.label, *cells) in text, row.key
    for figure in pack.headline:
        assert printed(figure.label, figure.text(lang)) in text, figure.key
    assert printed(pack.decision.deadline.label, pack.decision.deadline.text(lang)) in text
    for dated in pack.decision.dates:
        assert printed(dated.day.text(lang)) in text
        assert printed(dated.words) in text


@every
def test_every_sentence_is_printed(case: str, lang: Lang) -> None:
    pack = told(case, lang)
    first, second = pages(case, lang)
    for words in (pack.title, pack.authority, pack.decision.question, pack.decision.deadline_words):
        assert printed(words) in first
    for table in (pack.two_years, pack.causes, pack.choices, pack.balance, pack.sensitivity):
        assert printed(table.title) in first
        assert printed(table.note) in first
    for statement in pack.unknown:
        assert printed(statement.words) in first
        assert printed(statement.origin) in first
    for words in (*pack.risks, *pack.hypotheses, *pack.sources):
        assert printed(words) in second
    for page in (first, second):
        assert printed(pack.stamp.text(lang)) in page


@every
def test_page_1_keeps_the_order_of_the_officer(case: str, lang: Lang) -> None:
    pack = told(case, lang)
    parts = [
        tr("brief.decision.asked", lang, headline=pack.decision.headline),
        pack.two_years.title,
        pack.causes.title,
        pack.choices.title,
        pack.balance.title,
        pack.sensitivity.title,
        catalogue(lang)["brief.note.unknown"],
    ]
    first = pages(case, lang)[0]
    places = [first.index(printed(p)) for p in parts]
    assert places == sorted(places)


def test_french_typography_reaches_the_text_layer() -> None:
    text = "".join(p.extract_text() for p in reader("campagnes-artois").pages)
    assert "71\u202f477\u00a0€" in text
    assert "'" not in text
    assert "31\u00a0décembre" in text


def test_amounts_tie_with_the_projection() -> None:
    sums = plan("campagnes-artois").by("exercice")
    text = pages("campagnes-artois")[0]
    for year in (2026, 2027):
        for measure in ("pay", "other_costs", "cost", "grant", "net_cost"):
            assert squeezed(money0(float(sums.loc[year, measure]))) in text


# --- two pages, within their bounds ---------------------------------------------------------------------


@every
def test_it_has_two_pages_of_a4(case: str, lang: Lang) -> None:
    assert len(reader(case, lang).pages) == 2
    for page in reader(case, lang).pages:
        assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx(_A4, abs=0.5)


@pytest.mark.system("pdftotext")
@every
def test_no_word_leaves_the_page(case: str, lang: Lang, tmp_path: Path) -> None:
    """Margins of 15 mm at the sides, 12 mm above; the foot holds the stamp."""
    source = tmp_path / "note.pdf"
    source.write_bytes(pdf(case, lang))
    boxes = subprocess.run(
        ["pdftotext", "-bbox", str(source), "-"], capture_output=True, text=True, check=True
    ).stdout
    words = [
        e.attrib
        for e in ElementTree.fromstring(re.sub(r"&(?!amp;|lt;|gt;|quot;)", "&amp;", boxes)).iter()
        if e.tag.endswith("word")
    ]
    assert len(words) > 300
    side = 15 / 25.4 * 72
    for word in words:
        assert side - 1 <= float(word["xMin"]), word
        assert float(word["xMax"]) <= _A4[0] - side + 1, word
        assert float(word["yMin"]) >= 20, word
        assert float(word["yMax"]) <= _A4[1] - 12, word


@given(dossiers(max_posts=5), st.sampled_from(LANGUAGES))
@few
def test_any_case_fits_on_two_pages(dossier: schema.Dossier, lang: Lang) -> None:
    pack = facts(conseiller.project(dossier, today=TODAY), lang)
    found = pypdf.PdfReader(io.BytesIO(note.render(pack)))
    assert len(found.pages) == 2


# --- figures that add up ---------------------------------------------------------------------------------


def ties(pack: PackFacts) -> None:
    """What is printed adds up, column by column."""
    lines = {row.key.partition(".")[2]: row.figures for row in pack.two_years.rows}
    for column in range(3):

        def shown(name: str, column: int = column) -> int:
            figures = lines.get(name)
            return int(figures[column].value) if figures else 0  # type: ignore[union-attr, arg-type]

        assert shown("pay") + shown("other_costs") == shown("cost")
        assert shown("cost") - shown("grant") - shown("other_funding") == shown("net_cost")
    *parts, total = (int(f.value) for f in pack.causes.figures)  # type: ignore[arg-type]
    change = lines["net_cost"][2]
    assert change is not None
    assert sum(parts) == total == change.value


@pytest.mark.parametrize("case", CASES)
def test_printed_euros_add_up(case: str) -> None:
    ties(told(case))


@given(dossiers(max_posts=3))
@few
def test_printed_euros_add_up_whatever_the_case(dossier: schema.Dossier) -> None:
    pack = facts(conseiller.project(dossier, today=TODAY))
    ties(pack)
    keys = [f.key for f in pack.figures]
    assert len(keys) == len(set(keys))
    for figure in pack.figures:
        if figure.exact is not None and not figure.key.startswith("causes."):
            assert isinstance(figure.value, (int, float))
            assert abs(figure.value - figure.exact) < 2, figure


@given(st.lists(st.integers(-10_000_000, 10_000_000).map(lambda c: c / 100), min_size=1, max_size=8))
def test_parts_in_whole_euros_add_up_to_their_rounded_sum(parts: list[float]) -> None:
    found = shared_out(parts)
    assert sum(found) == whole(sum(round(p * 100) for p in parts) / 100)
    assert all(abs(a - b) < 1.01 for a, b in zip(found, parts, strict=True))


# --- discretion -------------------------------------------------------------------------------------------


def test_an_anonymous_note_shows_no_individual_pay_and_no_word_about_it() -> None:
    text = "".join(pages("campagnes-artois"))
    by = plan("campagnes-artois").by("post", "exercice")
    for amount in by["pay"]:
        if amount:
            assert squeezed(money0(float(amount))) not in text
            assert squeezed(money(float(amount))) not in text
    dossier = plan("campagnes-artois").dossier
    for held in dossier.posts:
        for agent in held.contracts:
            for source in (agent.source, *(t.source for t in agent.terms)):
                assert printed(source.partition(":")[2]) not in text
    for word in ("B1", "RIFSEEP", "IM373", "échelon"):
        assert word not in text


def test_a_note_that_is_not_anonymous_names_posts_and_pay() -> None:
    text = "".join(pages("campagnes-artois", "fr", False))
    post = plan("campagnes-artois").dossier.posts[0]
    assert printed(post.label) in text
    pay = float(plan("campagnes-artois").by("post", "exercice").loc[(post.code, 2027), "pay"])
    assert squeezed(money0(pay)) in text


# --- the file ---------------------------------------------------------------------------------------------


def test_same_facts_same_bytes() -> None:
    again = conseiller.project(conseiller.load(ROOT / "data" / "campagnes-artois"), today=TODAY)
    assert note.render(facts(again)) == pdf("campagnes-artois")


def test_it_is_written_whole_and_given_back(tmp_path: Path) -> None:
    target = tmp_path / "folder" / "note.pdf"
    assert write_note(told("campagnes-artois"), target) == target
    assert target.read_bytes() == pdf("campagnes-artois")
    assert [p.name for p in target.parent.iterdir()] == ["note.pdf"]


def test_an_open_file_is_left_untouched(tmp_path: Path) -> None:
    target = tmp_path / "note.pdf"
    target.write_bytes(b"before")
    (tmp_path / ".~lock.note.pdf#").touch()
    with pytest.raises(FileInUseError):
        write_note(told("campagnes-artois"), target)
    assert target.read_bytes() == b"before"


def test_words_of_the_dossier_are_never_read_as_typst() -> None:
    """`#`, `*`, `_`, `$` and `@` in a name are printed as they are."""
    dossier = plan("campagnes-artois").dossier
    odd = 'Commune #eval("1") *gras* _x_ $a$ @ref <b> \\ // fin'
    authority = dossier.authority.model_copy(update={"name": odd})
    pack = facts(conseiller.project(dossier.model_copy(update={"authority": authority}), today=TODAY))
    text = pypdf.PdfReader(io.BytesIO(note.render(pack))).pages[0].extract_text()
    assert printed(odd) in squeezed(text)


def test_signs_that_the_fonts_lack_are_printed_as_question_marks() -> None:
    """The sign U+F0B7, of private use, is what the bullet of a word processor becomes when copied."""
    dossier = plan("campagnes-artois").dossier
    name = "Commune Ԁ de 数字 🖥️ \uf0b7œuvre"
    authority = dossier.authority.model_copy(update={"name": name})
    pack = facts(conseiller.project(dossier.model_copy(update={"authority": authority}), today=TODAY))
    text = pypdf.PdfReader(io.BytesIO(note.render(pack))).pages[0].extract_text()
    assert re.search(r"Commune \? de \?\? \?+ \?œuvre", text)


def test_the_stamp_tells_one_dossier_from_another() -> None:
    dossier = plan("campagnes-artois").dossier
    stamp = told("campagnes-artois").stamp
    assert re.fullmatch(r"[0-9a-f]{12}", stamp.dossier)
    assert stamp.dossier == dossier_digest(dossier)
    other = dossier.model_copy(update={"costs": dossier.costs[1:]})
    assert dossier_digest(other) != stamp.dossier


def test_figures_write_themselves() -> None:
    write: Callable[..., str] = lambda value, unit, **more: Figure("k", "l", value, unit, **more).text()  # noqa: E731
    assert write(1234, "EUR") == "1\u202f234\u00a0€"
    assert write(12, "EUR", signed=True) == "+12\u00a0€"
    assert write(0, "EUR", signed=True) == "0\u00a0€"
    assert write(-3, "EUR", signed=True) == "−3\u00a0€"
    assert write(0.256, "share") == "26\u00a0%"
    assert write(date(2027, 1, 1), "date") == "1er janvier 2027"


def test_a_post_whose_payments_are_typed_is_apart_from_one_whose_are_not() -> None:
    """Two posts under convention V2, V2 of 42 500 each; of the first, 17 500 received, of the second nothing is said."""
    paid = instalment(17500, titled=date(2026, 2, 1), received=date(2026, 3, 1))
    plan = plan_of(
        post([contract(date(2026, 1, 1))], [convention(date(2026, 1, 1), instalments=(paid,))], "CN1"),
        post([contract(date(2026, 1, 1))], [convention(date(2026, 1, 1))], "CN2"),
        first=2026,
        last=2028,
    )

    table = facts(plan).balance

    known = {row.label: [f and f.value for f in row.figures][4] for row in table.rows}
    assert [(label[:8], value) for label, value in known.items()] == [("V2 (CN1)", 17500), ("V2 (CN2)", None)]
    keys = [f.key for f in table.figures]
    assert len(keys) == len(set(keys))


def test_an_amount_on_a_hatched_bar_of_the_small_chart_stands_on_a_white_plate() -> None:
    bars = [Bar(2026, 10_000, 0, 30_000, 40_000, False), Bar(2027, 12_000, 0, 28_000, 40_000, True)]
    names = {"grant": "Subvention", "other_funding": "Autres", "net_cost": "Reste"}
    root = ElementTree.fromstring(small_chart(bars, names))
    svg = "{http://www.w3.org/2000/svg}"
    shapes = [e for e in root if e.tag in (f"{svg}rect", f"{svg}text")]
    written = {e.text: (shapes[k - 1], e) for k, e in enumerate(shapes)}
    for amount in ("12", "28"):
        plate, text = written[amount]
        assert plate.get("fill") == style.WHITE
        assert text.get("fill") == style.INK
        left, width, x = (float(str(v)) for v in (plate.get("x"), plate.get("width"), text.get("x")))
        assert left < x - 4
        assert x + 4 < left + width
    assert written["10"][1].get("fill") == style.FILLS["grant"]["text"]
    assert not any(e.get("fill") == style.WHITE for e in written["10"][:1])
