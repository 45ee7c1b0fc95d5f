"""Credits in force, from whatever documents of budget were read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from conseiller.ledger.credits import CLOSED, STAGES

if TYPE_CHECKING:
    import pandas as pd


def voted(credits: pd.DataFrame, budgets: Sequence[str]) -> pd.DataFrame:
    """Return the credits in force and what was done of them, per line of budget.

    Parameters
    ----------
    credits : DataFrame (columns `CREDITS`)
        Rows of any number of documents; those of another kind (the State's list of posts) do not count.
    budgets : sequence of str, one per row
        The budget each row belongs to (its scope without the number of a décision modificative).

    Returns
    -------
    DataFrame
        Columns exercice, account, chapter, function, operation, chart, section, side, order, voted_cents,
        realised_cents. For each budget and exercice: the compte (CFU, else CA) where there is one, since it states
        the credit opened; else the budget primitif plus every budget supplémentaire and décision modificative.
    """
    import pandas as pd

    rank = {stage: n for n, stage in enumerate(CLOSED)}
    holders = pd.Series(list(budgets), index=credits.index, dtype="str")
    credits = credits[credits["stage"].isin(STAGES)]
    table = credits.assign(
        budget=holders[credits.index],
        rank=credits["stage"].map(lambda s: rank.get(s, len(CLOSED))).astype("int64"),
    )
    best = table.groupby(["budget", "exercice"])["rank"].transform("min")
    by = ["exercice", "account", "chapter", "function", "operation", "chart", "section", "side", "order"]
    amounts = ["voted_cents", "realised_cents"]
    return table[table["rank"] == best].groupby(by, as_index=False)[amounts].sum()
