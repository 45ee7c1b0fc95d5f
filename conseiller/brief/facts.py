"""Everything that the note, the Word file and the slides print, taken once from a projection.

A printed figure is a `Figure`: its label, its value, its unit. Amounts are whole
euros, rounded so that what is shown adds up (`shared_out`); `Figure.exact` keeps
the cents. With `anonymous`, posts are known by their code alone, pay is shown for
all posts together or by bands of 500 €, and what the officer wrote about
contracts and pay is left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import conseiller
from conseiller.analysis.checks import controls
from conseiller.analysis.clocks import convention_balance, earned_matrix, year_end
from conseiller.analysis.decisions import Decision, decision_calendar
from conseiller.analysis.financing import financings
from conseiller.analysis.notices import notices
from conseiller.analysis.outlook import (
    CAUSES,
    Choice,
    Choices,
    Year,
    above_fnal,
    changes,
    chapters,
    choices,
    outlook_years,
    sensitivities,
    two_years,
    under_minimum_wage,
)
from conseiller.analysis.reliance import Use, parameters_used
from conseiller.analysis.wording import plural
from conseiller.dossier import schema
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.text import date_long, date_short, listing, money, money0, number, percent

if TYPE_CHECKING:
    from conseiller.charts import Chart

Unit = Literal["EUR", "EUR/inhabitant", "share", "date", "days", "text"]
RowKind = Literal["line", "total", "result"]
Status = Literal["missed", "coming"]

#: Width of a band of yearly pay, where individual pay is not shown [euros].
BAND = 500
#: Exercices that a table has room for.
_MOST_YEARS = 8
#: Legal values whose text is named among the sources, where the plan reads them.
_CITED = (
    "smic_mensuel",
    "point_indice_annuel",
    "im_minimum",
    "fnal_50_et_plus",
    "ircantec_tranche_a",
    "cnracl",
    "are_duree_max_jours",
    "vacance_tolerance_mois",
)
_DAY = timedelta(days=1)


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
    """The decision asked: what, by when, what may be answered, and the dates around it."""

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
class Stamp:
    """Which version of what the pack was printed from.

    Parameters
    ----------
    report_date : date
    dossier : str
        First twelve digits of the SHA-256 of the dossier's plain values.
    version : str
        Of conseiller.
    checked_until : date
        Date until which every legal value in use was checked.
    """

    report_date: date
    dossier: str
    version: str
    checked_until: date

    def text(self, lang: Lang = "fr") -> str:
        """Return the stamp as it is printed on every page."""
        return tr(
            "brief.stamp",
            lang,
            day=date_long(self.report_date, lang),
            dossier=self.dossier,
            version=self.version,
            checked=date_long(self.checked_until, lang),
        )


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

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table, in reading order."""
        return (
            self.two_years,
            self.causes,
            self.choices,
            self.balance,
            self.sensitivity,
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


def facts(plan: Projection, lang: Lang = "fr", anonymous: bool = True) -> PackFacts:
    """Return everything that a pack prints.

    Parameters
    ----------
    plan : Projection
    lang : {"fr", "en"}
    anonymous : bool
        Show no individual pay and none of the officer's words about contracts and pay.
    """
    return _Reading(plan, lang, anonymous).facts()


def dossier_digest(dossier: schema.Dossier) -> str:
    """Return the first twelve digits of the SHA-256 of a dossier's plain values, keys in order."""
    plain = json.dumps(dossier.to_plain(), ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(plain.encode("utf-8")).hexdigest()[:12]


def shared_out(parts: Sequence[float], total: int | None = None) -> list[int]:
    """Return parts in whole euros that add up: each less than a euro away from its exact amount.

    Parameters
    ----------
    parts : sequence of float
        Exact amounts [euros].
    total : int, optional
        What they must add up to; their rounded sum by default. It is less than a euro per part away
        from it.

    Examples
    --------
    >>> shared_out([0.4, 0.4, 0.4])
    [1, 0, 0]
    """
    cents = [round(p * 100) for p in parts]
    target = whole(sum(cents) / 100) if total is None else total
    found = [c // 100 for c in cents]
    order = sorted(range(len(cents)), key=lambda i: (-(cents[i] % 100), i))
    missing = target - sum(found)
    for i in order[: max(missing, 0)]:
        found[i] += 1
    for i in order[len(order) + min(missing, 0) :] if missing < 0 else ():
        found[i] -= 1
    return found


def whole(euros: float) -> int:
    """Round to the euro, half away from zero, as amounts are written."""
    cents = round(euros * 100)
    return (abs(cents) + 50) // 100 * (1 if cents >= 0 else -1)


@dataclass(frozen=True)
class _WholeYear:
    """An exercice in whole euros that add up."""

    pay: int
    other_costs: int
    cost: int
    grant: int
    other_funding: int
    net_cost: int


def _whole_year(year: Year) -> _WholeYear:
    cost, net = whole(year.cost), whole(year.net_cost)
    pay, other = shared_out([year.pay, year.other_costs], cost)
    grant, funding = _funding(year.grant, year.other_funding, cost - net)
    return _WholeYear(pay, other, cost, grant, funding, net)


def _funding(grant: float, other: float, total: int) -> tuple[int, int]:
    """Share funding out; what is nothing stays nothing, the euro of rounding goes to the other."""
    if not other:
        return total, 0
    if not grant:
        return 0, total
    shared = shared_out([grant, other], total)
    return shared[0], shared[1]


@dataclass(frozen=True)
class _Reading:
    """Reads a plan; each part of the facts is one method."""

    plan: Projection
    lang: Lang
    anonymous: bool

    def tr(self, key: str, **values: object) -> str:
        return tr(f"brief.{key}", self.lang, **values)

    @cached_property
    def years(self) -> tuple[int, int]:
        return outlook_years(self.plan)

    @cached_property
    def sums(self) -> tuple[Year, Year]:
        return two_years(self.plan)

    @cached_property
    def whole(self) -> tuple[_WholeYear, _WholeYear]:
        return _whole_year(self.sums[0]), _whole_year(self.sums[1])

    @cached_property
    def open(self) -> Choices:
        return choices(self.plan)

    @cached_property
    def calendar(self) -> list[Decision]:
        return decision_calendar(self.plan)

    @cached_property
    def used(self) -> list[Use]:
        return parameters_used(self.plan)

    def facts(self) -> PackFacts:
        from conseiller.charts import funding_by_exercice

        name = self.plan.dossier.authority.name
        return PackFacts(
            lang=self.lang,
            authority=name,
            title=self.tr("title", year=self.years[1]),
            subject=self.tr("subject", name=name),
            report_date=self.plan.report_date,
            years=self.years,
            posts=tuple(self.plan.posts),
            anonymous=self.anonymous,
            decision=self.decision(),
            headline=self.headline(),
            answer=self.answer(),
            two_years=self.two_years(),
            causes=self.causes(),
            choices=self.choices(),
            balance=self.balance(),
            sensitivity=self.sensitivity(),
            grant_years=self.grant_years(),
            post_list=self.post_list(),
            unknown=tuple(self.unknown()),
            hypotheses=tuple(self.hypotheses()),
            risks=tuple(self.risks()),
            sources=tuple(self.sources()),
            stamp=Stamp(
                self.plan.report_date,
                dossier_digest(self.plan.dossier),
                conseiller.__version__,
                min((u.table.checked_until for u in self.used), default=self.plan.law.checked_until),
            ),
            chart=funding_by_exercice(self.plan, self.lang),
        )

    # --- the decision -----------------------------------------------------------------------------

    def decision(self) -> DecisionFacts:
        question, day, words = self._question()
        return DecisionFacts(
            question,
            Figure("decision.deadline", self.tr("decision.deadline"), day, "date"),
            words,
            tuple(self._dates()),
        )

    def _question(self) -> tuple[str, date, str]:
        """Return what is asked, the last day to answer, and why that day."""
        vote = date(self.years[1], 4, 15)
        votes = [d for d in self.calendar if d.kind == "budget_vote" and d.date.year == self.years[1]]
        if votes:
            vote = votes[0].date
        ahead = [end for end in self.open.ends if end <= date(self.years[1], 12, 31)]
        if ahead:
            posts = [c for c in self.open.posts if self._end_of(c) == ahead[0]]
            question = plural(
                "brief.decision.contracts",
                len(posts),
                self.lang,
                posts=listing(posts, self.lang),
                end=date_long(ahead[0], self.lang),
            )
            notice = [d for d in self.calendar if d.kind in ("notice", "notice_other") and d.post in posts]
            mine = [d for d in notice if dict(d.values)["end"] == ahead[0]]
            coming = [d.date for d in mine if d.status == "coming"]
            if coming:
                return question, min(coming), self.tr("decision.by_notice")
            missed = any(d.status == "missed" for d in mine)
            return question, ahead[0], self.tr("decision.by_end_missed" if missed else "decision.by_end")
        last = max((f.last_day for f in financings(self.plan)), default=None)
        if last is not None and (last >= self.plan.report_date or self.sums[0].grant):
            ends = "financing" if last >= self.plan.report_date else "financing_over"
            question = self.tr(f"decision.{ends}", end=date_long(last, self.lang), year=self.years[1])
        else:
            question = self.tr("decision.budget", year=self.years[1])
        return question, vote, self.tr("decision.by_vote", year=self.years[1])

    def _end_of(self, code: str) -> date | None:
        post = next(p for p in self.plan.dossier.posts if p.code == code)
        day = self.plan.report_date
        ends = [c.end for c in post.contracts if c.start <= day and c.end is not None and c.end >= day]
        return ends[0] if ends else None

    def _dates(self, most: int = 6) -> Iterator[DatedFact]:
        """Return missed dates, then the next ones, those of the same day and kind together."""
        kinds = {
            "notice",
            "notice_other",
            "project_limit",
            "project_limit_exceeded",
            "contract_end",
            "contract_relay",
            "financing_end",
            "financing_cut",
            "vacancy_limit",
            "post_lost",
            "budget_vote",
        }
        closing = date(self.years[1], 12, 31)
        kept = [d for d in self.calendar if d.kind in kinds and d.status != "past" and d.date <= closing]
        kept = [d for d in kept if not (d.missed and d.kind == "post_lost")]
        groups: dict[tuple[date, str, str], list[str]] = {}
        for d in kept:
            groups.setdefault((d.date, d.kind, d.status), []).append(d.post)
        ranked = sorted(groups, key=lambda g: (g[2] != "missed", g[0]))[:most]
        if len(ranked) == 1 and ranked[0][1] == "budget_vote":
            return
        for n, (day, kind, status) in enumerate(ranked):
            posts = listing(dict.fromkeys(p for p in groups[day, kind, status] if p), self.lang)
            words = self.tr(f"date.{kind}", posts=posts, year=day.year)
            yield DatedFact(
                Figure(f"date.{n}", words, day, "date"), "missed" if status == "missed" else "coming", words
            )

    # --- how much, who, what is left, until when ----------------------------------------------------

    def _grant_end(self) -> date | None:
        """Return the last day that earns any grant; None when there is no grant at all."""
        return max((f.last_day for f in financings(self.plan) if f.stops > f.start), default=None)

    def headline(self) -> tuple[Figure, ...]:
        now, year = self.whole, self.years[1]
        after = self.sums[1]
        figures = [
            Figure("headline.cost", self.tr("headline.cost", year=year), now[1].cost, "EUR", after.cost),
            Figure("headline.grant", self.tr("headline.grant", year=year), now[1].grant, "EUR", after.grant),
        ]
        if now[1].other_funding:
            figures.append(
                Figure(
                    "headline.other",
                    self.tr("headline.other", year=year),
                    now[1].other_funding,
                    "EUR",
                    after.other_funding,
                )
            )
        figures.append(
            Figure("headline.net", self.tr("headline.net", year=year), now[1].net_cost, "EUR", after.net_cost)
        )
        end = self._grant_end()
        label = self.tr("headline.end")
        if end is None:
            figures.append(Figure("headline.end", label, self.tr("headline.no_grant"), "text"))
        else:
            figures.append(Figure("headline.end", label, end, "date"))
        return tuple(figures)

    def answer(self) -> str:
        before, after = self.whole
        end = self._grant_end()
        if end is None:
            until = self.tr("answer.no_grant")
        else:
            ended = end < self.plan.report_date
            until = self.tr("answer.ended" if ended else "answer.ends", end=date_long(end, self.lang))
        return self.tr(
            "answer.all",
            year=self.years[1],
            current=self.years[0],
            cost=money0(after.cost, self.lang),
            grant=money0(after.grant, self.lang),
            net=money0(after.net_cost, self.lang),
            before=money0(before.net_cost, self.lang),
            until=until,
        )

    # --- two years --------------------------------------------------------------------------------

    def _columns(self) -> tuple[str, str, str]:
        return (
            self.tr("column.projected", year=self.years[0]),
            self.tr("column.proposed", year=self.years[1]),
            self.tr("column.change"),
        )

    def _chapter(self, measure: Literal["pay", "other_costs"]) -> str:
        found = chapters(self.plan, measure)
        if not found:
            return self.tr(f"two_years.{measure}_plain")
        key = "one" if len(found) == 1 else "many"
        return self.tr(f"two_years.{measure}_{key}", chapters=listing(found, self.lang))

    def _grant_account(self) -> str:
        line = self.plan.law.lines["subvention_etat"]
        return self.plan.account_of(line, "contractuel")

    def two_years(self) -> Table:
        before, after = self.whole
        exact = self.sums
        rows: list[Row] = []

        def add(name: str, label: str, kind: RowKind = "line") -> None:
            values = [getattr(before, name), getattr(after, name)]
            exacts = [getattr(exact[0], name), getattr(exact[1], name)]
            figures = [
                Figure(f"two_years.{name}.{year}", label, value, "EUR", amount)
                for year, value, amount in zip(self.years, values, exacts, strict=True)
            ]
            figures.append(
                Figure(
                    f"two_years.{name}.change",
                    label,
                    values[1] - values[0],
                    "EUR",
                    round(exacts[1] - exacts[0], 2),
                    signed=True,
                )
            )
            rows.append(Row(f"two_years.{name}", label, tuple(figures), kind))

        add("pay", self._chapter("pay"))
        add("other_costs", self._chapter("other_costs"))
        add("cost", self.tr("two_years.cost"), "total")
        add("grant", self.tr("two_years.grant", account=self._grant_account()))
        if before.other_funding or after.other_funding:
            add("other_funding", self.tr("two_years.other_funding"))
        add("net_cost", self.tr("two_years.net_cost"), "result")
        shares = tuple(
            None
            if y.share_covered is None
            else Figure(f"two_years.share.{y.exercice}", self.tr("two_years.share"), y.share_covered, "share")
            for y in exact
        )
        rows.append(Row("two_years.share", self.tr("two_years.share"), (*shares, None)))
        note = self.tr("two_years.note")
        if exact[0].population:
            label = self.tr("two_years.per_inhabitant", population=number(exact[0].population, self.lang))
            each = [round(y.per_inhabitant or 0.0, 2) for y in exact]
            figures = tuple(
                Figure(f"two_years.per_inhabitant.{y.exercice}", label, amount, "EUR/inhabitant")
                for y, amount in zip(exact, each, strict=True)
            )
            change = round(each[1] - each[0], 2)
            last = Figure("two_years.per_inhabitant.change", label, change, "EUR/inhabitant", signed=True)
            rows.append(Row("two_years.per_inhabitant", label, (*figures, last)))
        else:
            note += " " + self.tr("two_years.no_population")
        return Table(
            "two_years",
            self.tr("two_years.title"),
            self.tr("two_years.head"),
            self._columns(),
            tuple(rows),
            note,
        )

    # --- why ----------------------------------------------------------------------------------------

    def causes(self) -> Table:
        before, after = self.whole
        found = {c.cause: c.amount for c in changes(self.plan)}
        lines = {
            "grant": before.grant - after.grant,
            "other_costs": after.other_costs - before.other_costs,
            "other_funding": before.other_funding - after.other_funding,
        }
        pay = [c for c in CAUSES if c not in lines and found[c]]
        # A cause of a few cents cannot take the euro of rounding of the pay of two years: the greatest does.
        shown = dict(lines)
        left = after.pay - before.pay
        if pay:
            shares = {c: whole(found[c]) for c in pay}
            greatest = max(pay, key=lambda c: abs(found[c]))
            shares[greatest] += left - sum(shares.values())
            shown |= {c: shares[c] for c in pay}
        elif left:
            shown["contracts"] = left
        rows = []
        for cause in CAUSES:
            amount = shown.get(cause, 0)
            if not amount and cause != "grant":
                continue
            label = self._cause_label(cause)
            figure = Figure(f"causes.{cause}", label, amount, "EUR", round(found[cause], 2), signed=True)
            rows.append(Row(f"causes.{cause}", label, (figure,)))
        label = self.tr("causes.total", before=self.years[0], after=self.years[1])
        exact = round(self.sums[1].net_cost - self.sums[0].net_cost, 2)
        total = Figure("causes.total", label, after.net_cost - before.net_cost, "EUR", exact, signed=True)
        rows.append(Row("causes.total", label, (total,), "result"))
        return Table(
            "causes",
            self.tr("causes.title"),
            self.tr("causes.head"),
            (self.tr("column.euros"),),
            tuple(rows),
            self.tr("causes.note", year=self.years[1]),
        )

    def _cause_label(self, cause: str) -> str:
        if cause != "grant":
            return self.tr(f"causes.{cause}")
        before, after = self.sums
        if before.grant and not after.grant:
            return self.tr("causes.grant_ends")
        if before.grant == after.grant:
            return self.tr("causes.grant_same" if before.grant else "causes.grant_none")
        return self.tr("causes.grant_falls" if after.grant < before.grant else "causes.grant_rises")

    # --- choices ------------------------------------------------------------------------------------

    def choices(self) -> Table:
        found = self.open
        heads = {
            "next": self.tr("choices.next", year=found.first),
            "total": self.tr("choices.total", first=found.first, last=found.last),
            "exposure": self.tr("choices.exit", year=found.first),
            "exposure_total": self.tr("choices.exit_total"),
        }
        if found.first == found.last:
            del heads["total"]
        if not any(c.exposure_total for c in found.rows):
            del heads["exposure"], heads["exposure_total"]
        rows = tuple(self._choice(c, tuple(heads)) for c in found.rows)
        return Table(
            "choices",
            self.tr("choices.title"),
            self.tr("choices.head"),
            tuple(heads.values()),
            rows,
            self._choices_note(),
        )

    def _choice(self, choice: Choice, shown: tuple[str, ...]) -> Row:
        label = self.tr(f"choices.{choice.code}")
        if choice.as_planned and choice.code != "planned":
            label = self.tr("choices.as_planned", choice=label)
        amounts = {
            "next": choice.net_next,
            "total": choice.net_total,
            "exposure": choice.exposure_next,
            "exposure_total": choice.exposure_total,
        }
        key = f"choices.{choice.code}"
        figures = tuple(
            None
            if name.startswith("exposure") and choice.code != "stop"
            else Figure(f"{key}.{name}", label, whole(amounts[name]), "EUR", amounts[name])
            for name in shown
        )
        return Row(key, label, figures, "total" if choice.as_planned else "line")

    def _choices_note(self) -> str:
        found = self.open
        if not found.rows:
            last = max(self.plan.exercices[-1], self.years[1])
            return self.tr("choices.none", last=date_long(date(last, 12, 31), self.lang))
        stop = found.rows[-1]
        posts = listing(found.posts, self.lang)
        parts = [plural("brief.choices.posts", len(found.posts), self.lang, posts=posts)]
        if stop.exposure_days:
            parts.append(self.tr("choices.exposed", days=stop.exposure_days))
        elif self.plan.dossier.authority.self_insured:
            parts.append(self.tr("choices.unexposed"))
        else:
            parts.append(self.tr("choices.insured"))
        if stop.leave:
            parts.append(self.tr("choices.leave", leave=money0(stop.leave, self.lang)))
        else:
            parts.append(self.tr("choices.no_leave"))
        return " ".join(parts)

    # --- conventions --------------------------------------------------------------------------------

    def _typed(self) -> set[tuple[str, str]]:
        """Return the post and code of conventions whose payments the dossier states, fully or not."""
        return {(p.code, c.code) for p in self.plan.dossier.posts for c in p.conventions if c.instalments}

    _BALANCE = ("agreed", "earned", "called", "titled", "received", "left_to_receive", "exposed")

    def balance(self) -> Table:
        frame = convention_balance(self.plan)
        typed = self._typed()
        rows: list[Row] = []
        settled: list[str] = []
        untyped: list[str] = []
        for code in dict.fromkeys(frame["code"]):
            mine = frame[frame["code"] == code]
            sums = {
                name: round(float(mine[name].sum()), 2) for name in self._BALANCE if name != "left_to_receive"
            }
            left = (mine["projected"] - mine["received"]).clip(lower=0)
            sums["left_to_receive"] = round(float(left.sum()), 2)
            known = all((post, code) in typed for post in mine["post"])
            over = max(mine["end"]) < self.plan.report_date
            if known and over and not sums["left_to_receive"] and not sums["exposed"]:
                settled.append(str(code))
                continue
            label = self.tr(
                "balance.row",
                code=code,
                posts=listing(dict.fromkeys(str(p) for p in mine["post"]), self.lang),
                end=date_short(max(mine["end"]), self.lang),
            )
            if not known:
                untyped.append(str(code))
            figures = tuple(
                Figure(f"balance.{code}.{name}", label, whole(sums[name]), "EUR", sums[name])
                if known or name in ("agreed", "earned")
                else None
                for name in self._BALANCE
            )
            rows.append(Row(f"balance.{code}", label, figures))
        columns = tuple(self.tr(f"balance.{name}") for name in self._BALANCE)
        notes = []
        if not len(frame):
            notes.append(self.tr("balance.none"))
        else:
            notes.append(self.tr("balance.at", day=date_long(self.plan.report_date, self.lang)))
        if untyped:
            notes.append(self.tr("balance.untyped", codes=listing(untyped, self.lang)))
        if settled:
            notes.append(
                plural("brief.balance.settled", len(settled), self.lang, codes=listing(settled, self.lang))
            )
        return Table(
            "balance",
            plural("brief.balance.title", len(rows), self.lang),
            self.tr("balance.head"),
            columns,
            tuple(rows),
            " ".join(notes),
        )

    # --- sensitivity --------------------------------------------------------------------------------

    def sensitivity(self) -> Table:
        rows = []
        effects = sensitivities(self.plan)
        for effect in effects:
            name: str = effect.code
            if name == "fnal":
                name = "fnal_down" if above_fnal(self.plan) else "fnal_up"
            label = self.tr(f"sensitivity.{name}")
            pair = (("per_post", effect.per_post), ("total", effect.total))
            figures = tuple(
                Figure(f"sensitivity.{effect.code}.{what}", label, whole(v), "EUR", round(v, 2), signed=True)
                for what, v in pair
            )
            rows.append(Row(f"sensitivity.{effect.code}", label, figures))
        posts = effects[0].posts
        note = plural("brief.sensitivity.note", posts, self.lang, year=str(self.years[1]))
        if posts and under_minimum_wage(self.plan):
            note += " " + self.tr("sensitivity.under_minimum")
        return Table(
            "sensitivity",
            self.tr("sensitivity.title", year=self.years[1]),
            self.tr("sensitivity.head"),
            (self.tr("sensitivity.per_post"), self.tr("sensitivity.total")),
            tuple(rows) if posts else (),
            note,
        )

    # --- page 2: years and posts --------------------------------------------------------------------

    def _shown_years(self) -> list[int]:
        every = self.plan.exercices
        if len(every) <= _MOST_YEARS:
            return every
        start = min(max(every.index(self.years[0]) - _MOST_YEARS // 2, 0), len(every) - _MOST_YEARS)
        return every[start : start + _MOST_YEARS]

    def grant_years(self) -> Table:
        years = self._shown_years()
        sums = self.plan.by("exercice")
        matrix = earned_matrix(self.plan)
        population = self.plan.dossier.authority.population
        wholes = {y: _whole_year(Year(y, population=population, **_measures(sums, y))) for y in years}
        shares = {y: self._grant_shares(matrix, y, wholes[y].grant) for y in years}
        rows = []
        for label in matrix.index:
            if not any(matrix.loc[label, y] for y in years):
                continue
            code, _, rank = str(label).rpartition("-")
            words = self.tr("grant_years.row", code=code, rank=rank)
            figures = tuple(
                Figure(f"grant_years.{label}.{y}", words, shares[y][label], "EUR", _amount(matrix, label, y))
                if matrix.loc[label, y]
                else None
                for y in years
            )
            rows.append(Row(f"grant_years.{label}", words, figures))
        kinds: dict[str, RowKind] = {"grant": "total", "cost": "line", "net_cost": "result"}
        if any(w.other_funding for w in wholes.values()):
            kinds = {"grant": "total", "other_funding": "line", "cost": "line", "net_cost": "result"}
        for name, kind in kinds.items():
            words = self.tr(f"grant_years.{name}")
            figures = tuple(
                Figure(
                    f"grant_years.{name}.{y}",
                    words,
                    getattr(wholes[y], name),
                    "EUR",
                    _amount(sums, y, name),
                )
                for y in years
            )
            rows.append(Row(f"grant_years.{name}", words, figures, kind))
        note = self.tr("grant_years.note")
        if len(years) < len(self.plan.exercices):
            note += " " + self.tr(
                "grant_years.cut", first=self.plan.exercices[0], last=self.plan.exercices[-1]
            )
        columns = tuple(str(y) for y in years)
        return Table(
            "grant_years",
            self.tr("grant_years.title"),
            self.tr("grant_years.head"),
            columns,
            tuple(rows),
            note,
        )

    @staticmethod
    def _grant_shares(matrix: Any, year: int, total: int) -> dict[str, int]:
        labels = [str(label) for label in matrix.index if matrix.loc[label, year]]
        parts = shared_out([_amount(matrix, label, year) for label in labels], total) if labels else []
        return dict(zip(labels, parts, strict=True))

    def post_list(self) -> Table:
        wide = self.plan
        pay = {}
        if self.years[1] in wide.exercices:
            by = wide.by("post", "exercice")
            pay = {
                p: _amount(by, (p, self.years[1]), "pay")
                for p in wide.posts
                if (p, self.years[1]) in by.index
            }
        rows = []
        ends: dict[str, date] = {}
        for f in financings(self.plan):
            if f.stops > f.start:
                ends[f.post] = max(ends.get(f.post, f.last_day), f.last_day)
        for post in self.plan.dossier.posts:
            key = f"posts.{post.code}"
            label = post.code if self.anonymous or not post.label else f"{post.code}, {post.label}"
            contract = self._contract(post)
            cells: list[Figure | None] = [
                Figure(f"{key}.contract", label, contract, "text"),
                Figure(f"{key}.grant", label, ends[post.code], "date") if post.code in ends else None,
            ]
            amount = pay.get(post.code, 0.0)
            if self.anonymous:
                low = int(amount // BAND * BAND)
                band = self.tr("posts.band", low=number(low, self.lang), high=money0(low + BAND, self.lang))
                shown = Figure(f"{key}.pay", label, band if amount else money0(0, self.lang), "text")
            else:
                shown = Figure(f"{key}.pay", label, whole(amount), "EUR", amount)
            cells.append(shown)
            rows.append(Row(key, label, tuple(cells)))
        columns = (
            self.tr("posts.contract"),
            self.tr("posts.grant"),
            self.tr("posts.pay", year=self.years[1]),
        )
        note = self.tr("posts.note", band=money0(BAND, self.lang)) if self.anonymous else ""
        return Table("post_list", self.tr("posts.title"), self.tr("posts.head"), columns, tuple(rows), note)

    def _contract(self, post: schema.Post) -> str:
        day = self.plan.report_date
        now = next((c for c in post.contracts if c.start <= day and (c.end is None or c.end >= day)), None)
        if now is None:
            ahead = [c.start for c in post.contracts if c.start > day]
            if ahead:
                return self.tr("posts.vacant_until", start=date_long(min(ahead), self.lang))
            return self.tr("posts.vacant")
        kind = "titulaire" if now.status == "titulaire" else now.nature
        words = self.tr(f"posts.kind.{kind}")
        if now.end is None:
            return self.tr("posts.open", kind=words)
        return self.tr("posts.until", kind=words, end=date_long(now.end, self.lang))

    # --- what is not known --------------------------------------------------------------------------

    def unknown(self) -> Iterator[Statement]:
        """Yield what must be confirmed, the greatest weight first; what an act states is left out."""
        dossier = self.plan.dossier
        start = date(self.years[1], 1, 1)
        yield self._grant_statement()
        rates = [r for r in sorted(dossier.rates, key=lambda r: r.start) if r.start <= start]
        if rates and not rates[-1].source.startswith("acte"):
            words = [
                f"{tr(f'analysis.rate.{name}', self.lang)} {percent(getattr(rates[-1], name), 2, self.lang)}"
                for name in ("at_mp", "cdg", "versement_mobilite", "chomage")
                if name in ("at_mp", "cdg") or getattr(rates[-1], name)
            ]
            yield self._statement("rates", rates[-1].source, rates=", ".join(words))
        if not dossier.authority.headcount_source.startswith("acte"):
            rate = "fnal_50_et_plus" if above_fnal(self.plan) else "fnal_moins_50"
            yield self._statement(
                "headcount",
                dossier.authority.headcount_source,
                count=number(dossier.authority.headcount, self.lang),
                rate=percent(self.plan.law.value(rate, start), 2, self.lang),
            )
        yield from self._law_statement(start)
        yield from self._record_statements()

    def _statement(self, key: str, source: str, **values: object) -> Statement:
        """Return a statement; its words are left to the caller where no value is given."""
        origin = source.partition(":")[0].strip()
        kind = {"hypothèse": "hypothesis", "défaut": "default"}.get(origin, "act")
        return Statement(
            key,
            self.tr(f"unknown.{key}.subject"),
            self.tr(f"unknown.{key}.words", **values) if values else "",
            self.tr(f"unknown.origin.{kind}"),
        )

    def _grant_statement(self) -> Statement:
        end = self._grant_end()
        subject = self.tr("unknown.grant.subject")
        if end is None:
            words, origin = self.tr("unknown.grant.none"), self.tr("unknown.origin.dossier")
        else:
            words = self.tr("unknown.grant.words", start=date_long(end + _DAY, self.lang))
            origin = self.tr("unknown.origin.senate")
        return Statement("grant", subject, words, origin)

    def _law_statement(self, start: date) -> Iterator[Statement]:
        law = self.plan.law
        used = {u.parameter for u in self.used}
        values = {
            "smic": money(law.value("smic_mensuel", start), self.lang),
            "point": number(law.value("point_indice_annuel", start), self.lang, 4),
            "minimum": number(law.value("im_minimum", start), self.lang),
        }
        tables = [law.table(p) for p in ("smic_mensuel", "point_indice_annuel", "im_minimum")]
        own = any(t.at(start).origin != "law" for t in tables)
        if used or own:
            checked = min(t.checked_until for t in tables)
            origin = self.tr(
                "unknown.origin.own_law" if own else "unknown.origin.law", day=date_long(checked, self.lang)
            )
            yield Statement(
                "law", self.tr("unknown.law.subject"), self.tr("unknown.law.words", **values), origin
            )

    def _record_statements(self) -> Iterator[Statement]:
        """Yield kinds of records that no act states, by what they are about."""
        dossier = self.plan.dossier
        kinds: dict[str, list[tuple[str, str]]] = {}
        for post in dossier.posts:
            for contract in post.contracts:
                if contract.end is None or contract.end >= self.plan.report_date:
                    kinds.setdefault("terms", []).extend((post.code, t.source) for t in contract.terms)
                    kinds.setdefault("contracts", []).append((post.code, contract.source))
            for convention in post.conventions:
                kinds.setdefault("conventions", []).append((post.code, convention.source))
                kinds.setdefault("instalments", []).extend(
                    (post.code, i.source) for i in convention.instalments
                )
        kinds["costs"] = [(i.label, i.source) for i in dossier.costs]
        kinds["funding"] = [(i.label, i.source) for i in dossier.funding]
        for kind in ("terms", "contracts", "conventions", "instalments", "costs", "funding"):
            doubtful = [(name, s) for name, s in kinds.get(kind, []) if not s.startswith("acte")]
            if not doubtful:
                continue
            names = list(dict.fromkeys(name for name, _ in doubtful))
            source = "défaut" if all(s.startswith("défaut") for _, s in doubtful) else schema.HYPOTHESIS
            subject = f"unknown.{kind}.{'one' if len(doubtful) == 1 else 'words'}"
            words = self.tr(subject, posts=listing(names, self.lang), count=len(doubtful))
            yield replace(self._statement(kind, source), words=words)

    # --- page 2: hypotheses, risks, sources ---------------------------------------------------------

    def hypotheses(self) -> list[str]:
        return notices(self._discreet() if self.anonymous else self.plan, self.lang)

    def _discreet(self) -> Projection:
        """Return the plan without the officer's words about contracts and pay, nor what reveals a grade."""

        def bare(source: str) -> str:
            return source.partition(":")[0].strip()

        def discreet(post: schema.Post) -> schema.Post:
            contracts = tuple(
                c.model_copy(
                    update={
                        "source": bare(c.source),
                        "terms": tuple(t.model_copy(update={"source": bare(t.source)}) for t in c.terms),
                    }
                )
                for c in post.contracts
            )
            return post.model_copy(update={"contracts": contracts})

        dossier = self.plan.dossier
        posts = tuple(discreet(p) for p in dossier.posts)
        law = self.plan.base_law
        label = {"fr": tr("brief.grids", "fr"), "en": tr("brief.grids", "en")}
        tables = {
            name: replace(
                table,
                label=label,
                entries=tuple(replace(e, certainty="sourced", planned=False) for e in table.entries),
            )
            if name.startswith("grille_")
            else table
            for name, table in law.tables.items()
        }
        hidden: Mapping[str, Any] = {"posts": posts}
        return Projection(
            dossier.model_copy(update=dict(hidden)), replace(law, tables=tables), self.plan.report_date
        )

    def risks(self) -> Iterator[str]:
        for d in self.calendar:
            if d.status == "missed" and d.kind in ("notice", "notice_other"):
                yield self.tr(
                    "risk.notice",
                    post=d.post,
                    day=date_long(d.date, self.lang),
                    end=date_long(dict(d.values)["end"], self.lang),  # type: ignore[arg-type]
                )
        for d in self.calendar:
            if d.kind == "project_limit_exceeded" or (d.kind == "post_lost" and d.status == "coming"):
                yield self.tr(
                    "risk.dated", post=d.post, day=date_long(d.date, self.lang), words=d.label(self.lang)
                )
        balance = convention_balance(self.plan)
        exposed = float(balance["exposed"].sum()) if len(balance) else 0.0
        if exposed:
            yield self.tr("risk.exposed", amount=money0(exposed, self.lang))
        yield from self._accrual()
        stop = next((c for c in self.open.rows if c.code == "stop"), None)
        if stop is not None and stop.exposure_total:
            yield self.tr("risk.are", amount=money0(stop.exposure_total, self.lang))
        for control in controls(self.plan):
            if not control.ok:
                yield self.tr(
                    "risk.control", label=control.label(self.lang), detail=control.detail(self.lang)
                )

    def _accrual(self) -> Iterator[str]:
        ends = year_end(self.plan)
        typed = self._typed()
        mine = ends[ends["exercice"] == self.years[0]]
        keys = zip(mine["post"], mine["code"], mine["to_accrue"], strict=True)
        accrue = round(sum(float(amount) for post, code, amount in keys if (post, code) in typed), 2)
        if accrue:
            yield self.tr("risk.accrue", year=self.years[0], amount=money0(accrue, self.lang))

    def sources(self) -> Iterator[str]:
        acts = dict.fromkeys(_acts(self.plan.dossier))
        for act in acts:
            yield self.tr("source.act", words=act)
        reads = {u.parameter: u for u in self.used}
        for parameter in _CITED:
            if parameter in reads:
                table = reads[parameter].table
                entry = reads[parameter].entries[-1]
                if entry.origin != "law":
                    continue
                yield self.tr("source.law", label=table.label[self.lang], reference=entry.reference)
        if self._grant_end() is not None:
            yield self.tr("source.senate")


def _amount(frame: Any, row: Any, column: Any) -> float:
    return float(frame.loc[row, column])


def _measures(sums: Any, year: int) -> dict[str, float]:
    return {str(name): float(amount) for name, amount in sums.loc[year].items()}


def _acts(dossier: schema.Dossier) -> Iterator[str]:
    """Yield what acts the dossier names, without the remark in brackets or after a semicolon."""
    sources: Iterable[str] = [
        dossier.authority.source,
        *(r.source for r in dossier.rates),
        *(p.source for p in dossier.posts),
        *(c.source for p in dossier.posts for c in p.conventions),
        *(i.source for i in (*dossier.costs, *dossier.funding)),
    ]
    for source in sources:
        origin, _, words = source.partition(":")
        if origin.strip() == "acte" and words.strip():
            yield words.split("(")[0].split(";")[0].split(" pour ")[0].strip()
