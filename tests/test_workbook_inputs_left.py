"""Every input of a second small case; then what neither case can move, in a third."""

from pathlib import Path

import pytest
from perturb import STILL, agree_and_move, other, still, third, trials, written

from conseiller.dossier.check import faults

pytestmark = [pytest.mark.system("soffice"), pytest.mark.slow]

#: What neither of the two cases can move, so that a third must.
LEFT = {
    "are_taux_1",
    "are_part_fixe",
    "are_plafond",
    "are_duree_max_jours",
    "cnracl_seuil_heures",
    "indemnite_residence_zone3",
    "ircantec_plafond_b",
    "part_1",
    "preavis_mois_contrat_long",
    "preavis_seuil_mois",
    "versement_mobilite_seuil_effectif",
}


def test_every_input_moves_a_result_and_python_agrees(tmp_path: Path) -> None:
    agree_and_move(other(), STILL["other"], tmp_path)


def test_what_two_cases_leave_still_moves_in_a_third(tmp_path: Path) -> None:
    idle_in_both = {a for a in STILL["rich"] for b in STILL["other"] if a.startswith(b)}
    assert {name for name in idle_in_both if ":" not in name} == LEFT
    dossier = third()
    assert faults(dossier) == ()
    base = written(dossier, tmp_path / "base.xlsx")
    tried = trials(dossier, base, tmp_path, lambda field: field.removeprefix("valeur:") in LEFT)
    moved = {t.what for t in tried} - set(still(base, tried, tmp_path / "out"))
    # Earlier values of the same parameter stay still: they were in force before these contracts ended.
    assert {what.split(" ")[1].rstrip(":").removeprefix("valeur:") for what in moved} == LEFT
