"""Words the faults of a file of books: texts under ``books.fault.<code>``, the place beside the file's name."""

from __future__ import annotations

from pathlib import Path

from conseiller import errors
from conseiller.errors import Fault, InputFaults
from conseiller.ledger.text_cells import text_of
from conseiller.messages import Lang, tr
from conseiller.text import clipped


def place(path: Path, where: str, lang: Lang) -> str:
    """Return how a place of a file is named to a reader; a bare number is that of a line."""
    if where.isdecimal():
        return tr("books.place_line", lang, file=path.name, line=where)
    return tr("books.place", lang, file=path.name, where=where) if where else path.name


def fault(code: str, path: Path, lang: Lang, where: str = "", /, **values: object) -> Fault:
    """Return one fault of a file; `values` fill the placeholders of its message and of its remedy."""
    return errors.fault(f"books.fault.{code}", place(path, where, lang), lang, **values)


def cell_fault(code: str, path: Path, lang: Lang, where: str, /, column: str, found: object) -> Fault:
    """Return the fault of one cell of a table: its column and what was found there, cut where it is long."""
    return fault(code, path, lang, where, column=column, found=clipped(text_of(found)))


def refusal(code: str, path: Path, lang: Lang, where: str = "", /, **values: object) -> InputFaults:
    """Return the refusal of a file for one reason."""
    return InputFaults([fault(code, path, lang, where, **values)], lang)


def unreadable(path: Path, lang: Lang, error: OSError) -> InputFaults:
    """Return the refusal of a file that the system does not let be read, its reason in the reader's language."""
    known: tuple[tuple[type[OSError], str], ...] = (
        (FileNotFoundError, "missing"),
        (PermissionError, "rights"),
        (IsADirectoryError, "folder"),
    )
    said = next((tr(f"books.unread.{code}", lang) for kind, code in known if isinstance(error, kind)), "")
    return refusal("unreadable", path, lang, "", reason=said or error.strerror or str(error))
