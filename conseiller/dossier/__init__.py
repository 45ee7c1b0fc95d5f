"""The case a finance officer states: its records, its forms, and every check before a figure is computed.

`load` reads a folder, a TOML file or the Excel form; `save` writes TOML. Both
forms go through the same schema and the same rules (`conseiller.dossier.check`).
"""

from __future__ import annotations

import os
import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conseiller.dossier.beside import near
from conseiller.dossier.schema import (
    Assumption,
    Authority,
    Contract,
    Convention,
    Dossier,
    EmployerRates,
    Instalment,
    Item,
    LineAccounts,
    PayTerm,
    Period,
    Post,
    Tranche,
)
from conseiller.errors import Fault, InputFaults, fault
from conseiller.messages import Lang

if TYPE_CHECKING:
    from conseiller.law import Law

__all__ = [
    "Assumption",
    "Authority",
    "Contract",
    "Convention",
    "Dossier",
    "EmployerRates",
    "Instalment",
    "Item",
    "LineAccounts",
    "PayTerm",
    "Period",
    "Post",
    "Tranche",
    "faults",
    "load",
    "save",
    "warnings",
]

#: What a folder may hold, the first found being read.
FILES = ("dossier.toml", "dossier.xlsx")


#: The form that this version reads and writes.
_VERSION = 1


def load(path: str | os.PathLike[str], lang: Lang = "fr") -> Dossier:
    """Read a case and check it.

    Parameters
    ----------
    path : path
        A folder holding ``dossier.toml`` (or ``dossier.xlsx``), a TOML file, or an Excel form.
    lang : {"fr", "en"}
        Language of the faults.

    Raises
    ------
    InputFaults
        With every fault found, each with its file and line, or file, sheet and cell.
    """
    from conseiller.dossier.check import build
    from conseiller.law import load_law

    file = _found(Path(path), lang)
    law = load_law()
    if file.suffix.lower() == ".toml":
        from conseiller.dossier.toml_form import read_toml

        plain, locate = read_toml(file, lang)
    else:
        # By name: the case must stay readable without loading what reads workbooks.
        reader = import_module("conseiller.workbook.reader")
        plain, locate = reader.read_workbook(file, law, lang)
    version = plain.get("version")
    if type(version) is int and version > _VERSION:
        where = locate(("version",))
        values = {"found": version, "known": _VERSION}
        raise InputFaults([fault("dossier.fault.later_version", where, lang, **values)], lang)
    return build(plain, locate, law, lang, excel=file.suffix.lower() != ".toml")


def save(dossier: Dossier, path: str | os.PathLike[str], lang: Lang = "fr") -> Path:
    """Write a case as TOML and return the file written.

    Parameters
    ----------
    dossier : Dossier
        The case.
    path : path
        A TOML file, or a folder in which ``dossier.toml`` is written.
    lang : {"fr", "en"}
        Language of the comments in the file.

    Raises
    ------
    InputFaults
        When the path is of another kind, or cannot be written.
    """
    from conseiller.dossier.toml_form import to_toml

    file = Path(path)
    if file.is_dir() or not file.suffix:
        file = file / FILES[0]
    if file.suffix.lower() != ".toml":
        raise _refused("save_kind", file, lang, suffix=file.suffix)
    text = to_toml(dossier, lang)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _replace(file, text)
    except OSError as refusal:
        raise _refused("unwritable", file, lang, reason=refusal.strerror or str(refusal)) from None
    return file


def faults(dossier: Dossier, law: Law | None = None, lang: Lang = "fr") -> tuple[Fault, ...]:
    """Return the faults of a case made in Python (see `conseiller.dossier.check.faults`)."""
    from conseiller.dossier.check import faults as check

    return check(dossier, law, lang)


def warnings(
    dossier: Dossier, law: Law | None = None, lang: Lang = "fr", *, projected: bool = False
) -> list[str]:
    """Return what to say of a sound case (see `conseiller.dossier.notices.warnings`)."""
    from conseiller.dossier.notices import warnings as notices

    return notices(dossier, law, lang, projected=projected)


def _replace(file: Path, text: str) -> None:
    """Write beside the file, then put in its place: an interrupted write leaves the old file whole."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".toml")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _found(path: Path, lang: Lang) -> Path:
    """Return the file to read."""
    if path.is_dir():
        for name in FILES:
            if (path / name).is_file():
                return path / name
        raise _refused("folder_empty", path, lang)
    if not path.exists():
        raise _refused("path_missing", path, lang, near=near(path, lang))
    if path.suffix.lower() not in {".toml", ".xlsx"}:
        raise _refused("wrong_kind", path, lang, suffix=path.suffix or path.name)
    return path


def _refused(code: str, path: Path, lang: Lang, **values: Any) -> InputFaults:
    return InputFaults([fault(f"dossier.fault.{code}", str(path), lang, **values)], lang)
