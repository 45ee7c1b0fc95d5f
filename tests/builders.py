"""Small cases that tests put together: one agent, one convention, one post, with what a test wants changed."""

from __future__ import annotations

from datetime import date
from typing import Any

from conseiller.dossier import schema
from conseiller.projection import Projection

TODAY = date(2026, 11, 24)
#: Length and amount of the grant years of a V2 convention [months, euros].
V2 = ((12, 17500.0), (12, 12500.0), (12, 12500.0))
#: A month worked by hand: January 2026, IM 373, RIFSEEP 100 €, fewer than 50 agents; gross 1 936.20.
MONTH_BY_HAND = {
    "traitement": 1836.20,
    "primes": 100.0,
    "maladie": 251.71,
    "vieillesse_plafonnee": 165.55,
    "vieillesse_deplafonnee": 40.85,
    "allocations_familiales": 101.65,
    "csa": 5.81,
    "fnal": 1.94,
    "ircantec": 82.68,
    "at_mp": 30.98,
    "cnfpt": 17.43,
    "apprentissage": 1.94,
    "cdg": 21.30,
}


def contract(start: date, end: date | None = None, **fields: Any) -> schema.Contract:
    """An agent at IM 373 with a RIFSEEP of 100 € a month."""
    fields = {"terms": (schema.PayTerm(start=start.replace(day=1), index=373, bonus=100),)} | fields
    return schema.Contract(start=start, end=end, **fields)


def convention(start: date, tranches: Any = V2, code: str = "V2", **fields: Any) -> schema.Convention:
    """A convention whose years are those given."""
    rows = tuple(schema.Tranche(months=m, amount=a) for m, a in tranches)
    return schema.Convention(
        code=code, generation="personnalisee", tranches=rows, financing_start=start, **fields
    )


def instalment(amount: float, label: str = "versement", **fields: Any) -> schema.Instalment:
    return schema.Instalment(label=label, amount=amount, **fields)


def plan_of(
    *posts: schema.Post, first: int = 2021, last: int = 2030, today: date = TODAY, **fields: Any
) -> Projection:
    """A case of 49 agents, projected."""
    authority = fields.pop("authority", schema.Authority(name="Cas", headcount=49))
    period = schema.Period(first=first, last=last)
    return Projection(schema.Dossier(authority=authority, period=period, posts=posts, **fields), today=today)


def post(contracts: Any = (), conventions: Any = (), code: str = "P1") -> schema.Post:
    return schema.Post(code=code, contracts=tuple(contracts), conventions=tuple(conventions))


def just(paid: tuple[float, ...] = (17500,), last: int = 2028) -> schema.Dossier:
    """One post, IM 373, V2 from 1 September 2025, project contract to 31 August 2028."""
    terms = (schema.PayTerm(start=date(2025, 9, 1), index=373, source="hypothèse"),)
    contract = schema.Contract(
        start=date(2025, 9, 1), end=date(2028, 8, 31), nature="projet", terms=terms, source="hypothèse"
    )
    convention = schema.Convention(
        code="V2",
        generation="v2_collectivite",
        financing_start=date(2025, 9, 1),
        instalments=tuple(schema.Instalment(label="x", amount=a, source="hypothèse") for a in paid),
        source="hypothèse",
    )
    post = schema.Post(
        code="CN1", label="Conseiller", contracts=(contract,), conventions=(convention,), source="hypothèse"
    )
    return schema.Dossier(
        authority=schema.Authority(
            name="Val Test", headcount=60, headcount_source="hypothèse", source="hypothèse"
        ),
        period=schema.Period(first=2025, last=last, source="hypothèse"),
        posts=(post,),
    )


def raised(dossier: schema.Dossier, points: int) -> schema.Dossier:
    """The same case, every typed index so many points higher."""

    def term(t: schema.PayTerm) -> schema.PayTerm:
        return t if t.index is None else t.model_copy(update={"index": t.index + points})

    posts = tuple(
        p.model_copy(
            update={
                "contracts": tuple(
                    c.model_copy(update={"terms": tuple(map(term, c.terms))}) for c in p.contracts
                )
            }
        )
        for p in dossier.posts
    )
    return dossier.model_copy(update={"posts": posts})
