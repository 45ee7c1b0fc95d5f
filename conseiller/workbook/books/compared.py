"""Says on a sheet which plan the books are set against: the dossier's, or that of the scenario in force."""

from __future__ import annotations

from collections.abc import Iterable

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


def chosen(values: Iterable[float]) -> str:
    """Return the formula of the value of the plan in force, given that of the dossier, then of each scenario."""
    texts = [f"{float(v):.12g}" for v in values]
    return texts[0] if len(set(texts)) == 1 else f"CHOOSE(h_scenario+1,{','.join(texts)})"
