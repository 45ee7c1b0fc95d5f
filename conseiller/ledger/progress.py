"""Says how far a long reading is, on a terminal only."""

from __future__ import annotations

import sys
import time

from conseiller.messages import Lang, tr

#: Nothing is said before that many seconds.
_PATIENCE = 1.0


class Progress:
    """Writes one line on the standard error, over and over, and wipes it at the end.

    Parameters
    ----------
    name : str
        Name of the file.
    lang : {"fr", "en"}

    Attributes
    ----------
    on : bool
        Whether there is a terminal to write on.
    """

    def __init__(self, name: str, lang: Lang = "fr") -> None:
        self._name, self._lang = name, lang
        self._since = time.monotonic()
        self._shown = 0
        self.on = sys.stderr.isatty()

    def rows(self, count: int) -> None:
        """Say that so many rows are read."""
        if not self.on or time.monotonic() - self._since < _PATIENCE:
            return
        from conseiller.text import number

        said = tr("books.progress", self._lang, file=self._name, rows=number(count, self._lang))
        sys.stderr.write(f"\r{said.ljust(self._shown)}")
        sys.stderr.flush()
        self._shown = len(said)

    def done(self) -> None:
        """Wipe the line."""
        if self._shown:
            sys.stderr.write(f"\r{' ' * self._shown}\r")
            sys.stderr.flush()
            self._shown = 0
