"""The compiled reading of the rules against the plain one, on generated cases and portfolios."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import dossiers

import conseiller as cn
from benchmarks import by_hand_draws
from benchmarks.many import laws
from benchmarks.portfolio import portfolio
from conseiller.compiled import draws, grants
from conseiller.compiled.draws import Pay, with_draws
from conseiller.compiled.graph import Graph
from conseiller.compiled.ground import Ground, law_of
from conseiller.compiled.nodes import Node
from conseiller.compiled.portfolio import Portfolio, common_ground, in_blocks
from conseiller.compiled.stretches import unsteady
from conseiller.dossier import schema
from conseiller.dossier.schedule import CUSTOM
from conseiller.engine import Array, Inputs, Model, compile_case
from conseiller.law import load_law
from conseiller.projection import Projection
from conseiller.rules.algebra import months_of
from conseiller.rules.registry import REGISTRY
from conseiller.rules.totals import LEAVER_LINES, PAY_LINES

DATA = Path(__file__).parent.parent / "data"
OTHERS = ("autres_couts", "autres_financements", "equipements", "financements_equipement", "fctva")
COLUMNS = (*PAY_LINES, "subvention_etat", *LEAVER_LINES, *OTHERS)


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


@settings(max_examples=30, deadline=None)
@given(dossiers())
def test_every_column_of_a_generated_case_is_the_plain_one_to_the_cent(dossier: cn.Dossier) -> None:
    same_cents(compile_case(dossier, load_law().with_assumptions(dossier.assumptions)))


@pytest.mark.parametrize("seed", [1, 2])
def test_a_portfolio_is_the_plain_one_to_the_cent(seed: int) -> None:
    same_cents(portfolio(300, seed))


@pytest.mark.parametrize("case", ["campagnes-artois", "exemples/departement-fictif"])
def test_the_cases_of_the_package_are_the_plain_ones_to_the_cent(case: str) -> None:
    dossier = cn.load(DATA / case)
    same_cents(compile_case(dossier, load_law().with_assumptions(dossier.assumptions)))


@settings(max_examples=12, deadline=None)
@given(dossiers(), st.sampled_from(["fonctionnement", "investissement", None]))
def test_the_table_by_exercice_is_that_of_the_tidy_table(dossier: cn.Dossier, section: Any) -> None:
    at_once, from_table = Projection(dossier), Projection(dossier)
    assert len(from_table.table) >= 0  # laid out: `by` then groups it
    pd.testing.assert_frame_equal(
        at_once.by("exercice", section=section), from_table.by("exercice", section=section)
    )


def test_what_is_in_force_changes_at_the_cuts_alone() -> None:
    assert unsteady() == []


def test_a_rule_that_reads_a_date_in_a_whole_month_would_be_seen() -> None:
    """The programs of whole months read no date of a contract: only so may one payslip stand for many months."""
    for program in (Ground(portfolio(3)).whole, grants.elapsed(end=True, goes_on=True)):
        leaves = {leaf for node in program.states for leaf in leaves_of(node)}
        dates = {n for n in leaves if REGISTRY.get("month", n).unit == "date"}
        assert dates == set()


def leaves_of(node: Node) -> set[str]:
    if node.op == "leaf":
        return {node.args[0]}
    return set() if node.op == "const" else set().union(*map(leaves_of, node.args))


def test_three_grant_years_in_one_month() -> None:
    """What the checks refuse, an engine may still be given: both read the first and the last."""
    dossier = cn.load(DATA / "campagnes-artois")
    post = dossier.posts[0]
    years = (schema.Tranche(months=3, amount=3000.0), schema.Tranche(months=12, amount=12000.0))
    start = max(c.start for c in post.contracts[:1]) + relativedelta(months=2, day=5)
    common = {**dict(post.conventions[0]), "generation": CUSTOM, "tranches": years, "instalments": ()}
    cut = start + relativedelta(months=3)  # the first year ends, and the second soon after
    first = schema.Convention(
        **{**common, "code": "A", "financing_start": start, "end": cut + relativedelta(days=3)}
    )
    second = schema.Convention(
        **{**common, "code": "B", "financing_start": cut + relativedelta(days=9), "end": None}
    )
    for conventions in ((first, second), (second, first), (first,)):
        posts = (post.model_copy(update={"conventions": conventions}), *dossier.posts[1:])
        case = dossier.model_copy(update={"posts": posts})
        same_cents(compile_case(case, load_law().with_assumptions(case.assumptions)))


def test_in_blocks_gives_every_post_once_whatever_the_blocks() -> None:
    inputs = portfolio(90)
    whole = Portfolio(inputs)
    for size in (1, 40, 90, 200):
        for column in ("traitement", "rafp", "subvention_etat"):
            parts = [lines[column].copy() for lines in in_blocks(inputs, (column,), size)]
            assert (np.concatenate(parts) == whole.column(column)).all()


def test_facts_fold_what_they_decide() -> None:
    graph = Graph({"is_cnracl": 0.0}, order=("contract_start <= month", "month < next_month"))
    start, month, after = (graph.column(n) for n in ("contract_start", "month", "next_month"))
    assert graph.make("maximum", start, month) is month
    assert graph.make("less", start, after).number == 1.0
    assert graph.make("less", start, month).op == "less"  # equal dates are allowed
    assert graph.column("vieillesse_plafonnee").op == "cents"
    assert graph.column("cnracl").number == 0.0


def test_pay_under_draws_of_the_law_is_the_plain_model_under_each() -> None:
    inputs = portfolio(120)
    values = laws(inputs, 4)
    values["rate_cnracl"] = np.linspace(0.3, 0.4, 4 * 60).reshape(4, 60)
    pay = Pay(inputs)
    found = pay.run(values)
    for draw in (0, 3):
        model = Model(inputs)
        model.month.keep(**{name: table[draw][None, :] for name, table in values.items()})
        for k, line in enumerate(pay.lines):
            cents = np.rint(model.month.full(line) * 100).sum(axis=0).reshape(5, 12).sum(axis=1)
            assert (found[draw, k] == cents).all(), line


def test_pay_under_draws_is_that_computed_by_hand() -> None:
    inputs = portfolio(150, seed=4)
    values = laws(inputs, 3)
    assert (Pay(inputs).run(values) == by_hand_draws.Draws(inputs).run(values["point"], values["smic"])).all()


def test_posts_with_a_law_of_their_own() -> None:
    inputs = portfolio(6)
    values = laws(inputs, 6)
    ground = common_ground(inputs, with_draws(law_of(inputs), values))
    compiled = Portfolio(inputs, ground, np.arange(6))
    for post in range(6):
        model = Model(inputs)
        model.month.keep(**{name: table[post][None, :] for name, table in values.items()})
        for line in ("traitement", "ircantec", "rafp", "subvention_etat"):
            expected = np.rint(model.month.full(line)[post] * 100)
            assert (np.rint(compiled.column(line)[post] * 100) == expected).all(), line


def test_posts_with_laws_of_their_own_that_are_the_same() -> None:
    """Nothing tells the variants of the law apart: each post is what it is under the law of the case."""
    inputs = portfolio(6)
    law = law_of(inputs)
    for name in ("point", "smic"):
        values = {name: np.tile(np.broadcast_to(law.operand(name), inputs.months.shape), (6, 1))}
        flat = {name: np.full((6, len(inputs.months)), float(np.ravel(law.operand(name))[-1]))}
        for table in (values, flat):
            compiled = Portfolio(inputs, common_ground(inputs, with_draws(law, table)), np.arange(6))
            model = Model(inputs)
            model.month.keep(**{name: table[name]})
            for line in ("traitement", "ircantec", "rafp"):
                expected = np.rint(model.month.full(line) * 100)
                assert (np.rint(compiled.column(line) * 100) == expected).all(), line


def test_draws_are_the_same_on_any_number_of_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draws, "BLOCK", 3)
    inputs = portfolio(20)
    values = laws(inputs, 7)
    told: list[tuple[int, int]] = []
    alone = Pay(inputs).run(values, progress=lambda done, of: told.append((done, of)))
    assert told == [(3, 7), (6, 7), (7, 7)]
    assert (Pay(inputs).run(values, cores=2) == alone).all()
