"""The act and the slides of a dossier with books: what was mandated and titled, as page 2 of the note says it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from test_note_books import CASES, LANGUAGE_OF, told, tracking

from conseiller.brief.annex import write_annex
from conseiller.brief.deliberation import write_deliberation
from conseiller.brief.pack import write_pack
from conseiller.brief.slides import write_slides
from conseiller.messages import Lang, tr

docx = pytest.importorskip("docx")
pptx = pytest.importorskip("pptx")


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


def words_of(document: Path) -> str:
    return plain("\n".join(p.text for p in docx.Document(str(document)).paragraphs))


def slides_of(path: Path) -> list[Any]:
    return list(pptx.Presentation(str(path)).slides)


def test_the_reasons_say_what_the_books_hold(tmp_path: Path) -> None:
    """Mandats of 2026 in the files 62 165.14, less 1 540.00 that a rule sets aside and 248.28 to tie: 60 376.86.

    Titres 14 000.00, less 1 500.00 to tie.
    """
    found = tracking("campagnes-artois")

    act = words_of(write_deliberation(found.plan, tmp_path / "a.docx", tracking=found))
    without = words_of(write_deliberation(found.plan, tmp_path / "b.docx"))

    assert "d'après les livres, jusqu'à octobre 2026, 60 377 € sont mandatés et 12 500 € titrés" in act
    assert "d'après les livres" not in without


@pytest.mark.parametrize(("case", "lang"), LANGUAGE_OF)
def test_one_slide_shows_plan_and_books_with_the_figures_of_the_note(
    case: str, lang: Lang, tmp_path: Path
) -> None:
    found = tracking(case)
    table = next(t for t in told(case, lang).books if t.key == "tracked")

    slides = slides_of(write_slides(found.plan, tmp_path / "a.pptx", lang, tracking=found))
    without = slides_of(write_slides(found.plan, tmp_path / "b.pptx", lang))

    assert len(slides) == len(without) + 1
    (shown,) = [s for s in slides if s.shapes.title.text not in {w.shapes.title.text for w in without}]
    cells = next(s.table for s in shown.shapes if s.has_table)
    assert [[c.text for c in row.cells] for row in cells.rows][1:] == [
        [row.label, *(f.text(lang) if f else "" for f in row.figures)] for row in table.rows
    ]
    landing = next(f for f in table.figures if f.key == "tracked.net.landing")
    assert landing.text(lang) in shown.shapes.title.text  # title and table say the same euros
    chart = next(s.chart for s in shown.shapes if s.has_chart)
    net = found.landing().xs("net", level="measure")
    years = [int(y) for y in chart.plots[0].categories]
    assert years == [y for y in net.index if y <= 2026]
    assert [list(s.values) for s in chart.plots[0].series] == [
        [float(net["plan"][y]) for y in years],
        [float(net["landing"][y]) for y in years],
    ]


@pytest.mark.parametrize("case", CASES)
def test_the_slide_of_the_books_keeps_within_its_page(case: str, tmp_path: Path) -> None:
    found = tracking(case)
    presentation = pptx.Presentation(str(write_slides(found.plan, tmp_path / "a.pptx", tracking=found)))
    for slide in presentation.slides:
        boxes = sorted((s.top, s.top + s.height) for s in slide.shapes if s.has_table or s.has_chart)
        assert all(end <= start for (_, end), (start, _) in pairwise(boxes))
        assert all(s.top + s.height <= presentation.slide_height for s in slide.shapes)


@pytest.mark.parametrize(("case", "lang"), LANGUAGE_OF)
def test_the_annex_holds_the_tables_of_the_books_to_the_cent(case: str, lang: Lang, tmp_path: Path) -> None:
    found, facts = tracking(case), told(case, lang)

    book = openpyxl.load_workbook(write_annex(facts, found.plan, tmp_path / "annexe.xlsx"))

    assert {"tracked", "tracked_why"} <= {table.key for table in facts.books}
    for table in facts.books:
        sheet = book[tr(f"brief.annex.sheet.{table.key}", lang)]
        for row, line in enumerate(table.rows, start=3):
            amounts = [c.value for c in sheet[row][1 : len(table.columns) + 1]]
            wanted = [f.exact if f is not None else None for f in line.figures]
            assert [a for a in amounts if isinstance(a, (int, float))] == [
                w for w, f in zip(wanted, line.figures, strict=True) if f is not None and f.unit == "EUR"
            ]


@pytest.mark.parametrize(("case", "lang"), LANGUAGE_OF)
def test_the_whole_pack_is_written_with_books(case: str, lang: Lang, tmp_path: Path) -> None:
    found = tracking(case)

    written = write_pack(found.plan, tmp_path, lang, tracking=found)

    assert sorted(path.suffix for path in written) == [".docx", ".pdf", ".pptx", ".xlsx"]
