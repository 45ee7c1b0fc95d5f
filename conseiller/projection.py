"""The projection of a case: one tidy table, and every view of it.

Default of every view: spending engaged, grant and funding earned. Clocks never
mix; sections never mix.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from conseiller.compiled.measures import by_exercice
from conseiller.dossier import schema
from conseiller.engine import (
    Array,
    GrantYear,
    Inputs,
    Model,
    compile_case,
    grant_years,
    horizon,
)
from conseiller.law import Law, Line, load_law
from conseiller.readable import Readable
from conseiller.rules.algebra import cents, months_of
from conseiller.rules.totals import LEAVER_LINES, PAY_LINES

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.analysis.tracking import Tracking
    from conseiller.explain import Explanation

#: Grant year of what falls in no grant year.
OUTSIDE = ""
Key = Literal["exercice", "grant_year", "month", "post", "line", "account", "section", "chapter"]

#: Columns of the tidy table.
TIDY = (
    "post",
    "month",
    "exercice",
    "grant_year",
    "line",
    "side",
    "section",
    "clock",
    "account",
    "basis",
    "amount",
)
_MEASURES = ("pay", "other_costs", "cost", "grant", "other_funding", "net_cost")


@dataclass(frozen=True)
class PlanLine:
    """A line of this plan: a catalogue line, or one item of other costs or funding."""

    code: str
    label: str
    side: Literal["cost", "funding"]
    section: str
    group: str
    account: str


@dataclass(frozen=True)
class _Piece:
    """Amounts of one line over (posts, rows), with the grant year of each cell."""

    line: str
    rows: Literal["month", "extra"]
    segment: Any
    amount: Array


def _texts(words: list[str]) -> Array:
    return np.array(words, dtype=object)


class Projection(Readable):
    """A dossier projected month by month. Build one with `conseiller.project`.

    Parameters
    ----------
    dossier : Dossier
        A checked case.
    law : Law, optional
        Legal tables; those of the package by default. The dossier's assumptions are laid over them.
    today : date, optional
        Date of the report where the dossier states none.
    """

    def __init__(self, dossier: schema.Dossier, law: Law | None = None, today: date | None = None) -> None:
        self.dossier = dossier
        self.base_law = law or load_law()
        self.law = self.base_law.with_assumptions(dossier.assumptions)
        self.report_date = dossier.period.report_date or today or date.today()
        self._least = (0, 0)
        self._views: dict[tuple[tuple[Key, ...], str | None], pd.DataFrame] = {}

    def __repr__(self) -> str:
        from conseiller.display import projection_line

        return projection_line(self)

    @cached_property
    def inputs(self) -> Inputs:
        """The case as arrays."""
        return compile_case(self.dossier, self.law, self._least)

    def with_room(self, contracts: int, terms: int) -> Projection:
        """Return the same projection, with room for that many contracts and pay terms of a post at least."""
        roomy = Projection(self.dossier, self.base_law, self.report_date)
        roomy._least = (contracts, terms)
        return roomy

    @cached_property
    def model(self) -> Model:
        """The rules over posts × months, computed on demand."""
        return Model(self.inputs)

    @cached_property
    def grant_years(self) -> list[list[GrantYear]]:
        """By post, the grant year of each row of the grant table."""
        return grant_years(self.dossier)

    @property
    def months(self) -> list[date]:
        """First days of the months shown."""
        first = self.dossier.period.first
        return [date(first + m // 12, m % 12 + 1, 1) for m in range(len(horizon(self.dossier)))]

    @property
    def exercices(self) -> list[int]:
        """Exercices shown."""
        return list(range(self.dossier.period.first, self.dossier.period.last + 1))

    @property
    def posts(self) -> list[str]:
        """Codes of the posts, in the order of the dossier."""
        return [p.code for p in self.dossier.posts]

    # --- lines -------------------------------------------------------------------------------------

    def account_of(self, line: Line, status: schema.Status) -> str:
        """Return the account of a catalogue line: the authority's own, or its chart's."""
        own = self.dossier.accounts.get(line.code)
        if own is not None:
            return own.titulaire if status == "titulaire" else own.contractuel
        return line.accounts[self.dossier.authority.chart][status == "titulaire"]

    def lines(self, lang: Literal["fr", "en"] = "fr") -> list[PlanLine]:
        """Return the lines of this plan in reading order (accounts: those of contractuels)."""
        out = []
        for line in self.law.lines.values():
            items = {"autres_couts": self.dossier.costs, "autres_financements": self.dossier.funding}
            if line.code in items:
                prefix = "cout" if line.side == "cost" else "financement"
                out += [
                    PlanLine(f"{prefix}_{i}", item.label, line.side, item.section, line.group, item.account)
                    for i, item in enumerate(items[line.code], start=1)
                ]
            else:
                account = self.account_of(line, "contractuel")
                out.append(
                    PlanLine(line.code, line.label[lang], line.side, line.section, line.group, account)
                )
        return out

    # --- the tidy table ------------------------------------------------------------------------------

    @cached_property
    def table(self) -> pd.DataFrame:
        """The tidy table: one row per post, month, grant year and line, amounts in euros."""
        import pandas as pd

        frames = [self._monthly(), self._instalments()]
        table = pd.concat([f for f in frames if len(f)] or frames[-1:], ignore_index=True)
        order = {line.code: rank for rank, line in enumerate(self.lines())}
        posts = {post: rank for rank, post in enumerate(self.posts)}
        table = table.assign(_p=table["post"].map(posts), _l=table["line"].map(order))
        table = table.sort_values(["_p", "month", "_l", "clock", "grant_year"], kind="stable")
        return table[list(TIDY)].reset_index(drop=True)

    def _pieces(self) -> Iterator[_Piece]:
        for rows in ("month", "extra"):
            frame = self.model.month if rows == "month" else self.model.extra
            stay = frame["thirtieths"]
            funded = (frame["occupied_1"], frame["occupied_2"])
            for line in PAY_LINES:
                yield from self._split(line, rows, frame.full(line), funded, stay)
            for n in (1, 2):
                segment = np.broadcast_to(frame[f"segment_{n}"], frame.full("thirtieths").shape)
                yield _Piece("subvention_etat", rows, segment, frame.full(f"earned_{n}"))
        month = self.model.month
        inside = (month["calendar_1"], month["calendar_2"])
        others = {line: line for line in (*LEAVER_LINES, "fctva")}
        others |= {f"cout_{k + 1}": f"cost_part#{k}" for k in range(len(self.dossier.costs))}
        others |= {f"financement_{k + 1}": f"funding_part#{k}" for k in range(len(self.dossier.funding))}
        for line, column in others.items():
            yield from self._split(line, "month", month.full(column), inside, 30.0)

    def _split(
        self,
        line: str,
        rows: Literal["month", "extra"],
        amount: Array,
        inside: tuple[Any, Any],
        whole: Any,
    ) -> Iterator[_Piece]:
        """Split amounts cumulatively between the month's grant years and what falls in none."""
        frame = self.model.month if rows == "month" else self.model.extra
        whole = np.maximum(whole, 1.0)
        first = cents(amount * inside[0] / whole)
        both = cents(amount * (inside[0] + inside[1]) / whole)
        segments = [np.broadcast_to(frame[f"segment_{n}"], amount.shape) for n in (1, 2)]
        yield _Piece(line, rows, segments[0], first)
        yield _Piece(line, rows, segments[1], cents(both - first))
        yield _Piece(line, rows, np.zeros(amount.shape), cents(amount - both))

    def _monthly(self) -> pd.DataFrame:
        """Return the rows of every line reckoned by month, made column by column: a frame a line is slow."""
        import pandas as pd

        pieces = list(self._pieces())
        found = [self._cells_of(piece) for piece in pieces]
        post, months, segment, titulaire, amount = (np.concatenate(c) for c in zip(*found, strict=True))
        piece = np.repeat(np.arange(len(pieces)), [len(cells[0]) for cells in found])
        kinds = [self._line_accounts(p.line) for p in pieces]
        accounts = _texts([a for _, pair in kinds for a in pair])
        names = [[OUTSIDE, *(g.label for g in years)] for years in self.grant_years]
        first_name = np.cumsum([0, *(len(n) for n in names)])[:-1]
        return pd.DataFrame(
            {
                "post": _texts(self.posts)[post],
                "month": months.astype("datetime64[M]").astype("datetime64[s]"),
                "exercice": months // 12 + 1970,
                "grant_year": _texts([label for years in names for label in years])[
                    first_name[post] + segment
                ],
                "line": _texts([p.line for p in pieces])[piece],
                "side": _texts([line.side for line, _ in kinds])[piece],
                "section": _texts([line.section for line, _ in kinds])[piece],
                "clock": _texts(["engaged" if line.side == "cost" else "earned" for line, _ in kinds])[piece],
                "account": accounts[2 * piece + titulaire],
                "basis": "plan",
                "amount": amount,
            }
        )

    def _cells_of(self, piece: _Piece) -> tuple[Any, Any, Any, Any, Any]:
        """Return the cells of a piece that hold an amount: post, month since 1970, grant year, titulaire, euros."""
        frame = self.model.month if piece.rows == "month" else self.model.extra
        post, row = np.nonzero(piece.amount)
        month, titulaire = (
            np.broadcast_to(frame[c], piece.amount.shape)[post, row] for c in ("month", "is_titulaire")
        )
        segment = piece.segment[post, row].astype(int)
        return post, months_of(month), segment, (titulaire > 0).astype(int), piece.amount[post, row]

    def _line_accounts(self, code: str) -> tuple[PlanLine | Line, tuple[str, str]]:
        if code in self.law.lines:
            line = self.law.lines[code]
            return line, (self.account_of(line, "contractuel"), self.account_of(line, "titulaire"))
        plan_line = next(pl for pl in self.lines() if pl.code == code)
        return plan_line, (plan_line.account, plan_line.account)

    def _instalments(self) -> pd.DataFrame:
        import pandas as pd

        grant = self.law.lines["subvention_etat"]
        account = self.account_of(grant, "contractuel")
        rows = [
            (post.code, day, convention.code, clock, instalment.amount)
            for post in self.dossier.posts
            for convention in post.conventions
            for instalment in convention.instalments
            for clock in ("called", "titled", "received")
            if (day := getattr(instalment, clock)) is not None
        ]
        days = pd.to_datetime([r[1] for r in rows])
        return pd.DataFrame(
            {
                "post": [r[0] for r in rows],
                "month": days.to_period("M").to_timestamp().astype("datetime64[s]"),
                "exercice": [r[1].year for r in rows],
                "grant_year": [r[2] for r in rows],
                "line": grant.code,
                "side": "funding",
                "section": grant.section,
                "clock": [r[3] for r in rows],
                "account": account,
                "basis": "plan",
                "amount": [r[4] for r in rows],
            },
            columns=list(TIDY),
        )

    # --- views ---------------------------------------------------------------------------------------

    def by(
        self, *keys: Key, section: Literal["fonctionnement", "investissement"] | None = "fonctionnement"
    ) -> pd.DataFrame:
        """Sum the plan by one or more keys.

        Parameters
        ----------
        *keys : {"exercice", "grant_year", "month", "post", "line", "account", "section", "chapter"}
        section : str or None
            Section of the budget (sections are never mixed unless None is asked for).

        Returns
        -------
        pandas.DataFrame
            Indexed by the keys; euros, exact to the cent: pay, other_costs, cost (their sum),
            grant (earned), other_funding, net_cost (reste à charge).
        """
        import pandas as pd

        if keys == ("exercice",) and "table" not in self.__dict__:
            # A reader who only wants this need not wait for the whole table.
            cents = _with_totals(by_exercice(self.inputs, section))
            euros = {measure: cents[measure] / 100 for measure in _MEASURES}
            return pd.DataFrame(euros, index=pd.Index(self.exercices, name="exercice"))
        asked = (keys, section)
        if asked not in self._views:
            self._views[asked] = self._summed(keys, section)
        return self._views[asked].copy()

    def _summed(self, keys: tuple[Key, ...], section: str | None) -> pd.DataFrame:
        import pandas as pd

        table = self._measured
        if section is not None:
            table = table[table["section"] == section]
        wide = (
            table.groupby([*keys, "measure"], sort=True)["cents"]
            .sum()
            .unstack("measure", fill_value=0)
            .reindex(columns=["pay", "other_costs", "grant", "other_funding"], fill_value=0)
        )
        if keys == ("exercice",):
            wide = wide.reindex(pd.Index(self.exercices, name="exercice"), fill_value=0)
        wide = pd.DataFrame(_with_totals(dict(wide.items())))
        return wide[list(_MEASURES)] / 100

    @cached_property
    def _measured(self) -> pd.DataFrame:
        """The rows that count (engaged, earned), with their chapter, measure and whole cents."""
        table = self.table
        table = table[table["clock"].isin(["engaged", "earned"])]
        return table.assign(
            chapter=table["account"].map(self.law.chapter),
            measure=table["line"].map(self._measures),
            cents=(table["amount"] * 100).round().astype("int64"),
        )

    @cached_property
    def _measures(self) -> dict[str, str]:
        kind = {"autres_couts": "other_costs", "subvention": "grant", "autres_financements": "other_funding"}
        return {
            line.code: kind.get(line.group, "pay" if line.side == "cost" else "other_funding")
            for line in self.lines()
        }

    def cents(self, columns: Iterable[str], first: date, last: date) -> list[int]:
        """Return by post the cents of some columns over the months between two days, without the tidy table.

        Parameters
        ----------
        columns : iterable of str
            Columns of the month rows in euros, such as ``"reste_fonctionnement"``.
        first, last : date
            Months that these days fall in count whole.
        """
        low, high = (day.year * 12 + day.month - 1 for day in (first, last))
        total = np.zeros(len(self.posts), dtype=np.int64)
        for frame in self.model.frames:
            months = months_of(frame.full("month")) + 1970 * 12
            inside = (months >= low) & (months <= high)
            for column in columns:
                total += np.where(inside, np.rint(frame.full(column) * 100), 0).astype(np.int64).sum(axis=1)
        return [int(c) for c in total]

    def clocks(self, *keys: Literal["exercice", "month", "post"]) -> pd.DataFrame:
        """Sum the State grant by clock: earned, called, titled, received (euros)."""
        table = self.table[self.table["line"] == "subvention_etat"]
        euro_cents = (table["amount"] * 100).round().astype("int64")
        wide = (
            table.assign(cents=euro_cents)
            .groupby([*keys, "clock"])["cents"]
            .sum()
            .unstack("clock", fill_value=0)
            .reindex(columns=["earned", "called", "titled", "received"], fill_value=0)
        )
        wide.columns.name = None
        return wide / 100

    def explain(
        self, post: str | None, period: str, line: str, lang: Literal["fr", "en"] = "fr"
    ) -> Explanation:
        """Explain a figure down to the dossier and the law; see `conseiller.explain.explain`."""
        from conseiller.explain import explain

        return explain(self, post, period, line, lang)

    def to_excel(
        self,
        path: str | Path,
        lang: Literal["fr", "en"] = "fr",
        *,
        ledger: pd.DataFrame | str | Path | None = None,
        tracking: Tracking | None = None,
    ) -> Path:
        """Write the workbook with live formulas; the previous file stays whole if anything fails.

        Parameters
        ----------
        path : Path
        lang : {"fr", "en"}
        ledger : DataFrame or Path, optional
            The books to set beside the plan: lines that name their posts, or the dossier beside which they are
            kept. Without books there, the workbook is that of the plan alone.
        tracking : Tracking, optional
            The same, already tied to this plan.

        Raises
        ------
        InputFaults
            When books or rules of attachment cannot be read, or the books do not fit in a worksheet.
        FileInUseError
            When the target is open in an office program or read-only.
        """
        from conseiller.workbook import write_workbook

        return write_workbook(self, Path(path), lang, self._tracking(ledger, tracking, lang))

    def _tracking(
        self,
        ledger: pd.DataFrame | str | Path | None,
        tracking: Tracking | None,
        lang: Literal["fr", "en"],
    ) -> Tracking | None:
        if ledger is None:
            return tracking
        if isinstance(ledger, (str, Path)):
            from conseiller.analysis.tracking.books import books_of

            return books_of(Path(ledger), self, lang)
        from conseiller.analysis.tracking import track

        return track(self, ledger)


def _with_totals(cents: Mapping[Any, Any]) -> dict[Any, Any]:
    """Add cost and reste à charge to the other measures."""
    cost = cents["pay"] + cents["other_costs"]
    return {**cents, "cost": cost, "net_cost": cost - cents["grant"] - cents["other_funding"]}


def project(dossier: schema.Dossier, law: Law | None = None, today: date | None = None) -> Projection:
    """Project a dossier: months × posts × lines, computed when asked for.

    Parameters
    ----------
    dossier : Dossier
        As `conseiller.load` returns it.
    law : Law, optional
        Other legal tables than the package's.
    today : date, optional
        Date of the report where the dossier states none.
    """
    return Projection(dossier, law, today)
