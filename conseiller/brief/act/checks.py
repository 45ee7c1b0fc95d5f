"""What must be checked before the vote."""

from __future__ import annotations

from collections.abc import Iterator

from conseiller.brief.act.draft import Draft
from conseiller.brief.act.financing import allowance
from conseiller.brief.act.records import Act
from conseiller.text import listing


def checks(draft: Draft) -> Iterator[str]:
    """Return what must be checked before the vote."""
    act = draft.act
    missed = Act(act.kind, act.start, act.posts, draft.plan).missed
    if missed and act.kind != "recruit":
        yield draft.tr("check.notices", days=listing([draft.day(d) for d in missed], draft.lang))
    for post in act.posts:
        contract = post.then
        if act.kind in {"stop", "budget"} or contract.status != "contractuel":
            continue
        if contract.nature != "projet":
            yield draft.tr("check.permanent", post=draft.named(post.code))
        elif post.limit and (contract.end is None or contract.end > post.limit):
            yield draft.tr("check.beyond", post=draft.named(post.code), limit=draft.day(post.limit))
    if act.kind == "stop":
        yield draft.tr("check.stop_means")
        if any(allowance(act)):
            yield draft.tr("check.are")
    yield draft.tr("check.legal")
    if others := [code for code in draft.plan.posts if code not in act.codes]:
        yield draft.tr("check.figures", codes=draft.names(others))
