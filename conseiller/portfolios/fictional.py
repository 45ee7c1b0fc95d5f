"""Draws a national portfolio of invented posts, of the size that public sources give the programme.

No post, employer or figure of it is real. What it is drawn to resemble, and where that is said:

- about 4 000 posts of the first generation, 2 800 left at the end of 2025, most conventions ending during 2026, about
  1 000 posts expected to be kept (Sénat, rapport général n° 143 (2025-2026), PLF 2026, action « France services »);
- durations and amounts by generation: the schedules of `conseiller/law/tables/generations.toml`.

Guesses, stated here because no source was found: 65 % of public employers; a quarter of the renewed public posts
bonified; 30 % of the agents leave once and are replaced after one to five months, one in ten of them never; pay
between the minimum and IM 450.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from dateutil.relativedelta import relativedelta

from conseiller.csv_form import write_rows
from conseiller.files import replacing
from conseiller.law import load_law

#: Posts of the first generation.
POSTS = 4000
_PUBLIC, _BONIFIED, _LEAVES, _NOBODY = 0.65, 0.25, 0.30, 0.10
#: Renewed, and given back before the end of 2025: 4 000 posts become about 2 800.
_RENEWED, _GIVEN_BACK = 0.79, 0.045
#: Contracts that go on after the grant: about 1 000 posts kept.
_KEPT = 0.37
_MEAN_SIZE = 1.8
_PAID_UNTIL = date(2026, 11, 1)
_OVERSEAS = {"971": "v1_outremer", "972": "v1_outremer", "973": "v1_outremer"}
_OVERSEAS |= {"974": "v1_outremer_974_976", "976": "v1_outremer_974_976"}
_DEPARTMENTS = [f"{n:02d}" for n in range(1, 96) if n != 20] + ["2A", "2B", *_OVERSEAS]

HEADINGS = (
    "collectivite",
    "departement",
    "type_employeur",
    "effectif",
    "auto_assurance_chomage",
    "chomage",
    "poste",
    "generation",
    "debut_financement",
    "fin_financement",
    "debut_contrat",
    "fin_contrat",
    "indice_majore",
    "rifseep_mensuel",
    "total_verse",
)


@dataclass(frozen=True)
class _Employer:
    name: str
    department: str
    public: bool
    headcount: int


def rows(posts: int = POSTS, seed: int = 2026) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table of posts: the first convention, then the renewal and each new agent.

    Parameters
    ----------
    posts : int
        Posts of the first generation.
    seed : int
        The same seed gives the same rows.
    """
    rng = np.random.default_rng(seed)
    employers = _employers(posts, rng)
    left: dict[str, int] = {}
    for _ in range(posts):
        employer = employers[int(rng.integers(len(employers)))]
        left[employer.name] = left.get(employer.name, 0) + 1
        yield from _post(employer, f"CN{left[employer.name]}", rng)


def write(path: Path, posts: int = POSTS, seed: int = 2026) -> Path:
    """Write a portfolio as a CSV table of posts; every employer's name says that it is fictional."""
    found = ([_text(row.get(head, "")) for head in HEADINGS] for row in rows(posts, seed))
    with replacing(path) as temporary:
        temporary.write_bytes(write_rows(HEADINGS, found))
    return path


def _text(value: object) -> str:
    """Return a value as an officer types it: amounts with a comma and two decimals."""
    return f"{value:.2f}".replace(".", ",") if isinstance(value, float) else str(value)


def _employers(posts: int, rng: np.random.Generator) -> list[_Employer]:
    found = []
    for number in range(1, max(2, round(posts / _MEAN_SIZE)) + 1):
        public = bool(rng.random() < _PUBLIC)
        word = "Collectivité fictive" if public else "Association fictive"
        headcount = int(rng.choice([8, 30, 120, 600])) if public else int(rng.choice([8, 30]))
        department = str(rng.choice(_DEPARTMENTS))
        found.append(_Employer(f"{word} n° {number:04d}", department, public, headcount))
    return found


def _post(employer: _Employer, code: str, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Yield the rows of one post."""
    common = {
        "collectivite": employer.name,
        "departement": employer.department,
        "type_employeur": "public" if employer.public else "prive",
        "effectif": employer.headcount,
        "auto_assurance_chomage": "oui" if employer.public else "non",
        "chomage": "" if employer.public else "4,05 %",
        "poste": code,
    }
    first = _first_generation(employer)
    begin = date(2021, 2, 1) + timedelta(days=int(rng.integers(0, 480)))
    end = begin + relativedelta(months=_months(first)) - timedelta(days=1)
    pay = {"indice_majore": int(rng.integers(361, 451)), "rifseep_mensuel": int(rng.integers(0, 30)) * 10}
    renewed = rng.random() < _RENEWED
    yield (
        common
        | pay
        | {
            "generation": first,
            "debut_financement": begin.isoformat(),
            "debut_contrat": begin.isoformat(),
            "fin_contrat": end.isoformat(),
            "total_verse": _total(first),
        }
    )
    if renewed:
        yield from _renewal(employer, common | pay, end + timedelta(days=1), rng)


def _renewal(
    employer: _Employer, common: dict[str, Any], begin: date, rng: np.random.Generator
) -> Iterator[dict[str, Any]]:
    """Yield the rows of the second convention: its agent, and the one who replaces them."""
    begin = max(begin, date(2023, 2, 1) + timedelta(days=int(rng.integers(0, 240))))
    second = (
        "v2_privee"
        if not employer.public
        else "v2_bonifiee"
        if rng.random() < _BONIFIED
        else "v2_collectivite"
    )
    end = begin + relativedelta(months=_months(second)) - timedelta(days=1)
    given_back = rng.random() < _GIVEN_BACK
    stop = begin + relativedelta(months=int(rng.integers(12, 24))) - timedelta(days=1) if given_back else end
    after = stop + relativedelta(years=3) if not given_back and rng.random() < _KEPT else stop
    replaced = not given_back and rng.random() < _LEAVES
    leaves = begin + relativedelta(months=int(rng.integers(6, 33))) - timedelta(days=1) if replaced else after
    arrives = leaves + timedelta(days=1) + relativedelta(months=int(rng.integers(1, 6)))
    convention = {
        "generation": second,
        "debut_financement": begin.isoformat(),
        "fin_financement": stop.isoformat() if given_back else "",
    }
    yield (
        common
        | convention
        | {
            "debut_contrat": begin.isoformat(),
            "fin_contrat": leaves.isoformat(),
            "total_verse": _paid(second, begin, stop),
        }
    )
    if replaced and arrives < after and rng.random() >= _NOBODY:
        yield common | {"debut_contrat": arrives.isoformat(), "fin_contrat": after.isoformat()}


def _first_generation(employer: _Employer) -> str:
    if not employer.public:
        return "v1_prive"
    return _OVERSEAS.get(employer.department, "v1_public")


def _months(generation: str) -> int:
    return sum(months for months, _ in load_law().generations[generation].tranches)


def _total(generation: str) -> float:
    return round(sum(amount for _, amount in load_law().generations[generation].tranches), 2)


def _paid(generation: str, begin: date, stop: date) -> float:
    """Return the grant paid by November 2026: six months into each grant year, the last three months after the end.

    A guess: three dated payments are known, and a settlement after the end; no source tells the dates.
    """
    tranches = load_law().generations[generation].tranches
    count = len(tranches)
    due = [begin + relativedelta(months=12 * k + 6) for k in range(count - 1)]
    due.append(begin + relativedelta(months=12 * count + 3))
    paid = [amount for day, (_, amount) in zip(due, tranches, strict=True) if day <= _PAID_UNTIL]
    return round(sum(paid[: 1 + (stop - begin).days // 365]), 2)


__all__ = ["HEADINGS", "POSTS", "rows", "write"]
