"""The sheet *Paramètres*: one long table of dated legal values, each with its source beside it.

All legal look-ups of the workbook read three columns of this table, named
``p_cle``, ``p_date`` and ``p_valeur``. Suppositions typed in *Hypothèses* come at
its end, then spare rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from conseiller.dossier.schema import Assumption
from conseiller.law import Entry, Table, to_serial
from conseiller.projection import Projection
from conseiller.rules.registry import REGISTRY
from conseiller.rules.registry import Law as LawLookup
from conseiller.workbook.book import Book, Live, Sheet, block, ref
from conseiller.workbook.form import SPARE_PARAMETERS, SWITCHES
from conseiller.workbook.looks import Style
from conseiller.workbook.places import Places

_HEAD_ROW, _FIRST_ROW = 4, 5
#: Widths of the columns [characters].
_WIDTHS = (34, 50, 20, 12, 12, 52, 12, 11, 12, 62)
#: Column of the values as they are typed.
VALUE_COLUMN = 4
_COLUMNS = (
    "parametre",
    "libelle",
    "unite",
    "depuis",
    "valeur",
    "reference",
    "certitude",
    "etat",
    "verifie",
    "lien",
)
#: Legal values read by the calendar of decisions rather than by a column of the registry.
CALENDAR = (
    "preavis_mois_contrat_court",
    "preavis_mois_contrat_long",
    "preavis_seuil_mois",
    "contrat_projet_duree_max_mois",
)


def parameters_used(plan: Projection) -> list[str]:
    """Return the parameters the workbook reads, in reading order: rules, calendar, generations, grids."""
    names: dict[str, None] = {}
    for table in ("month", "contract", "term", "grant"):
        for column in REGISTRY.columns(table):
            if isinstance(column.lookup, LawLookup):
                zones = (1, 2, 3) if "{zone}" in column.lookup.parameter else (0,)
                names |= dict.fromkeys(column.lookup.parameter.format(zone=z) for z in zones)
    names |= dict.fromkeys(CALENDAR)
    names |= dict.fromkeys(n for n in plan.law.tables if n.startswith(("generation_", "grille_")))
    return list(names)


def window(plan: Projection) -> tuple[date, date]:
    """Return the first day a value is needed, and the day after the last month shown."""
    starts = [date(plan.dossier.period.first, 1, 1)]
    for post in plan.dossier.posts:
        starts += [c.start for c in post.contracts] + [t.start for c in post.contracts for t in c.terms]
        starts += [c.financing_start for c in post.conventions]
    return min(starts), date(plan.dossier.period.last + 1, 1, 1)


def entries_shown(table: Table, first: date, end: date) -> list[Entry]:
    """Return the entries in force at some time of a window: the last one before it, and those within."""
    before = [e for e in table.entries if e.start <= first]
    return before[-1:] + [e for e in table.entries if first < e.start < end]


def legal_row(rank: int) -> int:
    """Return the row of the rank-th legal value listed (from 0)."""
    return _FIRST_ROW + rank


class ParameterSheet:
    """Writes *Paramètres*."""

    def __init__(self, book: Book, plan: Projection, inputs: Places) -> None:
        self.book = book
        self.plan = plan
        self.inputs = inputs
        self.sheet: Sheet = book.sheet("parametres")
        self._values: dict[int, float | str] = {}

    def write(self) -> None:
        """Write legal values, suppositions and spare rows, and name the columns."""
        sheet, tr = self.sheet, self.book.tr
        sheet.text(0, 0, tr("workbook.sheet.parametres"), "title")
        sheet.raw.merge_range(1, 0, 1, 8, tr("workbook.parametres.note"), self.book.format("remark"))
        sheet.raw.set_row(1, 30)
        for k, name in enumerate(_COLUMNS):
            look: Style = "headcell" if k in (5, 9) else "head"
            sheet.text(_HEAD_ROW, k, tr(f"workbook.parametres.{name}"), look)
        row = _FIRST_ROW
        for table, entry, first in self._legal():
            self._legal_row(row, table, entry, first)
            row += 1
        last_legal = row - 1
        for rank in range(self.inputs.room.assumptions):
            self._assumption(row, rank, last_legal)
            row += 1
        for _ in range(SPARE_PARAMETERS):
            self._spare(row)
            row += 1
        last = row - 1
        in_force = self._in_force(last) if self.inputs.switched_law else VALUE_COLUMN
        for label, col in (
            ("p_cle", 0),
            ("p_date", 3),
            ("p_saisie", VALUE_COLUMN),
            ("p_valeur", in_force),
        ):
            self.book.name(label, block(_FIRST_ROW, last, col, sheet.name))
        _, end = window(self.plan)
        sheet.text(2, 0, tr("workbook.parametres.shown_until"), "note")
        sheet.number(2, 3, to_serial(end), "calc", "dd/mm/yyyy")
        self.book.name("p_fin", ref(2, 3, sheet.name))
        self.last_row = last
        self.duplicates_formula = (
            'SUMPRODUCT((p_cle<>"")*ISNUMBER(p_date)*(COUNTIFS(p_cle,p_cle,p_date,p_date)>1))'
        )
        raw = sheet.raw
        for col, width in enumerate(_WIDTHS):
            raw.set_column(col, col, width)
        raw.freeze_panes(_FIRST_ROW, 2)
        raw.autofilter(_HEAD_ROW, 0, last, len(_COLUMNS) - 1)
        self.book.page(sheet, repeat=(_HEAD_ROW, _HEAD_ROW), last_col=len(_COLUMNS) - 1, last_row=last)

    def _in_force(self, last: int) -> int:
        """Write, in a column of its own, the value in force of each row under the scenario; return the column."""
        sheet, col = self.sheet, len(_COLUMNS)
        sheet.text(_HEAD_ROW, col, self.book.tr("workbook.parametres.in_force"), "head")
        for row in range(_FIRST_ROW, last + 1):
            own = ref(row, VALUE_COLUMN)
            formula = self.inputs.switched_law.get(row, f'IF({own}="","",{own})')
            sheet.live(row, col, Live(formula, self._values.get(row, "")), "calc", "General")
        sheet.raw.set_column(col, col, 12)
        return col

    def _legal(self) -> Iterator[tuple[Table, Entry, bool]]:
        """Yield the values listed; the first of each parameter is the one in force at the start."""
        previous = ""
        for table, entry in shown_entries(self.plan):
            yield table, entry, table.parameter != previous
            previous = table.parameter

    def _legal_row(self, row: int, table: Table, entry: Entry, first: bool) -> None:
        sheet, tr, lang = self.sheet, self.book.tr, self.book.lang
        reference = table.parameter.startswith(("grille_", "generation_"))
        fixed = reference or first
        self._values[row] = entry.value
        sheet.text(row, 0, table.parameter, "text")
        sheet.text(row, 1, table.label[lang], "label")
        sheet.text(row, 2, tr(f"workbook.unit.{table.unit.replace('/', '_').replace(' ', '_')}"), "text")
        if fixed:
            sheet.number(row, 3, to_serial(entry.start), "calc", "dd/mm/yyyy")
        else:
            sheet.entry(row, 3, entry.start, "dd/mm/yyyy")
        fmt = "0.00##%" if table.unit == "fraction" else "General"
        if reference:
            sheet.number(row, 4, entry.value, "calc", fmt)
        else:
            sheet.entry(row, 4, entry.value, fmt)
            self._check_value(row, table)
        sheet.text(row, 5, entry.reference, "beside")
        sheet.text(row, 6, tr(f"workbook.certainty.{entry.certainty}"), "text")
        state = entry.origin if entry.origin != "law" else ("planned" if entry.planned else "in_force")
        sheet.text(row, 7, tr(f"workbook.state.{state}"), "text")
        if entry.origin == "law":
            sheet.number(row, 8, to_serial(table.checked_until), "calc", "dd/mm/yyyy")
        else:
            sheet.text(row, 8, "–", "state")
        sheet.text(row, 9, entry.link, "beside")
        texts = ((1, table.label[lang]), (5, entry.reference), (9, entry.link))
        sheet.fit(row, *((text, _WIDTHS[col]) for col, text in texts))

    def _check_value(self, row: int, table: Table) -> None:
        high = 1 if table.unit == "fraction" else 1_000_000
        rule = {
            "validate": "decimal",
            "criteria": "between",
            "minimum": 0,
            "maximum": high,
            "input_title": table.label[self.book.lang][:32],
            "input_message": self.book.tr("workbook.parametres.prompt")[:255],
            "error_title": self.book.tr("form.stop.title"),
            "error_message": self.book.tr("form.stop.number", low=0, high=high, words=""),
        }
        self.sheet.raw.data_validation(row, 4, row, 4, rule)

    def _assumption(self, row: int, rank: int, last_legal: int) -> None:
        """Write a supposition of *Hypothèses*; one that repeats a legal date is left aside and reported."""
        sheet = self.sheet
        held = self._held(rank)
        first, _ = self.inputs.rows["evolutions"]
        declared = self.inputs.forms["evolutions"]
        cell = {
            k: self.inputs.source(first + rank, declared.column(k), outside=True)
            for k in ("parametre", "depuis", "valeur", "source")
        }
        keys = block(_FIRST_ROW, last_legal, 0)
        days = block(_FIRST_ROW, last_legal, 3)
        key, day, value, source = held
        self._values[row] = value
        shown = f'IF(ISNUMBER({cell["valeur"]}),{cell["parametre"]},"")'
        sheet.live(row, 0, Live(shown, key if value != "" else ""), "calc")
        own = ref(row, 0)
        clash = f"COUNTIFS({keys},{own},{days},{cell['depuis']})>0"
        sheet.live(
            row,
            3,
            Live(f'IF(OR({own}="",{clash}),"",{cell["depuis"]})', day if value != "" else ""),
            "calc",
            "dd/mm/yyyy",
        )
        sheet.live(row, 4, Live(f'IF({own}="","",{cell["valeur"]})', value), "calc")
        sheet.live(
            row, 5, Live(f'IF({own}="","",{cell["source"]}&"")', source if value != "" else ""), "beside"
        )
        sheet.text(row, 1, self.book.tr("workbook.parametres.assumed"), "note")

    def _held(self, rank: int) -> tuple[str, float | str, float | str, str]:
        rows = assumption_rows(self.plan)
        if rank >= len(rows):
            return "", "", "", ""
        return rows[rank]

    def _spare(self, row: int) -> None:
        sheet = self.sheet
        sheet.entry(row, 0, None, "@")
        sheet.text(row, 1, self.book.tr("workbook.parametres.spare"), "note")
        sheet.entry(row, 3, None, "dd/mm/yyyy")
        sheet.entry(row, 4, None, "General")
        sheet.entry(row, 5, None, "general", "words")


def switch_day(plan: Projection) -> date:
    """Return the next 1 January after the report, the day of the switches."""
    return date(plan.report_date.year + 1, 1, 1)


def on_switch(assumption: Assumption, day: date) -> bool:
    """Say whether an assumption is one of the switches of the first sheet."""
    return assumption.start == day and assumption.parameter in SWITCHES and assumption.value is not None


def shown_entries(plan: Projection) -> list[tuple[Table, Entry]]:
    """Return the dated values that *Paramètres* lists one by one: the law's, changed ones included.

    Values read at the end of a contract are listed to the last: a contract may end after the last month shown.
    """
    first, end = window(plan)
    lasting = {
        column.lookup.parameter
        for table in ("contract", "term")
        for column in REGISTRY.columns(table)
        if isinstance(column.lookup, LawLookup)
    }
    return [
        (table, entry)
        for table in (plan.law.table(p) for p in parameters_used(plan))
        for entry in entries_shown(table, first, date.max if table.parameter in lasting else end)
        if entry.origin != "assumed"
    ]


def placed_assumptions(plan: Projection) -> list[Assumption]:
    """Return the assumptions that stand in *Hypothèses*: all but the legal values changed in place."""
    in_place = {(table.parameter, e.start) for table, e in shown_entries(plan) if e.origin == "changed"}
    return [a for a in plan.dossier.assumptions if (a.parameter, a.start) not in in_place]


def assumption_rows(plan: Projection) -> list[tuple[str, float | str, float | str, str]]:
    """Return the rows of suppositions as *Paramètres* repeats them: switches first."""
    day = switch_day(plan)
    placed = placed_assumptions(plan)
    at_switch = {a.parameter: a for a in placed if on_switch(a, day)}
    rows: list[tuple[str, float | str, float | str, str]] = []
    for parameter in SWITCHES:
        a = at_switch.get(parameter)
        if a is None or a.value is None:
            rows.append((parameter, to_serial(day), "", ""))
        else:
            rows.append((parameter, to_serial(day), a.value, a.source))
    for a in placed:
        if at_switch.get(a.parameter) is not a:
            rows.append((a.parameter, to_serial(a.start), "" if a.value is None else a.value, a.source))
    return rows
