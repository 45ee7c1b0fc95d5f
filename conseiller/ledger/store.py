"""The ledger kept with a dossier, in one embedded file: what was added, from which file, and what stands of it.

Every change is one transaction of SQLite with its rollback journal, synced to disk: a machine that stops at any moment
leaves the ledger as it was before or after, never between.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from conseiller.ledger.database import (
    Embedded,
    columns_of,
    insert,
    names,
    plain,
    rows_of_aside,
    rows_of_lines,
)
from conseiller.ledger.faults import refusal
from conseiller.ledger.reading import ASIDE, COLUMNS, CREDITS, Control, Reading, Remark, frame
from conseiller.ledger.reconcile import reconcile
from conseiller.ledger.records import Addition, Change, Outcome, Sum
from conseiller.messages import Lang

if TYPE_CHECKING:
    from types import TracebackType

    import pandas as pd

#: Folder of the books beside the dossier, and the ledger in it.
FOLDER, FILE = "livres", "livres.db"
#: What a line can be (see `conseiller.ledger.reconcile`).
STATES = ("kept", "same", "replaced", "withdrawn")


def folder_of(dossier: Path) -> Path:
    """Return the folder of the books of a dossier: ``livres`` in its folder, or ``<name>.livres`` beside its file.

    Examples
    --------
    >>> folder_of(Path("cas/dossier.toml")).as_posix(), folder_of(Path("mon-cas.xlsx")).as_posix()
    ('cas/livres', 'mon-cas.livres')
    """
    if dossier.is_dir():
        return dossier / FOLDER
    if dossier.stem == "dossier":
        return dossier.parent / FOLDER
    return dossier.with_name(f"{dossier.stem}.{FOLDER}")


#: See `Sum`: only pay extracts tell a month, only payments have no account.
_SUMS = """
SELECT exercice, CASE side
    WHEN 'cost' THEN IIF(period = '', 'cost', 'pay')
    WHEN 'funding' THEN IIF(account = '', 'received', 'funding') ELSE '' END AS kind,
    COUNT(*), SUM(cents)
FROM lines WHERE state = 'kept' GROUP BY 1, 2 ORDER BY 1, 2
"""


class Ledger:
    """The ledger of a dossier; use it as a context manager, or close it.

    Parameters
    ----------
    dossier : Path
        The dossier, or any path that names it. Nothing is written before the first addition.
    lang : {"fr", "en"}
        Language of the faults.

    Raises
    ------
    InputFaults
        When the file is no ledger, is damaged, or was written by a later version.
    FileInUseError
        When another process is writing in it, or it may not be written.
    """

    def __init__(self, dossier: Path, lang: Lang = "fr") -> None:
        self.path = folder_of(dossier) / FILE
        self.lang: Lang = lang
        self._file = Embedded(self.path, lang)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    # --- changing ---------------------------------------------------------------------------------------

    def add(self, *readings: Reading) -> tuple[Outcome, ...]:
        """Add files, all or none, and return what each did.

        The same bytes twice change nothing. Whatever the order of files that do not correct one another, the lines
        that stand are the same.
        """
        if not readings:
            return ()
        with self._file.writing() as database:
            return tuple(self._add(database, reading) for reading in readings)

    def _add(self, database: sqlite3.Connection, reading: Reading) -> Outcome:
        known = database.execute("SELECT id FROM additions WHERE sha256 = ?", (reading.sha256,)).fetchone()
        if known:
            return Outcome(self._addition(database, known[0]), known=True)
        scope = reading.scope or reading.format
        _remember(database, scope)
        remarks = [{"code": r.code, "where": r.where, "values": dict(r.values)} for r in reading.remarks]
        number = database.execute(
            "INSERT INTO additions (sha256, file, format, scope, issued, added, rows, remarks) VALUES (?,?,?,?,?,?,?,?)",
            (
                *(reading.sha256, reading.path.name, reading.format, scope, reading.issued),
                *(_now(), reading.rows, json.dumps(remarks, ensure_ascii=False, default=str)),
            ),
        ).lastrowid
        assert number is not None
        insert(database, "lines", number, rows_of_lines(reading))
        insert(database, "aside", number, rows_of_aside(reading))
        insert(
            database,
            "credits",
            number,
            ((*r, "kept") for r in zip(*plain(reading.credits, CREDITS), strict=True)),
        )
        insert(database, "controls", number, ((c.what, c.where, c.stated, c.found) for c in reading.controls))
        reconcile(database, scope)
        return Outcome(self._addition(database, number), known=False, changes=_changes(database, scope))

    def undo(self, number: int | None = None) -> Addition:
        """Take an addition out, the last one by default, and return it.

        Raises
        ------
        InputFaults
            When there is no such addition.
        """
        with self._file.writing() as database:
            found = number
            if found is None:
                (found,) = database.execute("SELECT MAX(id) FROM additions").fetchone()
            if found is None:
                raise refusal("undo_nothing", self.path, self.lang)
            if not database.execute("SELECT 1 FROM additions WHERE id = ?", (found,)).fetchone():
                raise refusal("undo_unknown", self.path, self.lang, number=found)
            undone = self._addition(database, found)
            database.execute("DELETE FROM additions WHERE id = ?", (found,))
            reconcile(database, undone.scope)
            return undone

    # --- reading ----------------------------------------------------------------------------------------

    def additions(self) -> tuple[Addition, ...]:
        """Return every addition, in order."""
        with self._file.reading() as database:
            numbers = [n for (n,) in database.execute("SELECT id FROM additions ORDER BY id")]
            return tuple(self._addition(database, number) for number in numbers)

    def lines(self) -> pd.DataFrame:
        """Return the lines that stand (columns `COLUMNS`), by day, key and place."""
        return self._table("lines", COLUMNS, "WHERE state = 'kept' ORDER BY day, key, file, sheet, place")

    def sums(self) -> tuple[Sum, ...]:
        """Return what the lines that stand come to, by exercice and kind of books, without reading them one by one."""
        with self._file.reading() as database:
            return tuple(Sum(*row) for row in database.execute(_SUMS))

    def aside(self) -> pd.DataFrame:
        """Return the lines that no reader kept (columns `ASIDE`), by file and place."""
        return self._table("aside", ASIDE, f"ORDER BY file, sheet, place, {names(ASIDE)}")

    def credits(self) -> pd.DataFrame:
        """Return the rows of budgets that stand (columns `CREDITS`)."""
        return self._table("credits", CREDITS, f"WHERE state = 'kept' ORDER BY {names(CREDITS)}")

    def voted(self) -> pd.DataFrame:
        """Return the credits in force (see `conseiller.ledger.votes.voted`)."""
        from conseiller.ledger.votes import voted

        with self._file.reading() as database:
            scopes = database.execute(
                "SELECT scope FROM credits JOIN additions ON id = addition "
                f"WHERE state = 'kept' ORDER BY {names(CREDITS, 'credits.')}"
            ).fetchall()
        return voted(self.credits(), [scope.partition("|DM")[0] for (scope,) in scopes])

    def controls(self, number: int | None = None) -> tuple[tuple[str, Control], ...]:
        """Return the totals stated by files with the name of each file; of one addition, or of all."""
        with self._file.reading() as database:
            found = database.execute(
                "SELECT file, what, place, stated, found FROM controls JOIN additions ON id = addition "
                "WHERE ? IS NULL OR id = ? ORDER BY file, sha256, controls.rowid",
                (number, number),
            ).fetchall()
        return tuple((row[0], Control(*row[1:])) for row in found)

    def export(self, kind: Literal["json", "csv"] = "json") -> bytes:
        """Return what stands, as bytes that depend on it alone.

        JSON holds files, lines, lines set aside, credits and controls; CSV holds the lines only, amounts in cents, and
        an apostrophe before a text that a spreadsheet would take for a formula.
        """
        from conseiller.ledger.export import to_csv, to_json

        if kind == "csv":
            return to_csv(self.lines())
        files = [
            {"file": a.file, "format": a.format, "sha256": a.sha256, "scope": a.scope, "rows": a.rows}
            for a in self.additions()
        ]
        controls = [{"file": f, "what": c.what, "where": c.where, "stated": c.stated, "found": c.found}
                    for f, c in self.controls()]  # fmt: skip
        tables = {"lines": self.lines(), "aside": self.aside(), "credits": self.credits()}
        return to_json(files, controls, tables)

    def twins(self) -> pd.DataFrame:
        """Return lines that two different books seem to hold: same exercice, side, account, pièce and amount.

        Returns
        -------
        DataFrame
            Columns exercice, side, account, piece, cents, files. A mandat read from a PES and again from a table of
            the same software counts twice: the officer must keep one of the two.
        """
        import pandas as pd

        columns = ["exercice", "side", "account", "piece", "cents", "files"]
        with self._file.reading() as database:
            found = database.execute(
                "SELECT exercice, side, account, piece, cents, GROUP_CONCAT(DISTINCT additions.file) FROM lines "
                "JOIN additions ON id = addition WHERE state = 'kept' AND piece <> '' AND cents <> 0 "
                "GROUP BY exercice, side, account, LTRIM(piece, '0'), cents HAVING COUNT(DISTINCT scope) > 1 "
                "ORDER BY exercice, side, account, piece, cents"
            ).fetchall()
        return pd.DataFrame(found, columns=columns)

    def _table(self, table: str, columns: Mapping[str, str], clause: str) -> pd.DataFrame:
        import numpy as np

        with self._file.reading() as database:
            found: dict[str, Any] = columns_of(
                database.execute(f"SELECT {names(columns)} FROM {table} {clause}"), columns
            )
        for name, kind in columns.items():
            if kind.startswith("datetime"):
                found[name] = np.array([v or "NaT" for v in found[name]], "datetime64[s]")
        return frame(columns, found)

    def _addition(self, database: sqlite3.Connection, number: int) -> Addition:
        head = database.execute(
            "SELECT id, file, format, sha256, scope, issued, added, rows, remarks FROM additions WHERE id = ?",
            (number,),
        ).fetchone()
        states = dict.fromkeys(STATES, 0)
        sums = {"cost": 0, "funding": 0}
        for state, side, count, cents in database.execute(
            "SELECT state, side, COUNT(*), SUM(cents) FROM lines WHERE addition = ? GROUP BY 1, 2", (number,)
        ):
            states[state] += count
            if state == "kept":
                sums[side] = sums.get(side, 0) + cents
        for state, count in database.execute(
            "SELECT state, COUNT(*) FROM credits WHERE addition = ? GROUP BY 1", (number,)
        ):
            states[state] += count
        (aside,) = database.execute("SELECT COUNT(*) FROM aside WHERE addition = ?", (number,)).fetchone()
        remarks = tuple(Remark(r["code"], r["where"], r["values"]) for r in json.loads(head[8]))
        found = (*head[:8], *states.values(), aside, sums["cost"], sums["funding"], remarks)
        return Addition(**dict(zip(Addition.__dataclass_fields__, found, strict=True)))


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def _remember(database: sqlite3.Connection, scope: str) -> None:
    """Note which lines of a scope stand."""
    database.execute("CREATE TEMP TABLE IF NOT EXISTS standing (id INTEGER PRIMARY KEY)")
    database.execute("DELETE FROM standing")
    database.execute(
        "INSERT INTO standing SELECT lines.rowid FROM lines JOIN additions ON id = addition "
        "WHERE scope = ? AND state = 'kept'",
        (scope,),
    )


def _changes(database: sqlite3.Connection, scope: str) -> tuple[Change, ...]:
    """Return what became of the lines that stood when `_remember` noted them, where they stand no longer."""
    found = database.execute(
        "SELECT additions.file, state, COUNT(*), SUM(cents) FROM standing "
        "JOIN lines ON lines.rowid = standing.id JOIN additions ON additions.id = addition "
        "WHERE scope = ? AND state <> 'kept' GROUP BY 1, 2 ORDER BY 1, 2",
        (scope,),
    )
    return tuple(Change(*row) for row in found)
