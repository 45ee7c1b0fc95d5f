"""Reads the FEC, the file of accounting entries that associations and companies hold (article A47 A-1 LPF).

Kept: charges and produits, equipment bought and investment grants received. Entries of other accounts are set aside, and
so is the opening of the year. The format has no analytic axis: a post is told by journal, label or sub-account only.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from conseiller.errors import InputFaults
from conseiller.ledger.cells import Amounts, amounts, day, days, plain, texts
from conseiller.ledger.faults import cell_fault
from conseiller.ledger.fec_rows import MOST_FAULTS, Rows, rows_of
from conseiller.ledger.headers import words
from conseiller.ledger.identity import ranked
from conseiller.ledger.parties import without_names
from conseiller.ledger.reading import ASIDE, COLUMNS, CREDITS, Control, Reading, Remark, frame
from conseiller.ledger.sheets import Book, row_in_words
from conseiller.ledger.table import many_cells
from conseiller.messages import Lang

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_NAME = re.compile(r"(\d{9,10})FEC(\d{8})", re.IGNORECASE)
_OPENING_JOURNALS = frozenset({"an", "ran", "anouv", "a nouveaux", "a nouveau", "ouv"})


def read(path: Path, lang: Lang = "fr", book: Book | None = None) -> Reading:
    """Read an FEC, in text or saved again as a workbook.

    Parameters
    ----------
    path : Path
        Columns parted by tabs or bars (; and , are met as well), dates yyyymmdd, Debit and Credit or Montant and Sens.
    lang : {"fr", "en"}
        Language of the faults.
    book : Book, optional
        The file opened, when it is a workbook.

    Returns
    -------
    Reading
        The financial year is the year of closing that the name of the file states, else that of the last date. The
        place is the number of the line, empty ones not counted. The name of a third party is never read.

    Raises
    ------
    InputFaults
        When a column is missing, a row has not the columns of the header, or an amount or a date cannot be read; all of
        them.
    """
    with many_cells():
        return _Entries(path, rows_of(path, lang, book), lang).reading()


class _Entries:
    def __init__(self, path: Path, rows: Rows, lang: Lang) -> None:
        import numpy as np

        self.path, self.rows, self.table, self.lang = path, rows, rows.columns, lang
        self.accounts = self.table["account"]
        self.size = len(self.accounts)
        self.dates, wrong = days(self.table["date"])
        self.faults = [(i, "EcritureDate", f"cell_{code}", self.table["date"][i]) for i, code in wrong]
        self.cents = self._debit_less_credit()
        if self.faults:
            raise InputFaults(
                [
                    cell_fault(code, path, lang, self._where(i), column=column, found=held)
                    for i, column, code, held in sorted(self.faults)[:MOST_FAULTS]
                ],
                lang,
            )
        known = self.dates[~np.isnat(self.dates)]
        named = _NAME.search(path.name)
        self.closing: date | None = day(named[2]) if named else None
        self.siren = named[1] if named else ""
        self.year = self.closing.year if self.closing else int(str(known.max())[:4]) if len(known) else 0

    def _where(self, index: int) -> str:
        return row_in_words(self.rows.sheet, self.rows.places[index], self.lang)

    def _amounts(self, name: str) -> Amounts:
        cells = self.table[name]
        # No thousands are parted in an FEC: a point, where no comma stands, is that of decimals.
        found = amounts(cells, "," if any("," in cell for cell in cells) else ".")
        heading = words()["fec"][name][0].capitalize()
        self.faults += [(i, heading, "cell_not_amount", cells[i]) for i, _ in found.faults]
        return found

    def _debit_less_credit(self) -> NDArray[np.int64]:
        import numpy as np

        if "debit" in self.table:
            debit, credit = self._amounts("debit"), self._amounts("credit")
            self.debits, self.credits = int(debit.cents.sum()), int(credit.cents.sum())
            return debit.cents - credit.cents
        amount = self._amounts("amount").cents
        senses = [s.strip().upper() for s in self.table["sense"]]
        signs = np.array(
            [1 if s in {"D", "+1", "1", "+"} else -1 if s in {"C", "-1", "-"} else 0 for s in senses]
        )
        wrong = np.flatnonzero(signs == 0).tolist()
        self.faults += [(i, "Sens", "fec_sense", self.table["sense"][i]) for i in wrong]
        self.debits, self.credits = int(amount[signs > 0].sum()), int(amount[signs < 0].sum())
        signed: NDArray[np.int64] = amount * signs
        return signed

    def reading(self) -> Reading:
        import numpy as np

        codes = {a: _side(a) for a in set(self.accounts)}
        sides = np.array([codes[a] for a in self.accounts], dtype=object)
        journals = self.table["journal"]
        opening = np.array(
            [_opens(j, label) for j, label in zip(journals, self.table["label"], strict=True)], bool
        )
        reasons = np.where(sides == "", "balance_account", np.where(opening, "carried_forward", "")).astype(
            object
        )
        kept = np.flatnonzero(reasons == "")
        aside = np.flatnonzero(reasons != "")
        lines = self._lines(kept, sides)
        put_aside = frame(
            ASIDE,
            {
                "reason": reasons[aside],
                "cents": self.cents[aside],
                "side": np.full(len(aside), "", dtype=object),
                # Labels of these accounts name people: employees paid, customers. The account says enough.
                "label": [self.accounts[i] for i in aside.tolist()],
                "file": np.full(len(aside), self.path.name, dtype=object),
                "sheet": np.full(len(aside), self.rows.sheet, dtype=object),
                "place": [str(self.rows.places[i]) for i in aside.tolist()],
            },
        )
        signed = np.where(lines["side"] == "cost", 1, -1) * lines["cents"].to_numpy()
        back = int(signed.sum()) + int(put_aside["cents"].sum())
        controls = (
            Control("balance", "", self.debits, self.credits),
            Control("file_total", "", self.debits - self.credits, back),
            Control("rows", "", self.size, len(lines) + len(put_aside)),
        )
        return Reading(
            path=self.path,
            format="fec",
            sha256=self.rows.sha256,
            lines=lines,
            aside=put_aside,
            credits=frame(CREDITS),
            controls=controls,
            remarks=tuple(self._remarks()),
            scope="|".join(("fec", self.siren[:9])),
            rows=self.size,
        )

    def _remarks(self) -> list[Remark]:
        out = []
        if self.closing is None:
            out.append(Remark("fec_name", "", {"year": self.year}))
        elif (self.closing.month, self.closing.day) != (12, 31):
            out.append(Remark("fec_year", "", {"year": self.year}))
        return out

    def _lines(self, kept: NDArray[np.int64], sides: NDArray[np.object_]) -> pd.DataFrame:
        import numpy as np

        places = kept.tolist()
        side = sides[kept]
        cents = self.cents[kept] * np.where(side == "cost", 1, -1)
        kinds = {a: _kind(a) for a in set(self.accounts)}
        stated = np.array([kinds[self.accounts[i]] for i in places], dtype=object)
        pieces = self.table.get("piece", [""] * self.size)
        journals = [self.table["journal"][i] for i in places]
        accounts = [self.accounts[i] for i in places]
        labels = without_names(texts([self.table["label"][i] for i in places]))
        data: dict[str, object] = {
            "date": self.dates[kept],
            "exercice": np.full(len(kept), self.year, dtype=np.int16),
            "account": accounts,
            "chart": np.full(len(kept), "PCG", dtype=object),
            "side": side,
            "kind": np.where(stated != "", stated, np.where(cents < 0, "reduction", "ordinary")),
            "cents": cents,
            "label": labels,
            "piece": [pieces[i] for i in places],
            "bordereau": journals,
            "file": np.full(len(kept), self.path.name, dtype=object),
            "sheet": np.full(len(kept), self.rows.sheet, dtype=object),
            "place": [str(self.rows.places[i]) for i in places],
        }
        numbers = [self.table["number"][i] for i in places]
        days_ = map(str, self.dates[kept].astype("datetime64[D]").tolist())
        keys = list(map("|".join, zip(journals, numbers, days_, accounts, labels, strict=True)))
        data["key"] = ranked(keys, data)
        return frame(COLUMNS, data)


def _side(account: str) -> str:
    """Return the side of an account of the PCG, "" for one that is neither."""
    lists = words()["fec_accounts"]
    if account.startswith(tuple(lists["cost"])):
        return "cost"
    funding = account.startswith(tuple(lists["funding"])) and not account.startswith(
        tuple(lists["not_funding"])
    )
    return "funding" if funding else ""


def _kind(account: str) -> str:
    lists = words()["fec_accounts"]
    for kind in ("deferral", "order"):
        if account.startswith(tuple(lists[kind])):
            return kind
    return ""


def _opens(journal: str, label: str) -> bool:
    """Tell whether an entry opens the year with the balances of the one before."""
    if plain(journal).replace(" ", "") in {j.replace(" ", "") for j in _OPENING_JOURNALS}:
        return True
    first = label[:1].lower()
    return first in {"a", "à", "r"} and plain(label).startswith(
        ("a nouveau", "a nouveaux", "report a nouveau")
    )
