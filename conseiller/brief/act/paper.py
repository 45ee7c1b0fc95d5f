"""The paper that an act is written on: paragraphs, tables and forms at the end of a Word document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conseiller import style
from conseiller.brief import office
from conseiller.brief.office import BLANK
from conseiller.messages import Lang, tr
from conseiller.text import typeset

_MARKED = re.compile(r"(\[[^\]]+\])")


def blank_paper(lang: Lang) -> Any:
    """Return an empty A4 document in the house style."""
    import docx
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin = section.bottom_margin = Mm(20)
    sizes = {"Normal": 11, "Title": 20, "Heading 1": 14, "Heading 2": 12, "Caption": 9}
    for name, size in sizes.items():
        found: Any = document.styles[name]
        font = found.font
        font.name, font.size, font.color.rgb = style.SHEET_FONT, Pt(size), RGBColor.from_string(style.INK[1:])
        fonts = found.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(attribute), None)
    for name, before, after in (
        ("Normal", 0, 6),
        ("Heading 1", 14, 4),
        ("Heading 2", 10, 2),
        ("Title", 0, 8),
    ):
        shape: Any = document.styles[name].paragraph_format
        shape.space_before, shape.space_after, shape.line_spacing = Pt(before), Pt(after), 1.1
    office.set_document_language(document, lang)
    return document


@dataclass(frozen=True)
class Paper:
    """Writes at the end of a document.

    Parameters
    ----------
    document : docx.document.Document
    lang : {"fr", "en"}
        Language of the words.
    """

    document: Any
    lang: Lang

    def paragraph(self, text: str, name: str = "Normal") -> Any:
        """Add a paragraph; words between brackets are marked."""
        paragraph = self.document.add_paragraph(style=office.ensure_style(self.document, name))
        self.runs(paragraph, text)
        if name == "List":
            from docx.shared import Mm

            paragraph.paragraph_format.left_indent, paragraph.paragraph_format.first_line_indent = (
                Mm(6),
                Mm(-6),
            )
        return paragraph

    def break_page(self) -> None:
        """Go on at the head of the next page."""
        from docx.enum.text import WD_BREAK

        self.paragraph("").add_run().add_break(WD_BREAK.PAGE)

    def runs(self, paragraph: Any, text: str, bold: bool = False) -> None:
        """Add text to a paragraph, in the language of the document."""
        from docx.enum.text import WD_COLOR_INDEX

        for part in filter(None, _MARKED.split(typeset(text))):
            run = paragraph.add_run(part)
            marked = part.startswith("[")
            if bold or marked:
                run.bold = True
            if marked:
                run.font.highlight_color = WD_COLOR_INDEX.YELLOW
            office.set_run_language(run, self.lang)

    def table(self, heads: Sequence[str]) -> Any:
        """Add a table with its header row, repeated on each page."""
        table = self.document.add_table(1, len(heads))
        table.style = office.ensure_style(self.document, "Table Grid")
        for cell, head in zip(table.rows[0].cells, heads, strict=True):
            self.runs(cell.paragraphs[0], head, bold=True)
            office.shade(cell, style.HEAD_FILL)
        office.repeat_header(table.rows[0])
        return table

    def widths(self, table: Any, columns: int) -> None:
        """Give the first column what the amounts leave of the page."""
        from docx.shared import Emu, Mm, Pt

        section = self.document.sections[-1]
        assert section.page_width is not None
        room = section.page_width - (section.left_margin or 0) - (section.right_margin or 0)
        amount = min(Mm(27), round(room * 0.75 / (columns - 1)))
        widths = [Emu(room - amount * (columns - 1))] + [Emu(amount)] * (columns - 1)
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        for row in table.rows:
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = width
                for paragraph in cell.paragraphs:
                    for run in paragraph.runs:
                        run.font.size = Pt(9 if columns > 5 else 10)

    def form(self, heads: Sequence[str], words: str) -> None:
        """Add a table to fill in by hand: heads, and one empty row."""
        table = self.table(heads)
        for cell in table.add_row().cells:
            self.runs(cell.paragraphs[0], BLANK)
        office.describe_table(table, words, words)
        self.document.add_paragraph()

    def foot(self, words: str) -> None:
        """Add words and page numbers to the footers, after what they hold."""
        from docx.shared import Pt

        holders = []
        for k, section in enumerate(self.document.sections):
            footers = [section.footer]
            if section.different_first_page_header_footer:
                footers.append(section.first_page_footer)
            if self.document.settings.odd_and_even_pages_header_footer:
                footers.append(section.even_page_footer)
            holders += [f for f in footers if k == 0 or not f.is_linked_to_previous]
        for footer in holders:
            paragraph = footer.paragraphs[0]
            if paragraph.text.strip() or paragraph._p.xpath(".//w:drawing|.//w:fldChar|.//w:fldSimple"):
                paragraph = footer.add_paragraph()
            self.runs(paragraph, f"{words} – {tr('brief.office.page', self.lang)} ")
            office.add_field(paragraph, "PAGE")
            self.runs(paragraph, " / ")
            office.add_field(paragraph, "NUMPAGES")
            for run in paragraph.runs:
                run.font.size = Pt(8)
