"""The sheets of the books: *Grand livre*, *Réalisé*, *Écarts*, *Atterrissage*, *À rattacher*, *Rapprochement*.

Everything is a formula over the ledger sheet and over the plan, but the lines of the ledger themselves and what
cannot be told by a formula: which planned months are still to be booked (see ``docs/tracking.md``, part B).
"""

from conseiller.workbook.books.sheets import KEYS, BookSheets

__all__ = ["KEYS", "BookSheets"]
