"""Which version of what a report was made from: the one stamp that every report of a plan carries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from statistics import mode

import conseiller
from conseiller.analysis.reliance import parameters_used
from conseiller.dossier import schema
from conseiller.law import Table
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.text import date_long, typeset


def checked_words(tables: Iterable[Table], lang: Lang = "fr") -> str:
    """Say until when legal values were checked: most of them, and the one checked for the least long.

    Parameters
    ----------
    tables : iterable of Table
        At least one.
    lang : {"fr", "en"}
    """
    days = [t.checked_until for t in tables]
    usual, least = (typeset(date_long(day, lang)) for day in (mode(days), min(days)))
    if least == usual:
        return tr("common.checked.all", lang, day=usual)
    return tr("common.checked.but", lang, day=usual, least=least)


@dataclass(frozen=True)
class Stamp:
    """Date, dossier, version and legal tables.

    Parameters
    ----------
    report_date : date
    dossier : str
        First twelve digits of the SHA-256 of the dossier's plain values.
    version : str
        Of conseiller.
    used : tuple of Table
        The legal tables that the plan rests on.
    """

    report_date: date
    dossier: str
    version: str
    used: tuple[Table, ...]

    def text(self, lang: Lang = "fr") -> str:
        """Return the stamp as it is printed."""
        return tr(
            "common.stamp",
            lang,
            day=date_long(self.report_date, lang),
            dossier=self.dossier,
            version=self.version,
            checked=checked_words(self.used, lang),
        )


def stamp(plan: Projection) -> Stamp:
    """Return the stamp of a plan."""
    used = tuple(u.table for u in parameters_used(plan)) or tuple(plan.law.tables.values())
    return Stamp(plan.report_date, dossier_digest(plan.dossier), conseiller.__version__, used)


def dossier_digest(dossier: schema.Dossier) -> str:
    """Return the first twelve digits of the SHA-256 of a dossier's plain values, keys in order."""
    plain = json.dumps(dossier.to_plain(), ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(plain.encode("utf-8")).hexdigest()[:12]
