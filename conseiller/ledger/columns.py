"""What the columns of a table are: guessed from its header, shown, and kept for the authority in a small TOML file.

Nothing is guessed between two amounts: before tax or with tax, booked or paid, or any two columns that could be the one
wanted. Such a doubt is an `Ambiguity`, which names the columns; the answer is kept in the map and never asked again.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from conseiller.errors import Fault, InputFaults
from conseiller.files import replacing
from conseiller.ledger.cells import FIRST_YEAR, LAST_YEAR, Epoch, Mark, plain
from conseiller.ledger.faults import fault, refusal, unreadable
from conseiller.ledger.headers import Layout, meaning_of, stage_of, tax_of
from conseiller.messages import Lang, tr

Kind = Literal["pieces", "entries", "pay", "payments"]
Unit = Literal["euro", "cent", "millier"]
#: What a table says of its own columns, in the order they are shown.
COLUMN_NAMES = (
    *("exercice", "budget", "sense", "section", "chapter", "account", "function", "operation", "service"),
    *(
        "analytic",
        "bordereau",
        "mandat",
        "titre",
        "piece",
        "line_number",
        "piece_type",
        "third_party",
        "label",
    ),
    *("date", "post", "payroll", "period", "item", "amount", "debit", "credit", "spent", "received"),
    *("pay_gross", "pay_employer", "pay_total"),
)
_MONEY = ("amount", "debit", "credit", "spent", "received", "pay_gross", "pay_employer", "pay_total")
#: What a value of the column of sense may mean.
SENSES = ("cost", "funding", "debit", "credit")
#: Cents in one unit.
UNITS: Mapping[Unit, int] = {"euro": 100, "cent": 1, "millier": 100_000}
#: Answer that takes every sheet with these columns.
EVERY_SHEET = "*"


@dataclass(frozen=True)
class ColumnMap:
    """What the columns of one kind of table are, for one authority.

    Parameters
    ----------
    kind : {"pieces", "entries", "pay", "payments"}
        Mandats and titres; entries of a grand livre; pay; payments received.
    columns : mapping of str to str
        Heading of each column, by its name here (`COLUMN_NAMES`). Case, accents and punctuation do not matter.
    sheet : str
        Name of the sheet; "" for the only one with these columns, "*" for all of them.
    decimal : {"", ",", "."}
        Decimal sign, where "1,234" has to be read.
    unit : {"euro", "cent", "millier"}
    epoch : {None, 1900, 1904}
        What serial numbers of dates count from; None as the file says.
    side : {"", "cost", "funding"}
        Side of every line, when neither a column nor the accounts tell.
    exercice : int, optional
        Financial year of every line, when no column tells.
    chart : {"", "M57D", "M57A", "M14", "PCG"}
        Chart of accounts.
    senses : mapping of str to {"cost", "funding", "debit", "credit"}
        Meaning of the values of the column of sense that are not ordinary words.
    parties : {"", "keep", "drop"}
        Whether names of third parties are those of legal persons (keep), or not to be kept; "" decides name by name
        and drops every one that could be somebody's.
    """

    kind: Kind
    columns: Mapping[str, str]
    sheet: str = ""
    decimal: Mark = ""
    unit: Unit = "euro"
    epoch: Epoch | None = None
    side: Literal["", "cost", "funding"] = ""
    exercice: int | None = None
    chart: Literal["", "M57D", "M57A", "M14", "PCG"] = ""
    senses: Mapping[str, str] = field(default_factory=dict)
    parties: Literal["", "keep", "drop"] = ""

    def with_answer(self, question: Question, answer: str) -> ColumnMap:
        """Return the map with one doubt settled.

        Raises
        ------
        ValueError
            When the answer is not one of the choices, or no year where a year is asked for.
        """
        if question.choices and answer not in question.choices:
            raise ValueError(f"{answer!r} is not one of {question.choices}")
        if question.about == "sheet":
            return replace(self, sheet=answer)
        if question.about == "decimal":
            return replace(self, decimal="," if answer == "," else ".")
        if question.about == "side":
            return replace(self, side="cost" if answer == "cost" else "funding")
        if question.about == "exercice":
            if not (answer.isdigit() and FIRST_YEAR <= int(answer) <= LAST_YEAR):
                raise ValueError(f"{answer!r} is not a year")
            return replace(self, exercice=int(answer))
        if question.about.startswith("sense:"):
            return replace(self, senses={**self.senses, question.about[6:]: answer})
        return replace(self, columns={**self.columns, question.about: answer})

    def described(self, lang: Lang = "fr") -> list[tuple[str, str]]:
        """Return what each column was understood as, for showing: name in words, heading in the file."""
        shown = [
            (tr(f"books.column.{name}", lang), self.columns[name])
            for name in COLUMN_NAMES
            if name in self.columns
        ]
        for name in ("sheet", "decimal", "side", "exercice", "chart"):
            if value := getattr(self, name):
                shown.append((tr(f"books.map.{name}", lang), str(value)))
        if self.unit != "euro":
            shown.append((tr("books.map.unit", lang), tr(f"books.unit.{self.unit}", lang)))
        return shown


@dataclass(frozen=True)
class Question:
    """One doubt: what it is about (a column of the map, or another of its keys), and the possible answers.

    Without choices, the answer is a year.
    """

    about: str
    choices: tuple[str, ...]


class Ambiguity(InputFaults):
    """The file can be read in several ways; the questions name them, and the map answers.

    Parameters
    ----------
    questions : tuple of Question
        At least one.
    column_map : ColumnMap
        What is understood so far; `with_answer` settles each question.
    """

    def __init__(
        self,
        path: Path,
        questions: Iterable[Question],
        column_map: ColumnMap,
        lang: Lang = "fr",
        where: str = "",
    ) -> None:
        self.questions = tuple(questions)
        self.column_map = column_map
        super().__init__([_asked(path, q, lang, where) for q in self.questions], lang)


def _asked(path: Path, question: Question, lang: Lang, where: str) -> Fault:
    about = question.about.partition(":")[0]
    code = about if about in {"sheet", "decimal", "side", "sense", "exercice"} else "column"
    if about == "amount" and (why := why_ambiguous(question.choices)):
        code = f"amount_{why}"
    values: dict[str, object] = {
        "choices": ", ".join(tr("books.quoted", lang, text=choice) for choice in question.choices),
        "value": question.about.partition(":")[2],
    }
    if code == "column" or about == "amount":
        values["column"] = tr(f"books.column.{question.about}", lang)
        values["key"] = question.about
    return fault(f"ask_{code}", path, lang, where, **values)


@dataclass(frozen=True)
class Guess:
    """A map guessed from a header, the doubts left, and the headings no use was found for."""

    column_map: ColumnMap
    questions: tuple[Question, ...]
    ignored: tuple[str, ...]


def guess(layout: Layout) -> Guess:
    """Say what the columns of a sheet are, from the words of its header."""
    first = [(h.text, meaning_of(h)) for h in layout.headers if h.text]
    pay = any(name == "payroll" for _, (name, _) in first) or (
        any(name == "person" for _, (name, _) in first)
        and not any(n in {"mandat", "titre"} for _, (n, _) in first)
    )
    found = [(h.text, meaning_of(h, pay)) for h in layout.headers if h.text]
    columns: dict[str, str] = {}
    ranks: dict[str, int] = {}
    amounts: list[str] = []
    for text, (name, rank) in found:
        if name == "amount":
            amounts.append(text)
        elif name not in {"", "other", "person", "item_code"} and rank < ranks.get(name, 10**6):
            columns[name], ranks[name] = text, rank
    questions = _money(columns, amounts, pay)
    kind = _kind(columns, amounts, pay)
    paid = columns.pop("date_paid", "")
    if paid and "date" not in columns:
        columns["date"] = paid
    if kind == "pay":
        columns.pop("third_party", None)
        if "item" in columns and columns["item"] == columns.get("label"):
            del columns["label"]
    used = set(columns.values())
    dropped = {text for text, (name, _) in found if name == "person"}
    ignored = tuple(text for text, _ in found if text not in used | dropped | set(amounts))
    return Guess(ColumnMap(kind, columns), tuple(questions), ignored)


def _money(columns: dict[str, str], amounts: list[str], pay: bool) -> list[Question]:
    """Choose the columns of money, or ask."""
    pairs = (("debit", "credit"), ("spent", "received"))
    pair = next((p for p in pairs if all(name in columns for name in p)), None)
    for names in pairs:
        if names != pair:
            # One half of a pair is an amount like any other.
            amounts += [columns.pop(name) for name in names if name in columns]
    parts = [n for n in ("pay_gross", "pay_employer", "pay_total") if n in columns]
    if pair is not None:
        amounts.clear()
        return []
    if pay and parts:
        amounts.clear()
        return []
    if len(amounts) == 1:
        columns["amount"] = amounts[0]
        return []
    return [Question("amount", tuple(amounts))] if amounts else []


def _kind(columns: Mapping[str, str], amounts: Iterable[str], pay: bool) -> Kind:
    if pay:
        return "pay"
    if "debit" in columns:
        return "entries"
    dated = "date_paid" in columns or "post" in columns
    if dated and not {"account", "mandat", "titre", "bordereau", "chapter"} & set(columns):
        return "payments"
    return "pieces"


def why_ambiguous(choices: Iterable[str]) -> str:
    """Return "tax", "stage" or "" as the amounts to choose from differ.

    Examples
    --------
    >>> why_ambiguous(["Montant HT", "Montant TTC"]), why_ambiguous(["Mandaté", "Payé"])
    ('tax', 'stage')
    """
    said = list(choices)
    if len({tax_of(c) for c in said}) > 1:
        return "tax"
    return "stage" if len({stage_of(c) for c in said}) > 1 else ""


def fits(column_map: ColumnMap, layout: Layout) -> bool:
    """Tell whether a sheet has every column of a map."""
    return not missing(column_map, layout)


def missing(column_map: ColumnMap, layout: Layout) -> list[str]:
    """Return the headings of a map that a sheet lacks."""
    present = {plain(h.text) for h in layout.headers}
    return [text for text in column_map.columns.values() if plain(text) not in present]


# --- the map as a file


def load_map(path: Path, lang: Lang = "fr") -> ColumnMap:
    """Read a map.

    Raises
    ------
    InputFaults
        When the file is missing or no TOML, or a key or value is not one of those of `ColumnMap`; all of them.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except OSError as refused:
        raise unreadable(path, lang, refused) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise refusal("map_syntax", path, lang, "", reason=str(error)) from None
    faults = list(_map_faults(raw, path, lang))
    if faults:
        raise InputFaults(faults, lang)
    return ColumnMap(**raw)


_ALLOWED: Mapping[str, tuple[object, ...]] = {
    "kind": get_args(Kind),
    "decimal": get_args(Mark),
    "unit": get_args(Unit),
    "epoch": get_args(Epoch),
    "side": ("", "cost", "funding"),
    "chart": ("", "M57D", "M57A", "M14", "PCG"),
    "parties": ("", "keep", "drop"),
}


def _map_faults(raw: Mapping[str, Any], path: Path, lang: Lang) -> Iterable[Fault]:
    known = set(ColumnMap.__dataclass_fields__)
    for key, value in raw.items():
        if key not in known:
            yield fault("map_key", path, lang, key, key=key, known=", ".join(sorted(known)))
        elif key in _ALLOWED and value not in _ALLOWED[key]:
            allowed = ", ".join(str(v) or '""' for v in _ALLOWED[key])
            yield fault("map_value", path, lang, key, key=key, value=value, allowed=allowed)
        elif key in {"columns", "senses"}:
            if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
                yield fault("map_value", path, lang, key, key=key, value=value, allowed='{ … = "…" }')
                continue
            allowed_names = COLUMN_NAMES if key == "columns" else SENSES
            wrong = [k for k in (value if key == "columns" else value.values()) if k not in allowed_names]
            for name in wrong:
                yield fault(
                    "map_value", path, lang, key, key=key, value=name, allowed=", ".join(allowed_names)
                )
        elif key == "exercice" and (not isinstance(value, int) or isinstance(value, bool)):
            yield fault("map_value", path, lang, key, key=key, value=value, allowed="2024")
        elif key == "sheet" and not isinstance(value, str):
            yield fault("map_value", path, lang, key, key=key, value=value, allowed='"…"')
    for key in ("kind", "columns"):
        if key not in raw:
            yield fault("map_missing", path, lang, key, key=key)
    if isinstance(raw.get("columns"), dict) and not set(_MONEY) & set(raw["columns"]):
        yield fault("map_missing", path, lang, "columns", key="columns.amount")


def save_map(column_map: ColumnMap, path: Path, lang: Lang = "fr") -> None:
    """Write a map, in one move; `load_map` gives back the same."""
    with replacing(path) as temporary:
        temporary.write_text(map_text(column_map, lang), "utf-8")


def map_text(column_map: ColumnMap, lang: Lang = "fr") -> str:
    """Return a map as TOML, with what each column is in words."""
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment(tr("books.map.heading", lang)))
    for name in ("kind", "sheet", "decimal", "unit", "epoch", "side", "exercice", "chart", "parties"):
        value = getattr(column_map, name)
        if value not in {None, ""} and not (name == "unit" and value == "euro"):
            document.add(name, tomlkit.item(value))
    columns = tomlkit.table()
    for name in sorted(column_map.columns, key=COLUMN_NAMES.index):
        item = tomlkit.item(column_map.columns[name])
        columns.add(name, item)
        item.comment(tr(f"books.column.{name}", lang))
    document.add("columns", columns)
    if column_map.senses:
        document.add("senses", tomlkit.item(dict(sorted(column_map.senses.items()))))
    return tomlkit.dumps(document)
