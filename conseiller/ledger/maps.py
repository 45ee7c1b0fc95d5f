"""The maps of columns kept with a dossier, and the secret its payroll numbers are hashed with.

A dossier may hold several tables (mandats, pay…): the first map is ``colonnes.toml``, the next ``colonnes-2.toml`` and so
on. A file is read with the map whose columns it has, the one with most columns where several fit.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

from conseiller.errors import Fault, InputFaults
from conseiller.files import replacing
from conseiller.ledger.columns import ColumnMap, fits, load_map, save_map
from conseiller.ledger.faults import refusal
from conseiller.ledger.headers import headers_of
from conseiller.ledger.sheets import Book
from conseiller.messages import Lang

#: The secret beside the ledger. Whoever holds it can try every payroll number; it goes where the dossier goes.
SECRET = "sel.txt"
_BYTES = 32


def saved(folder: Path, lang: Lang = "fr") -> list[ColumnMap]:
    """Return the maps kept in the folder of the books of a dossier.

    Raises
    ------
    InputFaults
        With every fault of every map.
    """
    maps: list[ColumnMap] = []
    faults: list[Fault] = []
    for path in sorted(folder.glob("colonnes*.toml")):
        try:
            maps.append(load_map(path, lang))
        except InputFaults as wrong:
            faults += wrong.faults
    if faults:
        raise InputFaults(faults, lang)
    return maps


def fitting(book: Book, maps: Sequence[ColumnMap]) -> ColumnMap | None:
    """Return the map whose columns a table has; None when it needs a new one."""
    found = [m for m in maps if _fits(book, m)]
    return max(found, key=lambda m: len(m.columns), default=None)


def _fits(book: Book, column_map: ColumnMap) -> bool:
    for sheet in book.sheets:
        if not sheet.hidden:
            layout = headers_of(sheet.head, column_map.columns.values())
            if layout is not None and fits(column_map, layout):
                return True
    return False


def keep(column_map: ColumnMap, folder: Path, lang: Lang = "fr") -> Path:
    """Keep a map with the dossier under the next free name, and return its file; a map already kept is left alone."""
    number = 1
    while (path := folder / (f"colonnes-{number}.toml" if number > 1 else "colonnes.toml")).exists():
        if load_map(path, lang) == column_map:
            return path
        number += 1
    save_map(column_map, path, lang)
    return path


def secret(folder: Path, lang: Lang = "fr") -> bytes:
    """Return the secret of a dossier, made the first time it is needed.

    Raises
    ------
    InputFaults
        When the file of the secret holds something else.
    """
    path = folder / SECRET
    if not path.exists():
        with replacing(path) as temporary:
            temporary.write_text(secrets.token_hex(_BYTES) + "\n", "ascii")
    try:
        found = bytes.fromhex(path.read_text("ascii").strip())
    except (ValueError, UnicodeDecodeError):
        found = b""
    if len(found) < _BYTES // 2:
        raise refusal("secret", path, lang)
    return found
