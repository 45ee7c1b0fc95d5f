"""Amounts of books: texts and numbers of cells to whole cents, exactly, or refused.

Every amount goes through `Decimal`, or through a shorter way proved equal to it for plain forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from math import isfinite
from typing import TYPE_CHECKING, Literal

from conseiller.ledger.text_cells import NOTHING, SIGNS, CellError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Sign that stands before the cents; "" where the file has yet to tell.
Mark = Literal["", ",", "."]
#: Largest amount [cents]: a thousand billion euros. What is larger is a number of another kind.
LARGEST = 10**14
_CURRENCY = re.compile(r"(?:€|\bEUR\b|\beuros?\b)", re.IGNORECASE)
_GROUPS = re.compile(r"\d{1,3}(?:[ '’]\d{3})+")
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d{1,2}")


def _unsigned(text: str) -> tuple[str, bool]:
    """Return the digits and separators of an amount, and whether it is negative."""
    text = _CURRENCY.sub("", text).strip()
    negative = False
    if text.startswith("(") and text.endswith(")"):
        text, negative = text[1:-1].strip(), True
    for sign in ("-", "+"):
        if text.startswith(sign):
            text, negative = text[1:].strip(), negative ^ (sign == "-")
            break
        if text.endswith(sign):
            text, negative = text[:-1].strip(), negative ^ (sign == "-")
            break
    return text, negative


def _grouped(text: str, sign: str) -> str:
    """Return a whole number without its separators of thousands, which must part groups of three.

    Raises
    ------
    CellError
        When they do not.
    """
    groups = text.split(sign)
    if not 1 <= len(groups[0]) <= 3 or any(len(g) != 3 for g in groups[1:]):
        raise CellError("not_amount")
    return "".join(groups)


def _mark_of(text: str) -> Mark:
    """Return the decimal sign a text proves by itself, "" when it proves none."""
    dots, commas = text.count("."), text.count(",")
    if dots and commas:
        return "," if text.rfind(",") > text.rfind(".") else "."
    if dots + commas == 0:
        return ""
    sign: Mark = "." if dots else ","
    other: Mark = "," if dots else "."
    if dots + commas > 1:
        return other
    whole, _, rest = text.partition(sign)
    if len(rest) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0"):
        return ""
    return sign


def mark(value: object) -> Mark:
    """Return the decimal sign that a cell proves: "," for "12,50" or "1.234,5"; "" for "1,234", "12" or a number.

    Examples
    --------
    >>> mark("17 500,00"), mark("1,234.50"), mark("1,234"), mark(12.5)
    (',', '.', '', '')
    """
    if not isinstance(value, str):
        return ""
    text, _ = _unsigned(value.translate(SIGNS).strip())
    text = text.replace(" ", "").replace("'", "").replace("’", "")
    return _mark_of(text) if text and set(text) <= set("0123456789.,") else ""


def amount(value: object, decimal: Mark = "") -> Decimal | None:
    """Return the exact number a cell holds; None when it holds none.

    Parameters
    ----------
    value : object
        Text or number of a cell.
    decimal : {"", ",", "."}
        Decimal sign where it is known; decides texts such as "1,234".

    Returns
    -------
    Decimal or None
        In the unit of the file, not rounded.

    Raises
    ------
    CellError
        "ambiguous_amount" for "1,234" when `decimal` is unknown; "not_amount" for anything else that is no number.

    Examples
    --------
    >>> amount("17 500,00 €"), amount("1.234,5-"), amount("(12)"), amount("-")
    (Decimal('17500.00'), Decimal('-1234.5'), Decimal('-12'), None)
    >>> amount("1,234", "."), amount("1,234", ",")
    (Decimal('1234'), Decimal('1.234'))
    """
    if value is None:
        return None
    if isinstance(value, bool):
        raise CellError("not_amount")
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        if not isfinite(value):
            raise CellError("not_amount")
        return Decimal(repr(value))
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str):
        raise CellError("not_amount")
    text = value.translate(SIGNS).strip()
    if text in NOTHING:
        return None
    text, negative = _unsigned(text)
    if _SCIENTIFIC.fullmatch(text):
        digits = Decimal(text.replace(",", "."))
        return -digits if negative else digits
    return -_plain(text, decimal) if negative else _plain(text, decimal)


def _plain(text: str, decimal: Mark) -> Decimal:
    """Return the number written with separators only."""
    if not text or not set(text) <= set("0123456789., '’"):
        raise CellError("not_amount")
    proved = _mark_of(text.replace(" ", "").replace("'", "").replace("’", ""))
    if not proved and not decimal and ("," in text or "." in text):
        raise CellError("ambiguous_amount")
    sign = decimal or proved or ","
    if decimal and proved and decimal != proved:
        # A column of commas may hold "12.50": one sign, no doubt about it. "1.234,5" among points is one too many.
        sign = proved
    other = "." if sign == "," else ","
    whole, _, rest = text.partition(sign)
    if "," in rest or "." in rest or any(c in rest for c in " '’"):
        raise CellError("not_amount")
    if other in whole:
        if " " in whole:
            raise CellError("not_amount")
        whole = _grouped(whole, other)
    elif any(c in whole for c in " '’"):
        if not _GROUPS.fullmatch(whole):
            raise CellError("not_amount")
        whole = "".join(c for c in whole if c.isdigit())
    try:
        return Decimal(f"{whole or '0'}.{rest}" if rest else whole)
    except InvalidOperation:
        raise CellError("not_amount") from None


def to_cents(number: Decimal, unit: int = 100) -> tuple[int, bool]:
    """Return whole cents and whether they had to be rounded, half away from zero.

    A difference under a millionth of a cent is the tail of a binary number, not a rounding.

    Raises
    ------
    CellError
        When the amount is beyond a thousand billion euros.
    """
    hundredths = number * unit
    if abs(hundredths) > LARGEST:
        raise CellError("not_amount")
    whole = hundredths.quantize(Decimal(1), ROUND_HALF_UP)
    return int(whole), abs(whole - hundredths) > Decimal("1e-6")


@dataclass
class Amounts:
    """A column of amounts.

    Parameters
    ----------
    cents : array of int64
        Whole cents, 0 where there is none.
    known : array of bool
        Whether the cell holds an amount.
    faults : list of (int, str)
        Index of each cell that cannot be read, and the reason.
    rounded : int
        Cells with a fraction of a cent.
    marks : set of {",", "."}
        Decimal signs the column proves.
    """

    cents: NDArray[np.int64]
    known: NDArray[np.bool_]
    faults: list[tuple[int, str]] = field(default_factory=list)
    rounded: int = 0
    marks: set[Mark] = field(default_factory=set)


#: What is left of plain amounts once the digits are taken out.
_LEFT = frozenset(
    {
        "",
        "-",
        ",",
        "-,",
        ".",
        "-.",
        *(f"{m}{' ' * n}{s}" for m in ("", "-") for n in (1, 2, 3) for s in ("", ",", ".")),
    }
)
_NO_DIGITS = str.maketrans("", "", "0123456789")
_PLAIN = re.compile(r"-?\d{1,12}(?:[.,]\d\d?)?")
#: Forms that are not plain: three decimals, or spaces that do not part groups of three.
_THREE_DECIMALS = {sign: re.compile(rf"{re.escape(sign)}\d\d\d") for sign in (",", ".")}
_ODD_GROUPS = re.compile(r" (?!\d\d\d(?!\d))|\d\d\d\d ")


def amounts(values: Sequence[object], decimal: Mark = "", unit: int = 100) -> Amounts:
    """Read a column of amounts.

    Parameters
    ----------
    values : sequence
        Texts and numbers of the cells.
    decimal : {"", ",", "."}
        Decimal sign where it is known.
    unit : int
        Cents in one unit of the file: 100 for euros, 1 for cents, 100 000 for thousands of euros.

    Returns
    -------
    Amounts
        A text such as "1,234" is ambiguous unless `decimal` or another cell of the column tells.
    """
    return _numbers(values, unit) or _texts(values, decimal, unit) or _mixed(values, decimal, unit)


def _mixed(values: Sequence[object], decimal: Mark, unit: int) -> Amounts:
    """Read a column of several forms: plain numbers and plain texts together, the others one by one."""
    plain_texts = [v if type(v) is str and (not v or _PLAIN.fullmatch(v)) else "" for v in values]
    numbers = [v if type(v) is float or type(v) is int else None for v in values]
    out = _numbers(numbers, unit) or _one_by_one(numbers, decimal, unit)
    said = _texts(plain_texts, decimal, unit)
    if said is None:
        said = _one_by_one(plain_texts, decimal, unit)
    rest = _one_by_one(
        [None if n is not None or t else v for v, n, t in zip(values, numbers, plain_texts, strict=True)],
        decimal,
        unit,
        said.marks,
    )
    for part in (said, rest):
        out.cents += part.cents
        out.known |= part.known
        out.faults += part.faults
        out.rounded += part.rounded
        out.marks |= part.marks
    return out


def _numbers(values: Sequence[object], unit: int) -> Amounts | None:
    """Read a column of numbers, blanks included; None when it holds anything else."""
    import numpy as np

    kinds = set(map(type, values))
    if not kinds <= {float, int, str, type(None)}:
        return None
    known = None
    if str in kinds or type(None) in kinds:
        if any(v for v in values if type(v) is str):
            return None
        known = np.fromiter((v is not None and v != "" for v in values), bool, len(values))
        values = [v or 0.0 for v in values]
    numbers = np.array(values, dtype=np.float64)
    if not np.isfinite(numbers).all():
        return None
    return _whole(numbers, known, unit)


def _whole(numbers: NDArray[np.float64], known: NDArray[np.bool_] | None, unit: int) -> Amounts | None:
    """Return cents of numbers that are whole cents but for the tail of their binary form; else None."""
    import numpy as np

    hundredths = numbers * unit
    cents = np.rint(hundredths)
    # Below ten billion euros two neighbouring numbers are less than two thousandths of a cent apart.
    near = np.abs(hundredths - cents) <= 2e-7 + np.abs(cents) * 4e-16
    if not (near & (np.abs(cents) < 1e12)).all():
        return None
    return Amounts(cents.astype(np.int64), np.ones(len(cents), bool) if known is None else known)


def _texts(values: Sequence[object], decimal: Mark, unit: int) -> Amounts | None:
    """Read a column of plain texts that share one decimal sign; None when any is of another form."""
    import numpy as np

    try:
        text = "\n".join(values) + "\n"  # type: ignore[arg-type]  # anything but text is what TypeError is for
    except TypeError:
        return None
    if "\u202f" in text or "\u00a0" in text:
        text = text.replace("\u202f", " ").replace("\u00a0", " ")
    has_comma, has_dot = "," in text, "." in text
    if has_comma and has_dot:
        return None
    sign: Mark = "," if has_comma else "."
    if (has_comma or has_dot) and decimal and decimal != sign:
        return None
    if _THREE_DECIMALS[sign].search(text):
        return None
    left = text.translate(_NO_DIGITS)
    # Most columns hold nothing but "12", "12,50" and "-12,50"; the others are looked at line by line.
    rest = left.replace(f"-{sign}\n", "").replace(f"{sign}\n", "").replace("\n", "")
    if rest and not set(left.split("\n")) <= _LEFT:
        return None
    if " " in text:
        if _ODD_GROUPS.search(text):
            return None
        text = text.replace(" ", "")
    text = text.replace(",", ".")
    known = None
    if "\n\n" in text or text.startswith("\n") or "-\n" in text:
        parts = text.split("\n")
        parts.pop()
        known = np.fromiter((p not in {"", "-"} for p in parts), bool, len(parts))
        text = "\n".join(p if k else "0" for p, k in zip(parts, known.tolist(), strict=True))
    try:
        numbers = np.fromstring(text, dtype=np.float64, sep="\n")
    except ValueError:  # a sign without figures
        return None
    if len(numbers) != len(values):
        return None
    found = _whole(numbers, known, unit)
    if found is not None and (has_comma or has_dot):
        found.marks.add(sign)
    return found


def _one_by_one(values: Sequence[object], decimal: Mark, unit: int, marks: Iterable[Mark] = ()) -> Amounts:
    """Read any column, cell by cell; `marks` are the decimal signs that other cells prove."""
    import numpy as np

    out = Amounts(np.zeros(len(values), np.int64), np.zeros(len(values), bool))
    out.marks = {m for m in (*map(mark, values), *marks) if m}
    proved: Mark = next(iter(out.marks)) if len(out.marks) == 1 else ""
    for index, value in enumerate(values):
        try:
            # Other cells can tell that a sign parts thousands ("1.234" among "12,50"), not that money has three
            # decimals ("1,234" among "12,50" stays in doubt).
            told = decimal or (proved if isinstance(value, str) and proved and proved not in value else "")
            number = amount(value, told)
            if number is None:
                continue
            out.cents[index], rounded = to_cents(number, unit)
            out.known[index] = True
            out.rounded += rounded
        except CellError as error:
            out.faults.append((index, error.code))
    return out
