"""Reads what is uncertain from the file beside a dossier: every fault at once, with its line and its remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from importlib.resources import files
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from conseiller.dossier.reading import as_number, read
from conseiller.dossier.report import Report
from conseiller.dossier.schema import Record
from conseiller.dossier.schema_faults import add_schema_faults, meant
from conseiller.dossier.shape import key_of
from conseiller.dossier.toml_form import parse_toml, read_toml
from conseiller.errors import InputFaults
from conseiller.messages import Lang
from conseiller.projection import Projection
from conseiller.simulation.distributions import Discrete, Distribution, Fixed, Normal, Triangular, Uniform
from conseiller.simulation.form import KINDS, LAWS, SHAPES, SHARES, LawForm, Spreads, UncertaintyForm
from conseiller.simulation.payments import LatePayment
from conseiller.simulation.together import pairs
from conseiller.simulation.uncertainties import (
    Growth,
    HireDelay,
    OfPosts,
    RateChange,
    Turnover,
    Uncertainty,
    Vacancy,
)
from conseiller.text import number, percent

#: Name of the file beside a dossier.
FILE = "incertitude.toml"
#: How far the sum of probabilities may be from one: they are typed rounded.
_ROUNDED = 0.005

Row = tuple[int, UncertaintyForm, Uncertainty]


def beside(dossier: Path) -> Path:
    """Return where the file of a dossier stands: in its folder, or ``<name>.incertitude.toml`` beside its file.

    Examples
    --------
    >>> beside(Path("cas/dossier.toml")).as_posix(), beside(Path("mon-cas.xlsx")).as_posix()
    ('cas/incertitude.toml', 'mon-cas.incertitude.toml')
    """
    if dossier.is_dir():
        return dossier / FILE
    return dossier.with_name(FILE if dossier.stem == "dossier" else f"{dossier.stem}.{FILE}")


def starting(lang: Lang = "fr") -> str:
    """Return the file with which one starts: plain guesses, each with its reason, to be replaced.

    Parameters
    ----------
    lang : {"fr", "en"}
        Language of reasons and comments; the guesses are the same.
    """
    return files("conseiller.simulation").joinpath(f"starting.{lang}.toml").read_text("utf-8")


def load_spreads(path: Path | None, plan: Projection, lang: Lang = "fr") -> list[Uncertainty]:
    """Read what is uncertain about a plan.

    Parameters
    ----------
    path : Path or None
        The file; None for the starting guesses.
    plan : Projection
        The plan: its posts and its legal values are those that may be named.
    lang : {"fr", "en"}
        Language of the faults.

    Raises
    ------
    InputFaults
        With every fault found: unknown keys, negative spreads, uncertainties that contradict each other…
    """
    plain, locate = parse_toml(starting(), FILE, lang) if path is None else read_toml(path, lang)
    report = Report(plain, locate, lang, root=Spreads)
    refused: set[int] = set()
    try:
        Spreads.model_validate(read(Spreads, plain), by_alias=True, by_name=False)
    except ValidationError as refusal:
        errors = refusal.errors(include_url=False)
        add_schema_faults(errors, report)
        refused = {e["loc"][1] for e in errors if len(e["loc"]) > 1 and isinstance(e["loc"][1], int)}
    rows = plain.get("incertitudes", [])
    found: list[Row] = []
    for rank, row in enumerate(rows if isinstance(rows, list) else []):
        if rank in refused or not isinstance(row, Mapping):
            continue  # told by the schema
        form = UncertaintyForm.model_validate(read(UncertaintyForm, row), by_alias=True, by_name=False)
        made = _made(form, rank, plan, report)
        if made is not None:
            found.append((rank, form, made))
    _contradictions(found, report)
    if report.faults:
        raise InputFaults(report.faults, lang)
    return [uncertainty for _, _, uncertainty in found]


# --- one uncertainty ---------------------------------------------------------------------------------


def _made(form: UncertaintyForm, rank: int, plan: Projection, report: Report) -> Uncertainty | None:
    """Return the uncertainty that a row states, None when it cannot be told."""
    place = ("incertitudes", rank)
    count = report.count
    _fields(form, place, form.kind, KINDS[form.kind], report)
    laws = {}
    for name in LAWS:
        held = getattr(form, name)
        if held is not None:
            law = _law(held, name, (*place, key_of(UncertaintyForm, name)), form.source, report)
            if law is not None:
                laws[name] = law
    if form.post is not None and form.post not in plan.posts:
        _add(place, "post", {"post": form.post, "known": ", ".join(plan.posts)}, report)
    if report.count > count:
        return None
    uncertainty = _MAKERS[form.kind](form, laws, plan)
    for code, values in uncertainty.faults(plan):
        _add(place, code, values, report)
    return uncertainty


#: Field that a fault of an uncertainty stands at, and the value of its message that was mistyped.
_STANDS = {
    "parameter": ("parameter", "name"),
    "rate": ("parameter", "name"),
    "post": ("post", "post"),
    "day": ("start", ""),
    "correlation": ("correlation", ""),
    "correlation_alone": ("correlation", ""),
}


def _add(place: tuple[str | int, ...], code: str, values: Mapping[str, str | date], report: Report) -> None:
    """Tell a fault of an uncertainty at the field it comes from, with the word most likely meant."""
    field, mistyped = _STANDS.get(code, ("", ""))
    at = (*place, key_of(UncertaintyForm, field)) if field else place
    remedy = None
    if mistyped:
        remedy = meant(str(values[mistyped]), str(values["known"]).split(", "), report.lang)
    report.add(at, code, remedy=remedy, room="simulation", **dict[str, Any](values))


def _fields(
    form: Record,
    place: tuple[str | int, ...],
    word: str,
    wanted: tuple[tuple[str, ...], tuple[str, ...]],
    report: Report,
) -> None:
    """Tell what a record needs and lacks, and what it has no use for."""
    needed, taken = wanted
    for name in needed:
        if getattr(form, name) is None:
            report.add(place, "needs", room="simulation", word=word, key=key_of(type(form), name))
    for name, field in type(form).model_fields.items():
        if name in (*needed, *taken, "kind", "shape", "source") or getattr(form, name) == field.default:
            continue
        keys = ", ".join(key_of(type(form), k) for k in (*needed, *taken))
        at = (*place, key_of(type(form), name))
        report.add(at, "unused", room="simulation", word=word, key=key_of(type(form), name), keys=keys)


def _law(
    form: LawForm, field: str, place: tuple[str | int, ...], source: str, report: Report
) -> Distribution | None:
    """Return a distribution, None when it is nonsense."""
    count = report.count
    _fields(form, place, form.shape, (SHAPES[form.shape], ()), report)
    if report.count > count:
        return None
    said = form.source or source
    values = [getattr(form, name) for name in SHAPES[form.shape]]
    law: Distribution | None
    match form.shape:
        case "fixe":
            law = Fixed(*values, source=said)
        case "normale":
            law = Normal(*values, source=said)
        case "uniforme":
            law = Uniform(*values, source=said)
        case "triangulaire":
            law = Triangular(*values, source=said)
        case "discrete":
            law = _chances(form.chances or {}, said, place, report)
    if law is None:
        return None
    for code in law.faults():
        at = (*place, "ecart_type") if code == "spread" else place
        report.add(at, code, room="simulation")
    if report.count == count:
        _check_unit(law, field, place, report)
    return law if report.count == count else None


def _chances(
    chances: Mapping[str, float], source: str, place: tuple[str | int, ...], report: Report
) -> Discrete | None:
    """Return a discrete distribution; probabilities typed rounded are brought to add up to one."""
    place = (*place, "probabilites")
    values = {text: as_number(text) for text in chances}
    for text, value in values.items():
        if not isinstance(value, (int, float)):
            report.add((*place, text), "chance_value", room="simulation", text=text)
    total = sum(chances.values())
    if min(chances.values(), default=0.0) < 0 or abs(total - 1) > _ROUNDED:
        report.add(place, "chances", room="simulation", total=percent(total, 2, report.lang))
    elif all(isinstance(value, (int, float)) for value in values.values()):
        shares = tuple(chance / total for chance in chances.values())
        return Discrete(tuple(float(v) for v in values.values()), shares, source=source)
    return None


def _check_unit(law: Distribution, field: str, place: tuple[str | int, ...], report: Report) -> None:
    """Tell a value so far from nought that its unit must be wrong; a bell curve is judged at its mean."""
    low, high = (law.mean, law.mean) if isinstance(law, Normal) else law.bounds()
    far = max(abs(low), abs(high))
    if far > LAWS[field]:
        value = percent(far, 0, report.lang) if field in SHARES else number(far, report.lang)
        report.add(place, "unit_share" if field in SHARES else "unit_time", room="simulation", value=value)


def _next_january(plan: Projection) -> date:
    return date(plan.report_date.year + 1, 1, 1)


_MAKERS: Mapping[str, Callable[[UncertaintyForm, Mapping[str, Any], Projection], Uncertainty]] = {
    "smic": lambda f, laws, plan: Growth("smic", laws["growth"], f.since),
    "point": lambda f, laws, plan: Growth("point", laws["growth"], f.since, f.correlation or 0.0),
    "valeur_legale": lambda f, laws, plan: Growth(f.parameter or "", laws["growth"], f.since),
    "taux": lambda f, laws, plan: RateChange(
        f.parameter or "", f.start or _next_january(plan), laws["change"]
    ),
    "recrutement": lambda f, laws, plan: HireDelay(laws["days"], f.post),
    "vacance": lambda f, laws, plan: Vacancy(laws["months"], f.post),
    "depart": lambda f, laws, plan: Turnover(laws["yearly"], laws["months"], f.post),
    "versement": lambda f, laws, plan: LatePayment(laws["days"]),
}


# --- uncertainties together --------------------------------------------------------------------------


def _contradictions(rows: list[Row], report: Report) -> None:
    """Tell each uncertainty that cannot stand with an earlier one, at the later of the two, or that lacks another."""
    for rank, smic in pairs([uncertainty for _, _, uncertainty in rows]):
        if smic is None:
            _add(("incertitudes", rows[rank][0]), "correlation_alone", {}, report)
    told = set()
    for (first, one, a), (second, other, b) in combinations(rows, 2):
        code = _clash(a, b)
        if code and second not in told:
            told.add(second)
            place = ("incertitudes", second, "type")
            report.add(
                place,
                code,
                room="simulation",
                first=first + 1,
                second=second + 1,
                one=one.kind,
                other=other.kind,
            )


def _clash(a: Uncertainty, b: Uncertainty) -> str | None:
    """Return the code of what two uncertainties contradict each other in."""
    if isinstance(a, OfPosts) and isinstance(b, OfPosts):
        if a.post is not None and b.post is not None and a.post != b.post:
            return None
        if type(a) is type(b):
            return "twice"
        return "moved_twice" if {type(a), type(b)} == {HireDelay, Vacancy} else None
    if type(a) is not type(b):
        return None
    match a, b:
        case Growth(), Growth():
            return "twice" if a.parameter == b.parameter else None
        case RateChange(), RateChange():
            return "twice" if (a.parameter, a.start) == (b.parameter, b.start) else None
        case _:
            return "twice"


def unbroken(uncertainties: list[Uncertainty], plan: Projection) -> Iterator[tuple[str, date]]:
    """Yield post and start of each contract to come that follows another at once, and that a draw may move.

    A dossier does not say whether the same agent goes on: the draws take it for a hire.
    """
    moving = [u for u in uncertainties if isinstance(u, (HireDelay, Vacancy))]
    last = date(plan.dossier.period.last, 12, 31)
    for post in plan.dossier.posts:
        if not any(u.post in (None, post.code) for u in moving):
            continue
        ordered = sorted(post.contracts, key=lambda c: c.start)
        for before, after in pairwise(ordered):
            near = before.end is not None and (after.start - before.end).days == 1
            if near and plan.report_date < after.start <= last:
                yield post.code, after.start
