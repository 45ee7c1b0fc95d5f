"""Reads a case back from Excel: the blank form filled in, or a report that an officer edited.

Every table is found by its defined name. The dated values of *Paramètres* that
differ from the law become assumptions of the dossier, marked as the user's.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, get_args

import openpyxl

from conseiller.dossier.report import Locate
from conseiller.dossier.schema import Authority, AuthorityField
from conseiller.errors import InputFaults
from conseiller.law import Law
from conseiller.messages import LANGUAGES, Lang, tr
from conseiller.workbook import form
from conseiller.workbook.form import NAME, Field
from conseiller.workbook.read_law import read_accounts, read_assumptions
from conseiller.workbook.read_posts import post_rows, read_posts
from conseiller.workbook.reading import DAMAGED, CaseReading, keep, records, refusal, row_of, value_of


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
        return _read(CaseReading(path, lang, book), law)
    finally:
        book.close()  # or the officer could not save over the file


def _read(reading: CaseReading, law: Law) -> tuple[dict[str, Any], Locate]:
    if reading.area(f"{NAME}collectivite") is None:
        raise refusal("not_a_form", reading.file, reading.lang)
    _authority(reading)
    rates = list(records(reading, form.RATES, ("taux_employeur",)))
    if rates:  # an empty table takes the default rates, which the reports name
        reading.plain["taux_employeur"] = rates
    read_posts(reading)
    posts = len(reading.plain["postes"])
    codes = [p.get("code") for p in reading.plain["postes"]]
    for key in ("autres_couts", "autres_financements"):
        declared = form.item_form(key, post_rows(reading))
        rows = list(records(reading, declared, (key,)))
        for row in rows:
            shares = {c: row.pop(f"part_{p + 1}", None) for p, c in enumerate(codes)}
            for p in range(posts, post_rows(reading)):
                row.pop(f"part_{p + 1}", None)
            row["repartition"] = {c: w for c, w in shares.items() if c and w is not None}
        reading.plain[key] = rows
    read_assumptions(reading, law)
    read_accounts(reading, law)
    _scenarios(reading)
    if reading.faults:
        _raise_all(reading, law, reading.lang)
    return reading.plain, reading.locate


def _raise_all(reading: CaseReading, law: Law, lang: Lang) -> None:
    """Raise the reader's faults together with those of the case itself."""
    from conseiller.dossier.check import build

    faults = list(reading.faults)
    try:
        build(reading.plain, reading.locate, law, lang, excel=True)
    except InputFaults as more:
        faults += more.faults
    raise InputFaults(faults, lang)


def _open(path: Path, lang: Lang) -> Any:
    try:
        return openpyxl.load_workbook(path, data_only=True, read_only=True)
    except DAMAGED:
        raise refusal("unreadable", path, lang) from None


def _authority(reading: CaseReading) -> None:
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
        value = value_of(item, area.cell(rank, 0))
        if key == "zone_residence" and str(value).isdigit():
            value = int(value)
        source = value_of(Field("source", "text"), area.cell(rank, 1))
        untyped = source in _untyped()
        if untyped:  # a value typed over that of the tool has the source of the record
            source = None
        if value is not None and not (untyped and value == _default(key)):
            (authority if owner == "collectivite" else period)[key] = value
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


@cache
def _untyped() -> set[str]:
    """Return the source of a value that nobody typed, as the report writes it in every language."""
    return {tr("form.untyped", lang) for lang in LANGUAGES}


def _default(key: str) -> Any:
    """Return the default of a field of the authority, by its French key."""
    return next((f.default for n, f in Authority.model_fields.items() if key in (f.alias, n)), None)


def _scenarios(reading: CaseReading) -> None:
    """Read the changes of scenarios, a row each; a row without a name goes on with the scenario above."""
    area = reading.area(f"{NAME}scenarios")
    found: list[dict[str, Any]] = []
    for rank in range(area.rows if area else 0):
        assert area is not None
        values, places = row_of(reading, area, form.SCENARIOS, rank)
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
        keep(reading, ("scenarios", len(found) - 1, "changements", len(held)), places)
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
