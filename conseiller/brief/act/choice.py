"""Which act the calendar asks for, or the one asked for by name."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from conseiller.analysis.financing import financings
from conseiller.analysis.outlook import outlook_years
from conseiller.brief._asked import Asked, asked
from conseiller.brief.act.records import KINDS, Act, Kind, PostAct
from conseiller.brief.act.stopping import stopped
from conseiller.dossier import schema
from conseiller.dossier.schedule import later
from conseiller.errors import InputFaults, fault
from conseiller.law import LawError
from conseiller.messages import Lang, tr
from conseiller.projection import Projection

_DAY = timedelta(days=1)


def act_of(plan: Projection, decision: Kind | Literal["auto"] = "auto", lang: Lang = "fr") -> Act:
    """Return the act to vote.

    Parameters
    ----------
    plan : Projection
    decision : {"auto", "budget", "recruit", "renew", "keep_without_state", "stop"}
        "auto": what the calendar asks. Nobody hired yet: recruit. Contracts that end by the end of
        the next year: a choice, drafted as a renewal where they end before their financing and
        another follows, as keeping without the State where another follows, else as stopping.
        Employments without an end whose grant ends by then: keep without the State. Otherwise: the
        budget of the next year.
    lang : {"fr", "en"}
        Language of the faults.

    Raises
    ------
    ValueError
        When the decision is not one of these.
    InputFaults
        When the dossier holds nothing to decide so about.
    """
    if decision != "auto" and decision not in KINDS:
        raise ValueError(f"no decision {decision!r}; decisions: auto, {', '.join(KINDS)}")
    question = asked(plan) if decision == "auto" else None
    kind = _implied(plan, question) if question else decision
    assert kind != "auto"
    if kind == "recruit":
        return _recruit(plan, lang)
    posts = running(plan)
    if kind == "stop":
        posts = [p for p in posts if p.contract.end is not None]
    if kind in {"keep_without_state", "renew"}:
        kept = [p for p in posts if p.following is not None or _loses_grant(plan, p)]
        kept = kept or [p for p in posts if p.contract.end is None]
        if kind == "renew":
            kept = [p for p in kept if p.contract.end and p.funded_until and p.funded_until > p.contract.end]
        posts = kept
    if question and question.kind == "contracts":
        posts = [p for p in posts if p.code in question.posts]
    if not posts:
        raise _nothing_to(kind, lang)
    ends = [p.contract.end + _DAY for p in posts if p.contract.end is not None]
    funded = [p.funded_until + _DAY for p in posts if p.funded_until is not None]
    next_year = date(outlook_years(plan)[1], 1, 1)
    start = next_year if kind == "budget" else min(ends or funded or [next_year])
    shown = stopped(plan, posts) if kind == "stop" else plan
    return Act(kind, start, tuple(posts), shown, question is not None and question.kind == "contracts")


def _nothing_to(kind: str, lang: Lang) -> InputFaults:
    where = tr("brief.office.fault.where", lang)
    return InputFaults([fault(f"brief.office.fault.nothing_{kind}", where, lang)], lang)


def _loses_grant(plan: Projection, post: PostAct) -> bool:
    """Return whether an employment without an end loses its grant in the year of the report or later."""
    last = post.funded_until
    return post.contract.end is None and last is not None and last.year >= plan.report_date.year


def _implied(plan: Projection, question: Asked) -> Kind:
    started = [c for p in plan.dossier.posts for c in p.contracts if c.start <= plan.report_date]
    if not started:
        return "recruit"
    posts = running(plan)
    if question.kind == "contracts":
        posts = [p for p in posts if p.code in question.posts]
        if any(
            p.following is not None and p.contract.end and p.funded_until and p.funded_until > p.contract.end
            for p in posts
        ):
            return "renew"
        return "keep_without_state" if any(p.following is not None for p in posts) else "stop"
    if all(p.contract.end is not None and p.contract.end < plan.report_date for p in posts):
        return "stop"
    soon = date(question.year, 12, 31)
    losing = [p for p in posts if _loses_grant(plan, p) and p.funded_until and p.funded_until <= soon]
    return "keep_without_state" if losing else "budget"


def running(plan: Projection) -> list[PostAct]:
    """Return the posts with a contract at the date of the report; all of them, by their last, if none has."""
    found: list[PostAct] = []
    past: list[PostAct] = []
    for post in plan.dossier.posts:
        ordered = sorted(post.contracts, key=lambda c: c.start)
        begun = [c for c in ordered if c.start <= plan.report_date]
        if not begun:
            continue
        contract = begun[-1]
        following = next((c for c in ordered if c.start > contract.start), None)
        act = _post(plan, post, contract, following)
        (found if contract.end is None or contract.end >= plan.report_date else past).append(act)
    return found or past


def _recruit(plan: Projection, lang: Lang) -> Act:
    """Return the recruitment to come; failing that, the latest one, to vote again with its figures."""
    firsts = {p.code: min(p.contracts, key=lambda c: c.start) for p in plan.dossier.posts if p.contracts}
    if not firsts:
        raise _nothing_to("recruit", lang)
    ahead = {code: c for code, c in firsts.items() if c.start > plan.report_date}
    latest = max(c.start for c in firsts.values())
    chosen = ahead or {code: c for code, c in firsts.items() if c.start == latest}
    posts = tuple(_post(plan, p, chosen[p.code], None) for p in plan.dossier.posts if p.code in chosen)
    return Act("recruit", min(p.contract.start for p in posts), posts, plan)


def _post(
    plan: Projection, post: schema.Post, contract: schema.Contract, following: schema.Contract | None
) -> PostAct:
    funded = [f.last_day for f in financings(plan) if f.post == post.code]
    return PostAct(
        post.code, post.label, contract, following, max(funded, default=None), _limit(plan, post, contract)
    )


def _limit(plan: Projection, post: schema.Post, contract: schema.Contract) -> date | None:
    """Return the last day of the chain of contrats de projet that a contract belongs to."""
    if contract.nature != "projet" or contract.status != "contractuel":
        return None
    start = contract.start
    for other in sorted(post.contracts, key=lambda c: c.start, reverse=True):
        if other.nature == "projet" and other.status == "contractuel" and other.end == start - _DAY:
            start = other.start
    try:
        months = int(plan.law.table("contrat_projet_duree_max_mois").at(start).value)
    except LawError:
        return None
    return later(start, months) - _DAY
