"""What the sheets of the books share: tracked lines numbered, and where the plan stands in *Mensuel*."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from conseiller.analysis.tracking.reconcile import Source, known_sources
from conseiller.analysis.tracking.shown import last_year
from conseiller.analysis.tracking.sums import Amounts, Key
from conseiller.analysis.tracking.tracking import Tracking
from conseiller.law import to_serial
from conseiller.messages import Lang
from conseiller.workbook.book import Live
from conseiller.workbook.monthly import ModelLayout

Side = Literal["D", "R"]
_SIDES: tuple[Side, ...] = ("D", "R")
SIDE: dict[str, Side] = {"cost": "D", "funding": "R"}
SECTION = {"fonctionnement": "F", "investissement": "I"}
_SIDE = {v: k for k, v in SIDE.items()}
_SECTION = {v: k for k, v in SECTION.items()}
_ITEMS = {"cout_": "cost_part", "financement_": "funding_part"}


@dataclass(frozen=True)
class Group:
    """A tracked line, all posts together; `number` is its key in the sheets."""

    number: int
    line: str
    label: str
    section: str
    side: Side
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Followed:
    """A tracked line of one post; `number` is its key in the sheets."""

    number: int
    group: Group
    post: int
    key: Key


@dataclass(frozen=True)
class Row:
    """A row of a table by exercice: a line, the total of a section and side, or the net of a section."""

    kind: Literal["line", "total", "net"]
    section: str
    side: Side | Literal[""] = ""
    group: Group | None = None


class BookFacts:
    """The books as the sheets show them.

    Parameters
    ----------
    tracking : Tracking
    layout : ModelLayout
        Where the workbook has the plan.
    lang : {"fr", "en"}
    scenarios : sequence of Tracking
        The same books against the dossier under each scenario that the switch takes, in its order.
    """

    def __init__(
        self, tracking: Tracking, layout: ModelLayout, lang: Lang, scenarios: Sequence[Tracking] = ()
    ) -> None:
        self.tracking = tracking
        self.cells = tracking.cells
        self.plan = tracking.plan
        self.layout = layout
        self.lang: Lang = lang
        #: The dossier's plan, then that of each scenario.
        self.every = (tracking, *scenarios)

    @cached_property
    def files(self) -> tuple[Source, ...]:
        """The files of the books, by name."""
        return known_sources(self.tracking)

    @cached_property
    def _lines(self) -> dict[str, int]:
        """Lines of the plan in reading order, those that only a scenario has at the end."""
        return {c: r for r, c in enumerate(dict.fromkeys(x.code for t in self.every for x in t.plan.lines()))}

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Tracked lines of the dossier and of its scenarios, by section, side and reading order."""
        order = self._lines
        found: dict[tuple[str, str, str], tuple[tuple[str, ...], Tracking]] = {}
        for tracking in self.every:
            for t in tracking.cells.tracks:
                found.setdefault((t.section, t.side, t.line), (t.codes, tracking))

        def rank(key: tuple[str, str, str]) -> tuple[str, str, int, str]:
            section, side, line = key
            codes, _ = found[key]
            return SECTION[section], SIDE[side], order[codes[0]] if codes else len(order), line

        return tuple(
            Group(n, key[2], of.label(key[2], self.lang), SECTION[key[0]], SIDE[key[1]], codes)
            for n, (key, (codes, of)) in enumerate(((k, found[k]) for k in sorted(found, key=rank)), start=1)
        )

    @cached_property
    def followed(self) -> tuple[Followed, ...]:
        """Tracked lines of each post, by section, side, post and reading order."""
        groups = {(g.section, g.side, g.line): g for g in self.groups}
        posts = {code: rank for rank, code in enumerate(self.plan.posts)}
        tracks = {
            (t.post, t.line, t.side): groups[SECTION[t.section], SIDE[t.side], t.line]
            for tracking in self.every
            for t in tracking.cells.tracks
        }
        found = [(group, posts[key[0]], key) for key, group in tracks.items()]
        found.sort(key=lambda f: (f[0].section, f[0].side, f[1], f[0].number))
        return tuple(Followed(n, *f) for n, f in enumerate(found, start=1))

    @cached_property
    def numbers(self) -> dict[Key, Followed]:
        """Tracked lines of each post by what tells them apart."""
        return {f.key: f for f in self.followed}

    @cached_property
    def booked(self) -> tuple[Followed, ...]:
        """Tracked lines of each post that the books hold."""
        held = {(t.post, t.line, t.side) for t in self.cells.tracks if t.entries}
        return tuple(f for f in self.followed if f.key in held)

    @cached_property
    def booked_years(self) -> list[int]:
        """Exercices that hold something booked."""
        last = max((e.booked for t in self.cells.tracks for e in t.entries), default=self.cells.since)
        return [y for y in self.tracking.exercices if self.first(y) <= last]

    @cached_property
    def compared_years(self) -> list[int]:
        """Exercices whose variance says something."""
        last = max(last_year(self.tracking), *self.booked_years)
        return [y for y in self.tracking.exercices if y <= last]

    @cached_property
    def until(self) -> date:
        """First day of the month up to which plan and books are compared."""
        ranks = [e.booked for t in self.cells.tracks for e in t.entries]
        return self.tracking.until or self.plan.months[max(ranks, default=self.cells.since)]

    def first(self, year: int) -> int:
        """Return the rank of January of an exercice."""
        return self.cells.rank(year, 1)

    def months(self, year: int) -> slice:
        """Return the ranks of the months of an exercice."""
        return slice(self.first(year), self.first(year) + 12)

    def to_date(self, year: int) -> slice:
        """Return the ranks of the months of an exercice up to `until`."""
        whole = self.months(year)
        end = self.cells.rank(self.until.year, self.until.month) + 1
        return slice(whole.start, min(whole.stop, max(whole.start, end)))

    def rows(self, groups: Sequence[Group]) -> Iterator[Row]:
        """Yield the rows of one exercice: the lines of each section and side, their total, the net."""
        for section in ("F", "I"):
            mine = [g for g in groups if g.section == section]
            if not mine and section == "I":
                continue
            for side in _SIDES:
                for group in mine:
                    if group.side == side:
                        yield Row("line", section, side, group)
                yield Row("total", section, side)
            yield Row("net", section)

    def amounts(self, row: Row, months: slice) -> Amounts:
        """Return what a row comes to over some months, by the plan of the dossier."""
        sums, section = self.tracking.sums, _SECTION[row.section]
        if row.side == "":
            return sums.net(months, section=section)
        line = row.group.line if row.group else ""
        return sums.of(months, section=section, side=_SIDE[row.side], line=line)

    def of_side(self, side: Side | Literal[""], months: slice = slice(None)) -> Amounts:
        """Return what all lines of a side come to; both sides added up for ""."""
        return self.tracking.sums.of(months, side=_SIDE[side] if side else "")

    def amounts_of_post(self, post: str, side: Side | Literal[""], months: slice) -> Amounts:
        """Return what a post comes to in fonctionnement over some months; its net for ""."""
        sums = self.tracking.sums
        if side == "":
            return sums.net(months, section=_SECTION["F"], post=post)
        return sums.of(months, section=_SECTION["F"], side=_SIDE[side], post=post)

    # --- the plan in *Mensuel* ---

    def planned(self, group: Group, *criteria: str, post: int | None = None) -> str:
        """Return the formula of the plan of a line: pairs of a column of *Mensuel* and what it must be."""
        month = self.layout.month
        pairs = [month.column(c) if k % 2 == 0 else c for k, c in enumerate(criteria)]
        if post is not None:
            pairs = [month.column("post"), self.layout.post_cell(post), *pairs]
        return "+".join(f"SUMIFS({','.join([month.column(_column(c)), *pairs])})" for c in group.codes) or "0"


def _column(code: str) -> str:
    """Return the column of *Mensuel* of a line of the plan."""
    for prefix, family in _ITEMS.items():
        if code.startswith(prefix):
            return f"{family}#{int(code.removeprefix(prefix)) - 1}"
    return code


def serial(day: date) -> float:
    """Return a day as a cell holds it."""
    return float(to_serial(day))


def euros(formula: str, cents: int) -> Live:
    """Return a formula and its value, given in cents."""
    return Live(formula, cents / 100)


def share(variance: str, plan: str, value: int, base: int) -> Live:
    """Return the formula of a variance in share of the plan, "" where nothing is planned."""
    return Live(f'IF(ROUND({plan},2)=0,"",{variance}/{plan})', value / base if base else "")
