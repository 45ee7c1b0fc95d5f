"""Builds the explanation of a cell of the model, down to the dossier and the law."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from conseiller.dossier import schema
from conseiller.engine import YEARS, Frame
from conseiller.explain._explanation import Explanation
from conseiller.explain._printer import Printer
from conseiller.explain._values import bare
from conseiller.law import day_at
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.rules.algebra import Symbol
from conseiller.rules.registry import (
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
from conseiller.text import date_long, joined

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


class Builder:
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
        _, colon, text = label.partition(":")
        number_of = None if frame is None or not colon else self._grant_year(frame, column, post, row)
        if not number_of:
            return label
        year = self.plan.grant_years[post][number_of - 1].label
        return tr("explain.year", self.lang, year=year, text=text.strip())

    @staticmethod
    def _grant_year(frame: Frame, column: Column, post: int, row: int) -> int | None:
        """Return the grant year that a column of the month is of, 0 where the month has no such year; None for others."""
        found = _YEAR_OF_MONTH.search(column.name)
        if frame.table != "month" or column.group != "grant" or not found:
            return None
        return int(frame.full(f"segment_{found[1]}")[post, row])

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
        printer = Printer(values, units, labels, self.lang)
        tree = printer.taken(column.tree)
        steps = tuple(self.cell(frame, reads[r], post, row) for r in printer.read)
        absent = {
            r for r in printer.read if self._grant_year(frame, REGISTRY.get(frame.table, r), post, row) == 0
        }
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
            asides=frozenset(printer.read.keys() - printer.used.keys() | absent),
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
                return self.renamed(inner, label)
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
    def renamed(inner: Explanation, label: str) -> Explanation:
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
        source = joined(parts, self.lang)
        return Explanation(
            table.label[self.lang], entry.value, unit, "law", self.lang, source=source, link=entry.link
        )

    def _grid(self, frame: Frame, label: str, value: float, post: int, row: int) -> Explanation:
        code = int(self.plan.model.term["grid"][post, int(frame.full("term_no")[post, row]) - 1])
        found = self._law(
            self.plan.inputs.grid_keys[code - 1], float(frame.full("month")[post, row]), "index"
        )
        return self.renamed(found, found.label)

    def _rate(self, name: str, label: str, value: float, frame: Frame, post: int, row: int) -> Explanation:
        day = day_at(float(frame.full("month")[post, row]))
        held = [r for r in sorted(self.plan.dossier.rates, key=lambda r: r.start) if r.start <= day]
        source = held[-1].source if held else tr("explain.none", self.lang)
        return Explanation(label, value, "rate", "rate", self.lang, source=source)

    def _authority(self, name: str) -> str:
        if name.startswith("horizon_"):
            return self.plan.dossier.period.source
        return self.plan.dossier.authority.source_of(name)

    def _family(
        self, frame: Frame, family: str, label: str, value: float, unit: str, post: int, row: int
    ) -> Explanation:
        size = self.plan.model.family_size(REGISTRY.get("month", family).family)
        members = [f"{family}#{k}" for k in range(size) if float(frame.full(f"{family}#{k}")[post, row])]
        steps = tuple(self.cell(frame, m, post, row) for m in members)
        return sum_of(label, value, unit, self.lang, steps)

    def _of_member(
        self, column: Column, field_name: str, name: str, label: str, value: float, post: int
    ) -> Explanation:
        member = int(name.partition("#")[2])
        if column.family == "contract":
            return self.renamed(self.cell(self.plan.model.contract, field_name, post, member), label)
        items = self.plan.dossier.costs if column.family == "cost" else self.plan.dossier.funding
        unit = {"amount": "euros", "since": "date", "to": "date"}.get(field_name, column.unit)
        return Explanation(label, value, unit, "dossier", self.lang, source=items[member].source)

    def _given(self, frame: Frame, column: Column, post: int, row: int) -> str:
        holder = self.plan.dossier.posts[post]
        if frame.table == "contract" and row < len(holder.contracts):
            return joined(
                (tr("explain.contract", self.lang, number=row + 1), holder.contracts[row].source), self.lang
            )
        if frame.table == "term":
            terms = [t for c in holder.contracts for t in c.terms]
            return terms[row].source if row < len(terms) else ""
        if frame.table == "grant" and row // YEARS < len(holder.conventions):
            return self._convention(holder.conventions[row // YEARS], column.name)
        return tr("explain.calendar", self.lang)

    def _convention(self, convention: schema.Convention, name: str) -> str:
        if name in ("months", "amount", "offset") and convention.generation != "personnalisee":
            generation = self.plan.law.generations[convention.generation]
            return joined((generation.label[self.lang], generation.reference), self.lang)
        return joined((convention.code, convention.source), self.lang)


def sum_of(
    label: str,
    value: float,
    unit: str,
    lang: Lang,
    steps: tuple[Explanation, ...],
    source: str = "",
    of: tuple[str, ...] = (),
) -> Explanation:
    """Return a sum and its terms, each told with its label, or with what `of` says of it."""
    names = tuple(str(k) for k in range(len(steps)))
    amounts = [bare(s.shown) for s in steps]
    formula, terms = "", []
    if len(steps) > 1:
        formula = "= " + " + ".join(amounts)
        for k, (amount, said) in enumerate(zip(amounts, of or [s.label for s in steps], strict=True)):
            terms.append(tr("explain.term", lang, sign="+" if k else "=", amount=amount, what=said))
    return Explanation(
        label,
        value,
        unit,
        "sum",
        lang,
        formula=formula,
        source=source,
        steps=steps,
        names=names,
        terms=tuple(terms),
    )
