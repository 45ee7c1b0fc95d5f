"""What every reader of books returns: lines kept, lines set aside and why, and control totals.

A reader keeps amounts as whole cents from the text or number of the file, codes as text, and the place of every line.
What it keeps and what it sets aside together make the whole file: `Reading` says so and can be asked to prove it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from conseiller.ledger.texts import Texts

if TYPE_CHECKING:
    import pandas as pd

Format = Literal["table", "pes", "totem", "cfu", "scdl", "fec", "posts", "payments"]
Side = Literal["cost", "funding"]
#: What a line is to the budget: an ordinary one; a reduction or cancellation of another; a year-end accrual and its
#: reversal; income or cost deferred; an order operation, which moves no money.
Kind = Literal["ordinary", "reduction", "accrual", "reversal", "deferral", "order"]

#: Columns of a ledger, in order, with their pandas type. Text columns hold "" where nothing is known, never NaN.
COLUMNS: Mapping[str, str] = {
    "date": "datetime64[s]",  # day of the mandat, titre, entry or, failing that, of its bordereau; NaT if unknown
    "exercice": "Int16",  # financial year the line belongs to, which may not be the year of `date`
    "period": "datetime64[s]",  # first day of the month the line is about, where the file says so (pay); else NaT
    "account": "str",
    "chapter": "str",
    "function": "str",
    "operation": "str",
    "chart": "str",  # M57D, M57A, M14 or PCG when the file says so
    "side": "str",  # "cost" or "funding"
    "kind": "str",  # see Kind
    "cents": "int64",  # signed: positive raises its side, a reduction is negative
    "label": "str",
    "third_party": "str",  # name of a legal person; "" for a natural person, always
    "third_party_kind": "str",  # "state", "public", "social", "person", "other" or ""
    "analytic": "str",
    "service": "str",
    "payroll": "str",  # salted hash of a payroll number, never the number
    "piece": "str",  # number of the mandat or titre
    "bordereau": "str",
    "post": "str",  # filled by the rules of attachment (or by a file that names the post)
    "line": "str",  # line of the plan, likewise
    "file": "str",
    "sheet": "str",
    "place": "str",  # row of a sheet ("12"), or XPath: with file and sheet, where the line can be found again
    "key": "str",  # identity of the line across re-exports of the same books
}

#: Columns of the lines set aside: nothing disappears between file and report.
ASIDE: Mapping[str, str] = {
    "reason": "str",  # stable code, worded by the message catalogue: "subtotal", "carried_forward", "duplicate", …
    "cents": "int64",  # 0 where the line carries no amount
    "side": "str",
    "label": "str",
    "file": "str",
    "sheet": "str",
    "place": "str",
}

#: Columns of budgets read as control totals (TOTEM, CFU, SCDL): credits voted and year totals by account.
CREDITS: Mapping[str, str] = {
    "exercice": "Int16",
    "stage": "str",  # "BP", "DM", "BS", "CA" or "CFU"
    "account": "str",
    "chapter": "str",
    "function": "str",
    "operation": "str",
    "chart": "str",
    "section": "str",  # "fonctionnement", "investissement" or ""
    "side": "str",
    "order": "bool",  # an order operation
    "voted_cents": "int64",
    "realised_cents": "int64",
    "label": "str",
    "file": "str",
    "place": "str",
}

#: Rows of a table given whole that are walked together.
BLOCK = 10_000
#: Where totals of a PES that were added up are stated: the path of their bordereaux, and how many they are.
SEVERAL = re.compile(r"/\*/(PES_\w+)/Bordereau \((\d+)\)")


@dataclass(frozen=True)
class Control:
    """A total the file states, beside the same total of what was read.

    Parameters
    ----------
    what : str
        Stable code, worded by the message catalogue: "grand_total", "bordereau", "piece_count", "balance"…
    where : str
        Sheet and row, or XPath, of the stated total; of several that were added up, their path and how many:
        ``/*/PES_DepenseAller/Bordereau (612)``.
    stated, found : int
        Cents (or a count), as the file states it and as it was read.
    """

    what: str
    where: str
    stated: int
    found: int

    @property
    def holds(self) -> bool:
        """Whether the two agree to the cent."""
        return self.stated == self.found

    @property
    def count(self) -> int:
        """How many totals of the file it adds up."""
        several = SEVERAL.fullmatch(self.where)
        return int(several[2]) if several else 1


@dataclass(frozen=True)
class Remark:
    """Something the officer should know of a file that could be read: code, place, and values for its sentence."""

    code: str
    where: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


class Blocks(Protocol):
    """Rows of a file that need not be in memory all together."""

    def __len__(self) -> int:
        """Return how many there are."""

    def blocks(self) -> Iterator[pd.DataFrame]:
        """Yield them in order, some at a time."""

    def whole(self) -> pd.DataFrame:
        """Return all of them."""


class _Table:
    """A table of a reading, given whole or by blocks; those are joined when the table is first asked for."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __set__(self, reading: Reading, table: pd.DataFrame | Blocks) -> None:
        reading.__dict__[self._name] = table

    def __get__(self, reading: Reading | None, owner: type) -> pd.DataFrame:
        if reading is None:
            raise AttributeError(self._name)  # so that the field has no default
        import pandas as pd

        table: pd.DataFrame | Blocks = reading.__dict__[self._name]
        if isinstance(table, pd.DataFrame):
            return table
        whole: pd.DataFrame = table.whole()
        reading.__dict__[self._name] = whole
        return whole


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One file, read to its end.

    Parameters
    ----------
    path : Path
        The file.
    format : Format
        The kind of books it holds.
    sha256 : str
        Fingerprint of its bytes: the same file twice changes nothing.
    lines : DataFrame (n lines, columns `COLUMNS`)
        Kept lines. They may be given as `Blocks`: then they come into memory all together only when asked for here,
        and `blocks` walks them without.
    aside : DataFrame (m lines, columns `ASIDE`)
        Lines set aside, each with its reason; likewise.
    credits : DataFrame (columns `CREDITS`)
        Budget totals, for formats that carry them; empty otherwise.
    controls : tuple of Control
        Totals stated by the file, beside those read.
    remarks : tuple of Remark
        What the officer should know; never a reason to stop.
    scope : str
        What a corrected re-export of the same books replaces: authority, budget and journal, as the file names them.
    rows : int
        Data rows met in the file, kept or not.
    issued : str
        Day the file says it was made, ISO; "" when it does not say. Of two files of the same scope, the later issued
        corrects the other, whatever the order in which they are added.
    """

    path: Path
    format: Format
    sha256: str
    lines: _Table = _Table()
    aside: _Table = _Table()
    credits: pd.DataFrame
    controls: tuple[Control, ...] = ()
    remarks: tuple[Remark, ...] = ()
    scope: str = ""
    rows: int = 0
    issued: str = ""

    def blocks(self, table: Literal["lines", "aside"] = "lines") -> Iterator[pd.DataFrame]:
        """Yield the lines kept, or those set aside, ten thousand at a time: in bounded memory if the reader saw to it."""
        import pandas as pd

        held: pd.DataFrame | Blocks = self.__dict__[table]
        if not isinstance(held, pd.DataFrame):
            yield from held.blocks()
            return
        for first in range(0, len(held), BLOCK):
            yield held.iloc[first : first + BLOCK]

    def count(self, table: Literal["lines", "aside"] = "lines") -> int:
        """Return how many lines were kept, or set aside."""
        return len(self.__dict__[table])


def frame(columns: Mapping[str, str], data: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """Return a table with exactly the given columns and types; a column left out holds its empty value.

    A text given alone stands for a whole column of it; then another column must tell the length.

    Raises
    ------
    KeyError
        If `data` names a column that the table does not have.
    """
    import pandas as pd

    given = dict(data or {})
    unknown = set(given) - set(columns)
    if unknown:
        raise KeyError(sorted(unknown))
    length = next((len(values) for values in given.values() if not isinstance(values, str)), 0)
    # Column by column: a table of objects changed as a whole would take ten times as long for half a million lines.
    same: dict[str, Any] = {}
    made = {name: _column(given.get(name), kind, length, same) for name, kind in columns.items()}
    return pd.DataFrame(made, copy=False)


def _column(values: Any, kind: str, length: int, same: dict[str, Any]) -> Any:
    """Return values as a column of the given type, empty without any; columns of one text share it."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    if kind == "str" and (values is None or isinstance(values, str)):
        text = values or ""
        if text not in same:
            same[text] = pa.repeat(pa.scalar(text, pa.large_string()), length)
        return pd.array(same[text], dtype="str", copy=False)
    if values is None:
        empty: dict[str, Any] = {"int64": 0, "bool": False}
        return pd.Series([empty.get(kind)], dtype=kind).array.take(np.zeros(length, dtype=np.int64))
    if kind.startswith("datetime") and isinstance(values, pa.ChunkedArray):
        return pd.array(values.to_numpy().astype(kind))
    if kind == "str":
        texts = values.array if isinstance(values, Texts) else values
        held = isinstance(texts, np.ndarray | pa.Array | pa.ChunkedArray)
        objects = texts if held else np.array(texts, dtype=object)
        return pd.array(objects, dtype="str", copy=False)
    return pd.Series(values).astype(kind).array  # type: ignore[call-overload]
