"""The command line speaks French by itself, and English where it is asked to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_workbook_pages import just
from typer.testing import CliRunner

from conseiller.cli import app
from conseiller.cli_books import books
from conseiller.dossier import save
from conseiller.law import load_law


def said(*arguments: str | Path, of: object = app) -> str:
    done = CliRunner().invoke(of, [str(a) for a in arguments])  # type: ignore[arg-type]
    assert done.exit_code == 0, done.output
    return done.output.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize("page", [(), ("new",), ("check",), ("report",), ("explain",), ("law",)])
def test_help_is_in_french_throughout(page: tuple[str, ...]) -> None:
    text = said(*page, "--help")
    assert text.startswith("Emploi : ")
    assert "Afficher cette aide et terminer." in text
    assert not re.search(r"Usage|Commands|Show this|\[required\]|<path>|<str>|<int|default:|COMMAND ", text)


def test_help_of_the_books_is_in_french_too() -> None:
    text = said("add", "--help", of=books)
    assert text.startswith("Emploi : ")
    assert "<chemins>" in text
    assert "<list" not in text


def test_help_stays_in_line_when_words_are_longer() -> None:
    lines = said("report", "--help").split("Options:", 1)[1].splitlines()
    starts = {len(re.match(r"  --\S+ (?:<\S+>)? *", line)[0]) for line in lines if line.startswith("  --")}  # type: ignore[index]
    assert len(starts) == 1


def test_the_advice_after_new_names_the_file(tmp_path: Path) -> None:
    target = tmp_path / "mon dossier.xlsx"
    assert f"conseiller check '{target}'" in said("new", target)


def test_law_leaves_the_grids_to_those_who_ask() -> None:
    grids = [p for p in load_law().tables if p.startswith("grille_")]
    text = said("law", "--at", "2026-10")
    assert "(grille_" not in text
    assert f"{len(grids)} valeurs de grilles" in text
    assert "--find" in text
    assert said("law", "--at", "2026-10", "--find", "grille").count("(grille_") == len(grids)


def test_english_has_english_words_and_signs(tmp_path: Path) -> None:
    save(just((17500, 12500, 12500)), tmp_path / "just.toml")
    reported = said("report", tmp_path / "just.toml", "--out", tmp_path / "out", "--lang", "en")
    assert "Reste à charge" not in reported.split("To know", 1)[0]
    assert (tmp_path / "out" / "charts").is_dir()
    assert not (tmp_path / "out" / "graphiques").exists()
    explained = said(
        "explain", tmp_path / "just.toml", "--line", "traitement", "--month", "2026-10", "--lang", "en"
    )
    assert "€59.0734" in explained
    assert not re.search(r"\d €", explained)
