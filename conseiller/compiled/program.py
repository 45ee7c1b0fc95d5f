"""Nodes turned into NumPy calls: what the months give once, what the rows give once, and the rest in buffers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conseiller.compiled.graph import Graph
from conseiller.compiled.nodes import CONDITIONS, Node
from conseiller.rules.algebra import _NUDGE, add_months, day, month, year

Array = NDArray[np.float64]


def whole(x: Any, out: Any = None) -> Any:
    """Round cents to a whole number, half away from zero: `algebra.cents` for amounts already in cents."""
    x = np.asarray(x, dtype=np.float64)
    if not x.size or x.min() >= 0.0:
        return np.floor(np.add(x, _NUDGE, out), out)
    y = np.floor(np.abs(x) + _NUDGE)
    return np.add(np.copysign(y, x), 0.0, out)


_UFUNCS: dict[str, np.ufunc] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "minimum": np.minimum,
    "maximum": np.maximum,
    "negative": np.negative,
    "less": np.less,
    "less_equal": np.less_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
    "equal": np.equal,
    "not_equal": np.not_equal,
    "bitwise_and": np.logical_and,
    "bitwise_or": np.logical_or,
}
#: NumPy wants the result of these by name.
_INTO: dict[str, Callable[..., Any]] = {
    "minimum": lambda a, b, out: np.minimum(a, b, out=out),
    "maximum": lambda a, b, out: np.maximum(a, b, out=out),
}
_OTHERS: dict[str, Callable[..., Any]] = {
    "where": np.where,
    "round": whole,
    "mask": lambda x: np.asarray(x, dtype=np.float64),
    "unmask": lambda x: 1.0 - np.asarray(x, dtype=np.float64),
    "year": year,
    "month": month,
    "day": day,
    "add_months": add_months,
}


class Evaluator:
    """Computes nodes one by one, each once, from the values of the operands."""

    def __init__(self, operand: Callable[[str], Any]) -> None:
        self.operand = cache(operand)
        self._known: dict[Node, Any] = {}

    def __call__(self, node: Node) -> Any:
        """Return the value of a node."""
        value = self._known.get(node)
        if value is None:
            value = self._known[node] = self._compute(node)
        return value

    def _compute(self, node: Node) -> Any:
        if node.op == "const":
            return node.args[0]
        if node.op == "leaf":
            return self.operand(node.args[0])
        function = _UFUNCS.get(node.op) or _OTHERS[node.op]
        return function(*map(self, node.args))


class Program:
    """Columns of a graph, given by their nodes, as NumPy calls over rows.

    `months` are the nodes that the months alone give, `states` those that the rows alone give,
    `cells` the operands that both give: they are computed beforehand (`Evaluator`) and handed to
    `run`. `names` are the columns that are not nought everywhere, in the order of `out`.
    """

    def __init__(self, graph: Graph, nodes: Mapping[str, Node]) -> None:
        self._graph = graph
        self.names = tuple(name for name, node in nodes.items() if node.number != 0.0)
        self._outputs = [nodes[name] for name in self.names]
        self.months: list[Node] = []
        self.states: list[Node] = []
        self.cells: list[Node] = []
        self._code: list[tuple[Any, int, int, int]] = []
        self._registers: list[str] = []
        self._first_out = self._last_out = 0
        self._compile()

    def _compile(self) -> None:
        order = self._in_order()
        inputs: dict[Node, None] = {}
        for node in order:
            for arg in node.args:
                if not self._inner(arg):
                    inputs[arg] = None
        for node in self._outputs:
            if not self._inner(node):
                inputs[node] = None
        self.states = [n for n in inputs if n.by_row and not n.by_month]
        self.months = [n for n in inputs if not n.by_row]
        self.cells = [n for n in inputs if n.by_row and n.by_month]
        given = [*self.states, *self.months, *self.cells]
        place = {node: k for k, node in enumerate(given)}
        first_out = self._first_out = len(given)
        self._last_out = first_out + len(self._outputs)
        results = {node: first_out + k for k, node in reversed(list(enumerate(self._outputs)))}
        self._code = []
        uses = {node: k for k, user in enumerate(order) for node in user.args}
        free: dict[str, list[int]] = {"float": [], "bool": []}
        self._registers = []
        base = self._last_out
        for k, node in enumerate(order):
            operands = [place[a] for a in node.args]
            for a in dict.fromkeys(node.args):
                if self._inner(a) and a not in results and uses[a] == k:
                    free[self._kind(a)].append(place[a])
            if node in results:
                out = results[node]
            elif free[self._kind(node)]:
                out = free[self._kind(node)].pop()
            else:
                out = base + len(self._registers)
                self._registers.append(self._kind(node))
            place[node] = out
            self._emit(node, operands, out)
        for k, node in enumerate(self._outputs):
            if place[node] != first_out + k:
                self._code.append((np.positive, place[node], -1, first_out + k))

    @staticmethod
    def _inner(node: Node) -> bool:
        return node.by_row and node.by_month and node.op != "leaf"

    @staticmethod
    def _kind(node: Node) -> str:
        return "bool" if node.op in CONDITIONS else "float"

    def _emit(self, node: Node, operands: list[int], out: int) -> None:
        match node.op:
            case "round" if self._graph.positive(node.args[0]):
                self._code.append((_nudged, operands[0], -1, out))
                self._code.append((np.floor, out, -1, out))
            case "round" | "negative":
                self._code.append((whole if node.op == "round" else np.negative, operands[0], -1, out))
            case "where":
                condition, yes, no = operands
                self._code.append((condition, yes, no, out))
            case _:
                function = _INTO.get(node.op) or _UFUNCS[node.op]
                self._code.append((function, operands[0], operands[1], out))

    def _in_order(self) -> list[Node]:
        """Return the nodes that change with row and month, operands first."""
        found: dict[Node, None] = {}

        def visit(node: Node) -> None:
            if node in found or not self._inner(node):
                return
            for arg in node.args:
                visit(arg)
            found[node] = None

        for node in self._outputs:
            visit(node)
        return list(found)

    def buffers(self, size: int) -> list[Array]:
        """Return the scratch space of `run` for at most `size` rows."""
        return [np.empty(size, dtype=bool if kind == "bool" else float) for kind in self._registers]

    def run(self, given: Iterable[Any], out: Iterable[Array], scratch: Iterable[Any]) -> None:
        """Compute the columns of some rows into `out`, one array a column of `names`.

        `given` are the values of `states`, `months` and `cells`.
        """
        cells: list[Any] = [*given, *out, *scratch]
        for function, a, b, to in self._code:
            if type(function) is int:
                chosen = np.where(cells[function], cells[a], cells[b])
                if self._first_out <= to < self._last_out:
                    np.copyto(cells[to], chosen)
                else:
                    cells[to] = chosen
            elif b < 0:
                function(cells[a], cells[to])
            else:
                function(cells[a], cells[b], cells[to])


def _nudged(x: Any, out: Any) -> None:
    np.add(x, _NUDGE, out)
