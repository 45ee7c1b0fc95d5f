"""The rules run again with an operand changed give what a projection of the changed case gives."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from conseiller.analysis.replay import Replay, Trial
from conseiller.dossier import schema
from conseiller.projection import Projection
from conseiller.rules.totals import PAY_LINES


def plan_of(index: int = 400, bonus: float = 700.0, **contract: Any) -> Projection:
    pay = schema.PayTerm(start=date(2025, 1, 1), index=index, bonus=bonus, children=2, psc=15)
    fields: dict[str, Any] = {"start": date(2025, 1, 1), "terms": (pay,)} | contract
    posts = (schema.Post(code="A", contracts=(schema.Contract(**fields),)),)
    authority = schema.Authority(name="Cas", headcount=60, residence_zone=2)
    return Projection(
        schema.Dossier(authority=authority, period=schema.Period(first=2025, last=2026), posts=posts)
    )


def lines(plan: Projection) -> dict[str, Any]:
    return {line: np.rint(plan.model.month.full(line)[0] * 100) for line in PAY_LINES}


TITULAIRE = {"status": "titulaire", "nature": "autre"}


@pytest.mark.parametrize("contract", [{}, TITULAIRE])
@pytest.mark.parametrize(
    ("changed", "case"),
    [
        ({"index_paid": 450.0}, {"index": 450}),
        ({"bonus": 900.0}, {"bonus": 900.0}),  # of a titulaire: the RAFP follows over the year
        (
            {"paid": 6 / 7, "working": 0.8, "contract_time": 3.0},
            {"working_time": "temps_partiel", "share": 0.8},
        ),
    ],
)
def test_a_replay_is_a_projection_of_the_changed_case(contract: Any, changed: Any, case: Any) -> None:
    frame = plan_of(**contract).model.month

    replay = Replay(frame, changed)

    expected = lines(plan_of(**(contract | case)))
    for line in PAY_LINES:
        assert (replay.total([line])[0] == expected[line]).all(), line


@pytest.mark.parametrize("contract", [{}, TITULAIRE])
def test_a_trial_of_one_month_is_a_replay_of_that_month(contract: Any) -> None:
    frame = plan_of(**contract).model.month
    month = 4
    values = np.array([np.nan] * 24)
    values[month] = 450.0

    alone = Trial(frame, 0, month).total(PAY_LINES, index_paid=np.array([430.0, 450.0]))

    assert alone[1] == Replay(frame, {"index_paid": values[None, :]}).total(PAY_LINES)[0, month]


def test_months_not_changed_stay_as_planned() -> None:
    plan = plan_of(**TITULAIRE)
    values = np.full((1, 24), np.nan)
    values[0, 14] = 450.0

    replay = Replay(plan.model.month, {"index_paid": values})

    planned = lines(plan)
    for line in PAY_LINES:
        same = replay.total([line])[0] == planned[line]
        assert same[:14].all(), line
        assert same[15:].all() or line == "rafp", line  # its ceiling runs over the year to date
