"""The records of a case, each with its place, even of a case that the schema refuses.

The rules between records look at this tree, so that a fault in one value does
not hide those of its neighbours: a refused or missing value is replaced by a
harmless one and its name noted, and no rule looks at a value so noted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar, cast

from conseiller.dossier.report import Path
from conseiller.dossier.schema import Assumption, Dossier, Record
from conseiller.dossier.shape import NESTED, Shape, key_of, shapes

#: Dates the rules can reckon with.
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
_HARMLESS = date(2024, 1, 1)

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
    record : Record
        The record without the records it holds.
    bad : set of str
        Python names of the fields that are refused or missing: what the record holds there means nothing.
    wild : dict
        Dates too far from today to be reckoned with, by Python name; their names are bad too.
    held : dict
        The records within, by Python name of the field.
    """

    path: Path
    model: type[R]
    record: R
    bad: frozenset[str] = frozenset()
    wild: dict[str, date] = field(default_factory=dict)
    held: dict[str, list[Node[Any]]] = field(default_factory=dict)

    def at(self, name: str) -> Path:
        """Return the path of one of the record's fields, by its Python name."""
        return (*self.path, key_of(self.model, name))

    def all(self, name: str, model: type[S]) -> list[Node[S]]:
        """Return the nodes of every record of a field."""
        assert all(node.model is model for node in self.held.get(name, ()))
        return cast("list[Node[S]]", self.held.get(name, []))

    def only(self, name: str, model: type[S]) -> Node[S] | None:
        """Return the node of the one record of a field, None when it is absent."""
        return next(iter(self.all(name, model)), None)

    def sound(self, *names: str) -> bool:
        """Return whether all of these fields can be relied on."""
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
        if shape.required and shape.kind not in NESTED and key not in own:
            bad.add(shape.name)
            own[key] = harmless(shape)
    if not path:  # the whole case is never looked at but through its parts: it need not be valid
        return Node(path, model, cast("R", model.model_construct()), frozenset(bad), {}, held)
    record = model.model_validate(own, by_alias=True, by_name=False)
    wild = {
        shape.name: value
        for shape in shapes(model).values()
        if isinstance(value := getattr(record, shape.name), date)
        and not EARLIEST <= value <= LATEST
        # A legal value keeps the date of its text, however old: the rule on suppositions judges it.
        and not (issubclass(model, Assumption) and value < EARLIEST)
    }
    fields = model.model_fields
    tame = {n: _HARMLESS if fields[n].is_required() else fields[n].get_default() for n in wild}
    return Node(path, model, record.model_copy(update=tame), frozenset(bad.union(wild)), wild, held)


def harmless(shape: Shape) -> Any:
    """Return a value that the schema takes in place of a required one that is missing or refused."""
    match shape.kind:
        case "date":
            return _HARMLESS
        case "word":
            return shape.words[0]
        case "number_map":
            return {"60": 1}
        case "int":
            return 1 if shape.key == "mois" else 2024
        case "float":
            return 0
        case _:
            return "60"  # an account, a code and a name alike


def _within(kind: str, value: Any, path: Path) -> list[tuple[Path, Any]]:
    if kind == "record":
        return [(path, value)]
    if kind == "record_map":
        return [((*path, key), v) for key, v in value.items()] if isinstance(value, Mapping) else []
    return [((*path, i), v) for i, v in enumerate(value)] if isinstance(value, list) else []
