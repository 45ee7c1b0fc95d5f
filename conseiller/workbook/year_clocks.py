"""The clocks of the grant on *Exercices*: earned, called, titled, received; earned less titled at each 31 December."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conseiller.engine import YEARS
from conseiller.workbook.book import Live, block, ref
from conseiller.workbook.year_rows import LABEL, YEAR, YearRows


class YearClocks(YearRows):
    """Writes the clocks of the grant."""

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
            self.row, LABEL, Live(f'IF({post}="","",{post}&" – "&{code})', text), "calc", "general"
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
