"""Tells what a file of books is from what it holds, not from its name, and has it read by the right reader."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from conseiller.ledger.columns import ColumnMap, Guess
from conseiller.ledger.faults import refusal, unreadable
from conseiller.ledger.reading import Reading
from conseiller.messages import Lang, tr

if TYPE_CHECKING:
    from conseiller.ledger.sheets import Book

#: Formats told apart without opening the tables themselves; "table" covers posts, payments and tables.
Kind = Literal["pes", "budget", "scdl", "fec", "posts", "table"]

_PES = frozenset({"PES_Aller", "PES_Retour", "Bordereau", "PES_DepenseAller", "PES_RecetteAller"})
_BUDGET = frozenset({"DocumentBudgetaire", "CompteFinancierUnique"})
_PAGE = frozenset({"html", "table", "body", "head", "meta", "style", "div", "center", "tr"})
_MAGIC = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"{\\rtf", "word"),
    (b"\x1f\x8b", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"Rar!", "archive"),
)
_ROOT = re.compile(r"<\s*(?:[\w.-]+:)?([A-Za-z_][\w.-]*)")
#: A column of the SCDL budget schema; not every published file has all of them.
_BUDGET_COLUMN = re.compile(r"\bBGT_(?:NATDEC|NATURE|CODRD)\b", re.IGNORECASE)
_BEGINNING = 1 << 16


def recognise(path: Path, lang: Lang = "fr") -> Kind:
    """Return what a file is.

    Raises
    ------
    InputFaults
        When it cannot be read, or is of a kind known to hold no books (PDF, image, archive, other XML).
    """
    return _seen(path, lang)[0]


def _seen(path: Path, lang: Lang) -> tuple[Kind, Book | None]:
    """Return what a file is, and the file opened when it is a workbook (which takes long)."""
    try:
        with path.open("rb") as file:
            beginning = file.read(_BEGINNING)
    except OSError as refused:
        raise unreadable(path, lang, refused) from None
    if not beginning:
        raise refusal("empty_file", path, lang)
    for magic, kind in _MAGIC:
        if beginning.startswith(magic):
            raise refusal("file_kind", path, lang, "", kind=tr(f"books.kind.{kind}", lang))
    if beginning.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _workbook(path, lang)
    text = _decoded(beginning)
    if text.lstrip().startswith("<"):
        return _xml(text, path, lang), None
    return _text(text), None


def _decoded(beginning: bytes) -> str:
    if beginning[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return beginning.decode("utf-16", "replace")
    if beginning[:2] in {b"<\0", b"\0<"}:  # XML that declares UTF-16 without the mark
        return beginning.decode("utf-16-le" if beginning[0] else "utf-16-be", "replace")
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError:
        text = beginning.decode("cp1252", "replace")
    return text.lstrip("\ufeff")


def _xml(text: str, path: Path, lang: Lang) -> Kind:
    bare = re.sub(r"<!--.*?-->|<\?.*?\?>", "", text, flags=re.DOTALL)
    if re.match(r"\s*<!DOCTYPE\s+html", bare, re.IGNORECASE):
        return "table"
    if re.match(r"\s*<!DOCTYPE", bare):
        # The reader of XML says what is wrong with a document type.
        named = _PES | _BUDGET
        return (
            "budget" if any(root in bare for root in _BUDGET) or not any(r in bare for r in named) else "pes"
        )
    found = _ROOT.search(bare)
    root = found[1] if found else ""
    if root in _PES:
        return "pes"
    if root in _BUDGET:
        return "budget"
    if root == "PES_Acquit":
        raise refusal("pes_acquit", path, lang)
    if root == "comptabilite":
        raise refusal("fec_xml", path, lang)
    if root.lower() in _PAGE or root == "Workbook":
        return "table"
    raise refusal("xml_unknown", path, lang, "", root=root)


def _text(text: str) -> Kind:
    from conseiller.ledger.fec_rows import headings_of, is_fec
    from conseiller.ledger.posts import is_posts

    for line in [line for line in text.splitlines() if line.strip()][:20]:
        if is_fec(headings_of(line)):
            return "fec"
        if _BUDGET_COLUMN.search(line):
            return "scdl"
        if is_posts([cell.strip(' "') for cell in re.split(r"[,;\t|]", line)]):
            return "posts"
    return "table"


def _workbook(path: Path, lang: Lang) -> tuple[Kind, Book]:
    from conseiller.ledger.cells import text_of
    from conseiller.ledger.fec_rows import is_fec
    from conseiller.ledger.posts import is_posts
    from conseiller.ledger.sheets import open_book

    book = open_book(path, lang)
    for row in (row for sheet in book.sheets for row in sheet.head[:20]):
        headings = [text_of(cell) for cell in row]
        if is_posts(headings):
            return "posts", book
        if is_fec(headings):
            return "fec", book
        if any(map(_BUDGET_COLUMN.fullmatch, headings)):
            return "scdl", book
    return "table", book


def propose(path: Path, lang: Lang = "fr") -> Guess | None:
    """Return what the columns of a table seem to be, with the doubts left; None for a format that needs no map.

    Raises
    ------
    InputFaults
        As `recognise`, and when no header is found.
    """
    from conseiller.ledger import table

    kind, book = _seen(path, lang)
    return table.propose(path, lang, book) if kind == "table" else None


def read(
    path: Path,
    lang: Lang = "fr",
    column_map: ColumnMap | None = None,
    salt: bytes = b"",
    in_cents: bool = False,
) -> Reading:
    """Read any file of books.

    Parameters
    ----------
    path : Path
    lang : {"fr", "en"}
        Language of the faults.
    column_map : ColumnMap, optional
        What the columns of a table are; guessed without it, and of no use to other formats.
    salt : bytes
        Secret of the dossier that payroll numbers are hashed with.
    in_cents : bool
        Whether a published budget (SCDL) states whole cents.

    Returns
    -------
    Reading

    Raises
    ------
    Ambiguity
        When the columns of a table can be understood in several ways.
    InputFaults
        When the file cannot be read.
    """
    from conseiller.ledger import budget, fec, pes, posts, scdl, table

    kind, book = _seen(path, lang)
    if kind == "table" or column_map is not None:
        return table.read(path, lang, column_map, salt, book)
    if kind == "posts":
        return posts.read(path, lang, book)
    if kind == "fec":
        return fec.read(path, lang, book)
    if kind == "scdl":
        return scdl.read(path, lang, in_cents, book)
    readers = {"pes": pes.read, "budget": budget.read}
    return readers[kind](path, lang)
