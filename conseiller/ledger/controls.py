"""Controls of a table: its lines against the totals it prints, and what was made of it against the whole file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conseiller.ledger.columns import ColumnMap
from conseiller.ledger.parts import SPLIT, Part
from conseiller.ledger.reading import Control
from conseiller.ledger.sides import SIDES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def printed_totals(part: Part, sides: NDArray[np.int8], counted: NDArray[np.bool_]) -> list[Control]:
    """Compare lines with the grand totals printed, column by column.

    Parameters
    ----------
    part : Part
    sides : array of int8
        Side of each row (an index of `SIDES`), for a total that names one.
    counted : array of bool
        Rows that a printed total adds up, those of balance accounts included.
    """
    # Of several printed alike (one a page), the last is that of the whole.
    last = {row.side: index for index, row in sorted(part.printed.items()) if row.reason == "grand_total"}
    out = []
    for side, index in last.items():
        rows = counted & (sides == SIDES.index(side)) if side else counted
        where = f"{part.sheet.name}!{part.rows[index]}".lstrip("!")
        for name, cents in part.cents.items():
            if part.known[name][index]:
                out.append(Control("grand_total", where, int(cents[index]), int(cents[rows].sum())))
    return out


def total_cost(
    part: Part, column_map: ColumnMap, kept: NDArray[np.int64], printed: NDArray[np.int64]
) -> list[Control]:
    """Compare gross and employer's contributions with the column of total cost, where there is one."""
    if "pay_total" not in part.cents or not any(name in part.cents for name in SPLIT):
        return []
    stated = int(part.cents["pay_total"][kept].sum())
    return [Control("pay_total", column_map.columns["pay_total"], stated, int(printed[kept].sum()))]


def nothing_lost(
    part: Part,
    there: NDArray[np.bool_],
    printed: NDArray[np.int64],
    cents: NDArray[np.int64],
    of: NDArray[np.int64],
    beside: NDArray[np.int64],
) -> list[Control]:
    """Compare what was made of a sheet, signs undone, with the sheet: amounts, then rows.

    Parameters
    ----------
    part : Part
    there : array of bool
        Rows that are not blank.
    printed : array of int64
        Amount of each row, as printed [cents].
    cents, of : array of int64
        Amount of each line made [cents], and the row it comes from.
    beside : array of int64
        Rows set aside.
    """
    import numpy as np

    turned = np.sign(printed[of]) * np.sign(cents) < 0
    if all(name in part.cents for name in SPLIT):
        turned[:] = False  # these keep the sign of each amount
    back = int(np.where(turned, -cents, cents).sum()) + int(printed[beside].sum())
    rows = int(np.count_nonzero(np.diff(of))) + 1 if len(of) else 0  # lines of a row follow one another
    name = part.sheet.name
    return [
        Control("file_total", name, int(printed[there].sum()), back),
        Control("rows", name, int(there.sum()), rows + len(beside)),
    ]
