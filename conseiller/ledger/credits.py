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


def chart_of(nomenclature: str) -> str:
    """Return the chart of accounts of a budget: M57D, M57A, M14, or nothing for another (M4, M22…).

    Examples
    --------
    >>> chart_of("M57-M57_A"), chart_of("M57-M57_D"), chart_of("M14-M14_COM_SUP3500"), chart_of("M4-M43_D")
    ('M57A', 'M57D', 'M14', '')
    """
    norm, _, variant = nomenclature.upper().strip().partition("-")
    if norm == "M57":
        return "M57A" if variant.endswith("_A") else "M57D"
    return "M14" if norm == "M14" else ""


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


def turned(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    """Return rows as columns, empty ones where there is no row."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def scope_of(holder: str, number: str = "") -> str:
    """Return the name of a document of budget: its holder (SIRET), and its number for a décision modificative."""
    return "|".join(("budget", "".join(holder.split()), *([f"DM{number}"] if number else [])))
