"""The year in course and the next: what changes and why, the choices and their price, what would move the figures.

Every figure is a sum or a difference of projections: the plan's own, or the plan
projected again with a change of the dossier or of the law. Only the section de
fonctionnement is looked at; the grant is the grant earned.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar, Literal

from conseiller import scenario
from conseiller.dossier import schema
from conseiller.law import Entry, Law, LawError, Table
from conseiller.projection import Projection
from conseiller.rules.totals import LEAVER_LINES, PAY_LINES

Cents = int
Cause = Literal[
    "grant",
    "smic",
    "point",
    "index",
    "scales",
    "rates",
    "contracts",
    "exits",
    "other_costs",
    "other_funding",
]
#: Causes of a change of the reste à charge, in the order in which they are told.
CAUSES: tuple[Cause, ...] = (
    "grant",
    "smic",
    "point",
    "index",
    "scales",
    "rates",
    "contracts",
    "exits",
    "other_costs",
    "other_funding",
)
#: Lines of the end of a contract: a cause of their own, whatever moves them.
EXIT_LINES = ("conges_non_pris", *LEAVER_LINES)
ChoiceCode = Literal["planned", "full", "half", "stop"]
Sensitivity = Literal["smic", "point", "fnal", "psc"]

#: What the sensitivities change: shares, and euros a month of complementary protection.
SMIC_RISE = POINT_RISE = 0.01
PSC_RISE = 15.0
_DAY = timedelta(days=1)


def outlook_years(plan: Projection) -> tuple[int, int]:
    """Return the year of the report, brought within the exercices shown, and the next one."""
    year = min(max(plan.report_date.year, plan.exercices[0]), plan.exercices[-1])
    return year, year + 1


def covering(plan: Projection, last: int) -> Projection:
    """Return the plan, its exercices prolonged up to one where they end before."""
    if last <= plan.exercices[-1]:
        return plan
    period = plan.dossier.period.model_copy(update={"last": last})
    return _replan(plan, plan.dossier.model_copy(update={"period": period}))


def _replan(plan: Projection, dossier: schema.Dossier, law: Law | None = None) -> Projection:
    """Project a changed dossier, or under a changed law (the officer's assumptions are in it already)."""
    return Projection(dossier.model_copy(update={"assumptions": ()}), law or plan.law, plan.report_date)


def _sum(plan: Projection, columns: Iterable[str], years: Iterable[int]) -> list[Cents]:
    """Return, by post, the cents of some columns over some exercices."""
    wanted = list(columns)
    sums = [plan.cents(wanted, date(y, 1, 1), date(y, 12, 31)) for y in years]
    return [sum(each) for each in zip(*sums, strict=True)] or [0] * len(plan.posts)


def _net(plan: Projection, years: Iterable[int]) -> Cents:
    return sum(_sum(plan, ["reste_fonctionnement"], years))


# --- two years side by side ---------------------------------------------------------------------------


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


# --- why it changes -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """Part of the change of the reste à charge between two exercices [euros]."""

    cause: Cause
    amount: float


def changes(plan: Projection) -> list[Change]:
    """Return why the reste à charge changes between the two years; the causes add up to it exactly.

    Parameters
    ----------
    plan : Projection

    Returns
    -------
    list of Change
        One per cause, in the order of `CAUSES`, those of no euro included; a rise of the reste à
        charge is positive.

    Notes
    -----
    Grant, other costs, other funding and the end of contracts are differences of their lines. The
    rest of the pay is taken apart by projecting the second year again. First under the law and the
    employer's rates of the first year, month for month: what still differs comes from the contracts
    (presence, working time, agreed pay). The law of the second year then returns, one group at a
    time: minimum wage, value of the point, indices (grids, minimum, points added), scales of
    allowances and of part time, contribution rates and ceilings. Each effect of the law is thus
    measured on the posts of the second year.
    """
    before, after = two_years(plan)
    years = (before.exercice, after.exercice)
    wide = covering(plan, years[1])
    exits = [sum(_sum(wide, EXIT_LINES, [y])) for y in years]
    agreed = [_cents(y.pay) - e for y, e in zip((before, after), exits, strict=True)]
    amounts: dict[Cause, Cents] = {
        "grant": _cents(before.grant) - _cents(after.grant),
        "exits": exits[1] - exits[0],
        "other_costs": _cents(after.other_costs) - _cents(before.other_costs),
        "other_funding": _cents(before.other_funding) - _cents(after.other_funding),
    }
    amounts |= _pay_changes(wide, years, agreed[0], agreed[1])
    return [Change(cause, amounts[cause] / 100) for cause in CAUSES]


def _cents(euros: float) -> Cents:
    return round(euros * 100)


_INDICES = {
    "im_minimum",
    "points_supplementaires",
    "indemnite_residence_im_plancher",
    "sft_im_plancher",
    "sft_im_plafond",
}
#: Groups of legal values, in the order in which they return; what no group takes belongs to the rates.
_GROUPS: tuple[tuple[Cause, Callable[[str], bool]], ...] = (
    ("smic", lambda p: p == "smic_mensuel"),
    ("point", lambda p: p == "point_indice_annuel"),
    ("index", lambda p: p.startswith("grille_") or p in _INDICES),
    ("scales", lambda p: p.startswith(("sft_", "indemnite_residence_", "temps_"))),
)
#: Not a matter of pay: schedules and rules of the grant.
_NOT_PAY = ("generation_", "vacance_", "fctva_")


def _pay_changes(plan: Projection, years: tuple[int, int], before: Cents, after: Cents) -> dict[Cause, Cents]:
    """Take the change of pay apart, the end of contracts left out (see `changes`)."""
    lines = [line for line in PAY_LINES if line not in EXIT_LINES]
    held = {name for name in plan.law.tables if not name.startswith(_NOT_PAY)}
    rates = _held_rates(plan.dossier.rates, years)
    period = plan.dossier.period.model_copy(update={"first": years[0], "last": years[1]})
    dossier = plan.dossier.model_copy(update={"period": period, "rates": rates})

    def pay() -> Cents:
        tables = dict(plan.law.tables)
        tables |= {name: _held(tables[name], years) for name in held}
        return sum(_sum(_replan(plan, dossier, replace(plan.law, tables=tables)), lines, [years[1]]))

    reached = pay()
    found: dict[Cause, Cents] = {"contracts": reached - before}
    for cause, belongs in _GROUPS:
        held -= {name for name in held if belongs(name)}
        found[cause] = (step := pay()) - reached
        reached = step
    found["rates"] = after - reached
    return found


def _held(table: Table, years: tuple[int, int]) -> Table:
    """Return a legal table in which the second year takes, month for month, the values of the first."""
    first, second = date(years[0], 1, 1), date(years[1], 1, 1)
    then = date(years[1] + 1, 1, 1)
    kept = [e for e in table.entries if e.start < second or e.start >= then]
    known = [e for e in table.entries if e.start <= first]
    moved = [replace(e, start=_next_year(e.start)) for e in table.entries if first < e.start < second]
    # A value that did not exist when the first year began, as a new step of a grid, is its first one throughout.
    opening = [replace(known[-1] if known else table.entries[0], start=second)]
    if not any(e.start == then for e in kept):
        with contextlib.suppress(LawError):
            kept.append(replace(table.at(then), start=then))
    starts: dict[date, Entry] = {e.start: e for e in (*kept, *opening, *moved)}
    return replace(table, entries=tuple(starts[day] for day in sorted(starts)))


def _held_rates(rates: tuple[schema.EmployerRates, ...], years: tuple[int, int]) -> tuple[Any, ...]:
    """Return the employer's own rates in which the second year takes those of the first."""
    ordered = sorted(rates, key=lambda r: r.start)
    first, second = date(years[0], 1, 1), date(years[1], 1, 1)
    kept = {r.start: r for r in ordered if r.start < second}
    opening = [r for r in ordered if r.start <= first][-1:]
    none = schema.EmployerRates(start=second, at_mp=0, cdg=0)
    kept[second] = opening[0].model_copy(update={"start": second}) if opening else none
    for r in ordered:
        if first < r.start < second:
            kept[_next_year(r.start)] = r.model_copy(update={"start": _next_year(r.start)})
    return tuple(kept.values())


def _next_year(day: date) -> date:
    """Return the same day a year later; 29 February becomes 1 March, which holds for the same months."""
    leap = (day.month, day.day) == (2, 29)
    return date(day.year + 1, 3, 1) if leap else day.replace(year=day.year + 1)


# --- choices ------------------------------------------------------------------------------------------


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
        return [_net(plan, [year]) for year in self.years]

    def _choice(self, code: ChoiceCode, plan: Projection, as_planned: bool) -> Choice:
        nets = self._by_year(plan)
        leave = sum(_sum(plan, ["conges_non_pris"], self.years))
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
            sum(_sum(longest, ["are"], span)) - sum(_sum(stated, ["are"], span))
            for span in ([self.years[0]], every)
        ]
        days = (
            [int(self.plan.law.value("are_duree_max_jours", end + _DAY)) for end in ends] if more[1] else []
        )
        return more[0], more[1], max(days, default=0)


# --- what would move the figures ----------------------------------------------------------------------


@dataclass(frozen=True)
class Effect:
    """What a change from 1 January of the next year would add to its reste à charge.

    Parameters
    ----------
    code : {"smic", "point", "fnal", "psc"}
    total : float
        All posts together [euros].
    by_post : dict
        Euros by code of post.
    posts : int
        Posts that have an agent in the year.
    """

    code: Sensitivity
    total: float
    by_post: Mapping[str, float]
    posts: int

    @property
    def per_post(self) -> float:
        """Average by post that has an agent in the year [euros]; 0 when none has."""
        return self.total / self.posts if self.posts else 0.0


def sensitivities(plan: Projection) -> list[Effect]:
    """Return the effect on the next year of a higher minimum wage, a higher point, the FNAL and the PSC.

    Minimum wage and point rise by 1 %; the employer crosses the headcount that decides of the FNAL,
    from whichever side it stands on; 15 € a month are added for each agent to what the employer pays
    for complementary protection. Each alone, from 1 January.

    Parameters
    ----------
    plan : Projection
    """
    _, year = outlook_years(plan)
    wide = covering(plan, year)
    start = date(year, 1, 1)
    law = wide.law
    headcount = wide.dossier.authority.headcount
    above = headcount >= law.value("fnal_seuil_effectif", start)
    crossed = float(headcount + 1 if above else headcount)
    moves: dict[Sensitivity, schema.Change] = {
        "smic": scenario.smic(SMIC_RISE, start),
        "point": scenario.point(POINT_RISE, start),
        "fnal": scenario.legal_value("fnal_seuil_effectif", start, crossed),
        "psc": scenario.psc(PSC_RISE, since=start),
    }
    before = _sum(wide, ["reste_fonctionnement"], [year])
    occupied = sum(s > 0 for s in _sum(wide, ["thirtieths"], [year]))
    case = scenario.Case(wide.dossier, wide.base_law, wide.report_date)
    found = []
    for code, change in moves.items():
        after = before
        if occupied:
            dossier = scenario.changed(case, schema.Scenario(name=code, changes=(change,))).dossier
            moved_plan = Projection(dossier, wide.base_law, wide.report_date)
            after = _sum(moved_plan, ["reste_fonctionnement"], [year])
        moved = {p: (b - a) / 100 for p, a, b in zip(wide.posts, before, after, strict=True)}
        found.append(Effect(code, (sum(after) - sum(before)) / 100, moved, occupied))
    return found


def above_fnal(plan: Projection) -> bool:
    """Return whether the employer stands above the headcount that decides of the FNAL."""
    _, year = outlook_years(plan)
    threshold = plan.law.value("fnal_seuil_effectif", date(year, 1, 1))
    return plan.dossier.authority.headcount >= threshold


def under_minimum_wage(plan: Projection) -> bool:
    """Return whether some index pay of the next year is topped up to the minimum wage."""
    _, year = outlook_years(plan)
    return any(_sum(covering(plan, year), ["indemnite_differentielle"], [year]))
