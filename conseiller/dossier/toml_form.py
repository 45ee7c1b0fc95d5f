"""The case as a TOML file: reading with the line of every value, writing without loss."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from conseiller.dossier.beside import near
from conseiller.dossier.report import Locate
from conseiller.dossier.schema import Dossier, Record
from conseiller.dossier.shape import shapes
from conseiller.dossier.toml_lines import line_map, nearest
from conseiller.errors import Fault, InputFaults, fault
from conseiller.messages import Lang, tr

#: Beginnings of the parser's own messages, and the words of the catalogue that say them.
_REASONS = {
    "Cannot overwrite": "twice",
    "Cannot declare": "twice",
    "Cannot mutate": "twice",
    "Cannot redefine": "twice",
    "Duplicate inline table key": "twice",
    "Expected '=' after": "equal",
    "Invalid value": "value",
    "Unterminated string": "quote",
    "Illegal character": "quote",
    "Unescaped": "quote",
    "Invalid hex value": "quote",
    'Expected "\'"': "quote",
    "Unclosed": "bracket",
    "Expected ']": "bracket",
    "Expected newline": "line_end",
    "Invalid initial character for a key": "key",
    "Invalid statement": "key",
    "Invalid date": "date",
}
_WHERE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


# --- reading -----------------------------------------------------------------------------------------


def place(file: str, line: int | None, lang: Lang) -> str:
    """Return how a line of a file is named to a reader."""
    return file if line is None else tr("dossier.place.line", lang, file=file, line=line)


def parse_toml(text: str, file: str, lang: Lang = "fr") -> tuple[dict[str, Any], Locate]:
    """Read a TOML text: its plain values, and a function that says on which line each stands.

    Parameters
    ----------
    text : str
        The text.
    file : str
        Name of the file, as the reader gave it.
    lang : {"fr", "en"}

    Raises
    ------
    InputFaults
        When the text is not TOML.
    """
    try:
        plain = tomllib.loads(text)
    except tomllib.TOMLDecodeError as refusal:
        raise InputFaults([_syntax_fault(str(refusal), text, file, lang)], lang) from None
    lines = line_map(text)
    return plain, lambda path: place(file, nearest(lines, path), lang)


def read_toml(path: Path, lang: Lang = "fr") -> tuple[dict[str, Any], Locate]:
    """Read a TOML file: its plain values, and a function that says on which line each stands.

    Raises
    ------
    InputFaults
        When the file cannot be read, is not UTF-8 or is not TOML.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as refusal:
        line = refusal.object.count(b"\n", 0, refusal.start) + 1
        raise InputFaults(
            [fault("dossier.fault.not_utf8", place(str(path), line, lang), lang)], lang
        ) from None
    except FileNotFoundError:
        missing = fault("dossier.fault.path_missing", str(path), lang, near=near(path, lang))
        raise InputFaults([missing], lang) from None
    except OSError as refusal:
        reason = refusal.strerror or type(refusal).__name__
        raise InputFaults([fault("dossier.fault.unreadable", str(path), lang, reason=reason)], lang) from None
    return parse_toml(text, str(path), lang)


def _syntax_fault(refusal: str, text: str, file: str, lang: Lang) -> Fault:
    found = _WHERE.search(refusal)
    rows = text.replace("\r\n", "\n").split("\n")
    at_end = found is None or found[1] is None
    line = max((n for n, row in enumerate(rows, start=1) if row.strip()), default=1)
    if found is not None and not at_end:
        line = int(found[1])
    reason = next((word for start, word in _REASONS.items() if refusal.startswith(start)), "other")
    if at_end and reason == "other":
        reason = "bracket"
    shown = rows[line - 1].strip()[:80] if line <= len(rows) else ""
    where = place(file, line, lang)
    return fault("dossier.fault.syntax", where, lang, reason=tr(f"dossier.syntax.{reason}", lang), text=shown)


# --- writing -----------------------------------------------------------------------------------------


def to_toml(dossier: Dossier, lang: Lang = "fr") -> str:
    """Return a case as a TOML text, defaults left out; reading it gives the same case again.

    Parameters
    ----------
    dossier : Dossier
        The case.
    lang : {"fr", "en"}
        Language of the comments; keys are French in both.
    """
    head = [f"# {tr('dossier.comment.file', lang)}", f"# {tr('dossier.comment.source', lang)}", ""]
    head.append(f"version = {dossier.version}")
    return "\n".join([*head, *_body(dossier, dossier.to_plain(), (), lang)]) + "\n"


def _body(record: Record, plain: Mapping[str, Any], path: tuple[str, ...], lang: Lang) -> Iterator[str]:
    """Yield the lines of a record: its own values first, as TOML wants, then the records within."""
    known = shapes(type(record))
    sections: list[tuple[str, Any]] = []
    for key, value in plain.items():
        shape = known[key]
        if shape.model is None or not value:
            yield f"{key} = {_value(value)}"
        elif key == "tranches":
            yield f"{key} = ["
            yield from (f"  {_value(row)}," for row in value)
            yield "]"
        else:
            sections.append((key, value))
    for key, value in sections:
        header = ".".join((*path, key))
        held = getattr(record, known[key].name)
        if known[key].kind == "record_map":
            yield from ("", f"# {_comment(key, value, lang)}", f"[{header}]")
            yield from (f"{_key(k)} = {_value(v)}" for k, v in value.items())
        elif known[key].kind == "record":
            yield from ("", f"# {_comment(key, value, lang)}", f"[{header}]")
            yield from _body(held, value, (*path, key), lang)
        else:
            for rank, (child, row) in enumerate(zip(held, value, strict=True)):
                comment = _comment(key, row, lang) if rank == 0 or key == "postes" else ""
                yield from ("", f"# {comment}") if comment else ("",)
                yield f"[[{header}]]"
                yield from _body(child, row, (*path, key), lang)


def _comment(key: str, row: Mapping[str, Any], lang: Lang) -> str:
    """Return the heading of a section; sections within a post go without."""
    match key:
        case "postes":
            return tr("dossier.comment.poste", lang, code=row["code"])
        case "contrats" | "conventions" | "remuneration" | "versements" | "changements":
            return ""
        case _:
            return tr(f"dossier.comment.{key}", lang)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _value(key)


def _value(value: Any) -> str:
    """Return a value as TOML; a whole number of euros is written without decimals."""
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        import tomlkit

        return tomlkit.item(value).as_string()
    return "true" if value is True else "false" if value is False else repr(value)
