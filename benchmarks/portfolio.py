"""A national portfolio of generated posts, as arrays: what the engine and the bound by hand both take."""

from __future__ import annotations

from datetime import date

import numpy as np

from conseiller.engine import YEARS, Inputs
from conseiller.law import load_law, to_serial
from conseiller.rules.algebra import serial_of_month
from conseiller.rules.registry import FAR

POSTS, MONTHS = 4000, 60
#: January 2024, in months since January 1970.
FIRST = (2024 - 1970) * 12
SLOTS, TERMS = 4, 8
#: What an empty slot holds.
_CONTRACT = {
    "start": FAR,
    "until": FAR,
    "status": 1.0,
    "nature": 1.0,
    "time": 1.0,
    "hours": 0.0,
    "share": 0.0,
    "leave_days": 0.0,
    "are_days": 0.0,
    "broken": 0.0,
    "break_pay": 0.0,
}
_TERM = {
    "contract": 0.0,
    "start": FAR,
    "index": 0.0,
    "grid": 0.0,
    "bonus": 0.0,
    "cia": 0.0,
    "children": 0.0,
    "psc": 0.0,
}


def portfolio(posts: int = POSTS, seed: int = 7) -> Inputs:
    """Return generated posts: one or two contracts, both statuses, all kinds of time, V2 from any day."""
    rng = np.random.default_rng(seed)
    months = serial_of_month(np.arange(FIRST, FIRST + MONTHS))
    contract = {k: np.full((posts, SLOTS), v) for k, v in _CONTRACT.items()}
    contract["number"] = np.broadcast_to(np.arange(1.0, SLOTS + 1), (posts, SLOTS))
    start = months[rng.integers(0, 12, posts)] + rng.integers(0, 28, posts)
    contract["start"][:, 0] = start
    two = rng.random(posts) < 0.3
    leave = months[rng.integers(18, 30, posts)] + rng.integers(0, 28, posts)
    arrive = months[rng.integers(32, 36, posts)] + rng.integers(0, 28, posts)
    contract["until"][:, 0] = np.where(two, leave, months[rng.integers(48, 60, posts)])
    contract["start"][:, 1] = np.where(two, arrive, FAR)
    for slot in (0, 1):
        contract["status"][:, slot] = np.where(rng.random(posts) < 0.15, 2.0, 1.0)
        time = rng.choice([1.0, 2.0, 3.0], posts, p=[0.8, 0.1, 0.1])
        contract["time"][:, slot] = time
        contract["hours"][:, slot] = np.where(time == 2, rng.choice([17.5, 24.0, 28.0], posts), 0.0)
        contract["share"][:, slot] = np.where(time == 3, rng.choice([0.5, 0.8, 0.9], posts), 0.0)
    term = {k: np.full((posts, TERMS), v) for k, v in _TERM.items()}
    term["number"] = np.broadcast_to(np.arange(1.0, TERMS + 1), (posts, TERMS))
    for slot in (0, 1):
        held = contract["start"][:, slot] < FAR
        term["contract"][:, slot] = np.where(held, slot + 1.0, 0.0)
        term["start"][:, slot] = np.where(held, months[0], FAR)
        term["index"][:, slot] = rng.integers(366, 520, posts)
        term["bonus"][:, slot] = np.round(rng.random(posts) * 400, 2)
        term["cia"][:, slot] = np.round(rng.random(posts) * 300, 2)
        term["children"][:, slot] = rng.choice([0.0, 1.0, 2.0, 3.0], posts, p=[0.5, 0.2, 0.2, 0.1])
        term["psc"][:, slot] = rng.choice([0.0, 15.0], posts)
    grant = {k: np.zeros((posts, YEARS)) for k in ("months", "offset", "amount")}
    grant["number"] = np.broadcast_to(np.arange(1.0, YEARS + 1), (posts, YEARS))
    anchor = np.repeat(start[:, None], YEARS, axis=1)
    grant |= {
        "financing_start": anchor,
        "stop": np.full((posts, YEARS), FAR),
        "part_time": np.ones((posts, YEARS)),
    }
    for year, amount in enumerate((17500.0, 12500.0, 12500.0)):
        grant["months"][:, year], grant["offset"][:, year], grant["amount"][:, year] = 12, 12 * year, amount
    empty = {
        k: np.zeros(0) for k in ("amount", "frequency", "since", "to", "only_occupied", "fctva", "section")
    }
    return Inputs(
        months=months,
        given={"contract": contract, "term": term, "grant": grant},
        members={"cost": empty, "funding": empty},
        constants={
            "headcount": 120.0,
            "cia_month": 12.0,
            "psc_in_base": 1.0,
            "fctva_lag": -1.0,
            "self_insured": 1.0,
            "horizon_first": float(months[0]),
            "horizon_end": float(serial_of_month(FIRST + MONTHS)),
        },
        rates={
            "at_mp": np.array([0.016]),
            "cdg": np.array([0.011]),
            "versement_mobilite": np.array([0.0055]),
            "chomage": np.array([0.0]),
            "dialogue_social": np.array([0.0]),
        },
        rate_starts=np.array([to_serial(date(2020, 1, 1))]),
        zone=3,
        grid_keys=(),
        law=load_law(),
    )
