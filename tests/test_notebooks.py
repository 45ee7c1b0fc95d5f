"""The committed notebooks: their plan, their outputs, and that their figures are those of the command line."""

import html
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import conseiller as cn
from conseiller.text import money, money0

REPOSITORY = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))
NAMES = [path.name for path in NOTEBOOKS]
ARTOIS = REPOSITORY / "data" / "campagnes-artois"
PARAMETERS = ("dossier", "exercice", "lang")
#: The case that notebook 05 types into the form.
FICTIVE = """
version = 1

[collectivite]
nom = "Commune fictive de Bel-Exemple"
population = 3200
effectif = 42
source = "hypothèse : exemple fictif"

[periode]
premier_exercice = 2026
dernier_exercice = 2028
date_rapport = 2026-11-24
source = "hypothèse : exemple fictif"

[[postes]]
code = "CN1"
source = "hypothèse : exemple fictif"

[[postes.contrats]]
debut = 2026-03-01
fin = 2029-02-28
statut = "contractuel"
nature = "projet"
temps = "temps_complet"
source = "hypothèse : exemple fictif"

[[postes.contrats.remuneration]]
depuis = 2026-03-01
indice_majore = 390
rifseep_mensuel = 120
source = "hypothèse : exemple fictif"

[[postes.conventions]]
code = "V2"
generation = "v2_collectivite"
debut_financement = 2026-03-01
source = "hypothèse : exemple fictif"
"""


def read(name: str) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads((REPOSITORY / "notebooks" / name).read_text("utf-8"))
    return notebook


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def outputs(name: str) -> list[tuple[str, str]]:
    """Return every output as its kind and its text."""
    found = []
    for cell in read(name)["cells"]:
        for output in cell.get("outputs", []):
            if output["output_type"] == "stream":
                found.append((output["name"], "".join(output["text"])))
            for kind, data in output.get("data", {}).items():
                found.append((kind, "".join(data) if isinstance(data, list) else json.dumps(data)))
            if output["output_type"] == "error":
                found.append(("error", output["ename"]))
    return found


def words(name: str) -> str:
    """Return what a reader sees of the outputs."""
    shown = (text for kind, text in outputs(name) if kind in ("text/html", "stdout"))
    return html.unescape(re.sub(r"<[^>]+>", " ", " ".join(shown)))


def test_there_are_notebooks() -> None:
    assert {name[:2] for name in NAMES} >= {"01", "03", "04", "05", "06", "07"}


@pytest.mark.parametrize("name", NAMES)
def test_the_question_then_the_parameters_then_the_answer(name: str) -> None:
    first, second, third = read(name)["cells"][:3]

    assert first["cell_type"] == "markdown"
    assert source(first).startswith("# ")
    assert source(first).splitlines()[0].endswith("?")
    assert second["cell_type"] == "code"
    assert second["metadata"]["tags"] == ["parameters"]
    given = re.findall(r"^(\w+) = .+#", source(second), re.MULTILINE)
    assert tuple(given[:3]) == PARAMETERS
    assert third["cell_type"] == "code"
    assert third["outputs"]


@pytest.mark.parametrize("name", NAMES)
def test_only_one_cell_is_tagged_and_all_were_run_in_order(name: str) -> None:
    cells = [c for c in read(name)["cells"] if c["cell_type"] == "code"]

    assert [c["metadata"].get("tags") for c in cells].count(["parameters"]) == 1
    assert [c["execution_count"] for c in cells] == list(range(1, len(cells) + 1))


@pytest.mark.parametrize("name", NAMES)
def test_no_output_is_an_error_a_warning_or_a_place_on_a_disk(name: str) -> None:
    for kind, text in outputs(name):
        assert kind not in ("error", "stderr")
        assert "Warning" not in text
        assert "Traceback" not in text
        assert str(REPOSITORY) not in text
        assert str(Path.home()) not in text
        assert not re.search(r"(/home/|/tmp/|/var/|/Users/|\b[A-Z]:\\\\)", text)


@pytest.mark.parametrize("name", NAMES)
def test_metadata_name_no_machine(name: str) -> None:
    notebook = read(name)

    assert notebook["metadata"]["kernelspec"] == {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    assert not [c for c in notebook["cells"] if set(c["metadata"]) - {"tags"}]


@pytest.mark.parametrize("name", NAMES)
def test_only_what_is_public_is_used(name: str) -> None:
    code = "\n".join(source(c) for c in read(name)["cells"] if c["cell_type"] == "code")

    assert not re.findall(r"(?:import|from) [\w.]*\._\w+|\b\w+\._[a-z]\w*", code)


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_has_a_text_alternative(name: str) -> None:
    for kind, text in outputs(name):
        assert kind != "image/png"
        for picture in re.findall(r"<img[^>]*>", text):
            alt = re.search(r'alt="([^"]*)"', picture.replace("\\", ""))
            assert alt is not None
            assert len(alt[1]) > 100


def test_the_figures_are_those_of_the_projection() -> None:
    table = cn.project(cn.load(ARTOIS)).by("exercice")
    seen = words("01_subvention_et_couts.ipynb")

    for amount in table.to_numpy().ravel():
        assert money(float(amount)) in seen


def test_the_figures_are_those_of_the_command_line(tmp_path: Path) -> None:
    pytest.importorskip("conseiller.cli")
    command = [sys.executable, "-m", "conseiller", "report", str(ARTOIS), "--out", str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    seen = words("01_subvention_et_couts.ipynb")
    rows = [line for line in told.splitlines() if re.match(r"20\d\d |Total ", line)]
    # Spending, grant, other funding and what is left to pay; the command adds a share and the equipment.
    amounts = [a for row in rows for a in re.findall(r"\d[\d\u202f]*,\d\d", row)[:4]]

    assert len(amounts) == 4 * 8
    assert [a for a in amounts if a not in seen] == []


def test_the_first_report_of_the_form_is_that_of_the_same_case_in_toml(tmp_path: Path) -> None:
    """Typed in the form or written in TOML, the same case gives the same figures."""
    dossier = tmp_path / "dossier.toml"
    dossier.write_text(FICTIVE, encoding="utf-8")
    table = cn.project(cn.load(dossier)).by("exercice")
    seen = words("05_mon_dossier.ipynb")

    assert list(table.index) == [2026, 2027, 2028]
    for amount in table.to_numpy().ravel():
        assert money(float(amount)) in seen
    # By hand: 17 500 €, then 12 500 € a year, from March: ten months; the other two, at the cent, and ten.
    assert list(table["grant"]) == [14583.33, 2916.67 + 10416.67, 12500.00]


def test_the_end_of_the_grant_is_that_of_the_projection() -> None:
    plan = cn.project(cn.load(ARTOIS))
    seen = words("03_fin_de_subvention.ipynb")
    table = plan.by("exercice")

    for year in (2026, 2027):
        for amount in table.loc[year]:
            assert money(float(amount)) in seen
    assert money(float(table.loc[2027, "net_cost"] - table.loc[2026, "net_cost"])) in seen
    for amount in plan.by("exercice", "post").loc[2027].to_numpy().ravel():
        assert money(float(amount)) in seen


def test_the_scenarios_are_those_of_the_comparison() -> None:
    case = cn.load(ARTOIS)
    seen = words("06_scenarios.ipynb")
    found = cn.compare(case, "maintien", "mi-temps", "titularisation", "non-renouvellement")

    for variant in found.all:
        for year in found.years:
            assert money(found.net(variant, [year])) in seen
    assert money0(cn.decide(case)["mi-temps"].net["mandate"]) in seen


def test_a_table_stands_for_the_sliders_where_no_kernel_runs() -> None:
    last = read("03_fin_de_subvention.ipynb")["cells"][-1]["outputs"]

    assert [set(output["data"]) for output in last] == [{"text/html", "text/plain"}]
    assert "Le dossier" in "".join(last[0]["data"]["text/html"])


def test_the_board_is_given_the_budget_of_the_projection() -> None:
    from conseiller.analysis import budget_grid

    plan = cn.project(cn.load(ARTOIS))
    seen = words("04_preparer_le_conseil.ipynb")

    for amount in budget_grid(plan, [2027])[2027]:
        assert money(float(amount)) in seen


def test_every_notebook_looks_for_the_data_in_the_same_way() -> None:
    """So that one of them, run below from another folder, answers for the others."""
    finds = 'racine = Path() if Path("data").is_dir() else Path("..")'

    for name in NAMES:
        code = "\n".join(source(c) for c in read(name)["cells"])
        assert finds in code or "data/" not in code


def test_a_notebook_runs_from_the_root_of_the_project_too(tmp_path: Path) -> None:
    """Where a kernel starts depends on the program; `make test` runs each one from its own folder."""
    cells = [source(c) for c in read("03_fin_de_subvention.ipynb")["cells"] if c["cell_type"] == "code"]
    script = tmp_path / "cells.py"
    script.write_text("\n\n".join(cells), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:__main__", str(script)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
