"""What would move the figures: one thing at a time (tornado), two at a time (grid), and what it means in words.

Each value is a change of the case like any other (`conseiller.scenario`), projected under the same rules. Legal
values and hours change from 1 January of the exercice looked at on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from conseiller import scenario
from conseiller.analysis.outlook import covering, outlook_years
from conseiller.analysis.wording import plural
from conseiller.dossier import schema
from conseiller.errors import InputFaults
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.readable import Readable
from conseiller.rules.algebra import months_of
from conseiller.scenario import Case
from conseiller.text import money0, number, percent

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.charts import Chart

FactorCode = Literal["smic", "point", "points", "hours", "vacancy", "psc", "fnal", "grant", "cofunding"]
Unit = Literal["share", "points", "hours", "months", "euros", "flag", "threshold"]
Changes = tuple[schema.Change, ...]
#: What stands for communes in a factor that only says how much they pay.
_ANYONE = {"–": 1.0}


@dataclass(frozen=True)
class Factor:
    """Something that may move.

    Parameters
    ----------
    code : str
    low, high : float or None
        The two values between which it moves; None is the case as it is.
    unit : {"share", "points", "hours", "months", "euros", "flag", "threshold"}
        Of a threshold, the values are the greatest headcount below it and the threshold itself.
    """

    code: FactorCode
    low: float | None
    high: float | None
    unit: Unit


#: What moves by default: rises of the legal values, pay, hours, vacancy, PSC, headcount, end of the grant.
FACTORS: tuple[Factor, ...] = (
    Factor("smic", None, 0.02, "share"),
    Factor("point", None, 0.02, "share"),
    Factor("points", None, 10, "points"),
    Factor("hours", 28, 35, "hours"),
    Factor("vacancy", None, 3, "months"),
    Factor("psc", None, 15, "euros"),
    Factor("fnal", None, 1, "flag"),
    Factor("grant", None, 1, "flag"),
)


@dataclass(frozen=True)
class Swing:
    """What a factor does to the reste à charge of the exercice.

    Parameters
    ----------
    factor : Factor
    low, high : float
        Reste à charge at the two values [euros].
    """

    factor: Factor
    low: float
    high: float

    @property
    def swing(self) -> float:
        """Euros from the low value to the high one."""
        return round(self.high - self.low, 2) + 0.0


@dataclass(frozen=True)
class FloorFacts:
    """How index pay stands to the minimum wage over an exercice.

    Parameters
    ----------
    agents : int
        Posts with an agent.
    under : int
        Those whose index pay is below the minimum wage in some month.
    point_free : float or None
        Rise of the point that costs nothing, since the minimum wage still drives the pay of every post; None
        when it costs at once.
    smic_free : float or None
        Rise of the minimum wage that costs nothing, since every index pay is still above; None when it costs at once.
    """

    agents: int
    under: int
    point_free: float | None
    smic_free: float | None


@dataclass(frozen=True)
class Sensitivity(Readable):
    """Factors by what they move; made by `sensitivity`.

    Parameters
    ----------
    plan : Projection
    exercice : int
    net : float
        Reste à charge of the case [euros].
    swings : tuple of Swing
        The widest first.
    floor : FloorFacts
    unit_rises : dict
        Euros that 1 % on the minimum wage, and on the point, each adds.
    """

    plan: Projection
    exercice: int
    net: float
    swings: tuple[Swing, ...]
    floor: FloorFacts
    unit_rises: Mapping[str, float]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a factor: code, values, reste à charge at each [euros], swing."""
        import pandas as pd

        rows = [(s.factor.code, s.factor.low, s.factor.high, s.low, s.high, s.swing) for s in self.swings]
        return pd.DataFrame(rows, columns=["factor", "low", "high", "net_low", "net_high", "swing"])

    def words(self, lang: Lang = "fr") -> list[str]:
        """Return what to answer an elected member: first what drives pay at this index, then the widest factors."""
        said = [_floor_words(self, lang)]
        for s in self.swings[:3]:
            if s.swing:
                said.append(
                    tr(
                        "scenarios.sensitivity.answer",
                        lang,
                        factor=factor_label(s.factor, lang),
                        change=signed(s.swing, lang),
                        year=self.exercice,
                    )
                )
        return said

    def chart(self, lang: Lang = "fr") -> Chart:
        """Return the tornado chart."""
        from conseiller.charts import tornado

        return tornado(self, lang)


def signed(amount: float, lang: Lang) -> str:
    """Return whole euros with their sign, plus included."""
    return ("+" if round(amount) > 0 else "") + money0(amount, lang)


def value_words(factor: Factor, value: float | None, lang: Lang) -> str:
    """Return a value of a factor in words."""
    if value is None:
        return tr("scenarios.sensitivity.as_is", lang)
    if factor.unit == "share":
        return "+" + percent(value, 1 if round(value * 100) != round(value * 100, 1) else 0, lang)
    if factor.unit == "flag":
        return tr("scenarios.sensitivity.yes", lang)
    if factor.unit == "threshold":
        side = "below" if value == factor.low else "reached"
        limit = number(value + 1 if side == "below" else value, lang)
        return tr(f"scenarios.sensitivity.{side}", lang, value=limit)
    return plural(f"scenarios.sensitivity.unit.{factor.unit}", value, lang, value=number(value, lang))


def factor_label(factor: Factor, lang: Lang) -> str:
    """Return a factor and its values in words."""
    name = tr(f"scenarios.sensitivity.factor.{factor.code}", lang)
    if factor.unit == "flag":
        return name
    low, high = (value_words(factor, v, lang) for v in (factor.low, factor.high))
    key = "from_as_is" if factor.low is None else "between"
    return tr(f"scenarios.sensitivity.{key}", lang, factor=name, low=low, high=high)


def _floor_words(of: Sensitivity, lang: Lang) -> str:
    """Say what drives the pay at the index at hand: the minimum wage, the point, or both."""
    floor = of.floor
    if not floor.agents:
        return tr("scenarios.sensitivity.floor.nobody", lang, year=of.exercice)
    smic, point = (signed(of.unit_rises[k], lang) for k in ("smic", "point"))
    values = {"agents": number(floor.agents, lang), "under": number(floor.under, lang)}
    values |= {"year": str(of.exercice), "smic": smic, "point": point}
    drives = "some"
    for side, free in (("none", floor.smic_free), ("all", floor.point_free)):
        if free is not None:
            drives = side
            values["free"] = _floored(free, lang)
    return plural(f"scenarios.sensitivity.floor.{drives}", floor.agents, lang, **values)


def _floored(share: float, lang: Lang) -> str:
    """Return a share to a tenth of a per cent, never more than it is."""
    return percent(np.floor(share * 1000 + 1e-9) / 1000, 1, lang)


def sensitivity(
    dossier: schema.Dossier,
    factors: Sequence[Factor] = FACTORS,
    exercice: int | None = None,
    today: date | None = None,
) -> Sensitivity:
    """Return what each factor alone does to the reste à charge of an exercice.

    Parameters
    ----------
    dossier : Dossier
    factors : sequence of Factor
        Those that the case does not allow are left out.
    exercice : int, optional
        By default the one after the report.
    today : date, optional
        Date of the report where the dossier states none.

    Examples
    --------
    >>> import conseiller as cn
    >>> found = sensitivity(cn.load("data/campagnes-artois"))
    >>> found.floor.under, found.unit_rises["point"]
    (2, 0.0)
    """
    moving = _Moving.of(dossier, exercice, today)
    net = moving.net(())
    swings = []
    for factor in factors:
        if factor.code == "fnal" and factors is FACTORS and not moving.near_threshold:
            continue
        pair = [net if v is None else moving.net_at(factor.code, v) for v in (factor.low, factor.high)]
        if None not in pair:
            swing = Swing(factor, float(pair[0] or 0.0), float(pair[1] or 0.0))
            swings.append(moving.sides(swing) if factor.code == "fnal" else swing)
    swings.sort(key=lambda s: -abs(s.swing))
    rises = {k: round((moving.net_at(k, 0.01) or 0.0) - net, 2) + 0.0 for k in ("smic", "point")}
    return Sensitivity(moving.plan, moving.year, net, tuple(swings), moving.floor(), rises)


@dataclass(frozen=True)
class TwoWay(Readable):
    """The reste à charge of an exercice as two factors move together; made by `two_way`.

    Parameters
    ----------
    x, y : Factor
        Their `low` and `high` are the ends of the values.
    x_values, y_values : tuple of float
    nets : tuple of tuple of float
        Euros, one row per value of `y`.
    exercice : int
    """

    x: Factor
    y: Factor
    x_values: tuple[float, ...]
    y_values: tuple[float, ...]
    nets: tuple[tuple[float, ...], ...]
    exercice: int

    def to_frame(self) -> pd.DataFrame:
        """Return the grid: values of `y` in rows, of `x` in columns, euros."""
        import pandas as pd

        rows = pd.Index(self.y_values, name=self.y.code)
        return pd.DataFrame(self.nets, index=rows, columns=pd.Index(self.x_values, name=self.x.code))


def two_way(
    dossier: schema.Dossier,
    x: tuple[FactorCode, Sequence[float]] = ("smic", (0.0, 0.01, 0.02, 0.03)),
    y: tuple[FactorCode, Sequence[float]] = ("point", (0.0, 0.01, 0.02, 0.03)),
    exercice: int | None = None,
    today: date | None = None,
) -> TwoWay:
    """Return the reste à charge of an exercice for each pair of values of two factors.

    Parameters
    ----------
    dossier : Dossier
    x, y : (str, sequence of float)
        Code of a factor and its values; 0 is the case as it is, but for hours.
    exercice : int, optional
        By default the one after the report.
    today : date, optional
        Date of the report where the dossier states none.

    Raises
    ------
    InputFaults
        When the case does not allow a value.
    """
    moving = _Moving.of(dossier, exercice, today)
    nets = tuple(
        tuple(moving.net((*moving.changes(y[0], b), *moving.changes(x[0], a))) for a in x[1]) for b in y[1]
    )
    axes = [
        Factor(code, min(values, default=0.0), max(values, default=0.0), _UNITS[code])
        for code, values in (x, y)
    ]
    return TwoWay(axes[0], axes[1], tuple(x[1]), tuple(y[1]), nets, moving.year)


_UNITS: Mapping[str, Unit] = {
    **{f.code: f.unit for f in FACTORS},
    "cofunding": "share",
}


@dataclass(frozen=True)
class _Moving:
    """A case whose factors move from 1 January of an exercice."""

    plan: Projection
    year: int

    @classmethod
    def of(cls, dossier: schema.Dossier, exercice: int | None, today: date | None) -> _Moving:
        plan = Projection(dossier, today=today)
        year = outlook_years(plan)[1] if exercice is None else exercice
        return cls(covering(plan, year), year)

    @property
    def start(self) -> date:
        return date(self.year, 1, 1)

    @cached_property
    def case(self) -> Case:
        return Case(self.plan.dossier, self.plan.base_law, self.plan.report_date)

    def net(self, changes: Changes) -> float:
        """Return the reste à charge of the exercice [euros]."""
        plan = self.plan
        if changes:
            named = schema.Scenario(name="–", changes=changes)
            case = scenario.changed(self.case, named)
            plan = Projection(case.dossier, case.base_law, case.report_date)
        return sum(plan.cents(["reste_fonctionnement"], self.start, date(self.year, 12, 31))) / 100

    def net_at(self, code: FactorCode, value: float) -> float | None:
        """Return the reste à charge at a value of a factor, None where the case does not allow it."""
        try:
            return self.net(self.changes(code, value))
        except InputFaults:
            return None

    def changes(self, code: FactorCode, value: float) -> Changes:
        """Return the changes that a value of a factor stands for; none at 0, but for hours."""
        if not value and code != "hours":
            return ()
        make: Mapping[FactorCode, Callable[[], Changes]] = {
            "smic": lambda: (scenario.smic(value, self.start),),
            "point": lambda: (scenario.point(value, self.start),),
            "points": lambda: (scenario.points(int(value), since=self.start),),
            "hours": lambda: (scenario.hours(value, since=self.start),),
            "vacancy": lambda: (scenario.replace(int(value)),),
            "psc": lambda: (scenario.psc(value, since=self.start),),
            "fnal": lambda: (scenario.legal_value("fnal_seuil_effectif", self.start, self._crossed()),),
            "grant": lambda: (scenario.cut_grant(self.start),),
            "cofunding": lambda: (scenario.share(_ANYONE, "egal", rate=value, since=self.start),),
        }
        return make[code]()

    def _crossed(self) -> float:
        """Return a threshold that puts the employer on the other side of it."""
        headcount = self.plan.dossier.authority.headcount
        return float(headcount + 1 if headcount >= self._threshold else headcount)

    @property
    def near_threshold(self) -> bool:
        """Whether the employer may come to stand on the other side: fewer than twice the agents of the threshold."""
        return self.plan.dossier.authority.headcount < 2 * self._threshold

    @property
    def _threshold(self) -> float:
        """Return the headcount from which the FNAL is due on all the pay."""
        return self.plan.law.value("fnal_seuil_effectif", self.start)

    def sides(self, crossing: Swing) -> Swing:
        """Return what crossing the threshold of the FNAL does, from below it to it, wherever the case stands."""
        named = Factor("fnal", self._threshold - 1, self._threshold, "threshold")
        above = self.plan.dossier.authority.headcount >= self._threshold
        pair = (crossing.high, crossing.low) if above else (crossing.low, crossing.high)
        return Swing(named, *pair)

    def floor(self) -> FloorFacts:
        """Return how index pay stands to the minimum wage over the exercice."""
        here = np.zeros(len(self.plan.posts), dtype=bool)
        under = here.copy()
        point_free, smic_free = np.inf, np.inf
        for frame in self.plan.model.frames:
            inside = (months_of(frame.full("month")) // 12 + 1970 == self.year) & (
                frame.full("thirtieths") > 0
            )
            here |= inside.any(axis=1)
            pay, floor = frame.full("tib_plein"), frame.full("smic")
            below = inside & (pay < floor)
            under |= below.any(axis=1)
            if inside.any():
                ratios = floor[inside] / np.maximum(pay[inside], 0.01)
                point_free = min(point_free, float((ratios - 1).min()))
                smic_free = min(smic_free, float((1 / ratios - 1).min()))
        return FloorFacts(
            int(here.sum()),
            int(under.sum()),
            point_free if here.any() and point_free > 0 else None,
            smic_free if here.any() and smic_free > 0 else None,
        )
