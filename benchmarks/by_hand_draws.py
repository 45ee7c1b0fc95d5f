"""Pay under many draws of the law by hand: the bound of the engine's `draws`.

Like `by_hand`, it takes every liberty that the generated posts allow (see `by_hand_case`). Payslips are
laid out once; each draw is then computed in place, in whole cents, with plain numbers for the law.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from benchmarks.by_hand_case import HALF, Layout, Terms, contracts_of, cuts_of, posts_of, scales, to_cents
from conseiller.engine import Array, Inputs
from conseiller.rules.totals import PAY_LINES

_PLACE = {line: k for k, line in enumerate(PAY_LINES)}
#: Lines of everybody, of the general scheme, of the special scheme.
_ALL = ("traitement", "indemnite_differentielle", "sft", "primes", "psc", "maladie")
_OF_BASE = ("allocations_familiales", "csa", "fnal", "cnfpt", "apprentissage", "cdg", "versement_mobilite")
_GENERAL = ("vieillesse_deplafonnee", "at_mp", "vieillesse_plafonnee", "ircantec")
_SPECIAL = ("cnracl", "atiacl")
_BLOCK = 50


class Run:
    """The payslips of one law: all that does not depend on the draw."""

    def __init__(self, t: Terms, layout: Layout, month: int, since: int, to: int) -> None:
        contract = layout.contract[since:to]
        state = 3 * contract + layout.kind[since:to]
        a, self.special, b = (int(k) for k in np.searchsorted(t.group[contract], [1, 2, 3]))
        self.children = slice(a, b)
        self.month, self.since = month, since
        self.weight = layout.weight[since:to].astype(float)
        self.due = t.due[state]
        self.index = t.step[contract] + float(t.low)
        self.here, self.paid = t.here[state[a:b]], t.paid[contract[a:b]]
        self.number = t.children[contract[a:b]]
        self.part_time = np.flatnonzero(t.part_time[contract[a:b]])
        self.ceiling = t.ceiling[state[self.special :]]
        self.primes, self.psc = t.bonus[state], t.psc[state]
        if month % 12 == 11:
            self.primes += t.cia[contract]


class Draws:
    """The pay lines of the portfolio, summed over the posts, by draw and exercice."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.scale = scales(inputs)
        self.law = {
            parameter: inputs.law.over(parameter, inputs.months)
            for parameter in (
                "points_supplementaires",
                "im_minimum",
                "sft_im_plancher",
                "sft_im_plafond",
                "indemnite_residence_zone3",
            )
        }
        assert inputs.zone == 3
        assert not self.law["indemnite_residence_zone3"].any()
        self.rate = self.scale.rate
        self.posts = posts_of(inputs, self.scale)
        self.contracts = contracts_of(self.posts)
        self.terms = Terms(self.posts, self.contracts, self.scale.low)

    def run(self, point: Array, smic: Array) -> Array:
        """Return the lines in whole cents, draws × lines × exercices."""
        months = len(self.inputs.months)
        out = np.zeros((len(point), len(PAY_LINES), months // 12))
        layout = Layout(self.posts, self.contracts, cuts_of(np.vstack([self.scale.table, point, smic])))
        runs = [
            Run(self.terms, layout, int(month), int(since), int(to))
            for month, (since, to) in zip(layout.cuts[:-1], pairwise(layout.since), strict=True)
        ]
        where = self._where(layout, runs)
        for at in range(0, len(point), _BLOCK):
            self._block(runs, where, point[at : at + _BLOCK], smic[at : at + _BLOCK], out[at : at + _BLOCK])
        return out

    def _where(self, layout: Layout, runs: list[Run]) -> NDArray[np.int64]:
        """Return, for each month of the contracts of the special scheme, its payslip among those of the scheme."""
        kept = [np.arange(r.since, r.since + r.special) for r in runs]
        number = np.full(layout.empty + 1, sum(map(len, kept)))
        number[np.concatenate(kept)] = np.arange(sum(map(len, kept)))
        found: NDArray[np.int64] = number[layout.index(np.arange(self.contracts.special))]
        return found

    def _block(
        self, runs: list[Run], where: NDArray[np.int64], point: Array, smic: Array, out: Array
    ) -> None:
        draws = len(out)
        room = Room(max(len(r.weight) for r in runs))
        kept = np.zeros((2, draws, sum(r.special for r in runs) + 1))
        at = 0
        for run in runs:
            for draw in range(draws):
                mine = kept[:, draw, at : at + run.special]
                self._payslips(run, room, point[draw, run.month], smic[draw, run.month], out[draw], mine)
            at += run.special
        for draw in range(draws):
            out[draw, _PLACE["rafp"]] = self._rafp(kept[0, draw], kept[1, draw], where)

    def _payslips(self, r: Run, room: Room, point: float, smic: float, out: Array, kept: Array) -> None:
        m, year, k, n = r.month, r.month // 12, r.special, len(r.weight)
        law, rate = {name: float(v[m]) for name, v in self.law.items()}, self.rate
        table = room.table[:, :n]
        pay, lift, sft, primes, psc, sick = table[:6]
        tib, base = room.tib[:n], room.base[:n]
        twelfth = point * (100.0 / 12.0)
        np.add(r.index, law["points_supplementaires"] - self.law["points_supplementaires"][0], out=tib)
        np.maximum(tib, law["im_minimum"], out=tib)
        tib *= twelfth
        to_cents(tib)
        np.multiply(tib, r.due, out=pay)
        to_cents(pay)
        np.subtract(100.0 * smic, tib, out=lift)
        np.maximum(lift, 0.0, out=lift)
        lift *= r.due
        to_cents(lift)

        sft[...] = 0.0
        few = sft[r.children]
        floor = np.floor(law["sft_im_plancher"] * twelfth + HALF)
        ceiling = np.floor(law["sft_im_plafond"] * twelfth + HALF)
        np.minimum(tib[r.children], ceiling, out=few)
        part = np.maximum(few[r.part_time] * r.paid[r.part_time], floor)
        np.maximum(few, floor, out=few)
        few *= r.paid
        few[r.part_time] = part
        few *= self.scale.sft_rate[m].take(r.number)
        few += self.scale.sft_fixed[m].take(r.number)
        few *= r.here
        to_cents(few)

        primes[...] = r.primes
        psc[...] = r.psc
        np.add(pay, lift, out=base)
        for line in (sft, primes, psc):
            base += line
        np.subtract(base[:k], pay[:k], out=kept[1])  # pay outside index pay…
        kept[1] -= psc[:k]
        kept[0] = base[:k] = pay[:k]
        np.multiply(base[:k], rate["maladie_titulaire"][m], out=sick[:k])
        np.multiply(base[k:], rate["maladie"][m], out=sick[k:])
        to_cents(sick)
        for line, name in zip(table[6:], _OF_BASE, strict=True):
            np.multiply(base, rate[name][m], out=line)
            to_cents(line)
        out[room.all, year] += table @ r.weight

        general = room.general[:, : n - k]
        wage, cap, capped = base[k:], room.cap[: n - k], room.capped[: n - k]
        np.multiply(r.ceiling, self.scale.pmss[m], out=cap)
        to_cents(cap)
        np.multiply(wage, rate["vieillesse_deplafonnee"][m], out=general[0])
        np.multiply(wage, rate["at_mp"][m], out=general[1])
        np.minimum(wage, cap, out=capped)
        np.multiply(capped, rate["vieillesse_plafonnee"][m], out=general[2])
        wage -= sft[k:]
        np.minimum(wage, cap, out=capped)
        np.multiply(capped, rate["ircantec"][m], out=general[3])
        to_cents(general)
        over = np.flatnonzero(wage > cap)
        if len(over):
            above = (np.minimum(wage[over], 8.0 * cap[over]) - cap[over]) * rate["ircantec_b"][m]
            to_cents(above)
            general[3, over] += above
        out[room.of_general, year] += general @ r.weight[k:]

        special = room.special[:, :k]
        for line, name in zip(special, _SPECIAL, strict=True):
            np.multiply(pay[:k], rate[name][m], out=line)
        to_cents(special)
        out[room.of_special, year] += special @ r.weight[:k]

    def _rafp(self, pay: Array, rest: Array, where: NDArray[np.int64]) -> Array:
        months = len(self.inputs.months)
        shape = (len(where), months // 12, 12)
        cap = self.scale.rafp_cap
        pays, rests = pay.take(where), rest.take(where)
        upto_pay = np.cumsum(pays.reshape(shape), axis=2).reshape(where.shape)
        upto_rest = np.cumsum(rests.reshape(shape), axis=2).reshape(where.shape)
        base = upto_pay * cap
        to_cents(base)
        np.minimum(base, upto_rest, out=base)
        upto_pay -= pays
        upto_rest -= rests
        upto_pay *= cap
        to_cents(upto_pay)
        base -= np.minimum(upto_pay, upto_rest)
        base *= self.rate["rafp"]
        to_cents(base)
        sums: Array = base.reshape(shape).sum(axis=(0, 2))
        return sums


class Room:
    """Buffers for the payslips of a run."""

    def __init__(self, size: int) -> None:
        self.table = np.empty((len(_ALL) + len(_OF_BASE), size))
        self.general = np.empty((len(_GENERAL), size))
        self.special = np.empty((len(_SPECIAL), size))
        self.tib, self.base, self.cap, self.capped = np.empty((4, size))
        self.all, self.of_general, self.of_special = (
            [_PLACE[line] for line in lines] for lines in ((*_ALL, *_OF_BASE), _GENERAL, _SPECIAL)
        )
