"""Reads a case back from Excel: the blank form filled in, or a report that an officer edited.

Every table is found by its defined name. The dated values of *Paramètres* that
differ from the law become assumptions of the dossier, marked as the user's.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, get_args
from zipfile import BadZipFile

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.datetime import from_excel
from openpyxl.utils.exceptions import InvalidFileException

from conseiller.dossier.report import Locate
from conseiller.dossier.schema import AuthorityField
from conseiller.engine import YEARS
from conseiller.errors import Fault, InputFaults
from conseiller.law import Law
from conseiller.messages import LANGUAGES, Lang, tr
from conseiller.workbook import form
from conseiller.workbook.form import NAME, SWITCHES, Field, Form

#: What a file that is no workbook, or a damaged one, makes openpyxl raise; SyntaxError stands for broken XML.
_DAMAGED = (
    BadZipFile,
    InvalidFileException,
    KeyError,
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    zlib.error,
)

#: How a value changed in *Paramètres* is signed in the dossier.
CHANGED = "hypothèse : modifié par l'utilisateur"


class _Sheet:
    """The values of one worksheet; only the sheets that hold inputs are ever read through."""

    def __init__(self, raw: Any) -> None:
        self.title: str = raw.title
        raw.reset_dimensions()  # as some programs state them wrongly
        self._rows: list[tuple[Any, ...]] = list(raw.iter_rows(values_only=True))

    def value(self, row: int, col: int) -> Any:
        """Return the value of a cell (1-based), None beyond what the sheet holds."""
        if row > len(self._rows) or col > len(self._rows[row - 1]):
            return None
        return self._rows[row - 1][col - 1]


@dataclass
class _Area:
    """A named range: its worksheet and its bounds (1-based)."""

    sheet: _Sheet
    left: int
    top: int
    right: int
    bottom: int

    def cell(self, row: int, col: int) -> Any:
        """Return the value of a cell, counted from the corner (from 0)."""
        return self.sheet.value(self.top + row, self.left + col)

    def name(self, row: int, col: int) -> tuple[str, str]:
        """Return sheet and address of a cell."""
        return self.sheet.title, f"{get_column_letter(self.left + col)}{self.top + row}"

    @property
    def rows(self) -> int:
        return self.bottom - self.top + 1


@dataclass
class _Reading:
    """The case being read: plain values under French keys, and where each stands."""

    file: Path
    lang: Lang
    book: Any
    plain: dict[str, Any] = field(default_factory=dict)
    places: dict[tuple[Any, ...], tuple[str, str]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    sheets: dict[str, _Sheet] = field(default_factory=dict)

    def sheet(self, title: str) -> _Sheet:
        """Return a sheet, read through once."""
        if title not in self.sheets:
            try:
                self.sheets[title] = _Sheet(self.book[title])
            except _DAMAGED:
                raise _refusal("unreadable", self.file, self.lang) from None
        return self.sheets[title]

    def area(self, key: str) -> _Area | None:
        """Return the area of a defined name, None when the workbook has no such name."""
        name = self.book.defined_names.get(key)
        if name is None:
            return None
        for title, bounds in name.destinations:
            left, top, right, bottom = (n or 1 for n in range_boundaries(bounds.replace("$", "")))
            if title in self.book.sheetnames:
                return _Area(self.sheet(title), left, top, right, bottom)
        return None

    def locate(self, path: tuple[Any, ...]) -> str:
        """Say where a value stands: file, sheet, cell; the nearest known place above it otherwise."""
        for length in range(len(path), -1, -1):
            found = self.places.get(tuple(path[:length]))
            if found:
                sheet, cell = found
                return tr("workbook.at_cell", self.lang, file=self.file.name, sheet=sheet, cell=cell)
        return tr("workbook.at_file", self.lang, file=self.file.name)

    def fault(self, code: str, place: tuple[str, str], **values: Any) -> None:
        """Record a fault that concerns a row of the form as such."""
        sheet, cell = place
        where = tr("workbook.at_cell", self.lang, file=self.file.name, sheet=sheet, cell=cell)
        message = tr(f"workbook.fault.{code}.message", self.lang, **values)
        remedy = tr(f"workbook.fault.{code}.remedy", self.lang, **values)
        self.faults.append(Fault(message, where, remedy, code))


def read_workbook(path: Path, law: Law, lang: Lang = "fr") -> tuple[dict[str, Any], Locate]:
    """Read the case of a form or of a report written by ``conseiller report``.

    Parameters
    ----------
    path : Path
        An ``.xlsx`` file.
    law : Law
        The legal tables of the package, to tell which values of *Paramètres* were changed.
    lang : {"fr", "en"}
        Language of the faults.

    Returns
    -------
    plain : dict
        Values under the French keys of the schema.
    locate : callable
        Gives file, sheet and cell of a value's path.

    Raises
    ------
    InputFaults
        When the file cannot be read, is no form of ours, or has rows that belong to no post.
    """
    book = _open(path, lang)
    try:
        return _read(_Reading(path, lang, book), law)
    finally:
        book.close()  # or the officer could not save over the file


def _read(reading: _Reading, law: Law) -> tuple[dict[str, Any], Locate]:
    if reading.area(f"{NAME}collectivite") is None:
        raise _refusal("not_a_form", reading.file, reading.lang)
    _authority(reading)
    rates = list(_records(reading, form.RATES, ("taux_employeur",)))
    if rates:  # an empty table takes the default rates, which the reports name
        reading.plain["taux_employeur"] = rates
    _posts(reading)
    posts = len(reading.plain["postes"])
    codes = [p.get("code") for p in reading.plain["postes"]]
    for key in ("autres_couts", "autres_financements"):
        declared = form.item_form(key, _post_rows(reading))
        rows = list(_records(reading, declared, (key,)))
        for row in rows:
            shares = {c: row.pop(f"part_{p + 1}", None) for p, c in enumerate(codes)}
            for p in range(posts, _post_rows(reading)):
                row.pop(f"part_{p + 1}", None)
            row["repartition"] = {c: w for c, w in shares.items() if c and w is not None}
        reading.plain[key] = rows
    _assumptions(reading, law)
    _accounts(reading, law)
    _scenarios(reading)
    if reading.faults:
        _raise_all(reading, law, reading.lang)
    return reading.plain, reading.locate


def _raise_all(reading: _Reading, law: Law, lang: Lang) -> None:
    """Raise the reader's faults together with those of the case itself."""
    from conseiller.dossier.check import build

    faults = list(reading.faults)
    try:
        build(reading.plain, reading.locate, law, lang)
    except InputFaults as more:
        faults += more.faults
    raise InputFaults(faults, lang)


def _open(path: Path, lang: Lang) -> Any:
    try:
        return openpyxl.load_workbook(path, data_only=True, read_only=True)
    except _DAMAGED:
        raise _refusal("unreadable", path, lang) from None


def _refusal(code: str, path: Path, lang: Lang) -> InputFaults:
    where = tr("workbook.at_file", lang, file=path.name)
    message = tr(f"workbook.fault.{code}.message", lang)
    return InputFaults([Fault(message, where, tr(f"workbook.fault.{code}.remedy", lang), code)], lang)


# --- cells -----------------------------------------------------------------------------------------


def _value(item: Field, raw: Any) -> Any:
    """Return what a cell says, in the type its field expects where that is certain."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    if item.kind == "date":
        if isinstance(raw, datetime):
            return raw.date()
        if isinstance(raw, int | float) and not isinstance(raw, bool) and 1 <= raw < 2_958_466:
            return from_excel(raw).date()
        return raw
    if item.kind == "yesno":
        return _yes_no().get(str(raw).strip().lower(), raw)
    if item.kind in ("text", "code", "account", "choice"):
        if isinstance(raw, float) and raw.is_integer():
            raw = int(raw)
        return str(raw).strip()
    if item.kind == "integer" and isinstance(raw, float) and raw.is_integer():
        return int(raw)
    return raw


@cache
def _yes_no() -> dict[str, bool]:
    """Return the words for yes and no of every language."""
    words = {"workbook.yes": True, "workbook.no": False}
    return {tr(key, lang): said for key, said in words.items() for lang in LANGUAGES}


def _row(
    reading: _Reading, area: _Area, declared: Form, rank: int, skip: tuple[str, ...] = ()
) -> tuple[dict[str, Any], dict[str, tuple[str, str]]]:
    """Return the values of a row, empty cells left out, and the place of every field."""
    values, places = {}, {}
    for col, item in enumerate(declared.fields):
        places[item.key] = area.name(rank, col)
        value = _value(item, area.cell(rank, col))
        if value is not None and item.key not in skip:
            values[item.key] = value
    return values, places


def _keep(reading: _Reading, path: tuple[Any, ...], places: dict[str, tuple[str, str]]) -> None:
    """Remember where a record and its fields stand."""
    reading.places[path] = next(iter(places.values()))
    for key, place in places.items():
        reading.places[(*path, key)] = place


def _records(
    reading: _Reading, declared: Form, path: tuple[Any, ...], skip: tuple[str, ...] = ()
) -> Iterator[dict[str, Any]]:
    """Yield the filled rows of a table, places remembered by their rank among filled rows."""
    area = reading.area(f"{NAME}{declared.key}")
    if area is None:
        return
    count = 0
    reading.places.setdefault(path, area.name(0, 0))
    for rank in range(area.rows):
        values, places = _row(reading, area, declared, rank, skip)
        if values:
            _keep(reading, (*path, count), places)
            count += 1
            yield values


# --- tables ----------------------------------------------------------------------------------------


def _authority(reading: _Reading) -> None:
    area = reading.area(f"{NAME}collectivite")
    assert area is not None
    authority: dict[str, Any] = {}
    period: dict[str, Any] = {}
    source_of: dict[str, Any] = {}
    reading.places[("collectivite",)] = area.name(0, 0)
    for rank, item in enumerate(form.AUTHORITY.fields):
        owner, key = (
            ("periode", item.key)
            if item.key in ("premier_exercice", "dernier_exercice", "date_rapport")
            else ("collectivite", item.key)
        )
        reading.places[(owner, key)] = area.name(rank, 0)
        reading.places.setdefault((owner,), area.name(rank, 0))
        value = _value(item, area.cell(rank, 0))
        if key == "zone_residence" and str(value).isdigit():
            value = int(value)
        if value is not None:
            (authority if owner == "collectivite" else period)[key] = value
        source = _value(Field("source", "text"), area.cell(rank, 1))
        source_of[item.key] = (source, area.name(rank, 1))
        if source is not None and item.key in get_args(AuthorityField):
            authority.setdefault("sources", {})[item.key] = source
            reading.places["collectivite", "sources", item.key] = area.name(rank, 1)
    for owner, target, key, name in (
        ("collectivite", authority, "nom", "source"),
        ("collectivite", authority, "effectif", "source_effectif"),
        ("periode", period, "premier_exercice", "source"),
    ):
        source, place = source_of[key]
        reading.places[(owner, name)] = place
        if source is not None:
            target[name] = source
    reading.plain |= {"collectivite": authority, "periode": period}


def _post_rows(reading: _Reading) -> int:
    area = reading.area(f"{NAME}postes")
    return area.rows if area else 0


def _posts(reading: _Reading) -> None:
    """Read posts, and give each its contracts, pay terms, conventions and instalments."""
    area = reading.area(f"{NAME}postes")
    assert area is not None
    posts: list[dict[str, Any]] = []
    block_of: dict[int, int] = {}
    for rank in range(area.rows):
        values, places = _row(reading, area, form.POSTS, rank)
        if values:
            _keep(reading, ("postes", len(posts)), places)
            block_of[rank] = len(posts)
            posts.append(values)
    reading.plain["postes"] = posts
    reading.places[("postes",)] = area.name(0, 0)
    slots = _contracts(reading, posts, block_of, area.rows)
    _terms(reading, posts, block_of, area.rows, slots)
    _conventions(reading, posts)


def _contracts(
    reading: _Reading, posts: list[dict[str, Any]], block_of: dict[int, int], blocks: int
) -> dict[tuple[int, int], int]:
    """Read contracts; return the rank of each filled slot among its post's contracts."""
    area = reading.area(f"{NAME}contrats")
    slots: dict[tuple[int, int], int] = {}
    if area is None:
        return slots
    size = area.rows // blocks
    for rank in range(area.rows):
        values, places = _row(reading, area, form.CONTRACTS, rank, skip=("poste", "numero"))
        if not values:
            continue
        block, slot = divmod(rank, size)
        if block not in block_of:
            reading.fault("row_without_post", area.name(rank, 0), number=block + 1)
            continue
        post = block_of[block]
        held = posts[post].setdefault("contrats", [])
        slots[post, slot + 1] = len(held)
        _keep(reading, ("postes", post, "contrats", len(held)), places)
        held.append(values)
    return slots


def _terms(
    reading: _Reading,
    posts: list[dict[str, Any]],
    block_of: dict[int, int],
    blocks: int,
    slots: dict[tuple[int, int], int],
) -> None:
    area = reading.area(f"{NAME}remuneration")
    if area is None:
        return
    size = area.rows // blocks
    for rank in range(area.rows):
        values, places = _row(reading, area, form.TERMS, rank, skip=("poste",))
        if not values:
            continue
        if rank // size not in block_of:
            reading.fault("row_without_post", area.name(rank, 0), number=rank // size + 1)
            continue
        post = block_of[rank // size]
        number = values.pop("contrat", None)
        contract = slots.get((post, number)) if isinstance(number, int) else None
        if contract is None:
            reading.fault("term_without_contract", places["contrat"], post=posts[post].get("code", "?"))
            continue
        held = posts[post]["contrats"][contract].setdefault("remuneration", [])
        _keep(reading, ("postes", post, "contrats", contract, "remuneration", len(held)), places)
        held.append(values)


def _conventions(reading: _Reading, posts: list[dict[str, Any]]) -> None:
    by_code = {str(p.get("code", "")).lower(): rank for rank, p in enumerate(posts)}
    area = reading.area(f"{NAME}conventions")
    homes: dict[tuple[int, str], tuple[int, dict[str, Any]]] = {}
    for rank in range(area.rows if area else 0):
        assert area is not None
        values, places = _row(reading, area, form.CONVENTIONS, rank)
        if not values:
            continue
        post = by_code.get(str(values.pop("poste", "")).lower())
        if post is None:
            reading.fault("unknown_post", places["poste"])
            continue
        tranches: list[dict[str, Any]] = []
        held = posts[post].setdefault("conventions", [])
        path = ("postes", post, "conventions", len(held))
        for k in range(1, YEARS + 1):
            months, amount = values.pop(f"mois_{k}", None), values.pop(f"montant_{k}", None)
            if months is None and amount is None:
                continue
            reading.places[(*path, "tranches", len(tranches), "mois")] = places[f"mois_{k}"]
            reading.places[(*path, "tranches", len(tranches), "montant")] = places[f"montant_{k}"]
            tranches.append({n: v for n, v in (("mois", months), ("montant", amount)) if v is not None})
        if tranches:
            values["tranches"] = tranches
            reading.places[(*path, "tranches")] = places["mois_1"]
        _keep(reading, path, places)
        homes.setdefault((post, str(values.get("code", "")).lower()), (len(held), values))
        held.append(values)
    _instalments(reading, by_code, homes)


def _instalments(
    reading: _Reading, by_code: dict[str, int], homes: dict[tuple[int, str], tuple[int, dict[str, Any]]]
) -> None:
    area = reading.area(f"{NAME}versements")
    for rank in range(area.rows if area else 0):
        assert area is not None
        values, places = _row(reading, area, form.INSTALMENTS, rank)
        if not values:
            continue
        post = by_code.get(str(values.pop("poste", "")).lower())
        home = homes.get((post if post is not None else -1, str(values.pop("convention", "")).lower()))
        if post is None or home is None:
            reading.fault("unknown_convention", places["convention"])
            continue
        number, convention = home
        held = convention.setdefault("versements", [])
        _keep(reading, ("postes", post, "conventions", number, "versements", len(held)), places)
        held.append(values)


# --- law -------------------------------------------------------------------------------------------


def _assumptions(reading: _Reading, law: Law) -> None:
    """Read switches, typed assumptions, and every value of *Paramètres* that is not the law's."""
    found: list[dict[str, Any]] = []

    def add(values: dict[str, Any], places: dict[str, tuple[str, str]]) -> None:
        _keep(reading, ("evolutions", len(found)), places)
        found.append(values)

    day_area = reading.area("jour_commutateurs")
    day = _value(Field("depuis", "date"), day_area.cell(0, 0)) if day_area else None
    for parameter in SWITCHES:
        area, source = reading.area(f"commutateur_{parameter}"), reading.area(f"source_{parameter}")
        value = area.cell(0, 0) if area else None
        if area is None or value is None or day is None:
            continue
        stated = _value(Field("source", "text"), source.cell(0, 0)) if source else None
        values = {"parametre": parameter, "depuis": day, "valeur": value, "source": stated or CHANGED}
        add(values, {k: area.name(0, 0) for k in ("parametre", "depuis", "valeur", "source")})
    table = reading.area(f"{NAME}evolutions")
    for rank in range(len(SWITCHES), table.rows if table else 0):
        assert table is not None
        values, places = _row(reading, table, form.ASSUMPTIONS, rank)
        if values:
            add(values, places)
    known = {(row.get("parametre"), row.get("depuis")) for row in found}
    for values, places in _changed_law(reading, law):
        # A withdrawn value stands in Hypothèses too, with its source.
        if "valeur" in values or (values["parametre"], values["depuis"]) not in known:
            add(values, places)
    reading.plain["evolutions"] = found


def _changed_law(reading: _Reading, law: Law) -> Iterator[tuple[dict[str, Any], dict[str, tuple[str, str]]]]:
    """Yield what differs from the law in *Paramètres*: values changed, added, or withdrawn."""
    # Where scenarios change legal values, those in force stand apart from those typed.
    typed = "p_saisie" if "p_saisie" in reading.book.defined_names else "p_valeur"
    keys, days, values = (reading.area(n) for n in ("p_cle", "p_date", typed))
    if keys is None or days is None or values is None:
        return
    evolutions = reading.area(f"{NAME}evolutions")
    skipped = evolutions.rows if evolutions else 0
    legal, spare = _split_rows(keys, skipped)
    shown: dict[str, list[tuple[int, date, Any]]] = {}
    for rank in (*legal, *spare):
        key = keys.cell(rank, 0)
        day = _value(Field("depuis", "date"), days.cell(rank, 0))
        value = values.cell(rank, 0)
        if key is None and day is None and value is None:
            continue
        places = {
            "parametre": keys.name(rank, 0),
            "depuis": days.name(rank, 0),
            "valeur": values.name(rank, 0),
        }
        places["source"] = places["valeur"]
        known = {e.start: e.value for e in law.tables[key].entries} if key in law.tables else {}
        if rank in legal and (value is None or not isinstance(day, date)):
            continue
        if isinstance(day, date):
            shown.setdefault(str(key), []).append((rank, day, value))
        if key not in law.tables or not isinstance(day, date) or known.get(day) != value:
            record = {"parametre": key, "depuis": day, "valeur": value}
            signed = _value(Field("source", "text"), keys.sheet.value(keys.top + rank, keys.left + 5))
            own = signed if rank in spare or _is_source(signed) else None
            record["source"] = own or CHANGED
            yield {k: v for k, v in record.items() if v is not None}, places
    limit = reading.area("p_fin")
    end = _value(Field("fin", "date"), limit.cell(0, 0)) if limit else None
    if not isinstance(end, date):
        return
    for key, rows in shown.items():
        yield from _withdrawn(key, rows, law, keys, end)


def _is_source(text: Any) -> bool:
    return isinstance(text, str) and text.startswith(("acte", "hypothèse", "défaut"))


def _split_rows(keys: _Area, skipped: int) -> tuple[range, range]:
    """Return the rows of legal values, and the spare rows after the repeated suppositions."""
    spare = keys.rows - form.SPARE_PARAMETERS
    return range(spare - skipped), range(spare, keys.rows)


def _withdrawn(
    key: str, rows: list[tuple[int, date, Any]], law: Law, keys: _Area, end: date
) -> Iterator[tuple[dict[str, Any], dict[str, tuple[str, str]]]]:
    """Yield the dated values of the law that the workbook showed and the officer took away or moved."""
    if key not in law.tables:
        return
    days = {day for _, day, _ in rows}
    first = min(days)
    for entry in law.tables[key].entries:
        if first < entry.start < end and entry.start not in days:
            place = keys.name(rows[0][0], 0)
            values = {"parametre": key, "depuis": entry.start, "source": CHANGED}
            yield values, dict.fromkeys(("parametre", "depuis", "valeur", "source"), place)


def _accounts(reading: _Reading, law: Law) -> None:
    """Read the accounts that differ from those of the chart."""
    area = reading.area(f"{NAME}comptes")
    chart = reading.plain["collectivite"].get("plan_comptes", "M57D")
    lines = [line for line in law.lines.values() if line.code not in form.WITHOUT_ACCOUNT]
    accounts: dict[str, Any] = {}
    for rank, line in enumerate(lines if area else ()):
        assert area is not None
        values, places = _row(reading, area, form.ACCOUNTS, rank, skip=("ligne",))
        default = line.accounts.get(str(chart), ("", ""))
        if not line.by_status:  # one account whoever holds the post
            values["titulaire"] = values.get("contractuel", default[0])
        pair = {
            "contractuel": values.get("contractuel", default[0]),
            "titulaire": values.get("titulaire", default[1]),
        }
        if (pair["contractuel"], pair["titulaire"]) != default:
            accounts[line.code] = pair
            _keep(reading, ("comptes", line.code), places)
    if accounts:
        reading.plain["comptes"] = accounts


# --- scenarios -------------------------------------------------------------------------------------


def _scenarios(reading: _Reading) -> None:
    """Read the changes of scenarios, a row each; a row without a name goes on with the scenario above."""
    area = reading.area(f"{NAME}scenarios")
    found: list[dict[str, Any]] = []
    for rank in range(area.rows if area else 0):
        assert area is not None
        values, places = _row(reading, area, form.SCENARIOS, rank)
        if not values:
            continue
        name = values.pop("nom", None)
        if not found or (name is not None and name != found[-1].get("nom")):
            path = ("scenarios", len(found))
            reading.places[path] = reading.places[(*path, "nom")] = places["nom"]
            found.append({"nom": name, "changements": []} if name is not None else {"changements": []})
        if "parts" in values:
            values["parts"] = _parts(values["parts"])
        held = found[-1]["changements"]
        _keep(reading, ("scenarios", len(found) - 1, "changements", len(held)), places)
        held.append(values)
    if area is not None:
        reading.places.setdefault(("scenarios",), area.name(0, 0))
    if found:
        reading.plain["scenarios"] = found


def _parts(text: str) -> Any:
    """Return the parts written as ``Avesnes = 2100 ; Aubigny = 1600``; what is no list of parts is left as it is."""
    pairs = [part.split("=") for part in text.split(";") if part.strip()]
    if any(len(pair) != 2 for pair in pairs):
        return text
    return {name.strip(): weight.strip() for name, weight in pairs}
