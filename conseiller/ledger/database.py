"""The embedded file of a ledger: its tables, its transactions, and how rows go in.

Every change is one transaction of SQLite with its rollback journal, synced to disk: a machine that stops at any moment
leaves the file as it was before or after, never between.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conseiller.files import FileInUseError
from conseiller.ledger.faults import refusal
from conseiller.ledger.reading import ASIDE, COLUMNS, CREDITS, Reading
from conseiller.messages import Lang

if TYPE_CHECKING:
    import pandas as pd

#: Marks the file as a ledger of this program ("CNli"), and the version of its tables.
APPLICATION, VERSION = 0x434E6C69, 1
#: Seconds to wait for another process that is writing.
_PATIENCE = 5.0
#: What SQLite says of a file that is busy or may not be written, and of one that is damaged or has no room.
_BUSY = ("locked", "readonly", "unable to open")
_DAMAGED = ("malformed", "not a database", "disk I/O", "corrupt", "full")
#: Rows read at a time, and columns whose texts hardly ever come again.
_BLOCK, _UNLIKE = 20_000, {"key", "place", "label"}
_PRINT_BYTES = 12
#: What tells two versions of a line apart: everything but where it was read and what the rules attach it to.
_CONTENT = tuple(name for name in COLUMNS if name not in {"post", "line", "file", "sheet", "place", "key"})
_SQL_TYPES = {"int64": "INTEGER", "Int16": "INTEGER", "bool": "INTEGER"}


def _fields(columns: Mapping[str, str]) -> str:
    return ", ".join(f'"{name}" {_SQL_TYPES.get(kind, "TEXT")}' for name, kind in columns.items())


_SCHEMA = (
    "CREATE TABLE additions (id INTEGER PRIMARY KEY AUTOINCREMENT, sha256 TEXT NOT NULL UNIQUE, file TEXT NOT NULL, "
    "format TEXT NOT NULL, scope TEXT NOT NULL, issued TEXT NOT NULL, added TEXT NOT NULL, rows INTEGER NOT NULL, "
    "remarks TEXT NOT NULL)",
    "CREATE INDEX additions_scope ON additions (scope)",
    f"CREATE TABLE lines (addition INTEGER NOT NULL REFERENCES additions ON DELETE CASCADE, {_fields(COLUMNS)}, "
    "day TEXT NOT NULL, cell TEXT NOT NULL, content BLOB NOT NULL, state TEXT NOT NULL DEFAULT 'kept')",
    "CREATE UNIQUE INDEX lines_addition ON lines (addition, key)",
    "CREATE INDEX lines_key ON lines (key)",
    f"CREATE TABLE aside (addition INTEGER NOT NULL REFERENCES additions ON DELETE CASCADE, {_fields(ASIDE)})",
    "CREATE INDEX aside_addition ON aside (addition)",
    f"CREATE TABLE credits (addition INTEGER NOT NULL REFERENCES additions ON DELETE CASCADE, {_fields(CREDITS)}, "
    "state TEXT NOT NULL DEFAULT 'kept')",
    "CREATE INDEX credits_addition ON credits (addition)",
    "CREATE TABLE controls (addition INTEGER NOT NULL REFERENCES additions ON DELETE CASCADE, what TEXT, place TEXT, "
    "stated INTEGER, found INTEGER)",
    "CREATE INDEX controls_addition ON controls (addition)",
)


class Embedded:
    """The file, opened when first needed.

    Parameters
    ----------
    path : Path
        The file; it is made by the first change, not by a reading.
    lang : {"fr", "en"}
        Language of the faults.

    Raises
    ------
    InputFaults
        When the file is no ledger, is damaged, or was written by another version.
    FileInUseError
        When another process is writing in it, or it may not be written.
    """

    def __init__(self, path: Path, lang: Lang) -> None:
        self.path = path
        self.lang: Lang = lang
        self._database: sqlite3.Connection | None = None

    def close(self) -> None:
        """Let go of the file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the database inside a transaction: all of it is kept, or nothing."""
        with self._said():
            database = self._open(create=True)
            database.execute("BEGIN IMMEDIATE")
            try:
                self._settle(database)
                yield database
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:
                    database.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give the database to read one state of it; an empty one when the file is not there yet."""
        with self._said():
            database = self._open(create=False)
            database.execute("BEGIN")
            try:
                self._settle(database)
                yield database
            finally:
                if database.in_transaction:
                    database.execute("ROLLBACK")
                if database is not self._database:
                    database.close()

    def _open(self, create: bool) -> sqlite3.Connection:
        if self._database is not None:
            return self._database
        there = self.path.exists()
        if not there and not create:
            return sqlite3.connect(":memory:", isolation_level=None)
        if not there:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)
        self._database = database
        for pragma in (
            "foreign_keys = ON",
            "synchronous = EXTRA",
            "secure_delete = ON",
            "temp_store = FILE",  # what is sorted to compare additions may be as long as they are
        ):
            database.execute(f"PRAGMA {pragma}")
        return database

    def _settle(self, database: sqlite3.Connection) -> None:
        """Make the tables of a new file; refuse a file that is no ledger of ours."""
        (mark,) = database.execute("PRAGMA application_id").fetchone()
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if mark == APPLICATION and version == VERSION:
            return
        if mark == APPLICATION:
            raise refusal("ledger_newer", self.path, self.lang)
        if database.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]:
            raise refusal("ledger_foreign", self.path, self.lang)
        for statement in _SCHEMA:
            database.execute(statement)
        database.execute(f"PRAGMA application_id = {APPLICATION}")
        database.execute(f"PRAGMA user_version = {VERSION}")

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Turn what SQLite says into what an officer can act upon."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            reason = str(error)
            if any(word in reason for word in _BUSY):
                raise FileInUseError(0, reason, str(self.path)) from error
            if not any(word in reason for word in _DAMAGED):
                raise
            code = "ledger_full" if "full" in reason else "ledger_damaged"
            raise refusal(code, self.path, self.lang, reason=reason) from error
        except PermissionError as error:
            raise FileInUseError(0, str(error), str(self.path)) from error


def names(columns: Iterable[str], prefix: str = "") -> str:
    """Return names of columns as SQL."""
    return ", ".join(f'{prefix}"{name}"' for name in columns)


def insert(database: sqlite3.Connection, table: str, number: int, rows: Iterable[Sequence[object]]) -> None:
    """Insert rows of an addition into a table."""
    first = next(iterator := iter(rows), None)
    if first is None:
        return
    marks = ",".join("?" * (len(first) + 1))
    statement = f"INSERT INTO {table} VALUES ({marks})"
    database.execute(statement, (number, *first))
    database.executemany(statement, ((number, *row) for row in iterator))


def plain(table: pd.DataFrame, columns: Mapping[str, str]) -> list[list[Any]]:
    """Return the columns of a table as SQLite keeps them: dates as ISO text, nothing as NULL or ""."""
    import numpy as np

    out: list[list[Any]] = []
    for name, kind in columns.items():
        values = table[name]
        if kind.startswith("datetime"):
            days = np.datetime_as_string(values.to_numpy().astype("datetime64[D]")).tolist()
            out.append(["" if day == "NaT" else day for day in days])
        elif kind == "Int16":
            out.append(
                [None if v is None else int(v) for v in values.astype(object).where(values.notna(), None)]
            )
        elif kind == "bool":
            out.append([int(v) for v in values])
        else:
            out.append(values.tolist())
    return out


def rows_of_lines(reading: Reading) -> Iterator[tuple[Any, ...]]:
    """Yield the lines of a file with the day, the cell, the fingerprint and a key of its own for each."""
    pes = reading.format == "pes"  # its reader gives each line a key of its own
    single = pes or (reading.lines["key"].is_unique and reading.lines["key"].ne("").all())
    seen: dict[str, int] | None = None if single else {}
    for lines in reading.blocks():
        yield from _rows_of_block(lines, pes, seen)


def rows_of_aside(reading: Reading) -> Iterator[tuple[Any, ...]]:
    """Yield the lines of a file that its reader set aside."""
    for lines in reading.blocks("aside"):
        yield from zip(*plain(lines, ASIDE), strict=True)


def _rows_of_block(lines: pd.DataFrame, pes: bool, seen: dict[str, int] | None) -> Iterator[tuple[Any, ...]]:
    """Yield some lines of a file; `seen` counts the keys met so far, None where each is known to be single."""
    columns = dict(zip(COLUMNS, plain(lines, COLUMNS), strict=True))
    prints = _fingerprints([columns[name] for name in _CONTENT])
    cells = []
    for index, (given, fingerprint) in enumerate(zip(columns["key"], prints, strict=True)):
        key = given or f"={fingerprint.hex()}"
        cells.append(key.rsplit("|", 2)[0] if pes else "")
        if seen is not None:
            seen[key] = again = seen.get(key, 0) + 1
            columns["key"][index] = key if again == 1 else f"{key}#{again}"
    days = [day or month for day, month in zip(columns["date"], columns["period"], strict=True)]
    return zip(*columns.values(), days, cells, prints, repeat("kept"), strict=False)


def _fingerprints(columns: Sequence[Sequence[object]]) -> list[bytes]:
    """Return a fingerprint of each row."""
    from hashlib import blake2b

    texts = ([v if isinstance(v, str) else str(v) for v in column] for column in columns)
    rows = map("\x1f".join, zip(*texts, strict=True))
    return [blake2b(row.encode(), digest_size=_PRINT_BYTES).digest() for row in rows]


def columns_of(cursor: sqlite3.Cursor, columns: Mapping[str, str]) -> dict[str, list[Any]]:
    """Return what a query finds column by column; a text that comes again is the same object."""
    found: dict[str, list[Any]] = {name: [] for name in columns}
    words: dict[str, str] = {}
    while rows := cursor.fetchmany(_BLOCK):
        for name, values in zip(columns, zip(*rows, strict=True), strict=True):
            unlike = columns[name] != "str" or name in _UNLIKE
            found[name].extend(values if unlike else [words.setdefault(v, v) for v in values])
    return found
