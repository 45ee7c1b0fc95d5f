"""Lines of books for tests: what a reader would return, from a few words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from builders import contract, convention, post

from conseiller.dossier import schema
from conseiller.ledger.reading import COLUMNS, frame
from conseiller.projection import Projection

TODAY = date(2026, 11, 24)


def line(day: date | None, account: str, euros: float, **more: Any) -> dict[str, Any]:
    """One line: spending for accounts of class 6 and 2, income for the others, unless told otherwise."""
    side = "cost" if account[:1] in {"2", "6"} else "funding"
    year = day.year if day else 2026
    return {
        "date": day,
        "exercice": year,
        "account": account,
        "cents": round(euros * 100),
        "side": side,
    } | more


def ledger(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return rows as a ledger."""
    kinds = {"str": "", "int64": 0}
    filled = [
        {c: kinds.get(k) for c, k in COLUMNS.items()}
        | {"kind": "ordinary", "file": "livres.csv", "place": str(i)}
        | r
        for i, r in enumerate(rows, start=1)
    ]
    return frame(COLUMNS, {c: [r[c] for r in filled] for c in COLUMNS})


def case(posts: tuple[str, ...] = ("CN1",), first: int = 2026, last: int = 2026, **fields: Any) -> Projection:
    """The case of ``docs/tracking.md``, part C, with as many like posts as wanted."""
    agent = contract(date(2026, 1, 1))
    grant = convention(date(2026, 1, 1), ((12, 12500),))
    phone = schema.Item(
        label="Téléphone",
        amount=25 * len(posts),
        frequency="mensuel",
        start=date(2026, 1, 1),
        account="6262",
        shares=dict.fromkeys(posts, 1.0),
    )
    parts: dict[str, Any] = {
        "authority": schema.Authority(name="Cas", headcount=49),
        "period": schema.Period(first=first, last=last, report_date=TODAY),
        "posts": tuple(post([agent], [grant], p) for p in posts),
        "costs": (phone,),
    }
    return Projection(schema.Dossier(**(parts | fields)), today=TODAY)
