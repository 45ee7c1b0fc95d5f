"""A dossier against the books kept with it, or against files read for the occasion."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from conseiller.analysis.tracking.reconcile import sources_of
from conseiller.analysis.tracking.tracking import Tracking, track
from conseiller.messages import Lang

if TYPE_CHECKING:
    from conseiller.dossier import Dossier
    from conseiller.ledger.reading import Reading
    from conseiller.ledger.store import Ledger
    from conseiller.projection import Projection


def follow(
    dossier: str | Path,
    files: Sequence[Path] = (),
    *,
    plan: Projection | None = None,
    real: Dossier | Projection | None = None,
    until: date | None = None,
    today: date | None = None,
    lang: Lang = "fr",
) -> Tracking:
    """Set a dossier against its books.

    Parameters
    ----------
    dossier : str or Path
        Folder or file of the dossier.
    files : sequence of Path
        Exports to read for the occasion, with the maps of columns of the dossier; nothing is kept of them. Without any,
        the books are those kept with the dossier.
    plan : Projection, optional
        The dossier projected, where that was done already.
    real, until, today
        As `track` takes them.
    lang : {"fr", "en"}
        Language of the faults.

    Returns
    -------
    Tracking
        Empty books give a tracking without any line.

    Raises
    ------
    InputFaults
        When the dossier, its rules, its ledger or a file cannot be read.
    """
    from conseiller.dossier import load
    from conseiller.ledger.rules import load_rules
    from conseiller.ledger.store import Ledger
    from conseiller.projection import Projection

    path = Path(dossier)
    plan = plan or Projection(load(path, lang), today=today)
    rules = load_rules(path, plan, lang)

    def against(ledger: Ledger) -> Tracking:
        return track(
            plan,
            ledger.lines(),
            rules,
            credits=ledger.voted(),
            state=ledger.credits(),
            sources=sources_of(ledger),
            real=real,
            until=until,
            today=today,
        )

    if not files:
        with Ledger(path, lang) as ledger:
            return against(ledger)
    with TemporaryDirectory() as folder, Ledger(Path(folder), lang) as ledger:
        ledger.add(*(_read(file, path, lang) for file in files))
        return against(ledger)


def _read(file: Path, dossier: Path, lang: Lang) -> Reading:
    """Read a file as the dossier says, columns guessed where none of its maps fits."""
    from conseiller.ledger import maps, recognise
    from conseiller.ledger.sheets import open_book
    from conseiller.ledger.store import folder_of

    if recognise.recognise(file, lang) != "table":
        return recognise.read(file, lang)
    fitting = maps.fitting(open_book(file, lang), maps.saved(folder_of(dossier), lang))
    return recognise.read(file, lang, fitting)
