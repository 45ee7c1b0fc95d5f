"""Scenarios side by side: what each exercice costs under each, and why, line by line to the cent.

Only the section de fonctionnement is compared; the grant is the grant earned. The
differences of a scenario add up exactly to the difference of the reste à charge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal, cast

from conseiller.analysis.outlook import EXIT_LINES, covering
from conseiller.dossier import schema
from conseiller.dossier.schedule import later
from conseiller.errors import InputFaults
from conseiller.law import Law, load_law
from conseiller.messages import Lang
from conseiller.projection import Projection
from conseiller.readable import Readable
from conseiller.scenario import Case, apply, running, scenario_of

if TYPE_CHECKING:
    import pandas as pd

#: What a caller may name as a scenario: one, or several made one after the other.
Wanted = schema.Change | schema.Scenario | str | Sequence[schema.Change | schema.Scenario | str]
MEASURES = ("cost", "grant", "other_funding", "net_cost")
#: Ready scenarios compared where none is named and the dossier holds none.
USUAL = ("maintien", "mi-temps", "titularisation", "non-renouvellement")
#: Years that an unemployment allowance can outlast the period shown.
_ARE_YEARS = 4


@dataclass(frozen=True)
class Difference:
    """What a line adds to the reste à charge under a scenario, beside the case.

    Parameters
    ----------
    line : str
        Code of the line.
    label : str
    group : str
        Group of the catalogue: remuneration, cotisations, taxes, fin_de_contrat, subvention…
    side : {"cost", "funding"}
    by_year : dict
        Euros by exercice: more spending and less funding are positive.
    """

    line: str
    label: str
    group: str
    side: Literal["cost", "funding"]
    by_year: Mapping[int, float]

    @property
    def total(self) -> float:
        """All exercices together [euros]."""
        return round(sum(self.by_year.values()), 2) + 0.0


@dataclass(frozen=True)
class Leaving:
    """What the end of contracts costs under a scenario in one exercice, by the year of payment [euros].

    Parameters
    ----------
    exercice : int
    leave : float
        Indemnity for leave not taken.
    broken : float
        Indemnity of contracts broken before their term.
    are : float
        Unemployment allowance paid by a self-insured employer.
    """

    exercice: int
    leave: float
    broken: float
    are: float

    @property
    def total(self) -> float:
        """All together."""
        return round(self.leave + self.broken + self.are, 2) + 0.0


@dataclass(frozen=True)
class CutShort:
    """A contract that a scenario ends before its term.

    Parameters
    ----------
    scenario, post : str
    day : date
        Last day under the scenario.
    end : date or None
        The term it was to last to; None for one without a term.
    contract : Contract
        The contract as the scenario leaves it.
    owed : float
        Indemnity counted [euros].
    rate : float
        Share of all pay received that a contrat de projet is owed.
    allowed_from : date
        First day on which a contrat de projet may be broken.
    """

    scenario: str
    post: str
    day: date
    end: date | None
    contract: schema.Contract
    owed: float
    rate: float
    allowed_from: date


@dataclass(frozen=True, eq=False)
class Variant:
    """A case under one scenario.

    Parameters
    ----------
    name : str
        "" for the case as it is.
    plan : Projection
    scenario : Scenario or None
    """

    name: str
    plan: Projection
    scenario: schema.Scenario | None = None

    @cached_property
    def sums(self) -> pd.DataFrame:
        """Spending and funding by exercice."""
        return self.plan.by("exercice")

    @cached_property
    def leaving(self) -> tuple[Leaving, ...]:
        """What leaving costs, by exercice of payment, past the period shown too; years of nothing left out."""
        wide = covering(self.plan, self.plan.exercices[-1] + _ARE_YEARS)
        found = []
        for year in wide.exercices:
            owed = [
                sum(wide.cents([line], date(year, 1, 1), date(year, 12, 31))) / 100 for line in EXIT_LINES
            ]
            if any(owed):
                found.append(Leaving(year, *owed))
        return tuple(found)


@dataclass(frozen=True, eq=False)
class Comparison(Readable):
    """A case beside its scenarios; made by `compare`.

    Parameters
    ----------
    base : Variant
        The case as it is.
    variants : tuple of Variant
    years : tuple of int
        Exercices compared.
    refused : tuple of (str, InputFaults)
        Usual scenarios that the case does not allow.
    """

    base: Variant
    variants: tuple[Variant, ...]
    years: tuple[int, ...]
    refused: tuple[tuple[str, InputFaults], ...] = ()

    @property
    def all(self) -> tuple[Variant, ...]:
        """The case, then its scenarios."""
        return (self.base, *self.variants)

    def __getitem__(self, name: str) -> Variant:
        """Return the scenario of a name."""
        try:
            return next(v for v in self.all if v.name == name)
        except StopIteration:
            raise KeyError(name) from None

    def to_frame(self) -> pd.DataFrame:
        """Return the comparison as a tidy table: scenario, exercice, and euros by measure."""
        import pandas as pd

        frames = [
            v.sums.loc[list(self.years), list(MEASURES)].assign(scenario=v.name).reset_index()
            for v in self.all
        ]
        return pd.concat(frames, ignore_index=True)[["scenario", "exercice", *MEASURES]]

    def net(self, variant: Variant, years: Iterable[int] | None = None) -> float:
        """Return the reste à charge of a variant over some exercices, by default all those compared [euros]."""
        wanted = list(self.years if years is None else years)
        return round(float(variant.sums.loc[wanted, "net_cost"].sum()), 2) + 0.0

    def differences(self, variant: Variant | str) -> list[Difference]:
        """Return why a scenario costs more or less than the case, line by line, in the order of the catalogue.

        They add up to the difference of the reste à charge, exercice by exercice, to the cent.
        """
        after = self[variant] if isinstance(variant, str) else variant
        before_cents, after_cents = (_by_line(v.plan) for v in (self.base, after))
        lines = {line.code: line for line in (*self.base.plan.lines(), *after.plan.lines())}
        found = []
        for code, line in lines.items():
            sign = 1 if line.side == "cost" else -1
            by_year = {
                year: sign * (after_cents.get((year, code), 0) - before_cents.get((year, code), 0))
                for year in self.years
            }
            if any(by_year.values()):
                euros = {year: cents / 100 for year, cents in by_year.items()}
                found.append(Difference(code, line.label, line.group, line.side, euros))
        return found

    @cached_property
    def cut_short(self) -> list[CutShort]:
        """Contracts that a scenario ends before their term, with nobody in the post the day after."""
        found = []
        for v in self.variants:
            posts = zip(self.base.plan.dossier.posts, v.plan.dossier.posts, strict=True)
            for rank, (before, after) in enumerate(posts):
                last = max((c.end or date.max for c in after.contracts), default=None)
                was = running(before, last) if last is not None and last < date.max else None
                if was is not None and last is not None and (was.end or date.max) > last:
                    found.append(_cut(v, rank, last, was.end))
        return found


def _cut(variant: Variant, rank: int, last: date, end: date | None) -> CutShort:
    """Return a contract cut short on a day, with what the plan of the scenario counts for it."""
    plan = variant.plan
    post = plan.dossier.posts[rank]
    slot, contract = next((k, c) for k, c in enumerate(post.contracts) if c.end == last)
    owed = float(plan.model.contract.full("break_due")[rank, slot])
    first = min(c.start for c in post.contracts if c.nature == contract.nature)
    allowed = later(first, int(plan.law.value("rupture_projet_delai_mois", last)))
    rate = plan.law.value("indemnite_rupture_projet", last + timedelta(days=1))
    return CutShort(variant.name, post.code, last, end, contract, owed, rate, allowed)


def _by_line(plan: Projection) -> dict[tuple[int, str], int]:
    """Return cents by exercice and line of fonctionnement: engaged and earned."""
    table = plan.table
    kept = table[table["clock"].isin(["engaged", "earned"]) & (table["section"] == "fonctionnement")]
    cents = (kept["amount"] * 100).round().astype("int64")
    sums = cents.groupby([kept["exercice"], kept["line"]]).sum()
    named = cast("dict[tuple[int, str], int]", sums.to_dict())
    return {key: int(c) for key, c in named.items()}


def compare(
    dossier: schema.Dossier,
    *scenarios: Wanted,
    years: Iterable[int] | None = None,
    today: date | None = None,
    law: Law | None = None,
    lang: Lang = "fr",
) -> Comparison:
    """Compare a case with itself under scenarios.

    Parameters
    ----------
    dossier : Dossier
    *scenarios : Scenario, Change, str, or sequence of them
        See `conseiller.scenario.scenario_of`. By default those of the dossier; where it holds none, the
        usual ones that it allows: kept, half time, titularised, not renewed.
    years : iterable of int, optional
        Exercices compared; by default from that of the report to the last one shown.
    today : date, optional
        Date of the report where the dossier states none.
    law : Law, optional
        Other legal tables than the package's.
    lang : {"fr", "en"}
        Language of the faults.

    Raises
    ------
    InputFaults
        With every fault of every scenario named.

    Examples
    --------
    >>> import conseiller as cn
    >>> found = cn.compare(cn.load("data/campagnes-artois"), "mi-temps", "point=1%")
    >>> found.net(found["point=1%"]) == found.net(found.base)
    True
    """
    base = Projection(dossier, law, today)
    case = Case(dossier, law or load_law(), base.report_date)
    variants: list[Variant] = []
    refused: list[tuple[str, InputFaults]] = []
    asked: Sequence[Wanted] = scenarios or dossier.scenarios
    for wanted in asked or USUAL:
        try:
            variants.append(_variant(case, wanted, lang))
        except InputFaults as faults:
            refused.append((wanted if isinstance(wanted, str) else "", faults))
    if asked and refused:
        raise InputFaults([f for _, faults in refused for f in faults.faults], lang)
    shown = base.exercices if years is None else list(years)
    ahead = shown if years is not None else [y for y in shown if y >= base.report_date.year] or shown[-1:]
    named = _apart(variants)
    return Comparison(Variant("", base), tuple(named), tuple(ahead), tuple(refused))


def _variant(case: Case, wanted: Wanted, lang: Lang) -> Variant:
    scenario = scenario_of(case.dossier, wanted, lang)
    changed = apply(case.dossier, scenario, today=case.report_date, law=case.base_law, lang=lang)
    return Variant(scenario.name, Projection(changed, case.base_law, case.report_date), scenario)


def _apart(variants: Sequence[Variant]) -> Iterator[Variant]:
    """Yield variants whose names differ: a second one of a name is numbered."""
    seen: dict[str, int] = {}
    for v in variants:
        seen[v.name] = seen.get(v.name, 0) + 1
        name = v.name if seen[v.name] == 1 else f"{v.name} ({seen[v.name]})"
        yield Variant(name, v.plan, v.scenario)
