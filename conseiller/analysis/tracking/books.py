"""The books kept beside a dossier, tied to its plan."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from conseiller.analysis.tracking.tracking import Tracking, track
from conseiller.messages import Lang

if TYPE_CHECKING:
    from conseiller.dossier.schema import Dossier
    from conseiller.projection import Projection


def books_of(
    dossier: Path,
    plan: Projection,
    lang: Lang = "fr",
    *,
    real: Dossier | None = None,
    until: date | None = None,
) -> Tracking | None:
    """Return the books kept beside a dossier, tied to its plan; None when there are none.

    Parameters
    ----------
    dossier : Path
        The dossier, or any path that names it.
    plan : Projection
    lang : {"fr", "en"}
        Language of the faults.
    real : Dossier, optional
        The dossier brought up to date.
    until : date, optional
        Last month whose mandats are booked.

    Raises
    ------
    InputFaults
        When the ledger or the rules of attachment cannot be read.
    """
    from conseiller.analysis.tracking.reconcile import sources_of
    from conseiller.ledger.rules import load_rules
    from conseiller.ledger.store import Ledger

    with Ledger(dossier, lang) as ledger:
        if not ledger.path.exists():
            return None
        lines = ledger.lines()
        if not len(lines):
            return None
        credits, state, sources = ledger.voted(), ledger.credits(), sources_of(ledger)
    rules = load_rules(dossier, plan, lang)
    return track(plan, lines, rules, credits=credits, state=state, sources=sources, real=real, until=until)
