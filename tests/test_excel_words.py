"""Faults of an Excel form: called by the labels of its columns, rates in percents, nothing of TOML."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from builders import just
from perturb import written

from conseiller.dossier import load
from conseiller.dossier.excel_words import template
from conseiller.errors import InputFaults
from conseiller.messages import LANGUAGES, Lang, catalogue
from conseiller.workbook import write_form

TODAY = date(2026, 11, 24)


def faults_of(path: Path, change: Callable[[Any], None], lang: Lang = "fr") -> list[str]:
    """Return the faults of a workbook once a cell or two were typed over, without no-break spaces."""
    book = openpyxl.load_workbook(path)
    change(book["Hypothèses"])
    book.save(path)
    with pytest.raises(InputFaults) as refused:
        load(path, lang)
    return [
        f"{f.message} {f.remedy}".replace("\u00a0", " ").replace("\u202f", " ") for f in refused.value.faults
    ]


def cell_of(sheet: Any, label: str) -> Any:
    """Return the cell that holds a label."""
    return next(c for row in sheet.iter_rows(max_col=12) for c in row if c.value == label)


def test_a_rate_typed_as_a_number_is_told_in_percents(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        head = cell_of(sheet, "AT/MP")
        sheet.cell(head.row + 1, head.column - 1).value = date(2025, 1, 1)
        head.offset(1, 0).value = 1.6

    (said,) = faults_of(written(just(), tmp_path / "a.xlsx"), change)
    assert said.startswith("« AT/MP » vaut 160,00 % : il faut 100,00 % au plus.")
    assert "1,60 %" in said
    assert "0.016" not in said


def test_a_count_with_words_is_told_by_its_label(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        cell_of(sheet, "Effectif (agents)").offset(0, 1).value = "48 agents"

    (said,) = faults_of(written(just(), tmp_path / "a.xlsx"), change)
    assert said.startswith("« Effectif » vaut « 48 agents »")
    assert "guillemets" not in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_empty_form_is_told_by_its_labels(lang: Lang, tmp_path: Path) -> None:
    path = write_form(tmp_path / "form.xlsx", 1, lang, TODAY)
    with pytest.raises(InputFaults) as refused:
        load(path, lang)
    said = "\n".join(f"{f.message} {f.remedy}" for f in refused.value.faults)
    assert not re.search(r"[a-z]_[a-z]|\bnom\b|\[\[|TOML", said)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_fault_of_a_post_or_a_rate_keeps_a_key_of_the_file(lang: Lang) -> None:
    """Keys of the TOML file, quoted or between brackets, all have a label."""
    paths = (
        ("postes", 0, "contrats", 0, "x"),
        ("taux_employeur", 0, "x"),
        ("postes", 0, "conventions", 0, "x"),
    )
    for key in catalogue(lang):
        if not key.startswith("dossier.fault."):
            continue
        for path in paths:
            words = template(key, path, lang)
            assert not re.search(r"(?:«\u00a0|')[a-z]+_[a-z_]+(?:\u00a0»|')|\[\[[a-z_]+", words), key
