"""The posts in the authority's budget: credits voted and consumed, share of chapter 012, effect on saving."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conseiller.analysis.replay import Replay
from conseiller.ledger.accounts import translate

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.analysis.tracking.tracking import Tracking

_CREDITS = ["exercice", "side", "chapter", "account", "voted", "booked", "posts", "available"]
_WEIGHT = [
    "exercice",
    "etp",
    "etpt",
    "etpt_paid",
    "staff",
    "posts_staff",
    "share",
    "saving",
    "net_cost",
    "effect",
    "basis",
]


def credits_consumed(tracking: Tracking) -> pd.DataFrame:
    """Return the credits voted on the accounts of the posts, what is booked on them and what is left.

    Returns
    -------
    pandas.DataFrame
        One row per exercice, side and account voted that the posts use: exercice, side, chapter, account,
        ``voted`` (see `ledger.votes.voted`), ``booked`` (every line of the ledger on the account, tied to a post or
        not), ``posts`` (lines tied to a post), ``available`` = voted − booked [euros]. Empty when no
        budget was read. The ledger must hold the whole account for ``available`` to mean anything.
    """
    import pandas as pd

    voted = _in_force(tracking)
    if voted is None:
        return pd.DataFrame(columns=_CREDITS)
    chart = tracking.plan.dossier.authority.chart
    voted = voted[~voted["order"]]
    sums = voted.groupby(["exercice", "side", "chapter", "account"])["voted_cents"].sum().reset_index()
    attached = tracking.attached
    tied = attached.lines[attached.lines["kind"] != "order"]
    loose = pd.concat([attached.unattached, attached.aside], ignore_index=True)
    used = {translate(a, c, chart) for a, c in zip(tied["account"], tied["chart"], strict=True)}
    used |= set(tracking.plan.table["account"])
    used -= {None, ""}
    rows = []
    for year, side, chapter, account, cents in sums.itertuples(index=False, name=None):
        if not any(str(u).startswith(account) for u in used):
            continue
        mine, others = (_booked(f, int(year), side, account, chart) for f in (tied, loose))
        head = (int(year), side, chapter, account, cents / 100)
        rows.append((*head, (mine + others) / 100, mine / 100, (cents - mine - others) / 100))
    return pd.DataFrame(rows, columns=_CREDITS)


def _in_force(tracking: Tracking) -> pd.DataFrame | None:
    """Return the credits in force, None when no budget was read; those of one budget where stages are given."""
    read = tracking.credits_read
    if read is None or not len(read):
        return None
    if "stage" not in read.columns:
        return read
    from conseiller.ledger.votes import voted

    return voted(read, [""] * len(read))


def _booked(frame: pd.DataFrame, year: int, side: str, account: str, chart: str) -> int:
    same = frame[(frame["exercice"] == year) & (frame["side"] == side) & (frame["kind"] != "order")]
    read = [translate(a, c, chart) or "" for a, c in zip(same["account"], same["chart"], strict=True)]
    inside = np.array([r.startswith(account) for r in read], dtype=bool)
    return int(same["cents"].to_numpy()[inside].sum())


def weight(tracking: Tracking) -> pd.DataFrame:
    """Return, by exercice, full-time equivalents and the weight of the posts in the budget.

    Returns
    -------
    pandas.DataFrame
        exercice; ``etp`` (agents in full-time equivalents at 31 December, planned), ``etpt`` (over the
        year, planned), ``etpt_paid`` (the same by the pay booked up to `until`, planned after);
        ``staff`` (chapter 012 of the authority), ``posts_staff`` (landing of the posts in chapter 012),
        ``share`` of the one in the other; ``saving`` (épargne brute: real operating income − real
        operating spending, posts included), ``net_cost`` (landing of the reste à charge), ``effect`` =
        net_cost / (saving + net_cost): the share of the saving without the posts that they take [euros];
        ``basis`` ("realised" or "voted"). NaN and "" where no budget of the exercice was read.
    """
    import pandas as pd

    landing = tracking.landing("exercice", "line")["landing"]
    nets = tracking.landing("exercice")["landing"]
    etp, paid = _etp(tracking)
    rows = []
    for year in tracking.exercices:
        inside = _months(tracking, year)
        staff, saving, basis = _totals(tracking, year)
        mine = _staff_of(tracking, landing, year)
        net = float(nets.get((year, "net"), 0.0))
        without = saving + net
        rows.append(
            (
                year,
                round(float(etp[inside][-1]), 4),
                _over_year(etp[inside]),
                _over_year(paid[inside]),
                staff,
                mine,
                mine / staff if staff and staff == staff else np.nan,  # noqa: PLR0124 (NaN)
                saving,
                net,
                net / without if without and without == without else np.nan,  # noqa: PLR0124 (NaN)
                basis,
            )
        )
    return pd.DataFrame(rows, columns=_WEIGHT)


def etpt_paid(tracking: Tracking) -> dict[int, float]:
    """Return, by exercice, full-time equivalents over the year by the pay booked, planned after it."""
    _, paid = _etp(tracking)
    return {year: _over_year(paid[_months(tracking, year)]) for year in tracking.exercices}


def _months(tracking: Tracking, year: int) -> slice:
    first = tracking.cells.rank(year, 1)
    return slice(first, first + 12)


def _over_year(etp: np.ndarray) -> float:
    return round(float(etp.sum()) / 12, 4)


def staff_lines(tracking: Tracking) -> set[str]:
    """Return the tracked lines of the spending of chapter 012, refunds of pay included."""
    law, found = tracking.plan.law, set()
    accounts = {line.code: line.account for line in tracking.plan.lines()}
    for line, codes, side in {(t.line, t.codes, t.side) for t in tracking.cells.tracks}:
        account = accounts[codes[0]] if codes else line.rpartition("_")[2]
        if side == "cost" and (law.chapter(account) == "012" or line.startswith("remboursement_")):
            found.add(line)
    return found


def _staff_of(tracking: Tracking, landing: pd.Series[float], year: int) -> float:
    """Return the landing of the spending of chapter 012."""
    lines = staff_lines(tracking)
    return sum(round(float(landing.get((year, x, "cost"), 0.0)) * 100) for x in lines) / 100


def _totals(tracking: Tracking, year: int) -> tuple[float, float, str]:
    """Return chapter 012 and épargne brute of an exercice, realised if a compte was read, else voted."""
    read = _in_force(tracking)
    mine = None if read is None else read[(read["exercice"] == year) & ~read["order"]]
    if mine is None or not len(mine):
        return float("nan"), float("nan"), ""
    done = bool(mine["realised_cents"].any())
    column, basis = ("realised_cents", "realised") if done else ("voted_cents", "voted")
    running = mine[mine["section"] != "investissement"]
    running = running[~running["chapter"].isin(["001", "002", "022", "023", "042", "043"])]
    staff = int(running.loc[(running["chapter"] == "012") & (running["side"] == "cost"), column].sum())
    sides = running.groupby("side")[column].sum()
    saving = int(sides.get("funding", 0)) - int(sides.get("cost", 0))
    return staff / 100, saving / 100, basis


def _etp(tracking: Tracking) -> tuple[np.ndarray, np.ndarray]:
    """Return full-time equivalents by month, planned, and by the pay booked."""
    plan = tracking.plan
    planned = plan.model.month.full("etp")
    _ = tracking.explained  # fills the facts
    changed = {n: v for n, v in tracking.causes.facts.changed.items() if n in ("thirtieths", "working")}
    real = np.array(Replay(plan.model.month, changed)["etp"])
    for p, post in enumerate(plan.posts):
        mine = [t for t in tracking.cells.tracks if t.post == post and "traitement" in t.codes]
        timing = tracking.causes.timing(mine[0]) if mine else None
        about = np.zeros(tracking.cells.months) if timing is None else timing.about
        inside = np.arange(tracking.cells.months)
        covered = (inside >= tracking.cells.since) & (inside <= tracking.cells.until)
        real[p] = np.where(covered & (about == 0), 0.0, real[p])
    extra = plan.model.extra
    if extra.full("thirtieths").any():
        from conseiller.rules.algebra import months_of

        rank = months_of(extra.full("month")) - (plan.dossier.period.first - 1970) * 12
        for p, k in zip(*np.nonzero(extra.full("etp")), strict=True):
            planned[p, rank[p, k]] += extra.full("etp")[p, k]
            real[p, rank[p, k]] += extra.full("etp")[p, k]
    for (p, month), shared in tracking.causes.facts.shared.items():
        if tracking.cells.since <= month <= tracking.cells.until:
            real[p, month] = shared.etp
    return planned.sum(axis=0), real.sum(axis=0)
