"""Codes and labels of books: cells as text on one line, equal however the file wrote them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time
from functools import lru_cache
from typing import TypeVar

_T = TypeVar("_T")
#: What stands for an empty cell.
NOTHING = frozenset({"", "-", "–", "—", "−", "--", "---"})
#: Minus signs and blanks as the keyboard has them.
SIGNS = str.maketrans(
    {"−": "-", "–": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2007": " ", "\t": " "}
)
_LONG_CODE = 15


class CellError(ValueError):
    """A cell that cannot be read; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def text_of(value: object) -> str:
    r"""Return a cell as text on one line: 6413.0 is "6413", a date is ISO, blanks are single spaces.

    Examples
    --------
    >>> text_of(6413.0), text_of("  Paie \n janvier "), text_of(None)
    ('6413', 'Paie janvier', '')
    """
    if isinstance(value, str):
        return " ".join(value.split())
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 10**_LONG_CODE else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return str(value)


#: What `text_of` would change (a pattern of RE2): blanks at either end or side by side, and blanks that are no space.
UNCLEAN = r"^ | $|  |[\x09-\x0d\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"


def distinct(values: Sequence[_T]) -> set[_T]:
    """Return the different values of a column, at once when there is but one."""
    return {values[0]} if values and values.count(values[0]) == len(values) else set(values)


def texts(values: Sequence[object]) -> list[str]:
    """Return a column of cells as text; equal cells share one text."""
    # True equals 1 and 1.0 equals 1 as keys; each is written "1".
    known = {value: text_of(value) for value in distinct(values)}
    return list(map(known.__getitem__, values))


_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "oe", "Æ": "ae", "’": "'", "º": "°"})
_OTHER = re.compile(r"[^a-z0-9]+")


@lru_cache(8192)
def plain(text: str) -> str:
    """Return the words of a text in lower case, without accents or punctuation, one space apart.

    Examples
    --------
    >>> plain("N° de Mandat (émis)")
    'n de mandat emis'
    """
    import unicodedata

    apart = unicodedata.normalize("NFKD", text.translate(_LIGATURES).lower())
    bare = "".join(c for c in apart if not unicodedata.combining(c))
    return _OTHER.sub(" ", bare.replace("°", " ")).strip()
