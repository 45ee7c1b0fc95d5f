"""The same lines computed by hand: the NumPy one would write for this portfolio and nothing else.

It is the bound the engine is measured against, so it takes every liberty the generated
posts allow: two contracts at most, never in the same month; one financing of three grant
years of twelve months, tied to a day up to the 28th, stopped only while nobody is in post;
whole indices; one set of terms a contract. Buffers are used again from block to block and
everything is computed in place. Within a block the posts are put in an order that makes
"two contracts" and "some contract under CNRACL" plain slices. Lines that the data leaves
empty are not computed. `check` refuses any other data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conseiller.engine import Array, Inputs
from conseiller.rules.algebra import add_months, day, months_of, serial_of_month
from conseiller.rules.registry import FAR

_HALF = 0.5 + 1e-7
_YEAR = 360.0


def cents(hundredths: Array) -> Array:
    """Round to the cent in place, amounts of 0 or more given in hundredths of a euro; returns euros."""
    hundredths += _HALF
    np.floor(hundredths, out=hundredths)
    hundredths /= 100.0
    return hundredths


def check(inputs: Inputs) -> None:
    """Make sure that the data is as simple as this module takes it to be."""
    contract, term, grant = (inputs.given[t] for t in ("contract", "term", "grant"))
    held = contract["start"] < FAR
    start = contract["start"][:, 0]
    simple = {
        "one or two contracts": held[:, 0].all() and not held[:, 2:].any(),
        "no month shared": (months_of(contract["start"][:, 1]) > months_of(contract["until"][:, 0])).all(),
        "nothing at the end": not any(
            contract[k].any() for k in ("leave_days", "are_days", "broken", "break_pay")
        ),
        "one set of terms": (term["start"][:, :2][held[:, :2]] == inputs.months[0]).all()
        and (term["start"][:, 2:] == FAR).all(),
        "typed indices": not term["grid"].any(),
        "three grant years": (grant["months"] == [12, 12, 12, 0]).all()
        and (grant["offset"] == [0, 12, 24, 0]).all(),
        "grant pro rata to the end": (grant["stop"] == FAR).all() and (grant["part_time"] == 1).all(),
        "financed from the first day": (grant["financing_start"] == start[:, None]).all(),
        "first months": (start < inputs.months[12]).all() and (day(start) <= 28).all(),
        "rates of zero": not inputs.rates["chomage"].any() and not inputs.rates["dialogue_social"].any(),
        "no items": not any(len(fields["amount"]) for fields in inputs.members.values()),
        "headcount": inputs.constants["headcount"] >= 50 and inputs.constants["psc_in_base"] == 1,
        "CIA in December": inputs.constants["cia_month"] == 12,
        "whole years": len(inputs.months) % 12 == 0 and int(months_of(inputs.months[0])) % 12 == 0,
    }
    assert all(simple.values()), [name for name, holds in simple.items() if not holds]


@dataclass(frozen=True)
class Scales:
    """Everything that depends on the month alone, rates in hundredths; pay scales by index or by children."""

    rate: dict[str, Array]
    pmss: Array
    rafp_cap: Array
    low: int
    tib: Array
    differential: Array
    residence: Array
    between: Array
    at_most: Array
    sft_floor: Array
    sft_fixed: Array
    sft_rate: Array
    length: Array


def scales(inputs: Inputs) -> Scales:
    """Look up the law once for the whole portfolio."""
    months = inputs.months

    def law(parameter: str) -> Array:
        return inputs.law.over(parameter, months)

    def euros(hundredths: Array) -> Array:
        return cents(hundredths.copy())

    rank = np.searchsorted(inputs.rate_starts, months, side="right") - 1
    rate = {name: 100.0 * inputs.rates[name][rank] for name in ("at_mp", "cdg", "versement_mobilite")}
    rate |= {
        line: 100.0 * law(parameter)
        for line, parameter in {
            "maladie": "maladie_contractuel",
            "maladie_titulaire": "maladie_titulaire",
            "vieillesse_plafonnee": "vieillesse_plafonnee",
            "vieillesse_deplafonnee": "vieillesse_deplafonnee",
            "allocations_familiales": "allocations_familiales",
            "csa": "csa",
            "fnal": "fnal_50_et_plus",
            "ircantec": "ircantec_tranche_a",
            "ircantec_b": "ircantec_tranche_b",
            "cnracl": "cnracl",
            "atiacl": "atiacl",
            "rafp": "rafp",
            "cnfpt": "cnfpt",
            "apprentissage": "cnfpt_apprentissage",
        }.items()
    }
    stated = inputs.given["term"]["index"][:, :2]
    low, high = int(stated.min()), int(stated.max())
    points = law("points_supplementaires")
    twelfth = law("point_indice_annuel") * (100.0 / 12.0)
    index = np.maximum(np.arange(low, high + 1.0)[:, None] + (points - points[0]), law("im_minimum"))
    tib = euros(index * twelfth)
    ir_floor = euros(law("indemnite_residence_im_plancher") * twelfth)
    sft_floor = euros(law("sft_im_plancher") * twelfth)
    sft_ceiling = euros(law("sft_im_plafond") * twelfth)
    more = np.maximum(np.arange(int(inputs.given["term"]["children"].max()) + 1.0) - 3.0, 0.0)[:, None]
    fixed = law("sft_fixe_3_enfants") + more * law("sft_fixe_enfant_supplementaire")
    share = law("sft_taux_3_enfants") + more * law("sft_taux_enfant_supplementaire")
    fixed[:3] = [0.0 * points, law("sft_fixe_1_enfant"), law("sft_fixe_2_enfants")][: len(fixed)]
    share[:3] = [0.0 * points, 0.0 * points, law("sft_taux_2_enfants")][: len(share)]
    return Scales(
        rate=rate,
        pmss=100.0 * law("pmss"),
        rafp_cap=100.0 * law("rafp_plafond_assiette"),
        low=low,
        tib=tib,
        differential=np.maximum(law("smic_mensuel") - tib, 0.0),
        residence=law(f"indemnite_residence_zone{inputs.zone}") * np.maximum(tib, ir_floor),
        between=np.clip(tib, sft_floor, sft_ceiling),
        at_most=np.minimum(tib, sft_ceiling),
        sft_floor=sft_floor,
        sft_fixed=fixed,
        sft_rate=share,
        length=serial_of_month(months_of(months) + 1) - months,
    )


@dataclass(frozen=True)
class Posts:
    """What depends on the post alone, one column a contract (two), for the whole portfolio."""

    from_month: NDArray[np.int64]
    to_month: NDArray[np.int64]
    from_elapsed: Array
    to_elapsed: Array
    from_days: Array
    to_days: Array
    working: Array
    paid: Array
    cnracl: NDArray[np.bool_]
    part_time: NDArray[np.bool_]
    step: NDArray[np.int64]
    children: NDArray[np.int64]
    bonus: Array
    cia: Array
    psc: Array
    two: NDArray[np.bool_]
    anchor: Array
    earns_from: Array
    earns_to: Array
    yearly: Array

    def rows(self, chosen: slice | NDArray[np.int64]) -> Posts:
        """Return some posts, in the order given."""
        return Posts(**{name: value[chosen] for name, value in vars(self).items()})


def posts_of(inputs: Inputs, scale: Scales) -> Posts:
    """Compute what depends on the post alone."""
    contract = {k: v[:, :2] for k, v in inputs.given["contract"].items()}
    term = {k: v[:, :2] for k, v in inputs.given["term"].items()}
    start, until, time, share = (contract[k] for k in ("start", "until", "time", "share"))
    law = inputs.law
    origin = int(months_of(inputs.months[0]))
    width = len(inputs.months)
    part_time = time == 3
    working = np.where(time == 2, contract["hours"] / law.over("temps_complet_heures", start), 1.0)
    paid = np.where(share == 0.8, law.over("temps_partiel_80", start), share)
    paid = np.where(share == 0.9, law.over("temps_partiel_90", start), paid)
    enough = (time != 2) | (contract["hours"] >= law.over("cnracl_seuil_heures", start))
    from_month, to_month = months_of(start) - origin, months_of(until) - origin
    leaves = until[:, 0]
    limit = np.full(len(leaves), FAR)
    limit[leaves < FAR] = add_months(
        leaves[leaves < FAR], law.over("vacance_tolerance_mois", leaves[leaves < FAR]).astype(np.int64)
    )
    lost = np.where(start[:, 1] <= limit, FAR, limit)
    anchor = 30.0 * from_month[:, 0] + np.minimum(day(start[:, 0]) - 1.0, 30.0)
    stop = 30.0 * (months_of(lost) - origin) + np.minimum(day(lost) - 1.0, 30.0) - anchor
    from_elapsed, to_elapsed = (np.minimum(day(d) - 1.0, 30.0) for d in (start, until))
    earns_from = 30.0 * from_month + from_elapsed - anchor[:, None]
    earns_to = 30.0 * to_month + to_elapsed - anchor[:, None]
    earns_to = np.minimum(earns_to, np.minimum(stop, 3 * _YEAR)[:, None])
    working = np.where(part_time, share, working)
    amount = inputs.given["grant"]["amount"][:, None, :3] * working[:, :, None]
    length = np.append(scale.length, 1.0)
    first_days = np.append(inputs.months, FAR)
    a, b = np.minimum(from_month, width), np.minimum(to_month, width)
    return Posts(
        from_month=from_month,
        to_month=to_month,
        from_elapsed=from_elapsed,
        to_elapsed=to_elapsed,
        from_days=(np.minimum(until, first_days[a] + length[a]) - start) / length[a],
        to_days=(until - np.maximum(start, first_days[b])) / length[b],
        working=working,
        paid=np.where(part_time, paid, working),
        cnracl=(contract["status"] == 2) & enough,
        part_time=part_time,
        step=(term["index"] - scale.low).astype(np.int64),
        children=term["children"].astype(np.int64),
        bonus=term["bonus"] * 1.0,
        cia=term["cia"] * 1.0,
        psc=term["psc"] * 1.0,
        two=start[:, 1] < FAR,
        anchor=anchor,
        earns_from=np.minimum(earns_from, earns_to),
        earns_to=earns_to,
        yearly=np.floor(amount * 100.0 + _HALF) / _YEAR,
    )


#: Lines that hold nothing in this portfolio: nobody to pay for.
_EMPTY = ("dialogue_social", "chomage", "conges_non_pris", "indemnite_rupture", "are")
#: Lines at one rate of the whole base, whatever the scheme.
_OF_BASE = ("allocations_familiales", "csa", "fnal", "cnfpt", "apprentissage", "cdg", "versement_mobilite")


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
        elapsed = np.clip(np.arange(0.0, 30.0 * 14, 30.0) - lead[:, None], 0.0, _YEAR)
        cells = (np.arange(self.size) * self.width + start.astype(np.int64))[:, None] + np.arange(13)
        part, earned = self._fourteen
        for c, since in ((0, 0), (1, two)):
            upto, gained = part[since:], earned[since:]
            for year in range(3):
                np.maximum(elapsed[since:], p.earns_from[since:, c, None] - year * _YEAR, out=upto)
                np.minimum(upto, p.earns_to[since:, c, None] - year * _YEAR, out=upto)
                np.minimum(upto, _YEAR, out=upto)
                np.maximum(upto, 0.0, out=upto)
                upto *= p.yearly[since:, c, year, None]
                upto += _HALF
                np.floor(upto, out=upto)
                np.subtract(upto[:, 1:], upto[:, :-1], out=gained)
                gained /= 100.0
                flat[cells[since:] + 12 * year] += gained
        return out

    def at_rate(self, line: str, base: Array) -> Array:
        """Return a contribution."""
        out = self.buffer(line)
        np.multiply(base, self.scale.rate[line], out=out)
        return cents(out)

    def lines(self, p: Posts) -> dict[str, Array]:
        """Return every line of a block of posts; two contracts and CNRACL must be slices (see `order`)."""
        s = self.scale
        two = self.size - int(p.two.sum())
        some = np.flatnonzero(p.cnracl[:, 0] | (p.cnracl[:, 1] & p.two))
        cn = slice(int(some[0]), int(some[-1]) + 1) if len(some) else slice(0, 0)
        second = self.columns >= p.from_month[two:, 1:]
        thirtieths, calendar = self.stays(p, second, two)
        here = self.buffer("here")  # hundredths of the month in post
        np.multiply(thirtieths, 100.0 / 30.0, out=here)
        paid = self.spread("paid", p.paid, second, two)
        due = self.buffer("due")
        np.multiply(paid, here, out=due)
        out: dict[str, Array] = {}

        for line, table in (
            ("traitement", s.tib),
            ("indemnite_differentielle", s.differential),
            ("indemnite_residence", s.residence),
        ):
            amount = self.looked_up(line, table, p.step, second, two)
            amount *= due
            out[line] = cents(amount)

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
        out["sft"] = cents(sft)

        primes = self.spread("primes", p.bonus, second, two)
        primes *= due
        cents(primes)
        december = primes[:, 11::12]
        cia = np.empty(december.shape)
        cia[...] = p.cia[:, :1]
        np.copyto(cia[two:], p.cia[two:, 1:], where=second[:, 11::12])
        cia *= thirtieths[:, 11::12] > 0
        december += cia
        out["primes"] = primes
        psc = self.spread("psc", p.psc, second, two)
        psc *= here
        out["psc"] = cents(psc)

        base = self.buffer("base")
        np.add(out["traitement"], out["indemnite_differentielle"], out=base)
        for line in ("indemnite_residence", "sft", "primes", "psc"):
            base += out[line]
        member = np.broadcast_to(p.cnracl[cn, :1], base[cn].shape).copy()
        doubles = max(two - cn.start, 0)
        np.copyto(
            member[doubles:],
            p.cnracl[cn.start + doubles : cn.stop, 1:],
            where=second[: len(member) - doubles],
        )
        np.copyto(base[cn], out["traitement"][cn], where=member)
        for line in _OF_BASE:
            out[line] = self.at_rate(line, base)
        special = np.multiply(base[cn], s.rate["maladie_titulaire"], out=self.buffer("special")[cn])
        out["maladie"] = self.at_rate("maladie", base)
        np.copyto(out["maladie"][cn], cents(special), where=member)

        # From here the base of the general scheme alone.
        np.copyto(base[cn], 0.0, where=member)
        for line in ("vieillesse_deplafonnee", "at_mp"):
            out[line] = self.at_rate(line, base)
        ceiling = self.spread("ceiling", p.working, second, two)
        ceiling *= calendar
        ceiling *= s.pmss
        cents(ceiling)
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
            out["ircantec"].ravel()[above] += cents(over)

        pay, rest = self.buffer("special")[cn], self.buffer("capped")[cn]
        np.multiply(out["traitement"][cn], member, out=pay)
        np.add(out["indemnite_differentielle"][cn], out["indemnite_residence"][cn], out=rest)
        rest += out["sft"][cn]
        rest += out["primes"][cn]
        rest *= member
        for line in ("cnracl", "atiacl"):
            out[line] = self.buffer(line)
            out[line][...] = 0.0
            np.multiply(pay, s.rate[line], out=out[line][cn])
            cents(out[line][cn])
        out["rafp"] = self.buffer("rafp")
        out["rafp"][...] = 0.0
        out["rafp"][cn] = self.rafp(pay, rest, second[: len(member) - doubles], doubles)
        out["subvention_etat"] = self.grant(p, two)
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
        base = np.minimum(rests, cents(pays * self.scale.rafp_cap))
        rests -= rest
        pays -= pay
        np.maximum(pays, 0.0, out=pays)
        base -= np.minimum(rests, cents(pays * self.scale.rafp_cap))
        base *= self.scale.rate["rafp"]
        return cents(base)


def order(p: Posts, size: int) -> NDArray[np.int64]:
    """Return the posts in the order of each block: one contract, then two; a titulaire in the middle."""
    cnracl = p.cnracl[:, 0] | (p.cnracl[:, 1] & p.two)
    block = np.arange(len(p.two)) // size
    return np.argsort(4 * block + np.where(p.two, 3 - cnracl, 0 + cnracl), kind="stable")


def by_hand(inputs: Inputs, size: int) -> Iterator[dict[str, Array]]:
    """Compute a portfolio block by block; each dictionary holds until the next one is asked for."""
    scale = scales(inputs)
    posts = posts_of(inputs, scale)
    posts = posts.rows(order(posts, size))
    block = Block(scale, min(size, inputs.posts))
    for since in range(0, inputs.posts, size):
        if since + size > inputs.posts:
            block = Block(scale, inputs.posts - since)
        yield block.lines(posts.rows(slice(since, since + size)))
