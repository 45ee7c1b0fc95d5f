"""Everything that the note, the Word file and the slides print, taken once from a projection.

A printed figure is a `Figure`: its label, its value, its unit. Amounts are whole
euros, rounded so that what is shown adds up (`shared_out`); `Figure.exact` keeps
the cents. With `anonymous`, posts are known by their code alone, pay is shown for
all posts together or by bands of 500 €, and what the officer wrote about
contracts and pay is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from conseiller.analysis.stamp import Stamp
from conseiller.brief._rounding import shared_out
from conseiller.messages import Lang
from conseiller.projection import Projection
from conseiller.text import date_long, money, money0, number, percent, whole

if TYPE_CHECKING:
    from conseiller.analysis.tracking import Tracking
    from conseiller.brief.act.records import Kind
    from conseiller.charts import Chart

__all__ = [
    "DatedFact",
    "DecisionFacts",
    "Figure",
    "PackFacts",
    "Row",
    "Statement",
    "Table",
    "facts",
    "shared_out",
    "whole",
]

Unit = Literal["EUR", "EUR/inhabitant", "share", "date", "days", "text"]
RowKind = Literal["line", "total", "result"]
Status = Literal["missed", "coming"]


@dataclass(frozen=True)
class Figure:
    """A printed figure.

    Parameters
    ----------
    key : str
        Stable name, unique in the pack.
    label : str
        Words that stand beside it.
    value : float, date or str
        What is printed: whole euros for "EUR", a fraction for "share".
    unit : {"EUR", "EUR/inhabitant", "share", "date", "days", "text"}
    exact : float or None
        The amount to the cent, where `value` is rounded.
    signed : bool
        Whether a plus sign is printed before a positive value.
    """

    key: str
    label: str
    value: float | date | str
    unit: Unit
    exact: float | None = None
    signed: bool = False

    def text(self, lang: Lang = "fr") -> str:
        """Return the figure as it is printed."""
        value = self.value
        if isinstance(value, date):
            return date_long(value, lang)
        if isinstance(value, str):
            return value
        shown = {
            "EUR": lambda: money0(value, lang),
            "EUR/inhabitant": lambda: money(value, lang),
            "share": lambda: percent(value, 0, lang),
        }.get(self.unit, lambda: number(value, lang))()
        return f"+{shown}" if self.signed and value > 0 else shown


@dataclass(frozen=True)
class Row:
    """A line of a table: one figure per column, None for a cell left empty."""

    key: str
    label: str
    figures: tuple[Figure | None, ...]
    kind: RowKind = "line"


@dataclass(frozen=True)
class Table:
    """A table: heading of the labels, headings of the columns, rows, and what to know of it."""

    key: str
    title: str
    head: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = ""

    @property
    def figures(self) -> Iterator[Figure]:
        """Every figure of the table."""
        return (f for row in self.rows for f in row.figures if f is not None)


@dataclass(frozen=True)
class DatedFact:
    """A date to hold, and what falls due."""

    day: Figure
    status: Status
    words: str


@dataclass(frozen=True)
class DecisionFacts:
    """The decision asked: its few words, the same in every document; a sentence; by when; the dates around it."""

    headline: str
    question: str
    deadline: Figure
    deadline_words: str
    dates: tuple[DatedFact, ...]


@dataclass(frozen=True)
class Statement:
    """What is not known: the subject, what was taken, and where that comes from."""

    key: str
    subject: str
    words: str
    origin: str


@dataclass(frozen=True)
class PackFacts:
    """Everything that a pack prints.

    Parameters
    ----------
    lang : {"fr", "en"}
    authority, title, subject : str
        Name of the authority; title and subject of the documents.
    report_date : date
    years : tuple of int
        The year in course, projected, and the next.
    posts : tuple of str
        Codes of the posts.
    anonymous : bool
    decision : DecisionFacts
    headline : tuple of Figure
        How much a year, who pays, what is left, until when.
    answer : str
        The same in a sentence.
    two_years, causes, choices, balance, sensitivity, grant_years, post_list : Table
        `choices`, `balance` and `sensitivity` may have no row: their note says why.
    unknown : tuple of Statement
        What must be confirmed, for page 1.
    hypotheses, risks, sources : tuple of str
    stamp : Stamp
    chart : Chart
        Who funds what, by exercice.
    books : tuple of Table
        The year in course against its books, why, and the conventions; empty without books.
    booked : str
        What the books hold of the year in course and where it lands, as a clause; "" without books.
    """

    lang: Lang
    authority: str
    title: str
    subject: str
    report_date: date
    years: tuple[int, int]
    posts: tuple[str, ...]
    anonymous: bool
    decision: DecisionFacts
    headline: tuple[Figure, ...]
    answer: str
    two_years: Table
    causes: Table
    choices: Table
    balance: Table
    sensitivity: Table
    grant_years: Table
    post_list: Table
    unknown: tuple[Statement, ...]
    hypotheses: tuple[str, ...]
    risks: tuple[str, ...]
    sources: tuple[str, ...]
    stamp: Stamp
    chart: Chart
    books: tuple[Table, ...] = ()
    booked: str = ""

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table, in reading order."""
        return (
            self.two_years,
            self.causes,
            self.choices,
            self.balance,
            self.sensitivity,
            *self.books,
            self.grant_years,
            self.post_list,
        )

    @property
    def figures(self) -> Iterator[Figure]:
        """Every printed figure."""
        yield self.decision.deadline
        yield from (d.day for d in self.decision.dates)
        yield from self.headline
        for table in self.tables:
            yield from table.figures


def facts(
    plan: Projection,
    lang: Lang = "fr",
    anonymous: bool = True,
    decision: Kind | Literal["auto"] = "auto",
    tracking: Tracking | None = None,
) -> PackFacts:
    """Return everything that a pack prints.

    Parameters
    ----------
    plan : Projection
    lang : {"fr", "en"}
    anonymous : bool
        Show no individual pay and none of the officer's words about contracts and pay.
    decision : {"auto", "budget", "recruit", "renew", "keep_without_state", "stop"}
        What is put to the vote; "auto": what the calendar asks (see `conseiller.brief._asked`).
    tracking : Tracking, optional
        The same plan against its books.

    Raises
    ------
    InputFaults
        When the dossier holds nothing to decide so about.
    """
    return _kept(plan, lang, anonymous, decision, tracking)


@lru_cache(maxsize=8)
def _kept(
    plan: Projection, lang: Lang, anonymous: bool, decision: Kind | Literal["auto"], tracking: Tracking | None
) -> PackFacts:
    """Return the facts, reckoned once for the note, the act, its annex and the slides of a plan."""
    from conseiller.brief._compose import Pack

    return Pack(plan, lang, anonymous, decision, tracking).facts()
