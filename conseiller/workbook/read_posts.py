"""Reads posts back from the form, with their contracts, pay terms, conventions and instalments."""

from __future__ import annotations

from typing import Any

from conseiller.engine import YEARS
from conseiller.text import clipped
from conseiller.workbook import form
from conseiller.workbook.form import NAME
from conseiller.workbook.reading import CaseReading, keep, row_of


def post_rows(reading: CaseReading) -> int:
    """Return how many posts the form has room for."""
    area = reading.area(f"{NAME}postes")
    return area.rows if area else 0


def read_posts(reading: CaseReading) -> None:
    """Read posts, and give each its contracts, pay terms, conventions and instalments."""
    area = reading.area(f"{NAME}postes")
    assert area is not None
    posts: list[dict[str, Any]] = []
    block_of: dict[int, int] = {}
    for rank in range(area.rows):
        values, places = row_of(reading, area, form.POSTS, rank)
        if values:
            keep(reading, ("postes", len(posts)), places)
            block_of[rank] = len(posts)
            posts.append(values)
    reading.plain["postes"] = posts
    reading.places[("postes",)] = area.name(0, 0)
    slots = _contracts(reading, posts, block_of, area.rows)
    _terms(reading, posts, block_of, area.rows, slots)
    _conventions(reading, posts)


def _contracts(
    reading: CaseReading, posts: list[dict[str, Any]], block_of: dict[int, int], blocks: int
) -> dict[tuple[int, int], int]:
    """Read contracts; return the rank of each filled slot among its post's contracts."""
    area = reading.area(f"{NAME}contrats")
    slots: dict[tuple[int, int], int] = {}
    if area is None:
        return slots
    size = area.rows // blocks
    for rank in range(area.rows):
        values, places = row_of(reading, area, form.CONTRACTS, rank, skip=("poste", "numero"))
        if not values:
            continue
        block, slot = divmod(rank, size)
        if block not in block_of:
            reading.fault("row_without_post", area.name(rank, 0), number=block + 1)
            continue
        post = block_of[block]
        held = posts[post].setdefault("contrats", [])
        slots[post, slot + 1] = len(held)
        keep(reading, ("postes", post, "contrats", len(held)), places)
        held.append(values)
    return slots


def _terms(
    reading: CaseReading,
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
        values, places = row_of(reading, area, form.TERMS, rank, skip=("poste",))
        if not values:
            continue
        if rank // size not in block_of:
            reading.fault("row_without_post", area.name(rank, 0), number=rank // size + 1)
            continue
        post = block_of[rank // size]
        number = values.pop("contrat", None)
        contract = slots.get((post, number)) if isinstance(number, int) else None
        if contract is None:
            code = "term_without_number" if number is None else "term_without_contract"
            where = places["contrat"]
            reading.fault(code, where, post=posts[post].get("code", "?"), number=clipped(str(number)))
            continue
        held = posts[post]["contrats"][contract].setdefault("remuneration", [])
        keep(reading, ("postes", post, "contrats", contract, "remuneration", len(held)), places)
        held.append(values)


def _conventions(reading: CaseReading, posts: list[dict[str, Any]]) -> None:
    by_code = {str(p.get("code", "")).lower(): rank for rank, p in enumerate(posts)}
    area = reading.area(f"{NAME}conventions")
    homes: dict[tuple[int, str], tuple[int, dict[str, Any]]] = {}
    for rank in range(area.rows if area else 0):
        assert area is not None
        values, places = row_of(reading, area, form.CONVENTIONS, rank)
        if not values:
            continue
        named = str(values.pop("poste", ""))
        post = by_code.get(named.lower())
        if post is None:
            reading.fault("unknown_post" if named else "no_post", places["poste"], post=clipped(named))
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
        keep(reading, path, places)
        homes.setdefault((post, str(values.get("code", "")).lower()), (len(held), values))
        held.append(values)
    _instalments(reading, by_code, homes)


def _instalments(
    reading: CaseReading, by_code: dict[str, int], homes: dict[tuple[int, str], tuple[int, dict[str, Any]]]
) -> None:
    area = reading.area(f"{NAME}versements")
    for rank in range(area.rows if area else 0):
        assert area is not None
        values, places = row_of(reading, area, form.INSTALMENTS, rank)
        if not values:
            continue
        named, code = (str(values.pop(key, "")) for key in ("poste", "convention"))
        post = by_code.get(named.lower())
        home = homes.get((post if post is not None else -1, code.lower()))
        if post is None or home is None:
            found = {"post": clipped(named), "convention": clipped(code)}
            where = places["poste" if post is None else "convention"]
            reading.fault("unknown_convention" if named and code else "no_convention", where, **found)
            continue
        number, convention = home
        held = convention.setdefault("versements", [])
        keep(reading, ("postes", post, "conventions", number, "versements", len(held)), places)
        held.append(values)
