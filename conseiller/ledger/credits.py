"""What documents of budget say of a line: section, chart of accounts, credit, and what document they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

Stage = Literal["BP", "DM", "BS", "CA", "CFU"]
STAGES: tuple[Stage, ...] = get_args(Stage)
#: Stages that state what was done; the others state what may be done.
CLOSED: tuple[Stage, ...] = ("CFU", "CA")


def section_of(account: str, stated: str = "") -> str:
    """Return the section of a line: as it states it, else from its account (classes 6 and 7, results, virements).

    Examples
    --------
    >>> section_of("74718"), section_of("002"), section_of("2183"), section_of("023"), section_of("")
    ('fonctionnement', 'fonctionnement', 'investissement', 'fonctionnement', '')
    """
    by_letter = {"F": "fonctionnement", "I": "investissement"}
    if stated in by_letter:
        return by_letter[stated]
    if not account:
        return ""
    running = account[0] in "67" or account in {"002", "022", "023"}
    return "fonctionnement" if running else "investissement"


#: Results brought forward, unforeseen spending, transfers between sections, sales of assets: chapters of their own.
_OWN_CHAPTER = frozenset({"001", "002", "020", "021", "022", "023", "024"})


def chapter_of(account: str, stated: str) -> str:
    """Return the chapter of a line: as it states it, else the account where that is a chapter of its own.

    Examples
    --------
    >>> chapter_of("64131", "012"), chapter_of("002", ""), chapter_of("74718", "")
    ('012', '002', '')
    """
    return stated or (account if account in _OWN_CHAPTER else "")


def chart_of(nomenclature: str) -> str:
    """Return the chart of accounts of a budget: M57D, M57A, M14, or nothing for another (M4, M22…).

    Examples
    --------
    >>> chart_of("M57-M57_A"), chart_of("M57_A"), chart_of("M57-M57_D"), chart_of("M14-M14_COM_SUP3500")
    ('M57A', 'M57A', 'M57D', 'M14')
    >>> chart_of("M4-M43_D")
    ''
    """
    code = nomenclature.upper().strip()
    if code.startswith("M57"):
        return "M57A" if code.endswith("_A") else "M57D"
    return "M14" if code.startswith("M14") else ""


def credit_of(
    stage: Stage, opened: int | None, carried: int | None, voted: int | None, proposed: int | None
) -> int:
    """Return the credit of one line [cents].

    Parameters
    ----------
    stage : {"BP", "DM", "BS", "CA", "CFU"}
        Kind of document.
    opened : int or None
        Credit opened (CredOuv): what a compte states; other documents may state sums of another kind there.
    carried : int or None
        Restes à réaliser brought forward (MtRARPrec).
    voted, proposed : int or None
        Voted in this document (MtPrev), or proposed where no vote is told (MtPropNouv).
    """
    if opened is not None and stage in CLOSED:
        return opened
    here = voted if voted is not None else proposed
    return (carried or 0) + (here or 0)


def realised_of(stage: Stage, stated: int | None) -> int:
    """Return what was done of one line [cents]: what a compte states.

    A budget states the result of the year before in the same place (accounts 001 and 002), which nobody spends or
    receives in this one.
    """
    return (stated or 0) if stage in CLOSED else 0


def turned(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    """Return rows as columns, empty ones where there is no row."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def scope_of(holder: str, number: str = "") -> str:
    """Return the name of a document of budget: its holder (SIRET), and its number for a décision modificative."""
    return "|".join(("budget", "".join(holder.split()), *([f"DM{number}"] if number else [])))
