"""Looks into a binary workbook (.xls) before it is opened, so that one made to fill the memory is refused.

The program that reads it lays the cells out as a rectangle, and repeats each shared text in every cell that names it: a
reference to column 65 535, or one long text named by every cell, would ask for more memory than any machine has.
Formats: [MS-CFB] for the container, [MS-XLS] for the records.
"""

from __future__ import annotations

import struct
from pathlib import Path

from conseiller.ledger.faults import refusal
from conseiller.messages import Lang

_COLUMNS = 256
_END = 0xFFFFFFFA  # sectors from there on are marks, not places
_SMALL = 4096
#: Bytes of one entry of the directory.
_ENTRY = 128
#: Records of one cell, and of a run of cells.
_CELL = frozenset(
    {0x0006, 0x0201, 0x0203, 0x0204, 0x0205, 0x00D6, 0x00FD, 0x027E, 0x0002, 0x0003, 0x0004, 0x0001}
)
_RUN = frozenset({0x00BD, 0x00BE})
_NAMED, _SHARED, _CONTINUED = 0x00FD, 0x00FC, 0x003C
#: Signs of shared texts once each is repeated in its cells.
_MOST_TEXT = 512 * 1024**2


class _DamagedError(Exception):
    """The container does not hold together."""


def look_into(path: Path, lang: Lang) -> None:
    """Check a binary workbook.

    Raises
    ------
    InputFaults
        When it is damaged or a cell stands beyond the columns of the format.
    """
    try:
        stream = _stream(path.read_bytes())
        fault = "" if stream is None else _fault(stream)
    except (_DamagedError, struct.error, IndexError, ValueError):
        raise refusal("book_damaged", path, lang) from None
    if fault:
        raise refusal(fault, path, lang, "", columns=_COLUMNS, bytes=1)


def _stream(raw: bytes) -> bytes | None:
    """Return the stream of records of a workbook; None when the container holds another kind of file."""
    sector, small = 1 << struct.unpack_from("<H", raw, 30)[0], 1 << struct.unpack_from("<H", raw, 32)[0]
    if sector not in {512, 4096} or small != 64:
        raise _DamagedError
    directory, _, _, first_small, _, first_more, _ = struct.unpack_from("<7I", raw, 48)

    def at(number: int) -> bytes:
        start = (number + 1) * sector
        if start >= len(raw):
            raise _DamagedError
        return raw[start : start + sector]

    places = [n for n in struct.unpack_from("<109I", raw, 76) if n < _END]
    seen = 0
    while first_more < _END:
        more = struct.unpack(f"<{sector // 4}I", at(first_more))
        places += [n for n in more[:-1] if n < _END]
        first_more, seen = more[-1], seen + 1
        if seen > len(raw) // sector:
            raise _DamagedError
    table = [n for place in places for (n,) in struct.iter_unpack("<I", at(place).ljust(sector, b"\xff"))]

    def chain(first: int) -> bytes:
        out, number = [], first
        while number < _END:
            out.append(at(number))
            if len(out) > len(raw) // sector:
                raise _DamagedError
            number = table[number]
        return b"".join(out)

    entries = chain(directory)
    if len(entries) % _ENTRY:  # the file is cut short
        raise _DamagedError
    root_start = 0
    for offset in range(0, len(entries), _ENTRY):
        entry = entries[offset : offset + _ENTRY]
        length = struct.unpack_from("<H", entry, 64)[0]
        name = entry[: max(length - 2, 0)].decode("utf-16-le", "replace")
        start, size = struct.unpack_from("<II", entry, 116)
        if entry[66] == 5:
            root_start = start
        elif entry[66] == 2 and name.lower() in {"workbook", "book"}:
            if size >= _SMALL:
                return _first(size, chain(start))
            return _first(size, _small_stream(chain(root_start), chain(first_small), start, small))
    return None


def _first(size: int, stream: bytes) -> bytes:
    if len(stream) < size:
        raise _DamagedError
    return stream[:size]


def _small_stream(holder: bytes, table: bytes, first: int, small: int) -> bytes:
    """Return a stream kept among the small ones."""
    follow = [n for (n,) in struct.iter_unpack("<I", table)]
    out, number = [], first
    while number < _END:
        out.append(holder[number * small : (number + 1) * small])
        if len(out) > len(follow):
            raise _DamagedError
        number = follow[number]
    return b"".join(out)


def _fault(stream: bytes) -> str:
    """Return the code of what is wrong with the records of a workbook, "" when nothing is."""
    at, end = 0, len(stream) - 4
    unpack = struct.Struct("<HH").unpack_from
    named: list[int] = []
    shared: list[bytes] = []
    within = False  # the shared texts, and what continues them
    while at <= end:
        kind, length = unpack(stream, at)
        if kind in _CELL and length >= 4 and unpack(stream, at + 4)[1] >= _COLUMNS:
            return "book_too_wide"
        if kind in _RUN and length >= 6:
            last = struct.unpack_from("<H", stream, at + 4 + length - 2)[0]
            if unpack(stream, at + 4)[1] >= _COLUMNS or last >= _COLUMNS:
                return "book_too_wide"
        if kind == _NAMED and length >= 10:
            named.append(struct.unpack_from("<I", stream, at + 10)[0])
        within = kind == _SHARED or (within and kind == _CONTINUED)
        if within:
            shared.append(stream[at + 4 : at + 4 + length])
        at += 4 + length
    if shared and named:
        lengths = _lengths(shared)
        if sum(lengths[n] for n in named if n < len(lengths)) > _MOST_TEXT:
            return "book_too_large"
    return ""


def _lengths(parts: list[bytes]) -> list[int]:
    """Return the length of each shared text [signs]; those that can be told, when the table does not hold together."""
    out: list[int] = []
    part, at = 0, 8
    try:
        (count,) = struct.unpack_from("<I", parts[0], 4)
        while len(out) < count:
            if at >= len(parts[part]):
                part, at = part + 1, 0
            signs, flags = struct.unpack_from("<HB", parts[part], at)
            at += 3
            beyond = 0  # formats and phonetics, after the text
            if flags & 8:
                beyond += 4 * struct.unpack_from("<H", parts[part], at)[0]
                at += 2
            if flags & 4:
                beyond += struct.unpack_from("<I", parts[part], at)[0]
                at += 4
            left, width = signs, 1 + (flags & 1)
            while left:
                taken = min(left, (len(parts[part]) - at) // width)
                left, at = left - taken, at + taken * width
                if left:  # the rest begins by its own width
                    part, at, width = part + 1, 1, 1 + (parts[part + 1][0] & 1)
            while beyond:
                taken = min(beyond, len(parts[part]) - at)
                beyond, at = beyond - taken, at + taken
                if beyond:
                    part, at = part + 1, 0
            out.append(signs)
    except (struct.error, IndexError):
        pass
    return out
