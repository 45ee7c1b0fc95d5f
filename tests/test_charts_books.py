"""The chart of plan against books: figures worked by hand, words that fit, no chart before there is a book."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from booklines import case, ledger, line
from test_charts import bars_on, dossier, faults_of
from test_tracking import worked_books

from conseiller.analysis.tracking import Tracking, track
from conseiller.charts import all_charts, plan_and_books
from conseiller.messages import Lang
from conseiller.projection import Projection
from conseiller.report import write_report


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def books_of(plan: Projection, euros: float, fund: float = 0.0) -> Tracking:
    """Two mandats and a titre a year for each post, up to October 2026; one line that nothing ties."""
    rows = [line(date(2026, 5, 5), "6236", 80.0)]
    for post in plan.posts:
        for year in [y for y in plan.exercices if y <= 2026]:
            rows += [line(date(year, m, 25), "64131", euros, post=post) for m in (1, 10)]
            rows += [line(date(year, 3, 1), "74718", fund, post=post)] if fund else []
    return track(plan, ledger(*rows))


def test_the_year_worked_by_hand_lands_where_its_page_says() -> None:
    """docs/tracking.md, C and D: plan 32 192.44 + 300 − 12 500; actual 19 664.14 + 153 + 450 − 12 500; left 10 951.28."""
    chart = plan_and_books(track(case(), worked_books()))

    assert chart is not None
    assert plain(chart.title) == "2026 devrait finir à 18 718 € de reste à charge, 1 274 € de moins que prévu"
    item = "2026 : prévu 19 992 €, réalisé à ce jour 7 767 €, atterrissage 18 718 €, écart −1 274 €."
    assert plain(chart.alt).endswith(item)
    assert "mandats jusqu'à août 2026" in plain(chart.source)
    widths = [round(p.get_width(), 2) for _, p in bars_on(chart.figure)]
    assert widths == [19992.44, 7767.14, 18718.42]


def test_a_year_wholly_booked_has_no_landing() -> None:
    """2025 is over at 24 November 2026, and its pay is booked to December; the plan begins in 2026."""
    plan = case(first=2024, last=2026)
    rows = [line(date(2025, m, 25), "64131", 1000.0, post="CN1") for m in range(1, 13)]
    tracking = track(plan, ledger(*rows, line(date(2026, 1, 25), "64131", 1000.0, post="CN1")))
    chart = plan_and_books(tracking)

    assert chart is not None
    assert "2025 : prévu 0 €, réalisé 12 000 €, écart +12 000 €" in plain(chart.alt)


@pytest.mark.parametrize(
    ("posts", "exercices", "lang"),
    [(1, 1, "fr"), (1, 8, "en"), (2, 2, "fr"), (2, 4, "en"), (5, 4, "fr"), (5, 8, "fr")],
)
def test_no_word_is_cut_or_over_another(posts: int, exercices: int, lang: Lang) -> None:
    plan = Projection(dossier("ordinary", posts, exercices))
    chart = plan_and_books(books_of(plan, 11_111.11), lang)

    assert chart is not None
    assert faults_of(chart.figure) == []


@pytest.mark.parametrize(
    ("kind", "euros", "fund"),
    [
        ("millions", 9_876_543.21, 0.0),
        ("words", 900.0, 0.0),
        ("ordinary", 10.0, 500_000.0),  # income beyond spending: bars to the left of zero
        ("nobody", 12.0, 0.0),
    ],
)
def test_no_word_is_cut_whatever_the_amounts(kind: str, euros: float, fund: float) -> None:
    chart = plan_and_books(books_of(Projection(dossier(kind, 2, 4)), euros, fund))

    assert chart is not None
    assert faults_of(chart.figure) == []


def test_without_a_line_of_the_books_there_is_no_chart() -> None:
    plan = case()

    assert plan_and_books(track(plan, ledger())) is None
    loose = track(plan, ledger(line(date(2026, 5, 5), "6236", 80.0)))  # tied to nothing
    assert plan_and_books(loose) is None
    assert [c.key for c in all_charts(plan, tracking=loose)] == [c.key for c in all_charts(plan)]


def _no_workbook(plan: Projection, path: Path, *_: Any, **__: Any) -> Path:
    path.write_bytes(b"")
    return path


def test_the_report_holds_the_chart_when_the_case_has_books(tmp_path: Path, monkeypatch: Any) -> None:
    plan = case()
    monkeypatch.setattr(Projection, "to_excel", _no_workbook)

    written = write_report(plan, tmp_path, "cas", tracking=track(plan, worked_books()))

    names = {p.name for p in written}
    assert {"plan_and_books.png", "plan_and_books.svg"} <= names
    svg = next(p for p in written if p.name == "plan_and_books.svg").read_text("utf-8")
    assert "2026 devrait finir" in svg
