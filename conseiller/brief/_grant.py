"""The facts about the grant and the posts: balance of the conventions, year by year, post by post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from conseiller.analysis.clocks import earned_matrix
from conseiller.analysis.financing import financings
from conseiller.analysis.outlook import Year
from conseiller.analysis.wording import plural
from conseiller.brief._reading import Reading
from conseiller.brief.facts import Figure, Row, RowKind, Table
from conseiller.dossier import schema
from conseiller.text import date_long, date_short, listing, money0, number, whole

#: Width of a band of yearly pay, where individual pay is not shown [euros].
_BAND = 500
#: Exercices that a table has room for.
_MOST_YEARS = 8


@dataclass(frozen=True)
class Grant(Reading):
    """The parts about the grant and the posts."""

    # --- conventions --------------------------------------------------------------------------------

    _BALANCE = ("agreed", "earned", "called", "titled", "received", "left_to_receive", "exposed")

    def balance(self) -> Table:
        frame = self.conventions
        typed = self.typed
        rows: list[Row] = []
        settled: list[str] = []
        untyped: list[str] = []
        last = {(f.post, f.code): f.earns_until for f in financings(self.plan)}
        stated = [(post, code) in typed for post, code in zip(frame["post"], frame["code"], strict=True)]
        # Payments of one post say nothing of those of another under the same convention.
        for (code, flag), mine in frame.assign(known=stated).groupby(["code", "known"], sort=False):
            known = bool(flag)
            sums = {
                name: round(float(mine[name].sum()), 2) for name in self._BALANCE if name != "left_to_receive"
            }
            left = (mine["projected"] - mine["received"]).clip(lower=0)
            sums["left_to_receive"] = round(float(left.sum()), 2)
            over = max(mine["end"]) < self.plan.report_date
            if known and over and not sums["left_to_receive"] and not sums["exposed"]:
                settled.append(str(code))
                continue
            key = f"balance.{code}"
            if any(row.key == key for row in rows):
                key += ".other"
            label = self.tr(
                "brief.balance.row",
                code=code,
                posts=self.named(str(p) for p in mine["post"]),
                end=date_short(max(last[str(post), str(code)] for post in mine["post"]), self.lang),
            )
            if not known:
                untyped.append(str(code))
            figures = tuple(
                Figure(f"{key}.{name}", label, whole(sums[name]), "EUR", sums[name])
                if known or name in ("agreed", "earned")
                else None
                for name in self._BALANCE
            )
            rows.append(Row(key, label, figures))
        columns = tuple(self.tr(f"brief.balance.{name}") for name in self._BALANCE)
        notes = []
        if not len(frame):
            notes.append(self.tr("brief.balance.none"))
        else:
            notes.append(self.tr("brief.balance.at", day=date_long(self.plan.report_date, self.lang)))
        if untyped:
            notes.append(self.tr("brief.balance.untyped", codes=listing(untyped, self.lang)))
        if settled:
            notes.append(
                plural("brief.balance.settled", len(settled), self.lang, codes=listing(settled, self.lang))
            )
        return Table(
            "balance",
            plural("brief.balance.title", len(rows), self.lang),
            self.tr("brief.balance.head"),
            columns,
            tuple(rows),
            " ".join(notes),
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
        wholes = {y: self.whole_of(Year(y, population=population, **_measures(sums, y))) for y in years}
        rows = []
        for label in matrix.index:
            if not any(matrix.loc[label, y] for y in years):
                continue
            code, _, rank = str(label).rpartition("-")
            words = self.tr("brief.grant_years.row", code=code, rank=rank)
            figures = tuple(
                Figure(
                    f"grant_years.{label}.{y}",
                    words,
                    self.earned[str(label)][y],
                    "EUR",
                    _amount(matrix, label, y),
                )
                if matrix.loc[label, y]
                else None
                for y in years
            )
            rows.append(Row(f"grant_years.{label}", words, figures))
        kinds: dict[str, RowKind] = {"grant": "total", "cost": "line", "net_cost": "result"}
        if any(w.other_funding for w in wholes.values()):
            kinds = {"grant": "total", "other_funding": "line", "cost": "line", "net_cost": "result"}
        for name, kind in kinds.items():
            words = self.tr(f"brief.grant_years.{name}")
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
        note = self.tr("brief.grant_years.note")
        if len(years) < len(self.plan.exercices):
            note += " " + self.tr(
                "brief.grant_years.cut", first=self.plan.exercices[0], last=self.plan.exercices[-1]
            )
        columns = tuple(str(y) for y in years)
        return Table(
            "grant_years",
            self.tr("brief.grant_years.title"),
            self.tr("brief.grant_years.head"),
            columns,
            tuple(rows),
            note,
        )

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
                ends[f.post] = max(ends.get(f.post, f.earns_until), f.earns_until)
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
                low = int(amount // _BAND * _BAND)
                band = self.tr(
                    "brief.posts.band", low=number(low, self.lang), high=money0(low + _BAND, self.lang)
                )
                shown = Figure(f"{key}.pay", label, band if amount else money0(0, self.lang), "text")
            else:
                shown = Figure(f"{key}.pay", label, whole(amount), "EUR", amount)
            cells.append(shown)
            rows.append(Row(key, label, tuple(cells)))
        columns = (
            self.tr("brief.posts.contract"),
            self.tr("brief.posts.grant"),
            self.tr("brief.posts.pay", year=self.years[1]),
        )
        note = self.tr("brief.posts.note", band=money0(_BAND, self.lang)) if self.anonymous else ""
        return Table(
            "post_list", self.tr("brief.posts.title"), self.tr("brief.posts.head"), columns, tuple(rows), note
        )

    def _contract(self, post: schema.Post) -> str:
        day = self.plan.report_date
        now = next((c for c in post.contracts if c.start <= day and (c.end is None or c.end >= day)), None)
        if now is None:
            ahead = [c.start for c in post.contracts if c.start > day]
            if ahead:
                return self.tr("brief.posts.vacant_until", start=date_long(min(ahead), self.lang))
            return self.tr("brief.posts.vacant")
        kind = "titulaire" if now.status == "titulaire" else now.nature
        words = self.tr(f"brief.posts.kind.{kind}")
        if now.end is None:
            return self.tr("brief.posts.open", kind=words)
        return self.tr("brief.posts.until", kind=words, end=date_long(now.end, self.lang))


def _amount(frame: Any, row: Any, column: Any) -> float:
    return float(frame.loc[row, column])


def _measures(sums: Any, year: int) -> dict[str, float]:
    return {str(name): float(amount) for name, amount in sums.loc[year].items()}
