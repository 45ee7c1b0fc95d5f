"""The sheet *Années de subvention*: grant years as the registry has them, and what each costs and earns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conseiller.engine import YEARS, Frame
from conseiller.projection import OUTSIDE, Projection
from conseiller.rules.registry import FAR, REGISTRY, Column, Given, Select
from conseiller.rules.totals import LEAVER_LINES, PAY_LINES
from conseiller.workbook.book import Book, Live, Sheet, block, ref
from conseiller.workbook.formulas import Site, law_at
from conseiller.workbook.places import Places

if TYPE_CHECKING:
    from conseiller.workbook.monthly import ModelLayout

_HEAD_ROW, _FIRST_ROW = 4, 5
#: Columns for the reader, left of those of the model.
_READER = (
    "year",
    "post",
    "begins",
    "ends",
    "amount",
    "pay",
    "other_costs",
    "cost",
    "grant",
    "other_funding",
    "net_cost",
)


@dataclass
class GrantPlaces:
    """Where *Années de subvention* has its rows (four per convention row of *Hypothèses*) and columns."""

    sheet: str
    rows: int
    columns: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, sheet: str, conventions: int) -> GrantPlaces:
        """Lay out the sheet."""
        places = cls(sheet, conventions * YEARS)
        offset = len(_READER) + 1
        for k, name in enumerate(("post", "rank", *(c.name for c in REGISTRY.columns("grant")))):
            places.columns[name] = offset + k
        return places

    @property
    def first(self) -> int:
        """First row of the table."""
        return _FIRST_ROW

    def column(self, name: str) -> str:
        """Return the range of a column of the model."""
        return block(_FIRST_ROW, _FIRST_ROW + self.rows - 1, self.columns[name], self.sheet)


class GrantSheet:
    """Writes *Années de subvention*."""

    def __init__(self, book: Book, plan: Projection, layout: ModelLayout) -> None:
        self.book = book
        self.plan = plan
        self.layout = layout
        self.inputs: Places = layout.inputs
        self.places = layout.grants
        self.sheet: Sheet = book.sheet("annees")
        self.held = [y for years in plan.grant_years for y in years]
        self.local = [k for years in plan.grant_years for k in range(len(years))]

    def write(self) -> None:
        """Write the columns of the model, the reader's table, and what falls outside any grant year."""
        sheet, tr = self.sheet, self.book.tr
        sheet.text(0, 0, tr("workbook.sheet.annees"), "title")
        sheet.text(1, 0, tr("workbook.annees.note"), "note")
        self._model_columns()
        self._reader_table()
        raw = sheet.raw
        raw.set_row(_HEAD_ROW, 42)
        raw.set_column(0, 0, 22)
        raw.set_column(1, len(_READER) - 1, 14)
        last = max(self.places.columns.values())
        raw.set_column(len(_READER) + 1, last, 11, None, {"level": 1})
        self.book.hide_spare(sheet, _FIRST_ROW, self.outside_row - 1, len(_READER) - 1)
        raw.freeze_panes(_FIRST_ROW, 1)
        self.book.page(
            sheet, repeat=(_HEAD_ROW, _HEAD_ROW), last_col=len(_READER) - 1, last_row=self.end_row + 2
        )

    # --- columns of the model ------------------------------------------------------------------------

    def _model_columns(self) -> None:
        sheet, tr = self.sheet, self.book.tr
        frame = self.plan.model.grant
        sheet.text(_HEAD_ROW - 1, len(_READER) + 1, tr("workbook.model_title"), "subtitle")
        for name in ("post", "rank"):
            sheet.text(_HEAD_ROW, self.places.columns[name], tr(f"column.{name}"), "head")
        for k in range(self.places.rows):
            self._keys(k)
        for column in REGISTRY.columns("grant"):
            col = self.places.columns[column.name]
            sheet.text(_HEAD_ROW, col, tr(f"column.grant.{column.name}"), "head")
            for k in range(self.places.rows):
                value = self._value(column, frame, k)
                sheet.live(_FIRST_ROW + k, col, Live(self._formula(column, k), value), "calc", column.unit)

    def _keys(self, k: int) -> None:
        row = _FIRST_ROW + k
        source = self.inputs.cell("conventions", k // YEARS, "poste")
        post = self.plan.posts[self.held[k].post] if k < len(self.held) else ""
        self.sheet.live(row, self.places.columns["post"], Live(source, post), "calc", "general")
        self.sheet.number(row, self.places.columns["rank"], k % YEARS + 1, "calc", "0")

    def _value(self, column: Column, frame: Frame, k: int) -> float:
        if k < len(self.held):
            return float(frame.full(column.name)[self.held[k].post, self.local[k]])
        return self._blank(column)

    def _blank(self, column: Column) -> float:
        """Return what a rule gives on a spare row."""
        if isinstance(column.lookup, Given):
            far = {"financing_start": FAR, "stop": FAR, "part_time": 1.0}
            return far.get(column.name, 0.0)
        if isinstance(column.lookup, Select):
            return 0.0
        assert column.function is not None
        reads = (self._blank(REGISTRY.get("grant", r)) for r in column.reads)
        return float(column.function(*reads))

    def _formula(self, column: Column, k: int) -> str:
        row = _FIRST_ROW + k

        def cell(name: str) -> str:
            return ref(row, self.places.columns[name])

        if not isinstance(column.lookup, Given):
            site = Site(self.layout, "grant", 0, row, cell, cell)
            return site.of(column)
        convention, rank = divmod(k, YEARS)
        active = {
            "financing_start": "debut_financement",
            "stop": "fin",
            "part_time": "temps_partiel",
        }
        if column.name in active:
            return self.inputs.cell("conventions", convention, active[column.name])
        if column.name == "offset":
            if rank == 0:
                return "0"
            above = {n: ref(row - 1, self.places.columns[n]) for n in ("offset", "months")}
            return f"{above['offset']}+{above['months']}"
        if column.name == "number":
            posts = block(_FIRST_ROW, row, self.places.columns["post"])
            post = cell("post")
            return f'IF({post}="",0,COUNTIF({posts},{post}))'
        what = "mois" if column.name == "months" else "montant"
        generation = self.inputs.cell("conventions", convention, "generation")
        custom = self.inputs.cell("conventions", convention, f"{what}_{rank + 1}")
        key = f'"generation_"&{generation}&"_{rank + 1}_{what}"'
        law = law_at(key, self.inputs.cell("conventions", convention, "debut_financement"))
        return f'IF({generation}="personnalisee",{custom},{law})'

    # --- the reader's table --------------------------------------------------------------------------

    def _reader_table(self) -> None:
        sheet, tr = self.sheet, self.book.tr
        for k, name in enumerate(_READER):
            sheet.text(_HEAD_ROW, k, tr(f"workbook.annees.{name}"), "head" if k < 2 else "headnum")
        sums = self.plan.by("post", "grant_year")
        for k in range(self.places.rows):
            self._reader_row(k, sums)
        self.outside_row = _FIRST_ROW + self.places.rows
        self.end_row = self.outside_row + 1
        self._outside_and_total(sums)

    def _reader_row(self, k: int, sums: object) -> None:
        sheet, places = self.sheet, self.places
        row = _FIRST_ROW + k
        cell = {
            name: ref(row, places.columns[name])
            for name in ("post", "rank", "number", "live_from", "live_to", "amount", "months")
        }
        held = k < len(self.held) and self._live(k) > 0
        year = self.held[k].label if held else ""
        post = self.plan.posts[self.held[k].post] if held else ""
        code = self.inputs.cell("conventions", k // YEARS, "code")
        live = f"{cell['live_from']}>0"
        sheet.live(row, 0, Live(f'IF({live},{code}&"-"&{cell["rank"]},"")', year), "calc", "general")
        sheet.live(row, 1, Live(f'IF({live},{cell["post"]},"")', post), "calc", "general")
        begins = self._number("live_from", k)
        ends = self._number("live_to", k)
        sheet.live(row, 2, Live(cell["live_from"], begins), "calc", "date")
        sheet.live(row, 3, Live(f"IF({live},{cell['live_to']}-1,0)", ends - 1 if held else 0), "calc", "date")
        amount = self._number("amount", k)
        sheet.live(row, 4, Live(f"IF({live},{cell['amount']},0)", amount if held else 0), "calc", "euros")
        figures = (
            self._figures(sums, post, year)
            if held
            else dict.fromkeys(("pay", "other_costs", "grant", "other_funding"), 0.0)
        )
        for name, formula in self._formulas(cell).items():
            sheet.live(row, _READER.index(name), Live(formula, figures[name]), "calc", "euros")
        self._sum_columns(row, figures)

    def _live(self, k: int) -> float:
        return self._number("live_from", k)

    def _number(self, name: str, k: int) -> float:
        return self._value(REGISTRY.get("grant", name), self.plan.model.grant, k)

    @staticmethod
    def _figures(sums: object, post: str, year: str) -> dict[str, float]:
        names = ("pay", "other_costs", "grant", "other_funding")
        frame = sums
        if (post, year) in frame.index:  # type: ignore[attr-defined]
            found = frame.loc[(post, year)]  # type: ignore[attr-defined]
            return {n: float(found[n]) for n in names}
        return dict.fromkeys(names, 0.0)

    def _formulas(self, cell: dict[str, str]) -> dict[str, str]:
        month = self.layout.month
        post = f"({month.column('post')}={cell['post']})"

        def split(amounts: str, whole: str, prefix: str) -> str:
            first, second = (month.column(f"{prefix}_{n}") for n in (1, 2))
            cumulative = f"ROUND({amounts}*({first}+{second})/{whole},2)"
            alone = f"ROUND({amounts}*{first}/{whole},2)"
            mine = [f"{post}*({month.column(f'segment_{n}')}={cell['number']})" for n in (1, 2)]
            return f"SUMPRODUCT({mine[0]}*{alone})+SUMPRODUCT({mine[1]}*({cumulative}-{alone}))"

        guarded = f"({month.column('thirtieths')}+({month.column('thirtieths')}=0))"
        pay = split(month.span(PAY_LINES[0], PAY_LINES[-1]), guarded, "occupied")
        leavers = "+".join(split(month.column(line), "30", "calendar") for line in LEAVER_LINES)
        sizes = self.layout.sizes
        costs = month.span("cost_running#0", f"cost_running#{sizes['cost'] - 1}")
        funds = month.span("funding_running#0", f"funding_running#{sizes['funding'] - 1}")
        posts, number = month.column("post"), cell["number"]
        earned = "+".join(
            f"SUMIFS({month.column(f'earned_{n}')},{posts},{cell['post']},{month.column(f'segment_{n}')},{number})"
            for n in (1, 2)
        )
        wrap = f"IF({cell['live_from']}>0,{{}},0)"
        return {
            "pay": wrap.format(f"ROUND({pay}+{leavers},2)"),
            "other_costs": wrap.format(f"ROUND({split(costs, '30', 'calendar')},2)"),
            "grant": wrap.format(f"ROUND({earned},2)"),
            "other_funding": wrap.format(f"ROUND({split(funds, '30', 'calendar')},2)"),
        }

    def _sum_columns(self, row: int, figures: dict[str, float], look: str = "calc") -> None:
        at = {name: ref(row, k) for k, name in enumerate(_READER)}
        cost = round(figures["pay"] + figures["other_costs"], 2)
        net = round(cost - figures["grant"] - figures["other_funding"], 2)
        cells = {
            "cost": Live(f"ROUND({at['pay']}+{at['other_costs']},2)", cost),
            "net_cost": Live(f"ROUND({at['cost']}-{at['grant']}-{at['other_funding']},2)", net),
        }
        for name, live in cells.items():
            self.sheet.live(row, _READER.index(name), live, look, "euros")  # type: ignore[arg-type]

    def _outside_and_total(self, sums: object) -> None:
        """Write what falls in no grant year (all posts), and the total, from the monthly sheet."""
        sheet, tr, month = self.sheet, self.book.tr, self.layout.month
        total = self.plan.by("post").sum()
        sources = {
            "pay": ("personnel", *LEAVER_LINES),
            "other_costs": ("autres_couts",),
            "grant": ("subvention_etat",),
            "other_funding": ("autres_financements",),
        }
        outside: dict[str, float] = {}
        for name, columns in sources.items():
            col = _READER.index(name)
            inside = block(_FIRST_ROW, _FIRST_ROW + self.places.rows - 1, col)
            whole = "+".join(f"SUM({month.column(c)})" for c in columns)
            value = float(round(total[name], 2))
            sheet.live(self.end_row, col, Live(f"ROUND({whole},2)", value), "total", "euros")
            years = [k for k in sums.index if k[1] != OUTSIDE]  # type: ignore[attr-defined]
            shown = sum(self._figures(sums, p, y)[name] for p, y in years)
            outside[name] = round(value - shown, 2)
            formula = f"ROUND({ref(self.end_row, col)}-SUM({inside}),2)"
            sheet.live(self.outside_row, col, Live(formula, outside[name]), "calc", "euros")
        sheet.text(self.outside_row, 0, tr("workbook.annees.outside"), "text")
        sheet.text(self.end_row, 0, tr("workbook.total"), "total")
        for col in range(1, 5):
            sheet.text(self.end_row, col, "", "total")
        self._sum_columns(self.outside_row, outside)
        self._sum_columns(self.end_row, {n: float(total[n]) for n in sources}, "total")
