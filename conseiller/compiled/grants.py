"""The grant earned: months within one grant year in one go, those that a date cuts one by one.

A month row reads its first and its last grant year. Financings of a post do not overlap, so that these are
the grant years that touch the month: here each year of a post is taken in turn, and none is looked up.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from conseiller.compiled.graph import Graph
from conseiller.compiled.ground import HELD, SIZE, WHOLE
from conseiller.compiled.payroll import Payroll
from conseiller.compiled.program import Array, Evaluator, Program
from conseiller.compiled.stretches import Indices, Rows
from conseiller.engine import Model
from conseiller.rules.algebra import months_of, serial_of_month

LINE = "subvention_etat"
#: What is known when a grant year holds the whole month.
_FUNDED = ("0 < segment_1", "since_1 <= month", "next_month < to_1", "to_1 <= finish_1")


@cache
def program(whole: bool) -> Program:
    """Return what a contract earns of one grant year: in a month wholly worked and funded, or in any."""
    order = (*WHOLE, *_FUNDED) if whole else (*HELD, _FUNDED[0])
    return Program(Graph(order=order), ("earned_1",))


def earned(payroll: Payroll) -> Array:
    """Return the State grant earned, posts × months, in cents."""
    s = payroll.stretches
    out = np.empty(s.model.inputs.posts * s.months)
    out.fill(0.0)  # quicker than fresh pages of noughts
    for whole, pieces in zip((True, False), _pieces(payroll), strict=True):
        for at in range(0, pieces.shape[1], SIZE):
            _add(out, payroll, program(whole), pieces[:, at : at + SIZE])
    return out.reshape(-1, s.months)


def _pieces(payroll: Payroll) -> tuple[Indices, Indices]:
    """Return months wholly worked under one contract and within one grant year, and the others that one touches.

    Each piece is a column: row of the stretches, first month, number of months, grant year from 0.
    """
    s = payroll.stretches
    whole, others = payroll.held
    post, first = s.post.take(whole), s.first.take(whole)
    end = first + s.length.take(whole)
    length, month, _ = s.month_by_month(others)
    others = others.repeat(length)
    post_of_others = s.post.take(others)
    inside: list[tuple[Indices, ...]] = []
    cut: list[tuple[Indices, ...]] = []
    for year, (opens, since, to, closes) in enumerate(_bounds(s.model)):
        for found, low, high in (
            (inside, since, to),
            (cut, opens, since),  # the month in which the grant year begins
            (cut, np.maximum(since, to), closes),  # that in which it ends
        ):
            begins = np.maximum(first, low.take(post))
            count = np.minimum(end, high.take(post))
            count -= begins
            mine = np.flatnonzero(count > 0)
            found.append((whole.take(mine), begins.take(mine), count.take(mine), np.full(len(mine), year)))
        touched = month >= opens.take(post_of_others)
        touched &= month < closes.take(post_of_others)
        mine = np.flatnonzero(touched)
        ones = np.ones(len(mine), dtype=np.intp)
        cut.append((others.take(mine), month.take(mine), ones, ones * year))
    return _joined(inside), _joined(cut)


def _joined(pieces: list[tuple[Indices, ...]]) -> Indices:
    return np.stack([np.concatenate(part) for part in zip(*pieces, strict=True)])


def _bounds(model: Model) -> Iterator[tuple[Indices, Indices, Indices, Indices]]:
    """Yield, of each grant year in turn, the first month it touches and the first it holds; then, not included, ends.

    As `_FUNDED` says, a month is held when the year goes on after it.
    """
    first = model.inputs.months[0]
    origin = int(months_of(first))
    since, to = (np.maximum(model.grant[name], first) for name in ("live_from", "live_to"))
    opens, closes = months_of(since), months_of(to)
    holds_from = opens + (since > serial_of_month(opens))
    within = to > serial_of_month(closes)
    holds_to, closes = closes - ~within, closes + within
    # Three years in a month, when a financing is cut short: the rules read the first and the last.
    post, year = np.nonzero((holds_from > opens) & (closes == holds_from))
    met = (opens[post] <= opens[post, year, None]) & (closes[post] > opens[post, year, None])
    earlier = (met & (since[post] < since[post, year, None])).any(axis=1)
    later = (met & (since[post] > since[post, year, None])).any(axis=1)
    between = post[earlier & later], year[earlier & later]
    opens[between] = holds_from[between]
    yield from zip(*((b - origin).T for b in (opens, holds_from, holds_to, closes)), strict=True)


def _add(out: Array, payroll: Payroll, rules: Program, pieces: Indices) -> None:
    """Add what some pieces earn: all of them in their first month, then in their second, and so on."""
    s = payroll.stretches
    length = pieces[2]
    most = int(length.max())
    if most > 1:
        order = np.argsort((most - length).astype(np.uint16), kind="stable")  # the longest first
        pieces = pieces[:, order]
    # Pieces that are longer than so many months.
    longer = len(length) - np.cumsum(np.bincount(length, minlength=most))
    rows, first, _, year = pieces
    place = s.post.take(rows) * s.months + first
    states = [*map(Evaluator(Rows(s, rows, known={"segment_1": year + 1})), rules.states)]
    law = payroll.ground.over(rules)
    scratch = rules.buffers(len(rows))
    result = np.empty(len(rows))
    for k in range(most):
        size = int(longer[k])
        month = first[:size] + k
        rules.run(
            [
                *(v if np.ndim(v) == 0 else v[:size] for v in states),
                *(v if np.ndim(v) == 0 else v.take(month) for v in law),  # the grant knows one law
            ],
            [result[:size]],
            [b[:size] for b in scratch],
        )
        if rules is program(whole=True):  # nothing else is in these months
            out[place[:size] + k] = result[:size]
        else:
            np.add.at(out, place[:size] + k, result[:size])
