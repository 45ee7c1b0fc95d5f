"""Whose money an act spends: its plan de financement, and the unemployment allowance that it may lead to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from conseiller.brief.act.records import Act, Section
from conseiller.messages import Lang, tr


@dataclass(frozen=True)
class Row:
    """A row of the plan de financement.

    Parameters
    ----------
    key : str
        "chapter", "allowance" (unemployment, at its longest), "grant", "own", "surplus", or "total".
    chapter : str
        Budget chapter, where there is one.
    label : str
        As printed.
    amounts : tuple of float
        One per exercice [euros].
    """

    key: str
    chapter: str
    label: str
    amounts: tuple[float, ...]

    @property
    def total(self) -> float:
        """Sum of the exercices, to the cent."""
        return total(self.amounts)


@dataclass(frozen=True)
class FinancingPlan:
    """Spending and resources of a section, exercice by exercice; both totals are equal."""

    section: Section
    years: tuple[int, ...]
    uses: tuple[Row, ...]
    total_uses: Row
    resources: tuple[Row, ...]
    total_resources: Row


def financing_plan(act: Act, section: Section, lang: Lang) -> FinancingPlan | None:
    """Return the plan de financement of a section of an act, None when nothing happens in it."""
    years = act.years
    whole = act.sums("exercice", section=section).reindex(years, fill_value=0.0)
    net = [round(float(n), 2) + 0.0 for n in whole["net_cost"]]
    if not any(whole["cost"]) and not any(net):
        return None
    uses, resources = _by_chapter(act, section, lang)
    if not any(r.key == "grant" for r in resources) and section == "fonctionnement":
        resources.insert(0, _row("grant", "", tr("brief.office.grant_alone", lang), (0.0 for _ in years)))
    own = tr(f"brief.office.own.{section}", lang)
    resources.append(_row("own", "", own, (max(n, 0.0) for n in net)))
    if any(n < 0 for n in net):
        uses.append(_row("surplus", "", tr("brief.office.surplus", lang), (max(-n, 0.0) for n in net)))

    def added(rows: list[Row], side: str) -> Row:
        sums = [total(r.amounts[k] for r in rows) for k in range(len(years))]
        return _row("total", "", tr(f"brief.office.total.{side}", lang), sums)

    return FinancingPlan(
        section, years, tuple(uses), added(uses, "uses"), tuple(resources), added(resources, "resources")
    )


def _by_chapter(act: Act, section: Section, lang: Lang) -> tuple[list[Row], list[Row]]:
    """Return spending, and what others pay, by chapter."""
    uses: list[Row] = []
    resources: list[Row] = []
    are = allowance(act)
    chapters = act.sums("chapter", "exercice", section=section)
    for chapter in chapters.index.get_level_values("chapter").unique().sort_values():
        mine = chapters.loc[chapter].reindex(act.years, fill_value=0.0)
        words = act.plan.law.chapter_labels.get(chapter, {}).get(lang)
        label = tr("brief.office.chapter", lang, chapter=chapter or "—", label=words or "—")
        cost = list(mine["cost"])
        if section == "fonctionnement" and chapter == allowance_chapter(act) and any(are):
            cost = [total([c, -a]) for c, a in zip(cost, are, strict=True)]
            allowed = tr("brief.office.allowance", lang, label=label)
            label = tr("brief.office.besides_allowance", lang, label=label)
            uses.append(_row("allowance", chapter, allowed, are))
        if any(cost):
            uses.append(_row("chapter", chapter, label, cost))
        if mine["grant"].any():
            granted = tr("brief.office.grant", lang, label=label)
            resources.append(_row("grant", chapter, granted, mine["grant"]))
        if mine["other_funding"].any():
            others = tr("brief.office.other_funding", lang, label=label)
            resources.append(_row("chapter", chapter, others, mine["other_funding"]))
    return uses, resources


def _row(key: str, chapter: str, label: str, amounts: Iterable[float]) -> Row:
    return Row(key, chapter, label, tuple(round(float(a), 2) + 0.0 for a in amounts))


def figure(frame: Any, row: Any, column: Any) -> float:
    """Return one amount of a view [euros]."""
    return float(frame.loc[row, column])


def total(amounts: Iterable[float]) -> float:
    """Return a sum of euros, to the cent."""
    return sum(round(float(a) * 100) for a in amounts) / 100


def allowance(act: Act) -> list[float]:
    """Return the unemployment allowance of each exercice of an act [euros]."""
    table = act.plan.table
    mine = table[(table["line"] == "are") & table["post"].isin(act.codes)]
    return [total(mine.loc[mine["exercice"] == year, "amount"]) for year in act.years]


def allowance_chapter(act: Act) -> str:
    """Return the budget chapter of the unemployment allowance."""
    plan = act.plan
    return plan.law.chapter(plan.account_of(plan.law.lines["are"], "contractuel"))
