"""The clocks of the State grant beside each other: earned, called, titled, received.

At each 31 December, what is earned and not titled is to be accrued (produit à
rattacher); what is titled and not yet earned is deferred (produit constaté
d'avance) while the financing runs, and to be given back once it has ended.
Conventions and posts never net against one another.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from conseiller.analysis.financing import Financing, earned, financings, instalments, whole_life
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.rules.totals import LEAVER_LINES

if TYPE_CHECKING:
    import pandas as pd

_CLOCKS = ("called", "titled", "received")
_BALANCES = ("to_accrue", "deferred", "to_give_back", "to_collect", "received_untitled")
_DAY = timedelta(days=1)


def earned_matrix(plan: Projection) -> pd.DataFrame:
    """Return the grant earned by grant year and exercice, over the whole life of the conventions.

    Returns
    -------
    pandas.DataFrame
        Index: grant year (convention and rank), posts added up; one column per exercice, and
        ``total`` [euros].
    """
    life = whole_life(plan)
    found = earned(life).pivot_table(
        index="grant_year", columns="exercice", values="cents", aggfunc="sum", fill_value=0
    )
    labels = _labels(financings(plan, life))
    years = sorted({*plan.exercices, *found.columns})
    found = found.reindex(index=labels, columns=years, fill_value=0).fillna(0).astype("int64")
    found.columns.name = None
    found.index.name = "grant_year"
    found["total"] = found.sum(axis=1)
    return found / 100


def year_end(plan: Projection) -> pd.DataFrame:
    """Return the balances at each 31 December, by post and convention.

    Returns
    -------
    pandas.DataFrame
        One row per exercice, post and convention (``code``) [euros]:

        - ``earned``, ``called``, ``titled``, ``received``: of the exercice;
        - the same with ``_to_date``: since the start of the financing, before the exercices shown
          as well;
        - ``to_accrue``: earned and not titled (produit à rattacher);
        - ``deferred``: titled and not yet earned (produit constaté d'avance);
        - ``to_give_back``: titled and never earned, the financing having ended;
        - ``to_collect``: titled and not received (reste à recouvrer);
        - ``received_untitled``: received before its titre (compte d'attente).
    """
    import pandas as pd

    life = whole_life(plan)
    funded = financings(plan, life)
    steps = pd.concat([earned(life).assign(clock="earned"), instalments(plan)], ignore_index=True)[
        ["post", "code", "clock", "exercice", "cents"]
    ]
    years = range(
        min([life.dossier.period.first, *steps["exercice"]]), max([*plan.exercices, *steps["exercice"]]) + 1
    )
    keys = [(f.post, f.code) for f in funded]
    cells = pd.MultiIndex.from_tuples(
        [(post, code, y) for post, code in dict.fromkeys(keys) for y in years],
        names=["post", "code", "exercice"],
    )
    wide = (
        steps.groupby(["post", "code", "exercice", "clock"])["cents"]
        .sum()
        .unstack("clock", fill_value=0)
        .reindex(index=cells, columns=["earned", *_CLOCKS], fill_value=0)
        .fillna(0)
        .astype("int64")
    )
    to_date = wide.groupby(level=["post", "code"]).cumsum()
    stops = {(f.post, f.code): f.stops for f in funded}
    over = pd.Series(
        [stops[post, code] <= date(y, 12, 31) + _DAY for post, code, y in cells], index=cells, dtype=bool
    )
    ahead = (to_date["titled"] - to_date["earned"]).clip(lower=0)
    found = wide.join(to_date.add_suffix("_to_date")).assign(
        to_accrue=(to_date["earned"] - to_date["titled"]).clip(lower=0),
        deferred=ahead.where(~over, 0),
        to_give_back=ahead.where(over, 0),
        to_collect=(to_date["titled"] - to_date["received"]).clip(lower=0),
        received_untitled=(to_date["received"] - to_date["titled"]).clip(lower=0),
    )
    found.columns.name = None
    found = (found / 100).reset_index()
    return found[found["exercice"].isin(plan.exercices)].reset_index(drop=True)


def bridge(plan: Projection) -> pd.DataFrame:
    """Return what leads, each exercice, from the grant years to the books.

    Returns
    -------
    pandas.DataFrame
        Index: exercice [euros]. First one column per grant year (``V2-1``…), what it earns in the
        exercice; then the columns of `year_end`, added up over posts and conventions.
    """
    matrix = earned_matrix(plan).drop(columns="total").T
    balances = year_end(plan).drop(columns=["post", "code"])
    sums = (balances.set_index("exercice") * 100).round().astype("int64").groupby(level=0).sum() / 100
    sums = sums.reindex(plan.exercices, fill_value=0.0)
    found = matrix.reindex(plan.exercices, fill_value=0.0).join(sums)
    found.index.name = "exercice"
    found.columns.name = None
    return found


def convention_balance(plan: Projection, at: date | None = None) -> pd.DataFrame:
    """Return where each convention stands, post by post.

    Parameters
    ----------
    plan : Projection
    at : date, optional
        Day of the balance; the date of the report by default. Grant and pay are counted for the
        months ended on that day.

    Returns
    -------
    pandas.DataFrame
        One row per post and convention (``code``) [euros]:

        - ``agreed``: what the convention grants a post that is never vacant;
        - ``projected``: what will have been earned at the end of the financing;
        - ``earned``, ``called``, ``titled``, ``received``: up to `at`;
        - ``left_to_claim``: projected and not called yet;
        - ``received_beyond_earned``: received and not earned yet;
        - ``beyond_pay``: earned beyond the pay it is reserved for, in the months shown;
        - ``exposed``: received and not justified on that day, both reasons together;
        - ``papers``: codes of what is still to be sent (see `papers`);

        and ``reference``, ``start``, ``end`` (last day that can earn).
    """
    import pandas as pd

    at = at or plan.report_date
    ended = at + _DAY
    full = date(ended.year, ended.month, 1)
    life = whole_life(plan)
    grant, steps = earned(life), instalments(plan)
    projected = _sums(grant)
    acquired = _sums(grant[grant["month"] < pd.Timestamp(full)])
    done = {c: _sums(steps[(steps["clock"] == c) & (steps["day"].map(lambda d: d <= at))]) for c in _CLOCKS}
    spent = pay_by_financing(plan, before=full)
    rows = []
    for f in financings(plan, life):
        key = (f.post, f.code)
        to_date = {c: done[c].get(key, 0) for c in _CLOCKS}
        due, right = projected.get(key, 0), acquired.get(key, 0)
        funded, pay = spent[key]
        beyond = max(funded - pay, 0)
        row = {
            "agreed": round(f.agreed * 100),
            "projected": due,
            "earned": right,
            **to_date,
            "left_to_claim": max(due - to_date["called"], 0),
            "received_beyond_earned": max(to_date["received"] - right, 0),
            "beyond_pay": beyond,
            "exposed": max(to_date["received"] - right + beyond, 0),
        }
        rows.append(
            {"post": f.post, "code": f.code, "reference": f.convention.reference}
            | {"start": f.start, "end": f.last_day}
            | {name: amount / 100 for name, amount in row.items()}
            | {"papers": _papers(plan, f, at)}
        )
    columns = ["post", "code", "reference", "start", "end", "agreed", "projected", "earned", *_CLOCKS]
    columns += ["left_to_claim", "received_beyond_earned", "beyond_pay", "exposed", "papers"]
    return pd.DataFrame(rows, columns=columns)


def pay_by_financing(plan: Projection, before: date | None = None) -> dict[tuple[str, str], tuple[int, int]]:
    """Return the grant earned and the pay of its grant years, by post and convention, in the months shown.

    Pay is what the grant is reserved for: pay lines and charges of the post, unused leave and
    complementary protection included, unemployment allowances left out.

    Parameters
    ----------
    plan : Projection
    before : date, optional
        Count only months that begin before this day.

    Returns
    -------
    dict
        (post, convention code) to (grant earned, pay) [cents].
    """
    import pandas as pd

    table = plan.table
    table = table[table["clock"].isin(["engaged", "earned"])]
    if before is not None:
        table = table[table["month"] < pd.Timestamp(before)]
    found = {(f.post, f.code): [0, 0] for f in financings(plan)}
    code = {y.label: y.code for years in plan.grant_years for y in years}
    pay = {line.code for line in plan.lines() if line.side == "cost" and line.group != "autres_couts"}
    pay.difference_update(LEAVER_LINES)
    for column, lines in ((0, {"subvention_etat"}), (1, pay)):
        mine = table[table["line"].isin(lines) & table["grant_year"].isin(code)]
        euro_cents = (mine["amount"] * 100).round().astype("int64")
        for key, amount in _sums(mine.assign(code=mine["grant_year"].map(code), cents=euro_cents)).items():
            found[key][column] = amount
    return {key: (grant, cost) for key, (grant, cost) in found.items()}


def papers(codes: Iterable[str], lang: Lang = "fr") -> list[str]:
    """Return in words the papers that `convention_balance` lists."""
    return [tr(f"analysis.paper.{code}", lang) for code in codes]


def _papers(plan: Projection, f: Financing, at: date) -> tuple[str, ...]:
    """Return what is still to be sent for a financing: the dossier does not say what has been sent."""
    post = next(p for p in plan.dossier.posts if p.code == f.post)
    left = any(c.end is not None and f.start <= c.end <= at and c.end < f.stated_end for c in post.contracts)
    joined = any(f.start < c.start <= min(at, f.stated_end) for c in post.contracts)
    calls = any(i.called is None or i.called > at for i in f.convention.instalments)
    due = {
        "call": calls or not f.convention.instalments,
        "departure": left,
        "recruit": joined,
        "give_back": f.lost_on is not None and f.lost_on <= at,
        "final": True,
    }
    return tuple(code for code, needed in due.items() if needed)


def _sums(rows: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Return cents by post and convention."""
    sums = rows.groupby(["post", "code"])["cents"].sum()
    return dict(zip(sums.index.to_list(), sums.to_list(), strict=True))


def _labels(funded: Iterable[Financing]) -> list[str]:
    """Return the grant years of all financings, each once, in the order of the dossier."""
    return list(dict.fromkeys(label for f in funded for label in f.labels))
