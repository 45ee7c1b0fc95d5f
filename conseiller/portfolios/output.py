"""Writes a portfolio: the workbook, its tables as CSV, its charts; all ready before the first takes its place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conseiller.csv_form import write_table
from conseiller.display import heading, word
from conseiller.files import refuse_if_busy, replacing
from conseiller.messages import Lang

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.portfolios.results import Portfolio

BOOK = "portefeuille.xlsx"
CHARTS = "graphiques"
#: Columns of codes that a table shows in words.
_CODES = ("generation", "kind", "state", "stated")


def tables(portfolio: Portfolio) -> dict[str, pd.DataFrame]:
    """Return the tables written as CSV, by the name of their file; columns keep the names of the program."""
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
        "a_l_ecart": portfolio.set_aside.drop(columns="code"),
    }


def _as_csv(frame: pd.DataFrame, lang: Lang) -> bytes:
    """Return a table as CSV, its headings and codes in the words of the tables shown."""
    worded = frame.assign(
        **{
            name: frame[name].map(lambda code, column=name: word(code, column, lang))
            for name in _CODES
            if name in frame
        }
    )
    return write_table(worded, lang, [heading(name, lang) for name in frame.columns])


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
            temporary.write_bytes(_as_csv(frame, lang))
        written.append(targets[name])
    return written + save(portfolio.charts(lang), folder / CHARTS)
