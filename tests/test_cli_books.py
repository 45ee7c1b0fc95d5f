"""``conseiller books``, as an officer uses it."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conseiller import cli_books
from conseiller.errors import InputFaults
from conseiller.ledger.store import Ledger

ROOT = Path(__file__).parent.parent
BOOKS = Path(__file__).parent / "books"
MANDATS = """Exercice;Nature;Objet;N° mandat;Tiers;Date;Montant TTC
2025;64131;Paie janvier;12;Agents;31/01/2025;2 100,50
2025;6451;Paie janvier;12;URSSAF;31/01/2025;700,25
2025;6262;Téléphone;15;OPERATEUR SA;15/02/2025;35,00
;;Total général;;;;2 835,75
"""


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    case = tmp_path / "cas"
    case.mkdir()
    shutil.copy(ROOT / "data" / "campagnes-artois" / "dossier.toml", case)
    return case


def say(*arguments: str | Path, answers: str = "") -> tuple[int, str]:
    """Run a command of books in this process; return its status and what it said, on one line with plain spaces."""
    done = CliRunner().invoke(cli_books.books, [str(a) for a in arguments], input=answers)
    if isinstance(done.exception, InputFaults):
        return done.exception.exit_status, flat(done.output + str(done.exception))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, flat(done.output)


def flat(text: str) -> str:
    return " ".join(text.split())  # no-break spaces part words as well


def process(*arguments: str | Path, heavy: bool = False) -> subprocess.CompletedProcess[str]:
    flags = ["-X", "importtime"] if heavy else []
    command = [sys.executable, *flags, "-m", "conseiller", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def heavy(done: subprocess.CompletedProcess[str]) -> set[str]:
    names = {
        line.rsplit("|", 1)[-1].strip().split(".")[0]
        for line in done.stderr.splitlines()
        if line.startswith("import time:")
    }
    return names & {"pandas", "matplotlib", "lxml", "openpyxl"}


def export(dossier: Path) -> bytes:
    with Ledger(dossier) as ledger:
        return ledger.export()


def test_help_names_the_commands_and_imports_nothing_heavy() -> None:
    done = process("books", "--help", heavy=True)

    assert done.returncode == 0
    assert heavy(done) == set()
    assert all(command in done.stdout for command in ("add", "status", "undo", "export"))
    assert "books" in process("--help").stdout


def test_a_pes_is_shown_added_and_undone(dossier: Path) -> None:
    before = export(dossier)
    status, said = say("add", dossier, BOOKS / "pes_depense.xml", BOOKS / "pes_recette.xml")

    assert status == 0
    assert "lignes lues : 9 ; gardées : 8 ; écartées : 1 (ordres de paiement ou de recette 1)" in said
    assert "dépenses 2 638,05 €" in said
    assert "recettes 17 400,00 €" in said
    assert "pes_recette.xml : ajouté (n° 2)." in said
    assert "{" not in said
    status, said = say("undo", dossier)
    assert (status, "pes_recette.xml" in said) == (0, True)
    say("undo", dossier, "1")
    assert export(dossier) == before
    assert say("undo", dossier)[0] == 2


def test_status_tells_what_counts_and_what_does_not_agree(dossier: Path, tmp_path: Path) -> None:
    assert "vide" in say("status", dossier)[1]
    wrong = tmp_path / "entête.xml"
    text = (
        (BOOKS / "pes_depense.xml").read_text("latin-1").replace('MtBordHT V="2630.55"', 'MtBordHT V="9.00"')
    )
    wrong.write_text(text, "latin-1")
    say("add", dossier, wrong, BOOKS / "totem_bp.xml", BOOKS / "totem_dm1.xml")
    status, said = say("status", dossier)

    assert status == 0
    assert "annoncé 9,00 €, lu 2 630,55 €" in said
    # Year, lines, spending (2 638,05 less the accrual of 2024), spending voted (32 800 + 2 000).
    assert "2025 7 2 568,05 € 34 800,00 €" in said
    assert say("status", dossier, "--lang", "en")[1].count("€") == said.count("€")


def test_pay_and_payments_are_not_added_to_what_says_the_same(dossier: Path) -> None:
    """2024: a pay extract beside mandats, payments beside titres; none is added to the other."""
    tables = BOOKS / "tables"
    for file, *more in ((tables / "paie.csv",), (tables / "versements.csv",), (BOOKS / "pes_recette.xml",)):
        assert say("add", dossier, file, "--oui", *more)[0] == 0
    said = say("status", dossier)[1]

    assert "Exercice Lignes Paie par agent Recettes Versements reçus" in said
    assert "2025 5 − 17 400,00 € 12 500,00 €" in said


def test_the_same_file_twice_is_said_and_changes_nothing(dossier: Path) -> None:
    say("add", dossier, BOOKS / "pes_recette.xml")
    before = export(dossier)
    status, said = say("add", dossier, BOOKS / "pes_recette.xml")

    assert (status, export(dossier)) == (0, before)
    assert "rien n'a changé" in said


def test_one_bad_file_and_nothing_is_added_every_fault_told(dossier: Path, tmp_path: Path) -> None:
    (tmp_path / "retour.xml").write_text("<PES_Retour/>", "utf-8")
    (tmp_path / "photo.png").write_bytes(b"\x89PNG....")
    status, said = say(
        "add",
        dossier,
        BOOKS / "pes_recette.xml",
        tmp_path / "retour.xml",
        tmp_path / "photo.png",
        tmp_path / "absent.csv",
    )

    assert status == 2
    assert all(f" {n}. " in said for n in (1, 2, 3))
    assert "rien n'a changé dans le grand livre" in said
    assert "rien n'a été calculé" not in said
    assert not (dossier / "livres" / "livres.db").exists()


def test_faults_of_a_file_import_no_pandas(dossier: Path, tmp_path: Path) -> None:
    (tmp_path / "coupé.xml").write_text("<PES_Aller><EnTetePES>", "utf-8")
    done = process("books", "add", dossier, tmp_path / "coupé.xml", heavy=True)

    assert done.returncode == 2
    assert heavy(done) <= {"lxml"}
    assert "coupé.xml" in done.stderr


# --- tables -----------------------------------------------------------------------------------------------


def test_a_guessed_map_is_confirmed_once_then_kept(dossier: Path, tmp_path: Path) -> None:
    file = tmp_path / "mandats.csv"
    file.write_text(MANDATS, "utf-8")
    status, said = say("add", dossier, file)
    assert status == 2  # nobody is there to confirm
    assert "--oui" in said
    assert "montant ← Montant TTC" in said
    assert not (dossier / "livres" / "livres.db").exists()

    assert say("add", dossier, file, "--oui")[0] == 0
    assert (dossier / "livres" / "colonnes.toml").exists()
    corrected = tmp_path / "mandats-corrigés.csv"
    corrected.write_text(MANDATS.replace("700,25", "710,25").replace("2 835,75", "2 845,75"), "cp1252")
    status, said = say("add", dossier, corrected)
    assert status == 0
    assert "Lignes de mandats.csv remplacées : 1 (700,25 €)" in said
    with Ledger(dossier) as ledger:
        assert ledger.lines()["cents"].sum() == 2_845_75


def test_an_officer_confirms_or_gets_the_map_to_correct(
    dossier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli_books, "_interactive", lambda: True)
    file = tmp_path / "mandats.csv"
    file.write_text(MANDATS, "utf-8")
    status, said = say("add", dossier, file, answers="n\n")
    assert status == 2
    assert "colonnes.toml" in said
    assert not (dossier / "livres" / "livres.db").exists()
    assert "Montant TTC" in (dossier / "livres" / "colonnes.toml").read_text("utf-8")

    (dossier / "livres" / "colonnes.toml").unlink()
    assert say("add", dossier, file, answers="o\n" if "[O/n]" in said else "y\n")[0] == 0


def test_a_doubt_between_two_amounts_is_asked_and_never_guessed(
    dossier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "factures.csv"
    file.write_text(
        "Exercice;Nature;Objet;N° mandat;Date;Montant HT;Montant TTC\n"
        "2025;60632;Clavier;22;31/03/2025;100,00;120,00\n",
        "utf-8",
    )
    status, said = say("add", dossier, file, "--oui")
    assert status == 2
    assert "« Montant HT »" in said
    assert '--choix "amount=' in said

    monkeypatch.setattr(cli_books, "_interactive", lambda: True)
    assert say("add", dossier, file, answers="3\n2\ny\n")[0] == 0  # 3 is none of the choices: asked again
    with Ledger(dossier) as ledger:
        assert ledger.lines()["cents"].tolist() == [120_00]


def test_an_answer_can_be_given_beforehand(dossier: Path, tmp_path: Path) -> None:
    file = tmp_path / "factures.csv"
    file.write_text(
        "Exercice;Nature;Objet;N° mandat;Date;Montant HT;Montant TTC\n"
        "2025;60632;Clavier;22;31/03/2025;100,00;120,00\n",
        "utf-8",
    )
    choices = ("--choix", "amount=Montant HT", "--choix", "zorglub=Rien")
    status, said = say("add", dossier, file, "--oui", *choices)
    assert status == 0
    # an answer that nothing asked for is named
    assert "zorglub=Rien" in said
    assert "amount=Montant HT" not in said
    with Ledger(dossier) as ledger:
        assert ledger.lines()["cents"].tolist() == [100_00]


def test_a_map_given_on_the_command_line_is_used(dossier: Path, tmp_path: Path) -> None:
    file = tmp_path / "mandats.csv"
    file.write_text(MANDATS, "utf-8")
    given = tmp_path / "ma-correspondance.toml"
    columns = {"exercice": "Exercice", "account": "Nature", "mandat": "N° mandat", "amount": "Montant TTC"}
    lines = "".join(f'{k} = "{v}"\n' for k, v in columns.items())
    given.write_text(f'kind = "pieces"\n[columns]\n{lines}', "utf-8")

    assert say("add", dossier, file, "--colonnes", given)[0] == 0
    with Ledger(dossier) as ledger:
        assert set(ledger.lines()["label"]) == {""}
    given.write_text(given.read_text("utf-8").replace("Montant TTC", "Montant net"), "utf-8")
    assert say("add", dossier, file, "--colonnes", given)[0] == 2


def test_payroll_numbers_are_hashed_with_the_secret_of_the_dossier(dossier: Path, tmp_path: Path) -> None:
    file = tmp_path / "paie.csv"
    file.write_text(
        "Matricule;Mois de paie;Brut;Charges patronales\n004217;01/2025;2 000,00;800,00\n004217;02/2025;2 000,00;800,00\n",
        "utf-8",
    )
    status, said = say("add", dossier, file, "--oui", "--choix", "exercice=2025")
    assert status == 0, said
    with Ledger(dossier) as ledger:
        hashes = set(ledger.lines()["payroll"])
        assert len(hashes) == 1
        assert "4217" not in ledger.export().decode().replace(next(iter(hashes)), "")
    assert len((dossier / "livres" / "sel.txt").read_text("ascii").strip()) == 64
    (dossier / "livres" / "sel.txt").write_text("abîmé", "utf-8")
    again = tmp_path / "paie-2.csv"
    again.write_text(file.read_text("utf-8").replace("2 000,00", "2 001,00"), "utf-8")
    assert say("add", dossier, again)[0] == 2


# --- export -----------------------------------------------------------------------------------------------


def test_export_writes_what_counts(dossier: Path, tmp_path: Path) -> None:
    say("add", dossier, BOOKS / "pes_recette.xml")
    assert say("export", dossier)[0] == 0
    assert (dossier / "livres" / "grand-livre.csv").read_bytes().startswith(b"\xef\xbb\xbfdate;exercice;")
    assert say("export", dossier, "--out", tmp_path / "tout.json")[0] == 0
    assert (tmp_path / "tout.json").read_bytes() == export(dossier)
    assert say("export", dossier, "--out", tmp_path / "tout.pdf")[0] == 2


def test_a_dossier_in_one_file_has_its_books_beside_it(tmp_path: Path) -> None:
    shutil.copy(ROOT / "data" / "campagnes-artois" / "dossier.toml", tmp_path / "mon-cas.toml")
    assert say("add", tmp_path / "mon-cas.toml", BOOKS / "pes_recette.xml")[0] == 0
    assert (tmp_path / "mon-cas.livres" / "livres.db").exists()


# --- accidents --------------------------------------------------------------------------------------------


def test_a_killed_command_leaves_the_ledger_before_or_after(dossier: Path, tmp_path: Path) -> None:
    say("add", dossier, BOOKS / "pes_recette.xml")
    before = export(dossier)
    rows = "".join(f"2025;6064;Achat {n};{n};31/01/2025;{n % 90},50\n" for n in range(5_000))
    file = tmp_path / "mandats.csv"
    file.write_text(f"Exercice;Nature;Objet;N° mandat;Date;Montant TTC\n{rows}", "utf-8")
    other = tmp_path / "modèle"
    shutil.copytree(dossier, other)
    since = time.perf_counter()
    assert say("add", other, file, "--oui")[0] == 0
    long, after = time.perf_counter() - since + 0.7, export(other)
    for part in (0.5, 0.75, 0.9, 1.0):
        command = [sys.executable, "-m", "conseiller", "books", "add", str(dossier), str(file), "--oui"]
        child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(long * part)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        found = export(dossier)
        assert found in {before, after}
        with sqlite3.connect(dossier / "livres" / "livres.db") as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        database.close()
        if found == after:
            break
    assert say("add", dossier, file, "--oui")[0] == 0
    assert export(dossier) == after
