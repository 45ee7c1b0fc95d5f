"""What a case calls for saying without refusing it: one short sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from statistics import mode
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta

from conseiller import text
from conseiller.dossier.schedule import financing_stop
from conseiller.dossier.schema import DEFAULT, Contract, Dossier, Item, Post
from conseiller.messages import Lang, tr

if TYPE_CHECKING:
    from conseiller.law import Law, Table

_OPEN = date(9999, 12, 31)


def warnings(
    dossier: Dossier, law: Law | None = None, lang: Lang = "fr", *, projected: bool = False
) -> list[str]:
    """Return what the reader of a report must know of a case that is otherwise sound.

    Parameters
    ----------
    dossier : Dossier
        A checked case.
    law : Law, optional
        Legal tables as shipped; the case's suppositions are laid over them here.
    lang : {"fr", "en"}
    projected : bool
        Whether the reserves of a projection are read beside: what they say is then left out.

    Returns
    -------
    list of str
        Short sentences: posts first, then the authority, then the law.
    """
    if law is None:
        from conseiller.law import load_law

        law = load_law()
    law = law.with_assumptions(dossier.assumptions)
    found: list[str] = []
    for post in dossier.posts:
        found += _of_post(post, dossier, law, lang, projected)
    for item in (*dossier.costs, *dossier.funding):
        found += _of_item(item, law, lang)
    found += _of_authority(dossier, lang)
    if not projected:
        found += _of_values(dossier, law, lang)
    found += _of_days(dossier, law, lang)
    return list(dict.fromkeys(found))


# --- posts -------------------------------------------------------------------------------------------


def _of_post(post: Post, dossier: Dossier, law: Law, lang: Lang, projected: bool) -> Iterator[str]:
    def say(key: str, **values: object) -> str:
        return tr(f"dossier.warning.{key}", lang, post=post.code, **values)

    if not post.contracts:
        yield say("post_without_contract")
    if post.contracts and not post.conventions and not projected:
        yield say("post_without_grant")
    shown = date(dossier.period.last, 12, 31)
    for start, last in _unfunded(post, law) if post.conventions else ():
        again = any(convention.financing_start > start for convention in post.conventions)
        if projected and start <= shown and (last >= shown or not again):
            continue
        if last == _OPEN:
            yield say("unfunded_from", start=text.date_long(start, lang))
        else:
            yield say("unfunded", start=text.date_long(start, lang), end=text.date_long(last, lang))
    part_time = any(c.working_time != "temps_complet" for c in post.contracts)
    if part_time and not projected and any(c.part_time == "prorata" for c in post.conventions):
        yield say("part_time_grant")
    yield from _of_projects(post, law, lang)
    for contract in post.contracts:
        yield from _of_contract(post, contract, dossier, law, lang)


def _unfunded(post: Post, law: Law) -> list[tuple[date, date]]:
    """Return the spans, both days included, in which someone is in post outside any financing."""
    funded = sorted((c.financing_start, financing_stop(c, law)) for c in post.conventions)
    spans: list[tuple[date, date]] = []
    for contract in post.contracts:
        day, last = contract.start, contract.end or _OPEN
        for begin, stop in funded:
            if begin > day:
                spans.append((day, min(last, begin - timedelta(days=1))))
            day = max(day, stop)
            if day > last:
                break
        if day <= last:
            spans.append((day, last))
    return _joined([span for span in spans if span[0] <= span[1]])


def _joined(spans: Sequence[tuple[date, date]]) -> list[tuple[date, date]]:
    """Return spans with those that follow one another day by day made one."""
    joined: list[tuple[date, date]] = []
    for start, last in sorted(spans):
        if joined and joined[-1][1] != _OPEN and start <= joined[-1][1] + timedelta(days=1):
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((start, last))
    return joined


def _months(start: date, stop: date) -> float:
    """Return the months from a day to another, the days beyond whole months by thirtieths."""
    gap = relativedelta(stop, start)
    return 12 * gap.years + gap.months + gap.days / 30


def _of_projects(post: Post, law: Law, lang: Lang) -> Iterator[str]:
    projects = [c for c in post.contracts if (c.status, c.nature) == ("contractuel", "projet")]
    for contract in projects:
        if contract.end is None:
            start = text.date_long(contract.start, lang)
            yield tr("dossier.warning.project_without_end", lang, post=post.code, start=start)
    closed = [(c.start, c.end + timedelta(days=1)) for c in projects if c.end is not None]
    if not closed:
        return
    longest = law.value("contrat_projet_duree_max_mois", max(stop for _, stop in closed))
    total = sum(_months(start, stop) for start, stop in closed)
    if total > longest:
        shown = text.number(total, lang, 0)
        yield tr("dossier.warning.project_long", lang, post=post.code, months=shown, most=f"{longest:.0f}")


def _of_contract(post: Post, contract: Contract, dossier: Dossier, law: Law, lang: Lang) -> Iterator[str]:
    def say(key: str, **values: object) -> str:
        return tr(f"dossier.warning.{key}", lang, post=post.code, **values)

    last = contract.end or _OPEN
    starts = sorted(t.start for t in contract.terms)
    replaced = law.table("im_remplaces").entries[-1]
    for term in contract.terms:
        until = next((s for s in starts if s > term.start), _OPEN)
        crosses = term.start < replaced.start < min(until, last) and contract.start < until
        if term.index is not None and term.index <= replaced.value and crosses:
            yield say("low_index", index=term.index)
        if term.start > last:
            yield say("term_after_end", start=text.date_long(term.start, lang))
    breaks = contract.broken or contract.break_pay
    if contract.end is None and (contract.are_days or contract.leave_days or breaks):
        yield say("exit_without_end", start=text.date_long(contract.start, lang))
    if contract.are_days and not dossier.authority.self_insured:
        yield say("are_when_insured")
    if contract.are_days and contract.end and dossier.authority.self_insured:
        shown = date(dossier.period.first, 1, 1)
        needed = max(contract.start, contract.end.replace(day=1) - relativedelta(months=23))
        if needed < shown <= contract.end:
            ends, since = text.date_long(contract.end, lang), text.month_long(shown, lang)
            yield say("are_cut", until=ends, since=since, year=needed.year)
        before = any(c.end == contract.start - timedelta(days=1) for c in post.contracts)
        if before and contract.end - relativedelta(months=24) < contract.start - timedelta(days=1):
            yield say("are_alone", until=text.date_long(contract.end, lang))
    if contract.broken and contract.end and not contract.break_pay:
        shown = date(dossier.period.first, 1, 1)
        if contract.nature != "projet":
            yield say("break_unpriced", start=text.date_long(contract.start, lang))
        elif contract.start < shown <= contract.end:
            start, since = text.date_long(contract.start, lang), text.month_long(shown, lang)
            yield say("break_cut", start=start, since=since)


# --- items, authority ----------------------------------------------------------------------------------


def _of_item(item: Item, law: Law, lang: Lang) -> Iterator[str]:
    if item.vehicle == "participation" and item.account.startswith("74741"):
        yield tr("dossier.warning.communes_pay", lang, label=item.label)
    least = law.value("equipement_seuil", item.start)
    if item.fctva and item.frequency == "unique" and item.amount < least:
        limit = text.money0(least, lang)
        yield tr("dossier.warning.small_equipment", lang, label=item.label, limit=limit)


def _of_authority(dossier: Dossier, lang: Lang) -> Iterator[str]:
    authority = dossier.authority
    if not authority.headcount_source.startswith("acte"):
        count = text.number(authority.headcount, lang)
        yield tr("dossier.warning.headcount", lang, count=count)
    if authority.source_of("residence_zone").startswith(DEFAULT):
        yield tr("dossier.warning.zone", lang, zone=authority.residence_zone)
    for rates in dossier.rates:
        if not rates.source.startswith("acte"):
            at_mp, cdg = text.percent(rates.at_mp, 2, lang), text.percent(rates.cdg, 2, lang)
            yield tr("dossier.warning.default_rates", lang, at_mp=at_mp, cdg=cdg)


# --- law -----------------------------------------------------------------------------------------------


def _used(dossier: Dossier) -> list[str]:
    """Return the beginnings of the names of the legal values that can count in a case."""
    contracts = [c for p in dossier.posts for c in p.contracts]
    terms = [t for c in contracts for t in c.terms]
    conventions = [c for p in dossier.posts for c in p.conventions]
    used = ["point_indice", "im_minimum", "points_", "smic", "pmss", "csa", "fnal", "cnfpt", "allocations"]
    used += [f"indemnite_residence_zone{dossier.authority.residence_zone}"]
    when = {
        ("maladie_contractuel", "vieillesse", "ircantec"): any(c.status == "contractuel" for c in contracts),
        ("maladie_titulaire", "cnracl", "atiacl", "rafp"): any(c.status == "titulaire" for c in contracts),
        ("sft_",): any(t.children for t in terms),
        ("temps_complet",): any(c.hours for c in contracts),
        ("temps_partiel",): any(c.share in (0.8, 0.9) for c in contracts),
        ("chomage_plafond",): any(r.chomage for r in dossier.rates),
        ("dialogue_social",): any(r.dialogue_social for r in dossier.rates),
        ("versement_mobilite",): any(r.versement_mobilite for r in dossier.rates),
        ("are_",): any(c.are_days and c.end for c in contracts),
        ("indemnite_rupture", "rupture_projet"): any(c.broken and c.end for c in contracts),
        ("conge_non_pris",): any(c.leave_days and c.end for c in contracts),
        ("vacance_",): any(p.conventions and (len(p.contracts) > 1) for p in dossier.posts),
        ("fctva_taux",): any(i.fctva for i in dossier.costs),
        ("fctva_decalage",): any(i.fctva for i in dossier.costs) and dossier.authority.fctva_lag is None,
    }
    used += [name for names, counts in when.items() if counts for name in names]
    used += [f"grille_{t.grade}_{t.step:02d}" for t in terms if t.grade and t.step and t.index is None]
    return used + [f"generation_{c.generation}_" for c in conventions]


def _checked_until(tables: list[Table], lang: Lang) -> Iterator[str]:
    """Say until when the legal values were checked: the usual date, then those checked for less long."""
    if not tables:
        return
    usual = mode(t.checked_until for t in tables)
    yield tr("dossier.warning.checked_until", lang, day=text.date_long(usual, lang))
    less = [t for t in tables if t.checked_until < usual]
    if less:
        names = [f"{t.label[lang]} ({text.date_short(t.checked_until, lang)})" for t in less]
        yield tr("dossier.warning.checked_less", lang, names=text.few(names, lang))


def _of_values(dossier: Dossier, law: Law, lang: Lang) -> Iterator[str]:
    first, last = date(dossier.period.first, 1, 1), date(dossier.period.last, 12, 31)
    prefixes = tuple(_used(dossier))
    tables = [t for name, t in law.tables.items() if name.startswith(prefixes)]
    yield from _checked_until([t for t in tables if t.checked_until < last], lang)
    planned: list[str] = []
    unverified: list[str] = []
    for table in tables:
        for entry, following in zip(table.entries, (*table.entries[1:], None), strict=True):
            ends = following.start if following else _OPEN
            if entry.origin != "law" or entry.start > last or ends <= first:
                continue
            name = f"{table.label[lang]} ({text.date_short(entry.start, lang)})"
            if entry.planned:
                planned.append(name)
            if entry.certainty == "unverified":
                unverified.append(name)
    if planned:
        yield tr("dossier.warning.planned", lang, names=text.few(planned, lang))
    if unverified:
        yield tr("dossier.warning.unverified", lang, names=text.few(unverified, lang))


def _of_days(dossier: Dossier, law: Law, lang: Lang) -> Iterator[str]:
    for assumption in dossier.assumptions:
        if assumption.start.day != 1:
            yield tr(
                "dossier.warning.mid_month",
                lang,
                label=law.table(assumption.parameter).label[lang],
                start=text.date_long(assumption.start, lang),
            )
    for rates in dossier.rates:
        if rates.start.day != 1:
            label = tr("dossier.warning.rates_label", lang)
            start = text.date_long(rates.start, lang)
            yield tr("dossier.warning.mid_month", lang, label=label, start=start)
