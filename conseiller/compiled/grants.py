"""The grant earned: months within one grant year in one go, those that a date cuts one by one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from conseiller.compiled.graph import Graph
from conseiller.compiled.ground import HELD, SIZE, WHOLE
from conseiller.compiled.payroll import Payroll
from conseiller.compiled.program import Array, Evaluator, Program
from conseiller.compiled.stretches import Indices, Rows, Stretches, picked_by

LINE = "subvention_etat"
#: What is known when a grant year holds the whole month.
_FUNDED = ("0 < segment_1", "since_1 <= month", "next_month < to_1", "to_1 <= finish_1")


@cache
def program(whole: bool, alone: bool) -> Program:
    """Return the rules of a month wholly worked, or of any; of one grant year alone, or of two."""
    nothing = dict.fromkeys(["segment_2", *picked_by("segment_2")], 0.0) if alone else {}
    order = (*WHOLE, *_FUNDED) if whole else (*HELD, _FUNDED[0])
    return Program(Graph(nothing, order=order, cut=("segment_2",)), (LINE,))


def earned(payroll: Payroll) -> Array:
    """Return the State grant earned, posts × months, in cents."""
    s = payroll.stretches.of_grant()
    wholly_worked = np.zeros(len(payroll.stretches.post), dtype=bool)
    wholly_worked[payroll.held[0]] = True
    funded = s.number["segment_1"] > 0
    whole = wholly_worked.take(s.source)
    others = np.flatnonzero(~whole & funded)
    whole = np.flatnonzero(whole & funded)
    days = np.append(s.model.inputs.months, s.model.inputs.constants["horizon_end"])
    since = s.first.take(whole)
    field = Rows(s, whole)
    inside = field("since_1") <= days[since]
    inside &= field("to_1") > days[since + s.length.take(whole)]
    others = np.append(whole[~inside], others)
    two = s.number["segment_2"].take(others) > 0
    out = np.empty(s.model.inputs.posts * s.months)
    out.fill(0.0)  # quicker than fresh pages of noughts
    for rules, rows in (
        (program(whole=True, alone=True), whole[inside]),
        (program(whole=False, alone=True), others[~two]),
        (program(whole=False, alone=False), others[two]),
    ):
        law = payroll.ground.over(rules)
        scratch = rules.buffers(SIZE)
        for at in range(0, len(rows), SIZE):
            _add(out, s, rules, rows[at : at + SIZE], law, scratch)
    return out.reshape(-1, s.months)


def _add(
    out: Array, s: Stretches, rules: Program, rows: Indices, law: Sequence[Any], scratch: Sequence[Array]
) -> None:
    """Add what some rows earn: all of them in their first month, then in their second, and so on."""
    length = s.length.take(rows)
    most = int(length.max(initial=1))
    if most > 1:
        rows = rows[np.argsort((most - length).astype(np.uint16), kind="stable")]  # the longest first
    # Rows that are longer than so many months.
    longer = len(rows) - np.cumsum(np.bincount(length, minlength=most))
    first = s.first.take(rows)
    place = s.post.take(rows) * s.months + first
    states = [*map(Evaluator(Rows(s, rows)), rules.states)]
    result = np.empty(len(rows))
    alone = s.count == len(s.post)
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
        if alone:
            out[place[:size] + k] = result[:size]
        else:  # two contracts may share a month
            np.add.at(out, place[:size] + k, result[:size])
