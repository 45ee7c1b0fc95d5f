"""Dated legal values, each with its text, link and degree of certainty; nothing legal is written in code.

`load_law()` reads the tables once; `Law.with_assumptions` lays an officer's
suppositions over them. Values are looked up at a date: the entry in force is
the last one that starts on or before it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from conseiller.readable import Readable

Certainty = Literal["sourced", "derived", "unverified"]

_EPOCH = date(1899, 12, 30)
_CERTAINTIES = {"sourced", "derived", "unverified"}
_ENTRY_KEYS = {"from", "value", "reference", "link", "certainty", "planned"}
_TABLE_KEYS = {"label", "unit", "checked_until", "note", "values"}
#: Dates from which it is worth asking whether one value holds at all of them.
_MANY = 1000
_TABLE_FILES = ("remuneration", "cotisations", "fin_de_contrat", "subvention", "mandat", "budget")


def to_serial(day: date) -> float:
    """Return the spreadsheet serial number of a date (1900 date system)."""
    return float((day - _EPOCH).days)


def day_of_year(value: float, year: int) -> date:
    """Return the day that a legal value names as month × 100 + day: 415 is 15 April.

    Raises
    ------
    ValueError
        When no such day exists in that year.
    """
    month, day = divmod(round(value), 100)
    return date(year, month, day)


def day_at(serial: float) -> date:
    """Return the date of a spreadsheet serial number, its time of day left out."""
    return _EPOCH + timedelta(days=int(serial))


class LawError(LookupError):
    """A legal value was asked for at a date before its first entry, or under an unknown name."""


class Supposition(Protocol):
    """What `Law.with_assumptions` needs of an assumption."""

    @property
    def parameter(self) -> str:
        """Parameter of the law it concerns."""
        ...

    @property
    def start(self) -> date:
        """First day it holds."""
        ...

    @property
    def value(self) -> float | None:
        """Value supposed; None withdraws the dated value."""
        ...

    @property
    def source(self) -> str:
        """Where it comes from."""
        ...


@dataclass(frozen=True)
class Entry:
    """One value and the date it starts; `origin` is "law", "changed" (a legal value replaced) or "assumed"."""

    start: date
    value: float
    reference: str
    link: str = ""
    certainty: Certainty = "sourced"
    planned: bool = False
    origin: Literal["law", "changed", "assumed"] = "law"


@dataclass(frozen=True)
class Table:
    """The dated values of one parameter."""

    parameter: str
    label: Mapping[str, str]
    unit: str
    checked_until: date
    entries: tuple[Entry, ...]
    note: Mapping[str, str] = field(default_factory=dict)
    withdrawn: tuple[date, ...] = ()

    def at(self, day: date) -> Entry:
        """Return the entry in force on a day.

        Raises
        ------
        LawError
            When the day is before the first entry.
        """
        found = None
        for entry in self.entries:
            if entry.start <= day:
                found = entry
        if found is None:
            raise LawError(f"{self.parameter}: aucune valeur en vigueur le {day.isoformat()}")
        return found

    @cached_property
    def _starts(self) -> NDArray[np.float64]:
        return np.array([to_serial(e.start) for e in self.entries])

    @cached_property
    def _values(self) -> NDArray[np.float64]:
        return np.array([e.value for e in self.entries], dtype=float)

    def over(self, serials: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the values in force at many date serials, same shape.

        Raises
        ------
        LawError
            When one of them is before the first entry.
        """
        serials = np.asarray(serials, dtype=float)
        if serials.size > _MANY and self._starts.searchsorted(serials.min(), side="right") == len(
            self._starts
        ):
            return np.full(serials.shape, self._values[-1])  # all after the last entry, as most contracts are
        rank = self._starts.searchsorted(serials, side="right") - 1
        if rank.size and int(rank.min()) < 0:
            raise LawError(f"{self.parameter}: aucune valeur avant le {self.entries[0].start.isoformat()}")
        values: NDArray[np.float64] = self._values[rank]
        return values


@dataclass(frozen=True)
class Generation:
    """A schedule of the State grant: months and euros of each grant year."""

    key: str
    label: Mapping[str, str]
    tranches: tuple[tuple[int, float], ...]
    reference: str
    link: str
    certainty: Certainty
    checked_until: date


@dataclass(frozen=True)
class Line:
    """A line of the plan in the catalogue: label, side, section, group, accounts by chart."""

    code: str
    label: Mapping[str, str]
    side: Literal["cost", "funding"]
    section: str
    group: str
    accounts: Mapping[str, tuple[str, str]]
    reference: Mapping[str, str]

    @property
    def by_status(self) -> bool:
        """Whether the account may depend on who holds the post: pay and what goes with it, no other line."""
        paid = self.group in {"remuneration", "cotisations", "taxes"}
        return paid or any(first != second for first, second in self.accounts.values())


@dataclass(frozen=True)
class Vehicle:
    """A way for member communes to pay for a shared service: account of income by chart, and its text."""

    key: str
    accounts: Mapping[str, str]
    reference: str


@dataclass(frozen=True)
class OpenGrade:
    """A grade at which a contractuel may be made stagiaire without concours, from a day on."""

    grade: str
    start: date
    reference: str
    link: str
    certainty: Certainty


@dataclass(frozen=True)
class Law(Readable):
    """Every legal table, and the catalogue of lines and accounts."""

    tables: Mapping[str, Table]
    generations: Mapping[str, Generation]
    lines: Mapping[str, Line]
    grades: Mapping[str, Mapping[str, str]]
    chapters: Mapping[str, str]
    chapter_labels: Mapping[str, Mapping[str, str]]
    account_labels: Mapping[str, Mapping[str, str]]
    vehicles: Mapping[str, Vehicle] = field(default_factory=dict)
    open_grades: tuple[OpenGrade, ...] = ()

    def __repr__(self) -> str:
        from conseiller.display import law_line

        return law_line(self)

    def table(self, parameter: str) -> Table:
        """Return the table of a parameter; `LawError` names the unknown one."""
        try:
            return self.tables[parameter]
        except KeyError:
            raise LawError(f"paramètre inconnu : {parameter}") from None

    def value(self, parameter: str, day: date) -> float:
        """Return the value of a parameter in force on a day."""
        return self.table(parameter).at(day).value

    def open_grade(self, day: date) -> OpenGrade:
        """Return the grade open without concours on a day.

        Raises
        ------
        LawError
            When the day is before the first one known.
        """
        known = [g for g in self.open_grades if g.start <= day]
        if not known:
            raise LawError(f"grade sans concours : aucun avant le {day.isoformat()}")
        return known[-1]

    def over(self, parameter: str, serials: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the values of a parameter at many date serials."""
        return self.table(parameter).over(serials)

    def chapter(self, account: str) -> str:
        """Return the budget chapter of an account, by its longest known prefix; "" when none."""
        for length in range(len(account), 0, -1):
            if account[:length] in self.chapters:
                return self.chapters[account[:length]]
        return ""

    def account_label(self, chart: str, account: str) -> str:
        """Return the label of an account in a chart, "" when it is not listed."""
        return self.account_labels.get(chart, {}).get(account, "")

    @property
    def checked_until(self) -> date:
        """The earliest date until which a table was checked."""
        return min(t.checked_until for t in self.tables.values())

    def with_assumptions(self, assumptions: Iterable[Supposition]) -> Law:
        """Return the law with dated values supposed, changed or withdrawn by an officer."""
        tables = dict(self.tables)
        for a in assumptions:
            table = self.table(a.parameter)
            table = tables[a.parameter]
            kept = [e for e in table.entries if e.start != a.start]
            changed = len(kept) < len(table.entries)
            if a.value is None:
                tables[a.parameter] = replace(
                    table, entries=tuple(kept), withdrawn=(*table.withdrawn, a.start)
                )
                continue
            kept.append(
                Entry(
                    a.start,
                    a.value,
                    a.source,
                    certainty="unverified",
                    planned=not changed,
                    origin="changed" if changed else "assumed",
                )
            )
            tables[a.parameter] = replace(table, entries=tuple(sorted(kept, key=lambda e: e.start)))
        return replace(self, tables=tables)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("conseiller.law").joinpath("tables", f"{name}.toml").read_text("utf-8"))


def _table(parameter: str, raw: dict[str, Any]) -> Table:
    unknown = set(raw) - _TABLE_KEYS
    if unknown:
        raise ValueError(f"law table {parameter}: unknown keys {sorted(unknown)}")
    entries = []
    for value in raw["values"]:
        if set(value) - _ENTRY_KEYS or value["certainty"] not in _CERTAINTIES:
            raise ValueError(f"law table {parameter}: bad entry {value}")
        entries.append(
            Entry(
                value["from"],
                float(value["value"]),
                value["reference"],
                value["link"],
                value["certainty"],
                value.get("planned", False),
            )
        )
    starts = [e.start for e in entries]
    if starts != sorted(set(starts)):
        raise ValueError(f"law table {parameter}: dates not in order")
    return Table(
        parameter, raw["label"], raw["unit"], raw["checked_until"], tuple(entries), raw.get("note", {})
    )


def grid_parameter(grade: str, step: int) -> str:
    """Return the parameter that holds the index of a grade's step."""
    return f"grille_{grade}_{step:02d}"


def generation_parameter(key: str, rank: int, what: Literal["mois", "montant"]) -> str:
    """Return the parameter that holds a grant year's months or amount (rank from 1)."""
    return f"generation_{key}_{rank}_{what}"


def _grids(raw: list[dict[str, Any]], checked: date) -> tuple[dict[str, Table], dict[str, dict[str, str]]]:
    entries: dict[str, list[Entry]] = {}
    labels: dict[str, dict[str, str]] = {}
    for grid in raw:
        labels[grid["grade"]] = grid["label"]
        for step, index in enumerate(grid["indices"], start=1):
            entry = Entry(grid["from"], float(index), grid["reference"], grid["link"], grid["certainty"])
            entries.setdefault(grid_parameter(grid["grade"], step), []).append(entry)
    tables = {}
    for parameter, found in entries.items():
        grade, step_text = parameter.split("_")[1:]
        label = {
            "fr": f"Indice majoré, {grade}, échelon {int(step_text)}",
            "en": f"Pay index, {grade}, step {int(step_text)}",
        }
        ordered = tuple(sorted(found, key=lambda e: e.start))
        tables[parameter] = Table(parameter, label, "IM", checked, ordered)
    return tables, labels


def _generations(raw: dict[str, Any]) -> tuple[dict[str, Generation], dict[str, Table]]:
    generations: dict[str, Generation] = {}
    tables: dict[str, Table] = {}
    for key, g in raw.items():
        tranches = tuple((int(t["months"]), float(t["amount"])) for t in g["tranches"])
        generations[key] = Generation(
            key, g["label"], tranches, g["reference"], g["link"], g["certainty"], g["checked_until"]
        )
        for rank, (months, amount) in enumerate(tranches, start=1):
            words = {
                "mois": ("durée de l'année", "length of year"),
                "montant": ("montant de l'année", "amount of year"),
            }
            for what, value in (("mois", float(months)), ("montant", amount)):
                parameter = generation_parameter(key, rank, "mois" if what == "mois" else "montant")
                fr, en = words[what]
                label = {"fr": f"{g['label']['fr']}, {fr} {rank}", "en": f"{g['label']['en']}, {en} {rank}"}
                entry = Entry(date(2021, 1, 1), value, g["reference"], g["link"], g["certainty"])
                unit = "mois" if what == "mois" else "EUR"
                tables[parameter] = Table(parameter, label, unit, g["checked_until"], (entry,))
    return generations, tables


@cache
def load_law() -> Law:
    """Read the legal tables shipped with the package (once)."""
    tables: dict[str, Table] = {}
    for name in _TABLE_FILES:
        tables |= {key: _table(key, raw) for key, raw in _read(name).items()}
    grids, grades = _grids(_read("grilles")["grille"], tables["im_minimum"].checked_until)
    generations, amounts = _generations(_read("generations"))
    lines = {
        code: Line(
            code,
            raw["label"],
            raw["side"],
            raw["section"],
            raw["group"],
            {chart: (pair[0], pair[1]) for chart, pair in raw["accounts"].items()},
            raw["reference"],
        )
        for code, raw in _read("lignes").items()
    }
    chapters = _read("chapitres")
    return Law(
        tables | amounts | grids,
        generations,
        lines,
        grades,
        {p["prefix"]: p["chapter"] for p in chapters["prefixes"]},
        chapters["labels"],
        _read("comptes"),
        {key: Vehicle(key, raw["accounts"], raw["reference"]) for key, raw in _read("vecteurs").items()},
        tuple(
            OpenGrade(g["grade"], g["from"], g["reference"], g["link"], g["certainty"])
            for g in _read("acces")["sans_concours"]
        ),
    )
