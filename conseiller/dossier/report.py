"""Gathers the faults of a case, in the order of the form, worded in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from conseiller import text
from conseiller.dossier import excel_words
from conseiller.dossier.reading import Refused
from conseiller.dossier.schema import Dossier, Record
from conseiller.errors import Fault
from conseiller.messages import Lang, tr

Path = tuple[str | int, ...]
#: Says where a value stands in the form: file and line, or file, sheet and cell.
Locate = Callable[[Path], str]


def at(plain: Any, path: Path) -> Any:
    """Return the plain value at a path, None where there is none."""
    for part in path:
        row = isinstance(plain, (list, tuple)) and isinstance(part, int) and part < len(plain)
        if not row and not (isinstance(plain, Mapping) and part in plain):
            return None
        plain = plain[part]
    return plain


def _rank(plain: Any, path: Path) -> tuple[int, ...]:
    """Return the place of a path in the order of the form, to sort faults by."""
    ranks: list[int] = []
    for part in path:
        if isinstance(part, int):
            ranks.append(part)
            plain = plain[part] if isinstance(plain, Sequence) and part < len(plain) else None
        elif isinstance(plain, Mapping) and part in plain:
            ranks.append(list(plain).index(part))
            plain = plain[part]
        else:
            ranks.append(-1)  # a missing key is told at the head of its record
            plain = None
    return tuple(ranks)


class Report:
    """The faults found so far.

    Parameters
    ----------
    plain : dict
        The case as it was read, under the keys of the form.
    locate : callable
        Says where a path stands in the form.
    lang : {"fr", "en"}
    excel : bool
        Whether the form is an Excel one: fields are then called by their labels, rates are percents.
    root : type of record
        What the form states: a case, or what goes with one.
    """

    def __init__(
        self,
        plain: Any,
        locate: Locate,
        lang: Lang,
        *,
        excel: bool = False,
        root: type[Record] = Dossier,
    ) -> None:
        self.plain = plain
        self.locate = locate
        self.lang: Lang = lang
        self.excel = excel
        self.root = root
        self._found: list[tuple[tuple[int, ...], Fault]] = []

    def add(
        self,
        path: Path,
        code: str,
        /,
        *,
        remedy: str | None = None,
        room: str = "dossier",
        **values: object,
    ) -> None:
        """Record a fault at a path; `values` fill the placeholders of its message and of its remedy.

        Parameters
        ----------
        path : tuple
            Keys and positions from the root of the form.
        code : str
            Kind of fault: its texts stand under ``<room>.fault.<code>`` in the catalogue.
        remedy : str, optional
            A remedy already worded, better than the usual one of this kind.
        room : str
            Part of the catalogue.
        """
        if self.excel and values.get("key") == (path[-1] if path else None):
            values["key"] = excel_words.label(path, self.lang)
        shown = {key: self.show(value) for key, value in values.items()}
        message = self.words(path, f"{room}.fault.{code}.message", **shown)
        remedy = remedy or self.words(path, f"{room}.fault.{code}.remedy", **shown)
        fault = Fault(message, self.locate(path), remedy, code)
        if all(fault != other for _, other in self._found):
            self._found.append((_rank(self.plain, path), fault))

    def words(self, path: Path, key: str, /, **values: str) -> str:
        """Return a text about a path, worded for the kind of form, placeholders filled."""
        if self.excel:
            return excel_words.template(key, path, self.lang).format(**values)
        return tr(key, self.lang, **values)

    def name(self, path: Path) -> str:
        """Return what the form calls the field at a path: its key, or its label in Excel."""
        return excel_words.label(path, self.lang) if self.excel else str(path[-1])

    def show_at(self, path: Path, value: object) -> str:
        """Return a number as the form shows it at a path: a percent where the cells of a field are."""
        percent = excel_words.percent(path, value, self.lang) if self.excel else None
        return self.quote(value) if percent is None else percent

    def show(self, value: object) -> str:
        """Return a value as a reader writes it; a text is left as it is."""
        match value:
            case bool():
                return tr("common.yes" if value else "common.no", self.lang)
            case date():
                return text.date_long(value, self.lang)
            case int() | float():
                return text.number(value, self.lang) if abs(value) < 1e15 else repr(value)
            case str():
                return value
            case list() | tuple() | set() | frozenset():
                return text.listing(sorted(map(self.show, value)), self.lang)
            case _:
                return str(value)

    def quote(self, value: object) -> str:
        """Return a value as it stands in the form, short enough for a message."""
        if isinstance(value, Mapping):
            return tr("dossier.quoted.table", self.lang)
        if isinstance(value, (list, tuple)):
            return tr("dossier.quoted.list", self.lang)
        if value is None:
            return tr("dossier.quoted.nothing", self.lang)
        if isinstance(value, date):
            return text.date_short(value, self.lang)
        if not isinstance(value, str) or isinstance(value, Refused):
            return self.show(value)
        return tr("dossier.quoted.text", self.lang, text=text.clipped(value))

    @property
    def count(self) -> int:
        """How many faults were found so far."""
        return len(self._found)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All faults, in the order of the form."""
        return tuple(fault for _, fault in sorted(self._found, key=lambda pair: pair[0]))
