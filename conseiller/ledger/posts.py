"""Reads the State's own list of posts: for each, the grant agreed and the grant paid so far.

The list is that which Mon inclusion numérique exports (comma, UTF-8, dates dd/mm/yyyy, whole euros); its columns are
found by their headings, because two versions are in use. It tells no dates of payment: what it states is a control of
the convention, never a line of the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from conseiller.errors import Fault, InputFaults
from conseiller.ledger.cells import CellError, amount, day, plain, text_of, to_cents
from conseiller.ledger.faults import cell_fault, refusal
from conseiller.ledger.headers import words
from conseiller.ledger.reading import ASIDE, COLUMNS, CREDITS, Control, Reading, Remark, frame
from conseiller.ledger.sheets import Book, Sheet, open_book, row_in_words
from conseiller.messages import Lang

_REQUIRED = ("post", "agreed", "paid")
_YES = frozenset({"oui", "vrai", "true", "1", "yes"})
#: Stage of a convention among budgets.
STAGE = "convention"


@dataclass(frozen=True)
class PostRecord:
    """One post of the State's list.

    Parameters
    ----------
    post : str
        Number of the post.
    structure : str
        Name of its employer.
    status : str
        In plain words: "occupe", "vacant" or "rendu".
    coordinator, bonus : bool
    convention : str
        "Initiale", "Renouvellement", or the financing of the older list ("V1", "V2", "V1, V2").
    convention_end, contract_end : date or None
    agreed_cents, paid_cents : int
        Grant agreed and paid to date [cents]. The agreed amount may hold the bonification.
    place : str
        Row of the list.
    department : str
        Département, as the list writes it.
    """

    post: str
    structure: str
    status: str
    coordinator: bool
    bonus: bool
    convention: str
    convention_end: date | None
    contract_end: date | None
    agreed_cents: int
    paid_cents: int
    place: str
    department: str = ""


def is_posts(headings: list[str]) -> bool:
    """Tell whether headings are those of the State's list of posts."""
    return set(_REQUIRED) <= set(_columns(headings))


def _columns(headings: list[str]) -> dict[str, int]:
    said = [plain(h) for h in headings]
    return {
        name: next(said.index(word) for word in listed if word in said)
        for name, listed in words()["posts"].items()
        if any(word in said for word in listed)
    }


def records(path: Path, lang: Lang = "fr") -> tuple[PostRecord, ...]:
    """Return the posts of the list, in its order.

    Raises
    ------
    InputFaults
        When it is no list of posts, or a date or an amount cannot be read; all of them.
    """
    return _records(open_book(path, lang), lang)


def _records(book: Book, lang: Lang) -> tuple[PostRecord, ...]:
    out: list[PostRecord] = []
    faults: list[Fault] = []
    for record, wrong in each(book, lang):
        out.append(record)
        faults += wrong
    if faults:
        raise InputFaults(faults, lang)
    if not out:
        raise refusal("posts_empty", book.path, lang)
    return tuple(out)


def each(book: Book, lang: Lang = "fr") -> Iterator[tuple[PostRecord, list[Fault]]]:
    """Yield the posts of the list, in its order, each with the faults of its row.

    Raises
    ------
    InputFaults
        When it is no list of posts.
    """
    sheet, header = _sheet(book, lang)
    columns = _columns([text_of(cell) for cell in sheet.head[header - 1]])
    for number, row in sheet.rows_after(header):
        cells = {name: row[at] for name, at in columns.items()}
        if not text_of(cells["post"]):
            continue
        place = str(number)
        record, wrong = _record(cells, place)
        where = _where(place, lang)
        yield (
            record,
            [
                cell_fault(
                    f"cell_{code}",
                    book.path,
                    lang,
                    where,
                    column=words()["posts"][name][0],
                    found=cells[name],
                )
                for code, name in wrong
            ],
        )


def _sheet(book: Book, lang: Lang) -> tuple[Sheet, int]:
    """Return the sheet of the list and the number of rows down to its headings."""
    for sheet in book.sheets:
        for number, row in enumerate(sheet.head, start=1):
            if is_posts([text_of(cell) for cell in row]):
                return sheet, number
    raise refusal("posts_columns", book.path, lang)


def _where(place: str, lang: Lang) -> str:
    return row_in_words("", int(place), lang)


def _record(cells: dict[str, object], place: str) -> tuple[PostRecord, list[tuple[str, str]]]:
    wrong: list[tuple[str, str]] = []

    def money(name: str) -> int:
        try:
            number = amount(cells[name], ",")
            return 0 if number is None else to_cents(number)[0]
        except CellError as error:
            wrong.append((error.code, name))
            return 0

    def when(name: str) -> date | None:
        try:
            return day(cells.get(name))
        except CellError as error:
            wrong.append((error.code, name))
            return None

    record = PostRecord(
        post=text_of(cells["post"]),
        structure=text_of(cells.get("structure")),
        status=plain(text_of(cells.get("status"))),
        coordinator=plain(text_of(cells.get("coordinator"))) in _YES,
        bonus=plain(text_of(cells.get("bonus"))) in _YES,
        convention=text_of(cells.get("convention")),
        convention_end=when("convention_end"),
        contract_end=when("contract_end"),
        agreed_cents=money("agreed"),
        paid_cents=money("paid"),
        place=place,
        department=text_of(cells.get("department")),
    )
    return record, wrong


def read(path: Path, lang: Lang = "fr", book: Book | None = None) -> Reading:
    """Read the State's list of posts; `book` is the file already opened.

    Returns
    -------
    Reading
        No line; in `credits`, per post (its number as label), the grant agreed (`voted_cents`) and paid to date
        (`realised_cents`), under the stage "convention" and no financial year.

    Raises
    ------
    InputFaults
        As `records`.
    """
    import numpy as np

    book = book or open_book(path, lang)
    found = _records(book, lang)
    size = len(found)
    agreed = [r.agreed_cents for r in found]
    paid = [r.paid_cents for r in found]
    credits = frame(
        CREDITS,
        {
            "stage": np.full(size, STAGE, dtype=object),
            "side": np.full(size, "funding", dtype=object),
            "section": np.full(size, "fonctionnement", dtype=object),
            "voted_cents": agreed,
            "realised_cents": paid,
            "label": [r.post for r in found],
            "file": np.full(size, path.name, dtype=object),
            "place": [r.place for r in found],
        },
    )
    remarks = []
    if bonus := [r.post for r in found if r.bonus]:
        remarks.append(Remark("bonus_within", "", {"posts": ", ".join(bonus)}))
    if more := [r.post for r in found if r.paid_cents > r.agreed_cents]:
        remarks.append(Remark("paid_over_agreed", "", {"posts": ", ".join(more)}))
    doubles = (
        sorted({r.post for r in found if sum(o.post == r.post for o in found) > 1}) if size < 10_000 else []
    )
    if doubles:
        remarks.append(Remark("post_twice", "", {"posts": ", ".join(doubles)}))
    return Reading(
        path=path,
        format="posts",
        sha256=book.sha256,
        lines=frame(COLUMNS),
        aside=frame(ASIDE),
        credits=credits,
        controls=(Control("rows", "", size, len(credits)),),
        remarks=tuple(remarks),
        scope="posts",
        rows=size,
    )
