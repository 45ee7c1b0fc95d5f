"""The reasons of the act, with the figures of the plan."""

from __future__ import annotations

from collections.abc import Iterator

from conseiller.analysis.outlook import choices, kept_full_time
from conseiller.brief.act.draft import Draft
from conseiller.brief.act.financing import allowance, figure, total
from conseiller.brief.act.records import Act
from conseiller.projection import Projection
from conseiller.text import listing


def reasons(draft: Draft) -> Iterator[str]:
    """Return the reasons, with the figures of the plan."""
    act, kind = draft.act, draft.act.kind
    yield draft.tr("reason.service")
    last = draft.funded_until
    if kind == "recruit" and last:
        yield draft.tr(
            "reason.grant_recruit",
            posts=draft.posts,
            amount=draft.money(draft.agreed),
            last=draft.day(last),
        )
    elif kind == "renew" and last:
        yield draft.tr("reason.grant_renew", posts=draft.posts, last=draft.day(last))
    elif last:
        yield draft.tr("reason.grant_end", posts=draft.posts, last=draft.day(last))
    yield draft.tr("reason.reserved")
    if kind != "recruit":
        for post in act.posts:
            if post.contract.end is None:
                yield draft.tr("reason.open", post=draft.named(post.code))
            else:
                yield draft.tr(
                    "reason.contract", post=draft.named(post.code), end=draft.day(post.contract.end)
                )
            if post.limit and kind != "stop":
                yield draft.tr("reason.limit", post=draft.named(post.code), limit=draft.day(post.limit))
    yield from _costs(draft)
    if draft.facts.booked:
        yield draft.tr("reason.booked", booked=draft.facts.booked)


def _costs(draft: Draft) -> Iterator[str]:
    """Return what the decision costs, and what it cost before."""
    act, plan = draft.act, draft.plan
    sums = act.sums("exercice").reindex(act.years, fill_value=0.0)
    if act.kind == "stop":
        yield from _cost_of_stopping(draft)
        return
    for year in act.years:
        cost, net = (draft.money(figure(sums, year, m)) for m in ("cost", "net_cost"))
        yield draft.tr("reason.cost", posts=draft.posts, cost=cost, net=net, year=year)
    before = act.years[0] - 1
    if act.kind != "recruit" and before in plan.exercices:
        net = draft.money(figure(act.sums("exercice").reindex([before], fill_value=0.0), before, "net_cost"))
        yield draft.tr("reason.cost_before", net=net, year=before)


def _cost_of_stopping(draft: Draft) -> Iterator[str]:
    """Return what stopping leaves, beside the unemployment allowance, the case, and keeping the posts."""
    act, plan = draft.act, draft.plan

    def left(of: Projection) -> float:
        shown = Act("keep_without_state", act.start, act.posts, of).sums("exercice")
        return total(shown.reindex(act.years, fill_value=0.0)["net_cost"])

    are = total(allowance(act))
    without = total([left(act.plan), -are])
    words = {
        "span": listing([str(y) for y in act.years], draft.lang),
        "cost": draft.money(without),
        "are": draft.money(are),
        "account": plan.account_of(plan.law.lines["are"], "contractuel"),
        "all": draft.money(total([without, are])),
    }
    yield draft.tr("reason.cost_stop_are" if are else "reason.cost_stop", **words)
    ending = total([left(plan), -without])
    if ending > 0 and all(p.following is None for p in act.posts):
        yield draft.tr("reason.cost_stop_case", case=draft.money(left(plan)), ending=draft.money(ending))
    if set(act.codes) <= set(choices(plan).posts):
        keep = draft.money(left(kept_full_time(plan)))
        yield draft.tr("reason.cost_stop_kept", keep=keep, span=words["span"], posts=draft.posts)
