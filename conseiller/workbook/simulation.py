"""The workbook of a simulation: one sheet of values, with what was drawn and from where; nothing in it is live."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from conseiller.analysis.stamp import stamp
from conseiller.files import replacing
from conseiller.messages import Lang, tr
from conseiller.simulation.files import heads
from conseiller.simulation.results import AT, Simulation
from conseiller.simulation.shown import lead, notes
from conseiller.workbook.book import Book, Sheet

#: Widths of the columns [characters]: measure, exercice, seven amounts, probability.
_WIDTHS = (34, 12, *(16,) * 7, 16)
_ALL = sum(_WIDTHS)


def write_simulation(
    simulation: Simulation, path: Path, ceiling: float | Mapping[int, float] | None = None, lang: Lang = "fr"
) -> Path:
    """Write the workbook; the previous file stays whole if anything fails.

    Raises
    ------
    conseiller.files.FileInUseError
        When the file is open in another program or read-only.
    """
    plan = simulation.plan
    with replacing(path) as temporary:
        book = Book(temporary, lang, plan.report_date, _title(simulation, lang))
        sheet = book.sheet("simulation")
        row = _head(sheet, simulation)
        row = _figures(sheet, row, simulation, ceiling)
        row = _drawn(sheet, row + 1, simulation)
        for said in notes(simulation, ceiling is not None, lang):
            row = _line(sheet, row, said)
        for col, width in enumerate(_WIDTHS):
            sheet.raw.set_column(col, col, width)
        book.page(sheet, repeat=None, last_col=len(_WIDTHS) - 1, last_row=row)
        book.close()
    return path


def _title(simulation: Simulation, lang: Lang) -> str:
    return tr("simulation.shown.title", lang, name=simulation.plan.dossier.authority.name)


def _line(sheet: Sheet, row: int, said: str) -> int:
    """Write a sentence over the whole width, and return the row after it."""
    last = len(_WIDTHS) - 1
    sheet.raw.merge_range(row, 0, row, last, "", sheet.book.format("label"))
    sheet.text(row, 0, said, "label")
    sheet.fit(row, (said, _ALL))
    return row + 1


def _head(sheet: Sheet, simulation: Simulation) -> int:
    lang = sheet.book.lang
    sheet.text(0, 0, _title(simulation, lang), "title")
    row = 1
    for said in (
        lead(simulation, lang),
        tr("simulation.book.values", lang),
        stamp(simulation.plan).text(lang),
    ):
        row = _line(sheet, row, said)
    return row + 1


def _figures(
    sheet: Sheet, row: int, simulation: Simulation, ceiling: float | Mapping[int, float] | None
) -> int:
    lang = sheet.book.lang
    for col, head in enumerate(heads(lang)):
        sheet.text(row, col, head, "head" if col == 0 else "headnum")
    sheet.raw.set_row(row, 30)
    for each in simulation.table(ceiling).to_dict("records"):
        row += 1
        sheet.text(row, 0, tr(f"simulation.name.{each['measure']}", lang))
        sheet.number(row, 1, each["exercice"], fmt="years")
        amounts = [each["plan"], *(each[at] for at in AT), each["ceiling"]]
        for col, amount in enumerate(amounts, start=2):
            if not math.isnan(amount):
                sheet.number(row, col, amount, fmt="euros")
        if not math.isnan(each["passed"]):
            sheet.number(row, len(_WIDTHS) - 1, each["passed"], fmt="percent")
    return row + 1


def _drawn(sheet: Sheet, row: int, simulation: Simulation) -> int:
    """Write what was drawn: quantity, distribution and source, wide enough to be read."""
    lang, last = sheet.book.lang, len(_WIDTHS) - 1
    sheet.text(row, 0, tr("simulation.book.drawn", lang), "subtitle")
    row += 1
    # (first column, last column) of each cell: uncertainty, quantity, distribution, source.
    spans = ((0, 0), (1, 1), (2, 4), (5, last))
    frame = simulation.hypotheses(lang)
    for (first, to), head in zip(spans, frame.columns, strict=True):
        _over(sheet, row, first, to, str(head), "head")
    for texts in frame.itertuples(index=False):
        row += 1
        for (first, to), said in zip(spans, texts, strict=True):
            _over(sheet, row, first, to, str(said), "label")
        widths = [(str(s), sum(_WIDTHS[a : b + 1])) for (a, b), s in zip(spans, texts, strict=True)]
        sheet.fit(row, *widths)
    return row + 2


def _over(sheet: Sheet, row: int, first: int, to: int, said: str, look: str) -> None:
    shape = sheet.book.format("head" if look == "head" else "label")
    if to > first:
        sheet.raw.merge_range(row, first, row, to, "", shape)
    sheet.raw.write_string(row, first, said, shape)
