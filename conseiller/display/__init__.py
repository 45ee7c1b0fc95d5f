"""Tables, projections, dossiers and law as a reader sees them: static HTML, Markdown and plain text.

The HTML carries its style inline and no script, takes the colours of the page
it stands in (light or dark), and says the same as the plain text. Objects of the
package call this from their ``_repr_html_``; `show` does so in the other language.
"""

from conseiller.display._dossier import dossier_line
from conseiller.display._frame import amounts_by_year, grid, heading, word
from conseiller.display._law import law_line
from conseiller.display._projection import projection_line
from conseiller.display._sheet import Cell, Grid, Sheet, Shown
from conseiller.display._show import as_html, as_markdown, as_text, show

__all__ = [
    "Cell",
    "Grid",
    "Sheet",
    "Shown",
    "amounts_by_year",
    "as_html",
    "as_markdown",
    "as_text",
    "dossier_line",
    "grid",
    "heading",
    "law_line",
    "projection_line",
    "show",
    "word",
]
