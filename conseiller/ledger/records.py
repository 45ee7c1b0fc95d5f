"""What a ledger tells of its additions: each file added, what it changed in the others, what all of them come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from conseiller.ledger.reading import Remark


@dataclass(frozen=True)
class Addition:
    """One file added.

    Parameters
    ----------
    number : int
        Number by which it can be undone; never used twice.
    file, format, sha256, scope, issued : str
        As its `Reading` says.
    added : str
        Moment it was added, local time, ISO.
    rows : int
        Data rows of the file.
    kept, same, replaced, withdrawn : int
        Its lines by what became of them (see `conseiller.ledger.reconcile`); for a budget, its rows of credits.
    aside : int
        Its lines set aside.
    cost_cents, funding_cents : int
        Sum of its lines that stand.
    remarks : tuple of Remark
    """

    number: int
    file: str
    format: str
    sha256: str
    scope: str
    issued: str
    added: str
    rows: int
    kept: int
    same: int
    replaced: int
    withdrawn: int
    aside: int
    cost_cents: int
    funding_cents: int
    remarks: tuple[Remark, ...]


@dataclass(frozen=True)
class Change:
    """What an addition did to the lines of another file.

    Parameters
    ----------
    file : str
        The other file.
    state : {"same", "replaced", "withdrawn"}
    lines : int
        How many of its lines no longer stand for that reason.
    cents : int
        Their sum.
    """

    file: str
    state: str
    lines: int
    cents: int


class Sum(NamedTuple):
    """What the lines of one exercice and one kind of books come to.

    Parameters
    ----------
    exercice : int or None
        None where it is not known.
    kind : {"cost", "pay", "funding", "received", ""}
        Mandats; pay extracts, which say again what mandats of pay say; titres; payments received, which say again what
        titres say; lines without a side.
    lines : int
    cents : int
    """

    exercice: int | None
    kind: str
    lines: int
    cents: int


@dataclass(frozen=True)
class Outcome:
    """What adding one file did.

    Parameters
    ----------
    addition : Addition
        The addition; the earlier one when the same bytes were already there.
    known : bool
        Whether the same bytes were already there, and nothing was done.
    changes : tuple of Change
        What it changed in files added earlier.
    """

    addition: Addition
    known: bool
    changes: tuple[Change, ...] = ()
