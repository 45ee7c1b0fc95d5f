"""Words every refusal of the schema for an officer: what is wrong there, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from conseiller.dossier.reading import folded
from conseiller.dossier.report import Path, Report, at
from conseiller.dossier.schema import Dossier, Record
from conseiller.dossier.shape import Shape, homes, shapes
from conseiller.messages import Lang, tr

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

#: Each refusal of the schema and the kind of fault it is told as.
CODES: dict[str, str] = {
    "missing": "missing",
    "extra_forbidden": "unknown_key",
    "string_type": "not_text",
    "string_unicode": "not_text",
    "string_too_long": "too_long",
    "string_too_short": "empty",
    "int_type": "not_whole",
    "int_parsing": "not_whole",
    "int_parsing_size": "not_whole",
    "int_from_float": "not_whole",
    "finite_number": "not_number",
    "float_type": "not_number",
    "float_parsing": "not_number",
    "bool_type": "not_yes_no",
    "bool_parsing": "not_yes_no",
    "date_type": "bad_date",
    "date_parsing": "bad_date",
    "date_from_datetime_parsing": "bad_date",
    "date_from_datetime_inexact": "bad_date",
    "greater_than": "more_than",
    "greater_than_equal": "at_least",
    "less_than": "less_than",
    "less_than_equal": "at_most",
    "literal_error": "not_in_list",
    "tuple_type": "not_rows",
    "dict_type": "not_table",
    "model_type": "not_table",
    "model_attributes_type": "not_table",
    "too_short": "no_row",
}
_BOUNDS = {"greater_than": "gt", "greater_than_equal": "ge", "less_than": "lt", "less_than_equal": "le"}
_PATTERNS = {"siren": "bad_siren", "source": "bad_source", "source_effectif": "bad_source"}
_ACCOUNTS = {"compte", "contractuel", "titulaire"}
#: Fields whose usual mistake is known: the advice under ``dossier.hint`` replaces the general one.
_HINTS = {
    "effectif": "headcount",
    "quotite": "share",
    "heures_semaine": "hours",
    "indice_majore": "index",
    "zone_residence": "zone",
    "at_mp": "rate",
    "cdg": "rate",
    "versement_mobilite": "rate",
    "chomage": "rate",
    "dialogue_social": "rate",
}
_HINTED = {"missing", "at_least", "at_most", "more_than", "less_than", "not_in_list"}


def model_at(path: Path, root: type[Record] = Dossier) -> tuple[type[Record], Shape | None]:
    """Return the record that holds a path, and the field it names; None where the schema knows none."""
    model = root
    shape: Shape | None = None
    parts = list(path)
    while parts:
        shape = shapes(model).get(str(parts.pop(0)))
        if shape is None or shape.model is None:
            break
        if parts and shape.kind in {"records", "record_map"}:
            parts.pop(0)  # which one of them
        if parts:
            model = shape.model
    return model, shape


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that a mistyped one most likely stands for, None when none is near."""
    by_fold = {folded(k): k for k in known}
    found = get_close_matches(folded(word), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None


def meant(word: str, known: Iterable[str], lang: Lang) -> str | None:
    """Return the remedy that proposes the known word nearest to a mistyped one, None when none is near."""
    near = closest(word, known)
    return None if near is None else tr("dossier.remedy.meant_word", lang, meant=near)


def add_schema_faults(errors: Iterable[ErrorDetails], report: Report) -> None:
    """Add to a report every refusal of the schema."""
    for error in errors:
        path = tuple(part for part in error["loc"] if part != "[key]")
        code = _code(error, path)
        if code == "no_row" and at(report.plain, path):
            continue  # there are rows, all of them refused for reasons told elsewhere
        if code == "unknown_key":
            _add_unknown_key(path, report)
        else:
            _add(error, path, code, report)


def _code(error: ErrorDetails, path: Path) -> str:
    if error["type"] != "string_pattern_mismatch":
        return CODES.get(error["type"], "other")
    key = str(path[-1])
    if key in _ACCOUNTS:
        return "bad_account"
    if path[-2:-1] == ("sources",):
        return "bad_source"
    return _PATTERNS.get(key, "bad_code")


def _add(error: ErrorDetails, path: Path, code: str, report: Report) -> None:
    key = str(path[-1]) if path else ""
    _, shape = model_at(path, report.root)
    values: dict[str, Any] = {"key": key, "value": report.show_at(path, at(report.plain, path))}
    if error["type"] in _BOUNDS:
        limit = error["ctx"][_BOUNDS[error["type"]]]
        values["limit"] = report.show_at(path, limit) if report.excel else limit
    if code == "not_in_list" and shape is not None:
        values["words"] = ", ".join(str(w) for w in shape.words)
    if code == "too_long":
        values["limit"] = error["ctx"]["max_length"]
    if code == "other":
        values["reason"] = error["msg"]
    remedy = None
    if code in _HINTED and key in _HINTS:
        remedy = report.words(path, f"dossier.hint.{_HINTS[key]}")
    elif code == "missing":
        example = shape.kind if shape is not None else "text"
        words = ", ".join(str(w) for w in shape.words) if shape is not None else ""
        remedy = report.words(path, f"dossier.example.{example}", key=report.name(path), words=words)
    report.add(path, code, remedy=remedy, **values)


def _add_unknown_key(path: Path, report: Report) -> None:
    """Say which key was meant: a near one, an English one, or one that belongs elsewhere."""
    key = str(path[-1])
    model, _ = model_at(path, report.root)
    known = shapes(model)
    named = next((s.key for s in known.values() if s.name == key), None)
    near = named or closest(key, known)
    if near is None and key in homes(report.root):
        sections = ", ".join(f"[{section}]" for section in homes(report.root)[key])
        remedy = tr("dossier.remedy.move_key", report.lang, key=key, sections=sections)
    elif near is not None:
        remedy = tr("dossier.remedy.meant_key", report.lang, key=key, meant=near)
    else:
        remedy = tr("dossier.remedy.known_keys", report.lang, keys=", ".join(known))
    report.add(path, "unknown_key", remedy=remedy, key=key)
