"""Each instalment of the grant by the books: due, called, titled, received, late."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from conseiller.analysis.tracking.conventions import Step, Steps
from conseiller.dossier import schema
from conseiller.dossier.schedule import due

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.analysis.tracking.tracking import Tracking

State = Literal["received", "titled", "called", "due"]


def instalment_state(tracking: Tracking, at: date | None = None) -> pd.DataFrame:
    """Return each instalment of the grant: due, called, titled, received, late.

    Titres and payments are matched by their exact amount, the nearest date first, then in the order of
    instalments. A titre and its cancellation annul each other first.

    Parameters
    ----------
    tracking : Tracking
    at : date, optional
        The date of the report by default.

    Returns
    -------
    pandas.DataFrame
        One row per instalment: post, code, label, amount; called; due (the day it should have come:
        payment, titre or call of the dossier, a call being left the months of `PATIENCE`); basis of that
        day ("dossier", "delay" or ""); titled_on, titled; received_on, received [euros]; state ("received",
        "titled", "called" or "due"); late; stated (False when the dossier says titled or received and the
        books that cover the day do not).
    """
    import pandas as pd

    at = at or tracking.plan.report_date
    steps = Steps(tracking)
    rows: list[dict[str, Any]] = []
    for post in tracking.plan.dossier.posts:
        listed = [(c.code, i) for c in post.conventions for i in c.instalments]
        listed.sort(key=lambda pair: _planned(pair[1]) or date.max)
        titled = _matched([i for _, i in listed], steps.titled[post.code], "titled", at)
        received = _matched([i for _, i in listed], steps.received[post.code], "received", at)
        for k, (code, instalment) in enumerate(listed):
            rows.append(
                {"post": post.code, "code": code, "label": instalment.label, "amount": instalment.amount}
                | _state(tracking, instalment, titled[k], received[k], at)
            )
    columns = ["post", "code", "label", "amount", "called", "due", "basis", "titled_on", "titled"]
    columns += ["received_on", "received", "state", "late", "stated"]
    return pd.DataFrame(rows, columns=columns)


def _planned(i: schema.Instalment) -> date | None:
    return i.called or i.titled or i.received


def _state(
    tracking: Tracking,
    i: schema.Instalment,
    titled: tuple[date | None, int],
    received: tuple[date | None, int],
    at: date,
) -> dict[str, Any]:
    whole = round(i.amount * 100)
    state: State = "due"
    if i.called is not None and i.called <= at:
        state = "called"
    if titled[1] >= whole:
        state = "titled"
    if received[1] >= whole:
        state = "received"
    day, basis = due(i, tracking.plan.law)
    covered = i.titled is not None and i.titled.year in tracking.exercices and i.titled <= at
    return {
        "called": i.called,
        "due": day,
        "basis": basis,
        "titled_on": titled[0],
        "titled": titled[1] / 100,
        "received_on": received[0],
        "received": received[1] / 100,
        "state": state,
        "late": state != "received" and day is not None and day < at,
        "stated": not (covered and titled[1] < whole),
    }


def _matched(
    instalments: list[schema.Instalment], steps: list[Step], clock: Literal["titled", "received"], at: date
) -> list[tuple[date | None, int]]:
    """Return, by instalment, the day it was complete and what came."""
    known = _without_cancelled([s for s in steps if s.day <= at])
    got: list[tuple[date | None, int]] = [(None, 0)] * len(instalments)
    for k, i in enumerate(instalments):
        whole, near = round(i.amount * 100), getattr(i, clock) or _planned(i) or at
        same = sorted((s for s in known if s.cents == whole), key=lambda s: abs((s.day - near).days))
        if same:
            known.remove(same[0])
            got[k] = (same[0].day, whole)
    left = [[s.day, s.cents] for s in known]
    for k, i in enumerate(instalments):
        need = round(i.amount * 100) - got[k][1]
        for step in left:
            part = max(min(need, step[1]), 0)  # type: ignore[call-overload]
            if part:
                step[1] -= part
                need -= part
                got[k] = (step[0] if not need else None, got[k][1] + part)  # type: ignore[assignment]
    return got


def _without_cancelled(steps: list[Step]) -> list[Step]:
    """Return steps without the pairs of an amount and its cancellation."""
    kept: list[Step] = []
    for step in steps:
        if step.cents < 0:
            same = next((s for s in reversed(kept) if s.cents == -step.cents), None)
            if same is not None:
                kept.remove(same)
                continue
        kept.append(step)
    return kept
