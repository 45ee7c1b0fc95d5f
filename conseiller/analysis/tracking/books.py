"""The books kept beside a dossier, where there are any."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conseiller.messages import Lang

if TYPE_CHECKING:
    from conseiller.analysis.tracking.tracking import Tracking
    from conseiller.projection import Projection


def books_of(dossier: Path, plan: Projection, lang: Lang = "fr") -> Tracking | None:
    """Return the books kept beside a dossier, tied to its plan (see `follow`); None when there are none.

    Parameters
    ----------
    dossier : Path
        The dossier, or any path that names it.
    plan : Projection
    lang : {"fr", "en"}
        Language of the faults.

    Raises
    ------
    InputFaults
        When the ledger or the rules of attachment cannot be read.
    """
    from conseiller.ledger.store import FILE, folder_of

    if not (folder_of(dossier) / FILE).exists():
        return None
    from conseiller.analysis.tracking.follow import follow

    found = follow(dossier, plan=plan, lang=lang)
    attached = found.attached
    there = len(attached.lines) + len(attached.unattached) + len(attached.aside)
    return found if there else None
