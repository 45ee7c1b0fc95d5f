"""Every input of a small case moves a result of the workbook, and Python agrees in every cell.

What this case cannot move is tried in two others, in a file of its own so that two processors share the work.
"""

from pathlib import Path

import pytest
from perturb import STILL, rich, still, trials, written

from conseiller.dossier.check import faults

pytestmark = [pytest.mark.system("soffice"), pytest.mark.slow]


def test_every_input_moves_a_result_and_python_agrees(tmp_path: Path) -> None:
    dossier = rich()
    assert faults(dossier) == ()
    base = written(dossier, tmp_path / "base.xlsx")
    idle = still(base, trials(dossier, base, lambda field: True), tmp_path)
    assert [w for w in idle if not any(name in w for name in STILL)] == []
