"""The articles of the act, and the answers that the assembly may give instead."""

from __future__ import annotations

from collections.abc import Iterator

from conseiller.analysis.clocks import convention_balance
from conseiller.brief.act.draft import Draft
from conseiller.brief.act.financing import allowance, allowance_chapter, figure, total
from conseiller.brief.act.records import PostAct
from conseiller.brief.office import BLANK
from conseiller.dossier import schema
from conseiller.messages import has
from conseiller.text import joined, listing, number, percent


def articles(draft: Draft) -> list[tuple[str, list[str]]]:
    """Return the articles: title and paragraphs.

    Where the assembly still has the choice, the first one ends with the other answers.
    """
    found = [*_decided(draft), *_common(draft)]
    if draft.act.open:
        found[0][1].append(_variants(draft))
    return found


def _decided(draft: Draft) -> Iterator[tuple[str, list[str]]]:
    """Return the articles of the decision itself."""
    act = draft.act
    common = {
        "count": draft.count,
        "codes": draft.names(draft.act.codes),
        "start": draft.day(act.start),
    }
    last = draft.funded_until
    match act.kind:
        case "recruit":
            refs = "projet" if all(p.contract.nature == "projet" for p in act.posts) else "creation"
            basis = draft.tr(f"article_ref.{refs}")
            yield (
                draft.tr("article.create_title"),
                [draft.tr("article.create", basis=basis, blank=BLANK, **common)],
            )
            yield draft.tr("article.level_title"), list(_levels(draft))
        case "renew":
            shown = draft.day(last) if last else BLANK
            yield draft.tr("article.renew_title"), [draft.tr("article.renew", last=shown, **common)]
            yield draft.tr("article.form_title"), [_form_of(draft, p) for p in act.posts]
            yield draft.tr("article.level_title"), list(_levels(draft))
        case "keep_without_state":
            yield draft.tr("article.keep_title"), [draft.tr("article.keep", **common)]
            yield draft.tr("article.form_title"), [_form_of(draft, p) for p in act.posts]
            yield draft.tr("article.level_title"), list(_levels(draft))
        case "budget":
            year = act.start.year
            yield (
                draft.tr("article.budget_title", year=year),
                [draft.tr("article.budget", posts=draft.posts, year=year)],
            )
        case "stop":
            ends = [
                draft.tr("article.stop_item", post=draft.named(p.code), end=draft.day(p.contract.end))
                for p in act.posts
                if p.contract.end is not None
            ]
            text = draft.tr("article.stop", posts=draft.posts, ends=joined(ends, draft.lang))
            yield draft.tr("article.stop_title"), [text]
            if any(p.contract.nature == "projet" for p in act.posts):
                yield draft.tr("article.notice_title"), [draft.tr("article.notice")]
            yield draft.tr("article.means_title"), [draft.tr("article.means")]


def _common(draft: Draft) -> Iterator[tuple[str, list[str]]]:
    """Return the articles that decisions share: conventions, balance of the grant, credits, execution."""
    kind = draft.act.kind
    if kind in {"recruit", "renew"}:
        amount = draft.money(draft.agreed)
        yield draft.tr("article.convention_title"), [draft.tr("article.convention", amount=amount)]
    if kind != "recruit":
        yield draft.tr("article.balance_title"), [_balance(draft)]
    yield draft.tr("article.financing_title"), [_credits(draft)]
    yield draft.tr("article.execute_title"), [draft.tr("article.execute", head=draft.head)]


def _variants(draft: Draft) -> str:
    """Return the other answers that the assembly may give, with the figures of the note, to be marked."""
    told = draft.facts.choices
    stopping = draft.act.kind == "stop"
    others = [
        row
        for row in told.rows
        if (row.key != "choices.stop" if stopping else row.kind != "total") and row.key != "choices.planned"
    ]
    items = []
    for row in others:
        next_year, exit_cost = row.figures[0], row.figures[-1]
        assert next_year is not None
        words = {"label": row.label, "amount": next_year.text(draft.lang), "what": told.columns[0].lower()}
        if exit_cost is not None and exit_cost.key.endswith("exposure_total") and exit_cost.value:
            items.append(draft.tr("article.variant_exit", exit=exit_cost.text(draft.lang), **words))
        else:
            items.append(draft.tr("article.variant", **words))
    kind = draft.tr(f"article.drafted.{draft.act.kind}")
    return draft.tr("article.variants", kind=kind, items=joined(items, draft.lang))


def _form_of(draft: Draft, post: PostAct) -> str:
    """Return the legal form of the employment that goes on."""
    contract = post.then
    key = "projet" if contract.nature == "projet" else "other"
    if contract.status == "titulaire":
        return draft.tr(
            "article.form_tenured",
            post=draft.named(post.code),
            start=draft.day(draft.act.start),
            blank=BLANK,
        )
    end = draft.day(contract.end) if contract.end else draft.tr("article.open_end")
    start = max(contract.start, draft.act.start) if post.following is None else contract.start
    return draft.tr(f"article.form_{key}", post=draft.named(post.code), start=draft.day(start), end=end)


def _levels(draft: Draft) -> Iterator[str]:
    """Return functions, reason, and the level of each post."""
    yield draft.tr("article.functions")
    if any(p.then.status == "contractuel" for p in draft.act.posts):
        yield draft.tr("article.reason", blank=BLANK)
    for post in draft.act.posts:
        contract = post.then
        terms = [t for t in contract.terms if t.start <= max(draft.act.start, contract.start)]
        term = max(terms, key=lambda t: t.start) if terms else next(iter(contract.terms), None)
        yield draft.tr(
            "article.level", post=draft.named(post.code), time=_time(draft, contract), **_pay(draft, term)
        )


def _time(draft: Draft, contract: schema.Contract) -> str:
    """Return the working time of a contract in words."""
    hours = number(contract.hours or 35, draft.lang)
    share = percent(contract.share or 1, 0, draft.lang)
    return draft.tr(f"time.{contract.working_time}", hours=hours, share=share)


def _pay(draft: Draft, term: schema.PayTerm | None) -> dict[str, str]:
    """Return the level of a post: grade, pay, bonus."""
    grade = draft.tr("grade.blank", blank=BLANK)
    pay = draft.tr("pay.blank", blank=BLANK)
    bonus = draft.tr("pay.bonus_anonymous")
    if term is not None:
        if term.grade:
            known = has(f"brief.office.act.grade.{term.grade}", draft.lang)
            grade = draft.tr(f"grade.{term.grade}" if known else "grade.named", grade=term.grade)
        if term.index is not None:
            pay = draft.tr("pay.index", index=term.index)
        elif term.step is not None:
            pay = draft.tr("pay.step", step=term.step)
        if not draft.anonymous:
            bonus = draft.tr("pay.bonus", amount=draft.money(term.bonus))
    return {"grade": grade, "pay": pay, "bonus": bonus}


def _balance(draft: Draft) -> str:
    """Return what is left to title of the grant of the posts."""
    found = convention_balance(draft.plan)
    found = found[found["post"].isin(draft.act.codes)]
    left = total((found["projected"] - found["titled"]).clip(lower=0))
    return draft.tr("article.balance", amount=draft.money(left)) if left else draft.tr("article.balance_none")


def _credits(draft: Draft) -> str:
    """Return the credits of the first exercice, chapter by chapter."""
    year = draft.act.years[0]
    sums = draft.act.sums("chapter", "exercice")
    items = []
    are, are_chapter = allowance(draft.act)[0], allowance_chapter(draft.act)
    for key, measures in (("cost", ["cost"]), ("income", ["grant", "other_funding"])):
        for chapter in sums.index.get_level_values("chapter").unique().sort_values():
            if (chapter, year) not in sums.index:
                continue
            amount = total(figure(sums, (chapter, year), m) for m in measures)
            if are and key == "cost" and chapter == are_chapter:
                amount = total([amount, -are])
                words = draft.tr("article.financing_are", amount=draft.money(are), chapter=chapter)
                items.append(words)
            if amount:
                text = draft.tr(
                    f"article.financing_{key}", amount=draft.money(amount), chapter=chapter or "—"
                )
                items.append(text)
    shown = listing(items, draft.lang) if items else draft.tr("article.financing_none")
    return draft.tr("article.financing", year=year, items=shown)
