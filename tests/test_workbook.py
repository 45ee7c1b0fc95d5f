"""The workbook says what Python says: recalculated from nothing, edited cell by cell, read back."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import recalculate as lo
import xlsxwriter
from builders import just
from hypothesis import HealthCheck, given, settings
from perturb import edited, written
from strategies import dossiers

from conseiller.dossier import load, schema
from conseiller.errors import InputFaults
from conseiller.messages import LANGUAGES, Lang, tr
from conseiller.projection import Projection
from conseiller.workbook import write_form
from conseiller.workbook.form import CONTRACTS, CONVENTIONS, INSTALMENTS, POSTS, TERMS, Form

DATA = Path(__file__).parent.parent / "data"
CASES = sorted(p.parent for p in DATA.rglob("dossier.toml"))


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Workbooks of generated cases, smallest first so that several fit in the time."""
    folder = tmp_path_factory.mktemp("generated")
    files: list[Path] = []

    @settings(
        max_examples=5,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(dossiers())
    def write(dossier: schema.Dossier) -> None:
        path = written(dossier, folder / f"case{len(files)}.xlsx")
        files.append(path)
        assert load(path) == dossier

    write()
    return files


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_case_survives_the_workbook(case: Path, tmp_path: Path) -> None:
    dossier = load(case)
    assert load(written(dossier, tmp_path / "case.xlsx")) == dossier


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_was_typed_and_what_was_not_survive_the_workbook(lang: Lang, tmp_path: Path) -> None:
    authority = schema.Authority(name="A", headcount=20, residence_zone=3, self_insured=True, source="acte")
    plan = Projection(just().model_copy(update={"authority": authority}))
    path = plan.to_excel(tmp_path / "case.xlsx", lang)
    read = load(path)
    assert read.authority == authority
    keys = ("zone_residence", "auto_assurance_chomage", "plan_comptes", "psc_soumise_cotisations", "mois_cia")
    assert [read.authority.source_of(k) for k in keys] == ["acte", "acte", "défaut", "défaut", "défaut"]

    sheet = openpyxl.load_workbook(path)[tr("workbook.sheet.hypotheses", lang)]
    rows = {row[1].value: row for row in sheet.iter_rows(max_col=4, max_row=20)}
    month = rows[tr("form.collectivite.mois_cia", lang)]
    assert (month[2].value, month[3].value) == (12, tr("form.untyped", lang))
    changed = load(edited(path, tmp_path / "typed.xlsx", {(sheet.title, month[2].coordinate): 6}))
    assert (changed.authority.cia_month, changed.authority.source_of("mois_cia")) == (6, "acte")


def test_a_row_of_the_form_that_belongs_nowhere_quotes_what_it_says(tmp_path: Path) -> None:
    path = write_form(tmp_path / "form.xlsx", 1)
    book = openpyxl.load_workbook(path)
    sheet = book["Hypothèses"]

    def fill(table: Form, rank: int, **values: object) -> str:
        ((_, bounds),) = book.defined_names[f"saisie_{table.key}"].destinations
        corner = sheet[bounds.replace("$", "").split(":")[0]]
        for key, value in values.items():
            sheet.cell(corner.row + rank, table.column(key) + 1).value = value
        return f"{corner.row + rank}"

    fill(POSTS, 0, code="CN1")
    fill(CONTRACTS, 0, debut="32/01/2025")
    fill(TERMS, 0, contrat=3, depuis="2025-01-01")
    fill(TERMS, 1, depuis="2025-01-01")
    place = fill(CONVENTIONS, 0, poste="CN9", code="V2")
    fill(CONVENTIONS, 1, code="V2")
    fill(INSTALMENTS, 0, poste="CN1", convention="V8", montant=1)
    fill(INSTALMENTS, 1, poste="CN1", montant=1)
    book.save(path)
    with pytest.raises(InputFaults) as refused:
        load(path)

    found = {f.code: f.message.replace("\u00a0", " ") for f in refused.value.faults}
    assert found["unknown_post"] == "Convention du poste « CN9 », absent du tableau des postes."
    assert found["no_post"] == "Convention sans poste."
    assert found["unknown_convention"] == (
        "Versement de la convention « V8 » du poste « CN1 », absente du tableau des conventions."
    )
    assert found["no_convention"] == "Versement sans poste ou sans convention."
    assert found["term_without_contract"].endswith("aucun contrat rempli ne porte le n° « 3 ».")
    assert found["term_without_number"].endswith("le contrat n'est pas indiqué.")
    assert found["bad_date"] == "« Début » vaut « 32/01/2025 » : ce n'est pas une date du calendrier."
    assert {f.where.split()[-1] for f in refused.value.faults if f.code == "unknown_post"} == {f"B{place}"}


@pytest.mark.slow
@pytest.mark.system("soffice")
def test_recalculated_from_false_values_the_workbook_equals_python(
    generated: list[Path], tmp_path: Path
) -> None:
    sources = [written(load(case), tmp_path / f"{case.name}.xlsx") for case in CASES] + generated
    planted = []
    for source in sources:
        target = tmp_path / "false" / source.name
        target.parent.mkdir(exist_ok=True)
        assert lo.plant_false_values(source, target) == len(lo.formulas_of(source)) > 1000
        planted.append(target)
    for source, result in zip(sources, lo.recalculate(planted, tmp_path / "out"), strict=True):
        assert lo.differences(source, result) == []
        assert lo.errors_of(result) == set()


def test_a_label_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    dossier = load(DATA / "campagnes-artois")
    openers = ["=1+1", "+1", "-1", "@SUM(1)"]
    items = tuple(dossier.costs[0].model_copy(update={"label": text}) for text in openers)
    path = written(dossier.model_copy(update={"costs": items}), tmp_path / "case.xlsx")
    book = openpyxl.load_workbook(path)
    found = {
        c.value: c.data_type for row in book["Hypothèses"].iter_rows() for c in row if c.value in openers
    }
    assert found == dict.fromkeys(openers, "s")


def test_an_error_cell_is_found(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "errors.xlsx"))
    sheet = book.add_worksheet("Une")
    sheet.write_formula("A1", "=NA()", None, "#N/A")
    sheet.write_formula("B1", "=1+1", None, 2)
    book.close()
    assert lo.errors_of(tmp_path / "errors.xlsx") == {("Une", "A1")}
    assert lo.formulas_of(tmp_path / "errors.xlsx") == {("Une", "A1"), ("Une", "B1")}
