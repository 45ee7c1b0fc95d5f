"""A simulation as files: the fan (PNG and SVG), a table for a spreadsheet, a workbook of values."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from conseiller.charts import fan, save
from conseiller.files import refuse_if_busy, replacing
from conseiller.messages import Lang, tr
from conseiller.simulation.results import AT, Simulation
from conseiller.text import percent

TABLE, BOOK, CHART = "simulation.csv", "simulation.xlsx", "eventail"


def write_all(
    simulation: Simulation,
    folder: Path,
    ceiling: float | Mapping[int, float] | None = None,
    lang: Lang = "fr",
) -> list[Path]:
    """Write workbook, table and fan into a folder, made when missing.

    Raises
    ------
    conseiller.files.FileInUseError
        When one of the files is open in another program or read-only; checked before any is written.
    """
    from conseiller.workbook.simulation import write_simulation

    names = (BOOK, TABLE, f"{CHART}.png", f"{CHART}.svg")
    for name in names:
        refuse_if_busy(folder / name)
    folder.mkdir(parents=True, exist_ok=True)
    write_simulation(simulation, folder / BOOK, ceiling, lang)
    with replacing(folder / TABLE) as temporary:
        temporary.write_bytes(table(simulation, ceiling, lang))
    charts = save([replace(fan(simulation, ceiling=ceiling, lang=lang), key=CHART)], folder)
    return [folder / BOOK, folder / TABLE, *charts]


def heads(lang: Lang) -> list[str]:
    """Return the headers of the table of figures."""
    return [
        tr("simulation.head.measure", lang),
        tr("cli.column.year", lang),
        tr("simulation.head.plan", lang),
        *(tr("simulation.head.median", lang) if at == 0.5 else percent(at, 0, lang) for at in AT),
        tr("simulation.head.ceiling", lang),
        tr("simulation.head.chance", lang),
    ]


def table(simulation: Simulation, ceiling: float | Mapping[int, float] | None, lang: Lang) -> bytes:
    """Return the figures as French spreadsheets open them: semicolons, decimal comma, UTF-8 with its mark."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(heads(lang))
    for row in simulation.table(ceiling).to_dict("records"):
        amounts = [row["plan"], *(row[at] for at in AT), row["ceiling"]]
        writer.writerow(
            [
                tr(f"simulation.name.{row['measure']}", lang),
                row["exercice"],
                *(_number(amount, 2) for amount in amounts),
                _number(row["passed"], 4),
            ]
        )
    return out.getvalue().encode("utf-8-sig")


def _number(value: float, digits: int) -> str:
    return "" if math.isnan(value) else f"{value:.{digits}f}".replace(".", ",")
