"""How the results of the package show themselves: as plain text when printed, as HTML or Markdown in a notebook."""

from __future__ import annotations


class Readable:
    """Something that `conseiller.display` can show; the words are in French, `display.show` has the other language."""

    __slots__ = ()

    def __str__(self) -> str:
        """Return it as plain text."""
        from conseiller.display import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from conseiller.display import as_html

        return as_html(self)

    def _repr_markdown_(self) -> str:
        from conseiller.display import as_markdown

        return as_markdown(self)
