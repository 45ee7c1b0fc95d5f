"""The switch of the workbook: for every scenario the whole model is what Python says, and nothing is lost."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import recalculate as lo
from perturb import edited

from conseiller import analysis
from conseiller import scenario as sc
from conseiller.dossier import load, save, schema
from conseiller.errors import InputFaults
from conseiller.projection import Projection
from conseiller.workbook import write_form
from conseiller.workbook.form import Room
from conseiller.workbook.monthly import place_months, shown_columns
from conseiller.workbook.variants import LEGAL, Union, variants_of

ROOT = Path(__file__).resolve().parents[1]
TODAY = date(2026, 11, 24)
PARTS = {"Avesnes": 2100.0, "L'Étang (62)": 1600.5}
SWITCH = ("Scénarios", "C4")
SCENARIOS = (
    schema.Scenario(name="Mi-temps partagé", changes=(sc.keep(), sc.half_time(), sc.share(PARTS, rate=0.3))),
    schema.Scenario(
        name="Arrêt ?", changes=(sc.not_renewed("CN1", 5, 100), sc.stop("CN2", date(2027, 6, 30)))
    ),
    schema.Scenario(
        name="Hausses",
        changes=(
            sc.smic(0.02, yearly=True),
            sc.point(0.03),
            sc.points(12),
            *sc.cnracl({date(2027, 1, 1): 0.4}),
        ),
    ),
    schema.Scenario(
        name="12",
        changes=(
            sc.titularise(),
            sc.freeze("cnracl", date(2026, 6, 1)),
            sc.cut_grant(date(2023, 7, 15)),
            sc.psc(15),
        ),
    ),
    schema.Scenario(
        name="Bonus",
        changes=(
            sc.bonus_grant(),
            sc.hire(date(2027, 3, 15), "CN2"),
            sc.hours(28, "CN1", date(2027, 2, 10)),
            sc.replace(1, "CN1", date(2027, 5, 20)),
        ),
    ),
)


def case() -> schema.Dossier:
    """The Artois in 2026 and 2027, with scenarios that touch every table of the form."""
    dossier = load(ROOT / "data" / "campagnes-artois")
    period = dossier.period.model_copy(update={"first": 2026, "last": 2027})
    return dossier.model_copy(update={"period": period, "scenarios": SCENARIOS})


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Projection(case(), today=TODAY).to_excel(tmp_path_factory.mktemp("scenarios") / "case.xlsx")


def test_the_base_and_the_scenarios_come_back_whole(report: Path, tmp_path: Path) -> None:
    assert load(report) == case()
    switched = edited(report, tmp_path / "switched.xlsx", {SWITCH: "Hausses"})
    assert load(switched) == case()
    assert load(save(load(report), tmp_path)) == case()


def test_the_rank_of_the_scenario_in_force_is_read_and_not_shown(report: Path) -> None:
    book = openpyxl.load_workbook(report)
    sheet_name, cell = book.defined_names["h_scenario"].attr_text.replace("$", "").replace("'", "").split("!")
    assert book[sheet_name][cell].number_format == ";;;"


def test_the_scenarios_touch_contracts_pay_conventions_items_assumptions_and_the_law() -> None:
    plan = Projection(case(), today=TODAY)
    union = Union(plan, [v.plan for v in variants_of(plan, "fr") if v.plan])

    assert {cell.table for cell in union.varying()} == {
        "contrats",
        "remuneration",
        "conventions",
        "versements",
        "autres_couts",
        "autres_financements",
        "evolutions",
        LEGAL,
    }


@cache
def room() -> Room:
    plan = Projection(case(), today=TODAY)
    return Union(plan, [v.plan for v in variants_of(plan, "fr") if v.plan]).room


def wrong_cells(book: Any, plan: Projection) -> list[tuple[str, str, int, float, float]]:
    """Numbers of *Mensuel* that Python does not find: column, post, row, in the workbook and in Python."""
    roomy = plan.with_room(room().contracts, room().terms)
    sizes = {"contract": room().contracts, "cost": room().costs, "funding": room().funding}
    places = place_months(roomy, "Mensuel", sizes)
    rows = list(book["Mensuel"].iter_rows(values_only=True))
    found, seen = [], 0
    for name, column in shown_columns(sizes):
        member = int(name.partition("#")[2] or 0)
        if column.family in ("cost", "funding") and member >= roomy.model.family_size(column.family):
            continue
        for frame, start in ((roomy.model.month, 0), (roomy.model.extra, places.months)):
            values = frame.full(name)
            for p, post in enumerate(roomy.posts):
                for k in range(values.shape[1]):
                    shown = rows[places.first(p) + start + k][places.columns[name]]
                    if shown is None:
                        continue
                    seen += 1
                    number = lo.serial(shown) if hasattr(shown, "year") else float(shown)
                    if abs(number - float(values[p, k])) > 0.005:
                        found.append((name, post, k, number, float(values[p, k])))
    assert seen > 5_000
    return found


@pytest.mark.system("soffice")
def test_under_every_scenario_the_workbook_is_what_python_says(report: Path, tmp_path: Path) -> None:
    """False values planted, one scenario chosen in each copy, all recalculated from nothing.

    Under "12" the rate of AT/MP is edited too: what no scenario changes still follows. The dossier itself, with
    scenarios beside it, is among the generated cases of test_workbook.
    """
    planted = tmp_path / "planted.xlsx"
    assert lo.plant_false_values(report, planted) > 1000
    rates = tuple(r.model_copy(update={"at_mp": 0.03}) for r in case().rates)
    dearer = case().model_copy(update={"rates": rates})
    choices: list[tuple[str, schema.Dossier, dict[tuple[str, str], Any]]] = []
    for s in SCENARIOS:
        edit = {address_of(report, 0.016): 0.03} if s.name == "12" else {}
        changed = (dearer if edit else case()).with_(s, today=TODAY)
        choices.append((s.name, changed, {SWITCH: s.name, **edit}))
    files = [edited(planted, tmp_path / f"{k}.xlsx", edits) for k, (_, _, edits) in enumerate(choices)]

    for (name, dossier, _), result in zip(choices, lo.recalculate(files, tmp_path / "out"), strict=True):
        book = openpyxl.load_workbook(result, data_only=True)
        plan = Projection(dossier, today=TODAY)
        assert wrong_cells(book, plan)[:5] == [], name
        summary = book["Synthèse"]
        assert summary["A4"].value.replace("\u00a0", " ") == f"Scénario en vigueur : {name}"
        # The instalments typed stay those of the dossier: they no longer make a grant that the scenario changes.
        short = sum(c.code == "instalments" and not c.ok for c in analysis.controls(plan))
        told = {0: "Tous les contrôles sont vrais", 1: "1 contrôle faux"}.get(
            short, f"{short} contrôles faux"
        )
        assert summary["A3"].value.startswith(told), name
        nets = [float(n) for n in plan.by("exercice")["net_cost"]]
        assert [summary.cell(11, 2 + k).value for k in range(2)] == pytest.approx(nets, abs=0.005)
        shown = (v for sheet in book for row in sheet.iter_rows(values_only=True) for v in row)
        assert [v for v in shown if isinstance(v, str) and v.startswith("#")] == [], name


def address_of(path: Path, value: float) -> tuple[str, str]:
    """The first cell of *Hypothèses* that holds a value typed."""
    book = openpyxl.load_workbook(path)
    found = next(c for row in book["Hypothèses"].iter_rows() for c in row if c.value == value)
    return "Hypothèses", found.coordinate


def test_a_scenario_that_the_case_does_not_allow_is_told_and_kept(tmp_path: Path) -> None:
    gone = schema.Scenario(name="Impossible", changes=(sc.cut_grant(date(2029, 1, 1)),))
    dossier = case().model_copy(update={"scenarios": (SCENARIOS[0], gone)})
    path = Projection(dossier, today=TODAY).to_excel(tmp_path / "case.xlsx")

    assert load(path) == dossier
    texts = [str(v) for (sheet, _), v in lo.values_of(path).items() if sheet == "Scénarios"]
    assert any("Impossible" in text and "plus aucune subvention" in text for text in texts)


def test_scenarios_typed_in_excel_are_read_and_their_faults_placed(tmp_path: Path) -> None:
    """Second row without a name: it goes on with the scenario above. An unknown post is told at its cell."""
    bare = case().model_copy(update={"scenarios": ()})
    path = Projection(bare, today=TODAY).to_excel(tmp_path / "case.xlsx")
    book = openpyxl.load_workbook(path, read_only=True)
    area = book.defined_names["saisie_scenarios"].attr_text
    book.close()
    first = int(area.split("!")[1].split(":")[0].split("$")[2])
    typed: dict[tuple[str, str], Any] = {
        ("Scénarios", f"B{first}"): "Partage",
        ("Scénarios", f"C{first}"): "maintien",
        ("Scénarios", f"C{first + 1}"): "partage",
        ("Scénarios", f"H{first + 1}"): 0.25,
        ("Scénarios", f"R{first + 1}"): "habitants",
        ("Scénarios", f"S{first + 1}"): "Avesnes = 2 100 ; Aubigny = 1600",
    }
    (read,) = load(edited(path, tmp_path / "typed.xlsx", typed)).scenarios
    assert [c.kind for c in read.changes] == ["maintien", "partage"]
    assert read.changes[1].parts == {"Avesnes": 2100, "Aubigny": 1600}

    wrong = {**typed, ("Scénarios", f"D{first}"): "CN9", ("Scénarios", f"S{first + 1}"): "Avesnes"}
    with pytest.raises(InputFaults) as refusal:
        load(edited(path, tmp_path / "wrong.xlsx", wrong))
    found = {f.code: f.where for f in refusal.value.faults}
    assert found["change_post"].endswith(f"cellule D{first}")
    assert found["not_table"].endswith(f"cellule S{first + 1}")


def test_the_blank_form_has_room_for_scenarios(tmp_path: Path) -> None:
    path = write_form(tmp_path / "form.xlsx", 2, today=TODAY)
    book = openpyxl.load_workbook(path)

    assert "Scénarios" in book.sheetnames
    assert "saisie_scenarios" in book.defined_names
