"""The fictional books of the example dossier: said to be fictional, read whole, and true to what was worked out by hand."""

from __future__ import annotations

import csv
import html
import importlib
import json
import re
import shutil
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import openpyxl
import pytest
from typer.testing import CliRunner

import conseiller as cn
from conseiller import cli_books
from conseiller.analysis.tracking import Tracking, follow, track
from conseiller.analysis.tracking.reconcile import totals_read
from conseiller.ledger.rules import load_rules
from conseiller.ledger.store import Ledger
from conseiller.projection import Projection
from conseiller.text import money

ROOT = Path(__file__).resolve().parents[1]
CASE = ROOT / "data" / "campagnes-artois"
EXPORTS = sorted((CASE / "exports").iterdir())
#: What of a third party's name says that it is a body, or made up.
BODIES = re.compile(
    r"EXEMPLE|URSSAF|IRCANTEC|CNFPT|CPAM|PREFECTURE|ETAT|AGENTS DE LA COLLECTIVITE|REGISSEUR D'AVANCES"
    r"|CENTRE DE GESTION|[Ee]xemple fictif"
)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        return importlib.import_module("example_exports")
    finally:
        sys.path.pop(0)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the dossier with its books, added as the page beside them says."""
    copy = tmp_path_factory.mktemp("livres") / "essai"
    shutil.copytree(CASE, copy, ignore=shutil.ignore_patterns("*.db*"))
    files = [str(copy / "exports" / file.name) for file in EXPORTS]
    done = CliRunner().invoke(cli_books.books, ["add", str(copy), *files, "--oui"])
    assert done.exit_code == 0, done.output
    return copy


@pytest.fixture(scope="module")
def tracking(case: Path) -> Tracking:
    plan = Projection(cn.load(case))
    with Ledger(case) as ledger:
        lines, voted, state = ledger.lines(), ledger.voted(), ledger.credits()
    return track(plan, lines, load_rules(case, plan), credits=voted, state=state)


# --- the files, read here without the package -----------------------------------------------------------

Line = tuple[int, str, str, str, Decimal]  # exercice, side, account, analytic code, amount


def table_2024() -> list[Line]:
    sheet = openpyxl.load_workbook(CASE / "exports" / "FICTIF-mandats-titres-2024.xlsx").active
    assert sheet is not None
    rows = [r for r in sheet.iter_rows(values_only=True) if r[0] == 2024]
    return [(2024, str(r[1]), str(r[3]), str(r[6] or ""), Decimal(f"{r[13]:.2f}")) for r in rows]


def table_2025() -> list[Line]:
    with (CASE / "exports" / "FICTIF-mandats-titres-2025.csv").open(encoding="cp1252", newline="") as file:
        rows = [r for r in csv.reader(file, delimiter=";") if r and r[0] == "2025"]
    return [(2025, r[1], r[3], r[6], Decimal(r[13].replace(" ", "").replace(",", "."))) for r in rows]


def flux_2026() -> list[Line]:
    found = []
    for name, side in (("depenses", "D"), ("recettes", "R")):
        tree = ElementTree.parse(CASE / "exports" / f"FICTIF-pes-{name}-2026.xml")
        seen = set()
        for packet in tree.iter("Bordereau"):
            head = {e.tag: e.get("V", "") for e in packet.iter() if e.get("V")}
            if head["IdBord"] in seen:  # sent twice
                continue
            seen.add(head["IdBord"])
            sign = -1 if packet.find(".//TypBord").get("V") == "02" else 1  # type: ignore[union-attr]
            for line in packet.iter("LigneDePiece"):
                of = {e.tag: e.get("V", "") for e in line.iter() if e.get("V")}
                code = of.get("CptAna", of.get("CodProdLoc", ""))
                found.append((2026, side, of["Nature"], code, sign * Decimal(of["MtHT"])))
    return found


@pytest.fixture(scope="module")
def raw() -> list[Line]:
    return [*table_2024(), *table_2025(), *flux_2026()]


# --- what they are ---------------------------------------------------------------------------------------


def test_each_file_says_that_it_is_fictional() -> None:
    assert {file.suffix for file in EXPORTS} == {".xlsx", ".csv", ".xml"}
    for file in EXPORTS:
        assert file.name.startswith("FICTIF-")
        if file.suffix == ".xlsx":
            sheet = openpyxl.load_workbook(file).active
            assert sheet is not None
            beginning = str(sheet["A1"].value)
        else:
            beginning = file.read_bytes()[:300].decode("latin-1").upper()
        assert "FICTI" in beginning, file.name
    assert "fictifs" in (CASE / "LISEZMOI.md").read_text("utf-8")


def test_nobody_is_named(tracking: Tracking) -> None:
    with (CASE / "exports" / "FICTIF-mandats-titres-2025.csv").open(encoding="cp1252", newline="") as file:
        parties = {r[10] for r in csv.reader(file, delimiter=";") if r and r[0] == "2025"}
    for name in ("depenses", "recettes"):
        tree = ElementTree.parse(CASE / "exports" / f"FICTIF-pes-{name}-2026.xml")
        assert not [e.tag for e in tree.iter() if e.tag in {"Prenom", "Civilite", "IBAN", "Adresse"}]
        parties |= {e.get("V", "") for e in tree.iter("Nom")}
    parties |= set(tracking.attached.lines["third_party"]) - {""}

    assert [p for p in sorted(parties) if not BODIES.search(p)] == []


def test_the_script_writes_the_files_kept(script: ModuleType, tmp_path: Path) -> None:
    made = script.write_all(tmp_path)

    assert sorted(f.name for f in made) == [f.name for f in EXPORTS]
    for file in made:
        kept = CASE / "exports" / file.name
        if file.suffix == ".xlsx":  # its compression depends on the machine
            new, old = (
                [list(r) for r in openpyxl.load_workbook(f).active.iter_rows(values_only=True)]  # type: ignore[union-attr]
                for f in (file, kept)
            )
            assert new == old
        else:
            assert file.read_bytes() == kept.read_bytes()


def test_it_does_not_read_the_plan() -> None:
    text = "".join((ROOT / "docs" / f"example_{n}.py").read_text("utf-8") for n in ("books", "exports"))

    assert not re.findall(r"^\s*(?:import|from) conseiller", text, re.MULTILINE)
    assert "dossier.toml" not in text


# --- what is read of them ----------------------------------------------------------------------------------


def test_counts_and_totals_are_those_of_the_files(case: Path, raw: list[Line]) -> None:
    with Ledger(case) as ledger:
        lines = ledger.lines()
    books = lines[lines["account"] != ""]
    for year in (2024, 2025, 2026):
        for letter, side in (("D", "cost"), ("R", "funding")):
            amounts = [x[4] for x in raw if x[:2] == (year, letter)]
            mine = books[(books["exercice"] == year) & (books["side"] == side)]
            assert len(mine) == len(amounts)
            assert mine["cents"].sum() == sum(amounts) * 100
    # Payments: 17 500 + 17 500 + 12 500 + 12 500 + 12 500.
    assert lines[lines["account"] == ""]["cents"].sum() == 72_500_00


def test_kept_and_set_aside_make_each_file(case: Path) -> None:
    with Ledger(case) as ledger:
        added = ledger.additions()
        assert [c for _, c in ledger.controls() if not c.holds] == []
        assert len(ledger.twins()) == 0
    assert len(added) == len(EXPORTS)
    for one in added:
        assert one.kept + one.same + one.replaced + one.withdrawn + one.aside == one.rows, one.file
    # Two printed totals a table; one of payments; the bordereau sent twice holds the pay of two posts, seven accounts each.
    aside = {a.file: a.aside for a in added}
    assert aside["FICTIF-mandats-titres-2024.xlsx"] == aside["FICTIF-mandats-titres-2025.csv"] == 2
    assert aside["FICTIF-versements-etat.csv"] == 1
    assert aside["FICTIF-pes-depenses-2026.xml"] == 14
    assert aside["FICTIF-pes-recettes-2026.xml"] == 0


def test_nothing_disappears_between_the_files_and_the_posts(case: Path, tracking: Tracking) -> None:
    with Ledger(case) as ledger:
        lines = ledger.lines()
    tied = tracking.attached
    for side in ("cost", "funding"):
        parts = [f[f["side"] == side]["cents"].sum() for f in (tied.lines, tied.unattached, tied.aside)]
        assert sum(parts) == lines[lines["side"] == side]["cents"].sum()
    # Four rents of another service a year, 385 € each.
    assert tied.aside["cents"].sum() == 12 * 385_00
    assert len(tied.aside) == 12
    assert len(tied.unattached) == 7


def test_one_line_in_ten_at_least_has_no_twin_in_the_plan(case: Path, tracking: Tracking) -> None:
    with Ledger(case) as ledger:
        count = len(ledger.lines())
    lines = tracking.attached.lines
    planned = {line.account for line in tracking.plan.lines()}
    alone = lines[~lines["account"].isin([*planned, ""])]["origin"].nunique() + len(tracking.unattached)

    assert alone / count >= 0.10
    # The other nine tenths are not the plan copied out: most amounts differ from it.
    most = lines[lines["line"] == "traitement"]
    assert (most["cents"] != 1836_20).mean() > 0.25


# --- what happened ---------------------------------------------------------------------------------------


def of(raw: list[Line], year: int, account: str, code: str) -> Decimal:
    return sum((x[4] for x in raw if (x[0], x[2], x[3]) == (year, account, code)), Decimal(0))


def test_the_accidents_of_real_books(raw: list[Line], tracking: Tracking) -> None:
    # October 2024 of CN1 mandated twice and cancelled: fourteen lines 64131, one of them negative, for twelve months.
    paid = [x[4] for x in raw if (x[0], x[2], x[3]) == (2024, "64131", "CNUM1")]
    assert Counter(paid) == {Decimal("1836.20"): 13, Decimal("-1836.20"): 1}
    assert sum(paid) == 12 * Decimal("1836.20")
    # CN2 from 8 January 2024: 1 836,20 × 23 / 30 = 1 407,75, then eleven months.
    assert of(raw, 2024, "64131", "CNUM2") == Decimal("1407.75") + 11 * Decimal("1836.20")
    # A raise: IM 381 × 59,0734 / 12 = 1 875,58 from March 2025.
    assert of(raw, 2025, "64131", "CNUM2") == 2 * Decimal("1836.20") + 10 * Decimal("1875.58")
    # A bill on a wrong account, put right.
    assert of(raw, 2025, "60632", "CNUM1") == 0
    # The second instalment of CN1 came in September 2025, five months after that of CN2; CN2's third is not titled.
    state = tracking.balance().set_index(["post", "code"])
    assert state.loc[("CN1", "V2"), "received"] == 42_500
    assert state.loc[("CN2", "V2"), "titled"] == 30_000


def test_a_month_paid_twice_and_cancelled_leaves_no_variance(tracking: Tracking) -> None:
    found = tracking.by("post", "exercice", "line")
    assert found.loc[("CN1", 2024, "traitement", "cost"), "variance"] == 0


def test_the_pay_of_2026_lands_where_it_was_worked_out(tracking: Tracking) -> None:
    """Ten months booked, two planned at 1 836,20 €."""
    landing = tracking.landing("post", "exercice", "line")["landing"]

    # CN1: January and February at 6/7, 1 573,89 € each; March to October, eight full months.
    assert landing["CN1", 2026, "traitement", "cost"] == float(Decimal("3147.78") + 10 * Decimal("1836.20"))
    # CN2: ten months at 1 875,58 €.
    assert landing["CN2", 2026, "traitement", "cost"] == 22_428.20
    assert tracking.until is not None
    assert tracking.until.month == 10


def test_each_cause_is_the_one_that_happened(tracking: Tracking) -> None:
    explained = tracking.explained
    pay = explained[(explained["line"] == "traitement") & (explained["cause"] != "calendar")]
    sums = pay.groupby(["post", "cause"])["amount"].sum().round(2).to_dict()

    assert sums == {
        # September 2025 to February 2026: six months at 6/7: 6 × (1 573,89 − 1 836,20).
        ("CN1", "quotite"): -1573.86,
        ("CN1", "not_yet_booked"): round(-26 * 1836.20, 2),
        # 1 407,75 − 1 836,20.
        ("CN2", "headcount"): -428.45,
        # Twenty months: 20 × (1 875,58 − 1 836,20).
        ("CN2", "index"): 787.60,
        ("CN2", "not_yet_booked"): round(-26 * 1836.20, 2),
    }
    assert set(pay["basis"]) == {"match", "books"}


def test_a_closed_exercice_lands_on_its_actual(tracking: Tracking) -> None:
    """2024 and 2025 are closed on 24 November 2026: what was not spent never will be. 2026 is not."""
    landing = tracking.landing("exercice", "line")

    for year in (2024, 2025):
        spent = landing.loc[year].xs("cost", level="measure")
        assert (spent["landing"] == spent["actual"]).all()
        assert (spent["left"] == 0).all()
    # Training of CN1 in 2024: 300 € planned, nothing booked.
    assert landing.loc[(2024, "cout_9", "cost"), "plan"] == 300
    assert landing.loc[(2024, "cout_9", "cost"), "landing"] == 0
    assert landing.loc[(2026, "traitement", "cost"), "left"] == 4 * 1836.20


def test_what_is_not_tied_is_told_by_its_place_in_words(tracking: Tracking) -> None:
    from conseiller.analysis.tracking import shown

    said = shown.unattached_grid(tracking).text()

    assert "FICTIF-mandats-titres-2024.xlsx, feuille «\u00a0Mandats et titres\u00a0», ligne " in said
    assert re.search(r"FICTIF-pes-recettes-2026\.xml, bordereau n°.\d+, pièce n°.\d+, ligne \d+", said)
    assert "/*/" not in said


# --- the notebook --------------------------------------------------------------------------------------------


def seen() -> str:
    """Return what a reader sees of the outputs of the notebook."""
    notebook = json.loads((ROOT / "notebooks" / "02_budget_et_realise.ipynb").read_text("utf-8"))
    outputs = [o for c in notebook["cells"] for o in c.get("outputs", [])]
    text = " ".join("".join(o.get("data", {}).get("text/html", [])) for o in outputs)
    return html.unescape(re.sub(r"<[^>]+>", " ", text))


def test_the_notebook_shows_the_figures_of_the_tracking(tracking: Tracking) -> None:
    words = seen()
    landing = tracking.landing()

    for year in (2024, 2025, 2026):
        for column in ("plan", "actual", "landing"):
            for amount in landing.loc[year, column]:
                assert money(float(amount)) in words
        for amount in tracking.why("exercice").loc[(year, "net")]:
            assert money(float(amount)) in words
    for label in tracking.unattached["label"]:
        assert label in words
    # The rate and the index that the books hold, found again.
    assert "1,72\u202f% au lieu de 1,60\u202f%" in words.replace("\u00a0%", "\u202f%")
    assert "Indice majoré 381 au lieu de 373" in words


def test_the_books_read_for_the_occasion_are_those_that_are_added(tracking: Tracking) -> None:
    again = follow(CASE, EXPORTS)

    assert again.table.equals(tracking.table)
    assert not (CASE / "livres" / "livres.db").exists()
    files = again.reconciliation().set_index("file")
    # Two totals printed under 258 lines.
    assert list(files.loc["FICTIF-mandats-titres-2024.xlsx", ["rows", "set_aside", "kept"]]) == [260, 2, 258]
    assert files["ties"].all()
    # The budget prints its total once; the State agreed 92 500 and 42 500, and paid all of the first and 30 000.
    totals = totals_read(again).set_index("file")
    assert list(totals.loc["FICTIF-budget-primitif-2026.xml", ["rows", "kept", "set_aside"]]) == [27, 26, 1]
    listed = totals.loc["FICTIF-postes-etat.csv"]
    assert (listed["voted_funding"], listed["realised_funding"]) == (92500 + 42500, 92500 + 30000)
    assert totals["ties"].all()
    assert len(files) + len(totals) == len(EXPORTS)


def test_the_first_sentence_says_where_the_year_lands(tracking: Tracking) -> None:
    from conseiller.analysis.tracking import shown

    net = tracking.landing().loc[(2026, "net")]
    said = shown.answer(tracking)

    assert net["landing"] > net["plan"]
    assert said.endswith(f"soit {money(float(net['landing']) - float(net['plan']))} de plus que prévu.")
