"""Measures of a plan by exercice, without laying out its table."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from conseiller.compiled.grants import LINE
from conseiller.compiled.ground import SLIP
from conseiller.compiled.portfolio import Portfolio
from conseiller.engine import Inputs
from conseiller.rules.totals import PAY_LINES

Section = Literal["fonctionnement", "investissement"]

#: Columns of the month rows behind each measure, by section of the budget.
COLUMNS: dict[Section, dict[str, tuple[str, ...]]] = {
    "fonctionnement": {
        "pay": (*PAY_LINES, "are"),
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
    portfolio = Portfolio(inputs)
    starts = np.arange(0, len(inputs.months), 12)  # whole exercices are shown
    out = np.empty((inputs.posts, len(inputs.months)))
    found = {measure: np.zeros(len(starts)) for measure in COLUMNS["fonctionnement"]}
    for each in COLUMNS if section is None else (section,):
        for measure, columns in COLUMNS[each].items():
            if measure == "pay" and columns:
                found[measure] += np.bincount(
                    portfolio.payroll.month // 12,
                    portfolio.payroll.total(columns),
                    minlength=len(starts),
                )
            for column in columns:
                if column not in SLIP:
                    amounts = portfolio.lay(column, slice(0, inputs.posts), out) * 100.0
                    months = np.rint(amounts, out=amounts).sum(axis=0)
                    found[measure] += np.add.reduceat(months, starts)
    return {measure: np.rint(cents).astype(np.int64) for measure, cents in found.items()}
