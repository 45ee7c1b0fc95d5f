"""The grant by the books: titres and payments, the balance of each convention, and where it lands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from conseiller.analysis.clocks import convention_balance, pay_by_financing
from conseiller.analysis.financing import Financing, earned, financings, whole_life
from conseiller.analysis.tracking.cells import GRANT
from conseiller.analysis.tracking.grant_years import parts_of
from conseiller.rules.totals import PAY_LINES

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.analysis.tracking.tracking import Tracking

_DAY = timedelta(days=1)


#: Exercice that no books reach.
_NEVER = 9999


@dataclass(frozen=True)
class Step:
    """Money of the grant on a day: a titre or a payment, from the books or from the dossier [cents]."""

    day: date
    cents: int
    source: Literal["books", "dossier"]
    code: str = ""  # convention, where the dossier says


class Steps:
    """Titres and payments of the grant, by post.

    From the first exercice of the books on, titres are those of the books; before it, and while no line of
    them is tied to a post, those of the dossier. Payments are those of the lists read, from their first exercice on; else the dossier's.
    """

    def __init__(self, tracking: Tracking) -> None:
        self.tracking = tracking
        self.plan = tracking.plan

    @cached_property
    def titled(self) -> dict[str, list[Step]]:
        """Titres of each post, by day; year-end entries left out."""
        lines = self.tracking.attached.lines
        lines = lines[(lines["account"] != "") & lines["kind"].isin(["ordinary", "reduction"])]
        return self._steps(lines, "titled", self.tracking.exercices[0] if self.tracking.begun else _NEVER)

    @cached_property
    def received(self) -> dict[str, list[Step]]:
        """Payments of each post, by day."""
        out = self.tracking.left_out
        out = out[out["reason"] == "receipt"]
        years = out["exercice"].dropna()
        return self._steps(out, "received", int(years.min()) if len(years) else _NEVER)

    def _steps(
        self, lines: pd.DataFrame, clock: Literal["titled", "received"], since: int
    ) -> dict[str, list[Step]]:
        found: dict[str, list[Step]] = {p: [] for p in self.plan.posts}
        for post in self.plan.dossier.posts:
            for convention in post.conventions:
                for i in convention.instalments:
                    day = getattr(i, clock)
                    if day is not None and day.year < since:
                        found[post.code].append(Step(day, round(i.amount * 100), "dossier", convention.code))
        tracked = self.tracking.cells.lines
        mine = lines[(lines["side"] == "funding") & (lines["line"].map(tracked) == GRANT)]
        for post_code, day, year, cents in mine[["post", "date", "exercice", "cents"]].itertuples(
            index=False
        ):
            known = day.date() if day == day else date(int(year), 12, 31)  # noqa: PLR0124 (NaT)
            found[str(post_code)].append(Step(known, int(cents), "books"))
        return {post: sorted(steps, key=lambda s: (s.day, s.cents)) for post, steps in found.items()}


def shared_out(
    funded: list[Financing],
    capacity: Mapping[tuple[str, str], int],
    cents: int,
    already: Mapping[str, int],
) -> dict[str, int]:
    """Share what a post was titled or paid between its conventions, the oldest first, within what each grants.

    Parameters
    ----------
    funded : list of Financing
        Those of the post.
    capacity : mapping
        What each grants in all, by post and code [cents].
    cents : int
        What the books hold.
    already : mapping
        What each had before, by code [cents].

    Returns
    -------
    dict
        By code, what each had before included. The last one takes what exceeds them all.
    """
    found = {f.code: already.get(f.code, 0) for f in funded}
    left = cents
    for f in sorted(funded, key=lambda f: f.start):
        part = min(left, max(capacity[f.post, f.code] - found[f.code], 0)) if left > 0 else 0
        found[f.code] += part
        left -= part
    if funded and left:
        found[max(funded, key=lambda f: f.start).code] += left
    return found


def capacities(tracking: Tracking) -> dict[tuple[str, str], int]:
    """Return what each convention will have earned at the end, or grants where that is more [cents]."""
    life = whole_life(tracking.plan)
    sums = earned(life).groupby(["post", "code"])["cents"].sum().to_dict()
    return {
        (f.post, f.code): max(int(sums.get((f.post, f.code), 0)), round(f.agreed * 100))
        for f in financings(tracking.plan, life)
    }


# --- balance ----------------------------------------------------------------------------------------------


def balance(tracking: Tracking, at: date | None = None) -> pd.DataFrame:
    """Return where each convention stands, by the books where they say, else by the dossier.

    Parameters
    ----------
    tracking : Tracking
    at : date, optional
        Day of the balance; the date of the report by default.

    Returns
    -------
    pandas.DataFrame
        The columns of `analysis.convention_balance`, ``titled`` and ``received`` by the books (what was
        titled counts as claimed), then
        ``to_title`` (earned and not titled), ``titled_ahead`` (titled and not earned), ``to_collect``
        (titled and not received), ``pay`` (pay of the financing: booked up to `until`, planned for
        the rest), ``titled_stated``, ``received_stated`` (what the dossier says) and ``titled_assumed``
        (earned before the books under a convention of which the dossier types no instalment: taken
        for titled, held in ``titled``) [euros].
    """
    at = at or tracking.plan.report_date
    found = convention_balance(tracking.plan, at)
    found = found.assign(titled_stated=found["titled"], received_stated=found["received"])
    steps, room = Steps(tracking), capacities(tracking)
    assumed = {k: o.assumed for k, o in tracking.cells.openings.items()}
    funded = financings(tracking.plan)
    ended = at + _DAY
    pay = pay_of_conventions(tracking, date(ended.year, ended.month, 1))
    for clock, by_post in (("titled", steps.titled), ("received", steps.received)):
        amounts: dict[tuple[str, str], int] = {}
        for post, mine in by_post.items():
            done = [s for s in mine if s.day <= at]
            before = {c: sum(s.cents for s in done if s.code == c) for c in {s.code for s in done if s.code}}
            if clock == "titled":
                for (p, code), amount in assumed.items():
                    before[code] = before.get(code, 0) + (amount if p == post else 0)
            total = sum(s.cents for s in done if not s.code)
            parts = shared_out([f for f in funded if f.post == post], room, total, before)
            amounts |= {(post, code): cents for code, cents in parts.items()}
        found[clock] = [amounts.get(k, 0) / 100 for k in zip(found["post"], found["code"], strict=True)]
    keys = list(zip(found["post"], found["code"], strict=True))
    cents = {c: (found[c] * 100).round().astype("int64") for c in ("earned", "titled", "received")}
    spent = np.array([pay.get(k, 0) for k in keys], dtype=np.int64)
    shown = pay_by_financing(tracking.plan, before=date(ended.year, ended.month, 1))
    earned_here = np.array([shown[k][0] for k in keys], dtype=np.int64)
    beyond = np.maximum(earned_here - spent, 0)
    new: dict[str, Any] = {
        "to_title": (cents["earned"] - cents["titled"]).clip(lower=0),
        "titled_ahead": (cents["titled"] - cents["earned"]).clip(lower=0),
        "to_collect": (cents["titled"] - cents["received"]).clip(lower=0),
        "received_beyond_earned": (cents["received"] - cents["earned"]).clip(lower=0),
        "beyond_pay": beyond,
        "exposed": (cents["received"] - cents["earned"] + beyond).clip(lower=0),
        "pay": spent,
        "titled_assumed": np.array([assumed.get(k, 0) for k in keys], dtype=np.int64),
    }
    asked = np.maximum((found["called"] * 100).round(), cents["titled"])
    new["left_to_claim"] = ((found["projected"] * 100).round() - asked).clip(lower=0)
    found = found.assign(**{name: values / 100 for name, values in new.items()})
    # What was titled needs no call any more, whatever the dossier still says.
    found["papers"] = [
        tuple(p for p in papers if p != "call" or left)
        for papers, left in zip(found["papers"], found["left_to_claim"], strict=True)
    ]
    return found


def pay_of_conventions(tracking: Tracking, before: date) -> dict[tuple[str, str], int]:
    """Return the pay of the grant years of each convention, months begun before a day [cents].

    Booked for the months the books cover up to `until`, planned for the others; refunds are deducted.
    """
    plan = tracking.plan
    code = {y.label: (plan.posts[y.post], y.code) for years in plan.grant_years for y in years}
    found = {(f.post, f.code): 0 for f in financings(plan)}
    table = plan.table[(plan.table["clock"] == "engaged") & plan.table["line"].isin(PAY_LINES)]
    since, until = tracking.cells.since, tracking.cells.until
    columns = ["post", "grant_year", "month", "amount"]
    for post, year, month, amount in table[columns].itertuples(index=False, name=None):
        rank = tracking.cells.rank(month.year, month.month)
        if month.date() < before and not since <= rank <= until and year in code:
            found[post, code[year][1]] += round(amount * 100)
    for post, year, rank, cents in booked_pay(tracking):
        if tracking.plan.months[rank] < before and rank <= until and year in code:
            found[post, code[year][1]] += cents
    return found


def booked_pay(tracking: Tracking) -> Iterator[tuple[str, str, int, int]]:
    """Yield pay booked, refunds deducted: post, grant year, rank of the month it is about, cents."""
    for track in tracking.cells.tracks:
        if track.side != "cost" or not (track.is_pay or track.line.startswith("remboursement_")):
            continue
        timing = tracking.causes.timing(track)
        about = track.booked if timing is None else timing.about
        for month in np.flatnonzero(np.where(tracking.cells.window, about, 0)).tolist():
            for year, part in parts_of(tracking, track.post, month, int(about[month])):
                yield track.post, year, month, part


def convention_landing(tracking: Tracking) -> pd.DataFrame:
    """Return where pay and grant of each convention land at the end of its financing.

    Returns
    -------
    pandas.DataFrame
        One row per post and convention: ``pay_plan``, ``pay_landing`` (booked to date, then planned),
        ``grant_agreed``, ``grant_landing`` (what will have been earned), ``titled`` to date,
        ``left_to_title`` and ``net_landing`` = pay_landing − grant_landing [euros], within the exercices
        shown.
    """
    import pandas as pd

    plan = tracking.plan
    end = date(plan.exercices[-1] + 1, 1, 1)
    landed, planned = pay_of_conventions(tracking, end), pay_by_financing(plan)
    state = balance(tracking).set_index(["post", "code"])
    rows = []
    for f in financings(plan):
        key = (f.post, f.code)
        projected, titled = (round(float(state.loc[key, c]) * 100) for c in ("projected", "titled"))  # type: ignore[arg-type]
        figures = {
            "pay_plan": planned[key][1],
            "pay_landing": landed[key],
            "grant_agreed": round(f.agreed * 100),
            "grant_landing": projected,
            "titled": titled,
            "left_to_title": max(projected - titled, 0),
            "net_landing": landed[key] - projected,
        }
        rows.append({"post": f.post, "code": f.code} | {n: c / 100 for n, c in figures.items()})
    names = [
        "pay_plan",
        "pay_landing",
        "grant_agreed",
        "grant_landing",
        "titled",
        "left_to_title",
        "net_landing",
    ]
    return pd.DataFrame(rows, columns=["post", "code", *names])
