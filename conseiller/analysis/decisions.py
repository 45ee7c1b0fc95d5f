"""The decision calendar: what falls due, when, on whose authority, and what has been missed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from conseiller.analysis.clocks import year_end
from conseiller.analysis.financing import Financing, financings, whole_life
from conseiller.analysis.mandate import election_year
from conseiller.analysis.wording import Values, sentence
from conseiller.dossier import schema
from conseiller.dossier.schedule import later
from conseiller.law import Entry, LawError, day_at, day_of_year
from conseiller.messages import Lang
from conseiller.projection import Projection
from conseiller.rules.registry import FAR

Status = Literal["missed", "past", "coming"]
Certainty = Literal["sourced", "derived", "unverified", "stated", "assumed"]
Kind = Literal[
    "notice",
    "notice_other",
    "project_limit",
    "project_limit_exceeded",
    "contract_end",
    "contract_relay",
    "financing_end",
    "financing_cut",
    "convention_end",
    "vacancy_limit",
    "post_lost",
    "call",
    "title",
    "receive",
    "untitled_receipt",
    "last_title",
    "accrual_title",
    "budget_vote",
]

_DAY = timedelta(days=1)
_OTHER_NOTICE = "Décret n° 88-145 du 15 février 1988, art. 38-1"


@dataclass(frozen=True)
class Decision:
    """A date of the calendar.

    Parameters
    ----------
    date : date
    post : str
        Code of the post; "" for the whole authority.
    kind : str
        Stable name of the kind of date.
    status : {"missed", "past", "coming"}
        Relative to the date of the report. "missed": something had to be done by then, can still
        matter, and nothing in the dossier says it was.
    source : str
        The text or the statement of the dossier it comes from, in French.
    certainty : {"sourced", "derived", "unverified", "stated", "assumed"}
        The last two for statements of the dossier: by an act; by hypothesis or default.
    values : tuple of (str, value)
        What the label names.
    link : str
        Where the source can be read.
    """

    date: date
    post: str
    kind: Kind
    status: Status
    source: str
    certainty: Certainty
    values: Values = ()
    link: str = ""

    @property
    def missed(self) -> bool:
        """Whether the date has passed with something left undone."""
        return self.status == "missed"

    def label(self, lang: Lang = "fr") -> str:
        """Return what falls due, in words."""
        return sentence(f"analysis.decision.{self.kind}", lang, self.values)


def decision_calendar(plan: Projection) -> list[Decision]:
    """Return every date a finance officer must hold, past ones included, in order.

    Notices of renewal, limit of contrats de projet, ends of contract, of financing and of convention,
    limits of vacancies, instalments, closing of the exercices and votes of the budget.

    Parameters
    ----------
    plan : Projection

    Returns
    -------
    list of Decision
        Sorted by date, then post.
    """
    life = whole_life(plan)
    funded = financings(plan, life)
    found: list[Decision] = []
    for p, post in enumerate(plan.dossier.posts):
        mine = [f for f in funded if f.post == post.code]
        found += _of_contracts(plan, post)
        found += _of_projects(plan, post)
        found += _of_vacancies(plan, life, p, mine)
        for financing in mine:
            found += _of_financing(plan, financing)
    found += _of_closings(plan, funded)
    found += _of_votes(plan)
    rank = {post: r for r, post in enumerate(["", *plan.posts])}
    return sorted(found, key=lambda d: (d.date, rank[d.post], d.kind))


def _status(plan: Projection, day: date, undone: bool = False) -> Status:
    if day >= plan.report_date:
        return "coming"
    return "missed" if undone else "past"


def _stated(source: str) -> Certainty:
    return "stated" if source.startswith("acte") else "assumed"


def _entry(plan: Projection, parameter: str, day: date) -> Entry | None:
    """Return the legal value in force, None before the first known one."""
    try:
        return plan.law.table(parameter).at(day)
    except LawError:
        return None


def _successor(post: schema.Post, contract: schema.Contract) -> schema.Contract | None:
    """Return the contract that follows without a day between."""
    end = contract.end
    return next((c for c in post.contracts if end is not None and c.start == end + _DAY), None)


def _of_contracts(plan: Projection, post: schema.Post) -> Iterator[Decision]:
    for contract in post.contracts:
        if contract.end is None:
            continue
        follower = _successor(post, contract)
        yield Decision(
            contract.end,
            post.code,
            "contract_relay" if follower else "contract_end",
            _status(plan, contract.end),
            contract.source,
            _stated(contract.source),
        )
        if contract.status == "contractuel" and (notice := _notice(plan, post, contract, follower)):
            yield notice


def _notice(
    plan: Projection, post: schema.Post, contract: schema.Contract, follower: schema.Contract | None
) -> Decision | None:
    """Return the last day to notify renewal or not.

    The legal values are those of the contrat de projet. Another fixed-term contract is held to
    shorter or equal delays by another text, not in the tables: the same day is prudent, and marked
    unverified.
    """
    assert contract.end is not None
    threshold = _entry(plan, "preavis_seuil_mois", contract.end)
    if threshold is None:
        return None
    long = contract.end >= later(contract.start, int(threshold.value))
    parameter = "preavis_mois_contrat_long" if long else "preavis_mois_contrat_court"
    entry = _entry(plan, parameter, contract.end)
    if entry is None:
        return None
    day = max(later(contract.end, -int(entry.value)), contract.start)
    settled = follower is not None and follower.source.startswith("acte")
    undone = contract.end >= plan.report_date and not settled
    project = contract.nature == "projet"
    return Decision(
        day,
        post.code,
        "notice" if project else "notice_other",
        _status(plan, day, undone),
        entry.reference if project else _OTHER_NOTICE,
        entry.certainty if project else "unverified",
        (("end", contract.end), ("months", int(entry.value))),
        entry.link if project else "",
    )


def _chains(post: schema.Post) -> list[list[schema.Contract]]:
    """Return the contrats de projet of a post that follow one another without a day between."""
    chains: list[list[schema.Contract]] = []
    for contract in sorted(post.contracts, key=lambda c: c.start):
        if contract.nature != "projet" or contract.status != "contractuel":
            continue
        end = chains[-1][-1].end if chains else None
        if end is not None and contract.start == end + _DAY:
            chains[-1].append(contract)
        else:
            chains.append([contract])
    return chains


def _of_projects(plan: Projection, post: schema.Post) -> Iterator[Decision]:
    for chain in _chains(post):
        entry = _entry(plan, "contrat_projet_duree_max_mois", chain[-1].start)
        if entry is None:
            continue
        limit = later(chain[0].start, int(entry.value)) - _DAY
        end = chain[-1].end
        exceeded, runs = end is None or end > limit, end is None or end >= plan.report_date
        if not exceeded and not runs:
            continue
        yield Decision(
            limit,
            post.code,
            "project_limit_exceeded" if exceeded else "project_limit",
            _status(plan, limit, exceeded and runs),
            entry.reference,
            entry.certainty,
            (("start", chain[0].start), ("months", int(entry.value))),
            entry.link,
        )


def _of_vacancies(
    plan: Projection, life: Projection, p: int, funded: Sequence[Financing]
) -> Iterator[Decision]:
    """Return the last day to fill each vacancy that a financing runs through."""
    contracts = life.model.contract
    for k, contract in enumerate(plan.dossier.posts[p].contracts):
        limit, lost, following = (
            float(contracts[column][p, k]) for column in ("vacancy_limit", "lost_on", "next_start")
        )
        if contract.end is None or limit >= FAR:
            continue
        empty = contract.end + _DAY
        if following and day_at(following) == empty:
            continue
        touched = [
            f
            for f in funded
            if f.start < empty
            and day_at(limit) <= f.stated_end
            and (f.lost_on is None or f.lost_on >= day_at(limit))
        ]
        entry = _entry(plan, "vacance_tolerance_mois", empty)
        if not touched or entry is None:
            continue
        given_back = lost < FAR
        yield Decision(
            day_at(limit),
            plan.posts[p],
            "post_lost" if given_back else "vacancy_limit",
            _status(plan, day_at(limit), given_back),
            entry.reference,
            entry.certainty,
            (("since", empty), ("months", int(entry.value)), ("code", touched[0].code)),
            entry.link,
        )


def _of_financing(plan: Projection, f: Financing) -> Iterator[Decision]:
    convention = f.convention
    source, certainty = convention.source, _stated(convention.source)
    cut = convention.end is not None and convention.end < f.natural_end - _DAY
    if f.lost_on is None:
        yield Decision(
            f.stated_end,
            f.post,
            "financing_cut" if cut else "financing_end",
            _status(plan, f.stated_end),
            source,
            certainty,
            (("code", f.code),),
        )
    if convention.convention_start is not None:
        months = sum(m for m, _ in f.tranches)
        natural = later(convention.convention_start, months) - _DAY
        day = natural if convention.end is None else min(natural, convention.end)
        if day != f.stated_end:
            yield Decision(
                day,
                f.post,
                "convention_end",
                _status(plan, day),
                source,
                certainty,
                (("code", f.code), ("months", months)),
            )
    for instalment in convention.instalments:
        yield from _of_instalment(plan, f, instalment)


def _of_instalment(plan: Projection, f: Financing, i: schema.Instalment) -> Iterator[Decision]:
    certainty = _stated(i.source)
    values: Values = (("code", f.code), ("label", i.label), ("amount", float(i.amount)))
    steps: tuple[tuple[Kind, date | None], ...] = (
        ("call", i.called),
        ("title", i.titled),
        ("receive", i.received),
    )
    for kind, day in steps:
        if day is not None:
            yield Decision(day, f.post, kind, _status(plan, day), i.source, certainty, values)
    if i.received is not None and i.titled is None:
        status = _status(plan, i.received, undone=True)
        yield Decision(i.received, f.post, "untitled_receipt", status, i.source, certainty, values)


def _of_closings(plan: Projection, funded: Sequence[Financing]) -> Iterator[Decision]:
    """Return, for each exercice with grant to title or to accrue, its last day and that of its accruals.

    Conventions without any instalment typed have no known balance: they name no amount here.
    """
    typed = {(f.post, f.code) for f in funded if f.convention.instalments}
    if not funded:
        return
    ends = year_end(plan)
    known = [key in typed for key in zip(ends["post"], ends["code"], strict=True)]
    titled = ends.groupby("exercice")[["earned", "titled"]].sum().round(2)
    known_ends = ends[known].groupby("exercice")[["to_accrue", "deferred"]].sum().round(2)
    balances = {year: (float(a), float(d)) for year, a, d in known_ends.itertuples()}
    before: tuple[float, float] = (0.0, 0.0)
    for year in plan.exercices:
        if titled.loc[year].any():
            yield _of_budget(plan, "cloture_exercice", year, "last_title", (("exercice", year),))
        now = balances.get(year, (0.0, 0.0))
        if any(now) and (now != before or titled.loc[year, "earned"]):
            values = (("exercice", year), ("accrued", now[0]), ("deferred", now[1]))
            yield _of_budget(plan, "journee_complementaire", year + 1, "accrual_title", values)
        before = now


def _of_budget(plan: Projection, parameter: str, year: int, kind: Kind, values: Values) -> Decision:
    """Return a date that the law sets as a day of the year."""
    entry = plan.law.table(parameter).at(date(year, 1, 1))
    day = day_of_year(entry.value, year)
    return Decision(day, "", kind, _status(plan, day), entry.reference, entry.certainty, values, entry.link)


def _of_votes(plan: Projection) -> Iterator[Decision]:
    """Return the last day to vote each budget still to be voted at the date of the report.

    30 April in the years when municipal councils are renewed.
    """
    for exercice in plan.exercices:
        parameter = "vote_budget_renouvellement" if election_year(plan.law, exercice) else "vote_budget"
        decision = _of_budget(plan, parameter, exercice, "budget_vote", (("exercice", exercice),))
        if decision.date >= plan.report_date:
            yield decision
