"""The point and the SMIC, where their growths of one year are drawn together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from conseiller.engine import Array
from conseiller.projection import Projection
from conseiller.simulation.uncertainties import Growth, Uncertainty


def pairs(uncertainties: Sequence[Uncertainty]) -> list[tuple[int, int | None]]:
    """Return the rank of each growth of the point that has a correlation, and of the first growth of the SMIC."""
    growths = [(rank, u) for rank, u in enumerate(uncertainties) if isinstance(u, Growth)]
    smic = next((rank for rank, u in growths if u.parameter == "smic_mensuel"), None)
    return [(rank, smic) for rank, u in growths if u.correlation]


def correlated(uncertainties: Sequence[Uncertainty]) -> list[Growth]:
    """Return the growths that are drawn together with that of the SMIC."""
    return [u for u in uncertainties if isinstance(u, Growth) and u.correlation]


def together(
    point: Growth,
    smic: Growth,
    streams: tuple[np.random.Generator, np.random.Generator],
    draws: int,
    plan: Projection,
) -> tuple[Mapping[str, Array], Mapping[str, Array]]:
    """Draw the growths of point and SMIC, correlated within each year.

    Parameters
    ----------
    point, smic : Growth
        `point.correlation` tells how much they go together.
    streams : pair of Generator
        Random numbers of the point and of the SMIC: those of the SMIC do not depend on the correlation.
    draws : int
    plan : Projection
    """
    own, common = (
        stream.standard_normal((draws, len(growth.years(plan))))
        for stream, growth in zip(streams, (point, smic), strict=True)
    )
    rho = point.correlation
    shared = {year: common[:, k] for k, year in enumerate(smic.years(plan))}
    for k, year in enumerate(point.years(plan)):
        if year in shared:
            own[:, k] = rho * shared[year] + math.sqrt(1 - rho * rho) * own[:, k]
    return {"growth": point.yearly.of_normal(own)}, {"growth": smic.yearly.of_normal(common)}
