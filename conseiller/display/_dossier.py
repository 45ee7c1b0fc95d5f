"""A dossier as a reader sees it; nobody's pay unless asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conseiller.messages import Lang, tr
from conseiller.text import date_long, date_short, joined, listing, money, number

if TYPE_CHECKING:
    from conseiller.dossier.schema import Contract, Convention, Dossier, Item, PayTerm, Post
from conseiller.display._sheet import Cell, Grid, Sheet
from conseiller.display._spans import count_words, span_words


def dossier_sheet(dossier: Dossier, lang: Lang, pay: bool = False) -> Sheet:
    period, authority = dossier.period, dossier.authority
    span = span_words(period.first, period.last, lang)
    about = tr(
        "display.dossier.about",
        lang,
        span=span,
        headcount=number(authority.headcount, lang),
        chart=authority.chart,
    )
    lead = [about]
    if period.report_date:
        lead.append(tr("display.dossier.report_date", lang, day=date_long(period.report_date, lang)))
    heads = ["display.column.post", "display.dossier.contracts", "display.dossier.conventions"]
    heads += ["display.dossier.pay"] if pay else []
    rows = [_post_row(post, lang, pay) for post in dossier.posts]
    grids = [Grid([Cell(tr(h, lang)) for h in heads], rows)]
    if dossier.costs or dossier.funding:
        grids.append(_items(dossier, lang))
    notes = [] if pay else [tr("display.dossier.masked", lang)]
    if dossier.assumptions:
        notes.append(count_words("assumptions", len(dossier.assumptions), lang))
    return Sheet(tr("display.dossier.title", lang, name=authority.name), lead, grids, notes)


def dossier_line(dossier: Dossier, lang: Lang = "fr") -> str:
    """Return a dossier in one line: codes of posts, nothing of anyone's pay."""
    period = dossier.period
    return tr(
        "display.dossier.brief",
        lang,
        name=dossier.authority.name,
        span=span_words(period.first, period.last, lang),
        posts=listing((p.code for p in dossier.posts), lang),
    )


def _post_row(post: Post, lang: Lang, pay: bool) -> list[Cell]:
    contracts = joined((_contract(c, lang) for c in post.contracts), lang)
    conventions = joined((_convention(c, lang) for c in post.conventions), lang)
    nothing = tr("display.nothing", lang)
    row = [Cell(post.code), Cell(contracts or nothing), Cell(conventions or nothing)]
    if pay:
        terms = joined((_term(t, lang) for c in post.contracts for t in c.terms), lang)
        row.append(Cell(terms or nothing))
    return row


def _contract(contract: Contract, lang: Lang) -> str:
    nature = "titulaire" if contract.status == "titulaire" else contract.nature
    start = date_short(contract.start, lang)
    if contract.end is None:
        span = tr("display.dossier.since", lang, start=start)
    else:
        span = tr("display.dossier.span", lang, start=start, end=date_short(contract.end, lang))
    return tr(
        "display.dossier.status",
        lang,
        nature=tr(f"display.nature.{nature}", lang),
        time=tr(f"display.time.{contract.working_time}", lang),
        span=span,
    )


def _convention(convention: Convention, lang: Lang) -> str:
    from conseiller.dossier.schedule import grant_total
    from conseiller.law import load_law

    start = date_short(convention.financing_start, lang)
    try:
        amount = money(grant_total(convention, load_law()), lang)
    except LookupError:
        return tr("display.dossier.convention_free", lang, code=convention.code, start=start)
    return tr("display.dossier.convention", lang, code=convention.code, amount=amount, start=start)


def _term(term: PayTerm, lang: Lang) -> str:
    if term.index is not None:
        index = tr("display.dossier.term_index", lang, index=term.index)
    else:
        index = tr("display.dossier.term_step", lang, grade=term.grade, step=term.step)
    if term.bonus:
        index += f", {tr('display.dossier.term_bonus', lang, amount=money(term.bonus, lang))}"
    return tr("display.dossier.term", lang, start=date_short(term.start, lang), index=index)


def _items(dossier: Dossier, lang: Lang) -> Grid:
    def row(item: Item, side: str) -> list[Cell]:
        return [
            Cell(item.label),
            Cell(tr(f"display.value.{side}", lang)),
            Cell(money(item.amount, lang), True),
            Cell(tr(f"display.frequency.{item.frequency}", lang)),
            Cell(item.account),
            Cell(tr(f"display.value.{item.section}", lang)),
        ]

    heads = [
        Cell(tr("display.column.label", lang)),
        Cell(tr("display.column.side", lang)),
        Cell(tr("display.column.amount", lang), True),
        Cell(tr("display.dossier.frequency", lang)),
        Cell(tr("display.column.account", lang)),
        Cell(tr("display.column.section", lang)),
    ]
    rows = [row(i, "cost") for i in dossier.costs] + [row(i, "funding") for i in dossier.funding]
    return Grid(heads, rows, title=tr("display.dossier.items", lang))
