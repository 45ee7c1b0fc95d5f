"""Why a post earns no grant in a month."""

from __future__ import annotations

from datetime import date, timedelta

from conseiller.analysis.financing import financings
from conseiller.analysis.notices import given_back
from conseiller.dossier.schedule import later
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.text import date_long

_DAY = timedelta(days=1)


def why(plan: Projection, post: str, month: date, lang: Lang) -> str:
    """Return in one sentence why a post earns nothing in a month.

    Parameters
    ----------
    plan : Projection
    post : str
    month : date
        Its first day.
    lang : {"fr", "en"}
    """
    last = later(month, 1) - _DAY
    mine = [f for f in financings(plan) if f.post == post]
    begun = [f for f in mine if f.start <= last]
    lost = [f for f in begun if f.lost_on is not None and f.earns_until < month <= f.stated_end]
    if lost:
        return given_back(plan, lang)[lost[0].post, lost[0].code]
    if any(month <= f.last_day for f in begun):
        return tr("explain.no_grant.vacant", lang)
    if begun:
        return tr("explain.no_grant.over", lang, last=date_long(max(f.last_day for f in begun), lang))
    if mine:
        return tr("explain.no_grant.ahead", lang, first=date_long(min(f.start for f in mine), lang))
    return tr("explain.no_grant.none", lang)
