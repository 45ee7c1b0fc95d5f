"""Writes a portfolio: the workbook, its tables as CSV, its charts; all ready before the first takes its place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conseiller.csv_form import write_table
from conseiller.files import refuse_if_busy, replacing
from conseiller.messages import Lang

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.portfolios.results import Portfolio

BOOK = "portefeuille.xlsx"
CHARTS = "graphiques"


def tables(portfolio: Portfolio) -> dict[str, pd.DataFrame]:
    """Return the tables written as CSV, by the name of their file; columns keep their English names."""
    return {
        "postes": portfolio.posts,
        "par_exercice": portfolio.by("exercice").reset_index(),
        "par_departement": portfolio.by("department", "exercice").reset_index(),
        "par_employeur": portfolio.by("authority", "exercice").reset_index(),
        "par_generation": portfolio.by("generation", "exercice").reset_index(),
        "par_mois": portfolio.by("month").reset_index(),
        "occupation": portfolio.occupancy().reset_index(),
        "fins_de_subvention": portfolio.ending,
        "reste_a_verser": portfolio.to_pay("authority").reset_index(),
        "vacances": portfolio.vacancies(),
        "a_l_ecart": portfolio.set_aside,
    }


def write_all(portfolio: Portfolio, folder: Path, lang: Lang = "fr") -> list[Path]:
    """Write workbook, tables and charts into a folder.

    Raises
    ------
    conseiller.files.FileInUseError
        When one of the files is open in another program or read-only; checked before any is written.
    """
    from conseiller.charts import save

    folder.mkdir(parents=True, exist_ok=True)
    found = tables(portfolio)
    targets = {name: folder / f"{name}.csv" for name in found}
    for target in (folder / BOOK, *targets.values()):
        refuse_if_busy(target)
    written = [portfolio.to_excel(folder / BOOK, lang)]
    for name, frame in found.items():
        with replacing(targets[name]) as temporary:
            temporary.write_bytes(write_table(frame, lang))
        written.append(targets[name])
    return written + save(portfolio.charts(lang), folder / CHARTS)
