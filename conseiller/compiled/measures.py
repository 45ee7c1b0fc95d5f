"""Measures of a plan by exercice, without laying out its table."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from conseiller.compiled.grants import LINE
from conseiller.compiled.ground import SLIP, Ground
from conseiller.compiled.portfolio import Portfolio
from conseiller.compiled.stretches import Indices
from conseiller.engine import Inputs
from conseiller.rules.totals import LEAVER_LINES, PAY_LINES

Section = Literal["fonctionnement", "investissement"]

#: Columns of the month rows behind each measure, by section of the budget.
COLUMNS: dict[Section, dict[str, tuple[str, ...]]] = {
    "fonctionnement": {
        "pay": (*PAY_LINES, *LEAVER_LINES),
        "other_costs": ("autres_couts",),
        "grant": (LINE,),
        "other_funding": ("autres_financements",),
    },
    "investissement": {
        "pay": (),
        "other_costs": ("equipements",),
        "grant": (),
        "other_funding": ("financements_equipement", "fctva"),
    },
}


def by_exercice(inputs: Inputs, section: Section | None) -> dict[str, NDArray[np.int64]]:
    """Return each measure by exercice, in whole cents, all posts together; both sections when None."""
    return {measure: cents[0] for measure, cents in by_draw(inputs, section, 1).items()}


def by_draw(
    inputs: Inputs,
    section: Section | None,
    draws: int,
    ground: Ground | None = None,
    variant: Indices | None = None,
) -> dict[str, NDArray[np.int64]]:
    """Return each measure by draw and exercice, in whole cents.

    Parameters
    ----------
    inputs : Inputs
        The posts of one draw after those of another.
    section : str or None
        Section of the budget; both when None.
    draws : int
    ground, variant :
        As for `Portfolio`.
    """
    portfolio = Portfolio(inputs, ground, variant)
    payroll, months = portfolio.payroll, len(inputs.months)
    years = months // 12  # whole exercices are shown
    shape = (draws, inputs.posts // draws, years, 12)
    out = np.empty((inputs.posts, months))
    found = {measure: np.zeros((draws, years)) for measure in COLUMNS["fonctionnement"]}
    for each in COLUMNS if section is None else (section,):
        for measure, columns in COLUMNS[each].items():
            if measure == "pay" and columns:
                draw = portfolio.stretches.post[payroll.row] // shape[1]
                place = draw * years + payroll.month // 12
                sums = np.bincount(place, payroll.total(columns), minlength=draws * years)
                found[measure] += sums.reshape(draws, years)
            for column in columns:
                if column not in SLIP:
                    portfolio.lay(slice(0, inputs.posts), {column: out})
                    cents = out * 100.0
                    found[measure] += np.rint(cents, out=cents).reshape(shape).sum(axis=(1, 3))
    return {measure: np.rint(cents).astype(np.int64) for measure, cents in found.items()}
