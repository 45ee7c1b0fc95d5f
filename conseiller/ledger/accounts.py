"""From an account of the books to lines of the plan, in the right chart of accounts.

Codes are prefixes of a tree: 6451100 is a 6451, and 6413 of an abridged chart holds all of 6413x. The same
number may mean something else in another chart (6512, 2185): each meaning has its own row in
``law/tables/correspondances.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from conseiller.dossier.reading import folded

if TYPE_CHECKING:
    from conseiller.projection import Projection

How = Literal["file", "rule", "account", "parent", "translated", "usage", "refund", "label", "none"]
#: Joins the plan lines that one ledger line may stand for.
JOIN = "+"
#: Begins the line of what the plan of a post does not hold, followed by the account.
OUTSIDE_PLAN = "hors_plan_"
NO_ACCOUNT = "sans_compte"


@dataclass(frozen=True)
class Lines:
    """Plan lines an account stands for, and how they were found."""

    codes: tuple[str, ...]
    how: How

    @property
    def text(self) -> str:
        """The lines as the ledger holds them."""
        return JOIN.join(self.codes)


@cache
def correspondences() -> Mapping[str, Any]:
    """Return the table of correspondences, read once."""
    text = files("conseiller.law").joinpath("tables", "correspondances.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def translate(account: str, chart: str, to: str) -> str | None:
    """Return an account in another chart, None where the other chart has nothing of that meaning.

    Parameters
    ----------
    account : str
    chart : {"M14", "M57D", "M57A", "PCG"}
        Chart the account is read in; "" stands for `to`.
    to : str
        Chart wanted.

    Examples
    --------
    >>> translate("6512", "M14", "M57D"), translate("2185", "M14", "M57D"), translate("64131", "M14", "M57D")
    ('65811', None, '64131')
    """
    if chart in ("", to):
        return account
    best: tuple[int, str] | None = None
    for row in correspondences()["equivalence"]:
        here, there = row["comptes"].get(chart), row["comptes"].get(to)
        if chart in row.get("replie", ()):  # an account that gathers several tells none of them
            continue
        if here and there is not None and account.startswith(here) and (best is None or len(here) > best[0]):
            # A local subdivision keeps its digits only where the number itself does not change.
            best = (len(here), account if there == here else there)
    if best is None:
        return account
    return best[1] or None


def _words(text: str) -> str:
    """Return the words of a text, each between two marks, without case, accents or punctuation."""
    return f"_{re.sub('[^a-z0-9]+', '_', folded(text)).strip('_')}_"


class PlanAccounts:
    """The accounts of a plan, as a tree of prefixes, for each post.

    Parameters
    ----------
    plan : Projection
    """

    def __init__(self, plan: Projection) -> None:
        self.chart: str = plan.dossier.authority.chart
        self._order = {line.code: rank for rank, line in enumerate(plan.lines())}
        self._sides: dict[str, str] = {line.code: line.side for line in plan.lines()}
        self._used = used_lines(plan)
        self._by_account: dict[str, set[str]] = {}
        items = {"autres_couts", "autres_financements"}
        for line in plan.lines():
            if line.code in plan.law.lines and line.code not in items:
                catalogue = plan.law.lines[line.code]
                accounts = {plan.account_of(catalogue, s) for s in ("contractuel", "titulaire")}
            else:
                accounts = {line.account}
            for account in accounts:
                self._by_account.setdefault(account, set()).add(line.code)
        self._found: dict[tuple[str, str, str, str], Lines] = {}

    def lines_of(self, account: str, chart: str, side: str, post: str) -> Lines:
        """Return the lines of a post's plan that an account stands for.

        Parameters
        ----------
        account : str
        chart : str
            Chart of the line; "" for the dossier's.
        side : {"cost", "funding"}
        post : str

        Returns
        -------
        Lines
            Never empty: what the plan does not hold is ``hors_plan_<account>``, found by "none".
        """
        key = (account, chart, side, post)
        if key not in self._found:
            self._found[key] = self._find(*key)
        return self._found[key]

    def lines_of_label(self, label: str, post: str) -> Lines:
        """Return the pay lines of a post that an item of pay without account stands for, by its label.

        Returns
        -------
        Lines
            Found by "label"; else ``hors_plan_sans_compte``, found by "none".
        """
        said = _words(label)
        for row in correspondences()["rubrique"]:
            if any(_words(w) in said for w in row["mots"]):
                if found := self._kept(row["lignes"], "cost", post):
                    return Lines(found, "label")
                break
        return Lines((f"{OUTSIDE_PLAN}{NO_ACCOUNT}",), "none")

    def _find(self, account: str, chart: str, side: str, post: str) -> Lines:
        for row in correspondences()["remboursement"]:
            if account.startswith(row["compte"]):
                return Lines((row["ligne"],), "refund")
        here = translate(account, chart, self.chart)
        if here:
            how: How = "account" if here == account else "translated"
            if found := self._under(here, side, post):
                return Lines(found, how)
            held = [c for a, codes in self._by_account.items() if a.startswith(here) for c in codes]
            if found := self._kept(held, side, post):
                return Lines(found, "parent")
            for row in correspondences()["usage"]:
                if row["ligne"] in self._used[post] and here.startswith(tuple(row["comptes"])):
                    return Lines(self._kept([row["ligne"]], side, post) or (row["ligne"],), "usage")
        return Lines((f"{OUTSIDE_PLAN}{account or NO_ACCOUNT}",), "none")

    def _under(self, account: str, side: str, post: str) -> tuple[str, ...]:
        """Return the lines on the longest account of the plan that begins this one."""
        for length in range(len(account), 1, -1):
            if (codes := self._by_account.get(account[:length])) and (found := self._kept(codes, side, post)):
                return found
        return ()

    def _kept(self, codes: Iterable[str], side: str, post: str) -> tuple[str, ...]:
        """Return lines of a side in reading order: those the post's plan uses, else all those it could."""
        mine = sorted({c for c in codes if self._sides[c] == side}, key=self._order.__getitem__)
        used = [c for c in mine if c in self._used[post]]
        # An item of the dossier belongs to the posts that share it, and to no other.
        open_to = [c for c in mine if not c.startswith(("cout_", "financement_"))]
        return tuple(used or open_to)


def used_lines(plan: Projection) -> dict[str, set[str]]:
    """Return, by post, the lines on which its plan holds an amount."""
    table = plan.table
    table = table[table["clock"].isin(["engaged", "earned"]) & (table["amount"] != 0)]
    found: dict[str, set[str]] = {post: set() for post in plan.posts}
    for post, line in table[["post", "line"]].drop_duplicates().itertuples(index=False):
        found[str(post)].add(str(line))
    return found


def refund_label(line: str, lang: Literal["fr", "en"]) -> str:
    """Return the name of a line of refunds, "" when it is none."""
    rows = correspondences()["remboursement"]
    return next((str(row["label"][lang]) for row in rows if row["ligne"] == line), "")
