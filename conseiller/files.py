"""Writing files so that nothing is ever half-written: to a neighbour first, then in one move."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FileInUseError(OSError):
    """The target is open in another program, or may not be written."""


def refuse_if_busy(target: Path) -> None:
    """Raise `FileInUseError` when the target is read-only or locked by an office program."""
    locks = (target.with_name(f".~lock.{target.name}#"), target.with_name(f"~${target.name}"))
    if any(lock.exists() for lock in locks):
        raise FileInUseError(0, "open in another program", str(target))
    if target.exists() and not os.access(target, os.W_OK):
        raise FileInUseError(0, "read-only", str(target))
    if target.exists() and not target.stat().st_mode & 0o200:
        raise FileInUseError(0, "read-only", str(target))


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Give a temporary path beside the target; put it in place only when all went well.

    Raises
    ------
    FileInUseError
        When the target is open in an office program or read-only; it is left untouched.
    """
    refuse_if_busy(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        try:
            temporary.replace(target)
        except PermissionError as error:
            raise FileInUseError(0, "open in another program", str(target)) from error
    finally:
        temporary.unlink(missing_ok=True)
