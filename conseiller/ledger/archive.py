"""Looks into a workbook before it is opened, so that one made to fill the memory is refused while it is small.

A workbook is a zip of XML. The program that reads it lays the cells out as a rectangle, from the first to the last one,
and repeats each shared text in every cell that names it: a few bytes can ask for more than any machine has. Every part
that is read is therefore inflated here once, block by block, and measured; what a part claims is not believed.

Limits: 1 GiB of XML in all, 30 million cells of rectangle in a sheet, 702 columns, 1 GiB of repeated text. A workbook
within them takes 2.5 GiB of memory at the very most; one of 500 000 rows × 12 columns takes about 0.6 GiB.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from conseiller.errors import InputFaults
from conseiller.ledger.cells import Epoch
from conseiller.ledger.faults import refusal
from conseiller.messages import Lang

if TYPE_CHECKING:
    from conseiller.ledger.progress import Progress

#: Bytes of XML read from one workbook, inflated.
MOST_BYTES = 1024**3
#: Cells of the rectangle of one sheet: 26 columns of a million rows fit.
MOST_CELLS = 30_000_000
#: Columns of a sheet, A to ZZ.
MOST_COLUMNS = 702
#: Bytes of shared texts once each is repeated in its cells.
MOST_TEXT = 1024**3
#: Bytes of a sheet between two tags; a cell holds 32 767 signs.
LONGEST_TEXT = 16 * 1024**2
_MEMBERS = 5000
_BLOCK = 1 << 20
_ROWS = 1_048_576

#: A cell or a row written otherwise than every known program does for columns A to Z and rows to 999 999: a reference
#: further away, none, or one that does not come first. Such a sheet is looked at cell by cell.
#: (A pattern of RE2, which goes through a sheet in half the time that `re` takes; it has no "anything but".)
_NUMBER_ELSE = r'(?:[^0-9]|[0-9]{1,5}[^0-9"]|[0-9]{6}[^"])'
_OTHERS = (
    rf'<(?:c|row)[\t\n\r\f\v/>]|<c (?:[^r]|r[^=]|r=[^"]|r="(?:[^A-Z]|[A-Z]{_NUMBER_ELSE}))'
    rf'|<row (?:[^r]|r[^=]|r=[^"]|r="{_NUMBER_ELSE})|:(?:c|row)[\s/>]'
)
_ELEMENT = re.compile(rb"<(?:[\w.-]+:)?(row|c)(?=[\s/>])((?:[^>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>")
_PLACE = re.compile(rb"\br\s*=\s*[\"']\s*([A-Za-z]{0,8})(\d{1,12})")
_NUMBER = re.compile(rb">\s*(\d{1,9})\s*</")
_REPEATED = re.compile(
    rb"<(?:\w+:)?(table-row|table-cell|covered-table-cell|table)\b([^>]*?)(/?)>|<(/)(?:\w+:)?(table-row|table-cell|table)>"
)
_MERGED = re.compile(rb"mergeCell\s[^>]*?\bref\s*=\s*[\"']\$?[A-Za-z]+\$?(\d{1,7}):\$?[A-Za-z]+\$?(\d{1,7})")
_FROM_1904 = re.compile(rb"date1904\s*=\s*[\"'](?:1|true)")
_TIMES = re.compile(rb"number-(?:rows|columns)-repeated\s*=\s*[\"'](\d+)[\"']")


@dataclass(frozen=True)
class Archive:
    """What a workbook is.

    Parameters
    ----------
    kind : {"xlsx", "ods", "xls"}
    epoch : {1900, 1904}
        What its serial numbers count from.
    merged_to : int
        Last row, of any sheet, of which a cell is merged with one above; 0 if none is.
    """

    kind: Literal["xlsx", "ods", "xls"]
    epoch: Epoch
    merged_to: int = 0


class _RefusedError(Exception):
    """A limit is passed, or the file is damaged; the code of the fault."""


def look_into(path: Path, lang: Lang, progress: Progress | None = None) -> Archive:
    """Check a zipped workbook and tell what it is; rows met are told to `progress`.

    Raises
    ------
    InputFaults
        When it is damaged, no workbook, protected, too large once inflated, or too wide.
    """
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            return _checked(archive, file, progress)
    except _RefusedError as refused:
        raise _said(refused.args[0], path, lang) from None
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError):
        raise refusal("book_damaged", path, lang) from None


def _said(code: str, path: Path, lang: Lang) -> InputFaults:
    limits = {"bytes": MOST_BYTES // 1024**3, "columns": MOST_COLUMNS, "cells": MOST_CELLS // 10**6}
    return refusal(code, path, lang, "", **limits)


def _checked(archive: zipfile.ZipFile, file: BinaryIO, progress: Progress | None) -> Archive:
    members = {m.filename: m for m in archive.infolist()}
    if len(members) > _MEMBERS:
        raise _RefusedError("book_too_large")
    kind: Literal["xlsx", "ods"]
    if "xl/workbook.xml" in members:
        kind = "xlsx"
    elif "content.xml" in members and "mimetype" in members:
        kind = "ods"
    else:
        raise _RefusedError("book_binary" if "xl/workbook.bin" in members else "book_other_zip")
    parts = list(members.values())
    if any(m.flag_bits & 1 for m in parts):
        raise _RefusedError("book_password")
    if sum(m.file_size for m in parts) > MOST_BYTES:
        raise _RefusedError("book_too_large")
    budget = MOST_BYTES
    epoch: Epoch = 1900
    texts: list[int] = []
    if kind == "xlsx":
        for member in parts:
            if member.filename.lower() == "xl/sharedstrings.xml":
                texts = _lengths(file, member)
            elif member.filename == "xl/workbook.xml" and any(
                map(_FROM_1904.search, _inflated(file, member))
            ):
                epoch = 1904
    merged_to = 0
    for member in parts:
        # Any part may serve as a sheet, whatever its name.
        whole = kind == "ods" and member.filename == "content.xml"
        size, merged = (_ods(file, member), 0) if whole else _sheet(file, member, texts, progress)
        budget, merged_to = budget - size, max(merged_to, merged)
        if budget < 0:
            raise _RefusedError("book_too_large")
    return Archive(kind, epoch, merged_to)


def _inflated(file: BinaryIO, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Give a part of the archive inflated, a mebibyte at a time; stop where it holds more than it states."""
    file.seek(member.header_offset)
    header = file.read(30)
    if header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile
    name, extra = struct.unpack("<HH", header[26:30])
    file.seek(name + extra, 1)
    left, given = member.compress_size, 0
    if member.compress_type == zipfile.ZIP_STORED:
        while left:
            block = file.read(min(_BLOCK, left))
            if not block:
                raise zipfile.BadZipFile
            left -= len(block)
            yield block
        return
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile
    stream = zlib.decompressobj(-15)
    waiting = b""
    while not stream.eof:
        if not waiting:
            waiting = file.read(min(_BLOCK, left))
            left -= len(waiting)
        block = stream.decompress(waiting, _BLOCK)
        if not block and not waiting:
            raise zipfile.BadZipFile  # cut short
        waiting = stream.unconsumed_tail
        given += len(block)
        if given > member.file_size:
            raise _RefusedError("book_too_large")
        if block:
            yield block
    if given != member.file_size:
        raise zipfile.BadZipFile


def _ahead(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Give blocks while the next one is inflated on another processor."""
    with ThreadPoolExecutor(1) as worker:
        coming = worker.submit(next, blocks, None)
        while (block := coming.result()) is not None:
            coming = worker.submit(next, blocks, None)
            yield block


def _lengths(file: BinaryIO, member: zipfile.ZipInfo) -> list[int]:
    """Return the bytes of each shared text, its tags included."""
    lengths: list[int] = []
    pending = 0
    for block in _inflated(file, member):
        first, *others = block.split(b"</si>")
        pending += len(first)
        for other in others:
            lengths.append(pending)
            pending = len(other)
    return lengths


def _sheet(
    file: BinaryIO, member: zipfile.ZipInfo, texts: list[int], progress: Progress | None
) -> tuple[int, int]:
    """Check one part as the sheet it may be; return its size [bytes] and its last row merged with one above."""
    size, gap, kept, close, merged_to, rows_met = 0, 0, b"", False, 0, 0
    for block in _ahead(_inflated(file, member)):
        seen = kept + block
        if not size and (b"<!DOCTYPE" in seen or b"<!ENTITY" in seen):
            raise _RefusedError("book_doctype")
        size += len(block)
        cut = max(seen.rfind(b"<"), 0)
        close = close or _otherwise(seen, cut)
        if progress is not None and progress.on:
            rows_met += seen.count(b"<row", 0, cut)
            if rows_met:
                progress.rows(rows_met)
        if b"mergeCell" in seen:
            rows = ((int(top), int(bottom)) for top, bottom in _MERGED.findall(seen))
            merged_to = max([merged_to, *(bottom for top, bottom in rows if bottom > top)])
        kept = seen[cut:] if len(seen) - cut < _BLOCK else b""
        gap = 0 if cut else gap + len(block)
        if gap > LONGEST_TEXT:
            raise _RefusedError("book_too_large")
    if close or size > MOST_BYTES // 2:
        _rectangle(file, member)
    # A cell that names a text takes 28 bytes at least, 12 in the tersest XML: only a long text named often is counted.
    if texts and max(texts) * (size // (12 if close else 28)) > MOST_TEXT:
        _repeated_texts(file, member, texts, close)
    return size, merged_to


def _otherwise(text: bytes, end: int) -> bool:
    """Tell whether the beginning of a text holds a cell or a row written otherwise (see `_OTHERS`)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    ends = pa.py_buffer(struct.pack("=ii", 0, end))
    held = pa.BinaryArray.from_buffers(pa.binary(), 1, [None, ends, pa.py_buffer(text)])
    return bool(pc.match_substring_regex(held, _OTHERS)[0].as_py())


def _whole_cells(file: BinaryIO, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Give the inflated text of a part, cut where an element ends."""
    kept = b""
    for block in _inflated(file, member):
        seen = kept + block
        cut = seen.rfind(b">") + 1
        if not cut and len(seen) > 8 * _BLOCK:
            raise _RefusedError("book_too_large")
        kept = seen[cut:]
        yield seen[:cut]
    yield kept


def _rectangle(file: BinaryIO, member: zipfile.ZipInfo) -> None:
    """Refuse a sheet whose cells with a value span too wide a rectangle, or are too many.

    A row or a cell without a reference follows the one before.
    """
    row = column = last_row = last_column = cells = 0
    widths: dict[bytes, int] = {}
    for text in _whole_cells(file, member):
        for name, attributes, empty in _ELEMENT.findall(text):
            place = _PLACE.search(attributes)
            if name == b"row":
                row, column = int(place[2]) if place else row + 1, 0
                continue
            column += 1
            if place and place[1]:
                column = widths.get(place[1]) or widths.setdefault(place[1], _column(place[1]))
            if empty:
                continue
            cells += 1
            last_row = max(last_row, int(place[2]) if place else row)
            last_column = max(last_column, column)
        if last_column > MOST_COLUMNS:
            raise _RefusedError("book_too_wide")
        if last_row > _ROWS or last_row * last_column > MOST_CELLS or cells > MOST_CELLS:
            raise _RefusedError("book_too_many_cells")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _repeated_texts(file: BinaryIO, member: zipfile.ZipInfo, texts: list[int], close: bool) -> None:
    """Refuse a sheet in which shared texts, each repeated in the cells that name it, are too long in all."""
    if not close:
        cells = sum(part.count(b't="s"') for part in _whole_cells(file, member))
        if cells * max(texts) <= MOST_TEXT:
            return
    total = 0
    for part in _whole_cells(file, member):
        total += sum(texts[int(n)] for n in _NUMBER.findall(part) if int(n) < len(texts))
        if total > MOST_TEXT:
            raise _RefusedError("book_too_large")


def _ods(file: BinaryIO, member: zipfile.ZipInfo) -> int:
    """Check the cells of an OpenDocument file, where rows and cells are repeated by a number; return its size."""
    size, rows, columns, last = 0, 0, 0, 0
    row_times, width, wide = 1, 0, 0
    for text in _whole_cells(file, member):
        if not size and (b"<!DOCTYPE" in text or b"<!ENTITY" in text):
            raise _RefusedError("book_doctype")
        size += len(text)
        for name, attributes, empty, _, closed in _REPEATED.findall(text):
            times = _TIMES.search(attributes)
            count = int(times[1]) if times else 1
            if name == b"table":
                rows = columns = last = 0
            elif name == b"table-row":
                row_times, width, wide = count, 0, 0
            elif name in {b"table-cell", b"covered-table-cell"}:
                width += count
                if not empty or b"value" in attributes:
                    wide = width
            if closed == b"table-row" or (name == b"table-row" and empty):
                rows += row_times
                if wide:
                    last, columns = rows, max(columns, wide)
                if columns > MOST_COLUMNS:
                    raise _RefusedError("book_too_wide")
                if last * columns > MOST_CELLS:
                    raise _RefusedError("book_too_many_cells")
    return size
