"""Tables of a web page, which many programs save under the name of a workbook.

Limits: 32 MiB, four million cells.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conseiller.ledger.archive import MOST_COLUMNS
from conseiller.ledger.cells import Texts
from conseiller.ledger.faults import refusal
from conseiller.ledger.plaintext import Text
from conseiller.messages import Lang

if TYPE_CHECKING:
    from conseiller.ledger.progress import Progress
    from conseiller.ledger.sheets import Sheet

#: Largest page read [bytes].
MOST_BYTES = 32 * 1024**2
MOST_CELLS = 4_000_000
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_SPAN = 1000


def html_sheets(path: Path, text: Text, lang: Lang) -> list[Sheet]:
    """Return the tables of a page that hold no other table, in their order; merged cells give their value once.

    Raises
    ------
    InputFaults
        When the page is too large, is another kind of XML, or has no table.
    """
    from lxml import etree

    if text.size > MOST_BYTES:
        raise refusal("text_too_large", path, lang, "", limit=MOST_BYTES // 1024**2)
    encoding = text.encoding
    raw = path.read_bytes()
    stated = _CHARSET.search(raw[:2048].decode("latin-1"))
    if stated and encoding == "cp1252" and stated[1].lower() not in {"utf-8", "iso-8859-1", "windows-1252"}:
        encoding = stated[1]
    try:
        page = raw.decode(encoding)
    except (LookupError, UnicodeDecodeError):
        raise refusal("text_encoding", path, lang) from None
    if "urn:schemas-microsoft-com:office:spreadsheet" in page[:4096]:
        raise refusal("book_xml_2003", path, lang)
    # The declaration of an encoding no longer holds for a text already decoded.
    page = re.sub(r"^\s*<\?xml[^>]*\?>", "", page)
    root = etree.fromstring(page, etree.HTMLParser(no_network=True, remove_comments=True, remove_pis=True))
    tables = [] if root is None else [t for t in root.iter("table") if t.find(".//table") is None]
    if not tables:
        raise refusal("html_no_table", path, lang)
    left = MOST_CELLS
    sheets = []
    for number, table in enumerate(tables, start=1):
        rows, merged = _grid(table, path, lang)
        left -= sum(map(len, rows))
        if left < 0:
            raise refusal("book_too_many_cells", path, lang, "", cells=MOST_CELLS // 10**6)
        sheets.append(_sheet("" if len(tables) == 1 else str(number), rows, merged))
    return sheets


def _grid(table: Any, path: Path, lang: Lang) -> tuple[list[list[object]], list[tuple[int, int, int]]]:
    """Return the rows of a table, and the cells merged downwards (see `Sheet.merged`)."""
    rows: list[list[object]] = []
    merged: list[tuple[int, int, int]] = []
    below: dict[int, int] = {}  # rows still covered from above, by column
    for element in table.iter("tr"):
        cells: list[object] = []
        for cell in element.iterchildren("td", "th"):
            while below.get(len(cells), 0):
                below[len(cells)] -= 1
                cells.append("")
            across, down = _span(cell, "colspan"), _span(cell, "rowspan")
            for column in range(len(cells), len(cells) + across):
                if down > 1:
                    below[column] = down - 1
                    merged.append((len(rows) + 1, len(rows) + down, column))
            cells += ["".join(cell.itertext()), *[""] * (across - 1)]
            if len(cells) > MOST_COLUMNS:
                raise refusal("book_too_wide", path, lang, "", columns=MOST_COLUMNS)
        while below.get(len(cells), 0):
            below[len(cells)] -= 1
            cells.append("")
        rows.append(cells)
    width = max(map(len, rows), default=0)
    if width * len(rows) > MOST_CELLS:
        raise refusal("book_too_many_cells", path, lang, "", cells=MOST_CELLS // 10**6)
    return [[*row, *[""] * (width - len(row))] for row in rows], merged


def _span(cell: Any, name: str) -> int:
    stated = cell.get(name, "1").strip()
    return max(1, min(int(stated), _SPAN)) if stated.isdigit() else 1


def _sheet(name: str, rows: list[list[object]], merged: list[tuple[int, int, int]]) -> Sheet:
    from conseiller.ledger.sheets import HEAD, Sheet

    def columns(progress: Progress | None) -> list[Texts]:
        return [Texts.of(column) for column in zip(*rows, strict=True)]

    return Sheet(name, rows[:HEAD], columns, lambda: iter(rows), merged=lambda after: merged)
