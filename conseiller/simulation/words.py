"""Uncertainties and distributions in words."""

from __future__ import annotations

import tomllib
from functools import cache

from conseiller.analysis.wording import plural
from conseiller.messages import LANGUAGES, Lang, tr
from conseiller.projection import Projection
from conseiller.simulation.distributions import Discrete, Distribution, Fixed, Normal, Triangular, Uniform
from conseiller.simulation.spreads import starting
from conseiller.simulation.uncertainties import OfLaw, OfPosts, RateChange, Uncertainty, operands
from conseiller.text import date_long, number, percent

#: Distributions of a share, by kind of uncertainty and field; the others are days or months.
_SHARES = {("Growth", "yearly"), ("RateChange", "change"), ("Turnover", "yearly")}


def named(uncertainty: Uncertainty, plan: Projection, lang: Lang = "fr") -> str:
    """Return what is uncertain, such as "Retard des recrutements à venir (poste CN1)"."""
    kind = type(uncertainty).__name__
    values: dict[str, str] = {}
    if isinstance(uncertainty, OfLaw):
        table = plan.law.tables.get(uncertainty.parameter)
        values["name"] = (
            table.label[lang] if table else tr(f"column.month.{operands()[uncertainty.parameter]}", lang)
        )
    if isinstance(uncertainty, RateChange):
        values["day"] = date_long(uncertainty.start, lang)
    said = tr(f"simulation.kind.{kind}", lang, **values)
    if isinstance(uncertainty, OfPosts) and uncertainty.post is not None:
        return tr("simulation.post.of", lang, what=said, post=uncertainty.post)
    return said


@cache
def _reasons(lang: Lang) -> tuple[str, ...]:
    """Return the sources of the starting guesses as they are written in a language."""
    return tuple(row["source"] for row in tomllib.loads(starting(lang))["incertitudes"])


def said_source(source: str, lang: Lang = "fr") -> str:
    """Return a source for a reader: that of a starting guess in the reader's language, any other as typed."""
    for same in zip(*(_reasons(other) for other in LANGUAGES), strict=True):
        if source in same:
            words = same[LANGUAGES.index(lang)].partition(":")[2].strip()
            return tr("simulation.shown.guess", lang, words=words)
    return source


def in_words(distribution: Distribution, kind: str, field: str, lang: Lang = "fr") -> str:
    """Return a distribution in words, its values in the unit of the field."""

    def said(value: float) -> str:
        if (kind, field) in _SHARES:
            return percent(value, 2, lang)
        unit = "months" if field in ("months", "vacancy") else "days"
        return plural(f"simulation.unit.{unit}", value, lang, value=number(value, lang))

    match distribution:
        case Fixed(value=value):
            return tr("simulation.law.fixed", lang, value=said(value))
        case Normal(mean=mean, spread=spread):
            return tr("simulation.law.normal", lang, mean=said(mean), spread=said(spread))
        case Uniform(low=low, high=high):
            return tr("simulation.law.uniform", lang, low=said(low), high=said(high))
        case Triangular(low=low, mode=mode, high=high):
            return tr("simulation.law.triangular", lang, low=said(low), mode=said(mode), high=said(high))
        case Discrete(values=values, probabilities=probabilities):
            parts = (
                tr("simulation.law.chance", lang, value=said(v), share=percent(p, 1, lang))
                for v, p in zip(values, probabilities, strict=True)
            )
            return tr("simulation.law.discrete", lang, parts=", ".join(parts))
        case _:
            raise TypeError(f"no words for a {type(distribution).__name__}")
