"""A plan drawn many times: every draw goes through the same rules, rounded as a plan is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from conseiller.compiled.draws import with_draws
from conseiller.compiled.ground import law_of
from conseiller.compiled.measures import Section, by_draw
from conseiller.compiled.portfolio import common_ground, owed_to_leavers
from conseiller.dossier import schema
from conseiller.errors import InputFaults
from conseiller.law import Law, LawError
from conseiller.messages import Lang
from conseiller.projection import Projection
from conseiller.simulation.course import tiled
from conseiller.simulation.drawn import BLOCK, Cents, Drawn, Numbers
from conseiller.simulation.faults import faults_of, grid_faults
from conseiller.simulation.results import Simulation
from conseiller.simulation.spreads import load_spreads
from conseiller.simulation.uncertainties import Uncertainty

Progress = Callable[[int, int], None]

#: Months of posts computed together, which bounds the memory.
_CELLS = 250_000
#: Posts from which the pay of draws that move no contract is computed law by law.
_MANY = 200


def simulate(
    dossier: schema.Dossier | Projection,
    uncertainties: Sequence[Uncertainty] | Path | str | None = None,
    *,
    draws: int = 1000,
    seed: int = 0,
    section: Section = "fonctionnement",
    law: Law | None = None,
    today: date | None = None,
    lang: Lang = "fr",
    progress: Progress | None = None,
) -> Simulation:
    """Draw a plan many times.

    Parameters
    ----------
    dossier : Dossier or Projection
        The case. What lies before the date of its report is certain.
    uncertainties : sequence of Uncertainty, or path
        `Growth`, `RateChange`, `HireDelay`, `Vacancy`, `Turnover`, `LatePayment`; contracts are moved in
        the order given. A path is that of a file that states them (`conseiller.simulation.spreads`); without
        any, the starting guesses of the tool.
    draws : int
    seed : int
        The same seed gives the same figures, on any number of cores; more draws keep the first ones.
    section : {"fonctionnement", "investissement"}
    law, today :
        As for `conseiller.project`.
    lang : {"fr", "en"}
        Language of the faults.
    progress : callable, optional
        Told how many draws are done, of how many.

    Raises
    ------
    InputFaults
        With every nonsense found: a negative spread, bounds out of order, an unknown post or value…; or
        when a draw moves a hire to a month whose grid is not known.
    """
    plan = dossier if isinstance(dossier, Projection) else Projection(dossier, law, today)
    if uncertainties is None or isinstance(uncertainties, (Path, str)):
        uncertainties = load_spreads(Path(uncertainties) if uncertainties is not None else None, plan, lang)
    found = [*faults_of(plan, uncertainties, draws, seed, lang)]
    if found:
        raise InputFaults(found, lang)
    drawn = Drawn(plan, uncertainties, seed)
    try:
        return Simulation(drawn, draws, section, _run(drawn, draws, section, progress))
    except LawError as error:
        unknown = [*grid_faults(drawn, draws, lang)]
        if not unknown:
            raise
        raise InputFaults(unknown, lang) from error


def _run(drawn: Drawn, draws: int, section: Section, progress: Progress | None) -> dict[str, Cents]:
    """Compute all draws; `progress` is told how many are done, of how many."""
    pieces: list[dict[str, Cents]] = []
    for block in range(-(-draws // BLOCK)):
        size = min(BLOCK, draws - block * BLOCK)
        for piece in _block(drawn, drawn.numbers(block), size, section):
            pieces.append(piece)
            if progress:
                progress(sum(len(p["pay"]) for p in pieces), draws)
    return {name: np.concatenate([p[name] for p in pieces]) for name in pieces[0]}


def _block(drawn: Drawn, numbers: list[Numbers], size: int, section: Section) -> Iterator[dict[str, Cents]]:
    """Compute the first draws of a block, piece by piece."""
    inputs = drawn.plan.inputs
    law = {name: values[:size] for name, values in drawn.law(numbers).items()}
    received = drawn.received(numbers, size)
    owes = owed_to_leavers(inputs).any()
    if law and not drawn.moves and not owes and inputs.posts > _MANY:
        found = {name: np.repeat(c, size, axis=0) for name, c in by_draw(inputs, section, 1).items()}
        if section == "fonctionnement":
            found["pay"] = np.rint(drawn.pay.run(law).sum(axis=1)).astype(np.int64)
        yield found | {"received": received}
        return
    items = sum(len(fields["amount"]) for fields in inputs.members.values())
    step = max(1, _CELLS // (inputs.posts * len(inputs.months) * (1 + items)))
    for since in range(0, size, step):
        mine = slice(since, min(since + step, size))
        count = mine.stop - since
        course = drawn.course(numbers, mine)
        case = tiled(inputs, count) if course is None else course.laid_out(inputs)
        values = {name: table[mine] for name, table in law.items()}
        ground = common_ground(case, with_draws(law_of(case), values))
        variant = np.repeat(np.arange(count), inputs.posts) if values else None
        yield by_draw(case, section, count, ground, variant) | {"received": received[mine]}
