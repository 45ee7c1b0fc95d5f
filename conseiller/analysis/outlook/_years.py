"""Two years side by side, and the sums that the outlook is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from conseiller.dossier import schema
from conseiller.law import Law
from conseiller.projection import Projection

Cents = int


def outlook_years(plan: Projection) -> tuple[int, int]:
    """Return the year of the report, brought within the exercices shown, and the next one."""
    year = min(max(plan.report_date.year, plan.exercices[0]), plan.exercices[-1])
    return year, year + 1


def covering(plan: Projection, last: int) -> Projection:
    """Return the plan, its exercices prolonged up to one where they end before."""
    if last <= plan.exercices[-1]:
        return plan
    period = plan.dossier.period.model_copy(update={"last": last})
    return replan(plan, plan.dossier.model_copy(update={"period": period}))


def replan(plan: Projection, dossier: schema.Dossier, law: Law | None = None) -> Projection:
    """Project a changed dossier, or under a changed law (the officer's assumptions are in it already)."""
    return Projection(dossier.model_copy(update={"assumptions": ()}), law or plan.law, plan.report_date)


def cents_by_post(plan: Projection, columns: Iterable[str], years: Iterable[int]) -> list[Cents]:
    """Return, by post, the cents of some columns over some exercices."""
    wanted = list(columns)
    sums = [plan.cents(wanted, date(y, 1, 1), date(y, 12, 31)) for y in years]
    return [sum(each) for each in zip(*sums, strict=True)] or [0] * len(plan.posts)


def net_cents(plan: Projection, years: Iterable[int]) -> Cents:
    return sum(cents_by_post(plan, ["reste_fonctionnement"], years))


@dataclass(frozen=True)
class Year:
    """An exercice in figures.

    Parameters
    ----------
    exercice : int
    pay, other_costs, cost, grant, other_funding, net_cost : float
        Section de fonctionnement; pay holds what the end of contracts costs [euros].
    population : int or None
        Inhabitants, where the dossier states them.
    """

    exercice: int
    pay: float
    other_costs: float
    cost: float
    grant: float
    other_funding: float
    net_cost: float
    population: int | None

    @property
    def share_covered(self) -> float | None:
        """Share of the spending that grant and other funding cover; None when nothing is spent."""
        return (self.grant + self.other_funding) / self.cost if self.cost else None

    @property
    def per_inhabitant(self) -> float | None:
        """Reste à charge by inhabitant [euros]; None when the population is not stated."""
        return self.net_cost / self.population if self.population else None


def two_years(plan: Projection) -> tuple[Year, Year]:
    """Return the year of the report, projected, and the next one.

    The second is projected even where the dossier shows no exercice so late.
    """
    years = outlook_years(plan)
    sums = covering(plan, years[1]).by("exercice")
    population = plan.dossier.authority.population

    def read(year: int) -> Year:
        row: dict[str, Any] = {str(name): amount for name, amount in sums.to_dict("index")[year].items()}
        return Year(exercice=year, population=population, **row)

    return read(years[0]), read(years[1])


def chapters(plan: Projection, measure: Literal["pay", "other_costs"]) -> list[str]:
    """Return the budget chapters in which the spending of the two years falls."""
    years = outlook_years(plan)
    wide = covering(plan, years[1])
    table = wide.table
    other = {line.code for line in wide.lines() if line.group == "autres_couts"}
    mine = table["line"].isin(other) == (measure == "other_costs")
    kept = table[
        mine
        & (table["side"] == "cost")
        & (table["section"] == "fonctionnement")
        & table["exercice"].isin(years)
    ]
    return sorted({chapter for a in kept["account"].unique() if (chapter := wide.law.chapter(str(a)))})
