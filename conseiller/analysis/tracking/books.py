"""The books of a dossier as reports show them: the tracking, and what became of every file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from conseiller.analysis.tracking.tracking import Tracking, track
from conseiller.ledger.reading import ASIDE, Control, frame
from conseiller.messages import Lang

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.dossier.schema import Dossier
    from conseiller.projection import Projection


@dataclass(frozen=True)
class SourceFile:
    """A file of the books; additions of the same name together.

    Parameters
    ----------
    name : str
    format : str
        Kind of books (see `ledger.reading.Format`); "" when not known.
    rows : int
        Data rows met by the reader.
    read : int
        Lines read: those that stand, doubles, those set aside, and rows of control totals.
    doubles : int
        Lines that do not stand: the same elsewhere, replaced or withdrawn by a later file.
    totals : int
        Rows of budgets and lists, read as control totals.
    cost_cents, funding_cents : int
        Sum of the lines that stand.
    """

    name: str
    format: str
    rows: int
    read: int
    doubles: int
    totals: int
    cost_cents: int
    funding_cents: int


@dataclass(frozen=True)
class Books:
    """A tracking and the files behind it.

    Parameters
    ----------
    tracking : Tracking
    files : tuple of SourceFile
        By name.
    aside : DataFrame
        Lines that no reader kept (columns `ledger.reading.ASIDE`).
    controls : tuple of (file, Control)
        Totals stated by the files.
    """

    tracking: Tracking
    files: tuple[SourceFile, ...]
    aside: pd.DataFrame
    controls: tuple[tuple[str, Control], ...] = ()

    @classmethod
    def of(cls, tracking: Tracking) -> Books:
        """Return the books of a tracking whose files are not known but by their lines."""
        lines = every_line(tracking)
        files = []
        for name, group in lines.groupby("file", sort=True):
            sums = group.groupby("side")["cents"].sum()
            cents = (int(sums.get(side, 0)) for side in ("cost", "funding"))
            files.append(SourceFile(str(name), "", len(group), len(group), 0, 0, *cents))
        return cls(tracking, tuple(files), frame(ASIDE))


def every_line(tracking: Tracking) -> pd.DataFrame:
    """Return the lines of the ledger behind a tracking, each once, its parts added up: origin, file, side, cents."""
    import pandas as pd

    attached = tracking.attached
    columns = ["origin", "file", "side", "cents"]
    parts = pd.concat([t[columns] for t in (attached.lines, attached.unattached, attached.aside)])
    found: pd.DataFrame = parts.groupby(["origin", "file", "side"])["cents"].sum().reset_index()
    return found


def books_of(
    dossier: Path,
    plan: Projection,
    lang: Lang = "fr",
    *,
    real: Dossier | None = None,
    until: date | None = None,
) -> Books | None:
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
    from conseiller.ledger.rules import load_rules
    from conseiller.ledger.store import Ledger

    with Ledger(dossier, lang) as ledger:
        if not ledger.path.exists():
            return None
        lines = ledger.lines()
        if not len(lines):
            return None
        budgets, state, aside = ledger.voted(), ledger.credits(), ledger.aside()
        additions, controls = ledger.additions(), ledger.controls()
    rules = load_rules(dossier, plan, lang)
    tracking = track(plan, lines, rules, credits=budgets, state=state, real=real, until=until)
    totals = Counter(state["file"])
    sums = lines.groupby(["file", "side"])["cents"].sum()
    files = []
    for name in sorted({a.file for a in additions}):
        mine = [a for a in additions if a.file == name]
        doubles = sum(a.same + a.replaced + a.withdrawn for a in mine)
        files.append(
            SourceFile(
                name,
                mine[-1].format,
                sum(a.rows for a in mine),
                sum(a.kept + a.aside for a in mine) + doubles,
                doubles,
                totals[name],
                int(sums.get((name, "cost"), 0)),
                int(sums.get((name, "funding"), 0)),
            )
        )
    return Books(tracking, tuple(files), aside, controls)
