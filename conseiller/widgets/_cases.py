"""The table of cases: what the sliders show where nothing moves."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from conseiller.display import Cell, Grid, Sheet, Shown
from conseiller.dossier import schema
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.text import listing, money, percent

if TYPE_CHECKING:
    pass
from conseiller.widgets._picture import View
from conseiller.widgets._positions import Bench, Positions, PostPosition, by_year


def cases(
    dossier: schema.Dossier, lang: Lang = "fr", today: date | None = None, notice: bool = False
) -> Shown:
    """Return the cases most asked for, side by side: what `sliders` shows without ipywidgets.

    Parameters
    ----------
    dossier : Dossier
    lang : {"fr", "en"}
    today : date, optional
        Date of the report where the dossier states none.
    notice : bool
        Say that sliders need ipywidgets.
    """
    plan = Projection(dossier, today=today)
    changer = Bench(plan)
    base = by_year(plan)
    view = View(plan, base, lang)
    rows: list[list[Cell]] = []
    usual = _usual(changer, lang)
    for words, change in usual:
        years = by_year(changer.project(change))
        net = view.net(years)
        moved = round(net - view.net(base), 2)
        sign = "+" if moved > 0 else ""
        rows.append(
            [
                Cell(words),
                Cell(money(view.net(years, "cost"), lang), True),
                Cell(money(net, lang), True),
                Cell(f"{sign}{money(moved, lang)}" if rows else tr("display.nothing", lang), True),
            ]
        )
    heads = [
        Cell(tr("display.widgets.case", lang)),
        Cell(tr("display.widgets.cost", lang, span=view.span), True),
        Cell(tr("display.widgets.net", lang, span=view.span), True),
        Cell(tr("display.widgets.change", lang), True),
    ]
    notes = [tr("display.projection.section", lang, day=_day(plan, lang))]
    if any(c.renew is False for _, change in usual for c in change.posts.values()):
        notes.append(tr("display.widgets.exposure", lang))
    notes += [tr("display.widgets.static", lang)] if notice else []
    sheet = Sheet(grids=[Grid(heads, rows)], notes=notes)
    return Shown(sheet.html(lang), sheet.text(), sheet.markdown())


def _day(plan: Projection, lang: Lang) -> str:
    from conseiller.text import date_long

    return date_long(plan.report_date, lang)


def _usual(changer: Bench, lang: Lang) -> list[tuple[str, Positions]]:
    """Return the usual cases with their names; the first is the dossier itself."""
    posts = changer.plan.dossier.posts
    everyone = listing((p.code for p in posts), lang)

    def each(change: PostPosition) -> dict[str, PostPosition]:
        return {p.code: change for p in posts}

    def said(key: str, **values: object) -> str:
        return tr(f"display.widgets.{key}", lang, **values)

    out = [(said("case_base"), Positions())]
    for points in (10, 30):
        out.append(
            (said("case_index", post=everyone, points=points), Positions(each(PostPosition(points=points))))
        )
    for share in (0.8, 0.5):
        words = said("case_share", post=everyone, share=percent(share, 0, lang))
        out.append((words, Positions(each(PostPosition(share=share)))))
    for growth in (0.01, 0.02):
        shown = percent(growth, 0, lang)
        out.append((said("case_point", growth=shown), Positions(point_growth=growth)))
        out.append((said("case_smic", growth=shown), Positions(smic_growth=growth)))
    for post in posts:
        if not changer.renewable(post):
            continue
        change = PostPosition(renew=not changer.goes_on(post))
        key = "case_renewal" if change.renew else "case_no_renewal"
        out.append((said(key, post=post.code), Positions({post.code: change})))
    if len(posts) > 1 and all(changer.goes_on(p) and changer.renewable(p) for p in posts):
        out.append((said("case_no_renewal", post=everyone), Positions(each(PostPosition(renew=False)))))
    return out
