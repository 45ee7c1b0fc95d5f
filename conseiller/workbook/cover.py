"""The first two sheets: *Lisez-moi* (how to use the file, the switches) and *Synthèse* (the answer)."""

from __future__ import annotations

from typing import Any

from conseiller import style
from conseiller.analysis.notices import notices
from conseiller.law import to_serial
from conseiller.projection import Projection
from conseiller.scenario_display import variant_name
from conseiller.text import date_long
from conseiller.workbook.book import Book, Live, Sheet, lines_of, ref
from conseiller.workbook.form import SWITCHES
from conseiller.workbook.input_rows import Facts
from conseiller.workbook.yearly import YearSheet

#: Widths of the columns of *Lisez-moi* after the first, and of what is said of a sheet [characters].
_FIRST_WIDTH, _OTHER_WIDTH = 16, 26
_ABOUT_WIDTH = _FIRST_WIDTH + 3 * _OTHER_WIDTH
#: Widths of the columns of *Synthèse* [characters], their widths on screen and that of the two charts [pixels].
_LABEL_WIDTH, _YEAR_WIDTH = 44, 14.5
_LABEL_PIXELS, _YEAR_PIXELS = 313, 107
_CHART_WIDTH, _CHART_STEP, _CHART_HEIGHT = 545, 560, 350
_CHART_COLUMNS = -(-(_CHART_STEP + _CHART_WIDTH + 10 - _LABEL_PIXELS) // _YEAR_PIXELS)

_CONVENTIONS = ("thirtieths", "splits", "clocks", "sections", "vacancy", "ceiling")


class ReadMe:
    """Writes *Lisez-moi*: purpose, switches, colours, sheets, conventions."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.sheet: Sheet = book.sheet("lisezmoi")

    def write(self, facts: Facts, title: str, sheets: tuple[str, ...], stamp: str) -> None:
        """Write the sheet; the values of next January are inputs named ``commutateur_…``."""
        sheet, tr, book = self.sheet, self.book.tr, self.book
        row = self._head(facts, title, stamp, tr("workbook.readme.purpose"))
        row = self._switches(row, facts)
        row = self._colours(row + 1)
        sheet.text(row, 0, tr("workbook.readme.sheets"), "subtitle")
        for key in sheets:
            row += 1
            name = tr(f"workbook.sheet.{key}")
            sheet.raw.write_url(row, 0, f"internal:'{name}'!A1", book.format("text"), name)
            about = tr(f"workbook.about.{key}")
            sheet.raw.merge_range(row, 1, row, 4, about, book.format("label"))
            sheet.raw.set_row(row, 16 * lines_of(about, _ABOUT_WIDTH))
        row += 2
        sheet.text(row, 0, tr("workbook.readme.conventions"), "subtitle")
        for key in _CONVENTIONS:
            row += 1
            sheet.raw.merge_range(row, 0, row, 4, tr(f"workbook.convention.{key}"), book.format("label"))
            sheet.raw.set_row(row, 30)
        self._finish(row)

    def _head(self, facts: Facts, title: str, stamp: str, purpose: str) -> int:
        """Write what the file is, its stamp and its day; return the next row."""
        sheet, book = self.sheet, self.book
        sheet.text(0, 0, title, "title")
        sheet.raw.merge_range(1, 0, 1, 4, purpose, book.format("label"))
        sheet.raw.set_row(1, 32)
        sheet.text(2, 0, stamp, "note")
        sheet.text(3, 0, book.tr("workbook.readme.made_on"))
        sheet.number(3, 1, to_serial(facts.report_date), "calc", "dd/mm/yyyy")
        book.name("jour_etabli", ref(3, 1, sheet.name))
        return 5

    def _finish(self, last: int) -> None:
        raw = self.sheet.raw
        raw.set_column(0, 0, 46)
        raw.set_column(1, 1, _FIRST_WIDTH)
        raw.set_column(2, 4, _OTHER_WIDTH)
        self.book.page(self.sheet, repeat=None, last_col=4, last_row=last)

    def _switches(self, row: int, facts: Facts) -> int:
        sheet, tr, book = self.sheet, self.book.tr, self.book
        sheet.text(row, 0, tr("workbook.readme.switches"), "subtitle")
        sheet.raw.merge_range(
            row + 1, 0, row + 1, 4, tr("workbook.readme.switches_note"), book.format("label")
        )
        sheet.raw.set_row(row + 1, 30)
        row += 2
        sheet.text(row, 0, tr("workbook.readme.switch_day"))
        sheet.number(row, 1, to_serial(facts.switch_day), "calc", "dd/mm/yyyy")
        book.name("jour_commutateurs", ref(row, 1, sheet.name))
        sheet.text(row, 2, tr("form.source"), "headcell")
        for parameter in SWITCHES:
            row += 1
            value, source = facts.switches.get(parameter, (None, ""))
            sheet.text(row, 0, tr(f"workbook.switch.{parameter}"))
            sheet.entry(row, 1, value, "General")
            sheet.entry(row, 2, source or None, "general", "words")
            low, high = {"im_minimum": (200, 1000), "point_indice_annuel": (40, 200)}.get(
                parameter, (500, 20000)
            )
            rule = {
                "validate": "decimal",
                "criteria": "between",
                "minimum": low,
                "maximum": high,
                "input_title": tr(f"workbook.switch.{parameter}")[:32],
                "input_message": tr("workbook.readme.switch_prompt"),
                "error_title": tr("form.stop.title"),
                "error_message": tr("form.stop.number", low=low, high=high, words=""),
            }
            sheet.raw.data_validation(row, 1, row, 1, rule)
            book.name(f"commutateur_{parameter}", ref(row, 1, sheet.name))
            book.name(f"source_{parameter}", ref(row, 2, sheet.name))
        return row + 1

    def _colours(self, row: int) -> int:
        sheet, tr, book = self.sheet, self.book.tr, self.book
        sheet.text(row, 0, tr("workbook.readme.colours"), "subtitle")
        sheet.raw.write_string(
            row + 1,
            0,
            tr("workbook.readme.input"),
            book.raw.add_format(
                {
                    "font_color": style.INPUT,
                    "bg_color": style.INPUT_FILL,
                    "border": 1,
                    "border_color": style.RULE,
                    "font_size": 10,
                }
            ),
        )
        sheet.text(row + 2, 0, tr("workbook.readme.calc"))
        return row + 4


class Summary:
    """Writes *Synthèse*: the table by exercice, the checks, what must be said, and two charts."""

    def __init__(self, book: Book, plan: Projection) -> None:
        self.book = book
        self.plan = plan
        self.sheet: Sheet = book.sheet("synthese")

    def write(self, years: YearSheet, false_checks: int, scenarios: bool = False) -> None:
        """Write the sheet from the cells of *Exercices*, headed by the scenario in force where there are some."""
        sheet, tr = self.sheet, self.book.tr
        plan, lang = self.plan, self.book.lang
        sheet.text(0, 0, plan.dossier.authority.name, "title")
        sheet.text(1, 0, tr("workbook.synthese.subtitle", date=date_long(plan.report_date, lang)), "note")
        ok = tr("workbook.synthese.checks_ok")
        bad = tr("workbook.synthese.checks_bad")
        one = tr("workbook.synthese.check_bad")
        text = {0: ok, 1: one}.get(false_checks, f"{false_checks} {bad}")
        formula = f'IF(controles_faux=0,"{ok}",IF(controles_faux=1,"{one}",controles_faux&" {bad}"))'
        sheet.live(2, 0, Live(formula, text), "total", "general")
        if scenarios:
            base = variant_name("", lang)
            said = tr("workbook.synthese.scenario")
            sheet.live(3, 0, Live(f'"{said} "&scenario_actif', f"{said} {base}"), "total", "general")
        self._table(years)
        self._charts(years, 17)
        row = notes = 36
        sheet.text(row, 0, tr("workbook.synthese.notices"), "subtitle")
        for sentence in notices(plan, lang):
            row += 1
            sheet.raw.merge_range(row, 0, row, self.last_col, sentence, self.book.format("label"))
            sheet.raw.set_row(row, 15 * (1 + len(sentence) // (30 + 12 * self.last_col)))
        alarm = self.book.raw.add_format({"bg_color": style.BAD_FILL, "bold": True})
        fine = self.book.raw.add_format({"bg_color": style.GOOD_FILL, "bold": True})
        for criteria, look in (("==", fine), ("!=", alarm)):
            rule = {"type": "cell", "criteria": criteria, "value": f'"{ok}"', "format": look}
            sheet.raw.conditional_format(2, 0, 2, 0, rule)
        sheet.raw.set_column(0, 0, _LABEL_WIDTH)
        sheet.raw.set_column(1, self.last_col, _YEAR_WIDTH)
        sheet.raw.set_first_sheet()
        self.book.page(sheet, repeat=None, last_col=self.last_col, last_row=row, breaks=(notes,))

    def _table(self, years: YearSheet) -> None:
        sheet, tr, name = self.sheet, self.book.tr, years.sheet.name
        count = len(years.years)
        self.last_col = max(count + 1, _CHART_COLUMNS)
        self.head = 4
        sheet.text(self.head, 0, tr("workbook.synthese.table"), "head")
        for k, year in enumerate(years.years):
            sheet.live(self.head, 1 + k, Live(ref(3, 5 + k, name), year), "headnum", "0")
        sheet.text(self.head, 1 + count, tr("workbook.total"), "headnum")
        self.at: dict[str, int] = {}
        keys: tuple[str, ...] = (
            "personnel",
            "autres",
            "cost",
            "grant",
            "other_funding",
            "net_cost",
            "coverage",
        )
        keys += ("investment", "investment_funding", "investment_fctva", "investment_net")
        row = self.head
        for key in keys:
            row += 1
            look: Any = "total" if key in ("cost", "net_cost", "investment_net") else "calc"
            sheet.text(row, 0, tr(f"workbook.exercices.{key}"), look if look == "total" else "text")
            fmt = "percent" if key == "coverage" else "euros"
            for k in range(count + 1):
                cell = Live(ref(years.at[key], 5 + k, name), years.values[key][k])
                sheet.live(row, 1 + k, cell, look, fmt)
            self.at[key] = row

    def _charts(self, years: YearSheet, row: int) -> None:
        """Add two native charts drawn from the table above, each with its text alternative."""
        sheet, tr, book = self.sheet, self.book.tr, self.book
        count = len(years.years)
        names = (("grant", style.BLUE), ("other_funding", "#CFE6F5"), ("net_cost", "#E89A60"))
        chart = book.raw.add_chart({"type": "column", "subtype": "stacked"})
        for key, colour in names:
            chart.add_series(
                {
                    "name": [sheet.name, self.at[key], 0],
                    "categories": [sheet.name, self.head, 1, self.head, count],
                    "values": [sheet.name, self.at[key], 1, self.at[key], count],
                    "fill": {"color": colour},
                    "border": {"color": style.GREY},
                    "gap": 60,
                }
            )
        line = book.raw.add_chart({"type": "column"})
        line.add_series(
            {
                "name": [sheet.name, self.at["net_cost"], 0],
                "categories": [sheet.name, self.head, 1, self.head, count],
                "values": [sheet.name, self.at["net_cost"], 1, self.at["net_cost"], count],
                "fill": {"color": "#E89A60"},
                "border": {"color": style.VERMILLION},
                "data_labels": {"value": True, "num_format": '#,##0\\ "€"', "font": {"size": 8}},
                "gap": 60,
            }
        )
        for k, (drawn, key) in enumerate(((chart, "funding"), (line, "net"))):
            drawn.set_title(
                {"name": tr(f"workbook.chart.{key}"), "name_font": {"size": 11}, "overlay": False}
            )
            drawn.set_legend({"position": "bottom"} if k == 0 else {"none": True})
            drawn.set_y_axis(
                {
                    "num_format": '#,##0\\ "€"',
                    "major_gridlines": {"visible": True, "line": {"color": style.GRID}},
                }
            )
            drawn.set_size({"width": _CHART_WIDTH, "height": _CHART_HEIGHT})
            values = [years.values["cost" if k == 0 else "net_cost"][i] for i in range(count)]
            alt = tr(
                f"workbook.chart.{key}_alt",
                first=years.years[0],
                last=years.years[-1],
                low=book.money(min(values)),
                high=book.money(max(values)),
            )
            sheet.raw.insert_chart(
                row, 0, drawn, {"description": alt, "x_offset": 5 + _CHART_STEP * k, "y_offset": 5}
            )
