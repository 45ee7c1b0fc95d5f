"""What the commands say of a sound case: the same things when it is checked and when it is reported."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from builders import just
from typer.testing import CliRunner

from conseiller.analysis.to_know import to_know
from conseiller.cli import app
from conseiller.dossier import save, schema
from conseiller.projection import Projection

TODAY = date(2026, 11, 24)
#: The day after the last that the financing of `just` pays.
ENDED = date(2028, 9, 1)


def flat(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())


def said(*arguments: str | Path) -> str:
    done = CliRunner().invoke(app, [str(a) for a in arguments])
    assert done.exit_code == 0, done.output
    return done.output


def listed(output: str) -> str:
    """Return the list of what is to know."""
    return output.split("À savoir", 1)[1].split("Fichiers écrits", maxsplit=1)[0].strip()


@pytest.fixture
def case(tmp_path: Path) -> Path:
    over = just().model_copy(update={"period": schema.Period(first=2025, last=2028, report_date=ENDED)})
    save(over, tmp_path / "just.toml")
    return tmp_path / "just.toml"


def test_check_and_report_list_the_same_and_name_a_failing_control(case: Path, tmp_path: Path) -> None:
    checked, reported = said("check", case), said("report", case, "--out", tmp_path / "out")
    assert listed(checked) == listed(reported)
    assert "À vérifier, poste CN1" in flat(checked)
    assert "17 500,00 € pour 42 500,00 €" in flat(checked)
    assert "1 poste." in checked
    assert "poste(s)" not in checked
    assert "Rien n'est à corriger" not in checked


def test_a_sound_case_has_nothing_to_put_right(tmp_path: Path) -> None:
    save(just((17500, 12500, 12500)), tmp_path / "sound.toml")
    checked = said("check", tmp_path / "sound.toml")
    assert "Rien n'est à corriger." in checked
    assert "ne se vérifie pas" not in flat(checked)


def test_a_value_changed_is_counted_among_what_the_figures_rest_on() -> None:
    dossier = just()
    changed = schema.Assumption(
        parameter="smic_mensuel", start=date(2026, 6, 1), value=1900, source="hypothèse"
    )
    counts = []
    for case in (dossier, dossier.model_copy(update={"assumptions": (changed,)})):
        last = flat(to_know(Projection(case, today=TODAY))[-1])
        counts.append(int(last.split("sur ")[1].split()[0]))
    assert counts[1] == counts[0] + 1


def test_an_end_of_funding_is_told_once() -> None:
    contract = just().posts[0].contracts[0].model_copy(update={"end": None})
    post = just().posts[0].model_copy(update={"contracts": (contract,)})
    dossier = just().model_copy(update={"posts": (post,)})
    told = [flat(t) for t in to_know(Projection(dossier, today=TODAY))]
    assert sum("1er septembre 2028" in t for t in told) == 1
