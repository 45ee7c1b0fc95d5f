"""What an act decides: which posts, from when, under which contract."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

from conseiller.analysis.decisions import decision_calendar
from conseiller.dossier import schema
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.text import date_long

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["budget", "recruit", "renew", "keep_without_state", "stop"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Section = Literal["fonctionnement", "investissement"]
SECTIONS: tuple[Section, ...] = get_args(Section)
#: Exercices shown in a plan de financement; a portrait page holds no more.
_YEARS = 5


@dataclass(frozen=True)
class PostAct:
    """A post that the act concerns.

    Parameters
    ----------
    code, label : str
    contract : Contract
        The contract that runs at the date of the report; for a recruitment, the one to sign.
    following : Contract or None
        The contract that the dossier plans next.
    funded_until : date or None
        Last day that any convention of the post can earn.
    limit : date or None
        Last day that contrats de projet that follow one another may reach.
    """

    code: str
    label: str
    contract: schema.Contract
    following: schema.Contract | None
    funded_until: date | None
    limit: date | None

    @property
    def then(self) -> schema.Contract:
        """The contract that the decision is about: the next one, or the one that goes on."""
        return self.following or self.contract


@dataclass(frozen=True)
class Act:
    """A decision put to the vote.

    Parameters
    ----------
    kind : {"budget", "recruit", "renew", "keep_without_state", "stop"}
        What it is written for.
    start : date
        First day of what is decided.
    posts : tuple of PostAct
    plan : Projection
        What the figures come from: the plan, or the plan stopped at the end of its contracts.
    open : bool
        Whether the assembly still has the choice: the kind is then that of the draft alone.
    """

    kind: Kind
    start: date
    posts: tuple[PostAct, ...]
    plan: Projection
    open: bool = False

    def headline(self, lang: Lang) -> str:
        """Return what is put to the vote in a few words, the same in every document."""
        of = tr(
            f"brief.office.act.of_count.{'one' if len(self.posts) == 1 else 'many'}",
            lang,
            count=len(self.posts),
        )
        key = "open" if self.open else self.kind
        start = date_long(self.start, lang)
        return tr(f"brief.office.act.object.{key}", lang, of_count=of, start=start, year=self.years[0])

    @property
    def codes(self) -> list[str]:
        """Codes of the posts concerned."""
        return [p.code for p in self.posts]

    @property
    def years_after(self) -> tuple[int, ...]:
        """Exercices from the start of the decision on; the last one shown if there is none.

        A decision on what has begun already, a recruitment apart, is told from the next exercice on.
        """
        following = self.plan.report_date.year + 1
        first = self.start.year
        if self.kind != "recruit" and first < following <= self.plan.exercices[-1]:
            first = following
        shown = [y for y in self.plan.exercices if y >= first]
        return tuple(shown or self.plan.exercices[-1:])

    @property
    def years(self) -> tuple[int, ...]:
        """Exercices of the plan de financement."""
        return self.years_after[:_YEARS]

    @cached_property
    def missed(self) -> list[date]:
        """Days by which a notice was due and that have passed, of the posts concerned."""
        return sorted(
            {
                d.date
                for d in decision_calendar(self.plan)
                if d.missed and d.kind in {"notice", "notice_other"} and d.post in self.codes
            }
        )

    def sums(
        self, *keys: Literal["chapter", "exercice"], section: Section = "fonctionnement"
    ) -> pd.DataFrame:
        """Sum the plan over the posts concerned; indexed by the keys."""
        found = self.plan.by(*keys, "post", section=section)
        found = found[found.index.get_level_values("post").isin(self.codes)]
        euro_cents = (found * 100).round().astype("int64")
        return euro_cents.groupby(level=list(keys)).sum() / 100
