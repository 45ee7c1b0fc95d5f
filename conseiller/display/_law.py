"""The legal tables as a reader sees them, each value with its text and its certainty."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from conseiller.messages import Lang, tr
from conseiller.text import date_long, date_short

if TYPE_CHECKING:
    from conseiller.law import Entry, Law, Table
from conseiller.display._sheet import Cell, Grid, Sheet


def law_sheet(law: Law, lang: Lang, at: date | None = None) -> Sheet:
    day = at or date.today()
    groups: dict[str, list[Table]] = {"general": [], "generations": [], "grids": []}
    for name, table in law.tables.items():
        home = "grids" if name.startswith("grille_") else "general"
        groups["generations" if name.startswith("generation_") else home].append(table)
    grids = []
    for key, tables in groups.items():
        title = tr(f"display.law.{key}", lang, count=len(tables))
        grids.append(_law_grid(tables, day, lang, title, folded=key == "grids"))
    checked = tr("display.law.checked", lang, day=date_long(law.checked_until, lang))
    return Sheet(tr("display.law.title", lang, day=date_long(day, lang)), (), grids, [checked])


def law_line(law: Law, lang: Lang = "fr") -> str:
    """Return the legal tables in one line."""
    return tr("display.law.brief", lang, count=len(law.tables), day=date_long(law.checked_until, lang))


def _law_grid(tables: Sequence[Table], day: date, lang: Lang, title: str, folded: bool) -> Grid:
    heads = [
        Cell(tr(f"display.law.{k}", lang), k == "value")
        for k in ("parameter", "value", "since", "text", "certainty")
    ]
    return Grid(heads, [_law_row(t, day, lang) for t in tables], title=title, folded=folded)


def _law_row(table: Table, day: date, lang: Lang) -> list[Cell]:
    from conseiller.text import legal_value

    found: list[Entry] = [e for e in table.entries if e.start <= day]
    label = Cell(table.label[lang])
    if not found:
        nothing = Cell(tr("display.nothing", lang))
        return [label, Cell(tr("display.law.not_yet", lang), True), nothing, nothing, nothing]
    entry = found[-1]
    return [
        label,
        Cell(legal_value(entry.value, table.unit, lang), True),
        Cell(date_short(entry.start, lang)),
        Cell(entry.reference, link=entry.link),
        Cell(tr(f"display.certainty.{entry.certainty}", lang)),
    ]
