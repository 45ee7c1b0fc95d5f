"""Says how far a long work is: one line on the standard error, on a terminal only."""

from __future__ import annotations

import sys
import time

#: Nothing is said before that many seconds.
_PATIENCE = 1.0


class ProgressLine:
    """One line written over and over, wiped at the end.

    Attributes
    ----------
    on : bool
        Whether there is a terminal to write on.
    """

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._shown = 0
        self.on = sys.stderr.isatty()

    @property
    def due(self) -> bool:
        """Whether there is somebody to tell, and the work is long."""
        return self.on and time.monotonic() - self._since >= _PATIENCE

    def say(self, text: str) -> None:
        """Write the line."""
        sys.stderr.write(f"\r{text.ljust(self._shown)}")
        sys.stderr.flush()
        self._shown = len(text)

    def done(self) -> None:
        """Wipe the line."""
        if self._shown:
            sys.stderr.write(f"\r{' ' * self._shown}\r")
            sys.stderr.flush()
            self._shown = 0
