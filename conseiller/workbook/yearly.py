"""The sheet *Exercices*: sums over *Mensuel*, live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from conseiller.rules.totals import LEAVER_LINES, PAY_LINES
from conseiller.workbook.book import Live, ref
from conseiller.workbook.input_rows import AccountRow
from conseiller.workbook.looks import Style
from conseiller.workbook.year_clocks import YearClocks
from conseiller.workbook.year_rows import (
    ACCOUNT,
    FIRST_ROW,
    HEAD_ROW,
    LABEL,
    LOOSE,
    SECTION,
    SIDE,
    YEAR,
    Line,
)


class YearSheet(YearClocks):
    """Writes *Exercices*."""

    def write(self) -> None:
        """Write lines by account, totals by section, posts, and the clocks of the grant."""
        sheet, tr = self.sheet, self.book.tr
        sheet.text(0, 0, tr("workbook.sheet.exercices"), "title")
        sheet.text(1, 0, tr("workbook.exercices.note"), "note")
        for col, key in enumerate(("label", "account", "section", "side", "loose")):
            sheet.text(HEAD_ROW, col, tr(f"workbook.exercices.{key}"), "head")
        for k, year in enumerate(self.years):
            sheet.number(HEAD_ROW, YEAR + k, year, "headnum", "0")
        sheet.text(HEAD_ROW, self.total_col, tr("workbook.total"), "headnum")
        for titulaire in (False, True):
            self._title("titulaires" if titulaire else "contractuels")
            for rank, line in enumerate(PAY_LINES):
                self._pay_line(rank, line, titulaire)
        self._title("fin")
        for line in LEAVER_LINES:
            self._plain_line(line, line, "F", "D")
        self._title("autres_couts")
        self._items("cost", "autres_couts", "D")
        self._title("financements")
        self._plain_line("subvention_etat", "subvention_etat", "F", "R")
        self._items("funding", "autres_financements", "R")
        self._plain_line("fctva", "fctva", "I", "R")
        self._totals()
        self._posts()
        self._clocks()
        raw = sheet.raw
        raw.set_column(0, 0, 46)
        raw.set_column(1, 3, 11)
        raw.set_column(LOOSE, LOOSE, 9, None, {"level": 1})
        raw.set_column(YEAR, self.total_col, 14.5)
        raw.freeze_panes(FIRST_ROW, 1)
        self.book.page(sheet, repeat=(HEAD_ROW, HEAD_ROW), last_col=self.total_col, last_row=self.row)

    # --- lines ---------------------------------------------------------------------------------------

    def _pay_line(self, rank: int, line: str, titulaire: bool) -> None:
        month = self.layout.month
        status = "titulaire" if titulaire else "contractuel"
        account = Live(self._account_cell(line, status), getattr(self._account_row(line), status))
        column, years, who = month.column(line), month.column("exercice"), month.column("is_titulaire")
        formulas = [
            f"SUMIFS({column},{years},{self.year_cell(k)},{who},{int(titulaire)})"
            for k in range(len(self.years))
        ]
        values = [self.sums.of(line, y, titulaire=titulaire) for y in self.years]
        label = self.plan.law.lines[line].label[self.book.lang]
        self._line(label, account, "F", "D", formulas, values)

    def _account_row(self, line: str) -> AccountRow:
        return next(a for a in self.accounts if a.code == line)

    def _account_cell(self, line: str, status: str) -> str:
        rank = [a.code for a in self.accounts].index(line)
        return self.layout.inputs.cell("comptes", rank, status)

    def _plain_line(
        self, line: str, column: str, section: Literal["F", "I"], side: Literal["D", "R"]
    ) -> None:
        month = self.layout.month
        years = month.column("exercice")
        formulas = [
            f"SUMIFS({month.column(column)},{years},{self.year_cell(k)})" for k in range(len(self.years))
        ]
        values = [self.sums.of(column, y) for y in self.years]
        account = Live(self._account_cell(line, "contractuel"), self._account_row(line).contractuel)
        self._line(self.plan.law.lines[line].label[self.book.lang], account, section, side, formulas, values)

    def _items(self, family: str, table: str, side: Literal["D", "R"]) -> None:
        month, inputs = self.layout.month, self.layout.inputs
        items = self.plan.dossier.costs if family == "cost" else self.plan.dossier.funding
        form = inputs.forms[table]
        for k in range(self.layout.sizes[family]):
            held = items[k] if k < len(items) else None
            source = inputs.source(inputs.rows[table][0] + k, form.column("libelle"), outside=True)
            label = Live(f'IF({source}="","–",{source})', held.label if held else "–")
            account = Live(inputs.cell(table, k, "account"), held.account if held else "")
            section_cell = inputs.cell(table, k, "section")
            section = "I" if held and held.section == "investissement" else "F"
            column = month.column(f"{family}_part#{k}")
            formulas = [
                f"SUMIFS({column},{month.column('exercice')},{self.year_cell(y)})"
                for y in range(len(self.years))
            ]
            values = [self.sums.of(f"{family}_part#{k}", y) if held else 0.0 for y in self.years]
            shown = Live(f'IF({section_cell}=2,"I","F")', section)
            self._line(label, account, shown, side, formulas, values)

    def _line(
        self,
        label: str | Live,
        account: Live,
        section: Literal["F", "I"] | Live,
        side: Literal["D", "R"],
        formulas: Sequence[str],
        values: Sequence[float],
    ) -> None:
        sheet, row = self.sheet, self.row
        if isinstance(label, Live):
            sheet.live(row, LABEL, label, "calc", "general")
        else:
            sheet.text(row, LABEL, label)
        sheet.live(row, ACCOUNT, account, "calc", "@")
        if isinstance(section, Live):
            sheet.live(row, SECTION, section, "calc", "general")
        else:
            sheet.text(row, SECTION, section)
        sheet.text(row, SIDE, side)
        self._years(row, formulas, values)
        held = section.value if isinstance(section, Live) else section
        self.lines.append(Line(row, str(account.value), held, side, tuple(values)))
        self.row += 1

    # --- totals --------------------------------------------------------------------------------------

    def _totals(self) -> None:
        month = self.layout.month
        self._title("totaux")
        years = month.column("exercice")
        for key, columns in (
            ("personnel", ("personnel", *LEAVER_LINES)),
            ("autres", ("autres_couts",)),
            ("cost", ("cout_fonctionnement",)),
            ("grant", ("subvention_etat",)),
            ("other_funding", ("autres_financements",)),
            ("net_cost", ("reste_fonctionnement",)),
        ):
            formulas = [
                "+".join(f"SUMIFS({month.column(c)},{years},{self.year_cell(k)})" for c in columns)
                for k in range(len(self.years))
            ]
            values = [round(sum(self.sums.of(c, y) for c in columns), 2) for y in self.years]
            self._named(key, formulas, values, "total" if key in ("cost", "net_cost") else "calc")
        self._coverage()
        for key, column in (
            ("investment", "equipements"),
            ("investment_funding", "financements_equipement"),
            ("investment_fctva", "fctva"),
            ("investment_net", "reste_investissement"),
        ):
            formulas = [
                f"SUMIFS({month.column(column)},{years},{self.year_cell(k)})" for k in range(len(self.years))
            ]
            values = [self.sums.of(column, y) for y in self.years]
            self._named(key, formulas, values, "total" if key == "investment_net" else "calc")
        formulas = [
            f"ROUND(SUMIFS({month.column('etp')},{years},{self.year_cell(k)})/12,2)"
            for k in range(len(self.years))
        ]
        values = [self._etpt(y) for y in self.years]
        row = self._named("etpt", formulas, values, "calc", "0.00")
        self.sheet.text(row, self.total_col, "", "calc")

    def _etpt(self, year: int) -> float:
        total = 0.0
        for frame, years in zip(self.sums.frames, self.sums.years, strict=True):
            total += float(frame.full("etp")[years == year].sum())
        return float(np.floor(total / 12 * 100 + 0.5 + 1e-7) / 100)

    def _coverage(self) -> None:
        row = self.row
        self.sheet.text(row, LABEL, self.book.tr("workbook.exercices.coverage"))
        values = []
        for k in range(len(self.years) + 1):
            cost, net = (ref(self.at[n], YEAR + k) for n in ("cost", "net_cost"))
            a, b = (self.values[n][k] for n in ("cost", "net_cost"))
            value = (a - b) / a if a else 0.0
            self.sheet.live(
                row, YEAR + k, Live(f"IF({cost}=0,0,({cost}-{net})/{cost})", value), "calc", "percent"
            )
            values.append(value)
        self.at["coverage"] = row
        self.values["coverage"] = values
        self.row += 1

    def _posts(self) -> None:
        month = self.layout.month
        self._title("postes")
        self.post_rows: list[dict[str, int]] = []
        for p, code in enumerate(self.plan.posts):
            rows = {}
            for key, column in (
                ("cost", "cout_fonctionnement"),
                ("grant", "subvention_etat"),
                ("other_funding", "autres_financements"),
                ("net_cost", "reste_fonctionnement"),
            ):
                formulas = [
                    f"SUMIFS({month.column(column)},{month.column('post')},{self.layout.post_cell(p)},"
                    f"{month.column('exercice')},{self.year_cell(k)})"
                    for k in range(len(self.years))
                ]
                values = [self.sums.of(column, y, post=p) for y in self.years]
                rows[key] = self.row
                label = f'{self.layout.post_cell(p)}&" – {self.book.tr(f"workbook.exercices.{key}")}"'
                text = f"{code} – {self.book.tr(f'workbook.exercices.{key}')}"
                look: Style = "total" if key == "net_cost" else "calc"
                self.sheet.live(self.row, LABEL, Live(label, text), look, "general")
                self._years(self.row, formulas, values, look)
                self.row += 1
            self.post_rows.append(rows)
