"""The sheet *Contrôles*: true or false, computed in the workbook, counted on *Synthèse*."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conseiller.analysis.financing import financings
from conseiller.dossier import schema
from conseiller.engine import YEARS
from conseiller.projection import Projection
from conseiller.rules.registry import FAR
from conseiller.workbook.agreed import Agreed
from conseiller.workbook.book import Book, Live, Sheet, block, ref
from conseiller.workbook.form import FIRST
from conseiller.workbook.grants import GrantSheet
from conseiller.workbook.grid import GridSheet
from conseiller.workbook.looks import Style
from conseiller.workbook.monthly import ModelLayout
from conseiller.workbook.parameters import ParameterSheet
from conseiller.workbook.yearly import YearSheet

if TYPE_CHECKING:
    from conseiller.workbook.books import BookSheets

_HEAD_ROW, _FIRST_ROW = 3, 4


class CheckSheet:
    """Writes *Contrôles*."""

    def __init__(self, book: Book, plan: Projection, layout: ModelLayout) -> None:
        self.book = book
        self.plan = plan
        self.layout = layout
        self.sheet: Sheet = book.sheet("controles")
        self.row = _FIRST_ROW
        self.false = 0
        self.scenarios = False

    def write(
        self,
        years: YearSheet,
        grid: GridSheet,
        grants: GrantSheet,
        parameters: ParameterSheet,
        scenarios: str = "",
        books: BookSheets | None = None,
    ) -> None:
        """Write every check, then the number that fail, named ``controles_faux``.

        `scenarios` is the range of names that the switch of *Scénarios* takes, "" where there is none.
        """
        self.scenarios = bool(scenarios)
        sheet, tr = self.sheet, self.book.tr
        sheet.text(0, 0, tr("workbook.sheet.controles"), "title")
        sheet.text(1, 0, tr("workbook.controles.note"), "note")
        for col, key in enumerate(("check", "result", "left", "right", "remedy")):
            look: Style = "headnum" if col in (2, 3) else "headaside" if col == 4 else "head"
            sheet.text(_HEAD_ROW, col, tr(f"workbook.controles.{key}"), look)
        self._totals(years, grid, grants)
        self._within_pay(years)
        self._instalments()
        self._dossier()
        self._law(parameters)
        if scenarios:
            self._check("scenario", f'SUMPRODUCT(({scenarios}=scenario_actif&"")*1)=1', True)
        if books is not None:
            self._books(books, years)
        last = self.row - 1
        results = block(_FIRST_ROW, last, 1)
        self.row += 1
        sheet.text(self.row, 0, tr("workbook.controles.count"), "total")
        sheet.live(self.row, 1, Live(f"COUNTIF({results},FALSE)", self.false), "total", "0")
        self.book.name("controles_faux", ref(self.row, 1, sheet.name))
        raw = sheet.raw
        good = self.book.raw.add_format({"bg_color": "#DDF1E8"})
        bad = self.book.raw.add_format({"bg_color": "#F8D9C9", "bold": True})
        for word, look in (("TRUE", good), ("FALSE", bad)):
            rule = {"type": "cell", "criteria": "==", "value": word, "format": look}
            raw.conditional_format(_FIRST_ROW, 1, last, 1, rule)
        raw.set_column(0, 0, 84)
        raw.set_column(1, 1, 10)
        raw.set_column(2, 3, 15)
        raw.set_column(4, 4, 100)
        raw.freeze_panes(_FIRST_ROW, 0)
        self.book.page(sheet, repeat=(_HEAD_ROW, _HEAD_ROW), last_col=4, last_row=self.row)

    def _check(
        self, key: str, formula: str, ok: bool, label: Live | None = None, remedy: Live | None = None
    ) -> None:
        sheet = self.sheet
        if label is None:
            sheet.text(self.row, 0, self.book.tr(f"workbook.check.{key}"), "label")
        else:
            sheet.live(self.row, 0, label, "label", "general")
        sheet.live(self.row, 1, Live(formula, ok), "state", "truth")
        if remedy is None:
            sheet.text(self.row, 4, self.book.tr(f"workbook.remedy.{key}"), "aside")
        else:
            sheet.live(self.row, 4, remedy, "aside", "general")
        self.false += not ok
        self.row += 1

    def _equal(self, key: str, left: Live, right: Live) -> None:
        """Check that two amounts are the same to the cent."""
        sheet = self.sheet
        sheet.live(self.row, 2, left, "calc", "euros")
        sheet.live(self.row, 3, right, "calc", "euros")
        a, b = ref(self.row, 2), ref(self.row, 3)
        self._check(key, f"ROUND({a}-{b},2)=0", abs(left.value - right.value) < 0.005)

    def _none(self, key: str, formula: str, found: float = 0) -> None:
        """Check that a count of faults is zero."""
        self._check(key, f"{formula}=0", found == 0)

    def _totals(self, years: YearSheet, grid: GridSheet, grants: GrantSheet) -> None:
        month, name = self.layout.month, years.sheet.name
        for key, column in (
            ("cost", "cout_fonctionnement"),
            ("grant", "subvention_etat"),
            ("net_cost", "reste_fonctionnement"),
        ):
            total = years.values[key][-1]
            whole = Live(f"SUM({month.column(column)})", total)
            yearly = Live(ref(years.at[key], years.total_col, name), total)
            self._equal(f"years_{key}", whole, yearly)
            posts = "+".join(ref(rows[key], years.total_col, name) for rows in years.post_rows)
            self._equal(f"posts_{key}", whole, Live(posts, total))
            col = {"cost": 7, "grant": 8, "net_cost": 10}[key]
            inside = block(grants.places.first, grants.outside_row, col, grants.sheet.name)
            self._equal(f"grant_years_{key}", whole, Live(f"SUM({inside})", total))
        for section, side, row in grid.section_rows:
            lines = [line for line in years.lines if (line.section, line.side) == (section, side)]
            total = round(sum(sum(line.values) for line in lines), 2)
            cells = block(row, row, 5, grid.sheet.name, 4 + len(years.years))
            first, last = years.lines[0].row, years.lines[-1].row
            sections, sides = (block(first, last, c, name) for c in (2, 3))
            totals = block(first, last, years.total_col, name)
            loose = [block(r, r, 5, grid.sheet.name, 4 + len(years.years)) for r in grid.loose_rows]
            own = "+".join(
                f'IF(AND({ref(r, 0, grid.sheet.name)}="{section}",{ref(r, 1, grid.sheet.name)}="{side}"),SUM({cells_}),0)'
                for r, cells_ in zip(grid.loose_rows, loose, strict=True)
            )
            right = Live(f'SUMIFS({totals},{sections},"{section}",{sides},"{side}")', total)
            self._equal(f"grid_{section}_{side}", Live(f"SUM({cells})+{own}", total), right)

    def _within_pay(self, years: YearSheet) -> None:
        """Check, convention by convention, that the grant stays within the pay it is reserved for."""
        inputs, grants = self.layout.inputs, self.layout.grants
        conventions = [(p, c) for p in self.plan.dossier.posts for c in p.conventions]
        sums = self.plan.by("post", "grant_year")
        for f in range(inputs.room.conventions):
            first = grants.first + f * YEARS
            pay, grant = (block(first, first + YEARS - 1, col, grants.sheet) for col in (5, 8))
            held = conventions[f] if f < len(conventions) else None
            values = {"pay": 0.0, "grant": 0.0}
            if held:
                post, convention = held
                for rank in range(1, YEARS + 1):
                    key = (post.code, f"{convention.code}-{rank}")
                    if key in sums.index:
                        values = {n: round(values[n] + float(sums[n][key]), 2) for n in values}
            self.sheet.live(self.row, 2, Live(f"SUM({grant})", values["grant"]), "calc", "euros")
            self.sheet.live(self.row, 3, Live(f"SUM({pay})", values["pay"]), "calc", "euros")
            label = self._named("within_pay", f, held)
            formula = f"{ref(self.row, 2)}<={ref(self.row, 3)}+0.005"
            self._check("within_pay", formula, values["grant"] <= values["pay"] + 0.005, label)

    def _books(self, books: BookSheets, years: YearSheet) -> None:
        for key, left, right in books.equals(years):
            self._equal(key, left, right)
        for key, formula, found in books.counts():
            self._none(key, formula, found)

    def _instalments(self) -> None:
        """Check, convention by convention, that the instalments typed make the amount agreed.

        Until the financing ends, those that lack may lie ahead: the words beside say so.
        """
        inputs, agreed = self.layout.inputs, Agreed(self.plan, self.layout)
        places, funded = self.layout.grants, financings(self.plan)
        words = [self.book.tr(f"workbook.remedy.{key}") for key in ("instalments_ahead", "instalments")]
        conventions = [(p, c) for p in self.plan.dossier.posts for c in p.conventions]
        columns = [inputs.column("versements", k) for k in ("montant", "poste", "convention")]
        for f in range(inputs.room.conventions):
            held = conventions[f] if f < len(conventions) else None
            typed = round(sum(i.amount for i in held[1].instalments), 2) if held else 0.0
            post_cell, code = (inputs.cell("conventions", f, k) for k in ("poste", "code"))
            amounts, posts, codes = columns
            self.sheet.live(
                self.row,
                2,
                Live(f"ROUND(SUMIFS({amounts},{posts},{post_cell},{codes},{code}),2)", typed),
                "calc",
                "euros",
            )
            due = agreed.of(f)
            self.sheet.live(self.row, 3, due, "calc", "euros")
            a, b = ref(self.row, 2), ref(self.row, 3)
            first = places.first + f * YEARS
            ends = block(first, first + YEARS - 1, places.columns["live_to"], places.sheet)
            short = typed < due.value - 0.005
            runs = held is not None and self.plan.report_date < funded[f].stops > funded[f].start
            beside = Live(
                f'IF(AND({a}>0,ROUND({a}-{b},2)<0,MAX({ends})>h_report_date),"{words[0]}","{words[1]}")',
                words[0] if typed and short and runs else words[1],
            )
            self._check(
                "instalments",
                f"OR({a}=0,ROUND({a}-{b},2)=0,AND(ROUND({a}-{b},2)<0,MAX({ends})>h_report_date))",
                typed == 0 or abs(typed - due.value) < 0.005 or (short and runs),
                self._named("instalments", f, held),
                beside,
            )

    def _named(self, key: str, rank: int, held: tuple[schema.Post, schema.Convention] | None) -> Live:
        """Return the label of a check of one convention: its words, the post, the convention."""
        words = self.book.tr(f"workbook.check.{key}")
        post_cell, code = (self.layout.inputs.cell("conventions", rank, k) for k in ("poste", "code"))
        text = f"{words} {held[0].code} {held[1].code}" if held else f"{words} –"
        return Live(f'"{words} "&IF({post_cell}="","–",{post_cell}&" "&{code})', text)

    def _dossier(self) -> None:
        inputs, month = self.layout.inputs, self.layout.month
        start, until = (inputs.column("contrats", k) for k in ("start", "until"))
        far = int(FAR)
        self._none("contract_dates", f"SUMPRODUCT(({start}<{far})*({until}<={start}))")
        overlaps = []
        for post in range(inputs.room.posts):
            s, u = (inputs.post_column("contrats", post, k) for k in ("start", "until"))
            overlaps.append(f'SUMPRODUCT(({s}<{far})*(COUNTIFS({s},"<"&{u},{u},">"&{s})>1))')
        self._none("contract_overlap", "(" + "+".join(overlaps) + ")")
        number, term = month.column("contract_no"), month.column("term_no")
        self._none("terms_missing", f"SUMPRODUCT(({number}>0)*({term}=0))")
        stated, grid = month.column("stated_index"), month.column("grid_index")
        self._none("index_missing", f"SUMPRODUCT(({number}>0)*({stated}=0)*({grid}=0))")
        days = inputs.column("remuneration", "start")
        self._none("terms_first", f"SUMPRODUCT(({days}<{far})*(DAY({days})<>1))")
        posts = inputs.column("conventions", "poste")
        codes = block(inputs.rows["postes"][0], inputs.rows["postes"][1], FIRST, inputs.sheet)
        self._none("convention_post", f'SUMPRODUCT(({posts}<>"")*(COUNTIF({codes},{posts})=0))')
        self._none("segments", self._unknown_instalments())
        first, last = (self.layout.month.first(0), self.layout.month.first(0) + month.months - 1)
        shown = [ref(r, month.columns["month"], month.sheet) for r in (first, last)]
        ok = f"AND({shown[0]}=h_horizon_first,EDATE({shown[1]},1)=h_horizon_end)"
        self._check("horizon", ok, True)
        accounts = inputs.column("comptes", "contractuel")
        blanks = f'SUMPRODUCT(({accounts}="")*1)'
        self._none("accounts", blanks)

    def _unknown_instalments(self) -> str:
        inputs = self.layout.inputs
        post, code = (inputs.column("versements", k) for k in ("poste", "convention"))
        known = f"COUNTIFS({inputs.column('conventions', 'poste')},{post},{inputs.column('conventions', 'code')},{code})"
        amounts = inputs.column("versements", "montant")
        return f"SUMPRODUCT(({amounts}>0)*({known}=0))"

    def _law(self, parameters: ParameterSheet) -> None:
        month = self.layout.month
        self._none("duplicates", parameters.duplicates_formula)
        values = "+".join(f"COUNTIF({month.column(c)},0)" for c in ("point", "smic", "pmss", "im_minimum"))
        self._none("law_missing", f"({values})")
        missing = self._switch_clash(parameters)
        self._none("clash", missing)

    def _switch_clash(self, parameters: ParameterSheet) -> str:
        inputs = self.layout.inputs
        declared = inputs.forms["evolutions"]
        first, last = inputs.rows["evolutions"]
        keys = block(first, last, declared.column("parametre"), inputs.sheet)
        values = block(first, last, declared.column("valeur"), inputs.sheet)
        days = block(first, last, declared.column("depuis"), inputs.sheet)
        clash = f"ISNUMBER({values})*(COUNTIFS(p_cle,{keys},p_date,{days})<>1)"
        # Under a scenario a supposition of the dossier may be withdrawn: it then stands nowhere.
        return f"SUMPRODUCT({clash}*(h_scenario=0))" if self.scenarios else f"SUMPRODUCT({clash})"
