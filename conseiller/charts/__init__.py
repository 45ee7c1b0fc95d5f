"""The charts of a plan, each with its text alternative, in French or English.

Every chart shows the section de fonctionnement; its title is the finding, its
subtitle the unit and the period, and the line below it says where the figures
come from. Nothing is drawn, nor matplotlib loaded, before `Chart.figure` is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from conseiller.charts._books import landing_title, plan_and_books
from conseiller.charts._chart import FORMATS, Chart, Format
from conseiller.charts._cumulated import cumulated
from conseiller.charts._fan import fan
from conseiller.charts._funding import funding_by_exercice
from conseiller.charts._grant_years import grant_years
from conseiller.charts._one_year import one_year
from conseiller.charts._tornado import tornado
from conseiller.messages import Lang

if TYPE_CHECKING:
    from conseiller.analysis.tracking import Tracking
    from conseiller.projection import Projection

__all__ = [
    "Chart",
    "all_charts",
    "cumulated",
    "fan",
    "funding_by_exercice",
    "grant_years",
    "landing_title",
    "one_year",
    "plan_and_books",
    "save",
    "tornado",
]


def all_charts(plan: Projection, lang: Lang = "fr", tracking: Tracking | None = None) -> list[Chart]:
    """Return every chart of a plan, in reading order; with its books, plan against books last."""
    books = None if tracking is None else plan_and_books(tracking, lang)
    return [
        funding_by_exercice(plan, lang),
        cumulated(plan, lang),
        grant_years(plan, lang),
        one_year(plan, lang=lang),
        *([books] if books else []),
    ]


def save(
    charts: Iterable[Chart], folder: str | Path, formats: Sequence[Format] = ("png", "svg")
) -> list[Path]:
    """Write charts as files named after their keys; each appears whole or not at all.

    Parameters
    ----------
    charts : iterable of Chart
    folder : str or Path
        Made when it does not exist.
    formats : sequence of {"png", "svg"}

    Returns
    -------
    list of Path
        Files written, chart by chart.

    Raises
    ------
    ValueError
        When a format is not offered; nothing is written then.
    conseiller.files.FileInUseError
        When a file of that name is open in another program or read-only.
    """
    from conseiller.files import replacing

    for name in formats:
        if name not in FORMATS:
            raise ValueError(f"no format {name!r} for a chart; formats: {', '.join(FORMATS)}")
    written = []
    for chart in charts:
        for name in formats:
            target = Path(folder) / f"{chart.key}.{name}"
            content = chart.render(name)
            with replacing(target) as temporary:
                temporary.write_bytes(content)
            written.append(target)
    return written
