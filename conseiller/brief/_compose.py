"""Puts the parts of the facts together."""

from __future__ import annotations

from dataclasses import dataclass

import conseiller
from conseiller.brief._grant import Grant
from conseiller.brief._money import Money
from conseiller.brief._words import Words
from conseiller.brief.facts import PackFacts, Stamp, dossier_digest


@dataclass(frozen=True)
class Pack(Money, Grant, Words):
    """Every part of the facts of a plan."""

    def facts(self) -> PackFacts:
        """Return the facts."""
        from conseiller.charts import funding_by_exercice

        name = self.plan.dossier.authority.name
        return PackFacts(
            lang=self.lang,
            authority=name,
            title=self.tr("brief.title", year=self.years[1]),
            subject=self.tr("brief.subject", name=name),
            report_date=self.plan.report_date,
            years=self.years,
            posts=tuple(self.plan.posts),
            anonymous=self.anonymous,
            decision=self.decision(),
            headline=self.headline(),
            answer=self.answer(),
            two_years=self.two_years(),
            causes=self.causes(),
            choices=self.choices(),
            balance=self.balance(),
            sensitivity=self.sensitivity(),
            grant_years=self.grant_years(),
            post_list=self.post_list(),
            unknown=tuple(self.unknown()),
            hypotheses=tuple(self.hypotheses()),
            risks=tuple(self.risks()),
            sources=tuple(self.sources()),
            stamp=Stamp(
                self.plan.report_date,
                dossier_digest(self.plan.dossier),
                conseiller.__version__,
                min((u.table.checked_until for u in self.used), default=self.plan.law.checked_until),
            ),
            chart=funding_by_exercice(self.plan, self.lang),
        )
