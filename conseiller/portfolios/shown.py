"""What a reader is told of a portfolio: totals, ends of the grant, money still due, and what the figures rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conseiller.display import Sheet, grid
from conseiller.messages import Lang, tr
from conseiller.portfolios.columns import columns
from conseiller.text import date_long, money0, number

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.portfolios.results import Portfolio

#: Rows set aside that a terminal shows; all of them are in the files.
_MOST = 10
_DEFAULTS = {
    "effectif": "default_headcount",
    "indice_majore": "default_index",
    "type_employeur": "default_kind",
    "debut_contrat": "default_contract",
}


def sheet(portfolio: Portfolio, lang: Lang) -> Sheet:
    """Return the totals, the ends of the grant, and what is still to be paid, with the notes."""
    grids = [
        grid(
            portfolio.by("exercice")[["cost", "grant", "other_funding", "net_cost"]],
            lang,
            title=tr("portfolio.title.totals", lang),
            total=True,
        ),
        grid(portfolio.ends("exercice"), lang, title=tr("portfolio.title.ends", lang), total=True),
        grid(portfolio.to_pay(), lang, title=tr("portfolio.title.to_pay", lang), total=True),
    ]
    aside = portfolio.set_aside
    if len(aside):
        shown = aside[["place", "reason", "remedy"]].head(_MOST)
        more = [tr("common.and_more", lang, count=len(aside) - _MOST)] if len(aside) > _MOST else []
        told = grid(shown, lang, title=tr("portfolio.title.set_aside", lang))
        grids.append(type(told)(told.heads, told.rows, told.stubs, (), told.title, more))
    return Sheet(portfolio.name, lead(portfolio, lang), grids, notes(portfolio, lang))


def _employers(posts: pd.DataFrame) -> int:
    """Count employers as the table tells them apart: by SIREN, else by name and département."""
    told = posts["siren"].where(posts["siren"] != "", posts["department"] + "\n" + posts["authority"])
    return int(told.nunique())


def lead(portfolio: Portfolio, lang: Lang) -> list[str]:
    """Return the findings in sentences."""
    posts, now = portfolio.posts, portfolio.computed.now
    day = date_long(portfolio.report_date, lang)
    said = [
        tr(
            "portfolio.lead.posts",
            lang,
            posts=number(len(posts), lang),
            authorities=number(_employers(posts), lang),
            first=portfolio.exercices[0],
            last=portfolio.exercices[-1],
        ),
        tr(
            "portfolio.lead.now",
            lang,
            day=day,
            funded=number(int(now.financed.sum()), lang),
            vacant=number(int((now.financed & ~now.occupied).sum()), lang),
        ),
    ]
    ahead = portfolio.ending
    ahead = ahead[ahead["financing_end"] >= np.datetime64(portfolio.report_date)]
    if len(ahead):
        said.append(
            tr(
                "portfolio.lead.ahead",
                lang,
                posts=number(len(ahead), lang),
                outlives=number(int(ahead["outlives"].sum()), lang),
                cost=money0(_sum(ahead["cost_before"]), lang),
                grant=money0(_sum(ahead["grant_before"]), lang),
            )
        )
    return said


def _sum(amounts: pd.Series[float]) -> float:
    return float((amounts * 100).round().sum()) / 100


def notes(portfolio: Portfolio, lang: Lang) -> list[str]:
    """Return what the figures rest on: defaults taken, what the source does not say, what was left out."""
    said = [tr("portfolio.note.section", lang)]
    known = columns()
    for key, count in sorted(portfolio.cases.defaults.items()):
        words = tr(f"portfolio.note.{_DEFAULTS[key]}", lang, value=known[key].default)
        said.append(tr("portfolio.note.default", lang, column=key, count=number(count, lang), value=words))
    if private := int((portfolio.posts["kind"] == "private").sum()):
        said.append(tr("portfolio.note.private", lang, count=number(private, lang)))
    if portfolio.state:
        said.append(tr("portfolio.note.state", lang))
    if portfolio.guessed:
        said.append(tr("portfolio.note.guessed", lang, count=number(portfolio.guessed, lang)))
    if not portfolio.from_dossiers:
        said.append(tr("portfolio.note.no_other", lang))
    if unknown := int(portfolio.posts["paid"].isna().sum()):
        said.append(tr("portfolio.note.unknown", lang, count=number(unknown, lang)))
    if portfolio.unread:
        said.append(tr("portfolio.note.unread", lang, columns=", ".join(portfolio.unread)))
    aside = portfolio.set_aside
    if len(aside):
        said.append(tr("portfolio.note.aside", lang, posts=number(portfolio.left_out, lang)))
    return said
