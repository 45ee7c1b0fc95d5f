"""A figure and what it rests on: evaluated again, told as lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from conseiller.explain._values import show, unrounded
from conseiller.messages import Lang, tr
from conseiller.rules.algebra import evaluate

Kind = Literal["rule", "law", "rate", "dossier", "calendar", "lookup", "sum", "part"]


class ExplainError(LookupError):
    """A figure that does not exist was asked for: unknown post, period or line."""


@dataclass(frozen=True, repr=False)
class Explanation:
    """A figure and how it was obtained.

    Parameters
    ----------
    label : str
        What the figure is.
    value : float
    unit : str
        Unit of the registry ("euros", "rate", "date"…).
    kind : str
        "rule", "law", "dossier"…
    formula : str
        The calculation in words of the language, with the values; "" for a leaf.
    source : str
        Text of law of the rule, reference of the legal value, or source stated in the dossier.
    notes : tuple of str
        Branches not taken, with the reason.
    steps : tuple of Explanation
        The operands.
    plumbing : bool
        A matter of calendar or of look-up, told in one line unless everything is asked for.
    """

    label: str
    value: float
    unit: str
    kind: Kind
    lang: Lang
    formula: str = ""
    source: str = ""
    link: str = ""
    notes: tuple[str, ...] = ()
    steps: tuple[Explanation, ...] = ()
    names: tuple[str, ...] = ()
    tree: Any = field(default=None, repr=False, compare=False)
    plumbing: bool = False
    #: Operands that only a condition reads: they enter no calculation shown.
    asides: frozenset[str] = frozenset()
    #: The terms of a sum over months, posts or items, each with what it is.
    terms: tuple[str, ...] = ()

    def evaluate(self) -> float:
        """Compute the figure again from the leaves of its explanation."""
        if not self.steps and self.tree is None:
            return self.value
        values = {n: s.evaluate() for n, s in zip(self.names, self.steps, strict=True)}
        if self.kind == "sum":
            return round(sum(values.values()), 2)
        return float(evaluate(self.tree, values))

    @property
    def shown(self) -> str:
        """The value in its unit."""
        if self.unit == "flag":
            return tr("common.yes" if self.value else "common.no", self.lang)
        if self.unit == "euros" and self.kind == "rule":
            return unrounded(self.value, self.lang) or show(self.value, self.unit, self.lang)
        return show(self.value, self.unit, self.lang)

    @property
    def calculation(self) -> tuple[str, ...]:
        """The calculation shown, one term a line where it adds up months, posts or items."""
        return self.terms or ((self.formula,) if self.formula else ())

    @property
    def told(self) -> tuple[Explanation, ...]:
        """The operands that enter the calculation shown."""
        named = (
            zip(self.names, self.steps, strict=True)
            if self.names
            else ((str(s.label), s) for s in self.steps)
        )
        return tuple(step for name, step in named if name not in self.asides)

    def walk(self) -> Iterator[Explanation]:
        """Yield this figure and every one it rests on, each once."""
        seen: set[int] = set()
        stack = [self]
        while stack:
            node = stack.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            yield node
            stack.extend(reversed(node.steps))

    def lines(self, complete: bool = False) -> Iterator[str]:
        """Yield the explanation as indented text, each figure explained once.

        Parameters
        ----------
        complete : bool
            Also explain amounts of zero, the calendar, and the branches not taken below the first level.
        """
        yield from self._lines(0, set(), complete)

    def _lines(self, depth: int, told: set[tuple[str, float]], complete: bool) -> Iterator[str]:
        margin = "  " * depth
        key = (self.label, self.value)
        again = bool(self.steps) and key in told
        told.add(key)
        line = f"{margin}{self.label} = {self.shown}"
        if again:
            yield f"{line} {tr('explain.above', self.lang)}"
            return
        yield line
        brief = not complete and depth > 0 and (self.plumbing or self.value == 0)
        for term in () if brief else self.calculation:
            yield f"{margin}  {term}"
        for note in self.notes if complete or depth == 0 else ():
            yield f"{margin}  {note}"
        if self.source and not (brief and self.steps):
            yield f"{margin}  [{self.source}]"
        for step in () if brief else self.steps if complete else self.told:
            yield from step._lines(depth + 1, told, complete)

    def __str__(self) -> str:
        """Return the explanation as text."""
        return "\n".join(self.lines())

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        from conseiller.display import as_html

        return as_html(self, self.lang)
