"""What a délibération decides: which posts, from when, under which contract, and with whose money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

from conseiller.analysis.decisions import decision_calendar
from conseiller.analysis.financing import financings
from conseiller.dossier import schema
from conseiller.dossier.schedule import later
from conseiller.errors import Fault, InputFaults
from conseiller.law import LawError
from conseiller.messages import Lang, tr
from conseiller.projection import Projection

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["recruit", "renew", "keep_without_state", "stop"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_DAY = timedelta(days=1)
#: Exercices shown in a plan de financement; a portrait page holds no more.
_YEARS = 5
_ARE_FIELD_MAX = 1096
Section = Literal["fonctionnement", "investissement"]
SECTIONS: tuple[Section, ...] = get_args(Section)


@dataclass(frozen=True)
class PostAct:
    """A post that the act concerns.

    Parameters
    ----------
    code, label : str
    contract : Contract
        The contract that runs at the date of the report; for a recruitment, the one to sign.
    following : Contract or None
        The contract that the dossier plans next.
    funded_until : date or None
        Last day that any convention of the post can earn.
    limit : date or None
        Last day that contrats de projet that follow one another may reach.
    """

    code: str
    label: str
    contract: schema.Contract
    following: schema.Contract | None
    funded_until: date | None
    limit: date | None

    @property
    def then(self) -> schema.Contract:
        """The contract that the decision is about: the next one, or the one that goes on."""
        return self.following or self.contract


@dataclass(frozen=True)
class Row:
    """A row of the plan de financement.

    Parameters
    ----------
    key : str
        "chapter", "grant", "own", "surplus", or "total".
    chapter : str
        Budget chapter, where there is one.
    label : str
        As printed.
    amounts : tuple of float
        One per exercice [euros].
    """

    key: str
    chapter: str
    label: str
    amounts: tuple[float, ...]

    @property
    def total(self) -> float:
        """Sum of the exercices, to the cent."""
        return total(self.amounts)


@dataclass(frozen=True)
class FinancingPlan:
    """Spending and resources of a section, exercice by exercice; both totals are equal."""

    section: Section
    years: tuple[int, ...]
    uses: tuple[Row, ...]
    total_uses: Row
    resources: tuple[Row, ...]
    total_resources: Row


@dataclass(frozen=True)
class Act:
    """A decision put to the vote.

    Parameters
    ----------
    kind : {"recruit", "renew", "keep_without_state", "stop"}
    start : date
        First day of what is decided.
    posts : tuple of PostAct
    plan : Projection
        What the figures come from: the plan, or the plan stopped at the end of its contracts.
    """

    kind: Kind
    start: date
    posts: tuple[PostAct, ...]
    plan: Projection

    @property
    def codes(self) -> list[str]:
        """Codes of the posts concerned."""
        return [p.code for p in self.posts]

    @property
    def years_after(self) -> tuple[int, ...]:
        """Exercices from the start of the decision on; the last one shown if there is none.

        A decision on what has begun already, a recruitment apart, is told from the next exercice on.
        """
        following = self.plan.report_date.year + 1
        first = self.start.year
        if self.kind != "recruit" and first < following <= self.plan.exercices[-1]:
            first = following
        shown = [y for y in self.plan.exercices if y >= first]
        return tuple(shown or self.plan.exercices[-1:])

    @property
    def years(self) -> tuple[int, ...]:
        """Exercices of the plan de financement."""
        return self.years_after[:_YEARS]

    @cached_property
    def missed(self) -> list[date]:
        """Days by which a notice was due and that have passed, of the posts concerned."""
        return sorted(
            {
                d.date
                for d in decision_calendar(self.plan)
                if d.missed and d.kind in {"notice", "notice_other"} and d.post in self.codes
            }
        )

    def sums(
        self, *keys: Literal["chapter", "exercice"], section: Section = "fonctionnement"
    ) -> pd.DataFrame:
        """Sum the plan over the posts concerned; indexed by the keys."""
        found = self.plan.by(*keys, "post", section=section)
        found = found[found.index.get_level_values("post").isin(self.codes)]
        euro_cents = (found * 100).round().astype("int64")
        return euro_cents.groupby(level=list(keys)).sum() / 100

    def financing_plan(self, section: Section, lang: Lang) -> FinancingPlan | None:
        """Return the plan de financement of a section, None when nothing happens in it."""
        years = self.years
        chapters = self.sums("chapter", "exercice", section=section)
        whole = self.sums("exercice", section=section).reindex(years, fill_value=0.0)

        def row(key: str, chapter: str, label: str, amounts: Iterable[float]) -> Row:
            return Row(key, chapter, label, tuple(round(float(a), 2) + 0.0 for a in amounts))

        uses, resources = [], []
        for chapter in chapters.index.get_level_values("chapter").unique().sort_values():
            mine = chapters.loc[chapter].reindex(years, fill_value=0.0)
            words = self.plan.law.chapter_labels.get(chapter, {}).get(lang)
            label = tr("brief.office.chapter", lang, chapter=chapter or "—", label=words or "—")
            if mine["cost"].any():
                uses.append(row("chapter", chapter, label, mine["cost"]))
            if mine["grant"].any():
                resources.append(
                    row("grant", chapter, tr("brief.office.grant", lang, label=label), mine["grant"])
                )
            if mine["other_funding"].any():
                words = tr("brief.office.other_funding", lang, label=label)
                resources.append(row("chapter", chapter, words, mine["other_funding"]))
        if not any(r.key == "grant" for r in resources) and section == "fonctionnement":
            label = tr("brief.office.grant_alone", lang)
            resources.insert(0, row("grant", "", label, (0.0 for _ in years)))
        net = [round(float(n), 2) + 0.0 for n in whole["net_cost"]]
        if not any(whole["cost"]) and not any(net):
            return None
        resources.append(row("own", "", tr(f"brief.office.own.{section}", lang), (max(n, 0.0) for n in net)))
        if any(n < 0 for n in net):
            uses.append(row("surplus", "", tr("brief.office.surplus", lang), (max(-n, 0.0) for n in net)))

        def added(rows: list[Row], side: str) -> Row:
            sums = [sum(round(r.amounts[k] * 100) for r in rows) / 100 for k in range(len(years))]
            return row("total", "", tr(f"brief.office.total.{side}", lang), sums)

        return FinancingPlan(
            section, years, tuple(uses), added(uses, "uses"), tuple(resources), added(resources, "resources")
        )


def figure(frame: Any, row: Any, column: Any) -> float:
    """Return one amount of a view [euros]."""
    return float(frame.loc[row, column])


def total(amounts: Iterable[float]) -> float:
    """Return a sum of euros, to the cent."""
    return sum(round(float(a) * 100) for a in amounts) / 100


# --- which decision -----------------------------------------------------------------------------------


def act_of(plan: Projection, decision: Kind | Literal["auto"] = "auto", lang: Lang = "fr") -> Act:
    """Return the act to vote.

    Parameters
    ----------
    plan : Projection
    decision : {"auto", "recruit", "renew", "keep_without_state", "stop"}
        "auto": what the calendar implies. Nobody hired yet: recruit. A contract that ends before
        its financing and that another follows: renew. Of the contracts that end, one that another
        follows, or none that ends: keep without the State. Otherwise: stop.
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
    kind = decision if decision != "auto" else _implied(plan)
    if kind == "recruit":
        return _recruit(plan, lang)
    posts = _running(plan)
    if kind == "stop":
        posts = [p for p in posts if p.contract.end is not None]
    if kind in {"keep_without_state", "renew"}:
        kept = [p for p in posts if p.following is not None or _loses_grant(plan, p)]
        kept = kept or [p for p in posts if p.contract.end is None]
        if kind == "renew":
            kept = [p for p in kept if p.contract.end and p.funded_until and p.funded_until > p.contract.end]
        posts = kept
    if not posts:
        raise _nothing_to(kind, lang)
    ends = [p.contract.end + _DAY for p in posts if p.contract.end is not None]
    funded = [p.funded_until + _DAY for p in posts if p.funded_until is not None]
    start = min(ends or funded or [date(plan.report_date.year + 1, 1, 1)])
    shown = _stopped(plan, posts) if kind == "stop" else plan
    return Act(kind, start, tuple(posts), shown)


def _nothing_to(kind: str, lang: Lang) -> InputFaults:
    where = tr("brief.office.fault.where", lang)
    key = f"brief.office.fault.nothing_to.{kind}"
    return InputFaults(
        [Fault(tr(f"{key}.message", lang), where, tr(f"{key}.remedy", lang), f"nothing_{kind}")], lang
    )


def _loses_grant(plan: Projection, post: PostAct) -> bool:
    """Return whether an employment without an end loses its grant in the year of the report or later."""
    last = post.funded_until
    return post.contract.end is None and last is not None and last.year >= plan.report_date.year


def _implied(plan: Projection) -> Kind:
    posts = _running(plan)
    started = [c for p in plan.dossier.posts for c in p.contracts if c.start <= plan.report_date]
    if not started:
        return "recruit"
    if any(
        p.following is not None and p.contract.end and p.funded_until and p.funded_until > p.contract.end
        for p in posts
    ):
        return "renew"
    ending = [p for p in posts if p.contract.end is not None and p.contract.end >= plan.report_date]
    if any(p.following is not None for p in ending):
        return "keep_without_state"
    return "keep_without_state" if not ending and any(p.contract.end is None for p in posts) else "stop"


def _running(plan: Projection) -> list[PostAct]:
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


def _stopped(plan: Projection, posts: list[PostAct]) -> Projection:
    """Return the plan with the posts stopped at the end of their contracts.

    Later contracts are left out; costs and funding shared by stopped posts alone end with the last
    of them. Where the employer is its own insurer and no number of days is stated, the
    unemployment allowance is counted for its longest duration.
    """
    ends = {p.code: p.contract.end for p in posts if p.contract.end is not None}
    changed = []
    for post in plan.dossier.posts:
        end = ends.get(post.code)
        if end is None:
            changed.append(post)
            continue
        contracts = [c for c in post.contracts if c.start <= end]
        last = max(contracts, key=lambda c: c.start)
        if plan.dossier.authority.self_insured and not last.are_days and last.status == "contractuel":
            served = sum((min(c.end or end, end) - c.start).days + 1 for c in contracts)
            days = min(served, _are_longest(plan, end), _ARE_FIELD_MAX)
            contracts[contracts.index(last)] = last.model_copy(update={"are_days": days})
        changed.append(post.model_copy(update={"contracts": tuple(contracts)}))

    def cut(items: tuple[schema.Item, ...]) -> tuple[schema.Item, ...]:
        kept = []
        for item in items:
            if not all(code in ends for code, weight in item.shares.items() if weight):
                kept.append(item)
                continue
            last = max(ends[code] for code, weight in item.shares.items() if weight)
            if item.start <= last:
                kept.append(item.model_copy(update={"end": min(item.end or last, last)}))
        return tuple(kept)

    dossier = plan.dossier.model_copy(
        update={
            "posts": tuple(changed),
            "costs": cut(plan.dossier.costs),
            "funding": cut(plan.dossier.funding),
        }
    )
    return Projection(dossier, plan.base_law, plan.report_date)


def _are_longest(plan: Projection, day: date) -> int:
    try:
        return int(plan.law.table("are_duree_max_jours").at(day + _DAY).value)
    except LawError:
        return 0
