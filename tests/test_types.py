"""The types, as `make lint` checks them: here they are checked while another processor runs the other tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_every_type_is_right() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy"],
        cwd=Path(__file__).resolve().parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
