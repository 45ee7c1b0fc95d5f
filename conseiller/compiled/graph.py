"""Rules as one shared graph of operations, simplified under known facts.

`Graph.column` follows the rules of the registry down to their operands. Nodes are
made through `Graph.make`, which folds what the facts decide: a comparison of dates
whose order is known, a factor of nought or one, a rounding of whole cents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

from conseiller.rules.algebra import Symbol, evaluate
from conseiller.rules.registry import REGISTRY, Column, Constant, Grid, Rate
from conseiller.rules.registry import Law as LawLookup

_TRUE, _FALSE = 1.0, 0.0
#: Comparisons: does it hold for (smaller, greater), for equal operands, for (greater, smaller)?
_COMPARISONS = {
    "less": (True, False, False),
    "less_equal": (True, True, False),
    "greater": (False, False, True),
    "greater_equal": (False, True, True),
    "equal": (False, True, False),
    "not_equal": (True, False, True),
}
CONDITIONS = {*_COMPARISONS, "bitwise_and", "bitwise_or"}
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


class Graph:
    """All nodes of one reading of the rules.

    Parameters
    ----------
    values : mapping
        Columns known to hold one number in every row.
    order : pairs of names
        Columns known to be in ascending order in every row: "a < b" or "a <= b"; "0" stands for nought.
    cut : iterable of names
        Columns that are operands here, computed elsewhere.
    signed : bool
        Operands may be negative.
    whole : iterable of str
        Operands known to be whole cents.
    steady : iterable of str
        Operands of the law that hold one value in all months: what rows make of them is computed with the rows.
    month_of_row : bool
        The month is an operand of the row: what depends on it and not on the law is computed beforehand.
    """

    def __init__(
        self,
        values: Mapping[str, float] | None = None,
        order: Iterable[str] = (),
        cut: Iterable[str] = (),
        signed: bool = False,
        month_of_row: bool = False,
        whole: Iterable[str] = (),
        steady: Iterable[str] = (),
    ) -> None:
        self._nodes: dict[tuple[Any, ...], Node] = {}
        self._columns: dict[str, Node] = {}
        self._values = dict(values or {})
        self._cut = frozenset(cut)
        self._signed = signed
        self._month_of_row = month_of_row
        self._whole = frozenset(whole)
        self._steady = frozenset(steady)
        self._sign: dict[tuple[Node, frozenset[Node]], bool] = {}
        self._before: dict[tuple[Node, Node], bool] = {}
        self._in_cents: dict[Node, Node] = {}
        self._plain: dict[Node, Node] = {}
        for fact in order:
            left, sign, right = fact.split()
            low, high = self._operand(left), self._operand(right)
            self._learn(low, high, sign == "<")
            self._learn(self.plain(low), self.plain(high), sign == "<")

    def _operand(self, name: str) -> Node:
        return self.const(0.0) if name == "0" else self.column(name)

    def _learn(self, low: Node, high: Node, strict: bool) -> None:
        self._before[low, high] = strict
        for (a, b), other in list(self._before.items()):
            if b is low and a is not high:
                self._before[a, high] = strict or other
            if a is high and b is not low:
                self._before[low, b] = strict or other

    # --- the rules ---------------------------------------------------------------------------------

    def column(self, name: str) -> Node:
        """Return the node of a column of the month rows."""
        node = self._columns.get(name)
        if node is None:
            node = self._columns[name] = self._column(name)
        return node

    def _column(self, name: str) -> Node:
        if name in self._values:
            return self.const(self._values[name])
        column = REGISTRY.get("month", name)
        if (
            column.function is None
            or name in self._cut
            or (self._month_of_row and column.reads == ("month",))
        ):
            return self.leaf(name, column)
        return self._tree(column.tree)

    def _tree(self, tree: Any) -> Node:
        if not isinstance(tree, Symbol):
            return self.const(float(tree))
        if tree.op == "name":
            return self.column(tree.args[0])
        return self.make(tree.op, *(self._tree(arg) for arg in tree.args))

    def leaf(self, name: str, column: Column) -> Node:
        """Return the node of an operand."""
        of_law = isinstance(column.lookup, LawLookup | Rate)
        of_rows = not of_law and not isinstance(column.lookup, Constant)
        of_months = of_law and name not in self._steady
        if not self._month_of_row:
            of_months = of_months or isinstance(column.lookup, Grid) or name == "month"
            of_rows = of_rows and name != "month"
        computed = name in self._cut and column.unit == "euros"
        return self._node("leaf", (name,), of_rows, of_months, computed)

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
        if op in _COMPARISONS:
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
        lower, same, higher = _COMPARISONS[op]
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
                factors = _factors(node)
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

    # --- hundredths ----------------------------------------------------------------------------------

    def in_cents(self, node: Node) -> Node:
        """Return the node of an amount in cents: a hundred times it, rounding to whole numbers where it was to cents."""
        made = self._in_cents.get(node)
        if made is None:
            made = self._in_cents[node] = self._make_cents(node)
        return made

    def _make_cents(self, node: Node) -> Node:
        args = node.args
        match node.op:
            case "const":
                return self.const(100.0 * args[0])
            case "cents":
                return self.make("round", self.in_cents(args[0]))
            case "add" | "subtract" | "minimum" | "maximum":
                return self.make(node.op, *map(self.in_cents, args))
            case "where":
                return self._choice(self.plain(args[0]), *map(self.in_cents, args[1:]))
            case "multiply":
                # The money among the factors, or what changes least.
                factors = sorted(_factors(node), key=lambda f: (not f.money, f.by_row, f.by_month))
                return reduce(self._product, map(self.plain, factors[1:]), self.in_cents(factors[0]))
            case "divide":
                return self._quotient(self.in_cents(args[0]), self.plain(args[1]))
            case "leaf" if node.money:
                return node  # handed over in cents
            case "leaf" if args[0] in self._whole:
                return self.make("round", self._product(self.const(100.0), node))
            case _:
                return self._product(self.const(100.0), node)

    def plain(self, node: Node) -> Node:
        """Return the node of what is no money, with the money below it in cents."""
        made = self._plain.get(node)
        if made is None:
            made = self._plain[node] = self._make_plain(node)
        return made

    def _make_plain(self, node: Node) -> Node:
        args = node.args
        if node.op in ("const", "leaf") and not node.money:
            return node
        if node.op in _COMPARISONS and any(a.money for a in args):
            return self.make(node.op, *map(self.in_cents, args))
        if node.money:
            return self.make("divide", self.in_cents(node), self.const(100.0))
        if node.op == "multiply":
            return self._product(*map(self.plain, args))
        if node.op == "divide":
            return self._quotient(*map(self.plain, args))
        if node.op == "where":
            return self._choice(*map(self.plain, args))
        return self.make(node.op, *map(self.plain, args))

    def _choice(self, condition: Node, yes: Node, no: Node) -> Node:
        """Choose; by products with noughts and ones where rows alone decide, which is quicker."""
        if condition.by_row and condition.by_month:
            return self.make("where", condition, yes, no)
        if no.number == 0.0:
            return self._product(self.make("mask", condition), yes)
        if yes.number == 0.0:
            return self._product(self.make("unmask", condition), no)
        if not condition.by_row:
            return self.make("where", condition, yes, no)
        parts = (
            self._product(self.make("mask", condition), yes),
            self._product(self.make("unmask", condition), no),
        )
        return self.make("add", *parts)

    def _product(self, a: Node, b: Node) -> Node:
        """Multiply: first what the months give, then what the rows give, then the rest."""
        for mask, node in ((a, b), (b, a)):
            if mask.op in ("mask", "unmask") and mask.by_row:
                masked = self._masked(mask, node)
                if masked is not None:
                    return masked
        groups: list[list[Node]] = [[], [], []]
        for factor in (*_factors(a), *_factors(b)):
            groups[2 if factor.by_row and factor.by_month else 1 if factor.by_row else 0].append(factor)
        product = None
        for group in reversed(groups):
            if group:
                together = reduce(lambda x, y: self.make("multiply", x, y), group)
                product = together if product is None else self.make("multiply", together, product)
        assert product is not None
        return product

    def _masked(self, mask: Node, node: Node) -> Node | None:
        """Return a mask times a node where it comes out simpler: as nought, as the node itself, or within a rounding."""
        if node.op == "round":
            factors = _factors(node.args[0])
            for k, factor in enumerate(factors):
                masked = self._masked(mask, factor) if factor.op == "add" else None
                if masked is not None:
                    rest = reduce(self._product, factors[:k] + factors[k + 1 :], masked)
                    return self.make("round", rest)
            for k, factor in enumerate(factors):
                if ("multiply", mask, factor) in self._nodes:  # the mask times this factor is at hand
                    rest = reduce(self._product, factors[:k] + factors[k + 1 :], self._product(mask, factor))
                    return self.make("round", rest)
            return None
        if node.op == "add":
            a, b = (self._masked(mask, arg) for arg in node.args)
            return None if a is None or b is None else self.make("add", a, b)
        for factor in _factors(node):
            if factor is mask:
                return node
            if factor.op in ("mask", "unmask") and factor.args == mask.args:
                return self.const(0.0)
        return None

    def _quotient(self, a: Node, b: Node) -> Node:
        """Divide: by what does not change from row to row, what changes least."""
        factors = _factors(a)
        if len(factors) > 1 and not (b.by_row and b.by_month):
            for by_row in (False, True):
                for k, factor in enumerate(factors):
                    if (
                        factor.by_row == by_row
                        and not (factor.by_row and factor.by_month)
                        and b.by_row <= by_row
                    ):
                        rest = reduce(self._product, factors[:k] + factors[k + 1 :])
                        return self._product(self.make("divide", factor, b), rest)
        return self.make("divide", a, b)


def _factors(node: Node) -> list[Node]:
    """Return the factors of a product, in order."""
    return [f for arg in node.args for f in _factors(arg)] if node.op == "multiply" else [node]
