"""Plan against books: actuals, variances explained to the cent, landing, year end, échéancier, balance.

`follow` takes a dossier with its books, `track` a plan and a ledger; both return a `Tracking`. The rest are its views, plain tables
of stable columns.
What each figure means, and a year worked by hand: ``docs/tracking.md``.
"""

from conseiller.analysis.tracking.facts import CAUSES, Cause
from conseiller.analysis.tracking.follow import follow
from conseiller.analysis.tracking.tracking import Tracking, track

__all__ = ["CAUSES", "Cause", "Tracking", "follow", "track"]
