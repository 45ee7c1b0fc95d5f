"""A plan drawn many times: every draw goes through the same rules, rounded as a plan is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from conseiller.compiled.draws import Pay, with_draws
from conseiller.compiled.ground import law_of
from conseiller.compiled.measures import Section, by_draw
from conseiller.compiled.portfolio import common_ground, owed_to_leavers
from conseiller.dossier import schema
from conseiller.engine import Array
from conseiller.errors import Fault, InputFaults
from conseiller.law import Law, LawError, to_serial
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.simulation.course import Course, planned, tiled
from conseiller.simulation.grids import unknown_grids
from conseiller.simulation.uncertainties import (
    EMPLOYER,
    LatePayment,
    OfLaw,
    OfPosts,
    Uncertainty,
    operands,
    payments,
    year_of,
)
from conseiller.text import date_long

if TYPE_CHECKING:
    import pandas as pd

Measure = Literal["pay", "other_costs", "cost", "grant", "other_funding", "net_cost", "received"]
Cents = NDArray[np.int64]
Progress = Callable[[int, int], None]

#: Draws that share a stream of random numbers: the same whatever the number of draws or of cores.
BLOCK = 100
#: Months of posts computed together, which bounds the memory.
_CELLS = 250_000
#: Posts from which the pay of draws that move no contract is computed law by law.
_MANY = 200


class Simulation:
    """Draws of a plan. Build one with `conseiller.simulate`.

    Attributes
    ----------
    plan : Projection
        The plan itself.
    draws : int
    seed : int
    uncertainties : tuple of Uncertainty
    """

    def __init__(
        self, plan: Projection, uncertainties: Sequence[Uncertainty], draws: int, seed: int, section: Section
    ) -> None:
        self.plan = plan
        self.uncertainties = tuple(uncertainties)
        self.draws = draws
        self.seed = seed
        self.section: Section = section
        self._cents: dict[str, Cents] = {}

    def __repr__(self) -> str:
        return f"Simulation(draws={self.draws}, seed={self.seed}, uncertainties={list(self.uncertainties)})"

    # --- results -------------------------------------------------------------------------------------

    def by(self, measure: Measure = "net_cost") -> pd.DataFrame:
        """Return a measure of every draw: index draw (from 0), one column an exercice, in euros to the cent."""
        import pandas as pd

        columns = pd.Index(self.plan.exercices, name="exercice")
        return pd.DataFrame(
            self._of(measure) / 100, columns=columns, index=pd.RangeIndex(self.draws, name="draw")
        )

    def quantiles(
        self, measure: Measure = "net_cost", at: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95)
    ) -> pd.DataFrame:
        """Return quantiles of a measure by exercice.

        Parameters
        ----------
        measure : str
            "net_cost", "cost", "pay", "other_costs", "grant" (earned), "other_funding", or "received"
            (the State grant cashed in).
        at : sequence of float
            Probabilities, 0 to 1.

        Returns
        -------
        pandas.DataFrame
            Index exercice; one column a probability; euros, rounded to the cent; linear between draws.
        """
        import pandas as pd

        found = np.quantile(self._of(measure) / 100, list(at), axis=0).T
        index = pd.Index(self.plan.exercices, name="exercice")
        return pd.DataFrame(np.round(found, 2) + 0.0, index=index, columns=pd.Index(at, name="probability"))

    def exceeds(self, ceiling: float | Mapping[int, float], measure: Measure = "net_cost") -> pd.Series:
        """Return the share of draws in which a measure passes a ceiling, by exercice.

        Parameters
        ----------
        ceiling : float or mapping
            Euros, the same each exercice or by exercice.
        measure : str
            As for `quantiles`.
        """
        import pandas as pd

        by_year = ceiling if isinstance(ceiling, Mapping) else dict.fromkeys(self.plan.exercices, ceiling)
        years = [year for year in self.plan.exercices if year in by_year]
        amounts = self._of(measure)[:, [year - self.plan.exercices[0] for year in years]]
        passed = amounts > np.rint([100 * by_year[year] for year in years])
        return pd.Series(passed.mean(axis=0), index=pd.Index(years, name="exercice"), name="probability")

    def hypotheses(self, lang: Lang = "fr") -> pd.DataFrame:
        """Return what is drawn, in words: uncertainty, quantity, distribution and its source."""
        import pandas as pd

        from conseiller.simulation.words import in_words, named

        rows = [
            {
                "uncertainty": named(uncertainty, self.plan, lang),
                "quantity": tr(f"simulation.field.{field}", lang),
                "distribution": in_words(distribution, type(uncertainty).__name__, field, lang),
                "source": distribution.source,
            }
            for uncertainty in self.uncertainties
            for field, distribution in uncertainty.distributions()
        ]
        labels = {
            key: tr(f"simulation.column.{key}", lang)
            for key in ("uncertainty", "quantity", "distribution", "source")
        }
        return pd.DataFrame(rows, columns=list(labels)).rename(columns=labels)

    def dossier_of(self, draw: int) -> schema.Dossier:
        """Return the case of one draw: projected on its own, it gives the figures of that draw."""
        block, rank = divmod(draw, BLOCK)
        numbers = self._numbers(block)
        dossier = self.plan.dossier
        course = self._course(numbers, slice(rank, rank + 1))
        posts = [
            post if course is None else post.model_copy(update={"contracts": course.contracts_of(0, p, post)})
            for p, post in enumerate(dossier.posts)
        ]
        for uncertainty, drawn in zip(self.uncertainties, numbers, strict=True):
            if isinstance(uncertainty, LatePayment):
                delays = iter(drawn["days"][rank])
                posts = [_paid_late(post, delays, self.plan.report_date) for post in posts]
        changes: dict[str, Any] = {"posts": tuple(posts)}
        for name, chain in self._chains(numbers).items():
            day_values = self._dated(name, chain, rank)
            if name in EMPLOYER:
                changes["rates"] = _with_rates(changes.get("rates", dossier.rates), name, day_values)
            else:
                kept = changes.get("assumptions", dossier.assumptions)
                changes["assumptions"] = _with_values(kept, name, day_values)
        return dossier.model_copy(update=changes)

    # --- what is drawn -------------------------------------------------------------------------------

    def _numbers(self, block: int) -> list[Mapping[str, Array]]:
        """Draw a block of numbers for each uncertainty, each from a stream of its own."""
        return [
            uncertainty.numbers(np.random.default_rng([self.seed, rank, block]), BLOCK, self.plan)
            for rank, uncertainty in enumerate(self.uncertainties)
        ]

    def _chains(
        self, numbers: list[Mapping[str, Array]]
    ) -> dict[str, list[tuple[OfLaw, Mapping[str, Array]]]]:
        """Return what changes each legal value, in order."""
        chains: dict[str, list[tuple[OfLaw, Mapping[str, Array]]]] = {}
        for uncertainty, drawn in zip(self.uncertainties, numbers, strict=True):
            if isinstance(uncertainty, OfLaw):
                chains.setdefault(uncertainty.parameter, []).append((uncertainty, drawn))
        return chains

    def _law(self, numbers: list[Mapping[str, Array]]) -> dict[str, Array]:
        """Return the operands that change: their values, draws × months."""
        found = {}
        for name, chain in self._chains(numbers).items():
            value: Array = np.broadcast_to(
                self._base.operand(operands()[name]), self.plan.inputs.months.shape
            )
            for uncertainty, drawn in chain:
                value = uncertainty.values(value, self.plan.inputs.months, drawn, self.plan)
            found[operands()[name]] = value
        return found

    @cached_property
    def _base(self) -> Any:
        return law_of(self.plan.inputs)

    def _dated(
        self, name: str, chain: list[tuple[OfLaw, Mapping[str, Array]]], rank: int
    ) -> list[tuple[date, float]]:
        """Return a legal value of one draw by the dates from which it holds."""
        own = {day for uncertainty, _ in chain for day in uncertainty.dates(self.plan)}
        if not own:
            return []
        if name in EMPLOYER:
            rates = sorted(self.plan.dossier.rates, key=lambda r: r.start)
            days = sorted(own | {r.start for r in rates if r.start >= min(own)})
            held = [[r for r in rates if r.start <= day] for day in days]
            base = np.array([getattr(h[-1], name) if h else 0.0 for h in held])
        else:
            table = self.plan.law.table(name)
            days = sorted(own | {e.start for e in table.entries if e.start >= min(own)})
            base = table.over(np.array([to_serial(day) for day in days]))
        value: Array = base
        for uncertainty, drawn in chain:
            value = uncertainty.values(value, np.array([to_serial(day) for day in days]), drawn, self.plan)
        return [
            (day, float(v))
            for day, v in zip(days, np.broadcast_to(value, (BLOCK, len(days)))[rank], strict=True)
        ]

    def _course(self, numbers: list[Mapping[str, Array]], draws: slice) -> Course | None:
        """Return who is in post in some draws of a block; None when nothing moves."""
        course = None
        for uncertainty, drawn in zip(self.uncertainties, numbers, strict=True):
            if isinstance(uncertainty, OfPosts):
                mine = {name: values[draws] for name, values in drawn.items()}
                size = len(next(iter(mine.values())))
                course = planned(self.plan.inputs, size) if course is None else course
                course = uncertainty.moved(course, mine, self.plan)
        return course

    # --- computing -----------------------------------------------------------------------------------

    def _of(self, measure: str) -> Cents:
        """Return a measure in cents, draws × exercices."""
        c = self._cents
        match measure:
            case "cost":
                return c["pay"] + c["other_costs"]
            case "net_cost":
                return self._of("cost") - c["grant"] - c["other_funding"]
            case _:
                return c[measure]

    def run(self, progress: Progress | None = None) -> Simulation:
        """Compute all draws; `progress` is told how many are done, of how many."""
        pieces: list[dict[str, Cents]] = []
        for block in range(-(-self.draws // BLOCK)):
            size = min(BLOCK, self.draws - block * BLOCK)
            for piece in self._block(self._numbers(block), size):
                pieces.append(piece)
                if progress:
                    progress(sum(len(p["pay"]) for p in pieces), self.draws)
        self._cents = {name: np.concatenate([p[name] for p in pieces]) for name in pieces[0]}
        return self

    def _block(self, numbers: list[Mapping[str, Array]], size: int) -> Iterator[dict[str, Cents]]:
        inputs = self.plan.inputs
        law = {name: values[:size] for name, values in self._law(numbers).items()}
        received = self._received(numbers, size)
        moves = any(isinstance(u, OfPosts) for u in self.uncertainties)
        owes = owed_to_leavers(inputs).any()
        if law and not moves and not owes and inputs.posts > _MANY:
            found = {name: np.repeat(c, size, axis=0) for name, c in by_draw(inputs, self.section, 1).items()}
            if self.section == "fonctionnement":
                found["pay"] = np.rint(self._pay.run(law).sum(axis=1)).astype(np.int64)
            yield found | {"received": received}
            return
        items = sum(len(fields["amount"]) for fields in inputs.members.values())
        step = max(1, _CELLS // (inputs.posts * len(inputs.months) * (1 + items)))
        for since in range(0, size, step):
            mine = slice(since, min(since + step, size))
            count = mine.stop - since
            course = self._course(numbers, mine)
            case = tiled(inputs, count) if course is None else course.laid_out(inputs)
            values = {name: table[mine] for name, table in law.items()}
            ground = common_ground(case, with_draws(law_of(case), values))
            variant = np.repeat(np.arange(count), inputs.posts) if values else None
            yield by_draw(case, self.section, count, ground, variant) | {"received": received[mine]}

    @cached_property
    def _pay(self) -> Pay:
        return Pay(self.plan.inputs)

    def _received(self, numbers: list[Mapping[str, Array]], size: int) -> Cents:
        """Return the grant cashed in by exercice, draws × exercices."""
        paid = payments(self.plan.dossier)
        days = np.array([to_serial(i.received) for i in paid if i.received is not None])
        table = np.broadcast_to(days, (size, len(days))).copy()
        late = days > to_serial(self.plan.report_date)
        for uncertainty, drawn in zip(self.uncertainties, numbers, strict=True):
            if isinstance(uncertainty, LatePayment):
                table += np.where(late, drawn["days"][:size], 0.0)
        amounts = np.array([round(100 * i.amount) for i in paid], dtype=np.int64)
        year = year_of(table) if len(days) else np.zeros((size, 0), dtype=np.int64)
        return np.stack(
            [np.where(year == exercice, amounts, 0).sum(axis=1) for exercice in self.plan.exercices], axis=1
        )


def _paid_late(post: schema.Post, delays: Iterator[float], report: date) -> schema.Post:
    conventions = []
    for convention in post.conventions:
        instalments = []
        for instalment in convention.instalments:
            paid = instalment.received
            if paid is not None:
                delay = next(delays)
                if paid > report:
                    paid += timedelta(days=int(delay))
            instalments.append(instalment.model_copy(update={"received": paid}))
        conventions.append(convention.model_copy(update={"instalments": tuple(instalments)}))
    return post.model_copy(update={"conventions": tuple(conventions)})


def _with_values(
    kept: tuple[schema.Assumption, ...], name: str, values: list[tuple[date, float]]
) -> tuple[schema.Assumption, ...]:
    days = {day for day, _ in values}
    others = [a for a in kept if not (a.parameter == name and a.start in days)]
    return (*others, *(schema.Assumption(parameter=name, start=day, value=value) for day, value in values))


def _with_rates(
    kept: tuple[schema.EmployerRates, ...], name: str, values: list[tuple[date, float]]
) -> tuple[schema.EmployerRates, ...]:
    found = {r.start: r for r in sorted(kept, key=lambda r: r.start)}
    for day, value in values:
        held = [found[start] for start in sorted(found) if start <= day]
        record = held[-1] if held else schema.EmployerRates(at_mp=0.0, cdg=0.0)
        found[day] = record.model_copy(update={"start": day, name: value})
    return tuple(found[start] for start in sorted(found))


def simulate(
    dossier: schema.Dossier | Projection,
    uncertainties: Sequence[Uncertainty],
    *,
    draws: int = 1000,
    seed: int = 0,
    section: Section = "fonctionnement",
    law: Law | None = None,
    today: date | None = None,
    lang: Lang = "fr",
    progress: Progress | None = None,
) -> Simulation:
    """Draw a plan many times.

    Parameters
    ----------
    dossier : Dossier or Projection
        The case. What lies before the date of its report is certain.
    uncertainties : sequence of Uncertainty
        `Growth`, `RateChange`, `HireDelay`, `Vacancy`, `Turnover`, `LatePayment`; contracts are moved in
        the order given.
    draws : int
    seed : int
        The same seed gives the same figures, on any number of cores; more draws keep the first ones.
    section : {"fonctionnement", "investissement"}
    law, today :
        As for `conseiller.project`.
    lang : {"fr", "en"}
        Language of the faults.
    progress : callable, optional
        Told how many draws are done, of how many.

    Raises
    ------
    InputFaults
        With every nonsense found: a negative spread, bounds out of order, an unknown post or value…; or
        when a draw moves a hire to a month whose grid is not known.
    """
    plan = dossier if isinstance(dossier, Projection) else Projection(dossier, law, today)
    found = [*_faults(plan, uncertainties, lang)]
    if draws < 1:
        found.append(_fault("draws", tr("simulation.where.call", lang), {}, lang))
    if found:
        raise InputFaults(found, lang)
    simulation = Simulation(plan, uncertainties, draws, seed, section)
    try:
        return simulation.run(progress)
    except LawError as error:
        unknown = [*_grid_faults(simulation, lang)]
        if not unknown:
            raise
        raise InputFaults(unknown, lang) from error


def _faults(plan: Projection, uncertainties: Sequence[Uncertainty], lang: Lang) -> Iterator[Fault]:
    for rank, uncertainty in enumerate(uncertainties, start=1):
        kind = type(uncertainty).__name__
        for field, distribution in uncertainty.distributions():
            where = tr("simulation.where.field", lang, rank=rank, kind=kind, field=field)
            for code in distribution.faults():
                yield _fault(code, where, {}, lang)
        where = tr("simulation.where.uncertainty", lang, rank=rank, kind=kind)
        for code, values in uncertainty.faults(plan):
            yield _fault(code, where, values, lang)


def _grid_faults(simulation: Simulation, lang: Lang) -> Iterator[Fault]:
    """Yield the first draw that needs a grid too early, for each post and grade."""
    told = set()
    for draw in range(simulation.draws):
        for post, grade, known, day in unknown_grids(simulation.dossier_of(draw), simulation.plan.law):
            if (post, grade) not in told:
                told.add((post, grade))
                words = {"known": date_long(known, lang), "day": date_long(day, lang)}
                where = tr("simulation.where.draw", lang, draw=draw)
                yield _fault("grid", where, {"post": post, "grade": grade, **words}, lang)


def _fault(code: str, where: str, values: dict[str, str], lang: Lang) -> Fault:
    key = f"simulation.fault.{code}"
    return Fault(tr(f"{key}.message", lang, **values), where, tr(f"{key}.remedy", lang, **values), code)
