"""What if: named sets of changes to a case, chained, each giving a new case.

A scenario is data (`conseiller.dossier.schema.Scenario`), written with the case or made here;
`Dossier.with_` applies it. What it is worth beside the case is for `conseiller.compare`.
"""

from conseiller.dossier.schema import Change, Scenario
from conseiller.scenario._apply import apply, changed, scenario_of
from conseiller.scenario._build import (
    bonus_grant,
    cnracl,
    cut_grant,
    freeze,
    full_time,
    half_time,
    hire,
    hours,
    keep,
    legal_value,
    not_renewed,
    point,
    points,
    psc,
    replace,
    share,
    smic,
    stop,
    titularise,
)
from conseiller.scenario._case import Case
from conseiller.scenario._contracts import FULL_TIME_HOURS, HALF_TIME_HOURS, goes_on, next_contract, running
from conseiller.scenario._ready import READY, read_ready
from conseiller.scenario._sharing import Sharing, sharings, split

__all__ = [
    "FULL_TIME_HOURS",
    "HALF_TIME_HOURS",
    "READY",
    "Case",
    "Change",
    "Scenario",
    "Sharing",
    "apply",
    "bonus_grant",
    "changed",
    "cnracl",
    "cut_grant",
    "freeze",
    "full_time",
    "goes_on",
    "half_time",
    "hire",
    "hours",
    "keep",
    "legal_value",
    "next_contract",
    "not_renewed",
    "point",
    "points",
    "psc",
    "read_ready",
    "replace",
    "running",
    "scenario_of",
    "share",
    "sharings",
    "smic",
    "split",
    "stop",
    "titularise",
]
