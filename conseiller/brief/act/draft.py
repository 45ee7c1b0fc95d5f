"""A draft act: the decision, the plan it is drawn from, and how its reader sees names, days and amounts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from conseiller.analysis.financing import financings
from conseiller.brief.act.financing import total
from conseiller.brief.act.records import Act
from conseiller.brief.facts import PackFacts
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.text import date_long, listing, money

_KEY = "brief.office.act."


@dataclass(frozen=True)
class Draft:
    """What every part of the act is worded from.

    Parameters
    ----------
    plan : Projection
        The plan as it stands; the figures of the decision come from ``act.plan``.
    act : Act
    facts : PackFacts
    lang : {"fr", "en"}
    anonymous : bool
        Whether posts are named by their codes alone.
    """

    plan: Projection
    act: Act
    facts: PackFacts
    lang: Lang
    anonymous: bool

    def tr(self, key: str, **values: object) -> str:
        """Return a text of the act."""
        return tr(_KEY + key, self.lang, **values)

    def day(self, day: date) -> str:
        """Return a date in words."""
        return date_long(day, self.lang)

    def money(self, amount: float) -> str:
        """Return an amount in euros and cents."""
        return money(amount, self.lang)

    def named(self, code: str) -> str:
        """Return a post as the act names it."""
        label = next((p.label for p in self.act.posts if p.code == code), "")
        return code if self.anonymous or not label else self.tr("posts_named", code=code, label=label)

    def names(self, codes: Iterable[str]) -> str:
        """Return posts as a list."""
        return listing(map(self.named, codes), self.lang)

    @property
    def posts(self) -> str:
        """The posts concerned: ``des postes CN1 et CN2`` without its article."""
        key = "one" if len(self.act.posts) == 1 else "many"
        return self.tr(f"posts.{key}", codes=self.names(self.act.codes))

    @property
    def count(self) -> str:
        """How many posts are concerned."""
        key = "one" if len(self.act.posts) == 1 else "many"
        return self.tr(f"count.{key}", count=len(self.act.posts))

    @property
    def title(self) -> str:
        """Title of the document: its object."""
        return self.tr("about", object=self.act.headline(self.lang))

    @property
    def body(self) -> Literal["epci", "commune", "departement", "other"]:
        """Kind of authority: what its assembly and its head are called."""
        return authority_kind(self.plan.dossier.authority.name)

    @property
    def assembly(self) -> str:
        """The assembly, in words."""
        return tr(f"brief.office.assembly.{self.body}", self.lang)

    @property
    def head(self) -> str:
        """The head of the authority, in words."""
        return tr(f"brief.office.head.{self.body}", self.lang)

    @property
    def funded_until(self) -> date | None:
        """Last day that any convention of the posts can earn."""
        return max((p.funded_until for p in self.act.posts if p.funded_until), default=None)

    @property
    def agreed(self) -> float:
        """What the conventions of the posts grant in all, those ended before the decision left out [euros]."""
        return total(
            f.agreed
            for f in financings(self.plan)
            if f.post in self.act.codes and f.last_day >= self.act.start
        )


def authority_kind(name: str) -> Literal["epci", "commune", "departement", "other"]:
    """Return what an authority is, read from its name."""
    word = name.strip().split(" ", 1)[0].lower()
    if word in {"communauté", "communaute", "métropole", "metropole", "cc", "ca", "cu"}:
        return "epci"
    if word in {"commune", "ville", "mairie"}:
        return "commune"
    return "departement" if word in {"département", "departement"} else "other"
