"""One sheet read through its map: texts, dates and amounts by column, and the rows that are no lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conseiller.ledger.cells import (
    Amounts,
    Epoch,
    Mark,
    Texts,
    amount,
    amounts,
    day,
    days,
    doubtful,
    month,
    plain,
    to_cents,
)
from conseiller.ledger.columns import UNITS, ColumnMap
from conseiller.ledger.headers import Layout, words
from conseiller.ledger.progress import Progress
from conseiller.ledger.rows import Printed, account_of, code_of, is_total, judge
from conseiller.ledger.sheets import Sheet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MONEY = ("amount", "debit", "credit", "spent", "received", "pay_gross", "pay_employer", "pay_total")
#: Columns of money that make a line each.
SPLIT = ("pay_gross", "pay_employer")
#: Columns that number a line: a row that has one is no total.
_NUMBERS = ("mandat", "titre", "piece", "line_number", "payroll", "post")
#: What a total may hold (a pattern of RE2); a first look, quicker than `is_total`.
_MAYBE_TOTAL = r"(?i)tot|cumul|report|solde|[^\x00-\x7f]"
_CODES = ("chapter", "function", "service", "operation", "analytic", "section")


@dataclass
class Part:
    """One sheet, column by column, every row after its header.

    Parameters
    ----------
    sheet : Sheet
    rows : array of int64 (n)
        Number of each row in the sheet.
    text : dict of str to Texts
    dates, periods : array of datetime64 (n) or None
    cents : dict of str to array of int64 (n)
        By column of money, as printed.
    known : dict of str to array of bool (n)
    printed : dict of int to Printed
        What each row is that is no line, by index.
    faults : list of (int, str, str, object)
        Index of a row, name of the column, reason, what the cell holds.
    doubts : list of (int, str, object)
        Index of a row, name of the column, text that reads two ways.
    rounded : int
        Amounts that had a fraction of a cent.
    """

    sheet: Sheet
    rows: NDArray[np.int64]
    text: dict[str, Texts]
    dates: NDArray[np.datetime64] | None
    periods: NDArray[np.datetime64] | None
    cents: dict[str, NDArray[np.int64]]
    known: dict[str, NDArray[np.bool_]]
    printed: dict[int, Printed] = field(default_factory=dict)
    faults: list[tuple[int, str, str, object]] = field(default_factory=list)
    doubts: list[tuple[int, str, object]] = field(default_factory=list)
    rounded: int = 0

    def __len__(self) -> int:
        return len(self.rows)


class _Gatherer:
    """Turns the columns of a sheet into those of a ledger."""

    def __init__(self, sheet: Sheet, layout: Layout, column_map: ColumnMap, columns: list[Texts]) -> None:
        import numpy as np

        places = {plain(h.text): i for i, h in reversed(list(enumerate(layout.headers))) if h.text}
        self.at = {name: places[plain(text)] for name, text in column_map.columns.items()}
        self.headings = frozenset(
            h for header in layout.headers for h in (plain(header.text), plain(header.last)) if h
        )
        self.map = column_map
        self.sheet = sheet
        self.after = layout.last
        self.epoch: Epoch = column_map.epoch or sheet.epoch
        self.money = [name for name in MONEY if name in self.at]
        self.texts = [n for n in self.at if n not in (*self.money, "date", "period")]
        self.numbers = [n for n in _NUMBERS if n in self.at]
        self.rows = np.arange(layout.last + 1, max(map(len, columns), default=0) + 1)
        self.size = len(self.rows)
        self.columns = self._filled([column.after(layout.last) for column in columns])
        self.found: dict[str, Amounts] = {}
        self.faults: list[tuple[int, str, str, object]] = []
        self.doubts: list[tuple[int, str, object]] = []

    def _filled(self, columns: list[Texts]) -> list[Texts]:
        """Give the value of a cell merged downwards to each of its rows; amounts are left alone."""
        wanted = {self.at[n] for n in self.at if n not in self.money}
        spans: dict[int, list[tuple[int, int]]] = {}
        for first, last, column in self.sheet.merged(self.after):
            start = first - self.after - 1
            if column in wanted and 0 <= start < self.size:
                spans.setdefault(column, []).append((start, min(last - first + start + 1, self.size)))
        return [columns[i].spread(spans[i]) if i in spans else columns[i] for i in range(len(columns))]

    def part(self) -> Part:
        """Return the sheet; doubts that another cell of the same column settles are settled."""
        text = {name: self.columns[self.at[name]].cleaned() for name in self.texts}
        for name in ("account", *_CODES):
            if name in text:
                text[name] = text[name].changed(account_of if name == "account" else code_of)
        has_money, unreadable = self._money()
        dates = self._days("date", has_money)
        part = Part(
            sheet=self.sheet,
            rows=self.rows,
            text=text,
            dates=dates,
            periods=self._days("period", has_money),
            cents={n: self.found[n].cents for n in self.money},
            known={n: self.found[n].known for n in self.money},
            rounded=sum(self.found[n].rounded for n in self.money),
        )
        self._judge(part, has_money, unreadable)
        self._settle(part)
        part.faults = sorted((f for f in self.faults if f[0] not in part.printed), key=lambda f: f[0])
        if self.map.kind == "pay":
            _pay_totals(part)
        _fill(part)
        return part

    def _cells(self, name: str) -> list[object]:
        return self.sheet.cells(self.at[name], self.after)

    def _money(self) -> tuple[NDArray[np.bool_], set[int]]:
        """Read the amounts; return which rows have one, and which hold one that cannot be read."""
        import numpy as np

        has_money = np.zeros(self.size, bool)
        unreadable: set[int] = set()
        for name in self.money:
            column = self.columns[self.at[name]]
            values = self._cells(name) if self.sheet.typed and doubtful(column) else column
            found = self.found[name] = amounts(values, self.map.decimal, UNITS[self.map.unit])
            has_money |= found.known
            for index, code in found.faults:
                if code == "ambiguous_amount":
                    self.doubts.append((index, name, column[index]))
                    has_money[index] = True
                else:
                    unreadable.add(index)
                    self.faults.append((index, name, code, column[index]))
        return has_money, unreadable

    def _days(self, name: str, has_money: NDArray[np.bool_]) -> NDArray[np.datetime64] | None:
        import numpy as np

        if name not in self.at:
            return None
        read = month if name == "period" else day
        cells: Texts | Sequence[object] = self.columns[self.at[name]]
        found, wrong = days(cells, self.epoch, read)
        if self.sheet.typed and (np.isnat(found) & has_money).any():
            # A day too far away for the reader of workbooks comes as an empty cell.
            cells = self._cells(name)
            found, wrong = days(cells, self.epoch, read)
        for index, code in wrong:
            self.faults.append((index, name, code if name == "date" else "not_month", cells[index]))
        return found

    def _judge(self, part: Part, has_money: NDArray[np.bool_], unreadable: set[int]) -> None:
        """Look at each row that lacks something lines have."""
        import numpy as np

        has_date = None if part.dates is None else ~np.isnat(part.dates)
        has_number = np.zeros(self.size, bool)
        for name in self.numbers:
            has_number |= _numbered(part.text[name])
        has_account = part.text["account"].filled() if "account" in part.text else np.ones(self.size, bool)
        has_id = (
            has_number if self.numbers else has_date if has_date is not None else np.ones(self.size, bool)
        )
        odd = np.flatnonzero(~(has_money & has_account & has_id))
        rows = zip(*(column.take(odd).tolist() for column in self.columns), strict=True)
        for index, cells in zip(odd.tolist(), rows, strict=True):
            dated = has_date is not None and bool(has_date[index])
            # Where no column numbers the lines, a date tells a line from a total.
            numbered = bool(has_number[index]) or (not self.numbers and dated)
            account = bool(has_account[index]) and "account" in part.text
            # What cannot be read on a line is a fault of the line; elsewhere it is a text among others.
            money = bool(has_money[index]) or (index in unreadable and (numbered or dated or account))
            printed = judge(cells, self.headings, money, numbered, dated, account)
            if printed.reason:
                part.printed[index] = printed

    def _settle(self, part: Part) -> None:
        for index, name, value in self.doubts:
            proved = self.found[name].marks
            sign: Mark = next(iter(proved)) if len(proved) == 1 else ""
            if sign and sign not in str(value):
                number = amount(value, sign)
                assert number is not None, "a text in doubt holds figures"
                part.cents[name][index] = to_cents(number, UNITS[self.map.unit])[0]
                part.known[name][index] = True
            elif index not in part.printed:
                part.doubts.append((index, name, value))


def _numbered(values: Texts) -> NDArray[np.bool_]:
    """Tell which cells number a line: those that are not empty, and no total."""
    numbered = values.filled()
    maybe = values.matching(_MAYBE_TOTAL)
    if maybe.any():
        numbered &= ~(maybe & values.coded(lambda text: text[:1].isalpha() and is_total(text), "bool"))
    return numbered


def read_part(
    sheet: Sheet, layout: Layout, column_map: ColumnMap, progress: Progress, so_far: int = 0
) -> Part:
    """Read every row of a sheet after its header."""
    part = _Gatherer(sheet, layout, column_map, sheet.columns(progress)).part()
    progress.rows(so_far + len(part))
    return part


def _pay_totals(part: Part) -> None:
    """Set aside the lines of a payslip that add up others."""
    import numpy as np

    if "item" not in part.text:
        return
    beginnings = tuple(words()["pay_totals"]["beginnings"])
    sums = part.text["item"].coded(lambda item: plain(item).startswith(beginnings), "bool")
    for index in np.flatnonzero(sums).tolist():
        part.printed.setdefault(index, Printed("subtotal"))


def _fill(part: Part) -> None:
    """Give lines the codes that stand above them in a row of their own."""
    import numpy as np

    headings: dict[str, list[tuple[int, str]]] = {}
    for index, printed in sorted(part.printed.items()):
        if printed.column:
            headings.setdefault(printed.column, []).append((index, printed.code))
    for column, marks in headings.items():
        given = Texts.coded_by(
            ["", *(code for _, code in marks)],
            np.searchsorted([i for i, _ in marks], np.arange(len(part)), side="right"),
        )
        own = part.text.get(column)
        part.text[column] = given if own is None else own.filled_from(given)
