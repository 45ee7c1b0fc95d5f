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
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from conseiller.errors import InputFaults
from conseiller.ledger.cells import Epoch
from conseiller.ledger.faults import refusal
from conseiller.messages import Lang

#: Bytes of XML read from one workbook, inflated.
MOST_BYTES = 1024**3
#: Cells of the rectangle of one sheet: 26 columns of a million rows fit.
MOST_CELLS = 30_000_000
#: Columns of a sheet, A to ZZ.
MOST_COLUMNS = 702
#: Bytes of shared texts once each is repeated in its cells.
MOST_TEXT = 1024**3
_MEMBERS = 5000
_BLOCK = 1 << 20
_ROWS = 1_048_576

#: References beyond column Z or row 999 999: nothing else has to be looked at more closely.
_WIDE = re.compile(rb'r="[A-Z][A-Z]')
_LONG = re.compile(rb'r="[A-Z]\d\d\d\d\d\d\d')
#: Attributes written otherwise than by any known program: looked at more closely as well.
_ODD = re.compile(rb"=[^\"]|\s=")
_REFERENCE = re.compile(rb"<c\b[^>]*?\br\s*=\s*[\"']([A-Za-z]{1,8})(\d{1,12})[\"'][^>]*?(/?)>")
_SHARED = re.compile(rb"<c\b[^>]*?\bt=[\"']s[\"'][^>]*><v>(\d{1,9})</v>")
_REPEATED = re.compile(
    rb"<(?:\w+:)?(table-row|table-cell|covered-table-cell|table)\b([^>]*?)(/?)>|<(/)(?:\w+:)?(table-row|table-cell|table)>"
)
_TIMES = re.compile(rb"number-(?:rows|columns)-repeated\s*=\s*[\"'](\d+)[\"']")


@dataclass(frozen=True)
class Archive:
    """What a workbook is: its kind, and the day its serial numbers count from."""

    kind: Literal["xlsx", "ods"]
    epoch: Epoch


class _RefusedError(Exception):
    """A limit is passed, or the file is damaged; the code of the fault."""


def look_into(path: Path, lang: Lang) -> Archive:
    """Check a zipped workbook and tell what it is.

    Raises
    ------
    InputFaults
        When it is damaged, no workbook, protected, too large once inflated, or too wide.
    """
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            return _checked(archive, file)
    except _RefusedError as refused:
        raise _said(refused.args[0], path, lang) from None
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError):
        raise refusal("book_damaged", path, lang) from None


def _said(code: str, path: Path, lang: Lang) -> InputFaults:
    limits = {"bytes": MOST_BYTES // 1024**3, "columns": MOST_COLUMNS, "cells": MOST_CELLS // 10**6}
    return refusal(code, path, lang, "", **limits)


def _checked(archive: zipfile.ZipFile, file: BinaryIO) -> Archive:
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
    read = [m for m in members.values() if m.filename.endswith((".xml", ".rels"))]
    if any(m.flag_bits & 1 for m in read):
        raise _RefusedError("book_password")
    if sum(m.file_size for m in read) > MOST_BYTES:
        raise _RefusedError("book_too_large")
    budget = MOST_BYTES
    epoch: Epoch = 1900
    texts: list[int] = []
    sheets: list[zipfile.ZipInfo] = []
    for member in read:
        name = member.filename
        if name.startswith("xl/worksheets/") or (name.startswith("xl/") and "sheet" in name.lower()):
            sheets.append(member)
            continue
        if kind == "ods" and name == "content.xml":
            budget -= _ods(file, member)
            continue
        for number, block in enumerate(_inflated(file, member)):
            budget -= len(block)
            if not number and (b"<!DOCTYPE" in block or b"<!ENTITY" in block):
                raise _RefusedError("book_doctype")
            if budget < 0:
                raise _RefusedError("book_too_large")
            if name == "xl/workbook.xml" and re.search(rb"date1904\s*=\s*[\"'](?:1|true)", block):
                epoch = 1904
        if name.lower().endswith("sharedstrings.xml"):
            texts = _lengths(file, member)
    for member in sheets:
        budget -= _sheet(file, member, texts)
        if budget < 0:
            raise _RefusedError("book_too_large")
    return Archive(kind, epoch)


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


def _sheet(file: BinaryIO, member: zipfile.ZipInfo, texts: list[int]) -> int:
    """Check one sheet and return its size [bytes]."""
    size, tail, close = 0, b"", False
    for block in _inflated(file, member):
        seen = tail + block
        if not size and (b"<!DOCTYPE" in seen or b"<!ENTITY" in seen):
            raise _RefusedError("book_doctype")
        size += len(block)
        if not close and (_WIDE.search(seen) or _LONG.search(seen) or _odd(seen)):
            close = True
        tail = block[-64:]
    if close or size > MOST_BYTES // 2:
        _rectangle(file, member)
    # A sheet of N bytes cannot name more than N / 12 texts: only a long text named often has to be counted.
    if texts and max(texts) * (size // 12) > MOST_TEXT:
        _repeated_texts(file, member, texts)
    return size


def _odd(seen: bytes) -> bool:
    """Tell whether an attribute of a row or a cell is written with other signs than r="…"."""
    signs = seen.count(b"=") - seen.endswith(b"=")
    lines = b"\n" in seen or b"\t" in seen or b"\r" in seen
    if signs == seen.count(b'="') and not lines and b' ="' not in seen:
        return False
    for found in _ODD.finditer(seen):
        before = seen[max(0, found.start() - 80) : found.start()]
        tag = before[before.rfind(b"<") :]
        if tag.startswith((b"<c ", b"<c\n", b"<c\t", b"<c\r", b"<row")) and b">" not in tag:
            return True
    return False


def _whole_cells(file: BinaryIO, member: zipfile.ZipInfo, end: bytes) -> Iterator[bytes]:
    """Give the inflated text of a part, cut where an element ends."""
    kept = b""
    for block in _inflated(file, member):
        seen = kept + block
        cut = seen.rfind(end) + 1
        if not cut and len(seen) > 8 * _BLOCK:
            raise _RefusedError("book_too_large")
        kept = seen[cut:]
        yield seen[:cut]
    yield kept


def _rectangle(file: BinaryIO, member: zipfile.ZipInfo) -> None:
    """Refuse a sheet whose cells with a value span too wide a rectangle, or are too many."""
    last_row = last_column = cells = 0
    widths: dict[bytes, int] = {}
    for text in _whole_cells(file, member, b">"):
        for letters, digits, empty in _REFERENCE.findall(text):
            if empty:
                continue
            cells += 1
            column = widths.get(letters)
            if column is None:
                column = widths[letters] = _column(letters)
                last_column = max(last_column, column)
            last_row = max(last_row, int(digits))
        if last_column > MOST_COLUMNS:
            raise _RefusedError("book_too_wide")
        if last_row > _ROWS or last_row * last_column > MOST_CELLS or cells > MOST_CELLS:
            raise _RefusedError("book_too_many_cells")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _repeated_texts(file: BinaryIO, member: zipfile.ZipInfo, texts: list[int]) -> None:
    total = 0
    for part in _whole_cells(file, member, b">"):
        total += sum(texts[int(n)] for n in _SHARED.findall(part) if int(n) < len(texts))
        if total > MOST_TEXT:
            raise _RefusedError("book_too_large")


def _ods(file: BinaryIO, member: zipfile.ZipInfo) -> int:
    """Check the cells of an OpenDocument file, where rows and cells are repeated by a number; return its size."""
    size, rows, columns, last = 0, 0, 0, 0
    row_times, width, wide = 1, 0, 0
    for text in _whole_cells(file, member, b">"):
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
