"""What may turn out otherwise than planned: each uncertainty says what it draws and what that changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from conseiller.dossier import schema
from conseiller.engine import Array
from conseiller.law import Table, to_serial
from conseiller.projection import Projection
from conseiller.rules.algebra import months_of
from conseiller.rules.registry import FAR, REGISTRY, Law, Rate, TableName
from conseiller.simulation.course import DEPARTURES, MONTH, Course, planned
from conseiller.simulation.distributions import Distribution

#: Short names of the two legal values that move pay most.
_SHORT = {"point": "point_indice_annuel", "smic": "smic_mensuel"}
#: Employer's own rates.
EMPLOYER = tuple(name for name in schema.EmployerRates.model_fields if name not in ("start", "source"))


@cache
def operands() -> Mapping[str, str]:
    """Return the operand of the payslips behind each legal value or employer's rate that a draw may change."""
    found, elsewhere = {}, set()
    for table in ("term", "contract", "grant", "month"):
        for column in REGISTRY.columns(_table(table)):
            match column.lookup:
                case Law(parameter, "month") if not column.only_month and "{" not in parameter:
                    found[parameter] = column.name
                case Law(parameter, _):
                    elsewhere.add(parameter)
                case Rate(field):
                    found[field] = column.name
    return {parameter: name for parameter, name in found.items() if parameter not in elsewhere}


def _table(name: str) -> TableName:
    tables: dict[str, TableName] = {
        "term": "term",
        "contract": "contract",
        "grant": "grant",
        "month": "month",
    }
    return tables[name]


def decimals_of(table: Table) -> int:
    """Return how many decimals a legal value is published with."""
    return max(len(repr(e.value).partition(".")[2].rstrip("0")) for e in table.entries)


@dataclass(frozen=True)
class Uncertainty:
    """Something that may turn out otherwise than planned."""

    def distributions(self) -> Iterator[tuple[str, Distribution]]:
        """Yield the distributions of the uncertainty, each with the name of its field."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Distribution):
                yield field.name, value

    def numbers(self, rng: np.random.Generator, draws: int, plan: Projection) -> Mapping[str, Array]:
        """Return what is drawn, draws first."""
        raise NotImplementedError

    def faults(self, plan: Projection) -> Iterator[tuple[str, Mapping[str, str | date]]]:
        """Yield codes of what is wrong beside the distributions, with the values of the message."""
        return iter(())

    def idle(self, plan: Projection) -> bool:
        """Return whether the case has nothing, after its report, that this could change."""
        raise NotImplementedError


class OfLaw(Uncertainty):
    """An uncertainty that changes one legal value or one employer's rate."""

    name: str

    @property
    def parameter(self) -> str:
        """The legal value or the employer's rate."""
        return _SHORT.get(self.name, self.name)

    def faults(self, plan: Projection) -> Iterator[tuple[str, Mapping[str, str | date]]]:
        """Refuse an unknown value."""
        if self.parameter not in operands():
            yield "parameter", {"name": self.name, "known": ", ".join([*_SHORT, *sorted(operands())])}

    def values(self, base: Array, months: Array, numbers: Mapping[str, Array], plan: Projection) -> Array:
        """Return the value over some dates, draws × dates, from that of the plan."""
        raise NotImplementedError

    def _decimals(self, plan: Projection) -> int:
        return 6 if self.parameter in EMPLOYER else decimals_of(plan.law.table(self.parameter))

    def dates(self, plan: Projection) -> list[date]:
        """Return the dates on which the value changes of its own."""
        raise NotImplementedError

    def idle(self, plan: Projection) -> bool:
        """Return whether the value changes in no month shown."""
        return not any(day <= date(plan.dossier.period.last, 12, 31) for day in self.dates(plan))


@dataclass(frozen=True)
class Growth(OfLaw):
    """A legal value grows by an uncertain share each 1 January.

    Parameters
    ----------
    name : str
        "point", "smic", or a parameter of the law.
    yearly : Distribution
        Growth over the year, 0.01 for 1 %; a draw of its own each year.
    since : int, optional
        First exercice that grows; by default the one after the date of the report.
    correlation : float
        Of the point only: correlation with the growth of the SMIC of the same year, from -1 to 1; 0 draws them apart.
        It is that of the normal numbers behind both (Gaussian copula), so of the growths themselves when both are
        normal.
    """

    name: str
    yearly: Distribution
    since: int | None = None
    correlation: float = 0.0

    def faults(self, plan: Projection) -> Iterator[tuple[str, Mapping[str, str | date]]]:
        """Refuse an unknown value, and a correlation that cannot be or that is not the point's."""
        yield from super().faults(plan)
        if not -1 <= self.correlation <= 1:
            yield "correlation", {"value": str(self.correlation)}
        elif self.correlation and self.parameter != _SHORT["point"]:
            yield "correlation_of", {"name": self.name}

    def years(self, plan: Projection) -> list[int]:
        """Return the exercices on whose 1 January the value grows."""
        first = plan.report_date.year + 1 if self.since is None else self.since
        return [year for year in plan.exercices if year >= first]

    def numbers(self, rng: np.random.Generator, draws: int, plan: Projection) -> Mapping[str, Array]:
        """Draw the growth of each year."""
        return {"growth": self.yearly.draw(rng, (draws, len(self.years(plan))))}

    def values(self, base: Array, months: Array, numbers: Mapping[str, Array], plan: Projection) -> Array:
        """Return the value over some dates, rounded as it is published."""
        growth = np.maximum(1.0 + numbers["growth"], 0.0)
        factor = np.ones((len(growth), len(months)))
        starts = [to_serial(day) for day in self.dates(plan)]
        factor[:, :] = np.cumprod(np.append(np.ones((len(growth), 1)), growth, axis=1), axis=1)[
            :, np.searchsorted(starts, months, side="right")
        ]
        grown = np.round(base * factor, self._decimals(plan))
        return np.where(np.searchsorted(starts, months, side="right") > 0, grown, base)

    def dates(self, plan: Projection) -> list[date]:
        """Return each 1 January that grows."""
        return [date(year, 1, 1) for year in self.years(plan)]


@dataclass(frozen=True)
class RateChange(OfLaw):
    """A rate changes by an uncertain number of points from a date on.

    Parameters
    ----------
    name : str
        A rate of the law ("cnracl"…) or of the employer ("at_mp", "cdg"…).
    start : date
        First of a month.
    change : Distribution
        What is added to the rate, 0.01 for one point.
    """

    name: str
    start: date
    change: Distribution

    def faults(self, plan: Projection) -> Iterator[tuple[str, Mapping[str, str | date]]]:
        """Refuse what is no rate, and a date within a month."""
        rates = [p for p in operands() if p in EMPLOYER or plan.law.table(p).unit == "fraction"]
        if self.parameter not in rates:
            yield "rate", {"name": self.name, "known": ", ".join(sorted(rates))}
        if self.start.day != 1:
            yield "day", {"day": self.start}

    def numbers(self, rng: np.random.Generator, draws: int, plan: Projection) -> Mapping[str, Array]:
        """Draw the change."""
        return {"change": self.change.draw(rng, (draws,))}

    def values(self, base: Array, months: Array, numbers: Mapping[str, Array], plan: Projection) -> Array:
        """Return the rate over some dates, never below nought."""
        changed = np.round(np.maximum(base + numbers["change"][:, None], 0.0), self._decimals(plan))
        return np.where(months >= to_serial(self.start), changed, base)

    def dates(self, plan: Projection) -> list[date]:
        """Return the date of the change."""
        return [self.start]

    def _decimals(self, plan: Projection) -> int:
        return 6


class OfPosts(Uncertainty):
    """An uncertainty that changes who is in post; `post` is the code of one post, all of them when None."""

    post: str | None

    def faults(self, plan: Projection) -> Iterator[tuple[str, Mapping[str, str | date]]]:
        """Refuse an unknown post."""
        if self.post is not None and self.post not in plan.posts:
            yield "post", {"post": self.post, "known": ", ".join(plan.posts)}

    def chosen(self, plan: Projection) -> NDArray[np.bool_]:
        """Return which posts it concerns."""
        return np.array([self.post in (None, code) for code in plan.posts])

    def _shape(self, plan: Projection, draws: int) -> tuple[int, ...]:
        return (draws, *plan.inputs.given["contract"]["start"].shape)

    def _own(self, plan: Projection) -> Course:
        """Return the contracts of the dossier for the posts it concerns."""
        course = planned(plan.inputs, 1)
        return Course(*(getattr(course, f.name)[:, self.chosen(plan)] for f in fields(course)))

    def moved(self, course: Course, numbers: Mapping[str, Array], plan: Projection) -> Course:
        """Return who is in post after what was drawn."""
        raise NotImplementedError


@dataclass(frozen=True)
class HireDelay(OfPosts):
    """A hire to come happens some days later than planned; a negative number of days counts as none."""

    days: Distribution
    post: str | None = None

    def numbers(self, rng: np.random.Generator, draws: int, plan: Projection) -> Mapping[str, Array]:
        """Draw the delay of each contract."""
        return {"days": whole_days(self.days.draw(rng, self._shape(plan, draws)))}

    def moved(self, course: Course, numbers: Mapping[str, Array], plan: Projection) -> Course:
        """Start the contracts to come later."""
        return course.delayed(numbers["days"], to_serial(plan.report_date), self.chosen(plan))

    def idle(self, plan: Projection) -> bool:
        """Return whether no contract is to come."""
        return not _to_come(self._own(plan).start, plan)


@dataclass(frozen=True)
class Vacancy(OfPosts):
    """A successor to come starts some months after the predecessor's end, whatever was planned."""

    months: Distribution
    post: str | None = None

    def numbers(self, rng: np.random.Generator, draws: int, plan: Projection) -> Mapping[str, Array]:
        """Draw the vacancy before each contract."""
        return {"days": whole_days(MONTH * self.months.draw(rng, self._shape(plan, draws)))}

    def moved(self, course: Course, numbers: Mapping[str, Array], plan: Projection) -> Course:
        """Start the successors after the vacancy."""
        return course.vacant(numbers["days"], to_serial(plan.report_date), self.chosen(plan))

    def idle(self, plan: Projection) -> bool:
        """Return whether no successor is to come."""
        return not _to_come(self._own(plan).start[..., 1:], plan)


@dataclass(frozen=True)
class Turnover(OfPosts):
    """An agent may leave on any day and is replaced on the same terms after a vacancy, until the planned end.

    Parameters
    ----------
    yearly : Distribution
        Probability that an agent in post leaves within a year, from 0 to below 1.
    vacancy : Distribution
        Months until the successor starts.
    post : str, optional
    """

    yearly: Distribution
    vacancy: Distribution
    post: str | None = None

    def faults(self, plan: Projection) -> Iterator[tuple[str, Mapping[str, str | date]]]:
        """Refuse an unknown post, and what is no probability."""
        yield from super().faults(plan)
        if not any(self.yearly.faults()):
            low, high = self.yearly.bounds()
            if low < 0 or high >= 1:
                yield "probability", {}

    def numbers(self, rng: np.random.Generator, draws: int, plan: Projection) -> Mapping[str, Array]:
        """Draw the days to each departure and the vacancy after it."""
        shape = (*self._shape(plan, draws), DEPARTURES)
        hazard = -np.log1p(-self.yearly.draw(rng, (draws,)))[:, None, None, None]
        with np.errstate(divide="ignore"):
            waits = 365.25 * rng.standard_exponential(shape) / hazard
        return {
            "waits": np.floor(np.minimum(waits, 1e6)) + 1.0,
            "vacancies": whole_days(MONTH * self.vacancy.draw(rng, shape)),
        }

    def moved(self, course: Course, numbers: Mapping[str, Array], plan: Projection) -> Course:
        """Let agents leave and be replaced."""
        report = to_serial(plan.report_date)
        return course.left_by(numbers["waits"], numbers["vacancies"], report, self.chosen(plan))

    def idle(self, plan: Projection) -> bool:
        """Return whether nobody is in post after the report."""
        course = self._own(plan)
        return not ((course.start < FAR) & (course.until > to_serial(plan.report_date) + 1.0)).any()


def _to_come(starts: Array, plan: Projection) -> bool:
    """Return whether a contract starts after the report, in a month shown."""
    last = to_serial(date(plan.dossier.period.last, 12, 31))
    return bool(((starts > to_serial(plan.report_date)) & (starts <= last)).any())


def year_of(serials: Array) -> NDArray[np.int64]:
    """Return the calendar year of dates."""
    years: NDArray[np.int64] = months_of(serials) // 12 + 1970
    return years


def whole_days(days: Array) -> Array:
    """Return whole days, none below nought."""
    whole: Array = np.floor(np.maximum(days, 0.0) + 0.5)
    return whole
