"""Reads a folder of dossiers as a portfolio: what cannot be read is set aside, file by file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from conseiller.dossier import FILES, load
from conseiller.dossier.schema import Dossier, Period, Post
from conseiller.errors import InputFaults, fault
from conseiller.messages import Lang
from conseiller.portfolios.cases import Aside, Batch, Cases
from conseiller.portfolios.facts import PostFacts


def found_in(folder: Path) -> list[Path]:
    """Return the dossiers of a folder: those of its folders, then the files of its own, by name."""
    held = sorted(p for p in folder.iterdir() if not p.name.startswith((".", "~")))
    inside = [p for p in held if p.is_dir() and any((p / name).is_file() for name in FILES)]
    return [*inside, *(p for p in held if p.is_file() and p.suffix.lower() in {".toml", ".xlsx"})]


def load_folder(folder: Path, today: date, lang: Lang) -> Cases:
    """Read every dossier of a folder.

    Parameters
    ----------
    folder : Path
    today : date
        Payments received by that day count as paid.
    lang : {"fr", "en"}

    Raises
    ------
    InputFaults
        When the folder holds no dossier.
    """
    cases = Cases()
    paths = found_in(folder)
    if not paths:
        raise InputFaults([fault("portfolio.fault.no_dossier", str(folder), lang)], lang)
    for path in paths:
        try:
            dossier = load(path, lang)
        except InputFaults as refused:
            cases.aside += [Aside(path.name, "", f) for f in refused.faults]
            continue
        facts = tuple(_facts(dossier, post, path, today) for post in dossier.posts)
        cases.batches.append(Batch(dossier, facts))
    return cases


def _facts(dossier: Dossier, post: Post, path: Path, today: date) -> PostFacts:
    instalments = [i for c in post.conventions for i in c.instalments]
    received = [i.amount for i in instalments if i.received is not None and i.received <= today]
    return PostFacts(
        authority=dossier.authority.name,
        siren=dossier.authority.siren or "",
        department="",
        post=post.code,
        kind="private" if dossier.authority.chart == "PCG" else "public",
        paid=round(sum(received), 2) if instalments else None,
        state="",
        where=path.name,
    )


def years_of(cases: Cases) -> tuple[int, int]:
    """Return the first and the last exercice of the dossiers."""
    periods = [batch.dossier.period for batch in cases.batches]
    return min((p.first for p in periods), default=2021), max((p.last for p in periods), default=2021)


def over(cases: Cases, first: int, last: int, lang: Lang) -> Cases:
    """Return the cases over the same exercices; what cannot be told of the years added is set aside.

    A dossier checked for its own years may lack rates for earlier ones.
    """
    from conseiller.dossier import faults

    out = Cases([], list(cases.aside), cases.defaults)
    for batch in cases.batches:
        own = batch.dossier.period
        period = Period(first=first, last=last, report_date=own.report_date)
        dossier = batch.dossier.model_copy(update={"period": period})
        found = faults(dossier, lang=lang) if first < own.first else ()
        if found:
            out.aside += [Aside(batch.facts[0].authority, "", f) for f in found]
        else:
            out.batches.append(Batch(dossier, batch.facts))
    return out
