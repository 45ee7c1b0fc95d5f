"""Amounts of books: texts and numbers of cells to whole cents, exactly, or refused.

Every amount goes through `Decimal`, or through a shorter way proved equal to it for plain forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal

from conseiller.ledger.text_cells import NOTHING, SIGNS, CellError
from conseiller.ledger.texts import Texts

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


#: Figures of the largest amount read all at once, its two decimals included.
_DIGITS = 14
#: Amounts read all at once (patterns of RE2): a sign, figures, two decimals at most; the same with blanks between
#: groups of three. They read one way only, whatever the decimal sign of the file.
_PLAIN = r"^-?\d{1,12}(?:[.,]\d\d?)?$"
_BLANK = r"[ \x{a0}\x{202f}\x{2009}\x{2007}]"
_SPACED = rf"^-?\d{{1,3}}(?:{_BLANK}\d{{3}})+(?:[.,]\d\d?)?$"
#: Amounts that could be a number of another size: "1,234" as a text, "1.234" as a number that a text now stands for.
_DOUBTFUL = r"(?:^|\D)[1-9]\d{0,2}[.,]\d{3}(?:\D|$)"


def doubtful(values: Texts) -> bool:
    """Tell whether a column holds a text whose reading depends on what the cell was, a text or a number.

    Examples
    --------
    >>> doubtful(Texts.of(["12.5", "1.234"])), doubtful(Texts.of(["12.5", "1 234.50", "0.125"]))
    (True, False)
    """
    return bool(values.matching(_DOUBTFUL).any())


def amounts(values: Texts | Sequence[object], decimal: Mark = "", unit: int = 100) -> Amounts:
    """Read a column of amounts.

    Parameters
    ----------
    values : Texts, or sequence
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
    import numpy as np

    if isinstance(values, Texts):
        different, codes = values.values, values.codes
        found, rounded = _all_at_once(different, decimal, unit)
    else:
        known: dict[tuple[type, object], int] = {}
        # 1, 1.0 and True are equal, and not read alike.
        codes = np.array([known.setdefault((type(v), v), len(known)) for v in values], np.int32)
        found, rounded = _one_by_one([value for _, value in known], decimal, unit)
    if codes is None:
        found.rounded = int(rounded.sum())
        return found
    wrong = dict(found.faults)
    at = np.flatnonzero(np.isin(codes, list(wrong))).tolist() if wrong else []
    return Amounts(
        cents=found.cents[codes],
        known=found.known[codes],
        faults=[(row, wrong[int(codes[row])]) for row in at],
        rounded=int(rounded[codes].sum()),
        marks=found.marks,
    )


def _all_at_once(values: Any, decimal: Mark, unit: int) -> tuple[Amounts, NDArray[np.bool_]]:
    """Read an Arrow array: plain amounts together, as whole numbers, and the others one by one.

    Returns
    -------
    Amounts
    array of bool
        Which amounts had a fraction of a cent.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = pc.match_substring_regex(values, _PLAIN)
    if not pc.all(plain, min_count=0).as_py():
        values = pc.utf8_trim_whitespace(values)
        spaced = pc.match_substring_regex(values, _SPACED)
        if pc.any(spaced, min_count=0).as_py():
            values = pc.if_else(spaced, pc.replace_substring_regex(values, _BLANK, ""), values)
        plain = pc.match_substring_regex(values, _PLAIN)
    there = plain.to_numpy(zero_copy_only=False)
    texts = values.filter(plain)
    commas, dots = (bool(pc.any(pc.match_substring(texts, sign), min_count=0).as_py()) for sign in ",.")
    exact = pc.cast(pc.replace_substring(texts, ",", "."), pa.decimal128(_DIGITS, 2))
    # The whole hundredths of a number are the lower of the two words that Arrow keeps it in.
    words = np.frombuffer(exact.buffers()[1], np.int64, 2 * len(exact), 16 * exact.offset)
    hundredths = np.zeros(len(values), np.int64)
    hundredths[there] = words[::2] * unit
    there &= (hundredths % 100 == 0) & (np.abs(hundredths) <= LARGEST * 100)
    found = Amounts(np.where(there, hundredths // 100, 0), there)
    found.marks = {*((",",) if commas else ()), *((".",) if dots else ())}
    rounded = np.zeros(len(values), bool)
    rest = np.flatnonzero(~there & pc.not_equal(values, "").to_numpy(zero_copy_only=False))
    if len(rest):
        others, rounded[rest] = _one_by_one(values.take(rest).to_pylist(), decimal, unit, found.marks)
        found.cents[rest], found.known[rest] = others.cents, others.known
        found.faults = [(int(rest[at]), code) for at, code in others.faults]
        found.marks |= others.marks
    return found, rounded


def _one_by_one(
    values: Sequence[object], decimal: Mark, unit: int, marks: Iterable[Mark] = ()
) -> tuple[Amounts, NDArray[np.bool_]]:
    """Read any cells, one after the other; `marks` are the decimal signs that other cells prove."""
    import numpy as np

    out, rounded = (
        Amounts(np.zeros(len(values), np.int64), np.zeros(len(values), bool)),
        np.zeros(len(values), bool),
    )
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
            out.cents[index], rounded[index] = to_cents(number, unit)
            out.known[index] = True
        except CellError as error:
            out.faults.append((index, error.code))
    return out, rounded
