"""The annex without individual pay: the tables of the pack to the cent, and the chapters, as values.

The whole workbook of a plan shows the index, the bonus and the monthly pay of each post. This one holds
what note, act and slides print, no more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from conseiller import style
from conseiller.brief.act.records import SECTIONS
from conseiller.brief.facts import Figure, PackFacts, Table
from conseiller.files import replacing
from conseiller.messages import tr
from conseiller.projection import Projection
from conseiller.text import typeset

_MEASURES = ("cost", "grant", "other_funding", "net_cost")

_FORMATS = {"share": "0.0%"}
#: Widths of the columns of labels, of words and of amounts [characters]; height of a line [points].
_PAGE, _LABEL, _SECTION, _AMOUNT = 110, 52, 28, 20
_LINE = 15.5


def write_annex(pack: PackFacts, plan: Projection, path: str | Path) -> Path:
    """Write the annex without individual pay; the previous file stays whole if anything fails.

    Parameters
    ----------
    pack : PackFacts
        What it prints; its amounts are given to the cent, its bands of pay as they are.
    plan : Projection
        Where the amounts by chapter come from, all posts together.
    path : str or Path

    Returns
    -------
    Path

    Raises
    ------
    conseiller.files.FileInUseError
        When the target is open in another program.
    """
    import xlsxwriter

    target = Path(path)
    with replacing(target) as temporary:
        book = xlsxwriter.Workbook(str(temporary), {"strings_to_formulas": False, "strings_to_urls": False})
        day = pack.report_date
        moment = datetime(day.year, day.month, day.day)
        book.set_properties({"title": pack.title, "author": "conseiller", "created": moment})
        _Writer(book, pack, plan).write()
        book.close()
    return target


class _Writer:
    """Writes the sheets of an annex."""

    def __init__(self, book: Any, pack: PackFacts, plan: Projection) -> None:
        self.book, self.pack, self.plan = book, pack, plan
        base = {"font_name": style.SHEET_FONT, "font_size": 11, "valign": "top"}
        self.bold = book.add_format(base | {"bold": True})
        self.words = book.add_format(base | {"text_wrap": True})
        self.head = book.add_format(base | {"bold": True, "text_wrap": True, "bg_color": style.HEAD_FILL})
        self.heads = book.add_format(
            base | {"bold": True, "text_wrap": True, "bg_color": style.HEAD_FILL, "align": "right"}
        )
        self.right = book.add_format(base | {"text_wrap": True, "align": "right"})
        self.amounts = {
            (unit, strong): book.add_format(base | {"num_format": shown, "bold": strong, "align": "right"})
            for unit, shown in {"EUR": tr("brief.annex.number_format", pack.lang), **_FORMATS}.items()
            for strong in (False, True)
        }

    def tr(self, key: str, **values: object) -> str:
        """Return a text of this room."""
        return tr(f"brief.annex.{key}", self.pack.lang, **values)

    def write(self) -> None:
        """Write every sheet."""
        self.read_me()
        for table in self.pack.tables:
            self.table(table)
        self.chapters()
        self.suppositions()

    def sheet(self, key: str, columns: int) -> Any:
        """Add a sheet, set to print on the width of a page."""
        sheet = self.book.add_worksheet(self.tr(f"sheet.{key}"))
        sheet.set_column(0, 0, _LABEL if columns else _PAGE, self.words)
        if columns:
            sheet.set_column(1, columns, _AMOUNT)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)
        return sheet

    def lines(self, sheet: Any, lines: Sequence[str], row: int = 0) -> int:
        """Write lines of text, the first one in bold; return the next row."""
        for k, text in enumerate(lines):
            sheet.write_string(row + k, 0, typeset(text), self.words if k else self.bold)
            if k:
                sheet.set_row(row + k, _height(text, _PAGE))
        return row + len(lines)

    def read_me(self) -> None:
        """Write what the annex is, and what it leaves out."""
        pack = self.pack
        told = [pack.title, pack.authority, self.tr("discreet"), self.tr("whole")]
        if len(pack.posts) == 1:
            told.append(self.tr("one_post"))
        self.lines(self.sheet("read_me", 0), [*told, pack.stamp.text(pack.lang)])

    def table(self, table: Table) -> None:
        """Write a table of the facts, to the cent."""
        sheet = self.sheet(table.key, len(table.columns))
        row = self.lines(sheet, [table.title])
        self.headings(sheet, row, [table.head, *table.columns])
        for k, line in enumerate(table.rows, start=row + 1):
            strong = line.kind != "line"
            sheet.write_string(k, 0, typeset(line.label), self.bold if strong else self.words)
            words = [str(f.value) for f in line.figures if f is not None and f.unit == "text"]
            heights = [_height(line.label, _LABEL), *(_height(w, _AMOUNT) for w in words)]
            sheet.set_row(k, max(heights))
            for column, figure in enumerate(line.figures, start=1):
                if figure is not None:
                    self.figure(sheet, k, column, figure, strong)
        if table.note:
            last = row + len(table.rows) + 2
            sheet.merge_range(last, 0, last, len(table.columns), typeset(table.note), self.words)
            sheet.set_row(last, _height(table.note, _LABEL + _AMOUNT * len(table.columns)))

    def headings(self, sheet: Any, row: int, heads: Sequence[str]) -> None:
        """Write the headings of a table, kept in sight."""
        for column, head in enumerate(heads):
            sheet.write_string(row, column, typeset(head), self.heads if column else self.head)
        sheet.set_row(row, max(_height(head, _AMOUNT) for head in heads))
        sheet.freeze_panes(row + 1, 1)
        sheet.repeat_rows(row)

    def figure(self, sheet: Any, row: int, column: int, figure: Figure, strong: bool) -> None:
        """Write a figure: an amount as a number, anything else in words."""
        value = figure.value if figure.exact is None else figure.exact
        if isinstance(value, (int, float)) and figure.unit in {"EUR", "EUR/inhabitant", "share"}:
            unit = "share" if figure.unit == "share" else "EUR"
            sheet.write_number(row, column, value, self.amounts[unit, strong])
        else:
            text = figure.text(self.pack.lang)
            sheet.write_string(row, column, typeset(text), self.right)

    def chapters(self) -> None:
        """Write spending and funding by section, chapter and exercice, all posts together."""
        sheet = self.sheet("chapters", 2 + len(_MEASURES))
        sheet.set_column(1, 1, _SECTION)
        row = self.lines(sheet, [self.tr("chapters")])
        heads = [self.tr(f"chapter.{k}") for k in ("label", "section", "exercice", *_MEASURES)]
        self.headings(sheet, row, heads)
        for k, (label, section, year, amounts) in enumerate(self.by_chapter(), start=row + 1):
            sheet.write_string(k, 0, label, self.words)
            sheet.write_string(k, 1, section, self.words)
            sheet.write_number(k, 2, year)
            for column, amount in enumerate(amounts, start=3):
                sheet.write_number(k, column, amount, self.amounts["EUR", False])

    def by_chapter(self) -> Iterator[tuple[str, str, int, list[float]]]:
        """Return label, section, exercice and amounts of each chapter in use."""
        lang, labels = self.pack.lang, self.plan.law.chapter_labels
        for section in SECTIONS:
            found = self.plan.by("chapter", "exercice", section=section)
            shown = tr(f"brief.office.act.heading.{section}", lang)
            rows: dict[Any, Any] = found.to_dict("index")
            for (chapter, year), row in rows.items():
                amounts = [round(float(row[m]), 2) for m in _MEASURES]
                if any(amounts):
                    words = labels.get(chapter, {}).get(lang) or "—"
                    label = tr("brief.office.chapter", lang, chapter=chapter or "—", label=words)
                    yield typeset(label), typeset(shown), int(year), amounts

    def suppositions(self) -> None:
        """Write what is not known, risks, hypotheses and sources."""
        pack = self.pack
        sheet, row = self.sheet("suppositions", 0), 0
        unknown = [
            self.tr("unknown", subject=u.subject, words=u.words, origin=u.origin) for u in pack.unknown
        ]
        parts = {
            "unknown": unknown,
            "risks": pack.risks or (tr("brief.note.no_risk", pack.lang),),
            "hypotheses": pack.hypotheses,
            "sources": pack.sources,
        }
        for key, texts in parts.items():
            row = self.lines(sheet, [tr(f"brief.note.{key}", pack.lang), *texts], row) + 1


def _height(text: str, width: int) -> float:
    """Return the height of a row that holds a text on several lines [points]."""
    return _LINE * max(math.ceil(len(text) * 1.1 / width), 1)
