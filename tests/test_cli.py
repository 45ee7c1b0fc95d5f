"""The command line, as an officer uses it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conseiller import __version__

ROOT = Path(__file__).parent.parent
CASE = ROOT / "data" / "campagnes-artois"
SMALL = ROOT / "data" / "exemples" / "commune-fictive"


def run(*arguments: str | Path, cwd: Path, check: bool = False) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "conseiller", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=check, timeout=120)


def imported(*arguments: str | Path, cwd: Path) -> set[str]:
    """Return the heavy packages a command imports."""
    command = [sys.executable, "-X", "importtime", "-m", "conseiller", *map(str, arguments)]
    text = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=60).stderr
    names = {
        line.rsplit("|", 1)[-1].strip().split(".")[0]
        for line in text.splitlines()
        if line.startswith("import time:")
    }
    return names & {"pandas", "matplotlib", "openpyxl", "xlsxwriter"}


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    assert imported("--help", cwd=tmp_path) == set()
    assert run("--help", cwd=tmp_path).returncode == 0
    assert imported("--version", cwd=tmp_path) == set()
    assert run("--version", cwd=tmp_path).stdout == f"conseiller {__version__}\n"


def test_faults_of_an_input_import_neither_pandas_nor_matplotlib(tmp_path: Path) -> None:
    (tmp_path / "faux.toml").write_text('version = 1\n[collectivite]\nnom = ""\n', "utf-8")
    assert imported("report", "faux.toml", cwd=tmp_path) & {"pandas", "matplotlib"} == set()


def test_report_writes_workbook_and_charts_and_prints_the_table(tmp_path: Path) -> None:
    done = run("report", CASE, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "reports" / "campagnes-artois"
    assert (folder / "campagnes-artois.xlsx").stat().st_size > 50_000
    assert (
        len(list((folder / "graphiques").glob("*.png")))
        == len(list((folder / "graphiques").glob("*.svg")))
        == 4
    )
    assert "2027" in done.stdout
    assert "35\u202f000,00\u00a0€" in done.stdout  # two posts, first grant year, exercice 2024
    assert "17500.0" not in done.stdout
    assert not [p for p in folder.iterdir() if p.name.startswith(".")]


def test_a_faulty_dossier_writes_nothing_and_ends_with_status_2(tmp_path: Path) -> None:
    case = tmp_path / "faux"
    case.mkdir()
    text = (CASE / "dossier.toml").read_text("utf-8").replace("effectif = 50", "effectif = -3")
    (case / "dossier.toml").write_text(text, "utf-8")
    done = run("report", case, cwd=tmp_path)
    assert done.returncode == 2
    line = 1 + text[: text.index("effectif = -3")].count("\n")
    assert f"ligne {line}" in done.stderr
    assert not (tmp_path / "reports").exists()


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the report of a small case."""
    folder = tmp_path_factory.mktemp("reported")
    run("report", SMALL, cwd=folder, check=True)
    return folder


@pytest.fixture
def previous_report(reported: Path, tmp_path: Path) -> tuple[Path, bytes]:
    shutil.copytree(reported / "reports", tmp_path / "reports")
    workbook = tmp_path / "reports" / "commune-fictive" / "commune-fictive.xlsx"
    return workbook, workbook.read_bytes()


def test_a_folder_that_cannot_be_made_is_said_before_the_work(tmp_path: Path) -> None:
    """Below a file no folder can be made, whoever asks."""
    shutil.copytree(CASE, tmp_path / "cas")
    (tmp_path / "f.csv").write_text("à garder", "utf-8")
    done = run("simulate", "cas", "--draws", "5", "--out", "f.csv/sortie", cwd=tmp_path)
    assert done.returncode == 2
    assert "Rien ne peut être écrit dans" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cas", "f.csv"]


@pytest.mark.parametrize("command", ["report", "simulate", "track"])
def test_a_file_where_a_folder_is_asked_for_is_said(command: str, tmp_path: Path) -> None:
    shutil.copytree(CASE, tmp_path / "cas")
    if command == "track":
        run(
            "books",
            "add",
            "cas",
            *(tmp_path / "cas" / "exports").glob("*.csv"),
            "--oui",
            cwd=tmp_path,
            check=True,
        )
    (tmp_path / "f.csv").write_text("à garder", "utf-8")
    draws = ["--draws", "5"] if command == "simulate" else []
    done = run(command, "cas", "--out", "f.csv", *draws, cwd=tmp_path)
    assert done.returncode == 2
    assert "est un fichier" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "f.csv").read_text("utf-8") == "à garder"


def test_a_date_asked_for_goes_before_that_of_the_dossier_in_either_form(tmp_path: Path) -> None:
    """The dossier is dated 24 November 2026: its comparison begins in 2026."""
    own = run("compare", CASE, "--scenario", "maintien", cwd=tmp_path, check=True).stdout
    french, iso = (
        run("compare", CASE, "--scenario", "maintien", "--date", day, cwd=tmp_path, check=True).stdout
        for day in ("30/06/2025", "2025-06-30")
    )
    assert "De 2026 à" in own
    assert "De 2025 à" in french
    assert french == iso
    wrong = run("compare", CASE, "--date", "31/02/2025", cwd=tmp_path)
    assert (wrong.returncode, "31/02/2025" in wrong.stderr) == (2, True)


def test_an_interrupted_command_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "conseiller",
        "simulate",
        str(CASE),
        "--draws",
        "100000",
        "--out",
        "sortie",
    ]
    reset = "import signal, runpy, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    start = f"{reset}sys.argv = {command[2:]!r}; runpy.run_module('conseiller', run_name='__main__')"
    working = subprocess.Popen([sys.executable, "-c", start], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    time.sleep(3)
    working.send_signal(signal.SIGINT)
    _, said = working.communicate(timeout=60)
    assert working.returncode == 130
    assert "Interrompu" in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def test_a_word_that_no_legal_value_has_is_said(tmp_path: Path) -> None:
    assert "SMIC" in run("law", "--find", "smic", cwd=tmp_path, check=True).stdout
    done = run("law", "--find", "zorglub", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "zorglub" in done.stderr


def test_a_target_open_or_read_only_leaves_the_previous_report(
    previous_report: tuple[Path, bytes], tmp_path: Path
) -> None:
    workbook, before = previous_report
    lock = workbook.with_name(f".~lock.{workbook.name}#")
    lock.touch()
    done = run("report", SMALL, "--date", "2027-01-01", cwd=tmp_path)
    assert (done.returncode, workbook.read_bytes()) == (2, before)
    assert "ouvert" in done.stderr
    assert "another" not in done.stderr
    lock.unlink()
    workbook.chmod(0o444)
    done = run("report", SMALL, "--date", "2027-01-01", cwd=tmp_path)
    assert (done.returncode, workbook.read_bytes()) == (2, before)


def test_a_killed_report_leaves_the_previous_one(previous_report: tuple[Path, bytes], tmp_path: Path) -> None:
    workbook, before = previous_report
    for pause in (0.4, 0.9, 1.4):
        command = [sys.executable, "-m", "conseiller", "report", str(SMALL), "--date", "2027-01-01"]
        process = subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(pause)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert workbook.read_bytes() == before


def test_a_report_that_fails_half_way_leaves_the_previous_one(
    previous_report: tuple[Path, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    import conseiller as cn
    from conseiller import charts
    from conseiller.report import write_report

    workbook, before = previous_report
    monkeypatch.setattr(charts, "save", lambda *a, **k: (_ for _ in ()).throw(RuntimeError("disk full")))
    with pytest.raises(RuntimeError, match="disk full"):
        write_report(cn.project(cn.load(SMALL)), workbook.parent, "commune-fictive")
    assert workbook.read_bytes() == before
    assert not [p for p in workbook.parent.iterdir() if p.name.startswith(".commune")]


def test_a_new_form_is_refused_until_filled_then_becomes_a_report(tmp_path: Path) -> None:
    import openpyxl

    assert run("new", "mon-dossier.xlsx", "--posts", "1", cwd=tmp_path).returncode == 0
    empty = run("check", "mon-dossier.xlsx", cwd=tmp_path)
    assert empty.returncode == 2
    assert "Hypothèses" in empty.stderr
    assert run("new", "mon-dossier.xlsx", cwd=tmp_path).returncode == 2

    book = openpyxl.load_workbook(tmp_path / "mon-dossier.xlsx")
    sheet = book["Hypothèses"]

    def corner(name: str) -> tuple[int, int]:
        ((_, bounds),) = book.defined_names[f"saisie_{name}"].destinations
        cell = sheet[bounds.replace("$", "").split(":")[0]]
        return cell.row, cell.column

    def fill(name: str, values: dict[int, object]) -> None:
        row, column = corner(name)
        for offset, value in values.items():
            sheet.cell(row, column + offset).value = value

    row, column = corner("collectivite")
    for offset, value in {0: "Commune de Test", 4: 12, 11: 2025, 12: 2026}.items():
        sheet.cell(row + offset, column).value = value
    from datetime import date

    fill("postes", {0: "CN1"})
    fill("contrats", {2: date(2025, 1, 1)})
    fill("remuneration", {1: 1, 2: date(2025, 1, 1), 3: 373, 6: 100})
    fill("conventions", {0: "CN1", 1: "V2", 3: "v2_collectivite", 13: date(2025, 1, 1)})
    book.save(tmp_path / "mon-dossier.xlsx")
    done = run("report", "mon-dossier.xlsx", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "17\u202f500,00\u00a0€" in done.stdout
    again = run(
        "report", tmp_path / "reports" / "mon-dossier" / "mon-dossier.xlsx", "--out", "encore", cwd=tmp_path
    )
    assert again.returncode == 0, again.stderr
    assert [x for x in again.stdout.splitlines() if x.startswith("2025")] == [
        x for x in done.stdout.splitlines() if x.startswith("2025")
    ]


def test_a_new_toml_dossier_tells_what_is_left_to_fill(tmp_path: Path) -> None:
    assert run("new", "mon-dossier", cwd=tmp_path).returncode == 0
    done = run("check", "mon-dossier", cwd=tmp_path)
    assert done.returncode == 2
    assert "effectif" in done.stderr

    import conseiller as cn

    file = tmp_path / "mon-dossier" / "dossier.toml"
    form = file.read_text("utf-8")
    form = form.replace("# effectif =", "effectif = 12").replace("# indice_majore =", "indice_majore = 373")
    form = form.replace('nom = ""', 'nom = "Commune"')
    source = 'source_effectif = "hypothèse : à confirmer"'
    assert source in form
    file.write_text(form.replace(source, 'source_effectif = "acte : tableau des effectifs"'), "utf-8")
    filled = cn.load(file).authority
    assert (filled.headcount, filled.headcount_source) == (12, "acte : tableau des effectifs")
    shutil.rmtree(tmp_path / "mon-dossier")


def test_explain_and_law_answer_in_french_and_english(tmp_path: Path) -> None:
    done = run("explain", CASE, "--post", "CN2", "--month", "2025-03", "--line", "ircantec", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Ircantec")
    assert "4,2\u00a0%" in done.stdout or "4,2 %" in done.stdout
    unknown = run("explain", CASE, "--post", "CN9", "--month", "2025-03", "--line", "ircantec", cwd=tmp_path)
    assert (unknown.returncode, "CN1, CN2" in unknown.stderr) == (2, True)
    law = run("law", "--at", "2025-01", "--lang", "en", cwd=tmp_path)
    assert law.returncode == 0
    assert "smic_mensuel" in law.stdout
    assert "1,801.80" in law.stdout
