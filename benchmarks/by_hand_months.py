"""The same lines computed by hand month by month: every cell of posts × months, no payslip taken for another.

This is the NumPy one would write first, at its best: in place, in whole cents, in buffers used again from block
to block. Within a block the posts are put in an order that makes "two contracts" and "some contract under CNRACL"
plain slices. `by_hand` is quicker: it computes each payslip once, as the engine does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.by_hand import OF_BASE
from benchmarks.by_hand_case import HALF, YEAR, Posts, Scales, posts_of, scales, to_cents
from conseiller.engine import Array, Inputs

#: Lines that hold nothing in this portfolio: nobody to pay for.
_EMPTY = ("indemnite_residence", "dialogue_social", "chomage", "conges_non_pris", "indemnite_rupture", "are")


class Block:
    """Buffers of one block size, and the computation of a block in them."""

    def __init__(self, scale: Scales, size: int) -> None:
        self.scale = scale
        self.size = size
        self.width = len(scale.pmss)
        self.columns = np.arange(self.width)
        self._buffers: dict[str, Array] = {}
        self._fourteen = np.empty((size, 14)), np.empty((size, 13))

    def buffer(self, name: str) -> Array:
        """Return the buffer of this name, whatever it holds."""
        if name not in self._buffers:
            self._buffers[name] = np.zeros((self.size, self.width))
        return self._buffers[name]

    def spread(self, name: str, by_contract: Array, second: NDArray[np.bool_], two: int) -> Array:
        """Lay a value of each contract over the months it governs."""
        out = self.buffer(name)
        out[...] = by_contract[:, :1]
        np.copyto(out[two:], by_contract[two:, 1:], where=second)
        return out

    def looked_up(
        self, name: str, table: Array, row: NDArray[np.int64], second: NDArray[np.bool_], two: int
    ) -> Array:
        """Lay a row of a scale for each contract over the months it governs."""
        out = self.buffer(name)
        np.take(table, row[:, 0], axis=0, out=out, mode="clip")
        np.copyto(out[two:], table[row[two:, 1]], where=second)
        return out

    def stays(self, p: Posts, second: NDArray[np.bool_], two: int) -> tuple[Array, Array]:
        """Return thirtieths in post and share of the calendar month in post."""
        thirtieths, calendar = self.buffer("thirtieths"), self.buffer("calendar")
        columns, rows = self.columns, np.arange(self.size)
        inside = (columns >= p.from_month[:, :1]) & (columns < p.to_month[:, :1])
        inside[two:] |= (columns >= p.from_month[two:, 1:]) & (columns < p.to_month[two:, 1:])
        calendar[...] = inside
        np.multiply(calendar, 30.0, out=thirtieths)
        for c, since in ((0, 0), (1, two)):
            a, b = p.from_month[since:, c], p.to_month[since:, c]
            mine = rows[since:]
            ok = b < self.width
            thirtieths[mine, a] -= p.from_elapsed[since:, c]
            thirtieths[mine[ok], b[ok]] += p.to_elapsed[since:, c][ok]
            calendar[mine[ok], b[ok]] = p.to_days[since:, c][ok]
            calendar[mine, a] = p.from_days[since:, c]
        return thirtieths, calendar

    def grant(self, p: Posts, two: int) -> Array:
        """Return the grant earned: differences of cumulative cents, contract by contract and year by year."""
        out = self.buffer("subvention_etat")
        out[...] = 0.0
        flat = out.ravel()
        start, lead = np.divmod(p.anchor, 30.0)
        # A grant year touches thirteen months; its days elapsed at the start of each, and at the end of the last.
        elapsed = np.clip(np.arange(0.0, 30.0 * 14, 30.0) - lead[:, None], 0.0, YEAR)
        cells = (np.arange(self.size) * self.width + start.astype(np.int64))[:, None] + np.arange(13)
        part, earned = self._fourteen
        for c, since in ((0, 0), (1, two)):
            upto, gained = part[since:], earned[since:]
            for year in range(3):
                np.maximum(elapsed[since:], p.earns_from[since:, c, None] - year * YEAR, out=upto)
                np.minimum(upto, p.earns_to[since:, c, None] - year * YEAR, out=upto)
                np.minimum(upto, YEAR, out=upto)
                np.maximum(upto, 0.0, out=upto)
                upto *= p.yearly[since:, c, year, None]
                upto += HALF
                np.floor(upto, out=upto)
                np.subtract(upto[:, 1:], upto[:, :-1], out=gained)
                flat[cells[since:] + 12 * year] += gained
        return out

    def at_rate(self, line: str, base: Array) -> Array:
        """Return a contribution."""
        out = self.buffer(line)
        np.multiply(base, self.scale.rate[line], out=out)
        to_cents(out)
        return out

    def lines(self, p: Posts) -> dict[str, Array]:
        """Return every line of a block of posts; two contracts and CNRACL must be slices (see `order`)."""
        s = self.scale
        two = self.size - int(p.two.sum())
        some = np.flatnonzero(p.cnracl[:, 0] | (p.cnracl[:, 1] & p.two))
        cn = slice(int(some[0]), int(some[-1]) + 1) if len(some) else slice(0, 0)
        second = self.columns >= p.from_month[two:, 1:]
        thirtieths, calendar = self.stays(p, second, two)
        here = self.buffer("here")  # share of the month in post
        np.multiply(thirtieths, 1.0 / 30.0, out=here)
        paid = self.spread("paid", p.paid, second, two)
        due = self.buffer("due")
        np.multiply(paid, here, out=due)
        out: dict[str, Array] = {}

        for line, table in (("traitement", s.tib), ("indemnite_differentielle", s.differential)):
            amount = out[line] = self.looked_up(line, table, p.step, second, two)
            amount *= due
            to_cents(amount)

        sft = self.looked_up("sft", s.between, p.step, second, two)
        sft *= paid
        part = np.flatnonzero(p.part_time[:, 0] | (p.part_time[:, 1] & p.two))
        base = s.at_most[p.step[part, 0]]
        mine = np.broadcast_to(p.part_time[part, :1], base.shape).copy()
        if len(some := np.flatnonzero(part >= two)):
            later = second[part[some] - two]
            double = part[some]
            base[some] = np.where(later, s.at_most[p.step[double, 1]], base[some])
            mine[some] = np.where(later, p.part_time[double, 1:], mine[some])
        base *= paid[part]
        np.maximum(base, s.sft_floor, out=base)
        sft[part] = np.where(mine, base, sft[part])
        sft *= self.looked_up("family", s.sft_rate, p.children, second, two)
        sft += self.looked_up("family", s.sft_fixed, p.children, second, two)
        sft *= here
        to_cents(sft)
        out["sft"] = sft

        primes = self.spread("primes", 100.0 * p.bonus, second, two)
        primes *= due
        to_cents(primes)
        december = primes[:, 11::12]
        cia = np.empty(december.shape)
        cia[...] = 100.0 * p.cia[:, :1]
        np.copyto(cia[two:], 100.0 * p.cia[two:, 1:], where=second[:, 11::12])
        cia *= thirtieths[:, 11::12] > 0
        december += cia
        out["primes"] = primes
        psc = self.spread("psc", 100.0 * p.psc, second, two)
        psc *= here
        to_cents(psc)
        out["psc"] = psc

        base = self.buffer("base")
        np.add(out["traitement"], out["indemnite_differentielle"], out=base)
        for line in ("sft", "primes", "psc"):
            base += out[line]
        member = np.broadcast_to(p.cnracl[cn, :1], base[cn].shape).copy()
        doubles = max(two - cn.start, 0)
        np.copyto(
            member[doubles:],
            p.cnracl[cn.start + doubles : cn.stop, 1:],
            where=second[: len(member) - doubles],
        )
        np.copyto(base[cn], out["traitement"][cn], where=member)
        for line in OF_BASE:
            out[line] = self.at_rate(line, base)
        special = np.multiply(base[cn], s.rate["maladie_titulaire"], out=self.buffer("special")[cn])
        out["maladie"] = self.at_rate("maladie", base)
        to_cents(special)
        np.copyto(out["maladie"][cn], special, where=member)

        # From here the base of the general scheme alone.
        np.copyto(base[cn], 0.0, where=member)
        for line in ("vieillesse_deplafonnee", "at_mp"):
            out[line] = self.at_rate(line, base)
        ceiling = self.spread("ceiling", p.working, second, two)
        ceiling *= calendar
        ceiling *= s.pmss
        to_cents(ceiling)
        capped = self.buffer("capped")
        np.minimum(base, ceiling, out=capped)
        out["vieillesse_plafonnee"] = self.at_rate("vieillesse_plafonnee", capped)
        base -= out["sft"]
        np.copyto(base[cn], 0.0, where=member)
        above = np.flatnonzero(base > ceiling)
        np.minimum(base, ceiling, out=capped)
        out["ircantec"] = self.at_rate("ircantec", capped)
        if len(above):
            most = ceiling.ravel()[above]
            over = np.minimum(base.ravel()[above], 8.0 * most) - most
            over *= s.rate["ircantec_b"][above % self.width]
            to_cents(over)
            out["ircantec"].ravel()[above] += over

        pay, rest = self.buffer("special")[cn], self.buffer("capped")[cn]
        np.multiply(out["traitement"][cn], member, out=pay)
        np.add(out["indemnite_differentielle"][cn], out["sft"][cn], out=rest)
        rest += out["primes"][cn]
        rest *= member
        for line in ("cnracl", "atiacl"):
            out[line] = self.buffer(line)
            out[line][...] = 0.0
            np.multiply(pay, s.rate[line], out=out[line][cn])
            to_cents(out[line][cn])
        out["rafp"] = self.buffer("rafp")
        out["rafp"][...] = 0.0
        out["rafp"][cn] = self.rafp(pay, rest, second[: len(member) - doubles], doubles)
        out["subvention_etat"] = self.grant(p, two)
        for amounts in out.values():
            np.divide(amounts, 100.0, out=amounts)
        for line in _EMPTY:
            out[line] = self.buffer("nothing")
        return out

    def rafp(self, pay: Array, rest: Array, second: NDArray[np.bool_], two: int) -> Array:
        """Return RAFP of the posts with a titulaire: bonuses within a share of pay over the year to date."""

        def to_date(amounts: Array) -> Array:
            years = (len(amounts), self.width // 12, 12)
            sums: Array = np.cumsum(amounts.reshape(years), axis=2).reshape(amounts.shape)
            if len(second):
                later = amounts[two:] * second
                of_second = np.cumsum(later.reshape(-1, *years[1:]), axis=2).reshape(later.shape)
                sums[two:] -= of_second
                np.copyto(sums[two:], of_second, where=second)
            return sums

        pays, rests = to_date(pay), to_date(rest)
        base = pays * self.scale.rafp_cap
        to_cents(base)
        np.minimum(rests, base, out=base)
        rests -= rest
        pays -= pay
        np.maximum(pays, 0.0, out=pays)
        pays *= self.scale.rafp_cap
        to_cents(pays)
        base -= np.minimum(rests, pays, out=pays)
        base *= self.scale.rate["rafp"]
        to_cents(base)
        return base


def order(p: Posts, size: int) -> NDArray[np.int64]:
    """Return the posts in the order of each block: one contract, then two; a titulaire in the middle."""
    cnracl = p.cnracl[:, 0] | (p.cnracl[:, 1] & p.two)
    block = np.arange(len(p.two)) // size
    return np.argsort(4 * block + np.where(p.two, 3 - cnracl, 0 + cnracl), kind="stable")


def by_months(inputs: Inputs, size: int) -> Iterator[dict[str, Array]]:
    """Compute a portfolio block by block; each dictionary holds until the next one is asked for."""
    scale = _by_index(scales(inputs))
    posts = posts_of(inputs, scale)
    posts = posts.rows(order(posts, size))
    block = Block(scale, min(size, inputs.posts))
    for since in range(0, inputs.posts, size):
        if since + size > inputs.posts:
            block = Block(scale, inputs.posts - since)
        yield block.lines(posts.rows(slice(since, since + size)))


def _by_index(scale: Scales) -> Scales:
    """Return the scales indices or children × months: a row is looked up whole."""
    names = ("tib", "differential", "between", "at_most", "sft_fixed", "sft_rate")
    turned: dict[str, Any] = {name: np.ascontiguousarray(getattr(scale, name).T) for name in names}
    return replace(scale, **turned)
