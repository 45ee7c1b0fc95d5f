"""A dossier as the rows of the form: plain values under French keys, and what the sheet shows besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from conseiller.dossier import schema
from conseiller.messages import Lang, tr
from conseiller.workbook import form
from conseiller.workbook.form import SWITCHES, Room

Row = Mapping[str, Any]


def rows_of(dossier: schema.Dossier, room: Room, free: Sequence[schema.Assumption]) -> dict[str, list[Row]]:
    """Return the rows of every table of the form, as plain values under French keys.

    Contracts and pay terms come in a block of fixed length for each post.
    """
    tables: dict[str, list[Row]] = {key: [] for key in ("postes", "contrats", "remuneration")}
    tables |= {key: [] for key in ("conventions", "versements")}
    for post in dossier.posts:
        tables["postes"].append(post.model_dump(by_alias=True, exclude={"contracts", "conventions"}))
        contracts = [c.model_dump(by_alias=True, exclude={"terms"}) for c in post.contracts]
        tables["contrats"] += contracts + [{}] * (room.contracts - len(contracts))
        terms = [
            {"contrat": number, **t.model_dump(by_alias=True)}
            for number, c in enumerate(post.contracts, start=1)
            for t in c.terms
        ]
        tables["remuneration"] += terms + [{}] * (room.terms - len(terms))
        for c in post.conventions:
            row = {"poste": post.code, **c.model_dump(by_alias=True, exclude={"tranches", "instalments"})}
            for rank, t in enumerate(c.tranches, start=1):
                row |= {f"mois_{rank}": t.months, f"montant_{rank}": t.amount}
            tables["conventions"].append(row)
            tables["versements"] += [
                {"poste": post.code, "convention": c.code, **i.model_dump(by_alias=True)}
                for i in c.instalments
            ]
    for key, items in (("autres_couts", dossier.costs), ("autres_financements", dossier.funding)):
        tables[key] = [
            {
                **item.model_dump(by_alias=True, exclude={"shares"}),
                **{f"part_{p + 1}": item.shares.get(post.code) for p, post in enumerate(dossier.posts)},
            }
            for item in items
        ]
    tables["taux_employeur"] = [r.model_dump(by_alias=True) for r in dossier.rates]
    tables["evolutions"] = [{}] * len(SWITCHES) + [a.model_dump(by_alias=True) for a in free]
    return tables


def authority_values(dossier: schema.Dossier, lang: Lang) -> dict[str, tuple[Any, str]]:
    """Return value and source of each field of the authority and of the period.

    A value that nobody typed is shown with a source that says so, which the reader knows again.
    """
    a, p = dossier.authority, dossier.period
    values = a.model_dump(by_alias=True) | p.model_dump(by_alias=True)
    values["zone_residence"] = str(a.residence_zone)
    by_default = {
        f.alias or name
        for name, f in schema.Authority.model_fields.items()
        if f.default is not None and not a.states(name)
    }
    sources: dict[str, str] = {key: tr("form.untyped", lang) for key in by_default}
    sources |= {str(key): source for key, source in a.sources.items()}
    sources |= {"nom": a.source, "effectif": a.headcount_source}
    sources["premier_exercice"] = p.source
    return {f.key: (values[f.key], sources.get(f.key, "")) for f in form.AUTHORITY.fields}


@dataclass(frozen=True)
class AccountRow:
    """A line of the plan and where it is booked for each status."""

    code: str
    label: str
    contractuel: str
    titulaire: str
    by_status: bool


@dataclass(frozen=True)
class Facts:
    """What the sheet shows besides the tables: codes, switches, dates, accounts, texts of grid keys."""

    report_date: date
    switch_day: date
    codes: tuple[str, ...] = ()
    switches: Mapping[str, tuple[float | None, str]] = field(default_factory=dict)
    accounts: tuple[AccountRow, ...] = ()
    grid_texts: Mapping[tuple[int, int], str] = field(default_factory=dict)
