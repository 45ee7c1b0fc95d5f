"""Rules as one shared graph of operations, in whole cents.

`Graph.column` follows the rules of the registry down to their operands; `Graph.in_cents` turns what comes
out into cents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

from conseiller.compiled.nodes import COMPARISONS, Node, Nodes, factors_of
from conseiller.rules.algebra import Symbol
from conseiller.rules.registry import REGISTRY, Column, Constant, Grid, Rate
from conseiller.rules.registry import Law as LawLookup


class Graph(Nodes):
    """The nodes of one reading of the rules.

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
        super().__init__(signed, whole)
        self._columns: dict[str, Node] = {}
        self._values = dict(values or {})
        self._cut = frozenset(cut)
        self._month_of_row = month_of_row
        self._steady = frozenset(steady)
        self._in_cents: dict[Node, Node] = {}
        self._plain: dict[Node, Node] = {}
        for fact in order:
            left, sign, right = fact.split()
            low, high = self._operand(left), self._operand(right)
            self.learn(low, high, sign == "<")
            self.learn(self.plain(low), self.plain(high), sign == "<")

    def _operand(self, name: str) -> Node:
        return self.const(0.0) if name == "0" else self.column(name)

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
        of_months = name in self._cut or (of_law and name not in self._steady)
        if not self._month_of_row:
            of_months = of_months or isinstance(column.lookup, Grid) or name == "month"
            of_rows = of_rows and name != "month"
        computed = name in self._cut and column.unit == "euros"
        return self._node("leaf", (name,), of_rows, of_months, computed)

    # --- hundredths ----------------------------------------------------------------------------------

    def amounts(self, columns: Iterable[str]) -> dict[str, Node]:
        """Return the nodes of some columns, in cents."""
        return {name: self.in_cents(self.column(name)) for name in columns}

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
                factors = sorted(factors_of(node), key=lambda f: (not f.money, f.by_row, f.by_month))
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
        if node.op in COMPARISONS and any(a.money for a in args):
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
        for factor in (*factors_of(a), *factors_of(b)):
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
            factors = factors_of(node.args[0])
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
        for factor in factors_of(node):
            if factor is mask:
                return node
            if factor.op in ("mask", "unmask") and factor.args == mask.args:
                return self.const(0.0)
        return None

    def _quotient(self, a: Node, b: Node) -> Node:
        """Divide: by what does not change from row to row, what changes least."""
        factors = factors_of(a)
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
