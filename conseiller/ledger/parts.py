"""One sheet read through its map: texts, dates and amounts by column, and the rows that are no lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import TYPE_CHECKING

from conseiller.ledger.cells import (
    CellError,
    Epoch,
    Mark,
    amount,
    amounts,
    days,
    distinct,
    month,
    plain,
    texts,
    to_cents,
)
from conseiller.ledger.columns import UNITS, ColumnMap
from conseiller.ledger.headers import Layout, words
from conseiller.ledger.progress import Progress
from conseiller.ledger.rows import Printed, account_of, code_of, is_total, judge
from conseiller.ledger.sheets import Block, Sheet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MONEY = ("amount", "debit", "credit", "spent", "received", "pay_gross", "pay_employer", "pay_total")
#: Columns of money that make a line each.
SPLIT = ("pay_gross", "pay_employer")
#: Columns that number a line: a row that has one is no total.
_NUMBERS = ("mandat", "titre", "piece", "line_number", "payroll", "post")
_CODES = ("chapter", "function", "service", "operation", "analytic", "section")


@dataclass
class Part:
    """One sheet, column by column, every row after its header.

    Parameters
    ----------
    sheet : Sheet
    rows : array of int64 (n)
        Number of each row in the sheet.
    text : dict of str to list of str
    dates, periods : array of datetime64 (n) or None
    cents : dict of str to array of int64 (n)
        By column of money, as printed.
    known : dict of str to array of bool (n)
    printed : dict of int to Printed
        What each row is that is no line, by index.
    faults : list of (int, str, str)
        Index of a row, name of the column, reason.
    doubts : list of (int, str, object)
        Index of a row, name of the column, text that reads two ways.
    rounded : int
        Amounts that had a fraction of a cent.
    """

    sheet: Sheet
    rows: NDArray[np.int64]
    text: dict[str, list[str]]
    dates: NDArray[np.datetime64] | None
    periods: NDArray[np.datetime64] | None
    cents: dict[str, NDArray[np.int64]]
    known: dict[str, NDArray[np.bool_]]
    printed: dict[int, Printed] = field(default_factory=dict)
    faults: list[tuple[int, str, str]] = field(default_factory=list)
    doubts: list[tuple[int, str, object]] = field(default_factory=list)
    rounded: int = 0

    def __len__(self) -> int:
        return len(self.rows)


class _Gatherer:
    """Turns the blocks of a sheet into columns."""

    def __init__(self, sheet: Sheet, layout: Layout, column_map: ColumnMap) -> None:
        places = {plain(h.text): i for i, h in reversed(list(enumerate(layout.headers))) if h.text}
        self.at = {name: places[plain(text)] for name, text in column_map.columns.items()}
        self.headings = frozenset(
            h for header in layout.headers for h in (plain(header.text), plain(header.last)) if h
        )
        self.map = column_map
        self.sheet = sheet
        self.layout = layout
        self.epoch: Epoch = column_map.epoch or sheet.epoch
        self.money = [name for name in MONEY if name in self.at]
        self.texts = [n for n in self.at if n not in (*self.money, "date", "period")]
        self.numbers = [n for n in _NUMBERS if n in self.at]
        self.text: dict[str, list[str]] = {name: [] for name in self.texts}
        self.pieces: dict[str, list[NDArray[np.generic]]] = {}
        self.odd: dict[int, tuple[list[object], bool, bool, bool, bool]] = {}
        self.marks: dict[str, set[Mark]] = {name: set() for name in self.money}
        self.faults: list[tuple[int, str, str]] = []
        self.doubts: list[tuple[int, str, object]] = []
        self.above: dict[tuple[int, int], object] = {}
        self.rounded = self.count = 0

    def add(self, block: Block) -> None:
        """Read one block."""
        import numpy as np

        size = len(block)
        block = self._filled(block)
        texts_now: dict[str, Sequence[str]] = {
            name: texts(block.columns[self.at[name]]) for name in self.texts
        }
        for name in ("account", *_CODES):
            if name in texts_now:
                texts_now[name] = changed(texts_now[name], account_of if name == "account" else code_of)
        has_date = None
        for name, read in (("date", self._days), ("period", self._months)):
            if name in self.at:
                found = read(name, block.columns[self.at[name]])
                self.pieces.setdefault(name, []).append(found)
                if name == "date":
                    has_date = ~np.isnat(found)
        has_money = np.zeros(size, bool)
        unreadable: set[int] = set()
        for name in self.money:
            has_money |= self._amounts(name, block.columns[self.at[name]], unreadable)
        has_number = np.zeros(size, bool)
        for name in self.numbers:
            values = texts_now[name]
            number = bool if "".join(values).isdigit() else _is_number  # figures alone are no total
            has_number |= np.fromiter(map(number, values), bool, size)
        has_account = np.ones(size, bool)
        if "account" in texts_now:
            has_account = np.fromiter(map(bool, texts_now["account"]), bool, size)
        has_id = has_number if self.numbers else has_date if has_date is not None else np.ones(size, bool)
        for index in np.flatnonzero(~(has_money & has_account & has_id)).tolist():
            cells = [column[index] for column in block.columns]
            dated = has_date is not None and bool(has_date[index])
            # Where no column numbers the lines, a date tells a line from a total.
            numbered = bool(has_number[index]) or (not self.numbers and dated)
            account = bool(has_account[index]) and "account" in texts_now
            # What cannot be read on a line is a fault of the line; elsewhere it is a text among others.
            money = bool(has_money[index]) or (index in unreadable and (numbered or dated or account))
            self.odd[self.count + index] = (cells, money, numbered, dated, account)
        for name, values in texts_now.items():
            self.text[name] += values
        self.pieces.setdefault("rows", []).append(np.arange(block.first, block.first + size, dtype=np.int64))
        self.count += size

    def _filled(self, block: Block) -> Block:
        """Return the block with the value of a cell merged downwards on each of its rows; amounts are left alone."""
        wanted = {self.at[n] for n in self.at if n not in self.money}
        last_row = block.first + len(block) - 1
        columns: dict[int, list[object]] = {}
        for first, last, column in self.sheet.merged:
            if column not in wanted or last < block.first or first > last_row or first <= self.layout.last:
                continue
            cells = columns.setdefault(column, list(block.columns[column]))
            if first >= block.first:
                self.above[first, column] = cells[first - block.first]
            for row in range(max(first, block.first), min(last, last_row) + 1):
                cells[row - block.first] = self.above.get((first, column), "")
        if not columns:
            return block
        return Block(block.first, [columns.get(i, cells) for i, cells in enumerate(block.columns)])

    def _days(self, name: str, values: Sequence[object]) -> NDArray[np.datetime64]:
        found, wrong = days(values, self.epoch)
        self.faults += [(self.count + i, name, code) for i, code in wrong]
        return found

    def _months(self, name: str, values: Sequence[object]) -> NDArray[np.datetime64]:
        import numpy as np

        read: dict[object, np.datetime64] = {}
        wrong = set()
        for value in distinct(values):
            try:
                found = month(value, self.epoch)
                read[value] = np.datetime64("NaT", "s") if found is None else np.datetime64(found, "s")
            except CellError:
                read[value] = np.datetime64("NaT", "s")
                wrong.add(value)
        self.faults += (
            [(self.count + i, name, "not_month") for i, v in enumerate(values) if v in wrong] if wrong else []
        )
        return np.array([read[v] for v in values], dtype="datetime64[s]")

    def _amounts(self, name: str, values: Sequence[object], unreadable: set[int]) -> NDArray[np.bool_]:
        found = amounts(values, self.map.decimal, UNITS[self.map.unit])
        self.pieces.setdefault(f"cents {name}", []).append(found.cents)
        self.pieces.setdefault(f"known {name}", []).append(found.known)
        self.marks[name] |= found.marks
        self.rounded += found.rounded
        has_money = found.known
        for index, code in found.faults:
            if code == "ambiguous_amount":
                self.doubts.append((self.count + index, name, values[index]))
                has_money = has_money.copy()
                has_money[index] = True
            else:
                unreadable.add(index)
                self.faults.append((self.count + index, name, code))
        return has_money

    def part(self) -> Part:
        """Return what was gathered; doubts that another cell of the same column settles are settled."""
        import numpy as np

        def joined(name: str) -> NDArray[np.generic]:
            return np.concatenate(self.pieces[name])

        nothing = not self.count
        part = Part(
            sheet=self.sheet,
            rows=np.zeros(0, np.int64) if nothing else joined("rows").astype(np.int64),
            text=self.text,
            dates=None if nothing or "date" not in self.at else joined("date").astype("datetime64[s]"),
            periods=None if nothing or "period" not in self.at else joined("period").astype("datetime64[s]"),
            cents={
                n: np.zeros(0, np.int64) if nothing else joined(f"cents {n}").astype(np.int64)
                for n in self.money
            },
            known={
                n: np.zeros(0, bool) if nothing else joined(f"known {n}").astype(bool) for n in self.money
            },
            rounded=self.rounded,
        )
        for index, (cells, *seen) in self.odd.items():
            printed = judge(cells, self.headings, *seen)
            if printed.reason:
                part.printed[index] = printed
        self._settle(part)
        part.faults = [f for f in self.faults if f[0] not in part.printed]
        if self.map.kind == "pay":
            _pay_totals(part)
        _fill(part)
        return part

    def _settle(self, part: Part) -> None:
        for index, name, value in self.doubts:
            proved = self.marks[name]
            sign: Mark = next(iter(proved)) if len(proved) == 1 else ""
            if sign and sign not in str(value):
                number = amount(value, sign)
                assert number is not None, "a text in doubt holds figures"
                part.cents[name][index] = to_cents(number, UNITS[self.map.unit])[0]
                part.known[name][index] = True
            elif index not in part.printed:
                part.doubts.append((index, name, value))


def _is_number(text: str) -> bool:
    """Tell whether a cell numbers a line: it is not empty, and no total."""
    return bool(text) and not (text[0].isalpha() and is_total(text))


def read_part(
    sheet: Sheet, layout: Layout, column_map: ColumnMap, progress: Progress, so_far: int = 0
) -> Part:
    """Read every row of a sheet after its header."""
    gatherer = _Gatherer(sheet, layout, column_map)
    for block in sheet.blocks(layout.last):
        gatherer.add(block)
        progress.rows(so_far + gatherer.count)
    return gatherer.part()


def _pay_totals(part: Part) -> None:
    """Set aside the lines of a payslip that add up others."""
    items = part.text.get("item")
    if items is None:
        return
    beginnings = tuple(words()["pay_totals"]["beginnings"])
    sums = {item for item in set(items) if plain(item).startswith(beginnings)}
    for index in compress(range(len(items)), (item in sums for item in items)):
        part.printed.setdefault(index, Printed("subtotal"))


def _fill(part: Part) -> None:
    """Give lines the codes that stand above them in a row of their own."""
    import numpy as np

    headings: dict[str, list[tuple[int, str]]] = {}
    for index, printed in sorted(part.printed.items()):
        if printed.column:
            headings.setdefault(printed.column, []).append((index, printed.code))
    for column, marks in headings.items():
        values = part.text.setdefault(column, [""] * len(part))
        at = np.searchsorted([i for i, _ in marks], np.arange(len(part)), side="right") - 1
        for index in np.flatnonzero(at >= 0).tolist():
            if not values[index]:
                values[index] = marks[at[index]][1]


#: How the texts of some columns are to be made, before any other use.
Change = Callable[[str], str]


def changed(values: Sequence[str], change: Change | Mapping[str, str]) -> Sequence[str]:
    """Return texts each changed once, however often it comes."""
    made = {v: change[v] if isinstance(change, Mapping) else change(v) for v in distinct(values)}
    if all(v == new for v, new in made.items()):
        return values
    return list(map(made.__getitem__, values))


def coded(values: Sequence[str], code: Callable[[str], int]) -> NDArray[np.int8]:
    """Return the code of each text, worked out once however often it comes."""
    import numpy as np

    made = {v: code(v) for v in distinct(values)}
    return np.fromiter(map(made.__getitem__, values), np.int8, len(values))
