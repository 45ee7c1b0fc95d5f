"""From the rows of a sheet to lines of the ledger: side, sign, kind, year, and what is set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from conseiller.errors import Fault, InputFaults
from conseiller.ledger.cells import FIRST_YEAR, LAST_YEAR, plain
from conseiller.ledger.columns import SENSES, Ambiguity, ColumnMap, Question
from conseiller.ledger.faults import fault
from conseiller.ledger.headers import words
from conseiller.ledger.identity import hashed, ranked
from conseiller.ledger.parties import party, without_names
from conseiller.ledger.parts import Part, changed
from conseiller.ledger.pes_codes import without
from conseiller.ledger.reading import ASIDE, COLUMNS, Control, Remark, frame
from conseiller.messages import Lang

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

#: Side by the first digit of an account.
_BY_CLASS = {"6": "cost", "2": "cost", "7": "funding", "1": "funding"}
_PLAIN_COLUMNS = ("account", "chapter", "function", "operation", "service", "analytic", "bordereau", "post")
_SPLIT = ("pay_gross", "pay_employer")


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
    part: Part, column_map: ColumnMap, path: Path, year: int | None, salt: bytes, lang: Lang
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

    Raises
    ------
    Ambiguity
        When nothing tells whether lines are spending or income.
    InputFaults
        When a financial year is none.
    """
    return _Sorter(part, column_map, path, year, salt, lang).lines()


class _Sorter:
    def __init__(
        self, part: Part, column_map: ColumnMap, path: Path, year: int | None, salt: bytes, lang: Lang
    ) -> None:
        self.part, self.map, self.path, self.salt, self.lang = part, column_map, path, salt, lang
        self.year = column_map.exercice or year
        self.told: Counter[str] = Counter()
        self.money = list(part.cents)
        self.size = len(part)

    def lines(self) -> Lines:
        import numpy as np

        part = self.part
        reasons = np.full(self.size, "", dtype=object)
        for index, printed in part.printed.items():
            reasons[index] = printed.reason
        if len(part.printed) < self.size:
            self._summed_up(reasons)
        has_money = (
            np.logical_or.reduce(list(part.known.values())) if self.money else np.zeros(self.size, bool)
        )
        reasons[(reasons == "") & ~has_money] = "no_amount"
        sides, signs = self._sides(reasons == "")
        reasons[(reasons == "") & (sides == "")] = "balance_account"
        kept = np.flatnonzero(reasons == "")
        printed_cents = self._printed()
        kinds, signs = self._kinds(kept, printed_cents, signs)
        made = self._frame(kept, sides, signs, kinds, printed_cents)
        aside = self._aside(
            np.flatnonzero((reasons != "") & (reasons != "blank")), reasons, printed_cents, sides
        )
        controls = self._controls(reasons, sides, printed_cents, made, aside)
        if part.rounded:
            self.told["rounded"] += part.rounded
        self.told["unlabelled"] += int((reasons == "unlabelled").sum())
        remarks = [Remark(code, part.sheet.name, {"count": n}) for code, n in sorted(self.told.items()) if n]
        budgets = set(part.text.get("budget", ()))
        return Lines(made, aside, controls, remarks, budgets, int((reasons != "blank").sum()))

    # --- what is a line

    def _summed_up(self, reasons: NDArray[np.object_]) -> None:
        """Set aside an amount by account that repeats the sum of the numbered lines of that account."""
        import numpy as np

        numbers = [n for n in ("mandat", "titre", "piece", "payroll") if n in self.part.text]
        if not numbers or "account" not in self.part.text or len(self.money) != 1:
            return
        numbered = np.array(
            [any(row) for row in zip(*(self.part.text[n] for n in numbers), strict=True)], bool
        )
        lone = np.flatnonzero((reasons == "") & ~numbered)
        if not len(lone) or len(lone) > self.size // 2:
            return
        cents, accounts = self.part.cents[self.money[0]], np.array(self.part.text["account"], dtype=object)
        for index in lone.tolist():
            same = (accounts == accounts[index]) & numbered & (reasons == "")
            if same.sum() > 1 and cents[same].sum() == cents[index]:
                reasons[index] = "subtotal"

    def _printed(self) -> NDArray[np.int64]:
        """Return the amount of each row as printed: debit less credit, spent and received, gross and employer."""
        import numpy as np

        cents = self.part.cents
        if "debit" in cents:
            return cents["debit"] - cents.get("credit", np.int64(0))
        if "spent" in cents:
            return cents["spent"] + cents["received"]
        parts = [cents[name] for name in _SPLIT if name in cents]
        if len(parts) == 2:
            return parts[0] + parts[1]
        if parts:
            return parts[0]
        return next(iter(cents.values()))

    # --- sides and signs

    def _sides(self, lines: NDArray[np.bool_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
        """Return the side of each row, "" when it has none, and the sign that brings its amount to that side."""
        import numpy as np

        sides = np.full(self.size, "", dtype=object)
        signs = np.ones(self.size, np.int64)
        if self.map.kind in {"pay", "payments"}:
            sides[:] = self.map.side or ("cost" if self.map.kind == "pay" else "funding")
            return sides, signs
        accounts = self.part.text.get("account", [""] * self.size)
        by_class = np.array([_BY_CLASS.get(a[:1], "") for a in accounts], dtype=object)
        if "spent" in self.part.cents:
            return self._two_columns(sides, signs, lines)
        if "debit" in self.part.cents:
            sides = np.where(
                by_class == "", self.map.side if "account" not in self.part.text else "", by_class
            )
            self._ask_side(lines & (sides == "") if "account" not in self.part.text else lines[:0], sides)
            signs[sides == "funding"] = -1
            return sides, signs
        self._by_sense(sides, signs, by_class)
        for name, side in (("mandat", "cost"), ("titre", "funding")):
            if name in self.part.text:
                there = np.fromiter(map(bool, self.part.text[name]), bool, self.size)
                sides[(sides == "") & there] = side
        sides = np.where(sides == "", by_class, sides)
        if self.map.side:
            sides = np.where(sides == "", self.map.side, sides)
        digits = np.array([a[:1] in {"3", "4", "5"} for a in accounts], bool)
        self._ask_side(lines & (sides == "") & ~digits, sides)
        return sides, signs

    def _ask_side(self, unknown: NDArray[np.bool_], sides: NDArray[np.object_]) -> None:
        if unknown.any():
            from conseiller.ledger.table import place_in_words

            row = int(self.part.rows[int(unknown.argmax())])
            where = place_in_words(self.part.sheet.name, row, self.lang)
            raise Ambiguity(self.path, (Question("side", ("cost", "funding")),), self.map, self.lang, where)

    def _two_columns(
        self, sides: NDArray[np.object_], signs: NDArray[np.int64], lines: NDArray[np.bool_]
    ) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
        import numpy as np

        spent, received = self.part.cents["spent"], self.part.cents["received"]
        both = np.flatnonzero(lines & (spent != 0) & (received != 0))
        if len(both):
            faults = [self._fault("cell_two_sides", int(i)) for i in both[:20].tolist()]
            raise InputFaults(faults, self.lang)
        sides[:] = np.where(received != 0, "funding", "cost")
        return sides, signs

    def _by_sense(
        self, sides: NDArray[np.object_], signs: NDArray[np.int64], by_class: NDArray[np.object_]
    ) -> None:
        import numpy as np

        if "sense" not in self.part.text:
            return
        said = np.array(self.part.text["sense"], dtype=object)
        meanings = self._senses({s for i, s in enumerate(said) if s and i not in self.part.printed})
        meant = np.array([meanings.get(s, "") for s in said], dtype=object)
        for side in ("cost", "funding"):
            sides[meant == side] = side
        for sense, class_of_plus in (("debit", "cost"), ("credit", "funding")):
            here = meant == sense
            sides[here] = by_class[here]
            signs[here & (by_class != class_of_plus)] = -1

    def _senses(self, values: Iterable[str]) -> dict[str, str]:
        """Return the meaning of each value of the column of sense; ask for those that are no ordinary words."""
        listed = sorted(values)
        ordinary = {word: sense for sense in SENSES for word in words()["senses"][sense]}
        meanings = {v: self.map.senses.get(v) or ordinary.get(plain(v), "") for v in listed}
        if "credit" in meanings.values():
            # « D » beside « C » is a debit; beside « R », a dépense.
            meanings |= {v: "debit" for v in listed if plain(v) == "d" and v not in self.map.senses}
        unknown = [v for v, sense in meanings.items() if not sense]
        if unknown:
            raise Ambiguity(self.path, [Question(f"sense:{v}", SENSES) for v in unknown], self.map, self.lang)
        return meanings

    def _kinds(
        self, kept: NDArray[np.int64], printed: NDArray[np.int64], signs: NDArray[np.int64]
    ) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
        """Return the kind of each kept line, and signs in which what is said to be cancelled is negative."""
        import numpy as np

        amounts = printed[kept] * signs[kept]
        kinds = np.where(amounts < 0, "reduction", "ordinary").astype(object)
        types = self.part.text.get("piece_type")
        if types is None:
            return kinds, signs
        said = {text: kind_of(text) for text in set(types)}
        stated = np.array([said[types[i]] for i in kept.tolist()], dtype=object)
        for kind in ("accrual", "deferral", "order"):
            kinds[stated == kind] = kind
        for kind in ("reduction", "reversal"):
            here = stated == kind
            kinds[here] = kind
            turned = here & (amounts > 0)
            signs = signs.copy()
            signs[kept[turned]] *= -1
            self.told["cancelled"] += int(turned.sum())
        return kinds, signs

    # --- tables

    def _frame(
        self,
        kept: NDArray[np.int64],
        sides: NDArray[np.object_],
        signs: NDArray[np.int64],
        kinds: NDArray[np.object_],
        printed: NDArray[np.int64],
    ) -> pd.DataFrame:
        import numpy as np

        whole = len(kept) == self.size
        places = kept.tolist()

        def of(values: Sequence[str]) -> list[str]:
            return list(values) if whole else [values[i] for i in places]

        text = {name: of(values) for name, values in self.part.text.items()}
        size = len(kept)
        data: dict[str, object] = {name: text[name] for name in _PLAIN_COLUMNS if name in text}
        data["cents"] = printed[kept] * signs[kept]
        data["side"], data["kind"] = sides[kept], kinds
        nat = np.full(size, np.datetime64("NaT", "s"))
        data["date"] = nat if self.part.dates is None else self.part.dates[kept]
        data["period"] = (
            nat
            if self.part.periods is None
            else self.part.periods[kept].astype("datetime64[M]").astype("datetime64[s]")
        )
        data["exercice"] = self._years(text, data, kept)
        data["label"] = without_names(text["label"]) if "label" in text else text.get("item", [""] * size)
        data["piece"] = _first_of([text[n] for n in ("mandat", "titre", "piece") if n in text], size)
        self._parties(text, data)
        if "payroll" in text:
            data["payroll"] = changed(text["payroll"], lambda n: hashed(n, self.salt))
            if not self.salt:
                self.told["payroll_not_kept"] += sum(map(bool, text["payroll"]))
        constant = {"chart": self.map.chart, "file": self.path.name, "sheet": self.part.sheet.name}
        data |= {name: np.full(size, value, dtype=object) for name, value in constant.items()}
        data["place"] = list(map(str, self.part.rows[kept].tolist()))
        named = [n for n in ("pay_gross", "pay_employer") if n in self.part.cents]
        if len(named) == 2:
            data = self._unfolded(data, named, kept)
        data["key"] = _keys(data, text, ["line_number", "item"])
        return frame(COLUMNS, data)

    def _years(
        self, text: Mapping[str, Sequence[str]], data: Mapping[str, object], kept: NDArray[np.int64]
    ) -> object:
        """Return the financial year of each line: its column, the titles, else its month of pay or its date."""
        import numpy as np
        import pandas as pd

        years: dict[str, int | None] = {}
        if "exercice" in text:
            years = {
                y: int(y) if y.isdigit() and FIRST_YEAR <= int(y) <= LAST_YEAR else None
                for y in set(text["exercice"])
            }
            wrong = [i for i, y in enumerate(text["exercice"]) if years[y] is None and y]
            if wrong:
                faults = [self._fault("cell_bad_year", int(kept[i]), "exercice") for i in wrong[:20]]
                raise InputFaults(faults, self.lang)
            if None not in years.values():
                return np.array([years[y] for y in text["exercice"]], dtype=np.int16)
        days = data["period"] if self.part.periods is not None else data["date"]
        found = pd.Series(pd.DatetimeIndex(days).year).astype("Int16")  # type: ignore[arg-type]
        if self.year is not None:
            return np.full(len(kept), self.year, dtype=np.int16)
        if "exercice" in text:
            stated = pd.Series([years[y] for y in text["exercice"]], dtype="Int16")
            found = stated.fillna(found)
        if self.map.kind in {"pieces", "entries"}:
            self.told["exercice_of_date"] += int(found.notna().sum())
        self.told["no_exercice"] += int(found.isna().sum())
        return found

    def _parties(self, text: Mapping[str, Sequence[str]], data: dict[str, object]) -> None:
        if "third_party" not in text:
            return
        names = text["third_party"]
        known = {name: party(name, self.map.parties) for name in set(names)}
        data["third_party"] = [known[n][0] for n in names]
        data["third_party_kind"] = [known[n][1] for n in names]
        hidden = {n for n, (shown, _) in known.items() if n and not shown}
        if not hidden:
            return
        labels: list[str] = list(data["label"])  # type: ignore[call-overload]
        for index, name in enumerate(names):
            if name in hidden:
                self.told["person_hidden"] += 1
                labels[index] = without(labels[index], *(w for w in name.split() if len(w) > 3))
        data["label"] = labels

    def _unfolded(
        self, data: dict[str, object], named: Sequence[str], kept: NDArray[np.int64]
    ) -> dict[str, object]:
        """Make a line of each amount of a row: gross, then employer's contributions."""
        import numpy as np

        both: dict[str, list[object]] = {name: [] for name in data}
        for index, row in enumerate(kept.tolist()):
            for name in named:
                cents = int(self.part.cents[name][row])
                if not cents and any(self.part.cents[n][row] for n in named):
                    continue
                for column, values in data.items():
                    both[column].append(values[index])  # type: ignore[index]
                both["cents"][-1] = cents
                both["kind"][-1] = "reduction" if cents < 0 else "ordinary"
                # The heading of the file tells the two lines of a row apart.
                both["label"][-1] = " – ".join(filter(None, (str(both["label"][-1]), self.map.columns[name])))
                both["place"][-1] = f"{both['place'][-1]}#{self.map.columns[name]}"
        out: dict[str, object] = dict(both)
        out["cents"] = np.array(both["cents"], dtype=np.int64)
        for name in ("date", "period"):
            out[name] = np.array(both[name], dtype="datetime64[s]")
        return out

    def _aside(
        self,
        rows: NDArray[np.int64],
        reasons: NDArray[np.object_],
        printed: NDArray[np.int64],
        sides: NDArray[np.object_],
    ) -> pd.DataFrame:
        import numpy as np

        labels = []
        for row in rows.tolist():
            texts = (
                self.part.text[n][row] for n in ("label", "item", "account", "chapter") if n in self.part.text
            )
            labels.append(next(filter(None, texts), ""))
        return frame(
            ASIDE,
            {
                "reason": reasons[rows],
                "cents": printed[rows],
                "side": np.full(len(rows), "", dtype=object),
                "label": without_names(labels) if labels else labels,
                "file": np.full(len(rows), self.path.name, dtype=object),
                "sheet": np.full(len(rows), self.part.sheet.name, dtype=object),
                "place": list(map(str, self.part.rows[rows].tolist())),
            },
        )

    # --- controls

    def _controls(
        self,
        reasons: NDArray[np.object_],
        sides: NDArray[np.object_],
        printed: NDArray[np.int64],
        made: pd.DataFrame,
        aside: pd.DataFrame,
    ) -> list[Control]:
        """Compare the lines with the totals printed, column by column, and the file with what became of it."""
        lines = (reasons == "") | (reasons == "balance_account")
        totals = [(i, p.side) for i, p in sorted(self.part.printed.items()) if p.reason == "grand_total"]
        # Of several printed alike (one a page), the last is that of the whole.
        last = {side: index for index, side in totals}
        out = []
        for side, index in last.items():
            counted = lines if not side else lines & (sides == side)
            for name in self.money:
                if self.part.known[name][index]:
                    where = f"{self.part.sheet.name}!{self.part.rows[index]}".lstrip("!")
                    found = int(self.part.cents[name][counted].sum())
                    out.append(Control("grand_total", where, int(self.part.cents[name][index]), found))
        if not totals:
            self.told["no_total"] += 1
        if "pay_total" in self.part.cents and any(n in self.part.cents for n in _SPLIT):
            where = self.map.columns["pay_total"]
            stated = int(self.part.cents["pay_total"][reasons == ""].sum())
            out.append(Control("pay_total", where, stated, int(printed[reasons == ""].sum())))
        # Once over the columns as read, once over the two tables as made, signs undone.
        whole = int(printed[reasons != "blank"].sum())
        back = self._as_printed(made) + int(aside["cents"].sum())
        out.append(Control("file_total", self.part.sheet.name, whole, back))
        out.append(
            Control("rows", self.part.sheet.name, int((reasons != "blank").sum()), self._rows(made, aside))
        )
        return out

    def _as_printed(self, made: pd.DataFrame) -> int:
        """Return the sum of kept lines with the signs of the file."""
        import numpy as np

        rows = {int(r): i for i, r in enumerate(self.part.rows.tolist())}
        index = np.array([rows[int(p.partition("#")[0])] for p in made["place"]], dtype=np.int64)
        cents = made["cents"].to_numpy()
        printed = self._printed()[index]
        turned = np.sign(printed) * np.sign(cents)
        return int((cents * np.where(turned < 0, -1, 1)).sum())

    def _rows(self, made: pd.DataFrame, aside: pd.DataFrame) -> int:
        places = made["place"]
        if any(name in self.part.cents for name in _SPLIT):
            places = places.str.partition("#")[0]
        return int(places.nunique()) + len(aside)

    def _fault(self, code: str, index: int, column: Literal["", "exercice"] = "") -> Fault:
        from conseiller.ledger.table import place_in_words

        where = place_in_words(self.part.sheet.name, int(self.part.rows[index]), self.lang)
        value = self.part.text[column][index] if column else ""
        return fault(code, self.path, self.lang, where, value=value)


@cache
def kind_of(text: str) -> str:
    """Return what a type of pièce says of a line, "" when it says nothing.

    Examples
    --------
    >>> kind_of("Mandat d'annulation"), kind_of("Mandat de rattachement"), kind_of("Ordinaire")
    ('reduction', 'accrual', '')
    """
    said = f" {plain(text)} "
    return next((k for k, listed in words()["kinds"].items() if any(f" {w} " in said for w in listed)), "")


def _first_of(columns: Sequence[Sequence[str]], size: int) -> list[str]:
    """Return, row by row, the first text that is not empty."""
    if not columns:
        return [""] * size
    if len(columns) == 1:
        return list(columns[0])
    return [next(filter(None, row), "") for row in zip(*columns, strict=True)]


def _keys(data: Mapping[str, object], text: Mapping[str, Sequence[str]], more: Sequence[str]) -> list[str]:
    """Return the identity of each line across exports: what numbers it, not its amount; twins take their rank."""
    import numpy as np
    import pandas as pd

    size = len(data["cents"])  # type: ignore[arg-type]
    numbered = "piece" in data and all(data["piece"])  # type: ignore[arg-type]
    columns: list[list[str]] = [list(map(str, data["exercice"])), list(data["side"])]  # type: ignore[call-overload]
    for name in (
        "bordereau",
        "piece",
        "account",
        "function",
        "operation",
        "service",
        "analytic",
        "post",
        "payroll",
    ):
        if name in data:
            columns.append(list(data[name]))  # type: ignore[call-overload]
    columns += [list(text[name]) for name in more if name in text and len(text[name]) == size]
    if "label" in data and not numbered:
        columns.append(list(data["label"]))  # type: ignore[call-overload]
    for name in ("date", "period"):
        days = np.asarray(data[name])
        if (name == "period" or not numbered) and not np.isnat(days).all():
            columns.append(list(map(str, days.astype("datetime64[D]").tolist())))
    keys = pd.Series(list(map("|".join, zip(*columns, strict=True))), dtype=object)
    return ranked(keys, data)
