"""What if: a dossier changed in a few ways, projected again at once; sliders in a notebook, a table without.

Changes bear on what lies ahead: the months after the date of the report. Indices
are changed by a number of points, so that nobody's own index is shown.
"""

from conseiller.widgets._cases import cases
from conseiller.widgets._panel import DELAYS, GROWTHS, POINTS, SHARES, sliders
from conseiller.widgets._positions import Positions, PostPosition, by_year, what_if

__all__ = [
    "DELAYS",
    "GROWTHS",
    "POINTS",
    "SHARES",
    "Positions",
    "PostPosition",
    "by_year",
    "cases",
    "sliders",
    "what_if",
]
