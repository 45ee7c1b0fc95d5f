"""The choices open when the contracts of today end, and their price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar, Literal

from conseiller import scenario
from conseiller.analysis.outlook._years import Cents, cents_by_post, covering, net_cents, outlook_years
from conseiller.dossier import schema
from conseiller.projection import Projection

ChoiceCode = Literal["planned", "full", "half", "stop"]
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Choice:
    """One way to go on, or to stop, when the contracts of today end.

    Parameters
    ----------
    code : {"planned", "full", "half", "stop"}
        "planned": what the dossier says, when it is none of the others.
    as_planned : bool
        Whether it is what the dossier says.
    net_next : float
        Reste à charge of the next year [euros].
    net_total : float
        Reste à charge from the next year to the last exercice shown [euros].
    leave : float
        Indemnity for leave not taken, as the dossier states the days; held in the amounts above [euros].
    exposure_next, exposure_total : float
        Unemployment allowance that the employer would pay, beyond the amounts above, if the agents
        found no work: in the next year, and to the last day of the right [euros].
    exposure_days : int
        Longest right to the allowance; 0 where the employer is not its own insurer.
    """

    code: ChoiceCode
    as_planned: bool
    net_next: float
    net_total: float
    leave: float
    exposure_next: float = 0.0
    exposure_total: float = 0.0
    exposure_days: int = 0


@dataclass(frozen=True)
class Choices:
    """The choices open when the contracts of today end.

    Parameters
    ----------
    posts : tuple of str
        Codes of the posts whose contract ends, or starts, between the report and the last exercice.
    ends : tuple of date
        Days on which the contracts in course of these posts end, each once, in order.
    first, last : int
        Exercices that the totals run over.
    rows : tuple of Choice
        Empty when no contract ends in time: there is then nothing to choose.
    """

    posts: tuple[str, ...]
    ends: tuple[date, ...]
    first: int
    last: int
    rows: tuple[Choice, ...]


def choices(plan: Projection) -> Choices:
    """Return what keeping the posts full time, half time or stopping them would leave to pay.

    A choice bears on contracts that start after the report; the contract in course runs to its end,
    and one without an end goes on. Kept posts are prolonged at the same pay to the last exercice
    shown. Stopped posts carry no cost and no funding of their own any more, and lose what grant
    remained. Half time is 17,5 hours a week (temps non complet).

    Parameters
    ----------
    plan : Projection
    """
    return _choosing(plan).choices()


def kept_full_time(plan: Projection) -> Projection:
    """Return the plan of the choice "full": open posts prolonged full time to the last exercice shown."""
    return _choosing(plan).plan_of("full")


def _choosing(plan: Projection) -> _Choosing:
    _, following = outlook_years(plan)
    wide = covering(plan, following)
    return _Choosing(wide, range(following, wide.exercices[-1] + 1))


@dataclass(frozen=True)
class _Choosing:
    plan: Projection
    years: range
    name: ClassVar[str] = "choices"

    @cached_property
    def open_posts(self) -> dict[str, date | None]:
        """Posts that a choice can change, with the end of the contract in course where there is one."""
        closing = date(self.years[-1], 12, 31)
        found: dict[str, date | None] = {}
        for post in self.plan.dossier.posts:
            now = self._running(post)
            if now is not None and now.end is not None and now.end < closing:
                found[post.code] = now.end
            elif now is None and any(c.start > self.plan.report_date for c in post.contracts):
                found[post.code] = None
        return found

    def choices(self) -> Choices:
        ends = tuple(sorted({end for end in self.open_posts.values() if end is not None}))
        rows: tuple[Choice, ...] = ()
        if self.open_posts:
            codes: tuple[ChoiceCode, ...] = ("full", "half", "stop")
            plans = {code: self.plan_of(code) for code in codes}
            goes = self._by_year(self.plan)
            same = {code: self._by_year(p) == goes for code, p in plans.items()}
            planned = {} if any(same.values()) else {"planned": self.plan}
            named: Mapping[Any, Projection] = planned | plans
            rows = tuple(self._choice(code, p, same.get(code, True)) for code, p in named.items())
        return Choices(tuple(self.open_posts), ends, self.years[0], self.years[-1], rows)

    def plan_of(self, code: ChoiceCode) -> Projection:
        """Return the plan of a choice."""
        if code == "planned" or not self.open_posts:
            return self.plan
        if code == "stop":
            return self._stopped()
        return self._kept(scenario.FULL_TIME_HOURS if code == "full" else scenario.HALF_TIME_HOURS)

    def _running(self, post: schema.Post) -> schema.Contract | None:
        day = self.plan.report_date
        return next((c for c in post.contracts if c.start <= day and (c.end is None or c.end >= day)), None)

    def _by_year(self, plan: Projection) -> list[Cents]:
        return [net_cents(plan, [year]) for year in self.years]

    def _choice(self, code: ChoiceCode, plan: Projection, as_planned: bool) -> Choice:
        nets = self._by_year(plan)
        leave = sum(cents_by_post(plan, ["conges_non_pris"], self.years))
        more = self._exposure() if code == "stop" else (0, 0, 0)
        return Choice(
            code,
            as_planned,
            nets[0] / 100,
            sum(nets) / 100,
            leave / 100,
            more[0] / 100,
            more[1] / 100,
            more[2],
        )

    # --- the scenarios of the choices ---

    def _changed(self, changes: Iterable[schema.Change], last: int | None = None) -> Projection:
        """Project the plan changed, its exercices prolonged up to one where asked for."""
        plan = self.plan if last is None else covering(self.plan, last)
        case = scenario.Case(plan.dossier, plan.base_law, plan.report_date)
        changed = scenario.changed(case, schema.Scenario(name=self.name, changes=tuple(changes)))
        return Projection(changed.dossier, plan.base_law, plan.report_date)

    def _kept(self, hours: float) -> Projection:
        posts = self.open_posts
        return self._changed(c for p in posts for c in (scenario.keep(p), scenario.hours(hours, p)))

    def _stopped(self, last: int | None = None, longest: bool = False) -> Projection:
        """Project the open posts not renewed, the allowance as the dossier states it, or at its longest."""
        stated = {p.code: self._running(p) for p in self.plan.dossier.posts}
        days = {code: c.are_days if (c := stated[code]) else 0 for code in self.open_posts}
        return self._changed(
            (scenario.not_renewed(p, are_days=None if longest else days[p]) for p in self.open_posts), last
        )

    # --- what an exit may cost ---

    def _exposure(self) -> tuple[Cents, Cents, int]:
        """Return the allowance beyond what is stated: next year, in all; and its longest duration."""
        if not self.plan.dossier.authority.self_insured:
            return 0, 0, 0
        ends = [end for end in self.open_posts.values() if end is not None]
        last = max([self.years[-1], *(end.year + 4 for end in ends)])
        stated, longest = self._stopped(last), self._stopped(last, longest=True)
        every = range(self.plan.dossier.period.first, last + 1)
        more = [
            sum(cents_by_post(longest, ["are"], span)) - sum(cents_by_post(stated, ["are"], span))
            for span in ([self.years[0]], every)
        ]
        days = (
            [int(self.plan.law.value("are_duree_max_jours", end + _DAY)) for end in ends] if more[1] else []
        )
        return more[0], more[1], max(days, default=0)
