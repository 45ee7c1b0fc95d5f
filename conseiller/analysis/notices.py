"""What every report must say beside its figures: what they rest on, and how far it is sure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import get_args

import numpy as np

from conseiller.analysis.financing import earned, financings, whole_life
from conseiller.analysis.reliance import Use, parameters_used
from conseiller.analysis.wording import plural
from conseiller.dossier import schema
from conseiller.law import Entry, Table
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.text import date_long, few, joined, legal_value, listing, money, number, percent

_DAY = timedelta(days=1)
#: Labels named in a sentence before the rest is only counted.
_NAMED = 5
#: Words that open a label and keep their capital.
_NAMES = ("Ircantec",)
_OWN_RATES = ("at_mp", "cdg", "versement_mobilite", "chomage", "dialogue_social")


def notices(plan: Projection, lang: Lang = "fr") -> list[str]:
    """Return what every report of this plan must say, one sentence or two each.

    Legal values beyond the date until which they were checked, planned, unverified or changed;
    where the State grant and the contracts end; conventions of reckoning that weigh on the
    figures; hypotheses and defaults of the dossier.

    Parameters
    ----------
    plan : Projection
    lang : {"fr", "en"}
    """
    return [*reserves(plan, lang), *statements(plan, lang)]


def statements(plan: Projection, lang: Lang = "fr") -> list[str]:
    """Return the hypotheses and defaults of the dossier that the figures rest on."""
    return list(_statements(plan, lang))


def reserves(plan: Projection, lang: Lang = "fr") -> list[str]:
    """Return what must be said of the law, of the end of the grant and of conventions of reckoning."""
    used = parameters_used(plan)
    rooms: tuple[Iterator[str], ...] = (
        _unchecked(plan, used, lang),
        _planned(plan, used, lang),
        _unverified(used, lang),
        _changed(plan, lang),
        iter(given_back(plan, lang).values()),
        _without_grant(plan, lang),
        _without_contract(plan, lang),
        unpriced_exit(plan, lang),
        _part_time(plan, lang),
        _split_months(plan, lang),
    )
    return [text for room in rooms for text in room]


def _lower(label: str) -> str:
    """Return a label as it reads within a sentence: no capital, unless it opens a name or an acronym."""
    acronym = label[1:2].isupper() or label[1:2].isdigit() or label.startswith(_NAMES)
    return label if acronym else label[:1].lower() + label[1:]


# --- the law -----------------------------------------------------------------------------------------


def _unchecked(plan: Projection, used: Sequence[Use], lang: Lang) -> Iterator[str]:
    late = [u for u in used if u.unchecked]
    for until in sorted({u.table.checked_until for u in late}):
        mine = [u for u in late if u.table.checked_until == until]
        yield tr(
            "analysis.notice.unchecked",
            lang,
            until=date_long(until, lang),
            last=date_long(date(plan.exercices[-1], 12, 31), lang),
            labels=few((_lower(u.table.label[lang]) for u in mine), lang, _NAMED),
        )


def _dated(table: Table, entry: Entry, lang: Lang) -> str:
    return tr(
        "analysis.notice.dated_value",
        lang,
        label=_lower(table.label[lang]),
        value=legal_value(entry.value, table.unit, lang),
        start=date_long(entry.start, lang),
    )


def _planned(plan: Projection, used: Sequence[Use], lang: Lang) -> Iterator[str]:
    ahead = [
        _dated(u.table, e, lang)
        for u in used
        for e in u.entries
        if e.origin == "law" and e.planned and e.start > plan.report_date
    ]
    if ahead:
        yield tr("analysis.notice.planned", lang, values=joined(ahead, lang))


def _unverified(used: Sequence[Use], lang: Lang) -> Iterator[str]:
    doubtful = [
        _dated(u.table, e, lang)
        for u in used
        for e in u.entries
        if e.origin == "law" and e.certainty == "unverified"
    ]
    if doubtful:
        yield tr("analysis.notice.unverified", lang, values=joined(doubtful, lang))


def _changed(plan: Projection, lang: Lang) -> Iterator[str]:
    """Name every legal value that the officer supposed, changed or withdrew."""
    found: dict[str, list[str]] = {"changed": [], "assumed": [], "withdrawn": []}
    for table in plan.law.tables.values():
        for entry in table.entries:
            if entry.origin != "law":
                found[entry.origin].append(_dated(table, entry, lang))
        for day in table.withdrawn:
            words = {"label": _lower(table.label[lang]), "start": date_long(day, lang)}
            found["withdrawn"].append(tr("analysis.notice.dated_label", lang, **words))
    for key, values in found.items():
        if values:
            yield tr(f"analysis.notice.{key}", lang, values=joined(values, lang))


# --- what stops --------------------------------------------------------------------------------------


def _grouped(dates: dict[str, date]) -> Iterator[tuple[date, list[str]]]:
    for day in sorted(set(dates.values())):
        yield day, [post for post, own in dates.items() if own == day]


def _horizon_end(plan: Projection) -> date:
    return date(plan.exercices[-1], 12, 31)


def given_back(plan: Projection, lang: Lang = "fr") -> dict[tuple[str, str], str]:
    """Say of each post and convention that a vacancy beyond the tolerance loses since when, and what it earned."""
    told = {}
    life = whole_life(plan)
    lost = [f for f in financings(plan, life) if f.lost_on is not None]
    money_of = earned(life).groupby(["post", "code"])["cents"].sum().to_dict() if lost else {}
    for f in lost:
        assert f.lost_on is not None
        assert f.vacant_from is not None
        right = int(money_of.get((f.post, f.code), 0)) / 100
        told[f.post, f.code] = tr(
            "analysis.notice.given_back",
            lang,
            post=f.post,
            code=f.code,
            since=date_long(f.vacant_from, lang),
            months=number(plan.law.value("vacance_tolerance_mois", f.vacant_from), lang),
            lost=date_long(f.lost_on, lang),
            until=date_long(f.earns_until, lang),
            earned=money(right, lang),
            agreed=money(f.agreed, lang),
        )
    return told


def _without_grant(plan: Projection, lang: Lang) -> Iterator[str]:
    """Name the posts that have an agent and no State grant any more, and from when."""
    opening, closing = date(plan.exercices[0], 1, 1), _horizon_end(plan)
    since: dict[str, date] = {}
    funded = financings(plan)
    for post in plan.dossier.posts:
        mine = [f for f in funded if f.post == post.code and f.stops > f.start]
        if mine and max(mine, key=lambda f: f.stops).lost_on is not None:
            continue  # told by `given_back`, with the reason
        ends = [f.stops for f in mine]
        free = max(ends, default=opening)
        runs = [
            max(c.start, free, opening)
            for c in post.contracts
            if (c.end is None or c.end >= max(free, opening)) and c.start <= closing
        ]
        if runs and min(runs) <= closing:
            since[post.code] = min(runs)
    for day, posts in _grouped(since):
        yield plural(
            "analysis.notice.without_grant",
            len(posts),
            lang,
            posts=listing(posts, lang),
            start=date_long(day, lang),
        )


def _without_contract(plan: Projection, lang: Lang) -> Iterator[str]:
    """Name the posts that have no agent any more before the last exercice shown ends."""
    since: dict[str, date] = {}
    for post in plan.dossier.posts:
        ends = [c.end for c in post.contracts]
        last = max((e for e in ends if e is not None), default=None)
        if last is not None and None not in ends and last < _horizon_end(plan):
            since[post.code] = max(last + _DAY, date(plan.exercices[0], 1, 1))
    for day, posts in _grouped(since):
        yield plural(
            "analysis.notice.without_contract",
            len(posts),
            lang,
            posts=listing(posts, lang),
            start=date_long(day, lang),
        )


def unpriced_posts(plan: Projection) -> list[str]:
    """Return the posts whose contract ends at the employer's own unemployment risk, unpriced."""
    if not plan.dossier.authority.self_insured:
        return []
    opening, closing = date(plan.exercices[0], 1, 1), _horizon_end(plan)
    posts = []
    for post in plan.dossier.posts:
        for c in post.contracts:
            if c.end is None or c.status != "contractuel" or c.are_days or not opening <= c.end < closing:
                continue
            if c.end >= plan.report_date and not any(o.start == c.end + _DAY for o in post.contracts):
                posts.append(post.code)
    return list(dict.fromkeys(posts))


def unpriced_exit(plan: Projection, lang: Lang) -> Iterator[str]:
    """Say which posts end at the employer's own unemployment risk, unpriced."""
    posts = unpriced_posts(plan)
    if posts:
        yield plural("analysis.notice.unpriced_exit", len(posts), lang, posts=listing(posts, lang))


# --- conventions of reckoning ------------------------------------------------------------------------


def _part_time(plan: Projection, lang: Lang) -> Iterator[str]:
    """Say how the grant of a post not held full time was reckoned: no public text sets it."""
    used: dict[str, list[str]] = {}
    for f in financings(plan):
        post = next(p for p in plan.dossier.posts if p.code == f.post)
        partial = any(
            c.working_time != "temps_complet" and c.start < f.stops and (c.end is None or c.end >= f.start)
            for c in post.contracts
        )
        if partial:
            used.setdefault(f.convention.part_time, []).append(f.post)
    for rule, posts in used.items():
        yield tr(f"analysis.notice.part_time.{rule}", lang, posts=listing(dict.fromkeys(posts), lang))


def _split_months(plan: Projection, lang: Lang) -> Iterator[str]:
    """Say how the grant of a month funded in part was reckoned, when there is one."""
    for frame in (plan.model.month, plan.model.extra):
        if any(bool(np.any((d > 0) & (d != 30))) for d in (frame["occupied_1"], frame["occupied_2"])):
            yield tr("analysis.notice.split_months", lang)
            return


# --- statements of the dossier -----------------------------------------------------------------------


def _statements(plan: Projection, lang: Lang) -> Iterator[str]:
    """Name the hypotheses and the defaults of the dossier, those of the same words together."""
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    for source, record, subject in _records(plan.dossier, lang):
        origin, _, words = source.partition(":")
        origin = origin.strip()
        if origin == "acte":
            continue
        kinds = found.setdefault((origin, words.strip()), {})
        kinds.setdefault(record, []).append(subject)
    for origin in (schema.HYPOTHESIS, schema.DEFAULT):
        key = {schema.HYPOTHESIS: "hypothesis", schema.DEFAULT: "default"}[origin]
        plain = found.get((origin, ""))
        if plain:
            yield tr(f"analysis.notice.{key}", lang, records=_named(plain, lang))
        for (own, words), kinds in found.items():
            if own == origin and words:
                yield tr(
                    f"analysis.notice.{key}_because",
                    lang,
                    records=_named(kinds, lang),
                    words=_words(words, lang),
                )


def _words(words: str, lang: Lang) -> str:
    """Return the officer's words; those of the tool's own default in the reader's language."""
    default = str(schema.EmployerRates.model_fields["source"].default).partition(":")[2].strip()
    return tr("analysis.notice.default_rates", lang) if words == default else words.rstrip(".")


def _named(kinds: dict[str, list[str]], lang: Lang) -> str:
    parts = []
    for record, subjects in kinds.items():
        label = tr(f"analysis.record.{record}", lang)
        each = [s for s in dict.fromkeys(subjects) if s]
        named = joined(each, lang) if any(", " in s for s in each) else ", ".join(each)
        parts.append(f"{label} ({named})" if named else label)
    return joined(parts, lang)


#: Fields of the authority that move an amount, so that their default must be told.
_TELLING = ("zone_residence", "auto_assurance_chomage", "psc_soumise_cotisations", "mois_cia")


def _records(dossier: schema.Dossier, lang: Lang) -> Iterator[tuple[str, str, str]]:
    """Return source, kind of record and subject of every statement of the dossier."""
    authority = dossier.authority
    yield authority.headcount_source, "headcount", number(authority.headcount, lang)
    yield authority.source, "authority", ""
    for key in get_args(schema.AuthorityField):
        source = authority.source_of(key)
        if key in authority.sources or (key in _TELLING and source == schema.DEFAULT):
            yield source, "authority", _lower(tr(f"form.collectivite.{key}", lang))
    yield dossier.period.source, "period", ""
    for rates in dossier.rates:
        shown = [
            f"{tr(f'analysis.rate.{name}', lang)} {percent(getattr(rates, name), 2, lang)}"
            for name in _OWN_RATES
            if getattr(rates, name)
        ]
        yield rates.source, "rates", ", ".join(shown)
    for post in dossier.posts:
        yield post.source, "post", post.code
        for contract in post.contracts:
            yield contract.source, "contract", post.code
            for term in contract.terms:
                yield term.source, "term", post.code
        for convention in post.conventions:
            yield convention.source, "convention", f"{convention.code} {post.code}"
            for instalment in convention.instalments:
                yield instalment.source, "instalment", f"{convention.code} {post.code}"
    for items, record in ((dossier.costs, "cost"), (dossier.funding, "funding")):
        for item in items:
            yield item.source, record, item.label
