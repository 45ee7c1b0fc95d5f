"""Codes and labels of books: cells as text on one line, equal however the file wrote them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time
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


#: What `text_of` would change: runs of blanks, and blanks that are no space.
_UNCLEAN = ("  ", "\n ", " \n", "\t", "\r", "\f", "\v", "\x1c", "\x1d", "\x1e", "\x1f")
_UNCLEAN_BEYOND_ASCII = tuple("\x85\u00a0\u1680\u2028\u2029\u202f\u205f\u3000") + tuple(
    map(chr, range(0x2000, 0x200B))
)


def _clean(values: Sequence[object]) -> bool:
    """Tell whether a column holds texts only, all of them as `text_of` would give them."""
    try:
        text = "\n".join(("", *values, ""))  # type: ignore[arg-type]
    except TypeError:
        return False
    if text.count("\n") != len(values) + 1 or any(blank in text for blank in _UNCLEAN):
        return False
    return text.isascii() or not any(blank in text for blank in _UNCLEAN_BEYOND_ASCII)


_SAMPLE = 1000


def _whole_numbers(values: Sequence[object]) -> list[str] | None:
    """Return a column of whole numbers as text; None when it holds anything else."""
    import numpy as np

    if set(map(type, values)) != {float}:
        return None
    numbers = np.array(values, dtype=np.float64)
    if not (np.abs(numbers) < 10**_LONG_CODE).all() or (numbers != np.floor(numbers)).any():
        return None
    return list(map(str, numbers.astype(np.int64).tolist()))


def distinct(values: Sequence[_T]) -> set[_T]:
    """Return the different values of a column, at once when there is but one."""
    return {values[0]} if values and values.count(values[0]) == len(values) else set(values)


def texts(values: Sequence[object]) -> list[str]:
    """Return a column of cells as text; equal cells share one text."""
    if values and type(values[0]) is float and (numbers := _whole_numbers(values)) is not None:
        return numbers
    # A column of many different texts is looked at as one text; a column of a few, text by text.
    if len(set(values[:_SAMPLE])) > _SAMPLE // 2 and _clean(values):
        return values  # type: ignore[return-value]  # they are texts already
    different = distinct(values)
    if all(type(v) is str and text_of(v) == v for v in different):
        return values  # type: ignore[return-value]
    # True equals 1 and 1.0 equals 1 as keys; each is written "1".
    known = {value: text_of(value) for value in different}
    return list(map(known.__getitem__, values))


_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "oe", "Æ": "ae", "’": "'", "º": "°"})
_OTHER = re.compile(r"[^a-z0-9]+")


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
