"""What the sheets of the books share: tracked lines numbered, and where the plan stands in *Mensuel*."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

import numpy as np

from conseiller.analysis.tracking.cells import Track
from conseiller.analysis.tracking.reconcile import Source, known_sources
from conseiller.analysis.tracking.shown import last_year
from conseiller.analysis.tracking.tracking import Tracking
from conseiller.law import to_serial
from conseiller.messages import Lang
from conseiller.workbook.book import Live
from conseiller.workbook.monthly import ModelLayout

Side = Literal["D", "R"]
SIDE: dict[str, Side] = {"cost": "D", "funding": "R"}
SECTION = {"fonctionnement": "F", "investissement": "I"}
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
    track: Track


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
    """

    def __init__(self, tracking: Tracking, layout: ModelLayout, lang: Lang) -> None:
        self.tracking = tracking
        self.cells = tracking.cells
        self.plan = tracking.plan
        self.layout = layout
        self.lang: Lang = lang

    @cached_property
    def files(self) -> tuple[Source, ...]:
        """The files of the books, by name."""
        return known_sources(self.tracking)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Tracked lines by section, side and reading order."""
        order = {line.code: r for r, line in enumerate(self.plan.lines())}
        found: dict[tuple[str, str, str], tuple[str, ...]] = {}
        for t in self.cells.tracks:
            found.setdefault((SECTION[t.section], SIDE[t.side], t.line), t.codes)
        ranked = sorted(
            found, key=lambda k: (k[0], k[1], order[found[k][0]] if found[k] else len(order), k[2])
        )
        return tuple(
            Group(n, line, self.tracking.label(line, self.lang), section, side, found[section, side, line])  # type: ignore[arg-type]
            for n, (section, side, line) in enumerate(ranked, start=1)
        )

    @cached_property
    def followed(self) -> tuple[Followed, ...]:
        """Tracked lines of each post, by section, side, post and reading order."""
        groups = {(g.section, g.side, g.line): g for g in self.groups}
        posts = {code: rank for rank, code in enumerate(self.plan.posts)}
        found = [
            (groups[SECTION[t.section], SIDE[t.side], t.line], posts[t.post], t) for t in self.cells.tracks
        ]
        found.sort(key=lambda f: (f[0].section, f[0].side, f[1], f[0].number))
        return tuple(Followed(n, *f) for n, f in enumerate(found, start=1))

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

    @cached_property
    def left(self) -> dict[int, np.ndarray]:
        """Cents still to book by month, of each tracked line of a post (by its number)."""
        numbers = {(f.track.post, f.track.line, f.track.side): f.number for f in self.followed}
        found = {n: np.zeros(self.cells.months, dtype=np.int64) for n in numbers.values()}
        table = self.tracking.explained
        table = table[table["cause"] == "not_yet_booked"]
        for post, line, side, month, amount in table[["post", "line", "side", "month", "amount"]].itertuples(
            index=False
        ):
            rank = self.cells.rank(month.year, month.month)
            found[numbers[post, line, side]][rank] -= round(amount * 100)
        return found

    def first(self, year: int) -> int:
        """Return the rank of January of an exercice."""
        return self.cells.rank(year, 1)

    def months(self, year: int) -> slice:
        """Return the ranks of the months of an exercice."""
        return slice(self.first(year), self.first(year) + 12)

    def rows(self) -> Iterator[Row]:
        """Yield the rows of one exercice: the lines of each section and side, their total, the net."""
        for section in ("F", "I"):
            mine = [g for g in self.groups if g.section == section]
            if not mine and section == "I":
                continue
            for side in ("D", "R"):
                for group in mine:
                    if group.side == side:
                        yield Row("line", section, side, group)
                yield Row("total", section, side)
            yield Row("net", section)

    # --- the plan in *Mensuel* ---

    def planned(self, group: Group, *criteria: str, post: int | None = None) -> str:
        """Return the formula of the plan of a line: pairs of a column of *Mensuel* and what it must be."""
        month = self.layout.month
        pairs = [month.column(c) if k % 2 == 0 else c for k, c in enumerate(criteria)]
        if post is not None:
            pairs = [month.column("post"), self.layout.post_cell(post), *pairs]
        return "+".join(f"SUMIFS({','.join([month.column(_column(c)), *pairs])})" for c in group.codes) or "0"

    def plan_cents(self, group: Group, months: slice) -> int:
        """Return the plan of a line over some months, all posts."""
        return sum(int(f.track.plan[months].sum()) for f in self.followed if f.group == group)

    def booked_cents(self, group: Group, months: slice) -> int:
        """Return what is booked of a line over some months, all posts."""
        return sum(int(f.track.booked[months].sum()) for f in self.followed if f.group == group)


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
