"""The sheets *Exercices* and *Maquette budgétaire*: sums over *Mensuel*, live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from conseiller.engine import YEARS
from conseiller.projection import Projection
from conseiller.rules.algebra import months_of
from conseiller.rules.totals import LEAVER_LINES, PAY_LINES
from conseiller.workbook.book import Book, Live, Sheet, Style, block, ref
from conseiller.workbook.inputs import AccountRow
from conseiller.workbook.monthly import ModelLayout

HEAD_ROW, _FIRST_ROW = 3, 4
#: Columns of *Exercices* left of the years: label, account, section, side, chapter missing from Maquette.
_LABEL, _ACCOUNT, _SECTION, _SIDE, _LOOSE, YEAR = 0, 1, 2, 3, 4, 5
SPARE_ACCOUNTS = 8


class Sums:
    """Sums of columns of the model by exercice, post and status, in whole cents."""

    def __init__(self, plan: Projection) -> None:
        self.plan = plan
        month, extra = plan.model.month, plan.model.extra
        self.frames = (month, extra)
        self.years = [months_of(f.full("month")) // 12 + 1970 for f in self.frames]

    def of(
        self,
        column: str,
        year: int | None = None,
        post: int | None = None,
        titulaire: bool | None = None,
        until: bool = False,
        segment: tuple[int, int, int] | None = None,
    ) -> float:
        """Return a sum in euros; `segment` is (which, from, to) of the month's grant years."""
        total = 0
        for frame, years in zip(self.frames, self.years, strict=True):
            keep = np.ones(years.shape, dtype=bool)
            if year is not None:
                keep &= years <= year if until else years == year
            if post is not None:
                keep &= (np.arange(len(years)) == post)[:, None]
            if titulaire is not None:
                keep &= (frame.full("is_titulaire") > 0) == titulaire
            if segment is not None:
                number = frame.full(f"segment_{segment[0]}")
                keep &= (number >= segment[1]) & (number <= segment[2])
            total += int(np.rint(frame.full(column)[keep] * 100).sum())
        return total / 100


@dataclass(frozen=True)
class Line:
    """A row of *Exercices* that the budget grid adds up."""

    row: int
    account: str
    section: Literal["F", "I"]
    side: Literal["D", "R"]
    values: tuple[float, ...]


class YearSheet:
    """Writes *Exercices*."""

    def __init__(
        self, book: Book, plan: Projection, layout: ModelLayout, accounts: Sequence[AccountRow]
    ) -> None:
        self.book = book
        self.plan = plan
        self.layout = layout
        self.accounts = accounts
        self.sheet: Sheet = book.sheet("exercices")
        self.sums = Sums(plan)
        self.years = plan.exercices
        self.row = _FIRST_ROW
        self.lines: list[Line] = []
        self.at: dict[str, int] = {}
        self.values: dict[str, list[float]] = {}
        self.total_col = YEAR + len(self.years)

    def year_cell(self, k: int) -> str:
        """Return the header cell of the k-th exercice."""
        return ref(HEAD_ROW, YEAR + k)

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
        raw.set_column(_LOOSE, _LOOSE, 9, None, {"level": 1})
        raw.set_column(YEAR, self.total_col, 14.5)
        raw.freeze_panes(_FIRST_ROW, 1)
        self.book.page(sheet, repeat=(HEAD_ROW, HEAD_ROW), last_col=self.total_col, last_row=self.row)

    # --- lines ---------------------------------------------------------------------------------------

    def _title(self, key: str) -> None:
        self.row += 1
        self.sheet.text(self.row, 0, self.book.tr(f"workbook.exercices.{key}"), "subtitle")
        self.row += 1

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
            sheet.live(row, _LABEL, label, "calc", "general")
        else:
            sheet.text(row, _LABEL, label)
        sheet.live(row, _ACCOUNT, account, "calc", "@")
        if isinstance(section, Live):
            sheet.live(row, _SECTION, section, "calc", "general")
        else:
            sheet.text(row, _SECTION, section)
        sheet.text(row, _SIDE, side)
        self._years(row, formulas, values)
        held = section.value if isinstance(section, Live) else section
        self.lines.append(Line(row, str(account.value), held, side, tuple(values)))
        self.row += 1

    def _years(
        self,
        row: int,
        formulas: Sequence[str],
        values: Sequence[float],
        look: Style = "calc",
        fmt: str = "euros",
    ) -> None:
        for k, (formula, value) in enumerate(zip(formulas, values, strict=True)):
            self.sheet.live(row, YEAR + k, Live(formula, value), look, fmt)
        span = block(row, row, YEAR, None, self.total_col - 1)
        self.sheet.live(row, self.total_col, Live(f"SUM({span})", round(sum(values), 2)), look, fmt)

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

    def _named(
        self,
        key: str,
        formulas: Sequence[str],
        values: Sequence[float],
        look: Style = "calc",
        fmt: str = "euros",
    ) -> int:
        row = self.row
        self.sheet.text(
            row, _LABEL, self.book.tr(f"workbook.exercices.{key}"), look if look == "total" else "text"
        )
        for col in range(1, YEAR):
            if look == "total":
                self.sheet.text(row, col, "", "total")
        self._years(row, formulas, values, look, fmt)
        self.at[key] = row
        self.values[key] = [*values, round(sum(values), 2)]
        self.row += 1
        return row

    def _coverage(self) -> None:
        row = self.row
        self.sheet.text(row, _LABEL, self.book.tr("workbook.exercices.coverage"))
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
                self.sheet.live(self.row, _LABEL, Live(label, text), look, "general")
                self._years(self.row, formulas, values, look)
                self.row += 1
            self.post_rows.append(rows)

    # --- clocks of the grant ---------------------------------------------------------------------------

    def _clocks(self) -> None:
        self._title("horloges")
        month, inputs = self.layout.month, self.layout.inputs
        years = month.column("exercice")
        formulas = [
            f"SUMIFS({month.column('subvention_etat')},{years},{self.year_cell(k)})"
            for k in range(len(self.years))
        ]
        self._named("earned", formulas, [self.sums.of("subvention_etat", y) for y in self.years])
        amounts = inputs.column("versements", "montant")
        held = [i for p in self.plan.dossier.posts for c in p.conventions for i in c.instalments]
        for key, field, attribute in (
            ("called", "appele_le", "called"),
            ("titled", "titre_le", "titled"),
            ("received", "encaisse_le", "received"),
        ):
            days = inputs.column("versements", field)
            formulas = [
                f'SUMIFS({amounts},{days},">="&DATE({self.year_cell(k)},1,1),{days},"<"&DATE({self.year_cell(k)}+1,1,1))'
                for k in range(len(self.years))
            ]
            values = [
                round(sum(i.amount for i in held if (d := getattr(i, attribute)) and d.year == y), 2)
                for y in self.years
            ]
            self._named(key, formulas, values)
        self._bridge()

    def _bridge(self) -> None:
        """Write, per convention, grant earned less titled at each 31 December, and its two readings."""
        self._title("pont")
        first = self.row
        conventions = [(p, c) for p, post in enumerate(self.plan.dossier.posts) for c in post.conventions]
        gaps: list[list[float]] = []
        for f in range(self.layout.inputs.room.conventions):
            gaps.append(self._gap_row(f, conventions))
            self.row += 1
        last = self.row - 1
        for key, sign in (("to_accrue", ">0"), ("deferred", "<0")):
            formulas, values = [], []
            for k in range(len(self.years)):
                column = block(first, last, YEAR + k)
                formulas.append(f'{"-" if sign == "<0" else ""}SUMIF({column},"{sign}")')
                wanted = [g[k] for g in gaps if (g[k] > 0) == (sign == ">0") and g[k] != 0]
                values.append(abs(round(sum(wanted), 2)))
            row = self._named(key, formulas, values, "total")
            self.sheet.text(row, self.total_col, "", "total")

    def _gap_row(self, f: int, conventions: Sequence[tuple[int, Any]]) -> list[float]:
        inputs, month, grants = self.layout.inputs, self.layout.month, self.layout.grants
        post, code = inputs.cell("conventions", f, "poste"), inputs.cell("conventions", f, "code")
        base = ref(grants.first + f * YEARS, grants.columns["number"], grants.sheet)
        held = conventions[f] if f < len(conventions) else None
        text = f"{self.plan.posts[held[0]]} – {held[1].code}" if held else ""
        self.sheet.live(
            self.row, _LABEL, Live(f'IF({post}="","",{post}&" – "&{code})', text), "calc", "general"
        )
        local = [c for p, c in conventions if p == held[0]].index(held[1]) if held else 0
        values = []
        for k, year in enumerate(self.years):
            earned = "+".join(
                f"SUMIFS({month.column(f'earned_{n}')},{month.column('post')},{post},"
                f'{month.column("exercice")},"<="&{self.year_cell(k)},'
                f'{month.column(f"segment_{n}")},">="&{base},{month.column(f"segment_{n}")},"<="&{base}+{YEARS - 1})'
                for n in (1, 2)
            )
            titled = (
                f"SUMIFS({inputs.column('versements', 'montant')},{inputs.column('versements', 'poste')},{post},"
                f"{inputs.column('versements', 'convention')},{code},"
                f'{inputs.column("versements", "titre_le")},"<"&DATE({self.year_cell(k)}+1,1,1))'
            )
            value = self._gap(held, local, year) if held else 0.0
            self.sheet.live(
                self.row,
                YEAR + k,
                Live(f'IF({post}="",0,ROUND({earned}-{titled},2))', value),
                "calc",
                "euros",
            )
            values.append(value)
        return values

    def _gap(self, held: tuple[int, Any], local: int, year: int) -> float:
        post, convention = held
        low = local * YEARS + 1
        earned: float = sum(
            self.sums.of(f"earned_{n}", year, post=post, until=True, segment=(n, low, low + YEARS - 1))
            for n in (1, 2)
        )
        titled: float = sum(i.amount for i in convention.instalments if i.titled and i.titled.year <= year)
        return round(earned - titled, 2)


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
        self.row = _FIRST_ROW
        self.account_rows: list[int] = []
        self.section_rows: list[tuple[str, str, int]] = []
        for section in ("F", "I"):
            for side in ("D", "R"):
                self._part(section, side)
        self._loose()
        self._mark_loose()
        raw = sheet.raw
        raw.set_row(HEAD_ROW, 32)
        raw.set_column(0, 1, 15)
        raw.set_column(2, 3, 10)
        raw.set_column(4, 4, 72)
        raw.set_column(5, 4 + len(self.years.years), 14.5)
        raw.freeze_panes(_FIRST_ROW, 5)
        self.book.page(
            sheet, repeat=(HEAD_ROW, HEAD_ROW), last_col=4 + len(self.years.years), last_row=self.row
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
            return block(_FIRST_ROW, self.years.lines[-1].row, col, self.years.sheet.name)

        # SUMIFS reads "012" as 12: a comparison of texts keeps account codes apart.
        accounts, sections, sides = (column(c) for c in (_ACCOUNT, _SECTION, _SIDE))
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
        loose = block(_FIRST_ROW, self.years.lines[-1].row, _LOOSE, name)
        accounts = block(_FIRST_ROW, self.years.lines[-1].row, _ACCOUNT, name)
        for rank, row in enumerate(self.loose_rows):
            above = f'{loose},">"&VALUE("0"&{ref(row - 1, 3)})' if rank else f'{loose},">0"'
            found = f"_xlfn.MINIFS({loose},{above})"
            gone = f'{ref(row - 1, 3)}=""' if rank else "FALSE"
            sheet.live(row, 3, Live(f'IF({gone},"",IF({found}=0,"",{found}&""))', ""), "calc", "@")
            match = f"MATCH({ref(row, 3)},{accounts},0)"
            for col, source in ((0, _SECTION), (1, _SIDE)):
                column = block(_FIRST_ROW, self.years.lines[-1].row, source, name)
                sheet.live(
                    row, col, Live(f'IF({ref(row, 3)}="","",INDEX({column},{match}))', ""), "calc", "general"
                )
            sheet.text(row, 4, tr("workbook.maquette.loose_label"), "note")
            for k in range(len(self.years.years)):
                amounts = block(_FIRST_ROW, self.years.lines[-1].row, YEAR + k, name)
                formula = f'IF({ref(row, 3)}="",0,SUMPRODUCT(({accounts}={ref(row, 3)})*1,{amounts}))'
                sheet.live(row, 5 + k, Live(formula, 0.0), "calc", "euros")
            self.row += 1

    def _mark_loose(self) -> None:
        """Mark, in *Exercices*, the accounts that the grid does not list yet."""
        rows = self.account_rows or [_FIRST_ROW]
        listed = block(min(rows), max(rows), 3, self.sheet.name)
        for line in self.years.lines:
            account = ref(line.row, _ACCOUNT)
            amounts = block(line.row, line.row, YEAR, None, self.years.total_col - 1)
            inside = f"SUMPRODUCT(({listed}={account})*1)>0"
            formula = f'IF(OR({account}="",{inside},COUNTIF({amounts},"<>0")=0),"",VALUE({account}))'
            self.years.sheet.live(line.row, _LOOSE, Live(formula, ""), "calc", "general")
