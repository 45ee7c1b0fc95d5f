"""What each commune pays of a post that a scenario shares."""

from __future__ import annotations

from collections import defaultdict

from conseiller.analysis.compare import Comparison, Variant
from conseiller.projection import Projection
from conseiller.scenario import apply, sharings


def by_commune(of: Comparison, variant: Variant) -> dict[int, dict[str, float]]:
    """Return what each commune pays by exercice compared, in the order of the scenario [euros].

    Parameters
    ----------
    of : Comparison
    variant : Variant
        One of its scenarios; without a share, nothing is returned.

    Returns
    -------
    dict
        Communes by exercice; their sum is the income that the scenario adds, to the cent.
    """
    found: dict[int, dict[str, float]] = {}
    if variant.scenario is None:
        return found
    base, scenario = of.base.plan, variant.scenario
    before = [change for change in scenario.changes if change.kind != "partage"]
    for change in (
        c for c in scenario.changes if c.kind == "partage"
    ):  # each on the case that those before it leave
        plan = base
        if before:
            asked = scenario.model_copy(update={"changes": tuple(before)})
            dossier = apply(base.dossier, asked, today=base.report_date, law=base.base_law)
            plan = Projection(dossier, base.base_law, base.report_date)
        for one in sharings(plan, change):
            if one.exercice in of.years:
                sums = found.setdefault(one.exercice, defaultdict(float))
                for commune, amount in one.by_part.items():
                    sums[commune] = round(sums[commune] + amount, 2)
        before.append(change)
    return {year: dict(sums) for year, sums in sorted(found.items())}
