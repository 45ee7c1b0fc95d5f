"""Plan against books: actuals, variances explained to the cent, landing, year end, échéancier, balance.

`track` ties a ledger to a plan and returns a `Tracking`; the rest are its views, plain tables of stable columns.
What each figure means, and a year worked by hand: ``docs/tracking.md``.
"""

from conseiller.analysis.tracking.causes import CAUSES, Cause
from conseiller.analysis.tracking.tracking import Tracking, track

__all__ = ["CAUSES", "Cause", "Tracking", "track"]
