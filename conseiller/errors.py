"""Faults of what an officer gave: all of them together, each with its place and its remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from conseiller.messages import Lang, tr


@dataclass(frozen=True)
class Fault:
    """One fault, in the reader's language.

    Parameters
    ----------
    message : str
        What is wrong.
    where : str
        File and line, or file, sheet and cell.
    remedy : str
        What to do about it.
    code : str
        Short stable name of the kind of fault, for programs and tests.
    """

    message: str
    where: str
    remedy: str
    code: str


def fault(key: str, where: str, lang: Lang, /, **values: object) -> Fault:
    """Return a fault in the words of the catalogue.

    Parameters
    ----------
    key : str
        Its texts stand under ``<key>.message`` and ``<key>.remedy``; its code is the last part of the key.
    where : str
        File and line, or file, sheet and cell.
    lang : {"fr", "en"}
    **values
        What fills the placeholders of both texts.
    """
    message, remedy = (tr(f"{key}.{part}", lang, **values) for part in ("message", "remedy"))
    return Fault(message, where, remedy, key.rpartition(".")[2])


class InputFaults(Exception):  # noqa: N818 (a report of several faults, not one error)
    """What an officer gave cannot be used; carries every fault found.

    Parameters
    ----------
    faults : iterable of Fault
        At least one.
    lang : {"fr", "en"}
        Language of the heading.
    undone : {"computed", "booked"}
        What the heading says was left undone: nothing computed, or nothing changed in the ledger.
    """

    #: Status with which the command line ends: the input is at fault, not the program.
    exit_status = 2

    def __init__(
        self, faults: Iterable[Fault], lang: Lang = "fr", undone: Literal["computed", "booked"] = "computed"
    ) -> None:
        self.faults = tuple(faults)
        self.lang: Lang = lang
        self.undone = undone
        super().__init__(self.faults)

    def __str__(self) -> str:
        """Return the numbered report."""
        count = len(self.faults)
        undone = tr(f"common.undone.{self.undone}", self.lang)
        remedy = tr("common.faults.remedy", self.lang)
        heading = tr(
            f"common.faults.{'one' if count == 1 else 'many'}", self.lang, count=count, undone=undone
        )
        lines = [heading]
        for number, fault in enumerate(self.faults, start=1):
            margin = " " * len(f"{number}. ")
            lines += [
                "",
                f"{number}. {fault.where}",
                margin + fault.message,
                f"{margin}{remedy} {fault.remedy}",
            ]
        return "\n".join(lines)
