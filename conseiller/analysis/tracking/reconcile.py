"""From file to report: nothing disappears. Each source file, what was read, kept, tied, set aside, and the totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.analysis.tracking.tracking import Tracking
    from conseiller.ledger.reading import Control, Reading
    from conseiller.ledger.store import Ledger

#: Columns of the reconciliation, by file. Amounts are spending − income [euros].
RECONCILED = (
    "file",
    "rows",
    "kept",
    "set_aside",
    "superseded",
    "followed",
    "left_out",
    "unattached",
    "ruled_out",
    "total",
    "followed_total",
    "left_out_total",
    "unattached_total",
    "ruled_out_total",
    "controls",
    "controls_hold",
    "ties",
)


#: Kinds of files whose rows are totals to compare with, not lines of the books.
TOTALS = frozenset({"totem", "cfu", "scdl", "posts"})
#: Columns of the files read as totals [euros].
TOTALS_READ = (
    "file",
    "format",
    "rows",
    "kept",
    "superseded",
    "set_aside",
    "voted_cost",
    "voted_funding",
    "realised_cost",
    "realised_funding",
    "ties",
)


@dataclass(frozen=True)
class Source:
    """A file of the books, as it was read or as the ledger remembers it.

    Parameters
    ----------
    file : str
    rows : int
        Data rows met.
    kept : int
        Lines that stand.
    superseded : int
        Lines read and no longer standing: twice there, replaced or withdrawn by a later file.
    cents : int
        Lines that stand, spending − income.
    aside : DataFrame
        Lines its reader set aside (columns `ledger.reading.ASIDE`).
    controls : tuple of Control
    format : str
        Kind of books (see `ledger.reading.Format`); "" when not known.
    totals : mapping of str to int
        Of a file read as totals, its figures that stand [cents]: ``voted_cost``, ``voted_funding``,
        ``realised_cost``, ``realised_funding``. Of the State's list of posts: agreed and paid.
    """

    file: str
    rows: int
    kept: int
    superseded: int
    cents: int
    aside: pd.DataFrame
    controls: tuple[Control, ...] = ()
    format: str = ""
    totals: Mapping[str, int] = field(default_factory=dict)

    @property
    def holds_totals(self) -> bool:
        """Whether its rows are totals to compare with, not lines of the books."""
        return self.format in TOTALS

    @classmethod
    def of_reading(cls, reading: Reading) -> Source:
        """Return a file just read."""
        kept = len(reading.lines) + len(reading.credits)
        head = (reading.path.name, reading.rows, kept, 0, _net(reading.lines))
        return cls(*head, reading.aside, reading.controls, reading.format, _totals(reading.credits))


def sources_of(ledger: Ledger) -> tuple[Source, ...]:
    """Return the files of a ledger; several additions of one name are one source."""
    aside, controls, credits = ledger.aside(), ledger.controls(), ledger.credits()
    found: dict[str, Source] = {}
    for a in ledger.additions():
        gone = a.same + a.replaced + a.withdrawn
        net = a.cost_cents - a.funding_cents
        mine = aside[aside["file"] == a.file]
        stated = tuple(c for f, c in controls if f == a.file)
        totals = _totals(credits[credits["file"] == a.file])
        if before := found.get(a.file):
            found[a.file] = replace(
                before,
                rows=before.rows + a.rows,
                kept=before.kept + a.kept,
                superseded=before.superseded + gone,
                cents=before.cents + net,
            )
        else:
            found[a.file] = Source(a.file, a.rows, a.kept, gone, net, mine, stated, a.format, totals)
    return tuple(found.values())


def _totals(credits: pd.DataFrame) -> dict[str, int]:
    """Return what was voted and done of rows of budgets, by side [cents]."""
    return {
        f"{clock}_{side}": int(credits.loc[credits["side"] == side, f"{clock}_cents"].sum())
        for clock in ("voted", "realised")
        for side in ("cost", "funding")
    }


def known_sources(tracking: Tracking) -> tuple[Source, ...]:
    """Return the files that hold lines, by name; of those a tracking does not know, what their lines tell."""
    import pandas as pd

    from conseiller.ledger.reading import ASIDE, frame

    found = {s.file: s for s in tracking.sources if not s.holds_totals}
    attached = tracking.attached
    every = pd.concat([t[["origin", "file", "side", "cents"]] for t in (attached.lines, attached.unattached, attached.aside)])  # fmt: skip
    for file, lines in every.groupby("file"):
        count = int(lines["origin"].nunique())
        found.setdefault(str(file), Source(str(file), count, count, 0, _net(lines), frame(ASIDE)))
    return tuple(found[name] for name in sorted(found))


def reconciliation(tracking: Tracking) -> pd.DataFrame:
    """Return, file by file, what became of every line.

    Parameters
    ----------
    tracking : Tracking
        With its `sources`; without them, rows met and lines set aside by readers are not known.

    Returns
    -------
    pandas.DataFrame
        Columns `RECONCILED`. ``kept`` lines of a file are each followed (set against the plan), left out
        (order operation, other exercice, payment received), unattached, or ruled out by a rule that sets
        aside; a shared line counts once. ``ties`` says that counts and totals add up.
    """
    import pandas as pd

    attached = tracking.attached
    out = set(tracking.left_out["origin"])
    tied = attached.lines.assign(left=attached.lines["origin"].isin(out))
    groups = {
        "followed": tied[~tied["left"]],
        "left_out": tied[tied["left"]],
        "unattached": attached.unattached,
        "ruled_out": attached.aside,
    }
    read = {s.file: s for s in tracking.sources if not s.holds_totals}
    files = sorted({*(f for g in groups.values() for f in g["file"].unique()), *read})
    rows = []
    for file in files:
        counts = {n: int(g.loc[g["file"] == file, "origin"].nunique()) for n, g in groups.items()}
        totals = {f"{n}_total": _net(g[g["file"] == file]) for n, g in groups.items()}
        source = read.get(file)
        kept = source.kept if source else sum(counts.values())
        total = source.cents if source else sum(totals.values())
        controls = source.controls if source else ()
        rows.append(
            {"file": file, "rows": source.rows if source else kept, "kept": kept}
            | {"set_aside": len(source.aside) if source else 0}
            | {"superseded": source.superseded if source else 0}
            | counts
            | {"total": total / 100}
            | {n: c / 100 for n, c in totals.items()}
            | {"controls": sum(c.count for c in controls)}
            | {"controls_hold": sum(c.count for c in controls if c.holds)}
            | {"ties": kept == sum(counts.values()) and total == sum(totals.values())}
        )
    return pd.DataFrame(rows, columns=list(RECONCILED))


def totals_read(tracking: Tracking) -> pd.DataFrame:
    """Return the files read as totals to compare with: budgets, comptes, the State's list of posts.

    Returns
    -------
    pandas.DataFrame
        Columns `TOTALS_READ`, by file. ``ties`` says that the rows of the file are those kept, superseded by another
        file, or set aside.
    """
    import pandas as pd

    rows = []
    for source in sorted((s for s in tracking.sources if s.holds_totals), key=lambda s: s.file):
        put = len(source.aside)
        counts = (source.rows, source.kept, source.superseded, put)
        euros = [source.totals.get(name, 0) / 100 for name in TOTALS_READ[6:10]]
        rows.append(
            (
                source.file,
                source.format,
                *counts,
                *euros,
                source.rows == source.kept + source.superseded + put,
            )
        )
    return pd.DataFrame(rows, columns=list(TOTALS_READ))


def unattached_cents(tracking: Tracking) -> dict[str, int]:
    """Return what the lines no rule takes come to, by side [cents]."""
    lines = tracking.unattached
    return {side: int(lines.loc[lines["side"] == side, "cents"].sum()) for side in ("cost", "funding")}


def _net(frame: pd.DataFrame) -> int:
    """Return spending − income in cents; a total that has no side counts as it is printed."""
    return int(frame["cents"].where(frame["side"] != "funding", -frame["cents"]).sum())


def doubled(tracking: Tracking) -> pd.DataFrame:
    """Return what two files seem to hold both: the same total of a post, month and line.

    A journal of pay and the mandats of that pay would count twice; one of the two is to be set aside by a rule.

    Returns
    -------
    pandas.DataFrame
        post, month, line, files (tuple), amount [euros].
    """
    import pandas as pd

    lines = tracking.attached.lines
    out = set(tracking.left_out["origin"])
    lines = lines[~lines["origin"].isin(out)]
    about = lines["period"].where(lines["period"].notna(), lines["date"])
    month = about.dt.to_period("M").dt.to_timestamp()
    tracked = lines["line"].map(tracking.cells.lines)
    keys = ["post", "month", "line"]
    sums = lines.assign(month=month, line=tracked).groupby([*keys, "file"])["cents"].sum().reset_index()
    rows = []
    for key, group in sums[sums["cents"] != 0].groupby([*keys, "cents"]):
        if len(group) > 1:
            euros = int(group["cents"].iloc[0]) / 100
            rows.append((*key[:3], tuple(sorted(group["file"])), euros))
    return pd.DataFrame(rows, columns=["post", "month", "line", "files", "amount"])


def pay_twice(tracking: Tracking) -> pd.DataFrame:
    """Return the months of which both an extract of pay and other books hold the pay of a post: it counts twice.

    Returns
    -------
    pandas.DataFrame
        post, month, extract_files, booked_files (tuples), extract, booked [euros].
    """
    import numpy as np
    import pandas as pd

    from conseiller.analysis.tracking.booked import of_extract

    lines = tracking.attached.lines
    lines = lines[~lines["origin"].isin(set(tracking.left_out["origin"])) & (lines["side"] == "cost")]
    lines = lines[
        lines["line"].map(tracking.cells.lines).isin({t.line for t in tracking.cells.tracks if t.is_pay})
    ]
    about = lines["period"].where(lines["period"].notna(), lines["date"])
    lines = lines.assign(
        month=about.dt.to_period("M").dt.to_timestamp(),
        kind=np.where(of_extract(lines), "extract", "booked"),
    )
    rows = []
    for (post, month), group in lines.groupby(["post", "month"]):
        parts = {kind: mine for kind, mine in group.groupby("kind") if mine["cents"].sum()}
        if len(parts) == 2:
            found = [parts["extract"], parts["booked"]]
            files = [tuple(sorted(set(mine["file"]))) for mine in found]
            rows.append((post, month, *files, *(int(mine["cents"].sum()) / 100 for mine in found)))
    columns = ["post", "month", "extract_files", "booked_files", "extract", "booked"]
    return pd.DataFrame(rows, columns=columns)


def set_aside_reasons(tracking: Tracking) -> pd.DataFrame:
    """Return why lines are not in the tracking, by file.

    Returns
    -------
    pandas.DataFrame
        file, step ("reader", "rule", "attach" or "tracking"), reason, lines, total (spending − income)
        [euros].
    """
    import pandas as pd

    attached = tracking.attached
    parts = [
        ("attach", attached.unattached),
        ("rule", attached.aside),
        ("tracking", tracking.left_out.drop_duplicates("origin")),
    ]
    parts += [("reader", s.aside) for s in tracking.sources]
    rows = []
    for step, frame in parts:
        for (file, reason), group in frame.groupby(["file", "reason"], sort=True):
            rows.append((file, step, reason, len(group), _net(group) / 100))
    found = pd.DataFrame(rows, columns=["file", "step", "reason", "lines", "total"])
    return found.sort_values(["file", "step", "reason"], kind="stable").reset_index(drop=True)
