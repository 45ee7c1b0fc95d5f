"""Growths of point and SMIC drawn together: their laws, their correlation, what follows from it, and its nonsense."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from test_cli_simulation import case, codes, said
from test_simulation import DRAWS, agrees, margin, one_post

import conseiller as cn
from conseiller.errors import InputFaults
from conseiller.projection import Projection
from conseiller.simulation import Discrete, Fixed, Growth, Normal, RateChange, Triangular, Uniform, simulate
from conseiller.simulation.distributions import Distribution
from conseiller.simulation.drawn import BLOCK, Drawn
from conseiller.simulation.uncertainties import Uncertainty

DATA = Path(__file__).parent.parent / "data"
TODAY = date(2026, 11, 24)
POINT, SMIC = Normal(0.01, 0.02), Normal(0.02, 0.01)


def drawn(
    rho: float, point: Distribution = POINT, smic: Distribution = SMIC
) -> tuple[np.ndarray, np.ndarray]:
    """Return the growths of point and SMIC, draws × years (2027 and 2028)."""
    asked = [Growth("point", point, correlation=rho), Growth("smic", smic)]
    blocks = [Drawn(Projection(one_post()), asked, seed=5).numbers(b) for b in range(DRAWS // BLOCK)]
    return tuple(np.concatenate([block[rank]["growth"] for block in blocks]) for rank in (0, 1))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("law", "share", "value"),
    [
        (Fixed(7.0), 0.3, 7.0),
        (Normal(10.0, 2.0), 0.5, 10.0),
        (Normal(10.0, 2.0), 0.9772498680518208, 14.0),  # two standard deviations
        (Uniform(2.0, 6.0), 0.25, 3.0),
        (Triangular(0.0, 1.0, 4.0), 0.04, 0.4),  # x²/4 below the mode
        (Triangular(0.0, 1.0, 4.0), 0.64, 4.0 - math.sqrt(12 * 0.36)),  # 1 - (4 - x)²/12 above it
        (Triangular(3.0, 3.0, 3.0), 0.7, 3.0),
        (Triangular(1.0, 3.0, 3.0), 0.25, 2.0),
        (Discrete((3.0, 1.0), (0.25, 0.75)), 0.7, 1.0),
        (Discrete((3.0, 1.0), (0.25, 0.75)), 0.8, 3.0),
        (Discrete((3.0, 1.0), (0.0, 1.0)), 0.9999, 1.0),
    ],
)
def test_a_normal_number_stands_for_the_value_as_likely_to_be_passed(
    law: Distribution, share: float, value: float
) -> None:
    z = np.array([[NormalDist().inv_cdf(share)]])
    assert law.of_normal(z)[0, 0] == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("rho", [-1.0, -0.6, 0.3, 0.9, 1.0])
def test_growths_of_one_year_have_the_correlation_asked_for_and_keep_their_laws(rho: float) -> None:
    point, smic = drawn(rho)
    tolerance = 4 * (1 - rho * rho) / math.sqrt(DRAWS) + 1e-9
    for year in (0, 1):
        assert np.corrcoef(point[:, year], smic[:, year])[0, 1] == pytest.approx(rho, abs=tolerance)
        assert np.corrcoef(point[:, year], smic[:, 1 - year])[0, 1] == pytest.approx(0, abs=margin(0.5) * 2)
    for found, law in ((point, POINT), (smic, SMIC)):
        assert found.mean() == pytest.approx(law.mean, abs=4 * law.spread / math.sqrt(DRAWS))
        assert found.std() == pytest.approx(law.spread, rel=0.05)


def test_growths_that_are_not_normal_go_together_too() -> None:
    """At 1 both stand at the same share of their law: a rise of the point in a quarter of the years, the highest ones."""
    point, smic = drawn(1.0, Discrete((0.0, 0.02), (0.75, 0.25)), Uniform(0.01, 0.03))
    assert ((point > 0) == (smic > 0.025)).all()
    assert float((point > 0).mean()) == pytest.approx(0.25, abs=margin(0.25))


def test_without_correlation_each_draws_from_its_own_stream() -> None:
    point, smic = drawn(0.0)
    for rank, found, law in ((0, point, POINT), (1, smic, SMIC)):
        own = np.random.default_rng([5, rank, 0]).normal(law.mean, law.spread, (BLOCK, 2))
        assert np.array_equal(found[:BLOCK], own)


@pytest.mark.parametrize("rho", [-1.0, -0.5, 0.0, 0.5, 1.0])
def test_how_often_pay_passes_what_point_and_smic_give_at_their_medians(rho: float) -> None:
    """At index 400 pay is the greater of the index pay and the SMIC, whose medians are made equal in 2027.

    It stays at or below them when both growths are below their median: 1/4 + asin(rho) / (2 pi).
    """
    plan = Projection(one_post())
    smic = plan.law.value("smic_mensuel", date(2026, 12, 1))
    index_pay = 400 * plan.law.value("point_indice_annuel", date(2026, 12, 1)) / 12
    asked = [
        Growth("point", Normal(0.0, 0.02), since=2027, correlation=rho),
        Growth("smic", Normal(index_pay / smic - 1, 0.02)),
    ]
    simulation = simulate(one_post(), asked, draws=DRAWS, seed=1)
    ceiling = {2027: float(plan.by("exercice").loc[2027, "cost"]) + 0.5}
    expected = 1 - (0.25 + math.asin(rho) / (2 * math.pi))
    passed = float(simulation.exceeds(ceiling, "cost")[2027])
    assert passed == pytest.approx(expected, abs=margin(expected) + 0.005)  # half a euro, cents rounded


def test_a_draw_is_its_dossier_projected() -> None:
    asked: list[Uncertainty] = [
        RateChange("at_mp", date(2027, 1, 1), Uniform(0.0, 0.002)),
        Growth("smic", Triangular(0.0, 0.02, 0.05)),
        Growth("point", Discrete((0.0, 0.015), (0.6, 0.4)), correlation=0.7),
    ]
    few = simulate(cn.load(DATA / "campagnes-artois"), asked, draws=20, today=TODAY)
    agrees(few, [0, 7, 19])
    more = simulate(cn.load(DATA / "campagnes-artois"), asked, draws=120, today=TODAY)
    assert few.by().equals(more.by().loc[:19])


def test_without_spread_every_draw_is_the_plan() -> None:
    calm = [Growth("point", Normal(0.0, 0.0), correlation=0.8), Growth("smic", Uniform(0.0, 0.0))]
    simulation = simulate(cn.load(DATA / "campagnes-artois"), calm, draws=3, today=TODAY)
    assert (simulation.by("cost") == simulation.planned("cost")).all(axis=None)


def test_only_years_that_both_grow_are_drawn_together() -> None:
    asked = [Growth("point", POINT, since=2027, correlation=1.0), Growth("smic", POINT, since=2028)]
    numbers = Drawn(Projection(one_post()), asked, seed=0).numbers(0)
    assert numbers[0]["growth"].shape == (BLOCK, 2)
    assert np.array_equal(numbers[0]["growth"][:, 1], numbers[1]["growth"][:, 0])
    assert abs(np.corrcoef(numbers[0]["growth"][:, 0], numbers[1]["growth"][:, 0])[0, 1]) < 0.4


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ([Growth("point", POINT, correlation=1.01), Growth("smic", SMIC)], "correlation"),
        ([Growth("point", POINT, correlation=math.nan), Growth("smic", SMIC)], "correlation"),
        ([Growth("point", POINT), Growth("smic", SMIC, correlation=0.5)], "correlation_of"),
        ([Growth("point", POINT, correlation=0.5)], "correlation_alone"),
    ],
)
def test_a_correlation_that_cannot_be_is_refused(asked: list[Uncertainty], code: str) -> None:
    with pytest.raises(InputFaults) as refused:
        simulate(one_post(), asked, draws=1)
    assert code in [f.code for f in refused.value.faults]


SPREADS = """
version = 1
[[incertitudes]]
type = "point"
croissance = {{ loi = "uniforme", minimum = 0, maximum = 0.02 }}
correlation_smic = {rho}
source = "hypothèse : essai"
"""
WITH_SMIC = (
    SPREADS
    + """
[[incertitudes]]
type = "smic"
croissance = {{ loi = "uniforme", minimum = 0, maximum = 0.02 }}
source = "hypothèse : essai"
"""
)


def test_the_file_states_it_and_the_command_says_it(tmp_path: Path) -> None:
    told = " ".join(said(case(tmp_path, WITH_SMIC.format(rho="0.5")), "--draws", 5).split())
    assert "corrélation avec la croissance du SMIC de la même année : 0,5. Hypothèse : essai" in told
    assert "sont tirées ensemble (corrélation 0,5) ; les autres incertitudes sont indépendantes" in told
    apart = said(case(tmp_path, WITH_SMIC.format(rho="0")), "--draws", 5)
    assert "indépendamment les unes des autres" in " ".join(apart.split())


def test_the_file_is_refused_at_its_line(tmp_path: Path) -> None:
    for text, rho, code in ((WITH_SMIC, "-1.5", "correlation"), (SPREADS, "0.5", "correlation_alone")):
        dossier = case(tmp_path, text.format(rho=rho))
        assert codes(dossier, "--draws", 5) == [code]
        with pytest.raises(InputFaults) as refused:
            said(dossier, "--draws", 5)
        (fault,) = refused.value.faults
        assert "6" in fault.where  # the line of correlation_smic
        assert fault.remedy
