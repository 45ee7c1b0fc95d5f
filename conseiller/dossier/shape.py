"""What each record of the schema holds, read from the schema itself: key, kind of value, records within.

The readers, the checks and the writer all walk the case by these shapes, so
that a field added to the schema needs no second list.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from conseiller.dossier.schema import Dossier, Record

Kind = Literal[
    "record",
    "records",
    "record_map",
    "number_map",
    "text_map",
    "word",
    "date",
    "bool",
    "int",
    "float",
    "text",
]
#: Kinds that hold records of their own.
NESTED: frozenset[Kind] = frozenset({"record", "records", "record_map"})

_SCALARS: dict[type, Kind] = {bool: "bool", int: "int", float: "float", str: "text", date: "date"}
_MAX_EUROS = 10_000_000


@dataclass(frozen=True)
class Shape:
    """One field of a record: its Python name, its key, and what may stand there."""

    name: str
    key: str
    kind: Kind
    required: bool
    model: type[Record] | None = None
    words: tuple[str | int, ...] = ()
    euros: bool = False


def _bare(annotation: Any) -> Any:
    """Return an annotation without None and without constraints."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, types.UnionType):
            annotation = next(a for a in get_args(annotation) if a is not type(None))
        else:
            return annotation


def _kind(annotation: Any) -> tuple[Kind, type[Record] | None, tuple[str | int, ...]]:
    bare = _bare(annotation)
    origin, args = get_origin(bare), get_args(bare)
    if origin is Literal:
        return "word", None, args
    if origin is tuple:
        return "records", args[0], ()
    if origin is dict:
        held = _bare(args[1])
        is_record = isinstance(held, type) and issubclass(held, Record)
        if is_record:
            return "record_map", held, ()
        return ("text_map" if held is str else "number_map"), None, ()
    if isinstance(bare, type) and issubclass(bare, Record):
        return "record", bare, ()
    return _SCALARS[bare], None, ()


@cache
def shapes(model: type[Record]) -> Mapping[str, Shape]:
    """Return the fields of a record by their key, in the order of the schema."""
    found: dict[str, Shape] = {}
    for name, field in model.model_fields.items():
        kind, held, words = _kind(field.annotation)
        euros = kind == "float" and any(getattr(m, "le", None) == _MAX_EUROS for m in field.metadata)
        key = field.alias or name
        found[key] = Shape(name, key, kind, field.is_required(), held, words, euros)
    return found


@cache
def key_of(model: type[Record], name: str) -> str:
    """Return the key of a field known by its Python name."""
    return next(s.key for s in shapes(model).values() if s.name == name)


@cache
def homes(root: type[Record] = Dossier) -> Mapping[str, tuple[str, ...]]:
    """Return, for each key, the sections of a TOML form it may stand in (dotted)."""
    found: dict[str, list[str]] = {}

    def visit(model: type[Record], section: str) -> None:
        for key, shape in shapes(model).items():
            if shape.model is not None:
                visit(shape.model, f"{section}.{key}" if section else key)
            else:
                found.setdefault(key, []).append(section)

    visit(root, "")
    return {key: tuple(sections) for key, sections in found.items()}
