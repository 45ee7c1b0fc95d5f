"""Turns rows into dossiers of many posts, one for each set of settings that posts share; broken rows are set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conseiller.dossier.check import build
from conseiller.dossier.reading import as_date, as_number, read
from conseiller.dossier.schema import Dossier
from conseiller.errors import Fault, InputFaults
from conseiller.ledger.cells import plain, text_of
from conseiller.messages import Lang
from conseiller.portfolios.columns import columns
from conseiller.portfolios.facts import PostFacts, department_of, facts_of, siren_of
from conseiller.portfolios.rows import Row, has_contract

if TYPE_CHECKING:
    from conseiller.law import Law

#: Thresholds of headcount: between two of them the rules do the same.
_THRESHOLDS = ("fnal_seuil_effectif", "versement_mobilite_seuil_effectif")
#: Years the check of dates needs; the years shown are chosen later.
_PERIOD = {"premier_exercice": 2021, "dernier_exercice": 2030}


@dataclass(frozen=True)
class Aside:
    """A post left out: its first row, and one of the faults it was left out for."""

    authority: str
    post: str
    fault: Fault


@dataclass(frozen=True)
class Batch:
    """A dossier, and the facts of its posts in the same order."""

    dossier: Dossier
    facts: tuple[PostFacts, ...]


@dataclass
class Cases:
    """The dossiers of a portfolio, what was set aside, and how many posts took each default."""

    batches: list[Batch] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)
    defaults: Counter[str] = field(default_factory=Counter)


@dataclass
class _Post:
    """The rows of one post, and its records under the keys of the form."""

    rows: list[Row]
    facts: PostFacts
    defaults: Counter[str] = field(default_factory=Counter)
    contracts: list[tuple[Row, dict[str, Any]]] = field(default_factory=list)
    conventions: list[tuple[Row, dict[str, Any]]] = field(default_factory=list)

    def form(self, code: str) -> dict[str, Any]:
        """Return the post under the keys of the form."""
        return {
            "code": code,
            "contrats": [record for _, record in self.contracts],
            "conventions": [record for _, record in self.conventions],
        }

    def row_of(self, path: tuple[Any, ...]) -> Row:
        """Return the row of a path within the post."""
        if len(path) > 1 and path[0] in ("contrats", "conventions"):
            records = self.contracts if path[0] == "contrats" else self.conventions
            return records[int(path[1])][0]
        return self.rows[0]


def build_cases(rows: Iterable[Row], law: Law, lang: Lang) -> Cases:
    """Gather rows by post, posts by settings, and check them all.

    Parameters
    ----------
    rows : iterable of Row
    law : Law
    lang : {"fr", "en"}
        Language of the reasons.

    Returns
    -------
    Cases
        A post with a fault in any of its rows is set aside whole; the others stand in the order of the rows.
    """
    cases = Cases()
    groups: dict[tuple[tuple[str, str], ...], tuple[dict[str, Any], list[_Post]]] = {}
    steps = _steps(law)
    for own in _by_post(rows).values():
        post, faults = _post(own, lang)
        settings = _settings(own[0], steps, post.defaults)
        if faults:
            cases.aside += [Aside(post.facts.authority, post.facts.post, f) for f in faults]
            continue
        key = tuple((k, text_of(v)) for k, v in sorted(settings.items()))
        groups.setdefault(key, (settings, []))[1].append(post)
    for settings, posts in groups.values():
        _check(settings, posts, cases, law, lang)
    return cases


def _by_post(rows: Iterable[Row]) -> dict[tuple[str, str, str], list[Row]]:
    """Gather the rows of each post: one employer by its SIREN, else by its name within a département."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    first: dict[tuple[str, str], str] = {}
    for number, row in enumerate(rows):
        siren = siren_of(row)
        owner = siren or plain(row.text("collectivite"))
        code = row.text("poste").casefold()
        place = "" if siren else department_of(row)
        # A further row need not say the département again.
        place = place or first.get((owner, code), "")
        first.setdefault((owner, code), place)
        key = (owner, place, code) if code else ("", "", f"#{number}")
        found.setdefault(key, []).append(row)
    return found


def _steps(law: Law) -> list[int]:
    """Return the headcounts from which something changes, whatever the date."""
    return sorted({1, *(int(entry.value) for name in _THRESHOLDS for entry in law.table(name).entries)})


def _settings(row: Row, steps: list[int], defaults: Counter[str]) -> dict[str, Any]:
    """Return the cells that posts of one dossier share; a headcount stands for all up to the next threshold."""
    found = {
        key: row.cells[key]
        for key, c in columns().items()
        if c.into in ("authority", "rates") and key in row.cells
    }
    if "effectif" not in found:
        found["effectif"] = columns()["effectif"].default
        defaults["effectif"] += 1
    count = as_number(found["effectif"])
    if isinstance(count, int | float) and count >= 1 and count == int(count):
        found["effectif"] = max(step for step in steps if step <= count)
    return found


# --- one post ------------------------------------------------------------------------------------------


def _post(rows: list[Row], lang: Lang) -> tuple[_Post, list[Fault]]:
    defaults: Counter[str] = Counter()
    if not rows[0].text("type_employeur"):
        defaults["type_employeur"] += 1
    facts, faults = facts_of(rows, lang)
    post = _Post(rows, facts, defaults)
    if not faults:
        _add_conventions(post)
        _add_contracts(post)
    return post, faults


def _add_conventions(post: _Post) -> None:
    """Take the conventions of the rows, each once, in order of time."""
    seen: set[tuple[str, str]] = set()
    for row in post.rows:
        record = _record(row, "convention")
        key = (row.text("generation").casefold(), str(as_date(row.cells.get("debut_financement", ""))))
        if not record or key in seen:
            continue
        seen.add(key)
        post.conventions.append((row, record))
    post.conventions.sort(key=lambda pair: str(as_date(pair[1].get("debut_financement", ""))))
    for number, (_, record) in enumerate(post.conventions, start=1):
        record["code"] = f"C{number}"


def _add_contracts(post: _Post) -> None:
    """Take the contracts of the rows in order of time, with one pay term each."""
    for row in post.rows:
        if not has_contract(row, first=row is post.rows[0]):
            continue
        record = _record(row, "contract")
        term = _record(row, "term")
        if "debut" not in record and "debut_financement" in row.cells:
            record["debut"] = row.cells["debut_financement"]
            post.defaults["debut_contrat"] += 1
        if not {"indice_majore", "grade", "echelon"} & set(term):
            term["indice_majore"] = columns()["indice_majore"].default
            post.defaults["indice_majore"] += 1
        start = as_date(record.get("debut", ""))
        term["depuis"] = _first_of_month(start) if start else None
        record["remuneration"] = [term]
        post.contracts.append((row, record))
    post.contracts.sort(key=lambda pair: str(as_date(pair[1].get("debut", ""))))


def _first_of_month(day: Any) -> Any:
    text = str(day)  # a date, or its ISO text; what is neither is refused at the contract
    return f"{text[:7]}-01" if len(text) == 10 and text[4] == "-" else None


def _record(row: Row, into: str) -> dict[str, Any]:
    return {c.field: row.cells[key] for key, c in columns().items() if c.into == into and key in row.cells}


# --- all posts of one dossier ---------------------------------------------------------------------------


def _check(settings: Mapping[str, Any], posts: list[_Post], cases: Cases, law: Law, lang: Lang) -> None:
    form = _form(settings, posts)
    broken: dict[int, list[Fault]] = {}

    def locate(path: tuple[Any, ...]) -> str:
        return "/".join(map(str, path))

    try:
        dossier = build(form, locate, law, lang)
    except InputFaults as refused:
        for found in refused.faults:
            for number, told in _told(found, posts):
                broken.setdefault(number, []).append(told)
        for number, reasons in sorted(broken.items()):
            facts = posts[number].facts
            cases.aside += [Aside(facts.authority, facts.post, f) for f in reasons]
        posts = [post for number, post in enumerate(posts) if number not in broken]
        if not posts:
            return
        # The others were checked above: what is judged of one post does not depend on another.
        dossier = Dossier.model_validate(read(Dossier, _form(settings, posts)), by_alias=True, by_name=False)
    for post in posts:
        cases.defaults.update(post.defaults)
    cases.batches.append(Batch(dossier, tuple(post.facts for post in posts)))


def _form(settings: Mapping[str, Any], posts: list[_Post]) -> dict[str, Any]:
    known = columns()
    authority = {k: v for k, v in settings.items() if known[k].into == "authority"}
    rates = {k: v for k, v in settings.items() if known[k].into == "rates"}
    return {
        "version": 1,
        "collectivite": {"nom": "portefeuille", **authority},
        "periode": dict(_PERIOD),
        **({"taux_employeur": [rates]} if rates else {}),
        "postes": [post.form(_code(number)) for number, post in enumerate(posts)],
    }


def _code(number: int) -> str:
    """Return a code that no other post of the dossier bears, long enough to be found in a sentence."""
    return f"poste-no-{number:08d}"


def _told(found: Fault, posts: list[_Post]) -> list[tuple[int, Fault]]:
    """Return a fault of the dossier as one of each post concerned, at its row, under its own code."""
    path = found.where.split("/")
    if path[0] == "postes" and len(path) > 1:
        number = int(path[1])
        parts = [int(p) if p.isdecimal() else p for p in path[2:]]
        post, column = posts[number], _heading(parts)
        return [(number, _at(found, post.row_of(tuple(parts)).where, column, post.facts.post, _code(number)))]
    column = _heading(list(path))
    return [(n, _at(found, p.rows[0].where, column, p.facts.post, "")) for n, p in enumerate(posts)]


def _at(found: Fault, where: str, column: str, post: str, code: str) -> Fault:
    def own(text: str) -> str:
        return text.replace(code, post) if code else text

    return Fault(own(found.message), f"{where}, {column}" if column else where, own(found.remedy), found.code)


def _heading(path: list[Any]) -> str:
    """Return the heading of the cell a path of the form comes from, "" when it is no cell."""
    if not path or not isinstance(path[-1], str):
        return ""
    homes = {
        "contrats": ("contract",),
        "conventions": ("convention",),
        "remuneration": ("term",),
        "collectivite": ("authority",),
        "taux_employeur": ("rates",),
    }
    into = next((homes[p] for p in reversed(path) if p in homes), ())
    if path[-1] == "depuis":
        return "debut_contrat"
    return next((k for k, c in columns().items() if c.into in into and c.field == path[-1]), "")
