"""From the rows of a sheet to lines of the ledger: side, sign, kind, year, and what is set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from conseiller.errors import Fault, InputFaults
from conseiller.ledger.cells import FIRST_YEAR, LAST_YEAR, Texts
from conseiller.ledger.columns import Ambiguity, ColumnMap, Question
from conseiller.ledger.controls import nothing_lost, printed_totals, total_cost
from conseiller.ledger.faults import fault
from conseiller.ledger.identity import hashed, ranked
from conseiller.ledger.parties import MAYBE_NAMED, party, without_name, without_names
from conseiller.ledger.parts import SPLIT, Part
from conseiller.ledger.pes_codes import without
from conseiller.ledger.reading import ASIDE, COLUMNS, Control, Remark, frame
from conseiller.ledger.rows import Reason
from conseiller.ledger.sheets import row_in_words
from conseiller.ledger.sides import KINDS, SIDES, Sides
from conseiller.ledger.texts import joined, numbers
from conseiller.messages import Lang

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_PLAIN_COLUMNS = ("account", "chapter", "function", "operation", "service", "analytic", "bordereau", "post")
#: Codes of the reasons, in arrays.
_REASONS = (*get_args(Reason), "balance_account")
_KEPT, _BLANK, _NO_AMOUNT = (_REASONS.index(reason) for reason in ("", "blank", "no_amount"))
_BALANCE = _REASONS.index("balance_account")
#: Reasons of rows that may begin with a payroll number or a name: of them, the label alone is shown.
_OF_A_LINE = (_KEPT, _NO_AMOUNT, _BALANCE, _REASONS.index("unlabelled"))
#: What tells a line from another, when it is there.
_NUMBERED = (
    *("bordereau", "piece", "account", "function", "operation", "service", "analytic", "post", "payroll"),
)


@dataclass
class Lines:
    """What a sheet gives.

    Parameters
    ----------
    lines, aside : DataFrame
    controls : list of Control
    remarks : list of Remark
    budgets : set of str
        Names of budgets in a column.
    rows : int
        Rows that are not blank.
    """

    lines: pd.DataFrame
    aside: pd.DataFrame
    controls: list[Control] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    budgets: set[str] = field(default_factory=set)
    rows: int = 0


def lines_of(
    part: Part,
    column_map: ColumnMap,
    path: Path,
    year: int | None,
    salt: bytes,
    lang: Lang,
    month: date | None = None,
) -> Lines:
    """Turn the rows of a sheet into lines.

    Parameters
    ----------
    part : Part
    column_map : ColumnMap
    path : Path
    year : int or None
        Financial year that the titles above the table name.
    salt : bytes
        Secret that payroll numbers are hashed with.
    lang : {"fr", "en"}
    month : date, optional
        Month of pay that the titles name, for a table without a column of months.

    Raises
    ------
    Ambiguity
        When nothing tells whether lines are spending or income.
    InputFaults
        When a financial year is none.
    """
    return _Sorter(part, column_map, path, year, salt, lang, month).lines()


class _Sorter:
    def __init__(
        self,
        part: Part,
        column_map: ColumnMap,
        path: Path,
        year: int | None,
        salt: bytes,
        lang: Lang,
        month: date | None,
    ) -> None:
        self.part, self.map, self.path, self.salt, self.lang = part, column_map, path, salt, lang
        self.year = column_map.exercice or year
        self.month = month
        self.told: Counter[str] = Counter()
        self.money = list(part.cents)
        self.size = len(part)

    def lines(self) -> Lines:
        import numpy as np

        part = self.part
        reasons = np.zeros(self.size, np.int8)
        for index, row in part.printed.items():
            reasons[index] = _REASONS.index(row.reason)
        self._summed_up(reasons)
        reasons[(reasons == _KEPT) & ~np.logical_or.reduce(list(part.known.values()))] = _NO_AMOUNT
        teller = Sides(part, self.map, self.path, self.lang)
        sides, signs = teller.sides(reasons == _KEPT)
        reasons[(reasons == _KEPT) & (sides == 0)] = _BALANCE
        kept, printed = np.flatnonzero(reasons == _KEPT), self._printed()
        kinds, cents = teller.kinds(kept, printed, signs)
        self.told += teller.told
        side, kind = Texts.coded_by(SIDES, sides[kept]), Texts.coded_by(KINDS, kinds)
        data, of = self._data(kept, {"cents": cents, "side": side, "kind": kind})
        beside = np.flatnonzero((reasons != _KEPT) & (reasons != _BLANK))
        controls = printed_totals(part, sides, counted=(reasons == _KEPT) | (reasons == _BALANCE))
        controls += total_cost(part, self.map, kept, printed)
        controls += nothing_lost(part, reasons != _BLANK, printed, data["cents"], of, beside)
        if not any(row.reason == "grand_total" for row in part.printed.values()):
            self.told["no_total"] += 1
        self.told["rounded"] += part.rounded
        if "pay_employer" in part.cents and not {"pay_gross", "pay_total"} & set(part.cents):
            self.told["pay_without_gross"] += len(kept)
        self.told["unlabelled"] += int((reasons == _REASONS.index("unlabelled")).sum())
        remarks = [Remark(code, part.sheet.name, {"count": n}) for code, n in sorted(self.told.items()) if n]
        return Lines(
            lines=frame(COLUMNS, data),
            aside=self._aside(beside, reasons, printed),
            controls=controls,
            remarks=remarks,
            budgets=part.text["budget"].distinct() if "budget" in part.text else set(),
            rows=int((reasons != _BLANK).sum()),
        )

    # --- what is a line

    def _summed_up(self, reasons: NDArray[np.int8]) -> None:
        """Set aside an amount by account that repeats the sum of the numbered lines of that account."""
        import numpy as np

        numbers = [n for n in ("mandat", "titre", "piece", "payroll") if n in self.part.text]
        if not numbers or "account" not in self.part.text or len(self.money) != 1:
            return
        numbered = np.zeros(self.size, bool)
        for name in numbers:
            numbered |= self.part.text[name].filled()
        lone = np.flatnonzero((reasons == _KEPT) & ~numbered)
        if not len(lone) or len(lone) > self.size // 2:
            return
        cents, accounts = self.part.cents[self.money[0]], self.part.text["account"].encoded().codes
        assert accounts is not None
        for index in lone.tolist():
            same = (accounts == accounts[index]) & numbered & (reasons == _KEPT)
            if same.sum() > 1 and cents[same].sum() == cents[index]:
                reasons[index] = _REASONS.index("subtotal")

    def _printed(self) -> NDArray[np.int64]:
        """Return the amount of each row as printed: debit less credit, spent and received, gross and employer."""
        import numpy as np

        cents = self.part.cents
        if "debit" in cents:
            return cents["debit"] - cents.get("credit", np.int64(0))
        if "spent" in cents:
            return cents["spent"] + cents["received"]
        parts = [cents[name] for name in SPLIT if name in cents]
        if len(parts) == 2:
            return parts[0] + parts[1]
        if parts:
            return parts[0]
        return next(iter(cents.values()))

    # --- tables

    def _data(
        self, kept: NDArray[np.int64], data: dict[str, Any]
    ) -> tuple[dict[str, Any], NDArray[np.int64]]:
        """Return the columns of the kept lines, added to those given, and the row that each line comes from."""
        import numpy as np

        size = len(kept)
        whole = size == self.size
        text = {name: values if whole else values.take(kept) for name, values in self.part.text.items()}
        data |= {name: text[name] for name in _PLAIN_COLUMNS if name in text}
        self._zeros(data)
        if self.part.dates is not None:
            data["date"] = self.part.dates[kept]
        if self.part.periods is not None:
            data["period"] = self.part.periods[kept].astype("datetime64[M]").astype("datetime64[s]")
        elif self.month is not None and self.map.kind == "pay":
            data["period"] = np.full(size, np.datetime64(self.month, "s"))
        data["exercice"] = self._years(text, data, kept)
        data["label"] = text["item"] if "item" in text else Texts.repeated("", size)
        if "label" in text:
            data["label"] = text["label"].changed(without_name, MAYBE_NAMED)
        data["piece"] = _first_of([text[n] for n in ("mandat", "titre", "piece") if n in text], size)
        self._parties(text, data)
        if "payroll" in text:
            data["payroll"] = text["payroll"].changed(lambda n: hashed(n, self.salt))
            if not self.salt:
                self.told["payroll_not_kept"] += int(text["payroll"].filled().sum())
        constant = {"chart": self.map.chart, "file": self.path.name, "sheet": self.part.sheet.name}
        data |= constant
        data["place"] = numbers(self.part.rows[kept])
        rows = kept
        if all(name in self.part.cents for name in SPLIT):
            data, rows = self._unfolded(data, kept)
        data["key"] = self._keys(data, text)
        return data, rows

    def _zeros(self, data: dict[str, Any]) -> None:
        """Give back to chapters the zero a spreadsheet took ("12" for "012"), where the account's chapter has it."""
        import numpy as np

        if "account" not in data or "chapter" not in data:
            return
        short = np.flatnonzero(data["chapter"].matching(r"^\d\d$"))
        if not len(short):
            return
        from conseiller.law import load_law

        law = load_law()
        pairs = list(zip(*(data[name].take(short).tolist() for name in ("chapter", "account")), strict=True))
        padded = {(c, a): f"0{c}" for c, a in set(pairs) if law.chapter(a) == f"0{c}"}
        data["chapter"] = data["chapter"].patched(short, [padded.get(pair, pair[0]) for pair in pairs])
        self.told["zeros_back"] += sum(pair in padded for pair in pairs)

    def _years(self, text: Mapping[str, Texts], data: Mapping[str, Any], kept: NDArray[np.int64]) -> Any:
        """Return the financial year of each line: its column, the titles, else its month of pay or its date."""
        import numpy as np
        import pandas as pd

        size = len(kept)
        stated = None
        if "exercice" in text:
            column = text["exercice"]
            wrong = column.coded(lambda y: bool(y) and not _year_of(y), "bool")
            if wrong.any():
                raise InputFaults([self._bad_year(i) for i in kept[wrong][:20].tolist()], self.lang)
            stated = column.coded(_year_of, "int16")
            if stated.all():
                return stated
        elif self.year is not None:
            return np.full(size, self.year, dtype=np.int16)
        days = data.get("period", data.get("date"))
        found = pd.Series(pd.DatetimeIndex([None] * size if days is None else days).year).astype("Int16")
        if stated is not None:
            found = pd.Series(stated).astype("Int16").where(stated != 0, found)
        if size and self.map.kind != "payments" and found.isna().all():
            raise Ambiguity(self.path, (Question("exercice", ()),), self.map, self.lang)
        if self.map.kind in {"pieces", "entries"}:
            self.told["exercice_of_date"] += int(found.notna().sum())
        self.told["no_exercice"] += int(found.isna().sum())
        return found.array

    def _bad_year(self, index: int) -> Fault:
        where = row_in_words(self.part.sheet.name, int(self.part.rows[index]), self.lang)
        value = self.part.text["exercice"][index]
        return fault("cell_bad_year", self.path, self.lang, where, value=value)

    def _parties(self, text: Mapping[str, Texts], data: dict[str, Any]) -> None:
        """Add the third parties; a name that could be somebody's leaves the label as well."""
        import numpy as np

        if "third_party" not in text:
            return
        names = text["third_party"]
        data["third_party"] = names.changed(lambda name: party(name, self.map.parties)[0])
        data["third_party_kind"] = names.changed(lambda name: party(name, self.map.parties)[1])
        hidden = np.flatnonzero(names.filled() & ~data["third_party"].filled())
        if not len(hidden):
            return
        self.told["person_hidden"] += len(hidden)
        pairs = list(zip(data["label"].take(hidden).tolist(), names.take(hidden).tolist(), strict=True))
        bare = {(label, n): without(label, *(w for w in n.split() if len(w) > 3)) for label, n in set(pairs)}
        data["label"] = data["label"].patched(hidden, [bare[pair] for pair in pairs])

    def _unfolded(
        self, data: dict[str, Any], kept: NDArray[np.int64]
    ) -> tuple[dict[str, Any], NDArray[np.int64]]:
        """Make a line of each amount of a row: gross, then employer's contributions; nought only beside nothing."""
        import numpy as np

        amounts = np.stack([self.part.cents[name][kept] for name in SPLIT], axis=1)
        wanted = amounts != 0
        wanted[~wanted.any(axis=1), 0] = True
        index, column = np.nonzero(wanted)
        out: dict[str, Any] = {
            name: values if isinstance(values, str) else values.take(index) for name, values in data.items()
        }
        out["cents"] = amounts[index, column]
        out["kind"] = Texts.coded_by(("ordinary", "reduction"), out["cents"] < 0)
        # The heading of the file tells the lines of a row apart.
        heading = Texts.coded_by([self.map.columns[name] for name in SPLIT], column)
        out["label"] = Texts.of(joined([out["label"], heading], " – ")).changed(
            lambda text: text.removeprefix(" – "), "^ – "
        )
        out["place"] = Texts(joined([out["place"], heading], "#"))
        return out, kept[index]

    def _keys(self, data: Mapping[str, Any], text: Mapping[str, Texts]) -> Texts:
        """Return the identity of each line across exports: what numbers it, not its amount; twins take their rank."""
        size = len(data["cents"])
        columns = [_said(data["exercice"]), data["side"]]
        columns += [data[name] for name in _NUMBERED if name in data]
        columns += [
            text[name] for name in ("line_number", "item") if name in text and len(text[name]) == size
        ]
        piece = data["piece"]
        numbered = bool(piece.filled().all())
        if not numbered or "item" in text:
            columns.append(data["label"])
        for name in ("date", "period"):
            if name in data and (name == "period" or not numbered):
                columns.append(_said(data[name]))
        keys = Texts(joined(columns, "|"))
        # Numbers that are single make single keys, and are shorter to compare.
        single = numbered and piece.single()
        return keys if single else Texts(ranked(keys.array, data))

    def _aside(
        self, rows: NDArray[np.int64], reasons: NDArray[np.int8], printed: NDArray[np.int64]
    ) -> pd.DataFrame:
        shown = [n for n in ("label", "item", "account", "chapter") if n in self.part.text]
        first = _first_of([self.part.text[n].take(rows) for n in shown], len(rows)).tolist()
        said = self.part.printed
        labels = [
            (reason not in _OF_A_LINE and row in said and said[row].text) or text
            for row, reason, text in zip(rows.tolist(), reasons[rows].tolist(), first, strict=True)
        ]
        return frame(
            ASIDE,
            {
                "reason": [_REASONS[r] for r in reasons[rows].tolist()],
                "cents": printed[rows],
                "label": without_names(labels) if labels else labels,
                "file": self.path.name,
                "sheet": self.part.sheet.name,
                "place": list(map(str, self.part.rows[rows].tolist())),
            },
        )


def _first_of(columns: Sequence[Texts], size: int) -> Texts:
    """Return, row by row, the first text that is not empty."""
    return reduce(Texts.filled_from, columns) if columns else Texts.repeated("", size)


def _year_of(text: str) -> int:
    """Return the financial year that a cell holds, 0 if none."""
    return int(text) if text.isdigit() and FIRST_YEAR <= int(text) <= LAST_YEAR else 0


def _said(values: Any) -> Texts:
    """Return years or days as keys hold them."""
    import numpy as np
    import pandas as pd

    codes, known = pd.factorize(values, use_na_sentinel=False)
    if known.dtype.kind == "M":
        return Texts.coded_by(np.datetime_as_string(known, "D").tolist(), codes)
    return Texts.coded_by([str(value) for value in known.tolist()], codes)
