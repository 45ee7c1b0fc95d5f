"""Says how far a long reading is, on a terminal only."""

from __future__ import annotations

from conseiller.messages import Lang, tr
from conseiller.progress import ProgressLine


class Progress(ProgressLine):
    """The line of a file being read.

    Parameters
    ----------
    name : str
        Name of the file.
    lang : {"fr", "en"}
    """

    def __init__(self, name: str, lang: Lang = "fr") -> None:
        super().__init__()
        self._name, self._lang = name, lang

    def rows(self, count: int) -> None:
        """Say that so many rows are read."""
        if not self.due:
            return
        from conseiller.text import number

        self.say(tr("books.progress", self._lang, file=self._name, rows=number(count, self._lang)))

    def bytes(self, done: int, size: int) -> None:
        """Say that so many bytes of the file are read."""
        if not self.due:
            return
        from conseiller.text import percent

        self.say(
            tr("books.progress_share", self._lang, file=self._name, share=percent(done / size, 0, self._lang))
        )
