"""Cost, grant and reste à charge of conseillers numériques, to the cent and to their source."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conseiller import scenario
    from conseiller.analysis.calibration import calibrate
    from conseiller.analysis.compare import compare
    from conseiller.analysis.decision_table import decide
    from conseiller.analysis.sensitivity import sensitivity, two_way
    from conseiller.analysis.tracking import Tracking, track
    from conseiller.dossier import Dossier, load, save
    from conseiller.dossier.schema import EmployerRates
    from conseiller.employer import employer_cost
    from conseiller.law import load_law
    from conseiller.portfolios import portfolio
    from conseiller.projection import Projection, project
    from conseiller.simulation import simulate

__version__ = "0.1.0"

__all__ = [
    "Dossier",
    "EmployerRates",
    "Projection",
    "Tracking",
    "calibrate",
    "compare",
    "decide",
    "employer_cost",
    "load",
    "load_law",
    "portfolio",
    "project",
    "save",
    "scenario",
    "sensitivity",
    "simulate",
    "track",
    "two_way",
]

_HOME = {
    "Dossier": "conseiller.dossier",
    "EmployerRates": "conseiller.dossier.schema",
    "Projection": "conseiller.projection",
    "Tracking": "conseiller.analysis.tracking",
    "calibrate": "conseiller.analysis.calibration",
    "compare": "conseiller.analysis.compare",
    "decide": "conseiller.analysis.decision_table",
    "employer_cost": "conseiller.employer",
    "load": "conseiller.dossier",
    "load_law": "conseiller.law",
    "portfolio": "conseiller.portfolios",
    "project": "conseiller.projection",
    "save": "conseiller.dossier",
    "simulate": "conseiller.simulation",
    "track": "conseiller.analysis.tracking",
    "sensitivity": "conseiller.analysis.sensitivity",
    "two_way": "conseiller.analysis.sensitivity",
}


def __getattr__(name: str) -> Any:
    """Import a public name when first used, so that start-up stays instant."""
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    if name == "scenario":
        return import_module("conseiller.scenario")
    raise AttributeError(f"module 'conseiller' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names, those not imported yet included."""
    return sorted([*__all__, "__version__"])
