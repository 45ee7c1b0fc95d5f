"""The one vocabulary rules are written in, and the three ways it is read.

A rule is an ordinary function of named quantities. Given floats or arrays it
computes; given a `Symbol` for each argument it returns an expression tree that
`to_excel` prints as a cell formula and `Explanation` prints as a sentence that
can be evaluated again. Both branches of `where` must be safe: Excel's IF is
lazy, NumPy's is not.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

#: Below half a ten-thousandth of a cent: lifts products that fall a float's width short of a half cent.
_NUDGE = 0.5 + 1e-7
#: Serial number of 1 January 1970 in the 1900 date system of spreadsheets.
_EPOCH = 25569


class Quantity(Protocol):  # noqa: PLW1641 (never hashed)
    """What a rule may do with its arguments: arithmetic and comparison, nothing else."""

    def __add__(self, other: Any) -> Quantity: ...
    def __radd__(self, other: Any) -> Quantity: ...
    def __sub__(self, other: Any) -> Quantity: ...
    def __rsub__(self, other: Any) -> Quantity: ...
    def __mul__(self, other: Any) -> Quantity: ...
    def __rmul__(self, other: Any) -> Quantity: ...
    def __truediv__(self, other: Any) -> Quantity: ...
    def __lt__(self, other: Any) -> Quantity: ...
    def __le__(self, other: Any) -> Quantity: ...
    def __gt__(self, other: Any) -> Quantity: ...
    def __ge__(self, other: Any) -> Quantity: ...
    def __eq__(self, other: object) -> Any: ...
    def __and__(self, other: Any) -> Quantity: ...
    def __or__(self, other: Any) -> Quantity: ...


class Symbol(NDArrayOperatorsMixin):
    """A node of an expression tree: a named operand (`op` is "name") or an operation on others.

    Raises
    ------
    TypeError
        On truth tests, `len` and any operation the three readings do not share,
        so that a builtin such as `max` can never choose a branch in silence.
    """

    __slots__ = ("args", "op")

    def __init__(self, op: str, *args: Any) -> None:
        self.op = op
        self.args = args

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Symbol:
        name = ufunc.__name__
        if method != "__call__" or kwargs or name not in _NUMERIC:
            raise TypeError(f"a rule cannot use {name!r}: it has no formula and no explanation")
        return Symbol(name, *inputs)

    def __bool__(self) -> bool:
        raise TypeError("a rule cannot branch on a symbol: use where()")

    def __len__(self) -> int:
        raise TypeError("a symbol has no length")

    __hash__ = object.__hash__


def name(label: str) -> Symbol:
    """Return the symbol of the operand called `label`."""
    return Symbol("name", label)


def cents(x: Any) -> Any:
    """Round euros to the cent, half away from zero, as Excel's ``ROUND(x;2)``; never -0.0.

    Exact against `decimal.ROUND_HALF_UP` for amounts up to 10 million euros.
    """
    if isinstance(x, Symbol):
        return Symbol("cents", x)
    if not isinstance(x, np.ndarray) or x.ndim == 0:
        return float(np.copysign(np.floor(np.abs(x) * 100.0 + _NUDGE) / 100.0, x) + 0.0)
    y: NDArray[np.float64] = x * 100.0
    signed = not x.size or not x.min() >= 0.0  # the common case has no sign to put aside
    if signed:
        np.abs(y, out=y)
    y += _NUDGE
    np.floor(y, out=y)
    y /= 100.0
    if signed:
        np.copysign(y, x, out=y)
        y += 0.0
    return y


def where(condition: Any, yes: Any, no: Any) -> Any:
    """Return `yes` where the condition holds, `no` elsewhere; both must be safe to compute."""
    if isinstance(condition, Symbol) or isinstance(yes, Symbol) or isinstance(no, Symbol):
        return Symbol("where", condition, yes, no)
    if type(yes) is int and type(no) is int:  # flags count as numbers
        yes, no = float(yes), float(no)
    return np.where(condition, yes, no)


def minimum(a: Any, b: Any) -> Any:
    """Return the smaller of two quantities."""
    if isinstance(a, Symbol) or isinstance(b, Symbol):
        return Symbol("minimum", a, b)
    return np.minimum(a, b)


def maximum(a: Any, b: Any) -> Any:
    """Return the greater of two quantities."""
    if isinstance(a, Symbol) or isinstance(b, Symbol):
        return Symbol("maximum", a, b)
    return np.maximum(a, b)


def _months_of_days(days: NDArray[np.int64]) -> NDArray[np.int64]:
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _days_of_months(months: NDArray[np.int64]) -> NDArray[np.float64]:
    days = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return np.asarray(days, dtype=np.float64) + _EPOCH


#: Month of every day and first day of every month until 2210: looked up rather than computed.
_MONTH_OF_SERIAL = _months_of_days(np.arange(-_EPOCH, 88000))
_SERIAL_OF_MONTH = _days_of_months(np.arange(2880))


def months_of(serial: Any) -> NDArray[np.int64]:
    """Return months since January 1970 of date serials (array; NaN gives a meaningless month)."""
    dates = np.asarray(serial, dtype=np.float64)
    if dates.size and dates.min() >= 0.0 and dates.max() < len(_MONTH_OF_SERIAL):
        found: NDArray[np.int64] = _MONTH_OF_SERIAL.take(dates.astype(np.intp))
        return found
    return _months_of_days(np.nan_to_num(dates, nan=_EPOCH).astype(np.int64) - _EPOCH)


def dates_of(serial: Any) -> NDArray[np.datetime64]:
    """Return date serials as dates (array)."""
    days: NDArray[np.datetime64] = (np.asarray(serial).astype(np.int64) - _EPOCH).astype("datetime64[D]")
    return days


def serial_of_month(months: Any) -> NDArray[np.float64]:
    """Return the serial of the first day of months counted since January 1970."""
    count = np.asarray(months, dtype=np.int64)
    if count.size and count.min() >= 0 and count.max() < len(_SERIAL_OF_MONTH):
        found: NDArray[np.float64] = _SERIAL_OF_MONTH.take(count)
        return found
    return _days_of_months(count)


def year(date: Any) -> Any:
    """Return the calendar year of a date serial."""
    return Symbol("year", date) if isinstance(date, Symbol) else (months_of(date) // 12 + 1970).astype(float)


def month(date: Any) -> Any:
    """Return the calendar month, 1 to 12, of a date serial."""
    return Symbol("month", date) if isinstance(date, Symbol) else (months_of(date) % 12 + 1).astype(float)


def day(date: Any) -> Any:
    """Return the day of the month, 1 to 31, of a date serial."""
    return Symbol("day", date) if isinstance(date, Symbol) else date - serial_of_month(months_of(date)) + 1.0


def add_months(date: Any, count: Any) -> Any:
    """Return the date `count` months later, the day clipped to the month's last, as Excel's EDATE."""
    if isinstance(date, Symbol) or isinstance(count, Symbol):
        return Symbol("add_months", date, count)
    here = months_of(date)
    target = here + np.asarray(count, dtype=np.int64)
    first = serial_of_month(target)
    length = serial_of_month(target + 1) - first
    return first + np.minimum(date - serial_of_month(here) + 1.0, length) - 1.0


_NUMERIC: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "negative": operator.neg,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.eq,
    "not_equal": operator.ne,
    "bitwise_and": np.logical_and,
    "bitwise_or": np.logical_or,
    "minimum": np.minimum,
    "maximum": np.maximum,
    "cents": cents,
    "where": np.where,
    "year": year,
    "month": month,
    "day": day,
    "add_months": add_months,
}

#: Binary operations: Excel sign, binding strength.
INFIX: dict[str, tuple[str, int]] = {
    "less": ("<", 1),
    "less_equal": ("<=", 1),
    "greater": (">", 1),
    "greater_equal": (">=", 1),
    "equal": ("=", 1),
    "not_equal": ("<>", 1),
    "add": ("+", 2),
    "subtract": ("-", 2),
    "multiply": ("*", 3),
    "divide": ("/", 3),
}

_EXCEL_FUNCTION = {
    "minimum": "MIN({},{})",
    "maximum": "MAX({},{})",
    "cents": "ROUND({},2)",
    "where": "IF({},{},{})",
    "bitwise_and": "AND({},{})",
    "bitwise_or": "OR({},{})",
    "year": "YEAR({})",
    "month": "MONTH({})",
    "day": "DAY({})",
    "add_months": "EDATE({},{})",
}


def evaluate(tree: Any, values: Mapping[str, Any]) -> Any:
    """Compute an expression tree from the values of its named operands."""
    if not isinstance(tree, Symbol):
        return tree
    if tree.op == "name":
        return values[tree.args[0]]
    return _NUMERIC[tree.op](*(evaluate(arg, values) for arg in tree.args))


def to_excel(tree: Any, reference: Callable[[str], str]) -> str:
    """Print an expression tree as an Excel formula, without the leading ``=``.

    Parameters
    ----------
    tree : Symbol or number
    reference : callable
        Gives the cell reference of a named operand.
    """
    return _excel(tree, reference, 0)


def _excel(tree: Any, reference: Callable[[str], str], outer: int) -> str:
    if not isinstance(tree, Symbol):
        number = float(tree)
        return str(int(number)) if number.is_integer() else repr(number)
    if tree.op == "name":
        return reference(tree.args[0])
    if tree.op == "negative":
        return f"-{_excel(tree.args[0], reference, 4)}"
    if tree.op in INFIX:
        sign, strength = INFIX[tree.op]
        left, right = tree.args
        tight = strength + 1  # the same order of operations as NumPy, to the last bit
        text = f"{_excel(left, reference, strength)}{sign}{_excel(right, reference, tight)}"
        return f"({text})" if strength < outer else text
    template = _EXCEL_FUNCTION[tree.op]
    return template.format(*(_excel(arg, reference, 0) for arg in tree.args))


def names_in(tree: Any) -> list[str]:
    """List the named operands of a tree, each once, in reading order."""
    found: dict[str, None] = {}

    def visit(node: Any) -> None:
        if isinstance(node, Symbol):
            if node.op == "name":
                found[node.args[0]] = None
            else:
                for arg in node.args:
                    visit(arg)

    visit(tree)
    return list(found)
