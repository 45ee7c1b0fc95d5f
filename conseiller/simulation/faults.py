"""Nonsense that is asked of a simulation, all of it at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from conseiller import errors
from conseiller.errors import Fault
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.simulation.drawn import Drawn
from conseiller.simulation.grids import unknown_grids
from conseiller.simulation.one_draw import dossier_of
from conseiller.simulation.together import pairs
from conseiller.simulation.uncertainties import Uncertainty
from conseiller.text import date_long, number

#: What the table of all draws of a case fits in memory.
MOST_DRAWS = 1_000_000


def faults_of(
    plan: Projection, uncertainties: Sequence[Uncertainty], draws: int, seed: int, lang: Lang
) -> Iterator[Fault]:
    """Yield what is wrong in a call, each uncertainty named by its rank from 1."""
    for rank, uncertainty in enumerate(uncertainties, start=1):
        kind = type(uncertainty).__name__
        for field, distribution in uncertainty.distributions():
            where = tr("simulation.where.field", lang, rank=rank, kind=kind, field=field)
            for code in distribution.faults():
                yield fault(code, where, {}, lang)
        where = tr("simulation.where.uncertainty", lang, rank=rank, kind=kind)
        for code, values in uncertainty.faults(plan):
            yield fault(code, where, values, lang)
    for rank, smic in pairs(uncertainties):
        if smic is None:
            where = tr("simulation.where.uncertainty", lang, rank=rank + 1, kind="Growth")
            yield fault("correlation_alone", where, {}, lang)
    if not 1 <= draws <= MOST_DRAWS:
        values = {"most": number(MOST_DRAWS, lang), "draws": number(draws, lang)}
        yield fault("draws", tr("simulation.where.call", lang), values, lang)
    if seed < 0:
        yield fault("seed", tr("simulation.where.call", lang), {}, lang)


def grid_faults(drawn: Drawn, draws: int, lang: Lang) -> Iterator[Fault]:
    """Yield the first draw that needs a grid too early, for each post and grade."""
    told = set()
    for draw in range(draws):
        for post, grade, known, day in unknown_grids(dossier_of(drawn, draw), drawn.plan.law):
            if (post, grade) not in told:
                told.add((post, grade))
                where = tr("simulation.where.draw", lang, draw=draw)
                yield fault("grid", where, {"post": post, "grade": grade, "known": known, "day": day}, lang)


def fault(code: str, where: str, values: Mapping[str, str | date], lang: Lang) -> Fault:
    """Return a fault in the words of the catalogue."""
    said = {name: date_long(v, lang) if isinstance(v, date) else v for name, v in values.items()}
    return errors.fault(f"simulation.fault.{code}", where, lang, **said)
