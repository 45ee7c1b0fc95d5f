"""The visas: the law, the acts and the conventions that the decision rests on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from conseiller.analysis.financing import financings
from conseiller.brief.act.draft import Draft
from conseiller.brief.office import BLANK
from conseiller.dossier import schema
from conseiller.text import listing

_ACT = re.compile(r"délibération n° ?\S+ du \d{1,2}(?:er)? \w+ \d{4}")


def visas(draft: Draft) -> Iterator[str]:
    """Return the visas."""
    if draft.body in {"epci", "commune"}:
        yield draft.tr(f"visa.cgct_{draft.body}")
    else:
        yield draft.tr("visa.cgct_other")
    if articles := list(_article_refs(draft)):
        yield draft.tr("visa.cgfp", articles=listing(articles, draft.lang))
    yield draft.tr("visa.finance")
    for act in dict.fromkeys(_acts(draft.plan.dossier, draft.act.codes)):
        yield draft.tr("visa.act", act=act)
    yield from _conventions(draft)
    if draft.body == "epci":
        yield draft.tr("visa.bureau", blank=BLANK)
    yield draft.tr("visa.budget", year=draft.act.years[0])


def _article_refs(draft: Draft) -> Iterator[str]:
    """Return the articles of the civil-service code that the decision rests on."""
    as_it_is = draft.act.kind in {"stop", "budget"}
    contracts = [p.contract if as_it_is else p.then for p in draft.act.posts]
    hired = [c for c in contracts if c.status == "contractuel"]
    if not as_it_is:
        yield draft.tr("article_ref.creation")
    if any(c.nature == "projet" for c in hired):
        yield draft.tr("article_ref.projet")
    if not as_it_is and any(c.nature != "projet" for c in hired):
        yield draft.tr("article_ref.permanent")
    projects = [p for p in draft.act.posts if p.contract.nature == "projet"]
    if draft.act.kind not in {"recruit", "budget"} and any(
        p.contract.status == "contractuel" for p in projects
    ):
        yield draft.tr("article_ref.notice")


def _conventions(draft: Draft) -> Iterator[str]:
    """Return the visas of the conventions that fund the posts at the report or later."""
    found: dict[tuple[str, str], list[str]] = {}
    funded = [f for f in financings(draft.plan) if f.post in draft.act.codes]
    last = {f.post: max(g.last_day for g in funded if g.post == f.post) for f in funded}
    for f in funded:
        if f.last_day == last[f.post]:
            found.setdefault((f.code, f.convention.reference), []).append(f.post)
    for (code, reference), posts in found.items():
        key = "visa.convention_named" if reference else "visa.convention"
        yield draft.tr(key, code=code, reference=reference, codes=listing(posts, draft.lang))


def _acts(dossier: schema.Dossier, codes: Iterable[str]) -> Iterator[str]:
    """Return the acts that the dossier names about some posts."""
    chosen = set(codes)
    for post in dossier.posts:
        if post.code not in chosen:
            continue
        records: list[Any] = [post, *post.contracts, *post.conventions]
        for record in records:
            yield from _ACT.findall(record.source)
