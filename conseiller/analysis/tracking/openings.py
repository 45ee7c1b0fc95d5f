"""The grant before the books begin: what each convention had earned, and what had been titled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conseiller.analysis.financing import earned, whole_life
from conseiller.projection import Projection


@dataclass(frozen=True)
class Opening:
    """A convention of a post on 1 January of the first exercice of the books [cents].

    Parameters
    ----------
    earned : int
        Grant earned before.
    titled : int
        Titres before, as the dossier states them.
    assumed : int
        What is taken for titled because the dossier types no instalment of the convention: what it had
        earned, settled to the cent. 0 where it types one.
    """

    earned: int
    titled: int
    assumed: int

    @property
    def ahead(self) -> int:
        """What was titled and not earned; below 0, earned and not titled."""
        return self.titled + self.assumed - self.earned


def openings(plan: Projection, year: int) -> Mapping[tuple[str, str], Opening]:
    """Return where each convention of each post stood before an exercice, by post and code."""
    right = earned(whole_life(plan))
    sums = right[right["exercice"] < year].groupby(["post", "code"])["cents"].sum().to_dict()
    found = {}
    for post in plan.dossier.posts:
        for convention in post.conventions:
            key = (post.code, convention.code)
            before = [
                round(i.amount * 100)
                for i in convention.instalments
                if i.titled is not None and i.titled.year < year
            ]
            due = int(sums.get(key, 0))
            found[key] = Opening(due, sum(before), 0 if convention.instalments else due)
    return found
