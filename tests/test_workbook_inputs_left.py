"""What the first small case cannot move, in two others: all moves, and Python agrees in every cell."""

from pathlib import Path

import pytest
from perturb import STILL, moved, other, third

pytestmark = [pytest.mark.system("soffice"), pytest.mark.slow]

SECOND = {"chomage_plafond", "indemnite_residence_zone2", "temps_partiel_90", "vacance_tolerance_mois"}
#: Not in the first case at all: its index is typed, its grant a custom one.
ELSEWHERE = {"grade", "echelon", "generation"}
THIRD = {
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


def test_two_more_cases_are_to_move_all_that_the_first_leaves_still() -> None:
    assert {name for name in STILL if ":" not in name} == SECOND | THIRD


def test_a_large_insured_employer_moves_its_part(tmp_path: Path) -> None:
    tried, changed = moved(other(), tmp_path, SECOND | ELSEWHERE)
    assert tried == changed == SECOND | ELSEWHERE


def test_long_contracts_and_very_high_pay_move_the_rest(tmp_path: Path) -> None:
    # Earlier values of a parameter stay still: they were in force before these contracts ended.
    tried, changed = moved(third(), tmp_path, THIRD)
    assert tried == changed == THIRD
