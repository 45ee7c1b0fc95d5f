"""What an officer reads on the pages of the workbook and of the form: controls, layout, print."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import recalculate as lo
from perturb import rich, written

from conseiller import analysis
from conseiller.dossier import schema
from conseiller.projection import Projection

TODAY = date(2026, 11, 24)


def just(paid: tuple[float, ...] = (17500,), last: int = 2028) -> schema.Dossier:
    """One post, IM 373, V2 from 1 September 2025, project contract to 31 August 2028."""
    terms = (schema.PayTerm(start=date(2025, 9, 1), index=373, source="hypothèse"),)
    contract = schema.Contract(
        start=date(2025, 9, 1), end=date(2028, 8, 31), nature="projet", terms=terms, source="hypothèse"
    )
    convention = schema.Convention(
        code="V2",
        generation="v2_collectivite",
        financing_start=date(2025, 9, 1),
        instalments=tuple(schema.Instalment(label="x", amount=a, source="hypothèse") for a in paid),
        source="hypothèse",
    )
    post = schema.Post(
        code="CN1", label="Conseiller", contracts=(contract,), conventions=(convention,), source="hypothèse"
    )
    return schema.Dossier(
        authority=schema.Authority(
            name="Val Test", headcount=60, headcount_source="hypothèse", source="hypothèse"
        ),
        period=schema.Period(first=2025, last=last, source="hypothèse"),
        posts=(post,),
    )


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(just(), tmp_path_factory.mktemp("just") / "just.xlsx")


def instalment_rows(path: Path) -> list[tuple[Any, ...]]:
    sheet = openpyxl.load_workbook(path, data_only=True)["Contrôles"]
    return [r[:4] for r in sheet.iter_rows(values_only=True) if str(r[0]).startswith("Les versements saisis")]


# --- the control of the instalments ----------------------------------------------------------------------


def test_instalments_that_do_not_make_the_grant_are_a_false_control(report: Path) -> None:
    first, *spare = instalment_rows(report)
    assert first[0].endswith("CN1 V2")
    # The scale V2: 17 500, 12 500 and 12 500 €.
    assert first[1:] == (False, 17500, 42500)
    assert all(row[1:] == (True, 0, 0) for row in spare)
    values = openpyxl.load_workbook(report, data_only=True)
    assert values["Synthèse"]["A3"].value.startswith("1 ")


@pytest.mark.parametrize("paid", [(), (17500, 12500, 12500)])
def test_instalments_that_make_the_grant_or_none_at_all_are_a_true_control(
    paid: tuple[float, ...], tmp_path: Path
) -> None:
    assert instalment_rows(written(just(paid), tmp_path / "a.xlsx"))[0][1] is True


def test_the_amount_granted_is_that_of_the_controls_of_python(tmp_path: Path) -> None:
    dossier = rich()
    shown = instalment_rows(written(dossier, tmp_path / "a.xlsx"))
    found = [c for c in analysis.controls(Projection(dossier, today=TODAY)) if c.code == "instalments"]
    assert len(found) > 0
    for row, control in zip(shown, found, strict=False):
        assert row[1:] == (control.ok, control.found, control.expected)


@pytest.mark.slow
@pytest.mark.system("soffice")
def test_the_amount_granted_recalculates_alike(report: Path, tmp_path: Path) -> None:
    sources = [report, written(rich(), tmp_path / "rich.xlsx")]
    targets = [tmp_path / "false" / s.name for s in sources]
    targets[0].parent.mkdir()
    for source, target in zip(sources, targets, strict=True):
        lo.plant_false_values(source, target)
    for source, result in zip(sources, lo.recalculate(targets, tmp_path / "out"), strict=True):
        assert lo.differences(source, result) == []
