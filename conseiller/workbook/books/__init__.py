"""The sheets of the books, from *Grand livre* to *Rapprochement* (see `KEYS`).

Everything is a formula over the ledger sheet and over the plan, but the lines of the ledger themselves and what
cannot be told by a formula: which planned months are still to be booked and
where each convention stands on the day of the report (see ``docs/tracking.md``).
"""

from conseiller.workbook.books.sheets import KEYS, BookSheets

__all__ = ["KEYS", "BookSheets"]
