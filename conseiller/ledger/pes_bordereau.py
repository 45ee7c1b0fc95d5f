"""A bordereau of PES Aller: what its heading says, and its totals set beside what was read of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from conseiller.ledger.cells import text_of
from conseiller.ledger.reading import Control
from conseiller.ledger.xml import Faults, cents_of, code_of, day_of, year_of

#: Totals not found that are told one by one; those after are added up, too high and too low apart.
MOST = 200


class Bordereau(NamedTuple):
    """The heading of a bordereau.

    Parameters
    ----------
    book : str
        What tells it from the others: what the keys of its lines begin with.
    number, kind : str
        ``IdBord`` and ``TypBord``.
    exercice : int
        Financial year; 0 when it cannot be read, which is a fault.
    day : date or None
    stated, stated_vat : int or None
        Totals it states [cents].
    stated_pieces : int or None
        Number of pièces it states.
    place : str
        XPath.
    """

    book: str
    number: str
    kind: str
    exercice: int
    day: date | None
    stated: int | None
    stated_vat: int | None
    stated_pieces: int | None
    place: str

    @classmethod
    def of(cls, fields: Mapping[str, str], book: str, part: str, place: str, faults: Faults) -> Bordereau:
        """Read a heading; what cannot be read of it is a fault.

        Parameters
        ----------
        fields : mapping of str to str
            Values of the heading by element.
        book : str
            Authority and budget, as the file names them.
        part : {"PES_DepenseAller", "PES_RecetteAller"}
        place : str
            XPath of the bordereau.
        faults : Faults
        """
        text = fields.get("Exer", "").strip()
        exercice = year_of(text)
        if exercice is None:
            faults.add("bad_year", place, text=text)
        issued = fields.get("DteBordEm", "").strip()
        day = day_of(issued)
        if issued and day is None:
            faults.add("bad_date", place, text=issued)
        total, vat = fields.get("MtBordHT", fields.get("MtBordHt", "")), fields.get("MtBordTVA", "")
        pieces = fields.get("NbrPce", "").strip()
        number, kind = text_of(fields.get("IdBord", "")), code_of(fields.get("TypBord", ""))
        letter = "D" if part == "PES_DepenseAller" else "R"
        return cls(
            book="|".join((book, str(exercice or 0), letter, kind, number)),
            number=number,
            kind=kind,
            exercice=exercice or 0,
            day=day,
            stated=cents_of(total) if total.strip() else None,
            stated_vat=cents_of(vat) if vat.strip() else None,
            stated_pieces=int(pieces) if pieces.isdecimal() else None,
            place=f"{place}/BlocBordereau",
        )


class Stated:
    """The totals that bordereaux state: those found are added up by side and kind, those not found are kept apart.

    So they take no more room for a thousand bordereaux than for ten, and nobody reads a page of totals that agree.
    """

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str, int], _Sum] = {}
        self._wrong: list[Control] = []

    def close(self, head: Bordereau, part: str, found: int, found_vat: int, pieces: int) -> None:
        """Take a bordereau read to its end.

        Parameters
        ----------
        head : Bordereau
        part : {"PES_DepenseAller", "PES_RecetteAller"}
        found, found_vat : int
            Sums of its lines, without VAT and of VAT [cents].
        pieces : int
            Its pièces.
        """
        self._add("bordereau", part, head.place, head.stated, found)
        self._add("bordereau_vat", part, head.place, head.stated_vat, found_vat)
        self._add("piece_count", part, head.place, head.stated_pieces, pieces)

    def _add(self, what: str, part: str, place: str, stated: int | None, found: int) -> None:
        if stated is None:
            return
        if stated != found and len(self._wrong) < MOST:
            self._wrong.append(Control(what, place, stated, found))
            return
        key = (what, part, (found > stated) - (found < stated))
        before = self._sums.get(key, _Sum(place, 0, 0, 0))
        self._sums[key] = _Sum(before.place, before.totals + 1, before.stated + stated, before.found + found)

    def controls(self) -> tuple[Control, ...]:
        """Return the totals: sums of those found, then each not found; a bordereau alone keeps its place."""
        sums = [
            Control(
                what, s.place if s.totals == 1 else f"/*/{part}/Bordereau ({s.totals})", s.stated, s.found
            )
            for (what, part, _), s in self._sums.items()
        ]
        return (*(c for c in sums if c.holds), *self._wrong, *(c for c in sums if not c.holds))


class _Sum(NamedTuple):
    place: str
    totals: int
    stated: int
    found: int
