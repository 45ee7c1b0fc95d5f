"""A computed portfolio and every view of it: tidy tables in euros, exact to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from conseiller.law import to_serial
from conseiller.portfolios.compute import MEASURES, Cents, Computed, years_in
from conseiller.readable import Readable
from conseiller.rules.algebra import dates_of, months_of
from conseiller.rules.registry import FAR

if TYPE_CHECKING:
    from conseiller.charts import Chart
    from conseiller.display import Sheet
    from conseiller.law import Law
    from conseiller.messages import Lang
    from conseiller.portfolios.cases import Cases

PostKey = Literal["authority", "department", "kind", "post"]
Key = Literal["authority", "department", "kind", "post", "generation", "month", "exercice"]

#: Columns of `Portfolio.by`, after its keys.
SUMS = ("pay", "other_costs", "cost", "grant", "other_funding", "net_cost")
_POST_KEYS = ("authority", "department", "kind", "post")


class Portfolio(Readable):
    """Many posts, computed. Build one with `conseiller.portfolio`.

    Parameters
    ----------
    name : str
        Name of the file or folder.
    cases : Cases
    computed : Computed
    shown : tuple of int
        First and last exercice of the views.
    report_date : date
    law : Law
    state : bool
        Whether it comes from the State's list.
    guessed : int
        Its posts whose total is that of no generation.
    from_dossiers : bool
        Whether it comes from a folder of dossiers.
    unread : tuple of str
        Headings left unread.
    """

    def __init__(
        self,
        name: str,
        cases: Cases,
        computed: Computed,
        shown: tuple[int, int],
        report_date: date,
        law: Law,
        *,
        state: bool = False,
        guessed: int = 0,
        from_dossiers: bool = False,
        unread: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.cases = cases
        self.computed = computed
        self.report_date = report_date
        self.law = law
        self.state = state
        self.guessed = guessed
        self.from_dossiers = from_dossiers
        self.unread = unread
        self.exercices = list(range(shown[0], shown[1] + 1))

    def __repr__(self) -> str:
        return f"<Portfolio {self.name}: {len(self.posts)} posts, {self.exercices[0]}-{self.exercices[-1]}>"

    def sheet(self, lang: Lang = "fr") -> Sheet:
        """Return totals and findings ready to be shown."""
        from conseiller.portfolios.shown import sheet

        return sheet(self, lang)

    # --- posts ---------------------------------------------------------------------------------------

    @cached_property
    def posts(self) -> pd.DataFrame:
        """One row a post.

        Columns: authority, siren, department, kind, post, generation (of its last financing), state (of the day of
        the report: occupied, vacant, not_begun, ended, given_back), stated (as the file says), financing_start,
        financing_end, contract_end (NaT when open-ended or none), outlives (a contract goes on after the grant),
        agreed, expected, earned, paid, to_pay [euros], place. `expected` is the grant of the plan over all months,
        vacancies off; `to_pay` is expected less paid (unknown payments count as nought).
        """
        c = self.computed
        facts = [f for batch in self.cases.batches for f in batch.facts]
        fields = ("authority", "siren", "department", "kind", "post")
        frame = pd.DataFrame({name: [getattr(f, name) for f in facts] for name in fields})
        frame["generation"] = [c.generations[g] if g >= 0 else "" for g in c.generation[:, -1]]
        frame["state"] = self._states()
        frame["stated"] = [f.state for f in facts]
        frame["financing_start"] = _days(c.begins)
        frame["financing_end"] = _days(np.where(c.ends > 0, c.ends - 1, 0))
        frame["contract_end"] = _days(
            np.where((c.last_until > 0) & (c.last_until < FAR), c.last_until - 1, 0)
        )
        frame["outlives"] = (c.ends > 0) & (c.last_until > c.ends)
        past = self._past
        grant = c.amounts["grant"]
        frame["agreed"] = c.agreed.sum(axis=1) / 100
        frame["expected"] = grant.sum(axis=1) / 100
        frame["earned"] = grant[:, past].sum(axis=1) / 100
        frame["paid"] = [np.nan if f.paid is None else f.paid for f in facts]
        known = np.rint(frame["paid"].fillna(0.0) * 100).astype("int64")
        frame["to_pay"] = (grant.sum(axis=1) - known) / 100
        frame["place"] = [f.where for f in facts]
        return frame

    @cached_property
    def _past(self) -> Any:
        """Months begun by the day of the report."""
        return self.computed.months <= to_serial(self.report_date)

    def _states(self) -> list[str]:
        c, day = self.computed, to_serial(self.report_date)
        states = np.where(c.now.occupied, "occupied", "vacant").astype(object)
        states[~c.now.financed] = "ended"
        states[(c.begins > day) & ~c.now.financed] = "not_begun"
        given_back = (c.ends < c.due_end) & (c.ends <= day)
        states[given_back & ~c.now.financed] = "given_back"
        return list(states)

    @property
    def set_aside(self) -> pd.DataFrame:
        """What was left out: place, authority, post, reason, remedy, code; one row a fault."""
        rows = [
            (a.fault.where, a.authority, a.post, a.fault.message, a.fault.remedy, a.fault.code)
            for a in self.cases.aside
        ]
        return pd.DataFrame(rows, columns=["place", "authority", "post", "reason", "remedy", "code"])

    @property
    def left_out(self) -> int:
        """How many posts (or dossiers) were set aside: one may have several faults."""
        return len(
            {
                (a.authority, a.post, a.fault.where.split(",")[0] if not a.post else "")
                for a in self.cases.aside
            }
        )

    # --- amounts -------------------------------------------------------------------------------------

    @cached_property
    def _months_shown(self) -> Any:
        years = years_in(self.computed.months)
        return (years >= self.exercices[0]) & (years <= self.exercices[-1])

    def by(self, *keys: Key) -> pd.DataFrame:
        """Sum the portfolio by one or more keys, over the exercices shown (section de fonctionnement).

        Parameters
        ----------
        *keys : {"authority", "department", "kind", "post", "generation", "month", "exercice"}
            "post" goes with its authority, so that two authorities may use one code; authorities of one name are
            added up, unless "department" is asked for too. A month belongs to the
            generation of the last financing begun by its end.

        Returns
        -------
        pandas.DataFrame
            Indexed by the keys, sorted; pay, other_costs, cost, grant, other_funding, net_cost [euros], as
            `Projection.by`. Combinations without an amount are left out, save that every exercice has its row.
        """
        shown = self._months_shown
        codes, levels = self._codes(keys)
        sums: dict[str, Any] = {}
        sizes = [len(level) for level in levels]
        flat = np.ravel_multi_index(codes, sizes) if codes else np.zeros((1, 1), dtype=np.intp)
        size = int(np.prod(sizes)) if sizes else 1
        shape = (len(self.posts), int(shown.sum()))
        flat = np.broadcast_to(flat, shape).ravel()
        for measure in MEASURES:
            amounts = self.computed.amounts[measure][:, shown].ravel()
            sums[measure] = np.bincount(flat, amounts, size)  # whole cents: exact in floats below 2**53
        index = (
            pd.MultiIndex.from_product(levels, names=keys)
            if len(keys) > 1
            else pd.Index(levels[0], name=keys[0])
        )
        frame = pd.DataFrame({m: np.rint(v).astype("int64") for m, v in sums.items()}, index=index)
        if keys != ("exercice",):
            frame = frame[(frame != 0).any(axis=1)]
        frame["cost"] = frame["pay"] + frame["other_costs"]
        frame["net_cost"] = frame["cost"] - frame["grant"] - frame["other_funding"]
        return frame[list(SUMS)].sort_index() / 100

    def by_post_and_exercice(self) -> dict[str, Cents]:
        """Return spending, grant and other funding of each post and exercice shown, posts × exercices [cents]."""
        shown = self._months_shown
        starts = np.arange(0, int(shown.sum()), 12)  # whole exercices are computed
        amounts = {m: np.add.reduceat(a[:, shown], starts, axis=1) for m, a in self.computed.amounts.items()}
        return {
            "cost": amounts["pay"] + amounts["other_costs"],
            "grant": amounts["grant"],
            "other": amounts["other_funding"],
        }

    def total(self) -> dict[str, float]:
        """Return the sum of each measure over everything shown [euros]."""
        frame = (self.by("exercice") * 100).round().astype("int64").sum()
        return {str(name): float(value) / 100 for name, value in frame.items()}

    def _codes(self, keys: Sequence[Key]) -> tuple[tuple[Any, ...], list[Any]]:
        """Return the number of each cell's value by key, broadcastable to posts × months shown, and the values."""
        shown = self._months_shown
        months = self.computed.months[shown]
        codes: list[Any] = []
        levels: list[Any] = []
        for key in keys:
            if key in _POST_KEYS:
                values = self.posts[key]
                if key == "post" and "authority" not in keys:
                    raise ValueError('"post" is asked for with "authority": codes belong to their authority')
                code, level = pd.factorize(values, sort=True)
                codes.append(code[:, None])
            elif key == "month":
                level = pd.DatetimeIndex(_days(months))
                codes.append(np.arange(len(months))[None, :])
            elif key == "exercice":
                level = pd.Index(self.exercices)
                codes.append((years_in(months) - self.exercices[0])[None, :])
            elif key == "generation":
                level = pd.Index(["", *self.computed.generations])
                codes.append(self.computed.generation[:, shown] + 1)
            else:
                raise ValueError(f"no key {key!r}")
            levels.append(level)
        return tuple(codes), levels

    # --- posts by month ------------------------------------------------------------------------------

    def occupancy(self, *keys: PostKey | Literal["generation"]) -> pd.DataFrame:
        """Count posts funded, occupied and vacant on the first day of each month shown.

        Returns
        -------
        pandas.DataFrame
            Indexed by month and the keys: funded, occupied (funded and somebody in it), vacant.
        """
        c, shown = self.computed, self._months_shown
        codes, levels = self._codes(("month", *keys))
        sizes = [len(level) for level in levels]
        shape = (len(self.posts), int(shown.sum()))
        flat = np.broadcast_to(np.ravel_multi_index(codes, sizes), shape).ravel()
        size = int(np.prod(sizes))
        names = ("month", *keys)
        index = pd.MultiIndex.from_product(levels, names=names) if keys else pd.Index(levels[0], name="month")
        funded = c.financed[:, shown]
        held = funded & c.occupied[:, shown]
        out = pd.DataFrame(
            {
                name: np.bincount(flat, which.ravel(), size).astype("int64")
                for name, which in (("funded", funded), ("occupied", held))
            },
            index=index,
        )
        out["vacant"] = out["funded"] - out["occupied"]
        return out if not keys else out[out["funded"] > 0]

    def vacancies(self) -> pd.DataFrame:
        """Return the posts funded and empty on the day of the report.

        Columns: authority, department, post, generation, vacant_since, lost_on (the day the post is given back when
        nobody is hired; NaT when no contract went before, or no rule says so).
        """
        now = self.computed.now
        vacant = now.financed & ~now.occupied
        frame = self.posts.loc[vacant, ["authority", "department", "post", "generation"]].copy()
        frame["vacant_since"] = _days(now.since[vacant])
        frame["lost_on"] = _days(np.where(now.lost_on < FAR, now.lost_on, 0)[vacant])
        return frame.sort_values(["vacant_since", "authority", "post"], kind="stable").reset_index(drop=True)

    # --- end of the grant ------------------------------------------------------------------------------

    @cached_property
    def ending(self) -> pd.DataFrame:
        """One row a post whose grant ends: what stops and what goes on.

        Columns: authority, department, kind, post, generation, month (of the last day funded), financing_end,
        given_back (lost by vacancy or handed back before its schedule), outlives, grant_before (earned in the twelve
        months to the end), cost_before (spent in them: a year of the post if it is kept), cost_after (spending in
        the twelve months that follow, under the contracts as they stand) [euros].
        """
        c = self.computed
        ends = np.flatnonzero(c.ends > 0)
        frame = self.posts.loc[
            ends, ["authority", "department", "kind", "post", "generation", "financing_end", "outlives"]
        ].copy()
        frame["month"] = frame["financing_end"].dt.to_period("M").dt.to_timestamp().astype("datetime64[s]")
        frame["given_back"] = (c.ends < c.due_end)[ends]
        frame = frame.join(self.end_amounts())
        order = [
            "authority",
            "department",
            "kind",
            "post",
            "generation",
            "month",
            "financing_end",
            "given_back",
        ]
        order += ["outlives", "grant_before", "cost_before", "cost_after"]
        return (
            frame[order]
            .sort_values(["financing_end", "authority", "post"], kind="stable")
            .reset_index(drop=True)
        )

    def end_amounts(self) -> pd.DataFrame:
        """Return grant_before, cost_before and cost_after (see `ending`) of the posts whose grant ends, by their row."""
        c = self.computed
        rows = np.flatnonzero(c.ends > 0)
        last = (months_of(c.ends[rows] - 1) - months_of(c.months[:1])).astype(np.intp)
        cost = c.amounts["pay"] + c.amounts["other_costs"]
        return pd.DataFrame(
            {
                "grant_before": _over(c.amounts["grant"][rows], last - 11, last + 1) / 100,
                "cost_before": _over(cost[rows], last - 11, last + 1) / 100,
                "cost_after": _over(cost[rows], last + 1, last + 13) / 100,
            },
            index=rows,
        )

    def ends(self, *keys: Key) -> pd.DataFrame:
        """Count the posts that lose their funding, and what it costs, by month or other keys ("exercice" included).

        Returns
        -------
        pandas.DataFrame
            Indexed by the keys ("month" by default): posts, outlives (of these, contracts that go on), grant_before,
            cost_before, cost_after [euros] as in `ending`.
        """
        keys = keys or ("month",)
        frame = self.ending.assign(exercice=self.ending["month"].dt.year)
        amounts = ["grant_before", "cost_before", "cost_after"]
        frame[amounts] = (frame[amounts] * 100).round().astype("int64")
        grouped = frame.groupby(list(keys), sort=True)
        out = grouped.agg(
            posts=("post", "size"),
            outlives=("outlives", "sum"),
            **{name: (name, "sum") for name in amounts},
        )
        out["outlives"] = out["outlives"].astype("int64")
        out[amounts] = out[amounts] / 100
        return out

    def to_pay(self, *keys: PostKey | Literal["generation"]) -> pd.DataFrame:
        """Sum the grant agreed, expected, earned to date, paid, and still to be paid [euros].

        Returns
        -------
        pandas.DataFrame
            Indexed by the keys (generation by default): posts, unknown (posts whose payments are not stated),
            agreed, expected, earned, paid, to_pay. A negative `to_pay` is money to give back.

        Notes
        -----
        By generation, a post counts in each that financed it. A list states what a post was paid in all: it is taken
        to have paid the older financing first.
        """
        keys = keys or ("generation",)
        amounts = ["agreed", "expected", "earned", "paid", "to_pay"]
        frame = self.posts.assign(unknown=self.posts["paid"].isna().astype("int64"))
        frame[amounts] = (frame[amounts].fillna(0.0) * 100).round().astype("int64")
        if "generation" in keys:
            frame = self._by_financing(frame)
        out = frame.groupby(list(keys), sort=True).agg(
            posts=("post", "size"), unknown=("unknown", "sum"), **{name: (name, "sum") for name in amounts}
        )
        out[amounts] = out[amounts] / 100
        return out

    def _by_financing(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return posts with their amounts in cents as one row for each generation that financed each."""
        import pandas as pd

        c, grant = self.computed, self.computed.amounts["grant"]
        left = frame["paid"].to_numpy().copy()
        last = frame["generation"].to_numpy(dtype=str)
        first_month = [np.argmax(c.generation == g, axis=1).mean() for g in range(len(c.generations))]
        parts = []
        for g in np.argsort(first_month, kind="stable"):
            mine = c.agreed[:, g] > 0
            cells = np.where(c.generation == g, grant, 0)
            expected = cells.sum(axis=1)
            paid = np.where(last == c.generations[g], left, np.clip(left, 0, expected))
            left -= np.where(mine, paid, 0)
            values = {
                "generation": c.generations[g],
                "agreed": c.agreed[:, g],
                "expected": expected,
                "earned": cells[:, self._past].sum(axis=1),
                "paid": paid,
                "to_pay": expected - paid,
            }
            parts.append(frame.assign(**values)[mine])
        return pd.concat(parts, ignore_index=True)

    # --- what is made of it ------------------------------------------------------------------------------

    def charts(self, lang: Lang = "fr") -> list[Chart]:
        """Return the charts of the portfolio, in reading order."""
        from conseiller.charts.portfolio import charts

        return charts(self, lang)

    def to_excel(self, path: str | Path, lang: Lang = "fr") -> Path:
        """Write the workbook; the previous file stays whole if anything fails."""
        from conseiller.portfolios.book import write_book

        return write_book(self, Path(path), lang)


def _days(serials: Any) -> Any:
    """Return serials as dates, 0 as no date."""
    serials = np.asarray(serials)
    days = dates_of(serials).astype("datetime64[s]")
    days[serials == 0] = np.datetime64("NaT")
    return days


def _over(cents: Cents, first: Any, to: Any) -> Any:
    """Return the sum of the columns from `first` to before `to`, row by row; columns outside count as nought."""
    width = cents.shape[1]
    running = np.zeros((len(cents), width + 1), dtype=np.int64)
    np.cumsum(cents, axis=1, out=running[:, 1:])
    rows = np.arange(len(cents))
    return running[rows, np.clip(to, 0, width)] - running[rows, np.clip(first, 0, width)]
