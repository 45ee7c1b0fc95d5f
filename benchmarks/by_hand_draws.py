"""Pay under many draws of the law by hand: the bound of the engine's `draws`.

Like `by_hand`, it takes every liberty that the generated posts allow. On top of that, months
of one contract that differ neither in law nor in days worked are one payslip: rows are laid out
once, run of months by run of months, in an order that makes "under CNRACL" and "with children"
slices; each draw is then computed in place, in whole cents, with plain numbers for the law.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.by_hand import Posts, Scales, posts_of, scales
from conseiller.engine import Array, Inputs
from conseiller.rules.totals import PAY_LINES

_HALF = 0.5 + 1e-7
_PLACE = {line: k for k, line in enumerate(PAY_LINES)}
#: Lines of everybody, of the general scheme, of the special scheme.
_ALL = ("traitement", "indemnite_differentielle", "sft", "primes", "psc", "maladie")
_OF_BASE = ("allocations_familiales", "csa", "fnal", "cnfpt", "apprentissage", "cdg", "versement_mobilite")
_GENERAL = ("vieillesse_deplafonnee", "at_mp", "vieillesse_plafonnee", "ircantec")
_SPECIAL = ("cnracl", "atiacl")
_BLOCK = 50


@dataclass(frozen=True)
class Contracts:
    """All contracts of the portfolio in one list: special scheme first, those with children in the middle."""

    post: NDArray[np.int64]
    slot: NDArray[np.int64]
    special: int
    children: slice

    def of(self, table: Any) -> Any:
        """Return a field of `Posts` by contract."""
        return table[self.post, self.slot]


def contracts_of(posts: Posts) -> Contracts:
    """Put the contracts in order."""
    post = np.concatenate([np.arange(len(posts.two)), np.flatnonzero(posts.two)])
    slot = np.repeat([0, 1], [len(posts.two), int(posts.two.sum())])
    special, children = posts.cnracl[post, slot], posts.children[post, slot] > 0
    order = np.argsort(np.where(special, 0 + children, 3 - children), kind="stable")
    first, last = int((special & ~children).sum()), int((special | children).sum())
    return Contracts(post[order], slot[order], int(special.sum()), slice(first, last))


class Run:
    """Payslips of one run of months under one law: all that does not depend on the draw."""

    def __init__(self, p: Posts, c: Contracts, scale: Scales, since: int, to: int, december: bool) -> None:
        first, last = c.of(p.from_month), c.of(p.to_month)
        cut_first, cut_last = c.of(p.from_elapsed) > 0, c.of(p.to_elapsed) > 0
        whole = np.minimum(last, to) - np.maximum(first + cut_first, since)
        parts = [
            (np.flatnonzero(whole > 0), np.maximum(whole, 0), 30.0, 1.0),
            (
                np.flatnonzero(cut_first & (first >= since) & (first < to)),
                np.ones(len(first)),
                30.0 - c.of(p.from_elapsed),
                c.of(p.from_days),
            ),
            (
                np.flatnonzero(cut_last & (last >= since) & (last < to)),
                np.ones(len(first)),
                c.of(p.to_elapsed),
                c.of(p.to_days),
            ),
        ]
        self.contract = np.concatenate([mine for mine, *_ in parts])
        kind = np.repeat([0, 1, 2], [len(mine) for mine, *_ in parts])
        order = np.argsort(self.contract, kind="stable")
        self.contract = self.contract[order]
        #: Whole months, first month, last month.
        self.kind = kind[order]

        def laid(column: int) -> Array:
            values = [np.broadcast_to(part[column], len(first))[part[0]] for part in parts]
            return np.concatenate(values)[order].astype(float)

        def field(table: Any) -> Any:
            return c.of(table)[self.contract]

        self.month = since
        self.weight, thirtieths, calendar = laid(1), laid(2), laid(3)
        self.special = int(np.searchsorted(self.contract, c.special))
        a, b = np.searchsorted(self.contract, [c.children.start, c.children.stop])
        self.children = slice(int(a), int(b))
        here = thirtieths / 30.0
        self.here = here[self.children]
        self.paid = field(p.paid)
        self.due = self.paid * here
        self.paid = self.paid[self.children]
        self.index = field(p.step) + float(scale.low)
        self.number = field(p.children)[self.children]
        self.part_time = np.flatnonzero(field(p.part_time)[self.children])
        self.ceiling = (field(p.working) * calendar)[self.special :]
        self.primes = np.floor(field(p.bonus) * self.due * 100.0 + _HALF)
        if december:
            self.primes += np.floor(field(p.cia) * 100.0 + _HALF)
        self.psc = np.floor(field(p.psc) * here * 100.0 + _HALF)


def _to_cents(amounts: Array) -> None:
    amounts += _HALF
    np.floor(amounts, out=amounts)


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
        self.rate = {line: rate / 100.0 for line, rate in self.scale.rate.items()}
        self.posts = posts_of(inputs, self.scale)
        self.contracts = contracts_of(self.posts)

    def run(self, point: Array, smic: Array) -> Array:
        """Return the lines in whole cents, draws × lines × exercices."""
        months = len(self.inputs.months)
        out = np.zeros((len(point), len(PAY_LINES), months // 12))
        runs = self._runs(point, smic)
        where = self._where(runs)
        for at in range(0, len(point), _BLOCK):
            self._block(runs, where, point[at : at + _BLOCK], smic[at : at + _BLOCK], out[at : at + _BLOCK])
        return out

    def _runs(self, point: Array, smic: Array) -> list[Run]:
        months = len(self.inputs.months)
        rows = [*self.law.values(), *self.rate.values(), self.scale.pmss, *self.scale.sft_fixed]
        rows += [*self.scale.sft_rate, *point, *smic]
        table = np.array(rows)
        new = np.ones(months, dtype=bool)
        new[1:] = (table[:, 1:] != table[:, :-1]).any(axis=0)
        new[11::12] = new[::12] = True
        cuts = [*np.flatnonzero(new), months]
        return [
            Run(self.posts, self.contracts, self.scale, int(a), int(b), b - a == 1 and a % 12 == 11)
            for a, b in pairwise(cuts)
        ]

    def _where(self, runs: list[Run]) -> Any:
        """Return the payslip of each month of the contracts of the special scheme, laid end to end."""
        months, special = len(self.inputs.months), self.contracts.special
        ends = np.cumsum([r.special for r in runs])
        where = np.full((special, months), ends[-1])
        first, last = self.contracts.of(self.posts.from_month), self.contracts.of(self.posts.to_month)
        cut = self.contracts.of(self.posts.from_elapsed) > 0
        cuts = [*(r.month for r in runs), months]
        for run, since, to, end in zip(runs, cuts[:-1], cuts[1:], ends, strict=True):
            for row in range(run.special):
                contract = run.contract[row]
                if run.kind[row] == 0:
                    a, b = max(first[contract] + cut[contract], since), min(last[contract], to)
                else:
                    a = first[contract] if run.kind[row] == 1 else last[contract]
                    b = a + 1
                where[contract, a:b] = end - run.special + row
        return where

    def _block(self, runs: list[Run], where: Any, point: Array, smic: Array, out: Array) -> None:
        draws = len(out)
        size = max(len(r.weight) for r in runs)
        kept = np.zeros((2, draws, sum(r.special for r in runs) + 1))
        at = 0
        room = Room(size)
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
        _to_cents(tib)
        np.multiply(tib, r.due, out=pay)
        _to_cents(pay)
        np.subtract(100.0 * smic, tib, out=lift)
        np.maximum(lift, 0.0, out=lift)
        lift *= r.due
        _to_cents(lift)

        sft[...] = 0.0
        few = sft[r.children]
        floor = np.floor(law["sft_im_plancher"] * twelfth + _HALF)
        ceiling = np.floor(law["sft_im_plafond"] * twelfth + _HALF)
        np.minimum(tib[r.children], ceiling, out=few)
        part = np.maximum(few[r.part_time] * r.paid[r.part_time], floor)
        np.maximum(few, floor, out=few)
        few *= r.paid
        few[r.part_time] = part
        few *= self.scale.sft_rate[:, m].take(r.number)
        few += 100.0 * self.scale.sft_fixed[:, m].take(r.number)
        few *= r.here
        _to_cents(few)

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
        _to_cents(sick)
        for line, name in zip(table[6:], _OF_BASE, strict=True):
            np.multiply(base, rate[name][m], out=line)
            _to_cents(line)
        out[room.all, year] += table @ r.weight

        general = room.general[:, : n - k]
        wage, cap, capped = base[k:], room.cap[: n - k], room.capped[: n - k]
        np.multiply(r.ceiling, self.scale.pmss[m], out=cap)
        _to_cents(cap)
        np.multiply(wage, rate["vieillesse_deplafonnee"][m], out=general[0])
        np.multiply(wage, rate["at_mp"][m], out=general[1])
        np.minimum(wage, cap, out=capped)
        np.multiply(capped, rate["vieillesse_plafonnee"][m], out=general[2])
        wage -= sft[k:]
        np.minimum(wage, cap, out=capped)
        np.multiply(capped, rate["ircantec"][m], out=general[3])
        _to_cents(general)
        over = np.flatnonzero(wage > cap)
        if len(over):
            above = (np.minimum(wage[over], 8.0 * cap[over]) - cap[over]) * rate["ircantec_b"][m]
            _to_cents(above)
            general[3, over] += above
        out[room.of_general, year] += general @ r.weight[k:]

        special = room.special[:, :k]
        for line, name in zip(special, _SPECIAL, strict=True):
            np.multiply(pay[:k], rate[name][m], out=line)
        _to_cents(special)
        out[room.of_special, year] += special @ r.weight[:k]

    def _rafp(self, pay: Array, rest: Array, where: Any) -> Array:
        months = len(self.inputs.months)
        shape = (len(where), months // 12, 12)
        cap = self.scale.rafp_cap / 100.0
        pays, rests = pay.take(where), rest.take(where)
        upto_pay = np.cumsum(pays.reshape(shape), axis=2).reshape(where.shape)
        upto_rest = np.cumsum(rests.reshape(shape), axis=2).reshape(where.shape)
        base = upto_pay * cap
        _to_cents(base)
        np.minimum(base, upto_rest, out=base)
        upto_pay -= pays
        upto_rest -= rests
        upto_pay *= cap
        _to_cents(upto_pay)
        base -= np.minimum(upto_pay, upto_rest)
        base *= self.rate["rafp"]
        _to_cents(base)
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
