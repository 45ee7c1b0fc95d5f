"""Tells the lines of a table from what is printed among them: totals, amounts carried forward, titles, headers again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Literal

from conseiller.ledger.cells import plain, text_of
from conseiller.ledger.headers import words

#: Why a row of a table is set aside; "" for one to keep.
Reason = Literal[
    "",
    "blank",
    "header",
    "grand_total",
    "subtotal",
    "carried_forward",
    "cumulative",
    "unlabelled",
    "no_amount",
    "heading",
]

_TOTAL = re.compile(
    r"(?:sous |s |ss )?tota(?:l|ux)\b|montant total\b|cumul\b|a reporter\b|reports?\b|soldes?\b"
)
_CARRIED = re.compile(r"a reporter\b|reports?\b")
_SUB = re.compile(r"(?:sous|s|ss) tota(?:l|ux)\b")
_HEADING = re.compile(
    r"(?P<word>compte|nature|article|imputation|chapitre|chap|service|fonction|antenne)?\s*(?:n\s*°\s*)?:?\s*"
    r"(?P<code>[A-Za-z]?\d{2,10}|[A-Z]{2,8})(?=$|\s|-|:|–|\.)(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_CODE = re.compile(r"[A-Za-z]?\s*(\d(?:[\d. ]*\d)?)(?:$|\s*[-–:/]|\s+\D|\.\s*$)")
_COLUMN_OF = {
    "": "account",
    "compte": "account",
    "nature": "account",
    "article": "account",
    "imputation": "account",
    "chapitre": "chapter",
    "chap": "chapter",
    "service": "service",
    "antenne": "service",
    "fonction": "function",
}


_YEAR = re.compile(r"(?:19|20)\d\d")


@cache
def _everything() -> frozenset[str]:
    """Return the words a printed total may carry and still be that of everything, or of one side."""
    return frozenset(words()["totals"]["everything"])


def account_of(text: str) -> str:
    """Return the digits of an account as a cell writes it, "" when it holds none.

    Examples
    --------
    >>> [account_of(t) for t in ("6413", "64131 - Rémunérations", "H60625100", "Total", "64 131")]
    ['6413', '64131', '60625100', '', '64131']
    """
    found = _CODE.match(text)
    return found[1].replace(".", "").replace(" ", "") if found else ""


def code_of(text: str) -> str:
    """Return the code that begins a cell such as "012 - Charges de personnel".

    Examples
    --------
    >>> code_of("012 - Charges de personnel"), code_of("NUM"), code_of("011")
    ('012', 'NUM', '011')
    """
    found = re.match(r"(\d{1,6})\s*[-–:]\s*\D", text)
    return found[1] if found else text


@lru_cache(4096)
def is_total(text: str) -> bool:
    """Tell whether a text begins as a printed total does."""
    return bool(_TOTAL.match(plain(text)))


@dataclass(frozen=True)
class Printed:
    """What a row that is no line says.

    Parameters
    ----------
    reason : Reason
    column, code : str
        For a heading: the column it gives to the lines under it, and the value.
    side : {"", "cost", "funding"}
        For a total: the side it adds up.
    text : str
        The first words of the row.
    """

    reason: Reason
    column: str = ""
    code: str = ""
    side: Literal["", "cost", "funding"] = ""
    text: str = ""


def judge(
    cells: Sequence[object],
    headings: Iterable[str],
    has_money: bool,
    numbered: bool,
    dated: bool,
    has_account: bool,
) -> Printed:
    """Say what a row is that does not look like every other line.

    Parameters
    ----------
    cells : sequence
        All cells of the row.
    headings : iterable of str
        Headings of the columns, in plain words.
    has_money, numbered, dated, has_account : bool
        Whether it has an amount; a number of pièce or the like; a date; an account.
    """
    texts = [t for t in map(text_of, cells) if t]
    if not texts:
        return Printed("blank")
    return replace(_judged(texts, headings, has_money, numbered, dated, has_account), text=texts[0])


def _judged(
    texts: Sequence[str],
    headings: Iterable[str],
    has_money: bool,
    numbered: bool,
    dated: bool,
    has_account: bool,
) -> Printed:
    said = [plain(t) for t in texts]
    if len(said) > 1 and all(s in headings for s in said if s):
        return Printed("header")
    if not numbered:
        printed = next((_total(s) for s in said if _TOTAL.match(s)), None)
        if printed is not None:
            return printed
    if not has_money:
        return Printed("no_amount") if numbered or dated else _heading(texts)
    return Printed("" if numbered or dated or has_account else "unlabelled")


def _total(said: str) -> Printed:
    if _CARRIED.match(said):
        return Printed("carried_forward")
    if said.startswith("cumul") or said.startswith("solde"):
        return Printed("cumulative")
    said_words = set(said.split())
    if _SUB.match(said) or not said_words <= _everything() | {w for w in said_words if _YEAR.fullmatch(w)}:
        return Printed("subtotal")
    spent = bool({"depenses", "depense", "mandats"} & said_words)
    received = bool({"recettes", "recette", "titres"} & said_words)
    if spent == received:
        return Printed("grand_total")
    return Printed("grand_total", side="cost" if spent else "funding")


def _heading(texts: Sequence[str]) -> Printed:
    """Read a row that names an account, a chapter or a service for the lines under it."""
    whole = " ".join(texts)
    found = _HEADING.fullmatch(whole) if len(texts) <= 3 else None
    if found is None or not (found["word"] or found["code"][-1].isdigit()):
        return Printed("no_amount")
    column = _COLUMN_OF[plain(found["word"] or "")]
    code = account_of(found["code"]) if column == "account" else found["code"]
    if column == "account" and len(code) < 3:
        return Printed("heading")
    return Printed("heading", column, code)
