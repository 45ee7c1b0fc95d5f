"""Every input of a first small case moves a result of the workbook, and Python agrees in every cell.

The second case stands in a file of its own so that two processors share the work.
"""

from pathlib import Path

import pytest
from perturb import STILL, agree_and_move, rich

pytestmark = [pytest.mark.system("soffice"), pytest.mark.slow]


def test_every_input_moves_a_result_and_python_agrees(tmp_path: Path) -> None:
    agree_and_move(rich(), STILL["rich"], tmp_path)
