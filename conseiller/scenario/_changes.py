"""Each kind of change made on a case, one function per kind, or the reason why it cannot be made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from conseiller.dossier import schema
from conseiller.dossier.scenario_rules import MOVED
from conseiller.dossier.schedule import financing_stop
from conseiller.projection import Projection
from conseiller.scenario import _contracts as contracts
from conseiller.scenario import _sharing, _values
from conseiller.scenario._case import Case, Impossible
from conseiller.scenario._contracts import DAY

_PLAIN, _BONIFIED = "v2_collectivite", "v2_bonifiee"


Make = Callable[[Case, schema.Change], Case]


def make(case: Case, change: schema.Change) -> Case:
    """Return a case with one change made.

    Raises
    ------
    Impossible
        When the case does not allow it.
    """
    return _MAKERS[change.kind](case, change)


def _on_posts(
    case: Case, change: schema.Change, become: Callable[[schema.Post], schema.Post]
) -> tuple[Case, list[schema.Post]]:
    """Return the case with the posts of a change made over, and these posts.

    `become` raises `Impossible` for a post that the change cannot concern: told if the post is named, or
    if there is no other.
    """
    found: dict[str, schema.Post] = {}
    reasons: list[Impossible] = []
    for post in case.dossier.posts:
        if change.post in (None, post.code):
            try:
                found[post.code] = _signed(post, become(post), change.source)
            except Impossible as reason:
                reason.values.setdefault("post", post.code)
                reasons.append(reason)
    if not found:
        raise reasons[0]
    posts = tuple(found.get(p.code, p) for p in case.dossier.posts)
    return case.having(posts=posts), list(found.values())


def _signed(before: schema.Post, after: schema.Post, source: str) -> schema.Post:
    """Return a post whose new and changed contracts say where they come from."""

    def sign(contract: schema.Contract) -> schema.Contract:
        if contract in before.contracts:
            return contract
        known = {t for c in before.contracts for t in c.terms}
        terms = tuple(t if t in known else t.model_copy(update={"source": source}) for t in contract.terms)
        return contract.model_copy(update={"source": source, "terms": terms})

    return after.model_copy(update={"contracts": tuple(map(sign, after.contracts))})


# --- the fate of posts -----------------------------------------------------------------------------------


def _stop(case: Case, change: schema.Change) -> Case:
    def stop(post: schema.Post) -> schema.Post:
        last = _ahead(case, change) or _financing_end(case, post)
        after = contracts.stopped(post, last)
        if after == post and not any(c.end == last for c in post.contracts):
            raise Impossible("nobody_then", day=last)
        return _left(case, change, after)

    return _untied(*_on_posts(case, change, stop))


def _ahead(case: Case, change: schema.Change) -> date | None:
    """Return the date of a change, which must not lie before the report."""
    if change.start is not None and change.start < case.report_date:
        raise Impossible("past", day=change.start, report=case.report_date)
    return change.start


def _financing_end(case: Case, post: schema.Post) -> date:
    """Return the last day of the last financing of a post, which must lie ahead of the report."""
    if not post.conventions:
        raise Impossible("no_financing")
    last = max(financing_stop(c, case.law) for c in post.conventions) - DAY
    if last < case.report_date:
        raise Impossible("financing_over", day=last)
    return last


def _end(case: Case, change: schema.Change) -> Case:
    def end(post: schema.Post) -> schema.Post:
        now = contracts.running(post, case.report_date)
        if now is not None and now.end is None:
            raise Impossible("open_ended")
        if now is None and contracts.next_contract(post, case.report_date) is None:
            raise Impossible("nobody_ahead")
        return _left(case, change, contracts.not_renewed(post, case.report_date))

    return _untied(*_on_posts(case, change, end))


def _left(case: Case, change: schema.Change, post: schema.Post) -> schema.Post:
    """Return a post that ends, with what its last agent is owed: the longest allowance where none is stated."""
    last = contracts.last_contract(post)
    if last is None or last.end is None:
        return post
    days = change.are_days if change.are_days is not None else case.longest_are(last.end)
    return contracts.leaving(post, case.report_date, change.leave_days, days, change.amount)


def _untied(case: Case, ended: Iterable[schema.Post]) -> Case:
    """Return the case in which costs and funding that no post bears any more stop with the last agent.

    What lies before the report stays as it was: they stop on its day where the last agent has left already.
    """
    days = {**case.ended, **{p.code: max(_last_day(p, case), case.report_date) for p in ended}}
    latest = max(days.values())
    gone = {p.code: _last_day(p, case) for p in case.dossier.posts if _last_day(p, case) <= latest}
    ending = _Ending(frozenset(days), gone | days)
    costs, funding = (tuple(map(ending.item, i)) for i in (case.dossier.costs, case.dossier.funding))
    return replace(case.having(costs=costs, funding=funding), ended=days)


@dataclass(frozen=True)
class _Ending:
    """Ends what ended posts bear: `ended` are those of the scenario, `last_days` those without agent by then."""

    ended: frozenset[str]
    last_days: Mapping[str, date]

    def item(self, item: schema.Item) -> schema.Item:
        """Return a cost or a funding, ended with the last agent of those who bear it."""
        bearers = {code for code, weight in item.shares.items() if weight}
        if not bearers & self.ended or not bearers <= set(self.last_days):
            return item
        last = max(self.last_days[code] for code in bearers)
        if item.start > last:
            return item.model_copy(update={"amount": 0.0})
        if item.frequency != "unique" and (item.end or date.max) > last:
            return item.model_copy(update={"end": last})
        return item


def _last_day(post: schema.Post, case: Case) -> date:
    """Return the last day with an agent; the date of the report where there never is one."""
    return max((c.end or date.max for c in post.contracts), default=case.report_date)


def _keep(case: Case, change: schema.Change) -> Case:
    def keep(post: schema.Post) -> schema.Post:
        if not contracts.goes_on(post, case.report_date):
            raise Impossible("nobody_ahead")
        return contracts.kept(post, case.report_date)

    return _on_posts(case, change, keep)[0]


def _titularise(case: Case, change: schema.Change) -> Case:
    def titularise(post: schema.Post) -> schema.Post:
        now = contracts.running(post, case.report_date)
        start = change.start
        if start is None:
            start = case.next_month if now is None or now.end is None else now.end + DAY
        agent = contracts.running(post, start - DAY)
        if agent is None:
            raise Impossible("nobody_then", day=start - DAY)
        if agent.status == "titulaire":
            raise Impossible("already_titulaire", day=start - DAY)
        grade, step = change.grade or case.law.open_grade(start).grade, change.step or 1
        after = contracts.titularised(post, start, grade, step, change.hours)
        assert after is not None
        return after

    return _on_posts(case, change, titularise)[0]


# --- working time, vacancy, hire ---------------------------------------------------------------------------


def _hours(case: Case, change: schema.Change) -> Case:
    assert change.hours is not None
    hours = change.hours

    def shorten(post: schema.Post) -> schema.Post:
        since = change.start
        if since is None:
            if contracts.next_contract(post, case.report_date) is not None:
                return contracts.renewed_at_hours(post, hours, case.report_date)
            now = contracts.running(post, case.report_date)
            if now is None or now.end is not None:
                raise Impossible("no_renewal")
            since = case.next_month  # nothing to renew: from next month on
        if not contracts.goes_on(post, since):
            raise Impossible("nobody_then", day=since)
        return contracts.at_hours(post, hours, since)

    return _on_posts(case, change, shorten)[0]


def _replace(case: Case, change: schema.Change) -> Case:
    assert change.months is not None
    months = change.months

    def fill(post: schema.Post) -> schema.Post:
        last = _ahead(case, change)
        if last is not None:
            if contracts.running(post, last) is None:
                raise Impossible("nobody_then", day=last)
            return contracts.replaced(post, last, months)
        if contracts.next_contract(post, case.report_date) is None:
            raise Impossible("no_renewal")
        return contracts.delayed(post, case.report_date, months)

    return _on_posts(case, change, fill)[0]


def _hire(case: Case, change: schema.Change) -> Case:
    start = _ahead(case, change)
    assert start is not None
    fields: dict[str, Any] = {} if change.hours is None else contracts.working_time(change.hours)
    pay = {"index": change.index, "grade": change.grade, "step": change.step}
    if any(v is not None for v in pay.values()):
        fields["pay"] = pay | {"step": change.step or 1} if change.grade else pay

    def hire(post: schema.Post) -> schema.Post:
        held = contracts.running(post, start)
        if held is not None and held is not contracts.next_contract(post, case.report_date):
            raise Impossible("occupied", day=start)
        after = contracts.hired(post, start, case.report_date, change.months, fields)
        if after is None:
            raise Impossible("no_pay_known")
        return after

    return _on_posts(case, change, hire)[0]


# --- pay ---------------------------------------------------------------------------------------------------


def _points(case: Case, change: schema.Change) -> Case:
    points, since = change.points or 0, _month(case, change)

    def raise_index(post: schema.Post) -> schema.Post:
        if not contracts.goes_on(post, since):
            raise Impossible("nobody_then", day=since)
        done = tuple(contracts.with_points(c, since, points, case.law) for c in post.contracts)
        return post.model_copy(update={"contracts": done})

    return _on_posts(case, change, raise_index)[0]


def _psc(case: Case, change: schema.Change) -> Case:
    amount, since = change.amount or 0.0, _month(case, change)

    def add(term: schema.PayTerm) -> schema.PayTerm:
        return term.model_copy(update={"psc": round(term.psc + amount, 2)})

    def pay(post: schema.Post) -> schema.Post:
        if not contracts.goes_on(post, since):
            raise Impossible("nobody_then", day=since)
        return post.model_copy(
            update={"contracts": tuple(contracts.repaid(c, since, add) for c in post.contracts)}
        )

    return _on_posts(case, change, pay)[0]


def _month(case: Case, change: schema.Change) -> date:
    """Return the first of the month from which pay changes: pay terms begin on the 1st."""
    since = change.start or case.next_month
    if since.day != 1:
        raise Impossible("not_first", day=since)
    return since


# --- grant, sharing, law -----------------------------------------------------------------------------------


def _bonify(case: Case, change: schema.Change) -> Case:
    def bonify(post: schema.Post) -> schema.Post:
        if not any(c.generation == _PLAIN for c in post.conventions):
            raise Impossible("no_bonus", generation=_PLAIN)
        conventions = tuple(
            c.model_copy(update={"generation": _BONIFIED, "source": change.source})
            if c.generation == _PLAIN
            else c
            for c in post.conventions
        )
        return post.model_copy(update={"conventions": conventions})

    return _on_posts(case, change, bonify)[0]


def _cut_grant(case: Case, change: schema.Change) -> Case:
    assert change.start is not None
    start = change.start

    def cut(post: schema.Post) -> schema.Post:
        if not any(financing_stop(c, case.law) > start for c in post.conventions):
            raise Impossible("no_grant_then", day=start)
        conventions = tuple(
            c.model_copy(update={"end": start - DAY, "source": change.source})
            if financing_stop(c, case.law) > start
            else c
            for c in post.conventions
            if c.financing_start < start
        )
        return post.model_copy(update={"conventions": conventions})

    return _on_posts(case, change, cut)[0]


def _share(case: Case, change: schema.Change) -> Case:
    start = change.start or case.next_year
    if start.day != 1:
        raise Impossible("not_first", day=start)
    plan = Projection(case.dossier, case.base_law, case.report_date)
    found = tuple(_sharing.items(plan, change, start))
    if not found:
        raise Impossible("nothing_to_share", day=start)
    return case.having(funding=(*case.dossier.funding, *found))


def _raise_value(case: Case, change: schema.Change) -> Case:
    assert change.rate is not None
    start = change.start or case.next_year
    parameter = MOVED[change.kind]
    last = max(case.closing, start)
    held = case.dossier.assumptions
    return case.having(
        assumptions=_values.raised(
            held, case.law, parameter, change.rate, start, last, change.yearly, change.source
        )
    )


def _set_value(case: Case, change: schema.Change) -> Case:
    assert change.parameter is not None
    assert change.start is not None
    assert change.value is not None
    held = case.dossier.assumptions
    return case.having(
        assumptions=_values.fixed(held, change.parameter, change.start, change.value, change.source)
    )


def _freeze(case: Case, change: schema.Change) -> Case:
    assert change.parameter is not None
    assert change.start is not None
    held = case.dossier.assumptions
    return case.having(
        assumptions=_values.frozen(held, case.base_law, change.parameter, change.start, change.source)
    )


_MAKERS: Mapping[str, Make] = {
    "arret": _stop,
    "non_renouvellement": _end,
    "maintien": _keep,
    "titularisation": _titularise,
    "temps_de_travail": _hours,
    "remplacement": _replace,
    "recrutement": _hire,
    "indice": _points,
    "psc": _psc,
    "bonification": _bonify,
    "fin_subvention": _cut_grant,
    "partage": _share,
    "smic": _raise_value,
    "point": _raise_value,
    "valeur_legale": _set_value,
    "gel": _freeze,
}
