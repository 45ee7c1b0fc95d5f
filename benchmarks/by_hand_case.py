"""What the computations by hand share: the generated posts read as NumPy arrays, and their payslips laid out.

They are the bounds that the engine is measured against, so they take every liberty the generated
posts allow: two contracts at most, never in the same month; one financing of three grant years of
twelve months, tied to a day up to the 28th, stopped only while nobody is in post; whole indices; one
set of terms a contract. Lines that the data leaves empty are not computed. `check` refuses other data.

Months of one contract that differ neither in law nor in days worked are one payslip. Contracts are put
in an order that makes "under CNRACL" and "with children" slices of the payslips of one law.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conseiller.engine import Array, Inputs
from conseiller.rules.algebra import add_months, day, months_of, serial_of_month
from conseiller.rules.registry import FAR

#: Lifts to the next whole number from half a cent on, as `rules.algebra.cents` does.
HALF = 0.5 + 1e-7
#: Thirtieths of a grant year.
YEAR = 360.0


def to_cents(amounts: Array) -> None:
    """Round amounts of 0 or more, given in cents, in place."""
    amounts += HALF
    np.floor(amounts, out=amounts)


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
        "no residence allowance": not inputs.law.over(
            f"indemnite_residence_zone{inputs.zone}", inputs.months
        ).any(),
        "whole years": len(inputs.months) % 12 == 0 and int(months_of(inputs.months[0])) % 12 == 0,
    }
    assert all(simple.values()), [name for name, holds in simple.items() if not holds]


@dataclass(frozen=True)
class Scales:
    """What depends on the month alone, and pay scales, months × indices or children; amounts in cents.

    `table` is the law over the months, by which its runs are told.
    """

    table: Array
    rate: dict[str, Array]
    pmss: Array
    rafp_cap: Array
    low: int
    tib: Array
    differential: Array
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

    rank = np.searchsorted(inputs.rate_starts, months, side="right") - 1
    rate = {name: inputs.rates[name][rank] for name in ("at_mp", "cdg", "versement_mobilite")}
    rate |= {
        line: law(parameter)
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
    pmss, points, minimum, smic = (
        law(p) for p in ("pmss", "points_supplementaires", "im_minimum", "smic_mensuel")
    )
    twelfth = law("point_indice_annuel") * (100.0 / 12.0)
    sft_floor, sft_ceiling = (
        np.floor(law(p) * twelfth + HALF) for p in ("sft_im_plancher", "sft_im_plafond")
    )
    stated = inputs.given["term"]["index"][:, :2]
    low, high = int(stated.min()), int(stated.max())
    index = np.arange(low, high + 1.0) + (points - points[0])[:, None]
    tib = np.maximum(index, minimum[:, None]) * twelfth[:, None]
    to_cents(tib)
    at_most = np.minimum(tib, sft_ceiling[:, None])
    more = np.maximum(np.arange(int(inputs.given["term"]["children"].max()) + 1.0) - 3.0, 0.0)[:, None]
    fixed = law("sft_fixe_3_enfants") + more * law("sft_fixe_enfant_supplementaire")
    share = law("sft_taux_3_enfants") + more * law("sft_taux_enfant_supplementaire")
    fixed[:3] = [0.0 * points, law("sft_fixe_1_enfant"), law("sft_fixe_2_enfants")][: len(fixed)]
    share[:3] = [0.0 * points, 0.0 * points, law("sft_taux_2_enfants")][: len(share)]
    return Scales(
        table=np.stack(
            [*rate.values(), pmss, points, minimum, smic, twelfth, sft_floor, sft_ceiling, *fixed, *share]
        ),
        rate=rate,
        pmss=100.0 * pmss,
        rafp_cap=law("rafp_plafond_assiette"),
        low=low,
        tib=tib,
        differential=np.maximum(100.0 * smic[:, None] - tib, 0.0),
        between=np.maximum(at_most, sft_floor[:, None]),
        at_most=at_most,
        sft_floor=sft_floor,
        sft_fixed=np.ascontiguousarray(100.0 * fixed.T),
        sft_rate=np.ascontiguousarray(share.T),
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
    earns_to = np.minimum(earns_to, np.minimum(stop, 3 * YEAR)[:, None])
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
        yearly=np.floor(amount * 100.0 + HALF) / YEAR,
    )


@dataclass(frozen=True)
class Contracts:
    """All contracts of the portfolio in one list, by group: 0 and 1 are of the special scheme, 1 and 2 have children.

    `posts` puts posts in an order in which their contracts follow one another.
    """

    post: NDArray[np.int64]
    slot: NDArray[np.int64]
    group: NDArray[np.uint8]
    special: int
    posts: NDArray[np.int64]

    def of(self, table: Any) -> Any:
        """Return a field of `Posts` by contract."""
        return table.ravel().take(2 * self.post + self.slot)


def contracts_of(p: Posts) -> Contracts:
    """Put the contracts in order."""
    second = np.flatnonzero(p.two)
    post = np.append(np.arange(len(p.two)), second)
    slot = np.repeat([0, 1], [len(p.two), len(second)])
    children = p.children > 0
    groups = np.where(p.cnracl, children, 3 - children.astype(np.uint8)).astype(np.uint8)
    group = groups.ravel().take(2 * post + slot)
    order = np.argsort(group, kind="stable")
    posts = np.argsort(8 * groups[:, 0] + p.two * (1 + groups[:, 1]), kind="stable")
    return Contracts(post[order], slot[order], group[order], int((group < 2).sum()), posts)


class Layout:
    """The payslips of all contracts, law by law; of one law, in the order of `Contracts`.

    Attributes
    ----------
    cuts : first month of each run of months under one law within one exercice, and the end
    contract, kind : of each payslip; kind 0 for whole months, 1 for a first month, 2 for a last one
    weight : how many months it stands for
    since : first payslip of each run, and the end
    """

    def __init__(self, p: Posts, c: Contracts, cuts: NDArray[np.int64]) -> None:
        self.cuts, runs, n = cuts, len(cuts) - 1, len(c.post)
        self.run = np.repeat(np.arange(runs), np.diff(cuts))
        first, last = c.of(p.from_month), np.minimum(c.of(p.to_month), cuts[-1])
        cut_first = c.of(p.from_elapsed) > 0
        cut_last = (c.of(p.to_elapsed) > 0) & (last < cuts[-1])
        self._whole, self._last = (first + cut_first).astype(np.int16), last.astype(np.int16)
        count = np.minimum(self._last, cuts[1:, None].astype(np.int16))
        count -= np.maximum(self._whole, cuts[:-1, None].astype(np.int16))
        place = np.flatnonzero(count > 0)
        since = np.searchsorted(place, n * np.arange(runs + 1))
        run = np.repeat(np.arange(runs), np.diff(since))
        runs_of, contracts, weights = [run], [place - n * run], [count.ravel().take(place)]
        self._cut = []
        for months, cut in ((first, cut_first), (last, cut_last)):
            mine = np.flatnonzero(cut)
            runs_of.append(self.run[months[mine]])
            contracts.append(mine)
            weights.append(np.ones(len(mine), dtype=np.int16))
            self._cut.append((months, cut, np.empty(n, dtype=np.int64)))
        sizes = [len(found) for found in contracts]
        run, contract = np.concatenate(runs_of), np.concatenate(contracts)
        assert 4 * runs < 256, "too many laws for a sort by bytes"
        key = (4 * run).astype(np.uint8)
        key += c.group.take(contract)
        order = np.argsort(key, kind="stable")
        self.since = np.append(0, np.cumsum(np.bincount(run, minlength=runs)))
        self.contract = contract.take(order)
        self.kind = np.repeat(np.arange(3), sizes).take(order)
        self.weight = np.concatenate(weights).take(order)
        self.empty = len(order)
        number = np.empty(self.empty, dtype=np.int64)
        number[order] = np.arange(self.empty)
        self._place = np.full((n, runs), self.empty)
        whole, *cut_numbers = np.split(number, np.cumsum(sizes)[:-1])
        self._place.ravel()[contracts[0] * runs + runs_of[0]] = whole
        for (_, _, place), mine, numbers in zip(self._cut, contracts[1:], cut_numbers, strict=True):
            place[mine] = numbers

    def index(self, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the payslip of each month of some contracts, contracts × months; `empty` where there is none."""
        month = np.arange(len(self.run), dtype=np.int16)
        found = self._place.take(chosen, axis=0).take(self.run, axis=1)
        outside = month < self._whole[chosen, None]
        outside |= month >= self._last[chosen, None]
        np.copyto(found, self.empty, where=outside)
        for months, cut, place in self._cut:
            rows = np.flatnonzero(cut[chosen])
            mine = chosen[rows]
            found[rows, months[mine]] = place[mine]
        return found


class Terms:
    """What the payslips take from their contracts; amounts in cents.

    `bonus`, `psc`, `here`, `due`, `ceiling` are by state, 3 × contract + kind: months wholly worked, a first
    month, a last one; the others by contract.
    """

    def __init__(self, p: Posts, c: Contracts, low: int) -> None:
        ones = np.ones(len(c.post))
        here = np.stack([ones, 1.0 - c.of(p.from_elapsed) / 30.0, c.of(p.to_elapsed) / 30.0], axis=1)
        calendar = np.stack([ones, c.of(p.from_days), c.of(p.to_days)], axis=1)
        due = here * c.of(p.paid)[:, None]
        self.bonus = np.floor(due * (100.0 * c.of(p.bonus))[:, None] + HALF).ravel()
        self.psc = np.floor(here * (100.0 * c.of(p.psc))[:, None] + HALF).ravel()
        self.ceiling = (calendar * c.of(p.working)[:, None]).ravel()
        self.here, self.due = here.ravel(), due.ravel()
        self.cia = np.floor(100.0 * c.of(p.cia) + HALF)
        self.step, self.paid, self.children = c.of(p.step), c.of(p.paid), c.of(p.children)
        self.part_time, self.group, self.low = c.of(p.part_time), c.group, low


def cuts_of(tables: Array, cia: int = 12) -> NDArray[np.int64]:
    """Return where the law over the months changes (rows of `tables`), or the exercice, or where CIA is paid."""
    new = np.ones(tables.shape[1], dtype=bool)
    new[1:] = (tables[:, 1:] != tables[:, :-1]).any(axis=0)
    new[cia - 1 :: 12] = new[::12] = True
    return np.append(np.flatnonzero(new), len(new))
