"""Reads a table of posts, or the State's own list, as rows of cells that know their place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta

from conseiller.dossier.schedule import tranches_of
from conseiller.dossier.schema import Convention
from conseiller.errors import Fault, InputFaults, fault
from conseiller.ledger import posts as state_list
from conseiller.ledger.cells import plain, text_of
from conseiller.ledger.faults import place
from conseiller.ledger.sheets import Sheet, open_book, row_in_words
from conseiller.messages import Lang
from conseiller.portfolios.columns import NEEDED, columns, recognised

if TYPE_CHECKING:
    from conseiller.law import Law

#: How a convention of the State's list is a renewal.
_RENEWED = ("renouvellement", "v2")
_VACANT, _GIVEN_BACK = "vacant", "rendu"
#: States of a post, in the plain words that lists write.
STATES = {"": ""} | dict.fromkeys(("occupe", "occupee", "occupied"), "occupe")
STATES |= dict.fromkeys(("vacant", "vacante"), _VACANT) | dict.fromkeys(
    ("rendu", "rendue", "given back"), _GIVEN_BACK
)


@dataclass(frozen=True)
class Row:
    """Cells of one row that are not empty, by column, and where the row stands.

    `guessed` tells of a row of the State's list whose total is that of no generation.
    """

    where: str
    cells: dict[str, object]
    faults: tuple[Fault, ...] = ()
    guessed: bool = False

    def text(self, key: str) -> str:
        """Return a cell as text."""
        return text_of(self.cells.get(key))


@dataclass
class Rows:
    """The rows of a file.

    Parameters
    ----------
    rows : list of Row
    unread : list of str
        Headings that no column answers to.
    state : bool
        Whether the file is the State's list.
    """

    rows: list[Row] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    state: bool = False

    @property
    def guessed(self) -> int:
        """Posts of the State's list, not set aside, whose total is that of no generation."""
        return sum(row.guessed and not row.faults for row in self.rows)


def read_rows(path: Path, law: Law, lang: Lang) -> Rows:
    """Read the rows of a table of posts.

    Raises
    ------
    InputFaults
        When the file cannot be opened or no sheet is a table of posts.
    """
    best: set[str] = set()
    book = open_book(path, lang)
    for sheet in book.sheets:
        for number, head in enumerate(sheet.head, start=1):
            headings = [text_of(cell) for cell in head]
            found = recognised(headings)
            if all(key in found for key in NEEDED):
                return _table(sheet, number, headings, found, path, lang)
            if state_list.is_posts(headings):
                return Rows(
                    [_stated(*pair, path, law, lang) for pair in state_list.each(book, lang)], [], True
                )
            best = max(best, set(found), key=len)
    missing = ", ".join(key for key in NEEDED if key not in best)
    raise InputFaults([fault("portfolio.fault.columns", path.name, lang, missing=missing)], lang)


def _table(
    sheet: Sheet, header: int, headings: list[str], found: dict[str, int], path: Path, lang: Lang
) -> Rows:
    used = set(found.values())
    unread = [h for at, h in enumerate(headings) if h and at not in used]
    rows = [
        Row(place(path, row_in_words(sheet.name, number, lang), lang), cells)
        for number, cells in _cells(sheet, header, found)
    ]
    if not rows:
        raise InputFaults([fault("portfolio.fault.empty", path.name, lang)], lang)
    return Rows(rows, unread)


def _cells(sheet: Sheet, header: int, found: dict[str, int]) -> Iterator[tuple[int, dict[str, object]]]:
    for number, row in sheet.rows_after(header):
        cells = {key: row[at] for key, at in found.items()}
        cells = {key: value for key, value in cells.items() if text_of(value)}
        if cells:
            yield number, cells


# --- the State's list ----------------------------------------------------------------------------------


def _stated(record: state_list.PostRecord, faults: list[Fault], path: Path, law: Law, lang: Lang) -> Row:
    """Turn a post of the State's list into a row: what the list does not say is inferred from its totals and dates."""
    where = place(path, row_in_words("", int(record.place), lang), lang)
    cells: dict[str, object] = {
        "poste": record.post,
        "collectivite": record.structure,
        "departement": record.department,
        "etat": record.status,
        "total_verse": record.paid_cents / 100,
    }
    found = list(faults)
    if record.convention_end is None:
        found += [] if faults else [fault("portfolio.fault.no_end", where, lang, post=record.post)]
    elif record.status == _GIVEN_BACK and record.contract_end is None:
        found.append(fault("portfolio.fault.given_back", where, lang, post=record.post))
    else:
        stated, known = _dates(record, record.convention_end, law)
        cells |= stated
        return Row(where, {k: v for k, v in cells.items() if text_of(v)}, tuple(found), guessed=not known)
    return Row(where, {k: v for k, v in cells.items() if text_of(v)}, tuple(found))


def _dates(record: state_list.PostRecord, end: date, law: Law) -> tuple[dict[str, object], bool]:
    """Return generation, financing and contract, and whether the total is that of the generation.

    The financing began its whole length before the convention ends.
    """
    generation, start, known = _generation(record, end, law)
    cells: dict[str, object] = {"generation": generation, "debut_financement": start}
    if generation.endswith("privee") or generation.endswith("prive"):
        cells["type_employeur"] = "prive"
    if record.status == _GIVEN_BACK:
        cells["fin_financement"] = record.contract_end
    if record.status == _VACANT and record.contract_end is None:
        return cells, known
    if record.contract_end is None or record.contract_end >= start:
        cells |= {"debut_contrat": start, "fin_contrat": record.contract_end}
    return cells, known


def _generation(record: state_list.PostRecord, end: date, law: Law) -> tuple[str, date, bool]:
    """Return the generation whose total is the grant agreed, else the usual one of a public employer.

    Where the list does not say whether the convention is the first or its renewal, the total decides between both.
    """
    renewed = not record.convention or any(word in record.convention.casefold() for word in _RENEWED)
    families = ("v2", "v1") if not record.convention else ("v2",) if renewed else ("v1",)
    usual = "v2_bonifiee" if renewed and record.bonus else "v2_collectivite" if renewed else "v1_public"
    names = [usual, *(g for f in families for g in law.generations if g.startswith(f) and g != usual)]
    for name in names:
        start, total = _schedule(name, end, law)
        if round(total * 100) == record.agreed_cents:
            return name, start, True
    return usual, _schedule(usual, end, law)[0], False


def _schedule(generation: str, end: date, law: Law) -> tuple[date, float]:
    """Return when a financing that ends on a day began, and its total [euros]."""
    convention = Convention(code="C", generation=generation, financing_start=end)
    tranches = tranches_of(convention, law)
    start = end + relativedelta(days=1) - relativedelta(months=sum(m for m, _ in tranches))
    return start, sum(amount for _, amount in tranches)


def has_contract(row: Row, first: bool) -> bool:
    """Return whether a row states a contract, or stands for one: the first of an occupied post may leave it out."""
    if any(columns()[key].into in ("contract", "term") for key in row.cells):
        return True
    return first and STATES.get(plain(row.text("etat"))) not in (_VACANT, _GIVEN_BACK)
