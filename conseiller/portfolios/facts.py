"""What a table says of a post beside its dossier: employer, place, kind, state, grant paid; read and checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conseiller.dossier.case_rules import luhn
from conseiller.dossier.reading import as_number
from conseiller.errors import Fault, fault
from conseiller.ledger.cells import plain
from conseiller.messages import Lang, tr
from conseiller.portfolios.departments import code_of, most_alike
from conseiller.portfolios.rows import STATES, Row

_KINDS = {"": "public"}
_KINDS |= dict.fromkeys(("prive", "privee", "private", "association"), "private")
_KINDS |= dict.fromkeys(("public", "publique", "collectivite"), "public")
_SIREN, _SIRET = 9, 14


@dataclass(frozen=True)
class PostFacts:
    """What is known of a post beside its dossier.

    Parameters
    ----------
    authority, siren, department, post : str
        The département by its code; all that is not known is "".
    kind : {"public", "private"}
    paid : float or None
        Grant paid to date [euros], None when unknown.
    state : str
        As stated: "occupe", "vacant", "rendu" or "".
    where : str
        File and row.
    """

    authority: str
    siren: str
    department: str
    post: str
    kind: str
    paid: float | None
    state: str
    where: str


def siren_of(row: Row) -> str:
    """Return the SIREN of a row, of the first nine digits of a SIRET; as written when it is neither."""
    said = row.text("siren")
    digits = said.replace(" ", "").replace(".", "")
    if not digits.isdecimal():
        return said
    return digits[:_SIREN] if len(digits) == _SIRET and luhn(digits) else digits


def department_of(row: Row) -> str:
    """Return the code of the département of a row; as written when it is none."""
    said = row.text("departement")
    return code_of(said) or said


def facts_of(rows: Sequence[Row], lang: Lang) -> tuple[PostFacts, list[Fault]]:
    """Return what the rows of one post say of it, and what is wrong with that.

    Parameters
    ----------
    rows : sequence of Row
        The first states employer, place, kind and state; the grant paid is added up over all of them.
    lang : {"fr", "en"}
    """
    first = rows[0]
    paid = [as_number(row.cells["total_verse"]) for row in rows if "total_verse" in row.cells]
    amounts = [float(p) for p in paid if isinstance(p, int | float)]
    siren = siren_of(first)
    facts = PostFacts(
        authority=first.text("collectivite") or siren,
        siren=siren,
        department=department_of(first),
        post=first.text("poste"),
        kind=_KINDS.get(plain(first.text("type_employeur")), "public"),
        paid=round(sum(amounts), 2) if paid else None,
        state=STATES.get(plain(first.text("etat")), ""),
        where=first.where,
    )
    told = [f for row in rows for f in row.faults]
    return facts, told or [*_faults(rows, facts, lang)]


def _faults(rows: Sequence[Row], facts: PostFacts, lang: Lang) -> Iterator[Fault]:
    first = rows[0]

    def told(code: str, column: str, row: Row = first, **values: object) -> Fault:
        return fault(f"portfolio.fault.{code}", f"{row.where}, {column}", lang, **values)

    if not facts.post:
        yield told("no_post", "poste")
    if not facts.authority:
        yield told("no_authority", "collectivite", post=facts.post)
    if facts.siren and not (facts.siren.isdecimal() and len(facts.siren) == _SIREN and luhn(facts.siren)):
        yield told("siren", "siren", siren=first.text("siren"))
    if plain(first.text("type_employeur")) not in _KINDS:
        yield told("kind", "type_employeur", kind=first.text("type_employeur"))
    places = set()
    for row in rows:
        said = row.text("departement")
        if said and code_of(said) is None:
            near = most_alike(said)
            meant = tr("portfolio.fault.department.meant", lang, near=near) if near else ""
            yield told("department", "departement", row, department=said, meant=meant)
        elif said:
            places.add(department_of(row))
        if plain(row.text("etat")) not in STATES:
            yield told("state", "etat", row, state=row.text("etat"))
        amount = as_number(row.cells.get("total_verse", 0))
        if not isinstance(amount, int | float) or not 0 <= amount < 1e7:
            yield told("paid", "total_verse", row, post=facts.post)
    if len(places) > 1:
        listed = ", ".join(sorted(places))
        yield told("two_departments", "departement", rows[-1], post=facts.post, departments=listed)
    if "debut_financement" not in first.cells:
        yield told("no_financing", "debut_financement", post=facts.post)
