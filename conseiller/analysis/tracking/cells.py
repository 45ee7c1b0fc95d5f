"""Plan and books on one grain: post × tracked line × month, in whole cents.

See ``docs/tracking.md``, part A, for signs, months and lines that go together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from conseiller.analysis.tracking.openings import Opening, openings
from conseiller.ledger.accounts import JOIN, OUTSIDE_PLAN, correspondences
from conseiller.ledger.attach import Attached
from conseiller.projection import Projection
from conseiller.rules.totals import PAY_LINES

if TYPE_CHECKING:
    import pandas as pd

Cents = NDArray[np.int64]
GRANT = "subvention_etat"
#: Reasons why an attached line is not set against the plan.
LEFT_OUT = ("order", "outside_period", "receipt")


@dataclass(frozen=True)
class Entry:
    """What the books hold of a tracked line: booked in one month, about the same or another (ranks)."""

    booked: int
    about: int | None
    cents: int
    kind: str


@dataclass(frozen=True)
class Track:
    """One tracked line of one post.

    Parameters
    ----------
    post, line : str
        `line` is one code of the plan, several joined by +, or what no plan line holds.
    codes : tuple of str
        Lines of the plan; empty when it has none.
    side : {"cost", "funding"}
    section : str
    plan : array (months,)
        Cents by month.
    entries : list of Entry
    """

    post: str
    line: str
    codes: tuple[str, ...]
    side: Literal["cost", "funding"]
    section: str
    plan: Cents
    entries: list[Entry] = field(default_factory=list)

    @property
    def is_pay(self) -> bool:
        """Whether the line is part of the pay of the post."""
        return any(c in PAY_LINES for c in self.codes)

    @property
    def is_grant(self) -> bool:
        """Whether the line is the State grant."""
        return self.codes == (GRANT,)

    @property
    def booked(self) -> Cents:
        """Cents by month of booking."""
        out = np.zeros(len(self.plan), dtype=np.int64)
        for entry in self.entries:
            out[entry.booked] += entry.cents
        return out


class Cells:
    """All tracked lines of a plan and its books.

    Parameters
    ----------
    attached : Attached
    until : int, optional
        Rank of the last month whose mandats are booked; the last month of pay by default.
    """

    def __init__(self, attached: Attached, until: int | None = None) -> None:
        self.plan: Projection = attached.plan
        self.attached = attached
        self.months = len(self.plan.months)
        self.since = self._since()
        self._until = until

    @cached_property
    def lines(self) -> Mapping[str, str]:
        """Tracked line of each line of the plan and of each text of the books."""
        return tracked_lines(self.plan, self.attached.lines["line"].unique())

    @cached_property
    def left_out(self) -> pd.DataFrame:
        """Attached lines not set against the plan, with their ``reason`` (see `LEFT_OUT`)."""
        lines = self.attached.lines
        reason = self.reasons()
        found: pd.DataFrame = lines.assign(reason=reason)[reason != ""].reset_index(drop=True)
        return found

    @cached_property
    def until(self) -> int:
        """Rank of the last month whose mandats are booked; -1 when none is.

        That of index pay where some is booked: a telephone bill of November does not say that the pay of
        November is in the books. Failing that, of any pay, then of any spending.
        """
        if self._until is not None:
            return self._until
        spending = [t for t in self.tracks if t.side == "cost"]
        pay = [t for t in spending if t.is_pay]
        for tracks in ([t for t in pay if "traitement" in t.codes], pay, spending):
            if booked := [e.booked for t in tracks for e in t.entries]:
                return max(booked)
        return -1

    @cached_property
    def closed(self) -> NDArray[np.bool_]:
        """Months of the exercices closed at the date of the report, whose pay is booked to the end.

        Nothing more can be mandated on them: the *journée complémentaire* ended on 31 January.
        """
        last_open = self.plan.report_date.year - (1 if self.plan.report_date.month == 1 else 0)
        years = self.plan.dossier.period.first + np.arange(self.months) // 12
        december = (years - self.plan.dossier.period.first) * 12 + 11
        found: NDArray[np.bool_] = self.window & (years < last_open) & (december <= self.until)
        return found

    @cached_property
    def openings(self) -> Mapping[tuple[str, str], Opening]:
        """Where each convention stood before the books, by post and code."""
        return openings(self.plan, self.plan.exercices[0] + self.since // 12)

    @property
    def window(self) -> NDArray[np.bool_]:
        """Months of the exercices that the books cover, and those after them."""
        return np.arange(self.months) >= self.since

    @cached_property
    def tracks(self) -> list[Track]:
        """Every tracked line with plan or books, by post and in reading order."""
        found: dict[tuple[str, str, str], Track] = {}
        sections = {line.code: line.section for line in self.plan.lines()}
        codes: dict[str, list[str]] = {}
        for known in self.plan.lines():
            codes.setdefault(self.lines[known.code], []).append(known.code)

        def track(post: str, line: str, side: str, section: str) -> Track:
            key = (post, line, side)
            if key not in found:
                empty = np.zeros(self.months, dtype=np.int64)
                mine = tuple(codes.get(line, ()))
                found[key] = Track(post, line, mine, side, section, empty)  # type: ignore[arg-type]
            return found[key]

        for post, line, side, month, cents in self._plan_cents():
            track(post, self.lines[line], side, sections[line]).plan[month] += cents
        for post, text, side, account, entry in self.entries():
            line = self.lines[text]
            first = codes.get(line, [""])[0]
            section = sections.get(first) or (
                "investissement" if account[:1] in {"1", "2"} else "fonctionnement"
            )
            track(post, line, side, section).entries.append(entry)
        posts = {p: r for r, p in enumerate(self.plan.posts)}
        order = {code: r for r, code in enumerate(sections)}
        return sorted(
            found.values(),
            key=lambda t: (posts[t.post], order[t.codes[0]] if t.codes else len(order), t.line, t.side),
        )

    def rank(self, year: int, month: int) -> int:
        """Return the rank of a month; outside 0 … months - 1 when it is not shown."""
        return (year - self.plan.dossier.period.first) * 12 + month - 1

    # --- reading ---

    def _since(self) -> int:
        years = [
            int(y)
            for frame in (self.attached.lines, self.attached.unattached, self.attached.aside)
            for y in frame["exercice"].dropna().unique()
        ]
        first = self.plan.dossier.period.first
        shown = [y for y in years if y in self.plan.exercices]
        return (min(shown, default=first) - first) * 12

    def reasons(self) -> NDArray[np.str_]:
        """Return why each attached line is not set against the plan (see `LEFT_OUT`), "" where it is."""
        lines = self.attached.lines
        receipt = (lines["account"] == "") & (lines["side"] == "funding")
        outside = ~lines["exercice"].astype("float64").isin([float(y) for y in self.plan.exercices])
        reason = np.where(outside, "outside_period", "")
        reason = np.where(receipt, "receipt", reason)
        found: NDArray[np.str_] = np.where(lines["kind"] == "order", "order", reason)
        return found

    def _plan_cents(self) -> Iterable[tuple[str, str, str, int, int]]:
        table = self.plan.table
        table = table[table["clock"].isin(["engaged", "earned"])]
        rank = table["month"].to_numpy(dtype="datetime64[M]").astype(int) - (
            (self.plan.dossier.period.first - 1970) * 12
        )
        cents = (table["amount"] * 100).round().astype("int64")
        keyed = table.assign(rank=rank, cents=cents)
        sums = keyed.groupby(["post", "line", "side", "rank"])["cents"].sum().reset_index()
        for post, line, side, month, amount in sums.itertuples(index=False, name=None):
            yield post, line, side, int(month), int(amount)

    def entries(self) -> Iterable[tuple[str, str, str, str, Entry]]:
        """Yield, for each attached line set against the plan: post, line, side tracked, account, entry."""
        lines = self.attached.lines
        lines = lines[self.reasons() == ""]
        refunds = {row["ligne"] for row in correspondences()["remboursement"]}
        dates = lines["date"].to_numpy(dtype="datetime64[M]").astype(int)
        periods = lines["period"].to_numpy(dtype="datetime64[M]").astype(int)
        known = (lines["date"].notna().to_numpy(), lines["period"].notna().to_numpy())
        columns = [
            lines[c].to_list() for c in ("post", "line", "side", "account", "cents", "kind", "exercice")
        ]
        base = (self.plan.dossier.period.first - 1970) * 12
        for k, (post, line, side, account, cents, kind, year) in enumerate(zip(*columns, strict=True)):
            start = self.rank(int(year), 1)
            day = int(dates[k]) - base if known[0][k] else None
            period = int(periods[k]) - base if known[1][k] else None
            first = day if day is not None else period if period is not None else start + 11
            booked = min(max(first, start), start + 11)
            turned = line in refunds and side == "funding"
            amount = -int(cents) if turned else int(cents)
            yield post, line, "cost" if turned else side, account, Entry(booked, period, amount, kind)


def tracked_lines(plan: Projection, texts: Iterable[str]) -> dict[str, str]:
    """Return the tracked line of each plan line and of each text of the books.

    Plan lines that some ledger line joins are tracked together; the name is their codes in reading order.
    """
    order = {line.code: r for r, line in enumerate(plan.lines())}
    parent = {code: code for code in order}

    def root(code: str) -> str:
        while parent[code] != code:
            code = parent[code]
        return code

    split = {text: [c for c in text.split(JOIN) if c in order] for text in texts}
    for codes in split.values():
        for other in codes[1:]:
            first, second = sorted((root(codes[0]), root(other)), key=order.__getitem__)
            parent[second] = first
    groups: dict[str, list[str]] = {}
    for code in order:
        groups.setdefault(root(code), []).append(code)
    names = {code: JOIN.join(groups[root(code)]) for code in order}
    return names | {text: names[codes[0]] if codes else text for text, codes in split.items()}


def line_label(plan: Projection, line: str, lang: Literal["fr", "en"] = "fr") -> str:
    """Return a tracked line in words: its label, those of its lines, or the account outside the plan."""
    from conseiller.ledger.accounts import NO_ACCOUNT, refund_label
    from conseiller.messages import tr

    labels = {x.code: x.label for x in plan.lines(lang)}
    if found := refund_label(line, lang):
        return found
    if line.startswith(OUTSIDE_PLAN):
        account = line.removeprefix(OUTSIDE_PLAN)
        if account == NO_ACCOUNT:
            return tr("tracking.line.no_account", lang)
        name = plan.law.account_label(plan.dossier.authority.chart, account)
        return tr("tracking.line.outside", lang, account=account, name=name).strip(" –")
    codes = line.split(JOIN)
    if len(codes) == 1:
        return labels.get(line, line)
    accounts = {x.account for x in plan.lines(lang) if x.code in codes}
    if len(accounts) == 1 and (
        name := plan.law.account_label(plan.dossier.authority.chart, next(iter(accounts)))
    ):
        return f"{next(iter(accounts))} – {name}"
    return " + ".join(labels[c] for c in codes)
