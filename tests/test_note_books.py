"""Page 2 of the note, once a dossier has books: every figure read back, what adds up, and room for every case."""

from __future__ import annotations

import io
import re
import shutil
from datetime import date
from functools import cache
from pathlib import Path

import pytest

import conseiller as cn
from conseiller import cli
from conseiller.analysis.tracking import Tracking, follow, track
from conseiller.brief import note
from conseiller.brief.facts import PackFacts, facts
from conseiller.brief.note import typeset
from conseiller.ledger import recognise
from conseiller.ledger.reading import COLUMNS, frame
from conseiller.ledger.store import Ledger
from conseiller.messages import Lang
from conseiller.projection import Projection
from conseiller.text import money0

pypdf = pytest.importorskip("pypdf")
pytest.importorskip("typst")

ROOT = Path(__file__).resolve().parents[1]
TODAY = date(2026, 11, 24)
#: One, two and five posts.
CASES = ("exemples/commune-fictive", "campagnes-artois", "exemples/departement-fictif")
LANGUAGE_OF: list[tuple[str, Lang]] = [*((c, "fr") for c in CASES), ("campagnes-artois", "en")]


@cache
def tracking(case: str) -> Tracking:
    """The example's own books; for the others, the pay of September and a line of another account, by post."""
    path = ROOT / "data" / case
    if case == "campagnes-artois":
        return follow(path, sorted((path / "exports").iterdir()), today=TODAY)
    plan = Projection(cn.load(path), today=TODAY)
    count = 2 * len(plan.posts)
    columns: dict[str, list[object]] = {name: [""] * count for name in COLUMNS}
    columns |= {
        "date": [date(2026, 9, 28)] * count,
        "period": [None] * count,
        "exercice": [2026] * count,
        "side": ["cost"] * count,
        "kind": ["ordinary"] * count,
        "account": ["64131", "60622"] * (count // 2),
        "cents": [2_100_07, 33_33] * (count // 2),
        "post": [p for p in plan.posts for _ in range(2)],
        "key": [str(k) for k in range(count)],
        "place": [str(k) for k in range(count)],
    }
    return track(plan, frame(COLUMNS, columns))


@cache
def told(case: str, lang: Lang = "fr") -> PackFacts:
    found = tracking(case)
    return facts(found.plan, lang, tracking=found)


def squeezed(text: str) -> str:
    return re.sub(r"[ \n\r\t]+", "", text)


@cache
def pages(case: str, lang: Lang = "fr") -> tuple[str, ...]:
    reader = pypdf.PdfReader(io.BytesIO(note.render(told(case, lang))))
    return tuple(squeezed(p.extract_text()) for p in reader.pages)


@pytest.mark.parametrize(("case", "lang"), LANGUAGE_OF)
def test_two_pages_hold_the_books_and_every_figure_stands_after_its_label(case: str, lang: Lang) -> None:
    pack, found = told(case, lang), pages(case, lang)

    assert len(found) == 2
    assert [t.key for t in pack.books[:2]] == ["tracked", "tracked_why"]
    for table in pack.books:
        assert squeezed(typeset(table.title)) in found[1]
        assert squeezed(typeset(table.note)) in found[1]
        for row in table.rows:
            cells = [f.text(lang) for f in row.figures if f is not None]
            assert squeezed(typeset("".join((row.label, *cells)))) in found[1], row.key
    for words in (*pack.risks, *pack.sources):
        assert squeezed(typeset(words)) in found[1]


@pytest.mark.parametrize("case", CASES)
def test_printed_euros_add_up_and_stay_near_the_cents(case: str) -> None:
    pack = told(case)
    rows = {r.key: [int(f.value) for f in r.figures if f] for r in pack.books[0].rows}  # type: ignore[arg-type]

    for plan, actual, left, landing, gap in rows.values():
        assert actual + left == landing
        assert plan + gap == landing
    for cost, funding, net in zip(*rows.values(), strict=True):
        assert cost - funding == net
    *parts, total = [int(f.value) for f in pack.books[1].figures]  # type: ignore[arg-type]
    assert sum(parts) == total == rows["tracked.net"][-1]
    # The plan is that of page 1.
    lines = {r.key: r.figures for r in pack.two_years.rows}
    assert lines["two_years.net_cost"][0].value == rows["tracked.net"][0]  # type: ignore[union-attr]
    for table in pack.books:
        for figure in table.figures:
            assert abs(float(figure.value) - float(figure.exact or 0)) < 2, figure  # type: ignore[arg-type]


def test_the_figures_are_those_of_the_tracking() -> None:
    text = pages("campagnes-artois")[1]
    net = tracking("campagnes-artois").landing().loc[(2026, "net")]

    assert squeezed(money0(float(net["actual"]))) in text
    # CN2: of 42 500, two years titled and received, 17 500 + 12 500; ten whole months of the third earned: 10 416,67.
    row = next(r for r in told("campagnes-artois").books[2].rows if r.key.endswith("CN2.V2"))
    assert [f.value for f in row.figures if f] == [42_500, 40_417, 30_000, 30_000, 10_417, 0]


def test_page_1_and_the_risks_speak_of_the_same_titres() -> None:
    """The dossier knows no titre of the third year; the books hold that of CN1."""
    with_books = told("campagnes-artois")
    without = facts(tracking("campagnes-artois").plan)

    balance = {f.key: f.value for f in with_books.balance.figures}
    assert balance["balance.V2.titled"] == 42_500 + 30_000
    assert {f.key: f.value for f in without.balance.figures}["balance.V2.titled"] == 2 * 30_000
    assert any(money0(12_500) in risk for risk in with_books.risks)
    assert any(money0(25_000) in risk for risk in without.risks)


@pytest.mark.parametrize("case", CASES)
def test_nothing_changes_without_books(case: str) -> None:
    plan = tracking(case).plan
    empty = track(plan, frame(COLUMNS))

    assert facts(plan).books == ()
    assert facts(plan, tracking=empty).books == ()
    data = [note._data(facts(plan, tracking=found)) for found in (None, empty)]
    assert data[0] == data[1]
    assert data[0]["books"] == []


def test_mandats_alone_say_nothing_of_what_was_titled() -> None:
    found = tracking("campagnes-artois")
    lines = found.attached.lines
    spent = track(found.plan, lines[lines["side"] == "cost"][list(COLUMNS)])
    pack, without = facts(found.plan, tracking=spent), facts(found.plan)

    assert [t.key for t in pack.books] == ["tracked", "tracked_why"]
    assert (pack.balance, pack.risks) == (without.balance, without.risks)


def test_the_command_looks_for_the_books_kept_with_the_dossier(tmp_path: Path) -> None:
    shutil.copy(ROOT / "data" / "campagnes-artois" / "dossier.toml", tmp_path)
    plan = tracking("campagnes-artois").plan
    assert cli._tracked(tmp_path, plan, "fr") is None
    with Ledger(tmp_path) as ledger:
        ledger.add(
            recognise.read(ROOT / "data" / "campagnes-artois" / "exports" / "FICTIF-versements-etat.csv")
        )
    found = cli._tracked(tmp_path, plan, "fr")
    assert found is not None
    # The five payments received.
    assert len(found.left_out) == 5


def test_books_of_an_earlier_year_alone_are_not_shown() -> None:
    found = tracking("campagnes-artois")
    plan = found.plan
    with_2024 = track(plan, found.attached.lines[found.attached.lines["exercice"] == 2024][list(COLUMNS)])

    assert facts(plan, tracking=with_2024).books == ()
