"""Columns of texts, held by Arrow: a text that comes again is kept once, and each row says which one it holds.

What a reader does to a column is done once to each different text, and in Arrow's own loops where texts hardly come again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from conseiller.ledger.text_cells import UNCLEAN, text_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: First rows of a column, which tell whether its texts come again.
_SAMPLE = 2000


@dataclass(frozen=True, eq=False)
class Texts:
    """A column of texts.

    Parameters
    ----------
    values : pyarrow.StringArray
        The different texts; those of the rows, in order, where `codes` is None.
    codes : array of int32 (n), optional
        Which text each row holds.
    """

    values: Any
    codes: NDArray[np.int32] | None = None

    @classmethod
    def of(cls, values: Any) -> Texts:
        """Return the texts of an Arrow array, or of a sequence; nothing is the empty text.

        Raises
        ------
        TypeError
            When a value is no text.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        array = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values, pa.string())
        if array.null_count:
            array = pc.fill_null(array, "")
        sample = array.slice(0, _SAMPLE)
        again = len(sample.unique()) <= len(sample) // 2
        if again:
            array = array.dictionary_encode()
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        return cls(array.dictionary, array.indices.to_numpy()) if again else cls(array)

    @classmethod
    def coded_by(cls, values: Sequence[str], codes: NDArray[np.integer[Any]]) -> Texts:
        """Return the texts that codes stand for."""
        import numpy as np
        import pyarrow as pa

        return cls(pa.array(values, pa.string()), codes.astype(np.int32))

    @classmethod
    def repeated(cls, text: str, size: int) -> Texts:
        """Return one text on every row."""
        import numpy as np

        return cls.coded_by([text], np.zeros(size, np.int32))

    def __len__(self) -> int:
        return len(self.values) if self.codes is None else len(self.codes)

    def __getitem__(self, row: int) -> str:
        text: str = self.values[row if self.codes is None else int(self.codes[row])].as_py()
        return text

    def encoded(self) -> Texts:
        """Return the same column with each different text once."""
        if self.codes is not None:
            return self
        made = self.values.dictionary_encode()
        return Texts(made.dictionary, made.indices.to_numpy())

    @cached_property
    def array(self) -> Any:
        """Text of each row, as the Arrow array (of large strings) that pandas keeps."""
        import pyarrow as pa
        import pyarrow.compute as pc

        values = pc.cast(self.values, pa.large_string())
        return values if self.codes is None else values.take(pa.array(self.codes))

    def tolist(self) -> list[str]:
        """Return the text of each row; equal texts are one object."""
        known: list[str] = self.values.to_pylist()
        return known if self.codes is None else list(map(known.__getitem__, self.codes.tolist()))

    def distinct(self) -> set[str]:
        """Return the different texts that rows hold."""
        import numpy as np

        held = self.values if self.codes is None else self.values.take(np.unique(self.codes))
        return set(held.to_pylist())

    def single(self) -> bool:
        """Tell whether each row is a whole number that no other row is."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        if self.codes is not None:
            return False
        try:
            known = pc.cast(self.values, pa.int64()).to_numpy()
        except pa.ArrowInvalid:
            return False
        return bool((np.diff(np.sort(known)) > 0).all())

    def take(self, rows: NDArray[np.int64]) -> Texts:
        """Return the texts of some rows."""
        if self.codes is None:
            return Texts(self.values.take(rows))
        return Texts(self.values, self.codes[rows])

    def after(self, row: int) -> Texts:
        """Return the texts of the rows after the first ones."""
        return Texts(self.values.slice(row)) if self.codes is None else Texts(self.values, self.codes[row:])

    def matching(self, pattern: str) -> NDArray[np.bool_]:
        """Tell which rows hold a match of a pattern (of RE2)."""
        import pyarrow.compute as pc

        return self._spread(pc.match_substring_regex(self.values, pattern).to_numpy(zero_copy_only=False))

    def filled(self) -> NDArray[np.bool_]:
        """Tell which rows are not empty."""
        import pyarrow.compute as pc

        return self._spread(pc.not_equal(self.values, "").to_numpy(zero_copy_only=False))

    def coded(self, code: Callable[[str], int], kind: Any = "int8") -> NDArray[Any]:
        """Return a number for the text of each row, worked out once for each different text."""
        import numpy as np

        column = self.encoded()
        known = np.array([code(text) for text in column.values.to_pylist()], dtype=kind)
        return column._spread(known)

    def _spread(self, known: NDArray[Any]) -> NDArray[Any]:
        return known if self.codes is None else known[self.codes]

    def changed(self, change: Callable[[str], str], where: str = "") -> Texts:
        """Return the texts each changed once; only those that hold a match of the pattern `where`, if given."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        if where:
            found = pc.match_substring_regex(self.values, where)
            at = np.flatnonzero(found.to_numpy(zero_copy_only=False))
        else:
            at = np.arange(len(self.values))
        old = self.values.take(at).to_pylist()
        new = [change(text) for text in old]
        if old == new:
            return self
        values = pa.array(new, self.values.type)
        if where:
            mask = np.zeros(len(self.values), bool)
            mask[at] = True
            values = pc.replace_with_mask(self.values, pa.array(mask), values)
        return self.with_values(values)

    def with_values(self, values: Any) -> Texts:
        """Return the column with other texts in the place of those it holds, each different one once."""
        if self.codes is None:
            return Texts(values)
        again = values.dictionary_encode()
        return Texts(
            again.dictionary, again.indices.to_numpy()[self.codes]
        )  # texts that became equal are one

    def cleaned(self) -> Texts:
        """Return the texts on one line, blanks as single spaces (see `text_of`)."""
        return self.changed(text_of, UNCLEAN)

    def patched(self, rows: NDArray[np.int64], texts: Sequence[str]) -> Texts:
        """Return the column with other texts on some rows."""
        import numpy as np
        import pyarrow as pa

        column = self.encoded()
        assert column.codes is not None
        new = Texts.of(pa.array(texts, pa.string())).encoded()
        assert new.codes is not None
        codes = column.codes.copy()
        codes[rows] = new.codes + len(column.values)
        both = pa.concat_arrays([column.values, new.values]).dictionary_encode()
        return Texts(both.dictionary, both.indices.to_numpy()[codes].astype(np.int32))

    def spread(self, spans: Iterable[tuple[int, int]]) -> Texts:
        """Return the column with the first text of each span of rows (first, one past the last) on all of it."""
        column = self.encoded()
        assert column.codes is not None
        codes = column.codes.copy()
        for first, end in spans:
            codes[first:end] = codes[first]
        return Texts(column.values, codes)

    def filled_from(self, other: Texts) -> Texts:
        """Return the column with the texts of another where it is empty."""
        import pyarrow as pa
        import pyarrow.compute as pc

        filled = self.filled()
        if filled.all():
            return self
        return Texts.of(pc.if_else(pa.array(filled), self.array, other.array).cast(pa.string()))


@contextmanager
def system_memory() -> Iterator[None]:
    """Have Arrow take its memory where the rest of the program does, instead of from an allocator of its own.

    That one keeps a third more than what columns hold, and returns each freed column to the system, which fills the next
    one with noughts again: a quarter of the time.
    """
    import pyarrow as pa

    usual = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(usual)


def joined(columns: Iterable[Texts], sign: str) -> Any:
    """Return the texts of each row, one after the other, as an Arrow array; `sign` stands between them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(
        *(column.array for column in columns), pa.scalar(sign, pa.large_string())
    )


def numbers(values: NDArray[np.int64]) -> Texts:
    """Return whole numbers as texts."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return Texts(pc.cast(pa.array(values), pa.large_string()))
