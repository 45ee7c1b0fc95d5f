"""Assembles the workbook of a projection, and the blank form; written whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from conseiller import __version__
from conseiller.analysis.stamp import checked_words, stamp
from conseiller.files import replacing
from conseiller.law import grid_parameter, load_law
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.text import date_long
from conseiller.workbook.agenda import AgendaSheet
from conseiller.workbook.book import Book, block
from conseiller.workbook.checks import CheckSheet
from conseiller.workbook.cover import ReadMe, Summary
from conseiller.workbook.form import FIRST, SWITCHES, WITHOUT_ACCOUNT, Room
from conseiller.workbook.form_cover import FormReadMe
from conseiller.workbook.grants import GrantPlaces, GrantSheet
from conseiller.workbook.grid import GridSheet
from conseiller.workbook.input_rows import AccountRow, Facts, authority_values, rows_of
from conseiller.workbook.inputs import InputSheet
from conseiller.workbook.monthly import ModelLayout, MonthSheet, families, place_months
from conseiller.workbook.parameters import ParameterSheet, on_switch, placed_assumptions, switch_day
from conseiller.workbook.scenarios import ScenarioSheet, scenario_rows
from conseiller.workbook.variants import Union, variants_of
from conseiller.workbook.yearly import YearSheet

if TYPE_CHECKING:
    from conseiller.analysis.tracking import Tracking
    from conseiller.workbook.books import BookSheets

#: Sheets in the order of their tabs.
SHEETS = (
    "lisezmoi",
    "synthese",
    "scenarios",
    "hypotheses",
    "parametres",
    "mensuel",
    "exercices",
    "maquette",
    "annees",
    "echeancier",
    "controles",
)


def _facts(plan: Projection, lang: Lang) -> Facts:
    day = switch_day(plan)
    placed = placed_assumptions(plan)
    switches = {a.parameter: (a.value, a.source) for a in placed if on_switch(a, day)}
    grids = {
        (p, slot): grid_parameter(term.grade, term.step)
        for p, post in enumerate(plan.dossier.posts)
        for slot, term in enumerate(t for c in post.contracts for t in c.terms)
        if term.index is None and term.grade is not None and term.step is not None
    }
    return Facts(plan.report_date, day, tuple(plan.posts), switches, _accounts(plan, lang), grids)


def _accounts(plan: Projection, lang: Lang) -> tuple[AccountRow, ...]:
    return tuple(
        AccountRow(
            line.code,
            line.label[lang],
            plan.account_of(line, "contractuel"),
            plan.account_of(line, "titulaire"),
            line.by_status,
        )
        for line in plan.law.lines.values()
        if line.code not in WITHOUT_ACCOUNT
    )


def write_workbook(plan: Projection, path: Path, lang: Lang = "fr", tracking: Tracking | None = None) -> Path:
    """Write the workbook of a projection: live formulas, the value stored beside each.

    Parameters
    ----------
    plan : Projection
    path : Path
        Target ``.xlsx``; replaced in one move, left untouched if anything fails.
    lang : {"fr", "en"}
    tracking : Tracking, optional
        The books tied to this plan, for the sheets from *Grand livre* to *Rapprochement*.

    Returns
    -------
    Path
        The target.

    Raises
    ------
    FileInUseError
        When the target is open in an office program or read-only.
    InputFaults
        When the books have more lines than a worksheet can hold.
    ValueError
        When the books are tied to another plan.
    """
    if tracking is not None and tracking.plan is not plan:
        raise ValueError("the books are tied to another plan")
    with replacing(path) as temporary:
        _write(plan, temporary, lang, tracking)
    return path


def _write(plan: Projection, path: Path, lang: Lang, tracking: Tracking | None) -> None:
    title = tr("workbook.title", lang, authority=plan.dossier.authority.name)
    book = Book(path, lang, plan.report_date, title)
    sheets: tuple[str, ...] = SHEETS
    if tracking is not None:
        from conseiller.workbook.books import KEYS

        rank = SHEETS.index("echeancier") + 1
        sheets = (*SHEETS[:rank], *KEYS, *SHEETS[rank:])
    for key in sheets:
        book.sheet(key)
    variants = variants_of(plan, lang)
    changed = [v.plan for v in variants if v.plan is not None]
    union = Union(plan, changed)
    room = union.room
    plan = plan.with_room(room.contracts, room.terms)
    facts = _facts(plan, lang)
    placed = placed_assumptions(plan)
    inputs = InputSheet(book, room, facts)
    posts = block(*inputs.places.rows["postes"], FIRST, inputs.sheet.name)
    scenarios = ScenarioSheet(book, scenario_rows(plan.dossier), posts, variants, list(union.varying()))
    scenarios.switch(inputs.places)
    sizes = families(plan, room.costs, room.funding)
    month = place_months(plan, book.sheet("mensuel").name, sizes)
    grants = GrantPlaces.of(book.sheet("annees").name, room.conventions)
    layout = ModelLayout(inputs.places, grants, month, sizes)

    tables = rows_of(plan.dossier, room, [a for a in placed if not on_switch(a, facts.switch_day)])
    tables["comptes"] = [{"contractuel": a.contractuel, "titulaire": a.titulaire} for a in facts.accounts]
    inputs.write(authority_values(plan.dossier, lang), tables)
    inputs.activate(plan.model, plan.dossier, layout)
    parameters = ParameterSheet(book, plan, inputs.places)
    parameters.write()
    MonthSheet(book, plan, layout).write()
    years = YearSheet(book, plan, layout, facts.accounts)
    years.write()
    grid = GridSheet(book, plan, years)
    grid.write()
    grant_sheet = GrantSheet(book, plan, layout)
    grant_sheet.write()
    AgendaSheet(book, plan, layout).write()
    scenarios.write(inputs.places, years, room)
    book_sheets = None if tracking is None else _write_books(book, tracking, layout, changed)
    checks = CheckSheet(book, plan, layout)
    names = scenarios.names if scenarios.variants else ""
    checks.write(years, grid, grant_sheet, parameters, names, book_sheets)
    ReadMe(book).write(facts, title, sheets[1:], stamp(plan).text(lang))
    Summary(book, plan).write(years, checks.false, bool(scenarios.variants))
    for key in sheets:
        book.protect(book.sheet(key))
    book.sheet("synthese").raw.activate()
    book.close()


def _write_books(
    book: Book, tracking: Tracking, layout: ModelLayout, scenarios: Sequence[Projection]
) -> BookSheets:
    from conseiller.workbook.books import BookSheets

    written = BookSheets(book, tracking, layout, scenarios)
    written.write()
    return written


def write_form(path: Path, posts: int = 2, lang: Lang = "fr", today: date | None = None) -> Path:
    """Write the blank form of a dossier, to fill in Excel and give back to ``conseiller report``.

    Parameters
    ----------
    path : Path
    posts : int
        Posts the form has room for.
    lang : {"fr", "en"}
    today : date, optional
        Date of the form.
    """
    day = today or date.today()
    law = load_law()
    accounts = tuple(
        AccountRow(line.code, line.label[lang], "", "", line.by_status)
        for line in law.lines.values()
        if line.code not in WITHOUT_ACCOUNT
    )
    facts = Facts(day, date(day.year + 1, 1, 1), accounts=accounts)
    room = Room(posts, 4, 8, 3 * posts, 6 * posts, 8 * posts, 4 * posts, 4, len(SWITCHES) + 8)
    sheets = ("lisezmoi", "hypotheses", "scenarios")
    with replacing(path) as temporary:
        title = tr("workbook.form_title", lang)
        book = Book(temporary, lang, day, title)
        for key in sheets:
            book.sheet(key)
        form = InputSheet(book, room, facts)
        form.write({}, {})
        ScenarioSheet(book, (), block(*form.places.rows["postes"], FIRST, form.sheet.name)).write()
        made = tr(
            "workbook.readme.form_stamp",
            lang,
            version=__version__,
            date=date_long(day, lang),
            checked=checked_words(law.tables.values(), lang),
        )
        FormReadMe(book).write(facts, title, sheets[1:], made)
        for key in sheets:
            book.protect(book.sheet(key))
        book.sheet("hypotheses").raw.activate()
        book.close()
    return path
