"""Views of a tracking: sums by any key, to date, side by side, by cause, and where it lands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np

from conseiller.analysis.tracking.facts import CAUSES

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.analysis.tracking.tracking import Tracking

Key = Literal["post", "month", "exercice", "grant_year", "line", "side", "section"]
Section = Literal["fonctionnement", "investissement"]
#: Figures of every table.
FIGURES = ("plan", "actual", "variance")


def by(tracking: Tracking, *keys: Key, section: Section | None = "fonctionnement") -> pd.DataFrame:
    """Sum plan, actual and variance by one or more keys.

    Parameters
    ----------
    *keys : {"post", "month", "exercice", "grant_year", "line", "section"}
    section : str or None
        Section of the budget; never mixed unless None is asked for.

    Returns
    -------
    pandas.DataFrame
        Indexed by the keys and ``measure`` ("cost", "funding" and, unless by line, "net" = cost −
        funding): plan, actual, variance [euros], share (variance / plan, NaN where nothing is planned).
    """
    import pandas as pd

    source = tracking.by_grant_year if "grant_year" in keys else tracking.table
    if section is not None:
        source = source[source["section"] == section]
    names = [k for k in keys if k != "side"]
    sums = _cents(source).assign(measure=source["side"]).groupby([*names, "measure"], sort=False)
    found = sums[["plan", "actual"]].sum().reset_index()
    if "line" not in names:
        found = _both_sides(found, names)
        net = found.copy()
        sign = np.where(net["measure"] == "cost", 1, -1)
        net = net.assign(plan=net["plan"] * sign, actual=net["actual"] * sign, measure="net")
        net = net.groupby([*names, "measure"], sort=False)[["plan", "actual"]].sum().reset_index()
        found = pd.concat([found, net], ignore_index=True)
    order = _Order(tracking)
    found = found.sort_values([*names, "measure"], key=order, kind="stable")
    found["variance"] = found["actual"] - found["plan"]
    share = np.where(
        found["plan"] != 0, found["variance"] / found["plan"].where(found["plan"] != 0, 1), np.nan
    )
    for column in FIGURES:
        found[column] = found[column] / 100
    return found.assign(share=share).set_index([*names, "measure"])


def cumulative(tracking: Tracking, exercice: int, section: Section | None = "fonctionnement") -> pd.DataFrame:
    """Return plan and actual summed since January, month by month.

    Returns
    -------
    pandas.DataFrame
        Indexed by month and measure: plan, actual, variance, share; months after `until` hold the
        plan alone (actual and variance NaN).
    """
    import pandas as pd

    months = by(tracking, "exercice", "month", section=section)
    if exercice not in months.index.get_level_values("exercice"):
        return months.droplevel("exercice")
    found = months[months.index.get_level_values("exercice") == exercice].droplevel("exercice")
    names = found.index.get_level_values("measure").unique()
    grid = pd.MultiIndex.from_product(
        [pd.to_datetime([date(exercice, m, 1) for m in range(1, 13)]).astype("datetime64[s]"), names],
        names=["month", "measure"],
    )
    cents = (found[["plan", "actual"]] * 100).round().reindex(grid, fill_value=0.0)
    sums = cents.groupby(level="measure").cumsum()
    sums["variance"] = sums["actual"] - sums["plan"]
    sums["share"] = (sums["variance"] / sums["plan"]).where(sums["plan"] != 0)
    sums[list(FIGURES)] = sums[list(FIGURES)] / 100
    last = tracking.until
    later = sums.index.get_level_values("month") > pd.Timestamp(last or date(1900, 1, 1))
    sums.loc[later, ["actual", "variance", "share"]] = np.nan
    return sums


def to_date(
    tracking: Tracking, exercice: int, at: date | None = None, section: Section | None = "fonctionnement"
) -> pd.DataFrame:
    """Return an exercice line by line: the year's plan, plan and actual to date, what remains.

    Parameters
    ----------
    exercice : int
    at : date, optional
        A day of the last month counted; `until` by default.
    section : str or None

    Returns
    -------
    pandas.DataFrame
        Indexed by side and line: plan_year, plan, actual, variance, share, remaining (plan_year −
        actual) [euros].
    """
    import pandas as pd

    last = at or tracking.until or date(exercice, 12, 31)
    table = tracking.table[tracking.table["exercice"] == exercice]
    if section is not None:
        table = table[table["section"] == section]
    cents = _cents(table)
    keys = ["side", "line"]
    year = cents.groupby(keys, sort=False)[["plan"]].sum().rename(columns={"plan": "plan_year"})
    done = cents[table["month"] <= pd.Timestamp(last)]
    sums = done.groupby(keys, sort=False)[["plan", "actual"]].sum()
    found = year.join(sums).fillna(0).reset_index().sort_values(keys, key=_Order(tracking), kind="stable")
    found["variance"] = found["actual"] - found["plan"]
    found["share"] = (found["variance"] / found["plan"]).where(found["plan"] != 0)
    found["remaining"] = found["plan_year"] - found["actual"]
    for column in ("plan_year", *FIGURES, "remaining"):
        found[column] = found[column] / 100
    return found.set_index(keys)


def years(tracking: Tracking, section: Section | None = "fonctionnement") -> pd.DataFrame:
    """Return the exercices side by side, by measure and line.

    Returns
    -------
    pandas.DataFrame
        Indexed by measure and line ("" for the totals); for each exercice ``<year>_plan``,
        ``<year>_actual``, ``<year>_variance`` [euros].
    """
    import pandas as pd

    lines = by(tracking, "exercice", "line", section=section).reset_index()
    totals = by(tracking, "exercice", section=section).reset_index().assign(line="")
    both = pd.concat([lines, totals], ignore_index=True)
    wide = both.pivot_table(
        index=["measure", "line"],
        columns="exercice",
        values=list(FIGURES),
        aggfunc="sum",
        fill_value=0.0,
    )
    flat = {f"{y}_{f}": wide[f][y] for y in tracking.exercices for f in FIGURES if y in wide[f]}
    found = pd.DataFrame(flat).reset_index()
    return found.sort_values(["measure", "line"], key=_Order(tracking), kind="stable").set_index(
        ["measure", "line"]
    )


def why(tracking: Tracking, *keys: Key, section: Section | None = "fonctionnement") -> pd.DataFrame:
    """Return the variance by cause.

    Parameters
    ----------
    *keys : {"post", "month", "exercice", "line", "section"}
    section : str or None

    Returns
    -------
    pandas.DataFrame
        Indexed by the keys and ``measure``: one column per cause of `CAUSES`, then ``variance``,
        their sum [euros].
    """
    import pandas as pd

    source = tracking.explained
    if section is not None:
        source = source[source["section"] == section]
    rows = source.assign(measure=source["side"], cents=(source["amount"] * 100).round().astype("int64"))
    if "line" not in keys:
        sign = np.where(rows["side"] == "cost", 1, -1)
        rows = pd.concat([rows, rows.assign(measure="net", cents=rows["cents"] * sign)], ignore_index=True)
    names = [k for k in keys if k != "side"]
    wide = (
        rows.groupby([*names, "measure", "cause"], sort=False)["cents"]
        .sum()
        .unstack("cause", fill_value=0)
        .reindex(columns=list(CAUSES), fill_value=0)
    )
    wide["variance"] = wide.sum(axis=1)
    wide.columns.name = None
    found = (wide / 100).reset_index()
    return found.sort_values([*names, "measure"], key=_Order(tracking), kind="stable").set_index(
        [*names, "measure"]
    )


def landing(tracking: Tracking, *keys: Key, section: Section | None = "fonctionnement") -> pd.DataFrame:
    """Return the landing (*atterrissage*): actual to date, and the plan for what is left.

    Parameters
    ----------
    *keys : {"post", "exercice", "line", "section"}
        Exercice by default.
    section : str or None

    Returns
    -------
    pandas.DataFrame
        Indexed by the keys and ``measure``: plan, actual, left (planned and not booked yet), landing =
        actual + left, variance = landing − plan [euros], share.
    """
    names: tuple[Key, ...] = keys or ("exercice",)
    found = by(tracking, *names, section=section)[["plan", "actual"]]
    left = why(tracking, *names, section=section)["not_yet_booked"].reindex(found.index, fill_value=0.0)
    cents = (found * 100).round().assign(left=-(left * 100).round())
    cents["landing"] = cents["actual"] + cents["left"]
    cents["variance"] = cents["landing"] - cents["plan"]
    share = (cents["variance"] / cents["plan"]).where(cents["plan"] != 0)
    return (cents / 100 + 0.0).assign(share=share)


class _Order:
    """Sorts posts, lines, measures as reports show them; anything else by value."""

    def __init__(self, tracking: Tracking) -> None:
        codes = {line.code: r for r, line in enumerate(tracking.plan.lines())}
        self.post = {p: r for r, p in enumerate(tracking.plan.posts)}
        self.line = {
            t.line: (codes[t.codes[0]] if t.codes else len(codes)) for t in tracking.cells.tracks
        } | {"": -1}
        self.measure = {"cost": 0, "funding": 1, "net": 2}

    def __call__(self, column: pd.Series[str]) -> pd.Series[int]:
        ranks = {"post": self.post, "line": self.line, "measure": self.measure, "side": self.measure}
        known = ranks.get(str(column.name))
        return column if known is None else column.map(known)  # type: ignore[return-value]


def _both_sides(found: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return sums with a row of spending and one of income for each key, 0 where there is none."""
    import pandas as pd

    keys = found[list(names)].drop_duplicates()
    sides = pd.DataFrame({"measure": ["cost", "funding"]})
    every = keys.merge(sides, how="cross") if names else sides
    whole = every.merge(found, how="left", on=[*names, "measure"])
    return whole.fillna({"plan": 0, "actual": 0}).astype({"plan": "int64", "actual": "int64"})


def _cents(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its figures in whole cents."""
    return table.assign(**{f: (table[f] * 100).round().astype("int64") for f in FIGURES})
