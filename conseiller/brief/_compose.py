"""Puts the parts of the facts together."""

from __future__ import annotations

from dataclasses import dataclass

from conseiller.analysis.stamp import stamp
from conseiller.brief._books import Books
from conseiller.brief._grant import Grant
from conseiller.brief._money import Money
from conseiller.brief._words import Words
from conseiller.brief.facts import PackFacts


@dataclass(frozen=True)
class Pack(Money, Grant, Words, Books):
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
            stamp=stamp(self.plan),
            chart=funding_by_exercice(self.plan, self.lang),
            books=self.books(),
            booked=self.booked(),
        )
