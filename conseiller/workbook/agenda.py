"""The sheet *Échéancier*: contracts, financings, instalments, and the dates by which to decide."""

from __future__ import annotations

from conseiller.engine import YEARS
from conseiller.law import day_at, to_serial
from conseiller.projection import Projection
from conseiller.rules.algebra import add_months
from conseiller.rules.registry import FAR
from conseiller.workbook.book import Book, Live, Sheet, ref
from conseiller.workbook.formulas import law_at
from conseiller.workbook.looks import Style
from conseiller.workbook.monthly import ModelLayout
from conseiller.workbook.places import Places

_FIRST_ROW = 4
#: Columns of text; others hold states, or dates, numbers and amounts, which stand at the right.
_TEXTS = ("post", "convention", "label")
#: Rows below which the sheet is printed on one page: spare ones at the end would make a second, empty.
_ONE_PAGE = 60


class AgendaSheet:
    """Writes *Échéancier*."""

    def __init__(self, book: Book, plan: Projection, layout: ModelLayout) -> None:
        self.book = book
        self.plan = plan
        self.layout = layout
        self.inputs: Places = layout.inputs
        self.sheet: Sheet = book.sheet("echeancier")
        self.row = _FIRST_ROW
        #: First and last row of each table.
        self.tables: list[tuple[int, int]] = []

    def write(self) -> None:
        """Write the three tables; a date already past at the date of the report is marked."""
        sheet, tr = self.sheet, self.book.tr
        sheet.text(0, 0, tr("workbook.sheet.echeancier"), "title")
        sheet.text(1, 0, tr("workbook.echeancier.note"), "note")
        sheet.text(2, 0, tr("workbook.echeancier.report_date"))
        sheet.live(2, 1, Live("h_report_date", to_serial(self.plan.report_date)), "calc", "date")
        self._contracts()
        self._financings()
        self._instalments()
        raw = sheet.raw
        raw.set_column(0, 0, 26)
        raw.set_column(1, 9, 15)
        raw.set_column(2, 2, 25)
        late = self.book.raw.add_format({"bg_color": "#F8D9C9", "bold": True})
        raw.conditional_format(
            _FIRST_ROW,
            0,
            self.row,
            9,
            {
                "type": "cell",
                "criteria": "==",
                "value": f'"{tr("workbook.echeancier.missed")}"',
                "format": late,
            },
        )
        for first, last in self.tables:
            self.book.hide_spare(sheet, first, last, 9)
        raw.freeze_panes(_FIRST_ROW, 1)
        self.book.page(sheet, repeat=(0, 2), last_col=9, last_row=self.row, tall=int(self.row < _ONE_PAGE))

    def _heads(self, title: str, keys: tuple[str, ...]) -> None:
        self.sheet.text(self.row, 0, self.book.tr(f"workbook.echeancier.{title}"), "subtitle")
        self.row += 1
        self.sheet.raw.set_row(self.row, 44)
        for col, key in enumerate(keys):
            look: Style = "head" if key in _TEXTS else "headstate" if key.endswith("_state") else "headnum"
            self.sheet.text(self.row, col, self.book.tr(f"workbook.echeancier.{key}"), look)
        self.row += 1

        self.tables.append((self.row, self.row))

    def _close(self) -> None:
        """End the table begun last, and leave a row."""
        self.tables[-1] = (self.tables[-1][0], self.row - 1)
        self.row += 1

    def _state(self, row: int, col: int, source: str, day: float, past: str = "missed") -> None:
        """Say whether a date is past (missed, when something had to be done by then), to come or absent."""
        tr = self.book.tr
        words = [tr(f"workbook.echeancier.{w}") for w in (past, "ahead")]
        formula = f'IF(OR({source}=0,{source}>={int(FAR)}),"–",IF({source}<h_report_date,"{words[0]}","{words[1]}"))'
        today = to_serial(self.plan.report_date)
        text = "–" if day in (0.0, FAR) or day > FAR else words[0 if day < today else 1]
        self.sheet.live(row, col, Live(formula, text), "state", "general")

    def _contracts(self) -> None:
        self._heads(
            "contracts",
            (
                "post",
                "number",
                "start",
                "end",
                "notice",
                "notice_state",
                "project_limit",
                "project_state",
                "unused",
                "are",
            ),
        )
        contract = self.plan.model.contract
        size = self.inputs.room.contracts
        self.contract_first = self.row
        for post in range(len(self.plan.posts)):
            chain = 0.0
            for slot in range(size):
                chain = self._contract(post, slot, contract, chain)
                self.row += 1
        self._close()

    def _contract(self, post: int, slot: int, contract: object, chain: float) -> float:
        sheet, row = self.sheet, self.row
        rank = post * self.inputs.room.contracts + slot

        def cell(name: str) -> str:
            return self.inputs.cell("contrats", rank, name)

        def value(name: str) -> float:
            return float(contract.full(name)[post, slot])  # type: ignore[attr-defined]

        start, until = value("start"), value("until")
        held = start < FAR
        sheet.live(
            row,
            0,
            Live(
                f'IF({cell("start")}<{int(FAR)},{self.layout.post_cell(post)},"")',
                self.plan.posts[post] if held else "",
            ),
            "calc",
            "general",
        )
        sheet.live(row, 1, Live(cell("number"), slot + 1.0), "calc", "0")
        sheet.live(row, 2, Live(cell("start"), start), "calc", "date")
        last = until - 1 if until < FAR else FAR
        sheet.live(
            row, 3, Live(f"IF({cell('until')}<{int(FAR)},{cell('until')}-1,{int(FAR)})", last), "calc", "date"
        )
        notice = self._notice(value, start, until)
        long, short, threshold = (
            law_at(f'"{k}"', cell("until"))
            for k in ("preavis_mois_contrat_long", "preavis_mois_contrat_court", "preavis_seuil_mois")
        )
        ends = f"AND({cell('status')}=1,{cell('start')}<{int(FAR)},{cell('until')}<{int(FAR)})"
        months = f"IF({cell('until')}<=EDATE({cell('start')},{threshold}),{short},{long})"
        formula = f"IF({ends},EDATE({cell('until')}-1,-{months}),0)"
        sheet.live(row, 4, Live(formula, notice), "calc", "date")
        self._state(row, 5, ref(row, 4), notice)
        project = value("status") == 1 and value("nature") == 1 and held
        limit, chain = self._project(cell, project, slot, start, until, chain)
        sheet.live(row, 6, Live(limit[0], limit[1]), "calc", "date")
        self._state(row, 7, ref(row, 6), limit[1])
        sheet.live(row, 8, Live(cell("leave_days"), value("leave_days")), "calc", "number")
        are = value("are_until") - value("are_from") if until < FAR else 0.0
        sheet.live(row, 9, Live(f"{cell('are_until')}-{cell('are_from')}", are), "calc", "number")
        return chain

    def _notice(self, value: object, start: float, until: float) -> float:
        if value("status") != 1 or start >= FAR or until >= FAR:  # type: ignore[operator]
            return 0.0
        law = self.plan.law
        day = day_at(until)
        threshold = law.value("preavis_seuil_mois", day)
        short = until <= float(add_months(start, threshold))
        months = law.value("preavis_mois_contrat_court" if short else "preavis_mois_contrat_long", day)
        return float(add_months(until - 1, -months))

    def _project(
        self, cell: object, project: bool, slot: int, start: float, until: float, chain: float
    ) -> tuple[tuple[str, float], float]:
        """Return the six-year limit of a chain of abutting contrats de projet, and the chain's start."""
        at = {n: cell(n) for n in ("status", "nature", "start", "until")}  # type: ignore[operator]
        is_project = f"AND({at['status']}=1,{at['nature']}=1,{at['start']}<{int(FAR)})"
        months = law_at('"contrat_projet_duree_max_mois"', at["start"])
        own = ref(self.row, 10)
        if slot:
            above = ref(self.row - 1, 10)
            before = ref(self.row - 1, 3)
            chain_formula = (
                f"IF({is_project},IF(AND({above}>0,{before}+1={at['start']}),{above},{at['start']}),0)"
            )
        else:
            chain_formula = f"IF({is_project},{at['start']},0)"
        follows = slot > 0 and chain > 0 and self._previous_until == start
        chain = (chain if follows else start) if project else 0.0
        self._previous_until = until if until < FAR else FAR + 1
        self.sheet.live(self.row, 10, Live(chain_formula, chain), "key", "date")
        limit = 0.0
        if project:
            day = day_at(start)
            limit = float(add_months(chain, self.plan.law.value("contrat_projet_duree_max_mois", day))) - 1
        return (f"IF({own}>0,EDATE({own},{months})-1,0)", limit), chain

    _previous_until = 0.0

    def _financings(self) -> None:
        self._heads(
            "financings",
            ("post", "convention", "financing_start", "financing_end", "end_state", "lost", "convention_end"),
        )
        grants = self.layout.grants
        grant = self.plan.model.grant
        held = [
            (p, f) for p, post in enumerate(self.plan.dossier.posts) for f in range(len(post.conventions))
        ]
        for f in range(self.inputs.room.conventions):
            row = self.row
            first = grants.first + f * YEARS
            cell = {
                n: ref(first, grants.columns[n], grants.sheet) for n in ("financing_start", "stops", "stop")
            }
            ends = ",".join(ref(first + k, grants.columns["ends"], grants.sheet) for k in range(YEARS))
            own = held[f] if f < len(held) else None
            post_text = self.plan.posts[own[0]] if own else ""
            code = self.plan.dossier.posts[own[0]].conventions[own[1]].code if own else ""
            self.sheet.live(
                row, 0, Live(self.inputs.cell("conventions", f, "poste"), post_text), "calc", "general"
            )
            self.sheet.live(row, 1, Live(self.inputs.cell("conventions", f, "code"), code), "calc", "general")

            def value(name: str, own: tuple[int, int] | None = own) -> float:
                if own is None:
                    return FAR
                rows = slice(own[1] * YEARS, (own[1] + 1) * YEARS)
                return float(grant.full(name)[own[0], rows].max())

            start, natural, stops = value("financing_start"), value("ends"), value("stops")
            end = min(natural, stops) - 1 if own else FAR
            self.sheet.live(row, 2, Live(cell["financing_start"], start), "calc", "date")
            formula = f"IF({cell['financing_start']}>={int(FAR)},{int(FAR)},MIN({ends},{cell['stops']})-1)"
            formula = formula.replace(f"MIN({ends}", f"MIN(MAX({ends})")
            self.sheet.live(row, 3, Live(formula, end), "calc", "date")
            self._state(row, 4, ref(row, 3), end, "over")
            cut = min(natural, value("stop"))
            lost = stops if own and stops < cut else 0.0
            lost_formula = f"IF(AND({cell['financing_start']}<{int(FAR)},{cell['stops']}<MIN(MAX({ends}),{cell['stop']})),{cell['stops']},0)"
            self.sheet.live(row, 5, Live(lost_formula, lost), "calc", "date")
            self.sheet.live(
                row,
                6,
                Live(
                    f"IF({cell['stop']}<{int(FAR)},{cell['stop']}-1,0)",
                    value("stop") - 1 if own and value("stop") < FAR else 0.0,
                ),
                "calc",
                "date",
            )
            self.row += 1
        self._close()

    def _instalments(self) -> None:
        self._heads(
            "instalments",
            ("post", "convention", "label", "amount", "called", "titled", "received", "instalment_state"),
        )
        rows = [
            (p.code, c.code, i) for p in self.plan.dossier.posts for c in p.conventions for i in c.instalments
        ]
        form = self.inputs.forms["versements"]
        first, _ = self.inputs.rows["versements"]
        for k in range(self.inputs.room.instalments):
            row = self.row
            held = rows[k] if k < len(rows) else None
            label = self.inputs.source(first + k, form.column("libelle"), outside=True)
            self.sheet.live(
                row,
                0,
                Live(self.inputs.cell("versements", k, "poste"), held[0] if held else ""),
                "calc",
                "general",
            )
            self.sheet.live(
                row,
                1,
                Live(self.inputs.cell("versements", k, "convention"), held[1] if held else ""),
                "calc",
                "general",
            )
            self.sheet.live(row, 2, Live(f'{label}&""', held[2].label if held else ""), "calc", "general")
            self.sheet.live(
                row,
                3,
                Live(self.inputs.cell("versements", k, "montant"), held[2].amount if held else 0.0),
                "calc",
                "euros",
            )
            days = {}
            for col, (key, attribute) in enumerate(
                (("appele_le", "called"), ("titre_le", "titled"), ("encaisse_le", "received")), start=4
            ):
                day = getattr(held[2], attribute) if held else None
                days[col] = to_serial(day) if day else FAR
                self.sheet.live(
                    row, col, Live(self.inputs.cell("versements", k, key), days[col]), "calc", "date"
                )
            self._instalment_state(row, days, held[2].amount if held else 0.0)
            self.row += 1
        self._close()

    def _instalment_state(self, row: int, days: dict[int, float], amount: float) -> None:
        """Say how far a payment has come at the date of the report: received, titled, called, to come."""
        tr = self.book.tr
        today = to_serial(self.plan.report_date)
        called, titled, received = (ref(row, c) for c in (4, 5, 6))
        words = {
            w: tr(f"workbook.echeancier.{w}") for w in ("is_received", "is_titled", "is_called", "ahead")
        }
        formula = (
            f'IF({ref(row, 3)}=0,"–",IF({received}<=h_report_date,"{words["is_received"]}",'
            f'IF({titled}<=h_report_date,"{words["is_titled"]}",'
            f'IF({called}<=h_report_date,"{words["is_called"]}","{words["ahead"]}"))))'
        )
        reached = [w for w, c in (("is_received", 6), ("is_titled", 5), ("is_called", 4)) if days[c] <= today]
        text = words[reached[0]] if reached else words["ahead"]
        if not amount:
            text = "–"
        self.sheet.live(row, 7, Live(formula, text), "state", "general")
