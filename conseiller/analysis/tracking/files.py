"""A tracking as files: a page to read, tables for a spreadsheet, the échéancier for a calendar."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from conseiller.analysis.tracking import shown
from conseiller.analysis.tracking.agenda import to_ics
from conseiller.analysis.tracking.tables import as_csv, tables
from conseiller.files import refuse_if_busy, replacing
from conseiller.ledger.proposals import as_rules
from conseiller.messages import Lang

if TYPE_CHECKING:
    from conseiller.analysis.tracking.tracking import Tracking

PAGE, CALENDAR, PROPOSALS = "suivi.html", "echeancier.ics", "propositions.toml"


def write_tracking(
    tracking: Tracking, folder: Path, year: int, threshold: float = 0.0, lang: Lang = "fr"
) -> list[Path]:
    """Write the page, the tables (CSV, headings and words in the language) and the calendar file.

    Raises
    ------
    FileInUseError
        When a file is open in an office program or read-only; none has changed then.
    """
    made = {
        f"{name}.csv": as_csv(tracking, table, lang)
        for name, table in tables(tracking, year, threshold, lang).items()
    }
    made[PAGE] = page(tracking, year, threshold, lang).encode()
    name = tracking.plan.dossier.authority.name
    made[CALENDAR] = to_ics(tracking.agenda(lang=lang), name, tracking.plan.report_date, lang)
    if proposed := as_rules(tracking.attached, lang):
        made[PROPOSALS] = proposed.encode()
    targets = {folder / file: content for file, content in made.items()}
    for target in targets:
        refuse_if_busy(target)
    for target, content in targets.items():
        with replacing(target) as temporary:
            temporary.write_bytes(content)
    return list(targets)


def page(tracking: Tracking, year: int, threshold: float = 0.0, lang: Lang = "fr") -> str:
    """Return one page of HTML, without script, that says what the command prints."""
    grids = [
        shown.lines_grid(tracking, year, lang),
        shown.balance_grid(tracking, lang),
        shown.instalments_grid(tracking, lang),
        shown.closing_grid(tracking, year, threshold, lang),
        shown.files_grid(tracking, lang),
        shown.totals_grid(tracking, lang),
        shown.unattached_grid(tracking, lang, most=500),
    ]
    inner = shown.sheet(tracking, lang).html(lang) + "".join(g.html() for g in grids if g.rows)
    title = escape(tracking.plan.dossier.authority.name)
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title></head>'
        f'<body style="margin:2em;font-family:system-ui,sans-serif;font-size:13px">{inner}</body></html>\n'
    )
