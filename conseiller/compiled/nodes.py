"""Operations on operands as shared nodes, simplified under known facts.

Nodes are made through `Nodes.make`, which folds what the facts decide: a comparison of dates whose
order is known, a factor of nought or one, a rounding of whole cents.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from conseiller.rules.algebra import Symbol, evaluate

_TRUE, _FALSE = 1.0, 0.0
#: Comparisons: does it hold for (smaller, greater), for equal operands, for (greater, smaller)?
COMPARISONS = {
    "less": (True, False, False),
    "less_equal": (True, True, False),
    "greater": (False, False, True),
    "greater_equal": (False, True, True),
    "equal": (False, True, False),
    "not_equal": (True, False, True),
}
CONDITIONS = {*COMPARISONS, "bitwise_and", "bitwise_or"}
_NOTHING: frozenset[Node] = frozenset()


class Node:
    """An operation on other nodes, a constant (`op` "const") or an operand ("leaf"); equal nodes are one object.

    `by_row` and `by_month` say whether it changes from row to row and from month to month.
    """

    __slots__ = ("args", "by_month", "by_row", "money", "op")

    def __init__(self, op: str, args: tuple[Any, ...], by_row: bool, by_month: bool, money: bool) -> None:
        self.op = op
        self.args = args
        self.by_row = by_row
        self.by_month = by_month
        #: A sum of money that was rounded somewhere below.
        self.money = money

    def __repr__(self) -> str:
        return str(self.args[0]) if self.op in ("const", "leaf") else f"{self.op}{self.args}"

    @property
    def number(self) -> float | None:
        """The value of a constant, None for other nodes."""
        return self.args[0] if self.op == "const" else None


class Nodes:
    """All nodes of one reading, and what is known of them.

    Parameters
    ----------
    signed : bool
        Operands may be negative.
    whole : iterable of str
        Operands known to be whole cents.
    """

    def __init__(self, signed: bool = False, whole: Iterable[str] = ()) -> None:
        self._nodes: dict[tuple[Any, ...], Node] = {}
        self._signed = signed
        self._whole = frozenset(whole)
        self._sign: dict[tuple[Node, frozenset[Node]], bool] = {}
        self._before: dict[tuple[Node, Node], bool] = {}

    def learn(self, low: Node, high: Node, strict: bool) -> None:
        """Take note that a node is below another in every row, or at most equal to it."""
        self._before[low, high] = strict
        for (a, b), other in list(self._before.items()):
            if b is low and a is not high:
                self._before[a, high] = strict or other
            if a is high and b is not low:
                self._before[low, b] = strict or other

    def const(self, value: float) -> Node:
        """Return the node of a number."""
        return self._node("const", (value,), False, False, False)

    def _node(self, op: str, args: tuple[Any, ...], by_row: bool, by_month: bool, money: bool) -> Node:
        key = (op, *args)
        node = self._nodes.get(key)
        if node is None:
            node = self._nodes[key] = Node(op, args, by_row, by_month, money)
        return node

    # --- making nodes ------------------------------------------------------------------------------

    def make(self, op: str, *args: Node) -> Node:
        """Return the node of an operation, simplified."""
        known = self._simpler(op, args)
        if known is not None:
            return known
        money = op == "cents" or (op not in CONDITIONS and any(a.money for a in args[-2:]))
        by_row, by_month = (any(getattr(a, d) for a in args) for d in ("by_row", "by_month"))
        return self._node(op, args, by_row, by_month, money)

    def _simpler(self, op: str, args: tuple[Node, ...]) -> Node | None:
        if all(a.op == "const" for a in args) and op not in ("mask", "unmask", "round"):
            symbols = tuple(Symbol("name", str(k)) for k in range(len(args)))
            return self.const(
                float(evaluate(Symbol(op, *symbols), {str(k): a.args[0] for k, a in enumerate(args)}))
            )
        if op in COMPARISONS:
            return self._decided(op, *args)
        a, b = args[0], args[-1]
        match op:
            case "multiply":
                for x, y in ((a, b), (b, a)):
                    if x.number in (0.0, 1.0):
                        return x if x.number == 0.0 else y
            case "divide":
                if a.number == 0.0 or b.number == 1.0:
                    return a
                if a is b:
                    return self.const(1.0)
                if a.op == "multiply" and b.op == "const" and b in a.args:  # (x × 30) / 30
                    other: Node = a.args[1] if a.args[0] is b else a.args[0]
                    return other
            case "add":
                for x, y in ((a, b), (b, a)):
                    if x.number == 0.0:
                        return y
            case "subtract":
                if b.number == 0.0:
                    return a
                if a is b:
                    return self.const(0.0)
            case "minimum" | "maximum":
                low, high = (a, b) if self._at_most(a, b) else (b, a) if self._at_most(b, a) else (None, None)
                if low is not None and high is not None:
                    return low if op == "minimum" else high
            case "where":
                condition, yes, no = args
                if condition.op == "const":
                    return yes if condition.number else no
                if yes is no:
                    return yes
            case "bitwise_and" | "bitwise_or":
                for x, y in ((a, b), (b, a)):
                    if x.op == "const":
                        return (y if x.number else x) if op == "bitwise_and" else (x if x.number else y)
            case "cents":
                if self.whole(a):
                    return a
            case "round" | "mask":
                if a.op == "const":
                    return self.const(float(round(a.args[0])))
            case "unmask":
                if a.op == "const":
                    return self.const(1.0 - a.args[0])
        return None

    def _decided(self, op: str, a: Node, b: Node) -> Node | None:
        lower, same, higher = COMPARISONS[op]
        if a is b:
            return self.const(_TRUE if same else _FALSE)
        for first, second, holds in ((a, b, lower), (b, a, higher)):
            strict = self._before.get((first, second))
            if strict or (strict is False and holds == same):
                return self.const(_TRUE if holds else _FALSE)
        return None

    def _at_most(self, a: Node, b: Node) -> bool:
        if (a, b) in self._before:
            return True
        if a.op == "const":
            return a.args[0] <= 0.0 and self.positive(b)
        return False

    # --- what is known of a node ---------------------------------------------------------------------

    def positive(self, node: Node, more: frozenset[Node] = _NOTHING) -> bool:
        """Say whether a node is proved to be nought or more; `more` lists nodes known to be."""
        key = (node, more)
        known = self._sign.get(key)
        if known is None:
            known = self._sign[key] = node in more or self._positive(node, more)
        return known

    def _positive(self, node: Node, more: frozenset[Node]) -> bool:
        args = node.args
        match node.op:
            case "const":
                return bool(args[0] >= 0.0)
            case "leaf":
                return not self._signed
            case "multiply":
                factors = factors_of(node)
                for factor in factors:
                    if factor.op == "mask" and factor.args[0].op in ("greater", "greater_equal"):
                        more |= {self.make("subtract", *factor.args[0].args)}
                return all(self.positive(a, more) for a in factors)
            case "add" | "divide" | "minimum":
                return all(self.positive(a, more) for a in args)
            case "maximum":
                return any(self.positive(a, more) for a in args)
            case "subtract":
                return (args[1], args[0]) in self._before
            case "where":
                condition, yes, no = args
                inside = more
                if condition.op in ("greater", "greater_equal"):
                    inside = more | {self.make("subtract", *condition.args)}
                return self.positive(yes, inside) and self.positive(no, more)
            case "cents" | "round":
                return self.positive(args[0], more)
            case _:
                return node.op in CONDITIONS or node.op in (
                    "year",
                    "month",
                    "day",
                    "add_months",
                    "mask",
                    "unmask",
                )

    def whole(self, node: Node) -> bool:
        """Say whether a node is proved to be a whole number of cents."""
        match node.op:
            case "const":
                return float(node.args[0]).is_integer()
            case "leaf":
                return node.money or node.args[0] in self._whole
            case "cents":
                return True
            case "add" | "subtract" | "minimum" | "maximum" | "where":
                return all(self.whole(a) for a in node.args[-2:])
            case _:
                return False


def factors_of(node: Node) -> list[Node]:
    """Return the factors of a product, in order."""
    return [f for arg in node.args for f in factors_of(arg)] if node.op == "multiply" else [node]
