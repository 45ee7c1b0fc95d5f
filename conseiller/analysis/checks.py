"""Controls of a projection: what must hold, what was found, and what it means when it does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np

from conseiller.analysis.clocks import pay_by_financing
from conseiller.analysis.financing import Financing, earned, financings, whole_life
from conseiller.analysis.reliance import parameters_used
from conseiller.analysis.wording import Values, sentence
from conseiller.dossier import schema
from conseiller.dossier.schedule import later
from conseiller.law import day_at
from conseiller.messages import Lang
from conseiller.projection import Projection
from conseiller.rules.totals import LEAVER_LINES, PAY_LINES

Status = Literal["ok", "notice", "ahead", "failed"]
_DAY = timedelta(days=1)
#: Classes of accounts of each section, by their first digit.
_CLASSES = {"fonctionnement": "67", "investissement": "12"}


@dataclass(frozen=True)
class Control:
    """One control and its outcome.

    Parameters
    ----------
    code : str
        Stable name.
    status : {"ok", "notice", "ahead", "failed"}
        "notice": nothing is wrong, but the reader must know; "ahead": what is missing is still to come.
    expected, found : float or None
        The two figures compared, where there are figures.
    unit : {"euros", "count"}
        What the figures are.
    post : str
        Code of the post the control is about; "" for the whole case.
    values : tuple of (str, value)
        What label and detail name.
    """

    code: str
    status: Status
    expected: float | None = None
    found: float | None = None
    post: str = ""
    values: Values = ()
    unit: Literal["euros", "count"] = "euros"

    @property
    def ok(self) -> bool:
        """Whether the control holds, with or without a notice."""
        return self.status != "failed"

    def label(self, lang: Lang = "fr") -> str:
        """Return what is controlled, in words."""
        return sentence(f"analysis.control.{self.code}.label", lang, self.values)

    def detail(self, lang: Lang = "fr") -> str:
        """Return what was found and, if need be, what to do."""
        return sentence(f"analysis.control.{self.code}.{self.status}", lang, self.values)


def controls(plan: Projection) -> list[Control]:
    """Return every control of a plan, in reading order.

    Parameters
    ----------
    plan : Projection
    """
    life = whole_life(plan)
    funded = financings(plan, life)
    return [
        _totals(plan),
        _lines(plan),
        _grant_years(plan, life, funded),
        *_within_pay(plan, funded),
        *_instalments(plan, funded),
        _chapters(plan),
        _sections(plan),
        _terms(plan),
        _rates(plan),
        _law(plan),
        _shown(plan, funded),
        _unfunded(plan),
    ]


def _codes(found: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(found)) or "—"


def _cents(amount: Any) -> int:
    return round(float(amount) * 100)


def _totals(plan: Projection) -> Control:
    """Compare the total of every view, all measures, in cents."""
    views = ("exercice", "month", "grant_year", "post", "line", "account", "chapter")
    worst, expected, found = "—", 0, 0
    for section in ("fonctionnement", "investissement"):
        table = plan.table
        table = table[table["clock"].isin(["engaged", "earned"]) & (table["section"] == section)]
        amounts = (table["amount"] * 100).round().astype("int64")
        side = (table["side"] == "cost").map({True: 1, False: -1})
        total = int((amounts * side).sum())
        expected += total
        seen = total
        for view in views:
            sums = plan.by(view, section=section)  # type: ignore[arg-type]
            net = int((sums["net_cost"] * 100).round().sum()) if len(sums) else 0
            if net != total:
                worst, seen = view, net
        found += seen
    status: Status = "ok" if worst == "—" else "failed"
    return Control("totals", status, expected / 100, found / 100, values=(("view", worst),))


def _lines(plan: Projection) -> Control:
    """Compare the tidy table, split between grant years, with the lines the rules computed."""
    table = plan.table
    split = (table["amount"] * 100).round().astype("int64").groupby(table["line"]).sum()
    expected = found = 0
    wrong = []
    for line in (*PAY_LINES, *LEAVER_LINES, "fctva"):
        whole = sum(
            int(np.rint(frame.full(line) * 100).sum()) for frame in (plan.model.month, plan.model.extra)
        )
        expected += whole
        found += int(split.get(line, 0))
        if whole != int(split.get(line, 0)):
            wrong.append(line)
    values: Values = (("lines", _codes(wrong)),)
    return Control("lines", "failed" if wrong else "ok", expected / 100, found / 100, values=values)


def _grant_years(plan: Projection, life: Projection, funded: Sequence[Financing]) -> Control:
    """Compare each grant year, whole and never vacant, with its tranche; dates are counted here anew."""
    sums = earned(life).groupby(["post", "grant_year"])["cents"].sum()
    posts = {p.code: p for p in plan.dossier.posts}
    expected = found = count = 0
    wrong = []
    for f in funded:
        offset = 0
        for label, (months, amount) in zip(f.labels, f.tranches, strict=True):
            since, to = later(f.start, offset), later(f.start, offset + months)
            offset += months
            share = _steady_share(posts[f.post], f, since, to)
            if share is None or to > f.stops:
                continue
            whole = _half_up(amount * share)
            got = int(sums.get((f.post, label), 0))
            expected, found, count = expected + whole, found + got, count + 1
            if got != whole:
                wrong.append(f"{f.post} {label}")
    values: Values = (("count", count), ("years", _codes(wrong)))
    status: Status = "failed" if wrong else "ok" if count else "notice"
    return Control("grant_years", status, expected / 100, found / 100, values=values)


def _half_up(euros: float) -> int:
    return int(np.floor(euros * 100 + 0.5 + 1e-7))


def _steady_share(post: schema.Post, f: Financing, since: date, to: date) -> float | None:
    """Return the share of working time over [since, to), None if vacant or if it changes."""
    shares = set()
    reached = since
    for contract in sorted(post.contracts, key=lambda c: c.start):
        ends = contract.end + _DAY if contract.end else date.max
        if ends <= reached or contract.start >= to:
            continue
        if contract.start > reached:
            return None
        reached = ends
        shares.add(1.0 if f.convention.part_time == "entier" else _share(contract))
    return shares.pop() if reached >= to and len(shares) == 1 else None


def _share(contract: schema.Contract) -> float:
    if contract.working_time == "temps_non_complet":
        return (contract.hours or 35.0) / 35.0
    return contract.share or 1.0 if contract.working_time == "temps_partiel" else 1.0


def _within_pay(plan: Projection, funded: Sequence[Financing]) -> Iterator[Control]:
    """Compare the grant with the pay of its grant years: it is reserved for pay."""
    spent = pay_by_financing(plan)
    for f in funded:
        grant, pay = spent[f.post, f.code]
        if not grant:
            continue
        yield Control(
            "within_pay",
            "ok" if grant <= pay else "failed",
            pay / 100,
            grant / 100,
            f.post,
            (("code", f.code), ("beyond", max(grant - pay, 0) / 100)),
        )


def _instalments(plan: Projection, funded: Sequence[Financing]) -> Iterator[Control]:
    """Compare the instalments typed with what the convention grants; until it ends, the rest may lie ahead."""
    for f in funded:
        planned = sum(_cents(i.amount) for i in f.convention.instalments)
        agreed = _cents(f.agreed)
        status: Status = "ok" if planned == agreed else "failed"
        if planned < agreed and f.start < f.stops and plan.report_date < f.stops:
            status = "ahead"
        if not planned:
            status = "notice"
        values: Values = (
            ("code", f.code),
            ("agreed", agreed / 100),
            ("planned", planned / 100),
            ("left", (agreed - planned) / 100),
            ("end", f.last_day),
        )
        yield Control("instalments", status, agreed / 100, planned / 100, f.post, values)


def _chapters(plan: Projection) -> Control:
    accounts = sorted(plan.table["account"].unique())
    without = [a for a in accounts if not plan.law.chapter(a)]
    values: Values = (("accounts", _codes(without)),)
    return Control(
        "chapters",
        "failed" if without else "ok",
        len(accounts),
        len(accounts) - len(without),
        values=values,
        unit="count",
    )


def _sections(plan: Projection) -> Control:
    pairs = plan.table[["section", "account"]].drop_duplicates()
    astray = [
        str(account)
        for section, account in zip(pairs["section"], pairs["account"], strict=True)
        if str(account)[0] not in _CLASSES[section]
    ]
    values: Values = (("accounts", _codes(astray)),)
    status: Status = "failed" if astray else "ok"
    return Control("sections", status, len(pairs), len(pairs) - len(astray), values=values, unit="count")


def _terms(plan: Projection) -> Control:
    """Count the months of contract shown, and those governed by a pay term."""
    expected = found = 0
    without = []
    for frame in (plan.model.month, plan.model.extra):
        occupied = frame.full("contract_no") > 0
        governed = occupied & (frame.full("term_no") > 0)
        expected, found = expected + int(occupied.sum()), found + int(governed.sum())
        without += [plan.posts[p] for p in np.flatnonzero((occupied & ~governed).any(axis=1))]
    values: Values = (("posts", _codes(without)),)
    return Control("terms", "failed" if without else "ok", expected, found, values=values, unit="count")


def _rates(plan: Projection) -> Control:
    """Say whether the employer's own rates cover every month of contract: before the first they are 0."""
    start = min((r.start for r in plan.dossier.rates), default=date.max)
    months = [
        m
        for frame in (plan.model.month, plan.model.extra)
        for m in np.unique(frame.full("month")[frame.full("contract_no") > 0])
    ]
    first = day_at(min(months)) if months else start
    values: Values = (("first", first),)
    return Control("rates", "failed" if start > first else "ok", values=values)


def _law(plan: Projection) -> Control:
    late = [u for u in parameters_used(plan) if u.unchecked]
    until = min((u.table.checked_until for u in late), default=plan.law.checked_until)
    values: Values = (("count", len(late)), ("until", until), ("last", date(plan.exercices[-1], 12, 31)))
    return Control("law", "notice" if late else "ok", values=values)


def _shown(plan: Projection, funded: Sequence[Financing]) -> Control:
    """Say whether the exercices shown hold every financing whole."""
    first, after = date(plan.exercices[0], 1, 1), date(plan.exercices[-1] + 1, 1, 1)
    cut = [f"{f.post} {f.code}" for f in funded if f.start < first or f.stops > after]
    return Control("shown", "notice" if cut else "ok", values=(("financings", _codes(cut)),))


def _unfunded(plan: Projection) -> Control:
    without = [p.code for p in plan.dossier.posts if p.contracts and not p.conventions]
    return Control("unfunded", "notice" if without else "ok", values=(("posts", _codes(without)),))
