"""From file to report: nothing disappears. Each source file, what was read, kept, tied, set aside, and the totals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.analysis.tracking.tracking import Tracking
    from conseiller.ledger.reading import Reading

#: Columns of the reconciliation, by file. Amounts are spending − income [euros].
RECONCILED = (
    "file",
    "rows",
    "kept",
    "set_aside",
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


def reconciliation(tracking: Tracking, readings: Iterable[Reading] = ()) -> pd.DataFrame:
    """Return, file by file, what became of every line.

    Parameters
    ----------
    tracking : Tracking
    readings : iterable of Reading
        The files as they were read; without them, rows met and lines set aside by readers are not known.

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
    read = {str(r.path.name): r for r in readings}
    files = sorted({*(f for g in groups.values() for f in g["file"].unique()), *read})
    rows = []
    for file in files:
        counts = {n: int(g.loc[g["file"] == file, "origin"].nunique()) for n, g in groups.items()}
        totals = {f"{n}_total": _net(g[g["file"] == file]) for n, g in groups.items()}
        reading = read.get(file)
        kept = len(reading.lines) if reading else sum(counts.values())
        total = _net(reading.lines) if reading else sum(totals.values())
        controls = reading.controls if reading else ()
        rows.append(
            {"file": file, "rows": reading.rows if reading else kept, "kept": kept}
            | {"set_aside": len(reading.aside) if reading else 0}
            | counts
            | {"total": total / 100}
            | {n: c / 100 for n, c in totals.items()}
            | {"controls": len(controls), "controls_hold": sum(c.holds for c in controls)}
            | {"ties": kept == sum(counts.values()) and total == sum(totals.values())}
        )
    return pd.DataFrame(rows, columns=list(RECONCILED))


def _net(frame: pd.DataFrame) -> int:
    cost = frame.loc[frame["side"] == "cost", "cents"].sum()
    return int(cost) - int(frame.loc[frame["side"] != "cost", "cents"].sum())


def set_aside_reasons(tracking: Tracking, readings: Iterable[Reading] = ()) -> pd.DataFrame:
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
    parts += [("reader", r.aside) for r in readings]
    rows = []
    for step, frame in parts:
        for (file, reason), group in frame.groupby(["file", "reason"], sort=True):
            rows.append((file, step, reason, len(group), _net(group) / 100))
    found = pd.DataFrame(rows, columns=["file", "step", "reason", "lines", "total"])
    return found.sort_values(["file", "step", "reason"], kind="stable").reset_index(drop=True)
