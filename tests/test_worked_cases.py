"""The cases worked by hand in docs/worked-cases.md, before the code."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import convention, plan_of, post

from conseiller.dossier import schema
from conseiller.law import to_serial
from conseiller.projection import Projection
from conseiller.rules.algebra import cents
from conseiller.rules.calendar import elapsed

CASES = tomllib.loads((Path(__file__).parent / "cases" / "worked_cases.toml").read_text("utf-8"))


def euros(x: float) -> Decimal:
    return Decimal(f"{x:.2f}")


def contract_of(raw: dict[str, Any]) -> schema.Contract:
    share = Fraction(raw["work_share"])
    time: dict[str, Any] = {}
    if share != 1 and raw.get("kind", "temps_non_complet") == "temps_partiel":
        time = {"working_time": "temps_partiel", "share": float(share)}
    elif share != 1:
        time = {"working_time": "temps_non_complet", "hours": float(share * 35)}
    term = schema.PayTerm(start=raw["start"].replace(day=1), index=373)
    return schema.Contract(start=raw["start"], end=raw.get("end"), terms=(term,), **time)


def projection_of(case: dict[str, Any]) -> Projection:
    conventions = [
        convention(f["start"], [(m, float(a)) for m, a in f["tranches"]], f["code"], part_time=f["part_time"])
        for f in case["financings"]
    ]
    return plan_of(post(map(contract_of, case["contracts"]), conventions))


@pytest.mark.parametrize("case", CASES["case"], ids=lambda c: c["name"])
def test_grant_of_a_case_worked_by_hand(case: dict[str, Any]) -> None:
    plan = projection_of(case)
    table = plan.table
    grant = table[(table["line"] == "subvention_etat") & (table["clock"] == "earned")]

    months = {f"{m:%Y-%m}": euros(v) for m, v in grant.groupby("month")["amount"].sum().items()}
    stated = {k: Decimal(v) for k, v in case["months"].items()}
    if case["months_complete"]:
        assert {k: v for k, v in months.items() if v} == {k: v for k, v in stated.items() if v}
    else:
        assert {k: months.get(k, Decimal("0.00")) for k in stated} == stated

    for column, expected in (("exercice", case["exercices"]), ("grant_year", case["grant_years"])):
        sums = {str(k): euros(v) for k, v in grant.groupby(column)["amount"].sum().items() if v}
        assert sums == {k: Decimal(v) for k, v in expected.items() if Decimal(v)}
    assert euros(grant["amount"].sum()) == Decimal(case["total"])


@pytest.mark.parametrize("case", CASES["case"], ids=lambda c: c["name"])
def test_day_on_which_a_post_is_given_back(case: dict[str, Any]) -> None:
    plan = projection_of(case)
    years = plan.grant_years[0]
    stops = plan.model.grant["stops"][0]
    ends = plan.model.grant["ends"][0]
    for financing, f in enumerate(case["financings"]):
        rows = [i for i, y in enumerate(years) if y.financing == financing]
        end = max(ends[i] for i in rows)
        lost = {stops[i] for i in rows if stops[i] < end}
        expected = case.get("lost", {}).get(f["code"])
        assert lost == ({to_serial(expected)} if expected else set())


@pytest.mark.parametrize("case", CASES["thirtieths"], ids=lambda c: f"{c['start']}_{c['month']}")
def test_thirtieths_of_a_stay(case: dict[str, Any]) -> None:
    year, month = map(int, str(case["month"]).split("-")[:2])
    first = to_serial(date(year, month, 1))
    following = to_serial(date(year + month // 12, month % 12 + 1, 1))
    start = max(to_serial(case["start"]), first)
    end = min(to_serial(case["end"]) + 1, following) if "end" in case else following
    assert elapsed(end, first, following) - elapsed(start, first, following) == case.get(
        "value", case.get("thirtieths")
    )


@pytest.mark.parametrize("case", CASES["split"], ids=lambda c: c["name"])
def test_pay_split_between_grant_years(case: dict[str, Any]) -> None:
    amount, whole = float(case["line"]), max(case["thirtieths"], 1)
    first = cents(amount * case["n1"] / whole)
    both = cents(amount * (case["n1"] + case["n2"]) / whole)
    assert [euros(first), euros(both - first), euros(amount - both)] == [
        Decimal(case[k]) for k in ("part1", "part2", "rest")
    ]


def test_a_cut_month_of_a_plan_is_split_as_worked_by_hand() -> None:
    case = next(c for c in CASES["case"] if c["number"] == "5")
    plan = projection_of(case)
    pay = plan.table[plan.table["line"] == "traitement"]
    june = pay[pay["month"] == np.datetime64("2025-06-01")]
    assert {g: euros(a) for g, a in zip(june["grant_year"], june["amount"], strict=True)} == {
        "V2-1": Decimal("856.89"),
        "V2-2": Decimal("979.31"),
    }
