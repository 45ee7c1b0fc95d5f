"""Where the inputs stand in *Hypothèses*, for every sheet that reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from conseiller.workbook.book import block, ref
from conseiller.workbook.form import Form, Room


@dataclass
class Places:
    """Where the tables of *Hypothèses* stand: first and last row of each, and the active columns."""

    sheet: str
    room: Room
    first_active: int
    rows: dict[str, tuple[int, int]] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    active: dict[tuple[str, str], int] = field(default_factory=dict)
    #: Where the value in force stands of a cell that scenarios change, by its row and column.
    switched: dict[tuple[int, int], str] = field(default_factory=dict)
    #: The same for the legal values of *Paramètres*, by row.
    switched_law: dict[int, str] = field(default_factory=dict)

    def source(self, row: int, col: int, *, outside: bool = False) -> str:
        """Return the reference to what a cell of the form says: its own, or that of the scenario in force.

        Parameters
        ----------
        row, col : int
        outside : bool
            Whether another sheet reads it.
        """
        return self.switched.get((row, col)) or ref(row, col, self.sheet if outside else None)

    def cell(self, table: str, rank: int, key: str) -> str:
        """Return the active cell of a field in the rank-th row of a table (from 0)."""
        return ref(self.rows[table][0] + rank, self.active[table, key], self.sheet)

    def column(self, table: str, key: str) -> str:
        """Return the active range of a field over a whole table."""
        first, last = self.rows[table]
        return block(first, last, self.active[table, key], self.sheet)

    def post_column(self, table: Literal["contrats", "remuneration"], post: int, key: str) -> str:
        """Return the active range of a field over one post's rows of contracts or pay terms."""
        size = self.room.contracts if table == "contrats" else self.room.terms
        first = self.rows[table][0] + post * size
        return block(first, first + size - 1, self.active[table, key], self.sheet)
