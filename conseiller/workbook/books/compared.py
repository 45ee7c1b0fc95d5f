"""Says on a sheet which plan the books are set against: the dossier's, or that of the scenario in force."""

from __future__ import annotations

from conseiller.scenario_display import variant_name
from conseiller.workbook.book import Live, Sheet
from conseiller.workbook.books.facts import BookFacts


def write_compared(sheet: Sheet, facts: BookFacts, row: int) -> None:
    """Write the plan compared in the first cell of a row; it follows the switch of *Scénarios*."""
    words = sheet.book.tr("workbook.books.compared")
    base = f"{words} {variant_name('', facts.lang)}"
    if len(facts.every) > 1:
        sheet.live(row, 0, Live(f'"{words} "&scenario_actif', base), "text", "general")
    else:
        sheet.text(row, 0, base)
