"""Rows taken one by one and kept by column, packed by Arrow a few thousand at a time: a third of what objects take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Rows packed together.
BATCH = 1000
_TYPES = {"str": "large_string", "int64": "int64", "Int16": "int16", "datetime64[s]": "date32"}


class Gathered:
    """A table that grows row by row.

    Parameters
    ----------
    columns : mapping of str to str
        Columns with their types in pandas, in the order in which a row gives them.
    """

    def __init__(self, columns: Mapping[str, str]) -> None:
        self._types = {name: _TYPES[kind] for name, kind in columns.items()}
        self._open: list[tuple[object, ...]] = []
        self._packed: list[Any] = []

    def __len__(self) -> int:
        return len(self._packed) * BATCH + len(self._open)

    def add(self, row: tuple[object, ...]) -> bool:
        """Add a row; tell whether rows were packed, and the objects that they held may go."""
        self._open.append(row)
        if len(self._open) < BATCH:
            return False
        self._packed.append(self._batch())
        self._open.clear()
        return True

    def _batch(self) -> Any:
        import pyarrow as pa

        schema = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in self._types.items()])
        columns = zip(*self._open, strict=True) if self._open else ((),) * len(schema)
        return pa.record_batch(
            [pa.array(cells, field.type) for cells, field in zip(columns, schema, strict=True)], schema
        )

    def rows(self, first: int, last: int, *names: str) -> list[tuple[Any, ...]]:
        """Return some columns of the rows from `first` up to `last`, that one left out."""
        table = self.table().select(names).slice(first, last - first)
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True))

    def table(self) -> Any:
        """Return all rows as an Arrow table."""
        import pyarrow as pa

        return pa.Table.from_batches([*self._packed, self._batch()])


class Seen:
    """The lines of the bordereaux met so far, by key: those of the one being read, and of those that came again.

    Others are found among the lines kept if their bordereau comes again, so that they are not held twice.
    """

    def __init__(self) -> None:
        #: Number of the element that held each line of the bordereau being read, and its cents.
        self.lines: dict[str, tuple[int, int]] = {}
        self._book, self._number, self._first = "", 0, 0
        self._closed: dict[str, tuple[int, int, int]] = {}
        self._again: dict[str, dict[str, tuple[int, int]]] = {}

    def open(self, book: str, number: int, kept: Gathered) -> None:
        """Take the heading of a bordereau.

        Parameters
        ----------
        book : str
            What the keys of its lines begin with.
        number : int
            Rank of its element in the file.
        kept : Gathered
            Lines kept so far, with their keys and cents.
        """
        if self._book and self._book not in self._again:
            self._closed[self._book] = (self._number, self._first, len(kept))
        self._book, self._number, self._first = book, number, len(kept)
        if book in self._again:
            self.lines = self._again[book]
        elif book in self._closed:
            before, first, last = self._closed.pop(book)
            self.lines = {key: (before, cents) for key, cents in kept.rows(first, last, "key", "cents")}
            self._again[book] = self.lines
        else:
            self.lines = {}
