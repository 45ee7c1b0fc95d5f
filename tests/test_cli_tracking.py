"""``conseiller track`` and ``conseiller calibrate``, as an officer uses them."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from booklines import case
from booklines import ledger as pay_lines
from icalendar import Calendar
from test_calibrate import paid, two_agents
from test_tracking import worked_books

from conseiller import dossier as dossiers
from conseiller.analysis.tracking import follow
from conseiller.analysis.tracking.tables import as_csv, tables
from conseiller.ledger.identity import hashed
from conseiller.ledger.maps import secret
from conseiller.ledger.reading import ASIDE, CREDITS, Reading, frame
from conseiller.ledger.rules import FILE
from conseiller.ledger.store import Ledger
from conseiller.messages import Lang


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "conseiller", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def table(name: str, lines: pd.DataFrame) -> Reading:
    """Return what a reader of tables would give for these lines."""
    return Reading(
        path=Path(name),
        format="table",
        sha256="0" * 64,
        lines=lines,
        aside=frame(ASIDE),
        credits=frame(CREDITS),
        rows=len(lines),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The year worked by hand, its books without posts, and the rule that ties them."""
    path = tmp_path_factory.mktemp("cas")
    dossiers.save(case().dossier, path)
    lines = worked_books().assign(analytic="CNUM", post="", key=lambda f: f["place"])
    lines.loc[lines["account"] == "6184", ["analytic", "label"]] = ["", "=Formation conseillers numériques"]
    with Ledger(path) as ledger:
        ledger.add(table("livres.csv", lines))
    rule = '[[regles]]\nnom = "code"\nposte = "CN1"\nanalytique = "CNUM"\n'
    (path / "livres" / FILE).write_text(rule, "utf-8")
    return path


def test_track_prints_what_matters_and_writes_the_files(folder: Path, tmp_path: Path) -> None:
    done = run("track", folder, "--out", tmp_path, "--seuil", "200")

    assert done.returncode == 0, done.stderr
    for said in (
        "août 2026",
        "32\u202f492,44\u00a0€",  # planned spending of the year
        "−385,74\u00a0€",  # the share of time of June
        "Pas encore comptabilisé",
        "À rattacher",
        "Formation conseillers numériques",
        "Clôture 2026",
        "sous le seuil",
    ):
        assert said in done.stdout, said
    assert Calendar.from_ical((tmp_path / "echeancier.ics").read_bytes()).walk("VEVENT")
    page = (tmp_path / "suivi.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "<script" not in page
    causes = (tmp_path / "ecarts.csv").read_text("utf-8-sig").splitlines()
    heads = (
        "Poste;Mois;Exercice;Ligne;Code de la ligne;Sens;Section;Cause de l'écart;Connu par;Ce qui a changé;"
        "Valeur constatée;Montant"
    )
    assert causes[0] == heads
    index = "Indice (niveau du traitement);seule valeur qui donne le montant;Indice majoré payé;380;34,46"
    assert any(row.endswith(f";{index}") for row in causes)
    table = (tmp_path / "rapprochement.csv").read_text("utf-8-sig").splitlines()
    assert table[1].startswith("livres.csv;53;53;0;0;52;0;1;0;")
    assert table[1].endswith(";oui")
    # what is proposed is a file of rules, ready to be chosen from
    proposed = tomllib.loads((tmp_path / "propositions.toml").read_text("utf-8"))
    assert [r["poste"] for r in proposed["regles"]] == ["CN1"]
    # a text that a spreadsheet would compute is written as text
    assert "'=Formation" in (tmp_path / "a_rattacher.csv").read_text("utf-8-sig")


@pytest.mark.parametrize(("lang", "delimiter"), [("fr", ";"), ("en", ",")])
def test_every_table_has_its_headings_and_codes_in_words(folder: Path, lang: Lang, delimiter: str) -> None:
    tracking = follow(folder)
    codes = {"not_yet_booked", "no_rule", "mandat_rattachement", "index_paid", "missed", "True", "funding"}
    codes |= {"cost"} if lang == "fr" else set()
    for name, table in tables(tracking, 2026, 0.0, lang).items():
        text = as_csv(tracking, table, lang).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))

        assert len(rows[0]) == len(table.columns) + ("line" in table.columns), name
        assert not {h for h in rows[0] if "_" in h} | set(rows[0]) & {"exercice", "line", "amount"}, name
        assert not codes & {cell for row in rows[1:] for cell in row}, name


def test_calibrate_on_the_books_and_take_the_gaps_in(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "nouveau.toml"

    done = run("calibrate", folder, "--post", "CN1", "--month", "2026-02", "--livres", "--reprendre", target)

    assert done.returncode == 0, done.stderr
    assert "Indice majoré 380 au lieu de 373" in done.stdout
    new = dossiers.load(target)
    assert [t.index for t in new.posts[0].contracts[0].terms] == [373, 380]
    again = run("calibrate", folder, "--post", "CN1", "--month", "2026-02", "--livres", "--reprendre", target)
    assert again.returncode == 2
    assert "existe déjà" in again.stderr


def test_calibrate_takes_no_date_of_a_report(folder: Path) -> None:
    """Nothing in a payslip set against the model depends on it."""
    done = run("calibrate", folder, "--post", "CN1", "--month", "2026-02", "--livres", "--date", "2026-03-01")

    assert done.returncode == 2
    assert "--date" in done.stderr


def test_calibrate_chooses_the_payslip_of_an_agent_by_payroll_number(tmp_path: Path) -> None:
    """The arriver of 11 March, paid 1 247.11 (IM 380) where the plan has 1 224.13: see ``test_calibrate``."""
    dossiers.save(two_agents().dossier, tmp_path)
    salt = secret(tmp_path / "livres")
    old, new = hashed("00017", salt), hashed("42", salt)
    days = (date(2026, 2, 25), date(2026, 3, 25), date(2026, 3, 25), date(2026, 4, 25))
    euros = (1836.20, 612.07, 1247.11, 1870.66)
    numbers = (old, old, new, new)
    lines = pay_lines(*(paid(*row) for row in zip(days, euros, numbers, strict=True)))
    lines = lines.assign(key=lines["place"])
    with Ledger(tmp_path) as ledger:
        ledger.add(table("paie.csv", lines))
    asked = ("calibrate", tmp_path, "--post", "CN1", "--month", "2026-03")

    done = run(*asked, "--livres", "--matricule", "42")
    unread = run(*asked, "--matricule", "42", "--montant", "traitement=1247,11")

    assert done.returncode == 0, done.stderr
    assert "seul est comparé contrat 2" in done.stdout
    assert "Indice majoré 380 au lieu de 373" in done.stdout
    assert unread.returncode == 2
    assert "--livres" in unread.stderr


def test_what_is_missing_is_told_in_one_message(folder: Path, tmp_path: Path) -> None:
    bare = tmp_path / "vide"
    dossiers.save(case().dossier, bare)

    none = run("track", bare)
    wrong = run(
        "calibrate", folder, "--post", "CN1", "--month", "2026-02", "--montant", "brut", "--montant", "=3"
    )

    assert (none.returncode, wrong.returncode) == (2, 2)
    assert "conseiller books add" in none.stderr
    assert wrong.stderr.count("LIGNE=MONTANT") == 2
    assert "Traceback" not in none.stderr + wrong.stderr
