"""What would move the figures of the next year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from conseiller import scenario
from conseiller.analysis.outlook._years import cents_by_post, covering, outlook_years
from conseiller.dossier import schema
from conseiller.projection import Projection

Sensitivity = Literal["smic", "point", "fnal", "psc"]
#: What the sensitivities change: shares, and euros a month of complementary protection.
SMIC_RISE = POINT_RISE = 0.01
PSC_RISE = 15.0


@dataclass(frozen=True)
class Effect:
    """What a change from 1 January of the next year would add to its reste à charge.

    Parameters
    ----------
    code : {"smic", "point", "fnal", "psc"}
    total : float
        All posts together [euros].
    by_post : dict
        Euros by code of post.
    posts : int
        Posts that have an agent in the year.
    """

    code: Sensitivity
    total: float
    by_post: Mapping[str, float]
    posts: int

    @property
    def per_post(self) -> float:
        """Average by post that has an agent in the year [euros]; 0 when none has."""
        return self.total / self.posts if self.posts else 0.0


def sensitivities(plan: Projection) -> list[Effect]:
    """Return the effect on the next year of a higher minimum wage, a higher point, the FNAL and the PSC.

    Minimum wage and point rise by 1 %; the employer crosses the headcount that decides of the FNAL,
    from whichever side it stands on; 15 € a month are added for each agent to what the employer pays
    for complementary protection. Each alone, from 1 January.

    Parameters
    ----------
    plan : Projection
    """
    _, year = outlook_years(plan)
    wide = covering(plan, year)
    start = date(year, 1, 1)
    law = wide.law
    headcount = wide.dossier.authority.headcount
    above = headcount >= law.value("fnal_seuil_effectif", start)
    crossed = float(headcount + 1 if above else headcount)
    moves: dict[Sensitivity, schema.Change] = {
        "smic": scenario.smic(SMIC_RISE, start),
        "point": scenario.point(POINT_RISE, start),
        "fnal": scenario.legal_value("fnal_seuil_effectif", start, crossed),
        "psc": scenario.psc(PSC_RISE, since=start),
    }
    before = cents_by_post(wide, ["reste_fonctionnement"], [year])
    occupied = sum(s > 0 for s in cents_by_post(wide, ["thirtieths"], [year]))
    case = scenario.Case(wide.dossier, wide.base_law, wide.report_date)
    found = []
    for code, change in moves.items():
        after = before
        if occupied:
            dossier = scenario.changed(case, schema.Scenario(name=code, changes=(change,))).dossier
            moved_plan = Projection(dossier, wide.base_law, wide.report_date)
            after = cents_by_post(moved_plan, ["reste_fonctionnement"], [year])
        moved = {p: (b - a) / 100 for p, a, b in zip(wide.posts, before, after, strict=True)}
        found.append(Effect(code, (sum(after) - sum(before)) / 100, moved, occupied))
    return found


def above_fnal(plan: Projection) -> bool:
    """Return whether the employer stands above the headcount that decides of the FNAL."""
    _, year = outlook_years(plan)
    threshold = plan.law.value("fnal_seuil_effectif", date(year, 1, 1))
    return plan.dossier.authority.headcount >= threshold


def under_minimum_wage(plan: Projection) -> bool:
    """Return whether some index pay of the next year is topped up to the minimum wage."""
    _, year = outlook_years(plan)
    return any(cents_by_post(covering(plan, year), ["indemnite_differentielle"], [year]))
