"""A plan and its books side by side: the tables every report reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from conseiller.analysis.tracking.causes import CAUSES, Causes
from conseiller.analysis.tracking.cells import Cells, line_label
from conseiller.dossier.schema import Dossier
from conseiller.ledger.attach import Attached, attach
from conseiller.messages import Lang
from conseiller.projection import OUTSIDE, Projection

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.ledger.reading import Reading
    from conseiller.ledger.rules import Rules

Key = Literal["post", "month", "exercice", "grant_year", "line", "side", "section"]
Section = Literal["fonctionnement", "investissement"]
_FIGURES = ("plan", "actual", "variance")


class Tracking:
    """A plan and its books. Build one with `conseiller.track`.

    Parameters
    ----------
    attached : Attached
        The ledger, tied to the plan.
    credits : DataFrame, optional
        Budgets read as control totals: columns of `ledger.reading.CREDITS`, or `ledger.votes.voted`.
    real : Projection, optional
        The dossier brought up to date: operands of the pay are then facts, not found.
    until : date, optional
        Last month whose mandats are booked; the last one with a mandat by default.
    """

    def __init__(
        self,
        attached: Attached,
        credits: pd.DataFrame | None = None,
        real: Projection | None = None,
        until: date | None = None,
    ) -> None:
        self.plan: Projection = attached.plan
        self.attached = attached
        self.credits_read = credits
        first = self.plan.dossier.period.first
        rank = None if until is None else (until.year - first) * 12 + until.month - 1
        self.cells = Cells(attached, rank)
        self.causes = Causes(self.cells, real)

    def __repr__(self) -> str:
        from conseiller.analysis.tracking.shown import tracking_line

        return tracking_line(self)

    def __str__(self) -> str:
        """Return the table by exercice and what explains it, as plain text."""
        from conseiller.analysis.tracking.shown import sheet

        return sheet(self).text()

    def _repr_html_(self) -> str:
        from conseiller.analysis.tracking.shown import sheet

        return sheet(self).html("fr")

    def _repr_markdown_(self) -> str:
        from conseiller.analysis.tracking.shown import sheet

        return sheet(self).markdown()

    # --- the books ---

    @property
    def until(self) -> date | None:
        """First day of the last month whose mandats are booked; None when there is none."""
        rank = self.cells.until
        return self.plan.months[rank] if 0 <= rank < self.cells.months else None

    @property
    def exercices(self) -> list[int]:
        """Exercices followed: those of the books and those after them."""
        return [y for y in self.plan.exercices if (y - self.plan.exercices[0]) * 12 >= self.cells.since]

    @property
    def unattached(self) -> pd.DataFrame:
        """Lines no rule takes (*à rattacher*)."""
        return self.attached.unattached

    @property
    def proposals(self) -> pd.DataFrame:
        """What they may be, ranked, each with its reason."""
        return self.attached.proposals

    @property
    def left_out(self) -> pd.DataFrame:
        """Lines tied to a post but not set against the plan, with their reason."""
        return self.cells.left_out

    def label(self, line: str, lang: Lang = "fr") -> str:
        """Return a tracked line in words."""
        return line_label(self.plan, line, lang)

    # --- tables ---

    @cached_property
    def table(self) -> pd.DataFrame:
        """Plan, actual and variance by post, month of booking and tracked line.

        Returns
        -------
        pandas.DataFrame
            post, month, exercice, line, side, section; plan, actual, variance [euros, exact to the cent].
        """
        import pandas as pd

        frames = []
        for track in self.cells.tracks:
            booked = track.booked
            shown = np.flatnonzero(self.cells.window & ((track.plan != 0) | (booked != 0)))
            months = [self.plan.months[m] for m in shown]
            frames.append(
                pd.DataFrame(
                    {
                        "post": track.post,
                        "month": pd.to_datetime(months).astype("datetime64[s]"),
                        "exercice": [m.year for m in months],
                        "line": track.line,
                        "side": track.side,
                        "section": track.section,
                        "plan": track.plan[shown] / 100,
                        "actual": booked[shown] / 100,
                        "variance": (booked[shown] - track.plan[shown]) / 100,
                    }
                )
            )
        columns = ["post", "month", "exercice", "line", "side", "section", *_FIGURES]
        kept = [f for f in frames if len(f)]
        return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=columns)

    @cached_property
    def by_grant_year(self) -> pd.DataFrame:
        """The same by grant year, what is booked being put in the month it is about.

        Returns
        -------
        pandas.DataFrame
            post, grant_year, line, side, section; plan, actual, variance [euros].
        """
        import pandas as pd

        rows: dict[tuple[str, ...], list[int]] = {}
        for key, part in (*self._plan_by_grant_year(), *self._books_by_grant_year()):
            figures = rows.setdefault(key[:-1], [0, 0])
            figures[key[-1] == "actual"] += part
        data = [(*key, p / 100, a / 100, (a - p) / 100) for key, (p, a) in rows.items() if p or a]
        return pd.DataFrame(data, columns=["post", "grant_year", "line", "side", "section", *_FIGURES])

    def _plan_by_grant_year(self) -> Iterator[tuple[tuple[str, ...], int]]:
        table = self.plan.table
        shown = table["clock"].isin(["engaged", "earned"]) & table["exercice"].isin(self.exercices)
        columns = ["post", "grant_year", "line", "side", "section", "amount"]
        for post, year, line, side, section, amount in table.loc[shown, columns].itertuples(
            index=False, name=None
        ):
            yield (post, year, self.cells.lines[line], side, section, "plan"), round(amount * 100)

    def _books_by_grant_year(self) -> Iterator[tuple[tuple[str, ...], int]]:
        for track in self.cells.tracks:
            found = self.causes.timing(track)
            about = track.booked if found is None else found.about
            for month in np.flatnonzero(np.where(self.cells.window, about, 0)).tolist():
                for year, part in self.in_grant_years(track.post, month, int(about[month])):
                    yield (track.post, year, track.line, track.side, track.section, "actual"), part

    def in_grant_years(self, code: str, month: int, amount: int) -> list[tuple[str, int]]:
        """Split a month cumulatively between its grant years and what falls in none."""
        frame, post = self.plan.model.month, self.plan.posts.index(code)
        names = [OUTSIDE, *(g.label for g in self.plan.grant_years[post])]
        whole = max(float(frame.full("thirtieths")[post, month]), 1.0)
        inside = [float(frame.full(f"occupied_{n}")[post, month]) for n in (1, 2)]
        if not sum(inside):
            whole, inside = 30.0, [float(frame.full(f"calendar_{n}")[post, month]) for n in (1, 2)]
        segments = [int(frame.full(f"segment_{n}")[post, month]) for n in (1, 2)]
        first = round(amount * min(inside[0] / whole, 1))
        both = round(amount * min(sum(inside) / whole, 1))
        parts = [(names[segments[0]], first), (names[segments[1]], both - first), (OUTSIDE, amount - both)]
        return [(name, part) for name, part in parts if part]

    def by(self, *keys: Key, section: Section | None = "fonctionnement") -> pd.DataFrame:
        """Sum plan, actual and variance by one or more keys.

        Parameters
        ----------
        *keys : {"post", "month", "exercice", "grant_year", "line", "section"}
        section : str or None
            Section of the budget; never mixed unless None is asked for.

        Returns
        -------
        pandas.DataFrame
            Indexed by the keys and ``measure`` ("cost", "funding" and, unless by line, "net" = cost −
            funding): plan, actual, variance [euros], share (variance / plan, NaN where nothing is planned).
        """
        import pandas as pd

        source = self.by_grant_year if "grant_year" in keys else self.table
        if section is not None:
            source = source[source["section"] == section]
        names = [k for k in keys if k != "side"]
        sums = _cents(source).assign(measure=source["side"]).groupby([*names, "measure"], sort=False)
        found = sums[["plan", "actual"]].sum().reset_index()
        if "line" not in names:
            found = _both_sides(found, names)
            net = found.copy()
            sign = np.where(net["measure"] == "cost", 1, -1)
            net = net.assign(plan=net["plan"] * sign, actual=net["actual"] * sign, measure="net")
            net = net.groupby([*names, "measure"], sort=False)[["plan", "actual"]].sum().reset_index()
            found = pd.concat([found, net], ignore_index=True)
        order = self._order(names)
        found = found.sort_values([*names, "measure"], key=order, kind="stable")
        found["variance"] = found["actual"] - found["plan"]
        share = np.where(
            found["plan"] != 0, found["variance"] / found["plan"].where(found["plan"] != 0, 1), np.nan
        )
        for column in _FIGURES:
            found[column] = found[column] / 100
        return found.assign(share=share).set_index([*names, "measure"])

    def _order(self, names: Sequence[str]) -> _Order:
        return _Order(self)

    def cumulative(self, exercice: int, section: Section | None = "fonctionnement") -> pd.DataFrame:
        """Return plan and actual summed since January, month by month.

        Returns
        -------
        pandas.DataFrame
            Indexed by month and measure: plan, actual, variance, share; months after `until` hold the
            plan alone (actual and variance NaN).
        """
        import pandas as pd

        months = self.by("exercice", "month", section=section)
        if exercice not in months.index.get_level_values("exercice"):
            return months.droplevel("exercice")
        found = months[months.index.get_level_values("exercice") == exercice].droplevel("exercice")
        names = found.index.get_level_values("measure").unique()
        grid = pd.MultiIndex.from_product(
            [pd.to_datetime([date(exercice, m, 1) for m in range(1, 13)]).astype("datetime64[s]"), names],
            names=["month", "measure"],
        )
        cents = (found[["plan", "actual"]] * 100).round().reindex(grid, fill_value=0.0)
        sums = cents.groupby(level="measure").cumsum()
        sums["variance"] = sums["actual"] - sums["plan"]
        sums["share"] = (sums["variance"] / sums["plan"]).where(sums["plan"] != 0)
        sums[list(_FIGURES)] = sums[list(_FIGURES)] / 100
        last = self.until
        later = sums.index.get_level_values("month") > pd.Timestamp(last or date(1900, 1, 1))
        sums.loc[later, ["actual", "variance", "share"]] = np.nan
        return sums

    def to_date(
        self, exercice: int, at: date | None = None, section: Section | None = "fonctionnement"
    ) -> pd.DataFrame:
        """Return an exercice line by line: the year's plan, plan and actual to date, what remains.

        Parameters
        ----------
        exercice : int
        at : date, optional
            A day of the last month counted; `until` by default.
        section : str or None

        Returns
        -------
        pandas.DataFrame
            Indexed by side and line: plan_year, plan, actual, variance, share, remaining (plan_year −
            actual) [euros].
        """
        import pandas as pd

        last = at or self.until or date(exercice, 12, 31)
        table = self.table[self.table["exercice"] == exercice]
        if section is not None:
            table = table[table["section"] == section]
        cents = _cents(table)
        keys = ["side", "line"]
        year = cents.groupby(keys, sort=False)[["plan"]].sum().rename(columns={"plan": "plan_year"})
        done = cents[table["month"] <= pd.Timestamp(last)]
        sums = done.groupby(keys, sort=False)[["plan", "actual"]].sum()
        found = (
            year.join(sums).fillna(0).reset_index().sort_values(keys, key=self._order(keys), kind="stable")
        )
        found["variance"] = found["actual"] - found["plan"]
        found["share"] = (found["variance"] / found["plan"]).where(found["plan"] != 0)
        found["remaining"] = found["plan_year"] - found["actual"]
        for column in ("plan_year", *_FIGURES, "remaining"):
            found[column] = found[column] / 100
        return found.set_index(keys)

    def years(self, section: Section | None = "fonctionnement") -> pd.DataFrame:
        """Return the exercices side by side, by measure and line.

        Returns
        -------
        pandas.DataFrame
            Indexed by measure and line ("" for the totals); for each exercice ``<year>_plan``,
            ``<year>_actual``, ``<year>_variance`` [euros].
        """
        import pandas as pd

        lines = self.by("exercice", "line", section=section).reset_index()
        totals = self.by("exercice", section=section).reset_index().assign(line="")
        both = pd.concat([lines, totals], ignore_index=True)
        wide = both.pivot_table(
            index=["measure", "line"],
            columns="exercice",
            values=list(_FIGURES),
            aggfunc="sum",
            fill_value=0.0,
        )
        flat = {f"{y}_{f}": wide[f][y] for y in self.exercices for f in _FIGURES if y in wide[f]}
        found = pd.DataFrame(flat).reset_index()
        return found.sort_values(["measure", "line"], key=self._order([]), kind="stable").set_index(
            ["measure", "line"]
        )

    # --- why ---

    @cached_property
    def explained(self) -> pd.DataFrame:
        """Each variance taken apart (see `causes.EXPLAINED`); amounts add up to the variance of every cell."""
        return self.causes.table()

    def why(self, *keys: Key, section: Section | None = "fonctionnement") -> pd.DataFrame:
        """Return the variance by cause.

        Parameters
        ----------
        *keys : {"post", "month", "exercice", "line", "section"}
        section : str or None

        Returns
        -------
        pandas.DataFrame
            Indexed by the keys and ``measure``: one column per cause of `CAUSES`, then ``variance``,
            their sum [euros].
        """
        import pandas as pd

        source = self.explained
        if section is not None:
            source = source[source["section"] == section]
        rows = source.assign(measure=source["side"], cents=(source["amount"] * 100).round().astype("int64"))
        if "line" not in keys:
            sign = np.where(rows["side"] == "cost", 1, -1)
            rows = pd.concat(
                [rows, rows.assign(measure="net", cents=rows["cents"] * sign)], ignore_index=True
            )
        names = [k for k in keys if k != "side"]
        wide = (
            rows.groupby([*names, "measure", "cause"], sort=False)["cents"]
            .sum()
            .unstack("cause", fill_value=0)
            .reindex(columns=list(CAUSES), fill_value=0)
        )
        wide["variance"] = wide.sum(axis=1)
        wide.columns.name = None
        found = (wide / 100).reset_index()
        return found.sort_values([*names, "measure"], key=self._order(names), kind="stable").set_index(
            [*names, "measure"]
        )

    # --- where it lands ---

    def landing(self, *keys: Key, section: Section | None = "fonctionnement") -> pd.DataFrame:
        """Return the landing (*atterrissage*): actual to date, and the plan for what is left.

        Parameters
        ----------
        *keys : {"post", "exercice", "line", "section"}
            Exercice by default.
        section : str or None

        Returns
        -------
        pandas.DataFrame
            Indexed by the keys and ``measure``: plan, actual, left (planned and not booked yet), landing =
            actual + left, variance = landing − plan [euros], share.
        """
        names: tuple[Key, ...] = keys or ("exercice",)
        found = self.by(*names, section=section)[["plan", "actual"]]
        left = self.why(*names, section=section)["not_yet_booked"].reindex(found.index, fill_value=0.0)
        cents = (found * 100).round().assign(left=-(left * 100).round())
        cents["landing"] = cents["actual"] + cents["left"]
        cents["variance"] = cents["landing"] - cents["plan"]
        share = (cents["variance"] / cents["plan"]).where(cents["plan"] != 0)
        return (cents / 100 + 0.0).assign(share=share)

    # --- rooms of their own ---

    def year_end(
        self,
        exercice: int | None = None,
        at: date | None = None,
        threshold: float = 0.0,
        lang: Lang = "fr",
    ) -> pd.DataFrame:
        """Return the year-end entries to propose (see `closing.year_end_entries`)."""
        from conseiller.analysis.tracking.closing import year_end_entries

        return year_end_entries(self, exercice, at, threshold, lang)

    def balance(self, at: date | None = None) -> pd.DataFrame:
        """Return where each convention stands (see `conventions.balance`)."""
        from conseiller.analysis.tracking.conventions import balance

        return balance(self, at)

    def convention_landing(self) -> pd.DataFrame:
        """Return the landing to the end of each convention (see `conventions.convention_landing`)."""
        from conseiller.analysis.tracking.conventions import convention_landing

        return convention_landing(self)

    def instalments(self, at: date | None = None) -> pd.DataFrame:
        """Return each instalment: due, titled, received, late (see `conventions.instalment_state`)."""
        from conseiller.analysis.tracking.conventions import instalment_state

        return instalment_state(self, at)

    def agenda(self, at: date | None = None, lang: Lang = "fr") -> pd.DataFrame:
        """Return the échéancier (see `agenda.agenda`)."""
        from conseiller.analysis.tracking.agenda import agenda

        return agenda(self, at, lang)

    def credits(self) -> pd.DataFrame:
        """Return the credits voted, consumed and available (see `weight.credits`)."""
        from conseiller.analysis.tracking.weight import credits_consumed

        return credits_consumed(self)

    def weight(self) -> pd.DataFrame:
        """Return the weight of the posts in the budget (see `weight.weight`)."""
        from conseiller.analysis.tracking.weight import weight

        return weight(self)

    def reconciliation(self, readings: Iterable[Reading] = ()) -> pd.DataFrame:
        """Return, file by file, what was read, kept, tied, set aside (see `reconcile.reconciliation`)."""
        from conseiller.analysis.tracking.reconcile import reconciliation

        return reconciliation(self, readings)


class _Order:
    """Sorts posts, lines, measures as reports show them; anything else by value."""

    def __init__(self, tracking: Tracking) -> None:
        codes = {line.code: r for r, line in enumerate(tracking.plan.lines())}
        self.post = {p: r for r, p in enumerate(tracking.plan.posts)}
        self.line = {
            t.line: (codes[t.codes[0]] if t.codes else len(codes)) for t in tracking.cells.tracks
        } | {"": -1}
        self.measure = {"cost": 0, "funding": 1, "net": 2}

    def __call__(self, column: pd.Series[str]) -> pd.Series[int]:
        ranks = {"post": self.post, "line": self.line, "measure": self.measure, "side": self.measure}
        known = ranks.get(str(column.name))
        return column if known is None else column.map(known)  # type: ignore[return-value]


def _both_sides(found: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return sums with a row of spending and one of income for each key, 0 where there is none."""
    import pandas as pd

    keys = found[list(names)].drop_duplicates()
    sides = pd.DataFrame({"measure": ["cost", "funding"]})
    every = keys.merge(sides, how="cross") if names else sides
    whole = every.merge(found, how="left", on=[*names, "measure"])
    return whole.fillna({"plan": 0, "actual": 0}).astype({"plan": "int64", "actual": "int64"})


def _cents(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its figures in whole cents."""
    return table.assign(**{f: (table[f] * 100).round().astype("int64") for f in _FIGURES})


def track(
    case: Dossier | Projection,
    ledger: pd.DataFrame | Attached,
    rules: Rules | None = None,
    *,
    credits: pd.DataFrame | None = None,
    real: Dossier | Projection | None = None,
    until: date | None = None,
    today: date | None = None,
) -> Tracking:
    """Set a plan against the books.

    Parameters
    ----------
    case : Dossier or Projection
    ledger : DataFrame or Attached
        Lines of the books (columns of `ledger.reading.COLUMNS`), or lines already tied.
    rules : Rules, optional
        Rules of attachment, as `ledger.rules.load_rules` reads them.
    credits : DataFrame, optional
        Budgets read as control totals.
    real : Dossier or Projection, optional
        The same dossier brought up to date with what really happened.
    until : date, optional
        Last month whose mandats are booked.
    today : date, optional
        Date of the report where the dossier states none.
    """
    plan = case if isinstance(case, Projection) else Projection(case, today=today)
    done = real if isinstance(real, Projection) or real is None else Projection(real, today=plan.report_date)
    tied = ledger if isinstance(ledger, Attached) else attach(ledger, plan, rules)
    return Tracking(tied, credits, done, until)
