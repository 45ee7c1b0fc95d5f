"""The question: a post, a period and a line."""

from __future__ import annotations

from dataclasses import replace

from conseiller.explain._builder import Builder, sum_of
from conseiller.explain._explanation import ExplainError, Explanation
from conseiller.explain._grant_year import grant_year
from conseiller.explain._no_grant import why
from conseiller.explain._rows import Question, months_asked, place
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.rules.registry import REGISTRY

#: Measures of `Projection.by` and the columns of the month that make them.
_MEASURES = {
    "cost": "cout_fonctionnement",
    "grant": "subvention_etat",
    "net_cost": "reste_fonctionnement",
    "pay": "personnel",
    "other_costs": "autres_couts",
    "other_funding": "autres_financements",
}


def column_of(plan: Projection, line: str) -> str:
    """Return the column of the month that holds a line, an item or a measure.

    Raises
    ------
    ExplainError
        When there is no such line; the message lists what there is.
    """
    if line in _MEASURES:
        return _MEASURES[line]
    for prefix, family, items in (
        ("cout_", "cost", plan.dossier.costs),
        ("financement_", "funding", plan.dossier.funding),
    ):
        rank = line.removeprefix(prefix)
        if line.startswith(prefix) and rank.isdigit() and 1 <= int(rank) <= len(items):
            return f"{family}_part#{int(rank) - 1}"
    if REGISTRY.has("month", line) and "#" not in line and REGISTRY.get("month", line).family is None:
        return line
    known = ", ".join([pl.code for pl in plan.lines()] + list(_MEASURES))
    raise ExplainError(known)


def explain(plan: Projection, post: str | None, period: str, line: str, lang: Lang = "fr") -> Explanation:
    """Explain a figure down to the dossier and the law.

    Parameters
    ----------
    plan : Projection
    post : str or None
        Code of a post; None for all posts.
    period : str
        A month "2025-03", an exercice "2025", or a grant year "V2-1".
    line : str
        A line ("ircantec", "subvention_etat", "cout_1"…), a measure ("cost", "grant", "net_cost",
        "pay", "other_costs", "other_funding") or any column of the sheet *Mensuel* ("brut", "plafond"…).
    lang : {"fr", "en"}

    Returns
    -------
    Explanation
        Prints as text, shows itself in a notebook, evaluates again to its value.

    Raises
    ------
    ExplainError
        When the post, the period or the line does not exist.
    """
    codes = plan.posts
    if post is not None and post not in codes:
        raise ExplainError(tr("explain.fault.post", lang, post=post, known=", ".join(codes)))
    posts = tuple(range(len(codes))) if post is None else (codes.index(post),)
    try:
        column = column_of(plan, line)
    except ExplainError as error:
        raise ExplainError(tr("explain.fault.line", lang, line=line, known=str(error))) from None
    builder = Builder(plan, lang)
    years = {y.label for p in posts for y in plan.grant_years[p]}
    if period in years:
        return grant_year(plan, builder, posts, period, column, line)
    months = months_asked(plan, period, lang)
    question = Question(plan, posts, months)
    steps = [builder.cell(frame, column, p, r) for frame, p, r in question.rows]
    places = [place(plan, frame, p, r, lang) for frame, p, r in question.rows]
    if len(steps) == 1:
        (only,) = steps
        if column != "subvention_etat" or only.value:
            return only
        return replace(only, notes=(why(plan, codes[posts[0]], plan.months[months[0]], lang), *only.notes))
    kept = [(s, w) for s, w in zip(steps, places, strict=True) if s.value]
    named = tuple(builder.renamed(s, f"{s.label} – {w}") for s, w in kept)
    unit = REGISTRY.get("month", column).unit
    title = builder.label(REGISTRY.get("month", column), column)
    total = round(sum(s.value for s in named), 2)
    return sum_of(f"{title} – {period}", total, unit, lang, named, of=tuple(w for _, w in kept))
