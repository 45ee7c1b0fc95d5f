"""The rules that tie lines of the books to posts: ``rattachement.toml``, kept with the books.

A rule says on which lines it bears (criteria, all of which must hold) and what it does with them: give them
to a post, share them between posts, name their line of the plan, or set them aside with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from conseiller.dossier.reading import as_date, folded
from conseiller.dossier.schema import Chart, PostCode, Record, Text
from conseiller.errors import Fault, InputFaults, fault
from conseiller.ledger.accounts import JOIN
from conseiller.messages import Lang

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from conseiller.projection import Projection

#: Name of the file in the folder of the books (see `conseiller.ledger.store.folder_of`).
FILE = "rattachement.toml"


def _several(value: Any) -> Any:
    """Take one text for a list of one."""
    return (value,) if isinstance(value, str) else value


Patterns = Annotated[tuple[Text, ...], BeforeValidator(_several)]
Accounts = Annotated[tuple[Annotated[str, Field(pattern=r"^[0-9]{1,10}$")], ...], BeforeValidator(_several)]
Day = Annotated[date, BeforeValidator(as_date)]
#: Criteria that compare a text of the ledger with patterns, and its column there.
TEXTS: Mapping[str, str] = {
    "payroll": "payroll",
    "analytic": "analytic",
    "service": "service",
    "third_party": "third_party",
    "label": "label",
    "function": "function",
    "operation": "operation",
    "file": "file",
}
_CRITERIA = (*TEXTS, "account", "side", "start", "end")


class Rule(Record):
    """One rule: criteria, and what becomes of the lines that meet them all.

    Texts are compared without case nor accents; ``*`` stands for anything. Accounts are beginnings of
    numbers in the chart `chart` (the dossier's by default). Dates bound the month a line is about.
    """

    name: Text = Field(alias="nom", min_length=1)
    post: PostCode | None = Field(default=None, alias="poste")
    shares: dict[PostCode, Annotated[float, Field(ge=0, le=1_000_000)]] | None = Field(
        default=None, alias="partage"
    )
    line: Text | None = Field(default=None, alias="ligne")
    aside: Text | None = Field(default=None, alias="ecarter")
    payroll: Patterns = Field(default=(), alias="matricule")
    analytic: Patterns = Field(default=(), alias="analytique")
    service: Patterns = ()
    third_party: Patterns = Field(default=(), alias="tiers")
    label: Patterns = Field(default=(), alias="libelle")
    function: Patterns = Field(default=(), alias="fonction")
    operation: Patterns = ()
    file: Patterns = Field(default=(), alias="fichier")
    account: Accounts = Field(default=(), alias="compte")
    chart: Chart | None = Field(default=None, alias="plan_comptes")
    side: Literal["depense", "recette"] | None = Field(default=None, alias="sens")
    start: Day | None = Field(default=None, alias="depuis")
    end: Day | None = Field(default=None, alias="jusqu_a")
    source: Text = ""


class ChartYears(Record):
    """The chart in which the books of some exercices were kept, where the files do not say."""

    chart: Chart = Field(alias="plan")
    first: int = Field(ge=2000, le=2100, alias="depuis")
    last: int | None = Field(default=None, ge=2000, le=2100, alias="jusqu_a")


class Rules(Record):
    """All rules of a dossier, in the order in which they are tried."""

    version: Literal[1] = 1
    charts: tuple[ChartYears, ...] = Field(default=(), alias="plans_comptes")
    rules: tuple[Rule, ...] = Field(default=(), alias="regles")
    #: Posts by their number in the State's own list.
    state_posts: dict[str, PostCode] = Field(default_factory=dict, alias="postes_etat")

    def chart_of(self, exercice: int) -> str:
        """Return the chart stated for an exercice, "" when none is."""
        for years in self.charts:
            if years.first <= exercice and (years.last is None or exercice <= years.last):
                return years.chart
        return ""


def load_rules(dossier: Path, plan: Projection, lang: Lang = "fr") -> Rules:
    """Read the rules kept with the books of a dossier; none when there is no such file.

    Parameters
    ----------
    dossier : Path
        The folder or the file of the dossier, or the file of rules itself.
    plan : Projection
        The plan whose posts and lines the rules name.
    lang : {"fr", "en"}

    Raises
    ------
    InputFaults
        With every fault, each with its line; or when the file lies beside the dossier, where several dossiers
        would share it.
    """
    from conseiller.ledger.store import folder_of

    path = dossier if dossier.name == FILE else folder_of(dossier) / FILE
    if not path.exists():
        beside = (dossier if dossier.is_dir() else dossier.parent) / FILE
        if beside.exists():
            raise InputFaults(
                [fault("tracking.fault.rule_place", str(beside), lang, folder=path.parent)], lang
            )
        return Rules()
    from conseiller.dossier.toml_form import read_toml

    plain, locate = read_toml(path, lang)
    return check_rules(plain, locate, plan, lang)


def check_rules(
    plain: Mapping[str, Any],
    locate: Callable[[tuple[str | int, ...]], str],
    plan: Projection,
    lang: Lang = "fr",
) -> Rules:
    """Make rules of plain values, or tell every reason why it cannot.

    Raises
    ------
    InputFaults
        With every fault, in the order of the file.
    """
    rules: Rules | None = None
    faults: list[Fault] = []
    try:
        rules = Rules.model_validate(plain, by_alias=True, by_name=False)
    except ValidationError as refusal:
        faults = [_schema_fault(e, plain, locate, lang) for e in refusal.errors(include_url=False)]
    rows = plain.get("regles")
    for rank, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, dict):
            found = _rule_faults(rank, row, plan)
            faults += [
                fault(f"tracking.fault.{code}", locate(path), lang, **values) for path, code, values in found
            ]
    numbers = plain.get("postes_etat")
    for number, post in numbers.items() if isinstance(numbers, dict) else ():
        if post not in plan.posts:
            values = {"name": number, "post": post, "posts": ", ".join(plan.posts)}
            faults.append(fault("tracking.fault.state_post", locate(("postes_etat", number)), lang, **values))
    faults += [
        fault("tracking.fault.rule_twice", locate(("regles", rank, "nom")), lang, name=name)
        for rank, name in _repeated(rows if isinstance(rows, list) else [])
    ]
    if faults or rules is None:
        raise InputFaults(list(dict.fromkeys(faults)), lang)
    return rules


_Found = tuple[tuple[str | int, ...], str, dict[str, object]]


def _rule_faults(rank: int, row: Mapping[str, Any], plan: Projection) -> Iterator[_Found]:
    """Yield what is wrong in a rule beyond the kind of its values."""
    here = ("regles", rank)
    name = str(row.get("nom", rank + 1))
    keys = {(f.alias or n) for n, f in Rule.model_fields.items() if n in _CRITERIA}
    if not keys & set(row):
        yield here, "rule_criteria", {"name": name}
    ends = [k for k in ("poste", "partage", "ecarter") if k in row]
    if len(ends) > 1:
        yield (*here, ends[1]), "rule_outcomes", {"name": name, "first": ends[0], "second": ends[1]}
    if not ends and "ligne" not in row:
        yield here, "rule_outcome", {"name": name}
    posts = plan.posts
    named: list[tuple[tuple[str, ...], str]] = []
    if isinstance(row.get("poste"), str):
        named.append((("poste",), row["poste"]))
    if isinstance(row.get("partage"), dict):
        named += [(("partage", str(p)), str(p)) for p in row["partage"]]
        weights = [w for w in row["partage"].values() if isinstance(w, (int, float))]
        if sum(weights) <= 0:
            yield (*here, "partage"), "rule_weights", {"name": name}
    for path, post in named:
        if post not in posts:
            yield (*here, *path), "rule_post", {"name": name, "post": post, "posts": ", ".join(posts)}
    line = row.get("ligne")
    known = {line.code for line in plan.lines()}
    if isinstance(line, str):
        for code in line.split(JOIN):
            if code not in known:
                yield (*here, "ligne"), "rule_line", {"name": name, "line": code, "near": _near(code, known)}
    days = [as_date(row[k]) for k in ("depuis", "jusqu_a") if k in row]
    days = [date.fromisoformat(d) if isinstance(d, str) and len(d) == 10 and d[4] == "-" else d for d in days]
    if len(days) == 2 and all(type(d) is date for d in days) and days[1] < days[0]:
        yield (*here, "jusqu_a"), "rule_dates", {"name": name}


def _repeated(rows: list[Any]) -> Iterator[tuple[int, str]]:
    seen: set[str] = set()
    for rank, row in enumerate(rows):
        name = row.get("nom") if isinstance(row, dict) else None
        if isinstance(name, str):
            if folded(name) in seen:
                yield rank, name
            seen.add(folded(name))


def _near(word: str, known: set[str]) -> str:
    from conseiller.dossier.schema_faults import closest

    return closest(word, sorted(known)) or "…"


def _schema_fault(
    error: ErrorDetails,
    plain: Any,
    locate: Callable[[tuple[str | int, ...]], str],
    lang: Lang,
) -> Fault:
    from conseiller.dossier.report import at

    path = tuple(p for p in error["loc"] if p != "[key]")
    key = str(path[-1]) if path else ""
    if error["type"] == "extra_forbidden":
        models: dict[str, type[Record]] = {"regles": Rule, "plans_comptes": ChartYears}
        model = models.get(str(path[0]), Rules) if len(path) > 1 else Rules
        known = {f.alias or n for n, f in model.model_fields.items()}
        return fault("tracking.fault.rule_key", locate(path), lang, key=key, near=_near(key, known))
    if error["type"] == "missing":
        return fault("tracking.fault.rule_missing", locate(path), lang, key=key)
    value = at(plain, path)
    return fault("tracking.fault.rule_value", locate(path), lang, key=key, value=str(value)[:60])
