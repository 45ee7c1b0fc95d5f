"""Takes values as officers write them and as spreadsheets hold them, before the schema judges them.

« 15/11/2023 », « 17 500,00 € », « 1,60 % », « oui », « Temps partiel » and an
account typed as a number say what they say; refusing them would only teach
people to fear the tool. What could be read in two ways is left for the schema
to refuse.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from conseiller.dossier.schema import DEFAULT, HYPOTHESIS, Contract, Record
from conseiller.dossier.shape import Shape, shapes

_FRENCH_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_SOURCE = re.compile(r"[\s\u00a0\u202f]*(\w+)(?:[\s\u00a0\u202f]*:[\s\u00a0\u202f]*(.*))?", re.DOTALL)
_SOURCE_AS_KEPT = re.compile(r"(acte|hypothèse|défaut)( ?:.*)?")
_YES_NO = {"oui": True, "vrai": True, "non": False, "faux": False}
#: Binary noise that a spreadsheet's own arithmetic leaves on an amount of whole cents.
_NOISE = 1e-6


class Refused(str):
    """A value whose kind is wrong, kept so that the schema refuses it instead of guessing.

    The schema would read a bare number as a date counted in seconds, and yes as 1.
    """

    __slots__ = ()


def _refuse(value: object) -> Refused:
    return Refused(f"?{value!r}")


def folded(text: str) -> str:
    """Return a word without case, accents or spaces, to compare it with the words of a list.

    Examples
    --------
    >>> folded("Temps partiel")
    'temps_partiel'
    """
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[\s'-]+", "_", bare.strip()).casefold()


def as_date(value: Any) -> Any:
    """Read a date: an ISO text, a French text, or midnight of a day."""
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else _refuse(value)
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return _refuse(value)
    text = value.strip()
    if _ISO_DATE.fullmatch(text):
        return text
    french = _FRENCH_DATE.fullmatch(text)
    if french:
        day, month, year = (int(part) for part in french.groups())
        try:
            return date(year, month, day)
        except ValueError:
            pass
    return _refuse(value)


def as_number(value: Any) -> Any:
    """Read a number: French spaces and comma, € and % understood; yes and no are not numbers."""
    if isinstance(value, bool):
        return _refuse(value)
    if not isinstance(value, str):
        return value
    text = _SPACES.sub("", value).removesuffix("€").replace(",", ".").replace("\u2212", "-")
    percent = text.endswith("%")
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        return _refuse(value)
    return round(number / 100, 12) if percent else number


def _as_amount(value: Any) -> Any:
    number = as_number(value)
    if isinstance(number, float) and abs(number) < 1e12:
        cents = round(number, 2)
        return cents if abs(number - cents) < _NOISE else number
    return number


def as_text(value: Any) -> Any:
    """Read a text: a whole number is taken as its digits (an account, a code)."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value) if isinstance(value, int) else value


def _as_source(value: Any) -> Any:
    if not isinstance(value, str) or _SOURCE_AS_KEPT.fullmatch(value.strip()):
        return value
    found = _SOURCE.fullmatch(value)
    if found is None:
        return value
    words = {folded(w): w for w in ("acte", HYPOTHESIS, DEFAULT)}
    word = words.get(folded(found[1]))
    if word is None:
        return value
    return word if found[2] is None else f"{word} : {found[2]}"


def _as_text_of(key: str, value: Any) -> Any:
    if key.startswith("source"):
        return _as_source(value)
    if key == "generation" and isinstance(value, str):
        return folded(value)  # names of generations are written this way in the legal tables
    return as_text(value)


def _as_word(value: Any, words: tuple[str | int, ...]) -> Any:
    known = {folded(str(w)): w for w in words}
    if isinstance(value, bool):
        return _refuse(value)
    return known.get(folded(str(as_text(value))), value)


def _as_yes_no(value: Any) -> Any:
    return _YES_NO.get(folded(value), value) if isinstance(value, str) else value


def _numbers(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {str(k).strip(): as_number(v) for k, v in value.items() if v is not None}


def _value(shape: Shape, value: Any) -> Any:
    match shape.kind:
        case "record":
            return read(shape.model, value)
        case "records":
            # An empty row of a sheet is None: kept, so that positions stay those of the form.
            return [read(shape.model, v) for v in value] if isinstance(value, (list, tuple)) else value
        case "record_map":
            rows = value.items() if isinstance(value, Mapping) else ()
            return {k: read(shape.model, v) for k, v in rows} if isinstance(value, Mapping) else value
        case "number_map":
            return _numbers(value)
        case "text_map":
            rows = value.items() if isinstance(value, Mapping) else ()
            return {k: _as_text_of(shape.key, v) for k, v in rows} if isinstance(value, Mapping) else value
        case "word":
            return _as_word(value, shape.words)
        case "date":
            return as_date(value)
        case "bool":
            return _as_yes_no(value)
        case "int" | "float":
            return _as_amount(value) if shape.euros else as_number(value)
        case "text":
            return _as_text_of(shape.key, value)


def read(model: type[Record] | None, value: Any) -> Any:
    """Return the plain values of a record as the schema expects them; what cannot be read is left as it is.

    Parameters
    ----------
    model : type of record
        The record the values belong to.
    value : dict or anything
        Plain values under their keys; None stands for an empty cell and is dropped.
    """
    if model is None or not isinstance(value, Mapping):
        return value
    known = shapes(model)
    plain = {key: _value(known[key], v) if key in known else v for key, v in value.items() if v is not None}
    if model is Contract and plain.get("statut") == "titulaire":
        # A contrat de projet is a contract: a titulaire never holds one, and need not say so.
        plain.setdefault("nature", "autre")
    return plain
