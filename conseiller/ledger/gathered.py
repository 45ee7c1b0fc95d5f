"""Rows taken one by one and kept by column, packed by Arrow a thousand at a time: a third of what objects take.

From ten thousand rows on they lie in a private file of the system's temporary folder, compressed: memory no longer
grows with them. The system takes the file away with the process that made it, however that ends.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from conseiller.ledger.reading import frame

if TYPE_CHECKING:
    import pandas as pd

#: Rows packed together, and how many such batches are held in memory, or read again at a time.
BATCH, HELD = 1000, 10
_TYPES = {"str": "large_string", "int64": "int64", "Int16": "int16", "datetime64[s]": "date32"}


class NoRoomError(Exception):
    """What is read finds no room in the system's temporary folder."""


@contextmanager
def room() -> Iterator[None]:
    """Say as `NoRoomError` that nothing can be written in the temporary folder."""
    import sqlite3

    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        raise NoRoomError from error


class Gathered:
    """A table that grows row by row.

    Parameters
    ----------
    columns : mapping of str to str
        Columns of the table, with their types in pandas.
    taken : sequence of str
        Those that a row gives, in this order.
    same : mapping of str to str
        Text of columns that is the same for all rows; columns neither taken nor named here are empty.
    """

    def __init__(self, columns: Mapping[str, str], taken: Sequence[str], same: Mapping[str, str]) -> None:
        self._columns, self._same = columns, same
        self._types = {name: _TYPES[columns[name]] for name in taken}
        self._open: list[tuple[object, ...]] = []
        self._packed: list[Any] = []
        self._spilled: _Spilled | None = None
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, row: tuple[object, ...]) -> bool:
        """Add a row; tell whether rows were packed, and the objects that they held may go.

        Raises
        ------
        NoRoomError
            When the temporary folder is full.
        """
        self._count += 1
        self._open.append(row)
        if len(self._open) < BATCH:
            return False
        self._pack()
        return True

    def close(self) -> None:
        """End the table: it can be read from now on, and takes no more rows.

        Raises
        ------
        NoRoomError
            When the temporary folder is full.
        """
        if self._open:
            self._pack()
        if self._spilled is not None:
            with room():
                self._spilled.end()

    def blocks(self) -> Iterator[pd.DataFrame]:
        """Yield the rows in order, ten thousand at a time."""
        every = self._numbers()
        for first in range(0, len(every), HELD):
            yield self._frame(every[first : first + HELD])

    def whole(self) -> pd.DataFrame:
        """Return all rows."""
        return self._frame(self._numbers())

    def _numbers(self) -> range:
        """Return the numbers of the batches."""
        return range(len(self._packed if self._spilled is None else self._spilled))

    def _pack(self) -> None:
        import pyarrow as pa

        columns = zip(*self._open, strict=True)
        schema = self._schema()
        batch = pa.record_batch(
            [pa.array(cells, field.type) for cells, field in zip(columns, schema, strict=True)], schema
        )
        self._open.clear()
        self._packed.append(batch)
        if self._spilled is not None or len(self._packed) > HELD:
            with room():
                if self._spilled is None:
                    self._spilled = _Spilled(schema)
                for packed in self._packed:
                    self._spilled.write(packed)
            self._packed.clear()

    def _batch(self, number: int) -> Any:
        return self._packed[number] if self._spilled is None else self._spilled.read(number)

    def _schema(self) -> Any:
        import pyarrow as pa

        return pa.schema([(name, pa.type_for_alias(kind)) for name, kind in self._types.items()])

    def _frame(self, numbers: Sequence[int]) -> pd.DataFrame:
        import pyarrow as pa

        table = pa.Table.from_batches([self._batch(number) for number in numbers], self._schema())
        return frame(self._columns, {name: table[name] for name in self._types} | dict(self._same))


class _Spilled:
    """Batches in a private file: written one after the other, then read by their number."""

    def __init__(self, schema: Any) -> None:
        import pyarrow as pa

        self._file: Any = tempfile.TemporaryFile(prefix="conseiller-")  # noqa: SIM115  (closed with this object)
        weakref.finalize(self, _let_go, self._file)
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        self._writer: Any = pa.ipc.new_file(self._file, schema, options=options)
        self._reader: Any = None

    def __len__(self) -> int:
        return int(self._reader.num_record_batches)

    def write(self, batch: Any) -> None:
        self._writer.write_batch(batch)

    def end(self) -> None:
        import pyarrow as pa

        self._writer.close()
        self._file.flush()
        # As while reading (see `texts.system_memory`): the usual allocator keeps what is let go.
        self._reader = pa.ipc.open_file(self._file, memory_pool=pa.system_memory_pool())

    def read(self, number: int) -> Any:
        return self._reader.get_batch(number)


def _let_go(file: Any) -> None:
    """Close a file; on a full disk, what was left to write goes with it."""
    with suppress(OSError):
        file.close()
