"""What the charts show, taken from the plan: sums cut at the date of the report, and their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from conseiller.analysis.stamp import checked_words
from conseiller.messages import Lang, tr
from conseiller.text import date_long, money0, month_long

if TYPE_CHECKING:
    from conseiller.projection import Key, Projection

#: Measures stacked up to the spending, from the foot.
STACK = ("grant", "other_funding", "net_cost")
MEASURES = ("pay", "other_costs", "cost", *STACK)
_NBSP = "\u00a0"


@dataclass(frozen=True)
class Amount:
    """Euros of the months until the date of the report, and of those after it."""

    past: float = 0.0
    ahead: float = 0.0

    @property
    def total(self) -> float:
        """Both together, to the cent."""
        return round(self.past + self.ahead, 2) + 0.0

    @property
    def share_ahead(self) -> float:
        """Share that lies ahead, 0 to 1; all or nothing when the two parts have opposite signs."""
        if self.past * self.ahead < 0:
            return float(abs(self.ahead) > abs(self.past))
        return self.ahead / (self.past + self.ahead) if self.ahead else 0.0

    def __add__(self, other: Amount) -> Amount:
        return Amount(round(self.past + other.past, 2), round(self.ahead + other.ahead, 2))


def sums(plan: Projection, *keys: Key) -> dict[Any, dict[str, Amount]]:
    """Sum the plan (fonctionnement) by one or more keys, each measure cut at the date of the report."""
    wide = (plan.by(*keys, "month") * 100).round().astype("int64")
    months = wide.index.get_level_values("month").to_numpy(dtype="datetime64[D]")
    ahead = months > np.datetime64(plan.report_date)
    level = list(keys) if len(keys) > 1 else keys[0]
    past, future = (part.groupby(level=level).sum() / 100 for part in (wide[~ahead], wide[ahead]))
    names = past.index.union(future.index)
    past, future = (part.reindex(names, fill_value=0.0) for part in (past, future))
    parts = zip(past[list(MEASURES)].to_numpy(), future[list(MEASURES)].to_numpy(), strict=True)
    return {
        name: {m: Amount(float(p), float(a)) for m, p, a in zip(MEASURES, before, after, strict=True)}
        for name, (before, after) in zip(names, parts, strict=True)
    }


def nothing() -> dict[str, Amount]:
    """Return every measure at zero."""
    return dict.fromkeys(MEASURES, Amount())


def total(rows: Mapping[Any, Mapping[str, Amount]]) -> dict[str, float]:
    """Return the sum of each measure over all rows, to the cent."""
    return {m: round(sum(row[m].total for row in rows.values()), 2) + 0.0 for m in MEASURES}


# --- words --------------------------------------------------------------------------------------------


def day_name(day: date, lang: Lang) -> str:
    """Return a date in words that no line break cuts."""
    return date_long(day, lang).replace(" ", _NBSP)


def month_name(month: date, lang: Lang) -> str:
    """Return a month in words that no line break cuts: ``mars 2025``."""
    return month_long(month, lang).replace(" ", _NBSP)


def month_short(month: date, lang: Lang) -> str:
    """Return the short name of a month: ``janv.``, ``Jan``."""
    from babel.dates import format_date

    return format_date(month, "LLL", locale=lang)


def span(plan: Projection, lang: Lang) -> str:
    """Return the exercices in words: ``de 2024 à 2028``, ``en 2026``."""
    first, last = plan.exercices[0], plan.exercices[-1]
    if first == last:
        return tr("charts.span.one", lang, year=first)
    return tr("charts.span.many", lang, first=first, last=last)


def has_months_ahead(plan: Projection, exercices: Sequence[int] | None = None) -> bool:
    """Return whether some month shown, of these exercices if given, lies after the report."""
    return any(m > plan.report_date for m in plan.months if exercices is None or m.year in exercices)


def ahead_note(plan: Projection, lang: Lang, key: str = "charts.subtitle.ahead") -> str:
    """Return the sentence that says how the forecast is marked, "" when there is none."""
    return tr(key, lang, day=day_name(plan.report_date, lang)) if has_months_ahead(plan) else ""


def investment(plan: Projection, lang: Lang, exercice: int | None = None) -> str:
    """Return the sentence on the section that the chart leaves out, "" when it is empty."""
    frame = plan.by("exercice", section="investissement")
    if exercice is not None:
        frame = frame[frame.index == exercice]
    cost = float(frame["cost"].sum())
    income = float(frame["grant"].sum() + frame["other_funding"].sum())
    if round(cost, 2) == 0 and round(income, 2) == 0:
        return ""
    return tr("charts.subtitle.investment", lang, cost=money0(cost, lang), funding=money0(income, lang))


def source(plan: Projection, lang: Lang) -> str:
    """Return where the figures come from, and how far the law behind them was checked."""
    dossier = plan.dossier
    day = day_name(plan.report_date, lang)
    said = [tr("charts.source.dossier", lang, name=dossier.authority.name, day=day)]
    count = len(dossier.assumptions)
    if count:
        said.append(tr("charts.source.assumption" + "s" * (count > 1), lang, count=count))
    checked = plan.law.checked_until
    words = checked_words(plan.law.tables.values(), lang)
    said.append(tr("charts.source.law", lang, checked=words[0].upper() + words[1:]))
    if plan.months[-1] > checked:
        said.append(tr("charts.source.beyond", lang, month=month_name(plan.months[-1], lang)))
    return " ".join(said)


def sentences(*parts: str) -> str:
    """Join sentences, leaving out the empty ones."""
    return " ".join(part for part in parts if part)


def extremes(named: Sequence[tuple[str, float]], lang: Lang) -> str:
    """Return the lowest and the highest of named amounts in words."""
    if len(named) < 2:
        return ""
    low, high = min(named, key=lambda n: n[1]), max(named, key=lambda n: n[1])
    return tr(
        "charts.alt.extremes",
        lang,
        low=money0(low[1], lang),
        low_name=low[0],
        high=money0(high[1], lang),
        high_name=high[0],
    )


def trend(named: Sequence[tuple[str, float]], lang: Lang) -> str:
    """Return how far the last of named amounts stands from the first in words."""
    if len(named) < 2:
        return ""
    (first, before), (last, after) = named[0], named[-1]
    change = round(after - before, 2)
    key = "flat" if change == 0 else "up" if change > 0 else "down"
    return tr(f"charts.alt.{key}", lang, change=money0(abs(change), lang), first=first, last=last)


def totals(sums_: Mapping[str, float], lang: Lang) -> str:
    """Return the totals of the stacked measures in words."""
    return tr(
        "charts.alt.totals",
        lang,
        cost=money0(sums_["cost"], lang),
        grant=money0(sums_["grant"], lang),
        other=money0(sums_["other_funding"], lang),
        net=money0(sums_["net_cost"], lang),
    )
