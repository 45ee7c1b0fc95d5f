"""The choices open for posts whose contract ends: their cost over one year, three, and to the end of the mandate.

Beside each: the day by which to notify, the day after which there is no way back, and how much
communes would have to pay, or how few hours to keep, for it to cost no more than another choice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from conseiller import scenario
from conseiller.analysis.decisions import decision_calendar
from conseiller.analysis.mandate import mandate_end
from conseiller.analysis.outlook import EXIT_LINES, outlook_years
from conseiller.dossier import schema
from conseiller.errors import Fault, InputFaults, fault
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.readable import Readable
from conseiller.scenario import READY, Case, apply, scenario_of
from conseiller.text import listing

Span = Literal["one_year", "three_years", "mandate"]
SPANS: tuple[Span, ...] = ("one_year", "three_years", "mandate")
#: The choices told, ready scenarios by their name.
CHOICES = ("maintien", "mi-temps", "titularisation", "non-renouvellement")
STOP = "non-renouvellement"
#: Steps of the hours looked for.
HOURS_STEP = 0.5


@dataclass(frozen=True)
class BreakEven:
    """What it takes for a choice to cost no more than a reference.

    Parameters
    ----------
    reference : float
        What is not to be passed [euros].
    share : float or None
        Least share of the reste à charge that others would pay, to a hundredth of a per cent; 0 when the
        choice costs no more already; None when no share would do.
    hours : float or None
        Most weekly hours, by half hours; None when even half an hour costs more.
    """

    reference: float
    share: float | None
    hours: float | None = None


@dataclass(frozen=True)
class Option:
    """A choice.

    Parameters
    ----------
    name : str
        "" for what the dossier plans.
    net : dict
        Reste à charge of fonctionnement over each span [euros].
    leaving : dict
        What the end of contracts costs within it [euros].
    notify_by : date or None
        Last day to notify the agent whether the contract is renewed; None without a fixed term.
    no_return : date or None
        Last day on which the choice can still be made: to stop, that of the notice; to keep, that of the contract.
    against_stop, against_now : BreakEven or None
        For it to cost no more than stopping, over the mandate; than the current exercice, in the next.
    """

    name: str
    net: dict[Span, float]
    leaving: dict[Span, float]
    notify_by: date | None
    no_return: date | None
    against_stop: BreakEven | None = None
    against_now: BreakEven | None = None


@dataclass(frozen=True)
class DecisionTable(Readable):
    """The choices side by side; made by `decide`.

    Parameters
    ----------
    posts : tuple of str
        Posts that the choices bear on.
    report_date, first, mandate_end : date
        Date of the report, first day counted, last day of the mandate.
    last : dict
        Last day of each span.
    now : float
        Reste à charge of the exercice of the report [euros].
    deadlines : dict
        Last day to notify and end of the contract in course, by post; None where there is none.
    options : tuple of Option
        What the dossier plans first; nothing else where there is no post to decide on.
    impossible : tuple of (str, tuple of Fault)
        Choices that the case does not allow, and why.
    open_grade : str
        Grade at which an agent may be made permanent without concours on the first day counted.
    """

    posts: tuple[str, ...]
    report_date: date
    first: date
    mandate_end: date
    last: dict[Span, date]
    now: float
    deadlines: dict[str, tuple[date | None, date | None]]
    options: tuple[Option, ...]
    impossible: tuple[tuple[str, tuple[Fault, ...]], ...] = ()
    open_grade: str = ""

    def __getitem__(self, name: str) -> Option:
        """Return the choice of a name."""
        try:
            return next(o for o in self.options if o.name == name)
        except StopIteration:
            raise KeyError(name) from None


def decide(
    dossier: schema.Dossier,
    *choices: str | schema.Scenario,
    post: str | None = None,
    today: date | None = None,
    lang: Lang = "fr",
) -> DecisionTable:
    """Return the decision table of a case.

    Every choice is projected to the end of the mandate, under the legal values known or supposed today.

    Parameters
    ----------
    dossier : Dossier
    *choices : str or Scenario
        Ready scenarios by name, or scenarios; by default kept, half time, titularised, not renewed.
    post : str, optional
        The post that ready choices bear on; by default every post whose contract ends before the mandate.
    today : date, optional
        Date of the report where the dossier states none.
    lang : {"fr", "en"}
        Language of the reasons why a choice cannot be made.

    Raises
    ------
    InputFaults
        When the case has no such post.
    """
    codes = [p.code for p in dossier.posts]
    if post is not None and post not in codes:
        where = tr("scenarios.decision.title", lang)
        known = listing(codes, lang, "or")
        raise InputFaults([fault("scenarios.decision.unknown_post", where, lang, post=post, known=known)])
    return _Deciding(Projection(dossier, today=today), post, lang).table(choices or CHOICES)


@dataclass(frozen=True)
class _Deciding:
    plan: Projection
    post: str | None
    lang: Lang

    @cached_property
    def mandate(self) -> date:
        return mandate_end(self.plan.law, self.first)

    @cached_property
    def first(self) -> date:
        return date(outlook_years(self.plan)[1], 1, 1)

    @cached_property
    def last(self) -> dict[Span, date]:
        year = self.first.year
        return {
            "one_year": date(year, 12, 31),
            "three_years": date(year + 2, 12, 31),
            "mandate": self.mandate,
        }

    @cached_property
    def case(self) -> Case:
        """The case, its period prolonged to the end of the longest span."""
        last = max(day.year for day in self.last.values())
        period = self.plan.dossier.period
        wider = period.model_copy(update={"last": max(period.last, last)})
        dossier = self.plan.dossier.model_copy(update={"period": wider})
        return Case(dossier, self.plan.base_law, self.plan.report_date)

    @cached_property
    def posts(self) -> tuple[str, ...]:
        """Posts with a contract that ends, or starts, between the report and the end of the mandate."""
        day, found = self.plan.report_date, []
        for post in self.plan.dossier.posts:
            ends = any(c.end is not None and day <= c.end < self.mandate for c in post.contracts)
            if self.post in (None, post.code) and ends:
                found.append(post.code)
        return tuple(found)

    def table(self, choices: Sequence[str | schema.Scenario]) -> DecisionTable:
        plans: dict[str, Projection] = {"": self._project(())}
        impossible: list[tuple[str, tuple[Fault, ...]]] = []
        for wanted in choices if self.posts else ():
            name = wanted if isinstance(wanted, str) else wanted.name
            try:
                plans[name] = self._project(self._scenario(wanted).changes)
            except InputFaults as faults:
                impossible.append((name, faults.faults))
        stop = plans.get(STOP)
        now = self._now()
        options = tuple(self._option(name, plan, stop, now) for name, plan in plans.items())
        return DecisionTable(
            self.posts,
            self.plan.report_date,
            self.first,
            self.mandate,
            self.last,
            now,
            {post: (self._notice((post,)), self._contract_end((post,))) for post in self.posts},
            options,
            tuple(impossible),
            self.plan.law.open_grade(self.first).grade,
        )

    def _scenario(self, wanted: str | schema.Scenario) -> schema.Scenario:
        """Return a choice; a ready one bears on each of the posts."""
        own = {s.name for s in self.plan.dossier.scenarios}
        if isinstance(wanted, str) and wanted in READY and wanted not in own and READY[wanted].by_post:
            words = [f"{wanted}:{post}" for post in self.posts]
            return scenario_of(self.case.dossier, words, self.lang)
        return scenario_of(self.case.dossier, wanted, self.lang)

    def _project(self, changes: Sequence[schema.Change]) -> Projection:
        dossier = self.case.dossier
        if changes:
            dossier = apply(
                dossier,
                schema.Scenario(name="–", changes=tuple(changes)),
                today=self.case.report_date,
                law=self.case.base_law,
                lang=self.lang,
            )
        return Projection(dossier, self.case.base_law, self.case.report_date)

    def _now(self) -> float:
        year = outlook_years(self.plan)[0]
        return sum(self.plan.cents(["reste_fonctionnement"], date(year, 1, 1), date(year, 12, 31))) / 100

    def _option(self, name: str, plan: Projection, stop: Projection | None, now: float) -> Option:
        net = {s: self._sum(plan, ["reste_fonctionnement"], s) for s in SPANS}
        leaving = {s: self._sum(plan, EXIT_LINES, s) for s in SPANS}
        notice, end = self._notice(self.posts), self._contract_end(self.posts)
        option = Option(name, net, leaving, notice, notice if name == STOP else end)
        if name == STOP:
            return option
        against_stop = None
        if stop is not None:
            reference = self._sum(stop, ["reste_fonctionnement"], "mandate")
            against_stop = self._break_even(name, net["mandate"], reference, "mandate")
        against_now = self._break_even(name, net["one_year"], now, "one_year")
        return Option(name, net, leaving, option.notify_by, option.no_return, against_stop, against_now)

    def _sum(self, plan: Projection, columns: Sequence[str], span: Span) -> float:
        return sum(plan.cents(columns, self.first, self.last[span])) / 100

    # --- dates --------------------------------------------------------------------------------------

    def _contract_end(self, posts: Sequence[str]) -> date | None:
        """Return the first end of the contracts in course of some posts."""
        day = self.plan.report_date
        ends = [
            c.end
            for p in self.plan.dossier.posts
            if p.code in posts
            for c in p.contracts
            if c.start <= day and c.end is not None and c.end >= day
        ]
        return min(ends, default=None)

    def _notice(self, posts: Sequence[str]) -> date | None:
        """Return the first day of notice for these contracts, missed or to come."""
        end = self._contract_end(posts)
        if end is None:
            return None
        found = [
            d.date
            for d in decision_calendar(self.plan)
            if d.kind in ("notice", "notice_other") and d.post in posts and dict(d.values)["end"] == end
        ]
        return min(found, default=None)

    # --- break-even -----------------------------------------------------------------------------------

    def _break_even(self, name: str, net: float, reference: float, span: Span) -> BreakEven:
        hours = None
        if name == "maintien":
            hours = most_hours(
                lambda h: self._sum(self._at_hours(h), ["reste_fonctionnement"], span), reference
            )
        return BreakEven(reference, least_share(net, reference), hours)

    def _at_hours(self, weekly: float) -> Projection:
        changes = [c for p in self.posts for c in (scenario.keep(p), scenario.hours(weekly, p))]
        named = schema.Scenario(name="–", changes=tuple(changes))
        case = scenario.changed(self.case, named, self.lang)
        return Projection(case.dossier, case.base_law, case.report_date)


def least_share(net: float, reference: float) -> float | None:
    """Return the least share of an amount that others must pay for the rest not to pass a reference.

    To a hundredth of a per cent, upwards; None when the amount is nothing or a gain and still passes it, or
    when the whole of it would not do.

    Examples
    --------
    >>> least_share(1000, 250)
    0.75
    """
    if net <= reference:
        return 0.0
    if net <= 0 or reference < 0:
        return None
    steps = math.ceil(round((net - reference) / net * 10_000, 6))
    return steps / 10_000


def most_hours(net: Callable[[float], float], reference: float) -> float | None:
    """Return the most weekly hours, by half hours up to 35, that cost no more than a reference.

    Parameters
    ----------
    net : callable
        Reste à charge at some weekly hours, which rises with them.
    reference : float
    """
    low, high = 0, round(scenario.FULL_TIME_HOURS / HOURS_STEP)
    if net(high * HOURS_STEP) <= reference:
        return scenario.FULL_TIME_HOURS
    while high - low > 1:  # low is within the reference (or nothing), high is not
        middle = (low + high) // 2
        if net(middle * HOURS_STEP) <= reference:
            low = middle
        else:
            high = middle
    return low * HOURS_STEP if low else None
