"""The one question put to the assembly: what falls due first, of which posts, and by when it must be answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from conseiller.analysis.decisions import decision_calendar
from conseiller.analysis.financing import financings
from conseiller.analysis.outlook import Choices, choices, outlook_years, two_years
from conseiller.projection import Projection


@dataclass(frozen=True)
class Asked:
    """What the calendar asks of the assembly.

    Parameters
    ----------
    kind : {"contracts", "financing", "financing_over", "budget"}
        Contracts end by the end of the next year; or the grant ends, or has ended; or neither.
    year : int
        The budget to vote.
    posts : tuple of str
        Codes of the posts whose contract ends first; empty unless "contracts".
    end : date or None
        Last day of these contracts, or of the grant.
    deadline : date
        Last day to answer.
    why : {"by_notice", "by_end", "by_end_missed", "by_vote"}
        What makes it the last day.
    """

    kind: Literal["contracts", "financing", "financing_over", "budget"]
    year: int
    posts: tuple[str, ...]
    end: date | None
    deadline: date
    why: Literal["by_notice", "by_end", "by_end_missed", "by_vote"]


def asked(plan: Projection, found: Choices | None = None) -> Asked:
    """Return the question of a plan.

    Parameters
    ----------
    plan : Projection
    found : Choices, optional
        The choices of the plan, where they are known already.
    """
    found = found or choices(plan)
    year = outlook_years(plan)[1]
    ahead = [end for end in found.ends if end <= date(year, 12, 31)]
    calendar = decision_calendar(plan)
    if ahead:
        end = ahead[0]
        posts = tuple(c for c in found.posts if _end_of(plan, c) == end)
        notice = [d for d in calendar if d.kind in ("notice", "notice_other") and d.post in posts]
        mine = [d for d in notice if dict(d.values)["end"] == end]
        coming = [d.date for d in mine if d.status == "coming"]
        if coming:
            return Asked("contracts", year, posts, end, min(coming), "by_notice")
        missed = any(d.status == "missed" for d in mine)
        return Asked("contracts", year, posts, end, end, "by_end_missed" if missed else "by_end")
    votes = [d.date for d in calendar if d.kind == "budget_vote" and d.date.year == year]
    vote = votes[0] if votes else date(year, 4, 15)
    last = max((f.last_day for f in financings(plan)), default=None)
    if last is not None and last >= plan.report_date:
        return Asked("financing", year, (), last, vote, "by_vote")
    if last is not None and two_years(plan)[0].grant:
        return Asked("financing_over", year, (), last, vote, "by_vote")
    return Asked("budget", year, (), None, vote, "by_vote")


def _end_of(plan: Projection, code: str) -> date | None:
    post = next(p for p in plan.dossier.posts if p.code == code)
    day = plan.report_date
    ends = [c.end for c in post.contracts if c.start <= day and c.end is not None and c.end >= day]
    return ends[0] if ends else None
