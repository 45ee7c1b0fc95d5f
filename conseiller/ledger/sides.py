"""Side, sign and kind of the rows of a table: spending or income, added or taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from conseiller.errors import InputFaults
from conseiller.ledger.cells import plain
from conseiller.ledger.columns import SENSES, Ambiguity, ColumnMap, Question
from conseiller.ledger.faults import fault
from conseiller.ledger.headers import words
from conseiller.ledger.parts import Part
from conseiller.ledger.sheets import row_in_words
from conseiller.messages import Lang

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Codes of the sides and of the kinds, in arrays.
SIDES = ("", "cost", "funding")
KINDS = ("ordinary", "reduction", "accrual", "reversal", "deferral", "order")
_COST, _FUNDING = 1, 2
_REDUCTION, _REVERSAL = KINDS.index("reduction"), KINDS.index("reversal")
#: Side by the first digit of an account.
_BY_CLASS = {"6": _COST, "2": _COST, "7": _FUNDING, "1": _FUNDING}

if TYPE_CHECKING:
    Codes = NDArray[np.int8]


class Sides:
    """Tells the side, the sign and the kind of the rows of a sheet.

    Parameters
    ----------
    part : Part
    column_map : ColumnMap
    path : Path
    lang : {"fr", "en"}

    Attributes
    ----------
    told : Counter of str
        What the officer should know, by code.
    """

    def __init__(self, part: Part, column_map: ColumnMap, path: Path, lang: Lang) -> None:
        self.part, self.map, self.path, self.lang = part, column_map, path, lang
        self.size = len(part)
        self.told: Counter[str] = Counter()

    def sides(self, lines: NDArray[np.bool_]) -> tuple[Codes, NDArray[np.int64]]:
        """Return the side of each row (an index of `SIDES`) and the sign that brings its amount to that side.

        Parameters
        ----------
        lines : array of bool
            Rows that are lines.

        Raises
        ------
        Ambiguity
            When nothing tells the side of a line, or the column of sense holds an unknown word.
        InputFaults
            When a line holds spending and income at once.
        """
        import numpy as np

        signs = np.ones(self.size, np.int64)
        text, cents = self.part.text, self.part.cents
        stated = SIDES.index(self.map.side)
        if self.map.kind in {"pay", "payments"}:
            usual = _COST if self.map.kind == "pay" else _FUNDING
            return np.full(self.size, stated or usual, np.int8), signs
        if "spent" in cents:
            return self._two_columns(lines), signs
        accounts = text.get("account")
        by_class = np.zeros(self.size, np.int8)
        if accounts is not None:
            by_class = accounts.coded(lambda a: _BY_CLASS.get(a[:1], 0))
        if "debit" in cents:
            if accounts is None:
                by_class[:] = stated
                self._ask_side(lines & (by_class == 0))
            signs[by_class == _FUNDING] = -1
            return by_class, signs
        sides = self._by_sense(signs, by_class)
        for name, side in (("mandat", _COST), ("titre", _FUNDING)):
            if name in text and not sides.all():
                sides[(sides == 0) & text[name].filled()] = side
        for other in (by_class, stated):
            if not sides.all():
                sides = np.where(sides == 0, other, sides).astype(np.int8)
        unknown = lines & (sides == 0)
        if unknown.any():
            if accounts is not None:
                unknown &= ~accounts.coded(lambda a: a[:1] in {"3", "4", "5"}, "bool")
            self._ask_side(unknown)
        return sides, signs

    def _ask_side(self, unknown: NDArray[np.bool_]) -> None:
        if unknown.any():
            where = row_in_words(self.part.sheet.name, int(self.part.rows[int(unknown.argmax())]), self.lang)
            raise Ambiguity(self.path, (Question("side", ("cost", "funding")),), self.map, self.lang, where)

    def _two_columns(self, lines: NDArray[np.bool_]) -> Codes:
        import numpy as np

        spent, received = self.part.cents["spent"], self.part.cents["received"]
        both = np.flatnonzero(lines & (spent != 0) & (received != 0))
        if len(both):
            rows = (row_in_words(self.part.sheet.name, int(self.part.rows[i]), self.lang) for i in both[:20])
            raise InputFaults([fault("cell_two_sides", self.path, self.lang, r) for r in rows], self.lang)
        return np.where(received != 0, _FUNDING, _COST).astype(np.int8)

    def _by_sense(self, signs: NDArray[np.int64], by_class: Codes) -> Codes:
        """Return the side that the column of sense tells, 0 where it tells none; turn the signs it turns."""
        import numpy as np

        said = self.part.text.get("sense")
        if said is None:
            return np.zeros(self.size, np.int8)
        rows = np.ones(self.size, bool)
        rows[list(self.part.printed)] = False
        meanings = self._senses(said.take(np.flatnonzero(rows)).distinct() - {""})
        order = ("", *SENSES)
        meant = said.coded(lambda s: order.index(meanings.get(s, "")))
        sides = np.where(meant <= _FUNDING, meant, by_class).astype(np.int8)
        for sense, class_of_plus in (("debit", _COST), ("credit", _FUNDING)):
            signs[(meant == order.index(sense)) & (by_class != class_of_plus)] = -1
        return sides

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

    def kinds(
        self, kept: NDArray[np.int64], printed: NDArray[np.int64], signs: NDArray[np.int64]
    ) -> tuple[Codes, NDArray[np.int64]]:
        """Return the kind of each kept line (an index of `KINDS`), and its signed amount.

        What is said to be cancelled is negative, however it is written.
        """
        import numpy as np

        amounts = printed[kept] * signs[kept]
        kinds = np.where(amounts < 0, _REDUCTION, 0).astype(np.int8)
        types = self.part.text.get("piece_type")
        if types is None:
            return kinds, amounts
        stated = types.coded(lambda t: KINDS.index(kind_of(t) or "ordinary"))[kept]
        kinds = np.where(stated != 0, stated, kinds).astype(np.int8)
        turned = ((stated == _REDUCTION) | (stated == _REVERSAL)) & (amounts > 0)
        self.told["cancelled"] += int(turned.sum())
        return kinds, np.where(turned, -amounts, amounts)


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
