"""The compiled reading of the rules against the plain one, on generated cases and portfolios."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from strategies import dossiers

import conseiller as cn
from benchmarks.portfolio import portfolio
from conseiller.compiled.graph import Graph
from conseiller.compiled.portfolio import Portfolio, in_blocks
from conseiller.compiled.stretches import unsteady
from conseiller.engine import Array, Inputs, Model, compile_case
from conseiller.law import load_law
from conseiller.rules.algebra import months_of
from conseiller.rules.totals import PAY_LINES

OTHERS = ("autres_couts", "autres_financements", "equipements", "financements_equipement", "fctva")
COLUMNS = (*PAY_LINES, "subvention_etat", "are", *OTHERS)


def plainly(inputs: Inputs, column: str) -> Array:
    """Compute a column with the plain model; a second contract of a month is added to the month."""
    model = Model(inputs)
    out = model.month.full(column)
    amounts, held = model.extra.full(column), model.extra.full("contract_no") > 0
    month = months_of(model.extra.full("month")) - months_of(inputs.months[:1])
    post, slot = np.nonzero(held)
    np.add.at(out, (post, month[post, slot]), amounts[post, slot])
    return out


def same_cents(inputs: Inputs) -> None:
    compiled = Portfolio(inputs)
    for column in COLUMNS:
        expected = np.rint(plainly(inputs, column) * 100).astype(int)
        found = np.rint(compiled.column(column) * 100).astype(int)
        assert (found == expected).all(), (column, np.argwhere(found != expected)[:5])


@settings(max_examples=60, deadline=None)
@given(dossiers())
def test_every_column_of_a_generated_case_is_the_plain_one_to_the_cent(dossier: cn.Dossier) -> None:
    same_cents(compile_case(dossier, load_law().with_assumptions(dossier.assumptions)))


@pytest.mark.parametrize("seed", [1, 2])
def test_a_portfolio_is_the_plain_one_to_the_cent(seed: int) -> None:
    same_cents(portfolio(300, seed))
