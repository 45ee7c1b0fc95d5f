"""Explains a figure: the rule, its operands, and so on down to the dossier and the law.

The third reading of the registry: the same expression tree that the engine
computes and the workbook prints is printed here with its values. Of a choice,
the branch taken is shown and the other named with the reason. Every explanation
can be evaluated again from its leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from conseiller.dossier import schema
from conseiller.engine import YEARS, Frame
from conseiller.law import day_at
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.rules.algebra import INFIX, Symbol, cents, evaluate, months_of
from conseiller.rules.registry import (
    FAR,
    REGISTRY,
    Column,
    Constant,
    FamilySum,
    Given,
    Grid,
    Member,
    Pick,
    Rate,
)
from conseiller.rules.registry import Law as LawLookup
from conseiller.text import date_long, date_short, money, month_long, number

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
        return show(self.value, self.unit, self.lang)

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
        if self.formula and not brief:
            yield f"{margin}  {self.formula}"
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


def show(value: float, unit: str, lang: Lang) -> str:
    """Return a value in its unit, exact enough to be computed with."""
    if unit == "euros":
        return money(value, lang) if round(value, 2) == round(value, 9) else _priced(value, lang)
    if unit in ("rate",):
        return f"{_exact(value * 100, lang)} %"
    if unit == "date":
        return "–" if value <= 0 or value >= FAR else date_short(day_at(value), lang)
    return _exact(value, lang)


def _priced(value: float, lang: Lang) -> str:
    """Return an amount with more than two decimals, its sign where the language puts it."""
    exact = _exact(value, lang)
    if lang == "en":
        return f"−€{exact.removeprefix('-')}" if value < 0 else f"€{exact}"
    return f"{exact}\u00a0€"


def _bare(amount: str) -> str:
    """Return an amount without the sign of its currency, to be read in a sum."""
    return amount.replace("€", "").rstrip("\u00a0 ")


def _exact(value: float, lang: Lang) -> str:
    text = f"{value:.15g}"
    if "e" in text:
        text = f"{value:.15f}".rstrip("0").rstrip(".")
    whole, _, decimals = text.partition(".")
    grouped = number(int(whole), lang) if abs(int(whole)) >= 1000 else whole
    if not decimals:
        return grouped
    return f"{grouped}{',' if lang == 'fr' else '.'}{decimals}"


# --- the printer -----------------------------------------------------------------------------------


#: Groups of columns that only say which row or which days are concerned.
_PLUMBING = {"key", "stay", "shared", "contract", "vacancy", "constant"}
#: The same among the columns of a month's first or second grant year.
_COUNTING = {
    f"{name}_{n}"
    for name in (
        "since",
        "to",
        "finish",
        "whole_year",
        "anchor",
        "hit",
        "first",
        "last",
        "time_before",
        "time_after",
    )
    for n in (1, 2)
}
_YEAR_OF_MONTH = re.compile(r"_([12])$")


class _Printer:
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
        return self._print(tree, 0, self._worded)

    def _worded(self, name: str) -> str:
        if self.units[name] == "flag":
            answer = tr("common.yes" if self.values[name] else "common.no", self.lang)
            return tr("explain.flag", self.lang, label=self.labels[name], answer=answer)
        return f"{self.labels[name]} ({self.number(name)})"

    def sums(self, tree: Any) -> str:
        """Print a tree with values only."""
        return self._print(tree, 0, self.number)

    def number(self, name: str) -> str:
        """Print the value of an operand; amounts without their sign, to be read in a sum."""
        text = show(self.values[name], self.units[name], self.lang)
        return _bare(text) if self.units[name] == "euros" else text

    def _is_flag(self, tree: Any) -> bool:
        return isinstance(tree, Symbol) and tree.op == "name" and self.units[tree.args[0]] == "flag"

    def _print(self, tree: Any, outer: int, leaf: Any) -> str:
        if not isinstance(tree, Symbol):
            return _exact(float(tree), self.lang)
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
        arguments = " ; ".join(self._print(a, 0, leaf) for a in tree.args)
        return f"{tr(f'explain.function.{tree.op}', self.lang)}({arguments})"


# --- building --------------------------------------------------------------------------------------


class _Builder:
    """Builds explanations of cells of the model, each cell once."""

    def __init__(self, plan: Projection, lang: Lang) -> None:
        self.plan, self.lang = plan, lang
        self.done: dict[tuple[Any, ...], Explanation] = {}

    def cell(self, frame: Frame, name: str, post: int, row: int) -> Explanation:
        """Explain a column of a row."""
        key = (frame.table, frame.extra, name, post, row)
        if key not in self.done:
            self.done[key] = self._cell(frame, name, post, row)
        return self.done[key]

    def label(
        self, column: Column, name: str, frame: Frame | None = None, post: int = 0, row: int = 0
    ) -> str:
        """Return the label of a column; the name of the item, contract or grant year that it is of."""
        lines = self.plan.law.lines
        if column.name in lines and column.table == "month":
            return lines[column.name].label[self.lang]
        label = tr(f"column.{column.table}.{column.name}", self.lang)
        member = name.partition("#")[2]
        if not member:
            return self._dated(label, column, frame, post, row)
        items = {"cost": self.plan.dossier.costs, "funding": self.plan.dossier.funding}
        if column.family in items:
            return f"{label} – {items[column.family][int(member)].label}"
        return f"{label} – {tr('explain.contract', self.lang, number=int(member) + 1)}"

    def _dated(self, label: str, column: Column, frame: Frame | None, post: int, row: int) -> str:
        """Return the label of a column of the month's first or second grant year with the name of that year."""
        found = _YEAR_OF_MONTH.search(column.name)
        _, colon, text = label.partition(":")
        if frame is None or frame.table != "month" or column.group != "grant" or not found or not colon:
            return label
        number_of = int(frame.full(f"segment_{found[1]}")[post, row])
        if number_of == 0:
            return label
        year = self.plan.grant_years[post][number_of - 1].label
        return tr("explain.year", self.lang, year=year, text=text.strip())

    def _cell(self, frame: Frame, name: str, post: int, row: int) -> Explanation:
        column = REGISTRY.get(frame.table, name)
        value = float(frame.full(name)[post, row])
        label = self.label(column, name, frame, post, row)
        if frame.extra and column.on_extra:
            inner = self.cell(self.plan.model.contract, column.on_extra, post, row)
            return Explanation(label, value, column.unit, inner.kind, self.lang, source=inner.source)
        if column.function is not None and not (frame.extra and column.only_month):
            return self._rule(frame, column, name, label, value, post, row)
        return self._leaf(frame, column, name, label, value, post, row)

    def _rule(
        self, frame: Frame, column: Column, name: str, label: str, value: float, post: int, row: int
    ) -> Explanation:
        member = name.partition("#")[2]
        reads = {r: self._member(frame, r, column, member) for r in column.reads}
        values = {r: float(frame.full(n)[post, row]) for r, n in reads.items()}
        units = {r: REGISTRY.get(frame.table, r).unit for r in reads}
        labels = {r: self.label(REGISTRY.get(frame.table, r), n, frame, post, row) for r, n in reads.items()}
        printer = _Printer(values, units, labels, self.lang)
        tree = printer.taken(column.tree)
        steps = tuple(self.cell(frame, reads[r], post, row) for r in printer.read)
        formula = printer.sums(tree) if isinstance(tree, Symbol) and tree.op != "name" else ""
        return Explanation(
            label,
            value,
            column.unit,
            "rule",
            self.lang,
            formula=f"= {formula}" if formula else "",
            source=column.source,
            notes=tuple(printer.notes),
            steps=steps,
            names=tuple(printer.read),
            tree=tree,
            plumbing=column.group in _PLUMBING or column.name in _COUNTING,
            asides=frozenset(printer.read.keys() - printer.used.keys()),
        )

    @staticmethod
    def _member(frame: Frame, read: str, column: Column, member: str) -> str:
        own = column.family and REGISTRY.get(frame.table, read).family == column.family
        return f"{read}#{member}" if own else read

    def _leaf(
        self, frame: Frame, column: Column, name: str, label: str, value: float, post: int, row: int
    ) -> Explanation:
        unit = column.unit
        match column.lookup:
            case LawLookup(parameter, at):
                day = float(frame.full(at)[post, row])
                return self._law(parameter.format(zone=self.plan.inputs.zone), day, unit)
            case Grid() if value:
                return self._grid(frame, label, value, post, row)
            case Rate(field_name):
                return self._rate(field_name, label, value, frame, post, row)
            case Constant(field_name):
                return Explanation(
                    label, value, unit, "dossier", self.lang, source=self._authority(field_name)
                )
            case Pick(table, field_name, numbered):
                index = int(frame.full(numbered)[post, row])
                if index == 0:
                    return Explanation(
                        label, value, unit, "lookup", self.lang, source=tr("explain.none", self.lang)
                    )
                inner = self.cell(self.plan.model.frame(table), field_name, post, index - 1)
                return self._renamed(inner, label)
            case FamilySum(family):
                return self._family(frame, family, label, value, unit, post, row)
            case Member(field_name):
                return self._of_member(column, field_name, name, label, value, post)
            case Given():
                return Explanation(
                    label, value, unit, "dossier", self.lang, source=self._given(frame, column, post, row)
                )
        return Explanation(label, value, unit, "lookup", self.lang, source=tr("explain.lookup", self.lang))

    @staticmethod
    def _renamed(inner: Explanation, label: str) -> Explanation:
        return replace(inner, label=label)

    def _law(self, parameter: str, serial: float, unit: str) -> Explanation:
        table = self.plan.law.table(parameter)
        entry = table.at(day_at(serial))
        state = "explain.planned" if entry.planned else "explain.in_force"
        parts = [entry.reference, tr(state, self.lang, date=date_long(entry.start, self.lang))]
        if entry.origin != "law":
            parts.append(tr(f"explain.{entry.origin}", self.lang))
        elif entry.certainty != "sourced":
            parts.append(tr(f"explain.certainty.{entry.certainty}", self.lang))
        source = " ; ".join(parts)
        return Explanation(
            table.label[self.lang], entry.value, unit, "law", self.lang, source=source, link=entry.link
        )

    def _grid(self, frame: Frame, label: str, value: float, post: int, row: int) -> Explanation:
        code = int(self.plan.model.term["grid"][post, int(frame.full("term_no")[post, row]) - 1])
        found = self._law(
            self.plan.inputs.grid_keys[code - 1], float(frame.full("month")[post, row]), "index"
        )
        return self._renamed(found, found.label)

    def _rate(self, name: str, label: str, value: float, frame: Frame, post: int, row: int) -> Explanation:
        day = day_at(float(frame.full("month")[post, row]))
        held = [r for r in sorted(self.plan.dossier.rates, key=lambda r: r.start) if r.start <= day]
        source = held[-1].source if held else tr("explain.none", self.lang)
        return Explanation(label, value, "rate", "rate", self.lang, source=source)

    def _authority(self, name: str) -> str:
        return self.plan.dossier.authority.source_of(name)

    def _family(
        self, frame: Frame, family: str, label: str, value: float, unit: str, post: int, row: int
    ) -> Explanation:
        size = self.plan.model.family_size(REGISTRY.get("month", family).family)
        members = [f"{family}#{k}" for k in range(size) if float(frame.full(f"{family}#{k}")[post, row])]
        steps = tuple(self.cell(frame, m, post, row) for m in members)
        return _sum(label, value, unit, self.lang, steps)

    def _of_member(
        self, column: Column, field_name: str, name: str, label: str, value: float, post: int
    ) -> Explanation:
        member = int(name.partition("#")[2])
        if column.family == "contract":
            return self._renamed(self.cell(self.plan.model.contract, field_name, post, member), label)
        items = self.plan.dossier.costs if column.family == "cost" else self.plan.dossier.funding
        unit = {"amount": "euros", "since": "date", "to": "date"}.get(field_name, column.unit)
        return Explanation(label, value, unit, "dossier", self.lang, source=items[member].source)

    def _given(self, frame: Frame, column: Column, post: int, row: int) -> str:
        holder = self.plan.dossier.posts[post]
        if frame.table == "contract" and row < len(holder.contracts):
            return f"{tr('explain.contract', self.lang, number=row + 1)} ; {holder.contracts[row].source}"
        if frame.table == "term":
            terms = [t for c in holder.contracts for t in c.terms]
            return terms[row].source if row < len(terms) else ""
        if frame.table == "grant" and row // YEARS < len(holder.conventions):
            return self._convention(holder.conventions[row // YEARS], column.name)
        return tr("explain.calendar", self.lang)

    def _convention(self, convention: schema.Convention, name: str) -> str:
        if name in ("months", "amount", "offset") and convention.generation != "personnalisee":
            generation = self.plan.law.generations[convention.generation]
            return f"{generation.label[self.lang]} ; {generation.reference}"
        return f"{convention.code} ; {convention.source}"


def _sum(
    label: str, value: float, unit: str, lang: Lang, steps: tuple[Explanation, ...], source: str = ""
) -> Explanation:
    names = tuple(str(k) for k in range(len(steps)))
    formula = ""
    if len(steps) > 1:
        formula = "= " + " + ".join(_bare(s.shown) for s in steps)
    return Explanation(
        label, value, unit, "sum", lang, formula=formula, source=source, steps=steps, names=names
    )


# --- the door --------------------------------------------------------------------------------------

#: Measures of `Projection.by` and the columns of the month that make them.
_MEASURES = {
    "cost": "cout_fonctionnement",
    "grant": "subvention_etat",
    "net_cost": "reste_fonctionnement",
    "pay": "personnel",
    "other_costs": "autres_couts",
    "other_funding": "autres_financements",
}
_MONTH = re.compile(r"^(\d{4})-(\d{2})$")


def column_of(plan: Projection, line: str) -> str:
    """Return the column of the month that holds a line, an item or a measure.

    Raises
    ------
    ExplainError
        When there is no such line; the message lists what there is.
    """
    if line in _MEASURES:
        return _MEASURES[line]
    for prefix, family, items in (
        ("cout_", "cost", plan.dossier.costs),
        ("financement_", "funding", plan.dossier.funding),
    ):
        rank = line.removeprefix(prefix)
        if line.startswith(prefix) and rank.isdigit() and 1 <= int(rank) <= len(items):
            return f"{family}_part#{int(rank) - 1}"
    if REGISTRY.has("month", line) and "#" not in line and REGISTRY.get("month", line).family is None:
        return line
    known = ", ".join([pl.code for pl in plan.lines()] + list(_MEASURES))
    raise ExplainError(known)


@dataclass(frozen=True)
class _Question:
    """Which rows of the model a question is about."""

    plan: Projection
    posts: tuple[int, ...]
    months: tuple[int, ...]

    @cached_property
    def rows(self) -> list[tuple[Frame, int, int]]:
        """Month rows, then the rows of second contracts that fall in those months."""
        model = self.plan.model
        found = [(model.month, p, m) for p in self.posts for m in self.months]
        extra_months = months_of(model.extra.full("month"))
        first = int(months_of(self.plan.inputs.months[0]))
        number_of = model.extra.full("contract_no")
        found += [
            (model.extra, p, k)
            for p in self.posts
            for k in range(model.contract.width)
            if number_of[p, k] > 0 and int(extra_months[p, k]) - first in self.months
        ]
        return found


def explain(plan: Projection, post: str | None, period: str, line: str, lang: Lang = "fr") -> Explanation:
    """Explain a figure down to the dossier and the law.

    Parameters
    ----------
    plan : Projection
    post : str or None
        Code of a post; None for all posts.
    period : str
        A month "2025-03", an exercice "2025", or a grant year "V2-1".
    line : str
        A line ("ircantec", "subvention_etat", "cout_1"…), a measure ("cost", "grant", "net_cost",
        "pay", "other_costs", "other_funding") or any column of the sheet *Mensuel* ("brut", "plafond"…).
    lang : {"fr", "en"}

    Returns
    -------
    Explanation
        Prints as text, shows itself in a notebook, evaluates again to its value.

    Raises
    ------
    ExplainError
        When the post, the period or the line does not exist.
    """
    codes = plan.posts
    if post is not None and post not in codes:
        raise ExplainError(tr("explain.fault.post", lang, post=post, known=", ".join(codes)))
    posts = tuple(range(len(codes))) if post is None else (codes.index(post),)
    try:
        column = column_of(plan, line)
    except ExplainError as error:
        raise ExplainError(tr("explain.fault.line", lang, line=line, known=str(error))) from None
    builder = _Builder(plan, lang)
    years = {y.label for p in posts for y in plan.grant_years[p]}
    if period in years:
        return _grant_year(plan, builder, posts, period, column, line)
    months = _months(plan, period, lang)
    question = _Question(plan, posts, months)
    steps = [builder.cell(frame, column, p, r) for frame, p, r in question.rows]
    places = [_place(plan, frame, p, r, lang) for frame, p, r in question.rows]
    if len(steps) == 1:
        return steps[0]
    kept = [(s, w) for s, w in zip(steps, places, strict=True) if s.value]
    named = tuple(builder._renamed(s, f"{s.label} – {w}") for s, w in kept)
    unit = REGISTRY.get("month", column).unit
    title = builder.label(REGISTRY.get("month", column), column)
    total = round(sum(s.value for s in named), 2)
    return _sum(f"{title} – {period}", total, unit, lang, named)


def _months(plan: Projection, period: str, lang: Lang) -> tuple[int, ...]:
    shown = plan.months
    found = _MONTH.match(period)
    if found:
        year, month = int(found[1]), int(found[2])
        wanted = [k for k, m in enumerate(shown) if (m.year, m.month) == (year, month)]
    else:
        wanted = [k for k, m in enumerate(shown) if str(m.year) == period]
    if not wanted:
        years = sorted({y.label for held in plan.grant_years for y in held})
        raise ExplainError(
            tr(
                "explain.fault.period",
                lang,
                period=period,
                first=f"{shown[0]:%Y-%m}",
                last=f"{shown[-1]:%Y-%m}",
                years=", ".join(years),
            )
        )
    return tuple(wanted)


def _place(plan: Projection, frame: Frame, post: int, row: int, lang: Lang) -> str:
    if frame.extra:
        month = day_at(float(frame.full("month")[post, row]))
        suffix = tr("explain.contract", lang, number=row + 1)
        return f"{plan.posts[post]}, {month_long(month, lang)}, {suffix}"
    return f"{plan.posts[post]}, {month_long(plan.months[row], lang)}"


def _grant_year(
    plan: Projection, builder: _Builder, posts: tuple[int, ...], period: str, column: str, line: str
) -> Explanation:
    """Explain a figure of a grant year: its months, and their part where the year begins or ends within."""
    lang = builder.lang
    if line in ("cost", "net_cost", "pay", "other_costs", "other_funding"):
        raise ExplainError(tr("explain.fault.measure", lang, line=line))
    steps: list[Explanation] = []
    question = _Question(plan, posts, tuple(range(len(plan.months))))
    pay = REGISTRY.get("month", column).group == "line"
    for frame, p, r in question.rows:
        for n in (1, 2):
            number_of = int(frame.full(f"segment_{n}")[p, r])
            if number_of == 0 or plan.grant_years[p][number_of - 1].label != period:
                continue
            where = _place(plan, frame, p, r, lang)
            grant = column == "subvention_etat"
            own = f"earned_{n}"
            inner = builder.cell(frame, own, p, r) if grant else _part(builder, frame, column, p, r, n, pay)
            if inner.value:
                steps.append(builder._renamed(inner, f"{inner.label} – {where}"))
    total = round(sum(s.value for s in steps), 2)
    unit = REGISTRY.get("month", column).unit
    title = builder.label(REGISTRY.get("month", column), column)
    return _sum(f"{title} – {period}", total, unit, lang, tuple(steps))


def _part(
    builder: _Builder, frame: Frame, column: str, post: int, row: int, n: int, pay: bool
) -> Explanation:
    """Explain the part of an amount that falls in the month's n-th grant year."""
    whole = builder.cell(frame, column, post, row)
    names = [f"occupied_{k}" if pay else f"calendar_{k}" for k in range(1, n + 1)]
    base = "thirtieths" if pay else None
    inside = [float(frame.full(name)[post, row]) for name in names]
    total = float(frame.full("thirtieths")[post, row]) if pay else 30.0
    upto = cents(whole.value * sum(inside) / max(total, 1.0))
    before = cents(whole.value * sum(inside[:-1]) / max(total, 1.0))
    value = float(cents(upto - before))
    if value == whole.value:
        return whole
    amount = Symbol("name", "amount")
    symbols = [Symbol("name", k) for k in names]
    base_symbol: Any = Symbol("name", base) if base else 30.0
    summed: Any = symbols[0] if n == 1 else Symbol("add", *symbols)
    tree: Any = Symbol("cents", Symbol("divide", Symbol("multiply", amount, summed), base_symbol))
    if n == 2:
        first = Symbol("cents", Symbol("divide", Symbol("multiply", amount, symbols[0]), base_symbol))
        tree = Symbol("cents", Symbol("subtract", tree, first))
    operands = {"amount": whole} | {k: builder.cell(frame, k, post, row) for k in names}
    if base:
        operands[base] = builder.cell(frame, base, post, row)
    values = {k: e.value for k, e in operands.items()}
    printer = _Printer(
        values,
        {k: e.unit for k, e in operands.items()},
        {k: e.label for k, e in operands.items()},
        builder.lang,
    )
    return Explanation(
        whole.label,
        value,
        "euros",
        "part",
        builder.lang,
        formula=f"= {printer.sums(tree)}",
        source=tr("explain.cut_month", builder.lang),
        steps=tuple(operands.values()),
        names=tuple(operands),
        tree=tree,
    )
