"""The command line speaks French by itself, and English where it is asked to."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import pytest
import typer
from builders import just
from typer.testing import CliRunner

from conseiller.cli import app
from conseiller.cli_books import books
from conseiller.cli_words import App
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
    assert not re.search(
        r"Usage|Commands|Options:|Arguments:|Show this|\[required\]|<path>|<str>|<int|default:|COMMAND ", text
    )


def test_help_tells_bounds_in_words() -> None:
    many = App(rich_markup_mode=None)

    @many.command()
    def count(
        years: Annotated[int, typer.Option(min=1, max=9)] = 4, seed: Annotated[int, typer.Option(min=0)] = 2
    ) -> None: ...

    @many.command()
    def other() -> None: ...

    text = re.sub(r"\s+", " ", said("count", "--help", of=many))
    assert "[par défaut : 4 ; de 1 à 9]" in text
    assert "[par défaut : 2 ; à partir de 0]" in text


def test_help_of_the_books_is_in_french_too() -> None:
    text = said("add", "--help", of=books)
    assert text.startswith("Emploi : ")
    assert "<chemins>" in text
    assert "<list" not in text


def test_help_stays_in_line_when_words_are_longer() -> None:
    lines = said("report", "--help").split("Options :", 1)[1].splitlines()
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


@pytest.mark.parametrize(
    ("arguments", "french", "english"),
    [
        ("check", "Il manque l'argument DOSSIER.", "The argument DOSSIER is missing."),
        ("explain x", "Il manque l'option --line.", "The option --line is missing."),
        ("check x --nope", "L'option --nope n'existe pas.", "There is no option --nope."),
        (
            "check x --lan",
            "L'option --lan n'existe pas ; vouliez-vous dire --lang ?",
            "There is no option --lan; did you mean --lang?",
        ),
        ("zzz", "La commande « zzz » n'existe pas.", "There is no command 'zzz'."),
        (
            "chek x",
            "La commande « chek » n'existe pas ; vouliez-vous dire check ?",
            "There is no command 'chek'; did you mean check?",
        ),
        (
            "check mon dossier",
            "Mots de trop : dossier. Mettez entre guillemets un nom qui contient des espaces.",
            "Too many words: dossier. Put a name that holds spaces in quotes.",
        ),
        ("law --at", "Il manque la valeur de l'option --at.", None),
        (
            "report x --date=2026-01-01 --lang=de",
            "La valeur « de » de --lang n'est pas admise ; choisissez fr ou en.",
            None,
        ),
        (
            "new x --posts abc",
            "La valeur de --posts doit être un nombre entier.",
            "The value of --posts must be a whole number.",
        ),
        (
            "new x --posts 0",
            "La valeur de --posts est trop petite : 1 au moins.",
            "The value of --posts is too small: 1 at least.",
        ),
        (
            "new x --posts 99",
            "La valeur de --posts est trop grande : 10 au plus.",
            "The value of --posts is too large: 10 at most.",
        ),
    ],
)
def test_a_usage_error_is_in_the_language_asked_for(arguments: str, french: str, english: str | None) -> None:
    assert refused(arguments) == ("Emploi : conseiller", f"Erreur : {french}")
    if english:
        assert refused(f"{arguments} --lang en") == ("Usage: conseiller", f"Error: {english}")
        assert refused(f"{arguments} --lang=en") == ("Usage: conseiller", f"Error: {english}")


def refused(arguments: str) -> tuple[str, str]:
    """Beginning of the usage line, and the error, of a command that ends with status 2."""
    done = CliRunner().invoke(app, arguments.split(), prog_name="conseiller")
    assert (done.exit_code, done.stdout) == (2, "")
    usage, hint, blank, error = done.stderr.replace("\u00a0", " ").splitlines()
    assert re.fullmatch(r"(Aide : |Help: )conseiller( \w+)? --help", hint)
    assert not blank
    return re.match(r".*?conseiller", usage)[0], error  # type: ignore[index]


def test_a_usage_error_of_the_books_is_in_words_too() -> None:
    done = CliRunner().invoke(books, ["ad"])
    assert done.exit_code == 2
    assert "vouliez-vous dire add" in done.stderr


def test_a_group_without_a_command_shows_its_page() -> None:
    done = CliRunner().invoke(books, [])
    assert done.output.startswith("Emploi\u00a0: ")
