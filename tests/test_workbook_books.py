"""The sheets of the books say what the tracking says: by hand, recalculated from nothing, and edited."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from textwrap import wrap
from typing import Any

import openpyxl
import pandas as pd
import pytest
import recalculate as lo
from booklines import TODAY, case, ledger, line
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from perturb import edited
from strategies import dossiers as dossiers_of_cases
from test_tracking import BOOKED, pay, worked_books
from test_workbook_pages import column_widths
from typer.testing import CliRunner

from conseiller import charts, cli
from conseiller import dossier as dossiers
from conseiller import scenario as sc
from conseiller.analysis.tracking import Tracking, track
from conseiller.analysis.tracking.books import books_of
from conseiller.analysis.tracking.reconcile import Source
from conseiller.dossier import load, schema
from conseiller.errors import InputFaults
from conseiller.ledger.reading import ASIDE, CREDITS, Control, Reading, frame
from conseiller.ledger.rules import FILE, Rule, Rules
from conseiller.ledger.store import Ledger
from conseiller.projection import Projection
from conseiller.workbook.books import ledger as ledger_sheet
from conseiller.workbook.report import SHEETS

BOOKS = (
    "Grand livre",
    "Réalisé",
    "Écarts",
    "Reste à comptabiliser",
    "Atterrissage",
    "Conventions et clôture",
    "Crédits et poids",
    "À rattacher",
    "Rapprochement",
)
OPENERS = ("=1+1", "+HYPERLINK(1)", "-1", "@SUM(1)")
Values = Mapping[tuple[str, str], Any]


def accidents() -> Tracking:
    """Two posts and every accident: refund, share, order, other exercice, no date, a rule that sets aside…"""
    day = date(2026, 5, 10)
    rows = [
        *pay(1, (1836.20, 100.00, 590.74, 5.81, 1.94, 82.68, 40.67)),
        *pay(2, (900.0, 50.0, 0, 0, 0, 0, 0), "CN2"),
    ]
    rows += pay(3, (1836.20, 100.00, 590.74, 5.81, 1.94, 82.68, 40.67), period=date(2026, 2, 1))
    rows += [
        line(day, "6459", 120, side="funding", post="CN1", label="Remboursement"),
        line(day, "6262", 100.01, analytic="PART", label=OPENERS[0]),
        line(day, "6064", 33.33, label=OPENERS[1], piece="007"),
        line(None, "6064", 10, exercice=2026, label=OPENERS[2]),
        line(day, "74718", 99.99, label=OPENERS[3]),
        line(date(2025, 12, 1), "6064", 5, post="CN1"),
        line(day, "6811", 7, post="CN1", kind="order"),
        line(date(2027, 1, 20), "6064", 44, post="CN1", exercice=2026),
        line(date(2026, 7, 1), "2188", 900, post="CN2", sheet="Ventes", file="autre.xlsx"),
        line(date(2026, 7, 1), "6064", 12, service="AUTRE", file="autre.xlsx"),
        line(date(2026, 2, 15), "74718", 8750, post="CN1", piece="12"),
        line(date(2026, 6, 30), "", 5000, post="CN1", side="funding", label="Versement reçu"),
    ]
    rules = Rules(
        rules=(
            Rule(name="partage", shares={"CN1": 1.0, "CN2": 2.0}, analytic=("PART",)),
            Rule(name="hors", aside="autre service", service=("AUTRE",)),
        )
    )
    budget = (
        ("6064", "011", "cost", 1000),
        ("64131", "012", "cost", 40000),
        ("74718", "74", "funding", 90000),
    )
    accounts, chapters, sides, amounts = zip(*budget, strict=True)
    voted = {
        "exercice": [2026] * 3,
        "stage": ["BP"] * 3,
        "account": accounts,
        "chapter": chapters,
        "section": ["fonctionnement"] * 3,
        "side": sides,
        "voted_cents": [a * 100 for a in amounts],
    }
    credits = frame(CREDITS, {k: list(v) for k, v in voted.items()})
    return track(case(("CN1", "CN2"), last=2027), ledger(*rows), rules, credits=credits)


@pytest.fixture(scope="module")
def worked() -> Tracking:
    """The year worked by hand in ``docs/tracking.md``, part C."""
    return track(case(), worked_books())


@pytest.fixture(scope="module")
def book(worked: Tracking, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return worked.plan.to_excel(tmp_path_factory.mktemp("worked") / "cas.xlsx", tracking=worked)


@pytest.fixture(scope="module")
def values(book: Path) -> Values:
    return lo.values_of(book)


@pytest.fixture(scope="module")
def mixed() -> Tracking:
    return accidents()


@pytest.fixture(scope="module")
def mixed_book(mixed: Tracking, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mixed.plan.to_excel(tmp_path_factory.mktemp("mixed") / "accidents.xlsx", tracking=mixed)


@pytest.fixture(scope="module")
def mixed_values(mixed_book: Path) -> Values:
    return lo.values_of(mixed_book)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Workbooks of generated cases with books drawn at random."""
    folder = tmp_path_factory.mktemp("generated")
    files: list[Path] = []
    accounts = ["64131", "64111", "6451", "6336", "6262", "74718", "6419", "2188", "", "10222"]
    amounts = st.sampled_from([1836.20, 12500.0, -50.5, 0.0, 99999.99, 0.01])
    lines = st.tuples(
        st.sampled_from(accounts), amounts, st.integers(-1, 9), st.integers(1, 12), st.booleans()
    )

    @settings(
        max_examples=2,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(dossiers_of_cases(), st.lists(lines, min_size=1, max_size=40))
    def write(dossier: schema.Dossier, drawn: list[tuple[str, float, int, int, bool]]) -> None:
        plan = Projection(dossier, today=date(2026, 11, 24))
        posts = [*plan.posts, ""]
        rows = [
            line(
                date(plan.exercices[0] + min(shift, len(plan.exercices)), month, 10),
                account,
                euros,
                post=posts[month % len(posts)],
                side="cost" if account[:1] in ("2", "6") and account != "6419" else "funding",
                **({"period": date(plan.exercices[0], month, 1)} if about else {}),
            )
            for account, euros, shift, month, about in drawn
        ]
        tracking = track(plan, ledger(*rows))
        files.append(plan.to_excel(folder / f"case{len(files)}.xlsx", tracking=tracking))

    write()
    return files


def row_of(values: Values, sheet: str, *starts: Any) -> list[Any]:
    """Return the first row of a sheet whose first cells are these."""
    rows = _rows(values, sheet)
    return next(row for row in rows if row[: len(starts)] == list(starts))


def _rows(values: Values, sheet: str) -> list[list[Any]]:
    cells = {c: v for (s, c), v in values.items() if s == sheet}
    found: dict[int, dict[int, Any]] = {}
    for address, value in cells.items():
        letters = "".join(ch for ch in address if ch.isalpha())
        col = openpyxl.utils.column_index_from_string(letters)
        found.setdefault(int(address[len(letters) :]), {})[col] = value
    return [[row.get(c) for c in range(1, max(row) + 1)] for _, row in sorted(found.items())]


def false_checks(values: Values) -> float:
    return float(row_of(values, "Contrôles", "Nombre de contrôles faux")[1])


# --- the year worked by hand ----------------------------------------------------------------------------


def test_actual_by_month_is_that_of_the_year_worked_by_hand(values: Values) -> None:
    total = row_of(values, "Réalisé", "2026 – Dépenses de fonctionnement")
    # Pay of the month, telephone 75 in March and 78 in June, training 450 in April.
    months = [2658.04, 2705.33, 75, 5316.08 + 450, 2661.91, 2314.58 + 78, 2658.04, 1350.16, 0, 0, 0, 0]
    assert total[4:17] == pytest.approx([*months, 20267.14])
    grant = row_of(values, "Réalisé", "2026 – Recettes de fonctionnement")
    assert (grant[5], grant[16]) == (12500, 12500)


def test_variance_of_the_year_and_to_date_is_that_worked_by_hand(values: Values) -> None:
    total = row_of(values, "Écarts", "2026 – Dépenses de fonctionnement")
    # 32192.44 + 300 planned; to the end of August 5 x 2658.04 + 3 x 2700.32 + 8 x 25.
    assert total[3:7] == pytest.approx([32492.44, 20267.14, -12225.30, -12225.30 / 32492.44])
    assert total[7:10] == pytest.approx([21591.16, 20267.14, -1324.02])
    training = next(r for r in _rows(values, "Écarts") if r[1:2] and "6184" in str(r[1]))
    assert training[3:6] == [0, 450, 450]
    assert training[6] is None  # nothing planned: no percentage
    phone = row_of(values, "Écarts", 2026, "Téléphone")
    assert phone[3:6] == [300, 153, -147]


def test_landing_is_that_worked_by_hand(values: Values) -> None:
    cost = row_of(values, "Atterrissage", "2026 – Dépenses de fonctionnement")
    # Pay 10801.28 and telephone 150 are left; 30465.42 + 303 + 450.
    assert cost[3:8] == pytest.approx([32492.44, 20267.14, 10951.28, 31218.42, 31218.42 - 32492.44])
    net = row_of(values, "Atterrissage", 2026, "Reste à charge de fonctionnement")
    assert net[3:8] == pytest.approx([19992.44, 7767.14, 10951.28, 18718.42, -1274.02])


def test_the_convention_stands_where_the_books_say(values: Values) -> None:
    """Ten months of twelve earned on 24 November; the whole year titled in February, nothing received."""
    state = row_of(values, "Conventions et clôture", "CN1", "V2")
    assert state[3:15] == pytest.approx(
        [12500, 12500, 10416.67, 0, 12500, 0, 0, 0, 2083.33, 12500, 0, 0], abs=0.005
    )


def test_credits_are_consumed_by_every_line_of_their_account(mixed: Tracking, mixed_values: Values) -> None:
    """Lines tied, to attach and set aside: 44 + 33.33 + 10 + 12; those of posts: 44; another exercice does not count."""
    row = row_of(mixed_values, "Crédits et poids", 2026, "D", "011", "6064")
    assert row[4:9] == pytest.approx([1000, 99.33, 44, 900.67, 0.09933])
    weights = mixed.weight().set_index("exercice")
    weight = next(r for r in _rows(mixed_values, "Crédits et poids") if r[:2] == [2026, 2])
    net = row_of(mixed_values, "Atterrissage", 2026, "Reste à charge de fonctionnement")[6]
    # Income voted 90 000, spending 41 000: 49 000 saved, posts included.
    assert weight[6:10] == pytest.approx([weight[5] / 40000, 49000, net, net / (49000 + net)])
    for year in (2026, 2027):
        shown = next(r for r in _rows(mixed_values, "Crédits et poids") if r[:2] == [year, 2])
        expected = weights.loc[year, ["etp", "etpt", "etpt_paid", "posts_staff", "net_cost"]].tolist()
        assert [*shown[1:4], shown[5], shown[8]] == pytest.approx(expected, abs=0.0001)


def test_only_the_months_not_booked_are_left(values: Values) -> None:
    phone = row_of(values, "Reste à comptabiliser", 2026, "CN1", "Téléphone", "prévu")
    assert phone[4:17] == [None] * 6 + [25] * 6 + [150]


def test_every_check_is_true(values: Values) -> None:
    assert false_checks(values) == 0
    checks = [r for r in _rows(values, "Contrôles") if len(r) > 1 and isinstance(r[1], bool)]
    assert {r[1] for r in checks} == {True}
    assert sum("Rapprochement" in r[0] or "Réalisé" in r[0] for r in checks) == 3


# --- against the tracking, and recalculated from nothing ------------------------------------------------


@pytest.mark.parametrize("sheet", ["Écarts", "Atterrissage"])
def test_each_line_is_that_of_the_tracking(sheet: str, mixed: Tracking, mixed_values: Values) -> None:
    """*Écarts* stops at the year in course: after it nothing has happened yet."""
    if sheet == "Écarts":
        expected, figures, last = mixed.by("exercice", "line"), ["plan", "actual", "variance"], 2026
    else:
        expected, last = mixed.landing("exercice", "line"), 2027
        figures = ["plan", "actual", "left", "landing", "variance"]
    seen = 0
    for (year, code, measure), row in expected.iterrows():
        if year <= last:
            side = "D" if measure == "cost" else "R"
            found = row_of(mixed_values, sheet, year, mixed.label(code), side)
            assert found[3 : 3 + len(figures)] == pytest.approx(row[figures].tolist(), abs=0.005), code
            seen += 1
    assert seen > 10
    assert false_checks(mixed_values) == 0


@pytest.mark.parametrize("post", ["CN1", "CN2"])
def test_each_post_is_that_of_the_tracking(post: str, mixed: Tracking, mixed_values: Values) -> None:
    expected = mixed.by("exercice", "post").loc[(2026, post)]
    for measure, words in (("cost", "Dépenses"), ("funding", "Recettes")):
        found = row_of(mixed_values, "Écarts", 2026, f"{post} – {words}")
        assert found[3:6] == pytest.approx(expected.loc[measure, ["plan", "actual", "variance"]].tolist())
    net = row_of(mixed_values, "Écarts", f"2026 – {post} – Reste à charge de fonctionnement")
    assert net[3:6] == pytest.approx(expected.loc["net", ["plan", "actual", "variance"]].tolist())


@pytest.mark.slow
@pytest.mark.system("soffice")
def test_recalculated_from_false_values_the_books_equal_python(
    book: Path, values: Values, mixed_book: Path, generated: list[Path], tmp_path: Path
) -> None:
    """Also: a price of the plan and a line of the ledger changed move what depends on them, and nothing is hidden."""
    planted = []
    for source in (book, mixed_book, *generated):
        target = tmp_path / "false" / source.name
        target.parent.mkdir(exist_ok=True)
        assert lo.plant_false_values(source, target) == len(lo.formulas_of(source)) > 1000
        planted.append(target)
    inputs = {c: v for (s, c), v in values.items() if s == "Hypothèses"}
    phone = next(c for c, v in inputs.items() if v == "Téléphone").lstrip("ABCDEFGH")
    price = next(c for c, v in inputs.items() if v == 25 and c.lstrip("ABCDEFGH") == phone)
    amount = next(c for (s, c), v in values.items() if s == "Grand livre" and v == 75)
    planted.append(edited(planted[0], tmp_path / "false" / "prix.xlsx", {("Hypothèses", price): 30}))
    planted.append(edited(planted[0], tmp_path / "false" / "ligne.xlsx", {("Grand livre", amount): 85}))
    planted.append(
        edited(planted[0], tmp_path / "false" / "mois.xlsx", {("Écarts", "D3"): lo.serial(date(2026, 7, 1))})
    )
    threshold = next(
        c for (s, c), v in values.items() if s == "Conventions et clôture" and str(v).startswith("Seuil")
    )
    raised = {("Conventions et clôture", threshold.replace("A", "D")): 1000}
    planted.append(edited(planted[0], tmp_path / "false" / "seuil.xlsx", raised))
    *results, dearer, tampered, earlier, materially = lo.recalculate(planted, tmp_path / "out")

    for source, result in zip((book, mixed_book, *generated), results, strict=True):
        assert lo.differences(source, result) == []
        assert lo.errors_of(result) == set()
    # Telephone at 30 a month: six months left instead of six at 25; what is booked stays.
    after = lo.values_of(dearer)
    assert row_of(after, "Atterrissage", 2026, "Téléphone")[3:7] == [360, 153, 180, 333]
    assert false_checks(after) == 0
    # A line of the ledger raised by 10: actual and landing follow, and the file no longer ties.
    after = lo.values_of(tampered)
    assert row_of(after, "Réalisé", 2026, "CN1", "Téléphone")[6] == 85
    assert row_of(after, "Atterrissage", 2026, "Téléphone")[4] == 163
    assert false_checks(after) == 1
    # To the end of July instead of August: one month of plan less, and the pay of August less.
    after = lo.values_of(earlier)
    total = row_of(after, "Écarts", "2026 – Dépenses de fonctionnement")
    assert total[7:9] == pytest.approx([21591.16 - 2725.32, 20267.14 - 1350.16])
    # Threshold of 1 000: the pay of September and October, 1 836.20 a month, is retained; telephone and funds are not.
    kept = [r for r in _rows(lo.values_of(materially), "Conventions et clôture") if r[4:5] == ["oui"]]
    entries = track(case(), worked_books()).year_end(threshold=1000)
    assert sorted(r[3] for r in kept) == sorted(entries.loc[entries["retained"], "amount"])
    assert 0 < len(kept) < len(entries)


# --- under the scenarios of the dossier -----------------------------------------------------------------

SWITCH = ("Scénarios", "C4")
SCENARIOS = (
    schema.Scenario(name="Mutuelle", changes=(sc.psc(15, since=date(2026, 12, 1)),)),
    schema.Scenario(name="Arrêt ?", changes=(sc.stop("CN1", date(2027, 6, 30)), sc.points(20, "CN2"))),
    schema.Scenario(name="Titulaire", changes=(sc.titularise(), sc.share({"A": 2.0, "B": 1.0}, rate=0.3))),
)


@pytest.mark.slow
@pytest.mark.system("soffice")
def test_under_each_scenario_the_books_are_set_against_its_plan(tmp_path: Path) -> None:
    """False values planted, one scenario chosen in each copy: lines, posts, what is left and where it lands."""
    plan = case(("CN1", "CN2"), last=2027, scenarios=SCENARIOS)
    months = [row for m, amounts in BOOKED.items() for p in plan.posts for row in pay(m, amounts, p)]
    books = track(plan, ledger(*months, line(date(2026, 2, 15), "74718", 12500, post="CN1")))
    planted = tmp_path / "planted.xlsx"
    lo.plant_false_values(plan.to_excel(tmp_path / "cas.xlsx", tracking=books), planted)
    files = [edited(planted, tmp_path / f"{k}.xlsx", {SWITCH: s.name}) for k, s in enumerate(SCENARIOS)]
    found = lo.recalculate(files, tmp_path / "out")

    for scenario, result in zip(SCENARIOS, found, strict=True):
        values = lo.values_of(result)
        assert lo.errors_of(result) == set(), scenario.name
        for sheet in ("Écarts", "Reste à comptabiliser", "Atterrissage"):
            (said,) = (r[0] for r in _rows(values, sheet) if str(r[0]).startswith("Plan comparé"))
            assert said.replace("\u00a0", " ") == f"Plan comparé : {scenario.name}"
        expected = books.against(Projection(plan.dossier.with_(scenario, today=TODAY), today=TODAY))
        assert wrong_lines(values, expected) == [], scenario.name
        for post in plan.posts:
            net = row_of(values, "Écarts", f"2026 – {post} – Reste à charge de fonctionnement")
            row = expected.by("exercice", "post").loc[(2026, post, "net"), ["plan", "actual", "variance"]]
            assert net[3:6] == pytest.approx(row.tolist(), abs=0.005)
        columns = ["etp", "etpt", "etpt_paid", "posts_staff", "net_cost"]
        for year, weight in expected.weight().set_index("exercice")[columns].iterrows():
            shown = row_of(values, "Crédits et poids", year)
            assert [*shown[1:4], shown[5], shown[8]] == pytest.approx(weight.tolist(), abs=0.005)
    # Fifteen euros a month for each of two agents from December on: nothing of it is booked.
    with_psc, stopped = (lo.values_of(f) for f in found[:2])
    label = books.label("psc")
    assert row_of(with_psc, "Atterrissage", 2026, label)[3:7] == [30, 0, 30, 30]
    assert row_of(with_psc, "Atterrissage", 2027, label)[3:7] == [360, 0, 360, 360]
    # A post that stops at the end of June 2027 has no pay left to book in July; the other has.
    july = {
        (r[1], r[2]): r[10]
        for r in _rows(stopped, "Reste à comptabiliser")
        if r[0] == 2027 and r[3] == "prévu"
    }
    assert not july["CN1", books.label("traitement")]
    assert july["CN2", books.label("traitement")] > 1836.20


def wrong_lines(values: Values, tracking: Tracking) -> list[tuple[str, int, str]]:
    """Lines of *Écarts* and *Atterrissage* that are not those of a tracking; a line shown that it has not is nought."""
    wrong = []
    views = {"Écarts": tracking.by("exercice", "line"), "Atterrissage": tracking.landing("exercice", "line")}
    figures = {"Écarts": ["plan", "actual"], "Atterrissage": ["plan", "actual", "left", "landing"]}
    for sheet, view in views.items():
        stated = {
            (year, tracking.label(code), "D" if measure == "cost" else "R"): row[figures[sheet]].tolist()
            for (year, code, measure), row in view.iterrows()
        }
        shown = 0
        for row in _rows(values, sheet):
            if (
                len(row) > 9
                and row[2] in ("D", "R")
                and " – Recettes" not in row[1]
                and " – Dépenses" not in row[1]
            ):
                key = (int(row[0]), row[1], row[2])
                count = len(figures[sheet])
                known = stated.pop(key, [0.0] * count)
                shown += 1
                if row[3 : 3 + count] != pytest.approx(known, abs=0.005):
                    wrong.append((sheet, key[0], key[1]))
        last = 2026 if sheet == "Écarts" else 2027
        wrong += [(sheet, k[0], k[1]) for k, v in stated.items() if any(v) and k[0] <= last]
        assert shown > 10
    return wrong


# --- texts, places, what is left aside ------------------------------------------------------------------


def test_what_the_books_say_is_text_whatever_it_begins_with(mixed_book: Path) -> None:
    workbook = openpyxl.load_workbook(mixed_book)
    cells = [
        c
        for name in ("Grand livre", "À rattacher")
        for row in workbook[name].iter_rows()
        for c in row
        if c.value in (*OPENERS, "007")
    ]
    assert {c.data_type for c in cells} == {"s"}
    assert {c.value for c in cells} == {*OPENERS, "007"}


def test_each_line_of_the_books_is_there_once_with_its_place_and_fate(mixed_values: Values) -> None:
    rows = [r for r in _rows(mixed_values, "Grand livre") if isinstance(r[0], float) and len(r) > 16]
    fates = pd.Series([r[11] for r in rows]).value_counts().to_dict()
    # 21 lines of pay, a refund, two parts of one line, a late mandat, equipment, the grant; then the others.
    assert fates == {
        "suivie": 27,
        "à rattacher": 3,
        "autre exercice": 1,
        "opération d'ordre": 1,
        "écartée par règle": 1,
        "encaissement": 1,
    }
    parts = [r for r in rows if r[8] == OPENERS[0]]
    # A third of 100.01 is 33.34, rounded up; the rest goes to the second post.
    assert [(r[9], r[7]) for r in parts] == [("CN1", 33.34), ("CN2", 66.67)]
    late = next(r for r in rows if r[7] == 44)
    assert late[2] == date(2026, 12, 1)  # a mandat of January on the exercice before
    assert next(r for r in rows if r[4] == "2188")[13:15] == ["autre.xlsx", "Ventes"]


def test_what_is_to_attach_is_listed_with_its_total_and_proposal(mixed_values: Values) -> None:
    values = mixed_values
    assert row_of(values, "À rattacher", "Nombre de lignes")[5] == 3
    assert row_of(values, "À rattacher", "Dépenses")[5] == pytest.approx(43.33)
    assert row_of(values, "À rattacher", "Recettes")[5] == pytest.approx(99.99)


# --- files ----------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A dossier with its books: one file re-exported with a correction, one line set aside, a total that is wrong."""
    path = tmp_path / "cas"
    path.mkdir()
    dossiers.save(case().dossier, path)
    lines = worked_books().assign(analytic="CNUM", post="", key=lambda f: f["place"])
    first = lines.assign(cents=lines["cents"].where(lines["account"] != "6184", 44000))
    total = {"reason": ["subtotal"], "cents": [100], "side": ["funding"], "label": ["Total"]}
    aside = frame(ASIDE, total | {"file": ["livres.csv"], "place": ["99"]})
    stated = Control("grand_total", "99", 100, 101)
    none = frame(CREDITS)
    old = Reading(
        path=Path("livres.csv"),
        format="table",
        sha256="0" * 64,
        lines=first,
        aside=frame(ASIDE),
        credits=none,
        rows=len(lines),
        issued="2026-09-01",
    )
    new = replace(
        old,
        sha256="1" * 64,
        lines=lines,
        aside=aside,
        controls=(stated,),
        rows=len(lines) + 1,
        issued="2026-10-01",
    )
    with Ledger(path) as books:
        books.add(old)
        books.add(new)
    (path / "livres" / FILE).write_text(
        '[[regles]]\nnom = "code"\nposte = "CN1"\nanalytique = "CNUM"\n', "utf-8"
    )
    return path


def test_each_file_is_accounted_for_and_a_wrong_total_is_told(folder: Path, tmp_path: Path) -> None:
    plan = Projection(load(folder), today=date(2026, 11, 24))
    values = lo.values_of(plan.to_excel(tmp_path / "cas.xlsx", ledger=folder))
    count = len(worked_books())
    # Twice the lines and one set aside; each line of the first export is a double of the second's or replaced.
    counts = row_of(values, "Rapprochement", "livres.csv", "tableau")
    assert counts[2:] == [2 * count + 1, 2 * count + 1, count, count, 1, True, count, 0, 0, 0, True]
    reasons = [r for r in _rows(values, "Rapprochement") if r[1:3] == ["lecture", "sous-totaux"]]
    assert [r[5:7] for r in reasons] == [[1, -1.0]]  # a total of income, one euro
    stated = row_of(values, "Rapprochement", "livres.csv", "total général")
    assert stated[5:] == pytest.approx([1.00, 1.01, 0.01, False])
    assert false_checks(values) == 1  # the total that the file states


def test_budgets_have_a_row_and_places_are_in_the_words_of_an_officer(tmp_path: Path) -> None:
    """A budget of which a row was replaced and one is a total; a list that lost a row; two totals of a flux."""
    flux = {"file": "flux.xml", "bordereau": "77", "piece": "9"}
    path = "/*/PES_DepenseAller/Bordereau[2]"
    places = [f"{path}/Piece[1]/LigneDePiece[{k}]" for k in (1, 2)]
    day = date(2026, 3, 1)
    lines = ledger(
        line(day, "6064", 12, post="CN1", place=places[0], **flux),
        line(day, "6064", 8, place=places[1], **flux),
    )
    stated = (
        Control("bordereau", f"{path}/BlocBordereau", 2000, 2000),
        Control("piece_count", "/*/PES_DepenseAller/Bordereau[3]/BlocBordereau", 1, 2),
        Control("bordereau", "/*/PES_DepenseAller/Bordereau (1612)", 450000, 450000),
    )
    total = frame(
        ASIDE,
        {"reason": ["calculated"], "cents": [700], "side": ["cost"], "file": ["bp.xml"], "place": ["4"]},
    )
    voted = {"voted_cost": 500000, "voted_funding": 450000, "realised_cost": 0, "realised_funding": 0}
    sources = (
        Source("flux.xml", 2, 2, 0, 2000, frame(ASIDE), stated, "pes"),
        Source("bp.xml", 4, 2, 1, 0, total, (), "totem", voted),
        Source("postes.csv", 3, 2, 0, 0, frame(ASIDE), (), "posts", {"voted_funding": 4250000}),
    )
    plan = case()
    tracking = track(plan, lines, sources=sources)
    values = lo.values_of(plan.to_excel(tmp_path / "cas.xlsx", tracking=tracking))

    budget = row_of(values, "Rapprochement", "bp.xml", "acte budgétaire (TOTEM)")
    assert budget[2:] == [4, 2, 1, 1, True, 5000, 4500, 0, 0]
    lost = row_of(values, "Rapprochement", "postes.csv", "liste des postes de l'État")
    assert lost[2:] == [3, 2, 0, 0, False, 0, 42500, 0, 0]
    assert ["bp.xml", "lecture", "totaux calculés"] in [r[:3] for r in _rows(values, "Rapprochement")]
    said = {
        r[2].replace("\u00a0", " "): r[5:7]
        for r in _rows(values, "Rapprochement")
        if "bordereau" in str(r[2:3])
    }
    assert said == {
        "bordereau n° 77": [20, 20],
        "bordereau de rang 3 dans le fichier": [1, 2],
        "1\u202f612 bordereaux de dépense ensemble": [4500, 4500],
    }
    assert false_checks(values) == 2  # the list that lost a row, the count of pièces
    (where,) = (r[9] for r in _rows(values, "À rattacher") if r[6:7] == [""] or r[8:9] == ["flux.xml"])
    assert where.replace("\u00a0", " ") == "bordereau n° 77, pièce n° 9, ligne 2"


def test_a_workbook_with_books_reads_back_as_the_same_dossier(folder: Path, tmp_path: Path) -> None:
    plan = Projection(load(folder), today=date(2026, 11, 24))
    path = plan.to_excel(tmp_path / "cas.xlsx", ledger=folder)
    assert load(path) == load(folder)


#: Width of a bold letter, and the least air between two heads [widths of a figure].
_BOLD, _AIR = 0.72, 1.2


@pytest.mark.parametrize("name", ["Conventions et clôture", "Crédits et poids"])
def test_heads_of_amounts_do_not_touch_those_beside(name: str, book: Path) -> None:
    sheet = openpyxl.load_workbook(book)[name]
    widths = column_widths(sheet, sheet.max_column)
    found = 0
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and cell.font.b and cell.alignment.horizontal == "right":
                width = widths[cell.column - 1]
                lines = wrap(cell.value, int(width / _BOLD))
                assert width - _BOLD * max(map(len, lines)) >= _AIR, cell.value
                found += 1
    assert found > 10


def test_without_books_the_workbook_is_that_of_the_plan(tmp_path: Path) -> None:
    plan = case()
    alone = plan.to_excel(tmp_path / "a.xlsx")
    beside = plan.to_excel(tmp_path / "b.xlsx", ledger=tmp_path / "nulle-part")
    assert alone.read_bytes() == beside.read_bytes()
    assert len(openpyxl.load_workbook(alone, read_only=True).sheetnames) == len(SHEETS)


def test_a_report_takes_the_books_and_says_so(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charts, "all_charts", lambda *_: {})
    done = CliRunner().invoke(cli.app, ["report", str(folder), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    told = next(t for t in done.stdout.splitlines() if t.startswith("Livres"))
    assert "août 2026" in told
    assert str(len(worked_books())) in told
    names = openpyxl.load_workbook(tmp_path / "out" / "cas.xlsx", read_only=True).sheetnames
    first = names.index("Échéancier")
    assert names[first : first + 1 + len(BOOKS)] == ["Échéancier", *BOOKS]
    assert names[-1] == "Contrôles"


def test_books_of_another_plan_are_refused(worked: Tracking, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="another plan"):
        case(last=2027).to_excel(tmp_path / "cas.xlsx", tracking=worked)
    assert list(tmp_path.iterdir()) == []


def test_more_lines_than_a_sheet_holds_are_refused_and_the_file_stays(
    worked: Tracking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "cas.xlsx"
    target.write_bytes(b"avant")
    monkeypatch.setattr(ledger_sheet, "_MOST", 5)
    with pytest.raises(InputFaults, match="53 lignes"):
        worked.plan.to_excel(target, tracking=worked)
    assert target.read_bytes() == b"avant"


def test_the_sheets_are_ready_to_print_protected_and_described(book: Path) -> None:
    workbook = openpyxl.load_workbook(book)
    for name in BOOKS:
        sheet = workbook[name]
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)  # 1 is the default
        assert sheet.print_title_rows
        assert sheet.oddFooter.center.text
        assert sheet.protection.sheet
        assert sheet.protection.password is None
    with zipfile.ZipFile(book) as parts:
        drawings = b"".join(parts.read(n) for n in parts.namelist() if n.startswith("xl/drawings/drawing"))
    assert "prévu 19\u202f992,44\u00a0€, atterrissage 18\u202f718,42\u00a0€".encode() in drawings


def test_no_books_beside_a_dossier_is_none(tmp_path: Path) -> None:
    assert books_of(tmp_path / "cas", case()) is None
