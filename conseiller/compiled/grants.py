"""The grant earned: months wholly worked, one grant year after the other; the others one by one.

A month row reads its first and its last grant year. Financings of a post do not overlap, so that these are
the grant years that touch the month: here each year of a post is taken in turn, and none is looked up.

What a month earns is the difference of two cumulative shares of a grant year. As long as nothing but the
month changes, the share at the end of a month is that at the start of the next: it is computed once.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from conseiller.compiled.graph import Graph
from conseiller.compiled.ground import HELD, SIZE, WHOLE
from conseiller.compiled.payroll import Payroll, at
from conseiller.compiled.program import Array, Evaluator, Program
from conseiller.compiled.stretches import Indices, Rows, Stretches
from conseiller.engine import Model
from conseiller.rules.algebra import months_of, serial_of_month

LINE = "subvention_etat"
#: Thirtieths that a month wholly worked within a grant year adds to the time elapsed.
_MONTH = 30.0
#: What is known of a grant year that goes on after the month.
_GOES_ON = ("next_month < to_1", "to_1 <= finish_1")


@cache
def elapsed(end: bool, goes_on: bool = False) -> Program:
    """Return the thirtieths elapsed of a grant year before or after a month wholly worked."""
    graph = Graph({"hit_1": 1.0}, order=(*WHOLE, *(_GOES_ON if goes_on else ())))
    return Program(graph, {LINE: graph.plain(graph.column("time_after_1" if end else "time_before_1"))})


@cache
def _shares() -> tuple[Program, Program]:
    """Return what is earned of a grant year, in cents, up to some thirtieths: after a month, and before it."""
    graph = Graph({"hit_1": 1.0}, cut=("time_before_1", "time_after_1"))
    earned_1 = graph.in_cents(graph.column("earned_1"))
    assert earned_1.op == "subtract", "a month earns the difference of two cumulative shares"
    after, before = (Program(graph, {LINE: share}) for share in earned_1.args)
    return after, before


@cache
def _by_month() -> Program:
    """Return what a contract earns of one grant year in any month."""
    graph = Graph(order=(*HELD, "0 < segment_1"))
    return Program(graph, graph.amounts(("earned_1",)))


def earned(payroll: Payroll) -> Array:
    """Return the State grant earned, posts × months, in cents."""
    s = payroll.stretches
    out = np.empty(s.model.inputs.posts * s.months)
    out.fill(0.0)  # quicker than fresh pages of noughts
    whole, others = payroll.held
    years = list(_bounds(s.model))
    length, month, _ = s.month_by_month(others)
    others = others.repeat(length)
    for stays in _parts(s, whole, s.first.take(whole), s.length.take(whole), years):
        _add_stays(out, payroll, *stays)
    for row, begins, year, _ in _parts(s, others, month, np.ones_like(month), years):
        amounts = _run(_by_month(), payroll, _state(payroll, row, year), begins)
        np.add.at(out, s.post.take(row) * s.months + begins, amounts)
    return out.reshape(-1, s.months)


def _parts(
    s: Stretches, rows: Indices, first: Indices, length: Indices, years: list[tuple[Indices, Indices]]
) -> Iterator[tuple[Indices, Indices, Indices, Indices]]:
    """Yield the stays of some rows within a grant year, some at a time: row, first month, grant year, months."""
    post, end = s.post.take(rows), first + length
    found: list[tuple[Indices, ...]] = []
    for year, (opens, closes) in enumerate(years):
        begins = np.maximum(first, opens.take(post))
        count = np.minimum(end, closes.take(post))
        count -= begins
        mine = np.flatnonzero(count > 0)
        found.append((rows.take(mine), begins.take(mine), np.full(len(mine), year), count.take(mine)))
    row, begins, year, count = map(np.concatenate, zip(*found, strict=True))
    for k in range(0, len(row), SIZE):
        yield tuple(of[k : k + SIZE] for of in (row, begins, year, count))


def _add_stays(
    out: Array, payroll: Payroll, row: Indices, begins: Indices, year: Indices, count: Indices
) -> None:
    """Add what stays of whole months earn: all of them in their first month, then in their second, and so on."""
    s = payroll.stretches
    most = int(count.max())
    order = np.argsort((most - count).astype(np.uint16), kind="stable")  # the longest first
    row, begins, year, count = (of.take(order) for of in (row, begins, year, count))
    # Stays that are longer than so many months.
    longer = (len(count) - np.cumsum(np.bincount(count, minlength=most))).tolist()
    after, before = _shares()
    state = _state(payroll, row, year)
    given = [state(node) for node in after.states]
    ends = _run(elapsed(end=True), payroll, state, begins + (count - 1))
    time = _run(elapsed(end=True, goes_on=True), payroll, state, begins)
    known = _run(elapsed(end=False), payroll, state, begins)
    scratch = after.buffers(len(row))
    before.run([*given, known], [known], scratch)
    cell = s.post.take(row) * s.months + begins
    share = np.empty(len(row))
    for k in range(most):
        size, on = longer[k], longer[k + 1]
        time[on:size] = ends[on:size]
        after.run([*(v[:size] for v in given), time[:size]], [share[:size]], [b[:size] for b in scratch])
        np.subtract(share[:size], known[:size], out=known[:size])
        np.add.at(out, cell[:size], known[:size])
        share, known = known, share
        cell[:on] += 1
        time[:on] += _MONTH


def _state(payroll: Payroll, rows: Indices, year: Indices) -> Evaluator:
    """Return what gives nodes of some rows of the stretches, each with a grant year in force, from 0."""
    return Evaluator(Rows(payroll.stretches, rows, known={"segment_1": year + 1}))


def _run(program: Program, payroll: Payroll, state: Evaluator, month: Indices) -> Array:
    """Compute a program of one column, each row at a month of its own."""
    law = at(payroll.ground.over(program), month, None)  # the grant knows one law
    result = np.empty(len(month))
    program.run([*map(state, program.states), *law], [result], program.buffers(len(month)))
    return result


def _bounds(model: Model) -> Iterator[tuple[Indices, Indices]]:
    """Yield, of each grant year in turn, the first month it touches and, not included, the last."""
    first = model.inputs.months[0]
    origin = int(months_of(first))
    since, to = (np.maximum(model.grant[name], first) for name in ("live_from", "live_to"))
    opens, closes = months_of(since), months_of(to)
    within = since > serial_of_month(opens)
    closes += to > serial_of_month(closes)
    # Three years in a month, when a financing is cut short: the rules read the first and the last.
    post, year = np.nonzero(within & (closes == opens + 1))
    met = (opens[post] <= opens[post, year, None]) & (closes[post] > opens[post, year, None])
    earlier = (met & (since[post] < since[post, year, None])).any(axis=1)
    later = (met & (since[post] > since[post, year, None])).any(axis=1)
    between = post[earlier & later], year[earlier & later]
    opens[between] = closes[between]
    yield from zip((opens - origin).T, (closes - origin).T, strict=True)
