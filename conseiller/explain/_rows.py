"""Which rows of the model a question is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from conseiller.engine import Frame
from conseiller.explain._explanation import ExplainError
from conseiller.law import day_at
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.rules.algebra import months_of
from conseiller.text import month_long


@dataclass(frozen=True)
class Question:
    """Which rows of the model a question is about."""

    plan: Projection
    posts: tuple[int, ...]
    months: tuple[int, ...]

    @cached_property
    def rows(self) -> list[tuple[Frame, int, int]]:
        """Month rows, then the rows of second contracts that fall in those months."""
        model = self.plan.model
        found = [(model.month, p, m) for p in self.posts for m in self.months]
        extra_months = months_of(model.extra.full("month"))
        first = int(months_of(self.plan.inputs.months[0]))
        number_of = model.extra.full("contract_no")
        found += [
            (model.extra, p, k)
            for p in self.posts
            for k in range(model.contract.width)
            if number_of[p, k] > 0 and int(extra_months[p, k]) - first in self.months
        ]
        return found


_MONTH = re.compile(r"^(\d{4})-(\d{2})$")


def months_asked(plan: Projection, period: str, lang: Lang) -> tuple[int, ...]:
    shown = plan.months
    found = _MONTH.match(period)
    if found:
        year, month = int(found[1]), int(found[2])
        wanted = [k for k, m in enumerate(shown) if (m.year, m.month) == (year, month)]
    else:
        wanted = [k for k, m in enumerate(shown) if str(m.year) == period]
    if not wanted:
        years = sorted({y.label for held in plan.grant_years for y in held})
        raise ExplainError(
            tr(
                "explain.fault.period",
                lang,
                period=period,
                first=f"{shown[0]:%Y-%m}",
                last=f"{shown[-1]:%Y-%m}",
                years=", ".join(years),
            )
        )
    return tuple(wanted)


def place(plan: Projection, frame: Frame, post: int, row: int, lang: Lang) -> str:
    if frame.extra:
        month = day_at(float(frame.full("month")[post, row]))
        suffix = tr("explain.contract", lang, number=row + 1)
        return f"{plan.posts[post]}, {month_long(month, lang)}, {suffix}"
    return f"{plan.posts[post]}, {month_long(plan.months[row], lang)}"
