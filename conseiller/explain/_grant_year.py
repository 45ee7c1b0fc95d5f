"""A figure of a grant year: its months, and their part where the year begins or ends within."""

from __future__ import annotations

from typing import Any

from conseiller.engine import Frame
from conseiller.explain._builder import Builder, sum_of
from conseiller.explain._explanation import ExplainError, Explanation
from conseiller.explain._printer import Printer
from conseiller.explain._rows import Question, place
from conseiller.messages import tr
from conseiller.projection import Projection
from conseiller.rules.algebra import Symbol, cents
from conseiller.rules.registry import REGISTRY


def grant_year(
    plan: Projection, builder: Builder, posts: tuple[int, ...], period: str, column: str, line: str
) -> Explanation:
    """Explain a figure of a grant year: its months, and their part where the year begins or ends within."""
    lang = builder.lang
    if line in ("cost", "net_cost", "pay", "other_costs", "other_funding"):
        raise ExplainError(tr("explain.fault.measure", lang, line=line))
    steps: list[Explanation] = []
    places: list[str] = []
    question = Question(plan, posts, tuple(range(len(plan.months))))
    pay = REGISTRY.get("month", column).group == "line"
    for frame, p, r in question.rows:
        for n in (1, 2):
            number_of = int(frame.full(f"segment_{n}")[p, r])
            if number_of == 0 or plan.grant_years[p][number_of - 1].label != period:
                continue
            where = place(plan, frame, p, r, lang)
            grant = column == "subvention_etat"
            own = f"earned_{n}"
            inner = builder.cell(frame, own, p, r) if grant else _part(builder, frame, column, p, r, n, pay)
            if inner.value:
                steps.append(builder.renamed(inner, f"{inner.label} – {where}"))
                places.append(where)
    total = round(sum(s.value for s in steps), 2)
    unit = REGISTRY.get("month", column).unit
    title = builder.label(REGISTRY.get("month", column), column)
    return sum_of(f"{title} – {period}", total, unit, lang, tuple(steps), of=tuple(places))


def _part(builder: Builder, frame: Frame, column: str, post: int, row: int, n: int, pay: bool) -> Explanation:
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
    printer = Printer(
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
        formula=f"= {formula}" if (formula := printer.sums(tree)) else "",
        source=tr("explain.cut_month", builder.lang),
        steps=tuple(operands.values()),
        names=tuple(operands),
        tree=tree,
    )
