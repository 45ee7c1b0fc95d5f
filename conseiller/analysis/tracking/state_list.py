"""The State's own list of posts beside the dossier and the books: agreed and paid, post by post."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.analysis.tracking.tracking import Tracking

#: Stage under which the reader of the list keeps its amounts.
STAGE = "convention"
_COLUMNS = [
    "number",
    "post",
    "agreed_state",
    "agreed",
    "paid_state",
    "received",
    "agreed_gap",
    "received_gap",
]


def state_list(tracking: Tracking) -> pd.DataFrame:
    """Return what the State says of each post beside what the dossier and the books say.

    A number of the list is a post by ``postes_etat`` of the rules, or because it is the code of one.

    Returns
    -------
    pandas.DataFrame
        number; post ("" when the number is none of ours); ``agreed_state`` and ``paid_state`` (the list),
        ``agreed`` (all conventions of the post in the dossier) and ``received`` (by the books, else by the
        dossier), ``agreed_gap`` and ``received_gap``: ours less the State's [euros]. Empty when no list was read.
    """
    import pandas as pd

    from conseiller.analysis.tracking.conventions import balance

    read = tracking.state_read
    if read is None or "stage" not in read.columns or not (read["stage"] == STAGE).any():
        return pd.DataFrame(columns=_COLUMNS)
    mine = balance(tracking)
    ours = (mine[["agreed", "received"]] * 100).round().astype("int64").groupby(mine["post"]).sum()
    known = {p: p for p in tracking.plan.posts} | dict(tracking.rules.state_posts)
    sums = read[read["stage"] == STAGE].groupby("label", sort=True)[["voted_cents", "realised_cents"]].sum()
    rows = []
    for number, agreed, paid in sums.itertuples(name=None):
        post = known.get(str(number), "")
        due, got = (int(sums_of.get(post, 0)) for sums_of in (ours["agreed"], ours["received"]))
        figures = (int(agreed), due, int(paid), got, due - int(agreed), got - int(paid))
        rows.append((str(number), post, *(f / 100 for f in figures)))
    return pd.DataFrame(rows, columns=_COLUMNS)
