"""Reads suppositions and accounts back: what differs from the law and from the chart of accounts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from conseiller.law import Law
from conseiller.workbook import form
from conseiller.workbook.form import NAME, SWITCHES, Field
from conseiller.workbook.reading import Area, CaseReading, keep, row_of, value_of

#: How a value changed in *Paramètres* is signed in the dossier.
CHANGED = "hypothèse : modifié par l'utilisateur"


def read_assumptions(reading: CaseReading, law: Law) -> None:
    """Read switches, typed assumptions, and every value of *Paramètres* that is not the law's."""
    found: list[dict[str, Any]] = []

    def add(values: dict[str, Any], places: dict[str, tuple[str, str]]) -> None:
        keep(reading, ("evolutions", len(found)), places)
        found.append(values)

    day_area = reading.area("jour_commutateurs")
    day = value_of(Field("depuis", "date"), day_area.cell(0, 0)) if day_area else None
    for parameter in SWITCHES:
        area, source = reading.area(f"commutateur_{parameter}"), reading.area(f"source_{parameter}")
        value = area.cell(0, 0) if area else None
        if area is None or value is None or day is None:
            continue
        stated = value_of(Field("source", "text"), source.cell(0, 0)) if source else None
        values = {"parametre": parameter, "depuis": day, "valeur": value, "source": stated or CHANGED}
        add(values, {k: area.name(0, 0) for k in ("parametre", "depuis", "valeur", "source")})
    table = reading.area(f"{NAME}evolutions")
    for rank in range(len(SWITCHES), table.rows if table else 0):
        assert table is not None
        values, places = row_of(reading, table, form.ASSUMPTIONS, rank)
        if values:
            add(values, places)
    known = {(row.get("parametre"), row.get("depuis")) for row in found}
    for values, places in _changed_law(reading, law):
        # A withdrawn value stands in Hypothèses too, with its source.
        if "valeur" in values or (values["parametre"], values["depuis"]) not in known:
            add(values, places)
    reading.plain["evolutions"] = found


def _changed_law(
    reading: CaseReading, law: Law
) -> Iterator[tuple[dict[str, Any], dict[str, tuple[str, str]]]]:
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
        day = value_of(Field("depuis", "date"), days.cell(rank, 0))
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
            signed = value_of(Field("source", "text"), keys.sheet.value(keys.top + rank, keys.left + 5))
            own = signed if rank in spare or _is_source(signed) else None
            record["source"] = own or CHANGED
            yield {k: v for k, v in record.items() if v is not None}, places
    limit = reading.area("p_fin")
    end = value_of(Field("fin", "date"), limit.cell(0, 0)) if limit else None
    if not isinstance(end, date):
        return
    for key, rows in shown.items():
        yield from _withdrawn(key, rows, law, keys, end)


def _is_source(text: Any) -> bool:
    return isinstance(text, str) and text.startswith(("acte", "hypothèse", "défaut"))


def _split_rows(keys: Area, skipped: int) -> tuple[range, range]:
    """Return the rows of legal values, and the spare rows after the repeated suppositions."""
    spare = keys.rows - form.SPARE_PARAMETERS
    return range(spare - skipped), range(spare, keys.rows)


def _withdrawn(
    key: str, rows: list[tuple[int, date, Any]], law: Law, keys: Area, end: date
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


def read_accounts(reading: CaseReading, law: Law) -> None:
    """Read the accounts that differ from those of the chart."""
    area = reading.area(f"{NAME}comptes")
    chart = reading.plain["collectivite"].get("plan_comptes", "M57D")
    lines = [line for line in law.lines.values() if line.code not in form.WITHOUT_ACCOUNT]
    accounts: dict[str, Any] = {}
    for rank, line in enumerate(lines if area else ()):
        assert area is not None
        values, places = row_of(reading, area, form.ACCOUNTS, rank, skip=("ligne",))
        default = line.accounts.get(str(chart), ("", ""))
        if not line.by_status:  # one account whoever holds the post
            values["titulaire"] = values.get("contractuel", default[0])
        pair = {
            "contractuel": values.get("contractuel", default[0]),
            "titulaire": values.get("titulaire", default[1]),
        }
        if (pair["contractuel"], pair["titulaire"]) != default:
            accounts[line.code] = pair
            keep(reading, ("comptes", line.code), places)
    if accounts:
        reading.plain["comptes"] = accounts
