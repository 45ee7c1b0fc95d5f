"""Prints an expression tree with its values, following the branches taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conseiller.explain._values import bare, fraction, show
from conseiller.messages import Lang, tr
from conseiller.rules.algebra import INFIX, Symbol, evaluate
from conseiller.text import exact, joined

#: Units whose values are never written as a fraction.
_WITH_SIGN = ("euros", "rate", "date")


class Printer:
    """Prints a tree with values, following the branches taken; collects the names read and the notes."""

    def __init__(
        self, values: dict[str, float], units: Mapping[str, str], labels: dict[str, str], lang: Lang
    ) -> None:
        self.values, self.units, self.labels, self.lang = values, units, labels, lang
        self.read: dict[str, None] = {}
        self.used: dict[str, None] = {}
        self.notes: list[str] = []

    def taken(self, tree: Any) -> Any:
        """Return the tree without the branches not taken; note why."""
        if not isinstance(tree, Symbol) or tree.op == "name":
            if isinstance(tree, Symbol):
                self.read[tree.args[0]] = None
                self.used[tree.args[0]] = None
            return tree
        if tree.op == "where":
            condition, yes, no = tree.args
            holds = bool(evaluate(condition, self.values))
            reason = self.words(condition)
            kept = dict(self.used)
            self.taken(condition)
            self.used = kept
            key = "explain.because" if holds else "explain.because_not"
            other = self.words(no if holds else yes)
            self.notes.append(tr(key, self.lang, reason=reason, other=other))
            return self.taken(yes if holds else no)
        return Symbol(tree.op, *(self.taken(a) for a in tree.args))

    def words(self, tree: Any) -> str:
        """Print a tree with the labels of its operands and their values."""
        return self._print(self._bound(tree), 0, self._worded)

    def _worded(self, name: str) -> str:
        if self.units[name] == "flag":
            answer = tr("common.yes" if self.values[name] else "common.no", self.lang)
            return tr("explain.flag", self.lang, label=self.labels[name], answer=answer)
        return f"{self.labels[name]} ({self.number(name)})"

    def sums(self, tree: Any) -> str:
        """Print a tree with values only, without bounds that do not bind nor amounts of nought in a sum.

        "" where only one operand is left, which is the result itself.
        """
        simple = self._without_noughts(self._bound(tree))
        alone = simple.args[0] if isinstance(simple, Symbol) and simple.op == "cents" else simple
        if (
            isinstance(alone, Symbol)
            and alone.op == "name"
            and self.values[alone.args[0]] == self.value(tree)
        ):
            return ""
        return self._print(simple, 0, self.number)

    def value(self, tree: Any) -> float:
        """Compute a tree."""
        return float(evaluate(tree, self.values))

    def _without_noughts(self, tree: Any) -> Any:
        """Return the tree without the amounts of nought that its sums add."""
        if not isinstance(tree, Symbol) or tree.op == "name":
            return tree
        arguments = [self._without_noughts(a) for a in tree.args]
        if tree.op == "add":
            for kept, other in (arguments, arguments[::-1]):
                if self._is_nought(other):
                    return kept
        return Symbol(tree.op, *arguments)

    def _is_nought(self, tree: Any) -> bool:
        if not isinstance(tree, Symbol) or tree.op != "name":
            return False
        return self.units[tree.args[0]] == "euros" and self.values[tree.args[0]] == 0

    def _bound(self, tree: Any) -> Any:
        """Return the tree without the numbers that keep an amount from nought or from below, where they do not."""
        if not isinstance(tree, Symbol) or tree.op == "name":
            return tree
        arguments = [self._bound(a) for a in tree.args]
        if tree.op == "maximum":
            for kept, least in (arguments, arguments[::-1]):
                if not isinstance(least, Symbol) and self.value(kept) > float(least):
                    return kept
        return Symbol(tree.op, *arguments)

    def number(self, name: str) -> str:
        """Print the value of an operand; amounts without their sign, to be read in a sum."""
        text = show(self.values[name], self.units[name], self.lang)
        if self.units[name] not in _WITH_SIGN and fraction(self.values[name]):
            return f"({text})"
        return bare(text) if self.units[name] == "euros" else text

    def _is_flag(self, tree: Any) -> bool:
        return isinstance(tree, Symbol) and tree.op == "name" and self.units[tree.args[0]] == "flag"

    def _print(self, tree: Any, outer: int, leaf: Any) -> str:
        if not isinstance(tree, Symbol):
            return exact(float(tree), self.lang)
        if tree.op == "name":
            return str(leaf(tree.args[0]))
        if tree.op in INFIX:
            sign, strength = INFIX[tree.op]
            sign = {"*": "×", "/": "÷", "-": "−", "<=": "≤", ">=": "≥", "<>": "≠"}.get(sign, sign)
            left, right = tree.args
            if sign == ">" and self._is_flag(left) and not isinstance(right, Symbol) and float(right) == 0:
                return str(leaf(left.args[0]))
            text = f"{self._print(left, strength, leaf)} {sign} {self._print(right, strength + 1, leaf)}"
            return f"({text})" if strength < outer else text
        if tree.op == "where":
            condition, yes, no = (self._print(a, 0, leaf) for a in tree.args)
            return tr("explain.choice", self.lang, condition=condition, yes=yes, no=no)
        arguments = joined((self._print(a, 0, leaf) for a in tree.args), self.lang)
        return f"{tr(f'explain.function.{tree.op}', self.lang)}({arguments})"
