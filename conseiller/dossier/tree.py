"""The records of a case that could be read, each with its place, even when others could not.

The rules between records look at this tree, so that a fault in one contract does
not hide an overlap of two others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from conseiller.dossier.report import Path
from conseiller.dossier.schema import Dossier, Record
from conseiller.dossier.shape import NESTED, key_of, shapes

R = TypeVar("R", bound=Record)
S = TypeVar("S", bound=Record)


@dataclass
class Node(Generic[R]):
    """One record and where it stands.

    Parameters
    ----------
    path : tuple
        Keys and positions from the root of the form.
    model : type of record
    record : Record or None
        The record without the records it holds; None when a required value is missing or wrong.
    bad : set of str
        Python names of the fields that the schema refused: the record has their default.
    held : dict
        The records within, by Python name of the field.
    """

    path: Path
    model: type[R]
    record: R | None
    bad: frozenset[str] = frozenset()
    held: dict[str, list[Node[Any]]] = field(default_factory=dict)

    def at(self, name: str) -> Path:
        """Return the path of one of the record's fields, by its Python name."""
        return (*self.path, key_of(self.model, name))

    def all(self, name: str, model: type[S]) -> list[Node[S]]:
        """Return every record of a field, those that could not be read included."""
        assert all(node.model is model for node in self.held.get(name, ()))
        return cast("list[Node[S]]", self.held.get(name, []))

    def read(self, name: str, model: type[S]) -> list[tuple[Node[S], S]]:
        """Return the records of a field that could be read, each with its node."""
        return [(node, node.record) for node in self.all(name, model) if node.record is not None]

    def only(self, name: str, model: type[S]) -> tuple[Node[S], S] | None:
        """Return the one record of a field, None when it is absent or could not be read."""
        return next(iter(self.read(name, model)), None)

    def sound(self, *names: str) -> bool:
        """Return whether none of these fields was refused by the schema."""
        return not self.bad.intersection(names)


def plant(plain: Mapping[str, Any], errors: Iterable[Path]) -> Node[Dossier]:
    """Return the tree of a case.

    Parameters
    ----------
    plain : dict
        The case as the schema was given it.
    errors : iterable of tuple
        Paths of what the schema refused.
    """
    refused = [tuple(path) for path in errors]
    return _grow(Dossier, plain, (), refused)


def _grow(model: type[R], plain: Mapping[str, Any], path: Path, refused: list[Path]) -> Node[R]:
    depth = len(path)
    here = {p[depth] for p in refused if len(p) > depth and p[:depth] == path}
    own: dict[str, Any] = {}
    bad: set[str] = set()
    held: dict[str, list[Node[Any]]] = {}
    for key, shape in shapes(model).items():
        if shape.kind in NESTED:
            assert shape.model is not None
            held[shape.name] = [
                _grow(shape.model, value, place, refused)
                for place, value in _within(shape.kind, plain.get(key), (*path, key))
                if isinstance(value, Mapping)
            ]
        elif key in here:
            bad.add(shape.name)
        elif key in plain:
            own[key] = plain[key]
    whole = all(
        key in own for key, shape in shapes(model).items() if shape.required and shape.kind not in NESTED
    )
    readable = whole and model is not Dossier  # the whole case is never needed without its parts
    record = model.model_validate(own, by_alias=True, by_name=False) if readable else None
    return Node(path, model, record, frozenset(bad), held)


def _within(kind: str, value: Any, path: Path) -> list[tuple[Path, Any]]:
    if kind == "record":
        return [(path, value)]
    if kind == "record_map":
        return [((*path, key), v) for key, v in value.items()] if isinstance(value, Mapping) else []
    return [((*path, i), v) for i, v in enumerate(value)] if isinstance(value, list) else []
