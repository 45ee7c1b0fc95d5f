"""The lines of a PES met so far, by what identifies them: which come twice, and which only share a number."""

from __future__ import annotations

import sqlite3
import weakref

from conseiller.ledger.gathered import room

#: Lines held in memory; the others lie in a private file that SQLite keeps in the system's temporary folder.
HELD = 10_000
#: One byte for each of so many remainders of hashes [bytes]: a line whose remainder was never met is not looked for.
_MARKS = 1 << 22
_TABLE = (
    "CREATE TABLE seen (key TEXT PRIMARY KEY, cents INTEGER, bordereau INTEGER, times INTEGER) WITHOUT ROWID"
)


class Seen:
    """What was met of each key: cents of the first line under it, and how often the latest element held it.

    Memory does not grow with the lines: a few thousand are held, and the place of the others is on disk.
    """

    def __init__(self) -> None:
        self._recent: dict[str, tuple[int, int, int]] = {}
        self._marks = bytearray(1)
        self._older: sqlite3.Connection | None = None

    def meet(self, key: str, bordereau: int, cents: int) -> tuple[str, int | None]:
        """Take a line.

        Two lines under one key in one element of bordereau are two lines, and the second takes its rank: ``key#2``.
        A line under a key that an element before held is the same line again.

        Parameters
        ----------
        key : str
            What identifies the line.
        bordereau : int
            Rank in the file of the element of bordereau that holds it.
        cents : int

        Returns
        -------
        tuple of (str, int or None)
            The key of this line alone, and the cents of the same line in an element before; None when it is new.

        Raises
        ------
        NoRoomError
            When the temporary folder is full.
        """
        own = key
        while found := self._get(own):
            first, last, times = found
            times = times + 1 if last == bordereau else 1
            self._put(own, (first, bordereau, times))
            if times == 1:
                return own, first
            own = f"{own}#{times}"
        self._put(own, (cents, bordereau, 1))
        return own, None

    def _get(self, key: str) -> tuple[int, int, int] | None:
        found = self._recent.get(key)
        if found is not None or not self._marks[hash(key) % len(self._marks)]:
            return found
        assert self._older is not None
        with room():
            query = "SELECT cents, bordereau, times FROM seen WHERE key = ?"
            row: tuple[int, int, int] | None = self._older.execute(query, (key,)).fetchone()
        return row

    def _put(self, key: str, held: tuple[int, int, int]) -> None:
        self._recent[key] = held
        if len(self._recent) >= HELD:
            self._put_away()

    def _put_away(self) -> None:
        with room():
            older = self._older = self._older or self._opened()
            rows = ((met, *found) for met, found in sorted(self._recent.items()))
            older.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)", rows)
        if len(self._marks) < _MARKS:
            self._marks = bytearray(_MARKS)
        for met in self._recent:
            self._marks[hash(met) % _MARKS] = 1
        self._recent.clear()

    def _opened(self) -> sqlite3.Connection:
        """Return a database that nobody else sees and that goes with its connection."""
        # A finaliser may run in another thread than the reading.
        older = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, older.close)
        for statement in ("PRAGMA journal_mode = OFF", "BEGIN", _TABLE):  # never committed, never kept
            older.execute(statement)
        return older
