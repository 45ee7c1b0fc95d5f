"""Where the sliders stand, the dossier as they change it, and its years."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from conseiller import scenario
from conseiller.dossier import schema
from conseiller.projection import Projection
from conseiller.scenario import Case

if TYPE_CHECKING:
    pass


#: Name of the scenario that the sliders make; it is not shown.
_NAME = "sliders"
_COLUMNS = {
    "cost": "cout_fonctionnement",
    "grant": "subvention_etat",
    "other_funding": "autres_financements",
    "net_cost": "reste_fonctionnement",
}
Years = dict[int, dict[str, float]]


@dataclass(frozen=True)
class PostPosition:
    """Where the sliders of one post stand.

    Parameters
    ----------
    points : int
        Points of indice majoré added to its agents from the month after the report on.
    share : float or None
        Share of full time from then on, as weekly hours (temps non complet); None as in the dossier.
    delay : int
        Months by which its next contract starts later.
    renew : bool or None
        Whether its contracts go on; None as in the dossier.
    """

    points: int = 0
    share: float | None = None
    delay: int = 0
    renew: bool | None = None


@dataclass(frozen=True)
class Positions:
    """Where the sliders stand: by post, and yearly growth of the point and of the SMIC."""

    posts: Mapping[str, PostPosition] = field(default_factory=dict)
    point_growth: float = 0.0
    smic_growth: float = 0.0

    def changes(self, case: Case) -> tuple[schema.Change, ...]:
        """Return the changes of a scenario that these positions stand for."""
        found: list[schema.Change] = []
        for post in case.dossier.posts:
            if post.code in self.posts:
                found += _post_changes(case, post, self.posts[post.code])
        if self.point_growth:
            found.append(scenario.point(self.point_growth, yearly=True))
        if self.smic_growth:
            found.append(scenario.smic(self.smic_growth, yearly=True))
        return tuple(found)


def _post_changes(case: Case, post: schema.Post, at: PostPosition) -> Iterator[schema.Change]:
    first, agents = case.next_month, post.contracts
    now = scenario.running(post, case.report_date) or scenario.next_contract(post, case.report_date)
    if at.renew and now is not None:
        yield scenario.keep(post.code)
    elif at.renew is False and now is not None and (now.end is not None or now.start > case.report_date):
        yield scenario.not_renewed(post.code)
        agents = tuple(c for c in agents if c.start <= case.report_date)
    if at.delay and at.renew is not False and scenario.next_contract(post, case.report_date):
        yield scenario.replace(at.delay, post.code)
    if not any(c.end is None or c.end >= first for c in agents):
        return
    if at.share is not None:
        yield scenario.hours(scenario.FULL_TIME_HOURS * at.share, post.code, first)
    if at.points:
        yield scenario.points(at.points, post.code, first)


def what_if(dossier: schema.Dossier, positions: Positions, today: date | None = None) -> Projection:
    """Project a dossier as the sliders change it, at once: what comes of it is not checked.

    Parameters
    ----------
    dossier : Dossier
    positions : Positions
    today : date, optional
        Date of the report where the dossier states none.

    Examples
    --------
    >>> import conseiller
    >>> case = conseiller.load("data/campagnes-artois")
    >>> ended = what_if(case, Positions({"CN1": PostPosition(renew=False)}))
    >>> bool(ended.by("exercice").loc[2027, "net_cost"] < 71476.56)
    True
    """
    return Bench(Projection(dossier, today=today)).project(positions)


@dataclass(frozen=True)
class Bench:
    """A dossier under its sliders."""

    plan: Projection

    @cached_property
    def case(self) -> Case:
        return Case(self.plan.dossier, self.plan.base_law, self.plan.report_date)

    @property
    def closing(self) -> date:
        """Last day of the period."""
        return self.case.closing

    def project(self, positions: Positions) -> Projection:
        """Return the projection of the changed dossier."""
        named = schema.Scenario(name=_NAME, changes=positions.changes(self.case))
        dossier = scenario.changed(self.case, named).dossier
        return Projection(dossier, self.plan.base_law, self.plan.report_date)

    def next_contract(self, post: schema.Post) -> schema.Contract | None:
        """Return the first contract that starts after the report."""
        return scenario.next_contract(post, self.plan.report_date)

    def goes_on(self, post: schema.Post) -> bool:
        """Return whether some contract of the post holds on the last day of the period."""
        return scenario.goes_on(post, self.closing)

    def renewable(self, post: schema.Post) -> bool:
        """Return whether there is something to renew, or not to: a contract without an end has nothing."""
        ahead = scenario.goes_on(post, self.plan.report_date)
        return ahead and (self.next_contract(post) is not None or not self.goes_on(post))


def by_year(plan: Projection) -> Years:
    """Return spending and funding by exercice (fonctionnement), without building the tidy table.

    The same amounts as ``plan.by("exercice")``, in a few milliseconds.
    """
    return {
        year: {
            measure: sum(plan.cents([column], date(year, 1, 1), date(year, 12, 31))) / 100
            for measure, column in _COLUMNS.items()
        }
        for year in plan.exercices
    }
