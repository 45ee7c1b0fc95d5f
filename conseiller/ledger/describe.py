"""What an officer reads of books: a file understood, what adding it did, what the ledger holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from conseiller.ledger.reading import Control, Reading, Remark
from conseiller.messages import Lang, has, tr
from conseiller.text import MINUS, date_short, money, number

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.ledger.records import Addition, Outcome, Sum

#: Controls that count things rather than cents.
_COUNTS = {"piece_count", "rows"}
_SIDES = ("cost", "funding")
#: Controls that do not agree told one by one.
_MOST = 8


def euros(cents: int, lang: Lang) -> str:
    """Return an amount of cents as a reader sees it."""
    from decimal import Decimal

    return money(Decimal(int(cents)) / 100, lang)


def reading(read: Reading, lang: Lang) -> list[str]:
    """Return what was understood of a file: its kind, lines kept and set aside, totals, what to know."""
    name = tr(f"books.format.{read.format}", lang)
    aside: Counter[str] = Counter()
    for block in read.blocks("aside"):
        aside.update(block["reason"].tolist())
    values = {
        "rows": number(read.rows, lang),
        "kept": number(read.count() + len(read.credits), lang),
        "aside": number(aside.total(), lang),
        "reasons": ", ".join(f"{reason(code, lang)} {number(n, lang)}" for code, n in aside.most_common()),
    }
    key = "books.cli.counts_aside" if aside else "books.cli.counts"
    lines = [tr("books.cli.file", lang, file=read.path.name, format=name), "  " + tr(key, lang, **values)]
    lines += _sums_and_days(read, lang)
    if len(read.credits):
        for side in _SIDES:
            mine = read.credits[read.credits["side"] == side]
            if len(mine):
                voted, done = (euros(int(mine[c].sum()), lang) for c in ("voted_cents", "realised_cents"))
                done_too = "_done" if mine["realised_cents"].any() else ""
                key = "books.cli.agreed" if read.format == "posts" else f"books.cli.credits_{side}{done_too}"
                lines.append("  " + tr(key, lang, voted=voted, done=done))
    held = sum(c.count for c in read.controls if c.holds)
    if held:
        lines.append("  " + tr("books.cli.held", lang, count=number(held, lang)))
        lines += [f"    {_together(c, lang)}" for c in read.controls if c.holds and c.count > 1]
    stated = [("", c) for c in read.controls]
    unnamed = (block.assign(file="") for block in read.blocks())
    lines += [f"  ✗ {text}" for text in disagreements(stated, lang, lambda: unnamed)]
    lines += [f"  – {remark(r, lang)}" for r in read.remarks]
    return lines


def _together(control: Control, lang: Lang) -> str:
    """Return totals that were added up: what they are, of how many, and their sum."""
    from conseiller.ledger.places import control_in_words

    what, where = control_name(control, lang), control_in_words(control, "", {}, lang)
    return tr(
        "books.cli.held_together", lang, what=what, where=where, found=_value(control, control.found, lang)
    )


def _value(control: Control, value: int, lang: Lang) -> str:
    """Return one value of a total: a count, or an amount of cents."""
    return number(value, lang) if counts(control) else euros(value, lang)


def _sums_and_days(read: Reading, lang: Lang) -> list[str]:
    """Return what the lines of a file come to, and from which day to which."""
    sums: dict[str, int] = {}
    days: list[date] = []
    for block in read.blocks():
        for side, cents in block.groupby("side")["cents"].sum().items():
            sums[str(side)] = sums.get(str(side), 0) + int(cents)
        dated = block["date"].dropna()
        days = [f([*days, f(dated).date()]) for f in (min, max)] if len(dated) else days
    shown = [tr(f"books.cli.{s}", lang, amount=euros(sums[s], lang)) for s in _SIDES if s in sums]
    said = ["  " + " ; ".join(shown)] if sums else []
    if days:
        first, last = (date_short(day, lang) for day in days)
        said.append("  " + tr("books.cli.dates", lang, first=first, last=last))
    return said


def remark(said: Remark, lang: Lang) -> str:
    """Return a remark in words, with its place."""
    values = {
        k: number(v, lang) if isinstance(v, int) and k == "count" else v for k, v in said.values.items()
    }
    text = tr(f"books.remark.{said.code}", lang, **values)
    return f"{said.where} : {text}" if said.where else text


def reason(code: str, lang: Lang) -> str:
    """Return why a reader sets lines aside, in words."""
    key = f"books.reason.{code}"
    return tr(key, lang) if has(key, lang) else code


def control_name(control: Control, lang: Lang) -> str:
    """Return what a total stated by a file is, in words."""
    key = f"books.control.{control.what}"
    return tr(key, lang) if has(key, lang) else control.what


def counts(control: Control) -> bool:
    """Say whether a total stated by a file counts things rather than cents."""
    return control.what in _COUNTS


def outcome(done: Outcome, lang: Lang) -> list[str]:
    """Return what adding a file did."""
    added = done.addition
    if done.known:
        return [tr("books.cli.known", lang, file=added.file, number=added.number)]
    lines = [tr("books.cli.added", lang, file=added.file, number=added.number)]
    for state in ("same", "replaced", "withdrawn"):
        if count := getattr(added, state):
            lines.append("  " + tr(f"books.cli.own_{state}", lang, count=number(count, lang)))
    for change in done.changes:
        text = tr(
            f"books.cli.change_{change.state}",
            lang,
            count=number(change.lines, lang),
            file=change.file,
            amount=euros(change.cents, lang),
        )
        lines.append(f"  {text}")
    return lines


def additions(added: Sequence[Addition], lang: Lang) -> list[str]:
    """Return the table of additions."""
    heads = [tr(f"books.cli.column.{c}", lang) for c in ("number", "added", "file", "format", "rows")]
    heads += [tr(f"books.cli.column.{c}", lang) for c in ("kept", "other", "aside", "cost", "funding")]
    rows = [heads]
    for one in added:
        day = date_short(datetime.fromisoformat(one.added).date(), lang)
        rows.append([str(one.number), day, one.file, tr(f"books.format.{one.format}", lang)])
        other = one.same + one.replaced + one.withdrawn
        rows[-1] += [number(n, lang) for n in (one.rows, one.kept, other, one.aside)]
        rows[-1] += [euros(cents, lang) if cents else MINUS for cents in (one.cost_cents, one.funding_cents)]
    return _table(rows, left=4)


def totals(sums: Sequence[Sum], voted: pd.DataFrame, lang: Lang) -> list[str]:
    """Return what stands by exercice, each kind of books in a column of its own: they are not to be added up.

    Mandats and titres; pay extracts, which say again what mandats of pay say; payments received, which say again what
    titres say; spending voted and done according to budgets. A column that holds nothing is left out.
    """
    columns: dict[str, dict[int | None, int]] = {
        kind: {s.exercice: s.cents for s in sums if s.kind == kind}
        for kind in ("cost", "pay", "funding", "received")
    }
    spent = voted[voted["side"] == "cost"]
    done = spent[spent["realised_cents"] != 0]
    for name, rows in (("voted", spent), ("realised", done)):
        columns[name] = dict(rows.groupby("exercice")[f"{name}_cents"].sum().items())  # type: ignore[arg-type]
    columns = {name: found for name, found in columns.items() if found}
    years = sorted({int(year) for found in columns.values() for year in found if year is not None})
    lines: Counter[int | None] = Counter()
    for one in sums:
        lines[one.exercice] += one.lines
    shown = [[tr(f"books.cli.column.{c}", lang) for c in ("exercice", "lines", *columns)]]
    for year in years:
        shown.append([str(year), number(lines[year], lang)])
        shown[-1] += [euros(found[year], lang) if year in found else MINUS for found in columns.values()]
    told = _table(shown, left=1) if years else []
    if unknown := lines[None]:
        told.append(tr("books.cli.no_year", lang, count=number(unknown, lang)))
    return told or [tr("books.cli.empty", lang)]


def disagreements(
    controls: Iterable[tuple[str, Control]],
    lang: Lang,
    blocks: Callable[[], Iterable[pd.DataFrame]] = tuple,
) -> list[str]:
    """Return each total that a file states and that its lines do not make, the first ones in full.

    The lines of the files, given some at a time, tell the numbers of their bordereaux.
    """
    from conseiller.ledger.places import control_in_words, numbers_of

    wrong = [(file, c) for file, c in controls if not c.holds]
    numbers = numbers_of(wrong[:_MOST], blocks)
    told = []
    for file, control in wrong[:_MOST]:
        values = [_value(control, n, lang) for n in (control.stated, control.found)]
        name = control_name(control, lang)
        where = ", ".join(w for w in (file, control_in_words(control, file, numbers, lang)) if w)
        told.append(tr("books.cli.wrong", lang, what=name, where=where, stated=values[0], found=values[1]))
    if len(wrong) > _MOST:
        more = sum(c.count for _, c in wrong[_MOST:])
        told.append(tr("common.and_more", lang, count=number(more, lang)))
    return told


def twins(found: pd.DataFrame, lang: Lang) -> list[str]:
    """Return the lines that two books seem to hold, counted by pair of files."""
    return [
        tr(
            "books.cli.twin",
            lang,
            files=str(files).replace(",", ", "),
            count=number(len(rows), lang),
            amount=euros(int(rows["cents"].sum()), lang),
        )
        for files, rows in found.groupby("files")
    ]


def _table(rows: list[list[str]], left: int) -> list[str]:
    """Return rows as lines of text, the first columns set left and the others right."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(w) if k < left else cell.rjust(w)
            for k, (cell, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
