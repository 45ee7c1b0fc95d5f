"""The pay of a month as the books hold it: of one agent where they tell agents apart, else of the post."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from conseiller.analysis.slip import contracts_in
from conseiller.errors import InputFaults, fault
from conseiller.ledger.accounts import JOIN
from conseiller.messages import Lang
from conseiller.rules.totals import PAY_LINES

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from conseiller.dossier.schema import Post
    from conseiller.ledger.attach import Attached


@dataclass(frozen=True)
class BookedPay:
    """The pay of a month read from the books.

    Parameters
    ----------
    amounts : dict
        By tracked text of line [euros], as `calibrate` takes it.
    contracts : tuple of int
        Numbers of the contracts it is of; empty for all those of the month.
    """

    amounts: dict[str, float]
    contracts: tuple[int, ...] = ()


def pay_of(
    attached: Attached,
    post: str,
    month: date,
    contracts: Sequence[int] = (),
    payroll: str = "",
    lang: Lang = "fr",
) -> BookedPay:
    """Return the pay of a post in a month as the books hold it.

    Lines are those about the month: by their period, else by their date. Order operations and year-end
    entries are left out. Where an extract of pay and mandats both hold the month, the extract is taken: it says each
    item of the payslip. In a month that several contracts share, an agent is told by the payroll number
    of the lines: it is the agent of the contract under which that number was paid in the months that only
    this contract takes. A renewal, where one number is paid under both, gives both contracts.

    Parameters
    ----------
    attached : Attached
    post : str
    month : date
    contracts : sequence of int
        Contracts of the month whose pay is wanted; all by default.
    payroll : str
        Fingerprint of the payroll number wanted (see `conseiller.ledger.identity.hashed`); all by default.
    lang : {"fr", "en"}
        Language of the faults.

    Raises
    ------
    InputFaults
        When the books hold no pay of the month or of that number, or do not tell which pay is of which contract.
    """
    first = month.replace(day=1)
    pay = pay_lines(attached, post)
    now = pay[pay["month"] == np.datetime64(first, "s")]
    if now["extract"].any():
        now = now[now["extract"]]
    when = f"{first.year}-{first.month:02}"
    if now.empty:
        raise InputFaults([fault("tracking.fault.calibrate_no_pay", when, lang, post=post, month=when)], lang)
    if payroll and payroll not in set(now["payroll"]):
        raise InputFaults(
            [fault("tracking.fault.calibrate_payroll", when, lang, post=post, month=when)], lang
        )
    known = next((p for p in attached.plan.dossier.posts if p.code == post), None)
    there = contracts_in(known, first) if known else ()
    if len(there) < 2 or not (payroll or contracts):
        return BookedPay(_sums(now[now["payroll"] == payroll] if payroll else now), tuple(contracts))
    assert known is not None
    of = whose(pay, known, first)
    if payroll:
        if contracts or of[payroll]:
            return BookedPay(_sums(now[now["payroll"] == payroll]), tuple(contracts) or of[payroll])
        raise InputFaults([fault("tracking.fault.calibrate_whose", when, lang, post=post, month=when)], lang)
    return BookedPay(
        _sums(now[now["payroll"].isin(_numbers(of, contracts, when, post, lang))]), tuple(contracts)
    )


def _numbers(
    of: dict[str, tuple[int, ...]], contracts: Sequence[int], when: str, post: str, lang: Lang
) -> Collection[str]:
    """Return the payroll numbers of contracts, every number being known to be of them or of others."""
    mine = {n for n, found in of.items() if found and set(found) <= set(contracts)}
    apart = all(found and (n in mine or not set(found) & set(contracts)) for n, found in of.items())
    if mine and apart:
        return mine
    raise InputFaults([fault("tracking.fault.calibrate_apart", when, lang, post=post, month=when)], lang)


def whose(pay: pd.DataFrame, post: Post, month: date) -> dict[str, tuple[int, ...]]:
    """Return the contracts of a month that each payroll number paid in it is of; () where the books do not tell.

    A number is of the contract under which it was paid in the months that only this contract takes.

    Parameters
    ----------
    pay : DataFrame
        As `pay_lines` returns it.
    post : Post
    month : date
        First day of the month.
    """
    alone: dict[str, set[int]] = {}
    for number, day in zip(pay["payroll"], pay["month"], strict=True):
        if number and len(only := contracts_in(post, day.date())) == 1:
            alone.setdefault(str(number), set()).update(only)
    there = contracts_in(post, month)
    now = pay.loc[pay["month"] == np.datetime64(month, "s"), "payroll"]
    return {n: tuple(k for k in there if k in alone.get(n, ())) for n in sorted(set(now))}


def pay_lines(attached: Attached, post: str) -> pd.DataFrame:
    """Return the lines of pay of a post: payroll (fingerprint), line, cents, month, and whether of an extract."""
    lines = attached.lines
    lines = lines[
        (lines["post"] == post) & lines["kind"].isin(["ordinary", "reduction"]) & (lines["side"] == "cost")
    ]
    about = lines["period"].where(lines["period"].notna(), lines["date"]).to_numpy(dtype="datetime64[M]")
    pay = set(PAY_LINES)
    mine = np.array([set(text.split(JOIN)) <= pay for text in lines["line"]], dtype=bool) & ~np.isnat(about)
    found: pd.DataFrame = lines.loc[mine, ["payroll", "line", "cents"]].assign(
        month=about[mine].astype("datetime64[s]"), extract=of_extract(lines)[mine]
    )
    return found


def of_extract(lines: pd.DataFrame) -> NDArray[np.bool_]:
    """Say which lines come from an extract of pay: they have a payroll number or, of items of pay, no account."""
    found: NDArray[np.bool_] = ((lines["payroll"] != "") | (lines["account"] == "")).to_numpy(dtype=bool)
    return found


def _sums(lines: pd.DataFrame) -> dict[str, float]:
    sums = {str(k): int(c) / 100 for k, c in lines.groupby("line", sort=False)["cents"].sum().items()}
    return dict(sorted(sums.items(), key=lambda pair: PAY_LINES.index(pair[0].split(JOIN)[0])))
