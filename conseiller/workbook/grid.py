"""The sheet *Maquette budgétaire*: section × side × chapter × account × exercice, summed from *Exercices*."""

from __future__ import annotations

from collections.abc import Sequence

from conseiller.projection import Projection
from conseiller.workbook.book import Book, Live, Sheet, block, ref
from conseiller.workbook.year_rows import ACCOUNT, FIRST_ROW, HEAD_ROW, LOOSE, SECTION, SIDE, YEAR
from conseiller.workbook.yearly import YearSheet

SPARE_ACCOUNTS = 8


class GridSheet:
    """Writes *Maquette budgétaire*: section × side × chapter × account × exercice."""

    def __init__(self, book: Book, plan: Projection, years: YearSheet) -> None:
        self.book = book
        self.plan = plan
        self.years = years
        self.sheet: Sheet = book.sheet("maquette")

    def write(self) -> None:
        """Write one row per account, totals by chapter and section, and rows for accounts typed in Excel."""
        sheet, tr = self.sheet, self.book.tr
        sheet.text(0, 0, tr("workbook.sheet.maquette"), "title")
        sheet.text(1, 0, tr("workbook.maquette.note"), "note")
        heads = ("section", "side", "chapter", "account", "label")
        for k, key in enumerate(heads):
            sheet.text(HEAD_ROW, k, tr(f"workbook.maquette.{key}"), "head")
        for k, year in enumerate(self.years.years):
            cell = Live(self._heading(k), self._heading_text(year))
            sheet.live(HEAD_ROW, 5 + k, cell, "headnum", "general")
        self.row = FIRST_ROW
        self.account_rows: list[int] = []
        self.section_rows: list[tuple[str, str, int]] = []
        for section in ("F", "I"):
            for side in ("D", "R"):
                self._part(section, side)
        printed = self.row - 2
        self._loose()
        self._mark_loose()
        self.book.hide_spare(sheet, self.loose_rows[0], self.loose_rows[-1], 4 + len(self.years.years))
        raw = sheet.raw
        raw.set_row(HEAD_ROW, 32)
        raw.set_column(0, 1, 15)
        raw.set_column(2, 3, 10)
        raw.set_column(4, 4, 72)
        raw.set_column(5, 4 + len(self.years.years), 14.5)
        raw.freeze_panes(FIRST_ROW, 5)
        self.book.page(
            sheet, repeat=(HEAD_ROW, HEAD_ROW), last_col=4 + len(self.years.years), last_row=printed
        )

    def _heading(self, k: int) -> str:
        year = f"'{self.years.sheet.name}'!{self.years.year_cell(k)}"
        now, proposed = self.book.tr("workbook.maquette.current"), self.book.tr("workbook.maquette.proposed")
        return f'{year}&IF({year}=YEAR(h_report_date)," {now}",IF({year}=YEAR(h_report_date)+1," {proposed}",""))'

    def _heading_text(self, year: int) -> str:
        gap = year - self.plan.report_date.year
        word = {0: "current", 1: "proposed"}.get(gap)
        return f"{year} {self.book.tr(f'workbook.maquette.{word}')}" if word else str(year)

    def _part(self, section: str, side: str) -> None:
        """Write the accounts that have an amount; others come up in the spare rows when they get one."""
        lines = [
            line
            for line in self.years.lines
            if (line.section, line.side) == (section, side) and line.account and any(line.values)
        ]
        tr = self.book.tr
        law, chart = self.plan.law, self.plan.dossier.authority.chart
        chapters = sorted({law.chapter(line.account) for line in lines})
        rows: list[int] = []
        sums = [0.0] * len(self.years.years)
        for chapter in chapters:
            accounts = sorted({line.account for line in lines if law.chapter(line.account) == chapter})
            first = self.row
            subtotal = [0.0] * len(sums)
            for account in accounts:
                values = [
                    round(sum(line.values[k] for line in lines if line.account == account), 2)
                    for k in range(len(sums))
                ]
                self._account(section, side, chapter, account, law.account_label(chart, account), values)
                subtotal = [round(a + b, 2) for a, b in zip(subtotal, values, strict=True)]
            label = law.chapter_labels.get(chapter, {}).get(self.book.lang, "")
            heading = tr("workbook.maquette.chapter_total", chapter=chapter, label=label)
            self._sum(heading, [(first, self.row - 1)], subtotal)
            rows.append(self.row - 1)
            sums = [round(a + b, 2) for a, b in zip(sums, subtotal, strict=True)]
        key = f"workbook.maquette.total_{section}_{side}"
        self._sum(tr(key), [(r, r) for r in rows], sums)
        self.section_rows.append((section, side, self.row - 1))
        self.row += 1

    def _account(
        self, section: str, side: str, chapter: str, account: str, label: str, values: Sequence[float]
    ) -> None:
        sheet, row = self.sheet, self.row
        for col, text in enumerate(
            (
                self.book.tr(f"workbook.section.{section}"),
                self.book.tr(f"workbook.side.{side}"),
                chapter,
                account,
                label,
            )
        ):
            sheet.text(row, col, text)
        for k, value in enumerate(values):
            sheet.live(row, 5 + k, Live(self._sumifs(ref(row, 3), k, section, side), value), "calc", "euros")
        self.account_rows.append(row)
        self.row += 1

    def _sumifs(self, account: str, k: int, section: str, side: str) -> str:
        def column(col: int) -> str:
            return block(FIRST_ROW, self.years.lines[-1].row, col, self.years.sheet.name)

        # SUMIFS reads "012" as 12: a comparison of texts keeps account codes apart.
        accounts, sections, sides = (column(c) for c in (ACCOUNT, SECTION, SIDE))
        return f'SUMPRODUCT(({accounts}={account})*({sections}="{section}")*({sides}="{side}"),{column(YEAR + k)})'

    def _sum(self, label: str, parts: Sequence[tuple[int, int]], values: Sequence[float]) -> None:
        sheet, row = self.sheet, self.row
        for col in range(4):
            sheet.text(row, col, "", "total")
        sheet.text(row, 4, label, "total")
        for k, value in enumerate(values):
            cells = ",".join(block(a, b, 5 + k) for a, b in parts if b >= a)
            sheet.live(row, 5 + k, Live(f"SUM({cells})" if cells else "0", value), "total", "euros")
        self.row += 1

    def _loose(self) -> None:
        """Write rows that pick up accounts typed in Excel and not yet in the grid."""
        sheet, tr = self.sheet, self.book.tr
        sheet.text(self.row, 0, tr("workbook.maquette.loose"), "subtitle")
        self.row += 1
        self.loose_rows = list(range(self.row, self.row + SPARE_ACCOUNTS))
        name = self.years.sheet.name
        loose = block(FIRST_ROW, self.years.lines[-1].row, LOOSE, name)
        accounts = block(FIRST_ROW, self.years.lines[-1].row, ACCOUNT, name)
        for rank, row in enumerate(self.loose_rows):
            above = f'{loose},">"&VALUE("0"&{ref(row - 1, 3)})' if rank else f'{loose},">0"'
            found = f"_xlfn.MINIFS({loose},{above})"
            gone = f'{ref(row - 1, 3)}=""' if rank else "FALSE"
            sheet.live(row, 3, Live(f'IF({gone},"",IF({found}=0,"",{found}&""))', ""), "calc", "@")
            match = f"MATCH({ref(row, 3)},{accounts},0)"
            for col, source in ((0, SECTION), (1, SIDE)):
                column = block(FIRST_ROW, self.years.lines[-1].row, source, name)
                sheet.live(
                    row, col, Live(f'IF({ref(row, 3)}="","",INDEX({column},{match}))', ""), "calc", "general"
                )
            sheet.text(row, 4, tr("workbook.maquette.loose_label"), "note")
            for k in range(len(self.years.years)):
                amounts = block(FIRST_ROW, self.years.lines[-1].row, YEAR + k, name)
                formula = f'IF({ref(row, 3)}="",0,SUMPRODUCT(({accounts}={ref(row, 3)})*1,{amounts}))'
                sheet.live(row, 5 + k, Live(formula, 0.0), "calc", "euros")
            self.row += 1

    def _mark_loose(self) -> None:
        """Mark, in *Exercices*, the accounts that the grid does not list yet."""
        rows = self.account_rows or [FIRST_ROW]
        listed = block(min(rows), max(rows), 3, self.sheet.name)
        for line in self.years.lines:
            account = ref(line.row, ACCOUNT)
            amounts = block(line.row, line.row, YEAR, None, self.years.total_col - 1)
            inside = f"SUMPRODUCT(({listed}={account})*1)>0"
            formula = f'IF(OR({account}="",{inside},COUNTIF({amounts},"<>0")=0),"",VALUE({account}))'
            self.years.sheet.live(line.row, LOOSE, Live(formula, ""), "calc", "general")
