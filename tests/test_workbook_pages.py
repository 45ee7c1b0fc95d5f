"""What an officer reads on the pages of the workbook and of the form: controls, layout, print."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from textwrap import wrap
from typing import Any

import openpyxl
import pytest
import recalculate as lo
from builders import just
from openpyxl.utils.cell import range_boundaries
from perturb import edited, rich, written

from conseiller import analysis, style
from conseiller.dossier import load, schema
from conseiller.law import load_law, to_serial
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.workbook import write_form
from conseiller.workbook.form import AUTHORITY, CONTRACTS, CONVENTIONS

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report after the financing of `just`, of which one instalment is typed."""
    return written(dated(date(2028, 9, 1)), tmp_path_factory.mktemp("just") / "just.xlsx")


def dated(day: date) -> schema.Dossier:
    """The case of `just` on a day."""
    dossier = just()
    return dossier.model_copy(update={"period": dossier.period.model_copy(update={"report_date": day})})


def instalment_rows(path: Path) -> list[tuple[Any, ...]]:
    sheet = openpyxl.load_workbook(path, data_only=True)["Contrôles"]
    return [r[:5] for r in sheet.iter_rows(values_only=True) if str(r[0]).startswith("Les versements saisis")]


# --- the control of the instalments ----------------------------------------------------------------------


def test_instalments_that_do_not_make_the_grant_are_a_false_control(report: Path) -> None:
    first, *spare = instalment_rows(report)
    assert first[0].endswith("CN1 V2")
    # The scale V2: 17 500, 12 500 and 12 500 €.
    assert first[1:4] == (False, 17500, 42500)
    assert first[4].startswith("Complétez ou corrigez")
    assert all(row[1:4] == (True, 0, 0) for row in spare)
    values = openpyxl.load_workbook(report, data_only=True)
    assert values["Synthèse"]["A3"].value.startswith("1 contrôle faux")


@pytest.mark.parametrize("paid", [(), (17500,), (17500, 12500, 12500)])
def test_instalments_that_make_the_grant_or_lie_ahead_are_a_true_control(
    paid: tuple[float, ...], tmp_path: Path
) -> None:
    """The financing runs until 31 August 2028."""
    row = instalment_rows(written(just(paid), tmp_path / "a.xlsx"))[0]
    assert row[1] is True
    assert row[4].startswith("En cours") == (paid == (17500,))


@pytest.mark.slow
@pytest.mark.system("soffice")
def test_the_control_of_the_instalments_follows_the_date_of_the_report(tmp_path: Path) -> None:
    """The financing earns until 31 August 2028: 25 000 € left to come alarm from 1 September on."""
    base = written(dated(date(2028, 8, 31)), tmp_path / "base.xlsx")
    sheet = openpyxl.load_workbook(base)["Hypothèses"]
    place = next(
        c.coordinate for row in sheet.iter_rows(max_col=3) for c in row if c.value == datetime(2028, 8, 31)
    )
    later = edited(base, tmp_path / "later.xlsx", {("Hypothèses", place): to_serial(date(2028, 9, 1))})
    shown = [instalment_rows(path)[0] for path in lo.recalculate([base, later], tmp_path / "out")]
    assert [(row[1], row[4].startswith("En cours")) for row in shown] == [(True, True), (False, False)]


def test_the_amount_granted_is_that_of_the_controls_of_python(tmp_path: Path) -> None:
    dossier = rich()
    shown = instalment_rows(written(dossier, tmp_path / "a.xlsx"))
    found = [c for c in analysis.controls(Projection(dossier, today=TODAY)) if c.code == "instalments"]
    assert len(found) > 0
    for row, control in zip(shown, found, strict=False):
        assert row[1:4] == (control.ok, control.found, control.expected)


@pytest.mark.slow
@pytest.mark.system("soffice")
def test_the_amount_granted_recalculates_alike(report: Path, tmp_path: Path) -> None:
    sources = [report, written(rich(), tmp_path / "rich.xlsx")]
    targets = [tmp_path / "false" / s.name for s in sources]
    targets[0].parent.mkdir()
    for source, target in zip(sources, targets, strict=True):
        lo.plant_false_values(source, target)
    for source, result in zip(sources, lo.recalculate(targets, tmp_path / "out"), strict=True):
        assert lo.differences(source, result) == []


# --- pages -------------------------------------------------------------------------------------------------


def pixels(width: float) -> int:
    """Return the width of a column on screen: seven pixels a character, five beside."""
    return int(width * 7 + 5)


def test_the_summary_prints_its_charts_whole(report: Path) -> None:
    sheet = openpyxl.load_workbook(report)["Synthèse"]
    last_col = range_boundaries(sheet.print_area.split("!")[-1])[2]
    charts = [chart.anchor for chart in sheet._charts]
    assert len(charts) == 2
    assert max(a.to.col + 1 for a in charts) <= last_col
    # Excel heeds a break only where the sheet is not fitted to pages; the charts stand above it.
    assert not (sheet.sheet_properties.pageSetUpPr and sheet.sheet_properties.pageSetUpPr.fitToPage)
    (cut,) = [b.id for b in sheet.row_breaks.brk]
    assert max(a.to.row for a in charts) < cut
    shown = pixels(44) + (last_col - 1) * pixels(14.5)
    assert shown * sheet.page_setup.scale / 100 <= (297 / 25.4 - 0.8) * 96


def test_labels_of_the_authority_have_room(report: Path) -> None:
    sheet = openpyxl.load_workbook(report)["Hypothèses"]
    width = sheet.column_dimensions["B"].width
    for row in range(6, 20):
        lines = -(-len(sheet.cell(row, 2).value) // int(width))
        assert (sheet.row_dimensions[row].height or 15) >= 15 * lines


def test_the_form_prints_on_two_pages_in_width(report: Path) -> None:
    sheet = openpyxl.load_workbook(report)["Hypothèses"]
    assert sheet.print_title_cols == "$A:$B"
    # Excel heeds a break only where the sheet is not fitted to pages; both parts are no wider than the paper.
    assert not (sheet.sheet_properties.pageSetUpPr and sheet.sheet_properties.pageSetUpPr.fitToPage)
    (cut,) = [b.id for b in sheet.col_breaks.brk]
    last_col = range_boundaries(sheet.print_area.split("!")[-1])[2]
    widths = column_widths(sheet, last_col)
    for columns in (widths[:cut], widths[:2] + widths[cut:]):
        assert sum(map(pixels, columns)) * sheet.page_setup.scale / 100 <= (297 / 25.4 - 0.8) * 96


def column_widths(sheet: Any, last: int) -> list[float]:
    """Return the widths of the columns of a sheet [characters], 8.43 where none is set."""
    widths = [8.43] * last
    for held in sheet.column_dimensions.values():
        for col in range(held.min, min(held.max, last) + 1):
            widths[col - 1] = held.width
    return widths


#: A character of plain text takes at least so much of the unit of a column's width.
_CHARACTER = 0.8


@pytest.fixture(scope="module")
def wordy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report whose name and sources are long."""
    dossier = just()
    source = (
        "hypothèse : taux notifiés par la caisse et le centre de gestion, à confirmer chaque année en janvier"
    )
    authority = dossier.authority.model_copy(
        update={"name": "Communauté de communes des Hauts Plateaux et des Vallées", "source": source}
    )
    rates = tuple(r.model_copy(update={"source": source}) for r in dossier.rates)
    posts = tuple(
        p.model_copy(
            update={"conventions": tuple(c.model_copy(update={"source": source}) for c in p.conventions)}
        )
        for p in dossier.posts
    )
    long = dossier.model_copy(update={"authority": authority, "rates": rates, "posts": posts})
    return written(long, tmp_path_factory.mktemp("wordy") / "wordy.xlsx")


def test_no_text_of_the_form_is_cut(wordy: Path) -> None:
    sheet = openpyxl.load_workbook(wordy)["Hypothèses"]
    _, _, right, bottom = range_boundaries(sheet.print_area.split("!")[-1])
    (cut,) = [b.id for b in sheet.col_breaks.brk]
    widths = column_widths(sheet, right)
    spans = {area.min_row * 1000 + area.min_col: area.max_col for area in sheet.merged_cells.ranges}
    long = 0
    for row in sheet.iter_rows(min_row=6, max_row=bottom, max_col=right):
        for cell in row:
            if not isinstance(cell.value, str) or cell.data_type == "f" or not cell.alignment.wrap_text:
                continue
            last = spans.get(cell.row * 1000 + cell.column, cell.column)
            # No text goes on from one page to the next.
            assert last <= right
            assert not cell.column <= cut < last
            lines = len(cell.value) * _CHARACTER / sum(widths[cell.column - 1 : last])
            height = sheet.row_dimensions[cell.row].height or 15
            assert 12 * -(-lines // 1) <= height, (cell.coordinate, cell.value)
            long += lines > 1
    assert long >= 4  # the name and three sources


@pytest.mark.parametrize("which", ["report", "wordy"])
def test_the_reader_finds_what_the_form_spreads(which: str, request: pytest.FixtureRequest) -> None:
    path = request.getfixturevalue(which)
    read = load(path)
    sheet = openpyxl.load_workbook(path)["Hypothèses"]
    assert read.authority.name == sheet["C6"].value
    sources = {r.source for r in read.rates} | {c.source for p in read.posts for c in p.conventions}
    assert sources <= {c.value for row in sheet.iter_rows() for c in row}


@pytest.mark.parametrize(
    "name",
    ["Scénarios", "Exercices", "Maquette budgétaire", "Années de subvention", "Échéancier", "Paramètres"],
)
def test_heads_of_tables_have_room_and_air_under_them(name: str, report: Path) -> None:
    sheet = openpyxl.load_workbook(report)[name]
    last_col = range_boundaries(sheet.print_area.split("!")[-1])[2]
    widths = column_widths(sheet, last_col)
    fill = f"00{style.HEAD_FILL.removeprefix('#').upper()}"
    rows = set()
    for row in sheet.iter_rows(max_col=last_col):
        for cell in row:
            if cell.fill.fgColor.rgb[2:] != fill[2:] or not cell.font.b or cell.value is None:
                continue
            rows.add(cell.row)
            text = str(cell.value) if cell.data_type != "f" else ""
            room = widths[cell.column - 1] / _CHARACTER
            assert 12 * len(wrap(text, int(room))) <= (sheet.row_dimensions[cell.row].height or 15)
    assert rows
    for row in rows - {r - 1 for r in rows}:
        assert (sheet.row_dimensions[row + 1].height or 15) >= 20


def test_spare_rows_of_the_grid_are_kept_out_of_the_print(report: Path) -> None:
    values = openpyxl.load_workbook(report, data_only=True)["Maquette budgétaire"]
    printed = range_boundaries(values.print_area.split("!")[-1])[3]
    labels = [str(values.cell(r, 5).value or "") for r in range(1, values.max_row + 1)]
    spare = [
        n for n, label in enumerate(labels, start=1) if label == tr("workbook.maquette.loose_label", "fr")
    ]
    assert len(spare) == 8
    assert printed < min(spare)
    assert labels[printed - 1].startswith("Total")
    assert not any(
        str(v)
        for row in values.iter_rows(min_row=printed + 1, max_row=min(spare) - 2)
        for v in (c.value for c in row)
        if v is not None
    )


def test_spare_rows_of_the_calendar_show_nothing(report: Path) -> None:
    sheet = openpyxl.load_workbook(report)["Échéancier"]
    blank = [
        (str(area.sqref), rule.formula[0])
        for area, rules in sheet.conditional_formatting._cf_rules.items()
        for rule in rules
        if rule.type == "expression" and rule.dxf.numFmt.formatCode == ";;;"
    ]
    values = openpyxl.load_workbook(report, data_only=True)["Échéancier"]
    covered = set()
    for area, formula in blank:
        first_row = range_boundaries(area)[1]
        assert formula == f'$A{first_row}=""'
        covered |= set(range(first_row, range_boundaries(area)[3] + 1))
    dashes = {c.row for row in values.iter_rows(max_col=10) for c in row if c.value == "–"}
    assert {r for r in dashes if not values.cell(r, 1).value} <= covered


def test_no_label_of_the_grid_is_cut(report: Path) -> None:
    sheet = openpyxl.load_workbook(report)["Maquette budgétaire"]
    longest = max(len(str(r[4].value or "")) for r in sheet.iter_rows())
    assert sheet.column_dimensions["E"].width * 1.15 >= longest


def test_the_remedy_of_a_control_stands_off_the_figures(report: Path) -> None:
    sheet = openpyxl.load_workbook(report)["Contrôles"]
    # An indent counts only where the text stands at the left in so many words.
    assert {(c.alignment.horizontal, c.alignment.indent) for c in (sheet.cell(r, 5) for r in (4, 5, 6))} == {
        ("left", 3)
    }


# --- the blank form ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "sheet"), [("fr", "Lisez-moi"), ("en", "Read me")])
def test_the_form_explains_its_own_steps_and_codes(lang: Lang, sheet: str, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_form(tmp_path / "form.xlsx", 1, lang, TODAY))
    said = {str(c.value).strip() for row in book.worksheets[0].iter_rows() for c in row if c.value}
    together = "\n".join(said)
    for field in (f for table in (AUTHORITY, CONTRACTS, CONVENTIONS) for f in table.fields):
        if field.kind == "choice":
            assert set(field.choices) <= said
    assert "conseiller check" in together
    assert "conseiller report" in together
    assert tr("workbook.readme.purpose", lang) not in said
    assert book.worksheets[0].title == sheet


def test_the_form_offers_the_grades_that_are_known(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(write_form(tmp_path / "form.xlsx", 1, "fr", TODAY))["Hypothèses"]
    rules = [v for v in sheet.data_validations.dataValidation if v.type == "list"]
    assert f'"{",".join(load_law().grades)}"' in {v.formula1 for v in rules}
