"""Where a line or a stated total stands in its file, in the words of an officer: row, or bordereau, pièce and line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from conseiller.ledger.reading import SEVERAL, Control
from conseiller.ledger.sheets import row_in_words
from conseiller.messages import Lang, tr
from conseiller.text import number

if TYPE_CHECKING:
    import pandas as pd

#: A bordereau in the XPath of a PES file: all of the path down to it, and its rank.
_BORDEREAU = r"(.*/Bordereau\[(\d+)\])"
_LINE = re.compile(r"/LigneDePiece\[(\d+)\]$")

#: Numbers of the bordereaux, by file and by XPath.
Numbers = Mapping[tuple[str, str], str]


def line_in_words(place: str, sheet: str, bordereau: str, piece: str, lang: Lang) -> str:
    """Return where a line is: its row, else its bordereau, pièce and line, else its XPath.

    Examples
    --------
    >>> line_in_words("12", "", "", "", "fr")
    'ligne 12'
    >>> line_in_words("/*/PES_DepenseAller/Bordereau[3]/Piece[2]/LigneDePiece[1]", "", "14", "126", "fr")
    'bordereau n° 14, pièce n° 126, ligne 1'
    """
    if place.isdecimal():
        return row_in_words(sheet, int(place), lang)
    line = _LINE.search(place)
    if not bordereau or not piece:
        return place
    said = tr("books.at.piece", lang, bordereau=bordereau, piece=piece)
    return tr("books.at.line", lang, piece=said, line=line[1]) if line else said


def bordereaux(lines: pd.DataFrame) -> Numbers:
    """Return the numbers of the bordereaux of PES files, from lines of books (columns file, place, bordereau)."""
    held = lines.loc[lines["place"].str.startswith("/") & (lines["bordereau"] != "")]
    path = held["place"].str.extract(_BORDEREAU)[0]
    known = held.assign(path=path)[["file", "path", "bordereau"]].dropna().drop_duplicates(["file", "path"])
    return {(f, p): b for f, p, b in known.itertuples(index=False, name=None)}


def numbers_of(
    controls: Iterable[tuple[str, Control]], blocks: Callable[[], Iterable[pd.DataFrame]]
) -> Numbers:
    """Return the numbers of the bordereaux that state some totals.

    Parameters
    ----------
    controls : iterable of (str, Control)
        The totals, each with its file.
    blocks : callable
        Gives the lines of the files, some at a time; called only when a total is that of a bordereau.
    """
    wanted = {(file, found[1]) for file, c in controls if (found := re.match(_BORDEREAU, c.where))}
    numbers: dict[tuple[str, str], str] = {}
    for lines in blocks() if wanted else ():
        numbers |= {where: number for where, number in bordereaux(lines).items() if where in wanted}
    return numbers


def control_in_words(control: Control, file: str, numbers: Numbers, lang: Lang) -> str:
    """Return where a file states a total: its row, its bordereau or bordereaux, or what the reader says."""
    if several := SEVERAL.fullmatch(control.where):
        side = "cost" if several[1] == "PES_DepenseAller" else "funding"
        return tr(f"books.at.several_{side}", lang, count=number(int(several[2]), lang))
    if found := re.match(_BORDEREAU, control.where):
        named = numbers.get((file, found[1]))
        key, value = ("number", named) if named else ("rank", found[2])
        return tr(f"books.at.bordereau_{key}", lang, number=value)
    if control.what == "grand_total":
        sheet, _, row = control.where.rpartition("!")
        return row_in_words(sheet, int(row), lang) if row.isdecimal() else control.where
    return control.where
