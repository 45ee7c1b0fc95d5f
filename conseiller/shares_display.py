"""What each commune pays, as a reader sees it beside a comparison."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conseiller.analysis.compare import Comparison
from conseiller.analysis.shares import by_commune
from conseiller.display import Cell, Grid
from conseiller.messages import Lang, tr
from conseiller.text import money


def grids(of: Comparison, names: Mapping[str, str], lang: Lang) -> Iterator[Grid]:
    """Yield, for each scenario in which several communes pay, the share of each by exercice.

    Parameters
    ----------
    of : Comparison
    names : mapping
        Scenarios as the reader knows them.
    lang : {"fr", "en"}
    """
    for variant in of.variants:
        paid = by_commune(of, variant)
        communes = list(dict.fromkeys(commune for by_part in paid.values() for commune in by_part))
        if len(communes) < 2:
            continue
        rows = [
            [Cell(commune), *_amounts([paid[year].get(commune, 0.0) for year in paid], lang)]
            for commune in communes
        ]
        heads = [Cell(tr("scenarios.compare.commune", lang)), *(Cell(str(year), True) for year in paid)]
        yield Grid(
            [*heads, Cell(tr("workbook.total", lang), True)],
            rows,
            foot=[
                Cell(tr("workbook.total", lang)),
                *_amounts([round(sum(by_part.values()), 2) for by_part in paid.values()], lang),
            ],
            title=tr("scenarios.compare.shares", lang, name=names[variant.name]),
        )


def _amounts(by_year: list[float], lang: Lang) -> list[Cell]:
    """Return the cells of amounts and of their sum."""
    return [Cell(money(amount, lang), True) for amount in (*by_year, round(sum(by_year), 2))]
