"""The door of the package: what a notebook offers to complete."""

from __future__ import annotations

import conseiller as cn


def test_dir_lists_the_public_names_and_only_them() -> None:
    names = dir(cn)
    assert {"load", "project", "employer_cost", "scenario", "Dossier"} <= set(names)
    assert set(names) == {*cn.__all__, "__version__"}
    assert all(getattr(cn, name) is not None for name in names)
