"""Finds the header of a table and says what each column is, from the words that real software writes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from conseiller.ledger.cells import CellError, amount, plain, text_of

#: Rows looked at for a header.
_DEPTH = 80
#: Words after which a header names the text of a code ("Libellé nature"), not the code.
_NAMES = ("libelle", "lib", "intitule", "nom", "libelles")
_JOINING = frozenset({"de", "du", "des", "la", "le", "l", "d", "en", "et"})
_UNITS = frozenset({"en", "euros", "eur", "e"})
_CODES = frozenset(
    {"exercice", "budget", "section", "chapter", "account", "function", "operation", "service", "analytic"}
)


@dataclass(frozen=True)
class Header:
    """The heading of one column.

    Parameters
    ----------
    text : str
        As shown: the lines of the heading joined, a repeated one with its rank; "" where there is none.
    last : str
        Its last line alone.
    """

    text: str
    last: str


@dataclass(frozen=True)
class Layout:
    """Where the header of a sheet stands.

    Parameters
    ----------
    headers : tuple of Header
        One per column.
    first, last : int
        Its first and last rows, from 1; data begin on the next.
    score : int
        Columns recognised.
    """

    headers: tuple[Header, ...]
    first: int
    last: int
    score: int


@cache
def words() -> dict[str, dict[str, list[str]]]:
    """Return the words of headers, by group and column."""
    return tomllib.loads(files(__package__ or __name__).joinpath("headers.toml").read_text("utf-8"))


@cache
def _known(group: str) -> dict[str, tuple[str, int]]:
    """Return, for each word of a group, its column and its rank there."""
    return {word: (column, rank) for column, all_ in words()[group].items() for rank, word in enumerate(all_)}


@cache
def meaning(text: str, pay: bool = False) -> tuple[str, int]:
    """Return what a heading names, "" if unknown, and how far down its list the word stands.

    An amount is "amount"; one that measures no spending, and a column known to be useless, is "other"; one that tells
    who somebody is, "person".

    Examples
    --------
    >>> meaning("N° de mandat")[0], meaning("Libellé nature")[0], meaning("Montant TTC")[0], meaning("Montant BP")[0]
    ('mandat', 'other', 'amount', 'other')
    """
    said = plain(text)
    bare = " ".join(w for w in said.split() if w not in _UNITS)
    for trial in (said, bare, " ".join(w for w in bare.split() if w not in _JOINING)):
        for group in (("pay",) if pay else ()) + ("columns", "dropped", "ignored"):
            if trial in _known(group):
                return _known(group)[trial]
    tokens = said.split()
    if tokens and tokens[0] in _NAMES:
        rest = " ".join(w for w in tokens[1:] if w not in _JOINING)
        if _known("columns").get(rest, ("", 0))[0] in _CODES:
            return "other", 0
    if is_amount(said):
        useless = _has(said, "no_spending") or _has(said, "tax") or (pay and _has(said, "pay_no_spending"))
        return ("other" if useless else "amount"), 0
    return _within(tokens, pay)


def _within(tokens: list[str], pay: bool) -> tuple[str, int]:
    """Look for the longest known word that the heading contains, of two words at least."""
    for length in range(len(tokens) - 1, 1, -1):
        for start in range(len(tokens) - length + 1):
            part = " ".join(tokens[start : start + length])
            for group in (("pay",) if pay else ()) + ("columns", "dropped", "ignored"):
                if part in _known(group):
                    column, rank = _known(group)[part]
                    return column, rank + 100
    return "", 0


def is_amount(said: str) -> bool:
    """Tell whether a heading, in plain words, names an amount."""
    return _has(said, "words")


def _has(said: str, group: str) -> bool:
    return any(f" {word} " in f" {said} " for word in words()["amount"][group])


def tax_of(text: str) -> str:
    """Return "ht", "ttc" or "" as the heading of an amount says."""
    said = plain(text)
    return "ht" if _has(said, "before_tax") else "ttc" if _has(said, "with_tax") else ""


def stage_of(text: str) -> str:
    """Return "paid", "booked" or "" as the heading of an amount says."""
    said = plain(text)
    return "paid" if _has(said, "paid") else "booked" if _has(said, "booked") else ""


def meaning_of(header: Header, pay: bool = False) -> tuple[str, int]:
    """Return what a column is: its last line alone says so, or else the whole heading."""
    alone = meaning(header.last, pay)
    if header.last == header.text or (alone[0] and alone[0] not in {"label", "date", "piece_type"}):
        return alone
    whole = meaning(header.text, pay)
    return whole if whole[0] else alone


def find_header(head: Sequence[Sequence[object]]) -> Layout | None:
    """Return the header of a sheet: the row, or pair of rows, whose headings are best known; None when there is none.

    Parameters
    ----------
    head : sequence of rows
        First rows of the sheet.

    Returns
    -------
    Layout or None
        At least three columns are recognised, an amount among them, or a pair of debit and credit.
    """
    best: Layout | None = None
    rows = [[text_of(cell) for cell in row] for row in head[:_DEPTH]]
    for at, row in enumerate(rows):
        if _is_data(head[at]):
            continue
        found = [_layout([row], at, at)]
        if at + 1 < len(rows) and not _is_data(head[at + 1]) and any(rows[at + 1]):
            found.append(_layout([row, rows[at + 1]], at, at + 1))
        for layout in found:
            if layout.score >= 3 and (best is None or _rank(layout) > _rank(best)):
                best = layout
    return best


def _rank(layout: Layout) -> tuple[int, int]:
    """Order headers: more columns known, then fewer lines (a title above is no heading)."""
    return layout.score, layout.first - layout.last


def _is_data(row: Sequence[object]) -> bool:
    """Tell whether a row holds a number or a date."""
    for cell in row:
        if isinstance(cell, str):
            text = cell.strip()
            if text and text[-1].isdigit() and text[0] in "0123456789-(":
                try:
                    if amount(text.replace("/", "").replace("-", ""), ",") is not None:
                        return True
                except CellError:
                    pass
        elif isinstance(cell, int | float | date) and not isinstance(cell, bool):
            return True
    return False


def _layout(lines: list[list[str]], first: int, last: int) -> Layout:
    width = max(map(len, lines))
    padded = [[*line, *[""] * (width - len(line))] for line in lines]
    headers: list[Header] = []
    seen: dict[str, int] = {}
    above = ""
    for column in range(width):
        lower = padded[-1][column]
        if len(lines) == 2:
            # A merged heading gives its text once, over the first of its columns.
            above = padded[0][column] or (above if lower else "")
            text = f"{above} {lower}".strip() if lower else padded[0][column]
        else:
            text = lower
        if text:
            seen[plain(text)] = seen.get(plain(text), 0) + 1
            if seen[plain(text)] > 1:
                text = f"{text} ({seen[plain(text)]})"
        headers.append(Header(text, lower or text))
    pay = any(meaning_of(h)[0] == "payroll" for h in headers)
    meanings = {meaning_of(h, pay)[0] for h in headers if h.text}
    money = meanings & {"amount", "spent", "received", "debit", "credit", *words()["pay"]} - {
        "item",
        "item_code",
    }
    known = meanings - {"", "other"}
    return Layout(tuple(headers), first + 1, last + 1, len(known) if money else 0)


def headers_of(head: Sequence[Sequence[object]], wanted: Iterable[str]) -> Layout | None:
    """Return the row, or pair of rows, that holds most of the headings wanted; None when none holds any."""
    asked = {plain(text) for text in wanted}
    rows = [[text_of(cell) for cell in row] for row in head[:_DEPTH]]
    best, most = None, (0, 0)
    for at, row in enumerate(rows):
        found = [_layout([row], at, at)]
        if at + 1 < len(rows) and any(rows[at + 1]):
            found.append(_layout([row, rows[at + 1]], at, at + 1))
        for layout in found:
            held = len(asked & {plain(h.text) for h in layout.headers}), layout.first - layout.last
            if held > most and held[0]:
                best, most = layout, held
    return best
