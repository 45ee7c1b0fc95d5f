"""What becomes of the contracts of one post: ended, kept, shortened in hours, replaced, filled, made permanent.

Pure functions of a post (or of a contract) and of dates; whoever asks "what if" uses these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from conseiller.dossier import schema
from conseiller.dossier.schedule import later
from conseiller.law import Law, grid_parameter

FULL_TIME_HOURS = 35.0
#: Weekly hours of half time.
HALF_TIME_HOURS = FULL_TIME_HOURS / 2
DAY = timedelta(days=1)
_ADDED, _MINIMUM = "points_supplementaires", "im_minimum"
_LEAVING: Mapping[str, Any] = {"leave_days": 0.0, "are_days": 0, "broken": False, "break_pay": 0.0}


# --- reading -------------------------------------------------------------------------------------------


def running(post: schema.Post, day: date) -> schema.Contract | None:
    """Return the contract in course on a day."""
    return next((c for c in post.contracts if c.start <= day <= (c.end or date.max)), None)


def next_contract(post: schema.Post, day: date) -> schema.Contract | None:
    """Return the first contract that starts after a day."""
    return min((c for c in post.contracts if c.start > day), key=lambda c: c.start, default=None)


def last_contract(post: schema.Post) -> schema.Contract | None:
    """Return the contract that starts last."""
    return max(post.contracts, key=lambda c: c.start, default=None)


def goes_on(post: schema.Post, day: date) -> bool:
    """Return whether some contract of the post still runs, or will, on a day or after it."""
    return any(c.end is None or c.end >= day for c in post.contracts)


def working_time(hours: float) -> dict[str, Any]:
    """Return the fields of a contract that say its weekly hours: temps complet from 35 hours on."""
    if hours >= FULL_TIME_HOURS:
        return {"working_time": "temps_complet", "hours": None, "share": None}
    return {"working_time": "temps_non_complet", "hours": hours, "share": None}


def _with(post: schema.Post, contracts: Iterable[schema.Contract]) -> schema.Post:
    return post.model_copy(update={"contracts": tuple(sorted(contracts, key=lambda c: c.start))})


# --- the end of a post -----------------------------------------------------------------------------------


def not_renewed(post: schema.Post, day: date) -> schema.Post:
    """Return the post without the contracts that start after a day; the one in course runs to its end."""
    return _with(post, (c for c in post.contracts if c.start <= day))


def stopped(post: schema.Post, last: date) -> schema.Post:
    """Return the post without any agent after a last day; a contractuel who was to stay is broken with."""
    kept = (c for c in post.contracts if c.start <= last)
    return _with(post, (c if (c.end or date.max) <= last else _broken(c, last) for c in kept))


def _broken(contract: schema.Contract, last: date) -> schema.Contract:
    return contract.model_copy(update={"end": last, "broken": contract.status == "contractuel"})


def leaving(
    post: schema.Post,
    day: date,
    leave_days: float | None,
    are_days: int | None,
    break_pay: float | None = None,
) -> schema.Post:
    """Return the post with what its last agent is owed on leaving, where one is in post on a day or after."""
    last = last_contract(post)
    if last is None or last.end is None or last.end < day:
        return post
    owed: dict[str, Any] = {} if leave_days is None else {"leave_days": leave_days}
    if are_days is not None and last.status == "contractuel":
        owed["are_days"] = are_days
    if break_pay is not None and last.broken:
        owed["break_pay"] = break_pay
    return _with(post, (c.model_copy(update=owed) if c is last else c for c in post.contracts))


# --- the same post, otherwise ----------------------------------------------------------------------------


def kept(post: schema.Post, day: date) -> schema.Post:
    """Return the post whose last contract, in course on a day or still to come, goes on at the same pay.

    Leave not taken goes on with the agent: it is owed at the end of the contract that follows.
    """
    last = last_contract(post)
    if last is None or last.end is None or last.end < day:
        return post
    stays = last.model_copy(update=_LEAVING)
    follows = _prolonged(stays).model_copy(update={"leave_days": last.leave_days})
    return _with(post, (*(c if c is not last else stays for c in post.contracts), follows))


def _prolonged(contract: schema.Contract) -> schema.Contract:
    """Return a contract without an end that follows another at its last pay."""
    assert contract.end is not None
    more = {"start": contract.end + DAY, "end": None, "nature": "autre", "terms": last_terms(contract)}
    return contract.model_copy(update=more)


def last_terms(contract: schema.Contract) -> tuple[schema.PayTerm, ...]:
    """Return the pay in force on the last day of a contract, alone."""
    end = contract.end or date.max
    due = [t for t in contract.terms if t.start <= end] or list(contract.terms[:1])
    return (max(due, key=lambda t: t.start),) if due else ()


def at_hours(post: schema.Post, hours: float, since: date) -> schema.Post:
    """Return the post at other weekly hours from a day on; a contract in course that day is cut in two."""
    time = working_time(hours)
    found: list[schema.Contract] = []
    for c in post.contracts:
        if c.end is not None and c.end < since:
            found.append(c)
        elif c.start >= since:
            found.append(c.model_copy(update=time))
        else:
            found.append(c.model_copy(update={"end": since - DAY, **_LEAVING}))
            found.append(c.model_copy(update={"start": since, **time}))
    return _with(post, found)


def renewed_at_hours(post: schema.Post, hours: float, day: date) -> schema.Post:
    """Return the post at other weekly hours in the contracts that start after a day."""
    time = working_time(hours)
    return _with(post, (c.model_copy(update=time) if c.start > day else c for c in post.contracts))


# --- vacancy, hire, titularisation ---------------------------------------------------------------------------


def delayed(post: schema.Post, day: date, months: int) -> schema.Post:
    """Return the post whose next contract after a day starts some months later; it vanishes if it would end first.

    Leave that was to go on with the agent before, in a contract without an end, is owed when they leave.
    """
    moved = next_contract(post, day)
    if moved is None:
        return post
    if months and moved.end is None and moved.leave_days:
        carried = moved.leave_days
        alone = moved.model_copy(update={"leave_days": 0.0})
        found = (
            alone
            if c is moved
            else c.model_copy(update={"leave_days": carried})
            if c.end == moved.start - DAY
            else c
            for c in post.contracts
        )
        post, moved = _with(post, found), alone
    return _moved(post, moved, later(moved.start, months))


def _moved(post: schema.Post, moved: schema.Contract, start: date) -> schema.Post:
    kept_in = moved.end is None or start <= moved.end
    others = [c for c in post.contracts if c is not moved]
    return _with(post, [*others, starting(moved, start)] if kept_in else others)


def starting(contract: schema.Contract, start: date) -> schema.Contract:
    """Return a contract that starts another day, its first pay brought forward where it starts sooner."""
    terms = sorted(contract.terms, key=lambda t: t.start)
    month = start.replace(day=1)
    if terms and terms[0].start > month:
        terms[0] = terms[0].model_copy(update={"start": month})
    return contract.model_copy(update={"start": start, "terms": tuple(terms)})


def replaced(post: schema.Post, last: date, months: int) -> schema.Post:
    """Return the post whose agent leaves after a last day and is replaced at the same pay some months later."""
    leaver = running(post, last)
    if leaver is None:
        return post
    start = later(last + DAY, months)
    found = [c for c in post.contracts if c is not leaver]
    found.append(leaver.model_copy(update={**_LEAVING, "end": last, "leave_days": leaver.leave_days}))
    following = min((c.start for c in found if c.start > last), default=date.max)
    if start <= (leaver.end or date.max) and start < following:
        found.append(leaver.model_copy(update={"start": start, "leave_days": 0.0, "terms": leaver.terms}))
    return _with(post, found)


def hired(
    post: schema.Post, start: date, day: date, months: int | None, changes: Mapping[str, Any]
) -> schema.Post | None:
    """Return the post filled from a day on: its next contract moved there, or a new one; None if no pay is known.

    Parameters
    ----------
    post : Post
    start : date
        First day of the agent.
    day : date
        Date of the report.
    months : int or None
        Length of the contract; None for open-ended, or to the end already planned.
    changes : dict
        Fields of the contract, and `pay`: fields of its first pay.
    """
    moved = next_contract(post, day)
    model = moved or last_contract(post)
    pay = dict(changes.get("pay", {}))
    time = {k: v for k, v in changes.items() if k != "pay"}
    if pay:
        old = last_terms(model)[0] if model and model.terms else schema.PayTerm(start=start)
        pay = {"index": None, "grade": None, "step": None, **pay}
        terms: tuple[schema.PayTerm, ...] = (old.model_copy(update={"start": start.replace(day=1), **pay}),)
    elif model is not None and model.terms:
        terms = model.terms if moved is not None else last_terms(model)
    else:
        return None
    end = None if months is None else later(start, months) - DAY
    if months is None and moved is not None:
        end = moved.end
    if model is None:
        contract = schema.Contract(start=start, end=end, nature="projet" if end else "autre", terms=terms)
    else:
        nature = model.nature if moved is not None or end else "autre"
        more = {"end": end, "nature": nature, "terms": terms, **_LEAVING}
        contract = model.model_copy(update=more)
    contract = starting(contract.model_copy(update=time), start)
    return _with(post, [*(c for c in post.contracts if c is not moved), contract])


def titularised(
    post: schema.Post, start: date, grade: str, step: int, hours: float | None
) -> schema.Post | None:
    """Return the post whose agent becomes stagiaire, then titulaire, from a day on; None if nobody is there before.

    The special scheme applies from the stage, from 28 hours a week on. What the pay holds beside the index stays.
    """
    agent = running(post, start - DAY)
    if agent is None:
        return None
    before = [c for c in post.contracts if c.start < start]
    held = [c.model_copy(update={"end": start - DAY, **_LEAVING}) if c is agent else c for c in before]
    pay = {"start": start.replace(day=1), "index": None, "grade": grade, "step": step}
    terms = tuple(t.model_copy(update=pay) for t in last_terms(agent.model_copy(update={"end": start - DAY})))
    more: dict[str, Any] = {"start": start, "end": None, "status": "titulaire", "nature": "autre"}
    more |= {"terms": terms, **_LEAVING}
    if hours is not None:
        more |= working_time(hours)
    return _with(post, [*held, agent.model_copy(update=more)])


# --- pay ---------------------------------------------------------------------------------------------------


def repaid(
    contract: schema.Contract, since: date, change: Callable[[schema.PayTerm], schema.PayTerm]
) -> schema.Contract:
    """Return a contract whose pay changes from the first of a month on."""
    if contract.end is not None and contract.end < since:
        return contract
    terms = sorted(contract.terms, key=lambda t: t.start)
    out = {t.start: t for t in terms if t.start < since}
    first = max(since, contract.start.replace(day=1))
    held = [t for t in terms if t.start <= first][-1:]
    for term in (*(t.model_copy(update={"start": first}) for t in held), *terms):
        if term.start >= first:
            out[term.start] = change(term)
    return contract.model_copy(update={"terms": tuple(out[day] for day in sorted(out))})


def with_points(contract: schema.Contract, since: date, points: int, law: Law) -> schema.Contract:
    """Return a contract whose index is raised from the first of a month on, wherever the law moves it besides."""
    if contract.end is not None and contract.end < since:
        return contract
    terms = sorted(contract.terms, key=lambda t: t.start)
    out: dict[date, schema.PayTerm] = {t.start: t for t in terms if t.start < since}
    for rank, term in enumerate(terms):
        until = terms[rank + 1].start if rank + 1 < len(terms) else date.max
        if until <= since:
            continue
        start = max(term.start, since, contract.start.replace(day=1))
        for day in _moves(term, start, until, law):
            index = min(max(round(_index(term, day, law)) + points, 200), 1600)
            out[day] = term.model_copy(update={"start": day, "index": index, "grade": None, "step": None})
    return contract.model_copy(update={"terms": tuple(out[day] for day in sorted(out))})


def _moves(term: schema.PayTerm, start: date, until: date, law: Law) -> Sequence[date]:
    tables = [_MINIMUM, *([_grid(term)] if term.index is None else [])]
    found = {e.start for name in tables for e in law.table(name).entries}
    return sorted({start, *(d for d in found if start < d < until)})


def _index(term: schema.PayTerm, day: date, law: Law) -> float:
    """Return the index paid under a term on a day."""
    minimum = law.value(_MINIMUM, day)
    if term.index is None:
        return max(law.value(_grid(term), day), minimum)
    return max(term.index + law.value(_ADDED, day) - law.value(_ADDED, term.start), minimum)


def _grid(term: schema.PayTerm) -> str:
    return grid_parameter(str(term.grade), int(term.step or 1))
