"""The projection computed by hand: the NumPy one would write for this portfolio and nothing else.

It is the bound the engine is measured against. Payslips are computed once (see `by_hand_case`), law by
law, in place, in whole cents and in buffers that stay in the cache; then every line is laid over the
months of a block of posts, in buffers used again from block to block.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.by_hand_case import (
    YEAR,
    Layout,
    Posts,
    Scales,
    Terms,
    contracts_of,
    cuts_of,
    posts_of,
    scales,
    to_cents,
)
from conseiller.engine import Array, Inputs

#: Lines at one rate of the whole base, whatever the scheme.
OF_BASE = ("allocations_familiales", "csa", "fnal", "cnfpt", "apprentissage", "cdg", "versement_mobilite")
#: The lines of a payslip, in the order of its table: of everybody, of the general scheme, of the special one.
_LINES = (
    *("traitement", "indemnite_differentielle", "sft", "primes", "psc", "maladie", *OF_BASE),
    *("vieillesse_deplafonnee", "at_mp", "vieillesse_plafonnee", "ircantec"),
    *("cnracl", "atiacl"),
)
#: Posts whose payslips are computed together: some megabytes, in room used again.
PART = 4000
#: Lines that hold nothing in this portfolio: nobody to pay for.
_EMPTY = ("indemnite_residence", "dialogue_social", "chomage", "conges_non_pris", "indemnite_rupture", "are")


class Payslips:
    """Every payslip once.

    Attributes
    ----------
    values : lines × payslips, in euros, laid in `room`; the last payslip is empty
    """

    def __init__(self, p: Posts, s: Scales, room: Array) -> None:
        self.posts, self.scales = p, s
        self.contracts = c = contracts_of(p)
        self.layout = layout = Layout(p, c, cuts_of(s.table))
        self.rank = np.empty(2 * len(p.two), dtype=np.int64)
        self.rank[2 * c.post + c.slot] = np.arange(len(c.post))
        self.terms = Terms(p, c, s.low)
        self.state = 3 * layout.contract + layout.kind
        most = int(np.diff(layout.since).max())
        self._table = np.empty((len(_LINES), most))
        self._scratch = np.empty((4, most))
        self._kept = np.zeros((2, layout.empty + 1))  # of the special scheme: index pay, other pay
        self.values = room[: len(_LINES) * (layout.empty + 1)].reshape(len(_LINES), -1)
        self.values[:, -1] = 0.0
        for run, month in enumerate(layout.cuts[:-1]):
            self._compute(int(month), int(layout.since[run]), int(layout.since[run + 1]))

    def _compute(self, m: int, since: int, to: int) -> None:
        """Compute the payslips of one law; those of the special scheme come first."""
        s, t, n = self.scales, self.terms, to - since
        rate = {line: float(values[m]) for line, values in s.rate.items()}
        contract, state = self.layout.contract[since:to], self.state[since:to]
        a, k, b = np.searchsorted(t.group.take(contract), [1, 2, 3])
        table = self._table[:, :n]
        pay, lift, sft, primes, psc, sick = table[:6]
        base, due, cap, capped = self._scratch[:, :n]

        step = t.step.take(contract)
        t.due.take(state, out=due, mode="wrap")
        s.tib[m].take(step, out=pay, mode="wrap")
        s.differential[m].take(step, out=lift, mode="wrap")
        pay *= due
        lift *= due
        to_cents(table[:2])

        sft[:a] = 0.0
        sft[b:] = 0.0
        few, mine, its = sft[a:b], contract[a:b], step[a:b]
        paid, number = t.paid.take(mine), t.children.take(mine)
        s.between[m].take(its, out=few, mode="wrap")
        few *= paid
        part = np.flatnonzero(t.part_time.take(mine))
        few[part] = np.maximum(s.at_most[m].take(its[part]) * paid[part], s.sft_floor[m])
        few *= s.sft_rate[m].take(number)
        few += s.sft_fixed[m].take(number)
        few *= t.here.take(state[a:b])
        to_cents(few)

        t.bonus.take(state, out=primes, mode="wrap")
        if m % 12 == 11:
            primes += t.cia.take(contract)
        t.psc.take(state, out=psc, mode="wrap")
        np.add(pay, lift, out=base)
        for line in (sft, primes):
            base += line
        kept = self._kept[:, since : since + k]
        kept[0] = pay[:k]
        np.subtract(base[:k], pay[:k], out=kept[1])
        base += psc
        base[:k] = pay[:k]

        np.multiply(base[:k], rate["maladie_titulaire"], out=sick[:k])
        np.multiply(base[k:], rate["maladie"], out=sick[k:])
        for line, name in zip(table[6:13], OF_BASE, strict=True):
            np.multiply(base, rate[name], out=line)
        to_cents(table[5:13])

        general = table[13:17, k:]
        wage, cap, capped = base[k:], cap[k:], capped[k:]
        np.take(t.ceiling, state[k:], out=cap, mode="wrap")
        cap *= s.pmss[m]
        to_cents(cap)
        np.multiply(wage, rate["vieillesse_deplafonnee"], out=general[0])
        np.multiply(wage, rate["at_mp"], out=general[1])
        np.minimum(wage, cap, out=capped)
        np.multiply(capped, rate["vieillesse_plafonnee"], out=general[2])
        wage -= sft[k:]
        np.minimum(wage, cap, out=capped)
        np.multiply(capped, rate["ircantec"], out=general[3])
        to_cents(general)
        over = np.flatnonzero(wage > cap)
        if len(over):
            above = (np.minimum(wage[over], 8.0 * cap[over]) - cap[over]) * rate["ircantec_b"]
            to_cents(above)
            general[3, over] += above
        table[13:17, :k] = 0.0

        special = table[17:, :k]
        for line, name in zip(special, _LINES[17:], strict=True):
            np.multiply(pay[:k], rate[name], out=line)
        to_cents(special)
        table[17:, k:] = 0.0
        np.divide(table, 100.0, out=self.values[:, since:to])

    def index(self, posts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the payslip of each month of some posts."""
        two = np.flatnonzero(self.posts.two.take(posts))
        rank = self.rank.reshape(-1, 2).take(posts, axis=0)
        found = self.layout.index(rank[:, 0])
        later = self.layout.index(rank[two, 1])
        found[two] = np.minimum(found.take(two, axis=0), later, out=later)
        return found

    def rafp(self) -> Array:
        """Return RAFP, posts × months: bonuses within a share of pay over the year to date of each contract."""
        s = self.scales
        index = self.layout.index(np.arange(self.contracts.special))
        years = (len(index), -1, 12)
        pay, rest = (kept.take(index) for kept in self._kept)
        pays, rests = (np.cumsum(line.reshape(years), axis=2).reshape(index.shape) for line in (pay, rest))
        base = pays * s.rafp_cap
        to_cents(base)
        np.minimum(base, rests, out=base)
        pays -= pay
        rests -= rest
        pays *= s.rafp_cap
        to_cents(pays)
        base -= np.minimum(pays, rests, out=pays)
        base *= s.rate["rafp"]
        to_cents(base)
        base /= 100.0
        out = np.zeros((len(self.posts.two), index.shape[1]))
        slot, post = (of[: self.contracts.special] for of in (self.contracts.slot, self.contracts.post))
        for each in (0, 1):
            out[post[slot == each]] += base[slot == each]
        return out


class Grant:
    """The grant earned by some posts: differences of cumulative cents, contract by contract."""

    def __init__(self, size: int, width: int) -> None:
        self._out = np.zeros((size, width))
        # A grant year touches thirteen months, the three of them 37.
        self._windows = np.lib.stride_tricks.sliding_window_view(self._out.ravel(), 37, writeable=True)
        self._places = np.arange(size) * width

    def __call__(self, p: Posts) -> Array:
        """Return the grant earned, posts × months."""
        start, lead = np.divmod(p.anchor, 30.0)
        # Days elapsed of a grant year at the start of each of its months, and at the end of the last.
        elapsed = np.clip(np.arange(0.0, 30.0 * 14, 30.0)[:, None] - lead, 0.0, YEAR)
        earned = np.zeros((37, len(start)))
        self._add(earned, elapsed, p.earns_from[:, 0], p.earns_to[:, 0], p.yearly[:, 0])
        two = np.flatnonzero(p.two)
        later = np.zeros((37, len(two)))
        self._add(later, elapsed[:, two], p.earns_from[two, 1], p.earns_to[two, 1], p.yearly[two, 1])
        earned[:, two] += later
        earned /= 100.0
        self._out.fill(0.0)
        self._windows[self._places[: len(start)] + start.astype(np.int64)] = earned.T
        return self._out[: len(start)]

    def _add(self, earned: Array, elapsed: Array, since: Array, to: Array, yearly: Array) -> None:
        upto = np.empty_like(elapsed)
        for year in range(3):
            np.maximum(elapsed, since - year * YEAR, out=upto)
            np.minimum(upto, np.clip(to - year * YEAR, 0.0, YEAR), out=upto)
            upto *= yearly[:, year]
            to_cents(upto)
            mine = earned[12 * year : 12 * year + 13]
            mine += upto[1:]
            mine -= upto[:-1]


def by_hand(inputs: Inputs, size: int) -> Iterator[dict[str, Array]]:
    """Compute a portfolio block by block; each dictionary holds until the next one is asked for.

    Posts come in the order that suits the computation.
    """
    scale = scales(inputs)
    posts = posts_of(inputs, scale)
    width = len(inputs.months)
    lines = np.zeros((len(_LINES) + 3, size, width))
    runs = len(cuts_of(scale.table)) - 1
    part = max(PART // size, 1) * size
    room = np.empty(len(_LINES) * min(part, inputs.posts) * (2 * runs + 4))
    grant = Grant(min(part, inputs.posts), width)
    for first in range(0, inputs.posts, part):
        mine = posts.rows(slice(first, first + part))
        slips = Payslips(mine, scale, room)
        rafp, earned = slips.rafp(), grant(mine)
        index = slips.index(slips.contracts.posts)
        for since in range(0, len(mine.two), size):
            block, found = slips.contracts.posts[since : since + size], index[since : since + size]
            count = len(block)
            for values, out in zip(slips.values, lines[:-3], strict=True):
                values.take(found, out=out[:count], mode="wrap")
            yield {
                **dict(zip(_LINES, lines[:-3, :count], strict=True)),
                **dict.fromkeys(_EMPTY, lines[-1, :count]),
                "rafp": rafp.take(block, axis=0, out=lines[-2, :count], mode="wrap"),
                "subvention_etat": earned.take(block, axis=0, out=lines[-3, :count], mode="wrap"),
            }
