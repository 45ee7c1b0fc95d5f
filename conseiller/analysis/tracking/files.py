"""A tracking as files: a page to read, tables for a spreadsheet, the échéancier for a calendar."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from conseiller.analysis.tracking import shown
from conseiller.analysis.tracking.agenda import to_ics
from conseiller.analysis.tracking.reconcile import set_aside_reasons
from conseiller.files import refuse_if_busy, replacing
from conseiller.ledger.proposals import as_rules
from conseiller.messages import Lang

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.analysis.tracking.tracking import Tracking

#: Columns of figures that are not euros.
_NO_MONEY = frozenset({"share", "effect", "etp", "etpt", "etpt_paid", "value"})
PAGE, CALENDAR, PROPOSALS = "suivi.html", "echeancier.ics", "propositions.toml"


def tables(
    tracking: Tracking, year: int, threshold: float = 0.0, lang: Lang = "fr"
) -> Mapping[str, pd.DataFrame]:
    """Return every table of a tracking, by the name of its file."""
    return {
        "realise": tracking.table,
        "ecarts": tracking.explained,
        "atterrissage": tracking.landing("exercice", "line").reset_index(),
        "exercices": tracking.years().reset_index(),
        "cloture": tracking.year_end(year, threshold=threshold, lang=lang),
        "versements": tracking.instalments(),
        "conventions": tracking.balance(),
        "echeancier": tracking.agenda(lang=lang),
        "liste_etat": tracking.state_list(),
        "credits": tracking.credits(),
        "poids": tracking.weight(),
        "a_rattacher": tracking.unattached,
        "propositions": tracking.proposals,
        "rapprochement": tracking.reconciliation(),
        "lignes_ecartees": set_aside_reasons(tracking),
    }


def write_tracking(
    tracking: Tracking, folder: Path, year: int, threshold: float = 0.0, lang: Lang = "fr"
) -> list[Path]:
    """Write the page, the tables (CSV, semicolons, decimal comma) and the calendar file.

    Raises
    ------
    FileInUseError
        When a file is open in an office program or read-only; none has changed then.
    """
    made = {f"{name}.csv": _csv(table) for name, table in tables(tracking, year, threshold, lang).items()}
    made[PAGE] = page(tracking, year, threshold, lang).encode()
    name = tracking.plan.dossier.authority.name
    made[CALENDAR] = to_ics(tracking.agenda(lang=lang), name, tracking.plan.report_date, lang)
    if proposed := as_rules(tracking.attached):
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


def _csv(table: pd.DataFrame) -> bytes:
    """Return a table for a spreadsheet in French: a text that a spreadsheet would compute is quoted."""
    safe = table.copy()
    for column in safe.columns:
        if safe[column].dtype == float and column not in _NO_MONEY:
            safe[column] = safe[column].map(lambda v: "" if v != v else f"{v:.2f}".replace(".", ","))  # noqa: PLR0124 (NaN)
            continue
        if safe[column].dtype == object or str(safe[column].dtype) == "str":
            safe[column] = safe[column].map(_plain)
    text = safe.to_csv(index=False, sep=";", decimal=",", date_format="%Y-%m-%d", lineterminator="\r\n")
    return b"\xef\xbb\xbf" + text.encode()


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, str) and value[:1] in "=+-@\t\r" and value:
        return f"'{value}"
    return value
