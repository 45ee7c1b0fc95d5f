"""Reads text files of columns parted by a sign, through the reader of Arrow, in one pass.

Rows that have not the width of the others are not dropped: short ones are filled up with empty cells, and long ones are
cut where what is beyond is empty, else the file is refused.

Limits: 100 million cells, which take 1.5 GiB of memory beside the texts themselves.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conseiller.ledger.cells import Texts
from conseiller.ledger.faults import refusal
from conseiller.ledger.plaintext import Text
from conseiller.messages import Lang

if TYPE_CHECKING:
    from conseiller.ledger.progress import Progress

#: Bytes read at a time; a row is not longer.
_BLOCK = 8 * 1024**2
#: Cells of one file.
MOST_CELLS = 100_000_000


def columns(
    path: Path, text: Text, sign: str, width: int, progress: Progress | None, lang: Lang
) -> list[Texts]:
    """Return the columns of a file, every row from the first.

    Raises
    ------
    InputFaults
        When a row has cells beyond the width, a quotation mark is opened and not closed, or cells are too many.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow

    odd: list[tuple[int, str]] = []

    def set_apart(row: Any) -> str:
        odd.append((row.number - 1, row.text))
        return "skip"

    names = [str(n) for n in range(width)]
    batches = []
    count = 0
    try:
        reader = arrow.open_csv(
            path,
            arrow.ReadOptions(
                use_threads=False, block_size=_BLOCK, column_names=names, encoding=_codec(text.encoding)
            ),
            arrow.ParseOptions(
                delimiter=sign,
                quote_char='"' if text.quoted else False,
                newlines_in_values=text.quoted,
                ignore_empty_lines=False,
                invalid_row_handler=set_apart,
            ),
            arrow.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
        )
        for batch in reader:
            batches.append(batch)
            count += len(batch)
            if (count + len(odd)) * width > MOST_CELLS:
                raise refusal("book_too_many_cells", path, lang, "", cells=MOST_CELLS // 10**6)
            if progress is not None:
                progress.rows(count)
    except (pa.ArrowInvalid, UnicodeDecodeError):
        raise refusal("text_quote", path, lang, "", row=count + len(odd) + 1) from None
    table = pa.Table.from_batches(batches, pa.schema([(name, pa.string()) for name in names]))
    if odd:
        table = _put_back(table, odd, sign, text, path, lang)
    made = [Texts.of(column) for column in table.columns]
    if text.quoted:
        _refuse_swallowed(made, sign, path, lang)
    return made


def _codec(encoding: str) -> str:
    return "utf8" if encoding.startswith("utf-8") else encoding


def _put_back(table: Any, odd: list[tuple[int, str]], sign: str, text: Text, path: Path, lang: Lang) -> Any:
    """Return the table with the rows set apart for their width, each in its place."""
    import numpy as np
    import pyarrow as pa

    width = table.num_columns
    rows = []
    quoting: Any = csv.QUOTE_MINIMAL if text.quoted else csv.QUOTE_NONE
    for number, line in odd:
        try:
            cells = next(csv.reader([line.rstrip("\r\n")], delimiter=sign, strict=True, quoting=quoting), [])
        except csv.Error:
            raise refusal("text_quote", path, lang, "", row=number + 1) from None
        if any(cell.strip() for cell in cells[width:]):
            raise refusal("text_ragged", path, lang, "", row=number + 1, cells=len(cells), width=width)
        rows.append([*cells[:width], *[""] * (width - len(cells))])
    at = np.array([number for number, _ in odd])
    order = np.empty(len(table) + len(rows), np.int64)
    usual = np.ones(len(order), bool)
    usual[at] = False
    order[usual] = np.arange(len(table))
    order[at] = len(table) + np.arange(len(rows))
    columns = [pa.array(cells, pa.string()) for cells in zip(*rows, strict=True)]
    return pa.concat_tables([table, pa.table(columns, table.schema)]).combine_chunks().take(pa.array(order))


def _refuse_swallowed(made: list[Texts], sign: str, path: Path, lang: Lang) -> None:
    """Refuse a cell that holds whole rows: a quotation mark was opened and not closed."""
    import numpy as np

    for column in made:
        for row in np.flatnonzero(column.matching("\n")).tolist():
            if column[row].count(sign) >= len(made) - 1 > 0:
                raise refusal("text_quote", path, lang, "", row=row + 1)
