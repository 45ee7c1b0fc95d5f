"""What the parts of the facts share: a plan, a language, and what analysis says of them, once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from conseiller.analysis.clocks import convention_balance, earned_matrix, year_end
from conseiller.analysis.decisions import Decision, decision_calendar
from conseiller.analysis.financing import financings
from conseiller.analysis.outlook import Choices, Year, choices, outlook_years, two_years
from conseiller.analysis.reliance import Use, parameters_used
from conseiller.brief._rounding import WholeYear, balanced, whole_year
from conseiller.brief.act.records import Kind
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.text import listing

if TYPE_CHECKING:
    import pandas as pd

#: Posts named in a sentence; more are only counted.
_NAMED = 6


@dataclass(frozen=True)
class Reading:
    """What every part of the facts reads of a plan, computed once."""

    plan: Projection
    lang: Lang
    anonymous: bool
    asked_for: Kind | Literal["auto"] = "auto"

    def tr(self, key: str, **values: object) -> str:
        return tr(key, self.lang, **values)

    @cached_property
    def years(self) -> tuple[int, int]:
        return outlook_years(self.plan)

    @cached_property
    def sums(self) -> tuple[Year, Year]:
        return two_years(self.plan)

    @cached_property
    def whole(self) -> tuple[WholeYear, WholeYear]:
        return self.whole_of(self.sums[0]), self.whole_of(self.sums[1])

    def whole_of(self, year: Year) -> WholeYear:
        """Return an exercice in whole euros, its grant being the sum of the grant years printed."""
        return whole_year(year, sum(euros.get(year.exercice, 0) for euros in self.earned.values()))

    @cached_property
    def earned(self) -> dict[str, dict[int, int]]:
        """Return the grant earned by grant year and exercice in whole euros; each grant year adds up."""
        matrix = earned_matrix(self.plan).drop(columns="total")
        years = [int(year) for year in matrix.columns]
        rows = zip(matrix.index, matrix.to_numpy(), strict=True)
        return balanced(
            {str(label): {y: float(a) for y, a in zip(years, row, strict=True) if a} for label, row in rows}
        )

    @cached_property
    def open(self) -> Choices:
        return choices(self.plan)

    @cached_property
    def calendar(self) -> list[Decision]:
        return decision_calendar(self.plan)

    @cached_property
    def used(self) -> tuple[Use, ...]:
        return parameters_used(self.plan)

    @cached_property
    def typed(self) -> set[tuple[str, str]]:
        """Return the post and code of conventions whose payments the dossier states, fully or not."""
        return {(p.code, c.code) for p in self.plan.dossier.posts for c in p.conventions if c.instalments}

    @cached_property
    def conventions(self) -> pd.DataFrame:
        """Return where each convention stands at the date of the report."""
        return convention_balance(self.plan)

    def to_accrue(self) -> float:
        """Return the grant that the closing of the year in course would leave untitled [euros]."""
        ends = year_end(self.plan)
        mine = ends[ends["exercice"] == self.years[0]]
        keys = zip(mine["post"], mine["code"], mine["to_accrue"], strict=True)
        return round(sum(float(amount) for post, code, amount in keys if (post, code) in self.typed), 2)

    def named(self, posts: Iterable[str]) -> str:
        """Return codes of posts as a list, or their number where they are many."""
        codes = list(dict.fromkeys(posts))
        return (
            listing(codes, self.lang)
            if len(codes) <= _NAMED
            else self.tr("brief.posts_count", count=len(codes))
        )

    def grant_end(self) -> date | None:
        """Return the last day that earns any grant; None when there is no grant at all."""
        return max((f.last_day for f in financings(self.plan) if f.stops > f.start), default=None)
