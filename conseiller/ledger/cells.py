"""Cells as they come: amounts to whole cents, dates to days, codes and labels to text; exact, or refused.

An unreadable cell does not stop its column: its index and the reason come back.
"""

from conseiller.ledger.date_cells import FIRST_YEAR, LAST_YEAR, Epoch, day, days, month
from conseiller.ledger.money_cells import Amounts, Mark, amount, amounts, doubtful, mark, to_cents
from conseiller.ledger.text_cells import CellError, distinct, plain, text_of, texts
from conseiller.ledger.texts import Texts

__all__ = [
    "FIRST_YEAR",
    "LAST_YEAR",
    "Amounts",
    "CellError",
    "Epoch",
    "Mark",
    "Texts",
    "amount",
    "amounts",
    "day",
    "days",
    "distinct",
    "doubtful",
    "mark",
    "month",
    "plain",
    "text_of",
    "texts",
    "to_cents",
]
